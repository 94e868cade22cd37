//! Where use licenses are kept, for whom, and when the clock forbids to use them.

use super::super::read_license::ReadLicense;
use super::super::use_license::UseLicense;
use super::*;

#[test]
fn nothing_is_at_hand_before_the_first_use() {
    let world = World::new();
    let license = world.publish(&world.scratch(&[(LEE, &["VIEW"])]));
    assert_eq!(refusal(world.open_offline(&license, LEE)), ErrorKind::NeedsOnline);
    assert_eq!(refusal(world.open_offline(&license, DANA)), ErrorKind::NeedsOnline);
    assert_eq!(world.asked(), 0);
    world.open(&license, LEE).unwrap();
    assert_eq!(refusal(world.open_offline(&license, DANA)), ErrorKind::NeedsOnline, "another account");
    let other = world.publish(&world.scratch(&[(LEE, &["VIEW"])]));
    assert_eq!(refusal(world.open_offline(&other, LEE)), ErrorKind::NeedsOnline, "another license");
}

#[test]
fn kept_use_licenses_open_the_same_content_with_the_same_rights() {
    let world = World::new();
    let template = world.put_template(&["VIEW", "ACME.Stamp"], None);
    let drafts = [
        world.scratch(&[(LEE, &["VIEW", "ACME.Stamp"])]),
        world.application.draft_from_template(&template.id.to_string()).unwrap(),
    ];
    for draft in drafts {
        let license = world.publish(&draft);
        let first = world.open(&license, LEE).unwrap();
        let again = world.open(&license, LEE).unwrap();
        let world = World::over(Arc::clone(&world.store), Arc::clone(&world.sealing));
        let from_store = world.open_offline(&license, LEE).unwrap();
        for key in [&again, &from_store] {
            assert_eq!(key.granted(), first.granted());
            assert_eq!(key.content_key(), first.content_key());
            assert_eq!(key.rights_data(), first.rights_data());
            assert_eq!(key.display_name(), first.display_name());
            assert_eq!(key.serialized(), first.serialized());
            assert!(key.grants("acme.STAMP") && !key.grants("PRINT"));
        }
    }
}

#[test]
fn publishers_use_license_is_kept_as_the_flags_allow() {
    let open = |keep, restart: bool| {
        let world = World::new();
        let draft = world.scratch(&[(LEE, &["VIEW"])]);
        let key = world.application.publish(&draft, &Prompt { keep, ..prompt(DANA) }).unwrap();
        let world = if restart { world.restarted() } else { world };
        world.open_offline(key.serialized(), DANA).map(|key| assert!(key.grants("OWNER"))).is_ok()
    };
    assert!(open(Keep::Disk, false) && open(Keep::Disk, true));
    assert!(open(Keep::Memory, false) && !open(Keep::Memory, true));
    assert!(!open(Keep::Nowhere, false) && !open(Keep::Nowhere, true));
}

#[test]
fn acquired_use_license_stays_off_the_disk_when_asked() {
    let world = World::new();
    let license = world.publish(&world.scratch(&[(LEE, &["VIEW"])]));
    world.application.open_key(&license, &Prompt { keep: Keep::Memory, ..prompt(LEE) }).unwrap();
    world.open_offline(&license, LEE).unwrap();
    let world = world.restarted();
    assert_eq!(refusal(world.open_offline(&license, LEE)), ErrorKind::NeedsOnline);
    world.open(&license, LEE).unwrap();
    world.restarted().open_offline(&license, LEE).unwrap();
}

#[test]
fn another_process_may_have_kept_a_later_one() {
    let first = World::new();
    let license = first.publish(&first.scratch(&[(LEE, &["VIEW"])]));
    first.open(&license, LEE).unwrap();
    let second = World::over(Arc::clone(&first.store), Arc::clone(&first.sealing));
    second.at("2024-04-01T00:00");
    second.open(&license, LEE).unwrap();
    first.at("2024-04-15T00:00");
    assert!(first.open_offline(&license, LEE).unwrap().grants("VIEW"));
}

#[test]
fn use_licenses_belong_to_the_account_whatever_address_it_uses() {
    let world = World::new();
    let with_alias = |email: &str| crate::store::Account {
        aliases: vec!["reader@contoso.example".into()],
        ..crate::store::Account::of(email)
    };
    world.store.put_account(&with_alias(LEE)).unwrap();
    let license = world.publish(&world.scratch(&[(LEE, &["VIEW"])]));
    world.open(&license, "Reader@Contoso.example").unwrap();
    world.open_offline(&license, LEE).unwrap();
    // The address goes to somebody else, who must not get what was granted to its former holder.
    world.store.delete_account(LEE).unwrap();
    world.store.put_account(&with_alias(OMAR)).unwrap();
    assert_eq!(refusal(world.open_offline(&license, "reader@contoso.example")), ErrorKind::NeedsOnline);
    assert!(world.open(&license, "reader@contoso.example").is_err());
}

