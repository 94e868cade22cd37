//! One parsed document, and the few ways in which readers look into it.
//!
//! Names are compared exactly, an element that may stand once is refused when it stands twice, and a leaf holds text
//! alone. The text of an element as written, which signatures cover, comes from the range that the parser recorded.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roxmltree::{Document, Node, ParsingOptions};

use crate::base::time::Timestamp;
use crate::error::{Error, Result};

/// Most nodes of one document. A license of [`crate::base::limits::LICENSE_WRITE_MAX`] bytes has a quarter of them.
const NODES_MAX: u32 = 1_000_000;

/// Parses one document that [`super::scan::documents`] found.
///
/// # Errors
/// [`crate::ErrorKind::Malformed`] when it is not well-formed or its root is not `XrML` version 1.2.
pub(crate) fn parse(text: &str) -> Result<Document<'_>> {
    let options = ParsingOptions { allow_dtd: false, nodes_limit: NODES_MAX, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|e| Error::malformed("XrML", e.to_string()))?;
    let root = document.root_element();
    if !is(root, "XrML") {
        return Err(Error::malformed("XrML", "the root element is another one"));
    }
    if root.attribute("version") != Some("1.2") {
        return Err(Error::malformed("XrML", "not version 1.2"));
    }
    Ok(document)
}

/// True when the node is the element of this name.
pub(crate) fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name && node.tag_name().namespace().is_none_or(str::is_empty)
}

/// The child elements of a name, in document order.
pub(crate) fn children<'a, 'i>(parent: Node<'a, 'i>, name: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    parent.children().filter(move |node| is(*node, name))
}

/// The child element that may stand once.
///
/// # Errors
/// [`crate::ErrorKind::Malformed`] when it stands twice.
pub(crate) fn child<'a, 'i>(parent: Node<'a, 'i>, name: &'static str) -> Result<Option<Node<'a, 'i>>> {
    at_most_one(children(parent, name), name)
}

/// The child element that must stand once.
///
/// # Errors
/// [`crate::ErrorKind::Malformed`] when it is missing or stands twice.
pub(crate) fn required<'a, 'i>(parent: Node<'a, 'i>, name: &'static str) -> Result<Node<'a, 'i>> {
    child(parent, name)?.ok_or_else(|| Error::malformed(name, "missing"))
}

/// The single item of an iterator.
///
/// # Errors
/// [`crate::ErrorKind::Malformed`] when there are two.
pub(crate) fn at_most_one<T>(mut items: impl Iterator<Item = T>, name: &'static str) -> Result<Option<T>> {
    let first = items.next();
    if items.next().is_some() { Err(Error::malformed(name, "stands more than once")) } else { Ok(first) }
}

/// The text of a leaf; empty for an empty element.
///
/// # Errors
/// [`crate::ErrorKind::Malformed`] when it has child elements.
pub(crate) fn text<'a>(leaf: Node<'a, '_>) -> Result<&'a str> {
    if leaf.children().any(|node| node.is_element()) {
        return Err(Error::malformed("element", format!("{} holds elements instead of text", leaf.tag_name().name())));
    }
    Ok(leaf.text().unwrap_or(""))
}

/// The text of a child that may be missing or empty.
///
/// # Errors
/// As [`child`] and [`text`].
pub(crate) fn optional_text(parent: Node<'_, '_>, name: &'static str) -> Result<Option<String>> {
    let Some(leaf) = child(parent, name)? else { return Ok(None) };
    Ok(Some(text(leaf)?).filter(|text| !text.is_empty()).map(str::to_owned))
}

/// A time in the form of licenses.
///
/// # Errors
/// [`crate::ErrorKind::Malformed`] for other text.
pub(crate) fn time(leaf: Node<'_, '_>, name: &'static str) -> Result<Timestamp> {
    Timestamp::parse(text(leaf)?.trim()).ok_or_else(|| Error::malformed(name, "not a time"))
}

/// Strict base64 of a leaf.
///
/// # Errors
/// [`crate::ErrorKind::Malformed`] for other text.
pub(crate) fn base64(leaf: Node<'_, '_>, name: &'static str) -> Result<Vec<u8>> {
    STANDARD.decode(text(leaf)?).map_err(|_| Error::malformed(name, "not base64"))
}

/// Strict base64 with a `size` attribute that tells the number of bits.
///
/// # Errors
/// [`crate::ErrorKind::Malformed`] for other text or another size.
pub(crate) fn sized_base64(value: Node<'_, '_>, name: &'static str) -> Result<Vec<u8>> {
    let bytes = base64(value, name)?;
    let size = value.attribute("size").and_then(|size| size.parse::<usize>().ok());
    if size == Some(bytes.len() * 8) { Ok(bytes) } else { Err(Error::malformed(name, "size and value disagree")) }
}

/// The text of an element as written, tags included.
pub(crate) fn surface<'i>(node: Node<'_, 'i>) -> &'i str {
    node.document().input_text().get(node.range()).unwrap_or("")
}
