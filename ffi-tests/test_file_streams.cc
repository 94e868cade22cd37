// A stream of the application written as a C++ class: what the header declares has the table that the library calls, and
// the library's own objects are called as members.
#include "files.h"

#include <vector>

namespace {

class Bytes : public ILockBytes {
public:
    std::vector<BYTE> content;
    unsigned references = 1;

    virtual ~Bytes() = default;

    STDMETHODIMP QueryInterface(REFIID riid, void **out) override
    {
        *out = nullptr;
        if (riid != IID_ILockBytes && !IsEqualIID(riid, IID_IUnknown))
            return E_NOINTERFACE;
        *out = static_cast<ILockBytes *>(this);
        AddRef();
        return S_OK;
    }

    STDMETHODIMP_(ULONG) AddRef() override { return ++references; }

    STDMETHODIMP_(ULONG) Release() override { return --references; }

    STDMETHODIMP ReadAt(ULARGE_INTEGER at, void *out, ULONG count, ULONG *read) override
    {
        size_t left = at.QuadPart < content.size() ? content.size() - static_cast<size_t>(at.QuadPart) : 0;
        *read = count < left ? count : static_cast<ULONG>(left);
        if (*read > 0)
            memcpy(out, content.data() + at.QuadPart, *read);
        return S_OK;
    }

    STDMETHODIMP WriteAt(ULARGE_INTEGER at, const void *from, ULONG count, ULONG *written) override
    {
        if (at.QuadPart + count > content.size())
            content.resize(static_cast<size_t>(at.QuadPart + count));
        memcpy(content.data() + at.QuadPart, from, count);
        *written = count;
        return S_OK;
    }

    STDMETHODIMP Flush() override { return S_OK; }

    STDMETHODIMP SetSize(ULARGE_INTEGER size) override
    {
        content.resize(static_cast<size_t>(size.QuadPart));
        return S_OK;
    }

    STDMETHODIMP LockRegion(ULARGE_INTEGER, ULARGE_INTEGER, DWORD) override { return E_NOTIMPL; }

    STDMETHODIMP UnlockRegion(ULARGE_INTEGER, ULARGE_INTEGER, DWORD) override { return E_NOTIMPL; }

    STDMETHODIMP Stat(STATSTG *told, DWORD) override
    {
        memset(told, 0, sizeof *told);
        told->cbSize.QuadPart = content.size();
        return S_OK;
    }
};

std::vector<BYTE> some_content(size_t count)
{
    std::vector<BYTE> bytes(count);
    fill(bytes.data(), bytes.size(), 3);
    return bytes;
}

void a_class_there_and_back()
{
    Bytes plain, sealed, opened;
    LPCWSTR name = nullptr;
    act_as(ALICE);
    plain.content = some_content(70000);
    CHECK_HR(IpcfEncryptFileStream(&plain, W("plan.txt"), template_id(0), IPCF_EF_TEMPLATE_ID, 0, nullptr, &sealed, &name), S_OK);
    CHECK_TEXT(static_cast<LPCWSTR>(mine(name)), W("plan.ptxt"));
    CHECK(sealed.content.size() > plain.content.size() && memcmp(sealed.content.data(), ".pfile", 6) == 0);
    CHECK_HR(IpcfDecryptFileStream(&sealed, W("plan.ptxt"), 0, nullptr, &opened, &name), S_OK);
    CHECK_TEXT(static_cast<LPCWSTR>(mine(name)), W("plan.txt"));
    CHECK(opened.content == plain.content);
    CHECK(plain.references == 1 && sealed.references == 1 && opened.references == 1);
}

void a_class_with_an_open_file_on_it()
{
    Bytes plain, sealed;
    LPCWSTR name = nullptr;
    IPCF_FILE_HANDLE file = nullptr;
    IPCF_FILE_RANGE range = {4000, 200};
    BYTE read[200];
    DWORD64 count = sizeof read;
    act_as(ALICE);
    plain.content = some_content(9000);
    REQUIRE_OK(IpcfEncryptFileStream(&plain, W("plan.txt"), template_id(0), IPCF_EF_TEMPLATE_ID, 0, nullptr, &sealed, &name));
    mine(name);
    REQUIRE_OK(IpcfOpenFileOnILockBytes(&sealed, nullptr, 0, &file));
    my_handle(reinterpret_cast<IPC_HANDLE>(file));
    CHECK(sealed.references == 2);
    CHECK_HR(IpcfReadFile(file, &range, read, &count), S_OK);
    CHECK(count == sizeof read && memcmp(read, plain.content.data() + 4000, sizeof read) == 0);
    REQUIRE_OK(IpcfSetEndOfFile(file, 4100));
    count = sizeof read;
    CHECK_HR(IpcfReadFile(file, &range, read, &count), S_OK);
    CHECK(count == 100);
    REQUIRE_OK(IpcCloseHandle(reinterpret_cast<IPC_HANDLE>(file)));
    CHECK(sealed.references == 1);
}

void faces_of_a_class()
{
    Bytes stream;
    void *face = &stream;
    IID other = IID_ILockBytes;
    other.Data4[7] ^= 1;
    CHECK_HR(stream.QueryInterface(IID_IUnknown, &face), S_OK);
    CHECK(face == static_cast<ILockBytes *>(&stream) && stream.references == 2);
    CHECK_HR(stream.QueryInterface(other, &face), E_NOINTERFACE);
    CHECK(face == nullptr && stream.references == 2);
    CHECK(IID_ILockBytes == IID_ILockBytes && IID_ILockBytes != IID_IUnknown && !(other == IID_ILockBytes) && !IsEqualGUID(other, IID_ILockBytes));
}

void an_object_of_the_library()
{
    ILockBytes *stream = nullptr;
    BYTE read[8];
    ULONG count = 0;
    void *face = nullptr;
    ULARGE_INTEGER at;
    at.QuadPart = 2;
    REQUIRE_OK(IpcxCreateStreamOnMemory("tides", 5, &stream));
    CHECK_HR(stream->ReadAt(at, read, sizeof read, &count), S_OK);
    CHECK(count == 3 && memcmp(read, "des", 3) == 0);
    CHECK_HR(stream->WriteAt(at, "D", 1, &count), S_OK);
    CHECK_HR(stream->QueryInterface(IID_ILockBytes, &face), S_OK);
    CHECK(face == stream && stream->Release() == 1 && stream->Release() == 0);
}

} // namespace

int main()
{
    RUN(a_class_there_and_back);
    RUN(a_class_with_an_open_file_on_it);
    RUN(faces_of_a_class);
    RUN(an_object_of_the_library);
    return finish_tests();
}
