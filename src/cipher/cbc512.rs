//! AES-CBC restarted every 512 bytes, without padding: existing content of RMS clients. The initialization vector of a
//! block is its byte offset, encrypted: AES(LE64(512 n) || 8 zero bytes).

use super::chain::Layout;
use super::geometry::BLOCK_512;
use super::schedule::Schedule;
use super::simd::{Chains, Path};
use super::{Buffers, Cipher};
use crate::crypto::Random;
use crate::error::Result;

struct Offsets;

impl Layout for Offsets {
    const CHAINS: Chains = Chains { block_bytes: BLOCK_512 as usize, scale: BLOCK_512 as u64 };
}

pub(super) struct Cbc512(Schedule);

impl Cbc512 {
    pub(super) fn new(path: Path, key: &[u8]) -> Result<Self> {
        Schedule::new(path, key).map(Self)
    }
}

impl Cipher for Cbc512 {
    fn encrypt(&self, _: &dyn Random, block: u32, _: bool, mut buffers: Buffers<'_>) -> Result<usize> {
        let length = buffers.input().len();
        let blocks = buffers.blocks(length / 16);
        self.0.encrypt_chains::<Offsets>(block, blocks);
        Ok(length)
    }

    fn decrypt(&self, block: u32, _: bool, mut buffers: Buffers<'_>) -> Result<usize> {
        let length = buffers.input().len();
        let blocks = buffers.blocks(length / 16);
        self.0.decrypt_chains::<Offsets>(block, blocks);
        Ok(length)
    }
}
