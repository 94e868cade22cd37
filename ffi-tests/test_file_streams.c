/* The File API on streams: objects of the application that give little, fail, and count their references; the ready-made
 * ones; what the path beside a stream means. A class in C++ is in test_file_streams.cc.
 */
#include "streams.h"

#define HINT W("/no/such/folder/plan.txt")
#define SECRET "the tide tables of the harbor, which nobody else may read"

static HRESULT encrypt_stream_with(Stream *from, LPCWSTR hint, DWORD flags, Stream *to, LPCWSTR *name)
{
    HRESULT result = IpcfEncryptFileStream(&from->face, hint, (LPCVOID)template_id(0), IPCF_EF_TEMPLATE_ID, flags, NULL,
                                           &to->face, name);
    mine(*name);
    return result;
}

static HRESULT encrypt_stream(Stream *from, LPCWSTR hint, Stream *to, LPCWSTR *name)
{
    return encrypt_stream_with(from, hint, 0, to, name);
}

static HRESULT decrypt_stream(Stream *from, LPCWSTR hint, Stream *to, LPCWSTR *name)
{
    HRESULT result = IpcfDecryptFileStream(&from->face, hint, 0, NULL, &to->face, name);
    mine(*name);
    return result;
}

static void check_untouched(const Stream *stream)
{
    CHECK(stream->references == 1 && stream->foreign_calls == 0);
}

static void streams_that_give_little(void)
{
    static const ULONG most[] = {0, 1, 7, 4096, 100001};
    static const size_t lengths[] = {0, 1, 4096, 50000};
    static BYTE content[50000];
    size_t i, j;
    LPCWSTR name;
    fill(content, sizeof content, 2);
    act_as(ALICE);
    for (i = 0; i < COUNT(most); i++)
        for (j = 0; j < COUNT(lengths); j++) {
            Stream *plain = stream_with(0, content, lengths[j]), *sealed = stream_number(1), *opened = stream_with(2, "old", 3);
            DWORD status = 77;
            PIPC_BUFFER license = NULL;
            plain->most = sealed->most = opened->most = most[i];
            CHECK_HR(encrypt_stream(plain, HINT, sealed, &name), S_OK);
            CHECK_TEXT(name, W("plan.ptxt"));
            CHECK(stream_holds(plain, content, lengths[j]));
            CHECK_HR(IpcfIsFileStreamEncrypted(&sealed->face, W("plan.ptxt"), &status), S_OK);
            CHECK(status == IPCF_FILE_STATUS_ENCRYPTED_CUSTOM);
            CHECK_HR(IpcfGetSerializedLicenseFromFileStream(&sealed->face, HINT, &license), S_OK);
            mine(license);
            CHECK(has_right(open_as(ALICE, license), IPC_GENERIC_ALL) == TRUE);
            CHECK_HR(decrypt_stream(sealed, W("plan.ptxt"), opened, &name), S_OK);
            CHECK_TEXT(name, W("plan.txt"));
            CHECK(stream_holds(opened, content, lengths[j]));
            check_untouched(plain);
            check_untouched(sealed);
            check_untouched(opened);
        }
}

static void office_documents_in_streams(void)
{
    size_t count;
    const BYTE *bytes = real_document(&count);
    Stream *plain = stream_with(0, bytes, count), *sealed = stream_number(1), *opened = stream_number(2);
    LPCWSTR name;
    DWORD status = 77;
    act_as(ALICE);
    sealed->most = 1000;
    CHECK_HR(encrypt_stream(plain, W("C:\\Users\\alice\\tides.docx"), sealed, &name), S_OK);
    CHECK_TEXT(name, NULL);
    CHECK_HR(IpcfIsFileStreamEncrypted(&sealed->face, W("tides.docx"), &status), S_OK);
    CHECK(status == IPCF_FILE_STATUS_ENCRYPTED_CUSTOM);
    CHECK_HR(decrypt_stream(sealed, W("tides.docx"), opened, &name), S_OK);
    CHECK_TEXT(name, NULL);
    CHECK(stream_holds(opened, bytes, count));
    check_untouched(plain), check_untouched(sealed), check_untouched(opened);
}

