//! The event that cancels a call: an event handle on Windows, elsewhere a file descriptor that becomes readable.

use std::sync::Arc;

use super::args::CancelEvent;
use crate::error::{Error, Result};

/// Whether an event is set.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
enum State {
    Quiet,
    Set,
    /// It is no event, or not any more.
    Gone,
}

/// What the core asks whether the application wants the call to end.
pub(super) type Cancelled = Arc<dyn Fn() -> bool + Send + Sync>;

/// Watches the event of a call; nothing when there is none.
///
/// # Errors
/// `InvalidArgument` when the value is no event.
pub(super) fn watch(event: CancelEvent) -> Result<Option<Cancelled>> {
    if event == CancelEvent::default() {
        return Ok(None);
    }
    if state(event) == State::Gone {
        return Err(Error::argument("pContext->hCancelEvent", "neither an event nor made with IPCX_CANCEL_FD"));
    }
    // An event that goes away in the middle of the call wants nothing any more.
    Ok(Some(Arc::new(move || state(event) == State::Set)))
}

#[cfg(unix)]
fn state(event: CancelEvent) -> State {
    // IPCX_CANCEL_FD adds one, so that descriptor 0 is not null.
    let Ok(descriptor) = i32::try_from(event.0.wrapping_sub(1)) else { return State::Gone };
    let mut asked = libc::pollfd { fd: descriptor, events: libc::POLLIN, revents: 0 };
    // SAFETY: one structure, which is writable. A descriptor that is not open is an answer, not a fault.
    let answer = unsafe { libc::poll(&raw mut asked, 1, 0) };
    match asked.revents {
        _ if answer < 0 => State::Quiet,
        revents if revents & libc::POLLNVAL != 0 => State::Gone,
        // The other end of a pipe was closed: whoever could cancel is gone.
        revents if revents & (libc::POLLIN | libc::POLLHUP | libc::POLLERR) != 0 => State::Set,
        _ => State::Quiet,
    }
}

#[cfg(windows)]
fn state(event: CancelEvent) -> State {
    const WAIT_OBJECT_0: u32 = 0;
    const WAIT_TIMEOUT: u32 = 258;

    #[link(name = "kernel32")]
    unsafe extern "system" {
        fn WaitForSingleObject(handle: *mut std::ffi::c_void, milliseconds: u32) -> u32;
    }

    // -1 and -2 stand for the process and the thread, which would never be set.
    if event.0.wrapping_add(2) < 2 {
        return State::Gone;
    }
    // SAFETY: a value that is no handle is an answer, not a fault; nothing is waited for.
    match unsafe { WaitForSingleObject(std::ptr::without_provenance_mut(event.0), 0) } {
        WAIT_OBJECT_0 => State::Set,
        WAIT_TIMEOUT => State::Quiet,
        _ => State::Gone,
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::io::Write;
    use std::os::fd::AsRawFd;

    fn event(descriptor: i32) -> CancelEvent {
        CancelEvent(usize::try_from(descriptor + 1).unwrap_or_default())
    }

    #[test]
    fn a_descriptor_cancels_when_it_becomes_readable() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let cancelled = watch(event(reader.as_raw_fd())).unwrap().unwrap();
        assert!(!cancelled());
        writer.write_all(b"x").unwrap();
        assert!(cancelled() && cancelled(), "it stays set until somebody reads");
    }

    #[test]
    fn a_closed_pipe_cancels() {
        let (reader, writer) = std::io::pipe().unwrap();
        let cancelled = watch(event(reader.as_raw_fd())).unwrap().unwrap();
        drop(writer);
        assert!(cancelled());
    }

    #[test]
    fn what_is_no_event_is_refused() {
        assert!(watch(CancelEvent(0)).unwrap().is_none());
        assert!(watch(CancelEvent(usize::MAX)).is_err());
        assert!(watch(event(1_000_000)).is_err(), "not open");
    }
}
