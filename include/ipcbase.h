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

/* A conversion in the manner of the language: C++ programs may be compiled with -Wold-style-cast. */
#ifdef __cplusplus
#define IPC_CAST_(type, value) static_cast<type>(value)
#else
#define IPC_CAST_(type, value) ((type)(value))
#endif
#define IPC_RESULT_(code) IPC_CAST_(HRESULT, code)

#if defined(_WIN32)

#include <windows.h>
#include <objidl.h>
#include <wincrypt.h>

#else

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

/* A macro that the program, or a header before this one, has defined already stays as it is. */
#ifndef WINAPI
#define WINAPI
#endif
#ifndef CALLBACK
#define CALLBACK
#endif
#ifndef STDMETHODCALLTYPE
#define STDMETHODCALLTYPE
#endif
#ifndef VOID
#define VOID void
#endif
#ifndef CONST
#define CONST const
#endif

typedef char CHAR;
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
typedef size_t SIZE_T;
/* Other libraries, of pictures and windows, have a type INT32 of their own: define this where both are included. */
#ifndef MSIPC_NO_SIZED_INTEGERS
typedef int32_t INT32;
typedef uint32_t UINT32;
typedef int64_t INT64;
typedef uint64_t UINT64;
#endif

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
typedef CHAR *LPSTR;
typedef const CHAR *LPCSTR;
typedef WCHAR *LPWSTR;
typedef WCHAR *PWSTR;
typedef const WCHAR *LPCWSTR;
typedef const WCHAR *PCWSTR;
typedef OLECHAR *LPOLESTR;

#ifndef DECLARE_HANDLE
#define DECLARE_HANDLE(name) typedef struct name##__ *name
#endif

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

#define REFGUID const GUID &
#define REFIID const IID &
#define REFCLSID const CLSID &

extern "C++" {
inline int IsEqualGUID(REFGUID rguid1, REFGUID rguid2)
{
    return memcmp(&rguid1, &rguid2, sizeof(GUID)) == 0;
}
inline bool operator==(REFGUID one, REFGUID other)
{
    return memcmp(&one, &other, sizeof(GUID)) == 0;
}
inline bool operator!=(REFGUID one, REFGUID other)
{
    return memcmp(&one, &other, sizeof(GUID)) != 0;
}
}

/* Objects are freed with Release: a virtual destructor would have a place in the table. */
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
#endif

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

#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

#else

#define REFGUID const GUID *
#define REFIID const IID *
#define REFCLSID const CLSID *
#ifndef IsEqualGUID
#define IsEqualGUID(rguid1, rguid2) (!memcmp(rguid1, rguid2, sizeof(GUID)))
#endif

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

#ifndef IsEqualIID
#define IsEqualIID(riid1, riid2) IsEqualGUID(riid1, riid2)
#endif
#ifndef IsEqualCLSID
#define IsEqualCLSID(rclsid1, rclsid2) IsEqualGUID(rclsid1, rclsid2)
#endif

#ifndef ZeroMemory
#define ZeroMemory(destination, length) memset((destination), 0, (length))
#endif
#ifndef CopyMemory
#define CopyMemory(destination, source, length) memcpy((destination), (source), (length))
#endif

#ifndef STDMETHODIMP
#define STDMETHODIMP HRESULT STDMETHODCALLTYPE
#endif
#ifndef STDMETHODIMP_
#define STDMETHODIMP_(type) type STDMETHODCALLTYPE
#endif

