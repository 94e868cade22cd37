//! The undo record: what in-place writes are about to replace, kept beside the file until they are complete.
//!
//! The record holds bytes of the protected file as they are, so nothing clear. It is complete and on the medium before
//! the first byte of the file changes; a record whose digest is wrong was therefore never needed. The last step of a
//! write that shortens the file is the cut itself, so a file that is short already is a finished one.

use std::fmt;
use std::ops::Range;

use super::header::Header;
use crate::crypto::{Sha256, sha256};
use crate::error::{Error, ErrorKind, Result};
use crate::file::Storage;

const MAGIC: &[u8; 8] = b"msipcUnd";
const VERSION: u32 = 1;
/// Magic, version, number of extents, both lengths, the license.
const FIXED_LEN: usize = 8 + 4 + 4 + 8 + 8 + 32;
/// Offset and length of an extent.
const EXTENT_LEN: usize = 16;
/// More extents than any write has.
const EXTENTS_MAX: u32 = 64;
const DIGEST_LEN: u64 = 32;

/// Where the undo record of a file lies: beside the file, so that whoever opens the file finds it.
pub trait UndoPlace: Send + fmt::Debug {
    /// What lies there, if anything.
    ///
    /// # Errors
    /// What the system reports.
    fn existing(&mut self) -> Result<Option<Box<dyn Storage>>>;

    /// An empty storage there, in place of what lay there before. When it was synced, it must also be found again.
    ///
    /// # Errors
    /// What the system reports.
    fn create(&mut self) -> Result<Box<dyn Storage>>;

    /// Removes what lies there, so that it stays away; harmless when there is nothing. A record that comes back takes
    /// the last write back, but does no other harm. What [`Self::create`] returned can be read as long as it is held.
    ///
    /// # Errors
    /// What the system reports.
    fn remove(&mut self) -> Result<()>;
}

/// Ends what an earlier program left unfinished: restores the file from the record, or drops a record that is not
/// needed. Returns whether the file was changed. Every open must begin with this, for reading, too.
///
/// # Errors
/// What the system reports, and what [`Header::read`] answers of a file that there is a record for; the record stays
/// then.
pub fn recover(storage: &mut dyn Storage, place: &mut dyn UndoPlace) -> Result<bool> {
    let Some(kept) = place.existing()? else { return Ok(false) };
    let Some(record) = Record::read(&*kept)? else {
        place.remove()?;
        return Ok(false);
    };
    let finished = record.new_len < record.old_len && storage.len()? <= record.new_len;
    // Another file may have taken the name meanwhile.
    if finished || record.license != license_of(storage)? {
        place.remove()?;
        return Ok(false);
    }
    record.restore(&*kept, storage)?;
    storage.sync()?;
    drop(kept);
    place.remove()?;
    Ok(true)
}

/// What is needed to take a write back.
#[derive(Debug, Clone)]
pub(super) struct Record {
    /// Bytes of the file before the write.
    pub(super) old_len: u64,
    /// And after it.
    pub(super) new_len: u64,
    license: [u8; 32],
    extents: Vec<Range<u64>>,
}

impl Record {
    /// The record of a write that replaces nothing but these parts of the file. Parts behind the end count for nothing.
    pub(super) fn of(storage: &dyn Storage, license: [u8; 32], new_len: u64, extents: &[Range<u64>]) -> Result<Self> {
        let old_len = storage.len()?;
        let clip = |extent: &Range<u64>| extent.start.min(old_len)..extent.end.min(old_len);
        let extents = extents.iter().map(clip).filter(|extent| !extent.is_empty()).collect();
        Ok(Self { old_len, new_len, license, extents })
    }

    /// Bytes that [`Self::save`] writes.
    pub(super) fn size(&self) -> u64 {
        let kept: u64 = self.extents.iter().map(|extent| extent.end - extent.start).sum();
        self.data_at() + kept + DIGEST_LEN
    }

