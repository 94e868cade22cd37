//! Who asks, from the prompt context of a call: a credential where the application gives one, else the account of the
//! thread, the process or the operating system.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::args::{Credential, Prompt};
use super::base::*;
use super::boundary::Fault;
use super::cancel;
use super::constants::IPC_API_MODE_SERVER;
use super::handles::{self, Handled, Kind};
use super::state;
use super::types::*;
use super::write;
use crate::client::{self, Account};
use crate::error::{Error, ErrorKind, Result};
use crate::license::{AppDatum, ConnectionInfo};

/// What an `IPC_AUTH_TOKEN_HANDLE` stands for: a JSON Web Token of the application.
pub(super) struct AuthToken {
    text: Zeroizing<String>,
}

impl AuthToken {
    /// A token. An authority that has keys for it checks it when it is used.
    ///
    /// # Errors
    /// `InvalidArgument` for an empty text.
    pub(super) fn new(text: Zeroizing<String>) -> Result<Self> {
        if text.trim().is_empty() {
            return Err(Error::argument("wszAuthToken", "empty"));
        }
        Ok(Self { text })
    }
}

impl Handled for AuthToken {
    const KIND: Kind = Kind::AuthToken;
}

/// What the core is told about the call.
///
/// # Errors
/// The code of the application's callback, `NotAuthenticated` for a credential that the authority refuses, `Cancelled`.
pub(super) fn prompt(prompt: Prompt) -> Result<client::Prompt, Fault> {
    let (silent, offline) = (prompt.silent, prompt.offline);
    let cancelled = cancel::watch(prompt.cancel)?;
    let asking = client::Prompt { silent, offline, cancelled, ..client::Prompt::of(Account::OperatingSystem) };
    asking.check_cancelled()?;
    let account = match prompt.credential {
        Some(credential) => authenticate(credential)?,
        None => state::account()?,
    };
    Ok(client::Prompt { account, ..asking })
}

/// The account that a credential proves. Believing one without a check would be worse than the account that the
/// application can name, so what cannot be checked is refused.
fn authenticate(credential: Credential) -> Result<Account, Fault> {
    let proof = match credential {
        Credential::X509(_) => {
            if state::with_settings(|settings| settings.api_mode) != Some(IPC_API_MODE_SERVER) {
                return Err(Error::argument("dwType", "certificates are for the server mode").into());
            }
            return Err(Error::with(
                ErrorKind::NotAuthenticated,
                "the embedded authority knows no certificates; name the account with IpcxSetIdentity instead",
            )
            .into());
        }
        Credential::SymmetricKey { key, principal, tenant } => {
            client::Credential::SymmetricKey { principal, tenant, key }
        }
        Credential::OAuth2 { callback, context } => {
            let environment = state::environment()?;
            let issuers = environment.template_issuers(
                &ConnectionInfo::default(),
                true,
                &client::Prompt::of(state::account()?),
            )?;
            let url = issuers.first().and_then(|issuer| issuer.connection.extranet_url.clone()).unwrap_or_default();
            let token = ask_application(callback, context, &url)?;
            client::Credential::Token(token.text.clone())
        }
    };
    Ok(state::environment()?.authenticate(&proof)?)
}

/// Calls the application for a token, with the challenge of compatibility rule 40. No lock is held. The token handle
/// belongs to the library afterwards.
fn ask_application(callback: IPC_OAUTH2_CALLBACK, context: LPVOID, url: &str) -> Result<Arc<AuthToken>, Fault> {
    let Some(callback) = callback else { return Err(Error::argument("pfnCallback", "null").into()) };
    let pair = |name: &str| AppDatum { name: name.to_owned(), value: url.to_owned() };
    let challenge = write::name_values(&["authorization", "resource", "realm", "request_url"].map(pair))?;
    let mut token: IPC_AUTH_TOKEN_HANDLE = std::ptr::null_mut();
    // SAFETY: the application gave the function and its context; the challenge lives until after the call.
    let code = unsafe { callback(context, challenge.as_ptr(), &raw mut token) };
    if code < 0 {
        let refusal = Error::with(ErrorKind::NotAuthenticated, "the callback of the application failed");
        return Err(Fault::with_code(code, refusal));
    }
    let object = handles::get::<AuthToken>(token)?;
    handles::close(token)?;
    Ok(object)
}
