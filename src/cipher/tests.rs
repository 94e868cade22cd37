//! The ciphers against a slow reference that follows the specification sentence by sentence, and what they refuse.

use std::sync::atomic::{AtomicU64, Ordering};

use ::aes::cipher::{BlockCipherEncrypt, KeyInit};
use ::aes::{Aes128, Aes192, Aes256, Block};
use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead, Payload};
use proptest::prelude::*;

use super::*;
use crate::crypto::{OsRandom, hkdf_sha256};

const MODES: [CipherMode; 5] =
    [CipherMode::Ecb, CipherMode::Cbc4k, CipherMode::Cbc4kNoPad, CipherMode::Cbc512, CipherMode::Gcm4k];

/// Counts up, so that nonces are known and never repeat.
#[derive(Debug, Default)]
struct Counter(AtomicU64);

impl Random for Counter {
    fn fill(&self, out: &mut [u8]) -> Result<()> {
        for chunk in out.chunks_mut(12) {
            let number = self.0.fetch_add(1, Ordering::Relaxed);
            let length = chunk.len();
            chunk.copy_from_slice(&[&number.to_le_bytes()[..], &[0xab; 4]].concat()[..length]);
        }
        Ok(())
    }
}

#[derive(Debug)]
struct Broken;

impl Random for Broken {
    fn fill(&self, out: &mut [u8]) -> Result<()> {
        out.fill(0xee);
        Err(Error::internal("no randomness"))
    }
}

fn aes_block(key: &[u8], block: [u8; 16]) -> [u8; 16] {
    let mut block = Block::from(block);
    match key.len() {
        16 => Aes128::new_from_slice(key).expect("key").encrypt_block(&mut block),
        24 => Aes192::new_from_slice(key).expect("key").encrypt_block(&mut block),
        _ => Aes256::new_from_slice(key).expect("key").encrypt_block(&mut block),
    }
    block.into()
}

fn cbc(key: &[u8], iv_input: [u8; 16], plain: &[u8]) -> Vec<u8> {
    let mut chained = aes_block(key, iv_input);
    plain
        .chunks(16)
        .flat_map(|unit| {
            for (byte, plain) in chained.iter_mut().zip(unit) {
                *byte ^= plain;
            }
            chained = aes_block(key, chained);
            chained
        })
        .collect()
}

/// What the specification says comes out of encrypting `plain`, with the nonces of a fresh [`Counter`].
fn reference(mode: CipherMode, key: &[u8], block: u32, last: bool, plain: &[u8]) -> Vec<u8> {
    let number = |index: usize| block + u32::try_from(index).expect("small");
    let iv_4k = |number: u32| [&number.to_le_bytes()[..], &[0; 12]].concat().try_into().expect("16 bytes");
    let iv_512 = |number: u32| [&(u64::from(number) * 512).to_le_bytes()[..], &[0; 8]].concat().try_into().expect("16");
    match mode {
        CipherMode::Ecb => plain.chunks(16).flat_map(|unit| aes_block(key, unit.try_into().expect("16"))).collect(),
        CipherMode::Cbc512 => {
            plain.chunks(512).enumerate().flat_map(|(i, piece)| cbc(key, iv_512(number(i)), piece)).collect()
        }
        CipherMode::Cbc4k | CipherMode::Cbc4kNoPad => {
            let mut padded = plain.to_vec();
            if last && mode == CipherMode::Cbc4k {
                let missing = 16 - plain.len() % 16;
                padded.extend(vec![u8::try_from(missing).expect("small"); missing]);
            }
            padded.chunks(4096).enumerate().flat_map(|(i, piece)| cbc(key, iv_4k(number(i)), piece)).collect()
        }
        CipherMode::Gcm4k => {
            let mut derived = [0; 32];
            hkdf_sha256(key, b"msipc gcm4k v1", &mut derived).expect("derive");
            let cipher = Aes256Gcm::new_from_slice(&derived).expect("key");
            let mut pieces: Vec<&[u8]> = plain.chunks(4096).collect();
            if last && pieces.is_empty() {
                pieces.push(&[]);
            }
            let count = pieces.len();
            let sealed = pieces.into_iter().enumerate().flat_map(|(i, msg)| {
                let nonce: [u8; 12] =
                    [&(i as u64).to_le_bytes()[..], &[0xab; 4]].concat().try_into().expect("12 bytes");
                let flag = u8::from(last && i + 1 == count);
                let aad = [&u64::from(number(i)).to_le_bytes()[..], &[flag]].concat();
                let text = cipher.encrypt(&nonce.into(), Payload { msg, aad: &aad }).expect("encrypt");
                [&nonce[..], &text].concat()
            });
            sealed.collect()
        }
    }
}

