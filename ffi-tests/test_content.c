/* Content through the C interface: every package, every way of calling, and what must not be accepted. */
#include "fixtures.h"

#define GCM IPCX_ENCRYPTION_PACKAGE_AES256_GCM4K

enum { BLOCK = 4096, SEALED = BLOCK + 28, MOST = 5 * BLOCK };

static const DWORD packages[] = {IPC_ENCRYPTION_PACKAGE_AES256_CBC4K, IPC_ENCRYPTION_PACKAGE_AES128_CBC4K,
                                 IPC_ENCRYPTION_PACKAGE_AES128_ECB, GCM};

static BYTE plain[MOST], sealed[MOST + 8 * 32 + 64], opened[MOST + 8 * 32 + 64], scratch[MOST + 8 * 32 + 64];

static Protected with_package(DWORD package)
{
    static const Entry entry = {BOB, "VIEW EDIT"};
    return protect_with(package, &entry, 1);
}

/* The length of sealed content, from the page of the ciphers. */
static DWORD sealed_length(DWORD package, DWORD length)
{
    if (package == IPC_ENCRYPTION_PACKAGE_AES128_ECB)
        return length;
    if (package == GCM)
        return length + 28 * (length == 0 ? 1 : (length + BLOCK - 1) / BLOCK);
    return length / 16 * 16 + 16;
}

static HRESULT seal(IPC_KEY_HANDLE key, DWORD block, BOOL final, const BYTE *in, DWORD count, BYTE *out, DWORD room, DWORD *got)
{
    return IpcEncrypt(key, block, final, (PBYTE)in, count, out, room, got);
}

static HRESULT open_sealed(IPC_KEY_HANDLE key, DWORD block, BOOL final, const BYTE *in, DWORD count, BYTE *out, DWORD room,
                    DWORD *got)
{
    return IpcDecrypt(key, block, final, (PBYTE)in, count, out, room, got);
}

static void every_package_round_trips(void)
{
    static const DWORD lengths[] = {0, 16, 32, 4080, 4096, 4112, 8192, 8208, 20480};
    static const DWORD odd[] = {1, 15, 17, 4095, 4097, 8191, 12289};
    size_t p, i;
    fill(plain, sizeof plain, 11);
    for (p = 0; p < COUNT(packages); p++) {
        Protected made = with_package(packages[p]);
        IPC_KEY_HANDLE reader = open_as(BOB, made.license);
        DWORD package = 0, got, back;
        CHECK_HR(IpcxGetKeyPackage(reader, &package), S_OK);
        CHECK(package == packages[p]);
        for (i = 0; i < COUNT(lengths) + COUNT(odd); i++) {
            DWORD length = i < COUNT(lengths) ? lengths[i] : odd[i - COUNT(lengths)], expected;
            int before = harness.complaints;
            if (i >= COUNT(lengths) && packages[p] == IPC_ENCRYPTION_PACKAGE_AES128_ECB)
                break;
            expected = sealed_length(packages[p], length);
            got = back = 0;
            CHECK_HR(seal(made.key, 0, TRUE, plain, length, NULL, 0, &got), S_OK);
            CHECK(got == expected);
            got = 0;
            CHECK_HR(seal(made.key, 0, TRUE, plain, length, sealed, sizeof sealed, &got), S_OK);
            CHECK(got == expected);
            CHECK(length < 16 || memcmp(sealed, plain, 16) != 0);
            CHECK_HR(open_sealed(reader, 0, TRUE, sealed, got, opened, sizeof opened, &back), S_OK);
            CHECK(back == length && memcmp(opened, plain, length) == 0);
            if (harness.complaints != before)
                printf("        with package %u and %u bytes\n", (unsigned)packages[p], (unsigned)length);
        }
    }
}

static void key_properties_by_package(void)
{
    static const DWORD plain_blocks[] = {4096, 4096, 16, 4096}, sealed_blocks[] = {4096, 4096, 16, SEALED};
    size_t p;
    for (p = 0; p < COUNT(packages); p++) {
        Protected made = with_package(packages[p]);
        LPVOID value = NULL;
        BOOL authenticated = 7;
        CHECK(block_size(made.key) == plain_blocks[p]);
        REQUIRE_OK(IpcGetKeyProperty(made.key, IPCX_KI_ENCRYPTED_BLOCK_SIZE, NULL, &value));
        CHECK(*(DWORD *)mine(value) == sealed_blocks[p]);
        CHECK_HR(IpcxIsAuthenticated(made.key, &authenticated), S_OK);
        CHECK(authenticated == (packages[p] == GCM));
    }
}

