//! `ENABLINGBITS`: a content key sealed to an RSA key, bound to the text of an element beside it.
//!
//! ```text
//! RSA( header 12 | session key )  AES-ECB( version u32 | length u32 | 0 u32 | 0 u32 | header 12 | key | hash | fill )
//! header: size u16 | cipher mode u16 | key bytes u16 | block bytes u16 | flags u32, all little endian
//! ```
//!
//! The outer header belongs to the session key, the inner one to the content key and tells how content is encrypted.
//! The hash covers the bound text in UTF-16LE. It does not cover the key: only the signature of the license does.

use roxmltree::Node;
use zeroize::Zeroizing;

use super::text::utf16le;
use super::tree;
use super::writer::base64_value;
use crate::cipher::{CipherMode, ContentKey};
use crate::crypto::aes;
use crate::crypto::digest::{HashAlgorithm, constant_time_eq};
use crate::crypto::random::{self, Random};
use crate::crypto::rsa::{RsaPrivateKey, RsaPublicKey};
use crate::error::{Error, ErrorKind, Result};
use crate::license::{SealedKey, SealedKeyKind};

const HEADER_LEN: usize = 12;
const INNER_LEN: usize = 16;
const AES_BLOCK: usize = 16;
/// Modulus length of the only keys that open the deprecated form.
const V1_MODULUS_BITS: usize = 2048;

/// Reads the element. A type or value that cannot be read leaves nothing to unseal, and unsealing says so.
pub(crate) fn read(element: Node<'_, '_>) -> SealedKey {
    let kind = match element.attribute("type") {
        Some("sealed-key") => Some(SealedKeyKind::V1),
        Some("sealed-key-v2") => Some(SealedKeyKind::V2),
        _ => None,
    };
    let value = tree::required(element, "VALUE").and_then(|value| tree::sized_base64(value, "ENABLINGBITS"));
    match (kind, value) {
        (Some(kind), Ok(bytes)) => SealedKey { kind, bytes },
        _ => SealedKey { kind: SealedKeyKind::V2, bytes: Vec::new() },
    }
}

/// The element for a sealed key.
pub(crate) fn write(sealed: &SealedKey) -> String {
    let kind = match sealed.kind {
        SealedKeyKind::V1 => "sealed-key",
        SealedKeyKind::V2 => "sealed-key-v2",
    };
    format!("<ENABLINGBITS type=\"{kind}\">{}</ENABLINGBITS>", base64_value(&sealed.bytes))
}

/// Seals a content key in the current form.
///
/// # Errors
/// Those of the random source and of the RSA key.
pub(crate) fn seal(
    content_key: &ContentKey,
    bound_text: &str,
    key: &RsaPublicKey,
    random: &dyn Random,
) -> Result<SealedKey> {
    let session = Zeroizing::new(random::array::<16>(random)?);
    let outer = key_blob(CipherMode::Ecb.header_code(), &session[..])?;
    let payload = key_blob(content_key.mode().header_code(), content_key.expose_bytes())?;
    let hash = HashAlgorithm::Sha256.digest(&utf16le(bound_text));

    let length = u32::try_from(payload.len() + hash.len()).map_err(|_| Error::internal("a key too long to seal"))?;
    let mut inner = Zeroizing::new(Vec::with_capacity(128));
    inner.extend_from_slice(&2u32.to_le_bytes());
    inner.extend_from_slice(&length.to_le_bytes());
    inner.extend_from_slice(&[0; 8]);
    inner.extend_from_slice(&payload);
    inner.extend_from_slice(&hash);
    let missing = inner.len().next_multiple_of(AES_BLOCK) - inner.len();
    let fill = u8::try_from(missing).map_err(|_| Error::internal("a fill longer than a block"))?;
    inner.extend(std::iter::repeat_n(fill, missing));
    aes::ecb_encrypt(&session[..], &mut inner)?;

    let mut bytes = key.encrypt_oaep(&outer)?;
    bytes.extend_from_slice(&inner);
    Ok(SealedKey { kind: SealedKeyKind::V2, bytes })
}

