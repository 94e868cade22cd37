//! How often a file is read to find out what it is.

use std::sync::Arc;
use std::sync::Mutex;

use super::*;
use crate::cipher::{CipherMode, ContentKey};
use crate::crypto::OsRandom;
use crate::file::{MemoryStorage, RawCoder};

const DOCUMENT: &[u8] = include_bytes!("../../c-examples/data/tidal-report.docx");
/// No license that could be verified, so whoever needs none must not look at it.
const LICENSE: &[u8] = b"<XrML>not signed</XrML>";

/// Counts the bytes that are read.
#[derive(Debug)]
struct Counted(MemoryStorage, Mutex<u64>);

impl Counted {
    fn new(storage: MemoryStorage) -> Self {
        Self(storage, Mutex::new(0))
    }

    /// Bytes read by some work.
    fn during(&self, work: impl FnOnce(&dyn Storage)) -> u64 {
        *self.1.lock().unwrap() = 0;
        work(self);
        *self.1.lock().unwrap()
    }
}

impl Storage for Counted {
    fn len(&self) -> Result<u64> {
        self.0.len()
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> Result<usize> {
        let count = self.0.read_at(offset, out)?;
        *self.1.lock().unwrap() += count as u64;
        Ok(count)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<()> {
        self.0.write_at(offset, bytes)
    }

    fn set_len(&mut self, len: u64) -> Result<()> {
        self.0.set_len(len)
    }

    fn sync(&mut self) -> Result<()> {
        Ok(())
    }
}

fn coder(mode: CipherMode) -> RawCoder {
    RawCoder::new(&ContentKey::new(mode, &[7; 32]).unwrap(), Arc::new(OsRandom)).unwrap()
}

fn pfile() -> Counted {
    let mut output = MemoryStorage::default();
    let what = pfile::NewFile { license: LICENSE, extension: ".txt", metadata: b"", manifest: None };
    let plain = MemoryStorage::new(b"the plan".to_vec());
    pfile::protect(&plain, &what, &coder(CipherMode::Cbc4k), &mut output, &mut |_, _| Ok(())).unwrap();
    Counted::new(output)
}

fn document() -> Counted {
    let mut output = MemoryStorage::default();
    let (plain, coder) = (MemoryStorage::new(DOCUMENT.to_vec()), coder(CipherMode::Cbc4kNoPad));
    office::protect(&plain, LICENSE, &coder, &mut output, &mut |_, _| Ok(())).unwrap();
    Counted::new(output)
}

#[test]
fn the_license_comes_with_the_first_reading() {
    let file = pfile();
    let header = file.during(|storage| drop(pfile::Header::read(storage).unwrap()));
    let license = file.during(|storage| {
        let found = read(storage).unwrap().unwrap();
        assert!(matches!(&found.form, Form::Pfile(header) if header.extension() == Some(".txt")));
        // The mark of its encoding is stored in front.
        assert!(found.license.ends_with(LICENSE));
        assert_eq!(found.kind("a.ptxt"), Protected::Pfile { native: true });
    });
    assert_eq!(license, header + LICENSE.len() as u64 + 3);

    let file = document();
    let alone = file.during(|storage| drop(office::license(storage).unwrap()));
    let read = file.during(|storage| {
        let found = read(storage).unwrap().unwrap();
        assert!(matches!(found.form, Form::Office) && found.license.ends_with(LICENSE));
    });
    // Beside the license, no more than the first bytes, for another container.
    assert!(read - alone <= 18, "{read} bytes, {alone} for the license alone");
}

#[test]
fn a_name_that_tells_the_kind_spares_the_license() {
    let file = pfile();
    let header = file.during(|storage| drop(pfile::Header::read(storage).unwrap()));
    for (name, native) in [("a.ptxt", true), ("a.txt.pfile", false)] {
        let read = file.during(|storage| {
            assert_eq!(detect(storage, Some(name)).unwrap(), Some(Protected::Pfile { native }));
        });
        assert_eq!(read, header, "{name}");
    }
    let read = file.during(|storage| {
        assert_eq!(detect(storage, None).unwrap(), Some(Protected::Pfile { native: false }));
    });
    assert!(read > header);
}

#[test]
fn files_that_are_not_protected_have_no_license() {
    for bytes in [&b""[..], b".pfil", b"minutes", b"%PDF-1.4\n", DOCUMENT] {
        let storage = MemoryStorage::new(bytes.to_vec());
        assert!(form(&storage).unwrap().is_none() && read(&storage).unwrap().is_none());
        assert_eq!(*license(&storage).unwrap_err().kind(), ErrorKind::FileNotEncrypted);
        assert_eq!(is_authenticated(&storage).unwrap(), None);
    }
}

#[test]
fn damaged_containers_are_not_called_plain() {
    for bytes in [&b".pfile"[..], b"%PDF-1.7\n/MicrosoftIRMServices", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"] {
        let storage = MemoryStorage::new(bytes.to_vec());
        for answer in [form(&storage).map(|_| ()), read(&storage).map(|_| ()), license(&storage).map(|_| ())] {
            assert!(matches!(answer.unwrap_err().kind(), ErrorKind::FileCorrupt { .. }), "{bytes:?}");
        }
    }
}
