//! Whether the time of a refusal tells why content was refused, in the way of dudect: two kinds of input in random order,
//! and Welch's t over the times. `ct-check [MEASUREMENTS]`; fails when a |t| reaches 4.5.
#![allow(clippy::cast_precision_loss)]

use msipc::cipher::{Buffers, CipherMode, ContentCipher, ContentKey, Path};
use msipc::crypto::{OsRandom, Random};
use std::time::Instant;

const LIMIT: f64 = 4.5;

fn main() {
    let count = std::env::args().nth(1).map_or(1_000_000, |count| count.parse().expect("a number of measurements"));
    let mut failed = false;
    for path in Path::ALL.into_iter().filter(|path| path.is_supported()) {
        // Padding that is wrong in its last byte, and in its first: how far the check went must not show.
        let (first, second) = (padding([0; 16]), padding(std::array::from_fn(|at| if at == 0 { 0 } else { 16 })));
        failed |= report(path, "padding", CipherMode::Cbc4k, count, &first, &second);
        let (first, second) = tags();
        failed |= report(path, "tag", CipherMode::Gcm4k, count, &first, &second);
    }
    std::process::exit(i32::from(failed));
}

fn cipher(path: Path, mode: CipherMode) -> ContentCipher {
    ContentCipher::on_path(path, &ContentKey::new(mode, &[0x42; 32]).expect("a key")).expect("a cipher")
}

/// Content of two units whose last decrypts to these bytes.
fn padding(end: [u8; 16]) -> Vec<u8> {
    let plain = [[3; 16], end].concat();
    let mut text = vec![0; 32];
    let made = cipher(Path::Portable, CipherMode::Cbc4kNoPad);
    made.encrypt(&OsRandom, 0, true, Buffers::separate(&plain, &mut text)).expect("encrypt");
    text
}

/// A segment whose tag is wrong in its first byte, and one wrong in its last.
fn tags() -> (Vec<u8>, Vec<u8>) {
    let mut text = vec![0; 16 + 28];
    let made = cipher(Path::Portable, CipherMode::Gcm4k);
    made.encrypt(&OsRandom, 0, true, Buffers::separate(&[3; 16], &mut text)).expect("encrypt");
    let (mut first, mut second) = (text.clone(), text);
    first[28] ^= 1;
    second[43] ^= 1;
    (first, second)
}

fn report(path: Path, what: &str, mode: CipherMode, count: usize, first: &[u8], second: &[u8]) -> bool {
    let t = compare(&cipher(path, mode), count, first, second);
    let failed = t.abs() >= LIMIT;
    println!(
        "{path:?}, wrong {what}: |t| = {:.2} over {count} measurements{}",
        t.abs(),
        if failed { ": TOO LARGE" } else { "" }
    );
    failed
}

/// Refusals that are prepared together, before the first of them is measured: what preparing leaves in the processor must
/// not depend on the kind.
const BATCH: usize = 1024;

/// Welch's t of the times of two refusals, without the slowest tenth, which is the machine's own.
fn compare(cipher: &ContentCipher, count: usize, first: &[u8], second: &[u8]) -> f64 {
    let mut choices = vec![0; count.div_ceil(8)];
    OsRandom.fill(&mut choices).expect("randomness");
    let class = |at: usize| usize::from(choices[at / 8] >> (at % 8) & 1);
    let (length, mut out) = (first.len(), vec![0; first.len()]);
    let mut inputs = vec![0; BATCH * length];
    let mut times = [Vec::with_capacity(count), Vec::with_capacity(count)];
    for batch in (0..count).step_by(BATCH) {
        let batch = batch..count.min(batch + BATCH);
        for (at, input) in batch.clone().zip(inputs.chunks_mut(length)) {
            input.copy_from_slice([first, second][class(at)]);
        }
        for (at, input) in batch.zip(inputs.chunks(length)) {
            let start = Instant::now();
            let result = cipher.decrypt(0, true, Buffers::separate(std::hint::black_box(input), &mut out));
            let time = start.elapsed().as_nanos() as f64;
            assert!(result.is_err());
            times[class(at)].push(time);
        }
    }
    let mut all: Vec<f64> = times.concat();
    all.sort_by(f64::total_cmp);
    let cut = all[all.len() * 9 / 10];
    let [a, b] = times.map(|times| moments(times.into_iter().filter(|time| *time <= cut)));
    (a.0 - b.0) / (a.1 / a.2 + b.1 / b.2).sqrt()
}

/// Mean, variance and count.
fn moments(times: impl Iterator<Item = f64>) -> (f64, f64, f64) {
    let (mut count, mut mean, mut squares) = (0.0, 0.0, 0.0);
    for time in times {
        count += 1.0;
        let off = time - mean;
        mean += off / count;
        squares += off * (time - mean);
    }
    (mean, squares / (count - 1.0), count)
}