#[test]
fn a_clock_that_was_set_back_ends_offline_use_but_not_the_authority() {
    let world = World::new();
    let license = world.publish(&world.scratch(&[(LEE, &["VIEW"])]));
    world.open(&license, LEE).unwrap();
    world.at("2024-03-20T09:00");
    world.open_offline(&license, LEE).unwrap();
    for moment in ["2024-03-20T08:55", "2024-03-20T08:56"] {
        world.at(moment);
        assert!(world.open_offline(&license, LEE).is_ok(), "{moment} is within the tolerance");
    }
    world.at("2024-03-20T08:54");
    assert_eq!(refusal(world.open_offline(&license, LEE)), ErrorKind::ClockRollback);
    assert_eq!(world.asked(), 1);
    assert!(world.open(&license, LEE).unwrap().grants("VIEW"));
    assert_eq!(world.asked(), 2, "the authority was asked instead");
    let world = world.restarted();
    assert_eq!(refusal(world.open_offline(&license, LEE)), ErrorKind::ClockRollback, "in another process too");
    assert_eq!(refusal(world.open_offline(&license, OMAR)), ErrorKind::NeedsOnline, "without a use license");
}

#[test]
fn a_clock_set_back_after_the_end_does_not_extend_a_license() {
    let world = World::new();
    let mut draft = world.scratch(&[(LEE, &["VIEW"])]);
    draft.license.set_term(until("2024-03-10T00:00"));
    let license = world.publish(&draft);
    world.open(&license, LEE).unwrap();
    world.at("2024-03-11T00:00");
    assert_eq!(refusal(world.open_offline(&license, LEE)), ErrorKind::NeedsOnline);
    world.at("2024-03-09T00:00");
    assert_eq!(refusal(world.open_offline(&license, LEE)), ErrorKind::ClockRollback);
}

#[test]
fn a_use_license_from_the_future_does_not_serve() {
    let world = World::new();
    let license = world.publish(&world.scratch(&[(LEE, &["VIEW"])]));
    world.at("2024-06-01T00:00");
    world.open(&license, LEE).unwrap();
    world.store.reset_clock_mark(Timestamp::parse("2024-03-01T09:00").unwrap(), &OsRandom).unwrap();
    world.at("2024-03-01T09:00");
    assert_eq!(refusal(world.open_offline(&license, LEE)), ErrorKind::ClockRollback);
    world.open(&license, LEE).unwrap();
    world.open_offline(&license, LEE).unwrap();
}

#[test]
fn administrators_reset_the_clock_mark() {
    let world = World::new();
    let license = world.publish(&world.scratch(&[(LEE, &["VIEW"])]));
    world.open(&license, LEE).unwrap();
    world.at("2099-01-01T00:00");
    assert_eq!(refusal(world.open_offline(&license, LEE)), ErrorKind::NeedsOnline);
    world.at("2024-03-02T09:00");
    assert_eq!(refusal(world.open_offline(&license, LEE)), ErrorKind::ClockRollback);
    let reset = |who: &str| world.application.reset_clock_mark(&Account::Named(who.to_owned()));
    assert_eq!(reset(LEE).unwrap_err().kind(), &ErrorKind::AccessDenied);
    assert_eq!(refusal(world.open_offline(&license, LEE)), ErrorKind::ClockRollback);
    let kim = world.store.accounts().unwrap().remove(0);
    assert!(kim.administrator);
    reset(&kim.email).unwrap();
    assert!(world.open_offline(&license, LEE).unwrap().grants("VIEW"));
}

#[test]
fn the_mark_is_written_at_most_once_a_minute() {
    use crate::store::ClockMark;
    let world = World::new();
    let license = world.publish(&world.scratch(&[(LEE, &["VIEW"])]));
    world.open(&license, LEE).unwrap();
    let mark = |text: &str| ClockMark::At(Timestamp::parse(text).unwrap());
    assert_eq!(world.store.clock_mark().unwrap(), mark("2024-03-01T09:00"));
    world.clock.0.fetch_add(Timestamp::MINUTE - 1, Ordering::SeqCst);
    world.open(&license, LEE).unwrap();
    assert_eq!(world.store.clock_mark().unwrap(), mark("2024-03-01T09:00"));
    world.clock.0.fetch_add(1, Ordering::SeqCst);
    world.open(&license, LEE).unwrap();
    assert_eq!(world.store.clock_mark().unwrap(), mark("2024-03-01T09:01"));
}

#[test]
fn a_memory_that_is_full_begins_anew_and_the_store_still_knows() {
    let world = World::new();
    let template = world.put_template(&["VIEW"], None);
    let license = world.publish(&world.application.draft_from_template(&template.id.to_string()).unwrap());
    world.open(&license, LEE).unwrap();
    let memory_only = |at: usize| Prompt { keep: Keep::Memory, ..prompt(&format!("reader{at}@contoso.example")) };
    for at in 0..1100 {
        world.application.open_key(&license, &memory_only(at)).unwrap();
    }
    let offline = |at| world.application.open_key(&license, &Prompt { offline: true, ..memory_only(at) });
    assert_eq!(refusal(offline(0)), ErrorKind::NeedsOnline);
    assert!(offline(1099).is_ok());
    world.open_offline(&license, LEE).unwrap();
}

