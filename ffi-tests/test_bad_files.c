/* Wrong calls of the File API: each is made, must give its code, and must leave its outputs NULL or 0. They are counted, as
 * in test_bad_calls.c. Wrong handles of open files are in test_file_access.c too, where they were opened.
 */
#include "bad_calls.h"
#include "streams.h"

#define PLAIN W("plain.txt")
#define SEALED W("sealed.ptxt")
#define SECRET "the tide tables of the harbor"

enum { NOT_FLAGS = 3, NOT_PROMPTS = 4 };

static const DWORD not_flags[NOT_FLAGS] = {64, 0x80000000, 0xFFFFFFFF};

static LPCWSTR id;
static IPC_LICENSE_HANDLE draft, closed_draft;
static IPC_KEY_HANDLE key;
static IPCF_FILE_HANDLE file, closed_file;
static Stream *plain, *sealed;
static int local;

/* Contexts that cannot be used: too small, an unknown flag, no cancel event, and one of those again. */
static PCIPC_PROMPT_CTX not_a_prompt(int i)
{
    static IPC_PROMPT_CTX prompt;
    prompt = silent_prompt();
    if (i == 0)
        prompt.cbSize = 4;
    else if (i == 1)
        prompt.dwFlags = 0x40000000;
    else if (i == 2)
        prompt.hCancelEvent = file_handle(987654); /* no event, whatever it is */
    else
        prompt.cbSize = 0;
    return &prompt;
}

static IPCF_FILE_HANDLE not_a_file(int i)
{
    switch (i) {
    case 0: return NULL;
    case 1: return closed_file;
    case 2: return (IPCF_FILE_HANDLE)(LPVOID)draft;
    case 3: return (IPCF_FILE_HANDLE)(LPVOID)key;
    case 4: return (IPCF_FILE_HANDLE)(size_t)0x1234;
    case 5: return (IPCF_FILE_HANDLE)(LPVOID)&local;
    default: return (IPCF_FILE_HANDLE)~(size_t)0;
    }
}

enum { NOT_FILES = 7 };

static void prepare(void)
{
    LPCWSTR told;
    act_as(ALICE);
    id = template_id(0);
    draft = scratch_license();
    closed_draft = scratch_license();
    REQUIRE_OK(IpcCloseHandle((IPC_HANDLE)closed_draft));
    unlink("sealed.ptxt");
    put_text("plain.txt", SECRET);
    put_text("sealed.txt", SECRET);
    REQUIRE_OK(encrypt("sealed.txt", &told));
    key = open_as(ALICE, license_of("sealed.ptxt"));
    REQUIRE_OK(IpcxOpenFile(SEALED, NULL, IPCX_OPEN_READ_ONLY, &file));
    my_handle((IPC_HANDLE)file);
    REQUIRE_OK(IpcxOpenFile(SEALED, NULL, IPCX_OPEN_READ_ONLY, &closed_file));
    REQUIRE_OK(IpcCloseHandle((IPC_HANDLE)closed_file));
    plain = stream_with(0, SECRET, strlen(SECRET));
    sealed = stream_number(1);
    REQUIRE_OK(IpcfEncryptFileStream(&plain->face, PLAIN, (LPCVOID)id, IPCF_EF_TEMPLATE_ID, 0, NULL, &sealed->face, NULL));
}

/* Whatever was asked for wrongly changed nothing. */
static void check_all_as_before(void)
{
    CHECK(holds_text("plain.txt", SECRET) && status_of("sealed.ptxt") == IPCF_FILE_STATUS_ENCRYPTED_CUSTOM);
    CHECK(names_with(".", "") == 2);
    CHECK(stream_holds(plain, SECRET, strlen(SECRET)) && sealed->size > strlen(SECRET));
    CHECK(plain->references == 1 && sealed->references == 1 && plain->foreign_calls == 0 && sealed->foreign_calls == 0);
}

