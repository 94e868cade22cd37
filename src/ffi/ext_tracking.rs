//! Revocation and the usage log: ours, beside the interface of the SDK.

use std::mem::offset_of;

use super::args;
use super::ask;
use super::base::*;
use super::boundary::{Fault, entry_with};
use super::memory::{Block, OutBlock};
use super::out::Out;
use super::state;
use super::types::*;
use super::wide;
use super::write;
use crate::authority::audit::{Checkpoint, LogEntry, LogFilter};
use crate::authority::revoke::Issuers;
use crate::base::time::{Timestamp, Validity};
use crate::client::Target;
use crate::error::{Error, ErrorKind, Result};

/// `IPCX_REVOCATION::dwTarget`: the content of `wszContentId`.
pub const IPCX_REVOKE_CONTENT: DWORD = 1;
/// `IPCX_REVOCATION::dwTarget`: the license of `pLicense`, with and without metadata.
pub const IPCX_REVOKE_LICENSE: DWORD = 2;
/// `IPCX_REVOCATION::dwTarget`: every license of the issuer.
pub const IPCX_REVOKE_ALL: DWORD = 3;
/// `IPCX_REVOCATION::dwFlags`: of every issuer; for administrators.
pub const IPCX_REVOKE_FLAG_EVERYBODY: DWORD = 1;
/// Most lines that one query of the usage log gives.
pub const IPCX_LOG_LINES_MAX: DWORD = 100_000;

/// What is to be revoked or restored.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct IPCX_REVOCATION {
    /// Size of this structure in bytes.
    pub cbSize: DWORD,
    /// One of the `IPCX_REVOKE_` constants.
    pub dwTarget: DWORD,
    /// `IPCX_REVOKE_FLAG_` bits.
    pub dwFlags: DWORD,
    /// With `IPCX_REVOKE_CONTENT` the content id, else null.
    pub wszContentId: LPCWSTR,
    /// With `IPCX_REVOKE_LICENSE` the license, else null.
    pub pLicense: PCIPC_BUFFER,
    /// Who protected the content; null is the account that calls. Not looked at for a license.
    pub wszIssuer: LPCWSTR,
    /// Only what was issued from this moment on, UTC; 0 is open.
    pub ftIssuedFrom: FILETIME,
    /// Only what was issued before this moment, UTC; 0 is open.
    pub ftIssuedUntil: FILETIME,
}
/// Pointer to a revocation that is only read.
pub type PCIPCX_REVOCATION = *const IPCX_REVOCATION;

/// A line of the usage log. A text is empty where the line has nothing to say.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct IPCX_LOG_ENTRY {
    /// When, UTC, to the second.
    pub ftTime: FILETIME,
    /// Number of the line, counted from 1.
    pub qwLine: DWORD64,
    /// What was asked: `AcquireLicense`, `CreatePublishingLicense`, `RevokeAccess` and the like.
    pub wszOperation: LPCWSTR,
    /// How it ended: `Success`, `AccessDenied`, `Revoked`, `Expired`, `NotYetValid`, `InvalidLicense`, `Failed`.
    pub wszResult: LPCWSTR,
    /// Who asked.
    pub wszUser: LPCWSTR,
    /// Who protected the content.
    pub wszIssuer: LPCWSTR,
    /// Who owns the content.
    pub wszOwner: LPCWSTR,
    /// The content.
    pub wszContentId: LPCWSTR,
    /// Name of the document.
    pub wszContentName: LPCWSTR,
    /// The template or the policy of its own.
    pub wszTemplateId: LPCWSTR,
    /// The rights that were granted, separated by commas.
    pub wszRights: LPCWSTR,
    /// What an administrator or a super user did.
    pub wszAction: LPCWSTR,
    /// The program.
    pub wszApplication: LPCWSTR,
    /// Identity of the request.
    pub wszRequestId: LPCWSTR,
}

/// Lines of the usage log, the oldest first.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct IPCX_LOG_LIST {
    /// How many lines follow.
    pub cEntries: DWORD,
    /// The lines; there are as many as counted.
    pub aEntries: [IPCX_LOG_ENTRY; 1],
}
/// Pointer to lines of the usage log that are only read.
pub type PCIPCX_LOG_LIST = *const IPCX_LOG_LIST;

/// The moment at a pointer, or none for null and for 0.
///
/// # Safety
/// `at` is null or readable.
unsafe fn moment(at: *const FILETIME, what: &'static str) -> Result<Option<Timestamp>> {
    if at.is_null() {
        return Ok(None);
    }
    // SAFETY: by this function's contract.
    Ok(open_moment(unsafe { args::structure(at, what)? }))
}

fn open_moment(at: FILETIME) -> Option<Timestamp> {
    Some(at.ticks()).filter(|ticks| *ticks != 0).map(Timestamp::from_filetime)
}

