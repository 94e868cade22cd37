/* Administration of templates, and what a change means for content that exists. */
#include "admin.h"

#define NO_SUCH W("{00000000-0000-4000-8000-000000000000}")

static const Entry BOB_VIEWS[] = {{BOB, "VIEW"}};
static const Entry BOB_VIEWS_AND_PRINTS[] = {{BOB, "VIEW PRINT"}};

static void a_template_comes_back_as_put(void)
{
    static const Entry entries[] = {{BOB, "VIEW ACME.Stamp"}, {W("ANYONE"), "VIEW"}};
    Template memory;
    PCIPCX_TEMPLATE found;
    PCIPCX_TEMPLATE made = new_template(&memory, W("Plans"), entries, COUNT(entries));
    LPCWSTR id;
    memory.texts[1] = memory.texts[0];
    memory.texts[1].lcid = 1031;
    memory.texts[1].wszName = W("Pl\u00E4ne");
    memory.value.cDescriptors = 2;
    memory.scope[0].dwType = IPC_USER_TYPE_EMAIL;
    memory.scope[0].wszID = ALICE;
    memory.value.cScope = 1;
    memory.value.dwExpiry = IPCX_EXPIRY_DAYS;
    memory.value.dwExpiryDays = 30;
    memory.value.dwOfflineDays = 7;
    memory.value.dwFlags = IPCX_TEMPLATE_DISABLED;
    id = put_template(made);
    found = get_template(id);
    CHECK(found->cbSize == sizeof *found && found->dwFlags == IPCX_TEMPLATE_DISABLED);
    CHECK_TEXT(found->wszID, id);
    REQUIRE(found->cDescriptors == 2);
    CHECK(found->rgDescriptors[1].lcid == 1031);
    CHECK_TEXT(found->rgDescriptors[1].wszName, W("Pl\u00E4ne"));
    CHECK_TEXT(found->rgDescriptors[0].wszDescription, W("for the tests"));
    REQUIRE(found->pUserRights->cUserRights == 2);
    CHECK(lists_right(find_user(found->pUserRights, BOB), W("ACME.Stamp")));
    CHECK(lists_right(find_user(found->pUserRights, W("ANYONE")), W("VIEW")));
    REQUIRE(found->cScope == 1);
    CHECK_TEXT(found->rgScope[0].wszID, ALICE);
    CHECK(found->dwExpiry == IPCX_EXPIRY_DAYS && found->dwExpiryDays == 30 && found->dwOfflineDays == 7);
    CHECK(found->ftModified.dwHighDateTime != 0);
    REQUIRE_OK(IpcxDeleteTemplate(id, 0, NULL));
}

static void an_expiry_date_and_the_offline_days_of_the_organization(void)
{
    Template memory;
    PCIPCX_TEMPLATE found;
    new_template(&memory, W("Until a day"), BOB_VIEWS, 1);
    memory.value.dwExpiry = IPCX_EXPIRY_DATE;
    memory.value.ftExpiry.dwHighDateTime = 0x01F00000;
    memory.value.dwOfflineDays = IPCX_OFFLINE_DAYS_DEFAULT;
    found = get_template(put_template(&memory.value));
    CHECK(found->dwExpiry == IPCX_EXPIRY_DATE && found->ftExpiry.dwHighDateTime == 0x01F00000);
    CHECK(found->dwOfflineDays == IPCX_OFFLINE_DAYS_DEFAULT && found->cScope == 0 && found->rgScope == NULL);
    REQUIRE_OK(IpcxDeleteTemplate(found->wszID, 0, NULL));
}

/* A moment in whole minutes. */
static FILETIME minute(DWORD number)
{
    DWORD64 ticks = (DWORD64)number * 600000000;
    FILETIME time;
    time.dwLowDateTime = (DWORD)ticks;
    time.dwHighDateTime = (DWORD)(ticks >> 32);
    return time;
}

