//! Where one document of a chain ends and the next begins, found tag by tag and within bounds.
//!
//! The scan comes before any tree is built. It refuses what licenses never hold and what would let a reader of text
//! and a reader of XML see different documents: document type declarations, processing instructions, comments and CDATA
//! sections. It also bounds depth and attributes, so that the parser behind it meets neither deep recursion nor
//! quadratic work.

use std::ops::Range;

use crate::error::{Error, Result};

/// Deepest nesting of elements that is read.
pub(crate) const DEPTH_MAX: usize = 64;
/// Most attributes of one element; licenses use three.
pub(crate) const ATTRIBUTES_MAX: usize = 16;
/// Most attributes of one document; as many as its nodes. Each costs the parser far more memory than text.
const ATTRIBUTES_OF_DOCUMENT_MAX: usize = 1_000_000;
/// Most documents in one chain; the longest known has eight.
pub(crate) const DOCUMENTS_MAX: usize = 64;

/// The ranges of the documents in a text, each from the `<` of its root to the `>` of the closing tag.
///
/// Only white space and NULs may stand before, between and after them; one XML declaration may open the text.
///
/// # Errors
/// [`crate::ErrorKind::Malformed`] for anything else.
pub(crate) fn documents(text: &str) -> Result<Vec<Range<usize>>> {
    let bytes = text.as_bytes();
    let mut at = declaration_end(bytes)?;
    let mut found = Vec::new();
    loop {
        at += bytes[at..].iter().take_while(|b| is_blank(**b)).count();
        if at == bytes.len() {
            break;
        }
        if bytes[at] != b'<' {
            return Err(refused("text outside of a document"));
        }
        let end = document_end(bytes, at)?;
        if found.len() == DOCUMENTS_MAX {
            return Err(refused("too many documents"));
        }
        found.push(at..end);
        at = end;
    }
    if found.is_empty() { Err(refused("no document")) } else { Ok(found) }
}

/// What one tag does to the depth.
enum Tag {
    Open,
    Close,
    Empty,
}

fn refused(why: &'static str) -> Error {
    Error::malformed("XrML", why)
}

