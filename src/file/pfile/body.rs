//! The encrypted body: which bytes of the file hold which bytes of the content, for every cipher.

use std::ops::Range;

use zeroize::Zeroizing;

use super::corrupt;
use super::tree::{self, Tree};
use crate::cipher::{Buffers, CipherMode};
use crate::error::{Error, ErrorKind, Result};
use crate::file::{Coder, Storage};

/// The unit of padding and filling.
const UNIT: u64 = 16;
/// What a segment of the authenticated package adds.
const OVERHEAD: u64 = 28;
/// Plaintext bytes of a chunk, in which bodies are read and written: as many as a group of the tree covers.
pub(super) const CHUNK: u64 = 512 << 10;
/// Block numbers have 32 bits.
const BLOCKS_MAX: u64 = 1 << 32;

/// The sizes of a cipher.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) mode: CipherMode,
    /// Plaintext bytes of a block.
    pub(super) block: u64,
    /// Bytes of a full block in the file.
    pub(super) sealed: u64,
}

impl Shape {
    pub(super) fn of(coder: &dyn Coder) -> Self {
        let (block, sealed) = (coder.block_size().max(1), coder.encrypted_block_size().max(1));
        Self { mode: coder.mode(), block: block.into(), sealed: sealed.into() }
    }

    /// Blocks of a chunk.
    pub(super) fn chunk_blocks(&self) -> u64 {
        (CHUNK / self.block).max(1)
    }

    /// The number of the block that ends content of `len` bytes, if there is a block at all.
    pub(super) fn last(&self, len: u64) -> Option<u64> {
        match self.mode {
            CipherMode::Cbc4k => Some(len / self.block),
            CipherMode::Gcm4k => Some(len.div_ceil(self.block).max(1) - 1),
            CipherMode::Ecb | CipherMode::Cbc512 | CipherMode::Cbc4kNoPad => len.div_ceil(self.block).checked_sub(1),
        }
    }

    /// Refuses content that block numbers do not reach.
    pub(super) fn check_len(&self, len: u64) -> Result<()> {
        // ECB has no block numbers; half of what 64 bits tell leaves room for every sum.
        let max = if self.mode == CipherMode::Ecb { u64::MAX / 2 } else { (BLOCKS_MAX - 1) * self.block };
        if len > max {
            return Err(Error::argument("the new size", "the content would be longer than the cipher can number"));
        }
        Ok(())
    }

    /// Bytes of the body for content of `len` bytes, which [`Self::check_len`] has seen.
    pub(super) fn sealed_len(&self, len: u64) -> u64 {
        match self.mode {
            CipherMode::Cbc4k => (len / UNIT + 1) * UNIT,
            CipherMode::Gcm4k => len + OVERHEAD * len.div_ceil(self.block).max(1),
            CipherMode::Ecb | CipherMode::Cbc512 => len.next_multiple_of(UNIT),
            CipherMode::Cbc4kNoPad => len.next_multiple_of(self.block),
        }
    }

    /// Bytes to encrypt when the last `len` bytes of the content begin a block: what the cipher does not pad is filled
    /// with zeros.
    pub(super) fn filled(&self, len: usize) -> usize {
        match self.mode {
            CipherMode::Cbc4k | CipherMode::Gcm4k => len,
            CipherMode::Ecb | CipherMode::Cbc512 => len.next_multiple_of(16),
            CipherMode::Cbc4kNoPad => len.next_multiple_of(4096),
        }
    }

    /// Where a block begins in the body.
    pub(super) fn at(&self, block: u64) -> u64 {
        block.saturating_mul(self.sealed)
    }

    /// Encrypts blocks from `first` on; `len` bytes of `plain` are content and what lies behind may be overwritten.
    /// Returns the bytes that `sealed` holds then.
    pub(super) fn seal(
        &self,
        coder: &dyn Coder,
        (first, last): (u64, bool),
        plain: &mut [u8],
        len: usize,
        sealed: &mut [u8],
    ) -> Result<usize> {
        let filled = if last { self.filled(len) } else { len };
        let input = plain.get_mut(..filled).ok_or_else(|| Error::internal("a block without room for its fill"))?;
        input[len..].fill(0);
        if filled == 0 && self.last(0).is_none() {
            return Ok(0);
        }
        coder.encrypt(self.number(first)?, last, Buffers::separate(input, sealed))
    }

    /// Room that `blocks` blocks need when they are encrypted.
    pub(super) fn room(&self, blocks: u64) -> Result<usize> {
        // The last block of CBC4K may bring a block of padding.
        usize::try_from(self.at(blocks) + UNIT + OVERHEAD).map_err(|_| ErrorKind::OutOfMemory.into())
    }

    fn number(&self, block: u64) -> Result<u32> {
        // ECB does the same to every block and its numbers would end at 64 GiB.
        let block = if self.mode == CipherMode::Ecb { 0 } else { block };
        u32::try_from(block)
            .map_err(|_| Error::argument("the new size", "the content is longer than the cipher can number"))
    }
}

/// The body of a file.
#[derive(Debug, Clone)]
pub(super) struct Body {
    pub(super) shape: Shape,
    /// Where it begins in the file.
    pub(super) at: u64,
    /// Bytes that it takes in the file.
    pub(super) sealed_len: u64,
    /// Bytes of content.
    pub(super) len: u64,
    /// The number of the block that ends the content.
    pub(super) last: Option<u64>,
}

