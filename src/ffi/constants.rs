//! The numbers and names of the interface: flags, properties, error codes, rights.
//!
//! Each is documented where it is declared and generated into `include/msipc.h` from here. A number that went out of
//! use stays as a comment and is never given to something else.

use super::base::{DWORD, HRESULT};

// API mode

/// A program that one person uses; windows may be shown.
pub const IPC_API_MODE_CLIENT: DWORD = 1;
/// A service; it acts for itself and never shows windows.
pub const IPC_API_MODE_SERVER: DWORD = 2;
/// Not supported.
pub const IPC_API_MODE_CLIENT_IMPERSONATION: DWORD = 3;

// Environment properties

/// `LPDWORD`: one of the `IPC_API_MODE_` constants.
pub const IPC_EI_API_MODE: DWORD = 3;
/// Reserved.
pub const IPC_EI_RESERVED: DWORD = 4;
/// `PIPC_AAD_APPLICATION_ID`: how the application is registered at the directory.
pub const IPC_EI_APPLICATION_ID: DWORD = 5;
/// Documented misspelling of `IPC_EI_APPLICATION_ID`.
pub const IPC_EI_APPLICATOIN_ID: DWORD = 5;
/// `LPDWORD` used as `BOOL`. The number is this library's choice; the reference gives none.
pub const IPC_EI_DATA_COLLECTION_ENABLED: DWORD = 6;
/// `LPCWSTR`: name of the folder that holds the store, at most 8 characters.
pub const IPC_EI_STORE_NAME: DWORD = 0x1000_0001;

// Prompt flags

/// Show no window; a call that needs one fails with `IPCERROR_NEEDS_UI`.
pub const IPC_PROMPT_FLAG_SILENT: DWORD = 1;
/// Ask no authority; a call that needs one fails with `IPCERROR_NEEDS_ONLINE`.
pub const IPC_PROMPT_FLAG_OFFLINE: DWORD = 2;
/// The user has agreed to contact an authority that was not used before.
pub const IPC_PROMPT_FLAG_HAS_USER_CONSENT: DWORD = 4;

// Credential types

/// A certificate.
pub const IPC_CREDENTIAL_TYPE_X509: DWORD = 1;
/// The symmetric key of an application.
pub const IPC_CREDENTIAL_TYPE_SYMMETRIC_KEY: DWORD = 2;
/// A callback that gets an access token.
pub const IPC_CREDENTIAL_TYPE_OAUTH2: DWORD = 3;
/// Documented misspelling of `IPC_CREDENTIAL_TYPE_OAUTH2`.
pub const IPC_CREDENTIAL_TYPE_OATH2: DWORD = 3;

// User types

/// A mail address.
pub const IPC_USER_TYPE_EMAIL: DWORD = 1;
/// One of the `IPC_USER_ID_` constants.
pub const IPC_USER_TYPE_IPC: DWORD = 2;

// Template list flags

/// Take templates from the cache while they are fresh.
pub const IPC_GTL_FLAG_DEFAULT: DWORD = 0;
/// Ask the authority even when the cache is fresh.
pub const IPC_GTL_FLAG_FORCE_DOWNLOAD: DWORD = 1;
/// Use the address given as it is, without discovery.
pub const IPC_GTL_FLAG_USE_PROVIDED_LICENSING_URL: DWORD = 2;

// Template issuer list flags

/// Only the default issuer.
pub const IPC_GTIL_FLAG_DEFAULT_SERVER_ONLY: DWORD = 1;
/// Use the address given as it is, without discovery.
pub const IPC_GTIL_FLAG_USE_PROVIDED_LICENSING_URL: DWORD = 2;

// Get key flags

/// Cache the use license as its issuer allows.
pub const IPC_GK_FLAG_DEFAULT: DWORD = 0;
/// Do not cache the use license on disk.
pub const IPC_GK_FLAG_NO_PERSIST_DISK: DWORD = 1;

// Serialize input types

/// `pvLicenseInfo` is the id of a template, an `LPCWSTR`.
pub const IPC_SL_TEMPLATE_ID: DWORD = 1;
/// `pvLicenseInfo` is an `IPC_LICENSE_HANDLE`, the handle itself.
pub const IPC_SL_LICENSE_HANDLE: DWORD = 2;

