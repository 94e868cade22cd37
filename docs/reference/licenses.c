/* Examples: licenses from their begin to their signature. */
#include "example.h"

/* example: IpcCreateLicenseFromScratch */
/* A license that lets one person read and print, and its owner everything. */
HRESULT license_for_reader(LPCWSTR reader, IPC_LICENSE_HANDLE *license)
{
    IPC_TEMPLATE_ISSUER issuer; /* no address: the default authority */
    IPC_USER_RIGHTS_LIST list;
    LPCWSTR rights[] = {IPC_GENERIC_READ, IPC_GENERIC_PRINT};
    BOOL owner_may_all = TRUE;
    HRESULT hr;

    memset(&issuer, 0, sizeof issuer);
    issuer.fAllowFromScratch = TRUE;
    memset(&list, 0, sizeof list);
    list.cbSize = sizeof list;
    list.cUserRights = 1;
    list.rgUserRights[0].User.dwType = IPC_USER_TYPE_EMAIL;
    list.rgUserRights[0].User.wszID = reader;
    list.rgUserRights[0].cRights = 2;
    list.rgUserRights[0].rgwszRights = rights;

    hr = IpcCreateLicenseFromScratch(&issuer, 0, NULL, license);
    if (SUCCEEDED(hr))
        hr = IpcSetLicenseProperty(*license, FALSE, IPC_LI_USER_RIGHTS_LIST, &list);
    if (SUCCEEDED(hr))
        hr = IpcSetLicenseProperty(*license, FALSE, IPC_LI_AUTO_GRANT_OWNER_FULL_ACCESS,
                                   &owner_may_all);
    if (FAILED(hr) && *license != NULL) {
        IpcCloseHandle((IPC_HANDLE)*license);
        *license = NULL;
    }
    return hr;
}
/* end */

/* example: IpcCreateLicenseFromTemplateID */
/* A license with the policy of a template and a referral address of its own. */
HRESULT license_from_template(LPCWSTR template_id, LPCWSTR ask_here, IPC_LICENSE_HANDLE *license)
{
    HRESULT hr = IpcCreateLicenseFromTemplateID(template_id, 0, NULL, license);
    if (SUCCEEDED(hr)) {
        hr = IpcSetLicenseProperty(*license, FALSE, IPC_LI_REFERRAL_INFO_URL, ask_here);
        if (FAILED(hr)) {
            IpcCloseHandle((IPC_HANDLE)*license);
            *license = NULL;
        }
    }
    return hr;
}
/* end */

/* example: IpcGetLicenseProperty */
/* Prints the content id of a license, under which its uses stand in the log. */
HRESULT show_content_id(IPC_LICENSE_HANDLE license)
{
    LPVOID id = NULL;
    HRESULT hr = IpcGetLicenseProperty(license, IPC_LI_CONTENT_ID, 0, &id);
    if (SUCCEEDED(hr))
        show((LPCWSTR)id);
    IpcFreeMemory(id);
    return hr;
}
/* end */

/* example: IpcSetLicenseProperty */
/* The content may be used for thirty days from a moment on, and each use license serves offline for one day. */
HRESULT limit_time(IPC_LICENSE_HANDLE license, FILETIME from)
{
    IPC_TERM term;
    DWORD offline_days = 1;
    HRESULT hr;
    term.ftStart = from;
    term.qwDuration = (DWORD64)30 * 24 * 60 * 60 * 10000000; /* steps of 100 ns */
    hr = IpcSetLicenseProperty(license, FALSE, IPC_LI_VALIDITY_TIME, &term);
    if (SUCCEEDED(hr))
        hr = IpcSetLicenseProperty(license, FALSE, IPC_LI_INTERVAL_TIME, &offline_days);
    return hr;
}
/* end */

/* example: IpcSerializeLicense */
/* Has a license signed. The caller stores the license with the content, and encrypts with the key. */
HRESULT sign_license(IPC_LICENSE_HANDLE license, IPC_KEY_HANDLE *key, PIPC_BUFFER *signed_license)
{
    IPC_PROMPT_CTX prompt;
    memset(&prompt, 0, sizeof prompt);
    prompt.cbSize = sizeof prompt;
    prompt.dwFlags = IPC_PROMPT_FLAG_SILENT;
    return IpcSerializeLicense((LPCVOID)license, IPC_SL_LICENSE_HANDLE, IPC_SL_FLAG_DEFAULT,
                               &prompt, key, signed_license);
}
/* end */

