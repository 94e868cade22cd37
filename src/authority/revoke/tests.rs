//! The worked cases of `rights.md` about revocation, and the rules around them.

use std::sync::Arc;

use parking_lot::Mutex;

use super::*;
use crate::authority::audit::{Checkpoint, LogFilter, UsageLog};
use crate::authority::{AuthorityKeys, LicensingAuthority};
use crate::base::guid::Guid;
use crate::base::os::OsAccount;
use crate::base::time::{Clock, Timestamp};
use crate::crypto::random::OsRandom;
use crate::crypto::seal::SealingKey;
use crate::license::{AppDatum, LicenseDraft};
use crate::policy::{Right, User, UserRights, UserRightsList};
use crate::store::{Account, Founding, MemoryStore, Store};
use crate::xrml::publishing;

const CONTENT: &str = "{5a6e0000-1234-4abc-8def-00112233445f}";
const KIM: &str = "kim@x.example"; // protects
const LEE: &str = "lee@x.example"; // owner
const MIA: &str = "mia@x.example"; // reads
const OTTO: &str = "otto@x.example"; // administrator
const SUE: &str = "sue@x.example"; // super user

#[derive(Debug)]
struct Hands(Mutex<Timestamp>);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        *self.0.lock()
    }
}

struct World {
    folder: tempfile::TempDir,
    store: Arc<dyn Store>,
    authority: LicensingAuthority,
    clock: Arc<Hands>,
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

impl World {
    fn new() -> Self {
        let sealing = SealingKey::generate(&OsRandom).unwrap();
        let founder = OsAccount { id: "uid:1".into(), login: "root".into() };
        let clock = Arc::new(Hands(Mutex::new(at("2024-03-05T09:30"))));
        let founding = Founding::new("Fabrikam", &founder, &sealing, &OsRandom, clock.now()).unwrap();
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new(founding));
        let account = |email: &str| Account { email: email.into(), ..Account::default() };
        store
            .put_accounts(&[
                Account { aliases: vec!["k@x.example".into()], ..account(KIM) },
                account(LEE),
                account(MIA),
                Account { administrator: true, ..account(OTTO) },
                Account { super_user: true, ..account(SUE) },
            ])
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let keys = AuthorityKeys::load(&*store, &sealing).unwrap();
        let log = UsageLog::new(folder.path().to_owned(), keys.id, &sealing).unwrap();
        let random = Arc::new(OsRandom);
        let authority = LicensingAuthority::new(Arc::clone(&store), keys, clock.clone(), random).with_log(log);
        Self { folder, store, authority, clock }
    }

    fn identity(&self, who: &str) -> Identity {
        self.authority.identity(who).unwrap()
    }

    fn publish(&self, who: &str) -> Vec<u8> {
        let mut draft = LicenseDraft::from_scratch(self.authority.connection().clone(), Guid::parse(CONTENT).unwrap());
        let reader = UserRights { user: User::Email(MIA.into()), rights: vec![Right::read("VIEW")] };
        draft.set_user_rights(UserRightsList(vec![reader])).unwrap();
        draft.set_owner(User::Email(LEE.into())).unwrap();
        draft.auto_grant_owner = Some(true);
        self.authority.publish(&draft, None, &self.identity(who)).unwrap().license
    }

    fn open(&self, license: &[u8], who: &str) -> Result<()> {
        self.authority.acquire(&publishing::read(license).unwrap(), &self.identity(who)).map(drop)
    }

    fn opens(&self, license: &[u8]) -> [bool; 4] {
        [KIM, LEE, MIA, SUE].map(|who| match self.open(license, who) {
            Ok(()) => true,
            Err(error) => {
                assert!(matches!(error.kind(), ErrorKind::Revoked | ErrorKind::RightNotGranted { .. }), "{error}");
                false
            }
        })
    }

