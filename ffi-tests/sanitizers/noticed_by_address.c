/* The library is told of more room than there is. The address sanitizer must say so: else the library is not watched. */
#include "../fixtures.h"

static void a_buffer_that_is_too_short(void)
{
    static BYTE plain[4096];
    Protected made = protect_for(BOB, "VIEW");
    BYTE *out = (BYTE *)malloc(sizeof plain - 512);
    DWORD got = 0;
    IpcEncrypt(made.key, 0, FALSE, plain, sizeof plain, out, sizeof plain, &got);
    CHECK(got == sizeof plain);
    free(out);
}

int main(void)
{
    RUN(a_buffer_that_is_too_short);
    return finish_tests();
}
