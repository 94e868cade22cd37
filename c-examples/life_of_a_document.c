/* What happens to a protected document over time: its policy changes, it expires, it is revoked, it is recovered, and the
 * log tells the story.
 *
 *   make examples && MSIPC_HOME=$(mktemp -d) target/examples/life_of_a_document
 *
 * Every rule is decided by the licensing authority at the moment somebody opens the document. How soon a change arrives
 * depends on the days that a use license may serve offline; with 0 days, as here, it shows at the next opening. The program
 * ends with an error as soon as anything is not as it should be.
 */
#include "common.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ANNA IPC_TEXT("anna@contoso.example")
#define BEN IPC_TEXT("ben@contoso.example")
#define DORA IPC_TEXT("dora@contoso.example")
/* The account of the operating system, which made the store and so administers it. */
#define ADMINISTRATOR NULL
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char TEXT[] = "Third quarter: 4.2 million, up by a fifth.";
static const char PATH[] = "figures.txt";
static const char PROTECTED_PATH[] = "figures.ptxt";

static void expect(int holds, const char *what)
{
    if (holds)
        return;
    printf("\nThat was not expected: %s\n", what);
    remove(PATH);
    remove(PROTECTED_PATH);
    exit(EXIT_FAILURE);
}

static void must(HRESULT result, const char *step)
{
    LPCWSTR detail = NULL;
    if (SUCCEEDED(result))
        return;
    IpcxGetLastErrorDetail(&detail);
    printf("\n%s: 0x%08X\n%s\n", step, (unsigned)result, detail != NULL ? to_utf8(detail) : "");
    expect(0, step);
}

static void heading(const char *text)
{
    static int number;
    printf("\n%d. %s\n", ++number, text);
}

static void act_as(LPCWSTR account)
{
    must(IpcxSetIdentity(account), "IpcxSetIdentity");
}

/* ---- Time, of which FILETIME counts 100 ns since 1601. ---- */

static FILETIME days_from_now(long days)
{
    FILETIME at;
    uint64_t ticks = ((uint64_t)time(NULL) + 11644473600u + (uint64_t)(days * 86400)) * 10000000u;
    at.dwLowDateTime = (DWORD)ticks;
    at.dwHighDateTime = (DWORD)(ticks >> 32);
    return at;
}

static const char *date_text(uint64_t ticks)
{
    static char texts[4][40];
    static unsigned turn;
    char *text = texts[turn++ % COUNT(texts)];
    time_t at = (time_t)(ticks / 10000000u) - (time_t)11644473600;
    struct tm parts;
    if (gmtime_r(&at, &parts) == NULL || strftime(text, sizeof texts[0], "%Y-%m-%d %H:%M:%S UTC", &parts) == 0)
        text[0] = 0;
    return text;
}

static uint64_t ticks_of(FILETIME at)
{
    return (uint64_t)at.dwHighDateTime << 32 | at.dwLowDateTime;
}

/* ---- The template. ---- */

/* Makes the template, or changes it when `id` is given: what Ben may do, and when content expires. */
static LPCWSTR put_template(LPCWSTR id, int ben_prints, DWORD expiry)
{
    LPCWSTR rights[] = {IPC_GENERIC_READ, IPC_GENERIC_PRINT}, made = NULL;
    IPC_USER_RIGHTS_LIST list;
    IPC_TEMPLATE_INFO text;
    IPCX_TEMPLATE policy;
    memset(&list, 0, sizeof list);
    memset(&text, 0, sizeof text);
    memset(&policy, 0, sizeof policy);
    list.cbSize = sizeof list;
    list.cUserRights = 1;
    list.rgUserRights[0].User.dwType = IPC_USER_TYPE_EMAIL;
    list.rgUserRights[0].User.wszID = BEN;
    list.rgUserRights[0].rgwszRights = rights;
    list.rgUserRights[0].cRights = ben_prints ? 2 : 1;
    text.lcid = 1033;
    text.wszName = IPC_TEXT("Quarterly figures");
    text.wszDescription = IPC_TEXT("For Ben, for thirty days.");
    policy.cbSize = sizeof policy;
    policy.wszID = id;
    policy.cDescriptors = 1;
    policy.rgDescriptors = &text;
    policy.pUserRights = &list;
    policy.dwExpiry = expiry;
    policy.dwExpiryDays = 30;
    policy.ftExpiry = days_from_now(-1);
    policy.dwOfflineDays = 0;
    act_as(ADMINISTRATOR);
    must(IpcxPutTemplate(&policy, NULL, &made), "IpcxPutTemplate");
    return made;
}

