//! The properties of a license, with the rules of each as data.
//!
//! Source: MSIPC reference, *License property types* and the pages of the functions that take them.

use crate::error::{Error, ErrorKind, Result};

/// A property of a license (`IPC_LI_*`).
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum LicenseProperty {
    /// Time in which the license is valid.
    ValidityTime,
    /// Days a use license serves without asking the authority.
    IntervalTime,
    /// The owner.
    Owner,
    /// Users and their rights.
    UserRightsList,
    /// Application data that only holders of the key read.
    AppSpecificData,
    /// AES-128 ECB and UTF-16 text.
    DeprecatedEncryptionAlgorithms,
    /// Where the authority is.
    ConnectionInfo,
    /// Name and description of the policy.
    Descriptor,
    /// Whom to ask for rights.
    ReferralInfoUrl,
    /// A content key to use again.
    ContentKey,
    /// Identity of the content.
    ContentId,
    /// Application data that everybody reads.
    AppSpecificDataNoEncryption,
    /// Time of issue.
    IssuedTime,
    /// The owner has full control even when the list does not say so.
    AutoGrantOwnerFullAccess,
    /// Cipher package of the content.
    PreferredEncryptionPackage,
}

use LicenseProperty as P;

/// Every property with its documented number.
pub const NUMBERS: [(u32, LicenseProperty); 15] = [
    (1, P::ValidityTime),
    (2, P::IntervalTime),
    (3, P::Owner),
    (4, P::UserRightsList),
    (5, P::AppSpecificData),
    (6, P::DeprecatedEncryptionAlgorithms),
    (7, P::ConnectionInfo),
    (8, P::Descriptor),
    (10, P::ReferralInfoUrl),
    (11, P::ContentKey),
    (12, P::ContentId),
    (13, P::AppSpecificDataNoEncryption),
    (14, P::IssuedTime),
    (15, P::AutoGrantOwnerFullAccess),
    (16, P::PreferredEncryptionPackage),
];

impl LicenseProperty {
    /// The property of a number.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for a number without a property.
    pub fn from_number(number: u32) -> Result<Self> {
        NUMBERS.iter().find(|(known, _)| *known == number).map(|(_, property)| *property).ok_or_else(|| {
            Error::with(ErrorKind::NotFound { what: "license property" }, format!("{number} is no license property"))
        })
    }

    /// True when an application may set it.
    #[must_use]
    pub fn is_settable(self) -> bool {
        !matches!(self, P::ConnectionInfo | P::IssuedTime)
    }

    /// True when an application may delete it.
    #[must_use]
    pub fn is_deletable(self) -> bool {
        match self {
            P::ValidityTime
            | P::IntervalTime
            | P::AppSpecificData
            | P::Descriptor
            | P::ReferralInfoUrl
            | P::ContentId
            | P::AppSpecificDataNoEncryption
            | P::AutoGrantOwnerFullAccess
            | P::PreferredEncryptionPackage => true,
            P::Owner
            | P::UserRightsList
            | P::DeprecatedEncryptionAlgorithms
            | P::ConnectionInfo
            | P::ContentKey
            | P::IssuedTime => false,
        }
    }

    /// True when a serialized license shows it only to a holder of the key.
    #[must_use]
    pub fn needs_key(self) -> bool {
        match self {
            P::ValidityTime
            | P::IntervalTime
            | P::UserRightsList
            | P::AppSpecificData
            | P::DeprecatedEncryptionAlgorithms
            | P::Descriptor
            | P::AutoGrantOwnerFullAccess
            | P::PreferredEncryptionPackage => true,
            P::Owner
            | P::ConnectionInfo
            | P::ReferralInfoUrl
            | P::ContentKey
            | P::ContentId
            | P::AppSpecificDataNoEncryption
            | P::IssuedTime => false,
        }
    }

    /// True when it is part of the policy: changing it on a license from a template makes the policy the license's own.
    #[must_use]
    pub fn is_policy(self) -> bool {
        matches!(
            self,
            P::ValidityTime | P::IntervalTime | P::UserRightsList | P::Descriptor | P::AutoGrantOwnerFullAccess
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_without_a_property_are_not_found() {
        for number in [0, 9, 17, u32::MAX] {
            assert!(matches!(LicenseProperty::from_number(number).unwrap_err().kind(), ErrorKind::NotFound { .. }));
        }
        assert_eq!(LicenseProperty::from_number(10).unwrap(), P::ReferralInfoUrl);
    }

    #[test]
    fn rules_agree_with_the_reference() {
        let text = include_str!("../../tests/abi/msipc.json");
        let reference: serde_json::Value = serde_json::from_str(text).unwrap();
        let items = reference["properties"]["license"]["items"].as_array().unwrap();
        assert_eq!(items.len(), NUMBERS.len());
        for item in items {
            let property =
                LicenseProperty::from_number(u32::try_from(item["value"].as_u64().unwrap()).unwrap()).unwrap();
            assert_eq!(property.is_settable(), item["settable"].as_bool().unwrap(), "{property:?}");
            assert_eq!(property.is_deletable(), item["deletable"].as_bool().unwrap(), "{property:?}");
            if item["from_serialized_license"].as_bool().unwrap() {
                assert_eq!(property.needs_key(), item["key_handle_required"].as_bool().unwrap(), "{property:?}");
            }
        }
    }
}
