//! What a publishing license says, apart from its XrML text ([MS-RMPR] 2.2.9.7).

use crate::base::time::{Timestamp, Validity};
use crate::policy::{Descriptor, Grant, Right, User};

/// `DESCRIPTOR`: identity and texts of a policy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PolicyDescriptor {
    /// GUID as written; the template's for a license made from one.
    pub id: String,
    /// Last change of the template, where written.
    pub version: Option<String>,
    /// Name and description per language, in document order.
    pub texts: Vec<Descriptor>,
}

/// An `OBJECT` with a public key: the server, or the account that signed offline.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Principal {
    /// `OBJECT/@type`.
    pub kind: String,
    /// `ID/@type`.
    pub id_type: String,
    /// `ID` text as written.
    pub id: Option<String>,
    /// `NAME`.
    pub name: Option<String>,
    /// `ADDRESS` entries: type and text.
    pub addresses: Vec<(String, String)>,
    /// RSA modulus, most significant byte first.
    pub modulus: Vec<u8>,
    /// `SECURITYLEVEL` entries: name and value. Informational.
    pub security_levels: Vec<(String, String)>,
}

impl Principal {
    /// The `URL` address, if there is one.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        self.addresses.iter().find(|(kind, _)| kind == "URL").map(|(_, text)| text.as_str())
    }
}

/// Whom to ask for more rights.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Referral {
    /// Name for people.
    pub name: Option<String>,
    /// URL or mail address as written.
    pub url: String,
}

/// `OWNER/OBJECT` of a license.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnerId {
    /// `ID/@type`; `Unspecified` in practice.
    pub id_type: String,
    /// `ID` text.
    pub id: Option<String>,
    /// Mail address.
    pub name: Option<String>,
}

/// One pair of application data or metadata.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AppDatum {
    /// Name, unique in its place.
    pub name: String,
    /// Value, possibly empty.
    pub value: String,
}

/// The condition that a revocation list must be at hand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RevocationPoint {
    /// `ID` text of the list's issuer.
    pub id: Option<String>,
    /// URL of the list.
    pub url: Option<String>,
    /// Oldest list that serves, in seconds.
    pub max_age_seconds: u64,
}

/// Form of a sealed content key.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum SealedKeyKind {
    /// `sealed-key`: PKCS#1 v1.5 and SHA-1; read only.
    V1,
    /// `sealed-key-v2`: OAEP and SHA-256.
    V2,
}

/// `ENABLINGBITS`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SealedKey {
    /// Form.
    pub kind: SealedKeyKind,
    /// RSA ciphertext followed by the AES ciphertext of the inner block.
    pub bytes: Vec<u8>,
}

/// The facts of a publishing license that need no key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PublishingLicense {
    /// `ISSUEDTIME`.
    pub issued: Timestamp,
    /// `VALIDITYTIME`.
    pub validity: Validity,
    /// `DESCRIPTOR`.
    pub descriptor: Option<PolicyDescriptor>,
    /// `ISSUER`: whose key signed.
    pub issuer: Principal,
    /// `ISSUEDPRINCIPALS`: the authority that the content key is sealed to.
    pub server: Principal,
    /// Licensing URL inside the organization.
    pub intranet_url: Option<String>,
    /// Licensing URL from outside.
    pub extranet_url: Option<String>,
    /// Referral.
    pub referral: Option<Referral>,
    /// Content id as written.
    pub content_id: String,
    /// Owner.
    pub owner: Option<OwnerId>,
    /// Application data in the clear, every `APPSPECIFIC` entry in document order, reserved names included.
    pub app_data: Vec<AppDatum>,
    /// `LICENSEMETADATA` entries in document order.
    pub metadata: Vec<AppDatum>,
    /// Revocation condition.
    pub revocation: Option<RevocationPoint>,
    /// The content key, sealed to the server.
    pub sealed_key: SealedKey,
    /// The rights data, encrypted under the content key.
    pub encrypted_rights: Vec<u8>,
    /// Application data that this product encrypts beside a signed template, where the rights data cannot hold it.
    pub encrypted_app_data: Option<Vec<u8>>,
}

/// Kind of a rights document.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum RightsDataKind {
    /// Made for this license alone.
    AdHoc,
    /// A signed official template, embedded as it is.
    OfficialTemplate,
}

/// One right of a rights document, in document order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RightEntry {
    /// Name as written.
    pub right: String,
    /// `ID/@type` of the principal.
    pub id_type: String,
    /// `ID` text.
    pub id_value: Option<String>,
    /// `NAME`: mail address.
    pub name: Option<String>,
    /// `RANGETIME`.
    pub range: Validity,
    /// `INTERVALTIME` in days.
    pub interval_days: Option<u32>,
}

impl RightEntry {
    /// Whom the entry names.
    #[must_use]
    pub fn user(&self) -> User {
        if self.id_type.eq_ignore_ascii_case("Internal") {
            return match self.id_value.as_deref() {
                Some(id) if id.eq_ignore_ascii_case("Owner") => User::Owner,
                Some(id) if id.eq_ignore_ascii_case("Anyone") => User::Anyone,
                _ => User::Null,
            };
        }
        match self.name.as_ref().or(self.id_value.as_ref()) {
            Some(address) => User::Email(address.clone()),
            None => User::Null,
        }
    }

    /// The entry as policy.
    #[must_use]
    pub fn grant(&self) -> Grant {
        Grant {
            user: self.user(),
            right: Right::read(&self.right),
            range: self.range,
            interval_days: self.interval_days,
        }
    }
}

/// The rights document of a license, or a rights policy template ([MS-RMPR] 2.2.9.8 and 2.2.9.10).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RightsData {
    /// Kind.
    pub kind: RightsDataKind,
    /// `ISSUEDTIME`.
    pub issued: Timestamp,
    /// `DESCRIPTOR`.
    pub descriptor: Option<PolicyDescriptor>,
    /// `ISSUER` of an official template.
    pub issuer: Option<Principal>,
    /// `Publishing-URL` of an official template.
    pub publishing_url: Option<String>,
    /// Referral.
    pub referral: Option<Referral>,
    /// Content id; absent in templates.
    pub content_id: Option<String>,
    /// Owner; absent in templates.
    pub owner: Option<OwnerId>,
    /// `RANGETIME` of the `PRECONDITIONLIST`.
    pub validity: Validity,
    /// `INTERVALTIME` of the `PRECONDITIONLIST`: content expires so many days after protection.
    pub expiry_days: Option<u32>,
    /// The rights.
    pub rights: Vec<RightEntry>,
    /// Encrypted application data, reserved names included.
    pub app_data: Vec<AppDatum>,
    /// Revocation condition.
    pub revocation: Option<RevocationPoint>,
}
