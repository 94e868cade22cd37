//! What every store must do, run on each of them.

use super::*;
use crate::base::locale::Lcid;
use crate::base::time::Validity;
use crate::crypto::random::OsRandom;
use crate::crypto::seal::SealingKey;
use crate::error::ErrorKind;
use crate::policy::levels::DEFAULT_TEMPLATES;
use crate::policy::template::ContentExpiry;
use crate::policy::{Descriptor, Grant, Right, User};

pub(super) fn founder() -> OsAccount {
    OsAccount { id: "uid:4711".into(), login: "kim".into() }
}

#[test]
fn memory_store_conforms() {
    let founding = || {
        let sealing = SealingKey::generate(&OsRandom).unwrap();
        let now = Timestamp::parse("2024-03-05T09:30").unwrap();
        Founding::new("Fabrikam", &founder(), &sealing, &OsRandom, now).unwrap()
    };
    let first = founding();
    run(&|| Box::new(MemoryStore::new(first.clone())));
}

/// Runs every case on a fresh store for `founder()` of the organization "Fabrikam".
pub(super) fn run(fresh: &dyn Fn() -> Box<dyn Store>) {
    begins_with_an_authority_templates_and_an_administrator(&*fresh());
    operating_system_accounts_keep_their_address(&*fresh());
    accounts_are_found_by_every_address(&*fresh());
    addresses_belong_to_one_entry(&*fresh());
    groups_reach_through_groups_and_aliases(&*fresh());
    groups_never_hold_themselves(&*fresh());
    deleting_takes_out_of_groups(&*fresh());
    changes_are_whole_or_not_at_all(&*fresh());
    an_administrator_always_remains(&*fresh());
    super_users_need_the_feature(&*fresh());
    templates_come_back_as_put(&*fresh());
    templates_that_make_no_sense_are_refused(&*fresh());
    changes_of_one_template_add_up(&*fresh());
    retired_templates_stay_known(&*fresh());
    trust_is_kept(&*fresh());
    settings_are_kept(&*fresh());
    use_licenses_are_kept_for_one_account_and_license(&*fresh());
    use_licenses_that_are_over_are_dropped(&*fresh());
    the_clock_mark_rises_until_it_is_reset(&*fresh());
    concurrent_changes_are_all_there(&*fresh());
    super::tracking_conformance::run(fresh);
}

fn group(email: &str, members: &[&str]) -> Group {
    Group {
        email: email.into(),
        display_name: String::new(),
        members: members.iter().map(|m| (*m).to_owned()).collect(),
    }
}

fn refused(result: Result<impl Sized>, what: &'static str) {
    let error = result.err().unwrap_or_else(|| panic!("{what} was accepted"));
    assert_eq!(error.kind(), &ErrorKind::InvalidArgument { what }, "{error}");
}

fn groups_of(store: &dyn Store, address: &str) -> Vec<String> {
    let mut groups = store.identity(address).unwrap().groups;
    let all_staff = store.authority().unwrap().all_staff();
    assert_eq!(groups.iter().filter(|group| **group == all_staff).count(), 1, "every account is staff");
    groups.retain(|group| *group != all_staff);
    groups
}

fn begins_with_an_authority_templates_and_an_administrator(store: &dyn Store) {
    let authority = store.authority().unwrap();
    assert_eq!(authority.organization, "Fabrikam");
    assert_eq!(authority.modulus.len(), 256);
    let domain = authority.domain();
    assert_eq!(domain, format!("{}.invalid", authority.id.bare()));

    let templates = store.templates().unwrap();
    assert_eq!(templates.len(), 2);
    for (template, (name, description, rights)) in templates.iter().zip(DEFAULT_TEMPLATES) {
        assert_eq!(template.descriptors.len(), 1);
        assert_eq!(template.descriptors[0].lcid, Lcid(1033));
        assert_eq!(template.descriptors[0].name, format!("Fabrikam - {name}"));
        assert_eq!(template.descriptors[0].description, description);
        assert_eq!(template.grants.iter().map(|g| g.right.name()).collect::<Vec<_>>(), rights);
        assert!(template.grants.iter().all(|g| g.user == User::Email(format!("AllStaff@{domain}"))));
        assert!(template.enabled && template.expiry == ContentExpiry::Never && template.offline_days.is_none());
    }
    assert_ne!(templates[0].id, templates[1].id);

    let address = store.account_of(&founder()).unwrap();
    assert_eq!(address, format!("kim@{domain}"));
    let identity = store.identity(&address.to_uppercase()).unwrap();
    assert_eq!(identity.email, address);
    assert_eq!(identity.display_name, "kim");
    assert!(identity.administrator && !identity.super_user);
    assert_eq!(identity.groups, [format!("AllStaff@{domain}")]);
}

