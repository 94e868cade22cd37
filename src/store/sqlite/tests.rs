#![allow(clippy::unwrap_used, reason = "a test that unwraps fails with the place and the error")]
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::open::{Opening, Step};
use super::*;
use crate::base::time::SystemClock;
use crate::crypto::digest::HashAlgorithm;
use crate::crypto::random::OsRandom;
use crate::crypto::rsa::RsaPrivateKey;
use crate::store::conformance;

/// A place for a store that goes away with the test.
pub(super) struct Place {
    folder: tempfile::TempDir,
    location: StoreLocation,
}

impl Place {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let location = location_in(folder.path());
        Self { folder, location }
    }

    fn data(&self, file: &str) -> PathBuf {
        self.location.data_dir.join(file)
    }

    fn database(&self) -> PathBuf {
        self.data("authority.db")
    }

    fn key(&self) -> PathBuf {
        self.location.config_dir.join("store.key")
    }

    pub(super) fn open(&self) -> Result<EmbeddedStore> {
        open_at(&self.location, &Unlock::KeyFile, None)
    }

    fn open_with(&self, passphrase: &str) -> Result<EmbeddedStore> {
        open_at(&self.location, &Unlock::Passphrase(Zeroizing::new(passphrase.into())), None)
    }

    /// Opens, expects a refusal, and gives its text.
    fn refusal(&self) -> String {
        refusal(self.open())
    }
}

fn location_in(folder: &Path) -> StoreLocation {
    StoreLocation { data_dir: folder.join("data"), config_dir: folder.join("config"), name: None }
}

fn open_at(location: &StoreLocation, unlock: &Unlock, stop: Option<Step>) -> Result<EmbeddedStore> {
    let organization = Some("Fabrikam".into());
    let (random, clock) = (&OsRandom, &SystemClock);
    Opening { location, unlock, founder: conformance::founder(), organization, random, clock, stop }.open()
}

fn refusal(result: Result<EmbeddedStore>) -> String {
    let error = result.expect_err("refused");
    assert_eq!(error.kind(), &ErrorKind::StoreUnusable, "{error}");
    error.to_string()
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// The signing key of a store, proven to be the one of its record.
fn signing_key(store: &EmbeddedStore) -> RsaPrivateKey {
    let record = store.authority().unwrap();
    let binding = AuthorityRecord::binding(record.id, crate::store::SIGNING_KEY);
    let private = store.sealing_key().open(&binding, &record.sealed_signing_key).unwrap();
    let key = RsaPrivateKey::from_pkcs8_der(&private).unwrap();
    assert_eq!(key.public().modulus_be(), record.modulus);
    let signature = key.sign_sha256(b"license").unwrap();
    key.public().verify(HashAlgorithm::Sha256, b"license", &signature).unwrap();
    key
}

fn is_usable(store: &EmbeddedStore) {
    signing_key(store);
    assert_eq!(store.templates().unwrap().len(), 2);
    assert!(store.accounts().unwrap()[0].administrator);
}

#[test]
fn embedded_store_conforms() {
    let places = std::cell::RefCell::new(Vec::new());
    conformance::run(&|| {
        let place = Place::new();
        let store = place.open().unwrap();
        places.borrow_mut().push(place);
        Box::new(store)
    });
}

#[test]
fn a_store_is_made_once_and_survives_being_closed() {
    let place = Place::new();
    let first = place.open().unwrap();
    is_usable(&first);
    let record = first.authority().unwrap();
    let templates = first.templates().unwrap();
    first.set_offline_days_max(3).unwrap();
    drop(first);
    let clock = SystemClock;
    let again = Opening {
        location: &place.location,
        unlock: &Unlock::KeyFile,
        founder: OsAccount { id: "uid:99".into(), login: "other".into() },
        organization: Some("Contoso".into()),
        random: &OsRandom,
        clock: &clock,
        stop: None,
    }
    .open()
    .unwrap();
    is_usable(&again);
    assert_eq!(again.authority().unwrap(), record, "the organization is fixed when the store is made");
    assert_eq!(again.templates().unwrap(), templates, "so are the ids of the templates");
    assert_eq!(again.settings().unwrap().offline_days_max, 3);
}

#[test]
fn everything_on_disk_is_private() {
    let place = Place::new();
    let store = place.open().unwrap();
    store.set_offline_days_max(3).unwrap();
    for folder in [&place.location.data_dir, &place.location.config_dir] {
        assert_eq!(fs::metadata(folder).unwrap().mode() & 0o777, 0o700);
    }
    let mut files = 0;
    for folder in [&place.location.data_dir, &place.location.config_dir] {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            assert_eq!(entry.metadata().unwrap().mode() & 0o777, 0o600, "{:?}", entry.path());
            files += 1;
        }
    }
    assert_eq!(files, 5, "database, log, its index, lock and key");
    assert_eq!(fs::read(place.key()).unwrap().len(), 32);
}

