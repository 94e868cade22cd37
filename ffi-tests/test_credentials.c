/* Who asks, proven by a token or a key, and calls that the application cancels. */
#include "admin.h"
#include "tokens.h"


#define LOGIN W("https://login.example/")
#define APP W("11111111-2222-4333-8444-555555555555")
#define TENANT W("contoso")
#define KEY W("MDEyMzQ1Njc4OWFiY2RlZg==")

typedef struct {
    LPCWSTR token;
    HRESULT answer;
    int calls;
} Login;

static HRESULT CALLBACK log_in(LPVOID context, PIPC_NAME_VALUE_LIST challenge, IPC_AUTH_TOKEN_HANDLE *token)
{
    Login *login = (Login *)context;
    login->calls++;
    if (challenge == NULL || challenge->cNameValuePairs == 0)
        return E_UNEXPECTED;
    if (login->answer < 0)
        return login->answer;
    return IpcCreateOAuth2Token(login->token, token);
}

typedef struct {
    IPC_PROMPT_CTX prompt;
    IPC_CREDENTIAL credential;
    IPC_OAUTH2_CALLBACK_INFO callback;
    IPC_CREDENTIAL_SYMMETRIC_KEY key;
    Login login;
} Proof;

static PCIPC_PROMPT_CTX with_token(Proof *proof, LPCWSTR token)
{
    memset(proof, 0, sizeof *proof);
    proof->login.token = token;
    proof->callback.cbSize = sizeof proof->callback;
    proof->callback.pfnCallback = log_in;
    proof->callback.pvContext = &proof->login;
    proof->credential.dwType = IPC_CREDENTIAL_TYPE_OAUTH2;
    proof->credential.pcOAuth2 = &proof->callback;
    proof->prompt.cbSize = sizeof proof->prompt;
    proof->prompt.pcCredential = &proof->credential;
    return &proof->prompt;
}

static PCIPC_PROMPT_CTX with_key(Proof *proof, LPCWSTR principal, LPCWSTR tenant, LPCWSTR key)
{
    memset(proof, 0, sizeof *proof);
    proof->key.wszAppPrincipalId = (LPWSTR)(size_t)principal;
    proof->key.wszBposTenantId = (LPWSTR)(size_t)tenant;
    proof->key.wszBase64Key = (LPWSTR)(size_t)key;
    proof->credential.dwType = IPC_CREDENTIAL_TYPE_SYMMETRIC_KEY;
    proof->credential.pcSymmetricKey = &proof->key;
    proof->prompt.cbSize = sizeof proof->prompt;
    proof->prompt.pcCredential = &proof->credential;
    return &proof->prompt;
}

static IPCX_TOKEN_ISSUER issuer_with(LPCWSTR keys, const LPCWSTR *domain)
{
    IPCX_TOKEN_ISSUER issuer;
    memset(&issuer, 0, sizeof issuer);
    issuer.cbSize = sizeof issuer;
    issuer.wszName = W("login");
    issuer.wszIssuer = LOGIN;
    issuer.wszAudience = W("msipc-tests");
    issuer.wszKeySet = keys;
    issuer.rgwszDomains = domain;
    issuer.cDomains = 1;
    return issuer;
}

static void trust(LPCWSTR keys)
{
    static const LPCWSTR domain = W("Contoso.example");
    IPCX_TOKEN_ISSUER issuer = issuer_with(keys, &domain);
    act_as(NULL);
    REQUIRE_OK(IpcxPutTokenIssuer(&issuer, NULL));
}

static HRESULT open_with(PCIPC_PROMPT_CTX prompt, PCIPC_BUFFER license, IPC_KEY_HANDLE *key)
{
    HRESULT result;
    *key = NULL;
    act_as(CAROL); /* the credential decides, not the account of the thread */
    result = IpcGetKey(license, 0, prompt, NULL, key);
    my_handle((IPC_HANDLE)*key);
    return result;
}

static void a_token_proves_the_account(void)
{
    static const LPCWSTR tokens[] = {TOKEN_BOB, TOKEN_BOB_RSA};
    static const LPCWSTR keys[] = {SHARED_KEYS, RSA_KEYS};
    Protected made = protect_for(BOB, "VIEW PRINT");
    PCIPCX_ACCOUNT who = NULL;
    IPC_KEY_HANDLE key;
    Proof proof;
    size_t i;
    for (i = 0; i < COUNT(tokens); i++) {
        trust(keys[i]);
        REQUIRE_OK(open_with(with_token(&proof, tokens[i]), made.license, &key));
        CHECK(proof.login.calls == 1);
        CHECK(has_right(key, W("PRINT")) == TRUE && has_right(key, W("EDIT")) == FALSE);
        REQUIRE_OK(IpcxGetIdentity(&proof.prompt, &who));
        mine(who);
        CHECK_TEXT(who->wszAddress, BOB);
        /* The other kind of key does not verify it. */
        CHECK_HR(open_with(with_token(&proof, tokens[1 - i]), made.license, &key), WIN32(ERROR_NOT_AUTHENTICATED));
        CHECK(key == NULL);
    }
}

