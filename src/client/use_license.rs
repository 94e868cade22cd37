//! What the authority granted to one account for one license, as the client holds it, and its form at rest.
//!
//! The form is the client's own (decision 24): it never leaves the store, which seals it together with the account, the
//! license and the times. It holds the content key in the clear, so whoever writes it hands it only to that seal.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::licensor::{Acquired, Published};
use super::read_license::{ReadLicense, Unlocked};
use crate::base::time::{Timestamp, Validity};
use crate::cipher::{CipherMode, ContentKey};
use crate::crypto::ed25519::SigningKey;
use crate::error::Result;
use crate::policy::evaluate::GrantedRight;
use crate::policy::{GrantedRights, Right, Rule};

/// Version of the form at rest. Another one is a use license that is not there.
const VERSION: u8 = 2;

/// A use license in memory. Immutable; keys of the same account and license share it.
pub(super) struct UseLicense {
    pub(super) unlocked: Arc<Unlocked>,
    pub(super) write_key: Option<SigningKey>,
    pub(super) granted: GrantedRights,
    pub(super) display_name: String,
}

impl fmt::Debug for UseLicense {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UseLicense").field("granted", &self.granted).finish_non_exhaustive()
    }
}

impl UseLicense {
    /// What the authority handed out for a license.
    ///
    /// # Errors
    /// Those of the cipher.
    pub(super) fn acquired(acquired: Acquired, read: &ReadLicense) -> Result<Self> {
        let Acquired { content_key, write_key, granted, display_name, rights_data } = acquired;
        let unlocked = read.unlocked(content_key, |_| Ok(rights_data))?;
        Ok(Self { unlocked, write_key, granted, display_name })
    }

    /// The publisher's own, which comes with the license.
    ///
    /// # Errors
    /// [`crate::ErrorKind::BadRightsData`] when the authority signed what cannot be read.
    pub(super) fn published(published: Published, read: &ReadLicense) -> Result<Self> {
        let Published { license: _, content_key, write_key, granted, display_name } = published;
        let unlocked = read.unlocked(content_key, |key| read.license.rights_data(key))?;
        Ok(Self { unlocked, write_key, granted, display_name })
    }

    /// True when some right may be used now, and the time of the use license is not over: `online` asks sooner for a
    /// fresh one than is needed offline.
    pub(super) fn serves(&self, now: Timestamp, online: bool) -> bool {
        let granted = &self.granted;
        let in_time = match online {
            true => now < granted.fresh_until,
            false => granted.offline_until.is_none_or(|until| now < until),
        };
        in_time && granted.rights.iter().any(|right| right.range.contains(now))
    }

    /// True when keeping it could be of use: some later moment would be served.
    pub(super) fn is_worth_keeping(&self) -> bool {
        self.granted.offline_until.is_none_or(|until| until > self.granted.decided)
    }

    /// The form at rest.
    pub(super) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let granted = &self.granted;
        // Measured first: growing would leave an unwiped copy of the key behind.
        let rights: usize = granted.rights.iter().map(|right| right.right.name().len() + 24).sum();
        let mut out = Writer(Zeroizing::new(Vec::with_capacity(192 + self.display_name.len() + rights)));
        out.bytes(&[VERSION, rule_number(granted.rule)]);
        let content_key = &self.unlocked.content_key;
        out.bytes(&content_key.mode().header_code().to_be_bytes());
        out.counted(content_key.expose_bytes());
        out.counted(self.write_key.as_ref().map_or(&[], |key| key.expose_seed()));
        out.moment(granted.decided);
        out.moment(granted.fresh_until);
        out.optional(granted.offline_until);
        out.counted(self.display_name.as_bytes());
        for right in &granted.rights {
            out.counted(right.right.name().as_bytes());
            out.optional(right.range.from);
            out.optional(right.range.until);
        }
        out.0
    }

    /// Reads the form at rest. `None` when it is not what this version writes, or its key does not open the license.
    pub(super) fn from_bytes(bytes: &[u8], read: &ReadLicense) -> Option<Self> {
        let mut from = Reader(bytes);
        let [version, rule] = from.array()?;
        if version != VERSION {
            return None;
        }
        let mode = CipherMode::from_header_code(u16::from_be_bytes(from.array()?))?;
        let content_key = ContentKey::new(mode, from.counted()?).ok()?;
        let write_key = match from.counted()? {
            [] => None,
            seed => Some(SigningKey::from_seed(Zeroizing::new(seed.try_into().ok()?)).ok()?),
        };
        let (decided, fresh_until, offline_until) = (from.moment()?, from.moment()?, from.optional()?);
        let display_name = from.text()?.to_owned();
        let mut rights = Vec::new();
        while !from.0.is_empty() {
            let right = Right::read(from.text()?);
            rights.push(GrantedRight { right, range: Validity { from: from.optional()?, until: from.optional()? } });
        }
        let unlocked = read.unlocked(content_key, |key| read.license.rights_data(key)).ok()?;
        let granted = GrantedRights { rights, rule: rule_of(rule)?, decided, offline_until, fresh_until };
        Some(Self { unlocked, write_key, granted, display_name })
    }
}

fn rule_number(rule: Rule) -> u8 {
    match rule {
        Rule::SuperUser => 1,
        Rule::Issuer => 2,
        Rule::Owner => 3,
        Rule::Entries => 4,
    }
}

fn rule_of(number: u8) -> Option<Rule> {
    [Rule::SuperUser, Rule::Issuer, Rule::Owner, Rule::Entries].into_iter().find(|rule| rule_number(*rule) == number)
}

struct Writer(Zeroizing<Vec<u8>>);

impl Writer {
    fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn counted(&mut self, bytes: &[u8]) {
        // Texts have at most 1 MiB; a longer one would only not be read back.
        self.bytes(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
        self.bytes(bytes);
    }

    fn moment(&mut self, moment: Timestamp) {
        self.bytes(&moment.filetime().to_be_bytes());
    }

    fn optional(&mut self, moment: Option<Timestamp>) {
        match moment {
            None => self.bytes(&[0]),
            Some(moment) => {
                self.bytes(&[1]);
                self.moment(moment);
            }
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn counted(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(u32::from_be_bytes(self.array()?)).ok()?;
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.counted()?).ok()
    }

    fn moment(&mut self) -> Option<Timestamp> {
        Some(Timestamp::from_filetime(u64::from_be_bytes(self.array()?)))
    }

    fn optional(&mut self) -> Option<Option<Timestamp>> {
        match self.array()? {
            [0] => Some(None),
            [1] => Some(Some(self.moment()?)),
            _ => None,
        }
    }
}
