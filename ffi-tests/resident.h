/* What the process takes of memory, for tests of growth. */
#ifndef MSIPC_TEST_RESIDENT_H
#define MSIPC_TEST_RESIDENT_H

#include "harness.h"

#if defined(__linux__)
#include <malloc.h>
#include <unistd.h>
#endif

static inline int under_valgrind(void)
{
    return getenv("MSIPC_TEST_VALGRIND") != NULL;
}

/* Bytes of the process in memory; 0 where that cannot be told. */
static inline size_t resident(void)
{
    size_t pages = 0, in_memory = 0;
#if defined(__linux__)
    FILE *file = fopen("/proc/self/statm", "r");
    /* What was freed before must not be taken for free room. */
    malloc_trim(0);
    if (file == NULL)
        return 0;
    if (fscanf(file, "%zu %zu", &pages, &in_memory) != 2)
        in_memory = 0;
    fclose(file);
    return in_memory * (size_t)sysconf(_SC_PAGESIZE);
#else
    return in_memory + pages;
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