fn operating_system_accounts_keep_their_address(store: &dyn Store) {
    let domain = store.authority().unwrap().domain();
    let lee = OsAccount { id: "uid:2".into(), login: "Lee".into() };
    let address = store.account_of(&lee).unwrap();
    assert_eq!(address, format!("Lee@{domain}"));
    assert!(!store.identity(&address).unwrap().administrator, "only the founder administers");
    // The same id under a new login keeps its address; another id with the same login gets another one.
    assert_eq!(store.account_of(&OsAccount { id: "uid:2".into(), login: "lee-new".into() }).unwrap(), address);
    let other = OsAccount { id: "uid:3".into(), login: "lee".into() };
    assert_eq!(store.account_of(&other).unwrap(), format!("lee.2@{domain}"));
    // An address that somebody has is not handed out, and a deleted account leaves its address fixed.
    store.put_account(&Account { aliases: vec![format!("Bob@{domain}")], ..Account::of("robert@x.example") }).unwrap();
    let bob = OsAccount { id: "uid:4".into(), login: "bob".into() };
    assert_eq!(store.account_of(&bob).unwrap(), format!("bob.2@{domain}"));
    assert!(store.delete_account(&address).unwrap());
    let third = OsAccount { id: "uid:5".into(), login: "lee".into() };
    assert_eq!(store.account_of(&third).unwrap(), format!("lee.3@{domain}"));
    assert_eq!(store.account_of(&lee).unwrap(), address);
    let staff = OsAccount { id: "uid:6".into(), login: "AllStaff".into() };
    assert_eq!(store.account_of(&staff).unwrap(), format!("AllStaff.2@{domain}"));
}

fn accounts_are_found_by_every_address(store: &dyn Store) {
    let zoe = Account {
        email: "Zoë@münchen.example".into(),
        display_name: "Zoë Q".into(),
        aliases: vec!["Z@x.example".into(), "zoe@x.example".into()],
        administrator: true,
        super_user: false,
    };
    store.put_account(&zoe).unwrap();
    for address in ["ZOË@MÜNCHEN.example", "z@X.example", "zoe@x.example"] {
        assert_eq!(store.account(address).unwrap().as_ref(), Some(&zoe), "{address}");
        let identity = store.identity(address).unwrap();
        assert_eq!((&identity.email, &identity.aliases), (&zoe.email, &zoe.aliases));
        assert_eq!(identity.display_name, "Zoë Q");
        assert!(identity.administrator);
    }
    assert_eq!(store.account("zoe@münchen.example").unwrap(), None);
    assert_eq!(store.account("\u{212A}im@x.example").unwrap(), None);
    assert_eq!(store.accounts().unwrap().len(), 2);

    let changed = Account { aliases: vec!["zq@x.example".into()], administrator: false, ..zoe };
    store.put_account(&Account { email: "zoë@münchen.EXAMPLE".into(), ..changed.clone() }).unwrap();
    assert_eq!(store.accounts().unwrap().len(), 2, "replaced");
    assert_eq!(store.account("z@x.example").unwrap(), None);
    assert_eq!(store.account("ZQ@x.example").unwrap().unwrap().email, "zoë@münchen.EXAMPLE", "spelling follows");
    assert_eq!(store.accounts().unwrap()[1].aliases, changed.aliases);

    let unknown = store.identity("nobody@x.example").unwrap();
    assert_eq!(unknown.display_name, "nobody@x.example");
    assert!(!unknown.administrator && unknown.aliases.is_empty());
    assert_eq!(unknown.groups, [store.authority().unwrap().all_staff()]);
    assert!(store.identity("").is_err() && store.identity("a\nb").is_err());
    store.put_account(&Account::of("plain@x.example")).unwrap();
    assert_eq!(store.identity("plain@x.example").unwrap().display_name, "plain@x.example");
}

