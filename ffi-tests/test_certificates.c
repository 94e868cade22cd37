/* Applications that prove themselves with a certificate. The mode of a process is set once, so the client mode comes first,
 * by default: nothing may be asked of a certificate then.
 */
#include "admin.h"
#include "certificate.h"

#define SERVICE W("service@contoso.example")

typedef struct {
    IPC_PROMPT_CTX prompt;
    IPC_CREDENTIAL credential;
    IPCX_CERT_CONTEXT certificate;
    HRESULT answer;
    DWORD length; /* told instead of the true one, if not 0 */
    int spoil, calls;
} Proof;

static HRESULT CALLBACK sign(LPVOID context, const BYTE *message, DWORD count, BYTE *signature, LPDWORD room)
{
    Proof *proof = (Proof *)context;
    proof->calls++;
    if (proof->answer < 0)
        return proof->answer;
    if (*room < 256 || count > 200)
        return E_UNEXPECTED;
    rsa_sign(message, count, signature);
    signature[100] ^= (BYTE)proof->spoil;
    *room = proof->length != 0 ? proof->length : 256;
    return S_OK;
}

static IPC_BUFFER certificate(void)
{
    IPC_BUFFER buffer;
    buffer.pvBuffer = (LPVOID)(size_t)CERTIFICATE;
    buffer.cbBuffer = sizeof CERTIFICATE;
    return buffer;
}

static PCIPC_PROMPT_CTX with_certificate(Proof *proof)
{
    memset(proof, 0, sizeof *proof);
    proof->certificate.dwCertEncodingType = 1;
    proof->certificate.pbCertEncoded = CERTIFICATE;
    proof->certificate.cbCertEncoded = sizeof CERTIFICATE;
    proof->certificate.pfnSign = sign;
    proof->certificate.pvSignContext = proof;
    proof->credential.dwType = IPC_CREDENTIAL_TYPE_X509;
    proof->credential.pcCertContext = (PCCERT_CONTEXT)&proof->certificate;
    proof->prompt.cbSize = sizeof proof->prompt;
    proof->prompt.pcCredential = &proof->credential;
    return &proof->prompt;
}

static void register_certificate(void)
{
    IPC_BUFFER der = certificate();
    act_as(NULL);
    REQUIRE_OK(IpcxPutCertificate(&der, SERVICE, NULL));
}

static HRESULT open_with(Proof *proof, PCIPC_BUFFER license, IPC_KEY_HANDLE *key)
{
    HRESULT result;
    *key = NULL;
    act_as(CAROL); /* the credential decides, not the account of the thread */
    result = IpcGetKey(license, 0, &proof->prompt, NULL, key);
    my_handle((IPC_HANDLE)*key);
    return result;
}

static void certificates_are_for_the_server_mode(void)
{
    Protected made = protect_for(SERVICE, "VIEW");
    IPC_KEY_HANDLE key;
    Proof proof;
    DWORD mode = IPC_API_MODE_SERVER;
    register_certificate();
    with_certificate(&proof);
    CHECK_HR(open_with(&proof, made.license, &key), E_INVALIDARG);
    CHECK(key == NULL && proof.calls == 0);
    REQUIRE_OK(IpcSetGlobalProperty(IPC_EI_API_MODE, &mode));
    CHECK_HR(open_with(&proof, made.license, &key), S_OK);
    CHECK(proof.calls == 1);
}

static void a_certificate_proves_the_account(void)
{
    Protected made = protect_for(SERVICE, "VIEW PRINT");
    PCIPCX_ACCOUNT who = NULL;
    IPC_KEY_HANDLE key;
    Proof proof;
    register_certificate();
    with_certificate(&proof);
    REQUIRE_OK(open_with(&proof, made.license, &key));
    CHECK(has_right(key, W("PRINT")) == TRUE && has_right(key, W("EDIT")) == FALSE);
    REQUIRE_OK(IpcxGetIdentity(&proof.prompt, &who));
    mine(who);
    CHECK_TEXT(who->wszAddress, SERVICE);
    CHECK(proof.calls == 2);
}

