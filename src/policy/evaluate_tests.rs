//! The worked cases of the rights page that need no store, and the rules behind them.

use super::*;
use crate::policy::User;

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn grant(address: &str, right: &str) -> Grant {
    Grant::new(User::Email(address.into()), Right::read(right))
}

/// Protected by dana, owned by omar, readable by lee until September.
fn policy() -> Policy {
    Policy {
        issuer: Some("dana@x.example".into()),
        owner: Some("omar@x.example".into()),
        grants: vec![grant("lee@x.example", "VIEW"), Grant::new(User::Owner, Right::read("OWNER"))],
        validity: Validity { from: Some(at("2024-03-01T00:00")), until: Some(at("2024-09-01T00:00")) },
        offline_days: 30,
        revoked: None,
    }
}

fn ask(policy: &Policy, who: &str, when: &str) -> Result<GrantedRights, Refusal> {
    evaluate(policy, &Identity::of(who), at(when)).map(Decision::into_granted)
}

#[test]
fn issuer_opens_a_year_after_the_expiry_and_may_edit() {
    let granted = ask(&policy(), "Dana@X.example", "2025-09-01T00:00").unwrap();
    assert_eq!(granted.rule, Rule::Issuer);
    assert!(granted.grants("EDIT", at("2030-01-01T00:00")));
    assert_eq!(granted.offline_until, None);
}

#[test]
fn owner_keeps_its_rights_after_the_expiry_but_only_those_of_the_list() {
    let granted = ask(&policy(), "omar@x.example", "2025-09-01T00:00").unwrap();
    assert_eq!(granted.rule, Rule::Owner);
    assert!(granted.grants("PRINT", at("2025-09-01T00:00")));
    let mut listed = policy();
    listed.grants = vec![grant("omar@x.example", "VIEW")];
    let granted = ask(&listed, "omar@x.example", "2025-09-01T00:00").unwrap();
    assert!(granted.grants("VIEW", at("2025-09-01T00:00")) && !granted.grants("PRINT", at("2025-09-01T00:00")));
    listed.grants.clear();
    assert_eq!(ask(&listed, "omar@x.example", "2024-05-01T00:00"), Err(Refusal::NoRights));
}

#[test]
fn names_are_those_of_all_granted_rights() {
    let mut policy = policy();
    policy.grants.push(grant("LEE@x.example", "Acme.Stamp"));
    let names = ask(&policy, "lee@x.example", "2024-05-01T00:00").unwrap().names();
    let listed: Vec<&str> = names.iter().map(Right::name).collect();
    assert_eq!(listed, ["VIEW", "Acme.Stamp"]);
}

#[test]
fn readers_are_bound_to_the_term() {
    assert_eq!(ask(&policy(), "lee@x.example", "2024-02-29T23:59"), Err(Refusal::NotYetValid));
    assert!(ask(&policy(), "lee@x.example", "2024-03-01T00:00").is_ok());
    assert_eq!(ask(&policy(), "lee@x.example", "2024-09-01T00:00"), Err(Refusal::Expired));
}

#[test]
fn offline_use_never_outlives_the_content() {
    let granted = ask(&policy(), "lee@x.example", "2024-08-20T00:00").unwrap();
    assert_eq!(granted.offline_until, Some(at("2024-09-01T00:00")));
    assert!(granted.grants("VIEW", at("2024-08-31T23:59")));
    assert!(!granted.grants("VIEW", at("2024-09-01T00:00")), "an open key grants nothing after the term");
    let granted = ask(&policy(), "lee@x.example", "2024-05-01T00:00").unwrap();
    assert_eq!(granted.offline_until, Some(at("2024-05-31T00:00")));
}

#[test]
fn strangers_get_nothing() {
    assert_eq!(ask(&policy(), "eve@x.example", "2024-05-01T00:00"), Err(Refusal::NoRights));
    let mut nobody = policy();
    nobody.grants = vec![Grant::new(User::Null, Right::read("OWNER"))];
    assert_eq!(ask(&nobody, "lee@x.example", "2024-05-01T00:00"), Err(Refusal::NoRights));
}

#[test]
fn rights_of_groups_add_up() {
    let mut policy = policy();
    policy.grants = vec![grant("readers@x.example", "VIEW"), grant("printers@x.example", "PRINT")];
    let identity = Identity {
        groups: vec!["readers@x.example".into(), "PRINTERS@x.example".into()],
        ..Identity::of("lee@x.example")
    };
    let now = at("2024-05-01T00:00");
    let granted = evaluate(&policy, &identity, now).unwrap().into_granted();
    assert!(granted.grants("view", now) && granted.grants("pRiNt", now) && !granted.grants("EDIT", now));
}

