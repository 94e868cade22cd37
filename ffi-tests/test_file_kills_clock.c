/* Nothing is lost when a process is killed in the middle of its work on a file. The library for tests kills its process at
 * the n-th step that changes a disk (MSIPC_TEST_KILL_STEP); here every step of every operation is such an n. The program
 * runs itself with a word that says what to do.
 */
#include "streams.h"

#if defined(_WIN32)
#include <process.h>
enum { KILLED = 137 }; /* the status that the library for tests ends its process with */
#else
#include <signal.h>
#include <sys/wait.h>
enum { KILLED = -SIGKILL };
#endif

#define GCM4K IPCX_ENCRYPTION_PACKAGE_AES256_GCM4K
#define CBC4K IPC_ENCRYPTION_PACKAGE_AES256_CBC4K
#define ECB IPC_ENCRYPTION_PACKAGE_AES128_ECB

enum { STEPS_MOST = 400 };

static const char *program;

static BYTE content[30000], changed[60000], input[FILE_MOST];
static size_t input_count;

/* Runs this program with a word, killed at a step; its status, or KILLED. */
static int run_killed(const char *word, const char *argument, int step)
{
    char number[16];
#if defined(_WIN32)
    int status;
    snprintf(number, sizeof number, "%d", step);
    REQUIRE(setenv("MSIPC_TEST_KILL_STEP", number, 1) == 0);
    status = (int)_spawnl(_P_WAIT, program, program, word, argument, (char *)NULL);
    unsetenv("MSIPC_TEST_KILL_STEP");
    return status;
#else
    int status = 0;
    pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        snprintf(number, sizeof number, "%d", step);
        if (setenv("MSIPC_TEST_KILL_STEP", number, 1) != 0)
            _exit(126);
        execl(program, program, word, argument, (char *)NULL);
        _exit(126);
    }
    REQUIRE(waitpid(child, &status, 0) == child);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
#endif
}

enum { WRITE_OFFSET = 3000, WRITE_COUNT = 12000, GROWN = 50000, CUT = 5000 };

/* What the child does to an open file. */
static HRESULT change(IPCF_FILE_HANDLE file, const char *word)
{
    IPCF_FILE_RANGE range = {WRITE_OFFSET, WRITE_COUNT};
    DWORD64 count = WRITE_COUNT;
    static BYTE bytes[WRITE_COUNT];
    memset(bytes, 'w', sizeof bytes);
    if (strstr(word, "write") != NULL)
        return IpcfWriteFile(file, &range, bytes, &count);
    return IpcfSetEndOfFile(file, strstr(word, "grow") != NULL ? GROWN : CUT);
}

static int child(const char *word, const char *path)
{
    IPCF_FILE_HANDLE file = NULL;
    HRESULT result = IpcxSetThreadIdentity(ALICE);
    if (result != S_OK)
        return 2;
    if (strcmp(word, "encrypt") == 0) {
        PCIPC_TIL list = NULL;
        result = IpcGetTemplateList(NULL, 0, 0, NULL, NULL, &list);
        if (result == S_OK)
            result = IpcfEncryptFile(wide(path), (LPCVOID)((const IPC_TEMPLATE_INFO *)(const void *)((const BYTE *)list + offsetof(IPC_TIL, aTi)))->wszID,
                                     IPCF_EF_TEMPLATE_ID, 0, NULL, NULL, NULL);
        IpcFreeMemory((LPVOID)(size_t)list);
    } else if (strcmp(word, "decrypt") == 0) {
        result = IpcfDecryptFile(wide(path), 0, NULL, NULL, NULL);
    } else {
        int descriptor = open(path, O_RDWR);
        if (strncmp(word, "handle", 6) == 0)
            result = IpcfOpenFileOnHandle(file_handle(descriptor), NULL, 0, &file);
        else
            result = IpcxOpenFile(wide(path), NULL, 0, &file);
        close(descriptor);
        if (result == S_OK)
            result = change(file, word);
        IpcCloseHandle((IPC_HANDLE)file);
    }
    return result == S_OK ? 0 : 3;
}

/* True when the file is a complete protected one with this content. */
static int opens_to(const char *path, const void *bytes, size_t count)
{
    static BYTE sealed[STREAM_MOST];
    size_t size = copy_of(path, sealed, sizeof sealed);
    Stream *from = stream_with(0, sealed, size), *to = stream_number(1);
    return IpcfDecryptFileStream(&from->face, wide(path), 0, NULL, &to->face, NULL) == S_OK && stream_holds(to, bytes, count);
}

