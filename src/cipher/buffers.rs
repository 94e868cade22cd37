//! Where a call reads and writes: two buffers, or one that the result replaces.

use ::aes::Block;
use ::aes::cipher::inout::InOutBuf;

use crate::error::{Error, ErrorKind, Result};

/// Input and output of one call.
pub enum Buffers<'a> {
    /// Two buffers that do not overlap. All of `output` may be written.
    Separate {
        /// What to encrypt or decrypt.
        input: &'a [u8],
        /// Where the result goes; its length is the capacity.
        output: &'a mut [u8],
    },
    /// One buffer, whose content the result replaces from the first byte on.
    InPlace {
        /// As long as the larger of the two lengths below.
        buffer: &'a mut [u8],
        /// Bytes at the beginning that are the input.
        input_len: usize,
        /// Bytes at the beginning that may be written; below `input_len` when the caller expects a shorter result.
        capacity: usize,
    },
}

impl<'a> Buffers<'a> {
    /// Two buffers that do not overlap.
    #[must_use]
    pub fn separate(input: &'a [u8], output: &'a mut [u8]) -> Self {
        Self::Separate { input, output }
    }

    /// One buffer that may be written in full, and whose first `input_len` bytes are the input.
    #[must_use]
    pub fn in_place(buffer: &'a mut [u8], input_len: usize) -> Self {
        let capacity = buffer.len();
        Self::InPlace { buffer, input_len, capacity }
    }

    /// Refuses lengths beyond the buffer, so that the methods below need not.
    pub(super) fn check(&self) -> Result<()> {
        match self {
            Self::InPlace { buffer, input_len, capacity } if (*input_len).max(*capacity) > buffer.len() => {
                Err(Error::argument("buffer", "shorter than the input or the capacity"))
            }
            _ => Ok(()),
        }
    }

    /// Refuses a result of `needed` bytes that does not fit.
    pub(super) fn require(&self, needed: u64) -> Result<()> {
        let capacity = match self {
            Self::Separate { output, .. } => output.len(),
            Self::InPlace { capacity, .. } => *capacity,
        };
        if needed > capacity as u64 { Err(ErrorKind::BufferTooSmall { needed }.into()) } else { Ok(()) }
    }

    /// The input.
    pub(crate) fn input(&self) -> &[u8] {
        match self {
            Self::Separate { input, .. } => input,
            Self::InPlace { buffer, input_len, .. } => buffer.get(..*input_len).unwrap_or_default(),
        }
    }

    /// What may be written. In place this is the input as well.
    pub(super) fn output(&mut self) -> &mut [u8] {
        match self {
            Self::Separate { output, .. } => output,
            Self::InPlace { buffer, capacity, .. } => &mut buffer[..*capacity],
        }
    }

    /// The first `count` AES blocks of input and output. The caller has made sure that both hold them.
    pub(super) fn blocks(&mut self, count: usize) -> InOutBuf<'_, '_, Block> {
        let length = count * 16;
        match self {
            Self::Separate { input, output } => {
                let input = Block::slice_as_chunks(&input[..length]).0;
                let output = Block::slice_as_chunks_mut(&mut output[..length]).0;
                // Both have `count` blocks, so the empty pair is never taken.
                InOutBuf::new(input, output).unwrap_or_else(|_| InOutBuf::from(&mut [][..]))
            }
            Self::InPlace { buffer, .. } => InOutBuf::from(Block::slice_as_chunks_mut(&mut buffer[..length]).0),
        }
    }
}

impl std::fmt::Debug for Buffers<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Separate { input, output } => write!(f, "Separate({} -> {})", input.len(), output.len()),
            Self::InPlace { input_len, capacity, .. } => write!(f, "InPlace({input_len} -> {capacity})"),
        }
    }
}
