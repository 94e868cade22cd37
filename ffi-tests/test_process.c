/* What belongs to the process and its environment: MSIPC_IDENTITY, the privacy of the store, two processes on one store,
 * stores that cannot be used. The program runs itself again with a word that says what to do.
 */
#include "fixtures.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *program;

/* Runs this program with a word and an argument; its exit status. Variables are those of this process. */
static int run_self(const char *word, const char *argument)
{
    int status = 0;
    pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        execl(program, program, word, argument, (char *)NULL);
        _exit(126);
    }
    REQUIRE(waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static void write_file(const char *path, const void *bytes, size_t count)
{
    FILE *file = fopen(path, "wb");
    REQUIRE(file != NULL);
    CHECK(fwrite(bytes, 1, count, file) == count);
    CHECK(fclose(file) == 0);
}

static BYTE *read_file(const char *path, DWORD *count)
{
    static BYTE bytes[1 << 18];
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    *count = (DWORD)fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    return bytes;
}

/* The child's tasks; their exit status is the answer. */
enum { TASK_OK = 0, TASK_FAILED = 1, TASK_REFUSED = 2, TASK_UNUSABLE = 3 };

static int task_owner_is(const char *expected)
{
    IPC_TEMPLATE_ISSUER issuer;
    IPC_LICENSE_HANDLE license = NULL;
    PIPC_USER owner = NULL;
    int status = TASK_FAILED;
    memset(&issuer, 0, sizeof issuer);
    if (IpcCreateLicenseFromScratch(&issuer, 0, NULL, &license) == S_OK &&
        IpcGetLicenseProperty(license, IPC_LI_OWNER, 0, (LPVOID *)&owner) == S_OK && wide_contains(owner->wszID, expected))
        status = TASK_OK;
    else
        printf("    the owner is %s\n", owner != NULL ? narrow(owner->wszID) : "unknown");
    IpcFreeMemory(owner);
    IpcCloseHandle((IPC_HANDLE)license);
    return status;
}

/* Opens the license in a file, as MSIPC_IDENTITY says. */
static int task_open(const char *path)
{
    IPC_BUFFER license;
    IPC_KEY_HANDLE key = NULL;
    BOOL granted = FALSE;
    HRESULT result;
    license.pvBuffer = read_file(path, &license.cbBuffer);
    if (license.pvBuffer == NULL)
        return TASK_FAILED;
    result = IpcGetKey(&license, 0, NULL, NULL, &key);
    if (result == IPCERROR_RIGHT_NOT_GRANTED)
        return TASK_REFUSED;
    if (result != S_OK || IpcAccessCheck(key, IPC_GENERIC_READ, &granted) != S_OK)
        return TASK_FAILED;
    IpcCloseHandle((IPC_HANDLE)key);
    return granted ? TASK_OK : TASK_FAILED;
}

/* Protects something for Bob and leaves the license in a file. */
static int task_protect(const char *path)
{
    Protected made;
    if (setjmp(harness.left) != 0)
        return TASK_FAILED;
    made = protect_for(BOB, "VIEW");
    write_file(path, made.license->pvBuffer, made.license->cbBuffer);
    release_all();
    return harness.complaints == 0 ? TASK_OK : TASK_FAILED;
}

/* A first call on a store that cannot be used: an error whose reason helps, no list, no crash. */
static int task_unusable(const char *reason)
{
    PCIPC_TIL list = (PCIPC_TIL)(size_t)1;
    LPCWSTR detail = NULL;
    HRESULT result = IpcGetTemplateList(NULL, 0, 0, NULL, NULL, &list);
    int helps;
    if (SUCCEEDED(result) || list != NULL) {
        printf("    0x%08lX with a list %d\n", (unsigned long)(DWORD)result, list != NULL);
        IpcFreeMemory(SUCCEEDED(result) ? (LPVOID)list : NULL);
        return TASK_FAILED;
    }
    IpcxGetLastErrorDetail(&detail);
    helps = detail != NULL && wide_contains(detail, reason);
    printf("    (%s)\n", detail != NULL ? narrow(detail) : "no reason");
    IpcFreeMemory((LPVOID)detail);
    return helps ? TASK_UNUSABLE : TASK_FAILED;
}

static int task_templates(const char *name)
{
    PCIPC_TIL list = NULL;
    int status;
    (void)name;
    status = IpcGetTemplateList(NULL, 0, 0, NULL, NULL, &list) == S_OK && list->cTi == 2 ? TASK_OK : TASK_FAILED;
    IpcFreeMemory((LPVOID)list);
    return status;
}

static int task_passphrase(const char *passphrase)
{
    WCHAR text[64];
    return IpcxSetStorePassphrase(widen(passphrase, text, COUNT(text))) == S_OK ? task_templates("") : TASK_FAILED;
}

static void *open_the_store(void *status)
{
    *(int *)status = task_templates("");
    return NULL;
}

static int is_there(const char *name)
{
    char path[2200];
    struct stat status;
    snprintf(path, sizeof path, "%s/%s", getenv("MSIPC_HOME"), name);
    return stat(path, &status) == 0;
}

/* Names the store and gives it a passphrase so many milliseconds after another thread began to open it: what is accepted
 * is what the store was opened with, and the rest is refused. */
static int task_settle(const char *milliseconds)
{
    struct timespec delay = {0, 0};
    HRESULT named, phrased;
    pthread_t thread;
    int status = TASK_FAILED, is_named, is_phrased;
    if (pthread_create(&thread, NULL, open_the_store, &status) != 0)
        return TASK_FAILED;
    delay.tv_nsec = atol(milliseconds) * 1000000;
    nanosleep(&delay, NULL);
    named = IpcSetGlobalProperty(IPC_EI_STORE_NAME, W("late"));
    phrased = IpcxSetStorePassphrase(W("later"));
    pthread_join(thread, NULL);
    is_named = is_there("data/late/authority.db");
    is_phrased = !is_there("config/store.key") && !is_there("config/late/store.key");
    if (status == TASK_OK && is_there("data/authority.db") != is_named &&
        named == (is_named ? S_OK : IPCERROR_PROPERTY_ALREADY_SET) &&
        phrased == (is_phrased ? S_OK : IPCERROR_PROPERTY_ALREADY_SET))
        return is_named ? TASK_OK : TASK_REFUSED;
    printf("    %s ms: named %08x, %s; passphrase %08x, %s\n", milliseconds, (unsigned)named,
           is_named ? "used" : "not used", (unsigned)phrased, is_phrased ? "used" : "not used");
    return TASK_FAILED;
}

/* Changes the passphrase of a store that opens with "first", and uses it again in the same process. */
static int task_change_passphrase(const char *next)
{
    WCHAR first[64], text[64];
    LPCWSTR wrong = W("another");
    if (task_passphrase("first") != TASK_OK)
        return TASK_FAILED;
    widen("first", first, COUNT(first));
    widen(next, text, COUNT(text));
    if (IpcxChangeStorePassphrase(wrong, text, NULL) != WIN32(ERROR_NOT_AUTHENTICATED) ||
        IpcxChangeStorePassphrase(NULL, text, NULL) != E_INVALIDARG || IpcxChangeStorePassphrase(first, NULL, NULL) != E_INVALIDARG ||
        IpcxChangeStorePassphrase(first, W(""), NULL) != E_INVALIDARG)
        return TASK_FAILED;
    if (IpcxSetThreadIdentity(CAROL) != S_OK || IpcxChangeStorePassphrase(first, text, NULL) != E_ACCESSDENIED ||
        IpcxSetThreadIdentity(NULL) != S_OK)
        return TASK_FAILED;
    if (IpcxChangeStorePassphrase(first, text, NULL) != S_OK || IpcxVerifyUsageLog(NULL, NULL, NULL) != S_OK)
        return TASK_FAILED;
    IpcUninitializeEnvironment();
    return task_templates("");
}

/* A store with a key file has no passphrase to change. */
static int task_no_passphrase(const char *unused)
{
    (void)unused;
    if (IpcxChangeStorePassphrase(W("first"), W(""), NULL) != E_INVALIDARG || IpcxChangeStorePassphrase(W(""), W("second"), NULL) != E_INVALIDARG)
        return TASK_FAILED;
    return IpcxChangeStorePassphrase(W("first"), W("second"), NULL) == WIN32(ERROR_NOT_SUPPORTED) ? task_templates("") : TASK_FAILED;
}

static int task_server_mode(const char *unused)
{
    DWORD mode = IPC_API_MODE_SERVER;
    LPVOID value = NULL;
    int status;
    (void)unused;
    if (IpcSetGlobalProperty(IPC_EI_API_MODE, &mode) != S_OK || IpcGetGlobalProperty(IPC_EI_API_MODE, &value) != S_OK)
        return TASK_FAILED;
    status = *(DWORD *)value == IPC_API_MODE_SERVER ? TASK_OK : TASK_FAILED;
    IpcFreeMemory(value);
    return status;
}

/* A child made after the store was opened opens it for itself, and leaves the parent's alone. */
static int task_fork(const char *unused)
{
    pid_t child;
    int status;
    (void)unused;
    if (task_templates("") != TASK_OK || (child = fork()) < 0)
        return TASK_FAILED;
    if (child == 0) {
        int first = task_templates("");
        IpcUninitializeEnvironment();
        _exit(first == TASK_OK && task_templates("") == TASK_OK ? 0 : 1);
    }
    if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return TASK_FAILED;
    return task_templates("");
}

static const struct {
    const char *word;
    int (*run)(const char *argument);
} tasks[] = {{"owner", task_owner_is},       {"open", task_open},           {"protect", task_protect},
             {"unusable", task_unusable},    {"templates", task_templates}, {"passphrase", task_passphrase},
             {"server-mode", task_server_mode}, {"fork", task_fork},
             {"change", task_change_passphrase}, {"no-passphrase", task_no_passphrase},
             {"settle", task_settle}};

static char base[900];

/* Gives the children a fresh home. */
static void fresh_home(const char *name)
{
    char home[1024];
    snprintf(home, sizeof home, "%s/%s", base, name);
    REQUIRE(mkdir(home, 0700) == 0);
    REQUIRE(setenv("MSIPC_HOME", home, 1) == 0);
    unsetenv("MSIPC_IDENTITY");
}

static const char *in_home(const char *name)
{
    static char path[2][2100];
    static int turn;
    turn = !turn;
    snprintf(path[turn], sizeof path[0], "%s/%s", getenv("MSIPC_HOME"), name);
    return path[turn];
}

static void identity_from_the_environment(void)
{
    fresh_home("identity");
    CHECK(run_self("owner", ".invalid") == TASK_OK);
    setenv("MSIPC_IDENTITY", "frank@contoso.example", 1);
    CHECK(run_self("owner", "frank@contoso.example") == TASK_OK);
    setenv("MSIPC_IDENTITY", "", 1);
    CHECK(run_self("owner", "@") != 126);
    unsetenv("MSIPC_IDENTITY");
    CHECK(run_self("owner", ".invalid") == TASK_OK);
}

static void license_made_by_one_process_opened_by_another(void)
{
    char path[2100];
    fresh_home("two");
    snprintf(path, sizeof path, "%s", in_home("license.xml"));
    CHECK(run_self("protect", path) == TASK_OK);
    setenv("MSIPC_IDENTITY", "bob@contoso.example", 1);
    CHECK(run_self("open", path) == TASK_OK);
    setenv("MSIPC_IDENTITY", "carol@fabrikam.example", 1);
    CHECK(run_self("open", path) == TASK_REFUSED);
    /* Another store is another authority. */
    {
        char other[2100];
        snprintf(other, sizeof other, "%s", path);
        fresh_home("another");
        setenv("MSIPC_IDENTITY", "bob@contoso.example", 1);
        CHECK(run_self("open", other) == TASK_FAILED);
    }
}

static void several_processes_begin_at_once(void)
{
    enum { CHILDREN = 4 };
    pid_t children[CHILDREN];
    char paths[CHILDREN][2100];
    int i, status;
    fresh_home("race");
    for (i = 0; i < CHILDREN; i++) {
        char name[16];
        snprintf(name, sizeof name, "l%d.xml", i);
        snprintf(paths[i], sizeof paths[i], "%s", in_home(name));
        children[i] = fork();
        REQUIRE(children[i] >= 0);
        if (children[i] == 0) {
            execl(program, program, "protect", paths[i], (char *)NULL);
            _exit(126);
        }
    }
    for (i = 0; i < CHILDREN; i++)
        CHECK(waitpid(children[i], &status, 0) == children[i] && WIFEXITED(status) && WEXITSTATUS(status) == TASK_OK);
    /* One authority came of it: every license opens. */
    setenv("MSIPC_IDENTITY", "bob@contoso.example", 1);
    for (i = 0; i < CHILDREN; i++)
        CHECK(run_self("open", paths[i]) == TASK_OK);
}

static int files_seen;

/* Everything in the folder belongs to its user alone. */
static void check_private(const char *folder)
{
    struct dirent *entry;
    DIR *directory = opendir(folder);
    REQUIRE(directory != NULL);
    while ((entry = readdir(directory)) != NULL) {
        char path[2200];
        struct stat status;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (!CHECK(lstat(path, &status) == 0))
            continue;
        if (!CHECK((status.st_mode & 077) == 0 && status.st_uid == geteuid()))
            printf("        %s is %04o\n", path, (unsigned)status.st_mode & 07777);
        if (S_ISDIR(status.st_mode))
            check_private(path);
        else
            files_seen++;
    }
    closedir(directory);
}

static void store_is_private(void)
{
    mode_t before = umask(0); /* the library must not rely on the mask */
    fresh_home("private");
    CHECK(run_self("templates", "") == TASK_OK);
    umask(before);
    files_seen = 0;
    check_private(getenv("MSIPC_HOME"));
    CHECK(files_seen >= 2); /* the database and the key, apart from each other */
}

static int loosened;

/* Lets others read every file of the store whose name ends so. */
static void loosen(const char *folder, const char *ending, mode_t mode)
{
    struct dirent *entry;
    DIR *directory = opendir(folder);
    REQUIRE(directory != NULL);
    while ((entry = readdir(directory)) != NULL) {
        char path[2200];
        struct stat status;
        size_t length = strlen(entry->d_name), tail = strlen(ending);
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (stat(path, &status) != 0)
            continue;
        if (S_ISDIR(status.st_mode))
            loosen(path, ending, mode);
        else if (length >= tail && strcmp(entry->d_name + length - tail, ending) == 0 && chmod(path, mode) == 0)
            loosened++;
    }
    closedir(directory);
}

static void store_that_others_can_read_is_refused(void)
{
    fresh_home("loose");
    CHECK(run_self("templates", "") == TASK_OK);
    loosened = 0;
    loosen(getenv("MSIPC_HOME"), ".db", 0644);
    REQUIRE(loosened >= 1);
    CHECK(run_self("unusable", "chmod") == TASK_UNUSABLE);
    loosen(getenv("MSIPC_HOME"), ".db", 0600);
    CHECK(run_self("templates", "") == TASK_OK);
    loosened = 0;
    loosen(getenv("MSIPC_HOME"), ".key", 0640);
    REQUIRE(loosened >= 1);
    CHECK(run_self("unusable", "chmod") == TASK_UNUSABLE);
    loosen(getenv("MSIPC_HOME"), ".key", 0600);
    CHECK(run_self("templates", "") == TASK_OK);
}

static void home_that_cannot_be_used(void)
{
    char path[2100];
    fresh_home("nowhere");
    /* A file where a folder must be: unusable for every account, the administrator's too. */
    snprintf(path, sizeof path, "%s", in_home("file"));
    write_file(path, "x", 1);
    setenv("MSIPC_HOME", path, 1);
    CHECK(run_self("unusable", "file") == TASK_UNUSABLE);
    fresh_home("unset");
    unsetenv("MSIPC_HOME");
    {
        char *home = getenv("HOME"), kept[900];
        snprintf(kept, sizeof kept, "%s", home != NULL ? home : "");
        setenv("HOME", "/dev/null", 1);
        unsetenv("XDG_DATA_HOME");
        unsetenv("XDG_CONFIG_HOME");
        CHECK(run_self("unusable", "/dev/null") == TASK_UNUSABLE);
        setenv("HOME", kept, 1);
    }
}

static void damaged_store_is_an_error(void)
{
    char path[2200];
    struct stat status;
    fresh_home("damaged");
    CHECK(run_self("templates", "") == TASK_OK);
    loosened = 0;
    snprintf(path, sizeof path, "%s/data/authority.db", getenv("MSIPC_HOME"));
    if (stat(path, &status) != 0) {
        printf("    (no %s)\n", path);
        CHECK(0);
        return;
    }
    write_file(path, "this is not a database, and never was one ----", 46);
    CHECK(run_self("unusable", "not a database") == TASK_UNUSABLE);
}

static void passphrase_opens_its_store_only(void)
{
    fresh_home("phrase");
    CHECK(run_self("passphrase", "the miller's cat") == TASK_OK);
    CHECK(run_self("passphrase", "the miller's cat") == TASK_OK);
    CHECK(run_self("passphrase", "the miller's dog") == TASK_FAILED);
    CHECK(run_self("unusable", "passphrase") == TASK_UNUSABLE);
}

static void what_is_set_while_the_store_is_opened_is_used_or_refused(void)
{
    int i, refused = 0, count = rounds(16);
    for (i = 0; i < count; i++) {
        char name[24];
        int answer;
        snprintf(name, sizeof name, "settle-%d", i);
        fresh_home(name);
        snprintf(name, sizeof name, "%d", i * i);
        answer = run_self("settle", name);
        CHECK(answer == TASK_OK || answer == TASK_REFUSED);
        refused += answer == TASK_REFUSED;
    }
    /* At the latest the last one came after the opening began. */
    CHECK(refused >= 1 || count == 1);
}

static void passphrase_is_changed(void)
{
    fresh_home("changed");
    CHECK(run_self("change", "second") == TASK_OK);
    CHECK(run_self("passphrase", "first") == TASK_FAILED);
    CHECK(run_self("passphrase", "second") == TASK_OK);
    fresh_home("key-file");
    CHECK(run_self("no-passphrase", "") == TASK_OK);
}

static void server_mode(void)
{
    fresh_home("server");
    CHECK(run_self("server-mode", "") == TASK_OK);
}

static void child_after_fork_opens_the_store_for_itself(void)
{
    fresh_home("fork");
    CHECK(run_self("fork", "") == TASK_OK);
}

static void home_in_which_others_may_replace_the_store_is_refused(void)
{
    fresh_home("shared");
    CHECK(run_self("templates", "") == TASK_OK);
    REQUIRE(chmod(getenv("MSIPC_HOME"), 0777) == 0);
    CHECK(run_self("unusable", "chmod o-w") == TASK_UNUSABLE);
    REQUIRE(chmod(getenv("MSIPC_HOME"), 0700) == 0);
    CHECK(run_self("templates", "") == TASK_OK);
}

int main(int count, char **arguments)
{
    size_t i;
    program = arguments[0];
    for (i = 0; count == 3 && i < COUNT(tasks); i++)
        if (strcmp(arguments[1], tasks[i].word) == 0)
            return tasks[i].run(arguments[2]);
    snprintf(base, sizeof base, "%s", getenv("MSIPC_HOME") != NULL ? getenv("MSIPC_HOME") : "/tmp");
    RUN(identity_from_the_environment);
    RUN(license_made_by_one_process_opened_by_another);
    RUN(several_processes_begin_at_once);
    RUN(store_is_private);
    RUN(store_that_others_can_read_is_refused);
    RUN(home_that_cannot_be_used);
    RUN(damaged_store_is_an_error);
    RUN(passphrase_opens_its_store_only);
    RUN(what_is_set_while_the_store_is_opened_is_used_or_refused);
    RUN(passphrase_is_changed);
    RUN(server_mode);
    RUN(child_after_fork_opens_the_store_for_itself);
    RUN(home_in_which_others_may_replace_the_store_is_refused);
    return finish_tests();
}
