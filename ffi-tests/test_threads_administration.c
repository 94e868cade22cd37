/* An administrator changes templates, groups, revocations and settings while other threads open, protect, list and ask.
 * A change holds for the next call of the thread that made it, and never disturbs what it is not about. The administrator is
 * the main thread; the others count what went wrong for themselves.
 */
#include "admin.h"

#include <pthread.h>
#include <stdatomic.h>

#define BOARD W("board@contoso.example")
#define OPERATOR W("operator@contoso.example")

enum { BLOCK = 4096 };

typedef struct {
    LPCWSTR account;
    int wrong;
    atomic_int done;
} Job;

/* A license or a text that lives as long as the process, so that threads may use it whatever becomes of the test. */
typedef union {
    IPC_BUFFER buffer;
    WCHAR text[64];
    BYTE room[65536];
} Kept;

/* Licenses: what nobody changes, and what the administrator changes all the time. */
static Kept kept, changing, template_id_of_changing;
static atomic_int stop;
static atomic_int lines_heard;

static void keep(Kept *place, PCIPC_BUFFER license)
{
    REQUIRE(license->cbBuffer <= sizeof place->room - sizeof place->buffer);
    memcpy(place->room + sizeof place->buffer, license->pvBuffer, license->cbBuffer);
    place->buffer = *license;
    place->buffer.pvBuffer = place->room + sizeof place->buffer;
}

static int allowed(HRESULT result, HRESULT other)
{
    return result == S_OK || result == other;
}

/* Opens what must always open, and what may be taken away at any moment. */
static void *read_all_the_time(void *argument)
{
    Job *job = (Job *)argument;
    BYTE plain[BLOCK], bytes[BLOCK];
    fill(plain, sizeof plain, 5);
    if (IpcxSetThreadIdentity(job->account) != S_OK)
        job->wrong++;
    while (!atomic_load(&stop)) {
        IPC_KEY_HANDLE key = NULL, other = NULL;
        BOOL granted = 7;
        DWORD got = 0;
        if (IpcGetKey(&kept.buffer, 0, NULL, NULL, &key) != S_OK) {
            job->wrong++;
        } else {
            job->wrong += IpcAccessCheck(key, IPC_GENERIC_WRITE, &granted) != S_OK || granted != TRUE;
            job->wrong += IpcEncrypt(key, 0, FALSE, plain, BLOCK, bytes, BLOCK, &got) != S_OK || got != BLOCK;
            job->wrong += IpcDecrypt(key, 0, FALSE, bytes, BLOCK, bytes, BLOCK, &got) != S_OK || memcmp(bytes, plain, BLOCK) != 0;
            job->wrong += IpcCloseHandle((IPC_HANDLE)key) != S_OK;
        }
        if (!allowed(IpcGetKey(&changing.buffer, 0, NULL, NULL, &other), IPCERROR_RIGHT_NOT_GRANTED))
            job->wrong++;
        if (other != NULL)
            IpcCloseHandle((IPC_HANDLE)other);
        atomic_fetch_add(&job->done, 1);
    }
    return NULL;
}

/* Protects with a template that comes and goes, and lists what there is. */
static void *publish_all_the_time(void *argument)
{
    Job *job = (Job *)argument;
    if (IpcxSetThreadIdentity(job->account) != S_OK)
        job->wrong++;
    while (!atomic_load(&stop)) {
        IPC_KEY_HANDLE key = NULL;
        PIPC_BUFFER license = NULL;
        PCIPC_TIL list = NULL;
        LPVOID name = NULL;
        HRESULT result = IpcSerializeLicense((LPCVOID)template_id_of_changing.text, IPC_SL_TEMPLATE_ID, 0, NULL, &key, &license);
        if (!allowed(result, WIN32(ERROR_NOT_FOUND)) || (result == S_OK) != (key != NULL && license != NULL))
            job->wrong++;
        if (result == S_OK && IpcGetSerializedLicenseProperty(license, IPC_LI_DESCRIPTOR, key, 0, &name) != S_OK)
            job->wrong++;
        if (IpcGetTemplateList(NULL, IPC_GTL_FLAG_FORCE_DOWNLOAD, 1033, NULL, NULL, &list) != S_OK || list->cTi < 2 || list->cTi > 3)
            job->wrong++;
        IpcFreeMemory((LPVOID)list);
        IpcFreeMemory(name);
        IpcFreeMemory(license);
        if (key != NULL)
            IpcCloseHandle((IPC_HANDLE)key);
        atomic_fetch_add(&job->done, 1);
    }
    return NULL;
}

