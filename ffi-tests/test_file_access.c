/* Protected files that stay protected while they are read and written: against a plain copy, by handle, stream and path, as
 * far as rights go, from several threads, and when somebody altered the file.
 */
#include "streams.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#define SECRET "the tide tables of the harbor, which nobody else may read"
#define GCM4K IPCX_ENCRYPTION_PACKAGE_AES256_GCM4K
#define CBC4K IPC_ENCRYPTION_PACKAGE_AES256_CBC4K
#define ECB IPC_ENCRYPTION_PACKAGE_AES128_ECB

enum { MODEL_MOST = 120000 };

static BYTE model[MODEL_MOST], scratch[MODEL_MOST];
static size_t model_size;

static unsigned long long seed = 88172645463325252ULL;

/* A number below `limit`, the same in each run. */
static size_t some(size_t limit)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (size_t)(seed % limit);
}

/* A protected file "p/a.bin.pfile" by Alice that grants something to Bob. */
static void protected_file(DWORD package, const char *rights, const void *bytes, size_t count)
{
    LPCWSTR told;
    IPC_LICENSE_HANDLE license = license_for(BOB, rights, package);
    fresh_folder("p");
    put_file("p/a.bin", bytes, count);
    REQUIRE_OK(encrypt_license("p/a.bin", license, 0, &told));
}

static HRESULT open_path(const char *path, DWORD flags, IPCF_FILE_HANDLE *file)
{
    HRESULT result = IpcxOpenFile(wide(path), NULL, flags, file);
    my_handle((IPC_HANDLE)*file);
    return result;
}

static HRESULT open_descriptor(const char *path, int mode, IPCF_FILE_HANDLE *file)
{
    int descriptor = open(path, mode);
    HRESULT result;
    REQUIRE(descriptor >= 0);
    result = IpcfOpenFileOnHandle(file_handle(descriptor), NULL, 0, file);
    CHECK(close(descriptor) == 0); /* it was duplicated */
    my_handle((IPC_HANDLE)*file);
    return result;
}

static void close_file(IPCF_FILE_HANDLE file)
{
    CHECK_HR(IpcCloseHandle((IPC_HANDLE)file), S_OK);
}

static HRESULT read_at(IPCF_FILE_HANDLE file, DWORD64 offset, void *out, DWORD64 *count)
{
    IPCF_FILE_RANGE range;
    range.qwOffset = offset;
    range.qwSize = *count;
    return IpcfReadFile(file, &range, (PBYTE)out, count);
}

static HRESULT write_at(IPCF_FILE_HANDLE file, DWORD64 offset, const void *bytes, DWORD64 *count)
{
    IPCF_FILE_RANGE range;
    range.qwOffset = offset;
    range.qwSize = *count;
    return IpcfWriteFile(file, &range, (PBYTE)(size_t)bytes, count);
}

/* The whole content, by the functions for whole files, of a copy. */
static void check_whole(const char *what)
{
    static BYTE sealed[STREAM_MOST];
    size_t count = copy_of("p/a.bin.pfile", sealed, sizeof sealed);
    Stream *from = stream_with(0, sealed, count), *to = stream_number(1);
    HRESULT result = IpcfDecryptFileStream(&from->face, W("a.bin.pfile"), IPCF_DF_FLAG_OPEN_AS_RMS_AWARE, NULL, &to->face, NULL);
    if (!CHECK_HR(result, S_OK) || !CHECK(stream_holds(to, model, model_size)))
        printf("    %s\n", what);
}

static void random_operations(DWORD package, const char *name, int by_path)
{
    IPCF_FILE_HANDLE file = NULL;
    int i, count = rounds(by_path ? 600 : 2000); /* by path every write is kept on the medium first */
    model_size = 10000;
    fill(model, model_size, 1);
    protected_file(package, "VIEW EDIT", model, model_size);
    act_as(BOB);
    for (i = 0; i < count && harness.complaints == 0; i++) {
        size_t offset = some(some(4) == 0 ? 20 : 90000), length = some(some(3) == 0 ? 20000 : 300), j;
        DWORD64 done = length;
        if (file == NULL || some(40) == 0) {
            if (file != NULL)
                close_file(file);
            REQUIRE_OK(by_path ? open_path("p/a.bin.pfile", 0, &file) : open_descriptor("p/a.bin.pfile", O_RDWR, &file));
        }
        if (some(3) == 0) /* around the borders of blocks and the end */
            offset = (some(2) == 0 ? model_size : offset / 4096 * 4096) + some(3);
        if (offset + length > sizeof model)
            offset = some(90000);
        switch (some(5)) {
        case 0:
        case 1:
            memset(scratch, 0x5A, sizeof scratch);
            CHECK_HR(read_at(file, offset, scratch, &done), S_OK);
            {
                size_t left = offset < model_size ? model_size - offset : 0, expected = length < left ? length : left;
                CHECK(done == expected && (expected == 0 || memcmp(scratch, model + offset, expected) == 0));
                CHECK(scratch[done] == 0x5A);
            }
            break;
        case 2:
        case 3:
            for (j = 0; j < length; j++)
                scratch[j] = (BYTE)some(256);
            CHECK_HR(write_at(file, offset, scratch, &done), S_OK);
            CHECK(done == length);
            if (length > 0) {
                if (offset > model_size)
                    memset(model + model_size, 0, offset - model_size);
                memcpy(model + offset, scratch, length);
                if (offset + length > model_size)
                    model_size = offset + length;
            }
            break;
        default:
            CHECK_HR(IpcfSetEndOfFile(file, offset), S_OK);
            if (offset > model_size)
                memset(model + model_size, 0, offset - model_size);
            model_size = offset;
        }
        if (harness.complaints != 0)
            printf("    %s, operation %d, offset %lu, length %lu, size %lu\n", name, i, (unsigned long)offset,
                   (unsigned long)length, (unsigned long)model_size);
        if (i % 100 == 0)
            check_whole(name);
    }
    close_file(file);
    check_whole(name);
    CHECK(names_with("p", "") == 1);
}

