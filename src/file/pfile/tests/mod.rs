//! The container against plain memory, against crashes, and against those who may read but not write.

mod access;
mod attack;
mod crash;
mod handles;
mod header;
mod hostile;
mod sequential;
mod sparse;

use std::sync::Arc;

use zeroize::Zeroizing;

use super::*;
use crate::cipher::{CipherMode, ContentKey};
use crate::crypto::OsRandom;
use crate::crypto::ed25519::SigningKey;
use crate::error::{ErrorKind, Result};
use crate::file::{Coder, MemoryStorage, RawCoder, Storage};

const LICENSE: &[u8] = b"\xef\xbb\xbf<XrML>a license</XrML>";
const CONTENT_ID: &str = "{6d5c2f0e-8f2f-4b07-a0c8-0a1b2c3d4e5f}";

/// Everything that a container can hold: the mode, and whether the file is signed.
const KINDS: [(CipherMode, bool); 6] = [
    (CipherMode::Cbc4k, false),
    (CipherMode::Cbc4kNoPad, false),
    (CipherMode::Cbc512, false),
    (CipherMode::Ecb, false),
    (CipherMode::Gcm4k, false),
    (CipherMode::Gcm4k, true),
];

fn coder(mode: CipherMode) -> Arc<dyn Coder> {
    let key: Vec<u8> = (0..32).collect();
    Arc::new(RawCoder::new(&ContentKey::new(mode, &key).unwrap(), Arc::new(OsRandom)).unwrap())
}

fn write_key() -> SigningKey {
    SigningKey::from_seed(Zeroizing::new([7; 32])).unwrap()
}

fn trust() -> Trust {
    Trust { key: write_key().public().unwrap(), content_id: CONTENT_ID.into() }
}

/// Numbers that look random and are the same in every run.
#[derive(Debug)]
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    fn bytes(&mut self, len: usize) -> Vec<u8> {
        let mut out: Vec<u8> = (0..len.div_ceil(8)).flat_map(|_| self.next().to_le_bytes()).collect();
        out.truncate(len);
        out
    }
}

fn ignore(_: u64, _: u64) -> Result<()> {
    Ok(())
}

/// The container of a content.
fn protected(mode: CipherMode, signed: bool, content: &[u8]) -> Vec<u8> {
    let key = write_key();
    let manifest = signed.then_some(Signer { key: &key, content_id: CONTENT_ID });
    let what = NewFile { license: LICENSE, extension: ".txt", metadata: b"<label/>", manifest };
    let mut output = MemoryStorage::default();
    protect(&MemoryStorage::new(content.to_vec()), &what, &*coder(mode), &mut output, &mut ignore).unwrap();
    output.into_bytes()
}

/// The content of a container.
fn unprotected(mode: CipherMode, signed: bool, file: &[u8]) -> Result<Vec<u8>> {
    let trust = signed.then(trust);
    let mut output = MemoryStorage::default();
    unprotect(&MemoryStorage::new(file.to_vec()), &coder(mode), trust.as_ref(), &mut output, &mut ignore)?;
    Ok(output.into_bytes())
}

fn access(mode: CipherMode, signed: bool) -> Access {
    Access { coder: coder(mode), trust: signed.then(trust), write_key: signed.then(write_key), undo: None }
}

fn open(mode: CipherMode, signed: bool, file: Vec<u8>) -> Result<ProtectedFile> {
    ProtectedFile::open(Box::new(MemoryStorage::new(file)), access(mode, signed))
}

/// All bytes of a storage.
fn all(storage: &dyn Storage) -> Vec<u8> {
    let mut bytes = vec![0; usize::try_from(storage.len().unwrap()).unwrap()];
    storage.read_exact_at(0, &mut bytes).unwrap();
    bytes
}

/// All content of an open file.
fn content(file: &mut ProtectedFile) -> Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(file.len()).unwrap()];
    let found = file.read_at(0, &mut bytes)?;
    assert_eq!(found, bytes.len());
    Ok(bytes)
}

fn is_corrupt<T: std::fmt::Debug>(result: Result<T>) -> bool {
    matches!(result.unwrap_err().kind(), ErrorKind::FileCorrupt { .. })
}
