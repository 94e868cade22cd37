//! The hash tree over the segments of an authenticated file (docs/authenticated-pfile.md).
//!
//! A leaf is the hash of a segment's number and of all its bytes. Groups of up to 128 hashes of one level are hashed to
//! one hash of the next, until one group is left, whose hash is the root. Each level is a table of hashes behind the
//! body. No hash of a table is believed before the groups above it led to the root.

use super::corrupt;
use crate::cipher::sha256_pair;
use crate::crypto::{Sha256, constant_time_eq};
use crate::error::Result;
use crate::file::Storage;

/// SHA-256.
pub(super) type Hash = [u8; 32];

/// Hashes of a group.
pub(super) const FAN_OUT: u64 = 128;
/// Bytes of a hash.
const HASH_LEN: u64 = 32;
/// Bytes of a full segment, its nonce and its tag.
pub(super) const SEGMENT: usize = 4124;
/// Bytes that the nonce and the tag take of a segment.
const OVERHEAD: usize = 28;
/// First byte of what is hashed to a leaf, and to a node; neither can stand for the other.
const LEAF: u8 = 0;
const NODE: u8 = 1;
/// Most segments of a file.
pub(super) const SEGMENTS_MAX: u64 = 1 << 32;

/// Where the tables of a tree lie: room for `capacity` segments, from byte `at` of the file on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) at: u64,
    pub(super) capacity: u64,
}

impl Place {
    /// Bytes that all tables take together.
    pub(super) fn len(&self) -> u64 {
        (0..=top(self.capacity)).map(|level| count(self.capacity, level) * HASH_LEN).sum()
    }

    /// Where the hash `index` of a level lies in the file.
    pub(super) fn hash_at(&self, level: u32, index: u64) -> u64 {
        let below: u64 = (0..level).map(|level| count(self.capacity, level)).sum();
        self.at + (below + index) * HASH_LEN
    }
}

/// Hashes of a level when there are this many segments.
pub(super) fn count(segments: u64, level: u32) -> u64 {
    (0..level).fold(segments, |count, _| count.div_ceil(FAN_OUT))
}

/// The level whose hashes fit one group.
pub(super) fn top(segments: u64) -> u32 {
    (0..).find(|level| count(segments, *level) <= FAN_OUT).unwrap_or(0)
}

/// What is hashed before a segment.
fn leaf_head(number: u64) -> [u8; 9] {
    let mut head = [LEAF; 9];
    head[1..].copy_from_slice(&number.to_le_bytes());
    head
}

/// The leaves of consecutive segments, of which only the last may be shorter than the others.
///
/// # Errors
/// `FileCorrupt` when the last is too short for nonce and tag.
pub(super) fn leaves(first: u64, sealed: &[u8]) -> Result<Vec<Hash>> {
    if (1..OVERHEAD).contains(&(sealed.len() % SEGMENT)) {
        return Err(corrupt("content", "the last segment is cut off"));
    }
    // The tag cannot stand for the ciphertext: who holds the content key finds another one with the same tag.
    let mut hashes = Vec::with_capacity(sealed.len().div_ceil(SEGMENT));
    for (number, two) in (first..).step_by(2).zip(sealed.chunks(2 * SEGMENT)) {
        let (one, other) = two.split_at(two.len().min(SEGMENT));
        let pair = sha256_pair([&leaf_head(number), &leaf_head(number + 1)], [one, other]);
        hashes.extend_from_slice(if other.is_empty() { &pair[..1] } else { &pair });
    }
    Ok(hashes)
}

/// The hash of a group.
pub(super) fn node(level: u32, index: u64, group: &[Hash]) -> Hash {
    let mut hash = Sha256::new();
    hash.update(&[NODE]);
    hash.update(&level.to_le_bytes());
    hash.update(&index.to_le_bytes());
    hash.update(group.as_flattened());
    hash.finish()
}

/// The tree of an open file. Remembers the group of each level that was looked at last.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    pub(super) segments: u64,
    pub(super) root: Hash,
    pub(super) place: Place,
    /// By level; believed.
    groups: Vec<Option<Group>>,
}

#[derive(Debug, Clone)]
struct Group {
    index: u64,
    hashes: Vec<Hash>,
}

impl Tree {
    /// A tree of which only the root is believed; with no segments, one that is to be written.
    pub(super) fn new(segments: u64, root: Hash, place: Place) -> Self {
        Self { segments, root, place, groups: Vec::new() }
    }

    /// Compares the leaves of segments from `first` on with the tree.
    ///
    /// # Errors
    /// `FileCorrupt` when a leaf is another, or a group on the way to it is.
    pub(super) fn check(&mut self, storage: &dyn Storage, first: u64, leaves: &[Hash]) -> Result<()> {
        let mut left = leaves;
        let mut first = first;
        while !left.is_empty() {
            let within = usize::try_from(first % FAN_OUT).unwrap_or(0);
            let group = self.group(storage, 0, first / FAN_OUT)?;
            let (now, later) = left.split_at(left.len().min(group.len().saturating_sub(within)));
            if now.is_empty() || !constant_time_eq(now.as_flattened(), group[within..within + now.len()].as_flattened())
            {
                return Err(corrupt("content", "a segment is not the one that was signed"));
            }
            first += now.len() as u64;
            left = later;
        }
        Ok(())
    }

