//! Administration of rights policy templates. Only administrators of the organization may do any of this; the account of
//! the operating system that made the store is one.

use super::args;
use super::ask;
use super::base::*;
use super::boundary::entry_with;
use super::ext_types::*;
use super::ext_values::{self, administer};
use super::memory;
use super::out::Out;
use super::state;
use super::types::*;
use super::write;
use crate::base::locale::Lcid;
use crate::client::TemplateInfo;
use crate::license::ConnectionInfo;
use crate::policy::levels::DefaultForm;
use crate::policy::template::Retirement;

/// Makes a rights policy template, or replaces the one with the same id.
///
/// `pTemplate` is borrowed. A change decides about content that was protected before from the next use license on.
/// `pContext` is borrowed and may be null; it says who asks. `*ppwszTemplateID` is the id, freed with `IpcFreeMemory`;
/// it is `NULL` until the template is kept.
///
/// # Returns
/// - `S_OK`: the template is on the medium.
/// - `E_INVALIDARG`: a null pointer, text that is not valid, no descriptor, two for one language, unknown flags or
///   values, text that a license cannot hold.
/// - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
/// - `IPCERROR_ISSUANCELICENSE_LENGTH_LIMIT_EXCEEDED`: no license could hold it.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid as described, with everything they point to; `ppwszTemplateID` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxPutTemplate(
    pTemplate: PCIPCX_TEMPLATE,
    pContext: PCIPC_PROMPT_CTX,
    ppwszTemplateID: *mut LPCWSTR,
) -> HRESULT {
    entry_with("IpcxPutTemplate", || {
        // SAFETY: null or writable, by this function's contract.
        let id = unsafe { Out::cleared(ppwszTemplateID, "ppwszTemplateID")? };
        // SAFETY: null or valid, by this function's contract.
        let template = unsafe { ext_values::template(pTemplate, || state::environment()?.new_guid())? };
        // SAFETY: null or valid, by this function's contract.
        let kept = unsafe { administer(pContext, |admin| admin.put_template(template))? };
        id.set(memory::text(&kept.id.to_string())?.hand_out());
        Ok(())
    })
}

/// Reads a template with everything that decides.
///
/// `wszTemplateID` is read during the call only. `pContext` is borrowed and may be null; it says who asks.
/// `*ppTemplate` is one block, freed with `IpcFreeMemory`; it is `NULL` until known.
///
/// # Returns
/// - `S_OK`: the template.
/// - `E_INVALIDARG`: a null pointer, text that is not valid.
/// - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: there is no such template in use.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid as described, with everything they point to; `ppTemplate` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxGetTemplate(
    wszTemplateID: LPCWSTR,
    pContext: PCIPC_PROMPT_CTX,
    ppTemplate: *mut PCIPCX_TEMPLATE,
) -> HRESULT {
    entry_with("IpcxGetTemplate", || {
        // SAFETY: null or writable, by this function's contract.
        let out = unsafe { Out::cleared(ppTemplate, "ppTemplate")? };
        // SAFETY: null or terminated, by this function's contract.
        let id = unsafe { ext_values::template_id(wszTemplateID)? };
        // SAFETY: null or valid, by this function's contract.
        let template = unsafe { administer(pContext, |admin| admin.template(id))? };
        out.set(ext_values::template_block(&template)?.hand_out());
        Ok(())
    })
}

/// Lists all templates in use, also disabled ones and those offered to others, the oldest first.
///
/// `lcid` is the language of names and descriptions, 0 for that of the user; a template without a text in it is shown
/// in another one. `pContext` is borrowed and may be null; it says who asks. `*ppcTil` is one block, freed with
/// `IpcFreeMemory`; it is `NULL` until known.
///
/// # Returns
/// - `S_OK`: the list.
/// - `E_INVALIDARG`: a null pointer, text that is not valid.
/// - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid as described, with everything they point to; `ppcTil` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxGetAllTemplates(
    lcid: LCID,
    pContext: PCIPC_PROMPT_CTX,
    ppcTil: *mut PCIPC_TIL,
) -> HRESULT {
    entry_with("IpcxGetAllTemplates", || {
        // SAFETY: null or writable, by this function's contract.
        let list = unsafe { Out::cleared(ppcTil, "ppcTil")? };
        // SAFETY: null or valid, by this function's contract.
        let prompt = ask::prompt(unsafe { args::prompt(pContext)? })?;
        let environment = state::environment()?;
        let templates = environment.administration(&prompt)?.templates()?;
        let issuers = environment.template_issuers(&ConnectionInfo::default(), true, &prompt)?;
        let issuer = issuers.first().map(|issuer| issuer.display_name.clone()).unwrap_or_default();
        let infos: Vec<TemplateInfo> = templates
            .iter()
            .filter_map(|template| {
                let text = environment.shown_text(template, Lcid(lcid))?.clone();
                Some(TemplateInfo { id: template.id.to_string(), text, issuer: issuer.clone() })
            })
            .collect();
        list.set(write::templates(&infos)?.hand_out());
        Ok(())
    })
}

/// Offers a template for publishing, or hides it.
///
/// `wszTemplateID` is read during the call only. `pContext` is borrowed and may be null; it says who asks. A hidden
/// template goes on to decide about what was protected with it.
///
/// # Returns
/// - `S_OK`: done.
/// - `E_INVALIDARG`: a null pointer, text that is not valid.
/// - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: there is no such template in use.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid as described, with everything they point to.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxSetTemplateEnabled(
    wszTemplateID: LPCWSTR,
    fEnabled: BOOL,
    pContext: PCIPC_PROMPT_CTX,
) -> HRESULT {
    entry_with("IpcxSetTemplateEnabled", || {
        // SAFETY: null or terminated, by this function's contract.
        let id = unsafe { ext_values::template_id(wszTemplateID)? };
        // SAFETY: null or valid, by this function's contract.
        unsafe { administer(pContext, |admin| admin.set_template_enabled(id, fEnabled != FALSE))? };
        Ok(())
    })
}

