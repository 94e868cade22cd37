/* A store whose disk is full: every change is refused with a code and a reason, nothing that was acknowledged is lost, and
 * the same process and others go on when there is room again. The disk is a small file system in memory where the system
 * allows one to be mounted. Everywhere, files that may not grow past a length (RLIMIT_FSIZE) stand for it.
 */
#define _GNU_SOURCE
#include "soak.h"

#include <dirent.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>

static const char *program;
static char base[900];
static char folder[1200];

enum { NOT_ALLOWED = 77, DISK = 3 << 20 };

static SoakJob job;
static PIPC_BUFFER license; /* that is opened over and over */

/* Somebody without a use license at hand asks, so a line of the log must be written. */
static HRESULT ask_for_a_key(void)
{
    IPC_KEY_HANDLE key = NULL;
    HRESULT result;
    as_user(CAROL);
    result = IpcGetKey(license, 0, NULL, NULL, &key);
    if (result == S_OK)
        soak_fail("somebody without rights opens", result);
    return result == IPCERROR_RIGHT_NOT_GRANTED ? S_OK : result;
}

static HRESULT put_an_account(char *text)
{
    static int turn;
    IPCX_ACCOUNT account;
    WCHAR address[SOAK_TEXT];
    snprintf(text, SOAK_TEXT, "full%d@soak.example", turn++);
    memset(&account, 0, sizeof account);
    account.cbSize = sizeof account;
    account.wszAddress = widen(text, address, SOAK_TEXT);
    as_user(NULL);
    return IpcxPutAccounts(1, &account, NULL);
}

/* 1 for a refusal that says why. Files that may not grow are no full disk to the database: `other` is its code then. */
static int refused(const char *what, HRESULT result, HRESULT other)
{
    LPCWSTR detail = NULL;
    if (result == S_OK)
        return 0;
    if (IpcxGetLastErrorDetail(&detail) != S_OK || detail == NULL || detail[0] == 0)
        soak_fail(what, E_UNEXPECTED);
    IpcFreeMemory((LPVOID)detail);
    if (result != WIN32(ERROR_DISK_FULL) && result != other)
        soak_fail(what, result);
    return 1;
}

/* How the disk becomes full, and how there is room again. */
typedef struct {
    void (*fill)(long left);
    void (*clear)(void);
    HRESULT other;
} Disk;

/* One of each on a disk with so much left; how many were refused. Journal and licenses are written when there is room. */
static int try_everything(const Disk *disk, long left)
{
    PIPC_BUFFER made = NULL;
    char account[SOAK_TEXT], content[SOAK_TEXT];
    HRESULT published, asked, changed, put;
    int refusals;
    disk->fill(left);
    published = publish_for_bob(&job, &made);
    refusals = refused("publish", published, disk->other);
    asked = ask_for_a_key();
    refusals += refused("open", asked, disk->other);
    changed = put_next_revision(&job);
    refusals += refused("template", changed, disk->other);
    put = put_an_account(account);
    refusals += refused("account", put, disk->other);
    disk->clear();
    if (published == S_OK)
        save_license(&job, made, content);
    if (changed == S_OK)
        acknowledge_revision(&job);
    if (put == S_OK)
        acknowledge(&job, 'A', account, "", "");
    IpcFreeMemory(made);
    return refusals;
}

/* Fuller and fuller; after each time the same process must work as before. */
static int fill_again_and_again(const Disk *disk)
{
    char path[SOAK_PATH], content[SOAK_TEXT];
    int refusals = 0, all = 0, turn = 0;
    long left;
    job.folder = folder;
    snprintf(path, sizeof path, "%s/full.journal", folder);
    job.journal = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    snprintf(job.user, sizeof job.user, "full@soak.example");
    make_group(folder);
    SOAK_OK(publish_for_bob(&job, &license));
    save_license(&job, license, content);
    for (left = 120000; left >= 0; left -= left > 20000 ? 10000 : 2000) {
        int some = try_everything(disk, left);
        refusals += some;
        all += some == 4;
        work_on_license(&job, 1);
        work_on_template(&job);
        work_on_directory(&job, turn++);
    }
    /* The last pages of the files have some room too, until they are used up. */
    while (all == 0 && turn++ < 100) {
        int some = try_everything(disk, 0);
        refusals += some;
        all += some == 4;
    }
    work_on_license(&job, 1);
    IpcFreeMemory(license);
    printf("    %d refusals; everything was refused %d times\n", refusals, all);
    return refusals > 0 && all > 0 ? 0 : 1;
}