static void what_the_path_beside_a_stream_means(void)
{
    static const struct {
        LPCWSTR hint;
        DWORD flags;
        LPCWSTR sealed;
    } cases[] = {
        {W("plan.txt"), 0, W("plan.ptxt")},
        {W("C:\\plans\\Plan.TXT"), 0, W("Plan.pTXT")},
        {W("https://contoso.example/plans/plan.jpg"), 0, W("plan.pjpg")},
        {W("../../plan"), 0, W("plan.pfile")},
        {W("plan.txt"), IPCF_EF_FLAG_FORCE_PFILE, W("plan.txt.pfile")},
        {W("plan.zzz"), IPCF_EF_FLAG_FORCE_NATIVE, W("plan.pzzz")},
    };
    size_t i;
    LPCWSTR name;
    DWORD status = 77;
    Stream *plain, *sealed;
    act_as(ALICE);
    for (i = 0; i < COUNT(cases); i++) {
        plain = stream_with(0, SECRET, sizeof SECRET);
        sealed = stream_number(1);
        CHECK_HR(IpcfGetEncryptedFilePathFromStream(&plain->face, cases[i].hint, cases[i].flags, &name), S_OK);
        CHECK_TEXT((LPCWSTR)mine(name), cases[i].sealed);
        CHECK_HR(encrypt_stream_with(plain, cases[i].hint, cases[i].flags, sealed, &name), S_OK);
        CHECK_TEXT(name, cases[i].sealed);
        CHECK_HR(IpcfGetDecryptedFilePathFromStream(&sealed->face, cases[i].sealed, 0, &name), S_OK);
        CHECK(name != NULL);
        mine(name);
        check_untouched(plain), check_untouched(sealed);
    }
    /* The bytes decide: the path may be the one that the content had. */
    CHECK_HR(IpcfIsFileStreamEncrypted(&sealed->face, W("plan.zzz"), &status), S_OK);
    CHECK(status == IPCF_FILE_STATUS_ENCRYPTED_CUSTOM);
    CHECK_HR(IpcfGetDecryptedFilePathFromStream(&sealed->face, W("plan.zzz"), 0, &name), S_OK);
    CHECK_TEXT(name, NULL);
    CHECK_HR(IpcfGetDecryptedFilePathFromStream(&plain->face, W("plan.pfile"), 0, &name), IPCERROR_FILE_IS_NOT_ENCRYPTED);
    for (i = 0; i < 5; i++) {
        static const LPCWSTR nameless[] = {W(""), W("/"), W("plans\\"), W(".."), W("a/.")};
        CHECK_HR(encrypt_stream(plain, nameless[i], sealed, &name), E_INVALIDARG);
    }
}

static void licenses_of_mails_are_not_told(void)
{
    Stream *plain = stream_with(0, SECRET, sizeof SECRET), *sealed = stream_number(1);
    PIPC_BUFFER license;
    LPCWSTR name;
    act_as(ALICE);
    CHECK_HR(encrypt_stream(plain, HINT, sealed, &name), S_OK);
    CHECK_HR(IpcfGetSerializedLicenseFromFileStream(&sealed->face, W("a.MSG"), &license), IPCERROR_FILE_IS_NOT_ENCRYPTED);
    CHECK(license == NULL);
    CHECK_HR(IpcfGetSerializedLicenseFromFileStream(&sealed->face, W("message.rpmsg"), &license), IPCERROR_FILE_IS_NOT_ENCRYPTED);
    CHECK_HR(IpcfGetSerializedLicenseFromFileStream(&plain->face, HINT, &license), IPCERROR_FILE_IS_NOT_ENCRYPTED);
    CHECK(license == NULL);
    check_untouched(sealed);
}

