//! The kernels compiled for each width, and the choice between them.
//!
//! Everything unsafe about them is two promises: that the processor has the instructions, which only [`supported`] can
//! tell and which [`super::Path`] stands for; and that addresses hold as many bytes as the callers say.
#![allow(
    clippy::undocumented_unsafe_blocks,
    clippy::multiple_unsafe_ops_per_block,
    clippy::missing_safety_doc,
    reason = "every line here is a processor instruction; the two promises are stated once, above and at each function"
)]

mod gcm;
mod kernels;
mod keys;
mod sha256;
mod vector;

use std::arch::x86_64::{__m128i, __m256i, __m512i};

use zeroize::Zeroizing;

use super::{Chains, Path};
pub(super) use sha256::sha256_pair;

use gcm::Powers;
use keys::RoundKeys;
use vector::Vector;

/// The widest path that the processor has, when it has any of those here.
pub(super) fn supported() -> Path {
    let narrow =
        is_x86_feature_detected!("aes") && is_x86_feature_detected!("pclmulqdq") && is_x86_feature_detected!("ssse3");
    let middle = narrow
        && is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("vaes")
        && is_x86_feature_detected!("vpclmulqdq");
    let wide = middle
        && is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vl");
    match (narrow, middle, wide) {
        (_, _, true) => Path::Vaes512,
        (_, true, _) => Path::Vaes256,
        (true, ..) => Path::AesNi,
        _ => Path::Portable,
    }
}

/// Sets of chains that are encrypted beside each other when there are many.
const STAGGERED: usize = 8;
/// Chains from which on that is faster: fewer lose more time while the sets begin and end.
const STAGGERED_FROM: usize = 64;

