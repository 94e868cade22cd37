//! Whole files: protected and opened by a process of their own, beside what reading, writing and encrypting cost by
//! themselves, and beside programs that encrypt files. What replaces a file removes the one before; the yardstick does too.
//!
//! `BENCH_FILE_MIB` is the size of the large file, `BENCH_FOLDER` where it lies (the folder for temporary files).

use crate::api::{self, Draft};
use crate::report::{Bar, Report};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

const MIB: usize = 1 << 20;
/// Rounds of everything; the best one counts, because whoever else uses the disk only takes time.
const ROUNDS: usize = 7;
/// Peak of the process that is allowed, in MiB.
const PEAK_MAX: f64 = 32.0;
/// Part of the rate of reading, writing and encrypting by themselves that is to be reached.
const RATE: f64 = 0.8;
/// The package of pfiles, and that of Office documents.
const GCM4K: u32 = 0x1001;
const CBC4K: u32 = 1;
const OFFICE_MIB: usize = 200;

/// Work that a process of its own did.
#[derive(Clone, Copy)]
struct Done {
    seconds: f64,
    peak_mib: f64,
}

pub fn run(report: &mut Report, home: &Path) {
    let size = std::env::var("BENCH_FILE_MIB").ok().and_then(|text| text.parse().ok()).unwrap_or(512);
    let folder = match std::env::var_os("BENCH_FOLDER") {
        Some(folder) => Path::new(&folder).join(format!("msipc-bench-files-{}", std::process::id())),
        None => home.join("files"),
    };
    fs::create_dir_all(&folder).expect("a folder for files");
    one(report, &folder, "large.bin", "large.bin.pfile", size, GCM4K);
    others(report, &folder, size);
    one(report, &folder, "large.docx", "large.docx", OFFICE_MIB, CBC4K);
    fs::remove_dir_all(&folder).expect("the folder for files");
}

fn one(report: &mut Report, folder: &Path, name: &str, protected: &str, mib: usize, package: u32) {
    let what = if package == GCM4K { "pfile" } else { "Office container" };
    report.section(&format!("A file of {mib} MiB as {what}, best of {ROUNDS}"));
    let (spare, plain, protected) = (folder.join("spare"), folder.join(name), folder.join(protected));
    write_original(&plain, mib);
    let (mut copied, mut removed, mut sealed, mut unsealed) = (f64::MAX, f64::MAX, f64::MAX, f64::MAX);
    let (mut closed, mut opened) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (encrypting, decrypting) = buffers(mib, package);
        (sealed, unsealed) = (sealed.min(encrypting), unsealed.min(decrypting));
        // Everything replaces a file by another one, and begins when as much memory was just given back: what nobody used
        // for a second or two may have to come from another system first, which takes longer than all the work.
        let ready = |file: &Path| {
            copy(file, &spare);
            fs::remove_file(&spare).expect("the copy");
        };
        ready(&plain);
        copied = copied.min(copy(&plain, &spare));
        removed = removed.min(seconds(|| fs::remove_file(&plain).expect("the file before")));
        fs::rename(&spare, &plain).expect("the copy");
        ready(&plain);
        closed.push(in_child("protect", &plain));
        ready(&protected);
        opened.push(in_child("open", &protected));
    }
    assert!(is_original(&plain, mib), "the content came out different");
    fs::remove_file(&plain).expect("the opened file");
    let bytes = (mib * MIB) as f64 / 1e9;
    report.note(format!("reading and writing it, flushed: {:.2} GB/s; removing it: {removed:.3} s", bytes / copied));
    for (verb, done, alone) in [("protect", closed, sealed), ("open", opened, unsealed)] {
        let best = done.iter().map(|done| done.seconds).fold(f64::MAX, f64::min);
        let worst = done.iter().map(|done| done.seconds).fold(0.0, f64::max);
        let peak = done.iter().map(|done| done.peak_mib).fold(0.0, f64::max);
        report.note(format!(
            "the same bytes through the cipher, to {verb}, in calls of 1 MiB: {:.2} GB/s",
            bytes / alone
        ));
        let spread = (worst - best) / 2.0 / best;
        let name = format!("{verb}; yardstick: cipher, reading, replacing");
        report.rate(&name, bytes / best, bytes / (copied + removed + alone), spread, Bar::Must(RATE));
        report.time(&format!("peak of the process, {verb} (allowed: {PEAK_MAX})"), "MiB", peak, PEAK_MAX, 0.0);
    }
}

