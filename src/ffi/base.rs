//! The words of Windows that the interface is written in: `DWORD`, `HRESULT`, `LPCWSTR` and their kin.
//!
//! `include/ipcbase.h` holds the same words for C, by hand, because a generated alias would come out as another type
//! than the one C and C++ programs expect. Nothing here is generated into a header.
#![allow(missing_docs, reason = "the words mean what the Windows SDK says")]

use std::ffi::c_void;

pub use super::wide::WCHAR;

pub type BYTE = u8;
pub type BOOL = i32;
pub type DWORD = u32;
pub type DWORD64 = u64;
pub type HRESULT = i32;
pub type LCID = DWORD;
pub type HANDLE = *mut c_void;
pub type HWND = *mut c_void;
pub type LPVOID = *mut c_void;
pub type LPCVOID = *const c_void;
pub type PBYTE = *mut BYTE;
pub type LPDWORD = *mut DWORD;
pub type LPBOOL = *mut BOOL;
/// How an `ILockBytes` of the application or of this library is called. The first argument is the object itself.
#[repr(C)]
#[derive(Debug)]
pub struct ILockBytesVtbl {
    pub QueryInterface: unsafe extern "system" fn(*mut ILockBytes, *const IID, *mut LPVOID) -> HRESULT,
    pub AddRef: unsafe extern "system" fn(*mut ILockBytes) -> DWORD,
    pub Release: unsafe extern "system" fn(*mut ILockBytes) -> DWORD,
    pub ReadAt: unsafe extern "system" fn(*mut ILockBytes, u64, LPVOID, DWORD, *mut DWORD) -> HRESULT,
    pub WriteAt: unsafe extern "system" fn(*mut ILockBytes, u64, LPCVOID, DWORD, *mut DWORD) -> HRESULT,
    pub Flush: unsafe extern "system" fn(*mut ILockBytes) -> HRESULT,
    pub SetSize: unsafe extern "system" fn(*mut ILockBytes, u64) -> HRESULT,
    pub LockRegion: unsafe extern "system" fn(*mut ILockBytes, u64, u64, DWORD) -> HRESULT,
    pub UnlockRegion: unsafe extern "system" fn(*mut ILockBytes, u64, u64, DWORD) -> HRESULT,
    pub Stat: unsafe extern "system" fn(*mut ILockBytes, *mut STATSTG, DWORD) -> HRESULT,
}

/// Bytes at offsets, as an object of COM ([MS-OLE], *ILockBytes*). `ULARGE_INTEGER` by value is passed as its number is on
/// every platform this is built for.
#[repr(C)]
#[derive(Debug)]
pub struct ILockBytes {
    pub lpVtbl: *const ILockBytesVtbl,
}

/// Identity of an interface.
#[repr(C)]
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct IID {
    pub Data1: u32,
    pub Data2: u16,
    pub Data3: u16,
    pub Data4: [u8; 8],
}

/// What `ILockBytes::Stat` tells.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct STATSTG {
    pub pwcsName: LPWSTR,
    pub r#type: DWORD,
    pub cbSize: u64,
    pub mtime: FILETIME,
    pub ctime: FILETIME,
    pub atime: FILETIME,
    pub grfMode: DWORD,
    pub grfLocksSupported: DWORD,
    pub clsid: IID,
    pub grfStateBits: DWORD,
    pub reserved: DWORD,
}

pub type LPWSTR = *mut WCHAR;
pub type LPCWSTR = *const WCHAR;
/// A certificate context of the Windows certificate store; opaque elsewhere.
pub type PCCERT_CONTEXT = *const c_void;

pub const FALSE: BOOL = 0;
pub const TRUE: BOOL = 1;

/// 100 ns steps since 1601-01-01 UTC, in two halves so that it aligns to 4.
#[repr(C)]
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct FILETIME {
    pub dwLowDateTime: DWORD,
    pub dwHighDateTime: DWORD,
}