/// Opens a sealed content key.
///
/// The deprecated form is opened by 2048-bit keys only. When its RSA padding is wrong, a random session key takes the
/// place of the sealed one, so that the answer is the one for a wrong inner block.
///
/// # Errors
/// [`ErrorKind::BadEnablingBits`] whatever is wrong with it; [`ErrorKind::UnsupportedCrypto`] for the deprecated form
/// under a key of another length.
pub(crate) fn unseal(
    sealed: &SealedKey,
    bound_text: &str,
    key: &RsaPrivateKey,
    random: &dyn Random,
) -> Result<ContentKey> {
    let modulus_len = key.public().bits().div_ceil(8);
    let (outer, inner) = sealed.bytes.split_at_checked(modulus_len).ok_or_else(|| bad("too short"))?;
    if inner.len() < 2 * AES_BLOCK || !inner.len().is_multiple_of(AES_BLOCK) {
        return Err(bad("the inner block has a wrong length"));
    }
    let (version, hash, session) = match sealed.kind {
        SealedKeyKind::V1 => {
            if key.public().bits() != V1_MODULUS_BITS {
                return Err(Error::with(ErrorKind::UnsupportedCrypto, "sealed-key under a key that is not 2048 bits"));
            }
            let spare = Zeroizing::new(random::array::<16>(random)?);
            let opened = key.decrypt_pkcs1(outer);
            let session = opened.as_ref().and_then(|blob| Header::read(blob)).map_or(&spare[..], |header| header.key);
            (1u32, HashAlgorithm::Sha1, Zeroizing::new(session.to_vec()))
        }
        SealedKeyKind::V2 => {
            let opened = key.decrypt_oaep(outer).map_err(|_| bad("not sealed to this key"))?;
            let header = Header::read(&opened).ok_or_else(|| bad("the session key is damaged"))?;
            (2u32, HashAlgorithm::Sha256, Zeroizing::new(header.key.to_vec()))
        }
    };
    let mut inner = Zeroizing::new(inner.to_vec());
    aes::ecb_decrypt(&session, &mut inner).map_err(|_| bad("the session key is damaged"))?;

    let field = |at: usize| inner.get(at..at + 4).and_then(|b| b.try_into().ok()).map_or(0, u32::from_le_bytes);
    if field(0) != version || field(8) != 0 || field(12) != 0 {
        return Err(bad("the inner header is damaged"));
    }
    let length = usize::try_from(field(4)).map_err(|_| bad("the inner length is wrong"))?;
    let expected = hash.digest(&utf16le(bound_text));
    let (sealed_part, fill) =
        inner[INNER_LEN..].split_at_checked(length).ok_or_else(|| bad("the inner length is wrong"))?;
    if fill.len() > AES_BLOCK || sealed_part.len() <= expected.len() {
        return Err(bad("the inner length is wrong"));
    }
    let (payload, found) = sealed_part.split_at(sealed_part.len() - expected.len());
    if !constant_time_eq(&expected, found) {
        return Err(bad("sealed together with another text"));
    }
    let header = Header::read(payload).ok_or_else(|| bad("the content key is damaged"))?;
    let mode = CipherMode::from_header_code(header.mode).ok_or_else(|| bad("the cipher mode is not known"))?;
    ContentKey::new(mode, header.key).map_err(|_| bad("the content key has a length that its mode does not allow"))
}

fn bad(why: &'static str) -> Error {
    Error::with(ErrorKind::BadEnablingBits, why)
}

/// A key behind its header.
struct Header<'a> {
    mode: u16,
    key: &'a [u8],
}

impl<'a> Header<'a> {
    /// `None` unless the header describes exactly the AES key that follows it. Flags and block size vary between
    /// writers.
    fn read(blob: &'a [u8]) -> Option<Self> {
        let (header, key) = blob.split_at_checked(HEADER_LEN)?;
        let field = |at: usize| Some(u16::from_le_bytes(header.get(at..at + 2)?.try_into().ok()?));
        let stated = match field(4)? {
            128 => 16,
            192 => 24,
            256 => 32,
            bytes => usize::from(bytes),
        };
        let fits = matches!(key.len(), 16 | 24 | 32) && stated == key.len() && usize::from(field(0)?) == blob.len();
        fits.then_some(Self { mode: field(2)?, key })
    }
}

/// A key with its header.
fn key_blob(mode: u16, key: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let too_long = |_| Error::internal("a key too long for its header");
    let flags: u32 = if mode == CipherMode::Ecb.header_code() { 0x1001 } else { 0x2001 };
    let mut blob = Zeroizing::new(Vec::with_capacity(HEADER_LEN + key.len()));
    blob.extend_from_slice(&u16::try_from(HEADER_LEN + key.len()).map_err(too_long)?.to_le_bytes());
    blob.extend_from_slice(&mode.to_le_bytes());
    blob.extend_from_slice(&u16::try_from(key.len()).map_err(too_long)?.to_le_bytes());
    blob.extend_from_slice(&16u16.to_le_bytes());
    blob.extend_from_slice(&flags.to_le_bytes());
    blob.extend_from_slice(key);
    Ok(blob)
}