/// # Safety
/// `from` is null or valid with everything that it points to.
unsafe fn revocation(from: PCIPCX_REVOCATION) -> Result<(Target, Issuers, Validity)> {
    // SAFETY: by this function's contract; every member may be zero.
    let given = unsafe { args::sized(from, size_of::<IPCX_REVOCATION>(), "pRevocation")? };
    let flags = args::flags(given.dwFlags, IPCX_REVOKE_FLAG_EVERYBODY, "dwFlags")?;
    let target = match given.dwTarget {
        // SAFETY: by this function's contract.
        IPCX_REVOKE_CONTENT => Target::Content(unsafe { wide::read(given.wszContentId, "wszContentId")? }),
        // SAFETY: by this function's contract.
        IPCX_REVOKE_LICENSE => Target::License(unsafe { args::buffer(given.pLicense, "pLicense")? }.to_vec()),
        IPCX_REVOKE_ALL => Target::All,
        other => return Err(args::unknown(other, "dwTarget")),
    };
    // SAFETY: by this function's contract.
    let issuer = unsafe { wide::read_optional(given.wszIssuer, "wszIssuer")? };
    let issuers = match (flags & IPCX_REVOKE_FLAG_EVERYBODY != 0, issuer) {
        (true, Some(_)) => return Err(Error::argument("wszIssuer", "given together with everybody")),
        (true, None) => Issuers::Everybody,
        (false, Some(address)) => Issuers::Of(address),
        (false, None) => Issuers::Own,
    };
    let issued = Validity { from: open_moment(given.ftIssuedFrom), until: open_moment(given.ftIssuedUntil) };
    Ok((target, issuers, issued))
}

/// # Safety
/// Each is null or valid with everything that it points to.
unsafe fn revoke(from: PCIPCX_REVOCATION, context: PCIPC_PROMPT_CTX, restore: bool) -> Result<(), Fault> {
    // SAFETY: by this function's contract.
    let (target, issuers, issued) = unsafe { revocation(from)? };
    // SAFETY: by this function's contract.
    let prompt = ask::prompt(unsafe { args::prompt(context)? })?;

    state::environment()?.revoke(&target, issuers, issued, restore, &prompt)?;
    Ok(())
}

/// Refuses licenses from now on, to everybody but the account that protected the content and revokes it, and super users.
///
/// `pRevocation` and `pContext` are borrowed; `pContext` may be null. Use licenses that were handed out before serve where
/// nobody can ask the authority, until they end or a revocation list is imported there.
///
/// # Returns
/// - `S_OK`: revoked; also when it was before.
/// - `E_INVALIDARG`: a null pointer, a wrong size, a target that does not fit, everything of everybody at any time.
/// - `E_ACCESSDENIED`: the account did not protect the content and is no administrator. To own it is not enough.
/// - `IPCERROR_BROKEN_CERT_CHAIN`, `HRESULT_FROM_WIN32(ERROR_INVALID_DATA)`: the license is not good.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid with everything they point to.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxRevoke(pRevocation: PCIPCX_REVOCATION, pContext: PCIPC_PROMPT_CTX) -> HRESULT {
    // SAFETY: null or valid, by this function's contract.
    entry_with("IpcxRevoke", || unsafe { revoke(pRevocation, pContext, false) })
}

/// Lifts revocations with the same target, issuer and dates. An administrator lifts those of issuers too.
///
/// `pRevocation` and `pContext` are borrowed; `pContext` may be null.
///
/// # Returns
/// - `S_OK`: lifted.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: there was none that the account may lift.
/// - The codes of `IpcxRevoke`.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid with everything they point to.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxRestore(pRevocation: PCIPCX_REVOCATION, pContext: PCIPC_PROMPT_CTX) -> HRESULT {
    // SAFETY: null or valid, by this function's contract.
    entry_with("IpcxRestore", || unsafe { revoke(pRevocation, pContext, true) })
}

/// Makes a signed list of all revocations, for places that cannot ask the authority.
///
/// `dwDays` are the days after which the list is to be replaced and says nothing any more, 1 to 366. `pContext` is borrowed
/// and may be null. `*ppList` is one block that the caller frees with `IpcFreeMemory`; it is `NULL` until the list is made.
///
/// # Returns
/// - `S_OK`: the list. Its number is higher than that of every list before.
/// - `E_INVALIDARG`: a null pointer, days out of range.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// `pContext` is null or valid; `ppList` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxExportRevocationList(
    dwDays: DWORD,
    pContext: PCIPC_PROMPT_CTX,
    ppList: *mut PIPC_BUFFER,
) -> HRESULT {
    entry_with("IpcxExportRevocationList", || {
        // SAFETY: null or writable, by this function's contract.
        let list = unsafe { Out::cleared(ppList, "ppList")? };
        // SAFETY: null or valid, by this function's contract.
        let prompt = ask::prompt(unsafe { args::prompt(pContext)? })?;

        let environment = state::environment()?;
        let bytes = environment.tracking(&prompt)?.export_revocation_list(dwDays, &prompt.account)?;

        list.set(write::buffer(&bytes)?.hand_out());
        Ok(())
    })
}

