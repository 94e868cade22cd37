//! Unsigned rights documents: the policy of a license that programs of the older client (MSDRM) sign themselves.
//!
//! The document is the one that publishing licenses encrypt ([MS-RMPR] 2.2.9.8), in the clear. Nothing here reads it:
//! without a signature it is no license.

use super::text::{self, TextEncoding};
use super::{rights_data, writer};
use crate::base::limits::LICENSE_WRITE_MAX;
use crate::error::{Error, ErrorKind, Result};
use crate::license::RightsData;

/// Writes a rights document as a file of its own.
///
/// # Errors
/// [`ErrorKind::InvalidArgument`] for text that a license cannot hold; [`ErrorKind::LicenseTooLong`] past
/// [`LICENSE_WRITE_MAX`].
pub fn write(data: &RightsData, utf16: bool) -> Result<Vec<u8>> {
    let text = [writer::DECLARATION, writer::ROOT, &rights_data::body(data)?, "</XrML>"].concat();
    let bytes = text::encode(&text, if utf16 { TextEncoding::Utf16LeBom } else { TextEncoding::Utf8Bom });
    if bytes.len() > LICENSE_WRITE_MAX {
        let detail = format!("{} bytes, at most {LICENSE_WRITE_MAX} are written", bytes.len());
        return Err(Error::with(ErrorKind::LicenseTooLong, detail));
    }
    Ok(bytes)
}
