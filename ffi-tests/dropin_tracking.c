/* An existing application that tracks its documents: metadata is put into a signed license, the document is registered, and
 * files are protected with metadata in one step.
 */
#ifdef _WIN32
#include <windows.h>
#endif
#include <msipc.h>
#include <ipcfile.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define CHECKED(call)                                            \
    do {                                                         \
        hr = (call);                                             \
        if (FAILED(hr)) {                                        \
            wprintf(L"%ls: 0x%08X\n", L## #call, (unsigned)hr);  \
            goto exit;                                           \
        }                                                        \
    } while (0)

/* 2026-01-02 03:04:00 UTC. */
static const FILETIME ftCreated = {0x7F4DC000u, 0x01DC7B93u};

static HRESULT TrackLicense(LPCWSTR wszTemplateId)
{
    HRESULT hr;
    IPC_KEY_HANDLE hKey = NULL, hReaderKey = NULL;
    PIPC_BUFFER pLicense = NULL, pTracked = NULL;
    IPC_LICENSE_METADATA_HANDLE hMetadata = NULL;
    DWORD dwType = IPCD_CT_NOTIFICATION_TYPE_ENABLED;
    DWORD dwPreference = IPCD_CT_NOTIFICATION_PREF_DIGEST;
    FILETIME ft = ftCreated;
    BYTE rgbText[16] = "fifteen letters", rgbBytes[64];
    DWORD cb = 0;

    CHECKED(IpcSerializeLicense((LPCVOID)wszTemplateId, IPC_SL_TEMPLATE_ID, 0, NULL, &hKey, &pLicense));
    CHECKED(IpcEncrypt(hKey, 0, TRUE, rgbText, sizeof rgbText, rgbBytes, sizeof rgbBytes, &cb));
    CHECKED(IpcCreateLicenseMetadataHandle(pLicense, hKey, NULL, &hMetadata));
    CHECKED(IpcSetLicenseMetadataProperty(hMetadata, FALSE, IPC_MD_CONTENT_PATH, (LPCVOID)L"C:\\reports\\budget.txt"));
    CHECKED(IpcSetLicenseMetadataProperty(hMetadata, FALSE, IPC_MD_CONTENT_NAME, (LPCVOID)L"budget.txt"));
    CHECKED(IpcSetLicenseMetadataProperty(hMetadata, FALSE, IPC_MD_NOTIFICATION_TYPE, &dwType));
    CHECKED(IpcSetLicenseMetadataProperty(hMetadata, FALSE, IPC_MD_NOTIFICATION_PREFERENCE, &dwPreference));
    CHECKED(IpcSetLicenseMetadataProperty(hMetadata, FALSE, IPC_MD_DATE_MODIFIED, &ft));
    CHECKED(IpcSetLicenseMetadataProperty(hMetadata, FALSE, IPC_MD_DATE_CREATED, &ft));
    CHECKED(IpcSerializeLicenseWithMetadata(hMetadata, NULL, NULL, &pTracked));
    CHECKED(IpcRegisterLicense(pTracked, NULL, NULL, L"budget.txt", TRUE));
    /* The new license opens what was encrypted before. */
    CHECKED(IpcGetKey(pTracked, 0, NULL, NULL, &hReaderKey));
    CHECKED(IpcDecrypt(hReaderKey, 0, TRUE, rgbBytes, cb, rgbBytes, sizeof rgbBytes, &cb));
    if (cb != sizeof rgbText || memcmp(rgbText, rgbBytes, cb) != 0)
        hr = E_FAIL;
exit:
    if (hMetadata != NULL)
        IpcCloseHandle((IPC_HANDLE)hMetadata);
    if (hReaderKey != NULL)
        IpcCloseHandle((IPC_HANDLE)hReaderKey);
    if (hKey != NULL)
        IpcCloseHandle((IPC_HANDLE)hKey);
    IpcFreeMemory((LPVOID)pTracked);
    IpcFreeMemory((LPVOID)pLicense);
    return hr;
}

static HRESULT TrackFile(LPCWSTR wszTemplateId)
{
    HRESULT hr = E_FAIL;
    IPC_LICENSE_METADATA metadata;
    IPC_PROMPT_CTX prompt;
    LPCWSTR wszProtected = NULL, wszPlain = NULL;
    DWORD dwStatus = 0;
    FILE *file = fopen("budget.dat", "wb");

    if (file == NULL)
        return hr;
    fputs("four, all in all", file);
    fclose(file);
    memset(&metadata, 0, sizeof metadata);
    metadata.cbSize = sizeof metadata;
    metadata.dwNotificationType = IPCD_CT_NOTIFICATION_TYPE_DENY_ONLY;
    metadata.dwNotificationPreference = IPCD_CT_NOTIFICATION_PREF_DEFAULT;
    metadata.ftDateCreated = ftCreated;
    metadata.ftDateModified = ftCreated;
    metadata.wszContentName = L"budget.dat";
    memset(&prompt, 0, sizeof prompt);
    prompt.cbSize = sizeof prompt;
    prompt.dwFlags = IPC_PROMPT_FLAG_SILENT;

    CHECKED(IpcfEncryptFileWithMetadata(L"budget.dat", (LPCVOID)wszTemplateId, IPCF_EF_TEMPLATE_ID, IPCF_EF_FLAG_DEFAULT,
                                        &prompt, NULL, &metadata, &wszProtected));
    wprintf(L"protected: %ls\n", wszProtected);
    CHECKED(IpcfIsFileEncrypted(wszProtected, &dwStatus));
    if (dwStatus == IPCF_FILE_STATUS_DECRYPTED) {
        hr = E_FAIL;
        goto exit;
    }
    CHECKED(IpcfDecryptFile(wszProtected, IPCF_DF_FLAG_DEFAULT, &prompt, NULL, &wszPlain));
    wprintf(L"opened: %ls\n", wszPlain);
exit:
    IpcFreeMemory((LPVOID)wszProtected);
    IpcFreeMemory((LPVOID)wszPlain);
    return hr;
}

int main(void)
{
    PCIPC_TIL pTemplates = NULL;
    HRESULT hr = IpcInitialize();
    if (SUCCEEDED(hr))
        hr = IpcGetTemplateList(NULL, 0, 0, NULL, NULL, &pTemplates);
    if (SUCCEEDED(hr))
        hr = TrackLicense(pTemplates->aTi[0].wszID);
    if (SUCCEEDED(hr))
        hr = TrackFile(pTemplates->aTi[0].wszID);
    IpcFreeMemory((LPVOID)pTemplates);
    return SUCCEEDED(hr) ? EXIT_SUCCESS : EXIT_FAILURE;
}