/* Names that a user sees. */
static int visible(void)
{
    return names_with("k", "") - names_with("k", ".");
}

/* Another operation in the folder, which what was left does not disturb. */
static void next_operation(void)
{
    LPCWSTR told;
    int hidden = names_with("k", ".");
    put_text("k/next.txt", "next");
    CHECK_HR(encrypt("k/next.txt", &told), S_OK);
    CHECK_HR(decrypt("k/next.ptxt", &told), S_OK);
    CHECK(holds_text("k/next.txt", "next") && unlink("k/next.txt") == 0);
    /* The file in the making, where it needs a name, and the note of what it was made. */
    CHECK(names_with("k", ".msipc-new-") <= 1 && names_with("k", ".msipc-made-") <= 1);
    CHECK(hidden == names_with("k", ".msipc-new-") + names_with("k", ".msipc-made-") && names_with("k", ".") == hidden);
}

typedef struct {
    const char *word, *from, *to;
    int sealed; /* the result is protected */
} Work;

static HRESULT again(const Work *work)
{
    LPCWSTR told;
    return work->sealed ? encrypt_flags(work->from, template_id(1), 0, NULL, &told) : decrypt(work->from, &told);
}

/* Takes an operation back. */
static HRESULT back(const Work *work)
{
    LPCWSTR told;
    return work->sealed ? decrypt(work->to, &told) : encrypt_flags(work->to, template_id(1), 0, NULL, &told);
}

/* What a file must hold: protected content or the content itself, or what it held before. */
static int is_new(const Work *work, const void *bytes, size_t count)
{
    return exists(work->to) && (work->sealed ? opens_to(work->to, bytes, count) : holds(work->to, bytes, count));
}

static void killed_at_every_step(const Work *work, const void *bytes, size_t count)
{
    int step, kills = 0, both = 0, left = 0, status = KILLED, same = strcmp(work->from, work->to) == 0;
    for (step = 0; status == KILLED && step < STEPS_MOST && harness.complaints == 0; step++) {
        int old, new;
        fresh_folder("k");
        put_file(work->from, input, input_count);
        status = run_killed(work->word, work->from, step);
        CHECK(status == KILLED || status == 0);
        kills += status == KILLED;
        old = exists(work->from) && holds(work->from, input, input_count);
        new = is_new(work, bytes, count);
        CHECK(same ? old != new : old || new);
        CHECK(same || exists(work->from) == old);
        CHECK(same || exists(work->to) == new);
        if (status == 0)
            CHECK(new && !(old && same) && names_with("k", "") == 1);
        if (same) {
            /* A file that was not put in its place yet may hold content in the clear: any look at the file removes it. */
            DWORD is;
            left += names_with("k", ".msipc-new-");
            CHECK_HR(IpcfIsFileEncrypted(wide(work->from), &is), S_OK);
            CHECK(names_with("k", ".msipc-new-") == 0);
        }
        next_operation();
        CHECK(visible() == (!same && old && new ? 2 : 1));
        CHECK((old && holds(work->from, input, input_count)) || (new && is_new(work, bytes, count)));
        both += !same && old && new;
        /* The operation again, also where both are there; what was left of it goes with it. */
        if (new && !(old && !same))
            CHECK_HR(back(work), S_OK);
        CHECK_HR(again(work), S_OK);
        CHECK(is_new(work, bytes, count) && names_with("k", "") == 1);
        if (harness.complaints != 0)
            printf("    %s %s, step %d, status %d, old %d, new %d\n", work->word, work->from, step, status, old, new);
    }
    CHECK(status == 0 && kills >= 4 && (both > 0) == !same && (left > 0) == same);
    printf("    %s %s: killed at each of %d steps\n", work->word, work->from, kills);
}

/* Makes the input of an operation: a plain file, or its protected form. */
static void make_input(const char *plain, const char *sealed, const void *bytes, size_t count)
{
    LPCWSTR told;
    act_as(ALICE);
    fresh_folder("k");
    put_file(plain, bytes, count);
    if (sealed != NULL)
        REQUIRE_OK(encrypt(plain, &told));
    input_count = copy_of(sealed != NULL ? sealed : plain, input, sizeof input);
}

