//! One, two or four AES blocks in a register, so that the kernels are written once for three widths.
//!
//! Every method needs the processor features of its width. They are inlined into the kernels, which in turn are inlined
//! into functions that have the features enabled; only these are called from outside.

#![allow(clippy::missing_safety_doc, reason = "the module says it once: the features of the width, and valid pointers")]

use std::arch::x86_64::*;

/// Units of 16 bytes in a line of the cache.
pub(super) const LINE_UNITS: usize = 4;

/// A register of whole AES blocks.
pub(super) trait Vector: Copy {
    /// AES blocks in a register.
    const LANES: usize;
    /// Bytes in a register.
    const BYTES: usize = Self::LANES * 16;

    unsafe fn load(from: *const u8) -> Self;
    unsafe fn store(self, to: *mut u8);
    /// The same block in every lane.
    unsafe fn splat(block: __m128i) -> Self;
    unsafe fn xor(self, other: Self) -> Self;
    unsafe fn add32(self, other: Self) -> Self;
    unsafe fn encrypt_round(self, key: Self) -> Self;
    unsafe fn encrypt_last(self, key: Self) -> Self;
    unsafe fn decrypt_round(self, key: Self) -> Self;
    unsafe fn decrypt_last(self, key: Self) -> Self;
    /// Bytes of each lane in the order of `mask`.
    unsafe fn shuffle(self, mask: Self) -> Self;
    /// The halves of each lane exchanged.
    unsafe fn swap_halves(self) -> Self;
    /// Carry-less product of one half of each lane with one half of the other's.
    unsafe fn multiply<const HALVES: i32>(self, other: Self) -> Self;
    /// What stands one block before each block: the last of `previous` and all but the last of this one.
    unsafe fn one_before(self, previous: Self) -> Self;
    /// A block in the first lane, zeros in the others.
    unsafe fn only_first(block: __m128i) -> Self;
    unsafe fn last(self) -> __m128i;
    /// The lanes, added.
    unsafe fn sum(self) -> __m128i;
    /// A line of each of [`Self::LANES`] chains, turned so that each register holds one unit of all chains.
    unsafe fn gather(from: *const u8, offsets: &[usize]) -> [Self; LINE_UNITS];
    /// Undoes [`Self::gather`].
    unsafe fn scatter(units: [Self; LINE_UNITS], to: *mut u8, offsets: &[usize]);
}

impl Vector for __m128i {
    const LANES: usize = 1;

    #[inline(always)]
    unsafe fn load(from: *const u8) -> Self {
        unsafe { _mm_loadu_si128(from.cast()) }
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut u8) {
        unsafe { _mm_storeu_si128(to.cast(), self) }
    }
    #[inline(always)]
    unsafe fn splat(block: __m128i) -> Self {
        block
    }
    #[inline(always)]
    unsafe fn xor(self, other: Self) -> Self {
        unsafe { _mm_xor_si128(self, other) }
    }
    #[inline(always)]
    unsafe fn add32(self, other: Self) -> Self {
        unsafe { _mm_add_epi32(self, other) }
    }
    #[inline(always)]
    unsafe fn encrypt_round(self, key: Self) -> Self {
        unsafe { _mm_aesenc_si128(self, key) }
    }
    #[inline(always)]
    unsafe fn encrypt_last(self, key: Self) -> Self {
        unsafe { _mm_aesenclast_si128(self, key) }
    }
    #[inline(always)]
    unsafe fn decrypt_round(self, key: Self) -> Self {
        unsafe { _mm_aesdec_si128(self, key) }
    }
    #[inline(always)]
    unsafe fn decrypt_last(self, key: Self) -> Self {
        unsafe { _mm_aesdeclast_si128(self, key) }
    }
    #[inline(always)]
    unsafe fn shuffle(self, mask: Self) -> Self {
        unsafe { _mm_shuffle_epi8(self, mask) }
    }
    #[inline(always)]
    unsafe fn swap_halves(self) -> Self {
        unsafe { _mm_shuffle_epi32::<0x4e>(self) }
    }
    #[inline(always)]
    unsafe fn multiply<const HALVES: i32>(self, other: Self) -> Self {
        unsafe { _mm_clmulepi64_si128::<HALVES>(self, other) }
    }
    #[inline(always)]
    unsafe fn one_before(self, previous: Self) -> Self {
        previous
    }
    #[inline(always)]
    unsafe fn only_first(block: __m128i) -> Self {
        block
    }
    #[inline(always)]
    unsafe fn last(self) -> __m128i {
        self
    }
    #[inline(always)]
    unsafe fn sum(self) -> __m128i {
        self
    }
    #[inline(always)]
    unsafe fn gather(from: *const u8, offsets: &[usize]) -> [Self; LINE_UNITS] {
        unsafe {
            let line = from.add(offsets[0]);
            [Self::load(line), Self::load(line.add(16)), Self::load(line.add(32)), Self::load(line.add(48))]
        }
    }
    #[inline(always)]
    unsafe fn scatter(units: [Self; LINE_UNITS], to: *mut u8, offsets: &[usize]) {
        unsafe {
            let line = to.add(offsets[0]);
            units[0].store(line);
            units[1].store(line.add(16));
            units[2].store(line.add(32));
            units[3].store(line.add(48));
        }
    }
}

