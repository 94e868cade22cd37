//! What the administrator says about protecting files, by extension.
//!
//! Rules stand in `fileprotection.toml`: one for the machine, which counts first, and one of the account for the types
//! that the first does not name. On Windows the machine's stand in the registry, and the account may have some there, too.
//! All are read each time, so that a change needs no restart.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::naming::{default_rule, is_office};
use crate::base::os;
use crate::cipher::PackageId;

/// Longest file of rules that is read.
const FILE_MAX: u64 = 1 << 20;
/// Name of the file.
const FILE_NAME: &str = "fileprotection.toml";
/// What says how files of a type are protected.
const ENCRYPTION: &str = "Encryption";
/// What says how pfiles are encrypted.
const PACKAGE: &str = "Package";
/// Stands for every extension but those of Office documents.
const EVERY: &str = "*";
/// Stands for files without extension.
const NONE: &str = ".";

/// What may be done with files of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// They are not protected.
    Off,
    /// They are protected in the container of their type, or under a native name.
    Native,
    /// They are protected as pfiles.
    Pfile,
    /// They are not protected, because the rules of the machine are there and cannot be read.
    Unreadable,
}

/// The rules in force.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    by_extension: BTreeMap<String, Rule>,
    package: Option<PackageId>,
    /// Rules of the machine that are there and cannot be read: nobody knows what they forbid, so they forbid everything.
    unreadable: bool,
}

impl Rules {
    /// The rules of the machine and of the account, as they stand now.
    #[must_use]
    pub fn load() -> Self {
        let mut rules = Self::default();
        rules.add_machine(of_machine());
        #[cfg(windows)]
        if let Ok(Some(found)) = in_registry(os::registry::Root::Account) {
            rules.add(&found);
        }
        if let Ok(folders) = os::folders() {
            let path = folders.config.join(FILE_NAME);
            // Preferences of the account, which can undo them anyway: those that cannot be read are none.
            if let Ok(Some(text)) = os::files::read_trusted(&path, os::files::Owner::Account, FILE_MAX) {
                rules.add(&Self::read(&text));
            }
        }
        rules
    }

    /// Adds what was read of the machine's rules; `None` when there are none that count.
    fn add_machine(&mut self, read: std::io::Result<Option<Self>>) {
        match read {
            Ok(Some(found)) => self.add(&found),
            Ok(None) => {}
            Err(_) => self.unreadable = true,
        }
    }

    /// Reads rules. Lines that make no sense are left out, so that what stands elsewhere in the text still counts.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut rules = Self::default();
        let mut section = Section::Other;
        for line in text.lines().map(str::trim) {
            if let Some(head) = line.strip_prefix('[') {
                section = Section::read(head);
                continue;
            }
            let Some((name, value)) = line.split_once('=') else { continue };
            rules.set(&section, name.trim(), unquoted(without_comment(value)));
        }
        rules
    }

    /// Sets what a name in a section says; nothing when it makes no sense.
    fn set(&mut self, section: &Section, name: &str, value: &str) {
        let value = value.trim().to_ascii_lowercase();
        match section {
            Section::General if name.eq_ignore_ascii_case(PACKAGE) => self.package = package(&value).or(self.package),
            Section::Type(extension) if name.eq_ignore_ascii_case(ENCRYPTION) => {
                let rule = match value.as_str() {
                    "off" => Rule::Off,
                    "native" => Rule::Native,
                    "pfile" => Rule::Pfile,
                    _ => return,
                };
                self.by_extension.insert(extension.clone(), rule);
            }
            _ => {}
        }
    }

    /// Adds rules for what has none yet.
    fn add(&mut self, other: &Self) {
        for (extension, rule) in &other.by_extension {
            self.by_extension.entry(extension.clone()).or_insert(*rule);
        }
        self.package = self.package.or(other.package);
    }

    /// The package of pfiles whose license asks for none; [`PackageId::Aes256Gcm4k`] unless another was chosen for
    /// readers that know only the published ones.
    #[must_use]
    pub fn package(&self) -> PackageId {
        self.package.unwrap_or(PackageId::Aes256Gcm4k)
    }

    /// What may be done with files of an extension, given in lower case without its dot. Nothing when the rules of the
    /// machine cannot be read.
    #[must_use]
    pub fn of(&self, extension: &str) -> Rule {
        if self.unreadable {
            return Rule::Unreadable;
        }
        let named = |name: &str| self.by_extension.get(name).copied();
        let rule = match extension {
            "" => named(NONE),
            extension if is_office(extension) => named(extension),
            extension => named(extension).or_else(|| named(EVERY)),
        };
        rule.unwrap_or_else(|| default_rule(extension))
    }
}

