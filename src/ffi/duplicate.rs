//! Files that the application has open: duplicated, so that it may close its own handle at any time, and used as storage.

#[cfg(windows)]
use std::sync::atomic::{AtomicBool, Ordering};

use super::base::*;
use crate::base::os::files;
use crate::error::{Error, Result};
use crate::file::Storage;

/// A storage over a file of the application, which keeps its own handle.
pub(super) fn storage_of(handle: HANDLE, what: &'static str) -> Result<Box<dyn Storage>> {
    let file = duplicate(handle, what)?;
    let found = file.metadata().map_err(|error| Error::argument(what, error.to_string()))?;
    if found.is_dir() {
        return Err(Error::argument(what, "a folder"));
    }
    if files::is_appending(&file) {
        return Err(Error::argument(what, "opened for appending, which writes at the end alone"));
    }
    Ok(if files::is_writable(&file) { Box::new(writable(file)) } else { Box::new(file) })
}

#[cfg(unix)]
fn duplicate(handle: HANDLE, what: &'static str) -> Result<std::fs::File> {
    use std::os::fd::BorrowedFd;
    let no_file = || Error::argument(what, "no file descriptor made with IPCX_FILE_FD");
    // IPCX_FILE_FD adds one, so that descriptor 0 is not null.
    let descriptor = i32::try_from(handle.addr().wrapping_sub(1)).map_err(|_| no_file())?;
    // SAFETY: a number; a descriptor that is not open is an answer, not a fault.
    if unsafe { libc::fcntl(descriptor, libc::F_GETFD) } < 0 {
        return Err(no_file());
    }
    // SAFETY: open, and the caller keeps it open during the call.
    let borrowed = unsafe { BorrowedFd::borrow_raw(descriptor) };
    Ok(borrowed.try_clone_to_owned()?.into())
}

#[cfg(windows)]
fn duplicate(handle: HANDLE, what: &'static str) -> Result<std::fs::File> {
    use std::os::windows::io::BorrowedHandle;
    if handle.is_null() || handle.addr() == usize::MAX {
        return Err(Error::argument(what, "no handle of a file"));
    }
    // SAFETY: the caller keeps it open during the call; a value that is no handle is an answer, not a fault.
    let borrowed = unsafe { BorrowedHandle::borrow_raw(handle) };
    let own = borrowed.try_clone_to_owned().map_err(|error| Error::argument(what, error.to_string()))?;
    Ok(own.into())
}

#[cfg(unix)]
fn writable(file: std::fs::File) -> std::fs::File {
    file
}

#[cfg(windows)]
fn writable(file: std::fs::File) -> Duplicate {
    Duplicate { file, is_locked: AtomicBool::new(false) }
}

/// A duplicate of the application's handle. The lock belongs to both, so it is given back when this one is closed;
/// it would last until the application closes its own, and be in the way of the next use of that.
#[cfg(windows)]
#[derive(Debug)]
struct Duplicate {
    file: std::fs::File,
    is_locked: AtomicBool,
}

#[cfg(windows)]
impl Drop for Duplicate {
    fn drop(&mut self) {
        if self.is_locked.load(Ordering::Relaxed) {
            // It ends with the last handle at the latest.
            let _unlocked = self.file.unlock();
        }
    }
}

#[cfg(windows)]
impl Storage for Duplicate {
    fn len(&self) -> Result<u64> {
        Storage::len(&self.file)
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> Result<usize> {
        Storage::read_at(&self.file, offset, out)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<()> {
        Storage::write_at(&mut self.file, offset, bytes)
    }

    fn set_len(&mut self, len: u64) -> Result<()> {
        Storage::set_len(&mut self.file, len)
    }

    fn sync(&mut self) -> Result<()> {
        Storage::sync(&mut self.file)
    }

    fn file(&self) -> Option<&std::fs::File> {
        Some(&self.file)
    }

    fn lock(&self) -> Result<()> {
        files::lock(&self.file)?;
        self.is_locked.store(true, Ordering::Relaxed);
        Ok(())
    }
}
