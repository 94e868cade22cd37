/*
 * Rights management with the C interface of the RMS SDK 2.1.
 *
 * Generated from src/ffi; change it there and run `make headers`. What is ours and not Microsoft's is in msipc_ext.h.
 *
 * The contract of the whole interface; each function says only what is special to it.
 *
 * Results. Functions return an HRESULT: S_OK, or a negative code. Each function names the failures to expect; any may
 * also return E_OUTOFMEMORY, E_UNEXPECTED (a defect of this library), HRESULT_FROM_WIN32(ERROR_NOT_READY) (the store of
 * the licensing authority cannot be used) or the code of a file operation. IpcGetErrorMessageText explains any code,
 * IpcxGetLastErrorDetail tells which argument or which element of a license was wrong.
 *
 * Inputs. A pointer is read during the call only, unless its function says otherwise. Null where a value is needed,
 * unknown flags, and a reserved argument that is not null are E_INVALIDARG. Structures that begin with cbSize hold their
 * size there; smaller than documented is E_INVALIDARG, larger is accepted. A length of zero means that the pointer is
 * not looked at. BOOL inputs count as TRUE when they are not FALSE.
 *
 * Outputs. Every output is cleared (NULL, 0, FALSE) before anything else happens and set only on success. Byte buffers
 * are not written unless the call succeeds. BOOL outputs are TRUE or FALSE and nothing else.
 *
 * Memory. What a call gives out is one block, however much it points to, and is freed with one IpcFreeMemory. Null does no
 * harm, and neither does a second free until 4,096 later frees or 1 MiB of them; after that the address may be another's.
 *
 * Handles. A handle is a number, not an address. It is closed with IpcCloseHandle, whatever its kind. A null, closed or
 * foreign handle, or one of another kind, is E_HANDLE in every function. An object in use by a call outlives its handle.
 *
 * Threads. Every function may be called from any thread at any time. Keys and tokens may be used by many threads at
 * once; calls on one license or file take turns. Messages about failures are kept per thread.
 *
 * Text. Wide text ends in NUL, is valid Unicode and has at most 1,048,576 units. Text from this library is the same.
 * WCHAR has the width of wchar_t, or 16 bits when MSIPC_UTF16 is defined for a library built so.
 *
 * Units. cb... are bytes, c... elements, FILETIME and qwDuration steps of 100 ns, FILETIME since 1601-01-01 UTC.
 *
 * Calls back into the application are made without locks and on the thread of the call.
 */

#ifndef MSIPC_H
#define MSIPC_H

#include "ipcbase.h"
#if defined(__GNUC__) && !defined(_WIN32)
#pragma GCC visibility push(default)
#endif

/* Any object; what IpcCloseHandle takes. Handles are ids: copying one makes no second object. */
DECLARE_HANDLE(IPC_HANDLE);
/* A key: content key and granted rights of one account. Any number of threads may use one at the same time. */
DECLARE_HANDLE(IPC_KEY_HANDLE);
/* A license being edited. Calls on one from several threads take turns. */
DECLARE_HANDLE(IPC_LICENSE_HANDLE);
/* The metadata of a serialized license. Calls on one from several threads take turns. */
DECLARE_HANDLE(IPC_LICENSE_METADATA_HANDLE);
/* An authentication token. Any number of threads may use one at the same time. */
DECLARE_HANDLE(IPC_AUTH_TOKEN_HANDLE);
/* An open protected file. Calls on one from several threads take turns. */
DECLARE_HANDLE(IPCF_FILE_HANDLE);

/** Pointer to an authentication token handle. */
typedef IPC_AUTH_TOKEN_HANDLE *PIPC_AUTH_TOKEN_HANDLE;

/** The secret of an application that acts for itself. */
typedef struct _IPC_CREDENTIAL_SYMMETRIC_KEY {
    /** The key in base 64. */
    LPCWSTR wszBase64Key;
    /** Which application. */
    LPCWSTR wszAppPrincipalId;
    /** Which organization. */
    LPCWSTR wszBposTenantId;
} IPC_CREDENTIAL_SYMMETRIC_KEY;

/** Pointer to a symmetric key credential that is only read. */
typedef const struct _IPC_CREDENTIAL_SYMMETRIC_KEY *PCIPC_CREDENTIAL_SYMMETRIC_KEY;

/** A name and a value, perhaps in one language. */
typedef struct _IPC_NAME_VALUE {
    /** The name. */
    LPCWSTR wszName;
    /** The language of the value, or 0. Licenses do not keep it: it reads as 0, and a name stands once. */
    LCID lcid;
    /** The value. */
    LPCWSTR wszValue;
} IPC_NAME_VALUE;

/** Names and values. */
typedef struct _IPC_NAME_VALUE_LIST {
    /** How many pairs follow. */
    DWORD cNameValuePairs;
    /** The pairs; there are as many as counted. */
    struct _IPC_NAME_VALUE aNameValuePairs[1];
} IPC_NAME_VALUE_LIST;

/** Pointer to a list of names and values. */
typedef struct _IPC_NAME_VALUE_LIST *PIPC_NAME_VALUE_LIST;

/**
 * Gets an access token from the application. `pvContext` is what `IPC_OAUTH2_CALLBACK_INFO` holds; the challenge is
 * borrowed for the call. On success `*phAccessToken` is a token of `IpcCreateOAuth2Token` and belongs to the library; on
 * failure the callback closes the token itself. Called on the thread of the call that needs the token, without locks.
 */
typedef HRESULT(CALLBACK *IPC_OAUTH2_CALLBACK)(
    LPVOID pvContext,
    PIPC_NAME_VALUE_LIST pOAuth2ChallengeInfo,
    IPC_AUTH_TOKEN_HANDLE *phAccessToken);

/** How to ask the application for an access token. */
typedef struct _IPC_OAUTH2_CALLBACK_INFO {
    /** Size of this structure in bytes. */
    DWORD cbSize;
    /** The function to call. */
    IPC_OAUTH2_CALLBACK pfnCallback;
    /** Passed to the function unchanged. */
    LPVOID pvContext;
} IPC_OAUTH2_CALLBACK_INFO;

/** Pointer to callback information. */
typedef struct _IPC_OAUTH2_CALLBACK_INFO *PIPC_OAUTH2_CALLBACK_INFO;

/** Who is asking, told by the application. */
typedef struct _IPC_CREDENTIAL {
    /** One of the `IPC_CREDENTIAL_TYPE_` constants. */
    DWORD dwType;
    /** The credential of that type. */
    IPC_NAMELESS union {
        /** `IPC_CREDENTIAL_TYPE_X509`. */
        PCCERT_CONTEXT pcCertContext;
        /** `IPC_CREDENTIAL_TYPE_SYMMETRIC_KEY`. */
        PCIPC_CREDENTIAL_SYMMETRIC_KEY pcSymmetricKey;
        /** `IPC_CREDENTIAL_TYPE_OAUTH2`. */
        PIPC_OAUTH2_CALLBACK_INFO pcOAuth2;
    } IPC_UNION_NAME;
} IPC_CREDENTIAL;

/** Pointer to a credential that is only read. */
typedef const struct _IPC_CREDENTIAL *PCIPC_CREDENTIAL;

/** What a call may do to get its answer. Sizes with and without the last member are accepted. */
typedef struct _IPC_PROMPT_CTX {
    /** Size of this structure in bytes. */
    DWORD cbSize;
    /** Parent of any window, or null. */
    HWND hwndParent;
    /** `IPC_PROMPT_FLAG_` bits. */
    DWORD dwFlags;
    /** An event that cancels the call when it is set, or null. */
    HANDLE hCancelEvent;
    /** Who is asking, or null for the account that this thread acts as. */
    PCIPC_CREDENTIAL pcCredential;
    /** What the application is doing. Accepted and not read. */
    LPCWSTR wszApplicationScenarioId;
} IPC_PROMPT_CTX;

/** Pointer to a prompt context that is only read. */
typedef const struct _IPC_PROMPT_CTX *PCIPC_PROMPT_CTX;

/** What is registered about a document for tracking. Packed to 4 bytes. */
#pragma pack(push, 4)
typedef struct _IPC_LICENSE_METADATA {
    /** Size of this structure in bytes. */
    DWORD cbSize;
    /** One of the `IPCD_CT_NOTIFICATION_TYPE_` constants. */
    DWORD dwNotificationType;
    /** One of the `IPCD_CT_NOTIFICATION_PREF_` constants. */
    DWORD dwNotificationPreference;
    /** When the document was changed, UTC. */
    FILETIME ftDateModified;
    /** When the document was made, UTC. */
    FILETIME ftDateCreated;
    /** The name of the document. */
    LPCWSTR wszContentName;
} IPC_LICENSE_METADATA;
#pragma pack(pop)

/** Pointer to license metadata that is only read. */
typedef const struct _IPC_LICENSE_METADATA *PCIPC_LICENSE_METADATA;

/** Bytes with their count. */
typedef struct _IPC_BUFFER {
    /** The bytes. */
    LPVOID pvBuffer;
    /** How many bytes. */
    DWORD cbBuffer;
} IPC_BUFFER;

/** Pointer to a buffer. */
typedef struct _IPC_BUFFER *PIPC_BUFFER;

/** Pointer to a file handle. */
typedef IPCF_FILE_HANDLE *PIPCF_FILE_HANDLE;

/** A range of the content. */
typedef struct _IPCF_FILE_RANGE {
    /** First byte. */
    DWORD64 qwOffset;
    /** How many bytes. */
    DWORD64 qwSize;
} IPCF_FILE_RANGE;

/** Pointer to a range of the content that is only read. */
typedef const struct _IPCF_FILE_RANGE *PCIPCF_FILE_RANGE;

/** A range of the protected file itself. */
typedef struct _IPCF_RAW_FILE_RANGE {
    /** First byte. */
    DWORD64 qwOffset;
    /** How many bytes. */
    DWORD64 qwSize;
} IPCF_RAW_FILE_RANGE;

/** Pointer to a range of the file. */
typedef struct _IPCF_RAW_FILE_RANGE *PIPCF_RAW_FILE_RANGE;

/** Pointer to a buffer that is only read. */
typedef const struct _IPC_BUFFER *PCIPC_BUFFER;

/** Pointer to a key handle. */
typedef IPC_KEY_HANDLE *PIPC_KEY_HANDLE;

/** Where a licensing authority is reached. */
typedef struct _IPC_CONNECTION_INFO {
    /** From outside the organization, or null. */
    LPCWSTR wszExtranetUrl;
    /** From inside the organization, or null. */
    LPCWSTR wszIntranetUrl;
} IPC_CONNECTION_INFO;

/** An authority that hands out templates. */
typedef struct _IPC_TEMPLATE_ISSUER {
    /** Where it is; both addresses null mean the default authority. */
    struct _IPC_CONNECTION_INFO connectionInfo;
    /** Its name for people. */
    LPCWSTR wszDisplayName;
    /** TRUE when it signs licenses that are not made from a template. */
    BOOL fAllowFromScratch;
} IPC_TEMPLATE_ISSUER;

/** Pointer to a template issuer that is only read. */
typedef const struct _IPC_TEMPLATE_ISSUER *PCIPC_TEMPLATE_ISSUER;

/** Pointer to a license handle. */
typedef IPC_LICENSE_HANDLE *PIPC_LICENSE_HANDLE;

/** Pointer to a license metadata handle. */
typedef IPC_LICENSE_METADATA_HANDLE *PIPC_LICENSE_METADATA_HANDLE;

/** Pointer to connection information that is only read. */
typedef const struct _IPC_CONNECTION_INFO *PCIPC_CONNECTION_INFO;

/** Name and description of a policy in one language. */
typedef struct _IPC_TEMPLATE_INFO {
    /** Id of the template, null for a license that was not made from one; ignored when set. */
    LPCWSTR wszID;
    /** The language. */
    LCID lcid;
    /** The name. */
    LPCWSTR wszName;
    /** The description. */
    LPCWSTR wszDescription;
    /** Name of the organization; ignored when set. */
    LPCWSTR wszIssuerDisplayName;
    /** TRUE when the policy comes from a template; ignored when set. */
    BOOL fFromTemplate;
} IPC_TEMPLATE_INFO;

/** A list of templates. */
typedef struct _IPC_TIL {
    /** How many templates follow. */
    DWORD cTi;
    /** The templates; there are as many as counted. */
    struct _IPC_TEMPLATE_INFO aTi[1];
} IPC_TIL;

