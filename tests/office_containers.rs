//! What the library writes for Office, examined by an independent program: `tests/tools/check_office_irm.py --strict`.
//!
//! The program needs python3 with olefile, which `make setup` installs. Without them the test fails.

#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a test that unwraps fails with the place")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use msipc::cipher::{CipherMode, ContentKey};
use msipc::crypto::OsRandom;
use msipc::crypto::rsa::RsaPublicKey;
use msipc::error::ErrorKind;
use msipc::file::office::cfb::{Attributes, Body, CompoundFile, EntryId, Node, Plan, ReadAt, Whole};
use msipc::file::office::message::{BodyFormat, Message};
use msipc::file::office::rpmsg;
use msipc::file::{MemoryStorage, RawCoder, office};
use msipc::xrml::publishing;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn coder(mode: CipherMode, key_len: usize) -> RawCoder {
    let key: Vec<u8> = (0..key_len).map(|byte| byte as u8 ^ 0x5A).collect();
    RawCoder::new(&ContentKey::new(mode, &key).unwrap(), Arc::new(OsRandom)).unwrap()
}

fn license(name: &str) -> Vec<u8> {
    std::fs::read(root().join("tests/vectors/xrml").join(name)).unwrap()
}

/// The interpreter that has olefile: the one in the path, else the system's.
fn python() -> &'static str {
    let has_olefile = |python: &&&str| {
        Command::new(python).args(["-c", "import olefile"]).output().is_ok_and(|output| output.status.success())
    };
    ["python3", "/usr/bin/python3"].iter().find(has_olefile).expect("python3 with olefile: run `make setup`")
}

/// Fails unless the checking program finds nothing to complain about.
fn passes(file: &Path, mode: &str, plain: usize) {
    let output = Command::new(python())
        .arg(root().join("tests/tools/check_office_irm.py"))
        .args(["--strict", "--mode", mode, "--expect-size", &plain.to_string()])
        .arg(file)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}: {text}{}", file.display(), String::from_utf8_lossy(&output.stderr));
}

fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x2545_F491_4F6C_DD1Du64;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..len).map(next).collect()
}

fn package(len: usize) -> Vec<u8> {
    let mut bytes = noise(len);
    bytes[..4].copy_from_slice(b"PK\x03\x04");
    bytes
}

const SIZES: [usize; 12] = [4, 15, 16, 17, 4080, 4095, 4096, 4097, 8192, 65_536, 262_145, 9 << 20];
const MODES: [(CipherMode, usize, &str); 3] =
    [(CipherMode::Cbc4kNoPad, 32, "cbc4k"), (CipherMode::Cbc4k, 16, "cbc4k"), (CipherMode::Ecb, 16, "ecb")];

#[test]
fn packages_of_every_size_pass() {
    let folder = tempfile::tempdir().unwrap();
    for (mode, key_len, name) in MODES {
        let coder = coder(mode, key_len);
        for size in SIZES {
            let plain = package(size);
            let mut output = MemoryStorage::default();
            let input = MemoryStorage::new(plain.clone());
            office::protect(&input, &license("01-basic.xml"), &coder, &mut output, &mut |_, _| Ok(())).unwrap();
            let path = folder.path().join(format!("{name}-{size}.docx"));
            std::fs::write(&path, output.bytes()).unwrap();
            passes(&path, name, size);

            assert_eq!(office::detect(&output).unwrap(), Some(office::OfficeKind::Package));
            let mut back = MemoryStorage::default();
            office::unprotect(&output, &coder, &mut back, &mut |_, _| Ok(())).unwrap();
            assert!(back.bytes() == plain, "{name} {size}");
        }
    }
}

/// A compound file with these streams in its root, and a nested storage.
fn compound(class_id: [u8; 16], streams: &[(&str, Vec<u8>)]) -> MemoryStorage {
    let mut nodes: Vec<Node<'_>> = streams.iter().map(|(name, bytes)| Node::bytes(name, bytes.clone())).collect();
    let mut deep =
        Node::storage("ObjectPool", vec![Node::bytes("\u{1}Ole", noise(20)), Node::bytes("big", noise(9000))]);
    deep.attributes = Attributes { class_id: [7; 16], state: 5, created: 1 << 40, modified: 1 << 41 };
    nodes.push(deep);
    let mut storage = MemoryStorage::default();
    Plan::new(Attributes { class_id, ..Attributes::default() }, nodes).unwrap().write(&mut storage).unwrap();
    storage
}

