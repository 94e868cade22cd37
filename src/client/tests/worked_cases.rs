//! The worked cases of the rights page that are about time, one test each, and the rules behind them.

use super::*;

#[test]
fn issuer_opens_own_document_a_year_after_its_expiry_date() {
    let world = World::new();
    let mut draft = world.scratch(&[(LEE, &["VIEW"])]);
    draft.license.set_term(until("2024-04-01T00:00"));
    let license = world.publish(&draft);
    world.at("2025-04-01T00:00");
    assert!(world.open(&license, DANA).unwrap().grants("EDIT"));
    world.at("2030-04-01T00:00");
    assert!(world.open_offline(&license, DANA).unwrap().grants("EDIT"), "and offline at any time later");
}

#[test]
fn viewer_opens_the_day_before_expiry_and_is_refused_the_day_after_although_30_offline_days_remain() {
    let world = World::new();
    let mut draft = world.scratch(&[(LEE, &["VIEW"])]);
    draft.license.set_term(until("2024-04-01T00:00"));
    draft.license.set_interval_days(30).unwrap();
    let license = world.publish(&draft);
    world.at("2024-03-31T00:00");
    let open = world.open(&license, LEE).unwrap();
    world.at("2024-03-31T23:59");
    assert!(world.open_offline(&license, LEE).unwrap().grants("VIEW"));
    world.at("2024-04-02T00:00");
    assert_eq!(refusal(world.open_offline(&license, LEE)), ErrorKind::NeedsOnline);
    assert_eq!(refusal(world.open(&license, LEE)), ErrorKind::Expired);
    assert!(!open.grants("VIEW"), "decision 15: a key that is open says so too");
}

#[test]
fn template_loses_print_true_until_the_use_license_expires_and_false_from_the_next() {
    let world = World::new();
    let template = world.put_template(&["VIEW", "PRINT"], Some(30));
    let license = world.publish(&world.application.draft_from_template(&template.id.to_string()).unwrap());
    assert!(world.open(&license, LEE).unwrap().grants("PRINT"));
    world.at("2024-03-06T09:00");
    world.put_template(&["VIEW"], Some(30));
    for moment in ["2024-03-06T09:00", "2024-03-31T08:59"] {
        world.at(moment);
        assert!(world.open(&license, LEE).unwrap().grants("PRINT"), "{moment}");
        assert!(world.open_offline(&license, LEE).unwrap().grants("PRINT"), "{moment}");
    }
    assert_eq!(world.asked(), 1);
    world.at("2024-03-31T09:00");
    assert_eq!(refusal(world.open_offline(&license, LEE)), ErrorKind::NeedsOnline);
    let key = world.open(&license, LEE).unwrap();
    assert!(key.grants("VIEW") && !key.grants("PRINT"));
    assert_eq!(world.asked(), 2);
}

#[test]
fn ad_hoc_license_keeps_print_for_ever_and_only_republishing_changes_it() {
    let world = World::new();
    let license = world.publish(&world.scratch(&[(LEE, &["VIEW", "PRINT"])]));
    for moment in ["2024-03-06T09:00", "2024-04-06T09:00", "2034-03-06T09:00"] {
        world.at(moment);
        assert!(world.open(&license, LEE).unwrap().grants("PRINT"), "{moment}");
    }
    let mut republished = world.scratch(&[(LEE, &["VIEW"])]);
    republished.set_content_key(Arc::new(world.open(&license, DANA).unwrap())).unwrap();
    let republished = world.publish(&republished);
    assert!(!world.open(&republished, LEE).unwrap().grants("PRINT"), "what was kept for the old one does not serve");
}

#[test]
fn revoked_content_opens_offline_until_the_use_license_expires_and_online_not_at_all() {
    let world = World::new();
    let license = world.publish(&world.scratch(&[(LEE, &["VIEW"])]));
    world.open(&license, LEE).unwrap();
    world.at("2024-03-06T09:00");
    world.licensor.revoked.store(true, Ordering::SeqCst);
    assert_eq!(refusal(world.open(&license, LEE)), ErrorKind::Revoked);
    for moment in ["2024-03-06T09:00", "2024-03-31T08:59"] {
        world.at(moment);
        assert!(world.open_offline(&license, LEE).unwrap().grants("VIEW"), "{moment}");
    }
    world.at("2024-03-31T09:00");
    assert_eq!(refusal(world.open_offline(&license, LEE)), ErrorKind::NeedsOnline);
    assert_eq!(refusal(world.open(&license, LEE)), ErrorKind::Revoked);
}

#[test]
fn owner_opens_offline_after_the_end_of_the_content_and_without_offline_days() {
    let world = World::new();
    let mut draft = world.scratch(&[(LEE, &["VIEW"]), (OMAR, &["VIEW"])]);
    draft.license.set_owner(User::Email(OMAR.into())).unwrap();
    draft.license.set_term(until("2024-04-01T00:00"));
    draft.license.set_interval_days(0).unwrap();
    let license = world.publish(&draft);
    world.open(&license, OMAR).unwrap();
    world.open(&license, LEE).unwrap();
    assert_eq!(refusal(world.open_offline(&license, LEE)), ErrorKind::NeedsOnline);
    world.at("2026-01-01T00:00");
    assert!(world.open_offline(&license, OMAR).unwrap().grants("VIEW"));
    assert_eq!(world.asked(), 2);
    world.open(&license, OMAR).unwrap();
    assert_eq!(world.asked(), 3, "online the days of the policy count for the owner too");
}

