/*
 * Rights management: what this library has beside the interface of the RMS SDK 2.1.
 *
 * Generated from src/ffi; change it there and run `make headers`. The contract of msipc.h holds here too.
 */

#ifndef MSIPC_EXT_H
#define MSIPC_EXT_H

#include "msipc.h"

#if !defined(_WIN32)
/* The value of IPC_PROMPT_CTX::hCancelEvent for a file descriptor: the call is cancelled when it becomes readable, or when
 * the other end of a pipe is closed. The descriptor stays the caller's, is not read, and is open until the call returns. */
#define IPCX_CANCEL_FD(fd) IPCX_HANDLE_OF_FD_(fd)
/* A file descriptor where a handle of a file is asked for: IpcfOpenFileOnHandle, IpcxCreateStreamOnFile. */
#define IPCX_FILE_FD(fd) IPCX_HANDLE_OF_FD_(fd)
#ifdef __cplusplus
#define IPCX_HANDLE_OF_FD_(fd) reinterpret_cast<HANDLE>(static_cast<size_t>((fd) + 1))
#else
#define IPCX_HANDLE_OF_FD_(fd) ((HANDLE)(size_t)((fd) + 1))
#endif
#endif

/** Texts with their count. */
typedef struct _IPCX_TEXT_LIST {
    /** How many texts there are. */
    DWORD cTexts;
    /** The texts; null when there are none. */
    const LPCWSTR *rgwszTexts;
} IPCX_TEXT_LIST;

/** Pointer to texts that are only read. */
typedef const struct _IPCX_TEXT_LIST *PCIPCX_TEXT_LIST;

/** A user and its permission level. */
typedef struct _IPCX_USER_LEVEL {
    /** The user. */
    IPC_USER User;
    /** One of the `IPCX_LEVEL_` constants. */
    DWORD dwLevel;
} IPCX_USER_LEVEL;

/** An account of the organization. */
typedef struct _IPCX_ACCOUNT {
    /** Size of this structure in bytes. */
    DWORD cbSize;
    /** `IPCX_ACCOUNT_` bits. */
    DWORD dwFlags;
    /** Primary mail address. */
    LPCWSTR wszAddress;
    /** Name for people, or null. */
    LPCWSTR wszDisplayName;
    /** How many further addresses there are. */
    DWORD cAliases;
    /** How many groups hold the account, directly or through others; ignored when set. */
    DWORD cGroups;
    /** Further addresses of the same account. */
    const LPCWSTR *rgwszAliases;
    /** Addresses of the groups; ignored when set. */
    const LPCWSTR *rgwszGroups;
} IPCX_ACCOUNT;

/** Pointer to an account that is only read. */
typedef const struct _IPCX_ACCOUNT *PCIPCX_ACCOUNT;

/** A group of the organization. */
typedef struct _IPCX_GROUP {
    /** Size of this structure in bytes. */
    DWORD cbSize;
    /** How many members there are. */
    DWORD cMembers;
    /** Mail address. */
    LPCWSTR wszAddress;
    /** Name for people, or null. */
    LPCWSTR wszDisplayName;
    /** Addresses of accounts, of other groups, or of people outside. */
    const LPCWSTR *rgwszMembers;
} IPCX_GROUP;

/** Pointer to a group that is only read. */
typedef const struct _IPCX_GROUP *PCIPCX_GROUP;

/**
 * Told how far the work on a file is, in bytes of content: how much is done, and how much there is. A failure that it
 * returns ends the work with that code. Called on the thread of the call, a few times a second, without locks.
 */
typedef HRESULT(CALLBACK *IPCX_PROGRESS_CALLBACK)(
    LPVOID pvContext,
    DWORD64 qwDone,
    DWORD64 qwTotal);

/**
 * Told what happens in the library, one line for each event, without an end of line. `wszLine` is borrowed for the call.
 * Called on the thread of a call when that is over, without locks. It may call the library; that is not logged.
 */
typedef void(CALLBACK *IPCX_LOG_CALLBACK)(
    LPVOID pvContext,
    DWORD dwLevel,
    LPCWSTR wszLine);

/** When a right of a template may be used. Templates of other programs have such times. */
typedef struct _IPCX_RIGHT_TIMES {
    /** A user of the template's list. */
    IPC_USER User;
    /** A right of that user. */
    LPCWSTR wszRight;
    /** From this moment on, UTC, in whole minutes; 0 is open. */
    FILETIME ftFrom;
    /** Before this moment, UTC, in whole minutes; 0 is open. */
    FILETIME ftUntil;
    /** Days from the issue of a use license; `IPCX_OFFLINE_DAYS_DEFAULT` when it has none of its own. */
    DWORD dwIntervalDays;
} IPCX_RIGHT_TIMES;

/** Pointer to times that are only read. */
typedef const struct _IPCX_RIGHT_TIMES *PCIPCX_RIGHT_TIMES;

/** A rights policy template with everything that decides. */
typedef struct _IPCX_TEMPLATE {
    /** Size of this structure in bytes. */
    DWORD cbSize;
    /** `IPCX_TEMPLATE_` bits. */
    DWORD dwFlags;
    /** Id of the template; null asks for a new one. */
    LPCWSTR wszID;
    /** How many descriptors there are: at least one. */
    DWORD cDescriptors;
    /** How many entries the scope has. */
    DWORD cScope;
    /** Name and description per language: `lcid`, `wszName` and `wszDescription` count. */
    PCIPC_TEMPLATE_INFO rgDescriptors;
    /** Users and groups, each with its rights. The owner has full control and is not listed. */
    PCIPC_USER_RIGHTS_LIST pUserRights;
    /** Users and groups that may publish with the template; nobody listed means everyone. */
    const IPC_USER *rgScope;
    /** One of the `IPCX_EXPIRY_` constants. */
    DWORD dwExpiry;
    /** Days, with `IPCX_EXPIRY_DAYS`; at least 1. */
    DWORD dwExpiryDays;
    /** The moment, with `IPCX_EXPIRY_DATE`. */
    FILETIME ftExpiry;
    /** Days that a use license serves offline; 0 asks the authority each time. */
    DWORD dwOfflineDays;
    /** How many times of rights there are. */
    DWORD cRightTimes;
    /** The last change; ignored when set. */
    FILETIME ftModified;
    /**
     * Times of single rights. A right that is not named here has none; one that is named more than once may be used
     * within either.
     */
    PCIPCX_RIGHT_TIMES rgRightTimes;
} IPCX_TEMPLATE;

