//! Protected files, by path and as streams: protecting, opening, asking.

use std::path::{Path, PathBuf};

use super::args;
use super::ask;
use super::base::*;
use super::boundary::{Fault, entry, entry_with};
use super::constants::*;
use super::ext_file;
use super::license::Source;
use super::lock_bytes::{self, LockBytes};
use super::memory;
use super::out::Out;
use super::state;
use super::types::*;
use super::wide;
use super::write;
use crate::base::os::files;
use crate::base::time::Timestamp;
use crate::client::{Environment, Keep, Prompt};
use crate::error::{Error, ErrorKind, Result};
use crate::file::Storage;
use crate::file::detect::{self, Protected};
use crate::file::naming::Container;
use crate::file::whole::{self, Input, Opening, Policy, Protection};
use crate::license::{MetadataProperty, NotificationType};

/// A path of the application.
///
/// # Safety
/// `path` is null or ends in NUL.
pub(super) unsafe fn path(path: LPCWSTR, what: &'static str) -> Result<PathBuf> {
    // SAFETY: by this function's contract.
    let text = unsafe { wide::read(path, what)? };
    if text.is_empty() {
        return Err(Error::argument(what, "empty"));
    }
    Ok(PathBuf::from(text))
}

/// The name that a hint at a stream's path ends in. The path need not exist, and may be that of another system.
///
/// # Safety
/// `path` is null or ends in NUL.
unsafe fn hint(path: LPCWSTR) -> Result<String> {
    const WHAT: &str = "wszInputFilePath";
    // SAFETY: by this function's contract.
    let text = unsafe { wide::read(path, WHAT)? };
    let name = text.rsplit(['/', '\\']).next().unwrap_or_default();
    if name.is_empty() { Err(Error::argument(WHAT, "names no file")) } else { Ok(name.to_owned()) }
}

/// Hands out a path, or leaves null where nothing changed. The output may be null.
fn tell(out: Option<Out<LPCWSTR>>, path: Option<&str>) -> Result<()> {
    if let (Some(out), Some(path)) = (out, path) {
        out.set(memory::text(path)?.hand_out());
    }
    Ok(())
}

fn text_of(path: Option<PathBuf>) -> Result<Option<String>> {
    let Some(path) = path else { return Ok(None) };
    let text = files::shown(path).into_os_string().into_string();
    text.map(Some).map_err(|_| Error::argument("wszInputFilePath", "the new path is not valid Unicode"))
}

const FORCE: DWORD = IPCF_EF_FLAG_FORCE_PFILE | IPCF_EF_FLAG_FORCE_NATIVE;

/// The container that the flags ask for.
fn forced(flags: DWORD) -> Result<Option<Container>> {
    match flags & FORCE {
        0 => Ok(None),
        IPCF_EF_FLAG_FORCE_PFILE => Ok(Some(Container::Pfile)),
        IPCF_EF_FLAG_FORCE_NATIVE => Ok(Some(Container::Native)),
        _ => Err(Error::argument("dwFlags", "a file is forced into a pfile or into its own format, not both")),
    }
}

/// Where the publisher's use license may be kept; the strictest flag wins.
fn kept(flags: DWORD) -> Keep {
    if flags & (IPCF_EF_FLAG_KEY_NO_PERSIST | IPCF_EF_FLAG_KEY_NO_PERSIST_LICENSE) != 0 {
        Keep::Nowhere
    } else if flags & IPCF_EF_FLAG_KEY_NO_PERSIST_DISK != 0 {
        Keep::Memory
    } else {
        Keep::Disk
    }
}

/// What the arguments of a call say about protecting a file.
struct Asked {
    policy: Policy,
    flags: DWORD,
    force: Option<Container>,
    metadata: Option<Vec<MetadataProperty>>,
}

impl Asked {
    /// Reads the arguments that all calls which protect have.
    ///
    /// # Safety
    /// As the interface describes them.
    unsafe fn read(info: LPCVOID, kind: DWORD, flags: DWORD, metadata: PCIPC_LICENSE_METADATA) -> Result<Self> {
        const KNOWN: DWORD = IPCF_EF_FLAG_UPDATELICENSE_BLOCKED
            | IPCF_EF_FLAG_KEY_NO_PERSIST
            | IPCF_EF_FLAG_KEY_NO_PERSIST_DISK
            | IPCF_EF_FLAG_KEY_NO_PERSIST_LICENSE
            | FORCE;
        let flags = args::flags(flags, KNOWN, "dwFlags")?;
        let force = forced(flags)?;
        let is_template = match kind {
            IPCF_EF_TEMPLATE_ID => true,
            IPCF_EF_LICENSE_HANDLE => false,
            other => return Err(args::unknown(other, "dwType")),
        };
        // SAFETY: by this function's contract.
        let source = unsafe { Source::read(info, is_template)? };
        // SAFETY: by this function's contract.
        let metadata = unsafe { read_metadata(metadata)? };
        let policy = match source {
            Source::Template(id) => Policy::Template(id),
            Source::License(license) => Policy::Draft(Box::new(license.draft().clone())),
        };
        Ok(Self { policy, flags, force, metadata })
    }

