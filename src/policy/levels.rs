//! Permission levels and default templates as sets of rights. The tests compare them with the published table.

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

/// The default templates: the suffix of the name after that of the organization, a description, the rights.
pub const DEFAULT_TEMPLATES: [(&str, &str, &[&str]); 2] = [
    (
        "Confidential View Only",
        "Everyone in the organization can read, edit, print and answer; nobody but the owner can remove the protection.",
        &["VIEW", "EXTRACT", "OBJMODEL", "PRINT", "FORWARD", "REPLY", "REPLYALL", "EDIT", "DOCEDIT"],
    ),
    (
        "Confidential",
        "Everyone in the organization has full control, also to change or remove the protection.",
        &["VIEW", "EXPORT", "EXTRACT", "OBJMODEL", "PRINT", "FORWARD", "REPLY", "REPLYALL", "EDIT", "DOCEDIT", "OWNER"],
    ),
];
