//! License operations through the interface, how they scale to two threads and what they cost as work grows.

use crate::api::{self, Draft, Key};
use crate::measure::{Case, Time, in_turn, percentiles};
use crate::report::{Bar, Report, Row};
use msipc::crypto::RsaPrivateKey;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

const BLOCK: usize = 4096;

pub fn run(report: &mut Report, rounds: usize) {
    report.section("License operations, embedded authority, warm");
    let rsa = RsaPrivateKey::generate().expect("a key");
    let private = median(rounds, || drop(rsa.sign_sha256(b"a message").expect("sign"))) * 1e6;
    report.note(format!("one RSA-2048 private operation: {private:.0} us"));

    let (license, key) = of_size(10_000, 30);
    report.note(format!("license of {} bytes", license.len()));
    let right = api::wide("EDIT");
    let before = crate::ALLOCATIONS.load(Ordering::Relaxed);
    for _ in 0..1000 {
        assert!(api::has_right(&key, &right));
    }
    let allocations = crate::ALLOCATIONS.load(Ordering::Relaxed) - before;
    let times = in_turn(rounds, vec![Case::new("check", || assert!(api::has_right(&key, &right)))]);
    let check = times.of("check");
    report.time("IpcAccessCheck", "ns", check.median * 1e9, 100.0, check.spread);
    report.note(format!("allocations in 1000 access checks: {allocations}"));

    drop(api::open(&license));
    std::thread::sleep(AFTER_WRITES);
    let (half, most) = percentiles(500, || drop(api::open(&license)));
    report.time("IpcGetKey, use license cached, p50", "us", half * 1e6, 60.0, 0.0);
    report.time("IpcGetKey, use license cached, p99", "us", most * 1e6, 1000.0, 0.0);
    let (fresh, _) = of_size(10_000, 0);
    let asked = median(rounds, || drop(api::open(&fresh))) * 1e6;
    report.time("IpcGetKey, nothing cached", "us", asked, 1.5 * private + 300.0, 0.0);
    let draft = Draft::new(1, 10, 30);
    let made = median(rounds, || drop(draft.serialize())) * 1e6;
    report.time("IpcSerializeLicense", "us", made, 1.5 * private + 300.0, 0.0);
    api::put_templates(100 - api::templates().min(100));
    let count = api::templates();
    let listed = median(rounds, || assert_eq!(api::templates(), count)) * 1e6;
    report.time(&format!("IpcGetTemplateList of {count}"), "us", listed, 200.0, 0.0);
}

/// A license of at least so many bytes, and its key.
fn of_size(bytes: usize, interval: u32) -> (Vec<u8>, Key) {
    let mut users = 1;
    loop {
        let (license, key) = Draft::new(1, users, interval).serialize();
        if license.len() >= bytes {
            return (license, key);
        }
        users += 1 + (bytes - license.len()) / 400;
    }
}

fn median(rounds: usize, run: impl FnMut()) -> f64 {
    in_turn(rounds, vec![Case::new("it", run)]).of("it").median
}

pub fn threads(report: &mut Report) {
    report.section("Two threads on handles of their own, against one");
    let right = api::wide("EDIT");
    let text = vec![5; 16 * BLOCK];
    let work = |what: &'static str| -> Box<Work<'_>> {
        let (right, text) = (&right, &text);
        match what {
            "IpcAccessCheck" => Box::new(move |own, _| assert!(api::has_right(&own.key, right))),
            "IpcGetKey, use license cached" => Box::new(move |own, _| drop(api::open(&own.license))),
            "IpcEncrypt, 64 KiB" => Box::new(move |own, out| assert!(api::content(true, &own.key, 0, text, out) > 0)),
            _ => Box::new(move |own, out| assert!(api::content(false, &own.key, 0, text, out) > 0)),
        }
    };
    for what in ["IpcAccessCheck", "IpcEncrypt, 64 KiB", "IpcDecrypt, 64 KiB", "IpcGetKey, use license cached"] {
        let work = work(what);
        // The best of several tries: whoever else uses the machine takes one of two cores more often than one of one.
        let (mut one, mut two) = (Rate::default(), Rate::default());
        for _ in 0..7 {
            one = one.or_better(per_second(1, &*work));
            two = two.or_better(per_second(2, &*work));
        }
        let add = |report: &mut Report, name: String, one: f64, two: f64, bar| {
            let (ours, yardstick) = (two / 1e6, one / 1e6);
            report.add(Row { name, ours, yardstick, unit: "M/s", ratio: two / one, bar, spread: 0.0 });
        };
        add(report, what.into(), one.wall, two.wall, Bar::Must(1.8));
        // What threads take from each other by sharing memory shows here too, on a busy machine as well; waiting does not.
        add(report, format!("{what}: by processor time"), one.processor, two.processor, Bar::None);
    }
}

