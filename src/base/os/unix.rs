//! Calls into the C library of Unix: who runs the process, and where that account lives.

use std::ffi::{CStr, OsStr, OsString};
use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::files::Owner;
use super::{FileId, Folders, Identity, Lookup, OsAccount, Uses};
use crate::error::Result;

/// Largest scratch space offered to the list of accounts, in bytes.
const ENTRY_MAX: usize = 1 << 20;

/// Ends the process at once and without any tidying, as the system would.
#[cfg(any(test, feature = "test-clock"))]
pub(super) fn kill_own_process() {
    let process = i32::try_from(std::process::id()).unwrap_or_default();
    // SAFETY: takes numbers and touches no memory.
    unsafe { libc::kill(process, libc::SIGKILL) };
}

/// What the system knows an open file by.
pub(super) fn identity(_file: &File, found: &Metadata) -> io::Result<Identity> {
    Ok(Identity { id: id_of(found), changed: (found.ctime(), found.ctime_nsec()), links: found.nlink() })
}

/// Makes a file that the account alone may use.
pub(super) fn create_for_account(path: &Path) -> io::Result<File> {
    fs::OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)
}

/// True when a file belongs to whom it should and nobody else may write it.
pub(super) fn is_owners_alone(file: &File, owner: Owner) -> io::Result<bool> {
    const OTHERS_WRITE: u32 = 0o022;
    let found = file.metadata()?;
    let may_own = match owner {
        Owner::Machine => found.uid() == 0,
        Owner::Account => found.uid() == effective_user(),
    };
    Ok(may_own && found.mode() & OTHERS_WRITE == 0)
}

/// True when a thread has the rights of another account than its process; here all threads have the same.
pub(super) fn acts_for_another() -> bool {
    false
}

/// What tells the file at a path from every other.
pub(super) fn id_at(path: &Path) -> io::Result<FileId> {
    fs::metadata(path).map(|found| id_of(&found))
}

/// Sets bytes of a file on their way to the medium.
#[cfg(target_os = "linux")]
pub(super) fn begin_flush(file: &File, offset: u64, len: usize) {
    use std::os::fd::AsRawFd;
    let (Ok(offset), Ok(len)) = (i64::try_from(offset), i64::try_from(len)) else { return };
    // SAFETY: the file is open, and no memory is involved.
    let _hint = unsafe { libc::sync_file_range(file.as_raw_fd(), offset, len, libc::SYNC_FILE_RANGE_WRITE) };
}

/// Systems without such a call begin by themselves.
#[cfg(not(target_os = "linux"))]
pub(super) fn begin_flush(_: &File, _: u64, _: usize) {}

/// Gives back the memory in which the system keeps bytes of a file.
#[cfg(target_os = "linux")]
pub(super) fn forget(file: &File, offset: u64, len: usize) {
    // Without a length it would be all of the file.
    let Some(len) = std::num::NonZeroU64::new(len as u64) else { return };
    let _hint = rustix::fs::fadvise(file, offset, Some(len), rustix::fs::Advice::DontNeed);
}

/// Systems without such a call have their own rules.
#[cfg(not(target_os = "linux"))]
pub(super) fn forget(_: &File, _: u64, _: usize) {}

fn id_of(found: &Metadata) -> FileId {
    (found.dev(), u128::from(found.ino()))
}

/// What an open file may be used for; `None` when the system does not tell.
pub(super) fn uses(file: &File) -> Option<Uses> {
    use rustix::fs::OFlags;
    let flags = rustix::fs::fcntl_getfl(file).ok()?;
    let writes = flags.intersects(OFlags::WRONLY | OFlags::RDWR);
    Some(Uses { writes, appends: flags.contains(OFlags::APPEND) })
}

/// The effective user: the one that the files of the process belong to.
pub(super) fn effective_user() -> u32 {
    // SAFETY: takes nothing and cannot fail.
    unsafe { libc::geteuid() }
}

pub(super) fn is_privileged() -> bool {
    // SAFETY: takes nothing and cannot fail.
    let user = unsafe { libc::getuid() };
    // SAFETY: takes nothing and cannot fail.
    let group = unsafe { libc::getgid() };
    // SAFETY: takes nothing and cannot fail.
    let effective_group = unsafe { libc::getegid() };
    user != effective_user() || group != effective_group || secure_execution()
}

