/* An existing application as they are in the field: it takes "already initialized" for success, frees no property and closes no
 * handle, keeps its documents in a container that stores licenses without the byte order mark, and passes whole blocks from
 * one buffer whatever is left in it from the piece before. It gets its documents back, and nothing beside its buffers
 * changes.
 */
#ifdef _WIN32
#include <windows.h>
#endif
#include <msipc.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum { BLOCK = 4096, PADDING = 16, GUARD = 64, CONTENT_MOST = 65536, CONTAINER_MOST = 262144 };

/* The one buffer, between two pieces of memory that belong to somebody else. */
static struct {
    BYTE before[GUARD];
    BYTE block[BLOCK + PADDING];
    BYTE after[GUARD];
} buffer;

/* length of the content, length of the license, license without mark, encrypted content */
static BYTE container[CONTAINER_MOST];
static BYTE content[CONTENT_MOST], opened[CONTENT_MOST + BLOCK];

static const BYTE rgbMark[3] = {0xEF, 0xBB, 0xBF};

static BOOL IsReady(void)
{
    HRESULT hr = IpcInitialize();
    return hr == S_OK || hr == HRESULT_FROM_WIN32(ERROR_ALREADY_INITIALIZED);
}

static int NeighboursAreTheSame(void)
{
    int i;
    for (i = 0; i < GUARD; i++)
        if (buffer.before[i] != 0xA5 || buffer.after[i] != 0xA5)
            return 0;
    return 1;
}

static HRESULT NewKey(BOOL fDeprecated, IPC_KEY_HANDLE *phKey, PIPC_BUFFER *ppLicense)
{
    IPC_LICENSE_HANDLE hLicense;
    PCIPC_TEMPLATE_ISSUER_LIST pIssuers;
    IPC_USER_RIGHTS_LIST list;
    HRESULT hr = IpcGetTemplateIssuerList(NULL, 0, NULL, NULL, &pIssuers);
    if (FAILED(hr))
        return hr;
    hr = IpcCreateLicenseFromScratch(&pIssuers->aTi[0], 0, NULL, &hLicense);
    if (FAILED(hr))
        return hr;
    memset(&list, 0, sizeof list);
    list.cbSize = 8;
    hr = IpcSetLicenseProperty(hLicense, FALSE, IPC_LI_USER_RIGHTS_LIST, &list);
    if (SUCCEEDED(hr) && fDeprecated)
        hr = IpcSetLicenseProperty(hLicense, FALSE, IPC_LI_DEPRECATED_ENCRYPTION_ALGORITHMS, &fDeprecated);
    if (FAILED(hr))
        return hr;
    return IpcSerializeLicense((LPCVOID)hLicense, IPC_SL_LICENSE_HANDLE, 0, NULL, phKey, ppLicense);
}

/* The license as the container keeps it: UTF-8 without the mark. */
static DWORD StoreLicense(PIPC_BUFFER pLicense, BYTE *pbOut)
{
    const BYTE *pb = (const BYTE *)pLicense->pvBuffer;
    DWORD cb = pLicense->cbBuffer, i;
    if (cb > 3 && memcmp(pb, rgbMark, 3) == 0) {
        memcpy(pbOut, pb + 3, cb - 3);
        return cb - 3;
    }
    /* Licenses with the deprecated algorithms are UTF-16; they hold ASCII only. */
    for (i = 0; i + 2 < cb; i += 2)
        pbOut[i / 2] = pb[i + 2];
    return cb / 2 - 1;
}

/* Encrypts the content, every call but one with a whole block; the last with what the buffer holds. Gives the size. */
static DWORD Save(IPC_KEY_HANDLE hKey, PIPC_BUFFER pLicense, DWORD cbContent, DWORD *pcbLicense)
{
    BYTE *pb = container;
    DWORD dwBlock = 0, cbLeft = cbContent, cb = 0, *pcbBlock = NULL, cbBlocksPerPiece;
    *pcbLicense = StoreLicense(pLicense, pb);
    pb += *pcbLicense;
    if (FAILED(IpcGetKeyProperty(hKey, IPC_KI_BLOCK_SIZE, NULL, (LPVOID *)&pcbBlock)))
        return 0;
    cbBlocksPerPiece = BLOCK / *pcbBlock;
    do {
        const DWORD cbNow = cbLeft < BLOCK ? cbLeft : BLOCK;
        const BOOL fFinal = cbLeft <= BLOCK;
        HRESULT hr;
        memcpy(buffer.block, content + (cbContent - cbLeft), cbNow);
        /* Behind cbNow is what the piece before left; it goes with the block. */
        hr = IpcEncrypt(hKey, dwBlock, fFinal, buffer.block, BLOCK, NULL, 0, &cb);
        if (SUCCEEDED(hr) && cb <= sizeof buffer.block)
            hr = IpcEncrypt(hKey, dwBlock, fFinal, buffer.block, BLOCK, buffer.block, sizeof buffer.block, &cb);
        if (FAILED(hr))
            return 0;
        memcpy(pb, buffer.block, cb);
        pb += cb;
        cbLeft -= cbNow;
        dwBlock += cbBlocksPerPiece;
    } while (cbLeft > 0);
    return (DWORD)(pb - container);
}