fn key_of(mode: CipherMode, length: usize) -> ContentKey {
    let length = if mode == CipherMode::Gcm4k { 32 } else { length };
    ContentKey::new(mode, &(1..=32).collect::<Vec<u8>>()[..length]).expect("key")
}

/// Every path that this processor has.
fn paths() -> impl Iterator<Item = Path> {
    Path::ALL.into_iter().filter(|path| path.is_supported())
}

fn cipher_of(mode: CipherMode) -> ContentCipher {
    ContentCipher::new(&key_of(mode, 32)).expect("cipher")
}

fn plain_of(length: usize) -> Vec<u8> {
    (0..length).map(|i| u8::try_from((i * 7 + i / 251) % 256).expect("a byte")).collect()
}

fn encrypt(cipher: &ContentCipher, block: u32, last: bool, plain: &[u8]) -> Result<Vec<u8>> {
    let size = usize::try_from(cipher.encrypted_len(block, last, plain.len() as u64)?).expect("small");
    let mut out = vec![0; size + 3];
    let written = cipher.encrypt(&Counter::default(), block, last, Buffers::separate(plain, &mut out))?;
    assert_eq!(written, size, "the size query is the work");
    assert_eq!(out[size..], [0; 3], "nothing beyond the result is written");
    out.truncate(size);
    Ok(out)
}

fn decrypt(cipher: &ContentCipher, block: u32, last: bool, encrypted: &[u8]) -> Result<Vec<u8>> {
    let bound = usize::try_from(cipher.decrypted_len_bound(block, last, encrypted.len() as u64)?).expect("small");
    let mut out = vec![0; bound];
    let length = cipher.decrypt(block, last, Buffers::separate(encrypted, &mut out))?;
    assert!(length <= bound);
    assert!(out[length..].iter().all(|byte| *byte == 0), "nothing beyond the result is written");
    out.truncate(length);
    Ok(out)
}

/// One length on every path and in every way a call can be made: against the reference, in place and not, with exactly
/// enough room.
fn check(key: &ContentKey, block: u32, last: bool, plain: &[u8]) {
    for path in paths() {
        check_on(path, key, block, last, plain);
    }
}