static void random_operations_gcm4k(void)
{
    random_operations(GCM4K, "GCM4K by path", 1);
    random_operations(GCM4K, "GCM4K by handle", 0);
}

static void random_operations_cbc4k(void)
{
    random_operations(CBC4K, "CBC4K by path", 1);
    random_operations(CBC4K, "CBC4K by handle", 0);
}

static void random_operations_ecb(void)
{
    random_operations(ECB, "ECB by path", 1);
    random_operations(ECB, "ECB by handle", 0);
}

static void properties(void)
{
    static const struct {
        DWORD package;
        DWORD block;
        BOOL authentic;
    } cases[] = {{GCM4K, 4096, TRUE}, {CBC4K, 4096, FALSE}, {ECB, 16, FALSE}};
    size_t i;
    for (i = 0; i < COUNT(cases); i++) {
        IPCF_FILE_HANDLE file = NULL;
        LPVOID value = NULL;
        IPCF_FILE_RANGE *header;
        DWORD size, unit;
        protected_file(cases[i].package, "VIEW", SECRET, sizeof SECRET);
        act_as(BOB);
        REQUIRE_OK(open_path("p/a.bin.pfile", IPCX_OPEN_READ_ONLY, &file));
        REQUIRE_OK(IpcfGetFileProperty(file, IPCF_FI_HEADER_POSITION, &value));
        header = (IPCF_FILE_RANGE *)mine(value);
        CHECK(header->qwOffset == 0 && header->qwSize > 400);
        REQUIRE_OK(IpcfGetFileProperty(file, IPCX_FI_AUTHENTICATED, &value));
        CHECK(*(BOOL *)mine(value) == cases[i].authentic);
        REQUIRE_OK(IpcfGetFileProperty(file, IPCF_FI_ACCESS_BLOCK_SIZE, &value));
        unit = *(DWORD *)mine(value);
        CHECK(unit % 16 == 0 && unit > 0);
        for (size = 0; size < 6; size++) {
            static const DWORD sizes[] = {0, 1, 15, 16, 8192, 4100};
            HRESULT result = IpcfSetFileProperty(file, IPCF_FI_ACCESS_BLOCK_SIZE, &sizes[size]);
            CHECK(result == (sizes[size] == 0 || sizes[size] % 16 != 0 ? E_INVALIDARG : result));
            if (result == S_OK) {
                REQUIRE_OK(IpcfGetFileProperty(file, IPCF_FI_ACCESS_BLOCK_SIZE, &value));
                CHECK(*(DWORD *)mine(value) == sizes[size]);
            }
        }
        size = 8192;
        CHECK_HR(IpcfSetFileProperty(file, IPCF_FI_ACCESS_BLOCK_SIZE, &size), S_OK);
        {
            DWORD64 count = sizeof SECRET;
            CHECK_HR(read_at(file, 0, scratch, &count), S_OK);
            CHECK(count == sizeof SECRET && memcmp(scratch, SECRET, sizeof SECRET) == 0);
        }
        for (unit = 2; unit <= 4; unit += 2) {
            CHECK_HR(IpcfGetFileProperty(file, unit, &value), E_NOTIMPL);
            CHECK(value == NULL);
            CHECK_HR(IpcfSetFileProperty(file, unit, &size), E_NOTIMPL);
        }
        CHECK_HR(IpcfSetFileProperty(file, IPCF_FI_HEADER_POSITION, &size), E_INVALIDARG);
        CHECK_HR(IpcfSetFileProperty(file, IPCX_FI_AUTHENTICATED, &size), E_INVALIDARG);
        CHECK_HR(IpcfGetFileProperty(file, 99, &value), WIN32(ERROR_NOT_FOUND));
        CHECK_HR(IpcfSetFileProperty(file, 99, &size), WIN32(ERROR_NOT_FOUND));
        CHECK_HR(IpcfSetFileProperty(file, IPCF_FI_ACCESS_BLOCK_SIZE, NULL), E_INVALIDARG);
    }
}