/** Pointer to a template that is only read. */
typedef const struct _IPCX_TEMPLATE *PCIPCX_TEMPLATE;

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

/** Who signs access tokens that the authority accepts, and for whom. */
typedef struct _IPCX_TOKEN_ISSUER {
    /** Size of this structure in bytes. */
    DWORD cbSize;
    /** `IPCX_TOKEN_ISSUER_` bits. */
    DWORD dwFlags;
    /** Name in the store. */
    LPCWSTR wszName;
    /** What `iss` must be, exactly. */
    LPCWSTR wszIssuer;
    /** What `aud` must be or hold, exactly. */
    LPCWSTR wszAudience;
    /** A JSON Web Key Set with RSA keys (RS256), P-256 keys (ES256) or symmetric keys (HS256). Never handed out. */
    LPCWSTR wszKeySet;
    /** The mail domains that it may speak for. */
    const LPCWSTR *rgwszDomains;
    /** How many domains there are: at least one. */
    DWORD cDomains;
} IPCX_TOKEN_ISSUER;

/** Pointer to a token issuer that is only read. */
typedef const struct _IPCX_TOKEN_ISSUER *PCIPCX_TOKEN_ISSUER;

/**
 * Signs a challenge of the authority with the key of a certificate, SHA-256 in either case: an RSA key with PKCS#1 v1.5, a
 * P-256 key as two numbers of 32 bytes each. `pvContext` is what `IPCX_CERT_CONTEXT` holds; the message is borrowed for
 * the call. `*pcbSignature` is the room at `pbSignature` on entry and the length of the signature on return. A failure code
 * is that of the call that needs the proof. Called on the thread of that call, without locks.
 */
typedef HRESULT(CALLBACK *IPCX_SIGN_CALLBACK)(
    LPVOID pvContext,
    const BYTE *pbMessage,
    DWORD cbMessage,
    BYTE *pbSignature,
    LPDWORD pcbSignature);

/** What `IPC_CREDENTIAL::pcCertContext` points to where there is no Windows: the members of `CERT_CONTEXT`, and who signs. */
typedef struct _IPCX_CERT_CONTEXT {
    /** 1, X.509 in ASN.1. */
    DWORD dwCertEncodingType;
    /** The certificate in DER. */
    const BYTE *pbCertEncoded;
    /** How many bytes it has. */
    DWORD cbCertEncoded;
    /** Not looked at. */
    LPCVOID pCertInfo;
    /** Not looked at. */
    LPCVOID hCertStore;
    /** Proves that the application has the key of the certificate. */
    IPCX_SIGN_CALLBACK pfnSign;
    /** Passed to the function unchanged. */
    LPVOID pvSignContext;
} IPCX_CERT_CONTEXT;

/** Major version of the header. */
#define IPCX_VERSION_MAJOR 0
/** Minor version of the header. */
#define IPCX_VERSION_MINOR 1
/** Patch version of the header. */
#define IPCX_VERSION_PATCH 0
/** Version of the header: major in bits 24 to 31, minor in bits 16 to 23, patch below. */
#define IPCX_VERSION 0x00010000
/** A flag of `IPCX_TEMPLATE`: hidden from publishing; what was protected with the template is still decided by it. */
#define IPCX_TEMPLATE_DISABLED 1
/** `IPCX_TEMPLATE::dwExpiry`: content never expires. */
#define IPCX_EXPIRY_NEVER 0
/** `IPCX_TEMPLATE::dwExpiry`: content expires at `ftExpiry`. */
#define IPCX_EXPIRY_DATE 1
/** `IPCX_TEMPLATE::dwExpiry`: content expires `dwExpiryDays` days after it was protected. */
#define IPCX_EXPIRY_DAYS 2
/** `IPCX_TEMPLATE::dwOfflineDays`: as many as the organization allows. */
#define IPCX_OFFLINE_DAYS_DEFAULT 0xFFFFFFFF
/**
 * A flag of `IpcxDeleteTemplate`: what was protected with the template is revoked. Without it, the last policy of the
 * template goes on to decide.
 */
#define IPCX_DELETE_TEMPLATE_REVOKE 1
/** A flag of `IpcxImportTemplate`: the file may be signed by another authority. */
#define IPCX_IMPORT_TEMPLATE_FOREIGN 1
/** The default templates with the rights that they give today. */
#define IPCX_DEFAULT_TEMPLATES_CURRENT 1
/** The default templates with the rights that they gave until 6 October 2017. */
#define IPCX_DEFAULT_TEMPLATES_BEFORE_2017 2
/** A flag of `IPCX_ACCOUNT`: may administer the authority. */
#define IPCX_ACCOUNT_ADMINISTRATOR 1
/** A flag of `IPCX_ACCOUNT`: has full control of everything while the organization's super user feature is on. */
#define IPCX_ACCOUNT_SUPER_USER 2
/** Most days that a use license may serve offline. A setting of the organization; 30 at first. */
#define IPCX_SETTING_OFFLINE_DAYS_MAX 1
/** 1 when super users have full control of everything, else 0. A setting of the organization; 0 at first. */
#define IPCX_SETTING_SUPER_USERS 2
/**
 * 1 when diagnostic logs and explanations hold addresses and file names as they are, 0 when they are masked. A setting of
 * the organization; 0 at first. Other processes see a change when they open the store.
 */