static void tokens_that_are_not_good_are_refused(void)
{
    static const LPCWSTR tokens[] = {TOKEN_EXPIRED,     TOKEN_NEVER_EXPIRES, TOKEN_OTHER_AUDIENCE, TOKEN_OTHER_ISSUER,
                                     TOKEN_UNVERIFIED,  TOKEN_OTHER_DOMAIN,  TOKEN_FORGED,         TOKEN_NONE,
                                     TOKEN_BOB W("x"),  W("no token"),       W("..")};
    Protected made = protect_for(BOB, "VIEW");
    IPC_KEY_HANDLE key;
    Proof proof;
    size_t i;
    trust(SHARED_KEYS);
    for (i = 0; i < COUNT(tokens); i++) {
        if (!CHECK_HR(open_with(with_token(&proof, tokens[i]), made.license, &key), WIN32(ERROR_NOT_AUTHENTICATED)))
            printf("        token %d\n", (int)i);
        CHECK(key == NULL && proof.login.calls == 1);
    }
    with_token(&proof, TOKEN_BOB);
    proof.login.answer = E_ABORT;
    CHECK_HR(open_with(&proof.prompt, made.license, &key), E_ABORT);
    act_as(NULL);
    REQUIRE_OK(IpcxDeleteTokenIssuer(W("login"), NULL));
    CHECK_HR(IpcxDeleteTokenIssuer(W("login"), NULL), WIN32(ERROR_NOT_FOUND));
    CHECK_HR(open_with(with_token(&proof, TOKEN_BOB), made.license, &key), WIN32(ERROR_NOT_AUTHENTICATED));
}

static void issuers_that_make_no_sense_are_refused(void)
{
    static const LPCWSTR domain = W("contoso.example"), address = W("bob@contoso.example");
    PCIPCX_TEXT_LIST names = NULL;
    IPCX_TOKEN_ISSUER issuer;
    act_as(NULL);
#define WRONG(change)                                            \
    do {                                                         \
        issuer = issuer_with(SHARED_KEYS, &domain);              \
        change;                                                  \
        CHECK_HR(IpcxPutTokenIssuer(&issuer, NULL), E_INVALIDARG); \
    } while (0)
    WRONG(issuer.cbSize--);
    WRONG(issuer.dwFlags = 2);
    WRONG(issuer.wszName = NULL);
    WRONG(issuer.wszName = W(" "));
    WRONG(issuer.wszIssuer = W(""));
    WRONG(issuer.wszAudience = NULL);
    WRONG(issuer.cDomains = 0);
    WRONG(issuer.rgwszDomains = NULL);
    WRONG(issuer.rgwszDomains = &address);
    WRONG(issuer.wszKeySet = W("{}"));
    WRONG(issuer.wszKeySet = W("not JSON"));
    WRONG(issuer.wszKeySet = W("{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2hvcnQ\"}]}"));
#undef WRONG
    CHECK_HR(IpcxPutTokenIssuer(NULL, NULL), E_INVALIDARG);
    CHECK_HR(IpcxDeleteTokenIssuer(NULL, NULL), E_INVALIDARG);
    CHECK_HR(IpcxListTokenIssuers(NULL, NULL), E_INVALIDARG);
    REQUIRE_OK(IpcxListTokenIssuers(NULL, &names));
    mine(names);
    CHECK(names->cTexts == 0);
    act_as(BOB);
    issuer = issuer_with(SHARED_KEYS, &domain);
    CHECK_HR(IpcxPutTokenIssuer(&issuer, NULL), E_ACCESSDENIED);
    CHECK_HR(IpcxListTokenIssuers(NULL, &names), E_ACCESSDENIED);
    CHECK_HR(IpcxDeleteTokenIssuer(W("login"), NULL), E_ACCESSDENIED);
}

