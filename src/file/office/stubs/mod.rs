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
    let is = |main| has_stream(file, main);
    let streams = match () {
        () if is(word::MAIN) => word::stub(),
        () if is(powerpoint::MAIN) => powerpoint::stub(),
        () if is(excel::MAIN) => excel::stub(),
        () => return None,
    };
    Some(streams.into_iter().map(|(name, bytes)| Node::bytes(name, bytes)).collect())
}

/// The streams of a stub with their names.
type Streams = Vec<(&'static str, Vec<u8>)>;

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

#[cfg(test)]
mod tests {
    use super::*;

    fn u16_at(bytes: &[u8], at: usize) -> u16 {
        u16::from_le_bytes(bytes[at..at + 2].try_into().unwrap())
    }

    fn u32_at(bytes: &[u8], at: usize) -> u32 {
        u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
    }

    fn streams<const N: usize>(stub: Streams) -> [Vec<u8>; N] {
        stub.into_iter().map(|(_, bytes)| bytes).collect::<Vec<_>>().try_into().unwrap()
    }

    #[test]
    fn the_word_stub_leads_to_its_text() {
        let [document, table] = streams(word::stub());
        assert_eq!((u16_at(&document, 0), u16_at(&document, 2)), (0xA5EC, 0xC1));
        // Structures lie within the table stream, one behind the other.
        let mut end = 0;
        for place in 0..93 {
            let (at, len) = (u32_at(&document, 154 + place * 8), u32_at(&document, 158 + place * 8));
            if len > 0 {
                assert!(at >= end && (at + len) as usize <= table.len(), "structure {place}");
                end = at + len;
            }
        }
        let pieces = u32_at(&document, 0x1A2) as usize;
        let characters = u32_at(&table, pieces + 9) as usize;
        assert_eq!(characters, u32_at(&document, 64 + 12) as usize);
        let at = (u32_at(&table, pieces + 15) & 0x3FFF_FFFF) as usize / 2;
        let text = std::str::from_utf8(&document[at..at + characters]).unwrap();
        assert_eq!(text, TEXT.map(|line| format!("{line}\r")).concat());
        // Formatting of paragraphs ends where they do.
        let page = u32_at(&table, u32_at(&document, 154 + 13 * 8) as usize + 8) as usize * 512;
        assert_eq!(usize::from(document[page + 511]), TEXT.len());
        assert_eq!(u32_at(&document, page + TEXT.len() * 4) as usize, at + characters);
        assert_eq!(u32_at(&document, page + 4) as usize, at + TEXT[0].len() + 1);
    }

    #[test]
    fn the_excel_stub_is_whole_records() {
        let [book] = streams(excel::stub());
        let (mut at, mut numbers, mut starts) = (0, Vec::new(), Vec::new());
        while at < book.len() {
            numbers.push(u16_at(&book, at));
            starts.push(at);
            at += 4 + usize::from(u16_at(&book, at + 2));
        }
        assert_eq!(at, book.len());
        let of = |number: u16| numbers.iter().position(|found| *found == number).unwrap();
        let sheet = u32_at(&book, starts[of(0x85)] + 4) as usize;
        assert_eq!((u16_at(&book, sheet), u16_at(&book, sheet + 6)), (0x0809, 0x0010), "the sheet is where it says");
        assert_eq!(numbers.iter().filter(|number| **number == 0xFD).count(), TEXT.len());
        assert_eq!(numbers.iter().filter(|number| **number == 0x0A).count(), 2);
        assert_eq!(numbers.iter().filter(|number| **number == 0xE0).count(), 16, "cells use the last format");
    }

    /// Numbers of the records of a presentation, containers before what they hold; fails unless they fit into each other.
    fn records(bytes: &[u8], found: &mut Vec<u16>) {
        let mut at = 0;
        while at < bytes.len() {
            let len = u32_at(bytes, at + 4) as usize;
            found.push(u16_at(bytes, at + 2));
            let content = &bytes[at + 8..at + 8 + len];
            if u16_at(bytes, at) & 0xF == 0xF {
                records(content, found);
            }
            at += 8 + len;
        }
    }

    #[test]
    fn the_powerpoint_stub_leads_to_its_objects() {
        let [document, current_user] = streams(powerpoint::stub());
        let mut found = Vec::new();
        records(&document, &mut found);
        let edit = u32_at(&current_user, 16) as usize;
        assert_eq!(u16_at(&document, edit + 2), 0x0FF5);
        let directory = u32_at(&document, edit + 8 + 12) as usize;
        assert_eq!((u16_at(&document, directory + 2), u32_at(&document, directory + 8)), (0x1772, 3 << 20 | 1));
        for (index, number) in [0x03E8, 0x03F8, 0x03EE].into_iter().enumerate() {
            let at = u32_at(&document, directory + 12 + index * 4) as usize;
            assert_eq!(u16_at(&document, at + 2), number);
        }
        let text = TEXT.join("\r").into_bytes();
        assert!(document.windows(text.len()).any(|window| window == text));
        assert!(found.contains(&0x0FA8) && found.contains(&0xF006));
    }
}
