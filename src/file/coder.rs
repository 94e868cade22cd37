//! Content encryption as containers use it: an open key that checks rights, or a content key alone.

use std::fmt;
use std::sync::Arc;

use crate::cipher::{Buffers, CipherMode, ContentCipher, ContentKey};
use crate::client::Key;
use crate::crypto::Random;
use crate::error::Result;

/// Encrypts and decrypts blocks of content. Block numbers count from 0 in each content.
pub trait Coder: Send + Sync + fmt::Debug {
    /// How content is encrypted.
    fn mode(&self) -> CipherMode;

    /// Plaintext bytes that one block number stands for.
    fn block_size(&self) -> u32;

    /// Bytes of a whole block after encryption.
    fn encrypted_block_size(&self) -> u32;

    /// Encrypts from block `block` on and returns the length of the output; `last` says that the input ends the content.
    ///
    /// # Errors
    /// A right is missing, a length is wrong, the output is too small.
    fn encrypt(&self, block: u32, last: bool, buffers: Buffers<'_>) -> Result<usize>;

    /// Decrypts from block `block` on and returns the length of the output.
    ///
    /// # Errors
    /// As [`Self::encrypt`], and `CorruptContent` when padding or tag are wrong.
    fn decrypt(&self, block: u32, last: bool, buffers: Buffers<'_>) -> Result<usize>;
}

/// An open key: every use asks for the right that it needs.
#[derive(Debug, Clone)]
pub struct KeyCoder(pub Arc<Key>);

impl Coder for KeyCoder {
    fn mode(&self) -> CipherMode {
        self.0.mode()
    }

    fn block_size(&self) -> u32 {
        self.0.block_size()
    }

    fn encrypted_block_size(&self) -> u32 {
        self.0.encrypted_block_size()
    }

    fn encrypt(&self, block: u32, last: bool, buffers: Buffers<'_>) -> Result<usize> {
        self.0.encrypt(block, last, buffers)
    }

    fn decrypt(&self, block: u32, last: bool, buffers: Buffers<'_>) -> Result<usize> {
        self.0.decrypt(block, last, buffers)
    }
}

/// A content key without rights, for files whose key is known otherwise: test vectors and recovery tools.
pub struct RawCoder {
    mode: CipherMode,
    cipher: ContentCipher,
    random: Arc<dyn Random>,
}

impl RawCoder {
    /// The coder of a content key.
    ///
    /// # Errors
    /// `Internal`, when the key schedule cannot be made.
    pub fn new(key: &ContentKey, random: Arc<dyn Random>) -> Result<Self> {
        Ok(Self { mode: key.mode(), cipher: ContentCipher::new(key)?, random })
    }
}

impl Coder for RawCoder {
    fn mode(&self) -> CipherMode {
        self.mode
    }

    fn block_size(&self) -> u32 {
        self.cipher.block_size()
    }

    fn encrypted_block_size(&self) -> u32 {
        self.cipher.encrypted_block_size()
    }

    fn encrypt(&self, block: u32, last: bool, buffers: Buffers<'_>) -> Result<usize> {
        self.cipher.encrypt(&*self.random, block, last, buffers)
    }

    fn decrypt(&self, block: u32, last: bool, buffers: Buffers<'_>) -> Result<usize> {
        self.cipher.decrypt(block, last, buffers)
    }
}

impl fmt::Debug for RawCoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawCoder").field("mode", &self.mode).finish_non_exhaustive()
    }
}