/* One call over many blocks, a call per block in any order: the same bytes. GCM draws nonces, so it is read back. */
static void split_calls_give_the_same(void)
{
    static const DWORD order[] = {3, 0, 4, 2, 1};
    enum { LENGTH = 4 * BLOCK + 48 };
    size_t p, i;
    fill(plain, sizeof plain, 12);
    for (p = 0; p < COUNT(packages); p++) {
        int ecb = packages[p] == IPC_ENCRYPTION_PACKAGE_AES128_ECB, gcm = packages[p] == GCM;
        Protected made = with_package(packages[p]);
        DWORD whole = 0, got = 0, step = gcm ? SEALED : BLOCK, number = ecb ? BLOCK / 16 : 1;
        REQUIRE_OK(seal(made.key, 0, TRUE, plain, LENGTH, sealed, sizeof sealed, &whole));
        memset(scratch, 0, sizeof scratch);
        for (i = 0; i < COUNT(order); i++) {
            DWORD block = order[i], count = block == 4 ? LENGTH - 4 * BLOCK : BLOCK;
            CHECK_HR(seal(made.key, block * number, block == 4, plain + block * BLOCK, count, scratch + block * step,
                          (DWORD)sizeof scratch - block * step, &got),
                     S_OK);
        }
        if (!gcm)
            CHECK(memcmp(scratch, sealed, whole) == 0);
        CHECK_HR(open_sealed(made.key, 0, TRUE, scratch, whole, opened, sizeof opened, &got), S_OK);
        CHECK(got == LENGTH && memcmp(opened, plain, LENGTH) == 0);
        for (i = COUNT(order); i-- > 0;) {
            DWORD block = order[i], count = block == 4 ? whole - 4 * step : step;
            memset(opened, 0, BLOCK);
            CHECK_HR(open_sealed(made.key, block * number, block == 4, sealed + block * step, count, opened, sizeof opened,
                                 &got),
                     S_OK);
            CHECK(got == (block == 4 ? LENGTH - 4 * BLOCK : BLOCK));
            CHECK(memcmp(opened, plain + block * BLOCK, got) == 0);
        }
    }
}

static void in_place(void)
{
    static const DWORD lengths[] = {16, 4096, 4112, 12288};
    size_t p, i;
    fill(plain, sizeof plain, 13);
    for (p = 0; p < COUNT(packages); p++) {
        Protected made = with_package(packages[p]);
        for (i = 0; i < COUNT(lengths); i++) {
            DWORD got = 0, back = 0;
            memcpy(scratch, plain, lengths[i]);
            CHECK_HR(seal(made.key, 7, TRUE, scratch, lengths[i], scratch, sizeof scratch, &got), S_OK);
            CHECK(got == sealed_length(packages[p], lengths[i]));
            if (packages[p] != GCM) {
                DWORD apart = 0;
                CHECK_HR(seal(made.key, 7, TRUE, plain, lengths[i], sealed, sizeof sealed, &apart), S_OK);
                CHECK(apart == got && memcmp(sealed, scratch, got) == 0);
            }
            CHECK_HR(open_sealed(made.key, 7, TRUE, scratch, got, scratch, got, &back), S_OK);
            CHECK(back == lengths[i] && memcmp(scratch, plain, back) == 0);
        }
    }
}

/* Decrypting succeeds whenever the output holds the true result, though the size query answers an upper bound. */
static void exact_room_is_enough(void)
{
    Protected made = with_package(IPC_ENCRYPTION_PACKAGE_AES256_CBC4K);
    DWORD length, got, back;
    fill(plain, sizeof plain, 14);
    for (length = 0; length <= 33; length += 11) {
        REQUIRE_OK(seal(made.key, 0, TRUE, plain, length, sealed, sealed_length(1, length), &got));
        back = 0;
        CHECK_HR(open_sealed(made.key, 0, TRUE, sealed, got, NULL, 0, &back), S_OK);
        CHECK(back == got);
        memset(opened, 0xEE, sizeof opened);
        CHECK_HR(open_sealed(made.key, 0, TRUE, sealed, got, opened, length, &back), S_OK);
        CHECK(back == length && memcmp(opened, plain, length) == 0 && opened[length] == 0xEE);
        if (length > 0) {
            memset(opened, 0xEE, sizeof opened);
            CHECK_HR(open_sealed(made.key, 0, TRUE, sealed, got, opened, length - 1, &back), WIN32(ERROR_INSUFFICIENT_BUFFER));
            CHECK(opened[0] == 0xEE && back >= length);
        }
    }
}

