/* Time for tests. Only the library that is built with the feature `test-clock` has the function, and no header of it. */
#ifndef MSIPC_TEST_CLOCK_H
#define MSIPC_TEST_CLOCK_H

#include "harness.h"

#ifdef __cplusplus
extern "C"
#endif
HRESULT WINAPI IpcxTestSetTime(const FILETIME *pftNow);

#define TICKS_PER_MINUTE 600000000ULL
#define MINUTES_PER_DAY 1440

/* Ticks since 1601 of a day of the Gregorian calendar. */
static inline unsigned long long ticks_of(int year, int month, int day, int hour, int minute)
{
    /* Counted from March, so that the leap day is the last one of its year. */
    long long y = month > 2 ? year : year - 1;
    long long m = month > 2 ? month - 3 : month + 9;
    long long days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1;
    return (unsigned long long)((days - 584694) * MINUTES_PER_DAY + hour * 60 + minute) * TICKS_PER_MINUTE;
}

static inline FILETIME filetime_of(unsigned long long ticks)
{
    FILETIME time;
    time.dwLowDateTime = (DWORD)(ticks & 0xFFFFFFFFULL);
    time.dwHighDateTime = (DWORD)(ticks >> 32);
    return time;
}

/* Stops the clock at a moment, in UTC. */
static inline void set_time(int year, int month, int day, int hour, int minute)
{
    FILETIME now = filetime_of(ticks_of(year, month, day, hour, minute));
    REQUIRE_OK(IpcxTestSetTime(&now));
}

#endif