/* ---- The document. ---- */

/* Asks for the key of the document as an account. */
static IPC_KEY_HANDLE open_as(LPCWSTR account, HRESULT *result)
{
    PIPC_BUFFER license = NULL;
    IPC_KEY_HANDLE key = NULL;
    LPWSTR path = to_wide(PROTECTED_PATH);
    expect(path != NULL, "memory ran out");
    act_as(account);
    must(IpcfGetSerializedLicenseFromFile(path, &license), "IpcfGetSerializedLicenseFromFile");
    *result = IpcGetKey(license, 0, NULL, NULL, &key);
    IpcFreeMemory(license);
    free(path);
    return key;
}

static int may(IPC_KEY_HANDLE key, LPCWSTR right)
{
    BOOL granted = FALSE;
    must(IpcAccessCheck(key, right, &granted), "IpcAccessCheck");
    return granted != FALSE;
}

static void show_key(const char *who, IPC_KEY_HANDLE key, int prints)
{
    printf("   %-28s VIEW %-4s PRINT %s\n", who, may(key, IPC_GENERIC_READ) ? "yes" : "no", may(key, IPC_GENERIC_PRINT) ? "yes" : "no");
    expect(may(key, IPC_GENERIC_READ) && may(key, IPC_GENERIC_PRINT) == prints, "other rights than the policy gives");
}

static void ben_is_refused(const char *why)
{
    HRESULT result;
    LPCWSTR detail = NULL;
    IPC_KEY_HANDLE key = open_as(BEN, &result);
    IpcxGetLastErrorDetail(&detail);
    printf("   Ben, %s: 0x%08X\n   %s\n", why, (unsigned)result, detail != NULL ? to_utf8(detail) : "");
    expect(key == NULL && result == IPCERROR_RIGHT_NOT_GRANTED, why);
    IpcFreeMemory((LPVOID)detail);
}

/* The owner of the content is not bound by expiry and by her own revocation. */
static void anna_still_opens(void)
{
    HRESULT result;
    IPC_KEY_HANDLE key = open_as(ANNA, &result);
    must(result, "Anna opens her document");
    show_key("Anna, whose document it is:", key, 1);
    must(IpcCloseHandle((IPC_HANDLE)key), "IpcCloseHandle");
}

/* Reads the content where it lies, without ever writing it down in the clear. */
static void ben_reads(void)
{
    IPCF_FILE_HANDLE file = NULL;
    IPCF_FILE_RANGE range = {0, 1000};
    BYTE content[1000];
    DWORD64 count = sizeof content;
    LPWSTR path = to_wide(PROTECTED_PATH);
    expect(path != NULL, "memory ran out");
    act_as(BEN);
    must(IpcxOpenFile(path, NULL, IPCX_OPEN_READ_ONLY, &file), "IpcxOpenFile");
    must(IpcfReadFile(file, &range, content, &count), "IpcfReadFile");
    printf("   Ben reads: \"%.*s\"\n", (int)count, (const char *)content);
    expect(count == strlen(TEXT) && memcmp(content, TEXT, (size_t)count) == 0, "the content");
    must(IpcCloseHandle((IPC_HANDLE)file), "IpcCloseHandle");
    free(path);
}

