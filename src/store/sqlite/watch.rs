//! Whether another process changed the database, without asking SQLite: that takes the one connection and two locks of the
//! system, and every opened key asks.
//!
//! In write-ahead mode each change is written to the log before it counts, which shows in the size and the time of that
//! file. What the log looked like is remembered together with the version of the database while nobody can be writing, so
//! a log that still looks so holds nothing newer. File systems tell times in steps, so a log that was written just now is
//! not believed. Where times of open files are not kept up to date, nothing is remembered and SQLite is asked each time.

#![forbid(unsafe_code)]

use std::fs::{File, Metadata};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use parking_lot::RwLock;
use rusqlite::{Connection, TransactionBehavior};

use super::schema;
use crate::base::striped::Striped;
use crate::error::Result;

/// Far above the steps in which file systems tell times: 10 ms at most, or two seconds where they tell whole ones.
const SETTLED: Duration = Duration::from_millis(50);
const SETTLED_IN_SECONDS: Duration = Duration::from_secs(5);

/// What changes with every write to a file.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
struct Look {
    length: u64,
    written: SystemTime,
    /// Also set by writes, and not to be set by programs.
    changed: (i64, i64),
    links: u64,
}

impl Look {
    #[cfg(unix)]
    fn of(found: &Metadata) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        let (changed, links) = ((found.ctime(), found.ctime_nsec()), found.nlink());
        Some(Self { length: found.len(), written: found.modified().ok()?, changed, links }).filter(|_| links > 0)
    }

    #[cfg(not(unix))]
    fn of(_found: &Metadata) -> Option<Self> {
        None
    }

    /// False for a file that was written so recently, or by a clock so different, that another write could look the same.
    fn is_settled(&self) -> bool {
        let needed = if self.changed.1 == 0 { SETTLED_IN_SECONDS } else { SETTLED };
        SystemTime::now().duration_since(self.written).is_ok_and(|age| age > needed)
    }
}

/// The log of a database that this process has open; only read, so SQLite's locks do not meet it.
#[derive(Debug)]
pub(super) struct Watch {
    path: PathBuf,
    /// Each with a descriptor of its own: the system counts those who use one.
    seen: Striped<RwLock<Option<Seen>>>,
}

#[derive(Debug)]
struct Seen {
    log: File,
    look: Look,
    version: i64,
}

impl Watch {
    /// Watches the log at a path, which need not exist yet.
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, seen: Striped::default() }
    }

    /// The version of the database as it was asked before, when nobody has written since.
    pub(super) fn version(&self) -> Option<i64> {
        let seen = self.seen.own().read();
        let seen = seen.as_ref()?;
        (Look::of(&seen.log.metadata().ok()?)? == seen.look).then_some(seen.version)
    }

    /// Asks the database for its version, and remembers the log with it where that can be relied on.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(super) fn ask(&self, db: &mut Connection) -> Result<i64> {
        if !self.is_quiet() {
            return schema::data_version(db);
        }
        // Whoever writes the log holds this lock until the change counts. Nobody is waited for.
        db.busy_timeout(Duration::ZERO).map_err(schema::sql)?;
        let alone = db.transaction_with_behavior(TransactionBehavior::Immediate).ok();
        let asked = alone.as_ref().map(|alone| {
            let look = self.look();
            schema::data_version(alone).inspect(|version| self.remember(look, *version))
        });
        drop(alone);
        db.busy_timeout(schema::PATIENCE).map_err(schema::sql)?;
        asked.unwrap_or_else(|| schema::data_version(db))
    }

    fn look(&self) -> Option<(File, Look)> {
        let log = File::open(&self.path).ok()?;
        let look = Look::of(&log.metadata().ok()?)?;
        Some((log, look))
    }

    /// True when it is worth to remember how the log looks.
    fn is_quiet(&self) -> bool {
        std::fs::metadata(&self.path).ok().and_then(|found| Look::of(&found)).is_some_and(|look| look.is_settled())
    }

    fn remember(&self, found: Option<(File, Look)>, version: i64) {
        let seen = found.filter(|(_, look)| look.is_settled());
        *self.seen.own().write() = seen.map(|(log, look)| Seen { log, look, version });
    }
}

#[cfg(all(test, unix))]
#[path = "watch_tests.rs"]
mod tests;