/** Pointer to a list of templates that is only read. */
typedef const struct _IPC_TIL *PCIPC_TIL;

/** A list of template issuers, the default one first. */
typedef struct _IPC_TEMPLATE_ISSUER_LIST {
    /** How many issuers follow. */
    DWORD cTi;
    /** The issuers; there are as many as counted. */
    struct _IPC_TEMPLATE_ISSUER aTi[1];
} IPC_TEMPLATE_ISSUER_LIST;

/** Pointer to a list of template issuers that is only read. */
typedef const struct _IPC_TEMPLATE_ISSUER_LIST *PCIPC_TEMPLATE_ISSUER_LIST;

/** Pointer to a handle of any kind. */
typedef IPC_HANDLE *PIPC_HANDLE;

/** Pointer to connection information. */
typedef struct _IPC_CONNECTION_INFO *PIPC_CONNECTION_INFO;

/** Pointer to a symmetric key credential. */
typedef struct _IPC_CREDENTIAL_SYMMETRIC_KEY *PIPC_CREDENTIAL_SYMMETRIC_KEY;

/** Pointer to a pair. */
typedef struct _IPC_NAME_VALUE *PIPC_NAME_VALUE;

/** Pointer to a pair that is only read. */
typedef const struct _IPC_NAME_VALUE *PCIPC_NAME_VALUE;

/** Pointer to a list of names and values that is only read. */
typedef const struct _IPC_NAME_VALUE_LIST *PCIPC_NAME_VALUE_LIST;

/** Pointer to a credential. */
typedef struct _IPC_CREDENTIAL *PIPC_CREDENTIAL;

/** Pointer to a prompt context. */
typedef struct _IPC_PROMPT_CTX *PIPC_PROMPT_CTX;

/** How an application is registered at the directory. */
typedef struct _IPC_AAD_APPLICATION_ID {
    /** Size of this structure in bytes. */
    DWORD cbSize;
    /** The client id. */
    LPCWSTR wszClientId;
    /** The redirect URI. */
    LPCWSTR wszRedirectUri;
} IPC_AAD_APPLICATION_ID;

/** Pointer to an application id. */
typedef struct _IPC_AAD_APPLICATION_ID *PIPC_AAD_APPLICATION_ID;

/** Pointer to template information. */
typedef struct _IPC_TEMPLATE_INFO *PIPC_TEMPLATE_INFO;

/** Pointer to template information that is only read. */
typedef const struct _IPC_TEMPLATE_INFO *PCIPC_TEMPLATE_INFO;

/** Pointer to a list of templates. */
typedef struct _IPC_TIL *PIPC_TIL;

/** Pointer to a template issuer. */
typedef struct _IPC_TEMPLATE_ISSUER *PIPC_TEMPLATE_ISSUER;

/** Pointer to a list of template issuers. */
typedef struct _IPC_TEMPLATE_ISSUER_LIST *PIPC_TEMPLATE_ISSUER_LIST;

/** A term. All zero means always. */
typedef struct _IPC_TERM {
    /** The first moment, UTC. */
    FILETIME ftStart;
    /** The length in steps of 100 ns. */
    DWORD64 qwDuration;
} IPC_TERM;

/** Pointer to a term. */
typedef struct _IPC_TERM *PIPC_TERM;

/** Pointer to a term that is only read. */
typedef const struct _IPC_TERM *PCIPC_TERM;

/** A user or group. */
typedef struct _IPC_USER {
    /** `IPC_USER_TYPE_EMAIL` or `IPC_USER_TYPE_IPC`. */
    DWORD dwType;
    /** A mail address, or one of the `IPC_USER_ID_` constants. */
    LPCWSTR wszID;
} IPC_USER;

/** Pointer to a user. */
typedef struct _IPC_USER *PIPC_USER;

/** Pointer to a user that is only read. */
typedef const struct _IPC_USER *PCIPC_USER;

/** A user and the rights granted to it. */
typedef struct _IPC_USER_RIGHTS {
    /** The user. */
    struct _IPC_USER User;
    /** How many rights. */
    DWORD cRights;
    /** The names of the rights; may be null when there are none. */
    LPCWSTR *rgwszRights;
} IPC_USER_RIGHTS;

/** Pointer to user rights. */
typedef struct _IPC_USER_RIGHTS *PIPC_USER_RIGHTS;

/** Pointer to user rights that are only read. */
typedef const struct _IPC_USER_RIGHTS *PCIPC_USER_RIGHTS;

/** The users of a license and their rights. */
typedef struct _IPC_USER_RIGHTS_LIST {
    /** Size of this structure in bytes; any value from 8 is accepted, because programs pass different ones. */
    DWORD cbSize;
    /** How many users follow. */
    DWORD cUserRights;
    /** The users; there are as many as counted. */
    struct _IPC_USER_RIGHTS rgUserRights[1];
} IPC_USER_RIGHTS_LIST;

/** Pointer to a user rights list. */
typedef struct _IPC_USER_RIGHTS_LIST *PIPC_USER_RIGHTS_LIST;

/** Pointer to a user rights list that is only read. */
typedef const struct _IPC_USER_RIGHTS_LIST *PCIPC_USER_RIGHTS_LIST;

/** Pointer to license metadata. */
typedef struct _IPC_LICENSE_METADATA *PIPC_LICENSE_METADATA;

/** Pointer to a range of the content. */
typedef struct _IPCF_FILE_RANGE *PIPCF_FILE_RANGE;

/** Pointer to a range of the file that is only read. */
typedef const struct _IPCF_RAW_FILE_RANGE *PCIPCF_RAW_FILE_RANGE;

/** What a protected file tells about its content. Packed to 4 bytes. */
#pragma pack(push, 4)
typedef struct _IPCF_FILE_BASIC_INFORMATION {
    /** Size of this structure in bytes. */
    DWORD cbSize;
    /** The name of the file without protection. */
    LPCWSTR wszNameOfDecryptedFile;
    /** Its size in bytes. */
    DWORD64 qwDecryptedFileSize;
    /** When it was changed, UTC. */
    FILETIME ftDateModified;
    /** What the application stored with it. */
    PIPC_NAME_VALUE_LIST pAppSpecificProperties;
} IPCF_FILE_BASIC_INFORMATION;
#pragma pack(pop)

/** Pointer to basic information. */
typedef struct _IPCF_FILE_BASIC_INFORMATION *PIPCF_FILE_BASIC_INFORMATION;

/** Pointer to basic information that is only read. */
typedef const struct _IPCF_FILE_BASIC_INFORMATION *PCIPCF_FILE_BASIC_INFORMATION;

/** The first bytes of a protected file. Packed to 1 byte, so that it lies over them. */
#pragma pack(push, 1)
typedef struct _IPCF_PROTECTED_FILE_HEADER {
    /** `.pfile` in ASCII. */
    BYTE magic[6];
    /** Major version. */
    DWORD dwMajor;
    /** Minor version. */
    DWORD dwMinor;
    /** Not described. */
    BYTE rgbUndocumented[278];
    /** Where the encrypted content begins, in bytes from the start of the file. */
    DWORD dwEncryptedContentsOffset;
} IPCF_PROTECTED_FILE_HEADER;
#pragma pack(pop)

/** Pointer to the header of a protected file. */
typedef struct _IPCF_PROTECTED_FILE_HEADER *PIPCF_PROTECTED_FILE_HEADER;

/** Pointer to the header of a protected file that is only read. */
typedef const struct _IPCF_PROTECTED_FILE_HEADER *PCIPCF_PROTECTED_FILE_HEADER;

/** A program that one person uses; windows may be shown. */
#define IPC_API_MODE_CLIENT 1
/** A service; it acts for itself and never shows windows. */
#define IPC_API_MODE_SERVER 2
/** Not supported. */
#define IPC_API_MODE_CLIENT_IMPERSONATION 3
/** `LPDWORD`: one of the `IPC_API_MODE_` constants. */
#define IPC_EI_API_MODE 3
/** Reserved. */
#define IPC_EI_RESERVED 4
/** `PIPC_AAD_APPLICATION_ID`: how the application is registered at the directory. */
#define IPC_EI_APPLICATION_ID 5
/** Documented misspelling of `IPC_EI_APPLICATION_ID`. */
#define IPC_EI_APPLICATOIN_ID 5
/** `LPDWORD` used as `BOOL`. The number is this library's choice; the reference gives none. */
#define IPC_EI_DATA_COLLECTION_ENABLED 6
/** `LPCWSTR`: name of the folder that holds the store, at most 8 characters. */
#define IPC_EI_STORE_NAME 0x10000001
/** Show no window; a call that needs one fails with `IPCERROR_NEEDS_UI`. */
#define IPC_PROMPT_FLAG_SILENT 1
/** Ask no authority; a call that needs one fails with `IPCERROR_NEEDS_ONLINE`. */
#define IPC_PROMPT_FLAG_OFFLINE 2
/** The user has agreed to contact an authority that was not used before. */
#define IPC_PROMPT_FLAG_HAS_USER_CONSENT 4
/** A certificate. */
#define IPC_CREDENTIAL_TYPE_X509 1
/** The symmetric key of an application. */
#define IPC_CREDENTIAL_TYPE_SYMMETRIC_KEY 2
/** A callback that gets an access token. */
#define IPC_CREDENTIAL_TYPE_OAUTH2 3
/** Documented misspelling of `IPC_CREDENTIAL_TYPE_OAUTH2`. */
#define IPC_CREDENTIAL_TYPE_OATH2 3
/** A mail address. */
#define IPC_USER_TYPE_EMAIL 1
/** One of the `IPC_USER_ID_` constants. */
#define IPC_USER_TYPE_IPC 2
/** Take templates from the cache while they are fresh. */
#define IPC_GTL_FLAG_DEFAULT 0
/** Ask the authority even when the cache is fresh. */
#define IPC_GTL_FLAG_FORCE_DOWNLOAD 1
/** Use the address given as it is, without discovery. */
#define IPC_GTL_FLAG_USE_PROVIDED_LICENSING_URL 2
/** Only the default issuer. */
#define IPC_GTIL_FLAG_DEFAULT_SERVER_ONLY 1
/** Use the address given as it is, without discovery. */
#define IPC_GTIL_FLAG_USE_PROVIDED_LICENSING_URL 2
/** Cache the use license as its issuer allows. */
#define IPC_GK_FLAG_DEFAULT 0
/** Do not cache the use license on disk. */
#define IPC_GK_FLAG_NO_PERSIST_DISK 1
/** `pvLicenseInfo` is the id of a template, an `LPCWSTR`. */
#define IPC_SL_TEMPLATE_ID 1
/** `pvLicenseInfo` is an `IPC_LICENSE_HANDLE`, the handle itself. */
#define IPC_SL_LICENSE_HANDLE 2
/** Cache the key and the use license. */
#define IPC_SL_FLAG_DEFAULT 0
/** Do not cache the key at all. */
#define IPC_SL_FLAG_KEY_NO_PERSIST 2
/** Do not cache the key on disk. */
#define IPC_SL_FLAG_KEY_NO_PERSIST_DISK 4
/** Return an unsigned license; stands alone. */
#define IPC_SL_FLAG_DEPRECATED_UNSIGNED_LICENSE_TEMPLATE 8
/** Do not cache the use license. */
#define IPC_SL_FLAG_KEY_NO_PERSIST_LICENSE 16
/** No function takes it. */
#define IPC_MD_LICENSE_HANDLE 1
/** No function takes it. */
#define IPC_SL_LICENSE_METADATA_HANDLE 2
/** `IPC_TERM`: when the content may be used. */
#define IPC_LI_VALIDITY_TIME 1
/** `DWORD`: days that a use license may serve without asking again, 0 to 65535; 0 asks at each use. */
#define IPC_LI_INTERVAL_TIME 2
/** `IPC_USER`: who the content belongs to. */
#define IPC_LI_OWNER 3
/** `IPC_USER_RIGHTS_LIST`: who may do what. */
#define IPC_LI_USER_RIGHTS_LIST 4
/** `IPC_NAME_VALUE_LIST`: data of the application, encrypted. */
#define IPC_LI_APP_SPECIFIC_DATA 5
/** `BOOL`: AES-128 in ECB mode for the content, which shows equal blocks as equal. */
#define IPC_LI_DEPRECATED_ENCRYPTION_ALGORITHMS 6
/** `IPC_CONNECTION_INFO`: where use licenses are given out; read only. */
#define IPC_LI_CONNECTION_INFO 7
/** `IPC_TEMPLATE_INFO`: name and description in one language. */
#define IPC_LI_DESCRIPTOR 8
/** `LPCWSTR`: where to ask for more rights. */
#define IPC_LI_REFERRAL_INFO_URL 10
/** `IPC_KEY_HANDLE`, the handle itself: encrypt with the key of another license. */
#define IPC_LI_CONTENT_KEY 11
/** `LPCWSTR`: id of the content. */
#define IPC_LI_CONTENT_ID 12
/** `IPC_NAME_VALUE_LIST`: data of the application, signed but in the clear. */
#define IPC_LI_APP_SPECIFIC_DATA_NO_ENCRYPTION 13
/** `FILETIME`: when the license was signed, UTC; read only. */
#define IPC_LI_ISSUED_TIME 14
/** `BOOL`: the owner has every right without being on the list. */
#define IPC_LI_AUTO_GRANT_OWNER_FULL_ACCESS 15
/**
 * `DWORD`: one of the `IPC_ENCRYPTION_PACKAGE_` constants. The number is this library's choice; the reference gives none.
 * What the getter tells of a license in which none was set is its default, not a set value: the rules of the administrator
 * may choose another package for files.
 */
