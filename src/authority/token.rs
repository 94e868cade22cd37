//! JSON Web Tokens: which key set an issuer has, and whether a token is good for an address at a moment (decision 31).
//!
//! Nothing of a token counts before its signature is verified, except the name of the issuer, which chooses the keys. The
//! algorithm comes from the key. Refusals never quote the token.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::base::time::Timestamp;
use crate::crypto::TokenKey;
use crate::error::{Error, ErrorKind, Result};
use crate::policy::user::{check_address, same_address};
use crate::store::TokenIssuer;

/// Longest token that is looked at.
const TOKEN_MAX: usize = 64 * 1024;
/// Most keys of one set.
const KEYS_MAX: usize = 64;
/// Difference between clocks that is forgiven, in seconds.
const SKEW: f64 = 300.0;

/// A key of a set, with its name if it has one.
#[derive(Debug)]
pub struct NamedKey {
    id: Option<String>,
    key: TokenKey,
}

/// Reads a JSON Web Key Set (RFC 7517): RSA keys for RS256, P-256 keys for ES256, symmetric ones for HS256. Keys for
/// encryption are passed over.
///
/// # Errors
/// [`ErrorKind::InvalidArgument`] when it is no key set, holds no key for signatures, or one of an unsupported kind.
pub fn read_key_set(text: &str) -> Result<Vec<NamedKey>> {
    let refuse = |why: &str| Error::argument("key set", why);
    let set: Value = serde_json::from_str(text).map_err(|_| refuse("not JSON"))?;
    let keys = set.get("keys").and_then(Value::as_array).ok_or_else(|| refuse("without the array `keys`"))?;
    if keys.len() > KEYS_MAX {
        return Err(refuse("too many keys"));
    }
    let mut found = Vec::new();
    for key in keys {
        let key = key.as_object().ok_or_else(|| refuse("a key is no object"))?;
        if text_of(key, "use").is_some_and(|purpose| purpose != "sig") {
            continue;
        }
        found.push(read_key(key)?);
    }
    if found.is_empty() {
        return Err(refuse("holds no key for signatures"));
    }
    Ok(found)
}

fn read_key(key: &Map<String, Value>) -> Result<NamedKey> {
    let refuse = |why: &str| Error::argument("key set", why);
    let bytes = |name: &str| {
        let text = text_of(key, name).ok_or_else(|| refuse("a key lacks a member of its kind"))?;
        let decoded = URL_SAFE_NO_PAD.decode(text).map_err(|_| refuse("a member of a key is not base64url"))?;
        Ok::<_, Error>(Zeroizing::new(decoded))
    };
    let read = match text_of(key, "kty") {
        Some("RSA") => {
            if bytes("e")?.as_slice() != [1, 0, 1] {
                return Err(refuse("an RSA key has another exponent than 65537"));
            }
            TokenKey::rsa(&bytes("n")?)
        }
        Some("EC") if text_of(key, "crv") == Some("P-256") => TokenKey::p256(&bytes("x")?, &bytes("y")?),
        Some("oct") => TokenKey::hmac(bytes("k")?),
        _ => return Err(refuse("a key is neither RSA, nor on P-256, nor symmetric")),
    };
    let read = read.map_err(|error| refuse(&error.to_string()))?;
    if text_of(key, "alg").is_some_and(|algorithm| algorithm != read.algorithm()) {
        return Err(refuse("a key names another algorithm than RS256, ES256 or HS256 for its kind"));
    }
    Ok(NamedKey { id: text_of(key, "kid").map(str::to_owned), key: read })
}

fn text_of<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str)
}

fn refused(why: &str) -> Error {
    Error::with(ErrorKind::NotAuthenticated, format!("the token is refused: {why}"))
}

/// Decides for which address a token speaks.
///
/// # Errors
/// [`ErrorKind::NotAuthenticated`], with the reason.
pub fn address_of(token: &str, issuers: &[TokenIssuer], now: Timestamp) -> Result<String> {
    let parts = Parts::split(token)?;
    let header = parts.object(parts.header)?;
    let claims = parts.object(parts.claims)?;
    if header.contains_key("crit") {
        return Err(refused("it demands extensions that are not known here"));
    }
    let names = text_of(&claims, "iss").ok_or_else(|| refused("it names no issuer"))?;
    let mut reason = refused("its issuer is not known here");
    // One issuer may have several entries, for different audiences or domains.
    for issuer in issuers.iter().filter(|issuer| issuer.issuer == names) {
        match accept(&parts, &header, &claims, issuer, now) {
            Ok(address) => return Ok(address),
            Err(error) => reason = error,
        }
    }
    Err(reason)
}

