//! What all keys of one license share: the license with its text, and what its content key opens.
//!
//! A license is found again by its text for as long as some key holds it, and for a while longer. What the content key
//! opens lives only while a key or a use license in memory holds it, so that no secret outlives its last user.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use crate::cipher::{ContentCipher, ContentKey};
use crate::error::Result;
use crate::license::RightsData;
use crate::xrml::publishing::{self, SignedPublishingLicense};

/// Most licenses that are held although no key is, and the most bytes of their texts.
const RECENT_MAX: usize = 256;
const RECENT_BYTES_MAX: usize = 16 << 20;
/// Bytes of the end of a text that it is looked up by; the signature is part of them.
const ENDING: usize = 256;
/// Parts of the names, each with its own lock.
const SHARDS: usize = 16;
/// Fewest names in one of them among which those of licenses that are gone are searched.
const SWEEP_LEAST: usize = 2 * RECENT_MAX / SHARDS;

/// A license that was read and verified, with its text.
#[derive(Debug)]
pub(super) struct ReadLicense {
    pub(super) license: SignedPublishingLicense,
    pub(super) serialized: Arc<[u8]>,
    unlocked: Mutex<Weak<Unlocked>>,
}

/// What the content key of a license opens. Immutable; every key of the license shares it.
pub(super) struct Unlocked {
    pub(super) content_key: ContentKey,
    pub(super) cipher: ContentCipher,
    pub(super) rights_data: RightsData,
}

impl fmt::Debug for Unlocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unlocked").field("content_key", &self.content_key).finish_non_exhaustive()
    }
}

impl ReadLicense {
    /// Reads and verifies a license.
    ///
    /// # Errors
    /// As [`publishing::read`].
    pub(super) fn read(serialized: Arc<[u8]>) -> Result<Self> {
        Ok(Self { license: publishing::read(&serialized)?, serialized, unlocked: Mutex::default() })
    }

    /// What a content key opens: the same as for the keys that are open already. Where there are none, `rights_data`
    /// tells the rights document.
    ///
    /// # Errors
    /// Those of `rights_data`, and of the cipher.
    pub(super) fn unlocked(
        &self,
        content_key: ContentKey,
        rights_data: impl FnOnce(&ContentKey) -> Result<RightsData>,
    ) -> Result<Arc<Unlocked>> {
        if let Some(known) = self.known(&content_key) {
            return Ok(known);
        }
        let (cipher, rights_data) = (ContentCipher::new(&content_key)?, rights_data(&content_key)?);
        let new = Arc::new(Unlocked { content_key, cipher, rights_data });
        *self.unlocked.lock() = Arc::downgrade(&new);
        Ok(new)
    }

    fn known(&self, content_key: &ContentKey) -> Option<Arc<Unlocked>> {
        let known = self.unlocked.lock().upgrade();
        known.filter(|known| known.content_key == *content_key)
    }
}

/// The licenses that keys hold, and those that were read lately. Threads with licenses of their own seldom meet.
#[derive(Debug, Default)]
pub(super) struct ReadLicenses {
    names: RandomState,
    known: [Shard; SHARDS],
    recent: Mutex<Recent>,
}

/// Aligned so that shards share no cache line.
#[repr(align(128))]
#[derive(Debug, Default)]
struct Shard(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// By a hash of length and ending: what was found is compared to the last byte before it is believed.
    by_name: HashMap<u64, Weak<ReadLicense>>,
    /// Names at which those of licenses that are gone are dropped.
    sweep_at: usize,
}

#[derive(Debug, Default)]
struct Recent {
    /// The one that came first in front.
    licenses: VecDeque<Arc<ReadLicense>>,
    bytes: usize,
}

impl ReadLicenses {
    /// Reads and verifies a license, or finds the same text, to the last byte, read before.
    ///
    /// # Errors
    /// As [`publishing::read`].
    pub(super) fn read(&self, serialized: &[u8]) -> Result<Arc<ReadLicense>> {
        let name = self.name_of(serialized);
        // Compared without the lock.
        let known = self.shard(name).lock().by_name.get(&name).and_then(Weak::upgrade);
        if let Some(known) = known.filter(|known| *known.serialized == *serialized) {
            return Ok(known);
        }
        let new = Arc::new(ReadLicense::read(serialized.into())?);
        self.add(name, &new);
        Ok(new)
    }

    /// Takes in a license that was made just now.
    ///
    /// # Errors
    /// As [`publishing::read`].
    pub(super) fn read_new(&self, serialized: Vec<u8>) -> Result<Arc<ReadLicense>> {
        let new = Arc::new(ReadLicense::read(serialized.into())?);
        self.add(self.name_of(&new.serialized), &new);
        Ok(new)
    }

    fn name_of(&self, serialized: &[u8]) -> u64 {
        self.names.hash_one((serialized.len(), &serialized[serialized.len().saturating_sub(ENDING)..]))
    }

    fn shard(&self, name: u64) -> &Mutex<Known> {
        let [spread, ..] = name.to_le_bytes();
        &self.known[usize::from(spread) % SHARDS].0
    }

    fn add(&self, name: u64, new: &Arc<ReadLicense>) {
        self.shard(name).lock().add(name, new);
        let dropped = self.recent.lock().add(new);
        drop(dropped);
    }
}

impl Known {
    fn add(&mut self, name: u64, new: &Arc<ReadLicense>) {
        if self.by_name.len() >= self.sweep_at.max(SWEEP_LEAST) {
            self.by_name.retain(|_, license| license.strong_count() > 0);
            self.sweep_at = self.by_name.len() * 2;
        }
        self.by_name.insert(name, Arc::downgrade(new));
    }
}

impl Recent {
    /// Returns what makes room, to be dropped without the lock.
    fn add(&mut self, new: &Arc<ReadLicense>) -> Vec<Arc<ReadLicense>> {
        let mut dropped = Vec::new();
        if new.serialized.len() > RECENT_BYTES_MAX {
            return dropped;
        }
        self.bytes += new.serialized.len();
        self.licenses.push_back(Arc::clone(new));
        while self.licenses.len() > RECENT_MAX || self.bytes > RECENT_BYTES_MAX {
            let Some(oldest) = self.licenses.pop_front() else { break };
            self.bytes -= oldest.serialized.len();
            dropped.push(oldest);
        }
        dropped
    }
}

#[cfg(test)]
#[cfg(feature = "embedded")]
impl ReadLicenses {
    /// Names known, and licenses held without a key.
    pub(super) fn counts(&self) -> (usize, usize) {
        let known = self.known.iter().map(|shard| shard.0.lock().by_name.len()).sum();
        (known, self.recent.lock().licenses.len())
    }
}