static void CALLBACK hear(LPVOID context, DWORD level, LPCWSTR line)
{
    (void)context;
    (void)level;
    if (line[0] != 0)
        atomic_fetch_add(&lines_heard, 1);
}

/* Changes what holds for the whole process, and asks for it. */
static void *change_the_process(void *argument)
{
    Job *job = (Job *)argument;
    DWORD turn = 1;
    while (!atomic_load(&stop)) {
        PCIPCX_ACCOUNT account = NULL;
        LPCWSTR text = NULL;
        LPVOID mode = NULL;
        job->wrong += IpcxSetThreads(1 + turn++ % 3) != S_OK;
        job->wrong += IpcxSetIdentity(NULL) != S_OK || IpcxSetThreadIdentity(turn % 2 ? DAVE : CAROL) != S_OK;
        job->wrong += IpcxSetLogCallback(turn % 4 ? hear : NULL, NULL, turn % 4 ? IPCX_LOG_INFO + turn % 2 : 0, 0) != S_OK;
        if (IpcxGetIdentity(NULL, &account) != S_OK || !wide_equal(account->wszAddress, turn % 2 ? DAVE : CAROL))
            job->wrong++;
        IpcFreeMemory((LPVOID)account);
        job->wrong += IpcCloseHandle(NULL) != E_HANDLE || IpcxExplain(0, &text) != S_OK || text == NULL;
        IpcFreeMemory((LPVOID)text);
        job->wrong += IpcGetGlobalProperty(IPC_EI_API_MODE, &mode) != S_OK;
        IpcFreeMemory(mode);
        atomic_fetch_add(&job->done, 1);
    }
    job->wrong += IpcxSetLogCallback(NULL, NULL, 0, 0) != S_OK;
    return NULL;
}

/* What the administrator does once. Each change shows at the next call. */
static void change_everything_once(void)
{
    static Template place;
    Template *memory = &place;
    LPCWSTR id = template_id_of_changing.text;
    static const Entry less[] = {{BOARD, "VIEW"}}, more[] = {{BOARD, "VIEW EDIT"}, {CAROL, "VIEW"}};
    IPCX_REVOCATION revocation;
    IPC_KEY_HANDLE key = NULL;
    PIPC_BUFFER none, list = NULL;

    new_template(memory, W("Changes"), more, 2);
    memory->value.wszID = id;
    put_template(&memory->value);
    CHECK_HR(try_open(CAROL, &changing.buffer, 0, &key), S_OK);
    new_template(memory, W("Changes again"), less, 1);
    memory->value.wszID = id;
    put_template(&memory->value);
    CHECK_HR(try_open(CAROL, &changing.buffer, 0, &key), IPCERROR_RIGHT_NOT_GRANTED);

    act_as(NULL);
    REQUIRE_OK(IpcxAddGroupMember(BOARD, DAVE, NULL));
    CHECK_HR(try_open(DAVE, &changing.buffer, 0, &key), S_OK);
    act_as(NULL);
    REQUIRE_OK(IpcxRemoveGroupMember(BOARD, DAVE, NULL));
    CHECK_HR(try_open(DAVE, &changing.buffer, 0, &key), IPCERROR_RIGHT_NOT_GRANTED);

    act_as(NULL);
    memset(&revocation, 0, sizeof revocation);
    revocation.cbSize = sizeof revocation;
    revocation.dwTarget = IPCX_REVOKE_LICENSE;
    revocation.pLicense = &changing.buffer;
    REQUIRE_OK(IpcxRevoke(&revocation, NULL));
    CHECK_HR(try_open(BOB, &changing.buffer, 0, &key), IPCERROR_RIGHT_NOT_GRANTED);
    act_as(NULL);
    REQUIRE_OK(IpcxExportRevocationList(2, NULL, &list));
    IpcFreeMemory(list);
    REQUIRE_OK(IpcxRestore(&revocation, NULL));
    CHECK_HR(try_open(BOB, &changing.buffer, 0, &key), S_OK);

    act_as(NULL);
    REQUIRE_OK(IpcxSetTemplateEnabled(id, FALSE, NULL));
    CHECK_HR(publish_as(ALICE, id, &none), WIN32(ERROR_NOT_FOUND));
    act_as(NULL);
    REQUIRE_OK(IpcxSetTemplateEnabled(id, TRUE, NULL));
    CHECK_HR(publish_as(ALICE, id, &none), S_OK);

    act_as(NULL);
    REQUIRE_OK(IpcxSetTenantSetting(IPCX_SETTING_SUPER_USERS, 1, NULL));
    CHECK_HR(try_open(OPERATOR, &changing.buffer, 0, &key), S_OK);
    act_as(NULL);
    REQUIRE_OK(IpcxSetTenantSetting(IPCX_SETTING_SUPER_USERS, 0, NULL));
    CHECK_HR(try_open(OPERATOR, &changing.buffer, 0, &key), IPCERROR_RIGHT_NOT_GRANTED);
}

