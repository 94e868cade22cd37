//! Office documents and protected mail as rights-managed containers ([MS-OFFCRYPTO] 2.2, [MS-OXORMMS]).
//!
//! A protected document is a compound file: data spaces with the publishing license, and the encrypted document beside
//! them. What a file is follows from its content alone. Everything is read in place and written in one pass, so that
//! memory does not grow with the document, and files are believed nothing that their length does not bear out.

mod binary;
pub mod cfb;
mod container;
mod content;
mod dataspaces;
#[doc(hidden)]
pub mod exercise;
pub mod message;
mod opc;
mod properties;
pub mod rpmsg;
mod stubs;

use crate::error::{Error, ErrorKind, Result};
use crate::file::{Coder, Progress, Storage};
use cfb::{CompoundFile, Whole};

pub use container::{license, relicense, reprotect, stored_content};

/// The two layouts of Office documents.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum OfficeKind {
    /// A package: .docx, .xlsx, .pptx, .xps and their kin.
    Package,
    /// A binary document: .doc, .xls, .ppt and templates.
    Binary,
}

/// The layout of a protected document; `None` for a file that is not one, among them plain documents and such as are
/// protected with a password.
///
/// # Errors
/// `FileCorrupt` for a compound file that is damaged, so that nobody takes it for an unprotected one.
pub fn detect(input: &dyn Storage) -> Result<Option<OfficeKind>> {
    let whole = Whole::new(input)?;
    if !CompoundFile::has_magic(&whole)? {
        return Ok(None);
    }
    Ok(container::kind_of(&CompoundFile::open(&whole)?))
}

/// The layout that a plain document would be protected in; `None` for a file that Office could not open then.
///
/// # Errors
/// `FileCorrupt` for a damaged compound file.
pub fn plain_kind(input: &dyn Storage) -> Result<Option<OfficeKind>> {
    let whole = Whole::new(input)?;
    if opc::is_package(&whole)? {
        return Ok(Some(OfficeKind::Package));
    }
    if !CompoundFile::has_magic(&whole)? {
        return Ok(None);
    }
    let file = CompoundFile::open(&whole)?;
    Ok(binary::is_plain(&file).then_some(OfficeKind::Binary))
}

/// Protects a plain document; `output` becomes the container.
///
/// `license` may be in any encoding that licenses have. `progress` hears of bytes of the document.
///
/// # Errors
/// `NotSupported` for a file that [`plain_kind`] has no layout for, and for a cipher mode other than ECB and CBC4K.
/// `FileCorrupt` for a damaged document, `Malformed` for a license that is not text; what the storages, the coder and
/// `progress` report. `output` is then unfinished.
pub fn protect(
    input: &dyn Storage,
    license: &[u8],
    coder: &dyn Coder,
    output: &mut dyn Storage,
    progress: &mut Progress<'_>,
) -> Result<()> {
    let whole = Whole::new(input)?;
    if opc::is_package(&whole)? {
        return opc::protect(&whole, license, coder, output, progress);
    }
    if CompoundFile::has_magic(&whole)? {
        return binary::protect(&whole, license, coder, output, progress);
    }
    Err(Error::with(ErrorKind::NotSupported, "not a document that Office protects"))
}

/// Takes the protection off; `output` becomes the plain document.
///
/// # Errors
/// `FileNotEncrypted` for a file that is not protected, `FileCorrupt` for a damaged one or another key; what the storages,
/// the coder and `progress` report. `output` is then unfinished.
pub fn unprotect(
    input: &dyn Storage,
    coder: &dyn Coder,
    output: &mut dyn Storage,
    progress: &mut Progress<'_>,
) -> Result<()> {
    container::with_content(input, coder, |container, plain| match container.kind {
        OfficeKind::Package => container::send(plain, output, progress),
        OfficeKind::Binary => binary::unprotect(container, plain, output, progress),
    })
}

/// Bytes of the protected content, for which no key is needed: the package, or the inner compound file.
///
/// # Errors
/// `FileNotEncrypted`, `FileCorrupt`; what the storage reports.
pub fn plaintext_len(input: &dyn Storage) -> Result<u64> {
    let whole = Whole::new(input)?;
    content::plaintext_len(&container::Container::open(&whole)?.content()?)
}
