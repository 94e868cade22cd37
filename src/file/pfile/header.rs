//! The clear part in front of the content: versions, notice, extension, license, metadata.
//!
//! Versions 2.0, 2.1 and 3.0 are read, 3.0 is written. Every offset is checked against the file before anything is
//! taken from it, and no length of the file decides how much memory is taken.

use std::ops::Range;

use super::corrupt;
use super::manifest::{RECORD_LEN, RECORD_MAGIC};
use crate::crypto::{OsRandom, random};
use crate::error::{Error, ErrorKind, Result};
use crate::file::{Storage, naming};

/// First bytes of every pfile.
pub const MAGIC: &[u8; 6] = b".pfile";
/// Longest license that is read, in bytes.
pub const LICENSE_MAX: u64 = 32 << 20;
/// Most metadata that is read, in bytes.
pub const METADATA_MAX: u64 = 16 << 20;
/// Longest stored extension that is read at all, in bytes.
const EXTENSION_READ_MAX: u64 = 1024;
/// Bytes before the notice.
const FIXED_LEN: usize = 18;
/// Header block of version 2.0, without size and metadata.
const BLOCK_LEN_2_0: usize = 24;
/// Header block of later versions.
pub(super) const BLOCK_LEN: usize = 40;
/// Place of the original size in the header block.
const SIZE_AT: u64 = 24;
/// Place of the mark of an unfinished write in the file: the upper bytes of the major version, which are 0 in every
/// version.
const MARK_AT: u64 = 7;

/// What people read who open the file in a text editor. No program looks at it.
const NOTICE: &str = "\r\n\r\nThe content of this file is protected by its owner.\r\n\
    Open it with an application that supports rights management, signed in with an account that was given access.\r\n\
    Do not change this file in a text editor: it could not be opened any more.\r\n\r\n";

/// What says as long as blocks are written in place that the file must not be read, and which write it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark(pub(super) [u8; 3]);

impl Mark {
    /// No write is going on.
    pub(super) const NONE: Self = Self([0; 3]);

    /// The mark of a new write, which no other file has but by chance.
    ///
    /// # Errors
    /// The source of randomness failed.
    pub(super) fn new() -> Result<Self> {
        loop {
            let mark = Self(random::array(&OsRandom)?);
            if mark != Self::NONE {
                return Ok(mark);
            }
        }
    }

    /// The mark that a pfile has now.
    ///
    /// # Errors
    /// What the system reports; `FileCorrupt` when the file is too short.
    pub(super) fn of(storage: &dyn Storage) -> Result<Self> {
        let mut mark = [0; 3];
        storage.read_exact_at(MARK_AT, &mut mark)?;
        Ok(Self(mark))
    }

    /// Gives a pfile this mark.
    ///
    /// # Errors
    /// What the system reports.
    pub(super) fn set(self, storage: &mut dyn Storage) -> Result<()> {
        storage.write_at(MARK_AT, &self.0)
    }
}

/// The header of a pfile, checked against the length of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    pub(super) major: u32,
    pub(super) minor: u32,
    pub(super) notice: Range<u64>,
    pub(super) block_len: u64,
    pub(super) extension: Range<u64>,
    pub(super) license: Range<u64>,
    pub(super) metadata: Range<u64>,
    pub(super) content: u64,
    pub(super) original_size: Option<u64>,
    stored_extension: Option<Vec<u8>>,
}

/// Whether a storage begins as a pfile does. The header may still be damaged.
///
/// # Errors
/// What the system reports.
pub fn is_pfile(storage: &dyn Storage) -> Result<bool> {
    let mut magic = [0; MAGIC.len()];
    Ok(storage.read_at(0, &mut magic)? == magic.len() && magic == *MAGIC)
}

impl Header {
    /// Reads and checks the header.
    ///
    /// # Errors
    /// `FileNotEncrypted` without the magic, `NotSupported` for the major versions 4 to 255, and `FileCorrupt` for
    /// everything that contradicts itself or the length of the file.
    pub fn read(storage: &dyn Storage) -> Result<Self> {
        match Self::read_marked(storage)? {
            (header, Mark::NONE) => Ok(header),
            _ => Err(corrupt("unfinished write", "the program that wrote to this file did not come to its end")),
        }
    }

