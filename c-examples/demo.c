/* The whole story with a real document: one account protects it, a second opens it with exactly the rights it was granted,
 * a third is refused. `make demo` runs it.
 *
 *   demo DOCUMENT [FOLDER]    leaves the protected and the opened document in FOLDER; without one nothing stays behind
 *
 * Only the public headers are used. The program ends with an error as soon as anything is not as it should be.
 */
#include "common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(_WIN32)
#include <direct.h>
#define rmdir _rmdir
#else
#include <unistd.h>
#endif

#define ANNA IPC_TEXT("anna@contoso.example")
#define BEN IPC_TEXT("ben@contoso.example")
#define CHRIS IPC_TEXT("chris@fabrikam.example")

enum { ACCOUNTS = 3, PIECE = 16 * 4096, WIDTH = 92 };

static const LPCWSTR ACCOUNT[ACCOUNTS] = {ANNA, BEN, CHRIS};
static const char *const ROLE[ACCOUNTS] = {"protects", "is granted", "is a stranger"};

/* Rights that the table shows. Ben gets the marked ones; the last is the application's own. */
static const struct {
    LPCWSTR name;
    BOOL bens;
} RIGHTS[] = {{IPC_TEXT("VIEW"), TRUE},     {IPC_TEXT("PRINT"), TRUE},           {IPC_TEXT("EDIT"), FALSE},
              {IPC_TEXT("EXTRACT"), FALSE}, {IPC_TEXT("EXPORT"), FALSE},         {IPC_TEXT("FORWARD"), FALSE},
              {IPC_TEXT("REPLY"), FALSE},   {IPC_TEXT("VIEWRIGHTSDATA"), FALSE}, {IPC_TEXT("EDITRIGHTSDATA"), FALSE},
              {IPC_TEXT("OWNER"), FALSE},   {IPC_TEXT("TIDE.SIGN"), TRUE}};
enum { RIGHT_COUNT = sizeof RIGHTS / sizeof RIGHTS[0] };

static char folder[600];
static int keeps_files;
static char protected_path[700], opened_path[700];

static void remove_files(void)
{
    if (keeps_files || folder[0] == 0)
        return;
    remove(protected_path);
    remove(opened_path);
    rmdir(folder);
}

/* Anything unexpected ends the demo. */
static void surprise(const char *what)
{
    printf("\nThat was not expected: %s\n", what);
    remove_files();
    exit(EXIT_FAILURE);
}

static void expect(int holds, const char *what)
{
    if (!holds)
        surprise(what);
}

/* Prints a text in lines of bearable length. */
static void print_wrapped(const char *indent, const char *text)
{
    size_t column = 0;
    while (*text != 0) {
        size_t length = strcspn(text, " \n");
        if (column == 0 || column + 1 + length > WIDTH) {
            printf("%s%s", column == 0 ? "" : "\n", indent);
            column = strlen(indent);
        } else {
            printf(" ");
            column++;
        }
        printf("%.*s", (int)length, text);
        column += length;
        text += length;
        text += *text != 0;
    }
    printf("\n");
}

static void print_error(HRESULT result)
{
    LPCWSTR text = NULL;
    if (IpcGetErrorMessageText(result, 0, &text) == S_OK)
        print_wrapped("      ", to_utf8(text));
    IpcFreeMemory((LPVOID)text);
}

static void must(HRESULT result, const char *step)
{
    if (SUCCEEDED(result))
        return;
    printf("\n%s: 0x%08X\n", step, (unsigned)result);
    print_error(result);
    surprise(step);
}

/* A refusal is a result like any other here, and it must be the right one. */
static void must_refuse(HRESULT result, HRESULT expected, const char *what)
{
    printf("  - %s: refused, 0x%08X\n", what, (unsigned)result);
    expect(result == expected, SUCCEEDED(result) ? "this should have been refused" : "this was refused for another reason");
    print_error(result);
}

static void heading(int number, const char *text)
{
    printf("\n%d. %s\n", number, text);
}

