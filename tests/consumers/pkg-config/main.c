/* Protects a text for one reader, and opens it as that reader and as somebody else. */
#include <msipc.h>
#include <msipc_ext.h>

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static int failures;

static HRESULT checked(HRESULT result, const char *step)
{
    if (FAILED(result)) {
        printf("%s: 0x%08X\n", step, (unsigned)result);
        failures++;
    }
    return result;
}

static IPC_KEY_HANDLE protect(PIPC_BUFFER *license_bytes)
{
    static LPCWSTR granted[] = {IPC_GENERIC_READ, IPC_GENERIC_PRINT};
    IPC_USER_RIGHTS_LIST list;
    PCIPC_TEMPLATE_ISSUER_LIST issuers = NULL;
    IPC_LICENSE_HANDLE license = NULL;
    IPC_KEY_HANDLE key = NULL;
    memset(&list, 0, sizeof list);
    list.cbSize = sizeof list;
    list.cUserRights = 1;
    list.rgUserRights[0].User.dwType = IPC_USER_TYPE_EMAIL;
    list.rgUserRights[0].User.wszID = IPC_TEXT("ben@contoso.example");
    list.rgUserRights[0].cRights = 2;
    list.rgUserRights[0].rgwszRights = granted;
    if (SUCCEEDED(checked(IpcGetTemplateIssuerList(NULL, 0, NULL, NULL, &issuers), "IpcGetTemplateIssuerList")) &&
        SUCCEEDED(checked(IpcCreateLicenseFromScratch(&issuers->aTi[0], 0, NULL, &license), "IpcCreateLicenseFromScratch")) &&
        SUCCEEDED(checked(IpcSetLicenseProperty(license, FALSE, IPC_LI_USER_RIGHTS_LIST, &list), "IpcSetLicenseProperty")))
        checked(IpcSerializeLicense(license, IPC_SL_LICENSE_HANDLE, 0, NULL, &key, license_bytes), "IpcSerializeLicense");
    if (license != NULL)
        IpcCloseHandle((IPC_HANDLE)license);
    IpcFreeMemory((LPVOID)issuers);
    return key;
}

static void tell(IPC_KEY_HANDLE key, LPCWSTR right, const char *name)
{
    BOOL granted = FALSE;
    if (SUCCEEDED(checked(IpcAccessCheck(key, right, &granted), "IpcAccessCheck")))
        printf("%s: %s\n", name, granted ? "yes" : "no");
}

int main(void)
{
    BYTE text[] = "the minutes of the board", encrypted[64], decrypted[64];
    DWORD size = 0, result_size = 0;
    PIPC_BUFFER license = NULL;
    IPC_KEY_HANDLE key;
    checked(IpcInitialize(), "IpcInitialize");
    printf("version as compiled: %s\n", IpcxGetVersion() == IPCX_VERSION ? "yes" : "no");
    printf("bytes of a wide character: %u\n", (unsigned)sizeof(WCHAR));
    key = protect(&license);
    checked(IpcEncrypt(key, 0, TRUE, text, sizeof text, encrypted, sizeof encrypted, &size), "IpcEncrypt");
    printf("encrypted: %u of %u bytes\n", (unsigned)size, (unsigned)sizeof text);
    if (key != NULL)
        IpcCloseHandle((IPC_HANDLE)key);

    checked(IpcxSetIdentity(IPC_TEXT("ben@contoso.example")), "IpcxSetIdentity");
    key = NULL;
    if (SUCCEEDED(checked(IpcGetKey(license, 0, NULL, NULL, &key), "IpcGetKey"))) {
        tell(key, IPC_GENERIC_PRINT, "may print");
        tell(key, IPC_GENERIC_WRITE, "may write");
        checked(IpcDecrypt(key, 0, TRUE, encrypted, size, decrypted, sizeof decrypted, &result_size), "IpcDecrypt");
        printf("decrypted: %.*s\n", (int)result_size, (const char *)decrypted);
        IpcCloseHandle((IPC_HANDLE)key);
    }
    checked(IpcxSetIdentity(IPC_TEXT("mallory@contoso.example")), "IpcxSetIdentity");
    printf("others: %s\n", IpcGetKey(license, 0, NULL, NULL, &key) == IPCERROR_RIGHT_NOT_GRANTED ? "refused" : "admitted");
    IpcFreeMemory(license);
    return failures != 0;
}
