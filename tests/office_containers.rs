//! What the library writes for Office, examined by an independent program: `tests/tools/check_office_irm.py --strict`.
//!
//! The program needs python3 with olefile, which `make setup` installs. Without them the test fails.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use msipc::cipher::{CipherMode, ContentKey};
use msipc::crypto::OsRandom;
use msipc::file::{MemoryStorage, RawCoder, office};

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
