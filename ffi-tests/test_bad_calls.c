/* Wrong calls: each is made, must give its code, and must leave its outputs NULL, 0 or FALSE. They are counted, and the
 * count is printed, so that nobody loses some by accident. Wrong bytes of licenses are in test_bad_licenses.c.
 */
#include "bad_calls.h"

/* What every test may use: one license of each state. */
static Protected good;
static IPC_LICENSE_HANDLE draft;
static IPC_KEY_HANDLE closed_key;
static IPC_LICENSE_HANDLE closed_license;
static int local;

enum { NOT_KEYS = 6 };

/* Numbers that are no keys: null, closed, of another kind, foreign. */
static IPC_KEY_HANDLE not_a_key(int i)
{
    switch (i) {
    case 0: return NULL;
    case 1: return closed_key;
    case 2: return (IPC_KEY_HANDLE)(LPVOID)draft;
    case 3: return (IPC_KEY_HANDLE)(size_t)0x1234;
    case 4: return (IPC_KEY_HANDLE)(LPVOID)&local;
    default: return (IPC_KEY_HANDLE)~(size_t)0;
    }
}

static IPC_LICENSE_HANDLE not_a_license(int i)
{
    switch (i) {
    case 0: return NULL;
    case 1: return closed_license;
    case 2: return (IPC_LICENSE_HANDLE)(LPVOID)good.key;
    case 3: return (IPC_LICENSE_HANDLE)(size_t)0x1234;
    case 4: return (IPC_LICENSE_HANDLE)(LPVOID)&local;
    default: return (IPC_LICENSE_HANDLE)~(size_t)0;
    }
}

static void prepare(void)
{
    act_as(ALICE);
    good = protect_for(BOB, "VIEW EDIT");
    draft = scratch_license();
    closed_key = open_as(BOB, good.license);
    REQUIRE_OK(IpcCloseHandle((IPC_HANDLE)closed_key));
    closed_license = scratch_license();
    REQUIRE_OK(IpcCloseHandle((IPC_HANDLE)closed_license));
}

static void bad_store_name(void)
{
    BAD(E_INVALIDARG, IpcSetGlobalProperty(IPC_EI_STORE_NAME, NULL));
    BAD(E_INVALIDARG, IpcSetGlobalProperty(IPC_EI_STORE_NAME, W("ninechars")));
    BAD(E_INVALIDARG, IpcSetGlobalProperty(IPC_EI_STORE_NAME, W("")));
    BAD(E_INVALIDARG, IpcSetGlobalProperty(IPC_EI_STORE_NAME, W("../up")));
    BAD(E_INVALIDARG, IpcSetGlobalProperty(IPC_EI_STORE_NAME, W("a/b")));
    BAD(E_INVALIDARG, IpcSetGlobalProperty(IPC_EI_STORE_NAME, lone_surrogate()));
}

