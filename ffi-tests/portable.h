/* What the tests ask of the system, under the names of POSIX, and events that cancel calls.
 *
 * On Windows paths are UTF-8 here too and may hold slashes. Only what the tests use is there: no processes, links, owners
 * or modes; programs that are about those are listed in windows/not_for_windows.txt.
 */
#ifndef MSIPC_TEST_PORTABLE_H
#define MSIPC_TEST_PORTABLE_H

#include <msipc.h>
#include <msipc_ext.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#if !defined(_WIN32)

#include <dirent.h>
#include <unistd.h>

/* A path as the library tells it. */
static inline const char *as_told(const char *path)
{
    return path;
}

static inline int is_open(int descriptor)
{
    return fcntl(descriptor, F_GETFD) >= 0;
}

static inline int path_exists(const char *path)
{
    struct stat found;
    return lstat(path, &found) == 0;
}

/* A pipe: what is written to it sets it. */
typedef struct {
    int ends[2];
} CancelEvent;

static inline int cancel_open(CancelEvent *event)
{
    return pipe(event->ends) == 0;
}

static inline HANDLE cancel_handle(const CancelEvent *event)
{
    return IPCX_CANCEL_FD(event->ends[0]);
}

static inline int cancel_set(const CancelEvent *event)
{
    return write(event->ends[1], "x", 1) == 1;
}

static inline void cancel_close(const CancelEvent *event)
{
    close(event->ends[0]);
    close(event->ends[1]);
}

static inline int in_wine(void)
{
    return 0;
}

/* The value for a file that is open, for IpcfOpenFileOnHandle. */
static inline HANDLE file_handle(int descriptor)
{
    return IPCX_FILE_FD(descriptor);
}

#else

#include <direct.h>
#include <io.h>
#include <sys/types.h>

/* A path of Windows, in one of eight buffers that take turns. */
static inline const WCHAR *native_path(const char *path)
{
    static WCHAR buffers[8][4096];
    static volatile LONG turn;
    WCHAR *out = buffers[InterlockedIncrement(&turn) & 7], *at;
    if (MultiByteToWideChar(CP_UTF8, 0, path, -1, out, 4096) == 0)
        out[0] = 0;
    for (at = out; *at != 0; at++)
        if (*at == L'/')
            *at = L'\\';
    return out;
}

/* A path as the library tells it, in one of eight buffers that take turns. */
static inline const char *as_told(const char *path)
{
    static char buffers[8][4096];
    static unsigned turn;
    char *out = buffers[turn++ % 8], *at;
    snprintf(out, sizeof buffers[0], "%s", path);
    for (at = out; *at != 0; at++)
        if (*at == '/')
            *at = '\\';
    return out;
}

static inline int is_open(int descriptor)
{
    return _get_osfhandle(descriptor) != (intptr_t)INVALID_HANDLE_VALUE;
}

static inline int path_exists(const char *path)
{
    return GetFileAttributesW(native_path(path)) != INVALID_FILE_ATTRIBUTES;
}

static inline FILE *portable_fopen(const char *path, const char *mode)
{
    WCHAR wide_mode[8];
    size_t i = 0;
    for (; mode[i] != 0 && i < 7; i++)
        wide_mode[i] = (WCHAR)mode[i];
    wide_mode[i] = 0;
    return _wfopen(native_path(path), wide_mode);
}

/* As on POSIX, nobody else is kept from the file. */
static inline int portable_open(const char *path, int flags, ...)
{
    int writes = flags & (O_WRONLY | O_RDWR), create = flags & (O_CREAT | O_TRUNC);
    DWORD access = flags & O_APPEND ? FILE_APPEND_DATA | SYNCHRONIZE | (flags & O_RDWR ? GENERIC_READ : 0)
                   : flags & O_RDWR ? GENERIC_READ | GENERIC_WRITE
                                    : (writes ? GENERIC_WRITE : GENERIC_READ);
    DWORD how = create == (O_CREAT | O_TRUNC) ? CREATE_ALWAYS : create & O_CREAT ? OPEN_ALWAYS : create ? TRUNCATE_EXISTING : OPEN_EXISTING;
    HANDLE file = CreateFileW(native_path(path), access, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, how,
                              FILE_ATTRIBUTE_NORMAL | FILE_FLAG_BACKUP_SEMANTICS, NULL);
    if (file == INVALID_HANDLE_VALUE) {
        errno = EACCES;
        return -1;
    }
    return _open_osfhandle((intptr_t)file, (flags & O_APPEND) | (writes ? 0 : O_RDONLY) | O_BINARY);
}

