//! AES-CBC restarted every 4096 bytes, as RMS clients do it. The initialization vector of a block is its number,
//! encrypted: AES(LE32(n) || 12 zero bytes).
//!
//! The final call pads with PKCS#7 to 16 bytes; padding behind a whole block belongs to the next number. The variant
//! for Office containers neither pads nor strips.

use ::aes::Block;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq, ConstantTimeGreater, ConstantTimeLess};
use zeroize::Zeroizing;

use super::chain::{self, Layout};
use super::geometry::BLOCK_4K;
use super::schedule::Schedule;
use super::simd::{Chains, Path};
use super::{Buffers, Cipher, corrupt};
use crate::crypto::Random;
use crate::error::Result;

struct Numbers;

impl Layout for Numbers {
    const CHAINS: Chains = Chains { block_bytes: BLOCK_4K as usize, scale: 1 };
}

/// What a final call does at the end of the content.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Padding {
    Pkcs7,
    None,
}

pub(super) struct Cbc4k {
    schedule: Schedule,
    padding: Padding,
}

impl Cbc4k {
    pub(super) fn new(path: Path, key: &[u8], padding: Padding) -> Result<Self> {
        Ok(Self { schedule: Schedule::new(path, key)?, padding })
    }

    /// What the unit at byte `offset` of a call beginning at `first` is chained to; `encrypted` is what lies before it.
    fn chained_to(&self, first: u32, encrypted: &[u8]) -> Block {
        let within = encrypted.len() % BLOCK_4K as usize;
        let number = first.saturating_add(u32::try_from(encrypted.len() / BLOCK_4K as usize).unwrap_or(u32::MAX));
        let before = &encrypted[encrypted.len() - within..];
        self.schedule.chained_to::<Numbers>(number, before)
    }
}

impl Cipher for Cbc4k {
    fn encrypt(&self, _: &dyn Random, block: u32, last: bool, mut buffers: Buffers<'_>) -> Result<usize> {
        let input = buffers.input();
        let units = input.len() / 16;
        let whole = units * 16;
        // Taken before anything is written, which in place would reach it.
        let mut end = padded(&input[whole..]);
        let blocks = buffers.blocks(units);
        self.schedule.encrypt_chains::<Numbers>(block, blocks);
        if !last || self.padding == Padding::None {
            return Ok(whole);
        }
        let output = buffers.output();
        let end: &mut Block = (&mut *end).into();
        chain::xor(end, &self.chained_to(block, &output[..whole]));
        self.schedule.encrypt_block(end);
        output[whole..whole + 16].copy_from_slice(end);
        Ok(whole + 16)
    }

    fn decrypt(&self, block: u32, last: bool, mut buffers: Buffers<'_>) -> Result<usize> {
        let input = buffers.input();
        let padding = if last { self.padding } else { Padding::None };
        let (before, end) = match (padding, input.split_last_chunk::<16>()) {
            (Padding::None, _) => (input, None),
            (Padding::Pkcs7, Some((before, end))) => (before, Some(end)),
            (Padding::Pkcs7, None) => return Err(corrupt()),
        };
        let units = before.len() / 16;
        let Some(end) = end else {
            let blocks = buffers.blocks(units);
            self.schedule.decrypt_chains::<Numbers>(block, blocks);
            return Ok(units * 16);
        };

        // The end first: it decides whether anything is written, and how long the result is.
        let mut end = Zeroizing::new(*end);
        let end: &mut Block = (&mut *end).into();
        self.schedule.decrypt_block(end);
        chain::xor(end, &self.chained_to(block, before));
        let kept = 16 - padding_len(end).ok_or_else(corrupt)?;
        let whole = units * 16;
        let length = whole + kept;
        buffers.require(length as u64)?;
        let blocks = buffers.blocks(units);
        self.schedule.decrypt_chains::<Numbers>(block, blocks);
        buffers.output()[whole..length].copy_from_slice(&end[..kept]);
        Ok(length)
    }
}

/// The end of the content, fewer than 16 bytes, filled up with as many bytes as are missing, each of that value.
fn padded(rest: &[u8]) -> Zeroizing<[u8; 16]> {
    let missing = 16 - rest.len();
    let mut block = Zeroizing::new([u8::try_from(missing).unwrap_or_default(); 16]);
    block[..rest.len()].copy_from_slice(rest);
    block
}

/// Length of the padding, 1 to 16, found without a branch or an index that depends on the plaintext until it is known
/// whether all of it is right.
fn padding_len(end: &[u8]) -> Option<usize> {
    let length = *end.last()?;
    let mut right = length.ct_gt(&0) & length.ct_lt(&17);
    for (missing, byte) in (1..=16u8).rev().zip(end) {
        let is_padding = !missing.ct_gt(&length);
        right &= Choice::conditional_select(&Choice::from(1), &byte.ct_eq(&length), is_padding);
    }
    bool::from(right).then_some(usize::from(length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_is_right_only_when_every_byte_of_it_is() {
        for length in 1..=16usize {
            let good = padded(&[0xaa; 16][length..]);
            assert_eq!(padding_len(&good[..]), Some(length));
            for at in 16 - length..15 {
                let mut bad = *good;
                bad[at] ^= 0x40;
                assert_eq!(padding_len(&bad), None, "length {length}, byte {at}");
            }
        }
        for wrong in (0..=255u8).filter(|value| !(1..=16).contains(value)) {
            assert_eq!(padding_len(&[wrong; 16]), None, "{wrong}");
        }
    }
}
