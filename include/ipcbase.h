/*
 * The base types of the interface, and how its text is written.
 *
 * On Windows they come from <windows.h>, which may be included before or not. Elsewhere they are declared here, with the
 * sizes they have on Windows: LONG and DWORD have 32 bits.
 *
 * WCHAR is wchar_t. A library built with 16-bit text outside Windows is used with MSIPC_UTF16 defined: WCHAR is then
 * char16_t (wchar_t where that has 16 bits). IPC_TEXT("text") is a literal of the right width; with MSIPC_UTF16 in C it
 * needs C11.
 */
#ifndef MSIPC_IPCBASE_H
#define MSIPC_IPCBASE_H

#if defined(_WIN32)

#include <windows.h>
#include <objidl.h>
#include <wincrypt.h>

#else

#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

#define WINAPI
#define CALLBACK
#define STDMETHODCALLTYPE

typedef unsigned char BYTE;
typedef uint16_t WORD;
typedef uint16_t USHORT;
typedef int32_t INT;
typedef uint32_t UINT;
typedef int32_t LONG;
typedef uint32_t ULONG;
typedef uint32_t DWORD;
typedef int32_t BOOL;
typedef LONG HRESULT;
typedef DWORD LCID;
typedef uint64_t DWORD64;
typedef uint64_t ULONGLONG;
typedef int64_t LONGLONG;

#if !defined(MSIPC_UTF16) || (defined(__SIZEOF_WCHAR_T__) && __SIZEOF_WCHAR_T__ == 2)
typedef wchar_t WCHAR;
#elif defined(__cplusplus)
typedef char16_t WCHAR;
#else
typedef __CHAR16_TYPE__ WCHAR;
#endif
typedef WCHAR OLECHAR;

typedef void *HANDLE;
typedef void *PVOID;
typedef void *LPVOID;
typedef const void *LPCVOID;
typedef BYTE *PBYTE;
typedef BYTE *LPBYTE;
typedef DWORD *PDWORD;
typedef DWORD *LPDWORD;
typedef BOOL *PBOOL;
typedef BOOL *LPBOOL;
typedef WCHAR *LPWSTR;
typedef WCHAR *PWSTR;
typedef const WCHAR *LPCWSTR;
typedef const WCHAR *PCWSTR;
typedef OLECHAR *LPOLESTR;

#define DECLARE_HANDLE(name) typedef struct name##__ *name

DECLARE_HANDLE(HWND);
/* A certificate of the Windows certificate store; opaque here. */
typedef const struct CERT_CONTEXT__ *PCCERT_CONTEXT;

typedef struct _FILETIME {
    DWORD dwLowDateTime;
    DWORD dwHighDateTime;
} FILETIME, *PFILETIME, *LPFILETIME;

typedef struct _GUID {
    DWORD Data1;
    WORD Data2;
    WORD Data3;
    BYTE Data4[8];
} GUID;
typedef GUID IID;
typedef GUID CLSID;

#if defined(__GNUC__)
#define IPC_EXTENSION_ __extension__
#define IPC_UNUSED_ __attribute__((unused))
#else
#define IPC_EXTENSION_
#define IPC_UNUSED_
#endif

typedef union _ULARGE_INTEGER {
    IPC_EXTENSION_ struct {
        DWORD LowPart;
        DWORD HighPart;
    };
    struct {
        DWORD LowPart;
        DWORD HighPart;
    } u;
    ULONGLONG QuadPart;
} ULARGE_INTEGER;

typedef struct tagSTATSTG {
    LPOLESTR pwcsName;
    DWORD type;
    ULARGE_INTEGER cbSize;
    FILETIME mtime;
    FILETIME ctime;
    FILETIME atime;
    DWORD grfMode;
    DWORD grfLocksSupported;
    CLSID clsid;
    DWORD grfStateBits;
    DWORD reserved;
} STATSTG;

static const IID IID_IUnknown IPC_UNUSED_ = {0x00000000, 0x0000, 0x0000, {0xC0, 0, 0, 0, 0, 0, 0, 0x46}};
static const IID IID_ILockBytes IPC_UNUSED_ = {0x0000000A, 0x0000, 0x0000, {0xC0, 0, 0, 0, 0, 0, 0, 0x46}};

