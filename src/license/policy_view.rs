//! What applications see of a rights document: its users, its terms, its application data.
//!
//! A few facts have no element in the format; they stand in application data under reserved names, which applications
//! neither see nor set.

use std::collections::HashSet;

use super::publishing::{AppDatum, PublishingLicense, RightEntry, RightsData};
use crate::base::time::{Timestamp, Validity};
use crate::policy::right::OWNER;
use crate::policy::template::ContentExpiry;
use crate::policy::{Right, User, UserRights, UserRightsList};

/// `1`: a use license must not be kept, so each use asks the authority.
pub const NO_LICENSE_CACHE: &str = "NOLICCACHE";
/// `1`: may be opened in a browser.
const VIEWER: &str = "VIEWER";
/// Names of our own.
const OWN_PREFIX: &str = "IPCX.";
/// Users of the list that have no right and thus no entry: one per line, the place in the list, a kind and an address.
const NO_RIGHTS: &str = "IPCX.NoRights";
/// Days of offline use where there is no right to carry them.
const INTERVAL: &str = "IPCX.Interval";

/// True for names of application data that applications neither see nor set.
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    let begins = name.get(..OWN_PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(OWN_PREFIX));
    begins || name.eq_ignore_ascii_case(NO_LICENSE_CACHE) || name.eq_ignore_ascii_case(VIEWER)
}

/// The entries that applications see.
#[must_use]
pub fn visible(entries: &[AppDatum]) -> Vec<AppDatum> {
    entries.iter().filter(|entry| !is_reserved(&entry.name)).cloned().collect()
}

impl PublishingLicense {
    /// Application data in the clear, without reserved names.
    #[must_use]
    pub fn visible_app_data(&self) -> Vec<AppDatum> {
        visible(&self.app_data)
    }
}

impl RightEntry {
    /// The entry that gives a user a right, in the form that is written.
    #[must_use]
    pub fn new(user: &User, right: &Right, range: Validity, interval_days: Option<u32>) -> Self {
        let (id_type, id_value, name) = match user {
            User::Email(address) => ("Unspecified", None, Some(address.clone())),
            User::Anyone => ("Internal", Some("ANYONE"), None),
            User::Owner => ("Internal", Some("Owner"), None),
            User::Null => ("Internal", Some("Null"), None),
        };
        Self {
            right: right.name().to_owned(),
            id_type: id_type.to_owned(),
            id_value: id_value.map(str::to_owned),
            name,
            range,
            interval_days,
        }
    }

    /// True for the entry that gives whoever is the owner full control.
    #[must_use]
    pub fn is_owner_grant(&self) -> bool {
        self.right.eq_ignore_ascii_case(OWNER) && self.user() == User::Owner
    }
}

impl RightsData {
    /// True when whoever is the owner has full control.
    #[must_use]
    pub fn grants_owner_full_control(&self) -> bool {
        self.rights.iter().any(RightEntry::is_owner_grant)
    }

    /// Encrypted application data, without reserved names.
    #[must_use]
    pub fn visible_app_data(&self) -> Vec<AppDatum> {
        visible(&self.app_data)
    }

    /// The users with their rights, those without any right included, in the order in which they were set.
    #[must_use]
    pub fn user_rights(&self) -> UserRightsList {
        let grants: Vec<_> = self.rights.iter().map(RightEntry::grant).collect();
        let mut with_rights = UserRightsList::from_grants(&grants).0.into_iter();
        let mut list = Vec::new();
        // Places are written in ascending order; where they are not, the next free place is taken.
        for (at, user) in self.datum(NO_RIGHTS).into_iter().flat_map(str::lines).filter_map(read_user) {
            list.extend(with_rights.by_ref().take(at.saturating_sub(list.len())));
            list.push(UserRights { user, rights: Vec::new() });
        }
        list.extend(with_rights);
        UserRightsList(list)
    }

    /// Days that a use license serves without asking the authority: 0 asks each time, `None` was not set.
    ///
    /// The owner's full control needs no interval and is not looked at where there are other entries.
    #[must_use]
    pub fn interval_days(&self) -> Option<u32> {
        if self.datum(NO_LICENSE_CACHE) == Some("1") {
            return Some(0);
        }
        let mut days = self.relevant_rights().map(|entry| entry.interval_days);
        let of_rights =
            days.next().flatten().and_then(|first| days.try_fold(first, |least, next| Some(least.min(next?))));
        of_rights.or_else(|| self.datum(INTERVAL)?.parse().ok())
    }

    /// Days of offline use that a template as a whole states: as [`RightsData::interval_days`], but the longest of its
    /// rights, since single rights may have shorter ones of their own.
    #[must_use]
    pub fn template_interval_days(&self) -> Option<u32> {
        let mut days = self.relevant_rights().map(|entry| entry.interval_days);
        let longest = days.next().flatten().and_then(|first| days.try_fold(first, |most, next| Some(most.max(next?))));
        match self.interval_days() {
            Some(0) => Some(0),
            least => longest.or(least),
        }
    }

    /// The term of the content: that of the whole document, else the one that all rights share, else that of the
    /// license.
    #[must_use]
    pub fn validity(&self, license: &PublishingLicense) -> Validity {
        let expiry = Validity { from: None, until: self.expiry_days.map(|days| license.issued.plus_days(days)) };
        let whole = self.validity.and(expiry);
        if !whole.is_always() {
            return whole;
        }
        let mut ranges = self.relevant_rights().map(|entry| entry.range);
        match ranges.next() {
            Some(first) if !first.is_always() && ranges.all(|range| range == first) => first,
            _ => license.validity,
        }
    }

