//! A clock that tests set through the C interface. Part of builds with the feature `test-clock` only, and of no header.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::args;
use super::base::*;
use super::boundary::entry;
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

pub(super) fn clock() -> Arc<dyn Clock> {
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
pub unsafe extern "system" fn IpcxTestSetTime(pftNow: *const FILETIME) -> HRESULT {
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
