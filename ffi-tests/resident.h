/* What the process takes of memory, for tests of growth. */
#ifndef MSIPC_TEST_RESIDENT_H
#define MSIPC_TEST_RESIDENT_H

#include "harness.h"

#if defined(__linux__)
#include <malloc.h>
#include <unistd.h>
#elif defined(_WIN32)
#include <windows.h>

#include <psapi.h>
#endif

static inline int under_valgrind(void)
{
    return getenv("MSIPC_TEST_VALGRIND") != NULL;
}

/* Fewer rounds also where a stand-in for the system searches for room among all that was given out before. */
static inline int rounds_in_memory(int usual)
{
    return in_wine() ? usual / 20 + 1 : rounds(usual);
}

/* Bytes that the process takes of memory; 0 where that cannot be told. */
static inline size_t resident(void)
{
#if defined(__linux__)
    size_t pages = 0, in_memory = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    /* What was freed before must not be taken for free room. */
    malloc_trim(0);
    if (file == NULL)
        return 0;
    if (fscanf(file, "%zu %zu", &pages, &in_memory) != 2)
        in_memory = 0;
    fclose(file);
    return in_memory * (size_t)sysconf(_SC_PAGESIZE);
#elif defined(_WIN32)
    PROCESS_MEMORY_COUNTERS found;
    return GetProcessMemoryInfo(GetCurrentProcess(), &found, sizeof found) ? found.PagefileUsage : 0;
#else
    return 0;
#endif
}

static inline void grown_at_most(size_t before, size_t most)
{
    size_t now = resident();
    if (before == 0 || under_valgrind())
        return;
    CHECK(now < before + most);
    if (now >= before + most)
        printf("        grown by %zu bytes, expected at most %zu\n", now - before, most);
}

#endif
