//! The usage log: one line for everything that the authority was asked, written before the answer leaves (decision 30).
//!
//! A log is a file that only grows, in the folder of the store. Each line carries an HMAC over itself and the HMAC of the
//! line before, under a key derived from that of the store, so a line that is changed, removed or moved is noticed by
//! [`UsageLog::verify`]. Every [`CHECKPOINT_EVERY`] lines the authority signs where the log stands, and the store keeps
//! that, so that a shortened log is noticed too. A full file is set aside under the number of its first line.

mod line;
mod read;

use std::fs::{self, File};
use std::io::{ErrorKind as Io, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

pub use line::{Event, LogEntry, Operation, Outcome};
pub use read::{Checkpoint, LogFilter, LogProblem, LogReport};

use crate::base::guid::Guid;
use crate::base::os::private;
use crate::base::time::Timestamp;
use crate::crypto::digest::{hkdf_sha256, hmac_sha256};
use crate::crypto::seal::SealingKey;
use crate::error::{Error, ErrorKind, Result};

/// Lines between two checkpoints.
pub const CHECKPOINT_EVERY: u64 = 256;
/// Bytes after which a file is set aside.
pub const ROTATE_AT: u64 = 64 << 20;
/// The file that grows.
const CURRENT: &str = "usage.log";
const LOCK: &str = "usage.lock";
const INFO: &[u8] = b"msipc usage log 1";

/// Where a log stands: how many lines, and the HMAC of the last one.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Mark {
    /// Lines so far.
    pub count: u64,
    /// The last field of the last line, or what the first line follows.
    pub head: [u8; 32],
}

/// A usage log. Several processes may append to one; they take turns.
pub struct UsageLog {
    folder: PathBuf,
    authority: Guid,
    key: Zeroizing<[u8; 32]>,
    application: String,
    rotate_at: u64,
    synced: bool,
}

impl std::fmt::Debug for UsageLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "UsageLog({})", self.folder.display())
    }
}

/// A file of a log, opened at its beginning, and how long it was then.
struct LogFile {
    file: File,
    len: u64,
    is_current: bool,
}

/// What an appended line changed.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) struct Appended {
    /// Where the log stands now.
    pub(super) mark: Mark,
    /// Where a file ended that was set aside just now.
    pub(super) rotated: Option<Mark>,
}

impl UsageLog {
    /// The log of an authority in a private folder, which exists. Nothing is written yet.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] when no key can be derived.
    pub fn new(folder: PathBuf, authority: Guid, sealing: &SealingKey) -> Result<Self> {
        let mut key = Zeroizing::new([0; 32]);
        hkdf_sha256(sealing.expose_bytes(), INFO, key.as_mut())?;
        Ok(Self { folder, authority, key, application: application(), rotate_at: ROTATE_AT, synced: false })
    }

    /// The same log with another size after which a file is set aside.
    #[must_use]
    pub fn rotating_at(self, bytes: u64) -> Self {
        Self { rotate_at: bytes, ..self }
    }

    /// The same log with every line on the medium before the answer leaves, which takes milliseconds each time.
    #[must_use]
    pub fn synced(self) -> Self {
        Self { synced: true, ..self }
    }

    /// Appends a line.
    ///
    /// # Errors
    /// [`ErrorKind::StoreUnusable`] or [`ErrorKind::Io`]; nothing was appended then.
    pub(super) fn append(&self, event: &Event, request: Guid, at: Timestamp) -> Result<Appended> {
        self.try_append(event, request, at).map_err(|error| error.context("writing the usage log"))
    }

    fn try_append(&self, event: &Event, request: Guid, at: Timestamp) -> Result<Appended> {
        let _lock = private::Lock::acquire(&self.folder.join(LOCK))?;
        let path = self.folder.join(CURRENT);
        let mut file = private::open_private_file(&path)?;
        let (mut before, mut len) = self.stand(&mut file)?;
        let mut rotated = None;
        if len >= self.rotate_at {
            file.sync_all()?;
            drop(file);
            private::rename(&path, &self.folder.join(aside(self.first_row_of(&path)?)))?;
            rotated = Some(before);
            file = private::open_private_file(&path)?;
            (before, len) = self.stand(&mut file)?;
        }
        let row = before.count + 1;
        let mut text = line::write(event, row, at, &request.bare(), &self.application);
        let head = self.chain(&before.head, &text);
        text.push_str(&hex(&head));
        text.push('\n');
        let written = file.seek(SeekFrom::Start(len)).and_then(|_| file.write_all(text.as_bytes()));
        if let Err(error) = written {
            // Half a line must not stay; should this fail too, the next writer cuts it.
            let _cut = file.set_len(len);
            return Err(error.into());
        }
        if self.synced || row.is_multiple_of(CHECKPOINT_EVERY) {
            // A checkpoint must not promise lines that a power failure can take.
            file.sync_all()?;
        }
        Ok(Appended { mark: Mark { count: row, head }, rotated })
    }

    /// Where a file ends: the log's mark, and the length up to which lines are whole. A new file gets its header; what a
    /// killed writer left of a line is cut, for nobody got an answer for it.
    fn stand(&self, file: &mut File) -> Result<(Mark, u64)> {
        let len = file.metadata()?.len();
        let last = last_line(file, len)?;
        let cut_at = |file: &File, mark: Mark, end: u64| {
            if end < len {
                file.set_len(end)?;
            }
            Ok((mark, end))
        };
        // Nearly always: then the files that were set aside need not be looked at.
        if let Some((line, end)) = last.as_ref().filter(|(line, _)| !line.starts_with('#')) {
            let mark = read::line_mark(line).ok_or_else(|| damaged("its last line is none of ours"))?;
            return cut_at(file, mark, *end);
        }
        let begins = self.end_of_rotated()?;
        let text = header(self.authority, &begins);
        let header_len = text.len() as u64;
        if let Some((line, end)) = last.filter(|(_, end)| *end == header_len)
            && let Some(mark) = read::header_mark(&line)
        {
            return cut_at(file, mark, end);
        }
        if len > header_len {
            return Err(damaged("lines that are none of ours"));
        }
        // New, or killed while it was made.
        file.set_len(0)?;
        file.seek(SeekFrom::Start(0))?;
        file.write_all(text.as_bytes())?;
        Ok((begins, header_len))
    }