    /// Reads and checks the header of a file that may be in the middle of a write. No write changes any part of it but
    /// the original size.
    ///
    /// # Errors
    /// As [`Self::read`], but for a write that is not finished.
    pub(super) fn read_marked(storage: &dyn Storage) -> Result<(Self, Mark)> {
        if !is_pfile(storage)? {
            return Err(ErrorKind::FileNotEncrypted.into());
        }
        let file_len = storage.len()?;
        let mut fixed = [0; FIXED_LEN];
        storage.read_exact_at(0, &mut fixed)?;
        let [major, mark @ ..] = word(&fixed, 6).to_le_bytes();
        let (major, minor) = (u32::from(major), word(&fixed, 10));
        check_version(major, minor)?;

        let block = FIXED_LEN as u64 + u64::from(word(&fixed, 14));
        if block > file_len {
            return Err(corrupt("notice", "it reaches past the end"));
        }
        let known = if (major, minor) == (2, 0) { BLOCK_LEN_2_0 } else { BLOCK_LEN };
        let mut fields = [0; BLOCK_LEN];
        storage.read_exact_at(block, &mut fields[..4])?;
        let block_len = u64::from(word(&fields, 0));
        if block_len < known as u64 {
            return Err(corrupt("header block", format!("{block_len} bytes")));
        }
        storage.read_exact_at(block, &mut fields[..known])?;

        let content = u64::from(word(&fields, 20));
        if content > file_len {
            return Err(corrupt("content offset", "it lies past the end"));
        }
        let inside = block + block_len..content;
        let extension = part("extension", (word(&fields, 4), word(&fields, 8)), &inside)?;
        let license = part("license", (word(&fields, 12), word(&fields, 16)), &inside)?;
        let metadata = part("metadata", (word(&fields, 32), word(&fields, 36)), &inside)?;
        if license.is_empty() || license.end - license.start > LICENSE_MAX {
            return Err(corrupt("license", format!("{} bytes", license.end - license.start)));
        }
        let stored_extension = match extension.end - extension.start <= EXTENSION_READ_MAX {
            true => Some(bytes(storage, &extension)?),
            false => None,
        };
        let original_size =
            (known == BLOCK_LEN).then(|| u64::from(word(&fields, 24)) | u64::from(word(&fields, 28)) << 32);
        let notice = FIXED_LEN as u64..block;
        let header = Self {
            major,
            minor,
            notice,
            block_len,
            extension,
            license,
            metadata,
            content,
            original_size,
            stored_extension,
        };
        Ok((header, Mark(mark)))
    }

    /// Major and minor version.
    #[must_use]
    pub fn version(&self) -> (u32, u32) {
        (self.major, self.minor)
    }

    /// Where the content begins, in bytes from the beginning of the file; the header is all that stands before.
    #[must_use]
    pub fn content_offset(&self) -> u64 {
        self.content
    }

    /// The size of the content before encryption, where the header tells it: 0 and all ones tell nothing.
    #[must_use]
    pub fn original_size(&self) -> Option<u64> {
        self.original_size.filter(|size| ![0, u64::MAX].contains(size))
    }

    /// The extension that the file had before, with its dot, where it can be part of a file name ([`naming::believed`]). An
    /// extension that cannot is as good as none.
    #[must_use]
    pub fn extension(&self) -> Option<&str> {
        naming::believed(std::str::from_utf8(self.stored_extension.as_deref()?).ok()?)
    }

    /// The extension as it is stored; `None` when it is longer than any extension.
    #[must_use]
    pub fn stored_extension(&self) -> Option<&[u8]> {
        self.stored_extension.as_deref()
    }

    /// The license, byte for byte as it is stored.
    ///
    /// # Errors
    /// What the system reports; `FileCorrupt` when the file became shorter meanwhile.
    pub fn license(&self, storage: &dyn Storage) -> Result<Vec<u8>> {
        bytes(storage, &self.license)
    }

    /// The metadata of applications: the metadata area without the record of an authenticated file.
    ///
    /// # Errors
    /// `FileCorrupt` above [`METADATA_MAX`]; what the system reports.
    pub fn metadata(&self, storage: &dyn Storage) -> Result<Vec<u8>> {
        let mut range = self.metadata.clone();
        if self.begins_with_record(storage)? {
            range.start += RECORD_LEN as u64;
        }
        if range.end - range.start > METADATA_MAX {
            return Err(corrupt("metadata", format!("{} bytes", range.end - range.start)));
        }
        bytes(storage, &range)
    }

    /// Whether the metadata area begins with the record of an authenticated file.
    pub(super) fn begins_with_record(&self, storage: &dyn Storage) -> Result<bool> {
        if self.major != 3 || self.metadata.end - self.metadata.start < RECORD_LEN as u64 {
            return Ok(false);
        }
        let mut magic = [0; RECORD_MAGIC.len()];
        storage.read_exact_at(self.metadata.start, &mut magic)?;
        Ok(magic == *RECORD_MAGIC)
    }