fn addresses_belong_to_one_entry(store: &dyn Store) {
    store.put_account(&Account { aliases: vec!["a2@x".into()], ..Account::of("a@x") }).unwrap();
    store.put_group(&group("g@x", &[])).unwrap();
    let all_staff = store.authority().unwrap().all_staff();
    for taken in ["A2@x", "G@x", &all_staff.to_uppercase()] {
        refused(store.put_account(&Account::of(taken)), "address");
        refused(store.put_account(&Account { aliases: vec![taken.into()], ..Account::of("b@x") }), "address");
    }
    for taken in ["a@X", "A2@x", &all_staff] {
        refused(store.put_group(&group(taken, &[])), "address");
    }
    refused(store.put_account(&Account { aliases: vec!["B@x".into()], ..Account::of("b@x") }), "address");
    refused(store.put_account(&Account::of("")), "wszAddress");
    refused(store.put_account(&Account::of("kim")), "wszAddress");
    refused(store.put_account(&Account { aliases: vec!["line\nbreak".into()], ..Account::of("b@x") }), "wszAddress");
    refused(store.put_group(&group(" ", &[])), "user");
    refused(store.put_group(&group("h@x", &["\0"])), "user");
    refused(store.put_group(&group("h@x", &["m@x", "M@x"])), "members");
    assert_eq!(store.account("b@x").unwrap(), None);
    assert_eq!(store.group("h@x").unwrap(), None);
}

fn groups_reach_through_groups_and_aliases(store: &dyn Store) {
    store.put_account(&Account { aliases: vec!["alias@x".into()], ..Account::of("a@x") }).unwrap();
    store
        .put_groups(&[
            group("top@x", &["MIDDLE@x", "guest@partner"]),
            group("middle@x", &["bottom@x", "other@x"]),
            group("bottom@x", &["Alias@X"]),
            group("other@x", &["a@x"]),
            group("empty@x", &[]),
        ])
        .unwrap();
    for address in ["a@x", "ALIAS@x"] {
        assert_eq!(groups_of(store, address), ["top@x", "middle@x", "bottom@x", "other@x"], "{address}");
    }
    assert_eq!(groups_of(store, "guest@partner"), ["top@x"], "an address that the directory does not know");
    assert!(groups_of(store, "b@x").is_empty());

    assert_eq!(store.group("TOP@x").unwrap().unwrap().members, ["MIDDLE@x", "guest@partner"]);
    assert_eq!(store.groups().unwrap().len(), 5);
    assert!(store.add_member("Empty@x", "b@x").unwrap());
    assert!(!store.add_member("empty@x", "B@x").unwrap(), "already");
    assert_eq!(groups_of(store, "b@x"), ["empty@x"]);
    assert!(store.remove_member("empty@x", "B@X").unwrap());
    assert!(!store.remove_member("empty@x", "b@x").unwrap());
    assert!(groups_of(store, "b@x").is_empty());
    for result in [store.add_member("none@x", "b@x"), store.remove_member("none@x", "b@x")] {
        assert_eq!(result.unwrap_err().kind(), &ErrorKind::NotFound { what: "group" });
    }

    // A group may hold everyone.
    store.put_group(&group("everyone@x", &[&store.authority().unwrap().all_staff()])).unwrap();
    assert_eq!(groups_of(store, "b@x"), ["everyone@x"]);
}

