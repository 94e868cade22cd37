//! Block numbers, padded lengths and size queries: the only arithmetic on sizes. Lengths are `u64` and every sum is
//! bounded by the check of the block numbers, which no call may carry past 2^32 - 1.

use super::CipherMode;
use crate::error::{Error, ErrorKind, Result};

/// Bytes of an AES block.
pub(super) const UNIT: u32 = 16;
/// Plaintext bytes of a block of the 4K modes.
pub(super) const BLOCK_4K: u32 = 4096;
/// Bytes of a block of the 512-byte mode.
pub(super) const BLOCK_512: u32 = 512;
/// Nonce in front of a GCM segment.
pub(super) const NONCE: u32 = 12;
/// Tag behind a GCM segment.
pub(super) const TAG: u32 = 16;
/// What a GCM segment adds to its plaintext.
pub(super) const SEGMENT_OVERHEAD: u32 = NONCE + TAG;
/// Bytes of a full GCM segment.
pub(super) const SEGMENT: u32 = BLOCK_4K + SEGMENT_OVERHEAD;

/// What a call makes of its input.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) struct Extent {
    /// Bytes of the output.
    pub(super) output: u64,
    /// Whether `output` is the length itself; otherwise it is an upper bound, because padding comes off.
    pub(super) exact: bool,
    /// Blocks that the call touches, the one that holds padding alone included.
    pub(super) blocks: u64,
}

/// The sizes of one mode.
#[derive(Copy, Clone, Debug)]
pub(super) struct Geometry(CipherMode);

impl Geometry {
    pub(super) fn of(mode: CipherMode) -> Self {
        Self(mode)
    }

    pub(super) fn mode(self) -> CipherMode {
        self.0
    }

    pub(super) fn block_size(self) -> u32 {
        match self.0 {
            CipherMode::Ecb => UNIT,
            CipherMode::Cbc512 => BLOCK_512,
            CipherMode::Cbc4k | CipherMode::Cbc4kNoPad | CipherMode::Gcm4k => BLOCK_4K,
        }
    }

    pub(super) fn encrypted_block_size(self) -> u32 {
        match self.0 {
            CipherMode::Gcm4k => SEGMENT,
            _ => self.block_size(),
        }
    }

    pub(super) fn is_authenticated(self) -> bool {
        self.0 == CipherMode::Gcm4k
    }

    /// What encrypting `input` bytes from `block` on makes.
    pub(super) fn encrypted(self, block: u32, last: bool, input: u64) -> Result<Extent> {
        let size = u64::from(self.block_size());
        match self.0 {
            CipherMode::Ecb | CipherMode::Cbc512 => self.unpadded(block, UNIT, input),
            CipherMode::Cbc4kNoPad => self.unpadded(block, if last { UNIT } else { BLOCK_4K }, input),
            CipherMode::Cbc4k if last => {
                // Whole blocks stay as they are and the padding gets the next number (compatibility.md 18).
                let blocks = in_range(block, input / size + 1)?;
                let unit = u64::from(UNIT);
                Ok(Extent { output: input / unit * unit + unit, exact: true, blocks })
            }
            CipherMode::Cbc4k => self.unpadded(block, BLOCK_4K, input),
            CipherMode::Gcm4k => {
                if !last {
                    aligned(BLOCK_4K, input)?;
                }
                // The end of the content is always sealed, even when it is empty.
                let blocks = in_range(block, input.div_ceil(size).max(u64::from(last)))?;
                Ok(Extent { output: input + blocks * u64::from(SEGMENT_OVERHEAD), exact: true, blocks })
            }
        }
    }

    /// What decrypting `input` bytes from `block` on makes.
    pub(super) fn decrypted(self, block: u32, last: bool, input: u64) -> Result<Extent> {
        match self.0 {
            CipherMode::Ecb | CipherMode::Cbc512 | CipherMode::Cbc4kNoPad => self.encrypted(block, last, input),
            CipherMode::Cbc4k if last => {
                aligned(UNIT, input)?;
                if input == 0 {
                    return Err(Error::with(ErrorKind::CorruptContent, "the end of the content is missing"));
                }
                let blocks = in_range(block, input.div_ceil(u64::from(BLOCK_4K)))?;
                Ok(Extent { output: input, exact: false, blocks })
            }
            CipherMode::Cbc4k => self.unpadded(block, BLOCK_4K, input),
            CipherMode::Gcm4k => {
                let rest = input % u64::from(SEGMENT);
                if !last {
                    aligned(SEGMENT, input)?;
                } else if input == 0 || (rest > 0 && rest < u64::from(SEGMENT_OVERHEAD)) {
                    return Err(Error::with(ErrorKind::CorruptContent, "the last segment is cut off"));
                }
                let blocks = in_range(block, input.div_ceil(u64::from(SEGMENT)))?;
                Ok(Extent { output: input - blocks * u64::from(SEGMENT_OVERHEAD), exact: true, blocks })
            }
        }
    }

    fn unpadded(self, block: u32, unit: u32, input: u64) -> Result<Extent> {
        aligned(unit, input)?;
        let blocks = in_range(block, input.div_ceil(u64::from(self.block_size())))?;
        Ok(Extent { output: input, exact: true, blocks })
    }
}

fn aligned(unit: u32, length: u64) -> Result<()> {
    if length.is_multiple_of(u64::from(unit)) { Ok(()) } else { Err(ErrorKind::NotBlockAligned { unit }.into()) }
}

/// `blocks`, if the number of the last of them is below 2^32.
fn in_range(block: u32, blocks: u64) -> Result<u64> {
    if blocks > (1 << 32) - u64::from(block) {
        return Err(Error::argument("block number", "the content would pass block 2^32 - 1"));
    }
    Ok(blocks)
}
