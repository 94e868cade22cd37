use super::*;
use crate::base::guid::Guid;
use crate::base::os::OsAccount;
use crate::base::time::Validity;
use crate::cipher::{ContentKey, PackageId};
use crate::crypto::digest::sha256;
use crate::crypto::random::OsRandom;
use crate::crypto::rsa::RsaPrivateKey;
use crate::crypto::seal::SealingKey;
use crate::license::{AppDatum, OwnerId, Principal, RevocationPoint};
use crate::policy::{Revocation, RevocationTarget, Revoked, UserRightsList};
use crate::store::{Founding, MemoryStore};
use crate::xrml::publishing::{self, NewPublishingLicense, NewRights};

const CONTENT: &str = "{ac70fb95-cb58-4e01-a016-14c5ae65fad2}";

struct World {
    key: RsaPrivateKey,
    store: MemoryStore,
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn mia() -> Identity {
    Identity::of("mia@x.example")
}

fn kim() -> Identity {
    Identity::of("kim@x.example")
}

fn by(revoked: Revoked) -> Revocation {
    Revocation {
        target: RevocationTarget::Content(CONTENT.into()),
        issuer: Some("kim@x.example".into()),
        issued: Validity::ALWAYS,
        by: revoked,
        revoked_by: String::new(),
        made: at("2024-03-10T00:00"),
    }
}

impl World {
    fn new() -> Self {
        let sealing = SealingKey::generate(&OsRandom).unwrap();
        let founder = OsAccount { id: "uid:1".into(), login: "root".into() };
        let founding = Founding::new("Fabrikam", &founder, &sealing, &OsRandom, at("2024-03-05T09:30")).unwrap();
        Self { key: RsaPrivateKey::generate().unwrap(), store: MemoryStore::new(founding) }
    }

    fn principal(&self) -> Principal {
        Principal {
            kind: "MS-DRM-Server".into(),
            id_type: "MS-GUID".into(),
            id: Some(Guid::from_random([5; 16]).to_string()),
            name: Some("Fabrikam".into()),
            addresses: Vec::new(),
            modulus: self.key.public().modulus_be().to_vec(),
            security_levels: Vec::new(),
        }
    }

    /// A license that demands a list of at most so many days.
    fn license(&self, demanded_days: Option<u64>) -> SignedPublishingLicense {
        let new = NewPublishingLicense {
            issued: at("2024-03-05T09:30"),
            validity: Validity::ALWAYS,
            server: self.principal(),
            intranet_url: "https://a.invalid".into(),
            extranet_url: "https://a.invalid".into(),
            referral: None,
            content_id: CONTENT.into(),
            owner: OwnerId { id_type: "Unspecified".into(), id: None, name: Some("lee@x.example".into()) },
            app_data: vec![AppDatum { name: crate::authority::ISSUER_DATUM.into(), value: "kim@x.example".into() }],
            metadata: Vec::new(),
            revocation: demanded_days.map(|days| RevocationPoint {
                id: None,
                url: None,
                max_age_seconds: days * 86_400,
            }),
            rights: NewRights::AdHoc {
                descriptor: None,
                users: UserRightsList(Vec::new()),
                auto_grant: true,
                interval_days: None,
                app_data: Vec::new(),
            },
            utf16: false,
        };
        let key = ContentKey::generate(PackageId::Aes256Cbc4k, &OsRandom).unwrap();
        publishing::read(&publishing::write(&new, &key, &self.key, &OsRandom).unwrap()).unwrap()
    }

    fn list(&self, number: u64, revocations: &[Revocation]) -> Vec<u8> {
        let list = RevocationList {
            number,
            issued: at("2024-03-10T00:00"),
            next_update: at("2024-03-17T00:00"),
            issuer: self.principal(),
            revocations: revocations.to_vec(),
        };
        revocation_list::write(&list, &self.key).unwrap()
    }

    fn import(&self, list: &[u8], now: &str) -> Result<u64> {
        import(&self.store, self.key.public().modulus_be(), list, at(now))
    }