static void killed_while_protecting(void)
{
    static const Work work = {"encrypt", "k/a.txt", "k/a.ptxt", 1};
    make_input("k/a.txt", NULL, content, sizeof content);
    killed_at_every_step(&work, content, sizeof content);
}

static void killed_while_opening(void)
{
    static const Work work = {"decrypt", "k/a.ptxt", "k/a.txt", 0};
    make_input("k/a.txt", "k/a.ptxt", content, sizeof content);
    killed_at_every_step(&work, content, sizeof content);
}

static void killed_while_protecting_a_document(void)
{
    static const Work work = {"encrypt", "k/a.docx", "k/a.docx", 1};
    size_t count;
    const BYTE *bytes = real_document(&count);
    make_input("k/a.docx", NULL, bytes, count);
    killed_at_every_step(&work, bytes, count);
}

static void killed_while_opening_a_document(void)
{
    static const Work work = {"decrypt", "k/a.docx", "k/a.docx", 0};
    size_t count;
    const BYTE *bytes = real_document(&count);
    make_input("k/a.docx", "k/a.docx", bytes, count);
    killed_at_every_step(&work, bytes, count);
}

/* Under another policy: the template that the child takes is another one than that of the input. */
static void killed_while_protecting_anew(void)
{
    static const char *const names[][2] = {{"k/a.txt", "k/a.ptxt"}, {"k/a.docx", "k/a.docx"}};
    size_t count, i;
    const BYTE *bytes = real_document(&count);
    for (i = 0; i < COUNT(names); i++) {
        LPCWSTR told;
        Work work = {"encrypt", NULL, NULL, 1};
        int step, kills = 0, status = KILLED;
        const void *expected = i == 0 ? (const void *)content : bytes;
        size_t length = i == 0 ? sizeof content : count;
        work.from = work.to = names[i][1];
        act_as(ALICE);
        fresh_folder("k");
        put_file(names[i][0], expected, length);
        REQUIRE_OK(encrypt_license(names[i][0], license_for(BOB, "VIEW", 0), 0, &told));
        input_count = copy_of(work.from, input, sizeof input);
        for (step = 0; status == KILLED && step < STEPS_MOST && harness.complaints == 0; step++) {
            int old;
            fresh_folder("k");
            put_file(work.from, input, input_count);
            status = run_killed(work.word, work.from, step);
            kills += status == KILLED;
            old = holds(work.from, input, input_count);
            CHECK(status == KILLED || (status == 0 && !old));
            CHECK(is_new(&work, expected, length)); /* old or new, it opens */
            next_operation();
            CHECK(visible() == 1 && is_new(&work, expected, length));
            CHECK_HR(encrypt_flags(work.from, template_id(1), 0, NULL, &told), S_OK);
            CHECK(is_new(&work, expected, length) && names_with("k", "") == 1);
            if (harness.complaints != 0)
                printf("    %s, step %d\n", work.from, step);
        }
        CHECK(status == 0 && kills >= 4);
    }
}

/* The content after a change that happened, and how long it is. */
static size_t after(const char *word)
{
    memset(changed, 0, sizeof changed);
    memcpy(changed, content, sizeof content);
    if (strstr(word, "write") != NULL)
        memset(changed + WRITE_OFFSET, 'w', WRITE_COUNT);
    return strstr(word, "write") != NULL ? sizeof content : strstr(word, "grow") != NULL ? GROWN : CUT;
}

/* What a handle reads: 0 for the content before, 1 for that after, -1 for an error, -2 for neither. */
static int reads_as(IPCF_FILE_HANDLE file, size_t new_count)
{
    static BYTE read[70000];
    IPCF_FILE_RANGE range = {0, sizeof read};
    DWORD64 count = sizeof read;
    HRESULT result = IpcfReadFile(file, &range, read, &count);
    if (result != S_OK)
        return result == WIN32(ERROR_FILE_CORRUPT) ? -1 : -2;
    if (count == sizeof content && memcmp(read, content, sizeof content) == 0)
        return 0;
    return count == new_count && memcmp(read, changed, new_count) == 0 ? 1 : -2;
}

