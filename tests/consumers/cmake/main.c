/* Protects a file and opens it again. */
#include <msipc.h>

#include <stdio.h>
#include <string.h>

static const char content[] = "the minutes of the board\n";

static int holds_content(const char *name)
{
    char read[64] = "";
    FILE *file = fopen(name, "rb");
    size_t count = file != NULL ? fread(read, 1, sizeof read - 1, file) : 0;
    if (file != NULL)
        fclose(file);
    return count == strlen(content) && strcmp(read, content) == 0;
}

int main(void)
{
    PCIPC_TIL templates = NULL;
    LPCWSTR written = NULL;
    DWORD status = 0;
    FILE *file = fopen("minutes.txt", "wb");
    HRESULT result = IpcInitialize();
    if (file == NULL || fputs(content, file) < 0 || fclose(file) != 0)
        return 2;
    if (SUCCEEDED(result))
        result = IpcGetTemplateList(NULL, 0, 0, NULL, NULL, &templates);
    if (SUCCEEDED(result))
        result = IpcfEncryptFile(IPC_TEXT("minutes.txt"), templates->aTi[0].wszID, IPCF_EF_TEMPLATE_ID, 0, NULL, NULL, &written);
    printf("protected: 0x%08X\n", (unsigned)result);
    printf("readable: %s\n", holds_content("minutes.txt") ? "yes" : "no");
    if (SUCCEEDED(result))
        result = IpcfIsFileEncrypted(written, &status);
    printf("status: %u\n", (unsigned)status);
    IpcFreeMemory((LPVOID)templates);
    templates = NULL;
    if (SUCCEEDED(result))
        result = IpcfDecryptFile(written, 0, NULL, NULL, NULL);
    printf("opened: 0x%08X\n", (unsigned)result);
    printf("readable: %s\n", holds_content("minutes.txt") ? "yes" : "no");
    IpcFreeMemory((LPVOID)written);
    return FAILED(result);
}