#[test]
fn super_user_has_full_control_in_spite_of_everything() {
    let mut policy = policy();
    policy.revoked = Some(Revoked::ByAdministrator);
    let identity = Identity { super_user: true, ..Identity::of("root@x.example") };
    let granted = evaluate(&policy, &identity, at("2030-01-01T00:00")).unwrap().into_granted();
    assert_eq!(granted.rule, Rule::SuperUser);
    assert!(granted.grants("ACME.STAMP", at("2030-01-01T00:00")));
}

#[test]
fn revocation_stops_everyone_but_the_issuer_whose_own_it_is() {
    let mut policy = policy();
    policy.revoked = Some(Revoked::ByIssuer);
    assert!(ask(&policy, "dana@x.example", "2024-05-01T00:00").is_ok());
    assert_eq!(ask(&policy, "omar@x.example", "2024-05-01T00:00"), Err(Refusal::Revoked));
    assert_eq!(ask(&policy, "lee@x.example", "2024-05-01T00:00"), Err(Refusal::Revoked));
    policy.revoked = Some(Revoked::ByAdministrator);
    assert_eq!(ask(&policy, "dana@x.example", "2024-05-01T00:00"), Err(Refusal::Revoked));
}

#[test]
fn entries_have_terms_of_their_own() {
    let mut policy = policy();
    policy.validity = Validity::ALWAYS;
    let may = Validity { from: Some(at("2024-05-01T00:00")), until: Some(at("2024-06-01T00:00")) };
    policy.grants = vec![Grant { range: may, ..grant("lee@x.example", "PRINT") }, grant("lee@x.example", "VIEW")];
    let granted = ask(&policy, "lee@x.example", "2024-04-01T00:00").unwrap();
    assert!(!granted.ever_granted("PRINT"));
    let granted = ask(&policy, "lee@x.example", "2024-05-15T00:00").unwrap();
    assert!(granted.grants("PRINT", at("2024-05-31T23:59")) && !granted.grants("PRINT", at("2024-06-01T00:00")));
    policy.grants.truncate(1);
    assert_eq!(ask(&policy, "lee@x.example", "2024-04-01T00:00"), Err(Refusal::EntryNotYetValid));
    assert_eq!(ask(&policy, "lee@x.example", "2024-07-01T00:00"), Err(Refusal::EntryExpired));
    // The longer of two entries for one right counts.
    policy.grants.push(grant("lee@x.example", "print"));
    let granted = ask(&policy, "lee@x.example", "2024-05-15T00:00").unwrap();
    assert!(granted.grants("PRINT", at("2026-01-01T00:00")));
}

#[test]
fn intervals_limit_the_use_license_and_never_the_content() {
    let mut policy = policy();
    policy.validity = Validity::ALWAYS;
    policy.grants[0].interval_days = Some(7);
    let granted = ask(&policy, "lee@x.example", "2024-05-01T00:00").unwrap();
    assert_eq!(granted.offline_until, Some(at("2024-05-08T00:00")));
    assert!(granted.grants("VIEW", at("2024-05-07T23:59")) && !granted.grants("VIEW", at("2024-05-08T00:00")));
    assert!(ask(&policy, "lee@x.example", "2034-05-01T00:00").is_ok(), "asked anew years later");
    policy.grants[0].interval_days = Some(100);
    let granted = ask(&policy, "lee@x.example", "2024-05-01T00:00").unwrap();
    assert_eq!(granted.offline_until, Some(at("2024-05-31T00:00")), "the tenant's maximum");
}

#[test]
fn those_who_may_always_open_offline_are_still_asked_about_after_the_offline_days() {
    for who in ["dana@x.example", "omar@x.example"] {
        let granted = ask(&policy(), who, "2024-05-01T00:00").unwrap();
        assert_eq!((granted.offline_until, granted.fresh_until), (None, at("2024-05-31T00:00")), "{who}");
        let granted = ask(&policy(), who, "2025-05-01T00:00").unwrap();
        assert_eq!(granted.fresh_until, at("2025-05-31T00:00"), "{who}, after the content has expired");
    }
    let granted = ask(&policy(), "lee@x.example", "2024-08-20T00:00").unwrap();
    assert_eq!(Some(granted.fresh_until), granted.offline_until);
    let asks_each_time = Policy { offline_days: 0, ..policy() };
    let now = at("2024-05-01T00:00");
    assert_eq!(ask(&asks_each_time, "dana@x.example", "2024-05-01T00:00").unwrap().fresh_until, now);
    assert_eq!(ask(&asks_each_time, "lee@x.example", "2024-05-01T00:00").unwrap().offline_until, Some(now));
}

