//! The frame around every exported function: no panic leaves, errors become codes, the reason is kept for the thread.
//!
//! The panic hook of the process belongs to the application and stays as it is; a panic, which is a defect, may
//! therefore print a line to the error output before the call returns `E_UNEXPECTED`.

use super::base::{E_UNEXPECTED, HRESULT, S_OK};
use super::hresult;
use super::log::{self, code_text};
use super::log_line::{Masks, Object};
use crate::base::trace::{self, Facts, Level};
use crate::client::Key;
use crate::error::{Error, ErrorKind, Result};
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};

/// The last failure of a thread.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Failure {
    /// The exported function.
    pub(crate) function: &'static str,
    /// What it returned.
    pub(crate) code: HRESULT,
    /// Why, in English: one line of at most [`REASON_MAX`] bytes.
    pub(crate) reason: String,
    /// The condition in one word, and what decided.
    kind: &'static str,
    facts: Facts,
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

    fn explained(&self, masks: &Masks) -> String {
        explained(self.function, self.code, self.kind, &self.facts, masks)
    }
}

/// A question that was answered with no. Kept without an allocation.
#[derive(Clone)]
struct Denial {
    /// What the key granted is looked up when somebody asks; the key is not kept alive.
    key: Weak<Key>,
    right: [u8; RIGHT_BYTES_MAX],
    right_len: usize,
    /// The rule that decided.
    rule: &'static str,
}

/// Bytes that are kept of the name of a right. The names in use are shorter.
const RIGHT_BYTES_MAX: usize = 256;

thread_local! {
    static LAST: RefCell<Option<Failure>> = const { RefCell::new(None) };
    /// Later than the last failure; `None` when that came later.
    static DENIED: RefCell<Option<Denial>> = const { RefCell::new(None) };
}

/// Remembers that a right was asked for and is not granted.
#[cold]
pub(crate) fn denied(key: &Arc<Key>, right: &str) {
    let rule = key.why_not(right);
    let _ended = DENIED.try_with(|denied| {
        let Ok(mut denied) = denied.try_borrow_mut() else { return };
        let denied =
            denied.get_or_insert_with(|| Denial { key: Weak::new(), right: [0; RIGHT_BYTES_MAX], right_len: 0, rule });
        denied.key = Arc::downgrade(key);
        denied.rule = rule;
        denied.right_len =
            (0..=right.len().min(RIGHT_BYTES_MAX)).rfind(|end| right.is_char_boundary(*end)).unwrap_or(0);
        for (kept, byte) in denied.right.iter_mut().zip(right.bytes()) {
            *kept = byte;
        }
    });
    trace::tell(Level::Debug, "access.denied", || denial_facts(key, right, rule));
}

fn denial_facts(key: &Key, right: &str, rule: &'static str) -> Facts {
    vec![
        trace::text("right", right),
        trace::text("rule", rule),
        trace::account(key.display_name()),
        trace::text("content_id", key.content_id()),
    ]
}

/// Calls the application, whose own calls must not take the place of what this thread is about to ask for.
pub(crate) fn keeping_failures(body: impl FnOnce()) {
    let denied = DENIED.try_with(|denied| denied.try_borrow().ok().and_then(|denied| denied.clone())).ok().flatten();
    let last = last_failure();
    body();
    if let Some(last) = last {
        remember(last);
    }
    let _ended = DENIED.try_with(|kept| {
        if let Ok(mut kept) = kept.try_borrow_mut() {
            *kept = denied;
        }
    });
}

/// What this thread was refused last, as a JSON object.
pub(crate) fn explain(masks: &Masks) -> Option<String> {
    let denied = DENIED.try_with(|denied| {
        denied.try_borrow().ok().and_then(|denied| denied.as_ref().map(|denied| denied.explained(masks)))
    });
    denied.ok().flatten().or_else(|| last_failure().map(|failure| failure.explained(masks)))
}

/// The object of an explanation.
fn explained(function: &str, code: HRESULT, kind: &str, facts: &Facts, masks: &Masks) -> String {
    let mut object = Object::default();
    object.text("function", function);
    object.text("code", &code_text(code));
    object.text("kind", kind);
    for (name, fact) in facts {
        object.put(name, &masks.over(fact));
    }
    object.end()
}

impl Denial {
    fn explained(&self, masks: &Masks) -> String {
        let right = self.right.get(..self.right_len).and_then(|right| std::str::from_utf8(right).ok()).unwrap_or("");
        let facts = match self.key.upgrade() {
            Some(key) => denial_facts(&key, right, self.rule),
            None => vec![trace::text("right", right), trace::text("rule", self.rule)],
        };
        explained("IpcAccessCheck", S_OK, "right-not-granted", &facts, masks)
    }
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
    let _ended = DENIED.try_with(|denied| {
        if let Ok(mut denied) = denied.try_borrow_mut() {
            *denied = None;
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
    // A defect in the log must not leave either, nor change the answer.
    let listened_to = !trace::is_off() && catch_unwind(|| log::enter(function)).unwrap_or(false);
    let code = caught(function, body);
    if listened_to {
        let _told = catch_unwind(|| log::leave(code));
    }
    code
}

/// The code that a body ends with, by an error or by a panic.
#[inline]
fn caught(function: &'static str, body: impl FnOnce() -> Result<(), Fault>) -> HRESULT {
    // What the body was changing when it panicked is behind locks that parking_lot leaves usable, or was its own.
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => S_OK,
        Ok(Err(fault)) => fail(function, fault),
        Err(payload) => {
            // Dropping what was thrown may throw again.
            let _dropped = catch_unwind(AssertUnwindSafe(move || drop(payload)));
            let error = catch_unwind(|| Error::internal("a defect of this library was caught"));
            error.map_or(E_UNEXPECTED, |error| fail(function, Fault::with_code(E_UNEXPECTED, error)))
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

#[cold]
fn fail(function: &'static str, fault: Fault) -> HRESULT {
    let Fault { code, error } = fault;
    // Composing the reason must not undo what the frame is for.
    let _kept = catch_unwind(AssertUnwindSafe(|| {
        let kind = error.kind();
        let facts: Facts = kind.subject().into_iter().chain(error.facts().iter().cloned()).collect();
        let level = match kind {
            ErrorKind::Internal | ErrorKind::StoreUnusable | ErrorKind::OutOfMemory => Level::Error,
            _ => Level::Warning,
        };
        trace::tell(level, "call.failed", || {
            let mut told = vec![trace::text("code", code_text(code)), trace::text("kind", kind.name())];
            told.extend(facts.iter().cloned());
            told
        });
        remember(Failure { function, code, reason: one_line(&error.to_string()), kind: kind.name(), facts });
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
        assert_eq!(
            last_failure().unwrap().line(),
            "IpcTest: 0x8000FFFF: internal error: a defect of this library was caught"
        );
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
