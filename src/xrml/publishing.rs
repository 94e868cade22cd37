//! Publishing licenses: read, verified and opened; written and signed.
//!
//! Reading proves that the text is what its signers signed. Whether they may be trusted is a second step,
//! [`SignedPublishingLicense::check_server`], because it needs to know whose license this should be; only then is the
//! content key unsealed. The format is [MS-RMPR] 2.2.9.7.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roxmltree::Node;

use super::certificate::{self, Certificate};
use super::text::{self, TextEncoding};
use super::{app_data, descriptor, enabling, parts, rights_data, scan, signature, tree};
use crate::cipher::ContentKey;
use crate::crypto::digest::{HashAlgorithm, sha256};
use crate::crypto::random::Random;
use crate::crypto::rsa::{RsaPrivateKey, RsaPublicKey};
use crate::error::{Error, ErrorKind, Result};
use crate::license::{AppDatum, Principal, PublishingLicense, RightsData, RightsDataKind};

pub use super::publishing_writer::{NewPublishingLicense, NewRights, write};

/// `BODY/@type` of a publishing license.
pub(super) const BODY_TYPE: &str = "Microsoft Rights Label";

/// A publishing license whose signatures are good. Nothing is said yet about who signed.
#[derive(Clone, Debug)]
pub struct SignedPublishingLicense {
    license: PublishingLicense,
    hash: HashAlgorithm,
    encoding: TextEncoding,
    identity: [u8; 32],
    /// `ISSUEDPRINCIPALS` as written, without the sealed key that stands in it: what the sealed key is bound to.
    bound_text: String,
    chain: Vec<Certificate>,
}

/// Reads a serialized publishing license with its chain and verifies every signature in it.
///
/// # Errors
/// [`ErrorKind::Malformed`] when it is no publishing license, [`ErrorKind::BadSignature`] when a signature is missing
/// or does not fit.
pub fn read(bytes: &[u8]) -> Result<SignedPublishingLicense> {
    let (text, encoding) = text::decode(bytes)?;
    let ranges = scan::documents(&text)?;
    let (first, others) = ranges.split_first().ok_or_else(|| Error::malformed("XrML", "no document"))?;
    let text_of_license = &text[first.clone()];

    let document = tree::parse(text_of_license)?;
    let body = signature::body(&document)?;
    if body.attribute("type") != Some(BODY_TYPE) {
        return Err(Error::malformed("BODY", "not a publishing license"));
    }
    let (license, bound_text) = read_body(body)?;
    let hash = signature::verify(&document, body, &parts::key_of(&license.issuer)?)?;
    let chain = others.iter().map(|range| Certificate::read(&text[range.clone()])).collect::<Result<Vec<_>>>();
    let chain = chain.map_err(|e| e.context("reading the chain of a publishing license"))?;

    let identity = sha256(text_of_license.as_bytes());
    Ok(SignedPublishingLicense { license, hash, encoding, identity, bound_text, chain })
}

fn read_body(body: Node<'_, '_>) -> Result<(PublishingLicense, String)> {
    let principals = tree::required(body, "ISSUEDPRINCIPALS")?;
    let server = tree::required(principals, "PRINCIPAL")?;
    let bits = tree::required(server, "ENABLINGBITS")?;
    let work = tree::required(body, "WORK")?;
    let data = |id: &'static str| {
        let found = tree::children(body, "AUTHENTICATEDDATA").filter(|one| one.attribute("id") == Some(id));
        tree::at_most_one(found, id)
    };
    let rights = data("Encrypted-Rights-Data")?.ok_or_else(|| Error::malformed("Encrypted-Rights-Data", "missing"))?;
    let content_id = parts::content_id(work)?;
    if content_id.is_empty() {
        return Err(Error::malformed("WORK", "without a content id"));
    }
    let license = PublishingLicense {
        issued: tree::time(tree::required(body, "ISSUEDTIME")?, "ISSUEDTIME")?,
        validity: tree::child(body, "VALIDITYTIME")?.map(parts::range).transpose()?.unwrap_or_default(),
        descriptor: tree::child(body, "DESCRIPTOR")?.map(descriptor::read).transpose()?,
        issuer: parts::principal(tree::required(body, "ISSUER")?)?,
        server: parts::principal(server)?,
        intranet_url: parts::distribution_point(body, "License-Acquisition-URL")?.map(|(_, url)| url),
        extranet_url: parts::distribution_point(body, "Extranet-License-Acquisition-URL")?.map(|(_, url)| url),
        referral: parts::referral(body)?,
        content_id,
        owner: parts::owner(work)?,
        app_data: parts::app_data(body, parts::APP_SPECIFIC)?,
        metadata: parts::app_data(body, parts::METADATA)?,
        revocation: parts::revocation(work)?,
        sealed_key: enabling::read(bits),
        // Text that is not base64 decrypts to nothing, and reading the rights says so.
        encrypted_rights: STANDARD.decode(tree::text(rights)?).unwrap_or_default(),
        encrypted_app_data: data(app_data::ELEMENT_ID)?.map(|one| tree::base64(one, "application data")).transpose()?,
    };
    let (outer, inner) = (principals.range(), bits.range());
    let whole = tree::surface(principals);
    let cut = (inner.start.checked_sub(outer.start)).zip(inner.end.checked_sub(outer.start));
    let bound = cut.and_then(|(start, end)| Some([whole.get(..start)?, whole.get(end..)?].concat()));
    Ok((license, bound.ok_or_else(|| Error::internal("an element outside of its parent"))?))
}

