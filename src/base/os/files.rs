//! Files of the application: how they are opened and locked, what tells one from another, and settings that are believed.
//!
//! Files in the making are in `new_file`, what a file hands on to the one that takes its place in `inherit`.

#![forbid(unsafe_code)]

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::{FileId, fault, platform};
use crate::error::{Error, ErrorKind, Result};

/// Whose settings a file may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// Those of the machine: it belongs to the administrator.
    Machine,
    /// Those of the account that runs the process.
    Account,
}

/// What was found in the place of a file of settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settings {
    /// There is none.
    Missing,
    /// Something that is not believed, and why: `no-file`, or `not-its-owners-alone`.
    Ignored(&'static str),
    /// What the file holds.
    Found(Vec<u8>),
}

/// Reads a file of settings. It is not believed when it belongs to somebody else, or when others than its owner may write
/// it; the last is left to the folder's access list on Windows. Something else than a file is not waited for.
///
/// # Errors
/// What the system reports; `FileTooLarge` for more than `most` bytes.
pub fn read_settings(path: &Path, owner: Owner, most: u64) -> io::Result<Settings> {
    let file = match open_at_once(path) {
        Ok(file) => file,
        Err(error) if [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory].contains(&error.kind()) => {
            return Ok(Settings::Missing);
        }
        Err(error) => return Err(error),
    };
    if !file.metadata()?.is_file() {
        return Ok(Settings::Ignored("no-file"));
    }
    if !platform::is_owners_alone(&file, owner)? {
        return Ok(Settings::Ignored("not-its-owners-alone"));
    }
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(Settings::Found(bytes))
}

/// A path as people and programs write it. Paths that were resolved begin with `\\\\?\\` on Windows, which many programs do
/// not expect; it stays where the path means another file without it, or none.
#[must_use]
pub fn shown(path: PathBuf) -> PathBuf {
    let plain = path.to_str().filter(|_| cfg!(windows)).and_then(without_prefix);
    plain.map_or(path, PathBuf::from)
}

/// A path of Windows without `\\\\?\\`; `None` when it has none, or needs it.
fn without_prefix(path: &str) -> Option<String> {
    /// Longest path that every program can use, with its terminator.
    const MAX_PATH: usize = 260;
    /// Names of devices, whatever follows after a dot.
    const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];
    let rest = path.strip_prefix(r"\\?\")?;
    let plain = match rest.strip_prefix(r"UNC\") {
        Some(server) => format!(r"\\{server}"),
        None => rest.to_owned(),
    };
    let is_device = |name: &str| {
        let stem = name.split('.').next().unwrap_or_default().trim_end();
        let port = stem.get(..3).is_some_and(|word| ["COM", "LPT"].iter().any(|port| word.eq_ignore_ascii_case(port)));
        DEVICES.iter().any(|device| stem.eq_ignore_ascii_case(device)) || (port && stem.chars().count() == 4)
    };
    let needs_it = |name: &str| name.ends_with(['.', ' ']) || is_device(name) || name.contains('/');
    let is_short = plain.encode_utf16().count() < MAX_PATH;
    (is_short && !plain.split('\\').any(needs_it)).then_some(plain)
}

/// True for what belongs to the operating system: devices, pipes and sockets, and files in its own folders.
#[must_use]
pub fn is_system(path: &Path, found: &fs::Metadata) -> bool {
    #[cfg(unix)]
    let is_marked = false;
    #[cfg(windows)]
    let is_marked = {
        use std::os::windows::fs::MetadataExt;
        const FILE_ATTRIBUTE_SYSTEM: u32 = 4;
        found.file_attributes() & FILE_ATTRIBUTE_SYSTEM != 0
    };
    !found.is_file() || is_marked || is_in_system_folder(path)
}

/// True for the folders of the operating system and what lies below them; the path has no links.
#[cfg(unix)]
#[must_use]
pub fn is_in_system_folder(path: &Path) -> bool {
    const FOLDERS: &[&str] = &["/dev", "/proc", "/sys", "/boot", "/System"];
    // The test folder of a system service may well lie below /dev/shm, which is memory and no device.
    let in_memory = cfg!(target_os = "linux") && path.starts_with("/dev/shm");
    !in_memory && FOLDERS.iter().any(|folder| path.starts_with(folder))
}

/// True for the folders of the operating system and what lies below them; the path has no links.
#[cfg(windows)]
#[must_use]
pub fn is_in_system_folder(path: &Path) -> bool {
    let lies_in = |name: &str| {
        std::env::var_os(name).is_some_and(|folder| {
            let folder = fs::canonicalize(&folder).unwrap_or_else(|_| folder.into());
            path.starts_with(folder)
        })
    };
    ["SystemRoot", "ProgramFiles", "ProgramFiles(x86)"].into_iter().any(lies_in)
}

