//! Structures and constants of administration and of ready-made policies. Generated into `include/msipc_ext.h`.

use super::base::*;
use super::types::*;

/// A flag of `IPCX_TEMPLATE`: hidden from publishing; what was protected with the template is still decided by it.
pub const IPCX_TEMPLATE_DISABLED: DWORD = 1;

/// `IPCX_TEMPLATE::dwExpiry`: content never expires.
pub const IPCX_EXPIRY_NEVER: DWORD = 0;
/// `IPCX_TEMPLATE::dwExpiry`: content expires at `ftExpiry`.
pub const IPCX_EXPIRY_DATE: DWORD = 1;
/// `IPCX_TEMPLATE::dwExpiry`: content expires `dwExpiryDays` days after it was protected.
pub const IPCX_EXPIRY_DAYS: DWORD = 2;

/// `IPCX_TEMPLATE::dwOfflineDays`: as many as the organization allows.
pub const IPCX_OFFLINE_DAYS_DEFAULT: DWORD = 0xFFFF_FFFF;

/// When a right of a template may be used. Templates of other programs have such times.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct IPCX_RIGHT_TIMES {
    /// A user of the template's list.
    pub User: IPC_USER,
    /// A right of that user.
    pub wszRight: LPCWSTR,
    /// From this moment on, UTC, in whole minutes; 0 is open.
    pub ftFrom: FILETIME,
    /// Before this moment, UTC, in whole minutes; 0 is open.
    pub ftUntil: FILETIME,
    /// Days from the issue of a use license; `IPCX_OFFLINE_DAYS_DEFAULT` when it has none of its own.
    pub dwIntervalDays: DWORD,
}
/// Pointer to times that are only read.
pub type PCIPCX_RIGHT_TIMES = *const IPCX_RIGHT_TIMES;

/// A rights policy template with everything that decides.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct IPCX_TEMPLATE {
    /// Size of this structure in bytes.
    pub cbSize: DWORD,
    /// `IPCX_TEMPLATE_` bits.
    pub dwFlags: DWORD,
    /// Id of the template; null asks for a new one.
    pub wszID: LPCWSTR,
    /// How many descriptors there are: at least one.
    pub cDescriptors: DWORD,
    /// How many entries the scope has.
    pub cScope: DWORD,
    /// Name and description per language: `lcid`, `wszName` and `wszDescription` count.
    pub rgDescriptors: PCIPC_TEMPLATE_INFO,
    /// Users and groups, each with its rights. The owner has full control and is not listed.
    pub pUserRights: PCIPC_USER_RIGHTS_LIST,
    /// Users and groups that may publish with the template; nobody listed means everyone.
    pub rgScope: *const IPC_USER,
    /// One of the `IPCX_EXPIRY_` constants.
    pub dwExpiry: DWORD,
    /// Days, with `IPCX_EXPIRY_DAYS`; at least 1.
    pub dwExpiryDays: DWORD,
    /// The moment, with `IPCX_EXPIRY_DATE`.
    pub ftExpiry: FILETIME,
    /// Days that a use license serves offline; 0 asks the authority each time.
    pub dwOfflineDays: DWORD,
    /// How many times of rights there are.
    pub cRightTimes: DWORD,
    /// The last change; ignored when set.
    pub ftModified: FILETIME,
    /// Times of single rights. A right that is not named here has none; one that is named more than once may be used
    /// within either.
    pub rgRightTimes: PCIPCX_RIGHT_TIMES,
}
/// Pointer to a template that is only read.
pub type PCIPCX_TEMPLATE = *const IPCX_TEMPLATE;

/// A flag of `IpcxDeleteTemplate`: what was protected with the template is revoked. Without it, the last policy of the
/// template goes on to decide.
pub const IPCX_DELETE_TEMPLATE_REVOKE: DWORD = 1;
/// A flag of `IpcxImportTemplate`: the file may be signed by another authority.
pub const IPCX_IMPORT_TEMPLATE_FOREIGN: DWORD = 1;

/// The default templates with the rights that they give today.
pub const IPCX_DEFAULT_TEMPLATES_CURRENT: DWORD = 1;
/// The default templates with the rights that they gave until 6 October 2017.
pub const IPCX_DEFAULT_TEMPLATES_BEFORE_2017: DWORD = 2;

/// Texts with their count.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct IPCX_TEXT_LIST {
    /// How many texts there are.
    pub cTexts: DWORD,
    /// The texts; null when there are none.
    pub rgwszTexts: *const LPCWSTR,
}
/// Pointer to texts that are only read.
pub type PCIPCX_TEXT_LIST = *const IPCX_TEXT_LIST;

/// A flag of `IPCX_ACCOUNT`: may administer the authority.
pub const IPCX_ACCOUNT_ADMINISTRATOR: DWORD = 1;
/// A flag of `IPCX_ACCOUNT`: has full control of everything while the organization's super user feature is on.
pub const IPCX_ACCOUNT_SUPER_USER: DWORD = 2;

/// An account of the organization.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct IPCX_ACCOUNT {
    /// Size of this structure in bytes.
    pub cbSize: DWORD,
    /// `IPCX_ACCOUNT_` bits.
    pub dwFlags: DWORD,
    /// Primary mail address.
    pub wszAddress: LPCWSTR,
    /// Name for people, or null.
    pub wszDisplayName: LPCWSTR,
    /// How many further addresses there are.
    pub cAliases: DWORD,
    /// How many groups hold the account, directly or through others; ignored when set.
    pub cGroups: DWORD,
    /// Further addresses of the same account.
    pub rgwszAliases: *const LPCWSTR,
    /// Addresses of the groups; ignored when set.
    pub rgwszGroups: *const LPCWSTR,
}
/// Pointer to an account that is only read.
pub type PCIPCX_ACCOUNT = *const IPCX_ACCOUNT;

