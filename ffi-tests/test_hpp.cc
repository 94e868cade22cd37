// msipc.hpp with exceptions: owners, values, errors, and every operation once against the library.
#include <msipc.hpp>

#include "fixtures.h"

#undef open // the one of portable.h

#include <algorithm>
#include <stdexcept>
#include <thread>

namespace {

using msipc::bytes_span;
using msipc::bytes_view;
using msipc::text;
using Bytes = std::vector<BYTE>;

static_assert(!std::is_copy_constructible<msipc::key>::value && !std::is_copy_assignable<msipc::key>::value, "keys are moved");
static_assert(std::is_nothrow_move_constructible<msipc::key>::value && std::is_nothrow_move_assignable<msipc::key>::value, "");
static_assert(!std::is_copy_constructible<msipc::license>::value && !std::is_copy_constructible<msipc::file>::value, "");
static_assert(!std::is_copy_constructible<msipc::buffer>::value && !std::is_copy_constructible<msipc::stream>::value, "");
static_assert(std::is_nothrow_move_assignable<msipc::buffer>::value && std::is_nothrow_move_assignable<msipc::stream>::value, "");
static_assert(std::is_nothrow_copy_constructible<msipc::error>::value, "exceptions are copied while they fly");
static_assert(sizeof(msipc::key) == sizeof(IPC_KEY_HANDLE) && sizeof(msipc::license) == sizeof(IPC_LICENSE_HANDLE), "no overhead");
static_assert(std::is_same<msipc::outcome<bool>, bool>::value && std::is_void<msipc::outcome<void>>::value, "values themselves");
static_assert(std::is_constructible<bytes_view, Bytes &>::value && std::is_constructible<bytes_view, const Bytes &>::value, "");
static_assert(!std::is_constructible<bytes_span, const Bytes &>::value, "what is const is not written");

Bytes content_of(size_t size)
{
    Bytes bytes(size);
    fill(bytes.data(), size, 3);
    return bytes;
}

msipc::thread_identity as(LPCWSTR account)
{
    return msipc::thread_identity::act_as(account);
}

/* A license that Alice makes for Bob. */
msipc::sealed_license sealed_for_bob(std::vector<text> rights)
{
    auto alice = as(ALICE);
    auto license = msipc::license::from_scratch();
    license.set_user_rights({{msipc::user::email(BOB), std::move(rights)}});
    return license.serialize();
}

/* True when the handle is not open any more. */
template <typename Handle>
bool is_closed(Handle handle)
{
    return IpcCloseHandle(reinterpret_cast<IPC_HANDLE>(handle)) == E_HANDLE;
}

template <typename Function>
HRESULT code_of(Function &&function)
{
    return msipc::attempt(std::forward<Function>(function)).code();
}

void journey_from_scratch()
{
    const Bytes content = content_of(10000);
    auto sealed = sealed_for_bob({IPC_GENERIC_READ, IPC_GENERIC_PRINT});
    const Bytes encrypted = sealed.key.encrypt_all(content);
    CHECK(encrypted.size() == 10000 / 16 * 16 + 16);
    CHECK(sealed.key.encrypted_size(0, true, content.size()) == encrypted.size());
    CHECK(sealed.key.decrypted_size(0, true, encrypted.size()) >= content.size());

    auto bob = as(BOB);
    const auto key = msipc::key::open(sealed.license);
    CHECK(key.decrypt_all(encrypted) == content);
    CHECK(key.grants(IPC_GENERIC_PRINT) && !key.grants(IPC_GENERIC_WRITE));
    CHECK(key.user_display_name().size() > 0);
    CHECK(key.block_size() == 4096 && key.encrypted_block_size() == 4096);
    CHECK(key.package() == IPC_ENCRYPTION_PACKAGE_AES256_CBC4K && !key.is_authenticated());
    const msipc::buffer again = key.license();
    CHECK(std::equal(again.begin(), again.end(), sealed.license.begin(), sealed.license.end()));
}

void pieces_in_place_and_apart()
{
    auto sealed = sealed_for_bob({IPC_GENERIC_READ});
    const Bytes content = content_of(2 * 4096 + 100);
    const Bytes whole = sealed.key.encrypt_all(content);
    Bytes pieces(whole.size());
    CHECK(sealed.key.encrypt(0, false, bytes_view(content).first(4096), pieces) == 4096);
    const DWORD rest =
        sealed.key.encrypt(1, true, bytes_view(content).subspan(4096), bytes_span(pieces).subspan(4096));
    CHECK(rest == whole.size() - 4096 && pieces == whole);
    const DWORD plain = sealed.key.decrypt(0, true, pieces, pieces);
    pieces.resize(plain);
    CHECK(pieces == content);
    BYTE array[32] = {1, 2, 3};
    CHECK(sealed.key.encrypt(0, true, bytes_view(array).first(3), array) == 16);
    CHECK(sealed.key.decrypt(0, true, bytes_view(array).first(16), array) == 3 && array[0] == 1 && array[2] == 3);
}

void an_output_that_is_not_there_is_no_question_about_the_size()
{
    auto sealed = sealed_for_bob({IPC_GENERIC_READ});
    const Bytes content = content_of(100);
    CHECK(code_of([&] { return sealed.key.encrypt(0, true, content, bytes_span()); }) == WIN32(ERROR_INSUFFICIENT_BUFFER));
    CHECK(sealed.key.encrypt_all(bytes_view()).size() == 16);
    CHECK(sealed.key.decrypt_all(sealed.key.encrypt_all(bytes_view())).empty());
}

void lengths_beyond_32_bits_are_refused()
{
    auto sealed = sealed_for_bob({IPC_GENERIC_READ});
    if (sizeof(size_t) > 4) {
        BYTE one = 0;
        const auto size = static_cast<size_t>(0x100000000ull);
        const auto outcome = msipc::attempt([&] { return sealed.key.encrypt(0, true, bytes_view(&one, size), bytes_span(&one, 1)); });
        CHECK(outcome.code() == E_INVALIDARG);
        CHECK(wide_contains(outcome.why().detail.c_str(), "4,294,967,295"));
        CHECK(code_of([&] { return sealed.key.encrypted_size(0, true, size); }) == E_INVALIDARG);
        CHECK(code_of([&] { return msipc::stream::in_memory(bytes_view(&one, size)); }) == E_INVALIDARG);
    }
}

void templates_and_issuers_are_values()
{
    const auto list = msipc::templates(msipc::prompt().silent());
    REQUIRE(list.size() == 2);
    CHECK(!list[0].id.empty() && !list[0].name.empty() && !list[0].issuer.empty());
    const auto issuers = msipc::template_issuers();
    REQUIRE(!issuers.empty());
    CHECK(!issuers[0].connection.extranet_url.empty() && issuers[0].allows_from_scratch);
    CHECK(bool(msipc::license::from_scratch(issuers[0])));

    auto license = msipc::license::from_template(list[0].id);
    const auto sealed = license.serialize();
    const auto told = msipc::license_view(sealed.license, &sealed.key).descriptor();
    CHECK(told.id == list[0].id && told.name == list[0].name && told.from_template);
    const auto direct = msipc::license::serialize_template(list[1].id, msipc::prompt(), IPC_SL_FLAG_KEY_NO_PERSIST);
    CHECK(msipc::license_view(direct.license, &direct.key).descriptor().id == list[1].id);
    CHECK(code_of([] { return msipc::license::from_template(W("no such template")); }) == WIN32(ERROR_NOT_FOUND));
}

void every_property_comes_back()
{
    auto alice = as(ALICE);
    auto license = msipc::license::from_scratch();
    const msipc::rights_list rights = {{msipc::user::email(BOB), {IPC_GENERIC_READ, IPC_GENERIC_PRINT}},
                                       {msipc::user::everyone(), {IPC_GENERIC_READ}},
                                       {msipc::user::email(CAROL), {}}};
    const msipc::name_values secret = {{W("case"), W("4711")}, {W("empty"), W("")}};
    license.set_user_rights(rights);
    license.set_owner(msipc::user::email(BOB));
    license.set_interval_days(7);
    license.set_descriptor({text(), 1033, W("Plan"), W("of the mill"), text(), false});
    license.set_app_data(secret);
    license.set_app_data_in_the_clear({{W("file"), W("plan.txt")}});
    license.set_referral(W("https://contoso.example/more"));
    license.set_content_id(W("{6B29FC40-CA47-1067-B31D-00DD010662DA}"));
    license.set_grants_owner_full_access(true);
    license.set_package(IPC_ENCRYPTION_PACKAGE_AES128_CBC4K);
    const FILETIME start = msipc::to_filetime(std::chrono::system_clock::now() - std::chrono::hours(24));
    license.set_validity({start, 10ull * 24 * 3600 * 10000000});

    const auto sealed = license.serialize();
    const msipc::license_view view(sealed.license, &sealed.key);
    const auto check_both = [&](auto &&of) {
        const auto listed = of.user_rights();
        REQUIRE(listed.size() >= 3);
        CHECK(listed[0].user.id == text(BOB) && listed[0].rights == rights[0].rights);
        CHECK(listed[1].user.type == IPC_USER_TYPE_IPC && listed[2].rights.empty());
        CHECK(of.owner().id == text(BOB) && of.interval_days() == 7);
        CHECK(of.descriptor().name == text(W("Plan")) && of.descriptor(127).description == text(W("of the mill")));
        CHECK(of.app_data().size() == 2 && of.app_data()[0].value == text(W("4711")) && of.app_data()[1].value.empty());
        CHECK(of.app_data_in_the_clear()[0].name == text(W("file")));
        CHECK(of.referral() == text(W("https://contoso.example/more")));
        CHECK(of.content_id() == text(W("{6B29FC40-CA47-1067-B31D-00DD010662DA}")));
        CHECK(of.grants_owner_full_access() && !of.has_deprecated_algorithms());
        CHECK(of.package() == IPC_ENCRYPTION_PACKAGE_AES128_CBC4K);
        CHECK(of.validity().qwDuration > 0 && !of.connection_info().extranet_url.empty());
    };
    check_both(license);
    check_both(view);
    const auto issued = msipc::to_time_point(view.issued_time());
    CHECK(std::chrono::system_clock::now() - issued < std::chrono::hours(1));

    license.clear(IPC_LI_APP_SPECIFIC_DATA);
    CHECK(license.app_data().empty());
    license.set_deprecated_algorithms(false);
    CHECK(code_of([&] { license.clear(IPC_LI_USER_RIGHTS_LIST); }) == E_INVALIDARG);
    CHECK(code_of([&] { return msipc::license_view(sealed.license).user_rights(); }) == IPCERROR_NEEDS_KEY_PARAMETER);
}

void a_content_key_is_used_again()
{
    auto sealed = sealed_for_bob({IPC_GENERIC_READ});
    auto alice = as(ALICE);
    auto again = msipc::license::from_scratch();
    again.set_user_rights({{msipc::user::email(CAROL), {IPC_GENERIC_READ}}});
    again.set_content_key(sealed.key);
    const auto second = again.serialize();
    const Bytes content = content_of(500);
    auto carol = as(CAROL);
    CHECK(msipc::key::open(second.license).decrypt_all(sealed.key.encrypt_all(content)) == content);
}

void errors_hold_code_and_reason()
{
    const auto sealed = sealed_for_bob({IPC_GENERIC_READ});
    auto carol = as(CAROL);
    try {
        msipc::key::open(sealed.license);
        CHECK(!"a stranger got a key");
    } catch (const std::exception &caught) {
        const auto *error = dynamic_cast<const msipc::error *>(&caught);
        REQUIRE(error != nullptr);
        CHECK(error->code() == IPCERROR_RIGHT_NOT_GRANTED);
        CHECK(wide_contains(error->detail().c_str(), "IpcGetKey: 0x80040211"));
        CHECK(strstr(caught.what(), "IpcGetKey: 0x80040211") != nullptr);
        CHECK(error->message().size() > 20);
        CHECK(wide_contains(msipc::explain().c_str(), "\"rule\":\"no-entry\""));
        const msipc::error copy = *error;
        CHECK(copy.code() == error->code() && strcmp(copy.what(), error->what()) == 0);
    }
    msipc::result<int> failed = msipc::attempt([]() -> int { throw msipc::error({E_ABORT, W("why")}); });
    CHECK(!failed && failed.code() == E_ABORT && failed.why().detail == text(W("why")));
    try {
        CHECK(failed.value() != failed.value());
    } catch (const msipc::error &error) {
        CHECK(error.code() == E_ABORT);
    }
    CHECK(*msipc::attempt([] { return 7; }) == 7);
}

void text_with_a_nul_inside_is_refused_and_not_cut_off()
{
    const text cut = text(W("VIEW")) + text(1, WCHAR()) + text(W("x"));
    const auto sealed = sealed_for_bob({IPC_GENERIC_READ});
    CHECK(code_of([&] { return sealed.key.grants(cut); }) == E_INVALIDARG);
    CHECK(code_of([&] { return sealed.key.grants(msipc::text_view(cut)); }) == E_INVALIDARG);
    CHECK(sealed.key.grants(msipc::text_view(cut).substr(0, 4)));
    auto license = msipc::license::from_scratch();
    CHECK(code_of([&] { license.set_user_rights({{msipc::user::email(BOB), {cut}}}); }) == E_INVALIDARG);
    CHECK(code_of([&] { license.set_user_rights({{msipc::user::email(cut), {IPC_GENERIC_READ}}}); }) == E_INVALIDARG);
    CHECK(code_of([&] { license.set_content_id(cut); }) == E_INVALIDARG);
    CHECK(code_of([&] { license.set_app_data({{W("n"), cut}}); }) == E_INVALIDARG);
    CHECK(code_of([&] { return msipc::thread_identity::act_as(cut); }) == E_INVALIDARG);
}

void owners_close_once_and_moves_keep_what_they_hold()
{
    auto sealed = sealed_for_bob({IPC_GENERIC_READ});
    const IPC_KEY_HANDLE raw = sealed.key.get();
    msipc::key moved = std::move(sealed.key);
    CHECK(!sealed.key && moved.get() == raw);
    msipc::key &itself = moved;
    moved = std::move(itself);
    CHECK(moved.get() == raw && moved.grants(IPC_GENERIC_ALL));
    {
        msipc::key inner;
        std::swap(inner, moved);
        CHECK(inner.get() == raw && !moved);
    }
    CHECK(is_closed(raw));

    auto first = msipc::license::from_scratch();
    const IPC_LICENSE_HANDLE overwritten = first.get();
    first = msipc::license::from_scratch();
    CHECK(is_closed(overwritten) && first);
    first.reset(first.get());
    CHECK(first.content_id().size() > 0);
    const IPC_LICENSE_HANDLE given_away = first.release();
    CHECK(!first && IpcCloseHandle(reinterpret_cast<IPC_HANDLE>(given_away)) == S_OK);

    msipc::buffer bytes = std::move(sealed.license);
    CHECK(sealed.license.empty() && sealed.license.data() == nullptr && !bytes.empty());
    msipc::buffer &same = bytes;
    bytes = std::move(same);
    CHECK(bytes.size() > 1000 && bytes.data()[0] == 0xEF);
    mine(bytes.release());
    CHECK(code_of([&] { return moved.grants(IPC_GENERIC_READ); }) == E_HANDLE);

    std::vector<msipc::key> many;
    for (int i = 0; i < 20; i++)
        many.push_back(sealed_for_bob({IPC_GENERIC_READ}).key);
    std::reverse(many.begin(), many.end());
    many.erase(many.begin() + 3, many.begin() + 9);
    CHECK(many.size() == 14 && std::all_of(many.begin(), many.end(), [](const msipc::key &key) { return bool(key); }));
}

void owners_release_while_an_exception_flies()
{
    IPC_LICENSE_HANDLE license_seen = nullptr;
    IPC_KEY_HANDLE key_seen = nullptr;
    try {
        auto license = msipc::license::from_scratch();
        license_seen = license.get();
        license.set_user_rights({});
        auto sealed = license.serialize();
        key_seen = sealed.key.get();
        license.set_interval_days(70000); /* more than a license can say */
        CHECK(!"not reached");
    } catch (const msipc::error &error) {
        CHECK(error.code() == E_INVALIDARG);
    }
    CHECK(license_seen != nullptr && is_closed(license_seen));
    CHECK(key_seen != nullptr && is_closed(key_seen));
}

void keys_are_used_and_closed_on_other_threads()
{
    auto sealed = sealed_for_bob({IPC_GENERIC_READ});
    const Bytes content = content_of(5000);
    Bytes opened;
    auto work = [&, key = std::move(sealed.key)] { opened = key.decrypt_all(key.encrypt_all(content)); };
#if defined(__MINGW32__) && !defined(_GLIBCXX_HAS_GTHREADS)
    work(); /* this compiler has no threads for C++ */
#else
    std::thread(std::move(work)).join();
#endif
    CHECK(opened == content && !sealed.key);
}

struct Out_of_tokens : std::runtime_error {
    Out_of_tokens() : std::runtime_error("no more tokens") {}
};

void token_sources_may_throw_fail_and_be_empty()
{
    int asked = 0;
    msipc::prompt prompt;
    prompt.silent().with_token_from([&](const msipc::name_values &challenge, text &) -> HRESULT {
        asked += challenge.size() == 4 && challenge[0].name == text(W("authorization"));
        throw Out_of_tokens();
    });
    try {
        msipc::templates(prompt);
        CHECK(!"not reached");
    } catch (const Out_of_tokens &thrown) {
        CHECK(strcmp(thrown.what(), "no more tokens") == 0);
    }
    CHECK(asked == 1);
    const msipc::prompt copy = prompt;
    try {
        msipc::license::from_scratch().serialize(copy);
        CHECK(!"not reached");
    } catch (const Out_of_tokens &) {
    }
    CHECK(asked == 2);
    prompt.with_token_from([](const msipc::name_values &, text &) { return IPCERROR_NEEDS_UI; });
    CHECK(code_of([&] { return msipc::templates(prompt); }) == IPCERROR_NEEDS_UI);
    prompt.with_token_from([](const msipc::name_values &, text &jwt) { return jwt = W("a.b.c"), S_OK; });
    CHECK(code_of([&] { return msipc::templates(prompt); }) == WIN32(ERROR_NOT_AUTHENTICATED));
    prompt.with_token_from(nullptr);
    CHECK(code_of([&] { return msipc::templates(prompt); }) == E_POINTER);
    CHECK(bool(msipc::token::from(W("a.b.c"))));
    prompt.as_application(W("AAAA"), W("nobody"), W("nowhere"));
    CHECK(FAILED(code_of([&] { return msipc::templates(prompt); })));
    const auto offline = msipc::prompt().offline();
    const auto sealed = sealed_for_bob({IPC_GENERIC_READ});
    auto carol = as(CAROL);
    CHECK(code_of([&] { return msipc::key::open(sealed.license, offline); }) == IPCERROR_NEEDS_ONLINE);
}

void metadata_and_registration()
{
    const auto sealed = sealed_for_bob({IPC_GENERIC_READ});
    auto alice = as(ALICE);
    auto metadata = msipc::license_metadata::of(sealed.license, sealed.key);
    metadata.set_content_name(W("plan.txt"));
    metadata.set_content_path(W("/papers/plan.txt"));
    metadata.set_notification_type(IPCD_CT_NOTIFICATION_TYPE_ENABLED);
    metadata.set_notification_preference(IPCD_CT_NOTIFICATION_PREF_DIGEST);
    metadata.set_date_created(msipc::to_filetime(std::chrono::system_clock::now()));
    metadata.set_date_modified(msipc::to_filetime(std::chrono::system_clock::now()));
    metadata.clear(IPC_MD_DATE_MODIFIED);
    const msipc::buffer with = metadata.serialize();
    CHECK(with.size() > sealed.license.size());
    msipc::register_license(with, W("plan.txt"));
    const Bytes content = content_of(50);
    CHECK(msipc::key::open(with).decrypt_all(sealed.key.encrypt_all(content)) == content);
    CHECK(code_of([&] { metadata.set(99, nullptr); }) != S_OK);
}

void files_are_protected_opened_and_changed()
{
    auto alice = as(ALICE);
    const Bytes content = content_of(9000);
    FILE *plain = fopen("plan.bin", "wb");
    REQUIRE(plain != nullptr);
    CHECK(fwrite(content.data(), 1, content.size(), plain) == content.size());
    fclose(plain);
    auto license = msipc::license::from_scratch();
    license.set_user_rights({{msipc::user::email(BOB), {IPC_GENERIC_READ, IPC_GENERIC_WRITE, IPC_GENERIC_EXTRACT}}});
    CHECK(msipc::file_status(W("plan.bin")) == IPCF_FILE_STATUS_DECRYPTED);
    const text expected = msipc::encrypted_path(W("plan.bin"));
    const text name = msipc::encrypt_file(W("plan.bin"), license);
    CHECK(wide_contains(name.c_str(), "plan.bin.pfile") && wide_contains(expected.c_str(), "plan.bin.pfile"));
    CHECK(msipc::file_status(name) != IPCF_FILE_STATUS_DECRYPTED);
    CHECK(msipc::license_of_file(name).size() > 1000);
    CHECK(wide_contains(msipc::decrypted_path(name).c_str(), "plan.bin"));
    {
        auto bob = as(BOB);
        auto open = msipc::file::open(name);
        Bytes read(9000);
        CHECK(open.read(0, read) == 9000 && read == content);
        const BYTE changed[3] = {9, 9, 9};
        open.write(4095, changed);
        CHECK(open.read(4095, bytes_span(read).first(3)) == 3 && read[2] == 9);
        open.resize(5000);
        CHECK(open.read(4990, read) == 10);
        CHECK(open.header_position().qwSize > 0 && open.access_block_size() % 4096 == 0);
        open.set_access_block_size(8192);
        CHECK(open.access_block_size() == 8192 && open.is_authenticated());
        CHECK(open.raw_range(0, 10).qwSize >= 10);
        const auto read_only = msipc::file::open(name, msipc::prompt(), IPCX_OPEN_READ_ONLY);
        CHECK(bool(read_only));
    }
    auto bob = as(BOB);
    msipc::decrypt_file(name);
    {
        /* What a policy is made of may be gone when it is used. */
        auto alice_again = as(ALICE);
        const msipc::policy of_template = msipc::policy::of_template(msipc::templates().at(0).id);
        msipc::policy given_away(msipc::license::from_template(msipc::templates().at(0).id));
        const msipc::policy of_license = std::move(given_away);
        for (const msipc::policy *with : {&of_template, &of_license}) {
            const text again = msipc::encrypt_file(W("plan.bin"), *with);
            msipc::decrypt_file(again);
        }
        CHECK(code_of([] { return msipc::encrypt_file(W("plan.bin"), msipc::policy::of_template(nullptr)); }) == E_INVALIDARG);
    }
    CHECK(msipc::file_status(W("plan.bin")) == IPCF_FILE_STATUS_DECRYPTED);
    CHECK(code_of([] { return msipc::file_status(W("there is no such file")); }) == WIN32(ERROR_FILE_NOT_FOUND));
    CHECK(code_of([] { return msipc::encrypt_file(W("none"), msipc::policy::of_template(W("none"))); }) != S_OK);
}

void streams_are_protected_and_opened()
{
    auto alice = as(ALICE);
    const auto list = msipc::templates();
    const Bytes content = content_of(20000);
    auto in = msipc::stream::in_memory(content);
    auto out = msipc::stream::in_memory();
    const text name = msipc::encrypt_stream(in, W("plan.bin"), msipc::policy::of_template(list[0].id), out);
    CHECK(wide_contains(name.c_str(), "plan.bin.pfile"));
    CHECK(msipc::stream_status(out, name) != IPCF_FILE_STATUS_DECRYPTED);
    CHECK(msipc::license_of_stream(out, name).size() > 1000 && out.contents() != content);
    Bytes read(content.size());
    CHECK(msipc::file::open(out).read(0, read) == content.size() && read == content);
    auto back = msipc::stream::in_memory();
    msipc::decrypt_stream(out, name, back);
    CHECK(back.contents() == content);

    msipc::stream moved = std::move(back);
    msipc::stream &itself = moved;
    moved = std::move(itself);
    CHECK(!back && moved.contents().size() == content.size());
    moved = msipc::stream();
    CHECK(!moved);
    CHECK(code_of([&] { return moved.contents(); }) == WIN32(ERROR_INVALID_HANDLE));
    IPC_LICENSE_METADATA metadata = {};
    metadata.cbSize = sizeof metadata;
    metadata.wszContentName = W("plan.bin");
    auto license = msipc::license::from_scratch();
    license.set_user_rights({});
    auto tracked = msipc::stream::in_memory();
    msipc::encrypt_stream(in, W("plan.bin"), license, tracked, msipc::prompt(), IPCF_EF_FLAG_DEFAULT, &metadata);
    CHECK(tracked.contents().size() > content.size());
}

void settings_of_the_process()
{
    msipc::environment::initialize();
    msipc::environment::initialize();
    CHECK(msipc::environment::api_mode() == IPC_API_MODE_CLIENT);
    CHECK(msipc::environment::store_name().empty());
    msipc::environment::set_application_id(W("6b29fc40-ca47-1067-b31d-00dd010662da"), W("urn:mill"));
    CHECK(code_of([] { msipc::environment::set_store_name(W("far too long a name")); }) == E_INVALIDARG);
    msipc::environment::set_identity(BOB);
    CHECK(msipc::license::from_scratch().owner().id == text(BOB));
    msipc::environment::set_identity(nullptr);
    msipc::environment::set_api_mode(IPC_API_MODE_CLIENT);
    CHECK(code_of([] { msipc::environment::set_api_mode(IPC_API_MODE_CLIENT); }) == IPCERROR_PROPERTY_ALREADY_SET);
    msipc::environment::uninitialize();
}

void conversions()
{
    using clock = std::chrono::system_clock;
    const auto now = clock::now();
    CHECK(now - msipc::to_time_point(msipc::to_filetime(now)) < std::chrono::microseconds(1));
    CHECK(msipc::to_filetime(clock::from_time_t(0)).dwHighDateTime == 0x019DB1DE);
    CHECK(msipc::to_filetime(clock::from_time_t(0)).dwLowDateTime == 0xD53E8000);
    CHECK(msipc::to_time_point({0xFFFFFFFF, 0xFFFFFFFF}) == (clock::time_point::max)());
    CHECK(msipc::to_utf8(W("m\u00E4\u20AC")) == "m\xC3\xA4\xE2\x82\xAC");
    CHECK(msipc::to_utf8(W("\U0001F512")) == "\xF0\x9F\x94\x92");
    const WCHAR half[] = {static_cast<WCHAR>(0xD800), 'a', 0};
    CHECK(msipc::to_utf8(half) == "\xEF\xBF\xBD" "a");
    CHECK(!msipc::message(IPCERROR_NEEDS_ONLINE).empty());
}

/* A failure that a test did not expect is a failure of the test. */
template <void (*Test)()>
void guarded()
{
    try {
        Test();
    } catch (const std::exception &failure) {
        complain(__FILE__, __LINE__, failure.what());
    }
}

} // namespace

#define RUN_CPP(test) run_test(#test, guarded<test>)

int main()
{
    RUN_CPP(journey_from_scratch);
    RUN_CPP(pieces_in_place_and_apart);
    RUN_CPP(an_output_that_is_not_there_is_no_question_about_the_size);
    RUN_CPP(lengths_beyond_32_bits_are_refused);
    RUN_CPP(templates_and_issuers_are_values);
    RUN_CPP(every_property_comes_back);
    RUN_CPP(a_content_key_is_used_again);
    RUN_CPP(errors_hold_code_and_reason);
    RUN_CPP(text_with_a_nul_inside_is_refused_and_not_cut_off);
    RUN_CPP(owners_close_once_and_moves_keep_what_they_hold);
    RUN_CPP(owners_release_while_an_exception_flies);
    RUN_CPP(keys_are_used_and_closed_on_other_threads);
    RUN_CPP(token_sources_may_throw_fail_and_be_empty);
    RUN_CPP(metadata_and_registration);
    RUN_CPP(files_are_protected_opened_and_changed);
    RUN_CPP(streams_are_protected_and_opened);
    RUN_CPP(settings_of_the_process);
    RUN_CPP(conversions);
    return finish_tests();
}
