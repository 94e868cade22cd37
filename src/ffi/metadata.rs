//! Metadata of signed licenses, and their registration for tracking.

use std::sync::Arc;

use parking_lot::Mutex;

use super::args;
use super::ask;
use super::base::*;
use super::boundary::{entry, entry_with};
use super::constants::*;
use super::handles::{self, Handled, Kind};
use super::out::Out;
use super::state;
use super::types::*;
use super::wide;
use super::write;
use crate::base::time::Timestamp;
use crate::client::tracking::path_hash;
use crate::client::{Key, MetadataDraft};
use crate::error::{Error, ErrorKind, Result};
use crate::license::{MetadataProperty, NotificationType};

/// What an `IPC_LICENSE_METADATA_HANDLE` stands for.
struct Metadata(Mutex<MetadataDraft>);

impl Handled for Metadata {
    const KIND: Kind = Kind::LicenseMetadata;
}

/// Reads a property, or what deletes it.
///
/// # Safety
/// `value` is null or what the property asks for.
unsafe fn property(number: DWORD, delete: bool, value: LPCVOID) -> Result<MetadataProperty> {
    const VALUE: &str = "pvProperty";
    if !delete && value.is_null() && number <= IPC_MD_DATE_CREATED {
        return Err(Error::argument(VALUE, "null"));
    }
    let text = || {
        // SAFETY: by this function's contract.
        if delete { Ok(None) } else { unsafe { wide::read(value.cast(), VALUE) }.map(Some) }
    };
    let number_of = || {
        // SAFETY: by this function's contract.
        if delete { Ok(None) } else { unsafe { args::structure::<DWORD>(value.cast(), VALUE) }.map(Some) }
    };
    let time = || -> Result<Option<Timestamp>> {
        if delete {
            return Ok(None);
        }
        // SAFETY: by this function's contract.
        let at: FILETIME = unsafe { args::structure(value.cast(), VALUE)? };
        Ok(Some(Timestamp::from_filetime(at.ticks())))
    };
    Ok(match number {
        IPC_MD_CONTENT_PATH => MetadataProperty::PathHash(text()?.as_deref().map(path_hash)),
        IPC_MD_CONTENT_NAME => MetadataProperty::ContentName(text()?),
        IPC_MD_NOTIFICATION_TYPE => MetadataProperty::Notification(match number_of()? {
            None => None,
            Some(IPCD_CT_NOTIFICATION_TYPE_DISABLED) => Some(NotificationType::Disabled),
            Some(IPCD_CT_NOTIFICATION_TYPE_ENABLED) => Some(NotificationType::Enabled),
            Some(IPCD_CT_NOTIFICATION_TYPE_DENY_ONLY) => Some(NotificationType::DenyOnly),
            Some(other) => return Err(args::unknown(other, VALUE)),
        }),
        IPC_MD_NOTIFICATION_PREFERENCE => MetadataProperty::Digest(match number_of()? {
            None => None,
            Some(IPCD_CT_NOTIFICATION_PREF_DEFAULT) => Some(false),
            Some(IPCD_CT_NOTIFICATION_PREF_DIGEST) => Some(true),
            Some(other) => return Err(args::unknown(other, VALUE)),
        }),
        IPC_MD_DATE_MODIFIED => MetadataProperty::Modified(time()?),
        IPC_MD_DATE_CREATED => MetadataProperty::Created(time()?),
        other => {
            let what = ErrorKind::NotFound { what: "metadata property" };
            return Err(Error::with(what, format!("{other} is no property of metadata")));
        }
    })
}

/// Begins to edit the metadata of a signed license.
///
/// `pvSerializedLicense` is borrowed. `hKey` is borrowed: the key of this license, from an account that has OWNER.
/// `pvReserved` is null. `*phMetadata` is closed with `IpcCloseHandle`; it is `NULL` until the handle exists. It begins with
/// the metadata that the license has.
///
/// # Returns
/// - `S_OK`: the handle. Whether the account may sign them shows in `IpcSerializeLicenseWithMetadata`.
/// - `E_INVALIDARG`: a null pointer, or the key of another license.
/// - `E_HANDLE`: `hKey` is closed or is not a key.
/// - `IPCERROR_RIGHT_NOT_GRANTED`: the key does not grant OWNER.
/// - `HRESULT_FROM_WIN32(ERROR_INVALID_DATA)`, `IPCERROR_BROKEN_CERT_CHAIN`: the license is damaged or its signature does
///   not hold.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// `pvSerializedLicense` is null or readable with its bytes; `phMetadata` is null or writable.
///
/// # Source
/// MSIPC reference, *IpcCreateLicenseMetadataHandle*.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcCreateLicenseMetadataHandle(
    pvSerializedLicense: PCIPC_BUFFER,
    hKey: IPC_KEY_HANDLE,
    pvReserved: LPVOID,
    phMetadata: PIPC_LICENSE_METADATA_HANDLE,
) -> HRESULT {
    entry("IpcCreateLicenseMetadataHandle", || {
        // SAFETY: null or writable, by this function's contract.
        let metadata = unsafe { Out::cleared(phMetadata, "phMetadata")? };
        args::reserved(pvReserved, "pvReserved")?;
        // SAFETY: null or readable with its bytes, by this function's contract.
        let license = unsafe { args::buffer(pvSerializedLicense, "pvSerializedLicense")? };
        let key = handles::get::<Key>(hKey)?;

        let draft = state::environment()?.edit_metadata(license, &key)?;

        metadata.set(handles::open(Arc::new(Metadata(Mutex::new(draft))))?);
        Ok(())
    })
}

