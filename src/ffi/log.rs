//! Events on their way out: masked, written as lines, to a file, to the error output, to the application's callback.
//!
//! A file gets a line when its event happens. The callback gets the lines of a call when the outermost call of the thread
//! is over and every lock of the library is free, so it may do what it likes; what it does is not logged. Nobody listening
//! costs one relaxed load for each call.

use std::cell::{Cell, RefCell};
use std::ffi::OsString;
use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Instant, SystemTime};

use parking_lot::{Mutex, RwLock};

use super::base::*;
use super::boundary;
use super::ext_log::{IPCX_LOG_CALLBACK, IPCX_LOG_JSON};
use super::log_line::{Line, Masks};
use super::wide;
use crate::base::os::{self, files};
use crate::base::trace::{self, Event, Facts, Level};
use crate::crypto::random::{OsRandom, array};
use crate::error::{Error, Result};

/// Says what is logged, and where to: `LEVEL[:TARGET[:FORMAT]]`.
const VARIABLE: &str = "MSIPC_LOG";
/// Most lines of one call that wait for its end; the rest is counted.
const WAITING_MOST: usize = 512;

/// Where `MSIPC_LOG` sends lines.
#[derive(PartialEq, Eq, Debug)]
enum Target {
    ErrorOutput,
    File(PathBuf),
}

/// What `MSIPC_LOG` says.
#[derive(PartialEq, Eq, Debug)]
struct Wish {
    level: Option<Level>,
    target: Target,
    json: bool,
}

impl Wish {
    /// Reads `LEVEL[:TARGET[:FORMAT]]`; `None` for what is not of that form. A target may hold colons.
    fn read(value: &str) -> Option<Self> {
        let (level, rest) = value.split_once(':').unwrap_or((value, "stderr"));
        let level = match level {
            "off" => None,
            name => Some(*Level::ALL.iter().find(|level| level.name() == name)?),
        };
        let (target, json) = match (rest.strip_suffix(":json"), rest.strip_suffix(":text")) {
            (Some(target), _) => (target, true),
            (None, Some(target)) => (target, false),
            (None, None) => (rest, false),
        };
        let target = match target {
            "" | "stderr" => Target::ErrorOutput,
            path => Target::File(path.into()),
        };
        Some(Self { level, target, json })
    }
}

/// A file or the error output, and what goes there.
struct Output {
    level: Level,
    json: bool,
    /// `None` is the error output.
    file: Option<File>,
}

impl Output {
    fn write(&self, line: &str) {
        // A log that cannot be written must not stop the work that it tells of.
        let _unwritten = match &self.file {
            // One write for a line, to the end of the file, keeps lines of several processes apart.
            Some(file) => (&*file).write_all(line.as_bytes()),
            None => std::io::stderr().write_all(line.as_bytes()),
        };
    }
}

/// The application's callback.
#[derive(Copy, Clone)]
pub(super) struct Callback {
    pub(super) function: IPCX_LOG_CALLBACK,
    /// Passed to the function unchanged.
    pub(super) context: usize,
    pub(super) level: Level,
    pub(super) flags: DWORD,
}

static OUTPUT: OnceLock<Option<Output>> = OnceLock::new();
static CALLBACK: RwLock<Option<Callback>> = RwLock::new(None);
/// Held while it is decided who listens, so that the level fits the listeners.
static DECIDING: Mutex<()> = Mutex::new(());
static SHOW_PERSONAL_DATA: AtomicBool = AtomicBool::new(false);
static SALT: OnceLock<Option<[u8; 32]>> = OnceLock::new();
static THREADS: AtomicU64 = AtomicU64::new(0);

