//! Administration: templates, accounts and groups, settings, and whom to believe, for administrators alone.
//!
//! [`Administration`] exists only for an account that the directory calls an administrator, so nothing here asks again.
//! Every change is written into the usage log before it is made.

use super::audit::{Event, Operation, Outcome};
use super::credentials::principal_key;
use super::{LicensingAuthority, token};
use crate::base::guid::Guid;
use crate::crypto::random::array;
use crate::crypto::{Certificate, sha256};
use crate::error::{Error, ErrorKind, Result};
use crate::policy::levels::DefaultForm;
use crate::policy::template::{ContentExpiry, Retirement};
use crate::policy::{Identity, RightsPolicyTemplate};
use crate::store::{Account, Group, ServicePrincipal, Settings, Store, TokenIssuer, default_templates};
use crate::xrml;
use crate::xrml::text::TextEncoding;

/// Longest term or offline use in days; the calendar of licenses ends soon after.
const DAYS_MAX: u32 = 1_000_000;

/// The authority in the hands of an administrator.
#[derive(Debug)]
pub struct Administration<'a> {
    authority: &'a LicensingAuthority,
    administrator: Identity,
}

impl LicensingAuthority {
    /// Opens the administration for an account.
    ///
    /// # Errors
    /// [`ErrorKind::AccessDenied`] unless the account is an administrator.
    pub fn administration(&self, asking: Identity) -> Result<Administration<'_>> {
        if !asking.administrator {
            let event = Event {
                action: "administration".to_owned(),
                ..Event::new(Operation::ChangeSettings, Outcome::AccessDenied, &asking.email)
            };
            self.record(&event)?;
            return Err(Error::with(
                ErrorKind::AccessDenied,
                format!("{} is no administrator of the organization", asking.email),
            ));
        }
        Ok(Administration { authority: self, administrator: asking })
    }
}

