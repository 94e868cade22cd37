//! Content encryption: keys and blocks, no licenses.

#[forbid(unsafe_code)]
mod content_key;

pub use content_key::{CipherMode, ContentKey, PackageId};
