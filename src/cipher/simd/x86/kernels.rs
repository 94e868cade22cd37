//! AES in the modes of the content ciphers, for any width of [`Vector`].
//!
//! All functions here are inlined into callers that have the processor features enabled. Inputs and outputs are the same
//! memory or do not overlap, but where a function says more.

use std::arch::x86_64::*;

use super::vector::{LINE_UNITS, Vector};
use crate::cipher::simd::Chains;

/// Bytes in a line of the cache.
const LINE: usize = LINE_UNITS * 16;
/// Registers that are decrypted together.
const RUN: usize = 8;
/// Most chains that are encrypted side by side.
const MOST: usize = 16;
/// Bytes that sets of chains without content work on.
pub(super) const SCRAP: usize = 512;

#[inline(always)]
unsafe fn key<V: Vector>(key: &[u8; 16]) -> V {
    unsafe { V::splat(_mm_loadu_si128(key.as_ptr().cast())) }
}

/// Encrypts `N` registers beside each other.
#[inline(always)]
pub(super) unsafe fn encrypt<V: Vector, const N: usize>(keys: &[[u8; 16]], mut blocks: [V; N]) -> [V; N] {
    unsafe {
        let [first, middle @ .., last] = keys else { return blocks };
        let first = key(first);
        for block in &mut blocks {
            *block = block.xor(first);
        }
        for round in middle {
            let round = key(round);
            for block in &mut blocks {
                *block = block.encrypt_round(round);
            }
        }
        let last = key(last);
        for block in &mut blocks {
            *block = block.encrypt_last(last);
        }
        blocks
    }
}

/// Decrypts `N` registers beside each other.
#[inline(always)]
unsafe fn decrypt<V: Vector, const N: usize>(keys: &[[u8; 16]], mut blocks: [V; N]) -> [V; N] {
    unsafe {
        let [first, middle @ .., last] = keys else { return blocks };
        let first = key(first);
        for block in &mut blocks {
            *block = block.xor(first);
        }
        for round in middle {
            let round = key(round);
            for block in &mut blocks {
                *block = block.decrypt_round(round);
            }
        }
        let last = key(last);
        for block in &mut blocks {
            *block = block.decrypt_last(last);
        }
        blocks
    }
}

/// Encrypts up to `G` times `V::LANES` whole chains that follow each other; idle lanes repeat the last one.
///
/// # Safety
/// `from` and `to` hold `count` chains; `count` is at least 1.
#[inline(always)]
pub(super) unsafe fn chains<V: Vector, const G: usize>(
    keys: &[[u8; 16]],
    layout: Chains,
    (first, index): (u32, usize),
    count: usize,
    from: *const u8,
    to: *mut u8,
) {
    unsafe {
        let length = layout.block_bytes;
        let mut offsets = [0usize; MOST];
        let mut vectors = [[0u8; 16]; MOST];
        for (lane, (offset, vector)) in offsets.iter_mut().zip(&mut vectors).enumerate() {
            let chain = lane.min(count - 1);
            *offset = chain * length;
            *vector = layout.vector_input(first, index + chain);
        }
        let mut chained = [V::splat(_mm_setzero_si128()); G];
        for (group, chained) in chained.iter_mut().enumerate() {
            *chained = V::load(vectors.as_ptr().add(group * V::LANES).cast());
        }
        let mut chained = encrypt(keys, chained);

        // The chains lie whole blocks of content apart, where they compete for the same few lines of the cache; so each
        // line is fetched and stored once.
        let mut line = 0;
        while line < length {
            let mut staged = [[V::splat(_mm_setzero_si128()); LINE_UNITS]; G];
            for (group, staged) in staged.iter_mut().enumerate() {
                *staged = V::gather(from.add(line), &offsets[group * V::LANES..]);
            }
            for unit in 0..LINE_UNITS {
                for (chained, staged) in chained.iter_mut().zip(&staged) {
                    *chained = chained.xor(staged[unit]);
                }
                chained = encrypt(keys, chained);
                for (chained, staged) in chained.iter().zip(&mut staged) {
                    staged[unit] = *chained;
                }
            }
            for (group, staged) in staged.iter().enumerate() {
                V::scatter(*staged, to.add(line), &offsets[group * V::LANES..]);
            }
            line += LINE;
        }
    }
}

