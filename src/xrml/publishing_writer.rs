//! Writing publishing licenses in the form that an authority signs.
//!
//! Elements stand in the order of the specification with no white space between them. Nothing deprecated is written:
//! the signature is SHA-256 under at least 2048 bits, and the content key is sealed in the current form.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::text::{self, TextEncoding};
use super::writer::{self, Point};
use super::{app_data, enabling, parts, publishing, rights_data, scan, signature, tree};
use crate::base::limits::LICENSE_WRITE_MAX;
use crate::base::time::{Timestamp, Validity};
use crate::cipher::ContentKey;
use crate::crypto::random::Random;
use crate::crypto::rsa::RsaPrivateKey;
use crate::error::{Error, ErrorKind, Result};
use crate::license::{
    AppDatum, OwnerId, PolicyDescriptor, Principal, Referral, RevocationPoint, RightEntry, RightsData, RightsDataKind,
};
use crate::policy::right::OWNER;
use crate::policy::{Right, User, UserRightsList};

/// Shortest key that signs.
const MODULUS_BITS_MIN: usize = 2048;

/// What a new publishing license shall say.
///
/// Names of application data are written as given; refuse reserved ones ([`crate::license::is_reserved`]) where an
/// application sets them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewPublishingLicense {
    /// Moment of issue.
    pub issued: Timestamp,
    /// When the content may be opened.
    pub validity: Validity,
    /// The authority. Its key is the one that signs.
    pub server: Principal,
    /// Licensing URL inside the organization.
    pub intranet_url: String,
    /// Licensing URL from outside.
    pub extranet_url: String,
    /// Whom to ask for more rights.
    pub referral: Option<Referral>,
    /// Content id.
    pub content_id: String,
    /// Owner.
    pub owner: OwnerId,
    /// Application data in the clear.
    pub app_data: Vec<AppDatum>,
    /// Client metadata.
    pub metadata: Vec<AppDatum>,
    /// Revocation condition.
    pub revocation: Option<RevocationPoint>,
    /// Who may do what.
    pub rights: NewRights,
    /// UTF-16LE instead of UTF-8.
    pub utf16: bool,
}

/// The rights of a new publishing license.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NewRights {
    /// Made for this license alone.
    AdHoc {
        /// Identity and texts of the policy.
        descriptor: Option<PolicyDescriptor>,
        /// Users and rights in order; a user may have none.
        users: UserRightsList,
        /// Gives whoever is the owner full control.
        auto_grant: bool,
        /// Days that a use license serves without asking: 0 asks each time, `None` sets nothing.
        interval_days: Option<u32>,
        /// Application data that only holders of the content key see.
        app_data: Vec<AppDatum>,
    },
    /// A template that this authority signed.
    Template {
        /// The signed text, as [`super::template::write`] made it. It gives the license its descriptor.
        text: String,
        /// Application data that only holders of the content key see.
        app_data: Vec<AppDatum>,
    },
}

/// Writes and signs a publishing license with the key of the authority.
///
/// # Errors
/// [`ErrorKind::InvalidArgument`] for text that a license cannot hold and for a template that this key did not sign;
/// [`ErrorKind::LicenseTooLong`] past [`LICENSE_WRITE_MAX`]; [`ErrorKind::UnsupportedCrypto`] for a key below 2048
/// bits.
pub fn write(
    new: &NewPublishingLicense,
    content_key: &ContentKey,
    key: &RsaPrivateKey,
    random: &dyn Random,
) -> Result<Vec<u8>> {
    if key.public().bits() < MODULUS_BITS_MIN {
        return Err(Error::with(ErrorKind::UnsupportedCrypto, "licenses are signed with 2048 bits or more"));
    }
    if new.server.modulus != key.public().modulus_be() {
        return Err(Error::argument("server", "its key is not the one that signs"));
    }
    let rights = Rights::of(new, content_key, random)?;
    let body = body(new, &rights, content_key, key, random)?;
    let text = [writer::DECLARATION, &signature::sign(writer::ROOT, &body, key)?].concat();
    let bytes = text::encode(&text, if new.utf16 { TextEncoding::Utf16LeBom } else { TextEncoding::Utf8Bom });
    if bytes.len() > LICENSE_WRITE_MAX {
        let detail = format!("{} bytes, at most {LICENSE_WRITE_MAX} are written", bytes.len());
        return Err(Error::with(ErrorKind::LicenseTooLong, detail));
    }
    Ok(bytes)
}

/// The parts of a license that depend on whether it has its own rights or a template.
struct Rights {
    /// `DESCRIPTOR` as written, or nothing.
    descriptor: String,
    encrypted: Vec<u8>,
    encrypted_app_data: Option<Vec<u8>>,
}

