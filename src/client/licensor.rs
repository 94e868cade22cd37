//! The licensing authority as a client sees it.

use std::fmt;
use std::sync::Arc;

use super::identity::Credential;
use super::prompt::Account;
use super::tracking::Tracking;
use crate::authority::Administration;
use crate::base::guid::Guid;
use crate::cipher::ContentKey;
use crate::crypto::ed25519::SigningKey;
use crate::error::{Error, ErrorKind, Result};
use crate::license::{ConnectionInfo, LicenseDraft, RightsData};
use crate::policy::user::fold_address;
use crate::policy::{GrantedRights, Identity, RightsPolicyTemplate};
use crate::store::AsOf;
use crate::xrml::publishing::SignedPublishingLicense;

/// A license to be signed.
#[derive(Debug)]
pub struct PublishRequest<'a> {
    /// What it is to say.
    pub draft: &'a LicenseDraft,
    /// The license whose content key is used again. The authority opens it itself and asks for EDITRIGHTSDATA.
    pub reuse: Option<&'a SignedPublishingLicense>,
}

/// A signed license and what its publisher gets with it.
pub struct Published {
    /// The serialized license.
    pub license: Vec<u8>,
    /// The key that content is to be encrypted under.
    pub content_key: ContentKey,
    /// Signs the content, where it is authenticated.
    pub write_key: Option<SigningKey>,
    /// What the publisher may do.
    pub granted: GrantedRights,
    /// Name of the account, for people.
    pub display_name: String,
}

/// What the authority hands out for one publishing license and one account.
pub struct Acquired {
    /// The content key.
    pub content_key: ContentKey,
    /// Signs changed content; for those who may write, where the license has one.
    pub write_key: Option<SigningKey>,
    /// What the account may do.
    pub granted: GrantedRights,
    /// Name of the account, for people.
    pub display_name: String,
    /// The rights document of the license.
    pub rights_data: RightsData,
}

impl fmt::Debug for Published {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Published")
            .field("bytes", &self.license.len())
            .field("granted", &self.granted)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Acquired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acquired").field("granted", &self.granted).finish_non_exhaustive()
    }
}

/// A licensing authority, in this process or elsewhere.
///
/// Implementations may be called from any thread, also at once.
pub trait Licensor: Send + Sync + fmt::Debug {
    /// Addresses to write into licenses and to recognize the authority by.
    fn connection(&self) -> &ConnectionInfo;

    /// Name of the organization, for people.
    fn display_name(&self) -> &str;

    /// Mail address of an account.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn address_of(&self, account: &Account) -> Result<String>;

    /// The templates that the account may publish with.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn templates(&self, account: &Account) -> Result<Vec<Arc<RightsPolicyTemplate>>>;

    /// One template for publishing.
    ///
    /// # Errors
    /// [`crate::ErrorKind::NotFound`] when there is none or it is disabled.
    fn template(&self, id: Guid) -> Result<RightsPolicyTemplate>;

    /// Signs a license.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidArgument`] for a draft that contradicts itself, [`crate::ErrorKind::RightNotGranted`]
    /// when a content key is used again without EDITRIGHTSDATA, [`crate::ErrorKind::LicenseTooLong`].
    fn publish(&self, request: &PublishRequest<'_>, account: &Account) -> Result<Published>;

    /// True when the license names this authority.
    fn is_named_by(&self, license: &SignedPublishingLicense) -> bool;

    /// Decides about a license and hands out its key.
    ///
    /// # Errors
    /// The refusal, or what is wrong with the license.
    fn acquire(&self, license: &SignedPublishingLicense, account: &Account) -> Result<Acquired>;

    /// What use licenses of an account are kept under: one name for all its addresses, folded for comparison.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn subject(&self, account: &Account, _as_of: &AsOf) -> Result<String> {
        Ok(fold_address(&self.address_of(account)?))
    }

    /// True when a license is revoked for the account, so that a use license that was kept does not serve: as the
    /// authority says, or, `offline`, as the revocation lists at hand do.
    ///
    /// # Errors
    /// When neither can be read.
    fn is_revoked(
        &self,
        license: &SignedPublishingLicense,
        account: &Account,
        offline: bool,
        as_of: &AsOf,
    ) -> Result<bool>;

    /// Accepts the present moment as right, after the clock had been wrong (decision 29).
    ///
    /// # Errors
    /// [`crate::ErrorKind::AccessDenied`] for accounts that do not administer the authority.
    fn reset_clock_mark(&self, account: &Account) -> Result<()>;

    /// The account that a credential proves.
    ///
    /// # Errors
    /// [`ErrorKind::NotAuthenticated`] when the credential is refused.
    fn authenticate(&self, _credential: &Credential) -> Result<Account> {
        Err(Error::with(ErrorKind::NotAuthenticated, "this authority knows no credentials"))
    }

    /// The administration of the authority, for an administrator.
    ///
    /// # Errors
    /// [`ErrorKind::AccessDenied`] for other accounts, [`ErrorKind::NotSupported`] where it is administered elsewhere.
    fn administration(&self, _account: &Account) -> Result<Administration<'_>> {
        Err(Error::with(ErrorKind::NotSupported, "this authority is not administered from here"))
    }

    /// What the directory knows of the account.
    ///
    /// # Errors
    /// [`ErrorKind::NotSupported`] where the directory is not at hand.
    fn identity(&self, _account: &Account) -> Result<Identity> {
        Err(Error::with(ErrorKind::NotSupported, "the directory of this authority is not at hand"))
    }

    /// What the authority does beside licenses: metadata, revocation, the usage log.
    ///
    /// # Errors
    /// [`crate::ErrorKind::NotSupported`] when it does not.
    fn tracking(&self) -> Result<&dyn Tracking> {
        Err(ErrorKind::NotSupported.into())
    }
}
