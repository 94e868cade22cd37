//! Documents of 200 MiB through files on the disk: memory stays under 32 MiB for all of the process.
//!
//! The only test here, so that the process has done nothing else when its memory is read.
#![cfg(target_os = "linux")]

use std::fs::File;
use std::io::Write;
use std::sync::Arc;

use msipc::cipher::{CipherMode, ContentKey};
use msipc::crypto::OsRandom;
use msipc::file::office::cfb::{Attributes, Content, Node, Plan};
use msipc::file::{RawCoder, Storage, office};

const LEN: u64 = 200 << 20;
const RESIDENT_MAX_KIB: u64 = 32 << 10;

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
        let [mut protected, mut anew, mut back] = [(); 3].map(|()| tempfile::tempfile().unwrap());
        office::protect(&input, b"<XrML/>", &coder, &mut protected, &mut |_, _| Ok(())).unwrap();
        office::reprotect(&protected, &coder, b"<XrML/>", &coder, &mut anew, &mut |_, _| Ok(())).unwrap();
        drop(protected);
        office::unprotect(&anew, &coder, &mut back, &mut |_, _| Ok(())).unwrap();
        same(&input, &back);
    }
    let resident = resident_kib();
    println!("{resident} KiB");
    assert!(resident < RESIDENT_MAX_KIB, "{resident} KiB");
}
