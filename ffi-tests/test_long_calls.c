/* Calls that are long enough for several threads: the same bytes and codes as with one. */
#include "fixtures.h"

#define GCM IPCX_ENCRYPTION_PACKAGE_AES256_GCM4K

enum { BLOCK = 4096, LENGTH = 9 * 1024 * 1024 + 5 * BLOCK + 48, ROOM = LENGTH + (LENGTH / BLOCK + 2) * 28 };

static const DWORD packages[] = {IPC_ENCRYPTION_PACKAGE_AES256_CBC4K, IPC_ENCRYPTION_PACKAGE_AES128_CBC4K,
                                 IPC_ENCRYPTION_PACKAGE_AES128_ECB, GCM};

static BYTE plain[LENGTH], one[ROOM], several[ROOM], opened[ROOM];

/* The first and the last of several under valgrind. */
static size_t fewer(size_t step)
{
    return getenv("MSIPC_TEST_VALGRIND") != NULL ? step : 1;
}

static Protected with_package(DWORD package)
{
    static const Entry entry = {BOB, "VIEW EDIT"};
    return protect_with(package, &entry, 1);
}

static void several_threads_give_the_same_bytes(void)
{
    static const DWORD threads[] = {2, 3, 64};
    size_t p, t;
    fill(plain, sizeof plain, 21);
    for (p = 0; p < COUNT(packages); p += fewer(3)) {
        Protected made = with_package(packages[p]);
        DWORD length = 0, got = 0, back = 0;
        REQUIRE_OK(IpcxSetThreads(1));
        REQUIRE_OK(IpcEncrypt(made.key, 3, TRUE, plain, LENGTH, one, ROOM, &length));
        for (t = 0; t < COUNT(threads); t += fewer(3)) {
            REQUIRE_OK(IpcxSetThreads(threads[t]));
            memset(several, 0, sizeof several);
            CHECK_HR(IpcEncrypt(made.key, 3, TRUE, plain, LENGTH, several, ROOM, &got), S_OK);
            CHECK(got == length);
            /* GCM draws nonces, so only its plaintext is compared. */
            CHECK(packages[p] == GCM || memcmp(one, several, length) == 0);
            memset(opened, 0, sizeof opened);
            CHECK_HR(IpcDecrypt(made.key, 3, TRUE, several, got, opened, ROOM, &back), S_OK);
            CHECK(back == LENGTH && memcmp(opened, plain, LENGTH) == 0);
            /* What one thread made, and in place. */
            memcpy(opened, one, length);
            CHECK_HR(IpcDecrypt(made.key, 3, TRUE, opened, length, opened, ROOM, &back), S_OK);
            CHECK(back == LENGTH && memcmp(opened, plain, LENGTH) == 0);
            CHECK_HR(IpcEncrypt(made.key, 3, TRUE, opened, LENGTH, opened, ROOM, &got), S_OK);
            CHECK(got == length && (packages[p] == GCM || memcmp(opened, one, length) == 0));
        }
        /* Read back by one thread. */
        REQUIRE_OK(IpcxSetThreads(1));
        CHECK_HR(IpcDecrypt(made.key, 3, TRUE, several, length, opened, ROOM, &back), S_OK);
        CHECK(back == LENGTH && memcmp(opened, plain, LENGTH) == 0);
    }
}

static int is_untouched(const BYTE *bytes, size_t count)
{
    while (count > 0 && bytes[count - 1] == 0x5A)
        count--;
    return count == 0;
}

/* A change anywhere is noticed before the first byte is written. */
static void damaged_content_writes_nothing(void)
{
    static const DWORD tried[] = {IPC_ENCRYPTION_PACKAGE_AES256_CBC4K, GCM};
    size_t p, i;
    fill(plain, sizeof plain, 22);
    for (p = 0; p < COUNT(tried); p++) {
        Protected made = with_package(tried[p]);
        DWORD length = 0, got = 0, places[3];
        REQUIRE_OK(IpcxSetThreads(3));
        REQUIRE_OK(IpcEncrypt(made.key, 0, TRUE, plain, LENGTH, several, ROOM, &length));
        places[0] = length - 17;
        places[1] = 100;
        places[2] = length / 2;
        /* CBC has its padding alone to tell by. */
        for (i = 0; i < (tried[p] == GCM ? 3 : 1); i++) {
            several[places[i]] ^= 0x80;
            memset(opened, 0x5A, sizeof opened);
            CHECK_HR(IpcDecrypt(made.key, 0, TRUE, several, length, opened, ROOM, &got), WIN32(ERROR_INVALID_DATA));
            CHECK(got == 0 && is_untouched(opened, sizeof opened));
            several[places[i]] ^= 0x80;
        }
        memset(opened, 0x5A, sizeof opened);
        CHECK_HR(IpcDecrypt(made.key, 0, TRUE, several, length, opened, LENGTH - 1, &got), WIN32(ERROR_INSUFFICIENT_BUFFER));
        CHECK(got == LENGTH && is_untouched(opened, sizeof opened));
        CHECK_HR(IpcDecrypt(made.key, 0, TRUE, several, length, opened, LENGTH, &got), S_OK);
        CHECK(got == LENGTH && memcmp(opened, plain, LENGTH) == 0);
        memset(opened, 0x5A, sizeof opened);
        CHECK_HR(IpcEncrypt(made.key, 0, TRUE, plain, LENGTH, opened, length - 1, &got), WIN32(ERROR_INSUFFICIENT_BUFFER));
        CHECK(got == length && is_untouched(opened, sizeof opened));
        CHECK_HR(IpcEncrypt(made.key, 0xFFFFFFF0u, TRUE, plain, LENGTH, opened, ROOM, &got), E_INVALIDARG);
        CHECK(is_untouched(opened, sizeof opened));
    }
}

static void numbers_of_threads_are_checked(void)
{
    CHECK_HR(IpcxSetThreads(0), E_INVALIDARG);
    CHECK_HR(IpcxSetThreads(65), E_INVALIDARG);
    CHECK_HR(IpcxSetThreads(64), S_OK);
    CHECK_HR(IpcxSetThreads(1), S_OK);
}

int main(void)
{
    RUN(several_threads_give_the_same_bytes);
    RUN(damaged_content_writes_nothing);
    RUN(numbers_of_threads_are_checked);
    return finish_tests();
}
