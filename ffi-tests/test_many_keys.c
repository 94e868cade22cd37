/* Many open keys, and keys opened and closed for long: what they take of memory. */
#include "fixtures.h"

#if defined(__linux__)
#include <malloc.h>
#include <unistd.h>
#endif

static int under_valgrind(void)
{
    return getenv("MSIPC_TEST_VALGRIND") != NULL;
}

/* Bytes of the process in memory; 0 where that cannot be told. */
static size_t resident(void)
{
    size_t pages = 0, in_memory = 0;
#if defined(__linux__)
    FILE *file = fopen("/proc/self/statm", "r");
    /* What was freed before must not be taken for free room. */
    malloc_trim(0);
    if (file == NULL)
        return 0;
    if (fscanf(file, "%zu %zu", &pages, &in_memory) != 2)
        in_memory = 0;
    fclose(file);
    return in_memory * (size_t)sysconf(_SC_PAGESIZE);
#else
    return in_memory + pages;
#endif
}

static void grown_at_most(size_t before, size_t most)
{
    size_t now = resident();
    if (before == 0 || under_valgrind())
        return;
    CHECK(now < before + most);
    if (now >= before + most)
        printf("        grown by %zu bytes, expected at most %zu\n", now - before, most);
}

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
    act_as(BOB);
    open_many(&made, 1, rounds(MANY), (size_t)MANY * 400);
}

/* Also when nothing may be kept and each key was asked for. */
static void keys_that_were_asked_for_share_it_too(void)
{
    static const Entry entry = {BOB, "VIEW EDIT"};
    enum { ASKED = 3000 };
    IPC_LICENSE_HANDLE license;
    Protected made;
    DWORD days = 0;
    act_as(ALICE);
    license = scratch_license();
    grant(license, &entry, 1);
    set_property(license, IPC_LI_INTERVAL_TIME, &days);
    made = serialize(license);
    act_as(BOB);
    open_many(&made, 1, rounds(ASKED), (size_t)ASKED * 1000 + ((size_t)1 << 20));
}

/* More licenses than are held for their own sake. */
static void keys_of_many_licenses_share_each(void)
{
    enum { LICENSES = 400, EACH = 25 };
    static Protected made[LICENSES];
    int i, count = rounds(LICENSES);
    for (i = 0; i < count; i++)
        made[i] = protect_for(BOB, "VIEW EDIT");
    act_as(BOB);
    open_many(made, count, count * EACH, (size_t)LICENSES * 100000 + (size_t)LICENSES * EACH * 400);
}

static void keys_opened_and_closed_leave_nothing(void)
{
    Protected made = protect_for(BOB, "VIEW EDIT");
    size_t before = 0;
    int i;
    act_as(BOB);
    for (i = 0; i < rounds(60000); i++) {
        IPC_KEY_HANDLE key = NULL;
        if (i == rounds(60000) / 6)
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