static void raw_ranges(void)
{
    static const struct {
        DWORD package;
        DWORD64 offset, size, from, to; /* behind the header */
    } cases[] = {
        {CBC4K, 0, 1, 0, 4096},        {CBC4K, 4095, 2, 0, 8192},      {CBC4K, 4096, 4096, 4096, 8192},
        {CBC4K, 8192, 1808, 8192, 10016}, {CBC4K, 5000, 100000, 4096, 10016}, {ECB, 17, 1, 16, 32},
        {ECB, 9999, 100, 9984, 10000}, {GCM4K, 0, 1, 0, 4124},         {GCM4K, 4095, 2, 0, 8248},
        {GCM4K, 9000, 100, 8248, 10084}, {GCM4K, 10000, 1, 8248, 10084}, {CBC4K, 10000, 1, 8192, 10016},
        {CBC4K, 12287, 9, 8192, 10016}, {CBC4K, 12288, 1, 10016, 10016}, {ECB, 10000, 1, 10000, 10000},
    };
    size_t i;
    fill(model, 10000, 2);
    for (i = 0; i < COUNT(cases); i++) {
        IPCF_FILE_HANDLE file = NULL;
        IPCF_FILE_RANGE asked;
        IPCF_RAW_FILE_RANGE told;
        LPVOID value = NULL;
        DWORD64 header;
        int complaints = harness.complaints;
        protected_file(cases[i].package, "VIEW", model, 10000);
        act_as(BOB);
        REQUIRE_OK(open_path("p/a.bin.pfile", IPCX_OPEN_READ_ONLY, &file));
        REQUIRE_OK(IpcfGetFileProperty(file, IPCF_FI_HEADER_POSITION, &value));
        header = ((IPCF_FILE_RANGE *)mine(value))->qwSize;
        asked.qwOffset = cases[i].offset;
        asked.qwSize = cases[i].size;
        CHECK_HR(IpcfLogicalFileRangeToRawFileRange(file, &asked, &told), S_OK);
        CHECK(told.qwOffset == header + cases[i].from && told.qwOffset + told.qwSize == header + cases[i].to);
        if (harness.complaints != complaints)
            printf("    package %u, %lu+%lu: %lu+%lu behind the header\n", (unsigned)cases[i].package, (unsigned long)asked.qwOffset,
                   (unsigned long)asked.qwSize, (unsigned long)(told.qwOffset - header), (unsigned long)told.qwSize);
        asked.qwOffset = asked.qwSize = ~(DWORD64)0;
        CHECK_HR(IpcfLogicalFileRangeToRawFileRange(file, &asked, &told), S_OK);
        CHECK(told.qwSize == 0);
    }
}

static void rights(void)
{
    static const struct {
        const char *rights;
        HRESULT open, write;
    } cases[] = {
        {"VIEW", S_OK, IPCERROR_RIGHT_NOT_GRANTED},
        {"VIEW EXTRACT PRINT", S_OK, IPCERROR_RIGHT_NOT_GRANTED},
        {"VIEW EDIT", S_OK, S_OK},
        {"VIEW DOCEDIT", S_OK, S_OK},
        {"VIEW EXPORT", S_OK, S_OK},
        {"OWNER", S_OK, S_OK},
        {"EDIT", IPCERROR_RIGHT_NOT_GRANTED, S_OK},
        {"PRINT", IPCERROR_RIGHT_NOT_GRANTED, S_OK},
    };
    static const DWORD packages[] = {GCM4K, CBC4K};
    size_t i, j;
    for (j = 0; j < COUNT(packages); j++)
        for (i = 0; i < COUNT(cases); i++) {
            IPCF_FILE_HANDLE file = (IPCF_FILE_HANDLE)1;
            DWORD64 count = 5;
            protected_file(packages[j], cases[i].rights, SECRET, sizeof SECRET);
            act_as(BOB);
            if (!CHECK_HR(open_path("p/a.bin.pfile", 0, &file), cases[i].open))
                printf("    with %s\n", cases[i].rights);
            if (file == NULL) {
                CHECK_HR(open_descriptor("p/a.bin.pfile", O_RDWR, &file), cases[i].open);
                CHECK(file == NULL);
                continue;
            }
            if (!CHECK_HR(write_at(file, 4, "river", &count), cases[i].write))
                printf("    with %s\n", cases[i].rights);
            CHECK(count == (cases[i].write == S_OK ? 5u : 0u));
            CHECK_HR(IpcfSetEndOfFile(file, 20), cases[i].write);
            count = sizeof SECRET;
            CHECK_HR(read_at(file, 0, scratch, &count), S_OK);
            CHECK(cases[i].write == S_OK ? count == 20 && memcmp(scratch, "the rivertables of t", 20) == 0
                                         : count == sizeof SECRET && memcmp(scratch, SECRET, count) == 0);
            close_file(file);
        }
    protected_file(GCM4K, "VIEW", SECRET, sizeof SECRET);
    act_as(CAROL);
    {
        IPCF_FILE_HANDLE file = (IPCF_FILE_HANDLE)1;
        CHECK_HR(open_path("p/a.bin.pfile", 0, &file), IPCERROR_RIGHT_NOT_GRANTED);
        CHECK(file == NULL);
    }
}

