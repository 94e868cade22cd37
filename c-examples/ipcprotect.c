/* A whole application: protects, opens and inspects files and folders from the command line.
 *
 *   make examples && target/examples/ipcprotect protect -u ben@contoso.example:VIEW,PRINT plan.txt
 *
 * It uses the public headers alone. What it shows of the File API:
 * - one call protects a file in the container of its type, one call opens it again, and the original goes only after that;
 * - templates, and rights that are given one by one;
 * - questions: is a file protected, who owns it, which policy, what may I do with it;
 * - progress while a long call runs, and its end by Ctrl-C: the file is then as it was;
 * - what failed and why, from IpcGetErrorMessageText and IpcxGetLastErrorDetail.
 */
#include "common.h"
#include "system.h"

#include <stdint.h>

enum { ALL = 0, SOME_FAILED = 1, USAGE = 2 };

static const char HELP[] =
    "usage: ipcprotect [--as ACCOUNT] COMMAND\n"
    "\n"
    "  protect (-t TEMPLATE | -u USER:RIGHT,RIGHT ...) [-o DIR] [--pfile | --native] [--keep] FILE|FOLDER...\n"
    "      Protects files; the originals are replaced. TEMPLATE is a name or an id, USER a mail address or ANYONE.\n"
    "      --pfile makes pfiles for any application, --native files for applications that honor rights, --keep leaves\n"
    "      what is protected already as it is. Without either, the administrator's rules decide.\n"
    "  open [-o DIR] FILE|FOLDER...\n"
    "      Takes the protection off; the protected files are replaced.\n"
    "  inspect FILE|FOLDER...\n"
    "      Tells what protects files, and what you may do with them.\n"
    "  templates\n"
    "      Lists the templates that you may protect with.\n"
    "\n"
    "Results go to -o DIR, or stay where the files are. Folders are taken with everything below them, links aside.\n"
    "ACCOUNT is who asks, else MSIPC_IDENTITY or the account of the system. The status is 0 when all went well, 1 when\n"
    "something failed or was cancelled, 2 when the command is wrong.\n";

/* What the command line asks for. */
static struct {
    const char *folder;
    LPWSTR template_name;
    const char **grants;
    size_t grant_count;
    DWORD flags;
    int keep;
} asked;

static IPC_PROMPT_CTX prompt;
static size_t done, skipped, failed;

/* ---- The progress bar, on a terminal only. ---- */

static struct {
    int is_on, is_drawn;
    const char *name;
    double began;
} bar;

static void erase_bar(void)
{
    if (bar.is_drawn)
        fputs("\r\033[K", stderr);
    bar.is_drawn = 0;
}

/* Called by the library a few times a second, on this thread. */
static HRESULT CALLBACK draw_bar(LPVOID context, DWORD64 count, DWORD64 total)
{
    enum { WIDTH = 30 };
    double passed = seconds() - bar.began, part = total > 0 ? (double)count / (double)total : 1;
    int full = (int)(part * WIDTH);
    (void)context;
    /* What is over in no time needs no bar. */
    if (!bar.is_drawn && passed < 0.15)
        return S_OK;
    bar.is_drawn = 1;
    fprintf(stderr, "\r\033[K[%.*s%*s] %3d %%  %.0f MiB/s  %.60s", full, "##############################", WIDTH - full, "",
            (int)(part * 100), passed > 0 ? (double)count / 1048576 / passed : 0.0, bar.name);
    fflush(stderr);
    return S_OK;
}

static void begin_bar(const char *path)
{
    bar.name = strrchr(path, '/') != NULL ? strrchr(path, '/') + 1 : path;
    bar.began = seconds();
    if (bar.is_on)
        IpcxSetFileProgress(draw_bar, NULL);
}

/* ---- Failures. ---- */

static void complain(const char *about, const char *why)
{
    erase_bar();
    fprintf(stderr, "ipcprotect: %s: %s\n", about, why);
}

