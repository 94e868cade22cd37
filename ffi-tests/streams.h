/* An ILockBytes of the application in C: memory that counts its references and calls, gives less than it is asked for, and
 * fails when a test wants that.
 */
#ifndef MSIPC_TEST_STREAMS_H
#define MSIPC_TEST_STREAMS_H

#include "files.h"

typedef enum { NO_METHOD, READ_AT, WRITE_AT, FLUSH, SET_SIZE, STAT, METHODS } Method;

typedef struct {
    ILockBytes face; /* first, as in every class */
    int references;
    BYTE *bytes;
    size_t size;
    ULONG most; /* bytes of one ReadAt or WriteAt; 0: as many as asked for */
    Method failing;
    int fail_at; /* which call of that method, from 0; later ones fail too, unless `once` */
    int once;
    HRESULT code;
    int calls[METHODS];
    ULONGLONG claimed; /* the size that Stat tells; 0: the true one */
    void (*meanwhile)(void); /* called once in the next ReadAt */
    int foreign_calls; /* of what is not to be called, or with null */
} Stream;

enum { STREAM_MOST = 1 << 20 };

static inline int stream_fails(Stream *stream, Method method)
{
    int number = stream->calls[method]++;
    return stream->failing == method && (stream->once ? number == stream->fail_at : number >= stream->fail_at);
}

static HRESULT STDMETHODCALLTYPE stream_query(ILockBytes *this, REFIID wanted, void **out)
{
    (void)wanted;
    ((Stream *)this)->foreign_calls++;
    *out = NULL;
    return E_NOINTERFACE;
}

static ULONG STDMETHODCALLTYPE stream_add_ref(ILockBytes *this)
{
    return (ULONG)++((Stream *)this)->references;
}

static ULONG STDMETHODCALLTYPE stream_release(ILockBytes *this)
{
    return (ULONG)--((Stream *)this)->references;
}

static HRESULT STDMETHODCALLTYPE stream_read(ILockBytes *this, ULARGE_INTEGER at, void *out, ULONG count, ULONG *read)
{
    Stream *stream = (Stream *)this;
    size_t left;
    if (out == NULL || read == NULL)
        stream->foreign_calls++;
    *read = 0;
    if (stream->meanwhile != NULL) {
        void (*meanwhile)(void) = stream->meanwhile;
        stream->meanwhile = NULL;
        meanwhile();
    }
    if (stream_fails(stream, READ_AT))
        return stream->code;
    left = at.QuadPart < stream->size ? stream->size - (size_t)at.QuadPart : 0;
    if (stream->most != 0 && count > stream->most)
        count = stream->most;
    if (count > left)
        count = (ULONG)left;
    if (count > 0)
        memcpy(out, stream->bytes + at.QuadPart, count);
    *read = count;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE stream_write(ILockBytes *this, ULARGE_INTEGER at, const void *from, ULONG count, ULONG *written)
{
    Stream *stream = (Stream *)this;
    if (from == NULL || written == NULL)
        stream->foreign_calls++;
    *written = 0;
    if (stream_fails(stream, WRITE_AT))
        return stream->code;
    if (stream->most != 0 && count > stream->most)
        count = stream->most;
    if (at.QuadPart + count > STREAM_MOST)
        return E_OUTOFMEMORY;
    if (at.QuadPart > stream->size)
        memset(stream->bytes + stream->size, 0, (size_t)at.QuadPart - stream->size);
    memcpy(stream->bytes + at.QuadPart, from, count);
    if (at.QuadPart + count > stream->size)
        stream->size = (size_t)at.QuadPart + count;
    *written = count;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE stream_flush(ILockBytes *this)
{
    Stream *stream = (Stream *)this;
    return stream_fails(stream, FLUSH) ? stream->code : S_OK;
}

static HRESULT STDMETHODCALLTYPE stream_set_size(ILockBytes *this, ULARGE_INTEGER size)
{
    Stream *stream = (Stream *)this;
    if (stream_fails(stream, SET_SIZE))
        return stream->code;
    if (size.QuadPart > STREAM_MOST)
        return E_OUTOFMEMORY;
    if (size.QuadPart > stream->size)
        memset(stream->bytes + stream->size, 0, (size_t)size.QuadPart - stream->size);
    stream->size = (size_t)size.QuadPart;
    return S_OK;
}

/* As many objects do: 0x80030001. */
static HRESULT STDMETHODCALLTYPE stream_lock(ILockBytes *this, ULARGE_INTEGER at, ULARGE_INTEGER count, DWORD kind)
{
    (void)this, (void)at, (void)count, (void)kind;
    return (HRESULT)0x80030001;
}

static HRESULT STDMETHODCALLTYPE stream_stat(ILockBytes *this, STATSTG *out, DWORD flags)
{
    Stream *stream = (Stream *)this;
    if (out == NULL || flags != 1) /* without the name, which would have to be freed */
        stream->foreign_calls++;
    if (stream_fails(stream, STAT))
        return stream->code;
    memset(out, 0, sizeof *out);
    out->type = 3;
    out->cbSize.QuadPart = stream->claimed != 0 ? stream->claimed : stream->size;
    return S_OK;
}

/* A stream of the test with one reference, which is the test's own. Its memory lasts for the program. */
static inline Stream *stream_number(int number)
{
    static ILockBytesVtbl table = {stream_query,    stream_add_ref, stream_release, stream_read,  stream_write,
                                   stream_flush, stream_set_size, stream_lock,  stream_lock, stream_stat};
    static Stream streams[4];
    static BYTE memory[4][STREAM_MOST];
    Stream *stream = &streams[number];
    memset(stream, 0, sizeof *stream);
    stream->face.lpVtbl = &table;
    stream->references = 1;
    stream->bytes = memory[number];
    stream->code = (HRESULT)0x80030070; /* no code of this library */
    return stream;
}

static inline Stream *stream_with(int number, const void *bytes, size_t count)
{
    Stream *stream = stream_number(number);
    REQUIRE(count <= STREAM_MOST);
    if (count > 0)
        memcpy(stream->bytes, bytes, count);
    stream->size = count;
    return stream;
}

static inline int stream_holds(const Stream *stream, const void *bytes, size_t count)
{
    return stream->size == count && (count == 0 || memcmp(stream->bytes, bytes, count) == 0);
}

#endif