/// What tells one state of a file from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    len: u64,
    modified: Option<std::time::SystemTime>,
    /// Also set by writes, and not to be set by programs.
    changed: (i64, i64),
    id: FileId,
}

impl Stamp {
    /// The state of an open file.
    ///
    /// # Errors
    /// What the system reports.
    pub fn of(file: &File) -> io::Result<Self> {
        let found = file.metadata()?;
        let identity = platform::identity(file, &found)?;
        let (changed, id) = (identity.changed, identity.id);
        Ok(Self { len: found.len(), modified: found.modified().ok(), changed, id })
    }

    /// The state of what a path leads to, without what only the system sets. A link is another state than what it leads to.
    ///
    /// # Errors
    /// What the system reports.
    pub fn at(path: &Path) -> io::Result<Self> {
        let found = fs::symlink_metadata(path)?;
        let id = platform::id_at(path)?;
        Ok(Self { len: found.len(), modified: found.modified().ok(), changed: (0, 0), id })
    }

    /// The state without what only the system sets, as by giving the file another name.
    #[must_use]
    pub fn without_change(self) -> Self {
        Self { changed: (0, 0), ..self }
    }
}

/// As numbers, the same for the same state.
impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let modified = self.modified.and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok()).unwrap_or_default();
        let ((seconds, nanos), (device, number)) = (self.changed, self.id);
        write!(f, "{} {} {seconds} {nanos} {device} {number}", self.len, modified.as_nanos())
    }
}

/// Removes a file. Returns when that is on the medium, as far as the system can tell.
///
/// # Errors
/// What the system reports; the file is then still there.
pub fn remove(path: &Path) -> Result<()> {
    fault::step()?;
    fs::remove_file(path)?;
    let _synced = path.parent().map(sync_folder);
    Ok(())
}

/// Returns when the names in a folder are on the medium.
#[cfg(unix)]
pub(super) fn sync_folder(folder: &Path) -> Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    // Some file systems refuse to sync folders; the names are then as safe as they get.
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    match synced {
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::PermissionDenied) => Ok(()),
        result => Ok(result?),
    }
}

#[cfg(not(unix))]
pub(super) fn sync_folder(_folder: &Path) -> Result<()> {
    Ok(())
}

/// Opens a file whose content is to be read while it is replaced. On Windows nobody may write it meanwhile, elsewhere a
/// lock asks others not to.
///
/// # Errors
/// [`ErrorKind::Io`] with `ResourceBusy` when somebody else holds the lock; what the system reports.
pub fn open_for_replacing(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(windows)]
    {
        use std::os::windows::fs::OpenOptionsExt;
        const FILE_SHARE_READ: u32 = 1;
        const FILE_SHARE_DELETE: u32 = 4;
        options.share_mode(FILE_SHARE_READ | FILE_SHARE_DELETE);
    }
    // The path has no links any more; one that appears now leads elsewhere.
    let file = open_itself(&mut options, path)?;
    if !file.metadata()?.is_file() {
        return Err(Error::new(ErrorKind::FileSystemFile));
    }
    lock(&file)?;
    Ok(file)
}

/// Asks others of this library not to work on a file as long as this one is open.
///
/// # Errors
/// [`ErrorKind::Io`] with `ResourceBusy` when somebody else holds the lock.
pub fn lock(file: &File) -> Result<()> {
    match file.try_lock() {
        Err(fs::TryLockError::WouldBlock) => Err(locked_by_others()),
        // Where there are no locks, the state of the file is compared before it is replaced.
        Err(fs::TryLockError::Error(_)) | Ok(()) => Ok(()),
    }
}

/// True when somebody has a file locked to write it.
#[must_use]
pub fn is_locked(path: &Path) -> bool {
    open_for_reading(path).is_ok_and(|file| matches!(file.try_lock_shared(), Err(fs::TryLockError::WouldBlock)))
}

/// The error for a file that somebody else has locked.
#[must_use]
pub fn locked_by_others() -> Error {
    Error::with(ErrorKind::Io(io::ErrorKind::ResourceBusy), "somebody else works on this file")
}

/// The path beside a file for what belongs to it and is not to be seen: the name of the file behind a mark of its kind.
#[must_use]
pub fn hidden_beside(path: &Path, mark: &str) -> PathBuf {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    path.with_file_name(short_name(mark, &name))
}