static IPC_KEY_HANDLE open_license(LPCWSTR account, const IPC_BUFFER *license, HRESULT *result)
{
    IPC_KEY_HANDLE key = NULL;
    IPC_PROMPT_CTX prompt;
    memset(&prompt, 0, sizeof prompt);
    prompt.cbSize = sizeof prompt;
    prompt.dwFlags = IPC_PROMPT_FLAG_SILENT;
    must(IpcxSetIdentity(account), "IpcxSetIdentity");
    *result = IpcGetKey(license, 0, &prompt, NULL, &key);
    return key;
}

static void show_templates(void)
{
    PCIPC_TIL list = NULL;
    DWORD i;
    must(IpcGetTemplateList(NULL, IPC_GTL_FLAG_DEFAULT, 0, NULL, NULL, &list), "IpcGetTemplateList");
    expect(list->cTi == 2, "there should be two templates");
    for (i = 0; i < list->cTi; i++) {
        /* The array is longer than its type says: walk from its first element. */
        const IPC_TEMPLATE_INFO *info = (const IPC_TEMPLATE_INFO *)list->aTi + i;
        printf("  %s  %s\n", to_utf8(info->wszID), to_utf8(info->wszName));
    }
    IpcFreeMemory((LPVOID)list);
}

/* Anna's license: Ben gets what the table marks, nobody else anything. */
static void make_license(PIPC_BUFFER *license, IPC_KEY_HANDLE *key)
{
    LPCWSTR rights[RIGHT_COUNT];
    IPC_USER_RIGHTS_LIST list;
    IPC_TEMPLATE_INFO name;
    PCIPC_TEMPLATE_ISSUER_LIST issuers = NULL;
    IPC_LICENSE_HANDLE draft = NULL;
    size_t i;
    memset(&list, 0, sizeof list);
    memset(&name, 0, sizeof name);
    list.cbSize = sizeof list;
    list.cUserRights = 1;
    list.rgUserRights[0].User.dwType = IPC_USER_TYPE_EMAIL;
    list.rgUserRights[0].User.wszID = BEN;
    list.rgUserRights[0].rgwszRights = rights;
    for (i = 0; i < RIGHT_COUNT; i++)
        if (RIGHTS[i].bens)
            rights[list.rgUserRights[0].cRights++] = RIGHTS[i].name;
    name.lcid = 1033;
    name.wszName = IPC_TEXT("Tide report, Ben only");
    name.wszDescription = IPC_TEXT("Ben may read, print and sign.");
    must(IpcGetTemplateIssuerList(NULL, 0, NULL, NULL, &issuers), "IpcGetTemplateIssuerList");
    must(IpcCreateLicenseFromScratch(issuers->aTi, 0, NULL, &draft), "IpcCreateLicenseFromScratch");
    must(IpcSetLicenseProperty(draft, FALSE, IPC_LI_USER_RIGHTS_LIST, &list), "setting the rights");
    must(IpcSetLicenseProperty(draft, FALSE, IPC_LI_DESCRIPTOR, &name), "setting the name");
    must(IpcSerializeLicense(draft, IPC_SL_LICENSE_HANDLE, 0, NULL, key, license), "IpcSerializeLicense");
    must(IpcCloseHandle((IPC_HANDLE)draft), "IpcCloseHandle");
    IpcFreeMemory((LPVOID)issuers);
}

typedef HRESULT(WINAPI *Crypt)(IPC_KEY_HANDLE, DWORD, BOOL, PBYTE, DWORD, PBYTE, DWORD, DWORD *);

/* Passes content through in pieces of whole blocks, as one does with content too long for memory. */
static Bytes crypt_all(Crypt crypt, IPC_KEY_HANDLE key, const Bytes *content)
{
    Bytes out = {malloc(content->count + 64), 0};
    size_t at = 0;
    expect(out.bytes != NULL, "memory ran out");
    for (;;) {
        size_t count = content->count - at < PIECE ? content->count - at : PIECE;
        BOOL final = at + count == content->count;
        DWORD got = 0;
        must(crypt(key, (DWORD)(at / 4096), final, content->bytes + at, (DWORD)count, out.bytes + out.count,
                   (DWORD)(content->count + 64 - out.count), &got),
             "IpcEncrypt or IpcDecrypt");
        out.count += got;
        at += count;
        if (final)
            return out;
    }
}

