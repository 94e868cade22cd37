//! Keys: what a license gives to the account that asks.

use super::args;
use super::ask;
use super::base::*;
use super::boundary::{denied, entry, entry_with};
use super::constants::*;
use super::ext::IPCX_KI_ENCRYPTED_BLOCK_SIZE;
use super::handles;
use super::memory;
use super::out::Out;
use super::state;
use super::types::*;
use super::wide;
use super::write;
use crate::client::{Keep, Key};
use crate::error::{Error, ErrorKind};
use std::sync::Arc;

/// Gets the key of a license, with the rights that the asking account has.
///
/// The use license that the authority issues for it is kept, unless `dwFlags` keeps it off the disk, and answers later calls
/// for as long as the policy says: rights are not looked at again in that time, revocation is.
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
/// - `IPCERROR_NEEDS_ONLINE`: `IPC_PROMPT_FLAG_OFFLINE` was given and no use license is at hand that still serves.
/// - `IPCERROR_CLOCK_ROLL_BACK_DETECTED`: `IPC_PROMPT_FLAG_OFFLINE` was given and the clock was set back.
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
pub unsafe extern "system" fn IpcGetKey(
    pvLicense: PCIPC_BUFFER,
    dwFlags: DWORD,
    pContext: PCIPC_PROMPT_CTX,
    pvReserved: LPVOID,
    phKey: PIPC_KEY_HANDLE,
) -> HRESULT {
    entry_with("IpcGetKey", || {
        // SAFETY: null or writable, by this function's contract.
        let key = unsafe { Out::cleared(phKey, "phKey")? };
        let flags = args::flags(dwFlags, IPC_GK_FLAG_NO_PERSIST_DISK, "dwFlags")?;
        args::reserved(pvReserved, "pvReserved")?;
        // SAFETY: null or readable with its bytes, by this function's contract.
        let license = unsafe { args::buffer(pvLicense, "pvLicense")? };
        // SAFETY: null or valid, by this function's contract.
        let mut prompt = ask::prompt(unsafe { args::prompt(pContext)? })?;
        prompt.keep = if flags & IPC_GK_FLAG_NO_PERSIST_DISK == 0 { Keep::Disk } else { Keep::Memory };

        let opened = state::environment()?.open_key(license, &prompt)?;

        key.set(handles::open(Arc::new(opened))?);
        Ok(())
    })
}

/// Reads a property of a key.
///
/// `hKey` is borrowed. `dwPropID` is one of the `IPC_KI_` constants. `pvReserved` is null. `*ppvProperty` points to a value
/// of the type that the constant names and is freed with `IpcFreeMemory`. It is `NULL` until known.
///
/// # Returns
/// - `S_OK`: the value.
/// - `E_INVALIDARG`: a null output.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: an unknown property.
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
pub unsafe extern "system" fn IpcGetKeyProperty(
    hKey: IPC_KEY_HANDLE,
    dwPropID: DWORD,
    pvReserved: LPVOID,
    ppvProperty: *mut LPVOID,
) -> HRESULT {
    entry("IpcGetKeyProperty", || {
        // SAFETY: null or writable, by this function's contract.
        let value = unsafe { Out::cleared(ppvProperty, "ppvProperty")? };
        args::reserved(pvReserved, "pvReserved")?;
        let key = handles::get::<Key>(hKey)?;

        let answer = match dwPropID {
            IPC_KI_BLOCK_SIZE => memory::scalar(key.block_size())?,
            IPC_KI_LICENSE => write::buffer(key.serialized())?,
            IPC_KI_USER_DISPLAYNAME => memory::text(key.display_name())?,
            IPCX_KI_ENCRYPTED_BLOCK_SIZE => memory::scalar(key.encrypted_block_size())?,
            other => {
                let what = ErrorKind::NotFound { what: "key property" };
                return Err(Error::with(what, format!("{other} is no key property")));
            }
        };

        value.set(answer.hand_out());
        Ok(())
    })
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
pub unsafe extern "system" fn IpcAccessCheck(
    hKey: IPC_KEY_HANDLE,
    wszRequestedRight: LPCWSTR,
    pfAccessGranted: LPBOOL,
) -> HRESULT {
    entry("IpcAccessCheck", || {
        // SAFETY: null or writable, by this function's contract.
        let granted = unsafe { Out::cleared(pfAccessGranted, "pfAccessGranted")? };
        let answer = |right: &str| {
            let key = handles::get::<Key>(hKey)?;
            if right.is_empty() {
                return Err(Error::argument("wszRequestedRight", "empty"));
            }
            let granted = key.grants(right);
            if !granted {
                denied(&key, right);
            }
            Ok(granted)
        };
        // SAFETY: null or terminated, by this function's contract.
        let answer = unsafe { wide::with_short(wszRequestedRight, "wszRequestedRight", answer)? };

        granted.set(BOOL::from(answer));
        Ok(())
    })
}
