/* A shared library around the static one. */
#include "plugin.h"

#include <msipc.h>

#include <stdio.h>
#include <string.h>

int keep_minutes(void)
{
    BYTE text[] = "the minutes of the board", encrypted[64], decrypted[64] = {0};
    DWORD size = 0;
    PCIPC_TIL templates = NULL;
    PIPC_BUFFER license = NULL;
    IPC_KEY_HANDLE publisher = NULL, reader = NULL;
    HRESULT result = IpcInitialize();
    if (SUCCEEDED(result))
        result = IpcGetTemplateList(NULL, 0, 0, NULL, NULL, &templates);
    if (SUCCEEDED(result))
        result = IpcSerializeLicense(templates->aTi[0].wszID, IPC_SL_TEMPLATE_ID, 0, NULL, &publisher, &license);
    if (SUCCEEDED(result))
        result = IpcEncrypt(publisher, 0, TRUE, text, sizeof text, encrypted, sizeof encrypted, &size);
    if (SUCCEEDED(result))
        result = IpcGetKey(license, 0, NULL, NULL, &reader);
    if (SUCCEEDED(result))
        result = IpcDecrypt(reader, 0, TRUE, encrypted, size, decrypted, sizeof decrypted, &size);
    printf("protected and opened: 0x%08X\n", (unsigned)result);
    IpcFreeMemory(license);
    IpcFreeMemory((LPVOID)templates);
    return SUCCEEDED(result) && memcmp(text, decrypted, sizeof text) == 0 ? 0 : 1;
}
