/* Every exported function once where it succeeds. What else each does is in the tests of its subject. */
#include "fixtures.h"

static void initialize(void)
{
    CHECK_HR(IpcInitialize(), S_OK);
    CHECK_HR(IpcInitializeEnvironment(), S_OK);
}

static void global_properties(void)
{
    DWORD mode = IPC_API_MODE_CLIENT;
    IPC_AAD_APPLICATION_ID id = {sizeof id, W("6b29fc40-ca47-1067-b31d-00dd010662da"), W("urn:mill")};
    LPVOID value = NULL;
    CHECK_HR(IpcSetGlobalProperty(IPC_EI_STORE_NAME, W("mill")), S_OK);
    REQUIRE_OK(IpcGetGlobalProperty(IPC_EI_STORE_NAME, &value));
    CHECK_TEXT((LPCWSTR)mine(value), W("mill"));
    CHECK_HR(IpcSetGlobalProperty(IPC_EI_STORE_NAME, W("other")), IPCERROR_PROPERTY_ALREADY_SET);
    REQUIRE_OK(IpcGetGlobalProperty(IPC_EI_API_MODE, &value));
    CHECK(*(DWORD *)mine(value) == IPC_API_MODE_CLIENT);
    CHECK_HR(IpcSetGlobalProperty(IPC_EI_API_MODE, &mode), S_OK);
    CHECK_HR(IpcSetGlobalProperty(IPC_EI_API_MODE, &mode), IPCERROR_PROPERTY_ALREADY_SET);
    CHECK_HR(IpcSetGlobalProperty(IPC_EI_APPLICATION_ID, &id), S_OK);
    CHECK_HR(IpcSetGlobalProperty(IPC_EI_APPLICATION_ID, &id), IPCERROR_PROPERTY_ALREADY_SET);
}

static void template_list(void)
{
    static const DWORD flags[] = {0, 1, 2, 3};
    static const LCID languages[] = {0, 1033};
    size_t i, j;
    for (i = 0; i < COUNT(flags); i++)
        for (j = 0; j < COUNT(languages); j++) {
            PCIPC_TIL list = NULL;
            DWORD n;
            REQUIRE_OK(IpcGetTemplateList(NULL, flags[i], languages[j], NULL, NULL, &list));
            mine(list);
            CHECK(list->cTi == 2);
            for (n = 0; n < list->cTi; n++) {
                const IPC_TEMPLATE_INFO *info = (const IPC_TEMPLATE_INFO *)((const BYTE *)list + offsetof(IPC_TIL, aTi)) + n;
                CHECK(wide_length(info->wszID) >= 36 && info->lcid == 1033 && info->fFromTemplate == TRUE);
                CHECK(wide_contains(info->wszName, "Confidential") && wide_length(info->wszIssuerDisplayName) > 0);
                CHECK(info->wszDescription != NULL);
            }
        }
}

static void issuer_list(void)
{
    PCIPC_TEMPLATE_ISSUER_LIST list = NULL;
    IPC_LICENSE_HANDLE license = NULL;
    DWORD flags;
    for (flags = 0; flags <= 3; flags++) {
        REQUIRE_OK(IpcGetTemplateIssuerList(NULL, flags, NULL, NULL, &list));
        mine(list);
        REQUIRE(list->cTi >= 1);
        CHECK(list->aTi[0].fAllowFromScratch == TRUE && wide_length(list->aTi[0].wszDisplayName) > 0);
        CHECK(wide_contains(list->aTi[0].connectionInfo.wszExtranetUrl, ".invalid"));
    }
    CHECK_HR(IpcCreateLicenseFromScratch(&list->aTi[0], 0, NULL, &license), S_OK);
    CHECK_HR(IpcCloseHandle((IPC_HANDLE)license), S_OK);
}

