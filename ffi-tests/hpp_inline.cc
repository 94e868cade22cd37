// What msipc.hpp makes of one call: the machine code of these functions is compared by scripts/check_headers.py.
#include <msipc.hpp>

// As a program without the header encrypts: two comparisons and a call.
extern "C" DWORD encrypt_by_hand(IPC_KEY_HANDLE key, DWORD block, BYTE *bytes, DWORD size, DWORD room)
{
    DWORD written = 0;
    const HRESULT code = IpcEncrypt(key, block, FALSE, bytes, size, bytes, room, &written);
    return FAILED(code) ? 0 : written;
}

extern "C" DWORD encrypt_with_header(const msipc::key &key, DWORD block, BYTE *bytes, std::size_t size, std::size_t room)
{
    const auto outcome = key.encrypt(block, false, msipc::bytes_view(bytes, size), msipc::bytes_span(bytes, room));
#ifdef MSIPC_NO_EXCEPTIONS
    return outcome ? *outcome : 0;
#else
    return outcome;
#endif
}
