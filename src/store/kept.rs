//! Use licenses as clients keep them, and the clock mark: what a store seals so that nobody else can make or move it.
//!
//! A record is bound to everything that it is found by (decision 24), so one that was copied to another account,
//! another license or another time does not open and counts as missing. What its content means is the client's matter.

use zeroize::Zeroizing;

#[cfg(feature = "embedded")]
use super::AuthorityRecord;
#[cfg(feature = "embedded")]
use crate::base::guid::Guid;
use crate::base::time::Timestamp;

/// A use license of one account for one publishing license.
pub struct KeptUseLicense {
    /// The account: its primary address, folded for comparison.
    pub account: String,
    /// Identity of the publishing license.
    pub license: [u8; 32],
    /// When it was issued.
    pub issued: Timestamp,
    /// Until when it serves; `None` without end. Stores may drop what is over.
    pub until: Option<Timestamp>,
    /// Content in the form of the client that keeps it. Holds the content key.
    pub content: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for KeptUseLicense {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeptUseLicense")
            .field("account", &self.account)
            .field("issued", &self.issued)
            .field("until", &self.until)
            .finish_non_exhaustive()
    }
}

/// What a store knows of the latest moment that was seen (decision 29).
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum ClockMark {
    /// None was recorded yet.
    Unknown,
    /// The latest moment recorded.
    At(Timestamp),
    /// There is a record that this store did not make: somebody changed it.
    Forged,
}

/// What the seal of a use license is bound to.
#[cfg(feature = "embedded")]
pub(super) fn use_license_binding(
    authority: Guid,
    account: &str,
    license: &[u8; 32],
    issued: Timestamp,
    until: Option<Timestamp>,
) -> Vec<u8> {
    let until = until.map_or_else(|| "always".to_owned(), |until| until.filetime().to_string());
    let license: String = license.iter().map(|byte| format!("{byte:02x}")).collect();
    // The account comes last: it is the only part of free form.
    let purpose = format!("use license|{license}|{}|{until}|{account}", issued.filetime());
    AuthorityRecord::binding(authority, &purpose)
}

/// What the seal of the clock mark is bound to.
#[cfg(feature = "embedded")]
pub(super) fn clock_mark_binding(authority: Guid, moment: Timestamp) -> Vec<u8> {
    AuthorityRecord::binding(authority, &format!("clock mark|{}", moment.filetime()))
}
