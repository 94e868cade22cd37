//! The bytes of a serialized license as text and back.
//!
//! Licenses are UTF-8 with a byte order mark by default and UTF-16LE for the deprecated algorithms; both are read with
//! and without a mark. What may follow the last tag is settled here, so that the other readers see none of it.

use crate::base::limits::LICENSE_READ_MAX;
use crate::error::{Error, ErrorKind, Result};

/// How a license is encoded.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum TextEncoding {
    /// UTF-8 with a byte order mark: what is written by default.
    Utf8Bom,
    /// UTF-8 without a mark.
    Utf8,
    /// UTF-16 little endian with a mark: what is written for the deprecated algorithms.
    Utf16LeBom,
    /// UTF-16 little endian without a mark.
    Utf16Le,
}

impl TextEncoding {
    /// True for the text form of the deprecated algorithms.
    #[must_use]
    pub fn is_utf16(self) -> bool {
        matches!(self, Self::Utf16LeBom | Self::Utf16Le)
    }
}

const UTF8_MARK: [u8; 3] = [0xEF, 0xBB, 0xBF];
const UTF16_MARK: [u8; 2] = [0xFF, 0xFE];

/// Decodes a serialized license, without mark and without what may trail it.
///
/// White space, NULs and one stray byte after the last tag are dropped; in UTF-16 the stray unit may be followed by an
/// odd byte. Containers count such bytes as part of the license.
///
/// # Errors
/// [`crate::ErrorKind::Malformed`] when the input is longer than [`LICENSE_READ_MAX`] or is not text in its encoding.
pub fn decode(bytes: &[u8]) -> Result<(String, TextEncoding)> {
    if bytes.len() > LICENSE_READ_MAX {
        return Err(Error::malformed("license", format!("longer than {LICENSE_READ_MAX} bytes")));
    }
    check_memory(bytes.len())?;
    if let Some(rest) = bytes.strip_prefix(&UTF8_MARK) {
        return Ok((decode_utf8(rest)?, TextEncoding::Utf8Bom));
    }
    if let Some(rest) = bytes.strip_prefix(&UTF16_MARK) {
        return Ok((decode_utf16(rest)?, TextEncoding::Utf16LeBom));
    }
    if bytes.starts_with(b"<\0") {
        return Ok((decode_utf16(bytes)?, TextEncoding::Utf16Le));
    }
    Ok((decode_utf8(bytes)?, TextEncoding::Utf8))
}

/// Asks whether there is memory for reading a large license, so that a shortage is an error and not the end of the
/// process: what parses it later cannot be asked.
fn check_memory(length: usize) -> Result<()> {
    const WORTH_ASKING: usize = 256 << 10;
    const USED_FOR_EACH_BYTE: usize = 8;
    if length < WORTH_ASKING {
        return Ok(());
    }
    let enough = Vec::<u8>::new().try_reserve_exact(length * USED_FOR_EACH_BYTE);
    enough.map_err(|_| Error::with(ErrorKind::OutOfMemory, "reading the license"))
}

/// Encodes a license with the mark that its encoding asks for.
#[must_use]
pub fn encode(text: &str, encoding: TextEncoding) -> Vec<u8> {
    match encoding {
        TextEncoding::Utf8 => text.as_bytes().to_vec(),
        TextEncoding::Utf8Bom => [&UTF8_MARK, text.as_bytes()].concat(),
        TextEncoding::Utf16Le => utf16le(text),
        TextEncoding::Utf16LeBom => [&UTF16_MARK[..], &utf16le(text)].concat(),
    }
}

/// Text as UTF-16LE without a mark: the form that is hashed and the form of encrypted rights.
#[must_use]
pub fn utf16le(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() * 2);
    in_utf16le(text, |piece| bytes.extend_from_slice(piece));
    bytes
}

/// Gives out text as [`utf16le`] makes it, piece by piece.
pub fn in_utf16le(text: &str, mut out: impl FnMut(&[u8])) {
    const PIECE: usize = 1024;
    let mut wide = [0; 2 * PIECE];
    let mut rest = text;
    while !rest.is_empty() {
        let piece = &rest.as_bytes()[..rest.len().min(PIECE)];
        let ascii = piece.iter().position(|byte| !byte.is_ascii()).unwrap_or(piece.len());
        for (unit, byte) in wide.as_chunks_mut::<2>().0.iter_mut().zip(&piece[..ascii]) {
            *unit = [*byte, 0];
        }
        out(&wide[..2 * ascii]);
        // Licenses are nearly all ASCII, so other characters go one by one.
        let (_, other) = rest.split_at(ascii);
        let mut chars = other.chars();
        if ascii < PIECE
            && let Some(c) = chars.next()
        {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out(&unit.to_le_bytes());
            }
        }
        rest = chars.as_str();
    }
}