static void files_that_are_not_opened(void)
{
    IPCF_FILE_HANDLE file = (IPCF_FILE_HANDLE)1;
    size_t count;
    LPCWSTR told;
    const BYTE *bytes = real_document(&count);
    act_as(ALICE);
    fresh_folder("p");
    put_text("p/plain.txt", SECRET);
    CHECK_HR(open_path("p/plain.txt", 0, &file), IPCERROR_FILE_IS_NOT_ENCRYPTED);
    CHECK(file == NULL);
    CHECK_HR(open_descriptor("p/plain.txt", O_RDONLY, &file), IPCERROR_FILE_IS_NOT_ENCRYPTED);
    put_file("p/a.docx", bytes, count);
    REQUIRE_OK(encrypt("p/a.docx", &told));
    CHECK_HR(open_path("p/a.docx", 0, &file), WIN32(ERROR_NOT_SUPPORTED));
    CHECK_HR(open_descriptor("p/a.docx", O_RDWR, &file), WIN32(ERROR_NOT_SUPPORTED));
    CHECK(file == NULL);
    CHECK_HR(open_path("p/missing", 0, &file), WIN32(ERROR_FILE_NOT_FOUND));
    CHECK(FAILED(open_path("p", 0, &file)) && file == NULL);
    CHECK_HR(open_path("p/a.docx", 2, &file), E_INVALIDARG);
    CHECK_HR(IpcfOpenFileOnHandle(NULL, NULL, 0, &file), E_INVALIDARG);
    CHECK_HR(IpcfOpenFileOnHandle(file_handle(-1), NULL, 0, &file), E_INVALIDARG);
    CHECK_HR(IpcfOpenFileOnHandle(file_handle(987654), NULL, 0, &file), E_INVALIDARG);
    CHECK_HR(IpcfOpenFileOnHandle((HANDLE)~(size_t)0, NULL, 0, &file), E_INVALIDARG);
    CHECK_HR(open_descriptor("p", O_RDONLY, &file), E_INVALIDARG);
    CHECK(file == NULL);
#if !defined(_WIN32)
    {
        int ends[2];
        REQUIRE(pipe(ends) == 0);
        CHECK(FAILED(IpcfOpenFileOnHandle(file_handle(ends[0]), NULL, 0, &file)) && file == NULL);
        close(ends[0]);
        close(ends[1]);
    }
    CHECK_HR(open_descriptor("p/a.docx", O_WRONLY, &file), E_ACCESSDENIED);
#if defined(O_PATH)
    CHECK_HR(open_descriptor("p/a.docx", O_PATH, &file), E_ACCESSDENIED);
#endif
    CHECK(file == NULL);
#endif
}

static void descriptors_that_are_only_read(void)
{
    IPCF_FILE_HANDLE file = NULL;
    DWORD64 count;
    int by_path;
    protected_file(GCM4K, "VIEW EDIT", SECRET, sizeof SECRET);
    act_as(BOB);
    for (by_path = 0; by_path < 2; by_path++) {
        REQUIRE_OK(by_path ? open_path("p/a.bin.pfile", IPCX_OPEN_READ_ONLY, &file) : open_descriptor("p/a.bin.pfile", O_RDONLY, &file));
        count = sizeof SECRET;
        CHECK_HR(read_at(file, 0, scratch, &count), S_OK);
        CHECK(count == sizeof SECRET);
        count = 5;
        CHECK_HR(write_at(file, 0, "other", &count), E_ACCESSDENIED);
        CHECK(count == 0);
        CHECK_HR(IpcfSetEndOfFile(file, 1), E_ACCESSDENIED);
        CHECK_HR(IpcfSetEndOfFile(file, 100000), E_ACCESSDENIED);
        count = sizeof SECRET;
        CHECK_HR(read_at(file, 0, scratch, &count), S_OK);
        CHECK(count == sizeof SECRET && memcmp(scratch, SECRET, count) == 0);
        close_file(file);
    }
    CHECK_HR(open_descriptor("p/a.bin.pfile", O_RDWR, &file), S_OK);
    count = 5;
    CHECK_HR(write_at(file, 0, "other", &count), S_OK);
}

