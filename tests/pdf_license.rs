//! PDF protected by Microsoft's IRM handler, in every form that its structure may have, and damaged.

#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a test that unwraps fails with the place")]

mod processor_time;

use std::fmt::Write as _;
use std::io::Write as _;

use base64::Engine;
use msipc::error::ErrorKind;
use msipc::file::office::exercise;
use msipc::file::{MemoryStorage, pdf};
use processor_time::{LIMIT, timed};

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn license() -> Vec<u8> {
    b"\xEF\xBB\xBF<?xml version=\"1.0\"?><XrML a=\"(nested (brackets))\">back\\slash)\r\n</XrML>".repeat(300)
}

/// A literal string with everything escaped that must be.
fn literal(bytes: &[u8]) -> Vec<u8> {
    let mut out = b"(".to_vec();
    for (index, byte) in bytes.iter().enumerate() {
        match byte {
            b'(' | b')' | b'\\' => out.extend([b'\\', *byte]),
            b'\r' => out.extend(b"\\r"),
            // In octal too, as some writers do.
            byte if index % 97 == 0 => out.extend(format!("\\{byte:03o}").bytes()),
            byte => out.push(*byte),
        }
    }
    out.push(b')');
    out
}

fn stream(dictionary: &str, content: &[u8]) -> Vec<u8> {
    let head = format!("<<{dictionary}/Length {}>>stream\r\n", content.len());
    [head.as_bytes(), content, b"\nendstream"].concat()
}

/// How cross-references are written.
#[derive(Copy, Clone, PartialEq, Debug)]
enum References {
    Table,
    Stream,
    PredictedStream,
    /// Objects that are no streams lie in an object stream.
    ObjectStream,
}

const ALL: [References; 4] =
    [References::Table, References::Stream, References::PredictedStream, References::ObjectStream];

/// A file of these objects, numbered from 1. `direct` are kept out of object streams.
fn file(objects: &[Vec<u8>], trailer: &str, references: References, direct: &[usize]) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n".to_vec();
    let mut entries: Vec<(u8, u64, u64)> = vec![(0, 0, 65535)];
    let (container, table) = (objects.len() as u64 + 1, objects.len() as u64 + 2);
    let (mut heads, mut within, mut count) = (String::new(), Vec::new(), 0);
    for (index, object) in objects.iter().enumerate() {
        let number = index + 1;
        let is_stream = object.ends_with(b"endstream");
        if references == References::ObjectStream && !is_stream && !direct.contains(&number) {
            write!(heads, "{number} {} ", within.len()).unwrap();
            within.extend(object);
            within.push(b'\n');
            entries.push((2, container, count));
            count += 1;
        } else {
            entries.push((1, bytes.len() as u64, 0));
            bytes.extend(format!("{number} 0 obj\n").bytes());
            bytes.extend(object);
            bytes.extend(b"\nendobj\n");
        }
    }
    if references == References::ObjectStream {
        entries.push((1, bytes.len() as u64, 0));
        let content = deflated(&[heads.as_bytes(), &within].concat());
        let dictionary = format!("/Type/ObjStm/N {count}/First {}/Filter/FlateDecode", heads.len());
        bytes.extend(format!("{container} 0 obj\n").bytes());
        bytes.extend(stream(&dictionary, &content));
        bytes.extend(b"\nendobj\n");
    }
    let start = bytes.len();
    if references == References::Table {
        bytes.extend(format!("xref\n0 {}\n", entries.len()).bytes());
        for (kind, offset, generation) in &entries {
            let kind = if *kind == 1 { 'n' } else { 'f' };
            bytes.extend(format!("{offset:010} {generation:05} {kind}\r\n").bytes());
        }
        bytes.extend(format!("trailer\n<</Size {}{trailer}>>\n", entries.len()).bytes());
    } else {
        let mut rows = Vec::new();
        let mut above = [0u8; 7];
        for (kind, first, second) in &entries {
            let mut row = vec![*kind];
            row.extend(&first.to_be_bytes()[4..]);
            row.extend(&second.to_be_bytes()[6..]);
            if references == References::PredictedStream {
                rows.push(2);
                rows.extend(row.iter().zip(above).map(|(byte, above)| byte.wrapping_sub(above)));
                above.copy_from_slice(&row);
            } else {
                rows.extend(row);
            }
        }
        let parameters = match references {
            References::PredictedStream => "/DecodeParms<</Predictor 12/Columns 7>>",
            _ => "",
        };
        let dictionary =
            format!("/Type/XRef/W[1 4 2]/Size {}/Filter[/FlateDecode]{parameters}{trailer}", entries.len());
        bytes.extend(format!("{table} 0 obj\n").bytes());
        bytes.extend(stream(&dictionary, &deflated(&rows)));
        bytes.extend(b"\nendobj\n");
    }
    bytes.extend(format!("startxref\n{start}\n%%EOF\n").bytes());
    bytes
}

