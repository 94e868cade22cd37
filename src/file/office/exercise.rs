//! Reads whatever bytes say they are, in every way that there is, for tests with hostile files. Nothing is asserted but
//! that every call returns.

use std::fmt;

use crate::cipher::{Buffers, CipherMode};
use crate::error::Result;
use crate::file::{Coder, MemoryStorage};

use super::message::Message;
use super::{detect, license, plain_kind, plaintext_len, protect, relicense, reprotect, rpmsg, unprotect};

/// Bytes that mail may unpack to.
const UNPACKED_MAX: u64 = 8 << 20;
const LICENSE: &[u8] = b"<XrML/>";

/// Leaves content as it is, so that what is inside can be hostile too.
struct Clear(CipherMode);

impl Coder for Clear {
    fn mode(&self) -> CipherMode {
        self.0
    }

    fn block_size(&self) -> u32 {
        if self.0 == CipherMode::Ecb { 16 } else { 4096 }
    }

    fn encrypted_block_size(&self) -> u32 {
        self.block_size()
    }

    fn encrypt(&self, _: u32, _: bool, buffers: Buffers<'_>) -> Result<usize> {
        Ok(buffers.input().len())
    }

    fn decrypt(&self, _: u32, _: bool, buffers: Buffers<'_>) -> Result<usize> {
        Ok(buffers.input().len())
    }
}

impl fmt::Debug for Clear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clear")
    }
}

/// Reads bytes as a document, protected or plain, whose content is not encrypted.
pub fn document(bytes: &[u8]) {
    let input = MemoryStorage::new(bytes.to_vec());
    let coder = Clear(CipherMode::Ecb);
    let out = MemoryStorage::default;
    let _ = (detect(&input), plain_kind(&input), license(&input), plaintext_len(&input));
    let _ = unprotect(&input, &coder, &mut out(), &mut |_, _| Ok(()));
    let _ = protect(&input, LICENSE, &coder, &mut out(), &mut |_, _| Ok(()));
    let _ = relicense(&input, LICENSE, &mut out(), &mut |_, _| Ok(()));
    let wide = Clear(CipherMode::Cbc4kNoPad);
    let _ = reprotect(&input, &coder, LICENSE, &wide, &mut out(), &mut |_, _| Ok(()));
}

/// Reads bytes as protected mail whose content is not encrypted.
pub fn mail(bytes: &[u8]) {
    let input = MemoryStorage::new(bytes.to_vec());
    let (mut unpacked, mut plain) = (MemoryStorage::default(), MemoryStorage::default());
    if rpmsg::unpack(&input, &mut unpacked, UNPACKED_MAX).is_err() {
        return;
    }
    let _ = rpmsg::license(&unpacked);
    if rpmsg::unprotect(&unpacked, &Clear(CipherMode::Ecb), &mut plain, &mut |_, _| Ok(())).is_ok() {
        let _ = Message::read(&plain);
    }
}

/// Reads bytes as a PDF.
pub fn pdf(bytes: &[u8]) {
    let input = MemoryStorage::new(bytes.to_vec());
    let _ = (crate::file::pdf::is_protected(&input), crate::file::pdf::license(&input));
    let _ = crate::file::pdf::check_protectable(&input);
}
