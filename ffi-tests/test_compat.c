/* What existing programs rely on: one test per rule, named after its number. Rules 36 to 39 and 41 to 43 concern files and
 * Windows; rule 3 concerns how the original is installed there, of which the export of IpcInitialize is tested.
 */
#include "fixtures.h"

#include <pthread.h>
#include <stdint.h>

static const IPC_TEMPLATE_INFO *template_at(PCIPC_TIL list, DWORD i)
{
    return (const IPC_TEMPLATE_INFO *)((const BYTE *)list + offsetof(IPC_TIL, aTi)) + i;
}

static void compat_01_initialize_many_times(void)
{
    int i;
    for (i = 0; i < 100; i++)
        CHECK_HR(IpcInitialize(), S_OK);
}

static void compat_02_environment_never_or_often(void)
{
    PCIPC_TIL list = NULL;
    int i;
    /* main made calls before any IpcInitialize of this program. */
    for (i = 0; i < 5; i++) {
        CHECK_HR(IpcInitializeEnvironment(), S_OK);
        CHECK_HR(IpcInitializeEnvironment(), S_OK);
        REQUIRE_OK(IpcGetTemplateList(NULL, 0, 0, NULL, NULL, &list));
        mine(list);
        CHECK_HR(IpcUninitializeEnvironment(), S_OK);
        REQUIRE_OK(IpcGetTemplateList(NULL, 0, 0, NULL, NULL, &list));
        mine(list);
    }
}

static void compat_03_initialize_is_exported(void)
{
    HRESULT(WINAPI * initialize)(void) = IpcInitialize;
    CHECK(initialize != NULL && initialize() == S_OK);
}

static void compat_04_mode_read_before_set(void)
{
    LPVOID value = NULL;
    DWORD mode = IPC_API_MODE_CLIENT;
    HRESULT late;
    REQUIRE_OK(IpcGetGlobalProperty(IPC_EI_API_MODE, &value));
    CHECK(*(DWORD *)mine(value) == IPC_API_MODE_CLIENT);
    CHECK_HR(IpcSetGlobalProperty(IPC_EI_API_MODE, &mode), S_OK);
    late = IpcSetGlobalProperty(IPC_EI_API_MODE, &mode);
    CHECK(late == S_OK || late == IPCERROR_PROPERTY_ALREADY_SET);
    CHECK_HR(IpcSetGlobalProperty(IPC_EI_STORE_NAME, W("rule4")), S_OK);
    REQUIRE_OK(IpcGetGlobalProperty(IPC_EI_STORE_NAME, &value));
    CHECK_TEXT((LPCWSTR)mine(value), W("rule4"));
}

static void compat_05_free_memory_null(void)
{
    PCIPC_TIL list = (PCIPC_TIL)(size_t)0x5A;
    PIPC_BUFFER bytes = (PIPC_BUFFER)(size_t)0x5A;
    IPC_KEY_HANDLE key = (IPC_KEY_HANDLE)(size_t)0x5A;
    IpcFreeMemory(NULL);
    /* After a failed call an output is NULL, so that freeing it regardless is harmless. */
    CHECK(IpcGetTemplateList(NULL, 0x80, 0, NULL, NULL, &list) == E_INVALIDARG && list == NULL);
    IpcFreeMemory((LPVOID)list);
    CHECK(IpcSerializeLicense(W("none"), IPC_SL_TEMPLATE_ID, 0, NULL, &key, &bytes) != S_OK);
    CHECK(bytes == NULL && key == NULL);
    IpcFreeMemory(bytes);
}

static void compat_06_one_allocation_arrays_at_8(void)
{
    PCIPC_TIL list = NULL;
    PCIPC_TEMPLATE_ISSUER_LIST issuers = NULL;
    CHECK(offsetof(IPC_TIL, aTi) == sizeof(void *) && offsetof(IPC_TEMPLATE_ISSUER_LIST, aTi) == sizeof(void *));
    CHECK(offsetof(IPC_USER_RIGHTS_LIST, rgUserRights) == 8 && offsetof(IPC_NAME_VALUE_LIST, aNameValuePairs) == sizeof(void *));
    REQUIRE_OK(IpcGetTemplateList(NULL, 0, 0, NULL, NULL, &list));
    mine(list);
    REQUIRE(list->cTi >= 2);
    CHECK(wide_length(template_at(list, 1)->wszName) > 0);
    CHECK((uintptr_t)template_at(list, 0)->wszName - (uintptr_t)list < 65536);
    REQUIRE_OK(IpcGetTemplateIssuerList(NULL, 0, NULL, NULL, &issuers));
    mine(issuers);
    CHECK((uintptr_t)issuers->aTi[0].wszDisplayName - (uintptr_t)issuers < 65536);
}

static void *close_later(void *handle)
{
    IpcCloseHandle((IPC_HANDLE)handle);
    return NULL;
}

