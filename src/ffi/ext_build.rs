//! Ready-made policies: permission levels, Do Not Forward, and what other programs call the rights.

use super::args;
use super::base::*;
use super::boundary::entry;
use super::ext_types::*;
use super::ext_values;
use super::handles;
use super::memory;
use super::out::Out;
use super::properties::License;
use super::read;
use super::state;
use super::types::*;
use super::wide;
use crate::base::limits::USERS_MAX;
use crate::base::locale::Lcid;
use crate::client::Draft;
use crate::error::{Error, ErrorKind, Result};
use crate::policy::levels::{Generation, Level, levels};
use crate::policy::mappings::{self, SharePointAccess};
use crate::policy::{Descriptor, Right};
use std::sync::Arc;

fn generation(number: DWORD) -> Result<Generation> {
    match number {
        IPCX_LEVELS_CURRENT => Ok(Generation::Current),
        IPCX_LEVELS_CLASSIC => Ok(Generation::Classic),
        other => Err(args::unknown(other, "dwGeneration")),
    }
}

fn level(number: DWORD, generation: Generation) -> Result<&'static Level> {
    let levels = levels(generation);
    let at = match number {
        IPCX_LEVEL_VIEWER => 0,
        IPCX_LEVEL_REVIEWER => 1,
        IPCX_LEVEL_CO_AUTHOR => 2,
        IPCX_LEVEL_CO_OWNER => 3,
        other => return Err(args::unknown(other, "dwLevel")),
    };
    levels.get(at).ok_or_else(|| Error::internal("a level is missing"))
}

/// An empty license of an authority; null means the default one.
///
/// # Safety
/// `issuer` is null or readable with its texts.
unsafe fn scratch(issuer: PCIPC_TEMPLATE_ISSUER) -> Result<Draft> {
    if issuer.is_null() {
        return state::environment()?.draft_from_scratch(&Default::default());
    }
    // SAFETY: by this function's contract.
    let issuer = unsafe { args::structure(issuer, "pTemplateIssuer")? };
    // SAFETY: by this function's contract.
    let connection = unsafe { args::connection(&raw const issuer.connectionInfo)? };
    state::environment()?.draft_from_scratch(&connection)
}

/// Tells the rights of a permission level.
///
/// `dwLevel` is one of the `IPCX_LEVEL_` constants, `dwGeneration` one of `IPCX_LEVELS_`. `*ppRights` is one block,
/// freed with `IpcFreeMemory`; it is `NULL` until known.
///
/// # Returns
/// - `S_OK`: the rights.
/// - `E_INVALIDARG`: a null pointer, an unknown level or generation.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// `ppRights` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxGetLevelRights(
    dwLevel: DWORD,
    dwGeneration: DWORD,
    ppRights: *mut PCIPCX_TEXT_LIST,
) -> HRESULT {
    entry("IpcxGetLevelRights", || {
        // SAFETY: null or writable, by this function's contract.
        let list = unsafe { Out::cleared(ppRights, "ppRights")? };
        let level = level(dwLevel, generation(dwGeneration)?)?;
        list.set(ext_values::text_list(level.rights)?.hand_out());
        Ok(())
    })
}

/// Begins a license that gives each user the rights of a permission level.
///
/// `pTemplateIssuer` is borrowed; null means the default authority. `rgUsers` is borrowed; a user that is named twice
/// has the rights of both levels. `dwGeneration` is one of the `IPCX_LEVELS_` constants. `*phLicense` is closed with
/// `IpcCloseHandle`; it is `NULL` until the license exists, and may be edited like any other.
///
/// # Returns
/// - `S_OK`: the license.
/// - `E_INVALIDARG`: a null pointer, text that is not valid, no user, an unknown level or generation.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid as described, with everything they point to; `phLicense` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxCreateLicenseFromLevels(
    pTemplateIssuer: PCIPC_TEMPLATE_ISSUER,
    cUsers: DWORD,
    rgUsers: *const IPCX_USER_LEVEL,
    dwGeneration: DWORD,
    phLicense: PIPC_LICENSE_HANDLE,
) -> HRESULT {
    entry("IpcxCreateLicenseFromLevels", || {
        // SAFETY: null or writable, by this function's contract.
        let license = unsafe { Out::cleared(phLicense, "phLicense")? };
        let generation = generation(dwGeneration)?;
        let mut users = Vec::new();
        // SAFETY: null or valid, by this function's contract.
        for entry in unsafe { args::elements(rgUsers, cUsers, USERS_MAX, "rgUsers")? } {
            // SAFETY: as above.
            users.push((unsafe { read::user(entry.User)? }, level(entry.dwLevel, generation)?));
        }
        if users.is_empty() {
            return Err(Error::argument("cUsers", "a license for nobody"));
        }
        // SAFETY: null or valid, by this function's contract.
        let mut draft = unsafe { scratch(pTemplateIssuer)? };
        draft.license.set_user_rights(mappings::by_levels(&users))?;
        license.set(handles::open(Arc::new(License::new(draft)))?);
        Ok(())
    })
}

