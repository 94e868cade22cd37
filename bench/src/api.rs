//! The exported functions with the few arguments that measurements need.

use msipc::ffi::base::{DWORD, FILETIME, HRESULT, TRUE, WCHAR};
use msipc::ffi::constants::{IPC_LI_INTERVAL_TIME, IPC_LI_PREFERRED_ENCRYPTION_PACKAGE, IPC_LI_USER_RIGHTS_LIST};
use msipc::ffi::constants::{IPC_SL_LICENSE_HANDLE, IPC_USER_TYPE_EMAIL};
use msipc::ffi::types::*;
use msipc::ffi::{crypt, environment, ext, key, license, template};
use std::ptr::{null, null_mut};

/// Who protects and opens.
pub const ACCOUNT: &str = "bench@contoso.example";

/// Text as the interface takes it.
pub fn wide(text: &str) -> Vec<WCHAR> {
    text.bytes().map(WCHAR::from).chain([0]).collect()
}

fn check(code: HRESULT, what: &str) {
    assert!(code == 0, "{what}: 0x{code:08X}");
}

pub fn act_as(account: &str) {
    // SAFETY: a terminated text.
    check(unsafe { ext::IpcxSetIdentity(wide(account).as_ptr()) }, "IpcxSetIdentity");
}

/// A key handle, closed when dropped.
pub struct Key(pub IPC_KEY_HANDLE);

// SAFETY: handles are ids; key handles may be used from any thread.
unsafe impl Send for Key {}
// SAFETY: as above.
unsafe impl Sync for Key {}

impl Drop for Key {
    fn drop(&mut self) {
        environment::IpcCloseHandle(self.0);
    }
}

/// A license in the making, closed when dropped.
pub struct Draft(IPC_LICENSE_HANDLE);

impl Drop for Draft {
    fn drop(&mut self) {
        environment::IpcCloseHandle(self.0);
    }
}

impl Draft {
    /// A license for some users, the account among them; `interval` is the days of offline use.
    pub fn new(package: DWORD, users: usize, interval: DWORD) -> Self {
        let issuer = IPC_TEMPLATE_ISSUER {
            connectionInfo: IPC_CONNECTION_INFO { wszExtranetUrl: null(), wszIntranetUrl: null() },
            wszDisplayName: null(),
            fAllowFromScratch: TRUE,
        };
        let mut handle = null_mut();
        // SAFETY: the issuer and the output are valid.
        check(
            unsafe { license::IpcCreateLicenseFromScratch(&raw const issuer, 0, null_mut(), &raw mut handle) },
            "create",
        );
        let draft = Self(handle);
        let names: Vec<Vec<WCHAR>> = (0..users)
            .map(|n| if n == 0 { wide(ACCOUNT) } else { wide(&format!("user{n}@contoso.example")) })
            .collect();
        with_rights(&names, |list| draft.set(IPC_LI_USER_RIGHTS_LIST, list.cast()));
        draft.set(IPC_LI_PREFERRED_ENCRYPTION_PACKAGE, (&raw const package).cast());
        draft.set(IPC_LI_INTERVAL_TIME, (&raw const interval).cast());
        draft
    }

    fn set(&self, property: DWORD, value: *const std::ffi::c_void) {
        // SAFETY: the value has the type of the property.
        check(unsafe { license::IpcSetLicenseProperty(self.0, 0, property, value) }, "set a property");
    }

    /// Signs it: the license and its publisher's key.
    pub fn serialize(&self) -> (Vec<u8>, Key) {
        let (mut handle, mut buffer) = (null_mut(), null_mut());
        // SAFETY: a license handle and valid outputs.
        let code = unsafe {
            license::IpcSerializeLicense(
                self.0.cast_const(),
                IPC_SL_LICENSE_HANDLE,
                0,
                null(),
                &raw mut handle,
                &raw mut buffer,
            )
        };
        check(code, "IpcSerializeLicense");
        // SAFETY: the library returned a buffer.
        let IPC_BUFFER { pvBuffer, cbBuffer } = unsafe { *buffer };
        // SAFETY: as long as it says.
        let bytes = unsafe { std::slice::from_raw_parts(pvBuffer.cast::<u8>(), cbBuffer as usize) }.to_vec();
        environment::IpcFreeMemory(buffer.cast());
        (bytes, Key(handle))
    }
}

/// Opens a license.
pub fn open(license: &[u8]) -> Key {
    let buffer = IPC_BUFFER {
        pvBuffer: license.as_ptr().cast_mut().cast(),
        cbBuffer: DWORD::try_from(license.len()).expect("small"),
    };
    let mut handle = null_mut();
    // SAFETY: the buffer and the output are valid.
    check(unsafe { key::IpcGetKey(&raw const buffer, 0, null(), null_mut(), &raw mut handle) }, "IpcGetKey");
    Key(handle)
}

