//! The licensing authority in the process of the application.

use std::sync::Arc;

use super::identity::Credential;
use super::licensor::{Acquired, Licensor, PublishRequest, Published};
use super::prompt::Account;
use super::tracking::Tracking;
use crate::authority::grant::Acquisition;
use crate::authority::issue::Signed;
use crate::authority::{Administration, LicensingAuthority};
use crate::base::guid::Guid;
use crate::base::os;
use crate::error::{ErrorKind, Result};
use crate::license::ConnectionInfo;
use crate::policy::user::{check_address, fold_address};
use crate::policy::{Identity, RightsPolicyTemplate};
use crate::store::{AsOf, Remembered, Store};
use crate::xrml::publishing::SignedPublishingLicense;
use crate::xrml::revocation_list::RevocationList;

/// Most accounts whose subject is remembered, and most licenses whose revocation is.
const REMEMBERED_MAX: usize = 1024;

/// An account as a question is asked for it: true with the address that the application named, false with the identifier
/// of the operating system.
type AccountName = (bool, String);

/// A licensor that calls the authority directly.
///
/// It believes the application about who asks: whoever can read the store can act as anyone in it. The server is for
/// those who must not be believed.
#[derive(Debug)]
pub struct EmbeddedLicensor {
    authority: LicensingAuthority,
    store: Arc<dyn Store>,
    /// What the directory knows, by account.
    identities: Remembered<AccountName, Identity>,
    /// What use licenses are kept under, by account.
    subjects: Remembered<AccountName, String>,
    /// Whether a license is revoked for an account, by the identity of the license.
    revoked: Remembered<([u8; 32], AccountName), bool>,
    /// Revocation lists at hand, checked and read, by signer.
    pub(super) lists: Remembered<[u8; 32], Option<Arc<RevocationList>>>,
}

impl EmbeddedLicensor {
    /// A licensor over an authority and the store that it reads.
    #[must_use]
    pub fn new(authority: LicensingAuthority, store: Arc<dyn Store>) -> Self {
        Self {
            authority,
            store,
            identities: Remembered::at_most(REMEMBERED_MAX),
            subjects: Remembered::at_most(REMEMBERED_MAX),
            revoked: Remembered::at_most(REMEMBERED_MAX),
            lists: Remembered::at_most(1),
        }
    }

    pub(super) fn authority(&self) -> &LicensingAuthority {
        &self.authority
    }

    pub(super) fn store(&self) -> &dyn Store {
        &*self.store
    }

    pub(super) fn identity(&self, account: &Account) -> Result<Identity> {
        self.identities.get(&*self.store, name_of(account)?, |_| self.authority.identity(&self.address_of(account)?))
    }
}

fn name_of(account: &Account) -> Result<AccountName> {
    Ok(match account {
        Account::Named(address) => (true, address.clone()),
        Account::OperatingSystem => (false, os::current_account_id()?),
    })
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

    fn templates(&self, account: &Account) -> Result<Vec<Arc<RightsPolicyTemplate>>> {
        self.authority.templates(&self.identity(account)?)
    }

    fn template(&self, id: Guid) -> Result<RightsPolicyTemplate> {
        self.authority.template(id)
    }

    fn publish(&self, request: &PublishRequest<'_>, account: &Account) -> Result<Published> {
        let identity = self.identity(account)?;
        let Signed { license, content_key, write_key, granted } =
            self.authority.publish(request.draft, request.reuse, &identity)?;
        Ok(Published { license, content_key, write_key, granted, display_name: identity.display_name })
    }

    fn is_named_by(&self, license: &SignedPublishingLicense) -> bool {
        self.authority.is_named_by(license)
    }

    fn acquire(&self, license: &SignedPublishingLicense, account: &Account) -> Result<Acquired> {
        let identity = self.identity(account)?;
        let Acquisition { content_key, write_key, rights_data, decision } =
            self.authority.acquire(license, &identity)?;
        let (granted, display_name) = (decision.into_granted(), identity.display_name);
        Ok(Acquired { content_key, write_key, granted, display_name, rights_data })
    }

    fn authenticate(&self, credential: &Credential) -> Result<Account> {
        let address = match credential {
            Credential::Token(token) => self.authority.token_account(token)?,
            Credential::SymmetricKey { principal, tenant, key } => {
                self.authority.principal_account(principal, tenant, key)?
            }
            Credential::Certificate { der, sign } => self.authority.certificate_account(der, sign)?,
        };
        Ok(Account::Named(address))
    }

    fn administration(&self, account: &Account) -> Result<Administration<'_>> {
        self.authority.administration(self.identity(account)?)
    }

    fn identity(&self, account: &Account) -> Result<Identity> {
        Self::identity(self, account)
    }

    fn tracking(&self) -> Result<&dyn Tracking> {
        Ok(self)
    }

    fn subject(&self, account: &Account, as_of: &AsOf) -> Result<String> {
        self.subjects.get_as_of(as_of, &*self.store, name_of(account)?, |_| {
            let address = self.address_of(account)?;
            let known = self.store.account(&address)?;
            Ok(fold_address(known.as_ref().map_or(&address, |account| &account.email)))
        })
    }

    fn is_revoked(
        &self,
        license: &SignedPublishingLicense,
        account: &Account,
        offline: bool,
        as_of: &AsOf,
    ) -> Result<bool> {
        if !offline {
            let question = (license.identity(), name_of(account)?);
            return self.revoked.get_as_of(as_of, &*self.store, question, |_| self.authority.is_revoked(license));
        }
        // Offline the authority counts as out of reach, although it is in this process (decision 10): a list at hand
        // says what was revoked.
        match self.check_revocation_list(license, account) {
            Err(error) if *error.kind() == ErrorKind::Revoked => Ok(true),
            checked => checked.map(|()| false),
        }
    }

    fn reset_clock_mark(&self, account: &Account) -> Result<()> {
        self.authority.reset_clock_mark(&self.identity(account)?)
    }
}
