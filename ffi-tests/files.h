/* Files for the tests of the File API: made, read, compared, protected and opened by path, in the folder that the program
 * runs in. Names are UTF-8; the widening here is the only one that tests of paths need.
 */
#ifndef MSIPC_TEST_FILES_H
#define MSIPC_TEST_FILES_H

#include "fixtures.h"

enum { FILE_MOST = 1 << 20, PATH_ROOM = 4096 };

static BYTE file_bytes[FILE_MOST];

/* UTF-8 to wide text, in one of sixteen buffers that take turns. */
static inline LPCWSTR wide(const char *text)
{
    static WCHAR buffers[16][PATH_ROOM];
    static unsigned turn;
    WCHAR *out = buffers[turn++ % 16];
    const unsigned char *at = (const unsigned char *)text;
    size_t used = 0;
    while (*at != 0 && used + 2 < PATH_ROOM) {
        unsigned long c = *at++;
        int more = c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : c >= 0xC0 ? 1 : 0;
        c &= more == 3 ? 0x07 : more == 2 ? 0x0F : more == 1 ? 0x1F : 0x7F;
        for (; more > 0 && *at != 0; more--)
            c = c << 6 | (*at++ & 0x3F);
        if (sizeof(WCHAR) == 2 && c >= 0x10000) {
            out[used++] = (WCHAR)(0xD800 + ((c - 0x10000) >> 10));
            c = 0xDC00 + ((c - 0x10000) & 0x3FF);
        }
        out[used++] = (WCHAR)c;
    }
    out[used] = 0;
    return out;
}

/* The place of a file of the folder that the program runs in; in one of four buffers. */
static inline const char *here(const char *name)
{
    static char buffers[4][PATH_ROOM];
    static unsigned turn;
    char *out = buffers[turn++ % 4];
    size_t length;
    REQUIRE(getcwd(out, PATH_ROOM - 512) != NULL);
    length = strlen(out);
    snprintf(out + length, PATH_ROOM - length, "/%.500s", name);
    return as_told(out);
}

static inline int exists(const char *path)
{
    return path_exists(path);
}

static inline void put_file(const char *path, const void *bytes, size_t count)
{
    FILE *file = fopen(path, "wb");
    REQUIRE(file != NULL);
    CHECK(fwrite(bytes, 1, count, file) == count);
    CHECK(fclose(file) == 0);
}

static inline void put_text(const char *path, const char *text)
{
    put_file(path, text, strlen(text));
}

/* What a file holds, until the next call; no file leaves the test. */
static inline BYTE *get_file(const char *path, size_t *count)
{
    FILE *file = fopen(path, "rb");
    REQUIRE(file != NULL);
    *count = fread(file_bytes, 1, sizeof file_bytes, file);
    fclose(file);
    REQUIRE(*count < sizeof file_bytes);
    return file_bytes;
}

/* The bytes of a file in a place of the caller's; how many there are. */
static inline size_t copy_of(const char *path, BYTE *out, size_t room)
{
    size_t count = 0;
    const BYTE *found = get_file(path, &count);
    REQUIRE(count <= room);
    memcpy(out, found, count);
    return count;
}

/* True when a file holds exactly these bytes. */
static inline int holds(const char *path, const void *bytes, size_t count)
{
    size_t found = 0;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return 0;
    found = fread(file_bytes, 1, sizeof file_bytes, file);
    fclose(file);
    return found == count && (count == 0 || memcmp(file_bytes, bytes, count) == 0);
}

static inline int holds_text(const char *path, const char *text)
{
    return holds(path, text, strlen(text));
}

/* True when the bytes occur somewhere in the file. */
static inline int occurs(const char *path, const void *bytes, size_t count)
{
    size_t size = 0, i;
    const BYTE *found = get_file(path, &size);
    for (i = 0; i + count <= size; i++)
        if (memcmp(found + i, bytes, count) == 0)
            return 1;
    return 0;
}

static inline void make_folder(const char *path)
{
    REQUIRE(mkdir(path, 0700) == 0 || errno == EEXIST);
}

