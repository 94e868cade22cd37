/* Callers that never close handles and never free what they were given, for a hundred thousand rounds: what each leaves is
 * bounded, and nothing else grows. docs/performance.md has the table that these bounds are the double of.
 */
#include "fixtures.h"
#include "resident.h"

enum { ROUNDS = 100000, LICENSES = 8 };

static Protected made[LICENSES];

static void make_licenses(void)
{
    int i;
    for (i = 0; i < LICENSES; i++)
        made[i] = protect_for(BOB, "VIEW EDIT");
    act_as(BOB);
}

/* Opens, asks, decrypts and leaves everything where it is. */
static void careless_readers_leave_a_handle_and_two_properties(void)
{
    BYTE cipher[LICENSES][112];
    int i, count = rounds_in_memory(ROUNDS);
    size_t before = 0;
    make_licenses();
    for (i = 0; i < LICENSES; i++) {
        DWORD size = 0;
        fill(cipher[i], 100, 9);
        REQUIRE_OK(IpcEncrypt(made[i].key, 0, TRUE, cipher[i], 100, cipher[i], sizeof cipher[i], &size));
    }
    for (i = 0; i < count; i++) {
        PIPC_BUFFER license = made[i % LICENSES].license;
        IPC_KEY_HANDLE key = NULL;
        LPVOID name = NULL, block = NULL;
        BYTE bytes[112];
        BOOL granted = FALSE;
        DWORD size = 0;
        if (i == count / 10)
            before = resident();
        REQUIRE_OK(IpcInitialize());
        REQUIRE_OK(IpcGetKey(license, 0, NULL, NULL, &key));
        REQUIRE_OK(IpcGetKeyProperty(key, IPC_KI_USER_DISPLAYNAME, NULL, &name));
        REQUIRE_OK(IpcGetKeyProperty(key, IPC_KI_BLOCK_SIZE, NULL, &block));
        REQUIRE_OK(IpcAccessCheck(key, IPC_GENERIC_READ, &granted));
        memcpy(bytes, cipher[i % LICENSES], sizeof bytes);
        REQUIRE_OK(IpcDecrypt(key, 0, TRUE, bytes, sizeof bytes, bytes, sizeof bytes, &size));
        REQUIRE(granted == TRUE && size == 100);
    }
    grown_at_most(before, (size_t)count * 2 * (145 + 120 + 55));
}

static void careless_writers_leave_licenses_and_tokens(void)
{
    int i, count = rounds_in_memory(ROUNDS);
    size_t before;
    IPC_TEMPLATE_ISSUER issuer;
    memset(&issuer, 0, sizeof issuer);
    issuer.fAllowFromScratch = TRUE;
    before = resident();
    for (i = 0; i < count; i++) {
        IPC_LICENSE_HANDLE license = NULL;
        IPC_AUTH_TOKEN_HANDLE token = NULL;
        REQUIRE_OK(IpcCreateLicenseFromScratch(&issuer, 0, NULL, &license));
        REQUIRE_OK(IpcCreateOAuth2Token(W("a.b.c"), &token));
    }
    grown_at_most(before, (size_t)count * 2 * (625 + 150));
}

/* Each document has a license of its own, so its key cannot share: about 40 KB with a license of 16 KB. */
static void careless_publishers_leave_a_license_for_each_document(void)
{
    enum { DOCUMENTS = 1000 };
    int i, count = rounds_in_memory(DOCUMENTS);
    size_t before;
    LPCWSTR id = template_id(0);
    before = resident();
    for (i = 0; i < count; i++) {
        IPC_KEY_HANDLE key = NULL;
        PIPC_BUFFER license = NULL;
        REQUIRE_OK(IpcSerializeLicense((LPCVOID)id, IPC_SL_TEMPLATE_ID, 0, NULL, &key, &license));
        IpcFreeMemory(license);
    }
    grown_at_most(before, (size_t)count * 2 * 40000);
}

/* Nothing but handles and blocks grows: questions and failures leave nothing. */
static void questions_and_failures_leave_nothing(void)
{
    int i, count = rounds_in_memory(ROUNDS);
    size_t before = 0;
    make_licenses();
    for (i = 0; i < count; i++) {
        IPC_KEY_HANDLE none = NULL;
        BOOL granted = FALSE;
        DWORD size = 0;
        if (i == count / 10)
            before = resident();
        CHECK_HR(IpcAccessCheck(made[0].key, IPC_GENERIC_PRINT, &granted), S_OK);
        CHECK_HR(IpcEncrypt(made[0].key, 0, TRUE, NULL, 100, NULL, 0, &size), S_OK);
        CHECK(IpcGetKey(NULL, 0, NULL, NULL, &none) == E_INVALIDARG && none == NULL);
        CHECK(IpcCloseHandle((IPC_HANDLE)(size_t)0x1238) == E_HANDLE);
        IpcFreeMemory(&granted); /* not the library's */
    }
    grown_at_most(before, (size_t)1 << 20);
}

int main(void)
{
    RUN(careless_readers_leave_a_handle_and_two_properties);
    RUN(careless_writers_leave_licenses_and_tokens);
    RUN(careless_publishers_leave_a_license_for_each_document);
    RUN(questions_and_failures_leave_nothing);
    return finish_tests();
}
