/*
 * Rights management: what this library has beside the interface of the RMS SDK 2.1.
 *
 * Generated from src/ffi; change it there and run `make headers`. The contract of msipc.h holds here too.
 */

#ifndef MSIPC_EXT_H
#define MSIPC_EXT_H

#include "msipc.h"

/** What is to be revoked or restored. */
typedef struct _IPCX_REVOCATION {
    /** Size of this structure in bytes. */
    DWORD cbSize;
    /** One of the `IPCX_REVOKE_` constants. */
    DWORD dwTarget;
    /** `IPCX_REVOKE_FLAG_` bits. */
    DWORD dwFlags;
    /** With `IPCX_REVOKE_CONTENT` the content id, else null. */
    LPCWSTR wszContentId;
    /** With `IPCX_REVOKE_LICENSE` the license, else null. */
    PCIPC_BUFFER pLicense;
    /** Who protected the content; null is the account that calls. Not looked at for a license. */
    LPCWSTR wszIssuer;
    /** Only what was issued from this moment on, UTC; 0 is open. */
    FILETIME ftIssuedFrom;
    /** Only what was issued before this moment, UTC; 0 is open. */
    FILETIME ftIssuedUntil;
} IPCX_REVOCATION;

/** Pointer to a revocation that is only read. */
typedef const struct _IPCX_REVOCATION *PCIPCX_REVOCATION;

/** A line of the usage log. A text is empty where the line has nothing to say. */
typedef struct _IPCX_LOG_ENTRY {
    /** When, UTC, to the second. */
    FILETIME ftTime;
    /** Number of the line, counted from 1. */
    DWORD64 qwLine;
    /** What was asked: `AcquireLicense`, `CreatePublishingLicense`, `RevokeAccess` and the like. */
    LPCWSTR wszOperation;
    /** How it ended: `Success`, `AccessDenied`, `Revoked`, `Expired`, `NotYetValid`, `InvalidLicense`, `Failed`. */
    LPCWSTR wszResult;
    /** Who asked. */
    LPCWSTR wszUser;
    /** Who protected the content. */
    LPCWSTR wszIssuer;
    /** Who owns the content. */
    LPCWSTR wszOwner;
    /** The content. */
    LPCWSTR wszContentId;
    /** Name of the document. */
    LPCWSTR wszContentName;
    /** The template or the policy of its own. */
    LPCWSTR wszTemplateId;
    /** The rights that were granted, separated by commas. */
    LPCWSTR wszRights;
    /** What an administrator or a super user did. */
    LPCWSTR wszAction;
    /** The program. */
    LPCWSTR wszApplication;
    /** Identity of the request. */
    LPCWSTR wszRequestId;
} IPCX_LOG_ENTRY;

/** Lines of the usage log, the oldest first. */
typedef struct _IPCX_LOG_LIST {
    /** How many lines follow. */
    DWORD cEntries;
    /** The lines; there are as many as counted. */
    struct _IPCX_LOG_ENTRY aEntries[1];
} IPCX_LOG_LIST;

/** Pointer to lines of the usage log that are only read. */
typedef const struct _IPCX_LOG_LIST *PCIPCX_LOG_LIST;

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
/** `IPCX_REVOCATION::dwTarget`: the content of `wszContentId`. */
#define IPCX_REVOKE_CONTENT 1
/** `IPCX_REVOCATION::dwTarget`: the license of `pLicense`, with and without metadata. */
#define IPCX_REVOKE_LICENSE 2
/** `IPCX_REVOCATION::dwTarget`: every license of the issuer. */
#define IPCX_REVOKE_ALL 3
/** `IPCX_REVOCATION::dwFlags`: of every issuer; for administrators. */
#define IPCX_REVOKE_FLAG_EVERYBODY 1
/** Most lines that one query of the usage log gives. */
#define IPCX_LOG_LINES_MAX 0x000186A0

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

/**
 * Accepts the present moment as right, after the clock of the machine had been wrong.
 *
 * The library remembers the latest moment that it saw. While the clock is more than five minutes behind it, use licenses
 * that were kept do not serve: `IpcGetKey` asks the authority anew, and with `IPC_PROMPT_FLAG_OFFLINE` it returns
 * `IPCERROR_CLOCK_ROLL_BACK_DETECTED`. When the clock had been ahead by mistake, an administrator ends that here.
 * `pContext` is borrowed and may be null: on whose behalf.
 *
 * # Returns
 * - `S_OK`: the present moment is now the latest that was seen.
 * - `E_ACCESSDENIED`: the account does not administer the embedded authority.
 * - `E_INVALIDARG`: a wrong `cbSize`, unknown flags.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * `pContext` is null or valid with everything that it points to.
 */
MSIPC_API HRESULT WINAPI IpcxResetClockMark(PCIPC_PROMPT_CTX pContext);

/**
 * Refuses licenses from now on, to everybody but the account that protected the content and revokes it, and super users.
 *
 * `pRevocation` and `pContext` are borrowed; `pContext` may be null. Use licenses that were handed out before serve where
 * nobody can ask the authority, until they end or a revocation list is imported there.
 *
 * # Returns
 * - `S_OK`: revoked; also when it was before.
 * - `E_INVALIDARG`: a null pointer, a wrong size, a target that does not fit, everything of everybody at any time.
 * - `E_ACCESSDENIED`: the account did not protect the content and is no administrator. To own it is not enough.
 * - `IPCERROR_BROKEN_CERT_CHAIN`, `HRESULT_FROM_WIN32(ERROR_INVALID_DATA)`: the license is not good.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid with everything they point to.
 */
