//! Token issuers, service principals and certificates in SQLite. Key sets are sealed: they may hold symmetric keys.

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use zeroize::Zeroizing;

use super::schema::{damaged, sql};
use crate::base::guid::Guid;
use crate::crypto::random::OsRandom;
use crate::crypto::seal::SealingKey;
use crate::error::Result;
use crate::store::{AuthorityRecord, ServicePrincipal, TokenIssuer};

fn binding(authority: Guid, name: &str) -> Vec<u8> {
    AuthorityRecord::binding(authority, &format!("token keys|{name}"))
}

pub(super) fn token_issuers(db: &Connection, authority: Guid, sealing: &SealingKey) -> Result<Vec<TokenIssuer>> {
    let mut issuers = Vec::new();
    let mut statement = db
        .prepare_cached("SELECT name, issuer, audience, vouches, sealed_keys FROM token_issuers ORDER BY name")
        .map_err(sql)?;
    let mut rows = statement.query([]).map_err(sql)?;
    while let Some(row) = rows.next().map_err(sql)? {
        let name: String = row.get(0).map_err(sql)?;
        let sealed: Vec<u8> = row.get(4).map_err(sql)?;
        let keys = sealing.open(&binding(authority, &name), &sealed).map_err(|_| damaged("the keys of an issuer"))?;
        let keys = std::str::from_utf8(&keys).map_err(|_| damaged("the keys of an issuer"))?;
        issuers.push(TokenIssuer {
            issuer: row.get(1).map_err(sql)?,
            audience: row.get(2).map_err(sql)?,
            vouches_for_email: row.get(3).map_err(sql)?,
            domains: domains(db, &name)?,
            key_set: Zeroizing::new(keys.to_owned()),
            name,
        });
    }
    Ok(issuers)
}

fn domains(db: &Connection, name: &str) -> Result<Vec<String>> {
    let mut statement =
        db.prepare_cached("SELECT domain FROM token_domains WHERE name = ?1 ORDER BY position").map_err(sql)?;
    let rows = statement.query_map([name], |row| row.get(0)).map_err(sql)?;
    rows.collect::<rusqlite::Result<_>>().map_err(sql)
}

pub(super) fn put_token_issuer(
    transaction: &Transaction<'_>,
    authority: Guid,
    sealing: &SealingKey,
    issuer: &TokenIssuer,
) -> Result<()> {
    let sealed = sealing.seal(&OsRandom, &binding(authority, &issuer.name), issuer.key_set.as_bytes())?;
    delete_token_issuer(transaction, &issuer.name)?;
    transaction
        .execute(
            "INSERT INTO token_issuers (name, issuer, audience, vouches, sealed_keys) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![issuer.name, issuer.issuer, issuer.audience, issuer.vouches_for_email, sealed],
        )
        .map_err(sql)?;
    for (position, domain) in (0i64..).zip(&issuer.domains) {
        transaction
            .execute(
                "INSERT INTO token_domains (name, position, domain) VALUES (?1, ?2, ?3)",
                params![issuer.name, position, domain],
            )
            .map_err(sql)?;
    }
    Ok(())
}

pub(super) fn delete_token_issuer(transaction: &Transaction<'_>, name: &str) -> Result<bool> {
    Ok(transaction.execute("DELETE FROM token_issuers WHERE name = ?1", [name]).map_err(sql)? != 0)
}

pub(super) fn service_principal(db: &Connection, id: &str, tenant: &str) -> Result<Option<ServicePrincipal>> {
    let found: Option<(Vec<u8>, String)> = db
        .prepare_cached("SELECT key_digest, account FROM service_principals WHERE id = ?1 AND tenant = ?2")
        .map_err(sql)?
        .query_row([id, tenant], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
        .map_err(sql)?;
    let Some((digest, account)) = found else { return Ok(None) };
    let key_digest = digest.try_into().map_err(|_| damaged("the key of a service principal"))?;
    Ok(Some(ServicePrincipal { id: id.to_owned(), tenant: tenant.to_owned(), key_digest, account }))
}

pub(super) fn put_service_principal(transaction: &Transaction<'_>, principal: &ServicePrincipal) -> Result<()> {
    transaction
        .execute(
            "INSERT INTO service_principals (id, tenant, key_digest, account) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (id, tenant) DO UPDATE SET key_digest = excluded.key_digest, account = excluded.account",
            params![principal.id, principal.tenant, principal.key_digest.as_slice(), principal.account],
        )
        .map_err(sql)?;
    Ok(())
}

pub(super) fn delete_service_principal(transaction: &Transaction<'_>, id: &str, tenant: &str) -> Result<bool> {
    let deleted = transaction
        .execute("DELETE FROM service_principals WHERE id = ?1 AND tenant = ?2", [id, tenant])
        .map_err(sql)?;
    Ok(deleted != 0)
}

pub(super) fn certificate_account(db: &Connection, thumbprint: &[u8; 32]) -> Result<Option<String>> {
    db.prepare_cached("SELECT account FROM certificates WHERE thumbprint = ?1")
        .map_err(sql)?
        .query_row([thumbprint.as_slice()], |row| row.get(0))
        .optional()
        .map_err(sql)
}

pub(super) fn put_certificate(transaction: &Transaction<'_>, thumbprint: &[u8; 32], account: &str) -> Result<()> {
    transaction
        .execute(
            "INSERT INTO certificates (thumbprint, account) VALUES (?1, ?2)
             ON CONFLICT (thumbprint) DO UPDATE SET account = excluded.account",
            params![thumbprint.as_slice(), account],
        )
        .map_err(sql)?;
    Ok(())
}

pub(super) fn delete_certificate(transaction: &Transaction<'_>, thumbprint: &[u8; 32]) -> Result<bool> {
    let deleted =
        transaction.execute("DELETE FROM certificates WHERE thumbprint = ?1", [thumbprint.as_slice()]).map_err(sql)?;
    Ok(deleted != 0)
}
