//! Revocations, revocation lists, tracked documents and checkpoints of the usage log in SQLite.

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::schema::sql;
use super::templates::{moment, open_moment, out_of_range, ticks};
use crate::base::time::{Timestamp, Validity};
use crate::error::{Error, Result};
use crate::policy::revocation::content_key;
use crate::policy::user::fold_address;
use crate::policy::{Revocation, RevocationSubject, RevocationTarget, Revoked};
use crate::store::{CarriedList, LogCheckpoint, TrackedDocument};

/// Migration 3.
pub(super) const MIGRATION: &str = "
CREATE TABLE revocations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    target_kind TEXT NOT NULL CHECK (target_kind IN ('content', 'license', 'all')),
    target_key TEXT NOT NULL, -- content id folded, or hash of the license in hex, or empty
    target TEXT NOT NULL,
    issuer_key TEXT NOT NULL, -- empty for every issuer
    issuer TEXT NOT NULL,
    issued_from INTEGER NOT NULL,  -- -1 is open
    issued_until INTEGER NOT NULL, -- -1 is open
    by_administrator INTEGER NOT NULL,
    revoked_by TEXT NOT NULL,
    made INTEGER NOT NULL,
    UNIQUE (target_kind, target_key, issuer_key, issued_from, issued_until, by_administrator)
) STRICT;

CREATE TABLE revocation_number (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    last INTEGER NOT NULL
) STRICT;
INSERT INTO revocation_number (only, last) VALUES (1, 0);

