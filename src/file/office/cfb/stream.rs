//! A stream of a compound file: the places in the file that its bytes lie at, in order.

use super::source::{ReadAt, ends_early};
use super::{Attributes, corrupt};
use crate::error::Result;

/// Bytes that lie together, in the stream and in the file.
#[derive(Copy, Clone, Debug)]
struct Run {
    /// Offset in the stream.
    at: u64,
    /// Offset in the file.
    offset: u64,
    len: u64,
}

/// The content of a stream, read in place.
#[derive(Debug, Clone)]
pub struct Stream<'a> {
    file: &'a dyn ReadAt,
    runs: Vec<Run>,
    len: u64,
    attributes: Attributes,
}

impl<'a> Stream<'a> {
    pub(super) fn new(file: &'a dyn ReadAt, attributes: Attributes) -> Self {
        Self { file, runs: Vec::new(), len: 0, attributes }
    }

    /// What the directory says of the stream beside its content.
    #[must_use]
    pub fn attributes(&self) -> Attributes {
        self.attributes
    }

    /// Adds `len` bytes of the file at `offset` to the end.
    pub(super) fn push(&mut self, offset: u64, len: u64) {
        match self.runs.last_mut() {
            Some(last) if last.offset + last.len == offset => last.len += len,
            _ => self.runs.push(Run { at: self.len, offset, len }),
        }
        self.len += len;
    }

    /// Ends the stream; a chain that passes through one place twice is damaged.
    pub(super) fn finish(self) -> Result<Self> {
        let mut by_place: Vec<(u64, u64)> = self.runs.iter().map(|run| (run.offset, run.len)).collect();
        by_place.sort_unstable();
        let overlap = by_place.windows(2).any(|pair| pair[0].0 + pair[0].1 > pair[1].0);
        let past_end = by_place.last().is_some_and(|(offset, len)| offset + len > self.file.len());
        if overlap {
            return Err(corrupt("sector chain", "a chain of sectors crosses itself"));
        }
        if past_end {
            return Err(ends_early());
        }
        Ok(self)
    }

    /// The place in the file of `offset`, and how many bytes follow it there.
    pub(super) fn place(&self, offset: u64) -> Option<(u64, u64)> {
        let index = self.runs.partition_point(|run| run.at + run.len <= offset);
        let run = self.runs.get(index)?;
        let within = offset - run.at;
        Some((run.offset + within, run.len - within))
    }
}

impl ReadAt for Stream<'_> {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_exact_at(&self, mut offset: u64, out: &mut [u8]) -> Result<()> {
        let mut rest = out;
        while !rest.is_empty() {
            let (place, count) = self.place(offset).ok_or_else(ends_early)?;
            let count = usize::try_from(count).unwrap_or(usize::MAX).min(rest.len());
            let (now, later) = rest.split_at_mut(count);
            self.file.read_exact_at(place, now)?;
            offset += count as u64;
            rest = later;
        }
        Ok(())
    }
}