fn groups_never_hold_themselves(store: &dyn Store) {
    refused(store.put_group(&group("g1@x", &["G1@x"])), "members");
    store.put_groups(&[group("g1@x", &["g2@x"]), group("g2@x", &["g3@x"])]).unwrap();
    refused(store.put_group(&group("g3@x", &["a@x", "G1@X"])), "members");
    assert_eq!(store.group("g3@x").unwrap(), None, "nothing of it stays");
    store.put_group(&group("g3@x", &["a@x"])).unwrap();
    for member in ["g1@x", "g2@x", "g3@x"] {
        refused(store.add_member("g3@x", member), "members");
    }
    // Once the way is cut, the other direction is free.
    assert!(store.remove_member("g1@x", "g2@x").unwrap());
    assert!(store.add_member("g3@x", "g1@x").unwrap());
    assert_eq!(store.group("g3@x").unwrap().unwrap().members, ["a@x", "g1@x"]);
    // The same member by two ways is no cycle.
    store.put_groups(&[group("d1@x", &["d2@x", "d3@x"]), group("d2@x", &["d4@x"]), group("d3@x", &["d4@x"])]).unwrap();
    store.put_group(&group("d4@x", &["z@x"])).unwrap();
    assert_eq!(groups_of(store, "z@x").len(), 4);
}

fn deleting_takes_out_of_groups(store: &dyn Store) {
    store.put_account(&Account { aliases: vec!["alias@x".into()], ..Account::of("a@x") }).unwrap();
    store.put_groups(&[group("in@x", &["alias@x", "b@x"]), group("out@x", &["in@x", "a@x"])]).unwrap();
    assert!(!store.delete_account("alias@x").unwrap(), "an alias is no account");
    assert!(store.delete_account("A@x").unwrap());
    assert!(!store.delete_account("a@x").unwrap());
    assert!(groups_of(store, "a@x").is_empty() && groups_of(store, "alias@x").is_empty());
    assert_eq!(store.group("in@x").unwrap().unwrap().members, ["b@x"]);
    assert!(store.delete_group("IN@x").unwrap());
    assert!(!store.delete_group("in@x").unwrap());
    assert!(store.group("out@x").unwrap().unwrap().members.is_empty());
    assert!(groups_of(store, "b@x").is_empty());
    store.put_account(&Account::of("in@x")).unwrap();
    assert!(groups_of(store, "in@x").is_empty(), "an address that is used again inherits nothing");
}

fn changes_are_whole_or_not_at_all(store: &dyn Store) {
    let accounts = store.accounts().unwrap();
    store.put_account(&Account::of("late@x")).unwrap();
    refused(
        store.put_accounts(&[
            Account::of("early@x"),
            Account { aliases: vec!["late@x".into()], ..Account::of("other@x") },
        ]),
        "address",
    );
    assert_eq!(store.accounts().unwrap().len(), accounts.len() + 1);
    assert_eq!(store.account("early@x").unwrap(), None);
    refused(store.put_groups(&[group("g1@x", &["g2@x"]), group("g2@x", &["g1@x"])]), "members");
    assert!(store.groups().unwrap().is_empty());
}

fn an_administrator_always_remains(store: &dyn Store) {
    let kim = store.account_of(&founder()).unwrap();
    refused(store.delete_account(&kim), "account");
    refused(store.put_accounts(&[Account::of("lee@x"), Account::of(&kim)]), "account");
    assert_eq!(store.account("lee@x").unwrap(), None, "nothing of it stays");
    assert!(store.account(&kim).unwrap().unwrap().administrator);
    store.put_accounts(&[Account::of(&kim), Account { administrator: true, ..Account::of("lee@x") }]).unwrap();
    refused(store.delete_account("lee@x"), "account");
    assert!(store.delete_account(&kim).unwrap());

    // Two who take each other's office away at the same moment: one is too late, in every order.
    for round in 0..20 {
        let pair = [format!("a{round}@x"), format!("b{round}@x")];
        let administrators = pair.clone().map(|email| Account { administrator: true, ..Account::of(&email) });
        store.put_accounts(&administrators).unwrap();
        let before = store.accounts().unwrap().into_iter().filter(|one| !pair.contains(&one.email));
        let before: Vec<Account> = before.map(|one| Account { administrator: false, ..one }).collect();
        store.put_accounts(&before).unwrap();
        let (demoted, deleted) = std::thread::scope(|scope| {
            let demoting = scope.spawn(|| store.put_account(&Account::of(&pair[0])).is_ok());
            let deleting = scope.spawn(|| store.delete_account(&pair[1]).is_ok());
            (demoting.join().unwrap(), deleting.join().unwrap())
        });
        assert_ne!(demoted, deleted, "exactly one succeeds");
        assert_eq!(store.accounts().unwrap().iter().filter(|one| one.administrator).count(), 1);
    }
}

