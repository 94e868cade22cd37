//! Content ciphers through `IpcEncrypt` and `IpcDecrypt`, beside OpenSSL, ring, aws-lc and our own AES-ECB.

use crate::api::{self, Draft, Key};
use crate::evp::Evp;
use crate::measure::{Case, in_turn};
use crate::report::{Bar, Report};
use msipc::cipher::{Buffers, CipherMode, ContentCipher, ContentKey, Path};
use msipc::crypto::OsRandom;
use std::cell::RefCell;

const MIB: usize = 1 << 20;
const BLOCK: usize = 4096;
const SEGMENT: usize = BLOCK + 28;
const SEALED: usize = MIB / BLOCK * SEGMENT;
const SECRET: [u8; 32] = [0x42; 32];

/// The same buffers for everybody.
struct Memory {
    plain: Vec<u8>,
    text: Vec<u8>,
    sealed: Vec<u8>,
    out: Vec<u8>,
}

pub fn run(report: &mut Report, evp: &Evp, rounds: usize) {
    let cbc = Draft::new(1, 1, 0).serialize().1;
    let gcm = Draft::new(0x1001, 1, 0).serialize().1;
    let plain: Vec<u8> = (0..MIB).map(|n| (n * 7 + n / 251) as u8).collect();
    let (mut text, mut sealed) = (vec![0; MIB], vec![0; SEALED]);
    assert_eq!(api::content(true, &cbc, 0, &plain, &mut text), MIB);
    assert_eq!(api::content(true, &gcm, 0, &plain, &mut sealed), SEALED);
    let memory = RefCell::new(Memory { plain, text, sealed, out: vec![0; SEALED] });
    chained(report, evp, rounds, &memory, &cbc);
    authenticated(report, evp, rounds, &memory, &gcm);
    blocks(report, evp, rounds, &memory, &cbc, &gcm);
}

fn bar(wide: f64, narrow: f64) -> Bar {
    match Path::chosen() {
        Path::Vaes512 | Path::Vaes256 => Bar::Must(wide),
        Path::AesNi => Bar::Must(narrow),
        Path::Portable => Bar::None,
    }
}

fn chained(report: &mut Report, evp: &Evp, rounds: usize, memory: &RefCell<Memory>, key: &Key) {
    report.section("CBC4K, AES-256, calls of 1 MiB");
    let ecb = ContentCipher::new(&ContentKey::new(CipherMode::Ecb, &SECRET).expect("a key")).expect("a cipher");
    let (mut encrypting, mut decrypting) = (evp.cbc(true, &SECRET), evp.cbc(false, &SECRET));
    let vector = [9; 16];
    let times = in_turn(
        rounds,
        vec![
            Case::new("encrypt", || {
                let Memory { plain, out, .. } = &mut *memory.borrow_mut();
                api::content(true, key, 0, plain, &mut out[..MIB]);
            }),
            Case::new("evp encrypt", || {
                let Memory { plain, out, .. } = &mut *memory.borrow_mut();
                for (from, to) in plain.chunks_exact(BLOCK).zip(out.chunks_exact_mut(BLOCK)) {
                    encrypting.message(&vector, from, to);
                }
            }),
            Case::new("evp encrypt fresh", || {
                let Memory { plain, out, .. } = &mut *memory.borrow_mut();
                for (from, to) in plain.chunks_exact(BLOCK).zip(out.chunks_exact_mut(BLOCK)) {
                    evp.cbc(true, &SECRET).message(&vector, from, to);
                }
            }),
            Case::new("decrypt", || {
                let Memory { text, out, .. } = &mut *memory.borrow_mut();
                api::content(false, key, 0, text, &mut out[..MIB]);
            }),
            Case::new("evp decrypt", || {
                let Memory { text, out, .. } = &mut *memory.borrow_mut();
                for (from, to) in text.chunks_exact(BLOCK).zip(out.chunks_exact_mut(BLOCK)) {
                    decrypting.message(&vector, from, to);
                }
            }),
            Case::new("evp decrypt fresh", || {
                let Memory { text, out, .. } = &mut *memory.borrow_mut();
                for (from, to) in text.chunks_exact(BLOCK).zip(out.chunks_exact_mut(BLOCK)) {
                    evp.cbc(false, &SECRET).message(&vector, from, to);
                }
            }),
            Case::new("ecb encrypt", || {
                let Memory { plain, out, .. } = &mut *memory.borrow_mut();
                ecb.encrypt(&OsRandom, 0, false, Buffers::separate(plain, &mut out[..MIB])).expect("encrypt");
            }),
            Case::new("ecb decrypt", || {
                let Memory { text, out, .. } = &mut *memory.borrow_mut();
                ecb.decrypt(0, false, Buffers::separate(text, &mut out[..MIB])).expect("decrypt");
            }),
            Case::new("memcpy", || {
                let Memory { plain, out, .. } = &mut *memory.borrow_mut();
                out[..MIB].copy_from_slice(std::hint::black_box(plain));
                std::hint::black_box(out);
            }),
        ],
    );
    let rate = |name: &str| times.rate(name, MIB);
    for (way, wide, narrow, stretch) in [("encrypt", 5.0, 4.0, 0.8), ("decrypt", 1.3, 0.9, 0.9)] {
        let (ours, spread) = (rate(way), times.of(way).spread);
        let named = |what: &str| format!("CBC4K {way} / {what}");
        let (evp, fresh) = (rate(&format!("evp {way}")), rate(&format!("evp {way} fresh")));
        report.rate(&named("EVP per 4 KiB, context reused"), ours, evp, spread, bar(wide, narrow));
        report.rate(&named("EVP per 4 KiB, fresh context"), ours, fresh, spread, Bar::None);
        report.rate(&named("own raw ECB"), ours, rate(&format!("ecb {way}")), spread, Bar::Stretch(stretch));
    }
    report.rate(
        "own raw ECB encrypt / memcpy",
        rate("ecb encrypt"),
        rate("memcpy"),
        times.of("memcpy").spread,
        Bar::None,
    );
}

