//! Whom the authority believes about who asks: token issuers of the organization, and applications with a key of their
//! own. Which token is good is decided in the authority; here it is only kept.

use std::fmt;

use zeroize::Zeroizing;

use crate::base::limits::TEXT_MAX;
use crate::error::{Error, Result};
use crate::policy::user::check_account_address;

/// Longest name of an issuer, a principal, a tenant or a domain, in bytes.
const NAME_MAX: usize = 2048;
/// Most mail domains of one issuer.
const DOMAINS_MAX: usize = 1024;

/// Who signs JSON Web Tokens that the authority accepts, and for whom.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenIssuer {
    /// Name in the store.
    pub name: String,
    /// What `iss` must be, exactly.
    pub issuer: String,
    /// What `aud` must be, or hold, exactly.
    pub audience: String,
    /// The mail domains that it may speak for; never empty.
    pub domains: Vec<String>,
    /// It puts only verified addresses into tokens, so a token need not say so.
    pub vouches_for_email: bool,
    /// The keys: a JSON Web Key Set. Holds a secret when a key is symmetric.
    pub key_set: Zeroizing<String>,
}

impl fmt::Debug for TokenIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenIssuer")
            .field("name", &self.name)
            .field("issuer", &self.issuer)
            .field("audience", &self.audience)
            .field("domains", &self.domains)
            .finish_non_exhaustive()
    }
}

/// An application that proves itself with a symmetric key, and the account that it acts as.
#[derive(Clone, PartialEq, Eq)]
pub struct ServicePrincipal {
    /// Which application.
    pub id: String,
    /// Which organization.
    pub tenant: String,
    /// SHA-256 of its key.
    pub key_digest: [u8; 32],
    /// Mail address of the account.
    pub account: String,
}

impl fmt::Debug for ServicePrincipal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServicePrincipal")
            .field("id", &self.id)
            .field("tenant", &self.tenant)
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

fn check_name(what: &'static str, text: &str) -> Result<()> {
    if text.trim().is_empty() || text.len() > NAME_MAX || text.chars().any(char::is_control) {
        return Err(Error::argument(what, format!("has 1 to {NAME_MAX} bytes and no control characters")));
    }
    Ok(())
}

/// What a token issuer must be to be kept.
pub(super) fn check_token_issuer(issuer: &TokenIssuer) -> Result<()> {
    check_name("name", &issuer.name)?;
    check_name("issuer", &issuer.issuer)?;
    check_name("audience", &issuer.audience)?;
    if issuer.domains.is_empty() || issuer.domains.len() > DOMAINS_MAX {
        return Err(Error::argument("domains", format!("an issuer speaks for 1 to {DOMAINS_MAX} mail domains")));
    }
    for domain in &issuer.domains {
        check_name("domains", domain)?;
        if domain.contains(['@', ' ']) {
            return Err(Error::argument("domains", "a mail domain stands behind the @ of an address, without it"));
        }
    }
    if issuer.key_set.len() > TEXT_MAX {
        return Err(Error::argument("key set", "too long"));
    }
    Ok(())
}

/// What a service principal must be to be kept.
pub(super) fn check_service_principal(principal: &ServicePrincipal) -> Result<()> {
    check_name("principal", &principal.id)?;
    check_name("tenant", &principal.tenant)?;
    check_account_address("wszAccount", &principal.account)
}
