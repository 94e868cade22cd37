//! The undo record: what in-place writes are about to replace, kept beside the file until they are complete.
//!
//! The record holds bytes of the protected file as they are, so nothing clear. It is complete and on the medium before
//! the first byte of the file changes; a record whose digest is wrong was therefore never needed. Record and file carry
//! the same mark as long as the write goes on, so that no other file and no other state of the file takes the record.

use std::fmt;
use std::ops::Range;

use super::header::{Header, Mark, is_pfile};
use crate::crypto::{Sha256, sha256};
use crate::error::{Error, Result};
use crate::file::Storage;

const MAGIC: &[u8; 8] = b"msipcUnd";
const VERSION: u32 = 1;
/// Magic, version, number of extents, mark, both lengths, the license.
const FIXED_LEN: usize = 8 + 4 + 1 + 3 + 8 + 8 + 32;
/// Offset and length of an extent.
const EXTENT_LEN: usize = 16;
/// More extents than any write has.
const EXTENTS_MAX: u8 = 64;
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

    /// Removes what lies there; harmless when there is nothing. A record that comes back does no harm, for its write is
    /// not the one that the file is marked with. What [`Self::create`] returned can be read as long as it is held.
    ///
    /// # Errors
    /// What the system reports.
    fn remove(&mut self) -> Result<()>;
}

/// Ends what an earlier program left unfinished: restores the file from the record, or drops a record that is not
/// needed. Only a pfile with the mark of the very write that the record belongs to is touched: a backup that was copied
/// back, or any other file that took the name meanwhile, stays as it is. Returns whether the file was changed. Every open
/// must begin with this, for reading, too.
///
/// # Errors
/// What the system reports, and what [`Header::read`] answers of a pfile that there is a record for; the record stays
/// then.
pub fn recover(storage: &mut dyn Storage, place: &mut dyn UndoPlace) -> Result<bool> {
    let Some(kept) = place.existing()? else { return Ok(false) };
    let record = match Record::read(&*kept)? {
        Some(record) if is_pfile(storage)? && record.belongs_to(storage)? => Some(record),
        _ => None,
    };
    if let Some(record) = &record {
        // The cut is the last change of a write that makes the file shorter, so only the mark is left to be taken away.
        let is_complete = record.new_len < record.old_len && storage.len()? <= record.new_len;
        if !is_complete {
            record.restore(&*kept, storage)?;
        }
        storage.sync()?;
        Mark::NONE.set(storage)?;
        storage.sync()?;
    }
    drop(kept);
    place.remove()?;
    Ok(record.is_some())
}

/// What is needed to take a write back.
#[derive(Debug, Clone)]
pub(super) struct Record {
    /// Bytes of the file before the write.
    pub(super) old_len: u64,
    /// And after it.
    pub(super) new_len: u64,
    /// What marks the file as long as the write goes on.
    pub(super) mark: Mark,
    /// Hash of the license, which tells whose file it is.
    license: [u8; 32],
    extents: Vec<Range<u64>>,
}

impl Record {
    /// The record of a write that replaces nothing but these parts of the file. Parts behind the end count for nothing.
    pub(super) fn of(storage: &dyn Storage, license: [u8; 32], new_len: u64, extents: &[Range<u64>]) -> Result<Self> {
        let mark = Mark::new()?;
        let old_len = storage.len()?;
        let clip = |extent: &Range<u64>| extent.start.min(old_len)..extent.end.min(old_len);
        let extents = extents.iter().map(clip).filter(|extent| !extent.is_empty()).collect();
        Ok(Self { old_len, new_len, mark, license, extents })
    }

    /// Bytes that [`Self::save`] writes.
    pub(super) fn size(&self) -> u64 {
        let kept: u64 = self.extents.iter().map(|extent| extent.end - extent.start).sum();
        self.data_at() + kept + DIGEST_LEN
    }

    /// Writes the record with what the file holds now.
    pub(super) fn save(&self, storage: &dyn Storage, place: &mut dyn Storage) -> Result<()> {
        let mut head = Vec::with_capacity(FIXED_LEN + self.extents.len() * EXTENT_LEN);
        let count = u8::try_from(self.extents.len()).ok().filter(|count| *count <= EXTENTS_MAX);
        head.extend_from_slice(MAGIC);
        head.extend_from_slice(&VERSION.to_le_bytes());
        head.push(count.ok_or_else(|| Error::internal("too many extents"))?);
        head.extend_from_slice(&self.mark.0);
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
        let [count] = field(&fixed, 12);
        if u32::from_le_bytes(field(&fixed, 8)) != VERSION || count > EXTENTS_MAX {
            return Ok(None);
        }
        let mut record = Self {
            old_len: u64::from_le_bytes(field(&fixed, 16)),
            new_len: u64::from_le_bytes(field(&fixed, 24)),
            mark: Mark(field(&fixed, 13)),
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

    /// Whether this is the record of the write that the mark of a pfile names, and of no more than writes change.
    fn belongs_to(&self, storage: &dyn Storage) -> Result<bool> {
        let (header, mark) = Header::read_marked(storage)?;
        if mark == Mark::NONE || mark != self.mark || self.license != sha256(&header.license(storage)?) {
            return Ok(false);
        }
        let size = header.original_size_at().map(|at| at..at + 8);
        let allowed = |extent: &Range<u64>| extent.start >= header.license.end || Some(extent) == size.as_ref();
        Ok(self.new_len >= header.content && self.extents.iter().all(allowed))
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
