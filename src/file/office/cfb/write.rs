//! Producing a compound file from its first byte to its last.

use super::layout::{Layout, RANGE_LOCK, Run};
use super::tree::{Body, Content, Node, Sink};
use super::{
    Attributes, DEPTH_MAX, END_OF_CHAIN, ENTRY, FREE_SECTOR, HEADER, HEADER_DIFAT, MAGIC, MINI_CUTOFF, MINI_SECTOR,
    NAME_MAX, NO_ENTRY, Name, corrupt,
};
use crate::error::{Error, Result};
use crate::file::Storage;

/// A tree whose place in the file is settled.
#[derive(Debug)]
pub struct Plan<'a> {
    layout: Layout,
    entries: Vec<Flat>,
    /// The content of each stream, in the order of the layout.
    contents: Vec<Content<'a>>,
}

/// An entry as the directory holds it.
#[derive(Debug)]
struct Flat {
    name: Name,
    attributes: Attributes,
    kind: u8,
    black: bool,
    left: u32,
    right: u32,
    child: u32,
    /// Index of the content of a stream.
    content: Option<usize>,
}

const STORAGE: u8 = 1;
const STREAM: u8 = 2;
const ROOT: u8 = 5;

impl<'a> Plan<'a> {
    /// Lays out a root storage with these entries.
    ///
    /// # Errors
    /// `FileCorrupt` for a tree that no directory can hold (two entries of one name, a name too long), which only
    /// copying a damaged file can give. `NotSupported` when the result would be too long.
    pub fn new(root: Attributes, children: Vec<Node<'a>>) -> Result<Self> {
        let mut flattening = Flattening { entries: Vec::new(), contents: Vec::new() };
        flattening.push("Root Entry".into(), root, ROOT);
        let top = flattening.storage(children, 0)?;
        flattening.entries[0].child = top;
        let Flattening { entries, contents } = flattening;
        let lengths: Vec<u64> = contents.iter().map(|content: &Content<'_>| content.len).collect();
        Ok(Self { layout: Layout::new(entries.len(), &lengths)?, entries, contents })
    }

    /// Bytes of the file.
    #[must_use]
    pub fn file_len(&self) -> u64 {
        self.layout.file_len()
    }

    /// Produces the file.
    ///
    /// # Errors
    /// What the sink or a content reports.
    pub fn produce(self, sink: &mut Sink<'_>) -> Result<()> {
        let layout = &self.layout;
        let mut out = Output { sink, layout, position: 0, buffer: Vec::new() };
        out.bytes(&self.header())?;
        out.fill_sector(0)?;
        out.difat()?;
        out.fat()?;
        let lengths: Vec<u64> = self.contents.iter().map(|content| content.len).collect();
        for entry in &self.entries {
            out.bytes(&entry.encode(layout, &lengths))?;
        }
        let unused = Flat::unused();
        while !out.position.is_multiple_of(layout.sector_size()) {
            out.bytes(&unused)?;
        }
        out.mini_fat(&lengths)?;
        let (short, long): (Vec<_>, Vec<_>) = self.contents.into_iter().partition(|content| content.len < MINI_CUTOFF);
        for content in short {
            content.send(&mut |bytes| out.bytes(bytes))?;
            out.fill(MINI_SECTOR, 0)?;
        }
        out.fill_sector(0)?;
        for content in long {
            content.send(&mut |bytes| out.bytes(bytes))?;
            out.fill_sector(0)?;
        }
        out.finish()
    }

    /// Writes the file to a storage from offset 0 on, and ends the storage behind it.
    ///
    /// # Errors
    /// As [`Self::produce`]; what the storage reports.
    pub fn write(self, storage: &mut dyn Storage) -> Result<()> {
        let mut sink = StorageSink::new(storage);
        self.produce(&mut |bytes| sink.put(bytes))?;
        sink.finish()
    }

    fn header(&self) -> Vec<u8> {
        let layout = &self.layout;
        let large = layout.sector_shift == 12;
        let count = |run: Run| u32::try_from(run.count).unwrap_or(u32::MAX);
        let mut header = MAGIC.to_vec();
        header.extend([0; 16]);
        for field in [0x3E, if large { 4 } else { 3 }, 0xFFFE, if large { 12 } else { 9 }, 6u16] {
            header.extend(field.to_le_bytes());
        }
        header.extend([0; 6]);
        let fields = [
            if large { count(layout.directory) } else { 0 },
            count(layout.fat),
            layout.start(layout.directory),
            0,
            4096,
            layout.start(layout.mini_fat),
            count(layout.mini_fat),
            layout.start(layout.difat),
            count(layout.difat),
        ];
        header.extend(fields.into_iter().flat_map(u32::to_le_bytes));
        for index in 0..HEADER_DIFAT as u64 {
            header.extend(fat_sector(layout, index).to_le_bytes());
        }
        debug_assert_eq!(header.len(), HEADER);
        header
    }
}

/// Number of the sector of the table with this index.
fn fat_sector(layout: &Layout, index: u64) -> u32 {
    if index < layout.fat.count { layout.number(layout.fat.first + index) } else { FREE_SECTOR }
}

/// Turns the tree into the list of entries.
struct Flattening<'a> {
    entries: Vec<Flat>,
    contents: Vec<Content<'a>>,
}

