//! Elements as text: escaping, and the parts that several kinds of documents share.
//!
//! No white space stands between elements and attributes come in a fixed order, because other readers look for both.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::descriptor;
use crate::base::time::Validity;
use crate::error::{Error, Result};
use crate::license::{AppDatum, OwnerId, PolicyDescriptor, Principal, Referral, RevocationPoint};

/// The root element of every document but use licenses.
pub(crate) const ROOT: &str = "<XrML xmlns=\"\" version=\"1.2\">";
/// The declaration that opens licenses and templates.
pub(crate) const DECLARATION: &str = "<?xml version=\"1.0\"?>";

/// The rights that have an element of their own; the others are written as `RIGHT`.
const OWN_ELEMENT: [&str; 5] = ["VIEW", "PRINT", "EDIT", "EXPORT", "EXTRACT"];

/// A kind of `DISTRIBUTIONPOINT`: object type, identifier in practice, default name.
#[derive(Clone, Copy)]
pub(crate) struct Point(&'static str, &'static str, Option<&'static str>);

impl Point {
    pub(crate) const LICENSING: Self =
        Self("License-Acquisition-URL", "{0F45FD50-383B-43EE-90A4-ED013CD0CFE5}", Some("DRM Server Cluster"));
    pub(crate) const EXTRANET_LICENSING: Self =
        Self("Extranet-License-Acquisition-URL", "{94BF969A-CA04-44d6-AA96-51071281FEF2}", Some("DRM Server Cluster"));
    pub(crate) const REFERRAL: Self = Self("Referral-Info", "{81C42010-208A-458A-BAB6-C3C60F06DD5F}", None);
    pub(crate) const PUBLISHING: Self =
        Self("Publishing-URL", "{9A23D98E-4449-4ba5-812A-F30808F3CB16}", Some("Publishing Point"));
}

/// Appends text with the characters escaped that would end it or that a parser would change.
///
/// # Errors
/// [`crate::ErrorKind::InvalidArgument`] for characters that XML cannot hold.
pub(crate) fn escape(out: &mut String, text: &str, in_attribute: bool) -> Result<()> {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if in_attribute => out.push_str("&quot;"),
            '\n' | '\t' if !in_attribute => out.push(c),
            '\n' | '\t' | '\r' => write!(out, "&#{};", u32::from(c)).map_err(|e| Error::internal(e.to_string()))?,
            '\0'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => {
                return Err(Error::argument("text", "a control character cannot stand in a license"));
            }
            _ => out.push(c),
        }
    }
    Ok(())
}

/// Appends an element that holds text.
///
/// # Errors
/// As [`escape`].
pub(crate) fn leaf(out: &mut String, name: &str, text: &str) -> Result<()> {
    out.push('<');
    out.push_str(name);
    out.push('>');
    escape(out, text, false)?;
    out.push_str("</");
    out.push_str(name);
    out.push('>');
    Ok(())
}

/// Appends an element with attributes that holds text, or is empty.
///
/// # Errors
/// As [`escape`].
pub(crate) fn leaf_with(out: &mut String, name: &str, attributes: &[(&str, &str)], text: &str) -> Result<()> {
    out.push('<');
    out.push_str(name);
    for (attribute, value) in attributes {
        out.push(' ');
        out.push_str(attribute);
        out.push_str("=\"");
        escape(out, value, true)?;
        out.push('"');
    }
    if text.is_empty() {
        out.push_str(" />");
        return Ok(());
    }
    out.push('>');
    escape(out, text, false)?;
    out.push_str("</");
    out.push_str(name);
    out.push('>');
    Ok(())
}

/// A `VALUE` of bytes, with its size in bits.
pub(crate) fn base64_value(bytes: &[u8]) -> String {
    format!("<VALUE encoding=\"base64\" size=\"{}\">{}</VALUE>", bytes.len() * 8, STANDARD.encode(bytes))
}

