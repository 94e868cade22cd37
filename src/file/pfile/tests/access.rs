//! Random access against a plain vector.

use super::*;

/// One random operation on both; the sizes stay below `max`.
fn step(dice: &mut Dice, file: &mut ProtectedFile, plain: &mut Vec<u8>, max: u64) {
    let len = plain.len() as u64;
    // Half of all places lie near a border of blocks.
    let place = |dice: &mut Dice, end: u64| match dice.below(2) {
        0 => dice.below(end + 1),
        _ => (dice.below(end / 512 + 1) * 512 + dice.below(3)).saturating_sub(1).min(end),
    };
    match dice.below(10) {
        0..4 => {
            let offset = place(dice, len + 100);
            let mut out = vec![0xee; usize::try_from(dice.below(20_000)).unwrap()];
            let found = file.read_at(offset, &mut out).unwrap();
            let start = usize::try_from(offset).unwrap().min(plain.len());
            let end = (start + out.len()).min(plain.len());
            assert!(out[..found] == plain[start..end]);
        }
        4..7 => {
            let offset = place(dice, len.min(max - 20_000));
            let bytes = {
                let count = usize::try_from(dice.below(20_000)).unwrap();
                dice.bytes(count)
            };
            file.write_at(offset, &bytes).unwrap();
            put(plain, usize::try_from(offset).unwrap(), &bytes);
        }
        7 => {
            let offset = place(dice, (len + 30_000).min(max - 20));
            let bytes = {
                let count = usize::try_from(dice.below(20)).unwrap();
                dice.bytes(count)
            };
            file.write_at(offset, &bytes).unwrap();
            put(plain, usize::try_from(offset).unwrap(), &bytes);
        }
        8 => {
            let to = len - place(dice, len).min(len) / (1 + dice.below(20));
            file.set_len(to).unwrap();
            plain.resize(usize::try_from(to).unwrap(), 0);
        }
        _ => {
            let to = place(dice, max);
            let to = if dice.below(8) == 0 { to } else { (len + to / 16).min(max) };
            file.set_len(to).unwrap();
            plain.resize(usize::try_from(to).unwrap(), 0);
        }
    }
    assert_eq!(file.len(), plain.len() as u64);
}

fn put(plain: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    if !bytes.is_empty() && plain.len() < offset + bytes.len() {
        plain.resize(offset + bytes.len(), 0);
    }
    if !bytes.is_empty() {
        plain[offset..offset + bytes.len()].copy_from_slice(bytes);
    }
}

/// `count` operations; every 500 the file is closed, opened again and compared as a whole.
fn agrees((mode, signed): (CipherMode, bool), seed: u64, count: u32, max: u64) {
    let mut dice = Dice(seed);
    let mut plain = dice.bytes(5000);
    let mut file = open(mode, signed, protected(mode, signed, &plain)).unwrap();
    for number in 1..=count {
        step(&mut dice, &mut file, &mut plain, max);
        if number % 500 == 0 || number == count {
            assert!(content(&mut file).unwrap() == plain, "{mode:?} {signed} after {number}");
            let bytes = all(&*file.into_storage());
            assert!(unprotected(mode, signed, &bytes).unwrap() == plain, "{mode:?} {signed} after {number}");
            file = open(mode, signed, bytes).unwrap();
        }
    }
}

#[test]
fn ten_thousand_operations_agree_in_cbc4k() {
    agrees(KINDS[0], 10, 10_000, 70_000);
}

#[test]
fn ten_thousand_operations_agree_without_padding() {
    agrees(KINDS[1], 11, 10_000, 70_000);
}

#[test]
fn ten_thousand_operations_agree_in_cbc512() {
    agrees(KINDS[2], 12, 10_000, 70_000);
}

#[test]
fn ten_thousand_operations_agree_in_ecb() {
    agrees(KINDS[3], 13, 10_000, 70_000);
}

#[test]
fn ten_thousand_operations_agree_in_gcm() {
    agrees(KINDS[4], 14, 10_000, 70_000);
}

#[test]
fn ten_thousand_operations_agree_in_signed_files() {
    agrees(KINDS[5], 15, 10_000, 70_000);
}

#[test]
fn large_files_agree_where_chunks_and_levels_of_the_tree_meet() {
    for (kind, seed) in KINDS.into_iter().zip(20..) {
        agrees(kind, seed, 300, 2_200_000);
    }
}

#[test]
fn a_signed_file_grows_through_three_levels_and_shrinks_again() {
    // 129 * 128 segments make a third level.
    let mut file = open(CipherMode::Gcm4k, true, protected(CipherMode::Gcm4k, true, b"start")).unwrap();
    let far = 130 * 128 * 4096;
    file.write_at(far, b"far").unwrap();
    file.write_at(128 * 128 * 4096 - 2, b"edge").unwrap();
    let bytes = all(&*file.into_storage());
    let mut file = open(CipherMode::Gcm4k, true, bytes).unwrap();
    assert_eq!((file.len(), file.generation()), (far + 3, Some(3)));
    let mut out = [9; 8];
    assert_eq!(file.read_at(far - 3, &mut out).unwrap(), 6);
    assert_eq!(&out[..6], b"\0\0\0far");
    file.read_at(128 * 128 * 4096 - 4, &mut out).unwrap();
    assert_eq!(&out, b"\0\0edge\0\0");
    for len in [128 * 128 * 4096, 500_000, 3, 0] {
        file.set_len(len).unwrap();
        let bytes = all(&*file.into_storage());
        assert!((bytes.len() as u64) < len + len / 40 + 70_000, "{len} bytes take {}", bytes.len());
        file = open(CipherMode::Gcm4k, true, bytes).unwrap();
        assert_eq!(file.len(), len);
        let found = file.read_at(0, &mut out[..3]).unwrap();
        assert_eq!(&out[..found], if len > 0 { &b"sta"[..] } else { b"" });
    }
}

