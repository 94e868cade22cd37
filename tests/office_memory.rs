//! Documents of 200 MiB through files on the disk, protected, looked at, protected anew in both ways, and opened: memory
//! stays under 32 MiB for all of the process, and under 64 MiB when files are hostile.
//!
//! The only test here, so that the process has done nothing else when its memory is read.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a test that unwraps fails with the place")]
#![cfg(target_os = "linux")]

use std::fs::File;
use std::io::Write;
use std::sync::Arc;

use msipc::cipher::{CipherMode, ContentKey};
use msipc::crypto::OsRandom;
use msipc::file::detect::{self, Form};
use msipc::file::office::cfb::{Attributes, Content, Node, Plan};
use msipc::file::{MemoryStorage, RawCoder, Storage, office, pdf};

const LEN: u64 = 200 << 20;
const RESIDENT_MAX_KIB: u64 = 32 << 10;
const HOSTILE_MAX_KIB: u64 = 64 << 10;

/// The most memory that the process ever had.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn same(left: &File, right: &File) {
    assert_eq!(Storage::len(left).unwrap(), Storage::len(right).unwrap());
    let (mut a, mut b) = (vec![0; 1 << 20], vec![0; 1 << 20]);
    let mut offset = 0;
    loop {
        let count = Storage::read_at(left, offset, &mut a).unwrap();
        assert_eq!(Storage::read_at(right, offset, &mut b).unwrap(), count);
        if count == 0 {
            break;
        }
        assert!(a[..count] == b[..count], "at {offset}");
        offset += count as u64;
    }
}

#[test]
fn memory_stays_bounded() {
    documents_of_200_mib();
    let resident = resident_kib();
    assert!(resident < RESIDENT_MAX_KIB, "documents: {resident} KiB");
    hostile_files();
    let resident = resident_kib();
    assert!(resident < HOSTILE_MAX_KIB, "hostile files: {resident} KiB");
}

/// Files that claim or unpack to gigabytes.
fn hostile_files() {
    // A PDF whose payload is zeros without end.
    let mut payload = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..1024 {
        payload.write_all(&vec![0; 1 << 20]).unwrap();
    }
    let payload = payload.finish().unwrap();
    let mut pdf = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    let filespec = "/EP<</Subtype/MicrosoftIRMServices>>/EF<</F 2 0 R>>";
    let length = payload.len();
    for object in [
        [format!("<</AF[<<{filespec}>>]>>").as_bytes(), b""].concat(),
        [format!("<</Filter/FlateDecode/Length {length}>>stream\n").as_bytes(), &payload, b"\nendstream"].concat(),
    ] {
        offsets.push(pdf.len());
        pdf.extend([format!("{} 0 obj ", offsets.len()).as_bytes(), &object, b" endobj\n"].concat());
    }
    let start = pdf.len();
    let entries: String = offsets.iter().map(|offset| format!("{offset:010} 00000 n\r\n")).collect();
    pdf.extend(format!("xref\n1 2\n{entries}trailer <</Root 1 0 R>>\nstartxref\n{start}\n%%EOF").bytes());
    let input = MemoryStorage::new(pdf);
    let error = pdf::license(&input).unwrap_err();
    assert!(error.to_string().contains("grows without end"), "the payload is reached: {error}");

    // A compound file that claims as many sectors as there can be.
    for claimed in 0..128 {
        let mut bytes = vec![0xFF; 100];
        bytes[..8].copy_from_slice(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]);
        bytes.resize(512 + claimed * 512, 0xFF);
        bytes[24..34].copy_from_slice(&[0x3E, 0, 3, 0, 0xFE, 0xFF, 9, 0, 6, 0]);
        assert!(office::detect(&MemoryStorage::new(bytes)).is_err());
    }
}

fn documents_of_200_mib() {
    let chunk: Vec<u8> = (0..1 << 20).map(|index: u32| (index % 251) as u8).collect();
    let mut package = tempfile::tempfile().unwrap();
    package.write_all(b"PK\x03\x04").unwrap();
    for _ in 0..LEN >> 20 {
        package.write_all(&chunk).unwrap();
    }
    let streams = ["WordDocument", "Data"].map(|name| {
        let content = Content::produced(LEN / 2, |sink| (0..LEN >> 21).try_for_each(|_| sink(&chunk)));
        Node::stream(name, content)
    });
    let mut binary = tempfile::tempfile().unwrap();
    Plan::new(Attributes::default(), streams.into()).unwrap().write(&mut binary).unwrap();

    for (input, key_len, mode) in [(package, 32, CipherMode::Cbc4kNoPad), (binary, 16, CipherMode::Ecb)] {
        let key = ContentKey::new(mode, &vec![9; key_len]).unwrap();
        let coder = RawCoder::new(&key, Arc::new(OsRandom)).unwrap();
        let file = || tempfile::tempfile().unwrap();
        let (mut protected, mut relicensed) = (file(), file());
        office::protect(&input, b"<XrML>1</XrML>", &coder, &mut protected, &mut |_, _| Ok(())).unwrap();
        office::relicense(&protected, b"<XrML>2</XrML>", &mut relicensed, &mut |_, _| Ok(())).unwrap();
        drop(protected);
        let mut anew = file();
        office::reprotect(&relicensed, &coder, b"<XrML>3</XrML>", &coder, &mut anew, &mut |_, _| Ok(())).unwrap();
        drop(relicensed);
        let found = detect::read(&anew).unwrap().unwrap();
        assert!(matches!(found.form, Form::Office) && found.license.ends_with(b"<XrML>3</XrML>"));
        assert!(detect::form(&input).unwrap().is_none() && office::plain_kind(&input).unwrap().is_some());
        let mut back = file();
        office::unprotect(&anew, &coder, &mut back, &mut |_, _| Ok(())).unwrap();
        same(&input, &back);
    }
}
