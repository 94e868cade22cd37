//! Revoking and restoring access to published content, and the signed lists that carry revocations to where the
//! authority cannot be asked (decisions 7, 13 and 14; `rights.md`, rule 2).

use super::LicensingAuthority;
use super::audit::{Event, Operation, Outcome};
use super::record::{addresses, issuer_of, revocation_subject};
use crate::base::limits::ADDRESS_MAX;
use crate::base::time::Validity;
use crate::error::{Error, ErrorKind, Result};
use crate::policy::revocation::revoked;
use crate::policy::user::check_address;
use crate::policy::{Identity, Revocation, RevocationTarget, Revoked};
use crate::xrml::publishing::SignedPublishingLicense;
use crate::xrml::revocation_list::{self, RevocationList};

/// Most days from the issue of a revocation list to its next update.
pub const LIST_DAYS_MAX: u32 = 366;

/// What is to be revoked or restored.
#[derive(Clone, Debug)]
pub enum Aim<'a> {
    /// The content with an id, of the issuers that the request names.
    Content(&'a str),
    /// One license; its issuer is the one that it records.
    License(&'a SignedPublishingLicense),
    /// Everything of the issuers that the request names.
    All,
}

/// Whose licenses are meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Issuers {
    /// Those of the account that asks.
    Own,
    /// Those of another account; for administrators.
    Of(String),
    /// Those of everybody; for administrators.
    Everybody,
}

/// A request to revoke or to restore.
#[derive(Clone, Debug)]
pub struct RevocationRequest<'a> {
    /// What.
    pub aim: Aim<'a>,
    /// Whose.
    pub issuers: Issuers,
    /// Only licenses that were issued in this time.
    pub issued: Validity,
}

impl LicensingAuthority {
    /// Refuses licenses from now on, to everybody but the issuer who revoked them and enabled super users.
    ///
    /// # Errors
    /// [`ErrorKind::AccessDenied`] unless the account issued them or is an administrator; [`ErrorKind::InvalidArgument`]
    /// for a request that contradicts itself or would revoke everything of everybody; [`ErrorKind::UnknownAuthority`]
    /// for a license of another authority; when log or store cannot be written.
    pub fn revoke(&self, request: &RevocationRequest<'_>, identity: &Identity) -> Result<()> {
        let event = self.revocation_event(Operation::RevokeAccess, request, identity);
        let planned = self.plan(request, identity).map(|(by, plan)| plan(by));
        let planned = self.recorded(event, planned)?;
        self.store.put_revocations(&planned)
    }

    /// Lifts revocations with the same aim. An issuer lifts its own; an administrator lifts the issuer's too.
    ///
    /// # Errors
    /// As [`LicensingAuthority::revoke`]; [`ErrorKind::NotFound`] when there was none.
    pub fn restore(&self, request: &RevocationRequest<'_>, identity: &Identity) -> Result<()> {
        let event = self.revocation_event(Operation::RestoreAccess, request, identity);
        let planned = self.plan(request, identity).map(|(by, plan)| {
            let mut all = plan(Revoked::ByIssuer);
            if by == Revoked::ByAdministrator || identity.administrator {
                all.extend(plan(Revoked::ByAdministrator));
            }
            all
        });
        let planned = self.recorded(event, planned)?;
        match self.store.remove_revocations(&planned)? {
            0 => Err(Error::new(ErrorKind::NotFound { what: "revocation" })),
            _ => Ok(()),
        }
    }

