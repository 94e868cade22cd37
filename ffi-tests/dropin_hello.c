/* An existing application, step one: list the policies, protect a text with the first one, keep it, open it again.
 *
 * The calls, their order, casts and sizes are those of programs written for the RMS SDK on Windows; nothing here knows
 * which system or which library it runs on. The same holds for the other programs called dropin_.
 */
#ifdef _WIN32
#include <windows.h>
#endif
#include <msipc.h>
#include <ipcerror.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static const wchar_t wszPlainText[] = L"This is the text that only some may read.";

/* A document of this application: a license, and the bytes that it protects. */
typedef struct {
    BYTE *pbLicense;
    DWORD cbLicense;
    BYTE *pbContent;
    DWORD cbContent;
} DOCUMENT;

static void DisplayError(LPCWSTR wszContext, HRESULT hr)
{
    LPCWSTR pwszErrorMessage = NULL;
    if (SUCCEEDED(IpcGetErrorMessageText(hr, 0, &pwszErrorMessage)))
        wprintf(L"%ls: 0x%08X, %ls\n", wszContext, (unsigned)hr, pwszErrorMessage);
    IpcFreeMemory((LPVOID)pwszErrorMessage);
}

static HRESULT GetTemplates(PCIPC_TIL *ppTemplates)
{
    HRESULT hr = IpcGetTemplateList(NULL, IPC_GTL_FLAG_DEFAULT, 0, NULL, NULL, ppTemplates);
    if (FAILED(hr))
        DisplayError(L"IpcGetTemplateList failed", hr);
    return hr;
}

/* The user takes the first one. */
static LPCWSTR ChooseTemplate(PCIPC_TIL pTemplates)
{
    DWORD dw;
    for (dw = 0; dw < pTemplates->cTi; dw++) {
        PCIPC_TEMPLATE_INFO pInfo = &pTemplates->aTi[dw];
        wprintf(L"%u. %ls (%ls) of %ls, language %u\n", (unsigned)dw, pInfo->wszName, pInfo->wszDescription,
                pInfo->wszIssuerDisplayName, (unsigned)pInfo->lcid);
    }
    return pTemplates->cTi > 0 ? pTemplates->aTi[0].wszID : NULL;
}

static HRESULT Protect(LPCWSTR wszTemplateId, DOCUMENT *pDocument)
{
    HRESULT hr;
    IPC_KEY_HANDLE hContentKey = NULL;
    PIPC_BUFFER pSerializedLicense = NULL;
    DWORD *pcbBlockSize = NULL;
    DWORD cbEncrypted = 0;
    DWORD cbText = (DWORD)(wcslen(wszPlainText) + 1) * sizeof(wchar_t);

    hr = IpcSerializeLicense((LPCVOID)wszTemplateId, IPC_SL_TEMPLATE_ID, 0, NULL, &hContentKey, &pSerializedLicense);
    if (FAILED(hr)) {
        DisplayError(L"IpcSerializeLicense failed", hr);
        goto exit;
    }
    hr = IpcGetKeyProperty(hContentKey, IPC_KI_BLOCK_SIZE, NULL, (LPVOID *)&pcbBlockSize);
    if (FAILED(hr)) {
        DisplayError(L"IpcGetKeyProperty failed", hr);
        goto exit;
    }
    wprintf(L"The block size is %u.\n", (unsigned)*pcbBlockSize);

    /* First the size, then the bytes. */
    hr = IpcEncrypt(hContentKey, 0, TRUE, (PBYTE)wszPlainText, cbText, NULL, 0, &cbEncrypted);
    if (FAILED(hr)) {
        DisplayError(L"IpcEncrypt failed", hr);
        goto exit;
    }
    pDocument->pbContent = (BYTE *)malloc(cbEncrypted);
    pDocument->pbLicense = (BYTE *)malloc(pSerializedLicense->cbBuffer);
    if (pDocument->pbContent == NULL || pDocument->pbLicense == NULL) {
        hr = E_OUTOFMEMORY;
        goto exit;
    }
    hr = IpcEncrypt(hContentKey, 0, TRUE, (PBYTE)wszPlainText, cbText, pDocument->pbContent, cbEncrypted, &cbEncrypted);
    if (FAILED(hr)) {
        DisplayError(L"IpcEncrypt failed", hr);
        goto exit;
    }
    pDocument->cbContent = cbEncrypted;
    pDocument->cbLicense = pSerializedLicense->cbBuffer;
    memcpy(pDocument->pbLicense, pSerializedLicense->pvBuffer, pSerializedLicense->cbBuffer);

exit:
    IpcFreeMemory(pcbBlockSize);
    IpcFreeMemory((LPVOID)pSerializedLicense);
    if (hContentKey != NULL)
        IpcCloseHandle((IPC_HANDLE)hContentKey);
    return hr;
}