impl FILETIME {
    /// The count of 100 ns steps.
    #[must_use]
    pub const fn ticks(self) -> u64 {
        (self.dwHighDateTime as u64) << 32 | self.dwLowDateTime as u64
    }

    /// The two halves of a count of 100 ns steps.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, reason = "takes the low half on purpose")]
    pub const fn from_ticks(ticks: u64) -> Self {
        Self { dwLowDateTime: ticks as u32, dwHighDateTime: (ticks >> 32) as u32 }
    }
}

/// The code of a failure, from its bit pattern as it is written everywhere.
const fn code(bits: u32) -> HRESULT {
    bits.cast_signed()
}

/// The `HRESULT` of a Win32 error code, as the macro `HRESULT_FROM_WIN32` makes it.
#[must_use]
pub const fn hresult_from_win32(error: u32) -> HRESULT {
    if error.cast_signed() <= 0 { error.cast_signed() } else { code(0x8007_0000 | error & 0xFFFF) }
}

pub const S_OK: HRESULT = 0;
pub const S_FALSE: HRESULT = 1;
pub const E_NOTIMPL: HRESULT = code(0x8000_4001);
pub const E_NOINTERFACE: HRESULT = code(0x8000_4002);
pub const E_POINTER: HRESULT = code(0x8000_4003);
pub const E_ABORT: HRESULT = code(0x8000_4004);
pub const E_FAIL: HRESULT = code(0x8000_4005);
pub const E_PENDING: HRESULT = code(0x8000_000A);
pub const E_UNEXPECTED: HRESULT = code(0x8000_FFFF);
pub const E_ACCESSDENIED: HRESULT = code(0x8007_0005);
pub const E_HANDLE: HRESULT = code(0x8007_0006);
pub const E_OUTOFMEMORY: HRESULT = code(0x8007_000E);
pub const E_INVALIDARG: HRESULT = code(0x8007_0057);
pub const STG_E_INVALIDFUNCTION: HRESULT = code(0x8003_0001);
pub const STG_E_FILENOTFOUND: HRESULT = code(0x8003_0002);
pub const STG_E_ACCESSDENIED: HRESULT = code(0x8003_0005);
pub const STG_E_INSUFFICIENTMEMORY: HRESULT = code(0x8003_0008);
pub const STG_E_INVALIDPOINTER: HRESULT = code(0x8003_0009);
pub const STG_E_SEEKERROR: HRESULT = code(0x8003_0019);
pub const STG_E_WRITEFAULT: HRESULT = code(0x8003_001D);
pub const STG_E_READFAULT: HRESULT = code(0x8003_001E);
pub const STG_E_LOCKVIOLATION: HRESULT = code(0x8003_0021);
pub const STG_E_INVALIDPARAMETER: HRESULT = code(0x8003_0057);
pub const STG_E_MEDIUMFULL: HRESULT = code(0x8003_0070);
pub const STG_E_UNIMPLEMENTEDFUNCTION: HRESULT = code(0x8003_00FE);
pub const STG_E_INVALIDFLAG: HRESULT = code(0x8003_00FF);
pub const RPC_E_CHANGED_MODE: HRESULT = code(0x8001_0106);
pub const RPC_E_WRONG_THREAD: HRESULT = code(0x8001_010E);
pub const CERT_E_EXPIRED: HRESULT = code(0x800B_0101);
pub const CRYPT_E_NOT_FOUND: HRESULT = code(0x8009_2004);
pub const NTE_BAD_DATA: HRESULT = code(0x8009_0005);

