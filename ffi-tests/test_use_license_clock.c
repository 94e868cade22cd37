/* Use licenses over time: the worked cases of the rights page that need no administration, offline use, the flags that
 * say where use licenses are kept, and a clock that is set back. The time is the test's.
 */
#include "over_time.h"

static void issuer_opens_own_document_a_year_after_its_expiry_date(void)
{
    static const Entry entries[] = {{BOB, "VIEW"}};
    PIPC_BUFFER license;
    begin();
    license = protect_in_march(entries, 1, NULL, -1);
    set_time(2025, 4, 1, 0, 0);
    CHECK(has_right(open_as(ALICE, license), W("EDIT")) == TRUE);
    set_time(2030, 4, 1, 0, 0);
    CHECK_HR(open_offline(ALICE, license), S_OK);
}

static void content_expiry_beats_offline_days(void)
{
    static const Entry entries[] = {{BOB, "VIEW"}};
    PIPC_BUFFER license;
    IPC_KEY_HANDLE key;
    begin();
    license = protect_in_march(entries, 1, NULL, 30);
    set_time(2024, 3, 31, 0, 0);
    key = open_as(BOB, license);
    set_time(2024, 3, 31, 23, 59);
    CHECK_HR(open_offline(BOB, license), S_OK);
    CHECK(has_right(key, W("VIEW")) == TRUE);
    set_time(2024, 4, 2, 0, 0);
    CHECK_HR(open_offline(BOB, license), IPCERROR_NEEDS_ONLINE);
    CHECK_HR(open_online(BOB, license), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK(has_right(key, W("VIEW")) == FALSE);
}

static void ad_hoc_license_keeps_print_for_ever(void)
{
    Protected made;
    static const int years[] = {2024, 2025, 2034};
    size_t i;
    begin();
    made = protect_for(BOB, "VIEW PRINT");
    for (i = 0; i < COUNT(years); i++) {
        set_time(years[i], 6, 1, 0, 0);
        CHECK(has_right(open_as(BOB, made.license), W("pRiNt")) == TRUE);
    }
}

static void owner_opens_offline_whatever_the_term_and_the_days(void)
{
    static const Entry entries[] = {{BOB, "VIEW"}, {CAROL, "VIEW PRINT"}};
    PIPC_BUFFER license;
    license = held_in_march(entries, COUNT(entries), CAROL, 0, BOB);
    CHECK_HR(open_online(CAROL, license), S_OK);
    CHECK_HR(open_offline(BOB, license), IPCERROR_NEEDS_ONLINE);
    set_time(2026, 1, 1, 0, 0);
    CHECK_HR(open_offline(CAROL, license), S_OK);
    CHECK(has_right(open_as(CAROL, license), W("PRINT")) == TRUE);
}

static void offline_days_are_those_of_the_policy_and_at_most_thirty(void)
{
    /* Days of the license, and the last day in March on which Bob opens offline at 9:00 less a minute. */
    static const struct {
        int days, last;
    } cases[] = {{-1, 31}, {7, 8}, {1, 2}, {90, 31}};
    size_t i;
    for (i = 0; i < COUNT(cases); i++) {
        IPC_LICENSE_HANDLE license;
        Entry entry = {BOB, "VIEW"};
        Protected made;
        begin();
        act_as(ALICE);
        license = scratch_license();
        grant(license, &entry, 1);
        if (cases[i].days >= 0) {
            DWORD days = (DWORD)cases[i].days;
            set_property(license, IPC_LI_INTERVAL_TIME, &days);
        }
        made = serialize(license);
        CHECK_HR(open_online(BOB, made.license), S_OK);
        set_time(2024, 3, cases[i].last, 8, 59);
        CHECK_HR(open_offline(BOB, made.license), S_OK);
        set_time(2024, 3, cases[i].last, 9, 0);
        CHECK_HR(open_offline(BOB, made.license), IPCERROR_NEEDS_ONLINE);
        CHECK_HR(open_online(BOB, made.license), S_OK);
        CHECK_HR(open_offline(BOB, made.license), S_OK);
    }
}

static void interval_zero_asks_each_time(void)
{
    static const Entry entries[] = {{BOB, "VIEW"}};
    PIPC_BUFFER license;
    license = held_in_march(entries, 1, NULL, 0, BOB);
    CHECK_HR(open_offline(BOB, license), IPCERROR_NEEDS_ONLINE);
}

static void publishers_use_license_is_kept_as_the_flags_allow(void)
{
    static const struct {
        DWORD flags;
        HRESULT at_once, later;
    } cases[] = {
        {IPC_SL_FLAG_DEFAULT, S_OK, S_OK},
        {IPC_SL_FLAG_KEY_NO_PERSIST_DISK, S_OK, IPCERROR_NEEDS_ONLINE},
        {IPC_SL_FLAG_KEY_NO_PERSIST, IPCERROR_NEEDS_ONLINE, IPCERROR_NEEDS_ONLINE},
        {IPC_SL_FLAG_KEY_NO_PERSIST_LICENSE, IPCERROR_NEEDS_ONLINE, IPCERROR_NEEDS_ONLINE},
        {IPC_SL_FLAG_KEY_NO_PERSIST_DISK | IPC_SL_FLAG_KEY_NO_PERSIST, IPCERROR_NEEDS_ONLINE, IPCERROR_NEEDS_ONLINE},
    };
    size_t i;
    for (i = 0; i < COUNT(cases); i++) {
        IPC_LICENSE_HANDLE license;
        Entry entry = {BOB, "VIEW"};
        Protected made;
        begin();
        act_as(ALICE);
        license = scratch_license();
        grant(license, &entry, 1);
        made = serialize_with(license, cases[i].flags);
        CHECK_HR(open_offline(ALICE, made.license), cases[i].at_once);
        restart();
        CHECK_HR(open_offline(ALICE, made.license), cases[i].later);
        CHECK_HR(open_online(ALICE, made.license), S_OK);
        CHECK_HR(open_offline(ALICE, made.license), S_OK);
        CHECK_HR(open_offline(BOB, made.license), IPCERROR_NEEDS_ONLINE);
    }
}

static void use_license_stays_off_the_disk_when_asked(void)
{
    Protected made;
    IPC_KEY_HANDLE key = NULL;
    begin();
    made = protect_for(BOB, "VIEW");
    act_as(BOB);
    REQUIRE_OK(IpcGetKey(made.license, IPC_GK_FLAG_NO_PERSIST_DISK, NULL, NULL, &key));
    my_handle((IPC_HANDLE)key);
    CHECK_HR(open_offline(BOB, made.license), S_OK);
    restart();
    CHECK_HR(open_offline(BOB, made.license), IPCERROR_NEEDS_ONLINE);
    CHECK_HR(open_online(BOB, made.license), S_OK);
    restart();
    CHECK_HR(open_offline(BOB, made.license), S_OK);
}

/* What opens offline is the same key with the same rights. */
static void kept_use_license_decrypts(void)
{
    Protected made;
    IPC_KEY_HANDLE key = NULL;
    BYTE plain[100], sealed[256], opened[256];
    DWORD length = 0, got = 0;
    begin();
    made = protect_for(BOB, "VIEW ACME.STAMP");
    fill(plain, sizeof plain, 5);
    REQUIRE_OK(IpcEncrypt(made.key, 0, TRUE, plain, sizeof plain, sealed, sizeof sealed, &length));
    CHECK_HR(open_online(BOB, made.license), S_OK);
    restart();
    set_time(2024, 3, 20, 0, 0);
    REQUIRE_OK(try_open(BOB, made.license, IPC_PROMPT_FLAG_OFFLINE, &key));
    REQUIRE_OK(IpcDecrypt(key, 0, TRUE, sealed, length, opened, sizeof opened, &got));
    CHECK(got == sizeof plain && memcmp(opened, plain, sizeof plain) == 0);
    CHECK(has_right(key, W("acme.stamp")) == TRUE && has_right(key, W("PRINT")) == FALSE);
    CHECK_HR(IpcEncrypt(key, 0, TRUE, plain, sizeof plain, sealed, sizeof sealed, &length), IPCERROR_RIGHT_NOT_GRANTED);
}

static void clock_set_back_is_noticed(void)
{
    Protected made;
    begin();
    made = protect_for(BOB, "VIEW");
    CHECK_HR(open_online(BOB, made.license), S_OK);
    set_time(2024, 3, 20, 9, 0);
    CHECK_HR(open_offline(BOB, made.license), S_OK);
    set_time(2024, 3, 20, 8, 55);
    CHECK_HR(open_offline(BOB, made.license), S_OK);
    set_time(2024, 3, 20, 8, 54);
    CHECK_HR(open_offline(BOB, made.license), IPCERROR_CLOCK_ROLL_BACK_DETECTED);
    restart();
    CHECK_HR(open_offline(BOB, made.license), IPCERROR_CLOCK_ROLL_BACK_DETECTED);
    CHECK_HR(open_online(BOB, made.license), S_OK);
}

static void clock_set_back_does_not_extend_a_license(void)
{
    static const Entry entries[] = {{BOB, "VIEW"}};
    PIPC_BUFFER license;
    license = held_in_march(entries, 1, NULL, -1, BOB);
    set_time(2024, 4, 1, 0, 0);
    CHECK_HR(open_offline(BOB, license), IPCERROR_NEEDS_ONLINE);
    set_time(2024, 3, 2, 0, 0);
    CHECK_HR(open_offline(BOB, license), IPCERROR_CLOCK_ROLL_BACK_DETECTED);
}

static void administrators_accept_the_present_moment(void)
{
    Protected made;
    IPC_PROMPT_CTX prompt;
    begin();
    made = protect_for(BOB, "VIEW");
    CHECK_HR(open_online(BOB, made.license), S_OK);
    set_time(2099, 1, 1, 0, 0);
    CHECK_HR(open_offline(BOB, made.license), IPCERROR_NEEDS_ONLINE);
    set_time(2024, 3, 2, 0, 0);
    CHECK_HR(open_offline(BOB, made.license), IPCERROR_CLOCK_ROLL_BACK_DETECTED);
    act_as(BOB);
    CHECK_HR(IpcxResetClockMark(NULL), E_ACCESSDENIED);
    CHECK_HR(open_offline(BOB, made.license), IPCERROR_CLOCK_ROLL_BACK_DETECTED);
    act_as(NULL);
    memset(&prompt, 0, sizeof prompt);
    prompt.cbSize = sizeof prompt.cbSize;
    CHECK_HR(IpcxResetClockMark(&prompt), E_INVALIDARG);
    prompt.cbSize = sizeof prompt;
    prompt.dwFlags = 0x40000000;
    CHECK_HR(IpcxResetClockMark(&prompt), E_INVALIDARG);
    CHECK_HR(open_offline(BOB, made.license), IPCERROR_CLOCK_ROLL_BACK_DETECTED);
    act_as(NULL);
    prompt.dwFlags = IPC_PROMPT_FLAG_SILENT;
    CHECK_HR(IpcxResetClockMark(&prompt), S_OK);
    CHECK_HR(open_offline(BOB, made.license), S_OK);
}

static void time_of_issue_is_the_tests(void)
{
    Protected made;
    LPVOID issued = NULL;
    FILETIME expected = filetime_of(ticks_of(2024, 3, 1, 9, 0));
    begin();
    made = protect_for(BOB, "VIEW");
    REQUIRE_OK(IpcGetSerializedLicenseProperty(made.license, IPC_LI_ISSUED_TIME, NULL, 0, &issued));
    CHECK(memcmp(mine(issued), &expected, sizeof expected) == 0);
    CHECK_HR(IpcxTestSetTime(NULL), S_OK);
    issued = NULL;
    made = protect_for(BOB, "VIEW");
    REQUIRE_OK(IpcGetSerializedLicenseProperty(made.license, IPC_LI_ISSUED_TIME, NULL, 0, &issued));
    CHECK(memcmp(mine(issued), &expected, sizeof expected) != 0);
}

int main(void)
{
    RUN(issuer_opens_own_document_a_year_after_its_expiry_date);
    RUN(content_expiry_beats_offline_days);
    RUN(ad_hoc_license_keeps_print_for_ever);
    RUN(owner_opens_offline_whatever_the_term_and_the_days);
    RUN(offline_days_are_those_of_the_policy_and_at_most_thirty);
    RUN(interval_zero_asks_each_time);
    RUN(publishers_use_license_is_kept_as_the_flags_allow);
    RUN(use_license_stays_off_the_disk_when_asked);
    RUN(kept_use_license_decrypts);
    RUN(clock_set_back_is_noticed);
    RUN(clock_set_back_does_not_extend_a_license);
    RUN(administrators_accept_the_present_moment);
    RUN(time_of_issue_is_the_tests);
    return finish_tests();
}