static void bad_encrypt_file(void)
{
    LPCWSTR told;
    IPC_LICENSE_METADATA metadata;
    int i;
    prepare();
    memset(&metadata, 0, sizeof metadata);
    metadata.cbSize = sizeof metadata;
#define ENCRYPT(path, info, kind, flags, prompt, folder)                                                                   \
    do {                                                                                                                   \
        BAD_OUT(expected, told, IpcfEncryptFile(path, info, kind, flags, prompt, folder, &told));                          \
        BAD(expected, IpcfEncryptFile(path, info, kind, flags, prompt, folder, NULL));                                     \
        BAD_OUT(expected, told, IpcfEncryptFileWithMetadata(path, info, kind, flags, prompt, folder, &metadata, &told));   \
    } while (0)
    {
        HRESULT expected = E_INVALIDARG;
        for (i = 0; i < NOT_TEXTS; i++) {
            ENCRYPT(not_a_text(i), (LPCVOID)id, IPCF_EF_TEMPLATE_ID, 0, NULL, NULL);
            if (i > 0) /* null is the file's own folder */
                ENCRYPT(PLAIN, (LPCVOID)id, IPCF_EF_TEMPLATE_ID, 0, NULL, not_a_text(i));
            expected = i == NOT_TEXTS - 1 ? WIN32(ERROR_NOT_FOUND) : E_INVALIDARG; /* no template has an empty id */
            ENCRYPT(PLAIN, (LPCVOID)not_a_text(i), IPCF_EF_TEMPLATE_ID, 0, NULL, NULL);
            expected = E_INVALIDARG;
        }
        for (i = 0; i < NOT_FLAGS; i++)
            ENCRYPT(PLAIN, (LPCVOID)id, IPCF_EF_TEMPLATE_ID, not_flags[i], NULL, NULL);
        ENCRYPT(PLAIN, (LPCVOID)id, IPCF_EF_TEMPLATE_ID, IPCF_EF_FLAG_FORCE_PFILE | IPCF_EF_FLAG_FORCE_NATIVE, NULL, NULL);
        ENCRYPT(PLAIN, (LPCVOID)id, 2, 0, NULL, NULL);
        ENCRYPT(PLAIN, (LPCVOID)id, 0xFFFFFFFF, 0, NULL, NULL);
        for (i = 0; i < NOT_PROMPTS; i++)
            ENCRYPT(PLAIN, (LPCVOID)id, IPCF_EF_TEMPLATE_ID, 0, not_a_prompt(i), NULL);
        ENCRYPT(PLAIN, NULL, IPCF_EF_LICENSE_HANDLE, 0, NULL, NULL);
        expected = E_HANDLE;
        ENCRYPT(PLAIN, (LPCVOID)closed_draft, IPCF_EF_LICENSE_HANDLE, 0, NULL, NULL);
        ENCRYPT(PLAIN, (LPCVOID)key, IPCF_EF_LICENSE_HANDLE, 0, NULL, NULL);
        ENCRYPT(PLAIN, (LPCVOID)&local, IPCF_EF_LICENSE_HANDLE, 0, NULL, NULL);
        /* A license that says nothing about who may do what. */
        expected = IPCERROR_USER_RIGHTS_NOT_SET;
        ENCRYPT(PLAIN, (LPCVOID)draft, IPCF_EF_LICENSE_HANDLE, 0, NULL, NULL);
    }
    metadata.dwNotificationPreference = 7;
    BAD_OUT(E_INVALIDARG, told, IpcfEncryptFileWithMetadata(PLAIN, (LPCVOID)id, IPCF_EF_TEMPLATE_ID, 0, NULL, NULL, &metadata, &told));
    metadata.dwNotificationPreference = 0;
    metadata.wszContentName = lone_surrogate();
    BAD_OUT(E_INVALIDARG, told, IpcfEncryptFileWithMetadata(PLAIN, (LPCVOID)id, IPCF_EF_TEMPLATE_ID, 0, NULL, NULL, &metadata, &told));
    metadata.cbSize = 0;
    BAD_OUT(E_INVALIDARG, told, IpcfEncryptFileWithMetadata(PLAIN, (LPCVOID)id, IPCF_EF_TEMPLATE_ID, 0, NULL, NULL, &metadata, &told));
    check_all_as_before();
}

