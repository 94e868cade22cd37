//! What both Office layouts share: a compound file with data spaces, protected content, and entries beside them.

use crate::error::{Error, ErrorKind, Result};
use crate::file::{Coder, Progress, Storage};

use super::OfficeKind;
use super::cfb::{CompoundFile, Content, Kind, Name, Node, Plan, ReadAt, Stream, Whole};
use super::content::{self, Decrypted};
use super::dataspaces::{self, BINARY, DATA_SPACES, Names, PACKAGE};
use super::properties;

/// A rendering of the document for readers that do not know the format; never written, never kept.
pub(super) const VIEWER_CONTENT: &str = "\tDRMViewerContent";
/// Stands in the root of what is protected with a password.
const PASSWORD_INFO: &str = "EncryptionInfo";

impl OfficeKind {
    pub(super) fn names(self) -> &'static Names {
        match self {
            Self::Package => &PACKAGE,
            Self::Binary => &BINARY,
        }
    }
}

/// The layout of a compound file that is protected with rights.
pub(super) fn kind_of(file: &CompoundFile<'_>) -> Option<OfficeKind> {
    [OfficeKind::Package, OfficeKind::Binary].into_iter().find(|kind| kind.names().are_in(file))
}

/// Whether a compound file is protected with a password.
pub(super) fn has_password(file: &CompoundFile<'_>) -> bool {
    file.find(&[PASSWORD_INFO]).is_some()
}

/// An open protected container.
#[derive(Debug)]
pub(super) struct Container<'a> {
    pub(super) kind: OfficeKind,
    pub(super) file: CompoundFile<'a>,
}

impl<'a> Container<'a> {
    /// # Errors
    /// `FileNotEncrypted` for a file that is no such container, `FileCorrupt` for a damaged one.
    pub(super) fn open(file: &'a dyn ReadAt) -> Result<Self> {
        if !CompoundFile::has_magic(file)? {
            return Err(ErrorKind::FileNotEncrypted.into());
        }
        let file = CompoundFile::open(file)?;
        let kind = kind_of(&file).ok_or(ErrorKind::FileNotEncrypted)?;
        Ok(Self { kind, file })
    }

    /// The protected stream, as it is stored.
    pub(super) fn content(&self) -> Result<Stream<'a>> {
        let missing = || Error::with(ErrorKind::FileCorrupt { what: "protected content" }, "missing");
        self.file.find_stream(&[self.kind.names().content])?.ok_or_else(missing)
    }

    /// Entries of the root that are not the protection itself, ready to be written again.
    fn beside(&self) -> Result<Vec<Node<'a>>> {
        let dropped = [DATA_SPACES, self.kind.names().content, VIEWER_CONTENT];
        let mut kept = Vec::new();
        for id in self.file.children(self.file.root()) {
            let name = &self.file.entry(*id).name;
            let replaced = self.kind == OfficeKind::Package && properties::is_checksum(name);
            if !replaced && !dropped.iter().any(|dropped| name == *dropped) {
                kept.push(self.file.node(*id)?);
            }
        }
        if self.kind == OfficeKind::Package {
            kept.extend(properties::checksums(&self.file)?);
        }
        Ok(kept)
    }
}

/// Writes a container that holds `content` under a license, and whatever else stands beside it.
pub(super) fn write<'a>(
    kind: OfficeKind,
    license: &[u8],
    labels: Option<Vec<u8>>,
    content: Content<'a>,
    mut beside: Vec<Node<'a>>,
    class_id: [u8; 16],
    output: &mut dyn Storage,
) -> Result<()> {
    let names = kind.names();
    beside.push(names.node(&dataspaces::stored_license(license)?, labels));
    beside.push(Node::stream(names.content, content));
    let root = super::cfb::Attributes { class_id, ..Default::default() };
    Plan::new(root, beside)?.write(output)
}

/// The publishing license of a protected document, as it is stored.
///
/// # Errors
/// `FileNotEncrypted` for a file that is not protected, `FileCorrupt` for a damaged one.
pub fn license(input: &dyn Storage) -> Result<Vec<u8>> {
    let whole = Whole::new(input)?;
    let container = Container::open(&whole)?;
    container.kind.names().license(&container.file)
}

