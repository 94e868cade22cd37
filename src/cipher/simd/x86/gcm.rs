//! Galois/counter mode (NIST SP 800-38D) for short messages, for any width of [`Vector`].
//!
//! Blocks are multiplied in the byte-reversed form of POLYVAL (RFC 8452, appendix A), so that no bits need turning. A run
//! of registers is multiplied with as many powers of the hash key and reduced once. The functions are inlined into callers
//! that have the processor features enabled.

use std::arch::x86_64::*;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::kernels::encrypt;
use super::vector::Vector;

/// Registers that are taken together.
const RUN: usize = 8;
/// Most blocks in a run.
const MOST: usize = RUN * 4;

/// Powers of the hash key, the highest first. Wiped on drop.
#[derive(Zeroize, ZeroizeOnDrop)]
#[repr(align(64))]
pub(super) struct Powers([[u8; 16]; MOST]);

impl Powers {
    /// The powers for the hash key that the round keys make.
    ///
    /// # Safety
    /// The processor has AES instructions, carry-less products and SSSE3.
    #[target_feature(enable = "aes,pclmulqdq,ssse3")]
    pub(super) unsafe fn new(keys: &[[u8; 16]]) -> Self {
        unsafe {
            let [key] = encrypt(keys, [_mm_setzero_si128()]);
            let mut reversed = Zeroizing::new([0; 16]);
            reverse(key).store(reversed.as_mut_ptr());
            let number = u128::from_le_bytes(*reversed);
            // Times x, so that a product of reversed operands needs no shift.
            let carry = 0u128.wrapping_sub(number >> 127);
            let number = (number << 1) ^ (carry & 0xc200_0000_0000_0000_0000_0000_0000_0001);
            let mut powers = Self([[0; 16]; MOST]);
            powers.0[MOST - 1] = number.to_le_bytes();
            let first = __m128i::load(powers.0[MOST - 1].as_ptr());
            let mut power = first;
            for place in powers.0[..MOST - 1].iter_mut().rev() {
                power = product(power, first);
                power.store(place.as_mut_ptr());
            }
            powers
        }
    }

    /// The powers for `blocks` blocks that follow each other.
    #[inline(always)]
    unsafe fn of(&self, blocks: usize) -> *const u8 {
        self.0[MOST - blocks..].as_ptr().cast()
    }
}

/// The 16 bytes of each block in reverse.
#[inline(always)]
unsafe fn reverse<V: Vector>(blocks: V) -> V {
    unsafe { blocks.shuffle(V::splat(_mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15))) }
}

/// A product of 256 bits before it is reduced: its low, middle and high parts.
#[derive(Copy, Clone)]
struct Wide<V>(V, V, V);

impl<V: Vector> Wide<V> {
    #[inline(always)]
    unsafe fn of(a: V, b: V) -> Self {
        unsafe { Self(a.multiply::<0x00>(b), a.multiply::<0x01>(b).xor(a.multiply::<0x10>(b)), a.multiply::<0x11>(b)) }
    }

    #[inline(always)]
    unsafe fn plus(self, other: Self) -> Self {
        unsafe { Self(self.0.xor(other.0), self.1.xor(other.1), self.2.xor(other.2)) }
    }

    /// Folds the lower half into the upper one, 64 bits at a time.
    #[inline(always)]
    unsafe fn reduced(self) -> V {
        unsafe {
            let polynomial = V::splat(_mm_set_epi64x(0xc200_0000_0000_0000_u64.cast_signed(), 1));
            let Self(low, middle, high) = self;
            let middle = middle.xor(low.swap_halves()).xor(polynomial.multiply::<0x01>(low));
            high.xor(middle.swap_halves()).xor(polynomial.multiply::<0x01>(middle))
        }
    }
}

#[inline(always)]
unsafe fn product(a: __m128i, b: __m128i) -> __m128i {
    unsafe { Wide::of(a, b).reduced() }
}