/* Explains the failure of the last call: what the code means, and what was wrong this time. */
static void explain(const char *about, HRESULT result)
{
    LPCWSTR text = NULL, detail = NULL;
    size_t length;
    const char *words = "unknown";
    erase_bar();
    IpcxGetLastErrorDetail(&detail);
    if (IpcGetErrorMessageText(result, 0, &text) == S_OK)
        words = to_utf8(text);
    length = strcspn(words, "\n");
    fprintf(stderr, "ipcprotect: %s: %.*s\n", about, (int)length, words);
    fprintf(stderr, "    %s\n", detail != NULL ? to_utf8(detail) : "");
    IpcFreeMemory((LPVOID)text);
    IpcFreeMemory((LPVOID)detail);
}

static void *need(void *memory)
{
    if (memory == NULL) {
        fputs("ipcprotect: memory ran out\n", stderr);
        exit(SOME_FAILED);
    }
    return memory;
}

/* ---- The files that are meant. ---- */

typedef struct {
    char *path;
    /* The folder below the one that was named, which is made again below -o DIR; empty for files that were named. */
    char *below;
    int is_named;
} Item;

static struct {
    Item *items;
    size_t count, room;
} files;

static char *joined(const char *folder, const char *name)
{
    size_t size = strlen(folder) + strlen(name) + 2;
    char *path = need(malloc(size));
    const char *between = *folder == 0 || folder[strlen(folder) - 1] == '/' || *name == 0 ? "" : "/";
    snprintf(path, size, "%s%s%s", folder, between, name);
    return path;
}

static void add_file(const char *path, const char *below, int is_named)
{
    if (files.count == files.room) {
        files.room = files.room * 2 + 16;
        files.items = need(realloc(files.items, files.room * sizeof *files.items));
    }
    files.items[files.count].path = joined(path, "");
    files.items[files.count].below = joined(below, "");
    files.items[files.count++].is_named = is_named;
}

/* A folder whose names are collected. */
typedef struct {
    const char *path, *below;
} Folder;

static void add_folder(const char *path, const char *below);

static void add_name(void *context, const char *name)
{
    const Folder *folder = context;
    char *inner;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return;
    inner = joined(folder->path, name);
    switch (kind_of(inner, 0)) {
    case KIND_MISSING:
        complain(inner, strerror(errno));
        failed++;
        break;
    case KIND_FOLDER: {
        char *deeper = joined(folder->below, name);
        add_folder(inner, deeper);
        free(deeper);
        break;
    }
    case KIND_FILE:
        if (strncmp(name, ".msipc-", 7) != 0) {
            add_file(inner, folder->below, 0);
            break;
        }
        skipped++; /* what the library keeps beside a file while it works */
        break;
    case KIND_OTHER:
        skipped++; /* links and devices */
        break;
    }
    free(inner);
}

/* Collects before anything is changed, so that no result is taken for an input. */
static void add_folder(const char *path, const char *below)
{
    Folder folder;
    folder.path = path;
    folder.below = below;
    if (!each_name(path, add_name, &folder)) {
        complain(path, strerror(errno));
        failed++;
    }
}

static int by_path(const void *one, const void *other)
{
    return strcmp(((const Item *)one)->path, ((const Item *)other)->path);
}

static void add(const char *path)
{
    size_t first = files.count;
    if (kind_of(path, 1) == KIND_FOLDER)
        add_folder(path, "");
    else
        add_file(path, "", 1); /* what does not exist is told by the library */
    if (files.count > first)
        qsort(files.items + first, files.count - first, sizeof *files.items, by_path);
}

/* The folder for the result of a file, made where it is missing; NULL for the file's own. */
static int output_folder(const Item *item, LPWSTR *folder)
{
    char *path, *at;
    *folder = NULL;
    if (asked.folder == NULL)
        return 1;
    if (*asked.folder == 0) {
        complain("-o", "an empty name");
        return 0;
    }
    path = joined(asked.folder, item->below);
    for (at = path + 1; *at != 0; at++) {
        if (*at != '/')
            continue;
        *at = 0;
        make_folder(path);
        *at = '/';
    }
    if (!make_folder(path)) {
        complain(path, strerror(errno));
        free(path);
        return 0;
    }
    *folder = to_wide(path);
    if (*folder == NULL)
        complain(path, "the name is not UTF-8");
    free(path);
    return *folder != NULL;
}