/// What the kernel said when the program started; it also knows of file capabilities and of ids given up since.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn secure_execution() -> bool {
    // SAFETY: reads a word that the kernel passed at program start; unknown entries read 0.
    let secure = unsafe { libc::getauxval(libc::AT_SECURE) };
    secure != 0
}

#[cfg(any(target_os = "macos", target_os = "ios", target_os = "freebsd", target_os = "openbsd", target_os = "netbsd"))]
fn secure_execution() -> bool {
    // SAFETY: takes nothing and cannot fail.
    let changed = unsafe { libc::issetugid() };
    changed != 0
}

#[cfg(not(any(
    target_os = "linux",
    target_os = "android",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd",
    target_os = "openbsd",
    target_os = "netbsd"
)))]
fn secure_execution() -> bool {
    false
}

/// Name and home folder of a user, or `None` when the list of accounts does not have it (as in some containers).
fn entry(user: u32) -> Option<(OsString, PathBuf)> {
    let mut room = 1024;
    loop {
        let mut scratch: Vec<libc::c_char> = vec![0; room];
        let mut record = std::mem::MaybeUninit::<libc::passwd>::uninit();
        let mut found: *mut libc::passwd = std::ptr::null_mut();
        // SAFETY: every pointer is to a live local, and the length is that of the scratch space.
        let code =
            unsafe { libc::getpwuid_r(user, record.as_mut_ptr(), scratch.as_mut_ptr(), scratch.len(), &raw mut found) };
        match code {
            0 if found.is_null() => return None,
            0 => {
                // SAFETY: success with a result means that the record was filled in.
                let record = unsafe { record.assume_init() };
                // SAFETY: the pointer leads into the scratch space, which is alive.
                let name = unsafe { text(record.pw_name) };
                // SAFETY: as above.
                let home = unsafe { text(record.pw_dir) };
                return Some((name, home.into()));
            }
            libc::ERANGE if room < ENTRY_MAX => room *= 4,
            libc::EINTR => {}
            _ => return None,
        }
    }
}

/// A copy of a C string; empty for null.
///
/// # Safety
/// Null, or a NUL-terminated string that is alive during the call.
unsafe fn text(pointer: *const libc::c_char) -> OsString {
    if pointer.is_null() {
        return OsString::new();
    }
    // SAFETY: by this function's contract.
    let bytes = unsafe { CStr::from_ptr(pointer) };
    OsStr::from_bytes(bytes.to_bytes()).to_owned()
}

pub(super) fn current_account() -> Result<OsAccount> {
    let user = effective_user();
    let login = entry(user).map(|(name, _)| name.to_string_lossy().into_owned()).filter(|name| !name.is_empty());
    Ok(OsAccount { id: current_account_id()?, login: login.unwrap_or_else(|| format!("uid{user}")) })
}

pub(super) fn current_account_id() -> Result<String> {
    Ok(format!("uid:{}", effective_user()))
}

pub(super) fn home_folder(lookup: Lookup<'_>) -> Option<PathBuf> {
    let named = lookup("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
    named.or_else(|| entry(effective_user()).map(|(_, home)| home).filter(|home| home.is_absolute()))
}

#[cfg(target_os = "macos")]
pub(super) fn folders(lookup: Lookup<'_>) -> Option<Folders> {
    let library = home_folder(lookup)?.join("Library");
    Some(Folders {
        data: library.join("Application Support").join("msipc"),
        config: library.join("Preferences").join("msipc"),
    })
}

#[cfg(not(target_os = "macos"))]
pub(super) fn folders(lookup: Lookup<'_>) -> Option<Folders> {
    // The XDG specification has relative values ignored.
    let folder = |variable: &str, usual: &str| {
        let named = lookup(variable).map(PathBuf::from).filter(|path| path.is_absolute());
        named.or_else(|| Some(home_folder(lookup)?.join(usual))).map(|base| base.join("msipc"))
    };
    Some(Folders { data: folder("XDG_DATA_HOME", ".local/share")?, config: folder("XDG_CONFIG_HOME", ".config")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_without_an_entry_is_no_error() {
        assert_eq!(entry(3_999_999_999), None);
    }

    #[test]
    fn root_has_an_entry() {
        let (name, home) = entry(0).unwrap();
        assert!(!name.is_empty());
        assert!(home.is_absolute());
    }
}
