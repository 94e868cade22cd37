//! Rights policy templates: named policies that an administrator keeps.

use super::descriptor::Descriptor;
use super::user::{Identity, User};
use super::user_rights::Grant;
use crate::base::guid::Guid;
use crate::base::time::{Timestamp, Validity};

/// When content protected with a template expires.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub enum ContentExpiry {
    /// Never.
    #[default]
    Never,
    /// At a moment.
    At(Timestamp),
    /// Some days after protection.
    Days(u32),
}

impl ContentExpiry {
    /// The term of content that was protected at a moment.
    #[must_use]
    pub fn validity(self, issued: Timestamp) -> Validity {
        let until = match self {
            Self::Never => None,
            Self::At(until) => Some(until),
            Self::Days(days) => Some(issued.plus_days(days)),
        };
        Validity { from: None, until }
    }
}

/// A policy with a name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RightsPolicyTemplate {
    /// Identity, the same for ever.
    pub id: Guid,
    /// Name and description per language; never empty.
    pub descriptors: Vec<Descriptor>,
    /// Who gets what. The owner always has OWNER and is not listed.
    pub grants: Vec<Grant>,
    /// When content expires.
    pub expiry: ContentExpiry,
    /// Days a use license serves offline; `None` leaves it to the authority's maximum, 0 asks each time.
    pub offline_days: Option<u32>,
    /// Shown for publishing. A disabled template still decides about what was protected with it.
    pub enabled: bool,
    /// Who may publish with it; everyone when empty. The scope says nothing about who may open what was published.
    pub scope: Vec<User>,
    /// Last change.
    pub modified: Timestamp,
}

impl RightsPolicyTemplate {
    /// True when the account may publish with the template.
    #[must_use]
    pub fn is_offered_to(&self, identity: &Identity) -> bool {
        self.enabled && (self.scope.is_empty() || self.scope.iter().any(|user| user.names(identity, false)))
    }
}

/// What became of a template that was deleted.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Retirement {
    /// Its last policy decides for ever about what was protected with it.
    Frozen,
    /// What was protected with it is revoked.
    Revoked,
}
