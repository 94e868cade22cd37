//! What every store must do with revocations, lists, documents and checkpoints.

use super::*;
use crate::base::time::Validity;
use crate::policy::{RevocationTarget, Revoked};

const CONTENT: &str = "{5A6E0000-1234-4abc-8DEF-00112233445f}";

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn revocation(target: RevocationTarget, issuer: Option<&str>, by: Revoked) -> Revocation {
    Revocation {
        target,
        issuer: issuer.map(str::to_owned),
        issued: Validity::ALWAYS,
        by,
        revoked_by: "kim@x.example".into(),
        made: at("2024-04-01T00:00"),
    }
}

fn subject() -> RevocationSubject {
    RevocationSubject {
        content_id: CONTENT.to_lowercase(),
        license: [9; 32],
        issuer: Some("KIM@x.example".into()),
        issued: at("2024-03-05T09:30"),
    }
}

pub(super) fn run(fresh: &dyn Fn() -> Box<dyn Store>) {
    revocations_are_found_by_what_they_name(&*fresh());
    one_aim_is_one_revocation(&*fresh());
    numbers_of_lists_only_grow(&*fresh());
    lists_never_go_back(&*fresh());
    documents_come_back(&*fresh());
    checkpoints_stay_as_they_were(&*fresh());
}

fn revocations_are_found_by_what_they_name(store: &dyn Store) {
    let content = revocation(RevocationTarget::Content(CONTENT.into()), Some("kim@X.example"), Revoked::ByIssuer);
    let license = revocation(RevocationTarget::License([9; 32]), None, Revoked::ByAdministrator);
    let mut all = revocation(RevocationTarget::All, Some("kim@x.example"), Revoked::ByAdministrator);
    all.issued = Validity { from: Some(at("2024-03-05T09:30")), until: None };
    let mut early = revocation(RevocationTarget::All, None, Revoked::ByAdministrator);
    early.issued = Validity { from: None, until: Some(at("2024-03-05T09:30")) };
    let others = [
        revocation(RevocationTarget::Content(CONTENT.into()), Some("lee@x.example"), Revoked::ByIssuer),
        revocation(RevocationTarget::License([8; 32]), None, Revoked::ByIssuer),
        early,
    ];
    let named = [content, license, all];
    store.put_revocations(&named).unwrap();
    store.put_revocations(&others).unwrap();
    assert_eq!(store.revocations_of(&subject()).unwrap(), named);
    assert_eq!(store.revocations().unwrap(), [named.as_slice(), &others].concat());
    assert_eq!(store.remove_revocations(&named[1..]).unwrap(), 2);
    assert_eq!(store.revocations_of(&subject()).unwrap(), named[..1]);
    let nobody = RevocationSubject { issuer: None, ..subject() };
    assert!(store.revocations_of(&nobody).unwrap().is_empty());
}

fn one_aim_is_one_revocation(store: &dyn Store) {
    let first = revocation(RevocationTarget::Content(CONTENT.into()), Some("kim@x.example"), Revoked::ByIssuer);
    let mut again = first.clone();
    again.target = RevocationTarget::Content(CONTENT.to_uppercase());
    again.issuer = Some("Kim@x.example".into());
    again.revoked_by = "k@x.example".into();
    let office = Revocation { by: Revoked::ByAdministrator, ..first.clone() };
    store.put_revocations(std::slice::from_ref(&first)).unwrap();
    store.put_revocations(&[again.clone(), office.clone()]).unwrap();
    assert_eq!(store.revocations().unwrap(), [again, office.clone()]);
    assert_eq!(store.remove_revocations(std::slice::from_ref(&first)).unwrap(), 1);
    assert_eq!(store.remove_revocations(&[first]).unwrap(), 0);
    assert_eq!(store.revocations().unwrap(), [office]);
}

fn numbers_of_lists_only_grow(store: &dyn Store) {
    let revocation = revocation(RevocationTarget::All, Some("kim@x.example"), Revoked::ByIssuer);
    assert_eq!(store.number_revocations().unwrap(), (1, vec![]));
    store.put_revocations(std::slice::from_ref(&revocation)).unwrap();
    assert_eq!(store.number_revocations().unwrap(), (2, vec![revocation]));
}

fn lists_never_go_back(store: &dyn Store) {
    let list = |number, bytes: &[u8]| CarriedList { signer: [1; 32], number, bytes: bytes.to_vec() };
    assert_eq!(store.revocation_list(&[1; 32]).unwrap(), None);
    assert!(store.put_revocation_list(&list(5, b"five")).unwrap());
    assert!(store.put_revocation_list(&list(5, b"five")).unwrap());
    assert!(!store.put_revocation_list(&list(5, b"other")).unwrap());
    assert!(!store.put_revocation_list(&list(4, b"four")).unwrap());
    assert_eq!(store.revocation_list(&[1; 32]).unwrap(), Some(list(5, b"five")));
    assert!(store.put_revocation_list(&list(6, b"six")).unwrap());
    assert_eq!(store.revocation_list(&[1; 32]).unwrap(), Some(list(6, b"six")));
    assert_eq!(store.revocation_list(&[2; 32]).unwrap(), None);
}

fn documents_come_back(store: &dyn Store) {
    let mut document = TrackedDocument {
        content_id: CONTENT.into(),
        issuer: "kim@x.example".into(),
        owner: String::new(),
        name: "plan.txt".into(),
        registered: at("2024-03-05T09:30"),
        registered_by: "kim@x.example".into(),
        mail_wanted: true,
    };
    store.put_document(&document).unwrap();
    assert_eq!(store.document(&CONTENT.to_lowercase(), "KIM@x.example").unwrap(), Some(document.clone()));
    assert_eq!(store.document(CONTENT, "lee@x.example").unwrap(), None);
    document.name = "plan 2.txt".into();
    store.put_document(&document).unwrap();
    assert_eq!(store.document(CONTENT, "kim@x.example").unwrap(), Some(document));
}

fn checkpoints_stay_as_they_were(store: &dyn Store) {
    let checkpoint =
        |count, head| LogCheckpoint { count, head: [head; 32], made: at("2024-03-05T09:30"), signature: vec![1, 2, 3] };
    for (count, head) in [(512, 2), (256, 1), (512, 3)] {
        store.put_log_checkpoint(&checkpoint(count, head)).unwrap();
    }
    assert_eq!(store.log_checkpoints().unwrap(), [checkpoint(256, 1), checkpoint(512, 2)]);
}