static void compat_07_closed_by_another_thread(void)
{
    Protected made = protect_for(BOB, "VIEW");
    pthread_t thread;
    BOOL granted;
    REQUIRE(pthread_create(&thread, NULL, close_later, (void *)made.key) == 0);
    REQUIRE(pthread_join(thread, NULL) == 0);
    CHECK_HR(IpcAccessCheck(made.key, IPC_GENERIC_READ, &granted), E_HANDLE);
    /* Keys that nobody closes are part of this program too: see main. */
}

typedef struct {
    IPC_KEY_HANDLE key;
    BYTE *bytes;
    HRESULT result;
    DWORD got;
} Elsewhere;

static void *decrypt_elsewhere(void *argument)
{
    Elsewhere *job = (Elsewhere *)argument;
    job->result = IpcDecrypt(job->key, 0, TRUE, job->bytes, 112, job->bytes, 112, &job->got);
    return NULL;
}

static void compat_08_crypt_on_different_threads(void)
{
    Protected made = protect_for(BOB, "VIEW");
    BYTE bytes[112];
    Elsewhere job = {made.key, bytes, E_FAIL, 0};
    DWORD length = 0;
    pthread_t thread;
    fill(bytes, 100, 8);
    REQUIRE_OK(IpcEncrypt(made.key, 0, TRUE, bytes, 100, bytes, sizeof bytes, &length));
    REQUIRE(length == 112);
    REQUIRE(pthread_create(&thread, NULL, decrypt_elsewhere, &job) == 0);
    REQUIRE(pthread_join(thread, NULL) == 0);
    CHECK(job.result == S_OK && job.got == 100 && bytes[99] == (BYTE)(99 * 31 + 8));
}

static void compat_09_license_usable_after_serialize(void)
{
    static const Entry entry = {BOB, "VIEW"};
    IPC_LICENSE_HANDLE license;
    act_as(ALICE);
    license = scratch_license();
    grant(license, &entry, 1);
    serialize(license);
    CHECK(serialize(license).license->cbBuffer > 0);
}

static void compat_10_rights_list_of_any_size(void)
{
    static const Entry entries[] = {{BOB, "VIEW"}, {CAROL, "VIEW PRINT"}};
    const DWORD sizes[] = {8, sizeof(IPC_USER_RIGHTS_LIST), sizeof(IPC_USER_RIGHTS_LIST) + sizeof(IPC_USER_RIGHTS)};
    static RightsList memory;
    size_t i;
    for (i = 0; i < COUNT(sizes); i++) {
        IPC_LICENSE_HANDLE license;
        act_as(ALICE);
        license = scratch_license();
        make_list(&memory, entries, COUNT(entries))->cbSize = sizes[i];
        set_property(license, IPC_LI_USER_RIGHTS_LIST, memory.list);
        CHECK(has_right(open_as(CAROL, serialize(license).license), W("PRINT")) == TRUE);
    }
}

static void compat_11_prompt_context_of_40_and_more(void)
{
    struct {
        IPC_PROMPT_CTX context;
        BYTE later[32];
    } prompt;
    const DWORD known = (DWORD)offsetof(IPC_PROMPT_CTX, pcCredential) + (DWORD)sizeof(void *);
    const DWORD sizes[] = {known, sizeof(IPC_PROMPT_CTX), sizeof prompt};
    size_t i;
    CHECK(sizeof(void *) != 8 || known == 40);
    for (i = 0; i < COUNT(sizes); i++) {
        PCIPC_TIL list = NULL;
        memset(&prompt, 0, sizeof prompt);
        /* What follows the documented members is never read: programs that fill those one by one leave rubbish there. */
        memset((BYTE *)&prompt + known, 0xCC, sizeof prompt - known);
        prompt.context.cbSize = sizes[i];
        prompt.context.dwFlags = IPC_PROMPT_FLAG_SILENT;
        CHECK_HR(IpcGetTemplateList(NULL, 0, 0, &prompt.context, NULL, &list), S_OK);
        mine(list);
    }
}

static void compat_12_packed_structures(void)
{
    if (sizeof(void *) == 8) {
        CHECK(sizeof(IPC_LICENSE_METADATA) == 36 && offsetof(IPC_LICENSE_METADATA, ftDateModified) == 12);
        CHECK(offsetof(IPC_LICENSE_METADATA, ftDateCreated) == 20 && offsetof(IPC_LICENSE_METADATA, wszContentName) == 28);
        CHECK(sizeof(IPCF_FILE_BASIC_INFORMATION) == 36 && offsetof(IPCF_FILE_BASIC_INFORMATION, wszNameOfDecryptedFile) == 4);
        CHECK(offsetof(IPCF_FILE_BASIC_INFORMATION, qwDecryptedFileSize) == 12);
        CHECK(offsetof(IPCF_FILE_BASIC_INFORMATION, ftDateModified) == 20);
        CHECK(offsetof(IPCF_FILE_BASIC_INFORMATION, pAppSpecificProperties) == 28);
        CHECK(sizeof(IPC_TEMPLATE_INFO) == 48 && sizeof(IPC_USER_RIGHTS) == 32 && sizeof(IPC_USER_RIGHTS_LIST) == 40);
    }
    CHECK(sizeof(IPCF_PROTECTED_FILE_HEADER) == 296);
}