static void bad_global_property(void)
{
    LPVOID value;
    DWORD mode = 0;
    IPC_AAD_APPLICATION_ID id = {0, W("client"), W("urn:app")};
    BAD(E_INVALIDARG, IpcGetGlobalProperty(IPC_EI_API_MODE, NULL));
    BAD_OUT(WIN32(ERROR_NOT_FOUND), value, IpcGetGlobalProperty(0, &value));
    BAD_OUT(WIN32(ERROR_NOT_FOUND), value, IpcGetGlobalProperty(7, &value));
    BAD_OUT(WIN32(ERROR_NOT_FOUND), value, IpcGetGlobalProperty(0xFFFFFFFF, &value));
    BAD(WIN32(ERROR_NOT_FOUND), IpcSetGlobalProperty(0, &mode));
    BAD(WIN32(ERROR_NOT_FOUND), IpcSetGlobalProperty(7, &mode));
    BAD(WIN32(ERROR_NOT_FOUND), IpcSetGlobalProperty(IPC_EI_STORE_NAME + 1, &mode));
    BAD(E_INVALIDARG, IpcSetGlobalProperty(IPC_EI_API_MODE, NULL));
    BAD(E_INVALIDARG, IpcSetGlobalProperty(IPC_EI_API_MODE, &mode));
    mode = 4;
    BAD(E_INVALIDARG, IpcSetGlobalProperty(IPC_EI_API_MODE, &mode));
    mode = IPC_API_MODE_CLIENT_IMPERSONATION;
    BAD(WIN32(ERROR_NOT_SUPPORTED), IpcSetGlobalProperty(IPC_EI_API_MODE, &mode));
    BAD(E_INVALIDARG, IpcSetGlobalProperty(IPC_EI_APPLICATION_ID, NULL));
    BAD(E_INVALIDARG, IpcSetGlobalProperty(IPC_EI_APPLICATION_ID, &id));
    id.cbSize = (DWORD)sizeof id - 1;
    BAD(E_INVALIDARG, IpcSetGlobalProperty(IPC_EI_APPLICATION_ID, &id));
    id.cbSize = (DWORD)sizeof id;
    id.wszClientId = NULL;
    BAD(E_INVALIDARG, IpcSetGlobalProperty(IPC_EI_APPLICATION_ID, &id));
    id.wszClientId = lone_surrogate();
    BAD(E_INVALIDARG, IpcSetGlobalProperty(IPC_EI_APPLICATION_ID, &id));
    /* The store is open by now. */
    BAD(IPCERROR_PROPERTY_ALREADY_SET, IpcSetGlobalProperty(IPC_EI_STORE_NAME, W("late")));
}

static void bad_close_handle(void)
{
    int i;
    for (i = 0; i < NOT_KEYS; i++) {
        if (i == 2)
            continue; /* a license handle is something to close */
        BAD(E_HANDLE, IpcCloseHandle((IPC_HANDLE)(LPVOID)not_a_key(i)));
    }
    BAD(E_HANDLE, IpcCloseHandle((IPC_HANDLE)(LPVOID)closed_license));
}

static void bad_access_check(void)
{
    BOOL granted;
    int i;
    WCHAR longest[258];
    for (i = 0; i < NOT_KEYS; i++)
        BAD_OUT(E_HANDLE, granted, IpcAccessCheck(not_a_key(i), IPC_GENERIC_READ, &granted));
    for (i = 0; i < NOT_TEXTS; i++)
        BAD_OUT(E_INVALIDARG, granted, IpcAccessCheck(good.key, not_a_text(i), &granted));
    for (i = 0; i < 257; i++)
        longest[i] = 'X';
    longest[257] = 0;
    BAD_OUT(E_INVALIDARG, granted, IpcAccessCheck(good.key, longest, &granted));
    BAD(E_INVALIDARG, IpcAccessCheck(good.key, IPC_GENERIC_READ, NULL));
}

static void bad_key_property(void)
{
    LPVOID value;
    DWORD number;
    BOOL answer;
    int i;
    for (i = 0; i < NOT_KEYS; i++) {
        BAD_OUT(E_HANDLE, value, IpcGetKeyProperty(not_a_key(i), IPC_KI_BLOCK_SIZE, NULL, &value));
        BAD_OUT(E_HANDLE, number, IpcxGetKeyPackage(not_a_key(i), &number));
        BAD_OUT(E_HANDLE, answer, IpcxIsAuthenticated(not_a_key(i), &answer));
    }
    for (number = 0; number < 9; number++)
        if (number != IPC_KI_BLOCK_SIZE && number != IPC_KI_LICENSE && number != IPC_KI_USER_DISPLAYNAME)
            BAD_OUT(WIN32(ERROR_NOT_FOUND), value, IpcGetKeyProperty(good.key, number, NULL, &value));
    BAD_OUT(WIN32(ERROR_NOT_FOUND), value, IpcGetKeyProperty(good.key, 0xFFFFFFFF, NULL, &value));
    BAD_OUT(E_INVALIDARG, value, IpcGetKeyProperty(good.key, IPC_KI_BLOCK_SIZE, &local, &value));
    BAD(E_INVALIDARG, IpcGetKeyProperty(good.key, IPC_KI_BLOCK_SIZE, NULL, NULL));
    BAD(E_INVALIDARG, IpcxGetKeyPackage(good.key, NULL));
    BAD(E_INVALIDARG, IpcxIsAuthenticated(good.key, NULL));
}

