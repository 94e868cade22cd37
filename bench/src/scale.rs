//! Measures what opening a document costs with a large store beside an empty one. `docs/performance.md` explains the
//! rows.
//!
//! `bench-scale [--json FILE] [--part N] [--keep FOLDER] [--strict]`: with `--part` every size is divided by N; with
//! `--keep` the stores are left in a folder and found there again.
#![allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]

#[allow(dead_code)]
mod api;
mod fill;
#[allow(dead_code)]
mod measure;
#[allow(dead_code)]
mod report;

use api::{ACCOUNT, Draft};
use fill::Sizes;
use report::{Bar, Report, Row};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Who protects what is opened.
const PUBLISHER: &str = "publisher@contoso.example";
/// Who is in no group, and offered the two templates that every store begins with.
const OUTSIDER: &str = "outsider@contoso.example";
/// A store may take this much longer, times the time with an empty one.
const BAR: f64 = 2.0;
/// The stores are measured in turn, so that whatever disturbs the machine disturbs both.
const TURNS: usize = 6;

/// What was measured with one store, in microseconds.
struct Sample {
    name: String,
    times: Vec<f64>,
    /// What has a bar; the rest grows with what is asked for.
    bar: bool,
}

#[derive(Default)]
struct Samples(Vec<Sample>);

impl Samples {
    /// Runs something a number of times.
    fn measure(&mut self, bar: bool, name: &str, count: usize, mut run: impl FnMut()) {
        let times = (0..count).map(|_| {
            let began = Instant::now();
            run();
            began.elapsed().as_secs_f64() * 1e6
        });
        let times: Vec<f64> = times.collect();
        match self.0.iter_mut().find(|known| known.name == name) {
            Some(known) => known.times.extend(times),
            None => self.0.push(Sample { name: name.to_owned(), times, bar }),
        }
    }
}

impl Sample {
    fn median(&self) -> f64 {
        let mut times = self.times.clone();
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    }
}

/// The licenses that are opened in one store.
struct Documents {
    plain: Vec<u8>,
    kept: Vec<u8>,
    many: Vec<u8>,
    many_kept: Vec<u8>,
}

impl Documents {
    fn publish() -> Self {
        api::act_as(PUBLISHER);
        let make = |users, interval| Draft::new(1, users, interval).serialize().0;
        Self { plain: make(10, 0), kept: make(10, 30), many: make(2000, 0), many_kept: make(2000, 30) }
    }
}

/// Goes to a store: what was open before is let go.
fn enter(home: &Path) {
    assert_eq!(msipc::ffi::environment::IpcUninitializeEnvironment(), 0);
    // SAFETY: this program has one thread.
    unsafe { std::env::set_var("MSIPC_HOME", home) };
}

fn turn(home: &Path, documents: &Documents, samples: &mut Samples) {
    enter(home);
    api::act_as(ACCOUNT);
    samples.measure(true, "first IpcGetKey in a new process", 1, || drop(api::open(&documents.plain)));
    samples.measure(true, "IpcGetKey, nothing cached, 10 users", 100, || drop(api::open(&documents.plain)));
    drop(api::open(&documents.kept));
    samples.measure(true, "IpcGetKey, use license cached, 10 users", 200, || drop(api::open(&documents.kept)));
    samples.measure(true, "IpcGetKey, nothing cached, 2,000 users", 10, || drop(api::open(&documents.many)));
    drop(api::open(&documents.many_kept));
    samples.measure(true, "IpcGetKey, use license cached, 2,000 users", 20, || drop(api::open(&documents.many_kept)));
    samples.measure(true, "IpcSerializeLicense, 10 users", 20, || drop(Draft::new(1, 10, 0).serialize()));
    let count = api::templates();
    samples.measure(false, "IpcGetTemplateList", 20, || assert_eq!(api::templates(), count));
    let list = samples.0.iter().find(|known| known.name == "IpcGetTemplateList");
    let per_template = list.map_or(0.0, Sample::median) / count as f64;
    samples.measure(true, "IpcGetTemplateList, for each template", 0, || {});
    samples.0.last_mut().expect("just added").times.push(per_template);
    api::act_as(OUTSIDER);
    samples.measure(true, "IpcGetTemplateList, two of all are offered", 50, || assert_eq!(api::templates(), 2));
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| {
        arguments.iter().position(|argument| argument == name).and_then(|at| arguments.get(at + 1)).map(String::as_str)
    };
    let part = value("--part").map_or(1, |part| part.parse().expect("a number"));
    let sizes = Sizes::divided_by(part);
    let folder = value("--keep")
        .map_or_else(|| std::env::temp_dir().join(format!("msipc-bench-scale-{}", std::process::id())), PathBuf::from);
    let homes = [folder.join("empty"), folder.join("full")];
    homes.iter().for_each(|home| std::fs::create_dir_all(home).expect("a folder for a store"));

    let mut report = Report::default();
    report.note(format!("{sizes}"));
    if !homes[1].join("data").exists() {
        fill::fill(&homes[1], &sizes, |text| report.note(text));
    }
    let documents = homes.each_ref().map(|home| {
        enter(home);
        Documents::publish()
    });
    report.note(format!("licenses of {} and {} bytes", documents[0].plain.len(), documents[0].many.len()));
    let mut samples = [Samples::default(), Samples::default()];
    for _ in 0..TURNS {
        for (at, home) in homes.iter().enumerate() {
            turn(home, &documents[at], &mut samples[at]);
        }
    }
    report.section_of("Microseconds, median", "full", "empty");
    let [empty, full] = &samples;
    for (empty, full) in empty.0.iter().zip(&full.0) {
        let (ours, yardstick) = (full.median(), empty.median());
        let bar = if full.bar { Bar::AtMost(BAR) } else { Bar::None };
        report.add(Row {
            name: full.name.clone(),
            ours,
            yardstick,
            unit: "us",
            ratio: ours / yardstick,
            bar,
            spread: 0.0,
        });
    }
    enter(&homes[1]);
    fill::look_at_the_log(&homes[1], |text| report.note(text));
    enter(&homes[0]);
    if value("--keep").is_none() {
        std::fs::remove_dir_all(&folder).expect("the folder of the stores");
    }
    if let Some(file) = value("--json") {
        std::fs::write(file, report.json("scale", &report::processor())).expect("the file for the rows");
    }
    let missed = report.missed();
    println!("\n{missed} bars are missed");
    if missed > 0 && arguments.iter().any(|argument| argument == "--strict") {
        std::process::exit(1);
    }
}