/// Opens a container and does something with it and with its content, which is decrypted where it is read.
pub(super) fn with_content<T>(
    input: &dyn Storage,
    coder: &dyn Coder,
    work: impl FnOnce(&Container<'_>, &Decrypted<'_>) -> Result<T>,
) -> Result<T> {
    let whole = Whole::new(input)?;
    let container = Container::open(&whole)?;
    let stream = container.content()?;
    let plain = Decrypted::new(&stream, coder)?;
    check_beginning(container.kind, &plain)?;
    work(&container, &plain)
}

/// The protected content exactly as it is stored: the package, or the inner compound file of a binary document or mail.
///
/// # Errors
/// As [`super::unprotect`].
pub fn stored_content(
    input: &dyn Storage,
    coder: &dyn Coder,
    output: &mut dyn Storage,
    progress: &mut Progress<'_>,
) -> Result<()> {
    with_content(input, coder, |_, plain| send(plain, output, progress))
}

/// Writes decrypted content as it is.
pub(super) fn send(plain: &Decrypted<'_>, output: &mut dyn Storage, progress: &mut Progress<'_>) -> Result<()> {
    let mut sink = super::cfb::StorageSink::new(output);
    plain.send(&mut |bytes| sink.put(bytes), progress)?;
    sink.finish()
}

/// Protects a protected document anew, from one key to another, without the plain document between. Labels, properties
/// and custom data that stand in the clear stay.
///
/// # Errors
/// As [`super::unprotect`] for what is read and [`super::protect`] for what is written.
pub fn reprotect(
    input: &dyn Storage,
    old: &dyn Coder,
    license: &[u8],
    new: &dyn Coder,
    output: &mut dyn Storage,
    progress: &mut Progress<'_>,
) -> Result<()> {
    with_content(input, old, |container, plain| {
        let content = content::encrypted(plain.len(), new, |sink| plain.send(sink, progress))?;
        rewrite(container, license, content, output)
    })
}

/// Gives a protected document another license for the same content key; the encrypted content stays as it is.
///
/// # Errors
/// `FileNotEncrypted`, `FileCorrupt`, `Malformed` for the license; what the storages and `progress` report.
pub fn relicense(
    input: &dyn Storage,
    license: &[u8],
    output: &mut dyn Storage,
    progress: &mut Progress<'_>,
) -> Result<()> {
    let whole = Whole::new(input)?;
    let container = Container::open(&whole)?;
    let stream = container.content()?;
    content::plaintext_len(&stream)?;
    let content = Content::produced(stream.len(), |sink| content::send_all(&stream, sink, progress));
    rewrite(&container, license, content, output)
}

/// Writes a container anew with other content and license. What readers keep of use licenses in it is left out, since it
/// belongs to the old license.
fn rewrite<'a>(
    container: &Container<'a>,
    license: &[u8],
    content: Content<'a>,
    output: &mut dyn Storage,
) -> Result<()> {
    let file = &container.file;
    let class_id = file.entry(file.root()).attributes.class_id;
    let labels = dataspaces::labels(file)?;
    write(container.kind, license, labels, content, container.beside()?, class_id, output)
}

/// Refuses plaintext that is not what the layout holds: the key is another one, or the content is damaged.
fn check_beginning(kind: OfficeKind, plain: &dyn ReadAt) -> Result<()> {
    let expected: &[u8] = match kind {
        OfficeKind::Package => super::opc::MAGIC,
        OfficeKind::Binary => &super::cfb::MAGIC,
    };
    let mut found = [0; 8];
    let found = &mut found[..expected.len()];
    if plain.len() >= expected.len() as u64 {
        plain.read_exact_at(0, found)?;
    }
    if found != expected {
        let what = ErrorKind::FileCorrupt { what: "protected content" };
        return Err(Error::with(what, "it does not decrypt to a document"));
    }
    Ok(())
}

/// Whether an entry of the root is a stream of this name.
pub(super) fn has_stream(file: &CompoundFile<'_>, name: &str) -> bool {
    file.find(&[name]).is_some_and(|id| file.entry(id).kind == Kind::Stream)
}

/// Whether a name is one of a list.
pub(super) fn is_any(name: &Name, list: &[&str]) -> bool {
    list.iter().any(|other| name == *other)
}
