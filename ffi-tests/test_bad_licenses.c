/* Wrong values of license properties, and license bytes that are truncated, forged, foreign or hostile. Counted like the
 * calls of test_bad_calls.c.
 */
#include "bad_calls.h"

static int local;
static IPC_LICENSE_HANDLE draft;

static HRESULT set(DWORD property, LPCVOID value)
{
    return IpcSetLicenseProperty(draft, FALSE, property, value);
}

static void bad_license_handles(void)
{
    Protected good = protect_for(BOB, "VIEW");
    IPC_LICENSE_HANDLE closed = scratch_license(), wrong[6];
    LPVOID value;
    size_t i;
    REQUIRE_OK(IpcCloseHandle((IPC_HANDLE)closed));
    wrong[0] = NULL;
    wrong[1] = closed;
    wrong[2] = (IPC_LICENSE_HANDLE)(LPVOID)good.key;
    wrong[3] = (IPC_LICENSE_HANDLE)(size_t)0x1234;
    wrong[4] = (IPC_LICENSE_HANDLE)(LPVOID)&local;
    wrong[5] = (IPC_LICENSE_HANDLE)~(size_t)0;
    for (i = 0; i < COUNT(wrong); i++) {
        BAD_OUT(E_HANDLE, value, IpcGetLicenseProperty(wrong[i], IPC_LI_OWNER, 0, &value));
        BAD(E_HANDLE, IpcSetLicenseProperty(wrong[i], FALSE, IPC_LI_CONTENT_ID, W("{0}")));
        BAD(E_HANDLE, IpcSetLicenseProperty(wrong[i], TRUE, IPC_LI_DESCRIPTOR, NULL));
    }
}

static void bad_property_ids(void)
{
    static const DWORD unknown[] = {0, 9, 17, 0x1001, 0xFFFFFFFF};
    static const DWORD settable[] = {1, 2, 3, 4, 5, 6, 8, 10, 12, 13, 15, 16};
    static const DWORD kept[] = {3, 4, 6, 7, 11, 14};
    static const DWORD fixed[] = {IPC_LI_CONNECTION_INFO, IPC_LI_ISSUED_TIME};
    Protected good = protect_for(BOB, "VIEW");
    LPVOID value;
    size_t i;
    draft = scratch_license();
    for (i = 0; i < COUNT(unknown); i++) {
        BAD(WIN32(ERROR_NOT_FOUND), set(unknown[i], &local));
        BAD(WIN32(ERROR_NOT_FOUND), IpcSetLicenseProperty(draft, TRUE, unknown[i], NULL));
        BAD_OUT(WIN32(ERROR_NOT_FOUND), value, IpcGetLicenseProperty(draft, unknown[i], 0, &value));
        BAD_OUT(WIN32(ERROR_NOT_FOUND), value,
                IpcGetSerializedLicenseProperty(good.license, unknown[i], good.key, 0, &value));
    }
    for (i = 0; i < COUNT(settable); i++)
        BAD(E_INVALIDARG, set(settable[i], NULL));
    for (i = 0; i < COUNT(kept); i++)
        BAD(E_INVALIDARG, IpcSetLicenseProperty(draft, TRUE, kept[i], NULL));
    for (i = 0; i < COUNT(fixed); i++)
        BAD(E_INVALIDARG, set(fixed[i], &local));
    for (i = 1; i <= 16; i++)
        if (i != 9)
            BAD(E_INVALIDARG, IpcGetLicenseProperty(draft, (DWORD)i, 0, NULL));
}