// Serialize flags

/// Cache the key and the use license.
pub const IPC_SL_FLAG_DEFAULT: DWORD = 0;
/// Do not cache the key at all.
pub const IPC_SL_FLAG_KEY_NO_PERSIST: DWORD = 2;
/// Do not cache the key on disk.
pub const IPC_SL_FLAG_KEY_NO_PERSIST_DISK: DWORD = 4;
/// Return an unsigned license; stands alone.
pub const IPC_SL_FLAG_DEPRECATED_UNSIGNED_LICENSE_TEMPLATE: DWORD = 8;
/// Do not cache the use license.
pub const IPC_SL_FLAG_KEY_NO_PERSIST_LICENSE: DWORD = 16;

// License handle types

/// No function takes it.
pub const IPC_MD_LICENSE_HANDLE: DWORD = 1;
/// No function takes it.
pub const IPC_SL_LICENSE_METADATA_HANDLE: DWORD = 2;

// License properties

/// `IPC_TERM`: when the content may be used.
pub const IPC_LI_VALIDITY_TIME: DWORD = 1;
/// `DWORD`: days that a use license may serve without asking again, 0 to 65535; 0 asks at each use.
pub const IPC_LI_INTERVAL_TIME: DWORD = 2;
/// `IPC_USER`: who the content belongs to.
pub const IPC_LI_OWNER: DWORD = 3;
/// `IPC_USER_RIGHTS_LIST`: who may do what.
pub const IPC_LI_USER_RIGHTS_LIST: DWORD = 4;
/// `IPC_NAME_VALUE_LIST`: data of the application, encrypted.
pub const IPC_LI_APP_SPECIFIC_DATA: DWORD = 5;
/// `BOOL`: AES-128 in ECB mode for the content, which shows equal blocks as equal.
pub const IPC_LI_DEPRECATED_ENCRYPTION_ALGORITHMS: DWORD = 6;
/// `IPC_CONNECTION_INFO`: where use licenses are given out; read only.
pub const IPC_LI_CONNECTION_INFO: DWORD = 7;
/// `IPC_TEMPLATE_INFO`: name and description in one language.
pub const IPC_LI_DESCRIPTOR: DWORD = 8;
/// `LPCWSTR`: where to ask for more rights.
pub const IPC_LI_REFERRAL_INFO_URL: DWORD = 10;
/// `IPC_KEY_HANDLE`, the handle itself: encrypt with the key of another license.
pub const IPC_LI_CONTENT_KEY: DWORD = 11;
/// `LPCWSTR`: id of the content.
pub const IPC_LI_CONTENT_ID: DWORD = 12;
/// `IPC_NAME_VALUE_LIST`: data of the application, signed but in the clear.
pub const IPC_LI_APP_SPECIFIC_DATA_NO_ENCRYPTION: DWORD = 13;
/// `FILETIME`: when the license was signed, UTC; read only.
pub const IPC_LI_ISSUED_TIME: DWORD = 14;
/// `BOOL`: the owner has every right without being on the list.
pub const IPC_LI_AUTO_GRANT_OWNER_FULL_ACCESS: DWORD = 15;
/// `DWORD`: one of the `IPC_ENCRYPTION_PACKAGE_` constants. The number is this library's choice; the reference gives none.
/// What the getter tells of a license in which none was set is its default, not a set value: the rules of the administrator
/// may choose another package for files.
pub const IPC_LI_PREFERRED_ENCRYPTION_PACKAGE: DWORD = 16;

// License metadata properties

/// `LPCWSTR`: path of the document.
pub const IPC_MD_CONTENT_PATH: DWORD = 0;
/// `LPCWSTR`: name of the document.
pub const IPC_MD_CONTENT_NAME: DWORD = 1;
/// `DWORD`: one of the `IPCD_CT_NOTIFICATION_TYPE_` constants.
pub const IPC_MD_NOTIFICATION_TYPE: DWORD = 2;
/// `DWORD`: one of the `IPCD_CT_NOTIFICATION_PREF_` constants.
pub const IPC_MD_NOTIFICATION_PREFERENCE: DWORD = 3;
/// `FILETIME`: when the document was changed, UTC.
pub const IPC_MD_DATE_MODIFIED: DWORD = 4;
/// `FILETIME`: when the document was made, UTC.
pub const IPC_MD_DATE_CREATED: DWORD = 5;