static void licenses(void)
{
    Protected made;
    IPC_LICENSE_HANDLE license = NULL;
    PIPC_BUFFER bytes = NULL;
    IPC_KEY_HANDLE key = NULL;
    act_as(ALICE);
    REQUIRE_OK(IpcCreateLicenseFromTemplateID(template_id(0), 0, NULL, &license));
    my_handle((IPC_HANDLE)license);
    made = serialize(license);
    CHECK(made.license->pvBuffer != NULL);
    REQUIRE_OK(IpcSerializeLicense(template_id(1), IPC_SL_TEMPLATE_ID, 0, NULL, &key, &bytes));
    my_handle((IPC_HANDLE)key);
    mine(bytes);
    /* The key is optional. */
    bytes = NULL;
    REQUIRE_OK(IpcSerializeLicense(template_id(1), IPC_SL_TEMPLATE_ID, 0, NULL, NULL, &bytes));
    mine(bytes);
    CHECK(bytes->cbBuffer > 1000);
}

static void serialize_flags(void)
{
    static const DWORD flags[] = {0, 2, 4, 16, 2 | 4, 4 | 16, 2 | 4 | 16};
    static const Entry entry = {BOB, "VIEW"};
    size_t i;
    for (i = 0; i < COUNT(flags); i++) {
        IPC_LICENSE_HANDLE license;
        act_as(ALICE);
        license = scratch_license();
        grant(license, &entry, 1);
        CHECK(has_right(open_as(BOB, serialize_with(license, flags[i]).license), W("VIEW")) == TRUE);
    }
}

static void properties(void)
{
    Protected made = protect_for(BOB, "VIEW");
    LPVOID value = NULL;
    IPC_LICENSE_HANDLE license = scratch_license();
    REQUIRE_OK(IpcSetLicenseProperty(license, FALSE, IPC_LI_REFERRAL_INFO_URL, W("https://mill.example/")));
    REQUIRE_OK(IpcGetLicenseProperty(license, IPC_LI_REFERRAL_INFO_URL, 0, &value));
    CHECK_TEXT((LPCWSTR)mine(value), W("https://mill.example/"));
    REQUIRE_OK(IpcGetSerializedLicenseProperty(made.license, IPC_LI_OWNER, NULL, 0, &value));
    CHECK_TEXT(((PIPC_USER)mine(value))->wszID, ALICE);
    REQUIRE_OK(IpcGetKeyProperty(made.key, IPC_KI_BLOCK_SIZE, NULL, &value));
    CHECK(*(DWORD *)mine(value) == 4096);
    REQUIRE_OK(IpcGetKeyProperty(made.key, IPC_KI_USER_DISPLAYNAME, NULL, &value));
    CHECK(wide_length((LPCWSTR)mine(value)) > 0);
    REQUIRE_OK(IpcGetKeyProperty(made.key, IPC_KI_LICENSE, NULL, &value));
    CHECK(((PIPC_BUFFER)mine(value))->cbBuffer > 0);
}

static void keys_and_content(void)
{
    Protected made = protect_for(BOB, "VIEW PRINT");
    BYTE text[] = "the miller's tale", sealed[64], opened[64];
    DWORD length = 0, got = 0, package = 0;
    BOOL answer = 7;
    IPC_KEY_HANDLE key;
    REQUIRE_OK(IpcEncrypt(made.key, 0, TRUE, text, sizeof text, sealed, sizeof sealed, &length));
    CHECK(length == 32);
    key = open_as(BOB, made.license);
    REQUIRE_OK(IpcAccessCheck(key, IPC_GENERIC_PRINT, &answer));
    CHECK(answer == TRUE);
    REQUIRE_OK(IpcDecrypt(key, 0, TRUE, sealed, length, opened, sizeof opened, &got));
    CHECK(got == sizeof text && memcmp(opened, text, got) == 0);
    CHECK_HR(IpcxGetKeyPackage(key, &package), S_OK);
    CHECK(package == IPC_ENCRYPTION_PACKAGE_AES256_CBC4K);
    CHECK_HR(IpcxIsAuthenticated(key, &answer), S_OK);
    CHECK(answer == FALSE);
    CHECK_HR(IpcCloseHandle((IPC_HANDLE)key), S_OK);
    CHECK_HR(IpcCloseHandle((IPC_HANDLE)key), E_HANDLE);
}

