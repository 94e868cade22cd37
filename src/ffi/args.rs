//! Inputs: pointers become slices, structures and values here and nowhere else.
//!
//! A length of zero never makes a slice from its pointer, a structure is copied before its fields are looked at, and
//! `cbSize`, flags and reserved arguments are checked before the fields that depend on them are read.

use super::base::*;
use super::constants::*;
use super::ext_types::IPCX_CERT_CONTEXT;
use super::types::*;
use super::wide;
use crate::error::{Error, ErrorKind, Result};
use crate::license::ConnectionInfo;
use std::mem::MaybeUninit;
use zeroize::Zeroizing;

/// The bytes at a pointer; none for a length of zero, whatever the pointer.
///
/// # Errors
/// `InvalidArgument` when the pointer is null and the length is not zero, or the length cannot be.
///
/// # Safety
/// `start` is null, or `count` bytes are readable there and nobody writes them while the slice is used.
pub(crate) unsafe fn bytes<'a>(start: *const BYTE, count: DWORD, what: &'static str) -> Result<&'a [u8]> {
    if count == 0 {
        return Ok(&[]);
    }
    let count = length(start, count, what)?;
    // SAFETY: not null; readable by this function's contract; a length that memory can hold.
    Ok(unsafe { std::slice::from_raw_parts(start, count) })
}

fn length(start: *const BYTE, count: DWORD, what: &'static str) -> Result<usize> {
    if start.is_null() {
        return Err(Error::argument(what, format!("null with a length of {count} bytes")));
    }
    let fits = |count: &usize| isize::try_from(*count).is_ok_and(|_| start.addr().checked_add(*count).is_some());
    usize::try_from(count).ok().filter(fits).ok_or_else(|| Error::argument(what, "longer than memory"))
}

/// A buffer that is only read.
///
/// # Errors
/// `InvalidArgument` when the structure is null or holds a null pointer with a length.
///
/// # Safety
/// `buffer` is null or readable, and so is what it points to; nobody writes either while the slice is used.
pub(crate) unsafe fn buffer<'a>(buffer: PCIPC_BUFFER, what: &'static str) -> Result<&'a [u8]> {
    // SAFETY: by this function's contract.
    let buffer = unsafe { structure(buffer, what)? };
    // SAFETY: by this function's contract.
    unsafe { bytes(buffer.pvBuffer.cast(), buffer.cbBuffer, what) }
}

/// A copy of a structure.
///
/// # Errors
/// `InvalidArgument` when it is null.
///
/// # Safety
/// `from` is null, or a whole structure is readable there.
pub(crate) unsafe fn structure<T: Copy>(from: *const T, what: &'static str) -> Result<T> {
    if from.is_null() {
        return Err(Error::argument(what, "null"));
    }
    // SAFETY: readable by this function's contract; C may lay it out unaligned.
    Ok(unsafe { from.read_unaligned() })
}

/// A copy of a structure that begins with its size and has grown over time: members that the caller does not know are
/// zero.
///
/// # Errors
/// `InvalidArgument` when it is null or its `cbSize` is less than `least`, the size of its first version.
///
/// # Safety
/// `from` is null, or as many bytes as its `cbSize` says are readable there. `T` begins with a `DWORD` and all its
/// members may be zero.
pub(crate) unsafe fn sized<T: Copy>(from: *const T, least: usize, what: &'static str) -> Result<T> {
    // SAFETY: every such structure begins with its size.
    let size = unsafe { structure(from.cast::<DWORD>(), what)? };
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    if size < least {
        return Err(Error::argument(what, format!("cbSize is {size}, expected at least {least}")));
    }
    let mut copy = MaybeUninit::<T>::zeroed();
    let known = size.min(size_of::<T>());
    // SAFETY: `known` bytes are readable by this function's contract and fit into the copy.
    unsafe { copy.as_mut_ptr().cast::<u8>().copy_from_nonoverlapping(from.cast(), known) };
    // SAFETY: zero is a value of every member by this function's contract.
    Ok(unsafe { copy.assume_init() })
}

