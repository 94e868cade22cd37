//! The skeleton of a PDF: cross-reference tables and streams, objects, object streams (ISO 32000 7.5).

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use super::damaged;
use super::inflate;
use super::lexer::{Fault, Lexer, is_blank};
use super::object::{Dictionary, Object};
use crate::error::{Error, ErrorKind, Result};
use crate::file::office::cfb::ReadAt;

/// Bytes at the end that hold the offset of the cross-references.
const TAIL: usize = 2048;
/// Bytes that are tried for an object first.
const OBJECT_FIRST: usize = 16 << 10;
/// Longest object that is read; a license is in one.
const OBJECT_MAX: usize = 8 << 20;
/// Longest object stream or cross-reference stream that is read, unpacked.
const STREAM_MAX: usize = 16 << 20;
/// Objects that a file may have.
const OBJECTS_MAX: usize = 1 << 18;
/// Sections of cross-references, one for each time that the file was changed.
const SECTIONS_MAX: usize = 256;
/// Objects that are read on the way to a license.
const READS_MAX: u32 = 2048;
/// Bytes of an entry of a cross-reference table.
const TABLE_ENTRY: usize = 20;

/// Where an object is.
#[derive(Copy, Clone, Debug)]
enum Location {
    At(u64),
    InStream { stream: u32, index: usize },
    Nowhere,
}

/// An open document.
#[derive(Debug)]
pub(super) struct Document<'a> {
    file: &'a dyn ReadAt,
    locations: BTreeMap<u32, Location>,
    trailer: Dictionary,
    reads: Cell<u32>,
}

/// The first bytes of a file as a file of their own.
#[derive(Debug)]
pub(super) struct Part<'a> {
    file: &'a dyn ReadAt,
    len: u64,
}

impl<'a> Part<'a> {
    pub(super) fn new(file: &'a dyn ReadAt, len: u64) -> Result<Self> {
        if len > file.len() { Err(damaged("a part is longer than the file")) } else { Ok(Self { file, len }) }
    }
}

impl ReadAt for Part<'_> {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_exact_at(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        if offset.checked_add(out.len() as u64).is_none_or(|end| end > self.len) {
            return Err(damaged("it ends early"));
        }
        self.file.read_exact_at(offset, out)
    }
}

/// An object as it stands in the file, and where its stream begins if it has one.
struct Stored {
    object: Object,
    stream_at: Option<u64>,
}

impl<'a> Document<'a> {
    /// Reads the cross-references.
    ///
    /// # Errors
    /// `FileCorrupt` when there are none or they are damaged, `NotSupported` for more than is read.
    pub(super) fn open(file: &'a dyn ReadAt) -> Result<Self> {
        let mut this = Self { file, locations: BTreeMap::new(), trailer: Dictionary::default(), reads: Cell::new(0) };
        let mut waiting = vec![this.start()?];
        let mut seen = BTreeSet::new();
        let mut is_newest = true;
        while let Some(offset) = waiting.pop() {
            // Files for old and new readers lead to one section by two ways.
            if !seen.insert(offset) {
                continue;
            }
            if seen.len() > SECTIONS_MAX {
                return Err(Error::with(ErrorKind::NotSupported, "a PDF that was changed too often"));
            }
            let trailer = this.section(offset)?;
            // What an older reader is to see comes after what a newer one finds in the stream.
            waiting.extend(trailer.number(b"Prev"));
            waiting.extend(trailer.number(b"XRefStm"));
            if is_newest {
                this.trailer = trailer;
                is_newest = false;
            }
        }
        Ok(this)
    }

    pub(super) fn trailer(&self) -> &Dictionary {
        &self.trailer
    }

    pub(super) fn catalog(&self) -> Result<Dictionary> {
        self.dictionary(self.trailer.get(b"Root"))?.ok_or_else(|| damaged("the catalog is missing"))
    }

    /// The value itself where a reference stands.
    pub(super) fn resolved(&self, value: Option<&Object>) -> Result<Option<Object>> {
        match value {
            Some(Object::Reference(number)) => Ok(Some(self.object(*number)?.object)),
            other => Ok(other.cloned()),
        }
    }

    /// As [`Self::resolved`], for a dictionary or the one of a stream.
    pub(super) fn dictionary(&self, value: Option<&Object>) -> Result<Option<Dictionary>> {
        Ok(match self.resolved(value)? {
            Some(Object::Dictionary(dictionary)) => Some(dictionary),
            _ => None,
        })
    }

