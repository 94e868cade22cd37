//! Packages (.docx, .xlsx, .pptx, .xps and their kin): the whole ZIP file is the content ([MS-OFFCRYPTO] 1.3.2).

use crate::error::{Error, ErrorKind, Result};
use crate::file::{Coder, Progress, Storage};

use super::OfficeKind;
use super::cfb::{ReadAt, Whole};
use super::container;
use super::content;

/// How every package begins.
pub(super) const MAGIC: &[u8] = b"PK";

/// Whether a file begins as a package does.
pub(super) fn is_package(file: &dyn ReadAt) -> Result<bool> {
    let mut magic = [0; 4];
    if file.len() < magic.len() as u64 {
        return Ok(false);
    }
    file.read_exact_at(0, &mut magic)?;
    Ok(magic == *b"PK\x03\x04")
}

/// Protects a package.
///
/// # Errors
/// `NotSupported` for a file that is no package, and for a cipher mode that Office does not know; what the storages,
/// the coder and `progress` report.
pub fn protect(
    input: &dyn Storage,
    license: &[u8],
    coder: &dyn Coder,
    output: &mut dyn Storage,
    progress: &mut Progress<'_>,
) -> Result<()> {
    let whole = Whole::new(input)?;
    if !is_package(&whole)? {
        return Err(Error::with(ErrorKind::NotSupported, "not an Office package"));
    }
    let content = content::encrypted(whole.len(), coder, |sink| content::send_all(&whole, sink, progress))?;
    container::write(OfficeKind::Package, license, None, content, Vec::new(), [0; 16], output)
}
