//! Calls into Windows: who runs the process, and, in a file of its own, what an open file is. Folders come from the
//! profile, whose access lists keep others out.

#[path = "windows_files.rs"]
mod files;

use std::ffi::c_void;
use std::io;
use std::path::PathBuf;

pub(super) use files::{
    begin_flush, create_for_account, forget, id_at, id_of_name, identity, inherit_access, is_owners_alone, uses,
};

use super::{Folders, Lookup, OsAccount};
use crate::error::{Error, ErrorKind, Result};

/// `TOKEN_QUERY`.
const TOKEN_QUERY: u32 = 8;
/// `ERROR_NO_TOKEN`: the thread acts as the process does.
const ERROR_NO_TOKEN: i32 = 1008;
/// `TokenUser` of `TOKEN_INFORMATION_CLASS`.
const TOKEN_USER: u32 = 1;
/// `TokenOwner` of `TOKEN_INFORMATION_CLASS`.
const TOKEN_OWNER: u32 = 4;
/// Longest login name with its terminator, in code units (`UNLEN + 1`).
const LOGIN_UNITS: usize = 257;
/// Longest text of a SID, in code units; 15 sub-authorities of 10 digits need less.
const SID_UNITS: usize = 256;

#[link(name = "kernel32")]
unsafe extern "system" {
    fn GetCurrentProcess() -> *mut c_void;
    fn GetCurrentThread() -> *mut c_void;
    fn CloseHandle(handle: *mut c_void) -> i32;
    fn LocalFree(memory: *mut c_void) -> *mut c_void;
    #[cfg(any(test, feature = "test-clock"))]
    fn TerminateProcess(process: *mut c_void, status: u32) -> i32;
}

#[link(name = "advapi32")]
unsafe extern "system" {
    fn OpenProcessToken(process: *mut c_void, access: u32, token: *mut *mut c_void) -> i32;
    fn OpenThreadToken(thread: *mut c_void, access: u32, as_self: i32, token: *mut *mut c_void) -> i32;
    fn GetTokenInformation(token: *mut c_void, class: u32, out: *mut c_void, size: u32, needed: *mut u32) -> i32;
    fn EqualSid(one: *mut c_void, other: *mut c_void) -> i32;
    fn ConvertSidToStringSidW(sid: *mut c_void, text: *mut *mut u16) -> i32;
    fn GetUserNameW(name: *mut u16, units: *mut u32) -> i32;
}

/// Windows has no set-user-id programs.
pub(super) fn is_privileged() -> bool {
    false
}

pub(super) fn current_account() -> Result<OsAccount> {
    Ok(OsAccount { id: current_account_id()?, login: login().unwrap_or_else(|| "user".to_owned()) })
}

pub(super) fn current_account_id() -> Result<String> {
    current_sid().ok_or_else(|| {
        Error::with(ErrorKind::StoreUnusable, "the operating system does not tell whose rights this thread has")
    })
}

/// A token that is closed when it is dropped.
struct Token(*mut c_void);

impl Token {
    /// The token that decides what this thread may do: that of whom it impersonates, or else that of the process. `None`
    /// when it cannot be had; the process's is no substitute then, because the files would still be somebody else's.
    fn effective() -> Option<Self> {
        let mut token: *mut c_void = std::ptr::null_mut();
        // SAFETY: takes nothing; the result is a constant that needs no closing.
        let thread = unsafe { GetCurrentThread() };
        // Asked by the process itself: whom it impersonates need not be allowed to look.
        // SAFETY: the pointer is to a live local.
        if unsafe { OpenThreadToken(thread, TOKEN_QUERY, 1, &raw mut token) } != 0 {
            return Some(Self(token));
        }
        if io::Error::last_os_error().raw_os_error() != Some(ERROR_NO_TOKEN) {
            return None;
        }
        Self::of_process()
    }

    /// That of the process, whoever its threads impersonate.
    fn of_process() -> Option<Self> {
        let mut token: *mut c_void = std::ptr::null_mut();
        // SAFETY: takes nothing; the result is a constant that needs no closing.
        let process = unsafe { GetCurrentProcess() };
        // SAFETY: the pointer is to a live local.
        (unsafe { OpenProcessToken(process, TOKEN_QUERY, &raw mut token) } != 0).then_some(Self(token))
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        // SAFETY: opened for this and closed nowhere else.
        unsafe { CloseHandle(self.0) };
    }
}

