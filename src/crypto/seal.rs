//! Sealing of secrets at rest: AES-256-GCM with a random nonce.
//!
//! A sealed value is `nonce (12) || ciphertext || tag (16)`. The associated bytes say what the value is and where it
//! belongs, so that a sealed value moved to another place does not open. One key seals at most 2^32 values.

use std::fmt;

use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce, Tag};
use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::digest::constant_time_eq;
use super::random::{self, Random};
use crate::error::{Error, ErrorKind, Result};

const NONCE_LEN: usize = 12;
const TAG_LEN: usize = 16;

/// Bytes that sealing adds to a value.
pub const OVERHEAD: usize = NONCE_LEN + TAG_LEN;

/// The key that secrets at rest are sealed under. Zeroized on drop, never printed.
#[derive(ZeroizeOnDrop)]
pub struct SealingKey([u8; 32]);

impl SealingKey {
    /// A key of these bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A new key.
    ///
    /// # Errors
    /// The random source failed.
    pub fn generate(random: &dyn Random) -> Result<Self> {
        Ok(Self(random::array(random)?))
    }

    /// The key itself, to be stored or wrapped.
    #[must_use]
    pub fn expose_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Seals `plain` for the place that `associated` names.
    ///
    /// # Errors
    /// The random source failed.
    pub fn seal(&self, random: &dyn Random, associated: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
        let nonce: [u8; NONCE_LEN] = random::array(random)?;
        // Reserved in full: growing would leave an unwiped copy of the plaintext behind.
        let mut sealed = Vec::with_capacity(plain.len() + OVERHEAD);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        let text = InOutBuf::from(&mut sealed[NONCE_LEN..]);
        let tag = self
            .cipher()
            .encrypt_inout_detached(&Nonce::from(nonce), associated, text)
            .map_err(|_| Error::internal("sealing failed"))?;
        sealed.extend_from_slice(&tag);
        Ok(sealed)
    }

    /// Opens what [`Self::seal`] made for the same place.
    ///
    /// # Errors
    /// `CorruptContent`: too short, changed, sealed under another key or for another place.
    pub fn open(&self, associated: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let refused = || Error::new(ErrorKind::CorruptContent);
        let (nonce, rest) = sealed.split_first_chunk::<NONCE_LEN>().ok_or_else(refused)?;
        let (ciphertext, tag) = rest.split_last_chunk::<TAG_LEN>().ok_or_else(refused)?;
        let mut plain = Zeroizing::new(ciphertext.to_vec());
        self.cipher()
            .decrypt_inout_detached(&Nonce::from(*nonce), associated, InOutBuf::from(&mut plain[..]), &Tag::from(*tag))
            .map_err(|_| refused())?;
        Ok(plain)
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(&self.0.into())
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey")
    }
}

impl PartialEq for SealingKey {
    fn eq(&self, other: &Self) -> bool {
        constant_time_eq(&self.0, &other.0)
    }
}

impl Eq for SealingKey {}

#[cfg(test)]
mod tests {
    use super::super::random::OsRandom;
    use super::*;

    #[test]
    fn opens_only_unchanged_in_its_place_and_under_its_key() {
        let key = SealingKey::generate(&OsRandom).expect("key");
        for plain in [&b""[..], b"x", b"a content key of thirty-two byte"] {
            let sealed = key.seal(&OsRandom, b"row 7", plain).expect("seal");
            assert_eq!(sealed.len(), plain.len() + OVERHEAD);
            assert_eq!(key.open(b"row 7", &sealed).expect("open").as_slice(), plain);

            let refused = |result: Result<Zeroizing<Vec<u8>>>| {
                assert_eq!(result.expect_err("refused").kind(), &ErrorKind::CorruptContent);
            };
            refused(key.open(b"row 8", &sealed));
            refused(SealingKey::generate(&OsRandom).expect("key").open(b"row 7", &sealed));
            for at in 0..sealed.len() {
                let mut changed = sealed.clone();
                changed[at] ^= 0x80;
                refused(key.open(b"row 7", &changed));
                refused(key.open(b"row 7", &sealed[..at]));
            }
        }
    }

    #[test]
    fn the_same_value_is_sealed_differently_each_time() {
        let key = SealingKey::new([9; 32]);
        let (first, second) = (key.seal(&OsRandom, b"", b"value"), key.seal(&OsRandom, b"", b"value"));
        assert_ne!(first.expect("seal"), second.expect("seal"));
    }

    #[test]
    fn case_14_of_the_gcm_paper() {
        #[derive(Debug)]
        struct Zero;
        impl Random for Zero {
            fn fill(&self, out: &mut [u8]) -> Result<()> {
                out.fill(0);
                Ok(())
            }
        }
        let sealed = SealingKey::new([0; 32]).seal(&Zero, b"", &[0; 16]).expect("seal");
        let hex: String = sealed[NONCE_LEN..].iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
    }

    #[test]
    fn is_not_printed() {
        assert_eq!(format!("{:?}", SealingKey::new([0x41; 32])), "SealingKey");
    }
}