static int is_minute(FILETIME time, DWORD number)
{
    FILETIME expected = minute(number);
    return memcmp(&time, &expected, sizeof time) == 0;
}

static void check_right_times(PCIPCX_TEMPLATE found)
{
    const IPCX_RIGHT_TIMES *times = found->rgRightTimes;
    REQUIRE(found->cRightTimes == 3 && times != NULL);
    CHECK_TEXT(times[0].User.wszID, BOB);
    CHECK_TEXT(times[0].wszRight, W("PRINT"));
    CHECK(times[0].dwIntervalDays == 2 && is_minute(times[0].ftFrom, 0) && is_minute(times[0].ftUntil, 0));
    CHECK_TEXT(times[1].wszRight, W("EDIT"));
    CHECK(times[1].dwIntervalDays == IPCX_OFFLINE_DAYS_DEFAULT);
    CHECK(is_minute(times[1].ftFrom, 0) && is_minute(times[1].ftUntil, 232000000));
    CHECK(is_minute(times[2].ftFrom, 233000000) && is_minute(times[2].ftUntil, 0));
    REQUIRE(found->pUserRights->cUserRights == 1);
    CHECK(user_of(found->pUserRights, 0)->cRights == 3);
}

/* Times of single rights come back, survive a change of something else, and travel in files. */
static void times_of_rights_are_kept(void)
{
    static const Entry entries[] = {{BOB, "VIEW PRINT EDIT"}};
    Template memory;
    IPCX_TEMPLATE again;
    IPCX_RIGHT_TIMES times[3];
    PCIPCX_TEMPLATE found;
    PIPC_BUFFER file = NULL;
    LPCWSTR id, imported = NULL;
    DWORD i;
    new_template(&memory, W("Plans"), entries, 1);
    memset(times, 0, sizeof times);
    for (i = 0; i < 3; i++) {
        times[i].User.dwType = IPC_USER_TYPE_EMAIL;
        times[i].User.wszID = BOB;
        times[i].wszRight = i == 0 ? W("print") : W("EDIT");
        times[i].dwIntervalDays = i == 0 ? 2 : IPCX_OFFLINE_DAYS_DEFAULT;
    }
    times[1].ftUntil = minute(232000000);
    times[2].ftFrom = minute(233000000);
    memory.value.dwOfflineDays = IPCX_OFFLINE_DAYS_DEFAULT;
    memory.value.rgRightTimes = times;
    memory.value.cRightTimes = 3;
    id = put_template(&memory.value);
    found = get_template(id);
    check_right_times(found);
    again = *found;
    again.dwOfflineDays = 9;
    put_template(&again);
    check_right_times(get_template(id));
    REQUIRE_OK(IpcxExportTemplate(id, NULL, &file));
    mine(file);
    REQUIRE_OK(IpcxDeleteTemplate(id, 0, NULL));
    REQUIRE_OK(IpcxImportTemplate(file, 0, NULL, &imported));
    mine(imported);
    CHECK_TEXT(imported, id);
    check_right_times(get_template(id));
    CHECK(get_template(id)->dwOfflineDays == 9);
    REQUIRE_OK(IpcxDeleteTemplate(id, 0, NULL));
}

static void times_of_rights_that_make_no_sense(void)
{
    Template memory;
    IPCX_RIGHT_TIMES times;
    LPCWSTR id = NULL;
    act_as(NULL);
#define WRONG(change)                                                     \
    do {                                                                  \
        new_template(&memory, W("Plans"), BOB_VIEWS, 1);                  \
        memset(&times, 0, sizeof times);                                  \
        times.User.dwType = IPC_USER_TYPE_EMAIL;                          \
        times.User.wszID = BOB;                                           \
        times.wszRight = W("VIEW");                                       \
        memory.value.rgRightTimes = &times;                               \
        memory.value.cRightTimes = 1;                                     \
        change;                                                           \
        CHECK_HR(IpcxPutTemplate(&memory.value, NULL, &id), E_INVALIDARG); \
        CHECK(id == NULL);                                                \
    } while (0)
    WRONG(times.wszRight = W("PRINT"));
    WRONG(times.User.wszID = ALICE);
    WRONG(times.wszRight = NULL);
    WRONG(times.User.wszID = NULL);
    WRONG(times.dwIntervalDays = 0x7FFFFFFF);
    WRONG(times.ftUntil.dwHighDateTime = 0xFFFFFFFF);
    WRONG(times.ftFrom.dwHighDateTime = times.ftUntil.dwHighDateTime = 0x01F00000);
    WRONG(memory.value.rgRightTimes = NULL);
#undef WRONG
}

