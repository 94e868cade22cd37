//! AES-CBC that starts anew at every block of content.
//!
//! Chaining makes one block of content sequential: each 16 bytes wait for those before. Blocks do not depend on each
//! other, so encryption walks several of them side by side and keeps the processor's AES units busy. Decryption has no
//! such dependency and takes the bytes as they come. Initialization vectors are encrypted in the same strides.

use std::marker::PhantomData;

use ::aes::Block;
use ::aes::cipher::consts::U16;
use ::aes::cipher::inout::InOutBuf;
use ::aes::cipher::typenum::Unsigned;
use ::aes::cipher::{
    Array, BlockCipherDecrypt, BlockCipherEncBackend, BlockCipherEncClosure, BlockCipherEncrypt, BlockSizeUser,
    ParBlocks,
};

use super::simd::Chains;

/// AES blocks that are decrypted in one go: what the widest AES units take at once; narrower ones split it.
const LANES: usize = 64;

/// AES blocks of one chain that are read together: a line of the cache.
const STAGE: usize = 4;

/// How content is cut into chains.
pub(super) trait Layout {
    /// Length of a block of content and the making of its initialization vector.
    const CHAINS: Chains;
    /// AES blocks in a whole block of content.
    const UNITS: usize = Self::CHAINS.block_bytes / 16;

    /// What is encrypted to make the initialization vector of block `number`.
    fn vector_input(number: u32) -> Block {
        Self::CHAINS.vector_input(number, 0).into()
    }
}

/// Encrypts blocks of content from `first` on; the last one may be short.
pub(super) fn encrypt<C, L>(aes: &C, first: u32, data: InOutBuf<'_, '_, Block>)
where
    C: BlockCipherEncrypt + BlockSizeUser<BlockSize = U16>,
    L: Layout,
{
    aes.encrypt_with_backend(Encrypt { first, data, layout: PhantomData::<L> });
}

/// An encryption that waits for the AES units it runs on: they say how many blocks they take at once, and the whole
/// call pays only once for finding them and loading the round keys.
struct Encrypt<'i, 'o, L> {
    first: u32,
    data: InOutBuf<'i, 'o, Block>,
    layout: PhantomData<L>,
}

impl<L> BlockSizeUser for Encrypt<'_, '_, L> {
    type BlockSize = U16;
}

impl<L: Layout> BlockCipherEncClosure for Encrypt<'_, '_, L> {
    #[inline(always)]
    fn call<B: BlockCipherEncBackend<BlockSize = U16>>(self, backend: &B) {
        let (mut number, mut data) = (self.first, self.data);
        while !data.is_empty() {
            let units = L::UNITS.min(data.len());
            let count = (data.len() / units).min(B::ParBlocksSize::USIZE);
            let (group, rest) = data.split_at(count * units);
            let mut lanes = ParBlocks::<B>::default();
            for (number, lane) in (number..=u32::MAX).zip(&mut lanes[..count]) {
                *lane = L::vector_input(number);
            }
            encrypt_lanes(backend, &mut lanes, count);
            side_by_side(backend, units, &mut lanes, count, group);
            number = advance(number, count);
            data = rest;
        }
    }
}

/// Encrypts `count` chains of `units` AES blocks each; the lanes hold the initialization vectors.
#[inline(always)]
fn side_by_side<B>(backend: &B, units: usize, lanes: &mut ParBlocks<B>, count: usize, mut data: InOutBuf<'_, '_, Block>)
where
    B: BlockCipherEncBackend<BlockSize = U16>,
{
    // The chains lie a whole block of content apart, where they compete for the same few lines of the cache; so each
    // line is fetched and stored once.
    let mut staged = Array::<[Block; STAGE], B::ParBlocksSize>::default();
    for start in (0..units).step_by(STAGE) {
        let length = STAGE.min(units - start);
        let plain = data.get_in();
        for (lane, stage) in staged[..count].iter_mut().enumerate() {
            stage[..length].copy_from_slice(&plain[lane * units + start..][..length]);
        }
        for unit in 0..length {
            for (chained, stage) in lanes.iter_mut().zip(&staged[..count]) {
                xor(chained, &stage[unit]);
            }
            encrypt_lanes(backend, lanes, count);
            for (chained, stage) in lanes.iter().zip(&mut staged[..count]) {
                stage[unit] = *chained;
            }
        }
        let out = data.get_out();
        for (lane, stage) in staged[..count].iter().enumerate() {
            out[lane * units + start..][..length].copy_from_slice(&stage[..length]);
        }
    }
}

/// Encrypts the first `count` lanes.
#[inline(always)]
fn encrypt_lanes<B: BlockCipherEncBackend<BlockSize = U16>>(backend: &B, lanes: &mut ParBlocks<B>, count: usize) {
    // Wide units take four blocks in an instruction, so idle lanes cost less than going one by one.
    if count * 4 >= B::ParBlocksSize::USIZE {
        backend.encrypt_par_blocks_inplace(lanes);
    } else {
        backend.encrypt_tail_blocks_inplace(&mut lanes[..count]);
    }
}

/// Decrypts blocks of content from `first` on; the last one may be short.
pub(super) fn decrypt<C, L>(aes: &C, first: u32, mut data: InOutBuf<'_, '_, Block>)
where
    C: BlockCipherDecrypt + BlockCipherEncrypt + BlockSizeUser<BlockSize = U16>,
    L: Layout,
{
    let mut number = first;
    let mut starts = [Block::default(); LANES];
    while !data.is_empty() {
        let length = data.len().min(LANES * L::UNITS);
        let count = length.div_ceil(L::UNITS);
        let (group, rest) = data.split_at(length);
        vectors::<C, L>(aes, number, &mut starts[..count]);
        decrypt_group(aes, L::UNITS, &starts[..count], group);
        number = advance(number, count);
        data = rest;
    }
}

fn decrypt_group<C>(aes: &C, units: usize, starts: &[Block], mut data: InOutBuf<'_, '_, Block>)
where
    C: BlockCipherDecrypt + BlockSizeUser<BlockSize = U16>,
{
    // What a unit is chained to. In place it is overwritten before it is needed, so it is kept here.
    let mut chained = [Block::default(); LANES + 1];
    for start in starts {
        let here = units.min(data.len());
        let (mut block, rest) = data.split_at(here);
        data = rest;
        chained[0] = *start;
        while !block.is_empty() {
            let count = LANES.min(block.len());
            let (mut run, tail) = block.split_at(count);
            block = tail;
            chained[1..=count].copy_from_slice(run.get_in());
            aes.decrypt_blocks_inout(run.reborrow());
            for (out, before) in run.get_out().iter_mut().zip(&chained) {
                xor(out, before);
            }
            chained[0] = chained[count];
        }
    }
}

/// The initialization vectors of consecutive blocks.
fn vectors<C, L>(aes: &C, first: u32, out: &mut [Block])
where
    C: BlockCipherEncrypt + BlockSizeUser<BlockSize = U16>,
    L: Layout,
{
    for (number, vector) in (first..=u32::MAX).zip(out.iter_mut()) {
        *vector = L::vector_input(number);
    }
    aes.encrypt_blocks(out);
}

/// The number `count` blocks on. Past the last number there is nothing left to encrypt, so it may stop there.
fn advance(number: u32, count: usize) -> u32 {
    number.saturating_add(u32::try_from(count).unwrap_or(u32::MAX))
}

pub(super) fn xor(target: &mut Block, other: &Block) {
    for (byte, other) in target.iter_mut().zip(other) {
        *byte ^= other;
    }
}
