//! Templates and the authorities that offer them.

use super::args;
use super::ask;
use super::base::*;
use super::boundary::entry_with;
use super::constants::*;
use super::out::Out;
use super::state;
use super::types::*;
use super::write;
use crate::base::locale::Lcid;

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
/// - `IPCERROR_LOCALE_NOT_FOUND`: there are templates, but none has a text in the language asked for.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: no authority is known at the address.
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
pub unsafe extern "system" fn IpcGetTemplateList(
    pConnectionInfo: PCIPC_CONNECTION_INFO,
    dwFlags: DWORD,
    lcid: LCID,
    pContext: PCIPC_PROMPT_CTX,
    pvReserved: LPVOID,
    ppcTil: *mut PCIPC_TIL,
) -> HRESULT {
    entry_with("IpcGetTemplateList", || {
        // SAFETY: null or writable, by this function's contract.
        let list = unsafe { Out::cleared(ppcTil, "ppcTil")? };
        args::flags(dwFlags, IPC_GTL_FLAG_FORCE_DOWNLOAD | IPC_GTL_FLAG_USE_PROVIDED_LICENSING_URL, "dwFlags")?;
        args::reserved(pvReserved, "pvReserved")?;
        // SAFETY: null or readable with its texts, by this function's contract.
        let connection = unsafe { args::connection(pConnectionInfo)? };
        // SAFETY: null or valid, by this function's contract.
        let prompt = ask::prompt(unsafe { args::prompt(pContext)? })?;

        let templates = state::environment()?.templates(&connection, Lcid(lcid), &prompt)?;

        list.set(write::templates(&templates)?.hand_out());
        Ok(())
    })
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
/// - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: no authority is known at the address.
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
pub unsafe extern "system" fn IpcGetTemplateIssuerList(
    pConnectionInfo: PCIPC_CONNECTION_INFO,
    dwFlags: DWORD,
    pContext: PCIPC_PROMPT_CTX,
    pvReserved: LPVOID,
    ppcTemplateIssuers: *mut PCIPC_TEMPLATE_ISSUER_LIST,
) -> HRESULT {
    entry_with("IpcGetTemplateIssuerList", || {
        // SAFETY: null or writable, by this function's contract.
        let list = unsafe { Out::cleared(ppcTemplateIssuers, "ppcTemplateIssuers")? };
        const KNOWN: DWORD = IPC_GTIL_FLAG_DEFAULT_SERVER_ONLY | IPC_GTIL_FLAG_USE_PROVIDED_LICENSING_URL;
        let flags = args::flags(dwFlags, KNOWN, "dwFlags")?;
        args::reserved(pvReserved, "pvReserved")?;
        // SAFETY: null or readable with its texts, by this function's contract.
        let connection = unsafe { args::connection(pConnectionInfo)? };
        // SAFETY: null or valid, by this function's contract.
        let prompt = ask::prompt(unsafe { args::prompt(pContext)? })?;

        let default_only = flags & IPC_GTIL_FLAG_DEFAULT_SERVER_ONLY != 0;
        let issuers = state::environment()?.template_issuers(&connection, default_only, &prompt)?;

        list.set(write::issuers(&issuers)?.hand_out());
        Ok(())
    })
}