#[test]
fn a_license_changed_anywhere_is_read_and_verified_anew() {
    let world = World::new();
    let license = world.publish(&world.scratch(&[(LEE, &["VIEW"])]));
    world.open(&license, LEE).unwrap();
    world.open_offline(&license, LEE).unwrap();
    let at = license.windows(8).position(|window| window == b"ISSUEDTI").unwrap() + 20;
    for at in [5, at, license.len() / 2] {
        let mut changed = license.to_vec();
        changed[at] ^= 1;
        assert!(world.open_offline(&changed, LEE).is_err(), "byte {at}");
        assert!(world.open(&changed, LEE).is_err(), "byte {at}");
    }
    // What follows the document does not belong to it.
    let longer = [&license[..], b" \n"].concat();
    assert_eq!(*world.open_offline(&longer, LEE).unwrap().serialized().as_ref(), *longer);
}

#[test]
fn the_form_at_rest_is_read_back_whole_or_not_at_all() {
    let world = World::new();
    let name = "Zoë ".repeat(20_000);
    let lee = crate::store::Account { display_name: name.clone(), ..crate::store::Account::of(LEE) };
    world.store.put_account(&lee).unwrap();
    let mut draft = world.scratch(&[(LEE, &["VIEW", "ACME.Stamp"])]);
    draft.license.set_term(until("2024-04-01T00:00"));
    let license = ReadLicense::read(world.publish(&draft)).unwrap();
    let acquired = world.licensor.acquire(&license.license, &Account::Named(LEE.to_owned())).unwrap();
    let written = UseLicense::acquired(acquired, &license).unwrap();
    let bytes = written.to_bytes();
    let read = UseLicense::from_bytes(&bytes, &license).unwrap();
    assert_eq!((&read.granted, &read.display_name), (&written.granted, &name));
    assert!(Arc::ptr_eq(&read.unlocked, &written.unlocked));
    assert_eq!(read.to_bytes(), bytes);

    for length in (0..120).chain(bytes.len() - 90..bytes.len()) {
        let cut = UseLicense::from_bytes(&bytes[..length], &license);
        // A cut between two rights is a whole record of fewer rights; the seal is what keeps rights together.
        assert!(cut.is_none_or(|cut| cut.granted.rights.len() < 2), "{length}");
    }
    let mut newer = bytes.to_vec();
    newer[0] += 1;
    assert!(UseLicense::from_bytes(&newer, &license).is_none());
    let elsewhere = ReadLicense::read(Arc::clone(&license.serialized)).unwrap();
    let read = UseLicense::from_bytes(&bytes, &elsewhere).unwrap();
    assert_eq!(read.unlocked.content_key, written.unlocked.content_key);
    assert_eq!(read.unlocked.rights_data, written.unlocked.rights_data);
    let other = ReadLicense::read(world.publish(&draft)).unwrap();
    assert!(UseLicense::from_bytes(&bytes, &other).is_none(), "its key does not open the other license");
}

#[test]
fn keys_of_one_license_share_what_is_large() {
    let world = World::new();
    let draft = world.scratch(&[(LEE, &["VIEW"]), (OMAR, &["VIEW"])]);
    let published = world.application.publish(&draft, &prompt(DANA)).unwrap();
    let license = Arc::clone(published.serialized());
    let shares = |one: &Key, other: &Key| {
        let same_text = Arc::ptr_eq(one.serialized(), other.serialized());
        let same_content = std::ptr::eq(one.content_key(), other.content_key());
        (same_text && std::ptr::eq(one.license(), other.license()), same_content)
    };
    // Neither the account nor the way that the key was had matters.
    let (kept, dana) = (world.open(&license, LEE).unwrap(), world.open(&license, DANA).unwrap());
    let asked = world.open_keeping_nothing(&license, OMAR);
    for key in [&kept, &dana, &asked] {
        assert_eq!(shares(key, &published), (true, true));
    }
    let other = world.publish(&world.scratch(&[(LEE, &["VIEW"])]));
    assert_eq!(shares(&world.open(&other, LEE).unwrap(), &published), (false, false));

    // Also when so many others were read since that it is not held for its own sake any more.
    for _ in 0..300 {
        world.publish(&world.scratch(&[(LEE, &["VIEW"])]));
    }
    assert_eq!(shares(&world.open(&license, LEE).unwrap(), &published), (true, true));
}

#[test]
fn licenses_that_no_key_holds_are_let_go() {
    let world = World::new();
    let draft = world.scratch(&[(LEE, &["VIEW"])]);
    let first = world.open(&world.publish(&draft), LEE).unwrap();
    let gone = Arc::downgrade(first.serialized());
    drop(first);
    assert!(gone.upgrade().is_some(), "held for a while");
    for _ in 0..1200 {
        world.publish(&draft);
    }
    assert!(gone.upgrade().is_none());
    let (names, held) = world.application.licenses_known();
    assert!(held <= 256 && names <= 2 * 512, "{names} names, {held} licenses");
}
