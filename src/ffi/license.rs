//! Licenses: made, edited, signed and read.

use super::args;
use super::ask;
use super::base::*;
use super::boundary::{entry, entry_with};
use super::constants::*;
use super::handles;
use super::out::Out;
use super::properties::{Change, License, delete_property, draft_property, serialized_property};
use super::state;
use super::types::*;
use super::wide;
use super::write;
use crate::base::locale::Lcid;
use crate::client::{Draft, Environment, Keep, Key, SerializedLicense};
use crate::error::{Error, Result};
use crate::license::LicenseProperty;
use std::sync::Arc;

/// Begins a license with a policy of its own.
///
/// `pTemplateIssuer` is borrowed: an entry of `IpcGetTemplateIssuerList`, or one that the caller made; both addresses null
/// mean the default authority. `dwFlags` is 0, `pvReserved` is null. `*phLicense` is closed with `IpcCloseHandle`; it is
/// `NULL` until the license exists.
///
/// # Returns
/// - `S_OK`: the license grants nothing yet.
/// - `E_INVALIDARG`: a null pointer, flags, text that is not valid.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: no authority is known at the address of the issuer.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// `pTemplateIssuer` is null or valid with its texts; `phLicense` is null or writable.
///
/// # Source
/// MSIPC reference, *IpcCreateLicenseFromScratch*.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcCreateLicenseFromScratch(
    pTemplateIssuer: PCIPC_TEMPLATE_ISSUER,
    dwFlags: DWORD,
    pvReserved: LPVOID,
    phLicense: PIPC_LICENSE_HANDLE,
) -> HRESULT {
    entry("IpcCreateLicenseFromScratch", || {
        // SAFETY: null or writable, by this function's contract.
        let license = unsafe { Out::cleared(phLicense, "phLicense")? };
        args::flags(dwFlags, 0, "dwFlags")?;
        args::reserved(pvReserved, "pvReserved")?;
        // SAFETY: null or readable, by this function's contract.
        let issuer = unsafe { args::structure(pTemplateIssuer, "pTemplateIssuer")? };
        // SAFETY: its texts are null or terminated, by this function's contract.
        let connection = unsafe { args::connection(&raw const issuer.connectionInfo)? };

        let draft = state::environment()?.draft_from_scratch(&connection)?;

        license.set(handles::open(Arc::new(License::new(draft)))?);
        Ok(())
    })
}

/// Begins a license with the policy of a template.
///
/// `wszTemplateID` is read during the call only: an id of `IpcGetTemplateList`. `dwFlags` is 0, `pvReserved` is null.
/// `*phLicense` is closed with `IpcCloseHandle`; it is `NULL` until the license exists.
///
/// # Returns
/// - `S_OK`: the license.
/// - `E_INVALIDARG`: a null pointer, flags, text that is not valid.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: no such template.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// `wszTemplateID` is null or ends in NUL; `phLicense` is null or writable.
///
/// # Source
/// MSIPC reference, *IpcCreateLicenseFromTemplateID*. The code for an unknown template is our choice.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcCreateLicenseFromTemplateID(
    wszTemplateID: LPCWSTR,
    dwFlags: DWORD,
    pvReserved: LPVOID,
    phLicense: PIPC_LICENSE_HANDLE,
) -> HRESULT {
    entry("IpcCreateLicenseFromTemplateID", || {
        // SAFETY: null or writable, by this function's contract.
        let license = unsafe { Out::cleared(phLicense, "phLicense")? };
        args::flags(dwFlags, 0, "dwFlags")?;
        args::reserved(pvReserved, "pvReserved")?;
        // SAFETY: null or terminated, by this function's contract.
        let id = unsafe { wide::read(wszTemplateID, "wszTemplateID")? };

        let draft = state::environment()?.draft_from_template(&id)?;

        license.set(handles::open(Arc::new(License::new(draft)))?);
        Ok(())
    })
}

