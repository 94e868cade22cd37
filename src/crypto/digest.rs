//! Digests, key derivation and the comparison of secret bytes.

use aws_lc_rs::{digest, hkdf, hmac};
use subtle::ConstantTimeEq;

use crate::error::{Error, Result};

/// A hash that a license may name.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub enum HashAlgorithm {
    /// SHA-1, for licenses of the deprecated form: read, never chosen for a new signature.
    Sha1,
    /// SHA-256.
    Sha256,
}

impl HashAlgorithm {
    /// The digest of `message`: 20 or 32 bytes.
    #[must_use]
    pub fn digest(self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => sha1(message).to_vec(),
            Self::Sha256 => sha256(message).to_vec(),
        }
    }
}

/// A digest and the hash that made it, so that a message is hashed once for all that is done with its digest.
pub struct Digest {
    hash: HashAlgorithm,
    made: digest::Digest,
}

impl Digest {
    /// Of a message in pieces, which `message` gives out in order.
    pub fn of_pieces(hash: HashAlgorithm, message: impl FnOnce(&mut dyn FnMut(&[u8]))) -> Self {
        let mut context = digest::Context::new(match hash {
            HashAlgorithm::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            HashAlgorithm::Sha256 => &digest::SHA256,
        });
        message(&mut |piece| context.update(piece));
        Self { hash, made: context.finish() }
    }

    /// The hash.
    #[must_use]
    pub fn hash(&self) -> HashAlgorithm {
        self.hash
    }

    /// 20 or 32 bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.made.as_ref()
    }

    /// As the cryptographic library wants it.
    pub(super) fn made(&self) -> &digest::Digest {
        &self.made
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Digest({:?})", self.hash)
    }
}

/// SHA-256 of `message` (FIPS 180-4).
#[must_use]
pub fn sha256(message: &[u8]) -> [u8; 32] {
    sized(&digest::SHA256, message)
}

/// SHA-1 of `message` (FIPS 180-4). Not collision resistant; only where a format demands it.
#[must_use]
pub fn sha1(message: &[u8]) -> [u8; 20] {
    sized(&digest::SHA1_FOR_LEGACY_USE_ONLY, message)
}

/// SHA-256 of a message that comes in pieces.
#[derive(Clone)]
pub struct Sha256(digest::Context);

impl Sha256 {
    /// The digest of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self(digest::Context::new(&digest::SHA256))
    }

    /// Adds the next piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// The digest of all pieces.
    #[must_use]
    pub fn finish(self) -> [u8; 32] {
        let mut out = [0; 32];
        // SHA-256 gives exactly as many bytes.
        out.copy_from_slice(self.0.finish().as_ref());
        out
    }
}

impl Default for Sha256 {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sha256")
    }
}

fn sized<const N: usize>(algorithm: &'static digest::Algorithm, message: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    // The callers above name an algorithm of exactly N bytes, so the lengths agree.
    out.copy_from_slice(digest::digest(algorithm, message).as_ref());
    out
}

/// Whether two byte strings are equal, in time that depends on their lengths only.
#[must_use]
pub fn constant_time_eq(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

/// HMAC with SHA-256 (RFC 2104) over the parts, one after the other.
#[must_use]
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    parts.iter().for_each(|part| context.update(part));
    let mut out = [0; 32];
    // HMAC_SHA256 gives exactly as many bytes.
    out.copy_from_slice(context.sign().as_ref());
    out
}

/// HKDF with SHA-256 and no salt (RFC 5869): extracts from `key`, expands with `info`, fills `out`.
///
/// # Errors
/// `out` is longer than 8160 bytes, which HKDF cannot fill.
pub fn hkdf_sha256(key: &[u8], info: &[u8], out: &mut [u8]) -> Result<()> {
    let parts = [info];
    hkdf::Salt::none(hkdf::HKDF_SHA256)
        .extract(key)
        .expand(&parts, Length(out.len()))
        .and_then(|okm| okm.fill(out))
        .map_err(|_| Error::internal("more derived key was asked for than HKDF gives"))
}

struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn digests_of_the_standards_example() {
        assert_eq!(hex(&sha1(b"abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(hex(&sha256(b"abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(HashAlgorithm::Sha1.digest(b"abc"), sha1(b"abc"));
        let mut pieces = Sha256::new();
        pieces.update(b"a");
        pieces.update(b"bc");
        assert_eq!(pieces.finish(), sha256(b"abc"));
        assert_eq!(HashAlgorithm::Sha256.digest(b"abc"), sha256(b"abc"));
    }

    #[test]
    fn hkdf_case_3_of_rfc_5869_without_salt_and_info() {
        let mut out = [0; 42];
        hkdf_sha256(&[0x0b; 22], b"", &mut out).expect("derive");
        assert_eq!(hex(&out), "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
    }

    #[test]
    fn hkdf_separates_by_info_and_refuses_more_than_it_can_give() {
        let (mut first, mut second) = ([0; 32], [0; 32]);
        hkdf_sha256(b"key", b"one", &mut first).expect("derive");
        hkdf_sha256(b"key", b"two", &mut second).expect("derive");
        assert_ne!(first, second);
        assert!(hkdf_sha256(b"key", b"", &mut vec![0; 255 * 32]).is_ok());
        assert!(hkdf_sha256(b"key", b"", &mut vec![0; 255 * 32 + 1]).is_err());
    }

    #[test]
    fn comparison_looks_at_length_and_every_byte() {
        assert!(constant_time_eq(b"", b""));
        assert!(constant_time_eq(b"secret", b"secret"));
        assert!(!constant_time_eq(b"secret", b"secreu"));
        assert!(!constant_time_eq(b"secret", b"tecret"));
        assert!(!constant_time_eq(b"secret", b"secre"));
    }
}
