//! The pfile container, which holds content of any kind: a clear header with the license, then the encrypted body.
//!
//! [`Header`] reads what is clear. [`protect`] and [`unprotect`] carry whole files with bounded memory, and
//! [`ProtectedFile`] reads and writes at any place. Content under the authenticated package is followed by a hash tree
//! whose root the metadata area holds, signed with the write key of the license (docs/authenticated-pfile.md).

mod access;
mod body;
mod header;
mod manifest;
mod opened;
pub(in crate::file) mod reading;
mod sequential;
mod splice;
#[cfg(test)]
mod tests;
mod tree;
mod undo;

pub use access::{Access, ProtectedFile};
pub use header::{Header, LICENSE_MAX, MAGIC, METADATA_MAX, is_pfile};
pub use manifest::{Signer, Trust};
pub use sequential::{NewFile, protect, replace_license, unprotect};
pub use undo::{UndoPlace, recover};

use crate::error::{Error, ErrorKind};

/// A part of the file is not what the format says, and why.
fn corrupt(what: &'static str, why: impl Into<String>) -> Error {
    Error::with(ErrorKind::FileCorrupt { what }, why)
}
