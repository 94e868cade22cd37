//! Bytes at offsets: what a container needs of the place that it lies in.

use std::fmt;
use std::fs::File;

use crate::base::os::{fault, files};
use crate::error::{Error, ErrorKind, Result};

/// A place of bytes that can be read and written at any offset: a file, memory, an object of the application.
pub trait Storage: Send + fmt::Debug {
    /// Bytes in the storage.
    ///
    /// # Errors
    /// What the system reports.
    fn len(&self) -> Result<u64>;

    /// Reads from `offset` on and returns how much was read, which is less than asked only at the end.
    ///
    /// # Errors
    /// What the system reports.
    fn read_at(&self, offset: u64, out: &mut [u8]) -> Result<usize>;

    /// Writes all bytes at `offset`; writing past the end extends the storage.
    ///
    /// # Errors
    /// What the system reports; how much was written is then unknown.
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<()>;

    /// Cuts or extends the storage; what is added reads as zero.
    ///
    /// # Errors
    /// What the system reports.
    fn set_len(&mut self, len: u64) -> Result<()>;

    /// Returns when what was written is on the medium.
    ///
    /// # Errors
    /// What the system reports.
    fn sync(&mut self) -> Result<()>;

    /// False when it is known that nothing can be written.
    fn is_writable(&self) -> bool {
        true
    }

    /// The file that the bytes lie in, where it is one.
    fn file(&self) -> Option<&File> {
        None
    }

    /// The storage itself, where any thread may read it: never what the application implements.
    fn shared(&self) -> Option<&(dyn Storage + Sync)> {
        None
    }

    /// Asks others of this library not to write meanwhile, where the bytes lie in a file that can be written.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] with `ResourceBusy` when somebody else works on it.
    fn lock(&self) -> Result<()> {
        self.file().filter(|_| self.is_writable()).map_or(Ok(()), files::lock)
    }

    /// True when there are no bytes.
    ///
    /// # Errors
    /// As [`Self::len`].
    fn is_empty(&self) -> Result<bool> {
        Ok(self.len()? == 0)
    }

    /// Reads exactly `out.len()` bytes.
    ///
    /// # Errors
    /// `FileCorrupt` when the storage ends before, for containers name more than there is only when they are damaged.
    fn read_exact_at(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        if self.read_at(offset, out)? == out.len() {
            return Ok(());
        }
        Err(Error::with(ErrorKind::FileCorrupt { what: "length" }, "the file ends early"))
    }
}

/// Writes of so many bytes are parts of much work, at whose end all is flushed.
const LONG_WRITE: usize = 1 << 20;

/// Most bytes of one call. For more, systems look for memory in pieces as large, which took longer than all the writing.
const CALL_MAX: usize = 512 << 10;

