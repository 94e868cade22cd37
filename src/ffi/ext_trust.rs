//! Whom the authority believes about who asks: token issuers, applications, certificates. Only administrators may change it.

use super::args;
use super::base::*;
use super::boundary::entry_with;
use super::ext_types::*;
use super::ext_values::{self, administer};
use super::out::Out;
use super::types::*;
use super::wide;
use zeroize::Zeroizing;

/// Accepts the access tokens of an issuer from now on, or replaces the issuer with the same name.
///
/// `pIssuer` is borrowed; its keys are sealed in the store and never handed out. A token is good when one of the keys
/// verifies it with the algorithm of the key, `iss` and `aud` are exactly those given, it has an `exp` that is not
/// over, and its verified `email` belongs to one of the domains. `pContext` is borrowed and may be null; it says who
/// asks.
///
/// # Returns
/// - `S_OK`: done.
/// - `E_INVALIDARG`: a null pointer, text that is not valid, unknown flags, no domain, a key set without a usable
///   key: RSA below 2048 bits, symmetric below 256 bits, another curve than P-256.
/// - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid as described, with everything they point to.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxPutTokenIssuer(pIssuer: PCIPCX_TOKEN_ISSUER, pContext: PCIPC_PROMPT_CTX) -> HRESULT {
    entry_with("IpcxPutTokenIssuer", || {
        // SAFETY: null or valid, by this function's contract.
        let issuer = unsafe { ext_values::token_issuer(pIssuer)? };
        // SAFETY: null or valid, by this function's contract.
        unsafe { administer(pContext, |admin| admin.put_token_issuer(&issuer))? };
        Ok(())
    })
}

/// Lists the names of all token issuers.
///
/// `pContext` is borrowed and may be null; it says who asks. `*ppNames` is one block, freed with `IpcFreeMemory`; it
/// is `NULL` until known.
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
/// Inputs are null or valid as described, with everything they point to; `ppNames` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxListTokenIssuers(
    pContext: PCIPC_PROMPT_CTX,
    ppNames: *mut PCIPCX_TEXT_LIST,
) -> HRESULT {
    entry_with("IpcxListTokenIssuers", || {
        // SAFETY: null or writable, by this function's contract.
        let list = unsafe { Out::cleared(ppNames, "ppNames")? };
        // SAFETY: null or valid, by this function's contract.
        let issuers = unsafe { administer(pContext, |admin| admin.token_issuers())? };
        let names: Vec<String> = issuers.into_iter().map(|issuer| issuer.name).collect();
        list.set(ext_values::text_list(&names)?.hand_out());
        Ok(())
    })
}

/// Accepts no more tokens of an issuer.
///
/// `wszName` is read during the call only: its name in the store. `pContext` is borrowed and may be null; it says who
/// asks.
///
/// # Returns
/// - `S_OK`: done.
/// - `E_INVALIDARG`: a null pointer, text that is not valid.
/// - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: there is no such issuer.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid as described, with everything they point to.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxDeleteTokenIssuer(wszName: LPCWSTR, pContext: PCIPC_PROMPT_CTX) -> HRESULT {
    entry_with("IpcxDeleteTokenIssuer", || {
        // SAFETY: null or terminated, by this function's contract.
        let name = unsafe { wide::read(wszName, "wszName")? };
        // SAFETY: null or valid, by this function's contract.
        unsafe { administer(pContext, |admin| admin.delete_token_issuer(&name))? };
        Ok(())
    })
}

