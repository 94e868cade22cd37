//! The properties of a serialized license, with and without its key.

use super::environment::RMS_AWARE_DATUM;
use super::key::Key;
use crate::authority::write_verifier;
use crate::base::time::{Timestamp, Validity};
use crate::cipher::{CipherMode, PackageId};
use crate::error::{Error, ErrorKind, Result};
use crate::license::{AppDatum, ConnectionInfo, LicenseProperty, PublishingLicense, RightsDataKind, visible};
use crate::policy::{Descriptor, User, UserRightsList};
use crate::xrml::publishing::{self, SignedPublishingLicense};

/// A parsed license whose signature holds, and perhaps its key.
#[derive(Debug)]
pub struct SerializedLicense<'a> {
    license: SignedPublishingLicense,
    key: Option<&'a Key>,
}

impl<'a> SerializedLicense<'a> {
    /// Reads a license. The signature must hold; whether the signer is trusted does not matter for facts that
    /// everybody can read.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] or [`ErrorKind::BadSignature`]; [`ErrorKind::InvalidArgument`] when the key belongs to
    /// another license.
    pub fn read(serialized: &[u8], key: Option<&'a Key>) -> Result<Self> {
        let license = publishing::read(serialized)?;
        if key.is_some_and(|key| key.license().identity() != license.identity()) {
            return Err(Error::argument("hKey", "the key belongs to another license"));
        }
        Ok(Self { license, key })
    }

    /// True for the license of a file that only applications which honor rights are meant to open.
    #[must_use]
    pub fn is_for_aware_applications(&self) -> bool {
        let marks = |datum: &AppDatum| datum.name == RMS_AWARE_DATUM && datum.value.eq_ignore_ascii_case("true");
        self.facts().app_data.iter().any(marks)
    }

    /// True when containers of this license are signed by those who may write.
    #[must_use]
    pub fn has_write_key(&self) -> bool {
        matches!(write_verifier(&self.license), Ok(Some(_)))
    }

    fn facts(&self) -> &PublishingLicense {
        self.license.license()
    }

    fn key(&self, property: LicenseProperty) -> Result<&'a Key> {
        self.key.ok_or_else(|| Error::with(ErrorKind::NeedsKey, format!("{property:?} is encrypted")))
    }

    /// The term; always when none is set.
    ///
    /// # Errors
    /// [`ErrorKind::NeedsKey`].
    pub fn validity(&self) -> Result<Validity> {
        Ok(self.key(LicenseProperty::ValidityTime)?.rights_data().validity(self.facts()))
    }

    /// Days a use license serves offline.
    ///
    /// # Errors
    /// [`ErrorKind::NeedsKey`], [`ErrorKind::IntervalTimeNotSet`].
    pub fn interval_days(&self) -> Result<u32> {
        let days = self.key(LicenseProperty::IntervalTime)?.rights_data().interval_days();
        days.ok_or_else(|| Error::new(ErrorKind::IntervalTimeNotSet))
    }

    /// The owner.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when the license names none.
    pub fn owner(&self) -> Result<User> {
        let owner = self.facts().owner.as_ref().and_then(|owner| owner.name.clone().or_else(|| owner.id.clone()));
        owner
            .map(User::Email)
            .ok_or_else(|| Error::with(ErrorKind::NotFound { what: "owner" }, "the license names no owner"))
    }

    /// Users and their rights.
    ///
    /// # Errors
    /// [`ErrorKind::NeedsKey`]; [`ErrorKind::RightNotGranted`] without VIEWRIGHTSDATA or OWNER.
    pub fn user_rights(&self) -> Result<UserRightsList> {
        let key = self.key(LicenseProperty::UserRightsList)?;
        key.demand_rights_reading()?;
        Ok(key.rights_data().user_rights())
    }

    /// Encrypted application data without the reserved names.
    ///
    /// # Errors
    /// [`ErrorKind::NeedsKey`]; [`ErrorKind::BadRightsData`] when it is damaged.
    pub fn app_data(&self) -> Result<Vec<AppDatum>> {
        let key = self.key(LicenseProperty::AppSpecificData)?;
        let mut data = key.rights_data().visible_app_data();
        data.extend(visible(&self.license.encrypted_app_data(key.content_key())?));
        Ok(data)
    }

    /// Application data in the clear without the reserved names.
    #[must_use]
    pub fn app_data_clear(&self) -> Vec<AppDatum> {
        self.facts().visible_app_data()
    }

    /// True when the content and the text of the license have the deprecated form.
    ///
    /// # Errors
    /// [`ErrorKind::NeedsKey`].
    pub fn is_deprecated(&self) -> Result<bool> {
        let key = self.key(LicenseProperty::DeprecatedEncryptionAlgorithms)?;
        Ok(key.mode() == CipherMode::Ecb && self.license.encoding().is_utf16())
    }

    /// Where the authority is.
    #[must_use]
    pub fn connection(&self) -> ConnectionInfo {
        ConnectionInfo {
            extranet_url: self.facts().extranet_url.clone(),
            intranet_url: self.facts().intranet_url.clone(),
        }
    }

    /// The texts of the policy, and the id of the template it is from.
    ///
    /// # Errors
    /// [`ErrorKind::NeedsKey`]; [`ErrorKind::LocaleNotFound`] when there is no text at all.
    pub fn descriptors(&self) -> Result<(Option<&str>, &[Descriptor])> {
        let key = self.key(LicenseProperty::Descriptor)?;
        let Some(descriptor) = &self.facts().descriptor else {
            return Err(Error::with(ErrorKind::LocaleNotFound, "the license has no descriptor"));
        };
        let from_template = key.rights_data().kind == RightsDataKind::OfficialTemplate;
        Ok((from_template.then_some(descriptor.id.as_str()), &descriptor.texts))
    }

    /// Name of the organization that the license was issued by.
    #[must_use]
    pub fn issuer_name(&self) -> &str {
        self.facts().server.name.as_deref().unwrap_or_default()
    }

    /// Whom to ask for rights: the referral, or the owner where the license names none.
    #[must_use]
    pub fn referral(&self) -> String {
        match &self.facts().referral {
            Some(referral) => referral.url.clone(),
            None => default_referral(self.owner().ok().as_ref()),
        }
    }

    /// The content id as written.
    #[must_use]
    pub fn content_id(&self) -> &str {
        &self.facts().content_id
    }

    /// The time of issue, to the minute.
    #[must_use]
    pub fn issued(&self) -> Timestamp {
        self.facts().issued
    }

    /// True when the owner has full control in any case.
    ///
    /// # Errors
    /// [`ErrorKind::NeedsKey`].
    pub fn auto_grant_owner(&self) -> Result<bool> {
        let key = self.key(LicenseProperty::AutoGrantOwnerFullAccess)?;
        Ok(key.rights_data().grants_owner_full_control())
    }

    /// The package that the content is encrypted with.
    ///
    /// # Errors
    /// [`ErrorKind::NeedsKey`]; [`ErrorKind::NotFound`] for content of a form without a package number.
    pub fn package(&self) -> Result<PackageId> {
        let package = self.key(LicenseProperty::PreferredEncryptionPackage)?.package();
        package.ok_or_else(|| {
            Error::with(
                ErrorKind::NotFound { what: "encryption package" },
                "the cipher of the content has no package number",
            )
        })
    }
}

/// The text that stands for a referral where none is set: the owner's address.
#[must_use]
pub fn default_referral(owner: Option<&User>) -> String {
    match owner {
        Some(User::Email(address)) => format!("mailto:{address}"),
        _ => "the owner of the content".to_owned(),
    }
}