/// Copies of the elements of an array; none for a count of zero, whatever the pointer.
///
/// # Errors
/// `InvalidArgument` when there are more than `most`, or the pointer is null and the count is not zero; `OutOfMemory`.
///
/// # Safety
/// `from` is null, or `count` elements are readable there.
pub(crate) unsafe fn elements<T: Copy>(
    from: *const T,
    count: DWORD,
    most: usize,
    what: &'static str,
) -> Result<Vec<T>> {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    if count > most {
        return Err(Error::argument(what, format!("{count} elements, at most {most} are accepted")));
    }
    if count > 0 && from.is_null() {
        return Err(Error::argument(what, format!("null with {count} elements")));
    }
    let mut copies = Vec::new();
    copies.try_reserve_exact(count).map_err(|_| Error::new(ErrorKind::OutOfMemory))?;
    for index in 0..count {
        // SAFETY: below the count that this function's contract vouches for.
        let element = unsafe { from.add(index) };
        // SAFETY: as above; C may lay it out unaligned.
        copies.push(unsafe { element.read_unaligned() });
    }
    Ok(copies)
}

/// Refuses a reserved argument that is not null.
///
/// # Errors
/// `InvalidArgument`.
pub(crate) fn reserved(value: LPCVOID, what: &'static str) -> Result<()> {
    if value.is_null() { Ok(()) } else { Err(Error::argument(what, "reserved and must be null")) }
}

/// Refuses flags other than the known ones.
///
/// # Errors
/// `InvalidArgument`.
pub(crate) fn flags(value: DWORD, known: DWORD, what: &'static str) -> Result<DWORD> {
    match value & !known {
        0 => Ok(value),
        unknown => Err(Error::argument(what, format!("unknown flags 0x{unknown:08X}"))),
    }
}

/// A property id or type that is none of the known ones.
pub(crate) fn unknown(value: DWORD, what: &'static str) -> Error {
    Error::argument(what, format!("unknown value {value}"))
}

/// What a caller passes to be encrypted or decrypted, and where the result goes.
#[derive(Debug)]
pub(crate) enum Content<'a> {
    /// Only the size of the result is asked for. The input is not looked at and may be null.
    Size {
        /// Bytes of the input.
        input: usize,
    },
    /// Input and output are apart.
    Apart {
        /// What is read.
        input: &'a [u8],
        /// What is written.
        output: &'a mut [u8],
    },
    /// Input and output begin at the same address. The buffer is as long as the longer one.
    InPlace {
        /// What is read and then written.
        buffer: &'a mut [u8],
        /// Bytes of the input.
        input: usize,
        /// Bytes that may be written.
        output: usize,
    },
}

/// Sorts out the buffers of a call that encrypts or decrypts.
///
/// # Errors
/// `InvalidArgument` when the input is null with a length, or the buffers overlap without beginning together.
///
/// # Safety
/// Each pointer is null, or its count of bytes is readable (input) or writable (output) and used by nobody else while the
/// result is used. A pointer with a count of zero may be anything.
pub(crate) unsafe fn content<'a>(
    input: *mut BYTE,
    input_count: DWORD,
    output: *mut BYTE,
    output_count: DWORD,
) -> Result<Content<'a>> {
    if output.is_null() {
        let input = usize::try_from(input_count).map_err(|_| Error::argument("cbInput", "longer than memory"))?;
        return Ok(Content::Size { input });
    }
    let (from, read) =
        if input_count == 0 { (std::ptr::null_mut(), 0) } else { (input, length(input, input_count, "pbInput")?) };
    let written = if output_count == 0 { 0 } else { length(output, output_count, "pbOutput")? };
    let together = read > 0 && written > 0;
    if together && from == output {
        let whole = read.max(written);
        // SAFETY: both counts are readable and writable by this function's contract, so the longer one is writable
        // when it is the output's; else the input's buffer is the caller's to change, since the result goes there.
        let buffer = unsafe { std::slice::from_raw_parts_mut(output, whole) };
        return Ok(Content::InPlace { buffer, input: read, output: written });
    }
    if together && from.addr() < output.addr() + written && output.addr() < from.addr() + read {
        return Err(Error::argument("pbOutput", "overlaps pbInput without beginning where it begins"));
    }
    let input = if read == 0 {
        &[]
    } else {
        // SAFETY: readable by this function's contract, and apart from the output.
        unsafe { std::slice::from_raw_parts(from.cast_const(), read) }
    };
    let output = if written == 0 {
        &mut []
    } else {
        // SAFETY: writable by this function's contract, and apart from the input.
        unsafe { std::slice::from_raw_parts_mut(output, written) }
    };
    Ok(Content::Apart { input, output })
}

