//! Protected mail: `message.rpmsg`, a compressed compound file with the names of binary documents ([MS-OXORMMS] 2.1).
//!
//! The compressed form is one stream of zlib cut into blocks, each of which ends with a flush; the stream itself is never
//! ended. Since a compound file cannot be read from the front alone, reading unpacks into a storage of the caller first.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind, Result};
use crate::file::{Coder, Progress, Storage};

use super::OfficeKind;
use super::cfb::{MAGIC, Node, Plan, ReadAt, StorageSink, Whole};
use super::container::{self, Container};
use super::content;
use super::dataspaces;

/// How every protected mail begins.
pub const PREFIX: [u8; 8] = [0x76, 0xE8, 0x04, 0x60, 0xC4, 0x11, 0xE3, 0x86];

/// Stands in front of every block.
const CHECK: u32 = 0x0000_0FA0;
/// Bytes in front of the compressed ones of a block: check, length without and with compression.
const BLOCK_HEADER: usize = 12;
/// Bytes of a block that is written.
const BLOCK: usize = 4096;
/// Longest block that is read.
const BLOCK_MAX: usize = 8192;
/// Longest compressed block that is read.
const COMPRESSED_MAX: usize = 16_384;

/// Whether a file begins as protected mail does.
///
/// # Errors
/// What the storage reports.
pub fn detect(input: &dyn Storage) -> Result<bool> {
    let mut prefix = [0; PREFIX.len()];
    Ok(input.read_at(0, &mut prefix)? == prefix.len() && prefix == PREFIX)
}

/// Unpacks protected mail into the compound file that it is; `limit` bounds its length.
///
/// # Errors
/// `FileNotEncrypted` for a file that does not begin as protected mail; `FileCorrupt` for damaged blocks, for what is no
/// compound file and beyond the limit; what the storages report.
pub fn unpack(input: &dyn Storage, output: &mut dyn Storage, limit: u64) -> Result<()> {
    if !detect(input)? {
        return Err(ErrorKind::FileNotEncrypted.into());
    }
    let whole = Whole::new(input)?;
    let mut inflate = Decompress::new(true);
    let mut sink = StorageSink::new(output);
    let (mut position, mut total) = (PREFIX.len() as u64, 0u64);
    let mut compressed = vec![0; COMPRESSED_MAX];
    let mut plain = vec![0; BLOCK_MAX];
    while position < whole.len() {
        let mut header = [0; BLOCK_HEADER];
        whole.read_exact_at(position, &mut header)?;
        let [check, plain_len, compressed_len] = three_numbers(header);
        let (plain_len, compressed_len) = (plain_len as usize, compressed_len as usize);
        if check != CHECK || plain_len > BLOCK_MAX || compressed_len > COMPRESSED_MAX || compressed_len == 0 {
            return Err(damaged("the header of a block"));
        }
        position += BLOCK_HEADER as u64;
        whole.read_exact_at(position, &mut compressed[..compressed_len])?;
        position += compressed_len as u64;
        total += plain_len as u64;
        if total > limit {
            return Err(damaged("it unpacks to more than is read"));
        }
        inflate_block(&mut inflate, &compressed[..compressed_len], &mut plain[..plain_len])?;
        if total == plain_len as u64 && !plain[..plain_len].starts_with(&MAGIC) {
            return Err(damaged("what is packed is no compound file"));
        }
        sink.put(&plain[..plain_len])?;
    }
    if total == 0 {
        return Err(damaged("there are no blocks"));
    }
    sink.finish()
}

/// Packs a compound file with the data spaces of protected mail.
///
/// # Errors
/// What the storages report.
pub fn pack(input: &dyn Storage, output: &mut dyn Storage) -> Result<()> {
    let whole = Whole::new(input)?;
    let mut packer = Packer::new(output)?;
    content::send_all(&whole, &mut |bytes| packer.put(bytes), &mut |_, _| Ok(()))?;
    packer.finish()
}

/// Protects a message, which is a compound file such as [`super::message::Message`] writes.
///
/// # Errors
/// `NotSupported` for a message that is no compound file, and for a cipher mode other than ECB and CBC4K; `Malformed` for
/// a license that is not text; what the storages, the coder and `progress` report.
pub fn protect(
    message: &dyn Storage,
    license: &[u8],
    coder: &dyn Coder,
    output: &mut dyn Storage,
    progress: &mut Progress<'_>,
) -> Result<()> {
    let whole = Whole::new(message)?;
    if !super::cfb::CompoundFile::has_magic(&whole)? {
        return Err(Error::with(ErrorKind::NotSupported, "the message is no compound file"));
    }
    let names = OfficeKind::Binary.names();
    let content = content::encrypted(whole.len(), coder, |sink| content::send_all(&whole, sink, progress))?;
    let license = dataspaces::stored_license(license)?;
    let nodes = vec![names.node(&license, None), Node::stream(names.content, content)];
    let mut packer = Packer::new(output)?;
    Plan::new(Default::default(), nodes)?.produce(&mut |bytes| packer.put(bytes))?;
    packer.finish()
}

