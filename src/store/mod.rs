//! What a licensing authority remembers: its own record, the directory, templates, settings.
//!
//! [`Store`] is the one interface. [`MemoryStore`] forgets, for tests; `EmbeddedStore` is the SQLite database of the
//! embedded authority. Both run the same conformance test. A store keeps and finds; it decides nothing about rights.

mod directory;
mod founding;
mod kept;
pub mod memory;
mod remembered;
#[cfg(feature = "embedded")]
pub mod sqlite;
mod tracking;
mod trust;

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod tracking_conformance;

pub use directory::{Account, Group};
pub use founding::{DEFAULT_ORGANIZATION, Founding, default_templates};
pub use kept::{ClockMark, KeptUseLicense};
pub use memory::MemoryStore;
pub use remembered::{AsOf, Remembered};
#[cfg(feature = "embedded")]
pub use sqlite::{EmbeddedStore, StoreLocation, Unlock};
pub use tracking::{CarriedList, LogCheckpoint, TrackedDocument};
pub use trust::{ServicePrincipal, TokenIssuer};

use crate::base::guid::Guid;
use crate::base::limits::OFFLINE_DAYS_DEFAULT_MAX;
use crate::base::os::OsAccount;
use crate::base::time::Timestamp;
use crate::crypto::random::Random;
use crate::error::{Error, ErrorKind, Result};
use crate::policy::template::Retirement;
use crate::policy::{Identity, Revocation, RevocationSubject, RightsPolicyTemplate};

/// Who the authority is. Fixed when the store is made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuthorityRecord {
    /// Identity of the authority.
    pub id: Guid,
    /// Name of the organization, for people.
    pub organization: String,
    /// When the authority was made.
    pub created: Timestamp,
    /// RSA modulus of the signing key, most significant byte first.
    pub modulus: Vec<u8>,
    /// The private signing key, sealed ([`AuthorityRecord::binding`] of [`SIGNING_KEY`]).
    pub sealed_signing_key: Vec<u8>,
}

/// Purpose of the sealed signing key, for [`AuthorityRecord::binding`].
pub const SIGNING_KEY: &str = "signing key";

impl AuthorityRecord {
    /// The domain of the authority, under the reserved top-level domain, so that nothing ever dials it.
    #[must_use]
    pub fn domain(&self) -> String {
        domain(self.id)
    }

    /// Address of the group that holds every account.
    #[must_use]
    pub fn all_staff(&self) -> String {
        all_staff(self.id)
    }

    /// Associated data for something sealed by an authority for one purpose: it opens nowhere else.
    #[must_use]
    pub fn binding(id: Guid, purpose: &str) -> Vec<u8> {
        format!("msipc store 1|{}|{purpose}", id.bare()).into_bytes()
    }
}

fn domain(authority: Guid) -> String {
    format!("{}.invalid", authority.bare())
}

fn all_staff(authority: Guid) -> String {
    format!("AllStaff@{}", domain(authority))
}

/// Two equal ones mean that nothing was changed in a store in between, by this process or another.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct StoreVersion {
    /// Changes made through this object.
    pub own: u64,
    /// Changes made otherwise, as the medium counts them.
    pub others: i64,
}

/// Settings of the organization.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// Most days that a use license may serve offline.
    pub offline_days_max: u32,
    /// The super user feature is on.
    pub super_users_enabled: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { offline_days_max: OFFLINE_DAYS_DEFAULT_MAX, super_users_enabled: false }
    }
}

/// How a template comes of the one in use ([`Store::change_template`]).
pub type TemplateChange<'a> = &'a mut dyn FnMut(Option<RightsPolicyTemplate>) -> Result<RightsPolicyTemplate>;

