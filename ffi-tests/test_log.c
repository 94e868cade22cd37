/* What the library tells about itself: the callback, MSIPC_LOG, and the explanation of refusals. */
#include "admin.h"
#include "files.h"

#include <pthread.h>

enum { LINES_MOST = 400, LINE_ROOM = 1024 };

#ifdef _WIN32
enum { NO_SUCH_FOLDER = ERROR_PATH_NOT_FOUND };
#else
enum { NO_SUCH_FOLDER = ERROR_FILE_NOT_FOUND }; /* other systems have one word for both */
#endif

static struct {
    char text[LINES_MOST][LINE_ROOM];
    DWORD level[LINES_MOST];
    int count;
    void (*meanwhile)(void); /* called once, in the callback */
} heard;

static void CALLBACK hear(LPVOID context, DWORD level, LPCWSTR line)
{
    CHECK(context == &heard);
    if (heard.count < LINES_MOST) {
        snprintf(heard.text[heard.count], LINE_ROOM, "%s", narrow(line));
        heard.level[heard.count++] = level;
    }
    if (heard.meanwhile != NULL) {
        void (*call)(void) = heard.meanwhile;
        heard.meanwhile = NULL;
        call();
    }
}

static void listen_to(DWORD level, DWORD flags)
{
    heard.count = 0;
    heard.meanwhile = NULL;
    REQUIRE_OK(IpcxSetLogCallback(hear, &heard, level, flags));
    heard.count = 0; /* the call itself */
}

static void listen_no_more(void)
{
    CHECK_HR(IpcxSetLogCallback(NULL, NULL, 0, 0), S_OK);
}

/* The number of lines with the text, from the one that is given. */
static int lines_with(const char *part)
{
    int i, found = 0;
    for (i = 0; i < heard.count; i++)
        found += strstr(heard.text[i], part) != NULL;
    return found;
}

static const char *line_with(const char *part)
{
    int i;
    for (i = 0; i < heard.count; i++)
        if (strstr(heard.text[i], part) != NULL)
            return heard.text[i];
    return "";
}

static void show(void)
{
    int i;
    for (i = 0; i < heard.count && harness.complaints > 0; i++)
        printf("        %s\n", heard.text[i]);
}

/* The explanation, in a place that lives until the next one. */
static const char *explained(void)
{
    static char text[2048];
    LPCWSTR explanation = NULL;
    if (!CHECK_HR(IpcxExplain(0, &explanation), S_OK))
        return "";
    snprintf(text, sizeof text, "%s", narrow(explanation));
    IpcFreeMemory((LPVOID)explanation);
    return text;
}

static int explains(const char *part)
{
    const char *text = explained();
    if (strstr(text, part) != NULL && text[0] == '{' && text[strlen(text) - 1] == '}')
        return 1;
    printf("        %s\n", text);
    return 0;
}

static void decisions_are_told(void)
{
    Protected made;
    IPC_KEY_HANDLE key = NULL;
    BOOL granted = TRUE;
    listen_to(IPCX_LOG_DEBUG, 0);
    REQUIRE_OK(IpcInitialize());
    made = protect_for(BOB, "VIEW PRINT");
    key = open_as(BOB, made.license);
    CHECK_HR(IpcAccessCheck(key, IPC_GENERIC_WRITE, &granted), S_OK);
    CHECK_HR(IpcGetKey(made.license, 0, NULL, NULL, &key), S_OK);
    my_handle((IPC_HANDLE)key);
    CHECK_HR(try_open(CAROL, made.license, 0, &key), IPCERROR_RIGHT_NOT_GRANTED);
    listen_no_more();
    CHECK(lines_with("event=library.initialized") == 1 && lines_with("event=store.opened") == 1);
    CHECK(strstr(line_with("event=license.issued"), "function=IpcSerializeLicense") != NULL);
    CHECK(strstr(line_with("event=license.issued"), " template=none package=Cbc4k key=new ") != NULL);
    CHECK(strstr(line_with("event=license.granted"), " rule=entries rights=VIEW,PRINT offline_until=2") != NULL);
    CHECK(strstr(line_with("event=access.denied"), " right=EDIT rule=key-handle ") != NULL);
    CHECK(lines_with("event=key.opened") == 2 && lines_with(" from=authority") == 1 && lines_with(" from=cache") == 1);
    CHECK(strstr(line_with("event=license.refused"), "level=warning") != NULL);
    CHECK(strstr(line_with("event=license.refused"), " kind=right-not-granted rule=no-entry account=c***#") != NULL);
    CHECK(strstr(line_with("event=call.failed"), " function=IpcGetKey code=0x80040211 kind=right-not-granted rule=no-entry ") != NULL);
    CHECK(lines_with("event=call ") == 0);
    CHECK(lines_with("time=20") == heard.count && lines_with(" thread=") == heard.count);
    show();
}