fn check_on(path: Path, key: &ContentKey, block: u32, last: bool, plain: &[u8]) {
    let mode = key.mode();
    let what = || format!("{path:?}, {mode:?}, {} bytes, block {block}, last {last}", plain.len());
    let cipher = ContentCipher::on_path(path, key).expect("cipher");
    let unit = match (mode, last) {
        (CipherMode::Ecb | CipherMode::Cbc512, _) | (CipherMode::Cbc4kNoPad, true) => 16,
        (CipherMode::Cbc4k | CipherMode::Gcm4k, true) => 1,
        (CipherMode::Cbc4k | CipherMode::Cbc4kNoPad | CipherMode::Gcm4k, false) => 4096,
    };
    if !plain.len().is_multiple_of(unit as usize) {
        let refused = ErrorKind::NotBlockAligned { unit };
        assert_eq!(cipher.encrypted_len(block, last, plain.len() as u64).expect_err("refused").kind(), &refused);
        let mut out = vec![7; plain.len() + 4096];
        let buffers = Buffers::separate(plain, &mut out);
        assert_eq!(cipher.encrypt(&OsRandom, block, last, buffers).expect_err("refused").kind(), &refused);
        assert!(out.iter().all(|byte| *byte == 7));
        return;
    }

    let expected = reference(mode, key.expose_bytes(), block, last, plain);
    assert!(encrypt(&cipher, block, last, plain).expect("encrypt") == expected, "{}", what());

    let mut buffer = plain.to_vec();
    buffer.resize(expected.len(), 0);
    let written = cipher.encrypt(&Counter::default(), block, last, Buffers::in_place(&mut buffer, plain.len()));
    assert_eq!(written.expect("encrypt"), expected.len());
    assert!(buffer == expected, "in place: {}", what());

    let mut exact = vec![0; plain.len()];
    let length = cipher.decrypt(block, last, Buffers::separate(&expected, &mut exact)).expect("decrypt");
    assert!(length == plain.len() && exact == plain, "{}", what());

    let input_len = buffer.len();
    let buffers = Buffers::InPlace { buffer: &mut buffer, input_len, capacity: plain.len() };
    assert_eq!(cipher.decrypt(block, last, buffers).expect("decrypt"), plain.len());
    assert!(buffer[..plain.len()] == *plain, "in place: {}", what());
    assert!(buffer[plain.len()..] == expected[plain.len()..], "beyond the capacity: {}", what());

    if !plain.is_empty() {
        let needed = plain.len() as u64;
        let mut short = vec![9; plain.len() - 1];
        let refused = cipher.decrypt(block, last, Buffers::separate(&expected, &mut short)).expect_err("refused");
        assert_eq!(refused.kind(), &ErrorKind::BufferTooSmall { needed });
        assert!(short.iter().all(|byte| *byte == 9));
    }
    if !expected.is_empty() {
        let needed = expected.len() as u64;
        let mut short = vec![9; expected.len() - 1];
        let buffers = Buffers::separate(plain, &mut short);
        let refused = cipher.encrypt(&OsRandom, block, last, buffers).expect_err("refused");
        assert_eq!(refused.kind(), &ErrorKind::BufferTooSmall { needed });
        assert!(short.iter().all(|byte| *byte == 9));
    }
}

#[test]
fn lengths_around_every_edge_agree_with_the_reference() {
    let plain = plain_of(3 * 4096);
    for mode in MODES {
        let key = key_of(mode, 16);
        for edge in [0, 512, 1024, 4096, 2 * 4096] {
            for length in edge.max(18) - 18..=edge + 33 {
                check(&key, 0, true, &plain[..length]);
                check(&key, 77, false, &plain[..length]);
            }
        }
    }
}

#[test]
fn every_length_up_to_three_blocks_agrees_with_the_reference() {
    let plain = plain_of(3 * 4096 + 17);
    for mode in MODES {
        let key = key_of(mode, 32);
        let step = if matches!(mode, CipherMode::Cbc4k | CipherMode::Gcm4k) { 1 } else { 16 };
        let ciphers: Vec<_> = paths().map(|path| ContentCipher::on_path(path, &key).expect("cipher")).collect();
        for length in (0..=plain.len()).step_by(step) {
            let expected = reference(mode, key.expose_bytes(), 3, true, &plain[..length]);
            for (path, cipher) in paths().zip(&ciphers) {
                let mut buffer = encrypt(cipher, 3, true, &plain[..length]).expect("encrypt");
                assert!(buffer == expected, "{path:?}, {mode:?}, {length} bytes");
                let input_len = buffer.len();
                let opened = cipher.decrypt(3, true, Buffers::in_place(&mut buffer, input_len)).expect("decrypt");
                assert!(buffer[..opened] == plain[..length], "{path:?}, {mode:?}, {length} bytes");
            }
        }
    }
}

