//! What somebody with the database but without its key can do to use licenses and the clock mark: destroy them.

use rusqlite::Connection;

use crate::base::time::{SystemClock, Timestamp};
use crate::crypto::random::OsRandom;
use crate::store::{ClockMark, EmbeddedStore, KeptUseLicense, Remembered, Store, StoreLocation, Unlock};

const LICENSE: [u8; 32] = [7; 32];

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn open(&self) -> EmbeddedStore {
        let location = StoreLocation {
            data_dir: self.folder.path().join("data"),
            config_dir: self.folder.path().join("config"),
            name: None,
        };
        EmbeddedStore::open(&location, &Unlock::KeyFile, &OsRandom, &SystemClock).unwrap()
    }

    fn execute(&self, sql: &str) {
        let db = Connection::open(self.folder.path().join("data/authority.db")).unwrap();
        db.execute_batch(sql).unwrap();
    }
}

fn moment(day: u64) -> Timestamp {
    Timestamp::from_filetime(133_500_000_000_000_000 + day * Timestamp::DAY)
}

fn keep(store: &dyn Store, account: &str, content: &[u8]) {
    let kept = KeptUseLicense {
        account: account.into(),
        license: LICENSE,
        issued: moment(0),
        until: Some(moment(30)),
        content: content.to_vec().into(),
    };
    store.keep_use_license(&kept, &OsRandom).unwrap();
}

fn found(store: &dyn Store, account: &str) -> Option<Vec<u8>> {
    store.use_license(account, &LICENSE).unwrap().map(|kept| kept.content.to_vec())
}

#[test]
fn use_licenses_and_mark_survive_and_are_not_readable_in_the_files() {
    let place = Place::new();
    let store = place.open();
    keep(&store, "lee@x.example", b"a content key that nobody sees");
    store.raise_clock_mark(moment(3), &OsRandom).unwrap();
    for file in ["authority.db", "authority.db-wal"] {
        let bytes = std::fs::read(place.folder.path().join("data").join(file)).unwrap();
        assert!(!bytes.windows(11).any(|window| window == b"content key"), "{file}");
    }
    drop(store);
    let store = place.open();
    assert_eq!(found(&store, "lee@x.example").unwrap(), b"a content key that nobody sees");
    assert_eq!(store.clock_mark().unwrap(), ClockMark::At(moment(3)));
}

#[test]
fn use_licenses_that_were_changed_or_moved_count_as_missing() {
    for change in [
        "UPDATE use_licenses SET until = until + 1",
        "UPDATE use_licenses SET until = NULL",
        "UPDATE use_licenses SET issued = issued + 1",
        "UPDATE use_licenses SET account = 'eve@x.example'",
        "UPDATE use_licenses SET license = zeroblob(32)",
        "UPDATE use_licenses SET sealed = zeroblob(64)",
        "UPDATE use_licenses SET sealed = x''",
    ] {
        let place = Place::new();
        let store = place.open();
        keep(&store, "lee@x.example", b"content");
        assert!(found(&store, "lee@x.example").is_some());
        place.execute(change);
        for account in ["lee@x.example", "eve@x.example"] {
            assert_eq!(found(&store, account), None, "{change}");
        }
        assert!(store.use_license("lee@x.example", &[0; 32]).unwrap().is_none(), "{change}");
        keep(&store, "lee@x.example", b"anew");
        assert_eq!(found(&store, "lee@x.example").unwrap(), b"anew");
    }
}

#[test]
fn use_licenses_of_another_store_count_as_missing() {
    let (place, other) = (Place::new(), Place::new());
    keep(&other.open(), "lee@x.example", b"content");
    drop(place.open());
    let theirs = other.folder.path().join("data/authority.db");
    place.execute(&format!(
        "ATTACH '{}' AS theirs; INSERT INTO use_licenses SELECT * FROM theirs.use_licenses",
        theirs.display()
    ));
    assert_eq!(found(&place.open(), "lee@x.example"), None);
}

#[test]
fn a_clock_mark_that_was_set_back_by_hand_is_noticed_until_it_is_reset() {
    let place = Place::new();
    let store = place.open();
    store.raise_clock_mark(moment(9), &OsRandom).unwrap();
    place.execute("UPDATE clock_mark SET moment = moment - 1");
    assert_eq!(store.clock_mark().unwrap(), ClockMark::Forged);
    store.raise_clock_mark(moment(10), &OsRandom).unwrap();
    assert_eq!(store.clock_mark().unwrap(), ClockMark::Forged, "time does not heal it");
    store.reset_clock_mark(moment(2), &OsRandom).unwrap();
    assert_eq!(store.clock_mark().unwrap(), ClockMark::At(moment(2)));
    place.execute("UPDATE clock_mark SET moment = -1");
    assert_eq!(store.clock_mark().unwrap(), ClockMark::Forged);
}

