/* Examples: the process, its store, and who asks. */
#include "example.h"

/* example: IpcInitialize */
/* The first call of a program. Later calls succeed too, so a library may begin with it as well. */
int begin(void)
{
    HRESULT hr = IpcInitialize();
    if (FAILED(hr))
        fprintf(stderr, "rights management is not available: 0x%08X\n", (unsigned)hr);
    return SUCCEEDED(hr);
}
/* end */

/* example: IpcInitializeEnvironment IpcUninitializeEnvironment */
/* A plug-in that is loaded and unloaded: the work stands between the two calls. */
HRESULT with_environment(HRESULT (*work)(void))
{
    HRESULT hr = IpcInitializeEnvironment();
    if (SUCCEEDED(hr)) {
        hr = work();
        IpcUninitializeEnvironment(); /* handles and memory stay valid */
    }
    return hr;
}
/* end */

/* example: IpcGetGlobalProperty */
/* Is this process a service? Asking does not fix the mode. */
HRESULT is_server(BOOL *server)
{
    LPVOID mode = NULL;
    HRESULT hr = IpcGetGlobalProperty(IPC_EI_API_MODE, &mode);
    *server = SUCCEEDED(hr) && *(const DWORD *)mode == IPC_API_MODE_SERVER;
    IpcFreeMemory(mode);
    return hr;
}
/* end */

/* example: IpcSetGlobalProperty */
/* Makes the process a service: once, at the start of the program. */
HRESULT become_server(void)
{
    DWORD mode = IPC_API_MODE_SERVER;
    HRESULT hr = IpcSetGlobalProperty(IPC_EI_API_MODE, &mode);
    if (hr == IPCERROR_PROPERTY_ALREADY_SET)
        fprintf(stderr, "the mode was set before\n");
    return hr;
}
/* end */

/* example: IpcxGetVersion */
/* Does the library have at least the version that this program was compiled for? */
int library_is_new_enough(void)
{
    DWORD version = IpcxGetVersion();
    printf("msipc %u.%u.%u\n", (unsigned)(version >> 24), (unsigned)(version >> 16 & 0xFF),
           (unsigned)(version & 0xFFFF));
    return version >= IPCX_VERSION;
}
/* end */

/* example: IpcxSetThreads */
/* Lets calls on 8 MiB and more use up to four threads. */
HRESULT use_four_threads(void)
{
    return IpcxSetThreads(4);
}
/* end */

/* example: IpcxSetIdentity */
/* Acts as one account in all threads that have none of their own. */
HRESULT act_as(LPCWSTR address)
{
    HRESULT hr = IpcxSetIdentity(address);
    if (hr == E_INVALIDARG)
        fprintf(stderr, "that is no address\n");
    return hr;
}
/* end */

/* example: IpcxSetThreadIdentity */
/* A thread that serves one user after the other: what it opens, it opens as that user. */
HRESULT open_for(LPCWSTR address, PCIPC_BUFFER license, IPC_KEY_HANDLE *key)
{
    HRESULT hr;
    *key = NULL;
    hr = IpcxSetThreadIdentity(address);
    if (SUCCEEDED(hr)) {
        hr = IpcGetKey(license, 0, NULL, NULL, key);
        IpcxSetThreadIdentity(NULL); /* back to the account of the process; the key keeps its own */
    }
    return hr;
}
/* end */

/* example: IpcxGetIdentity */
/* Who am I, and may I administer? */
HRESULT show_identity(BOOL *administrator)
{
    PCIPCX_ACCOUNT account = NULL;
    HRESULT hr = IpcxGetIdentity(NULL, &account);
    *administrator = FALSE;
    if (SUCCEEDED(hr)) {
        show(account->wszAddress);
        *administrator = (account->dwFlags & IPCX_ACCOUNT_ADMINISTRATOR) != 0;
    }
    IpcFreeMemory((LPVOID)account);
    return hr;
}
/* end */

/* example: IpcxSetStorePassphrase */
/* Opens the store with a passphrase that the application asked for; the first call that uses the store shows if it fits. */
HRESULT unlock_store(LPCWSTR passphrase)
{
    PCIPC_TIL templates = NULL;
    HRESULT hr = IpcxSetStorePassphrase(passphrase);
    if (SUCCEEDED(hr))
        hr = IpcGetTemplateList(NULL, IPC_GTL_FLAG_DEFAULT, 0, NULL, NULL, &templates);
    IpcFreeMemory((LPVOID)templates);
    return hr;
}
/* end */

/* example: IpcxChangeStorePassphrase */
/* An administrator changes the passphrase. */
HRESULT change_passphrase(LPCWSTR current, LPCWSTR fresh)
{
    HRESULT hr = IpcxChangeStorePassphrase(current, fresh, NULL);
    if (hr == HRESULT_FROM_WIN32(ERROR_NOT_AUTHENTICATED))
        fprintf(stderr, "the current passphrase is another one\n");
    else if (hr == HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED))
        fprintf(stderr, "this store opens with a key file\n");
    return hr;
}
/* end */

/* example: IpcxResetClockMark */
/* The clock had been ahead and is right again: an administrator says so. */
HRESULT accept_present_time(void)
{
    HRESULT hr = IpcxResetClockMark(NULL);
    if (hr == E_ACCESSDENIED)
        fprintf(stderr, "an administrator has to do this\n");
    return hr;
}
/* end */