impl Storage for File {
    fn len(&self) -> Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> Result<usize> {
        if i64::try_from(offset).is_err() {
            // Behind the end of any file; systems call such an offset wrong instead.
            return Ok(0);
        }
        let mut done = 0;
        while done < out.len() {
            match read_some(self, offset + done as u64, &mut out[done..]) {
                Ok(0) => break,
                Ok(count) => done += count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(done)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<()> {
        fault::step()?;
        let mut done = 0;
        while done < bytes.len() {
            let now = &bytes[done..bytes.len().min(done + CALL_MAX)];
            match write_some(self, offset + done as u64, now) {
                Ok(0) => return Err(ErrorKind::Io(std::io::ErrorKind::WriteZero).into()),
                Ok(count) => done += count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(refused(self, error)),
            }
        }
        if bytes.len() >= LONG_WRITE {
            files::begin_flush(self, offset, bytes.len());
        }
        Ok(())
    }

    fn set_len(&mut self, len: u64) -> Result<()> {
        fault::step()?;
        File::set_len(self, len).map_err(|error| refused(self, error))
    }

    fn sync(&mut self) -> Result<()> {
        fault::step()?;
        Ok(self.sync_all()?)
    }

    fn is_writable(&self) -> bool {
        files::is_writable(self)
    }

    fn file(&self) -> Option<&File> {
        Some(self)
    }

    fn shared(&self) -> Option<&(dyn Storage + Sync)> {
        Some(self)
    }
}

/// Reads of so many bytes are parts of a pass over the whole file.
const LONG_READ: usize = 256 << 10;

/// A file that is read once and then replaced. The memory in which the system keeps what was read serves what is written
/// instead, and need not be given back when the file is removed.
#[derive(Debug)]
pub(super) struct Passing(pub(super) File);

impl Storage for Passing {
    fn len(&self) -> Result<u64> {
        Storage::len(&self.0)
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> Result<usize> {
        let count = Storage::read_at(&self.0, offset, out)?;
        if count >= LONG_READ {
            files::forget(&self.0, offset, count);
        }
        Ok(count)
    }

    fn write_at(&mut self, _offset: u64, _bytes: &[u8]) -> Result<()> {
        Err(read_only())
    }

    fn set_len(&mut self, _len: u64) -> Result<()> {
        Err(read_only())
    }

    fn sync(&mut self) -> Result<()> {
        Ok(())
    }

    fn is_writable(&self) -> bool {
        false
    }

    fn file(&self) -> Option<&File> {
        Some(&self.0)
    }

    fn shared(&self) -> Option<&(dyn Storage + Sync)> {
        Some(self)
    }
}

/// The error of writing what was opened to be read.
#[must_use]
pub(super) fn read_only() -> Error {
    Error::with(ErrorKind::Io(std::io::ErrorKind::PermissionDenied), "the file was opened for reading only")
}

/// Why a file could not be changed. Systems have several words for one that is only read.
fn refused(file: &File, error: std::io::Error) -> Error {
    if files::is_writable(file) { error.into() } else { read_only() }
}

#[cfg(unix)]
fn read_some(file: &File, offset: u64, out: &mut [u8]) -> std::io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, out, offset)
}

#[cfg(unix)]
fn write_some(file: &File, offset: u64, bytes: &[u8]) -> std::io::Result<usize> {
    std::os::unix::fs::FileExt::write_at(file, bytes, offset)
}

#[cfg(windows)]
fn read_some(file: &File, offset: u64, out: &mut [u8]) -> std::io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, out, plain_offset(offset)?)
}

#[cfg(windows)]
fn write_some(file: &File, offset: u64, bytes: &[u8]) -> std::io::Result<usize> {
    std::os::windows::fs::FileExt::seek_write(file, bytes, plain_offset(offset)?)
}

/// The offset, unless Windows would take it for something else: its largest values stand for the end of the file and for
/// where the last call ended.
#[cfg(windows)]
fn plain_offset(offset: u64) -> std::io::Result<u64> {
    if i64::try_from(offset).is_ok() { Ok(offset) } else { Err(std::io::ErrorKind::InvalidInput.into()) }
}

/// Bytes in memory.
#[derive(Default, Clone)]
pub struct MemoryStorage {
    bytes: Vec<u8>,
}

impl MemoryStorage {
    /// Storage that holds these bytes.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { bytes }
    }

    /// What the storage holds.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Ends the storage and returns what it holds.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

