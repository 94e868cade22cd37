//! Tracking by the authority in the process of the application.

use super::embedded::EmbeddedLicensor;
use super::prompt::Account;
use super::revocation;
use super::tracking::Tracking;
use crate::authority::audit::{Checkpoint, LogEntry, LogFilter, LogReport};
use crate::authority::revoke::RevocationRequest;
use crate::crypto::digest::sha256;
use crate::error::Result;
use crate::license::AppDatum;
use crate::xrml::publishing::SignedPublishingLicense;

impl Tracking for EmbeddedLicensor {
    fn update_metadata(&self, serialized: &[u8], entries: &[AppDatum], account: &Account) -> Result<Vec<u8>> {
        self.authority().update_metadata(serialized, entries, &self.identity(account)?)
    }

    fn register(
        &self,
        license: &SignedPublishingLicense,
        name: Option<&str>,
        mail_wanted: bool,
        account: &Account,
    ) -> Result<()> {
        self.authority().register(license, name, mail_wanted, &self.identity(account)?)
    }

    fn revoke(&self, request: &RevocationRequest<'_>, account: &Account) -> Result<()> {
        self.authority().revoke(request, &self.identity(account)?)
    }

    fn restore(&self, request: &RevocationRequest<'_>, account: &Account) -> Result<()> {
        self.authority().restore(request, &self.identity(account)?)
    }

    fn export_revocation_list(&self, days: u32, account: &Account) -> Result<Vec<u8>> {
        self.authority().export_revocation_list(days, &self.identity(account)?)
    }

    fn import_revocation_list(&self, list: &[u8]) -> Result<u64> {
        revocation::import(self.store(), self.authority().modulus(), list, self.authority().now())
    }

    fn check_revocation_list(&self, license: &SignedPublishingLicense, account: &Account) -> Result<()> {
        let signer = sha256(&license.license().server.modulus);
        let list = self.lists.get(self.store(), signer, |signer| revocation::at_hand(self.store(), signer))?;
        revocation::check(list.as_deref(), license, || self.identity(account), self.authority().now())
    }

    fn query_log(&self, filter: &LogFilter, account: &Account) -> Result<Vec<LogEntry>> {
        self.authority().query_log(filter, &self.identity(account)?)
    }

    fn verify_log(&self, outside: Option<&Checkpoint>, account: &Account) -> Result<LogReport> {
        self.authority().verify_log(outside, &self.identity(account)?)
    }

    fn log_checkpoint(&self, account: &Account) -> Result<Checkpoint> {
        self.authority().log_checkpoint(&self.identity(account)?)
    }
}