static void the_beginning_is_news_once(void)
{
    listen_to(IPCX_LOG_DEBUG, 0);
    REQUIRE_OK(IpcInitialize());
    REQUIRE_OK(IpcInitialize());
    REQUIRE_OK(IpcInitialize());
    CHECK(lines_with("event=library.initialized") == 3 && strstr(line_with("event=library.initialized"), "level=info ") != NULL);
    CHECK(lines_with("level=debug event=library.initialized") == 2);
    listen_to(IPCX_LOG_INFO, 0);
    REQUIRE_OK(IpcInitialize());
    CHECK(lines_with("event=library.initialized") == 0);
    listen_no_more();
    show();
}

static void files_are_told_without_their_names(void)
{
    LPCWSTR written = NULL;
    listen_to(IPCX_LOG_CALLS, 0);
    put_text("plan of alice.txt", "the plan");
    act_as(ALICE);
    REQUIRE_OK(IpcfEncryptFile(W("plan of alice.txt"), template_id(0), IPCF_EF_TEMPLATE_ID, 0, NULL, NULL, &written));
    mine(written);
    REQUIRE_OK(IpcfDecryptFile(written, 0, NULL, NULL, &written));
    mine(written);
    listen_no_more();
    CHECK(strstr(line_with("event=file.protect "), " file=***.txt#") != NULL);
    CHECK(strstr(line_with("event=file.unprotect "), " is=pfile becomes=***.txt#") != NULL);
    CHECK(strstr(line_with("event=call "), " code=0x00000000 microseconds=") != NULL);
    CHECK(lines_with("plan") == 0 && lines_with("alice") == 0);
    show();
}

static void levels_are_heard_from_the_most_important_one(void)
{
    BOOL granted;
    int i;
    listen_to(IPCX_LOG_WARNING, 0);
    protect_for(BOB, "VIEW");
    CHECK(heard.count == 0);
    CHECK_HR(IpcAccessCheck(NULL, IPC_GENERIC_READ, &granted), E_HANDLE);
    CHECK(heard.count == 1 && heard.level[0] == IPCX_LOG_WARNING);
    listen_to(IPCX_LOG_INFO, 0);
    protect_for(BOB, "VIEW");
    CHECK(heard.count == 1 && heard.level[0] == IPCX_LOG_INFO);
    listen_to(IPCX_LOG_CALLS, IPCX_LOG_JSON);
    protect_for(BOB, "VIEW");
    CHECK(heard.count > 4);
    for (i = 0; i < heard.count; i++)
        CHECK(strncmp(heard.text[i], "{\"time\":\"20", 11) == 0 && heard.text[i][strlen(heard.text[i]) - 1] == '}');
    CHECK(strstr(line_with("\"event\":\"license.issued\""), "\"function\":\"IpcSerializeLicense\",\"account\":\"a***#") != NULL);
    listen_no_more();
    i = heard.count;
    protect_for(BOB, "VIEW");
    CHECK(heard.count == i);
    show();
}

static void wrong_arguments_are_refused(void)
{
    CHECK_HR(IpcxSetLogCallback(hear, NULL, 0, 0), E_INVALIDARG);
    CHECK_HR(IpcxSetLogCallback(hear, NULL, IPCX_LOG_CALLS + 1, 0), E_INVALIDARG);
    CHECK_HR(IpcxSetLogCallback(hear, NULL, IPCX_LOG_INFO, 2), E_INVALIDARG);
    CHECK_HR(IpcxSetLogCallback(NULL, NULL, 99, 99), S_OK);
    CHECK_HR(IpcxExplain(0, NULL), E_INVALIDARG);
    {
        LPCWSTR text = W("stale");
        CHECK_HR(IpcxExplain(1, &text), E_INVALIDARG);
        CHECK(text == NULL);
    }
}