#define IPCX_SETTING_LOG_PERSONAL_DATA 3
/** A flag of `IPCX_TOKEN_ISSUER`: it puts only verified addresses into tokens, so they need not say so. */
#define IPCX_TOKEN_ISSUER_VOUCHES_FOR_EMAIL 1
/** Permission level: read and answer. */
#define IPCX_LEVEL_VIEWER 1
/** Permission level: read, edit, answer and forward. */
#define IPCX_LEVEL_REVIEWER 2
/** Permission level: everything but changing the protection. */
#define IPCX_LEVEL_CO_AUTHOR 3
/** Permission level: everything. */
#define IPCX_LEVEL_CO_OWNER 4
/** The permission levels as they are today. */
#define IPCX_LEVELS_CURRENT 0
/** The permission levels as the service began with. */
#define IPCX_LEVELS_CLASSIC 1
/** SharePoint: Manage Permissions or Manage Web Site. */
#define IPCX_SHAREPOINT_MANAGE 1
/** SharePoint: Edit Items, Manage Lists, or Add and Customize Pages. */
#define IPCX_SHAREPOINT_EDIT 2
/** SharePoint: View Items. */
#define IPCX_SHAREPOINT_VIEW 4
/** SharePoint: the library allows to print documents. */
#define IPCX_SHAREPOINT_LIBRARY_PRINT 8
/** SharePoint: the library allows programs to access content. */
#define IPCX_SHAREPOINT_LIBRARY_PROGRAMS 16
/**
 * AES-256 in GCM mode, segments of 4096 bytes: changes to the content are noticed. Readers other than this library do not
 * know it. A value of `IPC_LI_PREFERRED_ENCRYPTION_PACKAGE`.
 */
#define IPCX_ENCRYPTION_PACKAGE_AES256_GCM4K 0x00001001
/** `DWORD`: bytes that a block of `IPC_KI_BLOCK_SIZE` bytes has when it is encrypted. A property of keys. */
#define IPCX_KI_ENCRYPTED_BLOCK_SIZE 0x00001001
/** `BOOL`: changes of the content by somebody who may not are noticed. A property of open files. */
#define IPCX_FI_AUTHENTICATED 0x00001001
/** `IpcxGetFileAuthentication`: the file is not protected. */
#define IPCX_FILE_NOT_PROTECTED 0
/** `IpcxGetFileAuthentication`: the content is encrypted, but whoever may read it can change it unnoticed. */
#define IPCX_FILE_UNAUTHENTICATED 1
/** `IpcxGetFileAuthentication`: only those who may edit can change the content; opening it verifies that. */
#define IPCX_FILE_AUTHENTICATED 2
/** A flag of `IpcxOpenFile`: the content is only read. */
#define IPCX_OPEN_READ_ONLY 1
/** A level of the log: somebody has to repair something. */
#define IPCX_LOG_ERROR 1
/** A level of the log: a refusal or a failure that the application is told. */
#define IPCX_LOG_WARNING 2
/** A level of the log: what changes or decides. */
#define IPCX_LOG_INFO 3
/** A level of the log: the way to a decision. */
#define IPCX_LOG_DEBUG 4
/** A level of the log: every call. */
#define IPCX_LOG_CALLS 5
/** A flag of `IpcxSetLogCallback`: lines are JSON objects. */
#define IPCX_LOG_JSON 1
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
#endif

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
 * - `E_INVALIDARG`: empty, longer than 320 bytes of UTF-8, control characters, text that is not valid.
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
 * - `E_INVALIDARG`: empty, longer than 320 bytes of UTF-8, control characters, text that is not valid.
 *
 * # Threads
 * Any thread; each has its own.
 *
 * # Safety
 * `wszIdentity` is null or ends in NUL.
 */
MSIPC_API HRESULT WINAPI IpcxSetThreadIdentity(LPCWSTR wszIdentity);

/**
 * Allows long calls to use more than one thread.
 *
 * `cThreads` is how many threads one call of `IpcEncrypt` or `IpcDecrypt` with 8 MiB of input or more may use, the caller's
 * own counted: 1, the default, to 64. More than the processor has cores is no error and of no use. The threads end with
 * the call, which gives the bytes and the codes that one thread gives: nothing is written when it fails. With
 * `IPCX_ENCRYPTION_PACKAGE_AES256_GCM4K`, content that is encrypted or decrypted in place has the caller's thread alone
 * for writing.
 *
 * # Returns
 * - `S_OK`: holds for calls of all threads of the process that begin from now on.
 * - `E_INVALIDARG`: 0, or more than 64.
 *
 * # Threads
 * Any thread.
 */
MSIPC_API HRESULT WINAPI IpcxSetThreads(DWORD cThreads);

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
 * Changes the passphrase under which the store of the embedded authority is sealed. For administrators.
 *
 * The texts are read during the call only. `pContext` is borrowed and may be null; it says who asks. The key that the
 * passphrase leads to stays the same: programs that have the store open go on, also when they were started with the old
 * passphrase, and older copies of the database still open with it. A file that `MSIPC_PASSPHRASE_FILE` names is not
 * written. The change is whole or not made, whenever the process ends.
 *
 * # Returns
 * - `S_OK`: changed; the old passphrase does not open the store any more.
 * - `E_INVALIDARG`: a null pointer, an empty text, text that is not valid.
 * - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_AUTHENTICATED)`: the current passphrase is another one.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED)`: the store opens with a key file.
 *
 * # Threads
 * Any thread. Of two changes at once one is refused.
 *
 * # Safety
 * The texts are null or end in NUL; `pContext` is null or valid.
 */
MSIPC_API HRESULT WINAPI IpcxChangeStorePassphrase(
    LPCWSTR wszCurrent,
    LPCWSTR wszNew,
    PCIPC_PROMPT_CTX pContext);

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
 * Tells the rights of a permission level.
 *
 * `dwLevel` is one of the `IPCX_LEVEL_` constants, `dwGeneration` one of `IPCX_LEVELS_`. `*ppRights` is one block,
 * freed with `IpcFreeMemory`; it is `NULL` until known.
 *
 * # Returns
 * - `S_OK`: the rights.
 * - `E_INVALIDARG`: a null pointer, an unknown level or generation.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * `ppRights` is null or writable.
 */
