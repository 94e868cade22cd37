//! The clock of the process: the operating system's, or in builds with the feature `test-clock` one that tests set.

use super::args;
use super::ask;
use super::base::*;
use super::boundary::entry_with;
use super::state;
use super::types::*;

/// Where the library takes the present moment from.
#[cfg(not(feature = "test-clock"))]
pub(super) fn clock() -> std::sync::Arc<dyn crate::base::time::Clock> {
    std::sync::Arc::new(crate::base::time::SystemClock)
}

#[cfg(feature = "test-clock")]
pub(super) use super::test_clock::clock;

/// Accepts the present moment as right, after the clock of the machine had been wrong.
///
/// The library remembers the latest moment that it saw. While the clock is more than five minutes behind it, use licenses
/// that were kept do not serve: `IpcGetKey` asks the authority anew, and with `IPC_PROMPT_FLAG_OFFLINE` it returns
/// `IPCERROR_CLOCK_ROLL_BACK_DETECTED`. When the clock had been ahead by mistake, an administrator ends that here.
/// `pContext` is borrowed and may be null: on whose behalf.
///
/// # Returns
/// - `S_OK`: the present moment is now the latest that was seen.
/// - `E_ACCESSDENIED`: the account does not administer the embedded authority.
/// - `E_INVALIDARG`: a wrong `cbSize`, unknown flags.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// `pContext` is null or valid with everything that it points to.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxResetClockMark(pContext: PCIPC_PROMPT_CTX) -> HRESULT {
    entry_with("IpcxResetClockMark", || {
        // SAFETY: null or valid, by this function's contract.
        let prompt = ask::prompt(unsafe { args::prompt(pContext)? })?;
        Ok(state::environment()?.reset_clock_mark(&prompt.account)?)
    })
}