/// The hash of what came before and a run of registers.
#[inline(always)]
unsafe fn hash_run<V: Vector>(powers: &Powers, before: __m128i, run: [V; RUN]) -> __m128i {
    unsafe {
        let factors = powers.of(RUN * V::LANES);
        let mut sum = Wide::of(reverse(run[1]), V::load(factors.add(V::BYTES)));
        for (index, blocks) in run.into_iter().enumerate().skip(2) {
            sum = sum.plus(Wide::of(reverse(blocks), V::load(factors.add(index * V::BYTES))));
        }
        // Last, because only this waits for the run before.
        sum = sum.plus(Wide::of(reverse(run[0]).xor(V::only_first(before)), V::load(factors)));
        sum.reduced().sum()
    }
}

/// The counter blocks of a run, byte-reversed so that the counter is a number, and what brings them to the next run.
struct Counters<V> {
    next: V,
    step: V,
}

impl<V: Vector> Counters<V> {
    /// Counter blocks for the text of a message: 2 and on.
    #[inline(always)]
    unsafe fn new(nonce: [u8; 12]) -> Self {
        unsafe {
            let mut blocks = [0; 64];
            for (index, block) in (2u8..).zip(blocks.chunks_exact_mut(16)) {
                block[..12].copy_from_slice(&nonce);
                block[15] = index;
            }
            let step = i32::try_from(V::LANES).unwrap_or_default();
            Self { next: reverse(V::load(blocks.as_ptr())), step: V::splat(_mm_set_epi32(0, 0, 0, step)) }
        }
    }

    /// A run of key stream.
    #[inline(always)]
    unsafe fn stream(&mut self, keys: &[[u8; 16]]) -> [V; RUN] {
        unsafe {
            let mut blocks = [self.next; RUN];
            for block in &mut blocks {
                *block = reverse(self.next);
                self.next = self.next.add32(self.step);
            }
            encrypt(keys, blocks)
        }
    }
}

#[inline(always)]
unsafe fn load_run<V: Vector>(from: *const u8) -> [V; RUN] {
    unsafe {
        let mut run = [V::load(from); RUN];
        for (index, blocks) in run.iter_mut().enumerate().skip(1) {
            *blocks = V::load(from.add(index * V::BYTES));
        }
        run
    }
}

#[inline(always)]
unsafe fn store_run<V: Vector>(run: [V; RUN], to: *mut u8) {
    unsafe {
        for (index, blocks) in run.into_iter().enumerate() {
            blocks.store(to.add(index * V::BYTES));
        }
    }
}

#[inline(always)]
unsafe fn xor_runs<V: Vector>(mut run: [V; RUN], other: [V; RUN]) -> [V; RUN] {
    unsafe {
        for (blocks, other) in run.iter_mut().zip(other) {
            *blocks = blocks.xor(other);
        }
        run
    }
}

/// The hash of what came before and fewer bytes than a run, filled up with zeros to a whole block.
#[inline(always)]
unsafe fn hash_rest<V: Vector>(powers: &Powers, before: __m128i, from: *const u8, length: usize) -> __m128i {
    unsafe {
        let mut hash = before;
        let first = __m128i::load(powers.of(1));
        for at in (0..length).step_by(16) {
            let mut block = [0u8; 16];
            std::ptr::copy_nonoverlapping(from.add(at), block.as_mut_ptr(), (length - at).min(16));
            hash = product(reverse(__m128i::load(block.as_ptr())).xor(hash), first);
        }
        hash
    }
}

/// The hash of the associated data, up to 16 bytes.
#[inline(always)]
unsafe fn hash_associated(powers: &Powers, associated: &[u8; 16]) -> __m128i {
    unsafe { product(reverse(__m128i::load(associated.as_ptr())), __m128i::load(powers.of(1))) }
}

