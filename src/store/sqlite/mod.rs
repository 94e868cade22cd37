//! The store of the embedded authority: one SQLite database that every process of the account shares.
//!
//! Writers take turns, readers are never held up (write-ahead log), and no caller sees a busy database. A store that was
//! opened before `fork` must be opened anew in the child; used there, it answers with an error.

mod directory;
mod kept;
mod lock;
mod open;
mod schema;
mod templates;
mod tracking;
mod trust;
mod watch;

use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::{Mutex, MutexGuard};
use rusqlite::{Connection, Transaction};

pub use open::{StoreLocation, Unlock};
use watch::Watch;

use super::directory::{check_account, check_group, check_template, default_addresses, default_name};
use super::trust::{check_service_principal, check_token_issuer};
use super::{
    Account, AuthorityRecord, CarriedList, ClockMark, Directory, Group, KeptUseLicense, LogCheckpoint,
    ServicePrincipal, Settings, Store, StoreVersion, TemplateChange, TokenIssuer, TrackedDocument,
};
use crate::base::guid::Guid;
use crate::base::os::OsAccount;
use crate::base::time::{Clock, Timestamp};
use crate::crypto::random::Random;
use crate::crypto::seal::SealingKey;
use crate::error::{Error, ErrorKind, Result};
use crate::policy::template::Retirement;
use crate::policy::user::{check_account_address, check_address};
use crate::policy::{Identity, Revocation, RevocationSubject, RightsPolicyTemplate};

/// The store of the embedded authority, with the key that its secrets are sealed under.
pub struct EmbeddedStore {
    db: Mutex<Connection>,
    /// Changes made through this object, counted while it holds the connection.
    changes: AtomicU64,
    watch: Watch,
    /// The process that opened the database: SQLite's locks do not follow a fork.
    process: u32,
    authority: AuthorityRecord,
    sealing: SealingKey,
}

impl std::fmt::Debug for EmbeddedStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EmbeddedStore({})", self.authority.id)
    }
}

const OFFLINE_DAYS_MAX: &str = "offline_days_max";
const SUPER_USERS_ENABLED: &str = "super_users_enabled";
const LOG_PERSONAL_DATA: &str = "log_personal_data";

impl EmbeddedStore {
    /// Opens the store of a location, and makes it first where there is none: an authority with a new signing key and
    /// the default templates, the current account as its administrator. `MSIPC_ORGANIZATION` names the organization at
    /// that moment and is not looked at again.
    ///
    /// Several processes may open one location at once; they end with the same store. A crash in between leaves nothing
    /// that a later call would trust: it completes what is missing.
    ///
    /// # Errors
    /// [`ErrorKind::StoreUnusable`], with what was found and what would help: folders or files that others have access
    /// to or own, symbolic links, a database without its key file, a wrong passphrase, a damaged database or a newer
    /// one. [`ErrorKind::InvalidArgument`] for the name of the store, an empty passphrase or the name of the
    /// organization.
    pub fn open(location: &StoreLocation, unlock: &Unlock, random: &dyn Random, clock: &dyn Clock) -> Result<Self> {
        open::open(location, unlock, random, clock)
    }

    /// The key that the secrets of the store are sealed under. Whoever seals something names its purpose with
    /// [`AuthorityRecord::binding`].
    #[must_use]
    pub fn sealing_key(&self) -> &SealingKey {
        &self.sealing
    }

    fn check_process(&self) -> Result<()> {
        if std::process::id() != self.process {
            return Err(Error::with(ErrorKind::StoreUnusable, "the store was opened before a fork; open it anew"));
        }
        Ok(())
    }