#ifdef __cplusplus

#define REFIID const IID &

struct IUnknown {
    virtual HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void **ppvObject) = 0;
    virtual ULONG STDMETHODCALLTYPE AddRef() = 0;
    virtual ULONG STDMETHODCALLTYPE Release() = 0;
};

struct ILockBytes : public IUnknown {
    virtual HRESULT STDMETHODCALLTYPE ReadAt(ULARGE_INTEGER ulOffset, void *pv, ULONG cb, ULONG *pcbRead) = 0;
    virtual HRESULT STDMETHODCALLTYPE WriteAt(ULARGE_INTEGER ulOffset, const void *pv, ULONG cb, ULONG *pcbWritten) = 0;
    virtual HRESULT STDMETHODCALLTYPE Flush() = 0;
    virtual HRESULT STDMETHODCALLTYPE SetSize(ULARGE_INTEGER cb) = 0;
    virtual HRESULT STDMETHODCALLTYPE LockRegion(ULARGE_INTEGER libOffset, ULARGE_INTEGER cb, DWORD dwLockType) = 0;
    virtual HRESULT STDMETHODCALLTYPE UnlockRegion(ULARGE_INTEGER libOffset, ULARGE_INTEGER cb, DWORD dwLockType) = 0;
    virtual HRESULT STDMETHODCALLTYPE Stat(STATSTG *pstatstg, DWORD grfStatFlag) = 0;
};

#else

#define REFIID const IID *

typedef struct IUnknown IUnknown;
typedef struct ILockBytes ILockBytes;

typedef struct IUnknownVtbl {
    HRESULT(STDMETHODCALLTYPE *QueryInterface)(IUnknown *This, REFIID riid, void **ppvObject);
    ULONG(STDMETHODCALLTYPE *AddRef)(IUnknown *This);
    ULONG(STDMETHODCALLTYPE *Release)(IUnknown *This);
} IUnknownVtbl;

struct IUnknown {
    IUnknownVtbl *lpVtbl;
};

typedef struct ILockBytesVtbl {
    HRESULT(STDMETHODCALLTYPE *QueryInterface)(ILockBytes *This, REFIID riid, void **ppvObject);
    ULONG(STDMETHODCALLTYPE *AddRef)(ILockBytes *This);
    ULONG(STDMETHODCALLTYPE *Release)(ILockBytes *This);
    HRESULT(STDMETHODCALLTYPE *ReadAt)(ILockBytes *This, ULARGE_INTEGER ulOffset, void *pv, ULONG cb, ULONG *pcbRead);
    HRESULT(STDMETHODCALLTYPE *WriteAt)
    (ILockBytes *This, ULARGE_INTEGER ulOffset, const void *pv, ULONG cb, ULONG *pcbWritten);
    HRESULT(STDMETHODCALLTYPE *Flush)(ILockBytes *This);
    HRESULT(STDMETHODCALLTYPE *SetSize)(ILockBytes *This, ULARGE_INTEGER cb);
    HRESULT(STDMETHODCALLTYPE *LockRegion)
    (ILockBytes *This, ULARGE_INTEGER libOffset, ULARGE_INTEGER cb, DWORD dwLockType);
    HRESULT(STDMETHODCALLTYPE *UnlockRegion)
    (ILockBytes *This, ULARGE_INTEGER libOffset, ULARGE_INTEGER cb, DWORD dwLockType);
    HRESULT(STDMETHODCALLTYPE *Stat)(ILockBytes *This, STATSTG *pstatstg, DWORD grfStatFlag);
} ILockBytesVtbl;

struct ILockBytes {
    ILockBytesVtbl *lpVtbl;
};

#endif

#define SUCCEEDED(hr) (((HRESULT)(hr)) >= 0)
#define FAILED(hr) (((HRESULT)(hr)) < 0)
#define HRESULT_FROM_WIN32(x) \
    ((HRESULT)(x) <= 0 ? ((HRESULT)(x)) : ((HRESULT)(((DWORD)(x)&0x0000FFFFu) | 0x80070000u)))

