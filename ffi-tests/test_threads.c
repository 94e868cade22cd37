/* Several threads on one key, one license, one block of memory; handles that another thread closes in the middle.
 * Threads count what went wrong for themselves; the main thread checks the sums.
 */
#include "fixtures.h"

#include <pthread.h>
#include <stdatomic.h>

enum { THREADS = 4, BLOCK = 4096 };

typedef struct {
    IPC_KEY_HANDLE key;
    PCIPC_BUFFER license;
    IPC_LICENSE_HANDLE draft;
    int number, times;
    int wrong; /* answers that no order of events explains */
    int right;
} Job;

static atomic_int stop;

static void run_threads(void *(*work)(void *), Job *jobs, int count)
{
    pthread_t threads[16];
    int i;
    REQUIRE(count <= 16);
    for (i = 0; i < count; i++)
        if (pthread_create(&threads[i], NULL, work, &jobs[i]) != 0)
            abort();
    for (i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
}

static BYTE document[16 * BLOCK], sealed[16 * BLOCK + 64];

static void *encrypt_part(void *argument)
{
    Job *job = (Job *)argument;
    int block, time;
    for (time = 0; time < job->times; time++)
        for (block = job->number; block < 16; block += THREADS) {
            DWORD got = 0;
            HRESULT result = IpcEncrypt(job->key, (DWORD)block, block == 15, document + block * BLOCK, BLOCK,
                                        sealed + block * BLOCK, block == 15 ? BLOCK + 64 : BLOCK, &got);
            if (result != S_OK || got != (block == 15 ? BLOCK + 16u : (DWORD)BLOCK))
                job->wrong++;
        }
    return NULL;
}

static void blocks_of_one_document_from_several_threads(void)
{
    Protected made = protect_for(BOB, "VIEW");
    static BYTE alone[16 * BLOCK + 64], opened[16 * BLOCK + 64];
    Job jobs[THREADS];
    DWORD length = 0, got = 0;
    int i;
    memset(jobs, 0, sizeof jobs);
    fill(document, sizeof document, 21);
    for (i = 0; i < THREADS; i++) {
        jobs[i].key = made.key;
        jobs[i].number = i;
        jobs[i].times = rounds(50);
    }
    run_threads(encrypt_part, jobs, THREADS);
    for (i = 0; i < THREADS; i++)
        CHECK(jobs[i].wrong == 0);
    REQUIRE_OK(IpcEncrypt(made.key, 0, TRUE, document, sizeof document, alone, sizeof alone, &length));
    CHECK(length == sizeof document + 16 && memcmp(alone, sealed, length) == 0);
    REQUIRE_OK(IpcDecrypt(open_as(BOB, made.license), 0, TRUE, sealed, length, opened, sizeof opened, &got));
    CHECK(got == sizeof document && memcmp(opened, document, got) == 0);
}

static void *use_until_closed(void *argument)
{
    Job *job = (Job *)argument;
    BYTE bytes[64];
    while (!atomic_load(&stop)) {
        BOOL granted = 7;
        DWORD got = 7;
        LPVOID value = (LPVOID)1;
        HRESULT results[4];
        int i, closed = 0;
        memset(bytes, 1, sizeof bytes);
        results[0] = IpcAccessCheck(job->key, IPC_GENERIC_READ, &granted);
        if (results[0] != S_OK && granted != FALSE)
            job->wrong++;
        results[1] = IpcEncrypt(job->key, 0, TRUE, bytes, 20, bytes, sizeof bytes, &got);
        if (results[1] == S_OK ? got != 32 : got != 0)
            job->wrong++;
        results[2] = IpcGetKeyProperty(job->key, IPC_KI_USER_DISPLAYNAME, NULL, &value);
        if ((results[2] == S_OK) == (value == NULL))
            job->wrong++;
        IpcFreeMemory(value);
        results[3] = IpcDecrypt(job->key, 0, FALSE, bytes, 0, bytes, sizeof bytes, &got);
        for (i = 0; i < 4; i++) {
            if (results[i] != S_OK && results[i] != E_HANDLE)
                job->wrong++;
            /* Once closed, for ever closed. */
            if (results[i] == E_HANDLE)
                closed = 1;
            else if (closed)
                job->wrong++;
        }
        if (closed)
            return NULL;
        job->right++;
    }
    return NULL;
}

static void key_closed_while_others_use_it(void)
{
    Protected made = protect_for(BOB, "VIEW");
    int round;
    for (round = 0; round < rounds(40); round++) {
        Job jobs[THREADS];
        pthread_t threads[THREADS];
        IPC_KEY_HANDLE key = open_as(ALICE, made.license);
        int i;
        memset(jobs, 0, sizeof jobs);
        atomic_store(&stop, 0);
        for (i = 0; i < THREADS; i++) {
            jobs[i].key = key;
            if (pthread_create(&threads[i], NULL, use_until_closed, &jobs[i]) != 0)
                abort();
        }
        for (i = 0; i < 200; i++) {
            BOOL granted;
            IpcAccessCheck(made.key, IPC_GENERIC_READ, &granted);
        }
        CHECK_HR(IpcCloseHandle((IPC_HANDLE)key), S_OK);
        CHECK_HR(IpcCloseHandle((IPC_HANDLE)key), E_HANDLE);
        for (i = 0; i < THREADS; i++) {
            pthread_join(threads[i], NULL);
            CHECK(jobs[i].wrong == 0);
        }
        atomic_store(&stop, 1);
    }
}

static IPC_HANDLE raced;

static void *close_it(void *argument)
{
    Job *job = (Job *)argument;
    HRESULT result = IpcCloseHandle(raced);
    job->right = result == S_OK;
    job->wrong = result != S_OK && result != E_HANDLE;
    return NULL;
}

static void one_of_many_closers_wins(void)
{
    int round;
    for (round = 0; round < rounds(200); round++) {
        Job jobs[THREADS];
        int i, winners = 0;
        memset(jobs, 0, sizeof jobs);
        raced = (IPC_HANDLE)scratch_license();
        run_threads(close_it, jobs, THREADS);
        for (i = 0; i < THREADS; i++) {
            winners += jobs[i].right;
            CHECK(jobs[i].wrong == 0);
        }
        CHECK(winners == 1);
    }
}

static LPVOID block;

static void *free_it(void *unused)
{
    (void)unused;
    IpcFreeMemory(block);
    return NULL;
}

static void frees_race(void)
{
    int round;
    for (round = 0; round < rounds(200); round++) {
        Job jobs[THREADS];
        memset(jobs, 0, sizeof jobs);
        REQUIRE_OK(IpcGetGlobalProperty(IPC_EI_API_MODE, &block));
        run_threads(free_it, jobs, THREADS);
    }
}

static void *edit_license(void *argument)
{
    static const LPCWSTR texts[2] = {W("https://mill.example/one"), W("https://mill.example/two-is-longer")};
    Job *job = (Job *)argument;
    int i;
    for (i = 0; i < job->times; i++) {
        LPVOID value = NULL;
        if (IpcSetLicenseProperty(job->draft, FALSE, IPC_LI_REFERRAL_INFO_URL, texts[(i + job->number) % 2]) != S_OK)
            job->wrong++;
        if (IpcGetLicenseProperty(job->draft, IPC_LI_REFERRAL_INFO_URL, 0, &value) != S_OK)
            job->wrong++;
        else if (!wide_equal((LPCWSTR)value, texts[0]) && !wide_equal((LPCWSTR)value, texts[1]))
            job->wrong++;
        IpcFreeMemory(value);
    }
    return NULL;
}

static void one_license_edited_by_several_threads(void)
{
    Job jobs[THREADS];
    IPC_LICENSE_HANDLE draft;
    int i;
    act_as(ALICE);
    draft = scratch_license();
    memset(jobs, 0, sizeof jobs);
    for (i = 0; i < THREADS; i++) {
        jobs[i].draft = draft;
        jobs[i].number = i;
        jobs[i].times = rounds(500);
    }
    run_threads(edit_license, jobs, THREADS);
    for (i = 0; i < THREADS; i++)
        CHECK(jobs[i].wrong == 0);
}

static void *whole_journey(void *argument)
{
    static const LPCWSTR accounts[THREADS] = {BOB, CAROL, DAVE, W("erin@contoso.example")};
    Job *job = (Job *)argument;
    int i;
    for (i = 0; i < job->times; i++) {
        IPC_KEY_HANDLE key = NULL;
        LPVOID name = NULL;
        BOOL granted = 7;
        /* Thread 0 and 1 are granted VIEW, the others nothing; each thread has an identity of its own. */
        HRESULT expected = job->number < 2 ? S_OK : IPCERROR_RIGHT_NOT_GRANTED;
        if (IpcxSetThreadIdentity(accounts[job->number]) != S_OK)
            job->wrong++;
        if (IpcGetKey(job->license, 0, NULL, NULL, &key) != expected)
            job->wrong++;
        if (expected == S_OK) {
            if (IpcAccessCheck(key, IPC_GENERIC_READ, &granted) != S_OK || granted != TRUE)
                job->wrong++;
            if (IpcGetKeyProperty(key, IPC_KI_USER_DISPLAYNAME, NULL, &name) != S_OK || name == NULL)
                job->wrong++;
            IpcFreeMemory(name);
            if (IpcCloseHandle((IPC_HANDLE)key) != S_OK)
                job->wrong++;
        } else if (key != NULL) {
            job->wrong++;
        }
    }
    return NULL;
}

static void identities_of_threads_do_not_mix(void)
{
    static const Entry entries[] = {{BOB, "VIEW"}, {CAROL, "VIEW"}};
    Protected made = protect_with(0, entries, COUNT(entries));
    Job jobs[THREADS];
    int i;
    memset(jobs, 0, sizeof jobs);
    for (i = 0; i < THREADS; i++) {
        jobs[i].license = made.license;
        jobs[i].number = i;
        jobs[i].times = rounds(60);
    }
    run_threads(whole_journey, jobs, THREADS);
    for (i = 0; i < THREADS; i++)
        CHECK(jobs[i].wrong == 0);
}

static void *first_call(void *argument)
{
    Job *job = (Job *)argument;
    PCIPC_TIL list = NULL;
    if (IpcGetTemplateList(NULL, 0, 0, NULL, NULL, &list) != S_OK || list == NULL || list->cTi != 2)
        job->wrong++;
    IpcFreeMemory((LPVOID)list);
    return NULL;
}

/* The store is made by the first call, whichever thread makes it. */
static void first_calls_race(void)
{
    Job jobs[THREADS];
    int i;
    memset(jobs, 0, sizeof jobs);
    run_threads(first_call, jobs, THREADS);
    for (i = 0; i < THREADS; i++)
        CHECK(jobs[i].wrong == 0);
}

int main(void)
{
    RUN(first_calls_race);
    RUN(blocks_of_one_document_from_several_threads);
    RUN(key_closed_while_others_use_it);
    RUN(one_of_many_closers_wins);
    RUN(frees_race);
    RUN(one_license_edited_by_several_threads);
    RUN(identities_of_threads_do_not_mix);
    return finish_tests();
}
