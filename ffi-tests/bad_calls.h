/* Wrong calls that are counted: each must give its code and leave its outputs NULL, 0 or FALSE. */
#ifndef MSIPC_TEST_BAD_CALLS_H
#define MSIPC_TEST_BAD_CALLS_H

#include "fixtures.h"

static int calls;

static inline void note_bad(HRESULT got, HRESULT expected, int cleared, const char *file, int line, const char *what)
{
    calls++;
    check_result(got, expected, file, line, what);
    if (!cleared) {
        char text[512];
        snprintf(text, sizeof text, "%.300s: the output is not cleared", what);
        complain(file, line, text);
    }
}

/* A wrong call without output. */
#define BAD(expected, call)                                             \
    do {                                                                \
        HRESULT bad_result = (call);                                    \
        note_bad(bad_result, (HRESULT)(expected), 1, __FILE__, __LINE__, #call); \
    } while (0)

/* A wrong call that must clear `out`, which is filled with rubbish before. */
#define BAD_OUT(expected, out, call)                                                         \
    do {                                                                                     \
        HRESULT bad_result;                                                                  \
        static const BYTE zeros[sizeof(out)];                                                \
        memset(&(out), 0x5A, sizeof(out));                                                   \
        bad_result = (call);                                                                 \
        note_bad(bad_result, (HRESULT)(expected), memcmp(&(out), zeros, sizeof(out)) == 0,   \
                 __FILE__, __LINE__, #call);                                                 \
    } while (0)

/* Text that is no Unicode, that never ends, that is empty. */
static inline LPCWSTR lone_surrogate(void)
{
    static WCHAR text[] = {'a', 0xD800, 'b', 0};
    return text;
}

static inline LPCWSTR beyond_unicode(void)
{
    static WCHAR text[] = {'a', 0, 'b', 0};
    text[1] = sizeof(WCHAR) == 4 ? (WCHAR)0x110000 : (WCHAR)0xDC00;
    return text;
}

static WCHAR *endless_text;

static inline LPCWSTR endless(void)
{
    size_t i, length = ((size_t)1 << 20) + 8;
    if (endless_text == NULL) {
        endless_text = (WCHAR *)malloc(length * sizeof(WCHAR));
        REQUIRE(endless_text != NULL);
        for (i = 0; i < length; i++)
            endless_text[i] = 'x';
    }
    return endless_text;
}

static inline void forget_texts(void)
{
    free(endless_text);
}

enum { NOT_TEXTS = 5 };

static inline LPCWSTR not_a_text(int i)
{
    switch (i) {
    case 0: return NULL;
    case 1: return lone_surrogate();
    case 2: return beyond_unicode();
    case 3: return endless();
    default: return W("");
    }
}

#endif
