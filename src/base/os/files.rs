//! Files of the application: trusted settings, files without a name until they are complete, and what a file keeps when
//! another takes its place.

#![forbid(unsafe_code)]

use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::{fault, platform};
use crate::error::{Error, ErrorKind, Result};

/// Whose settings a file may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// Those of the machine: it belongs to the administrator.
    Machine,
    /// Those of the account that runs the process.
    Account,
}

/// Reads a file of settings. `None` when there is none, when it belongs to somebody else, or when others than its owner may
/// write it; the last is left to the folder's access list on Windows.
///
/// # Errors
/// What the system reports; `InvalidData` for text that is not UTF-8 or longer than `most` bytes.
pub fn read_trusted(path: &Path, owner: Owner, most: u64) -> io::Result<Option<String>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if !file.metadata()?.is_file() || !platform::is_owners_alone(&file, owner)? {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::ErrorKind::InvalidData.into());
    }
    String::from_utf8(bytes).map(Some).map_err(|_| io::ErrorKind::InvalidData.into())
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
    const DEVICES: [&str; 4] = ["CON", "PRN", "AUX", "NUL"];
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
    const FOLDERS: &[&str] = &["/dev", "/proc", "/sys", "/boot", "/System"];
    #[cfg(unix)]
    let in_folder = FOLDERS.iter().any(|folder| path.starts_with(folder));
    #[cfg(windows)]
    let in_folder = {
        use std::os::windows::fs::MetadataExt;
        const FILE_ATTRIBUTE_SYSTEM: u32 = 4;
        let lies_in = |name: &str| {
            std::env::var_os(name).is_some_and(|folder| {
                let folder = fs::canonicalize(&folder).unwrap_or_else(|_| folder.into());
                path.starts_with(folder)
            })
        };
        found.file_attributes() & FILE_ATTRIBUTE_SYSTEM != 0
            || ["SystemRoot", "ProgramFiles", "ProgramFiles(x86)"].into_iter().any(lies_in)
    };
    // The test folder of a system service may well lie below /dev/shm, which is memory and no device.
    let in_memory = cfg!(target_os = "linux") && path.starts_with("/dev/shm");
    !found.is_file() || (in_folder && !in_memory)
}

/// What tells one state of a file from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    len: u64,
    modified: Option<std::time::SystemTime>,
    /// Also set by writes, and not to be set by programs.
    changed: (i64, i64),
    id: (u64, u64),
}

impl Stamp {
    /// The state of an open file.
    ///
    /// # Errors
    /// What the system reports.
    pub fn of(file: &File) -> io::Result<Self> {
        let found = file.metadata()?;
        let identity = platform::identity(file)?;
        Ok(Self { len: found.len(), modified: found.modified().ok(), changed: identity.changed, id: identity.id })
    }
}

/// A file in the making. Until it is put in its place it has no name where the system allows that, and else one that is
/// removed on drop, so that nothing of it stays behind when the work fails.
#[derive(Debug)]
pub struct NewFile {
    file: File,
    folder: PathBuf,
    named: Option<PathBuf>,
}

impl NewFile {
    /// An empty file in a folder, for the account alone.
    ///
    /// # Errors
    /// What the system reports.
    pub fn create(folder: &Path) -> Result<Self> {
        fault::step()?;
        remove_left_behind(folder);
        if let Some(file) = create_unnamed(folder)? {
            return Ok(Self { file, folder: folder.to_owned(), named: None });
        }
        let path = temporary_name(folder);
        let file = platform::create_for_account(&path)?;
        // Tells those who tidy up that somebody still works on it.
        let _locked = file.try_lock();
        Ok(Self { file, folder: folder.to_owned(), named: Some(path) })
    }

