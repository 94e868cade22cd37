/* Publishing without network, and the unsigned template for programs of the older client. */
#include "admin.h"

static const Entry VIEWS[] = {{BOB, "VIEW PRINT"}};

static HRESULT serialize_as(LPCVOID what, DWORD type, DWORD flags, DWORD prompt_flags, IPC_KEY_HANDLE *key, PIPC_BUFFER *license)
{
    IPC_PROMPT_CTX prompt;
    HRESULT result;
    memset(&prompt, 0, sizeof prompt);
    prompt.cbSize = sizeof prompt;
    prompt.dwFlags = prompt_flags;
    *key = (IPC_KEY_HANDLE)(size_t)0x5A;
    *license = NULL;
    result = IpcSerializeLicense(what, type, flags, &prompt, key, license);
    my_handle((IPC_HANDLE)*key);
    mine(*license);
    return result;
}

static int holds(PCIPC_BUFFER buffer, const char *text)
{
    const char *bytes = (const char *)buffer->pvBuffer;
    size_t i, length = strlen(text);
    for (i = 0; i + length <= buffer->cbBuffer; i++)
        if (memcmp(bytes + i, text, length) == 0)
            return 1;
    return 0;
}

/* What signs is at hand, so nothing has to be asked: from a template and from scratch. */
static void publishing_works_offline(void)
{
    IPC_KEY_HANDLE key;
    PIPC_BUFFER license;
    IPC_LICENSE_HANDLE draft;
    act_as(ALICE);
    REQUIRE_OK(serialize_as(template_id(0), IPC_SL_TEMPLATE_ID, 0, IPC_PROMPT_FLAG_OFFLINE, &key, &license));
    CHECK(has_right(key, W("EDIT")) == TRUE);
    draft = scratch_license();
    grant(draft, VIEWS, 1);
    REQUIRE_OK(serialize_as(draft, IPC_SL_LICENSE_HANDLE, 0, IPC_PROMPT_FLAG_OFFLINE, &key, &license));
    REQUIRE_OK(try_open(ALICE, license, IPC_PROMPT_FLAG_OFFLINE, &key));
    CHECK(has_right(open_as(BOB, license), W("PRINT")) == TRUE);
}

/* About a content key that is used again the authority decides anew. */
static void a_content_key_is_not_used_again_offline(void)
{
    Protected made = protect_for(BOB, "VIEW");
    IPC_LICENSE_HANDLE draft = scratch_license();
    IPC_KEY_HANDLE key;
    PIPC_BUFFER license;
    grant(draft, VIEWS, 1);
    set_property(draft, IPC_LI_CONTENT_KEY, (LPCVOID)made.key);
    CHECK_HR(serialize_as(draft, IPC_SL_LICENSE_HANDLE, 0, IPC_PROMPT_FLAG_OFFLINE, &key, &license), IPCERROR_NEEDS_ONLINE);
    CHECK(key == NULL && license == NULL);
    CHECK_HR(serialize_as(draft, IPC_SL_LICENSE_HANDLE, 0, 0, &key, &license), S_OK);
}

static void an_unsigned_template_states_the_policy(void)
{
    IPC_KEY_HANDLE key;
    PIPC_BUFFER policy;
    IPC_LICENSE_HANDLE draft;
    DWORD days = 3;
    IPC_USER owner = {IPC_USER_TYPE_EMAIL, DAVE};
    act_as(ALICE);
    draft = scratch_license();
    grant(draft, VIEWS, 1);
    set_property(draft, IPC_LI_INTERVAL_TIME, &days);
    set_property(draft, IPC_LI_OWNER, &owner);
    REQUIRE_OK(serialize_as(draft, IPC_SL_LICENSE_HANDLE, IPC_SL_FLAG_DEPRECATED_UNSIGNED_LICENSE_TEMPLATE, 0, &key, &policy));
    REQUIRE(policy != NULL);
    CHECK(key == NULL);
    CHECK(memcmp(policy->pvBuffer, "\xEF\xBB\xBF<?xml", 8) == 0);
    CHECK(holds(policy, "<BODY type=\"Microsoft Rights Template\" version=\"3.0\">"));
    CHECK(holds(policy, "<NAME>bob@contoso.example</NAME>"));
    CHECK(holds(policy, "<INTERVALTIME days=\"3\""));
    CHECK(!holds(policy, "SIGNATURE") && !holds(policy, "ENABLINGBITS") && !holds(policy, "dave@"));
    /* It is no license, and no template of this organization. */
    key = NULL;
    CHECK_HR(IpcGetKey(policy, 0, NULL, NULL, &key), WIN32(ERROR_INVALID_DATA));
    CHECK(key == NULL);
    act_as(NULL);
    {
        LPCWSTR id = NULL;
        CHECK_HR(IpcxImportTemplate(policy, IPCX_IMPORT_TEMPLATE_FOREIGN, NULL, &id), WIN32(ERROR_INVALID_DATA));
        CHECK(id == NULL);
    }
}