/// The tag: the hash, the lengths and the first counter block.
#[inline(always)]
unsafe fn finish(
    keys: &[[u8; 16]],
    powers: &Powers,
    nonce: [u8; 12],
    hash: __m128i,
    associated: usize,
    length: usize,
) -> [u8; 16] {
    unsafe {
        let bits = |bytes: usize| (bytes as u64 * 8).cast_signed();
        let lengths = _mm_set_epi64x(bits(associated), bits(length));
        let hash = product(hash.xor(lengths), __m128i::load(powers.of(1)));
        let mut start = [0; 16];
        start[..12].copy_from_slice(&nonce);
        start[15] = 1;
        let [mask] = encrypt(keys, [__m128i::load(start.as_ptr())]);
        let mut tag = [0; 16];
        reverse(hash).xor(mask).store(tag.as_mut_ptr());
        tag
    }
}

/// Encrypts a message and returns its tag. `associated` is the associated data filled up with zeros, `associated_len` its
/// length.
///
/// # Safety
/// `from` and `to` hold `length` bytes and are the same or do not overlap.
#[inline(always)]
pub(super) unsafe fn seal<V: Vector>(
    (keys, powers): (&[[u8; 16]], &Powers),
    nonce: [u8; 12],
    (associated, associated_len): (&[u8; 16], usize),
    from: *const u8,
    to: *mut u8,
    length: usize,
) -> [u8; 16] {
    unsafe {
        let mut hash = hash_associated(powers, associated);
        let mut counters = Counters::<V>::new(nonce);
        let mut at = 0;
        while at + RUN * V::BYTES <= length {
            let text = xor_runs(counters.stream(keys), load_run(from.add(at)));
            store_run(text, to.add(at));
            hash = hash_run(powers, hash, text);
            at += RUN * V::BYTES;
        }
        if at < length {
            rest(keys, &mut counters, from.add(at), to.add(at), length - at);
            hash = hash_rest::<V>(powers, hash, to.add(at), length - at);
        }
        finish(keys, powers, nonce, hash, associated_len, length)
    }
}

/// The tag that a message of this ciphertext has.
///
/// # Safety
/// `from` holds `length` bytes.
#[inline(always)]
pub(super) unsafe fn tag<V: Vector>(
    (keys, powers): (&[[u8; 16]], &Powers),
    nonce: [u8; 12],
    (associated, associated_len): (&[u8; 16], usize),
    from: *const u8,
    length: usize,
) -> [u8; 16] {
    unsafe {
        let mut hash = hash_associated(powers, associated);
        let mut at = 0;
        while at + RUN * V::BYTES <= length {
            hash = hash_run(powers, hash, load_run::<V>(from.add(at)));
            at += RUN * V::BYTES;
        }
        hash = hash_rest::<V>(powers, hash, from.add(at), length - at);
        finish(keys, powers, nonce, hash, associated_len, length)
    }
}

/// Decrypts a message whose tag was found right.
///
/// # Safety
/// `from` and `to` hold `length` bytes. They may overlap when `to` is not behind `from`.
#[inline(always)]
pub(super) unsafe fn decipher<V: Vector>(
    keys: &[[u8; 16]],
    nonce: [u8; 12],
    from: *const u8,
    to: *mut u8,
    length: usize,
) {
    unsafe {
        let mut counters = Counters::<V>::new(nonce);
        let mut at = 0;
        while at + RUN * V::BYTES <= length {
            store_run(xor_runs(counters.stream(keys), load_run(from.add(at))), to.add(at));
            at += RUN * V::BYTES;
        }
        if at < length {
            rest(keys, &mut counters, from.add(at), to.add(at), length - at);
        }
    }
}

/// Adds key stream to fewer bytes than a run.
#[inline(always)]
unsafe fn rest<V: Vector>(keys: &[[u8; 16]], counters: &mut Counters<V>, from: *const u8, to: *mut u8, length: usize) {
    unsafe {
        let mut bytes = Zeroizing::new([0u8; MOST * 16]);
        std::ptr::copy_nonoverlapping(from, bytes.as_mut_ptr(), length);
        store_run(xor_runs(counters.stream(keys), load_run(bytes.as_ptr())), bytes.as_mut_ptr());
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), to, length);
    }
}