static void compat_13_spellings(void)
{
    IPC_OATH2_CALLBACK_INFO misspelt;
    IPC_OAUTH2_CALLBACK_INFO *right = &misspelt;
    IPCF_FILE_BASC_INFORMATION file;
    IPCF_FILE_BASIC_INFORMATION *same = &file;
    CHECK(right != NULL && same != NULL);
    CHECK(IPC_EI_APPLICATOIN_ID == IPC_EI_APPLICATION_ID && IPC_CREDENTIAL_TYPE_OATH2 == IPC_CREDENTIAL_TYPE_OAUTH2);
}

static void compat_14_bool_is_0_or_1(void)
{
    Protected made = protect_for(BOB, "VIEW");
    IPC_KEY_HANDLE key = open_as(BOB, made.license);
    BOOL answer = 0x5A5A5A5A;
    CHECK_HR(IpcAccessCheck(key, W("VIEW"), &answer), S_OK);
    CHECK(answer == 1);
    answer = 0x5A5A5A5A;
    CHECK_HR(IpcAccessCheck(key, W("EDIT"), &answer), S_OK);
    CHECK(answer == 0);
}

static void compat_15_values_easily_confused(void)
{
    CHECK(IPC_SL_TEMPLATE_ID == 1 && IPC_SL_LICENSE_HANDLE == 2);
    CHECK(IPCF_EF_TEMPLATE_ID == 0 && IPCF_EF_LICENSE_HANDLE == 1);
    CHECK(IPC_SL_FLAG_KEY_NO_PERSIST == 2 && IPC_SL_FLAG_KEY_NO_PERSIST_DISK == 4);
    CHECK(IPC_SL_FLAG_DEPRECATED_UNSIGNED_LICENSE_TEMPLATE == 8 && IPC_SL_FLAG_KEY_NO_PERSIST_LICENSE == 16);
    CHECK(IPC_EF_FLAG_KEY_NO_PERSIST == 2 && IPC_EF_FLAG_KEY_NO_PERSIST_DISK == 4 && IPC_EF_FLAG_KEY_NO_PERSIST_LICENSE == 8);
}

static BYTE content[8192 + 64], sealed[8192 + 64];

static void compat_16_same_pointer(void)
{
    Protected made = protect_for(BOB, "VIEW");
    DWORD length = 0, got = 0;
    fill(content, 5000, 16);
    memcpy(sealed, content, 5000);
    REQUIRE_OK(IpcEncrypt(made.key, 0, TRUE, sealed, 5000, sealed, sizeof sealed, &length));
    REQUIRE_OK(IpcDecrypt(made.key, 0, TRUE, sealed, length, sealed, length, &got));
    CHECK(got == 5000 && memcmp(sealed, content, 5000) == 0);
}

static void compat_17_size_query(void)
{
    Protected made = protect_for(BOB, "VIEW");
    DWORD room, got;
    for (room = 0; room <= 5000; room += 5000) {
        got = 0;
        CHECK_HR(IpcEncrypt(made.key, 0, TRUE, content, 4096, NULL, room, &got), S_OK);
        CHECK(got == 4112);
        got = 0;
        CHECK_HR(IpcEncrypt(made.key, 0, FALSE, content, 4096, NULL, room, &got), S_OK);
        CHECK(got == 4096);
        got = 0;
        CHECK_HR(IpcDecrypt(made.key, 0, FALSE, content, 4096, NULL, room, &got), S_OK);
        CHECK(got == 4096);
    }
}

static void compat_18_whole_last_block(void)
{
    Protected made = protect_for(BOB, "VIEW");
    static BYTE parts[8192 + 64], back[8192 + 64];
    DWORD length = 0, got = 0, tail = 0;
    fill(content, 8192, 18);
    REQUIRE_OK(IpcEncrypt(made.key, 0, TRUE, content, 4096, sealed, sizeof sealed, &length));
    REQUIRE(length == 4112);
    /* A reader that takes the block, then the padding as the next block. */
    CHECK_HR(IpcDecrypt(made.key, 0, FALSE, sealed, 4096, back, sizeof back, &got), S_OK);
    CHECK(got == 4096 && memcmp(back, content, 4096) == 0);
    got = 99;
    CHECK_HR(IpcDecrypt(made.key, 1, TRUE, sealed + 4096, 16, back, sizeof back, &got), S_OK);
    CHECK(got == 0);
    /* A reader that passes all as final. */
    CHECK_HR(IpcDecrypt(made.key, 0, TRUE, sealed, 4112, back, sizeof back, &got), S_OK);
    CHECK(got == 4096 && memcmp(back, content, 4096) == 0);
    /* One call and many calls give the same bytes. */
    REQUIRE_OK(IpcEncrypt(made.key, 0, TRUE, content, 8192, sealed, sizeof sealed, &length));
    REQUIRE_OK(IpcEncrypt(made.key, 0, FALSE, content, 4096, parts, 4096, &got));
    REQUIRE_OK(IpcEncrypt(made.key, 1, TRUE, content + 4096, 4096, parts + 4096, sizeof parts - 4096, &tail));
    CHECK(length == got + tail && memcmp(sealed, parts, length) == 0);
    REQUIRE_OK(IpcEncrypt(made.key, 1, FALSE, content + 4096, 4096, parts + 4096, 4096, &got));
    REQUIRE_OK(IpcEncrypt(made.key, 2, TRUE, NULL, 0, parts + 8192, 64, &tail));
    CHECK(length == 8192 + tail && memcmp(sealed, parts, length) == 0);
}

