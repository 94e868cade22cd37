//! Files in the making: without a name until they are complete, and put in their place in one step.
//!
//! Where the system needs a name before, it is derived from that of the target, so that whoever makes the same file again
//! finds what a killed process left without looking through the folder.

#![forbid(unsafe_code)]

use std::fs::{self, File};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::path::{Path, PathBuf};

use super::files::{hidden_beside, is_still_at, locked_by_others, open_for_reading, sync_folder};
use super::{fault, platform};
use crate::error::Result;

/// A file in the making. Until it is put in its place it has no name where the system allows that, and else one that is
/// removed on drop, so that nothing of it stays behind when the work fails.
#[derive(Debug)]
pub struct NewFile {
    file: File,
    target: PathBuf,
    named: Option<PathBuf>,
}

impl NewFile {
    /// An empty file that is to become `target`, for the account alone. What a killed process left of the same work is
    /// removed.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::error::ErrorKind::Io) with `ResourceBusy` when somebody else makes the same file; what the
    /// system reports.
    pub fn create(target: &Path) -> Result<Self> {
        fault::step()?;
        let path = temporary_name(target)?;
        let target = target.to_owned();
        if let Some(file) = create_unnamed(folder_of(&target))? {
            return Ok(Self { file, target, named: None });
        }
        Ok(Self { file: create_named(&path)?, target, named: Some(path) })
    }