static void policies_in_streams(void)
{
    Stream *plain = stream_with(0, SECRET, sizeof SECRET), *sealed = stream_number(1), *again = stream_with(2, "old", 3);
    LPCWSTR name;
    act_as(ALICE);
    CHECK_HR(encrypt_stream(plain, HINT, sealed, &name), S_OK);
    CHECK_HR(encrypt_stream_with(sealed, W("plan.ptxt"), IPCF_EF_FLAG_UPDATELICENSE_BLOCKED, again, &name),
             IPCERROR_FILE_UPDATELICENSE_BLOCKED);
    CHECK(stream_holds(again, "old", 3));
    /* Under the same policy the output is the same file. */
    CHECK_HR(encrypt_stream(sealed, W("plan.ptxt"), again, &name), S_OK);
    CHECK_TEXT(name, NULL);
    CHECK(stream_holds(again, sealed->bytes, sealed->size));
    CHECK_HR(IpcfEncryptFileStream(&sealed->face, W("plan.ptxt"), (LPCVOID)template_id(1), IPCF_EF_TEMPLATE_ID, 0, NULL,
                                   &again->face, &name), S_OK);
    CHECK(!stream_holds(again, sealed->bytes, sealed->size));
    CHECK_HR(decrypt_stream(again, W("plan.ptxt"), sealed, &name), S_OK);
    CHECK(stream_holds(sealed, SECRET, sizeof SECRET));
    CHECK_HR(decrypt_stream(plain, W("plan.ptxt"), again, &name), IPCERROR_FILE_IS_NOT_ENCRYPTED);
    check_untouched(plain), check_untouched(sealed), check_untouched(again);
}

static void metadata_in_streams(void)
{
    Stream *plain = stream_with(0, SECRET, sizeof SECRET), *sealed = stream_number(1);
    IPC_LICENSE_METADATA given;
    LPCWSTR name = NULL;
    memset(&given, 0, sizeof given);
    given.cbSize = sizeof given;
    given.wszContentName = W("Tide tables");
    act_as(ALICE);
    CHECK_HR(IpcfEncryptFileStreamWithMetadata(&plain->face, HINT, (LPCVOID)template_id(0), IPCF_EF_TEMPLATE_ID, 0, NULL, &given,
                                               &sealed->face, &name), S_OK);
    mine(name);
    put_file("sealed.ptxt", sealed->bytes, sealed->size);
    CHECK(occurs("sealed.ptxt", "Tide tables", 11) && occurs("sealed.ptxt", "MS.ContentPath.Hash", 19));
    check_untouched(plain), check_untouched(sealed);
}

static void the_same_object_twice(void)
{
    Stream *plain = stream_with(0, SECRET, sizeof SECRET);
    LPCWSTR name;
    act_as(ALICE);
    CHECK_HR(encrypt_stream(plain, HINT, plain, &name), E_INVALIDARG);
    CHECK_HR(decrypt_stream(plain, HINT, plain, &name), E_INVALIDARG);
    CHECK(stream_holds(plain, SECRET, sizeof SECRET));
    check_untouched(plain);
}