static void sizes_that_do_not_fit(void)
{
    static const DWORD packages[] = {GCM4K, CBC4K, ECB};
    size_t i;
    for (i = 0; i < COUNT(packages); i++) {
        IPCF_FILE_HANDLE file = NULL;
        IPCF_FILE_RANGE range;
        DWORD64 count;
        protected_file(packages[i], "VIEW EDIT", SECRET, sizeof SECRET);
        act_as(BOB);
        REQUIRE_OK(open_path("p/a.bin.pfile", 0, &file));
        /* What range and buffer both allow. */
        range.qwOffset = 0;
        range.qwSize = 10;
        count = 1000;
        CHECK_HR(IpcfReadFile(file, &range, scratch, &count), S_OK);
        CHECK(count == 10);
        range.qwSize = 1000;
        count = 7;
        CHECK_HR(IpcfReadFile(file, &range, scratch, &count), S_OK);
        CHECK(count == 7);
        range.qwSize = 3;
        CHECK_HR(IpcfWriteFile(file, &range, (PBYTE)"THEN", &count), S_OK);
        CHECK(count == 3);
        count = 4;
        CHECK_HR(read_at(file, 0, scratch, &count), S_OK);
        CHECK(memcmp(scratch, "THE ", 4) == 0);
        /* Ends and offsets that no file has. */
        range.qwOffset = ~(DWORD64)0;
        range.qwSize = 100;
        count = 100;
        CHECK_HR(IpcfReadFile(file, &range, scratch, &count), S_OK);
        CHECK(count == 0);
        count = 100;
        CHECK(FAILED(IpcfWriteFile(file, &range, scratch, &count)) && count == 0);
        CHECK(FAILED(IpcfSetEndOfFile(file, ~(DWORD64)0)));
        CHECK(FAILED(IpcfSetEndOfFile(file, (DWORD64)1 << 62)));
        range.qwOffset = 0;
        range.qwSize = count = ~(DWORD64)0;
        CHECK_HR(IpcfReadFile(file, &range, scratch, &count), E_INVALIDARG);
        CHECK(count == 0);
        count = 0;
        CHECK_HR(IpcfReadFile(file, &range, NULL, &count), S_OK);
        CHECK_HR(IpcfWriteFile(file, &range, NULL, &count), S_OK);
        /* Nothing of that changed the file. */
        count = 1000;
        CHECK_HR(read_at(file, 0, scratch, &count), S_OK);
        CHECK(count == sizeof SECRET && memcmp(scratch + 4, SECRET + 4, sizeof SECRET - 4) == 0);
        close_file(file);
    }
}

static void handles_that_are_none(void)
{
    IPCF_FILE_HANDLE file = NULL;
    IPC_LICENSE_HANDLE license;
    IPCF_FILE_RANGE range = {0, 4};
    IPCF_RAW_FILE_RANGE raw;
    size_t i;
    protected_file(GCM4K, "VIEW EDIT", SECRET, sizeof SECRET);
    license = scratch_license();
    REQUIRE_OK(open_path("p/a.bin.pfile", 0, &file));
    REQUIRE_OK(IpcCloseHandle((IPC_HANDLE)file));
    for (i = 0; i < 4; i++) {
        const IPCF_FILE_HANDLE wrong[] = {NULL, file, (IPCF_FILE_HANDLE)(LPVOID)license, (IPCF_FILE_HANDLE)(size_t)0x1234};
        DWORD64 count = 4;
        DWORD size = 4096;
        LPVOID value = (LPVOID)1;
        CHECK_HR(IpcfReadFile(wrong[i], &range, scratch, &count), E_HANDLE);
        CHECK(count == 0);
        count = 4;
        CHECK_HR(IpcfWriteFile(wrong[i], &range, scratch, &count), E_HANDLE);
        CHECK(count == 0);
        CHECK_HR(IpcfSetEndOfFile(wrong[i], 0), E_HANDLE);
        CHECK_HR(IpcfLogicalFileRangeToRawFileRange(wrong[i], &range, &raw), E_HANDLE);
        CHECK_HR(IpcfGetFileProperty(wrong[i], IPCF_FI_ACCESS_BLOCK_SIZE, &value), E_HANDLE);
        CHECK(value == NULL);
        CHECK_HR(IpcfSetFileProperty(wrong[i], IPCF_FI_ACCESS_BLOCK_SIZE, &size), E_HANDLE);
    }
    CHECK_HR(IpcAccessCheck((IPC_KEY_HANDLE)(LPVOID)file, W("VIEW"), NULL), E_INVALIDARG);
}

