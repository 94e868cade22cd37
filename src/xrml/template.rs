//! Rights policy templates: signed policy documents that also serve as rights data ([MS-RMPR] 2.2.9.10).
//!
//! How the parts of a template are written: the owner's full control comes first and has no conditions. Expiry in days
//! is an interval of the whole document, expiry at a moment a term of the whole document that begins with the
//! template. Days of offline use stand as an interval on every other right; zero days are the reserved `NOLICCACHE`.

use super::text;
use super::{rights_data, signature, writer};
use crate::base::guid::Guid;
use crate::base::limits::LICENSE_WRITE_MAX;
use crate::base::time::Timestamp;
use crate::crypto::rsa::{RsaPrivateKey, RsaPublicKey};
use crate::error::{Error, ErrorKind, Result};
use crate::license::{PolicyDescriptor, Principal, RightEntry, RightsData, RightsDataKind};
use crate::policy::right::OWNER;
use crate::policy::{Right, RightsPolicyTemplate, User};

/// A template whose signature is good. Nothing is said yet about who signed.
#[derive(Clone, Debug)]
pub struct SignedTemplate {
    data: RightsData,
}

/// Writes and signs a template.
///
/// The result is the text of a file and of rights data alike: [`text::encode`] makes the bytes of a file.
///
/// # Errors
/// [`ErrorKind::InvalidArgument`] for text that a license cannot hold, or a server whose key is not the one that signs;
/// [`ErrorKind::LicenseTooLong`] when no license could hold it.
pub fn write(
    template: &RightsPolicyTemplate,
    server: &Principal,
    publishing_url: &str,
    key: &RsaPrivateKey,
    issued: Timestamp,
) -> Result<String> {
    if server.modulus != key.public().modulus_be() {
        return Err(Error::argument("server", "its key is not the one that signs"));
    }
    let (validity, expiry_days) = template.expiry.parts(issued.minute());
    let mut rights = vec![RightEntry::new(&User::Owner, &Right::read(OWNER), Default::default(), None)];
    for grant in &template.grants {
        let entry = RightEntry::new(&grant.user, &grant.right, grant.range, grant.interval_days);
        if !entry.is_owner_grant() {
            rights.push(entry);
        }
    }
    let mut data = RightsData {
        kind: RightsDataKind::OfficialTemplate,
        issued,
        descriptor: Some(PolicyDescriptor {
            id: template.id.to_string(),
            version: Some(template.modified.text()),
            texts: template.descriptors.clone(),
        }),
        issuer: Some(server.clone()),
        publishing_url: Some(publishing_url.to_owned()),
        referral: None,
        content_id: None,
        owner: None,
        validity,
        expiry_days,
        rights,
        app_data: Vec::new(),
        revocation: None,
    };
    data.set_interval_days(template.offline_days, RightEntry::is_owner_grant);
    let document = signature::sign(writer::ROOT, &rights_data::body(&data)?, key)?;
    let text = [writer::DECLARATION, &document].concat();
    if text.len() > LICENSE_WRITE_MAX / 4 {
        return Err(Error::with(ErrorKind::LicenseTooLong, "a license could not hold this template"));
    }
    Ok(text)
}

/// Reads the bytes of a template file and verifies the signature.
///
/// # Errors
/// [`ErrorKind::Malformed`] when it is no template; [`ErrorKind::BadSignature`].
pub fn read(bytes: &[u8]) -> Result<SignedTemplate> {
    read_text(&text::decode(bytes)?.0)
}

/// Reads the text of a template and verifies the signature.
///
/// # Errors
/// As [`read`].
pub fn read_text(text: &str) -> Result<SignedTemplate> {
    let data = rights_data::read(text)?;
    if data.kind != RightsDataKind::OfficialTemplate {
        return Err(Error::malformed("BODY", "not a template"));
    }
    Ok(SignedTemplate { data })
}

impl SignedTemplate {
    /// What the template says.
    #[must_use]
    pub fn data(&self) -> &RightsData {
        &self.data
    }

    /// Decides whether an authority signed the template.
    ///
    /// # Errors
    /// [`ErrorKind::BadChain`] when it did not.
    pub fn check_issuer(&self, key: &RsaPublicKey) -> Result<()> {
        match &self.data.issuer {
            Some(issuer) if issuer.modulus == key.modulus_be() => Ok(()),
            _ => Err(Error::with(ErrorKind::BadChain, "another authority signed the template")),
        }
    }
}

/// The policy that a template document states; `enabled` is not written and comes back true.
///
/// # Errors
/// [`ErrorKind::Malformed`] when it has no descriptor with a GUID.
pub fn policy(data: &RightsData) -> Result<RightsPolicyTemplate> {
    let descriptor = data.descriptor.as_ref().ok_or_else(|| Error::malformed("DESCRIPTOR", "missing"))?;
    let id = Guid::parse(descriptor.id.trim()).ok_or_else(|| Error::malformed("DESCRIPTOR", "its id is no GUID"))?;
    let offline_days = data.template_interval_days();
    let entries = data.rights.iter().filter(|entry| !entry.is_owner_grant());
    let grants = entries.map(|entry| {
        let mut grant = entry.grant();
        grant.interval_days = grant.interval_days.filter(|days| Some(*days) != offline_days);
        grant
    });
    Ok(RightsPolicyTemplate {
        id,
        descriptors: descriptor.texts.clone(),
        grants: grants.collect(),
        expiry: data.expiry(),
        offline_days,
        enabled: true,
        scope: Vec::new(),
        modified: descriptor.version.as_deref().and_then(Timestamp::parse).unwrap_or(data.issued),
    })
}