/* Every method fails at every call; its code comes back, no reference is lost, and the output holds nothing. */
static void methods_that_fail(void)
{
    static BYTE sealed_bytes[STREAM_MOST];
    static BYTE content[20000];
    size_t sealed_size, done = 0;
    Stream *plain, *sealed, *opened;
    LPCWSTR name;
    int method, at, side;
    fill(content, sizeof content, 4);
    act_as(ALICE);
    plain = stream_with(0, content, sizeof content);
    sealed = stream_number(1);
    REQUIRE_OK(encrypt_stream(plain, HINT, sealed, &name));
    sealed_size = sealed->size;
    memcpy(sealed_bytes, sealed->bytes, sealed_size);
    for (method = READ_AT; method < METHODS; method++)
        for (side = 0; side < 4; side++)
            for (at = 0; at < 12; at++) {
                Stream *failing;
                HRESULT result;
                plain = stream_with(0, content, sizeof content);
                sealed = stream_with(1, sealed_bytes, side < 2 ? 5 : sealed_size);
                opened = stream_with(2, "old", 3);
                failing = side == 0 ? plain : side == 3 ? opened : sealed;
                failing->failing = (Method)method;
                failing->fail_at = at;
                failing->code = (HRESULT)(0x80030000 + method * 256 + at);
                result = side < 2 ? encrypt_stream(plain, HINT, sealed, &name) : decrypt_stream(sealed, W("plan.ptxt"), opened, &name);
                check_untouched(plain), check_untouched(sealed), check_untouched(opened);
                if (failing->calls[method] <= at) { /* not reached */
                    CHECK_HR(result, S_OK);
                    break;
                }
                done++;
                if (side < 2 || method != SET_SIZE || at == 0) /* the last SetSize empties what failed already */
                    CHECK_HR(result, failing->code);
                CHECK_TEXT(name, NULL);
                if (method != SET_SIZE)
                    CHECK(side < 2 ? sealed->size == 0 || sealed->size == 5 : opened->size == 0 || stream_holds(opened, "old", 3));
            }
    CHECK(done > 30);
}

static void questions_to_streams_that_fail(void)
{
    Stream *plain = stream_with(0, SECRET, sizeof SECRET), *sealed = stream_number(1);
    LPCWSTR name = NULL;
    PIPC_BUFFER license = NULL;
    DWORD status = 77;
    int i;
    act_as(ALICE);
    REQUIRE_OK(encrypt_stream(plain, HINT, sealed, &name));
    for (i = 0; i < 2; i++) {
        sealed->failing = i == 0 ? READ_AT : STAT;
        memset(sealed->calls, 0, sizeof sealed->calls);
        CHECK_HR(IpcfIsFileStreamEncrypted(&sealed->face, HINT, &status), sealed->code);
        CHECK(status == 0);
        CHECK_HR(IpcfGetSerializedLicenseFromFileStream(&sealed->face, HINT, &license), sealed->code);
        CHECK(license == NULL);
        CHECK_HR(IpcfGetEncryptedFilePathFromStream(&sealed->face, HINT, 0, &name), sealed->code);
        CHECK_TEXT(name, NULL);
        CHECK_HR(IpcfGetDecryptedFilePathFromStream(&sealed->face, HINT, 0, &name), sealed->code);
        CHECK_TEXT(name, NULL);
        check_untouched(sealed);
    }
}

static void streams_that_take_nothing(void)
{
    Stream *plain = stream_with(0, SECRET, sizeof SECRET), *sealed = stream_number(1);
    LPCWSTR name;
    act_as(ALICE);
    /* S_OK and nothing written, for ever: an error, not a loop. */
    sealed->failing = WRITE_AT;
    sealed->code = S_OK;
    CHECK(FAILED(encrypt_stream(plain, HINT, sealed, &name)));
    check_untouched(sealed);
    /* An input that ends before the size that it tells. */
    REQUIRE_OK(encrypt_stream(plain, HINT, stream_number(1), &name));
    sealed->failing = READ_AT;
    sealed->fail_at = 1;
    sealed->code = S_OK;
    CHECK(FAILED(decrypt_stream(sealed, HINT, stream_number(2), &name)));
    check_untouched(sealed);
}

