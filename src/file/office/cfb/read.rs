//! Reading a compound file that may be damaged or hostile.
//!
//! The allocation table and the directory are read when the file is opened; both are bounded by the length of the file,
//! whatever its header claims. What all streams say of their lengths together must fit into the file, so that copying
//! all of them takes no longer than reading it.

use std::collections::BTreeSet;

use super::source::ReadAt;
use super::stream::Stream;
use super::tree::{Body, Content, Node};
use super::{
    Attributes, DEPTH_MAX, END_OF_CHAIN, ENTRIES_MAX, ENTRY, FREE_SECTOR, HEADER, HEADER_DIFAT, MAGIC, MINI_CUTOFF,
    MINI_SECTOR, NAME_MAX, NO_ENTRY, Name, SECTOR_END, corrupt,
};
use crate::error::{ErrorKind, Result};

/// Sectors of a file that is read: their table takes four bytes each in memory. 2 GiB in sectors of 512 bytes.
const SECTORS_MAX: u64 = 1 << 22;

/// Names an entry of one [`CompoundFile`].
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct EntryId(usize);

/// What an entry is.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Holds other entries.
    Storage,
    /// Holds bytes.
    Stream,
}

/// An entry of the directory.
#[derive(Debug)]
pub struct Entry {
    /// The name within its storage.
    pub name: Name,
    /// Storage or stream.
    pub kind: Kind,
    /// What the directory says beside name and content.
    pub attributes: Attributes,
    /// Bytes of a stream.
    pub len: u64,
    start: u32,
    children: Vec<EntryId>,
}

/// An open compound file.
#[derive(Debug)]
pub struct CompoundFile<'a> {
    file: &'a dyn ReadAt,
    sector_shift: u32,
    /// The allocation table, no longer than the file has sectors.
    fat: Vec<u32>,
    mini_fat: Vec<u32>,
    mini: Stream<'a>,
    /// The root is the first.
    entries: Vec<Entry>,
}

/// The fields of the header that are used.
struct Header {
    sector_shift: u32,
    fat_sectors: u32,
    directory: u32,
    mini_fat: u32,
    mini_fat_sectors: u32,
    difat: u32,
    in_header: [u32; HEADER_DIFAT],
}

impl Header {
    fn read(file: &dyn ReadAt) -> Result<Self> {
        let mut bytes = [0; HEADER];
        file.read_exact_at(0, &mut bytes)?;
        if bytes[..8] != MAGIC {
            return Err(corrupt("compound file header", "the magic number is missing"));
        }
        let sector_shift = match (u16_at(&bytes, 26), u16_at(&bytes, 30)) {
            (3, 9) => 9,
            (4, 12) => 12,
            _ => return Err(corrupt("compound file header", "version and sector size do not agree")),
        };
        if u16_at(&bytes, 28) != 0xFFFE || u16_at(&bytes, 32) != 6 || u64::from(u32_at(&bytes, 56)) != MINI_CUTOFF {
            return Err(corrupt("compound file header", "byte order, mini sector size or cutoff"));
        }
        let mut in_header = [FREE_SECTOR; HEADER_DIFAT];
        for (index, sector) in in_header.iter_mut().enumerate() {
            *sector = u32_at(&bytes, 76 + index * 4);
        }
        Ok(Self {
            sector_shift,
            fat_sectors: u32_at(&bytes, 44),
            directory: u32_at(&bytes, 48),
            mini_fat: u32_at(&bytes, 60),
            mini_fat_sectors: u32_at(&bytes, 64),
            difat: u32_at(&bytes, 68),
            in_header,
        })
    }
}

impl<'a> CompoundFile<'a> {
    /// Whether a file begins as a compound file does.
    ///
    /// # Errors
    /// What the system reports.
    pub fn has_magic(file: &dyn ReadAt) -> Result<bool> {
        let mut magic = [0; 8];
        if file.len() < magic.len() as u64 {
            return Ok(false);
        }
        file.read_exact_at(0, &mut magic)?;
        Ok(magic == MAGIC)
    }

