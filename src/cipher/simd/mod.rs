//! AES on registers of several blocks, where the processor has them, chosen when a key is made ready; and SHA-256 of two
//! messages at once.
//!
//! One of the few places with unsafe code: the instructions may only run where the processor has them, and memory is
//! reached by address because input and output may be the same. Everything outside sees the safe [`Units`], [`Gcm`] and
//! [`sha256_pair`].

#[cfg(not(target_arch = "x86_64"))]
#[path = "other.rs"]
mod machine;
#[cfg(target_arch = "x86_64")]
#[path = "x86/mod.rs"]
mod machine;

use std::sync::atomic::{AtomicU8, Ordering};

use ::aes::Block;
use ::aes::cipher::inout::InOutBuf;
use zeroize::Zeroizing;

use crate::crypto::Sha256;

/// Which instructions the content ciphers use.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Path {
    /// What the `aes` and `aws-lc` libraries choose.
    Portable = 1,
    /// AES-NI and carry-less products, one block in a register.
    AesNi = 2,
    /// VAES and VPCLMULQDQ, two blocks in a register.
    Vaes256 = 3,
    /// VAES and VPCLMULQDQ with AVX-512, four blocks in a register.
    Vaes512 = 4,
}

impl Path {
    /// Every path, the narrowest first.
    pub const ALL: [Self; 4] = [Self::Portable, Self::AesNi, Self::Vaes256, Self::Vaes512];

    /// Whether this processor has the instructions.
    #[must_use]
    pub fn is_supported(self) -> bool {
        self <= machine::supported()
    }

    /// The path that keys made ready from now on take.
    #[must_use]
    pub fn chosen() -> Self {
        match FORCED.load(Ordering::Relaxed) {
            0 => machine::supported(),
            number => Self::ALL.into_iter().find(|path| *path as u8 == number).unwrap_or(Self::Portable),
        }
    }

    /// Makes the process take this path; for tests and measurements. Every path gives the same bytes.
    ///
    /// Returns false, and changes nothing, when the processor does not have it.
    #[must_use]
    pub fn force(self) -> bool {
        let supported = self.is_supported();
        if supported {
            FORCED.store(self as u8, Ordering::Relaxed);
        }
        supported
    }
}

static FORCED: AtomicU8 = AtomicU8::new(0);

/// How content is cut into chains.
#[derive(Copy, Clone, Debug)]
pub(super) struct Chains {
    /// Bytes of a whole block of content, a multiple of 64.
    pub(super) block_bytes: usize,
    /// What a block number is multiplied with to make the initialization vector.
    pub(super) scale: u64,
}

impl Chains {
    /// What is encrypted to make the initialization vector of the block `index` blocks behind `first`.
    #[inline(always)]
    pub(super) fn vector_input(self, first: u32, index: usize) -> [u8; 16] {
        let mut block = [0; 16];
        let number = (u64::from(first) + index as u64).wrapping_mul(self.scale);
        block[..8].copy_from_slice(&number.to_le_bytes());
        block
    }
}

/// SHA-256 of two messages, each in two parts: at once where the processor has instructions for it, the lengths are the same
/// and the path is not the portable one, which takes little longer than one of them. The digests are the same in any case.
#[must_use]
pub fn sha256_pair(heads: [&[u8]; 2], bodies: [&[u8]; 2]) -> [[u8; 32]; 2] {
    let at_once = if Path::chosen() == Path::Portable { None } else { machine::sha256_pair(heads, bodies) };
    at_once.unwrap_or_else(|| {
        [0, 1].map(|message| {
            let mut hash = Sha256::new();
            hash.update(heads[message]);
            hash.update(bodies[message]);
            hash.finish()
        })
    })
}

/// A key schedule for units of 16 bytes.
pub(super) struct Units(machine::Units);

impl Units {
    /// The schedule of a key of 16, 24 or 32 bytes; none where the path is the portable one or not to be had.
    pub(super) fn new(path: Path, key: &[u8]) -> Option<Self> {
        machine::Units::new(path, key).map(Self)
    }