CREATE TABLE revocation_lists (
    signer BLOB PRIMARY KEY NOT NULL,
    number INTEGER NOT NULL,
    list BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE documents (
    content_key TEXT NOT NULL,
    issuer_key TEXT NOT NULL,
    content_id TEXT NOT NULL,
    issuer TEXT NOT NULL,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    registered INTEGER NOT NULL,
    registered_by TEXT NOT NULL,
    mail_wanted INTEGER NOT NULL,
    PRIMARY KEY (content_key, issuer_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE log_checkpoints (
    count INTEGER PRIMARY KEY NOT NULL,
    head BLOB NOT NULL,
    made INTEGER NOT NULL,
    signature BLOB NOT NULL
) STRICT;
";

/// How an open end of a term is kept: a column of a unique key is not to be NULL.
const OPEN: i64 = -1;

/// The columns that tell the aim of a revocation.
struct Aim {
    kind: &'static str,
    key: String,
    target: String,
    issuer_key: String,
    from: i64,
    until: i64,
    by_administrator: bool,
}

fn end(at: Option<Timestamp>) -> Result<i64> {
    at.map_or(Ok(OPEN), ticks)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Aim {
    fn of(revocation: &Revocation) -> Result<Self> {
        let (kind, key, target) = match &revocation.target {
            RevocationTarget::Content(id) => ("content", content_key(id), id.clone()),
            RevocationTarget::License(hash) => ("license", hex(hash), hex(hash)),
            RevocationTarget::All => ("all", String::new(), String::new()),
        };
        Ok(Self {
            kind,
            key,
            target,
            issuer_key: revocation.issuer.as_deref().map(fold_address).unwrap_or_default(),
            from: end(revocation.issued.from)?,
            until: end(revocation.issued.until)?,
            by_administrator: revocation.by == Revoked::ByAdministrator,
        })
    }
}

pub(super) fn put_revocation(db: &Transaction<'_>, revocation: &Revocation) -> Result<()> {
    let aim = Aim::of(revocation)?;
    db.prepare_cached(
        "INSERT INTO revocations (target_kind, target_key, target, issuer_key, issuer, issued_from, issued_until,
             by_administrator, revoked_by, made)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (target_kind, target_key, issuer_key, issued_from, issued_until, by_administrator) DO UPDATE SET
             target = excluded.target, issuer = excluded.issuer, revoked_by = excluded.revoked_by,
             made = excluded.made",
    )
    .map_err(sql)?
    .execute(params![
        aim.kind,
        aim.key,
        aim.target,
        aim.issuer_key,
        revocation.issuer.as_deref().unwrap_or_default(),
        aim.from,
        aim.until,
        aim.by_administrator,
        revocation.revoked_by,
        ticks(revocation.made)?,
    ])
    .map_err(sql)?;
    Ok(())
}

pub(super) fn remove_revocation(db: &Transaction<'_>, revocation: &Revocation) -> Result<usize> {
    let aim = Aim::of(revocation)?;
    db.prepare_cached(
        "DELETE FROM revocations WHERE target_kind = ?1 AND target_key = ?2 AND issuer_key = ?3
             AND issued_from = ?4 AND issued_until = ?5 AND by_administrator = ?6",
    )
    .map_err(sql)?
    .execute(params![aim.kind, aim.key, aim.issuer_key, aim.from, aim.until, aim.by_administrator])
    .map_err(sql)
}

const COLUMNS: &str =
    "target_kind, target_key, target, issuer, issued_from, issued_until, by_administrator, revoked_by, made";

fn read_end(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    if row.get::<_, i64>(column)? == OPEN { Ok(None) } else { open_moment(row, column) }
}

fn bytes32(row: &Row<'_>, column: usize) -> rusqlite::Result<[u8; 32]> {
    let bytes: Vec<u8> = row.get(column)?;
    bytes.try_into().map_err(|_| rusqlite::Error::FromSqlConversionFailure(column, Type::Blob, "not 32 bytes".into()))
}

fn unhex(row: &Row<'_>, column: usize) -> rusqlite::Result<[u8; 32]> {
    let text: String = row.get(column)?;
    let mut out = [0; 32];
    for (at, byte) in out.iter_mut().enumerate() {
        let digits = text.get(2 * at..2 * at + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        *byte = digits.ok_or_else(|| out_of_range(column))?;
    }
    Ok(out)
}

fn revocation(row: &Row<'_>) -> rusqlite::Result<Revocation> {
    let kind: String = row.get(0)?;
    let issuer: String = row.get(3)?;
    Ok(Revocation {
        target: match kind.as_str() {
            "content" => RevocationTarget::Content(row.get(2)?),
            "license" => RevocationTarget::License(unhex(row, 1)?),
            _ => RevocationTarget::All,
        },
        issuer: Some(issuer).filter(|issuer| !issuer.is_empty()),
        issued: Validity { from: read_end(row, 4)?, until: read_end(row, 5)? },
        by: if row.get(6)? { Revoked::ByAdministrator } else { Revoked::ByIssuer },
        revoked_by: row.get(7)?,
        made: moment(row, 8)?,
    })
}

pub(super) fn revocations(db: &Connection) -> Result<Vec<Revocation>> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM revocations ORDER BY id")).map_err(sql)?;
    let rows = statement.query_map([], revocation).map_err(sql)?;
    rows.collect::<rusqlite::Result<_>>().map_err(sql)
}

pub(super) fn revocations_of(db: &Connection, subject: &RevocationSubject) -> Result<Vec<Revocation>> {
    // Three looks into the unique index; the rest of each match is left to the policy.
    let mut statement = db
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM revocations
             WHERE ((target_kind = 'content' AND target_key = ?1) OR (target_kind = 'license' AND target_key = ?2)
                 OR (target_kind = 'all' AND target_key = '')) AND issuer_key IN ('', ?3)
             ORDER BY id"
        ))
        .map_err(sql)?;
    let issuer = subject.issuer.as_deref().map(fold_address).unwrap_or_default();
    let rows = statement
        .query_map(params![content_key(&subject.content_id), hex(&subject.license), issuer], revocation)
        .map_err(sql)?;
    let mut found: Vec<Revocation> = rows.collect::<rusqlite::Result<_>>().map_err(sql)?;
    found.retain(|revocation| revocation.names(subject));
    Ok(found)
}

pub(super) fn number_revocations(db: &Transaction<'_>) -> Result<(u64, Vec<Revocation>)> {
    let number: i64 = db
        .query_row("UPDATE revocation_number SET last = last + 1 RETURNING last", [], |row| row.get(0))
        .map_err(sql)?;
    let number = u64::try_from(number).map_err(|_| super::schema::damaged("the number of revocation lists"))?;
    Ok((number, revocations(db)?))
}

fn whole(number: u64) -> Result<i64> {
    i64::try_from(number).map_err(|_| Error::argument("number", "larger than a store can hold"))
}

pub(super) fn put_list(db: &Transaction<'_>, list: &CarriedList) -> Result<bool> {
    let known = self::list(db, &list.signer)?;
    if known.is_some_and(|known| known.number >= list.number && known != *list) {
        return Ok(false);
    }
    db.execute(
        "INSERT INTO revocation_lists (signer, number, list) VALUES (?1, ?2, ?3)
         ON CONFLICT (signer) DO UPDATE SET number = excluded.number, list = excluded.list",
        params![list.signer, whole(list.number)?, list.bytes],
    )
    .map_err(sql)?;
    Ok(true)
}

pub(super) fn list(db: &Connection, signer: &[u8; 32]) -> Result<Option<CarriedList>> {
    db.prepare_cached("SELECT number, list FROM revocation_lists WHERE signer = ?1")
        .map_err(sql)?
        .query_row([signer], |row| {
            let number = u64::try_from(row.get::<_, i64>(0)?).map_err(|_| out_of_range(0))?;
            Ok(CarriedList { signer: *signer, number, bytes: row.get(1)? })
        })
        .optional()
        .map_err(sql)
}

pub(super) fn put_document(db: &Transaction<'_>, document: &TrackedDocument) -> Result<()> {
    db.execute(
        "INSERT OR REPLACE INTO documents
             (content_key, issuer_key, content_id, issuer, owner, name, registered, registered_by, mail_wanted)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            content_key(&document.content_id),
            fold_address(&document.issuer),
            document.content_id,
            document.issuer,
            document.owner,
            document.name,
            ticks(document.registered)?,
            document.registered_by,
            document.mail_wanted,
        ],
    )
    .map_err(sql)?;
    Ok(())
}