/// What a section is about.
#[derive(Debug, PartialEq, Eq)]
enum Section {
    /// `[FileProtection]`: all files.
    General,
    /// `[FileProtection.txt]`, `[FileProtection."*"]`, `[FileProtection\txt]`: files of a type.
    Type(String),
    /// Nothing that is known.
    Other,
}

impl Section {
    fn read(head: &str) -> Self {
        let Some(inner) = without_comment(head).trim().strip_suffix(']') else { return Self::Other };
        let (table, extension) = match inner.split_once(['.', '\\']) {
            Some((table, extension)) => (table, Some(unquoted(extension).to_lowercase())),
            None => (inner, None),
        };
        match extension {
            _ if !table.trim().eq_ignore_ascii_case("FileProtection") => Self::Other,
            None => Self::General,
            Some(extension) if !extension.is_empty() => Self::Type(extension),
            Some(_) => Self::Other,
        }
    }
}

/// A package by the name that the interface gives it.
fn package(name: &str) -> Option<PackageId> {
    Some(match name {
        "aes256-gcm4k" => PackageId::Aes256Gcm4k,
        "aes256-cbc4k" => PackageId::Aes256Cbc4k,
        "aes128-cbc4k" => PackageId::Aes128Cbc4k,
        "aes128-ecb" => PackageId::Aes128Ecb,
        _ => return None,
    })
}

/// The text before a comment. A quoted text holds none here: neither extensions nor values have a sign of comments.
fn without_comment(text: &str) -> &str {
    text.split(['#', ';']).next().unwrap_or_default()
}

fn unquoted(text: &str) -> &str {
    let text = text.trim();
    let inside = |quote: char| text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote));
    inside('"').or_else(|| inside('\'')).unwrap_or(text)
}

/// Where the rules of the machine stand: the path of a file, on Windows a key of its registry.
pub(super) fn place_of_machine() -> PathBuf {
    if cfg!(windows) {
        PathBuf::from(format!(r"HKEY_LOCAL_MACHINE\{KEY}"))
    } else if cfg!(target_os = "macos") {
        Path::new("/Library/Application Support/msipc").join(FILE_NAME)
    } else {
        Path::new("/etc/msipc").join(FILE_NAME)
    }
}

/// Below this key one for each extension says how its files are protected, as in the SDK.
const KEY: &str = r"Software\Microsoft\MSIPC\FileProtection";

/// The rules of the machine; `None` when there are none that count.
#[cfg(not(windows))]
fn of_machine() -> std::io::Result<Option<Rules>> {
    let read = os::files::read_trusted(&place_of_machine(), os::files::Owner::Machine, FILE_MAX)?;
    Ok(read.map(|text| Rules::read(&text)))
}

/// The rules of the machine; `None` when there are none that count.
#[cfg(windows)]
fn of_machine() -> std::io::Result<Option<Rules>> {
    in_registry(os::registry::Root::Machine)
}

