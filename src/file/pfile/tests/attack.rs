//! The published attack on rights management that only encrypts: whoever may read holds the content key and writes what
//! he likes. Here he does everything that he can with that key and without the write key, and no result is accepted.
//!
//! `MSIPC_ATTACKS` is the number of alterations (10,000 without it).

use super::*;
use crate::cipher::Buffers;
use crate::file::pfile::manifest::RECORD_LEN;
use crate::file::pfile::opened::{OpenedFile, SignedBody};
use crate::file::pfile::tree;

/// The author's file in two versions, and what the attacker knows of it.
struct Target {
    content: Vec<u8>,
    older: Vec<u8>,
    newer: Vec<u8>,
    /// Another file of the same author under another license and key pair.
    foreign: Vec<u8>,
}

/// A license that the author made for the other file.
const FOREIGN_LICENSE: &[u8] = b"\xef\xbb\xbf<XrML>of the other</XrML>";

impl Target {
    fn new(dice: &mut Dice, len: usize) -> Self {
        let older = protected(CipherMode::Gcm4k, true, &dice.bytes(len));
        let mut file = open(CipherMode::Gcm4k, true, older.clone()).unwrap();
        for _ in 0..6 {
            let offset = dice.below(len as u64 - 9000);
            let count = usize::try_from(1 + dice.below(9000)).unwrap();
            file.write_at(offset, &dice.bytes(count)).unwrap();
        }
        let content = content(&mut file).unwrap();
        let newer = all(&*file.into_storage());
        let key = foreign_key();
        let manifest = Some(Signer { key: &key, content_id: "{foreign}" });
        let what = NewFile { license: FOREIGN_LICENSE, extension: ".txt", metadata: b"<label/>", manifest };
        let mut foreign = MemoryStorage::default();
        let input = MemoryStorage::new(dice.bytes(len));
        protect(&input, &what, &*coder(CipherMode::Gcm4k), &mut foreign, &mut ignore).unwrap();
        Self { content, older, newer, foreign: foreign.into_bytes() }
    }
}

fn foreign_key() -> SigningKey {
    SigningKey::from_seed(Zeroizing::new([9; 32])).unwrap()
}

/// What a reader does: the license in the file tells whose signature it must bear. A license that nobody signed is
/// refused by the reader of licenses.
fn reader_accepts(file: &[u8]) -> Option<(Vec<u8>, Option<String>)> {
    let storage = MemoryStorage::new(file.to_vec());
    let header = Header::read(&storage).ok()?;
    let license = header.license(&storage).ok()?;
    let trust = match license.as_slice() {
        LICENSE => trust(),
        FOREIGN_LICENSE => Trust { key: foreign_key().public().unwrap(), content_id: "{foreign}".into() },
        _ => return None,
    };
    let mut output = MemoryStorage::default();
    unprotect(&storage, &coder(CipherMode::Gcm4k), Some(&trust), &mut output, &mut ignore).ok()?;
    Some((output.into_bytes(), header.extension().map(str::to_owned)))
}

/// The attacker's copy: a storage and the file as a holder of the content key opens it.
fn opened(file: &[u8]) -> (MemoryStorage, OpenedFile) {
    let storage = MemoryStorage::new(file.to_vec());
    let file = OpenedFile::open(&storage, &coder(CipherMode::Gcm4k), Some(&trust())).unwrap();
    (storage, file)
}

fn range(range: std::ops::Range<u64>) -> std::ops::Range<usize> {
    usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()
}