/// What a thread knows of its calls.
struct Thread {
    number: Cell<u64>,
    /// Calls inside calls, through callbacks: their functions, and when they began.
    calls: RefCell<Vec<(&'static str, Instant)>>,
    /// The application's callback is being called.
    is_delivering: Cell<bool>,
    waiting: RefCell<Vec<(Level, Line)>>,
    left_out: Cell<u64>,
}

thread_local! {
    static THREAD: Thread = const {
        Thread {
            number: Cell::new(0),
            calls: RefCell::new(Vec::new()),
            is_delivering: Cell::new(false),
            waiting: RefCell::new(Vec::new()),
            left_out: Cell::new(0),
        }
    };
}

/// Whether addresses and file names are written as they are: what the administrators of the store say.
pub(super) fn show_personal_data(shown: bool) {
    SHOW_PERSONAL_DATA.store(shown, Ordering::Relaxed);
}

/// How lines and explanations are masked now.
pub(super) fn masks() -> Masks {
    if SHOW_PERSONAL_DATA.load(Ordering::Relaxed) {
        return Masks::None;
    }
    // Of this process alone: the same account has the same mask in its lines, and nobody can look it up.
    Masks::Salted(*SALT.get_or_init(|| array(&OsRandom).ok()))
}

/// Begins a call that somebody may listen to. False when nobody does; else [`leave`] ends it.
#[cold]
pub(crate) fn enter(function: &'static str) -> bool {
    if trace::is_undecided() {
        decide();
    }
    if trace::is_off() {
        return false;
    }
    let entered = THREAD.try_with(|thread| {
        let Ok(mut calls) = thread.calls.try_borrow_mut() else { return false };
        calls.push((function, Instant::now()));
        true
    });
    entered.unwrap_or(false)
}

/// Ends a call: every lock that it took is free.
#[cold]
pub(crate) fn leave(code: HRESULT) {
    let _ended = THREAD.try_with(|thread| {
        let began = thread.calls.try_borrow().ok().and_then(|calls| Some(calls.last()?.1));
        trace::tell(Level::Calls, "call", || {
            let took = began.map_or(0, |began| u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX));
            vec![trace::text("code", code_text(code)), trace::number("microseconds", took)]
        });
        let is_outermost = thread.calls.try_borrow_mut().is_ok_and(|mut calls| {
            calls.pop();
            calls.is_empty()
        });
        // What the callback itself calls ends inside the delivery.
        if is_outermost && !thread.is_delivering.get() {
            deliver(thread);
        }
    });
}

/// A code as lines have it.
pub(super) fn code_text(code: HRESULT) -> String {
    format!("0x{code:08X}")
}

/// Finds out who listens: called by the first call of the process, and when the callback changes.
fn decide() {
    let _deciding = DECIDING.lock();
    listen();
}

fn listen() {
    let of_output = OUTPUT.get_or_init(|| os::variable(VARIABLE).and_then(open_output)).as_ref().map(|to| to.level);
    let of_callback = CALLBACK.read().map(|callback| callback.level);
    trace::listen(take, of_output.max(of_callback));
}

/// Opens what `MSIPC_LOG` names. A wish that cannot be met is told on the error output, once.
fn open_output(value: OsString) -> Option<Output> {
    let complain = |why: &str| {
        let _unwritten = writeln!(std::io::stderr(), "msipc: {VARIABLE}: {why}; nothing is logged");
    };
    let Some(wish) = value.to_str().and_then(Wish::read) else {
        complain("not LEVEL[:TARGET[:FORMAT]] with error, warning, info, debug, calls or off");
        return None;
    };
    let file = match &wish.target {
        Target::ErrorOutput => None,
        Target::File(path) => match files::open_log(path) {
            Ok(file) => Some(file),
            Err(error) => {
                complain(&format!("the file cannot be opened ({error})"));
                return None;
            }
        },
    };
    wish.level.map(|level| Output { level, json: wish.json, file })
}

/// Changes the application's callback.
pub(super) fn set_callback(callback: Option<Callback>) {
    let _deciding = DECIDING.lock();
    *CALLBACK.write() = callback;
    listen();
}

/// The level of a number of the interface.
///
/// # Errors
/// `InvalidArgument` for a number that is none.
pub(super) fn level(number: DWORD) -> Result<Level> {
    let found = Level::ALL.into_iter().find(|level| *level as DWORD == number);
    found.ok_or_else(|| Error::argument("dwLevel", format!("{number} is no level")))
}