#define IPC_LI_PREFERRED_ENCRYPTION_PACKAGE 16
/** `LPCWSTR`: path of the document. */
#define IPC_MD_CONTENT_PATH 0
/** `LPCWSTR`: name of the document. */
#define IPC_MD_CONTENT_NAME 1
/** `DWORD`: one of the `IPCD_CT_NOTIFICATION_TYPE_` constants. */
#define IPC_MD_NOTIFICATION_TYPE 2
/** `DWORD`: one of the `IPCD_CT_NOTIFICATION_PREF_` constants. */
#define IPC_MD_NOTIFICATION_PREFERENCE 3
/** `FILETIME`: when the document was changed, UTC. */
#define IPC_MD_DATE_MODIFIED 4
/** `FILETIME`: when the document was made, UTC. */
#define IPC_MD_DATE_CREATED 5
/** No mails. */
#define IPCD_CT_NOTIFICATION_TYPE_DISABLED 0
/** A mail for every use. */
#define IPCD_CT_NOTIFICATION_TYPE_ENABLED 1
/** A mail for every refusal. */
#define IPCD_CT_NOTIFICATION_TYPE_DENY_ONLY 2
/** At once. */
#define IPCD_CT_NOTIFICATION_PREF_DEFAULT 0
/** Collected. */
#define IPCD_CT_NOTIFICATION_PREF_DIGEST 1
/** AES-256 in CBC mode, 4096-byte blocks. Changes to the content are not noticed. */
#define IPC_ENCRYPTION_PACKAGE_AES256_CBC4K 1
/** AES-128 in CBC mode, 4096-byte blocks. Changes to the content are not noticed. */
#define IPC_ENCRYPTION_PACKAGE_AES128_CBC4K 2
/** AES-128 in ECB mode. Equal blocks show as equal and changes are not noticed; only for old readers. */
#define IPC_ENCRYPTION_PACKAGE_AES128_ECB 3
/** `DWORD`: bytes in which the content is encrypted. */
#define IPC_KI_BLOCK_SIZE 2
/** `IPC_BUFFER`: the serialized license that the key came from. */
#define IPC_KI_LICENSE 6
/** `LPWSTR`: the account that the key was given to. */
#define IPC_KI_USER_DISPLAYNAME 7
/** `pvLicenseInfo` is the id of a template, an `LPCWSTR`. */
#define IPCF_EF_TEMPLATE_ID 0
/** `pvLicenseInfo` is an `IPC_LICENSE_HANDLE`, the handle itself. */
#define IPCF_EF_LICENSE_HANDLE 1
/** Choose the format by the rules of the administrator. */
#define IPCF_EF_FLAG_DEFAULT 0
/** Refuse a file that is protected already. */
#define IPCF_EF_FLAG_UPDATELICENSE_BLOCKED 1
/** Do not cache the key at all. */
#define IPC_EF_FLAG_KEY_NO_PERSIST 2
/** Do not cache the key on disk. */
#define IPC_EF_FLAG_KEY_NO_PERSIST_DISK 4
/** Do not cache the use license. */
#define IPC_EF_FLAG_KEY_NO_PERSIST_LICENSE 8
/** Other spelling of `IPC_EF_FLAG_KEY_NO_PERSIST`. */
#define IPCF_EF_FLAG_KEY_NO_PERSIST 2
/** Other spelling of `IPC_EF_FLAG_KEY_NO_PERSIST_DISK`. */
#define IPCF_EF_FLAG_KEY_NO_PERSIST_DISK 4
/** Other spelling of `IPC_EF_FLAG_KEY_NO_PERSIST_LICENSE`. */
#define IPCF_EF_FLAG_KEY_NO_PERSIST_LICENSE 8
/** Always make a pfile. */
#define IPCF_EF_FLAG_FORCE_PFILE 16
/** Never make a pfile, except of a file without extension. */
#define IPCF_EF_FLAG_FORCE_NATIVE 32
/** Needs EXTRACT or OWNER. */
#define IPCF_DF_FLAG_DEFAULT 0
/** Needs VIEW; the application promises to enforce the other rights. */
#define IPCF_DF_FLAG_OPEN_AS_RMS_AWARE 1
/** Not protected. */
#define IPCF_FILE_STATUS_DECRYPTED 0
/** Protected in a format of its own application. */
#define IPCF_FILE_STATUS_ENCRYPTED_CUSTOM 1
/** Protected. */
#define IPCF_FILE_STATUS_ENCRYPTED 2
/** `IPCF_FILE_RANGE`: where the header lies. */
#define IPCF_FI_HEADER_POSITION 1
/** `IPC_KEY_HANDLE`: the key of the file. */
#define IPCF_FI_CONTENT_KEY 2
/** `DWORD`: bytes that are best read and written at once. */
#define IPCF_FI_ACCESS_BLOCK_SIZE 3
/** `IPCF_FILE_BASIC_INFORMATION`: what the file tells about its content. */
#define IPCF_FI_BASIC_INFORMATION 4
/** The license holds no user rights list. */
#define IPCERROR_USER_RIGHTS_NOT_SET IPC_RESULT_(0x80040200)
/** The directory knows no mail address for the account. */
#define IPCERROR_AD_ENTRY_NOT_FOUND IPC_RESULT_(0x80040201)
/** The code signature of the application is not valid. */
#define IPCERROR_APPLICATION_AUTH_ERROR_AUTHENTICODE IPC_RESULT_(0x80040202)
/** A license is not signed by an authority that is trusted here. */
#define IPCERROR_BROKEN_CERT_CHAIN IPC_RESULT_(0x80040204)
/** The system clock was set back. */
#define IPCERROR_CLOCK_ROLL_BACK_DETECTED IPC_RESULT_(0x80040205)
/** The algorithm is not supported. */
#define IPCERROR_CRYPTO_OPERATION_UNSUPPORTED IPC_RESULT_(0x80040206)
/** A debugger is attached. */
#define IPCERROR_DEBUGGER_DETECTED IPC_RESULT_(0x80040207)
/** There is no text in the language asked for. */
#define IPCERROR_LOCALE_NOT_FOUND IPC_RESULT_(0x80040208)
/** The sign-in service for personal accounts cannot be reached. */
#define IPCERROR_ILS_ERROR IPC_RESULT_(0x80040209)
/** The answer of the authority is not understood. */
#define IPCERROR_SERVER_RESPONSE_NOT_VALID IPC_RESULT_(0x8004020A)
/** The version of the operating system is not trusted. */
#define IPCERROR_OS_VERSION_NOT_TRUSTED IPC_RESULT_(0x8004020B)
/** The license would be too long: too many users in it. */
#define IPCERROR_ISSUANCELICENSE_LENGTH_LIMIT_EXCEEDED IPC_RESULT_(0x8004020C)
/** The authority is needed, but `IPC_PROMPT_FLAG_OFFLINE` was given. */
#define IPCERROR_NEEDS_ONLINE IPC_RESULT_(0x8004020D)
/** A window is needed, but `IPC_PROMPT_FLAG_SILENT` was given. */
#define IPCERROR_NEEDS_UI IPC_RESULT_(0x8004020E)
/** The length is no multiple of the block size. */
#define IPCERROR_NOT_BLOCK_ALIGNED IPC_RESULT_(0x8004020F)
/** The property can be set once and is set. */
#define IPCERROR_PROPERTY_ALREADY_SET IPC_RESULT_(0x80040210)
/** The account lacks the right. */
#define IPCERROR_RIGHT_NOT_GRANTED IPC_RESULT_(0x80040211)
/** The system runs in safe mode. */
#define IPCERROR_SAFEMODE_OS_DETECTED IPC_RESULT_(0x80040212)
/** The authority cannot be reached or failed. */
#define IPCERROR_SERVER_ERROR IPC_RESULT_(0x80040214)
/** The computer is not trusted. */
#define IPCERROR_MACHINE_NOT_TRUSTED IPC_RESULT_(0x80040215)
/** The property can be read only with a key handle. */
#define IPCERROR_NEEDS_KEY_PARAMETER IPC_RESULT_(0x80040216)
/** The license holds no interval time. */
#define IPCERROR_LICENSE_INTERVAL_TIME_NOT_SET IPC_RESULT_(0x80040217)
/** The license holds no content key of another license. */
#define IPCERROR_CONTENT_KEY_NOT_SET IPC_RESULT_(0x80040218)
/** The sign-in assistant is missing. */
#define IPCERROR_SIA_NOT_INSTALLED IPC_RESULT_(0x80040219)
/** The account may not publish with this template. */
#define IPCERROR_TEMPLATE_NOT_ENABLED_FOR_USER IPC_RESULT_(0x8004021A)
/** The file belongs to the operating system, or is no regular file. */
#define IPCERROR_FILE_SYSTEM_FILE IPC_RESULT_(0x80041000)
/** The file is not protected. */
#define IPCERROR_FILE_IS_NOT_ENCRYPTED IPC_RESULT_(0x80041001)
/** The administrator blocks protection of this format. */
#define IPCERROR_FILE_ENCRYPT_BLOCKED IPC_RESULT_(0x80041002)
/** The administrator blocks changing the policy of a protected file. */
#define IPCERROR_FILE_UPDATELICENSE_BLOCKED IPC_RESULT_(0x80041003)
/** This PDF file cannot be protected in its own format. */
#define IPCERROR_FILE_PDFPROTECTOR_FORMAT_NOT_SUPPORTED IPC_RESULT_(0x80041004)
/** The protector of this format is not installed correctly. This library never returns it. */
#define IPCERROR_FILE_PROTECTOR_BAD_INSTALL IPC_RESULT_(0x80041005)
/** Other name of `IPCERROR_FILE_IS_NOT_ENCRYPTED`. */
#define IPCERROR_FILE_NOT_ENCRYPTED IPC_RESULT_(0x80041001)

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Makes a token handle from an access token, for the callback of `IPC_OAUTH2_CALLBACK_INFO`.
 *
 * `wszAuthToken` is read during the call only: a JSON Web Token. `*phIpcAuthToken` passes to the library when the callback
 * returns success; otherwise the callback closes it with `IpcCloseHandle`. It is `NULL` until the handle exists.
 *
 * # Returns
 * - `S_OK`: the handle. The token is checked where it is used.
 * - `E_INVALIDARG`: a null pointer, an empty token, text that is not valid.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * `wszAuthToken` is null or ends in NUL; `phIpcAuthToken` is null or writable.
 *
 * # Source
 * MSIPC reference, *IpcCreateOAuth2Token*.
 */
MSIPC_API HRESULT WINAPI IpcCreateOAuth2Token(
    LPCWSTR wszAuthToken,
    PIPC_AUTH_TOKEN_HANDLE phIpcAuthToken);

