//! Reading and writing at any place of a protected file.
//!
//! A write is planned first, then what it replaces is kept, then it is carried out, and only when it is complete is the
//! kept part dropped; on an error in between everything is put back. With an undo place that holds through the death of
//! the process. In any case a mark in the header says as long as the write goes on that the file must not be read.

use std::ops::Range;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::body::Body;
use super::corrupt;
use super::header::{Header, Mark};
use super::manifest::{Signer, Trust};
use super::opened::{OpenedFile, SignedBody};
use super::reading;
use super::splice::Plan;
use super::tree;
use super::undo::{Record, UndoPlace, recover};
use crate::base::os::files::Stamp;
use crate::cipher::{Buffers, CipherMode};
use crate::client::Key;
use crate::crypto::ed25519::SigningKey;
use crate::crypto::sha256;
use crate::error::{Error, ErrorKind, Result};
use crate::file::{Coder, KeyCoder, MemoryStorage, Storage};

/// Access block size that applications see first, in bytes.
const ACCESS_BLOCK: u32 = 4096;
/// What is kept in memory to take a write back, when there is no undo place.
const KEPT_MAX: u64 = 4 << 20;

/// What opens a file: the key, and for an authenticated one whose signature it must bear and who signs changes.
#[derive(Debug)]
pub struct Access {
    /// The open key.
    pub coder: Arc<dyn Coder>,
    /// Given when the license has a write key; then a valid manifest is demanded.
    pub trust: Option<Trust>,
    /// The write key, for those who may edit. Without it an authenticated file can only be read.
    pub write_key: Option<SigningKey>,
    /// Where undo records lie; `None` where the file has no path.
    pub undo: Option<Box<dyn UndoPlace>>,
}

impl Access {
    /// What an open key allows.
    ///
    /// # Errors
    /// As [`Trust::of`]; `Internal`, when the write key cannot be copied.
    pub fn of(key: Arc<Key>, undo: Option<Box<dyn UndoPlace>>) -> Result<Self> {
        let trust = Trust::of(&key)?;
        let copy = |key: &SigningKey| SigningKey::from_seed(Zeroizing::new(*key.expose_seed()));
        let write_key = key.write_key().map(copy).transpose()?;
        Ok(Self { coder: Arc::new(KeyCoder(key)), trust, write_key, undo })
    }
}

/// An open protected file.
#[derive(Debug)]
pub struct ProtectedFile {
    pub(super) storage: Box<dyn Storage>,
    /// The view of the file that this handle has.
    pub(super) file: OpenedFile,
    /// The state of the storage that the view was taken of, where it is a file.
    pub(super) seen: Option<Stamp>,
    pub(super) access: Access,
    access_block: u32,
    /// Hash of the license, which binds undo records and later views to the file.
    pub(super) license: [u8; 32],
    /// Set when a write could neither be completed nor taken back.
    broken: bool,
}

impl ProtectedFile {
    /// Opens a pfile. What an earlier program left unfinished is taken back first, if there is an undo place.
    ///
    /// # Errors
    /// `FileNotEncrypted`, `NotSupported`, `FileCorrupt`; a right is missing; what the system reports.
    pub fn open(mut storage: Box<dyn Storage>, mut access: Access) -> Result<Self> {
        if let Some(undo) = &mut access.undo {
            recover(&mut *storage, &mut **undo)?;
        }
        let seen = reading::stamp(&*storage);
        let file = OpenedFile::open(&*storage, &access.coder, access.trust.as_ref())?;
        let license = sha256(&file.header.license(&*storage)?);
        Ok(Self { storage, file, seen, access, access_block: ACCESS_BLOCK, license, broken: false })
    }