typedef HRESULT(WINAPI *Crypt)(IPC_KEY_HANDLE, DWORD, BOOL, PBYTE, DWORD, PBYTE, DWORD, DWORD *);

/* The same wrong calls for encrypting and decrypting; nothing may be written. */
static void bad_crypt(Crypt crypt)
{
    static BYTE in[8192], out[8300], before[8300];
    DWORD size;
    int i;
    fill(in, sizeof in, 1);
    memset(out, 0xEE, sizeof out);
    memcpy(before, out, sizeof out);
    for (i = 0; i < NOT_KEYS; i++)
        BAD_OUT(E_HANDLE, size, crypt(not_a_key(i), 0, FALSE, in, 4096, out, sizeof out, &size));
    BAD(E_INVALIDARG, crypt(good.key, 0, FALSE, in, 4096, out, sizeof out, NULL));
    BAD_OUT(E_INVALIDARG, size, crypt(good.key, 0, FALSE, NULL, 4096, out, sizeof out, &size));
    BAD_OUT(IPCERROR_NOT_BLOCK_ALIGNED, size, crypt(good.key, 0, FALSE, in, 4095, out, sizeof out, &size));
    BAD_OUT(IPCERROR_NOT_BLOCK_ALIGNED, size, crypt(good.key, 0, FALSE, in, 16, out, sizeof out, &size));
    BAD_OUT(IPCERROR_NOT_BLOCK_ALIGNED, size, crypt(good.key, 0, FALSE, in, 1, out, sizeof out, &size));
    BAD_OUT(E_INVALIDARG, size, crypt(good.key, 0xFFFFFFFF, FALSE, in, 8192, out, sizeof out, &size));
    BAD_OUT(E_INVALIDARG, size, crypt(good.key, 0, FALSE, out, 4096, out + 16, 4096, &size));
    BAD_OUT(E_INVALIDARG, size, crypt(good.key, 0, FALSE, out + 16, 4096, out, 4096, &size));
    BAD_OUT(E_INVALIDARG, size, crypt(good.key, 0, FALSE, out, 4096, out + 4095, 4096, &size));
    /* Too small: refused with the size that is needed. */
    size = 0x5A5A5A5A;
    BAD(WIN32(ERROR_INSUFFICIENT_BUFFER), crypt(good.key, 0, FALSE, in, 4096, out, 4095, &size));
    CHECK(size == 4096);
    size = 0x5A5A5A5A;
    BAD(WIN32(ERROR_INSUFFICIENT_BUFFER), crypt(good.key, 0, FALSE, in, 4096, out, 0, &size));
    CHECK(size == 4096);
    CHECK(memcmp(out, before, sizeof out) == 0);
}

static void bad_encrypt(void)
{
    static BYTE in[4096], out[8192];
    DWORD size;
    IPC_KEY_HANDLE reader = NULL;
    Protected view_only = protect_for(BOB, "VIEW");
    bad_crypt(IpcEncrypt);
    BAD_OUT(E_INVALIDARG, size, IpcEncrypt(good.key, 0xFFFFFFFF, TRUE, in, 4096, out, sizeof out, &size));
    reader = open_as(BOB, view_only.license);
    BAD_OUT(IPCERROR_RIGHT_NOT_GRANTED, size, IpcEncrypt(reader, 0, TRUE, in, 100, out, sizeof out, &size));
    size = 1;
    BAD(WIN32(ERROR_INSUFFICIENT_BUFFER), IpcEncrypt(good.key, 0, TRUE, in, 4096, out, 4111, &size));
    CHECK(size == 4112);
}