fn super_users_need_the_feature(store: &dyn Store) {
    store.put_account(&Account { super_user: true, ..Account::of("super@x") }).unwrap();
    assert!(!store.identity("super@x").unwrap().super_user, "off by default");
    store.set_super_users_enabled(true).unwrap();
    assert!(store.identity("super@x").unwrap().super_user);
    assert!(!store.identity("other@x").unwrap().super_user);
    store.set_super_users_enabled(false).unwrap();
    assert!(!store.identity("super@x").unwrap().super_user);
}

pub(super) fn full_template(number: u8) -> RightsPolicyTemplate {
    let at = |text| Timestamp::parse(text);
    RightsPolicyTemplate {
        id: Guid::from_random([number; 16]),
        descriptors: vec![
            Descriptor { lcid: Lcid(1031), name: "Geheim ü".into(), description: String::new() },
            Descriptor { lcid: Lcid(1033), name: "Secret".into(), description: "d".into() },
        ],
        grants: vec![
            Grant::new(User::Email("Lee@x.example".into()), Right::read("VIEW")),
            Grant {
                range: Validity { from: at("2024-01-01T00:00"), until: None },
                ..Grant::new(User::Anyone, Right::read("Acme.Stamp"))
            },
            Grant {
                range: Validity { from: None, until: Some(Timestamp::LAST) },
                interval_days: Some(u32::MAX),
                ..Grant::new(User::Owner, Right::read("OWNER"))
            },
            Grant { interval_days: Some(0), ..Grant::new(User::Null, Right::read("PRINT")) },
        ],
        expiry: ContentExpiry::At(Timestamp::LAST),
        offline_days: Some(0),
        enabled: false,
        scope: vec![User::Email("Sales@x.example".into()), User::Anyone],
        modified: Timestamp::from_filetime(133_000_000_000_000_001),
    }
}

fn templates_come_back_as_put(store: &dyn Store) {
    let first = full_template(1);
    store.put_template(&first).unwrap();
    let second = RightsPolicyTemplate {
        grants: Vec::new(),
        expiry: ContentExpiry::Days(7),
        offline_days: None,
        enabled: true,
        scope: Vec::new(),
        ..full_template(2)
    };
    store.put_template(&second).unwrap();
    assert_eq!(store.template(first.id).unwrap().as_ref(), Some(&first));
    assert_eq!(store.template(second.id).unwrap().as_ref(), Some(&second));
    assert_eq!(store.templates().unwrap()[2..], [first.clone(), second.clone()]);
    // The spelling of names of applications is kept, which comparison alone would not show.
    assert_eq!(store.template(first.id).unwrap().unwrap().grants[1].right.name(), "Acme.Stamp");

    let changed = RightsPolicyTemplate { expiry: ContentExpiry::Never, ..full_template(1) };
    let changed = RightsPolicyTemplate { descriptors: changed.descriptors[1..].to_vec(), ..changed };
    store.put_template(&changed).unwrap();
    assert_eq!(store.templates().unwrap()[2..], [changed, second.clone()], "replaced in its place");

    assert!(store.delete_template(first.id).unwrap());
    assert!(!store.delete_template(first.id).unwrap());
    assert_eq!(store.template(first.id).unwrap(), None);
    assert_eq!(store.templates().unwrap()[2..], [second]);
}

