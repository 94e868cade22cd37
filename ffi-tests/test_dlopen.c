/* Loads the library by hand, as managed wrappers and plug-ins do: resolves every function that must be there, and makes a
 * small journey through the pointers. Nothing of this program refers to the library by name, except what the harness
 * needs. The list of functions is tests/abi/msipc.json without tests/abi/not_yet_built.txt, read when the program runs.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* dladdr */
#endif
#include "fixtures.h"

#if defined(_WIN32)
static HMODULE library;

static void *dlsym(HMODULE from, const char *name)
{
    FARPROC found = GetProcAddress(from, name);
    void *address;
    memcpy(&address, &found, sizeof address);
    return address;
}
#else
#include <dlfcn.h>

static void *library;
#endif
static int resolved;

static char *read_text(const char *name)
{
    char path[1024], *text;
    const char *root = getenv("MSIPC_TEST_SOURCE");
    FILE *file;
    long size;
    snprintf(path, sizeof path, "%s/tests/abi/%s", root != NULL ? root : "..", name);
    file = fopen(path, "rb");
    if (file == NULL) {
        printf("    %s\n", path);
        return NULL;
    }
    fseek(file, 0, SEEK_END);
    size = ftell(file);
    rewind(file);
    text = (char *)calloc(1, (size_t)size + 1);
    if (text != NULL && fread(text, 1, (size_t)size, file) != (size_t)size) {
        free(text);
        text = NULL;
    }
    fclose(file);
    return text;
}

/* True when a line of the list is the name. */
static int is_listed(const char *list, const char *name)
{
    size_t length = strlen(name);
    const char *at = list;
    while (at != NULL && *at != 0) {
        if (strncmp(at, name, length) == 0 && strchr(" \t\r\n#", at[length]) != NULL)
            return 1;
        at = strchr(at, '\n');
        at = at != NULL ? at + 1 : NULL;
    }
    return 0;
}

static void resolve_every_documented_function(void)
{
    char *description = read_text("msipc.json"), *missing = read_text("not_yet_built.txt");
    const char *at, *end;
    if (CHECK(description != NULL && missing != NULL)) {
        at = strstr(description, "\"functions\": [");
        end = strstr(description, "\"undocumented_functions\"");
        if (at != NULL && end != NULL && end < at)
            end = strstr(at, "\"undocumented_functions\"");
        CHECK(at != NULL && end != NULL);
        while (at != NULL && end != NULL && (at = strstr(at, "\"name\": \"Ipc")) != NULL && at < end) {
            char name[128] = {0};
            at += strlen("\"name\": \"");
            strncpy(name, at, strcspn(at, "\"") < sizeof name ? strcspn(at, "\"") : sizeof name - 1);
            if (is_listed(missing, name))
                continue;
            resolved++;
            if (!CHECK(dlsym(library, name) != NULL))
                printf("        %s\n", name);
        }
        CHECK(resolved >= 24);
    }
    free(description);
    free(missing);
}

static void resolve_our_functions(void)
{
    static const char *const names[] = {"IpcxSetIdentity", "IpcxSetThreadIdentity", "IpcxSetStorePassphrase",
                                        "IpcxGetLastErrorDetail", "IpcxGetKeyPackage", "IpcxIsAuthenticated", "IpcxGetVersion"};
    size_t i;
    for (i = 0; i < COUNT(names); i++)
        if (!CHECK(dlsym(library, names[i]) != NULL))
            printf("        %s\n", names[i]);
}

#if defined(_WIN32)
/* Programs that import by number, as some do from the SDK's DLL, get the functions that have these numbers there. */
static void numbers_are_those_of_the_original(void)
{
    static const struct {
        WORD number;
        const char *name;
    } exports[] = {{38, "IpcAccessCheck"}, {52, "IpcCloseHandle"}, {68, "IpcCreateLicenseFromScratch"}, {73, "IpcDecrypt"},
                   {75, "IpcEncrypt"}, {84, "IpcGetLicenseProperty"}, {90, "IpcProtectWindow"}, {121, "IpcfWriteFile"}};
    static const WORD unused[] = {1, 37, 44, 72, 74, 76, 82, 83, 89, 101, 122};
    size_t i;
    for (i = 0; i < COUNT(exports); i++)
        if (!CHECK(dlsym(library, exports[i].name) != NULL &&
                   dlsym(library, exports[i].name) == dlsym(library, MAKEINTRESOURCEA(exports[i].number))))
            printf("        %s\n", exports[i].name);
    for (i = 0; i < COUNT(unused); i++)
        CHECK(dlsym(library, MAKEINTRESOURCEA(unused[i])) == NULL);
}
#endif