/**
 * Encrypts a piece of the content. Pieces may come in any order.
 *
 * `hKey` is borrowed. `dwBlockNumber` is the number of the first block of the piece, in blocks of `IPC_KI_BLOCK_SIZE`
 * bytes from the start of the content. `fFinal` not `FALSE` says that the piece is the last one, which may be padded.
 * `pbInput` holds `cbInput` bytes. `pbOutput` holds room for `cbOutput` bytes; it may be `pbInput`, but must not overlap it
 * otherwise. `pbOutput` null asks for the size. `*pcbResult` is the number of bytes written or needed.
 *
 * # Returns
 * - `S_OK`: encrypted, or the size told.
 * - `E_INVALIDARG`: a null pointer, buffers that overlap, `pcbResult` inside one of them, padding that needs a block number
 *   past 32 bits.
 * - `E_HANDLE`: `hKey` is closed or is not a key.
 * - `IPCERROR_NOT_BLOCK_ALIGNED`: `cbInput` is no multiple of the block size and the piece is not the last one.
 * - `HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER)`: `cbOutput` is too small; `*pcbResult` tells what is needed and nothing
 *   was written.
 * - `IPCERROR_RIGHT_NOT_GRANTED`: the key grants none of EDIT, DOCEDIT, EXPORT and OWNER.
 *
 * # Threads
 * Any thread, also on one key at once.
 *
 * # Safety
 * The buffers are null or as long as their counts say; `pcbResult` is null or writable.
 *
 * # Source
 * MSIPC reference, *IpcEncrypt*. The page asks for whole blocks unless `fFinal` is `FALSE`; unless it is `TRUE` is meant,
 * as *IpcDecrypt* says.
 */
MSIPC_API HRESULT WINAPI IpcEncrypt(
    IPC_KEY_HANDLE hKey,
    DWORD dwBlockNumber,
    BOOL fFinal,
    PBYTE pbInput,
    DWORD cbInput,
    PBYTE pbOutput,
    DWORD cbOutput,
    DWORD *pcbResult);

/**
 * Decrypts a piece of the content. Pieces may come in any order.
 *
 * `hKey` is borrowed. `dwBlockNumber` is the number of the first block of the piece, in blocks of `IPC_KI_BLOCK_SIZE`
 * bytes from the start of the content. `fFinal` not `FALSE` says that the piece is the last one, whose padding is removed.
 * `pbInput` holds `cbInput` bytes. `pbOutput` holds room for `cbOutput` bytes; it may be `pbInput`, but must not overlap it
 * otherwise. `pbOutput` null asks for the size, which may then be an upper bound. `*pcbResult` is the number of bytes
 * written or needed.
 *
 * # Returns
 * - `S_OK`: decrypted, or the size told.
 * - `E_INVALIDARG`: a null pointer, buffers that overlap, `pcbResult` inside one of them.
 * - `E_HANDLE`: `hKey` is closed or is not a key.
 * - `IPCERROR_NOT_BLOCK_ALIGNED`: `cbInput` is no multiple of the unit of the cipher.
 * - `HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER)`: `cbOutput` is too small; `*pcbResult` tells what is needed and nothing
 *   was written.
 * - `HRESULT_FROM_WIN32(ERROR_INVALID_DATA)`: padding or tag is wrong; nothing was written.
 * - `IPCERROR_RIGHT_NOT_GRANTED`: the key grants neither VIEW nor OWNER.
 *
 * # Threads
 * Any thread, also on one key at once.
 *
 * # Safety
 * The buffers are null or as long as their counts say; `pcbResult` is null or writable.
 *
 * # Source
 * MSIPC reference, *IpcDecrypt*.
 */
MSIPC_API HRESULT WINAPI IpcDecrypt(
    IPC_KEY_HANDLE hKey,
    DWORD dwBlockNumber,
    BOOL fFinal,
    PBYTE pbInput,
    DWORD cbInput,
    PBYTE pbOutput,
    DWORD cbOutput,
    DWORD *pcbResult);

/**
 * Makes the library ready. Nothing depends on it; call it as the documentation says, once or any number of times.
 *
 * # Returns
 * - `S_OK`, each time.
 *
 * # Threads
 * Any thread.
 *
 * # Source
 * MSIPC reference, *IpcInitialize*. Later calls succeed because programs call it again; the page is silent.
 */
MSIPC_API HRESULT WINAPI IpcInitialize(void) IPC_OF_WIDTH("Initialize");

/**
 * Makes the environment of the process ready. Nothing depends on it; call it never, once or any number of times.
 *
 * # Returns
 * - `S_OK`, each time.
 *
 * # Threads
 * Any thread.
 *
 * # Source
 * MSIPC reference, *IpcInitializeEnvironment*. That it may be left out follows programs older than the function.
 */
MSIPC_API HRESULT WINAPI IpcInitializeEnvironment(void);

/**
 * Ends the use of the environment. Handles and memory stay valid and every function stays usable.
 *
 * # Returns
 * - `S_OK`, each time.
 *
 * # Threads
 * Any thread.
 *
 * # Source
 * MSIPC reference, *IpcUninitializeEnvironment*. Handles stay valid because programs close them from finalizers later.
 */
MSIPC_API HRESULT WINAPI IpcUninitializeEnvironment(void);

/**
 * Reads a setting of the process.
 *
 * `dwPropID` is one of the `IPC_EI_` constants. `*ppvProperty` points to a value of the type that the constant names;
 * the caller frees it with `IpcFreeMemory`. It is `NULL` until the answer is known.
 *
 * # Returns
 * - `S_OK`: reading a setting does not fix it.
 * - `E_INVALIDARG`: a null pointer, or a setting that cannot be read.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: an unknown setting, or an application id that was not set.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * `ppvProperty` is null or writable.
 *
 * # Source
 * MSIPC reference, *IpcGetGlobalProperty*, *Environment properties*.
 */
MSIPC_API HRESULT WINAPI IpcGetGlobalProperty(
    DWORD dwPropID,
    LPVOID *ppvProperty);

/**
 * Changes a setting of the process, before the first call that depends on it.
 *
 * `dwPropID` is one of the `IPC_EI_` constants. `pvProperty` points to a value of the type that the constant names (for
 * text it is the text itself); it is read during the call only.
 *
 * # Returns
 * - `S_OK`: the setting holds for all threads from now on.
 * - `E_INVALIDARG`: a null pointer, the reserved setting, or a value that the setting does not take.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: an unknown setting.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED)`: the impersonation mode.
 * - `IPCERROR_PROPERTY_ALREADY_SET`: it was set before; the name of the store also once the store is open.
 *
 * # Threads
 * Any thread; meant for the start of the program.
 *
 * # Safety
 * `pvProperty` is null or points to what `dwPropID` asks for.
 *
 * # Source
 * MSIPC reference, *IpcSetGlobalProperty*, *Environment properties*.
 */
MSIPC_API HRESULT WINAPI IpcSetGlobalProperty(
    DWORD dwPropID,
    LPCVOID pvProperty);

/**
 * Closes a handle of any kind.
 *
 * The object ends when the last call that uses it has returned. A closed handle is an error to every function.
 *
 * # Returns
 * - `S_OK`: closed.
 * - `E_HANDLE`: null, closed before, or not a handle of this library.
 *
 * # Threads
 * Any thread, also while other threads use the handle, and while the process ends.
 *
 * # Source
 * MSIPC reference, *IpcCloseHandle*. `E_HANDLE` is our choice: the page names no code.
 */
MSIPC_API HRESULT WINAPI IpcCloseHandle(IPC_HANDLE handle);

/**
 * Frees what another function gave out: one call for one pointer, with everything inside it.
 *
 * `NULL`, a pointer that is not from this library, and a pointer freed before are left alone. The content is erased.
 *
 * # Threads
 * Any thread.
 *
 * # Source
 * MSIPC reference, *IpcFreeMemory*. A second free is harmless until 4,096 later frees or 1 MiB of them; this is ours.
 */
MSIPC_API void WINAPI IpcFreeMemory(LPVOID pb) IPC_OF_WIDTH("FreeMemory");

/**
 * Protects a file: in the container of its type, under a native name, or as a pfile, as the administrator's rules say.
 *
 * `wszInputFilePath` is read during the call only, and so is `wszOutputFileDirectory`, an existing folder, which may be
 * null for the file's own. `pvLicenseInfo` is, as `dwType` says, the id of a template (`IPCF_EF_TEMPLATE_ID`, an `LPCWSTR`)
 * or a license (`IPCF_EF_LICENSE_HANDLE`, the handle itself, which stays open and usable). `dwFlags` are `IPCF_EF_FLAG_`
 * bits. `pContext` is borrowed and may be null. `*pwszOutputFilePath` is the new path, freed with `IpcFreeMemory`, or
 * `NULL` when the path did not change; `pwszOutputFilePath` may be null.
 *
 * The protected file is written beside its place, flushed and only then put there; the original is removed after that.
 * On failure the original is as it was. Owner, mode, times and extended attributes are kept where the system allows. Other
 * hard links to the original keep the old content; of symbolic links the file they lead to is protected.
 *
 * A file that is protected already is protected anew when the policy or the container differ, which needs EXTRACT or
 * OWNER; otherwise nothing changes. With `IPCF_EF_FLAG_UPDATELICENSE_BLOCKED` it is refused. Pfiles hold authenticated
 * content unless the license asks for another package. Other RMS clients cannot open authenticated pfiles: for them, set
 * `IPC_LI_PREFERRED_ENCRYPTION_PACKAGE` to `IPC_ENCRYPTION_PACKAGE_AES256_CBC4K` (1) on a license handle, or have the
 * administrator's rule `Package` say so for all files.
 *
 * # Returns
 * - `S_OK`: protected.
 * - `E_INVALIDARG`: a null pointer, an unknown type, unknown flags, both `IPCF_EF_FLAG_FORCE_` flags.
 * - `HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND)`, and other codes of the system.
 * - `IPCERROR_FILE_SYSTEM_FILE`: the file or the output folder belongs to the system, or the file is no regular one.
 * - `HRESULT_FROM_WIN32(ERROR_FILE_READ_ONLY)`: the file is read-only.
 * - `IPCERROR_FILE_UPDATELICENSE_BLOCKED`: it is protected, and the flags keep its policy.
 * - `IPCERROR_FILE_ENCRYPT_BLOCKED`: the rules forbid protecting this type.
 * - `IPCERROR_FILE_PDFPROTECTOR_FORMAT_NOT_SUPPORTED`: a PDF that is signed, linearized or encrypted.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED)`: the content is not what its type promises.
 * - `HRESULT_FROM_WIN32(ERROR_FILE_EXISTS)`: another file has the new name.
 * - `HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION)`: somebody else works on the file, or changed it meanwhile.
 * - `IPCERROR_RIGHT_NOT_GRANTED`: a protected file whose policy the account may not replace.
 * - What `IpcSerializeLicense` returns.
 *
 * # Threads
 * Any thread; the context is used during the call only.
 *
 * # Safety
 * Inputs are null or valid as described; the output is null or writable.
 *
 * # Source
 * MSIPC reference, *IpcfEncryptFile*.
 */
MSIPC_API HRESULT WINAPI IpcfEncryptFile(
    LPCWSTR wszInputFilePath,
    LPCVOID pvLicenseInfo,
    DWORD dwType,
    DWORD dwFlags,
    PCIPC_PROMPT_CTX pContext,
    LPCWSTR wszOutputFileDirectory,
    LPCWSTR *pwszOutputFilePath);

/**
 * As `IpcfEncryptFile`, and writes metadata for tracking into the license.
 *
 * `pLicenseMetadata` is borrowed with its text; null writes none. A time of zero is not written. The path of the protected
 * file is written too, as a hash.
 *
 * # Returns
 * - `S_OK`: protected.
 * - `E_INVALIDARG`: as `IpcfEncryptFile`, and a `cbSize` that is too small or an unknown notification in the metadata.
 * - What `IpcfEncryptFile` returns.
 *
 * # Threads
 * Any thread; the context is used during the call only.
 *
 * # Safety
 * Inputs are null or valid as described; the output is null or writable.
 *
 * # Source
 * MSIPC reference, *IpcfEncryptFileWithMetadata*.
 */
MSIPC_API HRESULT WINAPI IpcfEncryptFileWithMetadata(
    LPCWSTR wszInputFilePath,
    LPCVOID pvLicenseInfo,
    DWORD dwType,
    DWORD dwFlags,
    PCIPC_PROMPT_CTX pContext,
    LPCWSTR wszOutputFileDirectory,
    PCIPC_LICENSE_METADATA pLicenseMetadata,
    LPCWSTR *pwszOutputFilePath);

