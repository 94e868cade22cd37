//! PDF protected by Microsoft's IRM handler: telling it apart and taking the license out (IRM supplement to ISO 32000).
//!
//! Version 2 is an encrypted PDF embedded in a plain one that shows a notice; version 1 is an encrypted PDF with the notice
//! appended. Either may stand without the notice. Only the structure is read that leads to the license; pages are not.

mod document;
mod inflate;
mod lexer;
mod object;

use base64::Engine;

use crate::base::limits::LICENSE_READ_MAX;
use crate::error::{Error, ErrorKind, Result};
use crate::file::Storage;
use crate::file::office::cfb::{ReadAt, Whole};

use document::{Document, Part};
use inflate::Embedded;
use object::{Dictionary, Object};

/// The name of the handler, which marks payloads too.
const HANDLER: &[u8] = b"MicrosoftIRMServices";
/// How every PDF begins.
const MAGIC: &[u8] = b"%PDF";
/// Bytes at the beginning that may hold the mark of a file arranged for the network.
const LINEARIZED_WITHIN: usize = 1024;
/// Files embedded in a document that are looked at.
const EMBEDDED_MAX: usize = 256;

/// Whether a file begins as a PDF does.
///
/// # Errors
/// What the storage reports.
pub fn is_pdf(input: &dyn Storage) -> Result<bool> {
    has_magic(&Whole::new(input)?)
}

/// Whether a file is a PDF protected by the handler, with its notice or without.
///
/// # Errors
/// `FileCorrupt` for a file that names the handler and is too damaged to tell; what the storage reports.
pub fn is_protected(input: &dyn Storage) -> Result<bool> {
    Ok(examine(input, |_, _, _| Ok(()))?.is_some())
}

/// The publishing license of a protected PDF: as it is stored in version 2, unpacked in version 1.
///
/// # Errors
/// `FileNotEncrypted` for a file that is no protected PDF, `FileCorrupt` for a damaged one, `NotSupported` for filters
/// that are not read; what the storage reports.
pub fn license(input: &dyn Storage) -> Result<Vec<u8>> {
    let license = examine(input, |whole, outer, protection| match protection {
        Protection::Itself(encryption) => license_in(outer, &encryption),
        Protection::InFront { len } => license_of(&Document::open(&Part::new(whole, len)?)?),
        Protection::Payload { offset, len } => license_of(&Document::open(&Embedded::new(whole, offset, len)?)?),
    })?;
    license.ok_or_else(|| ErrorKind::FileNotEncrypted.into())
}

/// Finds the protection of a PDF and does something with it; `None` for a file that has none.
fn examine<T>(
    input: &dyn Storage,
    then: impl FnOnce(&Whole<'_>, &Document<'_>, Protection) -> Result<T>,
) -> Result<Option<T>> {
    let whole = Whole::new(input)?;
    if !has_magic(&whole)? {
        return Ok(None);
    }
    let answer = Document::open(&whole).and_then(|document| Ok((protection(&document)?, document)));
    match answer {
        Ok((Some(protection), document)) => then(&whole, &document, protection).map(Some),
        Ok((None, _)) => Ok(None),
        // A PDF that no reader here understands is one that nobody protected, unless it says so.
        Err(error) if matches!(error.kind(), ErrorKind::FileCorrupt { .. } | ErrorKind::NotSupported) => {
            if names_handler(&whole)? {
                Err(error)
            } else {
                Ok(None)
            }
        }
        Err(error) => Err(error),
    }
}

/// Refuses a PDF that cannot be protected: signed, arranged for the network, encrypted otherwise, a form that is rendered
/// by its program.
///
/// # Errors
/// `FilePdfFormat` for those and for what is too damaged to tell; what the storage reports.
pub fn check_protectable(input: &dyn Storage) -> Result<()> {
    let whole = Whole::new(input)?;
    let refused = |why: &'static str| Err(Error::with(ErrorKind::FilePdfFormat, why));
    if !has_magic(&whole)? {
        return refused("not a PDF");
    }
    let mut head = [0; LINEARIZED_WITHIN];
    let head_len = usize::try_from(whole.len()).unwrap_or(usize::MAX).min(head.len());
    whole.read_exact_at(0, &mut head[..head_len])?;
    if contains(&head[..head_len], b"/Linearized") {
        return refused("linearized");
    }
    let answer = Document::open(&whole).and_then(|document| obstacle(&document));
    match answer {
        Ok(None) => Ok(()),
        Ok(Some(why)) => refused(why),
        Err(error) if matches!(error.kind(), ErrorKind::Io(_)) => Err(error),
        Err(_) => refused("its structure is not understood"),
    }
}

