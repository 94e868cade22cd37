//! Tokens that are good, and every way in which one is not.

use super::*;
use crate::crypto::rsa::RsaPrivateKey;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::json;

const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";
const NOW: i64 = 1_700_000_000;

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn now() -> Timestamp {
    Timestamp::from_unix_seconds(NOW)
}

fn issuer(key_set: &Value) -> TokenIssuer {
    TokenIssuer {
        name: "login".into(),
        issuer: "https://login.example/".into(),
        audience: "msipc".into(),
        domains: vec!["X.example".into()],
        vouches_for_email: false,
        key_set: key_set.to_string().into(),
    }
}

fn shared_key() -> Value {
    json!({"keys": [{"kty": "oct", "kid": "s1", "k": encode(SECRET)}]})
}

fn claims() -> Value {
    json!({
        "iss": "https://login.example/", "aud": "msipc", "exp": NOW + 600, "nbf": NOW - 10,
        "email": "Kim@x.EXAMPLE", "email_verified": true
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

fn token(header: &Value, claims: &Value, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let signed = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
    let signature = sign(signed.as_bytes());
    format!("{signed}.{}", encode(signature))
}

fn hmac_sign(key: &[u8], message: &[u8]) -> Vec<u8> {
    use aws_lc_rs::hmac;
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message).as_ref().to_vec()
}

fn hs256(claims: &Value) -> String {
    token(&json!({"alg": "HS256", "kid": "s1"}), claims, |message| hmac_sign(SECRET, message))
}

fn ask(claims: &Value) -> Result<String> {
    address_of(&hs256(claims), &[issuer(&shared_key())], now())
}

fn refusal(result: Result<String>) -> String {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::NotAuthenticated, "{error}");
    error.to_string()
}

#[test]
fn a_good_token_speaks_for_its_address() {
    assert_eq!(ask(&claims()).unwrap(), "Kim@x.EXAMPLE");
    assert_eq!(ask(&with("aud", json!(["other", "msipc"]))).unwrap(), "Kim@x.EXAMPLE");
    assert_eq!(ask(&with("email_verified", json!("true"))).unwrap(), "Kim@x.EXAMPLE");
    assert_eq!(ask(&without("nbf")).unwrap(), "Kim@x.EXAMPLE");
    let padded = format!("  {}\n", hs256(&claims()));
    assert!(address_of(&padded, &[issuer(&shared_key())], now()).is_ok());
}

#[test]
fn claims_that_do_not_fit_are_refused() {
    for (claims, reason) in [
        (without("exp"), "never expires"),
        (with("exp", json!("tomorrow")), "no number"),
        (with("exp", json!(NOW - 300)), "expired"),
        (with("nbf", json!(NOW + 301)), "not valid yet"),
        (with("iss", json!("https://login.example")), "issuer is not known"),
        (without("iss"), "names no issuer"),
        (with("aud", json!("MSIPC")), "another audience"),
        (with("aud", json!(["a", "b"])), "another audience"),
        (without("aud"), "another audience"),
        (without("email"), "no e-mail address"),
        (with("email", json!("a\nb@x.example")), "address is none"),
        (with("email", json!("kim@y.example")), "mail domain"),
        (with("email", json!("kim@sub.x.example")), "mail domain"),
        (with("email", json!("x.example")), "mail domain"),
        (with("email_verified", json!(false)), "not verified"),
        (with("email_verified", json!(1)), "not verified"),
        (without("email_verified"), "not verified"),
    ] {
        let text = refusal(ask(&claims));
        assert!(text.contains(reason), "{text} should say {reason}");
    }
    // Clocks may differ by five minutes.
    assert!(ask(&with("exp", json!(NOW - 299))).is_ok());
    assert!(ask(&with("nbf", json!(NOW + 300))).is_ok());
}

#[test]
fn an_issuer_may_vouch_for_all_its_addresses() {
    let vouching = TokenIssuer { vouches_for_email: true, ..issuer(&shared_key()) };
    let ask = |claims: &Value| address_of(&hs256(claims), std::slice::from_ref(&vouching), now());
    assert!(ask(&without("email_verified")).is_ok());
    assert!(refusal(ask(&with("email_verified", json!(false)))).contains("not verified"));
}

#[test]
fn signatures_and_forms_that_do_not_hold_are_refused() {
    let known = [issuer(&shared_key())];
    let good = hs256(&claims());
    let (signed, _) = good.rsplit_once('.').unwrap();
    let other = token(&json!({"alg": "HS256"}), &claims(), |message| hmac_sign(&[9; 32], message));
    let none = token(&json!({"alg": "none"}), &claims(), |_| Vec::new());
    let critical = token(&json!({"alg": "HS256", "crit": ["b64"]}), &claims(), |m| hmac_sign(SECRET, m));
    let unknown_key = token(&json!({"alg": "HS256", "kid": "s2"}), &claims(), |m| hmac_sign(SECRET, m));
    let big_header = json!({"alg": "HS256", "x": "y".repeat(TOKEN_MAX)});
    let too_long = token(&big_header, &claims(), |m| hmac_sign(SECRET, m));
    for bad in [
        other,
        none,
        critical,
        unknown_key,
        too_long,
        format!("{signed}."),
        format!("{signed}.!!"),
        signed.to_owned(),
        format!("{good}.x"),
        String::new(),
        "...".into(),
        "a.b.c".into(),
    ] {
        refusal(address_of(&bad, &known, now()));
    }
    refusal(address_of(&good, &[], now()));
}

#[test]
fn the_key_chooses_the_algorithm() {
    let private = RsaPrivateKey::generate().unwrap();
    let modulus = private.public().modulus_be();
    let set = json!({"keys": [{"kty": "RSA", "kid": "r", "n": encode(modulus), "e": "AQAB", "use": "sig"}]});
    let known = [issuer(&set)];
    let sign = |message: &[u8]| private.sign_sha256(message).unwrap();
    let good = token(&json!({"alg": "RS256", "kid": "r"}), &claims(), sign);
    assert!(address_of(&good, &known, now()).is_ok());
    // The public key as an HMAC secret: the old confusion.
    let confused = token(&json!({"alg": "HS256", "kid": "r"}), &claims(), |message| hmac_sign(modulus, message));
    assert!(refusal(address_of(&confused, &known, now())).contains("no key of that name and algorithm"));

    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref()).unwrap();
    let point = pair.public_key().as_ref();
    let set = json!({"keys": [{"kty": "EC", "crv": "P-256", "x": encode(&point[1..33]), "y": encode(&point[33..65])}]});
    let sign = |message: &[u8]| pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec();
    let good = token(&json!({"alg": "ES256"}), &claims(), sign);
    assert!(address_of(&good, &[issuer(&set)], now()).is_ok());
    refusal(address_of(&good, &known, now()));
}