static void size_queries_write_nothing(void)
{
    size_t p;
    for (p = 0; p < COUNT(packages); p++) {
        Protected made = with_package(packages[p]);
        DWORD got = 0, sizes[2];
        CHECK_HR(seal(made.key, 0, FALSE, plain, BLOCK, NULL, 0, &got), S_OK);
        CHECK(got == (packages[p] == GCM ? SEALED : BLOCK));
        /* The length of the output means nothing without an output; nor is the input looked at. */
        CHECK_HR(seal(made.key, 0, TRUE, plain, 2 * BLOCK, NULL, 77, &sizes[0]), S_OK);
        CHECK_HR(seal(made.key, 0, TRUE, NULL, 2 * BLOCK, NULL, 0, &sizes[1]), S_OK);
        CHECK(sizes[0] == sizes[1] && sizes[0] == sealed_length(packages[p], 2 * BLOCK));
        CHECK_HR(open_sealed(made.key, 0, FALSE, sealed, packages[p] == GCM ? SEALED : BLOCK, NULL, 0, &got), S_OK);
        CHECK(got >= BLOCK);
    }
}

static void overlap_is_refused(void)
{
    size_t p;
    for (p = 0; p < COUNT(packages); p++) {
        Protected made = with_package(packages[p]);
        DWORD got = 0, i;
        static const int shifts[] = {1, 16, 4095, -1, -16, -4095};
        memset(scratch, 0x33, sizeof scratch);
        for (i = 0; i < COUNT(shifts); i++) {
            CHECK_HR(seal(made.key, 0, FALSE, scratch + 5000, BLOCK, scratch + 5000 + shifts[i], BLOCK + 100, &got),
                     E_INVALIDARG);
            CHECK(got == 0);
        }
        for (i = 0; i < sizeof scratch; i++)
            if (!CHECK(scratch[i] == 0x33))
                break;
        /* Side by side is no overlap. */
        CHECK_HR(seal(made.key, 0, FALSE, scratch, BLOCK, scratch + BLOCK, 2 * BLOCK, &got), S_OK);
    }
}

static void wrong_lengths_are_refused(void)
{
    static const struct {
        DWORD package;
        BOOL encrypt, final;
        DWORD count;
    } cases[] = {
        {1, TRUE, FALSE, 4095},  {1, TRUE, FALSE, 4112},  {1, FALSE, FALSE, 4080}, {1, FALSE, TRUE, 15},
        {2, TRUE, FALSE, 1},     {2, FALSE, TRUE, 4097},  {3, TRUE, FALSE, 15},    {3, TRUE, TRUE, 7},
        {3, FALSE, TRUE, 7},     {3, FALSE, FALSE, 17},   {GCM, TRUE, FALSE, 100}, {GCM, FALSE, FALSE, 4096},
    };
    size_t i;
    for (i = 0; i < COUNT(cases); i++) {
        Protected made = with_package(cases[i].package);
        DWORD got = 77;
        int before = harness.complaints;
        memset(opened, 0xEE, sizeof opened);
        CHECK_HR((cases[i].encrypt ? IpcEncrypt : IpcDecrypt)(made.key, 0, cases[i].final, plain, cases[i].count, opened,
                                                              sizeof opened, &got),
                 IPCERROR_NOT_BLOCK_ALIGNED);
        CHECK(got == 0 && opened[0] == 0xEE && opened[sizeof opened - 1] == 0xEE);
        if (harness.complaints != before)
            printf("        with package %u and %u bytes\n", (unsigned)cases[i].package, (unsigned)cases[i].count);
    }
}

