//! The structures and handles of the interface, laid out as C programs know them.
//!
//! Sizes and offsets are asserted here for 64-bit targets and by the header's own checks for all. Two structures are
//! packed to 4 bytes and one to 1; the attribute is written so that the header generator leaves it to the build script,
//! which puts `#pragma pack` around them.

use super::base::*;

/// Any object; what `IpcCloseHandle` takes. Handles are ids: copying one makes no second object.
pub type IPC_HANDLE = HANDLE;
/// A key: content key and granted rights of one account. Any number of threads may use one at the same time.
pub type IPC_KEY_HANDLE = HANDLE;
/// A license being edited. Calls on one from several threads take turns.
pub type IPC_LICENSE_HANDLE = HANDLE;
/// The metadata of a serialized license. Calls on one from several threads take turns.
pub type IPC_LICENSE_METADATA_HANDLE = HANDLE;
/// An authentication token. Any number of threads may use one at the same time.
pub type IPC_AUTH_TOKEN_HANDLE = HANDLE;
/// An open protected file. Calls on one from several threads take turns.
pub type IPCF_FILE_HANDLE = HANDLE;

/// Pointer to a handle of any kind.
pub type PIPC_HANDLE = *mut IPC_HANDLE;
/// Pointer to a key handle.
pub type PIPC_KEY_HANDLE = *mut IPC_KEY_HANDLE;
/// Pointer to a license handle.
pub type PIPC_LICENSE_HANDLE = *mut IPC_LICENSE_HANDLE;
/// Pointer to a license metadata handle.
pub type PIPC_LICENSE_METADATA_HANDLE = *mut IPC_LICENSE_METADATA_HANDLE;
/// Pointer to an authentication token handle.
pub type PIPC_AUTH_TOKEN_HANDLE = *mut IPC_AUTH_TOKEN_HANDLE;
/// Pointer to a file handle.
pub type PIPCF_FILE_HANDLE = *mut IPCF_FILE_HANDLE;

/// Bytes with their count.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct IPC_BUFFER {
    /// The bytes.
    pub pvBuffer: LPVOID,
    /// How many bytes.
    pub cbBuffer: DWORD,
}
/// Pointer to a buffer.
pub type PIPC_BUFFER = *mut IPC_BUFFER;
/// Pointer to a buffer that is only read.
pub type PCIPC_BUFFER = *const IPC_BUFFER;

/// Where a licensing authority is reached.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct IPC_CONNECTION_INFO {
    /// From outside the organization, or null.
    pub wszExtranetUrl: LPCWSTR,
    /// From inside the organization, or null.
    pub wszIntranetUrl: LPCWSTR,
}
/// Pointer to connection information.
pub type PIPC_CONNECTION_INFO = *mut IPC_CONNECTION_INFO;
/// Pointer to connection information that is only read.
pub type PCIPC_CONNECTION_INFO = *const IPC_CONNECTION_INFO;

/// The secret of an application that acts for itself.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct IPC_CREDENTIAL_SYMMETRIC_KEY {
    /// The key in base 64.
    pub wszBase64Key: LPCWSTR,
    /// Which application.
    pub wszAppPrincipalId: LPCWSTR,
    /// Which organization.
    pub wszBposTenantId: LPCWSTR,
}
/// Pointer to a symmetric key credential.
pub type PIPC_CREDENTIAL_SYMMETRIC_KEY = *mut IPC_CREDENTIAL_SYMMETRIC_KEY;
/// Pointer to a symmetric key credential that is only read.
pub type PCIPC_CREDENTIAL_SYMMETRIC_KEY = *const IPC_CREDENTIAL_SYMMETRIC_KEY;

/// A name and a value, perhaps in one language.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct IPC_NAME_VALUE {
    /// The name.
    pub wszName: LPCWSTR,
    /// The language of the value, or 0. Licenses do not keep it: it reads as 0, and a name stands once.
    pub lcid: LCID,
    /// The value.
    pub wszValue: LPCWSTR,
}
/// Pointer to a pair.
pub type PIPC_NAME_VALUE = *mut IPC_NAME_VALUE;
/// Pointer to a pair that is only read.
pub type PCIPC_NAME_VALUE = *const IPC_NAME_VALUE;