/* How many names in a folder begin so. */
static inline int names_with(const char *folder, const char *begin)
{
    int count = 0;
    struct dirent *entry;
    DIR *listed = opendir(folder);
    REQUIRE(listed != NULL);
    while ((entry = readdir(listed)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            count += strncmp(entry->d_name, begin, strlen(begin)) == 0;
    closedir(listed);
    return count;
}

/* Removes the files of a folder, which has no others below it. */
static inline void empty_folder(const char *folder)
{
    char path[PATH_ROOM];
    struct dirent *entry;
    DIR *listed = opendir(folder);
    REQUIRE(listed != NULL);
    while ((entry = readdir(listed)) != NULL) {
        snprintf(path, sizeof path, "%.1000s/%.300s", folder, entry->d_name);
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlink(path);
    }
    closedir(listed);
}

/* Removes a folder with all that is in it. */
static inline void remove_tree(const char *folder)
{
    char path[PATH_ROOM];
    struct dirent *entry;
    DIR *listed = opendir(folder);
    if (listed == NULL)
        return;
    while ((entry = readdir(listed)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(path, sizeof path, "%.3000s/%.300s", folder, entry->d_name);
        if (unlink(path) != 0)
            remove_tree(path);
    }
    closedir(listed);
    rmdir(folder);
}

/* The files of this program are made in a folder of their own, empty at the beginning of each test. */
static inline void fresh_folder(const char *name)
{
    make_folder(name);
    empty_folder(name);
}

static inline IPC_PROMPT_CTX silent_prompt(void)
{
    IPC_PROMPT_CTX prompt;
    memset(&prompt, 0, sizeof prompt);
    prompt.cbSize = sizeof prompt;
    prompt.dwFlags = IPC_PROMPT_FLAG_SILENT;
    return prompt;
}

/* Protects with a template; `*out` lives until the end of the test. */
static inline HRESULT encrypt_flags(const char *path, LPCWSTR id, DWORD flags, const char *folder, LPCWSTR *out)
{
    HRESULT result = IpcfEncryptFile(wide(path), (LPCVOID)id, IPCF_EF_TEMPLATE_ID, flags, NULL,
                                     folder != NULL ? wide(folder) : NULL, out);
    mine(*out);
    return result;
}

static inline HRESULT encrypt(const char *path, LPCWSTR *out)
{
    return encrypt_flags(path, template_id(0), IPCF_EF_FLAG_DEFAULT, NULL, out);
}

static inline HRESULT encrypt_license(const char *path, IPC_LICENSE_HANDLE license, DWORD flags, LPCWSTR *out)
{
    HRESULT result = IpcfEncryptFile(wide(path), (LPCVOID)license, IPCF_EF_LICENSE_HANDLE, flags, NULL, NULL, out);
    mine(*out);
    return result;
}

static inline HRESULT decrypt_flags(const char *path, DWORD flags, const char *folder, LPCWSTR *out)
{
    HRESULT result = IpcfDecryptFile(wide(path), flags, NULL, folder != NULL ? wide(folder) : NULL, out);
    mine(*out);
    return result;
}

static inline HRESULT decrypt(const char *path, LPCWSTR *out)
{
    return decrypt_flags(path, IPCF_DF_FLAG_DEFAULT, NULL, out);
}

static inline DWORD status_of(const char *path)
{
    DWORD status = 77;
    REQUIRE_OK(IpcfIsFileEncrypted(wide(path), &status));
    return status;
}

static inline DWORD authentication_of(const char *path)
{
    DWORD answer = 77;
    REQUIRE_OK(IpcxGetFileAuthentication(wide(path), &answer));
    return answer;
}

/* The license of a protected file, until the end of the test. */
static inline PIPC_BUFFER license_of(const char *path)
{
    PIPC_BUFFER license = NULL;
    REQUIRE_OK(IpcfGetSerializedLicenseFromFile(wide(path), &license));
    REQUIRE(license != NULL && license->cbBuffer > 0);
    return (PIPC_BUFFER)mine(license);
}

static inline DWORD package_of(IPC_KEY_HANDLE key)
{
    DWORD package = 77;
    REQUIRE_OK(IpcxGetKeyPackage(key, &package));
    return package;
}

/* A license from scratch by Alice that grants something to Bob, with a package or 0. Leaves Alice acting. */
static inline IPC_LICENSE_HANDLE license_for(LPCWSTR user, const char *rights, DWORD package)
{
    Entry entry;
    IPC_LICENSE_HANDLE license;
    BOOL full = TRUE;
    entry.user = user;
    entry.rights = rights;
    act_as(ALICE);
    license = scratch_license();
    grant(license, &entry, 1);
    set_property(license, IPC_LI_AUTO_GRANT_OWNER_FULL_ACCESS, &full);
    if (package != 0)
        set_property(license, IPC_LI_PREFERRED_ENCRYPTION_PACKAGE, &package);
    return license;
}

/* The real document of the repository. */
static inline const BYTE *real_document(size_t *count)
{
    static BYTE bytes[FILE_MOST];
    static size_t length;
    char path[PATH_ROOM];
    FILE *file;
    if (length == 0) {
        const char *root = getenv("MSIPC_TEST_SOURCE");
        REQUIRE(root != NULL);
        snprintf(path, sizeof path, "%.3000s/c-examples/data/tidal-report.docx", root);
        file = fopen(path, "rb");
        REQUIRE(file != NULL);
        length = fread(bytes, 1, sizeof bytes, file);
        fclose(file);
    }
    REQUIRE(length > 0 && length < sizeof bytes);
    *count = length;
    return bytes;
}

#endif
