/* License properties: set, read back, deleted; read from the serialized license by those who may and those who may not;
 * licenses from templates; every form in which license bytes arrive.
 */
#include "fixtures.h"

#include <time.h>

static LPVOID get(IPC_LICENSE_HANDLE license, DWORD property)
{
    LPVOID value = NULL;
    REQUIRE_OK(IpcGetLicenseProperty(license, property, 0, &value));
    REQUIRE(value != NULL);
    return mine(value);
}

static HRESULT get_result(IPC_LICENSE_HANDLE license, DWORD property)
{
    LPVOID value = (LPVOID)(size_t)1;
    HRESULT result = IpcGetLicenseProperty(license, property, 0, &value);
    if (FAILED(result))
        CHECK(value == NULL);
    else
        mine(value);
    return result;
}

static LPVOID get_sealed(PCIPC_BUFFER license, DWORD property, IPC_KEY_HANDLE key)
{
    LPVOID value = NULL;
    REQUIRE_OK(IpcGetSerializedLicenseProperty(license, property, key, 0, &value));
    REQUIRE(value != NULL);
    return mine(value);
}

static IPC_LICENSE_HANDLE alices_license(void)
{
    static const Entry entry = {BOB, "VIEW"};
    IPC_LICENSE_HANDLE license;
    act_as(ALICE);
    license = scratch_license();
    grant(license, &entry, 1);
    return license;
}

static IPC_LICENSE_HANDLE template_license(int which)
{
    IPC_LICENSE_HANDLE license = NULL;
    REQUIRE_OK(IpcCreateLicenseFromTemplateID(template_id(which), 0, NULL, &license));
    my_handle((IPC_HANDLE)license);
    return license;
}

static DWORD64 ticks(FILETIME time)
{
    return (DWORD64)time.dwHighDateTime << 32 | time.dwLowDateTime;
}

static DWORD64 now_in_ticks(void)
{
    return ((DWORD64)time(NULL) + 11644473600u) * 10000000u;
}

static const DWORD64 MINUTE = (DWORD64)60 * 10000000;

static void fresh_license_has_the_documented_defaults(void)
{
    IPC_LICENSE_HANDLE license;
    PIPC_TERM term;
    PIPC_USER owner;
    PIPC_NAME_VALUE_LIST data;
    act_as(ALICE);
    license = scratch_license();
    CHECK_HR(get_result(license, IPC_LI_USER_RIGHTS_LIST), IPCERROR_USER_RIGHTS_NOT_SET);
    CHECK_HR(get_result(license, IPC_LI_INTERVAL_TIME), IPCERROR_LICENSE_INTERVAL_TIME_NOT_SET);
    CHECK_HR(get_result(license, IPC_LI_CONTENT_KEY), IPCERROR_CONTENT_KEY_NOT_SET);
    CHECK_HR(get_result(license, IPC_LI_DESCRIPTOR), IPCERROR_LOCALE_NOT_FOUND);
    CHECK_HR(get_result(license, IPC_LI_ISSUED_TIME), WIN32(ERROR_NOT_FOUND));
    term = (PIPC_TERM)get(license, IPC_LI_VALIDITY_TIME);
    CHECK(ticks(term->ftStart) == 0 && term->qwDuration == 0);
    data = (PIPC_NAME_VALUE_LIST)get(license, IPC_LI_APP_SPECIFIC_DATA);
    CHECK(data->cNameValuePairs == 0);
    data = (PIPC_NAME_VALUE_LIST)get(license, IPC_LI_APP_SPECIFIC_DATA_NO_ENCRYPTION);
    CHECK(data->cNameValuePairs == 0);
    owner = (PIPC_USER)get(license, IPC_LI_OWNER);
    CHECK(owner->dwType == IPC_USER_TYPE_EMAIL);
    CHECK_TEXT(owner->wszID, ALICE);
    CHECK(wide_length((LPCWSTR)get(license, IPC_LI_REFERRAL_INFO_URL)) > 0);
    CHECK(*(BOOL *)get(license, IPC_LI_DEPRECATED_ENCRYPTION_ALGORITHMS) == FALSE);
    CHECK(*(BOOL *)get(license, IPC_LI_AUTO_GRANT_OWNER_FULL_ACCESS) == FALSE);
    CHECK(*(DWORD *)get(license, IPC_LI_PREFERRED_ENCRYPTION_PACKAGE) == IPC_ENCRYPTION_PACKAGE_AES256_CBC4K);
    CHECK(((PIPC_CONNECTION_INFO)get(license, IPC_LI_CONNECTION_INFO))->wszExtranetUrl != NULL);
}