    /// Offset and length of the bytes of a stream that is compressed by Flate alone.
    pub(super) fn flate_stream(&self, value: Option<&Object>) -> Result<(u64, u64)> {
        let Some(Object::Reference(number)) = value else { return Err(damaged("a stream is missing")) };
        let stored = self.object(*number)?;
        match stored {
            Stored { object: Object::Dictionary(dictionary), stream_at: Some(offset) } => {
                if filter(&dictionary)? != Filter::Flate {
                    return Err(Error::with(ErrorKind::NotSupported, "a payload that is not compressed by Flate"));
                }
                Ok((offset, self.stream_len(&dictionary)?))
            }
            _ => Err(damaged("a stream is missing")),
        }
    }

    /// The offset that the end of the file names.
    fn start(&self) -> Result<u64> {
        const WORD: &[u8] = b"startxref";
        let count = usize::try_from(self.file.len()).unwrap_or(TAIL).min(TAIL);
        let mut tail = vec![0; count];
        self.file.read_exact_at(self.file.len() - count as u64, &mut tail)?;
        let at = tail.windows(WORD.len()).rposition(|window| window == WORD);
        let at = at.ok_or_else(|| damaged("the end does not name cross-references"))?;
        tail.push(b'\n');
        Lexer::new(&tail, at + WORD.len()).number().map_err(|_| damaged("the offset of the cross-references"))
    }

    fn section(&mut self, offset: u64) -> Result<Dictionary> {
        let mut word = [0; 4];
        self.file.read_exact_at(offset, &mut word)?;
        if &word == b"xref" { self.table(offset + 4) } else { self.cross_reference_stream(offset) }
    }

    fn table(&mut self, mut offset: u64) -> Result<Dictionary> {
        loop {
            let head = self.bytes(offset, 64)?;
            let mut lexer = Lexer::new(&head, 0);
            if lexer.word(b"trailer") {
                let (object, _) = self.parse(offset + lexer.position as u64, |lexer| lexer.object(0))?;
                return match object {
                    Object::Dictionary(trailer) => Ok(trailer),
                    _ => Err(damaged("the trailer")),
                };
            }
            let wrong = |_| damaged("a cross-reference table");
            let (first, count) = (lexer.number().map_err(wrong)?, lexer.number().map_err(wrong)?);
            lexer.blank();
            offset += lexer.position as u64;
            let len = count.checked_mul(TABLE_ENTRY as u64).filter(|len| *len <= self.file.len());
            let len =
                len.and_then(|len| usize::try_from(len).ok()).ok_or_else(|| damaged("a cross-reference table"))?;
            if len / TABLE_ENTRY > OBJECTS_MAX {
                return Err(Error::with(ErrorKind::NotSupported, "a PDF of too many objects"));
            }
            let mut entries = vec![0; len];
            self.file.read_exact_at(offset, &mut entries)?;
            for (index, entry) in entries.chunks_exact(TABLE_ENTRY).enumerate() {
                let at = Lexer::new(entry, 0).number().map_err(wrong)?;
                let location = if entry[17] == b'n' { Location::At(at) } else { Location::Nowhere };
                self.place(first.saturating_add(index as u64), location)?;
            }
            offset += len as u64;
        }
    }

    /// Remembers where an object is, unless a newer section has said so.
    fn place(&mut self, number: u64, location: Location) -> Result<()> {
        let number = u32::try_from(number).map_err(|_| damaged("the number of an object"))?;
        if self.locations.len() >= OBJECTS_MAX {
            return Err(Error::with(ErrorKind::NotSupported, "a PDF of too many objects"));
        }
        self.locations.entry(number).or_insert(location);
        Ok(())
    }

    fn cross_reference_stream(&mut self, offset: u64) -> Result<Dictionary> {
        let stored = self.stored(offset)?;
        let Stored { object: Object::Dictionary(dictionary), stream_at: Some(at) } = stored else {
            return Err(damaged("a cross-reference stream"));
        };
        let content = self.unpacked(&dictionary, at)?;
        let widths: Vec<usize> = integers(dictionary.get(b"W")).filter_map(|w| usize::try_from(w).ok()).collect();
        let [kind, first, second] = *widths.as_slice() else { return Err(damaged("the widths of cross-references")) };
        if widths.iter().any(|width| *width > 8) || first == 0 {
            return Err(damaged("the widths of cross-references"));
        }
        let mut ranges: Vec<u64> = integers(dictionary.get(b"Index")).collect();
        if ranges.is_empty() {
            ranges = vec![0, dictionary.number(b"Size").unwrap_or_default()];
        }
        let mut entries = content.chunks_exact(kind + first + second);
        for range in ranges.chunks_exact(2) {
            for number in (range[0]..).take(usize::try_from(range[1]).unwrap_or(usize::MAX)) {
                let Some(entry) = entries.next() else { break };
                let field = |from: usize, width: usize| {
                    entry[from..from + width].iter().fold(0u64, |value, byte| value << 8 | u64::from(*byte))
                };
                // Without a kind all entries are of the usual one.
                let location = match if kind == 0 { 1 } else { field(0, kind) } {
                    1 => Location::At(field(kind, first)),
                    2 => Location::InStream {
                        stream: u32::try_from(field(kind, first)).map_err(|_| damaged("the number of an object"))?,
                        index: usize::try_from(field(kind + first, second)).unwrap_or(usize::MAX),
                    },
                    _ => Location::Nowhere,
                };
                self.place(number, location)?;
            }
        }
        Ok(dictionary)
    }