static struct rlimit unlimited;

/* Lengths in place of room: the log is short, and the files of the database begin with some pages. */
static void limit_files(long length)
{
    struct rlimit limit = unlimited;
    limit.rlim_cur = (rlim_t)length;
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        soak_fail("setrlimit", E_FAIL);
}

static void unlimit_files(void)
{
    if (setrlimit(RLIMIT_FSIZE, &unlimited) != 0)
        soak_fail("setrlimit", E_FAIL);
}

static int task_limited(void)
{
    static const Disk disk = {limit_files, unlimit_files, E_FAIL};
    signal(SIGXFSZ, SIG_IGN);
    if (getrlimit(RLIMIT_FSIZE, &unlimited) != 0)
        return 1;
    return fill_again_and_again(&disk);
}

static char ballast[1400];

/* Leaves so much room on the small file system. */
static void put_ballast(long left)
{
    static char bytes[1 << 16];
    FILE *file = fopen(ballast, "wb");
    long size;
    if (file == NULL)
        soak_fail(ballast, E_FAIL);
    setvbuf(file, NULL, _IONBF, 0);
    while (fwrite(bytes, 1, sizeof bytes, file) == sizeof bytes)
        ;
    /* Down to the last page. */
    while (fwrite(bytes, 1, 512, file) == 512)
        ;
    size = ftell(file);
    if (ftruncate(fileno(file), size > left ? size - left : 0) != 0)
        soak_fail(ballast, E_FAIL);
    fclose(file);
}

static void drop_ballast(void)
{
    if (unlink(ballast) != 0)
        soak_fail(ballast, E_FAIL);
}

static int write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    return file != NULL && fputs(text, file) >= 0 && fclose(file) == 0;
}

/* Mounts a small file system where the data of the store will be, seen by this process and its children alone. */
static int mount_small(const char *home)
{
    char text[64], data[1300];
    unsigned me = (unsigned)geteuid();
    snprintf(data, sizeof data, "%s/data", home);
    snprintf(ballast, sizeof ballast, "%s/ballast", data);
    if (unshare(CLONE_NEWNS) != 0) {
        if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
            return 0;
        snprintf(text, sizeof text, "%u %u 1", me, me);
        if (!write_text("/proc/self/uid_map", text))
            return 0;
    }
    snprintf(text, sizeof text, "size=%d,mode=0700", DISK);
    return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 && mkdir(data, 0700) == 0 &&
           mount("tmpfs", data, "tmpfs", 0, text) == 0;
}

/* The exit status of this program with a word. */
static int run_self(const char *word)
{
    int status = 0;
    pid_t child;
    fflush(stdout);
    child = fork();
    if (child < 0)
        return 1;
    if (child == 0) {
        execl(program, program, word, folder, (char *)NULL);
        _exit(126);
    }
    return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : 1000;
}

static int task_small_disk(void)
{
    static const Disk disk = {put_ballast, drop_ballast, WIN32(ERROR_DISK_FULL)};
    int result;
    if (!mount_small(getenv("MSIPC_HOME")))
        return NOT_ALLOWED;
    result = fill_again_and_again(&disk);
    /* Here too, because the file system ends with this process. */
    return result != 0 ? result : run_self("compare");
}

/* What is in a folder besides one file; -1 where that is missing or not as it was. */
static int others_than(const char *path, const char *name, const BYTE *bytes, size_t count)
{
    static BYTE found[1 << 20];
    char whole[1500];
    int others = 0;
    struct dirent *entry;
    DIR *directory = opendir(path);
    FILE *file;
    size_t have;
    snprintf(whole, sizeof whole, "%s/%s", path, name);
    file = fopen(whole, "rb");
    if (directory == NULL || file == NULL)
        return -1;
    have = fread(found, 1, sizeof found, file);
    fclose(file);
    while ((entry = readdir(directory)) != NULL)
        others += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 && strcmp(entry->d_name, name) != 0;
    closedir(directory);
    return have == count && memcmp(found, bytes, count) == 0 ? others : -1;
}

