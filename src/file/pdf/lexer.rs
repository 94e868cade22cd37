//! Reads values from bytes, of which there may be more in the file than are at hand (ISO 32000 7.2, 7.3).

use super::object::{Dictionary, Object};

/// Values within values that are read.
const DEPTH_MAX: usize = 64;
/// Values of one object that are read.
const VALUES_MAX: usize = 100_000;

/// Why a value could not be read.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Fault {
    /// The bytes end within it; more of them might help.
    Ends,
    /// It is no value, or larger than is read.
    Wrong,
}

type Parsed<T> = Result<T, Fault>;

/// Reads from a position on.
pub(super) struct Lexer<'b> {
    bytes: &'b [u8],
    pub(super) position: usize,
    values: usize,
}

impl<'b> Lexer<'b> {
    pub(super) fn new(bytes: &'b [u8], position: usize) -> Self {
        Self { bytes, position, values: 0 }
    }

    fn peek(&self) -> Parsed<u8> {
        self.bytes.get(self.position).copied().ok_or(Fault::Ends)
    }

    fn next(&mut self) -> Parsed<u8> {
        let byte = self.peek()?;
        self.position += 1;
        Ok(byte)
    }

    /// Passes white space and comments.
    pub(super) fn blank(&mut self) {
        while let Some(byte) = self.bytes.get(self.position) {
            match byte {
                b'%' => {
                    let rest = &self.bytes[self.position..];
                    self.position += rest.iter().position(|b| matches!(b, b'\r' | b'\n')).unwrap_or(rest.len());
                }
                byte if is_blank(*byte) => self.position += 1,
                _ => break,
            }
        }
    }

    /// Passes a word, if it is the next.
    pub(super) fn word(&mut self, word: &[u8]) -> bool {
        self.blank();
        let is_next = self.bytes.get(self.position..).is_some_and(|rest| rest.starts_with(word));
        if is_next {
            self.position += word.len();
        }
        is_next
    }

    /// A whole number without sign.
    pub(super) fn number(&mut self) -> Parsed<u64> {
        self.blank();
        let begin = self.position;
        let mut value = 0u64;
        while let byte @ b'0'..=b'9' = self.peek()? {
            value = value.checked_mul(10).and_then(|v| v.checked_add(u64::from(byte - b'0'))).ok_or(Fault::Wrong)?;
            self.position += 1;
        }
        if self.position == begin { Err(Fault::Wrong) } else { Ok(value) }
    }

    /// A value.
    pub(super) fn object(&mut self, depth: usize) -> Parsed<Object> {
        self.values += 1;
        if depth > DEPTH_MAX || self.values > VALUES_MAX {
            return Err(Fault::Wrong);
        }
        self.blank();
        match self.peek()? {
            b'/' => self.name().map(Object::Name),
            b'(' => self.literal().map(Object::String),
            b'[' => self.array(depth),
            b'<' => {
                self.position += 1;
                if self.peek()? == b'<' { self.dictionary(depth) } else { self.hexadecimal().map(Object::String) }
            }
            b'0'..=b'9' | b'+' | b'-' | b'.' => self.numeric(),
            _ if self.word(b"true") => Ok(Object::Boolean(true)),
            _ if self.word(b"false") => Ok(Object::Boolean(false)),
            _ if self.word(b"null") => Ok(Object::Null),
            // A word may be cut at the end of what is at hand.
            _ if self.bytes.len() - self.position < 8 => Err(Fault::Ends),
            _ => Err(Fault::Wrong),
        }
    }

    fn name(&mut self) -> Parsed<Vec<u8>> {
        self.position += 1;
        let mut name = Vec::new();
        while let Some(byte) = self.bytes.get(self.position).copied().filter(|b| !is_blank(*b) && !is_delimiter(*b)) {
            self.position += 1;
            let escaped = if byte == b'#' { self.bytes.get(self.position..self.position + 2) } else { None };
            match escaped.and_then(|pair| Some(hex_digit(pair[0])? << 4 | hex_digit(pair[1])?)) {
                Some(value) => {
                    self.position += 2;
                    name.push(value);
                }
                None => name.push(byte),
            }
        }
        if self.position == self.bytes.len() { Err(Fault::Ends) } else { Ok(name) }
    }