/**
 * Takes the protection off a file.
 *
 * `wszInputFilePath` is read during the call only, and so is `wszOutputFileDirectory`, an existing folder, which may be
 * null for the file's own. `dwFlags` is 0 or `IPCF_DF_FLAG_OPEN_AS_RMS_AWARE`, for applications that honor the rights
 * themselves. `pContext` is borrowed and may be null. `*pwszOutputFilePath` is the new path, freed with `IpcFreeMemory`, or
 * `NULL` when the path did not change; `pwszOutputFilePath` may be null.
 *
 * The plain file is written beside its place, flushed and only then put there; the protected one is removed after that. On
 * failure the protected file is as it was, and nothing in the clear stays behind.
 *
 * # Returns
 * - `S_OK`: the content is there in the clear.
 * - `E_INVALIDARG`: a null pointer, unknown flags.
 * - `IPCERROR_FILE_IS_NOT_ENCRYPTED`: the file is not protected.
 * - `IPCERROR_RIGHT_NOT_GRANTED`: without EXTRACT or OWNER; with the flag, without VIEW.
 * - `HRESULT_FROM_WIN32(ERROR_FILE_CORRUPT)`: the file is damaged, or was changed by somebody who may not.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED)`: a PDF that holds its license itself, a later version of the container.
 * - The codes of the system as in `IpcfEncryptFile`, and what `IpcGetKey` returns.
 *
 * # Threads
 * Any thread; the context is used during the call only.
 *
 * # Safety
 * Inputs are null or valid as described; the output is null or writable.
 *
 * # Source
 * MSIPC reference, *IpcfDecryptFile*.
 */
MSIPC_API HRESULT WINAPI IpcfDecryptFile(
    LPCWSTR wszInputFilePath,
    DWORD dwFlags,
    PCIPC_PROMPT_CTX pContext,
    LPCWSTR wszOutputFileDirectory,
    LPCWSTR *pwszOutputFilePath);

/**
 * Tells where `IpcfEncryptFile` would put a file, without touching anything.
 *
 * `wszInputFilePath` is read during the call only. `dwFlags` are `IPCF_EF_FLAG_` bits. `*pwszOutputFilePath` is the path,
 * freed with `IpcFreeMemory`, or `NULL` when it would not change; `pwszOutputFilePath` may be null.
 *
 * # Returns
 * - `S_OK`: the path.
 * - `E_INVALIDARG`: a null pointer, unknown flags, both `IPCF_EF_FLAG_FORCE_` flags.
 * - What `IpcfEncryptFile` returns about the file itself.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * The input is null or ends in NUL; the output is null or writable.
 *
 * # Source
 * MSIPC reference, *IpcfGetEncryptedFilePath*.
 */
MSIPC_API HRESULT WINAPI IpcfGetEncryptedFilePath(
    LPCWSTR wszInputFilePath,
    DWORD dwFlags,
    LPCWSTR *pwszOutputFilePath);

/**
 * Tells where `IpcfDecryptFile` would put the content of a protected file, without touching anything.
 *
 * `wszInputFilePath` is read during the call only. `dwFlags` is 0 or `IPCF_DF_FLAG_OPEN_AS_RMS_AWARE`.
 * `*pwszOutputFilePath` is the path, freed with `IpcFreeMemory`, or `NULL` when it would not change; `pwszOutputFilePath`
 * may be null.
 *
 * # Returns
 * - `S_OK`: the path.
 * - `E_INVALIDARG`: a null pointer, unknown flags.
 * - `IPCERROR_FILE_IS_NOT_ENCRYPTED`: the file is not protected.
 * - `HRESULT_FROM_WIN32(ERROR_FILE_CORRUPT)`: the file is damaged.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * The input is null or ends in NUL; the output is null or writable.
 *
 * # Source
 * MSIPC reference, *IpcfGetDecryptedFilePath*.
 */
MSIPC_API HRESULT WINAPI IpcfGetDecryptedFilePath(
    LPCWSTR wszInputFilePath,
    DWORD dwFlags,
    LPCWSTR *pwszOutputFilePath);

/**
 * Tells whether a file is protected, by its content; the name breaks ties.
 *
 * `wszInputFilePath` is read during the call only. `*pdwFileStatus` is one of the `IPCF_FILE_STATUS_` constants.
 *
 * # Returns
 * - `S_OK`: the status.
 * - `E_INVALIDARG`: a null pointer.
 * - `HRESULT_FROM_WIN32(ERROR_FILE_CORRUPT)`: a protected file that is damaged.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED)`: a later version of the container.
 * - The codes of the system.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * The input is null or ends in NUL; the output is null or writable.
 *
 * # Source
 * MSIPC reference, *IpcfIsFileEncrypted*. Damaged files are told instead of called plain, so that nobody protects one a
 * second time.
 */
MSIPC_API HRESULT WINAPI IpcfIsFileEncrypted(
    LPCWSTR wszInputFilePath,
    LPDWORD pdwFileStatus);

/**
 * Gets the license out of a protected file.
 *
 * `wszInputFilePath` is read during the call only. `*ppvLicense` is one block, freed with `IpcFreeMemory`: the license as
 * it is stored, which `IpcGetKey` takes. It is `NULL` until known.
 *
 * # Returns
 * - `S_OK`: the license.
 * - `E_INVALIDARG`: a null pointer.
 * - `IPCERROR_FILE_IS_NOT_ENCRYPTED`: the file is not protected, or is a mail.
 * - `HRESULT_FROM_WIN32(ERROR_FILE_CORRUPT)`: the file is damaged.
 * - The codes of the system.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * The input is null or ends in NUL; the output is null or writable.
 *
 * # Source
 * MSIPC reference, *IpcfGetSerializedLicenseFromFile*.
 */
MSIPC_API HRESULT WINAPI IpcfGetSerializedLicenseFromFile(
    LPCWSTR wszInputFilePath,
    PIPC_BUFFER *ppvLicense);

/**
 * Opens a pfile that the application has open, for reading and writing its content in place.
 *
 * `hFileStream` is a handle of a file on Windows, elsewhere a file descriptor made with `IPCX_FILE_FD`; it is duplicated, so
 * the caller's own may be closed at any time. `pContext` is borrowed and may be null. `dwFlags` is 0. `*phFile` is closed
 * with `IpcCloseHandle`; it is `NULL` until the file is open. When the process is killed during a write, the file may
 * afterwards be reported as damaged, never read as wrong bytes; `IpcxOpenFile` loses nothing then.
 *
 * # Returns
 * - `S_OK`: the file.
 * - `E_INVALIDARG`: a null pointer, flags, no open file.
 * - `IPCERROR_FILE_IS_NOT_ENCRYPTED`: the file is not protected.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED)`: an Office document or a PDF.
 * - `HRESULT_FROM_WIN32(ERROR_FILE_CORRUPT)`: damaged, or changed by somebody who may not.
 * - `IPCERROR_RIGHT_NOT_GRANTED`: without VIEW, and as `IpcGetKey`.
 * - What `IpcGetKey` returns.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid as described; the output is null or writable.
 *
 * # Source
 * MSIPC reference, *IpcfOpenFileOnHandle*.
 */
MSIPC_API HRESULT WINAPI IpcfOpenFileOnHandle(
    HANDLE hFileStream,
    PCIPC_PROMPT_CTX pContext,
    DWORD dwFlags,
    PIPCF_FILE_HANDLE phFile);

/**
 * As `IpcfOpenFileOnHandle`, on a stream of the application.
 *
 * `pFileStream` is called on the threads of the calls that use `*phFile`, one after the other; a reference to it is held
 * until the handle is closed.
 *
 * # Returns
 * - `S_OK`: the file.
 * - `E_INVALIDARG`: a null pointer, flags.
 * - The code that a method of the stream failed with.
 * - What `IpcfOpenFileOnHandle` returns.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid as described; the output is null or writable.
 *
 * # Source
 * MSIPC reference, *IpcfOpenFileOnILockBytes*.
 */
MSIPC_API HRESULT WINAPI IpcfOpenFileOnILockBytes(
    ILockBytes *pFileStream,
    PCIPC_PROMPT_CTX pContext,
    DWORD dwFlags,
    PIPCF_FILE_HANDLE phFile);

/**
 * Reads content of an open protected file.
 *
 * `hFile` is borrowed. `pDataRange` tells offset and size in bytes of content. `pvBuffer` has room for `*cbBufferSize`
 * bytes; as many are read as range, buffer and content allow, none behind the end. `*cbBufferSize` is then how many were
 * read, and 0 on failure.
 *
 * # Returns
 * - `S_OK`: read, perhaps nothing.
 * - `E_INVALIDARG`: a null pointer.
 * - `E_HANDLE`: `hFile` is closed or is not a file.
 * - `HRESULT_FROM_WIN32(ERROR_FILE_CORRUPT)`: what would be read is damaged, or was changed by somebody who may not. The
 *   buffer then holds nothing of use.
 * - `HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION)`: another handle is writing the file, and did not come to its end while this
 *   call waited for it.
 * - The codes of the system or of the stream.
 *
 * # Threads
 * Any thread; calls on one file take turns.
 *
 * # Safety
 * The pointers are null or valid as described.
 *
 * # Source
 * MSIPC reference, *IpcfReadFile*.
 */
MSIPC_API HRESULT WINAPI IpcfReadFile(
    IPCF_FILE_HANDLE hFile,
    PCIPCF_FILE_RANGE pDataRange,
    PBYTE pvBuffer,
    DWORD64 *cbBufferSize);

/**
 * Writes content of an open protected file. Behind the end, what lies between becomes zeros.
 *
 * `hFile` is borrowed. `pDataRange` tells offset and size in bytes of content. `pvBuffer` holds `*cbBufferSize` bytes; as
 * many are written as range and buffer have. `*cbBufferSize` is then how many were written, and 0 on failure.
 *
 * # Returns
 * - `S_OK`: written.
 * - `E_INVALIDARG`: a null pointer; more content than the cipher can number.
 * - `E_HANDLE`: `hFile` is closed or is not a file.
 * - `IPCERROR_RIGHT_NOT_GRANTED`: without EDIT, DOCEDIT, EXPORT or OWNER.
 * - `E_ACCESSDENIED`: the file was opened for reading only.
 * - `HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION)`: another handle changed the file since this one last read it.
 * - `HRESULT_FROM_WIN32(ERROR_FILE_CORRUPT)`: blocks that are written in part are damaged.
 * - The codes of the system or of the stream.
 *
 * # Threads
 * Any thread; calls on one file take turns.
 *
 * # Safety
 * The pointers are null or valid as described.
 *
 * # Source
 * MSIPC reference, *IpcfWriteFile*. That reading alone does not suffice is our choice; the page names no right.
 */
MSIPC_API HRESULT WINAPI IpcfWriteFile(
    IPCF_FILE_HANDLE hFile,
    PCIPCF_FILE_RANGE pDataRange,
    PBYTE pvBuffer,
    DWORD64 *cbBufferSize);

/**
 * Cuts the content of an open protected file, or extends it with zeros.
 *
 * `hFile` is borrowed. `qwOffset` is the new size of the content in bytes.
 *
 * # Returns
 * - `S_OK`: done.
 * - What `IpcfWriteFile` returns.
 *
 * # Threads
 * Any thread; calls on one file take turns.
 *
 * # Source
 * MSIPC reference, *IpcfSetEndOfFile*. The page speaks of cutting only.
 */
MSIPC_API HRESULT WINAPI IpcfSetEndOfFile(
    IPCF_FILE_HANDLE hFile,
    DWORD64 qwOffset);

/**
 * Tells which part of the file itself holds a range of the content: what is needed to decrypt that range.
 *
 * `hFile` is borrowed. `inRange` is read during the call only; `outRange` belongs to the caller.
 *
 * # Returns
 * - `S_OK`: whole blocks, cut at the end of the file; size 0 behind the last of them.
 * - `E_INVALIDARG`: a null pointer.
 * - `E_HANDLE`: `hFile` is closed or is not a file.
 *
 * # Threads
 * Any thread; calls on one file take turns.
 *
 * # Safety
 * The pointers are null or valid.
 *
 * # Source
 * MSIPC reference, *IpcfLogicalFileRangeToRawFileRange*.
 */
