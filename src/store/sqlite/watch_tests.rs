#![allow(clippy::unwrap_used, reason = "a test that unwraps fails with the place and the error")]
use std::thread::sleep;
use std::time::Duration;

use super::super::tests::Place;
use super::*;
use crate::crypto::random::OsRandom;
use crate::store::{Account, EmbeddedStore, KeptUseLicense, Store};

/// Two views of one store, as two processes have them.
fn pair() -> (Place, EmbeddedStore, EmbeddedStore) {
    let place = Place::new();
    let (one, other) = (place.open().unwrap(), place.open().unwrap());
    one.put_account(&Account::of("dana@contoso.example")).unwrap();
    (place, one, other)
}

/// The version, with the log remembered.
fn settled(store: &EmbeddedStore) -> crate::store::StoreVersion {
    sleep(SETTLED + Duration::from_millis(50));
    let version = store.version().unwrap().unwrap();
    assert_eq!(store.watch.version(), Some(version.others), "the log is remembered");
    version
}

fn keep(store: &EmbeddedStore, license: [u8; 32]) {
    let kept = KeptUseLicense {
        account: "dana@contoso.example".into(),
        license,
        issued: crate::base::time::Timestamp::from_filetime(1),
        until: None,
        content: vec![7; 40].into(),
    };
    store.keep_use_license(&kept, &OsRandom).unwrap();
}

#[test]
fn nothing_changed_is_known_without_the_connection() {
    let (_place, one, _other) = pair();
    let version = settled(&one);
    let _busy = one.db().unwrap();
    assert_eq!(one.version().unwrap(), Some(version));
}

#[test]
fn every_change_of_another_process_shows_at_once() {
    let (_place, one, other) = pair();
    let mut before = settled(&one);
    for round in 0..40u8 {
        // With and without bringing it to the medium, also when the log has begun anew.
        match round % 3 {
            0 => other.put_account(&Account::of(&format!("lee{round}@contoso.example"))).unwrap(),
            1 => keep(&other, [round; 32]),
            _ => {
                let db = other.db().unwrap();
                db.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(())).unwrap();
                drop(db);
                keep(&other, [round; 32]);
            }
        }
        let after = if round % 8 == 0 { settled(&one) } else { one.version().unwrap().unwrap() };
        assert_ne!(after, before, "round {round}");
        assert!(one.account("dana@contoso.example").unwrap().is_some());
        before = after;
    }
}

#[test]
fn own_changes_show_at_once() {
    let (_place, one, _other) = pair();
    let before = settled(&one);
    keep(&one, [1; 32]);
    assert_ne!(one.version().unwrap(), Some(before));
}

#[test]
fn nobody_waits_for_a_writer_and_its_change_is_not_taken_for_seen() {
    let (_place, one, other) = pair();
    sleep(SETTLED + Duration::from_millis(50));
    let mut db = other.db().unwrap();
    let writing = schema::writing(&mut db).unwrap();
    let before = one.version().unwrap().unwrap();
    assert_eq!(one.watch.version(), None, "not remembered while somebody writes");
    writing.execute("INSERT INTO settings (name, value) VALUES ('future', 1)", []).unwrap();
    assert_eq!(one.version().unwrap(), Some(before));
    writing.commit().unwrap();
    drop(db);
    assert_ne!(one.version().unwrap(), Some(before));
}

#[test]
fn a_log_that_was_just_written_is_not_believed() {
    let (_place, one, other) = pair();
    keep(&other, [9; 32]);
    one.version().unwrap();
    assert_eq!(one.watch.version(), None);
}
