//! Principals of a policy and the account that asks.

use crate::base::limits::ADDRESS_MAX;
use crate::error::{Error, Result};

/// Whom an entry of a policy names.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum User {
    /// An account or a group by mail address, or by another identifier that names exactly one.
    Email(String),
    /// Every authenticated account (`IPC_USER_ID_EVERYONE`).
    Anyone,
    /// Whoever is the owner of the license (`IPC_USER_ID_OWNER`).
    Owner,
    /// Nobody (`IPC_USER_ID_NULL`).
    Null,
}

impl User {
    /// A user by mail address.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidArgument`] when the text is empty, too long or holds control characters.
    pub fn email(address: &str) -> Result<Self> {
        check_address(address)?;
        Ok(Self::Email(address.to_owned()))
    }

    /// True when both entries name the same principal; addresses compare without letter case.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Email(a), Self::Email(b)) => same_address(a, b),
            _ => self == other,
        }
    }

    /// True when the entry names the identity, a group of it, everyone, or the owner that the identity is.
    #[must_use]
    pub fn names(&self, identity: &Identity, is_owner: bool) -> bool {
        match self {
            Self::Email(address) => {
                identity.is_known_as(address) || identity.groups.iter().any(|group| same_address(group, address))
            }
            Self::Anyone => true,
            Self::Owner => is_owner,
            Self::Null => false,
        }
    }
}

/// Checks a mail address of an account.
///
/// # Errors
/// [`crate::ErrorKind::InvalidArgument`] when the text is empty, too long or holds control characters.
pub fn check_address(address: &str) -> Result<()> {
    check_text("user", address)
}

fn check_text(what: &'static str, address: &str) -> Result<()> {
    if address.trim().is_empty() {
        return Err(Error::argument(what, "the address is empty"));
    }
    if address.len() > ADDRESS_MAX {
        return Err(Error::argument(what, format!("the address is longer than {ADDRESS_MAX} bytes")));
    }
    if address.chars().any(char::is_control) {
        return Err(Error::argument(what, "the address holds control characters"));
    }
    Ok(())
}

/// Checks a mail address that an account is to have or to be known by; `what` names the argument. Unlike entries of a
/// policy, which may name somebody by another identifier, it has one `@` with text on both sides.
///
/// # Errors
/// [`crate::ErrorKind::InvalidArgument`] as [`check_address`], and for a text of another form.
pub fn check_account_address(what: &'static str, address: &str) -> Result<()> {
    check_text(what, address)?;
    match address.split_once('@') {
        Some((name, host)) if !name.trim().is_empty() && !host.trim().is_empty() && !host.contains('@') => Ok(()),
        _ => Err(Error::argument(what, "a mail address has one @ with text on both sides")),
    }
}

/// Compares two addresses without letter case.
///
/// An ASCII letter never equals a letter outside ASCII, whatever Unicode case mapping says of the Kelvin sign and its
/// like: an address must not be taken for another one.
#[must_use]
pub fn same_address(a: &str, b: &str) -> bool {
    // Nearly every address. A long policy and many groups are compared name by name with this.
    if a.is_ascii() {
        return a.eq_ignore_ascii_case(b);
    }
    a.chars().map(fold).eq(b.chars().map(fold))
}

/// The address in the form in which equal ones are the same text: what [`same_address`] compares, for use as a key.
#[must_use]
pub fn fold_address(address: &str) -> String {
    address.chars().map(fold).collect()
}

fn fold(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(single), None) if !single.is_ascii() => single,
        _ => c,
    }
}

/// The account that asks, as the directory knows it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Identity {
    /// Primary mail address.
    pub email: String,
    /// Name for people; the address when the directory has none.
    pub display_name: String,
    /// Further addresses of the same account.
    pub aliases: Vec<String>,
    /// Addresses of every group that holds the account, directly or through other groups.
    pub groups: Vec<String>,
    /// May administer the authority.
    pub administrator: bool,
    /// Is an enabled super user: OWNER on everything.
    pub super_user: bool,
}

impl Identity {
    /// An account of which nothing but the address is known.
    #[must_use]
    pub fn of(email: &str) -> Self {
        Self { email: email.to_owned(), display_name: email.to_owned(), ..Self::default() }
    }

    /// True when the address is the account's own or an alias.
    #[must_use]
    pub fn is_known_as(&self, address: &str) -> bool {
        same_address(&self.email, address) || self.aliases.iter().any(|alias| same_address(alias, address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_compare_without_case_but_never_across_scripts() {
        assert!(same_address("Lee@Fabrikam.example", "lee@fabrikam.EXAMPLE"));
        assert!(same_address("ZOË@münchen.example", "zoë@MÜNCHEN.example"));
        assert!(!same_address("\u{212A}im@x.example", "kim@x.example"), "Kelvin sign");
        assert!(!same_address("\u{130}vo@x.example", "ivo@x.example"), "dotted capital I");
        for (one, other) in [("kim@x.example", "\u{212A}im@x.example"), ("ivo@x.example", "\u{130}vo@x.example")] {
            assert!(!same_address(one, other), "in the other order too");
        }
        assert!(!same_address("a@x.example", "a@x.example "));
    }

    #[test]
    fn entries_name_accounts_aliases_groups_and_roles() {
        let identity = Identity {
            aliases: vec!["l@x.example".into()],
            groups: vec!["staff@x.example".into()],
            ..Identity::of("lee@x.example")
        };
        assert!(User::Email("LEE@x.example".into()).names(&identity, false));
        assert!(User::Email("L@X.example".into()).names(&identity, false));
        assert!(User::Email("Staff@x.example".into()).names(&identity, false));
        assert!(!User::Email("bob@x.example".into()).names(&identity, true));
        assert!(User::Anyone.names(&identity, false));
        assert!(User::Owner.names(&identity, true) && !User::Owner.names(&identity, false));
        assert!(!User::Null.names(&identity, true));
    }

    #[test]
    fn accounts_have_one_at_sign_with_text_around_it() {
        for address in ["a@b", "zoë@münchen.example", "a.b+c@x.example", "User Name@x"] {
            check_account_address("wszAccount", address).unwrap();
        }
        for address in ["", "kim", "@", "@x", "a@", " @x", "a@ ", "a@b@c", "a@@b", "a\n@x"] {
            let refused = check_account_address("wszAccount", address).unwrap_err();
            assert_eq!(refused.kind(), &crate::ErrorKind::InvalidArgument { what: "wszAccount" }, "{address}");
        }
        assert!(User::email("Domain\\kim").is_ok(), "entries name people in other ways too");
    }

    #[test]
    fn addresses_with_line_breaks_are_refused() {
        for address in ["", "  ", "a\n@x", "a\0b", &"x".repeat(321)] {
            assert!(User::email(address).is_err());
        }
    }
}