static void *(*const works[])(void *) = {read_all_the_time, read_all_the_time, publish_all_the_time, change_the_process};
static Job jobs[COUNT(works)];
static pthread_t threads[COUNT(works)];

static void others_begin(void)
{
    static const Entry board[] = {{BOARD, "VIEW"}}, both[] = {{BOB, "VIEW EDIT"}, {ALICE, "OWNER"}};
    static Template memory;
    PIPC_BUFFER license;
    LPCWSTR id;
    size_t i;
    keep(&kept, protect_with(0, both, COUNT(both)).license);
    put_account(OPERATOR, NULL, IPCX_ACCOUNT_SUPER_USER);
    put_group(BOARD, BOB, NULL);
    id = put_template(new_template(&memory, W("Changes"), board, COUNT(board)));
    for (i = 0; id[i] != 0 && i + 1 < COUNT(template_id_of_changing.text); i++)
        template_id_of_changing.text[i] = id[i];
    CHECK_HR(publish_as(ALICE, id, &license), S_OK);
    REQUIRE(license != NULL);
    keep(&changing, license);
    for (i = 0; i < COUNT(works); i++) {
        jobs[i].account = i == 0 ? BOB : ALICE;
        if (pthread_create(&threads[i], NULL, works[i], &jobs[i]) != 0)
            abort();
    }
}

static int all_have_worked(void)
{
    size_t i;
    for (i = 0; i < COUNT(works); i++)
        if (atomic_load(&jobs[i].done) == 0)
            return 0;
    return 1;
}

static void changes_hold_at_once(void)
{
    int round;
    for (round = 0; round < rounds(19) || !all_have_worked(); round++)
        change_everything_once();
}

static void others_were_not_disturbed(void)
{
    DWORD64 lines = 0;
    size_t i;
    atomic_store(&stop, 1);
    for (i = 0; i < COUNT(works); i++) {
        pthread_join(threads[i], NULL);
        CHECK(jobs[i].wrong == 0);
    }
    CHECK(atomic_load(&lines_heard) > 0);
    act_as(NULL);
    CHECK_HR(IpcxVerifyUsageLog(NULL, NULL, &lines), S_OK);
    CHECK(lines > (DWORD64)atomic_load(&jobs[0].done));
}

int main(void)
{
    RUN(others_begin);
    if (harness.failed == 0) {
        RUN(changes_hold_at_once);
        RUN(others_were_not_disturbed);
    }
    return finish_tests();
}