/// Refuses a place for the count of the result that lies in the content: clearing it would change what is read, setting
/// it what was written.
///
/// # Errors
/// `InvalidArgument`.
pub(crate) fn apart_from_content(result: *const DWORD, buffers: [(*const BYTE, DWORD); 2]) -> Result<()> {
    let end = |start: usize, count: usize| start.saturating_add(count);
    let (at, length) = (result.addr(), size_of::<DWORD>());
    for (start, count) in buffers {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let is_there = !start.is_null() && !result.is_null() && count > 0;
        if is_there && at < end(start.addr(), count) && start.addr() < end(at, length) {
            return Err(Error::argument("pcbResult", "lies in the content"));
        }
    }
    Ok(())
}

/// What `IPC_PROMPT_CTX` says.
#[derive(Debug, Default)]
pub(crate) struct Prompt {
    /// Show no window.
    pub(crate) silent: bool,
    /// Ask no authority.
    pub(crate) offline: bool,
    /// The user has agreed to contact a new authority.
    pub(crate) consent: bool,
    /// What cancels the call, or null.
    pub(crate) cancel: CancelEvent,
    /// Who is asking, unless it is the account that the thread acts as.
    pub(crate) credential: Option<Credential>,
}

/// The event of a prompt context, as a number: nothing here follows it. 0 when there is none.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct CancelEvent(pub(crate) usize);

/// What `IPC_CREDENTIAL` says.
pub(crate) enum Credential {
    /// A certificate and who signs for it.
    X509(IPCX_CERT_CONTEXT),
    /// The key of an application.
    SymmetricKey {
        /// In base 64.
        key: Zeroizing<String>,
        /// Which application.
        principal: String,
        /// Which organization.
        tenant: String,
    },
    /// A callback and what it is to be given.
    OAuth2 {
        /// Never `None`.
        callback: IPC_OAUTH2_CALLBACK,
        /// The application's own.
        context: LPVOID,
    },
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::X509(_) => "X509",
            Self::SymmetricKey { .. } => "SymmetricKey",
            Self::OAuth2 { .. } => "OAuth2",
        })
    }
}

/// Size of the first version of `IPC_PROMPT_CTX`. The member behind it is never read: programs that fill the documented
/// members one by one leave it as it was.
const PROMPT_CTX_LEAST: usize = std::mem::offset_of!(IPC_PROMPT_CTX, wszApplicationScenarioId);

/// Reads a prompt context; null is one without flags and credential.
///
/// # Errors
/// `InvalidArgument` for a wrong size, unknown flags or a bad credential.
///
/// # Safety
/// `context` is null or valid as the interface describes it, with everything it points to.
pub(crate) unsafe fn prompt(context: PCIPC_PROMPT_CTX) -> Result<Prompt> {
    if context.is_null() {
        return Ok(Prompt::default());
    }
    // SAFETY: by this function's contract; every member may be zero.
    let context = unsafe { sized(context, PROMPT_CTX_LEAST, "pContext")? };
    const KNOWN: DWORD = IPC_PROMPT_FLAG_SILENT | IPC_PROMPT_FLAG_OFFLINE | IPC_PROMPT_FLAG_HAS_USER_CONSENT;
    let flags = flags(context.dwFlags, KNOWN, "pContext->dwFlags")?;
    let credential = if context.pcCredential.is_null() {
        None
    } else {
        // SAFETY: by this function's contract.
        Some(unsafe { credential(context.pcCredential)? })
    };
    Ok(Prompt {
        silent: flags & IPC_PROMPT_FLAG_SILENT != 0,
        offline: flags & IPC_PROMPT_FLAG_OFFLINE != 0,
        consent: flags & IPC_PROMPT_FLAG_HAS_USER_CONSENT != 0,
        cancel: CancelEvent(context.hCancelEvent.addr()),
        credential,
    })
}

