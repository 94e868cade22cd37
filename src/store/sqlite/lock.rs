//! What opens a store: the check value that proves its key, how a passphrase becomes a key, and how it is changed
//! (decision 26).
//!
//! The passphrase that a store was made with is the key itself, derived. One that was changed opens a copy of that key,
//! which the database keeps wrapped, so that nothing else is sealed anew and the usage log goes on under its key.

use argon2::{Algorithm, Argon2, Params, Version};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use zeroize::Zeroizing;

use super::schema;
use crate::base::guid::Guid;
use crate::crypto::digest::constant_time_eq;
use crate::crypto::random::{Random, array};
use crate::crypto::seal::SealingKey;
use crate::error::{Error, ErrorKind, Result};
use crate::store::AuthorityRecord;

/// Bytes of the key of a store.
pub(super) const KEY_LEN: usize = 32;
/// Bytes of the salt of a passphrase.
const SALT_LEN: usize = 16;
/// What the check value holds: opening it proves the key.
const CHECK: &[u8] = b"this key opens this store";
const CHECK_PURPOSE: &str = "check value";
const WRAPPED_PURPOSE: &str = "store key";

/// Migration 6.
pub(super) const MIGRATION: &str = "
-- NULL: what is derived from the passphrase, or is in the key file, is the key itself.
ALTER TABLE unlock ADD COLUMN wrapped_key BLOB;
";

/// How a passphrase becomes a key. Kept in the clear beside the database's other content.
#[derive(Clone)]
pub(super) struct Derivation {
    pub(super) salt: Vec<u8>,
    pub(super) memory_kib: u32,
    pub(super) passes: u32,
    pub(super) lanes: u32,
}

impl Derivation {
    /// For a store without a passphrase.
    pub(super) const NONE: Self = Self { salt: Vec::new(), memory_kib: 0, passes: 0, lanes: 0 };

    pub(super) fn new(random: &dyn Random) -> Result<Self> {
        Ok(Self { salt: array::<SALT_LEN>(random)?.to_vec(), memory_kib: 64 << 10, passes: 3, lanes: 1 })
    }

    pub(super) fn derive(&self, passphrase: &str) -> Result<SealingKey> {
        if passphrase.is_empty() {
            return Err(Error::argument("passphrase", "the passphrase is empty"));
        }
        // Bounds, so that a damaged database cannot ask for all memory of the machine, nor for next to no work.
        let sound = (64 << 10..=1 << 20).contains(&self.memory_kib)
            && (3..=64).contains(&self.passes)
            && (1..=16).contains(&self.lanes)
            && self.salt.len() >= SALT_LEN;
        let setting = || schema::damaged("the settings of the passphrase");
        if !sound {
            return Err(setting());
        }
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(KEY_LEN)).map_err(|_| setting())?;
        let mut key = Zeroizing::new([0u8; KEY_LEN]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.as_bytes(), &self.salt, key.as_mut())
            .map_err(|error| Error::internal(format!("deriving the key of the store: {error}")))?;
        Ok(SealingKey::new(*key))
    }
}

/// The check value of a new store.
pub(super) fn check_value(authority: Guid, key: &SealingKey, random: &dyn Random) -> Result<Vec<u8>> {
    key.seal(random, &AuthorityRecord::binding(authority, CHECK_PURPOSE), CHECK)
}

/// What the database says of its opening.
pub(super) struct Lock {
    /// As [`super::Unlock`] names its kinds.
    pub(super) method: String,
    derivation: Derivation,
    wrapped_key: Option<Vec<u8>>,
    check_value: Vec<u8>,
}

impl Lock {
    pub(super) fn read(db: &Connection) -> Result<Self> {
        db.query_row(
            "SELECT method, salt, memory_kib, passes, lanes, wrapped_key, check_value FROM unlock",
            [],
            |row| {
                let derivation =
                    Derivation { salt: row.get(1)?, memory_kib: row.get(2)?, passes: row.get(3)?, lanes: row.get(4)? };
                Ok(Self { method: row.get(0)?, derivation, wrapped_key: row.get(5)?, check_value: row.get(6)? })
            },
        )
        .optional()
        .map_err(schema::sql)?
        .ok_or_else(|| schema::damaged("it does not say how it is unlocked"))
    }

    /// The key that a passphrase leads to; `None` when it is not the one of the wrapped key.
    pub(super) fn key_of(&self, authority: Guid, passphrase: &str) -> Result<Option<SealingKey>> {
        let derived = self.derivation.derive(passphrase)?;
        let Some(wrapped) = &self.wrapped_key else { return Ok(Some(derived)) };
        let Ok(opened) = derived.open(&AuthorityRecord::binding(authority, WRAPPED_PURPOSE), wrapped) else {
            return Ok(None);
        };
        let mut key = Zeroizing::new([0; KEY_LEN]);
        if opened.len() != KEY_LEN {
            return Err(schema::damaged("the wrapped key"));
        }
        key.copy_from_slice(&opened);
        Ok(Some(SealingKey::new(*key)))
    }

    /// True for the key of the store.
    pub(super) fn is_opened_by(&self, authority: Guid, key: &SealingKey) -> bool {
        key.open(&AuthorityRecord::binding(authority, CHECK_PURPOSE), &self.check_value)
            .is_ok_and(|opened| constant_time_eq(&opened, CHECK))
    }
}

/// A change of the passphrase that was prepared, which takes a while, and only needs to be written.
pub(super) struct NewPassphrase {
    before: Vec<u8>,
    derivation: Derivation,
    wrapped_key: Vec<u8>,
}

impl NewPassphrase {
    /// Checks the current passphrase and wraps the key of the store under the new one.
    pub(super) fn prepare(
        lock: &Lock,
        authority: Guid,
        key: &SealingKey,
        (current, new): (&str, &str),
        random: &dyn Random,
    ) -> Result<Self> {
        if lock.method != "passphrase" {
            return Err(Error::with(ErrorKind::NotSupported, format!("the store opens with a {}", lock.method)));
        }
        if !lock.key_of(authority, current)?.is_some_and(|found| found == *key) {
            return Err(Error::with(ErrorKind::NotAuthenticated, "the current passphrase is wrong"));
        }
        let derivation = Derivation::new(random)?;
        let wrapping = derivation.derive(new)?;
        let binding = AuthorityRecord::binding(authority, WRAPPED_PURPOSE);
        let wrapped_key = wrapping.seal(random, &binding, key.expose_bytes())?;
        Ok(Self { before: lock.derivation.salt.clone(), derivation, wrapped_key })
    }

    /// Writes it down, unless another change came first.
    pub(super) fn keep(&self, db: &Transaction<'_>) -> Result<()> {
        let Derivation { salt, memory_kib, passes, lanes } = &self.derivation;
        let changed = db
            .execute(
                "UPDATE unlock SET salt = ?1, memory_kib = ?2, passes = ?3, lanes = ?4, wrapped_key = ?5 WHERE salt = ?6",
                params![salt, memory_kib, passes, lanes, self.wrapped_key, self.before],
            )
            .map_err(schema::sql)?;
        match changed {
            1 => Ok(()),
            _ => Err(Error::with(ErrorKind::NotAuthenticated, "the passphrase was changed at the same moment")),
        }
    }
}
