//! The licensing authority: the one place that says yes or no.
//!
//! It signs publishing licenses ([`issue`]), decides about use ([`grant`]), revokes ([`revoke`]), keeps templates, and
//! lets administrators change them and the directory ([`admin`]); what it was asked stands in the usage log ([`audit`]).
//! It runs in the process of the application when it is embedded, and behind HTTP in the server; neither adds a rule of
//! its own.

pub mod admin;
pub mod audit;
mod clock;
pub mod credentials;
pub mod grant;
pub mod issue;
pub mod keys;
mod record;
pub mod register;
pub mod revoke;
pub mod templates;
pub mod token;
mod use_license;
mod write_key;

use std::sync::Arc;

pub use admin::Administration;
use audit::UsageLog;
pub use keys::AuthorityKeys;
pub use record::revocation_subject;
use templates::{Offers, SignedTemplates};
pub use write_key::{WRITE_KEY_DATUM, write_verifier};

use crate::base::time::{Clock, Timestamp};
use crate::crypto::random::Random;
use crate::error::Result;
use crate::license::ConnectionInfo;
use crate::policy::Identity;
use crate::store::{Directory, Store};

/// Name of the clear, signed application datum that records who protected the content.
///
/// An online license is signed by the authority and names the server as its issuer; the account is recorded here, so
/// that it remains the RM issuer wherever the license goes.
pub const ISSUER_DATUM: &str = "IPCX.Issuer";

/// Issues publishing licenses, grants use licenses, keeps templates.
///
/// Share it by reference; every method may be called from any thread.
#[derive(Debug)]
pub struct LicensingAuthority {
    store: Arc<dyn Store>,
    directory: Arc<dyn Directory>,
    keys: AuthorityKeys,
    connection: ConnectionInfo,
    signed_templates: SignedTemplates,
    offers: Offers,
    log: Option<UsageLog>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl LicensingAuthority {
    /// An authority with its keys and its store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, keys: AuthorityKeys, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        let url = keys.licensing_url();
        let connection = ConnectionInfo { extranet_url: Some(url.clone()), intranet_url: Some(url) };
        let directory = Arc::clone(&store) as Arc<dyn Directory>;
        Self {
            store,
            directory,
            keys,
            connection,
            signed_templates: SignedTemplates::default(),
            offers: Offers::default(),
            log: None,
            clock,
            random,
        }
    }

    /// The same authority, which asks another directory than that of its store who somebody is.
    #[must_use]
    pub fn with_directory(self, directory: Arc<dyn Directory>) -> Self {
        Self { directory, ..self }
    }

    /// The same authority with a usage log. Without one nothing is logged, which only tests want.
    #[must_use]
    pub fn with_log(self, log: UsageLog) -> Self {
        Self { log: Some(log), ..self }
    }

    /// Addresses written into licenses.
    #[must_use]
    pub fn connection(&self) -> &ConnectionInfo {
        &self.connection
    }

    /// Name of the organization.
    #[must_use]
    pub fn organization(&self) -> &str {
        &self.keys.organization
    }

    /// What the directory knows of an account.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn identity(&self, email: &str) -> Result<Identity> {
        self.directory.identity(email)
    }

    /// Modulus of the key that signs.
    #[must_use]
    pub fn modulus(&self) -> &[u8] {
        self.keys.signing.public().modulus_be()
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