static void content_id_is_fresh_and_fixed(void)
{
    IPC_LICENSE_HANDLE a = alices_license(), b = alices_license();
    LPCWSTR first = (LPCWSTR)get(a, IPC_LI_CONTENT_ID);
    Protected made;
    CHECK(wide_length(first) >= 36);
    CHECK_TEXT((LPCWSTR)get(a, IPC_LI_CONTENT_ID), first);
    CHECK(!wide_equal((LPCWSTR)get(b, IPC_LI_CONTENT_ID), first));
    made = serialize(a);
    CHECK_TEXT((LPCWSTR)get_sealed(made.license, IPC_LI_CONTENT_ID, NULL), first);
}

static void validity_time(void)
{
    IPC_LICENSE_HANDLE license = alices_license();
    DWORD64 start = (now_in_ticks() / MINUTE - 60) * MINUTE + 12345;
    IPC_TERM term = {{(DWORD)start, (DWORD)(start >> 32)}, 600 * MINUTE + 999}, *read;
    Protected made;
    set_property(license, IPC_LI_VALIDITY_TIME, &term);
    read = (PIPC_TERM)get(license, IPC_LI_VALIDITY_TIME);
    CHECK(ticks(read->ftStart) == start && read->qwDuration == term.qwDuration);
    made = serialize(license);
    /* From and until are rounded down to the minute. */
    read = (PIPC_TERM)get_sealed(made.license, IPC_LI_VALIDITY_TIME, open_as(BOB, made.license));
    CHECK(ticks(read->ftStart) == start / MINUTE * MINUTE);
    CHECK(ticks(read->ftStart) + read->qwDuration == (start + term.qwDuration) / MINUTE * MINUTE);
    CHECK_HR(IpcSetLicenseProperty(license, TRUE, IPC_LI_VALIDITY_TIME, NULL), S_OK);
    read = (PIPC_TERM)get(license, IPC_LI_VALIDITY_TIME);
    CHECK(ticks(read->ftStart) == 0 && read->qwDuration == 0);
    made = serialize(license);
    read = (PIPC_TERM)get_sealed(made.license, IPC_LI_VALIDITY_TIME, made.key);
    CHECK(ticks(read->ftStart) == 0 && read->qwDuration == 0);
}

/* A term that rounding makes empty is refused when the license is made; until then it is what was set. */
static void validity_shorter_than_its_minute(void)
{
    IPC_LICENSE_HANDLE license = alices_license();
    DWORD64 start = (now_in_ticks() / MINUTE + 5) * MINUTE + MINUTE / 6;
    IPC_TERM term = {{(DWORD)start, (DWORD)(start >> 32)}, MINUTE / 3};
    PIPC_BUFFER bytes = NULL;
    IPC_KEY_HANDLE key = NULL;
    set_property(license, IPC_LI_VALIDITY_TIME, &term);
    CHECK(((PIPC_TERM)get(license, IPC_LI_VALIDITY_TIME))->qwDuration == MINUTE / 3);
    CHECK_HR(IpcSerializeLicense((LPCVOID)license, IPC_SL_LICENSE_HANDLE, 0, NULL, &key, &bytes), E_INVALIDARG);
    CHECK(key == NULL && bytes == NULL);
}

static void interval_time(void)
{
    static const DWORD days[] = {0, 1, 14, 65535};
    IPC_LICENSE_HANDLE license = alices_license();
    Protected made;
    LPVOID value = NULL;
    size_t i;
    for (i = 0; i < COUNT(days); i++) {
        set_property(license, IPC_LI_INTERVAL_TIME, &days[i]);
        CHECK(*(DWORD *)get(license, IPC_LI_INTERVAL_TIME) == days[i]);
        made = serialize(license);
        CHECK(*(DWORD *)get_sealed(made.license, IPC_LI_INTERVAL_TIME, open_as(BOB, made.license)) == days[i]);
        act_as(ALICE);
    }
    CHECK_HR(IpcSetLicenseProperty(license, TRUE, IPC_LI_INTERVAL_TIME, NULL), S_OK);
    CHECK_HR(get_result(license, IPC_LI_INTERVAL_TIME), IPCERROR_LICENSE_INTERVAL_TIME_NOT_SET);
    made = serialize(license);
    CHECK_HR(IpcGetSerializedLicenseProperty(made.license, IPC_LI_INTERVAL_TIME, made.key, 0, &value),
             IPCERROR_LICENSE_INTERVAL_TIME_NOT_SET);
}