    fn literal(&mut self) -> Parsed<Vec<u8>> {
        self.position += 1;
        let mut string = Vec::new();
        let mut open = 1;
        loop {
            match self.next()? {
                b'(' => {
                    open += 1;
                    string.push(b'(');
                }
                b')' => {
                    open -= 1;
                    if open == 0 {
                        return Ok(string);
                    }
                    string.push(b')');
                }
                b'\\' => self.escape(&mut string)?,
                // Line ends of any form are one.
                b'\r' => {
                    if self.peek()? == b'\n' {
                        self.position += 1;
                    }
                    string.push(b'\n');
                }
                byte => string.push(byte),
            }
        }
    }

    fn escape(&mut self, string: &mut Vec<u8>) -> Parsed<()> {
        match self.next()? {
            b'n' => string.push(b'\n'),
            b'r' => string.push(b'\r'),
            b't' => string.push(b'\t'),
            b'b' => string.push(8),
            b'f' => string.push(12),
            b'\n' => {}
            b'\r' => {
                if self.peek()? == b'\n' {
                    self.position += 1;
                }
            }
            digit @ b'0'..=b'7' => {
                let mut value = u32::from(digit - b'0');
                for _ in 0..2 {
                    if let digit @ b'0'..=b'7' = self.peek()? {
                        self.position += 1;
                        value = value * 8 + u32::from(digit - b'0');
                    } else {
                        break;
                    }
                }
                string.push(u8::try_from(value & 0xFF).unwrap_or_default());
            }
            byte => string.push(byte),
        }
        Ok(())
    }

    fn hexadecimal(&mut self) -> Parsed<Vec<u8>> {
        let mut string = Vec::new();
        let mut half = None;
        loop {
            let byte = self.next()?;
            match (hex_digit(byte), half) {
                (Some(low), Some(high)) => {
                    string.push(high << 4 | low);
                    half = None;
                }
                (Some(high), None) => half = Some(high),
                (None, _) if byte == b'>' => {
                    string.extend(half.map(|high| high << 4));
                    return Ok(string);
                }
                (None, _) if is_blank(byte) => {}
                (None, _) => return Err(Fault::Wrong),
            }
        }
    }

    fn array(&mut self, depth: usize) -> Parsed<Object> {
        self.position += 1;
        let mut values = Vec::new();
        loop {
            self.blank();
            if self.peek()? == b']' {
                self.position += 1;
                return Ok(Object::Array(values));
            }
            values.push(self.object(depth + 1)?);
        }
    }

    fn dictionary(&mut self, depth: usize) -> Parsed<Object> {
        self.position += 1;
        let mut values = Vec::new();
        loop {
            self.blank();
            match self.peek()? {
                b'/' => {
                    let name = self.name()?;
                    values.push((name, self.object(depth + 1)?));
                }
                b'>' => {
                    self.position += 1;
                    return if self.next()? == b'>' {
                        Ok(Object::Dictionary(Dictionary(values)))
                    } else {
                        Err(Fault::Wrong)
                    };
                }
                _ => return Err(Fault::Wrong),
            }
        }
    }

    /// A number, or a reference, which is two numbers and a letter.
    fn numeric(&mut self) -> Parsed<Object> {
        let begin = self.position;
        let end = self.bytes[begin..].iter().position(|b| !matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.'));
        let end = begin + end.ok_or(Fault::Ends)?;
        self.position = end;
        let text = std::str::from_utf8(&self.bytes[begin..end]).map_err(|_| Fault::Wrong)?;
        let Ok(value) = text.parse::<i64>() else { return Ok(Object::Null) };
        let is_reference = self.number().is_ok() && self.word(b"R");
        if let (true, Ok(number)) = (is_reference, u32::try_from(value)) {
            return Ok(Object::Reference(number));
        }
        // Two numbers at the end of what is at hand may be a reference cut short.
        if self.position == self.bytes.len() {
            return Err(Fault::Ends);
        }
        self.position = end;
        Ok(Object::Integer(value))
    }
}

pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