impl<'a> Flattening<'a> {
    fn push(&mut self, name: Name, attributes: Attributes, kind: u8) -> usize {
        let (left, right, child) = (NO_ENTRY, NO_ENTRY, NO_ENTRY);
        self.entries.push(Flat { name, attributes, kind, black: true, left, right, child, content: None });
        self.entries.len() - 1
    }

    /// Adds the entries of a storage and returns the top of their search tree.
    fn storage(&mut self, mut children: Vec<Node<'a>>, depth: usize) -> Result<u32> {
        // A few levels more than are read, for what is put around content that was read.
        if depth > DEPTH_MAX + 8 {
            return Err(corrupt("directory", "storages are nested too deeply"));
        }
        children.sort_by(|a, b| a.name.cmp(&b.name));
        if children.windows(2).any(|pair| pair[0].name == pair[1].name) {
            return Err(corrupt("directory", "two entries have one name"));
        }
        let base = self.entries.len();
        let mut storages = Vec::new();
        for Node { name, attributes, body } in children {
            if name.units().is_empty() || name.units().len() > NAME_MAX {
                return Err(corrupt("directory", "the length of a name"));
            }
            match body {
                Body::Storage(within) => {
                    let id = self.push(name, attributes, STORAGE);
                    storages.push((id, within));
                }
                Body::Stream(content) => {
                    let id = self.push(name, attributes, STREAM);
                    self.entries[id].content = Some(self.contents.len());
                    self.contents.push(content);
                }
            }
        }
        let end = self.entries.len();
        let lowest = (end - base).checked_ilog2().unwrap_or(0);
        let top = self.link(base, end, 0, lowest);
        for (id, within) in storages {
            self.entries[id].child = self.storage(within, depth + 1)?;
        }
        Ok(top)
    }

    /// Makes sorted entries a search tree as flat as can be. Its lowest level, which alone may have gaps, is red, so that
    /// every way down passes as many black entries.
    fn link(&mut self, begin: usize, end: usize, level: u32, lowest: u32) -> u32 {
        if begin >= end {
            return NO_ENTRY;
        }
        let middle = begin + (end - begin) / 2;
        let left = self.link(begin, middle, level + 1, lowest);
        let right = self.link(middle + 1, end, level + 1, lowest);
        let entry = &mut self.entries[middle];
        (entry.left, entry.right) = (left, right);
        entry.black = level == 0 || level < lowest;
        u32::try_from(middle).unwrap_or(NO_ENTRY)
    }
}

impl Flat {
    fn encode(&self, layout: &Layout, lengths: &[u64]) -> Vec<u8> {
        let (start, len) = match (self.kind, self.content) {
            (ROOT, _) => (layout.start(layout.mini), layout.mini_len),
            (_, Some(index)) if lengths[index] == 0 => (END_OF_CHAIN, 0),
            (_, Some(index)) if lengths[index] < MINI_CUTOFF => (layout.mini_starts[index], lengths[index]),
            (_, Some(index)) => (layout.start(layout.streams[index]), lengths[index]),
            _ => (0, 0),
        };
        let mut bytes: Vec<u8> = self.name.units().iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let name_bytes = u16::try_from(bytes.len() + 2).unwrap_or_default();
        bytes.resize(64, 0);
        bytes.extend(name_bytes.to_le_bytes());
        bytes.extend([self.kind, u8::from(self.black)]);
        bytes.extend([self.left, self.right, self.child].into_iter().flat_map(u32::to_le_bytes));
        bytes.extend(self.attributes.class_id);
        bytes.extend(self.attributes.state.to_le_bytes());
        bytes.extend(self.attributes.created.to_le_bytes());
        bytes.extend(self.attributes.modified.to_le_bytes());
        bytes.extend(start.to_le_bytes());
        bytes.extend(len.to_le_bytes());
        bytes
    }

    fn unused() -> [u8; ENTRY] {
        let mut bytes = [0; ENTRY];
        bytes[68..80].fill(0xFF);
        bytes
    }
}

/// Knows where in the file it is.
struct Output<'s, 'f> {
    sink: &'s mut Sink<'f>,
    layout: &'s Layout,
    position: u64,
    buffer: Vec<u8>,
}

