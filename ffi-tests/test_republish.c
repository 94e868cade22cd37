/* Republishing: who may make a new license for content that is protected already, and with which key. */
#include "admin.h"

static const Entry FOR_DAVE[] = {{DAVE, "VIEW"}};

static HRESULT serialize_handle(IPC_LICENSE_HANDLE draft, IPC_KEY_HANDLE *key, PIPC_BUFFER *license)
{
    HRESULT result;
    *key = NULL;
    *license = NULL;
    result = IpcSerializeLicense((LPCVOID)draft, IPC_SL_LICENSE_HANDLE, 0, NULL, key, license);
    my_handle((IPC_HANDLE)*key);
    mine(*license);
    return result;
}

static void encrypt(IPC_KEY_HANDLE key, BYTE *content, DWORD count)
{
    DWORD done = 0;
    REQUIRE_OK(IpcEncrypt(key, 0, FALSE, content, count, content, count, &done));
    REQUIRE(done == count);
}

static int decrypts(IPC_KEY_HANDLE key, const BYTE *content, DWORD count, const BYTE *plain)
{
    BYTE copy[4096];
    DWORD done = 0;
    REQUIRE(count <= sizeof copy);
    memcpy(copy, content, count);
    return IpcDecrypt(key, 0, FALSE, copy, count, copy, count, &done) == S_OK && done == count &&
           memcmp(copy, plain, count) == 0;
}

