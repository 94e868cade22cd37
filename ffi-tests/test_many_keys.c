/* Many open keys, and keys opened and closed for long: what they take of memory. */
#include "fixtures.h"
#include "resident.h"

enum { MANY = 100000 };
static IPC_KEY_HANDLE keys[MANY];

/* Opens keys of some licenses in turn, looks what they take, and closes them. */
static void open_many(const Protected *licenses, int license_count, int count, size_t most)
{
    size_t before = resident();
    BOOL granted;
    int i;
    for (i = 0; i < count; i++)
        REQUIRE_OK(IpcGetKey(licenses[i % license_count].license, 0, NULL, NULL, &keys[i]));
    grown_at_most(before, most);
    for (i = 0; i < count; i += count / 50) {
        granted = FALSE;
        CHECK_HR(IpcAccessCheck(keys[i], W("VIEW"), &granted), S_OK);
        CHECK(granted);
    }
    for (i = 0; i < count; i++)
        REQUIRE_OK(IpcCloseHandle((IPC_HANDLE)keys[i]));
    CHECK_HR(IpcAccessCheck(keys[count / 2], W("VIEW"), &granted), E_HANDLE);
}

/* A license takes some 20 KB, a key of it must not. */
static void keys_of_one_license_share_it(void)
{
    Protected made = protect_for(BOB, "VIEW EDIT");
    int count = rounds_in_memory(MANY);
    act_as(BOB);
    open_many(&made, 1, count, (size_t)count * 400);
}

/* Also when nothing may be kept and each key was asked for. */
static void keys_that_were_asked_for_share_it_too(void)
{
    static const Entry entry = {BOB, "VIEW EDIT"};
    enum { ASKED = 3000 };
    IPC_LICENSE_HANDLE license;
    Protected made;
    DWORD days = 0;
    int count = rounds_in_memory(ASKED);
    act_as(ALICE);
    license = scratch_license();
    grant(license, &entry, 1);
    set_property(license, IPC_LI_INTERVAL_TIME, &days);
    made = serialize(license);
    act_as(BOB);
    open_many(&made, 1, count, (size_t)count * 1000 + ((size_t)1 << 20));
}

/* More licenses than are held for their own sake. */
static void keys_of_many_licenses_share_each(void)
{
    enum { LICENSES = 400, EACH = 25 };
    static Protected made[LICENSES];
    int i, count = rounds_in_memory(LICENSES);
    for (i = 0; i < count; i++)
        made[i] = protect_for(BOB, "VIEW EDIT");
    act_as(BOB);
    open_many(made, count, count * EACH, (size_t)count * 100000 + (size_t)count * EACH * 400);
}

static void keys_opened_and_closed_leave_nothing(void)
{
    Protected made = protect_for(BOB, "VIEW EDIT");
    size_t before = 0;
    int i, count = rounds_in_memory(60000);
    act_as(BOB);
    for (i = 0; i < count; i++) {
        IPC_KEY_HANDLE key = NULL;
        if (i == count / 6)
            before = resident();
        REQUIRE_OK(IpcGetKey(made.license, 0, NULL, NULL, &key));
        REQUIRE_OK(IpcCloseHandle((IPC_HANDLE)key));
    }
    grown_at_most(before, (size_t)512 << 10);
}

int main(void)
{
    RUN(keys_of_one_license_share_it);
    RUN(keys_that_were_asked_for_share_it_too);
    RUN(keys_of_many_licenses_share_each);
    RUN(keys_opened_and_closed_leave_nothing);
    return finish_tests();
}