static void streams_that_lie_about_their_size(void)
{
    static const ULONGLONG claims[] = {1, 100, 5000, 1ULL << 32, 1ULL << 62, ~0ULL};
    static BYTE sealed_bytes[STREAM_MOST];
    size_t i, sealed_size;
    LPCWSTR name;
    Stream *plain = stream_with(0, SECRET, sizeof SECRET), *sealed = stream_number(1);
    act_as(ALICE);
    REQUIRE_OK(encrypt_stream(plain, HINT, sealed, &name));
    sealed_size = sealed->size;
    memcpy(sealed_bytes, sealed->bytes, sealed_size);
    for (i = 0; i < COUNT(claims); i++) {
        IPCF_FILE_HANDLE file = NULL;
        HRESULT result;
        plain = stream_with(0, SECRET, sizeof SECRET);
        plain->claimed = claims[i];
        result = encrypt_stream(plain, HINT, stream_number(1), &name);
        CHECK(FAILED(result) ? result != E_UNEXPECTED : claims[i] < sizeof SECRET);
        check_untouched(plain);
        sealed = stream_with(1, sealed_bytes, sealed_size);
        sealed->claimed = claims[i];
        result = decrypt_stream(sealed, W("plan.ptxt"), stream_number(2), &name);
        CHECK(FAILED(result) && result != E_UNEXPECTED);
        result = IpcfOpenFileOnILockBytes(&sealed->face, NULL, 0, &file);
        CHECK(FAILED(result) && result != E_UNEXPECTED && file == NULL);
        check_untouched(sealed);
    }
}

static HRESULT open_stream(Stream *stream, IPCF_FILE_HANDLE *file)
{
    HRESULT result = IpcfOpenFileOnILockBytes(&stream->face, NULL, 0, file);
    my_handle((IPC_HANDLE)*file);
    return result;
}

static void files_that_are_open_on_a_stream(void)
{
    static BYTE content[20000], read[20000];
    Stream *plain, *sealed = stream_number(1), *opened = stream_number(2);
    IPCF_FILE_HANDLE file = NULL, other = NULL;
    IPCF_FILE_RANGE range;
    DWORD64 count;
    LPCWSTR name;
    fill(content, sizeof content, 8);
    plain = stream_with(0, content, sizeof content);
    act_as(ALICE);
    REQUIRE_OK(encrypt_stream(plain, HINT, sealed, &name));
    sealed->most = 1000;
    REQUIRE_OK(open_stream(sealed, &file));
    CHECK(sealed->references == 2);
    range.qwOffset = 100;
    range.qwSize = count = 15000;
    REQUIRE_OK(IpcfReadFile(file, &range, read, &count));
    CHECK(count == 15000 && memcmp(read, content + 100, 15000) == 0);
    memset(content + 4000, 'x', 6000);
    range.qwOffset = 4000;
    count = range.qwSize = 6000;
    REQUIRE_OK(IpcfWriteFile(file, &range, content + 4000, &count));
    CHECK(count == 6000);
    /* A second handle on the same object. */
    REQUIRE_OK(open_stream(sealed, &other));
    CHECK(sealed->references == 3);
    REQUIRE_OK(IpcCloseHandle((IPC_HANDLE)other));
    REQUIRE_OK(IpcCloseHandle((IPC_HANDLE)file));
    check_untouched(sealed);
    CHECK_HR(decrypt_stream(sealed, HINT, opened, &name), S_OK);
    CHECK(stream_holds(opened, content, sizeof content));
    /* Not opened, nothing held. */
    CHECK_HR(open_stream(plain, &file), IPCERROR_FILE_IS_NOT_ENCRYPTED);
    CHECK(file == NULL);
    check_untouched(plain);
}

/* A stream that failed once is not why later calls fail. */
static IPCF_FILE_HANDLE file_in_use;
static HRESULT answer_meanwhile;
static LPVOID property_meanwhile;

static void use_the_file_meanwhile(void)
{
    answer_meanwhile = IpcfGetFileProperty(file_in_use, IPCF_FI_HEADER_POSITION, &property_meanwhile);
}