/// One alteration and its name.
fn alter(dice: &mut Dice, target: &Target) -> (&'static str, Vec<u8>) {
    let mut file = target.newer.clone();
    let (_, state) = opened(&target.newer);
    let header = &state.header;
    let body = &state.body;
    let tree = &state.signed.as_ref().unwrap().tree;
    let last = body.last.unwrap();
    let record = range(header.metadata.start..header.metadata.start + RECORD_LEN as u64);
    match dice.below(16) {
        0 | 1 => {
            // Any bit but those of the room that growing left between body and tree, which holds nothing.
            loop {
                let at = dice.below(file.len() as u64);
                if !(body.at + body.sealed_len..tree.place.at).contains(&at) && used(tree, at) {
                    file[usize::try_from(at).unwrap()] ^= 1 << dice.below(8);
                    return ("a bit", file);
                }
            }
        }
        2 => {
            let at = record.start + usize::try_from(dice.below(RECORD_LEN as u64)).unwrap();
            file[at] = file[at].wrapping_add(u8::try_from(1 + dice.below(255)).unwrap());
            ("a byte of the record", file)
        }
        3 => {
            // A segment of the attacker, sealed as it should be; everything that needs no signature is made to fit.
            ("a forged segment", forged_segment(dice, &target.newer, None))
        }
        4 => ("a forged segment, signed with another key", forged_segment(dice, &target.newer, Some(&foreign_key()))),
        5 => {
            let (one, other) = (dice.below(last), dice.below(last));
            let (one, other) = (range(body.range(&(one..one + 1))), range(body.range(&(other..other + 1))));
            let (a, b) = (file[one.clone()].to_vec(), file[other.clone()].to_vec());
            file[one].copy_from_slice(&b);
            file[other].copy_from_slice(&a);
            ("two segments swapped", file)
        }
        6 => {
            let first = dice.below(last + 1);
            let blocks = range(body.range(&(first..(first + 1 + dice.below(3)).min(last + 1))));
            file[blocks.clone()].copy_from_slice(&target.older[blocks]);
            ("segments of an older version", file)
        }
        7 => {
            // All of the older version but a segment, or but the record.
            let mut file = target.older.clone();
            if dice.below(2) == 0 {
                file[record.clone()].copy_from_slice(&target.newer[record]);
            } else {
                let block = dice.below(last + 1);
                let block = range(body.range(&(block..block + 1)));
                file[block.clone()].copy_from_slice(&target.newer[block]);
                if file == target.older {
                    file[record.end - 1] ^= 0x10;
                }
            }
            ("an older version but for a part", file)
        }
        8 => {
            // Every 32-bit field in front, and every 64-bit field of the record.
            let fields = (6..18).step_by(4).chain(range(header.notice.end..header.extension.start).step_by(4));
            let fields: Vec<usize> = fields.chain(record.clone().step_by(4)).collect();
            let at = fields[usize::try_from(dice.below(fields.len() as u64)).unwrap()];
            let old = u32::from_le_bytes(file[at..at + 4].try_into().unwrap());
            let chosen = u32::try_from(dice.below(1 << 32)).unwrap();
            let value = [0, 1, old.wrapping_add(1), old.wrapping_sub(1), u32::MAX, chosen];
            let value = value[usize::try_from(dice.below(6)).unwrap()];
            file[at..at + 4].copy_from_slice(&(if value == old { !old } else { value }).to_le_bytes());
            ("a field", file)
        }
        9 => {
            // Another extension, longer or shorter, with everything moved to fit.
            let extension = [".exe", ".e", ".html", ".docm", "", ".txt.exe"][usize::try_from(dice.below(6)).unwrap()];
            let suffix = dice.below(10_000).to_string();
            let extension = if dice.below(2) == 0 { extension.to_owned() } else { format!("{extension}.{suffix}") };
            ("another extension", rebuilt(&target.newer, &extension, LICENSE, Some(0)))
        }
        10 => {
            // No manifest, as if the file were written by somebody who has none.
            let mut file = rebuilt(&target.newer, ".txt", LICENSE, None);
            let tree_len = usize::try_from(tree.place.at + tree.place.len() - body.at - body.sealed_len).unwrap();
            if dice.below(2) == 0 {
                file.truncate(file.len() - tree_len);
            }
            if dice.below(2) == 0 {
                file[6] = 2;
            }
            let at = usize::try_from(dice.below(body.sealed_len)).unwrap();
            let start = file.len() - at.min(file.len() / 2) - 1;
            file[start] ^= u8::try_from(dice.below(256)).unwrap();
            ("no manifest", file)
        }
        11 => {
            // The license of the author's other file, with this content or with its own record.
            let mut file = rebuilt(&target.newer, ".txt", FOREIGN_LICENSE, Some(0));
            let at = record.start + FOREIGN_LICENSE.len() - LICENSE.len();
            let foreign = Header::read(&MemoryStorage::new(target.foreign.clone())).unwrap();
            let theirs = range(foreign.metadata.start..foreign.metadata.start + RECORD_LEN as u64);
            let part = usize::try_from(dice.below(RECORD_LEN as u64)).unwrap();
            file[at + part..at + RECORD_LEN].copy_from_slice(&target.foreign[theirs][part..]);
            ("the license of another file", file)
        }
        12 => {
            // This license over the other file.
            let mut file = rebuilt(&target.foreign, ".txt", LICENSE, Some(0));
            let part = usize::try_from(dice.below(RECORD_LEN as u64)).unwrap();
            file[record.start..record.start + part].copy_from_slice(&target.newer[record.start..record.start + part]);
            ("another file under this license", file)
        }
        13 => {
            // The end is cut, and what is left sealed as an end.
            ("a shorter content", shortened(dice, &target.newer))
        }
        14 => {
            // Other metadata, or another notice.
            let places = [header.notice.clone(), header.metadata.start + RECORD_LEN as u64..header.metadata.end];
            let place = range(places[usize::try_from(dice.below(2)).unwrap()].clone());
            let at = place.start + usize::try_from(dice.below(place.len() as u64)).unwrap();
            file[at] = file[at].wrapping_add(u8::try_from(1 + dice.below(255)).unwrap());
            ("other clear text", file)
        }
        _ => {
            // Bytes cut off, put behind or taken out.
            let at = usize::try_from(dice.below(file.len() as u64)).unwrap();
            match dice.below(3) {
                0 => file.truncate(at),
                1 => file.extend(std::iter::repeat_n(0, at % 9000 + 1)),
                _ => drop(file.remove(at)),
            }
            ("another length", file)
        }
    }
}

