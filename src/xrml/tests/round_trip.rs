//! What is written is read back, property by property.

use super::{at, owner, principal, vector_key};
use crate::base::guid::Guid;
use crate::base::locale::Lcid;
use crate::base::time::Validity;
use crate::cipher::{ContentKey, PackageId};
use crate::crypto::random::OsRandom;
use crate::crypto::rsa::RsaPrivateKey;
use crate::error::ErrorKind;
use crate::license::{AppDatum, PolicyDescriptor, Referral, RevocationPoint, RightsDataKind, visible};
use crate::policy::evaluate::GrantedRight;
use crate::policy::template::ContentExpiry;
use crate::policy::{Descriptor, Grant, Right, RightsPolicyTemplate, User, UserRights, UserRightsList};
use crate::xrml::publishing::{self, NewPublishingLicense, NewRights};
use crate::xrml::text::TextEncoding;
use crate::xrml::use_license::{self, NewUseLicense};
use crate::xrml::{template, text};

const SERVER_ID: &str = "11111111-2222-4333-8444-555555555555";

fn datum(name: &str, value: &str) -> AppDatum {
    AppDatum { name: name.into(), value: value.into() }
}

fn email(address: &str) -> User {
    User::Email(address.into())
}

fn entry(user: User, rights: &[&str]) -> UserRights {
    UserRights { user, rights: rights.iter().map(|name| Right::read(name)).collect() }
}

fn texts() -> Vec<Descriptor> {
    let one =
        |lcid, name: &str, text: &str| Descriptor { lcid: Lcid(lcid), name: name.into(), description: text.into() };
    vec![one(1033, "Plan <A> & B; C", "Staff: \"only\""), one(1041, "計画 𝄞", "社外秘\r\nline")]
}

fn new(key: &RsaPrivateKey, rights: NewRights) -> NewPublishingLicense {
    NewPublishingLicense {
        issued: at("2024-03-05T09:30"),
        validity: Validity { from: Some(at("2024-03-05T09:30")), until: Some(at("2024-09-05T00:00")) },
        server: principal(key),
        intranet_url: "https://a.invalid/_wmcs/licensing".into(),
        extranet_url: "https://b.invalid/_wmcs/licensing".into(),
        referral: Some(Referral { name: Some("Help".into()), url: "mailto:help@fabrikam.example".into() }),
        content_id: "{ac70fb95-cb58-4e01-a016-14c5ae65fad2}".into(),
        owner: owner(),
        app_data: vec![datum("clear", "a\tb\nc\rd \u{85}\u{2028}"), datum("quote\"<&>'\n\r", "")],
        metadata: vec![datum("MS.Content.Name", "plan.txt")],
        revocation: Some(RevocationPoint {
            id: Some("{22222222-2222-4333-8444-555555555555}".into()),
            url: Some("https://a.invalid/list".into()),
            max_age_seconds: 7 * 86_400 + 3 * 3_600 + 61,
        }),
        rights,
        utf16: false,
    }
}

fn ad_hoc(users: Vec<UserRights>, auto_grant: bool, interval_days: Option<u32>) -> NewRights {
    NewRights::AdHoc {
        descriptor: Some(PolicyDescriptor {
            id: "{5a6e0000-1234-4abc-8def-00112233445f}".into(),
            version: None,
            texts: texts(),
        }),
        users: UserRightsList(users),
        auto_grant,
        interval_days,
        app_data: vec![datum("secret", "v<1>"), datum("empty", "")],
    }
}

fn some_template() -> RightsPolicyTemplate {
    RightsPolicyTemplate {
        id: Guid::from_random([7; 16]),
        descriptors: texts(),
        grants: vec![
            Grant::new(User::Anyone, Right::read("VIEW")),
            Grant::new(email("staff@fabrikam.example"), Right::read("EDIT")),
            Grant::new(email("staff@fabrikam.example"), Right::read("X-Custom.1")),
        ],
        expiry: ContentExpiry::Never,
        offline_days: Some(7),
        enabled: true,
        scope: Vec::new(),
        modified: at("2024-01-01T00:00"),
    }
}

