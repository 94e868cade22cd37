//! Entries of a policy: a user and the rights it gets.

use super::right::Right;
use super::user::User;
use crate::base::time::Validity;

/// One right for one user, with the conditions that a license may put on it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Grant {
    /// Whom it is given to.
    pub user: User,
    /// What is given.
    pub right: Right,
    /// When it may be used (`RANGETIME`).
    pub range: Validity,
    /// Life in days of the use license that carries it, counted from its issue (`INTERVALTIME`).
    pub interval_days: Option<u32>,
}

impl Grant {
    /// A right without conditions.
    #[must_use]
    pub fn new(user: User, right: Right) -> Self {
        Self { user, right, range: Validity::ALWAYS, interval_days: None }
    }
}

/// A user and its rights, as applications see them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UserRights {
    /// The user.
    pub user: User,
    /// Its rights in order; none is allowed.
    pub rights: Vec<Right>,
}

/// The list of an application: users in order, each with its rights.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct UserRightsList(pub Vec<UserRights>);

impl UserRightsList {
    /// Groups single grants by user, in the order in which users and rights first occur.
    pub fn from_grants<'a>(grants: impl IntoIterator<Item = &'a Grant>) -> Self {
        let mut list: Vec<UserRights> = Vec::new();
        for grant in grants {
            let at = match list.iter().position(|entry| entry.user == grant.user) {
                Some(at) => at,
                None => {
                    list.push(UserRights { user: grant.user.clone(), rights: Vec::new() });
                    list.len() - 1
                }
            };
            if !list[at].rights.contains(&grant.right) {
                list[at].rights.push(grant.right.clone());
            }
        }
        Self(list)
    }

    /// The single grants, all without conditions.
    #[must_use]
    pub fn to_grants(&self) -> Vec<Grant> {
        self.0
            .iter()
            .flat_map(|entry| entry.rights.iter().map(|right| Grant::new(entry.user.clone(), right.clone())))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_are_grouped_by_user_in_order() {
        let email = |a: &str| User::Email(a.into());
        let grants = [
            Grant::new(email("a@x"), Right::read("VIEW")),
            Grant::new(email("b@x"), Right::read("VIEW")),
            Grant::new(email("a@x"), Right::read("PRINT")),
            Grant::new(email("a@x"), Right::read("view")),
        ];
        let list = UserRightsList::from_grants(&grants);
        assert_eq!(list.0.len(), 2);
        assert_eq!(list.0[0].rights, [Right::read("VIEW"), Right::read("PRINT")]);
        assert_eq!(list.to_grants().len(), 3);
    }
}