static void owner(void)
{
    IPC_LICENSE_HANDLE license = alices_license();
    IPC_USER user = {IPC_USER_TYPE_EMAIL, W("d\u00E4ve+tag@fabrikam.example")};
    PIPC_USER read;
    Protected made;
    set_property(license, IPC_LI_OWNER, &user);
    CHECK_TEXT(((PIPC_USER)get(license, IPC_LI_OWNER))->wszID, user.wszID);
    made = serialize(license);
    act_as(CAROL);
    read = (PIPC_USER)get_sealed(made.license, IPC_LI_OWNER, NULL);
    CHECK(read->dwType == IPC_USER_TYPE_EMAIL);
    CHECK_TEXT(read->wszID, user.wszID);
}

static void user_rights_list(void)
{
    static const Entry entries[] = {{BOB, "VIEW print ACME.Stamp"}, {IPC_USER_ID_EVERYONE, "VIEW"},
                                    {IPC_USER_ID_OWNER, "OWNER"}, {CAROL, ""}, {W("staff@fabrikam.example"), "EDIT DOCEDIT"}};
    IPC_LICENSE_HANDLE license;
    Protected made;
    int from_bytes;
    act_as(ALICE);
    license = scratch_license();
    grant(license, entries, COUNT(entries));
    made = serialize(license);
    for (from_bytes = 0; from_bytes < 2; from_bytes++) {
        PIPC_USER_RIGHTS_LIST list = (PIPC_USER_RIGHTS_LIST)(from_bytes ? get_sealed(made.license, IPC_LI_USER_RIGHTS_LIST, made.key)
                                                                        : get(license, IPC_LI_USER_RIGHTS_LIST));
        const IPC_USER_RIGHTS *bob = find_user(list, BOB), *staff = find_user(list, W("staff@fabrikam.example"));
        const IPC_USER_RIGHTS *anyone = find_user(list, IPC_USER_ID_EVERYONE), *own = find_user(list, IPC_USER_ID_OWNER);
        CHECK(list->cUserRights == COUNT(entries));
        REQUIRE(bob != NULL && staff != NULL && anyone != NULL && own != NULL && find_user(list, CAROL) != NULL);
        CHECK(bob->User.dwType == IPC_USER_TYPE_EMAIL && bob->cRights == 3);
        CHECK(lists_right(bob, W("VIEW")) && lists_right(bob, W("PRINT")) && lists_right(bob, W("ACME.Stamp")));
        CHECK(anyone->User.dwType == IPC_USER_TYPE_IPC && anyone->cRights == 1 && lists_right(anyone, W("VIEW")));
        CHECK(own->User.dwType == IPC_USER_TYPE_IPC && lists_right(own, W("OWNER")));
        CHECK(staff->cRights == 2 && lists_right(staff, W("EDIT")) && lists_right(staff, W("DOCEDIT")));
        CHECK(find_user(list, CAROL)->cRights == 0);
    }
}

static void application_data(void)
{
    static const DWORD kinds[] = {IPC_LI_APP_SPECIFIC_DATA, IPC_LI_APP_SPECIFIC_DATA_NO_ENCRYPTION};
    struct {
        DWORD count;
        IPC_NAME_VALUE pairs[3];
    } given = {3, {{W("project"), 0, W("Tide & <Mill> \"7\"")}, {W("MS.Content.Name"), 1033, W("\u6F6E\u6C50")}, {W("empty"), 0, W("")}}};
    int kind;
    for (kind = 0; kind < 2; kind++) {
        IPC_LICENSE_HANDLE license = alices_license();
        Protected made;
        int step;
        LPVOID value = NULL;
        set_property(license, kinds[kind], &given);
        made = serialize(license);
        for (step = 0; step < 3; step++) {
            PIPC_NAME_VALUE_LIST read = (PIPC_NAME_VALUE_LIST)(step == 0   ? get(license, kinds[kind])
                                                               : step == 1 ? get_sealed(made.license, kinds[kind], made.key)
                                                                           : get_sealed(made.license, kinds[kind], open_as(BOB, made.license)));
            const IPC_NAME_VALUE *pairs = (const IPC_NAME_VALUE *)((const BYTE *)read + offsetof(IPC_NAME_VALUE_LIST, aNameValuePairs));
            DWORD i, j, found = 0;
            CHECK(read->cNameValuePairs == 3);
            for (i = 0; i < read->cNameValuePairs; i++)
                for (j = 0; j < 3; j++)
                    found += wide_equal(pairs[i].wszName, given.pairs[j].wszName) &&
                             wide_equal(pairs[i].wszValue, given.pairs[j].wszValue);
            CHECK(found == 3);
        }
        act_as(CAROL);
        CHECK_HR(IpcGetSerializedLicenseProperty(made.license, kinds[kind], NULL, 0, &value),
                 kind == 0 ? IPCERROR_NEEDS_KEY_PARAMETER : S_OK);
        mine(value);
        act_as(ALICE);
        CHECK_HR(IpcSetLicenseProperty(license, TRUE, kinds[kind], NULL), S_OK);
        CHECK(((PIPC_NAME_VALUE_LIST)get(license, kinds[kind]))->cNameValuePairs == 0);
    }
}

