//! Names and descriptions of policies, one per language.

use crate::base::locale::Lcid;

/// Name and description of a policy in one language.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Descriptor {
    /// The language.
    pub lcid: Lcid,
    /// Short name, for lists.
    pub name: String,
    /// What the policy means for its readers.
    pub description: String,
}

impl Descriptor {
    /// The languages of some descriptors, in their order.
    #[must_use]
    pub fn languages(all: &[Self]) -> Vec<Lcid> {
        all.iter().map(|d| d.lcid).collect()
    }
}