#[test]
fn no_secret_is_in_the_database() {
    let place = Place::new();
    let store = place.open_with("correct horse battery staple").unwrap();
    let signing = signing_key(&store);
    let private = signing.to_pkcs8_der().unwrap();
    let modulus = signing.public().modulus_be();
    let public_end = private.windows(modulus.len()).position(|w| w == modulus).unwrap() + modulus.len();
    let mut secrets: Vec<&[u8]> = private[public_end + 16..].chunks_exact(16).collect();
    assert!(secrets.len() > 40);
    secrets.extend([b"correct horse".as_slice(), b"battery staple", store.sealing_key().expose_bytes()]);
    for file in ["authority.db", "authority.db-wal"] {
        let bytes = fs::read(place.data(file)).unwrap();
        for secret in &secrets {
            assert!(!bytes.windows(secret.len()).any(|w| w == *secret), "{file}");
        }
    }
    let bytes = fs::read(place.database()).unwrap();
    assert!(bytes.windows(modulus.len()).any(|w| w == modulus), "the search finds what is there");
    assert!(!format!("{store:?} {:?}", Unlock::Passphrase(Zeroizing::new("hush".into()))).contains("hush"));
}

#[test]
fn a_stop_at_any_step_is_completed_by_the_next_opening() {
    use Step::{DatabaseBegun, DatabaseBuilt, DatabaseInPlace, KeyInPlace, Locked};
    for step in [Locked, KeyInPlace, DatabaseBegun, DatabaseBuilt, DatabaseInPlace] {
        let place = Place::new();
        // Twice, so that the leavings of one attempt meet the next.
        for _ in 0..2 {
            let outcome = open_at(&place.location, &Unlock::KeyFile, Some(step));
            if step == DatabaseInPlace && outcome.is_ok() {
                continue;
            }
            assert_eq!(outcome.unwrap_err().kind(), &ErrorKind::Internal, "{step:?}");
            assert_eq!(place.database().exists(), step == DatabaseInPlace, "{step:?}");
        }
        let key = fs::read(place.key()).ok();
        assert_eq!(key.is_some(), step != Locked, "{step:?}");
        let store = place.open().unwrap();
        is_usable(&store);
        if let Some(key) = key {
            assert_eq!(fs::read(place.key()).unwrap(), key, "the key file is used again");
        }
        assert!(!place.data("authority.db.new").exists(), "{step:?}");
    }
}