static void bad_users_and_rights(void)
{
    static RightsList memory;
    WCHAR too_long[258];
    LPCWSTR bad_rights[] = {NULL, W(""), too_long, W("A B"), W("VIEW "), W("\u00C4NDERN"), W("A/B"), lone_surrogate()};
    LPCWSTR bad_ids[] = {NULL, W(""), W("  "), lone_surrogate(), beyond_unicode(), endless(), W("a\nb@contoso.example")};
    static const DWORD bad_types[] = {0, 3, 0xFFFFFFFF};
    static const DWORD bad_sizes[] = {0, 4, 7};
    Entry entry = {BOB, "VIEW"};
    IPC_USER owner = {IPC_USER_TYPE_EMAIL, BOB};
    PIPC_USER_RIGHTS_LIST list;
    IPC_USER_RIGHTS *user;
    size_t i;
    draft = scratch_license();
    for (i = 0; i < 257; i++)
        too_long[i] = 'R';
    too_long[257] = 0;
    list = make_list(&memory, &entry, 1);
    user = (IPC_USER_RIGHTS *)user_of(list, 0);
    for (i = 0; i < COUNT(bad_rights); i++) {
        memory.rights[0][0] = bad_rights[i];
        BAD(E_INVALIDARG, set(IPC_LI_USER_RIGHTS_LIST, list));
    }
    list = make_list(&memory, &entry, 1);
    for (i = 0; i < COUNT(bad_ids); i++) {
        user->User.wszID = bad_ids[i];
        BAD(E_INVALIDARG, set(IPC_LI_USER_RIGHTS_LIST, list));
        owner.wszID = bad_ids[i];
        BAD(E_INVALIDARG, set(IPC_LI_OWNER, &owner));
    }
    list = make_list(&memory, &entry, 1);
    owner.wszID = BOB;
    for (i = 0; i < COUNT(bad_types); i++) {
        user->User.dwType = bad_types[i];
        BAD(E_INVALIDARG, set(IPC_LI_USER_RIGHTS_LIST, list));
        owner.dwType = bad_types[i];
        BAD(E_INVALIDARG, set(IPC_LI_OWNER, &owner));
    }
    owner.dwType = IPC_USER_TYPE_IPC;
    owner.wszID = IPC_USER_ID_EVERYONE;
    BAD(E_INVALIDARG, set(IPC_LI_OWNER, &owner));
    list = make_list(&memory, &entry, 1);
    user->User.dwType = IPC_USER_TYPE_IPC;
    user->User.wszID = W("EVERYBODY");
    BAD(E_INVALIDARG, set(IPC_LI_USER_RIGHTS_LIST, list));
    list = make_list(&memory, &entry, 1);
    for (i = 0; i < COUNT(bad_sizes); i++) {
        list->cbSize = bad_sizes[i];
        BAD(E_INVALIDARG, set(IPC_LI_USER_RIGHTS_LIST, list));
    }
    list = make_list(&memory, &entry, 1);
    user->rgwszRights = NULL;
    BAD(E_INVALIDARG, set(IPC_LI_USER_RIGHTS_LIST, list));
    list = make_list(&memory, &entry, 1);
    user->cRights = 0xFFFFFFFF;
    BAD(E_INVALIDARG, set(IPC_LI_USER_RIGHTS_LIST, list));
    list = make_list(&memory, &entry, 1);
    list->cUserRights = 0xFFFFFFFF;
    BAD(IPCERROR_ISSUANCELICENSE_LENGTH_LIMIT_EXCEEDED, set(IPC_LI_USER_RIGHTS_LIST, list));
    {
        LPVOID value;
        BAD_OUT(IPCERROR_USER_RIGHTS_NOT_SET, value, IpcGetLicenseProperty(draft, IPC_LI_USER_RIGHTS_LIST, 0, &value));
    }
}

