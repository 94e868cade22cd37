//! Checksums of the property streams that stand in the clear beside a protected package.

use super::cfb::{CompoundFile, Content, Name, Node, ReadAt};
use crate::error::Result;

/// A property stream and what its checksum is called.
const CHECKSUMS: [(&str, &str); 2] =
    [("\x05SummaryInformation", "EncryptedSIHash"), ("\x05DocumentSummaryInformation", "EncryptedDSIHash")];

/// Begins a checksum: a mark and version 0.
const PREFIX: [u8; 2] = [0xAB, 0];

/// Whether an entry is the checksum of another.
pub(super) fn is_checksum(name: &Name) -> bool {
    CHECKSUMS.iter().any(|(_, checksum)| name == *checksum)
}

/// The checksums of the property streams that are there.
///
/// # Errors
/// `FileCorrupt` when a stream cannot be read.
pub(super) fn checksums<'a>(file: &CompoundFile<'a>) -> Result<Vec<Node<'a>>> {
    let mut nodes = Vec::new();
    for (stream, name) in CHECKSUMS {
        if let Some(stream) = file.find_stream(&[stream])? {
            let checksum = [&PREFIX[..], &checksum(&stream)?.to_le_bytes()].concat();
            nodes.push(Node::stream(name, Content::bytes(checksum)));
        }
    }
    Ok(nodes)
}

/// The checksum that Office computes: polynomial 0xAF, highest bit first, over a table cut to its low 16 bits.
fn checksum(stream: &dyn ReadAt) -> Result<u32> {
    let table: Vec<u32> = (0..256u32).map(table_entry).collect();
    let mut sum = 0u32;
    let mut buffer = [0; 4096];
    let mut offset = 0;
    while offset < stream.len() {
        let count = usize::try_from(stream.len() - offset).unwrap_or(buffer.len()).min(buffer.len());
        stream.read_exact_at(offset, &mut buffer[..count])?;
        for byte in &buffer[..count] {
            sum = sum << 8 ^ table[(sum >> 24) as usize ^ usize::from(*byte)];
        }
        offset += count as u64;
    }
    Ok(sum)
}

fn table_entry(index: u32) -> u32 {
    let shifted = (0..8).fold(index << 24, |value, _| value << 1 ^ if value >> 31 == 1 { 0xAF } else { 0 });
    shifted & 0xFFFF
}
