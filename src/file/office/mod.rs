//! Office documents and protected mail as rights-managed containers ([MS-OFFCRYPTO] 2.2, [MS-OXORMMS]).
//!
//! A protected document is a compound file: data spaces with the publishing license, and the encrypted document beside
//! them. What a file is follows from its content alone. Everything is read in place and written in one pass, so that
//! memory does not grow with the document, and files are believed nothing that their length does not bear out.

pub mod binary;
pub mod cfb;
mod container;
mod content;
mod dataspaces;
#[doc(hidden)]
pub mod exercise;
pub mod message;
pub mod opc;
mod properties;
pub mod rpmsg;
mod stubs;

use crate::error::{Error, ErrorKind, Result};
use crate::file::{Coder, Progress, Storage};
use cfb::{CompoundFile, Whole};

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

/// The publishing license of a protected document, as it is stored.
///
/// # Errors
/// `FileNotEncrypted` for a file that is not protected, `FileCorrupt` for a damaged one.
pub fn license(input: &dyn Storage) -> Result<Vec<u8>> {
    container::license(input)
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
    match plain_kind(input)? {
        Some(OfficeKind::Package) => opc::protect(input, license, coder, output, progress),
        Some(OfficeKind::Binary) => binary::protect(input, license, coder, output, progress),
        None => Err(Error::with(ErrorKind::NotSupported, "not a document that Office protects")),
    }
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
    match detect(input)? {
        Some(OfficeKind::Package) => container::stored_content(input, coder, output, progress),
        Some(OfficeKind::Binary) => binary::unprotect(input, coder, output, progress),
        None => Err(ErrorKind::FileNotEncrypted.into()),
    }
}

/// The protected content exactly as it is stored: the package, or the inner compound file of a binary document or mail.
///
/// # Errors
/// As [`unprotect`].
pub fn stored_content(
    input: &dyn Storage,
    coder: &dyn Coder,
    output: &mut dyn Storage,
    progress: &mut Progress<'_>,
) -> Result<()> {
    container::stored_content(input, coder, output, progress)
}

/// Protects a protected document anew, from one key to another, without the plain document between. Labels, properties
/// and custom data that stand in the clear stay.
///
/// # Errors
/// As [`unprotect`] for what is read and [`protect`] for what is written.
pub fn reprotect(
    input: &dyn Storage,
    old: &dyn Coder,
    license: &[u8],
    new: &dyn Coder,
    output: &mut dyn Storage,
    progress: &mut Progress<'_>,
) -> Result<()> {
    container::reprotect(input, old, license, new, output, progress)
}

/// Gives a protected document another license for the same content key; the encrypted content stays as it is.
///
/// # Errors
/// `FileNotEncrypted`, `FileCorrupt`, `Malformed` for the license; what the storages and `progress` report.
pub fn relicense(
    input: &dyn Storage,
    license: &[u8],
    output: &mut dyn Storage,
    progress: &mut Progress<'_>,
) -> Result<()> {
    container::relicense(input, license, output, progress)
}

/// Bytes of the protected content, for which no key is needed: the package, or the inner compound file.
///
/// # Errors
/// `FileNotEncrypted`, `FileCorrupt`; what the storage reports.
pub fn plaintext_len(input: &dyn Storage) -> Result<u64> {
    let whole = Whole::new(input)?;
    content::plaintext_len(&container::Container::open(&whole)?.content()?)
}