/// Takes a revocation list, which holds for calls with `IPC_PROMPT_FLAG_OFFLINE` from now on.
///
/// `pList` is borrowed: what `IpcxExportRevocationList` made.
///
/// # Returns
/// - `S_OK`: taken; also when it was before.
/// - `E_INVALIDARG`: a null pointer, a list that is overdue or older than one that was taken before.
/// - `IPCERROR_BROKEN_CERT_CHAIN`: not signed by the authority.
/// - `HRESULT_FROM_WIN32(ERROR_INVALID_DATA)`: no revocation list.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// `pList` is null or readable with its bytes.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxImportRevocationList(pList: PCIPC_BUFFER) -> HRESULT {
    entry_with("IpcxImportRevocationList", || {
        // SAFETY: null or readable with its bytes, by this function's contract.
        let bytes = unsafe { args::buffer(pList, "pList")? };

        state::environment()?.carried_lists()?.import_revocation_list(bytes)?;
        Ok(())
    })
}

/// Tells who opened what and when: lines of the usage log.
///
/// `wszContentId` is read during the call only; null is every content. `pftFrom` (included) and `pftUntil` (excluded) are
/// borrowed; null is open. `cMost` is 1 to `IPCX_LOG_LINES_MAX`: the newest lines are given. `pContext` is borrowed and may
/// be null. An administrator sees every line, another account those about content that it protected. `*ppList` is one block
/// that the caller frees with `IpcFreeMemory`; it is `NULL` until the lines are read.
///
/// # Returns
/// - `S_OK`: the lines; perhaps none. That they were read is a line itself.
/// - `E_INVALIDARG`: a null pointer, a number out of range, text that is not valid.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid as described; `ppList` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxQueryUsageLog(
    wszContentId: LPCWSTR,
    pftFrom: *const FILETIME,
    pftUntil: *const FILETIME,
    cMost: DWORD,
    pContext: PCIPC_PROMPT_CTX,
    ppList: *mut PCIPCX_LOG_LIST,
) -> HRESULT {
    entry_with("IpcxQueryUsageLog", || {
        // SAFETY: null or writable, by this function's contract.
        let list = unsafe { Out::cleared(ppList, "ppList")? };
        if !(1..=IPCX_LOG_LINES_MAX).contains(&cMost) {
            return Err(Error::argument("cMost", format!("1 to {IPCX_LOG_LINES_MAX} lines are given at once")).into());
        }
        let filter = LogFilter {
            // SAFETY: null or terminated, by this function's contract.
            content_id: unsafe { wide::read_optional(wszContentId, "wszContentId")? },
            issuers: None,
            // SAFETY: null or readable, by this function's contract.
            from: unsafe { moment(pftFrom, "pftFrom")? },
            // SAFETY: null or readable, by this function's contract.
            until: unsafe { moment(pftUntil, "pftUntil")? },
            most: usize::try_from(cMost).unwrap_or(usize::MAX),
        };
        // SAFETY: null or valid, by this function's contract.
        let prompt = ask::prompt(unsafe { args::prompt(pContext)? })?;

        let environment = state::environment()?;
        let entries = environment.tracking(&prompt)?.query_log(&filter, &prompt.account)?;

        list.set(log_list(&entries)?.hand_out::<IPCX_LOG_LIST>().cast_const());
        Ok(())
    })
}

fn log_list(entries: &[LogEntry]) -> Result<Block> {
    let first = offset_of!(IPCX_LOG_LIST, aEntries);
    let mut block = OutBlock::new(first + entries.len().max(1) * size_of::<IPCX_LOG_ENTRY>())?;
    let count = DWORD::try_from(entries.len()).map_err(|_| Error::new(ErrorKind::OutOfMemory))?;
    block.put(offset_of!(IPCX_LOG_LIST, cEntries), count)?;
    for (index, entry) in entries.iter().enumerate() {
        let at = first + index * size_of::<IPCX_LOG_ENTRY>();
        block.put(at + offset_of!(IPCX_LOG_ENTRY, ftTime), FILETIME::from_ticks(entry.time.filetime()))?;
        block.put(at + offset_of!(IPCX_LOG_ENTRY, qwLine), entry.row)?;
        for (place, text) in [
            (offset_of!(IPCX_LOG_ENTRY, wszOperation), &entry.operation),
            (offset_of!(IPCX_LOG_ENTRY, wszResult), &entry.outcome),
            (offset_of!(IPCX_LOG_ENTRY, wszUser), &entry.user),
            (offset_of!(IPCX_LOG_ENTRY, wszIssuer), &entry.issuer),
            (offset_of!(IPCX_LOG_ENTRY, wszOwner), &entry.owner),
            (offset_of!(IPCX_LOG_ENTRY, wszContentId), &entry.content_id),
            (offset_of!(IPCX_LOG_ENTRY, wszContentName), &entry.content_name),
            (offset_of!(IPCX_LOG_ENTRY, wszTemplateId), &entry.template_id),
            (offset_of!(IPCX_LOG_ENTRY, wszRights), &entry.rights),
            (offset_of!(IPCX_LOG_ENTRY, wszAction), &entry.action),
            (offset_of!(IPCX_LOG_ENTRY, wszApplication), &entry.application),
            (offset_of!(IPCX_LOG_ENTRY, wszRequestId), &entry.request_id),
        ] {
            // A license of other writers may hold a NUL, which would end the text early.
            block.text(at + place, &text.replace('\0', "\u{FFFD}"))?;
        }
    }
    block.finish()
}

