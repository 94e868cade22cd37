//! AES-256-GCM on segments of 4096 bytes: the authenticated mode.
//!
//! A segment is `nonce (12, random) || ciphertext (0 to 4096) || tag (16)`. The key is derived from the content key with
//! HKDF-SHA-256 and the text `msipc gcm4k v1`, so nothing else that uses the content key meets it. Authenticated with
//! each segment are `LE64(block number) || final flag`, so segments can be neither moved nor cut off at the end. Nonces
//! are drawn anew on every call because applications rewrite single blocks; one key may seal 2^32 segments.
//!
//! Decryption looks at every tag before it writes the first byte, and only then decrypts; so it needs no memory that
//! grows with the input.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use zeroize::Zeroizing;

use super::geometry::{BLOCK_4K, NONCE, SEGMENT, SEGMENT_OVERHEAD, TAG};
use super::share::room;
use super::simd::{Gcm, Path};
use super::{Buffers, Cipher, corrupt};
use crate::crypto::{Random, constant_time_eq, hkdf_sha256};
use crate::error::{Error, Result};

const PURPOSE: &[u8] = b"msipc gcm4k v1";
const PLAIN_LEN: usize = BLOCK_4K as usize;
const NONCE_LEN: usize = NONCE as usize;
const TAG_LEN: usize = TAG as usize;
const SEGMENT_LEN: usize = SEGMENT as usize;
const OVERHEAD: usize = SEGMENT_OVERHEAD as usize;
/// Segments of a call whose nonces need no memory from the heap.
const FEW: usize = 256;

/// Authenticated with a segment: `LE64(block number) || final flag`.
type Associated = [u8; 9];

/// AES-256-GCM: our own where registers are wide, else the library's.
enum Aead {
    Wide(Box<Gcm>),
    Library(Box<LessSafeKey>),
}

/// A segment taken apart.
struct Parts<'a> {
    nonce: [u8; NONCE_LEN],
    text: &'a [u8],
    tag: [u8; TAG_LEN],
}

impl<'a> Parts<'a> {
    fn of(segment: &'a [u8]) -> Result<Self> {
        let (nonce, rest) = segment.split_first_chunk().ok_or_else(corrupt)?;
        let (text, tag) = rest.split_last_chunk().ok_or_else(corrupt)?;
        Ok(Self { nonce: *nonce, text, tag: *tag })
    }
}

pub(super) struct GcmSegments(Aead);

impl GcmSegments {
    pub(super) fn new(path: Path, key: &[u8]) -> Result<Self> {
        let mut derived = Zeroizing::new([0; 32]);
        hkdf_sha256(key, PURPOSE, derived.as_mut())?;
        if let Some(wide) = Gcm::new(path, derived.as_ref()) {
            return Ok(Self(Aead::Wide(Box::new(wide))));
        }
        UnboundKey::new(&AES_256_GCM, derived.as_ref())
            .map(|key| Self(Aead::Library(Box::new(LessSafeKey::new(key)))))
            .map_err(|_| Error::internal("the key schedule of a content key"))
    }

    /// Seals one segment: `plain` into the segment, or what lies at its place there already when there is no `plain`.
    fn seal(&self, associated: Associated, nonce: [u8; 12], plain: Option<&[u8]>, segment: &mut [u8]) -> Result<()> {
        let whole = "a segment without room for nonce and tag";
        let (place, rest) = segment.split_first_chunk_mut::<NONCE_LEN>().ok_or_else(|| Error::internal(whole))?;
        let (text, tag) = rest.split_last_chunk_mut::<TAG_LEN>().ok_or_else(|| Error::internal(whole))?;
        *place = nonce;
        *tag = match (&self.0, plain) {
            (Aead::Wide(gcm), Some(plain)) => gcm.seal(nonce, &associated, plain, text),
            (Aead::Wide(gcm), None) => gcm.seal_in_place(nonce, &associated, text),
            (Aead::Library(key), _) => {
                if let Some(plain) = plain {
                    text.copy_from_slice(plain);
                }
                let nonce = Nonce::assume_unique_for_key(nonce);
                let made = key
                    .seal_in_place_separate_tag(nonce, Aad::from(associated), text)
                    .map_err(|_| Error::internal("sealing a segment failed"))?;
                made.as_ref().try_into().map_err(|_| Error::internal("a tag of another length"))?
            }
        };
        Ok(())
    }

    /// Looks at the tag of a segment. `scratch` holds a segment's plaintext for a moment.
    fn verify_segment(&self, associated: Associated, segment: &[u8], scratch: &mut Scratch) -> Result<()> {
        let parts = Parts::of(segment)?;
        match &self.0 {
            Aead::Wide(gcm) => {
                let right = gcm.tag(parts.nonce, &associated, parts.text);
                if constant_time_eq(right.as_ref(), &parts.tag) { Ok(()) } else { Err(corrupt()) }
            }
            Aead::Library(key) => open(key, associated, &parts, scratch.of(parts.text.len())?),
        }
    }

    /// Decrypts a segment whose tag was found right.
    fn decipher(&self, associated: Associated, segment: &[u8], plain: &mut [u8]) -> Result<()> {
        let parts = Parts::of(segment)?;
        match &self.0 {
            Aead::Wide(gcm) => gcm.decipher(parts.nonce, parts.text, plain),
            Aead::Library(key) => open(key, associated, &parts, plain)?,
        }
        Ok(())
    }

