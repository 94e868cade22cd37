//! Finding, making and unlocking the store of the embedded authority (decisions 26 to 28).
//!
//! A database appears under its name only when it is complete and on the medium; whatever a crash leaves before that has
//! another name and is removed by the next attempt. The key file comes first, so a database never lacks its key.

use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;

use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension, params};
use zeroize::Zeroizing;

use super::lock::{self, Derivation, Lock};
use super::watch::Watch;
use super::{EmbeddedStore, directory, schema, templates};
use crate::base::guid::Guid;
use crate::base::os::{self, OsAccount, private};
use crate::base::time::{Clock, Timestamp};
use crate::base::trace::{self, Level};
use crate::crypto::random::{Random, array};
use crate::crypto::seal::SealingKey;
use crate::error::{Error, ErrorKind, Result};
use crate::store::{AuthorityRecord, DEFAULT_ORGANIZATION, Founding};

/// Longest name of a store, in characters (`IPC_EI_STORE_NAME`).
const NAME_MAX: usize = 8;
/// Bytes of the key file.
const KEY_LEN: usize = lock::KEY_LEN;
/// Names a new organization. Looked at only when a store is made.
const ORGANIZATION_VARIABLE: &str = "MSIPC_ORGANIZATION";

/// Where a store is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoreLocation {
    /// Folder of databases.
    pub data_dir: PathBuf,
    /// Folder of keys, apart from the databases.
    pub config_dir: PathBuf,
    /// One of several stores of the account: a sub-folder of both. 1 to 8 ASCII letters, digits, `-` and `_`.
    pub name: Option<String>,
}

impl StoreLocation {
    /// The location for the current account: `MSIPC_HOME`, else the folders of the platform.
    ///
    /// # Errors
    /// [`ErrorKind::StoreUnusable`] when there is no home folder either.
    pub fn from_environment(name: Option<&str>) -> Result<Self> {
        let os::Folders { data, config } = os::folders()?;
        Ok(Self { data_dir: data, config_dir: config, name: name.map(str::to_owned) })
    }

    fn check_name(&self) -> Result<()> {
        let Some(name) = &self.name else { return Ok(()) };
        let safe = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        if name.is_empty() || name.len() > NAME_MAX || !name.bytes().all(safe) {
            return Err(Error::argument(
                "store name",
                format!("the name of a store has 1 to {NAME_MAX} letters, digits, '-' and '_'"),
            ));
        }
        Ok(())
    }

    /// A folder and, for a named store, its sub-folder.
    fn folders<'a>(&'a self, base: &'a Path) -> impl Iterator<Item = PathBuf> + 'a {
        std::iter::once(base.to_owned()).chain(self.name.iter().map(|name| base.join(name)))
    }

    /// The folder of the database; the usage log stands beside it.
    #[must_use]
    pub fn data_folder(&self) -> PathBuf {
        self.folders(&self.data_dir).last().unwrap_or_default()
    }

    fn data_file(&self, file: &str) -> PathBuf {
        self.data_folder().join(file)
    }

    fn database(&self) -> PathBuf {
        self.data_file("authority.db")
    }

    fn lock(&self) -> PathBuf {
        self.data_file("authority.lock")
    }

    fn key_file(&self) -> PathBuf {
        self.folders(&self.config_dir).last().unwrap_or_default().join("store.key")
    }
}

/// How the key that seals the secrets of a store is had.
pub enum Unlock {
    /// A random key in a file of the configuration folder. It protects copies of the database, not the account.
    KeyFile,
    /// A key derived from a passphrase (Argon2id, 64 MiB, 3 passes), once for each opening.
    Passphrase(Zeroizing<String>),
}

impl Unlock {
    fn method(&self) -> &'static str {
        match self {
            Self::KeyFile => "key file",
            Self::Passphrase(_) => "passphrase",
        }
    }
}

impl std::fmt::Debug for Unlock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Unlock({})", self.method())
    }
}

/// A point in the making of a store, where tests stop it as a crash would.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Step {
    Locked,
    KeyInPlace,
    DatabaseBegun,
    DatabaseBuilt,
    DatabaseInPlace,
}

/// Everything that the making of a store depends on.
pub(super) struct Opening<'a> {
    pub(super) location: &'a StoreLocation,
    pub(super) unlock: &'a Unlock,
    pub(super) founder: OsAccount,
    pub(super) organization: Option<OsString>,
    pub(super) random: &'a dyn Random,
    pub(super) clock: &'a dyn Clock,
    pub(super) stop: Option<Step>,
}