static Protected deprecated_license(void)
{
    static const Entry entry = {BOB, "VIEW EDIT"};
    BOOL yes = TRUE;
    IPC_LICENSE_HANDLE license;
    act_as(ALICE);
    license = scratch_license();
    grant(license, &entry, 1);
    set_property(license, IPC_LI_DEPRECATED_ENCRYPTION_ALGORITHMS, &yes);
    return serialize(license);
}

static void compat_19_block_sizes(void)
{
    Protected made = deprecated_license();
    CHECK(block_size(made.key) == 16 && block_size(open_as(BOB, made.license)) == 16);
    CHECK(block_size(protect_for(BOB, "VIEW").key) == 4096);
}

static void compat_20_deprecated_adds_no_padding(void)
{
    Protected made = deprecated_license();
    DWORD got = 0;
    fill(content, 4096, 20);
    REQUIRE_OK(IpcEncrypt(made.key, 0, FALSE, content, 4096, sealed, sizeof sealed, &got));
    CHECK(got == 4096);
    REQUIRE_OK(IpcDecrypt(made.key, 0, FALSE, sealed, 4096, sealed, sizeof sealed, &got));
    CHECK(got == 4096 && memcmp(sealed, content, 4096) == 0);
    /* One more final call with stale bytes. */
    CHECK_HR(IpcDecrypt(made.key, 256, TRUE, content, 16, sealed, sizeof sealed, &got), S_OK);
    CHECK(got == 16);
    CHECK_HR(IpcEncrypt(made.key, 256, TRUE, content, 16, sealed, sizeof sealed, &got), S_OK);
    CHECK(got == 16);
}

static void compat_21_seven_bytes_without_padding(void)
{
    Protected made = deprecated_license();
    DWORD got = 99;
    memset(sealed, 0xEE, 64);
    CHECK(FAILED(IpcEncrypt(made.key, 0, TRUE, content, 7, sealed, sizeof sealed, &got)));
    CHECK(got == 0 && sealed[0] == 0xEE && sealed[7] == 0xEE);
    CHECK(FAILED(IpcDecrypt(made.key, 0, TRUE, content, 7, sealed, sizeof sealed, &got)));
    CHECK(got == 0 && sealed[0] == 0xEE && sealed[7] == 0xEE);
}

/* A copy in which the caller may change what it likes. */
static BYTE *bytes_of(Protected made, DWORD skip, DWORD extra, BYTE value, IPC_BUFFER *buffer)
{
    DWORD count = made.license->cbBuffer - skip;
    BYTE *copy = (BYTE *)malloc((size_t)count + extra + 1);
    REQUIRE(copy != NULL);
    memcpy(copy, (BYTE *)made.license->pvBuffer + skip, count);
    memset(copy + count, value, extra);
    buffer->pvBuffer = copy;
    buffer->cbBuffer = count + extra;
    return copy;
}

static void compat_22_marks_and_encodings(void)
{
    Protected made = protect_for(BOB, "VIEW"), old = deprecated_license();
    const BYTE *bytes = (const BYTE *)made.license->pvBuffer;
    IPC_BUFFER buffer;
    BYTE *copy;
    CHECK(memcmp(bytes, "\xEF\xBB\xBF<", 4) == 0);
    copy = bytes_of(made, 3, 0, 0, &buffer);
    CHECK(open_as(BOB, &buffer) != NULL);
    free(copy);
    copy = bytes_of(old, 2, 0, 0, &buffer); /* UTF-16 without its mark */
    CHECK(open_as(BOB, &buffer) != NULL);
    free(copy);
    CHECK(open_as(BOB, old.license) != NULL);
    {
        /* What a container of deprecated content keeps: UTF-8, the mark put back. */
        DWORD i, count = old.license->cbBuffer / 2 - 1;
        copy = (BYTE *)malloc((size_t)count + 3);
        REQUIRE(copy != NULL);
        memcpy(copy, "\xEF\xBB\xBF", 3);
        for (i = 0; i < count; i++)
            copy[3 + i] = ((BYTE *)old.license->pvBuffer)[2 + 2 * i];
        buffer.pvBuffer = copy;
        buffer.cbBuffer = count + 3;
        CHECK(block_size(open_as(BOB, &buffer)) == 16);
        free(copy);
    }
}

