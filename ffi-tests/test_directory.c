/* Accounts, groups and settings of the organization, and what they mean for rights. */
#include "admin.h"

#define STAFF W("staff@contoso.example")
#define BOARD W("board@contoso.example")

static PCIPCX_ACCOUNT who_asks(PCIPC_PROMPT_CTX context)
{
    PCIPCX_ACCOUNT account = NULL;
    REQUIRE_OK(IpcxGetIdentity(context, &account));
    REQUIRE(account != NULL);
    return (PCIPCX_ACCOUNT)mine(account);
}

static void the_account_that_made_the_store_administers(void)
{
    PCIPCX_ACCOUNT account;
    act_as(NULL);
    account = who_asks(NULL);
    CHECK(account->dwFlags == IPCX_ACCOUNT_ADMINISTRATOR);
    CHECK(wide_contains(account->wszAddress, ".invalid"));
    CHECK(account->cGroups == 1 && wide_contains(account->rgwszGroups[0], "AllStaff@"));
    act_as(BOB);
    account = who_asks(NULL);
    CHECK(account->dwFlags == 0 && account->cAliases == 0 && account->rgwszAliases == NULL);
    CHECK_TEXT(account->wszAddress, BOB);
}

static void an_account_is_found_by_every_address(void)
{
    PCIPCX_ACCOUNT account = NULL;
    PCIPCX_TEXT_LIST list = NULL;
    Protected made;
    put_account(BOB, W("Robert@contoso.example"), 0);
    REQUIRE_OK(IpcxGetAccount(W("ROBERT@contoso.example"), NULL, &account));
    mine(account);
    CHECK_TEXT(account->wszAddress, BOB);
    REQUIRE(account->cAliases == 1);
    CHECK_TEXT(account->rgwszAliases[0], W("Robert@contoso.example"));
    REQUIRE_OK(IpcxListAccounts(NULL, &list));
    mine(list);
    CHECK(lists_text(list->cTexts, list->rgwszTexts, BOB));
    made = protect_for(W("robert@contoso.example"), "VIEW PRINT");
    CHECK(has_right(open_as(BOB, made.license), W("PRINT")) == TRUE);
    CHECK(has_right(open_as(W("Robert@Contoso.example"), made.license), W("PRINT")) == TRUE);
    act_as(NULL);
    REQUIRE_OK(IpcxDeleteAccount(BOB, NULL));
    CHECK_HR(IpcxDeleteAccount(BOB, NULL), WIN32(ERROR_NOT_FOUND));
    account = NULL;
    CHECK_HR(IpcxGetAccount(BOB, NULL, &account), WIN32(ERROR_NOT_FOUND));
    CHECK(account == NULL);
}

/* Worked case: user in two groups, one grants VIEW, the other PRINT. */
static void a_user_in_two_groups_has_the_rights_of_both(void)
{
    static const Entry entries[] = {{STAFF, "VIEW"}, {BOARD, "PRINT"}};
    Protected made;
    IPC_KEY_HANDLE key = NULL;
    put_group(STAFF, BOB, DAVE);
    put_group(BOARD, BOB, NULL);
    made = protect_with(0, entries, COUNT(entries));
    key = open_as(BOB, made.license);
    CHECK(has_right(key, W("VIEW")) == TRUE && has_right(key, W("PRINT")) == TRUE && has_right(key, W("EDIT")) == FALSE);
    key = open_as(DAVE, made.license);
    CHECK(has_right(key, W("VIEW")) == TRUE && has_right(key, W("PRINT")) == FALSE);
    CHECK_HR(try_open(CAROL, made.license, 0, &key), IPCERROR_RIGHT_NOT_GRANTED);
    act_as(NULL);
    REQUIRE_OK(IpcxDeleteGroup(STAFF, NULL));
    REQUIRE_OK(IpcxDeleteGroup(BOARD, NULL));
}