/* What is to be encrypted must not stand in the bytes. */
static void encrypted_data_is_not_in_the_clear(void)
{
    IPC_NAME_VALUE_LIST hidden = {1, {{W("hidden"), 0, W("SECRETOFTHEMILL")}}};
    IPC_NAME_VALUE_LIST shown = {1, {{W("shown"), 0, W("SHOWNBYTHEMILL")}}};
    int from_template;
    for (from_template = 0; from_template < 2; from_template++) {
        IPC_LICENSE_HANDLE license = alices_license();
        Protected made;
        char *text;
        if (from_template)
            license = template_license(0);
        set_property(license, IPC_LI_APP_SPECIFIC_DATA, &hidden);
        set_property(license, IPC_LI_APP_SPECIFIC_DATA_NO_ENCRYPTION, &shown);
        made = serialize(license);
        text = (char *)calloc(1, (size_t)made.license->cbBuffer + 1);
        REQUIRE(text != NULL);
        memcpy(text, made.license->pvBuffer, made.license->cbBuffer);
        CHECK(strstr(text, "SECRETOFTHEMILL") == NULL && strstr(text, "SHOWNBYTHEMILL") != NULL);
        CHECK(strstr(text, "bob@contoso.example") == NULL);
        free(text);
        CHECK(((PIPC_NAME_VALUE_LIST)get_sealed(made.license, IPC_LI_APP_SPECIFIC_DATA, made.key))->cNameValuePairs == 1);
    }
}

static void descriptors_in_several_languages(void)
{
    IPC_LICENSE_HANDLE license = alices_license();
    IPC_TEMPLATE_INFO english = {NULL, 1033, W("Mill only"), W("For the people of the mill"), NULL, FALSE};
    IPC_TEMPLATE_INFO german = {NULL, 1031, W("Nur M\u00FChle"), W("F\u00FCr die Leute der M\u00FChle"), NULL, FALSE};
    static const struct {
        LCID asked, expected;
    } cases[] = {{1033, 1033}, {1031, 1031}, {2055, 1031}, {2057, 1033}, {1041, 1033}};
    Protected made;
    size_t i;
    set_property(license, IPC_LI_DESCRIPTOR, &english);
    set_property(license, IPC_LI_DESCRIPTOR, &german);
    made = serialize(license);
    for (i = 0; i < 2 * COUNT(cases); i++) {
        LPVOID value = NULL;
        PIPC_TEMPLATE_INFO info;
        LCID asked = cases[i / 2].asked;
        if (i % 2 == 0)
            REQUIRE_OK(IpcGetLicenseProperty(license, IPC_LI_DESCRIPTOR, asked, &value));
        else
            REQUIRE_OK(IpcGetSerializedLicenseProperty(made.license, IPC_LI_DESCRIPTOR, made.key, asked, &value));
        info = (PIPC_TEMPLATE_INFO)mine(value);
        CHECK(info->lcid == cases[i / 2].expected);
        CHECK_TEXT(info->wszName, info->lcid == 1031 ? german.wszName : english.wszName);
        CHECK_TEXT(info->wszDescription, info->lcid == 1031 ? german.wszDescription : english.wszDescription);
        CHECK(info->wszID == NULL && info->fFromTemplate == FALSE);
        CHECK(info->wszIssuerDisplayName != NULL);
    }
    /* A second text for a language replaces the first. */
    english.wszName = W("Mill again");
    set_property(license, IPC_LI_DESCRIPTOR, &english);
    {
        LPVOID value = NULL;
        REQUIRE_OK(IpcGetLicenseProperty(license, IPC_LI_DESCRIPTOR, 1033, &value));
        CHECK_TEXT(((PIPC_TEMPLATE_INFO)mine(value))->wszName, english.wszName);
    }
    CHECK_HR(IpcSetLicenseProperty(license, TRUE, IPC_LI_DESCRIPTOR, NULL), S_OK);
    CHECK_HR(get_result(license, IPC_LI_DESCRIPTOR), IPCERROR_LOCALE_NOT_FOUND);
}