static void killed_in_place(DWORD package, const char *word)
{
    int step, kills = 0, status = KILLED;
    size_t new_count = after(word);
    LPCWSTR told;
    /* Wine takes a third of a second to start each program: one package there. */
    if (package != GCM4K && in_wine())
        return;
    act_as(ALICE);
    fresh_folder("k");
    put_file("k/a.bin", content, sizeof content);
    REQUIRE_OK(encrypt_license("k/a.bin", license_for(BOB, "VIEW EXTRACT", package), 0, &told));
    input_count = copy_of("k/a.bin.pfile", input, sizeof input);
    for (step = 0; status == KILLED && step < STEPS_MOST && harness.complaints == 0; step++) {
        IPCF_FILE_HANDLE file = NULL;
        int found;
        fresh_folder("k");
        put_file("k/a.bin.pfile", input, input_count);
        status = run_killed(word, "k/a.bin.pfile", step);
        CHECK(status == KILLED || status == 0);
        kills += status == KILLED;
        act_as(ALICE);
        if (strncmp(word, "handle", 6) == 0) {
            /* Without a path nothing can be kept beside the file: old, new, or damaged, never wrong bytes. */
            int descriptor = open("k/a.bin.pfile", O_RDWR);
            HRESULT result = IpcfOpenFileOnHandle(file_handle(descriptor), NULL, 0, &file);
            close(descriptor);
            my_handle((IPC_HANDLE)file);
            found = result == S_OK ? reads_as(file, new_count) : result == WIN32(ERROR_FILE_CORRUPT) ? -1 : -2;
            CHECK(found > -2 && (status != 0 || found == 1));
            IpcCloseHandle((IPC_HANDLE)file);
            CHECK(names_with("k", "") == 1);
        } else if (step % 3 == 2) {
            /* Opened as a whole: what was unfinished is taken back first. */
            CHECK_HR(decrypt("k/a.bin.pfile", &told), S_OK);
            found = holds("k/a.bin", content, sizeof content) ? 0 : holds("k/a.bin", changed, new_count) ? 1 : -2;
            CHECK(found >= 0 && (status != 0 || found == 1));
            CHECK(names_with("k", "") == 1);
        } else {
            CHECK_HR(IpcxOpenFile(W("k/a.bin.pfile"), NULL, step % 3 == 0 ? 0 : IPCX_OPEN_READ_ONLY, &file), S_OK);
            my_handle((IPC_HANDLE)file);
            found = file != NULL ? reads_as(file, new_count) : -2;
            CHECK(found >= 0 && (status != 0 || found == 1));
            CHECK(names_with("k", "") == 1);
            if (step % 3 == 0) { /* and the next write succeeds */
                CHECK_HR(change(file, word), S_OK);
                CHECK(reads_as(file, new_count) == 1);
            }
            IpcCloseHandle((IPC_HANDLE)file);
            CHECK(names_with("k", "") == 1);
        }
        if (harness.complaints != 0)
            printf("    %s, package %u, step %d, status %d, found %d\n", word, (unsigned)package, step, status, found);
    }
    CHECK(status == 0 && kills >= 3);
    printf("    %s, package %u: killed at each of %d steps\n", word, (unsigned)package, kills);
}

static void killed_while_writing_in_place(void)
{
    killed_in_place(GCM4K, "write");
    killed_in_place(CBC4K, "write");
    killed_in_place(ECB, "write");
}

static void killed_while_setting_the_end(void)
{
    killed_in_place(GCM4K, "grow");
    killed_in_place(CBC4K, "grow");
    killed_in_place(ECB, "grow");
    killed_in_place(GCM4K, "cut");
    killed_in_place(CBC4K, "cut");
    killed_in_place(ECB, "cut");
}

static void killed_while_writing_on_a_handle(void)
{
    killed_in_place(GCM4K, "handle-write");
    killed_in_place(GCM4K, "handle-grow");
    killed_in_place(GCM4K, "handle-cut");
    killed_in_place(CBC4K, "handle-write");
    killed_in_place(CBC4K, "handle-grow");
    killed_in_place(CBC4K, "handle-cut");
    killed_in_place(ECB, "handle-write");
}

int main(int count, char **words)
{
    program = words[0];
    if (count == 3)
        return child(words[1], words[2]);
    fill(content, sizeof content, 13);
    RUN(killed_while_protecting);
    RUN(killed_while_opening);
    RUN(killed_while_protecting_a_document);
    RUN(killed_while_opening_a_document);
    RUN(killed_while_protecting_anew);
    RUN(killed_while_writing_in_place);
    RUN(killed_while_setting_the_end);
    RUN(killed_while_writing_on_a_handle);
    return finish_tests();
}