    fn db(&self) -> Result<MutexGuard<'_, Connection>> {
        self.check_process()?;
        Ok(self.db.lock())
    }

    /// One view of the database for several queries.
    fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let mut db = self.db()?;
        let transaction = db.transaction().map_err(schema::sql)?;
        read(&transaction)
    }

    /// One change, whole or not at all.
    fn write<T>(&self, change: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        let mut db = self.db()?;
        self.changes.fetch_add(1, Ordering::Release);
        let transaction = schema::writing(&mut db)?;
        let answer = change(&transaction)?;
        transaction.commit().map_err(schema::sql)?;
        Ok(answer)
    }

    /// One change that need not have reached the medium when it is acknowledged.
    fn write_without_sync<T>(&self, change: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        let mut db = self.db()?;
        self.changes.fetch_add(1, Ordering::Release);
        schema::without_sync(&mut db, change)
    }

    fn set(&self, name: &str, value: i64) -> Result<()> {
        self.write(|db| {
            db.execute(
                "INSERT INTO settings (name, value) VALUES (?1, ?2)
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                rusqlite::params![name, value],
            )
            .map_err(schema::sql)?;
            Ok(())
        })
    }
}

fn settings(db: &Connection) -> Result<Settings> {
    let mut settings = Settings::default();
    let mut statement = db.prepare_cached("SELECT name, value FROM settings").map_err(schema::sql)?;
    let mut rows = statement.query([]).map_err(schema::sql)?;
    while let Some(row) = rows.next().map_err(schema::sql)? {
        let name: String = row.get(0).map_err(schema::sql)?;
        let value: i64 = row.get(1).map_err(schema::sql)?;
        match name.as_str() {
            OFFLINE_DAYS_MAX => {
                settings.offline_days_max =
                    u32::try_from(value).map_err(|_| schema::damaged("the maximum of offline days"))?;
            }
            SUPER_USERS_ENABLED => settings.super_users_enabled = value != 0,
            LOG_PERSONAL_DATA => settings.log_personal_data = value != 0,
            // A newer version of the library may have put it there.
            _ => {}
        }
    }
    Ok(settings)
}

impl Directory for EmbeddedStore {
    fn identity(&self, address: &str) -> Result<Identity> {
        check_address(address)?;
        self.read(|db| {
            let enabled = settings(db)?.super_users_enabled;
            directory::identity(db, &self.authority, enabled, address)
        })
    }
}

impl Store for EmbeddedStore {
    fn authority(&self) -> Result<AuthorityRecord> {
        Ok(self.authority.clone())
    }

    fn account_of(&self, account: &OsAccount) -> Result<String> {
        // Nearly always known: that needs no turn as a writer.
        if let Some(address) = self.read(|db| directory::os_address(db, &account.id))? {
            return Ok(address);
        }
        self.write(|db| {
            if let Some(address) = directory::os_address(db, &account.id)? {
                return Ok(address);
            }
            for address in default_addresses(self.authority.id, account) {
                if directory::is_taken(db, &address)? {
                    continue;
                }
                directory::put_os_address(db, &account.id, &address)?;
                let new = Account { display_name: default_name(account), ..Account::of(&address) };
                directory::put_account(db, &new)?;
                return Ok(address);
            }
            Err(Error::internal("no address is left"))
        })
    }

    fn account(&self, address: &str) -> Result<Option<Account>> {
        self.read(|db| directory::account(db, address))
    }

    fn accounts(&self) -> Result<Vec<Account>> {
        self.read(directory::accounts)
    }

    fn put_accounts(&self, accounts: &[Account]) -> Result<()> {
        accounts.iter().try_for_each(|account| check_account(self.authority.id, account))?;
        self.write(|db| {
            directory::keeping_an_administrator(db, || {
                accounts.iter().try_for_each(|account| directory::put_account(db, account))
            })
        })
    }

    fn delete_account(&self, address: &str) -> Result<bool> {
        self.write(|db| directory::keeping_an_administrator(db, || directory::delete_account(db, address)))
    }

    fn group(&self, address: &str) -> Result<Option<Group>> {
        self.read(|db| directory::group(db, address))
    }

    fn groups(&self) -> Result<Vec<Group>> {
        self.read(directory::groups)
    }

    fn put_groups(&self, groups: &[Group]) -> Result<()> {
        groups.iter().try_for_each(|group| check_group(self.authority.id, group))?;
        self.write(|db| groups.iter().try_for_each(|group| directory::put_group(db, group)))
    }