/// Deletes a template.
///
/// `wszTemplateID` is read during the call only. With `dwFlags` 0 the last policy of the template goes on to decide
/// about what was protected with it; with `IPCX_DELETE_TEMPLATE_REVOKE` all of that is revoked. `pContext` is borrowed
/// and may be null; it says who asks.
///
/// # Returns
/// - `S_OK`: done.
/// - `E_INVALIDARG`: a null pointer, text that is not valid, unknown flags.
/// - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: there is no such template in use.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid as described, with everything they point to.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxDeleteTemplate(
    wszTemplateID: LPCWSTR,
    dwFlags: DWORD,
    pContext: PCIPC_PROMPT_CTX,
) -> HRESULT {
    entry_with("IpcxDeleteTemplate", || {
        let flags = args::flags(dwFlags, IPCX_DELETE_TEMPLATE_REVOKE, "dwFlags")?;
        let how = if flags == 0 { Retirement::Frozen } else { Retirement::Revoked };
        // SAFETY: null or terminated, by this function's contract.
        let id = unsafe { ext_values::template_id(wszTemplateID)? };
        // SAFETY: null or valid, by this function's contract.
        unsafe { administer(pContext, |admin| admin.delete_template(id, how))? };
        Ok(())
    })
}

/// Writes a template as a signed XrML rights policy template.
///
/// `wszTemplateID` is read during the call only. `pContext` is borrowed and may be null; it says who asks. `*ppFile`
/// holds the bytes of the file and is freed with `IpcFreeMemory`; it is `NULL` until known. Whom the template is
/// offered to, and whether it is disabled, are not part of it.
///
/// # Returns
/// - `S_OK`: the file.
/// - `E_INVALIDARG`: a null pointer, text that is not valid.
/// - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: there is no such template in use.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid as described, with everything they point to; `ppFile` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxExportTemplate(
    wszTemplateID: LPCWSTR,
    pContext: PCIPC_PROMPT_CTX,
    ppFile: *mut PIPC_BUFFER,
) -> HRESULT {
    entry_with("IpcxExportTemplate", || {
        // SAFETY: null or writable, by this function's contract.
        let file = unsafe { Out::cleared(ppFile, "ppFile")? };
        // SAFETY: null or terminated, by this function's contract.
        let id = unsafe { ext_values::template_id(wszTemplateID)? };
        // SAFETY: null or valid, by this function's contract.
        let bytes = unsafe { administer(pContext, |admin| admin.export_template(id))? };
        file.set(write::buffer(&bytes)?.hand_out());
        Ok(())
    })
}

/// Takes over the policy of a rights policy template file, under the id that it names.
///
/// `pFile` is borrowed. The signature must hold; without `IPCX_IMPORT_TEMPLATE_FOREIGN` it must be this authority's. A
/// template of that id is replaced and keeps whom it is offered to and whether it is disabled. `pContext` is borrowed
/// and may be null; it says who asks. `*ppwszTemplateID` is the id, freed with `IpcFreeMemory`; it is `NULL` until the
/// template is kept.
///
/// # Returns
/// - `S_OK`: the template is on the medium.
/// - `E_INVALIDARG`: a null pointer, text that is not valid, unknown flags.
/// - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
/// - `HRESULT_FROM_WIN32(ERROR_INVALID_DATA)`: not a rights policy template.
/// - `IPCERROR_BROKEN_CERT_CHAIN`: the signature does not hold, or is another authority's.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid as described, with everything they point to; `ppwszTemplateID` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxImportTemplate(
    pFile: PCIPC_BUFFER,
    dwFlags: DWORD,
    pContext: PCIPC_PROMPT_CTX,
    ppwszTemplateID: *mut LPCWSTR,
) -> HRESULT {
    entry_with("IpcxImportTemplate", || {
        // SAFETY: null or writable, by this function's contract.
        let id = unsafe { Out::cleared(ppwszTemplateID, "ppwszTemplateID")? };
        let flags = args::flags(dwFlags, IPCX_IMPORT_TEMPLATE_FOREIGN, "dwFlags")?;
        // SAFETY: null or valid, by this function's contract.
        let file = unsafe { args::buffer(pFile, "pFile")? };
        // SAFETY: null or valid, by this function's contract.
        let kept = unsafe { administer(pContext, |admin| admin.import_template(file, flags != 0))? };
        id.set(memory::text(&kept.id.to_string())?.hand_out());
        Ok(())
    })
}

/// Makes the two default templates in one of their historical forms, beside all that exist.
///
/// `dwForm` is one of the `IPCX_DEFAULT_TEMPLATES_` constants. `pContext` is borrowed and may be null; it says who
/// asks. A new organization has the current form already.
///
/// # Returns
/// - `S_OK`: done.
/// - `E_INVALIDARG`: a null pointer, text that is not valid, an unknown form.
/// - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid as described, with everything they point to.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxCreateDefaultTemplates(dwForm: DWORD, pContext: PCIPC_PROMPT_CTX) -> HRESULT {
    entry_with("IpcxCreateDefaultTemplates", || {
        let form = match dwForm {
            IPCX_DEFAULT_TEMPLATES_CURRENT => DefaultForm::Current,
            IPCX_DEFAULT_TEMPLATES_BEFORE_2017 => DefaultForm::Before2017,
            other => return Err(args::unknown(other, "dwForm").into()),
        };
        // SAFETY: null or valid, by this function's contract.
        unsafe { administer(pContext, |admin| admin.make_default_templates(form))? };
        Ok(())
    })
}