    /// An object by its number.
    fn object(&self, number: u32) -> Result<Stored> {
        self.reads.set(self.reads.get() + 1);
        if self.reads.get() > READS_MAX {
            return Err(damaged("references without end"));
        }
        match self.locations.get(&number) {
            Some(Location::At(offset)) => self.stored(*offset),
            Some(Location::InStream { stream, index }) => {
                Ok(Stored { object: self.in_stream(*stream, *index)?, stream_at: None })
            }
            Some(Location::Nowhere) | None => Ok(Stored { object: Object::Null, stream_at: None }),
        }
    }

    fn in_stream(&self, stream: u32, index: usize) -> Result<Object> {
        // Object streams stand in the file itself, never in each other.
        let Some(Location::At(offset)) = self.locations.get(&stream) else {
            return Err(damaged("an object stream is missing"));
        };
        let Stored { object: Object::Dictionary(dictionary), stream_at: Some(at) } = self.stored(*offset)? else {
            return Err(damaged("an object stream is missing"));
        };
        let mut content = self.unpacked(&dictionary, at)?;
        content.push(b'\n');
        let wrong = |_| damaged("an object stream");
        let mut lexer = Lexer::new(&content, 0);
        for _ in 0..index.min(OBJECTS_MAX) {
            lexer.number().map_err(wrong)?;
            lexer.number().map_err(wrong)?;
        }
        lexer.number().map_err(wrong)?;
        let within = lexer.number().map_err(wrong)?;
        let begin = dictionary.number(b"First").and_then(|first| first.checked_add(within));
        let begin = begin.and_then(|begin| usize::try_from(begin).ok()).filter(|begin| *begin < content.len());
        let begin = begin.ok_or_else(|| damaged("an object stream"))?;
        Lexer::new(&content, begin).object(0).map_err(wrong)
    }

    /// The object that begins at an offset.
    fn stored(&self, offset: u64) -> Result<Stored> {
        let (stored, _) = self.parse(offset, |lexer| {
            lexer.number()?;
            lexer.number()?;
            if !lexer.word(b"obj") {
                return Err(Fault::Wrong);
            }
            let object = lexer.object(0)?;
            let is_stream = matches!(object, Object::Dictionary(_)) && lexer.word(b"stream");
            Ok((object, is_stream.then_some(lexer.position)))
        })?;
        let (object, stream_at) = stored;
        let stream_at = match stream_at {
            Some(position) => Some(self.after_line_end(offset + position as u64)?),
            None => None,
        };
        Ok(Stored { object, stream_at })
    }

    /// A stream begins behind the end of the line of its word.
    fn after_line_end(&self, offset: u64) -> Result<u64> {
        let next = self.bytes(offset, 2)?;
        Ok(offset
            + match next.as_slice() {
                [b'\r', b'\n'] => 2,
                [byte, ..] if is_blank(*byte) => 1,
                _ => 0,
            })
    }

    fn stream_len(&self, dictionary: &Dictionary) -> Result<u64> {
        let stated = self.resolved(dictionary.get(b"Length"))?;
        match stated {
            Some(Object::Integer(len)) => u64::try_from(len).map_err(|_| damaged("the length of a stream")),
            _ => Err(damaged("the length of a stream")),
        }
    }

    /// A short stream without its filters.
    fn unpacked(&self, dictionary: &Dictionary, at: u64) -> Result<Vec<u8>> {
        let len = self.stream_len(dictionary)?;
        let content = match filter(dictionary)? {
            Filter::Flate => inflate::all(self.file, at, len, STREAM_MAX)?,
            Filter::None if len <= STREAM_MAX as u64 => self.bytes(at, usize::try_from(len).unwrap_or_default())?,
            Filter::None => return Err(damaged("a stream is longer than is read")),
        };
        match self.dictionary(dictionary.get(b"DecodeParms"))? {
            Some(parameters) => unpredicted(content, &parameters),
            None => Ok(content),
        }
    }