    fn revoke(&self, aim: Aim<'_>, issuers: Issuers, who: &str) -> Result<()> {
        let request = RevocationRequest { aim, issuers, issued: Validity::ALWAYS };
        self.authority.revoke(&request, &self.identity(who))
    }

    fn restore(&self, aim: Aim<'_>, issuers: Issuers, who: &str) -> Result<()> {
        let request = RevocationRequest { aim, issuers, issued: Validity::ALWAYS };
        self.authority.restore(&request, &self.identity(who))
    }

    fn last_line(&self) -> crate::authority::audit::LogEntry {
        let filter = LogFilter { most: 2, ..LogFilter::default() };
        let mut lines = self.authority.query_log(&filter, &self.identity(OTTO)).unwrap();
        lines.remove(0)
    }
}

#[test]
fn owner_cannot_revoke_issuer_can() {
    let world = World::new();
    let license = world.publish(KIM);
    let read = publishing::read(&license).unwrap();
    for who in [LEE, MIA, SUE] {
        for aim in [Aim::License(&read), Aim::Content(CONTENT)] {
            let refused = world.revoke(aim, Issuers::Of(KIM.into()), who).unwrap_err();
            assert_eq!(refused.kind(), &ErrorKind::AccessDenied, "{who}");
        }
    }
    assert_eq!(world.opens(&license), [true, true, true, false]);
    world.revoke(Aim::License(&read), Issuers::Own, KIM).unwrap();
    assert_eq!(world.opens(&license), [true, false, false, false], "the issuer keeps access");
    world.restore(Aim::License(&read), Issuers::Own, KIM).unwrap();
    assert_eq!(world.opens(&license), [true, true, true, false]);
    let none = world.restore(Aim::License(&read), Issuers::Own, KIM).unwrap_err();
    assert!(matches!(none.kind(), ErrorKind::NotFound { .. }));
}

#[test]
fn an_enabled_super_user_is_not_refused_and_is_marked() {
    let world = World::new();
    let license = world.publish(KIM);
    world.revoke(Aim::Content(CONTENT), Issuers::Of(KIM.into()), OTTO).unwrap();
    assert_eq!(world.opens(&license), [false; 4], "an administrator's revocation holds for the issuer too");
    world.store.set_super_users_enabled(true).unwrap();
    assert_eq!(world.opens(&license), [false, false, false, true]);
    let line = world.last_line();
    assert_eq!((line.action.as_str(), line.user.as_str(), line.rights.as_str()), ("super-user", SUE, "OWNER"));
}

#[test]
fn content_ids_are_revoked_for_their_issuer_alone() {
    let world = World::new();
    let (kims, lees) = (world.publish(KIM), world.publish(LEE));
    // Lee chose the same content id; that gives no power over Kim's.
    world.revoke(Aim::Content(CONTENT), Issuers::Own, LEE).unwrap();
    assert!(world.open(&kims, MIA).is_ok());
    assert!(world.open(&lees, MIA).is_err());
    world.revoke(Aim::Content(CONTENT), Issuers::Own, "k@x.example").unwrap();
    assert!(world.open(&kims, MIA).is_err(), "an alias is the same account");
    world.restore(Aim::Content(CONTENT), Issuers::Of(LEE.into()), OTTO).unwrap();
    assert!(world.open(&lees, MIA).is_ok(), "an administrator lifts what the issuer revoked");
    assert!(world.open(&kims, MIA).is_err());
}

#[test]
fn an_issuer_cannot_lift_the_word_of_an_administrator() {
    let world = World::new();
    let license = world.publish(KIM);
    world.revoke(Aim::Content(CONTENT), Issuers::Of(KIM.into()), OTTO).unwrap();
    let none = world.restore(Aim::Content(CONTENT), Issuers::Own, KIM).unwrap_err();
    assert!(matches!(none.kind(), ErrorKind::NotFound { .. }), "{none}");
    assert!(world.open(&license, KIM).is_err());
    world.restore(Aim::Content(CONTENT), Issuers::Of(KIM.into()), OTTO).unwrap();
    assert!(world.open(&license, MIA).is_ok());
}

