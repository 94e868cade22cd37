/* Decisions about policy, use licenses and the store that show over time. Each test is named after what was decided; those
 * without time are in the programs of their subject.
 */
#include "over_time.h"
#include "tokens.h"

#define STAFF W("staff@contoso.example")
#define ROBERT W("robert@contoso.example")

static const Entry VIEWS[] = {{BOB, "VIEW"}};

/* Decision 6: off from scratch, always on for templates. */
static void owner_has_full_access_by_templates_and_only_if_asked_from_scratch(void)
{
    static const Entry entries[] = {{BOB, "VIEW"}, {CAROL, "VIEW"}};
    Template memory;
    IPC_LICENSE_HANDLE draft = NULL;
    IPC_USER owner = {IPC_USER_TYPE_EMAIL, CAROL};
    PIPC_BUFFER license;
    IPC_KEY_HANDLE key;
    LPCWSTR id;
    begin();
    license = protect_in_march(entries, COUNT(entries), CAROL, 30);
    key = open_as(CAROL, license);
    CHECK(has_right(key, W("VIEW")) == TRUE && has_right(key, W("OWNER")) == FALSE);
    id = put_plan(&memory, VIEWS, 1, 30);
    act_as(ALICE);
    REQUIRE_OK(IpcCreateLicenseFromTemplateID(id, 0, NULL, &draft));
    my_handle((IPC_HANDLE)draft);
    set_property(draft, IPC_LI_OWNER, &owner);
    CHECK(has_right(open_as(CAROL, serialize(draft).license), W("OWNER")) == TRUE);
}

/* Decision 9: the interval is the life of the use license and never ends the content. */
static void interval_is_the_life_of_the_use_license(void)
{
    Protected made;
    IPC_LICENSE_HANDLE draft;
    IPC_KEY_HANDLE key;
    DWORD days = 2;
    begin();
    act_as(ALICE);
    draft = scratch_license();
    grant(draft, VIEWS, 1);
    set_property(draft, IPC_LI_INTERVAL_TIME, &days);
    made = serialize(draft);
    set_time(2034, 3, 1, 9, 0);
    key = open_as(BOB, made.license);
    set_time(2034, 3, 3, 8, 59);
    CHECK_HR(open_offline(BOB, made.license), S_OK);
    CHECK(has_right(key, W("VIEW")) == TRUE);
    set_time(2034, 3, 3, 9, 0);
    CHECK_HR(open_offline(BOB, made.license), IPCERROR_NEEDS_ONLINE);
    CHECK(has_right(key, W("VIEW")) == FALSE);
    CHECK(has_right(open_as(BOB, made.license), W("VIEW")) == TRUE);
}

