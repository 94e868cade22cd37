//! Protection of windows from screen capture, where the system can do it.

use super::base::*;
use super::boundary::entry;
use crate::error::{Error, ErrorKind, Result};

/// Keeps a window out of screenshots.
///
/// `hwnd` is a window of this process, one that no other window contains. What it shows is then seen on monitors alone.
///
/// # Returns
/// - `S_OK`: the window is protected.
/// - `IPCERROR_PROPERTY_ALREADY_SET`: it was before; callers go on.
/// - `E_INVALIDARG`: `hwnd` is null or no window, or another window contains it.
/// - `E_ACCESSDENIED`: a window of another process.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED)`: not Windows.
///
/// After any failure but `IPCERROR_PROPERTY_ALREADY_SET` the window is *not* protected.
///
/// # Threads
/// Any thread.
///
/// # Source
/// MSIPC reference, *IpcProtectWindow*, Remarks, for the second call. Success is never pretended; the code where there are no
/// such windows is our choice.
#[unsafe(no_mangle)]
pub extern "system" fn IpcProtectWindow(hwnd: HWND) -> HRESULT {
    entry("IpcProtectWindow", || change(hwnd, true))
}

/// Lets a window be captured again.
///
/// `hwnd` is a window of this process.
///
/// # Returns
/// - `S_OK`: the window can be captured.
/// - `IPCERROR_PROPERTY_ALREADY_SET`: it was not protected; callers go on.
/// - `E_INVALIDARG`: `hwnd` is null or no window, or another window contains it.
/// - `E_ACCESSDENIED`: a window of another process.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED)`: not Windows.
///
/// # Threads
/// Any thread.
///
/// # Source
/// MSIPC reference, *IpcUnprotectWindow*, Remarks, for the second call. The code where there are no such windows is our
/// choice.
#[unsafe(no_mangle)]
pub extern "system" fn IpcUnprotectWindow(hwnd: HWND) -> HRESULT {
    entry("IpcUnprotectWindow", || change(hwnd, false))
}

/// Protects a window, or ends that.
fn change(hwnd: HWND, protect: bool) -> Result<()> {
    if hwnd.is_null() {
        return Err(Error::argument("hwnd", "null"));
    }
    if on_system::is_protected(hwnd)? == protect {
        let found = if protect { "the window is protected already" } else { "the window is not protected" };
        return Err(Error::with(ErrorKind::PropertyAlreadySet, found));
    }
    on_system::set(hwnd, protect)
}

#[cfg(windows)]
mod on_system {
    use super::*;
    use std::io;

    /// `WDA_NONE`: the window is shown everywhere.
    const WDA_NONE: DWORD = 0;
    /// `WDA_MONITOR`: on monitors alone; a capture has the window, black. Every Windows since 7 knows it.
    const WDA_MONITOR: DWORD = 1;

    #[link(name = "user32")]
    unsafe extern "system" {
        fn IsWindow(window: HWND) -> BOOL;
        fn GetWindowDisplayAffinity(window: HWND, out: *mut DWORD) -> BOOL;
        fn SetWindowDisplayAffinity(window: HWND, affinity: DWORD) -> BOOL;
    }

    /// What the system said about the call that just failed.
    fn refused() -> Error {
        Error::from(io::Error::last_os_error()).context("the display affinity of the window")
    }

    pub(super) fn is_protected(hwnd: HWND) -> Result<bool> {
        // SAFETY: any value may stand for a window.
        if unsafe { IsWindow(hwnd) } == 0 {
            return Err(Error::argument("hwnd", "no window"));
        }
        let mut affinity = WDA_NONE;
        // SAFETY: any value may stand for a window; the output is a live local.
        if unsafe { GetWindowDisplayAffinity(hwnd, &raw mut affinity) } == 0 {
            return Err(refused());
        }
        Ok(affinity != WDA_NONE)
    }

    pub(super) fn set(hwnd: HWND, protect: bool) -> Result<()> {
        let affinity = if protect { WDA_MONITOR } else { WDA_NONE };
        // SAFETY: any value may stand for a window.
        if unsafe { SetWindowDisplayAffinity(hwnd, affinity) } == 0 {
            return Err(refused());
        }
        Ok(())
    }
}

#[cfg(not(windows))]
mod on_system {
    use super::*;

    pub(super) fn is_protected(_hwnd: HWND) -> Result<bool> {
        Err(Error::with(ErrorKind::NotSupported, "windows cannot be kept out of screenshots on this system"))
    }

    pub(super) fn set(_hwnd: HWND, _protect: bool) -> Result<()> {
        // Asking comes first, and fails.
        Ok(())
    }
}

#[cfg(all(test, not(windows)))]
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
