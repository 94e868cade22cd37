//! Round keys of AES-128, AES-192 and AES-256 (FIPS 197, 5.2), made with the AES instructions so that no table is read.

use std::arch::x86_64::*;

use zeroize::{Zeroize, ZeroizeOnDrop};

/// Most round keys that a key length has.
const MOST: usize = 15;

/// Round keys for both directions. Wiped on drop.
#[derive(Zeroize, ZeroizeOnDrop)]
#[repr(align(64))]
pub(super) struct RoundKeys {
    encrypt: [[u8; 16]; MOST],
    decrypt: [[u8; 16]; MOST],
    count: usize,
}

impl RoundKeys {
    /// The round keys of a key of 16, 24 or 32 bytes; none for another length.
    ///
    /// # Safety
    /// The processor has AES instructions.
    #[target_feature(enable = "aes,sse2")]
    pub(super) unsafe fn new(key: &[u8]) -> Option<Self> {
        let words = key.len() / 4;
        if !key.len().is_multiple_of(4) || ![4, 6, 8].contains(&words) {
            return None;
        }
        let count = words + 7;
        let mut keys = Self { encrypt: [[0; 16]; MOST], decrypt: [[0; 16]; MOST], count };
        let schedule = keys.encrypt.as_flattened_mut();
        schedule[..key.len()].copy_from_slice(key);
        let mut constant = 1u8;
        for at in words..count * 4 {
            let mut word = [0; 4];
            word.copy_from_slice(&schedule[(at - 1) * 4..at * 4]);
            if at % words == 0 {
                word = substitute(word);
                word.rotate_left(1);
                word[0] ^= constant;
                constant = (constant << 1) ^ ((constant >> 7) * 0x1b);
            } else if words == 8 && at % words == 4 {
                word = substitute(word);
            }
            for (byte, value) in word.iter().enumerate() {
                schedule[at * 4 + byte] = schedule[(at - words) * 4 + byte] ^ value;
            }
            word.zeroize();
        }
        for round in 0..count {
            let key = keys.encrypt[count - 1 - round];
            let is_end = round == 0 || round == count - 1;
            keys.decrypt[round] = if is_end { key } else { inverse_mixed(key) };
        }
        Some(keys)
    }

    /// Keys to encrypt with, one more than there are rounds.
    #[inline(always)]
    pub(super) fn encrypting(&self) -> &[[u8; 16]] {
        &self.encrypt[..self.count]
    }

    /// Keys to decrypt with.
    #[inline(always)]
    pub(super) fn decrypting(&self) -> &[[u8; 16]] {
        &self.decrypt[..self.count]
    }
}

/// The S-box on the four bytes of a word.
#[target_feature(enable = "aes,sse2")]
fn substitute(word: [u8; 4]) -> [u8; 4] {
    let placed = _mm_cvtsi32_si128(i32::from_ne_bytes(word));
    // The first word of the result is the S-box of the second word of the operand.
    let placed = _mm_shuffle_epi32::<0>(placed);
    _mm_cvtsi128_si32(_mm_aeskeygenassist_si128::<0>(placed)).to_ne_bytes()
}

#[target_feature(enable = "aes,sse2")]
fn inverse_mixed(key: [u8; 16]) -> [u8; 16] {
    let [low, high] = [0, 8].map(|at| {
        let mut half = [0; 8];
        half.copy_from_slice(&key[at..at + 8]);
        i64::from_ne_bytes(half)
    });
    let mixed = _mm_aesimc_si128(_mm_set_epi64x(high, low));
    let mut out = [0; 16];
    out[..8].copy_from_slice(&_mm_cvtsi128_si64(mixed).to_ne_bytes());
    out[8..].copy_from_slice(&_mm_cvtsi128_si64(_mm_unpackhi_epi64(mixed, mixed)).to_ne_bytes());
    out
}