/// Until a store is asked as one that nobody writes to.
const AFTER_WRITES: Duration = Duration::from_millis(100);

/// Calls that the application lets several threads share.
pub fn long_calls(report: &mut Report, rounds: usize) {
    report.section("One call of 32 MiB on two threads (IpcxSetThreads), against one");
    const LENGTH: usize = 8192 * BLOCK;
    for (package, name) in [(1, "CBC4K"), (0x1001, "GCM4K")] {
        let key = Draft::new(package, 1, 30).serialize().1;
        let (plain, mut text, mut back) = (vec![7; LENGTH], vec![0; LENGTH + 8192 * 28], vec![0; LENGTH]);
        let sealed = api::content(true, &key, 0, &plain, &mut text);
        let input = text[..sealed].to_vec();
        for (what, encrypt, input, output) in
            [("encrypt", true, &plain, &mut text), ("decrypt", false, &input, &mut back)]
        {
            let output = std::cell::RefCell::new(output);
            let call = || assert!(api::content(encrypt, &key, 0, input, &mut output.borrow_mut()) > 0);
            let cases = vec![Case::new("one", || on_threads(1, call)), Case::new("two", || on_threads(2, call))];
            let times = in_turn(rounds, cases);
            let (one, two) = (times.rate("one", LENGTH), times.rate("two", LENGTH));
            report.rate(&format!("{name} {what}, 32 MiB"), two, one, times.of("two").spread, Bar::None);
        }
    }
}

fn on_threads(count: u32, run: impl FnOnce()) {
    assert_eq!(msipc::ffi::ext::IpcxSetThreads(count), 0);
    run();
    assert_eq!(msipc::ffi::ext::IpcxSetThreads(1), 0);
}

/// What a thread does again and again.
type Work<'a> = dyn Fn(&Own, &mut Vec<u8>) + Sync + 'a;

/// What a thread works on.
struct Own {
    license: Vec<u8>,
    key: Key,
}

/// Runs in a second, of all threads together.
#[derive(Copy, Clone, Default)]
struct Rate {
    wall: f64,
    /// Had every thread run all the time.
    processor: f64,
}

impl Rate {
    fn or_better(self, other: Self) -> Self {
        Self { wall: self.wall.max(other.wall), processor: self.processor.max(other.processor) }
    }
}

fn per_second(threads: usize, work: &Work<'_>) -> Rate {
    let (total, stop, start) = (AtomicU64::new(0), AtomicBool::new(false), Barrier::new(threads + 1));
    let mut elapsed = Duration::ZERO;
    let processor = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let (license, key) = Draft::new(1, 1, 30).serialize();
                    let (own, mut out) = (Own { license, key }, vec![0; 16 * BLOCK]);
                    std::thread::sleep(AFTER_WRITES);
                    start.wait();
                    let (mut count, began) = (0, processor_time());
                    while !stop.load(Ordering::Relaxed) {
                        for _ in 0..16 {
                            work(&own, &mut out);
                        }
                        count += 16;
                    }
                    total.fetch_add(count, Ordering::Relaxed);
                    count as f64 / (processor_time() - began)
                })
            })
            .collect();
        start.wait();
        let began = Instant::now();
        std::thread::sleep(Duration::from_millis(100));
        stop.store(true, Ordering::Relaxed);
        elapsed = began.elapsed();
        running.into_iter().map(|thread| thread.join().expect("a thread that measures")).sum()
    });
    Rate { wall: total.load(Ordering::Relaxed) as f64 / elapsed.as_secs_f64(), processor }
}