/// Programs that people have; information, and only those that are here.
fn others(report: &mut Report, folder: &Path, mib: usize) {
    let (original, encrypted) = (folder.join("original"), folder.join("encrypted"));
    write_original(&original, mib);
    let bytes = (mib * MIB) as f64 / 1e9;
    let mut row = |name: &str, program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        command.args(arguments).arg(&original).stdin(Stdio::null()).stderr(Stdio::null());
        let began = Instant::now();
        if command.status().is_ok_and(|status| status.success()) {
            // They leave the flushing to the system; the library does not.
            File::open(&encrypted).and_then(|file| file.sync_all()).expect("the encrypted file");
            report.rate(name, bytes / began.elapsed().as_secs_f64(), f64::NAN, 0.0, Bar::None);
        }
        let _gone = fs::remove_file(&encrypted);
    };
    let (key, vector, out) = ("42".repeat(32), "09".repeat(16), encrypted.to_string_lossy().into_owned());
    row(
        "openssl enc -aes-256-cbc, flushed",
        "openssl",
        &["enc", "-aes-256-cbc", "-K", &key, "-iv", &vector, "-out", &out, "-in"],
    );
    for program in ["age", "rage"] {
        let Ok(made) = Command::new(format!("{program}-keygen")).stderr(Stdio::null()).output() else { continue };
        let text = String::from_utf8_lossy(&made.stdout).into_owned();
        if let Some(recipient) = text.lines().find_map(|line| line.strip_prefix("# public key: ")) {
            row(&format!("{program}, flushed"), program, &["-r", recipient, "-o", &out]);
        }
    }
    fs::remove_file(&original).expect("the original");
}

/// Bytes that no file system packs, behind the first bytes of a package, so that they pass as an Office document too; in
/// pieces of a MiB.
fn original(mib: usize, mut each: impl FnMut(&[u8])) {
    let mut state = 0x2545_F491_4F6C_DD1Du64;
    let mut piece = vec![0; MIB];
    for number in 0..mib {
        for word in piece.chunks_exact_mut(8) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            word.copy_from_slice(&state.to_le_bytes());
        }
        if number == 0 {
            piece[..4].copy_from_slice(b"PK\x03\x04");
        }
        each(&piece);
    }
}

fn write_original(path: &Path, mib: usize) {
    let mut file = File::create(path).expect("the original");
    original(mib, |piece| file.write_all(piece).expect("room for the original"));
    file.sync_all().expect("room for the original");
}

fn is_original(path: &Path, mib: usize) -> bool {
    let mut file = File::open(path).expect("the opened file");
    let (mut found, mut is_same) = (vec![0; MIB], true);
    original(mib, |piece| is_same &= file.read_exact(&mut found).is_ok() && found == piece);
    is_same && file.read(&mut found).is_ok_and(|more| more == 0)
}

fn seconds(work: impl FnOnce()) -> f64 {
    let began = Instant::now();
    work();
    began.elapsed().as_secs_f64()
}

/// Reads and writes a file, and nothing else; the seconds that took.
fn copy(from: &Path, to: &Path) -> f64 {
    let (mut from, mut to) = (File::open(from).expect("the original"), File::create(to).expect("the copy"));
    let mut piece = vec![0; MIB];
    seconds(|| {
        loop {
            match from.read(&mut piece).expect("the original") {
                0 => break,
                count => to.write_all(&piece[..count]).expect("room for the copy"),
            }
        }
        to.sync_all().expect("room for the copy");
    })
}

/// Seconds for as many bytes in buffers, to encrypt and to decrypt.
fn buffers(mib: usize, package: u32) -> (f64, f64) {
    let key = Draft::new(package, 1, 0).serialize().1;
    let plain: Vec<u8> = (0..MIB).map(|n| (n * 7 + n / 251) as u8).collect();
    let mut sealed = vec![0; MIB / 4096 * 4124];
    let mut out = vec![0; MIB];
    let count = api::content(true, &key, 0, &plain, &mut sealed);
    let time = |mut run: Box<dyn FnMut() + '_>| seconds(|| (0..mib).for_each(|_| run()));
    let mut again = sealed.clone();
    let encrypting = time(Box::new(|| assert_eq!(api::content(true, &key, 0, &plain, &mut again), count)));
    let decrypting = time(Box::new(|| assert_eq!(api::content(false, &key, 0, &sealed[..count], &mut out), MIB)));
    (encrypting, decrypting)
}

fn in_child(work: &str, path: &Path) -> Done {
    let program = std::env::current_exe().expect("this program's path");
    let output = Command::new(program).arg("--file").arg(work).arg(path).output().expect("a process");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let numbers: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    match numbers[..] {
        [seconds, peak_mib] if output.status.success() => Done { seconds, peak_mib },
        _ => panic!("{work} {}: {text}{}", path.display(), String::from_utf8_lossy(&output.stderr)),
    }
}

/// The process that does one piece of work and prints its seconds and its peak in MiB.
pub fn child(work: &str, path: &str) {
    api::act_as(api::ACCOUNT);
    let package = if path.ends_with(".docx") { CBC4K } else { GCM4K };
    let draft = Draft::new(package, 1, 0);
    let began = Instant::now();
    match work {
        "protect" => api::protect_file(path, &draft),
        _ => api::open_file(path),
    }
    println!("{} {}", began.elapsed().as_secs_f64(), peak_mib());
}

/// The most memory that this process had in use so far, as the system counts it.
fn peak_mib() -> f64 {
    let text = fs::read_to_string("/proc/self/status").expect("Linux tells about processes");
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    line.trim().trim_end_matches(" kB").parse::<f64>().expect("a number") / 1024.0
}