/// All that a compound file holds, by path.
fn content_of(storage: &MemoryStorage) -> BTreeMap<String, (Attributes, Vec<u8>)> {
    fn walk(file: &CompoundFile<'_>, id: EntryId, path: &str, found: &mut BTreeMap<String, (Attributes, Vec<u8>)>) {
        for child in file.children(id) {
            let entry = file.entry(*child);
            let path = format!("{path}/{}", entry.name);
            let bytes = file.stream(*child).unwrap().read_all(usize::MAX).unwrap();
            found.insert(path.clone(), (entry.attributes, bytes));
            walk(file, *child, &path, found);
        }
    }
    let whole = Whole::new(storage).unwrap();
    let file = CompoundFile::open(&whole).unwrap();
    let mut found = BTreeMap::from([(String::new(), (file.entry(file.root()).attributes, Vec::new()))]);
    walk(&file, file.root(), "", &mut found);
    found
}

const CLASS: [u8; 16] = [6, 9, 2, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46];

fn binary_documents() -> Vec<(&'static str, MemoryStorage)> {
    let clear = |len: usize| {
        vec![
            ("\u{1}CompObj", noise(106)),
            ("\u{5}SummaryInformation", noise(len)),
            ("\u{5}DocumentSummaryInformation", noise(len / 2)),
        ]
    };
    let with = |mut streams: Vec<(&'static str, Vec<u8>)>, len| {
        streams.extend(clear(len));
        compound(CLASS, &streams)
    };
    vec![
        ("doc", with(vec![("WordDocument", noise(70_000)), ("1Table", noise(5000)), ("Data", noise(100))], 4096)),
        ("xls", with(vec![("Workbook", noise(4095)), ("_VBA_PROJECT_CUR", noise(64))], 64)),
        ("ppt", with(vec![("PowerPoint Document", noise(3 << 20)), ("Current User", noise(43))], 5000)),
    ]
}

#[test]
fn binary_documents_pass_and_come_back_whole() {
    let folder = tempfile::tempdir().unwrap();
    for (mode, key_len, name) in MODES {
        let coder = coder(mode, key_len);
        for (extension, input) in binary_documents() {
            assert_eq!(office::plain_kind(&input).unwrap(), Some(office::OfficeKind::Binary));
            let mut output = MemoryStorage::default();
            office::protect(&input, &license("04-template.xml"), &coder, &mut output, &mut |_, _| Ok(())).unwrap();
            let path = folder.path().join(format!("{name}.{extension}"));
            std::fs::write(&path, output.bytes()).unwrap();
            let inner = usize::try_from(office::plaintext_len(&output).unwrap()).unwrap();
            passes(&path, name, inner);

            let outside = content_of(&output);
            assert_eq!(outside[""].0.class_id, CLASS, "the kind of document can be told from outside");
            assert!(!outside.keys().any(|path| path.contains("ObjectPool")), "nothing but the list stays outside");
            assert!(outside.contains_key("/\\u{1}CompObj"));
            let mut back = MemoryStorage::default();
            office::unprotect(&output, &coder, &mut back, &mut |_, _| Ok(())).unwrap();
            assert!(content_of(&back) == content_of(&input), "{name} {extension}");
            assert_eq!(office::detect(&back).unwrap(), None);
        }
    }
}

#[test]
fn what_cannot_be_protected_is_refused() {
    let coder = coder(CipherMode::Ecb, 16);
    let mut output = MemoryStorage::default();
    let mut refuse = |input: &MemoryStorage, coder: &RawCoder| {
        let license = license("01-basic.xml");
        office::protect(input, &license, coder, &mut output, &mut |_, _| Ok(())).unwrap_err().kind().clone()
    };
    let excel_95 = compound([0; 16], &[("Book", noise(5000))]);
    assert_eq!(office::plain_kind(&excel_95).unwrap(), None);
    assert_eq!(refuse(&excel_95, &coder), ErrorKind::NotSupported);
    let password = compound([0; 16], &[("EncryptionInfo", noise(100)), ("EncryptedPackage", noise(5000))]);
    assert_eq!(office::detect(&password).unwrap(), None);
    assert_eq!(refuse(&password, &coder), ErrorKind::NotSupported);
    assert_eq!(refuse(&MemoryStorage::new(b"minutes".to_vec()), &coder), ErrorKind::NotSupported);
    assert_eq!(refuse(&MemoryStorage::default(), &coder), ErrorKind::NotSupported);
    for mode in [CipherMode::Gcm4k, CipherMode::Cbc512] {
        let unfit = self::coder(mode, 32);
        assert_eq!(refuse(&MemoryStorage::new(package(100)), &unfit), ErrorKind::NotSupported);
    }
    let error = office::protect(
        &MemoryStorage::new(package(100)),
        b" \0",
        &coder,
        &mut MemoryStorage::default(),
        &mut |_, _| Ok(()),
    );
    assert!(matches!(error.unwrap_err().kind(), ErrorKind::Malformed { .. }));
}