/// The rules that stand in the registry; `None` when there are none.
#[cfg(windows)]
fn in_registry(root: os::registry::Root) -> std::io::Result<Option<Rules>> {
    let mut rules = Rules::default();
    if let Some(value) = os::registry::text(root, KEY, PACKAGE)? {
        rules.set(&Section::General, PACKAGE, &value);
    }
    for extension in os::registry::keys_below(root, KEY)? {
        if let Some(value) = os::registry::text(root, &format!(r"{KEY}\{extension}"), ENCRYPTION)? {
            rules.set(&Section::Type(extension.to_lowercase()), ENCRYPTION, &value);
        }
    }
    Ok((rules != Rules::default()).then_some(rules))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = r#"
# rules of the records office
[FileProtection."*"]
Encryption = "Pfile"

[fileprotection.TXT]   # notes stay readable
encryption = "OFF"

[FileProtection.docx]
Encryption = "Off"

[FileProtection."."]
Encryption = 'Off'
"#;

    #[test]
    fn rules_by_extension() {
        let rules = Rules::read(SAMPLE);
        assert_eq!(rules.of("txt"), Rule::Off);
        assert_eq!(rules.of("docx"), Rule::Off);
        assert_eq!(rules.of(""), Rule::Off);
        assert_eq!(rules.of("jpg"), Rule::Pfile, "the rule for every extension");
        assert_eq!(rules.of("xlsx"), Rule::Native, "which does not reach Office documents");
        assert_eq!(Rules::read("[FileProtection.\"*\"]\nEncryption=Off").of(""), Rule::Pfile, "nor names without one");
    }

    #[test]
    fn the_form_of_registry_exports_is_read_too() {
        let rules = Rules::read("[FileProtection\\txt]\r\nEncryption=Off\r\n[FileProtection\\.]\r\nEncryption=off\r\n");
        assert_eq!(rules.of("txt"), Rule::Off);
        assert_eq!(rules.of(""), Rule::Off);
    }

    #[test]
    fn without_rules_the_type_decides() {
        let rules = Rules::default();
        for native in ["txt", "jpg", "pdf", "docx", "xls", "thmx"] {
            assert_eq!(rules.of(native), Rule::Native, "{native}");
        }
        for pfile in ["zip", "vsdx", "", "tif"] {
            assert_eq!(rules.of(pfile), Rule::Pfile, "{pfile}");
        }
    }

    #[test]
    fn what_makes_no_sense_changes_nothing_else() {
        let rules = Rules::read(
            "[Other.txt]\nEncryption=Off\n[FileProtection.zip\nEncryption=Off\n[FileProtection.png]\nEncryption=Maybe\n=\n[FileProtection.gif]\nnonsense\nEncryption = Off",
        );
        assert_eq!(rules.of("txt"), Rule::Native);
        assert_eq!(rules.of("zip"), Rule::Pfile);
        assert_eq!(rules.of("png"), Rule::Native);
        assert_eq!(rules.of("gif"), Rule::Off);
    }

    #[test]
    fn the_package_of_all_files() {
        assert_eq!(Rules::default().package(), PackageId::Aes256Gcm4k);
        let chosen =
            Rules::read("[FileProtection]\nPackage = \"AES256-CBC4K\"\n[FileProtection.txt]\nPackage = \"aes128-ecb\"");
        assert_eq!(chosen.package(), PackageId::Aes256Cbc4k);
        assert_eq!(Rules::read("[FileProtection]\nPackage = \"rot13\"").package(), PackageId::Aes256Gcm4k);
        let mut rules = Rules::read("[FileProtection]\nPackage = aes128-cbc4k");
        rules.add(&chosen);
        assert_eq!(rules.package(), PackageId::Aes128Cbc4k, "the machine's");
    }

    #[test]
    fn rules_of_the_machine_that_cannot_be_read_forbid_everything() {
        for kind in [std::io::ErrorKind::InvalidData, std::io::ErrorKind::PermissionDenied] {
            let mut rules = Rules::default();
            rules.add_machine(Err(kind.into()));
            rules.add(&Rules::read("[FileProtection.txt]\nEncryption=Native"));
            for extension in ["txt", "zip", "docx", ""] {
                assert_eq!(rules.of(extension), Rule::Unreadable, "{extension}");
            }
        }
        let mut rules = Rules::default();
        rules.add_machine(Ok(None));
        assert_eq!(rules, Rules::default());
        rules.add_machine(Ok(Some(Rules::read("[FileProtection.txt]\nEncryption=Off"))));
        assert_eq!((rules.of("txt"), rules.of("zip")), (Rule::Off, Rule::Pfile));
    }

    #[test]
    fn the_machine_counts_before_the_account() {
        let mut rules = Rules::read("[FileProtection.txt]\nEncryption=Off");
        rules.add(&Rules::read("[FileProtection.txt]\nEncryption=Native\n[FileProtection.png]\nEncryption=Off"));
        assert_eq!((rules.of("txt"), rules.of("png")), (Rule::Off, Rule::Off));
    }
}