static void bad_decrypt(void)
{
    static BYTE in[8300], out[8300], before[8300];
    DWORD size, length;
    IPC_KEY_HANDLE writer;
    Protected write_only = protect_for(BOB, "EDIT");
    bad_crypt(IpcDecrypt);
    fill(in, 300, 3);
    REQUIRE_OK(IpcEncrypt(good.key, 0, TRUE, in, 300, in, sizeof in, &length));
    CHECK(length == 304);
    memset(out, 0xEE, sizeof out);
    memcpy(before, out, sizeof out);
    BAD_OUT(IPCERROR_NOT_BLOCK_ALIGNED, size, IpcDecrypt(good.key, 0, TRUE, in, 303, out, sizeof out, &size));
    BAD_OUT(IPCERROR_NOT_BLOCK_ALIGNED, size, IpcDecrypt(good.key, 0, TRUE, in, 7, out, sizeof out, &size));
    BAD_OUT(WIN32(ERROR_INVALID_DATA), size, IpcDecrypt(good.key, 0, TRUE, in, 0, out, sizeof out, &size));
    in[303] ^= 0x40;
    BAD_OUT(WIN32(ERROR_INVALID_DATA), size, IpcDecrypt(good.key, 0, TRUE, in, 304, out, sizeof out, &size));
    in[303] ^= 0x40;
    BAD(WIN32(ERROR_INSUFFICIENT_BUFFER), IpcDecrypt(good.key, 0, TRUE, in, 304, out, 299, &size));
    CHECK(size >= 300 && size <= 304);
    writer = open_as(BOB, write_only.license);
    BAD_OUT(IPCERROR_RIGHT_NOT_GRANTED, size, IpcDecrypt(writer, 0, TRUE, in, 304, out, sizeof out, &size));
    CHECK(memcmp(out, before, sizeof out) == 0);
}

static HRESULT with_prompt(int function, const IPC_PROMPT_CTX *prompt, LPVOID *out)
{
    PIPC_BUFFER license = NULL;
    IPC_KEY_HANDLE key = NULL;
    HRESULT result;
    switch (function) {
    case 0: return IpcGetTemplateList(NULL, 0, 0, prompt, NULL, (PCIPC_TIL *)out);
    case 1: return IpcGetTemplateIssuerList(NULL, 0, prompt, NULL, (PCIPC_TEMPLATE_ISSUER_LIST *)out);
    case 2: return IpcGetKey(good.license, 0, prompt, NULL, (PIPC_KEY_HANDLE)out);
    default:
        result = IpcSerializeLicense((LPCVOID)draft, IPC_SL_LICENSE_HANDLE, 0, prompt, &key, &license);
        *out = license != NULL ? (LPVOID)license : (LPVOID)key;
        return result;
    }
}

static HRESULT refuse_token(LPVOID context, PIPC_NAME_VALUE_LIST challenge, IPC_AUTH_TOKEN_HANDLE *token)
{
    (void)challenge;
    *token = NULL;
    return *(const HRESULT *)context;
}

