//! Administration of accounts, groups and settings. Only administrators of the organization may do this; everyone may ask
//! who they are.

use super::args;
use super::ask;
use super::base::*;
use super::boundary::entry_with;
use super::ext_types::*;
use super::ext_values::{self, administer};
use super::log;
use super::out::Out;
use super::state;
use super::types::*;
use super::wide;
use crate::store::Account;

/// Adds accounts, or replaces those with the same primary address: all of them or none.
///
/// `rgAccounts` is borrowed; `cbSize` of each is exactly the size of the structure. `pContext` is borrowed and may be
/// null; it says who asks.
///
/// # Returns
/// - `S_OK`: done.
/// - `E_INVALIDARG`: a null pointer, text that is not valid, a wrong `cbSize`, an address that is none (one `@`
///   with text on both sides) or belongs to another account or group; no administrator would be left.
/// - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid as described, with everything they point to.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxPutAccounts(
    cAccounts: DWORD,
    rgAccounts: PCIPCX_ACCOUNT,
    pContext: PCIPC_PROMPT_CTX,
) -> HRESULT {
    entry_with("IpcxPutAccounts", || {
        // SAFETY: null or valid, by this function's contract.
        let accounts = unsafe { ext_values::accounts(rgAccounts, cAccounts)? };
        // SAFETY: null or valid, by this function's contract.
        unsafe { administer(pContext, |admin| admin.put_accounts(&accounts))? };
        Ok(())
    })
}

/// Reads an account by its primary address or an alias.
///
/// `wszAddress` is read during the call only. `pContext` is borrowed and may be null; it says who asks. `*ppAccount`
/// is one block, freed with `IpcFreeMemory`; it is `NULL` until known.
///
/// # Returns
/// - `S_OK`: the account, with all groups that hold it.
/// - `E_INVALIDARG`: a null pointer, text that is not valid.
/// - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: there is no such account.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid as described, with everything they point to; `ppAccount` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxGetAccount(
    wszAddress: LPCWSTR,
    pContext: PCIPC_PROMPT_CTX,
    ppAccount: *mut PCIPCX_ACCOUNT,
) -> HRESULT {
    entry_with("IpcxGetAccount", || {
        // SAFETY: null or writable, by this function's contract.
        let out = unsafe { Out::cleared(ppAccount, "ppAccount")? };
        // SAFETY: null or terminated, by this function's contract.
        let address = unsafe { wide::read(wszAddress, "wszAddress")? };
        // SAFETY: null or valid, by this function's contract.
        let (account, identity) =
            unsafe { administer(pContext, |admin| Ok((admin.account(&address)?, admin.identity(&address)?)))? };
        out.set(ext_values::account(&account, &identity.groups)?.hand_out());
        Ok(())
    })
}

/// Tells who is asking: the account that a call with this context acts for, as the directory knows it.
///
/// `pContext` is borrowed and may be null; it says who asks. `*ppAccount` is one block, freed with `IpcFreeMemory`; it
/// is `NULL` until known. `IPCX_ACCOUNT_SUPER_USER` is set only while the feature is on.
///
/// # Returns
/// - `S_OK`: the account; one that the directory does not know has no more than its address.
/// - `E_INVALIDARG`: a null pointer, text that is not valid.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_AUTHENTICATED)`: the credential of the context is refused.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid as described, with everything they point to; `ppAccount` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxGetIdentity(pContext: PCIPC_PROMPT_CTX, ppAccount: *mut PCIPCX_ACCOUNT) -> HRESULT {
    entry_with("IpcxGetIdentity", || {
        // SAFETY: null or writable, by this function's contract.
        let out = unsafe { Out::cleared(ppAccount, "ppAccount")? };
        // SAFETY: null or valid, by this function's contract.
        let prompt = ask::prompt(unsafe { args::prompt(pContext)? })?;
        let identity = state::environment()?.identity(&prompt)?;
        let account = Account {
            email: identity.email,
            display_name: identity.display_name,
            aliases: identity.aliases,
            administrator: identity.administrator,
            super_user: identity.super_user,
        };
        out.set(ext_values::account(&account, &identity.groups)?.hand_out());
        Ok(())
    })
}

/// Lists the primary addresses of all accounts, the oldest first.
///
/// `pContext` is borrowed and may be null; it says who asks. `*ppAddresses` is one block, freed with `IpcFreeMemory`;
/// it is `NULL` until known.
///
/// # Returns
/// - `S_OK`: the list.
/// - `E_INVALIDARG`: a null pointer, text that is not valid.
/// - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid as described, with everything they point to; `ppAddresses` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxListAccounts(
    pContext: PCIPC_PROMPT_CTX,
    ppAddresses: *mut PCIPCX_TEXT_LIST,
) -> HRESULT {
    entry_with("IpcxListAccounts", || {
        // SAFETY: null or writable, by this function's contract.
        let list = unsafe { Out::cleared(ppAddresses, "ppAddresses")? };
        // SAFETY: null or valid, by this function's contract.
        let accounts = unsafe { administer(pContext, |admin| admin.accounts())? };
        let addresses: Vec<String> = accounts.into_iter().map(|account| account.email).collect();
        list.set(ext_values::text_list(&addresses)?.hand_out());
        Ok(())
    })
}