MSIPC_API HRESULT WINAPI IpcxGetLevelRights(
    DWORD dwLevel,
    DWORD dwGeneration,
    PCIPCX_TEXT_LIST *ppRights);

/**
 * Begins a license that gives each user the rights of a permission level.
 *
 * `pTemplateIssuer` is borrowed; null means the default authority. `rgUsers` is borrowed; a user that is named twice
 * has the rights of both levels. `dwGeneration` is one of the `IPCX_LEVELS_` constants. `*phLicense` is closed with
 * `IpcCloseHandle`; it is `NULL` until the license exists, and may be edited like any other.
 *
 * # Returns
 * - `S_OK`: the license.
 * - `E_INVALIDARG`: a null pointer, text that is not valid, no user, an unknown level or generation.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid as described, with everything they point to; `phLicense` is null or writable.
 */
MSIPC_API HRESULT WINAPI IpcxCreateLicenseFromLevels(
    PCIPC_TEMPLATE_ISSUER pTemplateIssuer,
    DWORD cUsers,
    const struct _IPCX_USER_LEVEL *rgUsers,
    DWORD dwGeneration,
    PIPC_LICENSE_HANDLE phLicense);

/**
 * Begins a Do Not Forward license: the recipients may read and answer, but not forward, print or copy.
 *
 * `pTemplateIssuer` is borrowed; null means the default authority. `rgwszRecipients` is borrowed: mail addresses of
 * people and groups; one that is named twice counts once. The owner has full control. `*phLicense` is closed with
 * `IpcCloseHandle`; it is `NULL` until the license exists.
 *
 * # Returns
 * - `S_OK`: the license.
 * - `E_INVALIDARG`: a null pointer, text that is not valid, no recipient, an address that is none.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid as described, with everything they point to; `phLicense` is null or writable.
 */
MSIPC_API HRESULT WINAPI IpcxCreateDoNotForwardLicense(
    PCIPC_TEMPLATE_ISSUER pTemplateIssuer,
    DWORD cRecipients,
    const LPCWSTR *rgwszRecipients,
    PIPC_LICENSE_HANDLE phLicense);

/**
 * Tells what Office calls a right.
 *
 * `wszRight` is read during the call only; case does not matter. `*ppwszName` is freed with `IpcFreeMemory`; it is
 * `NULL` until known.
 *
 * # Returns
 * - `S_OK`: the name.
 * - `E_INVALIDARG`: a null pointer, text that is not valid.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: Office has no name for this right.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * `wszRight` is null or ends in NUL; `ppwszName` is null or writable.
 */
MSIPC_API HRESULT WINAPI IpcxGetOfficeName(
    LPCWSTR wszRight,
    LPCWSTR *ppwszName);

/**
 * Tells the rights that SharePoint grants on a document that it protects when it is downloaded.
 *
 * `dwPermissions` are `IPCX_SHAREPOINT_` bits: what the account may do in the list, and what the library allows.
 * `*ppRights` is one block, freed with `IpcFreeMemory`; it is `NULL` until known, and holds no text where there is no
 * access.
 *
 * # Returns
 * - `S_OK`: the rights.
 * - `E_INVALIDARG`: a null pointer, unknown bits.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * `ppRights` is null or writable.
 */
MSIPC_API HRESULT WINAPI IpcxGetSharePointRights(
    DWORD dwPermissions,
    PCIPCX_TEXT_LIST *ppRights);

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
 * Adds accounts, or replaces those with the same primary address: all of them or none.
 *
 * `rgAccounts` is borrowed; `cbSize` of each is exactly the size of the structure. `pContext` is borrowed and may be
 * null; it says who asks.
 *
 * # Returns
 * - `S_OK`: done.
 * - `E_INVALIDARG`: a null pointer, text that is not valid, a wrong `cbSize`, an address that is none (one `@`
 *   with text on both sides) or belongs to another account or group; no administrator would be left.
 * - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid as described, with everything they point to.
 */
MSIPC_API HRESULT WINAPI IpcxPutAccounts(
    DWORD cAccounts,
    PCIPCX_ACCOUNT rgAccounts,
    PCIPC_PROMPT_CTX pContext);

/**
 * Reads an account by its primary address or an alias.
 *
 * `wszAddress` is read during the call only. `pContext` is borrowed and may be null; it says who asks. `*ppAccount`
 * is one block, freed with `IpcFreeMemory`; it is `NULL` until known.
 *
 * # Returns
 * - `S_OK`: the account, with all groups that hold it.
 * - `E_INVALIDARG`: a null pointer, text that is not valid.
 * - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: there is no such account.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid as described, with everything they point to; `ppAccount` is null or writable.
 */
MSIPC_API HRESULT WINAPI IpcxGetAccount(
    LPCWSTR wszAddress,
    PCIPC_PROMPT_CTX pContext,
    PCIPCX_ACCOUNT *ppAccount);

/**
 * Tells who is asking: the account that a call with this context acts for, as the directory knows it.
 *
 * `pContext` is borrowed and may be null; it says who asks. `*ppAccount` is one block, freed with `IpcFreeMemory`; it
 * is `NULL` until known. `IPCX_ACCOUNT_SUPER_USER` is set only while the feature is on.
 *
 * # Returns
 * - `S_OK`: the account; one that the directory does not know has no more than its address.
 * - `E_INVALIDARG`: a null pointer, text that is not valid.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_AUTHENTICATED)`: the credential of the context is refused.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid as described, with everything they point to; `ppAccount` is null or writable.
 */
MSIPC_API HRESULT WINAPI IpcxGetIdentity(
    PCIPC_PROMPT_CTX pContext,
    PCIPCX_ACCOUNT *ppAccount);

/**
 * Lists the primary addresses of all accounts, the oldest first.
 *
 * `pContext` is borrowed and may be null; it says who asks. `*ppAddresses` is one block, freed with `IpcFreeMemory`;
 * it is `NULL` until known.
 *
 * # Returns
 * - `S_OK`: the list.
 * - `E_INVALIDARG`: a null pointer, text that is not valid.
 * - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid as described, with everything they point to; `ppAddresses` is null or writable.
 */