/* At the documented limits: 20,000 users in a list, 8 MiB in a license. One more than either is refused, and less is not. */
static void long_licenses(void)
{
    enum { USERS = 20000, NAME = 32 };
    static WCHAR names[USERS + 1][NAME];
    static LPCWSTR rights[] = {W("VIEW"), W("EDIT")};
    size_t size = offsetof(IPC_USER_RIGHTS_LIST, rgUserRights) + (USERS + 1) * sizeof(IPC_USER_RIGHTS);
    IPC_USER_RIGHTS_LIST *list = (IPC_USER_RIGHTS_LIST *)calloc(1, size);
    IPC_LICENSE_HANDLE license;
    IPC_KEY_HANDLE key = NULL;
    PIPC_BUFFER bytes = NULL;
    HRESULT at_most, one_more, many, too_long;
    DWORD i;
    REQUIRE(list != NULL);
    list->cbSize = (DWORD)size;
    for (i = 0; i <= USERS; i++) {
        IPC_USER_RIGHTS *user = (IPC_USER_RIGHTS *)user_of(list, i);
        char name[NAME];
        snprintf(name, sizeof name, "u%u@x.example", (unsigned)i);
        user->User.dwType = IPC_USER_TYPE_EMAIL;
        user->User.wszID = widen(name, names[i], NAME);
        user->cRights = 2;
        user->rgwszRights = rights;
    }
    act_as(ALICE);
    license = scratch_license();
    list->cUserRights = USERS + 1;
    one_more = IpcSetLicenseProperty(license, FALSE, IPC_LI_USER_RIGHTS_LIST, list);
    list->cUserRights = USERS;
    at_most = IpcSetLicenseProperty(license, FALSE, IPC_LI_USER_RIGHTS_LIST, list);
    too_long = IpcSerializeLicense((LPCVOID)license, IPC_SL_LICENSE_HANDLE, 0, NULL, &key, &bytes);
    CHECK(key == NULL && bytes == NULL);
    list->cUserRights = 2000;
    CHECK_HR(IpcSetLicenseProperty(license, FALSE, IPC_LI_USER_RIGHTS_LIST, list), S_OK);
    many = IpcSerializeLicense((LPCVOID)license, IPC_SL_LICENSE_HANDLE, 0, NULL, &key, &bytes);
    free(list);
    my_handle((IPC_HANDLE)key);
    mine(bytes);
    CHECK_HR(one_more, IPCERROR_ISSUANCELICENSE_LENGTH_LIMIT_EXCEEDED);
    CHECK_HR(at_most, S_OK);
    CHECK_HR(too_long, IPCERROR_ISSUANCELICENSE_LENGTH_LIMIT_EXCEEDED);
    REQUIRE_OK(many);
    CHECK(bytes->cbBuffer < (8u << 20));
    act_as(W("u1999@x.example"));
    IpcCloseHandle((IPC_HANDLE)key);
    REQUIRE_OK(IpcGetKey(bytes, 0, NULL, NULL, &key));
    my_handle((IPC_HANDLE)key);
    CHECK(has_right(key, W("VIEW")) == TRUE && has_right(key, W("PRINT")) == FALSE);
}

static void bad_values(void)
{
    static const DWORD packages[] = {0, 4, 0x1000, 0x1002, 0xFFFFFFFF};
    static const DWORD intervals[] = {65536, 0xFFFFFFFF};
    static const DWORD data[] = {IPC_LI_APP_SPECIFIC_DATA, IPC_LI_APP_SPECIFIC_DATA_NO_ENCRYPTION};
    LPCWSTR names[] = {NULL, W(""), lone_surrogate(), W("IPCX.Name"), W("NOLICCACHE"), W("VIEWER")};
    IPC_TEMPLATE_INFO info = {NULL, 1033, W("Name"), W("Description"), NULL, FALSE};
    IPC_TERM far_away = {{0xFFFFFFFF, 0x7FFFFFFF}, ~(DWORD64)0};
    static const Entry entry = {BOB, "VIEW"};
    PIPC_BUFFER bytes;
    IPC_KEY_HANDLE no_key = (IPC_KEY_HANDLE)(size_t)0x1234;
    size_t i, j;
    draft = scratch_license();
    for (i = 0; i < COUNT(packages); i++)
        BAD(E_INVALIDARG, set(IPC_LI_PREFERRED_ENCRYPTION_PACKAGE, &packages[i]));
    for (i = 0; i < COUNT(intervals); i++)
        BAD(E_INVALIDARG, set(IPC_LI_INTERVAL_TIME, &intervals[i]));
    /* The handle keeps what was set; a term that cannot be is refused when the license is made. */
    grant(draft, &entry, 1);
    set_property(draft, IPC_LI_VALIDITY_TIME, &far_away);
    BAD_OUT(E_INVALIDARG, bytes, IpcSerializeLicense((LPCVOID)draft, IPC_SL_LICENSE_HANDLE, 0, NULL, NULL, &bytes));
    BAD(E_HANDLE, set(IPC_LI_CONTENT_KEY, (LPCVOID)no_key));
    BAD(E_HANDLE, set(IPC_LI_CONTENT_KEY, (LPCVOID)draft));
    for (i = 0; i < COUNT(data); i++) {
        IPC_NAME_VALUE_LIST list = {1, {{W("name"), 0, W("value")}}};
        for (j = 0; j < COUNT(names); j++) {
            list.aNameValuePairs[0].wszName = names[j];
            BAD(E_INVALIDARG, set(data[i], &list));
        }
        list.aNameValuePairs[0].wszName = W("name");
        list.aNameValuePairs[0].wszValue = NULL;
        BAD(E_INVALIDARG, set(data[i], &list));
        list.aNameValuePairs[0].wszValue = beyond_unicode();
        BAD(E_INVALIDARG, set(data[i], &list));
        list.aNameValuePairs[0].wszValue = W("value");
        list.cNameValuePairs = 0xFFFFFFFF;
        BAD(E_INVALIDARG, set(data[i], &list));
    }
    info.wszName = NULL;
    BAD(E_INVALIDARG, set(IPC_LI_DESCRIPTOR, &info));
    info.wszName = lone_surrogate();
    BAD(E_INVALIDARG, set(IPC_LI_DESCRIPTOR, &info));
    info.wszName = W("Name");
    info.wszDescription = endless();
    BAD(E_INVALIDARG, set(IPC_LI_DESCRIPTOR, &info));
    for (i = 1; i < NOT_TEXTS - 1; i++) {
        BAD(E_INVALIDARG, set(IPC_LI_REFERRAL_INFO_URL, not_a_text((int)i)));
        BAD(E_INVALIDARG, set(IPC_LI_CONTENT_ID, not_a_text((int)i)));
    }
}