/* ---- The commands. ---- */

static HRESULT make_license(IPC_LICENSE_HANDLE *draft);

/* What Ctrl-C ended is as it was. */
static void count_result(const Item *item, HRESULT result, LPCWSTR new_path, const char *verb)
{
    erase_bar();
    if (SUCCEEDED(result)) {
        if (new_path != NULL)
            printf("%s: %s -> %s\n", verb, item->path, to_utf8(new_path));
        else
            printf("%s: %s\n", verb, item->path);
        done++;
    } else if (interrupted && result == HRESULT_FROM_WIN32(ERROR_CANCELLED)) {
        complain(item->path, "cancelled; the file is as it was");
        failed++;
    } else {
        explain(item->path, result);
        failed++;
    }
}

static void protect(const Item *item, LPCWSTR path, LPCWSTR folder)
{
    LPCWSTR new_path = NULL;
    IPC_LICENSE_HANDLE draft = NULL;
    DWORD status = IPCF_FILE_STATUS_DECRYPTED;
    HRESULT result = S_OK;
    if (asked.keep)
        result = IpcfIsFileEncrypted(path, &status);
    if (SUCCEEDED(result) && status != IPCF_FILE_STATUS_DECRYPTED) {
        printf("kept: %s\n", item->path);
        skipped++;
        return;
    }
    if (asked.template_name != NULL) {
        if (SUCCEEDED(result))
            result = IpcfEncryptFile(path, asked.template_name, IPCF_EF_TEMPLATE_ID, asked.flags, &prompt, folder, &new_path);
    } else {
        /* Each file has a license with a content id of its own, so that each can be revoked alone. */
        if (SUCCEEDED(result))
            result = make_license(&draft);
        if (SUCCEEDED(result))
            result = IpcfEncryptFile(path, draft, IPCF_EF_LICENSE_HANDLE, asked.flags, &prompt, folder, &new_path);
    }
    count_result(item, result, new_path, "protected");
    if (draft != NULL)
        IpcCloseHandle((IPC_HANDLE)draft);
    IpcFreeMemory((LPVOID)new_path);
}

static void open_file(const Item *item, LPCWSTR path, LPCWSTR folder)
{
    LPCWSTR new_path = NULL;
    HRESULT result = IpcfDecryptFile(path, IPCF_DF_FLAG_DEFAULT, &prompt, folder, &new_path);
    if (result == IPCERROR_FILE_IS_NOT_ENCRYPTED && !item->is_named)
        skipped++; /* a folder may well hold others */
    else
        count_result(item, result, new_path, "opened");
    IpcFreeMemory((LPVOID)new_path);
}

static void print_field(const char *name, const char *value)
{
    printf("  %-14s %s\n", name, value);
}

/* A property of a license, or NULL. Owner and content id stand in the clear, texts and rights are told to who has a key. */
static void *property(PCIPC_BUFFER license, DWORD number, IPC_KEY_HANDLE key)
{
    LPVOID value = NULL;
    return SUCCEEDED(IpcGetSerializedLicenseProperty(license, number, key, 0, &value)) ? value : NULL;
}

