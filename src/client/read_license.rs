//! What all keys of one license share: the license with its text, and what its content key opens.
//!
//! A license is found again by its text for as long as some key holds it, and for a while longer. What the content key
//! opens lives only while a key or a use license in memory holds it, so that no secret outlives its last user.

use std::collections::{HashMap, VecDeque};
use std::fmt;
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
/// Fewest names among which those of licenses that are gone are searched.
const SWEEP_LEAST: usize = 2 * RECENT_MAX;

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

/// Length and ending of a text.
type Name = (usize, Box<[u8]>);

fn name_of(serialized: &[u8]) -> Name {
    (serialized.len(), serialized[serialized.len().saturating_sub(ENDING)..].into())
}

/// The licenses that keys hold, and those that were read lately.
#[derive(Debug, Default)]
pub(super) struct ReadLicenses(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    by_name: HashMap<Name, Weak<ReadLicense>>,
    /// The one that came first in front.
    recent: VecDeque<Arc<ReadLicense>>,
    recent_bytes: usize,
    /// Names at which those of licenses that are gone are dropped.
    sweep_at: usize,
}

impl ReadLicenses {
    /// Reads and verifies a license, or finds the same text, to the last byte, read before.
    ///
    /// # Errors
    /// As [`publishing::read`].
    pub(super) fn read(&self, serialized: &[u8]) -> Result<Arc<ReadLicense>> {
        let name = name_of(serialized);
        // Compared without the lock.
        let known = self.0.lock().by_name.get(&name).and_then(Weak::upgrade);
        if let Some(known) = known.filter(|known| *known.serialized == *serialized) {
            return Ok(known);
        }
        let new = Arc::new(ReadLicense::read(serialized.into())?);
        self.0.lock().add(name, &new);
        Ok(new)
    }

    /// Takes in a license that was made just now.
    ///
    /// # Errors
    /// As [`publishing::read`].
    pub(super) fn read_new(&self, serialized: Vec<u8>) -> Result<Arc<ReadLicense>> {
        let new = Arc::new(ReadLicense::read(serialized.into())?);
        self.0.lock().add(name_of(&new.serialized), &new);
        Ok(new)
    }
}

impl Known {
    fn add(&mut self, name: Name, new: &Arc<ReadLicense>) {
        if self.by_name.len() >= self.sweep_at.max(SWEEP_LEAST) {
            self.by_name.retain(|_, license| license.strong_count() > 0);
            self.sweep_at = self.by_name.len() * 2;
        }
        self.by_name.insert(name, Arc::downgrade(new));
        if new.serialized.len() > RECENT_BYTES_MAX {
            return;
        }
        self.recent_bytes += new.serialized.len();
        self.recent.push_back(Arc::clone(new));
        while self.recent.len() > RECENT_MAX || self.recent_bytes > RECENT_BYTES_MAX {
            let Some(oldest) = self.recent.pop_front() else { break };
            self.recent_bytes -= oldest.serialized.len();
        }
    }
}

#[cfg(test)]
#[cfg(feature = "embedded")]
impl ReadLicenses {
    /// Names known, and licenses held without a key.
    pub(super) fn counts(&self) -> (usize, usize) {
        let known = self.0.lock();
        (known.by_name.len(), known.recent.len())
    }
}
