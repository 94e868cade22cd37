//! What is ours around files: progress, opening by path, what protects the content, ready-made streams.

use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::args;
use super::ask;
use super::base::*;
use super::boundary::{Fault, entry, entry_with};
use super::duplicate::storage_of;
use super::file_access::FileHandle;
use super::file_args::path;
use super::handles;
use super::lock_bytes::{self, Failure};
use super::out::Out;
use super::state;
use super::types::*;
use crate::error::{Error, ErrorKind, Result};
use crate::file::detect;
use crate::file::input::Input;
use crate::file::open::OpenFile;
use crate::file::{MemoryStorage, Storage};

/// `BOOL`: changes of the content by somebody who may not are noticed. A property of open files.
pub const IPCX_FI_AUTHENTICATED: DWORD = 0x1001;

/// `IpcxGetFileAuthentication`: the file is not protected.
pub const IPCX_FILE_NOT_PROTECTED: DWORD = 0;
/// `IpcxGetFileAuthentication`: the content is encrypted, but whoever may read it can change it unnoticed.
pub const IPCX_FILE_UNAUTHENTICATED: DWORD = 1;
/// `IpcxGetFileAuthentication`: only those who may edit can change the content; opening it verifies that.
pub const IPCX_FILE_AUTHENTICATED: DWORD = 2;

/// A flag of `IpcxOpenFile`: the content is only read.
pub const IPCX_OPEN_READ_ONLY: DWORD = 1;

/// Told how far the work on a file is, in bytes of content: how much is done, and how much there is. A failure that it
/// returns ends the work with that code. Called on the thread of the call, a few times a second, without locks.
pub type IPCX_PROGRESS_CALLBACK =
    Option<unsafe extern "system" fn(pvContext: LPVOID, qwDone: DWORD64, qwTotal: DWORD64) -> HRESULT>;

/// Least time between two calls of a progress callback.
const STEP: Duration = Duration::from_millis(200);

thread_local! {
    static CALLBACK: Cell<(IPCX_PROGRESS_CALLBACK, LPVOID)> = const { Cell::new((None, std::ptr::null_mut())) };
}

/// The progress of one call.
pub(super) struct Progress {
    callback: IPCX_PROGRESS_CALLBACK,
    context: LPVOID,
    refusal: Cell<HRESULT>,
}

impl Progress {
    /// Told to the callback of this thread, if it has one.
    pub(super) fn of_this_thread() -> Self {
        let (callback, context) = CALLBACK.get();
        Self { callback, context, refusal: Cell::new(S_OK) }
    }

    /// What the core tells.
    pub(super) fn function(&self) -> impl FnMut(u64, u64) -> Result<()> {
        let mut told: Option<Instant> = None;
        let (callback, context, refusal) = (self.callback, self.context, &self.refusal);
        move |done, total| {
            let Some(callback) = callback else { return Ok(()) };
            let is_due = done == total || told.is_none_or(|told| told.elapsed() >= STEP);
            if !is_due {
                return Ok(());
            }
            told = Some(Instant::now());
            // SAFETY: the application gave the function and its context for calls of this thread.
            let code = unsafe { callback(context, done, total) };
            if code >= 0 {
                return Ok(());
            }
            refusal.set(code);
            Err(Error::with(ErrorKind::Cancelled, "the progress callback of the application ended the work"))
        }
    }

    /// An error, with the code of the callback when that is what ended the work.
    pub(super) fn fault(&self, error: Error) -> Fault {
        match self.refusal.get() {
            S_OK => error.into(),
            code => Fault::with_code(code, error),
        }
    }

    /// As [`Progress::fault`], for work on streams of the application.
    pub(super) fn fault_of_streams(&self, error: Error, streams: &[Failure]) -> Fault {
        match (self.refusal.get(), streams.iter().find(|stream| stream.is_set())) {
            (S_OK, Some(stream)) => stream.of(error),
            _ => self.fault(error),
        }
    }
}

/// Says who is told how far the `Ipcf` calls of this thread are that read or write whole files.
///
/// `pfnProgress` is called with `pvContext` on this thread during such calls, a few times a second and at the end, and may
/// end the work by returning a failure; null tells nobody any more. Work is also ended by the cancel event of the context.
///
/// # Returns
/// - `S_OK`: always.
///
/// # Threads
/// Any thread; each has its own callback.
///
/// # Safety
/// The function and its context stay valid for this thread until another one is set.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxSetFileProgress(pfnProgress: IPCX_PROGRESS_CALLBACK, pvContext: LPVOID) -> HRESULT {
    entry("IpcxSetFileProgress", || {
        CALLBACK.set((pfnProgress, pvContext));
        Ok(())
    })
}

