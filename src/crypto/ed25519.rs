//! Ed25519 signatures (RFC 8032): 32-byte keys, 64-byte signatures over the message itself.

use std::fmt;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use zeroize::Zeroizing;

use super::digest::constant_time_eq;
use super::random::{self, Random};
use crate::error::{Error, ErrorKind, Result};

/// Length of a public key and of the secret that a key pair grows from.
pub const KEY_LEN: usize = 32;
/// Length of a signature.
pub const SIGNATURE_LEN: usize = 64;

/// A key pair. The secret is wiped on drop and never printed.
pub struct SigningKey {
    seed: Zeroizing<[u8; KEY_LEN]>,
    pair: Ed25519KeyPair,
}

impl SigningKey {
    /// A new key pair.
    ///
    /// # Errors
    /// The random source failed.
    pub fn generate(random: &dyn Random) -> Result<Self> {
        Self::from_seed(Zeroizing::new(random::array(random)?))
    }

    /// The key pair of a secret (RFC 8032, 5.1.5).
    ///
    /// # Errors
    /// `Internal`, when the key cannot be made.
    pub fn from_seed(seed: Zeroizing<[u8; KEY_LEN]>) -> Result<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed[..])
            .map_err(|_| Error::internal("the Ed25519 key cannot be made"))?;
        Ok(Self { seed, pair })
    }

    /// The secret itself, to be sealed.
    #[must_use]
    pub fn expose_seed(&self) -> &[u8; KEY_LEN] {
        &self.seed
    }

    /// The public half.
    ///
    /// # Errors
    /// `Internal`, when the public key has another length than the algorithm says.
    pub fn public(&self) -> Result<VerifyingKey> {
        let bytes = self.pair.public_key().as_ref();
        let bytes = bytes.try_into().map_err(|_| Error::internal("the Ed25519 public key has a wrong length"))?;
        Ok(VerifyingKey(bytes))
    }

    /// Signs a message.
    ///
    /// # Errors
    /// `Internal`, when the signature cannot be made.
    pub fn sign(&self, message: &[u8]) -> Result<[u8; SIGNATURE_LEN]> {
        let signature = self.pair.try_sign(message).map_err(|_| Error::internal("signing failed"))?;
        signature.as_ref().try_into().map_err(|_| Error::internal("the signature has a wrong length"))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey")
    }
}

impl PartialEq for SigningKey {
    fn eq(&self, other: &Self) -> bool {
        constant_time_eq(&self.seed[..], &other.seed[..])
    }
}

impl Eq for SigningKey {}

/// A public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifyingKey([u8; KEY_LEN]);

impl VerifyingKey {
    /// A key of these bytes. Whether they are a point of the curve shows when a signature is verified.
    #[must_use]
    pub fn new(bytes: [u8; KEY_LEN]) -> Self {
        Self(bytes)
    }

    /// The bytes of the key.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; KEY_LEN] {
        &self.0
    }

    /// Verifies the signature of a message.
    ///
    /// # Errors
    /// `BadSignature`.
    pub fn verify(&self, message: &[u8], signature: &[u8; SIGNATURE_LEN]) -> Result<()> {
        UnparsedPublicKey::new(&ED25519, &self.0)
            .verify(message, signature)
            .map_err(|_| Error::new(ErrorKind::BadSignature))
    }
}

#[cfg(test)]
mod tests {
    use super::super::random::OsRandom;
    use super::*;

    /// RFC 8032, 7.1, test 2.
    #[test]
    fn published_vector() {
        let seed = *b"\x4c\xcd\x08\x9b\x28\xff\x96\xda\x9d\xb6\xc3\x46\xec\x11\x4e\x0f\
                      \x5b\x8a\x31\x9f\x35\xab\xa6\x24\xda\x8c\xf6\xed\x4f\xb8\xa6\xfb";
        let key = SigningKey::from_seed(Zeroizing::new(seed)).unwrap();
        let public = key.public().unwrap();
        assert_eq!(public.as_bytes()[..4], [0x3d, 0x40, 0x17, 0xc3]);
        let signature = key.sign(&[0x72]).unwrap();
        assert_eq!(signature[..4], [0x92, 0xa0, 0x09, 0xa9]);
        public.verify(&[0x72], &signature).unwrap();
    }

    #[test]
    fn another_message_signature_or_key_is_refused() {
        let key = SigningKey::generate(&OsRandom).unwrap();
        let public = key.public().unwrap();
        let mut signature = key.sign(b"plan").unwrap();
        let refused = |result: Result<()>| *result.unwrap_err().kind() == ErrorKind::BadSignature;
        assert!(refused(public.verify(b"plans", &signature)));
        assert!(refused(SigningKey::generate(&OsRandom).unwrap().public().unwrap().verify(b"plan", &signature)));
        signature[63] ^= 1;
        assert!(refused(public.verify(b"plan", &signature)));
    }
}
