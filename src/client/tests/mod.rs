//! Use licenses over time: the worked cases of the rights page, seen by an application, with a clock that tests set.

mod ending_rights;
mod files;
mod keeping;
mod worked_cases;
mod writing;

use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use super::embedded::EmbeddedLicensor;
use super::*;
use crate::authority::{AuthorityKeys, LicensingAuthority};
use crate::base::guid::Guid;
use crate::base::locale::LocaleOrder;
use crate::base::os::OsAccount;
use crate::base::time::{Clock, Timestamp};
use crate::crypto::random::OsRandom;
use crate::crypto::seal::SealingKey;
use crate::error::{Error, ErrorKind, Result};
use crate::license::{ConnectionInfo, Term};
use crate::policy::{Grant, Right, RightsPolicyTemplate, User, UserRights, UserRightsList};
use crate::store::{AsOf, Founding, MemoryStore, Store};
use crate::xrml::publishing::SignedPublishingLicense;

const DANA: &str = "dana@contoso.example";
const LEE: &str = "lee@contoso.example";
const OMAR: &str = "omar@contoso.example";

/// A clock that stands still until it is set.
#[derive(Debug, Default)]
struct SetClock(AtomicU64);

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_filetime(self.0.load(Ordering::SeqCst))
    }
}

/// The embedded licensor, which counts how often it was asked and may be told that everything is revoked.
#[derive(Debug)]
struct Observed {
    inner: EmbeddedLicensor,
    asked: AtomicUsize,
    revoked: AtomicBool,
}

impl Licensor for Observed {
    fn connection(&self) -> &ConnectionInfo {
        self.inner.connection()
    }
    fn display_name(&self) -> &str {
        self.inner.display_name()
    }
    fn address_of(&self, account: &Account) -> Result<String> {
        self.inner.address_of(account)
    }
    fn templates(&self, account: &Account) -> Result<Vec<Arc<RightsPolicyTemplate>>> {
        self.inner.templates(account)
    }
    fn template(&self, id: Guid) -> Result<RightsPolicyTemplate> {
        self.inner.template(id)
    }
    fn publish(&self, request: &PublishRequest<'_>, account: &Account) -> Result<Published> {
        self.inner.publish(request, account)
    }
    fn is_named_by(&self, license: &SignedPublishingLicense) -> bool {
        self.inner.is_named_by(license)
    }
    fn acquire(&self, license: &SignedPublishingLicense, account: &Account) -> Result<Acquired> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        match self.revoked.load(Ordering::SeqCst) {
            true => Err(Error::new(ErrorKind::Revoked)),
            false => self.inner.acquire(license, account),
        }
    }
    fn subject(&self, account: &Account, as_of: &AsOf) -> Result<String> {
        self.inner.subject(account, as_of)
    }
    fn is_revoked(
        &self,
        _license: &SignedPublishingLicense,
        _account: &Account,
        offline: bool,
        _as_of: &AsOf,
    ) -> Result<bool> {
        Ok(!offline && self.revoked.load(Ordering::SeqCst))
    }
    fn reset_clock_mark(&self, account: &Account) -> Result<()> {
        self.inner.reset_clock_mark(account)
    }
}

/// An organization with a clock, and an application that uses it.
struct World {
    clock: Arc<SetClock>,
    store: Arc<dyn Store>,
    sealing: Arc<SealingKey>,
    licensor: Arc<Observed>,
    application: Environment,
}

impl World {
    /// The organization in the morning of 2024-03-01.
    fn new() -> Self {
        static FOUNDED: OnceLock<(Founding, Arc<SealingKey>)> = OnceLock::new();
        let (founding, sealing) = FOUNDED.get_or_init(|| {
            let sealing = SealingKey::generate(&OsRandom).unwrap();
            let founder = OsAccount { id: "uid:1".into(), login: "kim".into() };
            let now = Timestamp::parse("2024-01-01T00:00").unwrap();
            (Founding::new("Contoso", &founder, &sealing, &OsRandom, now).unwrap(), Arc::new(sealing))
        });
        Self::over(Arc::new(MemoryStore::new(founding.clone())), Arc::clone(sealing))
    }