#[test]
fn owner_prints_although_the_template_has_no_print() {
    let world = World::new();
    let template = world.put_template(&["VIEW"], Some(30));
    let mut draft = world.application.draft_from_template(&template.id.to_string()).unwrap();
    draft.license.set_owner(User::Email(OMAR.into())).unwrap();
    let license = world.publish(&draft);
    assert!(world.open(&license, OMAR).unwrap().grants("PRINT"));
    assert!(!world.open(&license, LEE).unwrap().grants("PRINT"));
}

#[test]
fn super_user_is_asked_about_each_time_and_opens_offline_for_the_usual_days() {
    let world = World::new();
    let root = crate::store::Account { super_user: true, ..crate::store::Account::of("root@contoso.example") };
    world.store.put_account(&root).unwrap();
    world.store.set_super_users_enabled(true).unwrap();
    let mut draft = world.scratch(&[(LEE, &["VIEW"])]);
    draft.license.set_term(until("2024-03-10T00:00"));
    let license = world.publish(&draft);
    for _ in 0..3 {
        assert!(world.open(&license, &root.email).unwrap().grants("OWNER"));
    }
    assert_eq!(world.asked(), 3, "each use is one line of the log");
    world.at("2024-03-31T08:59");
    assert!(world.open_offline(&license, &root.email).unwrap().grants("OWNER"));
    world.at("2024-03-31T09:00");
    assert_eq!(refusal(world.open_offline(&license, &root.email)), ErrorKind::NeedsOnline);
    world.store.set_super_users_enabled(false).unwrap();
    assert_eq!(refusal(world.open(&license, &root.email)), ErrorKind::Expired);
}

#[test]
fn interval_zero_asks_each_time() {
    let world = World::new();
    let mut draft = world.scratch(&[(LEE, &["VIEW"])]);
    draft.license.set_interval_days(0).unwrap();
    let license = world.publish(&draft);
    for asked in 1..=3 {
        world.open(&license, LEE).unwrap();
        assert_eq!(world.asked(), asked);
    }
    assert_eq!(refusal(world.open_offline(&license, LEE)), ErrorKind::NeedsOnline);
    let template = world.put_template(&["VIEW"], Some(0));
    let license = world.publish(&world.application.draft_from_template(&template.id.to_string()).unwrap());
    world.open(&license, LEE).unwrap();
    assert_eq!(refusal(world.open_offline(&license, LEE)), ErrorKind::NeedsOnline);
}

#[test]
fn offline_days_are_those_of_the_policy_but_never_more_than_the_tenant_allows() {
    // Days set on the license, the tenant's maximum, the last minute that is served.
    for (days, max, last) in [
        (None, 30, "2024-03-31T08:59"),
        (Some(7), 30, "2024-03-08T08:59"),
        (Some(90), 30, "2024-03-31T08:59"),
        (Some(7), 2, "2024-03-03T08:59"),
        (Some(90), 100, "2024-05-30T08:59"),
    ] {
        let world = World::new();
        world.store.set_offline_days_max(max).unwrap();
        let mut draft = world.scratch(&[(LEE, &["VIEW"])]);
        days.into_iter().for_each(|days| draft.license.set_interval_days(days).unwrap());
        let license = world.publish(&draft);
        world.open(&license, LEE).unwrap();
        world.at(last);
        world.open_offline(&license, LEE).unwrap();
        world.clock.0.fetch_add(Timestamp::MINUTE, Ordering::SeqCst);
        assert_eq!(refusal(world.open_offline(&license, LEE)), ErrorKind::NeedsOnline, "{days:?} of {max}");
    }
    let world = World::new();
    world.store.set_offline_days_max(0).unwrap();
    let license = world.publish(&world.scratch(&[(LEE, &["VIEW"])]));
    world.open(&license, LEE).unwrap();
    assert_eq!(refusal(world.open_offline(&license, LEE)), ErrorKind::NeedsOnline);
}

#[test]
fn rights_of_the_directory_are_not_looked_at_again_while_a_use_license_serves() {
    let world = World::new();
    let group = crate::store::Group {
        email: "readers@contoso.example".into(),
        members: vec![LEE.into()],
        ..crate::store::Group::default()
    };
    world.store.put_group(&group).unwrap();
    let license = world.publish(&world.scratch(&[("readers@contoso.example", &["VIEW"])]));
    world.open(&license, LEE).unwrap();
    assert!(world.store.remove_member("readers@contoso.example", LEE).unwrap());
    assert!(world.open(&license, LEE).unwrap().grants("VIEW"));
    world.at("2024-03-31T09:00");
    assert!(matches!(refusal(world.open(&license, LEE)), ErrorKind::RightNotGranted { .. }));
}
