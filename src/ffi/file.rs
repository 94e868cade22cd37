//! Protected files, by path: protecting, opening, asking.

use std::path::Path;

use super::args;
use super::ask;
use super::base::*;
use super::boundary::{Fault, entry, entry_with};
use super::constants::*;
use super::ext_file;
use super::file_args::{Asked, forced, license, path, protecting_flags, status, tell, text_of};
use super::out::Out;
use super::state;
use super::types::*;
use crate::error::Result;
use crate::file::detect;
use crate::file::input::Input;
use crate::file::whole::{self, Opening};

/// Protects a file by path.
///
/// # Safety
/// The pointers are as [`IpcfEncryptFileWithMetadata`] describes them.
#[allow(clippy::too_many_arguments, reason = "they are the arguments of the interface")]
unsafe fn encrypt_file(
    input: LPCWSTR,
    info: LPCVOID,
    kind: DWORD,
    flags: DWORD,
    context: PCIPC_PROMPT_CTX,
    folder: LPCWSTR,
    metadata: PCIPC_LICENSE_METADATA,
    output: *mut LPCWSTR,
) -> Result<(), Fault> {
    // SAFETY: null or writable, by this function's contract.
    let output = unsafe { Out::optional(output) };
    // SAFETY: null or terminated, by this function's contract.
    let input = unsafe { path(input, "wszInputFilePath")? };
    // SAFETY: the same.
    let folder = if folder.is_null() { None } else { Some(unsafe { path(folder, "wszOutputFileDirectory")? }) };
    let environment = state::environment()?;
    // SAFETY: by this function's contract.
    let (asked, prompt) = unsafe { Asked::read(info, kind, flags, metadata, context)? };
    let protection = asked.protection(&environment, &prompt);
    let progress = ext_file::Progress::of_this_thread();
    let path = whole::encrypt_file(&input, folder.as_deref(), protection, &mut progress.function())
        .map_err(|error| progress.fault(error))?;
    Ok(tell(output, text_of(path)?.as_deref())?)
}

/// Protects a file: in the container of its type, under a native name, or as a pfile, as the administrator's rules say.
///
/// `wszInputFilePath` is read during the call only, and so is `wszOutputFileDirectory`, an existing folder, which may be
/// null for the file's own. `pvLicenseInfo` is, as `dwType` says, the id of a template (`IPCF_EF_TEMPLATE_ID`, an `LPCWSTR`)
/// or a license (`IPCF_EF_LICENSE_HANDLE`, the handle itself, which stays open and usable). `dwFlags` are `IPCF_EF_FLAG_`
/// bits. `pContext` is borrowed and may be null. `*pwszOutputFilePath` is the new path, freed with `IpcFreeMemory`, or
/// `NULL` when the path did not change; `pwszOutputFilePath` may be null.
///
/// The protected file is written beside its place, flushed and only then put there; the original is removed after that.
/// On failure the original is as it was. Owner, mode, times and extended attributes are kept where the system allows. Other
/// hard links to the original keep the old content; of symbolic links the file they lead to is protected.
///
/// A file that is protected already is protected anew when the policy or the container differ, which needs EXTRACT or
/// OWNER; otherwise nothing changes. With `IPCF_EF_FLAG_UPDATELICENSE_BLOCKED` it is refused. Pfiles hold authenticated
/// content unless the license asks for another package. Other RMS clients cannot open authenticated pfiles: for them, set
/// `IPC_LI_PREFERRED_ENCRYPTION_PACKAGE` to `IPC_ENCRYPTION_PACKAGE_AES256_CBC4K` (1) on a license handle, or have the
/// administrator's rule `Package` say so for all files.
///
/// # Returns
/// - `S_OK`: protected.
/// - `E_INVALIDARG`: a null pointer, an unknown type, unknown flags, both `IPCF_EF_FLAG_FORCE_` flags.
/// - `HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND)`, and other codes of the system.
/// - `IPCERROR_FILE_SYSTEM_FILE`: the file or the output folder belongs to the system, or the file is no regular one.
/// - `HRESULT_FROM_WIN32(ERROR_FILE_READ_ONLY)`: the file is read-only.
/// - `IPCERROR_FILE_UPDATELICENSE_BLOCKED`: it is protected, and the flags keep its policy.
/// - `IPCERROR_FILE_ENCRYPT_BLOCKED`: the rules forbid protecting this type.
/// - `IPCERROR_FILE_PDFPROTECTOR_FORMAT_NOT_SUPPORTED`: a PDF that is signed, linearized or encrypted.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED)`: the content is not what its type promises.
/// - `HRESULT_FROM_WIN32(ERROR_FILE_EXISTS)`: another file has the new name.
/// - `HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION)`: somebody else works on the file, or changed it meanwhile.
/// - `IPCERROR_RIGHT_NOT_GRANTED`: a protected file whose policy the account may not replace.
/// - What `IpcSerializeLicense` returns.
///
/// # Threads
/// Any thread; the context is used during the call only.
///
/// # Safety
/// Inputs are null or valid as described; the output is null or writable.
///
/// # Source
/// MSIPC reference, *IpcfEncryptFile*.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcfEncryptFile(
    wszInputFilePath: LPCWSTR,
    pvLicenseInfo: LPCVOID,
    dwType: DWORD,
    dwFlags: DWORD,
    pContext: PCIPC_PROMPT_CTX,
    wszOutputFileDirectory: LPCWSTR,
    pwszOutputFilePath: *mut LPCWSTR,
) -> HRESULT {
    entry_with("IpcfEncryptFile", || {
        let none = std::ptr::null();
        let (input, info, folder) = (wszInputFilePath, pvLicenseInfo, wszOutputFileDirectory);
        // SAFETY: by this function's contract.
        unsafe { encrypt_file(input, info, dwType, dwFlags, pContext, folder, none, pwszOutputFilePath) }
    })
}