static void referral_and_content_id(void)
{
    static const struct {
        DWORD property;
        LPCWSTR text;
    } cases[] = {{IPC_LI_REFERRAL_INFO_URL, W("https://mill.example/ask?a=1&b=2")},
                 {IPC_LI_REFERRAL_INFO_URL, W("mailto:miller@contoso.example")},
                 {IPC_LI_CONTENT_ID, W("{6B29FC40-CA47-1067-B31D-00DD010662DA}")},
                 {IPC_LI_CONTENT_ID, W("6b29fc40-ca47-1067-b31d-00dd010662da")}};
    size_t i;
    for (i = 0; i < COUNT(cases); i++) {
        IPC_LICENSE_HANDLE license = alices_license();
        Protected made;
        set_property(license, cases[i].property, cases[i].text);
        CHECK_TEXT((LPCWSTR)get(license, cases[i].property), cases[i].text);
        made = serialize(license);
        act_as(CAROL);
        CHECK_TEXT((LPCWSTR)get_sealed(made.license, cases[i].property, NULL), cases[i].text);
        act_as(ALICE);
        CHECK_HR(IpcSetLicenseProperty(license, TRUE, cases[i].property, NULL), S_OK);
        CHECK(!wide_equal((LPCWSTR)get(license, cases[i].property), cases[i].text));
        CHECK(wide_length((LPCWSTR)get(license, cases[i].property)) > 0);
    }
}

static void issued_time_and_connection(void)
{
    DWORD64 before = now_in_ticks() / MINUTE * MINUTE, issued;
    Protected made = serialize(alices_license());
    PIPC_CONNECTION_INFO connection;
    act_as(CAROL);
    issued = ticks(*(FILETIME *)get_sealed(made.license, IPC_LI_ISSUED_TIME, NULL));
    CHECK(issued >= before && issued <= now_in_ticks() + 10000000);
    connection = (PIPC_CONNECTION_INFO)get_sealed(made.license, IPC_LI_CONNECTION_INFO, NULL);
    /* A name that nothing ever dials. */
    CHECK(wide_contains(connection->wszExtranetUrl, ".invalid"));
    CHECK(connection->wszIntranetUrl == NULL || wide_contains(connection->wszIntranetUrl, ".invalid"));
}

static void content_key_is_kept(void)
{
    static const Entry entry = {CAROL, "VIEW"};
    DWORD package = IPC_ENCRYPTION_PACKAGE_AES128_CBC4K, got = 0, length = 0;
    Protected made = protect_with(package, &entry, 1), again;
    IPC_LICENSE_HANDLE license = alices_license();
    IPC_KEY_HANDLE read;
    BYTE sealed[64], opened[64];
    set_property(license, IPC_LI_CONTENT_KEY, (LPCVOID)made.key);
    read = NULL;
    REQUIRE_OK(IpcGetLicenseProperty(license, IPC_LI_CONTENT_KEY, 0, (LPVOID *)&read));
    my_handle((IPC_HANDLE)read);
    CHECK(block_size(read) == 4096);
    again = serialize(license);
    REQUIRE_OK(IpcxGetKeyPackage(again.key, &package));
    CHECK(package == IPC_ENCRYPTION_PACKAGE_AES128_CBC4K);
    REQUIRE_OK(IpcEncrypt(made.key, 0, TRUE, (PBYTE)"the same key", 12, sealed, sizeof sealed, &length));
    REQUIRE_OK(IpcDecrypt(open_as(BOB, again.license), 0, TRUE, sealed, length, opened, sizeof opened, &got));
    CHECK(got == 12 && memcmp(opened, "the same key", 12) == 0);
    /* The key read from the license is a handle of its own. */
    CHECK_HR(IpcCloseHandle((IPC_HANDLE)made.key), S_OK);
    CHECK_HR(IpcEncrypt(read, 0, TRUE, (PBYTE)"x", 1, sealed, sizeof sealed, &length), S_OK);
}

