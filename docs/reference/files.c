/* Examples: whole files, by path. */
#include "example.h"

/* example: IpcfEncryptFile */
/* Protects a file with a template, in its own folder, and prints what it is called now. */
HRESULT protect_file(LPCWSTR path, LPCWSTR template_id)
{
    LPCWSTR now = NULL;
    HRESULT hr = IpcfEncryptFile(path, template_id, IPCF_EF_TEMPLATE_ID, IPCF_EF_FLAG_DEFAULT, NULL,
                                 NULL, &now);
    if (SUCCEEDED(hr))
        show(now != NULL ? now : path);
    IpcFreeMemory((LPVOID)now);
    return hr;
}
/* end */

/* example: IpcfEncryptFileWithMetadata */
/* Protects a file with a license and writes its name into the license. The license may then be registered. */
HRESULT protect_tracked(LPCWSTR path, IPC_LICENSE_HANDLE license, LPCWSTR name)
{
    IPC_LICENSE_METADATA metadata;
    memset(&metadata, 0, sizeof metadata);
    metadata.cbSize = sizeof metadata;
    metadata.wszContentName = name;
    return IpcfEncryptFileWithMetadata(path, (LPCVOID)license, IPCF_EF_LICENSE_HANDLE,
                                       IPCF_EF_FLAG_DEFAULT, NULL, NULL, &metadata, NULL);
}
/* end */

/* example: IpcfDecryptFile */
/* Takes the protection off a file, which needs the right to extract. */
HRESULT unprotect_file(LPCWSTR path)
{
    LPCWSTR now = NULL;
    HRESULT hr = IpcfDecryptFile(path, IPCF_DF_FLAG_DEFAULT, NULL, NULL, &now);
    if (SUCCEEDED(hr))
        show(now != NULL ? now : path);
    else if (hr == IPCERROR_RIGHT_NOT_GRANTED)
        fprintf(stderr, "you may not take the protection off\n");
    IpcFreeMemory((LPVOID)now);
    return hr;
}
/* end */

/* example: IpcfGetEncryptedFilePath */
/* What would this file be called after it was protected? Null in `now` means: as before. */
HRESULT show_protected_name(LPCWSTR path)
{
    LPCWSTR now = NULL;
    HRESULT hr = IpcfGetEncryptedFilePath(path, IPCF_EF_FLAG_DEFAULT, &now);
    if (SUCCEEDED(hr))
        show(now != NULL ? now : path);
    IpcFreeMemory((LPVOID)now);
    return hr;
}
/* end */

/* example: IpcfGetDecryptedFilePath */
/* What would this protected file be called in the clear? */
HRESULT show_plain_name(LPCWSTR path)
{
    LPCWSTR now = NULL;
    HRESULT hr = IpcfGetDecryptedFilePath(path, IPCF_DF_FLAG_DEFAULT, &now);
    if (SUCCEEDED(hr))
        show(now != NULL ? now : path);
    IpcFreeMemory((LPVOID)now);
    return hr;
}
/* end */

/* example: IpcfIsFileEncrypted */
/* Is this file protected, in whichever container? */
HRESULT is_protected(LPCWSTR path, BOOL *is)
{
    DWORD status = IPCF_FILE_STATUS_DECRYPTED;
    HRESULT hr = IpcfIsFileEncrypted(path, &status);
    *is = SUCCEEDED(hr) && status != IPCF_FILE_STATUS_DECRYPTED;
    return hr;
}
/* end */

/* example: IpcfGetSerializedLicenseFromFile */
/* Opens the license of a file, to learn what this account may do with it. */
HRESULT key_of_file(LPCWSTR path, IPC_KEY_HANDLE *key)
{
    PIPC_BUFFER license = NULL;
    HRESULT hr = IpcfGetSerializedLicenseFromFile(path, &license);
    *key = NULL;
    if (SUCCEEDED(hr))
        hr = IpcGetKey(license, IPC_GK_FLAG_DEFAULT, NULL, NULL, key);
    IpcFreeMemory(license);
    return hr;
}
/* end */

/* example: IpcxGetFileAuthentication */
/* Can readers change this file without anybody noticing? */
HRESULT show_authentication(LPCWSTR path)
{
    DWORD authentication = IPCX_FILE_NOT_PROTECTED;
    HRESULT hr = IpcxGetFileAuthentication(path, &authentication);
    if (SUCCEEDED(hr) && authentication == IPCX_FILE_AUTHENTICATED)
        printf("only those who may edit can change it\n");
    else if (SUCCEEDED(hr) && authentication == IPCX_FILE_UNAUTHENTICATED)
        printf("whoever may read it can change it unnoticed\n");
    else if (SUCCEEDED(hr))
        printf("it is not protected\n");
    return hr;
}
/* end */

/* example: IpcxSetFileProgress */
/* Prints how far a long call is. A failure returned from here would end it. */
HRESULT CALLBACK print_progress(LPVOID context, DWORD64 done, DWORD64 total)
{
    fprintf((FILE *)context, "\r%3u %%", (unsigned)(total == 0 ? 100 : done * 100 / total));
    return S_OK;
}

/* Protects a large file on this thread, with progress. */
HRESULT protect_large_file(LPCWSTR path, LPCWSTR template_id, FILE *progress)
{
    HRESULT hr = IpcxSetFileProgress(print_progress, progress);
    if (SUCCEEDED(hr)) {
        hr = IpcfEncryptFile(path, template_id, IPCF_EF_TEMPLATE_ID, IPCF_EF_FLAG_DEFAULT, NULL,
                             NULL, NULL);
        IpcxSetFileProgress(NULL, NULL);
    }
    return hr;
}
/* end */