static void print_policy(PCIPC_BUFFER license, IPC_KEY_HANDLE key)
{
    IPC_USER *owner = property(license, IPC_LI_OWNER, NULL);
    LPWSTR content = property(license, IPC_LI_CONTENT_ID, NULL);
    FILETIME *issued = property(license, IPC_LI_ISSUED_TIME, NULL);
    IPC_TEMPLATE_INFO *info = property(license, IPC_LI_DESCRIPTOR, key);
    print_field("owner", owner != NULL && owner->wszID != NULL ? to_utf8(owner->wszID) : "not told");
    print_field("content id", content != NULL ? to_utf8(content) : "none");
    if (issued != NULL) {
        char text[40];
        struct tm parts;
        uint64_t ticks = (uint64_t)issued->dwHighDateTime << 32 | issued->dwLowDateTime;
        time_t at = (time_t)(ticks / 10000000) - (time_t)11644473600;
        if (utc(at, &parts) && strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts) > 0)
            print_field("protected at", text);
    }
    if (info != NULL) {
        print_field("policy", info->wszName != NULL ? to_utf8(info->wszName) : "without a name");
        if (info->wszDescription != NULL && *info->wszDescription != 0)
            print_field("", to_utf8(info->wszDescription));
        print_field("template", info->fFromTemplate && info->wszID != NULL ? to_utf8(info->wszID) : "none");
    }
    IpcFreeMemory(owner);
    IpcFreeMemory(content);
    IpcFreeMemory(issued);
    IpcFreeMemory(info);
}

/* What the account that asks may do; with VIEWRIGHTSDATA, what everybody may. */
static void print_rights(PCIPC_BUFFER license, IPC_KEY_HANDLE key)
{
    static const LPCWSTR RIGHTS[] = {IPC_GENERIC_READ,    IPC_GENERIC_WRITE,   IPC_TEXT("DOCEDIT"), IPC_GENERIC_PRINT,
                                     IPC_GENERIC_EXTRACT, IPC_GENERIC_COMMENT, IPC_GENERIC_EXPORT,  IPC_TEXT("FORWARD"),
                                     IPC_TEXT("REPLY"),   IPC_READ_RIGHTS,     IPC_WRITE_RIGHTS,    IPC_GENERIC_ALL};
    IPC_USER_RIGHTS_LIST *list;
    LPVOID account = NULL;
    char line[512] = "";
    size_t i;
    DWORD user, right;
    for (i = 0; i < sizeof RIGHTS / sizeof RIGHTS[0]; i++) {
        BOOL granted = FALSE;
        if (SUCCEEDED(IpcAccessCheck(key, RIGHTS[i], &granted)) && granted)
            snprintf(line + strlen(line), sizeof line - strlen(line), "%s%s", *line != 0 ? " " : "", to_utf8(RIGHTS[i]));
    }
    print_field("your rights", line);
    if (SUCCEEDED(IpcGetKeyProperty(key, IPC_KI_USER_DISPLAYNAME, NULL, &account)))
        print_field("you are", to_utf8(account));
    list = property(license, IPC_LI_USER_RIGHTS_LIST, key);
    for (user = 0; list != NULL && user < list->cUserRights; user++) {
        /* The array is longer than its type says: walk from its first element. */
        const IPC_USER_RIGHTS *entry = (const IPC_USER_RIGHTS *)list->rgUserRights + user;
        printf("  %-14s %s:", user == 0 ? "granted to" : "", to_utf8(entry->User.wszID));
        for (right = 0; right < entry->cRights; right++)
            printf(" %s", to_utf8(entry->rgwszRights[right]));
        printf("\n");
    }
    IpcFreeMemory(account);
    IpcFreeMemory(list);
}

/* To ask for the key is to ask the authority; a refusal is an answer too. */
static void print_license(PCIPC_BUFFER license)
{
    IPC_KEY_HANDLE key = NULL;
    LPCWSTR detail = NULL;
    if (FAILED(IpcGetKey(license, 0, &prompt, NULL, &key)))
        IpcxGetLastErrorDetail(&detail);
    print_policy(license, key);
    if (key != NULL) {
        print_rights(license, key);
        IpcCloseHandle((IPC_HANDLE)key);
    } else {
        print_field("your rights", "none");
        print_field("", detail != NULL ? to_utf8(detail) : "");
    }
    IpcFreeMemory((LPVOID)detail);
}