impl Vector for __m256i {
    const LANES: usize = 2;

    #[inline(always)]
    unsafe fn load(from: *const u8) -> Self {
        unsafe { _mm256_loadu_si256(from.cast()) }
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut u8) {
        unsafe { _mm256_storeu_si256(to.cast(), self) }
    }
    #[inline(always)]
    unsafe fn splat(block: __m128i) -> Self {
        unsafe { _mm256_broadcastsi128_si256(block) }
    }
    #[inline(always)]
    unsafe fn xor(self, other: Self) -> Self {
        unsafe { _mm256_xor_si256(self, other) }
    }
    #[inline(always)]
    unsafe fn add32(self, other: Self) -> Self {
        unsafe { _mm256_add_epi32(self, other) }
    }
    #[inline(always)]
    unsafe fn encrypt_round(self, key: Self) -> Self {
        unsafe { _mm256_aesenc_epi128(self, key) }
    }
    #[inline(always)]
    unsafe fn encrypt_last(self, key: Self) -> Self {
        unsafe { _mm256_aesenclast_epi128(self, key) }
    }
    #[inline(always)]
    unsafe fn decrypt_round(self, key: Self) -> Self {
        unsafe { _mm256_aesdec_epi128(self, key) }
    }
    #[inline(always)]
    unsafe fn decrypt_last(self, key: Self) -> Self {
        unsafe { _mm256_aesdeclast_epi128(self, key) }
    }
    #[inline(always)]
    unsafe fn shuffle(self, mask: Self) -> Self {
        unsafe { _mm256_shuffle_epi8(self, mask) }
    }
    #[inline(always)]
    unsafe fn swap_halves(self) -> Self {
        unsafe { _mm256_shuffle_epi32::<0x4e>(self) }
    }
    #[inline(always)]
    unsafe fn multiply<const HALVES: i32>(self, other: Self) -> Self {
        unsafe { _mm256_clmulepi64_epi128::<HALVES>(self, other) }
    }
    #[inline(always)]
    unsafe fn one_before(self, previous: Self) -> Self {
        unsafe { _mm256_permute2x128_si256::<0x21>(previous, self) }
    }
    #[inline(always)]
    unsafe fn only_first(block: __m128i) -> Self {
        unsafe { _mm256_zextsi128_si256(block) }
    }
    #[inline(always)]
    unsafe fn last(self) -> __m128i {
        unsafe { _mm256_extracti128_si256::<1>(self) }
    }
    #[inline(always)]
    unsafe fn sum(self) -> __m128i {
        unsafe { _mm256_castsi256_si128(self).xor(self.last()) }
    }
    #[inline(always)]
    unsafe fn gather(from: *const u8, offsets: &[usize]) -> [Self; LINE_UNITS] {
        unsafe {
            let (a, b) = (from.add(offsets[0]), from.add(offsets[1]));
            let (a01, a23) = (Self::load(a), Self::load(a.add(32)));
            let (b01, b23) = (Self::load(b), Self::load(b.add(32)));
            turn_256([a01, a23, b01, b23])
        }
    }
    #[inline(always)]
    unsafe fn scatter(units: [Self; LINE_UNITS], to: *mut u8, offsets: &[usize]) {
        unsafe {
            // Lanes of a and b beside each other become a's and b's lines again by the same exchange.
            let (a, b) = (to.add(offsets[0]), to.add(offsets[1]));
            _mm256_permute2x128_si256::<0x20>(units[0], units[1]).store(a);
            _mm256_permute2x128_si256::<0x20>(units[2], units[3]).store(a.add(32));
            _mm256_permute2x128_si256::<0x31>(units[0], units[1]).store(b);
            _mm256_permute2x128_si256::<0x31>(units[2], units[3]).store(b.add(32));
        }
    }
}

/// Units 0 1 and 2 3 of two chains become units 0, 1, 2 and 3 of both.
#[inline(always)]
unsafe fn turn_256([a01, a23, b01, b23]: [__m256i; 4]) -> [__m256i; 4] {
    unsafe {
        [
            _mm256_permute2x128_si256::<0x20>(a01, b01),
            _mm256_permute2x128_si256::<0x31>(a01, b01),
            _mm256_permute2x128_si256::<0x20>(a23, b23),
            _mm256_permute2x128_si256::<0x31>(a23, b23),
        ]
    }
}