/// Opens a pfile by path, as `IpcfOpenFileOnHandle` does on a handle, and keeps what a write is about to replace beside the
/// file until the write is complete: whenever the process is killed, the next opening finds the old content or the new.
///
/// `wszFilePath` is read during the call only. `pContext` is borrowed and may be null. `dwFlags` is 0 or
/// `IPCX_OPEN_READ_ONLY`. `*phFile` is closed with `IpcCloseHandle`; it is `NULL` until the file is open.
///
/// # Returns
/// - `S_OK`: the file.
/// - `E_INVALIDARG`: a null pointer, unknown flags.
/// - `HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION)`: somebody else has the file open for writing; with `IPCX_OPEN_READ_ONLY`, only
///   when a write goes on for longer than this call waits for it.
/// - The codes of the system, and what `IpcfOpenFileOnHandle` returns.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// Inputs are null or valid as described; the output is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxOpenFile(
    wszFilePath: LPCWSTR,
    pContext: PCIPC_PROMPT_CTX,
    dwFlags: DWORD,
    phFile: PIPCF_FILE_HANDLE,
) -> HRESULT {
    entry_with("IpcxOpenFile", || {
        // SAFETY: null or writable, by this function's contract.
        let file = unsafe { Out::cleared(phFile, "phFile")? };
        // SAFETY: null or terminated, by this function's contract.
        let path = unsafe { path(wszFilePath, "wszFilePath")? };
        let flags = args::flags(dwFlags, IPCX_OPEN_READ_ONLY, "dwFlags")?;
        // SAFETY: null or valid, by this function's contract.
        let prompt = ask::prompt(unsafe { args::prompt(pContext)? })?;
        let opened = OpenFile::open_path(&path, flags == 0, &*state::environment()?, &prompt)?;
        file.set(handles::open(Arc::new(FileHandle::new(opened, Failure::default())))?);
        Ok(())
    })
}

/// Tells whether the content of a file can be changed unnoticed by those who may only read it.
///
/// `wszFilePath` is read during the call only. `*pdwAuthentication` is one of the `IPCX_FILE_` constants. Files of
/// compatible packages, Office documents and PDF are not authenticated, whatever package was asked for.
///
/// # Returns
/// - `S_OK`: the answer, from the license of the file.
/// - `E_INVALIDARG`: a null pointer.
/// - What `IpcfIsFileEncrypted` returns.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// The input is null or ends in NUL; the output is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxGetFileAuthentication(wszFilePath: LPCWSTR, pdwAuthentication: LPDWORD) -> HRESULT {
    entry("IpcxGetFileAuthentication", || {
        // SAFETY: null or writable, by this function's contract.
        let answer = unsafe { Out::cleared(pdwAuthentication, "pdwAuthentication")? };
        // SAFETY: null or terminated, by this function's contract.
        let path = unsafe { path(wszFilePath, "wszFilePath")? };
        let input = Input::open(&path, false)?;
        answer.set(match detect::is_authenticated(&input.file)? {
            None => IPCX_FILE_NOT_PROTECTED,
            Some(false) => IPCX_FILE_UNAUTHENTICATED,
            Some(true) => IPCX_FILE_AUTHENTICATED,
        });
        Ok(())
    })
}

/// Hands out a stream.
fn give(stream: Out<*mut ILockBytes>, storage: Box<dyn Storage>) {
    stream.set(lock_bytes::object(storage));
}

/// Makes a stream over a file that the application has open.
///
/// `hFile` is a handle of a file on Windows, elsewhere a file descriptor made with `IPCX_FILE_FD`; it is duplicated, so the
/// caller's own may be closed at any time. `*ppStream` has one reference, which the caller releases; it is `NULL` until the
/// stream exists. Its `Flush` returns when what was written is on the medium; regions cannot be locked.
///
/// # Returns
/// - `S_OK`: the stream.
/// - `E_INVALIDARG`: a null pointer, no open file.
///
/// # Threads
/// Any thread; calls on one stream take turns.
///
/// # Safety
/// `ppStream` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxCreateStreamOnFile(hFile: HANDLE, ppStream: *mut *mut ILockBytes) -> HRESULT {
    entry("IpcxCreateStreamOnFile", || {
        // SAFETY: null or writable, by this function's contract.
        let stream = unsafe { Out::cleared(ppStream, "ppStream")? };
        give(stream, storage_of(hFile, "hFile")?);
        Ok(())
    })
}

/// Makes a stream in memory that begins with a copy of some bytes.
///
/// `pvContent` holds `cbContent` bytes and may be null when there are none. `*ppStream` has one reference, which the caller
/// releases; it is `NULL` until the stream exists. `Stat` tells its size, `ReadAt` its content.
///
/// # Returns
/// - `S_OK`: the stream.
/// - `E_INVALIDARG`: a null pointer.
/// - `E_OUTOFMEMORY`.
///
/// # Threads
/// Any thread; calls on one stream take turns.
///
/// # Safety
/// `pvContent` is null or readable; `ppStream` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcxCreateStreamOnMemory(
    pvContent: LPCVOID,
    cbContent: DWORD,
    ppStream: *mut *mut ILockBytes,
) -> HRESULT {
    entry("IpcxCreateStreamOnMemory", || {
        // SAFETY: null or writable, by this function's contract.
        let stream = unsafe { Out::cleared(ppStream, "ppStream")? };
        // SAFETY: null or readable, by this function's contract.
        let content = unsafe { args::bytes(pvContent.cast(), cbContent, "pvContent")? };
        let mut storage = MemoryStorage::default();
        storage.write_at(0, content)?;
        give(stream, Box::new(storage));
        Ok(())
    })
}