/// A protected package as Office leaves it: with labels, properties, their checksums and custom data in the clear.
fn rich_package(coder: &RawCoder, plain: &[u8]) -> MemoryStorage {
    let mut protected = MemoryStorage::default();
    let input = MemoryStorage::new(plain.to_vec());
    office::protect(&input, &license("01-basic.xml"), coder, &mut protected, &mut |_, _| Ok(())).unwrap();
    let whole = Whole::new(&protected).unwrap();
    let file = CompoundFile::open(&whole).unwrap();
    let mut nodes: Vec<Node<'_>> = file.children(file.root()).iter().map(|id| file.node(*id).unwrap()).collect();
    let labels = b"<?xml version=\"1.0\"?><clbl:labelList xmlns:clbl=\"http://schemas.microsoft.com/office/2020/mipLabelMetadata\">\
        <clbl:label id=\"{00000000-0000-0000-0000-000000000001}\"/></clbl:labelList>";
    for node in &mut nodes {
        let Body::Storage(children) = &mut node.body else { continue };
        for child in children {
            if child.name == *"TransformInfo" {
                let Body::Storage(transforms) = &mut child.body else { panic!("a storage") };
                transforms.push(Node::bytes("LabelInfo", labels.to_vec()));
                let Body::Storage(transform) = &mut transforms[0].body else { panic!("a storage") };
                transform.push(Node::bytes("EUL-ABCDEFGHIJKLMNOPQRSTUVWXYZ", noise(300)));
            }
        }
    }
    nodes.push(Node::bytes("\u{5}SummaryInformation", noise(4500)));
    nodes.push(Node::bytes("\u{5}DocumentSummaryInformation", noise(300)));
    // Wrong on purpose: whoever writes the container anew computes it.
    nodes.push(Node::bytes("EncryptedSIHash", vec![0xAB, 0, 1, 2, 3, 4]));
    nodes.push(Node::storage("MsoDataStore", vec![Node::storage("À", vec![Node::bytes("Item", noise(10))])]));
    let mut rich = MemoryStorage::default();
    Plan::new(Attributes::default(), nodes).unwrap().write(&mut rich).unwrap();
    rich
}

#[test]
fn protecting_anew_keeps_what_stands_in_the_clear() {
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (coder(CipherMode::Ecb, 16), coder(CipherMode::Cbc4kNoPad, 32));
    let plain = package(10_000);
    let rich = rich_package(&old, &plain);
    let mut anew = MemoryStorage::default();
    let license = license("03-unicode-lcids.xml");
    office::reprotect(&rich, &old, &license, &new, &mut anew, &mut |_, _| Ok(())).unwrap();
    let mut relicensed = MemoryStorage::default();
    office::relicense(&rich, &license, &mut relicensed, &mut |_, _| Ok(())).unwrap();

    let before = content_of(&rich);
    for (name, output, coder, mode) in [("anew", &anew, &new, "cbc4k"), ("license", &relicensed, &old, "ecb")] {
        let path = folder.path().join(format!("{name}.docx"));
        std::fs::write(&path, output.bytes()).unwrap();
        passes(&path, mode, plain.len());
        let after = content_of(output);
        for kept in [
            "/\\u{5}SummaryInformation",
            "/\\u{5}DocumentSummaryInformation",
            "/MsoDataStore/À/Item",
            "/\\u{6}DataSpaces/TransformInfo/LabelInfo",
        ] {
            assert_eq!(after.get(kept), before.get(kept), "{name} {kept}");
            assert!(after.contains_key(kept), "{name} {kept}");
        }
        assert!(after.contains_key("/EncryptedSIHash") && after.contains_key("/EncryptedDSIHash"), "{name}");
        assert_ne!(after.get("/EncryptedSIHash"), before.get("/EncryptedSIHash"), "{name}");
        assert!(!after.keys().any(|path| path.contains("EUL-")), "a use license belongs to its license");
        let mut back = MemoryStorage::default();
        office::unprotect(output, coder, &mut back, &mut |_, _| Ok(())).unwrap();
        assert!(back.bytes() == plain, "{name}");
        assert_eq!(office::license(output).unwrap(), license.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&license));
    }
    assert_eq!(content_of(&relicensed)["/EncryptedPackage"], before["/EncryptedPackage"]);
    assert_ne!(content_of(&anew)["/EncryptedPackage"], before["/EncryptedPackage"]);
}