pub fn has_right(key: &Key, right: &[WCHAR]) -> bool {
    let mut granted = 0;
    // SAFETY: a terminated text and a valid output.
    let code = unsafe { key::IpcAccessCheck(key.0, right.as_ptr(), &raw mut granted) };
    code == 0 && granted != 0
}

/// Whole blocks, encrypted or decrypted; returns the length of the result.
pub fn content(encrypt: bool, key: &Key, block: u32, input: &[u8], output: &mut [u8]) -> usize {
    let call = if encrypt { crypt::IpcEncrypt } else { crypt::IpcDecrypt };
    let (read, room) = (input.len() as DWORD, output.len() as DWORD);
    let mut length = 0;
    // SAFETY: the buffers are as long as they say; the input is only read.
    let code =
        unsafe { call(key.0, block, 0, input.as_ptr().cast_mut(), read, output.as_mut_ptr(), room, &raw mut length) };
    check(code, "content");
    length as usize
}

/// Adds templates with two texts and three users each, as the account of the operating system, who administers the store.
pub fn put_templates(count: usize) {
    use msipc::ffi::ext_templates::IpcxPutTemplate;
    use msipc::ffi::ext_types::IPCX_TEMPLATE;
    // SAFETY: null is allowed.
    check(unsafe { ext::IpcxSetIdentity(null()) }, "IpcxSetIdentity");
    for number in 0..count {
        let (name, text) = (wide(&format!("Template number {number}")), wide("Who may do what with the content"));
        let info = |lcid| IPC_TEMPLATE_INFO {
            wszID: null(),
            lcid,
            wszName: name.as_ptr(),
            wszDescription: text.as_ptr(),
            wszIssuerDisplayName: null(),
            fFromTemplate: TRUE,
        };
        let infos = [info(1033), info(1031)];
        let users: Vec<Vec<WCHAR>> = (0..3).map(|user| wide(&format!("user{user}@contoso.example"))).collect();
        with_rights(&users, |list| {
            let template = IPCX_TEMPLATE {
                cbSize: size_of::<IPCX_TEMPLATE>() as DWORD,
                dwFlags: 0,
                wszID: null(),
                cDescriptors: 2,
                cScope: 0,
                rgDescriptors: infos.as_ptr(),
                pUserRights: list,
                rgScope: null(),
                dwExpiry: 0,
                dwExpiryDays: 0,
                ftExpiry: FILETIME { dwLowDateTime: 0, dwHighDateTime: 0 },
                dwOfflineDays: 7,
                ftModified: FILETIME { dwLowDateTime: 0, dwHighDateTime: 0 },
            };
            let mut id = null();
            // SAFETY: the template is valid with everything it points to, and so is the output.
            check(unsafe { IpcxPutTemplate(&raw const template, null(), &raw mut id) }, "IpcxPutTemplate");
            environment::IpcFreeMemory(id.cast_mut().cast());
        });
    }
    act_as(ACCOUNT);
}

/// Lays out a rights list: VIEW and EDIT for each user.
fn with_rights(users: &[Vec<WCHAR>], use_it: impl FnOnce(PCIPC_USER_RIGHTS_LIST)) {
    let (view, edit) = (wide("VIEW"), wide("EDIT"));
    let mut rights = [view.as_ptr(), edit.as_ptr()];
    let entries: Vec<IPC_USER_RIGHTS> = users
        .iter()
        .map(|name| IPC_USER_RIGHTS {
            User: IPC_USER { dwType: IPC_USER_TYPE_EMAIL, wszID: name.as_ptr() },
            cRights: 2,
            rgwszRights: rights.as_mut_ptr(),
        })
        .collect();
    let head = size_of::<IPC_USER_RIGHTS_LIST>() - size_of::<IPC_USER_RIGHTS>();
    let size = head + entries.len() * size_of::<IPC_USER_RIGHTS>();
    let mut list = vec![0u64; size.div_ceil(8)];
    let start = list.as_mut_ptr().cast::<DWORD>();
    // SAFETY: the list has room for its head and all entries.
    unsafe {
        *start = DWORD::try_from(size).expect("small");
        *start.add(1) = DWORD::try_from(entries.len()).expect("small");
        let place = list.as_mut_ptr().cast::<u8>().add(head).cast::<IPC_USER_RIGHTS>();
        place.copy_from_nonoverlapping(entries.as_ptr(), entries.len());
    }
    use_it(list.as_ptr().cast());
}

/// The templates of the default authority; returns how many.
pub fn templates() -> usize {
    let mut list = null();
    // SAFETY: a valid output.
    let code = unsafe { template::IpcGetTemplateList(null(), 0, 0, null(), null_mut(), &raw mut list) };
    check(code, "IpcGetTemplateList");
    // SAFETY: the library returned a list.
    let count = unsafe { (*list).cTi } as usize;
    environment::IpcFreeMemory(list.cast_mut().cast());
    count
}