/* Whoever alters the file without the right to is noticed, at the latest where the altered part is read. */
static void altered_files(void)
{
    static BYTE sealed[STREAM_MOST];
    size_t size, i, step;
    LPVOID value = NULL;
    IPCF_FILE_HANDLE file = NULL;
    size_t header;
    fill(model, 9000, 4);
    protected_file(GCM4K, "VIEW EDIT", model, 9000);
    act_as(BOB);
    size = copy_of("p/a.bin.pfile", sealed, sizeof sealed);
    REQUIRE_OK(open_path("p/a.bin.pfile", 0, &file));
    REQUIRE_OK(IpcfGetFileProperty(file, IPCF_FI_HEADER_POSITION, &value));
    header = (size_t)((IPCF_FILE_RANGE *)mine(value))->qwSize;
    close_file(file);
    step = (size - header) / (size_t)rounds(200) + 1;
    for (i = header; i < size && harness.complaints == 0; i += step) {
        int noticed = 0;
        HRESULT result;
        sealed[i] ^= 0x20;
        put_file("p/a.bin.pfile", sealed, size);
        sealed[i] ^= 0x20;
        result = open_path("p/a.bin.pfile", 0, &file);
        if (result == S_OK) {
            DWORD64 count = 9000;
            memset(scratch, 0, 9000);
            result = read_at(file, 0, scratch, &count);
            noticed = result == WIN32(ERROR_FILE_CORRUPT) && count == 0;
            close_file(file);
        } else {
            noticed = result == WIN32(ERROR_FILE_CORRUPT) && file == NULL;
        }
        if (!CHECK(noticed))
            printf("    byte %lu of %lu: 0x%08lX\n", (unsigned long)i, (unsigned long)size, (unsigned long)(DWORD)result);
    }
    /* A segment of an older version of the same file at its place. */
    put_file("p/a.bin.pfile", sealed, size);
    REQUIRE_OK(open_path("p/a.bin.pfile", 0, &file));
    {
        DWORD64 count = 4;
        FILE *raw;
        CHECK_HR(write_at(file, 5000, "XXXX", &count), S_OK);
        close_file(file);
        raw = fopen("p/a.bin.pfile", "r+b");
        REQUIRE(raw != NULL && fseek(raw, (long)header + 4124, SEEK_SET) == 0);
        CHECK(fwrite(sealed + header + 4124, 1, 4124, raw) == 4124 && fclose(raw) == 0);
        REQUIRE_OK(open_path("p/a.bin.pfile", 0, &file));
        count = 100;
        CHECK_HR(read_at(file, 5000, scratch, &count), WIN32(ERROR_FILE_CORRUPT));
        CHECK(count == 0);
        /* Other segments are read all the same. */
        count = 100;
        CHECK_HR(read_at(file, 0, scratch, &count), S_OK);
        CHECK(count == 100 && memcmp(scratch, model, 100) == 0);
        close_file(file);
    }
}

static void one_writer_at_a_time(void)
{
    IPCF_FILE_HANDLE first = NULL, second = NULL, reader = NULL;
    LPCWSTR told;
    DWORD64 count = 5;
    protected_file(GCM4K, "VIEW EDIT EXTRACT", SECRET, sizeof SECRET);
    act_as(BOB);
    REQUIRE_OK(open_path("p/a.bin.pfile", 0, &first));
    CHECK_HR(open_path("p/a.bin.pfile", 0, &second), WIN32(ERROR_SHARING_VIOLATION));
    CHECK(second == NULL);
    CHECK_HR(open_path("p/a.bin.pfile", IPCX_OPEN_READ_ONLY, &reader), S_OK);
    CHECK_HR(decrypt("p/a.bin.pfile", &told), WIN32(ERROR_SHARING_VIOLATION));
    CHECK_HR(write_at(first, 0, "other", &count), S_OK);
    close_file(first);
    CHECK_HR(open_path("p/a.bin.pfile", 0, &second), S_OK);
    close_file(second);
    close_file(reader);
    CHECK_HR(decrypt("p/a.bin.pfile", &told), S_OK);
    CHECK(exists("p/a.bin") && names_with("p", "") == 1);
}

enum { LETTERS = 9000, WRITES = 20 };

typedef struct {
    IPCF_FILE_HANDLE file;
    int wrong;
    atomic_int done;
} Writing;

/* Writes the same letter everywhere, and then another one. */
static void *write_letters(void *argument)
{
    Writing *writing = (Writing *)argument;
    static BYTE letters[LETTERS];
    struct timespec moment = {0, 3000000};
    int i;
    for (i = 0; i < WRITES; i++) {
        DWORD64 count = LETTERS;
        HRESULT result;
        memset(letters, 'a' + i % 26, LETTERS);
        result = write_at(writing->file, 0, letters, &count);
        if (result != S_OK)
            printf("    writing: 0x%08X\n", (unsigned)result);
        writing->wrong += result != S_OK;
        nanosleep(&moment, NULL);
    }
    atomic_store(&writing->done, 1);
    return NULL;
}

