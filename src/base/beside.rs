//! Work in parts, on two threads.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::error::{Error, Result};

/// True when the system runs more than one thread at a time. Asks it each time.
#[must_use]
pub fn has_room() -> bool {
    std::thread::available_parallelism().is_ok_and(|count| count.get() > 1)
}

/// Works through `parts` on a thread of its own while `here` runs on this one, which then does its share of what is left.
/// When it is not `threaded`, and when the thread does not start, all is done here. The results are in the order of the
/// parts. Nothing of the application may be called from the other thread, so `work` is to compute, or to read what is the
/// library's own.
///
/// # Errors
/// `Internal`, when `work` ended in a panic on the other thread.
pub fn beside<P: Sync, A: Send, B>(
    threaded: bool,
    parts: &[P],
    work: impl Fn(usize, &P) -> A + Sync,
    here: impl FnOnce() -> B,
) -> Result<(Vec<A>, B)> {
    let next = AtomicUsize::new(0);
    let take = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(part) = parts.get(at) else { return done };
            done.push((at, work(at, part)));
        }
    };
    if !threaded || parts.is_empty() {
        let here = here();
        return Ok((take().into_iter().map(|(_, result)| result).collect(), here));
    }
    let (mut done, here) = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().spawn_scoped(scope, take).ok();
        let here = here();
        let mut done = take();
        if let Some(thread) = thread {
            done.extend(thread.join().map_err(|_| Error::internal("a thread of a call ended in a panic"))?);
        }
        Ok::<_, Error>((done, here))
    })?;
    done.sort_unstable_by_key(|(at, _)| *at);
    Ok((done.into_iter().map(|(_, result)| result).collect(), here))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_done_once_and_in_order() {
        for (threaded, count) in [(true, 100), (true, 1), (true, 0), (false, 100), (false, 0)] {
            let parts: Vec<usize> = (0..count).map(|part| part * 3).collect();
            let mut calls = 0;
            let here = || {
                calls += 1;
                calls
            };
            let expected: Vec<(usize, usize)> = parts.iter().copied().enumerate().collect();
            assert_eq!(beside(threaded, &parts, |at, part| (at, *part), here).unwrap(), (expected, 1));
        }
    }

    #[test]
    fn both_threads_take_parts() {
        let meeting = std::sync::Barrier::new(2);
        let wait = |_: usize, _: &()| {
            // Nobody passes alone.
            meeting.wait();
            std::thread::current().id()
        };
        let (threads, ()) = beside(true, &[(), ()], wait, || ()).unwrap();
        assert_ne!(threads[0], threads[1]);
    }

    #[test]
    fn a_panic_aside_is_an_error_here() {
        let here = std::thread::current().id();
        let started = std::sync::Barrier::new(2);
        let fail_aside = |_: usize, _: &()| {
            started.wait();
            assert_eq!(std::thread::current().id(), here, "expected in this test");
        };
        let done = beside(true, &[(), ()], fail_aside, || ());
        assert_eq!(*done.unwrap_err().kind(), crate::ErrorKind::Internal);
    }
}
