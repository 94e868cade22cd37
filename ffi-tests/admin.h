/* Templates, accounts and groups for the tests of administration. The account of the operating system, which made the
 * store, is the administrator: act_as(NULL).
 */
#ifndef MSIPC_TEST_ADMIN_H
#define MSIPC_TEST_ADMIN_H

#include "fixtures.h"

typedef struct {
    IPCX_TEMPLATE value;
    IPC_TEMPLATE_INFO texts[3];
    IPC_USER scope[2];
    RightsList rights;
} Template;

/* A template in English that asks the authority each time, so that a change shows at the next opening. */
static inline PCIPCX_TEMPLATE new_template(Template *memory, LPCWSTR name, const Entry *entries, size_t count)
{
    memset(memory, 0, sizeof *memory);
    memory->value.cbSize = sizeof memory->value;
    memory->texts[0].lcid = 1033;
    memory->texts[0].wszName = name;
    memory->texts[0].wszDescription = W("for the tests");
    memory->value.cDescriptors = 1;
    memory->value.rgDescriptors = memory->texts;
    memory->value.pUserRights = make_list(&memory->rights, entries, count);
    memory->value.rgScope = memory->scope;
    return &memory->value;
}

/* Keeps a template; its id lives until the end of the test. Leaves the administrator as the account that acts. */
static inline LPCWSTR put_template(PCIPCX_TEMPLATE value)
{
    LPCWSTR id = NULL;
    act_as(NULL);
    REQUIRE_OK(IpcxPutTemplate(value, NULL, &id));
    REQUIRE(id != NULL);
    return (LPCWSTR)mine(id);
}

static inline PCIPCX_TEMPLATE get_template(LPCWSTR id)
{
    PCIPCX_TEMPLATE found = NULL;
    act_as(NULL);
    REQUIRE_OK(IpcxGetTemplate(id, NULL, &found));
    REQUIRE(found != NULL);
    return (PCIPCX_TEMPLATE)mine(found);
}

/* Publishes with a template as an account. */
static inline HRESULT publish_as(LPCWSTR account, LPCWSTR id, PIPC_BUFFER *license)
{
    IPC_KEY_HANDLE key = NULL;
    HRESULT result;
    act_as(account);
    *license = NULL;
    result = IpcSerializeLicense((LPCVOID)id, IPC_SL_TEMPLATE_ID, IPC_SL_FLAG_DEFAULT, NULL, &key, license);
    my_handle((IPC_HANDLE)key);
    mine(*license);
    return result;
}

/* The list that an account is offered. */
static inline PCIPC_TIL offered_to(LPCWSTR account, LCID lcid)
{
    PCIPC_TIL list = NULL;
    act_as(account);
    REQUIRE_OK(IpcGetTemplateList(NULL, IPC_GTL_FLAG_FORCE_DOWNLOAD, lcid, NULL, NULL, &list));
    REQUIRE(list != NULL);
    return (PCIPC_TIL)mine(list);
}

static inline const IPC_TEMPLATE_INFO *info_of(PCIPC_TIL list, LPCWSTR id)
{
    DWORD i;
    for (i = 0; i < list->cTi; i++) {
        const IPC_TEMPLATE_INFO *info = (const IPC_TEMPLATE_INFO *)((const BYTE *)list + offsetof(IPC_TIL, aTi)) + i;
        if (wide_equal(info->wszID, id))
            return info;
    }
    return NULL;
}

static inline int lists_text(DWORD count, const LPCWSTR *texts, LPCWSTR text)
{
    DWORD i;
    for (i = 0; i < count; i++)
        if (wide_equal(texts[i], text))
            return 1;
    return 0;
}

static inline void put_account(LPCWSTR address, LPCWSTR alias, DWORD flags)
{
    IPCX_ACCOUNT account;
    memset(&account, 0, sizeof account);
    account.cbSize = sizeof account;
    account.dwFlags = flags;
    account.wszAddress = address;
    account.cAliases = alias != NULL;
    account.rgwszAliases = &alias;
    act_as(NULL);
    REQUIRE_OK(IpcxPutAccounts(1, &account, NULL));
}

static inline HRESULT try_put_group(LPCWSTR address, LPCWSTR first, LPCWSTR second)
{
    IPCX_GROUP group;
    LPCWSTR members[2];
    members[0] = first;
    members[1] = second;
    memset(&group, 0, sizeof group);
    group.cbSize = sizeof group;
    group.wszAddress = address;
    group.cMembers = (DWORD)(first != NULL) + (DWORD)(second != NULL);
    group.rgwszMembers = members;
    act_as(NULL);
    return IpcxPutGroups(1, &group, NULL);
}

static inline void put_group(LPCWSTR address, LPCWSTR first, LPCWSTR second)
{
    REQUIRE_OK(try_put_group(address, first, second));
}

#endif
