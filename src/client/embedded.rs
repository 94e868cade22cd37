//! The licensing authority in the process of the application.

use std::sync::Arc;

use super::licensor::{Acquired, Licensor, PublishRequest, Published};
use super::prompt::Account;
use super::tracking::Tracking;
use crate::authority::LicensingAuthority;
use crate::base::guid::Guid;
use crate::base::os;
use crate::error::Result;
use crate::license::ConnectionInfo;
use crate::policy::user::check_address;
use crate::policy::{Identity, RightsPolicyTemplate};
use crate::store::Store;
use crate::xrml::publishing::SignedPublishingLicense;

/// A licensor that calls the authority directly.
///
/// It believes the application about who asks: whoever can read the store can act as anyone in it. The server is for
/// those who must not be believed.
#[derive(Debug)]
pub struct EmbeddedLicensor {
    authority: LicensingAuthority,
    store: Arc<dyn Store>,
}

impl EmbeddedLicensor {
    /// A licensor over an authority and the store that it reads.
    #[must_use]
    pub fn new(authority: LicensingAuthority, store: Arc<dyn Store>) -> Self {
        Self { authority, store }
    }

    pub(super) fn authority(&self) -> &LicensingAuthority {
        &self.authority
    }

    pub(super) fn store(&self) -> &dyn Store {
        &*self.store
    }

    pub(super) fn identity(&self, account: &Account) -> Result<Identity> {
        self.authority.identity(&self.address_of(account)?)
    }
}

impl Licensor for EmbeddedLicensor {
    fn connection(&self) -> &ConnectionInfo {
        self.authority.connection()
    }

    fn display_name(&self) -> &str {
        self.authority.organization()
    }

    fn address_of(&self, account: &Account) -> Result<String> {
        match account {
            Account::Named(address) => {
                check_address(address)?;
                Ok(address.clone())
            }
            Account::OperatingSystem => self.store.account_of(&os::current_account()?),
        }
    }

    fn templates(&self, account: &Account) -> Result<Vec<RightsPolicyTemplate>> {
        self.authority.templates(&self.identity(account)?)
    }

    fn template(&self, id: Guid) -> Result<RightsPolicyTemplate> {
        self.authority.template(id)
    }

    fn publish(&self, request: &PublishRequest<'_>, account: &Account) -> Result<Published> {
        let identity = self.identity(account)?;
        let (license, content_key, granted) = self.authority.publish(request.draft, request.reuse, &identity)?;
        Ok(Published { license, content_key, granted, display_name: identity.display_name })
    }

    fn is_named_by(&self, license: &SignedPublishingLicense) -> bool {
        self.authority.is_named_by(license)
    }

    fn acquire(&self, license: &SignedPublishingLicense, account: &Account) -> Result<Acquired> {
        let identity = self.identity(account)?;
        let (content_key, rights_data, decision) = self.authority.acquire(license, &identity)?;
        Ok(Acquired { content_key, granted: decision.into_granted(), display_name: identity.display_name, rights_data })
    }

    fn tracking(&self) -> Result<&dyn Tracking> {
        Ok(self)
    }
}