/// Names and values.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct IPC_NAME_VALUE_LIST {
    /// How many pairs follow.
    pub cNameValuePairs: DWORD,
    /// The pairs; there are as many as counted.
    pub aNameValuePairs: [IPC_NAME_VALUE; 1],
}
/// Pointer to a list of names and values.
pub type PIPC_NAME_VALUE_LIST = *mut IPC_NAME_VALUE_LIST;
/// Pointer to a list of names and values that is only read.
pub type PCIPC_NAME_VALUE_LIST = *const IPC_NAME_VALUE_LIST;

/// Gets an access token from the application. `pvContext` is what `IPC_OAUTH2_CALLBACK_INFO` holds; the challenge is
/// borrowed for the call. On success `*phAccessToken` is a token of `IpcCreateOAuth2Token` and belongs to the library; on
/// failure the callback closes the token itself. Called on the thread of the call that needs the token, without locks.
pub type IPC_OAUTH2_CALLBACK = Option<
    unsafe extern "system" fn(
        pvContext: LPVOID,
        pOAuth2ChallengeInfo: PIPC_NAME_VALUE_LIST,
        phAccessToken: *mut IPC_AUTH_TOKEN_HANDLE,
    ) -> HRESULT,
>;

/// How to ask the application for an access token.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct IPC_OAUTH2_CALLBACK_INFO {
    /// Size of this structure in bytes.
    pub cbSize: DWORD,
    /// The function to call.
    pub pfnCallback: IPC_OAUTH2_CALLBACK,
    /// Passed to the function unchanged.
    pub pvContext: LPVOID,
}
/// Pointer to callback information.
pub type PIPC_OAUTH2_CALLBACK_INFO = *mut IPC_OAUTH2_CALLBACK_INFO;

/// The credential that `IPC_CREDENTIAL::dwType` names. In C the members belong to `IPC_CREDENTIAL` itself.
#[repr(C)]
#[derive(Copy, Clone)]
pub union IPC_CREDENTIAL_UNION {
    /// `IPC_CREDENTIAL_TYPE_X509`.
    pub pcCertContext: PCCERT_CONTEXT,
    /// `IPC_CREDENTIAL_TYPE_SYMMETRIC_KEY`.
    pub pcSymmetricKey: PCIPC_CREDENTIAL_SYMMETRIC_KEY,
    /// `IPC_CREDENTIAL_TYPE_OAUTH2`.
    pub pcOAuth2: PIPC_OAUTH2_CALLBACK_INFO,
}

/// Who is asking, told by the application.
#[repr(C)]
#[derive(Copy, Clone)]
pub struct IPC_CREDENTIAL {
    /// One of the `IPC_CREDENTIAL_TYPE_` constants.
    pub dwType: DWORD,
    /// The credential of that type.
    pub u: IPC_CREDENTIAL_UNION,
}
/// Pointer to a credential.
pub type PIPC_CREDENTIAL = *mut IPC_CREDENTIAL;
/// Pointer to a credential that is only read.
pub type PCIPC_CREDENTIAL = *const IPC_CREDENTIAL;

/// What a call may do to get its answer. Sizes with and without the last member are accepted.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct IPC_PROMPT_CTX {
    /// Size of this structure in bytes.
    pub cbSize: DWORD,
    /// Parent of any window, or null.
    pub hwndParent: HWND,
    /// `IPC_PROMPT_FLAG_` bits.
    pub dwFlags: DWORD,
    /// An event that cancels the call when it is set, or null.
    pub hCancelEvent: HANDLE,
    /// Who is asking, or null for the account that this thread acts as.
    pub pcCredential: PCIPC_CREDENTIAL,
    /// What the application is doing. Accepted and not read.
    pub wszApplicationScenarioId: LPCWSTR,
}
/// Pointer to a prompt context.
pub type PIPC_PROMPT_CTX = *mut IPC_PROMPT_CTX;
/// Pointer to a prompt context that is only read.
pub type PCIPC_PROMPT_CTX = *const IPC_PROMPT_CTX;

/// How an application is registered at the directory.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct IPC_AAD_APPLICATION_ID {
    /// Size of this structure in bytes.
    pub cbSize: DWORD,
    /// The client id.
    pub wszClientId: LPCWSTR,
    /// The redirect URI.
    pub wszRedirectUri: LPCWSTR,
}
/// Pointer to an application id.
pub type PIPC_AAD_APPLICATION_ID = *mut IPC_AAD_APPLICATION_ID;