static void bad_arguments_with_license(void)
{
    Protected good = protect_for(BOB, "VIEW"), other = protect_for(BOB, "VIEW");
    IPC_BUFFER nowhere = {NULL, 100}, huge = {good.license->pvBuffer, 0};
    IPC_KEY_HANDLE key, wrong[4];
    LPVOID value;
    size_t i;
    static const DWORD needs_key[] = {1, 2, 4, 5, 6, 8, 15, 16};
    wrong[0] = (IPC_KEY_HANDLE)(size_t)0x1234;
    wrong[1] = (IPC_KEY_HANDLE)(LPVOID)scratch_license();
    wrong[2] = (IPC_KEY_HANDLE)(LPVOID)&local;
    wrong[3] = open_as(BOB, good.license);
    REQUIRE_OK(IpcCloseHandle((IPC_HANDLE)wrong[3]));
    BAD(E_INVALIDARG, IpcGetKey(good.license, 0, NULL, NULL, NULL));
    BAD_OUT(E_INVALIDARG, key, IpcGetKey(NULL, 0, NULL, NULL, &key));
    BAD_OUT(E_INVALIDARG, key, IpcGetKey(&nowhere, 0, NULL, NULL, &key));
    BAD_OUT(WIN32(ERROR_INVALID_DATA), key, IpcGetKey(&huge, 0, NULL, NULL, &key));
    BAD_OUT(E_INVALIDARG, key, IpcGetKey(good.license, 2, NULL, NULL, &key));
    BAD_OUT(E_INVALIDARG, key, IpcGetKey(good.license, 0x80000000, NULL, NULL, &key));
    BAD_OUT(E_INVALIDARG, key, IpcGetKey(good.license, 0, NULL, &local, &key));
    act_as(CAROL);
    BAD_OUT(IPCERROR_RIGHT_NOT_GRANTED, key, IpcGetKey(good.license, 0, NULL, NULL, &key));
    act_as(ALICE);
    BAD(E_INVALIDARG, IpcGetSerializedLicenseProperty(good.license, IPC_LI_OWNER, NULL, 0, NULL));
    BAD_OUT(E_INVALIDARG, value, IpcGetSerializedLicenseProperty(NULL, IPC_LI_OWNER, NULL, 0, &value));
    BAD_OUT(E_INVALIDARG, value, IpcGetSerializedLicenseProperty(&nowhere, IPC_LI_OWNER, NULL, 0, &value));
    for (i = 0; i < COUNT(needs_key); i++)
        BAD_OUT(IPCERROR_NEEDS_KEY_PARAMETER, value,
                IpcGetSerializedLicenseProperty(good.license, needs_key[i], NULL, 0, &value));
    for (i = 0; i < COUNT(wrong); i++)
        BAD_OUT(E_HANDLE, value,
                IpcGetSerializedLicenseProperty(good.license, IPC_LI_VALIDITY_TIME, wrong[i], 0, &value));
    BAD_OUT(E_INVALIDARG, value,
            IpcGetSerializedLicenseProperty(good.license, IPC_LI_USER_RIGHTS_LIST, other.key, 0, &value));
    BAD_OUT(E_INVALIDARG, value,
            IpcGetSerializedLicenseProperty(good.license, IPC_LI_VALIDITY_TIME, other.key, 0, &value));
    BAD_OUT(E_INVALIDARG, value, IpcGetSerializedLicenseProperty(good.license, IPC_LI_CONTENT_KEY, good.key, 0, &value));
}

