//! What is ours and not Microsoft's: functions `Ipcx`, constants `IPCX_`. Generated into `include/msipc_ext.h`.

use super::base::*;
use super::boundary::{entry, entry_with, last_failure};
use super::ext_values::administer;
use super::handles;
use super::memory;
use super::out::Out;
use super::state;
use super::types::*;
use super::version::IPCX_VERSION;
use super::wide;
use crate::cipher::PackageId;
use crate::client::Key;
use crate::error::Error;

/// AES-256 in GCM mode, segments of 4096 bytes: changes to the content are noticed. Readers other than this library do not
/// know it. A value of `IPC_LI_PREFERRED_ENCRYPTION_PACKAGE`.
pub const IPCX_ENCRYPTION_PACKAGE_AES256_GCM4K: DWORD = 0x1001;

/// `DWORD`: bytes that a block of `IPC_KI_BLOCK_SIZE` bytes has when it is encrypted. A property of keys.
pub const IPCX_KI_ENCRYPTED_BLOCK_SIZE: DWORD = 0x1001;

/// Tells which function failed last on this thread, with which code, and why.
///
/// `*ppwszDetail` is one line of English, `IpcX: 0x80070057: reason`, freed with `IpcFreeMemory`. It is `NULL` when nothing
/// failed on this thread yet. A later success does not erase it.
///
/// # Returns
/// - `S_OK`: the line, or `NULL`.
/// - `E_INVALIDARG`: a null pointer.
///
/// # Threads
/// Any thread; each has its own.
///
/// # Safety
/// `ppwszDetail` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxGetLastErrorDetail(ppwszDetail: *mut LPCWSTR) -> HRESULT {
    entry("IpcxGetLastErrorDetail", || {
        // SAFETY: null or writable, by this function's contract.
        let detail = unsafe { Out::cleared(ppwszDetail, "ppwszDetail")? };
        let Some(failure) = last_failure() else { return Ok(()) };
        // A reason may quote what a caller passed; a NUL in it would end the line early.
        let line = memory::text(&failure.line().replace('\0', "\u{FFFD}"))?;
        detail.set(line.hand_out());
        Ok(())
    })
}

/// Tells the version of the running library, composed as `IPCX_VERSION` of the header.
///
/// # Threads
/// Any thread.
#[unsafe(no_mangle)]
pub extern "system" fn IpcxGetVersion() -> DWORD {
    IPCX_VERSION
}

/// Says whose account the process uses from now on: who is asking, where a call gives no credential.
///
/// `wszIdentity` is read during the call only: a mail address, or null to return to `MSIPC_IDENTITY` and the account of
/// the operating system.
///
/// # Returns
/// - `S_OK`: holds for all threads without an identity of their own. Keys that exist keep their account.
/// - `E_INVALIDARG`: empty, longer than 320 bytes of UTF-8, control characters, text that is not valid.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// `wszIdentity` is null or ends in NUL.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxSetIdentity(wszIdentity: LPCWSTR) -> HRESULT {
    entry("IpcxSetIdentity", || {
        // SAFETY: null or terminated, by this function's contract.
        state::set_identity(unsafe { wide::read_optional(wszIdentity, "wszIdentity")? })
    })
}

/// Says whose account this thread uses from now on.
///
/// `wszIdentity` is read during the call only: a mail address, or null to return to the identity of the process.
///
/// # Returns
/// - `S_OK`: holds for this thread. Keys that exist keep their account.
/// - `E_INVALIDARG`: empty, longer than 320 bytes of UTF-8, control characters, text that is not valid.
///
/// # Threads
/// Any thread; each has its own.
///
/// # Safety
/// `wszIdentity` is null or ends in NUL.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxSetThreadIdentity(wszIdentity: LPCWSTR) -> HRESULT {
    entry("IpcxSetThreadIdentity", || {
        // SAFETY: null or terminated, by this function's contract.
        state::set_thread_identity(unsafe { wide::read_optional(wszIdentity, "wszIdentity")? })
    })
}

/// Allows long calls to use more than one thread.
///
/// `cThreads` is how many threads one call of `IpcEncrypt` or `IpcDecrypt` with 8 MiB of input or more may use, the caller's
/// own counted: 1, the default, to 64. More than the processor has cores is no error and of no use. The threads end with
/// the call, which gives the bytes and the codes that one thread gives: nothing is written when it fails. With
/// `IPCX_ENCRYPTION_PACKAGE_AES256_GCM4K`, content that is encrypted or decrypted in place has the caller's thread alone
/// for writing.
///
/// # Returns
/// - `S_OK`: holds for calls of all threads of the process that begin from now on.
/// - `E_INVALIDARG`: 0, or more than 64.
///
/// # Threads
/// Any thread.
#[unsafe(no_mangle)]
pub extern "system" fn IpcxSetThreads(cThreads: DWORD) -> HRESULT {
    entry("IpcxSetThreads", || crate::cipher::allow_threads(cThreads))
}