/// What half of the runs stay below, in time of the processor: long calls are interrupted for others on a busy machine.
fn processor_median(count: usize, mut run: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..count)
        .map(|_| {
            let start = processor_time();
            run();
            processor_time() - start
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[count / 2]
}

/// Seconds that this thread has run.
fn processor_time() -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: a valid output.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// What calls cost on one key.
fn costs(rounds: usize, key: &Key) -> (Time, Time) {
    let right = api::wide("EDIT");
    let (plain, mut out) = (vec![1; 16 * BLOCK], vec![0; 16 * BLOCK]);
    let times = in_turn(
        rounds,
        vec![
            Case::new("check", || assert!(api::has_right(key, &right))),
            Case::new("encrypt", || assert!(api::content(true, key, 0, &plain, &mut out) > 0)),
        ],
    );
    (times.of("check"), times.of("encrypt"))
}

fn plain(report: &mut Report, name: String, unit: &'static str, ours: f64, spread: f64) {
    report.add(Row { name, ours, yardstick: f64::NAN, unit, ratio: f64::NAN, bar: Bar::None, spread });
}

pub fn growth(report: &mut Report, rounds: usize) {
    report.section("As work grows");
    let mut last: Option<(f64, [f64; 3])> = None;
    for users in [10, 100, 1000] {
        let draft = Draft::new(1, users, 30);
        let (license, key) = draft.serialize();
        let (check, encrypt) = costs(rounds, &key);
        let fresh = Draft::new(1, users, 0).serialize().0;
        drop(api::open(&license));
        std::thread::sleep(AFTER_WRITES);
        let cached = processor_median(100, || drop(api::open(&license)));
        let asked = processor_median(30, || drop(api::open(&fresh)));
        let made = processor_median(30, || drop(draft.serialize()));
        let size = license.len();
        let what = ["IpcGetKey, cached", "IpcGetKey, nothing cached", "IpcSerializeLicense"];
        let times = [cached, asked, made];
        for (what, time) in what.iter().zip(times) {
            plain(report, format!("{users} users, {size} bytes: {what}"), "us", time * 1e6, 0.0);
        }
        plain(report, format!("{users} users: IpcAccessCheck"), "ns", check.median * 1e9, check.spread);
        plain(report, format!("{users} users: IpcEncrypt of 64 KiB"), "us", encrypt.median * 1e6, encrypt.spread);
        if let Some((size_before, before)) = last {
            let larger = size as f64 / size_before;
            for ((what, time), before) in what.iter().zip(times).zip(before) {
                let name = format!("{what}: growth to {users} users; allowed: as the license");
                let (ours, bar) = (time / before, Bar::Must(1.0));
                report.add(Row { name, ours, yardstick: larger, unit: "x", ratio: larger / ours, bar, spread: 0.0 });
            }
        }
        last = Some((size as f64, times));
    }
}

pub fn memory(report: &mut Report, rounds: usize, soak: Option<u64>) {
    report.section("Open handles and memory");
    let (license, key) = Draft::new(1, 10, 30).serialize();
    let mut open = Vec::with_capacity(MANY);
    let (before, began) = (live(), Instant::now());
    for handles in [1, 10, 1000, MANY] {
        while open.len() < handles && began.elapsed() < Duration::from_secs(60) {
            open.push(api::open(&license));
        }
        let count = open.len();
        let (check, encrypt) = costs(rounds, &key);
        plain(report, format!("{count} open handles: IpcAccessCheck"), "ns", check.median * 1e9, check.spread);
        let name = format!("{count} open handles: IpcEncrypt of 64 KiB");
        plain(report, name, "us", encrypt.median * 1e6, encrypt.spread);
    }
    let row = |report: &mut Report, what: &str, keys: usize, before: usize, bar| {
        // Counted by the allocator, and what it adds to each block.
        let each = live().saturating_sub(before) as f64 / keys as f64 + 16.0;
        let (ours, allowed) = (each * MANY as f64 / 1048576.0, 100.0);
        let name = format!("memory of {MANY} open key handles, {what}");
        report.add(Row { name, ours, yardstick: allowed, unit: "MiB", ratio: allowed / ours, bar, spread: 0.0 });
    };
    row(report, "one license", open.len(), before, Bar::Must(1.0));
    drop(open);

    // Nothing is kept, so each of them asked the authority.
    let fresh = Draft::new(1, 10, 0).serialize().0;
    let (mut open, before) = (Vec::with_capacity(10_000), live());
    (0..10_000).for_each(|_| open.push(api::open(&fresh)));
    row(report, "one license, nothing cached (from 10000)", open.len(), before, Bar::Must(1.0));
    drop(open);

    let licenses: Vec<Vec<u8>> = (0..1000).map(|_| Draft::new(1, 10, 30).serialize().0).collect();
    let (mut open, before) = (Vec::with_capacity(MANY), live());
    while open.len() < MANY {
        open.extend(licenses.iter().map(|license| api::open(license)));
    }
    row(report, "1000 licenses", open.len(), before, Bar::Must(1.0));
    drop(open);

    let settle = |count: u64| (0..count).for_each(|_| drop(api::open(&license)));
    settle(20_000);
    let (before, began, mut opened) = (resident(), Instant::now(), 0);
    let more = |opened| soak.map_or(began.elapsed() < Duration::from_secs(3), |asked| opened < asked);
    while more(opened) {
        settle(10_000);
        opened += 10_000;
    }
    let grown = resident().saturating_sub(before) as f64 / 1024.0;
    let name = format!("growth after {opened} keys opened and closed");
    let (ours, allowed, bar) = (grown.max(1.0), 1024.0, Bar::Must(1.0));
    report.add(Row { name, ours, yardstick: allowed, unit: "KiB", ratio: allowed / ours, bar, spread: 0.0 });
}

/// Handles that are to fit into 100 MiB.
const MANY: usize = 100_000;

/// Bytes of memory in use.
fn live() -> usize {
    usize::try_from(crate::LIVE.load(Ordering::Relaxed)).unwrap_or_default()
}

/// Bytes of this process in memory.
fn resident() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: usize = text.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or_default();
    pages * 4096
}