static void groups_in_groups(void)
{
    Protected made;
    PCIPCX_GROUP group = NULL;
    PCIPCX_TEXT_LIST list = NULL;
    IPC_KEY_HANDLE key = NULL;
    PCIPCX_ACCOUNT account;
    put_group(STAFF, BOARD, NULL);
    put_group(BOARD, CAROL, NULL);
    made = protect_for(STAFF, "VIEW");
    CHECK(has_right(open_as(CAROL, made.license), W("VIEW")) == TRUE);
    account = who_asks(NULL);
    CHECK(lists_text(account->cGroups, account->rgwszGroups, STAFF));
    CHECK(lists_text(account->cGroups, account->rgwszGroups, BOARD));

    act_as(NULL);
    CHECK_HR(IpcxAddGroupMember(BOARD, STAFF, NULL), E_INVALIDARG);
    CHECK_HR(try_put_group(BOARD, BOARD, NULL), E_INVALIDARG);
    CHECK_HR(IpcxAddGroupMember(BOARD, DAVE, NULL), S_OK);
    CHECK_HR(IpcxAddGroupMember(BOARD, DAVE, NULL), S_OK);
    REQUIRE_OK(IpcxGetGroup(W("Board@contoso.example"), NULL, &group));
    mine(group);
    CHECK(group->cMembers == 2 && lists_text(group->cMembers, group->rgwszMembers, DAVE));
    CHECK_HR(IpcxRemoveGroupMember(BOARD, DAVE, NULL), S_OK);
    CHECK_HR(IpcxRemoveGroupMember(BOARD, DAVE, NULL), S_OK);
    CHECK_HR(try_open(DAVE, made.license, 0, &key), IPCERROR_RIGHT_NOT_GRANTED);
    act_as(NULL);
    REQUIRE_OK(IpcxListGroups(NULL, &list));
    mine(list);
    CHECK(list->cTexts == 2 && lists_text(2, list->rgwszTexts, STAFF));
    REQUIRE_OK(IpcxDeleteGroup(BOARD, NULL));
    REQUIRE_OK(IpcxDeleteGroup(STAFF, NULL));
    CHECK_HR(IpcxAddGroupMember(STAFF, DAVE, NULL), WIN32(ERROR_NOT_FOUND));
    CHECK_HR(IpcxRemoveGroupMember(STAFF, DAVE, NULL), WIN32(ERROR_NOT_FOUND));
    CHECK_HR(IpcxDeleteGroup(STAFF, NULL), WIN32(ERROR_NOT_FOUND));
}

/* Worked case: super user enabled, not in the list. */
static void super_users_have_everything_while_the_feature_is_on(void)
{
    DWORD value = 9;
    IPC_KEY_HANDLE key = NULL;
    Protected made = protect_for(BOB, "VIEW");
    put_account(DAVE, NULL, IPCX_ACCOUNT_SUPER_USER);
    REQUIRE_OK(IpcxGetTenantSetting(IPCX_SETTING_SUPER_USERS, NULL, &value));
    CHECK(value == 0);
    CHECK_HR(try_open(DAVE, made.license, 0, &key), IPCERROR_RIGHT_NOT_GRANTED);
    act_as(NULL);
    REQUIRE_OK(IpcxSetTenantSetting(IPCX_SETTING_SUPER_USERS, 1, NULL));
    key = open_as(DAVE, made.license);
    CHECK(has_right(key, W("OWNER")) == TRUE && has_right(key, W("ANY.RIGHT")) == TRUE);
    CHECK(who_asks(NULL)->dwFlags == IPCX_ACCOUNT_SUPER_USER);
    act_as(NULL);
    REQUIRE_OK(IpcxSetTenantSetting(IPCX_SETTING_SUPER_USERS, 0, NULL));
    REQUIRE_OK(IpcxDeleteAccount(DAVE, NULL));
}

