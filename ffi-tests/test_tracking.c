/* Metadata, registration, revocation and the usage log. Alice protects, Dave owns, Bob reads; the account of the operating
 * system made the store and administers it.
 */
#include "bad_calls.h"

#define CONTENT W("{3f2504e0-4f89-41d3-9a0c-0305e82c3301}")

static void set_time(FILETIME *at, ULONGLONG ticks)
{
    at->dwLowDateTime = (DWORD)ticks;
    at->dwHighDateTime = (DWORD)(ticks >> 32);
}

static ULONGLONG time_of(FILETIME at)
{
    return (ULONGLONG)at.dwHighDateTime << 32 | at.dwLowDateTime;
}

/* Alice's license for Bob, with Dave as owner. Leaves Alice as the account that acts. */
static Protected daves(const char *bobs_rights)
{
    Entry entry;
    IPC_USER owner;
    BOOL full = TRUE;
    IPC_LICENSE_HANDLE license;
    memset(&owner, 0, sizeof owner);
    entry.user = BOB;
    entry.rights = bobs_rights;
    owner.dwType = IPC_USER_TYPE_EMAIL;
    owner.wszID = DAVE;
    act_as(ALICE);
    license = scratch_license();
    grant(license, &entry, 1);
    set_property(license, IPC_LI_OWNER, &owner);
    set_property(license, IPC_LI_AUTO_GRANT_OWNER_FULL_ACCESS, &full);
    return serialize(license);
}

static IPCX_REVOCATION revocation(DWORD target)
{
    IPCX_REVOCATION result;
    memset(&result, 0, sizeof result);
    result.cbSize = (DWORD)sizeof result;
    result.dwTarget = target;
    return result;
}

static IPCX_REVOCATION of_license(PCIPC_BUFFER license)
{
    IPCX_REVOCATION result = revocation(IPCX_REVOKE_LICENSE);
    result.pLicense = license;
    return result;
}

static HRESULT revoke_as(LPCWSTR account, const IPCX_REVOCATION *what)
{
    act_as(account);
    return IpcxRevoke(what, NULL);
}

static HRESULT restore_as(LPCWSTR account, const IPCX_REVOCATION *what)
{
    act_as(account);
    return IpcxRestore(what, NULL);
}

static HRESULT opens(LPCWSTR account, PCIPC_BUFFER license)
{
    IPC_KEY_HANDLE key = NULL;
    return try_open(account, license, 0, &key);
}

static int holds(PCIPC_BUFFER license, const char *text)
{
    const BYTE *bytes = (const BYTE *)license->pvBuffer;
    size_t length = strlen(text), i;
    for (i = 0; i + length <= license->cbBuffer; i++)
        if (memcmp(bytes + i, text, length) == 0)
            return 1;
    return 0;
}

static IPC_LICENSE_METADATA_HANDLE metadata_of(PCIPC_BUFFER license, IPC_KEY_HANDLE key)
{
    IPC_LICENSE_METADATA_HANDLE metadata = NULL;
    REQUIRE_OK(IpcCreateLicenseMetadataHandle(license, key, NULL, &metadata));
    REQUIRE(metadata != NULL);
    my_handle((IPC_HANDLE)metadata);
    return metadata;
}

static PIPC_BUFFER signed_again(IPC_LICENSE_METADATA_HANDLE metadata)
{
    PIPC_BUFFER license = NULL;
    REQUIRE_OK(IpcSerializeLicenseWithMetadata(metadata, NULL, NULL, &license));
    REQUIRE(license != NULL && license->cbBuffer > 0);
    return (PIPC_BUFFER)mine(license);
}