#[test]
fn issuers_and_dates_are_revoked() {
    let world = World::new();
    let early = world.publish(KIM);
    *world.clock.0.lock() = at("2024-04-01T00:00");
    let late = world.publish(KIM);
    let until = |issuers| RevocationRequest {
        aim: Aim::All,
        issuers,
        issued: Validity { from: None, until: Some(at("2024-04-01T00:00")) },
    };
    let otto = world.identity(OTTO);
    world.authority.revoke(&until(Issuers::Of(KIM.into())), &otto).unwrap();
    assert!(world.open(&early, MIA).is_err());
    assert!(world.open(&late, MIA).is_ok());
    world.authority.restore(&until(Issuers::Of(KIM.into())), &otto).unwrap();
    assert!(world.open(&early, MIA).is_ok());

    world.authority.revoke(&until(Issuers::Everybody), &otto).unwrap();
    assert!(world.open(&early, MIA).is_err());
    assert!(world.open(&late, MIA).is_ok());
    let everything = world.revoke(Aim::All, Issuers::Everybody, OTTO).unwrap_err();
    assert!(matches!(everything.kind(), ErrorKind::InvalidArgument { .. }));
    let denied = world.authority.revoke(&until(Issuers::Everybody), &world.identity(KIM)).unwrap_err();
    assert_eq!(denied.kind(), &ErrorKind::AccessDenied);
    world.revoke(Aim::All, Issuers::Own, KIM).unwrap();
    assert!(world.open(&late, MIA).is_err());
}

#[test]
fn lists_say_what_the_authority_says() {
    let world = World::new();
    let license = world.publish(KIM);
    let read = publishing::read(&license).unwrap();
    world.revoke(Aim::License(&read), Issuers::Own, KIM).unwrap();
    let export = || {
        let bytes = world.authority.export_revocation_list(7, &world.identity(MIA)).unwrap();
        revocation_list::read(&bytes).unwrap()
    };
    let first = export();
    assert_eq!((first.number, first.issued, first.next_update), (1, at("2024-03-05T09:30"), at("2024-03-12T09:30")));
    assert_eq!(revoked(&first.revocations, &revocation_subject(&read)), Some(Revoked::ByIssuer));
    world.restore(Aim::License(&read), Issuers::Own, KIM).unwrap();
    let second = export();
    assert_eq!(second.number, 2);
    assert_eq!(revoked(&second.revocations, &revocation_subject(&read)), None);
    assert!(world.authority.export_revocation_list(0, &world.identity(MIA)).is_err());

    let everything = RevocationList {
        revocations: vec![
            Revocation {
                target: RevocationTarget::Content("a<&\">b".into()),
                issuer: Some("o'\"<x@x.example".into()),
                issued: Validity { from: Some(at("2024-01-01T00:00")), until: Some(at("2024-02-01T00:00")) },
                by: Revoked::ByAdministrator,
                revoked_by: String::new(),
                made: first.issued,
            },
            Revocation {
                target: RevocationTarget::All,
                issuer: None,
                issued: Validity { from: None, until: Some(at("2024-02-01T00:00")) },
                by: Revoked::ByIssuer,
                revoked_by: String::new(),
                made: first.issued,
            },
        ],
        ..first
    };
    let bytes = revocation_list::write(&everything, &world.authority.keys.signing).unwrap();
    assert_eq!(revocation_list::read(&bytes).unwrap(), everything);
    let text = String::from_utf8(bytes).unwrap();
    let changed = text.replacen("by=\"administrator\"", "by=\"issuer\"", 1);
    assert_ne!(changed, text);
    assert_eq!(revocation_list::read(changed.as_bytes()).unwrap_err().kind(), &ErrorKind::BadSignature);
    assert!(revocation_list::read(&license).is_err(), "a license is no list");
    assert!(publishing::read(text.as_bytes()).is_err(), "a list is no license");
}

