//! Accounts and groups in SQLite.

use rusqlite::{Connection, OptionalExtension, Params, Transaction, params};

use super::schema::sql;
use crate::error::{Error, ErrorKind, Result};
use crate::policy::Identity;
use crate::policy::user::{fold_address, same_address};
use crate::store::directory::{cycle, last_administrator, taken};
use crate::store::{Account, AuthorityRecord, Group};

/// Groups above some keys. `start` selects the keys; a group is found once however many ways lead to it. Few groups are
/// above one account, so every join begins with those (`CROSS JOIN` says so): the planner would rather read all groups in
/// the order that is asked for.
macro_rules! groups_above {
    ($start:literal, $result:literal) => {
        concat!(
            "WITH RECURSIVE start (key) AS (",
            $start,
            "), above (id) AS (
                 SELECT m.group_id FROM start s CROSS JOIN members m ON m.key = s.key
                 UNION
                 SELECT m.group_id FROM above a CROSS JOIN mail_groups g ON g.id = a.id CROSS JOIN members m ON m.key = g.key
             ) ",
            $result
        )
    };
}

fn first<T: rusqlite::types::FromSql>(db: &Connection, query: &str, values: impl Params) -> Result<Option<T>> {
    let mut statement = db.prepare_cached(query).map_err(sql)?;
    statement.query_row(values, |row| row.get(0)).optional().map_err(sql)
}

fn column<T: rusqlite::types::FromSql>(db: &Connection, query: &str, values: impl Params) -> Result<Vec<T>> {
    let mut statement = db.prepare_cached(query).map_err(sql)?;
    let rows = statement.query_map(values, |row| row.get(0)).map_err(sql)?;
    rows.collect::<rusqlite::Result<_>>().map_err(sql)
}

fn account_id(db: &Connection, address: &str) -> Result<Option<i64>> {
    first(db, "SELECT account_id FROM addresses WHERE key = ?1", [fold_address(address)])
}

fn primary_account_id(db: &Connection, address: &str) -> Result<Option<i64>> {
    first(db, "SELECT account_id FROM addresses WHERE key = ?1 AND position = 0", [fold_address(address)])
}

fn group_id(db: &Connection, address: &str) -> Result<Option<i64>> {
    first(db, "SELECT id FROM mail_groups WHERE key = ?1", [fold_address(address)])
}

/// True when an account, a group or an account of the operating system has the address.
pub(super) fn is_taken(db: &Connection, address: &str) -> Result<bool> {
    let fixed: Option<i64> = first(db, "SELECT 1 FROM os_accounts WHERE key = ?1", [fold_address(address)])?;
    Ok(fixed.is_some() || account_id(db, address)?.is_some() || group_id(db, address)?.is_some())
}

pub(super) fn os_address(db: &Connection, os_id: &str) -> Result<Option<String>> {
    first(db, "SELECT address FROM os_accounts WHERE os_id = ?1", [os_id])
}

pub(super) fn put_os_address(transaction: &Transaction<'_>, os_id: &str, address: &str) -> Result<()> {
    transaction
        .execute(
            "INSERT INTO os_accounts (os_id, key, address) VALUES (?1, ?2, ?3)",
            params![os_id, fold_address(address), address],
        )
        .map_err(sql)?;
    Ok(())
}

fn account_with_id(db: &Connection, id: i64) -> Result<Option<Account>> {
    let mut addresses: std::vec::IntoIter<String> =
        column(db, "SELECT address FROM addresses WHERE account_id = ?1 ORDER BY position", [id])?.into_iter();
    let Some(email) = addresses.next() else { return Ok(None) };
    let mut statement =
        db.prepare_cached("SELECT display_name, administrator, super_user FROM accounts WHERE id = ?1").map_err(sql)?;
    let account = statement.query_row([id], |row| {
        Ok(Account {
            email,
            aliases: addresses.collect(),
            display_name: row.get(0)?,
            administrator: row.get(1)?,
            super_user: row.get(2)?,
        })
    });
    account.optional().map_err(sql)
}

pub(super) fn account(db: &Connection, address: &str) -> Result<Option<Account>> {
    match account_id(db, address)? {
        Some(id) => account_with_id(db, id),
        None => Ok(None),
    }
}