static void compat_23_stray_byte(void)
{
    static const BYTE strays[] = {0, 'x', 0xFF, '<', ' '};
    Protected made = protect_for(BOB, "VIEW");
    size_t i;
    for (i = 0; i < COUNT(strays); i++) {
        IPC_BUFFER buffer;
        BYTE *copy = bytes_of(made, 0, 1, strays[i], &buffer);
        IPC_KEY_HANDLE key = NULL;
        CHECK_HR(try_open(BOB, &buffer, 0, &key), S_OK);
        free(copy);
    }
}

static void compat_24_same_key_and_rights_without_mark(void)
{
    Protected made = protect_for(BOB, "VIEW PRINT");
    IPC_BUFFER buffer;
    BYTE *copy = bytes_of(made, 3, 0, 0, &buffer);
    IPC_KEY_HANDLE with = open_as(BOB, made.license), without = open_as(BOB, &buffer);
    DWORD length = 0, got = 0;
    free(copy);
    REQUIRE_OK(IpcEncrypt(made.key, 0, TRUE, content, 100, sealed, sizeof sealed, &length));
    CHECK_HR(IpcDecrypt(without, 0, TRUE, sealed, length, sealed, sizeof sealed, &got), S_OK);
    CHECK(got == 100 && memcmp(sealed, content, 100) == 0);
    CHECK(has_right(with, W("PRINT")) == TRUE && has_right(without, W("PRINT")) == TRUE);
    CHECK(has_right(with, W("EDIT")) == FALSE && has_right(without, W("EDIT")) == FALSE);
}

static void compat_25_properties_without_key(void)
{
    static const DWORD open_ones[] = {IPC_LI_OWNER, IPC_LI_REFERRAL_INFO_URL, IPC_LI_CONNECTION_INFO, IPC_LI_CONTENT_ID,
                                      IPC_LI_ISSUED_TIME, IPC_LI_APP_SPECIFIC_DATA_NO_ENCRYPTION};
    static const DWORD closed_ones[] = {IPC_LI_VALIDITY_TIME, IPC_LI_INTERVAL_TIME, IPC_LI_USER_RIGHTS_LIST,
                                        IPC_LI_APP_SPECIFIC_DATA, IPC_LI_DESCRIPTOR};
    Protected made = protect_for(BOB, "VIEW");
    LPVOID value;
    size_t i;
    act_as(CAROL);
    for (i = 0; i < COUNT(open_ones); i++) {
        value = NULL;
        CHECK_HR(IpcGetSerializedLicenseProperty(made.license, open_ones[i], NULL, 0, &value), S_OK);
        CHECK(value != NULL);
        mine(value);
        if (open_ones[i] == IPC_LI_REFERRAL_INFO_URL && value != NULL)
            CHECK(wide_length((LPCWSTR)value) > 0);
    }
    for (i = 0; i < COUNT(closed_ones); i++) {
        value = (LPVOID)(size_t)1;
        CHECK_HR(IpcGetSerializedLicenseProperty(made.license, closed_ones[i], NULL, 0, &value), IPCERROR_NEEDS_KEY_PARAMETER);
        CHECK(value == NULL);
    }
}

static void compat_26_no_validity_no_interval(void)
{
    Protected made = protect_for(BOB, "VIEW");
    IPC_LICENSE_HANDLE license = scratch_license();
    PIPC_TERM term;
    LPVOID value = NULL;
    int sealed_one;
    for (sealed_one = 0; sealed_one < 2; sealed_one++) {
        REQUIRE_OK(sealed_one ? IpcGetSerializedLicenseProperty(made.license, IPC_LI_VALIDITY_TIME, made.key, 0, &value)
                              : IpcGetLicenseProperty(license, IPC_LI_VALIDITY_TIME, 0, &value));
        term = (PIPC_TERM)mine(value);
        CHECK(term->ftStart.dwLowDateTime == 0 && term->ftStart.dwHighDateTime == 0 && term->qwDuration == 0);
        value = (LPVOID)(size_t)1;
        CHECK_HR(sealed_one ? IpcGetSerializedLicenseProperty(made.license, IPC_LI_INTERVAL_TIME, made.key, 0, &value)
                            : IpcGetLicenseProperty(license, IPC_LI_INTERVAL_TIME, 0, &value),
                 IPCERROR_LICENSE_INTERVAL_TIME_NOT_SET);
        CHECK(value == NULL);
    }
}

