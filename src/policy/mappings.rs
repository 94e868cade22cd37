//! Ready-made policies and what other programs call the rights: Do Not Forward, the permissions of Office and of
//! SharePoint. All of it is data; the tests compare it with the table of facts in `tests/vectors/rights.json`.

use super::levels::Level;
use super::right::{EDITRIGHTSDATA, OWNER, Right, RightSet, VIEW, VIEWRIGHTSDATA};
use super::user::User;
use super::user_rights::{UserRights, UserRightsList};
use crate::error::{Error, Result};

/// What each recipient of a message gets under Do Not Forward.
pub const DO_NOT_FORWARD: &[&str] = &["VIEW", "EDIT", "DOCEDIT", "OBJMODEL", "REPLY", "REPLYALL", VIEWRIGHTSDATA];
/// What nobody but the owner gets under Do Not Forward.
pub const DO_NOT_FORWARD_NEVER: &[&str] = &["FORWARD", "PRINT", "EXTRACT", "EXPORT", OWNER];

/// The list of a Do Not Forward message: exactly the recipients, each with the same rights. The owner has full control by
/// the license and is not listed.
///
/// # Errors
/// [`crate::ErrorKind::InvalidArgument`] without recipients, or for one that is no address.
pub fn do_not_forward<'a>(recipients: impl IntoIterator<Item = &'a str>) -> Result<UserRightsList> {
    let mut entries: Vec<UserRights> = Vec::new();
    for recipient in recipients {
        let user = User::email(recipient)?;
        // A recipient may stand in more than one field of a message.
        if !entries.iter().any(|entry| entry.user.is_same(&user)) {
            entries.push(UserRights { user, rights: rights(DO_NOT_FORWARD) });
        }
    }
    if entries.is_empty() {
        return Err(Error::argument("recipients", "a message that nobody receives needs no protection"));
    }
    Ok(UserRightsList(entries))
}

/// A list that gives each user a level. A user with two levels gets the rights of both.
#[must_use]
pub fn by_levels(users: &[(User, &Level)]) -> UserRightsList {
    let mut entries: Vec<UserRights> = Vec::new();
    for (user, level) in users {
        let at = match entries.iter().position(|entry| entry.user.is_same(user)) {
            Some(at) => at,
            None => {
                entries.push(UserRights { user: user.clone(), rights: Vec::new() });
                entries.len() - 1
            }
        };
        for right in rights(level.rights) {
            if !entries[at].rights.contains(&right) {
                entries[at].rights.push(right);
            }
        }
    }
    UserRightsList(entries)
}

fn rights(names: &[&str]) -> Vec<Right> {
    names.iter().map(|name| Right::read(name)).collect()
}

/// A right and what Office calls it; `None` for rights that Office has no name for.
pub const OFFICE: &[(&str, Option<&str>)] = &[
    (OWNER, Some("Full Control")),
    (VIEW, Some("Read")),
    ("DOCEDIT", Some("Change")),
    ("EDIT", Some("Change")),
    ("EXPORT", Some("included in Full Control")),
    ("PRINT", Some("Print content (needs at least Read)")),
    ("EXTRACT", Some("Allow users with read access to copy content (needs at least Read; included in Change)")),
    ("OBJMODEL", Some("Access content programmatically (the program gets the user's own rights)")),
    (VIEWRIGHTSDATA, Some("included in Read or higher")),
    (EDITRIGHTSDATA, Some("included in Full Control")),
    ("FORWARD", None),
    ("REPLY", None),
    ("REPLYALL", None),
];

/// What Office calls a right, in any letter case; `None` when it has no name for it.
#[must_use]
pub fn office_name(right: &str) -> Option<&'static str> {
    OFFICE.iter().find(|(name, _)| name.eq_ignore_ascii_case(right)).and_then(|(_, office)| *office)
}

/// What somebody may do in a SharePoint list, and what the list allows: the input of [`sharepoint_rights`].
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct SharePointAccess {
    /// Manage Permissions or Manage Web Site.
    pub manage: bool,
    /// Edit Items, Manage Lists, or Add and Customize Pages.
    pub edit: bool,
    /// View Items.
    pub view: bool,
    /// Setting of the library: allow users to print documents.
    pub library_allows_printing: bool,
    /// Setting of the library: allow users to access content programmatically.
    pub library_allows_programs: bool,
}

/// What Manage Permissions and Manage Web Site give.
pub const SHAREPOINT_MANAGE: &[&str] = &[OWNER];
/// What Edit Items, Manage Lists, and Add and Customize Pages give.
pub const SHAREPOINT_EDIT: &[&str] = &["DOCEDIT", "EXTRACT", "EDIT"];
/// What View Items gives.
pub const SHAREPOINT_VIEW: &[&str] = &[VIEW];
/// What the setting for printing adds for those who may view.
pub const SHAREPOINT_PRINTING: &[&str] = &["PRINT"];
/// What the setting for programmatic access adds for those who may view.
pub const SHAREPOINT_PROGRAMS: &[&str] = &["OBJMODEL"];
/// What everybody with any right gets besides.
pub const SHAREPOINT_ALWAYS: &[&str] = &[VIEWRIGHTSDATA];

/// The rights that SharePoint grants on a document it protects when it is downloaded. Empty when there is no access.
#[must_use]
pub fn sharepoint_rights(access: SharePointAccess) -> RightSet {
    let mut granted: Vec<&str> = Vec::new();
    for (holds, gives) in
        [(access.manage, SHAREPOINT_MANAGE), (access.edit, SHAREPOINT_EDIT), (access.view, SHAREPOINT_VIEW)]
    {
        granted.extend(gives.iter().filter(|_| holds));
    }
    let reads = access.view || access.manage;
    let settings =
        [(access.library_allows_printing, SHAREPOINT_PRINTING), (access.library_allows_programs, SHAREPOINT_PROGRAMS)];
    for (allowed, gives) in settings {
        granted.extend(gives.iter().filter(|_| allowed && reads));
    }
    if !granted.is_empty() {
        granted.extend(SHAREPOINT_ALWAYS);
    }
    rights(&granted).into_iter().collect()
}

#[cfg(test)]
#[path = "mappings_tests.rs"]
mod tests;