MSIPC_API HRESULT WINAPI IpcxListAccounts(
    PCIPC_PROMPT_CTX pContext,
    PCIPCX_TEXT_LIST *ppAddresses);

/**
 * Deletes an account, and takes it out of all groups.
 *
 * `wszAddress` is read during the call only: the primary address. `pContext` is borrowed and may be null; it says who
 * asks.
 *
 * # Returns
 * - `S_OK`: done.
 * - `E_INVALIDARG`: a null pointer, text that is not valid; no administrator would be left.
 * - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: there is no such account.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid as described, with everything they point to.
 */
MSIPC_API HRESULT WINAPI IpcxDeleteAccount(
    LPCWSTR wszAddress,
    PCIPC_PROMPT_CTX pContext);

/**
 * Adds groups, or replaces those with the same address: all of them or none.
 *
 * `rgGroups` is borrowed; `cbSize` of each is exactly the size of the structure. `pContext` is borrowed and may be
 * null; it says who asks.
 *
 * # Returns
 * - `S_OK`: done.
 * - `E_INVALIDARG`: a null pointer, text that is not valid, a wrong `cbSize`, an address that is none or belongs to
 *   another account or group, a group that would come to hold itself.
 * - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid as described, with everything they point to.
 */
MSIPC_API HRESULT WINAPI IpcxPutGroups(
    DWORD cGroups,
    PCIPCX_GROUP rgGroups,
    PCIPC_PROMPT_CTX pContext);

/**
 * Reads a group.
 *
 * `wszAddress` is read during the call only. `pContext` is borrowed and may be null; it says who asks. `*ppGroup` is
 * one block, freed with `IpcFreeMemory`; it is `NULL` until known.
 *
 * # Returns
 * - `S_OK`: the group with its direct members.
 * - `E_INVALIDARG`: a null pointer, text that is not valid.
 * - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: there is no such group.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid as described, with everything they point to; `ppGroup` is null or writable.
 */
MSIPC_API HRESULT WINAPI IpcxGetGroup(
    LPCWSTR wszAddress,
    PCIPC_PROMPT_CTX pContext,
    PCIPCX_GROUP *ppGroup);

/**
 * Lists the addresses of all groups, the oldest first.
 *
 * `pContext` is borrowed and may be null; it says who asks. `*ppAddresses` is one block, freed with `IpcFreeMemory`;
 * it is `NULL` until known.
 *
 * # Returns
 * - `S_OK`: the list.
 * - `E_INVALIDARG`: a null pointer, text that is not valid.
 * - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid as described, with everything they point to; `ppAddresses` is null or writable.
 */
MSIPC_API HRESULT WINAPI IpcxListGroups(
    PCIPC_PROMPT_CTX pContext,
    PCIPCX_TEXT_LIST *ppAddresses);

/**
 * Deletes a group, and takes it out of all others.
 *
 * `wszAddress` is read during the call only. `pContext` is borrowed and may be null; it says who asks.
 *
 * # Returns
 * - `S_OK`: done.
 * - `E_INVALIDARG`: a null pointer, text that is not valid.
 * - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: there is no such group.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid as described, with everything they point to.
 */
MSIPC_API HRESULT WINAPI IpcxDeleteGroup(
    LPCWSTR wszAddress,
    PCIPC_PROMPT_CTX pContext);

/**
 * Adds a member to a group; one that is there stays.
 *
 * `wszGroup` and `wszMember` are read during the call only: the address of the group, and an account, another group,
 * or somebody outside. `pContext` is borrowed and may be null; it says who asks.
 *
 * # Returns
 * - `S_OK`: done.
 * - `E_INVALIDARG`: a null pointer, text that is not valid, an address that is none, a group that would come to
 *   hold itself.
 * - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: there is no such group.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid as described, with everything they point to.
 */
MSIPC_API HRESULT WINAPI IpcxAddGroupMember(
    LPCWSTR wszGroup,
    LPCWSTR wszMember,
    PCIPC_PROMPT_CTX pContext);

/**
 * Takes a member out of a group; one that is not there stays away.
 *
 * `wszGroup` and `wszMember` are read during the call only: the address of the group, and as the group names it.
 * `pContext` is borrowed and may be null; it says who asks.
 *
 * # Returns
 * - `S_OK`: done.
 * - `E_INVALIDARG`: a null pointer, text that is not valid.
 * - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: there is no such group.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid as described, with everything they point to.
 */
MSIPC_API HRESULT WINAPI IpcxRemoveGroupMember(
    LPCWSTR wszGroup,
    LPCWSTR wszMember,
    PCIPC_PROMPT_CTX pContext);

/**
 * Changes a setting of the organization.
 *
 * `dwSetting` is one of the `IPCX_SETTING_` constants, `dwValue` what it says. `pContext` is borrowed and may be
 * null; it says who asks.
 *
 * # Returns
 * - `S_OK`: done.
 * - `E_INVALIDARG`: an unknown setting, or a value that it cannot have.
 * - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid as described, with everything they point to.
 */
MSIPC_API HRESULT WINAPI IpcxSetTenantSetting(
    DWORD dwSetting,
    DWORD dwValue,
    PCIPC_PROMPT_CTX pContext);

/**
 * Reads a setting of the organization.
 *
 * `dwSetting` is one of the `IPCX_SETTING_` constants. `pContext` is borrowed and may be null; it says who asks.
 * `*pdwValue` belongs to the caller and is 0 until known.
 *
 * # Returns
 * - `S_OK`: the value.
 * - `E_INVALIDARG`: a null pointer, an unknown setting.
 * - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid as described, with everything they point to; `pdwValue` is null or writable.
 */
MSIPC_API HRESULT WINAPI IpcxGetTenantSetting(
    DWORD dwSetting,
    PCIPC_PROMPT_CTX pContext,
    LPDWORD pdwValue);