pub(super) fn open(
    location: &StoreLocation,
    unlock: &Unlock,
    random: &dyn Random,
    clock: &dyn Clock,
) -> Result<EmbeddedStore> {
    let founder = os::current_account()?;
    let organization = os::variable(ORGANIZATION_VARIABLE);
    Opening { location, unlock, founder, organization, random, clock, stop: None }.open()
}

impl Opening<'_> {
    pub(super) fn open(&self) -> Result<EmbeddedStore> {
        let opened = self.location.check_name().and_then(|()| self.open_or_make());
        opened.map_err(|error| error.context("opening the store of the licensing authority"))
    }

    fn open_or_make(&self) -> Result<EmbeddedStore> {
        for folder in self.location.folders(&self.location.data_dir) {
            private::create_private_folder(&folder)?;
        }
        let database = self.location.database();
        let is_new = !private::check_private_file(&database)?;
        if is_new {
            self.make(&database)?;
        }
        for companion in ["-wal", "-shm", "-journal"] {
            private::check_private_file(&beside(&database, companion))?;
        }
        let mut db = schema::connect(&database)?;
        schema::upgrade(&mut db)?;
        let authority = read_authority(&db)?;
        let sealing = self.unlock_key(&db, authority.id)?;
        trace::tell(Level::Info, "store.opened", || {
            vec![
                trace::text("authority", authority.id.to_string()),
                trace::text("made", if is_new { "now" } else { "before" }),
                trace::text("unlocked_by", self.unlock.method()),
                trace::number("version", schema::newest()),
            ]
        });
        Ok(EmbeddedStore {
            db: Mutex::new(db),
            changes: AtomicU64::new(0),
            watch: Watch::new(beside(&database, "-wal")),
            process: std::process::id(),
            authority,
            sealing,
        })
    }

    fn reached(&self, step: Step) -> Result<()> {
        if self.stop == Some(step) { Err(Error::internal("stopped by a test")) } else { Ok(()) }
    }

    /// Makes the store unless another process did so first.
    fn make(&self, database: &Path) -> Result<()> {
        let _lock = private::Lock::acquire(&self.location.lock())?;
        if private::check_private_file(database)? {
            return Ok(());
        }
        if os::acts_for_another() {
            // Whoever is served would become the administrator of the service.
            let why =
                "there is no store yet, and a thread that acts for another account makes none; make a call before";
            return Err(Error::with(ErrorKind::StoreUnusable, why));
        }
        self.reached(Step::Locked)?;
        let (sealing, derivation) = match self.unlock {
            Unlock::KeyFile => (self.key_file_for_new_store()?, Derivation::NONE),
            Unlock::Passphrase(passphrase) => {
                let derivation = Derivation::new(self.random)?;
                (derivation.derive(passphrase)?, derivation)
            }
        };
        self.reached(Step::KeyInPlace)?;
        let organization = match &self.organization {
            Some(name) => name.to_str().ok_or_else(|| Error::argument("organization", "the name is not Unicode"))?,
            None => DEFAULT_ORGANIZATION,
        };
        let founding = Founding::new(organization, &self.founder, &sealing, self.random, self.clock.now())?;

        let unfinished = private::unfinished(database);
        for leftover in ["", "-wal", "-shm", "-journal"] {
            private::remove(&beside(&unfinished, leftover))?;
        }
        // Made here with its mode; SQLite would make it as the umask says.
        drop(private::create_private_file(&unfinished)?);
        self.reached(Step::DatabaseBegun)?;
        self.build(&unfinished, &founding, &sealing, &derivation)?;
        self.reached(Step::DatabaseBuilt)?;
        private::rename(&unfinished, database)?;
        self.reached(Step::DatabaseInPlace)
    }

    fn build(&self, path: &Path, founding: &Founding, sealing: &SealingKey, derivation: &Derivation) -> Result<()> {
        let mut db = schema::connect(path)?;
        let transaction = schema::writing(&mut db)?;
        schema::build(&transaction)?;
        let authority = &founding.authority;
        transaction
            .execute(
                "INSERT INTO authority (only, id, organization, created, modulus, sealed_signing_key)
                 VALUES (1, ?1, ?2, ?3, ?4, ?5)",
                params![
                    authority.id.bare(),
                    authority.organization,
                    templates::ticks(authority.created)?,
                    authority.modulus,
                    authority.sealed_signing_key
                ],
            )
            .map_err(schema::sql)?;
        let check_value = lock::check_value(authority.id, sealing, self.random)?;
        transaction
            .execute(
                "INSERT INTO unlock (only, method, salt, memory_kib, passes, lanes, check_value)
                 VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    self.unlock.method(),
                    derivation.salt,
                    derivation.memory_kib,
                    derivation.passes,
                    derivation.lanes,
                    check_value
                ],
            )
            .map_err(schema::sql)?;
        directory::put_os_address(&transaction, &founding.founder.id, &founding.administrator.email)?;
        directory::put_account(&transaction, &founding.administrator)?;
        founding.templates.iter().try_for_each(|template| templates::put(&transaction, template))?;
        transaction.commit().map_err(schema::sql)?;
        schema::log_ahead(&db)?;
        // The last connection folds the log into the file and removes it.
        db.close().map_err(|(_, error)| schema::sql(error))?;
        if private::check_private_file(&beside(path, "-wal"))? {
            return Err(Error::internal("a new database still has a log"));
        }
        // Reopened for writing, which Windows asks of whoever syncs.
        let file = File::options().write(true).open(path)?;
        file.sync_all()?;
        Ok(())
    }

    /// The key file of a store to be made: the one at hand, which a crash or an earlier store left, or a new one.
    fn key_file_for_new_store(&self) -> Result<SealingKey> {
        for folder in self.location.folders(&self.location.config_dir) {
            private::create_private_folder(&folder)?;
        }
        let path = self.location.key_file();
        if let Some(key) = read_key_file(&path)? {
            return Ok(key);
        }
        let key = Zeroizing::new(array::<KEY_LEN>(self.random)?);
        private::write_private_file(&path, key.as_ref())?;
        Ok(SealingKey::new(*key))
    }

    /// The key of an existing store, proven by its check value.
    fn unlock_key(&self, db: &Connection, authority: Guid) -> Result<SealingKey> {
        let lock = Lock::read(db)?;
        let unusable = |text: String| Error::with(ErrorKind::StoreUnusable, text);
        if lock.method != self.unlock.method() {
            return Err(unusable(format!(
                "the store opens with a {}, not with a {}",
                lock.method,
                self.unlock.method()
            )));
        }
        let (key, refused) = match self.unlock {
            Unlock::KeyFile => {
                let path = self.location.key_file();
                self.check_config_folders()?;
                let key = read_key_file(&path)?.ok_or_else(|| {
                    unusable(format!(
                        "{}: the key file is missing; put it back, for without it the keys in {} cannot be read",
                        path.display(),
                        self.location.database().display()
                    ))
                })?;
                (Some(key), format!("{}: the key file belongs to another store", path.display()))
            }
            Unlock::Passphrase(passphrase) => {
                (lock.key_of(authority, passphrase)?, "the passphrase is wrong".to_owned())
            }
        };
        key.filter(|key| lock.is_opened_by(authority, key)).ok_or_else(|| unusable(refused))
    }

    /// Folders that are missing are no error here: then the key file is, and that says more.
    fn check_config_folders(&self) -> Result<()> {
        for folder in self.location.folders(&self.location.config_dir) {
            if folder.symlink_metadata().is_ok() {
                private::check_private_folder(&folder)?;
            }
        }
        Ok(())
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn read_key_file(path: &Path) -> Result<Option<SealingKey>> {
    let Some(bytes) = private::read_private_file(path, KEY_LEN)? else { return Ok(None) };
    let mut key = Zeroizing::new([0u8; KEY_LEN]);
    if bytes.len() != KEY_LEN {
        let text = format!("{}: the key file has {} bytes, not {KEY_LEN}", path.display(), bytes.len());
        return Err(Error::with(ErrorKind::StoreUnusable, text));
    }
    key.copy_from_slice(&bytes);
    Ok(Some(SealingKey::new(*key)))
}

fn read_authority(db: &Connection) -> Result<AuthorityRecord> {
    type Columns = (String, String, i64, Vec<u8>, Vec<u8>);
    let (id, organization, created, modulus, sealed_signing_key): Columns = db
        .query_row("SELECT id, organization, created, modulus, sealed_signing_key FROM authority", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
        })
        .optional()
        .map_err(schema::sql)?
        .ok_or_else(|| schema::damaged("it names no authority"))?;
    let id = Guid::parse(&id).ok_or_else(|| schema::damaged("the id of the authority"))?;
    let created = u64::try_from(created).map_err(|_| schema::damaged("the time it was made"))?;
    Ok(AuthorityRecord { id, organization, created: Timestamp::from_filetime(created), modulus, sealed_signing_key })
}