/// Name and description of a policy in one language.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct IPC_TEMPLATE_INFO {
    /// Id of the template, null for a license that was not made from one; ignored when set.
    pub wszID: LPCWSTR,
    /// The language.
    pub lcid: LCID,
    /// The name.
    pub wszName: LPCWSTR,
    /// The description.
    pub wszDescription: LPCWSTR,
    /// Name of the organization; ignored when set.
    pub wszIssuerDisplayName: LPCWSTR,
    /// TRUE when the policy comes from a template; ignored when set.
    pub fFromTemplate: BOOL,
}
/// Pointer to template information.
pub type PIPC_TEMPLATE_INFO = *mut IPC_TEMPLATE_INFO;
/// Pointer to template information that is only read.
pub type PCIPC_TEMPLATE_INFO = *const IPC_TEMPLATE_INFO;

/// A list of templates.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct IPC_TIL {
    /// How many templates follow.
    pub cTi: DWORD,
    /// The templates; there are as many as counted.
    pub aTi: [IPC_TEMPLATE_INFO; 1],
}
/// Pointer to a list of templates.
pub type PIPC_TIL = *mut IPC_TIL;
/// Pointer to a list of templates that is only read.
pub type PCIPC_TIL = *const IPC_TIL;

/// An authority that hands out templates.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct IPC_TEMPLATE_ISSUER {
    /// Where it is; both addresses null mean the default authority.
    pub connectionInfo: IPC_CONNECTION_INFO,
    /// Its name for people.
    pub wszDisplayName: LPCWSTR,
    /// TRUE when it signs licenses that are not made from a template.
    pub fAllowFromScratch: BOOL,
}
/// Pointer to a template issuer.
pub type PIPC_TEMPLATE_ISSUER = *mut IPC_TEMPLATE_ISSUER;
/// Pointer to a template issuer that is only read.
pub type PCIPC_TEMPLATE_ISSUER = *const IPC_TEMPLATE_ISSUER;

/// A list of template issuers, the default one first.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct IPC_TEMPLATE_ISSUER_LIST {
    /// How many issuers follow.
    pub cTi: DWORD,
    /// The issuers; there are as many as counted.
    pub aTi: [IPC_TEMPLATE_ISSUER; 1],
}
/// Pointer to a list of template issuers.
pub type PIPC_TEMPLATE_ISSUER_LIST = *mut IPC_TEMPLATE_ISSUER_LIST;
/// Pointer to a list of template issuers that is only read.
pub type PCIPC_TEMPLATE_ISSUER_LIST = *const IPC_TEMPLATE_ISSUER_LIST;

/// A term. All zero means always.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct IPC_TERM {
    /// The first moment, UTC.
    pub ftStart: FILETIME,
    /// The length in steps of 100 ns.
    pub qwDuration: DWORD64,
}
/// Pointer to a term.
pub type PIPC_TERM = *mut IPC_TERM;
/// Pointer to a term that is only read.
pub type PCIPC_TERM = *const IPC_TERM;

/// A user or group.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct IPC_USER {
    /// `IPC_USER_TYPE_EMAIL` or `IPC_USER_TYPE_IPC`.
    pub dwType: DWORD,
    /// A mail address, or one of the `IPC_USER_ID_` constants.
    pub wszID: LPCWSTR,
}
/// Pointer to a user.
pub type PIPC_USER = *mut IPC_USER;
/// Pointer to a user that is only read.
pub type PCIPC_USER = *const IPC_USER;

/// A user and the rights granted to it.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct IPC_USER_RIGHTS {
    /// The user.
    pub User: IPC_USER,
    /// How many rights.
    pub cRights: DWORD,
    /// The names of the rights; may be null when there are none.
    pub rgwszRights: *mut LPCWSTR,
}
/// Pointer to user rights.
pub type PIPC_USER_RIGHTS = *mut IPC_USER_RIGHTS;
/// Pointer to user rights that are only read.
pub type PCIPC_USER_RIGHTS = *const IPC_USER_RIGHTS;