/**
 * Says who is told how far the `Ipcf` calls of this thread are that read or write whole files.
 *
 * `pfnProgress` is called with `pvContext` on this thread during such calls, a few times a second and at the end, and may
 * end the work by returning a failure; null tells nobody any more. Work is also ended by the cancel event of the context.
 *
 * # Returns
 * - `S_OK`: always.
 *
 * # Threads
 * Any thread; each has its own callback.
 *
 * # Safety
 * The function and its context stay valid for this thread until another one is set.
 */
MSIPC_API HRESULT WINAPI IpcxSetFileProgress(
    IPCX_PROGRESS_CALLBACK pfnProgress,
    LPVOID pvContext);

/**
 * Opens a pfile by path, as `IpcfOpenFileOnHandle` does on a handle, and keeps what a write is about to replace beside the
 * file until the write is complete: whenever the process is killed, the next opening finds the old content or the new.
 *
 * `wszFilePath` is read during the call only. `pContext` is borrowed and may be null. `dwFlags` is 0 or
 * `IPCX_OPEN_READ_ONLY`. `*phFile` is closed with `IpcCloseHandle`; it is `NULL` until the file is open.
 *
 * # Returns
 * - `S_OK`: the file.
 * - `E_INVALIDARG`: a null pointer, unknown flags.
 * - `HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION)`: somebody else has the file open for writing; with `IPCX_OPEN_READ_ONLY`, only
 *   when a write goes on for longer than this call waits for it.
 * - The codes of the system, and what `IpcfOpenFileOnHandle` returns.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid as described; the output is null or writable.
 */
MSIPC_API HRESULT WINAPI IpcxOpenFile(
    LPCWSTR wszFilePath,
    PCIPC_PROMPT_CTX pContext,
    DWORD dwFlags,
    PIPCF_FILE_HANDLE phFile);

/**
 * Tells whether the content of a file can be changed unnoticed by those who may only read it.
 *
 * `wszFilePath` is read during the call only. `*pdwAuthentication` is one of the `IPCX_FILE_` constants. Files of
 * compatible packages, Office documents and PDF are not authenticated, whatever package was asked for.
 *
 * # Returns
 * - `S_OK`: the answer, from the license of the file.
 * - `E_INVALIDARG`: a null pointer.
 * - What `IpcfIsFileEncrypted` returns.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * The input is null or ends in NUL; the output is null or writable.
 */
MSIPC_API HRESULT WINAPI IpcxGetFileAuthentication(
    LPCWSTR wszFilePath,
    LPDWORD pdwAuthentication);

/**
 * Makes a stream over a file that the application has open.
 *
 * `hFile` is a handle of a file on Windows, elsewhere a file descriptor made with `IPCX_FILE_FD`; it is duplicated, so the
 * caller's own may be closed at any time. `*ppStream` has one reference, which the caller releases; it is `NULL` until the
 * stream exists. Its `Flush` returns when what was written is on the medium; regions cannot be locked.
 *
 * # Returns
 * - `S_OK`: the stream.
 * - `E_INVALIDARG`: a null pointer, no open file.
 *
 * # Threads
 * Any thread; calls on one stream take turns.
 *
 * # Safety
 * `ppStream` is null or writable.
 */
MSIPC_API HRESULT WINAPI IpcxCreateStreamOnFile(
    HANDLE hFile,
    ILockBytes **ppStream);

/**
 * Makes a stream in memory that begins with a copy of some bytes.
 *
 * `pvContent` holds `cbContent` bytes and may be null when there are none. `*ppStream` has one reference, which the caller
 * releases; it is `NULL` until the stream exists. `Stat` tells its size, `ReadAt` its content.
 *
 * # Returns
 * - `S_OK`: the stream.
 * - `E_INVALIDARG`: a null pointer.
 * - `E_OUTOFMEMORY`.
 *
 * # Threads
 * Any thread; calls on one stream take turns.
 *
 * # Safety
 * `pvContent` is null or readable; `ppStream` is null or writable.
 */
MSIPC_API HRESULT WINAPI IpcxCreateStreamOnMemory(
    LPCVOID pvContent,
    DWORD cbContent,
    ILockBytes **ppStream);

/**
 * Names the function that is told what happens in the library; there is one in a process.
 *
 * `pfnLog` is the function, or null to end it; `pvContext` is passed to it unchanged. `dwLevel` is one of the
 * `IPCX_LOG_` levels: events of that level and of more important ones are told. `dwFlags` is 0 or `IPCX_LOG_JSON`. Lines
 * are described in docs/diagnostics.md. They hold no secret; addresses and file names are masked, unless an administrator set
 * `IPCX_SETTING_LOG_PERSONAL_DATA`. `MSIPC_LOG` is independent of this.
 *
 * # Returns
 * - `S_OK`: holds from the next call of any thread on. Calls of other threads that are under way may still tell the
 *   function before.
 * - `E_INVALIDARG`: an unknown level or flag.
 *
 * # Threads
 * Any thread. The function is called on all threads that call the library, at the same time.
 *
 * # Safety
 * `pfnLog` is null, or a function that may be called with `pvContext` until it is replaced and the calls under way are over.
 */
MSIPC_API HRESULT WINAPI IpcxSetLogCallback(
    IPCX_LOG_CALLBACK pfnLog,
    LPVOID pvContext,
    DWORD dwLevel,
    DWORD dwFlags);

/**
 * Explains to a program what the calling thread was refused last: which rule, right, argument or element of a license decided.
 *
 * `dwFlags` is 0. `*ppwszExplanation` is a JSON object on one line, freed with `IpcFreeMemory`; its members are described in
 * docs/diagnostics.md. It tells of the last call that failed, or of the last `IpcAccessCheck` that answered `FALSE`, whichever
 * came later; it is `NULL` when there was none on this thread. Accounts are masked as in logs, and there is no secret in it.
 *
 * # Returns
 * - `S_OK`: the object, or `NULL`.
 * - `E_INVALIDARG`: a null pointer, flags that are not 0.
 *
 * # Threads
 * Any thread; each has its own.
 *
 * # Safety
 * `ppwszExplanation` is null or writable.
 */