static void bad_decrypt_file(void)
{
    LPCWSTR told;
    int i;
    prepare();
    for (i = 0; i < NOT_TEXTS; i++) {
        BAD_OUT(E_INVALIDARG, told, IpcfDecryptFile(not_a_text(i), 0, NULL, NULL, &told));
        if (i > 0)
            BAD_OUT(E_INVALIDARG, told, IpcfDecryptFile(SEALED, 0, NULL, not_a_text(i), &told));
    }
    for (i = 0; i < NOT_FLAGS; i++)
        BAD_OUT(E_INVALIDARG, told, IpcfDecryptFile(SEALED, not_flags[i], NULL, NULL, &told));
    BAD_OUT(E_INVALIDARG, told, IpcfDecryptFile(SEALED, 2, NULL, NULL, &told));
    for (i = 0; i < NOT_PROMPTS; i++)
        BAD_OUT(E_INVALIDARG, told, IpcfDecryptFile(SEALED, 0, not_a_prompt(i), NULL, &told));
    BAD_OUT(IPCERROR_FILE_IS_NOT_ENCRYPTED, told, IpcfDecryptFile(PLAIN, 0, NULL, NULL, &told));
    check_all_as_before();
}

static void bad_streams(void)
{
    LPCWSTR told;
    IPC_LICENSE_METADATA metadata;
    ILockBytes *from, *to;
    Stream *out;
    int i;
    prepare();
    out = stream_with(2, "old", 3);
    from = &plain->face;
    to = &out->face;
    memset(&metadata, 0, sizeof metadata);
    metadata.cbSize = sizeof metadata;
#define ENCRYPT_STREAM(from, path, info, kind, flags, prompt, to)                                                          \
    do {                                                                                                                   \
        BAD_OUT(expected, told, IpcfEncryptFileStream(from, path, info, kind, flags, prompt, to, &told));                  \
        BAD_OUT(expected, told,                                                                                            \
                IpcfEncryptFileStreamWithMetadata(from, path, info, kind, flags, prompt, &metadata, to, &told));           \
    } while (0)
    {
        HRESULT expected = E_INVALIDARG;
        ENCRYPT_STREAM(NULL, PLAIN, (LPCVOID)id, IPCF_EF_TEMPLATE_ID, 0, NULL, to);
        ENCRYPT_STREAM(from, PLAIN, (LPCVOID)id, IPCF_EF_TEMPLATE_ID, 0, NULL, NULL);
        ENCRYPT_STREAM(from, PLAIN, (LPCVOID)id, IPCF_EF_TEMPLATE_ID, 0, NULL, from);
        for (i = 0; i < NOT_TEXTS; i++) {
            ENCRYPT_STREAM(from, not_a_text(i), (LPCVOID)id, IPCF_EF_TEMPLATE_ID, 0, NULL, to);
            expected = i == NOT_TEXTS - 1 ? WIN32(ERROR_NOT_FOUND) : E_INVALIDARG;
            ENCRYPT_STREAM(from, PLAIN, (LPCVOID)not_a_text(i), IPCF_EF_TEMPLATE_ID, 0, NULL, to);
            expected = E_INVALIDARG;
        }
        for (i = 0; i < NOT_FLAGS; i++)
            ENCRYPT_STREAM(from, PLAIN, (LPCVOID)id, IPCF_EF_TEMPLATE_ID, not_flags[i], NULL, to);
        ENCRYPT_STREAM(from, PLAIN, (LPCVOID)id, 2, 0, NULL, to);
        for (i = 0; i < NOT_PROMPTS; i++)
            ENCRYPT_STREAM(from, PLAIN, (LPCVOID)id, IPCF_EF_TEMPLATE_ID, 0, not_a_prompt(i), to);
        expected = E_HANDLE;
        ENCRYPT_STREAM(from, PLAIN, (LPCVOID)closed_draft, IPCF_EF_LICENSE_HANDLE, 0, NULL, to);
        ENCRYPT_STREAM(from, PLAIN, (LPCVOID)key, IPCF_EF_LICENSE_HANDLE, 0, NULL, to);
    }
    from = &sealed->face;
    BAD_OUT(E_INVALIDARG, told, IpcfDecryptFileStream(NULL, SEALED, 0, NULL, to, &told));
    BAD_OUT(E_INVALIDARG, told, IpcfDecryptFileStream(from, SEALED, 0, NULL, NULL, &told));
    BAD_OUT(E_INVALIDARG, told, IpcfDecryptFileStream(from, SEALED, 0, NULL, from, &told));
    for (i = 0; i < NOT_TEXTS; i++)
        BAD_OUT(E_INVALIDARG, told, IpcfDecryptFileStream(from, not_a_text(i), 0, NULL, to, &told));
    for (i = 0; i < NOT_FLAGS; i++)
        BAD_OUT(E_INVALIDARG, told, IpcfDecryptFileStream(from, SEALED, not_flags[i], NULL, to, &told));
    for (i = 0; i < NOT_PROMPTS; i++)
        BAD_OUT(E_INVALIDARG, told, IpcfDecryptFileStream(from, SEALED, 0, not_a_prompt(i), to, &told));
    CHECK(stream_holds(out, "old", 3) && out->references == 1);
    check_all_as_before();
}