/* Every changed byte of authenticated content is found, and nothing is written. */
static void tampering_is_found(void)
{
    Protected made = with_package(GCM);
    DWORD length = 0, got = 0, i;
    static const DWORD where[] = {0, 11, 12, 100, 4107, 4108, 4123, 4124, 4136, 4140, 8247};
    fill(plain, sizeof plain, 15);
    REQUIRE_OK(seal(made.key, 0, TRUE, plain, 2 * BLOCK, sealed, sizeof sealed, &length));
    CHECK(length == 2 * SEALED);
    for (i = 0; i < COUNT(where); i++) {
        sealed[where[i]] ^= 1;
        memset(opened, 0xEE, sizeof opened);
        CHECK_HR(open_sealed(made.key, 0, TRUE, sealed, length, opened, sizeof opened, &got), WIN32(ERROR_INVALID_DATA));
        CHECK(got == 0 && opened[0] == 0xEE && opened[BLOCK] == 0xEE);
        sealed[where[i]] ^= 1;
    }
    CHECK_HR(open_sealed(made.key, 1, TRUE, sealed, length, opened, sizeof opened, &got), WIN32(ERROR_INVALID_DATA));
    CHECK_HR(open_sealed(made.key, 0, FALSE, sealed, length, opened, sizeof opened, &got), WIN32(ERROR_INVALID_DATA));
    CHECK_HR(open_sealed(made.key, 0, TRUE, sealed, SEALED, opened, sizeof opened, &got), WIN32(ERROR_INVALID_DATA));
    CHECK_HR(open_sealed(made.key, 0, TRUE, sealed, length - 1, opened, sizeof opened, &got), WIN32(ERROR_INVALID_DATA));
    memcpy(scratch, sealed + SEALED, SEALED);
    memcpy(scratch + SEALED, sealed, SEALED);
    CHECK_HR(open_sealed(made.key, 0, TRUE, scratch, length, opened, sizeof opened, &got), WIN32(ERROR_INVALID_DATA));
    CHECK_HR(open_sealed(made.key, 0, TRUE, sealed, length, opened, sizeof opened, &got), S_OK);
    CHECK(got == 2 * BLOCK && memcmp(opened, plain, got) == 0);
}

static void padding_is_checked(void)
{
    Protected made = with_package(IPC_ENCRYPTION_PACKAGE_AES256_CBC4K);
    DWORD length = 0, got = 0;
    fill(plain, sizeof plain, 16);
    REQUIRE_OK(seal(made.key, 0, TRUE, plain, 64, sealed, sizeof sealed, &length));
    CHECK(length == 80);
    /* The last byte of the padding is 16; a changed byte in the block before it makes it 17. */
    sealed[63] ^= 1;
    memset(opened, 0xEE, sizeof opened);
    CHECK_HR(open_sealed(made.key, 0, TRUE, sealed, length, opened, sizeof opened, &got), WIN32(ERROR_INVALID_DATA));
    CHECK(got == 0 && opened[0] == 0xEE);
    sealed[63] ^= 1;
    CHECK_HR(open_sealed(made.key, 0, TRUE, sealed, length, opened, sizeof opened, &got), S_OK);
    CHECK(got == 64);
}

static void block_numbers_matter_and_end(void)
{
    Protected made = with_package(IPC_ENCRYPTION_PACKAGE_AES256_CBC4K);
    DWORD got = 0;
    static BYTE other[BLOCK];
    fill(plain, sizeof plain, 17);
    REQUIRE_OK(seal(made.key, 0, FALSE, plain, BLOCK, sealed, BLOCK, &got));
    REQUIRE_OK(seal(made.key, 1, FALSE, plain, BLOCK, other, BLOCK, &got));
    CHECK(memcmp(sealed, other, 16) != 0);
    CHECK_HR(seal(made.key, 0xFFFFFFFF, FALSE, plain, BLOCK, sealed, BLOCK, &got), S_OK);
    CHECK_HR(open_sealed(made.key, 0xFFFFFFFF, FALSE, sealed, BLOCK, opened, BLOCK, &got), S_OK);
    CHECK(memcmp(opened, plain, BLOCK) == 0);
    CHECK_HR(seal(made.key, 0xFFFFFFFF, FALSE, plain, 2 * BLOCK, sealed, sizeof sealed, &got), E_INVALIDARG);
    CHECK_HR(seal(made.key, 0xFFFFFFFF, TRUE, plain, 100, sealed, sizeof sealed, &got), S_OK);
}

static void keys_differ_between_licenses(void)
{
    Protected a = with_package(2), b = with_package(2);
    DWORD got = 0;
    static BYTE other[BLOCK];
    REQUIRE_OK(seal(a.key, 0, FALSE, plain, BLOCK, sealed, BLOCK, &got));
    REQUIRE_OK(seal(b.key, 0, FALSE, plain, BLOCK, other, BLOCK, &got));
    CHECK(memcmp(sealed, other, BLOCK) != 0);
}

int main(void)
{
    RUN(every_package_round_trips);
    RUN(key_properties_by_package);
    RUN(split_calls_give_the_same);
    RUN(in_place);
    RUN(exact_room_is_enough);
    RUN(size_queries_write_nothing);
    RUN(overlap_is_refused);
    RUN(wrong_lengths_are_refused);
    RUN(tampering_is_found);
    RUN(padding_is_checked);
    RUN(block_numbers_matter_and_end);
    RUN(keys_differ_between_licenses);
    return finish_tests();
}