/* Secrets pass through many calls; none of them, and nothing of content, people and their files, is in any line. */
static void secrets_are_never_told(void)
{
    static const char *const secrets[] = {"tangerine", "c2VjcmV0c2VjcmV0c2Vj", "eyJhbGciOi", "bob", "carol", "contoso", "PASSWORD"};
    BYTE bytes[64] = "tangerine", out[128];
    IPC_CREDENTIAL_SYMMETRIC_KEY symmetric = {W("c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"), W("app"), W("bob.contoso.example")};
    IPC_CREDENTIAL credential;
    IPC_PROMPT_CTX prompt;
    IPC_AUTH_TOKEN_HANDLE token = NULL;
    PCIPC_TIL list = NULL;
    PCIPCX_ACCOUNT account = NULL;
    IPC_LICENSE_HANDLE license;
    Protected made;
    DWORD size = 0;
    size_t i;
    listen_to(IPCX_LOG_CALLS, 0);
    made = protect_for(BOB, "VIEW");
    CHECK_HR(IpcEncrypt(made.key, 0, TRUE, bytes, sizeof bytes, out, sizeof out, &size), S_OK);
    CHECK_HR(IpcEncrypt(made.key, 0, TRUE, bytes, sizeof bytes, out, 1, &size), WIN32(ERROR_INSUFFICIENT_BUFFER));
    CHECK_HR(try_open(CAROL, made.license, 0, &made.key), IPCERROR_RIGHT_NOT_GRANTED);
    memset(&credential, 0, sizeof credential);
    memset(&prompt, 0, sizeof prompt);
    credential.dwType = IPC_CREDENTIAL_TYPE_SYMMETRIC_KEY;
    credential.pcSymmetricKey = &symmetric;
    prompt.cbSize = sizeof prompt;
    prompt.pcCredential = &credential;
    CHECK(FAILED(IpcGetTemplateList(NULL, 0, 0, &prompt, NULL, &list)));
    REQUIRE_OK(IpcCreateOAuth2Token(W("eyJhbGciOi.x.y"), &token));
    my_handle((IPC_HANDLE)token);
    CHECK(FAILED(IpcxChangeStorePassphrase(W("PASSWORD"), W("PASSWORD2"), NULL)));
    CHECK(FAILED(IpcxGetAccount(W("bob of contoso"), NULL, &account)));
    license = scratch_license();
    CHECK(FAILED(IpcSetLicenseProperty(license, FALSE, IPC_LI_CONTENT_ID, W("bob at contoso"))));
    CHECK_HR(IpcfDecryptFile(W("no/bob of contoso.txt"), 0, NULL, NULL, NULL), WIN32(NO_SUCH_FOLDER));
    listen_no_more();
    CHECK(lines_with("event=call.failed") >= 6);
    for (i = 0; i < sizeof secrets / sizeof secrets[0]; i++)
        if (!CHECK(lines_with(secrets[i]) == 0))
            printf("        %s: %s\n", secrets[i], line_with(secrets[i]));
}

static struct {
    IPC_LICENSE_HANDLE license;
    IPCF_FILE_HANDLE file;
    HRESULT results[6];
} inside;

/* The same objects that the call was about, failures, and the callback itself. */
static void use_the_library(void)
{
    DWORD days = 3;
    IPCF_FILE_RANGE range = {0, 4};
    BYTE bytes[4];
    DWORD64 count = sizeof bytes;
    LPVOID text = NULL;
    inside.results[0] = IpcSetLicenseProperty(inside.license, FALSE, IPC_LI_INTERVAL_TIME, &days);
    inside.results[1] = inside.file != NULL ? IpcfReadFile(inside.file, &range, bytes, &count) : S_OK;
    inside.results[2] = IpcGetLicenseProperty(inside.license, IPC_LI_CONTENT_ID, 0, &text);
    IpcFreeMemory(text);
    inside.results[3] = IpcCloseHandle(NULL);
    inside.results[4] = IpcxSetLogCallback(hear, &heard, IPCX_LOG_CALLS, 0);
    inside.results[5] = IpcxSetThreads(0);
}

