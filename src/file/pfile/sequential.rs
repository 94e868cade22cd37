//! Whole files: from the clear into a container and back, with memory that does not grow with the file.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::body::{Body, CHUNK, Shape};
use super::header::{self, Header};
use super::manifest::{Manifest, RECORD_LEN, RECORD_MAGIC, Signer, Trust};
use super::opened::OpenedFile;
use super::tree::{self, Place, Tree};
use crate::cipher::CipherMode;
use crate::error::{Error, ErrorKind, Result};
use crate::file::{Coder, Progress, Storage};

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

    let room = usize::try_from(len.min(CHUNK)).map_err(|_| ErrorKind::OutOfMemory)?.next_multiple_of(4096);
    let mut plain = Zeroizing::new(vec![0; room]);
    let mut sealed = vec![0; shape.room(shape.chunk_blocks())?];
    let mut done = 0;
    loop {
        let now = usize::try_from((len - done).min(CHUNK)).map_err(|_| ErrorKind::OutOfMemory)?;
        input.read_exact_at(done, &mut plain[..now])?;
        let first = done / shape.block;
        done += now as u64;
        let written = shape.seal(coder, (first, done == len), &mut plain, now, &mut sealed)?;
        output.write_at(at + shape.at(first), &sealed[..written])?;
        if let Some(tree) = &mut tree {
            let leaves = tree::leaves(first, &sealed[..written])?;
            tree.update(output, first + leaves.len() as u64, first, &leaves)?;
        }
        progress(done, len)?;
        if done == len {
            break;
        }
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
    let (len, shape) = (file.body.len, file.body.shape);
    let room = usize::try_from(len.min(CHUNK)).map_err(|_| ErrorKind::OutOfMemory)?.next_multiple_of(4096);
    let mut plain = Zeroizing::new(vec![0; room.max(4096)]);
    let mut sealed = Vec::new();
    let mut done = 0;
    // Content of no bytes has an end that is worth looking at, too.
    while let Some(last) = file.body.last {
        let first = done / shape.block;
        let end = (first + shape.chunk_blocks()).min(last + 1);
        let found = file.read(input, first..end, &mut plain, &mut sealed)?;
        output.write_at(done, &plain[..found])?;
        done += found as u64;
        progress(done, len)?;
        if end > last {
            break;
        }
    }
    if done != len {
        return Err(super::corrupt("content", "it ends early"));
    }
    Ok(())
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
