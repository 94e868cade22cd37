/* A policy of one's own: who may do what with a piece of content, without any template.
 *
 *   cc -o rights_list c-examples/rights_list.c -Iinclude -Ltarget/release -Wl,-rpath,$PWD/target/release -lmsipc && ./rights_list
 *
 * A user rights list names accounts by mail address, or one of two special users: IPC_USER_ID_EVERYONE is every account, and
 * IPC_USER_ID_OWNER whoever owns the content. Rights are names. Some are known to everybody (VIEW, EDIT, PRINT, ...), and a
 * program may define its own, here WATERMARK.OFF. OWNER implies all rights.
 *
 * The program makes a license from such a list, reads the list back from the license, and asks for rights as two accounts.
 */
#include <msipc.h>
#include <msipc_ext.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

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

/* Asks, as an account, for some rights. In a real program the account is the one that is logged in; see msipc_ext.h. */
static int ask_as(LPCWSTR account, PCIPC_BUFFER license)
{
    static const LPCWSTR rights[] = {IPC_GENERIC_READ, IPC_GENERIC_WRITE, IPC_GENERIC_PRINT, IPC_TEXT("watermark.off")};
    IPC_KEY_HANDLE key = NULL;
    size_t i;
    int good = succeeded(IpcxSetIdentity(account), "IpcxSetIdentity") && succeeded(IpcGetKey(license, 0, NULL, NULL, &key), "IpcGetKey");
    for (i = 0; good && i < sizeof rights / sizeof rights[0]; i++) {
        BOOL granted = FALSE;
        good = succeeded(IpcAccessCheck(key, rights[i], &granted), "IpcAccessCheck"); /* letter case does not matter */
        printf("  %-24ls %-14ls %s\n", account, rights[i], granted ? "yes" : "no");
    }
    if (key != NULL)
        IpcCloseHandle((IPC_HANDLE)key);
    return good;
}

int main(void)
{
    LPCWSTR editors[] = {IPC_GENERIC_READ, IPC_GENERIC_WRITE, IPC_GENERIC_PRINT, IPC_TEXT("WATERMARK.OFF")};
    LPCWSTR readers[] = {IPC_GENERIC_READ};
    PIPC_USER_RIGHTS_LIST list = NULL, stored = NULL;
    PCIPC_TEMPLATE_ISSUER_LIST issuers = NULL;
    IPC_TEMPLATE_INFO name = {0};
    IPC_LICENSE_HANDLE draft = NULL;
    IPC_KEY_HANDLE key = NULL;
    PIPC_BUFFER license = NULL;
    DWORD i, j;
    int status = EXIT_FAILURE;

    setlocale(LC_ALL, "");
    if (!succeeded(IpcInitialize(), "IpcInitialize") ||
        !succeeded(IpcxSetIdentity(IPC_TEXT("wilma@contoso.example")), "IpcxSetIdentity"))
        goto cleanup;

    /* The structure has room for one user; a list of two needs one IPC_USER_RIGHTS more behind it. */
    list = calloc(1, sizeof *list + sizeof(IPC_USER_RIGHTS));
    if (list == NULL)
        goto cleanup;
    list->cbSize = sizeof *list;
    list->cUserRights = 2;
    list->rgUserRights[0].User.dwType = IPC_USER_TYPE_EMAIL;
    list->rgUserRights[0].User.wszID = IPC_TEXT("edith@contoso.example");
    list->rgUserRights[0].rgwszRights = editors;
    list->rgUserRights[0].cRights = sizeof editors / sizeof editors[0];
    list->rgUserRights[1].User.dwType = IPC_USER_TYPE_IPC;
    list->rgUserRights[1].User.wszID = IPC_USER_ID_EVERYONE;
    list->rgUserRights[1].rgwszRights = readers;
    list->rgUserRights[1].cRights = sizeof readers / sizeof readers[0];

    /* A license from scratch is made for an authority; the first of the list is the default one. */
    if (!succeeded(IpcGetTemplateIssuerList(NULL, 0, NULL, NULL, &issuers), "IpcGetTemplateIssuerList") ||
        !succeeded(IpcCreateLicenseFromScratch(&issuers->aTi[0], 0, NULL, &draft), "IpcCreateLicenseFromScratch"))
        goto cleanup;
    name.lcid = 1033; /* English (United States) */
    name.wszName = IPC_TEXT("Read all, edit one");
    name.wszDescription = IPC_TEXT("Everyone may read; Edith may edit and print.");
    if (!succeeded(IpcSetLicenseProperty(draft, FALSE, IPC_LI_USER_RIGHTS_LIST, list), "setting the rights") ||
        !succeeded(IpcSetLicenseProperty(draft, FALSE, IPC_LI_DESCRIPTOR, &name), "setting the name") ||
        !succeeded(IpcSerializeLicense(draft, IPC_SL_LICENSE_HANDLE, 0, NULL, &key, &license), "IpcSerializeLicense"))
        goto cleanup;

    /* The list is encrypted inside the license: reading it takes a key with VIEWRIGHTSDATA or OWNER. The publisher has it. */
    if (!succeeded(IpcGetSerializedLicenseProperty(license, IPC_LI_USER_RIGHTS_LIST, key, 0, (LPVOID *)&stored),
                   "reading the rights"))
        goto cleanup;
    printf("rights in the license:\n");
    for (i = 0; i < stored->cUserRights; i++) {
        /* Walk from the first element: the array is longer than its type says. */
        const IPC_USER_RIGHTS *user = (const IPC_USER_RIGHTS *)stored->rgUserRights + i;
        printf("  %ls:", user->User.wszID);
        for (j = 0; j < user->cRights; j++)
            printf(" %ls", user->rgwszRights[j]);
        printf("\n");
    }

    printf("rights of two accounts:\n");
    if (ask_as(IPC_TEXT("edith@contoso.example"), license) && ask_as(IPC_TEXT("sam@fabrikam.example"), license))
        status = EXIT_SUCCESS;

cleanup:
    IpcFreeMemory(stored);
    IpcFreeMemory(license);
    IpcFreeMemory((LPVOID)issuers);
    if (key != NULL)
        IpcCloseHandle((IPC_HANDLE)key);
    if (draft != NULL)
        IpcCloseHandle((IPC_HANDLE)draft);
    free(list);
    return status;
}