/// As `IpcfEncryptFile`, and writes metadata for tracking into the license.
///
/// `pLicenseMetadata` is borrowed with its text; null writes none. A time of zero is not written. The path of the protected
/// file is written too, as a hash.
///
/// # Returns
/// - `S_OK`: protected.
/// - `E_INVALIDARG`: as `IpcfEncryptFile`, and a `cbSize` that is too small or an unknown notification in the metadata.
/// - What `IpcfEncryptFile` returns.
///
/// # Threads
/// Any thread; the context is used during the call only.
///
/// # Safety
/// Inputs are null or valid as described; the output is null or writable.
///
/// # Source
/// MSIPC reference, *IpcfEncryptFileWithMetadata*.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcfEncryptFileWithMetadata(
    wszInputFilePath: LPCWSTR,
    pvLicenseInfo: LPCVOID,
    dwType: DWORD,
    dwFlags: DWORD,
    pContext: PCIPC_PROMPT_CTX,
    wszOutputFileDirectory: LPCWSTR,
    pLicenseMetadata: PCIPC_LICENSE_METADATA,
    pwszOutputFilePath: *mut LPCWSTR,
) -> HRESULT {
    entry_with("IpcfEncryptFileWithMetadata", || {
        let (input, info, folder) = (wszInputFilePath, pvLicenseInfo, wszOutputFileDirectory);
        // SAFETY: by this function's contract.
        unsafe { encrypt_file(input, info, dwType, dwFlags, pContext, folder, pLicenseMetadata, pwszOutputFilePath) }
    })
}