/* A stream may use the library, and even the file that it is read for, without waiting for itself. */
static void streams_that_use_their_file(void)
{
    static BYTE content[10000], out[10000];
    Stream *sealed = stream_number(1);
    IPCF_FILE_RANGE range = {0, sizeof content};
    DWORD64 count = sizeof out;
    LPCWSTR name;
    act_as(ALICE);
    fill(content, sizeof content, 3);
    CHECK_HR(encrypt_stream(stream_with(0, content, sizeof content), HINT, sealed, &name), S_OK);
    REQUIRE_OK(open_stream(sealed, &file_in_use));
    property_meanwhile = out;
    answer_meanwhile = S_OK;
    sealed->meanwhile = use_the_file_meanwhile;
    CHECK_HR(IpcfReadFile(file_in_use, &range, out, &count), S_OK);
    CHECK(count == sizeof content && memcmp(content, out, sizeof out) == 0);
    CHECK_HR(answer_meanwhile, WIN32(ERROR_SHARING_VIOLATION));
    CHECK(property_meanwhile == NULL);
    CHECK_HR(IpcfGetFileProperty(file_in_use, IPCF_FI_HEADER_POSITION, &property_meanwhile), S_OK);
    mine(property_meanwhile);
}

static void a_failure_is_told_once(void)
{
    static BYTE bytes[10000];
    Stream *plain = stream_with(0, bytes, sizeof bytes), *sealed = stream_number(1);
    IPC_LICENSE_HANDLE license = license_for(BOB, "VIEW", 0);
    IPCF_FILE_HANDLE file = NULL;
    IPCF_FILE_RANGE range = {0, 10};
    DWORD64 count = 10;
    LPCWSTR name = NULL;
    REQUIRE_OK(IpcfEncryptFileStream(&plain->face, HINT, (LPCVOID)license, IPCF_EF_LICENSE_HANDLE, 0, NULL, &sealed->face, &name));
    mine(name);
    act_as(BOB);
    REQUIRE_OK(open_stream(sealed, &file));
    sealed->failing = READ_AT;
    CHECK_HR(IpcfReadFile(file, &range, bytes, &count), sealed->code);
    CHECK(count == 0);
    sealed->failing = NO_METHOD;
    count = 10;
    CHECK_HR(IpcfWriteFile(file, &range, bytes, &count), IPCERROR_RIGHT_NOT_GRANTED);
    CHECK(count == 0);
    count = 10;
    CHECK_HR(IpcfReadFile(file, &range, bytes, &count), S_OK);
    CHECK(count == 10);
}

static ULARGE_INTEGER at(ULONGLONG value)
{
    ULARGE_INTEGER result;
    result.QuadPart = value;
    return result;
}