#[test]
fn alignment_does_not_matter() {
    let plain = plain_of(5 * 4096 + 100);
    for mode in [CipherMode::Cbc4k, CipherMode::Gcm4k] {
        let key = key_of(mode, 32);
        let expected = reference(mode, key.expose_bytes(), 0, true, &plain);
        for path in paths() {
            let cipher = ContentCipher::on_path(path, &key).expect("cipher");
            for offset in 0..64 {
                let mut source = vec![0; offset];
                source.extend(&plain);
                let mut target = vec![0; (offset * 7) % 64 + expected.len()];
                let buffers = Buffers::separate(&source[offset..], &mut target[(offset * 7) % 64..]);
                cipher.encrypt(&Counter::default(), 0, true, buffers).expect("encrypt");
                assert!(target[(offset * 7) % 64..] == expected, "{path:?}, {mode:?}, offset {offset}");
                let mut buffer = target;
                let buffers = Buffers::in_place(&mut buffer[(offset * 7) % 64..], expected.len());
                let length = cipher.decrypt(0, true, buffers).expect("decrypt");
                assert!(buffer[(offset * 7) % 64..][..length] == plain, "{path:?}, {mode:?}, offset {offset}");
            }
        }
    }
}

#[test]
fn paths_of_this_processor() {
    assert!(Path::Portable.is_supported());
    assert!(Path::chosen().is_supported());
    assert_eq!(Path::chosen(), paths().last().expect("the portable path"), "the widest is chosen");
    assert!(paths().all(|path| path <= Path::chosen()));
}

#[test]
fn more_blocks_than_are_encrypted_side_by_side() {
    for mode in MODES {
        check(&key_of(mode, 24), 5, true, &plain_of(17 * 4096 + 32));
    }
    for blocks in [2, 3, 4, 5, 8, 9, 16, 33, 64, 66, 75] {
        check(&key_of(CipherMode::Cbc4k, 32), 5, false, &plain_of(blocks * 4096));
    }
    check(&key_of(CipherMode::Cbc4k, 16), 5, true, &plain_of(130 * 4096 + 16));
    // More nonces than are drawn without memory from the heap.
    check_on(Path::chosen(), &key_of(CipherMode::Gcm4k, 32), 5, true, &plain_of(258 * 4096));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_content_agrees_with_the_reference(
        mode in prop::sample::select(&MODES[..]),
        key in prop::collection::vec(any::<u8>(), 32),
        key_len in prop::sample::select(vec![16, 24, 32]),
        block in prop_oneof![0..10u32, any::<u32>().prop_map(|n| n.saturating_sub(1000))],
        last in any::<bool>(),
        plain in prop::collection::vec(any::<u8>(), 0..=2 * 4096 + 33),
        unit in prop::sample::select(vec![1, 16, 4096]),
    ) {
        let key_len = if mode == CipherMode::Gcm4k { 32 } else { key_len };
        let key = ContentKey::new(mode, &key[..key_len]).expect("key");
        check(&key, block, last, &plain[..plain.len() / unit * unit]);
    }

    #[test]
    fn content_cut_at_whole_blocks_is_the_same_content(
        mode in prop::sample::select(&MODES[..4]),
        pieces in prop::collection::vec(1..4usize, 1..4),
        rest in 0..40usize,
    ) {
        let cipher = cipher_of(mode);
        let size = cipher.block_size() as usize;
        let rest = if mode == CipherMode::Cbc4k { rest } else { rest / 16 * 16 };
        let plain = plain_of(pieces.iter().sum::<usize>() * size + rest);
        let whole = encrypt(&cipher, 9, true, &plain).expect("encrypt");
        let (mut block, mut at, mut joined) = (9, 0, Vec::new());
        for piece in pieces {
            joined.extend(encrypt(&cipher, block, false, &plain[at..at + piece * size]).expect("encrypt"));
            block += u32::try_from(piece).expect("small");
            at += piece * size;
        }
        joined.extend(encrypt(&cipher, block, true, &plain[at..]).expect("encrypt"));
        prop_assert!(joined == whole);

        // A reader may cut elsewhere: one block at a time and what is left as the end (compatibility.md 18).
        let first = decrypt(&cipher, 9, false, &whole[..size]).expect("decrypt");
        let others = decrypt(&cipher, 10, true, &whole[size..]).expect("decrypt");
        prop_assert!([first, others].concat() == plain);
    }

    #[test]
    fn no_ciphertext_makes_it_panic_or_write_beyond(
        mode in prop::sample::select(&MODES[..]),
        block in any::<u32>(),
        last in any::<bool>(),
        text in prop::collection::vec(any::<u8>(), 0..9000),
        capacity in 0..9000usize,
    ) {
        let cipher = cipher_of(mode);
        let mut out = vec![5; capacity];
        match cipher.decrypt(block, last, Buffers::separate(&text, &mut out)) {
            Ok(length) => prop_assert!(length <= capacity && out[length..].iter().all(|byte| *byte == 5)),
            Err(_) => prop_assert!(out.iter().all(|byte| *byte == 5)),
        }
        let mut buffer = text.clone();
        let buffers = Buffers::InPlace { capacity: capacity.min(text.len()), input_len: text.len(), buffer: &mut buffer };
        if cipher.decrypt(block, last, buffers).is_err() {
            prop_assert!(buffer == text);
        }
    }
}