    fn protection<'a>(self, environment: &'a Environment, prompt: &'a Prompt) -> Protection<'a> {
        let Self { policy, flags, force, metadata } = self;
        let keep_policy = flags & IPCF_EF_FLAG_UPDATELICENSE_BLOCKED != 0;
        Protection { environment, prompt, policy, metadata, force, keep_policy }
    }
}

/// What is to be registered about a document.
///
/// # Safety
/// `metadata` is null or valid with its text.
unsafe fn read_metadata(metadata: PCIPC_LICENSE_METADATA) -> Result<Option<Vec<MetadataProperty>>> {
    const WHAT: &str = "pLicenseMetadata";
    if metadata.is_null() {
        return Ok(None);
    }
    // SAFETY: by this function's contract.
    let given = unsafe { args::sized::<IPC_LICENSE_METADATA>(metadata, size_of::<IPC_LICENSE_METADATA>(), WHAT)? };
    let (kind, preference, name) = (given.dwNotificationType, given.dwNotificationPreference, given.wszContentName);
    let (modified, created) = (given.ftDateModified, given.ftDateCreated);
    let mut properties = vec![
        MetadataProperty::Notification(Some(match kind {
            IPCD_CT_NOTIFICATION_TYPE_DISABLED => NotificationType::Disabled,
            IPCD_CT_NOTIFICATION_TYPE_ENABLED => NotificationType::Enabled,
            IPCD_CT_NOTIFICATION_TYPE_DENY_ONLY => NotificationType::DenyOnly,
            other => return Err(args::unknown(other, "pLicenseMetadata->dwNotificationType")),
        })),
        MetadataProperty::Digest(Some(match preference {
            IPCD_CT_NOTIFICATION_PREF_DEFAULT => false,
            IPCD_CT_NOTIFICATION_PREF_DIGEST => true,
            other => return Err(args::unknown(other, "pLicenseMetadata->dwNotificationPreference")),
        })),
    ];
    // A time of zero is one that was not filled in.
    let time = |time: FILETIME| (time.ticks() != 0).then(|| Timestamp::from_filetime(time.ticks()));
    properties.extend(time(modified).map(|at| MetadataProperty::Modified(Some(at))));
    properties.extend(time(created).map(|at| MetadataProperty::Created(Some(at))));
    if !name.is_null() {
        // SAFETY: terminated, by this function's contract.
        let name = unsafe { wide::read(name, "pLicenseMetadata->wszContentName")? };
        properties.push(MetadataProperty::ContentName(Some(name)));
    }
    Ok(Some(properties))
}

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
    let asked = unsafe { Asked::read(info, kind, flags, metadata)? };
    // SAFETY: null or valid, by this function's contract.
    let mut prompt = ask::prompt(unsafe { args::prompt(context)? })?;
    prompt.keep = kept(flags);
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
/// - `IPCERROR_FILE_SYSTEM_FILE`: the file belongs to the system, or is no regular file.
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
    let asked = unsafe { Asked::read(info, kind, flags, metadata)? };
    // SAFETY: null or valid, by this function's contract.
    let mut prompt = ask::prompt(unsafe { args::prompt(context)? })?;
    prompt.keep = kept(flags);
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
        let force = forced(naming_flags(dwFlags)?)?;
        let input = Input::open(&input, false)?;
        let name = whole::encrypted_name(&input.file, input.name()?, force)?;
        tell(output, beside(&input.path, name)?.as_deref())
    })
}

/// The flags of a question for a name: those of protecting, of which few matter.
fn naming_flags(flags: DWORD) -> Result<DWORD> {
    const KNOWN: DWORD = IPCF_EF_FLAG_UPDATELICENSE_BLOCKED
        | IPCF_EF_FLAG_KEY_NO_PERSIST
        | IPCF_EF_FLAG_KEY_NO_PERSIST_DISK
        | IPCF_EF_FLAG_KEY_NO_PERSIST_LICENSE
        | FORCE;
    args::flags(flags, KNOWN, "dwFlags")
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
        let force = forced(naming_flags(dwFlags)?)?;
        let new = whole::encrypted_name(&input, &name, force).map_err(|error| input.failure().of(error))?;
        Ok(tell(output, new.as_deref())?)
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

/// The constant for what was found.
fn status(found: Option<Protected>) -> DWORD {
    match found {
        None => IPCF_FILE_STATUS_DECRYPTED,
        Some(Protected::Pfile { native: false }) => IPCF_FILE_STATUS_ENCRYPTED,
        Some(Protected::Pfile { native: true } | Protected::Office | Protected::Pdf) => {
            IPCF_FILE_STATUS_ENCRYPTED_CUSTOM
        }
    }
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

/// The license of a file for the caller. Mails are no format of the File API, although they hold a license.
fn license(storage: &dyn Storage, name: &str) -> Result<memory::Block> {
    let is_mail = [".msg", ".rpmsg"].iter().any(|end| name.to_ascii_lowercase().ends_with(end));
    if is_mail {
        return Err(Error::new(ErrorKind::FileNotEncrypted));
    }
    write::buffer(&detect::license(storage)?)
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