#define S_OK ((HRESULT)0x00000000)
#define S_FALSE ((HRESULT)0x00000001)
#define E_NOTIMPL ((HRESULT)0x80004001)
#define E_NOINTERFACE ((HRESULT)0x80004002)
#define E_POINTER ((HRESULT)0x80004003)
#define E_ABORT ((HRESULT)0x80004004)
#define E_FAIL ((HRESULT)0x80004005)
#define E_PENDING ((HRESULT)0x8000000A)
#define E_UNEXPECTED ((HRESULT)0x8000FFFF)
#define E_ACCESSDENIED ((HRESULT)0x80070005)
#define E_HANDLE ((HRESULT)0x80070006)
#define E_OUTOFMEMORY ((HRESULT)0x8007000E)
#define E_INVALIDARG ((HRESULT)0x80070057)
#define STG_E_INVALIDFUNCTION ((HRESULT)0x80030001)
#define STG_E_FILENOTFOUND ((HRESULT)0x80030002)
#define STG_E_ACCESSDENIED ((HRESULT)0x80030005)
#define STG_E_INSUFFICIENTMEMORY ((HRESULT)0x80030008)
#define STG_E_INVALIDPOINTER ((HRESULT)0x80030009)
#define STG_E_SEEKERROR ((HRESULT)0x80030019)
#define STG_E_WRITEFAULT ((HRESULT)0x8003001D)
#define STG_E_READFAULT ((HRESULT)0x8003001E)
#define STG_E_LOCKVIOLATION ((HRESULT)0x80030021)
#define STG_E_INVALIDPARAMETER ((HRESULT)0x80030057)
#define STG_E_MEDIUMFULL ((HRESULT)0x80030070)
#define STG_E_UNIMPLEMENTEDFUNCTION ((HRESULT)0x800300FE)
#define STG_E_INVALIDFLAG ((HRESULT)0x800300FF)
#define RPC_E_CHANGED_MODE ((HRESULT)0x80010106)
#define RPC_E_WRONG_THREAD ((HRESULT)0x8001010E)
#define CERT_E_EXPIRED ((HRESULT)0x800B0101)
#define CRYPT_E_NOT_FOUND ((HRESULT)0x80092004)
#define NTE_BAD_DATA ((HRESULT)0x80090005)

#define ERROR_SUCCESS 0
#define ERROR_FILE_NOT_FOUND 2
#define ERROR_PATH_NOT_FOUND 3
#define ERROR_TOO_MANY_OPEN_FILES 4
#define ERROR_ACCESS_DENIED 5
#define ERROR_INVALID_HANDLE 6
#define ERROR_NOT_ENOUGH_MEMORY 8
#define ERROR_BAD_FORMAT 11
#define ERROR_INVALID_DATA 13
#define ERROR_OUTOFMEMORY 14
#define ERROR_WRITE_PROTECT 19
#define ERROR_NOT_READY 21
#define ERROR_SHARING_VIOLATION 32
#define ERROR_LOCK_VIOLATION 33
#define ERROR_HANDLE_EOF 38
#define ERROR_NOT_SUPPORTED 50
#define ERROR_FILE_EXISTS 80
#define ERROR_INVALID_PARAMETER 87
#define ERROR_DISK_FULL 112
#define ERROR_CALL_NOT_IMPLEMENTED 120
#define ERROR_INSUFFICIENT_BUFFER 122
#define ERROR_INVALID_NAME 123
#define ERROR_MOD_NOT_FOUND 126
#define ERROR_PROC_NOT_FOUND 127
#define ERROR_ALREADY_EXISTS 183
#define ERROR_FILENAME_EXCED_RANGE 206
#define ERROR_MORE_DATA 234
#define ERROR_NO_MORE_ITEMS 259
#define ERROR_OPERATION_ABORTED 995
#define ERROR_NO_UNICODE_TRANSLATION 1113
#define ERROR_IO_DEVICE 1117
#define ERROR_NOT_FOUND 1168
#define ERROR_NO_NETWORK 1222
#define ERROR_CANCELLED 1223
#define ERROR_CONNECTION_REFUSED 1225
#define ERROR_NETWORK_UNREACHABLE 1231
#define ERROR_NOT_AUTHENTICATED 1244
#define ERROR_NOT_LOGGED_ON 1245
#define ERROR_ALREADY_INITIALIZED 1247
#define ERROR_LOGON_FAILURE 1326
#define ERROR_INTERNAL_ERROR 1359
#define ERROR_FILE_CORRUPT 1392
#define ERROR_TIMEOUT 1460
#define ERROR_UNSUPPORTED_TYPE 1630
#define ERROR_CANT_RESOLVE_FILENAME 1921
#define ERROR_INVALID_STATE 5023
#define ERROR_ENCRYPTION_FAILED 6000
#define ERROR_DECRYPTION_FAILED 6001
#define ERROR_FILE_READ_ONLY 6009