/// Appends a policy `DESCRIPTOR`.
///
/// # Errors
/// As [`escape`] and [`descriptor::format`].
pub(crate) fn policy_descriptor(out: &mut String, policy: &PolicyDescriptor) -> Result<()> {
    out.push_str("<DESCRIPTOR><OBJECT>");
    let mut attributes = vec![("type", "MS-GUID")];
    attributes.extend(policy.version.as_deref().map(|version| ("version", version)));
    leaf_with(out, "ID", &attributes, &policy.id)?;
    leaf(out, "NAME", &descriptor::format(&policy.texts)?)?;
    out.push_str("</OBJECT></DESCRIPTOR>");
    Ok(())
}

/// Appends `OBJECT` and `PUBLICKEY` of a principal.
///
/// # Errors
/// As [`escape`].
pub(crate) fn principal(out: &mut String, who: &Principal) -> Result<()> {
    out.push_str("<OBJECT type=\"");
    escape(out, &who.kind, true)?;
    out.push_str("\">");
    leaf_with(out, "ID", &[("type", &who.id_type)], who.id.as_deref().unwrap_or(""))?;
    if let Some(name) = &who.name {
        leaf(out, "NAME", name)?;
    }
    for (kind, address) in &who.addresses {
        leaf_with(out, "ADDRESS", &[("type", kind)], address)?;
    }
    let modulus: Vec<u8> = who.modulus.iter().rev().copied().collect();
    out.push_str(
        "</OBJECT><PUBLICKEY><ALGORITHM>RSA</ALGORITHM><PARAMETER name=\"public-exponent\"><VALUE \
         encoding=\"integer32\">65537</VALUE></PARAMETER><PARAMETER name=\"modulus\">",
    );
    out.push_str(&base64_value(&modulus));
    out.push_str("</PARAMETER></PUBLICKEY>");
    Ok(())
}

/// Appends the levels of a principal.
///
/// # Errors
/// As [`escape`].
pub(crate) fn security_levels(out: &mut String, who: &Principal) -> Result<()> {
    who.security_levels
        .iter()
        .try_for_each(|(name, value)| leaf_with(out, "SECURITYLEVEL", &[("name", name), ("value", value)], ""))
}

/// Appends `ISSUER`.
///
/// # Errors
/// As [`escape`].
pub(crate) fn issuer(out: &mut String, who: &Principal) -> Result<()> {
    out.push_str("<ISSUER>");
    principal(out, who)?;
    security_levels(out, who)?;
    out.push_str("</ISSUER>");
    Ok(())
}

/// Appends a `DISTRIBUTIONPOINT`.
///
/// # Errors
/// As [`escape`].
pub(crate) fn distribution_point(out: &mut String, point: Point, name: Option<&str>, url: &str) -> Result<()> {
    out.push_str("<DISTRIBUTIONPOINT><OBJECT type=\"");
    out.push_str(point.0);
    out.push_str("\">");
    leaf_with(out, "ID", &[("type", "MS-GUID")], point.1)?;
    if let Some(name) = name.or(point.2) {
        leaf(out, "NAME", name)?;
    }
    leaf_with(out, "ADDRESS", &[("type", "URL")], url)?;
    out.push_str("</OBJECT></DISTRIBUTIONPOINT>");
    Ok(())
}

/// Appends the referral, if there is one.
///
/// # Errors
/// As [`escape`].
pub(crate) fn referral(out: &mut String, referral: Option<&Referral>) -> Result<()> {
    referral.map_or(Ok(()), |one| distribution_point(out, Point::REFERRAL, one.name.as_deref(), &one.url))
}

/// Appends the object of `WORK` and the owner.
///
/// # Errors
/// As [`escape`].
pub(crate) fn work_head(out: &mut String, content_id: &str, owner: Option<&OwnerId>) -> Result<()> {
    out.push_str("<OBJECT>");
    leaf_with(out, "ID", &[("type", "MS-GUID")], content_id)?;
    out.push_str("</OBJECT>");
    let Some(owner) = owner else { return Ok(()) };
    out.push_str("<METADATA><OWNER><OBJECT>");
    leaf_with(out, "ID", &[("type", &owner.id_type)], owner.id.as_deref().unwrap_or(""))?;
    if let Some(name) = &owner.name {
        leaf(out, "NAME", name)?;
    }
    out.push_str("</OBJECT></OWNER></METADATA>");
    Ok(())
}