    /// Decrypts a segment, whose tag was found right, within a buffer: from byte `from` to byte `to`, not behind it.
    fn decipher_within(
        &self,
        associated: Associated,
        buffer: &mut [u8],
        (from, length): (usize, usize),
        to: usize,
        scratch: &mut Scratch,
    ) -> Result<()> {
        let segment = buffer.get(from..from + length).ok_or_else(corrupt)?;
        let parts = Parts::of(segment)?;
        let plain_len = parts.text.len();
        match &self.0 {
            Aead::Wide(gcm) => {
                let nonce = parts.nonce;
                gcm.decipher_within(nonce, buffer, from + NONCE_LEN, to, plain_len);
            }
            Aead::Library(key) => {
                let plain = scratch.of(plain_len)?;
                open(key, associated, &parts, plain)?;
                buffer[to..to + plain_len].copy_from_slice(plain);
            }
        }
        Ok(())
    }
}

impl Cipher for GcmSegments {
    fn encrypt(&self, random: &dyn Random, block: u32, last: bool, mut buffers: Buffers<'_>) -> Result<usize> {
        let input_len = buffers.input().len();
        let count = input_len.div_ceil(PLAIN_LEN).max(usize::from(last));
        // All nonces before the first byte is written, so that a failing generator leaves the output alone.
        let (mut few, mut many);
        let nonces = if count <= FEW {
            few = [0; FEW * NONCE_LEN];
            &mut few[..count * NONCE_LEN]
        } else {
            many = room(count * NONCE_LEN)?;
            &mut many[..]
        };
        random.fill(nonces)?;

        // From the end: in place, a segment then never covers plaintext that is still to come.
        for (index, nonce) in nonces.as_chunks::<NONCE_LEN>().0.iter().enumerate().rev() {
            let (from, to) = (index * PLAIN_LEN, index * SEGMENT_LEN);
            let length = PLAIN_LEN.min(input_len - from);
            let segment = to..to + length + OVERHEAD;
            let associated = associated(block, index, last && index + 1 == count);
            match &mut buffers {
                Buffers::Separate { input, output } => {
                    self.seal(associated, *nonce, Some(&input[from..from + length]), &mut output[segment])?;
                }
                Buffers::InPlace { buffer, .. } => {
                    buffer.copy_within(from..from + length, to + NONCE_LEN);
                    self.seal(associated, *nonce, None, &mut buffer[segment])?;
                }
            }
        }
        Ok(input_len + count * OVERHEAD)
    }

    fn verify(&self, block: u32, last: bool, input: &[u8]) -> Result<()> {
        let count = input.len().div_ceil(SEGMENT_LEN);
        let mut scratch = Scratch::default();
        for (index, segment) in input.chunks(SEGMENT_LEN).enumerate() {
            self.verify_segment(associated(block, index, last && index + 1 == count), segment, &mut scratch)?;
        }
        Ok(())
    }

    fn decrypt(&self, block: u32, last: bool, mut buffers: Buffers<'_>) -> Result<usize> {
        let input_len = buffers.input().len();
        let count = input_len.div_ceil(SEGMENT_LEN);
        let mut scratch = Scratch::default();
        for index in 0..count {
            let (from, to) = (index * SEGMENT_LEN, index * PLAIN_LEN);
            let length = SEGMENT_LEN.min(input_len - from);
            let associated = associated(block, index, last && index + 1 == count);
            match &mut buffers {
                Buffers::Separate { input, output } => {
                    let plain = &mut output[to..to + length - OVERHEAD];
                    self.decipher(associated, &input[from..from + length], plain)?;
                }
                Buffers::InPlace { buffer, .. } => {
                    self.decipher_within(associated, buffer, (from, length), to, &mut scratch)?;
                }
            }
        }
        Ok(input_len - count * OVERHEAD)
    }
}

/// Opens a segment with the library.
fn open(key: &LessSafeKey, associated: Associated, parts: &Parts<'_>, plain: &mut [u8]) -> Result<()> {
    let nonce = Nonce::assume_unique_for_key(parts.nonce);
    key.open_separate_gather(nonce, Aad::from(associated), parts.text, &parts.tag, plain).map_err(|_| corrupt())
}

fn associated(block: u32, index: usize, last: bool) -> Associated {
    let mut bytes = [0; 9];
    bytes[..8].copy_from_slice(&(u64::from(block) + index as u64).to_le_bytes());
    bytes[8] = u8::from(last);
    bytes
}

/// Room for the plaintext of one segment, taken when it is first needed and wiped on drop. Wiped as a whole, because
/// storing byte by byte costs as much as decrypting.
#[derive(Default)]
struct Scratch(Vec<u8>);

impl Scratch {
    fn of(&mut self, length: usize) -> Result<&mut [u8]> {
        if self.0.is_empty() {
            self.0 = room(PLAIN_LEN)?;
        }
        self.0.get_mut(..length).ok_or_else(corrupt)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.0.fill(0);
        zeroize::optimization_barrier(&self.0);
    }
}