/// A group of the organization.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct IPCX_GROUP {
    /// Size of this structure in bytes.
    pub cbSize: DWORD,
    /// How many members there are.
    pub cMembers: DWORD,
    /// Mail address.
    pub wszAddress: LPCWSTR,
    /// Name for people, or null.
    pub wszDisplayName: LPCWSTR,
    /// Addresses of accounts, of other groups, or of people outside.
    pub rgwszMembers: *const LPCWSTR,
}
/// Pointer to a group that is only read.
pub type PCIPCX_GROUP = *const IPCX_GROUP;

/// Most days that a use license may serve offline. A setting of the organization; 30 at first.
pub const IPCX_SETTING_OFFLINE_DAYS_MAX: DWORD = 1;
/// 1 when super users have full control of everything, else 0. A setting of the organization; 0 at first.
pub const IPCX_SETTING_SUPER_USERS: DWORD = 2;
/// 1 when diagnostic logs and explanations hold addresses and file names as they are, 0 when they are masked. A setting of
/// the organization; 0 at first. Other processes see a change when they open the store.
pub const IPCX_SETTING_LOG_PERSONAL_DATA: DWORD = 3;

/// A flag of `IPCX_TOKEN_ISSUER`: it puts only verified addresses into tokens, so they need not say so.
pub const IPCX_TOKEN_ISSUER_VOUCHES_FOR_EMAIL: DWORD = 1;

/// Who signs access tokens that the authority accepts, and for whom.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct IPCX_TOKEN_ISSUER {
    /// Size of this structure in bytes.
    pub cbSize: DWORD,
    /// `IPCX_TOKEN_ISSUER_` bits.
    pub dwFlags: DWORD,
    /// Name in the store.
    pub wszName: LPCWSTR,
    /// What `iss` must be, exactly.
    pub wszIssuer: LPCWSTR,
    /// What `aud` must be or hold, exactly.
    pub wszAudience: LPCWSTR,
    /// A JSON Web Key Set with RSA keys (RS256), P-256 keys (ES256) or symmetric keys (HS256). Never handed out.
    pub wszKeySet: LPCWSTR,
    /// The mail domains that it may speak for.
    pub rgwszDomains: *const LPCWSTR,
    /// How many domains there are: at least one.
    pub cDomains: DWORD,
}
/// Pointer to a token issuer that is only read.
pub type PCIPCX_TOKEN_ISSUER = *const IPCX_TOKEN_ISSUER;

/// Signs a challenge of the authority with the key of a certificate, SHA-256 in either case: an RSA key with PKCS#1 v1.5, a
/// P-256 key as two numbers of 32 bytes each. `pvContext` is what `IPCX_CERT_CONTEXT` holds; the message is borrowed for
/// the call. `*pcbSignature` is the room at `pbSignature` on entry and the length of the signature on return. A failure code
/// is that of the call that needs the proof. Called on the thread of that call, without locks.
pub type IPCX_SIGN_CALLBACK = Option<
    unsafe extern "system" fn(
        pvContext: LPVOID,
        pbMessage: *const BYTE,
        cbMessage: DWORD,
        pbSignature: *mut BYTE,
        pcbSignature: LPDWORD,
    ) -> HRESULT,
>;

/// What `IPC_CREDENTIAL::pcCertContext` points to where there is no Windows: the members of `CERT_CONTEXT`, and who signs.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct IPCX_CERT_CONTEXT {
    /// 1, X.509 in ASN.1.
    pub dwCertEncodingType: DWORD,
    /// The certificate in DER.
    pub pbCertEncoded: *const BYTE,
    /// How many bytes it has.
    pub cbCertEncoded: DWORD,
    /// Not looked at.
    pub pCertInfo: LPCVOID,
    /// Not looked at.
    pub hCertStore: LPCVOID,
    /// Proves that the application has the key of the certificate.
    pub pfnSign: IPCX_SIGN_CALLBACK,
    /// Passed to the function unchanged.
    pub pvSignContext: LPVOID,
}

/// Permission level: read and answer.
pub const IPCX_LEVEL_VIEWER: DWORD = 1;
/// Permission level: read, edit, answer and forward.
pub const IPCX_LEVEL_REVIEWER: DWORD = 2;
/// Permission level: everything but changing the protection.
pub const IPCX_LEVEL_CO_AUTHOR: DWORD = 3;
/// Permission level: everything.
pub const IPCX_LEVEL_CO_OWNER: DWORD = 4;

/// The permission levels as they are today.
pub const IPCX_LEVELS_CURRENT: DWORD = 0;
/// The permission levels as the service began with.
pub const IPCX_LEVELS_CLASSIC: DWORD = 1;

/// A user and its permission level.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct IPCX_USER_LEVEL {
    /// The user.
    pub User: IPC_USER,
    /// One of the `IPCX_LEVEL_` constants.
    pub dwLevel: DWORD,
}

/// SharePoint: Manage Permissions or Manage Web Site.
pub const IPCX_SHAREPOINT_MANAGE: DWORD = 1;
/// SharePoint: Edit Items, Manage Lists, or Add and Customize Pages.
pub const IPCX_SHAREPOINT_EDIT: DWORD = 2;
/// SharePoint: View Items.
pub const IPCX_SHAREPOINT_VIEW: DWORD = 4;
/// SharePoint: the library allows to print documents.
pub const IPCX_SHAREPOINT_LIBRARY_PRINT: DWORD = 8;
/// SharePoint: the library allows programs to access content.
pub const IPCX_SHAREPOINT_LIBRARY_PROGRAMS: DWORD = 16;