/// A name that stands for another one: short enough whatever that is, and the same each time.
fn short_name(prefix: &str, name: &str) -> String {
    const SHOWN_MAX: usize = 64;
    if name.len() <= SHOWN_MAX {
        return format!("{prefix}{name}");
    }
    let shown: String = name.chars().take(SHOWN_MAX / 4).collect();
    // FNV-1a: two names that meet here lie in one folder and would have to be made for it; what is kept under the name
    // says itself what it belongs to.
    let hash = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{prefix}{shown}-{hash:016x}")
}

/// Opens a file for the account alone, to be read and written; `anew` makes it, in the place of the one that is there.
/// Links are not followed.
///
/// # Errors
/// What the system reports.
pub fn open_private(path: &Path, anew: bool) -> io::Result<File> {
    /// In milliseconds. Where a file system keeps a name until the last handle is closed, whoever looks at what was removed
    /// is in the way for a moment.
    const PAUSES: [u64; 6] = [1, 2, 5, 20, 50, 200];
    let mut pauses = PAUSES.into_iter().filter(|_| anew && cfg!(windows));
    let is_in_the_way =
        |error: &io::Error| matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::AlreadyExists);
    loop {
        match open_private_once(path, anew) {
            Err(error) if is_in_the_way(&error) => match pauses.next() {
                Some(pause) => std::thread::sleep(std::time::Duration::from_millis(pause)),
                None => return Err(error),
            },
            outcome => return outcome,
        }
    }
}

fn open_private_once(path: &Path, anew: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    if anew {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    options.read(true).write(true).create_new(anew);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // What is made new is nothing that a link led to.
    if anew { options.open(path) } else { open_itself(&mut options, path) }
}

/// Opens a file that lines are added to, for the account alone when it is made. Links are not followed.
///
/// # Errors
/// What the system reports.
pub fn open_log(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    open_itself(&mut options, path)
}

/// Opens what a path itself names, never what a link in its place leads to. A pipe is not waited for.
#[cfg(unix)]
fn open_itself(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(path)
}

/// Opens what a path itself names, never what a link in its place leads to. The flag that opens links themselves would also
/// go behind what fetches or unpacks a file when it is read, so it is for looking alone.
#[cfg(not(unix))]
fn open_itself(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    // Nothing is to be made where it leads.
    if fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_symlink()) {
        return Err(io::Error::other("a link has the name"));
    }
    let file = options.open(path)?;
    // A device is no file, so nothing was put in the place of one.
    const ERROR_INVALID_FUNCTION: i32 = 1;
    let id = match id(&file) {
        Err(error) if error.raw_os_error() == Some(ERROR_INVALID_FUNCTION) => return Ok(file),
        id => id?,
    };
    // Another file by now, or a link: somebody is at work here.
    if id == platform::id_of_name(path)? { Ok(file) } else { Err(io::ErrorKind::ResourceBusy.into()) }
}

/// True when a file belongs to the account or to the administrator, nobody else may write it (which is left to the folder's
/// access list on Windows), and it has no other name.
///
/// # Errors
/// What the system reports.
pub fn is_own(file: &File) -> io::Result<bool> {
    let is_owned = platform::is_owners_alone(file, Owner::Account)? || platform::is_owners_alone(file, Owner::Machine)?;
    let found = file.metadata()?;
    Ok(found.is_file() && is_owned && platform::identity(file, &found)?.links == 1)
}

/// What tells one file from every other that is there at the same time.
///
/// # Errors
/// What the system reports.
pub fn id(file: &File) -> io::Result<FileId> {
    Ok(platform::identity(file, &file.metadata()?)?.id)
}

/// True for a file that is open for appending: whatever is written goes to its end, wherever it should.
#[must_use]
pub fn is_appending(file: &File) -> bool {
    platform::uses(file).is_some_and(|uses| uses.appends)
}

/// Returns when the name of a file is on the medium.
///
/// # Errors
/// What the system reports.
pub fn sync_parent(path: &Path) -> Result<()> {
    path.parent().map_or(Ok(()), sync_folder)
}

/// Sets what was just written on its way to the medium, so that a later flush has less to wait for. A hint, where the system
/// takes it: it waits only while the queue of the medium is full, and a failure shows when the file is flushed.
pub fn begin_flush(file: &File, offset: u64, len: usize) {
    platform::begin_flush(file, offset, len);
}

/// Tells the system that nobody will read these bytes of the file again. A hint, where the system takes it.
pub fn forget(file: &File, offset: u64, len: usize) {
    platform::forget(file, offset, len);
}