static void the_callback_may_use_the_library(void)
{
    LPCWSTR name = NULL, detail = NULL;
    IPCF_FILE_RANGE range = {0, 8};
    BYTE bytes[8];
    DWORD64 count = sizeof bytes;
    int told;
    put_text("inside.dat", "contents");
    act_as(ALICE);
    REQUIRE_OK(IpcfEncryptFile(W("inside.dat"), template_id(0), IPCF_EF_TEMPLATE_ID, 0, NULL, NULL, &name));
    mine(name);
    REQUIRE_OK(IpcxOpenFile(name, NULL, 0, &inside.file));
    my_handle((IPC_HANDLE)inside.file);
    inside.license = scratch_license();
    listen_to(IPCX_LOG_CALLS, 0);
    heard.meanwhile = use_the_library;
    CHECK_HR(IpcfReadFile(inside.file, &range, bytes, &count), S_OK);
    CHECK(memcmp(bytes, "contents", 8) == 0 && heard.meanwhile == NULL);
    CHECK(inside.results[0] == S_OK && inside.results[1] == S_OK && inside.results[2] == S_OK);
    CHECK(inside.results[3] == E_HANDLE && inside.results[4] == S_OK && inside.results[5] == E_INVALIDARG);
    told = heard.count;
    CHECK(told == 1); /* what the callback does is not told */
    /* What failed is still what failed last, whatever the callback did. */
    heard.meanwhile = use_the_library;
    CHECK_HR(IpcSerializeLicense(inside.license, IPC_SL_LICENSE_HANDLE, 0x4000, NULL, NULL, NULL), E_INVALIDARG);
    CHECK(heard.meanwhile == NULL);
    REQUIRE_OK(IpcxGetLastErrorDetail(&detail));
    CHECK(wide_contains((LPCWSTR)mine(detail), "IpcSerializeLicense: 0x80070057"));
    CHECK(explains("\"function\":\"IpcSerializeLicense\""));
    heard.meanwhile = listen_no_more;
    CHECK_HR(IpcInitialize(), S_OK);
    told = heard.count;
    CHECK_HR(IpcInitialize(), S_OK);
    CHECK(heard.count == told);
    IpcCloseHandle((IPC_HANDLE)inside.file);
    inside.file = NULL;
    show();
}

static int threads_heard[4];

static void CALLBACK count_lines(LPVOID context, DWORD level, LPCWSTR line)
{
    (void)context;
    (void)level;
    __atomic_add_fetch(&threads_heard[0], line[0] == 't', __ATOMIC_RELAXED);
}

static void *fail_often(void *unused)
{
    int i;
    for (i = 0; i < 500; i++)
        IpcCloseHandle(NULL);
    return unused;
}

static void *change_often(void *unused)
{
    int i;
    for (i = 0; i < 200; i++)
        IpcxSetLogCallback(count_lines, NULL, IPCX_LOG_WARNING + (DWORD)(i % 3), 0);
    return unused;
}

static void many_threads_are_heard(void)
{
    pthread_t threads[5];
    int i;
    threads_heard[0] = 0;
    REQUIRE_OK(IpcxSetLogCallback(count_lines, NULL, IPCX_LOG_WARNING, 0));
    for (i = 0; i < 5; i++)
        REQUIRE(pthread_create(&threads[i], NULL, i < 4 ? fail_often : change_often, NULL) == 0);
    for (i = 0; i < 5; i++)
        pthread_join(threads[i], NULL);
    listen_no_more();
    CHECK(threads_heard[0] == 4 * 500);
}

static void *nothing_to_explain(void *out)
{
    LPCWSTR text = W("stale");
    IpcxExplain(0, &text);
    *(int *)out = text == NULL;
    return NULL;
}