#[test]
fn last_block_numbers() {
    let past = |result: Result<u64>| {
        assert_eq!(result.expect_err("refused").kind(), &ErrorKind::InvalidArgument { what: "block number" });
    };
    for mode in MODES {
        let cipher = cipher_of(mode);
        let size = u64::from(cipher.block_size());
        for block in [u32::MAX, u32::MAX - 1] {
            let fits = u64::from(u32::MAX - block) + 1;
            assert!(cipher.encrypted_len(block, false, fits * size).is_ok());
            past(cipher.encrypted_len(block, false, (fits + 1) * size));
            past(cipher.encrypted_len(block, false, u64::MAX / 4096 * 4096));
            let encrypted = u64::from(cipher.encrypted_block_size());
            assert!(cipher.decrypted_len_bound(block, true, fits * encrypted).is_ok());
            past(cipher.decrypted_len_bound(block, true, fits * encrypted + 32));
            // The padding behind a whole last block would need number 2^32.
            if mode == CipherMode::Cbc4k {
                past(cipher.encrypted_len(block, true, fits * size));
                assert!(cipher.encrypted_len(block, true, fits * size - 1).is_ok());
            } else {
                assert!(cipher.encrypted_len(block, true, fits * size).is_ok());
            }
        }
        let end = encrypt(&cipher, u32::MAX, true, &[]).expect("encrypt");
        if !end.is_empty() {
            assert_eq!(decrypt(&cipher, u32::MAX, true, &end).expect("decrypt"), b"");
        }
    }
    check(&key_of(CipherMode::Cbc4k, 16), u32::MAX - 1, true, &plain_of(2 * 4096 - 1));
    check(&key_of(CipherMode::Gcm4k, 32), u32::MAX - 1, true, &plain_of(2 * 4096));
    check(&key_of(CipherMode::Cbc512, 16), u32::MAX - 1, false, &plain_of(1024));
}

#[test]
fn empty_calls() {
    for mode in MODES {
        let cipher = cipher_of(mode);
        assert_eq!(encrypt(&cipher, 3, false, &[]).expect("encrypt"), b"");
        assert_eq!(decrypt(&cipher, 3, false, &[]).expect("decrypt"), b"");
        match mode {
            CipherMode::Cbc4k | CipherMode::Gcm4k => {
                let refused = decrypt(&cipher, 3, true, &[]).expect_err("refused");
                assert_eq!(refused.kind(), &ErrorKind::CorruptContent);
            }
            _ => assert_eq!(decrypt(&cipher, 3, true, &[]).expect("decrypt"), b""),
        }
    }
}

#[test]
fn ciphertext_of_a_length_that_nothing_makes() {
    let kind = |mode, last, length| {
        let mut out = vec![0; length];
        let refused = cipher_of(mode).decrypt(0, last, Buffers::separate(&vec![1; length], &mut out));
        refused.expect_err("refused").kind().clone()
    };
    for mode in [CipherMode::Ecb, CipherMode::Cbc512, CipherMode::Cbc4k, CipherMode::Cbc4kNoPad] {
        assert_eq!(kind(mode, true, 7), ErrorKind::NotBlockAligned { unit: 16 });
        assert_eq!(kind(mode, true, 4097), ErrorKind::NotBlockAligned { unit: 16 });
    }
    assert_eq!(kind(CipherMode::Cbc4k, false, 4080), ErrorKind::NotBlockAligned { unit: 4096 });
    assert_eq!(kind(CipherMode::Gcm4k, false, 4096), ErrorKind::NotBlockAligned { unit: 4124 });
    assert_eq!(kind(CipherMode::Gcm4k, true, 27), ErrorKind::CorruptContent);
    assert_eq!(kind(CipherMode::Gcm4k, true, 4124 + 27), ErrorKind::CorruptContent);
}