/// Appends `FROM` and `UNTIL` within an element, unless both ends are open.
///
/// # Errors
/// As [`escape`].
pub(crate) fn range(out: &mut String, element: &str, range: Validity) -> Result<()> {
    if range.is_always() {
        return Ok(());
    }
    out.push('<');
    out.push_str(element);
    out.push('>');
    for (name, end) in [("FROM", range.from), ("UNTIL", range.until)] {
        if let Some(end) = end {
            leaf(out, name, &end.text())?;
        }
    }
    out.push_str("</");
    out.push_str(element);
    out.push('>');
    Ok(())
}

/// Appends the `TIME` elements of a range and an interval.
///
/// # Errors
/// As [`escape`].
pub(crate) fn times(out: &mut String, validity: Validity, interval_days: Option<u32>) -> Result<()> {
    if !validity.is_always() {
        out.push_str("<TIME>");
        range(out, "RANGETIME", validity)?;
        out.push_str("</TIME>");
    }
    if let Some(days) = interval_days {
        out.push_str("<TIME>");
        leaf_with(out, "INTERVALTIME", &[("days", &days.to_string())], "")?;
        out.push_str("</TIME>");
    }
    Ok(())
}

/// Opens the element of a right and its condition list.
///
/// # Errors
/// As [`escape`].
pub(crate) fn right_open(out: &mut String, right: &str) -> Result<()> {
    if OWN_ELEMENT.contains(&right) {
        out.push('<');
        out.push_str(right);
    } else {
        out.push_str("<RIGHT name=\"");
        escape(out, right, true)?;
        out.push('"');
    }
    out.push_str("><CONDITIONLIST>");
    Ok(())
}

/// Closes what [`right_open`] opened.
pub(crate) fn right_close(out: &mut String, right: &str) {
    out.push_str("</CONDITIONLIST></");
    out.push_str(if OWN_ELEMENT.contains(&right) { right } else { "RIGHT" });
    out.push('>');
}

/// Appends the condition that a revocation list must be at hand.
///
/// # Errors
/// As [`escape`].
pub(crate) fn revocation(out: &mut String, point: Option<&RevocationPoint>) -> Result<()> {
    let Some(point) = point else { return Ok(()) };
    out.push_str("<CONDITIONLIST><REFRESH><DISTRIBUTIONPOINT><OBJECT type=\"Revocation\">");
    leaf_with(out, "ID", &[("type", "MS-GUID")], point.id.as_deref().unwrap_or(""))?;
    if let Some(url) = &point.url {
        leaf_with(out, "ADDRESS", &[("type", "URL")], url)?;
    }
    out.push_str("</OBJECT></DISTRIBUTIONPOINT>");
    let seconds = point.max_age_seconds;
    let parts = [
        ("days", seconds / 86_400),
        ("hours", seconds % 86_400 / 3_600),
        ("minutes", seconds % 3_600 / 60),
        ("seconds", seconds % 60),
    ];
    let texts: Vec<_> = parts.iter().filter(|part| part.1 > 0).map(|part| (part.0, part.1.to_string())).collect();
    let attributes: Vec<_> = texts.iter().map(|(name, count)| (*name, count.as_str())).collect();
    leaf_with(out, "INTERVALTIME", &attributes, "")?;
    out.push_str("</REFRESH></CONDITIONLIST>");
    Ok(())
}

/// Appends `AUTHENTICATEDDATA` entries of one id.
///
/// # Errors
/// As [`escape`]; [`crate::ErrorKind::InvalidArgument`] when a name is empty or stands twice, which no reader accepts.
pub(crate) fn app_data(out: &mut String, id: &str, entries: &[AppDatum]) -> Result<()> {
    let mut names = std::collections::HashSet::new();
    for entry in entries {
        if entry.name.is_empty() || !names.insert(entry.name.as_str()) {
            return Err(Error::argument("application data", "a name is empty or stands more than once"));
        }
        leaf_with(out, "AUTHENTICATEDDATA", &[("id", id), ("name", &entry.name)], &entry.value)?;
    }
    Ok(())
}