#[test]
fn a_store_of_the_first_version_is_brought_up_to_date() {
    let place = Place::new();
    let templates = place.open().templates().unwrap();
    place.execute("DROP INDEX administrators; ALTER TABLE unlock DROP COLUMN wrapped_key");
    place.execute("ALTER TABLE templates DROP COLUMN retired; DROP TABLE template_scopes");
    place.execute("DROP TABLE token_domains; DROP TABLE token_issuers; DROP TABLE service_principals");
    place.execute("DROP TABLE certificates");
    place.execute("DROP TABLE use_licenses; DROP TABLE clock_mark");
    place.execute("DROP TABLE revocations; DROP TABLE revocation_number; DROP TABLE revocation_lists");
    place.execute("DROP TABLE documents; DROP TABLE log_checkpoints; PRAGMA user_version = 1");
    let store = place.open();
    keep(&store, "lee@x.example", b"content");
    assert!(found(&store, "lee@x.example").is_some());
    assert_eq!(store.clock_mark().unwrap(), ClockMark::Unknown);
    assert_eq!(store.templates().unwrap(), templates);
}

#[test]
fn the_version_changes_with_every_change_of_whomever() {
    let place = Place::new();
    let (store, other) = (place.open(), place.open());
    let mut versions = vec![store.version().unwrap().unwrap()];
    let mut changed = |what: &str| {
        let now = store.version().unwrap().unwrap();
        assert!(!versions.contains(&now), "{what}");
        assert_eq!(store.version().unwrap(), Some(now), "looking changes nothing");
        versions.push(now);
    };
    keep(&store, "lee@x.example", b"content");
    changed("without sync");
    store.set_offline_days_max(7).unwrap();
    changed("with sync");
    other.set_offline_days_max(8).unwrap();
    changed("another connection");
    place.execute("DELETE FROM use_licenses");
    changed("another program");
    store.settings().unwrap();
    other.settings().unwrap();
    assert_eq!(store.version().unwrap().as_ref(), versions.last(), "reading changes nothing");
}

#[test]
fn answers_are_remembered_until_the_store_changes() {
    let place = Place::new();
    let (store, other) = (place.open(), place.open());
    let remembered = Remembered::at_most(2);
    let asked = std::cell::Cell::new(0);
    let days = |question: &'static str| {
        remembered.get(&store, question, |_| {
            asked.set(asked.get() + 1);
            Ok(store.settings()?.offline_days_max)
        })
    };
    assert_eq!((days("a").unwrap(), days("a").unwrap(), asked.get()), (30, 30, 1));
    assert_eq!((days("b").unwrap(), asked.get()), (30, 2));
    other.set_offline_days_max(7).unwrap();
    assert_eq!((days("a").unwrap(), days("b").unwrap(), asked.get()), (7, 7, 4));
    assert_eq!((days("c").unwrap(), days("a").unwrap(), asked.get()), (7, 7, 6), "full, so it began anew");
    assert!(remembered.get(&store, "d", |_| Err(crate::ErrorKind::Internal.into())).is_err());
    assert_eq!((days("d").unwrap(), asked.get()), (7, 7), "failures are not remembered");
}

#[test]
fn many_at_once_lose_nothing() {
    const THREADS: u64 = 4;
    const ROUNDS: u64 = 25;
    let place = Place::new();
    let stores = [place.open(), place.open()];
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let store = &stores[usize::try_from(thread % 2).unwrap()];
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    let account = format!("lee{thread}.{round}@x.example");
                    keep(store, &account, account.as_bytes());
                    assert_eq!(found(store, &account).unwrap(), account.as_bytes());
                    store.raise_clock_mark(moment(round * THREADS + thread), &OsRandom).unwrap();
                    assert!(matches!(store.clock_mark().unwrap(), ClockMark::At(mark) if mark >= moment(round)));
                    store.version().unwrap();
                }
            });
        }
    });
    for thread in 0..THREADS {
        for round in 0..ROUNDS {
            assert!(found(&stores[0], &format!("lee{thread}.{round}@x.example")).is_some());
        }
    }
    assert_eq!(stores[1].clock_mark().unwrap(), ClockMark::At(moment(ROUNDS * THREADS - 1)));
}