static void settings_are_kept(void)
{
    DWORD value = 0;
    act_as(NULL);
    REQUIRE_OK(IpcxGetTenantSetting(IPCX_SETTING_OFFLINE_DAYS_MAX, NULL, &value));
    CHECK(value == 30);
    REQUIRE_OK(IpcxSetTenantSetting(IPCX_SETTING_OFFLINE_DAYS_MAX, 5, NULL));
    REQUIRE_OK(IpcxGetTenantSetting(IPCX_SETTING_OFFLINE_DAYS_MAX, NULL, &value));
    CHECK(value == 5);
    REQUIRE_OK(IpcxSetTenantSetting(IPCX_SETTING_OFFLINE_DAYS_MAX, 30, NULL));
    CHECK_HR(IpcxSetTenantSetting(IPCX_SETTING_SUPER_USERS, 2, NULL), E_INVALIDARG);
    CHECK_HR(IpcxSetTenantSetting(IPCX_SETTING_OFFLINE_DAYS_MAX, 0xFFFFFFFF, NULL), E_INVALIDARG);
    CHECK_HR(IpcxSetTenantSetting(0, 1, NULL), E_INVALIDARG);
    CHECK_HR(IpcxGetTenantSetting(99, NULL, &value), E_INVALIDARG);
    CHECK(value == 0);
}

static void an_administrator_always_remains(void)
{
    PCIPCX_ACCOUNT self;
    IPCX_ACCOUNT plain;
    act_as(NULL);
    self = who_asks(NULL);
    CHECK_HR(IpcxDeleteAccount(self->wszAddress, NULL), E_INVALIDARG);
    memset(&plain, 0, sizeof plain);
    plain.cbSize = sizeof plain;
    plain.wszAddress = self->wszAddress;
    CHECK_HR(IpcxPutAccounts(1, &plain, NULL), E_INVALIDARG);

    put_account(ALICE, NULL, IPCX_ACCOUNT_ADMINISTRATOR);
    act_as(ALICE);
    CHECK_HR(IpcxPutAccounts(1, &plain, NULL), S_OK);
    act_as(NULL);
    CHECK_HR(IpcxListAccounts(NULL, (PCIPCX_TEXT_LIST *)&self), E_ACCESSDENIED);
    act_as(ALICE);
    plain.dwFlags = IPCX_ACCOUNT_ADMINISTRATOR;
    CHECK_HR(IpcxPutAccounts(1, &plain, NULL), S_OK);
    CHECK_HR(IpcxDeleteAccount(ALICE, NULL), S_OK);
}

static void only_administrators(void)
{
    IPCX_ACCOUNT account;
    PCIPCX_ACCOUNT one = NULL;
    PCIPCX_GROUP group = NULL;
    PCIPCX_TEXT_LIST list = NULL;
    DWORD value = 0;
    memset(&account, 0, sizeof account);
    account.cbSize = sizeof account;
    account.wszAddress = BOB;
    account.dwFlags = IPCX_ACCOUNT_ADMINISTRATOR;
    act_as(BOB);
    CHECK_HR(IpcxPutAccounts(1, &account, NULL), E_ACCESSDENIED);
    CHECK_HR(IpcxGetAccount(BOB, NULL, &one), E_ACCESSDENIED);
    CHECK_HR(IpcxListAccounts(NULL, &list), E_ACCESSDENIED);
    CHECK_HR(IpcxDeleteAccount(BOB, NULL), E_ACCESSDENIED);
    CHECK_HR(IpcxPutGroups(0, NULL, NULL), E_ACCESSDENIED);
    CHECK_HR(IpcxGetGroup(STAFF, NULL, &group), E_ACCESSDENIED);
    CHECK_HR(IpcxListGroups(NULL, &list), E_ACCESSDENIED);
    CHECK_HR(IpcxDeleteGroup(STAFF, NULL), E_ACCESSDENIED);
    CHECK_HR(IpcxAddGroupMember(STAFF, BOB, NULL), E_ACCESSDENIED);
    CHECK_HR(IpcxRemoveGroupMember(STAFF, BOB, NULL), E_ACCESSDENIED);
    CHECK_HR(IpcxSetTenantSetting(IPCX_SETTING_SUPER_USERS, 1, NULL), E_ACCESSDENIED);
    CHECK_HR(IpcxGetTenantSetting(IPCX_SETTING_SUPER_USERS, NULL, &value), E_ACCESSDENIED);
    CHECK(who_asks(NULL)->dwFlags == 0);
}

