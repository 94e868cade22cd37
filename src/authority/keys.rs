//! The keys of a licensing authority, and how it names itself in licenses.

use zeroize::Zeroizing;

use crate::base::guid::Guid;
use crate::base::time::Timestamp;
use crate::crypto::digest::hkdf_sha256;
use crate::crypto::rsa::RsaPrivateKey;
use crate::crypto::seal::SealingKey;
use crate::error::{Error, ErrorKind, Result};
use crate::license::Principal;
use crate::store::{AuthorityRecord, SIGNING_KEY, Store};

/// What the key that seals write keys is derived for.
const WRITE_SEAL: &[u8] = b"msipc write key seal v1";

/// An authority that can sign and unseal.
pub struct AuthorityKeys {
    /// Identity of the authority.
    pub id: Guid,
    /// Name of the organization.
    pub organization: String,
    /// When the authority was made.
    pub created: Timestamp,
    /// Signs licenses, and unseals the content keys in them.
    pub signing: RsaPrivateKey,
    /// Seals the write keys of licenses.
    pub(super) write_seal: SealingKey,
}

impl std::fmt::Debug for AuthorityKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AuthorityKeys({})", self.id)
    }
}

impl AuthorityKeys {
    /// Reads the record of a store and opens its signing key.
    ///
    /// # Errors
    /// [`ErrorKind::StoreUnusable`] when the sealed key does not open, or is not the one that the record names.
    pub fn load(store: &dyn Store, sealing: &SealingKey) -> Result<Self> {
        let record = store.authority()?;
        let unusable = |text: &str| Error::with(ErrorKind::StoreUnusable, text);
        let private = sealing
            .open(&AuthorityRecord::binding(record.id, SIGNING_KEY), &record.sealed_signing_key)
            .map_err(|_| unusable("the signing key of the authority does not open"))?;
        let signing = RsaPrivateKey::from_pkcs8_der(&private)
            .map_err(|_| unusable("the signing key of the authority is damaged"))?;
        if signing.public().modulus_be() != record.modulus {
            return Err(unusable("the signing key is not the one that the record of the authority names"));
        }
        Self::new(record.id, record.organization, record.created, signing)
    }

    /// The keys of an authority.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`], when what is derived from the signing key cannot be.
    pub fn new(id: Guid, organization: String, created: Timestamp, signing: RsaPrivateKey) -> Result<Self> {
        // Grown from the signing key, so that write keys open wherever content keys do, without an RSA operation each.
        let mut seal = Zeroizing::new([0; 32]);
        hkdf_sha256(&signing.to_pkcs8_der()?, WRITE_SEAL, &mut seal[..])?;
        Ok(Self { id, organization, created, signing, write_seal: SealingKey::new(*seal) })
    }

    /// Where clients ask for use licenses. The top-level domain is reserved, so nothing ever dials it.
    #[must_use]
    pub fn licensing_url(&self) -> String {
        format!("{}/licensing", self.base_url())
    }

    fn base_url(&self) -> String {
        format!("https://{}.invalid/_wmcs", self.id.bare())
    }

    /// The authority as licenses name it: issuer of its licenses, and whom content keys are sealed to.
    #[must_use]
    pub fn server_principal(&self) -> Principal {
        Principal {
            kind: "MS-DRM-Server".to_owned(),
            id_type: "MS-GUID".to_owned(),
            id: Some(self.id.to_string()),
            name: Some(self.organization.clone()),
            addresses: vec![("URL".to_owned(), self.base_url())],
            modulus: self.signing.public().modulus_be().to_vec(),
            security_levels: vec![
                ("Server-Version".to_owned(), "2.0.0.0".to_owned()),
                ("Server-SKU".to_owned(), "RMS 2.0".to_owned()),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::os::OsAccount;
    use crate::crypto::random::OsRandom;
    use crate::store::{Founding, MemoryStore};

    fn founding(sealing: &SealingKey) -> Founding {
        let founder = OsAccount { id: "uid:1".into(), login: "kim".into() };
        let now = Timestamp::parse("2024-03-05T09:30").unwrap();
        Founding::new("Fabrikam", &founder, sealing, &OsRandom, now).unwrap()
    }

    #[test]
    fn keys_name_the_authority_of_their_store() {
        let sealing = SealingKey::generate(&OsRandom).unwrap();
        let store = MemoryStore::new(founding(&sealing));
        let record = store.authority().unwrap();

        let keys = AuthorityKeys::load(&store, &sealing).unwrap();
        let host = record.id.bare();
        assert_eq!(keys.licensing_url(), format!("https://{host}.invalid/_wmcs/licensing"));
        let principal = keys.server_principal();
        assert_eq!((principal.kind.as_str(), principal.id_type.as_str()), ("MS-DRM-Server", "MS-GUID"));
        assert_eq!(principal.id, Some(format!("{{{host}}}")));
        assert_eq!(principal.name.as_deref(), Some("Fabrikam"));
        assert_eq!(principal.url(), Some(format!("https://{host}.invalid/_wmcs").as_str()));
        assert_eq!(principal.modulus, record.modulus);
        assert_eq!(keys.created.text(), "2024-03-05T09:30");
    }

    #[test]
    fn an_exchanged_signing_key_is_noticed() {
        let sealing = SealingKey::generate(&OsRandom).unwrap();
        let other_sealing = SealingKey::generate(&OsRandom).unwrap();
        let founding = founding(&sealing);
        let record = founding.authority.clone();
        let load = |sealed: &[u8], sealing: &SealingKey| {
            let mut changed = founding.clone();
            changed.authority.sealed_signing_key = sealed.to_vec();
            AuthorityKeys::load(&MemoryStore::new(changed), sealing)
        };
        let keys = load(&record.sealed_signing_key, &sealing).unwrap();
        let private = keys.signing.to_pkcs8_der().unwrap();
        let seal = |binding: &[u8], plain: &[u8]| sealing.seal(&OsRandom, binding, plain).unwrap();
        let own = AuthorityRecord::binding(record.id, SIGNING_KEY);
        load(&seal(&own, &private), &sealing).unwrap();

        let mut flipped = record.sealed_signing_key.clone();
        flipped[40] ^= 1;
        let stranger = RsaPrivateKey::generate().unwrap().to_pkcs8_der().unwrap();
        for (case, wrong) in [
            ("one bit", flipped),
            ("nothing", Vec::new()),
            ("another purpose", seal(&AuthorityRecord::binding(record.id, "other"), &private)),
            ("another authority", seal(&AuthorityRecord::binding(Guid::from_random([9; 16]), SIGNING_KEY), &private)),
            ("another key", seal(&own, &stranger)),
            ("no key", seal(&own, b"no key at all")),
        ] {
            assert_eq!(load(&wrong, &sealing).unwrap_err().kind(), &ErrorKind::StoreUnusable, "{case}");
        }
        let refused = load(&record.sealed_signing_key, &other_sealing).unwrap_err();
        assert_eq!(refused.kind(), &ErrorKind::StoreUnusable);
    }
}
