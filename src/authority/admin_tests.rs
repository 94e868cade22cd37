//! What administrators can do, what others cannot, and what it means for content that exists.

use std::sync::Arc;

use super::*;
use crate::authority::AuthorityKeys;
use crate::authority::audit::{LogFilter, UsageLog};
use crate::base::locale::Lcid;
use crate::base::os::OsAccount;
use crate::base::time::{Clock, Timestamp};
use crate::crypto::random::OsRandom;
use crate::crypto::seal::SealingKey;
use crate::license::LicenseDraft;
use crate::policy::{Descriptor, Grant, Right, User};
use crate::store::{Directory, Founding, MemoryStore};
use crate::xrml::publishing;
use parking_lot::Mutex;

#[derive(Debug)]
struct TestClock(Mutex<Timestamp>);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.0.lock()
    }
}

struct World {
    _folder: tempfile::TempDir,
    authority: LicensingAuthority,
    store: Arc<dyn Store>,
    clock: Arc<TestClock>,
    admin: String,
}

const ALICE: &str = "alice@x.example";
const BOB: &str = "bob@x.example";

impl World {
    fn new() -> Self {
        let sealing = SealingKey::generate(&OsRandom).unwrap();
        let founder = OsAccount { id: "uid:1".into(), login: "kim".into() };
        let now = Timestamp::parse("2024-03-05T09:30").unwrap();
        let founding = Founding::new("Fabrikam", &founder, &sealing, &OsRandom, now).unwrap();
        let admin = founding.administrator.email.clone();
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new(founding));
        let keys = AuthorityKeys::load(&*store, &sealing).unwrap();
        let clock = Arc::new(TestClock(Mutex::new(now)));
        let folder = tempfile::tempdir().unwrap();
        let log = UsageLog::new(folder.path().to_owned(), keys.id, &sealing).unwrap();
        let authority = LicensingAuthority::new(Arc::clone(&store), keys, clock.clone(), Arc::new(OsRandom));
        Self { _folder: folder, authority: authority.with_log(log), store, clock, admin }
    }

    fn as_admin(&self) -> Administration<'_> {
        self.authority.administration(self.authority.identity(&self.admin).unwrap()).unwrap()
    }

    fn template(&self, grants: &[(&str, &str)]) -> RightsPolicyTemplate {
        RightsPolicyTemplate {
            id: self.as_admin().new_id().unwrap(),
            descriptors: vec![Descriptor { lcid: Lcid(1033), name: "Plans".into(), description: "d".into() }],
            grants: grants.iter().map(|(u, r)| Grant::new(User::Email((*u).into()), Right::read(r))).collect(),
            expiry: ContentExpiry::Never,
            offline_days: None,
            enabled: true,
            scope: Vec::new(),
            modified: self.clock.now(),
        }
    }

    fn publish(&self, template: &RightsPolicyTemplate, who: &str) -> Result<publishing::SignedPublishingLicense> {
        publishing::read(&self.publish_bytes(template, who)?)
    }

    fn publish_bytes(&self, template: &RightsPolicyTemplate, who: &str) -> Result<Vec<u8>> {
        let connection = self.authority.connection().clone();
        let draft = LicenseDraft::from_template(connection, template, Guid::from_random([3; 16]));
        Ok(self.authority.publish(&draft, None, &self.authority.identity(who)?)?.license)
    }

    fn rights(&self, license: &publishing::SignedPublishingLicense, who: &str) -> Result<Vec<String>> {
        let decision = self.authority.acquire(license, &self.authority.identity(who)?)?.decision;
        Ok(decision.granted().names().iter().map(|right| right.name().to_owned()).collect())
    }
}

fn kind<T>(result: Result<T>) -> ErrorKind {
    result.err().expect("a refusal").kind().clone()
}

#[test]
fn only_administrators_administer() {
    let world = World::new();
    assert_eq!(kind(world.authority.administration(Identity::of(ALICE))), ErrorKind::AccessDenied);
    let identity = world.authority.identity(&world.admin).unwrap();
    assert!(world.authority.administration(identity).is_ok());
}

