//! Encrypted application data beside a signed template.
//!
//! Rights data made for one license holds its application data. A template is signed and cannot take any, so the
//! application data of such a license stands in an element of our own, which other readers ignore: base64 of
//! AES-256-GCM under a key derived from the content key, over a count and, for each pair, two strings with their
//! lengths.

use zeroize::Zeroizing;

use crate::base::limits::{APPLICATION_DATA_MAX, NAME_VALUES_MAX};
use crate::cipher::ContentKey;
use crate::crypto::digest::hkdf_sha256;
use crate::crypto::random::Random;
use crate::crypto::seal::SealingKey;
use crate::error::{Error, ErrorKind, Result};
use crate::license::AppDatum;

/// `id` of the element.
pub(crate) const ELEMENT_ID: &str = "IPCX.Encrypted-App-Data";
const INFO: &[u8] = b"msipc app data v1";

/// Encrypts pairs for the license with a content id.
///
/// # Errors
/// [`ErrorKind::InvalidArgument`] for more data than a license holds; those of the random source.
pub(crate) fn seal(entries: &[AppDatum], content_id: &str, key: &ContentKey, random: &dyn Random) -> Result<Vec<u8>> {
    let total: usize = entries.iter().map(|entry| entry.name.len() + entry.value.len()).sum();
    if entries.len() > NAME_VALUES_MAX || total > APPLICATION_DATA_MAX {
        return Err(Error::argument("application data", "more than a license holds"));
    }
    let mut plain = Zeroizing::new(Vec::with_capacity(total + 8 * entries.len() + 4));
    put_length(&mut plain, entries.len())?;
    for text in entries.iter().flat_map(|entry| [&entry.name, &entry.value]) {
        put_length(&mut plain, text.len())?;
        plain.extend_from_slice(text.as_bytes());
    }
    derived(key)?.seal(random, content_id.as_bytes(), &plain)
}

/// Decrypts the pairs.
///
/// # Errors
/// [`ErrorKind::BadRightsData`] when they were changed or belong to another license.
pub(crate) fn open(sealed: &[u8], content_id: &str, key: &ContentKey) -> Result<Vec<AppDatum>> {
    let bad = || Error::with(ErrorKind::BadRightsData, "the encrypted application data is damaged");
    let plain = derived(key)?.open(content_id.as_bytes(), sealed).map_err(|_| bad())?;
    decode(&plain).ok_or_else(bad)
}

fn derived(key: &ContentKey) -> Result<SealingKey> {
    let mut bytes = Zeroizing::new([0u8; 32]);
    hkdf_sha256(key.expose_bytes(), INFO, &mut bytes[..])?;
    Ok(SealingKey::new(*bytes))
}

fn put_length(out: &mut Vec<u8>, length: usize) -> Result<()> {
    let length = u32::try_from(length).map_err(|_| Error::internal("application data too long"))?;
    out.extend_from_slice(&length.to_le_bytes());
    Ok(())
}

fn decode(mut rest: &[u8]) -> Option<Vec<AppDatum>> {
    let count = take_length(&mut rest).filter(|count| *count <= NAME_VALUES_MAX)?;
    let entries = (0..count)
        .map(|_| Some(AppDatum { name: take_text(&mut rest)?, value: take_text(&mut rest)? }))
        .collect::<Option<Vec<_>>>()?;
    rest.is_empty().then_some(entries)
}

fn take_length(rest: &mut &[u8]) -> Option<usize> {
    let (length, after) = rest.split_first_chunk::<4>()?;
    *rest = after;
    usize::try_from(u32::from_le_bytes(*length)).ok()
}

fn take_text(rest: &mut &[u8]) -> Option<String> {
    let length = take_length(rest)?;
    let (text, after) = rest.split_at_checked(length)?;
    *rest = after;
    std::str::from_utf8(text).ok().map(str::to_owned)
}