/* EDITRIGHTSDATA: the same key, and no need to encrypt again. Whoever republishes becomes the issuer. */
static void with_editrightsdata_the_key_stays(void)
{
    BYTE plain[4096], content[4096];
    Protected made = protect_for(BOB, "VIEW VIEWRIGHTSDATA EDITRIGHTSDATA");
    IPC_KEY_HANDLE old, renewed, key = NULL;
    IPC_LICENSE_HANDLE draft;
    PIPC_BUFFER license;
    fill(plain, sizeof plain, 3);
    memcpy(content, plain, sizeof plain);
    encrypt(made.key, content, sizeof content);

    old = open_as(BOB, made.license);
    draft = scratch_license();
    grant(draft, FOR_DAVE, 1);
    set_property(draft, IPC_LI_CONTENT_KEY, (LPCVOID)old);
    REQUIRE_OK(serialize_handle(draft, &renewed, &license));
    CHECK(decrypts(open_as(DAVE, license), content, sizeof content, plain));
    CHECK(has_right(open_as(BOB, license), W("OWNER")) == TRUE);
    /* Alice protected it first, but the new license is Bob's and does not name her. */
    CHECK_HR(try_open(ALICE, license, 0, &key), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK(decrypts(open_as(ALICE, made.license), content, sizeof content, plain));
    CHECK_HR(try_open(DAVE, made.license, 0, &key), IPCERROR_RIGHT_NOT_GRANTED);
}

/* VIEWRIGHTSDATA: the list can be read and a license made from it, but under a new key. */
static void with_viewrightsdata_the_key_is_new(void)
{
    BYTE plain[4096], content[4096];
    Protected made = protect_for(BOB, "VIEW EDIT VIEWRIGHTSDATA");
    IPC_KEY_HANDLE old = open_as(BOB, made.license), renewed;
    IPC_LICENSE_HANDLE draft;
    PIPC_BUFFER license;
    LPVOID list = NULL;
    fill(plain, sizeof plain, 5);
    memcpy(content, plain, sizeof plain);
    encrypt(made.key, content, sizeof content);
    REQUIRE_OK(IpcGetSerializedLicenseProperty(made.license, IPC_LI_USER_RIGHTS_LIST, old, 0, &list));
    mine(list);
    CHECK(lists_right(find_user((const IPC_USER_RIGHTS_LIST *)list, BOB), W("EDIT")));

    draft = scratch_license();
    set_property(draft, IPC_LI_USER_RIGHTS_LIST, list);
    REQUIRE_OK(serialize_handle(draft, &renewed, &license));
    CHECK(!decrypts(renewed, content, sizeof content, plain));
    /* With the old key it is refused. */
    if (IpcSetLicenseProperty(draft, FALSE, IPC_LI_CONTENT_KEY, (LPCVOID)old) == S_OK)
        CHECK_HR(serialize_handle(draft, &renewed, &license), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK(license != NULL || renewed == NULL);
}

static void with_view_alone_nothing(void)
{
    Protected made = protect_for(BOB, "VIEW EDIT EXPORT EXTRACT");
    IPC_KEY_HANDLE old = open_as(BOB, made.license), renewed = NULL;
    IPC_LICENSE_HANDLE draft = scratch_license();
    PIPC_BUFFER license = NULL;
    LPVOID list = NULL;
    CHECK_HR(IpcGetSerializedLicenseProperty(made.license, IPC_LI_USER_RIGHTS_LIST, old, 0, &list),
             IPCERROR_RIGHT_NOT_GRANTED);
    CHECK(list == NULL);
    grant(draft, FOR_DAVE, 1);
    if (IpcSetLicenseProperty(draft, FALSE, IPC_LI_CONTENT_KEY, (LPCVOID)old) == S_OK)
        CHECK_HR(serialize_handle(draft, &renewed, &license), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK(renewed == NULL && license == NULL);
}

/* The owner, whoever protected it, may republish under the same key. */
static void the_owner_may_keep_the_key(void)
{
    BYTE plain[4096], content[4096];
    IPC_LICENSE_HANDLE draft;
    IPC_USER owner = {IPC_USER_TYPE_EMAIL, CAROL};
    BOOL yes = TRUE;
    Protected made;
    IPC_KEY_HANDLE renewed;
    PIPC_BUFFER license;
    act_as(ALICE);
    draft = scratch_license();
    grant(draft, FOR_DAVE, 1);
    set_property(draft, IPC_LI_OWNER, &owner);
    set_property(draft, IPC_LI_AUTO_GRANT_OWNER_FULL_ACCESS, &yes);
    made = serialize(draft);
    fill(plain, sizeof plain, 7);
    memcpy(content, plain, sizeof plain);
    encrypt(made.key, content, sizeof content);

    set_property(draft, IPC_LI_CONTENT_KEY, (LPCVOID)open_as(CAROL, made.license));
    REQUIRE_OK(serialize_handle(draft, &renewed, &license));
    CHECK(decrypts(open_as(DAVE, license), content, sizeof content, plain));
}

/* A template may take the place of a list of one's own. */
static void a_template_under_the_old_key(void)
{
    static const Entry entries[] = {{DAVE, "VIEW"}};
    BYTE plain[4096], content[4096];
    Template memory;
    Protected made = protect_for(BOB, "VIEW EDITRIGHTSDATA");
    LPCWSTR id = put_template(new_template(&memory, W("Plans"), entries, 1));
    IPC_LICENSE_HANDLE draft = NULL;
    IPC_KEY_HANDLE old, renewed;
    PIPC_BUFFER license;
    fill(plain, sizeof plain, 9);
    memcpy(content, plain, sizeof plain);
    encrypt(made.key, content, sizeof content);
    old = open_as(BOB, made.license);
    REQUIRE_OK(IpcCreateLicenseFromTemplateID(id, 0, NULL, &draft));
    my_handle((IPC_HANDLE)draft);
    set_property(draft, IPC_LI_CONTENT_KEY, (LPCVOID)old);
    REQUIRE_OK(serialize_handle(draft, &renewed, &license));
    CHECK(decrypts(open_as(DAVE, license), content, sizeof content, plain));
}

static void the_deprecated_algorithms_take_no_old_key(void)
{
    Protected made = protect_for(BOB, "OWNER");
    IPC_KEY_HANDLE old = open_as(BOB, made.license);
    IPC_LICENSE_HANDLE draft = scratch_license();
    BOOL yes = TRUE;
    set_property(draft, IPC_LI_CONTENT_KEY, (LPCVOID)old);
    CHECK_HR(IpcSetLicenseProperty(draft, FALSE, IPC_LI_DEPRECATED_ENCRYPTION_ALGORITHMS, &yes), E_INVALIDARG);
    draft = scratch_license();
    set_property(draft, IPC_LI_DEPRECATED_ENCRYPTION_ALGORITHMS, &yes);
    CHECK_HR(IpcSetLicenseProperty(draft, FALSE, IPC_LI_CONTENT_KEY, (LPCVOID)old), E_INVALIDARG);
}

int main(void)
{
    RUN(with_editrightsdata_the_key_stays);
    RUN(with_viewrightsdata_the_key_is_new);
    RUN(with_view_alone_nothing);
    RUN(the_owner_may_keep_the_key);
    RUN(a_template_under_the_old_key);
    RUN(the_deprecated_algorithms_take_no_old_key);
    return finish_tests();
}
