/* The harness of the C and C++ tests: counts, prints one line per test, and gives back what a test was given.
 *
 * A test is a function without arguments. CHECK goes on after a failure, REQUIRE leaves the test. Memory and handles that
 * pass through `mine` and `my_handle` are released after the test, whether or not it was left early, so that no program
 * leaks. Everything here runs on the main thread; other threads count for themselves and the main thread checks.
 */
#ifndef MSIPC_TEST_HARNESS_H
#define MSIPC_TEST_HARNESS_H

#include "portable.h"

#include <msipc.h>
#include <msipc_ext.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Wide text, whatever the width. */
#define W(text) IPC_TEXT(text)

/* The headers of Windows have a word of that name without a meaning. */
#undef WIN32
#define WIN32(code) HRESULT_FROM_WIN32(code)

enum { HARNESS_MOST = 20000 };

static struct {
    int passed, failed;
    int complaints; /* of the running test */
    jmp_buf left;
    LPVOID blocks[HARNESS_MOST];
    IPC_HANDLE handles[HARNESS_MOST];
    int block_count, handle_count;
} harness;

/* A program built without exceptions leaves a test as C does; it then keeps no objects across what may leave. */
#if defined(__cplusplus) && defined(__cpp_exceptions)
#define HARNESS_THROWS
struct TestLeft {};
#define LEAVE_TEST() throw TestLeft()
#else
#define LEAVE_TEST() longjmp(harness.left, 1)
#endif

/* The text as UTF-8 in one of eight buffers that take turns. */
static inline const char *narrow(LPCWSTR text)
{
    static char buffers[8][2048];
    static unsigned turn;
    char *out = buffers[turn++ % 8];
    size_t used = 0;
    if (text == NULL)
        return "(null)";
    for (; *text != 0 && used < sizeof buffers[0] - 5; text++) {
        unsigned long c = (unsigned long)*text;
        if (sizeof(WCHAR) == 2 && c >= 0xD800 && c < 0xDC00 && text[1] != 0) {
            c = 0x10000 + ((c - 0xD800) << 10) + ((unsigned long)text[1] - 0xDC00);
            text++;
        }
        if (c < 0x80) {
            out[used++] = (char)c;
        } else if (c < 0x800) {
            out[used++] = (char)(0xC0 | c >> 6);
            out[used++] = (char)(0x80 | (c & 0x3F));
        } else if (c < 0x10000) {
            out[used++] = (char)(0xE0 | c >> 12);
            out[used++] = (char)(0x80 | (c >> 6 & 0x3F));
            out[used++] = (char)(0x80 | (c & 0x3F));
        } else {
            out[used++] = (char)(0xF0 | (c >> 18 & 7));
            out[used++] = (char)(0x80 | (c >> 12 & 0x3F));
            out[used++] = (char)(0x80 | (c >> 6 & 0x3F));
            out[used++] = (char)(0x80 | (c & 0x3F));
        }
    }
    out[used] = 0;
    return out;
}

static inline size_t wide_length(LPCWSTR text)
{
    size_t length = 0;
    while (text[length] != 0)
        length++;
    return length;
}

/* True when both are NULL or both hold the same text. */
static inline int wide_equal(LPCWSTR a, LPCWSTR b)
{
    if (a == NULL || b == NULL)
        return a == b;
    while (*a != 0 && *a == *b)
        a++, b++;
    return *a == *b;
}

/* True when the UTF-8 text occurs in the wide one. */
static inline int wide_contains(LPCWSTR text, const char *part)
{
    return text != NULL && strstr(narrow(text), part) != NULL;
}

/* Widens ASCII text into a buffer that the caller gives. */
static inline LPCWSTR widen(const char *text, WCHAR *out, size_t room)
{
    size_t i = 0;
    for (; text[i] != 0 && i + 1 < room; i++)
        out[i] = (WCHAR)(unsigned char)text[i];
    out[i] = 0;
    return out;
}

