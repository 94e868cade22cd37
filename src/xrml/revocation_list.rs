//! Revocation lists: which licenses an authority refuses, signed, so that a client can carry them where it cannot ask.
//!
//! A list is a document like the others, with a number that only grows and a time of the next update. The published
//! format of such lists names neither issuers nor times of issue, so the entries are ours.

use super::text::{self, TextEncoding};
use super::{parts, scan, signature, tree, writer};
use crate::base::time::{Timestamp, Validity};
use crate::crypto::digest::{HashAlgorithm, sha256};
use crate::crypto::rsa::RsaPrivateKey;
use crate::error::{Error, Result};
use crate::license::Principal;
use crate::policy::{Revocation, RevocationTarget, Revoked};

/// `BODY/@type` of a list.
const BODY_TYPE: &str = "Microsoft Rights Revocation List";

/// A revocation list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RevocationList {
    /// Higher than that of every list before.
    pub number: u64,
    /// Time of issue.
    pub issued: Timestamp,
    /// When the next list is due; this one says nothing any more then.
    pub next_update: Timestamp,
    /// The authority.
    pub issuer: Principal,
    /// The entries. Who revoked and when is not part of a list: it reads as nobody, at the time of issue.
    pub revocations: Vec<Revocation>,
}

impl RevocationList {
    /// SHA-256 of the modulus that signed.
    #[must_use]
    pub fn signer(&self) -> [u8; 32] {
        sha256(&self.issuer.modulus)
    }

    /// True while the list says something.
    #[must_use]
    pub fn is_current(&self, now: Timestamp) -> bool {
        now < self.next_update
    }
}

/// Writes and signs a list.
///
/// # Errors
/// [`crate::ErrorKind::InvalidArgument`] for text that XML cannot hold; those of the key.
pub fn write(list: &RevocationList, key: &RsaPrivateKey) -> Result<Vec<u8>> {
    if list.issuer.modulus != key.public().modulus_be() {
        return Err(Error::argument("issuer", "its key is not the one that signs"));
    }
    let mut out = format!("<BODY type=\"{BODY_TYPE}\" version=\"3.0\">");
    writer::leaf(&mut out, "ISSUEDTIME", &list.issued.text())?;
    let time = Validity { from: Some(list.issued), until: Some(list.next_update) };
    writer::range(&mut out, "VALIDITYTIME", time)?;
    out.push_str("<DESCRIPTOR><OBJECT type=\"Revocation-List\">");
    writer::leaf_with(&mut out, "ID", &[("type", "Number")], &list.number.to_string())?;
    out.push_str("</OBJECT></DESCRIPTOR>");
    writer::issuer(&mut out, &list.issuer)?;
    out.push_str("<REVOCATIONLIST>");
    for revocation in &list.revocations {
        entry(&mut out, revocation)?;
    }
    out.push_str("</REVOCATIONLIST></BODY>");
    let text = [writer::DECLARATION, &signature::sign(writer::ROOT, &out, key)?].concat();
    Ok(text::encode(&text, TextEncoding::Utf8Bom))
}

fn entry(out: &mut String, revocation: &Revocation) -> Result<()> {
    let (kind, target) = match &revocation.target {
        RevocationTarget::Content(id) => ("content-id", id.clone()),
        RevocationTarget::License(hash) => ("license", hash.iter().map(|byte| format!("{byte:02x}")).collect()),
        RevocationTarget::All => ("all", String::new()),
    };
    let by = match revocation.by {
        Revoked::ByIssuer => "issuer",
        Revoked::ByAdministrator => "administrator",
    };
    let from = revocation.issued.from.map(Timestamp::text);
    let until = revocation.issued.until.map(Timestamp::text);
    let mut attributes = vec![("type", kind), ("by", by)];
    attributes.extend(revocation.issuer.as_deref().map(|issuer| ("issuer", issuer)));
    attributes.extend(from.as_deref().map(|from| ("issued-from", from)));
    attributes.extend(until.as_deref().map(|until| ("issued-until", until)));
    writer::leaf_with(out, "REVOKE", &attributes, &target)
}

/// Reads a list and verifies its signature. Whether its signer counts is for the caller to say.
///
/// # Errors
/// [`crate::ErrorKind::Malformed`] when it is no list or has an entry that is not understood,
/// [`crate::ErrorKind::BadSignature`].
pub fn read(bytes: &[u8]) -> Result<RevocationList> {
    let (text, _) = text::decode(bytes)?;
    let ranges = scan::documents(&text)?;
    let [range] = ranges.as_slice() else { return Err(Error::malformed("XrML", "not one document")) };
    let document = tree::parse(&text[range.clone()])?;
    let body = signature::body(&document)?;
    if body.attribute("type") != Some(BODY_TYPE) {
        return Err(Error::malformed("BODY", "not a revocation list"));
    }
    let issuer = parts::principal(tree::required(body, "ISSUER")?)?;
    if signature::verify(&document, body, &parts::key_of(&issuer)?)? != HashAlgorithm::Sha256 {
        return Err(Error::malformed("SIGNATURE", "the hash is not SHA-256"));
    }
    let issued = tree::time(tree::required(body, "ISSUEDTIME")?, "ISSUEDTIME")?;
    let next_update = parts::range(tree::required(body, "VALIDITYTIME")?)?.until;
    let object = tree::required(tree::required(body, "DESCRIPTOR")?, "OBJECT")?;
    let number = tree::optional_text(object, "ID")?.and_then(|number| number.parse().ok());
    let entries = tree::children(tree::required(body, "REVOCATIONLIST")?, "REVOKE");
    Ok(RevocationList {
        number: number.ok_or_else(|| Error::malformed("ID", "not the number of a list"))?,
        issued,
        next_update: next_update.ok_or_else(|| Error::malformed("VALIDITYTIME", "without an end"))?,
        issuer,
        revocations: entries.map(|node| read_entry(node, issued)).collect::<Result<_>>()?,
    })
}

fn read_entry(node: roxmltree::Node<'_, '_>, made: Timestamp) -> Result<Revocation> {
    let bad = || Error::malformed("REVOKE", "an entry that is not understood");
    let text = tree::text(node)?;
    let target = match node.attribute("type") {
        Some("content-id") if !text.is_empty() => RevocationTarget::Content(text.to_owned()),
        Some("license") => RevocationTarget::License(unhex(text).ok_or_else(bad)?),
        Some("all") => RevocationTarget::All,
        _ => return Err(bad()),
    };
    let by = match node.attribute("by") {
        Some("issuer") => Revoked::ByIssuer,
        Some("administrator") => Revoked::ByAdministrator,
        _ => return Err(bad()),
    };
    let time = |name| node.attribute(name).map(|text| Timestamp::parse(text).ok_or_else(bad)).transpose();
    Ok(Revocation {
        target,
        issuer: node.attribute("issuer").map(str::to_owned),
        issued: Validity { from: time("issued-from")?, until: time("issued-until")? },
        by,
        revoked_by: String::new(),
        made,
    })
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut out = [0; 32];
    for (at, byte) in out.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(out)
}
