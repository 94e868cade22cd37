//! Protected files of other writers: what is clear in them, the content of those whose keys are known, and damaged ones.
//!
//! They are never part of this repository. `MSIPC_SHARED` names the folder that holds `corpus`; without it the tests do
//! nothing, unless `MSIPC_CORPUS_REQUIRED` says that they must.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use msipc::ErrorKind;
use msipc::cipher::{CipherMode, ContentKey};
use msipc::crypto::{OsRandom, sha256};
use msipc::file::detect::{self, Protected};
use msipc::file::pfile::{Access, Header, ProtectedFile, is_pfile, unprotect};
use msipc::file::{Coder, MemoryStorage, RawCoder};
use msipc::xrml::publishing;
use serde_json::Value;

/// The folder of the corpus, if it is at hand.
fn corpus() -> Option<PathBuf> {
    let shared = std::env::var_os("MSIPC_SHARED");
    assert!(shared.is_some() || std::env::var_os("MSIPC_CORPUS_REQUIRED").is_none(), "MSIPC_SHARED is not set");
    Some(PathBuf::from(shared?).join("corpus"))
}

fn storage(path: &Path) -> MemoryStorage {
    MemoryStorage::new(fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal")).collect()
}

fn coder(mode: CipherMode, key: &[u8]) -> Arc<dyn Coder> {
    let key = ContentKey::new(mode, key).expect("a key");
    Arc::new(RawCoder::new(&key, Arc::new(OsRandom)).expect("a cipher"))
}

/// The rows about pfiles in the table of facts: by file, the cells that follow.
fn facts(corpus: &Path) -> HashMap<String, Vec<String>> {
    let table = fs::read_to_string(corpus.join("README.md")).expect("the table of facts");
    let rows = table.lines().filter(|line| line.starts_with("| pfile/"));
    rows.map(|line| {
        let mut cells = line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned());
        (cells.next().unwrap_or_default(), cells.collect())
    })
    .collect()
}