fn retired_templates_stay_known(store: &dyn Store) {
    let (frozen, revoked) = (full_template(1), full_template(2));
    for template in [&frozen, &revoked] {
        store.put_template(template).unwrap();
    }
    assert_eq!(store.retired_template(frozen.id).unwrap(), None);
    assert!(store.retire_template(frozen.id, Retirement::Frozen).unwrap());
    assert!(store.retire_template(revoked.id, Retirement::Revoked).unwrap());
    assert!(!store.retire_template(revoked.id, Retirement::Frozen).unwrap(), "a revoked one is not made milder");
    assert_eq!(store.template(frozen.id).unwrap(), None);
    assert_eq!(store.templates().unwrap().len(), 2, "the default ones");
    assert_eq!(store.retired_template(frozen.id).unwrap(), Some((frozen.clone(), Retirement::Frozen)));
    assert_eq!(store.retired_template(revoked.id).unwrap(), Some((revoked.clone(), Retirement::Revoked)));

    store.put_template(&frozen).unwrap();
    assert_eq!(store.retired_template(frozen.id).unwrap(), None, "in use again");
    assert_eq!(store.template(frozen.id).unwrap(), Some(frozen));
    assert!(store.delete_template(revoked.id).unwrap());
    assert_eq!(store.retired_template(revoked.id).unwrap(), None, "never known");
}

fn trust_is_kept(store: &dyn Store) {
    let issuer = |name: &str| TokenIssuer {
        name: name.into(),
        issuer: "https://login.example".into(),
        audience: "msipc".into(),
        domains: vec!["X.example".into(), "y.example".into()],
        vouches_for_email: true,
        key_set: "{\"keys\":[]}".to_owned().into(),
    };
    store.put_token_issuer(&issuer("b")).unwrap();
    store.put_token_issuer(&issuer("a")).unwrap();
    assert_eq!(store.token_issuers().unwrap(), [issuer("a"), issuer("b")]);
    let changed = TokenIssuer { domains: vec!["z.example".into()], vouches_for_email: false, ..issuer("a") };
    store.put_token_issuer(&changed).unwrap();
    assert_eq!(store.token_issuers().unwrap(), [changed, issuer("b")]);
    assert!(store.delete_token_issuer("a").unwrap() && !store.delete_token_issuer("a").unwrap());
    assert_eq!(store.token_issuers().unwrap(), [issuer("b")]);
    refused(store.put_token_issuer(&TokenIssuer { domains: Vec::new(), ..issuer("c") }), "domains");
    refused(store.put_token_issuer(&TokenIssuer { domains: vec!["a@x".into()], ..issuer("c") }), "domains");
    refused(store.put_token_issuer(&TokenIssuer { audience: " ".into(), ..issuer("c") }), "audience");

    let service = ServicePrincipal {
        id: "app".into(),
        tenant: "t1".into(),
        key_digest: [7; 32],
        account: "svc@x.example".into(),
    };
    store.put_service_principal(&service).unwrap();
    assert_eq!(store.service_principal("app", "t1").unwrap(), Some(service.clone()));
    assert_eq!(store.service_principal("app", "t2").unwrap(), None);
    let changed = ServicePrincipal { key_digest: [8; 32], ..service.clone() };
    store.put_service_principal(&changed).unwrap();
    assert_eq!(store.service_principal("app", "t1").unwrap(), Some(changed));
    refused(store.put_service_principal(&ServicePrincipal { account: String::new(), ..service }), "wszAccount");
    assert!(store.delete_service_principal("app", "t1").unwrap());
    assert!(!store.delete_service_principal("app", "t1").unwrap());

    store.put_certificate(&[1; 32], "svc@x.example").unwrap();
    store.put_certificate(&[2; 32], "svc@x.example").unwrap();
    store.put_certificate(&[1; 32], "other@x.example").unwrap();
    assert_eq!(store.certificate_account(&[1; 32]).unwrap().as_deref(), Some("other@x.example"));
    refused(store.put_certificate(&[3; 32], "nobody at all"), "wszAccount");
    refused(store.put_certificate(&[3; 32], "two@x@y"), "wszAccount");
    assert!(store.delete_certificate(&[1; 32]).unwrap() && !store.delete_certificate(&[1; 32]).unwrap());
    assert_eq!(store.certificate_account(&[1; 32]).unwrap(), None);
    assert_eq!(store.certificate_account(&[2; 32]).unwrap().as_deref(), Some("svc@x.example"));
    assert!(store.delete_certificate(&[2; 32]).unwrap());
}