/* Decision 10: inside the offline period rights are not evaluated again, online or offline. */
static void rights_are_not_evaluated_again_inside_the_offline_period(void)
{
    static const Entry entries[] = {{STAFF, "VIEW PRINT"}};
    PIPC_BUFFER license;
    begin();
    put_group(STAFF, BOB, NULL);
    license = protect_in_march(entries, 1, NULL, 5);
    CHECK_HR(open_online(BOB, license), S_OK);
    act_as(NULL);
    REQUIRE_OK(IpcxRemoveGroupMember(STAFF, BOB, NULL));
    set_time(2024, 3, 6, 8, 59);
    CHECK_HR(open_offline(BOB, license), S_OK);
    CHECK(has_right(open_as(BOB, license), W("PRINT")) == TRUE);
    set_time(2024, 3, 6, 9, 0);
    CHECK_HR(open_online(BOB, license), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK_HR(open_offline(BOB, license), IPCERROR_NEEDS_ONLINE);
    act_as(NULL);
    REQUIRE_OK(IpcxDeleteGroup(STAFF, NULL));
}

/* Decision 12: disabled, a template still decides with what it says now; deleted, with what it said last. */
static void disabled_and_deleted_templates_decide_by_their_current_and_last_policy(void)
{
    Template memory;
    PIPC_BUFFER license, none;
    LPCWSTR id;
    begin();
    id = put_plan(&memory, VIEWS, 1, 0);
    license = protect_with_plan(id);
    act_as(NULL);
    REQUIRE_OK(IpcxSetTemplateEnabled(id, FALSE, NULL));
    CHECK_HR(publish_as(ALICE, id, &none), WIN32(ERROR_NOT_FOUND));
    new_template(&memory, W("Plans"), VIEWS, 1);
    memory.value.wszID = id;
    memory.value.dwFlags = IPCX_TEMPLATE_DISABLED;
    memory.value.dwExpiry = IPCX_EXPIRY_DAYS;
    memory.value.dwExpiryDays = 10;
    put_template(&memory.value);
    CHECK_HR(open_online(BOB, license), S_OK);
    act_as(NULL);
    REQUIRE_OK(IpcxDeleteTemplate(id, 0, NULL));
    set_time(2024, 3, 11, 8, 59);
    CHECK_HR(open_online(BOB, license), S_OK);
    set_time(2024, 3, 11, 9, 0);
    CHECK_HR(open_online(BOB, license), IPCERROR_RIGHT_NOT_GRANTED);
}

/* Decision 12: deleting may revoke instead. That is an administrator's word, which binds the issuer too. */
static void a_template_deleted_with_its_content_revokes_for_the_issuer_too(void)
{
    Template memory;
    PIPC_BUFFER license;
    LPCWSTR id;
    begin();
    id = put_plan(&memory, VIEWS, 1, 7);
    license = protect_with_plan(id);
    CHECK_HR(open_online(BOB, license), S_OK);
    act_as(NULL);
    REQUIRE_OK(IpcxDeleteTemplate(id, IPCX_DELETE_TEMPLATE_REVOKE, NULL));
    CHECK_HR(open_online(BOB, license), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK_HR(open_online(ALICE, license), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK_HR(open_offline(BOB, license), S_OK);
    set_time(2024, 3, 8, 9, 0);
    CHECK_HR(open_offline(BOB, license), IPCERROR_NEEDS_ONLINE);
}

/* Decision 13: across issuers only administrators revoke, and theirs holds for the issuer. */
static void an_administrators_revocation_holds_for_the_issuer(void)
{
    PIPC_BUFFER license;
    license = held_in_march(VIEWS, 1, NULL, 30, ALICE);
    CHECK_HR(revoke_as(CAROL, license), E_ACCESSDENIED);
    CHECK_HR(revoke_as(NULL, license), S_OK);
    CHECK_HR(open_online(ALICE, license), IPCERROR_RIGHT_NOT_GRANTED);
    carry_list(7);
    CHECK_HR(open_offline(ALICE, license), IPCERROR_RIGHT_NOT_GRANTED);
}

/* Decision 14: a list that is due for its next update is not taken, and a lower number than seen is refused. */
static void overdue_and_older_lists_are_refused(void)
{
    PIPC_BUFFER first = NULL, second = NULL;
    begin();
    REQUIRE_OK(IpcxExportRevocationList(2, NULL, &first));
    mine(first);
    REQUIRE_OK(IpcxExportRevocationList(2, NULL, &second));
    mine(second);
    set_time(2024, 3, 3, 8, 59);
    CHECK_HR(IpcxImportRevocationList(second), S_OK);
    CHECK_HR(IpcxImportRevocationList(first), E_INVALIDARG);
    set_time(2024, 3, 3, 9, 0);
    CHECK_HR(IpcxImportRevocationList(second), E_INVALIDARG);
}

/* Decision 15: access checks answer as of now; encrypting and decrypting on an open handle go on. */
static void work_on_an_open_handle_goes_on_after_expiry(void)
{
    static const Entry entries[] = {{BOB, "VIEW EDIT"}};
    PIPC_BUFFER license;
    IPC_KEY_HANDLE key;
    BYTE plain[64], sealed[128], opened[128];
    DWORD length = 0, got = 0;
    begin();
    license = protect_in_march(entries, 1, NULL, 30);
    key = open_as(BOB, license);
    set_time(2024, 4, 1, 0, 0);
    CHECK(has_right(key, W("VIEW")) == FALSE && has_right(key, W("EDIT")) == FALSE);
    fill(plain, sizeof plain, 9);
    REQUIRE_OK(IpcEncrypt(key, 0, TRUE, plain, sizeof plain, sealed, sizeof sealed, &length));
    REQUIRE_OK(IpcDecrypt(key, 0, TRUE, sealed, length, opened, sizeof opened, &got));
    CHECK(got == sizeof plain && memcmp(plain, opened, got) == 0);
    CHECK_HR(open_online(BOB, license), IPCERROR_RIGHT_NOT_GRANTED);
}

/* Decision 16: from and until are rounded down to the minute. */
static void terms_are_rounded_down_to_the_minute(void)
{
    IPC_LICENSE_HANDLE draft;
    IPC_TERM term;
    PIPC_BUFFER license;
    begin();
    act_as(ALICE);
    draft = scratch_license();
    grant(draft, VIEWS, 1);
    term.ftStart = filetime_of(ticks_of(2024, 3, 2, 10, 0) + 59 * (TICKS_PER_MINUTE / 60));
    term.qwDuration = 60 * TICKS_PER_MINUTE + 59 * (TICKS_PER_MINUTE / 60);
    set_property(draft, IPC_LI_VALIDITY_TIME, &term);
    license = serialize(draft).license;
    set_time(2024, 3, 2, 9, 59);
    CHECK_HR(open_online(BOB, license), IPCERROR_RIGHT_NOT_GRANTED);
    set_time(2024, 3, 2, 10, 0);
    CHECK_HR(open_online(BOB, license), S_OK);
    set_time(2024, 3, 2, 11, 0);
    CHECK_HR(open_online(BOB, license), S_OK);
    set_time(2024, 3, 2, 11, 1);
    CHECK_HR(open_online(BOB, license), IPCERROR_RIGHT_NOT_GRANTED);
}

/* Decision 24: a use license belongs to one account, by whichever address, and one license. */
static void use_licenses_are_kept_by_account_and_license(void)
{
    static const Entry entries[] = {{BOB, "VIEW"}, {CAROL, "VIEW"}};
    PIPC_BUFFER license, other;
    begin();
    put_account(BOB, ROBERT, 0);
    license = protect_in_march(entries, COUNT(entries), NULL, 30);
    other = protect_in_march(entries, COUNT(entries), NULL, 30);
    CHECK_HR(open_online(BOB, license), S_OK);
    restart();
    CHECK_HR(open_offline(ROBERT, license), S_OK);
    CHECK_HR(open_offline(CAROL, license), IPCERROR_NEEDS_ONLINE);
    CHECK_HR(open_offline(BOB, other), IPCERROR_NEEDS_ONLINE);
    /* The alias moves to Carol, and with it nothing of Bob's. */
    put_account(BOB, NULL, 0);
    put_account(CAROL, ROBERT, 0);
    CHECK_HR(open_offline(ROBERT, license), IPCERROR_NEEDS_ONLINE);
    CHECK_HR(open_offline(BOB, license), S_OK);
    act_as(NULL);
    REQUIRE_OK(IpcxDeleteAccount(CAROL, NULL));
    REQUIRE_OK(IpcxDeleteAccount(BOB, NULL));
}

/* Decision 29: behind the clock the authority still decides and issues a fresh use license, which serves once the clock
 * is right.
 */
static void behind_the_clock_the_authority_still_decides(void)
{
    PIPC_BUFFER license;
    begin();
    license = protect_in_march(VIEWS, 1, NULL, 30);
    set_time(2024, 3, 20, 9, 0);
    CHECK_HR(open_online(BOB, license), S_OK);
    set_time(2024, 3, 10, 9, 0);
    CHECK_HR(open_offline(BOB, license), IPCERROR_CLOCK_ROLL_BACK_DETECTED);
    CHECK(has_right(open_as(BOB, license), W("VIEW")) == TRUE);
    CHECK_HR(open_offline(BOB, license), IPCERROR_CLOCK_ROLL_BACK_DETECTED);
    set_time(2024, 3, 20, 9, 1);
    CHECK_HR(open_offline(BOB, license), S_OK);
}

/* Decision 30: every 256 lines the count is kept; verifying finds all of them. */
static void the_log_verifies_over_several_checkpoints(void)
{
    DWORD64 before = 0, after = 0;
    PIPC_BUFFER license, checkpoint = NULL;
    int i, count = rounds(600);
    begin();
    REQUIRE_OK(IpcxGetUsageLogCheckpoint(NULL, &checkpoint));
    mine(checkpoint);
    REQUIRE_OK(IpcxVerifyUsageLog(NULL, NULL, &before));
    license = protect_in_march(VIEWS, 1, NULL, 0);
    for (i = 0; i < count; i++)
        CHECK_HR(open_online(i % 2 ? BOB : CAROL, license), i % 2 ? S_OK : IPCERROR_RIGHT_NOT_GRANTED);
    act_as(NULL);
    REQUIRE_OK(IpcxVerifyUsageLog(checkpoint, NULL, &after));
    CHECK(after >= before + 1 + (DWORD64)count);
}

typedef struct {
    IPC_PROMPT_CTX prompt;
    IPC_CREDENTIAL credential;
    IPC_OAUTH2_CALLBACK_INFO callback;
} Login;

static HRESULT CALLBACK log_in(LPVOID context, PIPC_NAME_VALUE_LIST challenge, IPC_AUTH_TOKEN_HANDLE *token)
{
    (void)challenge;
    return IpcCreateOAuth2Token((LPCWSTR)context, token);
}

static HRESULT open_with_token(LPCWSTR token, PCIPC_BUFFER license)
{
    IPC_KEY_HANDLE key = NULL;
    HRESULT result;
    Login login;
    memset(&login, 0, sizeof login);
    login.callback.cbSize = sizeof login.callback;
    login.callback.pfnCallback = log_in;
    login.callback.pvContext = (LPVOID)(size_t)token;
    login.credential.dwType = IPC_CREDENTIAL_TYPE_OAUTH2;
    login.credential.pcOAuth2 = &login.callback;
    login.prompt.cbSize = sizeof login.prompt;
    login.prompt.pcCredential = &login.credential;
    result = IpcGetKey(license, 0, &login.prompt, NULL, &key);
    my_handle((IPC_HANDLE)key);
    return result;
}

/* Decision 31: a token is good until its exp, with five minutes of skew. The one of the tests ends with the year 2099. */
static void tokens_end_five_minutes_after_their_time(void)
{
    static const LPCWSTR domain = W("contoso.example");
    IPCX_TOKEN_ISSUER issuer;
    Protected made;
    begin();
    memset(&issuer, 0, sizeof issuer);
    issuer.cbSize = sizeof issuer;
    issuer.wszName = W("login");
    issuer.wszIssuer = W("https://login.example/");
    issuer.wszAudience = W("msipc-tests");
    issuer.wszKeySet = SHARED_KEYS;
    issuer.rgwszDomains = &domain;
    issuer.cDomains = 1;
    REQUIRE_OK(IpcxPutTokenIssuer(&issuer, NULL));
    made = protect_for(BOB, "VIEW");
    CHECK_HR(open_with_token(TOKEN_BOB, made.license), S_OK);
    set_time(2100, 1, 1, 0, 4);
    CHECK_HR(open_with_token(TOKEN_BOB, made.license), S_OK);
    set_time(2100, 1, 1, 0, 5);
    CHECK_HR(open_with_token(TOKEN_BOB, made.license), WIN32(ERROR_NOT_AUTHENTICATED));
    act_as(NULL);
    REQUIRE_OK(IpcxDeleteTokenIssuer(W("login"), NULL));
}

int main(void)
{
    RUN(owner_has_full_access_by_templates_and_only_if_asked_from_scratch);
    RUN(interval_is_the_life_of_the_use_license);
    RUN(rights_are_not_evaluated_again_inside_the_offline_period);
    RUN(disabled_and_deleted_templates_decide_by_their_current_and_last_policy);
    RUN(a_template_deleted_with_its_content_revokes_for_the_issuer_too);
    RUN(an_administrators_revocation_holds_for_the_issuer);
    RUN(overdue_and_older_lists_are_refused);
    RUN(work_on_an_open_handle_goes_on_after_expiry);
    RUN(terms_are_rounded_down_to_the_minute);
    RUN(use_licenses_are_kept_by_account_and_license);
    RUN(behind_the_clock_the_authority_still_decides);
    RUN(the_log_verifies_over_several_checkpoints);
    RUN(tokens_end_five_minutes_after_their_time);
    return finish_tests();
}
