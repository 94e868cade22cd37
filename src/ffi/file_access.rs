//! Protected files that stay protected while they are read and written.

use std::sync::Arc;

use parking_lot::{Condvar, Mutex};

use super::args;
use super::ask;
use super::base::*;
use super::boundary::{Fault, entry_with};
use super::constants::*;
use super::duplicate::storage_of;
use super::ext_file::IPCX_FI_AUTHENTICATED;
use super::handles::{self, Handled, Kind};
use super::lock_bytes::{Failure, LockBytes};
use super::memory::{self, OutBlock};
use super::out::Out;
use super::state;
use super::types::*;
use crate::error::{Error, ErrorKind, Result};
use crate::file::open::OpenFile;

/// What an `IPCF_FILE_HANDLE` stands for.
pub(super) struct FileHandle {
    /// Held for a moment only: the stream of the application is called without it.
    state: Mutex<State>,
    free: Condvar,
    /// Why the stream of the application failed, where the file lies in one.
    failure: Failure,
}

/// Where the file of a handle is.
enum State {
    /// No call works with it.
    Free(Box<OpenFile>),
    /// The call of this thread has it.
    Busy(usize),
}

impl FileHandle {
    pub(super) fn new(file: OpenFile, failure: Failure) -> Self {
        Self { state: Mutex::new(State::Free(Box::new(file))), free: Condvar::new(), failure }
    }

    /// Does something with the file; calls on one take turns.
    fn with<T>(&self, work: impl FnOnce(&mut OpenFile) -> Result<T>) -> Result<T, Fault> {
        let mut taken = self.take()?;
        self.failure.forget();
        work(taken.file()?).map_err(|error| self.failure.of(error))
    }

    /// Waits for the file and takes it.
    fn take(&self) -> Result<Taken<'_>> {
        let me = this_thread();
        let mut state = self.state.lock();
        loop {
            match std::mem::replace(&mut *state, State::Busy(me)) {
                State::Free(file) => return Ok(Taken { file: Some(file), home: self }),
                State::Busy(worker) => *state = State::Busy(worker),
            }
            if matches!(&*state, State::Busy(worker) if *worker == me) {
                let text = "this thread is in a call on this file already, which called its stream";
                return Err(Error::with(ErrorKind::Io(std::io::ErrorKind::ResourceBusy), text));
            }
            self.free.wait(&mut state);
        }
    }
}

/// A number that no other thread has at the same time. `std::thread::current` would allocate on threads of the application.
fn this_thread() -> usize {
    thread_local! {
        static PLACE: u8 = const { 0 };
    }
    PLACE.with(|place| std::ptr::from_ref(place).addr())
}

/// The file of a handle while a call works with it.
struct Taken<'a> {
    file: Option<Box<OpenFile>>,
    home: &'a FileHandle,
}

impl Taken<'_> {
    fn file(&mut self) -> Result<&mut OpenFile> {
        self.file.as_deref_mut().ok_or_else(|| Error::internal("a call without its file"))
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if let Some(file) = self.file.take() {
            *self.home.state.lock() = State::Free(file);
            self.home.free.notify_one();
        }
    }
}

impl Handled for FileHandle {
    const KIND: Kind = Kind::File;
}

/// Opens a pfile that the application has open, for reading and writing its content in place.
///
/// `hFileStream` is a handle of a file on Windows, elsewhere a file descriptor made with `IPCX_FILE_FD`; it is duplicated, so
/// the caller's own may be closed at any time. `pContext` is borrowed and may be null. `dwFlags` is 0. `*phFile` is closed
/// with `IpcCloseHandle`; it is `NULL` until the file is open. When the process is killed during a write, the file may
/// afterwards be reported as damaged, never read as wrong bytes; `IpcxOpenFile` loses nothing then.
///
/// # Returns
/// - `S_OK`: the file.
/// - `E_INVALIDARG`: a null pointer, flags, no open file.
/// - `IPCERROR_FILE_IS_NOT_ENCRYPTED`: the file is not protected.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED)`: an Office document or a PDF.
/// - `HRESULT_FROM_WIN32(ERROR_FILE_CORRUPT)`: damaged, or changed by somebody who may not.
/// - `IPCERROR_RIGHT_NOT_GRANTED`: without VIEW, and as `IpcGetKey`.
/// - What `IpcGetKey` returns.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid as described; the output is null or writable.
///
/// # Source
/// MSIPC reference, *IpcfOpenFileOnHandle*.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcfOpenFileOnHandle(
    hFileStream: HANDLE,
    pContext: PCIPC_PROMPT_CTX,
    dwFlags: DWORD,
    phFile: PIPCF_FILE_HANDLE,
) -> HRESULT {
    entry_with("IpcfOpenFileOnHandle", || {
        // SAFETY: null or writable, by this function's contract.
        let file = unsafe { Out::cleared(phFile, "phFile")? };
        args::flags(dwFlags, 0, "dwFlags")?;
        let storage = storage_of(hFileStream, "hFileStream")?;
        storage.lock()?;
        // SAFETY: null or valid, by this function's contract.
        let prompt = ask::prompt(unsafe { args::prompt(pContext)? })?;
        let opened = OpenFile::open(storage, &*state::environment()?, &prompt)?;
        file.set(handles::open(Arc::new(FileHandle::new(opened, Failure::default())))?);
        Ok(())
    })
}

