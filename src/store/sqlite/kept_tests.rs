//! What somebody with the database but without its key can do to use licenses and the clock mark: destroy them.

use rusqlite::Connection;

use crate::base::time::{SystemClock, Timestamp};
use crate::crypto::random::OsRandom;
use crate::store::{ClockMark, EmbeddedStore, KeptUseLicense, Store, StoreLocation, Unlock};

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
    place.execute("DROP TABLE use_licenses; DROP TABLE clock_mark; PRAGMA user_version = 1");
    let store = place.open();
    keep(&store, "lee@x.example", b"content");
    assert!(found(&store, "lee@x.example").is_some());
    assert_eq!(store.clock_mark().unwrap(), ClockMark::Unknown);
    assert_eq!(store.templates().unwrap(), templates);
}
