//! Elements that several kinds of documents share, read into license objects.
//!
//! Unknown elements are ignored where they inform and refused where they restrict: a condition that is not understood
//! must not be skipped.

use roxmltree::Node;

use super::tree;
use crate::base::time::Validity;
use crate::crypto::rsa::RsaPublicKey;
use crate::error::{Error, Result};
use crate::license::{AppDatum, OwnerId, Principal, Referral, RevocationPoint};

/// `id` of application data.
pub(crate) const APP_SPECIFIC: &str = "APPSPECIFIC";
/// `id` of client metadata.
pub(crate) const METADATA: &str = "LICENSEMETADATA";

/// Reads `ISSUER` or `PRINCIPAL`: an `OBJECT`, a `PUBLICKEY`, and informational levels.
///
/// # Errors
/// [`crate::ErrorKind::Malformed`] when the object or the key is missing, doubled or damaged.
pub(crate) fn principal(element: Node<'_, '_>) -> Result<Principal> {
    let object = tree::required(element, "OBJECT")?;
    let id = tree::child(object, "ID")?;
    let addresses = tree::children(object, "ADDRESS")
        .map(|one| Ok((one.attribute("type").unwrap_or("").to_owned(), tree::text(one)?.to_owned())))
        .collect::<Result<_>>()?;
    let security_levels = tree::children(element, "SECURITYLEVEL")
        .map(|one| (one.attribute("name").unwrap_or("").to_owned(), one.attribute("value").unwrap_or("").to_owned()))
        .collect();
    Ok(Principal {
        kind: object.attribute("type").unwrap_or("").to_owned(),
        id_type: id.and_then(|id| id.attribute("type")).unwrap_or("").to_owned(),
        id: tree::optional_text(object, "ID")?,
        name: tree::optional_text(object, "NAME")?,
        addresses,
        modulus: public_key(tree::required(element, "PUBLICKEY")?)?.modulus_be().to_vec(),
        security_levels,
    })
}

/// Reads `PUBLICKEY`: RSA with exponent 65537 and a modulus written least significant byte first.
fn public_key(element: Node<'_, '_>) -> Result<RsaPublicKey> {
    const WHAT: &str = "PUBLICKEY";
    if tree::text(tree::required(element, "ALGORITHM")?)? != "RSA" {
        return Err(Error::malformed(WHAT, "not an RSA key"));
    }
    let parameter = |name: &'static str| {
        let found = tree::children(element, "PARAMETER").filter(|one| one.attribute("name") == Some(name));
        let one = tree::at_most_one(found, WHAT)?.ok_or_else(|| Error::malformed(WHAT, format!("without {name}")))?;
        tree::required(one, "VALUE")
    };
    if tree::text(parameter("public-exponent")?)?.trim() != "65537" {
        return Err(Error::malformed(WHAT, "the exponent is not 65537"));
    }
    let mut modulus = tree::sized_base64(parameter("modulus")?, WHAT)?;
    modulus.reverse();
    RsaPublicKey::from_modulus_be(&modulus).map_err(|e| Error::malformed(WHAT, e.to_string()))
}

/// The public key of a principal that was read.
///
/// # Errors
/// [`crate::ErrorKind::Malformed`] when the modulus is none; a principal that was read has a good one.
pub(crate) fn key_of(principal: &Principal) -> Result<RsaPublicKey> {
    RsaPublicKey::from_modulus_be(&principal.modulus).map_err(|e| Error::malformed("PUBLICKEY", e.to_string()))
}

/// True when two `ID` texts name the same thing. GUIDs are written with and without braces, in any letter case.
pub(crate) fn same_id(a: &str, b: &str) -> bool {
    match (crate::base::guid::Guid::parse(a.trim()), crate::base::guid::Guid::parse(b.trim())) {
        (Some(a), Some(b)) => a == b,
        (None, None) => a == b,
        _ => false,
    }
}

/// The `DISTRIBUTIONPOINT` whose object has this type: its name and address.
///
/// # Errors
/// [`crate::ErrorKind::Malformed`] when there are two of them.
pub(crate) fn distribution_point(parent: Node<'_, '_>, kind: &'static str) -> Result<Option<(Option<String>, String)>> {
    let objects = tree::children(parent, "DISTRIBUTIONPOINT")
        .map(|point| tree::required(point, "OBJECT"))
        .collect::<Result<Vec<_>>>()?;
    let of_kind = objects.into_iter().filter(|object| object.attribute("type") == Some(kind));
    let Some(object) = tree::at_most_one(of_kind, kind)? else { return Ok(None) };
    let address = tree::children(object, "ADDRESS").find(|one| one.attribute("type").is_none_or(|kind| kind == "URL"));
    let url = address.map(tree::text).transpose()?.unwrap_or("");
    Ok(Some((tree::optional_text(object, "NAME")?, url.to_owned())))
}

/// The `Referral-Info` point.
///
/// # Errors
/// As [`distribution_point`].
pub(crate) fn referral(parent: Node<'_, '_>) -> Result<Option<Referral>> {
    Ok(distribution_point(parent, "Referral-Info")?.map(|(name, url)| Referral { name, url }))
}

