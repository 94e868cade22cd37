//! Values of the core as blocks for the caller: one allocation each, freed with `IpcFreeMemory`.

use std::mem::offset_of;

use super::base::*;
use super::constants::*;
use super::memory::{Block, OutBlock};
use super::types::*;
use crate::client::{TemplateInfo, TemplateIssuer};
use crate::error::{Error, ErrorKind, Result};
use crate::license::{AppDatum, ConnectionInfo, Term};
use crate::policy::{Descriptor, User, UserRightsList};

pub(super) fn count(count: usize) -> Result<DWORD> {
    DWORD::try_from(count).map_err(|_| Error::with(ErrorKind::OutOfMemory, "more entries than a list can count"))
}

/// A list structure with room for `elements`, and where they begin.
fn list<E>(elements_at: usize, elements: usize) -> Result<(OutBlock, impl Fn(usize) -> usize)> {
    let block = OutBlock::new(elements_at + elements.max(1) * size_of::<E>())?;
    Ok((block, move |index| elements_at + index * size_of::<E>()))
}

/// A buffer with its bytes.
pub(super) fn buffer(bytes: &[u8]) -> Result<Block> {
    let mut block = OutBlock::new(size_of::<IPC_BUFFER>())?;
    block.put(offset_of!(IPC_BUFFER, cbBuffer), count(bytes.len())?)?;
    block.bytes(offset_of!(IPC_BUFFER, pvBuffer), bytes)?;
    block.finish()
}

/// A truth value: exactly 0 or 1 (compatibility, rule 14).
pub(super) fn truth(value: bool) -> Result<Block> {
    super::memory::scalar(BOOL::from(value))
}

/// A term.
pub(super) fn term(term: Term) -> Result<Block> {
    let mut block = OutBlock::new(size_of::<IPC_TERM>())?;
    block.put(offset_of!(IPC_TERM, ftStart), FILETIME::from_ticks(term.start.filetime()))?;
    block.put(offset_of!(IPC_TERM, qwDuration), term.duration)?;
    block.finish()
}

/// Where an authority is.
pub(super) fn connection(info: &ConnectionInfo) -> Result<Block> {
    let mut block = OutBlock::new(size_of::<IPC_CONNECTION_INFO>())?;
    put_connection(&mut block, 0, info)?;
    block.finish()
}

fn put_connection(block: &mut OutBlock, at: usize, info: &ConnectionInfo) -> Result<()> {
    block.text_optional(at + offset_of!(IPC_CONNECTION_INFO, wszExtranetUrl), info.extranet_url.as_deref())?;
    block.text_optional(at + offset_of!(IPC_CONNECTION_INFO, wszIntranetUrl), info.intranet_url.as_deref())
}

/// Names and values.
pub(super) fn name_values(pairs: &[AppDatum]) -> Result<Block> {
    let (mut block, at) = list::<IPC_NAME_VALUE>(offset_of!(IPC_NAME_VALUE_LIST, aNameValuePairs), pairs.len())?;
    block.put(offset_of!(IPC_NAME_VALUE_LIST, cNameValuePairs), count(pairs.len())?)?;
    for (index, pair) in pairs.iter().enumerate() {
        block.text(at(index) + offset_of!(IPC_NAME_VALUE, wszName), &pair.name)?;
        block.text(at(index) + offset_of!(IPC_NAME_VALUE, wszValue), &pair.value)?;
    }
    block.finish()
}

/// A user.
pub(super) fn user(user: &User) -> Result<Block> {
    let mut block = OutBlock::new(size_of::<IPC_USER>())?;
    put_user(&mut block, 0, user)?;
    block.finish()
}

pub(super) fn put_user(block: &mut OutBlock, at: usize, user: &User) -> Result<()> {
    let (kind, id) = match user {
        User::Email(address) => (IPC_USER_TYPE_EMAIL, address.as_str()),
        User::Anyone => (IPC_USER_TYPE_IPC, IPC_USER_ID_EVERYONE),
        User::Owner => (IPC_USER_TYPE_IPC, IPC_USER_ID_OWNER),
        User::Null => (IPC_USER_TYPE_IPC, IPC_USER_ID_NULL),
    };
    block.put(at + offset_of!(IPC_USER, dwType), kind)?;
    block.text(at + offset_of!(IPC_USER, wszID), id)
}

/// Users and their rights.
pub(super) fn user_rights(users: &UserRightsList) -> Result<Block> {
    let mut block = OutBlock::new(0)?;
    put_user_rights(&mut block, users)?;
    block.finish()
}