    fn add_member(&self, group: &str, member: &str) -> Result<bool> {
        check_address(member)?;
        self.write(|db| directory::add_member(db, group, member))
    }

    fn remove_member(&self, group: &str, member: &str) -> Result<bool> {
        self.write(|db| directory::remove_member(db, group, member))
    }

    fn delete_group(&self, address: &str) -> Result<bool> {
        self.write(|db| directory::delete_group(db, address))
    }

    fn template(&self, id: Guid) -> Result<Option<RightsPolicyTemplate>> {
        self.read(|db| templates::one(db, id))
    }

    fn templates(&self) -> Result<Vec<RightsPolicyTemplate>> {
        self.read(templates::all)
    }

    fn change_template(&self, id: Guid, change: TemplateChange<'_>) -> Result<RightsPolicyTemplate> {
        self.write(|db| {
            let template = change(templates::one(db, id)?)?;
            check_template(id, &template)?;
            templates::put(db, &template)?;
            Ok(template)
        })
    }

    fn delete_template(&self, id: Guid) -> Result<bool> {
        self.write(|db| templates::delete(db, id))
    }

    fn settings(&self) -> Result<Settings> {
        self.read(settings)
    }

    fn set_offline_days_max(&self, days: u32) -> Result<()> {
        self.set(OFFLINE_DAYS_MAX, days.into())
    }

    fn set_super_users_enabled(&self, enabled: bool) -> Result<()> {
        self.set(SUPER_USERS_ENABLED, enabled.into())
    }

    fn set_log_personal_data(&self, shown: bool) -> Result<()> {
        self.set(LOG_PERSONAL_DATA, shown.into())
    }

    fn use_license(&self, account: &str, license: &[u8; 32]) -> Result<Option<KeptUseLicense>> {
        self.read(|db| kept::use_license(db, &self.sealing, self.authority.id, account, license))
    }

    fn keep_use_license(&self, kept: &KeptUseLicense, random: &dyn Random) -> Result<()> {
        self.write_without_sync(|db| kept::keep(db, &self.sealing, self.authority.id, random, kept))
    }

    fn forget_use_license(&self, account: &str, license: &[u8; 32]) -> Result<bool> {
        self.write(|db| kept::forget(db, account, license))
    }

    fn clock_mark(&self) -> Result<ClockMark> {
        self.read(|db| kept::clock_mark(db, &self.sealing, self.authority.id))
    }

    fn raise_clock_mark(&self, moment: Timestamp, random: &dyn Random) -> Result<()> {
        self.write_without_sync(|db| {
            let raise = match kept::clock_mark(db, &self.sealing, self.authority.id)? {
                ClockMark::Unknown => true,
                ClockMark::At(mark) => mark < moment,
                // Stays as it is until an administrator has looked at it.
                ClockMark::Forged => false,
            };
            if raise {
                kept::set_clock_mark(db, &self.sealing, self.authority.id, random, moment)?;
            }
            Ok(())
        })
    }

    fn reset_clock_mark(&self, moment: Timestamp, random: &dyn Random) -> Result<()> {
        self.write(|db| kept::set_clock_mark(db, &self.sealing, self.authority.id, random, moment))
    }

    fn version(&self) -> Result<Option<StoreVersion>> {
        self.check_process()?;
        // Counted before a change counts: whoever sees the new number and asks then waits for the connection.
        let own = self.changes.load(Ordering::Acquire);
        if let Some(others) = self.watch.version() {
            return Ok(Some(StoreVersion { own, others }));
        }
        let mut db = self.db()?;
        Ok(Some(StoreVersion { own: self.changes.load(Ordering::Relaxed), others: self.watch.ask(&mut db)? }))
    }

    fn change_passphrase(&self, current: &str, new: &str, random: &dyn Random) -> Result<()> {
        let lock = self.read(lock::Lock::read)?;
        let new = lock::NewPassphrase::prepare(&lock, self.authority.id, &self.sealing, (current, new), random)?;
        self.write(|db| new.keep(db))?;
        // What the old passphrase opens is not to stay in the log. The next process to close the store would fold it too.
        let _folded = schema::fold_log(&*self.db()?);
        Ok(())
    }