/// Reads a property of a license that is being edited.
///
/// `hLicense` is borrowed. `dwPropID` is one of the `IPC_LI_` constants. `lcid` is the language of `IPC_LI_DESCRIPTOR`
/// and ignored otherwise. `*ppvProperty` points to a value of the type that the constant names and is freed with
/// `IpcFreeMemory`; for `IPC_LI_CONTENT_KEY` it is a handle, closed with `IpcCloseHandle`. It is `NULL` until known.
///
/// # Returns
/// - `S_OK`: what was set, or the default.
/// - `E_INVALIDARG`: a null pointer.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: an unknown property, or the time of issue, which is still to come.
/// - `E_HANDLE`: `hLicense` is closed or is not a license.
/// - `IPCERROR_USER_RIGHTS_NOT_SET`, `IPCERROR_LICENSE_INTERVAL_TIME_NOT_SET`, `IPCERROR_CONTENT_KEY_NOT_SET`,
///   `IPCERROR_LOCALE_NOT_FOUND`: the property is not set and has no default.
///
/// # Threads
/// Any thread; calls on one license take turns.
///
/// # Safety
/// `ppvProperty` is null or writable.
///
/// # Source
/// MSIPC reference, *IpcGetLicenseProperty*, *License property types*.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcGetLicenseProperty(
    hLicense: IPC_LICENSE_HANDLE,
    dwPropID: DWORD,
    lcid: LCID,
    ppvProperty: *mut LPVOID,
) -> HRESULT {
    entry("IpcGetLicenseProperty", || {
        // SAFETY: null or writable, by this function's contract.
        let value = unsafe { Out::cleared(ppvProperty, "ppvProperty")? };
        let license = handles::get::<License>(hLicense)?;
        let property = LicenseProperty::from_number(dwPropID)?;

        let draft = license.draft().clone();
        let answer = draft_property(&draft, property, Lcid(lcid))?;

        value.set(answer.hand_out());
        Ok(())
    })
}

/// Sets or deletes a property of a license that is being edited.
///
/// `hLicense` is borrowed. `fDelete` not `FALSE` deletes and ignores `pvProperty`. `dwPropID` is one of the `IPC_LI_`
/// constants. `pvProperty` points to a value of the type that the constant names, or is the text or the key handle itself;
/// it is read during the call only.
///
/// # Returns
/// - `S_OK`: set or deleted.
/// - `E_INVALIDARG`: a null value, a property that cannot be set or deleted, a value that it does not take.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: an unknown property.
/// - `E_HANDLE`: `hLicense`, or the key handle given as value, is closed or of another kind.
/// - `IPCERROR_ISSUANCELICENSE_LENGTH_LIMIT_EXCEEDED`: a user rights list of more than 20,000 users.
///
/// # Threads
/// Any thread; calls on one license take turns.
///
/// # Safety
/// `pvProperty` is null or what `dwPropID` asks for, with everything it points to.
///
/// # Source
/// MSIPC reference, *IpcSetLicenseProperty*, *License property types*. The page calls one code `E_INVALIDARGS`;
/// `E_INVALIDARG` is meant.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcSetLicenseProperty(
    hLicense: IPC_LICENSE_HANDLE,
    fDelete: BOOL,
    dwPropID: DWORD,
    pvProperty: LPCVOID,
) -> HRESULT {
    entry("IpcSetLicenseProperty", || {
        let license = handles::get::<License>(hLicense)?;
        let property = LicenseProperty::from_number(dwPropID)?;
        if fDelete != FALSE {
            return delete_property(&mut license.draft(), property);
        }
        if pvProperty.is_null() {
            return Err(Error::argument("pvProperty", "null"));
        }
        // SAFETY: what the property asks for, by this function's contract.
        let change = unsafe { Change::read(property, pvProperty)? };
        change.apply(&mut license.draft())
    })
}

/// What is to be signed.
pub(super) enum Source {
    /// By the id of a template.
    Template(String),
    /// By handle.
    License(Arc<License>),
}

impl Source {
    /// Reads what a call names.
    ///
    /// # Errors
    /// `InvalidArgument`, `InvalidHandle`.
    ///
    /// # Safety
    /// `info` is null, the text of a template id, or a license handle, as `is_template` says.
    pub(super) unsafe fn read(info: LPCVOID, is_template: bool) -> Result<Self> {
        if info.is_null() {
            return Err(Error::argument("pvLicenseInfo", "null"));
        }
        Ok(match is_template {
            // SAFETY: by this function's contract.
            true => Self::Template(unsafe { wide::read(info.cast(), "pvLicenseInfo")? }),
            false => Self::License(handles::get::<License>(info.cast_mut())?),
        })
    }

    /// The draft that is to be signed.
    ///
    /// # Errors
    /// `NotFound` for an unknown template.
    pub(super) fn draft(self, environment: &Environment) -> Result<Draft> {
        match self {
            Self::Template(id) => environment.draft_from_template(&id),
            Self::License(license) => Ok(license.draft().clone()),
        }
    }
}

