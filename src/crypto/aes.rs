//! AES in ECB mode over whole buffers, for the small fixed structures of licenses. Content goes through
//! [`crate::cipher`].

use ::aes::cipher::{Block, BlockCipherDecrypt, BlockCipherEncrypt, BlockSizeUser, KeyInit, consts::U16};
use ::aes::{Aes128, Aes192, Aes256};

use crate::error::{Error, ErrorKind, Result};

/// Bytes of one AES block.
pub const BLOCK: usize = 16;

/// Encrypts `data` in place with AES-ECB, without padding. The key is 16, 24 or 32 bytes.
///
/// # Errors
/// `UnsupportedCrypto` for another key length, `NotBlockAligned` for data that is no multiple of 16; `data` is then
/// unchanged.
pub fn ecb_encrypt(key: &[u8], data: &mut [u8]) -> Result<()> {
    let blocks = blocks_of::<Aes128>(data)?;
    match key.len() {
        16 => schedule::<Aes128>(key)?.encrypt_blocks(blocks),
        24 => schedule::<Aes192>(key)?.encrypt_blocks(blocks),
        32 => schedule::<Aes256>(key)?.encrypt_blocks(blocks),
        other => return Err(key_length(other)),
    }
    Ok(())
}

/// Decrypts `data` in place with AES-ECB, without padding. The key is 16, 24 or 32 bytes.
///
/// # Errors
/// As [`ecb_encrypt`].
pub fn ecb_decrypt(key: &[u8], data: &mut [u8]) -> Result<()> {
    let blocks = blocks_of::<Aes128>(data)?;
    match key.len() {
        16 => schedule::<Aes128>(key)?.decrypt_blocks(blocks),
        24 => schedule::<Aes192>(key)?.decrypt_blocks(blocks),
        32 => schedule::<Aes256>(key)?.decrypt_blocks(blocks),
        other => return Err(key_length(other)),
    }
    Ok(())
}

fn blocks_of<C: BlockSizeUser<BlockSize = U16>>(data: &mut [u8]) -> Result<&mut [Block<C>]> {
    match Block::<C>::slice_as_chunks_mut(data) {
        (blocks, []) => Ok(blocks),
        _ => Err(ErrorKind::NotBlockAligned { unit: 16 }.into()),
    }
}

fn schedule<C: KeyInit>(key: &[u8]) -> Result<C> {
    C::new_from_slice(key).map_err(|_| key_length(key.len()))
}

fn key_length(found: usize) -> Error {
    Error::with(ErrorKind::UnsupportedCrypto, format!("an AES key of {found} bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 197, appendix C: key 00 01 02 .., plaintext 00 11 22 ...
    #[test]
    fn blocks_of_the_standard() {
        let plain: Vec<u8> = (0..16).map(|i| i * 0x11).collect();
        for (length, expected) in [
            (16, [0x69, 0xc4, 0xe0, 0xd8, 0x6a, 0x7b, 0x04, 0x30, 0xd8, 0xcd, 0xb7, 0x80, 0x70, 0xb4, 0xc5, 0x5a]),
            (24, [0xdd, 0xa9, 0x7c, 0xa4, 0x86, 0x4c, 0xdf, 0xe0, 0x6e, 0xaf, 0x70, 0xa0, 0xec, 0x0d, 0x71, 0x91]),
            (32, [0x8e, 0xa2, 0xb7, 0xca, 0x51, 0x67, 0x45, 0xbf, 0xea, 0xfc, 0x49, 0x90, 0x4b, 0x49, 0x60, 0x89]),
        ] {
            let key: Vec<u8> = (0..length).collect();
            let mut data = [plain.clone(), plain.clone()].concat();
            ecb_encrypt(&key, &mut data).expect("encrypt");
            assert_eq!(data, [expected, expected].concat());
            ecb_decrypt(&key, &mut data).expect("decrypt");
            assert_eq!(data, [plain.clone(), plain.clone()].concat());
        }
    }

    #[test]
    fn refusals_leave_the_data_alone() {
        let mut data = [7; 17];
        assert_eq!(
            ecb_encrypt(&[0; 16], &mut data).expect_err("refused").kind(),
            &ErrorKind::NotBlockAligned { unit: 16 }
        );
        assert_eq!(
            ecb_decrypt(&[0; 16], &mut data).expect_err("refused").kind(),
            &ErrorKind::NotBlockAligned { unit: 16 }
        );
        assert_eq!(ecb_encrypt(&[0; 15], &mut data[..16]).expect_err("refused").kind(), &ErrorKind::UnsupportedCrypto);
        assert_eq!(ecb_decrypt(&[0; 33], &mut data[..16]).expect_err("refused").kind(), &ErrorKind::UnsupportedCrypto);
        assert_eq!(data, [7; 17]);
        ecb_encrypt(&[0; 16], &mut []).expect("nothing to do");
    }
}