pub const ERROR_FILE_NOT_FOUND: u32 = 2;
pub const ERROR_PATH_NOT_FOUND: u32 = 3;
pub const ERROR_TOO_MANY_OPEN_FILES: u32 = 4;
pub const ERROR_ACCESS_DENIED: u32 = 5;
pub const ERROR_INVALID_HANDLE: u32 = 6;
pub const ERROR_NOT_ENOUGH_MEMORY: u32 = 8;
pub const ERROR_BAD_FORMAT: u32 = 11;
pub const ERROR_INVALID_DATA: u32 = 13;
pub const ERROR_OUTOFMEMORY: u32 = 14;
pub const ERROR_WRITE_PROTECT: u32 = 19;
pub const ERROR_NOT_READY: u32 = 21;
pub const ERROR_SHARING_VIOLATION: u32 = 32;
pub const ERROR_LOCK_VIOLATION: u32 = 33;
pub const ERROR_HANDLE_EOF: u32 = 38;
pub const ERROR_NOT_SUPPORTED: u32 = 50;
pub const ERROR_FILE_EXISTS: u32 = 80;
pub const ERROR_INVALID_PARAMETER: u32 = 87;
pub const ERROR_DISK_FULL: u32 = 112;
pub const ERROR_CALL_NOT_IMPLEMENTED: u32 = 120;
pub const ERROR_INSUFFICIENT_BUFFER: u32 = 122;
pub const ERROR_INVALID_NAME: u32 = 123;
pub const ERROR_MOD_NOT_FOUND: u32 = 126;
pub const ERROR_PROC_NOT_FOUND: u32 = 127;
pub const ERROR_ALREADY_EXISTS: u32 = 183;
pub const ERROR_FILENAME_EXCED_RANGE: u32 = 206;
pub const ERROR_MORE_DATA: u32 = 234;
pub const ERROR_NO_MORE_ITEMS: u32 = 259;
pub const ERROR_OPERATION_ABORTED: u32 = 995;
pub const ERROR_NO_UNICODE_TRANSLATION: u32 = 1113;
pub const ERROR_IO_DEVICE: u32 = 1117;
pub const ERROR_NOT_FOUND: u32 = 1168;
pub const ERROR_NO_NETWORK: u32 = 1222;
pub const ERROR_CANCELLED: u32 = 1223;
pub const ERROR_CONNECTION_REFUSED: u32 = 1225;
pub const ERROR_NETWORK_UNREACHABLE: u32 = 1231;
pub const ERROR_NOT_AUTHENTICATED: u32 = 1244;
pub const ERROR_NOT_LOGGED_ON: u32 = 1245;
pub const ERROR_ALREADY_INITIALIZED: u32 = 1247;
pub const ERROR_LOGON_FAILURE: u32 = 1326;
pub const ERROR_INTERNAL_ERROR: u32 = 1359;
pub const ERROR_FILE_CORRUPT: u32 = 1392;
pub const ERROR_TIMEOUT: u32 = 1460;
pub const ERROR_UNSUPPORTED_TYPE: u32 = 1630;
pub const ERROR_CANT_RESOLVE_FILENAME: u32 = 1921;
pub const ERROR_INVALID_STATE: u32 = 5023;
pub const ERROR_ENCRYPTION_FAILED: u32 = 6000;
pub const ERROR_DECRYPTION_FAILED: u32 = 6001;
pub const ERROR_FILE_READ_ONLY: u32 = 6009;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn win32_codes_become_hresults_as_the_macro_makes_them() {
        assert_eq!(hresult_from_win32(0), S_OK);
        assert_eq!(hresult_from_win32(ERROR_INVALID_PARAMETER), E_INVALIDARG);
        assert_eq!(hresult_from_win32(ERROR_FILE_READ_ONLY).cast_unsigned(), 0x8007_1779);
        assert_eq!(hresult_from_win32(E_FAIL.cast_unsigned()), E_FAIL, "a code that is one already stays");
    }

    #[test]
    fn file_times_keep_their_count() {
        assert_eq!(FILETIME::from_ticks(0x0123_4567_89AB_CDEF).ticks(), 0x0123_4567_89AB_CDEF);
        assert_eq!(FILETIME::from_ticks(1).dwLowDateTime, 1);
    }
}