/* Protects the document and returns its content id. */
static LPWSTR protect(LPCWSTR template_id)
{
    LPWSTR path = to_wide(PATH);
    LPCWSTR new_path = NULL;
    LPVOID content_id = NULL, days = NULL, term = NULL;
    PIPC_BUFFER license = NULL;
    IPC_KEY_HANDLE key;
    HRESULT result;
    uint64_t ends;
    expect(path != NULL && write_file(PATH, TEXT, strlen(TEXT)), "writing the document");
    act_as(ANNA);
    must(IpcfEncryptFile(path, template_id, IPCF_EF_TEMPLATE_ID, IPCF_EF_FLAG_DEFAULT, NULL, NULL, &new_path), "IpcfEncryptFile");
    printf("   %s\n   is now %s\n", PATH, to_utf8(new_path));
    must(IpcfGetSerializedLicenseFromFile(new_path, &license), "IpcfGetSerializedLicenseFromFile");
    key = open_as(ANNA, &result);
    must(result, "IpcGetKey");
    must(IpcGetSerializedLicenseProperty(license, IPC_LI_CONTENT_ID, NULL, 0, &content_id), "IPC_LI_CONTENT_ID");
    must(IpcGetSerializedLicenseProperty(license, IPC_LI_INTERVAL_TIME, key, 0, &days), "IPC_LI_INTERVAL_TIME");
    must(IpcGetSerializedLicenseProperty(license, IPC_LI_VALIDITY_TIME, key, 0, &term), "IPC_LI_VALIDITY_TIME");
    printf("   content id %s\n", to_utf8(content_id));
    ends = ticks_of(((IPC_TERM *)term)->ftStart) + ((IPC_TERM *)term)->qwDuration;
    printf("   expires    %s\n", date_text(ends));
    printf("   offline    %u days: the authority is asked at each opening\n", (unsigned)*(DWORD *)days);
    expect(ends > ticks_of(days_from_now(29)) && ends < ticks_of(days_from_now(31)), "thirty days");
    expect(*(DWORD *)days == 0, "no offline days");
    must(IpcCloseHandle((IPC_HANDLE)key), "IpcCloseHandle");
    IpcFreeMemory(days);
    IpcFreeMemory(term);
    IpcFreeMemory(license);
    IpcFreeMemory((LPVOID)new_path);
    free(path);
    return content_id;
}

static void revoke(LPCWSTR content_id)
{
    IPCX_REVOCATION revocation;
    memset(&revocation, 0, sizeof revocation);
    revocation.cbSize = sizeof revocation;
    revocation.dwTarget = IPCX_REVOKE_CONTENT;
    revocation.wszContentId = content_id;
    act_as(ANNA);
    must(IpcxRevoke(&revocation, NULL), "IpcxRevoke");
}

/* A super user has every right, whatever the policy says, while the organization has the feature on. */
static void recover(void)
{
    IPCX_ACCOUNT dora;
    LPCWSTR new_path = NULL;
    LPWSTR path = to_wide(PROTECTED_PATH);
    Bytes content;
    memset(&dora, 0, sizeof dora);
    dora.cbSize = sizeof dora;
    dora.dwFlags = IPCX_ACCOUNT_SUPER_USER;
    dora.wszAddress = DORA;
    act_as(ADMINISTRATOR);
    must(IpcxPutAccounts(1, &dora, NULL), "IpcxPutAccounts");
    must(IpcxSetTenantSetting(IPCX_SETTING_SUPER_USERS, 1, NULL), "IpcxSetTenantSetting");
    act_as(DORA);
    must(IpcfDecryptFile(path, IPCF_DF_FLAG_DEFAULT, NULL, NULL, &new_path), "IpcfDecryptFile");
    printf("   Dora takes the protection off: %s\n", to_utf8(new_path));
    content = read_file(PATH);
    expect(content.count == strlen(TEXT) && memcmp(content.bytes, TEXT, content.count) == 0, "the recovered document");
    act_as(ADMINISTRATOR);
    must(IpcxSetTenantSetting(IPCX_SETTING_SUPER_USERS, 0, NULL), "IpcxSetTenantSetting");
    free(content.bytes);
    IpcFreeMemory((LPVOID)new_path);
    free(path);
}

