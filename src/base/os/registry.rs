//! What administrators and accounts set in the registry of Windows: text of named values, and names of keys.
//!
//! A process of 32 bits sees the view that the system has for such programs; nothing here goes around that.

use std::ffi::c_void;
use std::io;

/// Whose settings.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Root {
    /// Those of the machine, which administrators write.
    Machine,
    /// Those of the account that runs the process.
    Account,
}

/// Longest text of a value that is read, in code units with its terminator.
const TEXT_UNITS: usize = 512;
/// Longest name of a key, in code units with its terminator.
const NAME_UNITS: usize = 256;
/// Most keys that are looked at below one.
const KEYS_MAX: u32 = 65_536;

const HKEY_LOCAL_MACHINE: usize = 0x8000_0002_u32.cast_signed() as usize;
/// `KEY_QUERY_VALUE`.
const KEY_QUERY_VALUE: u32 = 1;
/// `KEY_ENUMERATE_SUB_KEYS`.
const KEY_ENUMERATE_SUB_KEYS: u32 = 8;
/// `RRF_RT_REG_SZ`: text and nothing else.
const RRF_RT_REG_SZ: u32 = 2;
const ERROR_SUCCESS: i32 = 0;
const ERROR_FILE_NOT_FOUND: i32 = 2;
const ERROR_PATH_NOT_FOUND: i32 = 3;
const ERROR_MORE_DATA: i32 = 234;
const ERROR_NO_MORE_ITEMS: i32 = 259;
const ERROR_UNSUPPORTED_TYPE: i32 = 1630;

#[link(name = "advapi32")]
unsafe extern "system" {
    fn RegOpenKeyExW(key: *mut c_void, path: *const u16, options: u32, access: u32, out: *mut *mut c_void) -> i32;
    fn RegOpenCurrentUser(access: u32, out: *mut *mut c_void) -> i32;
    fn RegCloseKey(key: *mut c_void) -> i32;
    fn RegEnumKeyExW(
        key: *mut c_void,
        index: u32,
        name: *mut u16,
        units: *mut u32,
        reserved: *mut u32,
        class: *mut u16,
        class_units: *mut u32,
        written: *mut u64,
    ) -> i32;
    fn RegGetValueW(
        key: *mut c_void,
        path: *const u16,
        value: *const u16,
        flags: u32,
        kind: *mut u32,
        out: *mut c_void,
        size: *mut u32,
    ) -> i32;
}

fn terminated(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

fn is_missing(code: i32) -> bool {
    matches!(code, ERROR_FILE_NOT_FOUND | ERROR_PATH_NOT_FOUND)
}

fn failed(code: i32) -> io::Error {
    io::Error::from_raw_os_error(code)
}

/// A key that is closed when it is dropped.
struct Key(*mut c_void);

impl Drop for Key {
    fn drop(&mut self) {
        // SAFETY: opened by this process and closed nowhere else.
        unsafe { RegCloseKey(self.0) };
    }
}

impl Key {
    /// The key at a path; `None` when it is not there.
    fn open(root: Root, path: &str, access: u32) -> io::Result<Option<Self>> {
        match root {
            Root::Machine => Self::below(std::ptr::without_provenance_mut(HKEY_LOCAL_MACHINE), path, access),
            // The constant for the account stands for whoever the process met first, also while a thread impersonates.
            Root::Account => {
                let mut opened = std::ptr::null_mut();
                // SAFETY: the output is a live local.
                let code = unsafe { RegOpenCurrentUser(access, &raw mut opened) };
                found(code, opened)?.map_or(Ok(None), |account| Self::below(account.0, path, access))
            }
        }
    }

    /// The key at a path below one that stays open meanwhile.
    fn below(key: *mut c_void, path: &str, access: u32) -> io::Result<Option<Self>> {
        let path = terminated(path);
        let mut opened = std::ptr::null_mut();
        // SAFETY: the path is terminated; the output is a live local.
        let code = unsafe { RegOpenKeyExW(key, path.as_ptr(), 0, access, &raw mut opened) };
        found(code, opened)
    }
}

/// What was opened, as the system says.
fn found(code: i32, opened: *mut c_void) -> io::Result<Option<Key>> {
    match code {
        ERROR_SUCCESS => Ok(Some(Key(opened))),
        code if is_missing(code) => Ok(None),
        other => Err(failed(other)),
    }
}

/// The names of the keys below a key; none when it is not there.
///
/// # Errors
/// What the system reports; `InvalidData` for more keys than anybody means.
pub fn keys_below(root: Root, path: &str) -> io::Result<Vec<String>> {
    let Some(key) = Key::open(root, path, KEY_ENUMERATE_SUB_KEYS)? else { return Ok(Vec::new()) };
    let mut names = Vec::new();
    for index in 0..KEYS_MAX {
        let mut name = [0u16; NAME_UNITS];
        let mut units = u32::try_from(NAME_UNITS).unwrap_or_default();
        let none = std::ptr::null_mut;
        // SAFETY: the key is open, the name has as much room as told, and what is null is not asked for.
        let code = unsafe {
            let (class, class_units) = (std::ptr::null_mut(), std::ptr::null_mut());
            RegEnumKeyExW(
                key.0,
                index,
                name.as_mut_ptr(),
                &raw mut units,
                none(),
                class,
                class_units,
                std::ptr::null_mut(),
            )
        };
        match code {
            ERROR_SUCCESS => names.push(String::from_utf16_lossy(&name[..(units as usize).min(NAME_UNITS)])),
            ERROR_NO_MORE_ITEMS => return Ok(names),
            other => return Err(failed(other)),
        }
    }
    Err(io::ErrorKind::InvalidData.into())
}

/// The text of a value; `None` when there is none, or when it is no text.
///
/// # Errors
/// What the system reports; `InvalidData` for text that is longer than any setting, or not valid Unicode.
pub fn text(root: Root, path: &str, value: &str) -> io::Result<Option<String>> {
    let Some(key) = Key::open(root, path, KEY_QUERY_VALUE)? else { return Ok(None) };
    let value = terminated(value);
    let mut room = [0u16; TEXT_UNITS];
    let mut size = u32::try_from(size_of_val(&room)).unwrap_or_default();
    // SAFETY: the key is open, the name is terminated and the room is as large as told; the kind is not asked for.
    let code = unsafe {
        RegGetValueW(
            key.0,
            std::ptr::null(),
            value.as_ptr(),
            RRF_RT_REG_SZ,
            std::ptr::null_mut(),
            room.as_mut_ptr().cast(),
            &raw mut size,
        )
    };
    match code {
        ERROR_SUCCESS => {
            let length = room.iter().position(|unit| *unit == 0).unwrap_or(TEXT_UNITS);
            String::from_utf16(&room[..length]).map(Some).map_err(|_| io::ErrorKind::InvalidData.into())
        }
        code if is_missing(code) || code == ERROR_UNSUPPORTED_TYPE => Ok(None),
        ERROR_MORE_DATA => Err(io::ErrorKind::InvalidData.into()),
        other => Err(failed(other)),
    }
}
