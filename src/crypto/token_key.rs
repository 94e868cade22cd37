//! Keys that verify JSON Web Tokens. The key fixes the algorithm; what a token says of it never chooses.

use std::fmt;

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use zeroize::Zeroizing;

use super::digest::HashAlgorithm;
use super::rsa::RsaPublicKey;
use crate::error::{Error, ErrorKind, Result};

/// Fewest bytes of an HMAC key (RFC 7518, section 3.2).
const HMAC_KEY_MIN: usize = 32;
/// Bytes of one coordinate on the curve P-256.
const COORDINATE: usize = 32;

/// A key that verifies signatures.
#[derive(Clone)]
pub struct TokenKey(Inner);

#[derive(Clone)]
enum Inner {
    Rsa(RsaPublicKey),
    /// The point, uncompressed.
    P256([u8; 1 + 2 * COORDINATE]),
    Hmac(Zeroizing<Vec<u8>>),
}

impl TokenKey {
    /// An RSA key for RS256.
    ///
    /// # Errors
    /// `Malformed` for a modulus that is no RSA modulus; `UnsupportedCrypto` below 2048 bits.
    pub fn rsa(modulus_be: &[u8]) -> Result<Self> {
        let key = RsaPublicKey::from_modulus_be(modulus_be)?;
        if key.bits() < 2048 {
            return Err(Error::with(ErrorKind::UnsupportedCrypto, "RSA keys below 2048 bits are too weak"));
        }
        Ok(Self(Inner::Rsa(key)))
    }

    /// A key on the curve P-256 for ES256, by the coordinates of its point. A point off the curve verifies nothing.
    ///
    /// # Errors
    /// `Malformed` for coordinates of another length.
    pub fn p256(x: &[u8], y: &[u8]) -> Result<Self> {
        let mut point = [4; 1 + 2 * COORDINATE];
        let (to_x, to_y) = point[1..].split_at_mut(COORDINATE);
        for (to, from) in [(to_x, x), (to_y, y)] {
            if from.len() != COORDINATE {
                return Err(Error::malformed("EC key", "a coordinate of P-256 has 32 bytes"));
            }
            to.copy_from_slice(from);
        }
        Ok(Self(Inner::P256(point)))
    }

    /// A symmetric key for HS256.
    ///
    /// # Errors
    /// `UnsupportedCrypto` below 256 bits.
    pub fn hmac(key: Zeroizing<Vec<u8>>) -> Result<Self> {
        if key.len() < HMAC_KEY_MIN {
            return Err(Error::with(ErrorKind::UnsupportedCrypto, "HMAC keys below 256 bits verify no tokens"));
        }
        Ok(Self(Inner::Hmac(key)))
    }

    /// The algorithm by its name in tokens.
    #[must_use]
    pub fn algorithm(&self) -> &'static str {
        match self.0 {
            Inner::Rsa(_) => "RS256",
            Inner::P256(_) => "ES256",
            Inner::Hmac(_) => "HS256",
        }
    }

    /// Verifies a signature.
    ///
    /// # Errors
    /// `BadSignature`.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<()> {
        let bad = || Error::new(ErrorKind::BadSignature);
        match &self.0 {
            Inner::Rsa(key) => key.verify(HashAlgorithm::Sha256, message, signature),
            Inner::P256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature).map_err(|_| bad())
            }
            // Compares in constant time.
            Inner::Hmac(key) => {
                hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, key), message, signature).map_err(|_| bad())
            }
        }
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenKey({})", self.algorithm())
    }
}
