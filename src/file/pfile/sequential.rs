//! Whole files: from the clear into a container and back, with memory that does not grow with the file.

use std::ops::Range;
use std::sync::Arc;

use parking_lot::Mutex;
use zeroize::Zeroizing;

use super::body::{Body, Shape};
use super::header::{self, Header};
use super::manifest::{Manifest, RECORD_LEN, RECORD_MAGIC, Signer, Trust};
use super::opened::OpenedFile;
use super::tree::{self, Hash, Place, Tree};
use crate::base::beside::{beside, has_room};
use crate::cipher::CipherMode;
use crate::error::{Error, ErrorKind, Result};
use crate::file::{Coder, Progress, Storage};

/// Bytes of content that two threads hash at a time: many more than one hashes while a thread starts.
pub(super) const THREADED_PIECE: u64 = 2 << 20;

/// Segments that a thread hashes before it looks for more.
const HASHED_PART: usize = 32;

/// What a new file is made of beside its content.
#[derive(Debug, Clone, Copy)]
pub struct NewFile<'a> {
    /// The serialized publishing license.
    pub license: &'a [u8],
    /// The extension that the file had, with its dot; empty for none.
    pub extension: &'a str,
    /// Clear metadata to keep beside the content; mostly empty.
    pub metadata: &'a [u8],
    /// The write key where the license has one, which content under the authenticated package then must have.
    pub manifest: Option<Signer<'a>>,
}

/// Encrypts `input` into a pfile of version 3.0. `output` must be empty; after an error it holds nothing of use.
///
/// # Errors
/// A right is missing; `InvalidArgument` when license, extension and metadata do not fit, when a manifest is asked for
/// content that is not authenticated, or when the input is too long for the cipher; `FileCorrupt` when the input changes
/// its length meanwhile; what `progress` and the system report.
pub fn protect(
    input: &dyn Storage,
    what: &NewFile<'_>,
    coder: &dyn Coder,
    output: &mut dyn Storage,
    progress: &mut Progress<'_>,
) -> Result<()> {
    let shape = Shape::of(coder);
    let len = input.len()?;
    shape.check_len(len)?;
    if what.manifest.is_some() && shape.mode != CipherMode::Gcm4k {
        return Err(Error::argument("manifest", "the content of this license is not authenticated"));
    }
    let at = write_header(what, len, output)?;
    let body = Body { shape, at, sealed_len: shape.sealed_len(len), len, last: shape.last(len) };
    let segments = body.last.map_or(0, |last| last + 1);
    let place = Place { at: at + body.sealed_len, capacity: segments };
    let mut tree = what.manifest.map(|_| Tree::new(0, [0; 32], place));

    let threaded = tree.is_some() && is_worth_a_thread(len);
    let blocks = piece(&shape, threaded);
    let piece = blocks * shape.block;
    let room = || room(len.min(piece)).map(|room| Zeroizing::new(vec![0; room]));
    let read =
        |input: &dyn Storage, first: u64, mut plain: Zeroizing<Vec<u8>>| -> Result<(usize, Zeroizing<Vec<u8>>)> {
            let at = (first * shape.block).min(len);
            let now = usize::try_from((len - at).min(piece)).map_err(|_| ErrorKind::OutOfMemory)?;
            input.read_exact_at(at, &mut plain[..now])?;
            Ok((now, plain))
        };
    let seal = |first: u64, (now, plain): &mut (usize, Zeroizing<Vec<u8>>), mut sealed: Vec<u8>| -> Result<Vec<u8>> {
        let ends = first * shape.block + *now as u64 == len;
        sealed.resize(shape.room((*now as u64).div_ceil(shape.block))?, 0);
        let written = shape.seal(coder, (first, ends), plain, *now, &mut sealed)?;
        sealed.truncate(written);
        Ok(sealed)
    };
    let mut clear = read(input, 0, room()?)?;
    let (mut first, mut sealed, mut free) = (0, seal(0, &mut clear, Vec::new())?, Vec::new());
    let (mut clear, spare) = (read(input, blocks, clear.1)?, Mutex::new(room()?));
    loop {
        let next = first + blocks;
        let done = (next * shape.block).min(len);
        // What comes next is encrypted, and what comes then is read, while this is hashed.
        let ahead = |input: &dyn Storage| read(input, next + blocks, std::mem::take(&mut *spare.lock()));
        let here = || {
            output.write_at(at + shape.at(first), &sealed)?;
            (done < len).then(|| seal(next, &mut clear, std::mem::take(&mut free))).transpose()
        };
        let segments = if tree.is_some() { &sealed[..] } else { &[] };
        let Beside { leaves, read, here: filled } = beside_work(threaded, (first, segments), (input, ahead), here)?;
        let filled = filled?;
        let leaves = leaves?;
        if let Some(tree) = tree.as_mut() {
            tree.update(output, first + leaves.len() as u64, first, &leaves)?;
        }
        progress(done, len)?;
        let Some(filled) = filled else { break };
        free = std::mem::replace(&mut sealed, filled);
        *spare.lock() = std::mem::replace(&mut clear, read?).1;
        first = next;
    }
    match (tree, what.manifest) {
        (Some(tree), Some(signer)) => {
            let header = Header::read(output)?;
            Manifest::new(output, &header, coder, 1)?.write(output, &header, (&body, &tree), signer)
        }
        _ => Ok(()),
    }
}