static void show_rights(const IPC_BUFFER *license)
{
    IPC_KEY_HANDLE keys[ACCOUNTS];
    size_t i;
    int a;
    printf("  %-16s", "right");
    for (a = 0; a < ACCOUNTS; a++) {
        HRESULT result;
        keys[a] = open_license(ACCOUNT[a], license, &result);
        expect(result == (a < 2 ? S_OK : IPCERROR_RIGHT_NOT_GRANTED) && (keys[a] != NULL) == (a < 2), "who gets a license");
        printf(a < ACCOUNTS - 1 ? "%-24s" : "%s", to_utf8(ACCOUNT[a]));
    }
    printf("\n  %-16s", "");
    for (a = 0; a < ACCOUNTS; a++)
        printf(a < ACCOUNTS - 1 ? "%-24s" : "%s", ROLE[a]);
    printf("\n  ------------------------------------------------------------------------------\n");
    for (i = 0; i < RIGHT_COUNT; i++) {
        printf("  %-16s", to_utf8(RIGHTS[i].name));
        for (a = 0; a < ACCOUNTS; a++) {
            BOOL granted = FALSE;
            if (keys[a] != NULL)
                must(IpcAccessCheck(keys[a], RIGHTS[i].name, &granted), "IpcAccessCheck");
            printf(a < ACCOUNTS - 1 ? "%-24s" : "%s", keys[a] == NULL ? "(no license)" : granted ? "yes" : "-");
            expect(granted == (a == 0 ? TRUE : a == 1 ? RIGHTS[i].bens : FALSE), "a right that differs from the grant");
        }
        printf("\n");
    }
    for (a = 0; a < 2; a++)
        must(IpcCloseHandle((IPC_HANDLE)keys[a]), "IpcCloseHandle");
}

static void show_refusals(const IPC_BUFFER *license)
{
    BYTE text[64] = "Ben's own words";
    DWORD got = 0;
    LPVOID list = NULL;
    HRESULT result;
    IPC_BUFFER forged = *license;
    IPC_KEY_HANDLE ben, key = open_license(CHRIS, license, &result);
    char *mark;
    must_refuse(result, IPCERROR_RIGHT_NOT_GRANTED, "Chris opens the document");
    expect(key == NULL, "a key after a refusal");

    ben = open_license(BEN, license, &result);
    must(result, "IpcGetKey");
    must_refuse(IpcEncrypt(ben, 0, TRUE, text, 16, text, sizeof text, &got), IPCERROR_RIGHT_NOT_GRANTED,
                "Ben, who may not edit, encrypts other words under the same license");
    expect(memcmp(text, "Ben's own words", 16) == 0, "bytes changed by a refused call");
    must_refuse(IpcGetSerializedLicenseProperty(license, IPC_LI_USER_RIGHTS_LIST, ben, 0, &list), IPCERROR_RIGHT_NOT_GRANTED,
                "Ben reads who else may do what");
    expect(list == NULL, "a list after a refusal");
    must(IpcCloseHandle((IPC_HANDLE)ben), "IpcCloseHandle");

    /* Chris writes himself into the license as its owner: one name in the signed text is another one. */
    forged.pvBuffer = malloc((size_t)license->cbBuffer + 1);
    expect(forged.pvBuffer != NULL, "memory ran out");
    memcpy(forged.pvBuffer, license->pvBuffer, license->cbBuffer);
    ((char *)forged.pvBuffer)[license->cbBuffer] = 0;
    mark = strstr(forged.pvBuffer, "anna@contoso.example");
    expect(mark != NULL, "a license that does not name its owner");
    memcpy(mark, "chris@contoso.exampl", 20);
    open_license(CHRIS, &forged, &result);
    free(forged.pvBuffer);
    must_refuse(result, IPCERROR_BROKEN_CERT_CHAIN, "Chris forges the license to be its owner");
}

