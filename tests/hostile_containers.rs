//! Damaged and hostile containers: nothing panics, nothing takes long, nothing takes much memory.

#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a test that unwraps fails with the place")]

mod processor_time;

use std::sync::Arc;

use msipc::cipher::{CipherMode, ContentKey};
use msipc::crypto::OsRandom;
use msipc::file::office::cfb::{Attributes, Node, Plan};
use msipc::file::office::message::{BodyFormat, Message};
use msipc::file::office::{self, exercise, rpmsg};
use msipc::file::{Coder, MemoryStorage, RawCoder};
use processor_time::{LIMIT, timed};

const MUTATIONS: usize = 3000;

/// A small generator, so that a failure can be repeated.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() >> 16) as usize % end.max(1)
    }
}

/// Numbers that lengths and sector numbers are most harmful as.
const HARMFUL: [u32; 12] = [0, 1, 2, 3, 7, 8, 64, 4095, 0x7FFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFE, 0xFFFF_FFFD];

fn mutated(good: &[u8], noise: &mut Noise) -> Vec<u8> {
    let mut bytes = good.to_vec();
    for _ in 0..1 + noise.below(4) {
        let at = noise.below(bytes.len());
        match noise.below(6) {
            0 => bytes[at] ^= 1 << noise.below(8),
            1 => bytes[at] = noise.next() as u8,
            2 => {
                let value =
                    if noise.below(2) == 0 { HARMFUL[noise.below(HARMFUL.len())] } else { noise.below(64) as u32 };
                let at = at & !3;
                let end = (at + 4).min(bytes.len());
                bytes[at..end].copy_from_slice(&value.to_le_bytes()[..end - at]);
            }
            3 => {
                let (from, len) = (noise.below(bytes.len()), noise.below(600));
                let part = bytes[from..(from + len).min(bytes.len())].to_vec();
                let len = part.len().min(bytes.len() - at);
                bytes[at..at + len].copy_from_slice(&part[..len]);
            }
            4 => bytes.truncate(at.max(1)),
            _ => {
                // Structures lie in the first sectors and around them.
                let at = noise.below(bytes.len().min(2048));
                bytes[at] = noise.next() as u8;
            }
        }
    }
    bytes
}

/// Reads a container and damaged copies of it. `calls` succeed while nothing is damaged, so that damage is met everywhere.
fn survives(what: &str, good: &[u8], calls: usize, read: fn(&[u8]) -> usize) {
    assert_eq!(read(good), calls, "{what}");
    let mut noise = Noise(0x9E37_79B9_7F4A_7C15);
    for round in 0..MUTATIONS {
        let bytes = mutated(good, &mut noise);
        let (_, time) = timed(|| read(&bytes));
        assert!(time < LIMIT, "{what}, mutation {round} took {time:?}");
    }
    for len in (0..good.len().min(2048)).chain((0..good.len()).step_by(331)) {
        let (_, time) = timed(|| read(&good[..len]));
        assert!(time < LIMIT, "{what}, cut to {len} took {time:?}");
    }
}

fn coder() -> RawCoder {
    RawCoder::new(&ContentKey::new(CipherMode::Ecb, &[1; 16]).unwrap(), Arc::new(OsRandom)).unwrap()
}

/// The container with its content in the clear, as the readers in `exercise` take it.
fn in_the_clear(protected: &MemoryStorage, coder: &dyn Coder) -> Vec<u8> {
    let mut plain = MemoryStorage::default();
    office::stored_content(protected, coder, &mut plain, &mut |_, _| Ok(())).unwrap();
    let mut bytes = protected.bytes().to_vec();
    // ECB shows where the content lies: encrypt its first block again and look for it.
    let mut first = plain.bytes()[..16].to_vec();
    coder.encrypt(0, false, msipc::cipher::Buffers::in_place(&mut first, 16)).unwrap();
    let at = bytes.windows(16).position(|window| window == first).unwrap();
    bytes[at..at + plain.bytes().len()].copy_from_slice(plain.bytes());
    bytes
}

fn compound(streams: &[(&str, usize)]) -> MemoryStorage {
    let nodes = streams.iter().map(|(name, len)| Node::bytes(name, vec![0x41; *len])).collect();
    let mut storage = MemoryStorage::default();
    Plan::new(Attributes::default(), nodes).unwrap().write(&mut storage).unwrap();
    storage
}

fn protected(input: &MemoryStorage) -> Vec<u8> {
    let mut output = MemoryStorage::default();
    office::protect(input, b"<XrML>license</XrML>", &coder(), &mut output, &mut |_, _| Ok(())).unwrap();
    in_the_clear(&output, &coder())
}

#[test]
fn mutated_packages() {
    let package = [b"PK\x03\x04".as_slice(), &[0x42; 6000]].concat();
    survives("package", &protected(&MemoryStorage::new(package)), 6, exercise::document);
}

#[test]
fn mutated_binary_documents() {
    let streams = [("WordDocument", 9000), ("1Table", 5000), ("Data", 70), ("\u{5}SummaryInformation", 300)];
    survives("plain document", compound(&streams).bytes(), 2, exercise::document);
    survives("document", &protected(&compound(&streams)), 6, exercise::document);
}

#[test]
fn mutated_mail() {
    let body = b"<p>minutes</p>".repeat(100);
    let message = Message { format: BodyFormat::Html, code_page: 65001, body, rtf: None, text_as_html: None };
    let mut inner = MemoryStorage::default();
    message.write(&mut inner).unwrap();
    let mut packed = MemoryStorage::default();
    rpmsg::protect(&inner, b"<XrML/>", &coder(), &mut packed, &mut |_, _| Ok(())).unwrap();
    let mut unpacked = MemoryStorage::default();
    rpmsg::unpack(&packed, &mut unpacked, 1 << 20).unwrap();
    let clear = MemoryStorage::new(in_the_clear(&unpacked, &coder()));
    let mut packed = MemoryStorage::default();
    rpmsg::pack(&clear, &mut packed).unwrap();
    survives("mail", packed.bytes(), 4, exercise::mail);
}

/// Mail of zeros, which packs a thousand times smaller than it is.
#[test]
fn mail_that_unpacks_to_very_much_is_refused_at_the_limit() {
    let bomb = compound(&[("zeros", 64 << 20)]);
    let mut packed = MemoryStorage::default();
    rpmsg::pack(&bomb, &mut packed).unwrap();
    assert!(packed.bytes().len() < 2 << 20);
    let mut output = MemoryStorage::default();
    let (result, time) = timed(|| rpmsg::unpack(&packed, &mut output, 1 << 20));
    result.unwrap_err();
    assert!(time < LIMIT && output.bytes().len() <= 1 << 20, "{time:?}");
}