#[test]
fn licenses_of_every_encoding_are_stored_as_office_stores_them() {
    let coder = coder(CipherMode::Ecb, 16);
    let folder = tempfile::tempdir().unwrap();
    let input = MemoryStorage::new(package(5000));
    for name in ["01-basic.xml", "05-deprecated-utf16.xml", "06-offline-clc.xml"] {
        let mut output = MemoryStorage::default();
        office::protect(&input, &license(name), &coder, &mut output, &mut |_, _| Ok(())).unwrap();
        let path = folder.path().join("license.docx");
        std::fs::write(&path, output.bytes()).unwrap();
        passes(&path, "ecb", 5000);
        let stored = office::license(&output).unwrap();
        assert!(stored.starts_with(b"<?xml version=\"1.0\"?>"), "{name}");
        let (before, after) = (publishing::read(&license(name)).unwrap(), publishing::read(&stored).unwrap());
        assert_eq!(before.license().content_id, after.license().content_id);
        // What is signed is the text, whatever its encoding.
        let server = &after.license().server;
        let key = RsaPublicKey::from_modulus_be(&server.modulus).unwrap();
        after.check_server(server.id.as_deref().unwrap_or(""), &key).unwrap();
    }
}

#[test]
fn mail_goes_there_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let message = Message {
        format: BodyFormat::Html,
        code_page: 65001,
        body: b"<p>minutes of the board</p>".repeat(9000),
        rtf: Some(noise(7000)),
        text_as_html: None,
    };
    for (mode, key_len, name) in MODES {
        let coder = coder(mode, key_len);
        let mut inner = MemoryStorage::default();
        message.write(&mut inner).unwrap();
        let mut packed = MemoryStorage::default();
        rpmsg::protect(&inner, &license("01-basic.xml"), &coder, &mut packed, &mut |_, _| Ok(())).unwrap();
        assert!(rpmsg::detect(&packed).unwrap());
        let mut unpacked = MemoryStorage::default();
        rpmsg::unpack(&packed, &mut unpacked, 64 << 20).unwrap();
        let path = folder.path().join(format!("{name}.rpmsg.unpacked"));
        std::fs::write(&path, unpacked.bytes()).unwrap();
        passes(&path, name, inner.bytes().len());
        assert_eq!(rpmsg::license(&unpacked).unwrap(), &license("01-basic.xml")[3..]);
        let mut back = MemoryStorage::default();
        rpmsg::unprotect(&unpacked, &coder, &mut back, &mut |_, _| Ok(())).unwrap();
        assert!(Message::read(&back).unwrap() == message, "{name}");

        let limit = unpacked.bytes().len() as u64 - 1;
        let error = rpmsg::unpack(&packed, &mut MemoryStorage::default(), limit).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::FileCorrupt { .. }), "the limit holds: {error}");
        let mut again = MemoryStorage::default();
        rpmsg::pack(&unpacked, &mut again).unwrap();
        let mut twice = MemoryStorage::default();
        rpmsg::unpack(&again, &mut twice, 64 << 20).unwrap();
        assert!(twice.bytes() == unpacked.bytes(), "{name}");
    }
}

#[test]
fn cancelling_ends_the_work_and_progress_ends_at_the_total() {
    let coder = coder(CipherMode::Cbc4kNoPad, 32);
    let input = MemoryStorage::new(package(3 << 20));
    let mut calls = 0;
    let mut cancel = |_: u64, _: u64| {
        calls += 1;
        if calls == 2 { Err(ErrorKind::Cancelled.into()) } else { Ok(()) }
    };
    let mut output = MemoryStorage::default();
    let error = office::protect(&input, &license("01-basic.xml"), &coder, &mut output, &mut cancel).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Cancelled);

    let mut last = (0, 1);
    let mut watch = |done: u64, total: u64| {
        assert!(done >= last.0 && done <= total);
        last = (done, total);
        Ok(())
    };
    office::protect(&input, &license("01-basic.xml"), &coder, &mut output, &mut watch).unwrap();
    assert_eq!(last, (3 << 20, 3 << 20));
}

#[test]
fn another_key_never_gives_a_document() {
    let (right, wrong) = (coder(CipherMode::Cbc4kNoPad, 32), coder(CipherMode::Cbc4kNoPad, 16));
    let mut inputs = vec![MemoryStorage::new(package(5000))];
    inputs.extend(binary_documents().into_iter().map(|(_, input)| input));
    for input in inputs {
        let mut output = MemoryStorage::default();
        office::protect(&input, &license("01-basic.xml"), &right, &mut output, &mut |_, _| Ok(())).unwrap();
        let mut back = MemoryStorage::default();
        let error = office::unprotect(&output, &wrong, &mut back, &mut |_, _| Ok(())).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::FileCorrupt { .. }), "{error}");
        assert!(back.bytes().is_empty(), "nothing is written before the key is known to fit");
    }
}
