//! AES-CBC restarted every 512 bytes, without padding: existing content of RMS clients. The initialization vector of a
//! block is its byte offset, encrypted: AES(LE64(512 n) || 8 zero bytes).

use ::aes::Block;

use super::chain::{self, Layout};
use super::geometry::BLOCK_512;
use super::schedule::{Schedule, with_aes};
use super::{Buffers, Cipher};
use crate::crypto::Random;
use crate::error::Result;

struct Offsets;

impl Layout for Offsets {
    const UNITS: usize = BLOCK_512 as usize / 16;

    fn vector_input(number: u32) -> Block {
        let mut block = Block::default();
        block[..8].copy_from_slice(&(u64::from(number) * u64::from(BLOCK_512)).to_le_bytes());
        block
    }
}

pub(super) struct Cbc512(Schedule);

impl Cbc512 {
    pub(super) fn new(key: &[u8]) -> Result<Self> {
        Schedule::new(key).map(Self)
    }
}

impl Cipher for Cbc512 {
    fn encrypt(&self, _: &dyn Random, block: u32, _: bool, mut buffers: Buffers<'_>) -> Result<usize> {
        let length = buffers.input().len();
        let blocks = buffers.blocks(length / 16);
        with_aes!(&self.0, aes => chain::encrypt::<_, Offsets>(aes, block, blocks));
        Ok(length)
    }

    fn decrypt(&self, block: u32, _: bool, mut buffers: Buffers<'_>) -> Result<usize> {
        let length = buffers.input().len();
        let blocks = buffers.blocks(length / 16);
        with_aes!(&self.0, aes => chain::decrypt::<_, Offsets>(aes, block, blocks));
        Ok(length)
    }
}
