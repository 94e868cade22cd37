//! Permission levels and default templates as sets of rights, each in its two historical forms. The tests compare them
//! with the table of facts in `tests/vectors/rights.json`.

/// A level: a name for people and the rights it stands for.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Level {
    /// The name.
    pub name: &'static str,
    /// Its rights.
    pub rights: &'static [&'static str],
}

/// The levels in use today.
pub const LEVELS: [Level; 4] = [
    Level { name: "Viewer", rights: &["VIEW", "REPLY", "REPLYALL", "OBJMODEL"] },
    Level { name: "Reviewer", rights: &["VIEW", "EDIT", "DOCEDIT", "REPLY", "REPLYALL", "FORWARD", "OBJMODEL"] },
    Level {
        name: "Co-Author",
        rights: &[
            "VIEW",
            "EDIT",
            "DOCEDIT",
            "EXTRACT",
            "VIEWRIGHTSDATA",
            "OBJMODEL",
            "EXPORT",
            "PRINT",
            "REPLY",
            "REPLYALL",
            "FORWARD",
        ],
    },
    Level {
        name: "Co-Owner",
        rights: &[
            "VIEW",
            "EDIT",
            "DOCEDIT",
            "EXTRACT",
            "VIEWRIGHTSDATA",
            "OBJMODEL",
            "EXPORT",
            "PRINT",
            "REPLY",
            "REPLYALL",
            "FORWARD",
            "OWNER",
        ],
    },
];

/// The levels as the first generation of the service defined them.
pub const CLASSIC_LEVELS: [Level; 4] = [
    Level { name: "Viewer", rights: &["VIEW", "REPLY", "REPLYALL"] },
    Level { name: "Reviewer", rights: &["VIEW", "DOCEDIT", "EDIT", "REPLY", "REPLYALL", "FORWARD"] },
    Level {
        name: "Co-Author",
        rights: &["VIEW", "DOCEDIT", "EDIT", "EXTRACT", "PRINT", "REPLY", "REPLYALL", "FORWARD"],
    },
    Level { name: "Co-Owner", rights: &["OWNER"] },
];

/// Which of the two definitions of the levels is meant.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub enum Generation {
    /// The one in use today.
    #[default]
    Current,
    /// The one that the service began with.
    Classic,
}

/// The levels of a generation, the least one first.
#[must_use]
pub fn levels(generation: Generation) -> &'static [Level; 4] {
    match generation {
        Generation::Current => &LEVELS,
        Generation::Classic => &CLASSIC_LEVELS,
    }
}

/// The default templates: the suffix of the name after that of the organization, a description, the rights.
pub const DEFAULT_TEMPLATES: [(&str, &str, &[&str]); 2] = [
    (
        "Confidential View Only",
        "Everyone in the organization can read, copy, edit, print and answer; nobody but the owner can change the policy.",
        &["VIEW", "EXTRACT", "OBJMODEL", "PRINT", "FORWARD", "REPLY", "REPLYALL", "EDIT", "DOCEDIT"],
    ),
    (
        "Confidential",
        "Everyone in the organization has full control, also to change or remove the protection.",
        &["VIEW", "EXPORT", "EXTRACT", "OBJMODEL", "PRINT", "FORWARD", "REPLY", "REPLYALL", "EDIT", "DOCEDIT", "OWNER"],
    ),
];

/// The rights that the default templates gave until 6 October 2017, in the order of [`DEFAULT_TEMPLATES`].
pub const DEFAULT_RIGHTS_BEFORE_2017: [&[&str]; 2] =
    [&["VIEW"], &["VIEW", "EXPORT", "DOCEDIT", "OBJMODEL", "FORWARD", "REPLY", "REPLYALL"]];

/// Which of the two historical forms of the default templates is meant.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub enum DefaultForm {
    /// The rights given today.
    #[default]
    Current,
    /// The rights given until 6 October 2017.
    Before2017,
}

/// The rights that a default template has in a form; `number` counts [`DEFAULT_TEMPLATES`].
#[must_use]
pub fn default_rights(form: DefaultForm, number: usize) -> &'static [&'static str] {
    let found = match form {
        DefaultForm::Current => DEFAULT_TEMPLATES.get(number).map(|(_, _, rights)| *rights),
        DefaultForm::Before2017 => DEFAULT_RIGHTS_BEFORE_2017.get(number).copied(),
    };
    found.unwrap_or_default()
}