#[test]
fn stale_bytes_behind_the_end_are_only_enciphered_in_ecb() {
    let cipher = cipher_of(CipherMode::Ecb);
    let encrypted = encrypt(&cipher, 4, true, &[0x5a; 16]).expect("encrypt");
    assert_eq!(encrypted.len(), 16);
    assert_eq!(decrypt(&cipher, 4, true, &encrypted).expect("decrypt"), [0x5a; 16]);
}

#[test]
fn wrong_padding_writes_nothing() {
    let cipher = cipher_of(CipherMode::Cbc4k);
    for length in [0, 1, 15, 16, 4095, 4096, 2 * 4096 + 5] {
        let good = encrypt(&cipher, 2, true, &plain_of(length)).expect("encrypt");
        // The last unit made without padding, so that it ends in a byte that is no padding length.
        let mut bad = good[..good.len() - 16].to_vec();
        let within = bad.len() % 4096;
        let start = u32::try_from(bad.len() / 4096).expect("small") + 2;
        let unpadded = cipher_of(CipherMode::Cbc4kNoPad);
        let mut tail = plain_of(bad.len())[bad.len() - within..].to_vec();
        tail.extend([0x77; 16]);
        let tail = encrypt(&unpadded, start, true, &tail).expect("encrypt");
        bad.extend(&tail[within..]);

        let mut out = vec![3; bad.len()];
        let refused = cipher.decrypt(2, true, Buffers::separate(&bad, &mut out)).expect_err("refused");
        assert_eq!(refused.kind(), &ErrorKind::CorruptContent);
        assert!(out.iter().all(|byte| *byte == 3));
        let mut buffer = bad.clone();
        let refused = cipher.decrypt(2, true, Buffers::in_place(&mut buffer, bad.len())).expect_err("refused");
        assert_eq!(refused.kind(), &ErrorKind::CorruptContent);
        assert!(buffer == bad);
    }
}

#[test]
fn segments_refuse_every_change() {
    for path in paths() {
        segments_refuse_every_change_on(path);
    }
}

fn segments_refuse_every_change_on(path: Path) {
    let cipher = ContentCipher::on_path(path, &key_of(CipherMode::Gcm4k, 32)).expect("cipher");
    let plain = plain_of(2 * 4096 + 100);
    let good = encrypt(&cipher, 6, true, &plain).expect("encrypt");
    let refused = |block, last, text: &[u8]| {
        let mut out = vec![3; text.len()];
        let error = cipher.decrypt(block, last, Buffers::separate(text, &mut out)).expect_err("refused");
        assert_eq!(error.kind(), &ErrorKind::CorruptContent);
        assert!(out.iter().all(|byte| *byte == 3));
        let mut buffer = text.to_vec();
        let error = cipher.decrypt(block, last, Buffers::in_place(&mut buffer, text.len())).expect_err("refused");
        assert_eq!(error.kind(), &ErrorKind::CorruptContent);
        assert!(buffer == text);
    };
    // Nonce, ciphertext and tag of the first, a middle and the last segment.
    for start in [0, 4124, 2 * 4124] {
        let end = good.len().min(start + 4124);
        for at in [start, start + 11, start + 12, end - 17, end - 16, end - 1] {
            let mut changed = good.clone();
            changed[at] ^= 1;
            refused(6, true, &changed);
        }
    }
    let (first, second, third) = (&good[..4124], &good[4124..2 * 4124], &good[2 * 4124..]);
    refused(7, true, &good);
    refused(6, true, &[second, first, third].concat());
    refused(6, true, &[first, third].concat());
    refused(6, true, &[first, second].concat());
    refused(6, true, &good[..good.len() - 1]);
    refused(8, false, &encrypt(&cipher, 8, true, &plain[..4096]).expect("encrypt"));
    let other = ContentCipher::new(&ContentKey::new(CipherMode::Gcm4k, &[1; 32]).expect("key")).expect("cipher");
    refused(6, true, &encrypt(&other, 6, true, &plain).expect("encrypt"));
    // Single segments serve as well, and an end of its own that is empty.
    assert_eq!(decrypt(&cipher, 7, false, second).expect("decrypt"), plain[4096..2 * 4096]);
    assert_eq!(decrypt(&cipher, 8, true, third).expect("decrypt"), plain[2 * 4096..]);
    let end = encrypt(&cipher, 8, true, &[]).expect("encrypt");
    let joined = [first, second, &end].concat();
    assert_eq!(decrypt(&cipher, 6, true, &joined).expect("decrypt"), plain[..2 * 4096]);
}