MSIPC_API HRESULT WINAPI IpcxRevoke(
    PCIPCX_REVOCATION pRevocation,
    PCIPC_PROMPT_CTX pContext);

/**
 * Lifts revocations with the same target, issuer and dates. An administrator lifts those of issuers too.
 *
 * `pRevocation` and `pContext` are borrowed; `pContext` may be null.
 *
 * # Returns
 * - `S_OK`: lifted.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: there was none that the account may lift.
 * - The codes of `IpcxRevoke`.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid with everything they point to.
 */
MSIPC_API HRESULT WINAPI IpcxRestore(
    PCIPCX_REVOCATION pRevocation,
    PCIPC_PROMPT_CTX pContext);

/**
 * Makes a signed list of all revocations, for places that cannot ask the authority.
 *
 * `dwDays` are the days after which the list is to be replaced and says nothing any more, 1 to 366. `pContext` is borrowed
 * and may be null. `*ppList` is one block that the caller frees with `IpcFreeMemory`; it is `NULL` until the list is made.
 *
 * # Returns
 * - `S_OK`: the list. Its number is higher than that of every list before.
 * - `E_INVALIDARG`: a null pointer, days out of range.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * `pContext` is null or valid; `ppList` is null or writable.
 */
MSIPC_API HRESULT WINAPI IpcxExportRevocationList(
    DWORD dwDays,
    PCIPC_PROMPT_CTX pContext,
    PIPC_BUFFER *ppList);

/**
 * Takes a revocation list, which holds for calls with `IPC_PROMPT_FLAG_OFFLINE` from now on.
 *
 * `pList` is borrowed: what `IpcxExportRevocationList` made.
 *
 * # Returns
 * - `S_OK`: taken; also when it was before.
 * - `E_INVALIDARG`: a null pointer, a list that is overdue or older than one that was taken before.
 * - `IPCERROR_BROKEN_CERT_CHAIN`: not signed by the authority.
 * - `HRESULT_FROM_WIN32(ERROR_INVALID_DATA)`: no revocation list.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * `pList` is null or readable with its bytes.
 */
MSIPC_API HRESULT WINAPI IpcxImportRevocationList(PCIPC_BUFFER pList);

/**
 * Tells who opened what and when: lines of the usage log.
 *
 * `wszContentId` is read during the call only; null is every content. `pftFrom` (included) and `pftUntil` (excluded) are
 * borrowed; null is open. `cMost` is 1 to `IPCX_LOG_LINES_MAX`: the newest lines are given. `pContext` is borrowed and may
 * be null. An administrator sees every line, another account those about content that it protected. `*ppList` is one block
 * that the caller frees with `IpcFreeMemory`; it is `NULL` until the lines are read.
 *
 * # Returns
 * - `S_OK`: the lines; perhaps none. That they were read is a line itself.
 * - `E_INVALIDARG`: a null pointer, a number out of range, text that is not valid.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid as described; `ppList` is null or writable.
 */
MSIPC_API HRESULT WINAPI IpcxQueryUsageLog(
    LPCWSTR wszContentId,
    const FILETIME *pftFrom,
    const FILETIME *pftUntil,
    DWORD cMost,
    PCIPC_PROMPT_CTX pContext,
    PCIPCX_LOG_LIST *ppList);

/**
 * Checks that no line of the usage log was changed, removed or added, and that none is missing at its end.
 *
 * `pCheckpoint` is borrowed and may be null: what `IpcxGetUsageLogCheckpoint` gave earlier and was kept elsewhere. The end
 * of the log is known back to that and to the last multiple of 256 lines. `pContext` is borrowed and may be null.
 * `*pqwLines` belongs to the caller and may be null: how many lines are good, from the first; 0 until known.
 *
 * # Returns
 * - `S_OK`: the log is whole.
 * - `HRESULT_FROM_WIN32(ERROR_INVALID_DATA)`: it is not; `IpcxGetLastErrorDetail` tells the line and what was found. Or
 *   `pCheckpoint` is no checkpoint.
 * - `IPCERROR_BROKEN_CERT_CHAIN`: the checkpoint is not signed by the authority.
 * - `E_ACCESSDENIED`: the account is no administrator.
 *
 * # Threads
 * Any thread. Other calls that leave a line wait until it returns.
 *
 * # Safety
 * Inputs are null or valid as described; `pqwLines` is null or writable.
 */
MSIPC_API HRESULT WINAPI IpcxVerifyUsageLog(
    PCIPC_BUFFER pCheckpoint,
    PCIPC_PROMPT_CTX pContext,
    DWORD64 *pqwLines);

/**
 * Signs where the usage log stands, to be kept where nobody who can change the log can change it.
 *
 * `pContext` is borrowed and may be null. `*ppCheckpoint` is one block, UTF-8 text, that the caller frees with
 * `IpcFreeMemory`; it is `NULL` until it is signed.
 *
 * # Returns
 * - `S_OK`: the checkpoint, for `IpcxVerifyUsageLog`.
 * - `E_INVALIDARG`: a null pointer.
 * - `E_ACCESSDENIED`: the account is no administrator.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * `pContext` is null or valid; `ppCheckpoint` is null or writable.
 */
MSIPC_API HRESULT WINAPI IpcxGetUsageLogCheckpoint(
    PCIPC_PROMPT_CTX pContext,
    PIPC_BUFFER *ppCheckpoint);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* MSIPC_EXT_H */