/// Checks that no line of the usage log was changed, removed or added, and that none is missing at its end.
///
/// `pCheckpoint` is borrowed and may be null: what `IpcxGetUsageLogCheckpoint` gave earlier and was kept elsewhere. The end
/// of the log is known back to that and to the last multiple of 256 lines. `pContext` is borrowed and may be null.
/// `*pqwLines` belongs to the caller and may be null: how many lines are good, from the first; 0 until known.
///
/// # Returns
/// - `S_OK`: the log is whole.
/// - `HRESULT_FROM_WIN32(ERROR_INVALID_DATA)`: it is not; `IpcxGetLastErrorDetail` tells the line and what was found. Or
///   `pCheckpoint` is no checkpoint.
/// - `IPCERROR_BROKEN_CERT_CHAIN`: the checkpoint is not signed by the authority.
/// - `E_ACCESSDENIED`: the account is no administrator.
///
/// # Threads
/// Any thread. Other calls that leave a line wait until it returns.
///
/// # Safety
/// Inputs are null or valid as described; `pqwLines` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxVerifyUsageLog(
    pCheckpoint: PCIPC_BUFFER,
    pContext: PCIPC_PROMPT_CTX,
    pqwLines: *mut DWORD64,
) -> HRESULT {
    entry_with("IpcxVerifyUsageLog", || {
        // SAFETY: null or writable, by this function's contract.
        let lines = unsafe { Out::optional(pqwLines) };
        let outside = if pCheckpoint.is_null() {
            None
        } else {
            // SAFETY: readable with its bytes, by this function's contract.
            let bytes = unsafe { args::buffer(pCheckpoint, "pCheckpoint")? };
            let text = std::str::from_utf8(bytes).map_err(|_| Error::malformed("checkpoint", "not UTF-8"))?;
            Some(Checkpoint::parse(text)?)
        };
        // SAFETY: null or valid, by this function's contract.
        let prompt = ask::prompt(unsafe { args::prompt(pContext)? })?;

        let environment = state::environment()?;
        let report = environment.tracking(&prompt)?.verify_log(outside.as_ref(), &prompt.account)?;

        if let Some(lines) = lines {
            lines.set(report.lines);
        }
        match report.problem {
            None => Ok(()),
            Some(problem) => {
                let text = format!("line {}: {}", problem.row, problem.what);
                Err(Error::malformed("usage log", text).into())
            }
        }
    })
}

/// Signs where the usage log stands, to be kept where nobody who can change the log can change it.
///
/// `pContext` is borrowed and may be null. `*ppCheckpoint` is one block, UTF-8 text, that the caller frees with
/// `IpcFreeMemory`; it is `NULL` until it is signed.
///
/// # Returns
/// - `S_OK`: the checkpoint, for `IpcxVerifyUsageLog`.
/// - `E_INVALIDARG`: a null pointer.
/// - `E_ACCESSDENIED`: the account is no administrator.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// `pContext` is null or valid; `ppCheckpoint` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxGetUsageLogCheckpoint(
    pContext: PCIPC_PROMPT_CTX,
    ppCheckpoint: *mut PIPC_BUFFER,
) -> HRESULT {
    entry_with("IpcxGetUsageLogCheckpoint", || {
        // SAFETY: null or writable, by this function's contract.
        let checkpoint = unsafe { Out::cleared(ppCheckpoint, "ppCheckpoint")? };
        // SAFETY: null or valid, by this function's contract.
        let prompt = ask::prompt(unsafe { args::prompt(pContext)? })?;

        let environment = state::environment()?;
        let signed = environment.tracking(&prompt)?.log_checkpoint(&prompt.account)?;

        checkpoint.set(write::buffer(signed.text().as_bytes())?.hand_out());
        Ok(())
    })
}