    /// Reads the allocation table and the directory.
    ///
    /// # Errors
    /// `FileCorrupt` for a file that is not what [MS-CFB] says or longer than is read; what the system reports.
    pub fn open(file: &'a dyn ReadAt) -> Result<Self> {
        let header = Header::read(file)?;
        let sector = 1u64 << header.sector_shift;
        let sectors = file.len().div_ceil(sector).saturating_sub(1);
        if sectors > SECTORS_MAX {
            return Err(ErrorKind::NotSupported.into());
        }
        if u64::from(header.fat_sectors) > sectors || u64::from(header.mini_fat_sectors) > sectors {
            return Err(corrupt("compound file header", "more sectors than the file has"));
        }
        let empty = || Stream::new(file, Attributes::default());
        let mut this = Self {
            file,
            sector_shift: header.sector_shift,
            fat: Vec::new(),
            mini_fat: Vec::new(),
            mini: empty(),
            entries: Vec::new(),
        };
        this.read_fat(&header, sectors)?;
        let directory = this.directory(header.directory)?;
        this.entries = Entries::read(&directory, header.sector_shift)?;
        this.check_lengths()?;

        let (start, len) = this.entries.first().map_or((END_OF_CHAIN, 0), |root| (root.start, root.len));
        this.mini = this.chain(start, len, Attributes::default())?;
        let needed = len.div_ceil(MINI_SECTOR) * 4;
        let stored = u64::from(header.mini_fat_sectors) * sector;
        let table = this.chain(header.mini_fat, needed.min(stored), Attributes::default())?;
        this.mini_fat = numbers(&table.read_all(usize::MAX)?);
        Ok(this)
    }

    fn sector_size(&self) -> u64 {
        1 << self.sector_shift
    }

    /// Where a sector lies in the file.
    fn offset(&self, sector: u32) -> u64 {
        (u64::from(sector) + 1) << self.sector_shift
    }

    fn read_fat(&mut self, header: &Header, sectors: u64) -> Result<()> {
        let per_sector = usize::try_from(self.sector_size() / 4).unwrap_or_default();
        let sectors = usize::try_from(sectors).unwrap_or_default();
        let mut wanted = (header.fat_sectors as usize).min(sectors.div_ceil(per_sector));
        let mut buffer = vec![0; per_sector * 4];
        let mut in_sector = header.in_header.to_vec();
        let mut next = header.difat;
        loop {
            for sector in in_sector.iter().take(wanted) {
                self.read_sector(*sector, &mut buffer)?;
                self.fat.extend(numbers(&buffer));
            }
            wanted -= wanted.min(in_sector.len());
            if wanted == 0 {
                break;
            }
            self.read_sector(next, &mut buffer)?;
            in_sector = numbers(&buffer);
            next = in_sector.pop().unwrap_or(END_OF_CHAIN);
        }
        self.fat.truncate(sectors);
        Ok(())
    }

    fn read_sector(&self, sector: u32, out: &mut [u8]) -> Result<()> {
        if sector >= SECTOR_END {
            return Err(corrupt("allocation table", "a sector of it is missing"));
        }
        self.file.read_exact_at(self.offset(sector), out)
    }

    /// The sector that follows one in its chain.
    fn next(&self, sector: u32) -> Result<u32> {
        match self.fat.get(sector as usize) {
            Some(next) if *next < SECTOR_END || *next == END_OF_CHAIN => Ok(*next),
            _ => Err(corrupt("allocation table", "a chain leaves the file")),
        }
    }