/// Whether a byte behind the body belongs to a hash that stands for a segment.
fn used(tree: &tree::Tree, at: u64) -> bool {
    at < tree.place.at
        || (0..=tree::top(tree.segments)).any(|level| {
            let start = tree.place.hash_at(level, 0);
            (start..start + tree::count(tree.segments, level) * 32).contains(&at)
        })
}

/// Seals a segment of the attacker's own with the content key and brings the tree up to date. The record gets the new
/// root under the old signature, or a new signature by another key.
fn forged_segment(dice: &mut Dice, file: &[u8], key: Option<&SigningKey>) -> Vec<u8> {
    let (mut storage, mut state) = opened(file);
    let OpenedFile { header, coder, body, signed } = &mut state;
    let SignedBody { manifest, tree } = signed.as_mut().unwrap();
    let block = dice.below(body.last.unwrap() + 1);
    let place = body.range(&(block..block + 1));
    let plain = dice.bytes(usize::try_from(place.end - place.start - 28).unwrap());
    let mut segment = vec![0; plain.len() + 28];
    let ends = Some(block) == body.last;
    coder.encrypt(u32::try_from(block).unwrap(), ends, Buffers::separate(&plain, &mut segment)).unwrap();
    storage.write_at(place.start, &segment).unwrap();
    tree.update(&mut storage, tree.segments, block, &tree::leaves(block, &segment).unwrap()).unwrap();
    rewrite_record(dice, &mut storage, key, |storage, signer| {
        manifest.generation += 1;
        manifest.write(storage, header, (body, tree), signer).unwrap();
    });
    storage.into_bytes()
}

/// Cuts the content and makes everything fit that needs no signature.
fn shortened(dice: &mut Dice, file: &[u8]) -> Vec<u8> {
    let mut forger = access(CipherMode::Gcm4k, true);
    forger.write_key = Some(foreign_key());
    let mut open = ProtectedFile::open(Box::new(MemoryStorage::new(file.to_vec())), forger).unwrap();
    open.set_len(dice.below(open.len())).unwrap();
    let header = open.header().clone();
    let mut storage = MemoryStorage::new(all(&*open.into_storage()));
    if dice.below(2) == 0 {
        let signature =
            range(header.metadata.start + RECORD_LEN as u64 - 64..header.metadata.start + RECORD_LEN as u64);
        storage.write_at(signature.start as u64, &file[signature]).unwrap();
    }
    storage.into_bytes()
}