/// Who belongs to the organization, as far as the authority asks when it decides. Every store is the directory that it
/// keeps; another one, such as that of a company, can stand in its place
/// ([`crate::authority::LicensingAuthority::with_directory`]) and is then administered where it lives.
pub trait Directory: Send + Sync + std::fmt::Debug {
    /// What is known of an address, primary or alias: the account with all its addresses, every group that holds it,
    /// directly or through others, and whether it administers. `super_user` is true only while the organization's feature
    /// is on ([`Settings::super_users_enabled`]). An unknown address is an account of its own. In a store all belong to
    /// [`AuthorityRecord::all_staff`].
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidArgument`] for a text that is no address; when the directory cannot be read.
    fn identity(&self, address: &str) -> Result<Identity>;
}

/// What a licensing authority remembers. Every method may be called from any thread; each change is one whole, and is
/// on the medium when the method returns. Addresses compare as [`crate::policy::user::same_address`] does.
///
/// # Errors
/// Beside those that a method names: [`crate::ErrorKind::StoreUnusable`] when the store is damaged, locked for too long
/// or gone, and [`crate::ErrorKind::Io`].
#[allow(clippy::missing_errors_doc)]
pub trait Store: Directory {
    /// The record of the authority.
    fn authority(&self) -> Result<AuthorityRecord>;

    /// The address of an account of the operating system: the one fixed when it was first seen, else a new one
    /// (`<login>@<authority>.invalid`), which is then an account of the directory without further rights.
    fn account_of(&self, account: &OsAccount) -> Result<String>;

    /// The account with a primary address or alias.
    fn account(&self, address: &str) -> Result<Option<Account>>;
    /// All accounts, oldest first.
    fn accounts(&self) -> Result<Vec<Account>>;
    /// Adds accounts, or replaces those with the same primary address; all of them or none.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidArgument`] for an address that is not acceptable or belongs to another entry, and when
    /// the directory would lose its last administrator.
    fn put_accounts(&self, accounts: &[Account]) -> Result<()>;
    /// Adds or replaces one account.
    ///
    /// # Errors
    /// As [`Store::put_accounts`].
    fn put_account(&self, account: &Account) -> Result<()> {
        self.put_accounts(std::slice::from_ref(account))
    }
    /// Removes the account with a primary address, and it from every group. False when there is none.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidArgument`] when the directory would lose its last administrator.
    fn delete_account(&self, address: &str) -> Result<bool>;

    /// The group with an address.
    fn group(&self, address: &str) -> Result<Option<Group>>;
    /// All groups, oldest first.
    fn groups(&self) -> Result<Vec<Group>>;
    /// Adds groups, or replaces those with the same address; all of them or none. A member may be an account, a group,
    /// or an address that the directory does not know.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidArgument`] for an address that is not acceptable or belongs to another entry, and for
    /// a group that would come to hold itself.
    fn put_groups(&self, groups: &[Group]) -> Result<()>;
    /// Adds or replaces one group.
    ///
    /// # Errors
    /// As [`Store::put_groups`].
    fn put_group(&self, group: &Group) -> Result<()> {
        self.put_groups(std::slice::from_ref(group))
    }
    /// Adds a member to a group; false when it is one already.
    ///
    /// # Errors
    /// As [`Store::put_groups`]; [`crate::ErrorKind::NotFound`] when there is no such group.
    fn add_member(&self, group: &str, member: &str) -> Result<bool>;
    /// Takes a member out of a group; false when it is none.
    ///
    /// # Errors
    /// [`crate::ErrorKind::NotFound`] when there is no such group.
    fn remove_member(&self, group: &str, member: &str) -> Result<bool>;
    /// Removes a group, and it from every other group. False when there is none.
    fn delete_group(&self, address: &str) -> Result<bool>;

    /// The template with an id.
    fn template(&self, id: Guid) -> Result<Option<RightsPolicyTemplate>>;
    /// All templates, oldest first, disabled ones too.
    fn templates(&self) -> Result<Vec<RightsPolicyTemplate>>;
    /// Adds a template, or replaces the one with the same id. One that was retired is in use again.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidArgument`] for a template without a descriptor, with two for one language, or with
    /// times past what licenses can name.
    fn put_template(&self, template: &RightsPolicyTemplate) -> Result<()> {
        self.change_template(template.id, &mut |_| Ok(template.clone())).map(drop)
    }
    /// Makes the template with an id out of the one that is in use now, so that of two changes at once none is lost.
    /// Returns what is kept. `change` is called once, holds up every other change, and must not call the store.
    ///
    /// # Errors
    /// As [`Store::put_template`], and what `change` ends with: then nothing was changed.
    fn change_template(&self, id: Guid, change: TemplateChange<'_>) -> Result<RightsPolicyTemplate>;
    /// Removes a template as if it had never been, also a retired one. False when there is none.
    fn delete_template(&self, id: Guid) -> Result<bool>;

    /// The settings.
    fn settings(&self) -> Result<Settings>;
    /// Sets the most days that a use license may serve offline.
    fn set_offline_days_max(&self, days: u32) -> Result<()>;
    /// Turns the super user feature on or off.
    fn set_super_users_enabled(&self, enabled: bool) -> Result<()>;

    /// The use license that was kept for an account (folded primary address) and a publishing license (its identity).
    /// None as well when what is there was not made by this store for this place.
    fn use_license(&self, account: &str, license: &[u8; 32]) -> Result<Option<KeptUseLicense>>;
    /// Keeps a use license in place of the one before, and drops those that were over when it was issued. Survives the
    /// process; unlike other changes it is not waited for to reach the medium.
    fn keep_use_license(&self, kept: &KeptUseLicense, random: &dyn Random) -> Result<()>;
    /// Drops a use license. False when there is none.
    fn forget_use_license(&self, account: &str, license: &[u8; 32]) -> Result<bool>;

    /// The latest moment that was seen.
    fn clock_mark(&self) -> Result<ClockMark>;
    /// Records a moment unless a later one is there. A forged mark stays. Not waited for to reach the medium.
    fn raise_clock_mark(&self, moment: Timestamp, random: &dyn Random) -> Result<()>;
    /// Records a moment, whatever is there.
    fn reset_clock_mark(&self, moment: Timestamp, random: &dyn Random) -> Result<()>;

    /// Tells whether anything changed, for much less than asking anew; `None` where a store cannot tell.
    fn version(&self) -> Result<Option<StoreVersion>> {
        Ok(None)
    }

    /// Changes the passphrase that the store opens with. The key that it leads to stays, so open stores go on.
    ///
    /// # Errors
    /// [`crate::ErrorKind::NotAuthenticated`] when the current one is wrong, or was changed at the same moment;
    /// [`crate::ErrorKind::InvalidArgument`] for an empty one; [`crate::ErrorKind::NotSupported`] for a store that does not
    /// open with a passphrase.
    fn change_passphrase(&self, _current: &str, _new: &str, _random: &dyn Random) -> Result<()> {
        Err(Error::with(ErrorKind::NotSupported, "this store has no passphrase"))
    }

    /// A template that was deleted and still decides about what was protected with it.
    fn retired_template(&self, id: Guid) -> Result<Option<(RightsPolicyTemplate, Retirement)>>;
    /// Deletes a template in such a way that it still decides. False when there is none in use.
    fn retire_template(&self, id: Guid, how: Retirement) -> Result<bool>;

    /// All token issuers, by name.
    fn token_issuers(&self) -> Result<Vec<TokenIssuer>>;
    /// Adds a token issuer, or replaces the one with the same name. Its keys are sealed at rest.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidArgument`] for names, domains or keys that are missing or too long.
    fn put_token_issuer(&self, issuer: &TokenIssuer) -> Result<()>;
    /// Removes a token issuer. False when there is none.
    fn delete_token_issuer(&self, name: &str) -> Result<bool>;
    /// The service principal of an organization.
    fn service_principal(&self, id: &str, tenant: &str) -> Result<Option<ServicePrincipal>>;
    /// Adds a service principal, or replaces the one with the same id and tenant.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidArgument`] for names or an account that are not acceptable.
    fn put_service_principal(&self, principal: &ServicePrincipal) -> Result<()>;
    /// Removes a service principal. False when there is none.
    fn delete_service_principal(&self, id: &str, tenant: &str) -> Result<bool>;
    /// The account that the holder of a certificate acts as, by SHA-256 of the certificate.
    fn certificate_account(&self, thumbprint: &[u8; 32]) -> Result<Option<String>>;
    /// Adds a certificate and the account that its holder acts as, or replaces the account.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidArgument`] for an account that is not acceptable.
    fn put_certificate(&self, thumbprint: &[u8; 32], account: &str) -> Result<()>;
    /// Removes a certificate. False when there is none.
    fn delete_certificate(&self, thumbprint: &[u8; 32]) -> Result<bool>;

    /// Adds revocations, or replaces those with the same aim; all of them or none.
    fn put_revocations(&self, revocations: &[Revocation]) -> Result<()>;
    /// Removes the revocations with the same aim as one of these; tells how many there were.
    fn remove_revocations(&self, revocations: &[Revocation]) -> Result<usize>;
    /// All revocations, oldest first.
    fn revocations(&self) -> Result<Vec<Revocation>>;
    /// The revocations that name a license.
    fn revocations_of(&self, subject: &RevocationSubject) -> Result<Vec<Revocation>>;
    /// All revocations of one moment with a number for a list of them: higher than every one before.
    fn number_revocations(&self) -> Result<(u64, Vec<Revocation>)>;
    /// Keeps a revocation list of an authority, unless its number is lower than one that was kept, or the same with
    /// other content; tells whether it was kept.
    fn put_revocation_list(&self, list: &CarriedList) -> Result<bool>;
    /// The revocation list of an authority.
    fn revocation_list(&self, signer: &[u8; 32]) -> Result<Option<CarriedList>>;
    /// Adds a document that is tracked, or replaces the one with the same content id and issuer.
    fn put_document(&self, document: &TrackedDocument) -> Result<()>;
    /// The document with a content id and an issuer.
    fn document(&self, content_id: &str, issuer: &str) -> Result<Option<TrackedDocument>>;
    /// Keeps where the usage log stood; what is kept for a count stays.
    fn put_log_checkpoint(&self, checkpoint: &LogCheckpoint) -> Result<()>;
    /// Where the usage log stood, the lowest count first.
    fn log_checkpoints(&self) -> Result<Vec<LogCheckpoint>>;
}
