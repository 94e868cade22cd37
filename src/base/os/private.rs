//! Files and folders that belong to one account alone: made so, and refused when found otherwise (decision 26).
//!
//! A folder that passes [`check_private_folder`] cannot be changed by others, so what lies in it does not change between
//! a check and its use. Windows keeps others out by the access lists of the profile; modes and owners are not looked at
//! there.

#![forbid(unsafe_code)]

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{ErrorKind as Io, Read, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind, Result};

/// What a path is expected to be.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Kind {
    Folder,
    File,
}

fn unusable(path: &Path, found: impl std::fmt::Display) -> Error {
    Error::with(ErrorKind::StoreUnusable, format!("{}: {found}", path.display()))
}

fn failed(path: &Path, doing: &str, error: &std::io::Error) -> Error {
    match error.kind() {
        Io::PermissionDenied | Io::ReadOnlyFilesystem | Io::NotADirectory => {
            unusable(path, format_args!("{doing}: {error}"))
        }
        kind => Error::with(ErrorKind::Io(kind), error.to_string()).context(format!("{doing} {}", path.display())),
    }
}

fn check(path: &Path, found: &Metadata, expected: Kind) -> Result<()> {
    if found.file_type().is_symlink() {
        return Err(unusable(path, "is a symbolic link; use the place that it leads to"));
    }
    match expected {
        Kind::Folder if !found.is_dir() => return Err(unusable(path, "is not a folder")),
        Kind::File if !found.is_file() => return Err(unusable(path, "is not a regular file")),
        _ => {}
    }
    check_access(path, found, expected)
}

#[cfg(unix)]
fn check_access(path: &Path, found: &Metadata, expected: Kind) -> Result<()> {
    use std::os::unix::fs::MetadataExt;
    let me = super::platform::effective_user();
    if found.uid() != me {
        return Err(unusable(
            path,
            format_args!("belongs to user {} and this process runs as user {me}; use a place of its own", found.uid()),
        ));
    }
    let mode = found.mode() & 0o7777;
    if mode & 0o077 != 0 {
        let wanted = if expected == Kind::Folder { "700" } else { "600" };
        return Err(unusable(path, format_args!("others have access to it (mode {mode:03o}); chmod {wanted} it")));
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_access(_path: &Path, _found: &Metadata, _expected: Kind) -> Result<()> {
    Ok(())
}

/// Makes a folder and its missing parents, all for the account alone, or checks the one that is there.
///
/// # Errors
/// [`ErrorKind::StoreUnusable`] when it cannot be made, or is not private ([`check_private_folder`]).
pub fn create_private_folder(path: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(path) {
        Ok(()) => {}
        // Something else has the name: the check says what.
        Err(error) if error.kind() == Io::AlreadyExists => {}
        Err(error) => return Err(failed(path, "making the folder", &error)),
    }
    check_private_folder(path)
}

/// Checks that a folder is one, not a link, belongs to the account and is closed to others, and that nobody else may
/// replace it in the folder that holds it.
///
/// # Errors
/// [`ErrorKind::StoreUnusable`] with the path, what was found and what would help.
pub fn check_private_folder(path: &Path) -> Result<()> {
    let found = fs::symlink_metadata(path).map_err(|error| failed(path, "looking at the folder", &error))?;
    check(path, &found, Kind::Folder)?;
    check_parent(path)
}

/// Refuses a folder that somebody else can take away and replace between a check and its use.
#[cfg(unix)]
fn check_parent(path: &Path) -> Result<()> {
    use std::os::unix::fs::MetadataExt;
    const OTHERS_WRITE: u32 = 0o002;
    const STICKY: u32 = 0o1000;
    let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) else { return Ok(()) };
    let found = fs::metadata(parent).map_err(|error| failed(parent, "looking at the folder", &error))?;
    let me = super::platform::effective_user();
    if found.uid() != me && found.uid() != 0 {
        let text = format!("belongs to user {}, who could replace what user {me} keeps in it", found.uid());
        return Err(unusable(parent, text));
    }
    if found.mode() & (OTHERS_WRITE | STICKY) == OTHERS_WRITE {
        return Err(unusable(parent, "everybody may replace what is in it; chmod o-w it"));
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_parent(_path: &Path) -> Result<()> {
    Ok(())
}

/// Checks that a file is regular, not a link, belongs to the account and is closed to others. Answers false when there
/// is none.
///
/// # Errors
/// [`ErrorKind::StoreUnusable`] with the path, what was found and what would help.
pub fn check_private_file(path: &Path) -> Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(found) => check(path, &found, Kind::File).map(|()| true),
        Err(error) if error.kind() == Io::NotFound => Ok(false),
        Err(error) => Err(failed(path, "looking at the file", &error)),
    }
}

fn private_options() -> OpenOptions {
    #[cfg_attr(not(unix), allow(unused_mut))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600).custom_flags(libc::O_NOFOLLOW | libc::O_CLOEXEC);
    }
    options
}