/* Every property is written under the name that sharing applications use, and can be deleted. */
static void metadata_are_signed_into_the_license(void)
{
    Protected made = daves("VIEW");
    DWORD enabled = IPCD_CT_NOTIFICATION_TYPE_ENABLED, digest = IPCD_CT_NOTIFICATION_PREF_DIGEST;
    FILETIME created, modified;
    PIPC_BUFFER named, cleared;
    IPC_LICENSE_METADATA_HANDLE metadata = metadata_of(made.license, made.key);
    DWORD property;
    set_time(&created, 133541046000000000ull);            /* 2024-03-05 09:30 */
    set_time(&modified, 133541046000000000ull + 36000000000ull); /* an hour later */
    REQUIRE_OK(IpcSetLicenseMetadataProperty(metadata, FALSE, IPC_MD_CONTENT_PATH, W("C:\\plans\\plan.txt")));
    REQUIRE_OK(IpcSetLicenseMetadataProperty(metadata, FALSE, IPC_MD_CONTENT_NAME, W("plan & more.txt")));
    REQUIRE_OK(IpcSetLicenseMetadataProperty(metadata, FALSE, IPC_MD_NOTIFICATION_TYPE, &enabled));
    REQUIRE_OK(IpcSetLicenseMetadataProperty(metadata, FALSE, IPC_MD_NOTIFICATION_PREFERENCE, &digest));
    REQUIRE_OK(IpcSetLicenseMetadataProperty(metadata, FALSE, IPC_MD_DATE_CREATED, &created));
    REQUIRE_OK(IpcSetLicenseMetadataProperty(metadata, FALSE, IPC_MD_DATE_MODIFIED, &modified));
    named = signed_again(metadata);
    CHECK(holds(named, "name=\"MS.Content.Name\">plan &amp; more.txt<"));
    CHECK(holds(named, "name=\"MS.ContentPath.Hash\">") && !holds(named, "plans"));
    CHECK(holds(named, "name=\"MS.Notify.Enabled\">true<"));
    CHECK(holds(named, "name=\"MS.Notify.Digest\">true<"));
    CHECK(holds(named, "name=\"MS.Content.DateCreated\">2024-03-05T09:30<"));
    CHECK(holds(named, "name=\"MS.Content.DateModified\">2024-03-05T10:30<"));
    CHECK(!holds(made.license, "LICENSEMETADATA"));
    CHECK(has_right(open_as(BOB, named), IPC_GENERIC_READ) == TRUE);
    CHECK_HR(opens(BOB, made.license), S_OK);

    /* Another handle begins with what the license has. The owner may sign as well as the issuer. */
    metadata = metadata_of(named, open_as(DAVE, named));
    for (property = IPC_MD_CONTENT_PATH; property <= IPC_MD_DATE_CREATED; property++)
        CHECK_HR(IpcSetLicenseMetadataProperty(metadata, TRUE, property, NULL), S_OK);
    CHECK(holds(signed_again(metadata), "name=\"MS") == 0);
    act_as(ALICE);
    cleared = signed_again(metadata);
    CHECK(cleared->cbBuffer == made.license->cbBuffer);
    CHECK_HR(opens(BOB, cleared), S_OK);
}

static void metadata_are_for_issuer_and_owner(void)
{
    Protected reader = daves("VIEW"), owner_by_list = daves("OWNER");
    IPC_LICENSE_METADATA_HANDLE metadata;
    PIPC_BUFFER license;
    BAD_OUT(IPCERROR_RIGHT_NOT_GRANTED, metadata,
            IpcCreateLicenseMetadataHandle(reader.license, open_as(BOB, reader.license), NULL, &metadata));
    metadata = metadata_of(owner_by_list.license, open_as(BOB, owner_by_list.license));
    BAD_OUT(E_ACCESSDENIED, license, IpcSerializeLicenseWithMetadata(metadata, NULL, NULL, &license));
    BAD(E_ACCESSDENIED, IpcRegisterLicense(owner_by_list.license, NULL, NULL, W("plan"), FALSE));
    act_as(ALICE);
    CHECK_HR(IpcRegisterLicense(owner_by_list.license, NULL, NULL, W("plan"), TRUE), S_OK);
    CHECK_HR(IpcRegisterLicense(owner_by_list.license, NULL, NULL, NULL, FALSE), S_OK);
    act_as(DAVE);
    CHECK_HR(IpcRegisterLicense(owner_by_list.license, NULL, NULL, W("plan"), FALSE), S_OK);
}