/* Worked case: editing a template changes what protected content allows. */
static void a_template_loses_print(void)
{
    Template memory;
    PIPC_BUFFER license;
    IPC_KEY_HANDLE before;
    LPCWSTR id = put_template(new_template(&memory, W("Plans"), BOB_VIEWS_AND_PRINTS, 1));
    REQUIRE_OK(publish_as(ALICE, id, &license));
    before = open_as(BOB, license);
    CHECK(has_right(before, W("PRINT")) == TRUE);

    new_template(&memory, W("Plans"), BOB_VIEWS, 1);
    memory.value.wszID = id;
    CHECK_TEXT(put_template(&memory.value), id);
    CHECK(has_right(open_as(BOB, license), W("PRINT")) == FALSE);
    CHECK(has_right(before, W("PRINT")) == TRUE);
}

/* The same for an ad-hoc license: only republishing changes it. */
static void an_ad_hoc_license_keeps_print(void)
{
    Template memory;
    PIPC_BUFFER license = NULL;
    IPC_LICENSE_HANDLE draft = NULL;
    DWORD interval = 0;
    LPCWSTR id = put_template(new_template(&memory, W("Plans"), BOB_VIEWS_AND_PRINTS, 1));
    act_as(ALICE);
    REQUIRE_OK(IpcCreateLicenseFromTemplateID(id, 0, NULL, &draft));
    my_handle((IPC_HANDLE)draft);
    set_property(draft, IPC_LI_INTERVAL_TIME, &interval);
    license = serialize(draft).license;
    new_template(&memory, W("Plans"), BOB_VIEWS, 1);
    memory.value.wszID = id;
    put_template(&memory.value);
    CHECK(has_right(open_as(BOB, license), W("PRINT")) == TRUE);
}

static void a_disabled_template_is_hidden_but_decides(void)
{
    Template memory;
    PIPC_BUFFER license, none;
    PCIPC_TIL all = NULL;
    LPCWSTR id = put_template(new_template(&memory, W("Plans"), BOB_VIEWS, 1));
    REQUIRE_OK(publish_as(ALICE, id, &license));
    CHECK(info_of(offered_to(ALICE, 0), id) != NULL);
    act_as(NULL);
    REQUIRE_OK(IpcxSetTemplateEnabled(id, FALSE, NULL));
    CHECK(info_of(offered_to(ALICE, 0), id) == NULL);
    CHECK_HR(publish_as(ALICE, id, &none), WIN32(ERROR_NOT_FOUND));
    act_as(NULL);
    REQUIRE_OK(IpcxGetAllTemplates(0, NULL, &all));
    mine(all);
    CHECK(info_of(all, id) != NULL);
    CHECK(has_right(open_as(BOB, license), W("VIEW")) == TRUE);
    act_as(NULL);
    REQUIRE_OK(IpcxSetTemplateEnabled(id, TRUE, NULL));
    CHECK_HR(publish_as(ALICE, id, &license), S_OK);
}

