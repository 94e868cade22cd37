//! Calls into Windows about open files: which file it is, what it was opened for, and who may use it.

use std::ffi::c_void;
use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::windows::ffi::OsStrExt;
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::path::Path;

use super::super::files::Owner;
use super::super::{FileId, Identity, Uses};
use super::{EqualSid, LocalFree, TokenSid, current_sid};

/// `FILE_FLAG_BACKUP_SEMANTICS`: folders can be opened, too.
const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
/// `FILE_FLAG_OPEN_REPARSE_POINT`: a link itself is opened, not what it leads to.
const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
/// `FILE_READ_ATTRIBUTES`: enough to ask what a file is, and never in the way of others.
const FILE_READ_ATTRIBUTES: u32 = 0x80;
/// `FILE_WRITE_DATA`: to change what a file holds.
const FILE_WRITE_DATA: u32 = 2;
/// `FILE_APPEND_DATA`: to write at its end.
const FILE_APPEND_DATA: u32 = 4;
/// `FileBasicInfo` of `FILE_INFO_BY_HANDLE_CLASS`.
const FILE_BASIC_INFO: i32 = 0;
/// `FileIdInfo` of `FILE_INFO_BY_HANDLE_CLASS`.
const FILE_ID_INFO: i32 = 18;
/// `ObjectBasicInformation` of `OBJECT_INFORMATION_CLASS`.
const OBJECT_BASIC_INFORMATION: i32 = 0;

const GENERIC_READ: u32 = 0x8000_0000;
const GENERIC_WRITE: u32 = 0x4000_0000;
const DELETE: u32 = 0x0001_0000;
const READ_CONTROL: u32 = 0x0002_0000;
/// To give the file another access list.
const WRITE_DAC: u32 = 0x0004_0000;
/// Others may read, write, rename and delete meanwhile, as far as they may use the file at all.
const FILE_SHARE_ALL: u32 = 7;
const ERROR_INVALID_FUNCTION: u32 = 1;
const ERROR_NOT_SUPPORTED: u32 = 50;
const CREATE_NEW: u32 = 1;
const FILE_ATTRIBUTE_HIDDEN: u32 = 2;
const FILE_ATTRIBUTE_NORMAL: u32 = 0x80;
const FILE_ATTRIBUTE_NOT_CONTENT_INDEXED: u32 = 0x2000;
const SDDL_REVISION_1: u32 = 1;
/// `SE_FILE_OBJECT` of `SE_OBJECT_TYPE`.
const SE_FILE_OBJECT: u32 = 1;
const OWNER_SECURITY_INFORMATION: u32 = 1;
const DACL_SECURITY_INFORMATION: u32 = 4;
/// `WinLocalSystemSid` of `WELL_KNOWN_SID_TYPE`.
const WIN_LOCAL_SYSTEM_SID: i32 = 22;
/// `WinBuiltinAdministratorsSid` of `WELL_KNOWN_SID_TYPE`.
const WIN_BUILTIN_ADMINISTRATORS_SID: i32 = 26;

/// What file systems answer to a question that they do not know: `ERROR_INVALID_FUNCTION`, `ERROR_NOT_SUPPORTED`,
/// `ERROR_INVALID_PARAMETER`, `ERROR_CALL_NOT_IMPLEMENTED`, `ERROR_INVALID_LEVEL`.
const UNKNOWN_QUESTION: [u32; 5] = [ERROR_INVALID_FUNCTION, ERROR_NOT_SUPPORTED, 87, 120, 124];

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

