/* Worked cases and rules of the rights page that need templates, the directory or revocation, over time. Each test is named
 * after its case. The cases without time are in test_rights, test_directory, test_ready_made; test_use_license_clock has
 * those of use licenses alone.
 */
#include "over_time.h"

static const Entry VIEWS[] = {{BOB, "VIEW"}};
static const Entry VIEWS_AND_PRINTS[] = {{BOB, "VIEW PRINT"}};

/* Template loses PRINT; a user with a use license of 5 of 30 days asks for PRINT: TRUE until that one expires, FALSE from
 * the next.
 */
static void template_loses_print_while_a_use_license_is_held(void)
{
    Template memory;
    IPC_KEY_HANDLE key = NULL;
    PIPC_BUFFER license;
    LPCWSTR id;
    begin();
    id = put_plan(&memory, VIEWS_AND_PRINTS, 1, 30);
    license = protect_with_plan(id);
    CHECK(has_right(open_as(BOB, license), W("PRINT")) == TRUE);
    set_time(2024, 3, 6, 9, 0);
    change_plan(&memory, id, VIEWS, 1, 30);
    CHECK(has_right(open_as(BOB, license), W("PRINT")) == TRUE);
    set_time(2024, 3, 31, 8, 59);
    CHECK(has_right(open_as(BOB, license), W("PRINT")) == TRUE);
    REQUIRE_OK(try_open(BOB, license, IPC_PROMPT_FLAG_OFFLINE, &key));
    CHECK(has_right(key, W("PRINT")) == TRUE);
    set_time(2024, 3, 31, 9, 0);
    CHECK_HR(open_offline(BOB, license), IPCERROR_NEEDS_ONLINE);
    key = open_as(BOB, license);
    CHECK(has_right(key, W("VIEW")) == TRUE && has_right(key, W("PRINT")) == FALSE);
    /* Who has no use license in hand feels the change at once; so does what is protected later. */
    CHECK(has_right(open_as(BOB, protect_with_plan(id)), W("PRINT")) == FALSE);
}

/* The same for an ad-hoc license: TRUE for ever; only republishing changes it. */
static void ad_hoc_license_keeps_print_until_it_is_republished(void)
{
    static const Entry first[] = {{BOB, "VIEW PRINT EDITRIGHTSDATA"}};
    IPC_LICENSE_HANDLE draft;
    PIPC_BUFFER license, renewed;
    IPC_KEY_HANDLE key = NULL;
    begin();
    license = protect_with(0, first, 1).license;
    set_time(2034, 3, 1, 9, 0);
    CHECK(has_right(open_as(BOB, license), W("PRINT")) == TRUE);
    key = open_as(ALICE, license);
    draft = scratch_license();
    grant(draft, VIEWS, 1);
    set_property(draft, IPC_LI_CONTENT_KEY, (LPCVOID)key);
    renewed = serialize(draft).license;
    CHECK(has_right(open_as(BOB, renewed), W("PRINT")) == FALSE);
    CHECK(has_right(open_as(BOB, license), W("PRINT")) == TRUE);
}

/* Content revoked while a user holds a use license of 5 of 30 days, authority unreachable: still opens until the use
 * license expires; an online open is refused.
 */
static void content_revoked_while_a_use_license_is_held(void)
{
    PIPC_BUFFER license;
    license = held_in_march(VIEWS, 1, NULL, 30, BOB);
    set_time(2024, 3, 6, 9, 0);
    REQUIRE_OK(revoke_as(ALICE, license));
    CHECK_HR(open_offline(BOB, license), S_OK);
    CHECK_HR(open_online(BOB, license), IPCERROR_RIGHT_NOT_GRANTED);
    set_time(2024, 3, 31, 8, 59);
    CHECK_HR(open_offline(BOB, license), S_OK);
    set_time(2024, 3, 31, 9, 0);
    CHECK_HR(open_offline(BOB, license), IPCERROR_NEEDS_ONLINE);
    CHECK_HR(open_online(BOB, license), IPCERROR_RIGHT_NOT_GRANTED);
}