impl Rights {
    fn of(new: &NewPublishingLicense, content_key: &ContentKey, random: &dyn Random) -> Result<Self> {
        match &new.rights {
            NewRights::AdHoc { descriptor, .. } => {
                let mut written = String::new();
                if let Some(policy) = descriptor {
                    writer::policy_descriptor(&mut written, policy)?;
                }
                let document = [writer::ROOT, &rights_data::body(&ad_hoc(new))?, "</XrML>"].concat();
                let encrypted = rights_data::encrypt(&document, content_key)?;
                Ok(Self { descriptor: written, encrypted, encrypted_app_data: None })
            }
            NewRights::Template { text, app_data: entries } => {
                let sealed = if entries.is_empty() {
                    None
                } else {
                    Some(app_data::seal(entries, &new.content_id, content_key, random)?)
                };
                Ok(Self {
                    descriptor: template_descriptor(text, &new.server)?,
                    encrypted: rights_data::encrypt(text, content_key)?,
                    encrypted_app_data: sealed,
                })
            }
        }
    }
}

/// The rights document of a license with rights of its own.
fn ad_hoc(new: &NewPublishingLicense) -> RightsData {
    let mut data = RightsData {
        kind: RightsDataKind::AdHoc,
        issued: new.issued,
        descriptor: None,
        issuer: None,
        publishing_url: None,
        referral: new.referral.clone(),
        content_id: Some(new.content_id.clone()),
        owner: Some(new.owner.clone()),
        // The term stands on each right, as services write it.
        validity: Validity::ALWAYS,
        expiry_days: None,
        rights: Vec::new(),
        app_data: Vec::new(),
        revocation: None,
    };
    if let NewRights::AdHoc { descriptor, users, auto_grant, interval_days, app_data } = &new.rights {
        data.descriptor = descriptor.clone();
        data.app_data = app_data.clone();
        data.set_user_rights(users, new.validity);
        if *auto_grant && !data.grants_owner_full_control() {
            data.rights.push(RightEntry::new(&User::Owner, &Right::read(OWNER), new.validity, None));
        }
        data.set_interval_days(*interval_days, |_| false);
    }
    data
}

/// `DESCRIPTOR` of a template as written there, after a check that the template is good.
fn template_descriptor(text: &str, server: &Principal) -> Result<String> {
    let not_ours = |why: String| Error::argument("template", why);
    let read = rights_data::read(text).map_err(|e| not_ours(e.to_string()))?;
    if read.issuer.as_ref().is_none_or(|issuer| issuer.modulus != server.modulus) {
        return Err(not_ours("another authority signed it".to_owned()));
    }
    let range = scan::documents(text)?.into_iter().next().unwrap_or_default();
    let document = tree::parse(&text[range])?;
    let descriptor = tree::child(signature::body(&document)?, "DESCRIPTOR")?;
    Ok(descriptor.map(tree::surface).unwrap_or_default().to_owned())
}

fn body(
    new: &NewPublishingLicense,
    rights: &Rights,
    content_key: &ContentKey,
    key: &RsaPrivateKey,
    random: &dyn Random,
) -> Result<String> {
    let mut out = String::with_capacity(16 << 10);
    out.push_str(&format!("<BODY type=\"{}\" version=\"3.0\">", publishing::BODY_TYPE));
    writer::leaf(&mut out, "ISSUEDTIME", &new.issued.text())?;
    writer::range(&mut out, "VALIDITYTIME", new.validity)?;
    out.push_str(&rights.descriptor);
    writer::issuer(&mut out, &new.server)?;
    writer::distribution_point(&mut out, Point::LICENSING, None, &new.intranet_url)?;
    writer::distribution_point(&mut out, Point::EXTRANET_LICENSING, None, &new.extranet_url)?;

    let mut before = "<ISSUEDPRINCIPALS><PRINCIPAL internal-id=\"1\">".to_owned();
    writer::principal(&mut before, &new.server)?;
    let mut after = String::new();
    writer::security_levels(&mut after, &new.server)?;
    after.push_str("</PRINCIPAL></ISSUEDPRINCIPALS>");
    let sealed = enabling::seal(content_key, &[before.as_str(), &after].concat(), key.public(), random)?;
    out.push_str(&before);
    out.push_str(&enabling::write(&sealed));
    out.push_str(&after);

    writer::referral(&mut out, new.referral.as_ref())?;
    out.push_str("<WORK>");
    writer::work_head(&mut out, &new.content_id, Some(&new.owner))?;
    writer::revocation(&mut out, new.revocation.as_ref())?;
    out.push_str("</WORK><AUTHENTICATEDDATA id=\"Encrypted-Rights-Data\">");
    out.push_str(&STANDARD.encode(&rights.encrypted));
    out.push_str("</AUTHENTICATEDDATA>");
    writer::app_data(&mut out, parts::APP_SPECIFIC, &new.app_data)?;
    writer::app_data(&mut out, parts::METADATA, &new.metadata)?;
    if let Some(sealed) = &rights.encrypted_app_data {
        let text = STANDARD.encode(sealed);
        writer::leaf_with(&mut out, "AUTHENTICATEDDATA", &[("id", app_data::ELEMENT_ID)], &text)?;
    }
    out.push_str("</BODY>");
    Ok(out)
}
