#![allow(clippy::unwrap_used, reason = "a test that unwraps fails with the place and the error")]
use std::sync::atomic::AtomicU64;

use super::*;
use crate::cipher::{CipherMode, ContentKey, Path};

const MODES: [CipherMode; 5] =
    [CipherMode::Ecb, CipherMode::Cbc4k, CipherMode::Cbc4kNoPad, CipherMode::Cbc512, CipherMode::Gcm4k];

/// Counts up, so that one thread and several draw the same nonces.
#[derive(Debug, Default)]
struct Counter(AtomicU64);

impl Random for Counter {
    fn fill(&self, out: &mut [u8]) -> Result<()> {
        for chunk in out.chunks_mut(12) {
            let number = self.0.fetch_add(1, Ordering::Relaxed);
            chunk.copy_from_slice(&[&number.to_le_bytes()[..], &[0xab; 4]].concat()[..chunk.len()]);
        }
        Ok(())
    }
}

#[derive(Debug)]
struct Broken;

impl Random for Broken {
    fn fill(&self, _out: &mut [u8]) -> Result<()> {
        Err(Error::internal("no randomness"))
    }
}

fn ciphers(mode: CipherMode) -> impl Iterator<Item = ContentCipher> {
    let key = ContentKey::new(mode, &(1..=32).collect::<Vec<u8>>()).unwrap();
    let paths = Path::ALL.into_iter().filter(|path| path.is_supported());
    paths.map(move |path| ContentCipher::on_path(path, &key).unwrap())
}

fn call<'a>(last: bool, of: Buffers<'a>) -> Piece<Buffers<'a>> {
    Piece { block: 7, last, of }
}

/// Lengths of input that the mode takes, from nothing to some blocks.
fn lengths(mode: CipherMode, last: bool) -> Vec<usize> {
    let all = [0, 1, 16, 512, 4080, 4096, 4097, 8192, 3 * 4096 + 17, 9 * 4096, 20 * 4096 + 16, 33 * 4096];
    let takes = |length: &usize| match mode {
        CipherMode::Ecb | CipherMode::Cbc512 => length.is_multiple_of(16),
        CipherMode::Cbc4kNoPad if last => length.is_multiple_of(16),
        CipherMode::Cbc4k | CipherMode::Gcm4k if last => true,
        _ => length.is_multiple_of(4096),
    };
    all.into_iter().filter(takes).collect()
}

/// Decrypts on some threads, into a buffer of the size of the result or a roomy one.
fn decrypt(cipher: &ContentCipher, threads: usize, last: bool, of: Buffers<'_>) -> Result<usize> {
    let extent = cipher.geometry.decrypted(7, last, of.input().len() as u64)?;
    cipher.decrypt_shared(threads, extent, call(last, of))
}

#[test]
fn several_threads_give_what_one_gives() {
    for mode in MODES {
        for cipher in ciphers(mode) {
            for (last, threads) in [(true, 2), (true, 3), (true, 7), (false, 2), (false, 5)] {
                for length in lengths(mode, last) {
                    let plain: Vec<u8> = (0..=250).cycle().take(length).collect();
                    let room = length + (length / 4096 + 2) * 28;
                    let mut expected = vec![0; room];
                    let one = cipher.encrypt(&Counter::default(), 7, last, Buffers::separate(&plain, &mut expected));
                    let sealed = one.unwrap();
                    let case = format!("{mode:?}, {length} bytes, {threads} threads, last {last}");

                    let mut made = vec![0; room];
                    let buffers = Buffers::separate(&plain, &mut made);
                    let shared = cipher.encrypt_shared(threads, &Counter::default(), call(last, buffers)).unwrap();
                    assert!(shared == sealed && made == expected, "{case}");

                    for room in [length, sealed] {
                        let mut back = vec![0; room];
                        let buffers = Buffers::separate(&made[..sealed], &mut back);
                        assert_eq!(decrypt(&cipher, threads, last, buffers).unwrap(), length, "{case}");
                        assert!(back[..length] == plain, "{case}");
                    }

                    let mut place = plain.clone();
                    place.resize(room, 0);
                    let buffers = Buffers::in_place(&mut place, length);
                    if cipher.can_be_cut(&buffers) {
                        let shared = cipher.encrypt_shared(threads, &Counter::default(), call(last, buffers)).unwrap();
                        assert!(shared == sealed && place[..sealed] == made[..sealed], "{case} in place");
                    } else {
                        place[..sealed].copy_from_slice(&made[..sealed]);
                    }
                    let buffers = Buffers::in_place(&mut place, sealed);
                    assert_eq!(decrypt(&cipher, threads, last, buffers).unwrap(), length, "{case} in place");
                    assert!(place[..length] == plain, "{case} in place");
                }
            }
        }
    }
}

#[test]
fn whatever_is_wrong_nothing_is_written() {
    const LENGTH: usize = 20 * 4096 + 100;
    for mode in [CipherMode::Cbc4k, CipherMode::Gcm4k] {
        for cipher in ciphers(mode) {
            let mut sealed = vec![0; LENGTH + 64 * 28];
            let plain = vec![3; LENGTH];
            let length = cipher.encrypt(&Counter::default(), 7, true, Buffers::separate(&plain, &mut sealed)).unwrap();
            sealed.truncate(length);
            // CBC tells only what its padding tells; the last 32 bytes decide that.
            let places: Vec<usize> =
                if mode == CipherMode::Gcm4k { vec![0, 5000, length / 2, length - 1] } else { vec![length - 17] };
            for at in places {
                let mut changed = sealed.clone();
                changed[at] ^= 0x80;
                let mut out = vec![0x55; length];
                let error = decrypt(&cipher, 3, true, Buffers::separate(&changed, &mut out)).unwrap_err();
                assert_eq!(error.kind(), &ErrorKind::CorruptContent, "{mode:?} at {at}");
                assert!(out.iter().all(|byte| *byte == 0x55), "{mode:?} at {at}");
                let before = changed.clone();
                assert!(decrypt(&cipher, 3, true, Buffers::in_place(&mut changed, length)).is_err());
                assert!(changed == before, "{mode:?} at {at}, in place");
            }
        }
    }
    let mut out = vec![0x55; LENGTH + 64 * 28];
    for cipher in ciphers(CipherMode::Gcm4k) {
        let buffers = Buffers::separate(&[3; LENGTH], &mut out);
        assert!(cipher.encrypt_shared(3, &Broken, call(true, buffers)).is_err());
    }
    assert!(out.iter().all(|byte| *byte == 0x55), "a generator that fails");
}

#[test]
fn the_first_error_in_the_order_of_shares_counts() {
    let run = |share: usize| match share {
        1 | 3 => Err(Error::internal(format!("share {share}"))),
        _ => Ok(share),
    };
    assert!(side_by_side(vec![0, 1, 2, 3], run).unwrap_err().to_string().contains("share 1"));
    assert_eq!(side_by_side(vec![0, 2, 4], run).unwrap(), 6);
    assert_eq!(side_by_side(Vec::<usize>::new(), run).unwrap(), 0);
}

#[test]
fn only_long_calls_are_shared_and_only_when_allowed() {
    assert!(allow_threads(0).is_err() && allow_threads(THREADS_MAX + 1).is_err());
    assert_eq!(threads_for(usize::MAX), 1, "off unless set");
    allow_threads(2).unwrap();
    assert_eq!((threads_for(SHARED_FROM - 1), threads_for(SHARED_FROM)), (1, 2));
    allow_threads(1).unwrap();
    assert_eq!(threads_for(SHARED_FROM), 1);
}
