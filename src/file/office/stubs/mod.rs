//! Stubs: the documents that programs show which know nothing of rights.
//!
//! Each is a whole small document of one page, sheet or slide that says why there is no more to see. They are the same for
//! every protected document, and readers that know the format never show them.

mod excel;
mod powerpoint;
mod word;

use super::cfb::{CompoundFile, Node};
use super::container::has_stream;

/// What the page, the sheet and the slide say.
const TEXT: [&str; 3] = [
    "This document is protected.",
    "Its content is encrypted and opens for people who were given rights to it.",
    "Use a program that supports rights management, and sign in with the account that has the rights.",
];

/// The stub for a document, by the stream that makes it what it is; `None` for other compound files.
pub(super) fn of<'a>(file: &CompoundFile<'_>) -> Option<Vec<Node<'a>>> {
    if has_stream(file, "WordDocument") {
        let word::Stub { document, table } = word::stub();
        Some(vec![Node::bytes("WordDocument", document), Node::bytes("1Table", table)])
    } else if has_stream(file, "PowerPoint Document") {
        let powerpoint::Stub { document, current_user } = powerpoint::stub();
        Some(vec![Node::bytes("PowerPoint Document", document), Node::bytes("Current User", current_user)])
    } else if has_stream(file, "Workbook") {
        Some(vec![Node::bytes("Workbook", excel::stub())])
    } else {
        None
    }
}

/// Collects little-endian fields.
#[derive(Default)]
struct Bytes(Vec<u8>);

impl Bytes {
    fn u8s(&mut self, values: &[u8]) -> &mut Self {
        self.0.extend_from_slice(values);
        self
    }

    fn u16s(&mut self, values: &[u16]) -> &mut Self {
        self.0.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        self
    }

    fn u32s(&mut self, values: &[u32]) -> &mut Self {
        self.0.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        self
    }

    fn utf16(&mut self, text: &str) -> &mut Self {
        self.0.extend(crate::xrml::text::utf16le(text));
        self
    }

    fn zeros(&mut self, count: usize) -> &mut Self {
        self.0.resize(self.0.len() + count, 0);
        self
    }

    /// Fills up to a length.
    fn up_to(&mut self, length: usize) -> &mut Self {
        self.0.resize(length.max(self.0.len()), 0);
        self
    }
}

/// A length or number that is far from the limits of its field, as all are in documents this small.
fn small(length: usize) -> u32 {
    u32::try_from(length).unwrap_or_default()
}

/// As [`small`] in 16 bits.
fn small16(length: usize) -> u16 {
    u16::try_from(length).unwrap_or_default()
}

/// As [`small`] in 8 bits.
fn small8(length: usize) -> u8 {
    u8::try_from(length).unwrap_or_default()
}