/// True when what an open file holds may be changed through it.
#[must_use]
pub fn is_writable(file: &File) -> bool {
    platform::uses(file).is_some_and(|uses| uses.writes)
}

/// Opens what is only read, and waits for nobody: opening a pipe would, for one who writes there.
fn open_at_once(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    options.open(path)
}

/// Opens a file that is only read. A pipe that nobody writes to is not waited for.
///
/// # Errors
/// What the system reports; [`ErrorKind::Io`] with `IsADirectory` for a folder, with `Unsupported` for a pipe.
pub fn open_for_reading(path: &Path) -> Result<File> {
    let folder = || Error::with(ErrorKind::Io(io::ErrorKind::IsADirectory), "it is a folder, not a file");
    let file = open_at_once(path).map_err(|error| if path.is_dir() { folder() } else { error.into() })?;
    let kind = file.metadata()?.file_type();
    if kind.is_dir() {
        return Err(folder());
    }
    #[cfg(unix)]
    if std::os::unix::fs::FileTypeExt::is_fifo(&kind) {
        return Err(Error::with(ErrorKind::Io(io::ErrorKind::Unsupported), "it is a pipe, not a file"));
    }
    Ok(file)
}

/// True when a path still leads to an open file.
#[must_use]
pub fn is_still_at(file: &File, path: &Path) -> bool {
    let ids = (id(file), platform::id_at(path));
    matches!(ids, (Ok(one), Ok(other)) if one == other)
}

/// True when it is certain that a path does not lead to an open file any more.
#[must_use]
pub fn is_gone_from(file: &File, path: &Path) -> bool {
    match (id(file), platform::id_at(path)) {
        (Ok(own), Ok(found)) => own != found,
        (_, Err(error)) => error.kind() == io::ErrorKind::NotFound,
        (Err(_), _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn settings_that_others_may_write_are_not_read() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rules");
        let read = |most| read_settings(&path, Owner::Account, most);
        assert_eq!(read(9).unwrap(), Settings::Missing);
        assert_eq!(read_settings(&path.join("below"), Owner::Account, 9).unwrap(), Settings::Missing);
        fs::write(&path, "rules").unwrap();
        assert_eq!(read(5).unwrap(), Settings::Found(b"rules".to_vec()));
        assert_eq!(read(4).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(read_settings(&path.join("below"), Owner::Account, 9).unwrap(), Settings::Missing);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
        assert_eq!(read(9).unwrap(), Settings::Ignored("not-its-owners-alone"));
        assert_eq!(read_settings(folder.path(), Owner::Account, 9).unwrap(), Settings::Ignored("no-file"));
        #[cfg(target_os = "linux")]
        {
            let pipe = folder.path().join("pipe");
            rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RWXU).unwrap();
            assert_eq!(read_settings(&pipe, Owner::Account, 9).unwrap(), Settings::Ignored("no-file"));
        }
    }

    #[test]
    fn paths_are_shown_without_the_prefix_unless_they_need_it() {
        for (resolved, plain) in [
            (r"\\?\C:\papers\plan.txt", r"C:\papers\plan.txt"),
            (r"\\?\UNC\server\share\plan.txt", r"\\server\share\plan.txt"),
            (r"\\?\C:\papers\auxiliary.txt", r"C:\papers\auxiliary.txt"),
            (r"\\?\C:\papers\Größe 漢.pfile", r"C:\papers\Größe 漢.pfile"),
        ] {
            assert_eq!(without_prefix(resolved).as_deref(), Some(plain));
        }
        assert_eq!(without_prefix(r"\\?\C:\x\conin$.txt"), None);
        for needed in
            [r"C:\papers\plan.txt", r"\\?\C:\a.", r"\\?\C:\a \b", r"\\?\C:\aux.txt", r"\\?\C:\x\Lpt1", r"\\?\C:\a/b"]
        {
            assert_eq!(without_prefix(needed), None, "{needed}");
        }
        assert_eq!(without_prefix(&format!(r"\\?\C:\{}", "x".repeat(257))), None);
        assert!(without_prefix(&format!(r"\\?\C:\{}", "x".repeat(256))).is_some());
    }

    #[test]
    fn devices_belong_to_the_system() {
        let is = |path: &str| fs::metadata(path).map(|found| is_system(Path::new(path), &found));
        if let Ok(system) = is("/dev/null") {
            assert!(system);
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan");
        fs::write(&path, "x").unwrap();
        assert!(!is_system(&path, &fs::metadata(&path).unwrap()));
        assert!(is_system(folder.path(), &fs::metadata(folder.path()).unwrap()), "a folder is no file");
    }
}