static void inspect(const Item *item, LPCWSTR path, LPCWSTR folder)
{
    static const char *const STATUS[] = {"not protected", "protected, in the format of its type", "protected, as a pfile for any application"};
    static const char *const CONTENT[] = {"", "compatible: who may read it can change it unnoticed", "authenticated: changes by readers are noticed"};
    DWORD status = 0, authentication = 0;
    PIPC_BUFFER license = NULL;
    HRESULT result = IpcfIsFileEncrypted(path, &status);
    (void)folder;
    if (SUCCEEDED(result) && status != IPCF_FILE_STATUS_DECRYPTED) {
        result = IpcxGetFileAuthentication(path, &authentication);
        if (SUCCEEDED(result))
            result = IpcfGetSerializedLicenseFromFile(path, &license);
    }
    if (FAILED(result)) {
        explain(item->path, result);
        failed++;
        return;
    }
    printf("%s\n", item->path);
    print_field("status", status <= IPCF_FILE_STATUS_ENCRYPTED ? STATUS[status] : "unknown");
    if (license != NULL) {
        print_field("content", authentication <= IPCX_FILE_AUTHENTICATED ? CONTENT[authentication] : "unknown");
        print_license(license);
        IpcFreeMemory(license);
    }
    done++;
}

static PCIPC_TIL template_list(void)
{
    PCIPC_TIL list = NULL;
    HRESULT result = IpcGetTemplateList(NULL, IPC_GTL_FLAG_DEFAULT, 0, &prompt, NULL, &list);
    if (FAILED(result))
        explain("the list of templates", result);
    return list;
}

static int print_templates(void)
{
    PCIPC_TIL list = template_list();
    DWORD i;
    for (i = 0; list != NULL && i < list->cTi; i++) {
        const IPC_TEMPLATE_INFO *info = (const IPC_TEMPLATE_INFO *)list->aTi + i;
        printf("%s  %s\n", to_utf8(info->wszID), to_utf8(info->wszName));
        if (info->wszDescription != NULL && *info->wszDescription != 0)
            printf("    %s\n", to_utf8(info->wszDescription));
    }
    IpcFreeMemory((LPVOID)list);
    return list != NULL ? ALL : SOME_FAILED;
}

static int same_text(LPCWSTR one, LPCWSTR other)
{
    while (*one != 0 && *one == *other)
        one++, other++;
    return *one == *other;
}

/* -t names a template as people do, or by its id, which then stays in template_name. */
static int choose_template(void)
{
    PCIPC_TIL list = template_list();
    DWORD i;
    if (list == NULL)
        return 0;
    for (i = 0; i < list->cTi; i++) {
        const IPC_TEMPLATE_INFO *info = (const IPC_TEMPLATE_INFO *)list->aTi + i;
        if (same_text(info->wszName, asked.template_name)) {
            free(asked.template_name);
            asked.template_name = need(to_wide(to_utf8(info->wszID)));
            break;
        }
    }
    IpcFreeMemory((LPVOID)list);
    return 1;
}

static int is_everyone(const char *user)
{
    return strcmp(user, "ANYONE") == 0 || strcmp(user, "anyone") == 0;
}