#ifndef SUCCEEDED
#define SUCCEEDED(hr) (IPC_CAST_(HRESULT, hr) >= 0)
#endif
#ifndef FAILED
#define FAILED(hr) (IPC_CAST_(HRESULT, hr) < 0)
#endif
#ifndef HRESULT_CODE
#define HRESULT_CODE(hr) ((hr)&0xFFFF)
#endif
#ifndef HRESULT_FACILITY
#define HRESULT_FACILITY(hr) (((hr) >> 16) & 0x1FFF)
#endif
#ifndef SEVERITY_SUCCESS
#define SEVERITY_SUCCESS 0
#endif
#ifndef SEVERITY_ERROR
#define SEVERITY_ERROR 1
#endif
#ifndef FACILITY_ITF
#define FACILITY_ITF 4
#endif
#ifndef FACILITY_WIN32
#define FACILITY_WIN32 7
#endif
#ifndef MAKE_HRESULT
#define MAKE_HRESULT(sev, fac, code) \
    IPC_RESULT_((IPC_CAST_(DWORD, sev) << 31) | (IPC_CAST_(DWORD, fac) << 16) | IPC_CAST_(DWORD, code))
#endif
#ifndef HRESULT_FROM_WIN32
#define HRESULT_FROM_WIN32(x) \
    (IPC_CAST_(HRESULT, x) <= 0 ? IPC_CAST_(HRESULT, x) : IPC_RESULT_((IPC_CAST_(DWORD, x) & 0x0000FFFFu) | 0x80070000u))
#endif

#ifndef NOERROR
#define NOERROR 0
#endif
#ifndef S_OK
#define S_OK IPC_RESULT_(0x00000000)
#endif
#ifndef S_FALSE
#define S_FALSE IPC_RESULT_(0x00000001)
#endif
#ifndef E_NOTIMPL
#define E_NOTIMPL IPC_RESULT_(0x80004001)
#endif
#ifndef E_NOINTERFACE
#define E_NOINTERFACE IPC_RESULT_(0x80004002)
#endif
#ifndef E_POINTER
#define E_POINTER IPC_RESULT_(0x80004003)
#endif
#ifndef E_ABORT
#define E_ABORT IPC_RESULT_(0x80004004)
#endif
#ifndef E_FAIL
#define E_FAIL IPC_RESULT_(0x80004005)
#endif
#ifndef E_PENDING
#define E_PENDING IPC_RESULT_(0x8000000A)
#endif
#ifndef E_UNEXPECTED
#define E_UNEXPECTED IPC_RESULT_(0x8000FFFF)
#endif
#ifndef E_ACCESSDENIED
#define E_ACCESSDENIED IPC_RESULT_(0x80070005)
#endif
#ifndef E_HANDLE
#define E_HANDLE IPC_RESULT_(0x80070006)
#endif
#ifndef E_OUTOFMEMORY
#define E_OUTOFMEMORY IPC_RESULT_(0x8007000E)
#endif
#ifndef E_INVALIDARG
#define E_INVALIDARG IPC_RESULT_(0x80070057)
#endif
#ifndef STG_E_INVALIDFUNCTION
#define STG_E_INVALIDFUNCTION IPC_RESULT_(0x80030001)
#endif
#ifndef STG_E_FILENOTFOUND
#define STG_E_FILENOTFOUND IPC_RESULT_(0x80030002)
#endif
#ifndef STG_E_ACCESSDENIED
#define STG_E_ACCESSDENIED IPC_RESULT_(0x80030005)
#endif
#ifndef STG_E_INSUFFICIENTMEMORY
#define STG_E_INSUFFICIENTMEMORY IPC_RESULT_(0x80030008)
#endif
#ifndef STG_E_INVALIDPOINTER
#define STG_E_INVALIDPOINTER IPC_RESULT_(0x80030009)
#endif
#ifndef STG_E_SEEKERROR
#define STG_E_SEEKERROR IPC_RESULT_(0x80030019)
#endif
#ifndef STG_E_WRITEFAULT
#define STG_E_WRITEFAULT IPC_RESULT_(0x8003001D)
#endif
#ifndef STG_E_READFAULT
#define STG_E_READFAULT IPC_RESULT_(0x8003001E)
#endif
#ifndef STG_E_LOCKVIOLATION
#define STG_E_LOCKVIOLATION IPC_RESULT_(0x80030021)
#endif
#ifndef STG_E_INVALIDPARAMETER
#define STG_E_INVALIDPARAMETER IPC_RESULT_(0x80030057)
#endif
#ifndef STG_E_MEDIUMFULL
#define STG_E_MEDIUMFULL IPC_RESULT_(0x80030070)
#endif
#ifndef STG_E_UNIMPLEMENTEDFUNCTION
#define STG_E_UNIMPLEMENTEDFUNCTION IPC_RESULT_(0x800300FE)
#endif
#ifndef STG_E_INVALIDFLAG
#define STG_E_INVALIDFLAG IPC_RESULT_(0x800300FF)
#endif
#ifndef RPC_E_CHANGED_MODE
#define RPC_E_CHANGED_MODE IPC_RESULT_(0x80010106)
#endif
#ifndef RPC_E_WRONG_THREAD
#define RPC_E_WRONG_THREAD IPC_RESULT_(0x8001010E)
#endif
#ifndef CERT_E_EXPIRED
#define CERT_E_EXPIRED IPC_RESULT_(0x800B0101)
#endif
#ifndef CRYPT_E_NOT_FOUND
#define CRYPT_E_NOT_FOUND IPC_RESULT_(0x80092004)
#endif
#ifndef NTE_BAD_DATA
#define NTE_BAD_DATA IPC_RESULT_(0x80090005)
#endif