    /// Whether the parts follow each other as this product writes them, so that every offset follows from the lengths.
    pub(super) fn is_canonical(&self) -> bool {
        (self.major, self.minor) == (3, 0)
            && self.block_len == BLOCK_LEN as u64
            && self.extension.start == self.notice.end + self.block_len
            && self.license.start == self.extension.end
            && self.metadata.start == self.license.end
            && self.content == self.metadata.end
    }

    /// Where the original size is stored, if the version has the field.
    pub(super) fn original_size_at(&self) -> Option<u64> {
        self.original_size.map(|_| self.notice.end + SIZE_AT)
    }
}

/// The clear part of a new file, version 3.0.
///
/// # Errors
/// `InvalidArgument` or `LicenseTooLong` for parts that readers refuse or that do not fit 32-bit offsets.
pub(super) fn build(extension: &str, license: &[u8], metadata: &[u8], original_size: u64) -> Result<Vec<u8>> {
    if license.is_empty() {
        return Err(Error::argument("license", "it is empty"));
    }
    let license = normalized(license);
    if license.iter().map(|part| part.len() as u64).sum::<u64>() > LICENSE_MAX {
        return Err(ErrorKind::LicenseTooLong.into());
    }
    if metadata.len() as u64 > METADATA_MAX + RECORD_LEN as u64 {
        return Err(Error::argument("metadata", format!("{} bytes", metadata.len())));
    }
    if extension.len() as u64 > EXTENSION_READ_MAX {
        return Err(Error::argument("extension", format!("{} bytes", extension.len())));
    }
    let license = license.concat();
    let block = FIXED_LEN + NOTICE.len();
    let extension_at = block + BLOCK_LEN;
    let license_at = extension_at + extension.len();
    let metadata_at = license_at + license.len();
    let content = metadata_at + metadata.len();

    let mut out = Vec::with_capacity(content);
    out.extend_from_slice(MAGIC);
    for value in [3, 0, NOTICE.len()] {
        out.extend_from_slice(&field(value)?);
    }
    out.extend_from_slice(NOTICE.as_bytes());
    for value in [BLOCK_LEN, extension_at, extension.len(), license_at, license.len(), content] {
        out.extend_from_slice(&field(value)?);
    }
    out.extend_from_slice(&original_size.to_le_bytes());
    for value in [metadata_at, metadata.len()] {
        out.extend_from_slice(&field(value)?);
    }
    out.extend_from_slice(extension.as_bytes());
    out.extend_from_slice(&license);
    out.extend_from_slice(metadata);
    Ok(out)
}

/// A license as version 3.0 stores it: UTF-8 with its mark in front and no zero bytes behind; UTF-16 as it is.
fn normalized(license: &[u8]) -> [&[u8]; 2] {
    const MARK: &[u8] = b"\xef\xbb\xbf";
    // In UTF-16 a zero stands beside every letter.
    if license.starts_with(b"<\0") || license.starts_with(b"\xff\xfe") || license.starts_with(b"\xfe\xff") {
        return [b"", license];
    }
    let end = license.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1);
    [if license.starts_with(MARK) { b"" } else { MARK }, &license[..end]]
}

fn check_version(major: u32, minor: u32) -> Result<()> {
    if minor >= 256 || major < 2 {
        return Err(corrupt("version", format!("{major}.{minor}")));
    }
    if major > 3 {
        return Err(Error::with(ErrorKind::NotSupported, format!("pfile version {major}.{minor}")));
    }
    Ok(())
}

/// A part of the file that must lie between the header block and the content. One of length 0 may lie anywhere.
fn part(what: &'static str, (offset, len): (u32, u32), inside: &Range<u64>) -> Result<Range<u64>> {
    let range = u64::from(offset)..u64::from(offset) + u64::from(len);
    if len > 0 && (range.start < inside.start || range.end > inside.end) {
        return Err(corrupt(what, "it lies outside the header"));
    }
    Ok(range)
}

/// The bytes of a part whose length was checked.
fn bytes(storage: &dyn Storage, range: &Range<u64>) -> Result<Vec<u8>> {
    let len = usize::try_from(range.end - range.start).map_err(|_| ErrorKind::OutOfMemory)?;
    let mut out = Vec::new();
    out.try_reserve_exact(len).map_err(|_| ErrorKind::OutOfMemory)?;
    out.resize(len, 0);
    storage.read_exact_at(range.start, &mut out)?;
    Ok(out)
}

fn field(value: usize) -> Result<[u8; 4]> {
    let value = u32::try_from(value).map_err(|_| Error::argument("header", "the parts are too long together"))?;
    Ok(value.to_le_bytes())
}

/// The 32-bit number at `at`, which the callers keep inside.
fn word(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|word| word.try_into().ok()).map_or(0, u32::from_le_bytes)
}
