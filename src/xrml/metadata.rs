//! Metadata of a publishing license that was signed before: they are exchanged in its text, and the text is signed again.
//!
//! Nothing else is written anew, so the sealed key, the encrypted rights and everything that a reader compares stay byte
//! for byte as they were.

use super::text::{self, TextEncoding};
use super::{parts, publishing, scan, signature, tree, writer};
use crate::base::limits::LICENSE_WRITE_MAX;
use crate::crypto::rsa::RsaPrivateKey;
use crate::error::{Error, ErrorKind, Result};
use crate::license::AppDatum;

/// The license with other metadata, signed by the key that signed it before. Certificates that follow it are kept.
///
/// # Errors
/// [`ErrorKind::Malformed`] or [`ErrorKind::BadSignature`] when it is no good license, [`ErrorKind::InvalidArgument`]
/// when another key signed it or an entry cannot be written, [`ErrorKind::LicenseTooLong`].
pub fn replace(serialized: &[u8], entries: &[AppDatum], key: &RsaPrivateKey) -> Result<Vec<u8>> {
    let before = publishing::read(serialized)?;
    if before.license().issuer.modulus != key.public().modulus_be() {
        return Err(Error::argument("license", "another key signed it"));
    }
    let (whole, encoding) = text::decode(serialized)?;
    let ranges = scan::documents(&whole)?;
    let (first, others) = ranges.split_first().ok_or_else(|| Error::malformed("XrML", "no document"))?;
    let document = tree::parse(&whole[first.clone()])?;
    let body = signature::body(&document)?;

    let mut written = String::new();
    writer::app_data(&mut written, parts::METADATA, entries)?;
    let is_old = |node: &roxmltree::Node<'_, '_>| node.attribute("id") == Some(parts::METADATA);
    let surface = tree::surface(body);
    let start = body.range().start;
    let mut next = String::with_capacity(surface.len() + written.len());
    let mut copied = 0;
    let mut take = |until: usize, resume: usize, next: &mut String| {
        next.push_str(surface.get(copied..until).unwrap_or_default());
        copied = resume;
    };
    let old: Vec<_> = tree::children(body, "AUTHENTICATEDDATA").filter(is_old).collect();
    // Where the first stood, or behind everything that stands in the body.
    let place = match old.first() {
        Some(first) => first.range().start - start,
        None => surface.rfind("</").ok_or_else(|| Error::malformed("BODY", "empty"))?,
    };
    take(place, place, &mut next);
    next.push_str(&written);
    for node in &old {
        take(node.range().start - start, node.range().end - start, &mut next);
    }
    take(surface.len(), surface.len(), &mut next);

    let mut out = [writer::DECLARATION, &signature::sign(writer::ROOT, &next, key)?].concat();
    others.iter().for_each(|range| out.push_str(&whole[range.clone()]));
    let bytes = text::encode(&out, if encoding.is_utf16() { TextEncoding::Utf16LeBom } else { TextEncoding::Utf8Bom });
    if bytes.len() > LICENSE_WRITE_MAX {
        let detail = format!("{} bytes, at most {LICENSE_WRITE_MAX} are written", bytes.len());
        return Err(Error::with(ErrorKind::LicenseTooLong, detail));
    }
    // What was cut and joined is still a license, with what was asked for in it.
    let after = publishing::read(&bytes)?;
    if after.license().metadata != entries || after.fingerprint() != before.fingerprint() {
        return Err(Error::new(ErrorKind::Internal));
    }
    Ok(bytes)
}