static void encryption_package(void)
{
    static const DWORD packages[] = {1, 2, 3, IPCX_ENCRYPTION_PACKAGE_AES256_GCM4K};
    size_t i;
    for (i = 0; i < COUNT(packages); i++) {
        IPC_LICENSE_HANDLE license = alices_license();
        DWORD package = 0;
        Protected made;
        set_property(license, IPC_LI_PREFERRED_ENCRYPTION_PACKAGE, &packages[i]);
        CHECK(*(DWORD *)get(license, IPC_LI_PREFERRED_ENCRYPTION_PACKAGE) == packages[i]);
        made = serialize(license);
        CHECK_HR(IpcxGetKeyPackage(open_as(BOB, made.license), &package), S_OK);
        CHECK(package == packages[i]);
        CHECK(*(DWORD *)get_sealed(made.license, IPC_LI_PREFERRED_ENCRYPTION_PACKAGE, made.key) == packages[i]);
        CHECK(((BYTE *)made.license->pvBuffer)[0] == 0xEF);
        CHECK_HR(IpcSetLicenseProperty(license, TRUE, IPC_LI_PREFERRED_ENCRYPTION_PACKAGE, NULL), S_OK);
        CHECK(*(DWORD *)get(license, IPC_LI_PREFERRED_ENCRYPTION_PACKAGE) == 1);
    }
}

static void deprecated_algorithms(void)
{
    IPC_LICENSE_HANDLE license = alices_license();
    BOOL yes = TRUE;
    DWORD package = 0, other = 2;
    IPC_KEY_HANDLE key = NULL;
    PIPC_BUFFER bytes = NULL;
    HRESULT result;
    Protected made;
    set_property(license, IPC_LI_DEPRECATED_ENCRYPTION_ALGORITHMS, &yes);
    CHECK(*(BOOL *)get(license, IPC_LI_DEPRECATED_ENCRYPTION_ALGORITHMS) == TRUE);
    made = serialize(license);
    CHECK(((BYTE *)made.license->pvBuffer)[0] == 0xFF && ((BYTE *)made.license->pvBuffer)[1] == 0xFE);
    CHECK(block_size(made.key) == 16);
    CHECK_HR(IpcxGetKeyPackage(open_as(BOB, made.license), &package), S_OK);
    CHECK(package == IPC_ENCRYPTION_PACKAGE_AES128_ECB);
    CHECK(*(BOOL *)get_sealed(made.license, IPC_LI_DEPRECATED_ENCRYPTION_ALGORITHMS, made.key) == TRUE);
    act_as(ALICE);
    /* Not with another package, and not with a key: refused when set, or at the latest when the license is made. */
    result = IpcSetLicenseProperty(license, FALSE, IPC_LI_PREFERRED_ENCRYPTION_PACKAGE, &other);
    if (result == S_OK)
        result = IpcSerializeLicense((LPCVOID)license, IPC_SL_LICENSE_HANDLE, 0, NULL, &key, &bytes);
    CHECK_HR(result, E_INVALIDARG);
    license = alices_license();
    set_property(license, IPC_LI_DEPRECATED_ENCRYPTION_ALGORITHMS, &yes);
    result = IpcSetLicenseProperty(license, FALSE, IPC_LI_CONTENT_KEY, (LPCVOID)made.key);
    if (result == S_OK)
        result = IpcSerializeLicense((LPCVOID)license, IPC_SL_LICENSE_HANDLE, 0, NULL, &key, &bytes);
    CHECK_HR(result, E_INVALIDARG);
    CHECK(key == NULL && bytes == NULL);
}

static void license_from_a_template(void)
{
    LPCWSTR id = template_id(0);
    IPC_LICENSE_HANDLE license;
    PIPC_TEMPLATE_INFO info;
    Protected made;
    act_as(ALICE);
    license = template_license(0);
    info = (PIPC_TEMPLATE_INFO)get(license, IPC_LI_DESCRIPTOR);
    CHECK(info->fFromTemplate == TRUE);
    CHECK_TEXT(info->wszID, id);
    CHECK(wide_contains(info->wszName, "View Only"));
    CHECK(*(BOOL *)get(license, IPC_LI_AUTO_GRANT_OWNER_FULL_ACCESS) == TRUE);
    made = serialize(license);
    info = (PIPC_TEMPLATE_INFO)get_sealed(made.license, IPC_LI_DESCRIPTOR, made.key);
    CHECK(info->fFromTemplate == TRUE);
    CHECK_TEXT(info->wszID, id);
    CHECK(has_right(open_as(CAROL, made.license), W("VIEW")) == TRUE);
}