/// `ID` of the object of `WORK`; empty in templates.
///
/// # Errors
/// [`crate::ErrorKind::Malformed`] when it is missing or doubled.
pub(crate) fn content_id(work: Node<'_, '_>) -> Result<String> {
    let object = tree::required(work, "OBJECT")?;
    Ok(tree::text(tree::required(object, "ID")?)?.to_owned())
}

/// `METADATA/OWNER` of `WORK`.
///
/// # Errors
/// [`crate::ErrorKind::Malformed`] when elements are doubled.
pub(crate) fn owner(work: Node<'_, '_>) -> Result<Option<OwnerId>> {
    let Some(metadata) = tree::child(work, "METADATA")? else { return Ok(None) };
    let Some(owner) = tree::child(metadata, "OWNER")? else { return Ok(None) };
    let object = tree::required(owner, "OBJECT")?;
    let id = tree::child(object, "ID")?;
    Ok(Some(OwnerId {
        id_type: id.and_then(|id| id.attribute("type")).unwrap_or("").to_owned(),
        id: tree::optional_text(object, "ID")?,
        name: tree::optional_text(object, "NAME")?,
    }))
}

/// `FROM` and `UNTIL`, both optional.
///
/// # Errors
/// [`crate::ErrorKind::Malformed`] for damaged times.
pub(crate) fn range(element: Node<'_, '_>) -> Result<Validity> {
    let end = |name| tree::child(element, name)?.map(|leaf| tree::time(leaf, name)).transpose();
    Ok(Validity { from: end("FROM")?, until: end("UNTIL")? })
}

/// `AUTHENTICATEDDATA` of one id, in document order.
///
/// # Errors
/// [`crate::ErrorKind::Malformed`] when a name is missing or stands twice.
pub(crate) fn app_data(body: Node<'_, '_>, id: &'static str) -> Result<Vec<AppDatum>> {
    let mut found = Vec::new();
    let mut names = std::collections::HashSet::new();
    for one in tree::children(body, "AUTHENTICATEDDATA").filter(|one| one.attribute("id") == Some(id)) {
        let name = one.attribute("name").ok_or_else(|| Error::malformed("AUTHENTICATEDDATA", "without a name"))?;
        if !names.insert(name) {
            return Err(Error::malformed("AUTHENTICATEDDATA", "a name stands more than once"));
        }
        found.push(AppDatum { name: name.to_owned(), value: tree::text(one)?.to_owned() });
    }
    Ok(found)
}

/// What the `TIME` elements of a condition list say together.
#[derive(Default, Clone, Copy)]
pub(crate) struct Times {
    /// The time that all ranges share.
    pub(crate) range: Validity,
    /// The shortest interval in days.
    pub(crate) interval_days: Option<u32>,
}

/// Reads every `TIME` of a list; all of them must hold.
///
/// # Errors
/// [`crate::ErrorKind::Malformed`] for a condition that is not understood.
pub(crate) fn times(list: Node<'_, '_>) -> Result<Times> {
    let mut all = Times::default();
    for condition in tree::children(list, "TIME").flat_map(|time| time.children().filter(Node::is_element)) {
        match condition.tag_name().name() {
            "RANGETIME" => all.range = all.range.and(range(condition)?),
            "INTERVALTIME" => {
                let days = interval_days(condition)?;
                all.interval_days = Some(all.interval_days.map_or(days, |shortest| shortest.min(days)));
            }
            _ => return Err(Error::malformed("TIME", "a condition that is not known")),
        }
    }
    Ok(all)
}

fn interval_days(element: Node<'_, '_>) -> Result<u32> {
    let damaged = || Error::malformed("INTERVALTIME", "not a number of days");
    if element.attributes().any(|one| one.name() != "days" && one.value() != "0") {
        return Err(damaged());
    }
    element.attribute("days").and_then(|days| days.parse().ok()).ok_or_else(damaged)
}

/// The revocation condition of `WORK`.
///
/// # Errors
/// [`crate::ErrorKind::Malformed`] for a condition that is not understood.
pub(crate) fn revocation(work: Node<'_, '_>) -> Result<Option<RevocationPoint>> {
    let Some(list) = tree::child(work, "CONDITIONLIST")? else { return Ok(None) };
    if list.children().any(|node| node.is_element() && !tree::is(node, "REFRESH")) {
        return Err(Error::malformed("CONDITIONLIST", "a condition that is not known"));
    }
    let Some(refresh) = tree::child(list, "REFRESH")? else { return Ok(None) };
    let point = tree::required(refresh, "DISTRIBUTIONPOINT")?;
    let object = tree::required(point, "OBJECT")?;
    let address = tree::children(object, "ADDRESS").next();
    let interval = tree::required(refresh, "INTERVALTIME")?;
    let mut seconds = 0u64;
    for (name, unit) in [("days", 86_400), ("hours", 3_600), ("minutes", 60), ("seconds", 1)] {
        let Some(count) = interval.attribute(name) else { continue };
        let count: u32 = count.parse().map_err(|_| Error::malformed("INTERVALTIME", "not a number"))?;
        seconds += u64::from(count) * unit;
    }
    Ok(Some(RevocationPoint {
        id: tree::optional_text(object, "ID")?,
        url: address.map(tree::text).transpose()?.filter(|url| !url.is_empty()).map(str::to_owned),
        max_age_seconds: seconds,
    }))
}