/* Inner names must not be there for others to find. */
static void nothing_else_is_visible(void)
{
    static const char *const names[] = {"rust_eh_personality", "sqlite3_open", "malloc_usable", "RSA_new", "EVP_EncryptInit"};
    size_t i;
#if defined(_WIN32)
    for (i = 0; i < COUNT(names); i++)
        CHECK(dlsym(library, names[i]) == NULL);
#else
    for (i = 0; i < COUNT(names); i++) {
        Dl_info info;
        void *found = dlsym(library, names[i]);
        const char *path = getenv("MSIPC_TEST_LIBRARY");
        memset(&info, 0, sizeof info);
        if (found != NULL && dladdr(found, &info) != 0 && path != NULL && strcmp(info.dli_fname, path) == 0)
            if (!CHECK(0))
                printf("        %s\n", names[i]);
    }
#endif
}

/* A function pointer from a data pointer, as POSIX means it. */
#define RESOLVE(pointer, name)                                        \
    do {                                                              \
        void *found = dlsym(library, name);                           \
        REQUIRE(found != NULL && sizeof found == sizeof(pointer));    \
        memcpy(&(pointer), &found, sizeof found);                     \
    } while (0)

static void journey_through_pointers(void)
{
    HRESULT(WINAPI * initialize)(void);
    HRESULT(WINAPI * get_templates)(PCIPC_CONNECTION_INFO, DWORD, LCID, PCIPC_PROMPT_CTX, LPVOID, PCIPC_TIL *);
    HRESULT(WINAPI * serialize_license)(LPCVOID, DWORD, DWORD, PCIPC_PROMPT_CTX, PIPC_KEY_HANDLE, PIPC_BUFFER *);
    HRESULT(WINAPI * get_key)(PCIPC_BUFFER, DWORD, PCIPC_PROMPT_CTX, LPVOID, PIPC_KEY_HANDLE);
    HRESULT(WINAPI * access_check)(IPC_KEY_HANDLE, LPCWSTR, LPBOOL);
    HRESULT(WINAPI * encrypt)(IPC_KEY_HANDLE, DWORD, BOOL, PBYTE, DWORD, PBYTE, DWORD, DWORD *);
    HRESULT(WINAPI * decrypt)(IPC_KEY_HANDLE, DWORD, BOOL, PBYTE, DWORD, PBYTE, DWORD, DWORD *);
    HRESULT(WINAPI * close_handle)(IPC_HANDLE);
    void(WINAPI * free_memory)(LPVOID);
    PCIPC_TIL list = NULL;
    PIPC_BUFFER license = NULL;
    IPC_KEY_HANDLE key = NULL, again = NULL;
    BYTE text[] = "through pointers", sealed[64], opened[64];
    DWORD length = 0, got = 0;
    BOOL granted = FALSE;
    RESOLVE(initialize, "IpcInitialize");
    RESOLVE(get_templates, "IpcGetTemplateList");
    RESOLVE(serialize_license, "IpcSerializeLicense");
    RESOLVE(get_key, "IpcGetKey");
    RESOLVE(access_check, "IpcAccessCheck");
    RESOLVE(encrypt, "IpcEncrypt");
    RESOLVE(decrypt, "IpcDecrypt");
    RESOLVE(close_handle, "IpcCloseHandle");
    RESOLVE(free_memory, "IpcFreeMemory");
    REQUIRE_OK(initialize());
    REQUIRE_OK(get_templates(NULL, IPC_GTL_FLAG_DEFAULT, 0, NULL, NULL, &list));
    REQUIRE(list->cTi == 2);
    REQUIRE_OK(serialize_license(list->aTi[0].wszID, IPC_SL_TEMPLATE_ID, 0, NULL, &key, &license));
    REQUIRE_OK(encrypt(key, 0, TRUE, text, sizeof text, sealed, sizeof sealed, &length));
    REQUIRE_OK(get_key(license, 0, NULL, NULL, &again));
    CHECK_HR(access_check(again, IPC_GENERIC_READ, &granted), S_OK);
    CHECK(granted == TRUE);
    CHECK_HR(decrypt(again, 0, TRUE, sealed, length, opened, sizeof opened, &got), S_OK);
    CHECK(got == sizeof text && memcmp(opened, text, got) == 0);
    CHECK_HR(close_handle((IPC_HANDLE)again), S_OK);
    CHECK_HR(close_handle((IPC_HANDLE)key), S_OK);
    free_memory(license);
    free_memory((LPVOID)list);
}

int main(void)
{
    const char *path = getenv("MSIPC_TEST_LIBRARY");
#if defined(_WIN32)
    library = LoadLibraryW(path != NULL ? native_path(path) : L"msipc.dll");
    if (library == NULL) {
        printf("error %lu\n", GetLastError());
        return EXIT_FAILURE;
    }
    RUN(numbers_are_those_of_the_original);
#else
    library = dlopen(path != NULL ? path : "libmsipc.so", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        printf("%s\n", dlerror());
        return EXIT_FAILURE;
    }
#endif
    RUN(resolve_every_documented_function);
    RUN(resolve_our_functions);
    RUN(nothing_else_is_visible);
    RUN(journey_through_pointers);
    printf("functions resolved: %d\n", resolved);
#if defined(_WIN32)
    FreeLibrary(library);
#else
    dlclose(library);
#endif
    return finish_tests();
}
