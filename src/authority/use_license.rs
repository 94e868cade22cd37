//! Use licenses as signed XrML, for those who keep them outside of this process (decision 24): export, and the server.

use super::LicensingAuthority;
use super::grant::Acquisition;
use crate::base::guid::Guid;
use crate::base::time::Timestamp;
use crate::crypto::random::array;
use crate::crypto::rsa::RsaPublicKey;
use crate::error::Result;
use crate::license::Principal;
use crate::policy::{GrantedRights, Identity};
use crate::xrml::publishing::SignedPublishingLicense;
use crate::xrml::use_license::{self, NewUseLicense};

impl LicensingAuthority {
    /// Decides as [`LicensingAuthority::acquire`] does and writes the decision as a use license, with the content key
    /// sealed to the key of the account. What follows from the end of the content stands in the times of each right.
    ///
    /// # Errors
    /// As [`LicensingAuthority::acquire`]; [`crate::ErrorKind::LicenseTooLong`].
    pub fn write_use_license(
        &self,
        license: &SignedPublishingLicense,
        identity: &Identity,
        user_key: &RsaPublicKey,
    ) -> Result<Vec<u8>> {
        let Acquisition { content_key, decision, .. } = self.acquire(license, identity)?;
        let granted = decision.into_granted();
        let facts = license.license();
        let new = NewUseLicense {
            id: Guid::from_random(array(&*self.random)?).to_string(),
            issued: granted.decided.minute(),
            server: self.keys.server_principal(),
            user: Principal {
                kind: "Group-Identity".to_owned(),
                id_type: "Unspecified".to_owned(),
                id: None,
                name: Some(identity.email.clone()),
                addresses: Vec::new(),
                modulus: user_key.modulus_be().to_vec(),
                security_levels: Vec::new(),
            },
            referral: facts.referral.clone(),
            content_id: facts.content_id.clone(),
            owner: facts.owner.clone(),
            interval_days: interval_days(&granted),
            rights: granted.rights,
            revocation: facts.revocation.clone(),
        };
        use_license::write(&new, &content_key, &self.keys.signing, &*self.random)
    }
}

/// The life of the use license in days, rounded up: the format knows no shorter one, and an end of the content that lies
/// before it stands in the rights. `None` for those who may always open offline.
fn interval_days(granted: &GrantedRights) -> Option<u32> {
    let ticks = granted.offline_until?.filetime().saturating_sub(granted.decided.filetime());
    Some(u32::try_from(ticks.div_ceil(Timestamp::DAY)).unwrap_or(u32::MAX).max(1))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::authority::issue::Signed;
    use crate::authority::{AuthorityKeys, LicensingAuthority};
    use crate::base::os::OsAccount;
    use crate::base::time::{Clock, Timestamp};
    use crate::cipher::ContentKey;
    use crate::crypto::random::OsRandom;
    use crate::crypto::rsa::RsaPrivateKey;
    use crate::crypto::seal::SealingKey;
    use crate::error::ErrorKind;
    use crate::license::{ConnectionInfo, LicenseDraft, Term};
    use crate::policy::{Identity, Right, User, UserRights, UserRightsList};
    use crate::store::{Founding, MemoryStore};
    use crate::xrml::publishing::{self, SignedPublishingLicense};
    use crate::xrml::use_license;

    /// Stands still.
    #[derive(Debug)]
    struct At(Timestamp);

    impl Clock for At {
        fn now(&self) -> Timestamp {
            self.0
        }
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    /// An authority on 2024-03-01, and a license of Dana's: Lee may view until April, for seven days offline.
    fn published() -> (LicensingAuthority, SignedPublishingLicense, ContentKey) {
        let sealing = SealingKey::generate(&OsRandom).unwrap();
        let founder = OsAccount { id: "uid:1".into(), login: "kim".into() };
        let now = at("2024-03-01T09:00");
        let store = Arc::new(MemoryStore::new(Founding::new("Contoso", &founder, &sealing, &OsRandom, now).unwrap()));
        let keys = AuthorityKeys::load(&*store, &sealing).unwrap();
        let authority = LicensingAuthority::new(store, keys, Arc::new(At(now)), Arc::new(OsRandom));
        let id = crate::base::guid::Guid::from_random([3; 16]);
        let mut draft = LicenseDraft::from_scratch(ConnectionInfo::default(), id);
        let user = User::Email("lee@contoso.example".into());
        draft.set_user_rights(UserRightsList(vec![UserRights { user, rights: vec![Right::read("VIEW")] }])).unwrap();
        draft.set_term(Term { start: now, duration: 31 * Timestamp::DAY });
        draft.set_interval_days(7).unwrap();
        let Signed { license: bytes, content_key, .. } =
            authority.publish(&draft, None, &Identity::of("dana@contoso.example")).unwrap();
        (authority, publishing::read(&bytes).unwrap(), content_key)
    }

    #[test]
    fn says_what_was_decided_and_opens_with_the_key_of_the_account_alone() {
        let (authority, license, content_key) = published();
        let user_key = RsaPrivateKey::generate().unwrap();
        let lee = Identity::of("lee@contoso.example");
        let written = authority.write_use_license(&license, &lee, user_key.public()).unwrap();

        let signed = use_license::read(&written).unwrap();
        signed.check_server(&authority.keys.id.to_string(), authority.keys.signing.public()).unwrap();
        signed.check_user(user_key.public()).unwrap();
        assert!(signed.unseal(&user_key, &OsRandom).unwrap() == content_key);
        assert!(signed.unseal(&authority.keys.signing, &OsRandom).is_err());
        let facts = signed.license();
        assert_eq!(facts.user.name.as_deref(), Some("lee@contoso.example"));
        assert_eq!((&facts.content_id, &facts.owner), (&license.license().content_id, &license.license().owner));
        assert_eq!((facts.issued, facts.rights[0].interval_days), (at("2024-03-01T09:00"), Some(7)));
        assert!(facts.rights_at(at("2024-03-08T08:59")).grants("VIEW") && !facts.is_owner());
        assert!(facts.rights_at(at("2024-03-08T09:00")).is_empty());

        let dana = Identity::of("dana@contoso.example");
        let signed = use_license::read(&authority.write_use_license(&license, &dana, user_key.public()).unwrap());
        let signed = signed.unwrap();
        assert!(signed.license().is_owner() && signed.license().rights_at(at("2034-01-01T00:00")).grants("EDIT"));
    }

    #[test]
    fn is_not_written_for_those_who_get_nothing() {
        let (authority, license, _) = published();
        let user_key = RsaPrivateKey::generate().unwrap();
        let eve = Identity::of("eve@contoso.example");
        let error = authority.write_use_license(&license, &eve, user_key.public()).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::RightNotGranted { right: String::new() });
    }
}
