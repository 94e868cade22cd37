/* Examples: templates and issuers, for people who protect. */
#include "example.h"

/* example: IpcGetTemplateList */
/* Prints the policies that this account may choose from. */
HRESULT list_templates(void)
{
    PCIPC_TIL templates = NULL;
    DWORD i;
    HRESULT hr = IpcGetTemplateList(NULL, IPC_GTL_FLAG_DEFAULT, 0, NULL, NULL, &templates);
    for (i = 0; SUCCEEDED(hr) && i < templates->cTi; i++) {
        show(templates->aTi[i].wszID);
        show(templates->aTi[i].wszName);
    }
    IpcFreeMemory((LPVOID)templates);
    return hr;
}
/* end */

/* example: IpcGetTemplateIssuerList */
/* Begins a license at the default authority, which stands first in the list. */
HRESULT license_at_default_authority(IPC_LICENSE_HANDLE *license)
{
    PCIPC_TEMPLATE_ISSUER_LIST issuers = NULL;
    HRESULT hr = IpcGetTemplateIssuerList(NULL, 0, NULL, NULL, &issuers);
    *license = NULL;
    if (SUCCEEDED(hr))
        hr = issuers->aTi[0].fAllowFromScratch
               ? IpcCreateLicenseFromScratch(&issuers->aTi[0], 0, NULL, license)
               : E_FAIL;
    IpcFreeMemory((LPVOID)issuers);
    return hr;
}
/* end */
