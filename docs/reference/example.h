/* What the examples of the reference share. Each is marked: `shared: NAME` up to `end` is shown on the pages whose example
 * calls NAME, `example: FUNCTION` up to `end` on the page of that function. All of it is C11 and C++17.
 */
#ifndef MSIPC_REFERENCE_EXAMPLE_H
#define MSIPC_REFERENCE_EXAMPLE_H

#include <msipc.h>
#include <msipc_ext.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* shared: show */
/* Prints a line of wide text of either width; what is not ASCII as a question mark. */
static inline void show(LPCWSTR text)
{
    for (; text != NULL && *text != 0; text++)
        putchar(*text < 0x80 ? (int)*text : '?');
    putchar('\n');
}
/* end */

/* shared: stream_release */
/* Gives back a reference to a stream: C and C++ write that differently. */
static inline void stream_release(ILockBytes *stream)
{
    if (stream != NULL) {
#ifdef __cplusplus
        stream->Release();
#else
        stream->lpVtbl->Release(stream);
#endif
    }
}
/* end */

/* shared: stream_read */
/* Reads from the begin of a stream, at most as many bytes as there is room for. */
static inline HRESULT stream_read(ILockBytes *stream, void *room, ULONG size, ULONG *got)
{
    ULARGE_INTEGER begin;
    begin.QuadPart = 0;
#ifdef __cplusplus
    return stream->ReadAt(begin, room, size, got);
#else
    return stream->lpVtbl->ReadAt(stream, begin, room, size, got);
#endif
}
/* end */

#endif
