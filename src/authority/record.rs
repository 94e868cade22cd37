//! What the authority writes down of each request, and the facts of a license that lines and rules name.

use super::ISSUER_DATUM;
use super::LicensingAuthority;
use super::audit::{
    CHECKPOINT_EVERY, Checkpoint, Event, LogEntry, LogFilter, LogReport, Mark, Operation, Outcome, UsageLog,
};
use crate::base::guid::Guid;
use crate::crypto::random::array;
use crate::error::{Error, ErrorKind, Fact, Result};
use crate::license::LicenseDraft;
use crate::license::metadata::CONTENT_NAME;
use crate::policy::{GrantedRights, Identity, RevocationSubject, Rule, User};
use crate::store::LogCheckpoint;
use crate::xrml::publishing::SignedPublishingLicense;

/// The RM issuer, as a license records it.
pub(super) fn issuer_of(license: &SignedPublishingLicense) -> Option<String> {
    let facts = license.license();
    match license.is_online() {
        true => facts.app_data.iter().find(|datum| datum.name == ISSUER_DATUM).map(|datum| datum.value.clone()),
        false => license.certified_issuer().and_then(|issuer| issuer.name.clone()),
    }
}

/// The RM owner, as a license records it.
pub(super) fn owner_of(license: &SignedPublishingLicense) -> Option<String> {
    license.license().owner.as_ref().and_then(|owner| owner.name.clone().or_else(|| owner.id.clone()))
}

/// What revocations are compared with.
#[must_use]
pub fn revocation_subject(license: &SignedPublishingLicense) -> RevocationSubject {
    RevocationSubject {
        content_id: license.license().content_id.clone(),
        license: license.fingerprint(),
        issuer: issuer_of(license),
        issued: license.license().issued,
    }
}

impl Event {
    /// Adds what was granted, and by which extraordinary rule.
    pub(super) fn tell_grant(&mut self, granted: &GrantedRights) {
        self.rights = granted.rights.iter().map(|one| one.right.name().to_owned()).collect();
        if granted.rule == Rule::SuperUser {
            "super-user".clone_into(&mut self.action);
        }
    }
}

/// The result of a line for an error.
fn outcome(error: &Error) -> Outcome {
    match error.kind() {
        ErrorKind::RightNotGranted { .. }
        | ErrorKind::AccessDenied
        | ErrorKind::NotAuthenticated
        | ErrorKind::TemplateNotEnabledForUser => Outcome::AccessDenied,
        ErrorKind::Revoked => Outcome::Revoked,
        ErrorKind::Expired => Outcome::Expired,
        ErrorKind::NotYetValid => Outcome::NotYetValid,
        ErrorKind::Malformed { .. }
        | ErrorKind::BadSignature
        | ErrorKind::BadChain
        | ErrorKind::UnknownAuthority
        | ErrorKind::BadEnablingBits
        | ErrorKind::BadRightsData => Outcome::InvalidLicense,
        _ => Outcome::Failed,
    }
}

impl LicensingAuthority {
    /// A line about a license, for [`LicensingAuthority::recorded`].
    pub(super) fn event_about(&self, what: Operation, who: &Identity, license: &SignedPublishingLicense) -> Event {
        let facts = license.license();
        // Names the template, or the policy that was made for this license alone: the line does not tell them apart,
        // because only the content key does.
        let policy = facts.descriptor.as_ref().map(|descriptor| descriptor.id.clone());
        let named = facts.metadata.iter().find(|datum| datum.name == CONTENT_NAME);
        Event {
            content_id: facts.content_id.clone(),
            owner: owner_of(license).unwrap_or_default(),
            issuer: issuer_of(license).unwrap_or_default(),
            template_id: policy.unwrap_or_default(),
            content_name: named.map(|datum| datum.value.clone()).unwrap_or_default(),
            published: Some(facts.issued),
            ..Event::new(what, Outcome::Success, &who.email)
        }
    }

    /// A line about a draft.
    pub(super) fn event_about_draft(&self, what: Operation, who: &Identity, draft: &LicenseDraft) -> Event {
        let owner = match &draft.owner {
            Some(User::Email(address)) => address.clone(),
            _ => who.email.clone(),
        };
        Event {
            content_id: draft.content_id.clone(),
            owner,
            issuer: who.email.clone(),
            template_id: draft.template.map(|id| id.to_string()).unwrap_or_default(),
            published: Some(self.now().minute()),
            ..Event::new(what, Outcome::Success, &who.email)
        }
    }

