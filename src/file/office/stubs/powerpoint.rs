//! A presentation of PowerPoint 97 ([MS-PPT]): one master and one slide with a few lines of text.

use super::{Bytes, Streams, TEXT, small, small16};

/// The stream that makes a document one of this kind.
pub(super) const MAIN: &str = "PowerPoint Document";

/// Marks a record that holds records.
const CONTAINER: u16 = 0xF;
/// Size of the slide in units of 1/576 inch.
const WIDTH: u32 = 5760;
const HEIGHT: u32 = 4320;
/// What slides are numbered from, and the master.
const SLIDE_ID: u32 = 0x100;
const MASTER_ID: u32 = 0x8000_0000;
/// Persistent objects in the order of the stream.
const DOCUMENT: u32 = 1;
const MASTER: u32 = 2;
const SLIDE: u32 = 3;

pub(super) fn stub() -> Streams {
    let mut stream = Bytes::default();
    let mut offsets = Vec::new();
    for object in [document(), master(), slide()] {
        offsets.push(small(stream.0.len()));
        stream.u8s(&object);
    }
    let directory = small(stream.0.len());
    let mut entries = Bytes::default();
    entries.u32s(&[3 << 20 | DOCUMENT]).u32s(&offsets);
    stream.u8s(&record(0, 0, 0x1772, &entries.0));
    let edit = small(stream.0.len());
    let mut fields = Bytes::default();
    fields.u32s(&[SLIDE_ID, 0x0300_0000, 0, directory, DOCUMENT, SLIDE + 1]).u16s(&[1, 0]);
    stream.u8s(&record(0, 0, 0x0FF5, &fields.0));

    let user = "-";
    let mut fields = Bytes::default();
    fields.u32s(&[0x14, 0xE391_C05F, edit]).u16s(&[small16(user.len()), 0x03F4]).u8s(&[3, 0, 0, 0]);
    fields.u8s(user.as_bytes()).u32s(&[8]).utf16(user);
    vec![(MAIN, stream.0), ("Current User", record(0, 0, 0x0FF6, &fields.0))]
}

fn record(version: u16, instance: u16, number: u16, content: &[u8]) -> Vec<u8> {
    let mut bytes = Bytes::default();
    bytes.u16s(&[instance << 4 | version, number]).u32s(&[small(content.len())]).u8s(content);
    bytes.0
}

fn container(instance: u16, number: u16, children: &[Vec<u8>]) -> Vec<u8> {
    record(CONTAINER, instance, number, &children.concat())
}

fn numbers(values: &[u32]) -> Vec<u8> {
    let mut bytes = Bytes::default();
    bytes.u32s(values);
    bytes.0
}

fn document() -> Vec<u8> {
    let mut atom = Bytes::default();
    // Sizes of slides and notes, zoom, no masters of notes and handouts, first number, on-screen show, comments shown.
    atom.u32s(&[WIDTH, HEIGHT, HEIGHT, WIDTH, 5, 10, 0, 0]).u16s(&[1, 0]).u8s(&[0, 0, 0, 1]);
    container(
        0,
        0x03E8,
        &[
            record(1, 0, 0x03E9, &atom.0),
            container(0, 0x03F2, &[fonts(), text_defaults(), master_style(4)]),
            container(0, 0x040B, &[drawings()]),
            slide_list(1, MASTER, MASTER_ID),
            slide_list(0, SLIDE, SLIDE_ID),
            record(0, 0, 0x03EA, &[]),
        ],
    )
}

fn fonts() -> Vec<u8> {
    let mut font = Bytes::default();
    font.utf16("Arial").up_to(64).u8s(&[0, 0, 4, 0x22]);
    container(0, 0x07D5, &[record(0, 0, 0x0FB7, &font.0)])
}

/// Text is in English.
fn text_defaults() -> Vec<u8> {
    let mut atom = Bytes::default();
    atom.u32s(&[6]).u16s(&[0x0409, 0x0409]);
    record(0, 0, 0x0FA9, &atom.0)
}