/// Decrypts a pfile. `output` must be empty. `trust` is given when the license has a write key: then the manifest is
/// demanded, and every segment is verified before anything of it reaches the output.
///
/// # Errors
/// `FileNotEncrypted`, `NotSupported`, `FileCorrupt`; a right is missing; what `progress` and the system report.
pub fn unprotect(
    input: &dyn Storage,
    coder: &Arc<dyn Coder>,
    trust: Option<&Trust>,
    output: &mut dyn Storage,
    progress: &mut Progress<'_>,
) -> Result<()> {
    let mut file = OpenedFile::open(input, coder, trust)?;
    let OpenedFile { body, coder, signed, .. } = &mut file;
    let mut tree = signed.as_mut().map(|signed| &mut signed.tree);
    let (len, threaded) = (body.len, tree.is_some() && is_worth_a_thread(body.len));
    let piece = piece(&body.shape, threaded);
    let body = &*body;
    let read = |input: &dyn Storage, first: u64, mut sealed: Vec<u8>| -> Result<Option<(Range<u64>, Vec<u8>)>> {
        // Content of no bytes has an end that is worth looking at, too.
        let Some(last) = body.last.filter(|last| first <= *last) else { return Ok(None) };
        let blocks = first..(first + piece).min(last + 1);
        body.read_sealed(input, &blocks, &mut sealed)?;
        Ok(Some((blocks, sealed)))
    };
    let room = room(len.min(piece * body.shape.block))?;
    // What was verified and is to be written, and what is being decrypted.
    let (mut verified, mut plain) = (Zeroizing::new(vec![0; room]), Zeroizing::new(vec![0; room]));
    let (mut written, mut waiting) = (0, 0);
    let (mut current, spare) = (read(input, 0, Vec::new())?, Mutex::new(Vec::new()));
    while let Some((blocks, sealed)) = current {
        let ahead = |input: &dyn Storage| read(input, blocks.end, std::mem::take(&mut *spare.lock()));
        let here = || {
            output.write_at(written, &verified[..waiting])?;
            body.decrypt(&**coder, &blocks, &sealed, &mut plain)
        };
        let segments = if tree.is_some() { &sealed[..] } else { &[] };
        let Beside { leaves, read: next, here: found } =
            beside_work(threaded, (blocks.start, segments), (input, ahead), here)?;
        if let Some(tree) = tree.as_mut() {
            tree.check(input, blocks.start, &leaves?)?;
        }
        written += waiting as u64;
        waiting = found?;
        std::mem::swap(&mut verified, &mut plain);
        current = next?;
        *spare.lock() = sealed;
        progress(written + waiting as u64, len)?;
    }
    output.write_at(written, &verified[..waiting])?;
    if written + waiting as u64 != len {
        return Err(super::corrupt("content", "it ends early"));
    }
    Ok(())
}

/// What came of work on two threads.
struct Beside<R, T> {
    leaves: Result<Vec<Hash>>,
    read: Result<R>,
    here: T,
}

