//! Who asks, from the prompt context of a call: a credential where the application gives one, else the account of the
//! thread, the process or the operating system.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::args::{self, Credential, Prompt};
use super::base::*;
use super::boundary::Fault;
use super::cancel;
use super::constants::IPC_API_MODE_SERVER;
use super::ext_types::IPCX_CERT_CONTEXT;
use super::handles::{self, Handled, Kind};
use super::state;
use super::types::*;
use super::write;
use crate::client::{self, Account};
use crate::error::{Error, ErrorKind, Result};
use crate::license::{AppDatum, ConnectionInfo};

/// `X509_ASN_ENCODING`, the encoding of certificates.
const X509_ASN_ENCODING: DWORD = 1;

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
        Credential::X509(certificate) => {
            if state::with_settings(|settings| settings.api_mode) != Some(IPC_API_MODE_SERVER) {
                return Err(
                    Error::argument("pContext->pcCredential->dwType", "certificates are for the server mode").into()
                );
            }
            return certificate_account(certificate);
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

/// Longest signature that a certificate's key makes, in bytes: RSA of 16384 bits.
const SIGNATURE_MAX: usize = 2048;

/// The account of whoever has the key of a certificate.
fn certificate_account(certificate: IPCX_CERT_CONTEXT) -> Result<Account, Fault> {
    if certificate.dwCertEncodingType & X509_ASN_ENCODING == 0 {
        return Err(args::unknown(certificate.dwCertEncodingType, "dwCertEncodingType").into());
    }
    let Some(callback) = certificate.pfnSign else { return Err(Error::argument("pfnSign", "null").into()) };
    // SAFETY: the application gave the certificate for the length of the call.
    let der = unsafe { args::bytes(certificate.pbCertEncoded, certificate.cbCertEncoded, "pbCertEncoded")? };
    let context = certificate.pvSignContext;
    let code = Rc::new(Cell::new(S_OK));
    let answer = Rc::clone(&code);
    let sign = move |challenge: &[u8]| {
        let mut signature = vec![0; SIGNATURE_MAX];
        let mut length = DWORD::try_from(SIGNATURE_MAX).unwrap_or_default();
        let count = DWORD::try_from(challenge.len()).unwrap_or_default();
        // SAFETY: the application gave the function and its context; both buffers have the lengths that are told.
        answer.set(unsafe { callback(context, challenge.as_ptr(), count, signature.as_mut_ptr(), &raw mut length) });
        let room = usize::try_from(length).ok().filter(|length| answer.get() >= 0 && *length <= SIGNATURE_MAX);
        signature.truncate(room.ok_or_else(|| {
            Error::with(ErrorKind::NotAuthenticated, "the application signed no challenge for its certificate")
        })?);
        Ok(signature)
    };
    let proof = client::Credential::Certificate { der: der.to_vec(), sign: Box::new(sign) };
    state::environment()?.authenticate(&proof).map_err(|error| match code.get() {
        failed if failed < 0 => Fault::with_code(failed, error),
        _ => error.into(),
    })
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