MSIPC_API HRESULT WINAPI IpcfLogicalFileRangeToRawFileRange(
    IPCF_FILE_HANDLE hFile,
    PCIPCF_FILE_RANGE inRange,
    PIPCF_RAW_FILE_RANGE outRange);

/**
 * Reads a property of an open protected file.
 *
 * `hFile` is borrowed. `dwPropId` is one of the `IPCF_FI_` constants, or `IPCX_FI_AUTHENTICATED`. `*ppvProperty` points to a
 * value of the type that the constant names and is freed with `IpcFreeMemory`. It is `NULL` until known.
 *
 * # Returns
 * - `S_OK`: the value.
 * - `E_INVALIDARG`: a null pointer.
 * - `E_NOTIMPL`: `IPCF_FI_CONTENT_KEY` and `IPCF_FI_BASIC_INFORMATION`.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: an unknown property.
 * - `E_HANDLE`: `hFile` is closed or is not a file.
 *
 * # Threads
 * Any thread; calls on one file take turns.
 *
 * # Safety
 * `ppvProperty` is null or writable.
 *
 * # Source
 * MSIPC reference, *IpcfGetFileProperty*.
 */
MSIPC_API HRESULT WINAPI IpcfGetFileProperty(
    IPCF_FILE_HANDLE hFile,
    DWORD dwPropId,
    LPVOID *ppvProperty);

/**
 * Sets a property of an open protected file: `IPCF_FI_ACCESS_BLOCK_SIZE`.
 *
 * `hFile` is borrowed. `pvProperty` points to a value of the type that the constant names and is read during the call only.
 *
 * # Returns
 * - `S_OK`: set.
 * - `E_INVALIDARG`: a null pointer, a property that is only read, a size that is no multiple of the block of the cipher.
 * - `E_NOTIMPL`: `IPCF_FI_CONTENT_KEY` and `IPCF_FI_BASIC_INFORMATION`.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: an unknown property.
 * - `E_HANDLE`: `hFile` is closed or is not a file.
 *
 * # Threads
 * Any thread; calls on one file take turns.
 *
 * # Safety
 * `pvProperty` is null or valid.
 *
 * # Source
 * MSIPC reference, *IpcfSetFileProperty*.
 */
MSIPC_API HRESULT WINAPI IpcfSetFileProperty(
    IPCF_FILE_HANDLE hFile,
    DWORD dwPropId,
    LPCVOID pvProperty);

/**
 * As `IpcfEncryptFile`, from one stream into another.
 *
 * `pInputFileStream` and `pOutputFileStream` are two objects of the application, called on the thread of this call; a
 * reference to each is held meanwhile. The output is emptied when the input was found good, and again on failure; two streams
 * over one file are not allowed. `wszInputFilePath` is a hint:
 * its last extension tells the type and what the result is to be called, nothing of that path is opened.
 * `*pwszOutputFilePath` is that name, without a folder, freed with `IpcFreeMemory`, or `NULL` when it did not change;
 * `pwszOutputFilePath` may be null. The other arguments are those of `IpcfEncryptFile`.
 *
 * # Returns
 * - `S_OK`: the output holds the protected file.
 * - `E_INVALIDARG`: a null pointer, one object twice, and as `IpcfEncryptFile`.
 * - The code that a method of a stream failed with.
 * - What `IpcfEncryptFile` returns.
 *
 * # Threads
 * Any thread; the streams are used on it alone.
 *
 * # Safety
 * Inputs are null or valid as described; the output path is null or writable.
 *
 * # Source
 * MSIPC reference, *IpcfEncryptFileStream*.
 */
MSIPC_API HRESULT WINAPI IpcfEncryptFileStream(
    ILockBytes *pInputFileStream,
    LPCWSTR wszInputFilePath,
    LPCVOID pvLicenseInfo,
    DWORD dwType,
    DWORD dwFlags,
    PCIPC_PROMPT_CTX pContext,
    ILockBytes *pOutputFileStream,
    LPCWSTR *pwszOutputFilePath);

/**
 * As `IpcfEncryptFileStream`, and writes metadata for tracking into the license, as `IpcfEncryptFileWithMetadata` does.
 *
 * # Returns
 * - `S_OK`: the output holds the protected file.
 * - What `IpcfEncryptFileStream` and `IpcfEncryptFileWithMetadata` return.
 *
 * # Threads
 * Any thread; the streams are used on it alone.
 *
 * # Safety
 * Inputs are null or valid as described; the output path is null or writable.
 *
 * # Source
 * MSIPC reference, *IpcfEncryptFileStreamWithMetadata*.
 */
MSIPC_API HRESULT WINAPI IpcfEncryptFileStreamWithMetadata(
    ILockBytes *pInputFileStream,
    LPCWSTR wszInputFilePath,
    LPCVOID pvLicenseInfo,
    DWORD dwType,
    DWORD dwFlags,
    PCIPC_PROMPT_CTX pContext,
    PCIPC_LICENSE_METADATA pLicenseMetadata,
    ILockBytes *pOutputFileStream,
    LPCWSTR *pwszOutputFilePath);

/**
 * As `IpcfDecryptFile`, from one stream into another.
 *
 * The streams and paths are as in `IpcfEncryptFileStream`, the other arguments as in `IpcfDecryptFile`.
 *
 * # Returns
 * - `S_OK`: the output holds the content in the clear.
 * - `E_INVALIDARG`: a null pointer, one object twice, unknown flags.
 * - The code that a method of a stream failed with.
 * - What `IpcfDecryptFile` returns.
 *
 * # Threads
 * Any thread; the streams are used on it alone.
 *
 * # Safety
 * Inputs are null or valid as described; the output path is null or writable.
 *
 * # Source
 * MSIPC reference, *IpcfDecryptFileStream*.
 */
MSIPC_API HRESULT WINAPI IpcfDecryptFileStream(
    ILockBytes *pInputFileStream,
    LPCWSTR wszInputFilePath,
    DWORD dwFlags,
    PCIPC_PROMPT_CTX pContext,
    ILockBytes *pOutputFileStream,
    LPCWSTR *pwszOutputFilePath);

/**
 * As `IpcfGetEncryptedFilePath`, for a stream; the path is a hint and the result a name without a folder.
 *
 * `pInputFileStream` is an object of the application, called on the thread of this call.
 *
 * # Returns
 * - `S_OK`: the name.
 * - `E_INVALIDARG`: a null pointer, unknown flags, both `IPCF_EF_FLAG_FORCE_` flags.
 * - The code that a method of the stream failed with.
 * - What `IpcfGetEncryptedFilePath` returns.
 *
 * # Threads
 * Any thread; the stream is used on it alone.
 *
 * # Safety
 * Inputs are null or valid as described; the output is null or writable.
 *
 * # Source
 * MSIPC reference, *IpcfGetEncryptedFilePathFromStream*. The page declares the first parameter by value, which an
 * interface cannot be.
 */
MSIPC_API HRESULT WINAPI IpcfGetEncryptedFilePathFromStream(
    ILockBytes *pInputFileStream,
    LPCWSTR wszInputFilePath,
    DWORD dwFlags,
    LPCWSTR *pwszOutputFilePath);

/**
 * As `IpcfGetDecryptedFilePath`, for a stream; the path is a hint and the result a name without a folder.
 *
 * `pInputFileStream` is an object of the application, called on the thread of this call.
 *
 * # Returns
 * - `S_OK`: the name.
 * - `E_INVALIDARG`: a null pointer, unknown flags.
 * - The code that a method of the stream failed with.
 * - What `IpcfGetDecryptedFilePath` returns.
 *
 * # Threads
 * Any thread; the stream is used on it alone.
 *
 * # Safety
 * Inputs are null or valid as described; the output is null or writable.
 *
 * # Source
 * MSIPC reference, *IpcfGetDecryptedFilePathFromStream*. The page declares the first parameter by value, which an
 * interface cannot be.
 */
MSIPC_API HRESULT WINAPI IpcfGetDecryptedFilePathFromStream(
    ILockBytes *pInputFileStream,
    LPCWSTR wszInputFilePath,
    DWORD dwFlags,
    LPCWSTR *pwszOutputFilePath);

/**
 * As `IpcfIsFileEncrypted`, for a stream; the path is a hint.
 *
 * `pInputFileStream` is an object of the application, called on the thread of this call.
 *
 * # Returns
 * - `S_OK`: the status.
 * - `E_INVALIDARG`: a null pointer.
 * - The code that a method of the stream failed with.
 * - What `IpcfIsFileEncrypted` returns.
 *
 * # Threads
 * Any thread; the stream is used on it alone.
 *
 * # Safety
 * Inputs are null or valid as described; the output is null or writable.
 *
 * # Source
 * MSIPC reference, *IpcfIsFileStreamEncrypted*.
 */
MSIPC_API HRESULT WINAPI IpcfIsFileStreamEncrypted(
    ILockBytes *pInputFileStream,
    LPCWSTR wszInputFilePath,
    LPDWORD pdwFileStatus);

/**
 * As `IpcfGetSerializedLicenseFromFile`, for a stream; the path is a hint.
 *
 * `pInputFileStream` is an object of the application, called on the thread of this call.
 *
 * # Returns
 * - `S_OK`: the license.
 * - `E_INVALIDARG`: a null pointer.
 * - The code that a method of the stream failed with.
 * - What `IpcfGetSerializedLicenseFromFile` returns.
 *
 * # Threads
 * Any thread; the stream is used on it alone.
 *
 * # Safety
 * Inputs are null or valid as described; the output is null or writable.
 *
 * # Source
 * MSIPC reference, *IpcfGetSerializedLicenseFromFileStream*.
 */
MSIPC_API HRESULT WINAPI IpcfGetSerializedLicenseFromFileStream(
    ILockBytes *pInputFileStream,
    LPCWSTR wszInputFilePath,
    PIPC_BUFFER *ppvLicense);

/**
 * Gets the key of a license, with the rights that the asking account has.
 *
 * The use license that the authority issues for it is kept, unless `dwFlags` keeps it off the disk, and answers later calls
 * for as long as the policy says: rights are not looked at again in that time, revocation is.
 *
 * `pvLicense` is borrowed: what `IpcSerializeLicense` returned, with or without a byte-order mark. `dwFlags` are
 * `IPC_GK_FLAG_` bits. `pContext` is borrowed and may be null. `pvReserved` is null. `*phKey` is closed with
 * `IpcCloseHandle`; it is `NULL` until the key is there.
 *
 * # Returns
 * - `S_OK`: the account has at least one right; ask `IpcAccessCheck` which.
 * - `E_INVALIDARG`: a null pointer, unknown flags, a wrong `cbSize`.
 * - `HRESULT_FROM_WIN32(ERROR_INVALID_DATA)`: the license is damaged.
 * - `IPCERROR_BROKEN_CERT_CHAIN`: the license is not signed by an authority that is trusted here.
 * - `IPCERROR_RIGHT_NOT_GRANTED`: the account has no right, or the content is expired, not yet valid or revoked.
 * - `IPCERROR_NEEDS_ONLINE`: `IPC_PROMPT_FLAG_OFFLINE` was given and no use license is at hand that still serves.
 * - `IPCERROR_CLOCK_ROLL_BACK_DETECTED`: `IPC_PROMPT_FLAG_OFFLINE` was given and the clock was set back.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid as described, with everything they point to; `phKey` is null or writable.
 *
 * # Source
 * MSIPC reference, *IpcGetKey*. The page says that `dwFlags` is 0; programs pass 1 to keep the use license off the disk.
 */
MSIPC_API HRESULT WINAPI IpcGetKey(
    PCIPC_BUFFER pvLicense,
    DWORD dwFlags,
    PCIPC_PROMPT_CTX pContext,
    LPVOID pvReserved,
    PIPC_KEY_HANDLE phKey);

/**
 * Reads a property of a key.
 *
 * `hKey` is borrowed. `dwPropID` is one of the `IPC_KI_` constants. `pvReserved` is null. `*ppvProperty` points to a value
 * of the type that the constant names and is freed with `IpcFreeMemory`. It is `NULL` until known.
 *
 * # Returns
 * - `S_OK`: the value.
 * - `E_INVALIDARG`: a null output.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: an unknown property.
 * - `E_HANDLE`: `hKey` is closed or is not a key.
 *
 * # Threads
 * Any thread, also on one key at once.
 *
 * # Safety
 * `ppvProperty` is null or writable.
 *
 * # Source
 * MSIPC reference, *IpcGetKeyProperty*, *Key property types*.
 */