/* True for one letter everywhere. Otherwise somebody was writing for too long: never a damaged file, or half a write. */
static int reads_letters(IPCF_FILE_HANDLE file, int *busy)
{
    DWORD64 count = sizeof scratch;
    HRESULT result = read_at(file, 0, scratch, &count);
    size_t i;
    if (result == WIN32(ERROR_SHARING_VIOLATION)) {
        ++*busy;
        return 0;
    }
    if (!CHECK_HR(result, S_OK) || !CHECK(count == LETTERS))
        return 0;
    for (i = 1; i < LETTERS && scratch[i] == scratch[0]; i++)
        ;
    return CHECK(i == LETTERS);
}

static void readers_beside_a_writer(void)
{
    static const DWORD packages[] = {GCM4K, CBC4K, ECB};
    size_t i;
    for (i = 0; i < COUNT(packages); i++) {
        IPCF_FILE_HANDLE reader = NULL, other = NULL;
        Writing writing = {NULL, 0, 0};
        int reads = 0, busy = 0;
        pthread_t thread;
        memset(model, 'z', LETTERS);
        protected_file(packages[i], "VIEW EDIT", model, LETTERS);
        act_as(BOB);
        REQUIRE_OK(open_path("p/a.bin.pfile", 0, &writing.file));
        REQUIRE_OK(open_path("p/a.bin.pfile", IPCX_OPEN_READ_ONLY, &reader));
        REQUIRE(pthread_create(&thread, NULL, write_letters, &writing) == 0);
        while (!atomic_load(&writing.done) && harness.complaints == 0) {
            HRESULT opened;
            reads += reads_letters(reader, &busy);
            opened = open_path("p/a.bin.pfile", IPCX_OPEN_READ_ONLY, &other);
            if (opened == S_OK) {
                reads += reads_letters(other, &busy);
                close_file(other);
            } else {
                CHECK_HR(opened, WIN32(ERROR_SHARING_VIOLATION));
                busy++;
            }
            other = NULL;
        }
        pthread_join(thread, NULL);
        CHECK(writing.wrong == 0 && reads > 0);
        close_file(writing.file);
        CHECK(reads_letters(reader, &busy) && scratch[0] == 'a' + (WRITES - 1) % 26);
        close_file(reader);
        printf("    package %u: %d readings, %d met a writer for too long\n", (unsigned)packages[i], reads, busy);
    }
}

/* By descriptor as by path; and a descriptor that writes at the end alone is no place to write in. */
static void descriptors_are_asked_too(void)
{
    IPCF_FILE_HANDLE first = NULL, second = NULL;
    ILockBytes *stream = NULL;
    int descriptor, appending;
    protected_file(GCM4K, "VIEW EDIT EXTRACT", SECRET, sizeof SECRET);
    act_as(BOB);
    REQUIRE_OK(open_path("p/a.bin.pfile", 0, &first));
    descriptor = open("p/a.bin.pfile", O_RDWR);
    REQUIRE(descriptor >= 0);
    CHECK_HR(IpcfOpenFileOnHandle(file_handle(descriptor), NULL, 0, &second), WIN32(ERROR_SHARING_VIOLATION));
    CHECK(second == NULL);
    close_file(first);
    CHECK_HR(IpcfOpenFileOnHandle(file_handle(descriptor), NULL, 0, &second), S_OK);
    close_file(second);
    CHECK(close(descriptor) == 0);
    appending = open("p/a.bin.pfile", O_RDWR | O_APPEND);
    REQUIRE(appending >= 0);
    CHECK_HR(IpcfOpenFileOnHandle(file_handle(appending), NULL, 0, &second), E_INVALIDARG);
    CHECK_HR(IpcxCreateStreamOnFile(file_handle(appending), &stream), E_INVALIDARG);
    CHECK(second == NULL && stream == NULL);
    CHECK(close(appending) == 0);
    CHECK_HR(open_path("p/a.bin.pfile", 0, &second), S_OK);
    close_file(second);
}

/* What lies beside a file under the name of an undo record, and is none, neither changes nor blocks anything. */
static void planted_undo_records(void)
{
    static const char *const targets[] = {"v.txt", "a.bin.pfile"};
    BYTE record[64 + 32 + 16] = "msipcUnd";
    IPCF_FILE_HANDLE file = NULL;
    LPCWSTR told;
    size_t i;
    protected_file(GCM4K, "VIEW EDIT EXTRACT", SECRET, sizeof SECRET);
    put_text("p/v.txt", SECRET);
    act_as(BOB);
    record[8] = 1;
    for (i = 0; i < COUNT(targets); i++) {
        char name[64], path[64];
        snprintf(path, sizeof path, "p/%s", targets[i]);
        snprintf(name, sizeof name, "p/.msipc-undo-%s", targets[i]);
#if defined(_WIN32) /* a file counts there whose owner is the account, whoever else may write it */
        (void)record;
#else
        put_file(name, record, sizeof record);
        CHECK(chmod(name, 0666) == 0);
        CHECK_HR(open_path(path, IPCX_OPEN_READ_ONLY, &file), i == 0 ? IPCERROR_FILE_IS_NOT_ENCRYPTED : S_OK);
        if (file != NULL)
            close_file(file);
        file = NULL;
        CHECK(remove(name) == 0 || i == 0);
#endif
        CHECK(mkdir(name, 0700) == 0);
        CHECK_HR(open_path(path, IPCX_OPEN_READ_ONLY, &file), i == 0 ? IPCERROR_FILE_IS_NOT_ENCRYPTED : S_OK);
        if (file != NULL)
            close_file(file);
        file = NULL;
        CHECK(rmdir(name) == 0);
    }
    CHECK(holds_text("p/v.txt", SECRET));
    CHECK_HR(decrypt("p/a.bin.pfile", &told), S_OK);
    CHECK(holds("p/a.bin", SECRET, sizeof SECRET));
}

