//! Reads, writes and new ends at any place of an open pfile, beside the same on plain memory.
//!
//! The first byte chooses the kind of file, then each operation takes six bytes: what, offset (3, lowest first), length (2).
#![no_main]

use libfuzzer_sys::fuzz_target;
use msipc::file::MemoryStorage;
use msipc::file::pfile::{Access, ProtectedFile};
use msipc_fuzz::{KINDS, coder, pattern, protected, trust, write_key};

/// Furthest byte that an operation begins at.
const REACH: usize = 200_000;
/// Operations on one file.
const MOST: usize = 40;

fuzz_target!(|bytes: &[u8]| {
    let Some((&first, steps)) = bytes.split_first() else { return };
    let kind = KINDS[usize::from(first) % KINDS.len()];
    let (mode, key_len, is_signed) = kind;
    let mut model = pattern(usize::from(first) * 77);
    let storage = Box::new(MemoryStorage::new(protected(kind, b"<XrML>a license</XrML>", model.len())));
    let access = Access {
        coder: coder(mode, key_len),
        trust: is_signed.then(trust),
        write_key: is_signed.then(write_key),
        undo: None,
    };
    let mut file = ProtectedFile::open(storage, access).expect("our own file opens");
    for step in steps.chunks_exact(6).take(MOST) {
        let offset = u32::from_le_bytes([step[1], step[2], step[3], 0]) as usize % REACH;
        let len = usize::from(u16::from_le_bytes([step[4], step[5]]));
        match step[0] % 4 {
            0 => {
                let mut found = vec![0; len];
                let count = file.read_at(offset as u64, &mut found).expect("reading works");
                let end = model.len().min(offset + len);
                assert_eq!(&found[..count], model.get(offset..end).unwrap_or_default());
            }
            1 => {
                let new: Vec<u8> = (0..len).map(|at| at as u8 ^ step[4]).collect();
                file.write_at(offset as u64, &new).expect("writing works");
                if len > 0 {
                    model.resize(model.len().max(offset + len), 0);
                    model[offset..offset + len].copy_from_slice(&new);
                }
            }
            2 => {
                file.set_len(offset as u64).expect("a new end works");
                model.resize(offset, 0);
            }
            _ => {
                let (start, size) = file.raw_range(offset as u64, len as u64);
                assert!(start >= file.header_position().1);
                // A range that begins behind the content in its last block needs that block.
                let behind = (model.len() / 4096 + 1) * 4096;
                assert!(offset >= model.len() || len == 0 || size > 0);
                assert!(offset < behind || size == 0);
            }
        }
        assert_eq!(file.len(), model.len() as u64);
    }
    let mut all = vec![0; model.len()];
    assert_eq!(file.read_at(0, &mut all).expect("reading works"), model.len());
    assert_eq!(all, model);
});
