//! Content encryption: keys and blocks, no licenses.
//!
//! Calls are stateless: each names the number of its first block and whether it holds the end of the content, so that
//! they may come in any order and from any thread. [`ContentKey`] says how content is encrypted, [`ContentCipher`] does
//! it, and `geometry` alone computes lengths, so that asking for a size and doing the work cannot disagree.
//!
//! ```
//! use msipc::cipher::{Buffers, ContentCipher, ContentKey, PackageId};
//! use msipc::crypto::OsRandom;
//!
//! let key = ContentKey::generate(PackageId::Aes256Cbc4k, &OsRandom)?;
//! let cipher = ContentCipher::new(&key)?;
//! let mut buffer = b"minutes of the board     ........".to_vec();
//! let length = cipher.encrypt(&OsRandom, 0, true, Buffers::in_place(&mut buffer, 20))?;
//! assert_eq!(length, 32);
//! let length = cipher.decrypt(0, true, Buffers::in_place(&mut buffer, 32))?;
//! assert_eq!(&buffer[..length], b"minutes of the board");
//! # Ok::<(), msipc::Error>(())
//! ```

#[forbid(unsafe_code)]
mod buffers;
#[forbid(unsafe_code)]
mod cbc4k;
#[forbid(unsafe_code)]
mod cbc512;
#[forbid(unsafe_code)]
mod chain;
#[forbid(unsafe_code)]
mod content_key;
#[forbid(unsafe_code)]
mod ecb;
#[forbid(unsafe_code)]
mod gcm_segment;
#[forbid(unsafe_code)]
mod geometry;
#[forbid(unsafe_code)]
mod schedule;
#[forbid(unsafe_code)]
mod share;
#[allow(unsafe_code)]
mod simd;
#[cfg(test)]
mod tests;

use std::fmt;

pub use buffers::Buffers;
pub use content_key::{CipherMode, ContentKey, PackageId};
pub use share::{SHARED_FROM, THREADS_MAX, allow_threads};
pub use simd::{Path, sha256_pair};

use crate::crypto::Random;
use crate::error::{Error, ErrorKind, Result};
use geometry::Geometry;
use share::Piece;