#[test]
fn every_property_of_an_ad_hoc_license() {
    let key = vector_key!("01-basic.key.pem");
    let users = vec![
        entry(User::Null, &[]),
        entry(email("zoë@fabrikam.example"), &["VIEW", "PRINT", "DOCEDIT", "my <right> & \"more\""]),
        entry(email("none@fabrikam.example"), &[]),
        entry(User::Anyone, &["VIEW"]),
        entry(User::Owner, &["EDIT"]),
        entry(User::Null, &["VIEW"]),
        entry(email("last@fabrikam.example"), &[]),
    ];
    // The same user twice, with and without rights, is two entries for an application and stays two.
    let expected = UserRightsList(users.clone());
    for package in [PackageId::Aes128Cbc4k, PackageId::Aes256Cbc4k, PackageId::Aes128Ecb, PackageId::Aes256Gcm4k] {
        for utf16 in [false, true] {
            let mut license = new(&key, ad_hoc(users.clone(), false, Some(9)));
            license.utf16 = utf16;
            let content_key = ContentKey::generate(package, &OsRandom).unwrap();
            let bytes = publishing::write(&license, &content_key, &key, &OsRandom).unwrap();
            let signed = publishing::read(&bytes).unwrap();
            signed.check_server(SERVER_ID, key.public()).unwrap();
            assert!(signed.is_online());
            assert_eq!(signed.documents(), 1);
            assert_eq!(signed.encoding(), if utf16 { TextEncoding::Utf16LeBom } else { TextEncoding::Utf8Bom });
            assert!(signed.unseal(&key, &OsRandom).unwrap() == content_key);

            let read = signed.license();
            assert_eq!(read.issued, license.issued);
            assert_eq!(read.validity, license.validity);
            assert_eq!((&read.issuer, &read.server), (&license.server, &license.server));
            assert_eq!(read.intranet_url.as_ref(), Some(&license.intranet_url));
            assert_eq!(read.extranet_url.as_ref(), Some(&license.extranet_url));
            assert_eq!(read.referral, license.referral);
            assert_eq!(read.content_id, license.content_id);
            assert_eq!(read.owner.as_ref(), Some(&license.owner));
            assert_eq!(read.app_data, license.app_data);
            assert_eq!(read.metadata, license.metadata);
            assert_eq!(read.revocation, license.revocation);
            assert_eq!(read.descriptor.as_ref().unwrap().texts, texts());

            let rights = signed.rights_data(&content_key).unwrap();
            assert_eq!(rights.kind, RightsDataKind::AdHoc);
            assert_eq!(rights.descriptor, read.descriptor);
            assert_eq!(rights.user_rights(), expected);
            assert_eq!(rights.interval_days(), Some(9));
            assert_eq!(rights.validity(read), license.validity);
            assert!(rights.rights.iter().all(|one| one.range == license.validity && one.interval_days == Some(9)));
            assert_eq!(rights.visible_app_data(), [datum("secret", "v<1>"), datum("empty", "")]);
            assert!(!rights.grants_owner_full_control());
        }
    }
}

#[test]
fn intervals_and_terms_without_rights_to_carry_them() {
    let key = vector_key!("01-basic.key.pem");
    let content_key = ContentKey::generate(PackageId::Aes256Cbc4k, &OsRandom).unwrap();
    let some = || vec![entry(email("a@x.example"), &["VIEW"])];
    for (users, auto_grant) in
        [(some(), true), (some(), false), (vec![], true), (vec![], false), (vec![entry(User::Anyone, &[])], false)]
    {
        for days in [None, Some(0), Some(1), Some(65_535)] {
            for validity in [Validity::ALWAYS, Validity { from: None, until: Some(at("2025-01-01T00:00")) }] {
                let mut license = new(&key, ad_hoc(users.clone(), auto_grant, days));
                license.validity = validity;
                let bytes = publishing::write(&license, &content_key, &key, &OsRandom).unwrap();
                let signed = publishing::read(&bytes).unwrap();
                let rights = signed.rights_data(&content_key).unwrap();
                assert_eq!(rights.interval_days(), days, "{users:?} {auto_grant}");
                assert_eq!(rights.validity(signed.license()), validity);
                assert_eq!(rights.grants_owner_full_control(), auto_grant);
                assert_eq!(visible(&rights.app_data).len(), 2);
                let owner_entry = auto_grant.then(|| entry(User::Owner, &["OWNER"]));
                let expected: Vec<_> = users.iter().cloned().chain(owner_entry).collect();
                assert_eq!(rights.user_rights(), UserRightsList(expected));
            }
        }
    }
}