/// Does `here` while consecutive segments from number `first` on are hashed, and while `read` reads what comes next, the
/// latter on this thread when the input may be the application's.
fn beside_work<R: Send, T>(
    threaded: bool,
    (first, segments): (u64, &[u8]),
    (input, read): (&dyn Storage, impl Fn(&dyn Storage) -> Result<R> + Sync),
    here: impl FnOnce() -> T,
) -> Result<Beside<R, T>> {
    enum Part<'a> {
        Read(&'a (dyn Storage + Sync)),
        Hash(u64, &'a [u8]),
    }
    enum Done<R> {
        Read(Result<R>),
        Hashed(Result<Vec<Hash>>),
    }
    let shared = input.shared();
    let hashed = segments.chunks(HASHED_PART * tree::SEGMENT).zip((first..).step_by(HASHED_PART));
    let parts: Vec<_> =
        shared.map(Part::Read).into_iter().chain(hashed.map(|(part, at)| Part::Hash(at, part))).collect();
    let work = |_: usize, part: &Part<'_>| match part {
        Part::Read(input) => Done::Read(read(*input)),
        Part::Hash(at, part) => Done::Hashed(tree::leaves(*at, part)),
    };
    let here = || {
        let read = shared.is_none().then(|| read(input));
        (here(), read)
    };
    let (parts, (here, mut read)) = beside(threaded, &parts, work, here)?;
    let mut hashed = Vec::new();
    for part in parts {
        match part {
            Done::Read(done) => read = Some(done),
            Done::Hashed(done) => hashed.push(done),
        }
    }
    let leaves = hashed.into_iter().collect::<Result<Vec<_>>>().map(|leaves| leaves.concat());
    let read = read.ok_or_else(|| Error::internal("nobody read"))?;
    Ok(Beside { leaves, read, here })
}

/// True when hashing beside the rest of the work is worth starting a thread for each piece.
fn is_worth_a_thread(len: u64) -> bool {
    len > 2 * THREADED_PIECE && has_room()
}

/// Blocks of a piece, in which files are read and written.
fn piece(shape: &Shape, threaded: bool) -> u64 {
    if threaded { (THREADED_PIECE / shape.block).max(1) } else { shape.chunk_blocks() }
}

/// Room for so many bytes and what fills the last block, and for one block at least.
fn room(bytes: u64) -> Result<usize> {
    Ok(usize::try_from(bytes).map_err(|_| ErrorKind::OutOfMemory)?.max(1).next_multiple_of(4096))
}

/// Copies a pfile under another license of the same content key: body, extension and metadata stay. The result is of
/// version 3.0, unless the content is that of an older version, which is refused. `trust` belongs to the old license,
/// `signer` to the new one, and an authenticated file needs both.
///
/// # Errors
/// As [`unprotect`]; `NotSupported` for major version 2, whose cipher version 3 would not tell; `RightNotGranted` for an
/// authenticated file without `signer`.
pub fn replace_license(
    input: &dyn Storage,
    (coder, trust): (&Arc<dyn Coder>, Option<&Trust>),
    (license, signer): (&[u8], Option<Signer<'_>>),
    output: &mut dyn Storage,
    progress: &mut Progress<'_>,
) -> Result<()> {
    let file = OpenedFile::open(input, coder, trust)?;
    if file.header.major != 3 {
        return Err(Error::with(ErrorKind::NotSupported, "the license of a pfile of version 2 cannot be replaced"));
    }
    if file.signed.is_some() != signer.is_some() {
        return Err(Error::with(
            ErrorKind::RightNotGranted { right: "EDIT".into() },
            "an authenticated file is signed with the write key of its license",
        ));
    }
    let metadata = file.header.metadata(input)?;
    let extension = std::str::from_utf8(file.header.stored_extension().unwrap_or_default()).unwrap_or_default();
    let what = NewFile { license, extension, metadata: &metadata, manifest: signer };
    let at = write_header(&what, file.header.original_size.unwrap_or(u64::MAX), output)?;
    let end = input.len()?;
    let mut buffer = vec![0; 256 << 10];
    let (mut from, mut to) = (file.header.content, at);
    while from < end {
        let now = usize::try_from(end - from).unwrap_or(usize::MAX).min(buffer.len());
        input.read_exact_at(from, &mut buffer[..now])?;
        output.write_at(to, &buffer[..now])?;
        (from, to) = (from + now as u64, to + now as u64);
        progress(from, end)?;
    }
    let (Some(signed), Some(signer)) = (file.signed, signer) else { return Ok(()) };
    let header = Header::read(output)?;
    let manifest = Manifest::new(output, &header, &*file.coder, signed.manifest.generation.saturating_add(1))?;
    let mut tree = signed.tree;
    tree.place.at = tree.place.at - file.header.content + at;
    manifest.write(output, &header, (&file.body, &tree), signer)
}

/// Writes the clear part with room for the record and returns its length.
fn write_header(what: &NewFile<'_>, original_size: u64, output: &mut dyn Storage) -> Result<u64> {
    if what.metadata.starts_with(RECORD_MAGIC) {
        return Err(Error::argument("metadata", "it would be taken for a manifest"));
    }
    let record = if what.manifest.is_some() { RECORD_LEN } else { 0 };
    let mut metadata = vec![0; record];
    metadata.extend_from_slice(what.metadata);
    let clear = header::build(what.extension, what.license, &metadata, original_size)?;
    output.write_at(0, &clear)?;
    Ok(clear.len() as u64)
}
