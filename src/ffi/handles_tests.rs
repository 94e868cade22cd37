//! Handles under honest and dishonest use.

use super::*;
use std::collections::HashSet;
use std::sync::atomic::AtomicBool;

#[derive(Debug)]
struct Apple(usize);
impl Handled for Apple {
    const KIND: Kind = Kind::Key;
}

#[derive(Debug)]
struct Pear;
impl Handled for Pear {
    const KIND: Kind = Kind::File;
}

/// Says that it ended.
struct Witness(Arc<AtomicBool>);
impl Handled for Witness {
    const KIND: Kind = Kind::AuthToken;
}
impl Drop for Witness {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

fn refused<T: std::fmt::Debug>(answer: Result<T>) {
    assert_eq!(answer.unwrap_err().kind(), &ErrorKind::InvalidHandle);
}

fn number(number: usize) -> *mut c_void {
    std::ptr::without_provenance_mut(number)
}

#[test]
fn a_handle_finds_its_object_until_it_is_closed() {
    let registry = Registry::new(GENERATIONS_END);
    let handle = registry.open(Arc::new(Apple(7))).unwrap();
    assert!(!handle.is_null());
    assert_eq!(registry.get::<Apple>(handle).unwrap().0, 7);
    registry.close(handle).unwrap();
    refused(registry.get::<Apple>(handle));
    refused(registry.close(handle));
}

#[test]
fn another_kind_is_refused_and_stays_open() {
    let registry = Registry::new(GENERATIONS_END);
    let handle = registry.open(Arc::new(Pear)).unwrap();
    refused(registry.get::<Apple>(handle));
    for kind in 0..1usize << KIND_BITS {
        let forged = number(handle.addr() & !((1 << KIND_BITS) - 1) | kind);
        if forged != handle {
            refused(registry.get::<Apple>(forged));
            refused(registry.close(forged));
        }
    }
    registry.get::<Pear>(handle).unwrap();
}

#[test]
fn foreign_numbers_are_refused() {
    let registry = Registry::new(GENERATIONS_END);
    let handle = registry.open(Arc::new(Apple(1))).unwrap();
    let local = 0u32;
    let mut foreign = vec![number(0), number(usize::MAX), number(1), number(std::ptr::from_ref(&local).addr())];
    foreign.extend((0..usize::BITS).map(|bit| number(handle.addr() ^ 1 << bit)));
    for handle in foreign {
        refused(registry.get::<Apple>(handle));
        refused(registry.close(handle));
    }
    registry.get::<Apple>(handle).unwrap();
}

#[test]
fn an_object_in_use_outlives_its_handle() {
    let registry = Registry::new(GENERATIONS_END);
    let ended = Arc::new(AtomicBool::new(false));
    let handle = registry.open(Arc::new(Witness(Arc::clone(&ended)))).unwrap();
    let in_use = registry.get::<Witness>(handle).unwrap();
    registry.close(handle).unwrap();
    assert!(!ended.load(Ordering::SeqCst));
    drop(in_use);
    assert!(ended.load(Ordering::SeqCst));
}

#[test]
fn a_slot_is_retired_when_its_generations_are_used_up() {
    let registry = Registry::new(4);
    let mut seen = HashSet::new();
    for round in 0..SHARDS_PER_STRIPE * 12 {
        let handle = registry.open(Arc::new(Apple(round))).unwrap();
        assert!(seen.insert(handle.addr()), "a closed handle came back");
        registry.close(handle).unwrap();
    }
    let slots: usize = registry.shards.iter().map(|shard| shard.0.read().all.len()).sum();
    assert_eq!(slots, SHARDS_PER_STRIPE * 4, "three generations to a slot, twelve rounds");
    let own = stripe() * SHARDS_PER_STRIPE..(stripe() + 1) * SHARDS_PER_STRIPE;
    assert!(registry.shards[own].iter().all(|shard| shard.0.read().all.len() == 4), "evenly");
}

#[test]
fn parts_survive_the_number() {
    for parts in [
        Parts { generation: 1, shard: 0, index: 0, kind: 1 },
        Parts { generation: GENERATIONS_END - 1, shard: SHARDS - 1, index: SLOTS_PER_SHARD - 1, kind: 5 },
    ] {
        assert_eq!(Parts::of(parts.handle()), parts);
    }
}

#[test]
fn threads_open_use_and_close_at_once() {
    let rounds = if cfg!(miri) { 20 } else { 5_000 };
    let registry = Registry::new(GENERATIONS_END);
    let shared = registry.open(Arc::new(Apple(usize::MAX))).unwrap();
    let stale = registry.open(Arc::new(Apple(0))).unwrap();
    registry.close(stale).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let registry = &registry;
            let (shared, stale) = (shared.addr(), stale.addr());
            scope.spawn(move || {
                for round in 0..rounds {
                    let mine = registry.open(Arc::new(Apple(thread * rounds + round))).unwrap();
                    assert_eq!(registry.get::<Apple>(mine).unwrap().0, thread * rounds + round);
                    assert_eq!(registry.get::<Apple>(number(shared)).unwrap().0, usize::MAX);
                    refused(registry.get::<Apple>(number(stale)));
                    registry.close(mine).unwrap();
                    refused(registry.close(mine));
                }
            });
        }
    });
}

#[test]
fn one_of_many_threads_closes() {
    let rounds = if cfg!(miri) { 5 } else { 500 };
    let registry = Registry::new(GENERATIONS_END);
    for round in 0..rounds {
        let handle = registry.open(Arc::new(Apple(round))).unwrap().addr();
        let closed = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    if let Ok(apple) = registry.get::<Apple>(number(handle)) {
                        assert_eq!(apple.0, round);
                    }
                    closed.fetch_add(usize::from(registry.close(number(handle)).is_ok()), Ordering::SeqCst);
                });
            }
        });
        assert_eq!(closed.into_inner(), 1);
    }
}
