//! The structures of `ext_types.rs` to and from values of the core.

use std::mem::offset_of;

use zeroize::Zeroizing;

use super::args;
use super::ask;
use super::base::*;
use super::boundary::Fault;
use super::ext_types::*;
use super::memory::{Block, OutBlock};
use super::types::*;
use super::write::count;
use super::{ext_times, read, state, wide, write};
use crate::authority::Administration;
use crate::base::guid::Guid;
use crate::base::limits::{DESCRIPTORS_MAX, USERS_MAX};
use crate::base::time::Timestamp;
use crate::error::{Error, ErrorKind, Result};
use crate::policy::template::ContentExpiry;
use crate::policy::{Descriptor, RightsPolicyTemplate, User, UserRightsList};
use crate::store::{Account, Group, TokenIssuer};

/// Most entries of one list.
const LIST_MAX: usize = 1_000_000;

/// Acts as an administrator on behalf of the account that a prompt context names.
///
/// # Safety
/// `context` is null or valid as the interface describes it.
pub(super) unsafe fn administer<T>(
    context: PCIPC_PROMPT_CTX,
    act: impl FnOnce(&Administration<'_>) -> Result<T>,
) -> Result<T, Fault> {
    // SAFETY: by this function's contract.
    let prompt = ask::prompt(unsafe { args::prompt(context)? })?;
    let environment = state::environment()?;
    let administration = environment.administration(&prompt)?;
    Ok(act(&administration)?)
}

/// The id of a template.
///
/// # Safety
/// `text` is null or terminated.
pub(super) unsafe fn template_id(text: LPCWSTR) -> Result<Guid> {
    // SAFETY: by this function's contract.
    let text = unsafe { wide::read(text, "wszTemplateID")? };
    let unknown = || Error::with(ErrorKind::NotFound { what: "template" }, format!("there is no template {text}"));
    Guid::parse(&text).ok_or_else(unknown)
}

/// Texts, none of them null.
///
/// # Safety
/// `from` is null or holds as many texts as counted, each null or terminated.
pub(super) unsafe fn texts(from: *const LPCWSTR, count: DWORD, what: &'static str) -> Result<Vec<String>> {
    // SAFETY: by this function's contract.
    let texts = unsafe { args::elements(from, count, LIST_MAX, what)? };
    // SAFETY: by this function's contract.
    texts.into_iter().map(|text| unsafe { wide::read(text, what) }).collect()
}

/// A structure that begins with its size, of this version or a later one.
///
/// # Safety
/// As [`args::sized`].
unsafe fn whole<T: Copy>(from: *const T, what: &'static str) -> Result<T> {
    // SAFETY: by this function's contract.
    unsafe { args::sized(from, size_of::<T>(), what) }
}

/// The elements of an array of structures that begin with their size, which is the distance from one to the next.
///
/// # Safety
/// `from` is null or holds as many structures as counted.
unsafe fn wholes<T: Copy>(from: *const T, count: DWORD, what: &'static str) -> Result<Vec<T>> {
    // SAFETY: by this function's contract.
    let elements = unsafe { args::elements(from, count, LIST_MAX, what)? };
    for (index, _) in elements.iter().enumerate() {
        let element = from.wrapping_add(index).cast::<DWORD>();
        // SAFETY: one of the counted structures, which begins with its size.
        let size = unsafe { args::structure(element, what)? };
        if usize::try_from(size) != Ok(size_of::<T>()) {
            return Err(Error::argument(what, format!("cbSize is {size}, expected {}", size_of::<T>())));
        }
    }
    Ok(elements)
}

/// A template. Without an id it gets the one that `new_id` makes.
///
/// # Safety
/// `from` is null or valid with everything it points to.
pub(super) unsafe fn template(
    from: PCIPCX_TEMPLATE,
    new_id: impl FnOnce() -> Result<Guid>,
) -> Result<RightsPolicyTemplate> {
    const WHAT: &str = "pTemplate";
    // SAFETY: by this function's contract; every member may be zero.
    let template = unsafe { whole(from, WHAT)? };
    let flags = args::flags(template.dwFlags, IPCX_TEMPLATE_DISABLED, "pTemplate->dwFlags")?;
    // SAFETY: by this function's contract.
    let id = unsafe { wide::read_optional(template.wszID, "pTemplate->wszID")? };
    let id = match id {
        Some(text) => Guid::parse(&text).ok_or_else(|| Error::argument("pTemplate->wszID", "not a GUID"))?,
        None => new_id()?,
    };
    let mut descriptors = Vec::new();
    let from = template.rgDescriptors;
    // SAFETY: by this function's contract.
    for info in unsafe { args::elements(from, template.cDescriptors, DESCRIPTORS_MAX, "pTemplate->rgDescriptors")? } {
        // SAFETY: by this function's contract.
        descriptors.push(unsafe { read::descriptor(&raw const info)? });
    }
    let rights = if template.pUserRights.is_null() {
        UserRightsList::default()
    } else {
        // SAFETY: by this function's contract.
        unsafe { read::user_rights(template.pUserRights)? }
    };
    let mut scope = Vec::new();
    // SAFETY: by this function's contract.
    for user in unsafe { args::elements(template.rgScope, template.cScope, USERS_MAX, "pTemplate->rgScope")? } {
        // SAFETY: by this function's contract.
        scope.push(unsafe { read::user(user)? });
    }
    let expiry = match template.dwExpiry {
        IPCX_EXPIRY_NEVER => ContentExpiry::Never,
        IPCX_EXPIRY_DATE => ContentExpiry::At(Timestamp::from_filetime(template.ftExpiry.ticks())),
        IPCX_EXPIRY_DAYS => ContentExpiry::Days(template.dwExpiryDays),
        other => return Err(args::unknown(other, "pTemplate->dwExpiry")),
    };
    Ok(RightsPolicyTemplate {
        id,
        descriptors,
        // SAFETY: by this function's contract.
        grants: unsafe { ext_times::read_times(&template, rights.to_grants())? },
        expiry,
        offline_days: (template.dwOfflineDays != IPCX_OFFLINE_DAYS_DEFAULT).then_some(template.dwOfflineDays),
        enabled: flags & IPCX_TEMPLATE_DISABLED == 0,
        scope,
        modified: Timestamp::from_filetime(0),
    })
}

/// Accounts.
///
/// # Safety
/// `from` is null or holds as many accounts as counted, with everything they point to.
pub(super) unsafe fn accounts(from: PCIPCX_ACCOUNT, count: DWORD) -> Result<Vec<Account>> {
    let mut accounts = Vec::new();
    // SAFETY: by this function's contract.
    for account in unsafe { wholes(from, count, "rgAccounts")? } {
        let known = IPCX_ACCOUNT_ADMINISTRATOR | IPCX_ACCOUNT_SUPER_USER;
        let flags = args::flags(account.dwFlags, known, "rgAccounts->dwFlags")?;
        // SAFETY: by this function's contract.
        let display_name = unsafe { wide::read_optional(account.wszDisplayName, "wszDisplayName")? };
        accounts.push(Account {
            // SAFETY: by this function's contract.
            email: unsafe { wide::read(account.wszAddress, "wszAddress")? },
            display_name: display_name.unwrap_or_default(),
            // SAFETY: by this function's contract.
            aliases: unsafe { texts(account.rgwszAliases, account.cAliases, "rgwszAliases")? },
            administrator: flags & IPCX_ACCOUNT_ADMINISTRATOR != 0,
            super_user: flags & IPCX_ACCOUNT_SUPER_USER != 0,
        });
    }
    Ok(accounts)
}

/// Groups.
///
/// # Safety
/// `from` is null or holds as many groups as counted, with everything they point to.
pub(super) unsafe fn groups(from: PCIPCX_GROUP, count: DWORD) -> Result<Vec<Group>> {
    let mut groups = Vec::new();
    // SAFETY: by this function's contract.
    for group in unsafe { wholes(from, count, "rgGroups")? } {
        // SAFETY: by this function's contract.
        let display_name = unsafe { wide::read_optional(group.wszDisplayName, "wszDisplayName")? };
        groups.push(Group {
            // SAFETY: by this function's contract.
            email: unsafe { wide::read(group.wszAddress, "wszAddress")? },
            display_name: display_name.unwrap_or_default(),
            // SAFETY: by this function's contract.
            members: unsafe { texts(group.rgwszMembers, group.cMembers, "rgwszMembers")? },
        });
    }
    Ok(groups)
}

/// A token issuer.
///
/// # Safety
/// `from` is null or valid with everything it points to.
pub(super) unsafe fn token_issuer(from: PCIPCX_TOKEN_ISSUER) -> Result<TokenIssuer> {
    // SAFETY: by this function's contract; every member may be zero.
    let issuer = unsafe { whole(from, "pIssuer")? };
    let flags = args::flags(issuer.dwFlags, IPCX_TOKEN_ISSUER_VOUCHES_FOR_EMAIL, "pIssuer->dwFlags")?;
    Ok(TokenIssuer {
        // SAFETY: by this function's contract.
        name: unsafe { wide::read(issuer.wszName, "wszName")? },
        // SAFETY: by this function's contract.
        issuer: unsafe { wide::read(issuer.wszIssuer, "wszIssuer")? },
        // SAFETY: by this function's contract.
        audience: unsafe { wide::read(issuer.wszAudience, "wszAudience")? },
        // SAFETY: by this function's contract.
        domains: unsafe { texts(issuer.rgwszDomains, issuer.cDomains, "rgwszDomains")? },
        vouches_for_email: flags != 0,
        // SAFETY: by this function's contract.
        key_set: Zeroizing::new(unsafe { wide::read(issuer.wszKeySet, "wszKeySet")? }),
    })
}

/// Puts an array of texts into a block; without texts the pointer stays null.
fn put_texts(block: &mut OutBlock, pointer: usize, counter: usize, texts: &[impl AsRef<str>]) -> Result<()> {
    block.put(counter, count(texts.len())?)?;
    if texts.is_empty() {
        return Ok(());
    }
    let array = block.room(texts.len() * size_of::<LPCWSTR>())?;
    block.point(pointer, array)?;
    for (index, text) in texts.iter().enumerate() {
        block.text(array + index * size_of::<LPCWSTR>(), text.as_ref())?;
    }
    Ok(())
}

/// Texts as a block.
pub(super) fn text_list(texts: &[impl AsRef<str>]) -> Result<Block> {
    let mut block = OutBlock::new(size_of::<IPCX_TEXT_LIST>())?;
    put_texts(&mut block, offset_of!(IPCX_TEXT_LIST, rgwszTexts), offset_of!(IPCX_TEXT_LIST, cTexts), texts)?;
    block.finish()
}

/// An account with the groups that hold it.
pub(super) fn account(account: &Account, groups: &[String]) -> Result<Block> {
    let mut block = OutBlock::new(size_of::<IPCX_ACCOUNT>())?;
    block.put(offset_of!(IPCX_ACCOUNT, cbSize), count(size_of::<IPCX_ACCOUNT>())?)?;
    let flag = |holds: bool, flag: DWORD| if holds { flag } else { 0 };
    let flags =
        flag(account.administrator, IPCX_ACCOUNT_ADMINISTRATOR) | flag(account.super_user, IPCX_ACCOUNT_SUPER_USER);
    block.put(offset_of!(IPCX_ACCOUNT, dwFlags), flags)?;
    block.text(offset_of!(IPCX_ACCOUNT, wszAddress), &account.email)?;
    block.text(offset_of!(IPCX_ACCOUNT, wszDisplayName), account.shown_name())?;
    let (aliases, counter) = (offset_of!(IPCX_ACCOUNT, rgwszAliases), offset_of!(IPCX_ACCOUNT, cAliases));
    put_texts(&mut block, aliases, counter, &account.aliases)?;
    let (pointer, counter) = (offset_of!(IPCX_ACCOUNT, rgwszGroups), offset_of!(IPCX_ACCOUNT, cGroups));
    put_texts(&mut block, pointer, counter, groups)?;
    block.finish()
}

/// A group.
pub(super) fn group(group: &Group) -> Result<Block> {
    let mut block = OutBlock::new(size_of::<IPCX_GROUP>())?;
    block.put(offset_of!(IPCX_GROUP, cbSize), count(size_of::<IPCX_GROUP>())?)?;
    block.text(offset_of!(IPCX_GROUP, wszAddress), &group.email)?;
    block.text(offset_of!(IPCX_GROUP, wszDisplayName), &group.display_name)?;
    let (pointer, counter) = (offset_of!(IPCX_GROUP, rgwszMembers), offset_of!(IPCX_GROUP, cMembers));
    put_texts(&mut block, pointer, counter, &group.members)?;
    block.finish()
}

/// A template.
pub(super) fn template_block(template: &RightsPolicyTemplate) -> Result<Block> {
    let mut block = OutBlock::new(size_of::<IPCX_TEMPLATE>())?;
    block.put(offset_of!(IPCX_TEMPLATE, cbSize), count(size_of::<IPCX_TEMPLATE>())?)?;
    block.put(offset_of!(IPCX_TEMPLATE, dwFlags), if template.enabled { 0 } else { IPCX_TEMPLATE_DISABLED })?;
    block.text(offset_of!(IPCX_TEMPLATE, wszID), &template.id.to_string())?;
    put_descriptors(&mut block, &template.descriptors)?;
    let rights = write::put_user_rights(&mut block, &UserRightsList::from_grants(&template.grants))?;
    block.point(offset_of!(IPCX_TEMPLATE, pUserRights), rights)?;
    put_scope(&mut block, &template.scope)?;
    ext_times::put_times(&mut block, &template.grants)?;
    let (expiry, days, moment) = match template.expiry {
        ContentExpiry::Never => (IPCX_EXPIRY_NEVER, 0, None),
        ContentExpiry::At(moment) => (IPCX_EXPIRY_DATE, 0, Some(moment)),
        ContentExpiry::Days(days) => (IPCX_EXPIRY_DAYS, days, None),
    };
    block.put(offset_of!(IPCX_TEMPLATE, dwExpiry), expiry)?;
    block.put(offset_of!(IPCX_TEMPLATE, dwExpiryDays), days)?;
    let ticks = moment.map_or(0, Timestamp::filetime);
    block.put(offset_of!(IPCX_TEMPLATE, ftExpiry), FILETIME::from_ticks(ticks))?;
    let offline = template.offline_days.unwrap_or(IPCX_OFFLINE_DAYS_DEFAULT);
    block.put(offset_of!(IPCX_TEMPLATE, dwOfflineDays), offline)?;
    block.put(offset_of!(IPCX_TEMPLATE, ftModified), FILETIME::from_ticks(template.modified.filetime()))?;
    block.finish()
}

fn put_descriptors(block: &mut OutBlock, texts: &[Descriptor]) -> Result<()> {
    block.put(offset_of!(IPCX_TEMPLATE, cDescriptors), count(texts.len())?)?;
    let array = block.room(texts.len().max(1) * size_of::<IPC_TEMPLATE_INFO>())?;
    block.point(offset_of!(IPCX_TEMPLATE, rgDescriptors), array)?;
    for (index, text) in texts.iter().enumerate() {
        let at = array + index * size_of::<IPC_TEMPLATE_INFO>();
        block.put(at + offset_of!(IPC_TEMPLATE_INFO, lcid), text.lcid.0)?;
        block.text(at + offset_of!(IPC_TEMPLATE_INFO, wszName), &text.name)?;
        block.text(at + offset_of!(IPC_TEMPLATE_INFO, wszDescription), &text.description)?;
        block.put(at + offset_of!(IPC_TEMPLATE_INFO, fFromTemplate), TRUE)?;
    }
    Ok(())
}

fn put_scope(block: &mut OutBlock, scope: &[User]) -> Result<()> {
    block.put(offset_of!(IPCX_TEMPLATE, cScope), count(scope.len())?)?;
    if scope.is_empty() {
        return Ok(());
    }
    let array = block.room(scope.len() * size_of::<IPC_USER>())?;
    block.point(offset_of!(IPCX_TEMPLATE, rgScope), array)?;
    for (index, user) in scope.iter().enumerate() {
        write::put_user(block, array + index * size_of::<IPC_USER>(), user)?;
    }
    Ok(())
}