/// Registers an application that proves itself with `IPC_CREDENTIAL_SYMMETRIC_KEY`, or replaces its registration.
///
/// All texts are read during the call only: principal and tenant as the application will name them, a random key of at
/// least 16 bytes in base 64, of which only a digest is kept, and the address of the account that the application acts
/// as. `pContext` is borrowed and may be null; it says who asks.
///
/// # Returns
/// - `S_OK`: done.
/// - `E_INVALIDARG`: a null pointer, text that is not valid, a key that is too short or not base 64, an account that
///   is no mail address: one `@` with text on both sides.
/// - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid as described, with everything they point to.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxPutServicePrincipal(
    wszAppPrincipalId: LPCWSTR,
    wszTenantId: LPCWSTR,
    wszBase64Key: LPCWSTR,
    wszAccount: LPCWSTR,
    pContext: PCIPC_PROMPT_CTX,
) -> HRESULT {
    entry_with("IpcxPutServicePrincipal", || {
        // SAFETY: null or terminated, by this function's contract.
        let id = unsafe { wide::read(wszAppPrincipalId, "wszAppPrincipalId")? };
        // SAFETY: null or terminated, by this function's contract.
        let tenant = unsafe { wide::read(wszTenantId, "wszTenantId")? };
        // SAFETY: null or terminated, by this function's contract.
        let key = Zeroizing::new(unsafe { wide::read(wszBase64Key, "wszBase64Key")? });
        // SAFETY: null or terminated, by this function's contract.
        let account = unsafe { wide::read(wszAccount, "wszAccount")? };
        // SAFETY: null or valid, by this function's contract.
        unsafe { administer(pContext, |admin| admin.put_service_principal(&id, &tenant, &key, &account))? };
        Ok(())
    })
}

/// Removes the registration of an application.
///
/// Both texts are read during the call only. `pContext` is borrowed and may be null; it says who asks.
///
/// # Returns
/// - `S_OK`: done.
/// - `E_INVALIDARG`: a null pointer, text that is not valid.
/// - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: there is no such registration.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid as described, with everything they point to.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxDeleteServicePrincipal(
    wszAppPrincipalId: LPCWSTR,
    wszTenantId: LPCWSTR,
    pContext: PCIPC_PROMPT_CTX,
) -> HRESULT {
    entry_with("IpcxDeleteServicePrincipal", || {
        // SAFETY: null or terminated, by this function's contract.
        let id = unsafe { wide::read(wszAppPrincipalId, "wszAppPrincipalId")? };
        // SAFETY: null or terminated, by this function's contract.
        let tenant = unsafe { wide::read(wszTenantId, "wszTenantId")? };
        // SAFETY: null or valid, by this function's contract.
        unsafe { administer(pContext, |admin| admin.delete_service_principal(&id, &tenant))? };
        Ok(())
    })
}

/// Registers a certificate that an application proves itself with (`IPC_CREDENTIAL_TYPE_X509`, in the server mode only),
/// and the account that its holder acts as; or replaces that account.
///
/// `pCertificate` is borrowed: the certificate in DER, with an RSA key of at least 2048 bits or a key on P-256. It counts
/// while it is valid; who issued it does not matter. `wszAccount` is read during the call only. `pContext` is borrowed and
/// may be null; it says who asks.
///
/// # Returns
/// - `S_OK`: done.
/// - `E_INVALIDARG`: a null pointer, text that is not valid, what is no certificate, a key of another
///   kind, an account that is no mail address: one `@` with text on both sides.
/// - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid as described, with everything they point to.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxPutCertificate(
    pCertificate: PCIPC_BUFFER,
    wszAccount: LPCWSTR,
    pContext: PCIPC_PROMPT_CTX,
) -> HRESULT {
    entry_with("IpcxPutCertificate", || {
        // SAFETY: null or readable with its bytes, by this function's contract.
        let der = unsafe { args::buffer(pCertificate, "pCertificate")? };
        // SAFETY: null or terminated, by this function's contract.
        let account = unsafe { wide::read(wszAccount, "wszAccount")? };
        // SAFETY: null or valid, by this function's contract.
        unsafe { administer(pContext, |admin| admin.put_certificate(der, &account))? };
        Ok(())
    })
}

/// Removes the registration of a certificate.
///
/// `pCertificate` is borrowed: the certificate in DER. `pContext` is borrowed and may be null; it says who asks.
///
/// # Returns
/// - `S_OK`: done.
/// - `E_INVALIDARG`: a null pointer.
/// - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: it is not registered.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid as described, with everything they point to.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxDeleteCertificate(pCertificate: PCIPC_BUFFER, pContext: PCIPC_PROMPT_CTX) -> HRESULT {
    entry_with("IpcxDeleteCertificate", || {
        // SAFETY: null or readable with its bytes, by this function's contract.
        let der = unsafe { args::buffer(pCertificate, "pCertificate")? };
        // SAFETY: null or valid, by this function's contract.
        unsafe { administer(pContext, |admin| admin.delete_certificate(der))? };
        Ok(())
    })
}