/* Files that are protected and opened on a disk with less and less room: done, or refused and the file is as it was. */
static int task_small_files(void)
{
    enum { LENGTH = 400000 };
    static BYTE plain[LENGTH];
    char papers[1400], path[1500];
    WCHAR wide[1600];
    LPCWSTR told;
    long left;
    int refusals = 0, successes = 0;
    FILE *file;
    if (!mount_small(getenv("MSIPC_HOME")))
        return NOT_ALLOWED;
    as_user(NULL);
    fill(plain, sizeof plain, 3);
    snprintf(papers, sizeof papers, "%s/data/papers", getenv("MSIPC_HOME"));
    snprintf(path, sizeof path, "%s/a.bin", papers);
    file = mkdir(papers, 0700) == 0 ? fopen(path, "wb") : NULL;
    if (file == NULL || fwrite(plain, 1, LENGTH, file) != LENGTH || fclose(file) != 0)
        return 1;
    for (left = 600000; left >= 0; left -= 40000) {
        HRESULT done;
        widen(path, wide, COUNT(wide));
        put_ballast(left);
        told = NULL;
        done = IpcfEncryptFile(wide, template_id(0), IPCF_EF_TEMPLATE_ID, 0, NULL, NULL, &told);
        drop_ballast();
        if (done == S_OK) {
            successes++;
            done = IpcfDecryptFile(told, 0, NULL, NULL, NULL);
            IpcFreeMemory((LPVOID)told);
        } else {
            refusals += refused("protect a file", done, E_FAIL);
            if (told != NULL)
                soak_fail("a name for nothing", done);
            done = S_OK;
        }
        if (done != S_OK || others_than(papers, "a.bin", plain, LENGTH) != 0)
            soak_fail("the file is not as it was", done);
    }
    printf("    %d files protected, %d refused\n", successes, refusals);
    return successes > 0 && refusals > 0 ? 0 : 1;
}

static void fresh_home(const char *name)
{
    char home[1100];
    snprintf(home, sizeof home, "%s/%s", base, name);
    REQUIRE(mkdir(home, 0700) == 0);
    REQUIRE(setenv("MSIPC_HOME", home, 1) == 0);
    snprintf(folder, sizeof folder, "%s/work", home);
    REQUIRE(mkdir(folder, 0700) == 0);
}

static void files_that_may_not_grow(void)
{
    fresh_home("limited");
    CHECK(run_self("limited") == 0);
    CHECK(run_self("compare") == 0);
}

/* Runs a task that mounts a small file system, where that is allowed. */
static void on_a_small_disk(const char *home, const char *word)
{
    int result;
    fresh_home(home);
    result = run_self(word);
    if (result == NOT_ALLOWED)
        printf("    left out: no file system may be mounted here\n");
    CHECK(result == 0 || result == NOT_ALLOWED);
}

static void a_disk_that_is_full(void)
{
    on_a_small_disk("small", "small-disk");
}

static void files_on_a_disk_that_is_full(void)
{
    on_a_small_disk("files", "small-files");
}

int main(int count, char **arguments)
{
    static char name[] = "full";
    char *names[] = {name};
    program = arguments[0];
    if (count == 3) {
        snprintf(folder, sizeof folder, "%s", arguments[2]);
        if (strcmp(arguments[1], "limited") == 0)
            return task_limited();
        if (strcmp(arguments[1], "small-disk") == 0)
            return task_small_disk();
        if (strcmp(arguments[1], "small-files") == 0)
            return task_small_files();
        return soak_verify(folder, names, 1, 1) != 0;
    }
    snprintf(base, sizeof base, "%s", getenv("MSIPC_HOME") != NULL ? getenv("MSIPC_HOME") : "/tmp");
    RUN(files_that_may_not_grow);
    RUN(a_disk_that_is_full);
    RUN(files_on_a_disk_that_is_full);
    return finish_tests();
}
