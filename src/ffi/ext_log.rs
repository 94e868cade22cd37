//! What the library tells about itself: a callback for its log, and the account of a refusal for programs.

use super::args;
use super::base::*;
use super::boundary::{self, entry};
use super::log::{self, Callback};
use super::memory;
use super::out::Out;
use crate::error::Error;

/// A level of the log: somebody has to repair something.
pub const IPCX_LOG_ERROR: DWORD = 1;
/// A level of the log: a refusal or a failure that the application is told.
pub const IPCX_LOG_WARNING: DWORD = 2;
/// A level of the log: what changes or decides.
pub const IPCX_LOG_INFO: DWORD = 3;
/// A level of the log: the way to a decision.
pub const IPCX_LOG_DEBUG: DWORD = 4;
/// A level of the log: every call.
pub const IPCX_LOG_CALLS: DWORD = 5;
/// A flag of `IpcxSetLogCallback`: lines are JSON objects.
pub const IPCX_LOG_JSON: DWORD = 1;

/// Told what happens in the library, one line for each event, without an end of line. `wszLine` is borrowed for the call.
/// Called on the thread of a call when that is over, without locks. It may call the library; that is not logged.
pub type IPCX_LOG_CALLBACK = Option<unsafe extern "system" fn(pvContext: LPVOID, dwLevel: DWORD, wszLine: LPCWSTR)>;

/// Names the function that is told what happens in the library; there is one in a process.
///
/// `pfnLog` is the function, or null to end it; `pvContext` is passed to it unchanged. `dwLevel` is one of the
/// `IPCX_LOG_` levels: events of that level and of more important ones are told. `dwFlags` is 0 or `IPCX_LOG_JSON`. Lines
/// are described in docs/diagnostics.md. They hold no secret; addresses and file names are masked, unless an administrator set
/// `IPCX_SETTING_LOG_PERSONAL_DATA`. `MSIPC_LOG` is independent of this.
///
/// # Returns
/// - `S_OK`: holds from the next call of any thread on. Calls of other threads that are under way may still tell the
///   function before.
/// - `E_INVALIDARG`: an unknown level or flag.
///
/// # Threads
/// Any thread. The function is called on all threads that call the library, at the same time.
///
/// # Safety
/// `pfnLog` is null, or a function that may be called with `pvContext` until it is replaced and the calls under way are over.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxSetLogCallback(
    pfnLog: IPCX_LOG_CALLBACK,
    pvContext: LPVOID,
    dwLevel: DWORD,
    dwFlags: DWORD,
) -> HRESULT {
    entry("IpcxSetLogCallback", || {
        if pfnLog.is_none() {
            log::set_callback(None);
            return Ok(());
        }
        let level = log::level(dwLevel)?;
        let flags = args::flags(dwFlags, IPCX_LOG_JSON, "dwFlags")?;
        log::set_callback(Some(Callback { function: pfnLog, context: pvContext.expose_provenance(), level, flags }));
        Ok(())
    })
}

/// Explains to a program what the calling thread was refused last: which rule, right, argument or element of a license decided.
///
/// `dwFlags` is 0. `*ppwszExplanation` is a JSON object on one line, freed with `IpcFreeMemory`; its members are described in
/// docs/diagnostics.md. It tells of the last call that failed, or of the last `IpcAccessCheck` that answered `FALSE`, whichever
/// came later; it is `NULL` when there was none on this thread. Accounts are masked as in logs, and there is no secret in it.
///
/// # Returns
/// - `S_OK`: the object, or `NULL`.
/// - `E_INVALIDARG`: a null pointer, flags that are not 0.
///
/// # Threads
/// Any thread; each has its own.
///
/// # Safety
/// `ppwszExplanation` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxExplain(dwFlags: DWORD, ppwszExplanation: *mut LPCWSTR) -> HRESULT {
    entry("IpcxExplain", || {
        // SAFETY: null or writable, by this function's contract.
        let explanation = unsafe { Out::cleared(ppwszExplanation, "ppwszExplanation")? };
        if dwFlags != 0 {
            return Err(Error::argument("dwFlags", "there are no flags"));
        }
        let Some(text) = boundary::explain(&log::masks()) else { return Ok(()) };
        explanation.set(memory::text(&text)?.hand_out());
        Ok(())
    })
}