    /// When content expires, as templates say it.
    #[must_use]
    pub fn expiry(&self) -> ContentExpiry {
        match (self.expiry_days, self.validity.until) {
            (Some(days), _) => ContentExpiry::Days(days),
            (None, Some(until)) => ContentExpiry::At(until),
            (None, None) => ContentExpiry::Never,
        }
    }

    /// Records the days of offline use on every right except those that `exempt` names.
    /// A shorter interval that a right has already stays.
    pub(crate) fn set_interval_days(&mut self, days: Option<u32>, exempt: impl Fn(&RightEntry) -> bool) {
        match days {
            None => {}
            Some(0) => self.put_datum(NO_LICENSE_CACHE, "1".to_owned()),
            Some(days) => {
                let mut carried = false;
                for entry in self.rights.iter_mut().filter(|entry| !exempt(entry)) {
                    entry.interval_days = Some(entry.interval_days.map_or(days, |own| own.min(days)));
                    carried = true;
                }
                if !carried {
                    self.put_datum(INTERVAL, days.to_string());
                }
            }
        }
    }

    /// Records the entries for a list of users and rights, all within a range.
    pub(crate) fn set_user_rights(&mut self, list: &UserRightsList, range: Validity) {
        let mut without = String::new();
        let mut seen = HashSet::new();
        for (at, entry) in list.0.iter().enumerate() {
            if entry.rights.is_empty() {
                without.push_str(&write_user(at, &entry.user));
            }
            for right in &entry.rights {
                if seen.insert((user_key(&entry.user), right.name().to_ascii_uppercase())) {
                    self.rights.push(RightEntry::new(&entry.user, right, range, None));
                }
            }
        }
        if !without.is_empty() {
            self.put_datum(NO_RIGHTS, without);
        }
    }

    /// Entries that terms are read from: all but the owner's full control, or that where it stands alone.
    fn relevant_rights(&self) -> impl Iterator<Item = &RightEntry> {
        let only_owner = self.rights.iter().all(RightEntry::is_owner_grant);
        self.rights.iter().filter(move |entry| only_owner || !entry.is_owner_grant())
    }

    fn datum(&self, name: &str) -> Option<&str> {
        self.app_data.iter().find(|entry| entry.name == name).map(|entry| entry.value.as_str())
    }

    fn put_datum(&mut self, name: &str, value: String) {
        self.app_data.retain(|entry| entry.name != name);
        self.app_data.push(AppDatum { name: name.to_owned(), value });
    }
}

impl ContentExpiry {
    /// The term and the days that a template writes for it; a moment becomes a term from the template's own time.
    #[must_use]
    pub fn parts(self, issued: Timestamp) -> (Validity, Option<u32>) {
        match self {
            Self::Never => (Validity::ALWAYS, None),
            Self::At(until) => (Validity { from: Some(issued.min(until)), until: Some(until) }, None),
            Self::Days(days) => (Validity::ALWAYS, Some(days)),
        }
    }
}

fn user_key(user: &User) -> (u8, &str) {
    match user {
        User::Email(address) => (b'E', address),
        User::Anyone => (b'A', ""),
        User::Owner => (b'O', ""),
        User::Null => (b'N', ""),
    }
}

fn write_user(at: usize, user: &User) -> String {
    let (kind, address) = user_key(user);
    format!("{at} {}{address}\n", char::from(kind))
}

fn read_user(line: &str) -> Option<(usize, User)> {
    let (at, user) = line.split_once(' ')?;
    let user = match user.split_at_checked(1)? {
        ("E", address) => User::Email(address.to_owned()),
        ("A", "") => User::Anyone,
        ("O", "") => User::Owner,
        ("N", "") => User::Null,
        _ => return None,
    };
    Some((at.parse().ok()?, user))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::license::RightsDataKind;

    fn data(no_rights: &str) -> RightsData {
        let view = |address: &str| {
            let user = User::Email(address.to_owned());
            RightEntry::new(&user, &Right::read("VIEW"), Validity::ALWAYS, None)
        };
        RightsData {
            kind: RightsDataKind::AdHoc,
            issued: Timestamp::default(),
            descriptor: None,
            issuer: None,
            publishing_url: None,
            referral: None,
            content_id: None,
            owner: None,
            validity: Validity::ALWAYS,
            expiry_days: None,
            rights: vec![view("a@x"), view("b@x")],
            app_data: vec![AppDatum { name: NO_RIGHTS.to_owned(), value: no_rights.to_owned() }],
            revocation: None,
        }
    }

    fn users(no_rights: &str) -> Vec<String> {
        let list = data(no_rights).user_rights();
        list.0
            .iter()
            .map(|entry| match &entry.user {
                User::Email(address) => address.clone(),
                other => format!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn users_without_rights_stand_in_their_places() {
        assert_eq!(users(""), ["a@x", "b@x"]);
        assert_eq!(users("0 Ec@x\n2 A\n4 N\n"), ["c@x", "a@x", "Anyone", "b@x", "Null"]);
        assert_eq!(users("99 Ec@x\n"), ["a@x", "b@x", "c@x"]);
        assert_eq!(users("1 Ec@x\n0 Ed@x\nx\n-1 A\n"), ["a@x", "c@x", "d@x", "b@x"], "not ascending, not readable");
    }

    #[test]
    fn hostile_places_cost_linear_time() {
        const LINES: usize = 300_000;
        let began = std::time::Instant::now();
        assert_eq!(data(&"0 A\n".repeat(LINES)).user_rights().0.len(), LINES + 2);
        assert!(began.elapsed().as_secs() < 8, "each line moves all users");
    }
}