/// The users of a license and their rights.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct IPC_USER_RIGHTS_LIST {
    /// Size of this structure in bytes; any value from 8 is accepted, because programs pass different ones.
    pub cbSize: DWORD,
    /// How many users follow.
    pub cUserRights: DWORD,
    /// The users; there are as many as counted.
    pub rgUserRights: [IPC_USER_RIGHTS; 1],
}
/// Pointer to a user rights list.
pub type PIPC_USER_RIGHTS_LIST = *mut IPC_USER_RIGHTS_LIST;
/// Pointer to a user rights list that is only read.
pub type PCIPC_USER_RIGHTS_LIST = *const IPC_USER_RIGHTS_LIST;

/// What is registered about a document for tracking. Packed to 4 bytes.
#[repr(C)]
#[cfg_attr(all(), repr(packed(4)))]
#[derive(Copy, Clone, Debug)]
pub struct IPC_LICENSE_METADATA {
    /// Size of this structure in bytes.
    pub cbSize: DWORD,
    /// One of the `IPCD_CT_NOTIFICATION_TYPE_` constants.
    pub dwNotificationType: DWORD,
    /// One of the `IPCD_CT_NOTIFICATION_PREF_` constants.
    pub dwNotificationPreference: DWORD,
    /// When the document was changed, UTC.
    pub ftDateModified: FILETIME,
    /// When the document was made, UTC.
    pub ftDateCreated: FILETIME,
    /// The name of the document.
    pub wszContentName: LPCWSTR,
}
/// Pointer to license metadata.
pub type PIPC_LICENSE_METADATA = *mut IPC_LICENSE_METADATA;
/// Pointer to license metadata that is only read.
pub type PCIPC_LICENSE_METADATA = *const IPC_LICENSE_METADATA;

/// A range of the content.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct IPCF_FILE_RANGE {
    /// First byte.
    pub qwOffset: DWORD64,
    /// How many bytes.
    pub qwSize: DWORD64,
}
/// Pointer to a range of the content.
pub type PIPCF_FILE_RANGE = *mut IPCF_FILE_RANGE;
/// Pointer to a range of the content that is only read.
pub type PCIPCF_FILE_RANGE = *const IPCF_FILE_RANGE;

/// A range of the protected file itself.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct IPCF_RAW_FILE_RANGE {
    /// First byte.
    pub qwOffset: DWORD64,
    /// How many bytes.
    pub qwSize: DWORD64,
}
/// Pointer to a range of the file.
pub type PIPCF_RAW_FILE_RANGE = *mut IPCF_RAW_FILE_RANGE;
/// Pointer to a range of the file that is only read.
pub type PCIPCF_RAW_FILE_RANGE = *const IPCF_RAW_FILE_RANGE;

/// What a protected file tells about its content. Packed to 4 bytes.
#[repr(C)]
#[cfg_attr(all(), repr(packed(4)))]
#[derive(Copy, Clone, Debug)]
pub struct IPCF_FILE_BASIC_INFORMATION {
    /// Size of this structure in bytes.
    pub cbSize: DWORD,
    /// The name of the file without protection.
    pub wszNameOfDecryptedFile: LPCWSTR,
    /// Its size in bytes.
    pub qwDecryptedFileSize: DWORD64,
    /// When it was changed, UTC.
    pub ftDateModified: FILETIME,
    /// What the application stored with it.
    pub pAppSpecificProperties: PIPC_NAME_VALUE_LIST,
}
/// Pointer to basic information.
pub type PIPCF_FILE_BASIC_INFORMATION = *mut IPCF_FILE_BASIC_INFORMATION;
/// Pointer to basic information that is only read.
pub type PCIPCF_FILE_BASIC_INFORMATION = *const IPCF_FILE_BASIC_INFORMATION;

/// The first bytes of a protected file. Packed to 1 byte, so that it lies over them.
#[repr(C)]
#[cfg_attr(all(), repr(packed(1)))]
#[derive(Copy, Clone, Debug)]
pub struct IPCF_PROTECTED_FILE_HEADER {
    /// `.pfile` in ASCII.
    pub magic: [BYTE; 6],
    /// Major version.
    pub dwMajor: DWORD,
    /// Minor version.
    pub dwMinor: DWORD,
    /// Not described.
    pub rgbUndocumented: [BYTE; 278],
    /// Where the encrypted content begins, in bytes from the start of the file.
    pub dwEncryptedContentsOffset: DWORD,
}
/// Pointer to the header of a protected file.
pub type PIPCF_PROTECTED_FILE_HEADER = *mut IPCF_PROTECTED_FILE_HEADER;
/// Pointer to the header of a protected file that is only read.
pub type PCIPCF_PROTECTED_FILE_HEADER = *const IPCF_PROTECTED_FILE_HEADER;

