//! Templates in SQLite.

use std::collections::HashMap;

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::schema::sql;
use crate::base::guid::Guid;
use crate::base::locale::Lcid;
use crate::base::time::{Timestamp, Validity};
use crate::error::{Error, Result};
use crate::policy::template::{ContentExpiry, Retirement};
use crate::policy::{Descriptor, Grant, Right, RightsPolicyTemplate, User};

/// Which rows a query is for.
#[derive(Copy, Clone)]
enum Which {
    All,
    One(i64),
}

/// The column holds a number that its meaning has no room for.
pub(super) fn out_of_range(column: usize) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Integer, "out of range".into())
}

pub(super) fn moment(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    let ticks: i64 = row.get(column)?;
    u64::try_from(ticks).map(Timestamp::from_filetime).map_err(|_| out_of_range(column))
}

pub(super) fn open_moment(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    row.get::<_, Option<i64>>(column)?.map(|_| moment(row, column)).transpose()
}

/// A moment as SQLite keeps it.
pub(super) fn ticks(at: Timestamp) -> Result<i64> {
    i64::try_from(at.filetime()).map_err(|_| Error::argument("time", "the time lies past what a store can hold"))
}

pub(super) fn put(transaction: &Transaction<'_>, template: &RightsPolicyTemplate) -> Result<()> {
    let (expires_at, expires_days) = match template.expiry {
        ContentExpiry::Never => (None, None),
        ContentExpiry::At(until) => (Some(ticks(until)?), None),
        ContentExpiry::Days(days) => (None, Some(days)),
    };
    // An update keeps the row, and with it the place in the list.
    let position: i64 = transaction
        .prepare_cached(
            "INSERT INTO templates (id, enabled, modified, expires_at, expires_days, offline_days)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (id) DO UPDATE SET enabled = excluded.enabled, modified = excluded.modified,
                 expires_at = excluded.expires_at, expires_days = excluded.expires_days,
                 offline_days = excluded.offline_days, retired = NULL
             RETURNING position",
        )
        .map_err(sql)?
        .query_row(
            params![
                template.id.bare(),
                template.enabled,
                ticks(template.modified)?,
                expires_at,
                expires_days,
                template.offline_days
            ],
            |row| row.get(0),
        )
        .map_err(sql)?;
    transaction.execute("DELETE FROM template_descriptors WHERE template = ?1", [position]).map_err(sql)?;
    transaction.execute("DELETE FROM template_grants WHERE template = ?1", [position]).map_err(sql)?;
    transaction.execute("DELETE FROM template_scopes WHERE template = ?1", [position]).map_err(sql)?;

    let mut insert = transaction
        .prepare_cached(
            "INSERT INTO template_descriptors (template, position, lcid, name, description)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )
        .map_err(sql)?;
    for (at, text) in (0i64..).zip(&template.descriptors) {
        insert.execute(params![position, at, text.lcid.0, text.name, text.description]).map_err(sql)?;
    }

    let mut insert = transaction
        .prepare_cached(
            "INSERT INTO template_grants
                 (template, position, user_kind, user_address, right_name, range_from, range_until, interval_days)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )
        .map_err(sql)?;
    for (at, grant) in (0i64..).zip(&template.grants) {
        let (kind, address) = user_columns(&grant.user);
        let from = grant.range.from.map(ticks).transpose()?;
        let until = grant.range.until.map(ticks).transpose()?;
        insert
            .execute(params![position, at, kind, address, grant.right.name(), from, until, grant.interval_days])
            .map_err(sql)?;
    }

    let mut insert = transaction
        .prepare_cached(
            "INSERT INTO template_scopes (template, position, user_kind, user_address) VALUES (?1, ?2, ?3, ?4)",
        )
        .map_err(sql)?;
    for (at, user) in (0i64..).zip(&template.scope) {
        let (kind, address) = user_columns(user);
        insert.execute(params![position, at, kind, address]).map_err(sql)?;
    }
    Ok(())
}

fn user_columns(user: &User) -> (&'static str, &str) {
    match user {
        User::Email(address) => ("email", address.as_str()),
        User::Anyone => ("anyone", ""),
        User::Owner => ("owner", ""),
        User::Null => ("null", ""),
    }
}

fn user(kind: &str, address: String) -> User {
    match kind {
        "email" => User::Email(address),
        "anyone" => User::Anyone,
        "owner" => User::Owner,
        _ => User::Null,
    }
}

pub(super) fn retire(transaction: &Transaction<'_>, id: Guid, how: Retirement) -> Result<bool> {
    let how = match how {
        Retirement::Frozen => "frozen",
        Retirement::Revoked => "revoked",
    };
    let changed = transaction
        .execute("UPDATE templates SET retired = ?2 WHERE id = ?1 AND retired IS NULL", params![id.bare(), how])
        .map_err(sql)?;
    Ok(changed != 0)
}

pub(super) fn retired(db: &Connection, id: Guid) -> Result<Option<(RightsPolicyTemplate, Retirement)>> {
    let found: Option<(i64, String)> = db
        .prepare_cached("SELECT position, retired FROM templates WHERE id = ?1 AND retired IS NOT NULL")
        .map_err(sql)?
        .query_row([id.bare()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
        .map_err(sql)?;
    let Some((position, how)) = found else { return Ok(None) };
    let how = if how == "revoked" { Retirement::Revoked } else { Retirement::Frozen };
    Ok(read(db, Which::One(position)).map_err(sql)?.pop().map(|template| (template, how)))
}

pub(super) fn one(db: &Connection, id: Guid) -> Result<Option<RightsPolicyTemplate>> {
    let position = db
        .prepare_cached("SELECT position FROM templates WHERE id = ?1 AND retired IS NULL")
        .map_err(sql)?
        .query_row([id.bare()], |row| row.get(0))
        .optional()
        .map_err(sql)?;
    match position {
        Some(position) => Ok(read(db, Which::One(position)).map_err(sql)?.pop()),
        None => Ok(None),
    }
}

pub(super) fn all(db: &Connection) -> Result<Vec<RightsPolicyTemplate>> {
    read(db, Which::All).map_err(sql)
}

pub(super) fn delete(transaction: &Transaction<'_>, id: Guid) -> Result<bool> {
    let deleted = transaction.execute("DELETE FROM templates WHERE id = ?1", [id.bare()]).map_err(sql)?;
    Ok(deleted != 0)
}

/// Four queries however many templates there are.
fn read(db: &Connection, which: Which) -> rusqlite::Result<Vec<RightsPolicyTemplate>> {
    let mut templates = Vec::new();
    let mut place = HashMap::new();
    each(db, which, HEADS, |row| {
        place.insert(row.get::<_, i64>(0)?, templates.len());
        templates.push(head(row)?);
        Ok(())
    })?;
    each(db, which, DESCRIPTORS, |row| {
        if let Some(template) = place.get(&row.get(0)?).and_then(|at: &usize| templates.get_mut(*at)) {
            let (lcid, name, description) = (Lcid(row.get(1)?), row.get(2)?, row.get(3)?);
            template.descriptors.push(Descriptor { lcid, name, description });
        }
        Ok(())
    })?;
    each(db, which, GRANTS, |row| {
        if let Some(template) = place.get(&row.get(0)?).and_then(|at: &usize| templates.get_mut(*at)) {
            template.grants.push(grant(row)?);
        }
        Ok(())
    })?;
    each(db, which, SCOPES, |row| {
        if let Some(template) = place.get(&row.get(0)?).and_then(|at: &usize| templates.get_mut(*at)) {
            let kind: String = row.get(1)?;
            template.scope.push(user(&kind, row.get(2)?));
        }
        Ok(())
    })?;
    Ok(templates)
}

/// For each table: all rows, and those of one template.
type Queries = (&'static str, &'static str);

const HEADS: Queries = (
    "SELECT position, id, enabled, modified, expires_at, expires_days, offline_days
     FROM templates WHERE retired IS NULL ORDER BY position",
    "SELECT position, id, enabled, modified, expires_at, expires_days, offline_days FROM templates WHERE position = ?1",
);
const DESCRIPTORS: Queries = (
    "SELECT template, lcid, name, description FROM template_descriptors ORDER BY template, position",
    "SELECT template, lcid, name, description FROM template_descriptors WHERE template = ?1 ORDER BY position",
);
const GRANTS: Queries = (
    "SELECT template, user_kind, user_address, right_name, range_from, range_until, interval_days
     FROM template_grants ORDER BY template, position",
    "SELECT template, user_kind, user_address, right_name, range_from, range_until, interval_days
     FROM template_grants WHERE template = ?1 ORDER BY position",
);
const SCOPES: Queries = (
    "SELECT template, user_kind, user_address FROM template_scopes ORDER BY template, position",
    "SELECT template, user_kind, user_address FROM template_scopes WHERE template = ?1 ORDER BY position",
);

fn each(
    db: &Connection,
    which: Which,
    queries: Queries,
    mut row_found: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let mut statement = db.prepare_cached(if let Which::All = which { queries.0 } else { queries.1 })?;
    let mut rows = match which {
        Which::All => statement.query([])?,
        Which::One(position) => statement.query([position])?,
    };
    while let Some(row) = rows.next()? {
        row_found(row)?;
    }
    Ok(())
}

fn head(row: &Row<'_>) -> rusqlite::Result<RightsPolicyTemplate> {
    let id: String = row.get(1)?;
    let expires_days: Option<u32> = row.get(5)?;
    let expiry = match (open_moment(row, 4)?, expires_days) {
        (Some(until), _) => ContentExpiry::At(until),
        (None, Some(days)) => ContentExpiry::Days(days),
        (None, None) => ContentExpiry::Never,
    };
    Ok(RightsPolicyTemplate {
        id: Guid::parse(&id)
            .ok_or_else(|| rusqlite::Error::FromSqlConversionFailure(1, Type::Text, "not a GUID".into()))?,
        descriptors: Vec::new(),
        grants: Vec::new(),
        expiry,
        offline_days: row.get(6)?,
        enabled: row.get(2)?,
        scope: Vec::new(),
        modified: moment(row, 3)?,
    })
}

fn grant(row: &Row<'_>) -> rusqlite::Result<Grant> {
    let kind: String = row.get(1)?;
    let right: String = row.get(3)?;
    Ok(Grant {
        user: user(&kind, row.get(2)?),
        right: Right::read(&right),
        range: Validity { from: open_moment(row, 4)?, until: open_moment(row, 5)? },
        interval_days: row.get(6)?,
    })
}
