//! Protected content of the Office layouts: eight bytes of length, then the encrypted bytes.
//!
//! The plaintext is filled with zeros up to what the cipher takes, 16 bytes for ECB and 4096 for CBC, and every block is
//! encrypted as one in the middle, so that no padding is added; the length in front tells what counts.

use std::cell::RefCell;
use std::fmt;

use zeroize::Zeroizing;

use super::cfb::{Content, ReadAt, Sink};
use crate::cipher::{Buffers, CipherMode};
use crate::error::{Error, ErrorKind, Result};
use crate::file::{Coder, Progress};

/// Bytes encrypted or decrypted at a time; a multiple of every block size.
const CHUNK: usize = 256 << 10;
/// Bytes decrypted ahead where content is read in order.
const WINDOW: u64 = 64 << 10;
/// Bytes decrypted around a place that is read out of order; a multiple of every block size.
const SCATTERED: u64 = 4096;
/// The length in front of the content.
const PREFIX: u64 = 8;
/// Encrypted bytes behind the content that are accepted: some writers leave a block too many.
const SURPLUS_MAX: u64 = 8192;

/// Bytes that the plaintext is filled up to a multiple of.
///
/// # Errors
/// `NotSupported` for a mode that Office containers do not know.
fn unit(mode: CipherMode) -> Result<u64> {
    match mode {
        CipherMode::Ecb => Ok(16),
        // Without a final call the padding of the other mode never comes to pass.
        CipherMode::Cbc4k | CipherMode::Cbc4kNoPad => Ok(4096),
        CipherMode::Cbc512 | CipherMode::Gcm4k => {
            Err(Error::with(ErrorKind::NotSupported, "Office containers do not know this cipher mode"))
        }
    }
}

/// The number of the block at an offset.
fn block_at(coder: &dyn Coder, offset: u64) -> Result<u32> {
    u32::try_from(offset / u64::from(coder.block_size()))
        .map_err(|_| Error::with(ErrorKind::NotSupported, "the content is too long for its cipher mode"))
}

/// The protected form of content of `len` bytes, which `produce` passes on in order when its turn comes.
///
/// # Errors
/// `NotSupported` for a mode that Office containers do not know, and for content too long for it.
pub(super) fn encrypted<'a>(
    len: u64,
    coder: &'a dyn Coder,
    produce: impl FnOnce(&mut Sink<'_>) -> Result<()> + 'a,
) -> Result<Content<'a>> {
    let unit = unit(coder.mode())?;
    let filled = len.checked_next_multiple_of(unit).ok_or(ErrorKind::NotSupported)?;
    block_at(coder, filled)?;
    Ok(Content::produced(PREFIX + filled, move |sink| {
        sink(&len.to_le_bytes())?;
        let mut encryptor = Encryptor { coder, sink, offset: 0, buffer: Zeroizing::new(Vec::with_capacity(CHUNK)) };
        produce(&mut |bytes| encryptor.put(bytes))?;
        encryptor.finish(unit)
    }))
}

/// Collects plaintext and passes on what it becomes.
struct Encryptor<'s, 'f> {
    coder: &'s dyn Coder,
    sink: &'s mut Sink<'f>,
    offset: u64,
    buffer: Zeroizing<Vec<u8>>,
}

impl Encryptor<'_, '_> {
    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let count = rest.len().min(CHUNK - self.buffer.len());
            let (now, later) = rest.split_at(count);
            self.buffer.extend_from_slice(now);
            rest = later;
            if self.buffer.len() == CHUNK {
                self.flush()?;
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        let len = self.buffer.len();
        if len == 0 {
            return Ok(());
        }
        let block = block_at(self.coder, self.offset)?;
        let written = self.coder.encrypt(block, false, Buffers::in_place(&mut self.buffer, len))?;
        (self.sink)(self.buffer.get(..written).unwrap_or_default())?;
        self.offset += len as u64;
        self.buffer.clear();
        Ok(())
    }

    fn finish(mut self, unit: u64) -> Result<()> {
        let unit = usize::try_from(unit).unwrap_or(CHUNK);
        let filled = self.buffer.len().next_multiple_of(unit);
        self.buffer.resize(filled, 0);
        self.flush()
    }
}

/// Protected content as the plaintext that it holds, decrypted where it is read.
pub(super) struct Decrypted<'a> {
    stream: &'a dyn ReadAt,
    coder: &'a dyn Coder,
    len: u64,
    /// Encrypted bytes that are there.
    stored: u64,
    unit: u64,
    window: RefCell<Window>,
}

struct Window {
    at: u64,
    bytes: Zeroizing<Vec<u8>>,
}

