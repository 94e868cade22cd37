//! The certificates and other documents that follow a license in its chain.
//!
//! Only what decides about trust is read of them: who issued, who is certified, and when the certified key may issue.

use super::parts;
use super::rights_data::rights_of;
use super::signature;
use super::tree;
use crate::base::time::{Timestamp, Validity};
use crate::error::{Error, Result};
use crate::license::Principal;

/// Type of a certificate that lets an account sign publishing licenses.
pub(crate) const CLIENT_LICENSOR: &str = "Client-Licensor-Certificate";

/// `BODY/@type` of certificates.
const BODY_TYPE: &str = "LICENSE";

/// One document of a chain, its signature verified.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    /// Type of the descriptor's object.
    pub(crate) kind: String,
    /// `ISSUER`.
    pub(crate) issuer: Principal,
    /// The principal that is certified.
    principal: Principal,
    issued: Timestamp,
    validity: Validity,
    /// When the principal may issue; `None` without the right `ISSUE`.
    issue_range: Option<Validity>,
}

impl Certificate {
    /// Reads a document and verifies its signature.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Malformed`] and [`crate::ErrorKind::BadSignature`].
    pub(crate) fn read(text: &str) -> Result<Self> {
        let document = tree::parse(text)?;
        let body = signature::body(&document)?;
        // Licenses and templates are signed with the same key and must not pass for certificates.
        if body.attribute("type") != Some(BODY_TYPE) {
            return Err(Error::malformed("BODY", "not a certificate"));
        }
        let object = tree::required(tree::required(body, "DESCRIPTOR")?, "OBJECT")?;
        let issuer = parts::principal(tree::required(body, "ISSUER")?)?;
        let principals = tree::required(body, "ISSUEDPRINCIPALS")?;
        let mut issue_range = None;
        if let Some(work) = tree::child(body, "WORK")? {
            for right in rights_of(work)? {
                if right.name == "ISSUE" && issue_range.replace(right.times.range).is_some() {
                    return Err(Error::malformed("RIGHT", "ISSUE stands more than once"));
                }
            }
        }
        let certificate = Self {
            kind: object.attribute("type").unwrap_or("").to_owned(),
            principal: parts::principal(tree::required(principals, "PRINCIPAL")?)?,
            issued: tree::time(tree::required(body, "ISSUEDTIME")?, "ISSUEDTIME")?,
            validity: tree::child(body, "VALIDITYTIME")?.map(parts::range).transpose()?.unwrap_or_default(),
            issuer,
            issue_range,
        };
        signature::verify(&document, body, &parts::key_of(&certificate.issuer)?)?;
        Ok(certificate)
    }

    /// The principal that is certified.
    pub(crate) fn principal(&self) -> &Principal {
        &self.principal
    }

    /// True when this certificate lets an issuer sign at a moment: same key, same identity, inside the times.
    ///
    /// The moment is that of the signed document, never the present: certificates end long before what they signed
    /// does.
    pub(crate) fn certifies(&self, issuer: &Principal, issued: Timestamp) -> bool {
        same_principal(&self.principal, issuer)
            && self.validity.contains(issued)
            && self.issue_range.is_some_and(|range| range.contains(issued))
    }

    /// True when the next certificate lets this one's issuer sign.
    pub(crate) fn is_certified_by(&self, next: &Self) -> bool {
        next.certifies(&self.issuer, self.issued)
    }
}

/// True when two principals have the same key and identity.
pub(crate) fn same_principal(a: &Principal, b: &Principal) -> bool {
    a.modulus == b.modulus && parts::same_id(a.id.as_deref().unwrap_or(""), b.id.as_deref().unwrap_or(""))
}
