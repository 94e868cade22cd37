//! Certificates made here, in all the ways that count.

use super::*;
use crate::crypto::rsa::{RsaPrivateKey, RsaPublicKey};
use crate::error::ErrorKind;

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        short @ 0..=127 => out.push(u8::try_from(short).unwrap()),
        long @ 128..=255 => out.extend([0x81, u8::try_from(long).unwrap()]),
        long => out.extend([0x82, u8::try_from(long >> 8).unwrap(), u8::try_from(long & 255).unwrap()]),
    }
    out.extend_from_slice(content);
    out
}

fn rsa_public(key: &RsaPublicKey) -> Vec<u8> {
    let numbers = [element(INTEGER, &[&[0], key.modulus_be()].concat()), element(INTEGER, &[1, 0, 1])].concat();
    let bits = [vec![0], element(SEQUENCE, &numbers)].concat();
    [element(SEQUENCE, &[RSA, &[5, 0]].concat()), element(BIT_STRING, &bits)].concat()
}

fn with_public(public: &[u8], validity: &[u8]) -> Vec<u8> {
    let tbs = [
        element(VERSION, &element(INTEGER, &[2])),
        element(INTEGER, &[7]),
        element(SEQUENCE, b""),
        element(SEQUENCE, b""),
        element(SEQUENCE, validity),
        element(SEQUENCE, b""),
        element(SEQUENCE, public),
    ];
    element(
        SEQUENCE,
        &[element(SEQUENCE, &tbs.concat()), element(SEQUENCE, b""), element(BIT_STRING, &[0, 1])].concat(),
    )
}

fn validity(from: &str, until: &str) -> Vec<u8> {
    let tag = |text: &str| if text.len() == 13 { UTC_TIME } else { GENERALIZED_TIME };
    [element(tag(from), from.as_bytes()), element(tag(until), until.as_bytes())].concat()
}

/// A certificate for a key, valid from 2020 to 2051.
pub(crate) fn certificate(key: &RsaPrivateKey) -> Vec<u8> {
    with_public(&rsa_public(key.public()), &validity("200101000000Z", "20510101000000Z"))
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

#[test]
fn verifies_what_its_key_signed_while_it_is_valid() {
    let key = RsaPrivateKey::generate().unwrap();
    let der = certificate(&key);
    let read = Certificate::read(&der).unwrap();
    assert_eq!(*read.thumbprint(), sha256(&der));
    let signature = key.sign_sha256(b"message").unwrap();
    read.verify(b"message", &signature).unwrap();
    assert!(read.verify(b"other", &signature).is_err());
    assert!(!read.is_valid_at(at("2019-12-31T23:59")) && read.is_valid_at(at("2020-01-01T00:00")));
    assert!(read.is_valid_at(at("2051-01-01T00:00")) && !read.is_valid_at(at("2051-01-01T00:01")));
}

#[test]
fn keys_on_p256_are_read() {
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let bits = [&[0], key.public_key().as_ref()].concat();
    let public = [element(SEQUENCE, P256), element(BIT_STRING, &bits)].concat();
    let read = Certificate::read(&with_public(&public, &validity("200101000000Z", "491231235959Z"))).unwrap();
    read.verify(b"message", key.sign(&SystemRandom::new(), b"message").unwrap().as_ref()).unwrap();
    assert!(read.is_valid_at(at("2049-12-31T23:59")) && !read.is_valid_at(at("2050-01-01T00:00")));
}

#[test]
fn what_is_no_certificate_is_refused() {
    let key = RsaPrivateKey::generate().unwrap();
    let public = rsa_public(key.public());
    let good = certificate(&key);
    for end in 0..good.len() {
        assert!(Certificate::read(&good[..end]).is_err(), "cut at {end}");
    }
    assert!(Certificate::read(&[good.as_slice(), b"x"].concat()).is_err(), "a byte too many");
    assert!(Certificate::read(&vec![0x30; CERTIFICATE_MAX + 1]).is_err());
    for wrong in ["200101000000", "20010100000Z", "2001010000aaZ", "200101000060Z", "201301000000Z", "+00101000000Z"] {
        let der = with_public(&public, &validity(wrong, "20510101000000Z"));
        assert!(Certificate::read(&der).is_err(), "{wrong}");
    }
    let mut other_exponent = public.clone();
    *other_exponent.last_mut().unwrap() = 3;
    let term = validity("200101000000Z", "20510101000000Z");
    assert!(Certificate::read(&with_public(&other_exponent, &term)).is_err());
    let ed25519 = [element(SEQUENCE, &[6, 3, 0x2B, 0x65, 0x70]), element(BIT_STRING, &[0; 33])].concat();
    let refused = Certificate::read(&with_public(&ed25519, &term)).unwrap_err();
    assert!(matches!(refused.kind(), ErrorKind::UnsupportedCrypto));
}
