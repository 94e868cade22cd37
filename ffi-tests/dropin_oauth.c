/* An existing application that signs its users in itself: the library calls back with a challenge, the application gets an
 * access token from its identity provider and returns it as a handle.
 *
 * The provider is at hand here: a token that was made once. That the authority trusts it is told in SetUp, which is no part
 * of the application.
 */
#ifdef _WIN32
#include <windows.h>
#endif
#include <msipc.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <msipc_ext.h>
#define W(text) IPC_TEXT(text)
#include "tokens.h"

typedef struct {
    LPCWSTR wszToken;
    int cCalls;
    int cNames;
} SIGN_IN;

static HRESULT SetUp(void)
{
    static const LPCWSTR rgwszDomains[] = {L"contoso.example"};
    IPCX_TOKEN_ISSUER issuer;
    memset(&issuer, 0, sizeof issuer);
    issuer.cbSize = sizeof issuer;
    issuer.wszName = L"login";
    issuer.wszIssuer = L"https://login.example/";
    issuer.wszAudience = L"msipc-tests";
    issuer.wszKeySet = SHARED_KEYS;
    issuer.rgwszDomains = rgwszDomains;
    issuer.cDomains = 1;
    return IpcxPutTokenIssuer(&issuer, NULL);
}

/* The identity provider; a NULL token stands for a user who closes its window. */
static HRESULT GetAccessToken(SIGN_IN *pSignIn, LPCWSTR wszAuthority, LPCWSTR wszResource, LPCWSTR *pwszToken)
{
    if (wszAuthority == NULL || wszResource == NULL || wcslen(wszAuthority) == 0)
        return E_INVALIDARG;
    *pwszToken = pSignIn->wszToken;
    return pSignIn->wszToken != NULL ? S_OK : HRESULT_FROM_WIN32(ERROR_CANCELLED);
}

static HRESULT CALLBACK AuthenticationCallback(LPVOID pvContext, PIPC_NAME_VALUE_LIST pParameters,
                                               IPC_AUTH_TOKEN_HANDLE *phAccessToken)
{
    SIGN_IN *pSignIn = (SIGN_IN *)pvContext;
    LPCWSTR wszAuthority = NULL, wszResource = NULL, wszToken = NULL;
    HRESULT hr;
    DWORD i;

    pSignIn->cCalls++;
    pSignIn->cNames = (int)pParameters->cNameValuePairs;
    for (i = 0; i < pParameters->cNameValuePairs; i++) {
        const IPC_NAME_VALUE *pPair = &pParameters->aNameValuePairs[0] + i;
        if (wcscmp(pPair->wszName, L"authorization") == 0)
            wszAuthority = pPair->wszValue;
        if (wcscmp(pPair->wszName, L"resource") == 0)
            wszResource = pPair->wszValue;
    }
    hr = GetAccessToken(pSignIn, wszAuthority, wszResource, &wszToken);
    if (FAILED(hr))
        return hr;
    return IpcCreateOAuth2Token(wszToken, phAccessToken);
}

static HRESULT WorkAs(SIGN_IN *pSignIn, IPC_KEY_HANDLE *phKey)
{
    HRESULT hr;
    IPC_OAUTH2_CALLBACK_INFO callback = {0};
    IPC_CREDENTIAL credential = {0};
    IPC_PROMPT_CTX prompt = {0};
    PCIPC_TIL pTemplates = NULL;
    PIPC_BUFFER pLicense = NULL;

    callback.cbSize = sizeof(IPC_OAUTH2_CALLBACK_INFO);
    callback.pfnCallback = AuthenticationCallback;
    callback.pvContext = pSignIn;
    credential.dwType = IPC_CREDENTIAL_TYPE_OAUTH2;
    credential.pcOAuth2 = &callback;
    prompt.cbSize = sizeof(IPC_PROMPT_CTX);
    prompt.dwFlags = IPC_PROMPT_FLAG_SILENT | IPC_PROMPT_FLAG_HAS_USER_CONSENT;
    prompt.pcCredential = &credential;

    *phKey = NULL;
    hr = IpcGetTemplateList(NULL, IPC_GTL_FLAG_FORCE_DOWNLOAD, 0, &prompt, NULL, &pTemplates);
    if (SUCCEEDED(hr))
        hr = IpcSerializeLicense((LPCVOID)pTemplates->aTi[0].wszID, IPC_SL_TEMPLATE_ID, 0, &prompt, NULL, &pLicense);
    if (SUCCEEDED(hr))
        hr = IpcGetKey(pLicense, 0, &prompt, NULL, phKey);
    IpcFreeMemory((LPVOID)pTemplates);
    IpcFreeMemory((LPVOID)pLicense);
    return hr;
}

int main(void)
{
    static const IPC_AAD_APPLICATION_ID application = {sizeof(IPC_AAD_APPLICATION_ID), L"6b29fc40-ca47-1067-b31d-00dd010662da",
                                                       L"urn:contoso:app"};
    SIGN_IN good = {TOKEN_BOB, 0, 0}, bad = {TOKEN_FORGED, 0, 0}, closed = {NULL, 0, 0};
    IPC_KEY_HANDLE hKey = NULL;
    LPWSTR wszUser = NULL;
    HRESULT hr = IpcInitialize();

    if (SUCCEEDED(hr))
        hr = SetUp();
    if (SUCCEEDED(hr))
        hr = IpcSetGlobalProperty(IPC_EI_APPLICATION_ID, &application);
    if (SUCCEEDED(hr))
        hr = WorkAs(&good, &hKey);
    if (SUCCEEDED(hr))
        hr = IpcGetKeyProperty(hKey, IPC_KI_USER_DISPLAYNAME, NULL, (LPVOID *)&wszUser);
    if (FAILED(hr)) {
        wprintf(L"0x%08X\n", (unsigned)hr);
        return EXIT_FAILURE;
    }
    wprintf(L"signed in as %ls after %d questions\n", wszUser, good.cCalls);
    if (good.cCalls < 1 || good.cNames < 2 || wcscmp(wszUser, L"bob@contoso.example") != 0)
        return EXIT_FAILURE;
    IpcFreeMemory((LPVOID)wszUser);
    IpcCloseHandle((IPC_HANDLE)hKey);

    /* The code of the callback is that of the call; a forged token is refused. */
    hr = WorkAs(&closed, &hKey);
    if (hr != HRESULT_FROM_WIN32(ERROR_CANCELLED) || hKey != NULL)
        return EXIT_FAILURE;
    hr = WorkAs(&bad, &hKey);
    return hr == HRESULT_FROM_WIN32(ERROR_NOT_AUTHENTICATED) && hKey == NULL ? EXIT_SUCCESS : EXIT_FAILURE;
}