#[test]
fn leavings_of_a_crash_are_never_trusted() {
    let donor = Place::new();
    drop(donor.open().unwrap());
    let foreign = fs::read(donor.database()).unwrap();

    let place = Place::new();
    drop(open_at(&place.location, &Unlock::KeyFile, Some(Step::Locked)).unwrap_err());
    // Half a database, a log and a journal for it, half a key.
    for (file, content) in [("", &foreign[..foreign.len() / 2]), ("-wal", &foreign), ("-shm", b"x"), ("-journal", b"x")]
    {
        fs::write(place.data(&format!("authority.db.new{file}")), content).unwrap();
    }
    fs::create_dir(&place.location.config_dir).unwrap();
    set_mode(&place.location.config_dir, 0o700);
    fs::write(place.location.config_dir.join("store.key.new"), b"half").unwrap();
    let store = place.open().unwrap();
    is_usable(&store);
    assert_ne!(store.authority().unwrap().id, donor.open().unwrap().authority().unwrap().id);
    let left: Vec<_> = fs::read_dir(&place.location.data_dir).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains(".new")), "{left:?}");
    assert!(!place.location.config_dir.join("store.key.new").exists());
}

#[test]
fn a_database_without_its_key_is_an_error_and_stays() {
    let place = Place::new();
    let id = place.open().unwrap().authority().unwrap().id;
    let key = fs::read(place.key()).unwrap();

    fs::remove_file(place.key()).unwrap();
    let text = place.refusal();
    assert!(text.contains("key file is missing") && text.contains(place.key().to_str().unwrap()), "{text}");
    assert!(!place.key().exists(), "no new key is made");
    fs::remove_dir(&place.location.config_dir).unwrap();
    assert!(place.refusal().contains("key file is missing"));
    assert!(!place.location.config_dir.exists());

    fs::create_dir(&place.location.config_dir).unwrap();
    set_mode(&place.location.config_dir, 0o700);
    let put = |bytes: &[u8]| {
        fs::write(place.key(), bytes).unwrap();
        set_mode(&place.key(), 0o600);
    };
    put(&[7; 32]);
    assert!(place.refusal().contains("belongs to another store"));
    put(&key[..31]);
    assert!(place.refusal().contains("31 bytes"));
    put(b"");
    assert!(place.refusal().contains("0 bytes"));
    put(&[7; 33]);
    assert!(place.refusal().contains("longer than 32"));
    put(&key);
    assert_eq!(place.open().unwrap().authority().unwrap().id, id);
}

#[test]
fn a_passphrase_unlocks_its_store_alone() {
    let place = Place::new();
    let id = place.open_with("one").unwrap().authority().unwrap().id;
    assert!(!place.location.config_dir.exists(), "no key file");
    assert_eq!(place.open_with("one").unwrap().authority().unwrap().id, id);
    let text = refusal(place.open_with("two"));
    assert!(text.contains("the passphrase is wrong") && !text.contains("two"), "{text}");
    assert!(place.refusal().contains("opens with a passphrase"));
    assert_eq!(place.open_with("").unwrap_err().kind(), &ErrorKind::InvalidArgument { what: "passphrase" });

    let other = Place::new();
    drop(other.open().unwrap());
    assert!(refusal(other.open_with("one")).contains("opens with a key file"));
    assert!(Place::new().open_with("").is_err());
}

