//! AES-256-GCM on segments of 4096 bytes: the authenticated mode.
//!
//! A segment is `nonce (12, random) || ciphertext (0 to 4096) || tag (16)`. The key is derived from the content key with
//! HKDF-SHA-256 and the text `msipc gcm4k v1`, so nothing else that uses the content key meets it. Authenticated with
//! each segment are `LE64(block number) || final flag`, so segments can be neither moved nor cut off at the end. Nonces
//! are drawn anew on every call because applications rewrite single blocks; one key may seal 2^32 segments.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use zeroize::Zeroizing;

use super::geometry::{BLOCK_4K, NONCE, SEGMENT, SEGMENT_OVERHEAD, TAG};
use super::{Buffers, Cipher, corrupt};
use crate::crypto::{Random, hkdf_sha256};
use crate::error::{Error, ErrorKind, Result};

const PURPOSE: &[u8] = b"msipc gcm4k v1";
const PLAIN_LEN: usize = BLOCK_4K as usize;
const NONCE_LEN: usize = NONCE as usize;
const TAG_LEN: usize = TAG as usize;
const SEGMENT_LEN: usize = SEGMENT as usize;
const OVERHEAD: usize = SEGMENT_OVERHEAD as usize;

pub(super) struct GcmSegments(LessSafeKey);

impl GcmSegments {
    pub(super) fn new(key: &[u8]) -> Result<Self> {
        let mut derived = Zeroizing::new([0; 32]);
        hkdf_sha256(key, PURPOSE, derived.as_mut())?;
        UnboundKey::new(&AES_256_GCM, derived.as_ref())
            .map(|key| Self(LessSafeKey::new(key)))
            .map_err(|_| Error::internal("the key schedule of a content key"))
    }

    /// Seals one segment that lies in its place: nonce, plaintext, room for the tag.
    fn seal(&self, number: u64, last: bool, segment: &mut [u8]) -> Result<()> {
        let whole = "a segment without room for nonce and tag";
        let (nonce, rest) = segment.split_first_chunk_mut::<NONCE_LEN>().ok_or_else(|| Error::internal(whole))?;
        let (text, tag) = rest.split_last_chunk_mut::<TAG_LEN>().ok_or_else(|| Error::internal(whole))?;
        let made = self
            .0
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(*nonce), associated(number, last), text)
            .map_err(|_| Error::internal("sealing a segment failed"))?;
        tag.copy_from_slice(made.as_ref());
        Ok(())
    }

    /// Opens one segment into `plain`, which has the length of its ciphertext.
    fn open(&self, number: u64, last: bool, segment: &[u8], plain: &mut [u8]) -> Result<()> {
        let (nonce, rest) = segment.split_first_chunk::<NONCE_LEN>().ok_or_else(corrupt)?;
        let (text, tag) = rest.split_last_chunk::<TAG_LEN>().ok_or_else(corrupt)?;
        self.0
            .open_separate_gather(Nonce::assume_unique_for_key(*nonce), associated(number, last), text, tag, plain)
            .map_err(|_| corrupt())
    }
}

impl Cipher for GcmSegments {
    fn encrypt(&self, random: &dyn Random, block: u32, last: bool, mut buffers: Buffers<'_>) -> Result<usize> {
        let input_len = buffers.input().len();
        let count = input_len.div_ceil(PLAIN_LEN).max(usize::from(last));
        // All nonces before the first byte is written, so that a failing generator leaves the output alone.
        let mut nonces = room(count * NONCE_LEN)?;
        random.fill(&mut nonces)?;

        // From the end: in place, a segment then never covers plaintext that is still to come.
        for (index, nonce) in nonces.chunks_exact(NONCE_LEN).enumerate().rev() {
            let (from, to) = (index * PLAIN_LEN, index * SEGMENT_LEN);
            let length = PLAIN_LEN.min(input_len - from);
            match &mut buffers {
                Buffers::Separate { input, output } => {
                    output[to + NONCE_LEN..][..length].copy_from_slice(&input[from..from + length]);
                }
                Buffers::InPlace { buffer, .. } => buffer.copy_within(from..from + length, to + NONCE_LEN),
            }
            let segment = &mut buffers.output()[to..to + length + OVERHEAD];
            segment[..NONCE_LEN].copy_from_slice(nonce);
            self.seal(u64::from(block) + index as u64, last && index + 1 == count, segment)?;
        }
        Ok(input_len + count * OVERHEAD)
    }

    fn decrypt(&self, block: u32, last: bool, mut buffers: Buffers<'_>) -> Result<usize> {
        let input = buffers.input();
        let count = input.len().div_ceil(SEGMENT_LEN);
        let length = input.len().saturating_sub(count * OVERHEAD);
        // Nothing reaches the output before every tag is verified.
        let mut plain = Wiped(room(length)?);
        let segments = input.chunks(SEGMENT_LEN).enumerate();
        // The last segment may be empty, and then has no piece of plaintext to go with it.
        let pieces = plain.0.chunks_mut(PLAIN_LEN).map(Some).chain(std::iter::once(None));
        for ((index, segment), piece) in segments.zip(pieces) {
            self.open(u64::from(block) + index as u64, last && index + 1 == count, segment, piece.unwrap_or(&mut []))?;
        }
        buffers.output()[..length].copy_from_slice(&plain.0);
        Ok(length)
    }
}

fn associated(number: u64, last: bool) -> Aad<[u8; 9]> {
    let mut bytes = [0; 9];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    bytes[8] = u8::from(last);
    Aad::from(bytes)
}

/// `length` zero bytes, or an error when memory is short: the length comes from the caller.
fn room(length: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(length).map_err(|_| Error::new(ErrorKind::OutOfMemory))?;
    bytes.resize(length, 0);
    Ok(bytes)
}

/// Plaintext that is wiped on drop. Wiped as a whole, because storing byte by byte costs as much as decrypting.
struct Wiped(Vec<u8>);

impl Drop for Wiped {
    fn drop(&mut self) {
        self.0.fill(0);
        zeroize::optimization_barrier(&self.0);
    }
}
