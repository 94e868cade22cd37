//! The one decision: does this account get the content key, and with which rights?
//!
//! [`evaluate`] is pure: policy, identity and moment go in; the granted rights or the refusal, with the rule that
//! decided, come out. The authority hands out a content key only together with a [`Decision`], which nothing else can
//! make.

use std::collections::HashMap;

use super::right::{OWNER, Right, RightSet};
use super::user::Identity;
use super::user_rights::Grant;
use crate::base::time::{Timestamp, Validity};

/// What decides about one publishing license, gathered from it and, for a template, from its current policy.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Policy {
    /// The account that protected the content (RM issuer), if the license tells.
    pub issuer: Option<String>,
    /// The account on whose behalf it was protected (RM owner).
    pub owner: Option<String>,
    /// Who gets what.
    pub grants: Vec<Grant>,
    /// When the content may be opened.
    pub validity: Validity,
    /// Days a use license may serve offline, already limited by the tenant's maximum.
    pub offline_days: u32,
    /// Set when the content was revoked.
    pub revoked: Option<Revoked>,
}

/// Who revoked the content.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Revoked {
    /// The RM issuer, who remains able to open it.
    ByIssuer,
    /// An administrator.
    ByAdministrator,
}

impl Revoked {
    /// True when the revocation does not hold for the RM issuer (`is_issuer`): it is the issuer's own.
    #[must_use]
    pub fn spares(self, is_issuer: bool) -> bool {
        is_issuer && self == Self::ByIssuer
    }
}

/// The rule that decided. Sources: `rights.md`, rules 2 to 7.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Rule {
    /// An enabled super user has OWNER on everything.
    SuperUser,
    /// The account that protected the content has OWNER.
    Issuer,
    /// The owner keeps what the policy gives it, whatever the term says.
    Owner,
    /// The entries that name the account, its groups or everyone.
    Entries,
}

impl Rule {
    /// Its name in logs and explanations. Names are never changed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SuperUser => "super-user",
            Self::Issuer => "issuer",
            Self::Owner => "owner",
            Self::Entries => "entries",
        }
    }
}

/// Why nothing is granted.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// The content was revoked.
    Revoked,
    /// The term has not begun.
    NotYetValid,
    /// The term is over.
    Expired,
    /// Entries name the account, but their time has not begun.
    EntryNotYetValid,
    /// Entries name the account, but their time is over.
    EntryExpired,
    /// No entry gives the account a right.
    NoRights,
}

impl Refusal {
    /// Its name in logs and explanations. Names are never changed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::NotYetValid => "before-term",
            Self::Expired => "after-term",
            Self::EntryNotYetValid => "before-entry",
            Self::EntryExpired => "after-entry",
            Self::NoRights => "no-entry",
        }
    }
}

/// A right that was granted, and the time in which it may be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GrantedRight {
    /// The right.
    pub right: Right,
    /// When it may be used.
    pub range: Validity,
}

/// The outcome of one evaluation for one identity at one moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GrantedRights {
    /// The rights; never empty.
    pub rights: Vec<GrantedRight>,
    /// The rule that decided.
    pub rule: Rule,
    /// The moment of the decision.
    pub decided: Timestamp,
    /// Until when the use license serves without asking again; `None` for those who may always open offline.
    pub offline_until: Option<Timestamp>,
    /// Until when it serves although the authority could be asked. Not later than `offline_until`; earlier for those
    /// who may always open offline, whose rights are looked at again after the offline days, and at once for super
    /// users, because each use of theirs is logged.
    pub fresh_until: Timestamp,
}

impl GrantedRights {
    /// Full control without end, for the account that publishes.
    #[must_use]
    pub fn full_control(rule: Rule, decided: Timestamp) -> Self {
        Self {
            rights: vec![GrantedRight { right: Right::read(OWNER), range: Validity::ALWAYS }],
            rule,
            decided,
            offline_until: None,
            fresh_until: decided,
        }
    }

    /// The same rights, serving some days before the authority is asked again.
    #[must_use]
    pub fn fresh_for(self, days: u32) -> Self {
        Self { fresh_until: self.decided.plus_days(days), ..self }
    }

    /// True when the right, or OWNER, may be used at the moment. Letter case does not matter; nothing is allocated.
    #[must_use]
    pub fn grants(&self, name: &str, moment: Timestamp) -> bool {
        self.rights
            .iter()
            .any(|granted| (granted.right.is(name) || granted.right.is(OWNER)) && granted.range.contains(moment))
    }

    /// True when the right, or OWNER, may be used at any moment.
    #[must_use]
    pub fn always_grants(&self, name: &str) -> bool {
        let serves = |granted: &GrantedRight| granted.right.is(name) || granted.right.is(OWNER);
        self.rights.iter().any(|granted| granted.range.is_always() && serves(granted))
    }

