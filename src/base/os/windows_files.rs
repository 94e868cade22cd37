//! Calls into Windows about open files: which file it is, and what it was opened for.

use std::ffi::c_void;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::AsRawHandle;
use std::path::Path;

use super::super::{Identity, Uses};

/// `FILE_FLAG_BACKUP_SEMANTICS`: folders can be opened, too.
const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
/// `FILE_READ_ATTRIBUTES`: enough to ask what a file is, and never in the way of others.
const FILE_READ_ATTRIBUTES: u32 = 0x80;
/// `FILE_WRITE_DATA`: to change what a file holds.
const FILE_WRITE_DATA: u32 = 2;
/// `FILE_APPEND_DATA`: to write at its end.
const FILE_APPEND_DATA: u32 = 4;
/// `FileBasicInfo` of `FILE_INFO_BY_HANDLE_CLASS`.
const FILE_BASIC_INFO: i32 = 0;
/// `ObjectBasicInformation` of `OBJECT_INFORMATION_CLASS`.
const OBJECT_BASIC_INFORMATION: i32 = 0;

/// `BY_HANDLE_FILE_INFORMATION`.
#[repr(C)]
#[derive(Default)]
struct ByHandleFileInformation {
    attributes: u32,
    created: [u32; 2],
    accessed: [u32; 2],
    written: [u32; 2],
    volume: u32,
    size: [u32; 2],
    links: u32,
    index_high: u32,
    index_low: u32,
}

/// `FILE_BASIC_INFO`.
#[repr(C)]
#[derive(Default)]
struct FileBasicInfo {
    created: i64,
    accessed: i64,
    written: i64,
    changed: i64,
    attributes: u32,
}

/// `PUBLIC_OBJECT_BASIC_INFORMATION`.
#[repr(C)]
#[derive(Default)]
struct ObjectBasicInformation {
    attributes: u32,
    granted: u32,
    handles: u32,
    pointers: u32,
    reserved: [u32; 10],
}

#[link(name = "kernel32")]
unsafe extern "system" {
    fn GetFileInformationByHandle(file: *mut c_void, out: *mut ByHandleFileInformation) -> i32;
    fn GetFileInformationByHandleEx(file: *mut c_void, class: i32, out: *mut FileBasicInfo, size: u32) -> i32;
}

#[link(name = "ntdll")]
unsafe extern "system" {
    fn NtQueryObject(
        object: *mut c_void,
        class: i32,
        out: *mut ObjectBasicInformation,
        size: u32,
        needed: *mut u32,
    ) -> i32;
}

/// What the system knows an open file by.
pub(crate) fn identity(file: &File) -> io::Result<Identity> {
    let mut found = ByHandleFileInformation::default();
    // SAFETY: the handle is open while the file is borrowed; the output is a live local.
    if unsafe { GetFileInformationByHandle(file.as_raw_handle(), &raw mut found) } == 0 {
        return Err(io::Error::last_os_error());
    }
    let index = u64::from(found.index_high) << 32 | u64::from(found.index_low);
    Ok(Identity { id: (u64::from(found.volume), index), changed: (changed(file), 0), links: u64::from(found.links) })
}

/// When a file was changed last, in steps of 100 ns; 0 where the file system does not keep it.
fn changed(file: &File) -> i64 {
    let mut found = FileBasicInfo::default();
    let size = u32::try_from(size_of::<FileBasicInfo>()).unwrap_or_default();
    // SAFETY: the handle is open while the file is borrowed; the output is a live local of the size that is told.
    let told =
        unsafe { GetFileInformationByHandleEx(file.as_raw_handle(), FILE_BASIC_INFO, &raw mut found, size) } != 0;
    if told { found.changed } else { 0 }
}

/// What tells the file at a path from every other.
pub(crate) fn id_at(path: &Path) -> io::Result<(u64, u64)> {
    let mut options = OpenOptions::new();
    options.access_mode(FILE_READ_ATTRIBUTES).custom_flags(FILE_FLAG_BACKUP_SEMANTICS);
    identity(&options.open(path)?).map(|found| found.id)
}

/// What an open file may be used for; `None` when the system does not tell.
pub(crate) fn uses(file: &File) -> Option<Uses> {
    let mut found = ObjectBasicInformation::default();
    let size = u32::try_from(size_of::<ObjectBasicInformation>()).ok()?;
    let mut needed = 0;
    // SAFETY: the handle is open while the file is borrowed; both outputs are live locals, the first of the size that is
    // told.
    let status = unsafe {
        NtQueryObject(file.as_raw_handle(), OBJECT_BASIC_INFORMATION, &raw mut found, size, &raw mut needed)
    };
    let has = |right: u32| found.granted & right != 0;
    let (writes, at_end) = (has(FILE_WRITE_DATA), has(FILE_APPEND_DATA));
    (status >= 0).then_some(Uses { writes: writes || at_end, appends: at_end && !writes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_any_name_and_told_from_others() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("one"), "x").unwrap();
        std::fs::write(path("other"), "x").unwrap();
        let one = identity(&File::open(path("one")).unwrap()).unwrap();
        assert_eq!(one.links, 1);
        std::fs::hard_link(path("one"), path("same")).unwrap();
        let same = identity(&File::open(path("same")).unwrap()).unwrap();
        assert_eq!((same.id, same.links), (one.id, 2));
        assert_eq!(id_at(&path("one")).unwrap(), one.id);
        assert_ne!(id_at(&path("other")).unwrap(), one.id);
        assert!(id_at(folder.path()).is_ok() && id_at(&path("missing")).is_err());
    }

    #[test]
    fn what_a_file_was_opened_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan");
        std::fs::write(&path, "x").unwrap();
        let told = |options: &mut OpenOptions| uses(&options.open(&path).unwrap()).unwrap();
        assert_eq!(told(OpenOptions::new().read(true)), Uses { writes: false, appends: false });
        assert_eq!(told(OpenOptions::new().read(true).write(true)), Uses { writes: true, appends: false });
        assert_eq!(told(OpenOptions::new().append(true)), Uses { writes: true, appends: true });
    }
}
