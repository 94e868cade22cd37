//! The signed record of an authenticated file: what the write key of the license vouches for
//! (docs/authenticated-pfile.md).

use super::body::Body;
use super::corrupt;
use super::header::Header;
use super::tree::{Hash, Place, SEGMENTS_MAX, Tree};
use crate::client::Key;
use crate::crypto::ed25519::{SIGNATURE_LEN, SigningKey, VerifyingKey};
use crate::crypto::{Sha256, constant_time_eq};
use crate::error::{Error, ErrorKind, Result};
use crate::file::{Coder, Storage};

/// Bytes of the record, which come first in the metadata area.
pub(super) const RECORD_LEN: usize = 200;
/// The same, as the record tells it.
const RECORD_LEN_FIELD: u32 = 200;
/// First bytes of the record.
pub(super) const RECORD_MAGIC: &[u8; 8] = b"msipcG4K";
/// Version of the record.
const RECORD_VERSION: u32 = 1;
/// Place of the generation in the record.
const GENERATION_AT: u64 = 32;
/// Bytes of the record before the signature, all of which are signed.
const SIGNED_LEN: usize = RECORD_LEN - SIGNATURE_LEN;
const _: () = assert!(RECORD_LEN_FIELD as usize == RECORD_LEN);
/// First bytes of what is signed, so that the signature means nothing elsewhere.
const LABEL: &[u8; 32] = b"msipc authenticated pfile v1\0\0\0\0";

/// Whose signature an authenticated file must bear: taken from the license, whose own signature was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    /// The public write key of the license.
    pub key: VerifyingKey,
    /// The content id of the license, as it stands there.
    pub content_id: String,
}

impl Trust {
    /// What the license of an open key says; `None` when it has no write key.
    ///
    /// # Errors
    /// `Malformed`, when the license names a write key that is none.
    pub fn of(key: &Key) -> Result<Option<Self>> {
        Ok(key.write_verifier()?.map(|verifier| Self { key: verifier, content_id: key.content_id().to_owned() }))
    }
}

/// Signs what is written: the write key, which the authority releases to those who may edit.
#[derive(Debug, Clone, Copy)]
pub struct Signer<'a> {
    /// The write key.
    pub key: &'a SigningKey,
    /// The content id of the license, as it stands there.
    pub content_id: &'a str,
}

impl<'a> Signer<'a> {
    /// The write key of an open key, if its license has one and the account got it.
    #[must_use]
    pub fn of(key: &'a Key) -> Option<Self> {
        key.write_key().map(|write_key| Self { key: write_key, content_id: key.content_id() })
    }
}

/// What a record says besides the tree.
#[derive(Debug, Clone)]
pub(super) struct Manifest {
    /// Grows by one with every write.
    pub(super) generation: u64,
    commitment: [u8; 32],
    frame: Frame,
}

/// What is signed of the clear part.
#[derive(Debug, Clone)]
struct Frame {
    notice: Hash,
    extension: Vec<u8>,
    metadata: Hash,
    metadata_len: u64,
}

impl Frame {
    fn of(storage: &dyn Storage, header: &Header) -> Result<Self> {
        if !header.is_canonical() {
            return Err(corrupt("header", "the parts do not follow each other"));
        }
        let extension = header.stored_extension().ok_or_else(|| corrupt("extension", "it is too long"))?;
        let metadata = header.metadata.start + RECORD_LEN as u64..header.metadata.end;
        Ok(Self {
            notice: hash_of(storage, header.notice.clone())?,
            extension: extension.to_vec(),
            metadata_len: metadata.end - metadata.start,
            metadata: hash_of(storage, metadata)?,
        })
    }
}

impl Manifest {
    /// The manifest of a file that is being written.
    ///
    /// # Errors
    /// `Internal`, when the commitment cannot be derived; `FileCorrupt` when the header is not as it was written.
    pub(super) fn new(storage: &dyn Storage, header: &Header, coder: &dyn Coder, generation: u64) -> Result<Self> {
        Ok(Self { generation, commitment: coder.commitment()?, frame: Frame::of(storage, header)? })
    }