    /// Puts the leaves from `first` on in their places, after which the tree has `segments` leaves. What stands before
    /// them stays, and so does what stands behind them below `segments`.
    ///
    /// # Errors
    /// `FileCorrupt` when a group that stays in part is not the one that was signed; what the system reports.
    pub(super) fn update(
        &mut self,
        storage: &mut dyn Storage,
        segments: u64,
        first: u64,
        leaves: &[Hash],
    ) -> Result<()> {
        let before = (self.segments, self.root);
        let mut hashes = leaves.to_vec();
        let mut first = first;
        for level in 0.. {
            let old_count = if level <= top(before.0) { count(before.0, level) } else { 0 };
            let new_count = count(segments, level);
            let end = first + hashes.len() as u64;
            let mut above = Vec::new();
            for index in first / FAN_OUT..end.div_ceil(FAN_OUT) {
                let range = index * FAN_OUT..((index + 1) * FAN_OUT).min(new_count);
                let mut group = Vec::new();
                let stays = |at: &u64| *at < old_count && !(first..end).contains(at);
                if [range.start, range.end.saturating_sub(1)].iter().any(stays) {
                    group = self.group(storage, level, index)?.to_vec();
                }
                group.resize(usize::try_from(range.end.saturating_sub(range.start)).unwrap_or(0), [0; 32]);
                let (from, to) = (first.max(range.start), end.min(range.end));
                for at in from..to {
                    let slot = usize::try_from(at - range.start).ok().and_then(|slot| group.get_mut(slot));
                    let hash = usize::try_from(at - first).ok().and_then(|at| hashes.get(at));
                    if let Some((slot, hash)) = slot.zip(hash) {
                        *slot = *hash;
                    }
                }
                storage.write_at(self.place.hash_at(level, range.start), group.as_flattened())?;
                above.push(node(level, index, &group));
                self.remember(level, Group { index, hashes: group });
            }
            let mut next = first / FAN_OUT;
            if new_count <= FAN_OUT {
                self.root = above.first().copied().unwrap_or(before.1);
                self.segments = segments;
                self.groups.truncate(level as usize + 1);
                return Ok(());
            }
            if before.0 > 0 && level == top(before.0) && next > 0 {
                // The tree grows by a level, and what was the root becomes its first hash.
                above.insert(0, before.1);
                next = 0;
            }
            hashes = above;
            first = next;
        }
        Ok(())
    }

    /// Moves the tables to another place. The two must not overlap.
    ///
    /// # Errors
    /// What the system reports.
    pub(super) fn relocate(&mut self, storage: &mut dyn Storage, place: Place) -> Result<()> {
        let mut buffer = vec![0; 64 << 10];
        for level in 0..=top(self.segments) {
            let (mut from, mut to) = (self.place.hash_at(level, 0), place.hash_at(level, 0));
            let mut left = count(self.segments, level) * HASH_LEN;
            while left > 0 {
                let now = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
                storage.read_exact_at(from, &mut buffer[..now])?;
                storage.write_at(to, &buffer[..now])?;
                (from, to, left) = (from + now as u64, to + now as u64, left - now as u64);
            }
        }
        self.place = place;
        Ok(())
    }

    /// A group that leads to the root.
    fn group(&mut self, storage: &dyn Storage, level: u32, index: u64) -> Result<&[Hash]> {
        for above in (level..=top(self.segments)).rev() {
            let index = (level..above).fold(index, |index, _| index / FAN_OUT);
            if self.remembered(above).is_none_or(|group| group.index != index) {
                let group = self.believed(storage, above, index)?;
                self.remember(above, group);
            }
        }
        match self.remembered(level) {
            Some(group) if group.index == index => Ok(&group.hashes),
            _ => Err(corrupt("tree", "there is no such group")),
        }
    }

    /// Reads a group and compares it with the hash above it, which is remembered.
    fn believed(&self, storage: &dyn Storage, level: u32, index: u64) -> Result<Group> {
        let range = index * FAN_OUT..((index + 1) * FAN_OUT).min(count(self.segments, level));
        let len = range.end.checked_sub(range.start).and_then(|len| usize::try_from(len).ok());
        let mut hashes = vec![[0; 32]; len.ok_or_else(|| corrupt("tree", "there is no such group"))?];
        storage.read_exact_at(self.place.hash_at(level, range.start), hashes.as_flattened_mut())?;
        let expected = if level == top(self.segments) {
            Some(&self.root)
        } else {
            let above = self.remembered(level + 1).filter(|group| group.index == index / FAN_OUT);
            above.and_then(|group| group.hashes.get(usize::try_from(index % FAN_OUT).ok()?))
        };
        if expected.is_some_and(|expected| constant_time_eq(expected, &node(level, index, &hashes))) {
            return Ok(Group { index, hashes });
        }
        Err(corrupt("tree", "a group is not the one that was signed"))
    }

    fn remembered(&self, level: u32) -> Option<&Group> {
        self.groups.get(level as usize)?.as_ref()
    }

    fn remember(&mut self, level: u32, group: Group) {
        let level = level as usize;
        if self.groups.len() <= level {
            self.groups.resize(level + 1, None);
        }
        self.groups[level] = Some(group);
    }
}
