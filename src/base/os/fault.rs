//! Faults for tests: steps that change a disk fail, or end the process, when a test asked for it.
//!
//! In builds that are used there are no faults: [`step`] is an empty function.

/// A step that changes what is on a disk is about to be made.
///
/// # Errors
/// When a test asked that this step fails.
#[cfg(not(any(test, feature = "test-clock")))]
#[inline]
pub fn step() -> std::io::Result<()> {
    Ok(())
}

#[cfg(any(test, feature = "test-clock"))]
pub use asked::step;
#[cfg(test)]
pub use asked::{Fault, failing_at, failing_once_at};

#[cfg(any(test, feature = "test-clock"))]
mod asked {
    use std::cell::Cell;
    use std::io;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    thread_local! {
        /// Steps that this thread still makes before one fails.
        static LEFT: Cell<Option<u64>> = const { Cell::new(None) };
        /// Steps after the one that fails succeed again.
        static ONCE: Cell<bool> = const { Cell::new(false) };
        /// Steps that this thread made.
        static MADE: Cell<u64> = const { Cell::new(0) };
    }

    /// Names the step at which the process is to die as if it were killed, counted from 0.
    const KILL_VARIABLE: &str = "MSIPC_TEST_KILL_STEP";

    /// See [`super::step`].
    ///
    /// # Errors
    /// When a test asked that this step fails.
    pub fn step() -> io::Result<()> {
        static KILL_AT: OnceLock<Option<u64>> = OnceLock::new();
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let kill_at = KILL_AT.get_or_init(|| std::env::var(KILL_VARIABLE).ok().and_then(|text| text.parse().ok()));
        if *kill_at == Some(COUNT.fetch_add(1, Ordering::SeqCst)) {
            super::super::platform::kill_own_process();
        }
        MADE.set(MADE.get() + 1);
        match LEFT.get() {
            Some(0) => {
                if ONCE.get() {
                    LEFT.set(None);
                }
                Err(io::Error::from(io::ErrorKind::StorageFull))
            }
            Some(left) => {
                LEFT.set(Some(left - 1));
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// The faults of a thread, until it is dropped.
    #[cfg(test)]
    #[derive(Debug)]
    pub struct Fault(u64);

    /// Lets the step with this number, counted from 0, and all later ones of this thread fail, as on a disk that is gone.
    #[cfg(test)]
    pub fn failing_at(step: u64) -> Fault {
        begin(step, false)
    }

    /// Lets the step with this number, counted from 0, fail, as where something stands in the way.
    #[cfg(test)]
    pub fn failing_once_at(step: u64) -> Fault {
        begin(step, true)
    }

    #[cfg(test)]
    fn begin(step: u64, once: bool) -> Fault {
        MADE.set(0);
        LEFT.set(Some(step));
        ONCE.set(once);
        Fault(step)
    }

    #[cfg(test)]
    impl Fault {
        /// True when a step failed.
        pub fn happened(&self) -> bool {
            MADE.get() > self.0
        }
    }

    #[cfg(test)]
    impl Drop for Fault {
        fn drop(&mut self) {
            LEFT.set(None);
        }
    }
}