#[test]
fn a_passphrase_is_changed_whole_and_the_key_stays() {
    let place = Place::new();
    let store = place.open_with("one").unwrap();
    let key = *store.sealing_key().expose_bytes();
    let change = |store: &EmbeddedStore, current, new| store.change_passphrase(current, new, &OsRandom);
    assert_eq!(change(&store, "two", "three").unwrap_err().kind(), &ErrorKind::NotAuthenticated);
    assert_eq!(change(&store, "one", "").unwrap_err().kind(), &ErrorKind::InvalidArgument { what: "passphrase" });
    assert_eq!(place.open_with("one").unwrap().sealing_key().expose_bytes(), &key, "nothing was changed");

    for (current, new) in [("one", "two"), ("two", "three"), ("three", "one"), ("one", "one")] {
        change(&store, current, new).unwrap();
        let again = place.open_with(new).unwrap();
        assert_eq!(again.sealing_key().expose_bytes(), &key, "{new}");
        is_usable(&again);
        is_usable(&store);
        if current != new {
            assert!(refusal(place.open_with(current)).contains("the passphrase is wrong"), "{current}");
        }
    }
    let prepared = |new: &str| {
        let lock = store.read(super::lock::Lock::read).unwrap();
        let (id, key) = (store.authority.id, &store.sealing);
        super::lock::NewPassphrase::prepare(&lock, id, key, ("one", new), &OsRandom).unwrap()
    };
    // Two at once: the second one finds another passphrase than it had checked. One that is not kept changes nothing.
    let (first, second) = (prepared("four"), prepared("five"));
    store.write(|db| first.keep(db)).unwrap();
    assert_eq!(store.write(|db| second.keep(db)).unwrap_err().kind(), &ErrorKind::NotAuthenticated);
    assert_eq!(place.open_with("four").unwrap().sealing_key().expose_bytes(), &key);
    assert!(place.open_with("five").is_err());

    let unlock = "UPDATE unlock SET wrapped_key = zeroblob(60)";
    Connection::open(place.database()).unwrap().execute_batch(unlock).unwrap();
    assert!(refusal(place.open_with("four")).contains("the passphrase is wrong"));

    let without = Place::new();
    let store = without.open().unwrap();
    assert_eq!(change(&store, "one", "two").unwrap_err().kind(), &ErrorKind::NotSupported);
    is_usable(&without.open().unwrap());
}

#[test]
fn a_cheap_derivation_is_refused() {
    let place = Place::new();
    drop(place.open_with("one").unwrap());
    let db = Connection::open(place.database()).unwrap();
    for change in ["memory_kib = 8", "memory_kib = 4000000", "passes = 1", "lanes = 0", "lanes = -1", "salt = x''"] {
        db.execute_batch(&format!("BEGIN; UPDATE unlock SET {change}; COMMIT;")).unwrap();
        let text = refusal(place.open_with("one"));
        assert!(!text.contains("passphrase is wrong"), "{change}: {text}");
        db.execute_batch("UPDATE unlock SET memory_kib = 65536, passes = 3, lanes = 1").unwrap();
    }
}

#[test]
fn places_open_to_others_are_refused() {
    let place = Place::new();
    // A store that is in use has all of its files.
    let _store = place.open().unwrap();
    let files = [place.database(), place.data("authority.db-wal"), place.data("authority.db-shm"), place.key()];
    for path in &files {
        for mode in [0o644, 0o660, 0o602] {
            set_mode(path, mode);
            let text = place.refusal();
            assert!(text.contains("chmod 600") && text.contains(path.to_str().unwrap()), "{text}");
        }
        set_mode(path, 0o600);
    }
    for folder in [&place.location.data_dir, &place.location.config_dir] {
        set_mode(folder, 0o750);
        let text = place.refusal();
        assert!(text.contains("chmod 700") && text.contains(folder.to_str().unwrap()), "{text}");
        set_mode(folder, 0o700);
    }
    is_usable(&place.open().unwrap());

    // Giving files away takes root.
    for path in files.iter().chain([&place.location.data_dir, &place.location.config_dir]) {
        let owner = fs::metadata(path).unwrap().uid();
        if chown(path, Some(12345), None).is_ok() {
            assert!(place.refusal().contains("belongs to user 12345"));
            chown(path, Some(owner), None).unwrap();
        }
    }
}

#[test]
fn links_are_refused() {
    let place = Place::new();
    drop(place.open().unwrap());
    for path in [place.location.data_dir.clone(), place.location.config_dir.clone(), place.database(), place.key()] {
        let moved = place.folder.path().join("moved");
        fs::rename(&path, &moved).unwrap();
        symlink(&moved, &path).unwrap();
        let text = place.refusal();
        assert!(text.contains("symbolic link") && text.contains(path.to_str().unwrap()), "{text}");
        fs::remove_file(&path).unwrap();
        symlink("/nowhere/at/all", &path).unwrap();
        assert!(place.refusal().contains("symbolic link"), "dangling");
        fs::remove_file(&path).unwrap();
        fs::rename(&moved, &path).unwrap();
    }
    is_usable(&place.open().unwrap());
}

