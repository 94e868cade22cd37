//! A large store, filled through the interfaces below the C layer: the directory in two changes, the log line by line.

use crate::api::ACCOUNT;
use msipc::authority::audit::{Event, LogFilter, Operation, Outcome, UsageLog};
use msipc::authority::{AuthorityKeys, LicensingAuthority};
use msipc::base::guid::Guid;
use msipc::base::locale::Lcid;
use msipc::base::time::SystemClock;
use msipc::crypto::random::{OsRandom, array};
use msipc::policy::template::ContentExpiry;
use msipc::policy::{Descriptor, Grant, Identity, Right, RightsPolicyTemplate, User};
use msipc::store::{Account, EmbeddedStore, Group, Store, StoreLocation, Unlock};
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// How much is put into the store.
pub struct Sizes {
    templates: usize,
    accounts: usize,
    groups: usize,
    lines: usize,
}

impl Sizes {
    pub fn divided_by(part: usize) -> Self {
        Self { templates: 1000 / part, accounts: 100_000 / part, groups: 5000 / part, lines: 1_000_000 / part }
    }
}

impl fmt::Display for Sizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { templates, accounts, groups, lines } = self;
        write!(f, "{templates} templates, {accounts} accounts in {groups} groups, {lines} lines of the usage log")
    }
}

/// Opens a store as the C layer does.
fn open(home: &Path) -> (Arc<EmbeddedStore>, LicensingAuthority) {
    let location = StoreLocation { data_dir: home.join("data"), config_dir: home.join("config"), name: None };
    let store = EmbeddedStore::open(&location, &Unlock::KeyFile, &OsRandom, &SystemClock).expect("the store");
    let keys = AuthorityKeys::load(&store, store.sealing_key()).expect("the keys");
    let log = UsageLog::new(location.data_folder(), keys.id, store.sealing_key()).expect("the log");
    let store = Arc::new(store);
    let authority = LicensingAuthority::new(store.clone(), keys, Arc::new(SystemClock), Arc::new(OsRandom));
    (store, authority.with_log(log))
}

fn user(n: usize) -> String {
    format!("user{n}@contoso.example")
}

fn group(n: usize) -> String {
    format!("group{n}@contoso.example")
}

/// Four groups in five hold accounts. The others hold groups, each of them in the one with a tenth of its number, so that
/// an account is in a chain of five. The account that opens is in as many groups as the directory has ways to it.
fn groups(sizes: &Sizes) -> Vec<Group> {
    let (upper, lower) = (sizes.groups / 5, sizes.groups - sizes.groups / 5);
    let mut groups: Vec<Group> = (0..sizes.groups).map(|n| Group { email: group(n), ..Group::default() }).collect();
    for n in 0..sizes.accounts {
        groups[n % lower].members.push(user(n));
        groups[(n * 7 + 1) % lower].members.push(user(n));
    }
    groups.iter_mut().for_each(|group| {
        group.members.sort();
        group.members.dedup();
    });
    for n in 0..lower {
        groups[lower + n % upper].members.push(group(n));
    }
    for n in 1..upper {
        groups[lower + n / 10].members.push(group(lower + n));
    }
    groups[1].members.push(ACCOUNT.to_owned());
    for n in 0..40.min(lower) {
        groups[n * lower / 40.min(lower)].members.push(ACCOUNT.to_owned());
    }
    groups
}

fn template(n: usize, id: Guid) -> RightsPolicyTemplate {
    let to = |address: String, right: &str| Grant::new(User::Email(address), Right::read(right));
    RightsPolicyTemplate {
        id,
        descriptors: vec![
            Descriptor { lcid: Lcid(1033), name: format!("Template {n}"), description: "For a team".into() },
            Descriptor { lcid: Lcid(1031), name: format!("Vorlage {n}"), description: "Für ein Team".into() },
        ],
        grants: ["VIEW", "EDIT", "PRINT", "EXTRACT"].map(|right| to(group(n), right)).to_vec(),
        expiry: ContentExpiry::Never,
        offline_days: None,
        enabled: true,
        // For two groups that hold the account, so that others are offered none of them.
        scope: vec![User::Email(group(1)), User::Email(group(0))],
        modified: msipc::base::time::Timestamp::from_unix_seconds(1_700_000_000),
    }
}

pub fn fill(home: &Path, sizes: &Sizes, mut tell: impl FnMut(String)) {
    let (store, authority) = open(home);
    let mut took = |what: &str, began: Instant| tell(format!("{what}: {:.1} s", began.elapsed().as_secs_f64()));

    let began = Instant::now();
    let mut accounts: Vec<Account> = (0..sizes.accounts)
        .map(|n| Account {
            display_name: format!("User {n}"),
            aliases: vec![format!("u{n}@alias.example")],
            ..Account::of(&user(n))
        })
        .collect();
    accounts.push(Account::of(ACCOUNT));
    store.put_accounts(&accounts).expect("the accounts");
    store.put_groups(&groups(sizes)).expect("the groups");
    took("directory", began);

    let began = Instant::now();
    for n in 0..sizes.templates {
        let id = Guid::from_random(array(&OsRandom).expect("random"));
        store.put_template(&template(n, id)).expect("a template");
    }
    took("templates", began);

    let began = Instant::now();
    for n in 0..sizes.lines {
        let mut event = Event::new(Operation::AcquireLicense, Outcome::Success, &user(n % sizes.accounts));
        event.content_id = format!("{{00000000-0000-4000-8000-{:012x}}}", n % 50_000);
        event.owner = user(n % 997);
        event.issuer.clone_from(&event.owner);
        event.rights = vec!["VIEW".into(), "EDIT".into()];
        authority.record(&event).expect("a line");
    }
    took("usage log", began);
}

/// What administrators ask of the log, and that nobody who opens a document waits for it.
pub fn look_at_the_log(home: &Path, mut tell: impl FnMut(String)) {
    let (_store, authority) = open(home);
    let administrator = Identity { administrator: true, ..Identity::of("administrator@contoso.example") };
    let mut timed = |what: &str, run: &mut dyn FnMut() -> usize| {
        let began = Instant::now();
        let count = run();
        tell(format!("{what}: {:.0} ms, {count} lines", began.elapsed().as_secs_f64() * 1e3));
    };
    let query = |filter: LogFilter| authority.query_log(&filter, &administrator).expect("lines").len();
    timed("the newest 100 lines", &mut || query(LogFilter { most: 100, ..LogFilter::default() }));
    timed("the lines of one document", &mut || {
        let content_id = Some("{00000000-0000-4000-8000-000000000007}".into());
        query(LogFilter { content_id, most: 1000, ..LogFilter::default() })
    });
    timed("the check of the whole log", &mut || {
        let checked = authority.verify_log(None, &administrator).expect("a report");
        assert_eq!(checked.problem, None);
        checked.lines as usize
    });
    let writers = std::thread::scope(|scope| {
        let checking = scope.spawn(|| authority.verify_log(None, &administrator).expect("a report"));
        let (mut longest, mut lines) = (0.0_f64, 0);
        while !checking.is_finished() {
            let began = Instant::now();
            authority.record(&Event::new(Operation::AcquireLicense, Outcome::Success, ACCOUNT)).expect("a line");
            longest = longest.max(began.elapsed().as_secs_f64() * 1e3);
            lines += 1;
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        (longest, lines)
    });
    tell(format!("the longest of {} writers meanwhile waited {:.1} ms", writers.1, writers.0));
}
