/* Hello, rights management: the smallest program that protects something and opens it again.
 *
 *   cc -o hello c-examples/hello.c -Iinclude -Ltarget/release -Wl,-rpath,$PWD/target/release -lmsipc && ./hello
 *
 * Protecting content takes three things. A *policy* says who may do what. A *license* carries the policy with the content:
 * it is signed, so that nobody can change it, and holds the key of the content, sealed so that only the licensing authority
 * can take it out. The *content key* encrypts the content. Whoever opens the content shows the license to the authority,
 * which looks at the policy and hands out the key together with the rights of that account, or refuses.
 *
 * Here the authority is inside the library; its store is made on first use, in your home folder or where MSIPC_HOME says.
 * The steps are in the order of the MSIPC documentation.
 */
#include <msipc.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every function but IpcFreeMemory returns an HRESULT; a negative one is a failure, and the library knows a text for it. */
static int succeeded(HRESULT result, const char *step)
{
    LPCWSTR text = NULL;
    if (SUCCEEDED(result))
        return 1;
    if (IpcGetErrorMessageText(result, 0, &text) == S_OK)
        printf("%s failed (0x%08X): %ls\n", step, (unsigned)result, text);
    IpcFreeMemory((LPVOID)text);
    return 0;
}

int main(void)
{
    static const char message[] = "Hello, world. Only the right people can read this.";
    PCIPC_TIL templates = NULL;
    PIPC_BUFFER license = NULL;
    IPC_KEY_HANDLE publisher = NULL, reader = NULL;
    BYTE *encrypted = NULL, *decrypted = NULL;
    DWORD encrypted_size = 0, decrypted_size = 0, i;
    BOOL may_print = FALSE;
    int status = EXIT_FAILURE;

    setlocale(LC_ALL, ""); /* only for printf("%ls") */

    /* 1. Initialize. Any number of times does no harm. */
    if (!succeeded(IpcInitialize(), "IpcInitialize"))
        goto cleanup;

    /* 2. List the templates: policies that an administrator has prepared. 0 as language means: yours, where there is a text.
     *    What the library hands out is one block, freed with one IpcFreeMemory (see cleanup). */
    if (!succeeded(IpcGetTemplateList(NULL, IPC_GTL_FLAG_DEFAULT, 0, NULL, NULL, &templates), "IpcGetTemplateList"))
        goto cleanup;
    printf("%u templates:\n", (unsigned)templates->cTi);
    for (i = 0; i < templates->cTi; i++)
        printf("  %ls  %ls\n", templates->aTi[i].wszID, templates->aTi[i].wszName);
    if (templates->cTi == 0)
        goto cleanup;

    /* 3. Serialize a license from the first template. It is stored beside the content, and is no secret. The key that comes
     *    with it belongs to you as the publisher. */
    if (!succeeded(IpcSerializeLicense(templates->aTi[0].wszID, IPC_SL_TEMPLATE_ID, IPC_SL_FLAG_DEFAULT, NULL, &publisher,
                                       &license),
                   "IpcSerializeLicense"))
        goto cleanup;
    printf("license: %u bytes\n", (unsigned)license->cbBuffer);

    /* 4. Encrypt. Content is counted in blocks of 4096 bytes; a call names the number of its first block and whether it holds
     *    the end of the content. Without an output it tells how many bytes there will be. */
    if (!succeeded(IpcEncrypt(publisher, 0, TRUE, (PBYTE)message, sizeof message, NULL, 0, &encrypted_size), "IpcEncrypt"))
        goto cleanup;
    encrypted = malloc(encrypted_size);
    if (encrypted == NULL || !succeeded(IpcEncrypt(publisher, 0, TRUE, (PBYTE)message, sizeof message, encrypted,
                                                   encrypted_size, &encrypted_size),
                                        "IpcEncrypt"))
        goto cleanup;
    printf("encrypted: %u bytes, beginning %02X %02X %02X %02X\n", (unsigned)encrypted_size, encrypted[0], encrypted[1],
           encrypted[2], encrypted[3]);

    /* 5. Decrypt, as a reader does who has nothing but the license and the encrypted bytes. Silent: no window may be shown. */
    {
        IPC_PROMPT_CTX prompt = {0};
        prompt.cbSize = sizeof prompt;
        prompt.dwFlags = IPC_PROMPT_FLAG_SILENT;
        if (!succeeded(IpcGetKey(license, 0, &prompt, NULL, &reader), "IpcGetKey"))
            goto cleanup;
    }
    /* The key knows the rights of its account. What cannot be enforced by a cipher, like printing, is yours to enforce: ask. */
    if (!succeeded(IpcAccessCheck(reader, IPC_GENERIC_PRINT, &may_print), "IpcAccessCheck"))
        goto cleanup;
    decrypted = malloc(encrypted_size);
    if (decrypted == NULL || !succeeded(IpcDecrypt(reader, 0, TRUE, encrypted, encrypted_size, decrypted, encrypted_size,
                                                   &decrypted_size),
                                        "IpcDecrypt"))
        goto cleanup;
    if (decrypted_size != sizeof message || memcmp(decrypted, message, sizeof message) != 0) {
        printf("that is not what was encrypted\n");
        goto cleanup;
    }
    printf("decrypted: %s\nmay print: %s\n", (const char *)decrypted, may_print ? "yes" : "no");
    status = EXIT_SUCCESS;

cleanup:
    /* 6. Clean up: handles with IpcCloseHandle, everything else that the library gave with IpcFreeMemory. */
    if (reader != NULL)
        IpcCloseHandle((IPC_HANDLE)reader);
    if (publisher != NULL)
        IpcCloseHandle((IPC_HANDLE)publisher);
    IpcFreeMemory(license);
    IpcFreeMemory((LPVOID)templates);
    free(encrypted);
    free(decrypted);
    return status;
}