static void bad_prompt_context(void)
{
    int function;
    HRESULT refusal = WIN32(ERROR_CANCELLED);
    Entry entry = {BOB, "VIEW"};
    grant(draft, &entry, 1);
    for (function = 0; function < 4; function++) {
        LPVOID out;
        IPC_CREDENTIAL_SYMMETRIC_KEY symmetric = {W("a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2U="), W("principal"), W("tenant")};
        IPC_OAUTH2_CALLBACK_INFO callback = {sizeof callback, refuse_token, &refusal};
        IPC_CREDENTIAL credential;
        IPC_PROMPT_CTX prompt;
        memset(&credential, 0, sizeof credential);
        memset(&prompt, 0, sizeof prompt);
        BAD_OUT(E_INVALIDARG, out, with_prompt(function, &prompt, &out));
        prompt.cbSize = (DWORD)offsetof(IPC_PROMPT_CTX, pcCredential) + (DWORD)sizeof(PCIPC_CREDENTIAL) - 1;
        BAD_OUT(E_INVALIDARG, out, with_prompt(function, &prompt, &out));
        prompt.cbSize = sizeof prompt;
        prompt.dwFlags = 8;
        BAD_OUT(E_INVALIDARG, out, with_prompt(function, &prompt, &out));
        prompt.dwFlags = 0x80000000;
        BAD_OUT(E_INVALIDARG, out, with_prompt(function, &prompt, &out));
        prompt.dwFlags = IPC_PROMPT_FLAG_SILENT;
        prompt.pcCredential = &credential;
        BAD_OUT(E_INVALIDARG, out, with_prompt(function, &prompt, &out));
        credential.dwType = 4;
        BAD_OUT(E_INVALIDARG, out, with_prompt(function, &prompt, &out));
        credential.dwType = IPC_CREDENTIAL_TYPE_X509;
        BAD_OUT(E_INVALIDARG, out, with_prompt(function, &prompt, &out));
        credential.dwType = IPC_CREDENTIAL_TYPE_SYMMETRIC_KEY;
        BAD_OUT(E_INVALIDARG, out, with_prompt(function, &prompt, &out));
        credential.pcSymmetricKey = &symmetric;
        BAD_OUT(WIN32(ERROR_NOT_AUTHENTICATED), out, with_prompt(function, &prompt, &out));
        symmetric.wszBase64Key = NULL;
        BAD_OUT(E_INVALIDARG, out, with_prompt(function, &prompt, &out));
        credential.dwType = IPC_CREDENTIAL_TYPE_OAUTH2;
        credential.pcOAuth2 = NULL;
        BAD_OUT(E_INVALIDARG, out, with_prompt(function, &prompt, &out));
        credential.pcOAuth2 = &callback;
        BAD_OUT(refusal, out, with_prompt(function, &prompt, &out));
        callback.cbSize = 0;
        BAD_OUT(E_INVALIDARG, out, with_prompt(function, &prompt, &out));
        callback.cbSize = sizeof callback;
        callback.pfnCallback = NULL;
        BAD_OUT(E_INVALIDARG, out, with_prompt(function, &prompt, &out));
    }
}

static void bad_lists(void)
{
    PCIPC_TIL templates;
    PCIPC_TEMPLATE_ISSUER_LIST issuers;
    IPC_CONNECTION_INFO garbled = {lone_surrogate(), NULL};
    BAD(E_INVALIDARG, IpcGetTemplateList(NULL, 0, 0, NULL, NULL, NULL));
    BAD_OUT(E_INVALIDARG, templates, IpcGetTemplateList(NULL, 4, 0, NULL, NULL, &templates));
    BAD_OUT(E_INVALIDARG, templates, IpcGetTemplateList(NULL, 0x80000000, 0, NULL, NULL, &templates));
    BAD_OUT(E_INVALIDARG, templates, IpcGetTemplateList(NULL, 0, 0, NULL, &local, &templates));
    BAD_OUT(E_INVALIDARG, templates, IpcGetTemplateList(&garbled, 0, 0, NULL, NULL, &templates));
    BAD(E_INVALIDARG, IpcGetTemplateIssuerList(NULL, 0, NULL, NULL, NULL));
    BAD_OUT(E_INVALIDARG, issuers, IpcGetTemplateIssuerList(NULL, 4, NULL, NULL, &issuers));
    BAD_OUT(E_INVALIDARG, issuers, IpcGetTemplateIssuerList(NULL, 0x80000000, NULL, NULL, &issuers));
    BAD_OUT(E_INVALIDARG, issuers, IpcGetTemplateIssuerList(NULL, 0, NULL, &local, &issuers));
    BAD_OUT(E_INVALIDARG, issuers, IpcGetTemplateIssuerList(&garbled, 0, NULL, NULL, &issuers));
}