#ifndef FALSE
#define FALSE 0
#endif
#ifndef TRUE
#define TRUE 1
#endif
#ifndef MAX_PATH
#define MAX_PATH 260
#endif
#ifndef ANYSIZE_ARRAY
#define ANYSIZE_ARRAY 1
#endif
#ifndef STGTY_STORAGE
#define STGTY_STORAGE 1
#endif
#ifndef STGTY_STREAM
#define STGTY_STREAM 2
#endif
#ifndef STGTY_LOCKBYTES
#define STGTY_LOCKBYTES 3
#endif
#ifndef STGTY_PROPERTY
#define STGTY_PROPERTY 4
#endif
#ifndef STATFLAG_DEFAULT
#define STATFLAG_DEFAULT 0
#endif
#ifndef STATFLAG_NONAME
#define STATFLAG_NONAME 1
#endif
#ifndef STATFLAG_NOOPEN
#define STATFLAG_NOOPEN 2
#endif
#ifndef LOCK_WRITE
#define LOCK_WRITE 1
#endif
#ifndef LOCK_EXCLUSIVE
#define LOCK_EXCLUSIVE 2
#endif
#ifndef LOCK_ONLYONCE
#define LOCK_ONLYONCE 4
#endif

#endif /* not _WIN32 */

/* A wide literal. */
#if defined(MSIPC_UTF16) && !defined(_WIN32) && !(defined(__SIZEOF_WCHAR_T__) && __SIZEOF_WCHAR_T__ == 2)
#define IPC_TEXT(quote) u##quote
#else
#define IPC_TEXT(quote) L##quote
#endif

/* In compiled programs IpcInitialize goes by a name that tells the width of WCHAR, so that a program for one width does not
 * link with the library of the other. Who looks functions up by name finds it as IpcInitialize in both. */
#ifndef IPC_OF_WIDTH
#if defined(_WIN32) || !defined(__GNUC__)
#define IPC_OF_WIDTH
#else
#define IPC_QUOTE_(text) #text
#define IPC_LABEL_(prefix, name) __asm__(IPC_QUOTE_(prefix) name)
#define IPC_LABEL(prefix, name) IPC_LABEL_(prefix, name)
#if defined(MSIPC_UTF16) || __SIZEOF_WCHAR_T__ == 2
#define IPC_OF_WIDTH IPC_LABEL(__USER_LABEL_PREFIX__, "IpcxInitialize16")
#else
#define IPC_OF_WIDTH IPC_LABEL(__USER_LABEL_PREFIX__, "IpcxInitialize32")
#endif
#endif
#endif

/* With NONAMELESSUNION defined, unions inside structures are members named u. */
#ifdef NONAMELESSUNION
#define IPC_UNION_NAME u
#else
#define IPC_UNION_NAME
#endif
#ifdef __GNUC__
#define IPC_NAMELESS __extension__
#else
#define IPC_NAMELESS
#endif

/* Where a function comes from: define MSIPC_STATIC when linking the static library on Windows. */
#if defined(_WIN32) && !defined(MSIPC_STATIC)
#define MSIPC_API __declspec(dllimport)
#else
#define MSIPC_API
#endif

#endif /* MSIPC_IPCBASE_H */
