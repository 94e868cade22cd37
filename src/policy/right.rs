//! Usage rights: names that are compared without ASCII case, with a standard set of known meaning.

use std::fmt;

use crate::base::limits::RIGHT_NAME_MAX;
use crate::error::{Error, Result};

/// A right by name. Standard rights are kept in upper case; names of applications keep their spelling.
///
/// Equality ignores ASCII case, so the type is not a closed enumeration: applications define rights of their own.
#[derive(Clone)]
pub struct Right(Box<str>);

/// Full control: implies every right, listed or not.
pub const OWNER: &str = "OWNER";
/// Open and read.
pub const VIEW: &str = "VIEW";
/// Save.
pub const EDIT: &str = "EDIT";
/// Edit the content.
pub const DOCEDIT: &str = "DOCEDIT";
/// Save in another protected format.
pub const EXPORT: &str = "EXPORT";
/// Copy content out.
pub const EXTRACT: &str = "EXTRACT";
/// Read the list of users and rights.
pub const VIEWRIGHTSDATA: &str = "VIEWRIGHTSDATA";
/// Change the list of users and rights and keep the content key.
pub const EDITRIGHTSDATA: &str = "EDITRIGHTSDATA";

/// The names that the rights management documentation defines.
pub const STANDARD: [&str; 16] = [
    VIEW,
    DOCEDIT,
    EDIT,
    "COMMENT",
    EXPORT,
    "FORWARD",
    OWNER,
    "PRINT",
    "REPLY",
    "REPLYALL",
    EXTRACT,
    "OBJMODEL",
    VIEWRIGHTSDATA,
    EDITRIGHTSDATA,
    "SIGN",
    "ISSUE",
];

impl Right {
    /// A right that an application grants: letters, digits, `-`, `_` and `.`, at most 256 characters.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidArgument`] for any other text.
    pub fn parse(name: &str) -> Result<Self> {
        if name.is_empty() || name.len() > RIGHT_NAME_MAX {
            return Err(Error::argument("right", format!("the name of a right has 1 to {RIGHT_NAME_MAX} characters")));
        }
        if !name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.')) {
            return Err(Error::argument("right", "the name of a right holds only letters, digits, '-', '_' and '.'"));
        }
        Ok(Self::read(name))
    }

    /// A right found in a license, where any text may stand.
    #[must_use]
    pub fn read(name: &str) -> Self {
        match STANDARD.iter().find(|known| known.eq_ignore_ascii_case(name)) {
            Some(known) => Self((*known).into()),
            None => Self(name.into()),
        }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }

    /// True when the name is this one in any letter case.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.0.eq_ignore_ascii_case(name)
    }
}

impl PartialEq for Right {
    fn eq(&self, other: &Self) -> bool {
        self.is(other.name())
    }
}

impl Eq for Right {}

impl fmt::Debug for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Rights without repetition, in the order in which they came.
#[derive(Clone, Debug, Default)]
pub struct RightSet(Vec<Right>);

impl RightSet {
    /// Adds a right unless it is there.
    pub fn insert(&mut self, right: Right) {
        if !self.has(right.name()) {
            self.0.push(right);
        }
    }

    /// True when the set itself holds the name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|right| right.is(name))
    }

    /// True when the set grants the right: it holds the name, or OWNER.
    #[must_use]
    pub fn grants(&self, name: &str) -> bool {
        self.0.iter().any(|right| right.is(name) || right.is(OWNER))
    }

    /// True when nothing is in the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The rights in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Right> {
        self.0.iter()
    }
}

impl FromIterator<Right> for RightSet {
    fn from_iter<I: IntoIterator<Item = Right>>(rights: I) -> Self {
        let mut set = Self::default();
        rights.into_iter().for_each(|right| set.insert(right));
        set
    }
}

impl PartialEq for RightSet {
    /// Order does not matter.
    fn eq(&self, other: &Self) -> bool {
        self.0.len() == other.0.len() && self.0.iter().all(|right| other.has(right.name()))
    }
}

impl Eq for RightSet {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_rights_are_upper_case_and_others_keep_their_spelling() {
        assert_eq!(Right::parse("pRiNt").unwrap().name(), "PRINT");
        assert_eq!(Right::parse("Acme.Stamp").unwrap().name(), "Acme.Stamp");
        assert_eq!(Right::parse("Acme.Stamp").unwrap(), Right::parse("ACME.stamp").unwrap());
    }

    #[test]
    fn names_outside_the_rules_are_refused() {
        for name in ["", " ", "VIEW ", "A B", "ÄNDERN", "A\u{212A}", "A/B", &"X".repeat(257)] {
            assert!(Right::parse(name).is_err(), "{name}");
        }
        assert!(Right::parse(&"X".repeat(256)).is_ok());
    }

    #[test]
    fn owner_implies_every_name() {
        let set: RightSet = [Right::read("owner")].into_iter().collect();
        assert!(set.grants("PRINT") && set.grants("ACME.STAMP"));
        assert!(!set.has("PRINT"));
        let set: RightSet = [Right::read("VIEW"), Right::read("view")].into_iter().collect();
        assert_eq!(set.iter().count(), 1);
        assert!(set.grants("View") && !set.grants("EDIT"));
    }
}