fn authenticated(report: &mut Report, evp: &Evp, rounds: usize, memory: &RefCell<Memory>, key: &Key) {
    report.section("GCM4K, AES-256, calls of 1 MiB");
    let (mut encrypting, mut decrypting) = (evp.gcm(true, &SECRET), evp.gcm(false, &SECRET));
    let library = {
        use aws_lc_rs::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
        LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &SECRET).expect("a key"))
    };
    let other = {
        use ring::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
        LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &SECRET).expect("a key"))
    };
    let nonce = [9; 16];
    // What the yardsticks open, made by one of them: they all speak the same cipher.
    let mut theirs = memory.borrow().plain.clone();
    let mut tags = vec![[0; 16]; MIB / BLOCK];
    for ((from, to), tag) in
        memory.borrow().plain.chunks_exact(BLOCK).zip(theirs.chunks_exact_mut(BLOCK)).zip(&mut tags)
    {
        assert!(encrypting.authenticated(&nonce, from, to, tag));
    }
    let short = [9; 12];
    let times = in_turn(
        rounds,
        vec![
            Case::new("encrypt", || {
                let Memory { plain, out, .. } = &mut *memory.borrow_mut();
                api::content(true, key, 0, plain, out);
            }),
            Case::new("evp encrypt", || {
                let Memory { plain, out, .. } = &mut *memory.borrow_mut();
                let mut tag = [0; 16];
                for (from, to) in plain.chunks_exact(BLOCK).zip(out.chunks_exact_mut(BLOCK)) {
                    encrypting.authenticated(&nonce, from, to, &mut tag);
                }
            }),
            Case::new("aws-lc encrypt", || {
                use aws_lc_rs::aead::{Aad, Nonce};
                let Memory { out, .. } = &mut *memory.borrow_mut();
                for piece in out[..MIB].chunks_exact_mut(BLOCK) {
                    let nonce = Nonce::assume_unique_for_key(short);
                    let _tag = library.seal_in_place_separate_tag(nonce, Aad::from([7; 9]), piece).expect("seal");
                }
            }),
            Case::new("ring encrypt", || {
                use ring::aead::{Aad, Nonce};
                let Memory { out, .. } = &mut *memory.borrow_mut();
                for piece in out[..MIB].chunks_exact_mut(BLOCK) {
                    let nonce = Nonce::assume_unique_for_key(short);
                    let _tag = other.seal_in_place_separate_tag(nonce, Aad::from([7; 9]), piece).expect("seal");
                }
            }),
            Case::new("decrypt", || {
                let Memory { sealed, out, .. } = &mut *memory.borrow_mut();
                api::content(false, key, 0, sealed, &mut out[..MIB]);
            }),
            Case::new("evp decrypt", || {
                let Memory { out, .. } = &mut *memory.borrow_mut();
                for ((from, to), tag) in
                    theirs.chunks_exact(BLOCK).zip(out.chunks_exact_mut(BLOCK)).zip(&mut tags.clone())
                {
                    assert!(decrypting.authenticated(&nonce, from, to, tag));
                }
            }),
            Case::new("aws-lc decrypt", || {
                use aws_lc_rs::aead::{Aad, Nonce};
                let Memory { out, .. } = &mut *memory.borrow_mut();
                for ((from, to), tag) in theirs.chunks_exact(BLOCK).zip(out.chunks_exact_mut(BLOCK)).zip(&tags) {
                    let nonce = Nonce::assume_unique_for_key(short);
                    library.open_separate_gather(nonce, Aad::from([7; 9]), from, tag, to).expect("open");
                }
            }),
        ],
    );
    let rate = |name: &str| times.rate(name, MIB);
    for way in ["encrypt", "decrypt"] {
        let (ours, spread) = (rate(way), times.of(way).spread);
        let named = |what: &str| format!("GCM4K {way} / {what}");
        report.rate(&named("EVP per 4 KiB, context reused"), ours, rate(&format!("evp {way}")), spread, bar(1.5, 0.8));
        let library = rate(&format!("aws-lc {way}"));
        let best = if way == "encrypt" { library.max(rate("ring encrypt")) } else { library };
        report.rate(&named("best of ring and aws-lc, 4 KiB"), ours, best, spread, Bar::Stretch(1.0));
    }
}

