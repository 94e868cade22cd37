//! Protected files as streams of the application: protecting, opening, asking.

use super::args;
use super::ask;
use super::base::*;
use super::boundary::{Fault, entry_with};
use super::constants::*;
use super::ext_file;
use super::file_args::{Asked, forced, hint, license, protecting_flags, status, tell};
use super::lock_bytes::{self, LockBytes};
use super::out::Out;
use super::state;
use super::types::*;
use crate::error::{Error, Result};
use crate::file::detect;
use crate::file::whole::{self, Opening};

/// Protects a stream.
///
/// # Safety
/// The pointers are as [`IpcfEncryptFileStreamWithMetadata`] describes them.
#[allow(clippy::too_many_arguments, reason = "they are the arguments of the interface")]
unsafe fn encrypt_stream(
    input: *mut ILockBytes,
    name: LPCWSTR,
    info: LPCVOID,
    kind: DWORD,
    flags: DWORD,
    context: PCIPC_PROMPT_CTX,
    metadata: PCIPC_LICENSE_METADATA,
    output: *mut ILockBytes,
    path: *mut LPCWSTR,
) -> Result<(), Fault> {
    // SAFETY: null or writable, by this function's contract.
    let path = unsafe { Out::optional(path) };
    // SAFETY: by this function's contract.
    let (from, mut to) = unsafe { streams(input, output)? };
    // SAFETY: null or terminated, by this function's contract.
    let name = unsafe { hint(name)? };
    let environment = state::environment()?;
    // SAFETY: by this function's contract.
    let (asked, prompt) = unsafe { Asked::read(info, kind, flags, metadata, context)? };
    let protection = asked.protection(&environment, &prompt);
    let progress = ext_file::Progress::of_this_thread();
    let failures = [from.failure(), to.failure()];
    let new = whole::encrypt_stream(Box::new(from), &name, &mut to, protection, &mut progress.function())
        .map_err(|error| progress.fault_of_streams(error, &failures))?;
    Ok(tell(path, new.as_deref())?)
}

/// The streams of a call, which must be two.
///
/// # Safety
/// Each is null, or an `ILockBytes` that lives until its last reference is released.
unsafe fn streams(input: *mut ILockBytes, output: *mut ILockBytes) -> Result<(LockBytes, LockBytes)> {
    // SAFETY: by this function's contract.
    let from = unsafe { LockBytes::of(input, "pInputFileStream")? };
    // SAFETY: by this function's contract.
    let to = unsafe { LockBytes::of(output, "pOutputFileStream")? };
    // SAFETY: not null, and by this function's contract.
    if unsafe { lock_bytes::is_same_file(input, output)? } {
        return Err(Error::argument("pOutputFileStream", "the same as pInputFileStream"));
    }
    Ok((from, to))
}

/// As `IpcfEncryptFile`, from one stream into another.
///
/// `pInputFileStream` and `pOutputFileStream` are two objects of the application, called on the thread of this call; a
/// reference to each is held meanwhile. The output is emptied when the input was found good, and again on failure; two streams
/// over one file are not allowed. `wszInputFilePath` is a hint:
/// its last extension tells the type and what the result is to be called, nothing of that path is opened.
/// `*pwszOutputFilePath` is that name, without a folder, freed with `IpcFreeMemory`, or `NULL` when it did not change;
/// `pwszOutputFilePath` may be null. The other arguments are those of `IpcfEncryptFile`.
///
/// # Returns
/// - `S_OK`: the output holds the protected file.
/// - `E_INVALIDARG`: a null pointer, one object twice, and as `IpcfEncryptFile`.
/// - The code that a method of a stream failed with.
/// - What `IpcfEncryptFile` returns.
///
/// # Threads
/// Any thread; the streams are used on it alone.
///
/// # Safety
/// Inputs are null or valid as described; the output path is null or writable.
///
/// # Source
/// MSIPC reference, *IpcfEncryptFileStream*.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcfEncryptFileStream(
    pInputFileStream: *mut ILockBytes,
    wszInputFilePath: LPCWSTR,
    pvLicenseInfo: LPCVOID,
    dwType: DWORD,
    dwFlags: DWORD,
    pContext: PCIPC_PROMPT_CTX,
    pOutputFileStream: *mut ILockBytes,
    pwszOutputFilePath: *mut LPCWSTR,
) -> HRESULT {
    entry_with("IpcfEncryptFileStream", || {
        let (input, name, info, none) = (pInputFileStream, wszInputFilePath, pvLicenseInfo, std::ptr::null());
        let (output, path) = (pOutputFileStream, pwszOutputFilePath);
        // SAFETY: by this function's contract.
        unsafe { encrypt_stream(input, name, info, dwType, dwFlags, pContext, none, output, path) }
    })
}