static void an_unsigned_template_of_a_template(void)
{
    Template memory;
    IPC_KEY_HANDLE key;
    PIPC_BUFFER policy;
    LPCWSTR id;
    new_template(&memory, W("Sales only"), VIEWS, 1);
    memory.value.dwExpiry = IPCX_EXPIRY_DAYS;
    memory.value.dwExpiryDays = 12;
    memory.scope[0].dwType = IPC_USER_TYPE_EMAIL;
    memory.scope[0].wszID = ALICE;
    memory.value.cScope = 1;
    id = put_template(&memory.value);
    act_as(ALICE);
    REQUIRE_OK(serialize_as(id, IPC_SL_TEMPLATE_ID, IPC_SL_FLAG_DEPRECATED_UNSIGNED_LICENSE_TEMPLATE, 0, &key, &policy));
    CHECK(holds(policy, "Sales only") && holds(policy, "<INTERVALTIME days=\"12\"") && !holds(policy, "SIGNATURE"));
    act_as(BOB);
    CHECK_HR(serialize_as(id, IPC_SL_TEMPLATE_ID, IPC_SL_FLAG_DEPRECATED_UNSIGNED_LICENSE_TEMPLATE, 0, &key, &policy),
             IPCERROR_TEMPLATE_NOT_ENABLED_FOR_USER);
    CHECK(key == NULL && policy == NULL);
}

static void an_unsigned_template_holds_no_secret(void)
{
    static const DWORD flags = IPC_SL_FLAG_DEPRECATED_UNSIGNED_LICENSE_TEMPLATE;
    Protected made = protect_for(BOB, "VIEW");
    IPC_NAME_VALUE_LIST data;
    IPC_LICENSE_HANDLE draft = scratch_license();
    IPC_KEY_HANDLE key;
    PIPC_BUFFER policy;
    CHECK_HR(serialize_as(draft, IPC_SL_LICENSE_HANDLE, flags, 0, &key, &policy), IPCERROR_USER_RIGHTS_NOT_SET);
    grant(draft, VIEWS, 1);
    set_property(draft, IPC_LI_CONTENT_KEY, (LPCVOID)made.key);
    CHECK_HR(serialize_as(draft, IPC_SL_LICENSE_HANDLE, flags, 0, &key, &policy), E_INVALIDARG);
    CHECK(key == NULL && policy == NULL);

    draft = scratch_license();
    grant(draft, VIEWS, 1);
    data.cNameValuePairs = 1;
    data.aNameValuePairs[0].wszName = W("secret");
    data.aNameValuePairs[0].lcid = 0;
    data.aNameValuePairs[0].wszValue = W("value");
    set_property(draft, IPC_LI_APP_SPECIFIC_DATA, &data);
    CHECK_HR(serialize_as(draft, IPC_SL_LICENSE_HANDLE, flags, 0, &key, &policy), E_INVALIDARG);
    CHECK_HR(serialize_as(draft, IPC_SL_LICENSE_HANDLE, 0, 0, &key, &policy), S_OK);
}

int main(void)
{
    RUN(publishing_works_offline);
    RUN(a_content_key_is_not_used_again_offline);
    RUN(an_unsigned_template_states_the_policy);
    RUN(an_unsigned_template_of_a_template);
    RUN(an_unsigned_template_holds_no_secret);
    return finish_tests();
}
