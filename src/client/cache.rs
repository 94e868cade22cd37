//! Use licenses that were acquired before: in memory, and in a store under its seal.
//!
//! An answer from here is never a decision: it repeats one of the authority for as long as that decision said
//! (rights page, rule 7; decision 10). A clock behind the latest moment that was seen ends that (decision 29).

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::read_license::ReadLicense;
use super::use_license::UseLicense;
use crate::base::time::Timestamp;
use crate::crypto::random::Random;
use crate::error::Result;
use crate::store::{AsOf, ClockMark, KeptUseLicense, Remembered, Store};

/// How far the clock may be behind the latest moment seen, in ticks of 100 ns: five minutes.
const TOLERANCE: u64 = 5 * Timestamp::MINUTE;
/// How much later than the recorded one a moment is before it is recorded, so that reading seldom writes.
const MARK_STEP: u64 = Timestamp::MINUTE;
/// Parts of the use licenses in memory, and the most in each.
const SHARDS: usize = 16;
const KEPT_IN_SHARD: usize = 64;

/// Where use licenses may be kept.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Keep {
    /// Nowhere: the next use asks the authority.
    Nowhere,
    /// In the memory of the process.
    Memory,
    /// In memory and in the store.
    #[default]
    Disk,
}

/// The account and the license that a use license is for.
type Place = (String, [u8; 32]);

/// A part of the use licenses in memory. Aligned so that threads with licenses of their own share no cache line.
#[repr(align(128))]
#[derive(Debug, Default)]
struct Shard(Mutex<HashMap<Place, Arc<UseLicense>>>);

/// What a client remembers. Every method may be called from any thread.
#[derive(Debug)]
pub(super) struct Cache {
    store: Option<Arc<dyn Store>>,
    random: Arc<dyn Random>,
    use_licenses: [Shard; SHARDS],
    mark: Remembered<(), ClockMark>,
}

impl Cache {
    /// A cache that keeps use licenses in the store too, where there is one.
    pub(super) fn new(store: Option<Arc<dyn Store>>, random: Arc<dyn Random>) -> Self {
        Self { store, random, use_licenses: Default::default(), mark: Remembered::at_most(1) }
    }

    /// The use license that was kept, whether or not its time is over.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn find(&self, account: &str, read: &ReadLicense) -> Result<Option<Arc<UseLicense>>> {
        let place = (account.to_owned(), read.license.identity());
        if let Some(known) = self.shard(&place).lock().get(&place) {
            return Ok(Some(Arc::clone(known)));
        }
        self.find_in_store(place, read)
    }

    /// As [`Cache::find`], but looks past the memory: another process may have kept a later one.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn find_again(&self, account: &str, read: &ReadLicense) -> Result<Option<Arc<UseLicense>>> {
        self.find_in_store((account.to_owned(), read.license.identity()), read)
    }

    /// Identities of licenses are digests, so any byte spreads them.
    fn shard(&self, place: &Place) -> &Mutex<HashMap<Place, Arc<UseLicense>>> {
        &self.use_licenses[usize::from(place.1[0]) % SHARDS].0
    }

    fn find_in_store(&self, place: Place, read: &ReadLicense) -> Result<Option<Arc<UseLicense>>> {
        let Some(store) = &self.store else { return Ok(None) };
        let Some(kept) = store.use_license(&place.0, &place.1)? else { return Ok(None) };
        let Some(found) = UseLicense::from_bytes(&kept.content, read).map(Arc::new) else { return Ok(None) };
        self.remember(place, Arc::clone(&found));
        Ok(Some(found))
    }

    /// Keeps a use license where it may be kept, in place of the one before. One that would serve nobody later is not
    /// kept, and ends the one before as well.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub(super) fn keep(&self, account: &str, read: &ReadLicense, new: &Arc<UseLicense>, keep: Keep) -> Result<()> {
        if keep == Keep::Nowhere {
            return Ok(());
        }
        if !new.is_worth_keeping() {
            return self.forget(account, read);
        }
        let place = (account.to_owned(), read.license.identity());
        if let (Keep::Disk, Some(store)) = (keep, &self.store) {
            let kept = KeptUseLicense {
                account: place.0.clone(),
                license: place.1,
                issued: new.granted.decided,
                until: new.granted.offline_until,
                content: new.to_bytes(),
            };
            store.keep_use_license(&kept, &*self.random)?;
        }
        self.remember(place, Arc::clone(new));
        Ok(())
    }

    fn remember(&self, place: Place, new: Arc<UseLicense>) {
        let mut known = self.shard(&place).lock();
        if known.len() >= KEPT_IN_SHARD && !known.contains_key(&place) {
            // Those on disk are found again; those that are not were asked to be short-lived.
            known.clear();
        }
        known.insert(place, new);
    }

    /// Drops a use license everywhere.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub(super) fn forget(&self, account: &str, read: &ReadLicense) -> Result<()> {
        let place = (account.to_owned(), read.license.identity());
        self.shard(&place).lock().remove(&place);
        if let Some(store) = &self.store
            && store.use_license(&place.0, &place.1)?.is_some()
        {
            store.forget_use_license(&place.0, &place.1)?;
        }
        Ok(())
    }

    /// True when the clock is behind the latest moment that was seen, or somebody changed the record of it. Records the
    /// moment when it is the latest.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub(super) fn is_clock_behind(&self, now: Timestamp, as_of: &AsOf) -> Result<bool> {
        let Some(store) = &self.store else { return Ok(false) };
        let reaches = |mark: Timestamp, ticks: u64| mark.checked_add(ticks).is_none_or(|end| now < end);
        match self.mark.get_as_of(as_of, &**store, (), |()| store.clock_mark())? {
            ClockMark::Forged => return Ok(true),
            ClockMark::At(mark) if is_behind(now, mark) => return Ok(true),
            ClockMark::At(mark) if reaches(mark, MARK_STEP) => {}
            ClockMark::At(_) | ClockMark::Unknown => store.raise_clock_mark(now, &*self.random)?,
        }
        Ok(false)
    }
}

/// True when a moment is so much earlier than another that the clock must have been set back.
pub(super) fn is_behind(now: Timestamp, seen: Timestamp) -> bool {
    now.checked_add(TOLERANCE).is_some_and(|latest| latest < seen)
}
