//! Protected documents, mail and PDF of other writers, and synthetic ones whose keys are known.
//!
//! They are never part of this repository. `MSIPC_SHARED` names the folder that holds `corpus`; without it the tests do
//! nothing, unless `MSIPC_CORPUS_REQUIRED` says that they must. Nothing read here is sent anywhere.

#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a test that unwraps fails with the place")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use msipc::cipher::{CipherMode, ContentKey};
use msipc::crypto::OsRandom;
use msipc::crypto::digest::sha256;
use msipc::error::ErrorKind;
use msipc::file::detect::{self, Protected};
use msipc::file::office::cfb::{CompoundFile, ReadAt, Whole};
use msipc::file::office::{self, OfficeKind, message, rpmsg};
use msipc::file::{MemoryStorage, RawCoder, pdf};
use msipc::xrml::publishing;
use serde_json::Value;

const UNPACKED_MAX: u64 = 64 << 20;

fn corpus() -> Option<PathBuf> {
    let shared = std::env::var_os("MSIPC_SHARED");
    assert!(shared.is_some() || std::env::var_os("MSIPC_CORPUS_REQUIRED").is_none(), "MSIPC_SHARED is not set");
    shared.map(|shared| PathBuf::from(shared).join("corpus"))
}

fn read(path: &Path) -> MemoryStorage {
    MemoryStorage::new(std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display())))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn coder(mode: CipherMode, key_hex: &str) -> RawCoder {
    let key: Vec<u8> =
        (0..key_hex.len() / 2).map(|at| u8::from_str_radix(&key_hex[at * 2..at * 2 + 2], 16).unwrap()).collect();
    RawCoder::new(&ContentKey::new(mode, &key).unwrap(), Arc::new(OsRandom)).unwrap()
}

/// One row of the table of real files in the folder's own description.
struct Row {
    file: String,
    format: String,
    license: String,
    owner: String,
    content_id: String,
    plain_size: String,
}

fn rows(corpus: &Path) -> Vec<Row> {
    let text = std::fs::read_to_string(corpus.join("README.md")).unwrap();
    let is_ours = |line: &&str| line.starts_with("| office/") || line.starts_with("| pdf/");
    let row = |line: &str| {
        let cells: Vec<String> = line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
        let cell = |index: usize| cells[index].clone();
        Row {
            file: cell(0),
            format: cell(3),
            license: cell(4),
            owner: cell(5),
            content_id: cell(6),
            plain_size: cell(9),
        }
    };
    text.lines().filter(is_ours).map(row).collect()
}

fn first_number(text: &str) -> u64 {
    let digits: String = text.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or_else(|_| panic!("no number in {text}"))
}

#[test]
fn every_published_document_has_the_facts_of_its_row() {
    let Some(corpus) = corpus() else { return };
    let rows = rows(&corpus);
    assert_eq!(rows.len(), 7, "rows of Office and PDF");
    for row in rows {
        let input = read(&corpus.join(&row.file));
        let status = if row.format == "PDF IRM v2" { Protected::Pdf } else { Protected::Office };
        assert_eq!(detect::detect(&input, Some(&row.file)).unwrap(), Some(status), "{}", row.file);
        let license = match row.format.as_str() {
            "PDF IRM v2" => {
                assert!(pdf::is_protected(&input).unwrap(), "{}", row.file);
                assert_eq!(office::detect(&input).unwrap(), None, "{}", row.file);
                pdf::license(&input).unwrap()
            }
            format => {
                let kind = if format == "OPC IRM" { OfficeKind::Package } else { OfficeKind::Binary };
                assert_eq!(office::detect(&input).unwrap(), Some(kind), "{}", row.file);
                assert!(!pdf::is_protected(&input).unwrap(), "{}", row.file);
                assert_eq!(office::plaintext_len(&input).unwrap(), first_number(&row.plain_size), "{}", row.file);
                office::license(&input).unwrap()
            }
        };
        assert_eq!(license.len() as u64, first_number(&row.license), "{}", row.file);
        assert_eq!(license.starts_with(b"\xEF\xBB\xBF"), row.license.contains("with BOM"), "{}", row.file);
        let parts = String::from_utf8_lossy(&license).matches("<XrML").count() as u64;
        let stated = row.license.split(", ").find(|part| part.contains(" part")).unwrap();
        assert_eq!(parts, first_number(stated), "{}", row.file);
        let signed = publishing::read(&license).unwrap_or_else(|e| panic!("{}: {e}", row.file));
        let found = signed.license();
        assert_eq!(found.owner.as_ref().and_then(|owner| owner.name.clone()), Some(row.owner), "{}", row.file);
        let content_id = found.content_id.to_string().to_ascii_lowercase();
        assert!(row.content_id.to_ascii_lowercase().contains(content_id.trim_matches(['{', '}'])), "{content_id}");
    }
}

/// Every stream of a compound file, by path.
fn streams_of(storage: &MemoryStorage) -> BTreeMap<String, Vec<u8>> {
    let whole = Whole::new(storage).unwrap();
    let file = CompoundFile::open(&whole).unwrap();
    let (mut found, mut waiting) = (BTreeMap::new(), vec![(file.root(), String::new())]);
    while let Some((id, path)) = waiting.pop() {
        for child in file.children(id) {
            let path = format!("{path}/{}", file.entry(*child).name);
            found.insert(path.clone(), file.stream(*child).unwrap().read_all(usize::MAX).unwrap());
            waiting.push((*child, path));
        }
    }
    found
}