impl Storage for MemoryStorage {
    fn len(&self) -> Result<u64> {
        Ok(self.bytes.len() as u64)
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> Result<usize> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(self.bytes.len());
        let count = out.len().min(self.bytes.len() - start);
        out[..count].copy_from_slice(&self.bytes[start..start + count]);
        Ok(count)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<()> {
        let start = usize::try_from(offset).map_err(|_| ErrorKind::OutOfMemory)?;
        let end = start.checked_add(bytes.len()).ok_or(ErrorKind::OutOfMemory)?;
        if end > self.bytes.len() {
            self.set_len(end as u64)?;
        }
        self.bytes[start..end].copy_from_slice(bytes);
        Ok(())
    }

    fn set_len(&mut self, len: u64) -> Result<()> {
        let len = usize::try_from(len).map_err(|_| ErrorKind::OutOfMemory)?;
        if len > self.bytes.len() {
            self.bytes.try_reserve(len - self.bytes.len()).map_err(|_| ErrorKind::OutOfMemory)?;
        }
        self.bytes.resize(len, 0);
        Ok(())
    }

    fn sync(&mut self) -> Result<()> {
        Ok(())
    }

    fn shared(&self) -> Option<&(dyn Storage + Sync)> {
        Some(self)
    }
}

impl fmt::Debug for MemoryStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStorage").field("len", &self.bytes.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What every storage does, whatever it lies in.
    fn behaves(storage: &mut dyn Storage) {
        assert!(storage.is_empty().unwrap());
        storage.write_at(3, b"plan").unwrap();
        assert_eq!(storage.len().unwrap(), 7);
        let mut out = [9; 10];
        assert_eq!(storage.read_at(0, &mut out).unwrap(), 7);
        assert_eq!(&out[..7], b"\0\0\0plan");
        assert_eq!(storage.read_at(100, &mut out).unwrap(), 0);
        assert_eq!(storage.read_at(u64::MAX, &mut out).unwrap(), 0);
        storage.set_len(5).unwrap();
        storage.set_len(6).unwrap();
        let mut out = [9; 3];
        storage.read_exact_at(3, &mut out).unwrap();
        assert_eq!(&out, b"pl\0");
        let error = storage.read_exact_at(4, &mut out).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::FileCorrupt { .. }));
        storage.sync().unwrap();
        let long = vec![7; LONG_WRITE + 1];
        storage.write_at(9, &long).unwrap();
        let mut out = vec![0; LONG_WRITE + 2];
        assert_eq!(storage.read_at(9, &mut out).unwrap(), long.len());
        assert_eq!(out[..long.len()], long);
        storage.sync().unwrap();
    }

    #[test]
    fn a_file_that_passes_reads_like_any_other_and_stays_as_it_is() {
        let mut file = tempfile::tempfile().unwrap();
        let content: Vec<u8> = (0..251).cycle().take(3 * LONG_READ + 100).collect();
        file.write_at(0, &content).unwrap();
        let mut passing = Passing(file);
        assert_eq!(Storage::len(&passing).unwrap(), content.len() as u64);
        let mut out = vec![0; content.len()];
        for at in [0, 1, LONG_READ - 1, LONG_READ, 2 * LONG_READ + 5, content.len() - 1, content.len()] {
            // What was forgotten is read again.
            for _ in 0..2 {
                let count = passing.read_at(at as u64, &mut out).unwrap();
                assert_eq!(out[..count], content[at..], "{at}");
            }
        }
        assert!(!passing.is_writable() && passing.file().is_some());
        let refusals = [passing.write_at(0, b"x"), passing.set_len(0)];
        for refusal in refusals {
            assert_eq!(*refusal.unwrap_err().kind(), ErrorKind::Io(std::io::ErrorKind::PermissionDenied));
        }
        let shared = passing.shared().unwrap();
        std::thread::scope(|scope| {
            let other = scope.spawn(|| shared.read_exact_at(0, &mut out));
            other.join().unwrap().unwrap();
        });
        assert!(out == content);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_is_only_read_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan");
        std::fs::write(&path, "plan").unwrap();
        let mut file = File::open(&path).unwrap();
        assert!(!Storage::is_writable(&file));
        for refused in [file.write_at(0, b"x"), Storage::set_len(&mut file, 1), Storage::set_len(&mut file, 9)] {
            let refused = refused.unwrap_err();
            assert_eq!(*refused.kind(), ErrorKind::Io(std::io::ErrorKind::PermissionDenied));
            assert!(refused.to_string().contains("reading only"), "{refused}");
        }
        file.sync().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"plan");
    }

    #[test]
    fn memory_and_files_are_storages() {
        behaves(&mut MemoryStorage::default());
        behaves(&mut tempfile::tempfile().unwrap());
    }
}