/// Reads a credential.
///
/// # Safety
/// `credential` is not null and valid as the interface describes it, with everything it points to.
unsafe fn credential(credential: PCIPC_CREDENTIAL) -> Result<Credential> {
    // SAFETY: by this function's contract.
    let credential = unsafe { structure(credential, "pContext->pcCredential")? };
    match credential.dwType {
        IPC_CREDENTIAL_TYPE_X509 => {
            // SAFETY: every member is a pointer, so all are set whichever was written.
            let certificate = unsafe { credential.u.pcCertContext };
            // SAFETY: by this function's contract.
            Ok(Credential::X509(unsafe { certificate_of(certificate)? }))
        }
        IPC_CREDENTIAL_TYPE_SYMMETRIC_KEY => {
            // SAFETY: as above.
            let key = unsafe { credential.u.pcSymmetricKey };
            // SAFETY: by this function's contract.
            let key = unsafe { structure(key, "pcSymmetricKey")? };
            Ok(Credential::SymmetricKey {
                // SAFETY: by this function's contract.
                key: unsafe { wide::read_secret(key.wszBase64Key, "wszBase64Key")? },
                // SAFETY: by this function's contract.
                principal: unsafe { wide::read(key.wszAppPrincipalId, "wszAppPrincipalId")? },
                // SAFETY: by this function's contract.
                tenant: unsafe { wide::read(key.wszBposTenantId, "wszBposTenantId")? },
            })
        }
        IPC_CREDENTIAL_TYPE_OAUTH2 => {
            // SAFETY: as above.
            let info = unsafe { credential.u.pcOAuth2 };
            // SAFETY: by this function's contract; a missing callback is zero.
            let info = unsafe { sized(info.cast_const(), size_of::<IPC_OAUTH2_CALLBACK_INFO>(), "pcOAuth2")? };
            if info.pfnCallback.is_none() {
                return Err(Error::argument("pfnCallback", "null"));
            }
            Ok(Credential::OAuth2 { callback: info.pfnCallback, context: info.pvContext })
        }
        other => Err(unknown(other, "pContext->pcCredential->dwType")),
    }
}

/// Reads the certificate of a credential.
///
/// # Safety
/// `context` is null or an `IPCX_CERT_CONTEXT`.
#[cfg(not(windows))]
unsafe fn certificate_of(context: PCCERT_CONTEXT) -> Result<IPCX_CERT_CONTEXT> {
    // SAFETY: by this function's contract.
    unsafe { structure(context.cast(), "pcCertContext") }
}

/// A `CERT_CONTEXT` of Windows names a key that only the certificate store can reach, which is not asked.
///
/// # Safety
/// Any pointer will do.
#[cfg(windows)]
unsafe fn certificate_of(context: PCCERT_CONTEXT) -> Result<IPCX_CERT_CONTEXT> {
    if context.is_null() {
        return Err(Error::argument("pcCertContext", "null"));
    }
    Err(Error::with(ErrorKind::NotSupported, "the key of a certificate in a Windows store cannot be used for a proof"))
}

/// Reads connection information; null is one without addresses, the default authority.
///
/// # Errors
/// `InvalidArgument` for text that is not valid.
///
/// # Safety
/// `info` is null or readable, and its texts are null or terminated.
pub(crate) unsafe fn connection(info: PCIPC_CONNECTION_INFO) -> Result<ConnectionInfo> {
    if info.is_null() {
        return Ok(ConnectionInfo::default());
    }
    // SAFETY: by this function's contract.
    let info = unsafe { structure(info, "pConnectionInfo")? };
    Ok(ConnectionInfo {
        // SAFETY: by this function's contract.
        extranet_url: unsafe { wide::read_optional(info.wszExtranetUrl, "wszExtranetUrl")? },
        // SAFETY: by this function's contract.
        intranet_url: unsafe { wide::read_optional(info.wszIntranetUrl, "wszIntranetUrl")? },
    })
}

#[cfg(test)]
#[path = "args_tests.rs"]
mod tests;