static void bad_questions(void)
{
    LPCWSTR told;
    DWORD status;
    PIPC_BUFFER license;
    int i;
    prepare();
    for (i = 0; i < NOT_TEXTS; i++) {
        BAD_OUT(E_INVALIDARG, told, IpcfGetEncryptedFilePath(not_a_text(i), 0, &told));
        BAD_OUT(E_INVALIDARG, told, IpcfGetDecryptedFilePath(not_a_text(i), 0, &told));
        BAD_OUT(E_INVALIDARG, told, IpcfGetEncryptedFilePathFromStream(&plain->face, not_a_text(i), 0, &told));
        BAD_OUT(E_INVALIDARG, told, IpcfGetDecryptedFilePathFromStream(&sealed->face, not_a_text(i), 0, &told));
        BAD_OUT(E_INVALIDARG, status, IpcfIsFileEncrypted(not_a_text(i), &status));
        BAD_OUT(E_INVALIDARG, status, IpcfIsFileStreamEncrypted(&plain->face, not_a_text(i), &status));
        BAD_OUT(E_INVALIDARG, license, IpcfGetSerializedLicenseFromFile(not_a_text(i), &license));
        BAD_OUT(E_INVALIDARG, license, IpcfGetSerializedLicenseFromFileStream(&sealed->face, not_a_text(i), &license));
        BAD_OUT(E_INVALIDARG, status, IpcxGetFileAuthentication(not_a_text(i), &status));
    }
    for (i = 0; i < NOT_FLAGS; i++) {
        BAD_OUT(E_INVALIDARG, told, IpcfGetEncryptedFilePath(PLAIN, not_flags[i], &told));
        BAD_OUT(E_INVALIDARG, told, IpcfGetDecryptedFilePath(SEALED, not_flags[i], &told));
        BAD_OUT(E_INVALIDARG, told, IpcfGetEncryptedFilePathFromStream(&plain->face, PLAIN, not_flags[i], &told));
        BAD_OUT(E_INVALIDARG, told, IpcfGetDecryptedFilePathFromStream(&sealed->face, SEALED, not_flags[i], &told));
    }
    BAD_OUT(E_INVALIDARG, told, IpcfGetEncryptedFilePathFromStream(NULL, PLAIN, 0, &told));
    BAD_OUT(E_INVALIDARG, told, IpcfGetDecryptedFilePathFromStream(NULL, SEALED, 0, &told));
    BAD_OUT(E_INVALIDARG, status, IpcfIsFileStreamEncrypted(NULL, PLAIN, &status));
    BAD_OUT(E_INVALIDARG, license, IpcfGetSerializedLicenseFromFileStream(NULL, SEALED, &license));
    BAD(E_INVALIDARG, IpcfIsFileEncrypted(PLAIN, NULL));
    BAD(E_INVALIDARG, IpcfIsFileStreamEncrypted(&plain->face, PLAIN, NULL));
    BAD(E_INVALIDARG, IpcfGetSerializedLicenseFromFile(SEALED, NULL));
    BAD(E_INVALIDARG, IpcfGetSerializedLicenseFromFileStream(&sealed->face, SEALED, NULL));
    BAD(E_INVALIDARG, IpcxGetFileAuthentication(SEALED, NULL));
    BAD_OUT(IPCERROR_FILE_IS_NOT_ENCRYPTED, told, IpcfGetDecryptedFilePath(PLAIN, 0, &told));
    BAD_OUT(IPCERROR_FILE_IS_NOT_ENCRYPTED, license, IpcfGetSerializedLicenseFromFile(PLAIN, &license));
    BAD_OUT(WIN32(ERROR_FILE_NOT_FOUND), status, IpcfIsFileEncrypted(W("missing"), &status));
    BAD_OUT(WIN32(ERROR_FILE_NOT_FOUND), status, IpcxGetFileAuthentication(W("missing"), &status));
    /* The answer may be left out where it is optional. */
    CHECK_HR(IpcfGetEncryptedFilePath(PLAIN, 0, NULL), S_OK);
    CHECK_HR(IpcfGetDecryptedFilePath(SEALED, 0, NULL), S_OK);
    CHECK_HR(IpcfGetEncryptedFilePathFromStream(&plain->face, PLAIN, 0, NULL), S_OK);
    CHECK_HR(IpcfGetDecryptedFilePathFromStream(&sealed->face, SEALED, 0, NULL), S_OK);
    check_all_as_before();
}