MSIPC_API HRESULT WINAPI IpcxExplain(
    DWORD dwFlags,
    LPCWSTR *ppwszExplanation);

/**
 * Makes a rights policy template, or replaces the one with the same id.
 *
 * `pTemplate` is borrowed. A change decides about content that was protected before from the next use license on.
 * `pContext` is borrowed and may be null; it says who asks. `*ppwszTemplateID` is the id, freed with `IpcFreeMemory`;
 * it is `NULL` until the template is kept.
 *
 * # Returns
 * - `S_OK`: the template is on the medium.
 * - `E_INVALIDARG`: a null pointer, text that is not valid, no descriptor, two for one language, unknown flags or
 *   values, text that a license cannot hold.
 * - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
 * - `IPCERROR_ISSUANCELICENSE_LENGTH_LIMIT_EXCEEDED`: no license could hold it.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid as described, with everything they point to; `ppwszTemplateID` is null or writable.
 */
MSIPC_API HRESULT WINAPI IpcxPutTemplate(
    PCIPCX_TEMPLATE pTemplate,
    PCIPC_PROMPT_CTX pContext,
    LPCWSTR *ppwszTemplateID);

/**
 * Reads a template with everything that decides.
 *
 * `wszTemplateID` is read during the call only. `pContext` is borrowed and may be null; it says who asks.
 * `*ppTemplate` is one block, freed with `IpcFreeMemory`; it is `NULL` until known.
 *
 * # Returns
 * - `S_OK`: the template.
 * - `E_INVALIDARG`: a null pointer, text that is not valid.
 * - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: there is no such template in use.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid as described, with everything they point to; `ppTemplate` is null or writable.
 */
MSIPC_API HRESULT WINAPI IpcxGetTemplate(
    LPCWSTR wszTemplateID,
    PCIPC_PROMPT_CTX pContext,
    PCIPCX_TEMPLATE *ppTemplate);

/**
 * Lists all templates in use, also disabled ones and those offered to others, the oldest first.
 *
 * `lcid` is the language of names and descriptions, 0 for that of the user; a template without a text in it is shown
 * in another one. `pContext` is borrowed and may be null; it says who asks. `*ppcTil` is one block, freed with
 * `IpcFreeMemory`; it is `NULL` until known.
 *
 * # Returns
 * - `S_OK`: the list.
 * - `E_INVALIDARG`: a null pointer, text that is not valid.
 * - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid as described, with everything they point to; `ppcTil` is null or writable.
 */
MSIPC_API HRESULT WINAPI IpcxGetAllTemplates(
    LCID lcid,
    PCIPC_PROMPT_CTX pContext,
    PCIPC_TIL *ppcTil);

/**
 * Offers a template for publishing, or hides it.
 *
 * `wszTemplateID` is read during the call only. `pContext` is borrowed and may be null; it says who asks. A hidden
 * template goes on to decide about what was protected with it.
 *
 * # Returns
 * - `S_OK`: done.
 * - `E_INVALIDARG`: a null pointer, text that is not valid.
 * - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: there is no such template in use.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid as described, with everything they point to.
 */
MSIPC_API HRESULT WINAPI IpcxSetTemplateEnabled(
    LPCWSTR wszTemplateID,
    BOOL fEnabled,
    PCIPC_PROMPT_CTX pContext);

/**
 * Deletes a template.
 *
 * `wszTemplateID` is read during the call only. With `dwFlags` 0 the last policy of the template goes on to decide
 * about what was protected with it; with `IPCX_DELETE_TEMPLATE_REVOKE` all of that is revoked. `pContext` is borrowed
 * and may be null; it says who asks.
 *
 * # Returns
 * - `S_OK`: done.
 * - `E_INVALIDARG`: a null pointer, text that is not valid, unknown flags.
 * - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: there is no such template in use.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid as described, with everything they point to.
 */
MSIPC_API HRESULT WINAPI IpcxDeleteTemplate(
    LPCWSTR wszTemplateID,
    DWORD dwFlags,
    PCIPC_PROMPT_CTX pContext);

/**
 * Writes a template as a signed XrML rights policy template.
 *
 * `wszTemplateID` is read during the call only. `pContext` is borrowed and may be null; it says who asks. `*ppFile`
 * holds the bytes of the file and is freed with `IpcFreeMemory`; it is `NULL` until known. Whom the template is
 * offered to, and whether it is disabled, are not part of it.
 *
 * # Returns
 * - `S_OK`: the file.
 * - `E_INVALIDARG`: a null pointer, text that is not valid.
 * - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: there is no such template in use.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid as described, with everything they point to; `ppFile` is null or writable.
 */
MSIPC_API HRESULT WINAPI IpcxExportTemplate(
    LPCWSTR wszTemplateID,
    PCIPC_PROMPT_CTX pContext,
    PIPC_BUFFER *ppFile);

/**
 * Takes over the policy of a rights policy template file, under the id that it names.
 *
 * `pFile` is borrowed. The signature must hold; without `IPCX_IMPORT_TEMPLATE_FOREIGN` it must be this authority's. A
 * template of that id is replaced and keeps whom it is offered to and whether it is disabled. `pContext` is borrowed
 * and may be null; it says who asks. `*ppwszTemplateID` is the id, freed with `IpcFreeMemory`; it is `NULL` until the
 * template is kept.
 *
 * # Returns
 * - `S_OK`: the template is on the medium.
 * - `E_INVALIDARG`: a null pointer, text that is not valid, unknown flags.
 * - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
 * - `HRESULT_FROM_WIN32(ERROR_INVALID_DATA)`: not a rights policy template.
 * - `IPCERROR_BROKEN_CERT_CHAIN`: the signature does not hold, or is another authority's.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid as described, with everything they point to; `ppwszTemplateID` is null or writable.
 */