fn is_blank(byte: u8) -> bool {
    byte == 0 || is_space(byte)
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn declaration_end(bytes: &[u8]) -> Result<usize> {
    match bytes {
        [b'<', b'?', b'x', b'm', b'l', next, ..] if is_space(*next) => {
            let end = bytes.windows(2).position(|pair| pair == b"?>").ok_or_else(|| refused("open declaration"))?;
            if bytes[2..end].iter().any(|b| matches!(b, b'<' | b'>')) {
                return Err(refused("damaged declaration"));
            }
            Ok(end + 2)
        }
        _ => Ok(0),
    }
}

fn document_end(bytes: &[u8], start: usize) -> Result<usize> {
    let mut at = start;
    let mut depth = 0usize;
    let mut attributes = 0usize;
    loop {
        let (tag, end, of_tag) = read_tag(bytes, at, depth == 0)?;
        at = end;
        attributes += of_tag;
        if attributes > ATTRIBUTES_OF_DOCUMENT_MAX {
            return Err(refused("too many attributes"));
        }
        match tag {
            Tag::Open => {
                depth += 1;
                if depth > DEPTH_MAX {
                    return Err(refused("elements are nested too deeply"));
                }
            }
            Tag::Close => depth = depth.checked_sub(1).ok_or_else(|| refused("closing tag without opening tag"))?,
            Tag::Empty => {}
        }
        if depth == 0 {
            return Ok(at);
        }
        at += bytes[at..].iter().position(|b| *b == b'<').ok_or_else(|| refused("the text ends inside a document"))?;
    }
}

/// Reads the tag that begins at `<` and tells where it ends and how many attributes it has.
fn read_tag(bytes: &[u8], start: usize, is_root: bool) -> Result<(Tag, usize, usize)> {
    let mut at = start + 1;
    match bytes.get(at) {
        Some(b'!') => return Err(refused("declarations, comments and CDATA sections are not read")),
        Some(b'?') => return Err(refused("processing instructions are not read")),
        Some(b'/') => {
            let end = bytes[at..].iter().position(|b| matches!(b, b'>' | b'<'));
            let end = end.map(|n| at + n).filter(|n| bytes[*n] == b'>').ok_or_else(|| refused("open closing tag"))?;
            return Ok((Tag::Close, end + 1, 0));
        }
        _ => {}
    }
    let name = name_at(bytes, at);
    if name.is_empty() || name.contains(&b':') {
        return Err(refused("an element without a plain name"));
    }
    at += name.len();
    let mut attributes = 0usize;
    loop {
        at += bytes[at..].iter().take_while(|b| is_space(**b)).count();
        match bytes.get(at) {
            Some(b'>') => return Ok((Tag::Open, at + 1, attributes)),
            Some(b'/') if bytes.get(at + 1) == Some(&b'>') => return Ok((Tag::Empty, at + 2, attributes)),
            _ => {}
        }
        attributes += 1;
        if attributes > ATTRIBUTES_MAX {
            return Err(refused("too many attributes"));
        }
        let (name, value, end) = attribute_at(bytes, at)?;
        // Licenses have no namespace; a declaration other than the empty one of the root would put elements in one.
        if name.contains(&b':') || (name == b"xmlns" && !(is_root && value.is_empty())) {
            return Err(refused("namespaces are not read"));
        }
        at = end;
    }
}

fn attribute_at(bytes: &[u8], start: usize) -> Result<(&[u8], &[u8], usize)> {
    let damaged = || refused("damaged attribute");
    let spaces = |at: usize| bytes[at..].iter().take_while(|b| is_space(**b)).count();
    let name = name_at(bytes, start);
    if name.is_empty() {
        return Err(damaged());
    }
    let mut at = start + name.len();
    at += spaces(at);
    if bytes.get(at) != Some(&b'=') {
        return Err(damaged());
    }
    at += 1;
    at += spaces(at);
    let quote = *bytes.get(at).filter(|b| matches!(b, b'"' | b'\'')).ok_or_else(damaged)?;
    let value = at + 1;
    let length = bytes[value..].iter().position(|b| *b == quote || *b == b'<').ok_or_else(damaged)?;
    if bytes[value + length] != quote {
        return Err(damaged());
    }
    Ok((name, &bytes[value..value + length], value + length + 1))
}

fn name_at(bytes: &[u8], start: usize) -> &[u8] {
    let rest = bytes.get(start..).unwrap_or_default();
    let length = rest
        .iter()
        .position(|b| is_blank(*b) || matches!(b, b'=' | b'>' | b'/' | b'<' | b'"' | b'\'' | b'&' | b'!' | b'?'))
        .unwrap_or(rest.len());
    &rest[..length]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        documents(text).unwrap().into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn chains_are_cut_at_root_elements() {
        assert_eq!(cut("<?xml version=\"1.0\"?><a><b/></a>\n\0<c x='>'></c>"), ["<a><b/></a>", "<c x='>'></c>"]);
        assert_eq!(cut("<a/><b />"), ["<a/>", "<b />"]);
        assert_eq!(cut("<a n = \"</a>\" ></a >".replace("</a>\"", "/a>\"").as_str()), ["<a n = \"/a>\" ></a >"]);
    }

    #[test]
    fn other_markup_is_refused() {
        for text in [
            "",
            "text",
            "<a></a>b",
            "<a>",
            "</a>",
            "<a",
            "<a b",
            "<a b=",
            "<a b=\"",
            "<a b=\"<\"/>",
            "<a></a",
            "<a></a<b/>",
            "<a><!-- x --></a>",
            "<a><![CDATA[x]]></a>",
            "<!DOCTYPE a><a/>",
            "<a><?p?></a>",
            "<?xml version=\"1.0\"?><?xml version=\"1.0\"?><a/>",
            "<a/><?xml version=\"1.0\"?><b/>",
            "<?xml version=\"1.0\"",
            "<?xml <a> ?><a/>",
            "<x:a></x:a>",
            "<a xmlns=\"urn:x\"/>",
            "<a><b xmlns=\"\"/></a>",
            "<a xmlns:x=\"urn:x\"/>",
            "< a/>",
            "<a/ >",
        ] {
            assert!(documents(text).is_err(), "{text}");
        }
    }

    #[test]
    fn depth_attributes_and_documents_are_bounded() {
        let nested = |n: usize| format!("{}{}", "<a>".repeat(n), "</a>".repeat(n));
        assert!(documents(&nested(DEPTH_MAX)).is_ok());
        assert!(documents(&nested(DEPTH_MAX + 1)).is_err());
        assert!(documents(&nested(100_000)).is_err());
        let wide = |n: usize| format!("<a{}/>", (0..n).map(|i| format!(" b{i}=''")).collect::<String>());
        assert!(documents(&wide(ATTRIBUTES_MAX)).is_ok());
        assert!(documents(&wide(ATTRIBUTES_MAX + 1)).is_err());
        let many = |n: usize| format!("<a>{}</a>", "<b c='' d=''/>".repeat(n));
        assert!(documents(&many(ATTRIBUTES_OF_DOCUMENT_MAX / 2)).is_ok());
        assert!(documents(&many(ATTRIBUTES_OF_DOCUMENT_MAX / 2 + 1)).is_err());
        assert!(documents(&"<a/>".repeat(DOCUMENTS_MAX)).is_ok());
        assert!(documents(&"<a/>".repeat(DOCUMENTS_MAX + 1)).is_err());
    }
}