/// Deletes an account, and takes it out of all groups.
///
/// `wszAddress` is read during the call only: the primary address. `pContext` is borrowed and may be null; it says who
/// asks.
///
/// # Returns
/// - `S_OK`: done.
/// - `E_INVALIDARG`: a null pointer, text that is not valid; no administrator would be left.
/// - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: there is no such account.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid as described, with everything they point to.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxDeleteAccount(wszAddress: LPCWSTR, pContext: PCIPC_PROMPT_CTX) -> HRESULT {
    entry_with("IpcxDeleteAccount", || {
        // SAFETY: null or terminated, by this function's contract.
        let address = unsafe { wide::read(wszAddress, "wszAddress")? };
        // SAFETY: null or valid, by this function's contract.
        unsafe { administer(pContext, |admin| admin.delete_account(&address))? };
        Ok(())
    })
}

/// Adds groups, or replaces those with the same address: all of them or none.
///
/// `rgGroups` is borrowed; `cbSize` of each is exactly the size of the structure. `pContext` is borrowed and may be
/// null; it says who asks.
///
/// # Returns
/// - `S_OK`: done.
/// - `E_INVALIDARG`: a null pointer, text that is not valid, a wrong `cbSize`, an address that is none or belongs to
///   another account or group, a group that would come to hold itself.
/// - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid as described, with everything they point to.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxPutGroups(
    cGroups: DWORD,
    rgGroups: PCIPCX_GROUP,
    pContext: PCIPC_PROMPT_CTX,
) -> HRESULT {
    entry_with("IpcxPutGroups", || {
        // SAFETY: null or valid, by this function's contract.
        let groups = unsafe { ext_values::groups(rgGroups, cGroups)? };
        // SAFETY: null or valid, by this function's contract.
        unsafe { administer(pContext, |admin| admin.put_groups(&groups))? };
        Ok(())
    })
}

/// Reads a group.
///
/// `wszAddress` is read during the call only. `pContext` is borrowed and may be null; it says who asks. `*ppGroup` is
/// one block, freed with `IpcFreeMemory`; it is `NULL` until known.
///
/// # Returns
/// - `S_OK`: the group with its direct members.
/// - `E_INVALIDARG`: a null pointer, text that is not valid.
/// - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: there is no such group.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid as described, with everything they point to; `ppGroup` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxGetGroup(
    wszAddress: LPCWSTR,
    pContext: PCIPC_PROMPT_CTX,
    ppGroup: *mut PCIPCX_GROUP,
) -> HRESULT {
    entry_with("IpcxGetGroup", || {
        // SAFETY: null or writable, by this function's contract.
        let out = unsafe { Out::cleared(ppGroup, "ppGroup")? };
        // SAFETY: null or terminated, by this function's contract.
        let address = unsafe { wide::read(wszAddress, "wszAddress")? };
        // SAFETY: null or valid, by this function's contract.
        let group = unsafe { administer(pContext, |admin| admin.group(&address))? };
        out.set(ext_values::group(&group)?.hand_out());
        Ok(())
    })
}

/// Lists the addresses of all groups, the oldest first.
///
/// `pContext` is borrowed and may be null; it says who asks. `*ppAddresses` is one block, freed with `IpcFreeMemory`;
/// it is `NULL` until known.
///
/// # Returns
/// - `S_OK`: the list.
/// - `E_INVALIDARG`: a null pointer, text that is not valid.
/// - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid as described, with everything they point to; `ppAddresses` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxListGroups(
    pContext: PCIPC_PROMPT_CTX,
    ppAddresses: *mut PCIPCX_TEXT_LIST,
) -> HRESULT {
    entry_with("IpcxListGroups", || {
        // SAFETY: null or writable, by this function's contract.
        let list = unsafe { Out::cleared(ppAddresses, "ppAddresses")? };
        // SAFETY: null or valid, by this function's contract.
        let groups = unsafe { administer(pContext, |admin| admin.groups())? };
        let addresses: Vec<String> = groups.into_iter().map(|group| group.email).collect();
        list.set(ext_values::text_list(&addresses)?.hand_out());
        Ok(())
    })
}

/// Deletes a group, and takes it out of all others.
///
/// `wszAddress` is read during the call only. `pContext` is borrowed and may be null; it says who asks.
///
/// # Returns
/// - `S_OK`: done.
/// - `E_INVALIDARG`: a null pointer, text that is not valid.
/// - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: there is no such group.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid as described, with everything they point to.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxDeleteGroup(wszAddress: LPCWSTR, pContext: PCIPC_PROMPT_CTX) -> HRESULT {
    entry_with("IpcxDeleteGroup", || {
        // SAFETY: null or terminated, by this function's contract.
        let address = unsafe { wide::read(wszAddress, "wszAddress")? };
        // SAFETY: null or valid, by this function's contract.
        unsafe { administer(pContext, |admin| admin.delete_group(&address))? };
        Ok(())
    })
}

