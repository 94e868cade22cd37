//! Rights documents: encrypted in publishing licenses, signed as templates.
//!
//! Encrypted rights data is AES-ECB under the content key over the document in UTF-16LE, whatever the cipher of the
//! content. That gives no integrity, so it is believed only behind the signature of the publishing license.

use roxmltree::Node;

use super::parts::{self, Times};
use super::text::{from_utf16le, utf16le};
use super::{descriptor, scan, signature, tree, writer};
use crate::cipher::ContentKey;
use crate::crypto::aes;
use crate::error::{Error, ErrorKind, Result};
use crate::license::{RightEntry, RightsData, RightsDataKind};

const AD_HOC: &str = "Microsoft Rights Template";
const OFFICIAL: &str = "Microsoft Official Rights Template";
const BLOCK: usize = 16;

/// Encrypts a rights document.
///
/// # Errors
/// Those of the cipher.
pub(crate) fn encrypt(text: &str, key: &ContentKey) -> Result<Vec<u8>> {
    let mut bytes = utf16le(text);
    bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
    aes::ecb_encrypt(key.expose_bytes(), &mut bytes)?;
    Ok(bytes)
}

/// Decrypts a rights document and removes what fills its last block.
///
/// # Errors
/// [`ErrorKind::BadRightsData`] when the result is no document followed by at most one block of known filling.
pub(crate) fn decrypt(encrypted: &[u8], key: &ContentKey) -> Result<String> {
    let bad = |why: &'static str| Error::with(ErrorKind::BadRightsData, why);
    if encrypted.is_empty() || !encrypted.len().is_multiple_of(BLOCK) {
        return Err(bad("its length is no multiple of a block"));
    }
    let mut bytes = encrypted.to_vec();
    aes::ecb_decrypt(key.expose_bytes(), &mut bytes)?;
    let close = utf16le("</XrML>");
    let first = bytes.len().saturating_sub(BLOCK + close.len());
    let end = (first..=bytes.len().saturating_sub(close.len()))
        .rev()
        .find(|at| at % 2 == 0 && bytes[*at..].starts_with(&close))
        .map(|at| at + close.len())
        .ok_or_else(|| bad("it does not end in a document"))?;
    let (document, fill) = bytes.split_at(end);
    let is_count = |byte: &u8| usize::from(*byte) == fill.len();
    let is_blank = || from_utf16le(fill).is_some_and(|text| text.chars().all(|c| " \t\r\n".contains(c)));
    if !(fill.iter().all(|byte| *byte == 0) || fill.iter().all(is_count) || is_blank()) {
        return Err(bad("something follows the document"));
    }
    let text = from_utf16le(document).ok_or_else(|| bad("it is not text"))?;
    if text.starts_with("<XrML") || text.starts_with("<?xml") { Ok(text) } else { Err(bad("it is no document")) }
}

/// Reads a rights document. An official template is read only behind its signature.
///
/// # Errors
/// [`ErrorKind::Malformed`]; [`ErrorKind::BadSignature`] for an official template.
pub(crate) fn read(text: &str) -> Result<RightsData> {
    let documents = scan::documents(text)?;
    let [only] = documents.as_slice() else { return Err(Error::malformed("rights data", "more than one document")) };
    let document = tree::parse(&text[only.clone()])?;
    let body = signature::body(&document)?;
    let kind = match body.attribute("type") {
        Some(AD_HOC) => RightsDataKind::AdHoc,
        Some(OFFICIAL) => RightsDataKind::OfficialTemplate,
        _ => return Err(Error::malformed("BODY", "not a rights document")),
    };
    let work = tree::required(body, "WORK")?;
    let terms = tree::child(work, "PRECONDITIONLIST")?.map(parts::times).transpose()?.unwrap_or_default();
    let is_template = kind == RightsDataKind::OfficialTemplate;
    let issuer = if is_template { Some(parts::principal(tree::required(body, "ISSUER")?)?) } else { None };
    let read = RightsData {
        kind,
        issued: tree::time(tree::required(body, "ISSUEDTIME")?, "ISSUEDTIME")?,
        descriptor: tree::child(body, "DESCRIPTOR")?.map(descriptor::read).transpose()?,
        publishing_url: parts::distribution_point(body, "Publishing-URL")?.map(|(_, url)| url),
        referral: parts::referral(body)?,
        content_id: Some(parts::content_id(work)?).filter(|id| !id.is_empty()),
        owner: parts::owner(work)?,
        validity: terms.range,
        expiry_days: terms.interval_days,
        rights: entries(work)?,
        app_data: parts::app_data(body, parts::APP_SPECIFIC)?,
        revocation: parts::revocation(work)?,
        issuer,
    };
    if let Some(issuer) = &read.issuer {
        signature::verify(&document, body, &parts::key_of(issuer)?)?;
    }
    Ok(read)
}

/// One element of a rights list.
pub(crate) struct RightElement<'a, 'i> {
    /// Name of the right as written.
    pub(crate) name: String,
    /// Its conditions.
    pub(crate) times: Times,
    /// Whom it is given to.
    pub(crate) access: Option<Node<'a, 'i>>,
}