/// Sets or deletes a property of metadata.
///
/// `hLicenseMetadata` is borrowed. `fDelete` not `FALSE` deletes and ignores `pvProperty`. `dwPropID` is one of the
/// `IPC_MD_` constants. `pvProperty` points to a value of the type that the constant names, or is the text itself; it is
/// read during the call only. A path is not kept, only its hash. Times lose their seconds.
///
/// # Returns
/// - `S_OK`: set or deleted.
/// - `E_INVALIDARG`: a null value, a value that the property does not take.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: an unknown property.
/// - `E_HANDLE`: `hLicenseMetadata` is closed or is not one of metadata.
///
/// # Threads
/// Any thread; calls on one handle take turns.
///
/// # Safety
/// `pvProperty` is null or what `dwPropID` asks for.
///
/// # Source
/// MSIPC reference, *IpcSetLicenseMetadataProperty*, *License metadata property types*.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcSetLicenseMetadataProperty(
    hLicenseMetadata: IPC_LICENSE_METADATA_HANDLE,
    fDelete: BOOL,
    dwPropID: DWORD,
    pvProperty: LPCVOID,
) -> HRESULT {
    entry("IpcSetLicenseMetadataProperty", || {
        let metadata = handles::get::<Metadata>(hLicenseMetadata)?;
        // SAFETY: null or what the property asks for, by this function's contract.
        let property = unsafe { property(dwPropID, fDelete != FALSE, pvProperty)? };
        metadata.0.lock().metadata.set(property)
    })
}

/// Has a license signed again, with the metadata of a handle.
///
/// `hLicenseMetadata` is borrowed and stays usable. `pvReserved` is null. `pContext` is borrowed and may be null.
/// `*ppvLicense` is one block that the caller frees with `IpcFreeMemory`; it takes the place of the license that the handle
/// was made from, which stays valid. It is `NULL` until the license is signed.
///
/// # Returns
/// - `S_OK`: the license. Content, key, rights and time of issue are as before.
/// - `E_INVALIDARG`: a null pointer, a wrong prompt context.
/// - `E_HANDLE`: `hLicenseMetadata` is closed or is not one of metadata.
/// - `E_ACCESSDENIED`: the account neither protected the content nor owns it.
/// - `IPCERROR_RIGHT_NOT_GRANTED`: the license is revoked.
/// - `IPCERROR_NEEDS_ONLINE`: `IPC_PROMPT_FLAG_OFFLINE` was given.
///
/// # Threads
/// Any thread; calls on one handle take turns.
///
/// # Safety
/// `pContext` is null or valid; `ppvLicense` is null or writable.
///
/// # Source
/// MSIPC reference, *IpcSerializeLicenseMetadata*, the page of this function.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcSerializeLicenseWithMetadata(
    hLicenseMetadata: IPC_LICENSE_METADATA_HANDLE,
    pvReserved: LPVOID,
    pContext: PCIPC_PROMPT_CTX,
    ppvLicense: *mut PIPC_BUFFER,
) -> HRESULT {
    entry_with("IpcSerializeLicenseWithMetadata", || {
        // SAFETY: null or writable, by this function's contract.
        let license = unsafe { Out::cleared(ppvLicense, "ppvLicense")? };
        args::reserved(pvReserved, "pvReserved")?;
        let metadata = handles::get::<Metadata>(hLicenseMetadata)?;
        // SAFETY: null or valid, by this function's contract.
        let prompt = ask::prompt(unsafe { args::prompt(pContext)? })?;

        let draft = metadata.0.lock().clone();
        let bytes = state::environment()?.serialize_with_metadata(&draft, &prompt)?;

        license.set(write::buffer(&bytes)?.hand_out());
        Ok(())
    })
}

/// Registers the document of a license for tracking.
///
/// `pvLicenseWithMetadata` is borrowed. `pvReserved` is null. `pContext` is borrowed and may be null. `wszContentName` is
/// read during the call only: the name of the document, or null for that of the metadata. `fSendRegistrationMail` is kept
/// with the registration; the embedded authority sends no mails.
///
/// # Returns
/// - `S_OK`: registered, or registered anew.
/// - `E_INVALIDARG`: a null pointer, a name that a license cannot hold, a wrong prompt context.
/// - `E_ACCESSDENIED`: the account neither protected the content nor owns it.
/// - `IPCERROR_RIGHT_NOT_GRANTED`: the license is revoked.
/// - `IPCERROR_BROKEN_CERT_CHAIN`: the license is not signed by an authority that is trusted here.
/// - `HRESULT_FROM_WIN32(ERROR_INVALID_DATA)`: the license is damaged.
/// - `IPCERROR_NEEDS_ONLINE`: `IPC_PROMPT_FLAG_OFFLINE` was given.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid as described.
///
/// # Source
/// MSIPC reference, *IpcRegisterLicense*. That nothing is mailed is ours.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcRegisterLicense(
    pvLicenseWithMetadata: PCIPC_BUFFER,
    pvReserved: LPVOID,
    pContext: PCIPC_PROMPT_CTX,
    wszContentName: LPCWSTR,
    fSendRegistrationMail: BOOL,
) -> HRESULT {
    entry_with("IpcRegisterLicense", || {
        args::reserved(pvReserved, "pvReserved")?;
        // SAFETY: null or readable with its bytes, by this function's contract.
        let license = unsafe { args::buffer(pvLicenseWithMetadata, "pvLicenseWithMetadata")? };
        // SAFETY: null or terminated, by this function's contract.
        let name = unsafe { wide::read_optional(wszContentName, "wszContentName")? };
        // SAFETY: null or valid, by this function's contract.
        let prompt = ask::prompt(unsafe { args::prompt(pContext)? })?;

        let mail = fSendRegistrationMail != FALSE;
        state::environment()?.register(license, name.as_deref(), mail, &prompt)?;
        Ok(())
    })
}