impl SignedPublishingLicense {
    /// What the license says without a key.
    #[must_use]
    pub fn license(&self) -> &PublishingLicense {
        &self.license
    }

    /// The hash of the signature. SHA-1 means the deprecated algorithms.
    #[must_use]
    pub fn hash(&self) -> HashAlgorithm {
        self.hash
    }

    /// The encoding that was found.
    #[must_use]
    pub fn encoding(&self) -> TextEncoding {
        self.encoding
    }

    /// Documents in the chain, the license itself counted.
    #[must_use]
    pub fn documents(&self) -> usize {
        1 + self.chain.len()
    }

    /// True when the authority itself signed, false when an account did.
    #[must_use]
    pub fn is_online(&self) -> bool {
        self.license.issuer.modulus == self.license.server.modulus
    }

    /// SHA-256 of the text of the license document: the same whatever the encoding and whatever follows it.
    #[must_use]
    pub fn identity(&self) -> [u8; 32] {
        self.identity
    }

    /// SHA-256 of the sealed content key: the same for every text that carries this license, also when its metadata
    /// were changed and it was signed again.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        sha256(&self.license.sealed_key.bytes)
    }

    /// Decides whether the license was made for a server, and signed by it or by an account that it certified.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownAuthority`] when it was made for another server; [`ErrorKind::BadChain`] when the signer is
    /// neither the server nor certified by it for the time of issue.
    pub fn check_server(&self, server_id: &str, key: &RsaPublicKey) -> Result<()> {
        let server = &self.license.server;
        if !parts::same_id(server.id.as_deref().unwrap_or(""), server_id) || server.modulus != key.modulus_be() {
            return Err(Error::with(ErrorKind::UnknownAuthority, "the content key is sealed to another server"));
        }
        if self.is_online() {
            return Ok(());
        }
        match self.certified_issuer() {
            Some(_) => Ok(()),
            None => Err(Error::with(ErrorKind::BadChain, "the server did not certify the issuer")),
        }
    }

    /// The account that signed in the place of the server, as the server certified it. `None` when the server itself
    /// signed, and when nothing certifies the signer.
    ///
    /// Key and id of the signer are the certified ones; what else the license says of it, its name above all, is its
    /// own claim.
    #[must_use]
    pub fn certified_issuer(&self) -> Option<&Principal> {
        let license = &self.license;
        let certifies = |one: &&Certificate| {
            one.kind == certificate::CLIENT_LICENSOR
                && certificate::same_principal(&one.issuer, &license.server)
                && one.certifies(&license.issuer, license.issued)
        };
        if self.is_online() { None } else { self.chain.iter().find(certifies).map(Certificate::principal) }
    }

    /// Opens the content key with the key of the server. Call [`Self::check_server`] before.
    ///
    /// # Errors
    /// [`ErrorKind::BadEnablingBits`] when it is not sealed to this key or not to this license;
    /// [`ErrorKind::UnsupportedCrypto`] for the deprecated form under a key that is not 2048 bits long.
    pub fn unseal(&self, key: &RsaPrivateKey, random: &dyn Random) -> Result<ContentKey> {
        enabling::unseal(&self.license.sealed_key, &self.bound_text, key, random)
    }

    /// The rights document. A signed template is verified and must come from the server of the license.
    ///
    /// # Errors
    /// [`ErrorKind::BadRightsData`] when it does not decrypt to a rights document; [`ErrorKind::BadSignature`] and
    /// [`ErrorKind::BadChain`] for a template that was changed or comes from elsewhere.
    pub fn rights_data(&self, key: &ContentKey) -> Result<RightsData> {
        let read = rights_data::read(&self.rights_text(key)?).map_err(|e| match e.kind() {
            ErrorKind::BadSignature => e.context("verifying the template of a license"),
            _ => Error::with(ErrorKind::BadRightsData, e.to_string()),
        })?;
        if read.kind == RightsDataKind::OfficialTemplate
            && read.issuer.as_ref().is_none_or(|issuer| issuer.modulus != self.license.server.modulus)
        {
            return Err(Error::with(ErrorKind::BadChain, "the template of the license comes from another server"));
        }
        Ok(read)
    }

    /// The text of the rights document as it was sealed.
    ///
    /// # Errors
    /// [`ErrorKind::BadRightsData`] when it does not decrypt to a document.
    pub fn rights_text(&self, key: &ContentKey) -> Result<String> {
        rights_data::decrypt(&self.license.encrypted_rights, key)
    }

    /// Encrypted application data that stands beside a signed template; empty where there is none.
    ///
    /// # Errors
    /// [`ErrorKind::BadRightsData`] when it does not open.
    pub fn encrypted_app_data(&self, key: &ContentKey) -> Result<Vec<AppDatum>> {
        match &self.license.encrypted_app_data {
            Some(sealed) => app_data::open(sealed, &self.license.content_id, key),
            None => Ok(Vec::new()),
        }
    }
}