static void bad_create_license(void)
{
    static const WCHAR unknown[] = W("{00000000-1111-2222-3333-444444444444}");
    IPC_TEMPLATE_ISSUER issuer = {{NULL, NULL}, NULL, TRUE}, garbled = {{NULL, lone_surrogate()}, NULL, TRUE};
    IPC_LICENSE_HANDLE license;
    LPCWSTR id = template_id(0);
    int i;
    BAD(E_INVALIDARG, IpcCreateLicenseFromScratch(&issuer, 0, NULL, NULL));
    BAD_OUT(E_INVALIDARG, license, IpcCreateLicenseFromScratch(NULL, 0, NULL, &license));
    BAD_OUT(E_INVALIDARG, license, IpcCreateLicenseFromScratch(&issuer, 1, NULL, &license));
    BAD_OUT(E_INVALIDARG, license, IpcCreateLicenseFromScratch(&issuer, 0, &local, &license));
    BAD_OUT(E_INVALIDARG, license, IpcCreateLicenseFromScratch(&garbled, 0, NULL, &license));
    BAD(E_INVALIDARG, IpcCreateLicenseFromTemplateID(id, 0, NULL, NULL));
    for (i = 0; i < NOT_TEXTS - 1; i++)
        BAD_OUT(E_INVALIDARG, license, IpcCreateLicenseFromTemplateID(not_a_text(i), 0, NULL, &license));
    BAD_OUT(E_INVALIDARG, license, IpcCreateLicenseFromTemplateID(id, 1, NULL, &license));
    BAD_OUT(E_INVALIDARG, license, IpcCreateLicenseFromTemplateID(id, 0, &local, &license));
    BAD_OUT(WIN32(ERROR_NOT_FOUND), license, IpcCreateLicenseFromTemplateID(unknown, 0, NULL, &license));
    BAD_OUT(WIN32(ERROR_NOT_FOUND), license, IpcCreateLicenseFromTemplateID(W("no such"), 0, NULL, &license));
}

static void bad_serialize(void)
{
    static const WCHAR unknown[] = W("{00000000-1111-2222-3333-444444444444}");
    PIPC_BUFFER license;
    struct {
        PIPC_BUFFER license;
        IPC_KEY_HANDLE key;
    } out;
    LPCWSTR id = template_id(0);
    IPC_LICENSE_HANDLE empty = scratch_license();
    Entry entry = {BOB, "VIEW"};
    int i;
    grant(draft, &entry, 1);
#define SERIALIZE(what, type, flags) \
    IpcSerializeLicense((LPCVOID)(what), (type), (flags), NULL, &out.key, &out.license)
    for (i = 0; i < NOT_KEYS; i++)
        BAD_OUT(i == 0 ? E_INVALIDARG : E_HANDLE, out, SERIALIZE(not_a_license(i), IPC_SL_LICENSE_HANDLE, 0));
    for (i = 0; i < NOT_TEXTS - 1; i++)
        BAD_OUT(E_INVALIDARG, out, SERIALIZE(not_a_text(i), IPC_SL_TEMPLATE_ID, 0));
    BAD_OUT(WIN32(ERROR_NOT_FOUND), out, SERIALIZE(unknown, IPC_SL_TEMPLATE_ID, 0));
    BAD_OUT(E_INVALIDARG, out, SERIALIZE(id, 0, 0));
    BAD_OUT(E_INVALIDARG, out, SERIALIZE(id, 3, 0));
    BAD_OUT(E_INVALIDARG, out, SERIALIZE(id, 0xFFFFFFFF, 0));
    BAD_OUT(E_INVALIDARG, out, SERIALIZE(draft, IPC_SL_LICENSE_HANDLE, 1));
    BAD_OUT(E_INVALIDARG, out, SERIALIZE(draft, IPC_SL_LICENSE_HANDLE, 32));
    BAD_OUT(E_INVALIDARG, out, SERIALIZE(draft, IPC_SL_LICENSE_HANDLE, 0x80000000));
    BAD_OUT(E_INVALIDARG, out, SERIALIZE(draft, IPC_SL_LICENSE_HANDLE,
                                         IPC_SL_FLAG_DEPRECATED_UNSIGNED_LICENSE_TEMPLATE | IPC_SL_FLAG_KEY_NO_PERSIST));
    BAD_OUT(IPCERROR_USER_RIGHTS_NOT_SET, out, SERIALIZE(empty, IPC_SL_LICENSE_HANDLE, 0));
    BAD_OUT(E_INVALIDARG, out.key, IpcSerializeLicense((LPCVOID)draft, IPC_SL_LICENSE_HANDLE, 0, NULL, &out.key, NULL));
    BAD_OUT(WIN32(ERROR_NOT_FOUND), license, IpcSerializeLicense(unknown, IPC_SL_TEMPLATE_ID, 0, NULL, NULL, &license));
}