/* Makes a license from what -u gave. */
static HRESULT make_license(IPC_LICENSE_HANDLE *draft)
{
    size_t room = sizeof(IPC_USER_RIGHTS_LIST) + asked.grant_count * sizeof(IPC_USER_RIGHTS), i, j;
    IPC_USER_RIGHTS_LIST *list = need(calloc(1, room));
    PCIPC_TEMPLATE_ISSUER_LIST issuers = NULL;
    IPC_TEMPLATE_INFO name;
    HRESULT result;
    memset(&name, 0, sizeof name);
    name.lcid = 1033;
    name.wszName = IPC_TEXT("Rights given one by one");
    name.wszDescription = IPC_TEXT("Made with ipcprotect.");
    list->cbSize = sizeof *list;
    list->cUserRights = (DWORD)asked.grant_count;
    for (i = 0; i < asked.grant_count; i++) {
        IPC_USER_RIGHTS *entry = (IPC_USER_RIGHTS *)list->rgUserRights + i;
        char *text = joined(asked.grants[i], ""), *rights = strrchr(text, ':'), *right;
        *rights++ = 0;
        entry->User.dwType = is_everyone(text) ? IPC_USER_TYPE_IPC : IPC_USER_TYPE_EMAIL;
        entry->User.wszID = need(to_wide(text));
        entry->rgwszRights = need(calloc(strlen(rights) + 1, sizeof *entry->rgwszRights));
        for (right = strtok(rights, ","); right != NULL; right = strtok(NULL, ","))
            entry->rgwszRights[entry->cRights++] = need(to_wide(right));
        free(text);
    }
    result = IpcGetTemplateIssuerList(NULL, 0, &prompt, NULL, &issuers);
    if (SUCCEEDED(result))
        result = IpcCreateLicenseFromScratch(issuers->aTi, 0, NULL, draft);
    if (SUCCEEDED(result))
        result = IpcSetLicenseProperty(*draft, FALSE, IPC_LI_DESCRIPTOR, &name);
    if (SUCCEEDED(result))
        result = IpcSetLicenseProperty(*draft, FALSE, IPC_LI_USER_RIGHTS_LIST, list);
    for (i = 0; i < asked.grant_count; i++) {
        const IPC_USER_RIGHTS *entry = (const IPC_USER_RIGHTS *)list->rgUserRights + i;
        for (j = 0; j < entry->cRights; j++)
            free((void *)(uintptr_t)entry->rgwszRights[j]);
        free(entry->rgwszRights);
        free((void *)(uintptr_t)entry->User.wszID);
    }
    free(list);
    IpcFreeMemory((LPVOID)issuers);
    return result;
}

static void for_each_file(void (*work)(const Item *, LPCWSTR, LPCWSTR), const char *verb, int counts)
{
    size_t i, left;
    for (i = 0; i < files.count && !interrupted; i++) {
        const Item *item = files.items + i;
        LPWSTR folder = NULL, path = to_wide(item->path);
        if (path == NULL || !output_folder(item, &folder)) {
            if (path == NULL)
                complain(item->path, "the name is not UTF-8");
            failed++;
        } else {
            begin_bar(item->path);
            work(item, path, folder);
            IpcxSetFileProgress(NULL, NULL);
            erase_bar();
        }
        free(folder);
        free(path);
    }
    left = files.count - i;
    if (!counts || (files.count <= 1 && skipped == 0))
        return;
    printf("%zu %s, %zu skipped, %zu failed", done, verb, skipped, failed);
    if (interrupted)
        printf("; cancelled, %zu not begun", left);
    printf("\n");
}

/* ---- The command line. ---- */

static int usage(const char *what, const char *which)
{
    fprintf(stderr, "ipcprotect: %s%s\n\n%s", what, which, HELP);
    return USAGE;
}

/* USER:RIGHT,RIGHT in UTF-8 with at least one right. */
static int is_grant(const char *text)
{
    const char *colon = strrchr(text, ':');
    LPWSTR wide = to_wide(text);
    int good = wide != NULL && colon != NULL && colon > text && colon[1] != 0 && colon[strspn(colon + 1, ",") + 1] != 0;
    free(wide);
    return good;
}

static int run(const char *command, const char **names, size_t name_count)
{
    int is_protecting = strcmp(command, "protect") == 0, is_opening = strcmp(command, "open") == 0;
    int is_inspecting = strcmp(command, "inspect") == 0;
    int has_policy = asked.template_name != NULL || asked.grant_count > 0;
    size_t i;
    if (strcmp(command, "templates") == 0)
        return name_count > 0 || has_policy || asked.folder != NULL ? usage("templates takes no arguments", "") : print_templates();
    if (!is_protecting && !is_opening && !is_inspecting)
        return usage("no such command: ", command);
    if (name_count == 0)
        return usage("no file or folder is named", "");
    if (is_protecting && (asked.template_name != NULL) == (asked.grant_count > 0))
        return usage("say either -t TEMPLATE or -u USER:RIGHTS", "");
    if (!is_protecting && (has_policy || asked.flags != 0 || asked.keep))
        return usage("this option is for protecting, not for: ", command);
    if (is_inspecting && asked.folder != NULL)
        return usage("inspect writes nothing, so -o has no meaning", "");
    if (asked.flags == (IPCF_EF_FLAG_FORCE_PFILE | IPCF_EF_FLAG_FORCE_NATIVE))
        return usage("--pfile and --native exclude each other", "");
    if (asked.template_name != NULL && !choose_template())
        return SOME_FAILED;
    for (i = 0; i < name_count; i++)
        add(names[i]);
    for_each_file(is_protecting ? protect : is_opening ? open_file : inspect, is_protecting ? "protected" : "opened", !is_inspecting);
    return failed > 0 || interrupted ? SOME_FAILED : ALL;
}