    fn check(&self, license: &SignedPublishingLicense, who: &Identity, now: &str) -> Option<ErrorKind> {
        let list = at_hand(&self.store, &sha256(&license.license().server.modulus)).unwrap();
        check(list.as_deref(), license, || Ok(who.clone()), at(now)).err().map(|error| error.kind().clone())
    }
}

#[test]
fn a_list_at_hand_keeps_from_opening_until_it_is_overdue() {
    let world = World::new();
    let license = world.license(None);
    assert_eq!(world.check(&license, &mia(), "2024-03-11T00:00"), None, "no list, no demand");
    assert_eq!(world.import(&world.list(3, &[by(Revoked::ByIssuer)]), "2024-03-11T00:00").unwrap(), 3);
    assert_eq!(world.check(&license, &mia(), "2024-03-16T23:59"), Some(ErrorKind::Revoked));
    assert_eq!(world.check(&license, &kim(), "2024-03-16T23:59"), None, "the issuer's own revocation spares it");
    let everywhere = Identity { super_user: true, ..Identity::of("sue@x.example") };
    assert_eq!(world.check(&license, &everywhere, "2024-03-16T23:59"), None);
    assert_eq!(world.check(&license, &mia(), "2024-03-17T00:00"), None, "an overdue list says nothing");
    world.import(&world.list(4, &[by(Revoked::ByAdministrator)]), "2024-03-11T00:00").unwrap();
    assert_eq!(world.check(&license, &kim(), "2024-03-12T00:00"), Some(ErrorKind::Revoked));
    world.import(&world.list(5, &[]), "2024-03-11T00:00").unwrap();
    assert_eq!(world.check(&license, &mia(), "2024-03-12T00:00"), None, "restored by a list of a higher number");
}

#[test]
fn lists_that_do_not_count_are_refused() {
    let world = World::new();
    let (good, other) = (world.list(3, &[]), World::new());
    assert_eq!(
        world.import(&good, "2024-03-17T00:00").unwrap_err().kind(),
        &ErrorKind::InvalidArgument { what: "revocation list" }
    );
    assert_eq!(world.import(&other.list(3, &[]), "2024-03-11T00:00").unwrap_err().kind(), &ErrorKind::UnknownAuthority);
    assert!(world.import(&good, "2024-03-11T00:00").is_ok());
    assert!(world.import(&good, "2024-03-11T00:00").is_ok(), "the same one again");
    assert!(world.import(&world.list(2, &[]), "2024-03-11T00:00").is_err());
    assert!(world.import(&world.list(3, &[by(Revoked::ByIssuer)]), "2024-03-11T00:00").is_err());
}

#[test]
fn a_license_that_demands_a_list_needs_a_young_one() {
    let world = World::new();
    let license = world.license(Some(2));
    assert_eq!(world.check(&license, &mia(), "2024-03-11T00:00"), Some(ErrorKind::NeedsOnline), "no list");
    world.import(&world.list(1, &[]), "2024-03-11T00:00").unwrap();
    assert_eq!(world.check(&license, &mia(), "2024-03-12T00:00"), None);
    assert_eq!(world.check(&license, &mia(), "2024-03-12T00:01"), Some(ErrorKind::NeedsOnline), "too old");
    assert_eq!(
        world.check(&world.license(Some(30)), &mia(), "2024-03-17T00:00"),
        Some(ErrorKind::NeedsOnline),
        "overdue"
    );
}

#[test]
fn a_list_that_was_changed_in_the_store_says_nothing() {
    let world = World::new();
    let license = world.license(Some(30));
    let signer = sha256(world.key.public().modulus_be());
    let mut bytes = world.list(1, &[by(Revoked::ByIssuer)]);
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    world.store.put_revocation_list(&CarriedList { signer, number: 9, bytes }).unwrap();
    assert_eq!(world.check(&license, &mia(), "2024-03-11T00:00"), Some(ErrorKind::NeedsOnline));
}