/// The rights of `WORK`, in either spelling.
///
/// # Errors
/// [`ErrorKind::Malformed`], also for a condition that is not understood.
pub(crate) fn rights_of<'a, 'i>(work: Node<'a, 'i>) -> Result<Vec<RightElement<'a, 'i>>> {
    let list = tree::required(tree::required(work, "RIGHTSGROUP")?, "RIGHTSLIST")?;
    list.children().filter(Node::is_element).map(right_element).collect()
}

fn right_element<'a, 'i>(element: Node<'a, 'i>) -> Result<RightElement<'a, 'i>> {
    let name = match element.tag_name().name() {
        "RIGHT" => element.attribute("name").ok_or_else(|| Error::malformed("RIGHT", "without a name"))?,
        own => own,
    };
    if name.is_empty() {
        return Err(Error::malformed("RIGHT", "without a name"));
    }
    let conditions = tree::child(element, "CONDITIONLIST")?.unwrap_or(element);
    let is_known = |node: &Node<'_, '_>| tree::is(*node, "TIME") || tree::is(*node, "ACCESS");
    // Beside a condition list nothing may stand that would restrict the right unread.
    let unread = element.children().chain(conditions.children()).filter(Node::is_element);
    if unread.filter(|node| *node != conditions).any(|node| node.parent() != Some(conditions) || !is_known(&node)) {
        return Err(Error::malformed("RIGHT", "a condition that is not known"));
    }
    Ok(RightElement {
        name: name.to_owned(),
        times: parts::times(conditions)?,
        access: tree::child(conditions, "ACCESS")?,
    })
}

fn entries(work: Node<'_, '_>) -> Result<Vec<RightEntry>> {
    let mut found = Vec::new();
    for right in rights_of(work)? {
        let access = right.access.ok_or_else(|| Error::malformed("RIGHT", "without ACCESS"))?;
        for principal in tree::children(access, "PRINCIPAL") {
            let object = tree::required(principal, "OBJECT")?;
            let id = tree::child(object, "ID")?;
            found.push(RightEntry {
                right: right.name.clone(),
                id_type: id.and_then(|id| id.attribute("type")).unwrap_or("").to_owned(),
                id_value: tree::optional_text(object, "ID")?,
                name: tree::optional_text(object, "NAME")?,
                range: right.times.range,
                interval_days: right.times.interval_days,
            });
        }
    }
    Ok(found)
}

/// The `BODY` of a rights document. Its kind decides which parts are written.
///
/// # Errors
/// [`ErrorKind::InvalidArgument`] for text that a license cannot hold.
pub(crate) fn body(data: &RightsData) -> Result<String> {
    let mut out = String::with_capacity(4096 + data.rights.len() * 256);
    match data.kind {
        RightsDataKind::AdHoc => out.push_str("<BODY type=\"Microsoft Rights Template\" version=\"3.0\">"),
        RightsDataKind::OfficialTemplate => out.push_str("<BODY type=\"Microsoft Official Rights Template\">"),
    }
    writer::leaf(&mut out, "ISSUEDTIME", &data.issued.text())?;
    if let Some(policy) = &data.descriptor {
        writer::policy_descriptor(&mut out, policy)?;
    }
    if let Some(issuer) = &data.issuer {
        out.push_str("<ISSUER>");
        writer::principal(&mut out, issuer)?;
        out.push_str("</ISSUER>");
    }
    if let Some(url) = &data.publishing_url {
        writer::distribution_point(&mut out, writer::Point::PUBLISHING, None, url)?;
    }
    writer::referral(&mut out, data.referral.as_ref())?;
    out.push_str("<WORK>");
    match &data.content_id {
        Some(id) => writer::work_head(&mut out, id, data.owner.as_ref())?,
        None => out.push_str("<OBJECT><ID type=\"\" /></OBJECT>"),
    }
    if !data.validity.is_always() || data.expiry_days.is_some() {
        out.push_str("<PRECONDITIONLIST>");
        writer::times(&mut out, data.validity, data.expiry_days)?;
        out.push_str("</PRECONDITIONLIST>");
    }
    writer::revocation(&mut out, data.revocation.as_ref())?;
    out.push_str("<RIGHTSGROUP name=\"Main-Rights\"><RIGHTSLIST>");
    data.rights.iter().try_for_each(|entry| right(&mut out, entry))?;
    out.push_str("</RIGHTSLIST></RIGHTSGROUP></WORK>");
    writer::app_data(&mut out, parts::APP_SPECIFIC, &data.app_data)?;
    out.push_str("</BODY>");
    Ok(out)
}

fn right(out: &mut String, entry: &RightEntry) -> Result<()> {
    writer::right_open(out, &entry.right)?;
    writer::times(out, entry.range, entry.interval_days)?;
    out.push_str("<ACCESS><PRINCIPAL><OBJECT>");
    writer::leaf_with(out, "ID", &[("type", &entry.id_type)], entry.id_value.as_deref().unwrap_or(""))?;
    if let Some(name) = &entry.name {
        writer::leaf(out, "NAME", name)?;
    }
    out.push_str("</OBJECT></PRINCIPAL></ACCESS>");
    writer::right_close(out, &entry.right);
    Ok(())
}