impl<'a> Decrypted<'a> {
    /// The content of a protected stream.
    ///
    /// # Errors
    /// `FileCorrupt` when the stream and the length in it do not fit; `NotSupported` for a mode that Office containers
    /// do not know.
    pub(super) fn new(stream: &'a dyn ReadAt, coder: &'a dyn Coder) -> Result<Self> {
        let unit = unit(coder.mode())?;
        let len = plaintext_len(stream)?;
        // What is beyond whole units is no content of any writer.
        let stored = (stream.len() - PREFIX) / unit * unit;
        if stored < len {
            return Err(damaged("fewer bytes than its length says"));
        }
        if stored > 0 {
            block_at(coder, stored - 1)?;
        }
        let window = RefCell::new(Window { at: 0, bytes: Zeroizing::new(Vec::new()) });
        Ok(Self { stream, coder, len, stored, unit, window })
    }

    /// Decrypts what lies at `offset`, a multiple of the unit, into all of `out`, whose length is one as well.
    fn decrypt(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        self.stream.read_exact_at(PREFIX + offset, out)?;
        let len = out.len();
        let decrypted = self.coder.decrypt(block_at(self.coder, offset)?, false, Buffers::in_place(out, len))?;
        if decrypted == len { Ok(()) } else { Err(Error::internal("a block changed its length")) }
    }

    /// Passes the plaintext on from the first byte to the last.
    ///
    /// # Errors
    /// As reading it, and what the sink and `progress` report.
    pub(super) fn send(&self, sink: &mut Sink<'_>, progress: &mut Progress<'_>) -> Result<()> {
        let mut buffer = Zeroizing::new(vec![0; CHUNK]);
        let mut offset = 0;
        while offset < self.len {
            let wanted = usize::try_from(self.len - offset).unwrap_or(CHUNK).min(CHUNK);
            let whole = (wanted as u64).next_multiple_of(self.unit).min(self.stored - offset);
            let whole = usize::try_from(whole).unwrap_or(CHUNK);
            self.decrypt(offset, &mut buffer[..whole])?;
            sink(&buffer[..wanted])?;
            offset += wanted as u64;
            progress(offset, self.len)?;
        }
        Ok(())
    }
}

impl ReadAt for Decrypted<'_> {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_exact_at(&self, mut offset: u64, out: &mut [u8]) -> Result<()> {
        let end = offset.checked_add(out.len() as u64).filter(|end| *end <= self.len);
        end.ok_or_else(|| damaged("it ends early"))?;
        let mut window = self.window.borrow_mut();
        let mut rest = out;
        while !rest.is_empty() {
            let end = window.at + window.bytes.len() as u64;
            if offset < window.at || offset >= end {
                // Scattered places cost little, and reading on in order is done in larger pieces.
                let at = offset / SCATTERED * SCATTERED;
                let most = if at == end { WINDOW } else { SCATTERED };
                let size = usize::try_from(most.min(self.stored - at)).unwrap_or_default();
                window.bytes.clear();
                let mut bytes = Zeroizing::new(vec![0; size]);
                self.decrypt(at, &mut bytes)?;
                *window = Window { at, bytes };
            }
            let within = usize::try_from(offset - window.at).unwrap_or_default();
            let there = window.bytes.get(within..).unwrap_or_default();
            let count = there.len().min(rest.len());
            let (now, later) = rest.split_at_mut(count);
            now.copy_from_slice(&there[..count]);
            offset += count as u64;
            rest = later;
        }
        Ok(())
    }
}

impl fmt::Debug for Decrypted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decrypted").field("len", &self.len).finish_non_exhaustive()
    }
}

/// The length in front of protected content, which no key is needed for.
///
/// # Errors
/// `FileCorrupt` when the stream is too short for it, or longer than any writer makes it.
pub(super) fn plaintext_len(stream: &dyn ReadAt) -> Result<u64> {
    let mut prefix = [0; size_of::<u64>()];
    stream.read_exact_at(0, &mut prefix)?;
    let len = u64::from_le_bytes(prefix);
    let stored = stream.len() - PREFIX;
    if len > stored {
        return Err(damaged("fewer bytes than its length says"));
    }
    if stored - len > SURPLUS_MAX {
        return Err(damaged("more bytes than its length says"));
    }
    Ok(len)
}

/// Passes all of a file or stream on, and tells `progress` how far that is.
///
/// # Errors
/// What reading, the sink or `progress` report.
pub(super) fn send_all(file: &dyn ReadAt, sink: &mut Sink<'_>, progress: &mut Progress<'_>) -> Result<()> {
    let mut buffer = Zeroizing::new(vec![0; CHUNK]);
    let mut offset = 0;
    while offset < file.len() {
        let count = usize::try_from(file.len() - offset).unwrap_or(CHUNK).min(CHUNK);
        file.read_exact_at(offset, &mut buffer[..count])?;
        sink(&buffer[..count])?;
        offset += count as u64;
        progress(offset, file.len())?;
    }
    Ok(())
}