/* What every ready-made stream does. */
static void behaves(ILockBytes *stream, size_t size)
{
    BYTE bytes[16] = {0};
    ULONG count = 77;
    STATSTG told;
    void *face = NULL;
    memset(&told, 0x55, sizeof told);
    CHECK_HR(stream->lpVtbl->Stat(stream, &told, 1), S_OK);
    CHECK(told.cbSize.QuadPart == size && told.type == 3 && told.pwcsName == NULL);
    CHECK_HR(stream->lpVtbl->QueryInterface(stream, &IID_ILockBytes, &face), S_OK);
    CHECK(face == stream);
    CHECK_HR(stream->lpVtbl->QueryInterface(stream, &IID_IUnknown, &face), S_OK);
    CHECK(stream->lpVtbl->Release(stream) == 2 && stream->lpVtbl->Release(stream) == 1);
    {
        static const IID other = {1, 2, 3, {4}};
        face = stream;
        CHECK_HR(stream->lpVtbl->QueryInterface(stream, &other, &face), E_NOINTERFACE);
        CHECK(face == NULL);
        CHECK_HR(stream->lpVtbl->QueryInterface(stream, &other, NULL), E_POINTER);
    }
    CHECK(stream->lpVtbl->AddRef(stream) == 2 && stream->lpVtbl->Release(stream) == 1);
    CHECK_HR(stream->lpVtbl->WriteAt(stream, at(size + 4), "plan", 4, &count), S_OK);
    CHECK(count == 4);
    CHECK_HR(stream->lpVtbl->ReadAt(stream, at(size), bytes, sizeof bytes, &count), S_OK);
    CHECK(count == 8 && memcmp(bytes, "\0\0\0\0plan", 8) == 0);
    CHECK_HR(stream->lpVtbl->ReadAt(stream, at(size + 8), bytes, sizeof bytes, &count), S_OK);
    CHECK(count == 0);
    CHECK_HR(stream->lpVtbl->ReadAt(stream, at(~0ULL), bytes, sizeof bytes, &count), S_OK);
    CHECK(count == 0);
    CHECK_HR(stream->lpVtbl->SetSize(stream, at(size + 6)), S_OK);
    CHECK_HR(stream->lpVtbl->ReadAt(stream, at(size + 4), bytes, 4, NULL), S_OK);
    CHECK(memcmp(bytes, "pl", 2) == 0);
    CHECK_HR(stream->lpVtbl->ReadAt(stream, at(0), NULL, 4, &count), E_INVALIDARG);
    CHECK_HR(stream->lpVtbl->WriteAt(stream, at(0), NULL, 4, &count), E_INVALIDARG);
    CHECK(FAILED(stream->lpVtbl->WriteAt(stream, at(~0ULL), "plan", 4, &count)));
    CHECK_HR(stream->lpVtbl->ReadAt(stream, at(0), NULL, 0, NULL), S_OK);
    CHECK_HR(stream->lpVtbl->WriteAt(stream, at(0), NULL, 0, NULL), S_OK);
    CHECK_HR(stream->lpVtbl->Stat(stream, NULL, 0), E_INVALIDARG);
    CHECK(FAILED(stream->lpVtbl->LockRegion(stream, at(0), at(1), 1)) && FAILED(stream->lpVtbl->UnlockRegion(stream, at(0), at(1), 1)));
    CHECK_HR(stream->lpVtbl->Flush(stream), S_OK);
    CHECK_HR(stream->lpVtbl->SetSize(stream, at(size)), S_OK);
}

static void ready_made_streams(void)
{
    ILockBytes *memory = NULL, *file = NULL;
    static BYTE content[30000], read[30000];
    LPCWSTR name = NULL;
    ULONG count = 0;
    int descriptor = open("stream.bin", O_RDWR | O_CREAT | O_TRUNC, 0600);
    REQUIRE(descriptor >= 0);
    fill(content, sizeof content, 1);
    act_as(ALICE);
    REQUIRE_OK(IpcxCreateStreamOnMemory(content, sizeof content, &memory));
    REQUIRE_OK(IpcxCreateStreamOnFile(file_handle(descriptor), &file));
    CHECK(close(descriptor) == 0); /* it was duplicated */
    behaves(memory, sizeof content);
    behaves(file, 0);
    CHECK_HR(IpcfEncryptFileStream(memory, HINT, (LPCVOID)template_id(0), IPCF_EF_TEMPLATE_ID, 0, NULL, file, &name), S_OK);
    mine(name);
    CHECK(status_of("stream.bin") == IPCF_FILE_STATUS_ENCRYPTED_CUSTOM);
    CHECK_HR(memory->lpVtbl->SetSize(memory, at(0)), S_OK);
    CHECK_HR(IpcfDecryptFileStream(file, HINT, 0, NULL, memory, &name), S_OK);
    CHECK_HR(memory->lpVtbl->ReadAt(memory, at(0), read, sizeof read, &count), S_OK);
    CHECK(count == sizeof content && memcmp(read, content, count) == 0);
    CHECK(memory->lpVtbl->Release(memory) == 0 && file->lpVtbl->Release(file) == 0);
    REQUIRE_OK(IpcxCreateStreamOnMemory(NULL, 0, &memory));
    behaves(memory, 0);
    CHECK(memory->lpVtbl->Release(memory) == 0);
}