/// An encrypted document without notice.
fn inner(encryption: &[u8], references: References) -> Vec<u8> {
    let objects = [b"<</Type/Catalog/Pages 2 0 R>>".to_vec(), b"<</Kids[]/Count 0>>".to_vec(), encryption.to_vec()];
    file(&objects, "/Root 1 0 R/Encrypt 3 0 R/ID[<00><00>]", references, &[3])
}

fn encryption(version: &str, license: &[u8]) -> Vec<u8> {
    let head = format!(
        "<</Filter/MicrosoftIRMServices/V 4/CF<</MicrosoftIRMServices<</CFM/None>>>>/StmF/MicrosoftIRMServices{version}\
         /PublishingLicense "
    );
    [head.as_bytes(), license, b">>"].concat()
}

/// A notice with a payload in it, which is found by way of the catalog.
fn wrapped(payload: &[u8], references: References, by_names: bool) -> Vec<u8> {
    let found = if by_names { "/Names<</EmbeddedFiles<</Kids[5 0 R]>>>>" } else { "/AF[3 0 R]" };
    let objects = [
        format!("<</Type/Catalog/Pages 2 0 R{found}>>").into_bytes(),
        b"<</Kids[]/Count 0>>".to_vec(),
        b"<</Type/Filespec/AFRelationship/EncryptedPayload/EP<</Type/EncryptedPayload/Subtype/MicrosoftIRM#53ervices\
          /Version 2>>/EF<</F 4 0 R>>>>"
            .to_vec(),
        stream("/Type/EmbeddedFile/Subtype/application#2Fpdf/Filter/FlateDecode", &deflated(payload)),
        b"<</Names[(other) null (MicrosoftIRMServices Protected PDF.pdf) 3 0 R]>>".to_vec(),
    ];
    file(&objects, "/Root 1 0 R", references, &[])
}

fn gives(bytes: Vec<u8>, what: &str) {
    let input = MemoryStorage::new(bytes);
    assert!(pdf::is_protected(&input).unwrap(), "{what}");
    assert!(pdf::license(&input).unwrap() == license(), "{what}");
}

#[test]
fn version_2_with_and_without_notice() {
    let stored = encryption("/MicrosoftIRMVersion 2", &literal(&license()));
    for references in ALL {
        gives(inner(&stored, references), &format!("{references:?}"));
        for around in ALL {
            for by_names in [false, true] {
                let bytes = wrapped(&inner(&stored, references), around, by_names);
                gives(bytes, &format!("{references:?} in {around:?}, {by_names}"));
            }
        }
    }
}

#[test]
fn strings_in_hexadecimal_and_dictionaries_in_the_trailer() {
    let hex: String = license().iter().map(|byte| format!("{byte:02X}")).collect();
    let stored = encryption("/MicrosoftIRMVersion 2", format!("<{hex}>").as_bytes());
    gives(inner(&stored, References::Table), "hexadecimal");
    let objects = [b"<</Type/Catalog>>".to_vec()];
    let trailer = format!("/Root 1 0 R/Encrypt {}", String::from_utf8(stored).unwrap());
    gives(file(&objects, &trailer, References::Table, &[]), "in the trailer");
}

#[test]
fn version_1_in_front_of_its_notice() {
    let packed = base64::engine::general_purpose::STANDARD.encode(deflated(&license()));
    let protected = inner(&encryption("", &literal(packed.as_bytes())), References::Table);
    gives(protected.clone(), "without notice");
    let mut bytes = protected.clone();
    let start = bytes.len();
    bytes.extend(b"xref\n0 1\n0000000000 65535 f\r\ntrailer\n<</Size 1/Root 9 0 R".iter());
    bytes.extend(
        format!(
            "/Wrapper<</Type/MicrosoftIRMServices/Version 1>>/WrapperOffset {}>>\nstartxref\n{start}\n%%EOF",
            start
        )
        .bytes(),
    );
    gives(bytes, "in front of its notice");
}

/// A payload that does not compress and is too long to keep, so that it is unpacked where it is read.
#[test]
fn long_payloads() {
    let mut state = 1u64;
    let noise: Vec<u8> = (0..17 << 20)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        })
        .collect();
    let stored = encryption("/MicrosoftIRMVersion 2", &literal(&license()));
    let objects = [b"<</Type/Catalog>>".to_vec(), stream("", &noise), stored];
    let payload = file(&objects, "/Root 1 0 R/Encrypt 3 0 R", References::Stream, &[3]);
    gives(wrapped(&payload, References::Table, false), "long");
}