    /// The file itself.
    pub fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Gives the complete file a name that nothing has yet. Returns when that is on the medium.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] with `AlreadyExists`; what the system reports.
    pub fn put_new(mut self, target: &Path) -> Result<()> {
        fault::step()?;
        match &self.named {
            None => link_unnamed(&self.file, target)?,
            Some(path) => rename_new(path, target)?,
        }
        self.named = None;
        // Where the name is not known to be on the medium, it is taken away again: a failure leaves nothing behind.
        sync_folder(&self.folder).inspect_err(|_| {
            let _removed = fs::remove_file(target);
        })
    }

    /// Puts the complete file in the place of another one of the same folder, which the caller has open and locked: `old`
    /// is closed when it is replaced. Returns when that is on the medium, as far as the system can tell: the exchange
    /// cannot be taken back.
    ///
    /// # Errors
    /// What the system reports; the other file is then still there.
    pub fn replace(mut self, target: &Path, old: File) -> Result<()> {
        if self.named.is_none() {
            fault::step()?;
            let path = temporary_name(&self.folder);
            let _locked = self.file.try_lock();
            link_unnamed(&self.file, &path)?;
            self.named = Some(path);
        }
        if let Some(path) = &self.named {
            fault::step()?;
            rename_over(path, target, old)?;
        }
        self.named = None;
        let _synced = sync_folder(&self.folder);
        Ok(())
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if let Some(path) = self.named.take() {
            let _removed = fs::remove_file(path);
        }
    }
}

/// What the names of files in the making begin with.
const TEMPORARY: &str = ".msipc-new-";

fn temporary_name(folder: &Path) -> PathBuf {
    // Seeded from the system's randomness; uniqueness comes from exclusive creation.
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u32(std::process::id());
    folder.join(format!("{TEMPORARY}{:016x}", hasher.finish()))
}

/// Removes what processes that were killed left in a folder. Whoever still works on such a file holds its lock.
fn remove_left_behind(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(TEMPORARY)) {
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_file && File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok()) {
            let _removed = fs::remove_file(entry.path());
        }
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

#[cfg(target_os = "linux")]
fn create_unnamed(folder: &Path) -> io::Result<Option<File>> {
    use rustix::fs::{Mode, OFlags};
    use rustix::io::Errno;
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    match rustix::fs::open(folder, flags, Mode::RUSR | Mode::WUSR) {
        Ok(file) => Ok(Some(file.into())),
        // Not every file system knows such files, and no kernel says so in the same way.
        Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL | Errno::NOENT) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn create_unnamed(_folder: &Path) -> io::Result<Option<File>> {
    Ok(None)
}

#[cfg(target_os = "linux")]
fn link_unnamed(file: &File, target: &Path) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD};
    use std::os::fd::AsRawFd;
    let name = format!("/proc/self/fd/{}", file.as_raw_fd());
    Ok(rustix::fs::linkat(CWD, name.as_str(), CWD, target, AtFlags::SYMLINK_FOLLOW)?)
}

#[cfg(not(target_os = "linux"))]
fn link_unnamed(_file: &File, _target: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags};
    use rustix::io::Errno;
    match rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // Some file systems cannot promise it in one step; a second name does.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => link_and_remove(from, to),
        result => Ok(result?),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    link_and_remove(from, to)
}

/// Moves a file to the name of another one, which is open.
#[cfg(not(windows))]
fn rename_over(from: &Path, to: &Path, old: File) -> io::Result<()> {
    let renamed = fs::rename(from, to);
    drop(old);
    renamed
}

/// Moves a file to the name of another one, which is open. Only file systems of newer Windows replace such a file; where
/// they do not, it is closed first, and tried once: whoever opens it in between makes this fail, and nothing is lost.
#[cfg(windows)]
fn rename_over(from: &Path, to: &Path, old: File) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            drop(old);
            fs::rename(from, to)
        }
        renamed => renamed,
    }
}

/// Moves a file to a name that nothing has, by way of a second name. On failure there is only the first.
fn link_and_remove(from: &Path, to: &Path) -> io::Result<()> {
    fs::hard_link(from, to)?;
    fs::remove_file(from).inspect_err(|_| {
        let _removed = fs::remove_file(to);
    })
}

/// Returns when the names in a folder are on the medium.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    // Some file systems refuse to sync folders; the names are then as safe as they get.
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    match synced {
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::PermissionDenied) => Ok(()),
        result => Ok(result?),
    }
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> Result<()> {
    Ok(())
}