/// As `IpcfEncryptFileStream`, and writes metadata for tracking into the license, as `IpcfEncryptFileWithMetadata` does.
///
/// # Returns
/// - `S_OK`: the output holds the protected file.
/// - What `IpcfEncryptFileStream` and `IpcfEncryptFileWithMetadata` return.
///
/// # Threads
/// Any thread; the streams are used on it alone.
///
/// # Safety
/// Inputs are null or valid as described; the output path is null or writable.
///
/// # Source
/// MSIPC reference, *IpcfEncryptFileStreamWithMetadata*.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcfEncryptFileStreamWithMetadata(
    pInputFileStream: *mut ILockBytes,
    wszInputFilePath: LPCWSTR,
    pvLicenseInfo: LPCVOID,
    dwType: DWORD,
    dwFlags: DWORD,
    pContext: PCIPC_PROMPT_CTX,
    pLicenseMetadata: PCIPC_LICENSE_METADATA,
    pOutputFileStream: *mut ILockBytes,
    pwszOutputFilePath: *mut LPCWSTR,
) -> HRESULT {
    entry_with("IpcfEncryptFileStreamWithMetadata", || {
        let (input, name, info, metadata) = (pInputFileStream, wszInputFilePath, pvLicenseInfo, pLicenseMetadata);
        let (output, path) = (pOutputFileStream, pwszOutputFilePath);
        // SAFETY: by this function's contract.
        unsafe { encrypt_stream(input, name, info, dwType, dwFlags, pContext, metadata, output, path) }
    })
}

/// As `IpcfDecryptFile`, from one stream into another.
///
/// The streams and paths are as in `IpcfEncryptFileStream`, the other arguments as in `IpcfDecryptFile`.
///
/// # Returns
/// - `S_OK`: the output holds the content in the clear.
/// - `E_INVALIDARG`: a null pointer, one object twice, unknown flags.
/// - The code that a method of a stream failed with.
/// - What `IpcfDecryptFile` returns.
///
/// # Threads
/// Any thread; the streams are used on it alone.
///
/// # Safety
/// Inputs are null or valid as described; the output path is null or writable.
///
/// # Source
/// MSIPC reference, *IpcfDecryptFileStream*.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcfDecryptFileStream(
    pInputFileStream: *mut ILockBytes,
    wszInputFilePath: LPCWSTR,
    dwFlags: DWORD,
    pContext: PCIPC_PROMPT_CTX,
    pOutputFileStream: *mut ILockBytes,
    pwszOutputFilePath: *mut LPCWSTR,
) -> HRESULT {
    entry_with("IpcfDecryptFileStream", || {
        // SAFETY: null or writable, by this function's contract.
        let path = unsafe { Out::optional(pwszOutputFilePath) };
        // SAFETY: by this function's contract.
        let (from, mut to) = unsafe { streams(pInputFileStream, pOutputFileStream)? };
        // SAFETY: null or terminated, by this function's contract.
        let name = unsafe { hint(wszInputFilePath)? };
        let flags = args::flags(dwFlags, IPCF_DF_FLAG_OPEN_AS_RMS_AWARE, "dwFlags")?;
        // SAFETY: null or valid, by this function's contract.
        let prompt = ask::prompt(unsafe { args::prompt(pContext)? })?;
        let environment = state::environment()?;
        let opening = Opening { environment: &environment, prompt: &prompt, aware: flags != 0 };
        let progress = ext_file::Progress::of_this_thread();
        let failures = [from.failure(), to.failure()];
        let new = whole::decrypt_stream(&from, &name, &mut to, &opening, &mut progress.function())
            .map_err(|error| progress.fault_of_streams(error, &failures))?;
        Ok(tell(path, new.as_deref())?)
    })
}

/// As `IpcfGetEncryptedFilePath`, for a stream; the path is a hint and the result a name without a folder.
///
/// `pInputFileStream` is an object of the application, called on the thread of this call.
///
/// # Returns
/// - `S_OK`: the name.
/// - `E_INVALIDARG`: a null pointer, unknown flags, both `IPCF_EF_FLAG_FORCE_` flags.
/// - The code that a method of the stream failed with.
/// - What `IpcfGetEncryptedFilePath` returns.
///
/// # Threads
/// Any thread; the stream is used on it alone.
///
/// # Safety
/// Inputs are null or valid as described; the output is null or writable.
///
/// # Source
/// MSIPC reference, *IpcfGetEncryptedFilePathFromStream*. The page declares the first parameter by value, which an
/// interface cannot be.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcfGetEncryptedFilePathFromStream(
    pInputFileStream: *mut ILockBytes,
    wszInputFilePath: LPCWSTR,
    dwFlags: DWORD,
    pwszOutputFilePath: *mut LPCWSTR,
) -> HRESULT {
    entry_with("IpcfGetEncryptedFilePathFromStream", || {
        // SAFETY: null or writable, by this function's contract.
        let output = unsafe { Out::optional(pwszOutputFilePath) };
        // SAFETY: by this function's contract.
        let input = unsafe { LockBytes::of(pInputFileStream, "pInputFileStream")? };
        // SAFETY: null or terminated, by this function's contract.
        let name = unsafe { hint(wszInputFilePath)? };
        let force = forced(protecting_flags(dwFlags)?)?;
        let new = whole::encrypted_name(&input, &name, force).map_err(|error| input.failure().of(error))?;
        Ok(tell(output, new.as_deref())?)
    })
}