/// As `IpcfOpenFileOnHandle`, on a stream of the application.
///
/// `pFileStream` is called on the threads of the calls that use `*phFile`, one after the other; a reference to it is held
/// until the handle is closed.
///
/// # Returns
/// - `S_OK`: the file.
/// - `E_INVALIDARG`: a null pointer, flags.
/// - The code that a method of the stream failed with.
/// - What `IpcfOpenFileOnHandle` returns.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid as described; the output is null or writable.
///
/// # Source
/// MSIPC reference, *IpcfOpenFileOnILockBytes*.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcfOpenFileOnILockBytes(
    pFileStream: *mut ILockBytes,
    pContext: PCIPC_PROMPT_CTX,
    dwFlags: DWORD,
    phFile: PIPCF_FILE_HANDLE,
) -> HRESULT {
    entry_with("IpcfOpenFileOnILockBytes", || {
        // SAFETY: null or writable, by this function's contract.
        let file = unsafe { Out::cleared(phFile, "phFile")? };
        args::flags(dwFlags, 0, "dwFlags")?;
        // SAFETY: by this function's contract.
        let stream = unsafe { LockBytes::of(pFileStream, "pFileStream")? };
        // SAFETY: null or valid, by this function's contract.
        let prompt = ask::prompt(unsafe { args::prompt(pContext)? })?;
        let failure = stream.failure();
        let environment = state::environment()?;
        let opened = OpenFile::open(Box::new(stream), &environment, &prompt).map_err(|error| failure.of(error))?;
        file.set(handles::open(Arc::new(FileHandle::new(opened, failure)))?);
        Ok(())
    })
}

/// The part of a range that its buffer has room for, and where the buffer is.
///
/// # Safety
/// Each pointer is null or readable, the count and the buffer as the interface describes them.
unsafe fn piece(range: PCIPCF_FILE_RANGE, buffer: PBYTE, count: *mut DWORD64) -> Result<(u64, usize)> {
    // SAFETY: by this function's contract.
    let range = unsafe { args::structure(range, "pDataRange")? };
    // SAFETY: by this function's contract.
    let room = unsafe { args::structure(count.cast_const(), "cbBufferSize")? };
    let length = usize::try_from(range.qwSize.min(room)).ok().filter(|length| isize::try_from(*length).is_ok());
    let length = length.ok_or_else(|| Error::argument("cbBufferSize", "longer than memory"))?;
    if length > 0 && buffer.is_null() {
        return Err(Error::argument("pvBuffer", "null"));
    }
    Ok((range.qwOffset, length))
}

/// Reads content of an open protected file.
///
/// `hFile` is borrowed. `pDataRange` tells offset and size in bytes of content. `pvBuffer` has room for `*cbBufferSize`
/// bytes; as many are read as range, buffer and content allow, none behind the end. `*cbBufferSize` is then how many were
/// read, and 0 on failure.
///
/// # Returns
/// - `S_OK`: read, perhaps nothing.
/// - `E_INVALIDARG`: a null pointer.
/// - `E_HANDLE`: `hFile` is closed or is not a file.
/// - `HRESULT_FROM_WIN32(ERROR_FILE_CORRUPT)`: what would be read is damaged, or was changed by somebody who may not. The
///   buffer then holds nothing of use.
/// - `HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION)`: another handle is writing the file, and did not come to its end while this
///   call waited for it.
/// - The codes of the system or of the stream.
///
/// # Threads
/// Any thread; calls on one file take turns.
///
/// # Safety
/// The pointers are null or valid as described.
///
/// # Source
/// MSIPC reference, *IpcfReadFile*.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcfReadFile(
    hFile: IPCF_FILE_HANDLE,
    pDataRange: PCIPCF_FILE_RANGE,
    pvBuffer: PBYTE,
    cbBufferSize: *mut DWORD64,
) -> HRESULT {
    entry_with("IpcfReadFile", || {
        // SAFETY: by this function's contract.
        let asked = unsafe { piece(pDataRange, pvBuffer, cbBufferSize) };
        // SAFETY: null or writable, by this function's contract.
        let read = unsafe { Out::cleared(cbBufferSize, "cbBufferSize")? };
        let (offset, length) = asked?;
        let file = handles::get::<FileHandle>(hFile)?;
        let buffer = match length {
            0 => &mut [],
            // SAFETY: not null, and as many bytes are writable, by this function's contract.
            length => unsafe { std::slice::from_raw_parts_mut(pvBuffer, length) },
        };
        read.set(file.with(|file| file.file().read_at(offset, buffer))? as DWORD64);
        Ok(())
    })
}

