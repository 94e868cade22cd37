//! Measures msipc beside its yardsticks and says which bars are met. `docs/performance.md` explains the rows.
//!
//! `bench [--path NAME] [--rounds N] [--json FILE] [--library FILE] [--only SECTION,..] [--soak KEYS] [--strict]`
//! Sections are content, licenses, threads, growth, memory and start.
#![allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]

mod api;
mod content;
mod evp;
mod licenses;
mod measure;
mod report;
mod start;

use msipc::cipher::Path;
use report::Report;
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// Blocks of memory taken so far.
static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);
/// Bytes in use.
static LIVE: AtomicI64 = AtomicI64::new(0);

struct Counting;

fn count(bytes: usize) {
    ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
    LIVE.fetch_add(bytes as i64, Ordering::Relaxed);
}

// SAFETY: the system's allocator does the work.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: by this function's contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size() as i64, Ordering::Relaxed);
        // SAFETY: by this function's contract.
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        LIVE.fetch_sub(layout.size() as i64, Ordering::Relaxed);
        count(size);
        // SAFETY: by this function's contract.
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| {
        arguments.iter().position(|argument| argument == name).and_then(|at| arguments.get(at + 1)).map(String::as_str)
    };
    if let (Some(library), true) = (value("--cold"), arguments.len() == 2) {
        return start::cold(library);
    }
    if let Some(name) = value("--path") {
        let path = Path::ALL.into_iter().find(|path| format!("{path:?}").eq_ignore_ascii_case(name));
        let path = path.unwrap_or_else(|| panic!("no path {name}; there are {:?}", Path::ALL));
        assert!(path.force(), "this processor does not have the path {name}");
    }
    let rounds = value("--rounds").map_or(61, |rounds| rounds.parse().expect("a number of rounds"));
    let evp = evp::Evp::load().expect("libcrypto of OpenSSL (Debian: apt-get install libssl3)");
    let home = std::env::temp_dir().join(format!("msipc-bench-{}", std::process::id()));
    std::fs::create_dir_all(&home).expect("a folder for the store");
    // SAFETY: no other thread runs yet.
    unsafe { std::env::set_var("MSIPC_HOME", &home) };
    api::act_as(api::ACCOUNT);

    let processor = report::processor();
    let path = format!("{:?}", Path::chosen());
    println!("processor: {processor}\npath: {path}\nyardstick: {}, rounds: {rounds}", evp.version());
    let mut report = Report::default();
    let only = value("--only");
    let wanted = |name: &str| only.is_none_or(|only| only.split(',').any(|one| one == name));
    if wanted("content") {
        content::run(&mut report, &evp, rounds);
    }
    if wanted("licenses") {
        licenses::run(&mut report, rounds);
    }
    if wanted("threads") {
        licenses::threads(&mut report);
        licenses::long_calls(&mut report, rounds.min(31));
    }
    if wanted("growth") {
        licenses::growth(&mut report, rounds.min(15));
    }
    if wanted("memory") {
        let soak = value("--soak").map(|count| count.parse().expect("a number of keys"));
        licenses::memory(&mut report, rounds.min(15), soak);
    }
    if let Some(library) = value("--library").filter(|_| wanted("start")) {
        start::run(&mut report, library);
    }
    std::fs::remove_dir_all(&home).expect("the folder of the store");

    if let Some(file) = value("--json") {
        std::fs::write(file, report.json(&path, &processor)).expect("the file for the rows");
    }
    let missed = report.missed();
    println!("\n{missed} bars are missed");
    if missed > 0 && arguments.iter().any(|argument| argument == "--strict") {
        std::process::exit(1);
    }
}