#[cfg(target_pointer_width = "64")]
const _: () = {
    use std::mem::{align_of, offset_of, size_of};
    assert!(size_of::<IPC_BUFFER>() == 16 && align_of::<IPC_BUFFER>() == 8);
    assert!(offset_of!(IPC_BUFFER, cbBuffer) == 8);
    assert!(size_of::<IPC_CONNECTION_INFO>() == 16 && align_of::<IPC_CONNECTION_INFO>() == 8);
    assert!(offset_of!(IPC_CONNECTION_INFO, wszIntranetUrl) == 8);
    assert!(size_of::<IPC_CREDENTIAL_SYMMETRIC_KEY>() == 24 && align_of::<IPC_CREDENTIAL_SYMMETRIC_KEY>() == 8);
    assert!(offset_of!(IPC_CREDENTIAL_SYMMETRIC_KEY, wszAppPrincipalId) == 8);
    assert!(offset_of!(IPC_CREDENTIAL_SYMMETRIC_KEY, wszBposTenantId) == 16);
    assert!(size_of::<IPC_NAME_VALUE>() == 24 && align_of::<IPC_NAME_VALUE>() == 8);
    assert!(offset_of!(IPC_NAME_VALUE, lcid) == 8);
    assert!(offset_of!(IPC_NAME_VALUE, wszValue) == 16);
    assert!(size_of::<IPC_NAME_VALUE_LIST>() == 32 && align_of::<IPC_NAME_VALUE_LIST>() == 8);
    assert!(offset_of!(IPC_NAME_VALUE_LIST, aNameValuePairs) == 8);
    assert!(size_of::<IPC_OAUTH2_CALLBACK_INFO>() == 24 && align_of::<IPC_OAUTH2_CALLBACK_INFO>() == 8);
    assert!(offset_of!(IPC_OAUTH2_CALLBACK_INFO, pfnCallback) == 8);
    assert!(offset_of!(IPC_OAUTH2_CALLBACK_INFO, pvContext) == 16);
    assert!(size_of::<IPC_CREDENTIAL>() == 16 && align_of::<IPC_CREDENTIAL>() == 8);
    assert!(size_of::<IPC_PROMPT_CTX>() == 48 && align_of::<IPC_PROMPT_CTX>() == 8);
    assert!(offset_of!(IPC_PROMPT_CTX, hwndParent) == 8);
    assert!(offset_of!(IPC_PROMPT_CTX, dwFlags) == 16);
    assert!(offset_of!(IPC_PROMPT_CTX, hCancelEvent) == 24);
    assert!(offset_of!(IPC_PROMPT_CTX, pcCredential) == 32);
    assert!(offset_of!(IPC_PROMPT_CTX, wszApplicationScenarioId) == 40);
    assert!(size_of::<IPC_AAD_APPLICATION_ID>() == 24 && align_of::<IPC_AAD_APPLICATION_ID>() == 8);
    assert!(offset_of!(IPC_AAD_APPLICATION_ID, wszClientId) == 8);
    assert!(offset_of!(IPC_AAD_APPLICATION_ID, wszRedirectUri) == 16);
    assert!(size_of::<IPC_TEMPLATE_INFO>() == 48 && align_of::<IPC_TEMPLATE_INFO>() == 8);
    assert!(offset_of!(IPC_TEMPLATE_INFO, lcid) == 8);
    assert!(offset_of!(IPC_TEMPLATE_INFO, wszName) == 16);
    assert!(offset_of!(IPC_TEMPLATE_INFO, wszDescription) == 24);
    assert!(offset_of!(IPC_TEMPLATE_INFO, wszIssuerDisplayName) == 32);
    assert!(offset_of!(IPC_TEMPLATE_INFO, fFromTemplate) == 40);
    assert!(size_of::<IPC_TIL>() == 56 && align_of::<IPC_TIL>() == 8);
    assert!(offset_of!(IPC_TIL, aTi) == 8);
    assert!(size_of::<IPC_TEMPLATE_ISSUER>() == 32 && align_of::<IPC_TEMPLATE_ISSUER>() == 8);
    assert!(offset_of!(IPC_TEMPLATE_ISSUER, wszDisplayName) == 16);
    assert!(offset_of!(IPC_TEMPLATE_ISSUER, fAllowFromScratch) == 24);
    assert!(size_of::<IPC_TEMPLATE_ISSUER_LIST>() == 40 && align_of::<IPC_TEMPLATE_ISSUER_LIST>() == 8);
    assert!(offset_of!(IPC_TEMPLATE_ISSUER_LIST, aTi) == 8);
    assert!(size_of::<IPC_TERM>() == 16 && align_of::<IPC_TERM>() == 8);
    assert!(offset_of!(IPC_TERM, qwDuration) == 8);
    assert!(size_of::<IPC_USER>() == 16 && align_of::<IPC_USER>() == 8);
    assert!(offset_of!(IPC_USER, wszID) == 8);
    assert!(size_of::<IPC_USER_RIGHTS>() == 32 && align_of::<IPC_USER_RIGHTS>() == 8);
    assert!(offset_of!(IPC_USER_RIGHTS, cRights) == 16);
    assert!(offset_of!(IPC_USER_RIGHTS, rgwszRights) == 24);
    assert!(size_of::<IPC_USER_RIGHTS_LIST>() == 40 && align_of::<IPC_USER_RIGHTS_LIST>() == 8);
    assert!(offset_of!(IPC_USER_RIGHTS_LIST, cUserRights) == 4);
    assert!(offset_of!(IPC_USER_RIGHTS_LIST, rgUserRights) == 8);
    assert!(size_of::<IPC_LICENSE_METADATA>() == 36 && align_of::<IPC_LICENSE_METADATA>() == 4);
    assert!(offset_of!(IPC_LICENSE_METADATA, dwNotificationType) == 4);
    assert!(offset_of!(IPC_LICENSE_METADATA, dwNotificationPreference) == 8);
    assert!(offset_of!(IPC_LICENSE_METADATA, ftDateModified) == 12);
    assert!(offset_of!(IPC_LICENSE_METADATA, ftDateCreated) == 20);
    assert!(offset_of!(IPC_LICENSE_METADATA, wszContentName) == 28);
    assert!(size_of::<IPCF_FILE_RANGE>() == 16 && align_of::<IPCF_FILE_RANGE>() == 8);
    assert!(offset_of!(IPCF_FILE_RANGE, qwSize) == 8);
    assert!(size_of::<IPCF_RAW_FILE_RANGE>() == 16 && align_of::<IPCF_RAW_FILE_RANGE>() == 8);
    assert!(offset_of!(IPCF_RAW_FILE_RANGE, qwSize) == 8);
    assert!(size_of::<IPCF_FILE_BASIC_INFORMATION>() == 36 && align_of::<IPCF_FILE_BASIC_INFORMATION>() == 4);
    assert!(offset_of!(IPCF_FILE_BASIC_INFORMATION, wszNameOfDecryptedFile) == 4);
    assert!(offset_of!(IPCF_FILE_BASIC_INFORMATION, qwDecryptedFileSize) == 12);
    assert!(offset_of!(IPCF_FILE_BASIC_INFORMATION, ftDateModified) == 20);
    assert!(offset_of!(IPCF_FILE_BASIC_INFORMATION, pAppSpecificProperties) == 28);
    assert!(size_of::<IPCF_PROTECTED_FILE_HEADER>() == 296 && align_of::<IPCF_PROTECTED_FILE_HEADER>() == 1);
    assert!(offset_of!(IPCF_PROTECTED_FILE_HEADER, dwMajor) == 6);
    assert!(offset_of!(IPCF_PROTECTED_FILE_HEADER, dwMinor) == 10);
    assert!(offset_of!(IPCF_PROTECTED_FILE_HEADER, rgbUndocumented) == 14);
    assert!(offset_of!(IPCF_PROTECTED_FILE_HEADER, dwEncryptedContentsOffset) == 292);
    assert!(offset_of!(IPC_CREDENTIAL, u) == 8);
};

impl std::fmt::Debug for IPC_CREDENTIAL_UNION {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IPC_CREDENTIAL_UNION")
    }
}

impl std::fmt::Debug for IPC_CREDENTIAL {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IPC_CREDENTIAL").field("dwType", &self.dwType).finish_non_exhaustive()
    }
}