static void compat_27_descriptor_in_any_language(void)
{
    static const LCID set_as[] = {127, 1033, 1031, 0x0C0C}, asked[] = {0, 127, 1033, 1041};
    size_t i, j;
    for (i = 0; i < COUNT(set_as); i++) {
        static const Entry entry = {BOB, "VIEW"};
        IPC_TEMPLATE_INFO info = {NULL, set_as[i], W("Mill"), W("Only for the mill"), NULL, FALSE};
        IPC_LICENSE_HANDLE license;
        Protected made;
        act_as(ALICE);
        license = scratch_license();
        grant(license, &entry, 1);
        set_property(license, IPC_LI_DESCRIPTOR, &info);
        made = serialize(license);
        for (j = 0; j < 2 * COUNT(asked); j++) {
            LPVOID value = NULL;
            CHECK_HR(j % 2 ? IpcGetSerializedLicenseProperty(made.license, IPC_LI_DESCRIPTOR, made.key, asked[j / 2], &value)
                           : IpcGetLicenseProperty(license, IPC_LI_DESCRIPTOR, asked[j / 2], &value),
                     S_OK);
            if (value == NULL)
                continue;
            CHECK_TEXT(((PIPC_TEMPLATE_INFO)mine(value))->wszName, W("Mill"));
            CHECK(((PIPC_TEMPLATE_INFO)value)->wszID == NULL);
        }
    }
}

static void compat_28_issuer_with_no_or_one_url(void)
{
    PCIPC_TEMPLATE_ISSUER_LIST list = NULL;
    int i;
    REQUIRE_OK(IpcGetTemplateIssuerList(NULL, 0, NULL, NULL, &list));
    mine(list);
    for (i = 0; i < 3; i++) {
        LPCWSTR url = list->aTi[0].connectionInfo.wszExtranetUrl;
        IPC_TEMPLATE_ISSUER issuer = {{i == 1 ? url : NULL, i == 2 ? url : NULL}, i == 0 ? NULL : W("mine"), TRUE};
        IPC_LICENSE_HANDLE license = NULL;
        CHECK_HR(IpcCreateLicenseFromScratch(&issuer, 0, NULL, &license), S_OK);
        my_handle((IPC_HANDLE)license);
    }
}

static void compat_29_set_then_get_same_text(void)
{
    static const LPCWSTR ids[] = {W("{6B29FC40-CA47-1067-B31D-00DD010662DA}"), W("6B29FC40-ca47-1067-b31d-00dd010662da"),
                                  W("6b29fc40ca471067b31d00dd010662da")};
    IPC_LICENSE_HANDLE license;
    IPC_USER owner = {IPC_USER_TYPE_EMAIL, W("MixedCase@Contoso.Example")};
    LPVOID value = NULL;
    size_t i;
    act_as(ALICE);
    license = scratch_license();
    for (i = 0; i < COUNT(ids); i++) {
        set_property(license, IPC_LI_CONTENT_ID, ids[i]);
        REQUIRE_OK(IpcGetLicenseProperty(license, IPC_LI_CONTENT_ID, 0, &value));
        CHECK_TEXT((LPCWSTR)mine(value), ids[i]);
    }
    set_property(license, IPC_LI_OWNER, &owner);
    REQUIRE_OK(IpcGetLicenseProperty(license, IPC_LI_OWNER, 0, &value));
    CHECK_TEXT(((PIPC_USER)mine(value))->wszID, owner.wszID);
}

static void compat_30_delete_with_null(void)
{
    static const Entry entry = {BOB, "VIEW"};
    IPC_TEMPLATE_INFO info = {NULL, 1033, W("Mill"), W("Only for the mill"), NULL, FALSE};
    IPC_NAME_VALUE_LIST data = {1, {{W("a"), 0, W("b")}}};
    IPC_LICENSE_HANDLE license;
    LPVOID value = NULL;
    act_as(ALICE);
    license = scratch_license();
    grant(license, &entry, 1);
    set_property(license, IPC_LI_DESCRIPTOR, &info);
    set_property(license, IPC_LI_APP_SPECIFIC_DATA, &data);
    CHECK_HR(IpcSetLicenseProperty(license, TRUE, IPC_LI_USER_RIGHTS_LIST, NULL), E_INVALIDARG);
    CHECK_HR(IpcSetLicenseProperty(license, TRUE, IPC_LI_DESCRIPTOR, NULL), S_OK);
    CHECK_HR(IpcSetLicenseProperty(license, TRUE, IPC_LI_APP_SPECIFIC_DATA, NULL), S_OK);
    REQUIRE_OK(IpcGetLicenseProperty(license, IPC_LI_USER_RIGHTS_LIST, 0, &value));
    CHECK(((PIPC_USER_RIGHTS_LIST)mine(value))->cUserRights == 1);
    CHECK_HR(IpcGetLicenseProperty(license, IPC_LI_DESCRIPTOR, 0, &value), IPCERROR_LOCALE_NOT_FOUND);
    REQUIRE_OK(IpcGetLicenseProperty(license, IPC_LI_APP_SPECIFIC_DATA, 0, &value));
    CHECK(((PIPC_NAME_VALUE_LIST)mine(value))->cNameValuePairs == 0);
}