/// The number that follows `word` in a cell.
fn number(cell: &str, word: &str) -> Option<u64> {
    let digits = cell.split(word).nth(1)?.trim_start();
    digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[test]
fn clear_parts_of_real_files_are_those_of_the_table() {
    let Some(corpus) = corpus() else { return };
    let facts = facts(&corpus);
    assert_eq!(facts.len(), 12);
    for (name, cells) in &facts {
        let [bytes, _, format, license_facts, owner, content_id, _, extension, size, other] = &cells[..] else {
            panic!("{name}: {} cells", cells.len())
        };
        let file = storage(&corpus.join(name));
        assert_eq!(file.bytes().len().to_string(), *bytes, "{name}");
        assert!(is_pfile(&file).unwrap());
        let native = Path::new(name).extension().is_some_and(|extension| extension != "pfile");
        assert_eq!(detect::detect(&file, Some(name)).unwrap(), Some(Protected::Pfile { native }), "{name}");
        assert_eq!(detect::is_authenticated(&file).unwrap(), Some(false), "{name}");
        let header = Header::read(&file).unwrap_or_else(|error| panic!("{name}: {error}"));
        let (major, minor) = header.version();
        assert_eq!(format!("pfile {major}.{minor}"), *format, "{name}");
        assert_eq!(header.extension(), Some(extension.as_str()), "{name}");

        let license = header.license(&file).unwrap();
        assert!(license_facts.starts_with(&format!("{} with BOM, ", license.len())), "{name}: {} bytes", license.len());
        assert!(license.starts_with(b"\xef\xbb\xbf<"), "{name}");
        let signed = publishing::read(&license).unwrap_or_else(|error| panic!("{name}: {error}"));
        let read = signed.license();
        assert_eq!(read.content_id, *content_id, "{name}");
        assert!(license_facts.contains(&format!("issued {}", read.issued.text())), "{name}: {}", read.issued.text());
        assert_eq!(number(license_facts, "BOM, "), Some(signed.documents() as u64), "{name}");
        let named = read.owner.as_ref().and_then(|owner| owner.name.as_deref());
        assert_eq!(named, Some(owner.as_str()), "{name}");

        let metadata = header.metadata(&file).unwrap();
        assert_eq!(Some(metadata.len() as u64), number(other, "metadata"), "{name}");
        let body = file.bytes().len() as u64 - header.content_offset();
        assert_eq!(Some(body), number(other, "body"), "{name}");
        match size.strip_suffix(" (header)") {
            Some(exact) => assert_eq!(header.original_size(), exact.parse().ok(), "{name}"),
            None => assert_eq!(header.original_size(), None, "{name}"),
        }
    }
}

#[test]
fn real_files_are_refused_under_a_wrong_key() {
    let Some(corpus) = corpus() else { return };
    for name in facts(&corpus).keys() {
        let file = storage(&corpus.join(name));
        // What a wrong key makes of the last block looks like right padding in one case of 256.
        let mut refused = 0;
        for byte in 0..4 {
            let mut output = MemoryStorage::default();
            let key = coder(CipherMode::Cbc4k, &[byte; 32]);
            refused += u32::from(unprotect(&file, &key, None, &mut output, &mut |_, _| Ok(())).is_err());
        }
        assert!(refused >= 3, "{name}: {refused} of 4 wrong keys refused");
    }
}

#[test]
fn synthetic_files_open_with_their_keys() {
    let Some(corpus) = corpus() else { return };
    let folder = corpus.join("synthetic");
    let facts: Value = serde_json::from_slice(&fs::read(folder.join("facts.json")).unwrap()).unwrap();
    let keys = [hex(facts["aes128_key"].as_str().unwrap()), hex(facts["aes256_key"].as_str().unwrap())];
    let mut opened = 0;
    for fact in facts["files"].as_array().unwrap() {
        let (name, cipher) = (fact["file"].as_str().unwrap(), fact["cipher"].as_str().unwrap());
        if !name.ends_with(".pfile") && !name.ends_with(".ptxt") {
            continue;
        }
        let key = &keys[usize::from(cipher.starts_with("AES-256"))];
        let mode = if cipher.ends_with("ECB") { CipherMode::Ecb } else { CipherMode::Cbc4k };
        let file = storage(&folder.join(name));
        assert_eq!(fact["size"].as_u64(), Some(file.bytes().len() as u64), "{name}");
        let mut output = MemoryStorage::default();
        // Files of major version 2 are CBC4K even under a license that names ECB.
        let modes = if name.starts_with("v2") { vec![mode, CipherMode::Ecb] } else { vec![mode] };
        for mode in modes {
            unprotect(&file, &coder(mode, key), None, &mut output, &mut |_, _| Ok(()))
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(fact["plain_size"].as_u64(), Some(output.bytes().len() as u64), "{name}");
            let hash: String = sha256(output.bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(fact["plain_sha256"].as_str(), Some(hash.as_str()), "{name}");
        }
        let access = Access { coder: coder(mode, key), trust: None, write_key: None, undo: None };
        let mut open = ProtectedFile::open(Box::new(file), access).unwrap();
        let mut plain = vec![0; output.bytes().len()];
        assert_eq!(open.read_at(0, &mut plain).unwrap(), plain.len(), "{name}");
        assert!(plain == output.bytes(), "{name}");
        open.write_at(plain.len() as u64, b"more").unwrap();
        let mut last = [0; 5];
        open.read_at((plain.len() as u64).saturating_sub(1), &mut last).unwrap();
        assert!(last.windows(4).any(|four| four == b"more"), "{name}");
        opened += 1;
    }
    assert_eq!(opened, 14);
}

#[test]
fn broken_files_are_refused() {
    let Some(corpus) = corpus() else { return };
    let folder = corpus.join("synthetic/broken");
    let facts: Value = serde_json::from_slice(&fs::read(corpus.join("synthetic/facts.json")).unwrap()).unwrap();
    let key = coder(CipherMode::Cbc4k, &hex(facts["aes256_key"].as_str().unwrap()));
    let mut seen = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.starts_with("pfile-") {
            continue;
        }
        seen += 1;
        let file = storage(&path);
        let mut output = MemoryStorage::default();
        let error = unprotect(&file, &key, None, &mut output, &mut |_, _| Ok(())).expect_err(&name);
        assert!(matches!(error.kind(), ErrorKind::FileCorrupt { .. }), "{name}: {error}");
        // Where the body alone is damaged, the license is still readable.
        let readable = name.starts_with("pfile-size-too-large") || name.starts_with("pfile-body-missing");
        assert_eq!(Header::read(&file).is_ok(), readable, "{name}");
    }
    assert_eq!(seen, 11);
}
