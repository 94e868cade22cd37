//! The first content of a store: a new authority with its signing key, default templates and first administrator.

use super::directory::{default_addresses, default_name};
use super::{Account, AuthorityRecord, SIGNING_KEY};
use crate::base::guid::Guid;
use crate::base::locale::Lcid;
use crate::base::os::OsAccount;
use crate::base::time::Timestamp;
use crate::crypto::random::{Random, array};
use crate::crypto::rsa::RsaPrivateKey;
use crate::crypto::seal::SealingKey;
use crate::error::{Error, Result};
use crate::policy::levels::{DEFAULT_TEMPLATES, DefaultForm, default_rights};
use crate::policy::template::ContentExpiry;
use crate::policy::{Descriptor, Grant, Right, RightsPolicyTemplate, User};

/// The name of an organization that was not given one.
pub const DEFAULT_ORGANIZATION: &str = "My Organization";
/// Longest name of an organization, in bytes; it is part of names of templates and of every license.
const ORGANIZATION_MAX: usize = 256;

/// Everything a new store begins with.
#[derive(Clone, Debug)]
pub struct Founding {
    /// The authority.
    pub authority: AuthorityRecord,
    /// The default templates.
    pub templates: Vec<RightsPolicyTemplate>,
    /// The account of the operating system that made the store.
    pub founder: OsAccount,
    /// That account in the directory; an administrator.
    pub administrator: Account,
}

impl Founding {
    /// A new authority: a random id, a new RSA key sealed under `sealing`, the default templates granted to all
    /// accounts. The names follow the organization of this moment and stay.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidArgument`] for the name of an organization that is empty, too long or holds control
    /// characters; whatever the cryptography reports.
    pub fn new(
        organization: &str,
        founder: &OsAccount,
        sealing: &SealingKey,
        random: &dyn Random,
        now: Timestamp,
    ) -> Result<Self> {
        let organization = organization.trim();
        check_organization(organization)?;
        let id = Guid::from_random(array(random)?);
        let signing = RsaPrivateKey::generate()?;
        let private = signing.to_pkcs8_der()?;
        let authority = AuthorityRecord {
            id,
            organization: organization.to_owned(),
            created: now,
            modulus: signing.public().modulus_be().to_vec(),
            sealed_signing_key: sealing.seal(random, &AuthorityRecord::binding(id, SIGNING_KEY), &private)?,
        };
        let templates = default_templates(&authority, DefaultForm::Current, random, now)?;
        let email = default_addresses(id, founder).next().ok_or_else(|| Error::internal("no address is left"))?;
        let administrator = Account { administrator: true, display_name: default_name(founder), ..Account::of(&email) };
        Ok(Self { authority, templates, founder: founder.clone(), administrator })
    }
}

fn check_organization(name: &str) -> Result<()> {
    if name.is_empty() || name.len() > ORGANIZATION_MAX {
        return Err(Error::argument(
            "organization",
            format!("the name of the organization has 1 to {ORGANIZATION_MAX} bytes"),
        ));
    }
    if name.chars().any(char::is_control) {
        return Err(Error::argument("organization", "the name of the organization holds control characters"));
    }
    Ok(())
}

/// The default templates of an organization in one of their forms, each with a new id, granted to all accounts.
///
/// # Errors
/// When the system has no randomness.
pub fn default_templates(
    authority: &AuthorityRecord,
    form: DefaultForm,
    random: &dyn Random,
    now: Timestamp,
) -> Result<Vec<RightsPolicyTemplate>> {
    let staff = User::email(&authority.all_staff())?;
    DEFAULT_TEMPLATES
        .iter()
        .enumerate()
        .map(|(number, (name, description, _))| {
            let rights = default_rights(form, number);
            Ok(RightsPolicyTemplate {
                id: Guid::from_random(array(random)?),
                descriptors: vec![Descriptor {
                    lcid: Lcid::ENGLISH_US,
                    name: format!("{} - {name}", authority.organization),
                    description: (*description).to_owned(),
                }],
                grants: rights.iter().map(|right| Grant::new(staff.clone(), Right::read(right))).collect(),
                expiry: ContentExpiry::Never,
                offline_days: None,
                enabled: true,
                scope: Vec::new(),
                modified: now,
            })
        })
        .collect()
}
