//! Calls into Windows about open files: which file it is, and what it was opened for.

use std::ffi::c_void;
use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::windows::ffi::OsStrExt;
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::path::Path;

use super::super::files::Owner;
use super::super::{Identity, Uses};
use super::{LocalFree, TokenUser, current_sid};

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
const FILE_ATTRIBUTE_NORMAL: u32 = 0x80;
const SDDL_REVISION_1: u32 = 1;
/// `SE_FILE_OBJECT` of `SE_OBJECT_TYPE`.
const SE_FILE_OBJECT: u32 = 1;
const OWNER_SECURITY_INFORMATION: u32 = 1;
const DACL_SECURITY_INFORMATION: u32 = 4;
/// `WinLocalSystemSid` of `WELL_KNOWN_SID_TYPE`.
const WIN_LOCAL_SYSTEM_SID: i32 = 22;
/// `WinBuiltinAdministratorsSid` of `WELL_KNOWN_SID_TYPE`.
const WIN_BUILTIN_ADMINISTRATORS_SID: i32 = 26;

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
    fn GetFileInformationByHandleEx(file: *mut c_void, class: i32, out: *mut FileBasicInfo, size: u32) -> i32;
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
    fn EqualSid(one: *mut c_void, other: *mut c_void) -> i32;
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

/// What the system knows an open file by.
pub(crate) fn identity(file: &File, _found: &Metadata) -> io::Result<Identity> {
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

/// Makes a file that the account alone may use, whatever the access list of its folder says.
pub(crate) fn create_for_account(path: &Path) -> io::Result<File> {
    let user = current_sid().ok_or(io::ErrorKind::PermissionDenied)?;
    let terminated = |text: &std::ffi::OsStr| text.encode_wide().chain([0]).collect::<Vec<u16>>();
    // Nothing is taken over from the folder; the user may do everything.
    let list = terminated(format!("D:P(A;;FA;;;{user})").as_ref());
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
    let path = terminated(std::path::absolute(path)?.as_os_str());
    let access = GENERIC_READ | GENERIC_WRITE | DELETE | READ_CONTROL | WRITE_DAC;
    // SAFETY: the path is terminated; attributes and descriptor live during the call.
    let file = unsafe {
        let plain = FILE_ATTRIBUTE_NORMAL;
        CreateFileW(path.as_ptr(), access, FILE_SHARE_ALL, &raw const attributes, CREATE_NEW, plain, none())
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
    Ok(match owner {
        Owner::Machine => [WIN_LOCAL_SYSTEM_SID, WIN_BUILTIN_ADMINISTRATORS_SID]
            .into_iter()
            // SAFETY: the owner lives as long as the descriptor.
            .any(|kind| unsafe { IsWellKnownSid(security.owner, kind) } != 0),
        Owner::Account => {
            // SAFETY: both live here.
            TokenUser::of_process().is_some_and(|user| unsafe { EqualSid(security.owner, user.sid()) } != 0)
        }
    })
}

/// Gives a file the access list of another one as it is, entries that came from a folder included.
pub(crate) fn inherit_access(from: &File, to: &File) -> io::Result<()> {
    let Some(security) = Security::of(from)? else { return Ok(()) };
    // SAFETY: the handle is open while the file is borrowed; the descriptor lives.
    if unsafe { SetKernelObjectSecurity(to.as_raw_handle(), DACL_SECURITY_INFORMATION, security.descriptor) } == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// What tells the file at a path from every other.
pub(crate) fn id_at(path: &Path) -> io::Result<(u64, u64)> {
    let mut options = OpenOptions::new();
    options.access_mode(FILE_READ_ATTRIBUTES).custom_flags(FILE_FLAG_BACKUP_SEMANTICS);
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
