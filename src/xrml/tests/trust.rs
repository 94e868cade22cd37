//! What an account with a certificate of the authority can and cannot do with licenses that it signs itself.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{at, documents, sign_again, vector, vector_key};
use crate::authority::{AuthorityKeys, LicensingAuthority, WRITE_KEY_DATUM, write_verifier};
use crate::base::guid::Guid;
use crate::base::os::OsAccount;
use crate::base::time::{Clock, Timestamp};
use crate::client::SerializedLicense;
use crate::crypto::ed25519::SigningKey;
use crate::crypto::random::OsRandom;
use crate::crypto::rsa::RsaPrivateKey;
use crate::crypto::seal::SealingKey;
use crate::error::{ErrorKind, Result};
use crate::policy::evaluate::{Decision, Rule};
use crate::policy::{Grant, Identity, Right, RightsPolicyTemplate, User};
use crate::store::{Founding, MemoryStore, Store};
use crate::xrml::publishing::{self, NewPublishingLicense, NewRights};

const OFFLINE: &[u8] = vector!("06-offline-clc.xml");
const DANA: &str = "dana@fabrikam.example";
const LEE: &str = "lee@fabrikam.example";
const MALLORY: &str = "mallory@fabrikam.example";

#[derive(Debug)]
struct Now;

impl Clock for Now {
    fn now(&self) -> Timestamp {
        at("2024-03-06T00:00")
    }
}

/// The authority of the vector.
fn authority() -> (LicensingAuthority, Arc<MemoryStore>) {
    let sealing = SealingKey::generate(&OsRandom).unwrap();
    let founder = OsAccount { id: "uid:1".into(), login: "kim".into() };
    let founding = Founding::new("Fabrikam", &founder, &sealing, &OsRandom, Now.now()).unwrap();
    let store = Arc::new(MemoryStore::new(founding));
    let id = publishing::read(OFFLINE).unwrap().license().server.id.clone().unwrap();
    let key = vector_key!("06-offline-clc.key.pem");
    let keys = AuthorityKeys::new(Guid::parse(&id).unwrap(), "Fabrikam Rights".into(), Now.now(), key).unwrap();
    (LicensingAuthority::new(store.clone(), keys, Arc::new(Now), Arc::new(OsRandom)), store)
}

fn acquire(authority: &LicensingAuthority, license: &[u8], who: &str) -> Result<Decision> {
    let signed = publishing::read(license)?;
    authority.acquire(&signed, &Identity::of(who)).map(|acquired| acquired.decision)
}

fn modulus(key: &RsaPrivateKey) -> String {
    STANDARD.encode(key.public().modulus_be().iter().rev().copied().collect::<Vec<_>>())
}

/// The license of the vector as another account of the same authority signs it, with its own certificate behind it.
struct Forger {
    key: RsaPrivateKey,
    old_modulus: String,
    certificate: String,
}

impl Forger {
    fn new() -> Self {
        let all = documents(OFFLINE);
        let key = RsaPrivateKey::generate().unwrap();
        let issuer = publishing::read(OFFLINE).unwrap().license().issuer.modulus.clone();
        let old_modulus = STANDARD.encode(issuer.iter().rev().copied().collect::<Vec<_>>());
        let server = vector_key!("06-offline-clc.key.pem");
        let certificate = sign_again(&all[1], &server, |body| {
            body.replace(&old_modulus, &modulus(&key)).replace(DANA, MALLORY).replace("2-3-1104", "2-3-6666")
        });
        Self { key, old_modulus, certificate }
    }

    /// Signs the license with the name that it gives its signer, and further changes.
    fn sign(&self, name: &str, edit: impl Fn(String) -> String) -> Vec<u8> {
        let first = sign_again(&documents(OFFLINE)[0], &self.key, |body| {
            let issuer_end = body.find("</ISSUER>").unwrap();
            let (issuer, rest) = body.split_at(issuer_end);
            let issuer = issuer.replace(&self.old_modulus, &modulus(&self.key)).replace("2-3-1104", "2-3-6666");
            edit([issuer.replace(DANA, name), rest.to_owned()].concat())
        });
        [first, self.certificate.clone()].concat().into_bytes()
    }
}

#[test]
fn the_signer_that_the_rights_document_names_keeps_full_control() {
    let (authority, _) = authority();
    assert_eq!(acquire(&authority, OFFLINE, DANA).unwrap().granted().rule, Rule::Issuer);
    let reader = acquire(&authority, OFFLINE, LEE).unwrap();
    assert!(reader.granted().ever_granted("VIEW") && !reader.granted().ever_granted("EDIT"));
    assert!(acquire(&authority, OFFLINE, MALLORY).is_err());
}

#[test]
fn a_sealed_key_taken_from_another_license_is_not_released_to_the_thief() {
    let (authority, _) = authority();
    let forger = Forger::new();
    let refused = |license: &[u8]| {
        let error = acquire(&authority, license, MALLORY).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::RightNotGranted { .. }), "{error}");
    };
    // As issuer; as issuer and owner; as owner of content of its own.
    refused(&forger.sign(MALLORY, |body| body));
    refused(&forger.sign(MALLORY, |body| body.replace(DANA, MALLORY)));
    refused(&forger.sign(MALLORY, |body| body.replace(DANA, MALLORY).replace("526af8b0", "00000000")));
    // Who is listed is served, as before.
    assert!(acquire(&authority, &forger.sign(MALLORY, |body| body), LEE).is_ok());
}

