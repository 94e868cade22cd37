//! XrML 1.2 licenses: text on one side, license objects on the other.
//!
//! Everything here is a function of its input: no store, no network, no clock. Signatures are computed over the surface
//! text of a document, so the readers keep byte ranges of parsed elements and never write a document again before
//! hashing it. The format is [MS-RMPR] 2.2.9.

mod app_data;
mod certificate;
mod descriptor;
mod enabling;
pub mod metadata;
mod parts;
pub mod publishing;
mod publishing_writer;
pub mod revocation_list;
mod rights_data;
mod scan;
mod signature;
pub mod template;
#[cfg(test)]
mod tests;
pub mod text;
mod tree;
pub mod unsigned;
pub mod use_license;
mod writer;

pub use publishing::{NewPublishingLicense, NewRights, SignedPublishingLicense};

#[cfg(test)]
pub(crate) use tests::resigned as signed_again;

pub use template::SignedTemplate;
pub use text::TextEncoding;
pub use use_license::{NewUseLicense, SignedUseLicense};
