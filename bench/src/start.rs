//! Size of the shared library, and how long a new process takes until it has encrypted something.

use crate::api::{ACCOUNT, wide};
use crate::report::Report;
use msipc::ffi::base::{HRESULT, LPCWSTR};
use std::ffi::{CStr, CString, c_void};
use std::process::Command;
use std::time::Instant;

pub fn run(report: &mut Report, library: &str) {
    report.section("Size and start");
    let stripped = std::env::temp_dir().join(format!("msipc-bench-{}.so", std::process::id()));
    let done = Command::new("strip").arg("-o").arg(&stripped).arg(library).status();
    if done.is_ok_and(|status| status.success()) {
        let size = std::fs::metadata(&stripped).map_or(0, |file| file.len());
        report.note(format!("shared library, stripped: {:.2} MiB", size as f64 / 1048576.0));
    }
    let _gone = std::fs::remove_file(&stripped);
    let program = std::env::current_exe().expect("this program's path");
    let mut times: Vec<f64> = (0..9)
        .filter_map(|_| {
            let output = Command::new(&program).arg("--cold").arg(library).output().ok()?;
            String::from_utf8(output.stdout).ok()?.trim().parse().ok()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    match times.get(times.len() / 2) {
        Some(median) => {
            report.time("new process: load, IpcInitialize, protect, encrypt", "ms", median * 1e3, 20.0, 0.0)
        }
        None => report.note("a new process could not be measured".into()),
    }
}

/// The new process: loads the library, protects something and prints the seconds that took.
pub fn cold(library: &str) {
    let name = CString::new(library).expect("a path");
    let (account, start) = (wide(ACCOUNT), Instant::now());
    // SAFETY: a terminated path.
    let library = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_NOW) };
    assert!(!library.is_null(), "the library does not load");
    // SAFETY: the functions have these types in the header.
    unsafe {
        let initialize: unsafe extern "C" fn() -> HRESULT = symbol(library, c"IpcInitialize");
        let identity: unsafe extern "C" fn(LPCWSTR) -> HRESULT = symbol(library, c"IpcxSetIdentity");
        assert_eq!(initialize(), 0);
        assert_eq!(identity(account.as_ptr()), 0);
        protect(library);
    }
    println!("{}", start.elapsed().as_secs_f64());
}

unsafe fn symbol<T: Copy>(library: *mut c_void, name: &CStr) -> T {
    // SAFETY: an open library and a terminated name.
    let address = unsafe { libc::dlsym(library, name.as_ptr()) };
    assert!(!address.is_null(), "{name:?} is not exported");
    // SAFETY: by this function's contract.
    unsafe { std::mem::transmute_copy(&address) }
}

/// A license from scratch for nobody but its owner, and a block of content.
unsafe fn protect(library: *mut c_void) {
    use msipc::ffi::base::{BOOL, DWORD, LPCVOID, LPVOID, PBYTE};
    use msipc::ffi::types::*;
    use std::ptr::{null, null_mut};
    type Create = unsafe extern "C" fn(PCIPC_TEMPLATE_ISSUER, DWORD, LPVOID, PIPC_LICENSE_HANDLE) -> HRESULT;
    type Set = unsafe extern "C" fn(IPC_LICENSE_HANDLE, BOOL, DWORD, LPCVOID) -> HRESULT;
    type Serialize =
        unsafe extern "C" fn(LPCVOID, DWORD, DWORD, PCIPC_PROMPT_CTX, PIPC_KEY_HANDLE, *mut PIPC_BUFFER) -> HRESULT;
    type Encrypt = unsafe extern "C" fn(IPC_KEY_HANDLE, DWORD, BOOL, PBYTE, DWORD, PBYTE, DWORD, *mut DWORD) -> HRESULT;
    use msipc::ffi::constants::{IPC_LI_USER_RIGHTS_LIST, IPC_SL_LICENSE_HANDLE, IPC_USER_TYPE_EMAIL};

    let issuer = IPC_TEMPLATE_ISSUER {
        connectionInfo: IPC_CONNECTION_INFO { wszExtranetUrl: null(), wszIntranetUrl: null() },
        wszDisplayName: null(),
        fAllowFromScratch: 1,
    };
    let (account, edit) = (wide(ACCOUNT), wide("EDIT"));
    let mut rights = [edit.as_ptr()];
    let list = IPC_USER_RIGHTS_LIST {
        cbSize: size_of::<IPC_USER_RIGHTS_LIST>() as DWORD,
        cUserRights: 1,
        rgUserRights: [IPC_USER_RIGHTS {
            User: IPC_USER { dwType: IPC_USER_TYPE_EMAIL, wszID: account.as_ptr() },
            cRights: 1,
            rgwszRights: rights.as_mut_ptr(),
        }],
    };
    let (mut license, mut key, mut buffer, mut length) = (null_mut(), null_mut(), null_mut(), 0);
    let (mut plain, mut text) = ([1u8; 4096], [0u8; 4096]);
    // SAFETY: the functions have these types in the header, and all arguments are valid.
    unsafe {
        let create: Create = symbol(library, c"IpcCreateLicenseFromScratch");
        let set: Set = symbol(library, c"IpcSetLicenseProperty");
        let serialize: Serialize = symbol(library, c"IpcSerializeLicense");
        let encrypt: Encrypt = symbol(library, c"IpcEncrypt");
        assert_eq!(create(&raw const issuer, 0, null_mut(), &raw mut license), 0);
        assert_eq!(set(license, 0, IPC_LI_USER_RIGHTS_LIST, (&raw const list).cast()), 0);
        let license = license.cast_const();
        assert_eq!(serialize(license, IPC_SL_LICENSE_HANDLE, 0, null(), &raw mut key, &raw mut buffer), 0);
        let code = encrypt(key, 0, 0, plain.as_mut_ptr(), 4096, text.as_mut_ptr(), 4096, &raw mut length);
        assert_eq!(code, 0);
    }
}