    /// The first `len` bytes of the chain that begins at `start`.
    fn chain(&self, start: u32, len: u64, attributes: Attributes) -> Result<Stream<'a>> {
        let mut stream = Stream::new(self.file, attributes);
        if len > self.file.len() {
            return Err(corrupt("length", "a stream is longer than the file"));
        }
        let (mut sector, mut rest) = (start, len);
        while rest > 0 {
            if sector as usize >= self.fat.len() {
                return Err(corrupt("sector chain", "a chain is shorter than its stream"));
            }
            let count = rest.min(self.sector_size());
            stream.push(self.offset(sector), count);
            rest -= count;
            if rest > 0 {
                sector = self.next(sector)?;
            }
        }
        stream.finish()
    }

    /// As [`Self::chain`] in the mini stream.
    fn mini_chain(&self, start: u32, len: u64, attributes: Attributes) -> Result<Stream<'a>> {
        let mut stream = Stream::new(self.file, attributes);
        let (mut sector, mut rest) = (start, len);
        while rest > 0 {
            let at = u64::from(sector) * MINI_SECTOR;
            let (place, there) =
                self.mini.place(at).ok_or_else(|| corrupt("mini stream", "a chain leaves the mini stream"))?;
            // A mini sector never crosses a sector, so that all of it lies there.
            let count = rest.min(MINI_SECTOR);
            if there < count {
                return Err(corrupt("mini stream", "a chain leaves the mini stream"));
            }
            stream.push(place, count);
            rest -= count;
            if rest > 0 {
                let next = self.mini_fat.get(sector as usize).copied().filter(|next| *next < SECTOR_END);
                sector = next.ok_or_else(|| corrupt("mini stream", "a chain is shorter than its stream"))?;
            }
        }
        stream.finish()
    }

    fn directory(&self, start: u32) -> Result<Vec<u8>> {
        let sector_size = usize::try_from(self.sector_size()).unwrap_or_default();
        let most = (ENTRIES_MAX * ENTRY / sector_size).min(self.fat.len());
        let mut bytes = Vec::new();
        let mut sector = start;
        for _ in 0..=most {
            if sector == END_OF_CHAIN {
                return Ok(bytes);
            }
            let at = bytes.len();
            bytes.resize(at + sector_size, 0);
            self.read_sector(sector, &mut bytes[at..])?;
            sector = self.next(sector)?;
        }
        Err(corrupt("directory", "it goes in a circle or is too long"))
    }

    fn check_lengths(&self) -> Result<()> {
        let root = self.entries.first().map_or(0, |root| root.len);
        let (mut small, mut large) = (0u64, root);
        for entry in self.entries.iter().skip(1) {
            let sum = if entry.len < MINI_CUTOFF { &mut small } else { &mut large };
            *sum = sum.saturating_add(entry.len);
        }
        if small > root || large > self.file.len() {
            return Err(corrupt("length", "the streams are longer than the file"));
        }
        Ok(())
    }

    /// The root storage.
    #[must_use]
    pub fn root(&self) -> EntryId {
        EntryId(0)
    }

    /// What the directory says of an entry. Ids are good for the file that gave them.
    #[must_use]
    pub fn entry(&self, id: EntryId) -> &Entry {
        &self.entries[id.0]
    }

    /// The entries in a storage, in the order of their names.
    #[must_use]
    pub fn children(&self, id: EntryId) -> &[EntryId] {
        &self.entries[id.0].children
    }

    /// The entry that a path leads to from the root.
    #[must_use]
    pub fn find(&self, path: &[&str]) -> Option<EntryId> {
        path.iter().try_fold(self.root(), |at, name| {
            self.children(at).iter().copied().find(|child| self.entry(*child).name == **name)
        })
    }

    /// The stream that a path leads to.
    ///
    /// # Errors
    /// As [`Self::stream`].
    pub fn find_stream(&self, path: &[&str]) -> Result<Option<Stream<'a>>> {
        match self.find(path) {
            Some(id) if self.entry(id).kind == Kind::Stream => self.stream(id).map(Some),
            _ => Ok(None),
        }
    }

    /// The content of a stream, empty for a storage.
    ///
    /// # Errors
    /// `FileCorrupt` when its chain is shorter than its length, leaves the file or crosses itself.
    pub fn stream(&self, id: EntryId) -> Result<Stream<'a>> {
        let entry = self.entry(id);
        match entry.kind {
            Kind::Storage => self.chain(END_OF_CHAIN, 0, entry.attributes),
            Kind::Stream if entry.len < MINI_CUTOFF => self.mini_chain(entry.start, entry.len, entry.attributes),
            Kind::Stream => self.chain(entry.start, entry.len, entry.attributes),
        }
    }

    /// An entry with all that is in it, for writing it elsewhere.
    ///
    /// # Errors
    /// As [`Self::stream`].
    pub fn node(&self, id: EntryId) -> Result<Node<'a>> {
        let entry = self.entry(id);
        let body = match entry.kind {
            Kind::Stream => Body::Stream(Content::copy(self.stream(id)?)),
            Kind::Storage => {
                Body::Storage(entry.children.iter().map(|child| self.node(*child)).collect::<Result<_>>()?)
            }
        };
        Ok(Node { name: entry.name.clone(), attributes: entry.attributes, body })
    }
}