static void a_deleted_template_freezes_its_last_policy(void)
{
    Template memory;
    PIPC_BUFFER license;
    PCIPCX_TEMPLATE gone = NULL;
    IPC_KEY_HANDLE key;
    LPCWSTR id = put_template(new_template(&memory, W("Plans"), BOB_VIEWS_AND_PRINTS, 1));
    REQUIRE_OK(publish_as(ALICE, id, &license));
    new_template(&memory, W("Plans"), BOB_VIEWS, 1);
    memory.value.wszID = id;
    put_template(&memory.value);
    REQUIRE_OK(IpcxDeleteTemplate(id, 0, NULL));
    CHECK_HR(IpcxDeleteTemplate(id, 0, NULL), WIN32(ERROR_NOT_FOUND));
    CHECK_HR(IpcxGetTemplate(id, NULL, &gone), WIN32(ERROR_NOT_FOUND));
    CHECK(info_of(offered_to(ALICE, 0), id) == NULL);
    key = open_as(BOB, license);
    CHECK(has_right(key, W("VIEW")) == TRUE && has_right(key, W("PRINT")) == FALSE);
}

static void a_deleted_template_may_revoke(void)
{
    Template memory;
    PIPC_BUFFER license;
    IPC_KEY_HANDLE key = NULL;
    LPCWSTR id = put_template(new_template(&memory, W("Plans"), BOB_VIEWS, 1));
    REQUIRE_OK(publish_as(ALICE, id, &license));
    act_as(NULL);
    REQUIRE_OK(IpcxDeleteTemplate(id, IPCX_DELETE_TEMPLATE_REVOKE, NULL));
    CHECK_HR(try_open(BOB, license, 0, &key), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK(key == NULL);
}

/* Revocation counts although a use license at hand would serve for days. */
static void revoking_beats_a_use_license_at_hand(void)
{
    Template memory;
    PIPC_BUFFER license;
    IPC_KEY_HANDLE key = NULL;
    LPCWSTR id;
    new_template(&memory, W("Plans"), BOB_VIEWS, 1);
    memory.value.dwOfflineDays = 7;
    id = put_template(&memory.value);
    REQUIRE_OK(publish_as(ALICE, id, &license));
    CHECK(has_right(open_as(BOB, license), W("VIEW")) == TRUE);
    CHECK_HR(try_open(BOB, license, IPC_PROMPT_FLAG_OFFLINE, &key), S_OK);
    act_as(NULL);
    REQUIRE_OK(IpcxDeleteTemplate(id, IPCX_DELETE_TEMPLATE_REVOKE, NULL));
    CHECK_HR(try_open(BOB, license, 0, &key), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK(key == NULL);
}

static void templates_are_offered_to_their_scope(void)
{
    Template memory;
    PIPC_BUFFER license, none;
    LPCWSTR id;
    put_group(W("sales@contoso.example"), ALICE, NULL);
    new_template(&memory, W("Sales only"), BOB_VIEWS, 1);
    memory.scope[0].dwType = IPC_USER_TYPE_EMAIL;
    memory.scope[0].wszID = W("Sales@contoso.example");
    memory.value.cScope = 1;
    id = put_template(&memory.value);
    CHECK(info_of(offered_to(ALICE, 0), id) != NULL);
    CHECK(info_of(offered_to(BOB, 0), id) == NULL);
    CHECK_HR(publish_as(BOB, id, &none), IPCERROR_TEMPLATE_NOT_ENABLED_FOR_USER);
    REQUIRE_OK(publish_as(ALICE, id, &license));
    CHECK(has_right(open_as(BOB, license), W("VIEW")) == TRUE);
}

static void lists_hold_templates_of_the_language(void)
{
    Template memory;
    PCIPC_TIL list = NULL;
    const IPC_TEMPLATE_INFO *info;
    LPCWSTR id;
    new_template(&memory, W("Plans"), BOB_VIEWS, 1);
    memory.texts[1] = memory.texts[0];
    memory.texts[1].lcid = 1031;
    memory.texts[1].wszName = W("Pl\u00E4ne");
    memory.value.cDescriptors = 2;
    id = put_template(&memory.value);
    list = offered_to(ALICE, 1031);
    CHECK(list->cTi == 1);
    info = info_of(list, id);
    REQUIRE(info != NULL);
    CHECK(info->lcid == 1031 && info->fFromTemplate == TRUE);
    CHECK_TEXT(info->wszName, W("Pl\u00E4ne"));
    CHECK(info_of(offered_to(ALICE, 3079), id) != NULL); /* Austria: the primary language */
    list = offered_to(ALICE, 1033);
    CHECK(list->cTi >= 3);
    CHECK_TEXT(info_of(list, id)->wszName, W("Plans"));
    list = NULL;
    CHECK_HR(IpcGetTemplateList(NULL, 0, 1041, NULL, NULL, &list), IPCERROR_LOCALE_NOT_FOUND);
    CHECK(list == NULL);
    act_as(NULL);
    REQUIRE_OK(IpcxDeleteTemplate(id, 0, NULL));
}

static void lists_are_sorted(void)
{
    static const LPCWSTR names[] = {W("m middle"), W("z last"), W("a first")};
    Template memory;
    LPCWSTR ids[3];
    PCIPC_TIL list;
    DWORD i;
    for (i = 0; i < 3; i++)
        ids[i] = put_template(new_template(&memory, names[i], BOB_VIEWS, 1));
    list = offered_to(ALICE, 0);
    CHECK(info_of(list, ids[2]) < info_of(list, ids[0]) && info_of(list, ids[0]) < info_of(list, ids[1]));
    act_as(NULL);
    for (i = 0; i < 3; i++)
        REQUIRE_OK(IpcxDeleteTemplate(ids[i], 0, NULL));
}

static void default_templates_in_their_older_form(void)
{
    PCIPC_TIL before = offered_to(ALICE, 0), after;
    DWORD i, older = 0;
    act_as(NULL);
    REQUIRE_OK(IpcxCreateDefaultTemplates(IPCX_DEFAULT_TEMPLATES_BEFORE_2017, NULL));
    after = offered_to(ALICE, 0);
    CHECK(after->cTi == before->cTi + 2);
    for (i = 0; i < after->cTi; i++) {
        const IPC_TEMPLATE_INFO *info = (const IPC_TEMPLATE_INFO *)((const BYTE *)after + offsetof(IPC_TIL, aTi)) + i;
        PCIPCX_TEMPLATE one = info_of(before, info->wszID) != NULL ? NULL : get_template(info->wszID);
        if (one == NULL)
            continue;
        REQUIRE(one->pUserRights->cUserRights == 1);
        CHECK(user_of(one->pUserRights, 0)->cRights == (wide_contains(info->wszName, "View Only") ? 1u : 7u));
        older++;
    }
    CHECK(older == 2);
    act_as(NULL);
    CHECK_HR(IpcxCreateDefaultTemplates(0, NULL), E_INVALIDARG);
    CHECK_HR(IpcxCreateDefaultTemplates(3, NULL), E_INVALIDARG);
}

static void templates_travel_as_files(void)
{
    Template memory;
    PIPC_BUFFER file = NULL, license;
    LPCWSTR id, again = NULL;
    IPC_BUFFER forged;
    BYTE *bytes;
    size_t at;
    id = put_template(new_template(&memory, W("Plans"), BOB_VIEWS_AND_PRINTS, 1));
    REQUIRE_OK(IpcxExportTemplate(id, NULL, &file));
    mine(file);
    REQUIRE(file->cbBuffer > 500);
    CHECK(memcmp(file->pvBuffer, "\xEF\xBB\xBF<?xml", 8) == 0);
    new_template(&memory, W("Plans"), BOB_VIEWS, 1);
    memory.value.wszID = id;
    put_template(&memory.value);
    REQUIRE_OK(publish_as(ALICE, id, &license));
    CHECK(has_right(open_as(BOB, license), W("PRINT")) == FALSE);
    act_as(NULL);
    REQUIRE_OK(IpcxImportTemplate(file, 0, NULL, &again));
    mine(again);
    CHECK_TEXT(again, id);
    CHECK(has_right(open_as(BOB, license), W("PRINT")) == TRUE);

    /* One changed letter. */
    forged = *file;
    bytes = (BYTE *)malloc(file->cbBuffer);
    REQUIRE(bytes != NULL);
    memcpy(bytes, file->pvBuffer, file->cbBuffer);
    for (at = 0; at + 5 < file->cbBuffer && memcmp(bytes + at, "Plans", 5) != 0; at++)
        ;
    bytes[at] = 'B';
    forged.pvBuffer = bytes;
    act_as(NULL);
    CHECK_HR(IpcxImportTemplate(&forged, IPCX_IMPORT_TEMPLATE_FOREIGN, NULL, &again), IPCERROR_BROKEN_CERT_CHAIN);
    CHECK(again == NULL);
    forged.cbBuffer = 100;
    CHECK_HR(IpcxImportTemplate(&forged, 0, NULL, &again), WIN32(ERROR_INVALID_DATA));
    free(bytes);
}

static void only_administrators(void)
{
    Template memory;
    LPCWSTR out = (LPCWSTR)&memory;
    PCIPC_TIL list = NULL;
    PCIPCX_TEMPLATE one = NULL;
    PIPC_BUFFER file = NULL;
    IPC_BUFFER some = {&memory, sizeof memory};
    LPCWSTR id = template_id(0);
    PCIPCX_TEMPLATE made = new_template(&memory, W("Mine"), BOB_VIEWS, 1);
    act_as(ALICE);
    CHECK_HR(IpcxPutTemplate(made, NULL, &out), E_ACCESSDENIED);
    CHECK(out == NULL);
    CHECK_HR(IpcxGetTemplate(id, NULL, &one), E_ACCESSDENIED);
    CHECK_HR(IpcxGetAllTemplates(0, NULL, &list), E_ACCESSDENIED);
    CHECK_HR(IpcxSetTemplateEnabled(id, FALSE, NULL), E_ACCESSDENIED);
    CHECK_HR(IpcxDeleteTemplate(id, 0, NULL), E_ACCESSDENIED);
    CHECK_HR(IpcxExportTemplate(id, NULL, &file), E_ACCESSDENIED);
    CHECK_HR(IpcxImportTemplate(&some, 0, NULL, &out), E_ACCESSDENIED);
    CHECK_HR(IpcxCreateDefaultTemplates(IPCX_DEFAULT_TEMPLATES_CURRENT, NULL), E_ACCESSDENIED);
    CHECK(info_of(offered_to(ALICE, 0), id) != NULL);
}

static void wrong_calls(void)
{
    Template memory;
    LPCWSTR id = NULL;
    PCIPCX_TEMPLATE one = NULL;
    PCIPC_TIL list = NULL;
    PIPC_BUFFER file = NULL;
    IPC_BUFFER empty = {NULL, 0};
    IPCX_TEMPLATE *value = &memory.value;
    act_as(NULL);
#define WRONG(change)                                           \
    do {                                                        \
        new_template(&memory, W("Plans"), BOB_VIEWS, 1);        \
        change;                                                 \
        CHECK_HR(IpcxPutTemplate(value, NULL, &id), E_INVALIDARG); \
        CHECK(id == NULL);                                      \
    } while (0)
    WRONG(value->cbSize = sizeof *value - 1);
    WRONG(value->dwFlags = 2);
    WRONG(value->wszID = W("no guid"));
    WRONG(value->cDescriptors = 0);
    WRONG(value->rgDescriptors = NULL);
    WRONG(memory.texts[0].wszName = NULL);
    WRONG(memory.texts[0].wszName = W("a\001b"));
    WRONG(memory.texts[1] = memory.texts[0]; value->cDescriptors = 2);
    WRONG(value->dwExpiry = 3);
    WRONG(value->dwExpiry = IPCX_EXPIRY_DAYS);
    WRONG(value->dwExpiry = IPCX_EXPIRY_DAYS; value->dwExpiryDays = 0x7FFFFFFF);
    WRONG(value->dwExpiry = IPCX_EXPIRY_DATE; value->ftExpiry.dwHighDateTime = 0xFFFFFFFF);
    WRONG(value->dwOfflineDays = 0x7FFFFFFF);
    WRONG(value->cScope = 1);
    WRONG(value->cScope = 1; value->rgScope = NULL);
#undef WRONG
    CHECK_HR(IpcxPutTemplate(NULL, NULL, &id), E_INVALIDARG);
    new_template(&memory, W("Plans"), BOB_VIEWS, 1);
    CHECK_HR(IpcxPutTemplate(value, NULL, NULL), E_INVALIDARG);
    CHECK_HR(IpcxGetTemplate(NULL, NULL, &one), E_INVALIDARG);
    CHECK_HR(IpcxGetTemplate(NO_SUCH, NULL, NULL), E_INVALIDARG);
    CHECK_HR(IpcxGetTemplate(NO_SUCH, NULL, &one), WIN32(ERROR_NOT_FOUND));
    CHECK_HR(IpcxGetTemplate(W("no guid"), NULL, &one), WIN32(ERROR_NOT_FOUND));
    CHECK_HR(IpcxGetAllTemplates(0, NULL, NULL), E_INVALIDARG);
    CHECK_HR(IpcxSetTemplateEnabled(NULL, TRUE, NULL), E_INVALIDARG);
    CHECK_HR(IpcxSetTemplateEnabled(NO_SUCH, TRUE, NULL), WIN32(ERROR_NOT_FOUND));
    CHECK_HR(IpcxDeleteTemplate(NULL, 0, NULL), E_INVALIDARG);
    CHECK_HR(IpcxDeleteTemplate(NO_SUCH, 2, NULL), E_INVALIDARG);
    CHECK_HR(IpcxDeleteTemplate(NO_SUCH, 0, NULL), WIN32(ERROR_NOT_FOUND));
    CHECK_HR(IpcxExportTemplate(NO_SUCH, NULL, NULL), E_INVALIDARG);
    CHECK_HR(IpcxExportTemplate(NULL, NULL, &file), E_INVALIDARG);
    CHECK_HR(IpcxExportTemplate(NO_SUCH, NULL, &file), WIN32(ERROR_NOT_FOUND));
    CHECK_HR(IpcxImportTemplate(NULL, 0, NULL, &id), E_INVALIDARG);
    CHECK_HR(IpcxImportTemplate(&empty, 2, NULL, &id), E_INVALIDARG);
    CHECK_HR(IpcxImportTemplate(&empty, 0, NULL, NULL), E_INVALIDARG);
    CHECK_HR(IpcxImportTemplate(&empty, 0, NULL, &id), WIN32(ERROR_INVALID_DATA));
    CHECK(one == NULL && list == NULL && file == NULL && id == NULL);
}

int main(void)
{
    RUN(a_template_comes_back_as_put);
    RUN(an_expiry_date_and_the_offline_days_of_the_organization);
    RUN(times_of_rights_are_kept);
    RUN(times_of_rights_that_make_no_sense);
    RUN(lists_hold_templates_of_the_language);
    RUN(lists_are_sorted);
    RUN(a_template_loses_print);
    RUN(an_ad_hoc_license_keeps_print);
    RUN(a_disabled_template_is_hidden_but_decides);
    RUN(a_deleted_template_freezes_its_last_policy);
    RUN(a_deleted_template_may_revoke);
    RUN(revoking_beats_a_use_license_at_hand);
    RUN(templates_are_offered_to_their_scope);
    RUN(default_templates_in_their_older_form);
    RUN(templates_travel_as_files);
    RUN(only_administrators);
    RUN(wrong_calls);
    return finish_tests();
}