    /// The header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.file.header
    }

    /// The license, byte for byte as it is stored.
    ///
    /// # Errors
    /// What the system reports.
    pub fn license(&self) -> Result<Vec<u8>> {
        self.file.header.license(&*self.storage)
    }

    /// Whether content and extension were verified against the write key of the license.
    #[must_use]
    pub fn is_authenticated(&self) -> bool {
        self.file.signed.is_some()
    }

    /// How often the file was written, of an authenticated file; 1 when it was only protected.
    #[must_use]
    pub fn generation(&self) -> Option<u64> {
        self.file.signed.as_ref().map(|signed| signed.manifest.generation)
    }

    /// Bytes of content.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.file.body.len
    }

    /// True when there is no content.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The unit in bytes in which access costs least; 4096 until another is set.
    #[must_use]
    pub fn access_block_size(&self) -> u32 {
        self.access_block
    }

    /// Sets the access block size.
    ///
    /// # Errors
    /// `InvalidArgument` for anything but a multiple of the block of the cipher.
    pub fn set_access_block_size(&mut self, bytes: u32) -> Result<()> {
        let unit = self.file.coder.block_size();
        if bytes == 0 || !bytes.is_multiple_of(unit) {
            return Err(Error::argument("pvProperty", format!("{bytes} is no multiple of {unit}")));
        }
        self.access_block = bytes;
        Ok(())
    }

    /// The part of the file that holds the header: offset and length in bytes.
    #[must_use]
    pub fn header_position(&self) -> (u64, u64) {
        (0, self.file.header.content_offset())
    }

    /// The part of the file that is needed to decrypt a range of the content: offset and length in bytes, whole blocks cut at
    /// the end of the file. A range that begins behind the content in its last block is answered with that block, which
    /// writing there has to decrypt; behind that, the length is 0.
    #[must_use]
    pub fn raw_range(&self, offset: u64, len: u64) -> (u64, u64) {
        let body = &self.file.body;
        let block = body.shape.block;
        let behind = body.last.map_or(0, |last| last + 1);
        let blocks = (offset / block).min(behind)..offset.saturating_add(len).div_ceil(block).min(behind);
        let range = body.range(&blocks);
        (range.start, range.end - range.start)
    }

    /// Writes content at `offset`. Behind the end, what lies between becomes zeros.
    ///
    /// # Errors
    /// `RightNotGranted` without EDIT, DOCEDIT, EXPORT or OWNER, and for an authenticated file without the write key;
    /// `InvalidArgument` when the cipher cannot number so much content; `Io` with `ResourceBusy` when another handle changed
    /// the file, which then must be opened again; `FileCorrupt`; what the system reports. The
    /// content is then as it was, unless there is no undo place and more than 4 MiB were to be replaced: then the file is
    /// refused from there on.
    pub fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<()> {
        let end = offset.checked_add(bytes.len() as u64);
        let end = end.ok_or_else(|| Error::argument("the offset", "it is too large"))?;
        if bytes.is_empty() {
            return self.writable();
        }
        self.rewrite(offset..end, bytes, self.len().max(end))
    }

    /// Cuts the content, or extends it with zeros.
    ///
    /// # Errors
    /// As [`Self::write_at`].
    pub fn set_len(&mut self, len: u64) -> Result<()> {
        if len == self.len() {
            return self.writable();
        }
        self.rewrite(0..0, &[], len)
    }

    /// Returns when what was written is on the medium.
    ///
    /// # Errors
    /// What the system reports.
    pub fn flush(&mut self) -> Result<()> {
        self.usable()?;
        self.storage.sync()
    }

    /// Ends access and returns the storage.
    #[must_use]
    pub fn into_storage(self) -> Box<dyn Storage> {
        self.storage
    }

    pub(super) fn usable(&self) -> Result<()> {
        match self.broken {
            true => Err(corrupt("unfinished write", "an earlier write failed and could not be taken back")),
            false => Ok(()),
        }
    }

    fn writable(&self) -> Result<()> {
        self.usable()?;
        // Encrypting nothing asks for the right and does no more.
        self.file.coder.encrypt(0, false, Buffers::separate(&[], &mut []))?;
        self.signer().map(|_| ())
    }

    /// Who signs, if the file is signed.
    fn signer(&self) -> Result<Option<Signer<'_>>> {
        if self.file.signed.is_none() {
            return Ok(None);
        }
        match (&self.access.write_key, &self.access.trust) {
            (Some(key), Some(trust)) => Ok(Some(Signer { key, content_id: &trust.content_id })),
            _ => Err(Error::with(ErrorKind::RightNotGranted { right: "EDIT".into() }, "the write key is not at hand")),
        }
    }

    fn rewrite(&mut self, range: Range<u64>, bytes: &[u8], len: u64) -> Result<()> {
        self.writable()?;
        self.check_unchanged()?;
        let plan = Plan::of(&self.file, range, len)?;
        let before = self.file.clone();
        let record = Record::of(&*self.storage, self.license, plan.file_len, &plan.extents)?;
        let kept = match self.keep(&record) {
            Ok(kept) => kept,
            Err(error) => {
                self.abandon();
                self.seen = reading::stamp(&*self.storage);
                return Err(error);
            }
        };
        let outcome = self.carry_out(&plan, bytes, &before.body).and_then(|()| self.finish(&plan, &record));
        if outcome.is_err() {
            self.file = before;
            self.take_back(&record, kept.as_deref()).unwrap_or_else(|_| self.broken = true);
        }
        self.seen = reading::stamp(&*self.storage);
        outcome
    }

    /// Keeps what the write replaces: in the undo place, else in memory unless it is too much. Then marks the file.
    fn keep(&mut self, record: &Record) -> Result<Option<Box<dyn Storage>>> {
        let mut kept = None;
        if let Some(undo) = &mut self.access.undo {
            let mut place = undo.create()?;
            record.save(&*self.storage, &mut *place)?;
            place.sync()?;
            kept = Some(place);
        } else if record.size() <= KEPT_MAX {
            let mut memory = MemoryStorage::default();
            record.save(&*self.storage, &mut memory)?;
            kept = Some(Box::new(memory) as Box<dyn Storage>);
        }
        self.mark(record.mark)?;
        Ok(kept)
    }

    /// Marks the file. With an undo place the mark is on the medium before anything else happens, because the record
    /// counts only as long as the mark is there.
    fn mark(&mut self, mark: Mark) -> Result<()> {
        mark.set(&mut *self.storage)?;
        self.settle()
    }

    /// Returns when the file is on the medium, where the order of changes matters.
    fn settle(&mut self) -> Result<()> {
        if self.access.undo.is_some() { self.storage.sync() } else { Ok(()) }
    }

    /// Removes the record of a write that the file is not marked with any more. If it stays, the next open drops it.
    fn drop_record(&mut self) {
        if let Some(undo) = &mut self.access.undo {
            let _ = undo.remove();
        }
    }

    /// Ends a write that did not begin: nothing has changed but perhaps the mark.
    fn abandon(&mut self) {
        if !self.is_marked() || self.mark(Mark::NONE).is_ok() {
            self.drop_record();
        } else {
            self.broken = self.is_marked();
        }
    }

    /// Whether readers refuse the file, as far as can be found out.
    fn is_marked(&self) -> bool {
        !Mark::of(&*self.storage).is_ok_and(|mark| mark == Mark::NONE)
    }

    fn take_back(&mut self, record: &Record, kept: Option<&dyn Storage>) -> Result<()> {
        let kept = kept.ok_or_else(|| Error::internal("there was too much to keep it"))?;
        // The write may have failed when it had taken its mark away already.
        self.mark(record.mark)?;
        record.restore(kept, &mut *self.storage)?;
        self.settle()?;
        self.mark(Mark::NONE)?;
        self.drop_record();
        Ok(())
    }

    /// Writes everything but the cut.
    fn carry_out(&mut self, plan: &Plan, bytes: &[u8], old: &Body) -> Result<()> {
        let grows = plan.len >= old.len;
        if let (true, Some(place), Some(signed)) = (grows, plan.place, &mut self.file.signed) {
            self.storage.set_len(plan.file_len)?;
            signed.tree.relocate(&mut *self.storage, place)?;
        }
        let step = old.shape.chunk_blocks();
        let mut first = plan.blocks.start;
        while first < plan.blocks.end {
            let blocks = first..plan.blocks.end.min(first.saturating_add(step));
            first = blocks.end;
            self.write_blocks(plan, blocks, bytes, old)?;
        }
        if let (false, Some(place), Some(signed)) = (grows, plan.place, &mut self.file.signed) {
            signed.tree.relocate(&mut *self.storage, place)?;
        }
        clear(&mut *self.storage, plan.cleared.clone())?;
        let body = &mut self.file.body;
        (body.len, body.last, body.sealed_len) = (plan.len, plan.last, plan.sealed_len);
        self.write_size(old)?;
        self.sign()
    }

    /// Encrypts some of the blocks of the plan: what stays of the old content, zeros behind it, over both the bytes of
    /// the caller.
    fn write_blocks(&mut self, plan: &Plan, blocks: Range<u64>, bytes: &[u8], old: &Body) -> Result<()> {
        let shape = old.shape;
        let at = blocks.start * shape.block;
        let len = index((blocks.end * shape.block).min(plan.len).saturating_sub(at));
        let mut plain = Zeroizing::new(vec![0; index((blocks.end - blocks.start) * shape.block)]);
        let mut sealed = Vec::new();
        let stays = old.len.min(plan.len);
        for block in blocks.clone() {
            let content = block * shape.block..((block + 1) * shape.block).min(stays);
            let replaced = plan.bytes.start <= content.start && content.end <= plan.bytes.end;
            if content.is_empty() || replaced {
                continue;
            }
            let mut room = Zeroizing::new(vec![0; shape.room(1)?]);
            let tree = self.file.signed.as_mut().map(|signed| &mut signed.tree);
            old.read(&*self.storage, &*self.file.coder, block..block + 1, &mut room, &mut sealed, tree)?;
            let (from, count) = (index(content.start - at), index(content.end - content.start));
            plain[from..from + count].copy_from_slice(&room[..count]);
        }
        let new = plan.bytes.start.max(at)..plan.bytes.end.min(at + len as u64);
        if !new.is_empty() {
            let source = &bytes[index(new.start - plan.bytes.start)..index(new.end - plan.bytes.start)];
            plain[index(new.start - at)..index(new.end - at)].copy_from_slice(source);
        }
        let ends = plan.last.is_some_and(|last| blocks.end > last);
        sealed.resize(shape.room(blocks.end - blocks.start)?, 0);
        let written = shape.seal(&*self.file.coder, (blocks.start, ends), &mut plain, len, &mut sealed)?;
        self.storage.write_at(old.at + shape.at(blocks.start), &sealed[..written])?;
        if let Some(SignedBody { tree, .. }) = &mut self.file.signed {
            let leaves = tree::leaves(blocks.start, &sealed[..written])?;
            let segments = if plan.len < old.len { blocks.end } else { tree.segments.max(blocks.end) };
            tree.update(&mut *self.storage, segments, blocks.start, &leaves)?;
        }
        Ok(())
    }

    /// Brings the size in the header up to date, where it said something before or the content needs it.
    fn write_size(&mut self, old: &Body) -> Result<()> {
        let header = &mut self.file.header;
        let (Some(at), Some(stored)) = (header.original_size_at(), header.original_size) else { return Ok(()) };
        let tells_itself = matches!(self.file.body.shape.mode, CipherMode::Cbc4k | CipherMode::Gcm4k);
        if tells_itself && (stored == u64::MAX || (stored == 0 && old.len > 0)) {
            return Ok(());
        }
        header.original_size = Some(self.file.body.len);
        self.storage.write_at(at, &self.file.body.len.to_le_bytes())
    }

    fn sign(&mut self) -> Result<()> {
        let Some(signed) = &mut self.file.signed else { return Ok(()) };
        let next = signed.manifest.generation.checked_add(1);
        signed.manifest.generation = next.ok_or_else(|| Error::internal("the file was written too often"))?;
        let (key, trust) = (&self.access.write_key, &self.access.trust);
        let Some((key, trust)) = key.as_ref().zip(trust.as_ref()) else {
            return Err(ErrorKind::RightNotGranted { right: "EDIT".into() }.into());
        };
        let signer = Signer { key, content_id: &trust.content_id };
        signed.manifest.write(&mut *self.storage, &self.file.header, (&self.file.body, &signed.tree), signer)
    }

    /// Makes the write complete: the cut, then the mark goes, and then what was kept. Each is on the medium before the
    /// next, for a file without its mark must be whole.
    fn finish(&mut self, plan: &Plan, record: &Record) -> Result<()> {
        self.settle()?;
        if plan.file_len >= record.old_len {
            self.mark(Mark::NONE)?;
        } else {
            self.storage.set_len(plan.file_len)?;
            // What was cut cannot come back, so this write fails no more. If the mark stays, everything after this fails,
            // and with an undo place the next open takes it away.
            let lifted = self.lift().or_else(|_| self.lift());
            self.broken = lifted.is_err();
        }
        if !self.broken {
            self.drop_record();
        }
        Ok(())
    }

    /// Takes the mark away after a cut.
    fn lift(&mut self) -> Result<()> {
        self.settle()?;
        self.mark(Mark::NONE)
    }
}

/// Overwrites a part of the file with zeros.
fn clear(storage: &mut dyn Storage, range: Range<u64>) -> Result<()> {
    let zeros = [0; 4096];
    let mut at = range.start;
    while at < range.end {
        let now = index(range.end - at).min(zeros.len());
        storage.write_at(at, &zeros[..now])?;
        at += now as u64;
    }
    Ok(())
}

/// A difference of offsets inside a buffer.
pub(super) fn index(difference: u64) -> usize {
    usize::try_from(difference).unwrap_or(usize::MAX)
}