int main(int argc, char **given)
{
    char **argv = words_of(&argc, given);
    const char *command = NULL;
    const char **names = need(calloc((size_t)argc + 1, sizeof *names));
    size_t name_count = 0, n;
    LPWSTR account = NULL;
    HRESULT result;
    int i, options_end = 0, status = USAGE;
    asked.grants = need(calloc((size_t)argc + 1, sizeof *asked.grants));
    for (i = 1; i < argc; i++) {
        const char *word = argv[i];
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        int takes_value = strcmp(word, "-t") == 0 || strcmp(word, "-u") == 0 || strcmp(word, "-o") == 0 || strcmp(word, "--as") == 0;
        if (options_end || word[0] != '-' || word[1] == 0) {
            if (command == NULL)
                command = word;
            else
                names[name_count++] = word;
            continue;
        }
        if (takes_value && value == NULL) {
            usage("a value is missing after ", word);
            goto cleanup;
        }
        i += takes_value;
        if (strcmp(word, "--") == 0) {
            options_end = 1;
        } else if (strcmp(word, "-o") == 0) {
            asked.folder = value;
        } else if (strcmp(word, "-t") == 0) {
            free(asked.template_name);
            asked.template_name = to_wide(value);
            if (asked.template_name == NULL) {
                usage("not UTF-8 after ", word);
                goto cleanup;
            }
        } else if (strcmp(word, "-u") == 0 && is_grant(value)) {
            asked.grants[asked.grant_count++] = value;
        } else if (strcmp(word, "--as") == 0) {
            free(account);
            account = to_wide(value);
            if (account == NULL) {
                usage("not UTF-8 after ", word);
                goto cleanup;
            }
        } else if (strcmp(word, "--pfile") == 0) {
            asked.flags |= IPCF_EF_FLAG_FORCE_PFILE;
        } else if (strcmp(word, "--native") == 0) {
            asked.flags |= IPCF_EF_FLAG_FORCE_NATIVE;
        } else if (strcmp(word, "--keep") == 0) {
            asked.keep = 1;
        } else if (strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0) {
            fputs(HELP, stdout);
            status = ALL;
            goto cleanup;
        } else {
            usage(strcmp(word, "-u") == 0 ? "not USER:RIGHT,RIGHT: " : "no such option: ", strcmp(word, "-u") == 0 ? value : word);
            goto cleanup;
        }
    }
    if (command == NULL) {
        usage("no command is given", "");
        goto cleanup;
    }
    bar.is_on = is_on_terminal();
    prompt.cbSize = sizeof prompt;
    prompt.hCancelEvent = watch_for_interruption();
    result = IpcInitialize();
    if (SUCCEEDED(result) && account != NULL)
        result = IpcxSetIdentity(account);
    if (FAILED(result)) {
        explain(account != NULL ? "--as" : "starting", result);
        status = SOME_FAILED;
    } else {
        status = run(command, names, name_count);
    }

cleanup:
    for (n = 0; n < files.count; n++) {
        free(files.items[n].path);
        free(files.items[n].below);
    }
    free(files.items);
    free(names);
    free(asked.grants);
    free(asked.template_name);
    free(account);
    return status;
}
