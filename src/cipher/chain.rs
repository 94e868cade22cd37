//! AES-CBC that starts anew at every block of content.
//!
//! Chaining makes one block of content sequential: each 16 bytes wait for those before. Blocks do not depend on each
//! other, so encryption walks several of them side by side and keeps the processor's AES units busy. Decryption has no
//! such dependency and takes the bytes as they come. Initialization vectors are encrypted in the same strides.

use ::aes::Block;
use ::aes::cipher::consts::U16;
use ::aes::cipher::inout::InOutBuf;
use ::aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, BlockSizeUser};

/// Blocks of content that are encrypted side by side, and AES blocks that are decrypted in one go. It is what the widest
/// AES units take at once; narrower ones split it.
const LANES: usize = 64;

/// How content is cut into chains.
pub(super) trait Layout {
    /// AES blocks in a whole block of content.
    const UNITS: usize;

    /// What is encrypted to make the initialization vector of block `number`.
    fn vector_input(number: u32) -> Block;
}

/// Encrypts blocks of content from `first` on; the last one may be short.
pub(super) fn encrypt<C, L>(aes: &C, first: u32, mut data: InOutBuf<'_, '_, Block>)
where
    C: BlockCipherEncrypt + BlockSizeUser<BlockSize = U16>,
    L: Layout,
{
    let mut number = first;
    let mut lanes = [Block::default(); LANES];
    while data.len() >= L::UNITS {
        let count = (data.len() / L::UNITS).min(LANES);
        let (group, rest) = data.split_at(count * L::UNITS);
        vectors::<C, L>(aes, number, &mut lanes[..count]);
        encrypt_side_by_side(aes, L::UNITS, &mut lanes[..count], group);
        number = advance(number, count);
        data = rest;
    }
    if !data.is_empty() {
        vectors::<C, L>(aes, number, &mut lanes[..1]);
        encrypt_side_by_side(aes, data.len(), &mut lanes[..1], data);
    }
}

/// Encrypts one chain of `units` AES blocks per lane; the lanes hold the initialization vectors.
fn encrypt_side_by_side<C>(aes: &C, units: usize, lanes: &mut [Block], mut data: InOutBuf<'_, '_, Block>)
where
    C: BlockCipherEncrypt + BlockSizeUser<BlockSize = U16>,
{
    for unit in 0..units {
        let plain = data.get_in();
        for (lane, chained) in lanes.iter_mut().enumerate() {
            xor(chained, &plain[lane * units + unit]);
        }
        aes.encrypt_blocks(lanes);
        let out = data.get_out();
        for (lane, chained) in lanes.iter().enumerate() {
            out[lane * units + unit] = *chained;
        }
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

/// What the unit behind `output`, the encrypted beginning of block `number` or nothing yet, is chained to.
pub(super) fn chained_to<C, L>(aes: &C, number: u32, output: &[u8]) -> Block
where
    C: BlockCipherEncrypt + BlockSizeUser<BlockSize = U16>,
    L: Layout,
{
    match output.last_chunk::<16>() {
        Some(before) => Block::from(*before),
        None => {
            let mut start = L::vector_input(number);
            aes.encrypt_block(&mut start);
            start
        }
    }
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