#ifndef ERROR_SUCCESS
#define ERROR_SUCCESS 0
#endif
#ifndef ERROR_FILE_NOT_FOUND
#define ERROR_FILE_NOT_FOUND 2
#endif
#ifndef ERROR_PATH_NOT_FOUND
#define ERROR_PATH_NOT_FOUND 3
#endif
#ifndef ERROR_ACCESS_DENIED
#define ERROR_ACCESS_DENIED 5
#endif
#ifndef ERROR_INVALID_HANDLE
#define ERROR_INVALID_HANDLE 6
#endif
#ifndef ERROR_NOT_ENOUGH_MEMORY
#define ERROR_NOT_ENOUGH_MEMORY 8
#endif
#ifndef ERROR_BAD_FORMAT
#define ERROR_BAD_FORMAT 11
#endif
#ifndef ERROR_INVALID_DATA
#define ERROR_INVALID_DATA 13
#endif
#ifndef ERROR_OUTOFMEMORY
#define ERROR_OUTOFMEMORY 14
#endif
#ifndef ERROR_WRITE_PROTECT
#define ERROR_WRITE_PROTECT 19
#endif
#ifndef ERROR_NOT_READY
#define ERROR_NOT_READY 21
#endif
#ifndef ERROR_SHARING_VIOLATION
#define ERROR_SHARING_VIOLATION 32
#endif
#ifndef ERROR_LOCK_VIOLATION
#define ERROR_LOCK_VIOLATION 33
#endif
#ifndef ERROR_HANDLE_EOF
#define ERROR_HANDLE_EOF 38
#endif
#ifndef ERROR_NOT_SUPPORTED
#define ERROR_NOT_SUPPORTED 50
#endif
#ifndef ERROR_FILE_EXISTS
#define ERROR_FILE_EXISTS 80
#endif
#ifndef ERROR_INVALID_PARAMETER
#define ERROR_INVALID_PARAMETER 87
#endif
#ifndef ERROR_DISK_FULL
#define ERROR_DISK_FULL 112
#endif
#ifndef ERROR_CALL_NOT_IMPLEMENTED
#define ERROR_CALL_NOT_IMPLEMENTED 120
#endif
#ifndef ERROR_INSUFFICIENT_BUFFER
#define ERROR_INSUFFICIENT_BUFFER 122
#endif
#ifndef ERROR_INVALID_NAME
#define ERROR_INVALID_NAME 123
#endif
#ifndef ERROR_MOD_NOT_FOUND
#define ERROR_MOD_NOT_FOUND 126
#endif
#ifndef ERROR_PROC_NOT_FOUND
#define ERROR_PROC_NOT_FOUND 127
#endif
#ifndef ERROR_ALREADY_EXISTS
#define ERROR_ALREADY_EXISTS 183
#endif
#ifndef ERROR_FILENAME_EXCED_RANGE
#define ERROR_FILENAME_EXCED_RANGE 206
#endif
#ifndef ERROR_MORE_DATA
#define ERROR_MORE_DATA 234
#endif
#ifndef ERROR_NO_MORE_ITEMS
#define ERROR_NO_MORE_ITEMS 259
#endif
#ifndef ERROR_OPERATION_ABORTED
#define ERROR_OPERATION_ABORTED 995
#endif
#ifndef ERROR_NO_UNICODE_TRANSLATION
#define ERROR_NO_UNICODE_TRANSLATION 1113
#endif
#ifndef ERROR_NOT_FOUND
#define ERROR_NOT_FOUND 1168
#endif
#ifndef ERROR_NO_NETWORK
#define ERROR_NO_NETWORK 1222
#endif
#ifndef ERROR_CANCELLED
#define ERROR_CANCELLED 1223
#endif
#ifndef ERROR_CONNECTION_REFUSED
#define ERROR_CONNECTION_REFUSED 1225
#endif
#ifndef ERROR_NETWORK_UNREACHABLE
#define ERROR_NETWORK_UNREACHABLE 1231
#endif
#ifndef ERROR_NOT_AUTHENTICATED
#define ERROR_NOT_AUTHENTICATED 1244
#endif
#ifndef ERROR_NOT_LOGGED_ON
#define ERROR_NOT_LOGGED_ON 1245
#endif
#ifndef ERROR_ALREADY_INITIALIZED
#define ERROR_ALREADY_INITIALIZED 1247
#endif
#ifndef ERROR_LOGON_FAILURE
#define ERROR_LOGON_FAILURE 1326
#endif
#ifndef ERROR_INTERNAL_ERROR
#define ERROR_INTERNAL_ERROR 1359
#endif
#ifndef ERROR_FILE_CORRUPT
#define ERROR_FILE_CORRUPT 1392
#endif
#ifndef ERROR_TIMEOUT
#define ERROR_TIMEOUT 1460
#endif
#ifndef ERROR_UNSUPPORTED_TYPE
#define ERROR_UNSUPPORTED_TYPE 1630
#endif
#ifndef ERROR_INVALID_STATE
#define ERROR_INVALID_STATE 5023
#endif
#ifndef ERROR_ENCRYPTION_FAILED
#define ERROR_ENCRYPTION_FAILED 6000
#endif
#ifndef ERROR_DECRYPTION_FAILED
#define ERROR_DECRYPTION_FAILED 6001
#endif
#ifndef ERROR_FILE_READ_ONLY
#define ERROR_FILE_READ_ONLY 6009
#endif

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

/* In compiled programs IpcInitialize and IpcFreeMemory go by names that tell the width of WCHAR, so that a program for one
 * width, which calls at least one of them, does not link with the library of the other. Who looks functions up by name
 * finds them as IpcInitialize and IpcFreeMemory in both. */
#ifndef IPC_OF_WIDTH
#if defined(_WIN32) || !defined(__GNUC__)
#define IPC_OF_WIDTH(name)
#else
/* How the system writes the names of C. */
#if defined(__APPLE__)
#define IPC_LABEL_(name) __asm__("_" name)
#else
#define IPC_LABEL_(name) __asm__(name)
#endif
#if defined(MSIPC_UTF16) || __SIZEOF_WCHAR_T__ == 2
#define IPC_OF_WIDTH(name) IPC_LABEL_("Ipcx" name "16")
#else
#define IPC_OF_WIDTH(name) IPC_LABEL_("Ipcx" name "32")
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