fn changes_of_one_template_add_up(store: &dyn Store) {
    const THREADS: u32 = 4;
    const ROUNDS: u32 = 10;
    let id = full_template(9).id;
    let count = |known: Option<RightsPolicyTemplate>| {
        let offline_days = known.map_or(1, |known| known.offline_days.unwrap_or(0) + 1);
        Ok(RightsPolicyTemplate { offline_days: Some(offline_days), ..full_template(9) })
    };
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                (0..ROUNDS).for_each(|_| drop(store.change_template(id, &mut |known| count(known)).unwrap()))
            });
        }
    });
    assert_eq!(store.template(id).unwrap().unwrap().offline_days, Some(THREADS * ROUNDS));

    let given_up = store.change_template(id, &mut |_| Err(ErrorKind::Cancelled.into()));
    assert_eq!(given_up.unwrap_err().kind(), &ErrorKind::Cancelled);
    let moved = store.change_template(id, &mut |_| Ok(full_template(10)));
    assert_eq!(moved.unwrap_err().kind(), &ErrorKind::Internal, "under another id");
    assert_eq!(store.template(full_template(10).id).unwrap(), None);
    assert_eq!(store.template(id).unwrap().unwrap().offline_days, Some(THREADS * ROUNDS), "nothing was changed");
}

fn templates_that_make_no_sense_are_refused(store: &dyn Store) {
    let sound = full_template(3);
    let late = Timestamp::from_filetime(u64::MAX);
    let mut twice = sound.clone();
    twice.descriptors[1].lcid = twice.descriptors[0].lcid;
    let mut late_grant = sound.clone();
    late_grant.grants[0].range.from = Some(late);
    for wrong in [
        RightsPolicyTemplate { descriptors: Vec::new(), ..sound.clone() },
        twice,
        late_grant,
        RightsPolicyTemplate { expiry: ContentExpiry::At(late), ..sound.clone() },
        RightsPolicyTemplate { modified: late, ..sound.clone() },
    ] {
        refused(store.put_template(&wrong), "template");
    }
    assert_eq!(store.template(sound.id).unwrap(), None);
}

fn settings_are_kept(store: &dyn Store) {
    assert_eq!(store.settings().unwrap(), Settings::default());
    store.set_offline_days_max(0).unwrap();
    store.set_super_users_enabled(true).unwrap();
    store.set_log_personal_data(true).unwrap();
    let all = Settings { offline_days_max: 0, super_users_enabled: true, log_personal_data: true };
    assert_eq!(store.settings().unwrap(), all);
    store.set_offline_days_max(u32::MAX).unwrap();
    assert_eq!(store.settings().unwrap().offline_days_max, u32::MAX);
}

fn concurrent_changes_are_all_there(store: &dyn Store) {
    store.put_group(&group("all@x", &[])).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4u8 {
            scope.spawn(move || {
                for round in 0..5u8 {
                    let email = format!("{thread}.{round}@x");
                    store.put_account(&Account::of(&email)).unwrap();
                    assert!(store.add_member("all@x", &email).unwrap());
                    store.put_template(&full_template(100 + thread * 5 + round)).unwrap();
                    assert_eq!(groups_of(store, &email), ["all@x"]);
                }
            });
        }
    });
    assert_eq!(store.group("all@x").unwrap().unwrap().members.len(), 20);
    assert_eq!(store.templates().unwrap().len(), 22);
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn kept(account: &str, license: u8, until: Option<&str>, content: &[u8]) -> KeptUseLicense {
    KeptUseLicense {
        account: account.into(),
        license: [license; 32],
        issued: at("2024-03-05T09:30"),
        until: until.map(at),
        content: content.to_vec().into(),
    }
}

