//! Authentication tokens.

use super::base::*;
use super::boundary::entry;
use super::types::*;
use crate::error::{Error, ErrorKind};

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
pub unsafe extern "C" fn IpcCreateOAuth2Token(
    wszAuthToken: LPCWSTR,
    phIpcAuthToken: PIPC_AUTH_TOKEN_HANDLE,
) -> HRESULT {
    let _unused = (wszAuthToken, phIpcAuthToken);
    entry("IpcCreateOAuth2Token", || Err(Error::new(ErrorKind::NotSupported)))
}