/// What keeps a document from being protected.
fn obstacle(document: &Document<'_>) -> Result<Option<&'static str>> {
    if document.trailer().get(b"Encrypt").is_some() {
        return Ok(Some("encrypted"));
    }
    let catalog = document.catalog()?;
    if catalog.get(b"Perms").is_some() {
        return Ok(Some("certified or signed"));
    }
    let Some(form) = document.dictionary(catalog.get(b"AcroForm"))? else { return Ok(None) };
    if matches!(document.resolved(form.get(b"SigFlags"))?, Some(Object::Integer(flags)) if flags & 1 == 1) {
        return Ok(Some("signed"));
    }
    let renders_itself = matches!(document.resolved(catalog.get(b"NeedsRendering"))?, Some(Object::Boolean(true)));
    Ok((form.get(b"XFA").is_some() && renders_itself).then_some("a dynamic form"))
}

/// Where the protected document is.
enum Protection {
    /// The file itself, with this encryption dictionary.
    Itself(Dictionary),
    /// The first bytes of the file.
    InFront { len: u64 },
    /// An embedded file, compressed.
    Payload { offset: u64, len: u64 },
}

fn protection(document: &Document<'_>) -> Result<Option<Protection>> {
    if let Some(encryption) = encryption(document)? {
        return Ok(Some(Protection::Itself(encryption)));
    }
    if let Some(len) = version_1_len(document)? {
        return Ok(Some(Protection::InFront { len }));
    }
    Ok(payload(document)?.map(|(offset, len)| Protection::Payload { offset, len }))
}

/// The license of a document that the handler must have encrypted.
fn license_of(document: &Document<'_>) -> Result<Vec<u8>> {
    let encryption = encryption(document)?.ok_or_else(|| damaged("the payload is not encrypted by the handler"))?;
    license_in(document, &encryption)
}

fn license_in(document: &Document<'_>, encryption: &Dictionary) -> Result<Vec<u8>> {
    let Some(Object::String(stored)) = document.resolved(encryption.get(b"PublishingLicense"))? else {
        return Err(damaged("the license is missing"));
    };
    let version = document.resolved(encryption.get(b"MicrosoftIRMVersion"))?;
    let license = if matches!(version, Some(Object::Integer(2..))) { stored } else { unpacked(&stored)? };
    if license.is_empty() || license.len() > LICENSE_READ_MAX {
        return Err(damaged("the length of the license"));
    }
    Ok(license)
}

/// The encryption dictionary if the handler made it.
fn encryption(document: &Document<'_>) -> Result<Option<Dictionary>> {
    let Some(encryption) = document.dictionary(document.trailer().get(b"Encrypt"))? else { return Ok(None) };
    let is_ours = matches!(document.resolved(encryption.get(b"Filter"))?, Some(Object::Name(name)) if name == HANDLER);
    Ok(is_ours.then_some(encryption))
}

/// Length of the protected document in front of a notice that was appended.
fn version_1_len(document: &Document<'_>) -> Result<Option<u64>> {
    let Some(wrapper) = document.dictionary(document.trailer().get(b"Wrapper"))? else { return Ok(None) };
    let is_ours = matches!(wrapper.get(b"Type"), Some(Object::Name(name)) if name == HANDLER);
    match document.resolved(document.trailer().get(b"WrapperOffset"))? {
        Some(Object::Integer(len)) if is_ours => Ok(u64::try_from(len).ok()),
        _ => Ok(None),
    }
}

/// Where the compressed payload of a notice lies: offset and length.
fn payload(document: &Document<'_>) -> Result<Option<(u64, u64)>> {
    let catalog = document.catalog()?;
    let mut waiting = Vec::new();
    if let Some(Object::Array(associated)) = document.resolved(catalog.get(b"AF"))? {
        waiting.extend(associated);
    }
    if let Some(names) = document.dictionary(catalog.get(b"Names"))? {
        waiting.extend(names.get(b"EmbeddedFiles").cloned());
    }
    // The tree of names holds kids, and pairs of a name and a file; a file has neither.
    let mut looked_at = 0;
    while let Some(candidate) = waiting.pop() {
        looked_at += 1;
        if looked_at > EMBEDDED_MAX {
            break;
        }
        let Some(file) = document.dictionary(Some(&candidate))? else { continue };
        for list in [b"Kids".as_slice(), b"Names"] {
            if let Some(Object::Array(within)) = document.resolved(file.get(list))? {
                waiting.extend(within.into_iter().take(2 * EMBEDDED_MAX));
            }
        }
        let Some(payload) = document.dictionary(file.get(b"EP"))? else { continue };
        if !matches!(payload.get(b"Subtype"), Some(Object::Name(name)) if name == HANDLER) {
            continue;
        }
        let streams = document.dictionary(file.get(b"EF"))?.ok_or_else(|| damaged("the payload is missing"))?;
        return document.flate_stream(streams.get(b"F")).map(Some);
    }
    Ok(None)
}

/// The license of version 1: Flate under base64.
fn unpacked(stored: &[u8]) -> Result<Vec<u8>> {
    let text: Vec<u8> = stored.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let packed = base64::engine::general_purpose::STANDARD.decode(text);
    let packed = packed.map_err(|_| damaged("the license is not base64"))?;
    inflate::all(&packed.as_slice(), 0, packed.len() as u64, LICENSE_READ_MAX)
}

fn has_magic(whole: &dyn ReadAt) -> Result<bool> {
    let mut magic = [0; MAGIC.len()];
    if whole.len() < magic.len() as u64 {
        return Ok(false);
    }
    whole.read_exact_at(0, &mut magic)?;
    Ok(magic == MAGIC)
}

/// Whether the name of the handler stands anywhere in a file.
fn names_handler(whole: &dyn ReadAt) -> Result<bool> {
    const CHUNK: usize = 256 << 10;
    let mut buffer = vec![0; CHUNK];
    let mut offset = 0;
    while offset < whole.len() {
        let count = usize::try_from(whole.len() - offset).unwrap_or(CHUNK).min(CHUNK);
        whole.read_exact_at(offset, &mut buffer[..count])?;
        if contains(&buffer[..count], HANDLER) {
            return Ok(true);
        }
        // The next piece begins early enough for a name that was cut.
        let step = if count == CHUNK { CHUNK - HANDLER.len() } else { count };
        offset += step as u64;
    }
    Ok(false)
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

fn damaged(why: &'static str) -> Error {
    Error::with(ErrorKind::FileCorrupt { what: "PDF" }, why)
}
