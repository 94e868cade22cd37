//! Rights management with the C interface of the RMS SDK 2.1.
//!
//! An application protects content with [`policy`]: who may do what with it, and when. The policy travels with the
//! content in a signed *publishing license*; a *licensing authority* turns a publishing license into a *use license*
//! for one account, and with it hands out the content key. This crate holds both sides: the client that applications
//! link, and the authority, which is embedded by default.
//!
//! The core is safe Rust and knows nothing of C. The exported functions live in [`ffi`] and only translate.
//!
//! Where to start: [`client::Environment`] is what an application talks to, [`authority::LicensingAuthority`] decides,
//! [`xrml`] reads and writes licenses, [`cipher`] encrypts content.

#[forbid(unsafe_code)]
pub mod authority;
pub mod base;
pub mod cipher;
#[forbid(unsafe_code)]
pub mod client;
#[forbid(unsafe_code)]
pub mod crypto;
#[forbid(unsafe_code)]
pub mod error;
#[cfg(feature = "ffi")]
#[allow(unsafe_code)]
pub mod ffi;
#[forbid(unsafe_code)]
pub mod file;
#[forbid(unsafe_code)]
pub mod license;
#[forbid(unsafe_code)]
pub mod policy;
#[forbid(unsafe_code)]
pub mod store;
#[forbid(unsafe_code)]
pub mod xrml;

pub use error::{Error, ErrorKind, Result};
