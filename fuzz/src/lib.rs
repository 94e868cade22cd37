//! What the targets share: the keys that seeds are made with, and storages that notice when a small input becomes large.

use std::sync::Arc;

use msipc::cipher::{CipherMode, ContentKey};
use msipc::crypto::OsRandom;
use msipc::crypto::ed25519::SigningKey;
use msipc::error::Result;
use msipc::file::pfile::{self, NewFile, Signer, Trust};
use msipc::file::{Coder, MemoryStorage, RawCoder, Storage};
use zeroize::Zeroizing;

/// The content id of the seeds.
pub const CONTENT_ID: &str = "{6d5c2f0e-8f2f-4b07-a0c8-0a1b2c3d4e5f}";
/// More than any input of a target may become.
pub const OUTPUT_MAX: u64 = 64 << 20;

/// The ways in which pfiles hold content: mode, bytes of the key, and whether the file is signed.
pub const KINDS: [(CipherMode, usize, bool); 7] = [
    (CipherMode::Gcm4k, 32, true),
    (CipherMode::Gcm4k, 32, false),
    (CipherMode::Cbc4k, 32, false),
    (CipherMode::Cbc4k, 16, false),
    (CipherMode::Cbc4kNoPad, 32, false),
    (CipherMode::Cbc512, 16, false),
    (CipherMode::Ecb, 16, false),
];

/// The coder of a key that everybody knows: bytes counted from 0, as the synthetic files beside the clone have it.
///
/// # Panics
/// Never: the key fits the mode.
#[must_use]
pub fn coder(mode: CipherMode, key_len: usize) -> Arc<dyn Coder> {
    let key: Vec<u8> = (0..=255).take(key_len).collect();
    let key = ContentKey::new(mode, &key).expect("a length that the mode has");
    Arc::new(RawCoder::new(&key, Arc::new(OsRandom)).expect("a key schedule"))
}

/// The write key of signed seeds.
///
/// # Panics
/// Never: any 32 bytes are a seed.
#[must_use]
pub fn write_key() -> SigningKey {
    SigningKey::from_seed(Zeroizing::new([7; 32])).expect("a key")
}

/// What readers of signed seeds trust.
///
/// # Panics
/// Never.
#[must_use]
pub fn trust() -> Trust {
    Trust { key: write_key().public().expect("a key"), content_id: CONTENT_ID.into() }
}

/// The content of every signed seed of a length, so that a target can tell an alteration that was accepted.
#[must_use]
pub fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|at| (at ^ (at >> 8)) as u8).collect()
}

/// A pfile of [`pattern`].
///
/// # Panics
/// When the library does not protect, which is a defect.
#[must_use]
pub fn protected(kind: (CipherMode, usize, bool), license: &[u8], len: usize) -> Vec<u8> {
    let (mode, key_len, is_signed) = kind;
    let key = write_key();
    let manifest = is_signed.then_some(Signer { key: &key, content_id: CONTENT_ID });
    let what = NewFile { license, extension: ".txt", metadata: b"<label/>", manifest };
    let (plain, mut output) = (MemoryStorage::new(pattern(len)), MemoryStorage::default());
    pfile::protect(&plain, &what, &*coder(mode, key_len), &mut output, &mut |_, _| Ok(())).expect("protecting works");
    output.into_bytes()
}

/// Progress that nobody wants to know.
///
/// # Errors
/// Never.
pub fn ignore(_done: u64, _total: u64) -> Result<()> {
    Ok(())
}

/// A storage for output that must stay bounded, because the input is small.
#[derive(Debug, Default)]
pub struct Bounded(pub MemoryStorage);

impl Bounded {
    fn check(end: u64) {
        assert!(end <= OUTPUT_MAX, "a small input becomes {end} bytes");
    }
}

impl Storage for Bounded {
    fn len(&self) -> Result<u64> {
        self.0.len()
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> Result<usize> {
        self.0.read_at(offset, out)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<()> {
        Self::check(offset.saturating_add(bytes.len() as u64));
        self.0.write_at(offset, bytes)
    }

    fn set_len(&mut self, len: u64) -> Result<()> {
        Self::check(len);
        self.0.set_len(len)
    }

    fn sync(&mut self) -> Result<()> {
        self.0.sync()
    }
}
