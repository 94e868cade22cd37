//! What a file is, told by its content; the name breaks ties.
//!
//! [`form`] is cheap: it looks for a container and reads no license. [`read`] takes the license out in the same reading,
//! for whoever goes on to open the file.

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

/// The container that a protected file is.
#[derive(Debug, Clone)]
pub enum Form {
    /// A pfile, with what its header says.
    Pfile(pfile::Header),
    /// An Office document.
    Office,
    /// A PDF that holds its license itself.
    Pdf,
}

/// A protected file, as far as it can be known without a key.
#[derive(Debug, Clone)]
pub struct Found {
    /// Its container.
    pub form: Form,
    /// Its license, byte for byte as it is stored.
    pub license: Vec<u8>,
}

/// The container that a file is; `None` for one that is not protected.
///
/// # Errors
/// [`ErrorKind::FileCorrupt`] when it is a container that cannot be read, so that nobody protects it a second time;
/// [`ErrorKind::NotSupported`] for a later version of one.
pub fn form(storage: &dyn Storage) -> Result<Option<Form>> {
    if let Some(header) = unless_plain(pfile::Header::read(storage))? {
        return Ok(Some(Form::Pfile(header)));
    }
    if office::detect(storage)?.is_some() {
        return Ok(Some(Form::Office));
    }
    Ok(pdf::is_protected(storage)?.then_some(Form::Pdf))
}

/// The container that a file is, with its license; `None` for one that is not protected.
///
/// # Errors
/// As [`form`], also where the license alone is damaged.
pub fn read(storage: &dyn Storage) -> Result<Option<Found>> {
    if let Some(header) = unless_plain(pfile::Header::read(storage))? {
        let license = header.license(storage)?;
        return Ok(Some(Found { form: Form::Pfile(header), license }));
    }
    if let Some(license) = unless_plain(office::license(storage))? {
        return Ok(Some(Found { form: Form::Office, license }));
    }
    Ok(unless_plain(pdf::license(storage))?.map(|license| Found { form: Form::Pdf, license }))
}

/// `None` where a reader says that the file is none of its containers.
fn unless_plain<T>(answer: Result<T>) -> Result<Option<T>> {
    match answer {
        Err(error) if *error.kind() == ErrorKind::FileNotEncrypted => Ok(None),
        answer => answer.map(Some),
    }
}

/// What is protected in a file; `None` for one that is not.
///
/// # Errors
/// As [`form`].
pub fn detect(storage: &dyn Storage, name: Option<&str>) -> Result<Option<Protected>> {
    Ok(match form(storage)? {
        None => None,
        Some(Form::Office) => Some(Protected::Office),
        Some(Form::Pdf) => Some(Protected::Pdf),
        Some(Form::Pfile(header)) => {
            let native = match is_native_by_name(&header, name) {
                Some(native) => native,
                None => is_for_aware_applications(&header.license(storage)?),
            };
            Some(Protected::Pfile { native })
        }
    })
}

/// Whether only applications which honor rights are meant to open a pfile, where its name tells.
fn is_native_by_name(header: &pfile::Header, name: Option<&str>) -> Option<bool> {
    let named = name.map(naming::extension).unwrap_or_default();
    match named.as_str() {
        "pfile" => Some(false),
        extension => naming::is_native_extension(extension, header.extension()).then_some(true),
    }
}

/// What the license says, where it can be read; what cannot is not claimed.
fn is_for_aware_applications(license: &[u8]) -> bool {
    SerializedLicense::read(license, None).is_ok_and(|license| license.is_for_aware_applications())
}

impl Found {
    /// What is protected in a file of this name.
    #[must_use]
    pub fn kind(&self, name: &str) -> Protected {
        match &self.form {
            Form::Office => Protected::Office,
            Form::Pdf => Protected::Pdf,
            Form::Pfile(header) => {
                let by_name = is_native_by_name(header, Some(name));
                let native = by_name.unwrap_or_else(|| is_for_aware_applications(&self.license));
                Protected::Pfile { native }
            }
        }
    }
}

/// Whether changes of a protected file by those who may only read it are noticed; `None` for one that is not protected.
///
/// # Errors
/// As [`form`].
pub fn is_authenticated(storage: &dyn Storage) -> Result<Option<bool>> {
    Ok(match form(storage)? {
        None => None,
        Some(Form::Office | Form::Pdf) => Some(false),
        Some(Form::Pfile(header)) => {
            let license = header.license(storage)?;
            Some(SerializedLicense::read(&license, None).is_ok_and(|license| license.has_write_key()))
        }
    })
}

/// The license of a protected file, byte for byte as it is stored.
///
/// # Errors
/// [`ErrorKind::FileNotEncrypted`] for a file that is not protected; else as [`read`].
pub fn license(storage: &dyn Storage) -> Result<Vec<u8>> {
    Ok(read(storage)?.ok_or_else(|| Error::new(ErrorKind::FileNotEncrypted))?.license)
}

#[cfg(test)]
#[path = "detect_tests.rs"]
mod tests;
