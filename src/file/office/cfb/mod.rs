//! Compound files: a file system in a file, which Office documents before 2007 and all rights-managed ones are ([MS-CFB]).
//!
//! [`CompoundFile`] reads one that may be damaged or hostile: every number in it is checked against the length of the
//! file before it is believed, and streams are read in place. [`Plan`] lays a tree out and produces it from the first
//! byte to the last in one pass, so that content is never held in memory and one tree always gives the same bytes.

mod layout;
mod name;
mod read;
mod source;
mod stream;
#[cfg(test)]
mod tests;
mod tree;
mod write;

pub use name::Name;
pub use read::{CompoundFile, Entry, EntryId, Kind};
pub use source::{ReadAt, Whole};
pub use stream::Stream;
pub use tree::{Body, Content, Node, Sink};
pub use write::{Plan, StorageSink};

/// The first bytes of every compound file.
pub const MAGIC: [u8; 8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

/// Bytes of the header, whatever the size of a sector.
const HEADER: usize = 512;
/// Bytes of a directory entry.
const ENTRY: usize = 128;
/// File allocation sectors that the header itself names.
const HEADER_DIFAT: usize = 109;
/// Streams shorter than this lie in the mini stream.
const MINI_CUTOFF: u64 = 4096;
/// Bytes of a sector of the mini stream.
const MINI_SECTOR: u64 = 64;
/// Code units of the longest name.
const NAME_MAX: usize = 31;
/// Entries of a directory that is read: some hundred are usual, a few thousand occur.
const ENTRIES_MAX: usize = 1 << 16;
/// Storages within storages that are read. Embedded objects nest a few levels.
const DEPTH_MAX: usize = 64;

const FREE_SECTOR: u32 = 0xFFFF_FFFF;
const END_OF_CHAIN: u32 = 0xFFFF_FFFE;
const FAT_SECTOR: u32 = 0xFFFF_FFFD;
const DIFAT_SECTOR: u32 = 0xFFFF_FFFC;
/// Numbers of sectors end before this one.
const SECTOR_END: u32 = 0xFFFF_FFFA;
const NO_ENTRY: u32 = 0xFFFF_FFFF;

/// What a directory entry says beside name and content; copied unchanged when an entry moves.
#[derive(Copy, Clone, PartialEq, Eq, Default, Debug)]
pub struct Attributes {
    /// Class of the object that the storage belongs to.
    pub class_id: [u8; 16],
    /// Bits of the application.
    pub state: u32,
    /// Creation, in units of 100 ns since 1601 UTC; 0 when unknown.
    pub created: u64,
    /// Last change, likewise.
    pub modified: u64,
}

fn corrupt(what: &'static str, why: &'static str) -> crate::error::Error {
    crate::error::Error::with(crate::error::ErrorKind::FileCorrupt { what }, why)
}