fn damaged(why: &'static str) -> Error {
    Error::with(ErrorKind::FileCorrupt { what: "protected content" }, why)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::cast_possible_truncation, reason = "patterns take the low bits")]

    use std::sync::Arc;

    use super::*;
    use crate::cipher::ContentKey;
    use crate::crypto::OsRandom;
    use crate::file::MemoryStorage;
    use crate::file::RawCoder;
    use crate::file::office::cfb::{Attributes, CompoundFile, Node, Plan};

    fn coder(mode: CipherMode, key_len: usize) -> RawCoder {
        RawCoder::new(&ContentKey::new(mode, &vec![0x3C; key_len]).unwrap(), Arc::new(OsRandom)).unwrap()
    }

    /// The protected form of content that is passed on in pieces of `step` bytes.
    fn protected(plain: &[u8], coder: &RawCoder, step: usize) -> Vec<u8> {
        let content = encrypted(plain.len() as u64, coder, |sink| plain.chunks(step).try_for_each(sink)).unwrap();
        let mut storage = MemoryStorage::default();
        let plan = Plan::new(Attributes::default(), vec![Node::stream("content", content)]).unwrap();
        plan.write(&mut storage).unwrap();
        let bytes = storage.into_bytes();
        let source = bytes.as_slice();
        let file = CompoundFile::open(&source).unwrap();
        file.find_stream(&["content"]).unwrap().unwrap().read_all(usize::MAX).unwrap()
    }

    fn pattern(len: usize) -> Vec<u8> {
        (0..len).map(|index| (index * 31 + index / 4096) as u8).collect()
    }

    #[test]
    fn every_size_comes_back_from_every_mode() {
        let sizes = [0, 1, 15, 16, 17, 4095, 4096, 4097, 8191, 8192, 8193, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 5];
        for (mode, key_len, unit) in
            [(CipherMode::Cbc4kNoPad, 32, 4096), (CipherMode::Cbc4k, 16, 4096), (CipherMode::Ecb, 16, 16)]
        {
            let coder = coder(mode, key_len);
            for size in sizes {
                let plain = pattern(size);
                let stored = protected(&plain, &coder, 1000);
                assert_eq!(stored.len(), 8 + size.next_multiple_of(unit), "{mode:?} {size}");
                assert_eq!(stored[..8], (size as u64).to_le_bytes());
                assert!(stored == protected(&plain, &coder, usize::MAX / 2), "pieces make no difference");
                let source = stored.as_slice();
                let decrypted = Decrypted::new(&source, &coder).unwrap();
                let mut back = Vec::new();
                decrypted
                    .send(
                        &mut |bytes| {
                            back.extend_from_slice(bytes);
                            Ok(())
                        },
                        &mut |_, _| Ok(()),
                    )
                    .unwrap();
                assert!(back == plain, "{mode:?} {size}");
                // The same by pieces out of order.
                for at in (0..size).rev().step_by(size / 7 + 1) {
                    let mut part = vec![0; (size - at).min(70_000)];
                    decrypted.read_exact_at(at as u64, &mut part).unwrap();
                    assert!(part == plain[at..at + part.len()], "{mode:?} {size} at {at}");
                }
                assert!(decrypted.read_exact_at(size as u64, &mut [0]).is_err());
            }
        }
    }

    #[test]
    fn the_modes_of_packages_and_pfiles_encrypt_whole_blocks_alike() {
        let plain = pattern(10_000);
        let [a, b] = [CipherMode::Cbc4kNoPad, CipherMode::Cbc4k].map(|mode| protected(&plain, &coder(mode, 32), 4096));
        assert!(a == b);
    }

    #[test]
    fn lengths_that_do_not_fit_are_refused() {
        let coder = coder(CipherMode::Cbc4kNoPad, 32);
        let good = protected(&pattern(5000), &coder, 4096);
        let with = |len: u64, stored: usize| {
            let mut bytes = good.clone();
            bytes[..8].copy_from_slice(&len.to_le_bytes());
            bytes.resize(8 + stored, 0);
            Decrypted::new(&bytes.as_slice(), &coder).map(|decrypted| decrypted.len)
        };
        assert_eq!(with(5000, 8192).unwrap(), 5000);
        assert_eq!(with(8192, 8192).unwrap(), 8192);
        // A block too many, and bytes that are no block.
        assert_eq!(with(4096, 4096 + 8192).unwrap(), 4096);
        assert_eq!(with(5000, 8200).unwrap(), 5000);
        for (len, stored) in
            [(8193, 8192), (5000, 8191), (5000, 4096), (u64::MAX, 8192), (4095, 4096 + 8192), (0, 8193)]
        {
            let error = with(len, stored).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::FileCorrupt { .. }), "{len} {stored}: {error}");
        }
        for len in 0..8 {
            assert!(plaintext_len(&&good[..len]).is_err(), "{len} bytes");
        }
    }

    #[test]
    fn contents_longer_than_block_numbers_are_refused() {
        for (mode, most) in [(CipherMode::Cbc4kNoPad, 1u64 << 44), (CipherMode::Ecb, 1 << 36)] {
            let coder = coder(mode, 16);
            let too_long = encrypted(most, &coder, |_| Ok(()));
            assert_eq!(too_long.unwrap_err().kind(), &ErrorKind::NotSupported);
            assert!(encrypted(most - 4096, &coder, |_| Ok(())).is_ok());
        }
    }
}