/// Begins a Do Not Forward license: the recipients may read and answer, but not forward, print or copy.
///
/// `pTemplateIssuer` is borrowed; null means the default authority. `rgwszRecipients` is borrowed: mail addresses of
/// people and groups; one that is named twice counts once. The owner has full control. `*phLicense` is closed with
/// `IpcCloseHandle`; it is `NULL` until the license exists.
///
/// # Returns
/// - `S_OK`: the license.
/// - `E_INVALIDARG`: a null pointer, text that is not valid, no recipient, an address that is none.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid as described, with everything they point to; `phLicense` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxCreateDoNotForwardLicense(
    pTemplateIssuer: PCIPC_TEMPLATE_ISSUER,
    cRecipients: DWORD,
    rgwszRecipients: *const LPCWSTR,
    phLicense: PIPC_LICENSE_HANDLE,
) -> HRESULT {
    entry("IpcxCreateDoNotForwardLicense", || {
        // SAFETY: null or writable, by this function's contract.
        let license = unsafe { Out::cleared(phLicense, "phLicense")? };
        // SAFETY: null or valid, by this function's contract.
        let recipients = unsafe { ext_values::texts(rgwszRecipients, cRecipients, "rgwszRecipients")? };
        // SAFETY: null or valid, by this function's contract.
        let mut draft = unsafe { scratch(pTemplateIssuer)? };
        let list = mappings::do_not_forward(recipients.iter().map(String::as_str))?;
        draft.license.set_user_rights(list)?;
        draft.license.auto_grant_owner = Some(true);
        draft.license.set_descriptor(Descriptor {
            lcid: Lcid::ENGLISH_US,
            name: "Do Not Forward".to_owned(),
            description: "Recipients can read this message and answer it, but not forward, print or copy it."
                .to_owned(),
        })?;
        license.set(handles::open(Arc::new(License::new(draft)))?);
        Ok(())
    })
}

/// Tells what Office calls a right.
///
/// `wszRight` is read during the call only; case does not matter. `*ppwszName` is freed with `IpcFreeMemory`; it is
/// `NULL` until known.
///
/// # Returns
/// - `S_OK`: the name.
/// - `E_INVALIDARG`: a null pointer, text that is not valid.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: Office has no name for this right.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// `wszRight` is null or ends in NUL; `ppwszName` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxGetOfficeName(wszRight: LPCWSTR, ppwszName: *mut LPCWSTR) -> HRESULT {
    entry("IpcxGetOfficeName", || {
        // SAFETY: null or writable, by this function's contract.
        let name = unsafe { Out::cleared(ppwszName, "ppwszName")? };
        let unnamed = || Error::with(ErrorKind::NotFound { what: "name" }, "Office has no name for this right");
        let name_of = |right: &str| mappings::office_name(right).ok_or_else(unnamed);
        // SAFETY: null or terminated, by this function's contract.
        let found = unsafe { wide::with_short(wszRight, "wszRight", name_of)? };
        name.set(memory::text(found)?.hand_out());
        Ok(())
    })
}

/// Tells the rights that SharePoint grants on a document that it protects when it is downloaded.
///
/// `dwPermissions` are `IPCX_SHAREPOINT_` bits: what the account may do in the list, and what the library allows.
/// `*ppRights` is one block, freed with `IpcFreeMemory`; it is `NULL` until known, and holds no text where there is no
/// access.
///
/// # Returns
/// - `S_OK`: the rights.
/// - `E_INVALIDARG`: a null pointer, unknown bits.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// `ppRights` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxGetSharePointRights(
    dwPermissions: DWORD,
    ppRights: *mut PCIPCX_TEXT_LIST,
) -> HRESULT {
    entry("IpcxGetSharePointRights", || {
        // SAFETY: null or writable, by this function's contract.
        let list = unsafe { Out::cleared(ppRights, "ppRights")? };
        const KNOWN: DWORD = IPCX_SHAREPOINT_MANAGE
            | IPCX_SHAREPOINT_EDIT
            | IPCX_SHAREPOINT_VIEW
            | IPCX_SHAREPOINT_LIBRARY_PRINT
            | IPCX_SHAREPOINT_LIBRARY_PROGRAMS;
        let given = args::flags(dwPermissions, KNOWN, "dwPermissions")?;
        let rights = mappings::sharepoint_rights(SharePointAccess {
            manage: given & IPCX_SHAREPOINT_MANAGE != 0,
            edit: given & IPCX_SHAREPOINT_EDIT != 0,
            view: given & IPCX_SHAREPOINT_VIEW != 0,
            library_allows_printing: given & IPCX_SHAREPOINT_LIBRARY_PRINT != 0,
            library_allows_programs: given & IPCX_SHAREPOINT_LIBRARY_PROGRAMS != 0,
        });
        let names: Vec<&str> = rights.iter().map(Right::name).collect();
        list.set(ext_values::text_list(&names)?.hand_out());
        Ok(())
    })
}
