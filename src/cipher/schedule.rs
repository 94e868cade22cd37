//! The AES key schedule of a content key, chosen by the processor and the length of the key.

use ::aes::cipher::inout::InOutBuf;
use ::aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use ::aes::{Aes128, Aes192, Aes256, Block};

use super::chain::{self, Layout};
use super::simd::{Path, Units};
use crate::error::{Error, Result};

/// A key schedule. Wiped on drop.
pub(super) enum Schedule {
    Wide(Units),
    Aes128(Aes128),
    Aes192(Aes192),
    Aes256(Aes256),
}

/// Runs an expression with the cipher of a [`Schedule`], compiled once for each key length, or the one for wide registers.
macro_rules! with_aes {
    ($schedule:expr, $wide:ident => $on_wide:expr, $aes:ident => $body:expr) => {
        match $schedule {
            Schedule::Wide($wide) => $on_wide,
            Schedule::Aes128($aes) => $body,
            Schedule::Aes192($aes) => $body,
            Schedule::Aes256($aes) => $body,
        }
    };
}

impl Schedule {
    /// The schedule of a key of 16, 24 or 32 bytes.
    pub(super) fn new(path: Path, key: &[u8]) -> Result<Self> {
        if let Some(units) = Units::new(path, key) {
            return Ok(Self::Wide(units));
        }
        let failed = |_| Error::internal("a content key of a length that AES does not take");
        Ok(match key.len() {
            16 => Self::Aes128(Aes128::new_from_slice(key).map_err(failed)?),
            24 => Self::Aes192(Aes192::new_from_slice(key).map_err(failed)?),
            _ => Self::Aes256(Aes256::new_from_slice(key).map_err(failed)?),
        })
    }

    /// Encrypts each unit by itself.
    pub(super) fn encrypt(&self, units: InOutBuf<'_, '_, Block>) {
        with_aes!(self, wide => wide.encrypt(units), aes => aes.encrypt_blocks_inout(units));
    }

    /// Decrypts each unit by itself.
    pub(super) fn decrypt(&self, units: InOutBuf<'_, '_, Block>) {
        with_aes!(self, wide => wide.decrypt(units), aes => aes.decrypt_blocks_inout(units));
    }

    /// Encrypts one unit.
    pub(super) fn encrypt_block(&self, unit: &mut Block) {
        self.encrypt(std::slice::from_mut(unit).into());
    }

    /// Decrypts one unit.
    pub(super) fn decrypt_block(&self, unit: &mut Block) {
        self.decrypt(std::slice::from_mut(unit).into());
    }

    /// Encrypts blocks of content from `first` on; the last one may be short.
    pub(super) fn encrypt_chains<L: Layout>(&self, first: u32, units: InOutBuf<'_, '_, Block>) {
        with_aes!(self, wide => wide.encrypt_chains(L::CHAINS, first, units), aes => chain::encrypt::<_, L>(aes, first, units));
    }

    /// Decrypts blocks of content from `first` on; the last one may be short.
    pub(super) fn decrypt_chains<L: Layout>(&self, first: u32, units: InOutBuf<'_, '_, Block>) {
        with_aes!(self, wide => wide.decrypt_chains(L::CHAINS, first, units), aes => chain::decrypt::<_, L>(aes, first, units));
    }

    /// What the unit behind `output`, the encrypted beginning of block `number` or nothing yet, is chained to.
    pub(super) fn chained_to<L: Layout>(&self, number: u32, output: &[u8]) -> Block {
        match output.last_chunk::<16>() {
            Some(before) => Block::from(*before),
            None => {
                let mut start = L::vector_input(number);
                self.encrypt_block(&mut start);
                start
            }
        }
    }
}
