//! Keys: what a license gives to the account that asks.

use super::base::*;
use super::boundary::entry;
use super::types::*;
use crate::error::{Error, ErrorKind};

/// Gets the key of a license, with the rights that the asking account has.
///
/// `pvLicense` is borrowed: what `IpcSerializeLicense` returned, with or without a byte-order mark. `dwFlags` are
/// `IPC_GK_FLAG_` bits. `pContext` is borrowed and may be null. `pvReserved` is null. `*phKey` is closed with
/// `IpcCloseHandle`; it is `NULL` until the key is there.
///
/// # Returns
/// - `S_OK`: the account has at least one right; ask `IpcAccessCheck` which.
/// - `E_INVALIDARG`: a null pointer, unknown flags, a wrong `cbSize`.
/// - `HRESULT_FROM_WIN32(ERROR_INVALID_DATA)`: the license is damaged.
/// - `IPCERROR_BROKEN_CERT_CHAIN`: the license is not signed by an authority that is trusted here.
/// - `IPCERROR_RIGHT_NOT_GRANTED`: the account has no right, or the content is expired, not yet valid or revoked.
/// - `IPCERROR_NEEDS_ONLINE`: `IPC_PROMPT_FLAG_OFFLINE` was given and no use license is at hand.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid as described, with everything they point to; `phKey` is null or writable.
///
/// # Source
/// MSIPC reference, *IpcGetKey*. The page says that `dwFlags` is 0; programs pass 1 to keep the use license off the disk.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn IpcGetKey(
    pvLicense: PCIPC_BUFFER,
    dwFlags: DWORD,
    pContext: PCIPC_PROMPT_CTX,
    pvReserved: LPVOID,
    phKey: PIPC_KEY_HANDLE,
) -> HRESULT {
    let _unused = (pvLicense, dwFlags, pContext, pvReserved, phKey);
    entry("IpcGetKey", || Err(Error::new(ErrorKind::NotSupported)))
}

/// Reads a property of a key.
///
/// `hKey` is borrowed. `dwPropID` is one of the `IPC_KI_` constants. `pvReserved` is null. `*ppvProperty` points to a value
/// of the type that the constant names and is freed with `IpcFreeMemory`. It is `NULL` until known.
///
/// # Returns
/// - `S_OK`: the value.
/// - `E_INVALIDARG`: a null output, an unknown property.
/// - `E_HANDLE`: `hKey` is closed or is not a key.
///
/// # Threads
/// Any thread, also on one key at once.
///
/// # Safety
/// `ppvProperty` is null or writable.
///
/// # Source
/// MSIPC reference, *IpcGetKeyProperty*, *Key property types*.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn IpcGetKeyProperty(
    hKey: IPC_KEY_HANDLE,
    dwPropID: DWORD,
    pvReserved: LPVOID,
    ppvProperty: *mut LPVOID,
) -> HRESULT {
    let _unused = (hKey, dwPropID, pvReserved, ppvProperty);
    entry("IpcGetKeyProperty", || Err(Error::new(ErrorKind::NotSupported)))
}

/// Tells whether a key grants one right.
///
/// `hKey` is borrowed. `wszRequestedRight` is read during the call only; case does not matter.
/// `*pfAccessGranted` belongs to the caller and is `FALSE` until the answer is known.
///
/// # Returns
/// - `S_OK`: the answer as of now; an expired use license grants nothing.
/// - `E_INVALIDARG`: a null pointer, an empty right, one longer than 256 units, text that is not valid Unicode.
/// - `E_HANDLE`: `hKey` is closed or is not a key.
///
/// # Threads
/// Any thread, also on one key at once. If another thread closes the key, this call still finishes.
///
/// # Safety
/// `wszRequestedRight` is null or ends in NUL; `pfAccessGranted` is null or writable.
///
/// # Source
/// MSIPC reference, *IpcAccessCheck*, Parameters and Return value. `E_HANDLE` is our choice: the page names no code for it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn IpcAccessCheck(
    hKey: IPC_KEY_HANDLE,
    wszRequestedRight: LPCWSTR,
    pfAccessGranted: LPBOOL,
) -> HRESULT {
    let _unused = (hKey, wszRequestedRight, pfAccessGranted);
    entry("IpcAccessCheck", || Err(Error::new(ErrorKind::NotSupported)))
}