MSIPC_API HRESULT WINAPI IpcGetKeyProperty(
    IPC_KEY_HANDLE hKey,
    DWORD dwPropID,
    LPVOID pvReserved,
    LPVOID *ppvProperty);

/**
 * Tells whether a key grants one right.
 *
 * `hKey` is borrowed. `wszRequestedRight` is read during the call only; case does not matter.
 * `*pfAccessGranted` belongs to the caller and is `FALSE` until the answer is known.
 *
 * # Returns
 * - `S_OK`: the answer as of now; an expired use license grants nothing.
 * - `E_INVALIDARG`: a null pointer, an empty right, one longer than 256 units, text that is not valid Unicode.
 * - `E_HANDLE`: `hKey` is closed or is not a key.
 *
 * # Threads
 * Any thread, also on one key at once. If another thread closes the key, this call still finishes.
 *
 * # Safety
 * `wszRequestedRight` is null or ends in NUL; `pfAccessGranted` is null or writable.
 *
 * # Source
 * MSIPC reference, *IpcAccessCheck*, Parameters and Return value. `E_HANDLE` is our choice: the page names no code for it.
 */
MSIPC_API HRESULT WINAPI IpcAccessCheck(
    IPC_KEY_HANDLE hKey,
    LPCWSTR wszRequestedRight,
    LPBOOL pfAccessGranted);

/**
 * Begins a license with a policy of its own.
 *
 * `pTemplateIssuer` is borrowed: an entry of `IpcGetTemplateIssuerList`, or one that the caller made; both addresses null
 * mean the default authority. `dwFlags` is 0, `pvReserved` is null. `*phLicense` is closed with `IpcCloseHandle`; it is
 * `NULL` until the license exists.
 *
 * # Returns
 * - `S_OK`: the license grants nothing yet.
 * - `E_INVALIDARG`: a null pointer, flags, text that is not valid.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: no authority is known at the address of the issuer.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * `pTemplateIssuer` is null or valid with its texts; `phLicense` is null or writable.
 *
 * # Source
 * MSIPC reference, *IpcCreateLicenseFromScratch*.
 */
MSIPC_API HRESULT WINAPI IpcCreateLicenseFromScratch(
    PCIPC_TEMPLATE_ISSUER pTemplateIssuer,
    DWORD dwFlags,
    LPVOID pvReserved,
    PIPC_LICENSE_HANDLE phLicense);

/**
 * Begins a license with the policy of a template.
 *
 * `wszTemplateID` is read during the call only: an id of `IpcGetTemplateList`. `dwFlags` is 0, `pvReserved` is null.
 * `*phLicense` is closed with `IpcCloseHandle`; it is `NULL` until the license exists.
 *
 * # Returns
 * - `S_OK`: the license.
 * - `E_INVALIDARG`: a null pointer, flags, text that is not valid.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: no such template.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * `wszTemplateID` is null or ends in NUL; `phLicense` is null or writable.
 *
 * # Source
 * MSIPC reference, *IpcCreateLicenseFromTemplateID*. The code for an unknown template is our choice.
 */
MSIPC_API HRESULT WINAPI IpcCreateLicenseFromTemplateID(
    LPCWSTR wszTemplateID,
    DWORD dwFlags,
    LPVOID pvReserved,
    PIPC_LICENSE_HANDLE phLicense);

/**
 * Reads a property of a license that is being edited.
 *
 * `hLicense` is borrowed. `dwPropID` is one of the `IPC_LI_` constants. `lcid` is the language of `IPC_LI_DESCRIPTOR`
 * and ignored otherwise. `*ppvProperty` points to a value of the type that the constant names and is freed with
 * `IpcFreeMemory`; for `IPC_LI_CONTENT_KEY` it is a handle, closed with `IpcCloseHandle`. It is `NULL` until known.
 *
 * # Returns
 * - `S_OK`: what was set, or the default.
 * - `E_INVALIDARG`: a null pointer.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: an unknown property, or the time of issue, which is still to come.
 * - `E_HANDLE`: `hLicense` is closed or is not a license.
 * - `IPCERROR_USER_RIGHTS_NOT_SET`, `IPCERROR_LICENSE_INTERVAL_TIME_NOT_SET`, `IPCERROR_CONTENT_KEY_NOT_SET`,
 *   `IPCERROR_LOCALE_NOT_FOUND`: the property is not set and has no default.
 *
 * # Threads
 * Any thread; calls on one license take turns.
 *
 * # Safety
 * `ppvProperty` is null or writable.
 *
 * # Source
 * MSIPC reference, *IpcGetLicenseProperty*, *License property types*.
 */
MSIPC_API HRESULT WINAPI IpcGetLicenseProperty(
    IPC_LICENSE_HANDLE hLicense,
    DWORD dwPropID,
    LCID lcid,
    LPVOID *ppvProperty);

/**
 * Sets or deletes a property of a license that is being edited.
 *
 * `hLicense` is borrowed. `fDelete` not `FALSE` deletes and ignores `pvProperty`. `dwPropID` is one of the `IPC_LI_`
 * constants. `pvProperty` points to a value of the type that the constant names, or is the text or the key handle itself;
 * it is read during the call only.
 *
 * # Returns
 * - `S_OK`: set or deleted.
 * - `E_INVALIDARG`: a null value, a property that cannot be set or deleted, a value that it does not take.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: an unknown property.
 * - `E_HANDLE`: `hLicense`, or the key handle given as value, is closed or of another kind.
 * - `IPCERROR_ISSUANCELICENSE_LENGTH_LIMIT_EXCEEDED`: a user rights list of more than 20,000 users.
 *
 * # Threads
 * Any thread; calls on one license take turns.
 *
 * # Safety
 * `pvProperty` is null or what `dwPropID` asks for, with everything it points to.
 *
 * # Source
 * MSIPC reference, *IpcSetLicenseProperty*, *License property types*. The page calls one code `E_INVALIDARGS`;
 * `E_INVALIDARG` is meant.
 */
MSIPC_API HRESULT WINAPI IpcSetLicenseProperty(
    IPC_LICENSE_HANDLE hLicense,
    BOOL fDelete,
    DWORD dwPropID,
    LPCVOID pvProperty);

/**
 * Has a license signed and returns it, and the key to encrypt with.
 *
 * `pvLicenseInfo` is, as `dwType` says, the id of a template (`IPC_SL_TEMPLATE_ID`, an `LPCWSTR`) or a license
 * (`IPC_SL_LICENSE_HANDLE`, the handle itself, which stays open and usable). `dwFlags` are `IPC_SL_FLAG_` bits.
 * `pContext` is borrowed and may be null. `*phKey` is closed with `IpcCloseHandle`; `phKey` may be null. `*ppvLicense` is
 * one block that the caller frees with `IpcFreeMemory`; it must be stored with the content. Both outputs are `NULL` until
 * the license is signed. The publisher's use license is kept as the flags allow, so that `IpcGetKey` finds it later.
 *
 * With `IPC_SL_FLAG_DEPRECATED_UNSIGNED_LICENSE_TEMPLATE`, which goes with no other flag, `*ppvLicense` is the policy as an
 * unsigned rights document for programs that use the older client, MSDRM. It is no license and has no key: `*phKey` stays
 * `NULL`. Owner and content id are not in it.
 *
 * # Returns
 * - `S_OK`: the license, in XrML.
 * - `E_INVALIDARG`: a null pointer, an unknown type, flags that do not go together, properties that do not go together; an
 *   unsigned template of a license with a content key or with encrypted application data.
 * - `E_HANDLE`: the license handle is closed or is not a license.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: no such template.
 * - `IPCERROR_USER_RIGHTS_NOT_SET`: a license from scratch without a user rights list; an empty list will do.
 * - `IPCERROR_RIGHT_NOT_GRANTED`: the license reuses a content key and the account lacks EDITRIGHTSDATA on it.
 * - `IPCERROR_TEMPLATE_NOT_ENABLED_FOR_USER`: the account may not publish with this template.
 * - `IPCERROR_ISSUANCELICENSE_LENGTH_LIMIT_EXCEEDED`: the license would have more than 8 MiB.
 * - `IPCERROR_NEEDS_ONLINE`: `IPC_PROMPT_FLAG_OFFLINE` was given and the license reuses a content key, about which the
 *   authority decides anew. Otherwise publishing works offline: what signs is at hand.
 *
 * # Threads
 * Any thread; calls on one license take turns.
 *
 * # Safety
 * Inputs are null or valid as described; the outputs are null or writable.
 *
 * # Source
 * MSIPC reference, *IpcSerializeLicense*. That the handle stays usable follows programs that serialize it again. The
 * length is that of [MS-RMPR] 3.4 for licenses that are submitted. The form of the unsigned template is our choice: the page
 * says for whom it is.
 */
MSIPC_API HRESULT WINAPI IpcSerializeLicense(
    LPCVOID pvLicenseInfo,
    DWORD dwType,
    DWORD dwFlags,
    PCIPC_PROMPT_CTX pContext,
    PIPC_KEY_HANDLE phKey,
    PIPC_BUFFER *ppvLicense);

/**
 * Reads a property of a signed license.
 *
 * `pvLicense` is borrowed. `dwPropID` is one of the `IPC_LI_` constants. `hKey` is borrowed: the key of this license, or
 * null for properties that are in the clear. `lcid` is the language of `IPC_LI_DESCRIPTOR` and ignored otherwise.
 * `*ppvProperty` points to a value of the type that the constant names and is freed with `IpcFreeMemory`. It is `NULL`
 * until known.
 *
 * # Returns
 * - `S_OK`: the value, or the default.
 * - `E_INVALIDARG`: a null pointer, a property that a signed license does not tell, or the key of another license.
 * - `E_HANDLE`: `hKey` is closed or is not a key.
 * - `IPCERROR_NEEDS_KEY_PARAMETER`: the property is encrypted and `hKey` is null.
 * - `IPCERROR_RIGHT_NOT_GRANTED`: `IPC_LI_USER_RIGHTS_LIST` needs VIEWRIGHTSDATA.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: an unknown property.
 * - `HRESULT_FROM_WIN32(ERROR_INVALID_DATA)`: the license is damaged.
 * - `IPCERROR_BROKEN_CERT_CHAIN`: the signature of the license does not hold. Who signed does not matter here.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * `pvLicense` is null or readable with its bytes; `ppvProperty` is null or writable.
 *
 * # Source
 * MSIPC reference, *IpcGetSerializedLicenseProperty*, *License property types*. The page writes
 * `IPC_GENERIC_VIEW_RIGHTS` for `IPC_READ_RIGHTS`.
 */
MSIPC_API HRESULT WINAPI IpcGetSerializedLicenseProperty(
    PCIPC_BUFFER pvLicense,
    DWORD dwPropID,
    IPC_KEY_HANDLE hKey,
    LCID lcid,
    LPVOID *ppvProperty);

/**
 * Explains a code: what it means and what to do.
 *
 * `hrError` is any code. `dwLanguageId` is 0 or a language; the text is English for every value. `*ppwszErrorMessageText`
 * is freed with `IpcFreeMemory`; it is `NULL` until the text is there. When `hrError` is the code of the last failure on
 * this thread, the reason of that failure follows on a line of its own.
 *
 * # Returns
 * - `S_OK`: a text, for every code.
 * - `E_INVALIDARG`: a null pointer.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * `ppwszErrorMessageText` is null or writable.
 *
 * # Source
 * MSIPC reference, *IpcGetErrorMessageText*. That unknown codes get a text as well is our choice.
 */
MSIPC_API HRESULT WINAPI IpcGetErrorMessageText(
    HRESULT hrError,
    DWORD dwLanguageId,
    LPCWSTR *ppwszErrorMessageText);

