/* Examples: codes, memory, handles, windows. */
#include "example.h"

/* example: IpcGetErrorMessageText */
/* Tells a person what a code means and what to do about it. */
void explain(HRESULT code)
{
    LPCWSTR text = NULL;
    if (SUCCEEDED(IpcGetErrorMessageText(code, 0, &text)))
        show(text);
    IpcFreeMemory((LPVOID)text);
}
/* end */

/* example: IpcxGetLastErrorDetail */
/* One line for the log of the application: which call failed last on this thread, and why. */
void log_last_failure(void)
{
    LPCWSTR detail = NULL;
    if (SUCCEEDED(IpcxGetLastErrorDetail(&detail)) && detail != NULL)
        show(detail);
    IpcFreeMemory((LPVOID)detail);
}
/* end */

/* example: IpcFreeMemory */
/* A list is one block, whatever hangs on it: one call gives all of it back. After a failure the pointer is null. */
HRESULT count_templates(DWORD *count)
{
    PCIPC_TIL templates = NULL;
    HRESULT hr = IpcGetTemplateList(NULL, IPC_GTL_FLAG_DEFAULT, 0, NULL, NULL, &templates);
    *count = SUCCEEDED(hr) ? templates->cTi : 0;
    IpcFreeMemory((LPVOID)templates); /* a const pointer loses its const for this */
    return hr;
}
/* end */

/* example: IpcCloseHandle */
/* Closes a key once, also when it was never opened. */
void close_key(IPC_KEY_HANDLE *key)
{
    if (*key != NULL)
        IpcCloseHandle((IPC_HANDLE)*key);
    *key = NULL;
}
/* end */

/* example: IpcProtectWindow IpcUnprotectWindow */
/* Shows protected content until the reader closes it, out of screenshots where the system can do that. */
HRESULT show_protected(HWND window, void (*show_until_closed)(HWND))
{
    HRESULT hr = IpcProtectWindow(window);
    if (FAILED(hr) && hr != HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED))
        return hr;
    show_until_closed(window);
    return SUCCEEDED(hr) ? IpcUnprotectWindow(window) : S_OK;
}
/* end */
