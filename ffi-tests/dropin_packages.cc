// An existing application in C++ that chooses how its content is encrypted, and encrypts it block by block as it comes from
// a file: every piece but the last is a multiple of the block size, and each first asks for its size.
#ifdef _WIN32
#include <windows.h>
#endif
#include <msipc.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vector>

static HRESULT CreateKey(DWORD dwPackage, BOOL fDeprecated, IPC_KEY_HANDLE *phKey, PIPC_BUFFER *ppLicense)
{
    IPC_LICENSE_HANDLE hLicense = NULL;
    IPC_TEMPLATE_ISSUER issuer = {};
    IPC_USER_RIGHTS_LIST list = {};
    LPCWSTR rgwszRights[] = {IPC_GENERIC_READ};
    issuer.fAllowFromScratch = TRUE;
    HRESULT hr = IpcCreateLicenseFromScratch(&issuer, 0, NULL, &hLicense);
    if (SUCCEEDED(hr)) {
        list.cbSize = sizeof(list);
        list.cUserRights = 1;
        list.rgUserRights[0].User.dwType = IPC_USER_TYPE_EMAIL;
        list.rgUserRights[0].User.wszID = L"reader@contoso.example";
        list.rgUserRights[0].cRights = 1;
        list.rgUserRights[0].rgwszRights = rgwszRights;
        hr = IpcSetLicenseProperty(hLicense, FALSE, IPC_LI_USER_RIGHTS_LIST, (LPCVOID)&list);
    }
    if (SUCCEEDED(hr) && fDeprecated)
        hr = IpcSetLicenseProperty(hLicense, FALSE, IPC_LI_DEPRECATED_ENCRYPTION_ALGORITHMS, (LPCVOID)&fDeprecated);
    else if (SUCCEEDED(hr))
        hr = IpcSetLicenseProperty(hLicense, FALSE, IPC_LI_PREFERRED_ENCRYPTION_PACKAGE, (LPCVOID)&dwPackage);
    if (SUCCEEDED(hr))
        hr = IpcSerializeLicense((LPCVOID)hLicense, IPC_SL_LICENSE_HANDLE, 0, NULL, phKey, ppLicense);
    if (hLicense != NULL)
        IpcCloseHandle((IPC_HANDLE)hLicense);
    return hr;
}

// Encrypts or decrypts in pieces of some blocks, the size asked for before each.
static HRESULT Process(bool fEncrypt, IPC_KEY_HANDLE hKey, const std::vector<BYTE> &in, DWORD cBlocks, std::vector<BYTE> &out)
{
    DWORD *pcbBlock = NULL;
    HRESULT hr = IpcGetKeyProperty(hKey, IPC_KI_BLOCK_SIZE, NULL, (LPVOID *)&pcbBlock);
    if (FAILED(hr))
        return hr;
    const DWORD cbBlock = *pcbBlock;
    IpcFreeMemory((LPVOID)pcbBlock);
    std::vector<BYTE> piece;
    DWORD dwBlock = 0;
    size_t at = 0;
    bool fFinal = false;
    out.clear();
    while (SUCCEEDED(hr) && !fFinal) {
        const size_t left = in.size() - at;
        const DWORD cb = left > (size_t)cbBlock * cBlocks ? cbBlock * cBlocks : (DWORD)left;
        fFinal = at + cb == in.size();
        DWORD cbResult = 0;
        PBYTE pb = (PBYTE)(in.data() + at);
        hr = fEncrypt ? IpcEncrypt(hKey, dwBlock, fFinal, pb, cb, NULL, 0, &cbResult)
                      : IpcDecrypt(hKey, dwBlock, fFinal, pb, cb, NULL, 0, &cbResult);
        if (FAILED(hr))
            break;
        piece.resize(cbResult + 1);
        hr = fEncrypt ? IpcEncrypt(hKey, dwBlock, fFinal, pb, cb, piece.data(), cbResult, &cbResult)
                      : IpcDecrypt(hKey, dwBlock, fFinal, pb, cb, piece.data(), cbResult, &cbResult);
        out.insert(out.end(), piece.begin(), piece.begin() + (SUCCEEDED(hr) ? cbResult : 0));
        at += cb;
        dwBlock += cBlocks;
    }
    return hr;
}

static bool RoundTrip(DWORD dwPackage, BOOL fDeprecated, size_t cbContent)
{
    IPC_KEY_HANDLE hKey = NULL, hReader = NULL;
    PIPC_BUFFER pLicense = NULL;
    std::vector<BYTE> content(cbContent), encrypted, decrypted, again;
    for (size_t i = 0; i < cbContent; i++)
        content[i] = (BYTE)(i * 7 + (i >> 8));
    HRESULT hr = CreateKey(dwPackage, fDeprecated, &hKey, &pLicense);
    if (SUCCEEDED(hr))
        hr = Process(true, hKey, content, 1, encrypted);
    if (SUCCEEDED(hr))
        hr = Process(true, hKey, content, 3, again);
    if (SUCCEEDED(hr))
        hr = IpcGetKey(pLicense, 0, NULL, NULL, &hReader);
    if (SUCCEEDED(hr))
        hr = Process(false, hReader, encrypted, 2, decrypted);
    const bool fSame = SUCCEEDED(hr) && encrypted == again && decrypted == content && encrypted != content;
    printf("package %u%s, %zu bytes: 0x%08X, %zu encrypted, %s\n", (unsigned)dwPackage, fDeprecated ? " (deprecated)" : "",
           cbContent, (unsigned)hr, encrypted.size(), fSame ? "the same" : "DIFFERENT");
    IpcFreeMemory((LPVOID)pLicense);
    if (hReader != NULL)
        IpcCloseHandle((IPC_HANDLE)hReader);
    if (hKey != NULL)
        IpcCloseHandle((IPC_HANDLE)hKey);
    return fSame;
}

int main()
{
    HRESULT hr = IpcInitialize();
    if (FAILED(hr) && hr != HRESULT_FROM_WIN32(ERROR_ALREADY_INITIALIZED))
        return EXIT_FAILURE;
    bool fGood = true;
    const DWORD rgdwPackages[] = {IPC_ENCRYPTION_PACKAGE_AES256_CBC4K, IPC_ENCRYPTION_PACKAGE_AES128_CBC4K};
    const size_t rgcb[] = {1, 15, 16, 4095, 4096, 4097, 12288, 100000};
    for (DWORD dwPackage : rgdwPackages)
        for (size_t cb : rgcb)
            fGood = RoundTrip(dwPackage, FALSE, cb) && fGood;
    // Without padding the application fills up to whole blocks of 16 bytes itself.
    for (size_t cb : {(size_t)16, (size_t)4096, (size_t)100000 / 16 * 16}) {
        fGood = RoundTrip(IPC_ENCRYPTION_PACKAGE_AES128_ECB, FALSE, cb) && fGood;
        fGood = RoundTrip(0, TRUE, cb) && fGood;
    }
    return fGood ? EXIT_SUCCESS : EXIT_FAILURE;
}
