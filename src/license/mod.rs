//! The license objects: values that travel between the authority, the client and the XrML texts.

pub mod draft;
pub mod metadata;
mod policy_view;
pub mod property;
pub mod publishing;
mod unsigned;
pub mod use_license;

pub use draft::{ConnectionInfo, DraftTerm, LicenseDraft, Term};
pub use metadata::{LicenseMetadata, MetadataProperty, NotificationType};
pub use policy_view::{NO_LICENSE_CACHE, is_reserved, visible};
pub use property::LicenseProperty;
pub use publishing::{
    AppDatum, OwnerId, PolicyDescriptor, Principal, PublishingLicense, Referral, RevocationPoint, RightEntry,
    RightsData, RightsDataKind, SealedKey, SealedKeyKind,
};
pub use use_license::{UseLicense, UseRight};