static inline void complain(const char *file, int line, const char *what)
{
    const char *name = strrchr(file, '/');
    harness.complaints++;
    if (harness.complaints <= 20)
        printf("    %s:%d: %s\n", name != NULL ? name + 1 : file, line, what);
}

static inline int check(int holds, const char *file, int line, const char *what)
{
    if (!holds)
        complain(file, line, what);
    return holds;
}

/* Compares results. On a difference the library's own reason is printed too. */
static inline int check_result(HRESULT got, HRESULT expected, const char *file, int line, const char *what)
{
    char text[512];
    LPCWSTR detail = NULL;
    if (got == expected)
        return 1;
    snprintf(text, sizeof text, "%.300s: 0x%08lX, expected 0x%08lX", what, (unsigned long)(DWORD)got,
             (unsigned long)(DWORD)expected);
    complain(file, line, text);
    if (FAILED(got) && IpcxGetLastErrorDetail(&detail) == S_OK && detail != NULL)
        printf("        %s\n", narrow(detail));
    IpcFreeMemory((LPVOID)detail);
    return 0;
}

static inline int check_text(LPCWSTR got, LPCWSTR expected, const char *file, int line, const char *what)
{
    char text[512];
    if (wide_equal(got, expected))
        return 1;
    snprintf(text, sizeof text, "%.120s: '%.150s', expected '%.150s'", what, narrow(got), narrow(expected));
    complain(file, line, text);
    return 0;
}

#define CHECK(condition) check((condition) != 0, __FILE__, __LINE__, #condition)
#define CHECK_HR(expression, expected) check_result((expression), (HRESULT)(expected), __FILE__, __LINE__, #expression)
#define CHECK_TEXT(expression, expected) check_text((expression), (expected), __FILE__, __LINE__, #expression)
#define REQUIRE(condition)     \
    do {                       \
        if (!CHECK(condition)) \
            LEAVE_TEST();      \
    } while (0)
#define REQUIRE_OK(expression)           \
    do {                                 \
        if (!CHECK_HR(expression, S_OK)) \
            LEAVE_TEST();                \
    } while (0)

/* Memory of the library that the harness frees after the test. */
static inline LPVOID mine(const void *block)
{
    if (block != NULL && harness.block_count < HARNESS_MOST)
        harness.blocks[harness.block_count++] = (LPVOID)block;
    return (LPVOID)block;
}

/* A handle that the harness closes after the test; closing it earlier does no harm. */
static inline IPC_HANDLE my_handle(IPC_HANDLE handle)
{
    if (handle != NULL && harness.handle_count < HARNESS_MOST)
        harness.handles[harness.handle_count++] = handle;
    return handle;
}

static inline void release_all(void)
{
    while (harness.handle_count > 0)
        IpcCloseHandle(harness.handles[--harness.handle_count]);
    while (harness.block_count > 0)
        IpcFreeMemory(harness.blocks[--harness.block_count]);
    IpcxSetThreadIdentity(NULL);
}

static inline void run_test(const char *name, void (*test)(void))
{
    harness.complaints = 0;
#ifdef HARNESS_THROWS
    try {
        test();
    } catch (const TestLeft &) {
    }
#else
    if (setjmp(harness.left) == 0)
        test();
#endif
    release_all();
    printf("%s ... %s\n", name, harness.complaints == 0 ? "ok" : "FAILED");
    fflush(stdout);
    if (harness.complaints == 0)
        harness.passed++;
    else
        harness.failed++;
}

#define RUN(test) run_test(#test, test)

/* Prints the sum and tells the status of the program. */
static inline int finish_tests(void)
{
    printf("%d passed, %d failed\n", harness.passed, harness.failed);
    return harness.failed == 0 && harness.passed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Fewer rounds where every step costs fifty times as much. */
static inline int rounds(int usual)
{
    return getenv("MSIPC_TEST_VALGRIND") != NULL ? usual / 20 + 1 : usual;
}

#endif
