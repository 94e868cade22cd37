/* Permission levels, Do Not Forward, and what other programs call the rights. */
#include "admin.h"

static PCIPCX_TEXT_LIST level_rights(DWORD level, DWORD generation)
{
    PCIPCX_TEXT_LIST list = NULL;
    REQUIRE_OK(IpcxGetLevelRights(level, generation, &list));
    REQUIRE(list != NULL);
    return (PCIPCX_TEXT_LIST)mine(list);
}

static void levels_of_both_generations(void)
{
    static const DWORD counts[2][4] = {{4, 7, 11, 12}, {3, 6, 8, 1}};
    DWORD generation, level;
    PCIPCX_TEXT_LIST list = NULL;
    for (generation = 0; generation < 2; generation++)
        for (level = 0; level < 4; level++)
            CHECK(level_rights(IPCX_LEVEL_VIEWER + level, generation)->cTexts == counts[generation][level]);
    list = level_rights(IPCX_LEVEL_CO_OWNER, IPCX_LEVELS_CLASSIC);
    CHECK_TEXT(list->rgwszTexts[0], W("OWNER"));
    list = level_rights(IPCX_LEVEL_VIEWER, IPCX_LEVELS_CURRENT);
    CHECK(lists_text(list->cTexts, list->rgwszTexts, W("OBJMODEL")));
    list = NULL;
    CHECK_HR(IpcxGetLevelRights(0, 0, &list), E_INVALIDARG);
    CHECK_HR(IpcxGetLevelRights(5, 0, &list), E_INVALIDARG);
    CHECK_HR(IpcxGetLevelRights(1, 2, &list), E_INVALIDARG);
    CHECK_HR(IpcxGetLevelRights(1, 0, NULL), E_INVALIDARG);
    CHECK(list == NULL);
}

static void a_license_from_levels(void)
{
    IPCX_USER_LEVEL users[3];
    IPC_LICENSE_HANDLE license = NULL;
    IPC_KEY_HANDLE key;
    Protected made;
    memset(users, 0, sizeof users);
    users[0].User.dwType = users[1].User.dwType = IPC_USER_TYPE_EMAIL;
    users[0].User.wszID = BOB;
    users[0].dwLevel = IPCX_LEVEL_VIEWER;
    users[1].User.wszID = CAROL;
    users[1].dwLevel = IPCX_LEVEL_CO_OWNER;
    users[2].User.dwType = IPC_USER_TYPE_IPC;
    users[2].User.wszID = W("ANYONE");
    users[2].dwLevel = IPCX_LEVEL_VIEWER;
    act_as(ALICE);
    REQUIRE_OK(IpcxCreateLicenseFromLevels(NULL, 3, users, IPCX_LEVELS_CURRENT, &license));
    my_handle((IPC_HANDLE)license);
    made = serialize(license);
    key = open_as(BOB, made.license);
    CHECK(has_right(key, W("VIEW")) == TRUE && has_right(key, W("REPLY")) == TRUE && has_right(key, W("EDIT")) == FALSE);
    CHECK(has_right(open_as(CAROL, made.license), W("EDITRIGHTSDATA")) == TRUE);
    CHECK(has_right(open_as(DAVE, made.license), W("VIEW")) == TRUE);

    license = NULL;
    CHECK_HR(IpcxCreateLicenseFromLevels(NULL, 0, users, 0, &license), E_INVALIDARG);
    CHECK_HR(IpcxCreateLicenseFromLevels(NULL, 1, NULL, 0, &license), E_INVALIDARG);
    CHECK_HR(IpcxCreateLicenseFromLevels(NULL, 1, users, 2, &license), E_INVALIDARG);
    CHECK_HR(IpcxCreateLicenseFromLevels(NULL, 1, users, 0, NULL), E_INVALIDARG);
    users[0].dwLevel = 9;
    CHECK_HR(IpcxCreateLicenseFromLevels(NULL, 1, users, 0, &license), E_INVALIDARG);
    CHECK(license == NULL);
}