/// The outputs of `IpcSerializeLicense`, both cleared before one of them is refused.
///
/// # Safety
/// Each is null or writable.
unsafe fn outputs(key: PIPC_KEY_HANDLE, license: *mut PIPC_BUFFER) -> (Option<Out<HANDLE>>, Result<Out<PIPC_BUFFER>>) {
    // SAFETY: by this function's contract.
    let key = unsafe { Out::optional(key) };
    // SAFETY: by this function's contract.
    let license = unsafe { Out::cleared(license, "ppvLicense") };
    (key, license)
}

/// Where the publisher's use license may be kept. It is the one thing that is kept and holds the key, so each flag that
/// forbids keeping one of both forbids it; the strictest flag wins.
fn kept(flags: DWORD) -> Keep {
    if flags & (IPC_SL_FLAG_KEY_NO_PERSIST | IPC_SL_FLAG_KEY_NO_PERSIST_LICENSE) != 0 {
        Keep::Nowhere
    } else if flags & IPC_SL_FLAG_KEY_NO_PERSIST_DISK != 0 {
        Keep::Memory
    } else {
        Keep::Disk
    }
}

/// Has a license signed and returns it, and the key to encrypt with.
///
/// `pvLicenseInfo` is, as `dwType` says, the id of a template (`IPC_SL_TEMPLATE_ID`, an `LPCWSTR`) or a license
/// (`IPC_SL_LICENSE_HANDLE`, the handle itself, which stays open and usable). `dwFlags` are `IPC_SL_FLAG_` bits.
/// `pContext` is borrowed and may be null. `*phKey` is closed with `IpcCloseHandle`; `phKey` may be null. `*ppvLicense` is
/// one block that the caller frees with `IpcFreeMemory`; it must be stored with the content. Both outputs are `NULL` until
/// the license is signed. The publisher's use license is kept as the flags allow, so that `IpcGetKey` finds it later.
///
/// With `IPC_SL_FLAG_DEPRECATED_UNSIGNED_LICENSE_TEMPLATE`, which goes with no other flag, `*ppvLicense` is the policy as an
/// unsigned rights document for programs that use the older client, MSDRM. It is no license and has no key: `*phKey` stays
/// `NULL`. Owner and content id are not in it.
///
/// # Returns
/// - `S_OK`: the license, in XrML.
/// - `E_INVALIDARG`: a null pointer, an unknown type, flags that do not go together, properties that do not go together; an
///   unsigned template of a license with a content key or with encrypted application data.
/// - `E_HANDLE`: the license handle is closed or is not a license.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: no such template.
/// - `IPCERROR_USER_RIGHTS_NOT_SET`: a license from scratch without a user rights list; an empty list will do.
/// - `IPCERROR_RIGHT_NOT_GRANTED`: the license reuses a content key and the account lacks EDITRIGHTSDATA on it.
/// - `IPCERROR_TEMPLATE_NOT_ENABLED_FOR_USER`: the account may not publish with this template.
/// - `IPCERROR_ISSUANCELICENSE_LENGTH_LIMIT_EXCEEDED`: the license would have more than 8 MiB.
/// - `IPCERROR_NEEDS_ONLINE`: `IPC_PROMPT_FLAG_OFFLINE` was given and the license reuses a content key, about which the
///   authority decides anew. Otherwise publishing works offline: what signs is at hand.
///
/// # Threads
/// Any thread; calls on one license take turns.
///
/// # Safety
/// Inputs are null or valid as described; the outputs are null or writable.
///
/// # Source
/// MSIPC reference, *IpcSerializeLicense*. That the handle stays usable follows programs that serialize it again. The
/// length is that of [MS-RMPR] 3.4 for licenses that are submitted. The form of the unsigned template is our choice: the page
/// says for whom it is.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcSerializeLicense(
    pvLicenseInfo: LPCVOID,
    dwType: DWORD,
    dwFlags: DWORD,
    pContext: PCIPC_PROMPT_CTX,
    phKey: PIPC_KEY_HANDLE,
    ppvLicense: *mut PIPC_BUFFER,
) -> HRESULT {
    entry_with("IpcSerializeLicense", || {
        // SAFETY: null or writable, by this function's contract.
        let (key, license) = unsafe { outputs(phKey, ppvLicense) };
        let license = license?;
        const KNOWN: DWORD = IPC_SL_FLAG_KEY_NO_PERSIST
            | IPC_SL_FLAG_KEY_NO_PERSIST_DISK
            | IPC_SL_FLAG_DEPRECATED_UNSIGNED_LICENSE_TEMPLATE
            | IPC_SL_FLAG_KEY_NO_PERSIST_LICENSE;
        let flags = args::flags(dwFlags, KNOWN, "dwFlags")?;
        let unsigned = flags & IPC_SL_FLAG_DEPRECATED_UNSIGNED_LICENSE_TEMPLATE != 0;
        if unsigned && flags != IPC_SL_FLAG_DEPRECATED_UNSIGNED_LICENSE_TEMPLATE {
            return Err(Error::argument("dwFlags", "an unsigned template goes with no other flag").into());
        }
        let is_template = match dwType {
            IPC_SL_TEMPLATE_ID => true,
            IPC_SL_LICENSE_HANDLE => false,
            other => return Err(args::unknown(other, "dwType").into()),
        };
        // SAFETY: what the type says, by this function's contract.
        let source = unsafe { Source::read(pvLicenseInfo, is_template)? };
        // SAFETY: null or valid, by this function's contract.
        let mut prompt = ask::prompt(unsafe { args::prompt(pContext)? })?;
        prompt.keep = kept(flags);

        let environment = state::environment()?;
        let draft = source.draft(&environment)?;
        if unsigned {
            license.set(write::buffer(&environment.unsigned_template(&draft, &prompt)?)?.hand_out());
            return Ok(());
        }
        let made = Arc::new(environment.publish(&draft, &prompt)?);

        let bytes = write::buffer(made.serialized())?;
        if let Some(key) = key {
            key.set(handles::open(made)?);
        }
        license.set(bytes.hand_out());
        Ok(())
    })
}

