//! Tracking and revoking published content, and its metadata, as a client sees it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::environment::Environment;
use super::key::Key;
use super::prompt::{Account, Prompt};
use crate::authority::audit::{Checkpoint, LogEntry, LogFilter, LogReport};
use crate::authority::revoke::{Aim, Issuers, RevocationRequest};
use crate::base::time::Validity;
use crate::crypto::digest::sha256;
use crate::error::{Error, ErrorKind, Result};
use crate::license::{AppDatum, LicenseMetadata};
use crate::xrml::publishing::{self, SignedPublishingLicense};

/// What an authority does for those who protected content, and for its administrators.
///
/// The errors are those of the methods of the same names of the authority.
#[allow(clippy::missing_errors_doc)]
pub trait Tracking: fmt::Debug + Send + Sync {
    /// Signs a license again with other metadata.
    fn update_metadata(&self, serialized: &[u8], entries: &[AppDatum], account: &Account) -> Result<Vec<u8>>;
    /// Registers a document for tracking.
    fn register(
        &self,
        license: &SignedPublishingLicense,
        name: Option<&str>,
        mail_wanted: bool,
        account: &Account,
    ) -> Result<()>;
    /// Revokes licenses.
    fn revoke(&self, request: &RevocationRequest<'_>, account: &Account) -> Result<()>;
    /// Lifts revocations.
    fn restore(&self, request: &RevocationRequest<'_>, account: &Account) -> Result<()>;
    /// A signed list of all revocations.
    fn export_revocation_list(&self, days: u32, account: &Account) -> Result<Vec<u8>>;
    /// Takes a list to carry, and tells its number.
    fn import_revocation_list(&self, list: &[u8]) -> Result<u64>;
    /// Asks the list at hand, and nobody else, whether the account may still use a license.
    fn check_revocation_list(&self, license: &SignedPublishingLicense, account: &Account) -> Result<()>;
    /// Lines of the usage log.
    fn query_log(&self, filter: &LogFilter, account: &Account) -> Result<Vec<LogEntry>>;
    /// Checks the usage log.
    fn verify_log(&self, outside: Option<&Checkpoint>, account: &Account) -> Result<LogReport>;
    /// Signs where the usage log stands.
    fn log_checkpoint(&self, account: &Account) -> Result<Checkpoint>;
}

/// What is to be revoked or restored, as an application names it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Target {
    /// The content with an id.
    Content(String),
    /// A serialized license.
    License(Vec<u8>),
    /// Everything of the issuers that are meant.
    All,
}

/// A signed license whose metadata are edited.
#[derive(Clone, Debug)]
pub struct MetadataDraft {
    serialized: Vec<u8>,
    /// The metadata.
    pub metadata: LicenseMetadata,
}

/// What stands for a path in a license: base 64 of the SHA-256 of its lower-case form in UTF-16LE.
#[must_use]
pub fn path_hash(path: &str) -> String {
    let units: Vec<u8> = path.to_lowercase().encode_utf16().flat_map(u16::to_le_bytes).collect();
    STANDARD.encode(sha256(&units))
}

impl Environment {
    /// Begins to edit the metadata of a license. The key must be that of the license, with OWNER.
    ///
    /// # Errors
    /// What is wrong with the license; [`ErrorKind::InvalidArgument`] for the key of another license;
    /// [`ErrorKind::RightNotGranted`].
    pub fn edit_metadata(&self, serialized: &[u8], key: &Key) -> Result<MetadataDraft> {
        let license = publishing::read(serialized)?;
        if key.license().fingerprint() != license.fingerprint() {
            return Err(Error::argument("hKey", "the key belongs to another license"));
        }
        key.demand_owning()?;
        Ok(MetadataDraft {
            serialized: serialized.to_vec(),
            metadata: LicenseMetadata::of(&license.license().metadata),
        })
    }

    /// Has a license signed with the metadata of a draft.
    ///
    /// # Errors
    /// See [`crate::authority::LicensingAuthority::update_metadata`].
    pub fn serialize_with_metadata(&self, draft: &MetadataDraft, prompt: &Prompt) -> Result<Vec<u8>> {
        prompt.check_cancelled()?;
        let license = publishing::read(&draft.serialized)?;
        self.tracking_of(&license, prompt)?.update_metadata(
            &draft.serialized,
            draft.metadata.entries(),
            &prompt.account,
        )
    }

    /// Registers the document of a license for tracking.
    ///
    /// # Errors
    /// See [`crate::authority::LicensingAuthority::register`].
    pub fn register(&self, serialized: &[u8], name: Option<&str>, mail: bool, prompt: &Prompt) -> Result<()> {
        prompt.check_cancelled()?;
        let license = publishing::read(serialized)?;
        self.tracking_of(&license, prompt)?.register(&license, name, mail, &prompt.account)
    }

    /// Revokes licenses, or lifts their revocation.
    ///
    /// # Errors
    /// See [`crate::authority::LicensingAuthority::revoke`] and `restore`.
    pub fn revoke(
        &self,
        target: &Target,
        issuers: Issuers,
        issued: Validity,
        restore: bool,
        prompt: &Prompt,
    ) -> Result<()> {
        prompt.check_cancelled()?;
        let license = match target {
            Target::License(serialized) => Some(publishing::read(serialized)?),
            _ => None,
        };
        let tracking = match &license {
            Some(license) => self.tracking_of(license, prompt)?,
            None => self.tracking(prompt)?,
        };
        let aim = match (target, &license) {
            (Target::Content(id), _) => Aim::Content(id),
            (Target::License(_), Some(license)) => Aim::License(license),
            _ => Aim::All,
        };
        let request = RevocationRequest { aim, issuers, issued };
        match restore {
            false => tracking.revoke(&request, &prompt.account),
            true => tracking.restore(&request, &prompt.account),
        }
    }

    /// The default authority, for tracking.
    ///
    /// # Errors
    /// [`ErrorKind::NotSupported`] when it does not track; [`ErrorKind::NeedsOnline`] when the application asked for
    /// offline.
    pub fn tracking(&self, prompt: &Prompt) -> Result<&dyn Tracking> {
        prompt.check_cancelled()?;
        online(prompt)?;
        self.default_licensor()?.tracking()
    }

    /// The default authority's lists at hand, which need no authority.
    ///
    /// # Errors
    /// [`ErrorKind::NotSupported`] when it has none.
    pub fn carried_lists(&self) -> Result<&dyn Tracking> {
        self.default_licensor()?.tracking()
    }

    fn tracking_of(&self, license: &SignedPublishingLicense, prompt: &Prompt) -> Result<&dyn Tracking> {
        online(prompt)?;
        self.licensor_named_by(license)?.tracking()
    }
}

fn online(prompt: &Prompt) -> Result<()> {
    if prompt.offline {
        return Err(Error::with(ErrorKind::NeedsOnline, "the authority itself is needed for this"));
    }
    Ok(())
}