    /// Writes the line of a request that has ended, and gives back its answer.
    ///
    /// # Errors
    /// The request's own, or that of the log: then there is no answer.
    pub(super) fn recorded<T>(&self, mut event: Event, answer: Result<T>) -> Result<T> {
        if let Err(error) = &answer {
            event.outcome = outcome(error);
        }
        self.record(&event)?;
        answer
    }

    /// Writes a line of the usage log. A change is written down before it is made.
    ///
    /// # Errors
    /// When the log cannot be written: whatever the line is about must not happen then.
    pub fn record(&self, event: &Event) -> Result<()> {
        let Some(log) = &self.log else { return Ok(()) };
        let appended = log.append(event, Guid::from_random(array(&*self.random)?), self.now())?;
        let due = Some(appended.mark).filter(|mark| mark.count.is_multiple_of(CHECKPOINT_EVERY));
        appended.rotated.into_iter().chain(due).try_for_each(|mark| self.put_checkpoint(mark).map(drop))
    }

    fn put_checkpoint(&self, mark: Mark) -> Result<Checkpoint> {
        let made = Checkpoint::sign(self.keys.id, mark, self.now().minute(), &self.keys.signing)?;
        let kept =
            LogCheckpoint { count: mark.count, head: mark.head, made: made.made, signature: made.signature.clone() };
        self.store.put_log_checkpoint(&kept)?;
        Ok(made)
    }

    fn log(&self) -> Result<&UsageLog> {
        self.log.as_ref().ok_or_else(|| Error::with(ErrorKind::NotFound { what: "usage log" }, "none is kept"))
    }

    /// Signs where the usage log stands now, to be kept elsewhere.
    ///
    /// # Errors
    /// [`ErrorKind::AccessDenied`] unless the account is an administrator; when the log cannot be read.
    pub fn log_checkpoint(&self, identity: &Identity) -> Result<Checkpoint> {
        self.demand_administrator(identity)?;
        self.put_checkpoint(self.log()?.mark()?)
    }

    /// Checks the usage log against itself, the checkpoints of the store and one that was kept elsewhere.
    ///
    /// # Errors
    /// [`ErrorKind::AccessDenied`] unless the account is an administrator; [`ErrorKind::BadSignature`] when the
    /// checkpoint is not of this authority; when the log cannot be read.
    pub fn verify_log(&self, outside: Option<&Checkpoint>, identity: &Identity) -> Result<LogReport> {
        self.demand_administrator(identity)?;
        let key = self.keys.signing.public();
        if let Some(checkpoint) = outside {
            checkpoint.check(self.keys.id, key)?;
        }
        let kept = self.store.log_checkpoints()?.into_iter().map(|kept| Checkpoint {
            authority: self.keys.id,
            mark: Mark { count: kept.count, head: kept.head },
            made: kept.made,
            signature: kept.signature,
        });
        let all: Vec<Checkpoint> = kept.chain(outside.cloned()).collect();
        self.log()?.verify(&all, key)
    }

    /// Lines of the usage log: who opened what and when. An administrator sees every line, anybody else those about
    /// what they protected themselves. The reading is itself a line.
    ///
    /// # Errors
    /// When the log cannot be read or written.
    pub fn query_log(&self, filter: &LogFilter, identity: &Identity) -> Result<Vec<LogEntry>> {
        let mut event = Event::new(Operation::ReadUsageLog, Outcome::Success, &identity.email);
        event.content_id = filter.content_id.clone().unwrap_or_default();
        self.record(&event)?;
        let mut filter = filter.clone();
        if !identity.administrator {
            filter.issuers = Some(addresses(identity));
        }
        self.log()?.query(&filter)
    }

    pub(super) fn demand_administrator(&self, identity: &Identity) -> Result<()> {
        if identity.administrator {
            return Ok(());
        }
        let why = format!("{} is no administrator", identity.email);
        Err(Error::with(ErrorKind::AccessDenied, why)
            .rule("administrators-only")
            .fact("account", Fact::Account(identity.email.clone())))
    }
}

/// Every address of an account, the primary one first.
pub(super) fn addresses(identity: &Identity) -> Vec<String> {
    std::iter::once(&identity.email).chain(&identity.aliases).cloned().collect()
}