/// Writes content of an open protected file. Behind the end, what lies between becomes zeros.
///
/// `hFile` is borrowed. `pDataRange` tells offset and size in bytes of content. `pvBuffer` holds `*cbBufferSize` bytes; as
/// many are written as range and buffer have. `*cbBufferSize` is then how many were written, and 0 on failure.
///
/// # Returns
/// - `S_OK`: written.
/// - `E_INVALIDARG`: a null pointer; more content than the cipher can number.
/// - `E_HANDLE`: `hFile` is closed or is not a file.
/// - `IPCERROR_RIGHT_NOT_GRANTED`: without EDIT, DOCEDIT, EXPORT or OWNER.
/// - `E_ACCESSDENIED`: the file was opened for reading only.
/// - `HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION)`: another handle changed the file since this one last read it.
/// - `HRESULT_FROM_WIN32(ERROR_FILE_CORRUPT)`: blocks that are written in part are damaged.
/// - The codes of the system or of the stream.
///
/// # Threads
/// Any thread; calls on one file take turns.
///
/// # Safety
/// The pointers are null or valid as described.
///
/// # Source
/// MSIPC reference, *IpcfWriteFile*. That reading alone does not suffice is our choice; the page names no right.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcfWriteFile(
    hFile: IPCF_FILE_HANDLE,
    pDataRange: PCIPCF_FILE_RANGE,
    pvBuffer: PBYTE,
    cbBufferSize: *mut DWORD64,
) -> HRESULT {
    entry_with("IpcfWriteFile", || {
        // SAFETY: by this function's contract.
        let asked = unsafe { piece(pDataRange, pvBuffer, cbBufferSize) };
        // SAFETY: null or writable, by this function's contract.
        let written = unsafe { Out::cleared(cbBufferSize, "cbBufferSize")? };
        let (offset, length) = asked?;
        let file = handles::get::<FileHandle>(hFile)?;
        let buffer = match length {
            0 => &[],
            // SAFETY: not null, and as many bytes are readable, by this function's contract.
            length => unsafe { std::slice::from_raw_parts(pvBuffer.cast_const(), length) },
        };
        file.with(|file| file.for_writing()?.write_at(offset, buffer))?;
        written.set(length as DWORD64);
        Ok(())
    })
}

/// Cuts the content of an open protected file, or extends it with zeros.
///
/// `hFile` is borrowed. `qwOffset` is the new size of the content in bytes.
///
/// # Returns
/// - `S_OK`: done.
/// - What `IpcfWriteFile` returns.
///
/// # Threads
/// Any thread; calls on one file take turns.
///
/// # Source
/// MSIPC reference, *IpcfSetEndOfFile*. The page speaks of cutting only.
#[unsafe(no_mangle)]
pub extern "system" fn IpcfSetEndOfFile(hFile: IPCF_FILE_HANDLE, qwOffset: DWORD64) -> HRESULT {
    entry_with("IpcfSetEndOfFile", || {
        let file = handles::get::<FileHandle>(hFile)?;
        file.with(|file| file.for_writing()?.set_len(qwOffset))
    })
}

/// Tells which part of the file itself holds a range of the content: what is needed to decrypt that range.
///
/// `hFile` is borrowed. `inRange` is read during the call only; `outRange` belongs to the caller.
///
/// # Returns
/// - `S_OK`: whole blocks, cut at the end of the file; size 0 behind the last of them.
/// - `E_INVALIDARG`: a null pointer.
/// - `E_HANDLE`: `hFile` is closed or is not a file.
///
/// # Threads
/// Any thread; calls on one file take turns.
///
/// # Safety
/// The pointers are null or valid.
///
/// # Source
/// MSIPC reference, *IpcfLogicalFileRangeToRawFileRange*.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcfLogicalFileRangeToRawFileRange(
    hFile: IPCF_FILE_HANDLE,
    inRange: PCIPCF_FILE_RANGE,
    outRange: PIPCF_RAW_FILE_RANGE,
) -> HRESULT {
    entry_with("IpcfLogicalFileRangeToRawFileRange", || {
        // SAFETY: null or readable, by this function's contract; read before the output, which may be the same place.
        let asked = unsafe { args::structure(inRange, "inRange") };
        // SAFETY: null or writable, by this function's contract.
        let answer = unsafe { Out::cleared(outRange, "outRange")? };
        let asked = asked?;
        let file = handles::get::<FileHandle>(hFile)?;
        let (offset, size) = file.with(|file| Ok(file.file().raw_range(asked.qwOffset, asked.qwSize)))?;
        answer.set(IPCF_RAW_FILE_RANGE { qwOffset: offset, qwSize: size });
        Ok(())
    })
}