#[test]
fn changes_and_refused_ones_are_lines_of_the_log() {
    let world = World::new();
    let kept = world.as_admin().put_template(world.template(&[(BOB, "VIEW")])).unwrap();
    world.as_admin().set_template_enabled(kept.id, false).unwrap();
    world.as_admin().delete_template(kept.id, Retirement::Frozen).unwrap();
    world.as_admin().put_accounts(&[Account::of(ALICE), Account::of(BOB)]).unwrap();
    assert!(world.as_admin().put_accounts(&[Account { aliases: vec![BOB.into()], ..Account::of(ALICE) }]).is_err());
    world.as_admin().set_offline_days_max(7).unwrap();
    assert!(world.authority.administration(Identity::of(ALICE)).is_err());

    let admin = world.authority.identity(&world.admin).unwrap();
    let filter = LogFilter { most: 100, ..LogFilter::default() };
    let lines = world.authority.query_log(&filter, &admin).unwrap();
    let mut found: Vec<(&str, bool, &str)> = lines
        .iter()
        .map(|line| (line.operation.as_str(), line.outcome == Outcome::Success.name(), line.action.as_str()))
        .filter(|(operation, ..)| *operation != Operation::ReadUsageLog.name())
        .collect();
    found.sort_by_key(|line| format!("{line:?}"));
    let two = "put account alice@x.example and 1 more";
    let mut expected = vec![
        (Operation::AddTemplate.name(), true, "add"),
        (Operation::UpdateTemplate.name(), true, "change"),
        (Operation::DeleteTemplate.name(), true, "freeze"),
        (Operation::ChangeDirectory.name(), true, two),
        (Operation::ChangeDirectory.name(), true, "put account alice@x.example"),
        (Operation::ChangeDirectory.name(), false, "put account alice@x.example"),
        (Operation::ChangeSettings.name(), true, "set offline-days-max 7"),
        (Operation::ChangeSettings.name(), false, "administration"),
    ];
    expected.sort_by_key(|line| format!("{line:?}"));
    assert_eq!(found, expected);
    assert!(lines.iter().any(|line| line.template_id == kept.id.to_string()));
}

#[test]
fn a_changed_template_decides_about_old_content() {
    let world = World::new();
    let kept = world.as_admin().put_template(world.template(&[(BOB, "VIEW"), (BOB, "PRINT")])).unwrap();
    let license = world.publish(&kept, ALICE).unwrap();
    assert_eq!(world.rights(&license, BOB).unwrap(), ["VIEW", "PRINT"]);

    let fewer = RightsPolicyTemplate { grants: kept.grants[..1].to_vec(), ..kept.clone() };
    let changed = world.as_admin().put_template(fewer).unwrap();
    assert!(changed.modified > kept.modified, "also when the clock stands still");
    assert_eq!(world.rights(&license, BOB).unwrap(), ["VIEW"]);
}

#[test]
fn a_disabled_template_is_hidden_but_decides() {
    let world = World::new();
    let kept = world.as_admin().put_template(world.template(&[(BOB, "VIEW")])).unwrap();
    let license = world.publish(&kept, ALICE).unwrap();
    world.as_admin().set_template_enabled(kept.id, false).unwrap();
    let offered = world.authority.templates(&Identity::of(ALICE)).unwrap();
    assert!(offered.iter().all(|template| template.id != kept.id));
    assert!(world.as_admin().templates().unwrap().iter().any(|template| template.id == kept.id));
    assert!(matches!(kind(world.publish(&kept, ALICE)), ErrorKind::NotFound { .. }));

    let more = RightsPolicyTemplate { grants: world.template(&[(BOB, "EDIT")]).grants, enabled: false, ..kept.clone() };
    world.as_admin().put_template(more).unwrap();
    assert_eq!(world.rights(&license, BOB).unwrap(), ["EDIT"], "its current policy");
    world.as_admin().set_template_enabled(kept.id, true).unwrap();
    assert!(world.publish(&kept, ALICE).is_ok());
}

#[test]
fn a_deleted_template_freezes_its_last_policy() {
    let world = World::new();
    let kept = world.as_admin().put_template(world.template(&[(BOB, "VIEW"), (BOB, "PRINT")])).unwrap();
    let license = world.publish(&kept, ALICE).unwrap();
    // The sealed copy grants PRINT, the last policy does not.
    let fewer = RightsPolicyTemplate { grants: kept.grants[..1].to_vec(), ..kept.clone() };
    world.as_admin().put_template(fewer).unwrap();
    world.as_admin().delete_template(kept.id, Retirement::Frozen).unwrap();
    assert_eq!(world.rights(&license, BOB).unwrap(), ["VIEW"]);
    assert!(matches!(kind(world.publish(&kept, ALICE)), ErrorKind::NotFound { .. }));
    assert!(matches!(kind(world.as_admin().template(kept.id)), ErrorKind::NotFound { .. }));
    assert!(matches!(kind(world.as_admin().delete_template(kept.id, Retirement::Frozen)), ErrorKind::NotFound { .. }));
}

