//! License properties of the caller as values of the core. Nothing keeps a pointer.

use std::mem::offset_of;

use super::args;
use super::base::*;
use super::constants::*;
use super::types::*;
use super::wide;
use crate::base::limits::{NAME_VALUES_MAX, RIGHTS_PER_USER_MAX, USERS_MAX};
use crate::base::locale::Lcid;
use crate::base::time::Timestamp;
use crate::error::{Error, ErrorKind, Result};
use crate::license::{AppDatum, Term};
use crate::policy::{Descriptor, Right, User, UserRights, UserRightsList};

/// A truth value.
///
/// # Safety
/// `at` is null or readable.
pub(super) unsafe fn truth(at: *const BOOL, what: &'static str) -> Result<bool> {
    // SAFETY: by this function's contract.
    Ok(unsafe { args::structure(at, what)? } != FALSE)
}

/// Names and values.
///
/// # Safety
/// `at` is null, or readable with as many pairs as it counts and the texts that they name.
pub(super) unsafe fn name_values(at: PCIPC_NAME_VALUE_LIST, what: &'static str) -> Result<Vec<AppDatum>> {
    // SAFETY: a list has at least its count.
    let count = unsafe { args::structure(at.cast::<DWORD>(), what)? };
    let first = at.wrapping_byte_add(offset_of!(IPC_NAME_VALUE_LIST, aNameValuePairs)).cast::<IPC_NAME_VALUE>();
    let mut pairs = Vec::new();
    // SAFETY: by this function's contract.
    for pair in unsafe { args::elements(first, count, NAME_VALUES_MAX, what)? } {
        // SAFETY: by this function's contract.
        let name = unsafe { wide::read(pair.wszName, "wszName")? };
        // SAFETY: by this function's contract.
        let value = unsafe { wide::read(pair.wszValue, "wszValue")? };
        pairs.push(AppDatum { name, value });
    }
    Ok(pairs)
}

/// A user or group.
///
/// # Safety
/// The text that it names is null or terminated.
pub(super) unsafe fn user(user: IPC_USER) -> Result<User> {
    // SAFETY: by this function's contract.
    let id = unsafe { wide::read(user.wszID, "wszID")? };
    match user.dwType {
        IPC_USER_TYPE_EMAIL => User::email(&id),
        IPC_USER_TYPE_IPC if id.eq_ignore_ascii_case(IPC_USER_ID_EVERYONE) => Ok(User::Anyone),
        IPC_USER_TYPE_IPC if id.eq_ignore_ascii_case(IPC_USER_ID_OWNER) => Ok(User::Owner),
        IPC_USER_TYPE_IPC if id.eq_ignore_ascii_case(IPC_USER_ID_NULL) => Ok(User::Null),
        IPC_USER_TYPE_IPC => Err(Error::argument("wszID", format!("{id} is none of ANYONE, OWNER and NULL"))),
        unknown => Err(Error::argument("dwType", format!("{unknown} is no type of user"))),
    }
}

/// Users and their rights. `cbSize` may be anything from 8 on: programs pass different sizes (compatibility, rule 10).
///
/// # Safety
/// `at` is null, or readable with as many users as it counts, their rights and the texts that they name.
pub(super) unsafe fn user_rights(at: PCIPC_USER_RIGHTS_LIST) -> Result<UserRightsList> {
    const WHAT: &str = "IPC_USER_RIGHTS_LIST";
    // SAFETY: a list has at least its size and its count.
    let [given, count] = unsafe { args::structure(at.cast::<[DWORD; 2]>(), WHAT)? };
    let least = offset_of!(IPC_USER_RIGHTS_LIST, rgUserRights);
    if (given as usize) < least {
        return Err(Error::argument(WHAT, format!("cbSize is {given}, expected at least {least}")));
    }
    if count as usize > USERS_MAX {
        let found = format!("{count} users in the list, at most {USERS_MAX} are accepted");
        return Err(Error::with(ErrorKind::LicenseTooLong, found));
    }
    let first = at.wrapping_byte_add(least).cast::<IPC_USER_RIGHTS>();
    let mut list = Vec::new();
    // SAFETY: by this function's contract.
    let users = unsafe { args::elements(first, count, USERS_MAX, WHAT)? };
    for (index, entry) in users.into_iter().enumerate() {
        // SAFETY: by this function's contract.
        let read = unsafe { one_users_rights(entry) };
        list.push(read.map_err(|error| error.context(format!("reading rgUserRights[{index}]")))?);
    }
    Ok(UserRightsList(list))
}

/// # Safety
/// As [`user_rights`], for one entry.
unsafe fn one_users_rights(entry: IPC_USER_RIGHTS) -> Result<UserRights> {
    // SAFETY: by this function's contract.
    let user = unsafe { user(entry.User)? };
    let mut rights = Vec::new();
    let names = entry.rgwszRights.cast_const();
    // SAFETY: by this function's contract.
    for name in unsafe { args::elements(names, entry.cRights, RIGHTS_PER_USER_MAX, "rgwszRights")? } {
        // SAFETY: by this function's contract.
        let name = unsafe { wide::read(name, "rgwszRights")? };
        let right = Right::parse(&name)?;
        if !rights.contains(&right) {
            rights.push(right);
        }
    }
    Ok(UserRights { user, rights })
}

/// A term.
///
/// # Safety
/// `at` is null or readable.
pub(super) unsafe fn term(at: PCIPC_TERM) -> Result<Term> {
    // SAFETY: by this function's contract.
    let term = unsafe { args::structure(at, "IPC_TERM")? };
    Ok(Term { start: Timestamp::from_filetime(term.ftStart.ticks()), duration: term.qwDuration })
}

/// Name and description in one language; the other members do not count.
///
/// # Safety
/// `at` is null, or readable with the texts that it names.
pub(super) unsafe fn descriptor(at: PCIPC_TEMPLATE_INFO) -> Result<Descriptor> {
    // SAFETY: by this function's contract.
    let info = unsafe { args::structure(at, "IPC_TEMPLATE_INFO")? };
    // SAFETY: by this function's contract.
    let name = unsafe { wide::read(info.wszName, "wszName")? };
    // SAFETY: by this function's contract.
    let description = unsafe { wide::read_optional(info.wszDescription, "wszDescription")? };
    Ok(Descriptor { lcid: Lcid(info.lcid), name, description: description.unwrap_or_default() })
}