#[test]
fn segments_are_counted_and_never_sealed_alike() {
    let cipher = cipher_of(CipherMode::Gcm4k);
    for (last, length, count) in [(true, 0, 1), (false, 0, 0), (true, 1, 1), (true, 4096, 1), (true, 4097, 2)] {
        assert_eq!(cipher.segments(0, last, length).expect("count"), count);
        assert_eq!(cipher.encrypted_len(0, last, length).expect("size"), length + 28 * count);
    }
    assert_eq!(cipher_of(CipherMode::Cbc4k).segments(0, true, 5000).expect("count"), 0);
    let (mut first, mut second) = ([0; 48], [0; 48]);
    cipher.encrypt(&OsRandom, 0, true, Buffers::separate(&[1; 20], &mut first)).expect("encrypt");
    cipher.encrypt(&OsRandom, 0, true, Buffers::separate(&[1; 20], &mut second)).expect("encrypt");
    assert_ne!(first, second);
}

#[test]
fn a_broken_generator_leaves_the_output_alone() {
    let mut buffer = plain_of(5000);
    buffer.resize(6000, 1);
    let before = buffer.clone();
    let cipher = cipher_of(CipherMode::Gcm4k);
    assert!(cipher.encrypt(&Broken, 0, true, Buffers::in_place(&mut buffer, 5000)).is_err());
    assert!(buffer == before);
    // The other modes draw nothing.
    let cipher = cipher_of(CipherMode::Cbc4k);
    assert_eq!(cipher.encrypt(&Broken, 0, true, Buffers::in_place(&mut buffer, 5000)).expect("encrypt"), 5008);
}

#[test]
fn lengths_beyond_the_buffer_are_refused() {
    let cipher = cipher_of(CipherMode::Ecb);
    for (input_len, capacity) in [(33, 32), (32, 33)] {
        let mut buffer = [0; 32];
        let buffers = Buffers::InPlace { buffer: &mut buffer, input_len, capacity };
        let refused = cipher.encrypt(&OsRandom, 0, true, buffers).expect_err("refused");
        assert_eq!(refused.kind(), &ErrorKind::InvalidArgument { what: "buffer" });
    }
}

#[test]
fn sizes_of_the_modes_and_use_from_many_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    for (mode, plain, encrypted) in [
        (CipherMode::Ecb, 16, 16),
        (CipherMode::Cbc512, 512, 512),
        (CipherMode::Cbc4k, 4096, 4096),
        (CipherMode::Cbc4kNoPad, 4096, 4096),
        (CipherMode::Gcm4k, 4096, 4124),
    ] {
        let cipher = cipher_of(mode);
        shared(&cipher);
        assert_eq!((cipher.block_size(), cipher.encrypted_block_size()), (plain, encrypted));
        assert_eq!(cipher.is_authenticated(), mode == CipherMode::Gcm4k);
        assert_eq!(format!("{cipher:?}"), format!("ContentCipher(Geometry({mode:?}))"));
    }
}