/// `SECURITY_ATTRIBUTES`.
#[repr(C)]
struct SecurityAttributes {
    length: u32,
    descriptor: *mut c_void,
    inherit: i32,
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

/// `FILE_ID_INFO`.
#[repr(C)]
#[derive(Default)]
struct FileIdInfo {
    volume: u64,
    file: [u8; 16],
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
    fn CreateFileW(
        path: *const u16,
        access: u32,
        share: u32,
        security: *const SecurityAttributes,
        how: u32,
        flags: u32,
        template: *mut c_void,
    ) -> *mut c_void;
    fn GetFileInformationByHandleEx(file: *mut c_void, class: i32, out: *mut c_void, size: u32) -> i32;
    fn SetFileInformationByHandle(file: *mut c_void, class: i32, given: *const FileBasicInfo, size: u32) -> i32;
}

#[link(name = "advapi32")]
unsafe extern "system" {
    fn GetSecurityInfo(
        object: *mut c_void,
        kind: u32,
        wanted: u32,
        owner: *mut *mut c_void,
        group: *mut *mut c_void,
        access: *mut *mut c_void,
        audit: *mut *mut c_void,
        descriptor: *mut *mut c_void,
    ) -> u32;
    fn ConvertStringSecurityDescriptorToSecurityDescriptorW(
        text: *const u16,
        revision: u32,
        out: *mut *mut c_void,
        size: *mut u32,
    ) -> i32;
    fn SetKernelObjectSecurity(object: *mut c_void, given: u32, descriptor: *mut c_void) -> i32;
    fn IsWellKnownSid(sid: *mut c_void, kind: i32) -> i32;
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

/// Windows begins by itself.
pub(crate) fn begin_flush(_: &File, _: u64, _: usize) {}

/// Windows keeps what it finds useful.
pub(crate) fn forget(_: &File, _: u64, _: usize) {}

/// What the system knows an open file by.
pub(crate) fn identity(file: &File, _found: &Metadata) -> io::Result<Identity> {
    let mut found = ByHandleFileInformation::default();
    // SAFETY: the handle is open while the file is borrowed; the output is a live local.
    if unsafe { GetFileInformationByHandle(file.as_raw_handle(), &raw mut found) } == 0 {
        return Err(io::Error::last_os_error());
    }
    let index = u64::from(found.index_high) << 32 | u64::from(found.index_low);
    // Newer file systems have longer numbers, of which the short one may be that of two files. Others have none.
    let id = match asked::<FileIdInfo>(file, FILE_ID_INFO) {
        Ok(long) => (long.volume, u128::from_le_bytes(long.file)),
        Err(error) if error.raw_os_error().is_some_and(|code| UNKNOWN_QUESTION.contains(&code.cast_unsigned())) => {
            (u64::from(found.volume), u128::from(index))
        }
        // The other number would make one file look like two.
        Err(error) => return Err(error),
    };
    // 0 where the file system does not keep it; steps of 100 ns.
    let changed = asked::<FileBasicInfo>(file, FILE_BASIC_INFO).unwrap_or_default().changed;
    Ok(Identity { id, changed: (changed, 0), links: u64::from(found.links) })
}

/// What the system tells of an open file in a structure of plain numbers, for which zeros are values too.
///
/// The class must be that of the structure.
fn asked<T: Default>(file: &File, class: i32) -> io::Result<T> {
    let mut found = T::default();
    let size = u32::try_from(size_of::<T>()).unwrap_or_default();
    // SAFETY: the handle is open while the file is borrowed; the output is a live local of the size that is told.
    if unsafe { GetFileInformationByHandleEx(file.as_raw_handle(), class, (&raw mut found).cast(), size) } == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(found)
}

/// What the system knows of who owns a file and who may use it. The owner lies in the descriptor.
struct Security {
    owner: *mut c_void,
    descriptor: *mut c_void,
}

impl Security {
    /// `None` on file systems without owners and access lists.
    fn of(file: &File) -> io::Result<Option<Self>> {
        let none = std::ptr::null_mut;
        let mut found = Self { owner: none(), descriptor: none() };
        let wanted = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
        // SAFETY: the handle is open while the file is borrowed; the outputs are live locals, and what is null is not
        // asked for.
        let code = unsafe {
            let (group, access, audit) = (std::ptr::null_mut(), std::ptr::null_mut(), std::ptr::null_mut());
            GetSecurityInfo(
                file.as_raw_handle(),
                SE_FILE_OBJECT,
                wanted,
                &raw mut found.owner,
                group,
                access,
                audit,
                &raw mut found.descriptor,
            )
        };
        match code {
            0 => Ok(Some(found)),
            ERROR_INVALID_FUNCTION | ERROR_NOT_SUPPORTED => Ok(None),
            other => Err(io::Error::from_raw_os_error(other.cast_signed())),
        }
    }
}

impl Drop for Security {
    fn drop(&mut self) {
        // SAFETY: allocated for us by `GetSecurityInfo`, or null; nothing points into it any more.
        unsafe { LocalFree(self.descriptor) };
    }
}

/// A path in the form that may be longer than 260 units, terminated. The system takes others in that form as they are, so
/// they are made absolute first.
fn of_any_length(path: &Path) -> io::Result<Vec<u16>> {
    use std::path::{Component, Prefix};
    let path = std::path::absolute(path)?;
    let (before, left_out) = match path.components().next() {
        Some(Component::Prefix(prefix)) => match prefix.kind() {
            Prefix::Disk(_) => (r"\\?\", 0),
            Prefix::UNC(..) => (r"\\?\UNC", 1),
            _ => ("", 0),
        },
        _ => ("", 0),
    };
    let units: Vec<u16> =
        before.encode_utf16().chain(path.as_os_str().encode_wide().skip(left_out)).chain([0]).collect();
    // What stands behind would be another path than the one that was checked.
    if units[..units.len() - 1].contains(&0) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    Ok(units)
}

/// Makes a file that the account alone may use, whatever the access list of its folder says.
pub(crate) fn create_for_account(path: &Path) -> io::Result<File> {
    let user = current_sid().ok_or(io::ErrorKind::PermissionDenied)?;
    // Nothing is taken over from the folder; the user may do everything.
    let list: Vec<u16> = format!("D:P(A;;FA;;;{user})").encode_utf16().chain([0]).collect();
    let mut descriptor = std::ptr::null_mut();
    // SAFETY: the text is terminated; the output is a live local, and what is null is not asked for.
    let made = unsafe {
        let size = std::ptr::null_mut();
        ConvertStringSecurityDescriptorToSecurityDescriptorW(list.as_ptr(), SDDL_REVISION_1, &raw mut descriptor, size)
    };
    if made == 0 {
        return Err(io::Error::last_os_error());
    }
    let none = std::ptr::null_mut;
    let security = Security { owner: none(), descriptor };
    let attributes = SecurityAttributes {
        length: u32::try_from(size_of::<SecurityAttributes>()).unwrap_or_default(),
        descriptor: security.descriptor,
        inherit: 0,
    };
    let path = of_any_length(path)?;
    let access = GENERIC_READ | GENERIC_WRITE | DELETE | READ_CONTROL | WRITE_DAC;
    // SAFETY: the path is terminated; attributes and descriptor live during the call.
    let file = unsafe {
        // A link that has the name is in the way, and not followed to make what it leads to.
        let itself = FILE_ATTRIBUTE_NORMAL | FILE_FLAG_OPEN_REPARSE_POINT;
        CreateFileW(path.as_ptr(), access, FILE_SHARE_ALL, &raw const attributes, CREATE_NEW, itself, none())
    };
    if file.addr() == usize::MAX {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: opened above and nobody else's.
    Ok(File::from(unsafe { OwnedHandle::from_raw_handle(file) }))
}

/// True when a file belongs to whom it should, or where files belong to nobody. Administrators own files together, and
/// services as the system.
pub(crate) fn is_owners_alone(file: &File, owner: Owner) -> io::Result<bool> {
    let Some(security) = Security::of(file)? else { return Ok(true) };
    // A server may keep the owner to itself, and then nobody knows.
    if security.owner.is_null() {
        return Ok(false);
    }
    Ok(match owner {
        Owner::Machine => [WIN_LOCAL_SYSTEM_SID, WIN_BUILTIN_ADMINISTRATORS_SID]
            .into_iter()
            // SAFETY: the owner lives as long as the descriptor.
            .any(|kind| unsafe { IsWellKnownSid(security.owner, kind) } != 0),
        // What an administrator makes may belong to all of them.
        Owner::Account => [TokenSid::user(), TokenSid::owner()]
            .into_iter()
            .flatten()
            // SAFETY: both live here.
            .any(|own| unsafe { EqualSid(security.owner, own.sid()) } != 0),
    })
}

/// Gives a file the access list of another one as it is, entries that came from a folder included, and has it be seen and
/// searched as that one is.
pub(crate) fn inherit_access(from: &File, to: &File) -> io::Result<()> {
    inherit_attributes(from, to);
    let Some(security) = Security::of(from)? else { return Ok(()) };
    // SAFETY: the handle is open while the file is borrowed; the descriptor lives.
    if unsafe { SetKernelObjectSecurity(to.as_raw_handle(), DACL_SECURITY_INFORMATION, security.descriptor) } == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Hands on who sees a file and who searches it. Nothing depends on it, so a system that refuses is not asked again.
fn inherit_attributes(from: &File, to: &File) {
    const HANDED_ON: u32 = FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_NOT_CONTENT_INDEXED;
    let given = |file| asked::<FileBasicInfo>(file, FILE_BASIC_INFO).map_or(0, |found| found.attributes);
    let wanted = given(from) & HANDED_ON;
    if wanted == 0 {
        return;
    }
    // Times that are zero stay as they are.
    let info = FileBasicInfo { attributes: wanted | given(to) & !FILE_ATTRIBUTE_NORMAL, ..FileBasicInfo::default() };
    let size = u32::try_from(size_of::<FileBasicInfo>()).unwrap_or_default();
    // SAFETY: the handle is open while the file is borrowed; the structure is a live local of the size that is told.
    unsafe { SetFileInformationByHandle(to.as_raw_handle(), FILE_BASIC_INFO, &raw const info, size) };
}

/// What tells the file that a path leads to from every other.
pub(crate) fn id_at(path: &Path) -> io::Result<FileId> {
    id_opened(path, 0)
}

/// The same for what the path itself names: a link, where there is one.
pub(crate) fn id_of_name(path: &Path) -> io::Result<FileId> {
    id_opened(path, FILE_FLAG_OPEN_REPARSE_POINT)
}

fn id_opened(path: &Path, flag: u32) -> io::Result<FileId> {
    let mut options = OpenOptions::new();
    options.access_mode(FILE_READ_ATTRIBUTES).custom_flags(FILE_FLAG_BACKUP_SEMANTICS | flag);
    let file = options.open(path)?;
    identity(&file, &file.metadata()?).map(|found| found.id)
}

/// What an open file may be used for; `None` when the system does not tell.
pub(crate) fn uses(file: &File) -> Option<Uses> {
    let mut found = ObjectBasicInformation::default();
    let size = u32::try_from(size_of::<ObjectBasicInformation>()).ok()?;
    let mut needed = 0;
    // SAFETY: the handle is open while the file is borrowed; both outputs are live locals, the first of the size that is
    // told.
    let status =
        unsafe { NtQueryObject(file.as_raw_handle(), OBJECT_BASIC_INFORMATION, &raw mut found, size, &raw mut needed) };
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
        let identity_of = |name: &str| {
            let file = File::open(path(name)).unwrap();
            identity(&file, &file.metadata().unwrap()).unwrap()
        };
        let one = identity_of("one");
        assert_eq!(one.links, 1);
        std::fs::hard_link(path("one"), path("same")).unwrap();
        let same = identity_of("same");
        assert_eq!((same.id, same.links), (one.id, 2));
        assert_eq!(id_at(&path("one")).unwrap(), one.id);
        assert_ne!(id_at(&path("other")).unwrap(), one.id);
        assert!(id_at(folder.path()).is_ok() && id_at(&path("missing")).is_err());
        assert_eq!(id_of_name(&path("one")).unwrap(), one.id);
    }

    #[test]
    fn a_file_for_the_account_may_lie_anywhere() {
        let folder = tempfile::tempdir().unwrap();
        let deep = (0..6).fold(folder.path().to_owned(), |path, _| path.join("d".repeat(60)));
        std::fs::create_dir_all(&deep).unwrap();
        let path = deep.join("plan");
        assert!(path.as_os_str().len() > 360);
        let file = create_for_account(&path).unwrap();
        assert!(is_owners_alone(&file, Owner::Account).unwrap());
        assert_eq!(id_at(&path).unwrap(), identity(&file, &file.metadata().unwrap()).unwrap().id);
        let taken = create_for_account(&path).unwrap_err();
        assert_eq!(taken.kind(), io::ErrorKind::AlreadyExists);
    }

    #[test]
    fn paths_are_given_in_the_form_that_has_any_length() {
        let given = |path: &str| String::from_utf16(&of_any_length(Path::new(path)).unwrap()).unwrap();
        assert_eq!(given(r"C:\papers\.\plan.txt"), "\\\\?\\C:\\papers\\plan.txt\0");
        assert_eq!(given(r"\\server\share\plan"), "\\\\?\\UNC\\server\\share\\plan\0");
        assert_eq!(given(r"\\?\C:\plan"), "\\\\?\\C:\\plan\0");
        assert!(of_any_length(Path::new("C:\\plan\0.txt")).is_err());
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