    /// Up to `count` bytes, fewer at the end of the file.
    fn bytes(&self, offset: u64, count: usize) -> Result<Vec<u8>> {
        let rest = self.file.len().checked_sub(offset).ok_or_else(|| damaged("an offset beyond the end"))?;
        let mut bytes = vec![0; usize::try_from(rest).unwrap_or(count).min(count)];
        self.file.read_exact_at(offset, &mut bytes)?;
        Ok(bytes)
    }

    /// Reads with as many bytes at hand as it takes.
    fn parse<T>(&self, offset: u64, read: impl Fn(&mut Lexer<'_>) -> Result<T, Fault>) -> Result<(T, usize)> {
        let mut count = OBJECT_FIRST;
        loop {
            let mut bytes = self.bytes(offset, count)?;
            let is_all = bytes.len() < count;
            if is_all {
                bytes.push(b'\n');
            }
            let mut lexer = Lexer::new(&bytes, 0);
            match read(&mut lexer) {
                // A value that reaches the end might go on behind it.
                Ok(value) if is_all || lexer.position + 16 < bytes.len() => return Ok((value, lexer.position)),
                Err(Fault::Wrong) => return Err(damaged("an object")),
                _ if is_all || count >= OBJECT_MAX => return Err(damaged("an object has no end")),
                _ => count *= 4,
            }
        }
    }
}

#[derive(Copy, Clone, PartialEq, Eq)]
enum Filter {
    None,
    Flate,
}

fn filter(dictionary: &Dictionary) -> Result<Filter> {
    let name = match dictionary.get(b"Filter") {
        None | Some(Object::Null) => return Ok(Filter::None),
        Some(Object::Array(names)) if names.is_empty() => return Ok(Filter::None),
        Some(Object::Array(names)) if names.len() == 1 => names.first(),
        other => other,
    };
    match name {
        Some(Object::Name(name)) if name == b"FlateDecode" || name == b"Fl" => Ok(Filter::Flate),
        _ => Err(Error::with(ErrorKind::NotSupported, "a PDF filter other than Flate")),
    }
}

fn integers(value: Option<&Object>) -> impl Iterator<Item = u64> + '_ {
    let values = match value {
        Some(Object::Array(values)) => values.as_slice(),
        _ => &[],
    };
    values.iter().filter_map(|value| match value {
        Object::Integer(value) => u64::try_from(*value).ok(),
        _ => None,
    })
}

/// Takes PNG prediction off, which cross-reference streams are often written with.
fn unpredicted(content: Vec<u8>, parameters: &Dictionary) -> Result<Vec<u8>> {
    let predictor = parameters.number(b"Predictor").unwrap_or(1);
    if predictor < 10 {
        let unsupported = || Error::with(ErrorKind::NotSupported, "a PDF predictor other than PNG");
        return if predictor == 1 { Ok(content) } else { Err(unsupported()) };
    }
    let columns = parameters.number(b"Columns").unwrap_or(1);
    let is_plain = [(&b"Colors"[..], 1), (b"BitsPerComponent", 8)]
        .iter()
        .all(|(name, usual)| parameters.number(name).unwrap_or(*usual) == *usual);
    if !is_plain || columns == 0 || columns > 1 << 16 {
        return Err(Error::with(ErrorKind::NotSupported, "a PDF predictor of pixels"));
    }
    let columns = usize::try_from(columns).unwrap_or_default();
    let mut above = vec![0u8; columns];
    let mut plain = Vec::with_capacity(content.len());
    for row in content.chunks_exact(columns + 1) {
        let mut left = 0u8;
        let mut above_left = 0u8;
        for (byte, up) in row[1..].iter().zip(above.iter_mut()) {
            let predicted = match row[0] {
                0 => 0,
                1 => left,
                2 => *up,
                3 => u8::midpoint(left, *up),
                4 => paeth(left, *up, above_left),
                _ => return Err(damaged("a predicted stream")),
            };
            above_left = *up;
            left = byte.wrapping_add(predicted);
            *up = left;
            plain.push(left);
        }
    }
    Ok(plain)
}

/// The neighbour nearest to left + above - above left.
fn paeth(left: u8, up: u8, above_left: u8) -> u8 {
    let [a, b, c] = [left, up, above_left].map(i16::from);
    let estimate = a + b - c;
    let nearest = [(left, a), (up, b), (above_left, c)].into_iter().min_by_key(|(_, value)| (estimate - value).abs());
    nearest.map_or(0, |(byte, _)| byte)
}