fn blocks(report: &mut Report, evp: &Evp, rounds: usize, memory: &RefCell<Memory>, cbc: &Key, gcm: &Key) {
    report.section("One 4 KiB block per call");
    let (mut encrypting, mut decrypting) = (evp.cbc(true, &SECRET), evp.cbc(false, &SECRET));
    let vector = [9; 16];
    let times = in_turn(
        rounds,
        vec![
            Case::new("encrypt", || {
                let Memory { plain, out, .. } = &mut *memory.borrow_mut();
                api::content(true, cbc, 3, &plain[..BLOCK], &mut out[..BLOCK]);
            }),
            Case::new("evp encrypt", || {
                let Memory { plain, out, .. } = &mut *memory.borrow_mut();
                encrypting.message(&vector, &plain[..BLOCK], &mut out[..BLOCK]);
            }),
            Case::new("decrypt", || {
                let Memory { text, out, .. } = &mut *memory.borrow_mut();
                api::content(false, cbc, 0, &text[..BLOCK], &mut out[..BLOCK]);
            }),
            Case::new("evp decrypt", || {
                let Memory { text, out, .. } = &mut *memory.borrow_mut();
                decrypting.message(&vector, &text[..BLOCK], &mut out[..BLOCK]);
            }),
            Case::new("gcm encrypt", || {
                let Memory { plain, out, .. } = &mut *memory.borrow_mut();
                api::content(true, gcm, 3, &plain[..BLOCK], &mut out[..SEGMENT]);
            }),
            Case::new("gcm decrypt", || {
                let Memory { sealed, out, .. } = &mut *memory.borrow_mut();
                api::content(false, gcm, 0, &sealed[..SEGMENT], &mut out[..BLOCK]);
            }),
            Case::new("overhead", || {
                let Memory { out, .. } = &mut *memory.borrow_mut();
                api::content(true, cbc, 3, &[], &mut out[..BLOCK]);
            }),
        ],
    );
    for way in ["encrypt", "decrypt"] {
        let (ours, yardstick) = (times.rate(way, BLOCK), times.rate(&format!("evp {way}"), BLOCK));
        let name = format!("CBC4K {way}, 4 KiB / EVP, context reused");
        report.rate(&name, ours, yardstick, times.of(way).spread, bar(1.0, 0.95));
        let name = format!("GCM4K {way}, 4 KiB");
        let case = format!("gcm {way}");
        report.rate(&name, times.rate(&case, BLOCK), f64::NAN, times.of(&case).spread, Bar::None);
    }
    let overhead = times.of("overhead");
    report.time("IpcEncrypt of nothing: what a call costs", "ns", overhead.median * 1e9, 60.0, overhead.spread);
}