/* A changed policy is no template any more. */
static void changed_template_is_ad_hoc(void)
{
    static const Entry entry = {BOB, "VIEW PRINT"};
    IPC_LICENSE_HANDLE license;
    PIPC_TEMPLATE_INFO info;
    IPC_KEY_HANDLE key = NULL;
    Protected made;
    act_as(ALICE);
    license = template_license(0);
    grant(license, &entry, 1);
    info = (PIPC_TEMPLATE_INFO)get(license, IPC_LI_DESCRIPTOR);
    CHECK(info->fFromTemplate == FALSE && info->wszID == NULL);
    made = serialize(license);
    info = (PIPC_TEMPLATE_INFO)get_sealed(made.license, IPC_LI_DESCRIPTOR, made.key);
    CHECK(info->fFromTemplate == FALSE && info->wszID == NULL);
    CHECK(has_right(open_as(BOB, made.license), W("PRINT")) == TRUE);
    CHECK_HR(try_open(CAROL, made.license, 0, &key), IPCERROR_RIGHT_NOT_GRANTED);
}

/* What says nothing about the policy leaves the template a template. */
static void template_with_content_properties(void)
{
    IPC_LICENSE_HANDLE license;
    IPC_USER owner_user = {IPC_USER_TYPE_EMAIL, DAVE};
    IPC_NAME_VALUE_LIST data = {1, {{W("project"), 0, W("mill")}}};
    Protected made;
    act_as(ALICE);
    license = template_license(0);
    set_property(license, IPC_LI_OWNER, &owner_user);
    set_property(license, IPC_LI_CONTENT_ID, W("{6B29FC40-CA47-1067-B31D-00DD010662DA}"));
    set_property(license, IPC_LI_APP_SPECIFIC_DATA_NO_ENCRYPTION, &data);
    made = serialize(license);
    CHECK(((PIPC_TEMPLATE_INFO)get_sealed(made.license, IPC_LI_DESCRIPTOR, made.key))->fFromTemplate == TRUE);
    /* The owner of a template license has everything. */
    CHECK(has_right(open_as(DAVE, made.license), W("EXPORT")) == TRUE);
    CHECK(has_right(open_as(BOB, made.license), W("EXPORT")) == FALSE);
}