static void refusals_are_explained(void)
{
    Protected made;
    IPC_KEY_HANDLE key = NULL, reader;
    IPC_BUFFER broken;
    IPCX_REVOCATION revocation;
    IPC_TERM term;
    IPC_LICENSE_HANDLE license;
    static const Entry entry = {BOB, "VIEW"};
    BYTE bytes[64] = {0};
    DWORD size = 0;
    BOOL granted = TRUE;
    LPVOID value = NULL;
    int nothing = 0;
    pthread_t thread;
    REQUIRE(pthread_create(&thread, NULL, nothing_to_explain, &nothing) == 0);
    pthread_join(thread, NULL);
    CHECK(nothing);

    CHECK_HR(IpcGetKey(NULL, 0, NULL, NULL, &key), E_INVALIDARG);
    CHECK(explains("{\"function\":\"IpcGetKey\",\"code\":\"0x80070057\",\"kind\":\"invalid-argument\",\"argument\":\"pvLicense\"}"));
    CHECK_HR(IpcCloseHandle(NULL), E_HANDLE);
    CHECK(explains("\"kind\":\"invalid-handle\"}"));
    broken.pvBuffer = (LPVOID) "<XrML><BODY></BODY>";
    broken.cbBuffer = 19;
    CHECK_HR(IpcGetKey(&broken, 0, NULL, NULL, &key), WIN32(ERROR_INVALID_DATA));
    CHECK(explains("\"kind\":\"malformed\",\"element\":\""));

    made = protect_for(BOB, "VIEW");
    CHECK_HR(try_open(CAROL, made.license, 0, &key), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK(explains("\"kind\":\"right-not-granted\",\"rule\":\"no-entry\",\"account\":\"c***#"));
    CHECK(strstr(explained(), "\"content_id\":\"{") != NULL && strstr(explained(), "contoso") == NULL);
    reader = open_as(BOB, made.license);
    CHECK_HR(IpcEncrypt(reader, 0, TRUE, bytes, 16, bytes, sizeof bytes, &size), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK(explains("\"right\":\"EDIT or DOCEDIT or EXPORT\",\"rule\":\"key-handle\",\"account\":\"b***#"));
    CHECK_HR(IpcAccessCheck(reader, W("pRiNt"), &granted), S_OK);
    CHECK(!granted);
    CHECK(explains("{\"function\":\"IpcAccessCheck\",\"code\":\"0x00000000\",\"kind\":\"right-not-granted\",\"right\":\"pRiNt\",\"rule\":\"key-handle\","));
    CHECK_HR(IpcAccessCheck(reader, IPC_GENERIC_READ, &granted), S_OK);
    CHECK(granted && explains("\"right\":\"pRiNt\"")); /* a success erases nothing */
    IpcCloseHandle((IPC_HANDLE)reader);
    CHECK(explains("\"right\":\"pRiNt\"")); /* and the key may be gone */
    CHECK_HR(IpcGetSerializedLicenseProperty(made.license, IPC_LI_USER_RIGHTS_LIST, NULL, 0, &value), IPCERROR_NEEDS_KEY_PARAMETER);
    CHECK(explains("\"kind\":\"needs-key\""));

    CHECK_HR(try_open(DAVE, made.license, IPC_PROMPT_FLAG_OFFLINE, &key), IPCERROR_NEEDS_ONLINE);
    CHECK(explains("\"kind\":\"needs-online\",\"rule\":\"no-use-license\",\"account\":\"d***#"));
    act_as(ALICE);
    memset(&revocation, 0, sizeof revocation);
    revocation.cbSize = sizeof revocation;
    revocation.dwTarget = IPCX_REVOKE_LICENSE;
    revocation.pLicense = made.license;
    REQUIRE_OK(IpcxRevoke(&revocation, NULL));
    CHECK_HR(try_open(BOB, made.license, 0, &key), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK(explains("\"kind\":\"revoked\",\"rule\":\"revoked\""));

    act_as(ALICE);
    license = scratch_license();
    grant(license, &entry, 1);
    memset(&term, 0, sizeof term);
    term.ftStart.dwHighDateTime = 0x01C00000u; /* the year 2000 */
    term.qwDuration = (DWORD64)864000000000u;
    set_property(license, IPC_LI_VALIDITY_TIME, &term);
    made = serialize(license);
    CHECK_HR(try_open(BOB, made.license, 0, &key), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK(explains("\"kind\":\"expired\",\"rule\":\"after-term\""));
    {
        /* The entry names Bob, but its time is over; the content has no term. */
        static Template memory;
        static IPCX_RIGHT_TIMES times;
        PIPC_BUFFER bytes = NULL;
        LPCWSTR id, detail = NULL;
        new_template(&memory, W("Over"), &entry, 1);
        times.User.dwType = IPC_USER_TYPE_EMAIL;
        times.User.wszID = BOB;
        times.wszRight = IPC_GENERIC_READ;
        times.ftUntil.dwHighDateTime = 0x01C00000u;
        times.dwIntervalDays = IPCX_OFFLINE_DAYS_DEFAULT;
        memory.value.cRightTimes = 1;
        memory.value.rgRightTimes = &times;
        id = put_template(&memory.value);
        REQUIRE_OK(publish_as(ALICE, id, &bytes));
        CHECK_HR(try_open(BOB, bytes, 0, &key), IPCERROR_RIGHT_NOT_GRANTED);
        CHECK(explains("\"kind\":\"expired\",\"rule\":\"after-entry\""));
        REQUIRE_OK(IpcxGetLastErrorDetail(&detail));
        CHECK(wide_contains((LPCWSTR)mine(detail), "the rights of this account have ended"));
        CHECK_HR(publish_as(BOB, W("{00000000-0000-0000-0000-000000000000}"), &bytes), WIN32(ERROR_NOT_FOUND));
        CHECK(explains("\"kind\":\"not-found\",\"missing\":\"template\""));
        memory.value.cScope = 1;
        memory.scope[0].dwType = IPC_USER_TYPE_EMAIL;
        memory.scope[0].wszID = CAROL;
        memory.value.wszID = id;
        put_template(&memory.value);
        CHECK_HR(publish_as(BOB, id, &bytes), IPCERROR_TEMPLATE_NOT_ENABLED_FOR_USER);
        CHECK(explains("\"rule\":\"template-scope\",\"account\":\"b***#"));
    }
    act_as(BOB);
    CHECK_HR(IpcxResetClockMark(NULL), E_ACCESSDENIED);
    CHECK(explains("\"kind\":\"access-denied\",\"rule\":\"administrators-only\",\"account\":\"b***#"));
}

static void administrators_decide_about_masks(void)
{
    Protected made = protect_for(BOB, "VIEW");
    IPC_KEY_HANDLE key = NULL;
    DWORD value = 7;
    act_as(BOB);
    CHECK_HR(IpcxSetTenantSetting(IPCX_SETTING_LOG_PERSONAL_DATA, 1, NULL), E_ACCESSDENIED);
    act_as(NULL);
    REQUIRE_OK(IpcxGetTenantSetting(IPCX_SETTING_LOG_PERSONAL_DATA, NULL, &value));
    CHECK(value == 0);
    CHECK_HR(IpcxSetTenantSetting(IPCX_SETTING_LOG_PERSONAL_DATA, 2, NULL), E_INVALIDARG);
    REQUIRE_OK(IpcxSetTenantSetting(IPCX_SETTING_LOG_PERSONAL_DATA, 1, NULL));
    REQUIRE_OK(IpcxGetTenantSetting(IPCX_SETTING_LOG_PERSONAL_DATA, NULL, &value));
    CHECK(value == 1);
    listen_to(IPCX_LOG_INFO, 0);
    CHECK_HR(try_open(CAROL, made.license, 0, &key), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK(explains("\"account\":\"carol@fabrikam.example\""));
    listen_no_more();
    CHECK(lines_with(" account=carol@fabrikam.example ") > 0);
    /* It is kept, and holds in a store that is opened anew. */
    REQUIRE_OK(IpcUninitializeEnvironment());
    CHECK_HR(try_open(CAROL, made.license, 0, &key), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK(explains("\"account\":\"carol@fabrikam.example\""));
    act_as(NULL);
    REQUIRE_OK(IpcxSetTenantSetting(IPCX_SETTING_LOG_PERSONAL_DATA, 0, NULL));
    CHECK_HR(try_open(CAROL, made.license, 0, &key), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK(explains("\"account\":\"c***#"));
    show();
}

static char program[PATH_ROOM];

/* Runs this program as a child with a wish for its log, and gives the status. */
#ifndef _WIN32 /* the shell of Windows quotes in another way, and files have no modes there */
static int child_with(const char *wish)
{
    char command[PATH_ROOM + 64];
    CHECK(setenv("MSIPC_LOG", wish, 1) == 0);
    snprintf(command, sizeof command, "'%s' child 2>errors.txt", program);
    return system(command);
}
#endif

static int child(void)
{
    Protected made = protect_for(BOB, "VIEW");
    IPC_KEY_HANDLE key = NULL;
    int status = try_open(CAROL, made.license, 0, &key) == IPCERROR_RIGHT_NOT_GRANTED ? EXIT_SUCCESS : EXIT_FAILURE;
    release_all();
    return status;
}

/* The lines of a file with the text. */
#ifndef _WIN32
static int file_lines_with(const char *name, const char *part)
{
    static char line[4096];
    FILE *file = fopen(name, "r");
    int found = 0;
    if (file == NULL)
        return -1;
    while (fgets(line, sizeof line, file) != NULL)
        found += strstr(line, part) != NULL;
    fclose(file);
    return found;
}

static void the_environment_names_level_target_and_form(void)
{
    struct stat found;
    remove("log.txt");
    CHECK(child_with("info:log.txt") == 0);
    CHECK(file_lines_with("log.txt", "level=info event=license.issued") == 1);
    CHECK(file_lines_with("log.txt", "event=call.failed thread=1 function=IpcGetKey code=0x80040211") == 1);
    CHECK(file_lines_with("log.txt", "level=debug") == 0 && file_lines_with("log.txt", "carol") == 0);
    CHECK(stat("log.txt", &found) == 0 && (found.st_mode & 0777) == 0600);
    CHECK(file_lines_with("errors.txt", "") == 0);
    CHECK(child_with("warning:log.txt:json") == 0); /* added behind the lines that are there */
    CHECK(file_lines_with("log.txt", "event=license.issued") == 1);
    CHECK(file_lines_with("log.txt", "{\"time\":\"20") == 2);
    CHECK(child_with("debug") == 0);
    CHECK(file_lines_with("errors.txt", "level=debug event=cache.missed") == 1);
    CHECK(child_with("calls:stderr:json") == 0);
    CHECK(file_lines_with("errors.txt", "\"event\":\"call\",\"thread\":1,\"function\":\"IpcGetKey\"") == 1);
    CHECK(child_with("off") == 0 && file_lines_with("errors.txt", "") == 0);
    /* A wish that makes no sense is told once and harms nothing. */
    CHECK(child_with("loud") == 0 && file_lines_with("errors.txt", "msipc: MSIPC_LOG: ") == 1);
    CHECK(child_with("info:no/such/folder/log.txt") == 0 && file_lines_with("errors.txt", "msipc: MSIPC_LOG: ") == 1);
    CHECK(symlink("log.txt", "link.txt") == 0);
    CHECK(child_with("info:link.txt") == 0 && file_lines_with("errors.txt", "msipc: MSIPC_LOG: ") == 1);
    unsetenv("MSIPC_LOG");
}
#endif

int main(int count, char **arguments)
{
    if (count > 1)
        return child();
    snprintf(program, sizeof program, "%s", arguments[0]);
    RUN(the_beginning_is_news_once);
    RUN(decisions_are_told);
    RUN(files_are_told_without_their_names);
    RUN(levels_are_heard_from_the_most_important_one);
    RUN(wrong_arguments_are_refused);
    RUN(secrets_are_never_told);
    RUN(the_callback_may_use_the_library);
    RUN(many_threads_are_heard);
    RUN(refusals_are_explained);
    RUN(administrators_decide_about_masks);
#ifndef _WIN32
    RUN(the_environment_names_level_target_and_form);
#endif
    return finish_tests();
}