    fn retired_template(&self, id: Guid) -> Result<Option<(RightsPolicyTemplate, Retirement)>> {
        self.read(|db| templates::retired(db, id))
    }

    fn retire_template(&self, id: Guid, how: Retirement) -> Result<bool> {
        self.write(|db| templates::retire(db, id, how))
    }

    fn token_issuers(&self) -> Result<Vec<TokenIssuer>> {
        self.read(|db| trust::token_issuers(db, self.authority.id, &self.sealing))
    }

    fn put_token_issuer(&self, issuer: &TokenIssuer) -> Result<()> {
        check_token_issuer(issuer)?;
        self.write(|db| trust::put_token_issuer(db, self.authority.id, &self.sealing, issuer))
    }

    fn delete_token_issuer(&self, name: &str) -> Result<bool> {
        self.write(|db| trust::delete_token_issuer(db, name))
    }

    fn service_principal(&self, id: &str, tenant: &str) -> Result<Option<ServicePrincipal>> {
        self.read(|db| trust::service_principal(db, id, tenant))
    }

    fn put_service_principal(&self, principal: &ServicePrincipal) -> Result<()> {
        check_service_principal(principal)?;
        self.write(|db| trust::put_service_principal(db, principal))
    }

    fn delete_service_principal(&self, id: &str, tenant: &str) -> Result<bool> {
        self.write(|db| trust::delete_service_principal(db, id, tenant))
    }

    fn certificate_account(&self, thumbprint: &[u8; 32]) -> Result<Option<String>> {
        self.read(|db| trust::certificate_account(db, thumbprint))
    }

    fn put_certificate(&self, thumbprint: &[u8; 32], account: &str) -> Result<()> {
        check_account_address("wszAccount", account)?;
        self.write(|db| trust::put_certificate(db, thumbprint, account))
    }

    fn delete_certificate(&self, thumbprint: &[u8; 32]) -> Result<bool> {
        self.write(|db| trust::delete_certificate(db, thumbprint))
    }

    fn put_revocations(&self, revocations: &[Revocation]) -> Result<()> {
        self.write(|db| revocations.iter().try_for_each(|revocation| tracking::put_revocation(db, revocation)))
    }

    fn remove_revocations(&self, revocations: &[Revocation]) -> Result<usize> {
        self.write(|db| {
            revocations.iter().try_fold(0, |sum, revocation| Ok(sum + tracking::remove_revocation(db, revocation)?))
        })
    }

    fn revocations(&self) -> Result<Vec<Revocation>> {
        self.read(tracking::revocations)
    }

    fn revocations_of(&self, subject: &RevocationSubject) -> Result<Vec<Revocation>> {
        self.read(|db| tracking::revocations_of(db, subject))
    }

    fn number_revocations(&self) -> Result<(u64, Vec<Revocation>)> {
        self.write(tracking::number_revocations)
    }

    fn put_revocation_list(&self, list: &CarriedList) -> Result<bool> {
        self.write(|db| tracking::put_list(db, list))
    }

    fn revocation_list(&self, signer: &[u8; 32]) -> Result<Option<CarriedList>> {
        self.read(|db| tracking::list(db, signer))
    }

    fn put_document(&self, document: &TrackedDocument) -> Result<()> {
        self.write(|db| tracking::put_document(db, document))
    }

    fn document(&self, content_id: &str, issuer: &str) -> Result<Option<TrackedDocument>> {
        self.read(|db| tracking::document(db, content_id, issuer))
    }

    fn put_log_checkpoint(&self, checkpoint: &LogCheckpoint) -> Result<()> {
        self.write(|db| tracking::put_checkpoint(db, checkpoint))
    }

    fn log_checkpoints(&self) -> Result<Vec<LogCheckpoint>> {
        self.read(tracking::checkpoints)
    }
}

#[cfg(all(test, unix))]
mod tests;
