//! Granting: a publishing license and an account in, the content key with rights or a refusal out.

use super::LicensingAuthority;
use super::audit::Operation;
use super::record::{issuer_of, owner_of};
use crate::base::guid::Guid;
use crate::base::time::Timestamp;
use crate::base::trace::{self, Facts, Level};
use crate::cipher::ContentKey;
use crate::crypto::ed25519::SigningKey;
use crate::error::{Error, ErrorKind, Fact, Result};
use crate::license::{OwnerId, RightEntry, RightsData, RightsDataKind};
use crate::policy::evaluate::Revoked;
use crate::policy::right::OWNER;
use crate::policy::template::Retirement;
use crate::policy::user::same_address;
use crate::policy::{Decision, Grant, GrantedRights, Identity, Policy, Refusal, Right, User, evaluate};
use crate::xrml::publishing::SignedPublishingLicense;

/// A license that the authority has opened for itself. Its content key is reached only through a decision.
pub struct Opened {
    content_key: ContentKey,
    /// The rights document.
    pub rights_data: RightsData,
    /// What decides about it now.
    pub policy: Policy,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened").field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl Opened {
    /// Decides for an account.
    ///
    /// # Errors
    /// The refusal.
    pub fn decide(self, identity: &Identity, now: Timestamp) -> Result<Decided> {
        match evaluate(&self.policy, identity, now) {
            Ok(decision) => Ok(Decided { content_key: self.content_key, rights_data: self.rights_data, decision }),
            Err(refusal) => Err(refused(refusal, &self.policy, identity)),
        }
    }
}

/// An opened license together with the decision to grant something of it: the only way to its content key.
pub struct Decided {
    content_key: ContentKey,
    rights_data: RightsData,
    decision: Decision,
}

impl std::fmt::Debug for Decided {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decided").field("decision", &self.decision).finish_non_exhaustive()
    }
}

impl Decided {
    /// What was granted.
    #[must_use]
    pub fn granted(&self) -> &GrantedRights {
        self.decision.granted()
    }

    /// Lets the content key go.
    #[must_use]
    pub fn release(self) -> (ContentKey, RightsData, Decision) {
        (self.content_key, self.rights_data, self.decision)
    }
}

/// What the authority hands out for a license and an account.
pub struct Acquisition {
    /// The content key.
    pub content_key: ContentKey,
    /// Signs changed content; for those who may write, where the license has one.
    pub write_key: Option<SigningKey>,
    /// The rights document of the license.
    pub rights_data: RightsData,
    /// What was decided.
    pub decision: Decision,
}

impl std::fmt::Debug for Acquisition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Acquisition").field("decision", &self.decision).finish_non_exhaustive()
    }
}

impl LicensingAuthority {
    /// True when the license names this authority and its key.
    #[must_use]
    pub fn is_named_by(&self, license: &SignedPublishingLicense) -> bool {
        let server = &license.license().server;
        server.id.as_deref().and_then(Guid::parse) == Some(self.keys.id)
            && server.modulus == self.keys.signing.public().modulus_be()
    }

    /// Opens a license: its signature and trust are checked, its key unsealed, its policy gathered.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownAuthority`], [`ErrorKind::BadChain`], [`ErrorKind::BadEnablingBits`],
    /// [`ErrorKind::BadRightsData`], or [`ErrorKind::BadSignature`] for a forged template.
    pub fn open(&self, license: &SignedPublishingLicense) -> Result<Opened> {
        license.check_server(&self.keys.id.to_string(), self.keys.signing.public())?;
        let content_key = license.unseal(&self.keys.signing, &*self.random)?;
        let rights_data = license.rights_data(&content_key)?;
        let policy = self.policy(license, &rights_data)?;
        Ok(Opened { content_key, rights_data, policy })
    }

    /// True when the content of a license was revoked, for whomever.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn is_revoked(&self, license: &SignedPublishingLicense) -> Result<bool> {
        Ok(self.revocation_of(license)?.is_some())
    }

    /// Decides about a license for an account and hands out its content key with the granted rights.
    ///
    /// # Errors
    /// As [`LicensingAuthority::open`]; when the usage log cannot be written; [`ErrorKind::RightNotGranted`], [`ErrorKind::Expired`],
    /// [`ErrorKind::NotYetValid`] or [`ErrorKind::Revoked`] when the decision is no.
    pub fn acquire(&self, license: &SignedPublishingLicense, identity: &Identity) -> Result<Acquisition> {
        let mut event = self.event_about(Operation::AcquireLicense, identity, license);
        let content_id = || license.license().content_id.clone();
        let decided = self.open(license).and_then(|opened| opened.decide(identity, self.now())).and_then(|decided| {
            let write_key = self.write_key_for(decided.granted(), license)?;
            Ok((decided, write_key))
        });
        let decided = decided.map_err(|error| {
            let error = error.fact("account", Fact::Account(identity.email.clone()));
            error.fact("content_id", Fact::Text(content_id()))
        });
        match &decided {
            Ok((decided, _)) => {
                let granted = decided.granted();
                event.tell_grant(granted);
                trace::tell(Level::Info, "license.granted", || granted_facts(granted, identity, content_id()));
            }
            Err(error) => trace::tell(Level::Warning, "license.refused", || refused_facts(error)),
        }
        // Written before the key is let go: no line, no key.
        let (decided, write_key) = self.recorded(event, decided)?;
        let (content_key, rights_data, decision) = decided.release();
        Ok(Acquisition { content_key, write_key, rights_data, decision })
    }

    /// What decides about a license now: for a template that the authority knows its current policy, else what the
    /// license seals (rules 6 and 7 of the rights page).
    fn policy(&self, license: &SignedPublishingLicense, rights: &RightsData) -> Result<Policy> {
        let facts = license.license();
        let max = self.store.settings()?.offline_days_max;
        let (issuer, owner) = match license.is_online() {
            true => (issuer_of(license), owner_of(license)),
            false => roles_of_offline(license, rights),
        };

        let (template, retirement) = match template_id(license, rights)? {
            Some(id) => self.known_template(id)?,
            None => (None, None),
        };
        // The sealed template counts here; what the license shows counts where revocation is asked for without key.
        let revoked = match retirement {
            Some(Retirement::Revoked) => Some(Revoked::ByAdministrator),
            Some(Retirement::Frozen) | None => self.revocation_of(license)?,
        };
        let (grants, validity, offline_days) = match template {
            Some(template) => {
                let mut grants = vec![Grant::new(User::Owner, Right::read(OWNER))];
                grants.extend(template.grants);
                (grants, template.expiry.validity(facts.issued), template.offline_days)
            }
            None => {
                (rights.rights.iter().map(RightEntry::grant).collect(), rights.validity(facts), rights.interval_days())
            }
        };
        Ok(Policy {
            issuer,
            owner,
            grants,
            // The term that the license states in the clear is never widened by what it seals.
            validity: validity.and(facts.validity),
            offline_days: offline_days.unwrap_or(max).min(max),
            revoked,
        })
    }
}

