//! Use licenses that clients keep, and the clock mark, sealed in the database.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::schema;
use super::templates::ticks;
use crate::base::guid::Guid;
use crate::base::time::Timestamp;
use crate::crypto::random::Random;
use crate::crypto::seal::SealingKey;
use crate::error::Result;
use crate::store::kept::{clock_mark_binding, use_license_binding};
use crate::store::{ClockMark, KeptUseLicense};

fn moment(ticks: i64) -> Result<Timestamp> {
    let ticks = u64::try_from(ticks).map_err(|_| schema::damaged("a moment before 1601"))?;
    Ok(Timestamp::from_filetime(ticks))
}

pub(super) fn use_license(
    db: &Connection,
    sealing: &SealingKey,
    authority: Guid,
    account: &str,
    license: &[u8; 32],
) -> Result<Option<KeptUseLicense>> {
    let mut statement = db
        .prepare_cached("SELECT issued, until, sealed FROM use_licenses WHERE account = ?1 AND license = ?2")
        .map_err(schema::sql)?;
    let found: Option<(i64, Option<i64>, Vec<u8>)> = statement
        .query_row(params![account, license], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()
        .map_err(schema::sql)?;
    let Some((issued, until, sealed)) = found else { return Ok(None) };
    let (issued, until) = (moment(issued)?, until.map(moment).transpose()?);
    let binding = use_license_binding(authority, account, license, issued, until);
    // Not ours, or moved here from elsewhere: no use license at all.
    let Ok(content) = sealing.open(&binding, &sealed) else { return Ok(None) };
    Ok(Some(KeptUseLicense { account: account.to_owned(), license: *license, issued, until, content }))
}

pub(super) fn keep(
    db: &Transaction<'_>,
    sealing: &SealingKey,
    authority: Guid,
    random: &dyn Random,
    kept: &KeptUseLicense,
) -> Result<()> {
    let binding = use_license_binding(authority, &kept.account, &kept.license, kept.issued, kept.until);
    let sealed = sealing.seal(random, &binding, &kept.content)?;
    let (issued, until) = (ticks(kept.issued)?, kept.until.map(ticks).transpose()?);
    db.prepare_cached("DELETE FROM use_licenses WHERE until <= ?1")
        .and_then(|mut delete| delete.execute([issued]))
        .map_err(schema::sql)?;
    db.prepare_cached(
        "INSERT INTO use_licenses (account, license, issued, until, sealed) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (account, license)
         DO UPDATE SET issued = excluded.issued, until = excluded.until, sealed = excluded.sealed",
    )
    .and_then(|mut insert| insert.execute(params![kept.account, kept.license, issued, until, sealed]))
    .map_err(schema::sql)?;
    Ok(())
}

pub(super) fn forget(db: &Transaction<'_>, account: &str, license: &[u8; 32]) -> Result<bool> {
    let gone = db
        .execute("DELETE FROM use_licenses WHERE account = ?1 AND license = ?2", params![account, license])
        .map_err(schema::sql)?;
    Ok(gone > 0)
}

pub(super) fn clock_mark(db: &Connection, sealing: &SealingKey, authority: Guid) -> Result<ClockMark> {
    let mut statement = db.prepare_cached("SELECT moment, sealed FROM clock_mark").map_err(schema::sql)?;
    let found: Option<(i64, Vec<u8>)> =
        statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional().map_err(schema::sql)?;
    let Some((ticks, sealed)) = found else { return Ok(ClockMark::Unknown) };
    let Ok(moment) = moment(ticks) else { return Ok(ClockMark::Forged) };
    Ok(match sealing.open(&clock_mark_binding(authority, moment), &sealed) {
        Ok(_) => ClockMark::At(moment),
        Err(_) => ClockMark::Forged,
    })
}

pub(super) fn set_clock_mark(
    db: &Transaction<'_>,
    sealing: &SealingKey,
    authority: Guid,
    random: &dyn Random,
    moment: Timestamp,
) -> Result<()> {
    let sealed = sealing.seal(random, &clock_mark_binding(authority, moment), b"")?;
    db.execute(
        "INSERT INTO clock_mark (only, moment, sealed) VALUES (1, ?1, ?2)
         ON CONFLICT (only) DO UPDATE SET moment = excluded.moment, sealed = excluded.sealed",
        params![ticks(moment)?, sealed],
    )
    .map_err(schema::sql)?;
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
#[path = "kept_tests.rs"]
mod tests;
