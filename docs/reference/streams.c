/* Examples: files as streams of the application. */
#include "example.h"

/* example: IpcxCreateStreamOnMemory */
/* Copies bytes into a stream and reads the first of them back. */
HRESULT first_bytes(const void *content, DWORD size, BYTE begin[16], ULONG *got)
{
    ILockBytes *stream = NULL;
    HRESULT hr = IpcxCreateStreamOnMemory(content, size, &stream);
    *got = 0;
    if (SUCCEEDED(hr))
        hr = stream_read(stream, begin, 16, got);
    stream_release(stream);
    return hr;
}
/* end */

/* example: IpcxCreateStreamOnFile */
/* Is a file protected that the application has open? Off Windows `file` is IPCX_FILE_FD(descriptor). */
HRESULT open_file_is_protected(HANDLE file, LPCWSTR name, BOOL *is)
{
    ILockBytes *stream = NULL;
    DWORD status = IPCF_FILE_STATUS_DECRYPTED;
    HRESULT hr = IpcxCreateStreamOnFile(file, &stream);
    if (SUCCEEDED(hr))
        hr = IpcfIsFileStreamEncrypted(stream, name, &status);
    *is = SUCCEEDED(hr) && status != IPCF_FILE_STATUS_DECRYPTED;
    stream_release(stream);
    return hr;
}
/* end */

/* example: IpcfEncryptFileStream */
/* Protects content that never was a file: from memory into memory. The caller releases `*protected_file`. */
HRESULT protect_in_memory(const void *content, DWORD size, LPCWSTR name, LPCWSTR template_id,
                          ILockBytes **protected_file)
{
    ILockBytes *plain = NULL;
    HRESULT hr = IpcxCreateStreamOnMemory(content, size, &plain);
    *protected_file = NULL;
    if (SUCCEEDED(hr))
        hr = IpcxCreateStreamOnMemory(NULL, 0, protected_file);
    if (SUCCEEDED(hr))
        hr = IpcfEncryptFileStream(plain, name, template_id, IPCF_EF_TEMPLATE_ID,
                                   IPCF_EF_FLAG_DEFAULT, NULL, *protected_file, NULL);
    if (FAILED(hr)) {
        stream_release(*protected_file);
        *protected_file = NULL;
    }
    stream_release(plain);
    return hr;
}
/* end */

/* example: IpcfEncryptFileStreamWithMetadata */
/* As IpcfEncryptFileStream, between two streams of the application, and with the name of the document in the license. */
HRESULT protect_stream_tracked(ILockBytes *plain, LPCWSTR name, IPC_LICENSE_HANDLE license,
                               ILockBytes *protected_file)
{
    IPC_LICENSE_METADATA metadata;
    memset(&metadata, 0, sizeof metadata);
    metadata.cbSize = sizeof metadata;
    metadata.wszContentName = name;
    return IpcfEncryptFileStreamWithMetadata(plain, name, (LPCVOID)license, IPCF_EF_LICENSE_HANDLE,
                                             IPCF_EF_FLAG_DEFAULT, NULL, &metadata, protected_file,
                                             NULL);
}
/* end */

/* example: IpcfDecryptFileStream */
/* Opens a protected file into memory, for an application that honors the rights itself. The caller releases `*plain`. */
HRESULT open_in_memory(ILockBytes *protected_file, LPCWSTR name, ILockBytes **plain)
{
    HRESULT hr = IpcxCreateStreamOnMemory(NULL, 0, plain);
    if (SUCCEEDED(hr))
        hr = IpcfDecryptFileStream(protected_file, name, IPCF_DF_FLAG_OPEN_AS_RMS_AWARE, NULL,
                                   *plain, NULL);
    if (FAILED(hr)) {
        stream_release(*plain);
        *plain = NULL;
    }
    return hr;
}
/* end */

/* example: IpcfIsFileStreamEncrypted */
/* Is this stream a protected file? The name is only a hint; the bytes decide. */
HRESULT stream_is_protected(ILockBytes *stream, LPCWSTR name, BOOL *is)
{
    DWORD status = IPCF_FILE_STATUS_DECRYPTED;
    HRESULT hr = IpcfIsFileStreamEncrypted(stream, name, &status);
    *is = SUCCEEDED(hr) && status != IPCF_FILE_STATUS_DECRYPTED;
    return hr;
}
/* end */

/* example: IpcfGetEncryptedFilePathFromStream */
/* What is this content to be called when it is protected? A name without a folder. */
HRESULT show_protected_stream_name(ILockBytes *stream, LPCWSTR name)
{
    LPCWSTR now = NULL;
    HRESULT hr = IpcfGetEncryptedFilePathFromStream(stream, name, IPCF_EF_FLAG_DEFAULT, &now);
    if (SUCCEEDED(hr))
        show(now != NULL ? now : name);
    IpcFreeMemory((LPVOID)now);
    return hr;
}
/* end */

/* example: IpcfGetDecryptedFilePathFromStream */
/* What is the content of this protected file to be called? */
HRESULT show_plain_stream_name(ILockBytes *stream, LPCWSTR name)
{
    LPCWSTR now = NULL;
    HRESULT hr = IpcfGetDecryptedFilePathFromStream(stream, name, IPCF_DF_FLAG_DEFAULT, &now);
    if (SUCCEEDED(hr))
        show(now != NULL ? now : name);
    IpcFreeMemory((LPVOID)now);
    return hr;
}
/* end */

/* example: IpcfGetSerializedLicenseFromFileStream */
/* Prints who owns the content of a protected stream. */
HRESULT show_stream_owner(ILockBytes *stream, LPCWSTR name)
{
    PIPC_BUFFER license = NULL;
    LPVOID owner = NULL;
    HRESULT hr = IpcfGetSerializedLicenseFromFileStream(stream, name, &license);
    if (SUCCEEDED(hr))
        hr = IpcGetSerializedLicenseProperty(license, IPC_LI_OWNER, NULL, 0, &owner);
    if (SUCCEEDED(hr))
        show(((const IPC_USER *)owner)->wszID);
    IpcFreeMemory(owner);
    IpcFreeMemory(license);
    return hr;
}
/* end */