// Notification types

/// No mails.
pub const IPCD_CT_NOTIFICATION_TYPE_DISABLED: DWORD = 0;
/// A mail for every use.
pub const IPCD_CT_NOTIFICATION_TYPE_ENABLED: DWORD = 1;
/// A mail for every refusal.
pub const IPCD_CT_NOTIFICATION_TYPE_DENY_ONLY: DWORD = 2;

// Notification preferences

/// At once.
pub const IPCD_CT_NOTIFICATION_PREF_DEFAULT: DWORD = 0;
/// Collected.
pub const IPCD_CT_NOTIFICATION_PREF_DIGEST: DWORD = 1;

// Encryption packages

/// AES-256 in CBC mode, 4096-byte blocks. Changes to the content are not noticed.
pub const IPC_ENCRYPTION_PACKAGE_AES256_CBC4K: DWORD = 1;
/// AES-128 in CBC mode, 4096-byte blocks. Changes to the content are not noticed.
pub const IPC_ENCRYPTION_PACKAGE_AES128_CBC4K: DWORD = 2;
/// AES-128 in ECB mode. Equal blocks show as equal and changes are not noticed; only for old readers.
pub const IPC_ENCRYPTION_PACKAGE_AES128_ECB: DWORD = 3;

// Key properties

/// `DWORD`: bytes in which the content is encrypted.
pub const IPC_KI_BLOCK_SIZE: DWORD = 2;
/// `IPC_BUFFER`: the serialized license that the key came from.
pub const IPC_KI_LICENSE: DWORD = 6;
/// `LPWSTR`: the account that the key was given to.
pub const IPC_KI_USER_DISPLAYNAME: DWORD = 7;

// Encrypt file input types

/// `pvLicenseInfo` is the id of a template, an `LPCWSTR`.
pub const IPCF_EF_TEMPLATE_ID: DWORD = 0;
/// `pvLicenseInfo` is an `IPC_LICENSE_HANDLE`, the handle itself.
pub const IPCF_EF_LICENSE_HANDLE: DWORD = 1;

// Encrypt file flags

/// Choose the format by the rules of the administrator.
pub const IPCF_EF_FLAG_DEFAULT: DWORD = 0;
/// Refuse a file that is protected already.
pub const IPCF_EF_FLAG_UPDATELICENSE_BLOCKED: DWORD = 1;
/// Do not cache the key at all.
pub const IPC_EF_FLAG_KEY_NO_PERSIST: DWORD = 2;
/// Do not cache the key on disk.
pub const IPC_EF_FLAG_KEY_NO_PERSIST_DISK: DWORD = 4;
/// Do not cache the use license.
pub const IPC_EF_FLAG_KEY_NO_PERSIST_LICENSE: DWORD = 8;
/// Other spelling of `IPC_EF_FLAG_KEY_NO_PERSIST`.
pub const IPCF_EF_FLAG_KEY_NO_PERSIST: DWORD = 2;
/// Other spelling of `IPC_EF_FLAG_KEY_NO_PERSIST_DISK`.
pub const IPCF_EF_FLAG_KEY_NO_PERSIST_DISK: DWORD = 4;
/// Other spelling of `IPC_EF_FLAG_KEY_NO_PERSIST_LICENSE`.
pub const IPCF_EF_FLAG_KEY_NO_PERSIST_LICENSE: DWORD = 8;
/// Always make a pfile.
pub const IPCF_EF_FLAG_FORCE_PFILE: DWORD = 16;
/// Never make a pfile, except of a file without extension.
pub const IPCF_EF_FLAG_FORCE_NATIVE: DWORD = 32;

// Decrypt file flags

/// Needs EXTRACT or OWNER.
pub const IPCF_DF_FLAG_DEFAULT: DWORD = 0;
/// Needs VIEW; the application promises to enforce the other rights.
pub const IPCF_DF_FLAG_OPEN_AS_RMS_AWARE: DWORD = 1;

// File status