/* Worked case: Do Not Forward to two recipients; a third reads the mail from a share. */
static void do_not_forward_to_two_recipients(void)
{
    static const LPCWSTR granted[] = {W("VIEW"), W("EDIT"), W("DOCEDIT"), W("OBJMODEL"), W("REPLY"), W("REPLYALL"),
                                      W("VIEWRIGHTSDATA")};
    static const LPCWSTR never[] = {W("FORWARD"), W("PRINT"), W("EXTRACT"), W("EXPORT"), W("OWNER"), W("EDITRIGHTSDATA")};
    LPCWSTR recipients[2];
    IPC_LICENSE_HANDLE license = NULL;
    IPC_KEY_HANDLE key = NULL;
    PCIPC_TIL list;
    Protected made;
    size_t i, who;
    DWORD t;
    recipients[0] = BOB;
    recipients[1] = CAROL;
    act_as(ALICE);
    REQUIRE_OK(IpcxCreateDoNotForwardLicense(NULL, 2, recipients, &license));
    my_handle((IPC_HANDLE)license);
    made = serialize(license);
    for (who = 0; who < 2; who++) {
        key = open_as(recipients[who], made.license);
        for (i = 0; i < COUNT(granted); i++)
            CHECK(has_right(key, granted[i]) == TRUE);
        for (i = 0; i < COUNT(never); i++)
            CHECK(has_right(key, never[i]) == FALSE);
    }
    CHECK_HR(try_open(DAVE, made.license, 0, &key), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK(key == NULL);
    CHECK(has_right(open_as(ALICE, made.license), W("FORWARD")) == TRUE);

    list = offered_to(BOB, 0);
    for (t = 0; t < list->cTi; t++)
        CHECK(!wide_contains(((const IPC_TEMPLATE_INFO *)((const BYTE *)list + offsetof(IPC_TIL, aTi)) + t)->wszName,
                             "Do Not Forward"));
    license = NULL;
    CHECK_HR(IpcxCreateDoNotForwardLicense(NULL, 0, recipients, &license), E_INVALIDARG);
    CHECK_HR(IpcxCreateDoNotForwardLicense(NULL, 1, NULL, &license), E_INVALIDARG);
    CHECK_HR(IpcxCreateDoNotForwardLicense(NULL, 1, recipients, NULL), E_INVALIDARG);
    recipients[1] = NULL;
    CHECK_HR(IpcxCreateDoNotForwardLicense(NULL, 2, recipients, &license), E_INVALIDARG);
    recipients[1] = W("");
    CHECK_HR(IpcxCreateDoNotForwardLicense(NULL, 2, recipients, &license), E_INVALIDARG);
    CHECK(license == NULL);
}

static void what_office_calls_a_right(void)
{
    LPCWSTR name = NULL;
    REQUIRE_OK(IpcxGetOfficeName(W("owner"), &name));
    CHECK_TEXT((LPCWSTR)mine(name), W("Full Control"));
    REQUIRE_OK(IpcxGetOfficeName(W("DOCEDIT"), &name));
    CHECK_TEXT((LPCWSTR)mine(name), W("Change"));
    CHECK_HR(IpcxGetOfficeName(W("FORWARD"), &name), WIN32(ERROR_NOT_FOUND));
    CHECK(name == NULL);
    CHECK_HR(IpcxGetOfficeName(W("ACME.STAMP"), &name), WIN32(ERROR_NOT_FOUND));
    CHECK_HR(IpcxGetOfficeName(NULL, &name), E_INVALIDARG);
    CHECK_HR(IpcxGetOfficeName(W("VIEW"), NULL), E_INVALIDARG);
}

static void what_sharepoint_grants(void)
{
    static const struct {
        DWORD permissions;
        DWORD count;
        LPCWSTR one;
    } cases[] = {
        {0, 0, NULL},
        {IPCX_SHAREPOINT_LIBRARY_PRINT | IPCX_SHAREPOINT_LIBRARY_PROGRAMS, 0, NULL},
        {IPCX_SHAREPOINT_VIEW, 2, W("VIEWRIGHTSDATA")},
        {IPCX_SHAREPOINT_VIEW | IPCX_SHAREPOINT_LIBRARY_PRINT, 3, W("PRINT")},
        {IPCX_SHAREPOINT_VIEW | IPCX_SHAREPOINT_LIBRARY_PROGRAMS, 3, W("OBJMODEL")},
        {IPCX_SHAREPOINT_VIEW | IPCX_SHAREPOINT_EDIT, 5, W("EXTRACT")},
        {IPCX_SHAREPOINT_MANAGE, 2, W("OWNER")},
    };
    PCIPCX_TEXT_LIST list = NULL;
    size_t i;
    for (i = 0; i < COUNT(cases); i++) {
        REQUIRE_OK(IpcxGetSharePointRights(cases[i].permissions, &list));
        mine(list);
        CHECK(list->cTexts == cases[i].count);
        CHECK(cases[i].one == NULL ? list->rgwszTexts == NULL : lists_text(list->cTexts, list->rgwszTexts, cases[i].one));
    }
    list = NULL;
    CHECK_HR(IpcxGetSharePointRights(32, &list), E_INVALIDARG);
    CHECK_HR(IpcxGetSharePointRights(0, NULL), E_INVALIDARG);
    CHECK(list == NULL);
}

int main(void)
{
    RUN(levels_of_both_generations);
    RUN(a_license_from_levels);
    RUN(do_not_forward_to_two_recipients);
    RUN(what_office_calls_a_right);
    RUN(what_sharepoint_grants);
    return finish_tests();
}