static void compat_31_zero_shared_and_everyones_rights(void)
{
    static const Entry entries[] = {{BOB, "VIEW PRINT"}, {CAROL, ""}, {IPC_USER_ID_EVERYONE, "OWNER"}};
    static RightsList memory;
    IPC_LICENSE_HANDLE license;
    IPC_USER_RIGHTS *carol;
    Protected made;
    int shared;
    for (shared = 0; shared < 2; shared++) {
        act_as(ALICE);
        license = scratch_license();
        make_list(&memory, entries, shared ? 2 : 3);
        carol = (IPC_USER_RIGHTS *)user_of(memory.list, 1);
        CHECK(carol->rgwszRights == NULL);
        if (shared) {
            carol->rgwszRights = user_of(memory.list, 0)->rgwszRights;
            carol->cRights = 2;
        }
        set_property(license, IPC_LI_USER_RIGHTS_LIST, memory.list);
        made = serialize(license);
        CHECK(has_right(open_as(CAROL, made.license), W("PRINT")) == TRUE);
        if (!shared)
            CHECK(has_right(open_as(DAVE, made.license), W("OWNER")) == TRUE);
    }
}

static void compat_32_name_and_license_never_empty(void)
{
    Protected made = protect_for(BOB, "VIEW");
    IPC_KEY_HANDLE keys[2];
    LPVOID value = NULL;
    int i;
    keys[0] = made.key;
    keys[1] = open_as(BOB, made.license);
    for (i = 0; i < 2; i++) {
        REQUIRE_OK(IpcGetKeyProperty(keys[i], IPC_KI_USER_DISPLAYNAME, NULL, &value));
        CHECK(wide_length((LPCWSTR)mine(value)) > 0);
        REQUIRE_OK(IpcGetKeyProperty(keys[i], IPC_KI_LICENSE, NULL, &value));
        CHECK(((PIPC_BUFFER)mine(value))->cbBuffer > 0);
    }
}

static void compat_33_template_flags_and_contexts(void)
{
    static const DWORD flags[] = {0, 1, 2}, prompts[] = {0, 1, 3, 4, 5};
    static const LCID languages[] = {0, 1033};
    PCIPC_TEMPLATE_ISSUER_LIST issuers = NULL;
    size_t i, j, k;
    REQUIRE_OK(IpcGetTemplateIssuerList(NULL, 0, NULL, NULL, &issuers));
    mine(issuers);
    for (i = 0; i < COUNT(flags); i++)
        for (j = 0; j < COUNT(languages); j++)
            for (k = 0; k <= COUNT(prompts); k++) {
                PCIPC_TIL list = NULL;
                PCIPC_TEMPLATE_ISSUER_LIST others = NULL;
                IPC_PROMPT_CTX prompt;
                const IPC_PROMPT_CTX *context = k < COUNT(prompts) ? &prompt : NULL;
                memset(&prompt, 0, sizeof prompt);
                prompt.cbSize = sizeof prompt;
                prompt.dwFlags = k < COUNT(prompts) ? prompts[k] : 0;
                CHECK_HR(IpcGetTemplateList(i == 2 ? &issuers->aTi[0].connectionInfo : NULL, flags[i], languages[j], context, NULL,
                                            &list),
                         S_OK);
                CHECK(list != NULL && list->cTi == 2);
                mine(list);
                CHECK_HR(IpcGetTemplateIssuerList(i == 2 ? &issuers->aTi[0].connectionInfo : NULL, flags[i], context, NULL, &others),
                         S_OK);
                mine(others);
            }
}

static void compat_34_pointer_into_the_issuer_list(void)
{
    PCIPC_TEMPLATE_ISSUER_LIST list = NULL;
    IPC_LICENSE_HANDLE license = NULL;
    REQUIRE_OK(IpcGetTemplateIssuerList(NULL, IPC_GTIL_FLAG_DEFAULT_SERVER_ONLY, NULL, NULL, &list));
    mine(list);
    REQUIRE(list->cTi >= 1);
    CHECK_HR(IpcCreateLicenseFromScratch(list->aTi, 0, NULL, &license), S_OK);
    CHECK(license != NULL);
    my_handle((IPC_HANDLE)license);
}

static void compat_35_codes_that_callers_test(void)
{
    Protected made = protect_for(BOB, "VIEW");
    IPC_KEY_HANDLE key = NULL;
    const HRESULT codes[] = {(HRESULT)0x8004020Du, (HRESULT)0x80070002u, (HRESULT)0x80070005u};
    size_t i;
    CHECK(IPCERROR_NEEDS_ONLINE == codes[0] && WIN32(ERROR_FILE_NOT_FOUND) == codes[1] && E_ACCESSDENIED == codes[2]);
    CHECK_HR(try_open(BOB, made.license, IPC_PROMPT_FLAG_OFFLINE, &key), codes[0]);
    CHECK_HR(try_open(BOB, made.license, 0, &key), S_OK);
    for (i = 0; i < COUNT(codes); i++) {
        LPCWSTR text = NULL;
        CHECK_HR(IpcGetErrorMessageText(codes[i], 0, &text), S_OK);
        CHECK(text != NULL && wide_length(text) > 10);
        mine(text);
    }
}