impl Vector for __m512i {
    const LANES: usize = 4;

    #[inline(always)]
    unsafe fn load(from: *const u8) -> Self {
        unsafe { _mm512_loadu_si512(from.cast()) }
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut u8) {
        unsafe { _mm512_storeu_si512(to.cast(), self) }
    }
    #[inline(always)]
    unsafe fn splat(block: __m128i) -> Self {
        unsafe { _mm512_broadcast_i32x4(block) }
    }
    #[inline(always)]
    unsafe fn xor(self, other: Self) -> Self {
        unsafe { _mm512_xor_si512(self, other) }
    }
    #[inline(always)]
    unsafe fn add32(self, other: Self) -> Self {
        unsafe { _mm512_add_epi32(self, other) }
    }
    #[inline(always)]
    unsafe fn encrypt_round(self, key: Self) -> Self {
        unsafe { _mm512_aesenc_epi128(self, key) }
    }
    #[inline(always)]
    unsafe fn encrypt_last(self, key: Self) -> Self {
        unsafe { _mm512_aesenclast_epi128(self, key) }
    }
    #[inline(always)]
    unsafe fn decrypt_round(self, key: Self) -> Self {
        unsafe { _mm512_aesdec_epi128(self, key) }
    }
    #[inline(always)]
    unsafe fn decrypt_last(self, key: Self) -> Self {
        unsafe { _mm512_aesdeclast_epi128(self, key) }
    }
    #[inline(always)]
    unsafe fn shuffle(self, mask: Self) -> Self {
        unsafe { _mm512_shuffle_epi8(self, mask) }
    }
    #[inline(always)]
    unsafe fn swap_halves(self) -> Self {
        unsafe { _mm512_shuffle_epi32::<0x4e>(self) }
    }
    #[inline(always)]
    unsafe fn multiply<const HALVES: i32>(self, other: Self) -> Self {
        unsafe { _mm512_clmulepi64_epi128::<HALVES>(self, other) }
    }
    #[inline(always)]
    unsafe fn one_before(self, previous: Self) -> Self {
        unsafe { _mm512_alignr_epi64::<6>(self, previous) }
    }
    #[inline(always)]
    unsafe fn only_first(block: __m128i) -> Self {
        unsafe { _mm512_zextsi128_si512(block) }
    }
    #[inline(always)]
    unsafe fn last(self) -> __m128i {
        unsafe { _mm512_extracti32x4_epi32::<3>(self) }
    }
    #[inline(always)]
    unsafe fn sum(self) -> __m128i {
        unsafe {
            let halves = _mm256_xor_si256(_mm512_castsi512_si256(self), _mm512_extracti64x4_epi64::<1>(self));
            halves.sum()
        }
    }
    #[inline(always)]
    unsafe fn gather(from: *const u8, offsets: &[usize]) -> [Self; LINE_UNITS] {
        unsafe {
            turn_512([
                Self::load(from.add(offsets[0])),
                Self::load(from.add(offsets[1])),
                Self::load(from.add(offsets[2])),
                Self::load(from.add(offsets[3])),
            ])
        }
    }
    #[inline(always)]
    unsafe fn scatter(units: [Self; LINE_UNITS], to: *mut u8, offsets: &[usize]) {
        unsafe {
            let lines = turn_512(units);
            lines[0].store(to.add(offsets[0]));
            lines[1].store(to.add(offsets[1]));
            lines[2].store(to.add(offsets[2]));
            lines[3].store(to.add(offsets[3]));
        }
    }
}

/// Four by four blocks, rows and columns exchanged.
#[inline(always)]
unsafe fn turn_512([a, b, c, d]: [__m512i; 4]) -> [__m512i; 4] {
    unsafe {
        let ab_low = _mm512_shuffle_i64x2::<0x44>(a, b);
        let ab_high = _mm512_shuffle_i64x2::<0xee>(a, b);
        let cd_low = _mm512_shuffle_i64x2::<0x44>(c, d);
        let cd_high = _mm512_shuffle_i64x2::<0xee>(c, d);
        [
            _mm512_shuffle_i64x2::<0x88>(ab_low, cd_low),
            _mm512_shuffle_i64x2::<0xdd>(ab_low, cd_low),
            _mm512_shuffle_i64x2::<0x88>(ab_high, cd_high),
            _mm512_shuffle_i64x2::<0xdd>(ab_high, cd_high),
        ]
    }
}