/* Both readers of a license must give the same answer. */
static void refused(const void *bytes, size_t count, HRESULT expected, const char *what)
{
    IPC_BUFFER license;
    IPC_KEY_HANDLE key;
    LPVOID value;
    int before = harness.complaints;
    license.pvBuffer = (LPVOID)bytes;
    license.cbBuffer = (DWORD)count;
    BAD_OUT(expected, key, IpcGetKey(&license, 0, NULL, NULL, &key));
    BAD_OUT(expected, value, IpcGetSerializedLicenseProperty(&license, IPC_LI_OWNER, NULL, 0, &value));
    if (harness.complaints != before)
        printf("        with %s\n", what);
}

static char *copy_of(PIPC_BUFFER license, size_t *length)
{
    char *copy = (char *)malloc((size_t)license->cbBuffer + 1);
    REQUIRE(copy != NULL);
    memcpy(copy, license->pvBuffer, license->cbBuffer);
    copy[license->cbBuffer] = 0;
    *length = license->cbBuffer;
    return copy;
}

static void bad_bytes_truncated(void)
{
    Protected good = protect_for(BOB, "VIEW");
    size_t length, i;
    char *copy = copy_of(good.license, &length);
    const size_t cuts[] = {1, 2, 3, 4, 100, length / 4, length / 2, length - 200, length - 20, length - 2, length - 1};
    for (i = 0; i < COUNT(cuts); i++) {
        char what[64];
        snprintf(what, sizeof what, "the first %lu bytes of %lu", (unsigned long)cuts[i], (unsigned long)length);
        refused(copy, cuts[i], WIN32(ERROR_INVALID_DATA), what);
    }
    free(copy);
}

/* Changes one letter behind two marks that follow each other. */
static void forge(PIPC_BUFFER license, const char *first, const char *second, HRESULT expected)
{
    size_t length;
    char *copy = copy_of(license, &length), *at = strstr(copy, first);
    if (at != NULL)
        at = strstr(at + strlen(first), second);
    if (CHECK(at != NULL)) {
        at += strlen(second);
        *at = *at == 'A' ? 'B' : 'A';
        refused(copy, length, expected, first);
    } else {
        printf("        no %s ... %s\n", first, second);
    }
    free(copy);
}

static void bad_bytes_forged(void)
{
    Protected good = protect_for(BOB, "VIEW");
    forge(good.license, "<OWNER>", "<NAME>", IPCERROR_BROKEN_CERT_CHAIN);
    forge(good.license, "<ISSUEDPRINCIPALS>", "<NAME>", IPCERROR_BROKEN_CERT_CHAIN);
    forge(good.license, "id=\"Encrypted-Rights-Data\"", ">", IPCERROR_BROKEN_CERT_CHAIN);
    forge(good.license, "<SIGNATURE>", "size=\"256\">", IPCERROR_BROKEN_CERT_CHAIN);
    forge(good.license, "<SIGNATURE>", "size=\"2048\">", IPCERROR_BROKEN_CERT_CHAIN);
    forge(good.license, "<BODY ", "", WIN32(ERROR_INVALID_DATA));
    forge(good.license, "</BODY>", "", WIN32(ERROR_INVALID_DATA));
}