/// A SID of a token, in words so that the pointer at the beginning is aligned: `TOKEN_USER` and `TOKEN_OWNER`
/// begin with the pointer to the SID that lies behind them.
struct TokenSid(Box<[usize; 64]>);

impl TokenSid {
    /// The user whose rights this thread has.
    fn user() -> Option<Self> {
        Self::asked(Token::effective()?, TOKEN_USER)
    }

    /// Whom the files belong to that this thread makes: the user, or a group of administrators.
    fn owner() -> Option<Self> {
        Self::asked(Token::effective()?, TOKEN_OWNER)
    }

    fn asked(token: Token, class: u32) -> Option<Self> {
        // On the heap, so that the pointer into it stays good.
        let mut room = Box::new([0usize; 64]);
        let mut needed = 0u32;
        let size = u32::try_from(size_of_val(&*room)).ok()?;
        // SAFETY: the buffer is alive and as large as stated.
        let found = unsafe { GetTokenInformation(token.0, class, room.as_mut_ptr().cast(), size, &raw mut needed) };
        (found != 0).then_some(Self(room))
    }

    /// The SID, as long as this lives.
    fn sid(&self) -> *mut c_void {
        std::ptr::with_exposed_provenance_mut::<c_void>(self.0[0])
    }
}

/// True when this thread impersonates another account than that of the process, or nobody can tell.
pub(super) fn acts_for_another() -> bool {
    let of_process = Token::of_process().and_then(|token| TokenSid::asked(token, TOKEN_USER));
    // SAFETY: both live here.
    of_process.zip(TokenSid::user()).is_none_or(|(one, other)| unsafe { EqualSid(one.sid(), other.sid()) } == 0)
}

/// The SID of the user whose rights this thread has, as text.
fn current_sid() -> Option<String> {
    let user = TokenSid::user()?;
    let mut text: *mut u16 = std::ptr::null_mut();
    // SAFETY: the SID lives as long as the user; the output is a live local.
    if unsafe { ConvertSidToStringSidW(user.sid(), &raw mut text) } == 0 || text.is_null() {
        return None;
    }
    let mut units = Vec::new();
    for at in 0..SID_UNITS {
        // SAFETY: the text ends in NUL and reading stops there.
        let unit = unsafe { text.wrapping_add(at).read() };
        if unit == 0 {
            break;
        }
        units.push(unit);
    }
    // SAFETY: the text was allocated for us above and is not used afterwards.
    unsafe { LocalFree(text.cast()) };
    String::from_utf16(&units).ok()
}

fn login() -> Option<String> {
    let mut name = [0u16; LOGIN_UNITS];
    let mut units = u32::try_from(LOGIN_UNITS).ok()?;
    // SAFETY: the buffer is alive and as long as stated.
    if unsafe { GetUserNameW(name.as_mut_ptr(), &raw mut units) } == 0 {
        return None;
    }
    let length = name.iter().position(|unit| *unit == 0)?;
    String::from_utf16(&name[..length]).ok().filter(|login| !login.is_empty())
}

pub(super) fn home_folder(lookup: Lookup<'_>) -> Option<PathBuf> {
    lookup("USERPROFILE").map(PathBuf::from).filter(|home| home.is_absolute())
}

pub(super) fn folders(lookup: Lookup<'_>) -> Option<Folders> {
    let folder = |variable: &str, usual: &str| {
        let named = lookup(variable).map(PathBuf::from).filter(|path| path.is_absolute());
        named.or_else(|| Some(home_folder(lookup)?.join("AppData").join(usual))).map(|base| base.join("msipc"))
    };
    // LOCALAPPDATA stays on the machine; APPDATA may roam, which suits the key but not a database.
    Some(Folders { data: folder("LOCALAPPDATA", "Local")?, config: folder("APPDATA", "Roaming")? })
}

/// Ends the process at once and without any tidying.
#[cfg(any(test, feature = "test-clock"))]
pub(super) fn kill_own_process() {
    /// The status that tells it from an end of its own.
    const KILLED: u32 = 137;
    // SAFETY: takes nothing; the result is a constant that needs no closing.
    let process = unsafe { GetCurrentProcess() };
    // SAFETY: the handle is good; no memory is touched.
    unsafe { TerminateProcess(process, KILLED) };
}