impl Administration<'_> {
    /// Who administers.
    #[must_use]
    pub fn administrator(&self) -> &Identity {
        &self.administrator
    }

    fn store(&self) -> &dyn Store {
        &*self.authority.store
    }

    /// Makes a change: the one way for all of them. It is written down before it is made, and again when it fails.
    fn change<T>(
        &self,
        operation: Operation,
        action: &str,
        subject: &str,
        change: impl FnOnce(&dyn Store) -> Result<T>,
    ) -> Result<T> {
        let mut event = Event::new(operation, Outcome::Success, &self.administrator.email);
        event.action = format!("{action} {subject}");
        if matches!(operation, Operation::AddTemplate | Operation::UpdateTemplate | Operation::DeleteTemplate) {
            subject.clone_into(&mut event.template_id);
            action.clone_into(&mut event.action);
        }
        self.authority.record(&event)?;
        match change(self.store()) {
            Ok(answer) => Ok(answer),
            Err(error) => self.authority.recorded(event, Err(error)),
        }
    }

    /// All templates in use, disabled ones too, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn templates(&self) -> Result<Vec<RightsPolicyTemplate>> {
        self.store().templates()
    }

    /// A template in use, disabled or not.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`].
    pub fn template(&self, id: Guid) -> Result<RightsPolicyTemplate> {
        self.store().template(id)?.ok_or_else(|| unknown_template(id))
    }

    /// A fresh id for a template.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn new_id(&self) -> Result<Guid> {
        Ok(Guid::from_random(array(&*self.authority.random)?))
    }

    /// Makes a template or replaces one. The time of the change is set here. Returns what is kept now.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for a template that makes no sense or holds text that a license cannot;
    /// [`ErrorKind::LicenseTooLong`] for one that no license could hold.
    pub fn put_template(&self, template: RightsPolicyTemplate) -> Result<RightsPolicyTemplate> {
        self.keep_template(template.id, &|_| Ok(template.clone()))
    }

    /// Shows a template for publishing, or hides it. It decides about what was protected with it all the same.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`].
    pub fn set_template_enabled(&self, id: Guid, enabled: bool) -> Result<()> {
        let make = |known: Option<RightsPolicyTemplate>| match known {
            Some(template) => Ok(RightsPolicyTemplate { enabled, ..template }),
            None => Err(unknown_template(id)),
        };
        self.keep_template(id, &make).map(drop)
    }

    /// Keeps what `make` makes of the template in use: the one way for all changes of one. It is made twice, once to see
    /// whether it is acceptable, and once within the change, where nobody else's change can come between.
    fn keep_template(
        &self,
        id: Guid,
        make: &dyn Fn(Option<RightsPolicyTemplate>) -> Result<RightsPolicyTemplate>,
    ) -> Result<RightsPolicyTemplate> {
        let now = self.authority.now();
        let dated = |known: Option<RightsPolicyTemplate>| {
            // Later than before, also within one step of the clock: signed texts are kept by this time.
            let next = known.as_ref().and_then(|known| known.modified.checked_add(1));
            Ok(RightsPolicyTemplate { modified: next.map_or(now, |next| next.max(now)), ..make(known)? })
        };
        let before = self.store().template(id)?;
        let (operation, action) = match before {
            Some(_) => (Operation::UpdateTemplate, "change"),
            None => (Operation::AddTemplate, "add"),
        };
        let planned = dated(before)?;
        let days = match planned.expiry {
            ContentExpiry::Days(0) => return Err(Error::argument("template", "content would expire at once")),
            ContentExpiry::Days(days) => days,
            ContentExpiry::Never | ContentExpiry::At(_) => 0,
        };
        let of_rights = planned.grants.iter().filter_map(|grant| grant.interval_days).max().unwrap_or(0);
        if days.max(planned.offline_days.unwrap_or(0)).max(of_rights) > DAYS_MAX {
            return Err(Error::argument("template", format!("no more than {DAYS_MAX} days")));
        }
        // Signing tells now what would otherwise fail when somebody publishes.
        self.authority.signed_template(&planned)?;
        self.change(operation, action, &id.to_string(), |store| store.change_template(id, &mut |known| dated(known)))
    }

    /// Deletes a template (decision 12).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`].
    pub fn delete_template(&self, id: Guid, how: Retirement) -> Result<()> {
        // Nothing is written down about a template that does not exist.
        self.template(id)?;
        let action = match how {
            Retirement::Frozen => "freeze",
            Retirement::Revoked => "revoke",
        };
        match self.change(Operation::DeleteTemplate, action, &id.to_string(), |store| store.retire_template(id, how))? {
            true => Ok(()),
            false => Err(unknown_template(id)),
        }
    }

    /// A template as the bytes of a signed rights policy template file.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`].
    pub fn export_template(&self, id: Guid) -> Result<Vec<u8>> {
        let text = self.authority.signed_template(&self.template(id)?)?;
        Ok(xrml::text::encode(&text, TextEncoding::Utf8Bom))
    }

    /// Takes over the policy of a template file; its signature must hold. A template of that id keeps its scope and stays
    /// disabled if it is.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] or [`ErrorKind::BadSignature`]; [`ErrorKind::BadChain`] when another authority signed it
    /// and `foreign` is not set.
    pub fn import_template(&self, file: &[u8], foreign: bool) -> Result<RightsPolicyTemplate> {
        let signed = xrml::template::read(file)?;
        if !foreign {
            signed.check_issuer(self.authority.keys.signing.public())?;
        }
        let template = xrml::template::policy(signed.data())?;
        self.keep_template(template.id, &|known| {
            let template = template.clone();
            Ok(match known {
                Some(known) => RightsPolicyTemplate { scope: known.scope, enabled: known.enabled, ..template },
                None => template,
            })
        })
    }

    /// Makes the default templates in one of their historical forms, beside all others. Returns their ids.
    ///
    /// # Errors
    /// As [`Administration::put_template`].
    pub fn make_default_templates(&self, form: DefaultForm) -> Result<Vec<Guid>> {
        let record = self.store().authority()?;
        let templates = default_templates(&record, form, &*self.authority.random, self.authority.now())?;
        templates.into_iter().map(|template| Ok(self.put_template(template)?.id)).collect()
    }

    /// The account with an address, primary or alias.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`].
    pub fn account(&self, address: &str) -> Result<Account> {
        self.store().account(address)?.ok_or_else(|| Error::new(ErrorKind::NotFound { what: "account" }))
    }

    /// All accounts, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn accounts(&self) -> Result<Vec<Account>> {
        self.store().accounts()
    }

    /// Makes accounts or replaces them; all or none.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for an address that is not acceptable or belongs to another entry, and when no
    /// administrator would be left.
    pub fn put_accounts(&self, accounts: &[Account]) -> Result<()> {
        let subject = summary(accounts.iter().map(|account| account.email.as_str()));
        self.change(Operation::ChangeDirectory, "put account", &subject, |store| store.put_accounts(accounts))
    }

    /// Deletes the account with a primary address.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; [`ErrorKind::InvalidArgument`] when no administrator would be left.
    pub fn delete_account(&self, address: &str) -> Result<()> {
        let deleted =
            self.change(Operation::ChangeDirectory, "delete account", address, |store| store.delete_account(address))?;
        found(deleted, "account")
    }

    /// The group with an address.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`].
    pub fn group(&self, address: &str) -> Result<Group> {
        self.store().group(address)?.ok_or_else(|| Error::new(ErrorKind::NotFound { what: "group" }))
    }

    /// All groups, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn groups(&self) -> Result<Vec<Group>> {
        self.store().groups()
    }

    /// Makes groups or replaces them; all or none.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for an address that is not acceptable or belongs to another entry, and for a group
    /// that would come to hold itself.
    pub fn put_groups(&self, groups: &[Group]) -> Result<()> {
        let subject = summary(groups.iter().map(|group| group.email.as_str()));
        self.change(Operation::ChangeDirectory, "put group", &subject, |store| store.put_groups(groups))
    }

    /// Adds a member to a group; false when it is one already.
    ///
    /// # Errors
    /// As [`Administration::put_groups`]; [`ErrorKind::NotFound`].
    pub fn add_member(&self, group: &str, member: &str) -> Result<bool> {
        self.change(Operation::ChangeDirectory, "add member to", group, |store| store.add_member(group, member))
    }

    /// Takes a member out of a group; false when it is none.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`].
    pub fn remove_member(&self, group: &str, member: &str) -> Result<bool> {
        self.change(Operation::ChangeDirectory, "remove member from", group, |store| store.remove_member(group, member))
    }

    /// Deletes a group.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`].
    pub fn delete_group(&self, address: &str) -> Result<()> {
        found(
            self.change(Operation::ChangeDirectory, "delete group", address, |store| store.delete_group(address))?,
            "group",
        )
    }

    /// The settings of the organization.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn settings(&self) -> Result<Settings> {
        self.store().settings()
    }

    /// Sets the most days that a use license may serve offline.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for more days than a license can name.
    pub fn set_offline_days_max(&self, days: u32) -> Result<()> {
        if days > DAYS_MAX {
            return Err(Error::argument("offline days", format!("no more than {DAYS_MAX} days")));
        }
        self.change(Operation::ChangeSettings, "set", &format!("offline-days-max {days}"), |store| {
            store.set_offline_days_max(days)
        })
    }

    /// Turns the super user feature on or off.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn set_super_users_enabled(&self, enabled: bool) -> Result<()> {
        self.change(
            Operation::ChangeSettings,
            "set",
            if enabled { "super-users 1" } else { "super-users 0" },
            |store| store.set_super_users_enabled(enabled),
        )
    }

    /// Sets whether diagnostic logs hold addresses and file names as they are.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn set_log_personal_data(&self, shown: bool) -> Result<()> {
        let target = if shown { "log-personal-data 1" } else { "log-personal-data 0" };
        self.change(Operation::ChangeSettings, "set", target, |store| store.set_log_personal_data(shown))
    }

    /// Changes the passphrase that the store opens with.
    ///
    /// # Errors
    /// As [`Store::change_passphrase`].
    pub fn change_passphrase(&self, current: &str, new: &str) -> Result<()> {
        self.change(Operation::ChangeSettings, "change", "passphrase", |store| {
            store.change_passphrase(current, new, &*self.authority.random)
        })
    }

    /// All token issuers, by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn token_issuers(&self) -> Result<Vec<TokenIssuer>> {
        self.store().token_issuers()
    }

    /// Makes a token issuer or replaces one.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for a key set without usable keys, without domains, or with bad names.
    pub fn put_token_issuer(&self, issuer: &TokenIssuer) -> Result<()> {
        token::read_key_set(&issuer.key_set)?;
        self.change(Operation::ChangeSettings, "put token issuer", &issuer.name, |store| store.put_token_issuer(issuer))
    }

    /// Deletes a token issuer.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`].
    pub fn delete_token_issuer(&self, name: &str) -> Result<()> {
        found(
            self.change(Operation::ChangeSettings, "delete token issuer", name, |store| {
                store.delete_token_issuer(name)
            })?,
            "token issuer",
        )
    }

    /// Registers an application with its key in base 64 and the account it acts as, or replaces what was registered.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for a key that is not base 64 or too short, and for bad names.
    pub fn put_service_principal(&self, id: &str, tenant: &str, base64_key: &str, account: &str) -> Result<()> {
        let key_digest = sha256(&principal_key(base64_key)?);
        let principal =
            ServicePrincipal { id: id.to_owned(), tenant: tenant.to_owned(), key_digest, account: account.to_owned() };
        self.change(Operation::ChangeSettings, "put service principal", id, |store| {
            store.put_service_principal(&principal)
        })
    }

    /// Removes the registration of an application.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`].
    pub fn delete_service_principal(&self, id: &str, tenant: &str) -> Result<()> {
        let deleted = self.change(Operation::ChangeSettings, "delete service principal", id, |store| {
            store.delete_service_principal(id, tenant)
        })?;
        found(deleted, "service principal")
    }

    /// Registers a certificate (DER) and the account that its holder acts as, or replaces that account.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for what is no certificate with a key that can be used, and for a bad address.
    pub fn put_certificate(&self, der: &[u8], account: &str) -> Result<()> {
        let certificate = Certificate::read(der).map_err(|error| Error::argument("pCertificate", error.to_string()))?;
        self.change(Operation::ChangeSettings, "put certificate", account, |store| {
            store.put_certificate(certificate.thumbprint(), account)
        })
    }

    /// Removes the registration of a certificate.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`].
    pub fn delete_certificate(&self, der: &[u8]) -> Result<()> {
        let thumbprint = sha256(der);
        let account = self.store().certificate_account(&thumbprint)?.unwrap_or_default();
        let deleted = self.change(Operation::ChangeSettings, "delete certificate", &account, |store| {
            store.delete_certificate(&thumbprint)
        })?;
        found(deleted, "certificate")
    }

    /// What the directory knows of an address, with all groups that hold it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for a text that is no address.
    pub fn identity(&self, address: &str) -> Result<Identity> {
        self.authority.identity(address)
    }
}

/// A short name for several entries.
fn summary<'a>(mut entries: impl ExactSizeIterator<Item = &'a str>) -> String {
    match (entries.next(), entries.len()) {
        (Some(first), 0) => first.to_owned(),
        (Some(first), more) => format!("{first} and {more} more"),
        (None, _) => String::new(),
    }
}

fn unknown_template(id: Guid) -> Error {
    Error::with(ErrorKind::NotFound { what: "template" }, format!("there is no template {id}"))
}

fn found(deleted: bool, what: &'static str) -> Result<()> {
    if deleted { Ok(()) } else { Err(Error::new(ErrorKind::NotFound { what })) }
}

#[cfg(test)]
#[path = "admin_tests.rs"]
mod tests;