#[test]
fn databases_of_others_are_refused_and_left_alone() {
    let place = Place::new();
    drop(place.open().unwrap());
    let newer = fs::read(place.database()).unwrap();
    let mut cases = vec![Vec::new(), b"not a database, but long enough to look at twice".repeat(100)];
    let scratch = place.folder.path().join("scratch");
    Connection::open(&scratch).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
    cases.push(fs::read(&scratch).unwrap());
    cases.push(newer[..newer.len() / 2].to_vec());
    for content in cases {
        fs::write(place.database(), &content).unwrap();
        place.refusal();
        assert_eq!(fs::read(place.database()).unwrap(), content);
    }
    fs::write(place.database(), &newer).unwrap();
    let db = Connection::open(place.database()).unwrap();
    let version: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    db.pragma_update(None, "user_version", version + 1).unwrap();
    drop(db);
    assert!(place.refusal().contains("newer version"));
}

#[test]
fn names_make_stores_of_their_own() {
    let place = Place::new();
    let named = |name: &str| StoreLocation { name: Some(name.into()), ..place.location.clone() };
    let open = |location: &StoreLocation| open_at(location, &Unlock::KeyFile, None);
    let main = place.open().unwrap().authority().unwrap().id;
    let second = open(&named("Store-_8")).unwrap().authority().unwrap().id;
    assert_ne!(main, second);
    assert_eq!(open(&named("Store-_8")).unwrap().authority().unwrap().id, second);
    assert!(place.data("Store-_8/authority.db").exists());
    for name in ["", "123456789", "..", "a/b", "a.b", "ü", "a b", "a\0"] {
        let error = open(&named(name)).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::InvalidArgument { what: "store name" }, "{name:?}");
    }
    // The folder above is as private as the one with the files.
    set_mode(&place.location.data_dir, 0o755);
    assert!(refusal(open(&named("Store-_8"))).contains("chmod 700"));
}

#[test]
fn names_of_organizations_are_checked_when_a_store_is_made() {
    for name in ["", "  ", "a\nb", &"x".repeat(257)] {
        let place = Place::new();
        let opening = |organization: &str| {
            let organization = Some(organization.into());
            let (location, unlock, random, clock) = (&place.location, &Unlock::KeyFile, &OsRandom, &SystemClock);
            let founder = conformance::founder();
            Opening { location, unlock, founder, organization, random, clock, stop: None }.open()
        };
        assert_eq!(opening(name).unwrap_err().kind(), &ErrorKind::InvalidArgument { what: "organization" }, "{name:?}");
        assert_eq!(opening(" Zoë & Co. ").unwrap().authority().unwrap().organization, "Zoë & Co.");
    }
}

#[test]
fn a_store_from_before_a_fork_says_so() {
    let place = Place::new();
    let mut store = place.open().unwrap();
    store.process = store.process.wrapping_add(1);
    let error = store.templates().unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::StoreUnusable);
    assert!(error.to_string().contains("fork"));
    assert!(store.set_offline_days_max(1).is_err());
}

#[test]
fn threads_that_open_at_once_get_one_store_and_lose_nothing() {
    let place = Place::new();
    let location = &place.location;
    let ids: Vec<Guid> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4u8)
            .map(|thread| {
                scope.spawn(move || {
                    let store = open_at(location, &Unlock::KeyFile, None).unwrap();
                    for round in 0..10u8 {
                        // Reads before it writes, which is where an unordered writer would find the database busy.
                        let email = format!("{thread}.{round}@x");
                        store.put_account(&Account { display_name: "N".into(), ..Account::of(&email) }).unwrap();
                        store.put_template(&conformance::full_template(100 + thread * 10 + round)).unwrap();
                    }
                    store.authority().unwrap().id
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0]));
    let store = place.open().unwrap();
    assert_eq!(store.templates().unwrap().len(), 42);
    assert_eq!(store.accounts().unwrap().len(), 41);
}
