//! A document of Word 97 ([MS-DOC]): a file information block, text in one piece, one style.

use super::{Bytes, Streams, TEXT, small, small8, small16};

/// The stream that makes a document one of this kind.
pub(super) const MAIN: &str = "WordDocument";

/// Where the text begins; the file information block takes 900 bytes.
const TEXT_AT: usize = 1024;
/// Bytes of a page of formatting.
const PAGE: usize = 512;
/// Streams as long as this are not kept among the small ones, which old readers rely on.
const STREAM_MIN: usize = 4096;

/// Structures of the table stream, by their place in the file information block.
const STYLE_SHEET: usize = 1;
const SECTIONS: usize = 6;
const CHARACTER_PAGES: usize = 12;
const PARAGRAPH_PAGES: usize = 13;
const FONTS: usize = 15;
const DOCUMENT_PROPERTIES: usize = 31;
const PIECES: usize = 33;
/// Structures that the file information block of Word 97 has places for.
const PLACES: usize = 93;

pub(super) fn stub() -> Streams {
    let text: String = TEXT.iter().flat_map(|line| [line, "\r"]).collect();
    let text_end = TEXT_AT + text.len();
    let character_page = text_end.div_ceil(PAGE);
    let paragraph_page = character_page + 1;

    let mut table = Bytes::default();
    let mut places = [(0u32, 0u32); PLACES];
    let parts = [
        (STYLE_SHEET, style_sheet()),
        (SECTIONS, sections(text.len())),
        (CHARACTER_PAGES, pages(text_end, character_page)),
        (PARAGRAPH_PAGES, pages(text_end, paragraph_page)),
        (FONTS, fonts()),
        (DOCUMENT_PROPERTIES, document_properties()),
        (PIECES, pieces(text.len())),
    ];
    for (place, part) in parts {
        places[place] = (small(table.0.len()), small(part.len()));
        let end = (table.0.len() + part.len()).next_multiple_of(4);
        table.u8s(&part).up_to(end);
    }
    table.up_to(STREAM_MIN);

    let mut document = Bytes::default();
    // Identifier, version of Word 97, language; flags: the table stream is 1Table, characters are Unicode.
    document.u16s(&[0xA5EC, 0x00C1, 0, 0x0409, 0, 0x1200, 0x00BF]).zeros(10).u32s(&[small(TEXT_AT), small(text_end)]);
    document.u16s(&[14]).zeros(26).u16s(&[0x0409]);
    document.u16s(&[22]).u32s(&[small((paragraph_page + 1) * PAGE), 0, 0, small(text.len())]).zeros(72);
    document.u16s(&[small16(PLACES)]);
    for (offset, length) in places {
        document.u32s(&[offset, length]);
    }
    document.u16s(&[0]).up_to(TEXT_AT).u8s(text.as_bytes());

    document.up_to(character_page * PAGE).u32s(&[small(TEXT_AT), small(text_end)]);
    document.up_to((character_page + 1) * PAGE - 1).u8s(&[1]);

    document.u32s(&[small(TEXT_AT)]);
    let mut end = TEXT_AT;
    for line in TEXT {
        end += line.len() + 1;
        document.u32s(&[small(end)]);
    }
    document.up_to((paragraph_page + 1) * PAGE - 1).u8s(&[small8(TEXT.len())]);
    document.up_to(STREAM_MIN);
    vec![(MAIN, document.0), ("1Table", table.0)]
}

/// One page holds the formatting of all of the text.
fn pages(text_end: usize, page: usize) -> Vec<u8> {
    let mut bytes = Bytes::default();
    bytes.u32s(&[small(TEXT_AT), small(text_end), small(page)]);
    bytes.0
}

/// One section with the usual page.
fn sections(characters: usize) -> Vec<u8> {
    let mut bytes = Bytes::default();
    bytes.u32s(&[0, small(characters)]).u16s(&[0]).u32s(&[u32::MAX]).u16s(&[0]).u32s(&[0]);
    bytes.0
}

/// One piece in the 8-bit form, which is marked and counts half bytes.
fn pieces(characters: usize) -> Vec<u8> {
    const EIGHT_BIT: u32 = 0x4000_0000;
    let mut bytes = Bytes::default();
    bytes.u8s(&[2]).u32s(&[16, 0, small(characters)]);
    bytes.u16s(&[0]).u32s(&[small(TEXT_AT * 2) | EIGHT_BIT]).u16s(&[0]);
    bytes.0
}

fn document_properties() -> Vec<u8> {
    let mut bytes = Bytes::default();
    // Default tabs of half an inch; all else as a new document has it.
    bytes.zeros(10).u16s(&[720]).up_to(500);
    bytes.0
}

fn fonts() -> Vec<u8> {
    let mut font = Bytes::default();
    // Variable pitch, TrueType, roman; normal weight.
    font.u8s(&[0x16]).u16s(&[400]).u8s(&[0, 0]).zeros(34).utf16("Times New Roman\0");
    let mut bytes = Bytes::default();
    bytes.u16s(&[1, 0]).u8s(&[small8(font.0.len())]).u8s(&font.0);
    bytes.0
}

fn style_sheet() -> Vec<u8> {
    /// Styles that every document has a place for.
    const FIXED: u16 = 15;
    const DEFAULT_CHARACTERS: u16 = 10;
    let mut bytes = Bytes::default();
    bytes.u16s(&[18, FIXED, 10, 1, 91, FIXED, 0, 0, 0, 0]);
    for index in 0..FIXED {
        let mut style = Bytes::default();
        if index == 0 {
            style.u16s(&[0, 0xFFF1, 0x0002, 32, 0, 6]).utf16("Normal\0").u16s(&[2, 0, 0]);
        } else if index == DEFAULT_CHARACTERS {
            style
                .u16s(&[65, 0xFFF2, DEFAULT_CHARACTERS << 4 | 1, 60, 0, 22])
                .utf16("Default Paragraph Font\0")
                .u16s(&[0]);
        }
        bytes.u16s(&[small16(style.0.len())]).u8s(&style.0);
    }
    bytes.0
}
