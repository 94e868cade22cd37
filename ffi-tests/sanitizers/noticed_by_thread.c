/* Two threads have the library write to one buffer. The thread sanitizer must say so: else the library is not watched. */
#include "../fixtures.h"

#include <pthread.h>

static BYTE plain[4096], out[8192];

static void *encrypt(void *key)
{
    DWORD got = 0;
    int i;
    /* Often enough that the calls meet. */
    for (i = 0; i < 200; i++)
        IpcEncrypt((IPC_KEY_HANDLE)key, 0, TRUE, plain, sizeof plain, out, sizeof out, &got);
    return NULL;
}

static void two_threads_and_one_buffer(void)
{
    Protected made = protect_for(BOB, "VIEW");
    pthread_t threads[2];
    int i;
    for (i = 0; i < 2; i++)
        REQUIRE(pthread_create(&threads[i], NULL, encrypt, (void *)made.key) == 0);
    for (i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
}

int main(void)
{
    RUN(two_threads_and_one_buffer);
    return finish_tests();
}
