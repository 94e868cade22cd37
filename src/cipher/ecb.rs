//! AES-ECB on units of 16 bytes, for content of the deprecated form. No call pads, strips or checks padding; the block
//! number does not matter. It hides neither equal units nor changes.

use super::schedule::Schedule;
use super::simd::Path;
use super::{Buffers, Cipher};
use crate::crypto::Random;
use crate::error::Result;

pub(super) struct Ecb(Schedule);

impl Ecb {
    pub(super) fn new(path: Path, key: &[u8]) -> Result<Self> {
        Schedule::new(path, key).map(Self)
    }
}

impl Cipher for Ecb {
    fn encrypt(&self, _: &dyn Random, _: u32, _: bool, mut buffers: Buffers<'_>) -> Result<usize> {
        let length = buffers.input().len();
        let blocks = buffers.blocks(length / 16);
        self.0.encrypt(blocks);
        Ok(length)
    }

    fn decrypt(&self, _: u32, _: bool, mut buffers: Buffers<'_>) -> Result<usize> {
        let length = buffers.input().len();
        let blocks = buffers.blocks(length / 16);
        self.0.decrypt(blocks);
        Ok(length)
    }
}