/// Puts users and their rights into a block, and tells where.
pub(super) fn put_user_rights(block: &mut OutBlock, users: &UserRightsList) -> Result<usize> {
    let elements_at = offset_of!(IPC_USER_RIGHTS_LIST, rgUserRights);
    let place = block.room(elements_at + users.0.len().max(1) * size_of::<IPC_USER_RIGHTS>())?;
    let at = |index: usize| place + elements_at + index * size_of::<IPC_USER_RIGHTS>();
    let documented = count(size_of::<IPC_USER_RIGHTS_LIST>())?;
    block.put(place + offset_of!(IPC_USER_RIGHTS_LIST, cbSize), documented)?;
    block.put(place + offset_of!(IPC_USER_RIGHTS_LIST, cUserRights), count(users.0.len())?)?;
    for (index, entry) in users.0.iter().enumerate() {
        put_user(block, at(index) + offset_of!(IPC_USER_RIGHTS, User), &entry.user)?;
        block.put(at(index) + offset_of!(IPC_USER_RIGHTS, cRights), count(entry.rights.len())?)?;
        if entry.rights.is_empty() {
            continue;
        }
        let names = block.room(entry.rights.len() * size_of::<LPCWSTR>())?;
        block.point(at(index) + offset_of!(IPC_USER_RIGHTS, rgwszRights), names)?;
        for (position, right) in entry.rights.iter().enumerate() {
            block.text(names + position * size_of::<LPCWSTR>(), right.name())?;
        }
    }
    Ok(place)
}

/// Name and description in one language.
pub(super) fn descriptor(template_id: Option<&str>, text: &Descriptor, issuer: &str) -> Result<Block> {
    let mut block = OutBlock::new(size_of::<IPC_TEMPLATE_INFO>())?;
    put_template_info(&mut block, 0, template_id, text, issuer)?;
    block.finish()
}

fn put_template_info(block: &mut OutBlock, at: usize, id: Option<&str>, text: &Descriptor, issuer: &str) -> Result<()> {
    block.text_optional(at + offset_of!(IPC_TEMPLATE_INFO, wszID), id)?;
    block.put(at + offset_of!(IPC_TEMPLATE_INFO, lcid), text.lcid.0)?;
    block.text(at + offset_of!(IPC_TEMPLATE_INFO, wszName), &text.name)?;
    block.text(at + offset_of!(IPC_TEMPLATE_INFO, wszDescription), &text.description)?;
    block.text(at + offset_of!(IPC_TEMPLATE_INFO, wszIssuerDisplayName), issuer)?;
    block.put(at + offset_of!(IPC_TEMPLATE_INFO, fFromTemplate), BOOL::from(id.is_some()))
}

/// A list of templates.
pub(super) fn templates(infos: &[TemplateInfo]) -> Result<Block> {
    let (mut block, at) = list::<IPC_TEMPLATE_INFO>(offset_of!(IPC_TIL, aTi), infos.len())?;
    block.put(offset_of!(IPC_TIL, cTi), count(infos.len())?)?;
    for (index, info) in infos.iter().enumerate() {
        put_template_info(&mut block, at(index), Some(&info.id), &info.text, &info.issuer)?;
    }
    block.finish()
}

/// A list of authorities.
pub(super) fn issuers(issuers: &[TemplateIssuer]) -> Result<Block> {
    let (mut block, at) = list::<IPC_TEMPLATE_ISSUER>(offset_of!(IPC_TEMPLATE_ISSUER_LIST, aTi), issuers.len())?;
    block.put(offset_of!(IPC_TEMPLATE_ISSUER_LIST, cTi), count(issuers.len())?)?;
    for (index, issuer) in issuers.iter().enumerate() {
        put_connection(&mut block, at(index) + offset_of!(IPC_TEMPLATE_ISSUER, connectionInfo), &issuer.connection)?;
        block.text(at(index) + offset_of!(IPC_TEMPLATE_ISSUER, wszDisplayName), &issuer.display_name)?;
        let allowed = BOOL::from(issuer.allows_from_scratch);
        block.put(at(index) + offset_of!(IPC_TEMPLATE_ISSUER, fAllowFromScratch), allowed)?;
    }
    block.finish()
}

/// How the application is registered.
pub(super) fn application_id(id: &super::state::ApplicationId) -> Result<Block> {
    let mut block = OutBlock::new(size_of::<IPC_AAD_APPLICATION_ID>())?;
    block.put(offset_of!(IPC_AAD_APPLICATION_ID, cbSize), count(size_of::<IPC_AAD_APPLICATION_ID>())?)?;
    block.text(offset_of!(IPC_AAD_APPLICATION_ID, wszClientId), &id.client_id)?;
    block.text(offset_of!(IPC_AAD_APPLICATION_ID, wszRedirectUri), &id.redirect_uri)?;
    block.finish()
}
