/* Examples: what the library tells about itself. */
#include "example.h"

/* example: IpcxSetLogCallback */
/* Writes events to a file of the application. Called on every thread that calls the library. */
void CALLBACK write_line(LPVOID context, DWORD level, LPCWSTR line)
{
    FILE *file = (FILE *)context;
    fprintf(file, "%u ", (unsigned)level);
    for (; *line != 0; line++)
        fputc((int)*line, file); /* lines are ASCII */
    fputc('\n', file);
}

/* Begins, and with null ends. */
HRESULT log_to(FILE *file)
{
    return IpcxSetLogCallback(file != NULL ? write_line : NULL, file, IPCX_LOG_INFO, 0);
}
/* end */

/* example: IpcxExplain */
/* Prints which rule or argument decided when a call of this thread was refused. */
HRESULT show_explanation(void)
{
    LPCWSTR explanation = NULL;
    HRESULT hr = IpcxExplain(0, &explanation);
    if (SUCCEEDED(hr) && explanation != NULL)
        show(explanation);
    IpcFreeMemory((LPVOID)explanation);
    return hr;
}
/* end */
