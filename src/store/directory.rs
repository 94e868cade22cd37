//! Accounts and groups, and the rules that every store holds them to.

use std::collections::HashSet;

use super::all_staff;
use crate::base::guid::Guid;
use crate::base::limits::{ADDRESS_MAX, DESCRIPTORS_MAX, TEXT_MAX};
use crate::base::os::OsAccount;
use crate::base::time::Timestamp;
use crate::error::{Error, Result};
use crate::policy::RightsPolicyTemplate;
use crate::policy::template::ContentExpiry;
use crate::policy::user::{check_account_address, check_address, fold_address, same_address};

/// An account of the organization.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Account {
    /// Primary mail address.
    pub email: String,
    /// Name for people; may be empty.
    pub display_name: String,
    /// Further addresses of the same account.
    pub aliases: Vec<String>,
    /// May administer the authority.
    pub administrator: bool,
    /// Is a super user while the feature is on.
    pub super_user: bool,
}

impl Account {
    /// An account with an address and no more.
    #[must_use]
    pub fn of(email: &str) -> Self {
        Self { email: email.to_owned(), ..Self::default() }
    }

    /// The name for people, or the address when there is none.
    #[must_use]
    pub fn shown_name(&self) -> &str {
        if self.display_name.is_empty() { &self.email } else { &self.display_name }
    }

    /// The addresses, the primary one first.
    pub(super) fn addresses(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.email.as_str()).chain(self.aliases.iter().map(String::as_str))
    }
}

/// A group of the organization.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Group {
    /// Mail address.
    pub email: String,
    /// Name for people; may be empty.
    pub display_name: String,
    /// Addresses of accounts, of groups, or of people the directory does not know.
    pub members: Vec<String>,
}

fn check_free(authority: Guid, address: &str) -> Result<()> {
    check_address(address)?;
    if same_address(address, &all_staff(authority)) {
        return Err(Error::argument("address", "the group of all accounts keeps itself"));
    }
    Ok(())
}

fn check_name(name: &str) -> Result<()> {
    if name.len() > TEXT_MAX {
        return Err(Error::argument("display name", "the name is too long"));
    }
    Ok(())
}

/// An address that another entry of the directory has.
pub(super) fn taken(address: &str) -> Error {
    Error::argument("address", format!("{address} belongs to another account or group"))
}

/// A group that would hold itself.
pub(super) fn cycle(group: &str) -> Error {
    Error::argument("members", format!("{group} would become a member of itself"))
}

/// A directory that nobody could administer any more.
pub(super) fn last_administrator() -> Error {
    Error::argument("account", "no administrator would be left")
}

/// What an account must be, whatever else the directory holds.
pub(super) fn check_account(authority: Guid, account: &Account) -> Result<()> {
    check_name(&account.display_name)?;
    let mut seen = HashSet::new();
    for address in account.addresses() {
        check_account_address("wszAddress", address)?;
        check_free(authority, address)?;
        if !seen.insert(fold_address(address)) {
            return Err(Error::argument("address", format!("{address} is listed twice")));
        }
    }
    Ok(())
}

/// What a group must be, whatever else the directory holds.
pub(super) fn check_group(authority: Guid, group: &Group) -> Result<()> {
    check_free(authority, &group.email)?;
    check_name(&group.display_name)?;
    let mut seen = HashSet::new();
    for member in &group.members {
        check_address(member)?;
        if same_address(member, &group.email) {
            return Err(cycle(&group.email));
        }
        if !seen.insert(fold_address(member)) {
            return Err(Error::argument("members", format!("{member} is listed twice")));
        }
    }
    Ok(())
}

/// What a template must be to be kept under an id.
pub(super) fn check_template(id: Guid, template: &RightsPolicyTemplate) -> Result<()> {
    if template.id != id {
        return Err(Error::internal("a change of a template gave it another id"));
    }
    let refuse = |why: &str| Err(Error::argument("template", why));
    if template.descriptors.is_empty() {
        return refuse("the template has no name in any language");
    }
    if template.descriptors.len() > DESCRIPTORS_MAX {
        return refuse("the template has too many descriptors");
    }
    let mut seen = HashSet::new();
    if !template.descriptors.iter().all(|descriptor| seen.insert(descriptor.lcid)) {
        return refuse("the template has two descriptors for one language");
    }
    let ends = template.grants.iter().flat_map(|grant| [grant.range.from, grant.range.until]).flatten();
    let expiry = match template.expiry {
        ContentExpiry::At(until) => Some(until),
        ContentExpiry::Never | ContentExpiry::Days(_) => None,
    };
    if ends.chain(expiry).chain([template.modified]).any(|moment| moment > Timestamp::LAST) {
        return refuse("a time lies past the year 9999");
    }
    Ok(())
}

/// Most bytes of the login in a default address.
const LOGIN_MAX: usize = 64;

/// The address that an account of the operating system gets, and those tried next when it is taken: `kim@`, `kim.2@`, …
pub(super) fn default_addresses(authority: Guid, account: &OsAccount) -> impl Iterator<Item = String> {
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' };
    let login: String = account.login.chars().map(safe).take(LOGIN_MAX).collect();
    // Dots at the ends or in a row do not make a mail address.
    let parts: Vec<&str> = login.split('.').filter(|part| !part.is_empty()).collect();
    let login = if parts.is_empty() { "user".to_owned() } else { parts.join(".") };
    debug_assert!(login.len() < ADDRESS_MAX / 2);
    let domain = super::domain(authority);
    let addresses = (1u64..).map(move |attempt| match attempt {
        1 => format!("{login}@{domain}"),
        _ => format!("{login}.{attempt}@{domain}"),
    });
    // A login may be called like the group of all accounts.
    addresses.filter(move |address| !same_address(address, &all_staff(authority)))
}

/// The name for people of an account that the operating system brought.
pub(super) fn default_name(account: &OsAccount) -> String {
    account.login.chars().filter(|c| !c.is_control()).take(256).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_become_addresses() {
        let authority = Guid::parse("5a6e0000-1234-4abc-8def-001122334455").unwrap();
        let first = |login: &str| {
            let account = OsAccount { id: "uid:1".into(), login: login.into() };
            default_addresses(authority, &account).next().unwrap()
        };
        let at = |local: &str| format!("{local}@5a6e0000-1234-4abc-8def-001122334455.invalid");
        assert_eq!(first("kim"), at("kim"));
        assert_eq!(first("Kim.Lee-2_x"), at("Kim.Lee-2_x"));
        assert_eq!(first("CORP\\zoë \"q\"@x\n"), at("CORP_zo___q__x_"));
        assert_eq!(first("..a...b."), at("a.b"));
        assert_eq!(first(""), at("user"));
        assert_eq!(first("..."), at("user"));
        assert_eq!(first("allstaff"), at("allstaff.2"));
        assert_eq!(first(&"é".repeat(500)), at(&"_".repeat(64)));
    }
}