/// Gives a new file what the one before it had: owner, mode, extended attributes, times. What the system does not allow
/// is left as it is; the new file is then never more open than the one before.
///
/// # Errors
/// [`ErrorKind::Io`] when the mode of the one before cannot be given.
pub fn inherit(from: &File, to: &File) -> Result<()> {
    let found = from.metadata()?;
    inherit_owner_and_mode(&found, from, to)?;
    let times = fs::FileTimes::new();
    let times = found.modified().map_or(times, |at| times.set_modified(at));
    let times = found.accessed().map_or(times, |at| times.set_accessed(at));
    let _times_kept = to.set_times(times);
    Ok(())
}

#[cfg(unix)]
fn inherit_owner_and_mode(found: &fs::Metadata, from: &File, to: &File) -> Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let own = to.metadata()?;
    let (user, group) = (found.uid(), found.gid());
    let same_owner = (own.uid(), own.gid()) == (user, group)
        || std::os::unix::fs::fchown(to, Some(user), Some(group)).is_ok()
        || std::os::unix::fs::fchown(to, None, Some(group)).is_ok();
    // Rights to run as another account are for the program that was there before, not for what replaces it. And what
    // was open to a group that the file does not belong to now stays closed to the group that it has.
    let mode = found.mode() & if same_owner { 0o777 } else { 0o707 };
    to.set_permissions(fs::Permissions::from_mode(mode))?;
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    inherit_attributes(from, to, same_owner);
    #[cfg(not(any(target_os = "linux", target_os = "macos")))]
    let _ = (from, same_owner);
    Ok(())
}

#[cfg(windows)]
fn inherit_owner_and_mode(_found: &fs::Metadata, from: &File, to: &File) -> Result<()> {
    Ok(platform::inherit_access(from, to)?)
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
fn inherit_attributes(from: &File, to: &File, same_owner: bool) {
    use rustix::fs::{XattrFlags, fgetxattr, flistxattr, fsetxattr};
    /// Longest list of names and longest value that are copied; the systems allow no longer ones.
    const MOST: usize = 64 << 10;
    /// Rights to run as another account: for the program that was there before.
    const CAPABILITY: &[u8] = b"security.capability";
    /// Lists of who may do what. They name accounts, and stand in the place of the mode for the group.
    const ACCESS: &[u8] = b"system.posix_acl_";
    let is_kept = |name: &&[u8]| !name.is_empty() && *name != CAPABILITY && (same_owner || !name.starts_with(ACCESS));
    let mut names = vec![0; MOST];
    let Ok(length) = flistxattr(from, &mut names[..]) else { return };
    for name in names[..length].split(|byte| *byte == 0).filter(is_kept) {
        let mut value = vec![0; MOST];
        if let Ok(length) = fgetxattr(from, name, &mut value[..]) {
            let _kept = fsetxattr(to, name, &value[..length], XattrFlags::empty());
        }
    }
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
    // The path has no links any more; one that appears now leads elsewhere. A pipe in its place is not waited for.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NOFOLLOW | libc::O_NONBLOCK);
    let file = options.open(path)?;
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
        Err(fs::TryLockError::WouldBlock) => {
            Err(Error::with(ErrorKind::Io(io::ErrorKind::ResourceBusy), "somebody else works on this file"))
        }
        // Where there are no locks, the state of the file is compared before it is replaced.
        Err(fs::TryLockError::Error(_)) | Ok(()) => Ok(()),
    }
}

/// A name that stands for another one: short enough whatever that is, and the same each time.
#[must_use]
pub fn short_name(prefix: &str, name: &str) -> String {
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
    let mut options = OpenOptions::new();
    if anew {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    options.read(true).write(true).create_new(anew);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    }
    options.open(path)
}

/// True when a file belongs to the account or to the administrator, nobody else may write it (which is left to the folder's
/// access list on Windows), and it has no other name.
///
/// # Errors
/// What the system reports.
pub fn is_own(file: &File) -> io::Result<bool> {
    let is_owned = platform::is_owners_alone(file, Owner::Account)? || platform::is_owners_alone(file, Owner::Machine)?;
    Ok(file.metadata()?.is_file() && is_owned && platform::identity(file)?.links == 1)
}