#[test]
fn a_deleted_template_may_revoke_what_it_protected() {
    let world = World::new();
    let kept = world.as_admin().put_template(world.template(&[(BOB, "VIEW")])).unwrap();
    let license = world.publish(&kept, ALICE).unwrap();
    world.as_admin().delete_template(kept.id, Retirement::Revoked).unwrap();
    assert_eq!(kind(world.rights(&license, BOB)), ErrorKind::Revoked);
    assert_eq!(
        kind(world.rights(&license, ALICE)),
        ErrorKind::Revoked,
        "an administrator's revocation binds the issuer"
    );

    let root = Account { super_user: true, ..Account::of("root@x.example") };
    world.store.put_account(&root).unwrap();
    world.as_admin().set_super_users_enabled(true).unwrap();
    assert_eq!(world.rights(&license, "root@x.example").unwrap(), ["OWNER"]);
}

/// A directory of another make: everybody at the address belongs to one group.
#[derive(Debug)]
struct Company;

impl Directory for Company {
    fn identity(&self, address: &str) -> Result<Identity> {
        Ok(Identity { groups: vec!["plan@x.example".into()], ..Identity::of(address) })
    }
}

#[test]
fn another_directory_may_stand_behind_the_authority() {
    let mut world = World::new();
    let kept = world.as_admin().put_template(world.template(&[("plan@x.example", "PRINT")])).unwrap();
    let license = world.publish(&kept, ALICE).unwrap();
    assert!(matches!(kind(world.rights(&license, BOB)), ErrorKind::RightNotGranted { .. }));
    world.authority = world.authority.with_directory(Arc::new(Company));
    assert_eq!(world.rights(&license, BOB).unwrap(), ["PRINT"]);
    let admin = world.authority.identity(&world.admin).unwrap();
    assert_eq!(kind(world.authority.administration(admin)), ErrorKind::AccessDenied, "the store is not asked");
}

#[test]
fn a_license_that_does_not_show_its_template_is_revoked_with_it() {
    let world = World::new();
    let kept = world.as_admin().put_template(world.template(&[(BOB, "VIEW")])).unwrap();
    let license =
        crate::xrml::signed_again(&world.publish_bytes(&kept, ALICE).unwrap(), &world.authority.keys.signing, |body| {
            let (before, rest) = body.split_once("<DESCRIPTOR>").unwrap();
            let (_, after) = rest.split_once("</DESCRIPTOR>").unwrap();
            [before, after].concat()
        });
    let license = publishing::read(&license).unwrap();
    assert_eq!(license.license().descriptor, None);
    assert_eq!(world.rights(&license, BOB).unwrap(), ["VIEW"]);
    world.as_admin().delete_template(kept.id, Retirement::Revoked).unwrap();
    for who in [BOB, ALICE] {
        assert_eq!(kind(world.rights(&license, who)), ErrorKind::Revoked, "{who}");
    }
}

#[test]
fn the_sealed_copy_decides_where_the_template_was_never_known() {
    let world = World::new();
    let kept = world.as_admin().put_template(world.template(&[(BOB, "VIEW")])).unwrap();
    let license = world.publish(&kept, ALICE).unwrap();
    assert!(world.store.delete_template(kept.id).unwrap());
    assert_eq!(world.rights(&license, BOB).unwrap(), ["VIEW"]);
}

#[test]
fn templates_are_offered_to_their_scope() {
    let world = World::new();
    let group = Group { email: "sales@x.example".into(), display_name: String::new(), members: vec![ALICE.to_owned()] };
    world.as_admin().put_groups(&[group]).unwrap();
    let scope = vec![User::Email("Sales@x.example".into())];
    let kept =
        world.as_admin().put_template(RightsPolicyTemplate { scope, ..world.template(&[(BOB, "VIEW")]) }).unwrap();
    let offered = |who: &str| {
        let identity = world.authority.identity(who).unwrap();
        world.authority.templates(&identity).unwrap().iter().any(|template| template.id == kept.id)
    };
    assert!(offered(ALICE) && !offered(BOB));
    let license = world.publish(&kept, ALICE).unwrap();
    assert_eq!(kind(world.publish(&kept, BOB)), ErrorKind::TemplateNotEnabledForUser);
    assert_eq!(world.rights(&license, BOB).unwrap(), ["VIEW"], "the scope says nothing about opening");
}

