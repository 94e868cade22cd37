//! Times of things that are run in turn, so that whatever disturbs the machine disturbs all of them.

use std::time::Instant;

/// Seconds that one round of one thing takes, about: much less than the system lets a program run before it lets others,
/// so that other programs spoil few rounds and not the median.
const ROUND: f64 = 0.000_5;

/// A thing to measure.
pub struct Case<'a> {
    name: &'static str,
    run: Box<dyn FnMut() + 'a>,
}

impl<'a> Case<'a> {
    pub fn new(name: &'static str, run: impl FnMut() + 'a) -> Self {
        Self { name, run: Box::new(run) }
    }
}

/// Seconds for one run.
#[derive(Copy, Clone, Debug)]
pub struct Time {
    pub median: f64,
    /// Half the distance between the quartiles, over the median.
    pub spread: f64,
}

/// What cases took, by name.
pub struct Times(Vec<(&'static str, Time)>);

impl Times {
    pub fn of(&self, name: &str) -> Time {
        self.0.iter().find(|(known, _)| *known == name).expect("a case of that name").1
    }

    pub fn rate(&self, name: &str, bytes: usize) -> f64 {
        bytes as f64 / self.of(name).median / 1e9
    }
}

/// Runs the cases in turn for some rounds.
pub fn in_turn(rounds: usize, mut cases: Vec<Case<'_>>) -> Times {
    let repeats: Vec<usize> = cases
        .iter_mut()
        .map(|case| {
            (case.run)();
            let start = Instant::now();
            let mut count = 0;
            while start.elapsed().as_secs_f64() < ROUND {
                (case.run)();
                count += 1;
            }
            count.max(1)
        })
        .collect();
    let mut times = vec![Vec::with_capacity(rounds); cases.len()];
    for _ in 0..rounds {
        for ((case, repeats), times) in cases.iter_mut().zip(&repeats).zip(&mut times) {
            let start = Instant::now();
            for _ in 0..*repeats {
                (case.run)();
            }
            times.push(start.elapsed().as_secs_f64() / *repeats as f64);
        }
    }
    Times(cases.iter().zip(times).map(|(case, times)| (case.name, middle(times))).collect())
}

fn middle(mut times: Vec<f64>) -> Time {
    times.sort_by(f64::total_cmp);
    let at = |part: f64| times[((times.len() - 1) as f64 * part).round() as usize];
    Time { median: at(0.5), spread: (at(0.75) - at(0.25)) / 2.0 / at(0.5) }
}

/// Each run of one thing by itself: the time that half of them stay below, and the time that 99 in 100 do.
pub fn percentiles(count: usize, mut run: impl FnMut()) -> (f64, f64) {
    let mut times: Vec<f64> = (0..count)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    (times[count / 2], times[count * 99 / 100])
}
