//! `SIGNATURE`: RSA PKCS#1 v1.5 over the text of `BODY` as it is written, in UTF-16LE.
//!
//! A good signature proves nothing alone, because the key stands in the document; trust in that key is decided by the
//! reader of each kind of document. Everything wrong with a signature is one error.

use roxmltree::{Document, Node};

use super::text::in_utf16le;
use super::tree;
use super::writer::{self, base64_value};
use crate::crypto::digest::{Digest, HashAlgorithm, constant_time_eq};
use crate::crypto::rsa::{RsaPrivateKey, RsaPublicKey};
use crate::error::{Error, ErrorKind, Result};

const RSA_PKCS1: &str = "RSA PKCS#1-V1.5";

/// The `BODY` of a document whose root holds nothing beside it and, where `signed`, a `SIGNATURE` after it.
///
/// # Errors
/// [`ErrorKind::Malformed`] when `BODY` is missing or something else stands in the root.
pub(crate) fn body<'a, 'i>(document: &'a Document<'i>) -> Result<Node<'a, 'i>> {
    let root = document.root_element();
    for node in root.children() {
        let is_known = tree::is(node, "BODY") || tree::is(node, "SIGNATURE");
        let is_blank = node.is_text() && node.text().is_none_or(|text| text.trim().is_empty());
        if !is_known && !is_blank {
            return Err(Error::malformed("XrML", "something beside BODY and SIGNATURE"));
        }
    }
    tree::required(root, "BODY")
}

/// Verifies the signature of a document under a key, and tells its hash.
///
/// # Errors
/// [`ErrorKind::BadSignature`] when the signature is missing, is not the last element, or does not fit text and key.
pub(crate) fn verify(document: &Document<'_>, body: Node<'_, '_>, key: &RsaPublicKey) -> Result<HashAlgorithm> {
    let element = document
        .root_element()
        .children()
        .rfind(Node::is_element)
        .filter(|last| tree::is(*last, "SIGNATURE"))
        .ok_or_else(|| bad("SIGNATURE is not the last element"))?;
    let parsed = tree::required(document.root_element(), "SIGNATURE").and_then(|_| Parsed::read(element));
    let parsed = parsed.map_err(|e| bad(e.to_string()))?;
    let digest = surface_digest(parsed.hash, tree::surface(body));
    if !constant_time_eq(digest.bytes(), &parsed.digest) {
        return Err(bad("the text is not the one that was signed"));
    }
    key.verify_digest(&digest, &parsed.signature)?;
    Ok(parsed.hash)
}

/// The document for the text of a `BODY`, signed, without declaration.
///
/// # Errors
/// Those of the key.
pub(crate) fn sign(root: &str, body: &str, key: &RsaPrivateKey) -> Result<String> {
    let digest = surface_digest(HashAlgorithm::Sha256, body);
    let signature = key.sign_digest(&digest)?;
    let mut out = String::with_capacity(body.len() + 1024);
    out.push_str(root);
    out.push_str(body);
    out.push_str(
        "<SIGNATURE><DIGEST><ALGORITHM>SHA256</ALGORITHM><PARAMETER name=\"codingtype\"><VALUE \
         encoding=\"string\">surface-coding</VALUE></PARAMETER>",
    );
    out.push_str(&base64_value(digest.bytes()));
    out.push_str("</DIGEST>");
    writer::leaf(&mut out, "ALGORITHM", RSA_PKCS1)?;
    out.push_str(&base64_value(&signature));
    out.push_str("</SIGNATURE></XrML>");
    Ok(out)
}

/// The digest of text as it is written, in UTF-16LE.
fn surface_digest(hash: HashAlgorithm, text: &str) -> Digest {
    Digest::of_pieces(hash, |out| in_utf16le(text, out))
}

struct Parsed {
    hash: HashAlgorithm,
    digest: Vec<u8>,
    signature: Vec<u8>,
}

impl Parsed {
    fn read(element: Node<'_, '_>) -> Result<Self> {
        const WHAT: &str = "SIGNATURE";
        let digest = tree::required(element, "DIGEST")?;
        let hash = match tree::text(tree::required(digest, "ALGORITHM")?)? {
            "SHA1" | "SHA-1" => HashAlgorithm::Sha1,
            "SHA256" | "SHA-256" => HashAlgorithm::Sha256,
            _ => return Err(Error::malformed(WHAT, "the hash is not known")),
        };
        if tree::text(tree::required(element, "ALGORITHM")?)? != RSA_PKCS1 {
            return Err(Error::malformed(WHAT, "the algorithm is not known"));
        }
        if let Some(parameter) = tree::child(digest, "PARAMETER")? {
            let coding = tree::required(parameter, "VALUE")?;
            plain(parameter, &[("name", "codingtype")])?;
            plain(coding, &[("encoding", "string")])?;
            if tree::text(coding)? != "surface-coding" {
                return Err(Error::malformed(WHAT, "the coding is not known"));
            }
        }
        Ok(Self {
            hash,
            digest: Self::value(tree::required(digest, "VALUE")?)?,
            signature: Self::value(tree::required(element, "VALUE")?)?,
        })
    }

    fn value(value: Node<'_, '_>) -> Result<Vec<u8>> {
        let size = value.attribute("size").unwrap_or_default();
        plain(value, &[("encoding", "base64"), ("size", size)])?;
        tree::sized_base64(value, "SIGNATURE")
    }
}

/// Nothing signs the signature itself, so its attributes are those that are known, and a changed byte there shows as well.
fn plain(element: Node<'_, '_>, known: &[(&str, &str)]) -> Result<()> {
    match element.attributes().find(|found| !known.contains(&(found.name(), found.value()))) {
        None => Ok(()),
        Some(_) => Err(Error::malformed("SIGNATURE", "an attribute is not known")),
    }
}

fn bad(why: impl Into<String>) -> Error {
    Error::with(ErrorKind::BadSignature, why)
}