/// Adds a member to a group; one that is there stays.
///
/// `wszGroup` and `wszMember` are read during the call only: the address of the group, and an account, another group,
/// or somebody outside. `pContext` is borrowed and may be null; it says who asks.
///
/// # Returns
/// - `S_OK`: done.
/// - `E_INVALIDARG`: a null pointer, text that is not valid, an address that is none, a group that would come to
///   hold itself.
/// - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: there is no such group.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid as described, with everything they point to.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxAddGroupMember(
    wszGroup: LPCWSTR,
    wszMember: LPCWSTR,
    pContext: PCIPC_PROMPT_CTX,
) -> HRESULT {
    entry_with("IpcxAddGroupMember", || {
        // SAFETY: null or terminated, by this function's contract.
        let group = unsafe { wide::read(wszGroup, "wszGroup")? };
        // SAFETY: null or terminated, by this function's contract.
        let member = unsafe { wide::read(wszMember, "wszMember")? };
        // SAFETY: null or valid, by this function's contract.
        unsafe { administer(pContext, |admin| admin.add_member(&group, &member))? };
        Ok(())
    })
}

/// Takes a member out of a group; one that is not there stays away.
///
/// `wszGroup` and `wszMember` are read during the call only: the address of the group, and as the group names it.
/// `pContext` is borrowed and may be null; it says who asks.
///
/// # Returns
/// - `S_OK`: done.
/// - `E_INVALIDARG`: a null pointer, text that is not valid.
/// - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: there is no such group.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid as described, with everything they point to.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxRemoveGroupMember(
    wszGroup: LPCWSTR,
    wszMember: LPCWSTR,
    pContext: PCIPC_PROMPT_CTX,
) -> HRESULT {
    entry_with("IpcxRemoveGroupMember", || {
        // SAFETY: null or terminated, by this function's contract.
        let group = unsafe { wide::read(wszGroup, "wszGroup")? };
        // SAFETY: null or terminated, by this function's contract.
        let member = unsafe { wide::read(wszMember, "wszMember")? };
        // SAFETY: null or valid, by this function's contract.
        unsafe { administer(pContext, |admin| admin.remove_member(&group, &member))? };
        Ok(())
    })
}

/// Changes a setting of the organization.
///
/// `dwSetting` is one of the `IPCX_SETTING_` constants, `dwValue` what it says. `pContext` is borrowed and may be
/// null; it says who asks.
///
/// # Returns
/// - `S_OK`: done.
/// - `E_INVALIDARG`: an unknown setting, or a value that it cannot have.
/// - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid as described, with everything they point to.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxSetTenantSetting(
    dwSetting: DWORD,
    dwValue: DWORD,
    pContext: PCIPC_PROMPT_CTX,
) -> HRESULT {
    entry_with("IpcxSetTenantSetting", || {
        // SAFETY: null or valid, by this function's contract.
        unsafe {
            administer(pContext, |admin| match dwSetting {
                IPCX_SETTING_OFFLINE_DAYS_MAX => admin.set_offline_days_max(dwValue),
                IPCX_SETTING_SUPER_USERS if dwValue <= 1 => admin.set_super_users_enabled(dwValue == 1),
                IPCX_SETTING_LOG_PERSONAL_DATA if dwValue <= 1 => {
                    admin.set_log_personal_data(dwValue == 1)?;
                    log::show_personal_data(dwValue == 1);
                    Ok(())
                }
                IPCX_SETTING_SUPER_USERS | IPCX_SETTING_LOG_PERSONAL_DATA => Err(args::unknown(dwValue, "dwValue")),
                other => Err(args::unknown(other, "dwSetting")),
            })?;
        }
        Ok(())
    })
}

/// Reads a setting of the organization.
///
/// `dwSetting` is one of the `IPCX_SETTING_` constants. `pContext` is borrowed and may be null; it says who asks.
/// `*pdwValue` belongs to the caller and is 0 until known.
///
/// # Returns
/// - `S_OK`: the value.
/// - `E_INVALIDARG`: a null pointer, an unknown setting.
/// - `E_ACCESSDENIED`: the asking account is no administrator of the organization.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid as described, with everything they point to; `pdwValue` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxGetTenantSetting(
    dwSetting: DWORD,
    pContext: PCIPC_PROMPT_CTX,
    pdwValue: LPDWORD,
) -> HRESULT {
    entry_with("IpcxGetTenantSetting", || {
        // SAFETY: null or writable, by this function's contract.
        let value = unsafe { Out::cleared(pdwValue, "pdwValue")? };
        // SAFETY: null or valid, by this function's contract.
        let settings = unsafe { administer(pContext, |admin| admin.settings())? };
        value.set(match dwSetting {
            IPCX_SETTING_OFFLINE_DAYS_MAX => settings.offline_days_max,
            IPCX_SETTING_SUPER_USERS => DWORD::from(settings.super_users_enabled),
            IPCX_SETTING_LOG_PERSONAL_DATA => DWORD::from(settings.log_personal_data),
            other => return Err(args::unknown(other, "dwSetting").into()),
        });
        Ok(())
    })
}
