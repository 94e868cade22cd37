//! Limits on what is read and written, in one place so that the documentation can name them.

/// Longest serialized license that is read, in bytes.
pub const LICENSE_READ_MAX: usize = 32 << 20;
/// Longest serialized license that is written, in bytes ([MS-RMPR] 3.4, limit of a submitted license).
pub const LICENSE_WRITE_MAX: usize = 8 << 20;
/// Longest name of a right, in characters.
pub const RIGHT_NAME_MAX: usize = 256;
/// Longest wide string that an application may pass, in code units, terminator not counted.
pub const TEXT_MAX: usize = 1 << 20;
/// Longest mail address, in bytes.
pub const ADDRESS_MAX: usize = 320;
/// Most entries of a user rights list.
pub const USERS_MAX: usize = 20_000;
/// Most rights of one user.
pub const RIGHTS_PER_USER_MAX: usize = 256;
/// Most pairs of a name-value list.
pub const NAME_VALUES_MAX: usize = 4_096;
/// Most bytes of all application data of one license, names and values together.
pub const APPLICATION_DATA_MAX: usize = 102_400;
/// Most descriptors of one license or template.
pub const DESCRIPTORS_MAX: usize = 512;
/// Days that a use license may serve offline, unless the tenant says otherwise.
pub const OFFLINE_DAYS_DEFAULT_MAX: u32 = 30;
