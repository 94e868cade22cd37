/* An existing application that grants rights to people: an issuer is chosen, a license is made from scratch, a list of users
 * that was allocated larger than it needs to be is set, and everything is read back from the signed license.
 */
#ifdef _WIN32
#include <windows.h>
#endif
#include <msipc.h>
#include <ipcprot.h>

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

#define EXPECTED(condition)                                      \
    do {                                                         \
        if (!(condition)) {                                      \
            wprintf(L"not as expected: %ls\n", L## #condition);  \
            hr = E_FAIL;                                         \
            goto exit;                                           \
        }                                                        \
    } while (0)

static LPCWSTR rgwszEditorRights[] = {IPC_GENERIC_READ, IPC_GENERIC_WRITE, IPC_GENERIC_PRINT, IPC_READ_RIGHTS};
static LPCWSTR rgwszReaderRights[] = {IPC_GENERIC_READ};

/* Room for twenty users, whoever they are; the list says how many count. */
static PIPC_USER_RIGHTS_LIST AllocateList(DWORD cbSize)
{
    const size_t cb = sizeof(IPC_USER_RIGHTS_LIST) + 20 * sizeof(IPC_USER_RIGHTS);
    PIPC_USER_RIGHTS_LIST pList = (PIPC_USER_RIGHTS_LIST)malloc(cb);
    if (pList == NULL)
        return NULL;
    /* What is behind the users that count is whatever the heap had there. */
    memset(pList, 0xCD, cb);
    pList->cbSize = cbSize != 0 ? cbSize : (DWORD)cb;
    pList->cUserRights = 2;
    pList->rgUserRights[0].User.dwType = IPC_USER_TYPE_EMAIL;
    pList->rgUserRights[0].User.wszID = L"editor@contoso.example";
    pList->rgUserRights[0].rgwszRights = rgwszEditorRights;
    pList->rgUserRights[0].cRights = sizeof rgwszEditorRights / sizeof rgwszEditorRights[0];
    (&pList->rgUserRights[0])[1].User.dwType = IPC_USER_TYPE_IPC;
    (&pList->rgUserRights[0])[1].User.wszID = IPC_USER_ID_EVERYONE;
    (&pList->rgUserRights[0])[1].rgwszRights = rgwszReaderRights;
    (&pList->rgUserRights[0])[1].cRights = sizeof rgwszReaderRights / sizeof rgwszReaderRights[0];
    return pList;
}

static HRESULT SetProperties(IPC_LICENSE_HANDLE hLicense)
{
    HRESULT hr = S_OK;
    IPC_USER owner;
    IPC_TERM term;
    IPC_TEMPLATE_INFO descriptor;
    DWORD dwDays = 14;
    BOOL fGrantOwner = TRUE;
    struct {
        IPC_NAME_VALUE_LIST list;
        IPC_NAME_VALUE more[1];
    } data;

    owner.dwType = IPC_USER_TYPE_EMAIL;
    owner.wszID = L"owner@contoso.example";
    CHECKED(IpcSetLicenseProperty(hLicense, FALSE, IPC_LI_OWNER, &owner));
    memset(&term, 0, sizeof term);
    CHECKED(IpcSetLicenseProperty(hLicense, FALSE, IPC_LI_VALIDITY_TIME, &term));
    CHECKED(IpcSetLicenseProperty(hLicense, FALSE, IPC_LI_INTERVAL_TIME, &dwDays));
    memset(&descriptor, 0, sizeof descriptor);
    descriptor.wszID = NULL;
    descriptor.lcid = 1033;
    descriptor.wszName = L"Contoso Internal";
    descriptor.wszDescription = L"Read by everybody, changed by the editor.";
    CHECKED(IpcSetLicenseProperty(hLicense, FALSE, IPC_LI_DESCRIPTOR, &descriptor));
    CHECKED(IpcSetLicenseProperty(hLicense, FALSE, IPC_LI_REFERRAL_INFO_URL, L"mailto:owner@contoso.example"));
    CHECKED(IpcSetLicenseProperty(hLicense, FALSE, IPC_LI_AUTO_GRANT_OWNER_FULL_ACCESS, &fGrantOwner));
    memset(&data, 0, sizeof data);
    data.list.cNameValuePairs = 1;
    data.list.aNameValuePairs[0].wszName = L"Workflow";
    data.list.aNameValuePairs[0].lcid = 0;
    data.list.aNameValuePairs[0].wszValue = L"approved";
    CHECKED(IpcSetLicenseProperty(hLicense, FALSE, IPC_LI_APP_SPECIFIC_DATA, &data.list));
    CHECKED(IpcSetLicenseProperty(hLicense, FALSE, IPC_LI_APP_SPECIFIC_DATA_NO_ENCRYPTION, &data.list));
exit:
    return hr;
}

static HRESULT ReadBack(PIPC_BUFFER pLicense, IPC_KEY_HANDLE hKey)
{
    HRESULT hr = S_OK;
    PIPC_USER_RIGHTS_LIST pList = NULL;
    PIPC_USER pOwner = NULL;
    PIPC_TERM pTerm = NULL;
    PIPC_NAME_VALUE_LIST pData = NULL;
    PIPC_CONNECTION_INFO pConnection = NULL;
    LPWSTR wszReferral = NULL, wszContentId = NULL;
    FILETIME *pftIssued = NULL;
    DWORD *pdwDays = NULL;
    DWORD i, j;

    CHECKED(IpcGetSerializedLicenseProperty(pLicense, IPC_LI_USER_RIGHTS_LIST, hKey, 0, (LPVOID *)&pList));
    for (i = 0; i < pList->cUserRights; i++) {
        PIPC_USER_RIGHTS pUser = &pList->rgUserRights[0] + i;
        wprintf(L"%ls:", pUser->User.wszID);
        for (j = 0; j < pUser->cRights; j++)
            wprintf(L" %ls", pUser->rgwszRights[j]);
        wprintf(L"\n");
    }
    EXPECTED(pList->cUserRights >= 2);
    EXPECTED(wcscmp(pList->rgUserRights[0].User.wszID, L"editor@contoso.example") == 0);
    EXPECTED(pList->rgUserRights[0].cRights == 4);
    CHECKED(IpcGetSerializedLicenseProperty(pLicense, IPC_LI_OWNER, NULL, 0, (LPVOID *)&pOwner));
    EXPECTED(wcscmp(pOwner->wszID, L"owner@contoso.example") == 0);
    CHECKED(IpcGetSerializedLicenseProperty(pLicense, IPC_LI_VALIDITY_TIME, hKey, 0, (LPVOID *)&pTerm));
    EXPECTED(pTerm->qwDuration == 0);
    CHECKED(IpcGetSerializedLicenseProperty(pLicense, IPC_LI_INTERVAL_TIME, hKey, 0, (LPVOID *)&pdwDays));
    EXPECTED(*pdwDays == 14);
    CHECKED(IpcGetSerializedLicenseProperty(pLicense, IPC_LI_APP_SPECIFIC_DATA, hKey, 0, (LPVOID *)&pData));
    EXPECTED(pData->cNameValuePairs == 1 && wcscmp(pData->aNameValuePairs[0].wszValue, L"approved") == 0);
    CHECKED(IpcGetSerializedLicenseProperty(pLicense, IPC_LI_CONNECTION_INFO, NULL, 0, (LPVOID *)&pConnection));
    EXPECTED(pConnection->wszExtranetUrl != NULL || pConnection->wszIntranetUrl != NULL);
    CHECKED(IpcGetSerializedLicenseProperty(pLicense, IPC_LI_REFERRAL_INFO_URL, NULL, 0, (LPVOID *)&wszReferral));
    EXPECTED(wcscmp(wszReferral, L"mailto:owner@contoso.example") == 0);
    CHECKED(IpcGetSerializedLicenseProperty(pLicense, IPC_LI_CONTENT_ID, NULL, 0, (LPVOID *)&wszContentId));
    CHECKED(IpcGetSerializedLicenseProperty(pLicense, IPC_LI_ISSUED_TIME, NULL, 0, (LPVOID *)&pftIssued));
    EXPECTED(pftIssued->dwHighDateTime != 0);
    /* Asked without a key, what is encrypted is refused. */
    IpcFreeMemory((LPVOID)pdwDays);
    pdwDays = NULL;
    EXPECTED(IpcGetSerializedLicenseProperty(pLicense, IPC_LI_USER_RIGHTS_LIST, NULL, 0, (LPVOID *)&pdwDays) ==
             IPCERROR_NEEDS_KEY_PARAMETER);
exit:
    IpcFreeMemory((LPVOID)pList);
    IpcFreeMemory((LPVOID)pOwner);
    IpcFreeMemory((LPVOID)pTerm);
    IpcFreeMemory((LPVOID)pData);
    IpcFreeMemory((LPVOID)pConnection);
    IpcFreeMemory((LPVOID)wszReferral);
    IpcFreeMemory((LPVOID)wszContentId);
    IpcFreeMemory((LPVOID)pftIssued);
    IpcFreeMemory((LPVOID)pdwDays);
    return hr;
}

static HRESULT Publish(DWORD cbSize)
{
    HRESULT hr = S_OK;
    PCIPC_TEMPLATE_ISSUER_LIST pIssuers = NULL;
    PCIPC_TEMPLATE_ISSUER pIssuer = NULL;
    IPC_LICENSE_HANDLE hLicense = NULL;
    IPC_KEY_HANDLE hKey = NULL;
    PIPC_BUFFER pLicense = NULL, pAgain = NULL;
    PIPC_USER_RIGHTS_LIST pList = AllocateList(cbSize);
    DWORD i;

    EXPECTED(pList != NULL);
    CHECKED(IpcGetTemplateIssuerList(NULL, 0, NULL, NULL, &pIssuers));
    for (i = 0; i < pIssuers->cTi && pIssuer == NULL; i++)
        if (pIssuers->aTi[i].fAllowFromScratch)
            pIssuer = &pIssuers->aTi[i];
    EXPECTED(pIssuer != NULL);
    CHECKED(IpcCreateLicenseFromScratch(pIssuer, 0, NULL, &hLicense));
    IpcFreeMemory((LPVOID)pIssuers);
    pIssuers = NULL;
    CHECKED(SetProperties(hLicense));
    CHECKED(IpcSetLicenseProperty(hLicense, FALSE, IPC_LI_USER_RIGHTS_LIST, pList));
    /* The list is the caller's again. */
    memset(pList, 0xDD, sizeof(IPC_USER_RIGHTS_LIST) + 20 * sizeof(IPC_USER_RIGHTS));
    CHECKED(IpcSerializeLicense((LPCVOID)hLicense, IPC_SL_LICENSE_HANDLE, 0, NULL, &hKey, &pLicense));
    CHECKED(ReadBack(pLicense, hKey));
    /* The handle goes on to be used after the license was signed. */
    CHECKED(IpcSerializeLicense((LPCVOID)hLicense, IPC_SL_LICENSE_HANDLE, 0, NULL, NULL, &pAgain));
exit:
    free(pList);
    IpcFreeMemory((LPVOID)pIssuers);
    IpcFreeMemory((LPVOID)pLicense);
    IpcFreeMemory((LPVOID)pAgain);
    if (hKey != NULL)
        IpcCloseHandle((IPC_HANDLE)hKey);
    if (hLicense != NULL)
        IpcCloseHandle((IPC_HANDLE)hLicense);
    return hr;
}

int main(void)
{
    HRESULT hr = IpcInitialize();
    if (FAILED(hr))
        return EXIT_FAILURE;
    /* The three sizes that programs write into their lists. */
    if (SUCCEEDED(hr))
        hr = Publish(8);
    if (SUCCEEDED(hr))
        hr = Publish((DWORD)sizeof(IPC_USER_RIGHTS_LIST));
    if (SUCCEEDED(hr))
        hr = Publish(0);
    return SUCCEEDED(hr) ? EXIT_SUCCESS : EXIT_FAILURE;
}