/// What Office wrote and what is written here for the same license and content differ in no stream: data spaces, labels,
/// properties and their checksums are the same to the byte.
#[test]
fn a_document_written_anew_with_its_own_license_is_the_same() {
    let Some(corpus) = corpus() else { return };
    let mut checksums = 0;
    for row in rows(&corpus).iter().filter(|row| row.file.starts_with("office/")) {
        let input = read(&corpus.join(&row.file));
        let mut output = MemoryStorage::default();
        office::relicense(&input, &office::license(&input).unwrap(), &mut output, &mut |_, _| Ok(())).unwrap();
        let (before, after) = (streams_of(&input), streams_of(&output));
        let paths = |streams: &BTreeMap<String, Vec<u8>>| streams.keys().cloned().collect::<Vec<_>>();
        assert_eq!(paths(&before), paths(&after), "{}", row.file);
        for (path, bytes) in &before {
            assert!(after[path] == *bytes, "{}: {path}", row.file);
        }
        checksums += before.keys().filter(|path| path.ends_with("SIHash")).count();
    }
    assert_eq!(checksums, 2, "checksums that Office computed");
}

#[test]
fn contents_of_known_keys_come_out_right() {
    let Some(corpus) = corpus() else { return };
    let folder = corpus.join("synthetic");
    let facts: Value = serde_json::from_slice(&std::fs::read(folder.join("facts.json")).unwrap()).unwrap();
    let mut seen = 0;
    for fact in facts["files"].as_array().unwrap() {
        let (name, cipher) = (fact["file"].as_str().unwrap(), fact["cipher"].as_str().unwrap());
        let is_ours = name.ends_with(".docx") || name.ends_with(".doc") || name.ends_with(".rpmsg");
        if !is_ours {
            continue;
        }
        let key = facts[if cipher.starts_with("AES-128") { "aes128_key" } else { "aes256_key" }].as_str().unwrap();
        // The padding mode of pfiles must make no difference, since no call is final.
        let modes: &[CipherMode] =
            if cipher.contains("ECB") { &[CipherMode::Ecb] } else { &[CipherMode::Cbc4kNoPad, CipherMode::Cbc4k] };
        for mode in modes {
            let coder = coder(*mode, key);
            let mut input = read(&folder.join(name));
            if name.ends_with(".rpmsg") {
                assert!(rpmsg::detect(&input).unwrap());
                assert_eq!(office::detect(&input).unwrap(), None, "mail is no document");
                let mut unpacked = MemoryStorage::default();
                rpmsg::unpack(&input, &mut unpacked, UNPACKED_MAX).unwrap();
                input = unpacked;
                publishing::read(&rpmsg::license(&input).unwrap()).unwrap();
            }
            let mut plain = MemoryStorage::default();
            office::stored_content(&input, &coder, &mut plain, &mut |_, _| Ok(())).unwrap();
            assert_eq!(plain.bytes().len() as u64, fact["plain_size"].as_u64().unwrap(), "{name}");
            assert_eq!(hex(&sha256(plain.bytes())), fact["plain_sha256"].as_str().unwrap(), "{name}");
            publishing::read(&office::license(&input).unwrap()).unwrap();
            if name.ends_with(".rpmsg") {
                message::Message::read(&plain).unwrap();
            }
            if name.ends_with(".doc") {
                let mut document = MemoryStorage::default();
                office::unprotect(&input, &coder, &mut document, &mut |_, _| Ok(())).unwrap();
                assert_eq!(office::detect(&document).unwrap(), None);
                assert_eq!(office::plain_kind(&document).unwrap(), Some(OfficeKind::Binary));
            }
            seen += 1;
        }
    }
    assert_eq!(seen, 8, "files and modes");
}

/// What each damaged file is refused with, and by which call.
#[test]
fn every_damaged_file_is_refused() {
    let Some(corpus) = corpus() else { return };
    let folder = corpus.join("synthetic/broken");
    let facts: Value = serde_json::from_slice(&std::fs::read(corpus.join("synthetic/facts.json")).unwrap()).unwrap();
    let coders = [
        coder(CipherMode::Ecb, facts["aes128_key"].as_str().unwrap()),
        coder(CipherMode::Cbc4kNoPad, facts["aes256_key"].as_str().unwrap()),
    ];
    let is_corrupt = |error: msipc::Error| assert!(matches!(error.kind(), ErrorKind::FileCorrupt { .. }), "{error}");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let input = read(&path);
        if name.starts_with("office-") {
            let license_is_damaged =
                ["licence", "no-primary", "transform", "extensibility"].iter().any(|part| name.contains(part));
            if license_is_damaged {
                is_corrupt(office::license(&input).expect_err(name));
            } else {
                for coder in &coders {
                    let mut output = MemoryStorage::default();
                    is_corrupt(office::unprotect(&input, coder, &mut output, &mut |_, _| Ok(())).expect_err(name));
                }
            }
            seen += 1;
        } else if name.starts_with("rpmsg-") {
            let mut output = MemoryStorage::default();
            is_corrupt(rpmsg::unpack(&input, &mut output, UNPACKED_MAX).expect_err(name));
            seen += 1;
        }
    }
    assert_eq!(seen, 11, "damaged documents and mails");
}
