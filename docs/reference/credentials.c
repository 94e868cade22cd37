/* Examples: how an application proves who asks, and what an administrator accepts as proof. */
#include "example.h"

/* example: IpcCreateOAuth2Token */
/* A callback that hands out a token which the application got from its sign-in service. */
HRESULT CALLBACK give_token(LPVOID context, PIPC_NAME_VALUE_LIST challenge,
                            IPC_AUTH_TOKEN_HANDLE *token)
{
    (void)challenge; /* names the resource and the realm that are asked for */
    /* On success the handle belongs to the library. */
    return IpcCreateOAuth2Token((LPCWSTR)context, token);
}

/* Opens a license as the account that the token speaks of. */
HRESULT open_with_token(PCIPC_BUFFER license, LPCWSTR web_token, IPC_KEY_HANDLE *key)
{
    IPC_OAUTH2_CALLBACK_INFO callback;
    IPC_CREDENTIAL credential;
    IPC_PROMPT_CTX prompt;
    memset(&callback, 0, sizeof callback);
    callback.cbSize = sizeof callback;
    callback.pfnCallback = give_token;
    callback.pvContext = (LPVOID)web_token;
    memset(&credential, 0, sizeof credential);
    credential.dwType = IPC_CREDENTIAL_TYPE_OAUTH2;
    credential.pcOAuth2 = &callback;
    memset(&prompt, 0, sizeof prompt);
    prompt.cbSize = sizeof prompt;
    prompt.pcCredential = &credential;
    return IpcGetKey(license, IPC_GK_FLAG_DEFAULT, &prompt, NULL, key);
}
/* end */

/* example: IpcxPutTokenIssuer */
/* Accepts tokens of one sign-in service, for people of one domain. The key set is that which the service publishes. */
HRESULT accept_tokens(LPCWSTR key_set)
{
    LPCWSTR domains[] = {IPC_TEXT("contoso.example")};
    IPCX_TOKEN_ISSUER issuer;
    memset(&issuer, 0, sizeof issuer);
    issuer.cbSize = sizeof issuer;
    issuer.wszName = IPC_TEXT("contoso sign-in");
    issuer.wszIssuer = IPC_TEXT("https://login.contoso.example");
    issuer.wszAudience = IPC_TEXT("https://rights.contoso.example");
    issuer.wszKeySet = key_set;
    issuer.rgwszDomains = domains;
    issuer.cDomains = 1;
    return IpcxPutTokenIssuer(&issuer, NULL);
}
/* end */

/* example: IpcxListTokenIssuers */
/* Prints whose tokens are accepted. */
HRESULT list_token_issuers(void)
{
    PCIPCX_TEXT_LIST names = NULL;
    DWORD i;
    HRESULT hr = IpcxListTokenIssuers(NULL, &names);
    for (i = 0; SUCCEEDED(hr) && i < names->cTexts; i++)
        show(names->rgwszTexts[i]);
    IpcFreeMemory((LPVOID)names);
    return hr;
}
/* end */

/* example: IpcxDeleteTokenIssuer */
/* Accepts no more tokens of an issuer; that it is gone already is as good. */
HRESULT refuse_tokens(LPCWSTR name)
{
    HRESULT hr = IpcxDeleteTokenIssuer(name, NULL);
    return hr == HRESULT_FROM_WIN32(ERROR_NOT_FOUND) ? S_OK : hr;
}
/* end */

/* example: IpcxPutServicePrincipal */
/* A backup service acts as an account of its own, and proves itself with a key of 16 random bytes or more in base 64. */
HRESULT register_backup(LPCWSTR base64_key)
{
    return IpcxPutServicePrincipal(IPC_TEXT("backup"), IPC_TEXT("contoso"), base64_key,
                                   IPC_TEXT("backup@contoso.example"), NULL);
}

/* What the service itself passes with its calls. */
HRESULT open_as_backup(PCIPC_BUFFER license, LPCWSTR base64_key, IPC_KEY_HANDLE *key)
{
    IPC_CREDENTIAL_SYMMETRIC_KEY secret;
    IPC_CREDENTIAL credential;
    IPC_PROMPT_CTX prompt;
    secret.wszBase64Key = base64_key;
    secret.wszAppPrincipalId = IPC_TEXT("backup");
    secret.wszBposTenantId = IPC_TEXT("contoso");
    memset(&credential, 0, sizeof credential);
    credential.dwType = IPC_CREDENTIAL_TYPE_SYMMETRIC_KEY;
    credential.pcSymmetricKey = &secret;
    memset(&prompt, 0, sizeof prompt);
    prompt.cbSize = sizeof prompt;
    prompt.pcCredential = &credential;
    return IpcGetKey(license, IPC_GK_FLAG_DEFAULT, &prompt, NULL, key);
}
/* end */

/* example: IpcxDeleteServicePrincipal */
/* The backup service may prove itself no more. */
HRESULT forget_backup(void)
{
    return IpcxDeleteServicePrincipal(IPC_TEXT("backup"), IPC_TEXT("contoso"), NULL);
}
/* end */

/* example: IpcxPutCertificate */
/* The holder of a certificate acts as an account from now on. `der` holds the certificate. */
HRESULT register_certificate(BYTE *der, DWORD size, LPCWSTR account)
{
    IPC_BUFFER certificate;
    certificate.pvBuffer = der;
    certificate.cbBuffer = size;
    return IpcxPutCertificate(&certificate, account, NULL);
}
/* end */

/* example: IpcxDeleteCertificate */
/* The holder of a certificate can prove nothing with it any more. */
HRESULT forget_certificate(BYTE *der, DWORD size)
{
    IPC_BUFFER certificate;
    HRESULT hr;
    certificate.pvBuffer = der;
    certificate.cbBuffer = size;
    hr = IpcxDeleteCertificate(&certificate, NULL);
    return hr == HRESULT_FROM_WIN32(ERROR_NOT_FOUND) ? S_OK : hr;
}
/* end */