    /// Writes the record with what the file holds now.
    pub(super) fn save(&self, storage: &dyn Storage, place: &mut dyn Storage) -> Result<()> {
        let mut head = Vec::with_capacity(FIXED_LEN + self.extents.len() * EXTENT_LEN);
        let count = u32::try_from(self.extents.len()).ok().filter(|count| *count <= EXTENTS_MAX);
        head.extend_from_slice(MAGIC);
        head.extend_from_slice(&VERSION.to_le_bytes());
        head.extend_from_slice(&count.ok_or_else(|| Error::internal("too many extents"))?.to_le_bytes());
        head.extend_from_slice(&self.old_len.to_le_bytes());
        head.extend_from_slice(&self.new_len.to_le_bytes());
        head.extend_from_slice(&self.license);
        for extent in &self.extents {
            head.extend_from_slice(&extent.start.to_le_bytes());
            head.extend_from_slice(&(extent.end - extent.start).to_le_bytes());
        }
        let mut digest = Sha256::new();
        digest.update(&head);
        place.write_at(0, &head)?;
        let mut at = head.len() as u64;
        for extent in &self.extents {
            pieces(extent.clone(), |offset, buffer| {
                storage.read_exact_at(offset, buffer)?;
                digest.update(buffer);
                place.write_at(at, buffer)?;
                at += buffer.len() as u64;
                Ok(())
            })?;
        }
        place.write_at(at, &digest.finish())
    }

    /// Reads a record; `None` when it is not complete.
    fn read(kept: &dyn Storage) -> Result<Option<Self>> {
        let len = kept.len()?;
        let mut fixed = [0; FIXED_LEN];
        if kept.read_at(0, &mut fixed)? < fixed.len() || !fixed.starts_with(MAGIC) {
            return Ok(None);
        }
        let count = u32::from_le_bytes(field(&fixed, 12));
        if u32::from_le_bytes(field(&fixed, 8)) != VERSION || count > EXTENTS_MAX {
            return Ok(None);
        }
        let mut record = Self {
            old_len: u64::from_le_bytes(field(&fixed, 16)),
            new_len: u64::from_le_bytes(field(&fixed, 24)),
            license: field(&fixed, 32),
            extents: Vec::new(),
        };
        for number in 0..u64::from(count) {
            let mut extent = [0; EXTENT_LEN];
            if kept.read_at(FIXED_LEN as u64 + number * EXTENT_LEN as u64, &mut extent)? < extent.len() {
                return Ok(None);
            }
            let start = u64::from_le_bytes(field(&extent, 0));
            let Some(end) = start.checked_add(u64::from_le_bytes(field(&extent, 8))) else { return Ok(None) };
            if end > record.old_len {
                return Ok(None);
            }
            record.extents.push(start..end);
        }
        let kept_bytes =
            record.extents.iter().try_fold(0_u64, |sum, extent| sum.checked_add(extent.end - extent.start));
        let Some(size) = kept_bytes.and_then(|sum| sum.checked_add(record.data_at() + DIGEST_LEN)) else {
            return Ok(None);
        };
        if size != len {
            return Ok(None);
        }
        let mut digest = Sha256::new();
        pieces(0..len - DIGEST_LEN, |offset, buffer| {
            kept.read_exact_at(offset, buffer)?;
            digest.update(buffer);
            Ok(())
        })?;
        let mut expected = [0; 32];
        kept.read_exact_at(len - DIGEST_LEN, &mut expected)?;
        Ok((digest.finish() == expected).then_some(record))
    }

    /// Puts back what was kept, and the length.
    pub(super) fn restore(&self, kept: &dyn Storage, storage: &mut dyn Storage) -> Result<()> {
        let mut at = self.data_at();
        for extent in &self.extents {
            pieces(extent.clone(), |offset, buffer| {
                kept.read_exact_at(at, buffer)?;
                storage.write_at(offset, buffer)?;
                at += buffer.len() as u64;
                Ok(())
            })?;
        }
        storage.set_len(self.old_len)
    }

    fn data_at(&self) -> u64 {
        FIXED_LEN as u64 + self.extents.len() as u64 * EXTENT_LEN as u64
    }
}

/// What tells whose file a record belongs to: the hash of the license.
pub(super) fn license_of(storage: &dyn Storage) -> Result<[u8; 32]> {
    match Header::read(storage) {
        Ok(header) => Ok(sha256(&header.license(storage)?)),
        // A file of another kind is another file.
        Err(error) if matches!(error.kind(), ErrorKind::FileNotEncrypted) => Ok([0; 32]),
        Err(error) => Err(error),
    }
}

/// Calls `each` with the offset of, and room for, one piece of `range` after the other.
fn pieces(range: Range<u64>, mut each: impl FnMut(u64, &mut [u8]) -> Result<()>) -> Result<()> {
    let len = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
    let mut buffer = vec![0; len.min(256 << 10)];
    let mut at = range.start;
    while at < range.end {
        let now = usize::try_from(range.end - at).unwrap_or(usize::MAX).min(buffer.len());
        each(at, &mut buffer[..now])?;
        at += now as u64;
    }
    Ok(())
}

fn field<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes.get(at..at + N).and_then(|field| field.try_into().ok()).unwrap_or([0; N])
}
