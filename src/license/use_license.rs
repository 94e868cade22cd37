//! What a use license says, apart from its XrML text ([MS-RMPR] 2.2.9.6).

use super::publishing::{OwnerId, Principal, Referral, RevocationPoint, SealedKey};
use crate::base::time::{Timestamp, Validity};
use crate::policy::right::OWNER;
use crate::policy::{Right, RightSet};

/// One right of a use license.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UseRight {
    /// Name as written.
    pub right: String,
    /// `RANGETIME`.
    pub range: Validity,
    /// `INTERVALTIME`: days from the issue of the use license.
    pub interval_days: Option<u32>,
    /// The content key, sealed to the user.
    pub sealed_key: Option<SealedKey>,
}

/// The facts of a use license that need no key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UseLicense {
    /// GUID of the use license as written.
    pub id: String,
    /// `ISSUEDTIME`.
    pub issued: Timestamp,
    /// `ISSUER`: the authority, or the account itself for an owner's license made offline.
    pub issuer: Principal,
    /// `ISSUEDPRINCIPALS`: the account and its key.
    pub user: Principal,
    /// Referral.
    pub referral: Option<Referral>,
    /// Content id of the publishing license.
    pub content_id: String,
    /// Owner of the content.
    pub owner: Option<OwnerId>,
    /// What the account may do.
    pub rights: Vec<UseRight>,
    /// Revocation condition.
    pub revocation: Option<RevocationPoint>,
}

impl UseRight {
    /// The time in which the right may be used, in a use license of this age.
    #[must_use]
    pub fn range_from(&self, issued: Timestamp) -> Validity {
        self.range.and(Validity { from: None, until: self.interval_days.map(|days| issued.plus_days(days)) })
    }
}

impl UseLicense {
    /// The rights that may be used at a moment.
    #[must_use]
    pub fn rights_at(&self, now: Timestamp) -> RightSet {
        let holds = |right: &&UseRight| right.range_from(self.issued).contains(now);
        self.rights.iter().filter(holds).map(|right| Right::read(&right.right)).collect()
    }

    /// True when the license gives full control, which implies every right.
    #[must_use]
    pub fn is_owner(&self) -> bool {
        self.rights.iter().any(|right| right.right.eq_ignore_ascii_case(OWNER))
    }
}