#[test]
fn one_issuer_may_have_several_entries() {
    let other = TokenIssuer { audience: "other".into(), name: "a".into(), ..issuer(&shared_key()) };
    let known = [other, issuer(&shared_key())];
    assert!(address_of(&hs256(&claims()), &known, now()).is_ok());
}

#[test]
fn key_sets_that_cannot_be_used_are_refused() {
    let short = json!({"keys": [{"kty": "oct", "k": encode([1; 31])}]});
    let weak = json!({"keys": [{"kty": "RSA", "n": encode([0xFF; 128]), "e": "AQAB"}]});
    let exponent = json!({"keys": [{"kty": "RSA", "n": encode([0xFF; 256]), "e": "Aw"}]});
    let algorithm = json!({"keys": [{"kty": "oct", "alg": "HS512", "k": encode(SECRET)}]});
    let curve = json!({"keys": [{"kty": "EC", "crv": "P-384", "x": "", "y": ""}]});
    let encryption = json!({"keys": [{"kty": "oct", "use": "enc", "k": encode(SECRET)}]});
    for set in [short, weak, exponent, algorithm, curve, encryption, json!({"keys": []}), json!({}), json!([])] {
        let error = read_key_set(&set.to_string()).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::InvalidArgument { what: "key set" }), "{set}: {error}");
    }
    assert!(read_key_set("{").is_err());
    assert_eq!(read_key_set(&shared_key().to_string()).unwrap().len(), 1);
}

#[test]
fn refusals_quote_neither_token_nor_secret() {
    let text = refusal(ask(&with("email", json!("someone@secret.example"))));
    assert!(!text.contains("someone") && !text.contains("secret.example"), "{text}");
}
