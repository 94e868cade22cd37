//! The frame around every exported function: no panic leaves, errors become codes, the reason is kept for the thread.
//!
//! The panic hook of the process belongs to the application and stays as it is; a panic, which is a defect, may
//! therefore print a line to the error output before the call returns `E_UNEXPECTED`.

use super::base::{E_UNEXPECTED, HRESULT, S_OK};
use super::hresult;
use crate::error::{Error, Result};
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The last failure of a thread.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Failure {
    /// The exported function.
    pub(crate) function: &'static str,
    /// What it returned.
    pub(crate) code: HRESULT,
    /// Why, in English: one line of at most [`REASON_MAX`] bytes.
    pub(crate) reason: String,
}

/// Longest reason that is kept, in bytes. A reason may quote a license, which its sender wrote.
const REASON_MAX: usize = 2048;

/// A reason as one line of bounded length: whoever wrote what it quotes can neither add lines to a log nor fill memory.
fn one_line(reason: &str) -> String {
    let mut line = String::new();
    for c in reason.chars() {
        if line.len() + c.len_utf8() > REASON_MAX {
            line.push_str(" [..]");
            break;
        }
        // The second group turns the direction of text round or breaks lines.
        let is_control = c.is_control() || matches!(c, '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
        line.push(if is_control { '\u{FFFD}' } else { c });
    }
    line
}

impl Failure {
    /// One line: `IpcX: 0x80070057: reason`.
    pub(crate) fn line(&self) -> String {
        format!("{}: 0x{:08X}: {}", self.function, self.code, self.reason)
    }
}

thread_local! {
    static LAST: RefCell<Option<Failure>> = const { RefCell::new(None) };
}

/// The last failure of this thread. A later success does not erase it, because programs clean up before they ask.
pub(crate) fn last_failure() -> Option<Failure> {
    LAST.try_with(|last| last.try_borrow().ok().and_then(|last| last.clone())).ok().flatten()
}

fn remember(failure: Failure) {
    // A thread that is ending has nowhere to keep it.
    let _ended = LAST.try_with(|last| {
        if let Ok(mut last) = last.try_borrow_mut() {
            *last = Some(failure);
        }
    });
}

/// An error with the code that the page of a function demands, or that the application's callback gave.
#[derive(Debug)]
pub(crate) struct Fault {
    code: HRESULT,
    error: Error,
}

impl Fault {
    /// An error that is to be reported with a code other than that of its kind.
    pub(crate) fn with_code(code: HRESULT, error: Error) -> Self {
        Self { code, error }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self { code: hresult::code(error.kind()), error }
    }
}

/// Runs the body of an exported function: `S_OK`, or the code of the error or panic that it ended with.
pub(crate) fn entry(function: &'static str, body: impl FnOnce() -> Result<()>) -> HRESULT {
    entry_with(function, || body().map_err(Fault::from))
}

/// As [`entry`], for a body that chooses some codes itself.
pub(crate) fn entry_with(function: &'static str, body: impl FnOnce() -> Result<(), Fault>) -> HRESULT {
    // What the body was changing when it panicked is behind locks that parking_lot leaves usable, or was its own.
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => S_OK,
        Ok(Err(Fault { code, error })) => fail(function, code, || error.to_string()),
        Err(payload) => {
            // Dropping what was thrown may throw again.
            let _dropped = catch_unwind(AssertUnwindSafe(move || drop(payload)));
            fail(function, E_UNEXPECTED, || "a defect of this library was caught".to_owned())
        }
    }
}

/// Runs the body of an exported function that returns nothing.
pub(crate) fn entry_void(function: &'static str, body: impl FnOnce()) {
    entry(function, || {
        body();
        Ok(())
    });
}

fn fail(function: &'static str, code: HRESULT, reason: impl FnOnce() -> String) -> HRESULT {
    // Composing the reason must not undo what the frame is for.
    let _kept = catch_unwind(AssertUnwindSafe(|| {
        remember(Failure { function, code, reason: one_line(&reason()) });
    }));
    // A body that fails with a success code would look like it worked.
    if code < 0 { code } else { E_UNEXPECTED }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::ffi::base::{E_ABORT, E_HANDLE, E_INVALIDARG};

    #[test]
    fn a_failure_leaves_its_reason_and_a_success_leaves_it_alone() {
        let code = entry("IpcTest", || Err(Error::argument("pbInput", "null")));
        assert_eq!(code, E_INVALIDARG);
        assert_eq!(entry("IpcOther", || Ok(())), S_OK);
        assert_eq!(last_failure().unwrap().line(), "IpcTest: 0x80070057: invalid argument pbInput: null");
        assert_eq!(entry("IpcThird", || Err(ErrorKind::InvalidHandle.into())), E_HANDLE);
        assert_eq!(last_failure().unwrap().function, "IpcThird");
    }

    #[test]
    fn a_reason_is_one_line_of_bounded_length() {
        entry("IpcTest", || Err(Error::malformed("XrML", "a\nIpcFake: \u{202E}\0b")));
        let line = last_failure().unwrap().line();
        assert_eq!(line, "IpcTest: 0x8007000D: malformed XrML: a\u{FFFD}IpcFake: \u{FFFD}\u{FFFD}b");
        entry("IpcTest", || Err(Error::malformed("XrML", "ä".repeat(1 << 20))));
        let reason = last_failure().unwrap().reason;
        assert!(reason.len() <= REASON_MAX + 8 && reason.ends_with("ä [..]"), "{} bytes", reason.len());
    }

    #[test]
    fn reasons_belong_to_threads() {
        entry("IpcTest", || Err(Error::argument("pbInput", "null")));
        std::thread::spawn(|| assert_eq!(last_failure(), None)).join().unwrap();
    }

    #[test]
    fn a_panic_becomes_a_code() {
        assert_eq!(entry("IpcTest", || panic!("on purpose")), E_UNEXPECTED);
        assert_eq!(last_failure().unwrap().line(), "IpcTest: 0x8000FFFF: a defect of this library was caught");
        struct Nasty;
        impl Drop for Nasty {
            fn drop(&mut self) {
                panic!("on purpose, while dropping");
            }
        }
        assert_eq!(entry("IpcTest", || std::panic::panic_any(Nasty)), E_UNEXPECTED);
    }

    #[test]
    fn a_function_may_choose_the_code() {
        let fault = || Fault::with_code(E_ABORT, Error::new(ErrorKind::Cancelled));
        assert_eq!(entry_with("IpcTest", || Err(fault())), E_ABORT);
        assert_eq!(last_failure().unwrap().line(), "IpcTest: 0x80004004: cancelled");
        let success = || Fault::with_code(1, Error::new(ErrorKind::Cancelled));
        assert_eq!(entry_with("IpcTest", || Err(success())), E_UNEXPECTED, "S_FALSE is no failure");
    }

    #[test]
    fn a_thread_that_ends_may_still_fail() {
        struct Late;
        impl Drop for Late {
            fn drop(&mut self) {
                assert_eq!(entry("IpcLate", || Err(ErrorKind::InvalidHandle.into())), E_HANDLE);
                assert!(last_failure().is_none_or(|failure| failure.function == "IpcLate"));
            }
        }
        thread_local!(static LATE: Late = const { Late });
        std::thread::spawn(|| {
            LATE.with(|_| ());
            entry("IpcEarly", || Err(ErrorKind::InvalidHandle.into()));
        })
        .join()
        .unwrap();
    }
}
