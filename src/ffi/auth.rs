//! Authentication tokens.

use super::ask::AuthToken;
use super::base::*;
use super::boundary::entry;
use super::handles;
use super::out::Out;
use super::types::*;
use super::wide;
use std::sync::Arc;

/// Makes a token handle from an access token, for the callback of `IPC_OAUTH2_CALLBACK_INFO`.
///
/// `wszAuthToken` is read during the call only: a JSON Web Token. `*phIpcAuthToken` passes to the library when the callback
/// returns success; otherwise the callback closes it with `IpcCloseHandle`. It is `NULL` until the handle exists.
///
/// # Returns
/// - `S_OK`: the handle. The token is checked where it is used.
/// - `E_INVALIDARG`: a null pointer, an empty token, text that is not valid.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// `wszAuthToken` is null or ends in NUL; `phIpcAuthToken` is null or writable.
///
/// # Source
/// MSIPC reference, *IpcCreateOAuth2Token*.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcCreateOAuth2Token(
    wszAuthToken: LPCWSTR,
    phIpcAuthToken: PIPC_AUTH_TOKEN_HANDLE,
) -> HRESULT {
    entry("IpcCreateOAuth2Token", || {
        // SAFETY: null or writable, by this function's contract.
        let token = unsafe { Out::cleared(phIpcAuthToken, "phIpcAuthToken")? };
        // SAFETY: null or terminated, by this function's contract.
        let text = unsafe { wide::read_secret(wszAuthToken, "wszAuthToken")? };

        let object = AuthToken::new(text)?;

        token.set(handles::open(Arc::new(object))?);
        Ok(())
    })
}
