//! Tests of the readers and writers together. Keys and licenses come from the vectors.

mod refusals;
mod round_trip;
mod sealing;
mod trust;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{scan, signature, text, tree, writer};
use crate::base::time::Timestamp;
use crate::crypto::rsa::RsaPrivateKey;
use crate::license::{OwnerId, Principal};

pub(super) fn key(pem: &str) -> RsaPrivateKey {
    let base64: String = pem.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
    RsaPrivateKey::from_pkcs8_der(&STANDARD.decode(base64).unwrap()).unwrap()
}

macro_rules! vector {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/xrml/", $name))
    };
}
macro_rules! vector_key {
    ($name:literal) => {
        super::key(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/xrml/", $name)))
    };
}
pub(super) use {vector, vector_key};

/// The texts of the documents of a serialized license.
pub(super) fn documents(bytes: &[u8]) -> Vec<String> {
    let text = text::decode(bytes).unwrap().0;
    scan::documents(&text).unwrap().into_iter().map(|range| text[range].to_owned()).collect()
}

/// The first document with its body edited and signed anew, followed by the others as they are.
pub(crate) fn resigned(bytes: &[u8], key: &RsaPrivateKey, edit: impl Fn(&str) -> String) -> Vec<u8> {
    let all = documents(bytes);
    let first = sign_again(&all[0], key, edit);
    let text = [writer::DECLARATION.to_owned(), first, all[1..].concat()].concat();
    text::encode(&text, text::TextEncoding::Utf8Bom)
}

/// One document with its body edited and signed anew. The root is kept as written.
pub(super) fn sign_again(document: &str, key: &RsaPrivateKey, edit: impl Fn(&str) -> String) -> String {
    let parsed = tree::parse(document).unwrap();
    let body = signature::body(&parsed).unwrap();
    let root = &document[..body.range().start];
    let edited = edit(tree::surface(body));
    signature::sign(root, &edited, key).unwrap()
}

pub(super) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

pub(super) fn principal(key: &RsaPrivateKey) -> Principal {
    Principal {
        kind: "MS-DRM-Server".into(),
        id_type: "MS-GUID".into(),
        id: Some("{11111111-2222-4333-8444-555555555555}".into()),
        name: Some("Fabrikam & <Sons>".into()),
        addresses: vec![("URL".into(), "https://rms.fabrikam.example/_wmcs?a=1&b=\"2\"".into())],
        modulus: key.public().modulus_be().to_vec(),
        security_levels: vec![("Server-Version".into(), "2.0.0.0".into()), ("Server-SKU".into(), "RMS 2.0".into())],
    }
}

pub(super) fn owner() -> OwnerId {
    OwnerId { id_type: "Unspecified".into(), id: None, name: Some("dana@fabrikam.example".into()) }
}