static void whoever_has_not_the_key_is_refused(void)
{
    Protected made = protect_for(SERVICE, "VIEW");
    IPC_KEY_HANDLE key;
    Proof proof;
    register_certificate();
    with_certificate(&proof);
    proof.spoil = 1;
    CHECK_HR(open_with(&proof, made.license, &key), WIN32(ERROR_NOT_AUTHENTICATED));
    with_certificate(&proof);
    proof.length = 255;
    CHECK_HR(open_with(&proof, made.license, &key), WIN32(ERROR_NOT_AUTHENTICATED));
    proof.length = 0xFFFFFFFF;
    CHECK_HR(open_with(&proof, made.license, &key), WIN32(ERROR_NOT_AUTHENTICATED));
    with_certificate(&proof);
    proof.answer = E_ABORT;
    CHECK_HR(open_with(&proof, made.license, &key), E_ABORT);
    CHECK(key == NULL && proof.calls == 1);
}

static void certificates_that_are_not_registered_are_refused(void)
{
    Protected made = protect_for(SERVICE, "VIEW");
    BYTE other[sizeof CERTIFICATE];
    IPC_BUFFER der = certificate();
    IPC_KEY_HANDLE key;
    Proof proof;
    register_certificate();
    /* The same key, but another certificate. */
    memcpy(other, CERTIFICATE, sizeof other);
    other[sizeof other - 1] ^= 1;
    with_certificate(&proof);
    proof.certificate.pbCertEncoded = other;
    CHECK_HR(open_with(&proof, made.license, &key), WIN32(ERROR_NOT_AUTHENTICATED));
    proof.certificate.cbCertEncoded = 10;
    CHECK_HR(open_with(&proof, made.license, &key), WIN32(ERROR_NOT_AUTHENTICATED));
    act_as(NULL);
    REQUIRE_OK(IpcxDeleteCertificate(&der, NULL));
    CHECK_HR(IpcxDeleteCertificate(&der, NULL), WIN32(ERROR_NOT_FOUND));
    with_certificate(&proof);
    CHECK_HR(open_with(&proof, made.license, &key), WIN32(ERROR_NOT_AUTHENTICATED));
    CHECK(key == NULL && proof.calls == 0);
}

static void wrong_calls(void)
{
    Protected made = protect_for(SERVICE, "VIEW");
    IPC_BUFFER der = certificate(), empty = {NULL, 0}, cut = certificate();
    IPC_KEY_HANDLE key;
    Proof proof;
    with_certificate(&proof);
    proof.certificate.pfnSign = NULL;
    CHECK_HR(open_with(&proof, made.license, &key), E_INVALIDARG);
    with_certificate(&proof);
    proof.certificate.dwCertEncodingType = 0;
    CHECK_HR(open_with(&proof, made.license, &key), E_INVALIDARG);
    with_certificate(&proof);
    proof.certificate.pbCertEncoded = NULL;
    CHECK_HR(open_with(&proof, made.license, &key), E_INVALIDARG);
    with_certificate(&proof);
    proof.credential.pcCertContext = NULL;
    CHECK_HR(open_with(&proof, made.license, &key), E_INVALIDARG);
    CHECK(key == NULL && proof.calls == 0);

    act_as(NULL);
    cut.cbBuffer /= 2;
    CHECK_HR(IpcxPutCertificate(NULL, SERVICE, NULL), E_INVALIDARG);
    CHECK_HR(IpcxPutCertificate(&der, NULL, NULL), E_INVALIDARG);
    CHECK_HR(IpcxPutCertificate(&der, W(""), NULL), E_INVALIDARG);
    CHECK_HR(IpcxPutCertificate(&empty, SERVICE, NULL), E_INVALIDARG);
    CHECK_HR(IpcxPutCertificate(&cut, SERVICE, NULL), E_INVALIDARG);
    CHECK_HR(IpcxDeleteCertificate(NULL, NULL), E_INVALIDARG);
    act_as(BOB);
    CHECK_HR(IpcxPutCertificate(&der, BOB, NULL), E_ACCESSDENIED);
    CHECK_HR(IpcxDeleteCertificate(&der, NULL), E_ACCESSDENIED);
}

int main(void)
{
    RUN(certificates_are_for_the_server_mode);
    RUN(a_certificate_proves_the_account);
    RUN(whoever_has_not_the_key_is_refused);
    RUN(certificates_that_are_not_registered_are_refused);
    RUN(wrong_calls);
    return finish_tests();
}
