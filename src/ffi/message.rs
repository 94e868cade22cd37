//! What a code means and what to do about it, in words.

use super::base::*;
use super::boundary::{entry, last_failure};
use super::memory;
use super::message_text;
use super::out::Out;

/// Explains a code: what it means and what to do.
///
/// `hrError` is any code. `dwLanguageId` is 0 or a language; the text is English for every value. `*ppwszErrorMessageText`
/// is freed with `IpcFreeMemory`; it is `NULL` until the text is there. When `hrError` is the code of the last failure on
/// this thread, the reason of that failure follows on a line of its own.
///
/// # Returns
/// - `S_OK`: a text, for every code.
/// - `E_INVALIDARG`: a null pointer.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// `ppwszErrorMessageText` is null or writable.
///
/// # Source
/// MSIPC reference, *IpcGetErrorMessageText*. That unknown codes get a text as well is our choice.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcGetErrorMessageText(
    hrError: HRESULT,
    dwLanguageId: DWORD,
    ppwszErrorMessageText: *mut LPCWSTR,
) -> HRESULT {
    entry("IpcGetErrorMessageText", || {
        // SAFETY: null or writable, by this function's contract.
        let message = unsafe { Out::cleared(ppwszErrorMessageText, "ppwszErrorMessageText")? };
        // There is one language so far.
        let _language = dwLanguageId;
        let text = memory::text(&explain(hrError))?;
        message.set(text.hand_out());
        Ok(())
    })
}

/// The text for a code, with the reason of this thread's last failure when it had that code.
fn explain(code: HRESULT) -> String {
    let mut text = match message_text::find(code) {
        Some(known) => known.to_owned(),
        None => format!(
            "The operation ended with code 0x{code:08X}, which this library does not know. It may come from the operating \
             system or from a callback of the application; look it up there."
        ),
    };
    if let Some(failure) = last_failure().filter(|failure| failure.code == code) {
        text.push('\n');
        text.push_str(&failure.line().replace('\0', "\u{FFFD}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Error, ErrorKind};
    use crate::ffi::ext::IpcxGetLastErrorDetail;
    use crate::ffi::{constants::*, wide};

    fn text_of(code: HRESULT, language: DWORD) -> String {
        let mut text: LPCWSTR = std::ptr::null();
        // SAFETY: writable.
        assert_eq!(unsafe { IpcGetErrorMessageText(code, language, &raw mut text) }, S_OK);
        // SAFETY: the call succeeded, so the text is terminated.
        let read = unsafe { wide::read(text, "text") }.unwrap();
        memory::free(text.cast_mut().cast());
        read
    }

    #[test]
    fn every_code_has_a_text_in_every_language() {
        for code in [S_OK, S_FALSE, IPCERROR_NEEDS_ONLINE, E_INVALIDARG, 0x1234, -1, i32::MIN, i32::MAX] {
            for language in [0, 1033, 1031, u32::MAX] {
                assert!(text_of(code, language).len() > 20, "0x{code:08X}");
            }
        }
        assert!(text_of(0x7BCD_1234, 0).contains("0x7BCD1234"));
    }

    #[test]
    fn the_reason_follows_for_the_same_code_only() {
        entry("IpcTest", || Err(Error::with(ErrorKind::NeedsOnline, "policy of contoso")));
        assert!(text_of(IPCERROR_NEEDS_ONLINE, 0).ends_with("policy of contoso"));
        assert!(!text_of(IPCERROR_NEEDS_UI, 0).contains("contoso"));
    }

    #[test]
    fn null_output_is_refused_and_the_detail_names_it() {
        // SAFETY: null is allowed.
        assert_eq!(unsafe { IpcGetErrorMessageText(E_FAIL, 0, std::ptr::null_mut()) }, E_INVALIDARG);
        let mut detail: LPCWSTR = std::ptr::null();
        // SAFETY: writable.
        assert_eq!(unsafe { IpcxGetLastErrorDetail(&raw mut detail) }, S_OK);
        // SAFETY: the call succeeded after a failure, so the text is terminated.
        let read = unsafe { wide::read(detail, "detail") }.unwrap();
        assert_eq!(read, "IpcGetErrorMessageText: 0x80070057: invalid argument ppwszErrorMessageText: null");
        memory::free(detail.cast_mut().cast());
    }
}