#[test]
fn a_license_from_a_template_carries_it_verbatim() {
    let key = vector_key!("01-basic.key.pem");
    let content_key = ContentKey::generate(PackageId::Aes128Cbc4k, &OsRandom).unwrap();
    let server = principal(&key);
    let text = template::write(&some_template(), &server, "https://a.invalid", &key, at("2024-02-01T00:00")).unwrap();
    let data = vec![datum("n", "v"), datum("empty", "")];
    let license = new(&key, NewRights::Template { text: text.clone(), app_data: data.clone() });
    let bytes = publishing::write(&license, &content_key, &key, &OsRandom).unwrap();
    let signed = publishing::read(&bytes).unwrap();
    assert_eq!(signed.rights_text(&content_key).unwrap(), text);
    assert_eq!(signed.encrypted_app_data(&content_key).unwrap(), data);
    let rights = signed.rights_data(&content_key).unwrap();
    assert_eq!(rights.kind, RightsDataKind::OfficialTemplate);
    assert_eq!(rights.descriptor, signed.license().descriptor);
    assert_eq!(template::policy(&rights).unwrap(), some_template());
    assert!(rights.rights[0].is_owner_grant() && rights.rights[0].interval_days.is_none());

    let other = ContentKey::generate(PackageId::Aes128Cbc4k, &OsRandom).unwrap();
    assert_eq!(signed.encrypted_app_data(&other).unwrap_err().kind(), &ErrorKind::BadRightsData);
    assert_eq!(signed.rights_data(&other).unwrap_err().kind(), &ErrorKind::BadRightsData);

    let stranger = vector_key!("02-users-times.key.pem");
    let foreign = template::write(&some_template(), &principal(&stranger), "u", &stranger, at("2024-02-01T00:00"));
    let license = new(&key, NewRights::Template { text: foreign.unwrap(), app_data: vec![] });
    let error = publishing::write(&license, &content_key, &key, &OsRandom).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::InvalidArgument { what: "template" }));
}

#[test]
fn every_form_of_template() {
    let key = vector_key!("01-basic.key.pem");
    let server = principal(&key);
    for expiry in [ContentExpiry::Never, ContentExpiry::At(at("2030-01-01T00:00")), ContentExpiry::Days(30)] {
        for offline_days in [None, Some(0), Some(14)] {
            for grants in [some_template().grants, vec![]] {
                let one = RightsPolicyTemplate { expiry, offline_days, grants, ..some_template() };
                let text = template::write(&one, &server, "https://a.invalid", &key, at("2024-02-01T00:00")).unwrap();
                let signed = template::read(&text::encode(&text, TextEncoding::Utf8Bom)).unwrap();
                assert_eq!(template::policy(signed.data()).unwrap(), one);
                assert_eq!(signed.data().publishing_url.as_deref(), Some("https://a.invalid"));
                signed.check_issuer(key.public()).unwrap();
                let stranger = vector_key!("02-users-times.key.pem");
                assert_eq!(signed.check_issuer(stranger.public()).unwrap_err().kind(), &ErrorKind::BadChain);
                let changed = text.replacen("staff@", "stuff@", 1);
                if changed != text {
                    assert_eq!(template::read_text(&changed).unwrap_err().kind(), &ErrorKind::BadSignature);
                }
            }
        }
    }
}

