//! What a file is, told by its content; the name breaks ties.

use super::{Storage, naming, office, pdf, pfile};
use crate::client::SerializedLicense;
use crate::error::{Error, ErrorKind, Result};

/// A kind of protected file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protected {
    /// A pfile. `native` for those that only applications which honor rights are meant to open.
    Pfile {
        /// Known by its name, or else by its license.
        native: bool,
    },
    /// An Office document.
    Office,
    /// A PDF that holds its license itself.
    Pdf,
}

/// What is protected in a file; `None` for one that is not.
///
/// # Errors
/// [`ErrorKind::FileCorrupt`] when it is a container that cannot be read, so that nobody protects it a second time;
/// [`ErrorKind::NotSupported`] for a later version of one.
pub fn detect(storage: &dyn Storage, name: Option<&str>) -> Result<Option<Protected>> {
    if pfile::is_pfile(storage)? {
        let header = pfile::Header::read(storage)?;
        let named = name.map(naming::extension).unwrap_or_default();
        let native = match named.as_str() {
            "pfile" => false,
            extension if naming::is_native_extension(extension, header.extension()) => true,
            _ => is_for_aware_applications(&header.license(storage)?),
        };
        return Ok(Some(Protected::Pfile { native }));
    }
    if office::detect(storage)?.is_some() {
        return Ok(Some(Protected::Office));
    }
    if pdf::is_protected(storage)? {
        return Ok(Some(Protected::Pdf));
    }
    Ok(None)
}

/// What the license says, where it can be read; what cannot is not claimed.
fn is_for_aware_applications(license: &[u8]) -> bool {
    SerializedLicense::read(license, None).is_ok_and(|license| license.is_for_aware_applications())
}

/// Whether changes of a protected file by those who may only read it are noticed; `None` for one that is not protected.
///
/// # Errors
/// As [`detect`].
pub fn is_authenticated(storage: &dyn Storage) -> Result<Option<bool>> {
    Ok(match detect(storage, None)? {
        None => None,
        Some(Protected::Office | Protected::Pdf) => Some(false),
        Some(Protected::Pfile { .. }) => {
            let license = license(storage)?;
            Some(SerializedLicense::read(&license, None).is_ok_and(|license| license.has_write_key()))
        }
    })
}

/// The license of a protected file, byte for byte as it is stored.
///
/// # Errors
/// [`ErrorKind::FileNotEncrypted`] for a file that is not protected; else as [`detect`].
pub fn license(storage: &dyn Storage) -> Result<Vec<u8>> {
    if pfile::is_pfile(storage)? {
        return pfile::Header::read(storage)?.license(storage);
    }
    if office::detect(storage)?.is_some() {
        return office::license(storage);
    }
    if pdf::is_protected(storage)? {
        return pdf::license(storage);
    }
    Err(Error::new(ErrorKind::FileNotEncrypted))
}
