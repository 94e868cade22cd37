//! Who asks, proven: tokens of known issuers and keys of registered applications become accounts.

use zeroize::Zeroizing;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{LicensingAuthority, token};
use crate::crypto::random::array;
use crate::crypto::{Certificate, constant_time_eq, sha256};
use crate::error::{Error, ErrorKind, Result};

/// Fewest bytes of the key of an application; its digest is kept, so it must not be guessable.
pub const PRINCIPAL_KEY_MIN: usize = 16;

/// The bytes of a key that was given in base 64.
///
/// # Errors
/// [`ErrorKind::InvalidArgument`] for another text, or a key that is too short.
pub fn principal_key(base64: &str) -> Result<Zeroizing<Vec<u8>>> {
    let key = STANDARD.decode(base64.trim()).map(Zeroizing::new);
    let key = key.map_err(|_| Error::argument("key", "not base 64"))?;
    if key.len() < PRINCIPAL_KEY_MIN {
        return Err(Error::argument("key", format!("a key has at least {PRINCIPAL_KEY_MIN} bytes")));
    }
    Ok(key)
}

impl LicensingAuthority {
    /// The address of the account that a JSON Web Token speaks for.
    ///
    /// # Errors
    /// [`ErrorKind::NotAuthenticated`], with the reason.
    pub fn token_account(&self, token: &str) -> Result<String> {
        token::address_of(token, &self.store.token_issuers()?, self.now())
    }

    /// The address of the account that a registered application acts as.
    ///
    /// # Errors
    /// [`ErrorKind::NotAuthenticated`]. Whether the application or its key is wrong is not told.
    pub fn principal_account(&self, principal: &str, tenant: &str, base64_key: &str) -> Result<String> {
        let refused = || {
            Error::with(
                ErrorKind::NotAuthenticated,
                format!("the application {principal} is not registered for this organization with this key"),
            )
        };
        let key = principal_key(base64_key).map_err(|_| refused())?;
        let known = self.store.service_principal(principal, tenant)?;
        let digest = known.as_ref().map_or([0; 32], |known| known.key_digest);
        match known {
            Some(known) if constant_time_eq(&digest, &sha256(&key)) => Ok(known.account),
            _ => Err(refused()),
        }
    }

    /// The address of the account that the holder of a registered certificate acts as. `sign` is the holder: it signs a
    /// challenge that never comes twice with the key of the certificate ([`Certificate::verify`]). It is not called for
    /// a certificate that is of no use.
    ///
    /// # Errors
    /// [`ErrorKind::NotAuthenticated`], with the reason; what `sign` returns.
    pub fn certificate_account(&self, der: &[u8], sign: impl FnOnce(&[u8]) -> Result<Vec<u8>>) -> Result<String> {
        let refused =
            |why: &str| Error::with(ErrorKind::NotAuthenticated, format!("the certificate is refused: {why}"));
        let certificate = Certificate::read(der).map_err(|error| refused(&error.to_string()))?;
        let account = self.store.certificate_account(certificate.thumbprint())?;
        let account = account.ok_or_else(|| refused("it is not registered for this organization"))?;
        if !certificate.is_valid_at(self.now()) {
            return Err(refused("it is not valid now"));
        }
        // What is signed here can be taken for nothing else, and for no other authority.
        let purpose = format!("msipc certificate proof 1|{}|", self.keys.id.bare());
        let challenge = [purpose.as_bytes(), &array::<32>(&*self.random)?].concat();
        let signature = sign(&challenge)?;
        certificate.verify(&challenge, &signature).map_err(|_| refused("its key did not sign the challenge"))?;
        Ok(account)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::sync::Arc;

    use super::*;
    use crate::authority::AuthorityKeys;
    use crate::base::os::OsAccount;
    use crate::base::time::{Clock, Timestamp};
    use crate::crypto::certificate::tests::certificate;
    use crate::crypto::random::OsRandom;
    use crate::crypto::rsa::RsaPrivateKey;
    use crate::crypto::seal::SealingKey;
    use crate::store::{Founding, MemoryStore, Store};

    /// Stands still.
    #[derive(Debug)]
    struct At(Timestamp);

    impl Clock for At {
        fn now(&self) -> Timestamp {
            self.0
        }
    }

    /// An authority at a moment that knows one certificate, and the key of that.
    fn world(moment: &str) -> (LicensingAuthority, Vec<u8>, RsaPrivateKey) {
        let sealing = SealingKey::generate(&OsRandom).unwrap();
        let founder = OsAccount { id: "uid:1".into(), login: "kim".into() };
        let now = Timestamp::parse(moment).unwrap();
        let store = Arc::new(MemoryStore::new(Founding::new("Contoso", &founder, &sealing, &OsRandom, now).unwrap()));
        let keys = AuthorityKeys::load(&*store, &sealing).unwrap();
        let key = RsaPrivateKey::generate().unwrap();
        let der = certificate(&key);
        store.put_certificate(&sha256(&der), "svc@x.example").unwrap();
        (LicensingAuthority::new(store, keys, Arc::new(At(now)), Arc::new(OsRandom)), der, key)
    }

    #[test]
    fn whoever_has_the_key_of_a_registered_certificate_is_its_account() {
        let (authority, der, key) = world("2024-03-01T09:00");
        let seen = RefCell::new(Vec::new());
        for _ in 0..2 {
            let sign = |challenge: &[u8]| {
                seen.borrow_mut().push(challenge.to_vec());
                key.sign_sha256(challenge)
            };
            assert_eq!(authority.certificate_account(&der, sign).unwrap(), "svc@x.example");
        }
        let seen = seen.into_inner();
        assert_ne!(seen[0], seen[1], "a challenge never comes twice");
        let old = key.sign_sha256(&seen[0]).unwrap();
        let replayed = authority.certificate_account(&der, |_| Ok(old)).unwrap_err();
        assert_eq!(*replayed.kind(), ErrorKind::NotAuthenticated);
    }

    #[test]
    fn others_are_refused_and_not_even_asked_for_a_certificate_of_no_use() {
        let (authority, der, key) = world("2024-03-01T09:00");
        let (other, stranger) = (RsaPrivateKey::generate().unwrap(), RsaPrivateKey::generate().unwrap());
        let wrong_key = authority.certificate_account(&der, |challenge| other.sign_sha256(challenge)).unwrap_err();
        assert_eq!(*wrong_key.kind(), ErrorKind::NotAuthenticated);
        let never = |_: &[u8]| -> Result<Vec<u8>> { panic!("asked to sign") };
        for der in [certificate(&stranger), b"no certificate".to_vec(), Vec::new()] {
            assert_eq!(*authority.certificate_account(&der, never).unwrap_err().kind(), ErrorKind::NotAuthenticated);
        }
        for moment in ["2019-12-31T23:59", "2051-01-01T00:01"] {
            let (late, der, _) = world(moment);
            assert_eq!(*late.certificate_account(&der, never).unwrap_err().kind(), ErrorKind::NotAuthenticated);
        }
        let declined = authority.certificate_account(&der, |_| Err(ErrorKind::Cancelled.into())).unwrap_err();
        assert_eq!(*declined.kind(), ErrorKind::Cancelled);
        drop(key);
    }
}