/* The reader puts the mark back and knows from the container how long the content is. */
static int Load(DWORD cbContainer, DWORD cbLicense, DWORD cbContent)
{
    static BYTE license[CONTAINER_MOST + 3];
    IPC_BUFFER given;
    IPC_KEY_HANDLE hKey = NULL;
    BYTE *pb = container + cbLicense, *pbEnd = container + cbContainer;
    DWORD dwBlock = 0, cbOpened = 0, *pcbBlock = NULL, cb = 0;
    memcpy(license, rgbMark, 3);
    memcpy(license + 3, container, cbLicense);
    given.pvBuffer = license;
    given.cbBuffer = cbLicense + 3;
    if (FAILED(IpcGetKey(&given, 0, NULL, NULL, &hKey)))
        return 0;
    if (FAILED(IpcGetKeyProperty(hKey, IPC_KI_BLOCK_SIZE, NULL, (LPVOID *)&pcbBlock)))
        return 0;
    while (pb < pbEnd) {
        const DWORD cbNow = (DWORD)(pbEnd - pb) < BLOCK ? (DWORD)(pbEnd - pb) : BLOCK;
        const BOOL fFinal = pb + cbNow == pbEnd;
        memcpy(buffer.block, pb, cbNow);
        if (FAILED(IpcDecrypt(hKey, dwBlock, fFinal, buffer.block, cbNow, buffer.block, sizeof buffer.block, &cb)))
            return 0;
        memcpy(opened + cbOpened, buffer.block, cb);
        cbOpened += cb;
        pb += cbNow;
        dwBlock += BLOCK / *pcbBlock;
    }
    /* One more call, as the end of the file is noticed only now: a whole block, all of it stale. It may fail. */
    IpcDecrypt(hKey, dwBlock, TRUE, buffer.block, BLOCK, buffer.block, sizeof buffer.block, &cb);
    return cbOpened >= cbContent && memcmp(opened, content, cbContent) == 0;
}

static int Document(BOOL fDeprecated, DWORD cbContent)
{
    IPC_KEY_HANDLE hKey = NULL;
    PIPC_BUFFER pLicense = NULL;
    LPWSTR wszUser = NULL;
    BOOL fGranted = FALSE;
    DWORD cbContainer, cbLicense = 0;
    int nGood;
    if (!IsReady() || FAILED(NewKey(fDeprecated, &hKey, &pLicense)))
        return 0;
    IpcGetKeyProperty(hKey, IPC_KI_USER_DISPLAYNAME, NULL, (LPVOID *)&wszUser);
    IpcAccessCheck(hKey, IPC_GENERIC_READ, &fGranted);
    cbContainer = Save(hKey, pLicense, cbContent, &cbLicense);
    nGood = fGranted == TRUE && wcslen(wszUser) > 0 && cbContainer > 0 && Load(cbContainer, cbLicense, cbContent);
    printf("%s %u bytes: %s\n", fDeprecated ? "deprecated" : "usual", (unsigned)cbContent, nGood ? "ok" : "WRONG");
    if (!NeighboursAreTheSame()) {
        printf("memory beside the buffer has changed\n");
        return 0;
    }
    return nGood;
}

int main(void)
{
    static const DWORD rgcb[] = {1, 16, 100, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, 3 * BLOCK + 77, CONTENT_MOST};
    size_t i;
    int nGood = 1;
    memset(&buffer, 0xA5, sizeof buffer);
    for (i = 0; i < CONTENT_MOST; i++)
        content[i] = (BYTE)(i * 13 + (i >> 9));
    for (i = 0; i < sizeof rgcb / sizeof rgcb[0]; i++)
        nGood = Document(FALSE, rgcb[i]) && Document(TRUE, rgcb[i]) && nGood;
    /* The next user of the process frees and closes what was left with him, more than once. */
    IpcFreeMemory(NULL);
    IpcCloseHandle(NULL);
    return nGood ? EXIT_SUCCESS : EXIT_FAILURE;
}