#[test]
fn templates_travel_as_signed_files() {
    let world = World::new();
    let mut template = world.template(&[(BOB, "VIEW"), ("c@x.example", "ACME.Stamp")]);
    template.expiry = ContentExpiry::Days(30);
    template.offline_days = Some(7);
    template.descriptors.push(Descriptor { lcid: Lcid(1031), name: "Pläne".into(), description: "für alle".into() });
    template.scope = vec![User::Email(ALICE.into())];
    let kept = world.as_admin().put_template(template).unwrap();
    let file = world.as_admin().export_template(kept.id).unwrap();

    world.as_admin().set_template_enabled(kept.id, false).unwrap();
    let back = world.as_admin().import_template(&file, false).unwrap();
    assert_eq!((&back.scope, back.enabled), (&kept.scope, false), "what a file does not hold stays");
    assert_eq!(
        (&back.grants, &back.descriptors, back.expiry, back.offline_days),
        (&kept.grants, &kept.descriptors, kept.expiry, kept.offline_days)
    );

    let other = World::new();
    assert_eq!(kind(other.as_admin().import_template(&file, false)), ErrorKind::BadChain);
    let taken = other.as_admin().import_template(&file, true).unwrap();
    assert_eq!((taken.id, taken.enabled), (kept.id, true));
    assert!(taken.scope.is_empty());

    let text = String::from_utf8(file.clone()).unwrap();
    let forged = text.replace("VIEW", "EDIT").into_bytes();
    assert_ne!(forged, file);
    assert_eq!(kind(other.as_admin().import_template(&forged, true)), ErrorKind::BadSignature);
    assert!(other.as_admin().import_template(b"no template", true).is_err());
}

#[test]
fn templates_that_no_license_could_hold_are_refused() {
    let world = World::new();
    let sound = world.template(&[(BOB, "VIEW")]);
    let mut control = sound.clone();
    control.descriptors[0].name = "a\u{1}b".into();
    for wrong in [
        control,
        RightsPolicyTemplate { expiry: ContentExpiry::Days(0), ..sound.clone() },
        RightsPolicyTemplate { expiry: ContentExpiry::Days(DAYS_MAX + 1), ..sound.clone() },
        RightsPolicyTemplate { offline_days: Some(DAYS_MAX + 1), ..sound.clone() },
        RightsPolicyTemplate { descriptors: Vec::new(), ..sound.clone() },
    ] {
        assert!(matches!(kind(world.as_admin().put_template(wrong)), ErrorKind::InvalidArgument { .. }));
    }
    assert!(matches!(kind(world.as_admin().template(sound.id)), ErrorKind::NotFound { .. }));
}

#[test]
fn default_templates_exist_in_both_forms() {
    let world = World::new();
    let ids = world.as_admin().make_default_templates(DefaultForm::Before2017).unwrap();
    let rights: Vec<usize> = ids.iter().map(|id| world.as_admin().template(*id).unwrap().grants.len()).collect();
    assert_eq!(rights, [1, 7]);
    assert_eq!(world.as_admin().templates().unwrap().len(), 4, "beside those that the store began with");
    let license = world.publish(&world.as_admin().template(ids[0]).unwrap(), ALICE).unwrap();
    assert_eq!(world.rights(&license, BOB).unwrap(), ["VIEW"]);
}

#[test]
fn an_administrator_always_remains() {
    let world = World::new();
    let admin = world.admin.as_str();
    let refused = |result: Result<()>| assert!(kind(result) == ErrorKind::InvalidArgument { what: "account" });
    refused(world.as_admin().delete_account(admin));
    refused(world.as_admin().put_accounts(&[Account::of(admin)]));
    world.as_admin().put_accounts(&[Account { administrator: true, ..Account::of(ALICE) }]).unwrap();
    world.as_admin().put_accounts(&[Account::of(admin)]).unwrap();
    assert_eq!(kind(world.authority.administration(world.authority.identity(admin).unwrap())), ErrorKind::AccessDenied);
    let alice = world.authority.administration(world.authority.identity(ALICE).unwrap()).unwrap();
    refused(alice.delete_account(ALICE));
    alice.delete_account(admin).unwrap();
    assert!(matches!(kind(alice.delete_account(admin)), ErrorKind::NotFound { .. }));
}

#[test]
fn applications_prove_themselves_with_their_key() {
    let world = World::new();
    let key = "MDEyMzQ1Njc4OWFiY2RlZg==";
    world.as_admin().put_service_principal("app", "tenant", key, "svc@x.example").unwrap();
    let ask = |principal: &str, tenant: &str, key: &str| world.authority.principal_account(principal, tenant, key);
    assert_eq!(ask("app", "tenant", key).unwrap(), "svc@x.example");
    for (principal, tenant, key) in [
        ("app", "tenant", "MDEyMzQ1Njc4OWFiY2RlZA=="),
        ("app", "other", key),
        ("other", "tenant", key),
        ("app", "tenant", ""),
        ("app", "tenant", "not base 64"),
    ] {
        assert_eq!(kind(ask(principal, tenant, key)), ErrorKind::NotAuthenticated);
    }
    for short in ["", "AAAA", "%"] {
        let result = world.as_admin().put_service_principal("app", "tenant", short, "svc@x.example");
        assert!(matches!(kind(result), ErrorKind::InvalidArgument { .. }));
    }
    world.as_admin().delete_service_principal("app", "tenant").unwrap();
    assert_eq!(kind(ask("app", "tenant", key)), ErrorKind::NotAuthenticated);
}
