//! The license objects: values that travel between the authority, the client and the XrML texts.

pub mod publishing;

pub use publishing::{
    AppDatum, OwnerId, PolicyDescriptor, Principal, PublishingLicense, Referral, RevocationPoint, RightEntry,
    RightsData, RightsDataKind, SealedKey, SealedKeyKind,
};