/// Compiles a body three times: with `V` a register of 4, 2 and 1 blocks, and `GROUPS` as many of them as CBC encrypts
/// side by side. The function calls the one that a path names.
macro_rules! at_every_width {
    ($($(#[$doc:meta])* fn $name:ident($($argument:ident: $type:ty),* $(,)?) $(-> $result:ty)? $body:block)*) => {$(
        $(#[$doc])*
        unsafe fn $name(path: Path, $($argument: $type),*) $(-> $result)? {
            #[target_feature(enable = "avx512f,avx512bw,avx512vl,vaes,vpclmulqdq,aes,pclmulqdq")]
            unsafe fn wide($($argument: $type),*) $(-> $result)? {
                #[allow(dead_code)]
                type V = __m512i;
                #[allow(dead_code)]
                const GROUPS: usize = 4;
                unsafe { $body }
            }
            #[target_feature(enable = "avx2,vaes,vpclmulqdq,aes,pclmulqdq")]
            unsafe fn middle($($argument: $type),*) $(-> $result)? {
                #[allow(dead_code)]
                type V = __m256i;
                #[allow(dead_code)]
                const GROUPS: usize = 8;
                unsafe { $body }
            }
            #[target_feature(enable = "aes,pclmulqdq,ssse3")]
            unsafe fn narrow($($argument: $type),*) $(-> $result)? {
                #[allow(dead_code)]
                type V = __m128i;
                #[allow(dead_code)]
                const GROUPS: usize = 8;
                unsafe { $body }
            }
            match path {
                Path::Vaes512 => unsafe { wide($($argument),*) },
                Path::Vaes256 => unsafe { middle($($argument),*) },
                Path::AesNi | Path::Portable => unsafe { narrow($($argument),*) },
            }
        }
    )*};
}

at_every_width! {
    /// Encrypts `units` units in chains that begin anew at every block of content.
    fn encrypt_chains(keys: &RoundKeys, layout: Chains, first: u32, units: usize, from: *const u8, to: *mut u8) {
        let keys = keys.encrypting();
        let whole = units * 16 / layout.block_bytes;
        let mut done = 0;
        // Narrower registers gain nothing by it.
        if V::LANES == 4 && whole >= STAGGERED_FROM && layout.block_bytes == kernels::SCRAP * STAGGERED {
            let sets = whole / V::LANES;
            kernels::staggered::<V, STAGGERED>(keys, layout, first, sets, from, to);
            done = sets * V::LANES;
        }
        while whole - done > 1 {
            let (from, to) = (from.add(done * layout.block_bytes), to.add(done * layout.block_bytes));
            let left = whole - done;
            // A few chains wait for each other's instructions no longer in one register than in several.
            if left <= V::LANES {
                kernels::chains::<V, 1>(keys, layout, (first, done), left, from, to);
                done = whole;
            } else {
                let count = left.min(GROUPS * V::LANES);
                kernels::chains::<V, GROUPS>(keys, layout, (first, done), count, from, to);
                done += count;
            }
        }
        let mut left = units * 16 - done * layout.block_bytes;
        while left > 0 {
            let at = units * 16 - left;
            let length = left.min(layout.block_bytes);
            kernels::chain(keys, layout.vector_input(first, done), length / 16, from.add(at), to.add(at));
            done += 1;
            left -= length;
        }
    }

    /// Decrypts what `encrypt_chains` made.
    fn decrypt_chains(keys: &RoundKeys, layout: Chains, first: u32, units: usize, from: *const u8, to: *mut u8) {
        let mut at = 0;
        while at < units * 16 {
            let length = layout.block_bytes.min(units * 16 - at);
            let start = layout.vector_input(first, at / layout.block_bytes);
            let (from, to) = (from.add(at), to.add(at));
            kernels::unchain::<V>(keys.encrypting(), keys.decrypting(), start, length / 16, from, to);
            at += length;
        }
    }

    /// Encrypts units that do not depend on each other.
    fn encrypt_units(keys: &RoundKeys, units: usize, from: *const u8, to: *mut u8) {
        kernels::units::<V, true>(keys.encrypting(), units, from, to);
    }

    /// Decrypts units that do not depend on each other.
    fn decrypt_units(keys: &RoundKeys, units: usize, from: *const u8, to: *mut u8) {
        kernels::units::<V, false>(keys.decrypting(), units, from, to);
    }

    /// Encrypts a message in place and returns its tag.
    fn seal(
        keys: (&[[u8; 16]], &Powers),
        nonce: [u8; 12],
        associated: (&[u8; 16], usize),
        from: *const u8,
        to: *mut u8,
        length: usize,
    ) -> [u8; 16] {
        gcm::seal::<V>(keys, nonce, associated, from, to, length)
    }

    /// The tag of a ciphertext.
    fn tag(
        keys: (&[[u8; 16]], &Powers),
        nonce: [u8; 12],
        associated: (&[u8; 16], usize),
        from: *const u8,
        length: usize,
    ) -> [u8; 16] {
        gcm::tag::<V>(keys, nonce, associated, from, length)
    }

    /// Decrypts without looking at a tag.
    fn decipher(keys: &[[u8; 16]], nonce: [u8; 12], from: *const u8, to: *mut u8, length: usize) {
        gcm::decipher::<V>(keys, nonce, from, to, length);
    }
}

/// A key and the path that it takes. Made only where the processor has the path's instructions.
pub(super) struct Units {
    path: Path,
    keys: RoundKeys,
}

impl Units {
    /// A key of 16, 24 or 32 bytes on a path that the processor has; none otherwise.
    pub(super) fn new(path: Path, key: &[u8]) -> Option<Self> {
        if path == Path::Portable || path > supported() {
            return None;
        }
        // SAFETY: each path has AES instructions.
        let keys = unsafe { RoundKeys::new(key) }?;
        Some(Self { path, keys })
    }

    /// # Safety
    /// `from` and `to` hold `units` units and are the same or do not overlap. So for the three below.
    pub(super) unsafe fn encrypt_chains(&self, layout: Chains, first: u32, units: usize, from: *const u8, to: *mut u8) {
        // SAFETY: by this function's contract; the processor has the path.
        unsafe { encrypt_chains(self.path, &self.keys, layout, first, units, from, to) }
    }

    pub(super) unsafe fn decrypt_chains(&self, layout: Chains, first: u32, units: usize, from: *const u8, to: *mut u8) {
        // SAFETY: as above.
        unsafe { decrypt_chains(self.path, &self.keys, layout, first, units, from, to) }
    }

    pub(super) unsafe fn encrypt_units(&self, units: usize, from: *const u8, to: *mut u8) {
        // SAFETY: as above.
        unsafe { encrypt_units(self.path, &self.keys, units, from, to) }
    }

    pub(super) unsafe fn decrypt_units(&self, units: usize, from: *const u8, to: *mut u8) {
        // SAFETY: as above.
        unsafe { decrypt_units(self.path, &self.keys, units, from, to) }
    }
}

/// A key for Galois/counter mode.
pub(super) struct Gcm {
    units: Units,
    powers: Powers,
}

impl Gcm {
    /// As [`Units::new`].
    pub(super) fn new(path: Path, key: &[u8]) -> Option<Self> {
        let units = Units::new(path, key)?;
        // SAFETY: each path has AES instructions, carry-less products and SSSE3.
        let powers = unsafe { Powers::new(units.keys.encrypting()) };
        Some(Self { units, powers })
    }

    /// # Safety
    /// `from` and `to` hold `length` bytes and are the same or do not overlap.
    pub(super) unsafe fn seal(
        &self,
        nonce: [u8; 12],
        associated: &[u8],
        from: *const u8,
        to: *mut u8,
        length: usize,
    ) -> [u8; 16] {
        let padded = padded(associated);
        let keys = (self.units.keys.encrypting(), &self.powers);
        // SAFETY: by this function's contract; the processor has the path.
        unsafe { seal(self.units.path, keys, nonce, (&padded, associated.len().min(16)), from, to, length) }
    }

    /// # Safety
    /// `from` holds `length` bytes.
    pub(super) unsafe fn tag(
        &self,
        nonce: [u8; 12],
        associated: &[u8],
        from: *const u8,
        length: usize,
    ) -> Zeroizing<[u8; 16]> {
        let padded = padded(associated);
        let keys = (self.units.keys.encrypting(), &self.powers);
        // SAFETY: by this function's contract; the processor has the path.
        let tag = unsafe { tag(self.units.path, keys, nonce, (&padded, associated.len().min(16)), from, length) };
        Zeroizing::new(tag)
    }

    /// # Safety
    /// `from` and `to` hold `length` bytes; they may overlap when `to` is not behind `from`.
    pub(super) unsafe fn decipher(&self, nonce: [u8; 12], from: *const u8, to: *mut u8, length: usize) {
        // SAFETY: by this function's contract; the processor has the path.
        unsafe { decipher(self.units.path, self.units.keys.encrypting(), nonce, from, to, length) }
    }
}

/// The first 16 bytes, filled up with zeros.
fn padded(associated: &[u8]) -> [u8; 16] {
    let mut block = [0; 16];
    for (byte, value) in block.iter_mut().zip(associated) {
        *byte = *value;
    }
    block
}
