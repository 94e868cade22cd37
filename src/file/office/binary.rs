//! Binary documents (.doc, .xls, .ppt and templates): an inner compound file is the content ([MS-OFFCRYPTO] 1.3.2).
//!
//! Some entries stay in the clear, where programs that know nothing of rights look for them. All others move to the inner
//! file. A stub of the same kind of document takes their place and says that the document is protected.

use crate::error::{Error, ErrorKind, Result};
use crate::file::{Coder, Progress, Storage};

use super::OfficeKind;
use super::cfb::{Attributes, CompoundFile, Node, Plan, ReadAt, Sink};
use super::container::{self, Container, has_stream};
use super::content::{self, Decrypted};
use super::stubs;

/// What stays in the outer file.
const CLEAR: [&str; 7] = [
    "_signatures",
    "\x01CompObj",
    "Macros",
    "_VBA_PROJECT_CUR",
    "\x05SummaryInformation",
    "\x05DocumentSummaryInformation",
    "MsoDataStore",
];

/// The stream of Excel 5 and 95, which no stub is known for.
const BOOK: &str = "Book";

/// Whether an unprotected compound file is a document that can be protected.
pub(super) fn is_plain(file: &CompoundFile<'_>) -> bool {
    let other = container::kind_of(file).is_some() || container::has_password(file);
    !other && stubs::of(file).is_some()
}

/// Protects a binary document.
///
/// # Errors
/// `NotSupported` for a compound file that is no document of Word, Excel or PowerPoint since 1997; `FileCorrupt` for a
/// damaged one; what the storages, the coder and `progress` report.
pub(super) fn protect(
    document: &dyn ReadAt,
    license: &[u8],
    coder: &dyn Coder,
    output: &mut dyn Storage,
    progress: &mut Progress<'_>,
) -> Result<()> {
    let file = CompoundFile::open(document)?;
    if !is_plain(&file) {
        let why = if has_stream(&file, BOOK) { "a document of Excel 95 or older" } else { "not an Office document" };
        return Err(Error::with(ErrorKind::NotSupported, why));
    }
    let (mut beside, mut within) = (stubs::of(&file).unwrap_or_default(), Vec::new());
    for id in file.children(file.root()) {
        let is_clear = container::is_any(&file.entry(*id).name, &CLEAR);
        if is_clear { &mut beside } else { &mut within }.push(file.node(*id)?);
    }
    let root = file.entry(file.root()).attributes;
    let inner = Plan::new(root, within)?;
    let content = content::encrypted(inner.file_len(), coder, |sink| produce(inner, sink, progress))?;
    container::write(OfficeKind::Binary, license, None, content, beside, root.class_id, output)
}

/// Takes the protection off a binary document, whose content is decrypted where it is read.
///
/// # Errors
/// `FileCorrupt`; what the storages, the coder and `progress` report.
pub(super) fn unprotect(
    container: &Container<'_>,
    plain: &Decrypted<'_>,
    output: &mut dyn Storage,
    progress: &mut Progress<'_>,
) -> Result<()> {
    let outer = &container.file;
    let inner = CompoundFile::open(plain)?;
    let mut nodes: Vec<Node<'_>> = Vec::new();
    for id in inner.children(inner.root()) {
        nodes.push(inner.node(*id)?);
    }
    for id in outer.children(outer.root()) {
        let name = &outer.entry(*id).name;
        // What was encrypted is what was meant, should a name be there twice.
        if container::is_any(name, &CLEAR) && !nodes.iter().any(|node| node.name == *name) {
            nodes.push(outer.node(*id)?);
        }
    }
    let class_id = outer.entry(outer.root()).attributes.class_id;
    let attributes = Attributes { class_id, ..inner.entry(inner.root()).attributes };
    let plan = Plan::new(attributes, nodes)?;
    let mut sink = super::cfb::StorageSink::new(output);
    produce(plan, &mut |bytes| sink.put(bytes), progress)?;
    sink.finish()
}

/// Passes a compound file on, and tells `progress` how far that is.
fn produce(plan: Plan<'_>, sink: &mut Sink<'_>, progress: &mut Progress<'_>) -> Result<()> {
    let (total, mut done) = (plan.file_len(), 0);
    plan.produce(&mut |bytes| {
        sink(bytes)?;
        done += bytes.len() as u64;
        progress(done, total)
    })
}