/// Reads a property of a signed license.
///
/// `pvLicense` is borrowed. `dwPropID` is one of the `IPC_LI_` constants. `hKey` is borrowed: the key of this license, or
/// null for properties that are in the clear. `lcid` is the language of `IPC_LI_DESCRIPTOR` and ignored otherwise.
/// `*ppvProperty` points to a value of the type that the constant names and is freed with `IpcFreeMemory`. It is `NULL`
/// until known.
///
/// # Returns
/// - `S_OK`: the value, or the default.
/// - `E_INVALIDARG`: a null pointer, a property that a signed license does not tell, or the key of another license.
/// - `E_HANDLE`: `hKey` is closed or is not a key.
/// - `IPCERROR_NEEDS_KEY_PARAMETER`: the property is encrypted and `hKey` is null.
/// - `IPCERROR_RIGHT_NOT_GRANTED`: `IPC_LI_USER_RIGHTS_LIST` needs VIEWRIGHTSDATA.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: an unknown property.
/// - `HRESULT_FROM_WIN32(ERROR_INVALID_DATA)`: the license is damaged.
/// - `IPCERROR_BROKEN_CERT_CHAIN`: the signature of the license does not hold. Who signed does not matter here.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// `pvLicense` is null or readable with its bytes; `ppvProperty` is null or writable.
///
/// # Source
/// MSIPC reference, *IpcGetSerializedLicenseProperty*, *License property types*. The page writes
/// `IPC_GENERIC_VIEW_RIGHTS` for `IPC_READ_RIGHTS`.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcGetSerializedLicenseProperty(
    pvLicense: PCIPC_BUFFER,
    dwPropID: DWORD,
    hKey: IPC_KEY_HANDLE,
    lcid: LCID,
    ppvProperty: *mut LPVOID,
) -> HRESULT {
    entry("IpcGetSerializedLicenseProperty", || {
        // SAFETY: null or writable, by this function's contract.
        let value = unsafe { Out::cleared(ppvProperty, "ppvProperty")? };
        let key = handles::get_optional::<Key>(hKey)?;
        let property = LicenseProperty::from_number(dwPropID)?;
        // SAFETY: null or readable with its bytes, by this function's contract.
        let bytes = unsafe { args::buffer(pvLicense, "pvLicense")? };

        let license = SerializedLicense::read(bytes, key.as_deref())?;
        let answer = serialized_property(&license, property, Lcid(lcid))?;

        value.set(answer.hand_out());
        Ok(())
    })
}