/* With a list at hand the same use license does not serve: the list beats it. The issuer's own revocation spares it. */
static void a_list_at_hand_beats_a_use_license(void)
{
    PIPC_BUFFER license;
    license = held_in_march(VIEWS, 1, CAROL, 30, ALICE);
    CHECK_HR(open_online(BOB, license), S_OK);
    REQUIRE_OK(revoke_as(ALICE, license));
    carry_list(7);
    CHECK_HR(open_offline(BOB, license), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK_HR(open_offline(ALICE, license), S_OK);
    /* Its next update is due: it says nothing any more, and nothing replaces it. */
    set_time(2024, 3, 8, 9, 0);
    CHECK_HR(open_offline(BOB, license), S_OK);
    CHECK_HR(open_online(BOB, license), IPCERROR_RIGHT_NOT_GRANTED);
}

/* Owner named by IPC_LI_OWNER is another account than the issuer; template has no PRINT: owner prints; owner cannot
 * revoke; issuer can.
 */
static void owner_prints_although_the_template_has_no_print(void)
{
    Template memory;
    IPC_USER owner = {IPC_USER_TYPE_EMAIL, DAVE};
    IPC_LICENSE_HANDLE draft = NULL;
    PIPC_BUFFER license;
    LPCWSTR id;
    begin();
    id = put_plan(&memory, VIEWS, 1, 0);
    act_as(ALICE);
    REQUIRE_OK(IpcCreateLicenseFromTemplateID(id, 0, NULL, &draft));
    my_handle((IPC_HANDLE)draft);
    set_property(draft, IPC_LI_OWNER, &owner);
    license = serialize(draft).license;
    CHECK(has_right(open_as(DAVE, license), W("PRINT")) == TRUE);
    CHECK(has_right(open_as(BOB, license), W("PRINT")) == FALSE);
    CHECK_HR(revoke_as(DAVE, license), E_ACCESSDENIED);
    CHECK_HR(open_online(BOB, license), S_OK);
    CHECK_HR(revoke_as(ALICE, license), S_OK);
    /* After revocation only the issuer keeps anything. */
    CHECK_HR(open_online(BOB, license), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK_HR(open_online(DAVE, license), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK(has_right(open_as(ALICE, license), W("EDIT")) == TRUE);
}

/* Super user enabled, not in the list, template expired: OWNER, one log line marked super-user. */
static void super_user_opens_what_an_expired_template_protects(void)
{
    Template memory;
    const IPCX_LOG_ENTRY *line = NULL;
    PIPC_BUFFER license;
    begin();
    put_account(DAVE, NULL, IPCX_ACCOUNT_SUPER_USER);
    new_template(&memory, W("Plans"), VIEWS, 1);
    memory.value.dwExpiry = IPCX_EXPIRY_DAYS;
    memory.value.dwExpiryDays = 10;
    license = protect_with_plan(put_template(&memory.value));
    set_time(2024, 3, 11, 9, 0);
    CHECK_HR(open_online(BOB, license), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK_HR(open_online(DAVE, license), IPCERROR_RIGHT_NOT_GRANTED);
    super_users(TRUE);
    CHECK(lines_about(license, DAVE, &line) == 1);
    CHECK_TEXT(line->wszResult, W("Expired"));
    CHECK(has_right(open_as(DAVE, license), W("OWNER")) == TRUE);
    CHECK(lines_about(license, DAVE, &line) == 2);
    CHECK_TEXT(line->wszAction, W("super-user"));
    CHECK_TEXT(line->wszRights, W("OWNER"));
    /* Each use is a line, although a use license is at hand. */
    CHECK(has_right(open_as(DAVE, license), W("EDIT")) == TRUE);
    CHECK(lines_about(license, DAVE, &line) == 3);
    super_users(FALSE);
    CHECK_HR(open_online(DAVE, license), IPCERROR_RIGHT_NOT_GRANTED);
}

/* Rule 2 and decision 7: a revocation does not hold for an enabled super user, whoever revoked. */
static void super_user_opens_what_was_revoked(void)
{
    PIPC_BUFFER license;
    begin();
    put_account(DAVE, NULL, IPCX_ACCOUNT_SUPER_USER);
    license = protect_in_march(VIEWS, 1, NULL, 30);
    REQUIRE_OK(revoke_as(ALICE, license));
    super_users(TRUE);
    CHECK(has_right(open_as(DAVE, license), W("OWNER")) == TRUE);
    carry_list(7);
    CHECK_HR(open_offline(DAVE, license), S_OK);
    super_users(FALSE);
    CHECK_HR(open_online(DAVE, license), IPCERROR_RIGHT_NOT_GRANTED);
}

/* Rule 3: before the start nobody but issuer, owner and an enabled super user. */
static void before_the_start_only_issuer_owner_and_super_user_open(void)
{
    PIPC_BUFFER license;
    begin();
    put_account(DAVE, NULL, IPCX_ACCOUNT_SUPER_USER);
    set_time(2024, 2, 28, 9, 0);
    act_as(NULL);
    REQUIRE_OK(IpcxResetClockMark(NULL));
    {
        static const Entry entries[] = {{BOB, "VIEW"}, {CAROL, "VIEW"}};
        license = protect_in_march(entries, COUNT(entries), CAROL, 30);
    }
    CHECK_HR(open_online(BOB, license), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK_HR(open_online(DAVE, license), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK_HR(open_online(ALICE, license), S_OK);
    CHECK(has_right(open_as(CAROL, license), W("VIEW")) == TRUE);
    super_users(TRUE);
    CHECK_HR(open_online(DAVE, license), S_OK);
    super_users(FALSE);
    set_time(2024, 3, 1, 0, 0);
    CHECK_HR(open_online(BOB, license), S_OK);
}

/* Rule 6: the template's current rights, validity and offline days apply each time a use license is issued. */
static void current_validity_and_days_of_a_template_apply(void)
{
    Template memory;
    PIPC_BUFFER license;
    LPCWSTR id;
    begin();
    new_template(&memory, W("Plans"), VIEWS, 1);
    memory.value.dwExpiry = IPCX_EXPIRY_DAYS;
    memory.value.dwExpiryDays = 10;
    memory.value.dwOfflineDays = 20;
    id = put_template(&memory.value);
    license = protect_with_plan(id);
    CHECK_HR(open_online(BOB, license), S_OK);
    /* Content expiry beats offline days for templates too. */
    set_time(2024, 3, 11, 8, 59);
    CHECK_HR(open_offline(BOB, license), S_OK);
    set_time(2024, 3, 11, 9, 0);
    CHECK_HR(open_offline(BOB, license), IPCERROR_NEEDS_ONLINE);
    CHECK_HR(open_online(BOB, license), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK(has_right(open_as(ALICE, license), W("EDIT")) == TRUE);
    /* Longer life, fewer days offline. */
    memory.value.wszID = id;
    memory.value.dwExpiryDays = 60;
    memory.value.dwOfflineDays = 5;
    put_template(&memory.value);
    CHECK_HR(open_online(BOB, license), S_OK);
    set_time(2024, 3, 16, 8, 59);
    CHECK_HR(open_offline(BOB, license), S_OK);
    set_time(2024, 3, 16, 9, 0);
    CHECK_HR(open_offline(BOB, license), IPCERROR_NEEDS_ONLINE);
    /* A date in the past. */
    memory.value.dwExpiry = IPCX_EXPIRY_DATE;
    memory.value.dwExpiryDays = 0;
    memory.value.ftExpiry = filetime_of(ticks_of(2024, 3, 15, 0, 0));
    put_template(&memory.value);
    CHECK_HR(open_online(BOB, license), IPCERROR_RIGHT_NOT_GRANTED);
}

/* Rule 7 and decision 8: never more than the tenant's maximum, for templates and for licenses from scratch. */
static void offline_days_are_at_most_the_tenants_maximum(void)
{
    Template memory;
    PIPC_BUFFER licenses[2];
    size_t i;
    begin();
    REQUIRE_OK(IpcxSetTenantSetting(IPCX_SETTING_OFFLINE_DAYS_MAX, 3, NULL));
    licenses[0] = protect_with_plan(put_plan(&memory, VIEWS, 1, 20));
    licenses[1] = protect_in_march(VIEWS, 1, NULL, 20);
    for (i = 0; i < COUNT(licenses); i++)
        CHECK_HR(open_online(BOB, licenses[i]), S_OK);
    set_time(2024, 3, 4, 8, 59);
    for (i = 0; i < COUNT(licenses); i++)
        CHECK_HR(open_offline(BOB, licenses[i]), S_OK);
    set_time(2024, 3, 4, 9, 0);
    for (i = 0; i < COUNT(licenses); i++)
        CHECK_HR(open_offline(BOB, licenses[i]), IPCERROR_NEEDS_ONLINE);
    act_as(NULL);
    REQUIRE_OK(IpcxSetTenantSetting(IPCX_SETTING_OFFLINE_DAYS_MAX, 30, NULL));
}

/* Rule 7: issuer and owner can always open offline, whatever the days and the expiry, also when they are super users. */
static void issuer_and_owner_always_open_offline(void)
{
    static const LPCWSTR both[] = {ALICE, CAROL};
    Template memory;
    IPC_USER owner = {IPC_USER_TYPE_EMAIL, CAROL};
    int super;
    size_t i;
    for (super = 0; super <= 1; super++) {
        IPC_LICENSE_HANDLE draft = NULL;
        PIPC_BUFFER license;
        LPCWSTR id;
        begin();
        super_users(TRUE);
        for (i = 0; i < COUNT(both); i++)
            put_account(both[i], NULL, super ? IPCX_ACCOUNT_SUPER_USER : 0);
        id = put_plan(&memory, VIEWS, 1, 0);
        memory.value.wszID = id;
        memory.value.dwExpiry = IPCX_EXPIRY_DAYS;
        memory.value.dwExpiryDays = 10;
        put_template(&memory.value);
        act_as(ALICE);
        REQUIRE_OK(IpcCreateLicenseFromTemplateID(id, 0, NULL, &draft));
        my_handle((IPC_HANDLE)draft);
        set_property(draft, IPC_LI_OWNER, &owner);
        license = serialize_with(draft, IPC_SL_FLAG_KEY_NO_PERSIST).license;
        CHECK_HR(open_online(BOB, license), S_OK);
        for (i = 0; i < COUNT(both); i++)
            CHECK_HR(open_online(both[i], license), S_OK);
        set_time(2027, 1, 1, 0, 0);
        CHECK_HR(open_offline(BOB, license), IPCERROR_NEEDS_ONLINE);
        for (i = 0; i < COUNT(both); i++)
            CHECK_HR(open_offline(both[i], license), S_OK);
        super_users(FALSE);
    }
}

/* Rule 7 for the rest: a super user opens offline for the days of the policy, whatever the end of the content. */
static void super_user_opens_offline_for_the_usual_days(void)
{
    PIPC_BUFFER license;
    begin();
    put_account(DAVE, NULL, IPCX_ACCOUNT_SUPER_USER);
    license = protect_in_march(VIEWS, 1, NULL, 7);
    super_users(TRUE);
    set_time(2024, 5, 1, 9, 0);
    CHECK_HR(open_online(DAVE, license), S_OK);
    set_time(2024, 5, 8, 8, 59);
    CHECK_HR(open_offline(DAVE, license), S_OK);
    set_time(2024, 5, 8, 9, 0);
    CHECK_HR(open_offline(DAVE, license), IPCERROR_NEEDS_ONLINE);
    super_users(FALSE);
}

int main(void)
{
    RUN(template_loses_print_while_a_use_license_is_held);
    RUN(ad_hoc_license_keeps_print_until_it_is_republished);
    RUN(content_revoked_while_a_use_license_is_held);
    RUN(a_list_at_hand_beats_a_use_license);
    RUN(owner_prints_although_the_template_has_no_print);
    RUN(super_user_opens_what_an_expired_template_protects);
    RUN(super_user_opens_what_was_revoked);
    RUN(before_the_start_only_issuer_owner_and_super_user_open);
    RUN(current_validity_and_days_of_a_template_apply);
    RUN(offline_days_are_at_most_the_tenants_maximum);
    RUN(issuer_and_owner_always_open_offline);
    RUN(super_user_opens_offline_for_the_usual_days);
    return finish_tests();
}