static void bad_opening(void)
{
    IPCF_FILE_HANDLE out;
    ILockBytes *stream;
    int i, descriptor;
    prepare();
    descriptor = open("sealed.ptxt", O_RDWR);
    REQUIRE(descriptor >= 0);
    BAD_OUT(E_INVALIDARG, out, IpcfOpenFileOnHandle(NULL, NULL, 0, &out));
    BAD_OUT(E_INVALIDARG, out, IpcfOpenFileOnHandle((HANDLE)~(size_t)0, NULL, 0, &out));
    BAD_OUT(E_INVALIDARG, out, IpcfOpenFileOnHandle((HANDLE)&local, NULL, 0, &out));
    BAD_OUT(E_INVALIDARG, out, IpcfOpenFileOnHandle((HANDLE)draft, NULL, 0, &out));
    BAD(E_INVALIDARG, IpcfOpenFileOnHandle(file_handle(descriptor), NULL, 0, NULL));
    BAD_OUT(E_INVALIDARG, out, IpcfOpenFileOnILockBytes(NULL, NULL, 0, &out));
    BAD(E_INVALIDARG, IpcfOpenFileOnILockBytes(&sealed->face, NULL, 0, NULL));
    BAD(E_INVALIDARG, IpcxOpenFile(SEALED, NULL, 0, NULL));
    for (i = 0; i < NOT_FLAGS; i++) {
        BAD_OUT(E_INVALIDARG, out, IpcfOpenFileOnHandle(file_handle(descriptor), NULL, not_flags[i], &out));
        BAD_OUT(E_INVALIDARG, out, IpcfOpenFileOnILockBytes(&sealed->face, NULL, not_flags[i], &out));
        BAD_OUT(E_INVALIDARG, out, IpcxOpenFile(SEALED, NULL, not_flags[i], &out));
    }
    for (i = 0; i < NOT_PROMPTS; i++) {
        BAD_OUT(E_INVALIDARG, out, IpcfOpenFileOnHandle(file_handle(descriptor), not_a_prompt(i), 0, &out));
        BAD_OUT(E_INVALIDARG, out, IpcfOpenFileOnILockBytes(&sealed->face, not_a_prompt(i), 0, &out));
        BAD_OUT(E_INVALIDARG, out, IpcxOpenFile(SEALED, not_a_prompt(i), 0, &out));
    }
    for (i = 0; i < NOT_TEXTS; i++)
        BAD_OUT(E_INVALIDARG, out, IpcxOpenFile(not_a_text(i), NULL, 0, &out));
    BAD_OUT(IPCERROR_FILE_IS_NOT_ENCRYPTED, out, IpcxOpenFile(PLAIN, NULL, 0, &out));
    BAD_OUT(IPCERROR_FILE_IS_NOT_ENCRYPTED, out, IpcfOpenFileOnILockBytes(&plain->face, NULL, 0, &out));
    BAD_OUT(E_INVALIDARG, stream, IpcxCreateStreamOnFile(NULL, &stream));
    BAD_OUT(E_INVALIDARG, stream, IpcxCreateStreamOnFile((HANDLE)~(size_t)0, &stream));
    BAD_OUT(E_INVALIDARG, stream, IpcxCreateStreamOnFile(file_handle(987654), &stream));
    BAD(E_INVALIDARG, IpcxCreateStreamOnFile(file_handle(descriptor), NULL));
    BAD_OUT(E_INVALIDARG, stream, IpcxCreateStreamOnMemory(NULL, 1, &stream));
    BAD(E_INVALIDARG, IpcxCreateStreamOnMemory(SECRET, 1, NULL));
    CHECK_HR(IpcxSetFileProgress(NULL, &local), S_OK);
    CHECK(is_open(descriptor) && close(descriptor) == 0);
    check_all_as_before();
}

