//! Entries of a policy: a user and the rights it gets.

use std::collections::{HashMap, HashSet};

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
        let mut places: HashMap<&User, usize> = HashMap::new();
        let mut seen = HashSet::new();
        for grant in grants {
            let at = *places.entry(&grant.user).or_insert(list.len());
            if at == list.len() {
                list.push(UserRights { user: grant.user.clone(), rights: Vec::new() });
            }
            if seen.insert((at, grant.right.name().to_ascii_uppercase())) {
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

    #[test]
    fn many_users_are_grouped_in_linear_time() {
        const USERS: usize = 40_000;
        let user = |n: usize| User::Email(format!("someone.{n:08}@x.example"));
        let grants: Vec<_> = (0..USERS).map(|n| Grant::new(user(n), Right::read("VIEW"))).collect();
        let began = std::time::Instant::now();
        let list = UserRightsList::from_grants(&grants);
        assert_eq!(list.0.len(), USERS);
        assert_eq!(list.0[USERS - 1].user, user(USERS - 1));
        assert!(began.elapsed().as_secs() < 8, "each user looks at all others");
    }
}
