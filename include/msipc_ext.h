/*
 * Rights management: what this library has beside the interface of the RMS SDK 2.1.
 *
 * Generated from src/ffi; change it there and run `make headers`. The contract of msipc.h holds here too.
 */

#ifndef MSIPC_EXT_H
#define MSIPC_EXT_H

#include "msipc.h"

/** Major version of the header. */
#define IPCX_VERSION_MAJOR 0
/** Minor version of the header. */
#define IPCX_VERSION_MINOR 1
/** Patch version of the header. */
#define IPCX_VERSION_PATCH 0
/** Version of the header: major in bits 24 to 31, minor in bits 16 to 23, patch below. */
#define IPCX_VERSION 0x00010000
/**
 * AES-256 in GCM mode, segments of 4096 bytes: changes to the content are noticed. Readers other than this library do not
 * know it. A value of `IPC_LI_PREFERRED_ENCRYPTION_PACKAGE`.
 */
#define IPCX_ENCRYPTION_PACKAGE_AES256_GCM4K 0x00001001
/** `DWORD`: bytes that a block of `IPC_KI_BLOCK_SIZE` bytes has when it is encrypted. A property of keys. */
#define IPCX_KI_ENCRYPTED_BLOCK_SIZE 0x00001001

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Tells which function failed last on this thread, with which code, and why.
 *
 * `*ppwszDetail` is one line of English, `IpcX: 0x80070057: reason`, freed with `IpcFreeMemory`. It is `NULL` when nothing
 * failed on this thread yet. A later success does not erase it.
 *
 * # Returns
 * - `S_OK`: the line, or `NULL`.
 * - `E_INVALIDARG`: a null pointer.
 *
 * # Threads
 * Any thread; each has its own.
 *
 * # Safety
 * `ppwszDetail` is null or writable.
 */
MSIPC_API HRESULT WINAPI IpcxGetLastErrorDetail(LPCWSTR *ppwszDetail);

/**
 * Tells the version of the running library, composed as `IPCX_VERSION` of the header.
 *
 * # Threads
 * Any thread.
 */
MSIPC_API DWORD WINAPI IpcxGetVersion(void);

/**
 * Says whose account the process uses from now on: who is asking, where a call gives no credential.
 *
 * `wszIdentity` is read during the call only: a mail address, or null to return to `MSIPC_IDENTITY` and the account of
 * the operating system.
 *
 * # Returns
 * - `S_OK`: holds for all threads without an identity of their own. Keys that exist keep their account.
 * - `E_INVALIDARG`: not a mail address, text that is not valid.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * `wszIdentity` is null or ends in NUL.
 */
MSIPC_API HRESULT WINAPI IpcxSetIdentity(LPCWSTR wszIdentity);

/**
 * Says whose account this thread uses from now on.
 *
 * `wszIdentity` is read during the call only: a mail address, or null to return to the identity of the process.
 *
 * # Returns
 * - `S_OK`: holds for this thread. Keys that exist keep their account.
 * - `E_INVALIDARG`: not a mail address, text that is not valid.
 *
 * # Threads
 * Any thread; each has its own.
 *
 * # Safety
 * `wszIdentity` is null or ends in NUL.
 */
MSIPC_API HRESULT WINAPI IpcxSetThreadIdentity(LPCWSTR wszIdentity);

/**
 * Gives the passphrase under which the store of the embedded authority is sealed, before the store is first used.
 *
 * `wszPassphrase` is read during the call only. A copy stays in the memory of the process, because the store is opened
 * again after `IpcUninitializeEnvironment`.
 *
 * # Returns
 * - `S_OK`: taken; whether it fits shows when the store is opened.
 * - `E_INVALIDARG`: null, empty, text that is not valid.
 * - `IPCERROR_PROPERTY_ALREADY_SET`: the store is open.
 *
 * # Threads
 * Any thread; meant for the start of the program.
 *
 * # Safety
 * `wszPassphrase` is null or ends in NUL.
 */
MSIPC_API HRESULT WINAPI IpcxSetStorePassphrase(LPCWSTR wszPassphrase);

/**
 * Tells whether the package of a key notices changes to the content.
 *
 * `hKey` is borrowed. `*pfAuthenticated` belongs to the caller and is `FALSE` until the answer is known.
 *
 * # Returns
 * - `S_OK`: the answer.
 * - `E_INVALIDARG`: a null pointer.
 * - `E_HANDLE`: `hKey` is closed or is not a key.
 *
 * # Threads
 * Any thread, also on one key at once.
 *
 * # Safety
 * `pfAuthenticated` is null or writable.
 */
MSIPC_API HRESULT WINAPI IpcxIsAuthenticated(
    IPC_KEY_HANDLE hKey,
    LPBOOL pfAuthenticated);

/**
 * Tells the package of a key: an `IPC_ENCRYPTION_PACKAGE_` or `IPCX_ENCRYPTION_PACKAGE_` constant.
 *
 * `hKey` is borrowed. `*pdwPackage` belongs to the caller and is 0 until the answer is known, and for content of a kind
 * that has no number.
 *
 * # Returns
 * - `S_OK`: the answer.
 * - `E_INVALIDARG`: a null pointer.
 * - `E_HANDLE`: `hKey` is closed or is not a key.
 *
 * # Threads
 * Any thread, also on one key at once.
 *
 * # Safety
 * `pdwPackage` is null or writable.
 */
MSIPC_API HRESULT WINAPI IpcxGetKeyPackage(
    IPC_KEY_HANDLE hKey,
    LPDWORD pdwPackage);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* MSIPC_EXT_H */
