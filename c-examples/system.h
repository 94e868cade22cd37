/* What ipcprotect asks of the system: folders, the command line, Ctrl-C, the terminal. Text is UTF-8 on both sides. */
#ifndef MSIPC_EXAMPLES_SYSTEM_H
#define MSIPC_EXAMPLES_SYSTEM_H

#include "common.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef enum { KIND_MISSING, KIND_FILE, KIND_FOLDER, KIND_OTHER } Kind;

/* Set by Ctrl-C. */
static volatile sig_atomic_t interrupted;

#if defined(_WIN32)

#include <io.h>
#include <shellapi.h>

static HANDLE interruption;

static void not_found(void)
{
    errno = GetLastError() == ERROR_ACCESS_DENIED ? EACCES : ENOENT;
}

/* Links are no files when they are not followed. */
static Kind kind_of(const char *path, int follow_links)
{
    LPWSTR wide = to_wide(path);
    DWORD found = wide != NULL ? GetFileAttributesW(wide) : INVALID_FILE_ATTRIBUTES;
    if (found == INVALID_FILE_ATTRIBUTES)
        not_found();
    free(wide);
    if (found == INVALID_FILE_ATTRIBUTES)
        return KIND_MISSING;
    if ((found & FILE_ATTRIBUTE_REPARSE_POINT) && !follow_links)
        return KIND_OTHER;
    return found & FILE_ATTRIBUTE_DIRECTORY ? KIND_FOLDER : KIND_FILE;
}

/* Calls `name` with each name in a folder; 0 when it cannot be read. */
static int each_name(const char *folder, void (*name)(void *context, const char *name), void *context)
{
    WIN32_FIND_DATAW found;
    size_t length = strlen(folder);
    char *pattern = malloc(length + 3);
    LPWSTR wide;
    HANDLE search;
    if (pattern == NULL)
        return 0;
    memcpy(pattern, folder, length);
    memcpy(pattern + length, "/*", 3);
    wide = to_wide(pattern);
    search = wide != NULL ? FindFirstFileW(wide, &found) : INVALID_HANDLE_VALUE;
    if (search == INVALID_HANDLE_VALUE)
        not_found();
    free(pattern);
    free(wide);
    if (search == INVALID_HANDLE_VALUE)
        return 0;
    do
        name(context, to_utf8(found.cFileName));
    while (FindNextFileW(search, &found));
    FindClose(search);
    return 1;
}

/* 0 when there is no such folder afterwards. */
static int make_folder(const char *path)
{
    LPWSTR wide = to_wide(path);
    int made = wide != NULL && (CreateDirectoryW(wide, NULL) || GetLastError() == ERROR_ALREADY_EXISTS);
    if (!made)
        not_found();
    free(wide);
    return made;
}

static BOOL WINAPI interrupt(DWORD event)
{
    int first = !interrupted;
    (void)event;
    interrupted = 1;
    SetEvent(interruption);
    return first; /* a second Ctrl-C ends the program at once */
}

/* What cancels calls of the library on Ctrl-C: an event. */
static HANDLE watch_for_interruption(void)
{
    interruption = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (interruption != NULL)
        SetConsoleCtrlHandler(interrupt, TRUE);
    return interruption;
}

static double seconds(void)
{
    return (double)GetTickCount64() / 1000;
}

/* True when people read what goes to stderr, on a terminal that knows the signs that move the cursor. */
static int is_on_terminal(void)
{
    DWORD mode;
    HANDLE terminal = GetStdHandle(STD_ERROR_HANDLE);
    return GetConsoleMode(terminal, &mode) && SetConsoleMode(terminal, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
}

static int utc(time_t at, struct tm *parts)
{
    const struct tm *found = gmtime(&at);
    if (found != NULL)
        *parts = *found;
    return found != NULL;
}

/* The words of the command line as UTF-8, which `main` does not get; they live as long as the program. */
static char **words_of(int *count, char **given)
{
    LPWSTR *wide = CommandLineToArgvW(GetCommandLineW(), count);
    char **words = wide != NULL ? calloc((size_t)*count + 1, sizeof *words) : NULL;
    int i;
    SetConsoleOutputCP(CP_UTF8);
    for (i = 0; words != NULL && i < *count; i++) {
        const char *word = to_utf8(wide[i]);
        words[i] = malloc(strlen(word) + 1);
        if (words[i] == NULL)
            return given;
        memcpy(words[i], word, strlen(word) + 1);
    }
    LocalFree(wide);
    return words != NULL ? words : given;
}

#else

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int interruption[2] = {-1, -1};

/* Links are no files when they are not followed. */
static Kind kind_of(const char *path, int follow_links)
{
    struct stat found;
    if ((follow_links ? stat(path, &found) : lstat(path, &found)) != 0)
        return KIND_MISSING;
    return S_ISDIR(found.st_mode) ? KIND_FOLDER : S_ISREG(found.st_mode) ? KIND_FILE : KIND_OTHER;
}

/* Calls `name` with each name in a folder; 0 when it cannot be read. */
static int each_name(const char *folder, void (*name)(void *context, const char *name), void *context)
{
    struct dirent *entry;
    DIR *listed = opendir(folder);
    if (listed == NULL)
        return 0;
    while ((entry = readdir(listed)) != NULL)
        name(context, entry->d_name);
    closedir(listed);
    return 1;
}

/* 0 when there is no such folder afterwards. */
static int make_folder(const char *path)
{
    return mkdir(path, 0777) == 0 || errno == EEXIST;
}

static void interrupt(int number)
{
    int before = errno;
    (void)number;
    interrupted = 1;
    if (write(interruption[1], "x", 1) < 0)
        _exit(EXIT_FAILURE);
    errno = before;
}

/* What cancels calls of the library on Ctrl-C: it watches the reading end of a pipe. */
static HANDLE watch_for_interruption(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    if (pipe(interruption) != 0)
        return NULL;
    fcntl(interruption[1], F_SETFL, O_NONBLOCK);
    action.sa_handler = interrupt;
    action.sa_flags = (int)SA_RESETHAND; /* a second Ctrl-C ends the program at once */
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    return IPCX_CANCEL_FD(interruption[0]);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* True when people read what goes to stderr. */
static int is_on_terminal(void)
{
    return isatty(STDERR_FILENO);
}

static int utc(time_t at, struct tm *parts)
{
    return gmtime_r(&at, parts) != NULL;
}

static char **words_of(int *count, char **given)
{
    (void)count;
    return given;
}

#endif

#endif