    /// Reads and verifies the record of an authenticated file: the signature, the content key, the lengths. Content is
    /// verified as it is read, with the tree.
    ///
    /// # Errors
    /// `FileCorrupt` when there is no record or anything in it is not as it was signed.
    pub(super) fn verify(
        storage: &dyn Storage,
        header: &Header,
        coder: &dyn Coder,
        trust: &Trust,
    ) -> Result<(Self, Body, Tree)> {
        if !header.begins_with_record(storage)? {
            return Err(corrupt("manifest", "the license demands one and the file has none"));
        }
        let mut record = [0; RECORD_LEN];
        storage.read_exact_at(header.metadata.start, &mut record)?;
        let mut fields = Fields(&record[RECORD_MAGIC.len()..]);
        let (version, len) = (fields.u32(), fields.u32());
        if (version, len) != (RECORD_VERSION, RECORD_LEN_FIELD) {
            return Err(corrupt("manifest", format!("version {version}, {len} bytes")));
        }
        let (sealed_len, segments, generation) = (fields.u64(), fields.u64(), fields.u64());
        let (tree_at, tree_len, capacity, original_size) = (fields.u64(), fields.u64(), fields.u64(), fields.u64());
        let (root, commitment) = (fields.hash(), fields.hash());
        let signature = record.last_chunk::<SIGNATURE_LEN>().ok_or_else(|| Error::internal("a short record"))?;

        let manifest = Self { generation, commitment, frame: Frame::of(storage, header)? };
        let message = manifest.message(&record[..SIGNED_LEN], header, &trust.content_id)?;
        trust.key.verify(&message, signature).map_err(|error| match error.kind() {
            ErrorKind::BadSignature => corrupt("signature", "the manifest is not signed by the key of the license"),
            _ => error,
        })?;
        if !constant_time_eq(&commitment, &coder.commitment()?) {
            return Err(corrupt("manifest", "the content belongs to another key"));
        }

        // From here on a contradiction is a fault of the writer, not a forgery.
        let contradiction = |what| Err(corrupt("manifest", what));
        if header.original_size != Some(original_size) {
            return contradiction("the header tells another size");
        }
        if capacity > 2 * SEGMENTS_MAX || segments > capacity || segments == 0 || tree_at < sealed_len {
            return contradiction("the tree has no room");
        }
        let at = header.content.checked_add(tree_at).filter(|at| *at < u64::MAX / 2);
        let Some(at) = at else { return contradiction("the tree lies too far") };
        let place = Place { at, capacity };
        if place.len() != tree_len || storage.len()? != at + tree_len {
            return contradiction("the file has another length");
        }
        let body = Body::examine(storage, coder, (header.content, sealed_len), Some(original_size))?;
        if body.len != original_size
            || body.shape.sealed_len(original_size) != sealed_len
            || body.last.map(|last| last + 1) != Some(segments)
        {
            return contradiction("the lengths do not belong together");
        }
        Ok((manifest, body, Tree::new(segments, root, place)))
    }

    /// The generation that a file tells now, unverified.
    ///
    /// # Errors
    /// What the system reports.
    pub(super) fn generation_in(storage: &dyn Storage, header: &Header) -> Result<u64> {
        let mut generation = [0; 8];
        storage.read_exact_at(header.metadata.start + GENERATION_AT, &mut generation)?;
        Ok(u64::from_le_bytes(generation))
    }

    /// Writes the record, signed. The header already tells the size of the content.
    ///
    /// # Errors
    /// `Internal`, when signing fails; what the system reports.
    pub(super) fn write(
        &self,
        storage: &mut dyn Storage,
        header: &Header,
        (body, tree): (&Body, &Tree),
        signer: Signer<'_>,
    ) -> Result<()> {
        let mut record = Vec::with_capacity(RECORD_LEN);
        record.extend_from_slice(RECORD_MAGIC);
        record.extend_from_slice(&RECORD_VERSION.to_le_bytes());
        record.extend_from_slice(&RECORD_LEN_FIELD.to_le_bytes());
        let tree_at = tree.place.at - header.content;
        let (tree_len, capacity) = (tree.place.len(), tree.place.capacity);
        for value in [body.sealed_len, tree.segments, self.generation, tree_at, tree_len, capacity, body.len] {
            record.extend_from_slice(&value.to_le_bytes());
        }
        record.extend_from_slice(&tree.root);
        record.extend_from_slice(&self.commitment);
        let signature = signer.key.sign(&self.message(&record, header, signer.content_id)?)?;
        record.extend_from_slice(&signature);
        storage.write_at(header.metadata.start, &record)
    }

    /// What is signed. Every part has a fixed length or its length in front of it.
    fn message(&self, record: &[u8], header: &Header, content_id: &str) -> Result<Vec<u8>> {
        let frame = &self.frame;
        let mut message = LABEL.to_vec();
        message.extend_from_slice(record);
        message.extend_from_slice(&header.major.to_le_bytes());
        message.extend_from_slice(&header.minor.to_le_bytes());
        message.extend_from_slice(&frame.notice);
        message.extend_from_slice(&frame.metadata_len.to_le_bytes());
        message.extend_from_slice(&frame.metadata);
        for text in [frame.extension.as_slice(), content_id.as_bytes()] {
            let len = u32::try_from(text.len()).map_err(|_| Error::argument("content id", "it is too long"))?;
            message.extend_from_slice(&len.to_le_bytes());
            message.extend_from_slice(text);
        }
        Ok(message)
    }
}

/// The fields of a record, one after the other.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        match self.0.split_first_chunk::<N>() {
            Some((field, rest)) => {
                self.0 = rest;
                *field
            }
            None => [0; N],
        }
    }

    fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.take())
    }

    fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.take())
    }

    fn hash(&mut self) -> Hash {
        self.take()
    }
}

/// SHA-256 of a part of the file, however long it is.
fn hash_of(storage: &dyn Storage, range: std::ops::Range<u64>) -> Result<Hash> {
    let mut buffer = vec![0; 64 << 10];
    let mut hash = Sha256::new();
    let mut at = range.start;
    while at < range.end {
        let now = usize::try_from(range.end - at).unwrap_or(usize::MAX).min(buffer.len());
        storage.read_exact_at(at, &mut buffer[..now])?;
        hash.update(&buffer[..now]);
        at += now as u64;
    }
    Ok(hash.finish())
}