/**
 * Begins to edit the metadata of a signed license.
 *
 * `pvSerializedLicense` is borrowed. `hKey` is borrowed: the key of this license, from an account that has OWNER.
 * `pvReserved` is null. `*phMetadata` is closed with `IpcCloseHandle`; it is `NULL` until the handle exists. It begins with
 * the metadata that the license has.
 *
 * # Returns
 * - `S_OK`: the handle. Whether the account may sign them shows in `IpcSerializeLicenseWithMetadata`.
 * - `E_INVALIDARG`: a null pointer, or the key of another license.
 * - `E_HANDLE`: `hKey` is closed or is not a key.
 * - `IPCERROR_RIGHT_NOT_GRANTED`: the key does not grant OWNER.
 * - `HRESULT_FROM_WIN32(ERROR_INVALID_DATA)`, `IPCERROR_BROKEN_CERT_CHAIN`: the license is damaged or its signature does
 *   not hold.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * `pvSerializedLicense` is null or readable with its bytes; `phMetadata` is null or writable.
 *
 * # Source
 * MSIPC reference, *IpcCreateLicenseMetadataHandle*.
 */
MSIPC_API HRESULT WINAPI IpcCreateLicenseMetadataHandle(
    PCIPC_BUFFER pvSerializedLicense,
    IPC_KEY_HANDLE hKey,
    LPVOID pvReserved,
    PIPC_LICENSE_METADATA_HANDLE phMetadata);

/**
 * Sets or deletes a property of metadata.
 *
 * `hLicenseMetadata` is borrowed. `fDelete` not `FALSE` deletes and ignores `pvProperty`. `dwPropID` is one of the
 * `IPC_MD_` constants. `pvProperty` points to a value of the type that the constant names, or is the text itself; it is
 * read during the call only. A path is not kept, only its hash. Times lose their seconds.
 *
 * # Returns
 * - `S_OK`: set or deleted.
 * - `E_INVALIDARG`: a null value, a value that the property does not take.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: an unknown property.
 * - `E_HANDLE`: `hLicenseMetadata` is closed or is not one of metadata.
 *
 * # Threads
 * Any thread; calls on one handle take turns.
 *
 * # Safety
 * `pvProperty` is null or what `dwPropID` asks for.
 *
 * # Source
 * MSIPC reference, *IpcSetLicenseMetadataProperty*, *License metadata property types*.
 */
MSIPC_API HRESULT WINAPI IpcSetLicenseMetadataProperty(
    IPC_LICENSE_METADATA_HANDLE hLicenseMetadata,
    BOOL fDelete,
    DWORD dwPropID,
    LPCVOID pvProperty);

/**
 * Has a license signed again, with the metadata of a handle.
 *
 * `hLicenseMetadata` is borrowed and stays usable. `pvReserved` is null. `pContext` is borrowed and may be null.
 * `*ppvLicense` is one block that the caller frees with `IpcFreeMemory`; it takes the place of the license that the handle
 * was made from, which stays valid. It is `NULL` until the license is signed.
 *
 * # Returns
 * - `S_OK`: the license. Content, key, rights and time of issue are as before.
 * - `E_INVALIDARG`: a null pointer, a wrong prompt context.
 * - `E_HANDLE`: `hLicenseMetadata` is closed or is not one of metadata.
 * - `E_ACCESSDENIED`: the account neither protected the content nor owns it.
 * - `IPCERROR_RIGHT_NOT_GRANTED`: the license is revoked.
 * - `IPCERROR_NEEDS_ONLINE`: `IPC_PROMPT_FLAG_OFFLINE` was given.
 *
 * # Threads
 * Any thread; calls on one handle take turns.
 *
 * # Safety
 * `pContext` is null or valid; `ppvLicense` is null or writable.
 *
 * # Source
 * MSIPC reference, *IpcSerializeLicenseMetadata*, the page of this function.
 */
MSIPC_API HRESULT WINAPI IpcSerializeLicenseWithMetadata(
    IPC_LICENSE_METADATA_HANDLE hLicenseMetadata,
    LPVOID pvReserved,
    PCIPC_PROMPT_CTX pContext,
    PIPC_BUFFER *ppvLicense);

/**
 * Registers the document of a license for tracking.
 *
 * `pvLicenseWithMetadata` is borrowed. `pvReserved` is null. `pContext` is borrowed and may be null. `wszContentName` is
 * read during the call only: the name of the document, or null for that of the metadata. `fSendRegistrationMail` is kept
 * with the registration; the embedded authority sends no mails.
 *
 * # Returns
 * - `S_OK`: registered, or registered anew.
 * - `E_INVALIDARG`: a null pointer, a name that a license cannot hold, a wrong prompt context.
 * - `E_ACCESSDENIED`: the account neither protected the content nor owns it.
 * - `IPCERROR_RIGHT_NOT_GRANTED`: the license is revoked.
 * - `IPCERROR_BROKEN_CERT_CHAIN`: the license is not signed by an authority that is trusted here.
 * - `HRESULT_FROM_WIN32(ERROR_INVALID_DATA)`: the license is damaged.
 * - `IPCERROR_NEEDS_ONLINE`: `IPC_PROMPT_FLAG_OFFLINE` was given.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid as described.
 *
 * # Source
 * MSIPC reference, *IpcRegisterLicense*. That nothing is mailed is ours.
 */
MSIPC_API HRESULT WINAPI IpcRegisterLicense(
    PCIPC_BUFFER pvLicenseWithMetadata,
    LPVOID pvReserved,
    PCIPC_PROMPT_CTX pContext,
    LPCWSTR wszContentName,
    BOOL fSendRegistrationMail);

/**
 * Lists the templates that the account may publish with.
 *
 * `pConnectionInfo` is borrowed; null or empty means the default authority. `dwFlags` are `IPC_GTL_FLAG_` bits. `lcid` is
 * the language of names and descriptions, 0 for that of the user; with another value only templates that have a text in
 * it are listed. `pContext` is borrowed and may be null. `pvReserved` is null. `*ppcTil` is one block that the caller
 * frees with `IpcFreeMemory`; it is `NULL` until the answer is known. The list may be empty.
 *
 * # Returns
 * - `S_OK`: the list.
 * - `E_INVALIDARG`: a null output, unknown flags, a wrong `cbSize`, text that is not valid.
 * - `IPCERROR_LOCALE_NOT_FOUND`: there are templates, but none has a text in the language asked for.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: no authority is known at the address.
 * - `IPCERROR_NEEDS_ONLINE`: `IPC_PROMPT_FLAG_OFFLINE` was given and no list is at hand.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid as described, with everything they point to; `ppcTil` is null or writable.
 *
 * # Source
 * MSIPC reference, *IpcGetTemplateList*.
 */
MSIPC_API HRESULT WINAPI IpcGetTemplateList(
    PCIPC_CONNECTION_INFO pConnectionInfo,
    DWORD dwFlags,
    LCID lcid,
    PCIPC_PROMPT_CTX pContext,
    LPVOID pvReserved,
    PCIPC_TIL *ppcTil);

/**
 * Lists the authorities that the account may publish with, the default one first.
 *
 * `pConnectionInfo` is borrowed; null or empty means the default authority. `dwFlags` are `IPC_GTIL_FLAG_` bits.
 * `pContext` is borrowed and may be null. `pvReserved` is null. `*ppcTemplateIssuers` is one block that the caller frees
 * with `IpcFreeMemory`; it is `NULL` until the answer is known. Pointers to its elements serve as issuers of new licenses.
 *
 * # Returns
 * - `S_OK`: the list, with at least one entry.
 * - `E_INVALIDARG`: a null output, unknown flags, a wrong `cbSize`, text that is not valid.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: no authority is known at the address.
 * - `IPCERROR_NEEDS_ONLINE`: `IPC_PROMPT_FLAG_OFFLINE` was given and no list is at hand.
 *
 * # Threads
 * Any thread.
 *
 * # Safety
 * Inputs are null or valid as described, with everything they point to; `ppcTemplateIssuers` is null or writable.
 *
 * # Source
 * MSIPC reference, *IpcGetTemplateIssuerList*.
 */
MSIPC_API HRESULT WINAPI IpcGetTemplateIssuerList(
    PCIPC_CONNECTION_INFO pConnectionInfo,
    DWORD dwFlags,
    PCIPC_PROMPT_CTX pContext,
    LPVOID pvReserved,
    PCIPC_TEMPLATE_ISSUER_LIST *ppcTemplateIssuers);

/**
 * Keeps a window out of screenshots.
 *
 * `hwnd` is a window of this process, one that no other window contains. What it shows is then seen on monitors alone.
 *
 * # Returns
 * - `S_OK`: the window is protected.
 * - `IPCERROR_PROPERTY_ALREADY_SET`: it was before; callers go on.
 * - `E_INVALIDARG`: `hwnd` is null or no window, or another window contains it.
 * - `E_ACCESSDENIED`: a window of another process.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED)`: not Windows.
 *
 * After any failure but `IPCERROR_PROPERTY_ALREADY_SET` the window is *not* protected.
 *
 * # Threads
 * Any thread.
 *
 * # Source
 * MSIPC reference, *IpcProtectWindow*, Remarks, for the second call. Success is never pretended; the code where there are no
 * such windows is our choice.
 */
MSIPC_API HRESULT WINAPI IpcProtectWindow(HWND hwnd);

/**
 * Lets a window be captured again.
 *
 * `hwnd` is a window of this process.
 *
 * # Returns
 * - `S_OK`: the window can be captured.
 * - `IPCERROR_PROPERTY_ALREADY_SET`: it was not protected; callers go on.
 * - `E_INVALIDARG`: `hwnd` is null or no window, or another window contains it.
 * - `E_ACCESSDENIED`: a window of another process.
 * - `HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED)`: not Windows.
 *
 * # Threads
 * Any thread.
 *
 * # Source
 * MSIPC reference, *IpcUnprotectWindow*, Remarks, for the second call. The code where there are no such windows is our
 * choice.
 */
MSIPC_API HRESULT WINAPI IpcUnprotectWindow(HWND hwnd);

#ifdef __cplusplus
}
#endif


/** Every right: the account is an owner. */
#define IPC_GENERIC_ALL IPC_TEXT("OWNER")
/** Open and read. */
#define IPC_GENERIC_READ IPC_TEXT("VIEW")
/** Change and save. */
#define IPC_GENERIC_WRITE IPC_TEXT("EDIT")
/** Copy out of the content. */
#define IPC_GENERIC_EXTRACT IPC_TEXT("EXTRACT")
/** Save without protection or in another format. */
#define IPC_GENERIC_EXPORT IPC_TEXT("EXPORT")
/** Print. */
#define IPC_GENERIC_PRINT IPC_TEXT("PRINT")
/** Add comments. */
#define IPC_GENERIC_COMMENT IPC_TEXT("COMMENT")
/** See who has which rights. */
#define IPC_READ_RIGHTS IPC_TEXT("VIEWRIGHTSDATA")
/** Change who has which rights. */
#define IPC_WRITE_RIGHTS IPC_TEXT("EDITRIGHTSDATA")
/** Forward a message. */
#define IPC_EMAIL_FORWARD IPC_TEXT("FORWARD")
/** Reply to a message. */
#define IPC_EMAIL_REPLY IPC_TEXT("REPLY")
/** Reply to everybody. */
#define IPC_EMAIL_REPLYALL IPC_TEXT("REPLYALL")
/** Other name of `IPC_READ_RIGHTS`. */
#define IPC_VIEW_RIGHTS IPC_TEXT("VIEWRIGHTSDATA")
/** Other name of `IPC_WRITE_RIGHTS`. */
#define IPC_EDIT_RIGHTS IPC_TEXT("EDITRIGHTSDATA")
/** Everybody whom the authority knows. */
#define IPC_USER_ID_EVERYONE IPC_TEXT("ANYONE")
/** Nobody. */
#define IPC_USER_ID_NULL IPC_TEXT("NULL")
/** The owner of the content. */
#define IPC_USER_ID_OWNER IPC_TEXT("OWNER")
/* Documented misspellings. */
typedef IPC_OAUTH2_CALLBACK_INFO IPC_OATH2_CALLBACK_INFO;
typedef PIPC_OAUTH2_CALLBACK_INFO PIPC_OATH2_CALLBACK_INFO;
typedef PIPC_LICENSE_METADATA_HANDLE PIPC_METADATA_HANDLE;
typedef IPCF_FILE_BASIC_INFORMATION IPCF_FILE_BASC_INFORMATION;
typedef PIPCF_FILE_BASIC_INFORMATION PIPCF_FILE_BASC_INFORMATION;

#if defined(__GNUC__) && !defined(_WIN32)
#pragma GCC visibility pop
#endif

#endif  /* MSIPC_H */