/* A new folder for temporary files. */
static int make_folder(char *path, size_t room)
{
#if defined(_WIN32)
    char parent[MAX_PATH];
    DWORD length = GetTempPathA(sizeof parent, parent);
    snprintf(path, room, "%smsipc-demo-%lu", length > 0 && length < sizeof parent ? parent : ".\\", GetCurrentProcessId());
    return CreateDirectoryA(path, NULL);
#else
    const char *parent = getenv("TMPDIR");
    snprintf(path, room, "%.500s/msipc-demo-XXXXXX", parent != NULL && parent[0] != 0 ? parent : "/tmp");
    return mkdtemp(path) != NULL;
#endif
}

static void choose_folder(const char *wanted)
{
    if (wanted != NULL) {
        keeps_files = 1;
        snprintf(folder, sizeof folder, "%s", wanted);
    } else if (!make_folder(folder, sizeof folder)) {
        folder[0] = 0;
        surprise("no folder for temporary files");
    }
    snprintf(protected_path, sizeof protected_path, "%s/document.protected", folder);
    snprintf(opened_path, sizeof opened_path, "%s/document.opened", folder);
}

int main(int count, char **arguments)
{
    Bytes document, sealed, container, content, opened, written;
    IPC_BUFFER stored;
    PIPC_BUFFER license = NULL;
    IPC_KEY_HANDLE key = NULL;
    HRESULT result;
    const char *before, *after;

    if (count < 2) {
        printf("usage: %s DOCUMENT [FOLDER]\n", arguments[0]);
        return EXIT_FAILURE;
    }
    document = read_file(arguments[1]);
    if (document.bytes == NULL) {
        printf("cannot read %s\n", arguments[1]);
        return EXIT_FAILURE;
    }
    choose_folder(count > 2 ? arguments[2] : NULL);
    before = sha256_text(document.bytes, document.count);
    printf("The document: %s, %lu bytes\n  SHA-256 %s\n", arguments[1], (unsigned long)document.count, before);

    heading(1, "The policies that are ready to use (the authority is made on first use)");
    must(IpcInitialize(), "IpcInitialize");
    must(IpcxSetIdentity(ANNA), "IpcxSetIdentity");
    show_templates();

    heading(2, "Anna protects the document for Ben: he may VIEW, PRINT and TIDE.SIGN");
    make_license(&license, &key);
    sealed = crypt_all(IpcEncrypt, key, &document);
    expect(write_container(protected_path, license, sealed.bytes, sealed.count), "the protected document cannot be written");
    printf("  %s: license %u bytes, content %lu bytes\n  SHA-256 of the content now %s\n", protected_path,
           (unsigned)license->cbBuffer, (unsigned long)sealed.count, sha256_text(sealed.bytes, sealed.count));
    must(IpcCloseHandle((IPC_HANDLE)key), "IpcCloseHandle");
    IpcFreeMemory(license);
    free(sealed.bytes);

    /* From here on there is nothing but the file. */
    container = read_file(protected_path);
    expect(container.bytes != NULL && split_container(&container, &stored, &content), "the protected document cannot be read");

    heading(3, "What each account may do, asked of the library");
    show_rights(&stored);

    heading(4, "Ben opens the document");
    key = open_license(BEN, &stored, &result);
    must(result, "IpcGetKey");
    opened = crypt_all(IpcDecrypt, key, &content);
    must(IpcCloseHandle((IPC_HANDLE)key), "IpcCloseHandle");
    expect(write_file(opened_path, opened.bytes, opened.count), "the opened document cannot be written");
    printf("  %lu bytes decrypted\n", (unsigned long)opened.count);

    heading(5, "What is refused, in the words of the library");
    show_refusals(&stored);

    heading(6, "Is what Ben opened the original?");
    written = read_file(opened_path);
    expect(written.bytes != NULL, "the opened document cannot be read");
    after = sha256_text(written.bytes, written.count);
    printf("  original  %s\n  opened    %s\n", before, after);
    expect(written.count == document.count && strcmp(before, after) == 0, "the opened document differs from the original");
    printf("  Yes, byte for byte.\n");

    free(document.bytes);
    free(container.bytes);
    free(opened.bytes);
    free(written.bytes);
    remove_files();
    printf("\nEverything was as it should be.\n");
    return EXIT_SUCCESS;
}
