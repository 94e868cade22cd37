//! Reads whatever bytes say they are, in every way that there is, for tests with hostile files. Nothing is asserted but
//! that every call returns.

use std::fmt;
use std::sync::Arc;

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

    fn commitment(&self) -> Result<[u8; 32]> {
        Ok([0; 32])
    }

    fn as_cbc4k(&self) -> Result<Arc<dyn Coder>> {
        Ok(Arc::new(Self(CipherMode::Cbc4k)))
    }
}

impl fmt::Debug for Clear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clear")
    }
}

/// Reads bytes as a document, protected or plain, whose content is not encrypted. Returns how many calls succeeded.
pub fn document(bytes: &[u8]) -> usize {
    let input = MemoryStorage::new(bytes.to_vec());
    let coder = Clear(CipherMode::Ecb);
    let wide = Clear(CipherMode::Cbc4kNoPad);
    let out = MemoryStorage::default;
    count([
        matches!(detect(&input), Ok(Some(_))),
        matches!(plain_kind(&input), Ok(Some(_))),
        license(&input).is_ok(),
        plaintext_len(&input).is_ok(),
        unprotect(&input, &coder, &mut out(), &mut |_, _| Ok(())).is_ok(),
        protect(&input, LICENSE, &coder, &mut out(), &mut |_, _| Ok(())).is_ok(),
        relicense(&input, LICENSE, &mut out(), &mut |_, _| Ok(())).is_ok(),
        reprotect(&input, &coder, LICENSE, &wide, &mut out(), &mut |_, _| Ok(())).is_ok(),
    ])
}

/// Reads bytes as protected mail whose content is not encrypted. Returns how many calls succeeded.
pub fn mail(bytes: &[u8]) -> usize {
    let input = MemoryStorage::new(bytes.to_vec());
    let (mut unpacked, mut plain) = (MemoryStorage::default(), MemoryStorage::default());
    let coder = Clear(CipherMode::Ecb);
    count([
        rpmsg::unpack(&input, &mut unpacked, UNPACKED_MAX).is_ok(),
        rpmsg::license(&unpacked).is_ok(),
        rpmsg::unprotect(&unpacked, &coder, &mut plain, &mut |_, _| Ok(())).is_ok(),
        Message::read(&plain).is_ok(),
    ])
}

/// Reads bytes as a PDF. Returns how many calls succeeded.
pub fn pdf(bytes: &[u8]) -> usize {
    let input = MemoryStorage::new(bytes.to_vec());
    count([
        matches!(crate::file::pdf::is_protected(&input), Ok(true)),
        crate::file::pdf::license(&input).is_ok(),
        crate::file::pdf::check_protectable(&input).is_ok(),
    ])
}

fn count<const N: usize>(succeeded: [bool; N]) -> usize {
    succeeded.into_iter().filter(|succeeded| *succeeded).count()
}
