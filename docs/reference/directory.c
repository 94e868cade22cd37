/* Examples: accounts, groups and settings, for administrators. */
#include "example.h"

/* example: IpcxPutAccounts */
/* Adds a person with two addresses. */
HRESULT add_person(LPCWSTR address, LPCWSTR alias, LPCWSTR name)
{
    IPCX_ACCOUNT account;
    memset(&account, 0, sizeof account);
    account.cbSize = sizeof account;
    account.wszAddress = address;
    account.wszDisplayName = name;
    account.cAliases = 1;
    account.rgwszAliases = &alias;
    return IpcxPutAccounts(1, &account, NULL);
}
/* end */

/* example: IpcxGetAccount */
/* Prints the groups of a person, found by any of the addresses. */
HRESULT show_groups_of(LPCWSTR address)
{
    PCIPCX_ACCOUNT account = NULL;
    DWORD i;
    HRESULT hr = IpcxGetAccount(address, NULL, &account);
    for (i = 0; SUCCEEDED(hr) && i < account->cGroups; i++)
        show(account->rgwszGroups[i]);
    IpcFreeMemory((LPVOID)account);
    return hr;
}
/* end */

/* example: IpcxListAccounts */
/* Prints everybody. */
HRESULT list_accounts(void)
{
    PCIPCX_TEXT_LIST addresses = NULL;
    DWORD i;
    HRESULT hr = IpcxListAccounts(NULL, &addresses);
    for (i = 0; SUCCEEDED(hr) && i < addresses->cTexts; i++)
        show(addresses->rgwszTexts[i]);
    IpcFreeMemory((LPVOID)addresses);
    return hr;
}
/* end */

/* example: IpcxDeleteAccount */
/* Somebody has left. */
HRESULT remove_person(LPCWSTR address)
{
    HRESULT hr = IpcxDeleteAccount(address, NULL);
    if (hr == E_INVALIDARG)
        fprintf(stderr, "not an address, or the last administrator\n");
    return hr;
}
/* end */

/* example: IpcxPutGroups */
/* Makes a group of two people. */
HRESULT make_group(LPCWSTR address, LPCWSTR first, LPCWSTR second)
{
    LPCWSTR members[2];
    IPCX_GROUP group;
    members[0] = first;
    members[1] = second;
    memset(&group, 0, sizeof group);
    group.cbSize = sizeof group;
    group.wszAddress = address;
    group.cMembers = 2;
    group.rgwszMembers = members;
    return IpcxPutGroups(1, &group, NULL);
}
/* end */

/* example: IpcxGetGroup */
/* Prints the direct members of a group. */
HRESULT show_members(LPCWSTR address)
{
    PCIPCX_GROUP group = NULL;
    DWORD i;
    HRESULT hr = IpcxGetGroup(address, NULL, &group);
    for (i = 0; SUCCEEDED(hr) && i < group->cMembers; i++)
        show(group->rgwszMembers[i]);
    IpcFreeMemory((LPVOID)group);
    return hr;
}
/* end */

/* example: IpcxListGroups */
/* Prints the addresses of all groups. */
HRESULT list_groups(void)
{
    PCIPCX_TEXT_LIST addresses = NULL;
    DWORD i;
    HRESULT hr = IpcxListGroups(NULL, &addresses);
    for (i = 0; SUCCEEDED(hr) && i < addresses->cTexts; i++)
        show(addresses->rgwszTexts[i]);
    IpcFreeMemory((LPVOID)addresses);
    return hr;
}
/* end */

/* example: IpcxDeleteGroup */
/* Deletes a group; that it is gone already is as good. */
HRESULT remove_group(LPCWSTR address)
{
    HRESULT hr = IpcxDeleteGroup(address, NULL);
    return hr == HRESULT_FROM_WIN32(ERROR_NOT_FOUND) ? S_OK : hr;
}
/* end */

/* example: IpcxAddGroupMember IpcxRemoveGroupMember */
/* Moves somebody from one group to another: first in, then out, so that nothing is lost on the way. */
HRESULT move_member(LPCWSTR member, LPCWSTR from, LPCWSTR to)
{
    HRESULT hr = IpcxAddGroupMember(to, member, NULL);
    if (SUCCEEDED(hr))
        hr = IpcxRemoveGroupMember(from, member, NULL);
    return hr;
}
/* end */

/* example: IpcxGetTenantSetting IpcxSetTenantSetting */
/* Lets use licenses serve offline for a week at most, if they may serve longer today. */
HRESULT shorten_offline_days(void)
{
    DWORD days = 0;
    HRESULT hr = IpcxGetTenantSetting(IPCX_SETTING_OFFLINE_DAYS_MAX, NULL, &days);
    if (SUCCEEDED(hr) && days > 7)
        hr = IpcxSetTenantSetting(IPCX_SETTING_OFFLINE_DAYS_MAX, 7, NULL);
    return hr;
}
/* end */
