//! What a write in place changes, computed before the first byte is written: blocks, tables, lengths.

use std::cmp::Ordering;
use std::ops::Range;

use super::body::Shape;
use super::manifest::RECORD_LEN;
use super::opened::OpenedFile;
use super::tree::{self, FAN_OUT, Place};
use crate::error::{Error, Result};

/// Bytes of a hash in a table.
const HASH_LEN: u64 = 32;
/// A tree is moved down after a cut when it leaves more than this beside its own length.
const GAP_MAX: u64 = 64 << 10;

/// The plan of one write.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// Content bytes that come from the caller.
    pub(super) bytes: Range<u64>,
    /// Blocks that are encrypted anew.
    pub(super) blocks: Range<u64>,
    /// The content after the write.
    pub(super) len: u64,
    pub(super) last: Option<u64>,
    pub(super) sealed_len: u64,
    /// Where the tree goes, if it moves.
    pub(super) place: Option<Place>,
    /// Part of the file that is overwritten with zeros.
    pub(super) cleared: Range<u64>,
    /// The file after the write, in bytes.
    pub(super) file_len: u64,
    /// Parts of the old file that the write may change.
    pub(super) extents: Vec<Range<u64>>,
}

impl Plan {
    /// The plan of putting `bytes` in place and making the content `len` bytes long.
    ///
    /// # Errors
    /// `InvalidArgument` when the cipher cannot number so much content.
    pub(super) fn of(file: &OpenedFile, bytes: Range<u64>, len: u64) -> Result<Self> {
        let body = &file.body;
        let shape = body.shape;
        shape.check_len(len)?;
        let last = if len == body.len { body.last } else { shape.last(len) };
        let blocks = touched(&shape, (body.len, body.last), &bytes, (len, last));
        // A body that another writer ended otherwise becomes a regular one when its end is written.
        let ends = last.is_none_or(|last| blocks.end > last);
        let sealed_len = if ends { shape.sealed_len(len) } else { body.sealed_len };
        let file_end = body.at.checked_add(sealed_len).filter(|end| *end < u64::MAX / 4);
        let file_len = file_end.ok_or_else(|| Error::argument("the new size", "the file would be too long"))?;

        let mut plan =
            Self { bytes, blocks, len, last, sealed_len, place: None, cleared: 0..0, file_len, extents: Vec::new() };
        if let Some(at) = file.header.original_size_at() {
            plan.extents.push(at..at + 8);
        }
        plan.extents.push(body.at + shape.at(plan.blocks.start)..body.at + shape.at(plan.blocks.end));
        if file.signed.is_some() {
            plan.with_tree(file);
        }
        Ok(plan)
    }

    /// The tree: where it goes, and which groups change.
    fn with_tree(&mut self, file: &OpenedFile) {
        let Some(signed) = &file.signed else { return };
        let (body, tree) = (&file.body, &signed.tree);
        let segments = self.last.map_or(1, |last| last + 1);
        let body_end = body.at + self.sealed_len;
        let mut place = tree.place;
        if segments > place.capacity || body_end > place.at {
            // Room for some more, so that appending does not move the tables each time.
            let capacity = segments + segments / 32 + 8;
            let behind = place.at + place.len();
            place = Place { at: (body.at + body.shape.at(capacity)).max(behind), capacity };
        } else if self.len < body.len {
            let down = Place { at: body_end, capacity: segments };
            if place.at - body_end > down.len() + GAP_MAX {
                place = down;
            } else {
                self.cleared = body_end..(body.at + body.sealed_len).max(body_end);
            }
        }
        if place != tree.place {
            self.place = Some(place);
            self.extents.push(place.at..place.at + place.len());
        }
        self.file_len = place.at + place.len();
        self.extents.push(file.header.metadata.start..file.header.metadata.start + RECORD_LEN as u64);
        self.extents.push(self.cleared.clone());
        // Groups that change where they are now.
        let mut changed = self.blocks.clone();
        for level in 0..=tree::top(segments).max(tree::top(tree.segments)) {
            let groups = changed.start / FAN_OUT..changed.end.div_ceil(FAN_OUT);
            let end = (groups.end * FAN_OUT).min(tree::count(tree.place.capacity, level));
            let start = (groups.start * FAN_OUT).min(end);
            let hashes = tree.place.hash_at(level, start)..tree.place.hash_at(level, 0) + end * HASH_LEN;
            self.extents.push(hashes);
            changed = groups;
        }
    }
}

/// Blocks that a write encrypts anew: those that hold the bytes, and where the length changes the old and new end and
/// all between them.
fn touched(shape: &Shape, old: (u64, Option<u64>), bytes: &Range<u64>, new: (u64, Option<u64>)) -> Range<u64> {
    let held = match bytes.is_empty() {
        true => (u64::MAX, 0),
        false => (bytes.start / shape.block, bytes.end.div_ceil(shape.block)),
    };
    let (start, end) = match new.0.cmp(&old.0) {
        Ordering::Greater => (held.0.min(old.1.unwrap_or(0)), new.1.map_or(0, |last| last + 1)),
        Ordering::Less => new.1.map_or((0, 0), |last| (last, last + 1)),
        Ordering::Equal => held,
    };
    if start >= end { 0..0 } else { start..end }
}
