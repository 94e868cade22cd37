//! Use licenses: what one account got, with the content key sealed to the key of that account ([MS-RMPR] 2.2.9.6).
//!
//! As with publishing licenses, reading proves what was signed; [`SignedUseLicense::check_chain`] and
//! [`SignedUseLicense::check_user`] decide about trust, and only then is the content key unsealed.

use roxmltree::Node;

use super::certificate::{self, Certificate};
use super::rights_data::rights_of;
use super::text::{self, TextEncoding};
use super::{descriptor, enabling, parts, scan, signature, tree, writer};
use crate::base::limits::LICENSE_WRITE_MAX;
use crate::base::time::Timestamp;
use crate::cipher::ContentKey;
use crate::crypto::digest::HashAlgorithm;
use crate::crypto::random::Random;
use crate::crypto::rsa::{RsaPrivateKey, RsaPublicKey};
use crate::error::{Error, ErrorKind, Result};
use crate::license::{OwnerId, Principal, Referral, RevocationPoint, UseLicense, UseRight};
use crate::policy::evaluate::GrantedRight;

const ROOT: &str = "<XrML xmlns=\"\" version=\"1.2\" purpose=\"Content-License\">";
const PURPOSE: &str = "Content-License";

/// A use license whose signatures are good.
#[derive(Clone, Debug)]
pub struct SignedUseLicense {
    license: UseLicense,
    hash: HashAlgorithm,
    /// `ISSUER` as written: what the sealed keys are bound to.
    bound_text: String,
    chain: Vec<Certificate>,
}

/// Reads a serialized use license with its chain and verifies every signature in it.
///
/// # Errors
/// [`ErrorKind::Malformed`] when it is no use license; [`ErrorKind::BadSignature`].
pub fn read(bytes: &[u8]) -> Result<SignedUseLicense> {
    let (text, _) = text::decode(bytes)?;
    let ranges = scan::documents(&text)?;
    let (first, others) = ranges.split_first().ok_or_else(|| Error::malformed("XrML", "no document"))?;
    let document = tree::parse(&text[first.clone()])?;
    let body = signature::body(&document)?;
    if document.root_element().attribute("purpose") != Some(PURPOSE) || body.attribute("type") != Some("LICENSE") {
        return Err(Error::malformed("BODY", "not a use license"));
    }
    let license = read_body(body)?;
    let bound_text = tree::surface(tree::required(body, "ISSUER")?).to_owned();
    let hash = signature::verify(&document, body, &parts::key_of(&license.issuer)?)?;
    let chain = others.iter().map(|range| Certificate::read(&text[range.clone()])).collect::<Result<Vec<_>>>();
    let chain = chain.map_err(|e| e.context("reading the chain of a use license"))?;
    Ok(SignedUseLicense { license, hash, bound_text, chain })
}

fn read_body(body: Node<'_, '_>) -> Result<UseLicense> {
    let principals = tree::required(body, "ISSUEDPRINCIPALS")?;
    let work = tree::required(body, "WORK")?;
    let rights = rights_of(work)?.into_iter().map(|right| {
        let access = right.access.ok_or_else(|| Error::malformed("RIGHT", "without ACCESS"))?;
        let principal = tree::required(access, "PRINCIPAL")?;
        if principal.attribute("internal-id").is_some_and(|id| id != "1") {
            return Err(Error::malformed("RIGHT", "for a principal that the license does not name"));
        }
        Ok(UseRight {
            right: right.name,
            range: right.times.range,
            interval_days: right.times.interval_days,
            sealed_key: tree::child(principal, "ENABLINGBITS")?.map(enabling::read),
        })
    });
    Ok(UseLicense {
        id: descriptor::read(tree::required(body, "DESCRIPTOR")?)?.id,
        issued: tree::time(tree::required(body, "ISSUEDTIME")?, "ISSUEDTIME")?,
        issuer: parts::principal(tree::required(body, "ISSUER")?)?,
        user: parts::principal(tree::required(principals, "PRINCIPAL")?)?,
        referral: parts::referral(body)?,
        content_id: parts::content_id(work)?,
        owner: parts::owner(work)?,
        rights: rights.collect::<Result<_>>()?,
        revocation: parts::revocation(work)?,
    })
}

impl SignedUseLicense {
    /// What the license says without a key. [`UseLicense::rights_at`] tells the rights of a moment.
    #[must_use]
    pub fn license(&self) -> &UseLicense {
        &self.license
    }

    /// The hash of the signature.
    #[must_use]
    pub fn hash(&self) -> HashAlgorithm {
        self.hash
    }

    /// Documents in the chain, the license itself counted.
    #[must_use]
    pub fn documents(&self) -> usize {
        1 + self.chain.len()
    }

    /// Checks that each document of the chain certifies the issuer of the one before it.
    ///
    /// This alone trusts nobody: the last issuer is whoever wrote the chain. Use [`Self::check_server`] for that.
    ///
    /// # Errors
    /// [`ErrorKind::BadChain`] when a link is broken or a certificate did not hold at the time of issue.
    pub fn check_chain(&self) -> Result<()> {
        let broken = |why: &'static str| Error::with(ErrorKind::BadChain, why);
        let Some(first) = self.chain.first() else { return Ok(()) };
        if !first.certifies(&self.license.issuer, self.license.issued) {
            return Err(broken("the issuer of the use license is not certified"));
        }
        if !self.chain.windows(2).all(|pair| pair[0].is_certified_by(&pair[1])) {
            return Err(broken("a certificate is not certified by the next one"));
        }
        Ok(())
    }