    /// The revocations that the account may see: an administrator all, anybody else their own.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn revocations(&self, identity: &Identity) -> Result<Vec<Revocation>> {
        let own = |one: &Revocation| one.issuer.as_deref().is_some_and(|issuer| identity.is_known_as(issuer));
        let mut all = self.store.revocations()?;
        all.retain(|one| identity.administrator || own(one));
        Ok(all)
    }

    /// Who revoked a license, if anybody did.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn revocation_of(&self, license: &SignedPublishingLicense) -> Result<Option<Revoked>> {
        // Deleting a template in this way is an administrator's word, which binds the issuer too.
        if let Some(by_template) = self.template_revocation(license)? {
            return Ok(Some(by_template));
        }
        let subject = revocation_subject(license);
        Ok(revoked(&self.store.revocations_of(&subject)?, &subject))
    }

    /// True when a revocation keeps the account from a license that it may otherwise open, as when it holds a use
    /// license from before.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn is_revoked_for(&self, license: &SignedPublishingLicense, identity: &Identity) -> Result<bool> {
        Ok(self.revocation_of(license)?.is_some_and(|revoked| stands_against(revoked, license, identity)))
    }

    /// A signed list of all revocations, with a number above that of every list before. It is to be replaced after some
    /// days, 1 to [`LIST_DAYS_MAX`].
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for the number of days; when log or store cannot be written.
    pub fn export_revocation_list(&self, days: u32, identity: &Identity) -> Result<Vec<u8>> {
        if !(1..=LIST_DAYS_MAX).contains(&days) {
            return Err(Error::argument("days", format!("a list lasts for 1 to {LIST_DAYS_MAX} days")));
        }
        self.record(&Event::new(Operation::ExportRevocationList, Outcome::Success, &identity.email))?;
        let issued = self.now().minute();
        let (number, revocations) = self.store.number_revocations()?;
        let list = RevocationList {
            number,
            issued,
            next_update: issued.plus_days(days),
            issuer: self.keys.server_principal(),
            revocations,
        };
        revocation_list::write(&list, &self.keys.signing)
    }

    /// Checks a request, and gives the revocations that it means for either kind of person, with the kind that the
    /// account is in it.
    fn plan<'a>(
        &'a self,
        request: &'a RevocationRequest<'a>,
        identity: &'a Identity,
    ) -> Result<(Revoked, impl Fn(Revoked) -> Vec<Revocation> + 'a)> {
        if request.issued.from.zip(request.issued.until).is_some_and(|(from, until)| until <= from) {
            return Err(Error::argument("issued", "the time ends before it begins"));
        }
        let (target, issuers) = match request.aim {
            Aim::Content(id) => {
                if id.is_empty() || id.len() > ADDRESS_MAX || id.chars().any(char::is_control) {
                    return Err(Error::argument("content id", "empty, too long or with control characters"));
                }
                (RevocationTarget::Content(id.to_owned()), self.issuers(&request.issuers, identity)?)
            }
            Aim::License(license) => {
                license.check_server(&self.keys.id.to_string(), self.keys.signing.public())?;
                let issuer = issuer_of(license);
                let own = issuer.as_deref().is_some_and(|issuer| identity.is_known_as(issuer));
                let by = if own { Revoked::ByIssuer } else { Revoked::ByAdministrator };
                (RevocationTarget::License(license.fingerprint()), (by, vec![issuer]))
            }
            Aim::All => {
                if request.issuers == Issuers::Everybody && request.issued.is_always() {
                    return Err(Error::argument("issued", "everything of everybody at any time is not revoked"));
                }
                (RevocationTarget::All, self.issuers(&request.issuers, identity)?)
            }
        };
        let (by, issuers) = issuers;
        if by == Revoked::ByAdministrator {
            self.demand_administrator(identity)
                .map_err(|error| error.context("only who protected the content may revoke or restore it"))?;
        }
        let made = self.now();
        let plan = move |by| {
            let of = |issuer: &Option<String>| Revocation {
                target: target.clone(),
                issuer: issuer.clone(),
                issued: request.issued,
                by,
                revoked_by: identity.email.clone(),
                made,
            };
            issuers.iter().map(of).collect()
        };
        Ok((by, plan))
    }

    /// The issuers that a request names, by every address of theirs, and what the account is among them.
    fn issuers(&self, issuers: &Issuers, identity: &Identity) -> Result<(Revoked, Vec<Option<String>>)> {
        let all = |of: &Identity| addresses(of).into_iter().map(Some).collect();
        Ok(match issuers {
            Issuers::Own => (Revoked::ByIssuer, all(identity)),
            Issuers::Of(address) => {
                check_address(address)?;
                let by = if identity.is_known_as(address) { Revoked::ByIssuer } else { Revoked::ByAdministrator };
                (by, all(&self.identity(address)?))
            }
            Issuers::Everybody => (Revoked::ByAdministrator, vec![None]),
        })
    }

    fn revocation_event(&self, what: Operation, request: &RevocationRequest<'_>, identity: &Identity) -> Event {
        let mut event = match request.aim {
            Aim::License(license) => self.event_about(what, identity, license),
            _ => Event::new(what, Outcome::Success, &identity.email),
        };
        let issuer = match &request.issuers {
            Issuers::Own => identity.email.clone(),
            Issuers::Of(address) => address.clone(),
            Issuers::Everybody => "everybody".to_owned(),
        };
        event.action = match request.aim {
            Aim::Content(id) => {
                id.clone_into(&mut event.content_id);
                event.issuer = issuer;
                "content".to_owned()
            }
            Aim::License(_) => "license".to_owned(),
            Aim::All => {
                event.issuer = issuer;
                "issuer".to_owned()
            }
        };
        for (name, end) in [("from", request.issued.from), ("until", request.issued.until)] {
            if let Some(end) = end {
                event.action.push_str(&format!(" {name} {}", end.text()));
            }
        }
        event
    }
}

/// True when a revocation holds for an account.
#[must_use]
pub fn stands_against(revoked: Revoked, license: &SignedPublishingLicense, identity: &Identity) -> bool {
    let is_issuer = issuer_of(license).is_some_and(|issuer| identity.is_known_as(&issuer));
    !identity.super_user && !revoked.spares(is_issuer)
}

#[cfg(test)]
mod tests;