MSIPC_API HRESULT WINAPI IpcxImportTemplate(
    PCIPC_BUFFER pFile,
    DWORD dwFlags,
    PCIPC_PROMPT_CTX pContext,
    LPCWSTR *ppwszTemplateID);

/**
 * Makes the two default templates in one of their historical forms, beside all that exist.
 *
 * `dwForm` is one of the `IPCX_DEFAULT_TEMPLATES_` constants. `pContext` is borrowed and may be null; it says who
 * asks. A new organization has the current form already.
 *
 * # Returns
 * - `S_OK`: done.
 * - `E_INVALIDARG`: a null pointer, text that is not valid, an unknown form.
 * - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid as described, with everything they point to.
 */
MSIPC_API HRESULT WINAPI IpcxCreateDefaultTemplates(
    DWORD dwForm,
    PCIPC_PROMPT_CTX pContext);

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

/**
 * Accepts the access tokens of an issuer from now on, or replaces the issuer with the same name.
 *
 * `pIssuer` is borrowed; its keys are sealed in the store and never handed out. A token is good when one of the keys
 * verifies it with the algorithm of the key, `iss` and `aud` are exactly those given, it has an `exp` that is not
 * over, and its verified `email` belongs to one of the domains. `pContext` is borrowed and may be null; it says who
 * asks.
 *
 * # Returns
 * - `S_OK`: done.
 * - `E_INVALIDARG`: a null pointer, text that is not valid, unknown flags, no domain, a key set without a usable
 *   key: RSA below 2048 bits, symmetric below 256 bits, another curve than P-256.
 * - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid as described, with everything they point to.
 */
MSIPC_API HRESULT WINAPI IpcxPutTokenIssuer(
    PCIPCX_TOKEN_ISSUER pIssuer,
    PCIPC_PROMPT_CTX pContext);

/**
 * Lists the names of all token issuers.
 *
 * `pContext` is borrowed and may be null; it says who asks. `*ppNames` is one block, freed with `IpcFreeMemory`; it
 * is `NULL` until known.
 *
 * # Returns
 * - `S_OK`: the list.
 * - `E_INVALIDARG`: a null pointer, text that is not valid.
 * - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid as described, with everything they point to; `ppNames` is null or writable.
 */
MSIPC_API HRESULT WINAPI IpcxListTokenIssuers(
    PCIPC_PROMPT_CTX pContext,
    PCIPCX_TEXT_LIST *ppNames);

/**
 * Accepts no more tokens of an issuer.
 *
 * `wszName` is read during the call only: its name in the store. `pContext` is borrowed and may be null; it says who
 * asks.
 *
 * # Returns
 * - `S_OK`: done.
 * - `E_INVALIDARG`: a null pointer, text that is not valid.
 * - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: there is no such issuer.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid as described, with everything they point to.
 */
MSIPC_API HRESULT WINAPI IpcxDeleteTokenIssuer(
    LPCWSTR wszName,
    PCIPC_PROMPT_CTX pContext);

/**
 * Registers an application that proves itself with `IPC_CREDENTIAL_SYMMETRIC_KEY`, or replaces its registration.
 *
 * All texts are read during the call only: principal and tenant as the application will name them, a random key of at
 * least 16 bytes in base 64, of which only a digest is kept, and the address of the account that the application acts
 * as. `pContext` is borrowed and may be null; it says who asks.
 *
 * # Returns
 * - `S_OK`: done.
 * - `E_INVALIDARG`: a null pointer, text that is not valid, a key that is too short or not base 64, an account that
 *   is no mail address: one `@` with text on both sides.
 * - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid as described, with everything they point to.
 */
MSIPC_API HRESULT WINAPI IpcxPutServicePrincipal(
    LPCWSTR wszAppPrincipalId,
    LPCWSTR wszTenantId,
    LPCWSTR wszBase64Key,
    LPCWSTR wszAccount,
    PCIPC_PROMPT_CTX pContext);

/**
 * Removes the registration of an application.
 *
 * Both texts are read during the call only. `pContext` is borrowed and may be null; it says who asks.
 *
 * # Returns
 * - `S_OK`: done.
 * - `E_INVALIDARG`: a null pointer, text that is not valid.
 * - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: there is no such registration.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid as described, with everything they point to.
 */
MSIPC_API HRESULT WINAPI IpcxDeleteServicePrincipal(
    LPCWSTR wszAppPrincipalId,
    LPCWSTR wszTenantId,
    PCIPC_PROMPT_CTX pContext);

/**
 * Registers a certificate that an application proves itself with (`IPC_CREDENTIAL_TYPE_X509`, in the server mode only),
 * and the account that its holder acts as; or replaces that account.
 *
 * `pCertificate` is borrowed: the certificate in DER, with an RSA key of at least 2048 bits or a key on P-256. It counts
 * while it is valid; who issued it does not matter. `wszAccount` is read during the call only. `pContext` is borrowed and
 * may be null; it says who asks.
 *
 * # Returns
 * - `S_OK`: done.
 * - `E_INVALIDARG`: a null pointer, text that is not valid, what is no certificate, a key of another
 *   kind, an account that is no mail address: one `@` with text on both sides.
 * - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid as described, with everything they point to.
 */
MSIPC_API HRESULT WINAPI IpcxPutCertificate(
    PCIPC_BUFFER pCertificate,
    LPCWSTR wszAccount,
    PCIPC_PROMPT_CTX pContext);

/**
 * Removes the registration of a certificate.
 *
 * `pCertificate` is borrowed: the certificate in DER. `pContext` is borrowed and may be null; it says who asks.
 *
 * # Returns
 * - `S_OK`: done.
 * - `E_INVALIDARG`: a null pointer.
 * - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: it is not registered.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid as described, with everything they point to.
 */
MSIPC_API HRESULT WINAPI IpcxDeleteCertificate(
    PCIPC_BUFFER pCertificate,
    PCIPC_PROMPT_CTX pContext);

#ifdef __cplusplus
}
#endif

#endif  /* MSIPC_EXT_H */