    /// Decides whether a server issued the license, itself or through an account that it certified.
    ///
    /// # Errors
    /// [`ErrorKind::BadChain`] when it did not.
    pub fn check_server(&self, server_id: &str, key: &RsaPublicKey) -> Result<()> {
        let is_server = |who: &Principal| {
            who.modulus == key.modulus_be() && parts::same_id(who.id.as_deref().unwrap_or(""), server_id)
        };
        let issuer = &self.license.issuer;
        let certified = self.chain.iter().any(|one| {
            one.kind == certificate::CLIENT_LICENSOR
                && is_server(&one.issuer)
                && one.certifies(issuer, self.license.issued)
        });
        if is_server(issuer) || certified {
            Ok(())
        } else {
            Err(Error::with(ErrorKind::BadChain, "the server did not issue the use license"))
        }
    }

    /// Decides whether the license is for the account with a key.
    ///
    /// # Errors
    /// [`ErrorKind::WrongUserKey`] when it is for another one.
    pub fn check_user(&self, key: &RsaPublicKey) -> Result<()> {
        if self.license.user.modulus == key.modulus_be() { Ok(()) } else { Err(Error::new(ErrorKind::WrongUserKey)) }
    }

    /// Opens the content key with the key of the account. Every right carries the same one.
    ///
    /// # Errors
    /// [`ErrorKind::BadEnablingBits`] when no right carries it or it is not sealed to this key and license;
    /// [`ErrorKind::UnsupportedCrypto`] for the deprecated form under a key that is not 2048 bits long.
    pub fn unseal(&self, key: &RsaPrivateKey, random: &dyn Random) -> Result<ContentKey> {
        let sealed = self.license.rights.iter().find_map(|right| right.sealed_key.as_ref());
        let sealed = sealed.ok_or_else(|| Error::with(ErrorKind::BadEnablingBits, "no right carries a key"))?;
        enabling::unseal(sealed, &self.bound_text, key, random)
    }
}

/// What a new use license shall say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewUseLicense {
    /// GUID of the use license.
    pub id: String,
    /// Moment of issue.
    pub issued: Timestamp,
    /// The authority. Its key is the one that signs.
    pub server: Principal,
    /// The account and its key.
    pub user: Principal,
    /// Referral of the publishing license.
    pub referral: Option<Referral>,
    /// Content id of the publishing license.
    pub content_id: String,
    /// Owner of the publishing license.
    pub owner: Option<OwnerId>,
    /// What was granted.
    pub rights: Vec<GrantedRight>,
    /// Days that the license serves, on every right; `None` without end.
    pub interval_days: Option<u32>,
    /// Revocation condition of the publishing license.
    pub revocation: Option<RevocationPoint>,
}

/// Writes and signs a use license with the key of the authority.
///
/// # Errors
/// [`ErrorKind::InvalidArgument`] for text that a license cannot hold, no rights, or a server whose key is not the one
/// that signs; [`ErrorKind::LicenseTooLong`].
pub fn write(
    new: &NewUseLicense,
    content_key: &ContentKey,
    key: &RsaPrivateKey,
    random: &dyn Random,
) -> Result<Vec<u8>> {
    if new.server.modulus != key.public().modulus_be() {
        return Err(Error::argument("server", "its key is not the one that signs"));
    }
    if new.rights.is_empty() {
        return Err(Error::argument("rights", "a use license grants something"));
    }
    let user_key = parts::key_of(&new.user)?;
    let mut issuer = String::new();
    writer::issuer(&mut issuer, &new.server)?;

    let mut out = String::with_capacity(16 << 10);
    out.push_str("<BODY type=\"LICENSE\" version=\"3.0\">");
    writer::leaf(&mut out, "ISSUEDTIME", &new.issued.text())?;
    out.push_str("<DESCRIPTOR><OBJECT type=\"Content-License\">");
    writer::leaf_with(&mut out, "ID", &[("type", "MS-GUID")], &new.id)?;
    out.push_str("</OBJECT></DESCRIPTOR>");
    out.push_str(&issuer);
    out.push_str("<ISSUEDPRINCIPALS><PRINCIPAL internal-id=\"1\">");
    writer::principal(&mut out, &new.user)?;
    writer::security_levels(&mut out, &new.user)?;
    out.push_str("</PRINCIPAL></ISSUEDPRINCIPALS>");
    writer::referral(&mut out, new.referral.as_ref())?;
    out.push_str("<WORK>");
    writer::work_head(&mut out, &new.content_id, new.owner.as_ref())?;
    writer::revocation(&mut out, new.revocation.as_ref())?;
    out.push_str("<RIGHTSGROUP name=\"Main-Rights\"><RIGHTSLIST>");
    for granted in &new.rights {
        let sealed = enabling::seal(content_key, &issuer, &user_key, random)?;
        writer::right_open(&mut out, granted.right.name())?;
        out.push_str("<ACCESS><PRINCIPAL internal-id=\"1\">");
        out.push_str(&enabling::write(&sealed));
        out.push_str("</PRINCIPAL></ACCESS>");
        writer::times(&mut out, granted.range, new.interval_days)?;
        writer::right_close(&mut out, granted.right.name());
    }
    out.push_str("</RIGHTSLIST></RIGHTSGROUP></WORK></BODY>");
    let bytes = text::encode(&signature::sign(ROOT, &out, key)?, TextEncoding::Utf8Bom);
    if bytes.len() > LICENSE_WRITE_MAX { Err(ErrorKind::LicenseTooLong.into()) } else { Ok(bytes) }
}
