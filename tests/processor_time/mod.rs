//! What a call costs, however busy the machine is.

use std::time::Duration;

/// What refusing or reading one hostile file may take.
pub(crate) const LIMIT: Duration = Duration::from_millis(100);

/// Runs and returns the result with the time that the processor worked for this thread; elsewhere than on Linux, the time
/// that went by.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begin = now();
    let result = work();
    (result, now().saturating_sub(begin))
}

#[cfg(target_os = "linux")]
fn now() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").expect("the time of this thread");
    Duration::from_nanos(stat.split(' ').next().and_then(|nanos| nanos.parse().ok()).expect("nanoseconds"))
}

#[cfg(not(target_os = "linux"))]
fn now() -> Duration {
    use std::sync::LazyLock;
    use std::time::Instant;
    static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
    BEGIN.elapsed()
}