/// What tells one file from every other that is there at the same time.
///
/// # Errors
/// What the system reports.
pub fn id(file: &File) -> io::Result<(u64, u64)> {
    Ok(platform::identity(file)?.id)
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

/// True when what an open file holds may be changed through it.
#[must_use]
pub fn is_writable(file: &File) -> bool {
    platform::uses(file).is_some_and(|uses| uses.writes)
}

/// Opens a file that is only read. A pipe that nobody writes to is not waited for.
///
/// # Errors
/// What the system reports; [`ErrorKind::Io`] with `IsADirectory` for a folder.
pub fn open_for_reading(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    let file = options.open(path)?;
    if file.metadata()?.is_dir() {
        return Err(Error::new(ErrorKind::Io(io::ErrorKind::IsADirectory)));
    }
    Ok(file)
}

/// True when a path still leads to an open file.
#[must_use]
pub fn is_still_at(file: &File, path: &Path) -> bool {
    let ids = (id(file), platform::id_at(path));
    matches!(ids, (Ok(one), Ok(other)) if one == other)
}

/// A file without a name, for what does not fit into memory; gone when it is closed.
///
/// # Errors
/// What the system reports.
pub fn unnamed() -> Result<File> {
    let folder = std::env::temp_dir();
    if let Some(file) = create_unnamed(&folder)? {
        return Ok(file);
    }
    let mut new = NewFile::create(&folder)?;
    let file = new.file().try_clone()?;
    drop(new);
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn new_file(folder: &Path, content: &[u8]) -> NewFile {
        let mut new = NewFile::create(folder).unwrap();
        new.file().write_all(content).unwrap();
        new
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = entries.collect();
        names.sort();
        names
    }

    #[test]
    fn a_new_file_takes_no_name_that_another_has() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("plan");
        new_file(folder.path(), b"first").put_new(&target).unwrap();
        let refused = new_file(folder.path(), b"second").put_new(&target).unwrap_err();
        assert_eq!(*refused.kind(), ErrorKind::Io(io::ErrorKind::AlreadyExists));
        assert_eq!(fs::read(&target).unwrap(), b"first");
        assert_eq!(names(folder.path()), ["plan"]);
        new_file(folder.path(), b"third").replace(&target, File::open(&target).unwrap()).unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"third");
        drop(new_file(folder.path(), b"given up"));
        assert_eq!(names(folder.path()), ["plan"]);
    }

    #[test]
    fn what_a_killed_process_left_is_removed_and_what_others_work_on_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let (left, held) = (temporary_name(folder.path()), temporary_name(folder.path()));
        fs::write(&left, "plain").unwrap();
        fs::write(&held, "plain").unwrap();
        let holder = File::open(&held).unwrap();
        holder.lock().unwrap();
        drop(NewFile::create(folder.path()).unwrap());
        assert!(!left.exists() && held.exists());
    }

    #[cfg(unix)]
    #[test]
    fn mode_and_times_are_inherited_but_no_right_to_run_as_another() {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan");
        fs::write(&path, "x").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o4754)).unwrap();
        let old = File::open(&path).unwrap();
        let long_ago = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
        old.set_modified(long_ago).unwrap();
        let mut new = new_file(folder.path(), b"y");
        inherit(&old, new.file()).unwrap();
        new.replace(&path, old).unwrap();
        let found = fs::metadata(&path).unwrap();
        assert_eq!(found.mode() & 0o7777, 0o754);
        assert_eq!(found.modified().unwrap(), long_ago);
    }

    #[cfg(unix)]
    #[test]
    fn settings_that_others_may_write_are_not_read() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rules");
        let read = |most| read_trusted(&path, Owner::Account, most);
        assert_eq!(read(9).unwrap(), None);
        fs::write(&path, "rules").unwrap();
        assert_eq!(read(9).unwrap().as_deref(), Some("rules"));
        assert_eq!(read(4).unwrap_err().kind(), io::ErrorKind::InvalidData);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
        assert_eq!(read(9).unwrap(), None);
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
