//! A workbook of Excel 97 ([MS-XLS]): one sheet with a few lines of text.

use super::{Bytes, Streams, TEXT, small, small16};

/// Bytes of a record in front of its content.
const RECORD_HEADER: usize = 4;

/// The stream that makes a document one of this kind.
pub(super) const MAIN: &str = "Workbook";

pub(super) fn stub() -> Streams {
    let mut book = begin(0x0005);
    record(&mut book, 0x0042, |r| r.u16s(&[0x04B0]));
    record(&mut book, 0x003D, |r| r.u16s(&[0x01E0, 0x005A, 0x3FCF, 0x2A4E, 0x0038, 0, 0, 1, 0x0258]));
    for _ in 0..4 {
        record(&mut book, 0x0031, |r| r.u16s(&[200, 0, 0x7FFF, 400, 0]).u8s(&[0, 0, 0, 0, 5, 0]).u8s(b"Arial"));
    }
    // Fifteen formats of styles, of which only the first is used, and the format of cells.
    for index in 0..16u16 {
        let (font, kind, used) = match index {
            0 => (0, 0xFFF5, 0),
            15 => (0, 0x0001, 0),
            1..=4 => (index.div_ceil(2), 0xFFF5, 0xF4),
            _ => (0, 0xFFF5, 0xF4),
        };
        record(&mut book, 0x00E0, |r| r.u16s(&[font, 0, kind]).u8s(&[0x20, 0, 0, used]).u32s(&[0, 0]).u16s(&[0x20C0]));
    }
    record(&mut book, 0x0293, |r| r.u8s(&[0x00, 0x80, 0x00, 0xFF]));
    let sheet_at = book.0.len() + RECORD_HEADER;
    record(&mut book, 0x0085, |r| r.u32s(&[0]).u16s(&[0]).u8s(&[9, 0]).u8s(b"Protected"));
    record(&mut book, 0x00FC, |r| {
        r.u32s(&[small(TEXT.len()); 2]);
        TEXT.iter().fold(r, |r, line| r.u16s(&[small16(line.len())]).u8s(&[0]).u8s(line.as_bytes()))
    });
    record(&mut book, 0x000A, |r| r);
    let sheet = small(book.0.len());
    book.0[sheet_at..sheet_at + 4].copy_from_slice(&sheet.to_le_bytes());

    let rows = small16(TEXT.len());
    book.u8s(&begin(0x0010).0);
    record(&mut book, 0x0200, |r| r.u32s(&[0, u32::from(rows)]).u16s(&[0, 1, 0]));
    for row in 0..rows {
        record(&mut book, 0x00FD, |r| r.u16s(&[row, 0, 15]).u32s(&[u32::from(row)]));
    }
    record(&mut book, 0x023E, |r| r.u16s(&[0x06B6, 0, 0]).u32s(&[0x40]).u16s(&[0, 0, 0, 0]));
    record(&mut book, 0x000A, |r| r);
    vec![(MAIN, book.0)]
}

/// Begins the globals or a sheet.
fn begin(kind: u16) -> Bytes {
    let mut bytes = Bytes::default();
    record(&mut bytes, 0x0809, |r| r.u16s(&[0x0600, kind, 0x0DBB, 0x07CC]).u32s(&[0x41, 0x06]));
    bytes
}

fn record(to: &mut Bytes, number: u16, content: impl for<'r> FnOnce(&'r mut Bytes) -> &'r mut Bytes) {
    let mut bytes = Bytes::default();
    content(&mut bytes);
    to.u16s(&[number, small16(bytes.0.len())]).u8s(&bytes.0);
}
