//! Reading a little of a very large file.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::cipher::Buffers;
use crate::file::pfile::body::Body;
use crate::file::pfile::manifest::Manifest;
use crate::file::pfile::tree::{self, Place, Tree};

const PAGE: u64 = 4096;
const LEN: u64 = 10 << 30;

/// Zeros but for what was written; counts what is read.
#[derive(Debug, Default, Clone)]
struct Sparse {
    len: u64,
    pages: HashMap<u64, Vec<u8>>,
    reads: Arc<AtomicU64>,
    bytes: Arc<AtomicU64>,
}

fn index(place: u64) -> usize {
    usize::try_from(place).unwrap()
}

impl Sparse {
    fn start(&self) {
        self.reads.store(0, Ordering::Relaxed);
        self.bytes.store(0, Ordering::Relaxed);
    }
}

impl Storage for Sparse {
    fn len(&self) -> Result<u64> {
        Ok(self.len)
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> Result<usize> {
        let count = index(self.len.saturating_sub(offset).min(out.len() as u64));
        for (at, byte) in (offset..).zip(&mut out[..count]) {
            *byte = self.pages.get(&(at / PAGE)).map_or(0, |page| page[index(at % PAGE)]);
        }
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<()> {
        for (at, byte) in (offset..).zip(bytes) {
            self.pages.entry(at / PAGE).or_insert_with(|| vec![0; index(PAGE)])[index(at % PAGE)] = *byte;
        }
        self.len = self.len.max(offset + bytes.len() as u64);
        Ok(())
    }

    fn set_len(&mut self, len: u64) -> Result<()> {
        self.len = len;
        Ok(())
    }

    fn sync(&mut self) -> Result<()> {
        Ok(())
    }
}

/// An empty container in a sparse storage, and where its content begins.
fn empty(mode: CipherMode, signed: bool) -> (Sparse, Header) {
    let file = protected(mode, signed, b"");
    let header = Header::read(&MemoryStorage::new(file.clone())).unwrap();
    let mut storage = Sparse::default();
    storage.write_at(0, &file[..usize::try_from(header.content_offset()).unwrap()]).unwrap();
    (storage, header)
}

#[test]
fn four_kib_of_ten_gib_touch_a_few_blocks() {
    let (mut storage, header) = empty(CipherMode::Cbc4k, false);
    let key = coder(CipherMode::Cbc4k);
    let mut end = [0; 16];
    key.encrypt(u32::try_from(LEN / PAGE).unwrap(), true, Buffers::separate(b"tail", &mut end)).unwrap();
    storage.write_at(header.content_offset() + LEN, &end).unwrap();
    let mut block = [0; 4096];
    key.encrypt(700_000, false, Buffers::separate(&[0x5a; 4096], &mut block)).unwrap();
    storage.write_at(header.content_offset() + 700_000 * PAGE, &block).unwrap();

    storage.start();
    let mut file = ProtectedFile::open(Box::new(storage.clone()), access(CipherMode::Cbc4k, false)).unwrap();
    assert_eq!(file.len(), LEN + 4);
    assert!(storage.bytes.load(Ordering::Relaxed) < 8192);
    let mut out = [0; 4096];
    storage.start();
    assert_eq!(file.read_at(700_000 * PAGE, &mut out).unwrap(), 4096);
    assert_eq!(out, [0x5a; 4096]);
    assert_eq!((storage.reads.load(Ordering::Relaxed), storage.bytes.load(Ordering::Relaxed)), (1, 4096));
    storage.start();
    file.read_at(700_000 * PAGE - 100, &mut out).unwrap();
    assert_eq!(&out[100..], &[0x5a; 3996]);
    assert_eq!(storage.bytes.load(Ordering::Relaxed), 8192);
}

#[test]
fn four_kib_of_ten_gib_signed_touch_a_few_blocks() {
    let (mut storage, mut header) = empty(CipherMode::Gcm4k, true);
    let key = coder(CipherMode::Gcm4k);
    let segments = LEN / PAGE;
    let at = header.content_offset();
    let sealed_len = segments * 4124;
    let place = Place { at: at + sealed_len, capacity: segments };
    storage.set_len(place.at + place.len()).unwrap();

    // One group has a segment; all other leaves are zeros, as the storage is.
    let number = 700_000;
    let mut segment = [0; 4124];
    key.encrypt(u32::try_from(number).unwrap(), false, Buffers::separate(&[0x5a; 4096], &mut segment)).unwrap();
    storage.write_at(at + number * 4124, &segment).unwrap();
    let leaf = tree::leaves(number, &segment).unwrap();
    storage.write_at(place.hash_at(0, number), leaf.as_flattened()).unwrap();
    let mut level = vec![[0; 32]; usize::try_from(segments).unwrap()];
    level[usize::try_from(number).unwrap()] = leaf[0];
    for depth in 0..=tree::top(segments) {
        level = level.chunks(128).zip(0..).map(|(group, index)| tree::node(depth, index, group)).collect();
        if depth < tree::top(segments) {
            storage.write_at(place.hash_at(depth + 1, 0), level.as_flattened()).unwrap();
        }
    }
    let tree = Tree::new(segments, level[0], place);
    header.original_size = Some(LEN);
    storage.write_at(header.original_size_at().unwrap(), &LEN.to_le_bytes()).unwrap();
    let shape = super::super::body::Shape::of(&*key);
    let body = Body { shape, at, sealed_len, len: LEN, last: Some(segments - 1) };
    let write_key = write_key();
    let signer = Signer { key: &write_key, content_id: CONTENT_ID };
    Manifest::new(&storage, &header, &*key, 9).unwrap().write(&mut storage, &header, (&body, &tree), signer).unwrap();

    storage.start();
    let mut file = ProtectedFile::open(Box::new(storage.clone()), access(CipherMode::Gcm4k, true)).unwrap();
    assert!(storage.bytes.load(Ordering::Relaxed) < 8192);
    assert_eq!(file.len(), LEN);
    storage.start();
    let mut out = [0; 4096];
    assert_eq!(file.read_at(number * PAGE, &mut out).unwrap(), 4096);
    assert_eq!(out, [0x5a; 4096]);
    // The segment, and a group of each of the four levels.
    assert_eq!(storage.reads.load(Ordering::Relaxed), 5);
    assert!(storage.bytes.load(Ordering::Relaxed) < 4124 + 4 * 4096);
    // Any other segment is none.
    assert!(is_corrupt(file.read_at(0, &mut out)));
    assert!(is_corrupt(file.read_at(LEN - 1, &mut out)));
}
