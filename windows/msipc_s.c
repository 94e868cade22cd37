/* IpcInitialize for programs that delay-load msipc.dll, as the static library of the SDK provides it.
 *
 * The library need not lie beside the program: its folder stands in the registry, as the value InstallLocation of
 * SOFTWARE\Microsoft\MSIPC\CurrentVersion, for the machine or else for the account. It is loaded from there, and what
 * loads it by name afterwards gets the same one. Without the value the folder of the program and the system's are searched,
 * never the current folder nor PATH. The library's own IpcInitialize, where it exports one, is then called.
 *
 * Nothing here needs a C runtime library beyond what every program has.
 */
#include <windows.h>

typedef HRESULT(WINAPI *Initialize)(void);

enum { PATH_UNITS = 1024 };

static const WCHAR KEY[] = L"SOFTWARE\\Microsoft\\MSIPC\\CurrentVersion";
static const WCHAR VALUE[] = L"InstallLocation";
static const WCHAR LIBRARY[] = L"msipc.dll";

static HRESULT last_error(void)
{
    DWORD code = GetLastError();
    return code != ERROR_SUCCESS ? HRESULT_FROM_WIN32(code) : E_FAIL;
}

/* The path of the library from one root of the registry; FALSE when it has none. */
static BOOL path_from(HKEY root, WCHAR path[PATH_UNITS])
{
    /* Room for the separator, and for the name with its terminator. */
    DWORD bytes = (PATH_UNITS - 1) * sizeof(WCHAR) - sizeof LIBRARY, length = 0, i;
    if (RegGetValueW(root, KEY, VALUE, RRF_RT_REG_SZ, NULL, path, &bytes) != ERROR_SUCCESS)
        return FALSE;
    while (path[length] != 0)
        length++;
    if (length == 0)
        return FALSE;
    if (path[length - 1] != L'\\' && path[length - 1] != L'/')
        path[length++] = L'\\';
    for (i = 0; i < sizeof LIBRARY / sizeof LIBRARY[0]; i++)
        path[length + i] = LIBRARY[i];
    return TRUE;
}

static HMODULE load(void)
{
    WCHAR path[PATH_UNITS];
    HMODULE library = GetModuleHandleW(LIBRARY);
    if (library != NULL)
        return library;
    if (path_from(HKEY_LOCAL_MACHINE, path) || path_from(HKEY_CURRENT_USER, path))
        return LoadLibraryExW(path, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
    return LoadLibraryExW(LIBRARY, NULL, LOAD_LIBRARY_SEARCH_DEFAULT_DIRS);
}

HRESULT WINAPI IpcInitialize(void)
{
    HMODULE library = load();
    FARPROC found;
    if (library == NULL)
        return last_error();
    found = GetProcAddress(library, "IpcInitialize");
    return found != NULL ? ((Initialize)(void (*)(void))found)() : S_OK;
}

/* What a program refers to that was compiled with the function declared as imported, as msipc.h does. */
#if defined(__i386__)
#define IMPORTED __asm__("__imp__IpcInitialize@0")
#elif defined(__GNUC__)
#define IMPORTED __asm__("__imp_IpcInitialize")
#else
#define IMPORTED
#endif
extern const Initialize imported_initialize IMPORTED;
const Initialize imported_initialize = IpcInitialize;