static inline int portable_mkdir(const char *path, int mode)
{
    (void)mode;
    return _wmkdir(native_path(path));
}

/* As on POSIX, the mode of a file does not keep it, and its name is free at once, whoever has it open. */
static inline int portable_unlink(const char *path)
{
    static volatile LONG count;
    char away[64];
    SetFileAttributesW(native_path(path), FILE_ATTRIBUTE_NORMAL);
    snprintf(away, sizeof away, "gone-%lu-%ld", GetCurrentProcessId(), InterlockedIncrement(&count));
    if (!MoveFileExW(native_path(path), native_path(away), 0))
        return DeleteFileW(native_path(path)) ? 0 : -1;
    return DeleteFileW(native_path(away)) ? 0 : -1;
}

static inline int portable_rename(const char *from, const char *to)
{
    return MoveFileExW(native_path(from), native_path(to), MOVEFILE_REPLACE_EXISTING) ? 0 : -1;
}

static inline char *portable_getcwd(char *out, size_t room)
{
    WCHAR found[2048];
    DWORD length = GetCurrentDirectoryW(2048, found);
    if (length == 0 || length >= 2048 || WideCharToMultiByte(CP_UTF8, 0, found, -1, out, (int)room, NULL, NULL) == 0)
        return NULL;
    return out;
}

static inline int portable_setenv(const char *name, const char *value, int replace)
{
    return !replace && getenv(name) != NULL ? 0 : _putenv_s(name, value);
}

struct dirent {
    char d_name[1024];
};

typedef struct {
    HANDLE search;
    WIN32_FIND_DATAW found;
    int waiting; /* a name was found and not told yet */
    struct dirent entry;
} DIR;

static inline DIR *opendir(const char *path)
{
    char pattern[4096];
    DIR *listed = (DIR *)calloc(1, sizeof *listed);
    snprintf(pattern, sizeof pattern, "%.4000s/*", path);
    if (listed == NULL)
        return NULL;
    listed->search = FindFirstFileW(native_path(pattern), &listed->found);
    listed->waiting = 1;
    if (listed->search == INVALID_HANDLE_VALUE) {
        free(listed);
        return NULL;
    }
    return listed;
}

static inline struct dirent *readdir(DIR *listed)
{
    if (!listed->waiting && !FindNextFileW(listed->search, &listed->found))
        return NULL;
    listed->waiting = 0;
    if (WideCharToMultiByte(CP_UTF8, 0, listed->found.cFileName, -1, listed->entry.d_name, sizeof listed->entry.d_name, NULL, NULL) == 0)
        return NULL;
    return &listed->entry;
}

static inline int closedir(DIR *listed)
{
    FindClose(listed->search);
    free(listed);
    return 0;
}

#define fopen(path, mode) portable_fopen(path, mode)
#define open portable_open
#define close(descriptor) _close(descriptor)
#define fsync(descriptor) _commit(descriptor)
#define mkdir(path, mode) portable_mkdir(path, mode)
#define rmdir(path) _wrmdir(native_path(path))
#define unlink(path) portable_unlink(path)
#define rename(from, to) portable_rename(from, to)
#define getcwd(out, room) portable_getcwd(out, room)
#define chdir(path) _wchdir(native_path(path))
#define chmod(path, mode) _wchmod(native_path(path), (mode) & (_S_IREAD | _S_IWRITE))
#define setenv(name, value, replace) portable_setenv(name, value, replace)
#define unsetenv(name) _putenv_s(name, "")

typedef struct {
    HANDLE event;
} CancelEvent;

static inline int cancel_open(CancelEvent *event)
{
    event->event = CreateEventW(NULL, TRUE, FALSE, NULL);
    return event->event != NULL;
}

static inline HANDLE cancel_handle(const CancelEvent *event)
{
    return event->event;
}

static inline int cancel_set(const CancelEvent *event)
{
    return SetEvent(event->event);
}

static inline void cancel_close(const CancelEvent *event)
{
    CloseHandle(event->event);
}

/* True where a stand-in for Windows has limits that Windows has not. */
static inline int in_wine(void)
{
    return GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version") != NULL;
}

static inline HANDLE file_handle(int descriptor)
{
    /* The C library takes a wrong number for a defect of the program and may end it. */
    return descriptor >= 0 && descriptor < 2048 ? (HANDLE)_get_osfhandle(descriptor) : (HANDLE)(size_t)0x7FFFFFF4;
}

#endif

#endif
