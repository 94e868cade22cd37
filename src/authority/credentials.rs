//! Who asks, proven: tokens of known issuers and keys of registered applications become accounts.

use zeroize::Zeroizing;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{LicensingAuthority, token};
use crate::crypto::{constant_time_eq, sha256};
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
}