static void usable_after_serializing(void)
{
    static const Entry entry = {CAROL, "PRINT"};
    IPC_LICENSE_HANDLE license = alices_license();
    Protected first = serialize(license), second;
    IPC_KEY_HANDLE key = NULL;
    DWORD length = 0, got = 0;
    BYTE sealed[64], opened[64];
    second = serialize(license);
    CHECK(open_as(BOB, second.license) != NULL);
    REQUIRE_OK(IpcEncrypt(first.key, 0, TRUE, (PBYTE)"text", 4, sealed, sizeof sealed, &length));
    CHECK(IpcDecrypt(second.key, 0, TRUE, sealed, length, opened, sizeof opened, &got) != S_OK || got != 4 ||
          memcmp(opened, "text", 4) != 0);
    act_as(ALICE);
    grant(license, &entry, 1);
    second = serialize(license);
    CHECK_HR(try_open(BOB, second.license, 0, &key), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK(has_right(open_as(CAROL, second.license), W("PRINT")) == TRUE);
    CHECK(open_as(BOB, first.license) != NULL);
}

/* The forms in which one license arrives: mark or none, 8 or 16 bits, something behind the end. */
static void forms_of_the_same_license(void)
{
    BOOL yes = TRUE;
    DWORD package = IPC_ENCRYPTION_PACKAGE_AES256_CBC4K;
    int deprecated;
    for (deprecated = 0; deprecated < 2; deprecated++) {
        IPC_LICENSE_HANDLE license = alices_license();
        Protected made;
        BYTE *bytes, *wide;
        DWORD count, i, length = 0, got = 0, form;
        BYTE content[64], opened[64];
        if (deprecated)
            set_property(license, IPC_LI_DEPRECATED_ENCRYPTION_ALGORITHMS, &yes);
        else
            set_property(license, IPC_LI_PREFERRED_ENCRYPTION_PACKAGE, &package);
        made = serialize(license);
        memset(content, 'c', sizeof content);
        REQUIRE_OK(IpcEncrypt(made.key, 0, FALSE, NULL, 0, content, sizeof content, &length));
        REQUIRE_OK(IpcEncrypt(made.key, 0, TRUE, content, 48, content, sizeof content, &length));
        /* Both encodings without mark; what we write is ASCII here. */
        count = made.license->cbBuffer;
        bytes = (BYTE *)calloc(2, (size_t)count + 16);
        wide = (BYTE *)calloc(2, (size_t)count + 16);
        REQUIRE(bytes != NULL && wide != NULL);
        if (deprecated) {
            count = count / 2 - 1;
            for (i = 0; i < count; i++)
                bytes[3 + i] = ((BYTE *)made.license->pvBuffer)[2 + 2 * i];
        } else {
            count -= 3;
            memcpy(bytes + 3, (BYTE *)made.license->pvBuffer + 3, count);
        }
        memcpy(bytes, "\xEF\xBB\xBF", 3);
        memcpy(wide, "\xFF\xFE", 2);
        for (i = 0; i < count; i++)
            wide[2 + 2 * i] = bytes[3 + i];
        for (form = 0; form < 9; form++) {
            IPC_BUFFER buffer;
            IPC_KEY_HANDLE key = NULL;
            int before = harness.complaints;
            BYTE *end = form < 6 ? bytes + 3 + count : wide + 2 + 2 * (size_t)count;
            memset(end, 0, 4);
            switch (form) {
            case 0: buffer.pvBuffer = bytes, buffer.cbBuffer = count + 3; break;     /* UTF-8 with mark */
            case 1: buffer.pvBuffer = bytes + 3, buffer.cbBuffer = count; break;     /* without */
            case 2: buffer.pvBuffer = bytes + 3, buffer.cbBuffer = count + 1; break; /* a NUL behind it */
            case 3: *end = 0xC7; buffer.pvBuffer = bytes, buffer.cbBuffer = count + 4; break; /* a stray byte */
            case 4: *end = '>'; buffer.pvBuffer = bytes + 3, buffer.cbBuffer = count + 1; break;
            case 5: memcpy(end, "\r\n", 2); buffer.pvBuffer = bytes, buffer.cbBuffer = count + 5; break;
            case 6: buffer.pvBuffer = wide, buffer.cbBuffer = 2 * count + 2; break; /* UTF-16 with mark */
            case 7: buffer.pvBuffer = wide + 2, buffer.cbBuffer = 2 * count; break; /* without */
            default: *end = 0x99; buffer.pvBuffer = wide, buffer.cbBuffer = 2 * count + 3; break;
            }
            CHECK_HR(try_open(BOB, &buffer, 0, &key), S_OK);
            CHECK(has_right(key, W("VIEW")) == TRUE && has_right(key, W("PRINT")) == FALSE);
            CHECK_HR(IpcDecrypt(key, 0, TRUE, content, length, opened, sizeof opened, &got), S_OK);
            CHECK(got == 48 && opened[0] == 'c' && opened[47] == 'c');
            CHECK_TEXT(((PIPC_USER)get_sealed(&buffer, IPC_LI_OWNER, NULL))->wszID, ALICE);
            if (harness.complaints != before)
                printf("        with form %u, deprecated %d\n", (unsigned)form, deprecated);
        }
        free(bytes);
        free(wide);
    }
}

/* IPC_KI_LICENSE gives the license back, fit for another IpcGetKey. */
static void key_gives_its_license(void)
{
    Protected made = serialize(alices_license());
    LPVOID value = NULL;
    PIPC_BUFFER bytes;
    REQUIRE_OK(IpcGetKeyProperty(made.key, IPC_KI_LICENSE, NULL, &value));
    bytes = (PIPC_BUFFER)mine(value);
    CHECK(bytes->cbBuffer > 0);
    CHECK(has_right(open_as(BOB, bytes), W("VIEW")) == TRUE);
    CHECK_TEXT((LPCWSTR)get_sealed(bytes, IPC_LI_CONTENT_ID, NULL),
               (LPCWSTR)get_sealed(made.license, IPC_LI_CONTENT_ID, NULL));
}

int main(void)
{
    RUN(fresh_license_has_the_documented_defaults);
    RUN(content_id_is_fresh_and_fixed);
    RUN(validity_time);
    RUN(validity_shorter_than_its_minute);
    RUN(interval_time);
    RUN(owner);
    RUN(user_rights_list);
    RUN(application_data);
    RUN(encrypted_data_is_not_in_the_clear);
    RUN(descriptors_in_several_languages);
    RUN(referral_and_content_id);
    RUN(issued_time_and_connection);
    RUN(content_key_is_kept);
    RUN(encryption_package);
    RUN(deprecated_algorithms);
    RUN(license_from_a_template);
    RUN(changed_template_is_ad_hoc);
    RUN(template_with_content_properties);
    RUN(usable_after_serializing);
    RUN(forms_of_the_same_license);
    RUN(key_gives_its_license);
    return finish_tests();
}