#[test]
fn every_request_is_a_line_and_no_line_means_no_answer() {
    let world = World::new();
    let license = world.publish(KIM);
    let line = world.last_line();
    assert_eq!((line.operation.as_str(), line.outcome.as_str()), ("CreatePublishingLicense", "Success"));
    assert_eq!((line.user.as_str(), line.owner.as_str(), line.issuer.as_str()), (KIM, LEE, KIM));
    assert_eq!(line.content_id, CONTENT);
    world.open(&license, MIA).unwrap();
    let line = world.last_line();
    assert_eq!((line.operation.as_str(), line.user.as_str(), line.rights.as_str()), ("AcquireLicense", MIA, "VIEW"));
    assert_eq!(
        (line.content_id.as_str(), line.issuer.as_str(), line.published.as_str()),
        (CONTENT, KIM, "2024-03-05T09:30")
    );
    assert!(world.open(&license, "nobody@x.example").is_err());
    assert_eq!(world.last_line().outcome, "AccessDenied");
    world.revoke(Aim::Content(CONTENT), Issuers::Own, KIM).unwrap();
    let line = world.last_line();
    assert_eq!((line.operation.as_str(), line.action.as_str()), ("RevokeAccess", "content"));
    assert!(world.open(&license, MIA).is_err());
    assert_eq!(world.last_line().outcome, "Revoked");
    assert!(world.revoke(Aim::Content(CONTENT), Issuers::Of(KIM.into()), MIA).is_err());
    let line = world.last_line();
    assert_eq!((line.operation.as_str(), line.outcome.as_str()), ("RevokeAccess", "AccessDenied"));

    let report = world.authority.verify_log(None, &world.identity(OTTO)).unwrap();
    assert_eq!(report.problem, None);
    assert_eq!(world.authority.verify_log(None, &world.identity(KIM)).unwrap_err().kind(), &ErrorKind::AccessDenied);

    // A folder in the place of the log cannot be written to.
    std::fs::remove_file(world.folder.path().join("usage.log")).unwrap();
    std::fs::create_dir(world.folder.path().join("usage.log")).unwrap();
    for (case, answer) in [
        ("open", world.open(&license, KIM)),
        ("revoke", world.revoke(Aim::All, Issuers::Own, KIM)),
        ("restore", world.restore(Aim::Content(CONTENT), Issuers::Own, KIM)),
        ("list", world.authority.export_revocation_list(1, &world.identity(KIM)).map(drop)),
    ] {
        assert_eq!(answer.unwrap_err().kind(), &ErrorKind::StoreUnusable, "{case}");
    }
    assert_eq!(world.store.revocations().unwrap().len(), 2, "kim and her alias, as before");
}

#[test]
fn issuers_see_who_opened_their_content_and_no_other_lines() {
    let world = World::new();
    let (kims, lees) = (world.publish(KIM), world.publish(LEE));
    world.open(&kims, MIA).unwrap();
    world.open(&lees, MIA).unwrap();
    let filter = LogFilter { most: 100, ..LogFilter::default() };
    let lines = world.authority.query_log(&filter, &world.identity(KIM)).unwrap();
    assert_eq!(
        lines.iter().map(|line| line.operation.as_str()).collect::<Vec<_>>(),
        ["CreatePublishingLicense", "AcquireLicense"]
    );
    assert!(lines.iter().all(|line| line.issuer == KIM));
    assert!(world.authority.query_log(&filter, &world.identity(OTTO)).unwrap().len() >= 5);
    assert!(world.authority.query_log(&filter, &world.identity(MIA)).unwrap().is_empty());
}