/// Writes a record: signed with `key`, or under the signature that was there.
fn rewrite_record(
    dice: &mut Dice,
    storage: &mut MemoryStorage,
    key: Option<&SigningKey>,
    write: impl FnOnce(&mut MemoryStorage, Signer<'_>),
) {
    let header = Header::read(storage).unwrap();
    let end = header.metadata.start + RECORD_LEN as u64;
    let mut signature = [0; 64];
    storage.read_exact_at(end - 64, &mut signature).unwrap();
    let own = foreign_key();
    let content_id = if dice.below(2) == 0 { CONTENT_ID } else { "{foreign}" };
    write(storage, Signer { key: key.unwrap_or(&own), content_id });
    if key.is_none() {
        storage.write_at(end - 64, &signature).unwrap();
    }
}

/// The file with another extension and license in front, all offsets right. `record` tells how many bytes of the
/// metadata area go; `None` is the record.
fn rebuilt(file: &[u8], extension: &str, license: &[u8], record: Option<usize>) -> Vec<u8> {
    let storage = MemoryStorage::new(file.to_vec());
    let header = Header::read(&storage).unwrap();
    let metadata = range(header.metadata.start..header.metadata.end);
    let metadata = &file[metadata][record.unwrap_or(RECORD_LEN)..];
    let size = header.original_size.unwrap();
    let mut out = crate::file::pfile::header::build(extension, license, metadata, size).unwrap();
    out.extend_from_slice(&file[usize::try_from(header.content_offset()).unwrap()..]);
    out
}

#[test]
fn whoever_may_only_read_alters_nothing() {
    let attacks = std::env::var("MSIPC_ATTACKS").ok().and_then(|count| count.parse().ok()).unwrap_or(10_000);
    let mut dice = Dice(50);
    let mut counts = std::collections::BTreeMap::<_, usize>::new();
    let targets = [Target::new(&mut dice, 30_000), Target::new(&mut dice, 41_000), Target::new(&mut dice, 600_000)];
    for target in &targets {
        // The reader takes what the author wrote, else the rest would say nothing.
        assert!(reader_accepts(&target.newer).unwrap() == (target.content.clone(), Some(".txt".into())));
        assert!(reader_accepts(&target.older).is_some());
        assert!(reader_accepts(&target.foreign).is_some());
    }
    let (mut done, mut tries) = (0, 0);
    while done < attacks {
        tries += 1;
        // The large one has a second level, and costs as much as fifteen of the others.
        let target = &targets[if tries % 20 == 0 { 2 } else { tries % 2 }];
        let (what, file) = alter(&mut dice, target);
        if file == target.newer || file == target.foreign || file == target.older {
            assert!((tries - done) * 10 < attacks, "only {done} of {tries} changed anything");
            continue;
        }
        assert!(reader_accepts(&file).is_none(), "accepted: {what}, try {tries}");
        *counts.entry(what).or_insert(0) += 1;
        done += 1;
    }
    println!("{done} alterations, none accepted: {counts:?}");
}

/// The product of two field elements as GHASH counts them: the first bit is the coefficient of 1.
fn product(one: u128, other: u128) -> u128 {
    let mut sum = 0;
    let mut shifted = other;
    for bit in (0..128).rev() {
        if (one >> bit) & 1 == 1 {
            sum ^= shifted;
        }
        let carry = shifted & 1;
        shifted = (shifted >> 1) ^ (carry * (0xe1 << 120));
    }
    sum
}

/// The blocks of a ciphertext as field elements.
fn elements(text: &[u8]) -> Vec<u128> {
    text.chunks_exact(16).map(|block| u128::from_be_bytes(block.try_into().unwrap())).collect()
}

/// Puts `chosen` in place of the content of a whole segment, under the same nonce and tag. All but the last 16 bytes are
/// as chosen: those are solved from the equation of the tag, which the content key makes linear in them.
fn with_the_same_tag(segment: &mut [u8], plain: &[u8], chosen: &[u8]) {
    let key: Vec<u8> = (0..32).collect();
    let mut derived = [0; 32];
    crate::crypto::hkdf_sha256(&key, b"msipc gcm4k v1", &mut derived).unwrap();
    let mut subkey = [0; 16];
    crate::crypto::aes::ecb_encrypt(&derived, &mut subkey).unwrap();
    let subkey = u128::from_be_bytes(subkey);

    let text = &mut segment[12..12 + 4096];
    let before = elements(text);
    for (byte, (old, new)) in text.iter_mut().zip(plain.iter().zip(chosen)).take(4080) {
        *byte ^= old ^ new;
    }
    // GHASH is a polynomial in the subkey, so what the blocks before changed is what the last one must change.
    let changes = elements(text).into_iter().zip(&before).take(255);
    let change = changes.fold(0, |sum, (new, old)| product(sum ^ new ^ old, subkey));
    text[4080..].copy_from_slice(&(before[255] ^ change).to_be_bytes());
}

#[test]
fn a_segment_with_the_same_nonce_and_tag_is_another_segment() {
    let mut dice = Dice(52);
    let target = Target::new(&mut dice, 600_000);
    let (_, state) = opened(&target.newer);
    for block in [0, 40, 145] {
        let place = range(state.body.range(&(block..block + 1)));
        let start = usize::try_from(block * 4096).unwrap();
        let chosen = dice.bytes(4096);
        let mut file = target.newer.clone();
        with_the_same_tag(&mut file[place.clone()], &target.content[start..start + 4096], &chosen);
        // The forgery is a good one: the cipher takes it for the author's, and it says what the attacker wants.
        let (old, new) = (&target.newer[place.clone()], &file[place]);
        assert!(old[..12] == new[..12] && old[4108..] == new[4108..] && old != new);
        let mut plain = [0; 4096];
        let number = u32::try_from(block).unwrap();
        assert_eq!(state.coder.decrypt(number, false, Buffers::separate(new, &mut plain)).unwrap(), 4096);
        assert!(plain[..4080] == chosen[..4080]);

        assert!(reader_accepts(&file).is_none());
        let mut open = open(CipherMode::Gcm4k, true, file).unwrap();
        assert!(is_corrupt(open.read_at(block * 4096, &mut plain)));
        assert!(is_corrupt(open.write_at(block * 4096 + 1, b"sign this")));
    }
}

#[test]
fn random_access_verifies_what_it_reads_and_no_more() {
    let mut dice = Dice(51);
    let target = Target::new(&mut dice, 600_000);
    let (_, state) = opened(&target.newer);
    let block = 40;
    let place = range(state.body.range(&(block..block + 1)));
    let mut file = target.newer.clone();
    let number = u32::try_from(block).unwrap();
    state.coder.encrypt(number, false, Buffers::separate(&[2; 4096], &mut file[place])).unwrap();
    let mut open = open(CipherMode::Gcm4k, true, file).unwrap();
    let mut out = [0; 4096];
    assert!(is_corrupt(open.read_at(block * 4096 + 17, &mut out[..5])));
    assert!(is_corrupt(open.write_at(block * 4096 + 17, b"patch")));
    open.read_at(0, &mut out).unwrap();
    assert!(out[..] == target.content[..4096]);
    // Written over as a whole, the segment is the author's again.
    open.write_at(block * 4096, &[1; 4096]).unwrap();
    open.read_at(block * 4096, &mut out).unwrap();
    assert_eq!(out, [1; 4096]);
}

#[test]
fn two_keys_do_not_open_one_file() {
    let file = MemoryStorage::new(protected(CipherMode::Gcm4k, true, b"the plan"));
    let other = ContentKey::new(CipherMode::Gcm4k, &[3; 32]).unwrap();
    let other: Arc<dyn Coder> = Arc::new(RawCoder::new(&other, Arc::new(OsRandom)).unwrap());
    let mut output = MemoryStorage::default();
    assert!(is_corrupt(unprotect(&file, &other, Some(&trust()), &mut output, &mut ignore)));
    assert!(output.is_empty().unwrap());
}
