//! The clock of the process: the operating system's, or in builds with the feature `test-clock` one that tests set.

use std::sync::Arc;

use super::args;
use super::ask;
use super::base::*;
use super::boundary::entry_with;
use super::state;
use super::types::*;
use crate::base::time::Clock;

/// Where the library takes the present moment from.
#[cfg(not(feature = "test-clock"))]
pub(super) fn clock() -> Arc<dyn Clock> {
    Arc::new(crate::base::time::SystemClock)
}

#[cfg(feature = "test-clock")]
pub(super) use set_by_tests::clock;

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
pub unsafe extern "C" fn IpcxResetClockMark(pContext: PCIPC_PROMPT_CTX) -> HRESULT {
    entry_with("IpcxResetClockMark", || {
        // SAFETY: null or valid, by this function's contract.
        let prompt = ask::prompt(unsafe { args::prompt(pContext)? })?;
        Ok(state::environment()?.reset_clock_mark(&prompt.account)?)
    })
}

/// Time for tests. Never part of a default build.
#[cfg(feature = "test-clock")]
mod set_by_tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::super::args;
    use super::super::base::*;
    use super::super::boundary::entry;
    use crate::base::time::{Clock, SystemClock, Timestamp};

    /// `FILETIME` value, or 0 for the clock of the operating system.
    static NOW: AtomicU64 = AtomicU64::new(0);

    #[derive(Debug)]
    struct TestClock;

    impl Clock for TestClock {
        fn now(&self) -> Timestamp {
            match NOW.load(Ordering::SeqCst) {
                0 => SystemClock.now(),
                set => Timestamp::from_filetime(set),
            }
        }
    }

    pub(in crate::ffi) fn clock() -> Arc<dyn Clock> {
        Arc::new(TestClock)
    }

    /// Sets the present moment for this process. It then stands still.
    ///
    /// `pftNow` is read during the call only; null, or 0, returns to the clock of the operating system.
    ///
    /// # Returns
    /// - `S_OK`.
    ///
    /// # Threads
    /// Any thread; holds for all, at once.
    ///
    /// # Safety
    /// `pftNow` is null or readable.
    #[unsafe(no_mangle)]
    pub unsafe extern "C" fn IpcxTestSetTime(pftNow: *const FILETIME) -> HRESULT {
        entry("IpcxTestSetTime", || {
            let now = match pftNow.is_null() {
                true => 0,
                // SAFETY: readable, by this function's contract.
                false => unsafe { args::structure(pftNow, "pftNow")? }.ticks(),
            };
            NOW.store(now, Ordering::SeqCst);
            Ok(())
        })
    }
}
