//! Stubs: the documents that programs show which know nothing of rights.

use super::cfb::{CompoundFile, Node};
use super::container::has_stream;

/// The stub for a document, by the stream that makes it what it is; `None` for other compound files.
pub(super) fn of<'a>(file: &CompoundFile<'_>) -> Option<Vec<Node<'a>>> {
    if has_stream(file, "WordDocument") {
        return Some(vec![]);
    }
    None
}
