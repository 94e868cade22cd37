/* Work on one store by several processes and threads at once, a journal of what was acknowledged, and the comparison of
 * that with the store. A line of the journal is written in one piece after the call returned, so what stands in it was
 * acknowledged, however the process ended.
 *
 *   T id revision   the template was kept under the name "rev <revision>"     E id    the template is being deleted
 *   D id            the template was deleted                                 A address  the account was kept
 *   G address       the account was made a member of everybody's group       P content user file  was published
 *   O content       Bob opened it     R content   its document was registered
 *   V content       it was revoked    S content   it is being restored       U content   it was restored
 */
#ifndef MSIPC_TEST_SOAK_H
#define MSIPC_TEST_SOAK_H

#include "admin.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SOAK_GROUP W("everybody@soak.example")

enum { SOAK_TEXT = 128, SOAK_PATH = 1600 };

typedef struct {
    const char *folder; /* of journals and licenses */
    int journal;        /* descriptor */
    char user[SOAK_TEXT];
    int times;          /* 0: until the process is killed */
    int reads;          /* asks instead of changing */
    WCHAR template_id[SOAK_TEXT];
    int revision;
} SoakJob;

/* A refusal that nothing explains: the process ends, and the one that waits for it says so. */
static inline void soak_fail(const char *what, HRESULT result)
{
    LPCWSTR detail = NULL;
    IpcxGetLastErrorDetail(&detail);
    printf("    %s: 0x%08lX %s\n", what, (unsigned long)(DWORD)result, detail != NULL ? narrow(detail) : "");
    fflush(stdout);
    _exit(1);
}