fn granted_facts(granted: &GrantedRights, identity: &Identity, content_id: String) -> Facts {
    let rights: Vec<&str> = granted.rights.iter().map(|granted| granted.right.name()).collect();
    let until = granted.offline_until.map_or_else(|| "always".to_owned(), Timestamp::text);
    vec![
        trace::account(&identity.email),
        trace::text("content_id", content_id),
        trace::text("rule", granted.rule.name()),
        trace::text("rights", rights.join(",")),
        trace::text("offline_until", until),
    ]
}

fn refused_facts(error: &Error) -> Facts {
    let mut facts = vec![trace::text("kind", error.kind().name())];
    facts.extend(error.kind().subject());
    facts.extend(error.facts().iter().cloned());
    facts
}

fn address_of(owner: &OwnerId) -> Option<String> {
    owner.name.clone().or_else(|| owner.id.clone())
}

/// Issuer and owner of a license that an account signed in the place of the authority.
///
/// Whoever may sign can put the sealed key of somebody else's license, which is bound to the authority alone, and the
/// encrypted rights beside it into a license of its own. So the license is not believed that its signer protected the
/// content: only the rights document, which nobody writes without the content key, makes an account the owner, and the
/// signer the issuer when it is that owner. Everybody else has what the entries give.
fn roles_of_offline(license: &SignedPublishingLicense, rights: &RightsData) -> (Option<String>, Option<String>) {
    let facts = license.license();
    let same_content = rights.content_id.as_deref().is_some_and(|id| same_guid(id, &facts.content_id));
    let owner = if same_content { rights.owner.as_ref().and_then(address_of) } else { None };
    let signer = license.certified_issuer().and_then(|issuer| issuer.name.clone());
    let issuer = signer.filter(|signer| owner.as_ref().is_some_and(|owner| same_address(signer, owner)));
    (issuer, owner)
}

/// The template that a license was made from, as the authority signed it.
fn template_id(license: &SignedPublishingLicense, rights: &RightsData) -> Result<Option<Guid>> {
    if rights.kind != RightsDataKind::OfficialTemplate {
        return Ok(None);
    }
    let sealed = rights.descriptor.as_ref().and_then(|descriptor| Guid::parse(descriptor.id.trim()));
    let shown = license.license().descriptor.as_ref().and_then(|descriptor| Guid::parse(descriptor.id.trim()));
    if shown.is_some() && shown != sealed {
        return Err(Error::with(ErrorKind::BadRightsData, "the license names another template than it holds"));
    }
    Ok(sealed)
}

fn same_guid(a: &str, b: &str) -> bool {
    let (a, b) = (Guid::parse(a.trim()), Guid::parse(b.trim()));
    a.is_some() && a == b
}

fn refused(refusal: Refusal, policy: &Policy, identity: &Identity) -> Error {
    let term = |moment: Option<Timestamp>| moment.map(|moment| moment.text()).unwrap_or_default();
    let error = match refusal {
        Refusal::Revoked => Error::new(ErrorKind::Revoked),
        Refusal::Expired => {
            Error::with(ErrorKind::Expired, format!("its validity ended at {} UTC", term(policy.validity.until)))
        }
        Refusal::NotYetValid => {
            Error::with(ErrorKind::NotYetValid, format!("its validity begins at {} UTC", term(policy.validity.from)))
        }
        Refusal::EntryExpired => Error::with(ErrorKind::Expired, "the rights of this account have ended"),
        Refusal::EntryNotYetValid => Error::with(ErrorKind::NotYetValid, "the rights of this account begin later"),
        Refusal::NoRights => Error::with(
            ErrorKind::RightNotGranted { right: String::new() },
            format!("no entry of the policy names {} or a group of that account", identity.email),
        ),
    };
    error.rule(refusal.name())
}