/// Not protected.
pub const IPCF_FILE_STATUS_DECRYPTED: DWORD = 0;
/// Protected in a format of its own application.
pub const IPCF_FILE_STATUS_ENCRYPTED_CUSTOM: DWORD = 1;
/// Protected.
pub const IPCF_FILE_STATUS_ENCRYPTED: DWORD = 2;

// File properties

/// `IPCF_FILE_RANGE`: where the header lies.
pub const IPCF_FI_HEADER_POSITION: DWORD = 1;
/// `IPC_KEY_HANDLE`: the key of the file.
pub const IPCF_FI_CONTENT_KEY: DWORD = 2;
/// `DWORD`: bytes that are best read and written at once.
pub const IPCF_FI_ACCESS_BLOCK_SIZE: DWORD = 3;
/// `IPCF_FILE_BASIC_INFORMATION`: what the file tells about its content.
pub const IPCF_FI_BASIC_INFORMATION: DWORD = 4;

// Rights

/// Every right: the account is an owner.
pub const IPC_GENERIC_ALL: &str = "OWNER";
/// Open and read.
pub const IPC_GENERIC_READ: &str = "VIEW";
/// Change and save.
pub const IPC_GENERIC_WRITE: &str = "EDIT";
/// Copy out of the content.
pub const IPC_GENERIC_EXTRACT: &str = "EXTRACT";
/// Save without protection or in another format.
pub const IPC_GENERIC_EXPORT: &str = "EXPORT";
/// Print.
pub const IPC_GENERIC_PRINT: &str = "PRINT";
/// Add comments.
pub const IPC_GENERIC_COMMENT: &str = "COMMENT";
/// See who has which rights.
pub const IPC_READ_RIGHTS: &str = "VIEWRIGHTSDATA";
/// Change who has which rights.
pub const IPC_WRITE_RIGHTS: &str = "EDITRIGHTSDATA";
/// Forward a message.
pub const IPC_EMAIL_FORWARD: &str = "FORWARD";
/// Reply to a message.
pub const IPC_EMAIL_REPLY: &str = "REPLY";
/// Reply to everybody.
pub const IPC_EMAIL_REPLYALL: &str = "REPLYALL";
/// Other name of `IPC_READ_RIGHTS`.
pub const IPC_VIEW_RIGHTS: &str = "VIEWRIGHTSDATA";
/// Other name of `IPC_WRITE_RIGHTS`.
pub const IPC_EDIT_RIGHTS: &str = "EDITRIGHTSDATA";

// User ids

/// Everybody whom the authority knows.
pub const IPC_USER_ID_EVERYONE: &str = "ANYONE";
/// Nobody.
pub const IPC_USER_ID_NULL: &str = "NULL";
/// The owner of the content.
pub const IPC_USER_ID_OWNER: &str = "OWNER";

// Error codes

