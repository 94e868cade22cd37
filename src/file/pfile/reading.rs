//! Reading an open file that other handles may write: how it is noticed, and what is read then.
//!
//! A handle holds a view of the file: header, length, and for a signed one manifest and tree. Where the storage is a file,
//! its times and length tell before and after each reading whether the view still holds; elsewhere a reading that fails
//! does. Before a write the file itself is asked, because times are coarse.

use std::time::Duration;

use zeroize::Zeroizing;

use super::access::{ProtectedFile, index};
use super::corrupt;
use super::header::{Header, Mark};
use super::manifest::Manifest;
use super::opened::OpenedFile;
use crate::base::os::files::Stamp;
use crate::crypto::sha256;
use crate::error::{Error, ErrorKind, Result};
use crate::file::Storage;

/// How long a reader waits that meets a write of another handle, in milliseconds, before it asks again. Tests stop other
/// threads at places of their choice, which a busy machine may hold up.
pub(in crate::file) const PAUSES: [u64; 3] = if cfg!(test) { [2, 10, 1000] } else { [2, 10, 50] };

/// Pauses for a reader, one after the other; `false` when it has waited long enough.
pub(in crate::file) fn pause(pauses: &mut impl Iterator<Item = u64>) -> bool {
    pauses.next().map(|pause| std::thread::sleep(Duration::from_millis(pause))).is_some()
}

/// The state of a storage that is a file.
pub(super) fn stamp(storage: &dyn Storage) -> Option<Stamp> {
    storage.file().and_then(|file| Stamp::of(file).ok())
}

fn busy(text: &'static str) -> Error {
    Error::with(ErrorKind::Io(std::io::ErrorKind::ResourceBusy), text)
}

impl ProtectedFile {
    /// Reads content at `offset` and returns how much there was, which is less than asked only at the end. What another
    /// handle wrote meanwhile is found: at once where the storage is a file, as exactly as the system keeps its times;
    /// elsewhere where it is noticed.
    ///
    /// # Errors
    /// `FileCorrupt` when what is read is not what was written; `Io` with `ResourceBusy` while another handle writes the
    /// file, or when it holds another license now; VIEW is missing; what the system reports. `out` then holds nothing of
    /// use.
    pub fn read_at(&mut self, offset: u64, out: &mut [u8]) -> Result<usize> {
        self.usable()?;
        let mut pauses = PAUSES.into_iter();
        loop {
            let before = stamp(&*self.storage);
            let error = match self.read_view(before, offset, out) {
                // Whoever wrote meanwhile may have put half of his blocks under what was read.
                _ if before != stamp(&*self.storage) => busy("the file was changed while it was read"),
                Err(error) if matches!(error.kind(), ErrorKind::FileCorrupt { .. }) => match Mark::of(&*self.storage) {
                    Ok(mark) if mark != Mark::NONE => {
                        busy("another handle is writing to the file, or was stopped at it")
                    }
                    _ => return Err(error),
                },
                outcome => return outcome,
            };
            if !pause(&mut pauses) {
                return Err(error);
            }
        }
    }

    /// Reads with a view of the file as it is now.
    fn read_view(&mut self, now: Option<Stamp>, offset: u64, out: &mut [u8]) -> Result<usize> {
        if now != self.seen {
            let file = self.now()?;
            self.file = file;
            self.seen = now;
        }
        match self.read_once(offset, out) {
            // Perhaps another handle wrote the file; then what this one believes is the older version.
            Err(error) if matches!(error.kind(), ErrorKind::FileCorrupt { .. }) => {
                let Some(file) = self.now().ok().filter(|file| !self.is_view(file)) else { return Err(error) };
                self.file = file;
                self.read_once(offset, out)
            }
            outcome => outcome,
        }
    }

    /// The file as it is now.
    fn now(&self) -> Result<OpenedFile> {
        let file = OpenedFile::open(&*self.storage, &self.access.coder, self.access.trust.as_ref())?;
        if sha256(&file.header.license(&*self.storage)?) != self.license {
            return Err(busy("the file has another license now and must be opened again"));
        }
        let generation = |file: &OpenedFile| file.signed.as_ref().map(|signed| signed.manifest.generation);
        if generation(&file) < generation(&self.file) {
            return Err(corrupt("manifest", "it is that of an earlier version"));
        }
        Ok(file)
    }

    /// Whether the view of this handle is that of the file.
    fn is_view(&self, file: &OpenedFile) -> bool {
        let parts = |file: &OpenedFile| {
            let signed = file.signed.as_ref().map(|signed| (signed.manifest.generation, signed.tree.root));
            (file.body.len, file.body.sealed_len, file.body.last, signed)
        };
        self.file.header == file.header && parts(&self.file) == parts(file)
    }

    /// Refuses to write with a view of the file that another handle has made obsolete.
    ///
    /// # Errors
    /// `Io` with `ResourceBusy`; what the system reports.
    pub(super) fn check_unchanged(&self) -> Result<()> {
        let (header, mark) = Header::read_marked(&*self.storage)?;
        let changed = || busy("the file was changed through another handle");
        if mark != Mark::NONE || header != self.file.header {
            return Err(changed());
        }
        let is_same = match &self.file.signed {
            Some(signed) => {
                let place = signed.tree.place;
                self.storage.len()? == place.at + place.len()
                    && Manifest::generation_in(&*self.storage, &header)? == signed.manifest.generation
            }
            // The end of the content may have moved within its last block, of which nothing tells but its padding.
            None => self.is_view(&self.now()?),
        };
        if is_same { Ok(()) } else { Err(changed()) }
    }

    fn read_once(&mut self, offset: u64, out: &mut [u8]) -> Result<usize> {
        let end = self.len().min(offset.saturating_add(out.len() as u64));
        let shape = self.file.body.shape;
        let mut sealed = Vec::new();
        let mut plain = Zeroizing::new(Vec::new());
        let mut at = offset;
        while at < end {
            let first = at / shape.block;
            let blocks = first..end.div_ceil(shape.block).min(first + shape.chunk_blocks());
            plain.resize(shape.room(blocks.end - first)?, 0);
            let found = self.file.read(&*self.storage, blocks, &mut plain, &mut sealed)?;
            let skip = index(at - first * shape.block);
            let done = index(at - offset);
            let now = found.saturating_sub(skip).min(out.len() - done);
            if now == 0 {
                return Err(corrupt("content", "it ends early"));
            }
            out[done..done + now].copy_from_slice(&plain[skip..skip + now]);
            at += now as u64;
        }
        Ok(index(at.saturating_sub(offset)))
    }
}