#[test]
fn raw_ranges_hold_what_decryption_needs() {
    let content = Dice(6).bytes(10_000);
    for (mode, unit, sealed) in
        [(CipherMode::Cbc4k, 4096, 4096), (CipherMode::Ecb, 16, 16), (CipherMode::Gcm4k, 4096, 4124)]
    {
        let file = open(mode, false, protected(mode, false, &content)).unwrap();
        let (start, at) = file.header_position();
        assert_eq!((start, at), (0, file.header().content_offset()));
        assert_eq!(file.raw_range(5000, 10), (at + 5000 / unit * sealed, sealed * (5009 / unit - 5000 / unit + 1)));
        let end = all(&*open(mode, false, protected(mode, false, &content)).unwrap().into_storage()).len() as u64 - at;
        assert_eq!(file.raw_range(0, u64::MAX), (at, end));
        assert_eq!(file.raw_range(20_000, 5), (at + end, 0));
    }
}

#[test]
fn raw_ranges_behind_the_content_hold_the_rest_of_its_last_block() {
    for (mode, len, from, size) in [
        (CipherMode::Cbc4k, 5000, 4096, 912),
        (CipherMode::Cbc4k, 8192, 8192, 16),
        (CipherMode::Cbc4k, 0, 0, 16),
        (CipherMode::Ecb, 5000, 4992, 16),
        (CipherMode::Ecb, 4992, 4992, 0),
        (CipherMode::Gcm4k, 10_240, 2 * 4124, 2076),
    ] {
        let file = open(mode, false, protected(mode, false, &Dice(7).bytes(len))).unwrap();
        let at = file.header().content_offset();
        assert_eq!(file.raw_range(len as u64, 1), (at + from, size), "{mode:?} {len}");
        assert_eq!(file.raw_range(len as u64, u64::MAX), (at + from, size), "{mode:?} {len}");
    }
}

#[test]
fn the_access_block_is_a_multiple_of_the_block_of_the_cipher() {
    let mut file = open(CipherMode::Cbc512, false, protected(CipherMode::Cbc512, false, b"plan")).unwrap();
    assert_eq!(file.access_block_size(), 4096);
    file.set_access_block_size(512).unwrap();
    for wrong in [0, 16, 513] {
        assert!(matches!(file.set_access_block_size(wrong).unwrap_err().kind(), ErrorKind::InvalidArgument { .. }));
    }
    assert_eq!(file.access_block_size(), 512);
}

#[test]
fn a_signed_file_is_not_written_without_the_write_key() {
    let bytes = protected(CipherMode::Gcm4k, true, b"the plan");
    let mut reader = access(CipherMode::Gcm4k, true);
    reader.write_key = None;
    let mut file = ProtectedFile::open(Box::new(MemoryStorage::new(bytes.clone())), reader).unwrap();
    assert!(file.is_authenticated());
    for refused in [file.write_at(0, b"a"), file.set_len(3), file.write_at(0, b""), file.set_len(8)] {
        assert!(matches!(refused.unwrap_err().kind(), ErrorKind::RightNotGranted { .. }));
    }
    assert_eq!(content(&mut file).unwrap(), b"the plan");
    assert_eq!(all(&*file.into_storage()), bytes);
}

#[test]
fn the_size_in_the_header_stays_unknown_or_right() {
    for (mode, stored, after) in [
        (CipherMode::Cbc4k, 0, 0),
        (CipherMode::Cbc4k, u64::MAX, u64::MAX),
        (CipherMode::Cbc4k, 20, 25),
        (CipherMode::Ecb, u64::MAX, 25),
    ] {
        let mut bytes = protected(mode, false, &[1; 20]);
        let header = Header::read(&MemoryStorage::new(bytes.clone())).unwrap();
        let at = usize::try_from(header.original_size_at().unwrap()).unwrap();
        bytes[at..at + 8].copy_from_slice(&u64::to_le_bytes(stored));
        let mut file = open(mode, false, bytes).unwrap();
        file.set_len(25).unwrap();
        let bytes = all(&*file.into_storage());
        assert_eq!(Header::read(&MemoryStorage::new(bytes)).unwrap().original_size, Some(after));
    }
}

#[test]
fn too_much_content_is_refused_before_anything_changes() {
    for (mode, signed) in KINDS {
        let bytes = protected(mode, signed, b"the plan");
        let mut file = open(mode, signed, bytes.clone()).unwrap();
        assert!(matches!(file.write_at(u64::MAX, b"ab").unwrap_err().kind(), ErrorKind::InvalidArgument { .. }));
        assert!(matches!(file.set_len(u64::MAX).unwrap_err().kind(), ErrorKind::InvalidArgument { .. }));
        assert_eq!(all(&*file.into_storage()), bytes);
    }
}