#[test]
fn checkpoints_come_every_256_lines_and_stand_for_them() {
    let world = World::new();
    let event = Event::new(Operation::ChangeSettings, Outcome::Success, OTTO);
    (0..300).for_each(|_| world.authority.record(&event).unwrap());
    let kept = world.store.log_checkpoints().unwrap();
    assert_eq!(kept.iter().map(|one| one.count).collect::<Vec<_>>(), [256]);
    let otto = world.identity(OTTO);
    let outside = world.authority.log_checkpoint(&otto).unwrap();
    let outside = Checkpoint::parse(&outside.text()).unwrap();
    let report = world.authority.verify_log(Some(&outside), &otto).unwrap();
    assert_eq!((report.lines, report.checkpoints, report.problem), (300, 3, None));
    // The whole log gone: the store remembers that there was one.
    std::fs::remove_file(world.folder.path().join("usage.log")).unwrap();
    assert!(world.authority.verify_log(None, &otto).unwrap().problem.is_some());
}

#[test]
fn metadata_are_for_issuer_and_owner_and_leave_the_rest_alone() {
    let world = World::new();
    let license = world.publish(KIM);
    let entries = |name: &str| vec![AppDatum { name: "MS.Content.Name".into(), value: name.into() }];
    for who in [MIA, OTTO, SUE] {
        let refused = world.authority.update_metadata(&license, &entries("x"), &world.identity(who)).unwrap_err();
        assert_eq!(refused.kind(), &ErrorKind::AccessDenied, "{who}");
    }
    let before = publishing::read(&license).unwrap();
    let named = world.authority.update_metadata(&license, &entries("plan <1>.txt"), &world.identity(LEE)).unwrap();
    let named = world.authority.update_metadata(&named, &entries("plan & 2.txt"), &world.identity(KIM)).unwrap();
    let after = publishing::read(&named).unwrap();
    assert_eq!(after.license().metadata, entries("plan & 2.txt"));
    let mut same = after.license().clone();
    same.metadata.clear();
    assert_eq!(&same, before.license());
    assert_ne!(after.identity(), before.identity());
    assert_eq!(world.opens(&named), [true, true, true, false]);
    assert_eq!(world.last_line().content_name, "plan & 2.txt");
    let cleared = world.authority.update_metadata(&named, &[], &world.identity(KIM)).unwrap();
    assert_eq!(cleared.len(), license.len(), "nothing is left of them");

    // Whatever form a license has: it is the same license to who revokes it.
    world.revoke(Aim::License(&before), Issuers::Own, KIM).unwrap();
    assert_eq!(world.opens(&named), [true, false, false, false]);
    let refused = world.authority.update_metadata(&license, &entries("y"), &world.identity(LEE)).unwrap_err();
    assert_eq!(refused.kind(), &ErrorKind::Revoked);
}

#[test]
fn registered_documents_are_kept() {
    let world = World::new();
    let license = publishing::read(&world.publish(KIM)).unwrap();
    assert_eq!(world.authority.document(&license).unwrap(), None);
    let refused = world.authority.register(&license, Some("plan"), true, &world.identity(MIA)).unwrap_err();
    assert_eq!(refused.kind(), &ErrorKind::AccessDenied);
    world.authority.register(&license, Some("plan.txt"), true, &world.identity(LEE)).unwrap();
    let document = world.authority.document(&license).unwrap().unwrap();
    assert_eq!((document.name.as_str(), document.registered_by.as_str()), ("plan.txt", LEE));
    assert_eq!((document.issuer.as_str(), document.owner.as_str(), document.mail_wanted), (KIM, LEE, true));
    assert_eq!(world.last_line().operation, "RegisterLicense");
}

#[test]
fn licenses_of_other_authorities_are_none_of_ours() {
    let (world, other) = (World::new(), World::new());
    let foreign = publishing::read(&other.publish(KIM)).unwrap();
    let refused = world.revoke(Aim::License(&foreign), Issuers::Own, KIM).unwrap_err();
    assert_eq!(refused.kind(), &ErrorKind::UnknownAuthority);
    let refused = world.authority.register(&foreign, None, false, &world.identity(KIM)).unwrap_err();
    assert_eq!(refused.kind(), &ErrorKind::UnknownAuthority);
}