/// Takes the protection off a file.
///
/// `wszInputFilePath` is read during the call only, and so is `wszOutputFileDirectory`, an existing folder, which may be
/// null for the file's own. `dwFlags` is 0 or `IPCF_DF_FLAG_OPEN_AS_RMS_AWARE`, for applications that honor the rights
/// themselves. `pContext` is borrowed and may be null. `*pwszOutputFilePath` is the new path, freed with `IpcFreeMemory`, or
/// `NULL` when the path did not change; `pwszOutputFilePath` may be null.
///
/// The plain file is written beside its place, flushed and only then put there; the protected one is removed after that. On
/// failure the protected file is as it was, and nothing in the clear stays behind.
///
/// # Returns
/// - `S_OK`: the content is there in the clear.
/// - `E_INVALIDARG`: a null pointer, unknown flags.
/// - `IPCERROR_FILE_IS_NOT_ENCRYPTED`: the file is not protected.
/// - `IPCERROR_RIGHT_NOT_GRANTED`: without EXTRACT or OWNER; with the flag, without VIEW.
/// - `HRESULT_FROM_WIN32(ERROR_FILE_CORRUPT)`: the file is damaged, or was changed by somebody who may not.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED)`: a PDF that holds its license itself, a later version of the container.
/// - The codes of the system as in `IpcfEncryptFile`, and what `IpcGetKey` returns.
///
/// # Threads
/// Any thread; the context is used during the call only.
///
/// # Safety
/// Inputs are null or valid as described; the output is null or writable.
///
/// # Source
/// MSIPC reference, *IpcfDecryptFile*.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcfDecryptFile(
    wszInputFilePath: LPCWSTR,
    dwFlags: DWORD,
    pContext: PCIPC_PROMPT_CTX,
    wszOutputFileDirectory: LPCWSTR,
    pwszOutputFilePath: *mut LPCWSTR,
) -> HRESULT {
    entry_with("IpcfDecryptFile", || {
        // SAFETY: null or writable, by this function's contract.
        let output = unsafe { Out::optional(pwszOutputFilePath) };
        // SAFETY: null or terminated, by this function's contract.
        let input = unsafe { path(wszInputFilePath, "wszInputFilePath")? };
        let folder = match wszOutputFileDirectory.is_null() {
            true => None,
            // SAFETY: terminated, by this function's contract.
            false => Some(unsafe { path(wszOutputFileDirectory, "wszOutputFileDirectory")? }),
        };
        let flags = args::flags(dwFlags, IPCF_DF_FLAG_OPEN_AS_RMS_AWARE, "dwFlags")?;
        // SAFETY: null or valid, by this function's contract.
        let prompt = ask::prompt(unsafe { args::prompt(pContext)? })?;
        let environment = state::environment()?;
        let opening = Opening { environment: &environment, prompt: &prompt, aware: flags != 0 };
        let progress = ext_file::Progress::of_this_thread();
        let path = whole::decrypt_file(&input, folder.as_deref(), &opening, &mut progress.function())
            .map_err(|error| progress.fault(error))?;
        Ok(tell(output, text_of(path)?.as_deref())?)
    })
}

/// The path beside a file with another name.
fn beside(path: &Path, name: Option<String>) -> Result<Option<String>> {
    text_of(name.map(|name| path.with_file_name(name)))
}

/// Tells where `IpcfEncryptFile` would put a file, without touching anything.
///
/// `wszInputFilePath` is read during the call only. `dwFlags` are `IPCF_EF_FLAG_` bits. `*pwszOutputFilePath` is the path,
/// freed with `IpcFreeMemory`, or `NULL` when it would not change; `pwszOutputFilePath` may be null.
///
/// # Returns
/// - `S_OK`: the path.
/// - `E_INVALIDARG`: a null pointer, unknown flags, both `IPCF_EF_FLAG_FORCE_` flags.
/// - What `IpcfEncryptFile` returns about the file itself.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// The input is null or ends in NUL; the output is null or writable.
///
/// # Source
/// MSIPC reference, *IpcfGetEncryptedFilePath*.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcfGetEncryptedFilePath(
    wszInputFilePath: LPCWSTR,
    dwFlags: DWORD,
    pwszOutputFilePath: *mut LPCWSTR,
) -> HRESULT {
    entry("IpcfGetEncryptedFilePath", || {
        // SAFETY: null or writable, by this function's contract.
        let output = unsafe { Out::optional(pwszOutputFilePath) };
        // SAFETY: null or terminated, by this function's contract.
        let input = unsafe { path(wszInputFilePath, "wszInputFilePath")? };
        let force = forced(protecting_flags(dwFlags)?)?;
        let input = Input::open(&input, false)?;
        let name = whole::encrypted_name(&input.file, input.name()?, force)?;
        tell(output, beside(&input.path, name)?.as_deref())
    })
}