static void bad_bytes_hostile(void)
{
    static const char *const texts[] = {
        "", " ", "hello", "<", "<XrML>", "<XrML></XrML>", "<?xml version=\"1.0\"?>", "<a/>",
        "<!DOCTYPE XrML [<!ENTITY a \"b\">]><XrML>&a;</XrML>",
        "<!DOCTYPE XrML SYSTEM \"file:///etc/passwd\"><XrML/>",
        "<XrML><BODY></XrML></BODY>", "\xEF\xBB\xBF", "\xEF\xBB\xBF<XrML", "\xFF\xFE", "\xFF\xFE<", "\xFE\xFF\0<",
        "<XrML xmlns=\"\">&undefined;</XrML>", "<XrML>\x01</XrML>", "<XrML>\xC0\xAF</XrML>", "<XrML><!-- --></XrML>",
    };
    enum { DEEP = 100000 };
    char *deep = (char *)malloc((size_t)DEEP * 3);
    size_t i;
    act_as(ALICE);
    for (i = 0; i < COUNT(texts); i++)
        refused(texts[i], strlen(texts[i]), WIN32(ERROR_INVALID_DATA), texts[i]);
    REQUIRE(deep != NULL);
    for (i = 0; i < DEEP; i++)
        memcpy(deep + i * 3, "<a>", 3);
    refused(deep, (size_t)DEEP * 3, WIN32(ERROR_INVALID_DATA), "a hundred thousand elements inside each other");
    memset(deep, 0, (size_t)DEEP * 3);
    refused(deep, (size_t)DEEP * 3, WIN32(ERROR_INVALID_DATA), "zeros");
    free(deep);
}

static void refused_file(const char *name, HRESULT expected)
{
    char path[1024], *bytes = (char *)malloc(1 << 20);
    const char *root = getenv("MSIPC_TEST_SOURCE");
    size_t count;
    FILE *file;
    IPC_BUFFER license;
    IPC_KEY_HANDLE key;
    snprintf(path, sizeof path, "%s/tests/vectors/xrml/%s", root != NULL ? root : "..", name);
    file = fopen(path, "rb");
    if (!CHECK(bytes != NULL && file != NULL)) {
        printf("        %s\n", path);
        free(bytes);
        return;
    }
    count = fread(bytes, 1, 1 << 20, file);
    fclose(file);
    license.pvBuffer = bytes;
    license.cbBuffer = (DWORD)count;
    BAD_OUT(expected, key, IpcGetKey(&license, 0, NULL, NULL, &key));
    free(bytes);
}

/* Licenses of other authorities: correct ones are not ours, wrong ones are wrong. */
static void bad_bytes_foreign(void)
{
    act_as(ALICE);
    refused_file("01-basic.xml", IPCERROR_BROKEN_CERT_CHAIN);
    refused_file("04-template.xml", IPCERROR_BROKEN_CERT_CHAIN);
    refused_file("05-deprecated-utf16.xml", IPCERROR_BROKEN_CERT_CHAIN);
    refused_file("06-offline-clc.xml", IPCERROR_BROKEN_CERT_CHAIN);
    refused_file("08-tampered-body.xml", IPCERROR_BROKEN_CERT_CHAIN);
    refused_file("09-truncated.xml", WIN32(ERROR_INVALID_DATA));
}

static void counted(void)
{
    CHECK(calls >= 150);
}

int main(void)
{
    RUN(bad_license_handles);
    RUN(bad_property_ids);
    RUN(bad_users_and_rights);
    RUN(long_licenses);
    RUN(bad_values);
    RUN(bad_arguments_with_license);
    RUN(bad_bytes_truncated);
    RUN(bad_bytes_forged);
    RUN(bad_bytes_hostile);
    RUN(bad_bytes_foreign);
    RUN(counted);
    forget_texts();
    printf("bad calls: %d\n", calls);
    return finish_tests();
}