static HRESULT Open(const DOCUMENT *pDocument)
{
    HRESULT hr;
    IPC_BUFFER license;
    IPC_PROMPT_CTX prompt;
    IPC_KEY_HANDLE hContentKey = NULL;
    BOOL fAccessGranted = FALSE;
    LPWSTR wszUser = NULL;
    PIPC_TEMPLATE_INFO pDescriptor = NULL;
    BYTE *pbText = NULL;
    DWORD cbText = 0;

    license.pvBuffer = pDocument->pbLicense;
    license.cbBuffer = pDocument->cbLicense;
    memset(&prompt, 0, sizeof prompt);
    prompt.cbSize = sizeof prompt;
    prompt.hwndParent = NULL;
    prompt.dwFlags = IPC_PROMPT_FLAG_SILENT | IPC_PROMPT_FLAG_OFFLINE;

    /* Without the network first, as long as that may do. */
    hr = IpcGetKey(&license, 0, &prompt, NULL, &hContentKey);
    if (hr == IPCERROR_NEEDS_ONLINE) {
        prompt.dwFlags = IPC_PROMPT_FLAG_SILENT;
        hr = IpcGetKey(&license, 0, &prompt, NULL, &hContentKey);
    }
    if (FAILED(hr)) {
        DisplayError(L"IpcGetKey failed", hr);
        goto exit;
    }
    hr = IpcAccessCheck(hContentKey, IPC_GENERIC_READ, &fAccessGranted);
    if (FAILED(hr) || fAccessGranted != TRUE) {
        DisplayError(L"IpcAccessCheck failed", hr);
        hr = FAILED(hr) ? hr : E_ACCESSDENIED;
        goto exit;
    }
    hr = IpcGetKeyProperty(hContentKey, IPC_KI_USER_DISPLAYNAME, NULL, (LPVOID *)&wszUser);
    if (FAILED(hr)) {
        DisplayError(L"IpcGetKeyProperty failed", hr);
        goto exit;
    }
    hr = IpcGetSerializedLicenseProperty(&license, IPC_LI_DESCRIPTOR, hContentKey, 0, (LPVOID *)&pDescriptor);
    if (FAILED(hr)) {
        DisplayError(L"IpcGetSerializedLicenseProperty failed", hr);
        goto exit;
    }
    wprintf(L"%ls opened a document with the policy %ls.\n", wszUser, pDescriptor->wszName);

    hr = IpcDecrypt(hContentKey, 0, TRUE, pDocument->pbContent, pDocument->cbContent, NULL, 0, &cbText);
    if (FAILED(hr)) {
        DisplayError(L"IpcDecrypt failed", hr);
        goto exit;
    }
    pbText = (BYTE *)malloc(cbText);
    if (pbText == NULL) {
        hr = E_OUTOFMEMORY;
        goto exit;
    }
    hr = IpcDecrypt(hContentKey, 0, TRUE, pDocument->pbContent, pDocument->cbContent, pbText, cbText, &cbText);
    if (FAILED(hr)) {
        DisplayError(L"IpcDecrypt failed", hr);
        goto exit;
    }
    if (cbText != sizeof wszPlainText || memcmp(pbText, wszPlainText, cbText) != 0)
        hr = E_FAIL;

exit:
    free(pbText);
    IpcFreeMemory(pDescriptor);
    IpcFreeMemory(wszUser);
    if (hContentKey != NULL)
        IpcCloseHandle((IPC_HANDLE)hContentKey);
    return hr;
}

int main(void)
{
    HRESULT hr;
    PCIPC_TIL pTemplates = NULL;
    LPCWSTR wszTemplateId;
    DWORD dwMode = IPC_API_MODE_CLIENT;
    DOCUMENT document = {NULL, 0, NULL, 0};
    int nResult = EXIT_FAILURE;

    hr = IpcInitialize();
    if (FAILED(hr)) {
        wprintf(L"The rights management client is not installed: 0x%08X\n", (unsigned)hr);
        return EXIT_FAILURE;
    }
    hr = IpcSetGlobalProperty(IPC_EI_API_MODE, &dwMode);
    if (FAILED(hr)) {
        DisplayError(L"IpcSetGlobalProperty failed", hr);
        return EXIT_FAILURE;
    }
    /* A plug-in of the application does the same. */
    hr = IpcInitialize();
    if (FAILED(hr) && hr != HRESULT_FROM_WIN32(ERROR_ALREADY_INITIALIZED))
        return EXIT_FAILURE;

    if (SUCCEEDED(GetTemplates(&pTemplates)) && (wszTemplateId = ChooseTemplate(pTemplates)) != NULL)
        if (SUCCEEDED(Protect(wszTemplateId, &document)) && SUCCEEDED(Open(&document)))
            nResult = EXIT_SUCCESS;
    IpcFreeMemory((LPVOID)pTemplates);
    free(document.pbLicense);
    free(document.pbContent);
    return nResult;
}
