//! Registering documents for tracking, and their metadata: for the issuer and the owner of a license alone.

use super::LicensingAuthority;
use super::audit::Operation;
use super::record::{issuer_of, owner_of};
use crate::error::{Error, ErrorKind, Result};
use crate::license::AppDatum;
use crate::license::metadata::{CONTENT_NAME, check_text};
use crate::policy::Identity;
use crate::store::TrackedDocument;
use crate::xrml::metadata;
use crate::xrml::publishing::{self, SignedPublishingLicense};

impl LicensingAuthority {
    /// Signs a license again with other metadata. Everything else stays: key, rights, issuer, time of issue.
    ///
    /// # Errors
    /// [`ErrorKind::AccessDenied`] for others than issuer and owner; [`ErrorKind::Revoked`];
    /// [`ErrorKind::NotSupported`] for a license that an account signed by itself; what is wrong with the license; when
    /// the usage log cannot be written.
    pub fn update_metadata(&self, serialized: &[u8], entries: &[AppDatum], identity: &Identity) -> Result<Vec<u8>> {
        let license = publishing::read(serialized)?;
        let mut event = self.event_about(Operation::UpdateLicenseMetadata, identity, &license);
        if let Some(name) = entries.iter().find(|entry| entry.name == CONTENT_NAME) {
            event.content_name.clone_from(&name.value);
        }
        let signed = self.check_holder(&license, identity).and_then(|()| {
            if !license.is_online() {
                let why = "an account signed this license, not the authority";
                return Err(Error::with(ErrorKind::NotSupported, why));
            }
            metadata::replace(serialized, entries, &self.keys.signing)
        });
        self.recorded(event, signed)
    }

    /// Registers the document of a license for tracking, under a name; that of the metadata when none is given.
    ///
    /// # Errors
    /// As [`LicensingAuthority::update_metadata`]; [`ErrorKind::InvalidArgument`] for a name that is too long.
    pub fn register(
        &self,
        license: &SignedPublishingLicense,
        name: Option<&str>,
        mail_wanted: bool,
        identity: &Identity,
    ) -> Result<()> {
        let mut event = self.event_about(Operation::RegisterLicense, identity, license);
        if let Some(name) = name {
            check_text("wszContentName", name)?;
            name.clone_into(&mut event.content_name);
        }
        let document = TrackedDocument {
            content_id: event.content_id.clone(),
            issuer: event.issuer.clone(),
            owner: event.owner.clone(),
            name: event.content_name.clone(),
            registered: self.now(),
            registered_by: identity.email.clone(),
            mail_wanted,
        };
        self.recorded(event, self.check_holder(license, identity))?;
        self.store.put_document(&document)
    }

    /// What was registered about the document of a license.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn document(&self, license: &SignedPublishingLicense) -> Result<Option<TrackedDocument>> {
        self.store.document(&license.license().content_id, &issuer_of(license).unwrap_or_default())
    }

    /// Asks that a license is good, not revoked, and the account its issuer or owner.
    fn check_holder(&self, license: &SignedPublishingLicense, identity: &Identity) -> Result<()> {
        license.check_server(&self.keys.id.to_string(), self.keys.signing.public())?;
        let holds = |one: Option<String>| one.is_some_and(|address| identity.is_known_as(&address));
        if !holds(issuer_of(license)) && !holds(owner_of(license)) {
            let why = format!("{} neither protected the content nor owns it", identity.email);
            return Err(Error::with(ErrorKind::AccessDenied, why));
        }
        if self.is_revoked_for(license, identity)? {
            return Err(Error::new(ErrorKind::Revoked));
        }
        Ok(())
    }
}