/// Style of one kind of text: one level, nothing but the size of characters.
fn master_style(kind: u16) -> Vec<u8> {
    /// Kinds from this one on number their levels.
    const FIRST_NUMBERED: u16 = 5;
    let mut atom = Bytes::default();
    atom.u16s(&[1]);
    if kind >= FIRST_NUMBERED {
        atom.u16s(&[0]);
    }
    atom.u32s(&[0, 0x0002_0000]).u16s(&[24]);
    record(0, kind, 0x0FA3, &atom.0)
}

/// Ids of shapes: one cluster for the master and one for the slide.
fn drawings() -> Vec<u8> {
    container(0, 0xF000, &[record(0, 0, 0xF006, &numbers(&[0x0C02, 3, 5, 2, 1, 2, 2, 3]))])
}

fn slide_list(instance: u16, object: u32, id: u32) -> Vec<u8> {
    container(instance, 0x0FF0, &[record(0, 0, 0x03F3, &numbers(&[object, 4, 0, id, 0]))])
}

fn master() -> Vec<u8> {
    let styles = (0..=8).filter(|kind| *kind != 3).map(master_style);
    let mut children = vec![slide_atom(0), colors(6)];
    children.extend(styles);
    children.extend([container(0, 0x040C, &[drawing(1, 2, &[])]), colors(1)]);
    container(0, 0x03F8, &children)
}

fn slide() -> Vec<u8> {
    let lines = TEXT.join("\r");
    let text = container(
        0,
        0xF004,
        &[
            // A text box with a place and text.
            record(2, 202, 0xF00A, &numbers(&[0x0802, 0x0A00])),
            anchor(),
            record(
                CONTAINER,
                0,
                0xF00D,
                &[record(0, 0, 0x0F9F, &numbers(&[4])), record(0, 0, 0x0FA8, lines.as_bytes())].concat(),
            ),
        ],
    );
    container(0, 0x03EE, &[slide_atom(MASTER_ID), container(0, 0x040C, &[drawing(2, 3, &[text])]), colors(1)])
}

/// The blank layout; a slide follows its master in everything.
fn slide_atom(master: u32) -> Vec<u8> {
    let flags = if master == 0 { 0 } else { 7 };
    let mut atom = Bytes::default();
    atom.u32s(&[if master == 0 { 1 } else { 0x10 }]).zeros(8).u32s(&[master, 0]).u16s(&[flags, 0]);
    record(2, 0, 0x03EF, &atom.0)
}

fn colors(instance: u16) -> Vec<u8> {
    const WHITE: u32 = 0x00FF_FFFF;
    const GREY: u32 = 0x0080_8080;
    record(0, instance, 0x07F0, &numbers(&[WHITE, 0, GREY, 0, 0x00CC_CC99, 0x00CC_3333, 0x00FF_CCCC, 0x00B2_B2B2]))
}

/// A drawing with its group of shapes and a background.
fn drawing(id: u16, shapes: u32, within: &[Vec<u8>]) -> Vec<u8> {
    let first = u32::from(id) << 10;
    let group = container(
        0,
        0xF004,
        &[record(1, 0, 0xF009, &numbers(&[0, 0, 0, 0])), record(2, 0, 0xF00A, &numbers(&[first, 0x0005]))],
    );
    let background = container(
        0,
        0xF004,
        &[
            record(2, 1, 0xF00A, &numbers(&[first + 1, 0x0C00])),
            // Filled with the background color of the scheme.
            record(3, 1, 0xF00B, &[0x81, 0x01, 0x00, 0x00, 0x00, 0x08]),
        ],
    );
    let mut shapes_within = vec![group];
    shapes_within.extend_from_slice(within);
    container(
        0,
        0xF002,
        &[
            record(0, id, 0xF008, &numbers(&[shapes, first + shapes - 1])),
            container(0, 0xF003, &shapes_within),
            background,
        ],
    )
}

fn anchor() -> Vec<u8> {
    let mut fields = Bytes::default();
    // Top, left, right, bottom.
    fields.u16s(&[1200, 480, 5280, 3000]);
    record(0, 0, 0xF010, &fields.0)
}
