/* Examples: keys, rights and content. */
#include "example.h"

/* example: IpcGetKey */
/* Opens a license without windows. Offline first; the authority is asked when nothing at hand serves. */
HRESULT open_license(PCIPC_BUFFER license, IPC_KEY_HANDLE *key)
{
    IPC_PROMPT_CTX prompt;
    HRESULT hr;
    memset(&prompt, 0, sizeof prompt);
    prompt.cbSize = sizeof prompt;
    prompt.dwFlags = IPC_PROMPT_FLAG_SILENT | IPC_PROMPT_FLAG_OFFLINE;
    hr = IpcGetKey(license, IPC_GK_FLAG_DEFAULT, &prompt, NULL, key);
    if (hr == IPCERROR_NEEDS_ONLINE) {
        prompt.dwFlags = IPC_PROMPT_FLAG_SILENT;
        hr = IpcGetKey(license, IPC_GK_FLAG_DEFAULT, &prompt, NULL, key);
    }
    if (hr == IPCERROR_RIGHT_NOT_GRANTED)
        fprintf(stderr, "you may not open this document\n");
    return hr;
}
/* end */

/* example: IpcGetKeyProperty */
/* How large are the blocks in which content is counted? 4096 bytes, or 16 for old content. */
HRESULT block_size_of(IPC_KEY_HANDLE key, DWORD *size)
{
    LPVOID value = NULL;
    HRESULT hr = IpcGetKeyProperty(key, IPC_KI_BLOCK_SIZE, NULL, &value);
    *size = SUCCEEDED(hr) ? *(const DWORD *)value : 0;
    IpcFreeMemory(value);
    return hr;
}
/* end */

/* example: IpcAccessCheck */
/* Is the menu item for printing to be enabled? Only a clear yes counts. */
BOOL may_print(IPC_KEY_HANDLE key)
{
    BOOL granted = FALSE;
    HRESULT hr = IpcAccessCheck(key, IPC_GENERIC_PRINT, &granted);
    return SUCCEEDED(hr) && granted;
}
/* end */

/* example: IpcEncrypt */
/* Encrypts content that is in memory as a whole: asks for the size first. The caller calls free(*encrypted). */
HRESULT encrypt_all(IPC_KEY_HANDLE key, PBYTE content, DWORD size, PBYTE *encrypted,
                    DWORD *encrypted_size)
{
    HRESULT hr;
    *encrypted = NULL;
    hr = IpcEncrypt(key, 0, TRUE, content, size, NULL, 0, encrypted_size);
    if (FAILED(hr))
        return hr;
    *encrypted = (PBYTE)malloc(*encrypted_size > 0 ? *encrypted_size : 1);
    if (*encrypted == NULL)
        return E_OUTOFMEMORY;
    hr = IpcEncrypt(key, 0, TRUE, content, size, *encrypted, *encrypted_size, encrypted_size);
    if (FAILED(hr)) {
        free(*encrypted);
        *encrypted = NULL;
    }
    return hr;
}
/* end */

/* example: IpcDecrypt */
/* Decrypts whole content in its own place; decrypted content is never longer than encrypted. */
HRESULT decrypt_all(IPC_KEY_HANDLE key, PBYTE content, DWORD *size)
{
    DWORD result = 0;
    HRESULT hr = IpcDecrypt(key, 0, TRUE, content, *size, content, *size, &result);
    if (SUCCEEDED(hr))
        *size = result;
    else if (hr == HRESULT_FROM_WIN32(ERROR_INVALID_DATA))
        fprintf(stderr, "the content is damaged, or was changed\n");
    return hr;
}
/* end */

/* example: IpcxIsAuthenticated */
/* Warns when changes to the content would not be noticed. */
HRESULT warn_if_unauthenticated(IPC_KEY_HANDLE key)
{
    BOOL authenticated = FALSE;
    HRESULT hr = IpcxIsAuthenticated(key, &authenticated);
    if (SUCCEEDED(hr) && !authenticated)
        fprintf(stderr, "note: whoever may read this content can change it unnoticed\n");
    return hr;
}
/* end */

/* example: IpcxGetKeyPackage */
/* Which cipher is the content under? */
HRESULT show_package(IPC_KEY_HANDLE key)
{
    const char *name = "another cipher";
    DWORD package = 0;
    HRESULT hr = IpcxGetKeyPackage(key, &package);
    switch (package) {
    case IPCX_ENCRYPTION_PACKAGE_AES256_GCM4K:
        name = "AES-256, GCM, authenticated";
        break;
    case IPC_ENCRYPTION_PACKAGE_AES256_CBC4K:
        name = "AES-256, CBC";
        break;
    case IPC_ENCRYPTION_PACKAGE_AES128_CBC4K:
        name = "AES-128, CBC";
        break;
    case IPC_ENCRYPTION_PACKAGE_AES128_ECB:
        name = "AES-128, ECB, for old readers only";
        break;
    }
    if (SUCCEEDED(hr))
        printf("%s\n", name);
    return hr;
}
/* end */