fn accept(
    parts: &Parts<'_>,
    header: &Map<String, Value>,
    claims: &Map<String, Value>,
    issuer: &TokenIssuer,
    now: Timestamp,
) -> Result<String> {
    verify(parts, header, issuer)?;
    check_times(claims, now)?;
    check_audience(claims, &issuer.audience)?;
    let address = text_of(claims, "email").ok_or_else(|| refused("it holds no e-mail address"))?;
    check_address(address).map_err(|_| refused("its e-mail address is none"))?;
    let verified = match claims.get("email_verified") {
        Some(Value::Bool(verified)) => *verified,
        // Some issuers write the truth as text.
        Some(Value::String(text)) => text == "true",
        None => issuer.vouches_for_email,
        Some(_) => false,
    };
    if !verified {
        return Err(refused("its e-mail address is not verified"));
    }
    let domain = address.rsplit_once('@').map(|(_, domain)| domain).unwrap_or_default();
    if !issuer.domains.iter().any(|known| same_address(known, domain)) {
        return Err(refused("its issuer may not speak for the mail domain of the address"));
    }
    Ok(address.to_owned())
}

fn verify(parts: &Parts<'_>, header: &Map<String, Value>, issuer: &TokenIssuer) -> Result<()> {
    let algorithm = text_of(header, "alg").ok_or_else(|| refused("it names no algorithm"))?;
    let id = text_of(header, "kid");
    let keys = read_key_set(&issuer.key_set)?;
    let signature = URL_SAFE_NO_PAD.decode(parts.signature).map_err(|_| refused("its signature is not base64url"))?;
    let fits = |key: &&NamedKey| {
        key.key.algorithm() == algorithm && (id.is_none() || key.id.is_none() || key.id.as_deref() == id)
    };
    let mut candidates = keys.iter().filter(fits).peekable();
    if candidates.peek().is_none() {
        return Err(refused("its issuer has no key of that name and algorithm"));
    }
    match candidates.any(|key| key.key.verify(parts.signed.as_bytes(), &signature).is_ok()) {
        true => Ok(()),
        false => Err(refused("its signature does not hold")),
    }
}

fn check_times(claims: &Map<String, Value>, now: Timestamp) -> Result<()> {
    let number = |name: &str| match claims.get(name) {
        None => Ok(None),
        Some(value) => match value.as_f64().filter(|seconds| seconds.is_finite()) {
            Some(seconds) => Ok(Some(seconds)),
            None => Err(refused("a time in it is no number")),
        },
    };
    // Exact for all times that occur: a double holds whole seconds up to 2^53.
    #[allow(clippy::cast_precision_loss)]
    let now = now.unix_seconds() as f64;
    let expires = number("exp")?.ok_or_else(|| refused("it never expires"))?;
    if now >= expires + SKEW {
        return Err(refused("it has expired"));
    }
    if number("nbf")?.is_some_and(|begins| now < begins - SKEW) {
        return Err(refused("it is not valid yet"));
    }
    Ok(())
}

fn check_audience(claims: &Map<String, Value>, audience: &str) -> Result<()> {
    let meant = match claims.get("aud") {
        Some(Value::String(one)) => one == audience,
        Some(Value::Array(several)) => several.iter().any(|one| one.as_str() == Some(audience)),
        _ => false,
    };
    if meant { Ok(()) } else { Err(refused("it is for another audience")) }
}

/// A token in its compact form.
struct Parts<'a> {
    /// Header and claims, as they were signed.
    signed: &'a str,
    header: &'a str,
    claims: &'a str,
    signature: &'a str,
}

impl<'a> Parts<'a> {
    fn split(token: &'a str) -> Result<Self> {
        let token = token.trim();
        if token.len() > TOKEN_MAX {
            return Err(refused("it is too long"));
        }
        let three = || refused("it has not three parts");
        let (signed, signature) = token.rsplit_once('.').ok_or_else(three)?;
        let (header, claims) = signed.split_once('.').ok_or_else(three)?;
        if claims.contains('.') {
            return Err(three());
        }
        Ok(Self { signed, header, claims, signature })
    }

    fn object(&self, part: &str) -> Result<Map<String, Value>> {
        let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| refused("a part of it is not base64url"))?;
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(object)) => Ok(object),
            _ => Err(refused("a part of it is no JSON object")),
        }
    }
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