static void get_key_flags_and_prompts(void)
{
    static const DWORD prompts[] = {0, 1, 4, 5};
    Protected made = protect_for(BOB, "VIEW");
    DWORD flags;
    size_t i;
    act_as(BOB);
    for (flags = 0; flags <= 1; flags++)
        for (i = 0; i < COUNT(prompts); i++) {
            IPC_KEY_HANDLE key = NULL;
            IPC_PROMPT_CTX prompt;
            memset(&prompt, 0, sizeof prompt);
            prompt.cbSize = sizeof prompt;
            prompt.dwFlags = prompts[i];
            CHECK_HR(IpcGetKey(made.license, flags, &prompt, NULL, &key), S_OK);
            my_handle((IPC_HANDLE)key);
        }
}

static void token(void)
{
    IPC_AUTH_TOKEN_HANDLE handle = NULL;
    REQUIRE_OK(IpcCreateOAuth2Token(W("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln"), &handle));
    CHECK(handle != NULL);
    CHECK_HR(IpcCloseHandle((IPC_HANDLE)handle), S_OK);
}

static void message(void)
{
    LPCWSTR text = NULL;
    REQUIRE_OK(IpcGetErrorMessageText(IPCERROR_RIGHT_NOT_GRANTED, 0, &text));
    CHECK(wide_length((LPCWSTR)mine(text)) > 10);
}

/* Where window protection has no mechanism, it says so instead of pretending; test_window_windows.c is about where it has. */
static void windows(void)
{
    int window;
    CHECK_HR(IpcProtectWindow((HWND)(LPVOID)&window), NO_WINDOW);
    CHECK_HR(IpcUnprotectWindow((HWND)(LPVOID)&window), NO_WINDOW);
    CHECK_HR(IpcProtectWindow(NULL), E_INVALIDARG);
    CHECK_HR(IpcUnprotectWindow(NULL), E_INVALIDARG);
}

static void identities(void)
{
    static const Entry entry = {BOB, "VIEW"};
    LPVOID value = NULL;
    IPC_LICENSE_HANDLE license;
    CHECK_HR(IpcxSetIdentity(CAROL), S_OK);
    act_as(NULL);
    license = scratch_license();
    REQUIRE_OK(IpcGetLicenseProperty(license, IPC_LI_OWNER, 0, &value));
    CHECK_TEXT(((PIPC_USER)mine(value))->wszID, CAROL);
    /* The thread's comes before the process's. */
    act_as(DAVE);
    license = scratch_license();
    grant(license, &entry, 1);
    REQUIRE_OK(IpcGetSerializedLicenseProperty(serialize(license).license, IPC_LI_OWNER, NULL, 0, &value));
    CHECK_TEXT(((PIPC_USER)mine(value))->wszID, DAVE);
    CHECK_HR(IpcxSetIdentity(NULL), S_OK);
    act_as(NULL);
    license = scratch_license();
    REQUIRE_OK(IpcGetLicenseProperty(license, IPC_LI_OWNER, 0, &value));
    CHECK(wide_contains(((PIPC_USER)mine(value))->wszID, ".invalid"));
}

static void error_detail(void)
{
    LPCWSTR text = NULL;
    BOOL granted;
    CHECK_HR(IpcAccessCheck(NULL, IPC_GENERIC_READ, &granted), E_HANDLE);
    REQUIRE_OK(IpcxGetLastErrorDetail(&text));
    CHECK(wide_contains((LPCWSTR)mine(text), "IpcAccessCheck"));
}

static void uninitialize(void)
{
    CHECK_HR(IpcUninitializeEnvironment(), S_OK);
    CHECK_HR(IpcUninitializeEnvironment(), S_OK);
}

int main(void)
{
    RUN(initialize);
    RUN(global_properties); /* before anything opens the store */
    RUN(template_list);
    RUN(issuer_list);
    RUN(licenses);
    RUN(serialize_flags);
    RUN(properties);
    RUN(keys_and_content);
    RUN(get_key_flags_and_prompts);
    RUN(token);
    RUN(message);
    RUN(windows);
    RUN(identities);
    RUN(error_detail);
    RUN(uninitialize);
    return finish_tests();
}