#[test]
fn plain_files_are_not_protected() {
    let plain = file(&[b"<</Type/Catalog>>".to_vec()], "/Root 1 0 R", References::Table, &[]);
    let other = inner(b"<</Filter/Standard/V 4>>", References::Table);
    for bytes in [plain, other, b"%PDF-1.4\n".to_vec(), b"%PDF".to_vec(), b"minutes".to_vec(), Vec::new()] {
        let input = MemoryStorage::new(bytes);
        assert!(!pdf::is_protected(&input).unwrap());
        assert!(pdf::license(&input).is_err());
    }
    let plain = file(&[b"<</Type/Catalog>>".to_vec()], "/Root 1 0 R", References::Table, &[]);
    let error = pdf::license(&MemoryStorage::new(plain)).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::FileNotEncrypted);
    // What names the handler and cannot be read is not called unprotected.
    let damaged = MemoryStorage::new(b"%PDF-1.7\n/MicrosoftIRMServices".to_vec());
    assert!(matches!(pdf::is_protected(&damaged).unwrap_err().kind(), ErrorKind::FileCorrupt { .. }));
}

/// Whoever took such a file for an unprotected one would protect it a second time.
#[test]
fn damaged_payloads_are_protected_all_the_same() {
    for references in ALL {
        for payload in [&b"nothing"[..], b"", &inner(b"<</Filter/Standard>>", References::Table)] {
            let input = MemoryStorage::new(wrapped(payload, references, true));
            assert!(pdf::is_protected(&input).unwrap(), "{references:?}");
            let error = pdf::license(&input).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::FileCorrupt { .. }), "{error}");
        }
    }
}

#[test]
fn only_some_files_can_be_protected() {
    let with = |catalog: &str, trailer: &str| {
        let objects = [format!("<</Type/Catalog{catalog}>>").into_bytes(), b"<</SigFlags 3>>".to_vec()];
        let bytes = file(&objects, &format!("/Root 1 0 R{trailer}"), References::Table, &[]);
        pdf::check_protectable(&MemoryStorage::new(bytes))
    };
    with("", "").unwrap();
    with("/AcroForm<</SigFlags 0/XFA[]>>", "").unwrap();
    for (catalog, trailer) in [
        ("", "/Encrypt<</Filter/Standard>>"),
        ("/AcroForm 2 0 R", ""),
        ("/AcroForm<</SigFlags 1>>", ""),
        ("/Perms<</DocMDP 2 0 R>>", ""),
        ("/NeedsRendering true/AcroForm<</XFA[]>>", ""),
    ] {
        assert_eq!(with(catalog, trailer).unwrap_err().kind(), &ErrorKind::FilePdfFormat, "{catalog}{trailer}");
    }
    let linearized = file(&[b"<</Linearized 1/L 500>>".to_vec()], "/Root 1 0 R", References::Table, &[]);
    for bytes in [linearized, b"%PDF-1.7\nno structure".to_vec(), b"minutes".to_vec()] {
        let error = pdf::check_protectable(&MemoryStorage::new(bytes)).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::FilePdfFormat);
    }
}

#[test]
fn payloads_that_grow_without_end_are_refused() {
    let bomb = wrapped(&vec![0; 200 << 20], References::Table, false);
    let (result, time) = timed(|| pdf::license(&MemoryStorage::new(bomb)));
    let error = result.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::FileCorrupt { .. }), "{error}");
    assert!(time < LIMIT, "{time:?}");
    let nested = inner(&[b"[".repeat(1 << 20), b"(".repeat(1 << 20)].concat(), References::Table);
    let circle = b"%PDF-1.7\nxref\n0 0\ntrailer\n<</Prev 9/Root 1 0 R>>\nstartxref\n9\n%%EOF".to_vec();
    let claims = b"%PDF-1.7\nxref\n0 4294967295\ntrailer\n<</Root 1 0 R>>\nstartxref\n9\n%%EOF".to_vec();
    for bytes in [nested, circle, claims] {
        let (result, time) = timed(|| pdf::license(&MemoryStorage::new(bytes)));
        assert!(result.is_err() && time < LIMIT, "{time:?}");
    }
}

#[test]
fn mutated_files() {
    let stored = encryption("/MicrosoftIRMVersion 2", &literal(&license()[..400]));
    let mut state = 0x1234_5678_9ABC_DEF1u64;
    let mut below = |end: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 20) as usize % end
    };
    for references in ALL {
        let good = wrapped(&inner(&stored, references), references, true);
        // The notice itself is a PDF that could be protected.
        assert_eq!(exercise::pdf(&good), 3);
        for round in 0..1500 {
            let mut bytes = good.clone();
            for _ in 0..1 + below(4) {
                let at = below(bytes.len());
                match below(4) {
                    0 => bytes[at] = below(256) as u8,
                    1 => bytes[at] = b"0123456789<>[]()/ R"[below(19)],
                    2 => bytes.truncate(at.max(1)),
                    _ => {
                        let from = below(bytes.len());
                        let part = bytes[from..(from + 40).min(bytes.len())].to_vec();
                        bytes.splice(at..at, part);
                    }
                }
            }
            let (_, time) = timed(|| exercise::pdf(&bytes));
            assert!(time < LIMIT, "{references:?}, mutation {round} took {time:?}");
        }
    }
}
