//! X.509 certificates, as far as proving the possession of their key needs them: the key, the validity, the thumbprint.
//!
//! Nobody is believed because of who signed a certificate: an administrator registers each one. So names, extensions and
//! the signature are passed over, and what is registered is the whole text of the certificate, by its thumbprint
//! (RFC 5280, 4.1; DER as of X.690).

use super::digest::sha256;
use super::token_key::TokenKey;
use crate::base::time::Timestamp;
use crate::error::{Error, Result};

/// Longest certificate that is looked at, in bytes.
pub const CERTIFICATE_MAX: usize = 64 * 1024;

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xA0;

/// `rsaEncryption`: 1.2.840.113549.1.1.1, with its tag and length.
const RSA: &[u8] = &[0x06, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];
/// `id-ecPublicKey` on `prime256v1`: 1.2.840.10045.2.1 and 1.2.840.10045.3.1.7, with their tags and lengths.
const P256: &[u8] =
    &[0x06, 7, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 8, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];

/// A certificate that was read. Whether it is valid now, and whether anybody registered it, is asked elsewhere.
#[derive(Debug)]
pub struct Certificate {
    key: TokenKey,
    not_before: Timestamp,
    not_after: Timestamp,
    thumbprint: [u8; 32],
}

impl Certificate {
    /// Reads a certificate in DER.
    ///
    /// # Errors
    /// `Malformed` when it is none; `UnsupportedCrypto` for another key than RSA of 2048 bits or more with the exponent
    /// 65537, or on P-256.
    pub fn read(der: &[u8]) -> Result<Self> {
        let bad = |why: &str| Error::malformed("certificate", why);
        if der.len() > CERTIFICATE_MAX {
            return Err(bad("too long"));
        }
        let mut rest = der;
        let whole = take(&mut rest, SEQUENCE).filter(|_| rest.is_empty());
        let fields = whole.and_then(|mut whole| take(&mut whole, SEQUENCE)).and_then(Fields::of);
        let Fields { validity, algorithm, key } = fields.ok_or_else(|| bad("not in DER"))?;
        let (not_before, not_after) = times(validity).ok_or_else(|| bad("its validity is not readable"))?;
        let key = match algorithm.strip_prefix(RSA) {
            Some(_parameters) => TokenKey::rsa(rsa_modulus(key).ok_or_else(|| bad("its RSA key is not readable"))?)?,
            None if algorithm == P256 && key.len() == 65 && key[0] == 4 => TokenKey::p256(&key[1..33], &key[33..])?,
            None => {
                let kind = crate::error::ErrorKind::UnsupportedCrypto;
                return Err(Error::with(kind, "its key is neither RSA nor on P-256"));
            }
        };
        Ok(Self { key, not_before, not_after, thumbprint: sha256(der) })
    }

    /// SHA-256 of the whole certificate.
    #[must_use]
    pub fn thumbprint(&self) -> &[u8; 32] {
        &self.thumbprint
    }

    /// True within its validity; both ends belong to it.
    #[must_use]
    pub fn is_valid_at(&self, moment: Timestamp) -> bool {
        self.not_before <= moment && moment <= self.not_after
    }

    /// Verifies a signature with SHA-256: PKCS#1 v1.5 for RSA, the two numbers of 32 bytes each for P-256.
    ///
    /// # Errors
    /// `BadSignature`.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<()> {
        self.key.verify(message, signature)
    }
}

/// The parts of `TBSCertificate` that count.
struct Fields<'a> {
    validity: &'a [u8],
    algorithm: &'a [u8],
    /// The bits of the key.
    key: &'a [u8],
}

impl<'a> Fields<'a> {
    fn of(mut tbs: &'a [u8]) -> Option<Self> {
        let from = &mut tbs;
        if from.first() == Some(&VERSION) {
            take(from, VERSION)?;
        }
        take(from, INTEGER)?; // serial number
        take(from, SEQUENCE)?; // algorithm of the signature
        take(from, SEQUENCE)?; // issuer
        let validity = take(from, SEQUENCE)?;
        take(from, SEQUENCE)?; // subject
        let mut public = take(from, SEQUENCE)?;
        let algorithm = take(&mut public, SEQUENCE)?;
        let (unused, key) = take(&mut public, BIT_STRING)?.split_first()?;
        (*unused == 0 && public.is_empty()).then_some(Self { validity, algorithm, key })
    }
}

/// The next element, if it has the tag.
fn take<'a>(from: &mut &'a [u8], tag: u8) -> Option<&'a [u8]> {
    let (found, rest) = from.split_first()?;
    let (first, mut rest) = rest.split_first()?;
    let mut length = usize::from(*first);
    if length >= 0x80 {
        // 64 KiB at most, so two bytes of length do; DER takes the shortest form.
        let count = length - 0x80;
        let (bytes, after) = rest.split_at_checked(count).filter(|_| (1..=2).contains(&count))?;
        length = bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        if length < 0x80 || bytes[0] == 0 {
            return None;
        }
        rest = after;
    }
    let (content, after) = rest.split_at_checked(length)?;
    *from = after;
    (*found == tag).then_some(content)
}

fn times(mut validity: &[u8]) -> Option<(Timestamp, Timestamp)> {
    let both = (time(&mut validity)?, time(&mut validity)?);
    validity.is_empty().then_some(both)
}

/// `YYMMDDhhmmssZ` of 1950 to 2049, or `YYYYMMDDhhmmssZ`.
fn time(from: &mut &[u8]) -> Option<Timestamp> {
    let (digits, century) = match from.first()? {
        &UTC_TIME => (take(from, UTC_TIME)?, true),
        _ => (take(from, GENERALIZED_TIME)?, false),
    };
    let text = std::str::from_utf8(digits).ok()?.strip_suffix('Z')?;
    let text = match century {
        true if text.len() == 12 => format!("{}{text}", if text < "50" { "20" } else { "19" }),
        false if text.len() == 14 => text.to_owned(),
        _ => return None,
    };
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |from, to| text.get(from..to).unwrap_or_default();
    let minute = format!("{}-{}-{}T{}:{}", part(0, 4), part(4, 6), part(6, 8), part(8, 10), part(10, 12));
    let seconds: u64 = part(12, 14).parse().ok().filter(|seconds| *seconds < 60)?;
    Timestamp::parse(&minute)?.checked_add(seconds * 10_000_000)
}

/// The modulus of an `RSAPublicKey` with the exponent 65537.
fn rsa_modulus(mut key: &[u8]) -> Option<&[u8]> {
    let mut numbers = take(&mut key, SEQUENCE).filter(|_| key.is_empty())?;
    let modulus = take(&mut numbers, INTEGER)?;
    let exponent = take(&mut numbers, INTEGER)?;
    let usual = exponent == [1, 0, 1] && numbers.is_empty();
    usual.then(|| modulus.strip_prefix(&[0]).unwrap_or(modulus))
}

#[cfg(test)]
#[path = "certificate_tests.rs"]
pub(crate) mod tests;