/// A property that the interface declares and nobody ever had.
fn not_implemented(number: DWORD) -> Fault {
    Fault::with_code(E_NOTIMPL, Error::with(ErrorKind::NotSupported, format!("property {number} is not told")))
}

fn unknown_property(number: DWORD) -> Error {
    Error::with(ErrorKind::NotFound { what: "file property" }, format!("{number} is no property of files"))
}

/// Reads a property of an open protected file.
///
/// `hFile` is borrowed. `dwPropId` is one of the `IPCF_FI_` constants, or `IPCX_FI_AUTHENTICATED`. `*ppvProperty` points to a
/// value of the type that the constant names and is freed with `IpcFreeMemory`. It is `NULL` until known.
///
/// # Returns
/// - `S_OK`: the value.
/// - `E_INVALIDARG`: a null pointer.
/// - `E_NOTIMPL`: `IPCF_FI_CONTENT_KEY` and `IPCF_FI_BASIC_INFORMATION`.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: an unknown property.
/// - `E_HANDLE`: `hFile` is closed or is not a file.
///
/// # Threads
/// Any thread; calls on one file take turns.
///
/// # Safety
/// `ppvProperty` is null or writable.
///
/// # Source
/// MSIPC reference, *IpcfGetFileProperty*.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcfGetFileProperty(
    hFile: IPCF_FILE_HANDLE,
    dwPropId: DWORD,
    ppvProperty: *mut LPVOID,
) -> HRESULT {
    entry_with("IpcfGetFileProperty", || {
        // SAFETY: null or writable, by this function's contract.
        let value = unsafe { Out::cleared(ppvProperty, "ppvProperty")? };
        let file = handles::get::<FileHandle>(hFile)?;
        let block = match dwPropId {
            IPCF_FI_HEADER_POSITION => {
                let (offset, size) = file.with(|file| Ok(file.file().header_position()))?;
                let mut block = OutBlock::new(size_of::<IPCF_FILE_RANGE>())?;
                block.put(std::mem::offset_of!(IPCF_FILE_RANGE, qwOffset), offset)?;
                block.put(std::mem::offset_of!(IPCF_FILE_RANGE, qwSize), size)?;
                block.finish()?
            }
            IPCF_FI_ACCESS_BLOCK_SIZE => memory::scalar(file.with(|file| Ok(file.file().access_block_size()))?)?,
            IPCX_FI_AUTHENTICATED => memory::scalar(BOOL::from(file.with(|file| Ok(file.file().is_authenticated()))?))?,
            IPCF_FI_CONTENT_KEY | IPCF_FI_BASIC_INFORMATION => return Err(not_implemented(dwPropId)),
            other => return Err(unknown_property(other).into()),
        };
        value.set(block.hand_out());
        Ok(())
    })
}

/// Sets a property of an open protected file: `IPCF_FI_ACCESS_BLOCK_SIZE`.
///
/// `hFile` is borrowed. `pvProperty` points to a value of the type that the constant names and is read during the call only.
///
/// # Returns
/// - `S_OK`: set.
/// - `E_INVALIDARG`: a null pointer, a property that is only read, a size that is no multiple of the block of the cipher.
/// - `E_NOTIMPL`: `IPCF_FI_CONTENT_KEY` and `IPCF_FI_BASIC_INFORMATION`.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: an unknown property.
/// - `E_HANDLE`: `hFile` is closed or is not a file.
///
/// # Threads
/// Any thread; calls on one file take turns.
///
/// # Safety
/// `pvProperty` is null or valid.
///
/// # Source
/// MSIPC reference, *IpcfSetFileProperty*.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcfSetFileProperty(
    hFile: IPCF_FILE_HANDLE,
    dwPropId: DWORD,
    pvProperty: LPCVOID,
) -> HRESULT {
    entry_with("IpcfSetFileProperty", || {
        let file = handles::get::<FileHandle>(hFile)?;
        match dwPropId {
            IPCF_FI_ACCESS_BLOCK_SIZE => {
                // SAFETY: null or readable, by this function's contract.
                let size = unsafe { args::structure::<DWORD>(pvProperty.cast(), "pvProperty")? };
                file.with(|file| file.file().set_access_block_size(size))
            }
            IPCF_FI_HEADER_POSITION | IPCX_FI_AUTHENTICATED => {
                Err(Error::argument("dwPropId", "the property is only read").into())
            }
            IPCF_FI_CONTENT_KEY | IPCF_FI_BASIC_INFORMATION => Err(not_implemented(dwPropId)),
            other => Err(unknown_property(other).into()),
        }
    })
}