static void bad_messages_tokens_and_windows(void)
{
    IPC_AUTH_TOKEN_HANDLE token;
    int i;
    BAD(E_INVALIDARG, IpcGetErrorMessageText(E_FAIL, 0, NULL));
    BAD(E_INVALIDARG, IpcxGetLastErrorDetail(NULL));
    BAD(E_INVALIDARG, IpcCreateOAuth2Token(W("a.b.c"), NULL));
    for (i = 0; i < NOT_TEXTS; i++)
        BAD_OUT(E_INVALIDARG, token, IpcCreateOAuth2Token(not_a_text(i), &token));
    BAD(E_INVALIDARG, IpcProtectWindow(NULL));
    BAD(E_INVALIDARG, IpcUnprotectWindow(NULL));
    BAD(NO_WINDOW, IpcProtectWindow((HWND)(LPVOID)&local));
    BAD(NO_WINDOW, IpcUnprotectWindow((HWND)(LPVOID)&local));
    for (i = 1; i < NOT_TEXTS; i++) {
        BAD(E_INVALIDARG, IpcxSetIdentity(not_a_text(i)));
        BAD(E_INVALIDARG, IpcxSetThreadIdentity(not_a_text(i)));
    }
    BAD(E_INVALIDARG, IpcxSetThreadIdentity(W("two\nlines@contoso.example")));
}

static void counted(void)
{
    CHECK(calls >= 170);
}

int main(void)
{
    /* Licenses that all tests share outlive each of them. */
    IPC_LICENSE_HANDLE kept_draft;
    Protected kept;
    RUN(bad_store_name);
    harness.complaints = 0;
    if (setjmp(harness.left) != 0) {
        printf("the licenses to begin with could not be made\n");
        return EXIT_FAILURE;
    }
    prepare();
    kept = good;
    kept_draft = draft;
    harness.block_count = harness.handle_count = 0;
    IpcxSetThreadIdentity(NULL);
    RUN(bad_global_property);
    RUN(bad_close_handle);
    RUN(bad_access_check);
    RUN(bad_key_property);
    RUN(bad_encrypt);
    RUN(bad_decrypt);
    RUN(bad_prompt_context);
    RUN(bad_lists);
    RUN(bad_create_license);
    RUN(bad_serialize);
    RUN(bad_messages_tokens_and_windows);
    RUN(counted);
    IpcCloseHandle((IPC_HANDLE)kept_draft);
    IpcCloseHandle((IPC_HANDLE)kept.key);
    IpcFreeMemory(kept.license);
    forget_texts();
    printf("bad calls: %d\n", calls);
    return finish_tests();
}
