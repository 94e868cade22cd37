//! Protection of windows from screen capture, where the system can do it.

use super::base::*;
use super::boundary::entry;
use crate::error::{Error, ErrorKind, Result};

/// Keeps a window out of screenshots.
///
/// `hwnd` is a window of this process.
///
/// # Returns
/// - `E_INVALIDARG`: `hwnd` is null.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED)`: the system offers no way to do it. The window is *not* protected.
///
/// # Threads
/// Any thread.
///
/// # Source
/// MSIPC reference, *IpcProtectWindow*. Success is never pretended; the code is our choice.
#[unsafe(no_mangle)]
pub extern "C" fn IpcProtectWindow(hwnd: HWND) -> HRESULT {
    entry("IpcProtectWindow", || without_mechanism(hwnd))
}

/// Lets a window be captured again.
///
/// `hwnd` is a window of this process.
///
/// # Returns
/// - `E_INVALIDARG`: `hwnd` is null.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED)`: the system offers no way to protect windows.
///
/// # Threads
/// Any thread.
///
/// # Source
/// MSIPC reference, *IpcUnprotectWindow*. The code is our choice.
#[unsafe(no_mangle)]
pub extern "C" fn IpcUnprotectWindow(hwnd: HWND) -> HRESULT {
    entry("IpcUnprotectWindow", || without_mechanism(hwnd))
}

fn without_mechanism(hwnd: HWND) -> Result<()> {
    if hwnd.is_null() {
        return Err(Error::argument("hwnd", "null"));
    }
    Err(Error::with(ErrorKind::NotSupported, "windows cannot be kept out of screenshots on this system"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn success_is_never_pretended() {
        let window = std::ptr::without_provenance_mut(1);
        for protect in [IpcProtectWindow, IpcUnprotectWindow] {
            assert_eq!(protect(std::ptr::null_mut()), E_INVALIDARG);
            assert_eq!(protect(window), hresult_from_win32(ERROR_NOT_SUPPORTED));
        }
    }
}