    fn over(store: Arc<dyn Store>, sealing: Arc<SealingKey>) -> Self {
        let clock = Arc::new(SetClock::default());
        let keys = AuthorityKeys::load(&*store, &sealing).unwrap();
        let authority = LicensingAuthority::new(Arc::clone(&store), keys, clock.clone(), Arc::new(OsRandom));
        let inner = EmbeddedLicensor::new(authority, Arc::clone(&store));
        let (asked, revoked) = (AtomicUsize::new(0), AtomicBool::new(false));
        let licensor = Arc::new(Observed { inner, asked, revoked });
        let application =
            Environment::new(vec![licensor.clone()], LocaleOrder::default(), clock.clone(), Arc::new(OsRandom))
                .keeping_in(Arc::clone(&store));
        let world = Self { clock, store, sealing, licensor, application };
        world.at("2024-03-01T09:00");
        world
    }

    /// The same store and clock, seen by a process that was started just now.
    fn restarted(self) -> Self {
        let next = Self::over(self.store, self.sealing);
        next.clock.0.store(self.clock.0.load(Ordering::SeqCst), Ordering::SeqCst);
        next
    }

    fn at(&self, moment: &str) {
        self.clock.0.store(Timestamp::parse(moment).unwrap().filetime(), Ordering::SeqCst);
    }

    fn asked(&self) -> usize {
        self.licensor.asked.load(Ordering::SeqCst)
    }

    fn scratch(&self, entries: &[(&str, &[&str])]) -> Draft {
        let mut draft = self.application.draft_from_scratch(&ConnectionInfo::default()).unwrap();
        let list = entries.iter().map(|(user, rights)| UserRights {
            user: User::Email((*user).to_owned()),
            rights: rights.iter().map(|right| Right::read(right)).collect(),
        });
        draft.license.set_user_rights(UserRightsList(list.collect())).unwrap();
        draft
    }

    /// Dana's license; her own use license is kept nowhere, so that she asks like everybody else.
    fn publish(&self, draft: &Draft) -> Arc<[u8]> {
        let prompt = Prompt { keep: Keep::Nowhere, ..prompt(DANA) };
        Arc::clone(self.application.publish(draft, &prompt).unwrap().serialized())
    }

    fn open(&self, license: &[u8], who: &str) -> Result<Key> {
        self.application.open_key(license, &prompt(who))
    }

    /// A key that the authority was asked for, and whose use license is kept nowhere.
    fn open_keeping_nothing(&self, license: &[u8], who: &str) -> Key {
        self.application.open_key(license, &Prompt { keep: Keep::Nowhere, ..prompt(who) }).unwrap()
    }

    fn open_offline(&self, license: &[u8], who: &str) -> Result<Key> {
        self.application.open_key(license, &Prompt { offline: true, ..prompt(who) })
    }

    fn put_template(&self, rights: &[&str], offline_days: Option<u32>) -> RightsPolicyTemplate {
        let known = self.store.templates().unwrap().remove(0);
        let grants = rights.iter().map(|right| Grant::new(User::Anyone, Right::read(right))).collect();
        let template = RightsPolicyTemplate { grants, offline_days, modified: self.clock.now(), ..known };
        self.store.put_template(&template).unwrap();
        template
    }
}

fn prompt(who: &str) -> Prompt {
    Prompt::of(Account::Named(who.to_owned()))
}

fn until(moment: &str) -> Term {
    let (start, end) = (Timestamp::parse("2024-03-01T00:00").unwrap(), Timestamp::parse(moment).unwrap());
    Term { start, duration: end.filetime() - start.filetime() }
}

fn refusal(result: Result<Key>) -> ErrorKind {
    result.expect_err("refused").kind().clone()
}
