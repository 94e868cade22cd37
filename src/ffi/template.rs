//! Templates and the authorities that offer them.

use super::base::*;
use super::boundary::entry;
use super::types::*;
use crate::error::{Error, ErrorKind};

/// Lists the templates that the account may publish with.
///
/// `pConnectionInfo` is borrowed; null or empty means the default authority. `dwFlags` are `IPC_GTL_FLAG_` bits. `lcid` is
/// the language of names and descriptions, 0 for that of the user; with another value only templates that have a text in
/// it are listed. `pContext` is borrowed and may be null. `pvReserved` is null. `*ppcTil` is one block that the caller
/// frees with `IpcFreeMemory`; it is `NULL` until the answer is known. The list may be empty.
///
/// # Returns
/// - `S_OK`: the list.
/// - `E_INVALIDARG`: a null output, unknown flags, a wrong `cbSize`, text that is not valid.
/// - `IPCERROR_NEEDS_ONLINE`: `IPC_PROMPT_FLAG_OFFLINE` was given and no list is at hand.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid as described, with everything they point to; `ppcTil` is null or writable.
///
/// # Source
/// MSIPC reference, *IpcGetTemplateList*.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn IpcGetTemplateList(
    pConnectionInfo: PCIPC_CONNECTION_INFO,
    dwFlags: DWORD,
    lcid: LCID,
    pContext: PCIPC_PROMPT_CTX,
    pvReserved: LPVOID,
    ppcTil: *mut PCIPC_TIL,
) -> HRESULT {
    let _unused = (pConnectionInfo, dwFlags, lcid, pContext, pvReserved, ppcTil);
    entry("IpcGetTemplateList", || Err(Error::new(ErrorKind::NotSupported)))
}

/// Lists the authorities that the account may publish with, the default one first.
///
/// `pConnectionInfo` is borrowed; null or empty means the default authority. `dwFlags` are `IPC_GTIL_FLAG_` bits.
/// `pContext` is borrowed and may be null. `pvReserved` is null. `*ppcTemplateIssuers` is one block that the caller frees
/// with `IpcFreeMemory`; it is `NULL` until the answer is known. Pointers to its elements serve as issuers of new licenses.
///
/// # Returns
/// - `S_OK`: the list, with at least one entry.
/// - `E_INVALIDARG`: a null output, unknown flags, a wrong `cbSize`, text that is not valid.
/// - `IPCERROR_NEEDS_ONLINE`: `IPC_PROMPT_FLAG_OFFLINE` was given and no list is at hand.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid as described, with everything they point to; `ppcTemplateIssuers` is null or writable.
///
/// # Source
/// MSIPC reference, *IpcGetTemplateIssuerList*.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn IpcGetTemplateIssuerList(
    pConnectionInfo: PCIPC_CONNECTION_INFO,
    dwFlags: DWORD,
    pContext: PCIPC_PROMPT_CTX,
    pvReserved: LPVOID,
    ppcTemplateIssuers: *mut PCIPC_TEMPLATE_ISSUER_LIST,
) -> HRESULT {
    let _unused = (pConnectionInfo, dwFlags, pContext, pvReserved, ppcTemplateIssuers);
    entry("IpcGetTemplateIssuerList", || Err(Error::new(ErrorKind::NotSupported)))
}