impl Body {
    /// The body of `sealed_len` bytes at `at`. `stored` is the size that the header tells, raw.
    ///
    /// # Errors
    /// `FileCorrupt` when length, padding and stored size do not belong together.
    pub(super) fn examine(
        storage: &dyn Storage,
        coder: &dyn Coder,
        (at, sealed_len): (u64, u64),
        stored: Option<u64>,
    ) -> Result<Self> {
        let shape = Shape::of(coder);
        let known = stored.filter(|size| ![0, u64::MAX].contains(size));
        let mut body = Self { shape, at, sealed_len, len: 0, last: None };
        match shape.mode {
            CipherMode::Gcm4k => {
                let rest = sealed_len % shape.sealed;
                if sealed_len == 0 || (rest > 0 && rest < OVERHEAD) {
                    return Err(corrupt("content", "the last segment is cut off"));
                }
                let segments = sealed_len.div_ceil(shape.sealed);
                body.len = sealed_len - OVERHEAD * segments;
                body.last = Some(segments - 1);
            }
            _ if !sealed_len.is_multiple_of(UNIT) => return Err(corrupt("content", "its end is cut off")),
            CipherMode::Cbc4k => {
                let last = sealed_len.checked_sub(1).ok_or_else(|| corrupt("content", "it is missing"))? / shape.block;
                body.last = Some(last);
                // What the padding leaves of the last block is the rest of the length; until then nothing limits it.
                let mut plain = Zeroizing::new(vec![0; 4096]);
                body.len = u64::MAX;
                let rest = body.read(storage, coder, last..last + 1, &mut plain, &mut Vec::new(), None)?;
                body.len = last * shape.block + rest as u64;
            }
            CipherMode::Ecb | CipherMode::Cbc512 => {
                body.len = known.unwrap_or(sealed_len);
                body.last = shape.last(body.len);
                shape.check_len(body.len).map_err(|_| mismatch())?;
                if shape.sealed_len(body.len) != sealed_len {
                    return Err(mismatch());
                }
            }
            CipherMode::Cbc4kNoPad => {
                body.len = known.unwrap_or(sealed_len);
                body.last = shape.last(body.len);
                shape.check_len(body.len).map_err(|_| mismatch())?;
                // Writers fill the last block, some do not, and some leave a block more.
                let accepted = body.len.next_multiple_of(UNIT)..=shape.sealed_len(body.len) + shape.block;
                if !accepted.contains(&sealed_len) {
                    return Err(mismatch());
                }
            }
        }
        if known.is_some_and(|known| known != body.len) {
            return Err(mismatch());
        }
        shape.check_len(body.len).map_err(|_| mismatch())?;
        Ok(body)
    }

    /// Bytes of the file that hold these blocks, clipped to the body.
    pub(super) fn range(&self, blocks: &Range<u64>) -> Range<u64> {
        let clip = |block| self.at + self.shape.at(block).min(self.sealed_len);
        clip(blocks.start)..clip(blocks.end)
    }

    /// Decrypts blocks to the beginning of `plain` and returns how many bytes of them are content. With a tree, every
    /// segment is looked up in it before it is decrypted.
    ///
    /// # Errors
    /// `FileCorrupt` when the blocks are not what was written; a right is missing; what the system reports.
    pub(super) fn read(
        &self,
        storage: &dyn Storage,
        coder: &dyn Coder,
        blocks: Range<u64>,
        plain: &mut [u8],
        sealed: &mut Vec<u8>,
        tree: Option<&mut Tree>,
    ) -> Result<usize> {
        self.read_sealed(storage, &blocks, sealed)?;
        if let Some(tree) = tree {
            tree.check(storage, blocks.start, &tree::leaves(blocks.start, sealed)?)?;
        }
        self.decrypt(coder, &blocks, sealed, plain)
    }

    /// Reads blocks as they lie in the file, clipped to the body.
    ///
    /// # Errors
    /// `FileCorrupt` when the file ends before; what the system reports.
    pub(super) fn read_sealed(&self, storage: &dyn Storage, blocks: &Range<u64>, sealed: &mut Vec<u8>) -> Result<()> {
        let range = self.range(blocks);
        let len = usize::try_from(range.end - range.start).map_err(|_| ErrorKind::OutOfMemory)?;
        sealed.resize(len, 0);
        storage.read_exact_at(range.start, sealed)
    }

    /// Decrypts what [`Self::read_sealed`] read to the beginning of `plain` and returns how many bytes of that are content.
    ///
    /// # Errors
    /// `FileCorrupt` when the blocks are not what was written; a right is missing.
    pub(super) fn decrypt(
        &self,
        coder: &dyn Coder,
        blocks: &Range<u64>,
        sealed: &[u8],
        plain: &mut [u8],
    ) -> Result<usize> {
        if sealed.is_empty() {
            return Ok(0);
        }
        let ends = self.last.is_some_and(|last| blocks.end > last);
        let found = coder
            .decrypt(self.shape.number(blocks.start)?, ends, Buffers::separate(sealed, plain))
            .map_err(as_damage)?;
        let rest = self.len.saturating_sub(blocks.start.saturating_mul(self.shape.block));
        Ok(found.min(usize::try_from(rest).unwrap_or(usize::MAX)))
    }
}

fn mismatch() -> Error {
    corrupt("original size", "content and size do not belong together")
}

/// What a cipher says of content that a file holds is a statement about the file.
fn as_damage(error: Error) -> Error {
    match error.kind() {
        ErrorKind::CorruptContent | ErrorKind::NotBlockAligned { .. } | ErrorKind::BufferTooSmall { .. } => {
            corrupt("content", "it does not decrypt")
        }
        _ => error,
    }
}