static void show_log(LPCWSTR content_id)
{
    PCIPCX_LOG_LIST list = NULL;
    DWORD64 lines = 0;
    DWORD i, refused = 0, revoked = 0, served = 0;
    act_as(ADMINISTRATOR);
    must(IpcxQueryUsageLog(content_id, NULL, NULL, 100, NULL, &list), "IpcxQueryUsageLog");
    for (i = 0; i < list->cEntries; i++) {
        const IPCX_LOG_ENTRY *line = (const IPCX_LOG_ENTRY *)list->aEntries + i;
        const char *operation = to_utf8(line->wszOperation), *outcome = to_utf8(line->wszResult);
        printf("   %s  %-24s %-14s %s %s\n", date_text(ticks_of(line->ftTime)), operation, outcome, to_utf8(line->wszUser), to_utf8(line->wszRights));
        served += strcmp(operation, "AcquireLicense") == 0 && strcmp(outcome, "Success") == 0;
        refused += strcmp(outcome, "Expired") == 0;
        revoked += strcmp(outcome, "Revoked") == 0;
    }
    expect(served >= 5 && refused == 1 && revoked == 1, "the log tells every opening and every refusal");
    must(IpcxVerifyUsageLog(NULL, NULL, &lines), "IpcxVerifyUsageLog");
    printf("   %u lines; the log is whole: none was changed, removed or added\n", (unsigned)lines);
    IpcFreeMemory((LPVOID)list);
}

int main(void)
{
    LPCWSTR id, same;
    LPWSTR content_id;
    IPC_KEY_HANDLE before, after;
    HRESULT result;
    must(IpcInitialize(), "IpcInitialize");

    heading("The administrator makes a template: Ben may read and print, for thirty days");
    id = put_template(NULL, 1, IPCX_EXPIRY_DAYS);
    printf("   %s\n", to_utf8(id));

    heading("Anna protects a document with it");
    content_id = protect(id);

    heading("Ben opens it");
    before = open_as(BEN, &result);
    must(result, "IpcGetKey");
    show_key("Ben:", before, 1);
    ben_reads();

    heading("The template loses PRINT: who has the document open goes on, the next opening is without");
    same = put_template(id, 0, IPCX_EXPIRY_DAYS);
    IpcFreeMemory((LPVOID)same);
    after = open_as(BEN, &result);
    must(result, "IpcGetKey");
    show_key("Ben, with the first license:", before, 1);
    show_key("Ben, with the next one:", after, 0);
    must(IpcCloseHandle((IPC_HANDLE)before), "IpcCloseHandle");
    must(IpcCloseHandle((IPC_HANDLE)after), "IpcCloseHandle");

    heading("The document expires: the template now says yesterday");
    same = put_template(id, 0, IPCX_EXPIRY_DATE);
    IpcFreeMemory((LPVOID)same);
    ben_is_refused("after the end");
    anna_still_opens();

    heading("The template says thirty days again, and Anna revokes the document");
    same = put_template(id, 0, IPCX_EXPIRY_DAYS);
    IpcFreeMemory((LPVOID)same);
    after = open_as(BEN, &result);
    must(result, "IpcGetKey");
    show_key("Ben, before:", after, 0);
    must(IpcCloseHandle((IPC_HANDLE)after), "IpcCloseHandle");
    revoke(content_id);
    ben_is_refused("after that");
    anna_still_opens();

    heading("Anna has left; a super user recovers the document");
    recover();

    heading("The log shows it all");
    show_log(content_id);

    IpcFreeMemory((LPVOID)id);
    IpcFreeMemory(content_id);
    remove(PATH);
    return EXIT_SUCCESS;
}