enum { THREADS = 4, PART = 20000 };

typedef struct {
    IPCF_FILE_HANDLE file;
    int number, wrong;
} Job;

/* Each thread writes and reads a part of its own; what is beside belongs to others. */
static void *work_on_a_part(void *argument)
{
    Job *job = (Job *)argument;
    BYTE bytes[700], read[700];
    unsigned i, state = (unsigned)job->number + 1;
    for (i = 0; i < (unsigned)rounds(50); i++) {
        DWORD64 count = sizeof bytes, offset;
        state = state * 1103515245 + 12345;
        offset = (DWORD64)job->number * PART + (state >> 8) % (PART - sizeof bytes);
        memset(bytes, (int)(state >> 16), sizeof bytes);
        if (write_at(job->file, offset, bytes, &count) != S_OK || count != sizeof bytes)
            job->wrong++;
        if (read_at(job->file, offset, read, &count) != S_OK || count != sizeof read || memcmp(bytes, read, sizeof read) != 0)
            job->wrong++;
    }
    return NULL;
}

static void several_threads_on_one_handle(void)
{
    static const DWORD packages[] = {GCM4K, CBC4K};
    pthread_t threads[THREADS];
    Job jobs[THREADS];
    size_t j;
    int i;
    for (j = 0; j < COUNT(packages); j++) {
        IPCF_FILE_HANDLE file = NULL;
        DWORD64 count = THREADS * PART;
        memset(model, 0, sizeof model);
        protected_file(packages[j], "VIEW EDIT", model, THREADS * PART);
        act_as(BOB);
        REQUIRE_OK(open_path("p/a.bin.pfile", 0, &file));
        for (i = 0; i < THREADS; i++) {
            jobs[i].file = file;
            jobs[i].number = i;
            jobs[i].wrong = 0;
            if (pthread_create(&threads[i], NULL, work_on_a_part, &jobs[i]) != 0)
                abort();
        }
        for (i = 0; i < THREADS; i++)
            pthread_join(threads[i], NULL);
        for (i = 0; i < THREADS; i++)
            CHECK(jobs[i].wrong == 0);
        CHECK_HR(read_at(file, 0, model, &count), S_OK);
        CHECK(count == THREADS * PART);
        model_size = THREADS * PART;
        close_file(file);
        check_whole("after several threads");
    }
}

/* The content of a handle is that of its file, also when the name is gone or belongs to another file. */
static void names_that_change_under_a_handle(void)
{
    IPCF_FILE_HANDLE file = NULL;
    DWORD64 count = 5;
    protected_file(GCM4K, "VIEW EDIT", SECRET, sizeof SECRET);
    act_as(BOB);
    REQUIRE_OK(open_descriptor("p/a.bin.pfile", O_RDWR, &file));
    REQUIRE(rename("p/a.bin.pfile", "p/b.pfile") == 0);
    CHECK_HR(write_at(file, 0, "other", &count), S_OK);
    close_file(file);
    REQUIRE_OK(open_path("p/b.pfile", IPCX_OPEN_READ_ONLY, &file));
    count = 5;
    CHECK_HR(read_at(file, 0, scratch, &count), S_OK);
    CHECK(count == 5 && memcmp(scratch, "other", 5) == 0);
    CHECK(names_with("p", "") == 1);
}

int main(void)
{
    RUN(random_operations_gcm4k);
    RUN(random_operations_cbc4k);
    RUN(random_operations_ecb);
    RUN(properties);
    RUN(raw_ranges);
    RUN(rights);
    RUN(files_that_are_not_opened);
    RUN(descriptors_that_are_only_read);
    RUN(sizes_that_do_not_fit);
    RUN(handles_that_are_none);
    RUN(altered_files);
    RUN(one_writer_at_a_time);
    RUN(readers_beside_a_writer);
    RUN(descriptors_are_asked_too);
    RUN(planted_undo_records);
    RUN(several_threads_on_one_handle);
    RUN(names_that_change_under_a_handle);
    return finish_tests();
}