#[test]
fn the_name_of_a_signer_is_the_certified_one() {
    let (authority, _) = authority();
    let license = Forger::new().sign(DANA, |body| body);
    let signed = publishing::read(&license).unwrap();
    assert_eq!(signed.license().issuer.name.as_deref(), Some(DANA), "what the signer claims");
    assert_eq!(signed.certified_issuer().unwrap().name.as_deref(), Some(MALLORY));
    let opened = authority.open(&signed).unwrap();
    assert_eq!(opened.policy.issuer, None);
}

#[test]
fn write_keys_that_an_account_names_are_not_believed() {
    let (authority, _) = authority();
    let public = SigningKey::generate(&OsRandom).unwrap().public().unwrap();
    for value in [STANDARD.encode(public.as_bytes()), "no key".to_owned()] {
        let named =
            format!("<AUTHENTICATEDDATA id=\"APPSPECIFIC\" name=\"{WRITE_KEY_DATUM}\">{value}</AUTHENTICATEDDATA>");
        let place = "<AUTHENTICATEDDATA id=\"Encrypted-Rights-Data\">";
        let license = Forger::new().sign(MALLORY, |body| body.replacen(place, &format!("{named}{place}"), 1));
        let signed = publishing::read(&license).unwrap();
        assert!(signed.license().app_data.iter().any(|datum| datum.name == WRITE_KEY_DATUM));
        assert!(write_verifier(&signed).unwrap().is_none());
        assert!(!SerializedLicense::read(&license, None).unwrap().has_write_key());
        assert!(authority.acquire(&signed, &Identity::of(LEE)).unwrap().write_key.is_none());
    }
}

#[test]
fn a_license_of_the_authority_does_not_pass_for_a_certificate() {
    let server = vector_key!("06-offline-clc.key.pem");
    let all = documents(OFFLINE);
    let body_type = |body: &str| body.replace("type=\"LICENSE\"", "type=\"Microsoft Rights Label\"");
    let other = sign_again(&all[1], &server, body_type);
    assert!(publishing::read([all[0].as_str(), &other].concat().as_bytes()).is_err());
}

fn template(id: u8, rights: &[&str]) -> RightsPolicyTemplate {
    RightsPolicyTemplate {
        id: Guid::from_random([id; 16]),
        descriptors: Vec::new(),
        grants: rights.iter().map(|right| Grant::new(User::email(LEE).unwrap(), Right::read(right))).collect(),
        expiry: crate::policy::template::ContentExpiry::Never,
        offline_days: None,
        enabled: true,
        scope: Vec::new(),
        modified: at("2024-03-01T00:00"),
    }
}

#[test]
fn the_template_that_decides_is_the_one_inside() {
    let (authority, store) = authority();
    let key = vector_key!("06-offline-clc.key.pem");
    let (strict, lax) = (template(1, &["VIEW"]), template(2, &["VIEW", "EDIT"]));
    for one in [&strict, &lax] {
        let named = crate::policy::Descriptor {
            lcid: crate::base::locale::Lcid::ENGLISH_US,
            name: "T".into(),
            description: String::new(),
        };
        store.put_template(&RightsPolicyTemplate { descriptors: vec![named], ..one.clone() }).unwrap();
    }
    let server = publishing::read(OFFLINE).unwrap().license().server.clone();
    let text = authority.signed_template(&store.template(strict.id).unwrap().unwrap()).unwrap();
    let new = NewPublishingLicense {
        issued: at("2024-03-05T00:00"),
        validity: Default::default(),
        server,
        intranet_url: "https://a.invalid".into(),
        extranet_url: "https://a.invalid".into(),
        referral: None,
        content_id: Guid::from_random([7; 16]).to_string(),
        owner: super::owner(),
        app_data: Vec::new(),
        metadata: Vec::new(),
        revocation: None,
        rights: NewRights::Template { text, app_data: Vec::new() },
        utf16: false,
    };
    let content_key = crate::cipher::ContentKey::new(crate::cipher::CipherMode::Cbc4k, &[5; 32]).unwrap();
    let license = publishing::write(&new, &content_key, &key, &OsRandom).unwrap();
    assert!(!acquire(&authority, &license, LEE).unwrap().granted().ever_granted("EDIT"));

    let (from, to) = (strict.id.to_string(), lax.id.to_string());
    let swapped = super::resigned(&license, &key, |body| body.replace(&from, &to));
    let error = acquire(&authority, &swapped, LEE).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::BadRightsData, "{error}");

    // A term in the clear holds for a template too.
    let ended = super::resigned(&license, &key, |body| {
        let term = "</ISSUEDTIME><VALIDITYTIME><UNTIL>2024-03-05T12:00</UNTIL></VALIDITYTIME>";
        body.replacen("</ISSUEDTIME>", term, 1)
    });
    assert_eq!(acquire(&authority, &ended, LEE).unwrap_err().kind(), &ErrorKind::Expired);
    assert_eq!(acquire(&authority, &ended, DANA).unwrap().granted().rule, Rule::Owner);
}
