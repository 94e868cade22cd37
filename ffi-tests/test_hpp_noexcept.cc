// msipc.hpp in a program without exceptions: every operation returns a value or the reason why there is none.
#include <msipc.hpp>

#include "fixtures.h"

#undef open // the one of portable.h

#ifdef __cpp_exceptions
#error "this program is compiled without exceptions"
#endif

namespace {

using msipc::bytes_span;
using msipc::text;
using Bytes = std::vector<BYTE>;

static_assert(std::is_same<msipc::outcome<bool>, msipc::result<bool>>::value, "operations return results");
static_assert(std::is_same<msipc::outcome<void>, msipc::result<void>>::value, "");

msipc::result<msipc::sealed_license> sealed_for_bob()
{
    auto alice = msipc::thread_identity::act_as(ALICE);
    if (!alice)
        return alice.why();
    auto license = msipc::license::from_scratch();
    if (!license)
        return license.why();
    if (auto set = license->set_user_rights({{msipc::user::email(BOB), {IPC_GENERIC_READ}}}); !set)
        return set.why();
    return license->serialize();
}

void journey()
{
    const Bytes content(10000, 'm');
    auto sealed = sealed_for_bob();
    CHECK(bool(sealed) && sealed.code() == S_OK);
    if (!sealed)
        return;
    const auto encrypted = sealed->key.encrypt_all(content);
    CHECK(bool(encrypted) && encrypted->size() == 10000 / 16 * 16 + 16);
    auto bob = msipc::thread_identity::act_as(BOB);
    auto key = msipc::key::open(sealed->license);
    CHECK(bool(key));
    if (!key)
        return;
    CHECK(*key->decrypt_all(*encrypted) == content);
    CHECK(*key->grants(IPC_GENERIC_READ) && !*key->grants(IPC_GENERIC_WRITE));
    msipc::key taken = *std::move(key);
    CHECK(taken && !*key);
}

void refusals_are_results()
{
    auto sealed = sealed_for_bob();
    CHECK(bool(sealed));
    if (!sealed)
        return;
    auto carol = msipc::thread_identity::act_as(CAROL);
    const auto key = msipc::key::open(sealed->license);
    CHECK(!key && key.code() == IPCERROR_RIGHT_NOT_GRANTED);
    CHECK(wide_contains(key.why().detail.c_str(), "IpcGetKey: 0x80040211") && !key.why().message().empty());
    const auto written = sealed->key.encrypt(0, true, Bytes(10), bytes_span());
    CHECK(written.code() == WIN32(ERROR_INSUFFICIENT_BUFFER));
    const auto refused = sealed->key.grants(text(W("VIEW")) + text(1, WCHAR()));
    CHECK(refused.code() == E_INVALIDARG);
    auto license = msipc::license::from_scratch();
    CHECK(license->set_interval_days(70000).code() == E_INVALIDARG);
    CHECK(license->set_interval_days(7).code() == S_OK && *license->interval_days() == 7);
    if (sizeof(size_t) > 4)
        CHECK(sealed->key.encrypted_size(0, true, static_cast<size_t>(0x100000000ull)).code() == E_INVALIDARG);
}

void token_sources_refuse()
{
    msipc::prompt prompt;
    prompt.with_token_from([](const msipc::name_values &, text &) { return IPCERROR_NEEDS_UI; });
    CHECK(msipc::templates(prompt).code() == IPCERROR_NEEDS_UI);
    CHECK(msipc::templates().code() == S_OK);
}

} // namespace

int main()
{
    RUN(journey);
    RUN(refusals_are_results);
    RUN(token_sources_refuse);
    return finish_tests();
}