/* Worked case: the owner is another account than the issuer; the owner cannot revoke, the issuer can. */
static void owner_cannot_revoke_issuer_can(void)
{
    Protected made = daves("VIEW PRINT");
    IPCX_REVOCATION what = of_license(made.license);
    CHECK(has_right(open_as(DAVE, made.license), W("PRINT")) == TRUE);
    CHECK_HR(revoke_as(DAVE, &what), E_ACCESSDENIED);
    CHECK_HR(revoke_as(BOB, &what), E_ACCESSDENIED);
    CHECK_HR(opens(BOB, made.license), S_OK);
    CHECK_HR(revoke_as(ALICE, &what), S_OK);
    CHECK_HR(revoke_as(ALICE, &what), S_OK);
    CHECK_HR(opens(BOB, made.license), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK_HR(opens(DAVE, made.license), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK_HR(opens(ALICE, made.license), S_OK);
    CHECK_HR(restore_as(DAVE, &what), E_ACCESSDENIED);
    CHECK_HR(restore_as(ALICE, &what), S_OK);
    CHECK_HR(restore_as(ALICE, &what), WIN32(ERROR_NOT_FOUND));
    CHECK_HR(opens(BOB, made.license), S_OK);
}

static void a_license_is_revoked_in_every_form(void)
{
    Protected made = daves("VIEW");
    IPCX_REVOCATION what = of_license(made.license);
    IPC_LICENSE_METADATA_HANDLE metadata = metadata_of(made.license, made.key);
    PIPC_BUFFER named, license;
    REQUIRE_OK(IpcSetLicenseMetadataProperty(metadata, FALSE, IPC_MD_CONTENT_NAME, W("plan.txt")));
    named = signed_again(metadata);
    CHECK_HR(revoke_as(ALICE, &what), S_OK);
    CHECK_HR(opens(BOB, named), IPCERROR_RIGHT_NOT_GRANTED);
    act_as(DAVE);
    BAD_OUT(IPCERROR_RIGHT_NOT_GRANTED, license, IpcSerializeLicenseWithMetadata(metadata, NULL, NULL, &license));
    BAD(IPCERROR_RIGHT_NOT_GRANTED, IpcRegisterLicense(made.license, NULL, NULL, NULL, FALSE));
}

static void content_is_revoked_for_its_issuer(void)
{
    Protected alices, carols;
    IPC_LICENSE_HANDLE license;
    IPCX_REVOCATION what = revocation(IPCX_REVOKE_CONTENT);
    Entry entry;
    entry.user = BOB;
    entry.rights = "VIEW";
    act_as(ALICE);
    license = scratch_license();
    grant(license, &entry, 1);
    set_property(license, IPC_LI_CONTENT_ID, CONTENT);
    alices = serialize(license);
    act_as(CAROL);
    carols = serialize(license);
    what.wszContentId = W("3F2504E0-4F89-41D3-9A0C-0305E82C3301");
    CHECK_HR(revoke_as(CAROL, &what), S_OK);
    CHECK_HR(opens(BOB, carols.license), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK_HR(opens(BOB, alices.license), S_OK);
    what.wszIssuer = ALICE;
    CHECK_HR(revoke_as(CAROL, &what), E_ACCESSDENIED);
    /* An administrator revokes for everybody, the issuer included, and lifts what an issuer revoked. */
    CHECK_HR(revoke_as(NULL, &what), S_OK);
    CHECK_HR(opens(ALICE, alices.license), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK_HR(restore_as(ALICE, &what), WIN32(ERROR_NOT_FOUND));
    CHECK_HR(restore_as(NULL, &what), S_OK);
    CHECK_HR(opens(BOB, alices.license), S_OK);
    what.wszIssuer = CAROL;
    CHECK_HR(restore_as(NULL, &what), S_OK);
    CHECK_HR(opens(BOB, carols.license), S_OK);
}

static void issuers_and_dates_are_revoked(void)
{
    Protected made = daves("VIEW");
    IPCX_REVOCATION what = revocation(IPCX_REVOKE_ALL);
    LPVOID issued = NULL;
    ULONGLONG at;
    REQUIRE_OK(IpcGetSerializedLicenseProperty(made.license, IPC_LI_ISSUED_TIME, NULL, 0, &issued));
    at = time_of(*(FILETIME *)mine(issued));
    what.wszIssuer = ALICE;
    set_time(&what.ftIssuedUntil, at);
    CHECK_HR(revoke_as(NULL, &what), S_OK);
    CHECK_HR(opens(BOB, made.license), S_OK);
    CHECK_HR(restore_as(NULL, &what), S_OK);
    set_time(&what.ftIssuedUntil, at + 1);
    CHECK_HR(revoke_as(NULL, &what), S_OK);
    CHECK_HR(opens(BOB, made.license), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK_HR(restore_as(NULL, &what), S_OK);
    CHECK_HR(opens(BOB, made.license), S_OK);
    what.wszIssuer = NULL;
    what.dwFlags = IPCX_REVOKE_FLAG_EVERYBODY;
    CHECK_HR(revoke_as(ALICE, &what), E_ACCESSDENIED);
    CHECK_HR(revoke_as(NULL, &what), S_OK);
    CHECK_HR(opens(DAVE, made.license), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK_HR(restore_as(NULL, &what), S_OK);
    set_time(&what.ftIssuedUntil, 0);
    CHECK_HR(revoke_as(NULL, &what), E_INVALIDARG);
}

static void lists_are_signed_and_never_go_back(void)
{
    Protected made = daves("VIEW");
    IPCX_REVOCATION what = of_license(made.license);
    PIPC_BUFFER first = NULL, second = NULL;
    BYTE *bytes;
    CHECK_HR(revoke_as(ALICE, &what), S_OK);
    REQUIRE_OK(IpcxExportRevocationList(7, NULL, &first));
    mine(first);
    REQUIRE_OK(IpcxExportRevocationList(7, NULL, &second));
    mine(second);
    CHECK_HR(IpcxImportRevocationList(second), S_OK);
    CHECK_HR(IpcxImportRevocationList(second), S_OK);
    CHECK_HR(IpcxImportRevocationList(first), E_INVALIDARG);
    CHECK_HR(IpcxImportRevocationList(made.license), WIN32(ERROR_INVALID_DATA));
    bytes = (BYTE *)first->pvBuffer;
    bytes[first->cbBuffer / 2] ^= 1;
    CHECK(FAILED(IpcxImportRevocationList(first)));
    CHECK_HR(restore_as(ALICE, &what), S_OK);
}

static HRESULT opens_offline(LPCWSTR account, PCIPC_BUFFER license)
{
    IPC_KEY_HANDLE key = NULL;
    return try_open(account, license, IPC_PROMPT_FLAG_OFFLINE, &key);
}

static void take_list(void)
{
    PIPC_BUFFER list = NULL;
    REQUIRE_OK(IpcxExportRevocationList(7, NULL, &list));
    CHECK_HR(IpcxImportRevocationList((PIPC_BUFFER)mine(list)), S_OK);
}

/* Worked case: content revoked while a user holds a use license, authority unreachable: still opens; an online open is
 * refused. A revocation list at hand beats the use license.
 */
static void a_use_license_serves_where_nobody_can_be_asked(void)
{
    DWORD days = 30;
    Entry entry;
    IPC_LICENSE_HANDLE license;
    Protected made;
    IPCX_REVOCATION what;
    entry.user = BOB;
    entry.rights = "VIEW";
    act_as(ALICE);
    license = scratch_license();
    grant(license, &entry, 1);
    set_property(license, IPC_LI_INTERVAL_TIME, &days);
    made = serialize(license);
    what = of_license(made.license);
    CHECK_HR(opens(BOB, made.license), S_OK);
    CHECK_HR(revoke_as(ALICE, &what), S_OK);
    CHECK_HR(opens_offline(BOB, made.license), S_OK);
    CHECK_HR(opens(BOB, made.license), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK_HR(opens_offline(BOB, made.license), S_OK);
    take_list();
    CHECK_HR(opens_offline(BOB, made.license), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK_HR(opens_offline(ALICE, made.license), S_OK);
    CHECK_HR(restore_as(ALICE, &what), S_OK);
    CHECK_HR(opens(BOB, made.license), S_OK);
    CHECK_HR(opens_offline(BOB, made.license), IPCERROR_RIGHT_NOT_GRANTED);
    take_list();
    CHECK_HR(opens_offline(BOB, made.license), S_OK);
}

static PCIPCX_LOG_LIST lines_of(LPCWSTR account, LPCWSTR content, DWORD most)
{
    PCIPCX_LOG_LIST list = NULL;
    act_as(account);
    REQUIRE_OK(IpcxQueryUsageLog(content, NULL, NULL, most, NULL, &list));
    REQUIRE(list != NULL);
    return (PCIPCX_LOG_LIST)mine(list);
}

static const IPCX_LOG_ENTRY *line(PCIPCX_LOG_LIST list, DWORD n)
{
    return (const IPCX_LOG_ENTRY *)((const BYTE *)list + offsetof(IPCX_LOG_LIST, aEntries)) + n;
}

/* Who opened what and when, for the issuer and for administrators. */
static void the_log_tells_who_opened_what(void)
{
    Protected made = daves("VIEW PRINT");
    PCIPCX_LOG_LIST list;
    LPVOID id = NULL;
    IPC_LICENSE_METADATA_HANDLE metadata = metadata_of(made.license, made.key);
    PIPC_BUFFER named;
    REQUIRE_OK(IpcSetLicenseMetadataProperty(metadata, FALSE, IPC_MD_CONTENT_NAME, W("a\tname\nof two lines")));
    named = signed_again(metadata);
    REQUIRE_OK(IpcGetSerializedLicenseProperty(named, IPC_LI_CONTENT_ID, NULL, 0, &id));
    mine(id);
    CHECK_HR(opens(BOB, named), S_OK);
    CHECK_HR(opens(CAROL, named), IPCERROR_RIGHT_NOT_GRANTED);

    list = lines_of(ALICE, (LPCWSTR)id, 100);
    REQUIRE(list->cEntries == 4);
    CHECK_TEXT(line(list, 0)->wszOperation, W("CreatePublishingLicense"));
    CHECK_TEXT(line(list, 0)->wszOwner, DAVE);
    CHECK_TEXT(line(list, 1)->wszOperation, W("UpdateLicenseMetadata"));
    CHECK_TEXT(line(list, 2)->wszOperation, W("AcquireLicense"));
    CHECK_TEXT(line(list, 2)->wszResult, W("Success"));
    CHECK_TEXT(line(list, 2)->wszUser, BOB);
    CHECK_TEXT(line(list, 2)->wszIssuer, ALICE);
    CHECK_TEXT(line(list, 2)->wszRights, W("VIEW,PRINT"));
    CHECK_TEXT(line(list, 2)->wszContentName, W("a\tname\nof two lines"));
    CHECK(wide_contains(line(list, 2)->wszApplication, "MSIPC;version="));
    CHECK_TEXT(line(list, 3)->wszUser, CAROL);
    CHECK_TEXT(line(list, 3)->wszResult, W("AccessDenied"));
    CHECK(line(list, 3)->qwLine == line(list, 2)->qwLine + 1);
    CHECK(lines_of(BOB, (LPCWSTR)id, 100)->cEntries == 0);
    CHECK(lines_of(NULL, (LPCWSTR)id, 1)->cEntries == 1);
    CHECK(lines_of(NULL, NULL, 100)->cEntries > 4);
}

/* The log of the store that this program has to itself. */
static FILE *open_log(const char *mode)
{
    char path[4096];
    const char *home = getenv("MSIPC_HOME");
    FILE *file;
    REQUIRE(home != NULL);
    snprintf(path, sizeof path, "%s/data/usage.log", home);
    file = fopen(path, mode);
    REQUIRE(file != NULL);
    return file;
}

static void a_changed_line_is_noticed(void)
{
    DWORD64 lines = 77, before;
    PIPC_BUFFER checkpoint = NULL;
    LPCWSTR detail = NULL;
    FILE *file;
    long place;
    int byte;
    act_as(NULL);
    REQUIRE_OK(IpcxVerifyUsageLog(NULL, NULL, &lines));
    CHECK(lines > 0 && lines != 77);
    before = lines;
    REQUIRE_OK(IpcxGetUsageLogCheckpoint(NULL, &checkpoint));
    mine(checkpoint);
    CHECK_HR(IpcxVerifyUsageLog(checkpoint, NULL, &lines), S_OK);
    CHECK(lines == before);

    file = open_log("r+b");
    fseek(file, -200, SEEK_END);
    place = ftell(file);
    byte = fgetc(file);
    fseek(file, place, SEEK_SET);
    fputc(byte ^ 1, file);
    fclose(file);
    CHECK_HR(IpcxVerifyUsageLog(NULL, NULL, &lines), WIN32(ERROR_INVALID_DATA));
    CHECK(lines < before);
    REQUIRE_OK(IpcxGetLastErrorDetail(&detail));
    CHECK(wide_contains((LPCWSTR)mine(detail), "line "));
    file = open_log("r+b");
    fseek(file, place, SEEK_SET);
    fputc(byte, file);
    fclose(file);
    CHECK_HR(IpcxVerifyUsageLog(checkpoint, NULL, NULL), S_OK);
    act_as(ALICE);
    CHECK_HR(IpcxVerifyUsageLog(NULL, NULL, &lines), E_ACCESSDENIED);
    CHECK(lines == 0);
    BAD_OUT(E_ACCESSDENIED, checkpoint, IpcxGetUsageLogCheckpoint(NULL, &checkpoint));
}

static void wrong_calls(void)
{
    Protected made = daves("VIEW"), other = daves("VIEW");
    IPC_LICENSE_METADATA_HANDLE metadata = metadata_of(made.license, made.key), none, closed;
    PIPC_BUFFER block;
    PCIPCX_LOG_LIST list;
    IPCX_REVOCATION what = of_license(made.license);
    IPC_BUFFER empty;
    IPC_PROMPT_CTX offline;
    FILETIME never;
    DWORD number = 9, i;
    int local = 0;
    const IPC_LICENSE_METADATA_HANDLE foreign[] = {
        NULL, (IPC_LICENSE_METADATA_HANDLE)(LPVOID)made.key, (IPC_LICENSE_METADATA_HANDLE)(size_t)0x1234,
        (IPC_LICENSE_METADATA_HANDLE)(LPVOID)&local,
    };
    memset(&empty, 0, sizeof empty);
    memset(&offline, 0, sizeof offline);
    offline.cbSize = (DWORD)sizeof offline;
    offline.dwFlags = IPC_PROMPT_FLAG_OFFLINE;
    set_time(&never, ~0ull);
    closed = metadata_of(made.license, made.key);
    REQUIRE_OK(IpcCloseHandle((IPC_HANDLE)closed));

    BAD_OUT(E_INVALIDARG, none, IpcCreateLicenseMetadataHandle(NULL, made.key, NULL, &none));
    BAD_OUT(E_HANDLE, none, IpcCreateLicenseMetadataHandle(made.license, NULL, NULL, &none));
    BAD_OUT(E_HANDLE, none, IpcCreateLicenseMetadataHandle(made.license, (IPC_KEY_HANDLE)(LPVOID)metadata, NULL, &none));
    BAD_OUT(E_INVALIDARG, none, IpcCreateLicenseMetadataHandle(made.license, made.key, &local, &none));
    BAD_OUT(E_INVALIDARG, none, IpcCreateLicenseMetadataHandle(made.license, other.key, NULL, &none));
    BAD_OUT(WIN32(ERROR_INVALID_DATA), none, IpcCreateLicenseMetadataHandle(&empty, made.key, NULL, &none));
    BAD(E_INVALIDARG, IpcCreateLicenseMetadataHandle(made.license, made.key, NULL, NULL));
    for (i = 0; i < COUNT(foreign); i++) {
        BAD(E_HANDLE, IpcSetLicenseMetadataProperty(foreign[i], FALSE, IPC_MD_CONTENT_NAME, W("x")));
        BAD_OUT(E_HANDLE, block, IpcSerializeLicenseWithMetadata(foreign[i], NULL, NULL, &block));
    }
    BAD(E_HANDLE, IpcSetLicenseMetadataProperty(closed, TRUE, IPC_MD_CONTENT_NAME, NULL));
    for (i = IPC_MD_CONTENT_PATH; i <= IPC_MD_DATE_CREATED; i++)
        BAD(E_INVALIDARG, IpcSetLicenseMetadataProperty(metadata, FALSE, i, NULL));
    BAD(WIN32(ERROR_NOT_FOUND), IpcSetLicenseMetadataProperty(metadata, FALSE, 6, W("x")));
    BAD(WIN32(ERROR_NOT_FOUND), IpcSetLicenseMetadataProperty(metadata, TRUE, 0xFFFFFFFF, NULL));
    BAD(E_INVALIDARG, IpcSetLicenseMetadataProperty(metadata, FALSE, IPC_MD_NOTIFICATION_TYPE, &number));
    BAD(E_INVALIDARG, IpcSetLicenseMetadataProperty(metadata, FALSE, IPC_MD_NOTIFICATION_PREFERENCE, &number));
    BAD(E_INVALIDARG, IpcSetLicenseMetadataProperty(metadata, FALSE, IPC_MD_DATE_CREATED, &never));
    BAD(E_INVALIDARG, IpcSetLicenseMetadataProperty(metadata, FALSE, IPC_MD_CONTENT_NAME, lone_surrogate()));
    BAD(E_INVALIDARG, IpcSetLicenseMetadataProperty(metadata, FALSE, IPC_MD_CONTENT_NAME, W("a\001b")));
    BAD(E_INVALIDARG, IpcSerializeLicenseWithMetadata(metadata, NULL, NULL, NULL));
    BAD_OUT(E_INVALIDARG, block, IpcSerializeLicenseWithMetadata(metadata, &local, NULL, &block));
    BAD_OUT(IPCERROR_NEEDS_ONLINE, block, IpcSerializeLicenseWithMetadata(metadata, NULL, &offline, &block));
    BAD(E_INVALIDARG, IpcRegisterLicense(NULL, NULL, NULL, W("x"), FALSE));
    BAD(E_INVALIDARG, IpcRegisterLicense(made.license, &local, NULL, W("x"), FALSE));
    BAD(E_INVALIDARG, IpcRegisterLicense(made.license, NULL, NULL, beyond_unicode(), FALSE));
    BAD(WIN32(ERROR_INVALID_DATA), IpcRegisterLicense(&empty, NULL, NULL, W("x"), FALSE));
    BAD(IPCERROR_NEEDS_ONLINE, IpcRegisterLicense(made.license, NULL, &offline, W("x"), FALSE));

    BAD(E_INVALIDARG, IpcxRevoke(NULL, NULL));
    BAD(E_INVALIDARG, IpcxRestore(NULL, NULL));
    BAD(IPCERROR_NEEDS_ONLINE, IpcxRevoke(&what, &offline));
    what.cbSize--;
    BAD(E_INVALIDARG, IpcxRevoke(&what, NULL));
    what.cbSize++;
    what.pLicense = NULL;
    BAD(E_INVALIDARG, IpcxRevoke(&what, NULL));
    what.dwTarget = IPCX_REVOKE_CONTENT;
    BAD(E_INVALIDARG, IpcxRevoke(&what, NULL));
    what.wszContentId = W("");
    BAD(E_INVALIDARG, IpcxRevoke(&what, NULL));
    what.wszContentId = CONTENT;
    what.dwFlags = 2;
    BAD(E_INVALIDARG, IpcxRevoke(&what, NULL));
    what.dwFlags = IPCX_REVOKE_FLAG_EVERYBODY;
    what.wszIssuer = BOB;
    BAD(E_INVALIDARG, IpcxRevoke(&what, NULL));
    what.dwFlags = 0;
    what.wszIssuer = W("");
    BAD(E_INVALIDARG, IpcxRevoke(&what, NULL));
    what.wszIssuer = NULL;
    what.dwTarget = 4;
    BAD(E_INVALIDARG, IpcxRevoke(&what, NULL));
    what.dwTarget = IPCX_REVOKE_CONTENT;
    set_time(&what.ftIssuedFrom, 200);
    set_time(&what.ftIssuedUntil, 200);
    BAD(E_INVALIDARG, IpcxRevoke(&what, NULL));

    BAD(E_INVALIDARG, IpcxExportRevocationList(7, NULL, NULL));
    BAD_OUT(E_INVALIDARG, block, IpcxExportRevocationList(0, NULL, &block));
    BAD_OUT(E_INVALIDARG, block, IpcxExportRevocationList(367, NULL, &block));
    BAD(E_INVALIDARG, IpcxImportRevocationList(NULL));
    BAD(WIN32(ERROR_INVALID_DATA), IpcxImportRevocationList(&empty));
    BAD(E_INVALIDARG, IpcxQueryUsageLog(NULL, NULL, NULL, 1, NULL, NULL));
    BAD_OUT(E_INVALIDARG, list, IpcxQueryUsageLog(NULL, NULL, NULL, 0, NULL, &list));
    BAD_OUT(E_INVALIDARG, list, IpcxQueryUsageLog(NULL, NULL, NULL, IPCX_LOG_LINES_MAX + 1, NULL, &list));
    BAD_OUT(E_INVALIDARG, list, IpcxQueryUsageLog(lone_surrogate(), NULL, NULL, 1, NULL, &list));
    act_as(NULL);
    BAD(WIN32(ERROR_INVALID_DATA), IpcxVerifyUsageLog(&empty, NULL, NULL));
    BAD(WIN32(ERROR_INVALID_DATA), IpcxVerifyUsageLog(made.license, NULL, NULL));
    BAD(E_INVALIDARG, IpcxGetUsageLogCheckpoint(NULL, NULL));
}

int main(void)
{
    RUN(metadata_are_signed_into_the_license);
    RUN(metadata_are_for_issuer_and_owner);
    RUN(owner_cannot_revoke_issuer_can);
    RUN(a_license_is_revoked_in_every_form);
    RUN(content_is_revoked_for_its_issuer);
    RUN(issuers_and_dates_are_revoked);
    RUN(lists_are_signed_and_never_go_back);
    RUN(a_use_license_serves_where_nobody_can_be_asked);
    RUN(the_log_tells_who_opened_what);
    RUN(wrong_calls);
    RUN(a_changed_line_is_noticed);
    return finish_tests();
}