/// The license holds no user rights list.
pub const IPCERROR_USER_RIGHTS_NOT_SET: HRESULT = 0x8004_0200_u32 as HRESULT;
/// The directory knows no mail address for the account.
pub const IPCERROR_AD_ENTRY_NOT_FOUND: HRESULT = 0x8004_0201_u32 as HRESULT;
/// The code signature of the application is not valid.
pub const IPCERROR_APPLICATION_AUTH_ERROR_AUTHENTICODE: HRESULT = 0x8004_0202_u32 as HRESULT;
/// A license is not signed by an authority that is trusted here.
pub const IPCERROR_BROKEN_CERT_CHAIN: HRESULT = 0x8004_0204_u32 as HRESULT;
/// The system clock was set back.
pub const IPCERROR_CLOCK_ROLL_BACK_DETECTED: HRESULT = 0x8004_0205_u32 as HRESULT;
/// The algorithm is not supported.
pub const IPCERROR_CRYPTO_OPERATION_UNSUPPORTED: HRESULT = 0x8004_0206_u32 as HRESULT;
/// A debugger is attached.
pub const IPCERROR_DEBUGGER_DETECTED: HRESULT = 0x8004_0207_u32 as HRESULT;
/// There is no text in the language asked for.
pub const IPCERROR_LOCALE_NOT_FOUND: HRESULT = 0x8004_0208_u32 as HRESULT;
/// The sign-in service for personal accounts cannot be reached.
pub const IPCERROR_ILS_ERROR: HRESULT = 0x8004_0209_u32 as HRESULT;
/// The answer of the authority is not understood.
pub const IPCERROR_SERVER_RESPONSE_NOT_VALID: HRESULT = 0x8004_020A_u32 as HRESULT;
/// The version of the operating system is not trusted.
pub const IPCERROR_OS_VERSION_NOT_TRUSTED: HRESULT = 0x8004_020B_u32 as HRESULT;
/// The license would be too long: too many users in it.
pub const IPCERROR_ISSUANCELICENSE_LENGTH_LIMIT_EXCEEDED: HRESULT = 0x8004_020C_u32 as HRESULT;
/// The authority is needed, but `IPC_PROMPT_FLAG_OFFLINE` was given.
pub const IPCERROR_NEEDS_ONLINE: HRESULT = 0x8004_020D_u32 as HRESULT;
/// A window is needed, but `IPC_PROMPT_FLAG_SILENT` was given.
pub const IPCERROR_NEEDS_UI: HRESULT = 0x8004_020E_u32 as HRESULT;
/// The length is no multiple of the block size.
pub const IPCERROR_NOT_BLOCK_ALIGNED: HRESULT = 0x8004_020F_u32 as HRESULT;
/// The property can be set once and is set.
pub const IPCERROR_PROPERTY_ALREADY_SET: HRESULT = 0x8004_0210_u32 as HRESULT;
/// The account lacks the right.
pub const IPCERROR_RIGHT_NOT_GRANTED: HRESULT = 0x8004_0211_u32 as HRESULT;
/// The system runs in safe mode.
pub const IPCERROR_SAFEMODE_OS_DETECTED: HRESULT = 0x8004_0212_u32 as HRESULT;
/// The authority cannot be reached or failed.
pub const IPCERROR_SERVER_ERROR: HRESULT = 0x8004_0214_u32 as HRESULT;
/// The computer is not trusted.
pub const IPCERROR_MACHINE_NOT_TRUSTED: HRESULT = 0x8004_0215_u32 as HRESULT;
/// The property can be read only with a key handle.
pub const IPCERROR_NEEDS_KEY_PARAMETER: HRESULT = 0x8004_0216_u32 as HRESULT;
/// The license holds no interval time.
pub const IPCERROR_LICENSE_INTERVAL_TIME_NOT_SET: HRESULT = 0x8004_0217_u32 as HRESULT;
/// The license holds no content key of another license.
pub const IPCERROR_CONTENT_KEY_NOT_SET: HRESULT = 0x8004_0218_u32 as HRESULT;
/// The sign-in assistant is missing.
pub const IPCERROR_SIA_NOT_INSTALLED: HRESULT = 0x8004_0219_u32 as HRESULT;
/// The account may not publish with this template.
pub const IPCERROR_TEMPLATE_NOT_ENABLED_FOR_USER: HRESULT = 0x8004_021A_u32 as HRESULT;
/// The file belongs to the operating system, or is no regular file.
pub const IPCERROR_FILE_SYSTEM_FILE: HRESULT = 0x8004_1000_u32 as HRESULT;
/// The file is not protected.
pub const IPCERROR_FILE_IS_NOT_ENCRYPTED: HRESULT = 0x8004_1001_u32 as HRESULT;
/// The administrator blocks protection of this format.
pub const IPCERROR_FILE_ENCRYPT_BLOCKED: HRESULT = 0x8004_1002_u32 as HRESULT;
/// The administrator blocks changing the policy of a protected file.
pub const IPCERROR_FILE_UPDATELICENSE_BLOCKED: HRESULT = 0x8004_1003_u32 as HRESULT;
/// This PDF file cannot be protected in its own format.
pub const IPCERROR_FILE_PDFPROTECTOR_FORMAT_NOT_SUPPORTED: HRESULT = 0x8004_1004_u32 as HRESULT;
/// The protector of this format is not installed correctly. This library never returns it.
pub const IPCERROR_FILE_PROTECTOR_BAD_INSTALL: HRESULT = 0x8004_1005_u32 as HRESULT;
/// Other name of `IPCERROR_FILE_IS_NOT_ENCRYPTED`.
pub const IPCERROR_FILE_NOT_ENCRYPTED: HRESULT = 0x8004_1001_u32 as HRESULT;