pub(super) fn document(db: &Connection, content_id: &str, issuer: &str) -> Result<Option<TrackedDocument>> {
    db.prepare_cached(
        "SELECT content_id, issuer, owner, name, registered, registered_by, mail_wanted FROM documents
         WHERE content_key = ?1 AND issuer_key = ?2",
    )
    .map_err(sql)?
    .query_row([content_key(content_id), fold_address(issuer)], |row| {
        Ok(TrackedDocument {
            content_id: row.get(0)?,
            issuer: row.get(1)?,
            owner: row.get(2)?,
            name: row.get(3)?,
            registered: moment(row, 4)?,
            registered_by: row.get(5)?,
            mail_wanted: row.get(6)?,
        })
    })
    .optional()
    .map_err(sql)
}

pub(super) fn put_checkpoint(db: &Transaction<'_>, checkpoint: &LogCheckpoint) -> Result<()> {
    db.execute(
        "INSERT INTO log_checkpoints (count, head, made, signature) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (count) DO NOTHING",
        params![whole(checkpoint.count)?, checkpoint.head, ticks(checkpoint.made)?, checkpoint.signature],
    )
    .map_err(sql)?;
    Ok(())
}

pub(super) fn checkpoints(db: &Connection) -> Result<Vec<LogCheckpoint>> {
    let mut statement =
        db.prepare_cached("SELECT count, head, made, signature FROM log_checkpoints ORDER BY count").map_err(sql)?;
    let rows = statement
        .query_map([], |row| {
            Ok(LogCheckpoint {
                count: u64::try_from(row.get::<_, i64>(0)?).map_err(|_| out_of_range(0))?,
                head: bytes32(row, 1)?,
                made: moment(row, 2)?,
                signature: row.get(3)?,
            })
        })
        .map_err(sql)?;
    rows.collect::<rusqlite::Result<_>>().map_err(sql)
}
