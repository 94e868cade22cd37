/*
 * Rights management for C++17: owners, values and errors around msipc.h and msipc_ext.h. One header, nothing to link but
 * the library itself.
 *
 * Everything is in the namespace msipc. What a function of C needs two calls, a cast and a free for is one expression:
 *
 *     auto license = msipc::license::from_template(id);
 *     auto sealed = license.serialize();
 *     std::vector<BYTE> encrypted = sealed.key.encrypt_all(content);
 *
 * Errors. A failed call throws msipc::error, which holds the HRESULT and the reason that the library gives. With
 * MSIPC_NO_EXCEPTIONS defined, or when the compiler has exceptions turned off, nothing is thrown: every operation returns
 * msipc::result<T> instead, which holds the value or an msipc::failure. The comments write outcome<T> for either: T itself,
 * or result<T>. Memory that cannot be had is std::bad_alloc, or the end of the program without exceptions.
 *
 * Owners. key, license, license_metadata, file, token, buffer and stream own what they hold, are moved and not copied, and
 * close or free it when they end; moved-from and default-made ones hold nothing. Every other type is a plain value.
 *
 * Text. text is std::wstring (std::u16string for a library built with 16-bit text). Where a function takes text_arg, a
 * literal, a text or a text_view will do; text with a NUL inside is refused and never cut off. Null is no text.
 *
 * Bytes. bytes_view and bytes_span are std::span<const BYTE> and std::span<BYTE> where the standard library has them, else
 * a class of the same use. Arrays, vectors and spans of BYTE convert. Characters (std::string, std::vector<char>, a literal) do
 * not; write bytes_view(reinterpret_cast<const BYTE *>(text.data()), text.size()).
 *
 * Threads and everything else are as msipc.h says. An object of this header may be used by several threads where its handle
 * may, as long as none of them moves it or assigns to it.
 */
#ifndef MSIPC_HPP
#define MSIPC_HPP

#include "msipc_ext.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#if __cplusplus < 201703L && (!defined(_MSVC_LANG) || _MSVC_LANG < 201703L)
#error "msipc.hpp needs C++17"
#endif

#if !defined(MSIPC_NO_EXCEPTIONS) && !defined(__cpp_exceptions) && !defined(_CPPUNWIND)
#define MSIPC_NO_EXCEPTIONS
#endif
#ifndef MSIPC_NO_EXCEPTIONS
#include <exception>
#endif

#if defined(__has_include)
#if __has_include(<version>)
#include <version>
#endif
#endif
#ifdef __cpp_lib_span
#include <span>
#endif

#if defined(__GNUC__)
#define MSIPC_HPP_COLD __attribute__((cold, noinline))
// Streams may be made in languages that keep no type information beside their table of functions.
#define MSIPC_HPP_FOREIGN __attribute__((no_sanitize("vptr")))
#define MSIPC_HPP_UNLIKELY(condition) __builtin_expect(!!(condition), 0)
#else
#define MSIPC_HPP_COLD
#define MSIPC_HPP_FOREIGN
#define MSIPC_HPP_UNLIKELY(condition) (condition)
#endif
#ifdef NONAMELESSUNION
#define MSIPC_HPP_MEMBER(object, name) (object).u.name
#else
#define MSIPC_HPP_MEMBER(object, name) (object).name
#endif