/// Takes an event from anywhere in the library.
fn take(event: Event) {
    let _ended = THREAD.try_with(|thread| {
        if thread.is_delivering.get() {
            return;
        }
        if thread.number.get() == 0 {
            thread.number.set(THREADS.fetch_add(1, Ordering::Relaxed) + 1);
        }
        let mut facts: Facts = vec![trace::number("thread", thread.number.get())];
        let function = thread.calls.try_borrow().ok().and_then(|calls| Some(calls.last()?.0));
        facts.extend(function.map(|function| trace::text("function", function)));
        facts.extend(event.facts);
        let line = Line::new(SystemTime::now(), event.level, event.name, &facts, &masks());
        if let Some(Some(output)) = OUTPUT.get()
            && event.level <= output.level
        {
            output.write(&format!("{}\n", line.written(output.json)));
        }
        let is_wanted = CALLBACK.read().is_some_and(|callback| event.level <= callback.level);
        // Outside of a call nobody knows which locks are held.
        if is_wanted && function.is_some() {
            wait(thread, event.level, line);
        }
    });
}

fn wait(thread: &Thread, level: Level, line: Line) {
    match thread.waiting.try_borrow_mut() {
        Ok(mut waiting) if waiting.len() < WAITING_MOST => waiting.push((level, line)),
        _ => thread.left_out.set(thread.left_out.get().saturating_add(1)),
    }
}

/// Gives the application what waited for it. No lock is held.
fn deliver(thread: &Thread) {
    let Ok(lines) = thread.waiting.try_borrow_mut().map(|mut waiting| std::mem::take(&mut *waiting)) else { return };
    let left_out = thread.left_out.replace(0);
    // Copied, so that the callback may be changed by the callback.
    let callback = *CALLBACK.read();
    let Some((callback, function)) = callback.and_then(|callback| Some((callback, callback.function?))) else { return };
    if lines.is_empty() {
        return;
    }
    let lost = (left_out > 0).then(|| {
        let facts = [trace::number("thread", thread.number.get()), trace::number("lines", left_out)];
        (Level::Warning, Line::new(SystemTime::now(), Level::Warning, "log.left-out", &facts, &Masks::None))
    });
    let wanted = lines.into_iter().chain(lost).filter(|(level, _)| *level <= callback.level);
    thread.is_delivering.set(true);
    boundary::keeping_failures(|| {
        for (level, line) in wanted {
            let json = callback.flags & IPCX_LOG_JSON != 0;
            let Ok(units) = wide::for_callback(line.written(json)) else { continue };
            let context = std::ptr::with_exposed_provenance_mut(callback.context);
            // SAFETY: the application gave the function and its context; the text is terminated and lives until after
            // the call.
            unsafe { function(context, level as DWORD, units.as_ptr()) };
        }
    });
    thread.is_delivering.set(false);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_are_read_with_colons_in_the_path() {
        let wish = |level, target, json| Some(Wish { level, target, json });
        assert_eq!(Wish::read("info"), wish(Some(Level::Info), Target::ErrorOutput, false));
        assert_eq!(Wish::read("off:stderr"), wish(None, Target::ErrorOutput, false));
        assert_eq!(Wish::read("calls:stderr:json"), wish(Some(Level::Calls), Target::ErrorOutput, true));
        let file = |path: &str| Target::File(path.into());
        assert_eq!(Wish::read("debug:/tmp/a:b.log"), wish(Some(Level::Debug), file("/tmp/a:b.log"), false));
        assert_eq!(Wish::read("error:C:\\msipc.log:json"), wish(Some(Level::Error), file("C:\\msipc.log"), true));
        assert_eq!(Wish::read("error:a:json:text"), wish(Some(Level::Error), file("a:json"), false));
        for wrong in ["", "loud", "INFO", "info ", ":stderr"] {
            assert_eq!(Wish::read(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn levels_have_numbers() {
        assert_eq!(level(1).unwrap(), Level::Error);
        assert_eq!(level(5).unwrap(), Level::Calls);
        assert!(level(0).is_err());
        assert!(level(6).is_err());
    }
}
