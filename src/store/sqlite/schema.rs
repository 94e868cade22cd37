//! The database as SQLite sees it: tables by numbered migrations, connection settings, errors.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};

use crate::base::trace::{self, Level};
use crate::error::{Error, ErrorKind, Result};

/// Marks a database as ours (`application_id`): "MSIP".
const APPLICATION_ID: i32 = 0x4D53_4950;
/// How long a connection waits for another one. Writers hold the database for milliseconds, so this is for machines that
/// stand still.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// Migration `n` (counted from 1) leads from version `n - 1` to version `n`. A published one is never changed.
///
/// Columns are NOT NULL unless their absence has a meaning, which the comment beside them tells. Moments are `FILETIME`
/// values. A `key` is an address folded for comparison. Ids are never used again.
const MIGRATIONS: &[&str] = &[
    "
CREATE TABLE authority (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    id TEXT NOT NULL,
    organization TEXT NOT NULL,
    created INTEGER NOT NULL,
    modulus BLOB NOT NULL,
    sealed_signing_key BLOB NOT NULL
) STRICT;

-- How the sealing key is had: in the clear, since it is needed to get that key.
CREATE TABLE unlock (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    method TEXT NOT NULL CHECK (method IN ('key file', 'passphrase')),
    salt BLOB NOT NULL,
    memory_kib INTEGER NOT NULL,
    passes INTEGER NOT NULL,
    lanes INTEGER NOT NULL,
    check_value BLOB NOT NULL
) STRICT;

CREATE TABLE settings (
    name TEXT PRIMARY KEY NOT NULL,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE accounts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    display_name TEXT NOT NULL,
    administrator INTEGER NOT NULL,
    super_user INTEGER NOT NULL
) STRICT;

-- Position 0 is the primary address.
CREATE TABLE addresses (
    key TEXT PRIMARY KEY NOT NULL,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    address TEXT NOT NULL,
    UNIQUE (account_id, position)
) STRICT, WITHOUT ROWID;

-- Outlives the account, so that an account of the operating system never gets another address.
CREATE TABLE os_accounts (
    os_id TEXT PRIMARY KEY NOT NULL,
    key TEXT NOT NULL UNIQUE,
    address TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE mail_groups (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    address TEXT NOT NULL,
    display_name TEXT NOT NULL
) STRICT;

-- The key may be that of an account, of a group, or of nothing that the directory knows.
CREATE TABLE members (
    group_id INTEGER NOT NULL REFERENCES mail_groups (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    position INTEGER NOT NULL,
    address TEXT NOT NULL,
    PRIMARY KEY (group_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_by_key ON members (key, group_id);

CREATE TABLE templates (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    enabled INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    expires_at INTEGER,   -- no such date
    expires_days INTEGER, -- no such number of days
    offline_days INTEGER, -- left to the authority's maximum
    CHECK (expires_at IS NULL OR expires_days IS NULL)
) STRICT;

CREATE TABLE template_descriptors (
    template INTEGER NOT NULL REFERENCES templates (position) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    lcid INTEGER NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    PRIMARY KEY (template, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE template_grants (
    template INTEGER NOT NULL REFERENCES templates (position) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    user_kind TEXT NOT NULL CHECK (user_kind IN ('email', 'anyone', 'owner', 'null')),
    user_address TEXT NOT NULL,
    right_name TEXT NOT NULL,
    range_from INTEGER,    -- open
    range_until INTEGER,   -- open
    interval_days INTEGER, -- none
    PRIMARY KEY (template, position)
) STRICT, WITHOUT ROWID;
",
    "
-- Use licenses that clients keep. The seal is bound to all other columns.
CREATE TABLE use_licenses (
    account TEXT NOT NULL,
    license BLOB NOT NULL,
    issued INTEGER NOT NULL,
    until INTEGER, -- serves without end
    sealed BLOB NOT NULL,
    PRIMARY KEY (account, license)
) STRICT, WITHOUT ROWID;
CREATE INDEX use_licenses_by_end ON use_licenses (until) WHERE until IS NOT NULL;

-- The latest moment that was seen, sealed.
CREATE TABLE clock_mark (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    moment INTEGER NOT NULL,
    sealed BLOB NOT NULL
) STRICT;
",
    super::tracking::MIGRATION,
    include_str!("migration_4.sql"),
    include_str!("migration_5.sql"),
    "CREATE INDEX administrators ON accounts (id) WHERE administrator = 1;",
    super::lock::MIGRATION,
];

/// What went wrong in SQLite, in our words. Its messages name tables and files, never values.
pub(super) fn sql(error: rusqlite::Error) -> Error {
    let text = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::OutOfMemory) => Error::new(ErrorKind::OutOfMemory),
        Some(ErrorCode::DiskFull) => Error::with(ErrorKind::Io(std::io::ErrorKind::StorageFull), text),
        Some(ErrorCode::SystemIoFailure) => Error::with(ErrorKind::Io(std::io::ErrorKind::Other), text),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::with(
            ErrorKind::StoreUnusable,
            format!("the database was in use by another process for {} seconds", PATIENCE.as_secs()),
        ),
        Some(ErrorCode::ConstraintViolation | ErrorCode::ApiMisuse) => Error::internal(text),
        _ => Error::with(ErrorKind::StoreUnusable, text),
    }
}

/// Something in the database is not what this library writes.
pub(super) fn damaged(what: &str) -> Error {
    Error::with(ErrorKind::StoreUnusable, format!("the database is damaged: {what}"))
}

/// Opens a database file that exists, with the settings every connection needs.
pub(super) fn connect(path: &Path) -> Result<Connection> {
    // Without URI names: a path is a path.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags).map_err(sql)?;
    // Opening and protecting use some thirty statements in turn; preparing one costs more than running it.
    db.set_prepared_statement_cache_capacity(128);
    db.busy_timeout(PATIENCE).map_err(sql)?;
    // Without this the planner looks at bound values, and statements that it did so for are compiled at each use.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(sql)?;
    // FULL and fullfsync: what is acknowledged is on the medium (decision 28). Nothing temporary goes to a disk.
    db.execute_batch(
        "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA trusted_schema = OFF;
         PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON;",
    )
    .map_err(sql)?;
    Ok(db)
}

/// A transaction that will write: it waits for its turn now, not at its first change, where waiting could be in vain.
pub(super) fn writing(db: &mut Connection) -> Result<Transaction<'_>> {
    db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(sql)
}

/// Makes one change that survives the death of the process but is not waited for to reach the medium (decision 28: use
/// licenses, and the clock mark as it moves on). The next change of another kind brings it there too.
pub(super) fn without_sync<T>(db: &mut Connection, change: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
    db.pragma_update(None, "synchronous", "NORMAL").map_err(sql)?;
    let changed = writing(db).and_then(|transaction| {
        let answer = change(&transaction)?;
        transaction.commit().map_err(sql)?;
        Ok(answer)
    });
    db.pragma_update(None, "synchronous", "FULL").map_err(sql)?;
    changed
}

/// The version of the newest tables.
pub(super) fn newest() -> u64 {
    MIGRATIONS.len() as u64
}

/// Makes the newest tables in an empty database and marks it as ours.
pub(super) fn build(transaction: &Transaction<'_>) -> Result<()> {
    transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(sql)?;
    apply(transaction, 0)
}

/// Write-ahead logging, which lets readers and a writer work at once. A property of the file.
pub(super) fn log_ahead(db: &Connection) -> Result<()> {
    let mode: String = db.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(sql)?;
    if mode.eq_ignore_ascii_case("wal") {
        return Ok(());
    }
    Err(Error::with(ErrorKind::StoreUnusable, "the file system of the store has no shared memory for its log"))
}

/// Checks that the database is ours and brings it to the newest version.
pub(super) fn upgrade(db: &mut Connection) -> Result<()> {
    let application: i32 = pragma(db, "application_id")?;
    if application != APPLICATION_ID {
        return Err(damaged("it was not made by this library"));
    }
    if version(db)? == MIGRATIONS.len() {
        return Ok(());
    }
    let transaction = writing(db)?;
    // Another process may have been first.
    let from = version(&transaction)?;
    apply(&transaction, from)?;
    transaction.commit().map_err(sql)?;
    trace::tell(Level::Info, "store.migrated", || {
        vec![trace::number("from", from as u64), trace::number("to", MIGRATIONS.len() as u64)]
    });
    Ok(())
}

fn apply(transaction: &Transaction<'_>, from: usize) -> Result<()> {
    let missing = MIGRATIONS.get(from..).ok_or_else(|| {
        let text = format!("the database has version {from}, made by a newer version of this library");
        Error::with(ErrorKind::StoreUnusable, text)
    })?;
    for migration in missing {
        transaction.execute_batch(migration).map_err(sql)?;
    }
    transaction.pragma_update(None, "user_version", i64::try_from(MIGRATIONS.len()).unwrap_or(0)).map_err(sql)
}

/// A number that another one takes the place of when another connection changes the database.
pub(super) fn data_version(db: &Connection) -> Result<i64> {
    db.prepare_cached("PRAGMA data_version")
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
        .map_err(sql)
}

/// Folds the write-ahead log into the database and empties it, as far as nobody else is in the way.
pub(super) fn fold_log(db: &Connection) -> Result<()> {
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(sql)
}

fn version(db: &Connection) -> Result<usize> {
    usize::try_from(pragma::<i64>(db, "user_version")?).map_err(|_| damaged("its version is negative"))
}

fn pragma<T: rusqlite::types::FromSql>(db: &Connection, name: &str) -> Result<T> {
    db.pragma_query_value(None, name, |row| row.get(0)).map_err(sql)
}
