/* Examples: tracking, revocation and the usage log. */
#include "example.h"

/* example: IpcCreateLicenseMetadataHandle IpcSetLicenseMetadataProperty IpcSerializeLicenseWithMetadata */
/* Puts the name of the document into a signed license, which only its owner can. The new license replaces the old one. */
HRESULT name_document(PCIPC_BUFFER license, IPC_KEY_HANDLE key, LPCWSTR name, PIPC_BUFFER *named)
{
    IPC_LICENSE_METADATA_HANDLE metadata = NULL;
    DWORD mails = IPCD_CT_NOTIFICATION_TYPE_DISABLED;
    HRESULT hr = IpcCreateLicenseMetadataHandle(license, key, NULL, &metadata);
    *named = NULL;
    if (SUCCEEDED(hr))
        hr = IpcSetLicenseMetadataProperty(metadata, FALSE, IPC_MD_CONTENT_NAME, name);
    if (SUCCEEDED(hr))
        hr = IpcSetLicenseMetadataProperty(metadata, FALSE, IPC_MD_NOTIFICATION_TYPE, &mails);
    if (SUCCEEDED(hr))
        hr = IpcSerializeLicenseWithMetadata(metadata, NULL, NULL, named);
    if (metadata != NULL)
        IpcCloseHandle((IPC_HANDLE)metadata);
    return hr;
}
/* end */

/* example: IpcRegisterLicense */
/* Registers a document, so that lines of the usage log name it. */
HRESULT register_document(PCIPC_BUFFER license, LPCWSTR name)
{
    HRESULT hr = IpcRegisterLicense(license, NULL, NULL, name, FALSE);
    if (hr == E_ACCESSDENIED)
        fprintf(stderr, "only who protected or owns the document can register it\n");
    return hr;
}
/* end */

/* example: IpcxRevoke */
/* Nobody but the one who revokes it can open the document any more. */
HRESULT revoke_license(PCIPC_BUFFER license)
{
    IPCX_REVOCATION revocation;
    memset(&revocation, 0, sizeof revocation);
    revocation.cbSize = sizeof revocation;
    revocation.dwTarget = IPCX_REVOKE_LICENSE;
    revocation.pLicense = license;
    return IpcxRevoke(&revocation, NULL);
}
/* end */

/* example: IpcxRestore */
/* Lifts the revocation of a license: the same target as it was revoked with. */
HRESULT restore_license(PCIPC_BUFFER license)
{
    IPCX_REVOCATION revocation;
    HRESULT hr;
    memset(&revocation, 0, sizeof revocation);
    revocation.cbSize = sizeof revocation;
    revocation.dwTarget = IPCX_REVOKE_LICENSE;
    revocation.pLicense = license;
    hr = IpcxRestore(&revocation, NULL);
    return hr == HRESULT_FROM_WIN32(ERROR_NOT_FOUND) ? S_OK : hr; /* it was not revoked */
}
/* end */

/* example: IpcxExportRevocationList */
/* Writes a revocation list to a file, good for a week, to be carried to machines that cannot ask the authority. */
HRESULT write_revocation_list(FILE *file)
{
    PIPC_BUFFER list = NULL;
    HRESULT hr = IpcxExportRevocationList(7, NULL, &list);
    if (SUCCEEDED(hr) && fwrite(list->pvBuffer, 1, list->cbBuffer, file) != list->cbBuffer)
        hr = HRESULT_FROM_WIN32(ERROR_DISK_FULL);
    IpcFreeMemory(list);
    return hr;
}
/* end */

/* example: IpcxImportRevocationList */
/* Takes a revocation list that was carried here. */
HRESULT take_revocation_list(BYTE *bytes, DWORD size)
{
    IPC_BUFFER list;
    HRESULT hr;
    list.pvBuffer = bytes;
    list.cbBuffer = size;
    hr = IpcxImportRevocationList(&list);
    if (hr == IPCERROR_BROKEN_CERT_CHAIN)
        fprintf(stderr, "this list is not from the authority\n");
    return hr;
}
/* end */

/* example: IpcxQueryUsageLog */
/* Prints who used a document last, up to a hundred times. */
HRESULT show_uses(LPCWSTR content_id)
{
    PCIPCX_LOG_LIST log = NULL;
    DWORD i;
    HRESULT hr = IpcxQueryUsageLog(content_id, NULL, NULL, 100, NULL, &log);
    for (i = 0; SUCCEEDED(hr) && i < log->cEntries; i++) {
        show(log->aEntries[i].wszUser);
        show(log->aEntries[i].wszOperation);
        show(log->aEntries[i].wszResult);
    }
    IpcFreeMemory((LPVOID)log);
    return hr;
}
/* end */

/* example: IpcxGetUsageLogCheckpoint */
/* Writes where the log stands, to be kept on another machine. */
HRESULT write_checkpoint(FILE *elsewhere)
{
    PIPC_BUFFER checkpoint = NULL;
    HRESULT hr = IpcxGetUsageLogCheckpoint(NULL, &checkpoint);
    if (SUCCEEDED(hr) &&
        fwrite(checkpoint->pvBuffer, 1, checkpoint->cbBuffer, elsewhere) != checkpoint->cbBuffer)
        hr = HRESULT_FROM_WIN32(ERROR_DISK_FULL);
    IpcFreeMemory(checkpoint);
    return hr;
}
/* end */

/* example: IpcxVerifyUsageLog */
/* Is the log whole, at least up to a checkpoint that was kept elsewhere? */
HRESULT check_log(BYTE *checkpoint, DWORD size)
{
    IPC_BUFFER kept;
    DWORD64 lines = 0;
    HRESULT hr;
    kept.pvBuffer = checkpoint;
    kept.cbBuffer = size;
    hr = IpcxVerifyUsageLog(&kept, NULL, &lines);
    printf("%s: %llu lines are good\n", SUCCEEDED(hr) ? "whole" : "not whole",
           (unsigned long long)lines);
    return hr;
}
/* end */