#define SOAK_OK(call)                 \
    do {                              \
        HRESULT soak_result = (call); \
        if (soak_result != S_OK)      \
            soak_fail(#call, soak_result); \
    } while (0)

static inline void acknowledge(const SoakJob *job, char kind, const char *first, const char *second, const char *third)
{
    char line[SOAK_PATH + 400];
    int length = snprintf(line, sizeof line, "%c %s %s %s\n", kind, first, second, third);
    if (length <= 0 || (size_t)length >= sizeof line || write(job->journal, line, (size_t)length) != length)
        soak_fail("the journal", E_FAIL);
}

/* ASCII out of a wide text, in memory of the caller. */
static inline const char *ascii(LPCWSTR text, char *out)
{
    size_t i;
    for (i = 0; text[i] != 0 && i + 1 < SOAK_TEXT; i++)
        out[i] = (char)text[i];
    out[i] = 0;
    return out;
}

static inline void as_user(LPCWSTR account)
{
    SOAK_OK(IpcxSetThreadIdentity(account));
}

static inline IPC_USER_RIGHTS_LIST bobs_list(LPCWSTR *right)
{
    IPC_USER_RIGHTS_LIST list;
    memset(&list, 0, sizeof list);
    list.cbSize = sizeof list;
    list.cUserRights = 1;
    list.rgUserRights[0].User.dwType = IPC_USER_TYPE_EMAIL;
    list.rgUserRights[0].User.wszID = BOB;
    list.rgUserRights[0].cRights = 1;
    list.rgUserRights[0].rgwszRights = right;
    return list;
}

/* Changes the template of the job, or makes it. What came of it is still to be acknowledged. */
static inline HRESULT put_next_revision(SoakJob *job)
{
    WCHAR name[SOAK_TEXT];
    char text[SOAK_TEXT];
    LPCWSTR id = NULL, right = W("VIEW");
    IPC_USER_RIGHTS_LIST list = bobs_list(&right);
    IPC_TEMPLATE_INFO texts[1];
    IPCX_TEMPLATE value;
    HRESULT result;
    memset(&value, 0, sizeof value);
    memset(texts, 0, sizeof texts);
    snprintf(text, sizeof text, "rev %d", job->revision + 1);
    texts[0].lcid = 1033;
    texts[0].wszName = widen(text, name, SOAK_TEXT);
    texts[0].wszDescription = W("");
    value.cbSize = sizeof value;
    value.cDescriptors = 1;
    value.rgDescriptors = texts;
    value.pUserRights = &list;
    value.wszID = job->template_id[0] != 0 ? job->template_id : NULL;
    as_user(NULL);
    result = IpcxPutTemplate(&value, NULL, &id);
    if (result != S_OK)
        return result;
    widen(ascii(id, text), job->template_id, SOAK_TEXT);
    IpcFreeMemory((LPVOID)id);
    job->revision++;
    return S_OK;
}

static inline void acknowledge_revision(const SoakJob *job)
{
    char id[SOAK_TEXT], number[32];
    snprintf(number, sizeof number, "%d", job->revision);
    acknowledge(job, 'T', ascii(job->template_id, id), number, "");
}

static inline void work_on_template(SoakJob *job)
{
    char text[SOAK_TEXT];
    SOAK_OK(put_next_revision(job));
    acknowledge_revision(job);
    ascii(job->template_id, text);
    if (job->revision % 6 == 0) {
        acknowledge(job, 'E', text, "", "");
        SOAK_OK(IpcxDeleteTemplate(job->template_id, 0, NULL));
        acknowledge(job, 'D', text, "", "");
        job->template_id[0] = 0;
    }
}

static inline void work_on_directory(const SoakJob *job, int turn)
{
    IPCX_ACCOUNT account;
    WCHAR address[SOAK_TEXT];
    char text[SOAK_TEXT + 16];
    snprintf(text, sizeof text, "a%d.%s", turn, job->user);
    memset(&account, 0, sizeof account);
    account.cbSize = sizeof account;
    account.wszAddress = widen(text, address, SOAK_TEXT);
    as_user(NULL);
    SOAK_OK(IpcxPutAccounts(1, &account, NULL));
    acknowledge(job, 'A', text, "", "");
    SOAK_OK(IpcxAddGroupMember(SOAK_GROUP, address, NULL));
    acknowledge(job, 'G', text, "", "");
}

static inline HRESULT soak_open(PCIPC_BUFFER license)
{
    IPC_KEY_HANDLE key = NULL;
    HRESULT result;
    as_user(BOB);
    result = IpcGetKey(license, 0, NULL, NULL, &key);
    IpcCloseHandle((IPC_HANDLE)key);
    return result;
}

/* Publishes something for Bob as the account of the job. The caller frees the license. */
static inline HRESULT publish_for_bob(const SoakJob *job, PIPC_BUFFER *license)
{
    IPC_TEMPLATE_ISSUER issuer;
    IPC_LICENSE_HANDLE draft = NULL;
    IPC_KEY_HANDLE key = NULL;
    LPCWSTR right = W("VIEW");
    IPC_USER_RIGHTS_LIST list = bobs_list(&right);
    WCHAR user[SOAK_TEXT];
    HRESULT result;
    memset(&issuer, 0, sizeof issuer);
    as_user(widen(job->user, user, SOAK_TEXT));
    SOAK_OK(IpcCreateLicenseFromScratch(&issuer, 0, NULL, &draft));
    SOAK_OK(IpcSetLicenseProperty(draft, FALSE, IPC_LI_USER_RIGHTS_LIST, &list));
    result = IpcSerializeLicense((LPCVOID)draft, IPC_SL_LICENSE_HANDLE, 0, NULL, &key, license);
    IpcCloseHandle((IPC_HANDLE)draft);
    IpcCloseHandle((IPC_HANDLE)key);
    return result;
}

/* Leaves a license where the comparison finds it, and acknowledges it. */
static inline void save_license(const SoakJob *job, PCIPC_BUFFER license, char *content)
{
    LPVOID id = NULL;
    char path[SOAK_PATH];
    int file;
    SOAK_OK(IpcGetSerializedLicenseProperty(license, IPC_LI_CONTENT_ID, NULL, 0, &id));
    ascii((LPCWSTR)id, content);
    IpcFreeMemory(id);
    snprintf(path, sizeof path, "%s/%s.license", job->folder, content);
    file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (file < 0 || write(file, license->pvBuffer, license->cbBuffer) != (ssize_t)license->cbBuffer || close(file) != 0)
        soak_fail(path, E_FAIL);
    acknowledge(job, 'P', content, job->user, path);
}

/* Publishes, opens, registers; every other one is revoked, and every fourth restored. */
static inline void work_on_license(const SoakJob *job, int turn)
{
    PIPC_BUFFER license = NULL;
    IPCX_REVOCATION what;
    WCHAR user[SOAK_TEXT];
    char content[SOAK_TEXT];
    memset(&what, 0, sizeof what);
    SOAK_OK(publish_for_bob(job, &license));
    save_license(job, license, content);
    SOAK_OK(soak_open(license));
    acknowledge(job, 'O', content, "", "");
    as_user(widen(job->user, user, SOAK_TEXT));
    SOAK_OK(IpcRegisterLicense(license, NULL, NULL, W("plan"), FALSE));
    acknowledge(job, 'R', content, "", "");
    what.cbSize = sizeof what;
    what.dwTarget = IPCX_REVOKE_LICENSE;
    what.pLicense = license;
    if (turn % 2 == 1) {
        SOAK_OK(IpcxRevoke(&what, NULL));
        acknowledge(job, 'V', content, "", "");
        if (soak_open(license) != IPCERROR_RIGHT_NOT_GRANTED)
            soak_fail("a revoked license opens", E_FAIL);
    }
    if (turn % 4 == 1) {
        acknowledge(job, 'S', content, "", "");
        as_user(user);
        SOAK_OK(IpcxRestore(&what, NULL));
        acknowledge(job, 'U', content, "", "");
    }
    IpcFreeMemory(license);
}

/* What others do meanwhile: nothing of it may be refused. */
static inline void read_along(void)
{
    PCIPC_TIL templates = NULL;
    PIPC_BUFFER list = NULL;
    PCIPCX_LOG_LIST lines = NULL;
    as_user(NULL);
    SOAK_OK(IpcGetTemplateList(NULL, IPC_GTL_FLAG_FORCE_DOWNLOAD, 0, NULL, NULL, &templates));
    SOAK_OK(IpcxVerifyUsageLog(NULL, NULL, NULL));
    SOAK_OK(IpcxQueryUsageLog(NULL, NULL, NULL, 100, NULL, &lines));
    SOAK_OK(IpcxExportRevocationList(1, NULL, &list));
    IpcFreeMemory((LPVOID)templates);
    IpcFreeMemory((LPVOID)lines);
    IpcFreeMemory(list);
}

static inline void *soak_thread(void *argument)
{
    SoakJob *job = (SoakJob *)argument;
    int turn;
    for (turn = 0; job->times == 0 || turn < job->times; turn++) {
        if (job->reads) {
            read_along();
            continue;
        }
        work_on_license(job, turn);
        work_on_template(job);
        work_on_directory(job, turn);
    }
    return NULL;
}

/* Everybody's group. To put it replaces it, so one process at a time looks whether it is there; the system takes the lock
 * back from a process that is killed.
 */
static inline void make_group(const char *folder)
{
    PCIPCX_GROUP known = NULL;
    char path[SOAK_PATH];
    HRESULT result;
    struct flock whole;
    int lock;
    memset(&whole, 0, sizeof whole);
    whole.l_type = F_WRLCK;
    snprintf(path, sizeof path, "%s/lock", folder);
    lock = open(path, O_RDWR | O_CREAT, 0600);
    if (lock < 0 || fcntl(lock, F_SETLKW, &whole) != 0)
        soak_fail(path, E_FAIL);
    as_user(NULL);
    result = IpcxGetGroup(SOAK_GROUP, NULL, &known);
    if (result == WIN32(ERROR_NOT_FOUND)) {
        IPCX_GROUP group;
        memset(&group, 0, sizeof group);
        group.cbSize = sizeof group;
        group.wszAddress = SOAK_GROUP;
        result = IpcxPutGroups(1, &group, NULL);
    }
    SOAK_OK(result);
    IpcFreeMemory((LPVOID)known);
    close(lock);
}

/* A process of some threads that change and perhaps one that reads; `name` is its own in the folder. */
static inline int soak_work(const char *folder, const char *name, int threads, int times, int reads)
{
    SoakJob jobs[8];
    pthread_t started[8];
    char path[SOAK_PATH];
    int i, journal, count = threads + reads;
    if (count > (int)COUNT(jobs))
        return 2;
    snprintf(path, sizeof path, "%s/%s.journal", folder, name);
    journal = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (journal < 0)
        return 2;
    memset(jobs, 0, sizeof jobs);
    make_group(folder);
    for (i = 0; i < count; i++) {
        jobs[i].folder = folder;
        jobs[i].journal = journal;
        jobs[i].times = times;
        jobs[i].reads = i >= threads;
        snprintf(jobs[i].user, sizeof jobs[i].user, "%s.t%d@soak.example", name, i);
        if (pthread_create(&started[i], NULL, soak_thread, &jobs[i]) != 0)
            return 2;
    }
    for (i = 0; i < count; i++)
        pthread_join(started[i], NULL);
    return close(journal) == 0 ? 0 : 2;
}

/* What the journals say of one thing. */
typedef struct {
    char name[SOAK_TEXT], user[SOAK_TEXT], path[SOAK_PATH];
    int number;      /* the last revision */
    unsigned kinds;  /* bits of the letters */
    unsigned logged; /* the same for what the usage log has */
} SoakThing;

static inline unsigned bit(char kind)
{
    return 1u << (kind - 'A');
}

typedef struct {
    SoakThing *things;
    size_t count, room;
} SoakThings;

static inline SoakThing *thing_named(SoakThings *all, const char *name, int make)
{
    size_t i;
    /* From the end, since a journal goes on with what it named last. */
    for (i = all->count; i > 0; i--)
        if (strcmp(all->things[i - 1].name, name) == 0)
            return &all->things[i - 1];
    if (!make)
        return NULL;
    if (all->count == all->room) {
        all->room = all->room * 2 + 64;
        all->things = (SoakThing *)realloc(all->things, all->room * sizeof *all->things);
        if (all->things == NULL)
            abort();
    }
    memset(&all->things[all->count], 0, sizeof *all->things);
    snprintf(all->things[all->count].name, SOAK_TEXT, "%s", name);
    return &all->things[all->count++];
}

static inline void read_journal(SoakThings *all, const char *path)
{
    char line[SOAK_PATH + 400], first[SOAK_TEXT], second[SOAK_TEXT], third[SOAK_PATH];
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return; /* killed before it began */
    while (fgets(line, sizeof line, file) != NULL) {
        SoakThing *thing;
        third[0] = second[0] = 0;
        if (strchr(line, '\n') == NULL || sscanf(line + 1, " %127s %127s %1599s", first, second, third) < 1)
            soak_fail("the journal is damaged", E_FAIL);
        thing = thing_named(all, first, 1);
        thing->kinds |= bit(line[0]);
        if (line[0] == 'T')
            thing->number = atoi(second);
        if (line[0] == 'P') {
            snprintf(thing->user, sizeof thing->user, "%s", second);
            snprintf(thing->path, sizeof thing->path, "%s", third);
        }
    }
    fclose(file);
}

static inline int wrong(const SoakThing *thing, const char *what)
{
    printf("    %s: %s\n", thing->name, what);
    return 1;
}

static inline int check_template_of(const SoakThing *thing, int exact)
{
    PCIPCX_TEMPLATE found = NULL;
    WCHAR id[SOAK_TEXT];
    int bad = 0, revision;
    HRESULT result = IpcxGetTemplate(widen(thing->name, id, SOAK_TEXT), NULL, &found);
    if (thing->kinds & bit('D'))
        bad = result == WIN32(ERROR_NOT_FOUND) ? 0 : wrong(thing, "a deleted template is there");
    else if (result == WIN32(ERROR_NOT_FOUND) && !exact && (thing->kinds & bit('E')))
        bad = 0; /* killed while it was deleted */
    else if (result != S_OK)
        bad = wrong(thing, "the template is lost");
    else if (sscanf(narrow(found->rgDescriptors[0].wszName), "rev %d", &revision) != 1 || revision < thing->number ||
             revision > thing->number + !exact)
        bad = wrong(thing, "a change of the template is lost");
    IpcFreeMemory((LPVOID)found);
    return bad;
}

static inline int check_license_of(const SoakThing *thing, int exact)
{
    static BYTE bytes[1 << 16];
    IPC_BUFFER license;
    HRESULT result;
    FILE *file = fopen(thing->path, "rb");
    if (file == NULL)
        return wrong(thing, "no file");
    license.pvBuffer = bytes;
    license.cbBuffer = (DWORD)fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    result = soak_open(&license);
    if (result != S_OK && result != IPCERROR_RIGHT_NOT_GRANTED)
        return wrong(thing, "the license does not open");
    /* What was registered may have been about to be revoked. */
    if (!(thing->kinds & bit(exact ? 'V' : 'R')) && result != S_OK)
        return wrong(thing, "a license that was not revoked is refused");
    if ((thing->kinds & bit('U')) && result != S_OK)
        return wrong(thing, "the restoring of the license is lost");
    if ((thing->kinds & bit('V')) && !(thing->kinds & bit('S')) && result == S_OK)
        return wrong(thing, "the revocation of the license is lost");
    return 0;
}

static inline int lists_member(PCIPCX_GROUP group, const char *address)
{
    WCHAR text[SOAK_TEXT];
    return lists_text(group->cMembers, group->rgwszMembers, widen(address, text, SOAK_TEXT));
}

static inline int check_log_of(SoakThings *all)
{
    static const struct {
        const char *operation;
        char kind;
    } operations[] = {{"CreatePublishingLicense", 'P'}, {"AcquireLicense", 'O'}, {"RegisterLicense", 'R'},
                      {"RevokeAccess", 'V'},            {"RestoreAccess", 'U'},  {"AddTemplate", 'T'},
                      {"DeleteTemplateById", 'D'}};
    PCIPCX_LOG_LIST list = NULL;
    DWORD n;
    size_t i, k;
    int bad = 0;
    SOAK_OK(IpcxQueryUsageLog(NULL, NULL, NULL, IPCX_LOG_LINES_MAX, NULL, &list));
    for (n = 0; n < list->cEntries; n++) {
        const IPCX_LOG_ENTRY *entry = (const IPCX_LOG_ENTRY *)((const BYTE *)list + offsetof(IPCX_LOG_LIST, aEntries)) + n;
        const char *content = narrow(entry->wszContentId[0] != 0 ? entry->wszContentId : entry->wszTemplateId);
        SoakThing *thing = thing_named(all, content, 0);
        for (k = 0; thing != NULL && k < COUNT(operations); k++)
            if (strcmp(narrow(entry->wszOperation), operations[k].operation) == 0)
                thing->logged |= bit(operations[k].kind);
    }
    IpcFreeMemory((LPVOID)list);
    for (i = 0; i < all->count; i++)
        for (k = 0; k < COUNT(operations); k++)
            if ((all->things[i].kinds & ~all->things[i].logged) & bit(operations[k].kind))
                bad += wrong(&all->things[i], operations[k].operation);
    return bad;
}

/* Compares the store with journals; `exact` when nobody was killed. The log is checked against a checkpoint that the
 * comparison before left in the folder of the store's home, and against the numbers of lines.
 */
static inline int soak_verify(const char *folder, char **names, int count, int exact)
{
    SoakThings all = {NULL, 0, 0};
    PCIPCX_GROUP group = NULL;
    PIPC_BUFFER checkpoint = NULL;
    IPC_BUFFER earlier;
    static BYTE bytes[4096];
    DWORD64 lines = 0;
    char path[SOAK_PATH];
    FILE *file;
    size_t i;
    int n, bad = 0;
    for (n = 0; n < count; n++) {
        snprintf(path, sizeof path, "%s/%s.journal", folder, names[n]);
        read_journal(&all, path);
    }
    as_user(NULL);
    snprintf(path, sizeof path, "%s/checkpoint", folder);
    file = fopen(path, "rb");
    earlier.pvBuffer = bytes;
    earlier.cbBuffer = file != NULL ? (DWORD)fread(bytes, 1, sizeof bytes, file) : 0;
    if (file != NULL)
        fclose(file);
    SOAK_OK(IpcxVerifyUsageLog(earlier.cbBuffer > 0 ? &earlier : NULL, NULL, &lines));
    if (all.count > 0) {
        HRESULT result = IpcxGetGroup(SOAK_GROUP, NULL, &group);
        if (result != S_OK)
            soak_fail("the group is lost", result);
    }
    bad += check_log_of(&all);
    for (i = 0; i < all.count; i++) {
        const SoakThing *thing = &all.things[i];
        as_user(NULL);
        if (thing->kinds & bit('T'))
            bad += check_template_of(thing, exact);
        if (thing->kinds & bit('A')) {
            PCIPCX_ACCOUNT account = NULL;
            WCHAR address[SOAK_TEXT];
            if (IpcxGetAccount(widen(thing->name, address, SOAK_TEXT), NULL, &account) != S_OK)
                bad += wrong(thing, "the account is lost");
            IpcFreeMemory((LPVOID)account);
        }
        if ((thing->kinds & bit('G')) && !lists_member(group, thing->name))
            bad += wrong(thing, "the member of the group is lost");
        if (thing->kinds & bit('P'))
            bad += check_license_of(thing, exact);
    }
    IpcFreeMemory((LPVOID)group);
    as_user(NULL);
    SOAK_OK(IpcxGetUsageLogCheckpoint(NULL, &checkpoint));
    file = fopen(path, "wb");
    if (file == NULL || fwrite(checkpoint->pvBuffer, 1, checkpoint->cbBuffer, file) != checkpoint->cbBuffer || fclose(file) != 0)
        bad++;
    IpcFreeMemory(checkpoint);
    free(all.things);
    printf("    %lu things, %lu lines of the log\n", (unsigned long)all.count, (unsigned long)lines);
    fflush(stdout);
    return bad;
}

#endif
