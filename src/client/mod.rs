//! One application's view of the system: where the authority is, who asks, what was published, which keys are open.
//!
//! Nothing here decides about rights: the authority does. What a key may be used for after that is enforced in
//! [`key`], which every encryption and decryption passes through.

mod cache;
#[cfg(feature = "embedded")]
pub mod embedded;
#[cfg(feature = "embedded")]
mod embedded_tracking;
pub mod environment;
pub mod identity;
pub mod key;
pub mod licensor;
pub mod prompt;
mod read_license;
#[cfg(feature = "embedded")]
mod revocation;
pub mod serialized;
pub mod tracking;
mod use_license;

pub use cache::Keep;
pub use environment::{Draft, Environment, FileContainer, TemplateInfo, TemplateIssuer};
pub use identity::Credential;
pub use key::Key;
pub use licensor::{Acquired, Licensor, PublishRequest, Published};
pub use prompt::{Account, Prompt};
pub use serialized::SerializedLicense;
pub use tracking::{MetadataDraft, Target, Tracking};

#[cfg(test)]
#[cfg(feature = "embedded")]
mod tests;
