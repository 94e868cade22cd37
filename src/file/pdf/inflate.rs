//! Flate streams: a short one at once, a long one as something to read at any place.
//!
//! What an encrypted document compresses to is hardly shorter than itself. A stream that grows far beyond its compressed
//! length was made to exhaust its reader, and is refused as soon as it does.

use std::cell::RefCell;
use std::fmt;

use flate2::{Decompress, FlushDecompress, Status};

use super::damaged;
use crate::error::Result;
use crate::file::office::cfb::ReadAt;

/// Compressed bytes read at a time.
const INPUT: usize = 16 << 10;
/// Unpacked bytes at hand.
const WINDOW: usize = 64 << 10;
/// Unpacked payloads up to this length are kept.
const KEPT_MAX: u64 = 16 << 20;
/// How far unpacked bytes may exceed the compressed ones.
const GROWTH_MAX: u64 = 16;
/// Bytes that any stream may unpack to.
const GROWTH_FREE: u64 = 8 << 20;

/// Unpacks from the first byte to the last.
struct Inflater<'a> {
    file: &'a dyn ReadAt,
    /// What is left to read.
    offset: u64,
    end: u64,
    inflate: Decompress,
    input: Vec<u8>,
    used: usize,
    ended: bool,
}

impl<'a> Inflater<'a> {
    fn new(file: &'a dyn ReadAt, offset: u64, len: u64) -> Self {
        let end = offset.saturating_add(len).min(file.len());
        Self { file, offset, end, inflate: Decompress::new(true), input: Vec::new(), used: 0, ended: false }
    }

    /// Unpacks some bytes; none only at the end.
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        while !self.ended {
            if self.used == self.input.len() && self.offset < self.end {
                let count = usize::try_from(self.end - self.offset).unwrap_or(INPUT).min(INPUT);
                self.input.resize(count, 0);
                self.file.read_exact_at(self.offset, &mut self.input)?;
                self.offset += count as u64;
                self.used = 0;
            }
            let before = (self.inflate.total_in(), self.inflate.total_out());
            let status = self.inflate.decompress(&self.input[self.used..], out, FlushDecompress::None);
            let status = status.map_err(|_| damaged("a compressed stream does not unpack"))?;
            let took = usize::try_from(self.inflate.total_in() - before.0).unwrap_or_default();
            let gave = usize::try_from(self.inflate.total_out() - before.1).unwrap_or_default();
            self.used += took;
            self.ended = status == Status::StreamEnd;
            let most = GROWTH_FREE + self.inflate.total_in().saturating_mul(GROWTH_MAX);
            if self.inflate.total_out() > most {
                return Err(damaged("a compressed stream grows without end"));
            }
            if gave > 0 {
                return Ok(gave);
            }
            if took == 0 && !self.ended && self.offset == self.end {
                return Err(damaged("a compressed stream is cut off"));
            }
        }
        Ok(0)
    }
}

/// All of a stream, if it is no longer than `limit`.
pub(super) fn all(file: &dyn ReadAt, offset: u64, len: u64, limit: usize) -> Result<Vec<u8>> {
    let mut inflater = Inflater::new(file, offset, len);
    let mut bytes = Vec::new();
    let mut buffer = vec![0; WINDOW];
    loop {
        let count = inflater.read(&mut buffer)?;
        if count == 0 {
            return Ok(bytes);
        }
        if bytes.len() + count > limit {
            return Err(damaged("a compressed stream is longer than is read"));
        }
        bytes.extend_from_slice(&buffer[..count]);
    }
}

/// A long stream, unpacked where it is read. Reading backwards begins anew, which the few steps to a license allow.
pub(super) struct Embedded<'a> {
    file: &'a dyn ReadAt,
    place: (u64, u64),
    len: u64,
    /// All of it, where it is short.
    kept: Option<Vec<u8>>,
    window: RefCell<Window<'a>>,
}

struct Window<'a> {
    inflater: Inflater<'a>,
    at: u64,
    bytes: Vec<u8>,
}

impl<'a> Embedded<'a> {
    pub(super) fn new(file: &'a dyn ReadAt, offset: u64, len: u64) -> Result<Self> {
        let mut inflater = Inflater::new(file, offset, len);
        let mut kept = Some(Vec::new());
        let mut buffer = vec![0; WINDOW];
        let mut total = 0;
        loop {
            let count = inflater.read(&mut buffer)?;
            if count == 0 {
                break;
            }
            total += count as u64;
            if total > KEPT_MAX {
                kept = None;
            }
            if let Some(kept) = &mut kept {
                kept.extend_from_slice(&buffer[..count]);
            }
        }
        let window = Window { inflater: Inflater::new(file, offset, len), at: 0, bytes: Vec::new() };
        Ok(Self { file, place: (offset, len), len: total, kept, window: RefCell::new(window) })
    }
}

impl ReadAt for Embedded<'_> {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_exact_at(&self, mut offset: u64, out: &mut [u8]) -> Result<()> {
        if let Some(kept) = &self.kept {
            return kept.as_slice().read_exact_at(offset, out);
        }
        let mut window = self.window.borrow_mut();
        let mut rest = out;
        while !rest.is_empty() {
            if offset < window.at {
                let inflater = Inflater::new(self.file, self.place.0, self.place.1);
                *window = Window { inflater, at: 0, bytes: Vec::new() };
            }
            let within = usize::try_from(offset - window.at).unwrap_or(usize::MAX);
            match window.bytes.get(within..).filter(|there| !there.is_empty()) {
                Some(there) => {
                    let (now, later) = rest.split_at_mut(there.len().min(rest.len()));
                    now.copy_from_slice(&there[..now.len()]);
                    offset += now.len() as u64;
                    rest = later;
                }
                None => {
                    let window = &mut *window;
                    window.at += window.bytes.len() as u64;
                    window.bytes.resize(WINDOW, 0);
                    let count = window.inflater.read(&mut window.bytes)?;
                    window.bytes.truncate(count);
                    if count == 0 {
                        return Err(damaged("it ends early"));
                    }
                }
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Embedded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Embedded").field("len", &self.len).finish_non_exhaustive()
    }
}