/// Collects the entries that can be reached from the root.
struct Entries<'d> {
    directory: &'d [u8],
    /// High halves of lengths mean nothing in version 3.
    len_mask: u64,
    seen: BTreeSet<u32>,
    found: Vec<Entry>,
}

impl<'d> Entries<'d> {
    fn read(directory: &'d [u8], sector_shift: u32) -> Result<Vec<Entry>> {
        let len_mask = if sector_shift == 9 { u64::from(u32::MAX) } else { u64::MAX };
        let mut this = Self { directory, len_mask, seen: BTreeSet::from([0]), found: Vec::new() };
        let root = this.raw(0)?;
        if root[66] != 5 {
            return Err(corrupt("directory", "the first entry is not the root"));
        }
        let (entry, child) = this.parse(root, Name::from("Root Entry"), Kind::Storage);
        this.found.push(entry);
        let mut storages = vec![(0, child, 0)];
        while let Some((storage, child, depth)) = storages.pop() {
            if depth > DEPTH_MAX {
                return Err(corrupt("directory", "storages are nested too deeply"));
            }
            this.read_storage(storage, child, |id, child| storages.push((id, child, depth + 1)))?;
        }
        Ok(this.found)
    }

    /// Adds the entries of one storage, whose search tree begins at `top`; tells of the storages among them.
    fn read_storage(&mut self, storage: usize, top: u32, mut found: impl FnMut(usize, u32)) -> Result<()> {
        let mut waiting = vec![top];
        let mut children = Vec::new();
        while let Some(index) = waiting.pop() {
            if index == NO_ENTRY {
                continue;
            }
            if !self.seen.insert(index) {
                return Err(corrupt("directory", "an entry has two places"));
            }
            let raw = self.raw(index)?;
            let kind = match raw[66] {
                1 => Kind::Storage,
                2 => Kind::Stream,
                _ => return Err(corrupt("directory", "an entry is neither stream nor storage")),
            };
            let (entry, child) = self.parse(raw, name(raw)?, kind);
            let id = self.found.len();
            self.found.push(entry);
            children.push(EntryId(id));
            if kind == Kind::Storage {
                found(id, child);
            }
            waiting.extend([u32_at(raw, 68), u32_at(raw, 72)]);
        }
        children.sort_by(|a, b| self.found[a.0].name.cmp(&self.found[b.0].name));
        if children.windows(2).any(|pair| self.found[pair[0].0].name == self.found[pair[1].0].name) {
            return Err(corrupt("directory", "two entries have one name"));
        }
        self.found[storage].children = children;
        Ok(())
    }

    fn raw(&self, index: u32) -> Result<&'d [u8]> {
        let start = (index as usize).checked_mul(ENTRY);
        let entry = start.and_then(|start| self.directory.get(start..start + ENTRY));
        entry.ok_or_else(|| corrupt("directory", "an entry lies outside"))
    }

    fn parse(&self, raw: &[u8], name: Name, kind: Kind) -> (Entry, u32) {
        let mut class_id = [0; 16];
        class_id.copy_from_slice(&raw[80..96]);
        let attributes =
            Attributes { class_id, state: u32_at(raw, 96), created: u64_at(raw, 100), modified: u64_at(raw, 108) };
        // A storage has no content; the root has the mini stream.
        let len = if raw[66] == 1 { 0 } else { u64_at(raw, 120) & self.len_mask };
        (Entry { name, kind, attributes, len, start: u32_at(raw, 116), children: Vec::new() }, u32_at(raw, 76))
    }
}

fn name(raw: &[u8]) -> Result<Name> {
    let bytes = usize::from(u16_at(raw, 64));
    let units = (bytes / 2).saturating_sub(1);
    if !bytes.is_multiple_of(2) || units == 0 || units > NAME_MAX {
        return Err(corrupt("directory", "the length of a name"));
    }
    let units: Vec<u16> = (0..units).map(|index| u16_at(raw, index * 2)).collect();
    if units.contains(&0) {
        return Err(corrupt("directory", "a name ends before its length"));
    }
    Ok(Name::from_units(&units))
}

fn numbers(bytes: &[u8]) -> Vec<u32> {
    bytes.as_chunks::<4>().0.iter().map(|number| u32::from_le_bytes(*number)).collect()
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}
