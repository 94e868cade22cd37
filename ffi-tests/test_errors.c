/* Texts of error codes, and the reason of the last failure. */
#include "fixtures.h"

#include <pthread.h>

static LPCWSTR message(HRESULT code, DWORD language)
{
    LPCWSTR text = NULL;
    REQUIRE_OK(IpcGetErrorMessageText(code, language, &text));
    REQUIRE(text != NULL);
    return (LPCWSTR)mine(text);
}

static LPCWSTR last_detail(void)
{
    LPCWSTR text = NULL;
    REQUIRE_OK(IpcxGetLastErrorDetail(&text));
    return (LPCWSTR)mine(text);
}

static const HRESULT own_codes[] = {
    IPCERROR_USER_RIGHTS_NOT_SET, IPCERROR_AD_ENTRY_NOT_FOUND, IPCERROR_APPLICATION_AUTH_ERROR_AUTHENTICODE,
    IPCERROR_BROKEN_CERT_CHAIN, IPCERROR_CLOCK_ROLL_BACK_DETECTED, IPCERROR_CRYPTO_OPERATION_UNSUPPORTED,
    IPCERROR_DEBUGGER_DETECTED, IPCERROR_LOCALE_NOT_FOUND, IPCERROR_ILS_ERROR, IPCERROR_SERVER_RESPONSE_NOT_VALID,
    IPCERROR_OS_VERSION_NOT_TRUSTED, IPCERROR_ISSUANCELICENSE_LENGTH_LIMIT_EXCEEDED, IPCERROR_NEEDS_ONLINE,
    IPCERROR_NEEDS_UI, IPCERROR_NOT_BLOCK_ALIGNED, IPCERROR_PROPERTY_ALREADY_SET, IPCERROR_RIGHT_NOT_GRANTED,
    IPCERROR_SAFEMODE_OS_DETECTED, IPCERROR_SERVER_ERROR, IPCERROR_MACHINE_NOT_TRUSTED, IPCERROR_NEEDS_KEY_PARAMETER,
    IPCERROR_LICENSE_INTERVAL_TIME_NOT_SET, IPCERROR_CONTENT_KEY_NOT_SET, IPCERROR_SIA_NOT_INSTALLED,
    IPCERROR_TEMPLATE_NOT_ENABLED_FOR_USER, IPCERROR_FILE_SYSTEM_FILE, IPCERROR_FILE_IS_NOT_ENCRYPTED,
    IPCERROR_FILE_ENCRYPT_BLOCKED, IPCERROR_FILE_UPDATELICENSE_BLOCKED, IPCERROR_FILE_PDFPROTECTOR_FORMAT_NOT_SUPPORTED,
    IPCERROR_FILE_PROTECTOR_BAD_INSTALL,
};

/* Every code of ours has a text of its own, long enough to help. */
static void every_own_code_has_its_text(void)
{
    enum { MOST = 64 };
    LPCWSTR texts[MOST];
    size_t i, j;
    for (i = 0; i < COUNT(own_codes); i++) {
        texts[i] = message(own_codes[i], 0);
        CHECK(wide_length(texts[i]) >= 20);
        for (j = 0; j < i; j++)
            if (!CHECK(!wide_equal(texts[i], texts[j])))
                printf("        0x%08X and 0x%08X\n", (unsigned)own_codes[i], (unsigned)own_codes[j]);
    }
}

static void common_codes_have_texts(void)
{
    const HRESULT codes[] = {
        S_OK, S_FALSE, E_NOTIMPL, E_NOINTERFACE, E_POINTER, E_ABORT, E_FAIL, E_PENDING, E_UNEXPECTED, E_ACCESSDENIED, E_HANDLE,
        E_OUTOFMEMORY, E_INVALIDARG, WIN32(ERROR_FILE_NOT_FOUND), WIN32(ERROR_PATH_NOT_FOUND), WIN32(ERROR_INVALID_DATA),
        WIN32(ERROR_NOT_SUPPORTED), WIN32(ERROR_DISK_FULL), WIN32(ERROR_INSUFFICIENT_BUFFER), WIN32(ERROR_NOT_FOUND),
        WIN32(ERROR_CANCELLED), WIN32(ERROR_NOT_AUTHENTICATED), WIN32(ERROR_FILE_CORRUPT), WIN32(ERROR_TIMEOUT),
        WIN32(ERROR_ALREADY_INITIALIZED), WIN32(ERROR_TOO_MANY_OPEN_FILES),
        WIN32(ERROR_IO_DEVICE), WIN32(ERROR_CANT_RESOLVE_FILENAME), WIN32(ERROR_SHARING_VIOLATION), WIN32(ERROR_FILE_READ_ONLY),
    };
    size_t i;
    for (i = 0; i < COUNT(codes); i++)
        CHECK(wide_length(message(codes[i], 0)) >= 5);
    CHECK(!wide_equal(message(E_HANDLE, 0), message(E_INVALIDARG, 0)));
}

static void unknown_codes_and_languages_are_answered(void)
{
    static const DWORD languages[] = {0, 1033, 1031, 127, 0xFFFF};
    size_t i;
    CHECK(wide_contains(message((HRESULT)0x8ABCDEF1, 0), "8ABCDEF1") || wide_contains(message((HRESULT)0x8ABCDEF1, 0), "8abcdef1"));
    CHECK(wide_length(message((HRESULT)0x7FFFFFFF, 0)) > 0);
    for (i = 0; i < COUNT(languages); i++)
        CHECK(wide_length(message(IPCERROR_NEEDS_ONLINE, languages[i])) > 0);
}