pub(super) fn accounts(db: &Connection) -> Result<Vec<Account>> {
    let mut statement = db
        .prepare_cached(
            "SELECT d.position, d.address, a.display_name, a.administrator, a.super_user
             FROM accounts a JOIN addresses d ON d.account_id = a.id ORDER BY a.id, d.position",
        )
        .map_err(sql)?;
    let mut rows = statement.query([]).map_err(sql)?;
    let mut accounts: Vec<Account> = Vec::new();
    while let Some(row) = rows.next().map_err(sql)? {
        let position: i64 = row.get(0).map_err(sql)?;
        let address: String = row.get(1).map_err(sql)?;
        match accounts.last_mut() {
            Some(account) if position > 0 => account.aliases.push(address),
            _ => accounts.push(Account {
                email: address,
                aliases: Vec::new(),
                display_name: row.get(2).map_err(sql)?,
                administrator: row.get(3).map_err(sql)?,
                super_user: row.get(4).map_err(sql)?,
            }),
        }
    }
    Ok(accounts)
}

pub(super) fn put_account(transaction: &Transaction<'_>, account: &Account) -> Result<()> {
    let known = primary_account_id(transaction, &account.email)?;
    for address in account.addresses() {
        let owner = account_id(transaction, address)?;
        if owner.is_some() && owner != known || group_id(transaction, address)?.is_some() {
            return Err(taken(address));
        }
    }
    let id = match known {
        Some(id) => {
            transaction
                .execute(
                    "UPDATE accounts SET display_name = ?2, administrator = ?3, super_user = ?4 WHERE id = ?1",
                    params![id, account.display_name, account.administrator, account.super_user],
                )
                .map_err(sql)?;
            transaction.execute("DELETE FROM addresses WHERE account_id = ?1", [id]).map_err(sql)?;
            id
        }
        None => transaction
            .prepare_cached("INSERT INTO accounts (display_name, administrator, super_user) VALUES (?1, ?2, ?3)")
            .map_err(sql)?
            .insert(params![account.display_name, account.administrator, account.super_user])
            .map_err(sql)?,
    };
    let mut insert = transaction
        .prepare_cached("INSERT INTO addresses (key, account_id, position, address) VALUES (?1, ?2, ?3, ?4)")
        .map_err(sql)?;
    for (position, address) in (0i64..).zip(account.addresses()) {
        insert.execute(params![fold_address(address), id, position, address]).map_err(sql)?;
    }
    Ok(())
}

fn has_administrator(db: &Connection) -> Result<bool> {
    // By the index of migration 5, however many accounts there are.
    Ok(first::<i64>(db, "SELECT 1 FROM accounts WHERE administrator = 1 LIMIT 1", [])?.is_some())
}

/// Makes a change of accounts unless it takes away the last administrator. Part of the change, because another process
/// may be taking away the one before the last.
pub(super) fn keeping_an_administrator<T>(db: &Transaction<'_>, change: impl FnOnce() -> Result<T>) -> Result<T> {
    let before = has_administrator(db)?;
    let answer = change()?;
    if before && !has_administrator(db)? {
        return Err(last_administrator());
    }
    Ok(answer)
}

pub(super) fn delete_account(transaction: &Transaction<'_>, address: &str) -> Result<bool> {
    let Some(id) = primary_account_id(transaction, address)? else { return Ok(false) };
    transaction
        .execute("DELETE FROM members WHERE key IN (SELECT key FROM addresses WHERE account_id = ?1)", [id])
        .map_err(sql)?;
    transaction.execute("DELETE FROM accounts WHERE id = ?1", [id]).map_err(sql)?;
    Ok(true)
}

pub(super) fn identity(
    db: &Connection,
    authority: &AuthorityRecord,
    super_users_enabled: bool,
    address: &str,
) -> Result<Identity> {
    let id = account_id(db, address)?;
    let account = id.map(|id| account_with_id(db, id)).transpose()?.flatten();
    let all_staff = authority.all_staff();
    let above: Vec<String> = column(
        db,
        groups_above!(
            "SELECT ?1 UNION SELECT ?2 UNION SELECT key FROM addresses WHERE account_id = ?3",
            "SELECT g.address FROM above a CROSS JOIN mail_groups g ON g.id = a.id ORDER BY g.id"
        ),
        params![fold_address(address), fold_address(&all_staff), id.unwrap_or(-1)],
    )?;
    let groups = std::iter::once(all_staff).chain(above).collect();
    Ok(match account {
        Some(account) => Identity {
            display_name: account.shown_name().to_owned(),
            groups,
            administrator: account.administrator,
            super_user: account.super_user && super_users_enabled,
            email: account.email,
            aliases: account.aliases,
        },
        None => Identity { groups, ..Identity::of(address) },
    })
}

