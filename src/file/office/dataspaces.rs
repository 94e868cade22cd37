//! The storage `\x06DataSpaces`: what names the protected stream and holds the publishing license ([MS-OFFCRYPTO] 2.1, 2.2).
//!
//! Both Office layouts and protected mail have the same structures under different names, which [`Names`] gives. What is
//! written is what Office writes byte for byte; what is read may be less regular where no meaning hangs on it.

use crate::base::limits::LICENSE_READ_MAX;
use crate::error::{Error, ErrorKind, Result};
use crate::xrml::text;

use super::cfb::{CompoundFile, Kind, Node, ReadAt};

/// What a layout calls its parts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Names {
    /// The protected stream, in the root.
    pub(super) content: &'static str,
    /// The data space definition.
    pub(super) space: &'static str,
    /// The storage of the transform.
    pub(super) transform: &'static str,
}

/// Packages: .docx, .xlsx, .pptx and their kin.
pub(super) const PACKAGE: Names =
    Names { content: "EncryptedPackage", space: "DRMEncryptedDataSpace", transform: "DRMEncryptedTransform" };
/// Binary documents and mail.
pub(super) const BINARY: Names =
    Names { content: "\tDRMContent", space: "\tDRMDataSpace", transform: "\tDRMTransform" };

/// The storage of all this.
pub(super) const DATA_SPACES: &str = "\x06DataSpaces";
const TRANSFORM_INFO: &str = "TransformInfo";
const PRIMARY: &str = "\x06Primary";
/// Sensitivity labels in the clear, beside the transforms.
const LABEL_INFO: &str = "LabelInfo";
/// The name space that labels are written in.
const LABEL_NAMESPACE: &str = "http://schemas.microsoft.com/office/2020/mipLabelMetadata";
/// Longest label stream that is kept.
const LABEL_MAX: usize = 1 << 20;

const FEATURE: &str = "Microsoft.Container.DataSpaces";
const TRANSFORM_ID: &str = "{C73DFACD-061F-43B0-8B64-0C620D2A8B50}";
const TRANSFORM_NAME: &str = "Microsoft.Metadata.DRMTransform";
/// A transform that protects content, not one that only packs it.
const TRANSFORM_TYPE: u32 = 1;
/// Bytes in front of the license where Office writes it, with room for other writers.
const PRIMARY_HEADER_MAX: usize = 4096;

impl Names {
    /// Whether a compound file has the protected stream and the transform of this layout.
    pub(super) fn are_in(&self, file: &CompoundFile<'_>) -> bool {
        let is = |path: &[&str], kind| file.find(path).is_some_and(|id| file.entry(id).kind == kind);
        is(&[self.content], Kind::Stream) && is(&[DATA_SPACES, TRANSFORM_INFO, self.transform], Kind::Storage)
    }

    /// The publishing license as it is stored.
    ///
    /// # Errors
    /// `FileCorrupt` when the structure around it is damaged.
    pub(super) fn license(&self, file: &CompoundFile<'_>) -> Result<Vec<u8>> {
        let path = [DATA_SPACES, TRANSFORM_INFO, self.transform, PRIMARY];
        let stream = file.find_stream(&path)?.ok_or_else(|| damaged("the license stream is missing"))?;
        let bytes = stream.read_all(LICENSE_READ_MAX + PRIMARY_HEADER_MAX)?;
        let mut fields = Fields { bytes: &bytes, position: 0 };
        let name_at = fields.number()?;
        if fields.number()? != TRANSFORM_TYPE {
            return Err(damaged("the transform is of another type"));
        }
        if !fields.text()?.eq_ignore_ascii_case(TRANSFORM_ID) || fields.position != name_at as usize {
            return Err(damaged("another transform"));
        }
        fields.text()?;
        for _version in ["reader", "updater", "writer"] {
            fields.number()?;
        }
        if fields.number()? != 4 {
            return Err(damaged("the extensibility header"));
        }
        let length = fields.number()? as usize;
        let license = fields.take(length)?;
        if license.is_empty() || license.len() > LICENSE_READ_MAX {
            return Err(damaged("the length of the license"));
        }
        Ok(license.to_vec())
    }

    /// The storage for a license that was made fit by [`stored_license`].
    pub(super) fn node<'a>(&self, license: &[u8], labels: Option<Vec<u8>>) -> Node<'a> {
        let mut infos = vec![Node::storage(self.transform, vec![Node::bytes(PRIMARY, primary(license))])];
        infos.extend(labels.map(|labels| Node::bytes(LABEL_INFO, labels)));
        Node::storage(
            DATA_SPACES,
            vec![
                Node::bytes("Version", version()),
                Node::bytes("DataSpaceMap", self.map()),
                Node::storage("DataSpaceInfo", vec![Node::bytes(self.space, self.definition())]),
                Node::storage(TRANSFORM_INFO, infos),
            ],
        )
    }