static void an_application_proves_itself_with_its_key(void)
{
    Protected made = protect_for(W("service@contoso.example"), "VIEW");
    IPC_KEY_HANDLE key;
    Proof proof;
    act_as(NULL);
    REQUIRE_OK(IpcxPutServicePrincipal(APP, TENANT, KEY, W("service@contoso.example"), NULL));
    REQUIRE_OK(open_with(with_key(&proof, APP, TENANT, KEY), made.license, &key));
    CHECK(has_right(key, W("VIEW")) == TRUE);
    CHECK_HR(open_with(with_key(&proof, APP, TENANT, W("AAAAAAAAAAAAAAAAAAAAAA==")), made.license, &key),
             WIN32(ERROR_NOT_AUTHENTICATED));
    CHECK_HR(open_with(with_key(&proof, APP, W("fabrikam"), KEY), made.license, &key), WIN32(ERROR_NOT_AUTHENTICATED));
    CHECK_HR(open_with(with_key(&proof, W("other"), TENANT, KEY), made.license, &key), WIN32(ERROR_NOT_AUTHENTICATED));
    CHECK_HR(open_with(with_key(&proof, APP, TENANT, W("?")), made.license, &key), WIN32(ERROR_NOT_AUTHENTICATED));
    CHECK(key == NULL);
    act_as(BOB);
    CHECK_HR(IpcxPutServicePrincipal(APP, TENANT, KEY, BOB, NULL), E_ACCESSDENIED);
    CHECK_HR(IpcxDeleteServicePrincipal(APP, TENANT, NULL), E_ACCESSDENIED);
    act_as(NULL);
    CHECK_HR(IpcxPutServicePrincipal(APP, TENANT, W("AAAA"), BOB, NULL), E_INVALIDARG);
    CHECK_HR(IpcxPutServicePrincipal(APP, TENANT, W("?"), BOB, NULL), E_INVALIDARG);
    CHECK_HR(IpcxPutServicePrincipal(APP, TENANT, KEY, W(""), NULL), E_INVALIDARG);
    CHECK_HR(IpcxPutServicePrincipal(NULL, TENANT, KEY, BOB, NULL), E_INVALIDARG);
    CHECK_HR(IpcxPutServicePrincipal(APP, NULL, KEY, BOB, NULL), E_INVALIDARG);
    CHECK_HR(IpcxDeleteServicePrincipal(NULL, TENANT, NULL), E_INVALIDARG);
    REQUIRE_OK(IpcxDeleteServicePrincipal(APP, TENANT, NULL));
    CHECK_HR(IpcxDeleteServicePrincipal(APP, TENANT, NULL), WIN32(ERROR_NOT_FOUND));
    CHECK_HR(open_with(with_key(&proof, APP, TENANT, KEY), made.license, &key), WIN32(ERROR_NOT_AUTHENTICATED));
}

static void an_event_cancels_calls(void)
{
    CancelEvent event;
    Protected made = protect_for(BOB, "VIEW");
    IPC_KEY_HANDLE key = NULL;
    PCIPC_TIL list = NULL;
    PIPC_BUFFER license = NULL;
    PCIPC_TEMPLATE_ISSUER_LIST issuers = NULL;
    PCIPCX_ACCOUNT who = NULL;
    IPC_PROMPT_CTX prompt;
    Proof proof;
    LPCWSTR id = template_id(0);
    memset(&prompt, 0, sizeof prompt);
    prompt.cbSize = sizeof prompt;
    REQUIRE(cancel_open(&event));
    prompt.hCancelEvent = cancel_handle(&event);
    act_as(BOB);
    CHECK_HR(IpcGetKey(made.license, 0, &prompt, NULL, &key), S_OK);
    my_handle((IPC_HANDLE)key);

    CHECK(cancel_set(&event));
    CHECK_HR(IpcGetKey(made.license, 0, &prompt, NULL, &key), WIN32(ERROR_CANCELLED));
    CHECK(key == NULL);
    CHECK_HR(IpcGetTemplateList(NULL, 0, 0, &prompt, NULL, &list), WIN32(ERROR_CANCELLED));
    CHECK_HR(IpcGetTemplateIssuerList(NULL, 0, &prompt, NULL, &issuers), WIN32(ERROR_CANCELLED));
    CHECK_HR(IpcSerializeLicense((LPCVOID)id, IPC_SL_TEMPLATE_ID, 0, &prompt, &key, &license), WIN32(ERROR_CANCELLED));
    CHECK_HR(IpcxGetIdentity(&prompt, &who), WIN32(ERROR_CANCELLED));
    CHECK(key == NULL && list == NULL && license == NULL && issuers == NULL && who == NULL);
    /* Nobody is asked to log in for a call that is cancelled already. */
    with_token(&proof, TOKEN_BOB);
    proof.prompt.hCancelEvent = prompt.hCancelEvent;
    CHECK_HR(IpcGetKey(made.license, 0, &proof.prompt, NULL, &key), WIN32(ERROR_CANCELLED));
    CHECK(proof.login.calls == 0);

    cancel_close(&event);
#if !defined(_WIN32) /* there the number of a closed event is given to the next object at once */
    CHECK_HR(IpcGetKey(made.license, 0, &prompt, NULL, &key), E_INVALIDARG);
#endif
    prompt.hCancelEvent = (HANDLE)~(size_t)0;
    CHECK_HR(IpcGetKey(made.license, 0, &prompt, NULL, &key), E_INVALIDARG);
}

int main(void)
{
    RUN(a_token_proves_the_account);
    RUN(tokens_that_are_not_good_are_refused);
    RUN(issuers_that_make_no_sense_are_refused);
    RUN(an_application_proves_itself_with_its_key);
    RUN(an_event_cancels_calls);
    return finish_tests();
}