    /// True when the right, or OWNER, had not ended at `opened` and has begun. The present moment is asked for only
    /// when it had not begun at `opened`.
    #[must_use]
    pub fn grants_since(&self, name: &str, opened: Timestamp, now: impl Fn() -> Timestamp) -> bool {
        self.rights.iter().any(|granted| {
            let range = granted.range;
            (granted.right.is(name) || granted.right.is(OWNER))
                && !range.ended_at(opened)
                && (!range.begins_after(opened) || !range.begins_after(now()))
        })
    }

    /// True when the right, or OWNER, was granted, whether or not its time is over.
    #[must_use]
    pub fn ever_granted(&self, name: &str) -> bool {
        self.rights.iter().any(|granted| granted.right.is(name) || granted.right.is(OWNER))
    }

    /// The names of the rights, whether or not their time is over.
    #[must_use]
    pub fn names(&self) -> RightSet {
        self.rights.iter().map(|granted| granted.right.clone()).collect()
    }
}

/// A decision to grant. Made by [`evaluate`] alone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decision {
    granted: GrantedRights,
}

impl Decision {
    /// What was granted.
    #[must_use]
    pub fn granted(&self) -> &GrantedRights {
        &self.granted
    }

    /// What was granted.
    #[must_use]
    pub fn into_granted(self) -> GrantedRights {
        self.granted
    }
}

/// Decides.
///
/// # Errors
/// The [`Refusal`] that applies first, in the order revoked, the term, the time of entries, no rights.
pub fn evaluate(policy: &Policy, identity: &Identity, now: Timestamp) -> Result<Decision, Refusal> {
    let is = |account: &Option<String>| account.as_deref().is_some_and(|address| identity.is_known_as(address));
    let is_issuer = is(&policy.issuer);
    let is_owner = is(&policy.owner);

    if identity.super_user {
        // Offline for the usual days, whatever the end of the content; rule 7 exempts issuer and owner, also these.
        let offline_until = (!is_issuer && !is_owner).then(|| now.plus_days(policy.offline_days));
        let granted = GrantedRights { offline_until, ..GrantedRights::full_control(Rule::SuperUser, now) };
        return Ok(Decision { granted });
    }
    if policy.revoked.is_some_and(|revoked| !revoked.spares(is_issuer)) {
        return Err(Refusal::Revoked);
    }
    if is_issuer {
        let granted = GrantedRights::full_control(Rule::Issuer, now).fresh_for(policy.offline_days);
        return Ok(Decision { granted });
    }
    if !is_owner {
        if policy.validity.begins_after(now) {
            return Err(Refusal::NotYetValid);
        }
        if policy.validity.ended_at(now) {
            return Err(Refusal::Expired);
        }
    }

    let mut rights: Vec<GrantedRight> = Vec::new();
    // A license may grant as many names as fit into it, so the place of each is looked up, not searched.
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut timed_out = None;
    // The offline days, or the shortest interval of an entry that counts now.
    let mut days = policy.offline_days;
    for grant in policy.grants.iter().filter(|grant| grant.user.names(identity, is_owner)) {
        let range = if is_owner { Validity::ALWAYS } else { grant_range(policy, grant, now) };
        if !range.contains(now) {
            timed_out = timed_out.or(Some(if range.begins_after(now) {
                Refusal::EntryNotYetValid
            } else {
                Refusal::EntryExpired
            }));
            continue;
        }
        days = days.min(grant.interval_days.unwrap_or(days));
        let place = *places.entry(grant.right.name().to_ascii_uppercase()).or_insert(rights.len());
        match rights.get_mut(place) {
            // Two entries give the same right: the account has it as long as either lasts.
            Some(granted) => granted.range = longer(granted.range, range),
            None => rights.push(GrantedRight { right: grant.right.clone(), range }),
        }
    }
    if rights.is_empty() {
        return Err(timed_out.unwrap_or(Refusal::NoRights));
    }
    let rule = if is_owner { Rule::Owner } else { Rule::Entries };
    let days_end = now.plus_days(days);
    let (offline_until, fresh_until) = match policy.validity.until {
        _ if is_owner => (None, days_end),
        Some(end) => (Some(days_end.min(end)), days_end.min(end)),
        None => (Some(days_end), days_end),
    };
    Ok(Decision { granted: GrantedRights { rights, rule, decided: now, offline_until, fresh_until } })
}

/// The time of one entry: its own range within that of the content.
fn grant_range(policy: &Policy, grant: &Grant, now: Timestamp) -> Validity {
    let life =
        Validity { from: None, until: grant.interval_days.filter(|days| *days > 0).map(|days| now.plus_days(days)) };
    grant.range.and(policy.validity).and(life)
}

fn longer(a: Validity, b: Validity) -> Validity {
    Validity { from: a.from.min(b.from), until: a.until.zip(b.until).map(|(a, b)| a.max(b)) }
}

#[cfg(test)]
#[path = "evaluate_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "evaluate_properties.rs"]
mod properties;