/// As `IpcfGetDecryptedFilePath`, for a stream; the path is a hint and the result a name without a folder.
///
/// `pInputFileStream` is an object of the application, called on the thread of this call.
///
/// # Returns
/// - `S_OK`: the name.
/// - `E_INVALIDARG`: a null pointer, unknown flags.
/// - The code that a method of the stream failed with.
/// - What `IpcfGetDecryptedFilePath` returns.
///
/// # Threads
/// Any thread; the stream is used on it alone.
///
/// # Safety
/// Inputs are null or valid as described; the output is null or writable.
///
/// # Source
/// MSIPC reference, *IpcfGetDecryptedFilePathFromStream*. The page declares the first parameter by value, which an
/// interface cannot be.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcfGetDecryptedFilePathFromStream(
    pInputFileStream: *mut ILockBytes,
    wszInputFilePath: LPCWSTR,
    dwFlags: DWORD,
    pwszOutputFilePath: *mut LPCWSTR,
) -> HRESULT {
    entry_with("IpcfGetDecryptedFilePathFromStream", || {
        // SAFETY: null or writable, by this function's contract.
        let output = unsafe { Out::optional(pwszOutputFilePath) };
        // SAFETY: by this function's contract.
        let input = unsafe { LockBytes::of(pInputFileStream, "pInputFileStream")? };
        // SAFETY: null or terminated, by this function's contract.
        let name = unsafe { hint(wszInputFilePath)? };
        args::flags(dwFlags, IPCF_DF_FLAG_OPEN_AS_RMS_AWARE, "dwFlags")?;
        let new = whole::decrypted_name(&input, &name).map_err(|error| input.failure().of(error))?;
        Ok(tell(output, new.as_deref())?)
    })
}

/// As `IpcfIsFileEncrypted`, for a stream; the path is a hint.
///
/// `pInputFileStream` is an object of the application, called on the thread of this call.
///
/// # Returns
/// - `S_OK`: the status.
/// - `E_INVALIDARG`: a null pointer.
/// - The code that a method of the stream failed with.
/// - What `IpcfIsFileEncrypted` returns.
///
/// # Threads
/// Any thread; the stream is used on it alone.
///
/// # Safety
/// Inputs are null or valid as described; the output is null or writable.
///
/// # Source
/// MSIPC reference, *IpcfIsFileStreamEncrypted*.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcfIsFileStreamEncrypted(
    pInputFileStream: *mut ILockBytes,
    wszInputFilePath: LPCWSTR,
    pdwFileStatus: LPDWORD,
) -> HRESULT {
    entry_with("IpcfIsFileStreamEncrypted", || {
        // SAFETY: null or writable, by this function's contract.
        let answer = unsafe { Out::cleared(pdwFileStatus, "pdwFileStatus")? };
        // SAFETY: by this function's contract.
        let input = unsafe { LockBytes::of(pInputFileStream, "pInputFileStream")? };
        // SAFETY: null or terminated, by this function's contract.
        let name = unsafe { hint(wszInputFilePath)? };
        let found = detect::detect(&input, Some(&name)).map_err(|error| input.failure().of(error))?;
        answer.set(status(found));
        Ok(())
    })
}

/// As `IpcfGetSerializedLicenseFromFile`, for a stream; the path is a hint.
///
/// `pInputFileStream` is an object of the application, called on the thread of this call.
///
/// # Returns
/// - `S_OK`: the license.
/// - `E_INVALIDARG`: a null pointer.
/// - The code that a method of the stream failed with.
/// - What `IpcfGetSerializedLicenseFromFile` returns.
///
/// # Threads
/// Any thread; the stream is used on it alone.
///
/// # Safety
/// Inputs are null or valid as described; the output is null or writable.
///
/// # Source
/// MSIPC reference, *IpcfGetSerializedLicenseFromFileStream*.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcfGetSerializedLicenseFromFileStream(
    pInputFileStream: *mut ILockBytes,
    wszInputFilePath: LPCWSTR,
    ppvLicense: *mut PIPC_BUFFER,
) -> HRESULT {
    entry_with("IpcfGetSerializedLicenseFromFileStream", || {
        // SAFETY: null or writable, by this function's contract.
        let answer = unsafe { Out::cleared(ppvLicense, "ppvLicense")? };
        // SAFETY: by this function's contract.
        let input = unsafe { LockBytes::of(pInputFileStream, "pInputFileStream")? };
        // SAFETY: null or terminated, by this function's contract.
        let name = unsafe { hint(wszInputFilePath)? };
        let found = license(&input, &name).map_err(|error| input.failure().of(error))?;
        answer.set(found.hand_out());
        Ok(())
    })
}
