//! Blocks under honest and dishonest use.

use super::*;
use crate::ffi::base::{FILETIME, LPCWSTR};
use std::mem::offset_of;

#[repr(C)]
struct Person {
    age: u32,
    name: LPCWSTR,
    nickname: LPCWSTR,
    born: FILETIME,
}

#[repr(C)]
struct People {
    count: u32,
    all: [Person; 1],
}

fn registry() -> &'static Blocks {
    // Leaked so that blocks may refer to it for good, as they do to the one of the process.
    Box::leak(Box::new(Blocks(Mutex::new(None))))
}

impl Blocks {
    fn live(&self) -> usize {
        self.0.lock().as_ref().map_or(0, |state| state.live.len())
    }

    fn kept_back(&self) -> usize {
        self.0.lock().as_ref().map_or(0, |state| state.kept_back.len())
    }

    /// Lets go of everything, so that a leak checker sees a clean end.
    fn clear(&self) {
        let state = self.0.lock().take().unwrap_or_default();
        for (start, size) in state.live.into_iter().chain(state.kept_back) {
            release(start, size);
        }
    }
}

#[test]
fn a_list_with_texts_is_one_block() {
    let names = ["Ada", "Grace 🔒", ""];
    let mut block = OutBlock::new(offset_of!(People, all) + names.len() * size_of::<Person>()).unwrap();
    block.put(offset_of!(People, count), 3u32).unwrap();
    for (index, name) in names.iter().enumerate() {
        let at = offset_of!(People, all) + index * size_of::<Person>();
        block.put(at + offset_of!(Person, age), 40 + u32::try_from(index).unwrap()).unwrap();
        block.put(at + offset_of!(Person, born), FILETIME::from_ticks(1 << 40 | 5)).unwrap();
        block.text(at + offset_of!(Person, name), name).unwrap();
        block.text_optional(at + offset_of!(Person, nickname), None).unwrap();
    }
    let list: *mut People = block.finish().unwrap().hand_out();
    assert_eq!(offset_of!(People, all), 8 * usize::from(usize::BITS == 64) + 4 * usize::from(usize::BITS == 32));
    // SAFETY: the block begins with the structure.
    let count = unsafe { (*list).count };
    assert_eq!(count, 3);
    // SAFETY: the array lies inside the block.
    let first = unsafe { std::ptr::addr_of!((*list).all).cast::<Person>() };
    for (index, name) in names.iter().enumerate() {
        // SAFETY: the block holds three.
        let person = unsafe { first.add(index) };
        // SAFETY: as above, and nobody writes it.
        let person = unsafe { &*person };
        assert_eq!(person.age, 40 + u32::try_from(index).unwrap());
        assert_eq!(person.born.ticks(), 1 << 40 | 5);
        assert!(person.nickname.is_null());
        // SAFETY: the name lies in the block and is terminated.
        assert_eq!(unsafe { wide::read(person.name, "name") }.unwrap(), *name);
    }
    free(list.cast());
    free(list.cast());
}

#[test]
fn fields_outside_the_block_are_a_defect_and_no_damage() {
    let mut block = OutBlock::new(8).unwrap();
    for place in [5, 8, 9, usize::MAX] {
        assert_eq!(block.put(place, 1u32).unwrap_err().kind(), &ErrorKind::Internal);
    }
    assert!(block.point(1, 0).is_err());
    assert!(block.point(0, 9).is_err());
    assert!(block.text(0, "a\0b").is_err());
    assert!(OutBlock::new(usize::MAX).is_err());
}

#[test]
fn null_foreign_and_second_frees_do_nothing() {
    let blocks = registry();
    let mut local = 7u64;
    blocks.free(std::ptr::null_mut());
    blocks.free(std::ptr::from_mut(&mut local).cast());
    blocks.free(std::ptr::without_provenance_mut(usize::MAX));
    let block: *mut u8 = blocks.publish(&[1, 2, 3], &[]).unwrap().hand_out();
    // SAFETY: inside the block.
    blocks.free(unsafe { block.add(1) }.cast());
    assert_eq!(blocks.live(), 1, "the middle of a block is not the block");
    blocks.free(block.cast());
    blocks.free(block.cast());
    assert_eq!((blocks.live(), blocks.kept_back()), (0, 1));
    assert_eq!(local, 7);
    blocks.clear();
}

#[test]
fn a_freed_block_is_emptied_and_its_address_kept_back() {
    let blocks = registry();
    let block: *mut u8 = blocks.publish(b"secret", &[]).unwrap().hand_out();
    blocks.free(block.cast());
    // SAFETY: kept back, so still allocated.
    let content = unsafe { std::slice::from_raw_parts(block, 6) };
    assert_eq!(content, [0; 6]);
    let others = if cfg!(miri) { 50 } else { KEPT_BACK };
    for _ in 0..others {
        let other: *mut u8 = blocks.publish(b"another", &[]).unwrap().hand_out();
        assert_ne!(other, block);
        blocks.free(other.cast());
    }
    assert_eq!(blocks.kept_back(), others.min(KEPT_BACK - 1) + 1);
    blocks.clear();
}

#[test]
#[cfg_attr(miri, ignore = "tens of megabytes, one byte at a time")]
fn what_is_kept_back_is_bounded_by_bytes() {
    let blocks = registry();
    let quarter = vec![1u8; KEPT_BACK_BYTES / 4];
    for _ in 0..12 {
        drop(blocks.publish(&quarter, &[]).unwrap());
    }
    assert_eq!(blocks.kept_back(), 5, "the oldest and the four quarters freed after it");
    drop(blocks.publish(&vec![1u8; 2 * KEPT_BACK_BYTES], &[]).unwrap());
    assert_eq!(blocks.kept_back(), 1);
    blocks.clear();
}

#[test]
fn a_block_not_handed_out_is_freed() {
    let blocks = registry();
    let block = blocks.publish(b"never seen", &[]).unwrap();
    assert_eq!(blocks.live(), 1);
    drop(block);
    assert_eq!(blocks.live(), 0);
    blocks.clear();
}

#[test]
fn threads_make_and_free_blocks_at_once() {
    let rounds = if cfg!(miri) { 10 } else { 3_000 };
    let blocks = registry();
    std::thread::scope(|scope| {
        for thread in 0u8..4 {
            scope.spawn(move || {
                for round in 0..rounds {
                    let block: *mut u8 = blocks.publish(&[thread; 40], &[]).unwrap().hand_out();
                    // SAFETY: this thread's own block.
                    let content = unsafe { std::slice::from_raw_parts(block, 40) };
                    assert_eq!(content, [thread; 40], "round {round}");
                    blocks.free(block.cast());
                    blocks.free(block.cast());
                }
            });
        }
    });
    assert_eq!(blocks.live(), 0);
    blocks.clear();
}