typedef struct {
    int calls, complete;
    HRESULT answer;
} Challenged;

static HRESULT CALLBACK answer_challenge(LPVOID context, PIPC_NAME_VALUE_LIST challenge, IPC_AUTH_TOKEN_HANDLE *token)
{
    static const char *const names[] = {"authorization", "resource", "realm", "request_url"};
    Challenged *seen = (Challenged *)context;
    DWORD i, found = 0;
    size_t j;
    seen->calls++;
    for (i = 0; i < challenge->cNameValuePairs; i++) {
        const IPC_NAME_VALUE *pair =
            (const IPC_NAME_VALUE *)((const BYTE *)challenge + offsetof(IPC_NAME_VALUE_LIST, aNameValuePairs)) + i;
        for (j = 0; j < 4; j++)
            found += strcmp(narrow(pair->wszName), names[j]) == 0;
    }
    seen->complete = found == 4;
    *token = NULL;
    if (seen->answer != S_OK)
        return seen->answer;
    return IpcCreateOAuth2Token(W("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln"), token);
}

static void compat_40_credentials_accompany_calls(void)
{
    static const HRESULT answers[] = {S_OK, E_ABORT};
    Protected made = protect_for(BOB, "VIEW");
    size_t i;
    act_as(BOB);
    for (i = 0; i < 2; i++) {
        Challenged seen = {0, 0, answers[i]};
        IPC_OAUTH2_CALLBACK_INFO callback = {sizeof callback, answer_challenge, &seen};
        IPC_CREDENTIAL credential;
        IPC_PROMPT_CTX prompt;
        IPC_KEY_HANDLE key = NULL;
        memset(&prompt, 0, sizeof prompt);
        prompt.cbSize = sizeof prompt;
        prompt.pcCredential = &credential;
        credential.dwType = IPC_CREDENTIAL_TYPE_OAUTH2;
        credential.pcOAuth2 = &callback;
        /* The embedded authority trusts no token, but it asks for one; a failing callback's code comes back. */
        CHECK_HR(IpcGetKey(made.license, 0, &prompt, NULL, &key), i == 0 ? WIN32(ERROR_NOT_AUTHENTICATED) : E_ABORT);
        CHECK(key == NULL && seen.calls == 1 && seen.complete);
    }
}

int main(void)
{
    static Protected never_closed;
    static PIPC_TERM never_freed;
    RUN(compat_04_mode_read_before_set);
    RUN(compat_02_environment_never_or_often);
    RUN(compat_01_initialize_many_times);
    RUN(compat_03_initialize_is_exported);
    RUN(compat_05_free_memory_null);
    RUN(compat_06_one_allocation_arrays_at_8);
    RUN(compat_07_closed_by_another_thread);
    RUN(compat_08_crypt_on_different_threads);
    RUN(compat_09_license_usable_after_serialize);
    RUN(compat_10_rights_list_of_any_size);
    RUN(compat_11_prompt_context_of_40_and_more);
    RUN(compat_12_packed_structures);
    RUN(compat_13_spellings);
    RUN(compat_14_bool_is_0_or_1);
    RUN(compat_15_values_easily_confused);
    RUN(compat_16_same_pointer);
    RUN(compat_17_size_query);
    RUN(compat_18_whole_last_block);
    RUN(compat_19_block_sizes);
    RUN(compat_20_deprecated_adds_no_padding);
    RUN(compat_21_seven_bytes_without_padding);
    RUN(compat_22_marks_and_encodings);
    RUN(compat_23_stray_byte);
    RUN(compat_24_same_key_and_rights_without_mark);
    RUN(compat_25_properties_without_key);
    RUN(compat_26_no_validity_no_interval);
    RUN(compat_27_descriptor_in_any_language);
    RUN(compat_28_issuer_with_no_or_one_url);
    RUN(compat_29_set_then_get_same_text);
    RUN(compat_30_delete_with_null);
    RUN(compat_31_zero_shared_and_everyones_rights);
    RUN(compat_32_name_and_license_never_empty);
    RUN(compat_33_template_flags_and_contexts);
    RUN(compat_34_pointer_into_the_issuer_list);
    RUN(compat_35_codes_that_callers_test);
    RUN(compat_40_credentials_accompany_calls);
    /* Some programs never free a property and never close a key (rule 7); ending like that must be quiet. */
    if (setjmp(harness.left) == 0) {
        never_closed = protect_for(BOB, "VIEW");
        harness.block_count = harness.handle_count = 0;
        IpcGetSerializedLicenseProperty(never_closed.license, IPC_LI_VALIDITY_TIME, never_closed.key, 0, (LPVOID *)&never_freed);
    }
    return finish_tests();
}