/// Reads UTF-16LE without a mark; `None` for an odd length or a lone surrogate.
#[must_use]
pub fn from_utf16le(bytes: &[u8]) -> Option<String> {
    let (units, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    char::decode_utf16(units.iter().map(|unit| u16::from_le_bytes(*unit))).collect::<Result<_, _>>().ok()
}

fn decode_utf8(bytes: &[u8]) -> Result<String> {
    let text = &bytes[..length_without_tail(bytes, |byte| u16::from(*byte))];
    std::str::from_utf8(text).map(str::to_owned).map_err(|e| Error::malformed("license", format!("not UTF-8: {e}")))
}

fn decode_utf16(bytes: &[u8]) -> Result<String> {
    let (units, _odd) = bytes.as_chunks::<2>();
    let units = &units[..length_without_tail(units, |unit| u16::from_le_bytes(*unit))];
    char::decode_utf16(units.iter().map(|unit| u16::from_le_bytes(*unit)))
        .collect::<Result<_, _>>()
        .map_err(|_| Error::malformed("license", "not UTF-16: a surrogate stands alone"))
}

/// Elements up to the last tag. Where more than the allowed tail follows it, the text is left for the parser to refuse.
fn length_without_tail<T>(elements: &[T], unit: impl Fn(&T) -> u16) -> usize {
    const TAG_END: u16 = b'>' as u16;
    let is_blank = |element: &T| matches!(unit(element), 0 | 9 | 10 | 13 | 32);
    let trimmed = |slice: &[T]| slice.iter().rposition(|element| !is_blank(element)).map_or(0, |last| last + 1);

    let without_blanks = trimmed(elements);
    let Some((_stray, before)) = elements[..without_blanks].split_last() else { return 0 };
    let stray_removed = trimmed(before);
    let ends_in_tag = |length: usize| length > 0 && unit(&elements[length - 1]) == TAG_END;
    // One stray byte and not two, though it can itself be `>`: no document ends in two of them.
    let is_document = |length: usize| ends_in_tag(length) && !ends_in_tag(trimmed(&elements[..length - 1]));
    if is_document(stray_removed) { stray_removed } else { without_blanks }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_encoding_round_trips() {
        for encoding in [TextEncoding::Utf8Bom, TextEncoding::Utf8, TextEncoding::Utf16LeBom, TextEncoding::Utf16Le] {
            let bytes = encode("<a>Zoë 𝄞</a>", encoding);
            assert_eq!(decode(&bytes).unwrap(), ("<a>Zoë 𝄞</a>".to_owned(), encoding));
        }
    }

    #[test]
    fn utf16_is_what_the_standard_library_makes_of_each_character() {
        let mixed = "ab\u{7f}\u{80}ß𝄞 x".repeat(300);
        let long = format!("{}é{}", "a".repeat(1023), "b".repeat(3000));
        for text in ["", "é", "<a>", &mixed, &long, &"z".repeat(2048), &"𝄞".repeat(700)] {
            let expected: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            assert!(utf16le(text) == expected, "{} bytes", text.len());
        }
    }

    #[test]
    fn blanks_and_one_stray_byte_may_trail() {
        for tail in [&b""[..], b"\0", b"\0\0\0", b" \r\n\t", b"x", b"\xFF", b">", b"\0x\0", b"\n\xC3"] {
            let bytes = [b"<a></a>", tail].concat();
            assert_eq!(decode(&bytes).unwrap().0, "<a></a>", "{tail:?}");
        }
        for tail in [&b"\0"[..], b"\0\0", b"\0\0\0", b"x\0", b"\n\0\0\0y", b"\x01\xD8", b">\0\0"] {
            let bytes = [&utf16le("<a></a>")[..], tail].concat();
            assert_eq!(decode(&bytes).unwrap().0, "<a></a>", "{tail:?}");
        }
    }

    #[test]
    fn longer_tails_stay_for_the_parser() {
        assert_eq!(decode(b"<a></a>xy").unwrap().0, "<a></a>xy");
        assert_eq!(decode(b"<a></a>x y").unwrap().0, "<a></a>x y");
        assert!(decode(b"<a></a>\xC3\x28\x28").is_err());
        // What was decoded has no tail left to lose.
        assert_eq!(decode(b"<a></a>>x").unwrap().0, "<a></a>>x");
        assert_eq!(decode(b"<a></a>\0>\0>").unwrap().0, "<a></a>\0>\0>");
    }

    #[test]
    fn damaged_text_is_refused() {
        assert!(decode(b"<a>\xFF</a>").is_err());
        let lone = [utf16le("<a>"), vec![0x00, 0xD8], utf16le("</a>")].concat();
        assert!(decode(&lone).is_err());
        assert!(decode(&vec![b' '; LICENSE_READ_MAX + 1]).is_err());
        assert_eq!(decode(b"").unwrap().0, "");
        assert_eq!(decode(b"\0\0").unwrap().0, "");
    }
}
