//! Where everything lies in a compound file that is written: the only arithmetic on its sectors.
//!
//! The order is header, tables of the table, table, directory, mini table, mini stream, streams; every chain is one run
//! of sectors. Files beyond 2 GiB take sectors of 4096 bytes and leave out the one that locks of ranges use.

use super::{DIFAT_SECTOR, END_OF_CHAIN, ENTRY, FAT_SECTOR, HEADER_DIFAT, MINI_CUTOFF, MINI_SECTOR, SECTOR_END};
use crate::error::{Error, ErrorKind, Result};

/// Longest file in sectors of 512 bytes: readers keep offsets in 31 bits.
const SMALL_SECTORS_END: u64 = 1 << 31;
/// The sector of 4096 bytes at 0x7FFFF000, which holds no data ([MS-CFB] 2.10).
pub(super) const RANGE_LOCK: u64 = 0x0007_FFFE;

/// Sectors that follow each other.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) struct Run {
    /// Counted without the range lock sector.
    pub(super) first: u64,
    pub(super) count: u64,
    /// What the table says of each, or nothing for a chain.
    pub(super) marker: Option<u32>,
}

/// The sectors of a file.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) sector_shift: u32,
    pub(super) difat: Run,
    pub(super) fat: Run,
    pub(super) directory: Run,
    pub(super) mini_fat: Run,
    pub(super) mini: Run,
    /// One for each length given, empty for the short ones.
    pub(super) streams: Vec<Run>,
    /// First mini sector of each short stream.
    pub(super) mini_starts: Vec<u32>,
    pub(super) mini_len: u64,
    total: u64,
}

impl Layout {
    /// The layout of a file with so many entries and streams of these lengths.
    pub(super) fn new(entries: usize, lengths: &[u64]) -> Result<Self> {
        let small = Self::with_sectors(9, entries, lengths)?;
        if small.file_len() < SMALL_SECTORS_END { Ok(small) } else { Self::with_sectors(12, entries, lengths) }
    }

    fn with_sectors(sector_shift: u32, entries: usize, lengths: &[u64]) -> Result<Self> {
        let sector = 1u64 << sector_shift;
        let numbers = sector / 4;
        let too_long = || Error::with(ErrorKind::NotSupported, "too long for a compound file");
        let mut mini_starts = Vec::with_capacity(lengths.len());
        let (mut mini_sectors, mut stream_sectors) = (0u64, 0u64);
        for len in lengths {
            mini_starts.push(u32::try_from(mini_sectors).map_err(|_| too_long())?);
            if *len < MINI_CUTOFF {
                mini_sectors += len.div_ceil(MINI_SECTOR);
            } else {
                stream_sectors = stream_sectors.checked_add(len.div_ceil(sector)).ok_or_else(too_long)?;
            }
        }
        let mini_len = mini_sectors * MINI_SECTOR;
        let directory = (entries as u64 * ENTRY as u64).div_ceil(sector);
        let mini_fat = mini_sectors.div_ceil(numbers);
        let mini = mini_len.div_ceil(sector);
        let used = directory + mini_fat + mini;
        let used =
            used.checked_add(stream_sectors).filter(|used| *used < u64::from(SECTOR_END)).ok_or_else(too_long)?;

        // The table has a place for its own sectors too: grow it until it does.
        let (mut fat, mut difat) = (0, 0);
        let total = loop {
            let counted = used + fat + difat;
            let total = counted + u64::from(sector_shift == 12 && counted > RANGE_LOCK);
            let fat_needed = total.div_ceil(numbers);
            let difat_needed = fat_needed.saturating_sub(HEADER_DIFAT as u64).div_ceil(numbers - 1);
            if (fat_needed, difat_needed) == (fat, difat) {
                break total;
            }
            (fat, difat) = (fat_needed, difat_needed);
        };
        if total >= u64::from(SECTOR_END) {
            return Err(too_long());
        }

        let mut next = 0;
        let mut run = |count: u64, marker| {
            let first = next;
            next += count;
            Run { first, count, marker }
        };
        let difat = run(difat, Some(DIFAT_SECTOR));
        let fat = run(fat, Some(FAT_SECTOR));
        let directory = run(directory, None);
        let mini_fat = run(mini_fat, None);
        let mini = run(mini, None);
        let streams =
            lengths.iter().map(|len| run(if *len < MINI_CUTOFF { 0 } else { len.div_ceil(sector) }, None)).collect();
        Ok(Self { sector_shift, difat, fat, directory, mini_fat, mini, streams, mini_starts, mini_len, total })
    }

    /// Bytes of the file.
    pub(super) fn file_len(&self) -> u64 {
        (self.total + 1) << self.sector_shift
    }

    pub(super) fn sector_size(&self) -> u64 {
        1 << self.sector_shift
    }

    /// The number of a sector in the file.
    pub(super) fn number(&self, counted: u64) -> u32 {
        let skipped = u64::from(self.skips(counted));
        u32::try_from(counted + skipped).unwrap_or(END_OF_CHAIN)
    }

    /// Whether the range lock sector lies before a sector.
    pub(super) fn skips(&self, counted: u64) -> bool {
        self.sector_shift == 12 && counted >= RANGE_LOCK
    }

    /// Number of the first sector of a chain.
    pub(super) fn start(&self, run: Run) -> u32 {
        if run.count == 0 { END_OF_CHAIN } else { self.number(run.first) }
    }

    /// All runs in the order of the file.
    pub(super) fn runs(&self) -> impl Iterator<Item = Run> + '_ {
        [self.difat, self.fat, self.directory, self.mini_fat, self.mini].into_iter().chain(self.streams.iter().copied())
    }
}
