//! Events for diagnosis: what the library does and decides, told to whoever listens, or to nobody.
//!
//! Nobody listens: one relaxed load, and nothing else is done. The listener is the C layer, which writes events down; it is
//! called on the thread of the event, perhaps with locks held, and so must not call back. No event holds a secret.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::error::Fact;

/// How much an event matters. A listener of one level hears those above it too.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum Level {
    /// Somebody has to repair something: the store, the library itself.
    Error = 1,
    /// A refusal or a failure that the application is told.
    Warning = 2,
    /// What changes or decides: a store was opened, a license issued, a use license granted.
    Info = 3,
    /// The way to a decision: what was at hand, which steps were made.
    Debug = 4,
    /// Every call of the interface.
    Calls = 5,
}

impl Level {
    /// Every level, the most important one first.
    pub const ALL: [Self; 5] = [Self::Error, Self::Warning, Self::Info, Self::Debug, Self::Calls];

    /// Its name in lines and settings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Calls => "calls",
        }
    }
}

/// Facts by name, in the order of the line.
pub type Facts = Vec<(&'static str, Fact)>;

/// Something that happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Event {
    /// How much it matters.
    pub level: Level,
    /// What happened: `license.issued`. Names are never changed.
    pub name: &'static str,
    /// About whom and what.
    pub facts: Facts,
}

/// Whoever takes events.
pub type Listener = fn(Event);

/// Nobody has said yet whether somebody listens.
const UNDECIDED: u8 = u8::MAX;

/// The least important level that somebody listens to; 0 for none.
static LEVEL: AtomicU8 = AtomicU8::new(UNDECIDED);
static LISTENER: OnceLock<Listener> = OnceLock::new();

/// True when nobody listens to anything.
#[inline]
#[must_use]
pub fn is_off() -> bool {
    LEVEL.load(Ordering::Relaxed) == 0
}

/// True until [`listen`] was called.
#[must_use]
pub fn is_undecided() -> bool {
    LEVEL.load(Ordering::Relaxed) == UNDECIDED
}

/// True when somebody listens to events of the level.
#[inline]
#[must_use]
pub fn is_on(level: Level) -> bool {
    LEVEL.load(Ordering::Relaxed) >= level as u8
}

/// Names the listener, which stays the same from the first call on, and the least important level that it wants.
pub fn listen(listener: Listener, level: Option<Level>) {
    let _first = LISTENER.set(listener);
    LEVEL.store(level.map_or(0, |level| level as u8), Ordering::Relaxed);
}

/// Tells an event. The facts are gathered only when somebody listens.
#[inline]
pub fn tell(level: Level, name: &'static str, facts: impl FnOnce() -> Facts) {
    if is_on(level) {
        pass_on(level, name, facts);
    }
}

#[cold]
fn pass_on(level: Level, name: &'static str, facts: impl FnOnce() -> Facts) {
    if let Some(listener) = LISTENER.get() {
        listener(Event { level, name, facts: facts() });
    }
}

/// A fact of words.
#[must_use]
pub fn text(name: &'static str, text: impl Into<String>) -> (&'static str, Fact) {
    (name, Fact::Text(text.into()))
}

/// A fact that counts.
#[must_use]
pub fn number(name: &'static str, number: u64) -> (&'static str, Fact) {
    (name, Fact::Number(number))
}

/// The account that an event is about.
#[must_use]
pub fn account(address: &str) -> (&'static str, Fact) {
    ("account", Fact::Account(address.to_owned()))
}
