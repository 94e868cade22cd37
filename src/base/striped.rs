//! Copies of a value for threads that work at once: each has one that it seldom shares, so that they do not wait for
//! each other's memory. Even counting the readers of a value that nobody changes costs more than reading it.

use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::{Mutex, RwLock};

/// Copies of a value. More threads than that share them evenly.
pub const STRIPES: usize = 8;

/// A value that shares no cache line with others: processors fetch two of them at a time.
#[repr(align(128))]
#[derive(Debug, Default)]
pub struct Apart<T>(pub T);

/// As many copies of a value as there are stripes. Who changes the value changes every copy, one after the other.
#[derive(Debug, Default)]
pub struct Striped<T>(pub [Apart<T>; STRIPES]);

impl<T> Striped<T> {
    /// Copies that `make` makes.
    #[must_use]
    pub fn new(mut make: impl FnMut() -> T) -> Self {
        Self(std::array::from_fn(|_| Apart(make())))
    }

    /// The copy of this thread.
    #[must_use]
    pub fn own(&self) -> &T {
        // The number of a stripe is below their count.
        &self.0[stripe()].0
    }
}

/// A value that is read all the time and seldom changed.
#[derive(Debug)]
pub struct Shared<T> {
    copies: Striped<RwLock<Option<T>>>,
    /// Held while the copies change, so that they are the same in the end.
    changing: Mutex<()>,
}

impl<T> Shared<T> {
    /// None yet.
    #[must_use]
    pub const fn none() -> Self {
        Self { copies: Striped([const { Apart(RwLock::new(None)) }; STRIPES]), changing: Mutex::new(()) }
    }

    /// The value.
    #[must_use]
    pub fn get(&self) -> Option<T>
    where
        T: Clone,
    {
        self.copies.own().read().clone()
    }

    /// Changes the value to what `make` makes, which should be equal each time. Returns what was there before.
    pub fn replace(&self, mut make: impl FnMut() -> Option<T>) -> [Option<T>; STRIPES] {
        // Made before, so that the locks are held for as short as can be.
        let new: [Option<T>; STRIPES] = std::array::from_fn(|_| make());
        let _changing = self.changing.lock();
        let mut copies = self.copies.0.iter();
        new.map(|new| copies.next().and_then(|copy| std::mem::replace(&mut *copy.0.write(), new)))
    }

    /// Takes the value as far as nobody is using it just now; waits for nobody.
    pub fn take_unused(&self) -> [Option<T>; STRIPES] {
        let changing = self.changing.try_lock();
        self.copies.0.each_ref().map(|copy| copy.0.try_write().filter(|_| changing.is_some())?.take())
    }
}

/// The stripe of this thread, below [`STRIPES`]: threads take turns.
#[must_use]
pub fn stripe() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static OWN: usize = NEXT.fetch_add(1, Ordering::Relaxed) % STRIPES;
    }
    OWN.with(|own| *own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_has_one_copy_and_the_next_thread_another() {
        let counts = Striped::new(|| AtomicUsize::new(0));
        let count = || counts.own().fetch_add(1, Ordering::Relaxed);
        count();
        count();
        assert_eq!(counts.0.iter().map(|count| count.0.load(Ordering::Relaxed)).max(), Some(2));
        let stripes: Vec<usize> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..STRIPES).map(|_| scope.spawn(stripe)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap_or(STRIPES)).collect()
        });
        // Threads of other tests take turns too.
        let different: std::collections::HashSet<usize> = stripes.iter().copied().collect();
        assert!(different.len() > 1 && different.iter().all(|stripe| *stripe < STRIPES), "{stripes:?}");
    }

    #[test]
    fn a_shared_value_is_the_same_for_every_thread() {
        let shared = Shared::none();
        let everywhere = || -> Vec<Option<u32>> {
            std::thread::scope(|scope| {
                let threads: Vec<_> = (0..2 * STRIPES).map(|_| scope.spawn(|| shared.get())).collect();
                threads.into_iter().filter_map(|thread| thread.join().ok()).collect()
            })
        };
        assert_eq!(everywhere(), [None; 2 * STRIPES]);
        assert_eq!(shared.replace(|| Some(7)), [None; STRIPES]);
        assert_eq!(everywhere(), [Some(7); 2 * STRIPES]);
        let in_use = shared.copies.own().read();
        let taken = shared.take_unused();
        assert_eq!(taken.iter().flatten().count(), STRIPES - 1, "the copy in use stays");
        drop(in_use);
        assert_eq!(shared.replace(|| None).iter().flatten().count(), 1);
        assert_eq!(everywhere(), [None; 2 * STRIPES]);
    }
}