static void wrong_calls(void)
{
    IPCX_ACCOUNT accounts[2];
    IPCX_GROUP group;
    PCIPCX_ACCOUNT one = NULL;
    PCIPCX_TEXT_LIST list = NULL;
    LPCWSTR bad = W("");
    memset(accounts, 0, sizeof accounts);
    memset(&group, 0, sizeof group);
    accounts[0].cbSize = accounts[1].cbSize = sizeof accounts[0];
    accounts[0].wszAddress = W("new@contoso.example");
    act_as(NULL);
    CHECK_HR(IpcxPutAccounts(2, accounts, NULL), E_INVALIDARG); /* the second has no address: none is kept */
    CHECK_HR(IpcxGetAccount(accounts[0].wszAddress, NULL, &one), WIN32(ERROR_NOT_FOUND));
    accounts[1].wszAddress = W("NEW@contoso.example");
    accounts[1].cbSize--;
    CHECK_HR(IpcxPutAccounts(2, accounts, NULL), E_INVALIDARG);
    accounts[0].dwFlags = 4;
    CHECK_HR(IpcxPutAccounts(1, accounts, NULL), E_INVALIDARG);
    accounts[0].dwFlags = 0;
    accounts[0].cAliases = 1;
    CHECK_HR(IpcxPutAccounts(1, accounts, NULL), E_INVALIDARG);
    accounts[0].rgwszAliases = &bad;
    CHECK_HR(IpcxPutAccounts(1, accounts, NULL), E_INVALIDARG);
    CHECK_HR(IpcxPutAccounts(1, NULL, NULL), E_INVALIDARG);
    CHECK_HR(IpcxPutAccounts(0xFFFFFFFF, accounts, NULL), E_INVALIDARG);
    CHECK_HR(IpcxPutAccounts(0, NULL, NULL), S_OK);
    CHECK_HR(IpcxPutGroups(1, &group, NULL), E_INVALIDARG);
    group.cbSize = sizeof group;
    CHECK_HR(IpcxPutGroups(1, &group, NULL), E_INVALIDARG);
    CHECK_HR(IpcxPutGroups(1, NULL, NULL), E_INVALIDARG);
    CHECK_HR(IpcxGetAccount(NULL, NULL, &one), E_INVALIDARG);
    CHECK_HR(IpcxGetAccount(BOB, NULL, NULL), E_INVALIDARG);
    CHECK_HR(IpcxGetIdentity(NULL, NULL), E_INVALIDARG);
    CHECK_HR(IpcxListAccounts(NULL, NULL), E_INVALIDARG);
    CHECK_HR(IpcxListGroups(NULL, NULL), E_INVALIDARG);
    CHECK_HR(IpcxGetGroup(NULL, NULL, NULL), E_INVALIDARG);
    CHECK_HR(IpcxDeleteAccount(NULL, NULL), E_INVALIDARG);
    CHECK_HR(IpcxDeleteGroup(NULL, NULL), E_INVALIDARG);
    CHECK_HR(IpcxAddGroupMember(STAFF, NULL, NULL), E_INVALIDARG);
    CHECK_HR(IpcxRemoveGroupMember(NULL, BOB, NULL), E_INVALIDARG);
    CHECK_HR(IpcxGetTenantSetting(IPCX_SETTING_SUPER_USERS, NULL, NULL), E_INVALIDARG);
    CHECK(one == NULL && list == NULL);
}

int main(void)
{
    RUN(the_account_that_made_the_store_administers);
    RUN(an_account_is_found_by_every_address);
    RUN(a_user_in_two_groups_has_the_rights_of_both);
    RUN(groups_in_groups);
    RUN(super_users_have_everything_while_the_feature_is_on);
    RUN(settings_are_kept);
    RUN(an_administrator_always_remains);
    RUN(only_administrators);
    RUN(wrong_calls);
    return finish_tests();
}