static void detail_names_the_argument(void)
{
    BOOL granted;
    DWORD size;
    PCIPC_TIL list;
    PIPC_BUFFER bytes;
    IPC_PROMPT_CTX prompt;
    BYTE out[4];
    Protected made = protect_for(BOB, "VIEW");
    IPC_LICENSE_HANDLE license = scratch_license();
    DWORD package = 99;
    memset(&prompt, 0, sizeof prompt);
    CHECK_HR(IpcAccessCheck(made.key, NULL, &granted), E_INVALIDARG);
    CHECK(wide_contains(last_detail(), "IpcAccessCheck") && wide_contains(last_detail(), "wszRequestedRight"));
    CHECK_HR(IpcEncrypt(made.key, 0, TRUE, NULL, 5, out, sizeof out, &size), E_INVALIDARG);
    CHECK(wide_contains(last_detail(), "IpcEncrypt") && wide_contains(last_detail(), "pbInput"));
    CHECK_HR(IpcGetTemplateList(NULL, 0x40, 0, NULL, NULL, &list), E_INVALIDARG);
    CHECK(wide_contains(last_detail(), "dwFlags"));
    CHECK_HR(IpcGetTemplateList(NULL, 0, 0, &prompt, NULL, &list), E_INVALIDARG);
    CHECK(wide_contains(last_detail(), "cbSize"));
    CHECK_HR(IpcSerializeLicense(license, 9, 0, NULL, NULL, &bytes), E_INVALIDARG);
    CHECK(wide_contains(last_detail(), "dwType"));
    CHECK_HR(IpcSetLicenseProperty(license, FALSE, IPC_LI_PREFERRED_ENCRYPTION_PACKAGE, &package), E_INVALIDARG);
    CHECK(wide_contains(last_detail(), "IpcSetLicenseProperty"));
    CHECK(wide_contains(last_detail(), "80070057"));
}

static void detail_names_the_element(void)
{
    static char broken[] = "<XrML><BODY type=\"Microsoft Rights Label\" version=\"3.0\"></BODY></XrML>";
    IPC_BUFFER license = {broken, sizeof broken - 1};
    IPC_KEY_HANDLE key = NULL;
    act_as(BOB);
    CHECK_HR(IpcGetKey(&license, 0, NULL, NULL, &key), WIN32(ERROR_INVALID_DATA));
    CHECK(wide_contains(last_detail(), "IpcGetKey"));
    printf("    (%s)\n", narrow(last_detail()));
    CHECK(wide_length(last_detail()) > 30);
}

static void detail_tells_why_there_is_no_right(void)
{
    Protected made = protect_for(BOB, "VIEW");
    IPC_KEY_HANDLE key = NULL, reader = open_as(BOB, made.license);
    BYTE bytes[64];
    DWORD size;
    CHECK_HR(try_open(CAROL, made.license, 0, &key), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK(wide_length(last_detail()) > 30);
    CHECK_HR(IpcEncrypt(reader, 0, TRUE, bytes, 10, bytes, sizeof bytes, &size), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK(wide_contains(last_detail(), "EDIT"));
}

/* A program cleans up before it asks, so a later success does not erase the reason. */
static void detail_survives_success(void)
{
    BOOL granted;
    LPVOID value = NULL;
    CHECK_HR(IpcAccessCheck(NULL, IPC_GENERIC_READ, &granted), E_HANDLE);
    REQUIRE_OK(IpcGetGlobalProperty(IPC_EI_API_MODE, &value));
    IpcFreeMemory(value);
    CHECK(wide_contains(last_detail(), "IpcAccessCheck"));
}

/* The text of a code holds the reason when the code is the one that failed last, and only then. */
static void message_adds_the_reason_of_the_same_code(void)
{
    BOOL granted;
    Protected made = protect_for(BOB, "VIEW");
    size_t plain = wide_length(message(E_INVALIDARG, 0));
    CHECK_HR(IpcAccessCheck(made.key, NULL, &granted), E_INVALIDARG);
    CHECK(wide_contains(message(E_INVALIDARG, 0), "wszRequestedRight"));
    CHECK(!wide_contains(message(E_FAIL, 0), "wszRequestedRight"));
    CHECK(plain > 0);
}

static void *fail_elsewhere(void *unused)
{
    DWORD package;
    (void)unused;
    IpcxGetKeyPackage(NULL, &package);
    return NULL;
}

static void detail_belongs_to_the_thread(void)
{
    BOOL granted;
    pthread_t thread;
    CHECK_HR(IpcAccessCheck(NULL, IPC_GENERIC_READ, &granted), E_HANDLE);
    REQUIRE(pthread_create(&thread, NULL, fail_elsewhere, NULL) == 0);
    REQUIRE(pthread_join(thread, NULL) == 0);
    CHECK(wide_contains(last_detail(), "IpcAccessCheck"));
}

/* No reason may hold the content or the key. */
static void no_secret_in_a_reason(void)
{
    Protected made = protect_for(BOB, "VIEW");
    static BYTE secret[] = "SECRETOFTHEMILL!SECRETOFTHEMILL";
    DWORD got;
    CHECK_HR(IpcEncrypt(made.key, 0, FALSE, secret, sizeof secret, secret, sizeof secret, &got), IPCERROR_NOT_BLOCK_ALIGNED);
    CHECK(!wide_contains(last_detail(), "SECRETOFTHEMILL"));
}

int main(void)
{
    RUN(every_own_code_has_its_text);
    RUN(common_codes_have_texts);
    RUN(unknown_codes_and_languages_are_answered);
    RUN(detail_names_the_argument);
    RUN(detail_names_the_element);
    RUN(detail_tells_why_there_is_no_right);
    RUN(detail_survives_success);
    RUN(message_adds_the_reason_of_the_same_code);
    RUN(detail_belongs_to_the_thread);
    RUN(no_secret_in_a_reason);
    return finish_tests();
}
