/* IpcProtectWindow and IpcUnprotectWindow: what they ask of the system, and what they say the second time. The two
 * functions of the system are replaced in the library's table of imports, because they do nothing without a desktop.
 */
#include "fixtures.h"

static struct {
    HWND window;
    DWORD affinity;
    DWORD refuses_with; /* what setting fails with; 0: it does not */
    int gets, sets;
} screen;

static BOOL WINAPI get_affinity(HWND window, DWORD *affinity)
{
    screen.gets++;
    if (window != screen.window) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    *affinity = screen.affinity;
    return TRUE;
}

static BOOL WINAPI set_affinity(HWND window, DWORD affinity)
{
    screen.sets++;
    if (window != screen.window || screen.refuses_with != 0) {
        SetLastError(screen.refuses_with != 0 ? screen.refuses_with : ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    screen.affinity = affinity;
    return TRUE;
}

static BOOL WINAPI is_window(HWND window)
{
    return window == screen.window;
}

/* Lets an import of the library lead elsewhere; how many did. */
static int replace_import(const char *name, const void *with)
{
    BYTE *base = (BYTE *)GetModuleHandleW(L"msipc.dll");
    const IMAGE_NT_HEADERS *head = (const IMAGE_NT_HEADERS *)(base + ((const IMAGE_DOS_HEADER *)base)->e_lfanew);
    const IMAGE_DATA_DIRECTORY *imports = &head->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT];
    const IMAGE_IMPORT_DESCRIPTOR *from = (const IMAGE_IMPORT_DESCRIPTOR *)(base + imports->VirtualAddress);
    int count = 0;
    for (; from->Name != 0; from++) {
        const IMAGE_THUNK_DATA *names = (const IMAGE_THUNK_DATA *)(base + from->OriginalFirstThunk);
        IMAGE_THUNK_DATA *addresses = (IMAGE_THUNK_DATA *)(base + from->FirstThunk);
        for (; names->u1.AddressOfData != 0; names++, addresses++) {
            DWORD before;
            const IMAGE_IMPORT_BY_NAME *found = (const IMAGE_IMPORT_BY_NAME *)(base + names->u1.AddressOfData);
            if (IMAGE_SNAP_BY_ORDINAL(names->u1.Ordinal) || strcmp((const char *)found->Name, name) != 0)
                continue;
            REQUIRE(VirtualProtect(addresses, sizeof *addresses, PAGE_READWRITE, &before));
            memcpy(addresses, &with, sizeof with);
            VirtualProtect(addresses, sizeof *addresses, before, &before);
            count++;
        }
    }
    return count;
}

static void use_the_replacements(void)
{
    BOOL(WINAPI * get)(HWND, DWORD *) = get_affinity;
    BOOL(WINAPI * set)(HWND, DWORD) = set_affinity;
    BOOL(WINAPI * is)(HWND) = is_window;
    const void *addresses[3];
    memcpy(&addresses[0], &get, sizeof get);
    memcpy(&addresses[1], &set, sizeof set);
    memcpy(&addresses[2], &is, sizeof is);
    CHECK(replace_import("GetWindowDisplayAffinity", addresses[0]) == 1);
    CHECK(replace_import("SetWindowDisplayAffinity", addresses[1]) == 1);
    CHECK(replace_import("IsWindow", addresses[2]) == 1);
    screen.window = (HWND)(size_t)0x1234;
}

static void protected_and_released(void)
{
    enum { NONE = 0, MONITOR = 1 };
    screen.affinity = NONE;
    CHECK_HR(IpcProtectWindow(screen.window), S_OK);
    CHECK(screen.affinity == MONITOR && screen.sets == 1);
    CHECK_HR(IpcProtectWindow(screen.window), IPCERROR_PROPERTY_ALREADY_SET);
    CHECK(screen.affinity == MONITOR && screen.sets == 1);
    CHECK_HR(IpcUnprotectWindow(screen.window), S_OK);
    CHECK(screen.affinity == NONE && screen.sets == 2);
    CHECK_HR(IpcUnprotectWindow(screen.window), IPCERROR_PROPERTY_ALREADY_SET);
    CHECK(screen.affinity == NONE && screen.sets == 2);
    CHECK_HR(IpcProtectWindow(screen.window), S_OK);
    CHECK(screen.affinity == MONITOR);
    screen.affinity = NONE;
}

static void refusals_are_told(void)
{
    int sets = screen.sets;
    CHECK_HR(IpcProtectWindow(NULL), E_INVALIDARG);
    CHECK_HR(IpcProtectWindow((HWND)(size_t)0x5678), E_INVALIDARG);
    CHECK_HR(IpcUnprotectWindow((HWND)(size_t)0x5678), E_INVALIDARG);
    CHECK(screen.sets == sets);
    screen.refuses_with = ERROR_ACCESS_DENIED;
    CHECK_HR(IpcProtectWindow(screen.window), E_ACCESSDENIED);
    screen.refuses_with = ERROR_NOT_ENOUGH_MEMORY;
    CHECK_HR(IpcProtectWindow(screen.window), E_OUTOFMEMORY);
    CHECK(screen.affinity == 0);
    screen.refuses_with = 0;
}

int main(void)
{
    CHECK_HR(IpcProtectWindow(NULL), E_INVALIDARG);
    RUN(use_the_replacements);
    RUN(protected_and_released);
    RUN(refusals_are_told);
    return finish_tests();
}
