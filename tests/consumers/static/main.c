/* A program with functions of its own that go by names used inside the library: each side keeps to its own. */
#include <msipc.h>

#include <stdio.h>

static int called;

int sqlite3_open_v2(const char *name, void **database, int flags, const char *vfs)
{
    (void)name, (void)database, (void)flags, (void)vfs;
    called++;
    return 1;
}

int sqlite3_exec(void *database, const char *statement)
{
    (void)database, (void)statement;
    called++;
    return 1;
}

void rust_eh_personality(void);
void rust_eh_personality(void)
{
    called++;
}

int main(void)
{
    BYTE text[] = "the minutes of the board", encrypted[64], decrypted[64];
    DWORD size = 0, i;
    PCIPC_TIL templates = NULL;
    PIPC_BUFFER license = NULL;
    IPC_KEY_HANDLE publisher = NULL, reader = NULL;
    HRESULT result = IpcInitialize();
    if (SUCCEEDED(result))
        result = IpcGetTemplateList(NULL, 0, 0, NULL, NULL, &templates);
    if (SUCCEEDED(result))
        for (i = 0; i < templates->cTi; i++)
            printf("template: %s\n", templates->aTi[i].fFromTemplate ? "yes" : "no");
    if (SUCCEEDED(result))
        result = IpcSerializeLicense(templates->aTi[0].wszID, IPC_SL_TEMPLATE_ID, 0, NULL, &publisher, &license);
    if (SUCCEEDED(result))
        result = IpcEncrypt(publisher, 0, TRUE, text, sizeof text, encrypted, sizeof encrypted, &size);
    if (SUCCEEDED(result))
        result = IpcGetKey(license, 0, NULL, NULL, &reader);
    if (SUCCEEDED(result))
        result = IpcDecrypt(reader, 0, TRUE, encrypted, size, decrypted, sizeof decrypted, &size);
    if (SUCCEEDED(result))
        printf("decrypted: %.*s\n", (int)size, (const char *)decrypted);
    else
        printf("0x%08X\n", (unsigned)result);
    printf("a broken license: 0x%08X\n", (unsigned)IpcGetKey(&(IPC_BUFFER){text, sizeof text}, 0, NULL, NULL, &reader));
    printf("functions of the program called: %d\n", called);
    IpcFreeMemory(license);
    IpcFreeMemory((LPVOID)templates);
    return FAILED(result);
}