/// Gives the passphrase under which the store of the embedded authority is sealed, before the store is first used.
///
/// `wszPassphrase` is read during the call only. A copy stays in the memory of the process, because the store is opened
/// again after `IpcUninitializeEnvironment`.
///
/// # Returns
/// - `S_OK`: taken; whether it fits shows when the store is opened.
/// - `E_INVALIDARG`: null, empty, text that is not valid.
/// - `IPCERROR_PROPERTY_ALREADY_SET`: the store is open.
///
/// # Threads
/// Any thread; meant for the start of the program.
///
/// # Safety
/// `wszPassphrase` is null or ends in NUL.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxSetStorePassphrase(wszPassphrase: LPCWSTR) -> HRESULT {
    entry("IpcxSetStorePassphrase", || {
        // SAFETY: null or terminated, by this function's contract.
        state::set_passphrase(unsafe { wide::read_secret(wszPassphrase, "wszPassphrase")? })
    })
}

/// Changes the passphrase under which the store of the embedded authority is sealed. For administrators.
///
/// The texts are read during the call only. `pContext` is borrowed and may be null; it says who asks. The key that the
/// passphrase leads to stays the same: programs that have the store open go on, also when they were started with the old
/// passphrase, and older copies of the database still open with it. A file that `MSIPC_PASSPHRASE_FILE` names is not
/// written. The change is whole or not made, whenever the process ends.
///
/// # Returns
/// - `S_OK`: changed; the old passphrase does not open the store any more.
/// - `E_INVALIDARG`: a null pointer, an empty text, text that is not valid.
/// - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_AUTHENTICATED)`: the current passphrase is another one.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED)`: the store opens with a key file.
///
/// # Threads
/// Any thread. Of two changes at once one is refused.
///
/// # Safety
/// The texts are null or end in NUL; `pContext` is null or valid.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxChangeStorePassphrase(
    wszCurrent: LPCWSTR,
    wszNew: LPCWSTR,
    pContext: PCIPC_PROMPT_CTX,
) -> HRESULT {
    entry_with("IpcxChangeStorePassphrase", || {
        // SAFETY: null or terminated, by this function's contract.
        let current = unsafe { wide::read_secret(wszCurrent, "wszCurrent")? };
        // SAFETY: null or terminated, by this function's contract.
        let new = unsafe { wide::read_secret(wszNew, "wszNew")? };
        for (text, name) in [(&current, "wszCurrent"), (&new, "wszNew")] {
            if text.is_empty() {
                return Err(Error::argument(name, "the passphrase is empty").into());
            }
        }
        // SAFETY: null or valid, by this function's contract.
        unsafe { administer(pContext, |admin| admin.change_passphrase(&current, &new))? };
        state::passphrase_changed(new);
        Ok(())
    })
}

/// Tells whether the package of a key notices changes to the content.
///
/// `hKey` is borrowed. `*pfAuthenticated` belongs to the caller and is `FALSE` until the answer is known.
///
/// # Returns
/// - `S_OK`: the answer.
/// - `E_INVALIDARG`: a null pointer.
/// - `E_HANDLE`: `hKey` is closed or is not a key.
///
/// # Threads
/// Any thread, also on one key at once.
///
/// # Safety
/// `pfAuthenticated` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxIsAuthenticated(hKey: IPC_KEY_HANDLE, pfAuthenticated: LPBOOL) -> HRESULT {
    entry("IpcxIsAuthenticated", || {
        // SAFETY: null or writable, by this function's contract.
        let authenticated = unsafe { Out::cleared(pfAuthenticated, "pfAuthenticated")? };
        let key = handles::get::<Key>(hKey)?;
        authenticated.set(BOOL::from(key.is_authenticated()));
        Ok(())
    })
}

/// Tells the package of a key: an `IPC_ENCRYPTION_PACKAGE_` or `IPCX_ENCRYPTION_PACKAGE_` constant.
///
/// `hKey` is borrowed. `*pdwPackage` belongs to the caller and is 0 until the answer is known, and for content of a kind
/// that has no number.
///
/// # Returns
/// - `S_OK`: the answer.
/// - `E_INVALIDARG`: a null pointer.
/// - `E_HANDLE`: `hKey` is closed or is not a key.
///
/// # Threads
/// Any thread, also on one key at once.
///
/// # Safety
/// `pdwPackage` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxGetKeyPackage(hKey: IPC_KEY_HANDLE, pdwPackage: LPDWORD) -> HRESULT {
    entry("IpcxGetKeyPackage", || {
        // SAFETY: null or writable, by this function's contract.
        let package = unsafe { Out::cleared(pdwPackage, "pdwPackage")? };
        let key = handles::get::<Key>(hKey)?;
        package.set(key.package().map_or(0, PackageId::number));
        Ok(())
    })
}
