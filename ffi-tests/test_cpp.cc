// The interface from C++: headers in any order, owners written as C++ programs write them, every function once.
#include <ipcfile.h>
#include <ipcerror.h>
#include <ipcprot.h>
#include <msipc_ext.h>
#include <msipc.h>
#include <ipcbase.h>
#include <msipc.h>

#include "fixtures.h"

#include <memory>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

namespace {

using Text = std::basic_string<WCHAR>;

/* A handle with one owner. */
template <typename Handle>
class Owned {
public:
    Owned() = default;
    explicit Owned(Handle handle) : handle_(handle) {}
    Owned(Owned &&other) noexcept : handle_(other.release()) {}
    Owned &operator=(Owned &&other) noexcept
    {
        std::swap(handle_, other.handle_);
        return *this;
    }
    Owned(const Owned &) = delete;
    Owned &operator=(const Owned &) = delete;
    ~Owned()
    {
        if (handle_ != nullptr)
            IpcCloseHandle(reinterpret_cast<IPC_HANDLE>(handle_));
    }
    Handle get() const { return handle_; }
    Handle *out() { return &handle_; }
    Handle release()
    {
        Handle handle = handle_;
        handle_ = nullptr;
        return handle;
    }

private:
    Handle handle_ = nullptr;
};

using Key = Owned<IPC_KEY_HANDLE>;
using License = Owned<IPC_LICENSE_HANDLE>;

struct Freed {
    void operator()(const void *block) const { IpcFreeMemory(const_cast<void *>(block)); }
};

/* Memory of the library with one owner. */
template <typename T>
using Block = std::unique_ptr<T, Freed>;

/* Turns codes into exceptions, as wrappers do; the text comes from the library. */
struct Failure {
    HRESULT code;
    Text text;
};

void ensure(HRESULT result)
{
    if (SUCCEEDED(result))
        return;
    LPCWSTR text = nullptr;
    IpcGetErrorMessageText(result, 0, &text);
    Block<const WCHAR> owned(text);
    throw Failure{result, text != nullptr ? Text(text) : Text()};
}

struct As {
    explicit As(LPCWSTR account) { ensure(IpcxSetThreadIdentity(account)); }
    ~As() { IpcxSetThreadIdentity(nullptr); }
};

struct Sealed {
    Block<IPC_BUFFER> license;
    Key key;
};

Sealed seal(const License &license)
{
    Sealed result;
    PIPC_BUFFER bytes = nullptr;
    ensure(IpcSerializeLicense(license.get(), IPC_SL_LICENSE_HANDLE, 0, nullptr, result.key.out(), &bytes));
    result.license.reset(bytes);
    return result;
}

License from_scratch()
{
    PCIPC_TEMPLATE_ISSUER_LIST issuers = nullptr;
    ensure(IpcGetTemplateIssuerList(nullptr, 0, nullptr, nullptr, &issuers));
    Block<const IPC_TEMPLATE_ISSUER_LIST> owned(issuers);
    License license;
    ensure(IpcCreateLicenseFromScratch(issuers->aTi, 0, nullptr, license.out()));
    return license;
}

void grant_one(const License &license, LPCWSTR user, std::vector<LPCWSTR> rights)
{
    IPC_USER_RIGHTS_LIST list = {};
    list.cbSize = sizeof list;
    list.cUserRights = 1;
    list.rgUserRights[0].User = {IPC_USER_TYPE_EMAIL, user};
    list.rgUserRights[0].cRights = static_cast<DWORD>(rights.size());
    list.rgUserRights[0].rgwszRights = rights.data();
    ensure(IpcSetLicenseProperty(license.get(), FALSE, IPC_LI_USER_RIGHTS_LIST, &list));
}

Key open(const Sealed &sealed)
{
    Key key;
    ensure(IpcGetKey(sealed.license.get(), 0, nullptr, nullptr, key.out()));
    return key;
}

std::vector<BYTE> crypt(bool encrypt, IPC_KEY_HANDLE key, std::vector<BYTE> bytes)
{
    DWORD size = 0;
    auto function = encrypt ? IpcEncrypt : IpcDecrypt;
    ensure(function(key, 0, TRUE, bytes.data(), static_cast<DWORD>(bytes.size()), nullptr, 0, &size));
    std::vector<BYTE> out(size);
    ensure(function(key, 0, TRUE, bytes.data(), static_cast<DWORD>(bytes.size()), out.data(), size, &size));
    out.resize(size);
    return out;
}

void types_are_those_of_the_interface()
{
    static_assert(sizeof(WCHAR) == sizeof(IPC_GENERIC_READ[0]), "right names are wide text");
    static_assert(std::is_same<std::remove_const<std::remove_reference<decltype(IPC_GENERIC_READ[0])>::type>::type, WCHAR>::value,
                  "of WCHAR");
    static_assert(sizeof(HRESULT) == 4 && std::is_signed<HRESULT>::value, "HRESULT has 32 bits and a sign");
    static_assert(sizeof(DWORD) == 4 && std::is_unsigned<DWORD>::value, "DWORD has 32 bits and none");
    static_assert(sizeof(IPC_KEY_HANDLE) == sizeof(void *), "handles are as wide as pointers");
    static_assert(!std::is_same<IPC_KEY_HANDLE, IPC_LICENSE_HANDLE>::value, "handles of two kinds are two types");
    static_assert(IPCERROR_RIGHT_NOT_GRANTED < 0, "codes of failure are negative, also in constant expressions");
    CHECK(FAILED(IPCERROR_NEEDS_ONLINE) && SUCCEEDED(S_OK) && SUCCEEDED(S_FALSE));
}

void journey_from_scratch()
{
    std::vector<BYTE> content(10000, 'm');
    Sealed sealed;
    {
        As alice(ALICE);
        License license = from_scratch();
        grant_one(license, BOB, {IPC_GENERIC_READ, IPC_GENERIC_PRINT});
        sealed = seal(license);
    }
    std::vector<BYTE> cipher = crypt(true, sealed.key.get(), content);
    CHECK(cipher.size() == 10000 / 16 * 16 + 16);
    As bob(BOB);
    Key key = open(sealed);
    CHECK(crypt(false, key.get(), cipher) == content);
    BOOL granted = 0x5A5A;
    ensure(IpcAccessCheck(key.get(), IPC_GENERIC_PRINT, &granted));
    CHECK(granted == TRUE);
    ensure(IpcAccessCheck(key.get(), IPC_GENERIC_WRITE, &granted));
    CHECK(granted == FALSE);
}

void journey_from_a_template()
{
    PCIPC_TIL list = nullptr;
    ensure(IpcGetTemplateList(nullptr, 0, 0, nullptr, nullptr, &list));
    Block<const IPC_TIL> owned(list);
    CHECK(list->cTi == 2);
    License license;
    ensure(IpcCreateLicenseFromTemplateID(list->aTi[0].wszID, 0, nullptr, license.out()));
    Sealed sealed = seal(license);
    LPVOID info = nullptr;
    ensure(IpcGetSerializedLicenseProperty(sealed.license.get(), IPC_LI_DESCRIPTOR, sealed.key.get(), 0, &info));
    Block<IPC_TEMPLATE_INFO> descriptor(static_cast<PIPC_TEMPLATE_INFO>(info));
    CHECK_TEXT(descriptor->wszID, list->aTi[0].wszID);
    CHECK(descriptor->fFromTemplate == TRUE);
    BOOL granted = FALSE;
    As carol(CAROL);
    ensure(IpcAccessCheck(open(sealed).get(), IPC_GENERIC_READ, &granted));
    CHECK(granted == TRUE);
}

void failures_are_exceptions_with_a_text()
{
    Sealed sealed;
    {
        As alice(ALICE);
        License license = from_scratch();
        grant_one(license, BOB, {IPC_GENERIC_READ});
        sealed = seal(license);
    }
    As carol(CAROL);
    try {
        open(sealed);
        CHECK(!"a stranger got a key");
    } catch (const Failure &failure) {
        CHECK(failure.code == IPCERROR_RIGHT_NOT_GRANTED);
        CHECK(failure.text.size() > 10);
    }
}

/* Unwinding through the owners gives everything back: the key is closed after the exception. */
void owners_release_while_unwinding()
{
    IPC_LICENSE_HANDLE seen = nullptr;
    try {
        License license = from_scratch();
        seen = license.get();
        ensure(IpcSetLicenseProperty(license.get(), FALSE, IPC_LI_OWNER, nullptr));
    } catch (const Failure &failure) {
        CHECK(failure.code == E_INVALIDARG);
    }
    LPVOID value = nullptr;
    CHECK_HR(IpcGetLicenseProperty(seen, IPC_LI_OWNER, 0, &value), E_HANDLE);
}

void keys_move_between_threads()
{
    As alice(ALICE);
    License license = from_scratch();
    grant_one(license, BOB, {IPC_GENERIC_READ});
    Sealed sealed = seal(license);
    std::vector<BYTE> content(5000, 'x'), opened;
    std::thread worker([&, key = std::move(sealed.key)] {
        opened = crypt(false, key.get(), crypt(true, key.get(), content));
    });
    worker.join();
    CHECK(opened == content);
    CHECK(sealed.key.get() == nullptr);
}

struct Asked {
    int calls = 0;
};

HRESULT CALLBACK no_token(LPVOID context, PIPC_NAME_VALUE_LIST challenge, IPC_AUTH_TOKEN_HANDLE *token)
{
    static_cast<Asked *>(context)->calls += challenge->cNameValuePairs > 0;
    Owned<IPC_AUTH_TOKEN_HANDLE> mine;
    IpcCreateOAuth2Token(W("a.b.c"), mine.out());
    *token = nullptr;
    return E_ABORT; /* the callback fails, so its token is its own to close */
}

void credentials_through_the_unnamed_union()
{
    Asked asked;
    IPC_OAUTH2_CALLBACK_INFO info = {sizeof info, no_token, &asked};
    IPC_CREDENTIAL credential = {};
    credential.dwType = IPC_CREDENTIAL_TYPE_OAUTH2;
    credential.pcOAuth2 = &info;
    IPC_PROMPT_CTX prompt = {};
    prompt.cbSize = sizeof prompt;
    prompt.pcCredential = &credential;
    PCIPC_TIL list = nullptr;
    CHECK_HR(IpcGetTemplateList(nullptr, 0, 0, &prompt, nullptr, &list), E_ABORT);
    CHECK(list == nullptr && asked.calls == 1);
}

/* What the journeys above left out. */
void every_other_function_once()
{
    LPVOID value = nullptr;
    ensure(IpcInitialize());
    ensure(IpcInitializeEnvironment());
    IPC_AAD_APPLICATION_ID id = {sizeof id, W("6b29fc40-ca47-1067-b31d-00dd010662da"), W("urn:mill")};
    ensure(IpcSetGlobalProperty(IPC_EI_APPLICATION_ID, &id));
    ensure(IpcGetGlobalProperty(IPC_EI_API_MODE, &value));
    Block<DWORD> mode(static_cast<DWORD *>(value));
    CHECK(*mode == IPC_API_MODE_CLIENT);
    ensure(IpcxSetIdentity(ALICE));
    License license = from_scratch();
    ensure(IpcGetLicenseProperty(license.get(), IPC_LI_OWNER, 0, &value));
    Block<IPC_USER> owner(static_cast<PIPC_USER>(value));
    CHECK_TEXT(owner->wszID, ALICE);
    ensure(IpcxSetIdentity(nullptr));
    grant_one(license, BOB, {IPC_GENERIC_READ});
    Sealed sealed = seal(license);
    ensure(IpcGetKeyProperty(sealed.key.get(), IPC_KI_BLOCK_SIZE, nullptr, &value));
    Block<DWORD> size(static_cast<DWORD *>(value));
    CHECK(*size == 4096);
    DWORD package = 0;
    BOOL authenticated = 7;
    ensure(IpcxGetKeyPackage(sealed.key.get(), &package));
    ensure(IpcxIsAuthenticated(sealed.key.get(), &authenticated));
    CHECK(package == IPC_ENCRYPTION_PACKAGE_AES256_CBC4K && authenticated == FALSE);
    CHECK(IpcxGetVersion() == IPCX_VERSION);
    CHECK(FAILED(IpcxSetStorePassphrase(nullptr)));
    CHECK_HR(IpcProtectWindow(nullptr), E_INVALIDARG);
    CHECK_HR(IpcUnprotectWindow(nullptr), E_INVALIDARG);
    LPCWSTR detail = nullptr;
    ensure(IpcxGetLastErrorDetail(&detail));
    Block<const WCHAR> text(detail);
    CHECK(wide_contains(detail, "IpcUnprotectWindow"));
    ensure(IpcUninitializeEnvironment());
}

/* A failure that a test did not expect is a failure of the test. */
template <void (*Test)()>
void guarded()
{
    try {
        Test();
    } catch (const Failure &failure) {
        CHECK_HR(failure.code, S_OK);
        std::printf("        %s\n", narrow(failure.text.c_str()));
    }
}

} // namespace

#define RUN_CPP(test) run_test(#test, guarded<test>)

int main()
{
    RUN_CPP(types_are_those_of_the_interface);
    RUN_CPP(journey_from_scratch);
    RUN_CPP(journey_from_a_template);
    RUN_CPP(failures_are_exceptions_with_a_text);
    RUN_CPP(owners_release_while_unwinding);
    RUN_CPP(keys_move_between_threads);
    RUN_CPP(credentials_through_the_unnamed_union);
    RUN_CPP(every_other_function_once);
    return finish_tests();
}