namespace msipc {

// Parts of a program may be compiled in different ways; the name of the inner namespace keeps their functions apart.
#if defined(MSIPC_NO_EXCEPTIONS) && defined(__cpp_lib_span)
inline namespace v1_results_span {
#elif defined(MSIPC_NO_EXCEPTIONS)
inline namespace v1_results {
#elif defined(__cpp_lib_span)
inline namespace v1_throws_span {
#else
inline namespace v1_throws {
#endif

/// Wide text, as the library takes and gives it.
using text = std::basic_string<WCHAR>;
/// Wide text that somebody else owns; it need not end in NUL.
using text_view = std::basic_string_view<WCHAR>;

#ifdef __cpp_lib_span
template <typename T>
using span = std::span<T>;
#else
/// A piece of memory that somebody else owns.
template <typename T>
class span {
public:
    using element_type = T;
    using value_type = std::remove_cv_t<T>;

    constexpr span() noexcept = default;
    constexpr span(T *data, std::size_t size) noexcept : data_(data), size_(size) {}
    template <typename U, std::size_t N, typename = std::enable_if_t<std::is_convertible<U (*)[], T (*)[]>::value>>
    constexpr span(U (&array)[N]) noexcept : data_(array), size_(N)
    {
    }
    template <typename Range, typename = std::enable_if_t<
                                  std::is_convertible<
                                      std::remove_pointer_t<decltype(std::declval<Range &>().data())> (*)[], T (*)[]>::value &&
                                  std::is_convertible<decltype(std::declval<Range &>().size()), std::size_t>::value &&
                                  (std::is_lvalue_reference<Range>::value || std::is_const<T>::value)>>
    constexpr span(Range &&range) noexcept : data_(range.data()), size_(range.size())
    {
    }

    constexpr T *data() const noexcept { return data_; }
    constexpr std::size_t size() const noexcept { return size_; }
    constexpr bool empty() const noexcept { return size_ == 0; }
    constexpr T *begin() const noexcept { return data_; }
    constexpr T *end() const noexcept { return data_ + size_; }
    constexpr T &operator[](std::size_t at) const noexcept { return data_[at]; }
    constexpr span subspan(std::size_t from, std::size_t count = static_cast<std::size_t>(-1)) const noexcept
    {
        return span(data_ + from, count < size_ - from ? count : size_ - from);
    }
    constexpr span first(std::size_t count) const noexcept { return span(data_, count); }

private:
    T *data_ = nullptr;
    std::size_t size_ = 0;
};
#endif

/// Bytes that are only read.
using bytes_view = span<const BYTE>;
/// Bytes that are written.
using bytes_span = span<BYTE>;

/// Gives blocks of the library back.
struct free_memory {
    void operator()(const void *memory) const noexcept { IpcFreeMemory(const_cast<void *>(memory)); }
};
/// A block of the library with one owner.
template <typename T>
using block = std::unique_ptr<T, free_memory>;

/// UTF-8 for logs and consoles. What is no Unicode becomes U+FFFD.
inline std::string to_utf8(text_view wide)
{
    std::string out;
    out.reserve(wide.size());
    for (std::size_t at = 0; at < wide.size(); at++) {
        auto c = static_cast<std::uint32_t>(wide[at]);
        if (sizeof(WCHAR) == 2)
            c &= 0xFFFFu;
        if (c >= 0xD800 && c < 0xDC00 && at + 1 < wide.size()) {
            const auto low = static_cast<std::uint32_t>(wide[at + 1]) & 0xFFFFu;
            if (sizeof(WCHAR) == 2 && low >= 0xDC00 && low < 0xE000) {
                c = 0x10000u + ((c - 0xD800u) << 10) + (low - 0xDC00u);
                at++;
            }
        }
        if ((c >= 0xD800 && c < 0xE000) || c > 0x10FFFF)
            c = 0xFFFD;
        if (c < 0x80) {
            out += static_cast<char>(c);
        } else {
            if (c < 0x800) {
                out += static_cast<char>(0xC0u | c >> 6);
            } else {
                if (c < 0x10000) {
                    out += static_cast<char>(0xE0u | c >> 12);
                } else {
                    out += static_cast<char>(0xF0u | c >> 18);
                    out += static_cast<char>(0x80u | (c >> 12 & 0x3Fu));
                }
                out += static_cast<char>(0x80u | (c >> 6 & 0x3Fu));
            }
            out += static_cast<char>(0x80u | (c & 0x3Fu));
        }
    }
    return out;
}

namespace detail {

/// A text of C as a value; null is empty.
inline text own(LPCWSTR wide)
{
    return wide != nullptr ? text(wide) : text();
}

/// Text that no function takes: half of a surrogate pair. Stands for text with a NUL inside, which C would cut off: a
/// right or an address that is cut off is another one.
inline LPCWSTR refused() noexcept
{
    static const WCHAR half[] = {static_cast<WCHAR>(0xD800), 0};
    return half;
}

inline LPCWSTR terminated(const text &wide) noexcept
{
    return wide.find(WCHAR()) == text::npos ? wide.c_str() : refused();
}

inline LPCWSTR terminated_or_null(const text &wide) noexcept
{
    return wide.empty() ? nullptr : terminated(wide);
}

} // namespace detail

/// What functions take as text: a literal, a text, a text_view, or nullptr where there may be none.
class text_arg {
public:
    text_arg(std::nullptr_t) noexcept {}
    text_arg(LPCWSTR wide) noexcept : wide_(wide) {}
    text_arg(const text &wide) noexcept : wide_(detail::terminated(wide)) {}
    text_arg(text_view wide) : copy_(wide), wide_(detail::terminated(copy_)) {}
    text_arg(const text_arg &) = delete;
    text_arg &operator=(const text_arg &) = delete;

    LPCWSTR get() const noexcept { return wide_; }

private:
    text copy_;
    LPCWSTR wide_ = nullptr;
};

/// What a code means and what to do about it, in English.
inline text message(HRESULT code)
{
    LPCWSTR wide = nullptr;
    IpcGetErrorMessageText(code, 0, &wide);
    const block<const WCHAR> owned(wide);
    return detail::own(wide);
}

/// Which function failed last on this thread, with which code and why; empty when none did.
inline text last_detail()
{
    LPCWSTR wide = nullptr;
    IpcxGetLastErrorDetail(&wide);
    const block<const WCHAR> owned(wide);
    return detail::own(wide);
}

/// What this thread was refused last, as a JSON object for programs (IpcxExplain); empty when there was nothing.
inline text explain()
{
    LPCWSTR wide = nullptr;
    IpcxExplain(0, &wide);
    const block<const WCHAR> owned(wide);
    return detail::own(wide);
}

/// Why a call failed.
struct failure {
    /// What the function returned.
    HRESULT code = S_OK;
    /// Function, code and reason in one line of English.
    text detail;

    /// What the code means and what to do about it.
    text message() const { return msipc::message(code); }

    /// The failure of the call that this thread just made.
    MSIPC_HPP_COLD static failure last(HRESULT code) { return failure{code, last_detail()}; }
};

#ifndef MSIPC_NO_EXCEPTIONS
/// What is thrown when a call fails.
class error : public std::exception {
public:
    explicit error(failure why) : state_(std::make_shared<const state>(std::move(why))) {}

    /// What the function returned.
    HRESULT code() const noexcept { return state_->why.code; }
    /// Function, code and reason in one line of English.
    const text &detail() const noexcept { return state_->why.detail; }
    /// What the code means and what to do about it.
    text message() const { return state_->why.message(); }
    /// The same as detail(), in UTF-8.
    const char *what() const noexcept override { return state_->what.c_str(); }
    /// Both together.
    const failure &why() const noexcept { return state_->why; }

private:
    struct state {
        failure why;
        std::string what;
        explicit state(failure given) : why(std::move(given)), what(to_utf8(why.detail)) {}
    };
    // Exceptions are copied while they fly, which must not fail.
    std::shared_ptr<const state> state_;
};
#endif

namespace detail {

[[noreturn]] MSIPC_HPP_COLD inline void raise(failure why)
{
#ifndef MSIPC_NO_EXCEPTIONS
    throw error(std::move(why));
#else
    std::fprintf(stderr, "msipc: the value of a failed call was used: %s\n", to_utf8(why.detail).c_str());
    std::abort();
#endif
}

} // namespace detail

/// A value, or why there is none.
template <typename T>
class [[nodiscard]] result {
public:
    result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    result(failure why) : state_(std::in_place_index<1>, std::move(why)) {}

    /// True when there is a value.
    explicit operator bool() const noexcept { return state_.index() == 0; }
    /// S_OK, or what the function returned.
    HRESULT code() const noexcept { return *this ? S_OK : std::get_if<1>(&state_)->code; }
    /// Why there is no value; only to be called when there is none.
    const failure &why() const noexcept { return *std::get_if<1>(&state_); }

    /// The value. Without one the error is thrown; without exceptions the program ends.
    T &value() &
    {
        demand();
        return *std::get_if<0>(&state_);
    }
    const T &value() const &
    {
        demand();
        return *std::get_if<0>(&state_);
    }
    T value() &&
    {
        demand();
        return std::move(*std::get_if<0>(&state_));
    }
    T &operator*() & { return value(); }
    const T &operator*() const & { return value(); }
    T operator*() && { return std::move(*this).value(); }
    T *operator->() { return &value(); }
    const T *operator->() const { return &value(); }

private:
    void demand() const
    {
        if (!*this)
            detail::raise(why());
    }
    std::variant<T, failure> state_;
};

/// Success, or why there was none.
template <>
class [[nodiscard]] result<void> {
public:
    result() noexcept = default;
    result(failure why) : failed_(true), why_(std::move(why)) {}

    explicit operator bool() const noexcept { return !failed_; }
    HRESULT code() const noexcept { return failed_ ? why_.code : S_OK; }
    const failure &why() const noexcept { return why_; }
    void value() const
    {
        if (failed_)
            detail::raise(why_);
    }

private:
    bool failed_ = false;
    failure why_;
};

#ifndef MSIPC_NO_EXCEPTIONS
/// What operations return: the value itself; failures are thrown.
template <typename T>
using outcome = T;

/// Runs a function and gives its value, or the error that it ended with. Other exceptions pass.
template <typename Function>
result<std::invoke_result_t<Function>> attempt(Function &&function)
{
    try {
        if constexpr (std::is_void<std::invoke_result_t<Function>>::value) {
            std::forward<Function>(function)();
            return {};
        } else {
            return std::forward<Function>(function)();
        }
    } catch (const error &caught) {
        return caught.why();
    }
}
#else
/// What operations return: a value, or why there is none.
template <typename T>
using outcome = result<T>;
#endif

namespace detail {

/// The failure of the call that was just made.
template <typename T>
MSIPC_HPP_COLD outcome<T> fail(HRESULT code)
{
#ifndef MSIPC_NO_EXCEPTIONS
    raise(failure::last(code));
#else
    return failure::last(code);
#endif
}

/// A failure that this header found.
template <typename T>
MSIPC_HPP_COLD outcome<T> refuse(HRESULT code, LPCWSTR why)
{
#ifndef MSIPC_NO_EXCEPTIONS
    raise(failure{code, text(why)});
#else
    return failure{code, text(why)};
#endif
}

/// The value that `make` makes when the call went well.
template <typename T, typename Make>
outcome<T> give(HRESULT code, Make &&make)
{
    if (MSIPC_HPP_UNLIKELY(FAILED(code)))
        return fail<T>(code);
    return std::forward<Make>(make)();
}

inline outcome<void> check(HRESULT code)
{
    if (MSIPC_HPP_UNLIKELY(FAILED(code)))
        return fail<void>(code);
    return outcome<void>();
}

/// More bytes than one call takes: they are counted in 32 bits.
inline bool too_long(std::size_t size) noexcept
{
    return size > 0xFFFFFFFFu;
}

template <typename T>
MSIPC_HPP_COLD outcome<T> refuse_length()
{
    return refuse<T>(E_INVALIDARG, IPC_TEXT("one call takes at most 4,294,967,295 bytes"));
}

/// A list of C: the elements behind a count.
template <typename Item, typename List>
span<const Item> items(const List *list, std::size_t offset, std::size_t count) noexcept
{
    return span<const Item>(reinterpret_cast<const Item *>(reinterpret_cast<const BYTE *>(list) + offset), count);
}

} // namespace detail

/// A handle with one owner.
template <typename Handle>
class unique_handle {
public:
    unique_handle() noexcept = default;
    /// Takes a handle over.
    explicit unique_handle(Handle handle) noexcept : handle_(handle) {}
    unique_handle(unique_handle &&other) noexcept : handle_(other.release()) {}
    unique_handle &operator=(unique_handle &&other) noexcept
    {
        // Releasing first makes a move onto itself keep the handle.
        reset(other.release());
        return *this;
    }
    unique_handle(const unique_handle &) = delete;
    unique_handle &operator=(const unique_handle &) = delete;
    ~unique_handle() { reset(); }

    /// The handle, for functions of C. It stays this object's.
    Handle get() const noexcept { return handle_; }
    /// True when there is a handle.
    explicit operator bool() const noexcept { return handle_ != nullptr; }
    /// Gives the handle away: whoever called closes it.
    Handle release() noexcept { return std::exchange(handle_, nullptr); }
    /// Closes the handle and takes another one over.
    void reset(Handle handle = nullptr) noexcept
    {
        const Handle old = std::exchange(handle_, handle);
        if (old != nullptr && old != handle)
            IpcCloseHandle(reinterpret_cast<IPC_HANDLE>(old));
    }

private:
    Handle handle_ = nullptr;
};

/// Bytes that the library gave out: a license, a template file, a list of revocations.
class buffer {
public:
    buffer() noexcept = default;
    /// Takes a block over.
    explicit buffer(PIPC_BUFFER block) noexcept : block_(block) {}

    const BYTE *data() const noexcept { return block_ != nullptr ? static_cast<const BYTE *>(block_->pvBuffer) : nullptr; }
    std::size_t size() const noexcept { return block_ != nullptr ? block_->cbBuffer : 0; }
    const BYTE *begin() const noexcept { return data(); }
    const BYTE *end() const noexcept { return data() + size(); }
    bool empty() const noexcept { return size() == 0; }
    explicit operator bool() const noexcept { return block_ != nullptr; }
    /// The structure, for functions of C. It stays this object's.
    PCIPC_BUFFER get() const noexcept { return block_.get(); }
    /// Gives the block away: whoever called frees it.
    PIPC_BUFFER release() noexcept { return block_.release(); }

private:
    block<IPC_BUFFER> block_;
};

namespace detail {

/// Bytes of the caller as a structure of C. A license of 4 GiB is refused by the library whatever it holds.
struct borrowed {
    IPC_BUFFER value;
    explicit borrowed(bytes_view bytes) noexcept
        : value{const_cast<BYTE *>(bytes.data()), static_cast<DWORD>(too_long(bytes.size()) ? 0xFFFFFFFFu : bytes.size())}
    {
    }
    PCIPC_BUFFER get() const noexcept { return &value; }
};

} // namespace detail

/// An access token, as the application got it from its identity provider.
class token : public unique_handle<IPC_AUTH_TOKEN_HANDLE> {
public:
    using unique_handle::unique_handle;

    static outcome<token> from(text_arg jwt)
    {
        IPC_AUTH_TOKEN_HANDLE handle = nullptr;
        const HRESULT code = IpcCreateOAuth2Token(jwt.get(), &handle);
        return detail::give<token>(code, [&] { return token(handle); });
    }
};

/// A name and a value.
struct name_value {
    text name;
    text value;
};
/// Names and values: data of the application, or the challenge of an authority.
using name_values = std::vector<name_value>;

namespace detail {

inline name_values own(const IPC_NAME_VALUE_LIST *list)
{
    name_values out;
    for (const IPC_NAME_VALUE &pair :
         items<IPC_NAME_VALUE>(list, offsetof(IPC_NAME_VALUE_LIST, aNameValuePairs), list->cNameValuePairs))
        out.push_back({own(pair.wszName), own(pair.wszValue)});
    return out;
}

} // namespace detail

/// What a call may do to get its answer, and who asks. A value: fill it once and pass it to any number of calls.
class prompt {
public:
    /// Gets an access token for a challenge: sets the text and returns S_OK, or a code that the call then fails with. An
    /// exception that it throws is thrown by the call.
    using token_source = std::function<HRESULT(const name_values &challenge, text &jwt)>;

    /// Shows no window.
    prompt &silent(bool on = true) { return flag(IPC_PROMPT_FLAG_SILENT, on); }
    /// Asks no authority.
    prompt &offline(bool on = true) { return flag(IPC_PROMPT_FLAG_OFFLINE, on); }
    /// The user agreed to contact an authority that was not used before.
    prompt &has_user_consent(bool on = true) { return flag(IPC_PROMPT_FLAG_HAS_USER_CONSENT, on); }
    /// The parent of any window.
    prompt &parent(HWND window)
    {
        parent_ = window;
        return used();
    }
    /// Cancels the call: an event of Windows, or IPCX_CANCEL_FD elsewhere. It stays the caller's.
    prompt &cancel_on(HANDLE event)
    {
        cancel_ = event;
        return used();
    }
    /// Asks as an application that has a symmetric key. The texts are kept in this object.
    prompt &as_application(text base64_key, text principal, text tenant)
    {
        key_ = std::move(base64_key);
        principal_ = std::move(principal);
        tenant_ = std::move(tenant);
        type_ = IPC_CREDENTIAL_TYPE_SYMMETRIC_KEY;
        return used();
    }
    /// Asks as the holder of a certificate, which stays the caller's.
    prompt &as_certificate(PCCERT_CONTEXT certificate)
    {
        certificate_ = certificate;
        type_ = IPC_CREDENTIAL_TYPE_X509;
        return used();
    }
    /// Asks as whom the access token names.
    prompt &with_token_from(token_source source)
    {
        source_ = std::move(source);
        type_ = IPC_CREDENTIAL_TYPE_OAUTH2;
        return used();
    }

    class frame;

private:
    prompt &flag(DWORD bit, bool on)
    {
        flags_ = on ? flags_ | bit : flags_ & ~bit;
        return used();
    }
    prompt &used()
    {
        used_ = true;
        return *this;
    }

    bool used_ = false;
    DWORD flags_ = 0;
    DWORD type_ = 0;
    HWND parent_ = nullptr;
    HANDLE cancel_ = nullptr;
    PCCERT_CONTEXT certificate_ = nullptr;
    text key_, principal_, tenant_;
    token_source source_;
};

/// The structures of C for one call with a prompt. The prompt outlives it.
class prompt::frame {
public:
    explicit frame(const prompt &asked) : source_(&asked.source_)
    {
        std::memset(&context_, 0, sizeof context_);
        std::memset(&credential_, 0, sizeof credential_);
        if (!asked.used_)
            return;
        context_.cbSize = sizeof context_;
        context_.dwFlags = asked.flags_;
        context_.hwndParent = asked.parent_;
        context_.hCancelEvent = asked.cancel_;
        given_ = &context_;
        if (asked.type_ == 0)
            return;
        context_.pcCredential = &credential_;
        credential_.dwType = asked.type_;
        if (asked.type_ == IPC_CREDENTIAL_TYPE_SYMMETRIC_KEY) {
            symmetric_.wszBase64Key = detail::terminated(asked.key_);
            symmetric_.wszAppPrincipalId = detail::terminated(asked.principal_);
            symmetric_.wszBposTenantId = detail::terminated(asked.tenant_);
            MSIPC_HPP_MEMBER(credential_, pcSymmetricKey) = &symmetric_;
        } else if (asked.type_ == IPC_CREDENTIAL_TYPE_X509) {
            MSIPC_HPP_MEMBER(credential_, pcCertContext) = asked.certificate_;
        } else {
            callback_.cbSize = sizeof callback_;
            callback_.pfnCallback = answer;
            callback_.pvContext = this;
            MSIPC_HPP_MEMBER(credential_, pcOAuth2) = &callback_;
        }
    }
    frame(const frame &) = delete;
    frame &operator=(const frame &) = delete;

    /// For functions of C; null when the prompt says nothing.
    PCIPC_PROMPT_CTX get() const noexcept { return given_; }

    /// Throws what the application's function threw, which could not pass through C.
    HRESULT pass(HRESULT code) const
    {
#ifndef MSIPC_NO_EXCEPTIONS
        if (FAILED(code) && thrown_ != nullptr)
            std::rethrow_exception(thrown_);
#endif
        return code;
    }

private:
    static HRESULT CALLBACK answer(LPVOID context, PIPC_NAME_VALUE_LIST challenge, IPC_AUTH_TOKEN_HANDLE *token)
    {
        frame &self = *static_cast<frame *>(context);
#ifndef MSIPC_NO_EXCEPTIONS
        try {
            return self.ask(challenge, token);
        } catch (...) {
            self.thrown_ = std::current_exception();
            return E_ABORT;
        }
#else
        return self.ask(challenge, token);
#endif
    }

    HRESULT ask(PIPC_NAME_VALUE_LIST challenge, IPC_AUTH_TOKEN_HANDLE *token)
    {
        text jwt;
        const HRESULT code = *source_ ? (*source_)(detail::own(challenge), jwt) : E_POINTER;
        return FAILED(code) ? code : IpcCreateOAuth2Token(detail::terminated(jwt), token);
    }

    PCIPC_PROMPT_CTX given_ = nullptr;
    IPC_PROMPT_CTX context_;
    IPC_CREDENTIAL credential_;
    IPC_CREDENTIAL_SYMMETRIC_KEY symmetric_ = {};
    IPC_OAUTH2_CALLBACK_INFO callback_ = {};
    const token_source *source_;
#ifndef MSIPC_NO_EXCEPTIONS
    std::exception_ptr thrown_;
#endif
};

/// FILETIME of a moment, cut to 100 ns.
inline FILETIME to_filetime(std::chrono::system_clock::time_point moment)
{
    using ticks = std::chrono::duration<std::int64_t, std::ratio<1, 10000000>>;
    const auto since_1970 = std::chrono::floor<ticks>(moment.time_since_epoch()).count();
    const auto value = static_cast<std::uint64_t>(since_1970 + 116444736000000000);
    FILETIME out;
    out.dwLowDateTime = static_cast<DWORD>(value & 0xFFFFFFFFu);
    out.dwHighDateTime = static_cast<DWORD>(value >> 32);
    return out;
}

/// The moment of a FILETIME; what the clock of the standard library cannot tell becomes its first or last moment.
inline std::chrono::system_clock::time_point to_time_point(FILETIME time)
{
    using ticks = std::chrono::duration<std::int64_t, std::ratio<1, 10000000>>;
    using clock = std::chrono::system_clock;
    const std::uint64_t value = static_cast<std::uint64_t>(time.dwHighDateTime) << 32 | time.dwLowDateTime;
    if (value > static_cast<std::uint64_t>((std::numeric_limits<std::int64_t>::max)()))
        return (clock::time_point::max)();
    const ticks since_1970(static_cast<std::int64_t>(value) - 116444736000000000);
    if (since_1970 > std::chrono::duration_cast<ticks>((clock::duration::max)()))
        return (clock::time_point::max)();
    if (since_1970 < std::chrono::duration_cast<ticks>((clock::duration::min)()))
        return (clock::time_point::min)();
    return clock::time_point(std::chrono::duration_cast<clock::duration>(since_1970));
}

/// A user or group: a mail address, or one of the IPC_USER_ID_ constants with IPC_USER_TYPE_IPC.
struct user {
    text id;
    DWORD type = IPC_USER_TYPE_EMAIL;

    static user email(text address) { return user{std::move(address), IPC_USER_TYPE_EMAIL}; }
    static user everyone() { return user{IPC_USER_ID_EVERYONE, IPC_USER_TYPE_IPC}; }
    static user owner() { return user{IPC_USER_ID_OWNER, IPC_USER_TYPE_IPC}; }
};

/// A user and what it may do: names like IPC_GENERIC_READ.
struct user_rights {
    msipc::user user;
    std::vector<text> rights;
};
/// The users of a license.
using rights_list = std::vector<user_rights>;

/// Name and description of a policy in one language.
struct template_info {
    /// Id of the template; empty for a license that was not made from one.
    text id;
    LCID lcid = 0;
    text name;
    text description;
    /// Name of the organization.
    text issuer;
    bool from_template = false;
};

/// Where an authority is reached; both empty mean the default one.
struct connection {
    text extranet_url;
    text intranet_url;
};

/// An authority that licenses are made with. One that says nothing is the default authority.
struct template_issuer {
    msipc::connection connection;
    text display_name;
    bool allows_from_scratch = true;
};

namespace detail {

inline user own(const IPC_USER &of)
{
    return user{own(of.wszID), of.dwType};
}

inline template_info own(const IPC_TEMPLATE_INFO &of)
{
    return template_info{own(of.wszID),          of.lcid, own(of.wszName), own(of.wszDescription),
                         own(of.wszIssuerDisplayName), of.fFromTemplate != FALSE};
}

inline connection own(const IPC_CONNECTION_INFO &of)
{
    return connection{own(of.wszExtranetUrl), own(of.wszIntranetUrl)};
}

inline rights_list own(const IPC_USER_RIGHTS_LIST *list)
{
    rights_list out;
    for (const IPC_USER_RIGHTS &entry :
         items<IPC_USER_RIGHTS>(list, offsetof(IPC_USER_RIGHTS_LIST, rgUserRights), list->cUserRights)) {
        user_rights one{own(entry.User), {}};
        for (DWORD at = 0; at < entry.cRights; at++)
            one.rights.push_back(own(entry.rgwszRights[at]));
        out.push_back(std::move(one));
    }
    return out;
}

inline IPC_CONNECTION_INFO lend(const connection &of) noexcept
{
    IPC_CONNECTION_INFO out;
    out.wszExtranetUrl = terminated_or_null(of.extranet_url);
    out.wszIntranetUrl = terminated_or_null(of.intranet_url);
    return out;
}

inline IPC_TEMPLATE_ISSUER lend(const template_issuer &of) noexcept
{
    IPC_TEMPLATE_ISSUER out;
    out.connectionInfo = lend(of.connection);
    out.wszDisplayName = terminated_or_null(of.display_name);
    out.fAllowFromScratch = of.allows_from_scratch ? TRUE : FALSE;
    return out;
}

/// A list of C with room for its elements. What the elements point to stays the caller's.
template <typename List, typename Item>
class lent_list {
public:
    lent_list(std::size_t offset, std::size_t count)
        : memory_((std::max)(sizeof(List), offset + count * sizeof(Item)) / sizeof(std::max_align_t) + 1), offset_(offset)
    {
        ::new (static_cast<void *>(memory_.data())) List();
    }
    List *get() noexcept { return reinterpret_cast<List *>(memory_.data()); }
    void put(std::size_t at, const Item &item) noexcept
    {
        ::new (static_cast<void *>(reinterpret_cast<BYTE *>(memory_.data()) + offset_ + at * sizeof(Item))) Item(item);
    }

private:
    std::vector<std::max_align_t> memory_;
    std::size_t offset_;
};

class lent_rights : public lent_list<IPC_USER_RIGHTS_LIST, IPC_USER_RIGHTS> {
public:
    explicit lent_rights(const rights_list &list) : lent_list(offsetof(IPC_USER_RIGHTS_LIST, rgUserRights), list.size())
    {
        names_.reserve(list.size());
        get()->cbSize = sizeof(IPC_USER_RIGHTS_LIST);
        get()->cUserRights = static_cast<DWORD>(list.size());
        for (std::size_t at = 0; at < list.size(); at++) {
            names_.emplace_back();
            for (const text &right : list[at].rights)
                names_.back().push_back(terminated(right));
            IPC_USER_RIGHTS one = {};
            one.User.dwType = list[at].user.type;
            one.User.wszID = terminated(list[at].user.id);
            one.cRights = static_cast<DWORD>(names_.back().size());
            one.rgwszRights = names_.back().empty() ? nullptr : names_.back().data();
            put(at, one);
        }
    }

private:
    std::vector<std::vector<LPCWSTR>> names_;
};

class lent_names : public lent_list<IPC_NAME_VALUE_LIST, IPC_NAME_VALUE> {
public:
    explicit lent_names(const name_values &list)
        : lent_list(offsetof(IPC_NAME_VALUE_LIST, aNameValuePairs), list.size())
    {
        get()->cNameValuePairs = static_cast<DWORD>(list.size());
        for (std::size_t at = 0; at < list.size(); at++) {
            IPC_NAME_VALUE one = {};
            one.wszName = terminated(list[at].name);
            one.wszValue = terminated(list[at].value);
            put(at, one);
        }
    }
};

} // namespace detail

/// A key: the content key of a license and the rights of one account. Any number of threads may use one.
class key : public unique_handle<IPC_KEY_HANDLE> {
public:
    using unique_handle::unique_handle;

    /// Opens a license, with or without a byte-order mark. flags are IPC_GK_FLAG_ bits.
    static outcome<key> open(bytes_view license, const prompt &asked = {}, DWORD flags = IPC_GK_FLAG_DEFAULT)
    {
        const prompt::frame frame(asked);
        const detail::borrowed bytes(license);
        IPC_KEY_HANDLE handle = nullptr;
        const HRESULT code = frame.pass(IpcGetKey(bytes.get(), flags, frame.get(), nullptr, &handle));
        return detail::give<key>(code, [&] { return key(handle); });
    }

    /// True when the account has the right now.
    outcome<bool> grants(text_arg right) const
    {
        BOOL granted = FALSE;
        const HRESULT code = IpcAccessCheck(get(), right.get(), &granted);
        return detail::give<bool>(code, [&] { return granted != FALSE; });
    }

    /// Encrypts a piece of content that begins with the block of that number, and tells how many bytes it wrote. Only the
    /// last piece may end inside a block. Both may be the same memory, but must not overlap otherwise.
    outcome<DWORD> encrypt(DWORD block, bool last, bytes_view content, bytes_span out) const
    {
        return crypt<true>(block, last, content, out);
    }

    /// Decrypts a piece of content that begins with the block of that number, and tells how many bytes it wrote.
    outcome<DWORD> decrypt(DWORD block, bool last, bytes_view content, bytes_span out) const
    {
        return crypt<false>(block, last, content, out);
    }

    /// How many bytes encrypting a piece gives.
    outcome<DWORD> encrypted_size(DWORD block, bool last, std::size_t size) const
    {
        return size_of<true>(block, last, size);
    }

    /// How many bytes decrypting a piece gives at most.
    outcome<DWORD> decrypted_size(DWORD block, bool last, std::size_t size) const
    {
        return size_of<false>(block, last, size);
    }

    /// Encrypts content from its first byte to its last.
    outcome<std::vector<BYTE>> encrypt_all(bytes_view content) const { return crypt_all<true>(content); }

    /// Decrypts content from its first byte to its last.
    outcome<std::vector<BYTE>> decrypt_all(bytes_view content) const { return crypt_all<false>(content); }

    /// Bytes in which the content is encrypted.
    outcome<DWORD> block_size() const { return number(IPC_KI_BLOCK_SIZE); }
    /// Bytes that a block has when it is encrypted.
    outcome<DWORD> encrypted_block_size() const { return number(IPCX_KI_ENCRYPTED_BLOCK_SIZE); }

    /// The account that the key was given to.
    outcome<text> user_display_name() const
    {
        LPVOID value = nullptr;
        const HRESULT code = IpcGetKeyProperty(get(), IPC_KI_USER_DISPLAYNAME, nullptr, &value);
        const block<void> owned(value);
        return detail::give<text>(code, [&] { return detail::own(static_cast<LPCWSTR>(value)); });
    }

    /// The license that the key came from.
    outcome<buffer> license() const
    {
        LPVOID value = nullptr;
        const HRESULT code = IpcGetKeyProperty(get(), IPC_KI_LICENSE, nullptr, &value);
        return detail::give<buffer>(code, [&] { return buffer(static_cast<PIPC_BUFFER>(value)); });
    }

    /// How the content is encrypted: an IPC_ENCRYPTION_PACKAGE_ constant, or IPCX_ENCRYPTION_PACKAGE_AES256_GCM4K.
    outcome<DWORD> package() const
    {
        DWORD value = 0;
        const HRESULT code = IpcxGetKeyPackage(get(), &value);
        return detail::give<DWORD>(code, [&] { return value; });
    }

    /// True when changes of encrypted content are noticed.
    outcome<bool> is_authenticated() const
    {
        BOOL value = FALSE;
        const HRESULT code = IpcxIsAuthenticated(get(), &value);
        return detail::give<bool>(code, [&] { return value != FALSE; });
    }

private:
    template <bool Encrypts>
    HRESULT call(DWORD block, bool last, const BYTE *in, std::size_t size, BYTE *out, std::size_t room, DWORD *count) const
    {
        // The functions of C do not write their input; they only do not say so.
        return Encrypts ? IpcEncrypt(get(), block, last ? TRUE : FALSE, const_cast<PBYTE>(in), static_cast<DWORD>(size), out,
                                     static_cast<DWORD>(room), count)
                        : IpcDecrypt(get(), block, last ? TRUE : FALSE, const_cast<PBYTE>(in), static_cast<DWORD>(size), out,
                                     static_cast<DWORD>(room), count);
    }

    // Everything but the one call is decided by the compiler or is the path of a failure.
    template <bool Encrypts>
    outcome<DWORD> crypt(DWORD block, bool last, bytes_view content, bytes_span out) const
    {
        if (MSIPC_HPP_UNLIKELY(detail::too_long(content.size()) || detail::too_long(out.size())))
            return detail::refuse_length<DWORD>();
        // No memory would ask for the size, and the answer would look like bytes that were written.
        BYTE nothing = 0;
        BYTE *const to = out.data() != nullptr ? out.data() : &nothing;
        DWORD written = 0;
        const HRESULT code = call<Encrypts>(block, last, content.data(), content.size(), to, out.size(), &written);
        if (MSIPC_HPP_UNLIKELY(FAILED(code)))
            return detail::fail<DWORD>(code);
        return written;
    }

    template <bool Encrypts>
    HRESULT ask_size(DWORD block, bool last, std::size_t size, DWORD &answer) const
    {
        // A question about the size does not look at the content.
        return call<Encrypts>(block, last, nullptr, size, nullptr, 0, &answer);
    }

    template <bool Encrypts>
    outcome<DWORD> size_of(DWORD block, bool last, std::size_t size) const
    {
        if (detail::too_long(size))
            return detail::refuse_length<DWORD>();
        DWORD answer = 0;
        const HRESULT code = ask_size<Encrypts>(block, last, size, answer);
        return detail::give<DWORD>(code, [&] { return answer; });
    }

    template <bool Encrypts>
    outcome<std::vector<BYTE>> crypt_all(bytes_view content) const
    {
        if (detail::too_long(content.size()))
            return detail::refuse_length<std::vector<BYTE>>();
        DWORD size = 0;
        HRESULT code = ask_size<Encrypts>(0, true, content.size(), size);
        if (FAILED(code))
            return detail::fail<std::vector<BYTE>>(code);
        std::vector<BYTE> out(size);
        BYTE nothing = 0;
        code = call<Encrypts>(0, true, content.data(), content.size(), out.empty() ? &nothing : out.data(), size, &size);
        if (FAILED(code))
            return detail::fail<std::vector<BYTE>>(code);
        out.resize(size);
        return out;
    }

    outcome<DWORD> number(DWORD property) const
    {
        LPVOID value = nullptr;
        const HRESULT code = IpcGetKeyProperty(get(), property, nullptr, &value);
        const block<DWORD> owned(static_cast<DWORD *>(value));
        return detail::give<DWORD>(code, [&] { return *owned; });
    }
};

/// A signed license and the key to encrypt with.
struct sealed_license {
    /// To be stored with the content.
    buffer license;
    /// Empty for an unsigned license template.
    msipc::key key;
};

/// What licenses tell, signed or not. `Self` reads one property.
template <typename Self>
class license_properties {
public:
    outcome<user> owner() const
    {
        return read<user, IPC_USER>(IPC_LI_OWNER, 0, [](const IPC_USER &value) { return detail::own(value); });
    }
    /// Who may do what. A signed license tells it to keys with VIEWRIGHTSDATA.
    outcome<rights_list> user_rights() const
    {
        return read<rights_list, IPC_USER_RIGHTS_LIST>(
            IPC_LI_USER_RIGHTS_LIST, 0, [](const IPC_USER_RIGHTS_LIST &value) { return detail::own(&value); });
    }
    /// When the content may be used; all zero is always.
    outcome<IPC_TERM> validity() const { return read<IPC_TERM, IPC_TERM>(IPC_LI_VALIDITY_TIME, 0, same<IPC_TERM>); }
    /// Days that a use license serves without asking again.
    outcome<DWORD> interval_days() const { return read<DWORD, DWORD>(IPC_LI_INTERVAL_TIME, 0, same<DWORD>); }
    /// Name and description in a language, 0 for that of the user.
    outcome<template_info> descriptor(LCID lcid = 0) const
    {
        return read<template_info, IPC_TEMPLATE_INFO>(
            IPC_LI_DESCRIPTOR, lcid, [](const IPC_TEMPLATE_INFO &value) { return detail::own(value); });
    }
    /// Data of the application, encrypted.
    outcome<name_values> app_data() const { return names(IPC_LI_APP_SPECIFIC_DATA); }
    /// Data of the application in the clear.
    outcome<name_values> app_data_in_the_clear() const { return names(IPC_LI_APP_SPECIFIC_DATA_NO_ENCRYPTION); }
    outcome<connection> connection_info() const
    {
        return read<connection, IPC_CONNECTION_INFO>(
            IPC_LI_CONNECTION_INFO, 0, [](const IPC_CONNECTION_INFO &value) { return detail::own(value); });
    }
    /// Where to ask for more rights.
    outcome<text> referral() const { return wide(IPC_LI_REFERRAL_INFO_URL); }
    outcome<text> content_id() const { return wide(IPC_LI_CONTENT_ID); }
    /// True when the owner has every right without being on the list.
    outcome<bool> grants_owner_full_access() const { return truth(IPC_LI_AUTO_GRANT_OWNER_FULL_ACCESS); }
    outcome<bool> has_deprecated_algorithms() const { return truth(IPC_LI_DEPRECATED_ENCRYPTION_ALGORITHMS); }
    /// How the content is encrypted.
    outcome<DWORD> package() const { return read<DWORD, DWORD>(IPC_LI_PREFERRED_ENCRYPTION_PACKAGE, 0, same<DWORD>); }

protected:
    template <typename T, typename Value, typename Make>
    outcome<T> read(DWORD property, LCID lcid, Make make) const
    {
        LPVOID value = nullptr;
        const HRESULT code = static_cast<const Self *>(this)->get_property(property, lcid, &value);
        const block<void> owned(value);
        return detail::give<T>(code, [&] { return make(*static_cast<const Value *>(value)); });
    }
    template <typename T>
    static T same(const T &value)
    {
        return value;
    }

private:
    outcome<name_values> names(DWORD property) const
    {
        return read<name_values, IPC_NAME_VALUE_LIST>(
            property, 0, [](const IPC_NAME_VALUE_LIST &value) { return detail::own(&value); });
    }
    outcome<text> wide(DWORD property) const
    {
        return read<text, WCHAR>(property, 0, [](const WCHAR &value) { return text(&value); });
    }
    outcome<bool> truth(DWORD property) const
    {
        return read<bool, BOOL>(property, 0, [](const BOOL &value) { return value != FALSE; });
    }
};

/// A license that is being made.
class license : public unique_handle<IPC_LICENSE_HANDLE>, public license_properties<license> {
public:
    using unique_handle::unique_handle;

    /// An empty license of an authority.
    static outcome<license> from_scratch(const template_issuer &issuer = {})
    {
        const IPC_TEMPLATE_ISSUER lent = detail::lend(issuer);
        IPC_LICENSE_HANDLE handle = nullptr;
        const HRESULT code = IpcCreateLicenseFromScratch(&lent, 0, nullptr, &handle);
        return detail::give<license>(code, [&] { return license(handle); });
    }

    /// A license with the policy of a template.
    static outcome<license> from_template(text_arg id)
    {
        IPC_LICENSE_HANDLE handle = nullptr;
        const HRESULT code = IpcCreateLicenseFromTemplateID(id.get(), 0, nullptr, &handle);
        return detail::give<license>(code, [&] { return license(handle); });
    }

    outcome<void> set_owner(const user &owner)
    {
        const IPC_USER lent = {owner.type, detail::terminated(owner.id)};
        return set(IPC_LI_OWNER, &lent);
    }
    outcome<void> set_user_rights(const rights_list &list)
    {
        detail::lent_rights lent(list);
        return set(IPC_LI_USER_RIGHTS_LIST, lent.get());
    }
    outcome<void> set_validity(const IPC_TERM &term) { return set(IPC_LI_VALIDITY_TIME, &term); }
    outcome<void> set_interval_days(DWORD days) { return set(IPC_LI_INTERVAL_TIME, &days); }
    /// Language, name and description count.
    outcome<void> set_descriptor(const template_info &info)
    {
        IPC_TEMPLATE_INFO lent = {};
        lent.lcid = info.lcid;
        lent.wszName = detail::terminated(info.name);
        lent.wszDescription = detail::terminated(info.description);
        return set(IPC_LI_DESCRIPTOR, &lent);
    }
    outcome<void> set_app_data(const name_values &data)
    {
        detail::lent_names lent(data);
        return set(IPC_LI_APP_SPECIFIC_DATA, lent.get());
    }
    outcome<void> set_app_data_in_the_clear(const name_values &data)
    {
        detail::lent_names lent(data);
        return set(IPC_LI_APP_SPECIFIC_DATA_NO_ENCRYPTION, lent.get());
    }
    outcome<void> set_referral(text_arg url) { return set(IPC_LI_REFERRAL_INFO_URL, url.get()); }
    outcome<void> set_content_id(text_arg id) { return set(IPC_LI_CONTENT_ID, id.get()); }
    /// Uses the content key of another license; needs EDITRIGHTSDATA on it.
    outcome<void> set_content_key(const key &of) { return set(IPC_LI_CONTENT_KEY, of.get()); }
    outcome<void> set_package(DWORD package) { return set(IPC_LI_PREFERRED_ENCRYPTION_PACKAGE, &package); }
    outcome<void> set_grants_owner_full_access(bool on) { return set_truth(IPC_LI_AUTO_GRANT_OWNER_FULL_ACCESS, on); }
    outcome<void> set_deprecated_algorithms(bool on) { return set_truth(IPC_LI_DEPRECATED_ENCRYPTION_ALGORITHMS, on); }

    /// Sets a property of C: what IpcSetLicenseProperty takes.
    outcome<void> set(DWORD property, LPCVOID value)
    {
        return detail::check(IpcSetLicenseProperty(get(), FALSE, property, value));
    }
    /// Returns a property to the state in which it was not set.
    outcome<void> clear(DWORD property) { return detail::check(IpcSetLicenseProperty(get(), TRUE, property, nullptr)); }

    /// Has the license signed. It stays usable. flags are IPC_SL_FLAG_ bits.
    outcome<sealed_license> serialize(const prompt &asked = {}, DWORD flags = IPC_SL_FLAG_DEFAULT) const
    {
        return serialize(get(), IPC_SL_LICENSE_HANDLE, asked, flags);
    }

    /// Signs a license with the policy of a template, as it is.
    static outcome<sealed_license> serialize_template(text_arg id, const prompt &asked = {},
                                                      DWORD flags = IPC_SL_FLAG_DEFAULT)
    {
        return serialize(id.get(), IPC_SL_TEMPLATE_ID, asked, flags);
    }

private:
    friend class license_properties<license>;

    HRESULT get_property(DWORD property, LCID lcid, LPVOID *value) const
    {
        return IpcGetLicenseProperty(get(), property, lcid, value);
    }
    outcome<void> set_truth(DWORD property, bool on)
    {
        const BOOL value = on ? TRUE : FALSE;
        return set(property, &value);
    }
    static outcome<sealed_license> serialize(LPCVOID what, DWORD type, const prompt &asked, DWORD flags)
    {
        const prompt::frame frame(asked);
        IPC_KEY_HANDLE handle = nullptr;
        PIPC_BUFFER bytes = nullptr;
        const HRESULT code = frame.pass(IpcSerializeLicense(what, type, flags, frame.get(), &handle, &bytes));
        return detail::give<sealed_license>(code, [&] { return sealed_license{buffer(bytes), key(handle)}; });
    }
};

/// What a signed license tells. Bytes and key stay the caller's; encrypted properties need the key.
class license_view : public license_properties<license_view> {
public:
    explicit license_view(bytes_view license, const key *with = nullptr) noexcept
        : license_(license), key_(with != nullptr ? with->get() : nullptr)
    {
    }

    /// When the license was signed, UTC.
    outcome<FILETIME> issued_time() const { return read<FILETIME, FILETIME>(IPC_LI_ISSUED_TIME, 0, same<FILETIME>); }

private:
    friend class license_properties<license_view>;

    HRESULT get_property(DWORD property, LCID lcid, LPVOID *value) const
    {
        return IpcGetSerializedLicenseProperty(license_.get(), property, key_, lcid, value);
    }

    detail::borrowed license_;
    IPC_KEY_HANDLE key_;
};

/// The metadata of a signed license.
class license_metadata : public unique_handle<IPC_LICENSE_METADATA_HANDLE> {
public:
    using unique_handle::unique_handle;

    /// Begins with what the license has. The key is that of the license, of an account with OWNER.
    static outcome<license_metadata> of(bytes_view license, const key &with)
    {
        const detail::borrowed bytes(license);
        IPC_LICENSE_METADATA_HANDLE handle = nullptr;
        const HRESULT code = IpcCreateLicenseMetadataHandle(bytes.get(), with.get(), nullptr, &handle);
        return detail::give<license_metadata>(code, [&] { return license_metadata(handle); });
    }

    outcome<void> set_content_path(text_arg path) { return set(IPC_MD_CONTENT_PATH, path.get()); }
    outcome<void> set_content_name(text_arg name) { return set(IPC_MD_CONTENT_NAME, name.get()); }
    /// One of the IPCD_CT_NOTIFICATION_TYPE_ constants.
    outcome<void> set_notification_type(DWORD type) { return set(IPC_MD_NOTIFICATION_TYPE, &type); }
    /// One of the IPCD_CT_NOTIFICATION_PREF_ constants.
    outcome<void> set_notification_preference(DWORD kind) { return set(IPC_MD_NOTIFICATION_PREFERENCE, &kind); }
    outcome<void> set_date_modified(FILETIME time) { return set(IPC_MD_DATE_MODIFIED, &time); }
    outcome<void> set_date_created(FILETIME time) { return set(IPC_MD_DATE_CREATED, &time); }
    /// Sets a property of C: what IpcSetLicenseMetadataProperty takes.
    outcome<void> set(DWORD property, LPCVOID value)
    {
        return detail::check(IpcSetLicenseMetadataProperty(get(), FALSE, property, value));
    }
    outcome<void> clear(DWORD property)
    {
        return detail::check(IpcSetLicenseMetadataProperty(get(), TRUE, property, nullptr));
    }

    /// Has the license signed again, with this metadata.
    outcome<buffer> serialize(const prompt &asked = {}) const
    {
        const prompt::frame frame(asked);
        PIPC_BUFFER bytes = nullptr;
        const HRESULT code = frame.pass(IpcSerializeLicenseWithMetadata(get(), nullptr, frame.get(), &bytes));
        return detail::give<buffer>(code, [&] { return buffer(bytes); });
    }
};

/// Registers the document of a license for tracking.
inline outcome<void> register_license(bytes_view license, text_arg content_name, const prompt &asked = {},
                                      bool send_mail = false)
{
    const prompt::frame frame(asked);
    const detail::borrowed bytes(license);
    return detail::check(
        frame.pass(IpcRegisterLicense(bytes.get(), nullptr, frame.get(), content_name.get(), send_mail ? TRUE : FALSE)));
}

/// The templates that the account may publish with. flags are IPC_GTL_FLAG_ bits.
inline outcome<std::vector<template_info>> templates(const prompt &asked = {}, LCID lcid = 0,
                                                     DWORD flags = IPC_GTL_FLAG_DEFAULT, const connection &at = {})
{
    const prompt::frame frame(asked);
    const IPC_CONNECTION_INFO lent = detail::lend(at);
    PCIPC_TIL list = nullptr;
    const HRESULT code = frame.pass(IpcGetTemplateList(&lent, flags, lcid, frame.get(), nullptr, &list));
    const block<const IPC_TIL> owned(list);
    return detail::give<std::vector<template_info>>(code, [&] {
        std::vector<template_info> out;
        for (const IPC_TEMPLATE_INFO &info : detail::items<IPC_TEMPLATE_INFO>(list, offsetof(IPC_TIL, aTi), list->cTi))
            out.push_back(detail::own(info));
        return out;
    });
}

/// The authorities that the account may publish with, the default one first. flags are IPC_GTIL_FLAG_ bits.
inline outcome<std::vector<template_issuer>> template_issuers(const prompt &asked = {}, DWORD flags = 0,
                                                              const connection &at = {})
{
    const prompt::frame frame(asked);
    const IPC_CONNECTION_INFO lent = detail::lend(at);
    PCIPC_TEMPLATE_ISSUER_LIST list = nullptr;
    const HRESULT code = frame.pass(IpcGetTemplateIssuerList(&lent, flags, frame.get(), nullptr, &list));
    const block<const IPC_TEMPLATE_ISSUER_LIST> owned(list);
    return detail::give<std::vector<template_issuer>>(code, [&] {
        std::vector<template_issuer> out;
        for (const IPC_TEMPLATE_ISSUER &issuer :
             detail::items<IPC_TEMPLATE_ISSUER>(list, offsetof(IPC_TEMPLATE_ISSUER_LIST, aTi), list->cTi))
            out.push_back({detail::own(issuer.connectionInfo), detail::own(issuer.wszDisplayName),
                           issuer.fAllowFromScratch != FALSE});
        return out;
    });
}

/// Settings of the process.
namespace environment {

/// Makes the library ready; may be called any number of times.
inline outcome<void> initialize()
{
    const HRESULT code = IpcInitialize();
    return detail::check(code == HRESULT_FROM_WIN32(ERROR_ALREADY_INITIALIZED) ? S_OK : code);
}

/// Lets the store go; the next call opens it again.
inline outcome<void> uninitialize()
{
    return detail::check(IpcUninitializeEnvironment());
}

/// IPC_API_MODE_CLIENT or IPC_API_MODE_SERVER.
inline outcome<DWORD> api_mode()
{
    LPVOID value = nullptr;
    const HRESULT code = IpcGetGlobalProperty(IPC_EI_API_MODE, &value);
    const block<DWORD> owned(static_cast<DWORD *>(value));
    return detail::give<DWORD>(code, [&] { return *owned; });
}

/// Once in a process.
inline outcome<void> set_api_mode(DWORD mode)
{
    return detail::check(IpcSetGlobalProperty(IPC_EI_API_MODE, &mode));
}

/// Name of the folder of the store; empty when none was set.
inline outcome<text> store_name()
{
    LPVOID value = nullptr;
    const HRESULT code = IpcGetGlobalProperty(IPC_EI_STORE_NAME, &value);
    const block<void> owned(value);
    return detail::give<text>(code, [&] { return detail::own(static_cast<LPCWSTR>(value)); });
}

/// Once in a process, before the store is opened.
inline outcome<void> set_store_name(text_arg name)
{
    return detail::check(IpcSetGlobalProperty(IPC_EI_STORE_NAME, name.get()));
}

/// How the application is registered at its directory; once in a process.
inline outcome<void> set_application_id(text_arg client_id, text_arg redirect_uri)
{
    const IPC_AAD_APPLICATION_ID id = {sizeof id, client_id.get(), redirect_uri.get()};
    return detail::check(IpcSetGlobalProperty(IPC_EI_APPLICATION_ID, &id));
}

/// Whose account the process uses; nullptr returns to that of the operating system.
inline outcome<void> set_identity(text_arg address)
{
    return detail::check(IpcxSetIdentity(address.get()));
}

} // namespace environment

/// Acts as an account on this thread, for as long as it lives; then the account of the process counts again. Made, moved
/// and ended on one thread, and not nested.
class thread_identity {
public:
    static outcome<thread_identity> act_as(text_arg address)
    {
        const HRESULT code = IpcxSetThreadIdentity(address.get());
        return detail::give<thread_identity>(code, [] { return thread_identity(true); });
    }
    thread_identity(thread_identity &&other) noexcept : active_(std::exchange(other.active_, false)) {}
    thread_identity &operator=(thread_identity &&) = delete;
    thread_identity(const thread_identity &) = delete;
    thread_identity &operator=(const thread_identity &) = delete;
    ~thread_identity()
    {
        if (active_)
            IpcxSetThreadIdentity(nullptr);
    }

private:
    explicit thread_identity(bool active) noexcept : active_(active) {}
    bool active_;
};

/// A stream with one owner: a reference that is given back at the end.
class stream {
public:
    stream() noexcept = default;
    /// Takes a reference over.
    explicit stream(ILockBytes *bytes) noexcept : bytes_(bytes) {}
    stream(stream &&other) noexcept : bytes_(std::exchange(other.bytes_, nullptr)) {}
    stream &operator=(stream &&other) noexcept
    {
        ILockBytes *const taken = std::exchange(other.bytes_, nullptr);
        ILockBytes *const old = std::exchange(bytes_, taken);
        release(old);
        return *this;
    }
    stream(const stream &) = delete;
    stream &operator=(const stream &) = delete;
    ~stream() { release(bytes_); }

    /// A stream in memory that begins with a copy of the content.
    static outcome<stream> in_memory(bytes_view content = {})
    {
        if (detail::too_long(content.size()))
            return detail::refuse_length<stream>();
        ILockBytes *bytes = nullptr;
        const HRESULT code = IpcxCreateStreamOnMemory(content.data(), static_cast<DWORD>(content.size()), &bytes);
        return detail::give<stream>(code, [&] { return stream(bytes); });
    }
    /// A stream on an open file: a handle of Windows, or IPCX_FILE_FD elsewhere.
    static outcome<stream> on_file(HANDLE file)
    {
        ILockBytes *bytes = nullptr;
        const HRESULT code = IpcxCreateStreamOnFile(file, &bytes);
        return detail::give<stream>(code, [&] { return stream(bytes); });
    }

    ILockBytes *get() const noexcept { return bytes_; }
    explicit operator bool() const noexcept { return bytes_ != nullptr; }

    /// Everything that is in the stream.
    MSIPC_HPP_FOREIGN outcome<std::vector<BYTE>> contents() const
    {
        if (bytes_ == nullptr)
            return detail::refuse<std::vector<BYTE>>(HRESULT_FROM_WIN32(ERROR_INVALID_HANDLE), IPC_TEXT("there is no stream"));
        STATSTG told = {};
        HRESULT code = bytes_->Stat(&told, STATFLAG_NONAME);
        if (FAILED(code))
            return detail::refuse<std::vector<BYTE>>(code, IPC_TEXT("the stream does not tell its size"));
        std::vector<BYTE> out(static_cast<std::size_t>(told.cbSize.QuadPart));
        std::size_t have = 0;
        while (have < out.size()) {
            ULARGE_INTEGER at;
            at.QuadPart = have;
            const std::size_t left = out.size() - have;
            ULONG read = 0;
            code = bytes_->ReadAt(at, out.data() + have, static_cast<ULONG>(left < 0x40000000u ? left : 0x40000000u), &read);
            if (FAILED(code))
                return detail::refuse<std::vector<BYTE>>(code, IPC_TEXT("the stream cannot be read"));
            if (read == 0)
                break;
            have += read;
        }
        out.resize(have);
        return out;
    }

private:
    MSIPC_HPP_FOREIGN static void release(ILockBytes *bytes) noexcept
    {
        if (bytes != nullptr)
            bytes->Release();
    }
    ILockBytes *bytes_ = nullptr;
};

/// What files are protected with: a license, which stays the caller's unless it is given away, or the policy of a template.
class policy {
public:
    policy(const license &with) noexcept : license_(with.get()) {}
    policy(license &&with) noexcept : owned_(std::move(with)), license_(owned_.get()) {}
    static policy of_template(text_arg id)
    {
        policy out;
        out.is_template_ = true;
        out.has_id_ = id.get() != nullptr;
        out.id_ = detail::own(id.get());
        return out;
    }

    LPCVOID what() const noexcept
    {
        if (!is_template_)
            return license_;
        return has_id_ ? id_.c_str() : nullptr;
    }
    DWORD type() const noexcept { return is_template_ ? IPCF_EF_TEMPLATE_ID : IPCF_EF_LICENSE_HANDLE; }

private:
    policy() = default;
    license owned_;
    IPC_LICENSE_HANDLE license_ = nullptr;
    text id_;
    bool is_template_ = false;
    bool has_id_ = false;
};

namespace detail {

/// The path that a file function gives.
inline outcome<text> path(HRESULT code, LPCWSTR given)
{
    const block<const WCHAR> owned(given);
    return give<text>(code, [&] { return own(given); });
}

inline outcome<DWORD> status(HRESULT code, DWORD value)
{
    return give<DWORD>(code, [&] { return value; });
}

} // namespace detail

/// Protects a file and gives the new name. flags are IPCF_EF_FLAG_ bits; the folder is the file's own when none is given.
inline outcome<text> encrypt_file(text_arg path, const policy &with, const prompt &asked = {},
                                  DWORD flags = IPCF_EF_FLAG_DEFAULT, text_arg folder = nullptr,
                                  PCIPC_LICENSE_METADATA metadata = nullptr)
{
    const prompt::frame frame(asked);
    LPCWSTR written = nullptr;
    const HRESULT code = frame.pass(
        metadata != nullptr
            ? IpcfEncryptFileWithMetadata(path.get(), with.what(), with.type(), flags, frame.get(), folder.get(), metadata, &written)
            : IpcfEncryptFile(path.get(), with.what(), with.type(), flags, frame.get(), folder.get(), &written));
    return detail::path(code, written);
}

/// Takes the protection off a file and gives the new name. flags are IPCF_DF_FLAG_ bits.
inline outcome<text> decrypt_file(text_arg path, const prompt &asked = {}, DWORD flags = IPCF_DF_FLAG_DEFAULT,
                                  text_arg folder = nullptr)
{
    const prompt::frame frame(asked);
    LPCWSTR written = nullptr;
    const HRESULT code = frame.pass(IpcfDecryptFile(path.get(), flags, frame.get(), folder.get(), &written));
    return detail::path(code, written);
}

/// Protects what one stream holds into another one, and gives the name that a file would have. The hint is a path.
inline outcome<text> encrypt_stream(const stream &in, text_arg hint, const policy &with, const stream &out,
                                    const prompt &asked = {}, DWORD flags = IPCF_EF_FLAG_DEFAULT,
                                    PCIPC_LICENSE_METADATA metadata = nullptr)
{
    const prompt::frame frame(asked);
    LPCWSTR name = nullptr;
    const HRESULT code = frame.pass(
        metadata != nullptr ? IpcfEncryptFileStreamWithMetadata(in.get(), hint.get(), with.what(), with.type(), flags,
                                                                frame.get(), metadata, out.get(), &name)
                            : IpcfEncryptFileStream(in.get(), hint.get(), with.what(), with.type(), flags, frame.get(),
                                                    out.get(), &name));
    return detail::path(code, name);
}

/// Takes the protection off what one stream holds, into another one, and gives the name that a file would have.
inline outcome<text> decrypt_stream(const stream &in, text_arg hint, const stream &out, const prompt &asked = {},
                                    DWORD flags = IPCF_DF_FLAG_DEFAULT)
{
    const prompt::frame frame(asked);
    LPCWSTR name = nullptr;
    const HRESULT code =
        frame.pass(IpcfDecryptFileStream(in.get(), hint.get(), flags, frame.get(), out.get(), &name));
    return detail::path(code, name);
}

/// One of the IPCF_FILE_STATUS_ constants.
inline outcome<DWORD> file_status(text_arg path)
{
    DWORD value = 0;
    const HRESULT code = IpcfIsFileEncrypted(path.get(), &value);
    return detail::status(code, value);
}

/// The same for a stream.
inline outcome<DWORD> stream_status(const stream &in, text_arg hint)
{
    DWORD value = 0;
    const HRESULT code = IpcfIsFileStreamEncrypted(in.get(), hint.get(), &value);
    return detail::status(code, value);
}

/// The name that a file would have when it is protected.
inline outcome<text> encrypted_path(text_arg path, DWORD flags = IPCF_EF_FLAG_DEFAULT)
{
    LPCWSTR name = nullptr;
    const HRESULT code = IpcfGetEncryptedFilePath(path.get(), flags, &name);
    return detail::path(code, name);
}

/// The name that a file would have without protection.
inline outcome<text> decrypted_path(text_arg path, DWORD flags = IPCF_DF_FLAG_DEFAULT)
{
    LPCWSTR name = nullptr;
    const HRESULT code = IpcfGetDecryptedFilePath(path.get(), flags, &name);
    return detail::path(code, name);
}

/// The license of a protected file.
inline outcome<buffer> license_of_file(text_arg path)
{
    PIPC_BUFFER bytes = nullptr;
    const HRESULT code = IpcfGetSerializedLicenseFromFile(path.get(), &bytes);
    return detail::give<buffer>(code, [&] { return buffer(bytes); });
}

/// The license of a protected stream.
inline outcome<buffer> license_of_stream(const stream &in, text_arg hint)
{
    PIPC_BUFFER bytes = nullptr;
    const HRESULT code = IpcfGetSerializedLicenseFromFileStream(in.get(), hint.get(), &bytes);
    return detail::give<buffer>(code, [&] { return buffer(bytes); });
}

/// An open protected file: its content is read and written as if it were not protected.
class file : public unique_handle<IPCF_FILE_HANDLE> {
public:
    using unique_handle::unique_handle;

    /// Opens by path. flags are IPCX_OPEN_ bits.
    static outcome<file> open(text_arg path, const prompt &asked = {}, DWORD flags = 0)
    {
        const prompt::frame frame(asked);
        IPCF_FILE_HANDLE handle = nullptr;
        const HRESULT code = frame.pass(IpcxOpenFile(path.get(), frame.get(), flags, &handle));
        return detail::give<file>(code, [&] { return file(handle); });
    }
    /// Opens what a stream holds.
    static outcome<file> open(const stream &on, const prompt &asked = {})
    {
        const prompt::frame frame(asked);
        IPCF_FILE_HANDLE handle = nullptr;
        const HRESULT code = frame.pass(IpcfOpenFileOnILockBytes(on.get(), frame.get(), 0, &handle));
        return detail::give<file>(code, [&] { return file(handle); });
    }
    /// Opens on a handle of Windows, or IPCX_FILE_FD elsewhere.
    static outcome<file> open_handle(HANDLE on, const prompt &asked = {})
    {
        const prompt::frame frame(asked);
        IPCF_FILE_HANDLE handle = nullptr;
        const HRESULT code = frame.pass(IpcfOpenFileOnHandle(on, frame.get(), 0, &handle));
        return detail::give<file>(code, [&] { return file(handle); });
    }

    /// Reads from an offset of the content; fewer bytes at the end.
    outcome<std::size_t> read(DWORD64 offset, bytes_span out) const
    {
        const IPCF_FILE_RANGE range = {offset, out.size()};
        DWORD64 count = out.size();
        const HRESULT code = IpcfReadFile(get(), &range, out.data(), &count);
        return detail::give<std::size_t>(code, [&] { return static_cast<std::size_t>(count); });
    }
    /// Writes at an offset of the content; needs EDIT, DOCEDIT, EXPORT or OWNER.
    outcome<void> write(DWORD64 offset, bytes_view content)
    {
        const IPCF_FILE_RANGE range = {offset, content.size()};
        DWORD64 count = content.size();
        return detail::check(IpcfWriteFile(get(), &range, const_cast<PBYTE>(content.data()), &count));
    }
    /// Cuts the content, or extends it with zeros.
    outcome<void> resize(DWORD64 size) { return detail::check(IpcfSetEndOfFile(get(), size)); }
    /// Which part of the file itself holds a range of the content.
    outcome<IPCF_RAW_FILE_RANGE> raw_range(DWORD64 offset, DWORD64 size) const
    {
        const IPCF_FILE_RANGE range = {offset, size};
        IPCF_RAW_FILE_RANGE raw = {};
        const HRESULT code = IpcfLogicalFileRangeToRawFileRange(get(), &range, &raw);
        return detail::give<IPCF_RAW_FILE_RANGE>(code, [&] { return raw; });
    }
    /// Where the header lies.
    outcome<IPCF_FILE_RANGE> header_position() const { return property<IPCF_FILE_RANGE>(IPCF_FI_HEADER_POSITION); }
    /// Bytes that are best read and written at once.
    outcome<DWORD> access_block_size() const { return property<DWORD>(IPCF_FI_ACCESS_BLOCK_SIZE); }
    outcome<void> set_access_block_size(DWORD bytes)
    {
        return detail::check(IpcfSetFileProperty(get(), IPCF_FI_ACCESS_BLOCK_SIZE, &bytes));
    }
    /// True when changes of the content by somebody who may not are noticed.
    outcome<bool> is_authenticated() const
    {
        LPVOID value = nullptr;
        const HRESULT code = IpcfGetFileProperty(get(), IPCX_FI_AUTHENTICATED, &value);
        const block<BOOL> owned(static_cast<BOOL *>(value));
        return detail::give<bool>(code, [&] { return *owned != FALSE; });
    }

private:
    template <typename T>
    outcome<T> property(DWORD number) const
    {
        LPVOID value = nullptr;
        const HRESULT code = IpcfGetFileProperty(get(), number, &value);
        const block<T> owned(static_cast<T *>(value));
        return detail::give<T>(code, [&] { return *owned; });
    }
};

} // inline namespace
} // namespace msipc

#undef MSIPC_HPP_COLD
#undef MSIPC_HPP_FOREIGN
#undef MSIPC_HPP_UNLIKELY
#undef MSIPC_HPP_MEMBER

#endif // MSIPC_HPP
