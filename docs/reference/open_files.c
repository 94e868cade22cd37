/* Examples: pfiles that stay protected while their content is read and written. */
#include "example.h"

/* example: IpcxOpenFile */
/* Reads the begin of a protected file. Nothing of it lies in the clear on the disk. */
HRESULT read_begin(LPCWSTR path, BYTE *room, DWORD64 *size)
{
    IPCF_FILE_HANDLE file = NULL;
    IPCF_FILE_RANGE range;
    HRESULT hr;
    range.qwOffset = 0;
    range.qwSize = *size;
    hr = IpcxOpenFile(path, NULL, IPCX_OPEN_READ_ONLY, &file);
    if (SUCCEEDED(hr)) {
        hr = IpcfReadFile(file, &range, room, size);
        IpcCloseHandle((IPC_HANDLE)file);
    } else {
        *size = 0;
    }
    return hr;
}
/* end */

/* example: IpcfOpenFileOnHandle */
/* Opens a protected file that the application has open already. Off Windows `open_file` is IPCX_FILE_FD(descriptor). */
HRESULT open_on_handle(HANDLE open_file, IPCF_FILE_HANDLE *file)
{
    HRESULT hr = IpcfOpenFileOnHandle(open_file, NULL, 0, file);
    if (hr == IPCERROR_FILE_IS_NOT_ENCRYPTED)
        fprintf(stderr, "this file is not protected\n");
    return hr;
}
/* end */

/* example: IpcfOpenFileOnILockBytes */
/* Opens a protected file in memory. The file holds the stream until it is closed. */
HRESULT open_on_bytes(const void *bytes, DWORD size, IPCF_FILE_HANDLE *file)
{
    ILockBytes *stream = NULL;
    HRESULT hr = IpcxCreateStreamOnMemory(bytes, size, &stream);
    *file = NULL;
    if (SUCCEEDED(hr))
        hr = IpcfOpenFileOnILockBytes(stream, NULL, 0, file);
    stream_release(stream);
    return hr;
}
/* end */

/* example: IpcfReadFile */
/* Counts the bytes of the content, a piece at a time. */
HRESULT count_bytes(IPCF_FILE_HANDLE file, DWORD64 *count)
{
    BYTE piece[16384];
    HRESULT hr;
    *count = 0;
    for (;;) {
        IPCF_FILE_RANGE range;
        DWORD64 got = sizeof piece;
        range.qwOffset = *count;
        range.qwSize = sizeof piece;
        hr = IpcfReadFile(file, &range, piece, &got);
        if (FAILED(hr) || got == 0)
            return hr;
        *count += got;
    }
}
/* end */

/* example: IpcfWriteFile */
/* Writes text at a place of the content, which needs the right to edit. */
HRESULT write_at(IPCF_FILE_HANDLE file, DWORD64 offset, const char *text)
{
    DWORD64 size = strlen(text);
    IPCF_FILE_RANGE range;
    range.qwOffset = offset;
    range.qwSize = size;
    return IpcfWriteFile(file, &range, (PBYTE)text, &size);
}
/* end */

/* example: IpcfSetEndOfFile */
/* Empties the content; the file stays protected. */
HRESULT empty_file(IPCF_FILE_HANDLE file)
{
    HRESULT hr = IpcfSetEndOfFile(file, 0);
    if (hr == IPCERROR_RIGHT_NOT_GRANTED)
        fprintf(stderr, "you may only read this file\n");
    return hr;
}
/* end */

/* example: IpcfLogicalFileRangeToRawFileRange */
/* Which bytes of the file must be there, say from a slow network, so that the first megabyte can be read? */
HRESULT show_needed_bytes(IPCF_FILE_HANDLE file)
{
    IPCF_FILE_RANGE wanted;
    IPCF_RAW_FILE_RANGE needed;
    HRESULT hr;
    wanted.qwOffset = 0;
    wanted.qwSize = 1048576;
    hr = IpcfLogicalFileRangeToRawFileRange(file, &wanted, &needed);
    if (SUCCEEDED(hr))
        printf("%llu bytes from %llu on\n", (unsigned long long)needed.qwSize,
               (unsigned long long)needed.qwOffset);
    return hr;
}
/* end */

/* example: IpcfGetFileProperty */
/* Would changes to the content be noticed? */
HRESULT file_is_authenticated(IPCF_FILE_HANDLE file, BOOL *is)
{
    LPVOID value = NULL;
    HRESULT hr = IpcfGetFileProperty(file, IPCX_FI_AUTHENTICATED, &value);
    *is = SUCCEEDED(hr) && *(const BOOL *)value;
    IpcFreeMemory(value);
    return hr;
}
/* end */

/* example: IpcfSetFileProperty */
/* Reads and writes are best done in pieces of 64 KiB from now on. */
HRESULT use_large_pieces(IPCF_FILE_HANDLE file)
{
    DWORD size = 65536;
    return IpcfSetFileProperty(file, IPCF_FI_ACCESS_BLOCK_SIZE, &size);
}
/* end */
