//! Two pieces of work at once.

use parking_lot::Mutex;

use crate::error::{Error, Result};

/// True when the system runs more than one thread at a time. Asks it each time.
#[must_use]
pub fn has_room() -> bool {
    std::thread::available_parallelism().is_ok_and(|count| count.get() > 1)
}

/// Runs `aside` on a thread of its own while `here` runs on this one. When it is not `threaded`, and when the thread does
/// not start, one runs after the other. Nothing of the application may be called from the other thread, so `aside` is to
/// be plain computation.
///
/// # Errors
/// `Internal`, when `aside` ended in a panic.
pub fn beside<A: Send, B>(
    threaded: bool,
    aside: impl FnOnce() -> A + Send,
    here: impl FnOnce() -> B,
) -> Result<(A, B)> {
    if !threaded {
        return Ok((aside(), here()));
    }
    // In a slot, so that work whose thread does not start is still here.
    let slot = Mutex::new(Some(aside));
    let run = || {
        let work = slot.lock().take();
        work.map(|work| work())
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().spawn_scoped(scope, run).ok();
        let here = here();
        let aside = match thread {
            Some(thread) => thread.join().map_err(|_| Error::internal("a thread of a call ended in a panic"))?,
            None => run(),
        };
        Ok((aside.ok_or_else(|| Error::internal("work that nobody did"))?, here))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_are_done_and_borrow_what_they_need() {
        for threaded in [true, false] {
            let text = String::from("aside");
            let mut count = 0;
            let here = || {
                count += 1;
                count
            };
            assert_eq!(beside(threaded, || text.len(), here).unwrap(), (5, 1));
        }
    }

    #[test]
    fn a_panic_aside_is_an_error_here() {
        let done = beside(true, || assert_eq!(1 + 1, 3, "expected in this test"), || 7);
        assert_eq!(*done.unwrap_err().kind(), crate::ErrorKind::Internal);
    }
}