static void bad_access(void)
{
    IPCF_FILE_RANGE range = {0, 4};
    IPCF_RAW_FILE_RANGE raw;
    BYTE bytes[8];
    DWORD64 count;
    DWORD size = 4096;
    LPVOID value;
    int i;
    prepare();
    /* The number of bytes is an input too, so it is not rubbish when it must come out as 0. */
#define BAD_COUNT(expected, call)                                                         \
    do {                                                                                  \
        HRESULT bad_result;                                                               \
        count = 4;                                                                        \
        bad_result = (call);                                                              \
        note_bad(bad_result, (HRESULT)(expected), count == 0, __FILE__, __LINE__, #call); \
    } while (0)
    for (i = 0; i < NOT_FILES; i++) {
        BAD_COUNT(E_HANDLE, IpcfReadFile(not_a_file(i), &range, bytes, &count));
        BAD_COUNT(E_HANDLE, IpcfWriteFile(not_a_file(i), &range, bytes, &count));
        BAD(E_HANDLE, IpcfSetEndOfFile(not_a_file(i), 4));
        BAD_OUT(E_HANDLE, raw, IpcfLogicalFileRangeToRawFileRange(not_a_file(i), &range, &raw));
        BAD_OUT(E_HANDLE, value, IpcfGetFileProperty(not_a_file(i), IPCF_FI_ACCESS_BLOCK_SIZE, &value));
        BAD(E_HANDLE, IpcfSetFileProperty(not_a_file(i), IPCF_FI_ACCESS_BLOCK_SIZE, &size));
    }
    BAD_COUNT(E_INVALIDARG, IpcfReadFile(file, NULL, bytes, &count));
    BAD_COUNT(E_INVALIDARG, IpcfReadFile(file, &range, NULL, &count));
    BAD(E_INVALIDARG, IpcfReadFile(file, &range, bytes, NULL));
    BAD_COUNT(E_INVALIDARG, IpcfWriteFile(file, NULL, bytes, &count));
    BAD_COUNT(E_INVALIDARG, IpcfWriteFile(file, &range, NULL, &count));
    BAD(E_INVALIDARG, IpcfWriteFile(file, &range, bytes, NULL));
    BAD_COUNT(E_ACCESSDENIED, IpcfWriteFile(file, &range, bytes, &count));
    BAD(E_ACCESSDENIED, IpcfSetEndOfFile(file, 1));
    BAD_OUT(E_INVALIDARG, raw, IpcfLogicalFileRangeToRawFileRange(file, NULL, &raw));
    BAD(E_INVALIDARG, IpcfLogicalFileRangeToRawFileRange(file, &range, NULL));
    BAD(E_INVALIDARG, IpcfGetFileProperty(file, IPCF_FI_ACCESS_BLOCK_SIZE, NULL));
    BAD_OUT(E_NOTIMPL, value, IpcfGetFileProperty(file, IPCF_FI_CONTENT_KEY, &value));
    BAD_OUT(E_NOTIMPL, value, IpcfGetFileProperty(file, IPCF_FI_BASIC_INFORMATION, &value));
    BAD_OUT(WIN32(ERROR_NOT_FOUND), value, IpcfGetFileProperty(file, 0, &value));
    BAD_OUT(WIN32(ERROR_NOT_FOUND), value, IpcfGetFileProperty(file, 5, &value));
    BAD(E_INVALIDARG, IpcfSetFileProperty(file, IPCF_FI_ACCESS_BLOCK_SIZE, NULL));
    BAD(E_INVALIDARG, IpcfSetFileProperty(file, IPCF_FI_HEADER_POSITION, &range));
    BAD(E_NOTIMPL, IpcfSetFileProperty(file, IPCF_FI_CONTENT_KEY, &size));
    BAD(E_NOTIMPL, IpcfSetFileProperty(file, IPCF_FI_BASIC_INFORMATION, &size));
    BAD(WIN32(ERROR_NOT_FOUND), IpcfSetFileProperty(file, 0, &size));
    size = 1;
    BAD(E_INVALIDARG, IpcfSetFileProperty(file, IPCF_FI_ACCESS_BLOCK_SIZE, &size));
    check_all_as_before();
}

int main(void)
{
    RUN(bad_encrypt_file);
    RUN(bad_decrypt_file);
    RUN(bad_streams);
    RUN(bad_questions);
    RUN(bad_opening);
    RUN(bad_access);
    forget_texts();
    printf("bad calls: %d\n", calls);
    return finish_tests();
}