/// Tells where `IpcfDecryptFile` would put the content of a protected file, without touching anything.
///
/// `wszInputFilePath` is read during the call only. `dwFlags` is 0 or `IPCF_DF_FLAG_OPEN_AS_RMS_AWARE`.
/// `*pwszOutputFilePath` is the path, freed with `IpcFreeMemory`, or `NULL` when it would not change; `pwszOutputFilePath`
/// may be null.
///
/// # Returns
/// - `S_OK`: the path.
/// - `E_INVALIDARG`: a null pointer, unknown flags.
/// - `IPCERROR_FILE_IS_NOT_ENCRYPTED`: the file is not protected.
/// - `HRESULT_FROM_WIN32(ERROR_FILE_CORRUPT)`: the file is damaged.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// The input is null or ends in NUL; the output is null or writable.
///
/// # Source
/// MSIPC reference, *IpcfGetDecryptedFilePath*.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcfGetDecryptedFilePath(
    wszInputFilePath: LPCWSTR,
    dwFlags: DWORD,
    pwszOutputFilePath: *mut LPCWSTR,
) -> HRESULT {
    entry("IpcfGetDecryptedFilePath", || {
        // SAFETY: null or writable, by this function's contract.
        let output = unsafe { Out::optional(pwszOutputFilePath) };
        // SAFETY: null or terminated, by this function's contract.
        let input = unsafe { path(wszInputFilePath, "wszInputFilePath")? };
        args::flags(dwFlags, IPCF_DF_FLAG_OPEN_AS_RMS_AWARE, "dwFlags")?;
        let input = Input::open(&input, false)?;
        let name = whole::decrypted_name(&input.file, input.name()?)?;
        tell(output, beside(&input.path, name)?.as_deref())
    })
}

/// Tells whether a file is protected, by its content; the name breaks ties.
///
/// `wszInputFilePath` is read during the call only. `*pdwFileStatus` is one of the `IPCF_FILE_STATUS_` constants.
///
/// # Returns
/// - `S_OK`: the status.
/// - `E_INVALIDARG`: a null pointer.
/// - `HRESULT_FROM_WIN32(ERROR_FILE_CORRUPT)`: a protected file that is damaged.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED)`: a later version of the container.
/// - The codes of the system.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// The input is null or ends in NUL; the output is null or writable.
///
/// # Source
/// MSIPC reference, *IpcfIsFileEncrypted*. Damaged files are told instead of called plain, so that nobody protects one a
/// second time.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcfIsFileEncrypted(wszInputFilePath: LPCWSTR, pdwFileStatus: LPDWORD) -> HRESULT {
    entry("IpcfIsFileEncrypted", || {
        // SAFETY: null or writable, by this function's contract.
        let answer = unsafe { Out::cleared(pdwFileStatus, "pdwFileStatus")? };
        // SAFETY: null or terminated, by this function's contract.
        let input = unsafe { path(wszInputFilePath, "wszInputFilePath")? };
        let input = Input::open(&input, false)?;
        answer.set(status(detect::detect(&input.file, input.name().ok())?));
        Ok(())
    })
}

/// Gets the license out of a protected file.
///
/// `wszInputFilePath` is read during the call only. `*ppvLicense` is one block, freed with `IpcFreeMemory`: the license as
/// it is stored, which `IpcGetKey` takes. It is `NULL` until known.
///
/// # Returns
/// - `S_OK`: the license.
/// - `E_INVALIDARG`: a null pointer.
/// - `IPCERROR_FILE_IS_NOT_ENCRYPTED`: the file is not protected, or is a mail.
/// - `HRESULT_FROM_WIN32(ERROR_FILE_CORRUPT)`: the file is damaged.
/// - The codes of the system.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// The input is null or ends in NUL; the output is null or writable.
///
/// # Source
/// MSIPC reference, *IpcfGetSerializedLicenseFromFile*.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcfGetSerializedLicenseFromFile(
    wszInputFilePath: LPCWSTR,
    ppvLicense: *mut PIPC_BUFFER,
) -> HRESULT {
    entry("IpcfGetSerializedLicenseFromFile", || {
        // SAFETY: null or writable, by this function's contract.
        let answer = unsafe { Out::cleared(ppvLicense, "ppvLicense")? };
        // SAFETY: null or terminated, by this function's contract.
        let input = unsafe { path(wszInputFilePath, "wszInputFilePath")? };
        let input = Input::open(&input, false)?;
        answer.set(license(&input.file, input.name().unwrap_or_default())?.hand_out());
        Ok(())
    })
}