fn group_with_id(db: &Connection, id: i64) -> Result<Option<Group>> {
    let members = column(db, "SELECT address FROM members WHERE group_id = ?1 ORDER BY position", [id])?;
    let mut statement =
        db.prepare_cached("SELECT address, display_name FROM mail_groups WHERE id = ?1").map_err(sql)?;
    let group = statement.query_row([id], |row| Ok(Group { email: row.get(0)?, display_name: row.get(1)?, members }));
    group.optional().map_err(sql)
}

pub(super) fn group(db: &Connection, address: &str) -> Result<Option<Group>> {
    match group_id(db, address)? {
        Some(id) => group_with_id(db, id),
        None => Ok(None),
    }
}

pub(super) fn groups(db: &Connection) -> Result<Vec<Group>> {
    let ids: Vec<i64> = column(db, "SELECT id FROM mail_groups ORDER BY id", [])?;
    let mut groups = Vec::with_capacity(ids.len());
    for id in ids {
        groups.extend(group_with_id(db, id)?);
    }
    Ok(groups)
}

/// Refuses members that hold the group already, directly or through others. The group exists.
fn check_no_cycle(db: &Connection, group: &str, members: &[String]) -> Result<()> {
    let above: Vec<String> = column(
        db,
        groups_above!("SELECT ?1", "SELECT g.key FROM above a CROSS JOIN mail_groups g ON g.id = a.id"),
        [fold_address(group)],
    )?;
    let above: std::collections::HashSet<String> = above.into_iter().collect();
    if members.iter().any(|member| above.contains(&fold_address(member)) || same_address(member, group)) {
        return Err(cycle(group));
    }
    Ok(())
}

pub(super) fn put_group(transaction: &Transaction<'_>, group: &Group) -> Result<()> {
    if account_id(transaction, &group.email)?.is_some() {
        return Err(taken(&group.email));
    }
    let id: i64 = transaction
        .prepare_cached(
            "INSERT INTO mail_groups (key, address, display_name) VALUES (?1, ?2, ?3)
             ON CONFLICT (key) DO UPDATE SET address = excluded.address, display_name = excluded.display_name
             RETURNING id",
        )
        .map_err(sql)?
        .query_row(params![fold_address(&group.email), group.email, group.display_name], |row| row.get(0))
        .map_err(sql)?;
    check_no_cycle(transaction, &group.email, &group.members)?;
    transaction.execute("DELETE FROM members WHERE group_id = ?1", [id]).map_err(sql)?;
    let mut insert = transaction
        .prepare_cached("INSERT INTO members (group_id, key, position, address) VALUES (?1, ?2, ?3, ?4)")
        .map_err(sql)?;
    for (position, member) in (0i64..).zip(&group.members) {
        insert.execute(params![id, fold_address(member), position, member]).map_err(sql)?;
    }
    Ok(())
}

fn known_group(db: &Connection, address: &str) -> Result<i64> {
    group_id(db, address)?.ok_or_else(|| Error::new(ErrorKind::NotFound { what: "group" }))
}

pub(super) fn add_member(transaction: &Transaction<'_>, group: &str, member: &str) -> Result<bool> {
    let id = known_group(transaction, group)?;
    check_no_cycle(transaction, group, &[member.to_owned()])?;
    let added = transaction
        .execute(
            "INSERT INTO members (group_id, key, position, address)
             VALUES (?1, ?2, (SELECT COALESCE(MAX(position) + 1, 0) FROM members WHERE group_id = ?1), ?3)
             ON CONFLICT (group_id, key) DO NOTHING",
            params![id, fold_address(member), member],
        )
        .map_err(sql)?;
    Ok(added != 0)
}

pub(super) fn remove_member(transaction: &Transaction<'_>, group: &str, member: &str) -> Result<bool> {
    let id = known_group(transaction, group)?;
    let removed = transaction
        .execute("DELETE FROM members WHERE group_id = ?1 AND key = ?2", params![id, fold_address(member)])
        .map_err(sql)?;
    Ok(removed != 0)
}

pub(super) fn delete_group(transaction: &Transaction<'_>, address: &str) -> Result<bool> {
    let Some(id) = group_id(transaction, address)? else { return Ok(false) };
    transaction.execute("DELETE FROM members WHERE key = ?1", [fold_address(address)]).map_err(sql)?;
    transaction.execute("DELETE FROM mail_groups WHERE id = ?1", [id]).map_err(sql)?;
    Ok(true)
}
