//! What can be read at any place: a whole file, a stream in it, or content that is decrypted on the way.

use std::fmt;

use crate::error::{Error, ErrorKind, Result};
use crate::file::Storage;

/// Bytes of a known number that can be read at any offset.
pub trait ReadAt: fmt::Debug {
    /// Bytes in all.
    fn len(&self) -> u64;

    /// Reads exactly `out.len()` bytes.
    ///
    /// # Errors
    /// `FileCorrupt` when there are not as many; what the system reports; a content that does not decrypt.
    fn read_exact_at(&self, offset: u64, out: &mut [u8]) -> Result<()>;

    /// True when there are no bytes.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All bytes, if they are no more than `limit`.
    ///
    /// # Errors
    /// As [`Self::read_exact_at`], and `FileCorrupt` beyond the limit.
    fn read_all(&self, limit: usize) -> Result<Vec<u8>> {
        let length = usize::try_from(self.len()).ok().filter(|length| *length <= limit);
        let length = length.ok_or_else(|| {
            Error::with(ErrorKind::FileCorrupt { what: "length" }, "a stream is longer than it can be")
        })?;
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(length).map_err(|_| ErrorKind::OutOfMemory)?;
        bytes.resize(length, 0);
        self.read_exact_at(0, &mut bytes)?;
        Ok(bytes)
    }
}

/// A whole storage, whose length is asked once.
#[derive(Debug)]
pub struct Whole<'a> {
    storage: &'a dyn Storage,
    len: u64,
}

impl<'a> Whole<'a> {
    /// All of a storage.
    ///
    /// # Errors
    /// What the system reports.
    pub fn new(storage: &'a dyn Storage) -> Result<Self> {
        Ok(Self { storage, len: storage.len()? })
    }
}

impl ReadAt for Whole<'_> {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_exact_at(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        self.storage.read_exact_at(offset, out)
    }
}

impl ReadAt for &[u8] {
    fn len(&self) -> u64 {
        <[u8]>::len(self) as u64
    }

    fn read_exact_at(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let part = start.checked_add(out.len()).and_then(|end| self.get(start..end));
        out.copy_from_slice(part.ok_or_else(ends_early)?);
        Ok(())
    }
}

/// Something names more bytes than there are.
pub(super) fn ends_early() -> Error {
    Error::with(ErrorKind::FileCorrupt { what: "length" }, "the file ends early")
}