/* A file that was opened for reading only: its stream is read, and refuses to be written. */
static void streams_that_are_only_read(void)
{
    ILockBytes *file = NULL;
    Stream *plain = stream_with(0, SECRET, sizeof SECRET);
    ULONG count = 0;
    int descriptor;
    LPCWSTR name = NULL;
    act_as(ALICE);
    put_text("read.txt", SECRET);
    descriptor = open("read.txt", O_RDONLY);
    REQUIRE(descriptor >= 0);
    REQUIRE_OK(IpcxCreateStreamOnFile(file_handle(descriptor), &file));
    CHECK_HR(file->lpVtbl->WriteAt(file, at(0), "x", 1, &count), E_ACCESSDENIED);
    CHECK_HR(file->lpVtbl->SetSize(file, at(0)), E_ACCESSDENIED);
    CHECK_HR(IpcfEncryptFileStream(&plain->face, HINT, (LPCVOID)template_id(0), IPCF_EF_TEMPLATE_ID, 0, NULL, file, &name), E_ACCESSDENIED);
    CHECK(holds_text("read.txt", SECRET));
    check_untouched(plain);
    CHECK(file->lpVtbl->Release(file) == 0);
    CHECK(close(descriptor) == 0);
}

static void two_streams_over_one_file(void)
{
    ILockBytes *one = NULL, *other = NULL;
    LPCWSTR name = NULL;
    int descriptor;
    act_as(ALICE);
    put_text("both.txt", SECRET);
    descriptor = open("both.txt", O_RDWR);
    REQUIRE(descriptor >= 0);
    REQUIRE_OK(IpcxCreateStreamOnFile(file_handle(descriptor), &one));
    REQUIRE_OK(IpcxCreateStreamOnFile(file_handle(descriptor), &other));
    CHECK_HR(IpcfEncryptFileStream(one, HINT, (LPCVOID)template_id(0), IPCF_EF_TEMPLATE_ID, 0, NULL, other, &name), E_INVALIDARG);
    CHECK(name == NULL && holds_text("both.txt", SECRET));
    CHECK(one->lpVtbl->Release(one) == 0 && other->lpVtbl->Release(other) == 0);
    CHECK(close(descriptor) == 0);
}

static HRESULT CALLBACK refuse(LPVOID context, DWORD64 done, DWORD64 total)
{
    (void)done, (void)total;
    return *(HRESULT *)context;
}

static void progress_of_streams(void)
{
    Stream *plain = stream_with(0, SECRET, sizeof SECRET), *sealed = stream_with(1, "old", 3);
    HRESULT code = (HRESULT)0x8BADF00D;
    LPCWSTR name;
    act_as(ALICE);
    REQUIRE_OK(IpcxSetFileProgress(refuse, &code));
    CHECK_HR(encrypt_stream(plain, HINT, sealed, &name), code);
    CHECK(sealed->size == 0);
    REQUIRE_OK(IpcxSetFileProgress(NULL, NULL));
    CHECK_HR(encrypt_stream(plain, HINT, sealed, &name), S_OK);
    check_untouched(plain), check_untouched(sealed);
}

int main(void)
{
    RUN(streams_that_give_little);
    RUN(office_documents_in_streams);
    RUN(what_the_path_beside_a_stream_means);
    RUN(licenses_of_mails_are_not_told);
    RUN(policies_in_streams);
    RUN(metadata_in_streams);
    RUN(the_same_object_twice);
    RUN(methods_that_fail);
    RUN(questions_to_streams_that_fail);
    RUN(streams_that_take_nothing);
    RUN(streams_that_lie_about_their_size);
    RUN(files_that_are_open_on_a_stream);
    RUN(streams_that_use_their_file);
    RUN(a_failure_is_told_once);
    RUN(ready_made_streams);
    RUN(streams_that_are_only_read);
    RUN(two_streams_over_one_file);
    RUN(progress_of_streams);
    return finish_tests();
}
