//! What a file hands on to the one that takes its place: owner, mode, times, extended attributes.

#![forbid(unsafe_code)]

use std::fs::{self, File};

use crate::error::Result;

/// Gives a new file what the one before it had: owner, mode, extended attributes, times. What the system does not allow
/// is left as it is; the new file is then never more open than the one before.
///
/// # Errors
/// [`ErrorKind::Io`](crate::error::ErrorKind::Io) when the mode of the one before cannot be given.
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
    Ok(super::platform::inherit_access(from, to)?)
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

#[cfg(all(test, unix))]
mod tests {
    use super::super::new_file::NewFile;
    use super::*;

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
        let mut new = NewFile::create(&path).unwrap();
        inherit(&old, new.file()).unwrap();
        new.replace(old).unwrap();
        let found = fs::metadata(&path).unwrap();
        assert_eq!(found.mode() & 0o7777, 0o754);
        assert_eq!(found.modified().unwrap(), long_ago);
    }
}
