//! The message inside protected mail: format and bodies ([MS-OXORMMS] 2.2).
//!
//! Attachments and what else belongs to the message are entries of the same compound file, which [`super::cfb`] reads.

use crate::error::{Error, ErrorKind, Result};
use crate::file::Storage;

use super::cfb::{CompoundFile, Node, Plan, ReadAt, Whole};

/// Longest body that is read, in bytes.
pub const BODY_MAX: usize = 16 << 20;

const BODY_INFO: &str = "OutlookBodyStreamInfo";
const HTML: &str = "BodyPT-HTML";
const RTF: &str = "BodyRTF";
const TEXT_AS_HTML: &str = "BodyPTAsHTML";
const STORAGE_INFO: &str = "RpmsgStorageInfo";
/// What every message names itself by.
const STORAGE_INFO_FIELDS: [u32; 4] = [0x15DE_321F, 2, 2, 0];

/// What the sender wrote the message in.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum BodyFormat {
    /// Plain text.
    Text,
    /// HTML.
    Html,
    /// Rich text.
    Rtf,
}

/// The bodies of a message, each in the code page where it is text.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// What the sender wrote it in.
    pub format: BodyFormat,
    /// Windows code page of the bodies; 65001 is UTF-8.
    pub code_page: u32,
    /// Text or HTML, empty where there is neither.
    pub body: Vec<u8>,
    /// Rich text, for that format.
    pub rtf: Option<Vec<u8>>,
    /// Plain text as HTML, for that format.
    pub text_as_html: Option<Vec<u8>>,
}

impl Message {
    /// Reads a message that was decrypted.
    ///
    /// # Errors
    /// `FileCorrupt` when it is no message or a body is longer than [`BODY_MAX`]; what the storage reports.
    pub fn read(input: &dyn Storage) -> Result<Self> {
        let whole = Whole::new(input)?;
        let file = CompoundFile::open(&whole)?;
        let stream = |name: &str| match file.find_stream(&[name])? {
            Some(stream) => stream.read_all(BODY_MAX).map(Some),
            None => Ok(None),
        };
        let damaged = |why| Error::with(ErrorKind::FileCorrupt { what: "message" }, why);
        let info = stream(BODY_INFO)?.unwrap_or_default();
        let (Some(format), Some(code_page)) = (info.first_chunk::<2>(), info.get(2..6)) else {
            return Err(damaged("its format is missing"));
        };
        let format = match u16::from_le_bytes(*format) {
            1 => BodyFormat::Text,
            2 => BodyFormat::Html,
            3 => BodyFormat::Rtf,
            _ => return Err(damaged("a format that is not known")),
        };
        let code_page = code_page.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte));
        let body = stream(HTML)?.unwrap_or_default();
        Ok(Self { format, code_page, body, rtf: stream(RTF)?, text_as_html: stream(TEXT_AS_HTML)? })
    }

    /// Writes the message as the compound file that [`super::rpmsg::protect`] takes.
    ///
    /// # Errors
    /// What the storage reports.
    pub fn write(&self, output: &mut dyn Storage) -> Result<()> {
        let format: u16 = match self.format {
            BodyFormat::Text => 1,
            BodyFormat::Html => 2,
            BodyFormat::Rtf => 3,
        };
        let info = [&format.to_le_bytes()[..], &self.code_page.to_le_bytes()].concat();
        let mut nodes = vec![
            Node::bytes(BODY_INFO, info),
            Node::bytes(HTML, self.body.clone()),
            Node::bytes(STORAGE_INFO, STORAGE_INFO_FIELDS.into_iter().flat_map(u32::to_le_bytes).collect()),
        ];
        nodes.extend(self.rtf.clone().map(|rtf| Node::bytes(RTF, rtf)));
        nodes.extend(self.text_as_html.clone().map(|html| Node::bytes(TEXT_AS_HTML, html)));
        Plan::new(Default::default(), nodes)?.write(output)
    }
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message").field("format", &self.format).field("body", &self.body.len()).finish_non_exhaustive()
    }
}