/// Encrypts `sets` times `V::LANES` whole chains, `G` sets beside each other and each a `G`th of a block behind
/// the one before it. Chains at the same place of their blocks compete for the same few lines of the cache; here those
/// of one set do, in [`chains`] all. Sets that wait for their turn, or have none left, work on scrap.
///
/// # Safety
/// `from` and `to` hold the chains. A block of content is `G` times a whole number of lines, and at most `G` times
/// [`SCRAP`].
#[inline(always)]
pub(super) unsafe fn staggered<V: Vector, const G: usize>(
    keys: &[[u8; 16]],
    layout: Chains,
    first: u32,
    sets: usize,
    from: *const u8,
    to: *mut u8,
) {
    unsafe {
        let length = layout.block_bytes;
        let mut scrap = [0u8; SCRAP];
        let scrap = scrap.as_mut_ptr();
        let mut sources = [scrap.cast_const(); G];
        let mut targets = [scrap; G];
        let mut strides = [0; G];
        let mut chained = [V::splat(_mm_setzero_si128()); G];
        for beat in 0..sets.next_multiple_of(G) + G - 1 {
            let (group, set) = (beat % G, beat);
            strides[group] = if set < sets { length } else { 0 };
            if set < sets {
                let chain = set * V::LANES;
                sources[group] = from.add(chain * length);
                targets[group] = to.add(chain * length);
                let mut vectors = [[0u8; 16]; 4];
                for (lane, vector) in vectors.iter_mut().enumerate() {
                    *vector = layout.vector_input(first, chain + lane);
                }
                [chained[group]] = encrypt(keys, [V::load(vectors.as_ptr().cast())]);
            }
            for group in 0..G {
                if strides[group] == 0 {
                    sources[group] = scrap;
                    targets[group] = scrap;
                }
            }
            for _ in 0..length / G / LINE {
                let mut staged = [[V::splat(_mm_setzero_si128()); LINE_UNITS]; G];
                for group in 0..G {
                    let stride = strides[group];
                    staged[group] = V::gather(sources[group], &[0, stride, 2 * stride, 3 * stride]);
                    sources[group] = sources[group].add(LINE);
                }
                for unit in 0..LINE_UNITS {
                    for (chained, staged) in chained.iter_mut().zip(&staged) {
                        *chained = chained.xor(staged[unit]);
                    }
                    chained = encrypt(keys, chained);
                    for (chained, staged) in chained.iter().zip(&mut staged) {
                        staged[unit] = *chained;
                    }
                }
                for group in 0..G {
                    let stride = strides[group];
                    V::scatter(staged[group], targets[group], &[0, stride, 2 * stride, 3 * stride]);
                    targets[group] = targets[group].add(LINE);
                }
            }
        }
    }
}

/// Encrypts one chain of any number of units.
///
/// # Safety
/// `from` and `to` hold `units` units.
#[inline(always)]
pub(super) unsafe fn chain(keys: &[[u8; 16]], start: [u8; 16], units: usize, from: *const u8, to: *mut u8) {
    unsafe {
        let [first, middle @ .., last] = keys else { return };
        if units == 0 {
            return;
        }
        let (first, last): (__m128i, __m128i) = (key(first), key(last));
        let [start] = encrypt(keys, [__m128i::load(start.as_ptr())]);
        let mut block = start.xor(__m128i::load(from).xor(first));
        for unit in 0..units {
            for round in middle {
                block = block.encrypt_round(key(round));
            }
            // Adding the next unit and its first key together with the last key saves the chain an instruction.
            let is_end = unit + 1 == units;
            let next = if is_end { _mm_setzero_si128() } else { __m128i::load(from.add((unit + 1) * 16)).xor(first) };
            block = block.encrypt_last(last.xor(next));
            block.xor(next).store(to.add(unit * 16));
        }
    }
}

/// Decrypts one chain of any number of units.
///
/// # Safety
/// `from` and `to` hold `units` units.
#[inline(always)]
pub(super) unsafe fn unchain<V: Vector>(
    encrypting: &[[u8; 16]],
    decrypting: &[[u8; 16]],
    start: [u8; 16],
    units: usize,
    from: *const u8,
    to: *mut u8,
) {
    unsafe {
        let [start] = encrypt(encrypting, [_mm_loadu_si128(start.as_ptr().cast::<__m128i>())]);
        let mut before = V::splat(start);
        let mut unit = 0;
        while unit + RUN * V::LANES <= units {
            let (source, target) = (from.add(unit * 16), to.add(unit * 16));
            let mut read = [before; RUN];
            for (index, block) in read.iter_mut().enumerate() {
                *block = V::load(source.add(index * V::BYTES));
            }
            let opened = decrypt(decrypting, read);
            for (index, block) in opened.into_iter().enumerate() {
                block.xor(read[index].one_before(before)).store(target.add(index * V::BYTES));
                before = read[index];
            }
            unit += RUN * V::LANES;
        }
        while unit + V::LANES <= units {
            let read = V::load(from.add(unit * 16));
            let [opened] = decrypt(decrypting, [read]);
            opened.xor(read.one_before(before)).store(to.add(unit * 16));
            before = read;
            unit += V::LANES;
        }
        let mut before = before.last();
        while unit < units {
            let read = __m128i::load(from.add(unit * 16));
            let [opened] = decrypt(decrypting, [read]);
            opened.xor(before).store(to.add(unit * 16));
            before = read;
            unit += 1;
        }
    }
}

/// Encrypts or decrypts units that do not depend on each other.
///
/// # Safety
/// `from` and `to` hold `units` units.
#[inline(always)]
pub(super) unsafe fn units<V: Vector, const ENCRYPT: bool>(
    keys: &[[u8; 16]],
    units: usize,
    from: *const u8,
    to: *mut u8,
) {
    unsafe {
        let mut unit = 0;
        while unit + RUN * V::LANES <= units {
            let mut blocks = [V::splat(_mm_setzero_si128()); RUN];
            for (index, block) in blocks.iter_mut().enumerate() {
                *block = V::load(from.add(unit * 16 + index * V::BYTES));
            }
            blocks = if ENCRYPT { encrypt(keys, blocks) } else { decrypt(keys, blocks) };
            for (index, block) in blocks.into_iter().enumerate() {
                block.store(to.add(unit * 16 + index * V::BYTES));
            }
            unit += RUN * V::LANES;
        }
        while unit < units {
            let blocks = [__m128i::load(from.add(unit * 16))];
            let [block] = if ENCRYPT { encrypt(keys, blocks) } else { decrypt(keys, blocks) };
            block.store(to.add(unit * 16));
            unit += 1;
        }
    }
}
