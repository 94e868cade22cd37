//! What an application shows for itself or for its user, before the authority turns it into an account.

use std::fmt;

use zeroize::Zeroizing;

use crate::error::Result;

/// Whoever has a key: signs a challenge.
pub type Signer = Box<dyn Fn(&[u8]) -> Result<Vec<u8>>>;

/// A proof of who asks.
pub enum Credential {
    /// A JSON Web Token.
    Token(Zeroizing<String>),
    /// The key of an application that is registered with the organization.
    SymmetricKey {
        /// Which application.
        principal: String,
        /// Which organization.
        tenant: String,
        /// The key in base 64.
        key: Zeroizing<String>,
    },
    /// A certificate of the application and whoever signs with its key.
    Certificate {
        /// In DER.
        der: Vec<u8>,
        /// Signs a challenge of the authority, as [`crate::crypto::Certificate::verify`] wants it.
        sign: Signer,
    },
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token(_) => "Token",
            Self::SymmetricKey { .. } => "SymmetricKey",
            Self::Certificate { .. } => "Certificate",
        })
    }
}