    /// The file itself.
    pub fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Gives the complete file its name, which nothing has yet. Returns when that is on the medium.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::error::ErrorKind::Io) with `AlreadyExists`; what the system reports.
    pub fn put_new(mut self) -> Result<()> {
        fault::step()?;
        match &self.named {
            None => link_unnamed(&self.file, &self.target)?,
            Some(path) => rename_new(path, &self.target)?,
        }
        self.named = None;
        // Where the name is not known to be on the medium, it is taken away again: a failure leaves nothing behind.
        sync_folder(folder_of(&self.target)).inspect_err(|_| {
            let _removed = fs::remove_file(&self.target);
        })
    }

    /// Puts the complete file in the place of the one that has its name, which the caller has open and locked: `old` is
    /// closed when it is replaced. Returns when that is on the medium, as far as the system can tell: the exchange cannot be
    /// taken back.
    ///
    /// # Errors
    /// What the system reports; the other file is then still there.
    pub fn replace(mut self, old: File) -> Result<()> {
        if self.named.is_none() {
            fault::step()?;
            let path = temporary_name(&self.target)?;
            // Whoever tidies up must not take it for a file that was left.
            let _locked = self.file.try_lock();
            link_unnamed(&self.file, &path)?;
            self.named = Some(path);
        }
        if let Some(path) = &self.named {
            fault::step()?;
            rename_over(path, &self.target, old)?;
        }
        self.named = None;
        let _synced = sync_folder(folder_of(&self.target));
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

/// A file without a name, for what does not fit into memory; gone when it is closed.
///
/// # Errors
/// What the system reports.
pub fn unnamed() -> Result<File> {
    let folder = std::env::temp_dir();
    if let Some(file) = create_unnamed(&folder)? {
        return Ok(file);
    }
    let path = random_name(&folder);
    let file = create_named(&path)?;
    fs::remove_file(&path)?;
    Ok(file)
}

/// What the names of files in the making begin with.
const TEMPORARY: &str = ".msipc-new-";

fn folder_of(target: &Path) -> &Path {
    target.parent().unwrap_or(Path::new("/"))
}

/// Removes what a killed process left of a file that was to become `target`: that may be content in the clear beside a
/// protected file. Nothing happens while somebody makes that file, or to what this account may not remove.
pub fn clear_left(target: &Path) {
    let _cleared = is_cleared(&hidden_beside(target, TEMPORARY));
}

/// The name that a file has until it becomes `target`. What a killed process left under it is removed first.
fn temporary_name(target: &Path) -> Result<PathBuf> {
    let path = hidden_beside(target, TEMPORARY);
    Ok(if is_cleared(&path)? { path } else { random_name(folder_of(target)) })
}

/// A name that nobody else chooses.
fn random_name(folder: &Path) -> PathBuf {
    // Seeded from the system's randomness; uniqueness comes from exclusive creation.
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u32(std::process::id());
    folder.join(format!("{TEMPORARY}{:016x}", hasher.finish()))
}

/// Removes what a killed process left under a name, and tells whether nothing has it now. It stays where nobody can tell
/// that it was left: something else than a file, or a file system without locks.
fn is_cleared(path: &Path) -> Result<bool> {
    let Ok(found) = fs::symlink_metadata(path) else { return Ok(true) };
    if !found.is_file() {
        return Ok(false);
    }
    let Ok(left) = open_for_reading(path) else { return Ok(false) };
    match left.try_lock() {
        Ok(()) => Ok(is_still_at(&left, path) && fs::remove_file(path).is_ok()),
        Err(fs::TryLockError::WouldBlock) => Err(locked_by_others()),
        Err(fs::TryLockError::Error(_)) => Ok(false),
    }
}

/// An empty file under a name that nothing has, held by a lock that tells others that it was not left.
fn create_named(path: &Path) -> Result<File> {
    let file = platform::create_for_account(path)?;
    let is_taken = matches!(file.try_lock(), Err(fs::TryLockError::WouldBlock));
    // Until the lock held, somebody else may have taken the file for one that was left.
    if is_taken || !is_still_at(&file, path) {
        return Err(locked_by_others());
    }
    Ok(file)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use std::io::Write;

    fn new_file(target: &Path, content: &[u8]) -> NewFile {
        let mut new = NewFile::create(target).unwrap();
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
        new_file(&target, b"first").put_new().unwrap();
        let refused = new_file(&target, b"second").put_new().unwrap_err();
        assert_eq!(*refused.kind(), ErrorKind::Io(io::ErrorKind::AlreadyExists));
        assert_eq!(fs::read(&target).unwrap(), b"first");
        assert_eq!(names(folder.path()), ["plan"]);
        new_file(&target, b"third").replace(File::open(&target).unwrap()).unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"third");
        drop(new_file(&target, b"given up"));
        assert_eq!(names(folder.path()), ["plan"]);
    }

    #[test]
    fn what_a_killed_process_left_is_removed_and_what_others_work_on_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path(".msipc-new-plan"), "plain").unwrap();
        let new = NewFile::create(&path("plan")).unwrap();
        assert!(!path(".msipc-new-plan").exists() || new.named.is_some());
        drop(new);
        assert!(names(folder.path()).is_empty());

        fs::write(path(".msipc-new-plan"), "plain").unwrap();
        clear_left(&path("plan"));
        assert!(names(folder.path()).is_empty());

        fs::write(path(".msipc-new-plan"), "plain").unwrap();
        let holder = File::open(path(".msipc-new-plan")).unwrap();
        holder.lock().unwrap();
        let refused = NewFile::create(&path("plan")).unwrap_err();
        assert_eq!(*refused.kind(), ErrorKind::Io(io::ErrorKind::ResourceBusy));
        clear_left(&path("plan"));
        assert_eq!(fs::read(path(".msipc-new-plan")).unwrap(), b"plain");
        drop(holder);
        fs::write(path("plan"), "old").unwrap();
        new_file(&path("plan"), b"content").replace(File::open(path("plan")).unwrap()).unwrap();
        assert_eq!(names(folder.path()), ["plan"]);
    }

    #[test]
    fn a_name_that_cannot_be_cleared_does_not_stand_in_the_way() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("plan");
        fs::create_dir(folder.path().join(".msipc-new-plan")).unwrap();
        new_file(&target, b"first").put_new().unwrap();
        new_file(&target, b"second").replace(File::open(&target).unwrap()).unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"second");
        assert_eq!(names(folder.path()), [".msipc-new-plan", "plan"]);
    }

    #[test]
    fn files_that_have_a_name_from_the_beginning_do_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("plan");
        let named = |content: &[u8]| {
            let path = temporary_name(&target).unwrap();
            let mut file = create_named(&path).unwrap();
            file.write_all(content).unwrap();
            NewFile { file, target: target.clone(), named: Some(path) }
        };
        drop(named(b"given up"));
        assert!(names(folder.path()).is_empty());
        named(b"first").put_new().unwrap();
        assert!(named(b"second").put_new().is_err());
        assert_eq!(fs::read(&target).unwrap(), b"first");
        let working = named(b"third");
        let refused = NewFile::create(&target).unwrap_err();
        assert_eq!(*refused.kind(), ErrorKind::Io(io::ErrorKind::ResourceBusy));
        working.replace(File::open(&target).unwrap()).unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"third");
        assert_eq!(names(folder.path()), ["plan"]);
    }

    /// A folder may hold any number of files: none is looked at but those of the target.
    #[test]
    fn what_was_left_of_other_files_is_not_looked_for() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(".msipc-new-other"), "sealed").unwrap();
        new_file(&folder.path().join("plan"), b"content").put_new().unwrap();
        assert_eq!(names(folder.path()), [".msipc-new-other", "plan"]);
    }

    #[test]
    fn names_of_any_length_have_a_short_one() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("n".repeat(255));
        let path = temporary_name(&target).unwrap();
        assert!(path.file_name().unwrap().len() < 128);
        assert_eq!(path, temporary_name(&target).unwrap());
        new_file(&target, b"first").put_new().unwrap();
        new_file(&target, b"second").replace(File::open(&target).unwrap()).unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"second");
    }
}