#[test]
fn super_users_open_offline_for_the_usual_days_and_are_asked_about_whenever_possible() {
    let identity = Identity { super_user: true, ..Identity::of("root@x.example") };
    let now = at("2030-01-01T00:00");
    let granted = evaluate(&policy(), &identity, now).unwrap().into_granted();
    assert_eq!((granted.offline_until, granted.fresh_until), (Some(at("2030-01-31T00:00")), now));
}

#[test]
fn super_users_who_are_issuer_or_owner_always_open_offline() {
    for who in ["dana@x.example", "omar@x.example"] {
        let identity = Identity { super_user: true, ..Identity::of(who) };
        let now = at("2030-01-01T00:00");
        let revoked = Policy { revoked: Some(Revoked::ByAdministrator), ..policy() };
        for policy in [policy(), revoked, Policy { offline_days: 0, ..policy() }] {
            let granted = evaluate(&policy, &identity, now).unwrap().into_granted();
            assert_eq!((granted.rule, granted.offline_until), (Rule::SuperUser, None), "{who}");
            assert_eq!(granted.fresh_until, now, "{who}: each use that can be logged is");
        }
    }
}

#[test]
fn an_entry_whose_time_is_over_does_not_shorten_the_offline_days() {
    let ended = Validity { from: None, until: Some(at("2024-04-01T00:00")) };
    let begins = Validity { from: Some(at("2024-08-01T00:00")), until: None };
    for range in [ended, begins] {
        let mut policy = Policy { validity: Validity::ALWAYS, ..policy() };
        policy.grants.push(Grant { range, interval_days: Some(2), ..grant("lee@x.example", "PRINT") });
        let granted = ask(&policy, "lee@x.example", "2024-05-01T00:00").unwrap();
        assert!(granted.ever_granted("VIEW") && !granted.ever_granted("PRINT"));
        assert_eq!(granted.offline_until, Some(at("2024-05-31T00:00")), "{range:?}");
    }
    // While it counts it does.
    let mut policy = Policy { validity: Validity::ALWAYS, ..policy() };
    policy.grants.push(Grant { range: ended, interval_days: Some(2), ..grant("lee@x.example", "PRINT") });
    let granted = ask(&policy, "lee@x.example", "2024-03-20T00:00").unwrap();
    assert_eq!(granted.offline_until, Some(at("2024-03-22T00:00")));
}

#[test]
fn a_license_full_of_rights_is_decided_in_linear_time() {
    const RIGHTS: usize = 60_000;
    let mut policy = policy();
    policy.validity = Validity::ALWAYS;
    policy.grants = (0..RIGHTS).map(|n| Grant::new(User::Anyone, Right::read(&format!("ACME.RIGHT.{n:08}")))).collect();
    let began = std::time::Instant::now();
    let granted = ask(&policy, "lee@x.example", "2024-05-01T00:00").unwrap();
    assert_eq!(granted.rights.len(), RIGHTS);
    assert!(granted.ever_granted("acme.right.00059999"));
    assert!(began.elapsed().as_secs() < 8, "each right looks at all others");
}

#[test]
fn an_open_document_has_the_rights_that_were_not_over_when_it_was_opened() {
    let right = |name: &str, from: Option<&str>, until: Option<&str>| GrantedRight {
        right: Right::read(name),
        range: Validity { from: from.map(at), until: until.map(at) },
    };
    let granted = GrantedRights {
        rights: vec![
            right("EDIT", None, Some("2024-03-05T00:00")),
            right("PRINT", Some("2024-03-05T00:00"), None),
            right("VIEW", None, None),
        ],
        ..GrantedRights::full_control(Rule::Entries, at("2024-03-01T00:00"))
    };
    let serves = |name, opened, now| granted.grants_since(name, at(opened), || at(now));
    assert!(serves("edit", "2024-03-04T23:59", "2024-04-01T00:00"));
    assert!(!serves("EDIT", "2024-03-05T00:00", "2024-03-05T00:00"));
    assert!(!serves("PRINT", "2024-03-04T00:00", "2024-03-04T23:59"));
    assert!(serves("PRINT", "2024-03-04T00:00", "2024-03-05T00:00"));
    assert!(serves("PRINT", "2024-03-06T00:00", "2024-03-06T00:00"));
    assert!(!serves("EXTRACT", "2024-03-01T00:00", "2024-03-01T00:00"));
    // Who has a right for now is not asked what time it is.
    assert!(granted.grants_since("VIEW", at("2024-03-06T00:00"), || panic!("the clock was asked")));
}
