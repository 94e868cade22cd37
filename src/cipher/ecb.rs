//! AES-ECB on units of 16 bytes, for content of the deprecated form. No call pads, strips or checks padding; the block
//! number does not matter. It hides neither equal units nor changes.

use ::aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt};

use super::schedule::{Schedule, with_aes};
use super::{Buffers, Cipher};
use crate::crypto::Random;
use crate::error::Result;

pub(super) struct Ecb(Schedule);

impl Ecb {
    pub(super) fn new(key: &[u8]) -> Result<Self> {
        Schedule::new(key).map(Self)
    }
}

impl Cipher for Ecb {
    fn encrypt(&self, _: &dyn Random, _: u32, _: bool, mut buffers: Buffers<'_>) -> Result<usize> {
        let length = buffers.input().len();
        let blocks = buffers.blocks(length / 16);
        with_aes!(&self.0, aes => aes.encrypt_blocks_inout(blocks));
        Ok(length)
    }

    fn decrypt(&self, _: u32, _: bool, mut buffers: Buffers<'_>) -> Result<usize> {
        let length = buffers.input().len();
        let blocks = buffers.blocks(length / 16);
        with_aes!(&self.0, aes => aes.decrypt_blocks_inout(blocks));
        Ok(length)
    }
}