/// The publishing license of unpacked mail.
///
/// # Errors
/// `FileNotEncrypted` for a compound file that is no protected mail, `FileCorrupt` for a damaged one.
pub fn license(unpacked: &dyn Storage) -> Result<Vec<u8>> {
    check_kind(unpacked)?;
    container::license(unpacked)
}

/// Takes the protection off unpacked mail; `output` becomes the message, a compound file.
///
/// # Errors
/// As [`license`], and `FileCorrupt` for another key; what the storages, the coder and `progress` report.
pub fn unprotect(
    unpacked: &dyn Storage,
    coder: &dyn Coder,
    output: &mut dyn Storage,
    progress: &mut Progress<'_>,
) -> Result<()> {
    check_kind(unpacked)?;
    container::stored_content(unpacked, coder, output, progress)
}

fn check_kind(unpacked: &dyn Storage) -> Result<()> {
    let whole = Whole::new(unpacked)?;
    match Container::open(&whole)?.kind {
        OfficeKind::Binary => Ok(()),
        OfficeKind::Package => Err(ErrorKind::FileNotEncrypted.into()),
    }
}

/// Inflates one block, which must fill `out` and use up its input.
fn inflate_block(inflate: &mut Decompress, compressed: &[u8], out: &mut [u8]) -> Result<()> {
    let (mut read, mut written) = (0, 0);
    loop {
        let before = (inflate.total_in(), inflate.total_out());
        // A byte more than is wanted tells a block that would give more.
        let mut spare = [0; 1];
        let target = if written < out.len() { &mut out[written..] } else { &mut spare[..] };
        let status = inflate
            .decompress(&compressed[read..], target, FlushDecompress::Sync)
            .map_err(|_| damaged("a block does not unpack"))?;
        let (took, gave) = (inflate.total_in() - before.0, inflate.total_out() - before.1);
        read += usize::try_from(took).unwrap_or_default();
        written += usize::try_from(gave).unwrap_or_default();
        if written > out.len() {
            return Err(damaged("a block is longer than it says"));
        }
        if status == Status::StreamEnd && read < compressed.len() {
            return Err(damaged("the compressed stream ends within a block"));
        }
        if took == 0 && gave == 0 || status == Status::StreamEnd {
            break;
        }
    }
    if written < out.len() || read < compressed.len() {
        return Err(damaged("a block is shorter than it says"));
    }
    Ok(())
}

/// Cuts what it takes into blocks and compresses them.
struct Packer<'s> {
    deflate: Compress,
    block: Zeroizing<Vec<u8>>,
    sink: StorageSink<'s>,
}

impl<'s> Packer<'s> {
    fn new(output: &'s mut dyn Storage) -> Result<Self> {
        let mut sink = StorageSink::new(output);
        sink.put(&PREFIX)?;
        let block = Zeroizing::new(Vec::with_capacity(BLOCK));
        Ok(Self { deflate: Compress::new(Compression::best(), true), block, sink })
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(BLOCK - self.block.len()));
            self.block.extend_from_slice(now);
            rest = later;
            if self.block.len() == BLOCK {
                self.flush()?;
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        // More than a block of noise and the marks of a flush take.
        let mut compressed = Vec::with_capacity(2 * BLOCK);
        let begin = self.deflate.total_in();
        loop {
            let read = usize::try_from(self.deflate.total_in() - begin).unwrap_or_default();
            let room = compressed.capacity() - compressed.len();
            self.deflate
                .compress_vec(&self.block[read..], &mut compressed, FlushCompress::Sync)
                .map_err(|_| Error::internal("compressing"))?;
            if compressed.len() < compressed.capacity() {
                break;
            }
            compressed.reserve(room.max(BLOCK));
        }
        let lengths = [self.block.len(), compressed.len()].map(|length| u32::try_from(length).unwrap_or_default());
        for number in [CHECK, lengths[0], lengths[1]] {
            self.sink.put(&number.to_le_bytes())?;
        }
        self.sink.put(&compressed)?;
        self.block.clear();
        Ok(())
    }

    fn finish(mut self) -> Result<()> {
        if !self.block.is_empty() {
            self.flush()?;
        }
        self.sink.finish()
    }
}

fn three_numbers(bytes: [u8; BLOCK_HEADER]) -> [u32; 3] {
    let mut numbers = [0; 3];
    for (number, bytes) in numbers.iter_mut().zip(bytes.as_chunks::<4>().0) {
        *number = u32::from_le_bytes(*bytes);
    }
    numbers
}

fn damaged(why: &'static str) -> Error {
    Error::with(ErrorKind::FileCorrupt { what: "mail" }, why)
}