    fn map(&self) -> Vec<u8> {
        let mut entry = Vec::new();
        put_numbers(&mut entry, &[1, 0]);
        put_text(&mut entry, self.content);
        put_text(&mut entry, self.space);
        let mut bytes = Vec::new();
        put_numbers(&mut bytes, &[8, 1, u32::try_from(entry.len() + 4).unwrap_or_default()]);
        bytes.extend(entry);
        bytes
    }

    fn definition(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        put_numbers(&mut bytes, &[8, 1]);
        put_text(&mut bytes, self.transform);
        bytes
    }
}

/// The sensitivity labels that stand in the clear, unless they are no labels.
///
/// # Errors
/// `FileCorrupt` when the stream cannot be read.
pub(super) fn labels(file: &CompoundFile<'_>) -> Result<Option<Vec<u8>>> {
    let Some(stream) = file.find_stream(&[DATA_SPACES, TRANSFORM_INFO, LABEL_INFO])? else { return Ok(None) };
    if stream.len() > LABEL_MAX as u64 {
        return Ok(None);
    }
    let bytes = stream.read_all(LABEL_MAX)?;
    let text = std::str::from_utf8(&bytes).ok().map(|text| text.trim_start_matches('\u{FEFF}'));
    let document = text.and_then(|text| roxmltree::Document::parse(text).ok());
    let are_labels = document.is_some_and(|d| d.root_element().has_tag_name((LABEL_NAMESPACE, "labelList")));
    Ok(are_labels.then_some(bytes))
}

/// A license as the structure holds it: UTF-8 without byte order mark or trailing bytes, after an XML declaration.
///
/// # Errors
/// `Malformed` when it is not the text of a license.
pub(super) fn stored_license(license: &[u8]) -> Result<Vec<u8>> {
    const DECLARATION: &str = "<?xml version=\"1.0\"?>";
    let (text, _) = text::decode(license)?;
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::malformed("license", "empty"));
    }
    Ok(if text.starts_with("<?xml") { text.to_owned() } else { format!("{DECLARATION}{text}") }.into_bytes())
}

fn version() -> Vec<u8> {
    let mut bytes = Vec::new();
    put_text(&mut bytes, FEATURE);
    put_numbers(&mut bytes, &[1; 3]);
    bytes
}

fn primary(license: &[u8]) -> Vec<u8> {
    let mut head = Vec::new();
    put_text(&mut head, TRANSFORM_ID);
    let mut bytes = Vec::new();
    put_numbers(&mut bytes, &[u32::try_from(head.len() + 8).unwrap_or_default(), TRANSFORM_TYPE]);
    bytes.extend(head);
    put_text(&mut bytes, TRANSFORM_NAME);
    put_numbers(&mut bytes, &[1, 1, 1, 4, u32::try_from(license.len()).unwrap_or_default()]);
    bytes.extend(license);
    pad(&mut bytes);
    bytes
}

fn put_numbers(bytes: &mut Vec<u8>, numbers: &[u32]) {
    bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

/// Text in UTF-16LE behind its length in bytes, filled up to a multiple of four.
fn put_text(bytes: &mut Vec<u8>, text: &str) {
    let text = text::utf16le(text);
    put_numbers(bytes, &[u32::try_from(text.len()).unwrap_or_default()]);
    bytes.extend(text);
    pad(bytes);
}

fn pad(bytes: &mut Vec<u8>) {
    bytes.resize(bytes.len().next_multiple_of(4), 0);
}

/// Reads a structure from its beginning.
struct Fields<'b> {
    bytes: &'b [u8],
    position: usize,
}

impl<'b> Fields<'b> {
    fn take(&mut self, count: usize) -> Result<&'b [u8]> {
        let end = self.position.checked_add(count);
        let part = end.and_then(|end| self.bytes.get(self.position..end));
        let part = part.ok_or_else(|| damaged("a structure ends early"))?;
        self.position += count;
        Ok(part)
    }

    fn number(&mut self) -> Result<u32> {
        let bytes = self.take(4)?;
        Ok(bytes.try_into().map(u32::from_le_bytes).unwrap_or_default())
    }

    fn text(&mut self) -> Result<String> {
        let length = self.number()? as usize;
        let text = text::from_utf16le(self.take(length)?).ok_or_else(|| damaged("a name is not text"))?;
        self.take(length.next_multiple_of(4) - length)?;
        Ok(text)
    }
}

fn damaged(why: &'static str) -> Error {
    Error::with(ErrorKind::FileCorrupt { what: "data spaces" }, why)
}