/// Makes a new empty file for the account alone.
///
/// # Errors
/// [`ErrorKind::Io`] or [`ErrorKind::StoreUnusable`] when it cannot be made, also because the name is taken.
pub fn create_private_file(path: &Path) -> Result<File> {
    private_options().write(true).create_new(true).open(path).map_err(|error| failed(path, "making the file", &error))
}

/// Opens a private file for reading and writing, and makes it when it is missing.
///
/// # Errors
/// [`ErrorKind::StoreUnusable`] when the file is not private; [`ErrorKind::Io`] when it cannot be opened.
pub fn open_private_file(path: &Path) -> Result<File> {
    check_private_file(path)?;
    let opening = |error: std::io::Error| failed(path, "opening the file", &error);
    let file = private_options().read(true).write(true).create(true).truncate(false).open(path).map_err(opening)?;
    check(path, &file.metadata().map_err(opening)?, Kind::File)?;
    Ok(file)
}

/// Reads a whole private file of at most `limit` bytes; `None` when there is none.
///
/// # Errors
/// [`ErrorKind::StoreUnusable`] when the file is not private or longer than the limit.
pub fn read_private_file(path: &Path, limit: usize) -> Result<Option<Zeroizing<Vec<u8>>>> {
    if !check_private_file(path)? {
        return Ok(None);
    }
    let reading = |error: std::io::Error| failed(path, "reading the file", &error);
    let file = private_options().read(true).open(path).map_err(reading)?;
    check(path, &file.metadata().map_err(reading)?, Kind::File)?;
    // One allocation, so that no copy of a secret stays behind when a buffer grows.
    let mut bytes = Zeroizing::new(Vec::with_capacity(limit.saturating_add(1)));
    file.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(reading)?;
    if bytes.len() > limit {
        return Err(unusable(path, format_args!("is longer than {limit} bytes")));
    }
    Ok(Some(bytes))
}

/// The name under which a file is prepared before it takes its own.
#[must_use]
pub fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    name.into()
}

/// Puts a private file in place, whole or not at all: written beside ([`unfinished`]), synced, renamed, folder synced.
///
/// Two writers of one path must exclude each other, by a [`Lock`].
///
/// # Errors
/// [`ErrorKind::Io`] or [`ErrorKind::StoreUnusable`]; the old file, if any, is then unchanged.
pub fn write_private_file(path: &Path, bytes: &[u8]) -> Result<()> {
    let beside = unfinished(path);
    remove(&beside)?;
    let mut file = create_private_file(&beside)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    written.map_err(|error| failed(&beside, "writing the file", &error))?;
    drop(file);
    rename(&beside, path)
}

/// Gives a finished file its name and syncs the folder, so that the name survives a crash of the system.
///
/// # Errors
/// [`ErrorKind::Io`] or [`ErrorKind::StoreUnusable`].
pub fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).map_err(|error| failed(to, "putting the file in place", &error))?;
    match to.parent() {
        Some(folder) => sync_folder(folder),
        None => Ok(()),
    }
}

/// Brings the names in a folder to the medium. Windows does so by itself.
///
/// # Errors
/// [`ErrorKind::Io`] or [`ErrorKind::StoreUnusable`].
pub fn sync_folder(folder: &Path) -> Result<()> {
    if cfg!(unix) {
        let synced = File::open(folder).and_then(|opened| opened.sync_all());
        synced.map_err(|error| failed(folder, "syncing the folder", &error))?;
    }
    Ok(())
}

/// Removes a file if there is one.
///
/// # Errors
/// [`ErrorKind::Io`] or [`ErrorKind::StoreUnusable`].
pub fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != Io::NotFound => Err(failed(path, "removing the file", &error)),
        _ => Ok(()),
    }
}

/// An exclusive lock among processes and threads, held until dropped. The system gives it back when a process dies.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Waits for the lock of a file, which is made when missing and never removed.
    ///
    /// # Errors
    /// [`ErrorKind::StoreUnusable`] when the file is not private; [`ErrorKind::Io`] when the file system has no locks.
    pub fn acquire(path: &Path) -> Result<Self> {
        check_private_file(path)?;
        let file = private_options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(|error| failed(path, "opening the lock", &error))?;
        loop {
            match file.lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(error) if error.kind() == Io::Interrupted => {}
                Err(error) => return Err(failed(path, "taking the lock", &error)),
            }
        }
    }
}

#[cfg(all(test, unix))]
#[path = "private_tests.rs"]
mod tests;