/// One way of encrypting content. [`ContentCipher`] has checked lengths, block numbers and room before it calls, except
/// the room for a decrypted result whose length only the padding tells.
trait Cipher: Send + Sync {
    /// Encrypts and returns the length of the output. Nothing is written when it fails.
    fn encrypt(&self, random: &dyn Random, block: u32, last: bool, buffers: Buffers<'_>) -> Result<usize>;

    /// Refuses content that was changed, where that shows. Called before [`Self::decrypt`], with all of its input.
    fn verify(&self, _block: u32, _last: bool, _input: &[u8]) -> Result<()> {
        Ok(())
    }

    /// Decrypts what [`Self::verify`] let pass and returns the length of the output. Nothing is written when it fails.
    fn decrypt(&self, block: u32, last: bool, buffers: Buffers<'_>) -> Result<usize>;
}

/// A content key made ready for use. The key schedule is computed once and wiped on drop; calls may run at once.
pub struct ContentCipher {
    geometry: Geometry,
    cipher: Box<dyn Cipher>,
}

impl ContentCipher {
    /// The cipher of a key.
    ///
    /// # Errors
    /// `Internal`, when the key schedule cannot be made.
    pub fn new(key: &ContentKey) -> Result<Self> {
        Self::on_path(Path::chosen(), key)
    }

    /// The cipher of a key on one path, or on the portable one where the processor does not have it; for tests.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn on_path(path: Path, key: &ContentKey) -> Result<Self> {
        let bytes = key.expose_bytes();
        let cipher: Box<dyn Cipher> = match key.mode() {
            CipherMode::Ecb => Box::new(ecb::Ecb::new(path, bytes)?),
            CipherMode::Cbc4k => Box::new(cbc4k::Cbc4k::new(path, bytes, cbc4k::Padding::Pkcs7)?),
            CipherMode::Cbc4kNoPad => Box::new(cbc4k::Cbc4k::new(path, bytes, cbc4k::Padding::None)?),
            CipherMode::Cbc512 => Box::new(cbc512::Cbc512::new(path, bytes)?),
            CipherMode::Gcm4k => Box::new(gcm_segment::GcmSegments::new(path, bytes)?),
        };
        Ok(Self { geometry: Geometry::of(key.mode()), cipher })
    }

    /// How content is encrypted.
    #[must_use]
    pub fn mode(&self) -> CipherMode {
        self.geometry.mode()
    }

    /// Plaintext bytes that one block number stands for.
    #[must_use]
    pub fn block_size(&self) -> u32 {
        self.geometry.block_size()
    }

    /// Bytes of a whole block after encryption: 4124 for the authenticated mode, else [`Self::block_size`].
    #[must_use]
    pub fn encrypted_block_size(&self) -> u32 {
        self.geometry.encrypted_block_size()
    }

    /// Whether a change of the content is detected. Only the GCM segments are; the other modes are for compatibility.
    #[must_use]
    pub fn is_authenticated(&self) -> bool {
        self.geometry.is_authenticated()
    }

    /// Segments that encrypting `input_len` bytes would seal under fresh nonces; 0 in the modes that have no nonces.
    /// One key may seal 2^32 of them, which whoever holds the key counts.
    ///
    /// # Errors
    /// As [`Self::encrypted_len`].
    pub fn segments(&self, block: u32, last: bool, input_len: u64) -> Result<u64> {
        let extent = self.geometry.encrypted(block, last, input_len)?;
        Ok(if self.is_authenticated() { extent.blocks } else { 0 })
    }

    /// Length in bytes of what [`Self::encrypt`] makes of `input_len` bytes.
    ///
    /// # Errors
    /// `NotBlockAligned`: the input is no whole number of the units that the mode and `last` demand.
    /// `InvalidArgument`: block numbers would pass 2^32 - 1.
    pub fn encrypted_len(&self, block: u32, last: bool, input_len: u64) -> Result<u64> {
        Ok(self.geometry.encrypted(block, last, input_len)?.output)
    }

    /// Bytes that are enough for what [`Self::decrypt`] makes of `input_len` bytes; exact but for the padding of a final
    /// call, of which the length alone tells nothing.
    ///
    /// # Errors
    /// As [`Self::encrypted_len`], and `CorruptContent` for a length that no encryption can have made.
    pub fn decrypted_len_bound(&self, block: u32, last: bool, input_len: u64) -> Result<u64> {
        Ok(self.geometry.decrypted(block, last, input_len)?.output)
    }

    /// Encrypts whole blocks from number `block` on; `last` tells that the input holds the end of the content. Returns
    /// the length of the output. `random` serves the authenticated mode only.
    ///
    /// # Errors
    /// As [`Self::encrypted_len`]; `BufferTooSmall`; a failure of `random`. Nothing is written then.
    pub fn encrypt(&self, random: &dyn Random, block: u32, last: bool, buffers: Buffers<'_>) -> Result<usize> {
        buffers.check()?;
        let extent = self.geometry.encrypted(block, last, buffers.input().len() as u64)?;
        buffers.require(extent.output)?;
        match share::threads_for(buffers.input().len()) {
            threads @ 2.. if self.can_be_cut(&buffers) => {
                self.encrypt_shared(threads, random, Piece { block, last, of: buffers })
            }
            _ => self.cipher.encrypt(random, block, last, buffers),
        }
    }

    /// Decrypts what [`Self::encrypt`] made with the same block number and `last`. Returns the length of the output,
    /// which must fit the capacity; more room than the true result is not asked for.
    ///
    /// # Errors
    /// As [`Self::decrypted_len_bound`]; `CorruptContent` for wrong padding or a wrong tag; `BufferTooSmall`. Nothing is
    /// written then.
    pub fn decrypt(&self, block: u32, last: bool, buffers: Buffers<'_>) -> Result<usize> {
        buffers.check()?;
        let extent = self.geometry.decrypted(block, last, buffers.input().len() as u64)?;
        if extent.exact {
            buffers.require(extent.output)?;
        }
        match share::threads_for(buffers.input().len()) {
            threads @ 2.. => self.decrypt_shared(threads, extent, Piece { block, last, of: buffers }),
            _ => {
                self.cipher.verify(block, last, buffers.input())?;
                self.cipher.decrypt(block, last, buffers)
            }
        }
    }
}

impl fmt::Debug for ContentCipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContentCipher({:?})", self.geometry)
    }
}

/// The one answer to content that does not decrypt, whatever was wrong with it.
fn corrupt() -> Error {
    ErrorKind::CorruptContent.into()
}
