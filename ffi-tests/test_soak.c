/* One store under several processes: nothing is lost between processes that work at once, and nothing that was
 * acknowledged is lost when they are killed. The program runs itself again with a word that says what to do.
 * SOAK_ROUNDS says how often processes are killed, and how much is done at once.
 */
#include "soak.h"

#include <signal.h>

static const char *program;
static char base[900];
static char folder[1200];

static pid_t start(const char *const *arguments)
{
    pid_t child;
    const char *all[16];
    size_t i;
    all[0] = program;
    for (i = 0; arguments[i] != NULL && i + 2 < COUNT(all); i++)
        all[i + 1] = arguments[i];
    all[i + 1] = NULL;
    fflush(stdout);
    child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        execv(program, (char *const *)(size_t)all);
        _exit(126);
    }
    return child;
}

/* The exit status; 1000 and the signal of one that was killed. */
static int end_of(pid_t child)
{
    int status = 0;
    while (waitpid(child, &status, 0) != child)
        if (errno != EINTR)
            return 999;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static int soak_rounds(int usual)
{
    const char *asked = getenv("SOAK_ROUNDS");
    int number = asked != NULL ? atoi(asked) : 0;
    return number > 0 ? number : rounds(usual);
}

static void fresh_home(const char *name)
{
    char home[1100]; /* as SOAK_PATH, with room for names of files */
    snprintf(home, sizeof home, "%s/%s", base, name);
    REQUIRE(mkdir(home, 0700) == 0);
    REQUIRE(setenv("MSIPC_HOME", home, 1) == 0);
    snprintf(folder, sizeof folder, "%s/work", home);
    REQUIRE(mkdir(folder, 0700) == 0);
}

static void sleep_ms(long milliseconds)
{
    struct timespec time;
    time.tv_sec = milliseconds / 1000;
    time.tv_nsec = milliseconds % 1000 * 1000000;
    nanosleep(&time, NULL);
}

static pid_t start_worker(const char *name, int threads, int times, int reads)
{
    char numbers[3][16];
    const char *arguments[] = {"work", folder, name, numbers[0], numbers[1], numbers[2], NULL};
    snprintf(numbers[0], sizeof numbers[0], "%d", threads);
    snprintf(numbers[1], sizeof numbers[1], "%d", times);
    snprintf(numbers[2], sizeof numbers[2], "%d", reads);
    return start(arguments);
}

static int verify(const char *first, const char *second, const char *how)
{
    const char *arguments[] = {"verify", folder, how, first, second, NULL};
    return end_of(start(arguments));
}

/* The database by itself: whole, and with the documents of the journals, which no function of the interface reads. */
static void check_database(void)
{
    const char *source = getenv("MSIPC_TEST_SOURCE");
    char command[4096];
    REQUIRE(source != NULL);
    snprintf(command, sizeof command, "python3 '%s/scripts/check_store.py' '%s/data/authority.db' '%s'", source, getenv("MSIPC_HOME"),
             folder);
    fflush(stdout);
    CHECK(system(command) == 0);
}

/* Two processes of three threads that change and one that reads. */
static void processes_and_threads_at_once_lose_nothing(void)
{
    pid_t first, second;
    /* What IpcxQueryUsageLog gives at once is what can be compared. */
    int many = soak_rounds(12) < 500 ? soak_rounds(12) : 500;
    fresh_home("at-once");
    first = start_worker("first", 3, many, 1);
    second = start_worker("second", 3, many, 1);
    CHECK(end_of(first) == 0);
    CHECK(end_of(second) == 0);
    CHECK(verify("first", "second", "exact") == 0);
    check_database();
}

/* Killed at a random moment, one process shortly after the other, so that the second one meets what the first left. */
static void killed_processes_lose_nothing_that_was_acknowledged(void)
{
    int round, many = soak_rounds(40), killed = 0;
    unsigned seed = (unsigned)time(NULL) ^ (unsigned)getpid();
    printf("    seed %u, %d rounds\n", seed, many);
    srand(seed);
    for (round = 0; round < many; round++) {
        char first[32], second[32], home[32];
        pid_t children[2];
        int i, fresh = round % 8 == 0;
        if (fresh) {
            if (round > 0)
                check_database();
            snprintf(home, sizeof home, "killed%d", round);
            fresh_home(home);
        }
        snprintf(first, sizeof first, "r%d.a", round);
        snprintf(second, sizeof second, "r%d.b", round);
        children[0] = start_worker(first, 2, 0, 0);
        children[1] = start_worker(second, 2, 0, round % 2);
        /* In a new home the moments spread over the making of the store too. */
        sleep_ms(fresh ? rand() % 400 : 20 + rand() % 300);
        for (i = 0; i < 2; i++) {
            CHECK(kill(children[(i + round) % 2], SIGKILL) == 0);
            sleep_ms(rand() % 40);
        }
        for (i = 0; i < 2; i++)
            killed += CHECK(end_of(children[i]) == 1000 + SIGKILL);
        if (!CHECK(verify(first, second, "killed") == 0)) {
            printf("    in round %d\n", round);
            return;
        }
    }
    check_database();
    CHECK(killed == 2 * many);
}

/* Waits until the other end of standard input is closed, then takes away the administration of another account. */
static int demote(const char *who, const char *whom)
{
    WCHAR one[SOAK_TEXT], other[SOAK_TEXT];
    IPCX_ACCOUNT account;
    PCIPCX_ACCOUNT self = NULL;
    HRESULT result;
    char byte;
    memset(&account, 0, sizeof account);
    account.cbSize = sizeof account;
    account.wszAddress = widen(whom, other, SOAK_TEXT);
    as_user(widen(who, one, SOAK_TEXT));
    SOAK_OK(IpcxGetIdentity(NULL, &self));
    IpcFreeMemory((LPVOID)self);
    while (read(STDIN_FILENO, &byte, 1) < 0 && errno == EINTR)
        ;
    result = IpcxPutAccounts(1, &account, NULL);
    return result == S_OK ? 0 : result == E_INVALIDARG || result == E_ACCESSDENIED ? 2 : 3;
}

static void two_administrators_cannot_remove_each_other(void)
{
    const char *names[] = {"one@soak.example", "two@soak.example"};
    IPCX_ACCOUNT accounts[2];
    PCIPCX_ACCOUNT self = NULL;
    WCHAR wide[2][SOAK_TEXT], founder[SOAK_TEXT];
    char text[SOAK_TEXT];
    int round, i, late = 0;
    LPCWSTR administrator = NULL;
    fresh_home("administrators");
    act_as(NULL);
    REQUIRE_OK(IpcxGetIdentity(NULL, &self));
    mine(self);
    widen(ascii(self->wszAddress, text), founder, SOAK_TEXT);
    for (round = 0; round < soak_rounds(15); round++) {
        int pipes[2], ends[2];
        pid_t children[2];
        memset(accounts, 0, sizeof accounts);
        for (i = 0; i < 2; i++) {
            accounts[i].cbSize = sizeof accounts[i];
            accounts[i].dwFlags = IPCX_ACCOUNT_ADMINISTRATOR;
            accounts[i].wszAddress = widen(names[i], wide[i], SOAK_TEXT);
        }
        act_as(administrator);
        REQUIRE_OK(IpcxPutAccounts(2, accounts, NULL));
        act_as(wide[0]);
        accounts[0].dwFlags = 0;
        accounts[0].wszAddress = founder;
        REQUIRE_OK(IpcxPutAccounts(1, accounts, NULL));

        REQUIRE(pipe(pipes) == 0);
        fflush(stdout);
        for (i = 0; i < 2; i++) {
            children[i] = fork();
            REQUIRE(children[i] >= 0);
            if (children[i] == 0) {
                dup2(pipes[0], STDIN_FILENO);
                close(pipes[0]);
                close(pipes[1]);
                execl(program, program, "demote", names[i], names[!i], (char *)NULL);
                _exit(126);
            }
        }
        close(pipes[0]);
        sleep_ms(100);
        close(pipes[1]);
        for (i = 0; i < 2; i++)
            ends[i] = end_of(children[i]);
        /* Whoever was first stays; had both been first, nobody would be left. */
        if (!CHECK((ends[0] == 0 && ends[1] == 2) || (ends[0] == 2 && ends[1] == 0))) {
            printf("    round %d: %d and %d\n", round, ends[0], ends[1]);
            return;
        }
        late += ends[0] == 2;
        administrator = ends[0] == 0 ? wide[0] : wide[1];
    }
    printf("    the first one was late %d times\n", late);
}

int main(int count, char **arguments)
{
    program = arguments[0];
    if (count == 7 && strcmp(arguments[1], "work") == 0)
        return soak_work(arguments[2], arguments[3], atoi(arguments[4]), atoi(arguments[5]), atoi(arguments[6]));
    if (count > 4 && strcmp(arguments[1], "verify") == 0)
        return soak_verify(arguments[2], arguments + 4, count - 4, strcmp(arguments[3], "exact") == 0) != 0;
    if (count == 4 && strcmp(arguments[1], "demote") == 0)
        return demote(arguments[2], arguments[3]);
    snprintf(base, sizeof base, "%s", getenv("MSIPC_HOME") != NULL ? getenv("MSIPC_HOME") : "/tmp");
    RUN(processes_and_threads_at_once_lose_nothing);
    RUN(killed_processes_lose_nothing_that_was_acknowledged);
    RUN(two_administrators_cannot_remove_each_other);
    return finish_tests();
}
