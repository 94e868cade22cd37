//! Outputs: cleared before anything else is looked at, set when everything else is done.
//!
//! A caller that ignores the code then reads null, 0 or `FALSE`, which in a rights library means *denied*.

use super::types::IPCF_RAW_FILE_RANGE;
use crate::error::{Error, Result};
use std::ptr::NonNull;

/// What a cleared output holds.
pub(crate) trait Cleared {
    /// Null, 0 or `FALSE`.
    const CLEARED: Self;
}

impl Cleared for u32 {
    const CLEARED: Self = 0;
}

impl Cleared for i32 {
    const CLEARED: Self = 0;
}

impl Cleared for u64 {
    const CLEARED: Self = 0;
}

impl Cleared for IPCF_RAW_FILE_RANGE {
    const CLEARED: Self = Self { qwOffset: 0, qwSize: 0 };
}

impl<T> Cleared for *mut T {
    const CLEARED: Self = std::ptr::null_mut();
}

impl<T> Cleared for *const T {
    const CLEARED: Self = std::ptr::null();
}

/// An output of the caller, cleared and waiting for its value.
///
/// A function with several outputs clears all of them before it refuses one: `let (a, b) = (Out::cleared(..),
/// Out::cleared(..)); let (a, b) = (a?, b?);`.
#[derive(Debug)]
pub(crate) struct Out<T>(NonNull<T>);

impl<T: Cleared> Out<T> {
    /// Clears an output that must be there.
    ///
    /// # Errors
    /// `InvalidArgument` when the pointer is null.
    ///
    /// # Safety
    /// `at` is null, or writable until this value ends.
    pub(crate) unsafe fn cleared(at: *mut T, what: &'static str) -> Result<Self> {
        // SAFETY: by this function's contract.
        unsafe { Self::optional(at) }.ok_or_else(|| Error::argument(what, "null"))
    }

    /// Clears an output that may be missing.
    ///
    /// # Safety
    /// As [`Out::cleared`].
    pub(crate) unsafe fn optional(at: *mut T) -> Option<Self> {
        let out = Self(NonNull::new(at)?);
        out.write(T::CLEARED);
        Some(out)
    }

    /// Sets the output: the last thing that a function does.
    pub(crate) fn set(self, value: T) {
        self.write(value);
    }

    fn write(&self, value: T) {
        // SAFETY: writable by the contract of the constructors; C may lay it out unaligned.
        unsafe { self.0.as_ptr().write_unaligned(value) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_cleared_then_set() {
        let mut number = 7u32;
        // SAFETY: writable.
        let out = unsafe { Out::cleared(&raw mut number, "pdw") }.unwrap();
        // SAFETY: `out` only writes.
        assert_eq!(unsafe { (&raw const number).read() }, 0);
        out.set(9);
        assert_eq!(number, 9);
    }

    #[test]
    fn null_is_refused_or_missing() {
        // SAFETY: null is allowed.
        let refused = unsafe { Out::<u32>::cleared(std::ptr::null_mut(), "pdw") };
        assert_eq!(refused.unwrap_err().to_string(), "invalid argument pdw: null");
        // SAFETY: null is allowed.
        assert!(unsafe { Out::<*mut u8>::optional(std::ptr::null_mut()) }.is_none());
    }
}