    /// Encrypts blocks of content from number `first` on; the last one may be short.
    pub(super) fn encrypt_chains(&self, layout: Chains, first: u32, data: InOutBuf<'_, '_, Block>) {
        let (units, from, to) = addresses(data);
        // SAFETY: a pair of buffers is as long as it says, and is one buffer or two that do not overlap.
        unsafe { self.0.encrypt_chains(layout, first, units, from, to) }
    }

    /// Decrypts blocks of content from number `first` on; the last one may be short.
    pub(super) fn decrypt_chains(&self, layout: Chains, first: u32, data: InOutBuf<'_, '_, Block>) {
        let (units, from, to) = addresses(data);
        // SAFETY: as above.
        unsafe { self.0.decrypt_chains(layout, first, units, from, to) }
    }

    /// Encrypts each unit by itself.
    pub(super) fn encrypt(&self, data: InOutBuf<'_, '_, Block>) {
        let (units, from, to) = addresses(data);
        // SAFETY: as above.
        unsafe { self.0.encrypt_units(units, from, to) }
    }

    /// Decrypts each unit by itself.
    pub(super) fn decrypt(&self, data: InOutBuf<'_, '_, Block>) {
        let (units, from, to) = addresses(data);
        // SAFETY: as above.
        unsafe { self.0.decrypt_units(units, from, to) }
    }
}

fn addresses(data: InOutBuf<'_, '_, Block>) -> (usize, *const u8, *mut u8) {
    let units = data.len();
    let (from, to) = data.into_raw();
    (units, from.cast(), to.cast())
}

/// Galois/counter mode for messages of up to 64 KiB with up to 16 bytes of associated data.
pub(super) struct Gcm(machine::Gcm);

impl Gcm {
    /// As [`Units::new`].
    pub(super) fn new(path: Path, key: &[u8]) -> Option<Self> {
        machine::Gcm::new(path, key).map(Self)
    }

    /// Encrypts a message from one buffer into another of the same length and returns the tag.
    pub(super) fn seal(&self, nonce: [u8; 12], associated: &[u8], plain: &[u8], text: &mut [u8]) -> [u8; 16] {
        let length = plain.len().min(text.len());
        // SAFETY: both hold `length` bytes, and borrows of different kinds do not overlap.
        unsafe { self.0.seal(nonce, associated, plain.as_ptr(), text.as_mut_ptr(), length) }
    }

    /// Encrypts a message where it is and returns the tag.
    pub(super) fn seal_in_place(&self, nonce: [u8; 12], associated: &[u8], text: &mut [u8]) -> [u8; 16] {
        let to = text.as_mut_ptr();
        // SAFETY: input and output are the same.
        unsafe { self.0.seal(nonce, associated, to.cast_const(), to, text.len()) }
    }

    /// The tag that a ciphertext must have.
    pub(super) fn tag(&self, nonce: [u8; 12], associated: &[u8], text: &[u8]) -> Zeroizing<[u8; 16]> {
        // SAFETY: a slice.
        unsafe { self.0.tag(nonce, associated, text.as_ptr(), text.len()) }
    }

    /// Decrypts a ciphertext, whose tag was found right, into another buffer of the same length.
    pub(super) fn decipher(&self, nonce: [u8; 12], text: &[u8], plain: &mut [u8]) {
        let length = text.len().min(plain.len());
        // SAFETY: as for `seal`.
        unsafe { self.0.decipher(nonce, text.as_ptr(), plain.as_mut_ptr(), length) }
    }

    /// Decrypts `length` bytes at `from`, whose tag was found right, to `to`, which is not behind them.
    pub(super) fn decipher_within(&self, nonce: [u8; 12], buffer: &mut [u8], from: usize, to: usize, length: usize) {
        let end = from.checked_add(length);
        if to > from || end.is_none_or(|end| end > buffer.len()) {
            return;
        }
        let start = buffer.as_mut_ptr();
        // SAFETY: `from` is within the buffer, checked above.
        let source = unsafe { start.add(from) }.cast_const();
        // SAFETY: `to` is not behind `from`.
        let target = unsafe { start.add(to) };
        // SAFETY: both hold `length` bytes of the buffer, checked above; the output is not behind the input.
        unsafe { self.0.decipher(nonce, source, target, length) }
    }
}

#[cfg(test)]
mod sha256_tests;