    /// Where the newest file that was set aside ends; the beginning of the log when there is none.
    fn end_of_rotated(&self) -> Result<Mark> {
        let Some((_, path)) = self.set_aside()?.pop() else { return Ok(self.origin()) };
        let mut file = private::open_private_file(&path)?;
        let len = file.metadata()?.len();
        let last = last_line(&mut file, len)?.and_then(|(line, _)| read::line_mark(&line));
        last.ok_or_else(|| damaged("the newest file that was set aside has no last line"))
    }

    fn first_row_of(&self, path: &Path) -> Result<u64> {
        let mut start = vec![0; header(self.authority, &self.origin()).len() + 32];
        let mut file = File::open(path)?;
        let mut filled = 0;
        while let Some(room) = start.get_mut(filled..).filter(|room| !room.is_empty()) {
            match file.read(room) {
                Ok(0) => break,
                Ok(more) => filled += more,
                Err(error) if error.kind() == Io::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        let text = String::from_utf8_lossy(start.get(..filled).unwrap_or_default()).into_owned();
        let begins = text.lines().find(|line| line.starts_with(BEGINS)).and_then(read::header_mark);
        Ok(begins.ok_or_else(|| damaged("a file has no header"))?.count + 1)
    }

    /// The files that were set aside, oldest first, with the number of their first line.
    fn set_aside(&self) -> Result<Vec<(u64, PathBuf)>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let number = name.to_str().and_then(|name| name.strip_prefix("usage-")?.strip_suffix(".log"));
            if let Some(first) = number.and_then(|number| number.parse().ok()) {
                found.push((first, entry.path()));
            }
        }
        found.sort();
        Ok(found)
    }

    /// Every file of the log as it is now, in the order of its lines. Writers wait only until the files are open: they add
    /// behind what is read, and a file that is set aside meanwhile stays the same one.
    fn files(&self) -> Result<Vec<LogFile>> {
        let _lock = private::Lock::acquire(&self.folder.join(LOCK))?;
        let mut files = Vec::new();
        for (_, path) in self.set_aside()? {
            let file = private::open_private_file(&path)?;
            files.push(LogFile { len: file.metadata()?.len(), file, is_current: false });
        }
        let current = self.folder.join(CURRENT);
        if private::check_private_file(&current)? {
            let mut file = private::open_private_file(&current)?;
            // What a killed writer left is no damage. Anything else shows when the file is read.
            let _repaired = self.stand(&mut file);
            file.seek(SeekFrom::Start(0))?;
            files.push(LogFile { len: file.metadata()?.len(), file, is_current: true });
        }
        Ok(files)
    }

    fn chain(&self, before: &[u8; 32], text: &str) -> [u8; 32] {
        hmac_sha256(self.key.as_ref(), &[before, text.as_bytes()])
    }

    /// What the first line follows: bound to the authority, so that the log of another one does not fit.
    fn origin(&self) -> Mark {
        Mark { count: 0, head: hmac_sha256(self.key.as_ref(), &[self.authority.bare().as_bytes()]) }
    }
}

/// The line of a header that tells where the log stood when the file was begun.
const BEGINS: &str = "#Begins: ";

fn header(authority: Guid, begins: &Mark) -> String {
    format!(
        "#Software: msipc\n#Version: 1\n#Authority: {authority}\n#Fields: {}\n{BEGINS}{} {}\n",
        line::FIELDS.join(" "),
        begins.count,
        hex(&begins.head)
    )
}

fn aside(first_row: u64) -> String {
    format!("usage-{first_row:012}.log")
}

/// The last line of a file that is whole, without its end, and the place behind it. Longer files are read from the end.
fn last_line(file: &mut File, len: u64) -> Result<Option<(String, u64)>> {
    let mut room: u64 = 4 << 10;
    loop {
        let from = len.saturating_sub(room);
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        (&mut *file).take(len - from).read_to_end(&mut bytes)?;
        let ends: Vec<usize> =
            bytes.iter().enumerate().rev().filter(|(_, b)| **b == b'\n').map(|(at, _)| at).take(2).collect();
        let begin = match (ends.as_slice(), from) {
            ([_, before], _) => before + 1,
            ([_], 0) => 0,
            ([], 0) => return Ok(None),
            _ => {
                room = room.saturating_mul(4);
                continue;
            }
        };
        let end = ends.first().copied().unwrap_or_default();
        let text = bytes.get(begin..end).and_then(|line| std::str::from_utf8(line).ok());
        let text = text.ok_or_else(|| damaged("its last line is not text"))?;
        return Ok(Some((text.to_owned(), from + end as u64 + 1)));
    }
}

fn damaged(what: &str) -> Error {
    Error::with(ErrorKind::StoreUnusable, format!("the usage log is damaged: {what}"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let bytes = text.as_bytes();
    if bytes.len() != 64 || bytes.iter().any(|b| !matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let mut out = [0; 32];
    for (at, byte) in out.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(out)
}

/// The program, as lines name it.
fn application() -> String {
    let path = std::env::current_exe().ok();
    let name = path.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    format!("MSIPC;version={};AppName={}", env!("CARGO_PKG_VERSION"), name.unwrap_or_default())
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