fn content(store: &dyn Store, account: &str, license: u8) -> Option<Vec<u8>> {
    store.use_license(account, &[license; 32]).unwrap().map(|kept| kept.content.to_vec())
}

fn use_licenses_are_kept_for_one_account_and_license(store: &dyn Store) {
    assert_eq!(content(store, "lee@x.example", 1), None);
    store.keep_use_license(&kept("lee@x.example", 1, Some("2024-04-05T09:30"), b"first"), &OsRandom).unwrap();
    store.keep_use_license(&kept("zoë@x.example", 1, None, b"zoe's"), &OsRandom).unwrap();
    store.keep_use_license(&kept("lee@x.example", 2, None, b""), &OsRandom).unwrap();
    let found = store.use_license("lee@x.example", &[1; 32]).unwrap().unwrap();
    assert_eq!((found.account.as_str(), found.license), ("lee@x.example", [1; 32]));
    assert_eq!((found.issued, found.until), (at("2024-03-05T09:30"), Some(at("2024-04-05T09:30"))));
    assert_eq!(found.content.as_slice(), b"first");
    assert_eq!(content(store, "zoë@x.example", 1).unwrap(), b"zoe's");
    assert_eq!(content(store, "lee@x.example", 2).unwrap(), b"");
    assert_eq!(content(store, "Lee@x.example", 1), None, "callers fold addresses");
    assert_eq!(content(store, "lee@x.example", 3), None);

    store.keep_use_license(&kept("lee@x.example", 1, None, b"second"), &OsRandom).unwrap();
    let found = store.use_license("lee@x.example", &[1; 32]).unwrap().unwrap();
    assert_eq!((found.until, found.content.as_slice()), (None, b"second".as_slice()));

    assert!(store.forget_use_license("lee@x.example", &[1; 32]).unwrap());
    assert!(!store.forget_use_license("lee@x.example", &[1; 32]).unwrap());
    assert_eq!(content(store, "lee@x.example", 1), None);
    assert!(content(store, "zoë@x.example", 1).is_some() && content(store, "lee@x.example", 2).is_some());
}

fn use_licenses_that_are_over_are_dropped(store: &dyn Store) {
    for (license, until) in [(1, Some("2024-03-10T00:00")), (2, Some("2024-03-10T00:01")), (3, None)] {
        store.keep_use_license(&kept("lee@x.example", license, until, b"old"), &OsRandom).unwrap();
    }
    let later = KeptUseLicense { issued: at("2024-03-10T00:00"), ..kept("zoe@x.example", 4, None, b"new") };
    store.keep_use_license(&later, &OsRandom).unwrap();
    assert_eq!(content(store, "lee@x.example", 1), None);
    assert!(content(store, "lee@x.example", 2).is_some() && content(store, "lee@x.example", 3).is_some());
    assert!(content(store, "zoe@x.example", 4).is_some());
}

fn the_clock_mark_rises_until_it_is_reset(store: &dyn Store) {
    assert_eq!(store.clock_mark().unwrap(), ClockMark::Unknown);
    for (moment, mark) in [
        ("2024-03-05T09:30", "2024-03-05T09:30"),
        ("2024-03-05T09:31", "2024-03-05T09:31"),
        ("2024-03-05T09:30", "2024-03-05T09:31"),
    ] {
        store.raise_clock_mark(at(moment), &OsRandom).unwrap();
        assert_eq!(store.clock_mark().unwrap(), ClockMark::At(at(mark)));
    }
    store.reset_clock_mark(at("2020-01-01T00:00"), &OsRandom).unwrap();
    assert_eq!(store.clock_mark().unwrap(), ClockMark::At(at("2020-01-01T00:00")));
}