/* example: IpcGetSerializedLicenseProperty */
/* Prints who owns a document, which everybody may read from its license, without a key. */
HRESULT show_owner(PCIPC_BUFFER license)
{
    LPVOID owner = NULL;
    HRESULT hr = IpcGetSerializedLicenseProperty(license, IPC_LI_OWNER, NULL, 0, &owner);
    if (SUCCEEDED(hr))
        show(((const IPC_USER *)owner)->wszID);
    IpcFreeMemory(owner);
    return hr;
}
/* end */

/* example: IpcxCreateLicenseFromLevels */
/* One person may read, another one may do everything. */
HRESULT license_for_two(LPCWSTR reader, LPCWSTR co_owner, IPC_LICENSE_HANDLE *license)
{
    IPCX_USER_LEVEL users[2];
    memset(users, 0, sizeof users);
    users[0].User.dwType = IPC_USER_TYPE_EMAIL;
    users[0].User.wszID = reader;
    users[0].dwLevel = IPCX_LEVEL_VIEWER;
    users[1].User.dwType = IPC_USER_TYPE_EMAIL;
    users[1].User.wszID = co_owner;
    users[1].dwLevel = IPCX_LEVEL_CO_OWNER;
    return IpcxCreateLicenseFromLevels(NULL, 2, users, IPCX_LEVELS_CURRENT, license);
}
/* end */

/* example: IpcxCreateDoNotForwardLicense */
/* A mail to two people that they may answer and not forward; signed at once. */
HRESULT do_not_forward(LPCWSTR first, LPCWSTR second, IPC_KEY_HANDLE *key,
                       PIPC_BUFFER *signed_license)
{
    IPC_LICENSE_HANDLE license = NULL;
    LPCWSTR recipients[2];
    HRESULT hr;
    *key = NULL;
    *signed_license = NULL;
    recipients[0] = first;
    recipients[1] = second;
    hr = IpcxCreateDoNotForwardLicense(NULL, 2, recipients, &license);
    if (SUCCEEDED(hr)) {
        hr = IpcSerializeLicense((LPCVOID)license, IPC_SL_LICENSE_HANDLE, IPC_SL_FLAG_DEFAULT, NULL,
                                 key, signed_license);
        IpcCloseHandle((IPC_HANDLE)license);
    }
    return hr;
}
/* end */

/* example: IpcxGetLevelRights */
/* Prints what a reviewer may do. */
HRESULT show_reviewer(void)
{
    PCIPCX_TEXT_LIST rights = NULL;
    DWORD i;
    HRESULT hr = IpcxGetLevelRights(IPCX_LEVEL_REVIEWER, IPCX_LEVELS_CURRENT, &rights);
    for (i = 0; SUCCEEDED(hr) && i < rights->cTexts; i++)
        show(rights->rgwszTexts[i]);
    IpcFreeMemory((LPVOID)rights);
    return hr;
}
/* end */

/* example: IpcxGetOfficeName */
/* Prints a right as Office calls it, or its own name where Office has none. */
HRESULT show_right(LPCWSTR right)
{
    LPCWSTR name = NULL;
    HRESULT hr = IpcxGetOfficeName(right, &name);
    if (SUCCEEDED(hr) || hr == HRESULT_FROM_WIN32(ERROR_NOT_FOUND)) {
        show(name != NULL ? name : right);
        hr = S_OK;
    }
    IpcFreeMemory((LPVOID)name);
    return hr;
}
/* end */

/* example: IpcxGetSharePointRights */
/* Prints what comes with a document from a library that allows to view and to print. */
HRESULT show_download_rights(void)
{
    PCIPCX_TEXT_LIST rights = NULL;
    DWORD i;
    HRESULT hr =
        IpcxGetSharePointRights(IPCX_SHAREPOINT_VIEW | IPCX_SHAREPOINT_LIBRARY_PRINT, &rights);
    for (i = 0; SUCCEEDED(hr) && i < rights->cTexts; i++)
        show(rights->rgwszTexts[i]);
    IpcFreeMemory((LPVOID)rights);
    return hr;
}
/* end */