impl Output<'_, '_> {
    fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        let mut rest = bytes;
        if self.layout.sector_shift == 12 {
            let lock = (RANGE_LOCK + 1) << 12;
            if self.position < lock {
                let before = usize::try_from(lock - self.position).unwrap_or(usize::MAX).min(rest.len());
                (self.sink)(&rest[..before])?;
                self.position += before as u64;
                rest = &rest[before..];
            }
            if self.position == lock && !rest.is_empty() {
                (self.sink)(&[0; 4096])?;
                self.position += 4096;
            }
        }
        if !rest.is_empty() {
            (self.sink)(rest)?;
            self.position += rest.len() as u64;
        }
        Ok(())
    }

    /// Fills up to a multiple of `unit`, which divides sectors.
    fn fill(&mut self, unit: u64, with: u8) -> Result<()> {
        let missing = usize::try_from((unit - self.position % unit) % unit).unwrap_or_default();
        self.bytes(&vec![with; missing])
    }

    fn fill_sector(&mut self, with: u8) -> Result<()> {
        self.fill(self.layout.sector_size(), with)
    }

    fn number(&mut self, number: u32) -> Result<()> {
        self.buffer.extend(number.to_le_bytes());
        if self.buffer.len() < 32 << 10 { Ok(()) } else { self.flush() }
    }

    fn flush(&mut self) -> Result<()> {
        let buffer = std::mem::take(&mut self.buffer);
        self.bytes(&buffer)
    }

    fn difat(&mut self) -> Result<()> {
        let layout = self.layout;
        let in_sector = layout.sector_size() / 4 - 1;
        for sector in 0..layout.difat.count {
            for index in 0..in_sector {
                self.number(fat_sector(layout, HEADER_DIFAT as u64 + sector * in_sector + index))?;
            }
            let next = sector + 1;
            let next = if next < layout.difat.count { layout.number(layout.difat.first + next) } else { END_OF_CHAIN };
            self.number(next)?;
        }
        self.flush()
    }

    fn fat(&mut self) -> Result<()> {
        let layout = self.layout;
        let mut skipped = false;
        for run in layout.runs() {
            let end = run.first + run.count;
            for sector in run.first..end {
                if layout.skips(sector) && !skipped {
                    self.number(END_OF_CHAIN)?;
                    skipped = true;
                }
                let chained = if sector + 1 < end { layout.number(sector + 1) } else { END_OF_CHAIN };
                self.number(run.marker.unwrap_or(chained))?;
            }
        }
        self.flush()?;
        self.fill_sector(0xFF)
    }

    fn mini_fat(&mut self, lengths: &[u64]) -> Result<()> {
        let mut next = 0u32;
        for len in lengths.iter().filter(|len| **len < MINI_CUTOFF) {
            let sectors = len.div_ceil(MINI_SECTOR);
            for sector in 1..=sectors {
                next += 1;
                self.number(if sector < sectors { next } else { END_OF_CHAIN })?;
            }
        }
        self.flush()?;
        self.fill_sector(0xFF)
    }

    fn finish(self) -> Result<()> {
        if self.position != self.layout.file_len() {
            return Err(Error::internal("a compound file is not as long as was planned"));
        }
        Ok(())
    }
}

/// Writes what is produced to a storage in pieces worth a call.
#[derive(Debug)]
pub struct StorageSink<'s> {
    storage: &'s mut dyn Storage,
    position: u64,
    buffer: Vec<u8>,
}

impl<'s> StorageSink<'s> {
    const PIECE: usize = 256 << 10;

    /// A sink that begins at offset 0 of a storage.
    #[must_use]
    pub fn new(storage: &'s mut dyn Storage) -> Self {
        Self { storage, position: 0, buffer: Vec::with_capacity(Self::PIECE) }
    }

    /// Takes bytes.
    ///
    /// # Errors
    /// What the storage reports.
    pub fn put(&mut self, bytes: &[u8]) -> Result<()> {
        if self.buffer.len() + bytes.len() > Self::PIECE {
            self.flush()?;
        }
        if bytes.len() >= Self::PIECE {
            self.storage.write_at(self.position, bytes)?;
            self.position += bytes.len() as u64;
        } else {
            self.buffer.extend_from_slice(bytes);
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        if !self.buffer.is_empty() {
            self.storage.write_at(self.position, &self.buffer)?;
            self.position += self.buffer.len() as u64;
            self.buffer.clear();
        }
        Ok(())
    }

    /// Passes the rest on and ends the storage behind it. MUST be called, or the end is missing.
    ///
    /// # Errors
    /// What the storage reports.
    pub fn finish(mut self) -> Result<()> {
        self.flush()?;
        self.storage.set_len(self.position)
    }
}
