//! What the administrator says about protecting files, by extension.
//!
//! Rules stand in `fileprotection.toml`: one for the machine, which counts first, and one of the account for the types
//! that the first does not name. On Windows the machine's stand in the registry, and the account may have some there, too.
//! All are read each time, so that a change needs no restart. What cannot be understood forbids what it could be about.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::naming::{default_rule, is_office};
use super::rules_text::{self, Fault};
use crate::base::os;
use crate::base::os::files::{Owner, Settings};
use crate::base::trace::{self, Level};
use crate::cipher::PackageId;
use crate::error::Fact;

/// Longest file of rules that is read.
const FILE_MAX: u64 = 1 << 20;
/// Name of the file.
const FILE_NAME: &str = "fileprotection.toml";
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
    /// They are not protected, because nobody knows what the rules of the machine or of the account say about them.
    Unreadable(Owner),
}

/// The rules in force.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    by_extension: BTreeMap<String, Rule>,
    package: Option<PackageId>,
    /// Whose rules cannot be read: nobody knows what they forbid, so they forbid everything that no rule before them names.
    unreadable: Option<Owner>,
}

impl Rules {
    /// The rules of the machine and of the account, as they stand now. Those that do not count are told to the log.
    #[must_use]
    pub fn load() -> Self {
        let mut rules = of_machine();
        #[cfg(windows)]
        if let Ok(found) = in_registry(os::registry::Root::Account) {
            rules.add(found);
        }
        if let Ok(folders) = os::folders() {
            rules.add(of_file(&folders.config.join(FILE_NAME), Owner::Account));
        }
        rules
    }

    /// Reads the text of a file of rules.
    #[must_use]
    pub fn read(text: &str, whose: Owner) -> Self {
        let said = match rules_text::read(text) {
            Ok(said) => said,
            Err(Fault(line)) => {
                let line = trace::number("line", line as u64);
                return Self::unreadable(whose, "syntax", Some(line));
            }
        };
        let known = |(extension, rule): (String, Option<Rule>)| {
            let rule = rule.unwrap_or_else(|| {
                let about = trace::text("extension", extension.as_str());
                tell(Level::Error, "rules.unreadable", whose, "value", Some(about));
                Rule::Unreadable(whose)
            });
            (extension, rule)
        };
        Self {
            by_extension: said.by_extension.into_iter().map(known).collect(),
            package: said.package,
            unreadable: None,
        }
    }

    /// Rules that are there and that nobody can read.
    fn unreadable(whose: Owner, reason: &'static str, more: Option<(&'static str, Fact)>) -> Self {
        tell(Level::Error, "rules.unreadable", whose, reason, more);
        Self { unreadable: Some(whose), ..Self::default() }
    }

    /// Adds rules for what has none yet.
    fn add(&mut self, other: Self) {
        if self.unreadable.is_some() {
            return;
        }
        for (extension, rule) in other.by_extension {
            self.by_extension.entry(extension).or_insert(rule);
        }
        self.package = self.package.or(other.package);
        self.unreadable = other.unreadable;
    }

    /// The package of pfiles whose license asks for none; [`PackageId::Aes256Gcm4k`] unless another was chosen for
    /// readers that know only the published ones.
    #[must_use]
    pub fn package(&self) -> PackageId {
        self.package.unwrap_or(PackageId::Aes256Gcm4k)
    }

    /// What may be done with files of an extension, given in lower case without its dot.
    #[must_use]
    pub fn of(&self, extension: &str) -> Rule {
        let named = |name: &str| self.by_extension.get(name).copied().or(self.unreadable.map(Rule::Unreadable));
        let rule = match extension {
            "" => named(NONE),
            extension if is_office(extension) => named(extension),
            extension => named(extension).or_else(|| named(EVERY)),
        };
        rule.unwrap_or_else(|| default_rule(extension))
    }
}

/// Tells that rules do not count, or that some do not.
fn tell(level: Level, event: &'static str, whose: Owner, reason: &'static str, more: Option<(&'static str, Fact)>) {
    trace::tell(level, event, || {
        let whose = match whose {
            Owner::Machine => "machine",
            Owner::Account => "account",
        };
        [trace::text("whose", whose), trace::text("reason", reason)].into_iter().chain(more).collect()
    });
}

/// The rules in a file; none when there is none that counts.
fn of_file(path: &Path, whose: Owner) -> Rules {
    let bytes = match os::files::read_settings(path, whose, FILE_MAX) {
        Ok(Settings::Found(bytes)) => bytes,
        Ok(Settings::Missing) => return Rules::default(),
        Ok(Settings::Ignored(reason)) => {
            tell(Level::Warning, "rules.ignored", whose, reason, None);
            return Rules::default();
        }
        Err(error) => {
            let said = trace::text("io", format!("{:?}", error.kind()));
            return Rules::unreadable(whose, "system", Some(said));
        }
    };
    match text_of(bytes) {
        Some(text) => Rules::read(&text, whose),
        None => Rules::unreadable(whose, "encoding", None),
    }
}

/// The text of a file: UTF-8, or the UTF-16 with a mark that registries are exported in.
fn text_of(bytes: Vec<u8>) -> Option<String> {
    const UTF16_MARK: &[u8] = &[0xFF, 0xFE];
    match bytes.strip_prefix(UTF16_MARK) {
        Some(wide) => {
            let (units, odd) = wide.as_chunks::<2>();
            let units: Vec<u16> = units.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
            String::from_utf16(&units).ok().filter(|_| odd.is_empty())
        }
        None => String::from_utf8(bytes).ok(),
    }
}

/// Where rules stand, for people.
pub(super) fn place(whose: Owner) -> PathBuf {
    match (whose, os::folders()) {
        (Owner::Machine, _) => place_of_machine(),
        (Owner::Account, Ok(folders)) => folders.config.join(FILE_NAME),
        (Owner::Account, Err(_)) => PathBuf::from(FILE_NAME),
    }
}

/// Where the rules of the machine stand: the path of a file, on Windows a key of its registry.
fn place_of_machine() -> PathBuf {
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

/// The rules of the machine.
#[cfg(not(windows))]
fn of_machine() -> Rules {
    of_file(&place_of_machine(), Owner::Machine)
}

/// The rules of the machine.
#[cfg(windows)]
fn of_machine() -> Rules {
    in_registry(os::registry::Root::Machine).unwrap_or_else(|error| {
        let said = trace::text("io", format!("{:?}", error.kind()));
        Rules::unreadable(Owner::Machine, "system", Some(said))
    })
}

/// The rules that stand in the registry. As in the SDK, a value that is none says nothing.
#[cfg(windows)]
fn in_registry(root: os::registry::Root) -> std::io::Result<Rules> {
    let mut rules = Rules::default();
    if let Some(value) = os::registry::text(root, KEY, rules_text::PACKAGE)? {
        rules.package = rules_text::package(&value);
    }
    for extension in os::registry::keys_below(root, KEY)? {
        let value = os::registry::text(root, &format!(r"{KEY}\{extension}"), rules_text::ENCRYPTION)?;
        if let Some(rule) = value.as_deref().and_then(rules_text::rule) {
            rules.by_extension.insert(extension.to_lowercase(), rule);
        }
    }
    Ok(rules)
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