#[test]
fn every_property_of_a_use_license() {
    let key = vector_key!("01-basic.key.pem");
    let user_key =
        super::key(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/xrml/07-use-licence.rac.key.pem")));
    let content_key = ContentKey::generate(PackageId::Aes256Cbc4k, &OsRandom).unwrap();
    let until = Validity { from: None, until: Some(at("2024-04-01T00:00")) };
    let mut user = principal(&user_key);
    user.kind = "Group-Identity".into();
    let new = NewUseLicense {
        id: "{11a3235c-a6cf-4e65-ac84-26fa4f744057}".into(),
        issued: at("2024-03-06T08:00"),
        server: principal(&key),
        user: user.clone(),
        referral: Some(Referral { name: None, url: "dana@fabrikam.example".into() }),
        content_id: "{526af8b0-ae33-4ab2-b863-e2a33f8103ed}".into(),
        owner: Some(owner()),
        rights: vec![
            GrantedRight { right: Right::read("VIEW"), range: until },
            GrantedRight { right: Right::read("X-1"), range: Validity::ALWAYS },
        ],
        interval_days: Some(60),
        revocation: None,
    };
    let signed = use_license::read(&use_license::write(&new, &content_key, &key, &OsRandom).unwrap()).unwrap();
    signed.check_chain().unwrap();
    signed.check_server(SERVER_ID, key.public()).unwrap();
    signed.check_user(user_key.public()).unwrap();
    assert!(signed.unseal(&user_key, &OsRandom).unwrap() == content_key);
    assert_eq!(signed.check_user(key.public()).unwrap_err().kind(), &ErrorKind::WrongUserKey);
    assert_eq!(signed.check_server(SERVER_ID, user_key.public()).unwrap_err().kind(), &ErrorKind::BadChain);
    assert_eq!(signed.unseal(&key, &OsRandom).unwrap_err().kind(), &ErrorKind::BadEnablingBits);

    let read = signed.license();
    assert_eq!((&read.id, read.issued, &read.user), (&new.id, new.issued, &user));
    assert_eq!((&read.referral, &read.content_id, &read.owner), (&new.referral, &new.content_id, &new.owner));
    let names = |moment| read.rights_at(at(moment)).iter().map(|right| right.name().to_owned()).collect::<Vec<_>>();
    assert_eq!(names("2024-03-07T00:00"), ["VIEW", "X-1"]);
    assert_eq!(names("2024-04-01T00:00"), ["X-1"]);
    assert!(names("2024-05-05T08:00").is_empty());
    assert!(!read.is_owner());
}

#[test]
fn what_a_license_cannot_hold_is_refused_at_writing() {
    let signer = vector_key!("01-basic.key.pem");
    let content_key = ContentKey::generate(PackageId::Aes256Cbc4k, &OsRandom).unwrap();
    let write = |license: &NewPublishingLicense| publishing::write(license, &content_key, &signer, &OsRandom);
    let good = new(&signer, ad_hoc(vec![], true, None));
    assert!(write(&good).is_ok());
    let edits: [fn(&mut NewPublishingLicense); 5] = [
        |l| l.content_id = "a\0b".into(),
        |l| l.app_data = vec![datum("a", "1"), datum("a", "2")],
        |l| l.app_data = vec![datum("", "1")],
        |l| l.owner.name = Some("a\u{1}b".into()),
        |l| l.server.modulus[0] ^= 1,
    ];
    for (n, edit) in edits.iter().enumerate() {
        let mut license = good.clone();
        edit(&mut license);
        assert!(matches!(write(&license).unwrap_err().kind(), ErrorKind::InvalidArgument { .. }), "edit {n}");
    }
    let mut long = good.clone();
    long.app_data = vec![datum("a", &"x".repeat(8 << 20))];
    assert_eq!(write(&long).unwrap_err().kind(), &ErrorKind::LicenseTooLong);
}

#[test]
fn nothing_stands_between_elements_and_their_order_is_fixed() {
    let key = vector_key!("01-basic.key.pem");
    let content_key = ContentKey::generate(PackageId::Aes256Cbc4k, &OsRandom).unwrap();
    let bytes = publishing::write(&new(&key, ad_hoc(vec![], true, None)), &content_key, &key, &OsRandom).unwrap();
    let written = text::decode(&bytes).unwrap().0;
    assert!(written.starts_with("<?xml version=\"1.0\"?><XrML xmlns=\"\" version=\"1.2\"><BODY type="));
    let document = &super::documents(&bytes)[0];
    let tree = roxmltree::Document::parse(document).unwrap();
    let body = tree.root_element().first_element_child().unwrap();
    let names: Vec<_> = body.children().map(|node| node.tag_name().name()).collect();
    assert_eq!(
        names,
        [
            "ISSUEDTIME",
            "VALIDITYTIME",
            "DESCRIPTOR",
            "ISSUER",
            "DISTRIBUTIONPOINT",
            "DISTRIBUTIONPOINT",
            "ISSUEDPRINCIPALS",
            "DISTRIBUTIONPOINT",
            "WORK",
            "AUTHENTICATEDDATA",
            "AUTHENTICATEDDATA",
            "AUTHENTICATEDDATA",
            "AUTHENTICATEDDATA",
        ]
    );
    assert!(tree.descendants().filter(|n| n.is_text()).all(|n| n.parent().unwrap().children().count() == 1));
}
