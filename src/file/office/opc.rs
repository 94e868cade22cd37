//! Packages (.docx, .xlsx, .pptx, .xps and their kin): the whole ZIP file is the content ([MS-OFFCRYPTO] 1.3.2).

use crate::error::Result;
use crate::file::{Coder, Progress, Storage};

use super::OfficeKind;
use super::cfb::ReadAt;
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
/// `NotSupported` for a cipher mode that Office does not know; what the storages, the coder and `progress` report.
pub(super) fn protect(
    package: &dyn ReadAt,
    license: &[u8],
    coder: &dyn Coder,
    output: &mut dyn Storage,
    progress: &mut Progress<'_>,
) -> Result<()> {
    let content = content::encrypted(package.len(), coder, |sink| content::send_all(package, sink, progress))?;
    container::write(OfficeKind::Package, license, None, content, Vec::new(), [0; 16], output)
}
