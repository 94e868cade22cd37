//! What a file of rules says: TOML, or the form in which Windows exports its registry.
//!
//! A text is understood as a whole or not at all, because what was not understood may have said that files are not to be
//! protected. Only a value that is none leaves the rest of the text as it is.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use super::rules::Rule;
use crate::cipher::PackageId;

/// What says how files of a type are protected.
pub(super) const ENCRYPTION: &str = "Encryption";
/// What says how pfiles are encrypted.
pub(super) const PACKAGE: &str = "Package";
/// The table of all rules.
const TABLE: &str = "FileProtection";
/// Stands beside the rules in registries, for another client.
const OF_ANOTHER_CLIENT: &str = "AllowPFILEEncryption";
/// Where the registry has the table, below the machine or the account.
const KEYS: [&str; 3] = ["Software", "Microsoft", "MSIPC"];
/// Between the first two of them in the view for programs of 32 bits.
const VIEW: &str = "WOW6432Node";

/// What a text says.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Said {
    /// By extension in lower case; `None` where the value is none, or where there are two that differ.
    pub(super) by_extension: BTreeMap<String, Option<Rule>>,
    /// How pfiles are encrypted.
    pub(super) package: Option<PackageId>,
}

/// The line of a text, counted from 1, that keeps it from being understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fault(pub(super) usize);

type Result<T> = std::result::Result<T, Fault>;

/// Reads a text, with or without a byte order mark.
///
/// # Errors
/// The line that is in neither form, or that has a meaning in neither.
pub(super) fn read(text: &str) -> Result<Said> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // Editors show it as the end of a line, and in neither form it is one.
    if let Some((at, _)) = text.match_indices('\r').find(|(at, _)| !text[at + 1..].starts_with('\n')) {
        return Err(fault_at(text, at));
    }
    match DeTable::parse(text) {
        Ok(root) => said_in_toml(text, root.get_ref()),
        Err(error) => read_export(text).map_err(|Fault(line)| {
            // The form that holds for longer is the one that was meant.
            Fault(line.max(fault_at(text, error.span().map_or(0, |span| span.start)).0))
        }),
    }
}

/// The rule by its name.
pub(super) fn rule(value: &str) -> Option<Rule> {
    Some(match value.trim().to_ascii_lowercase().as_str() {
        "off" => Rule::Off,
        "native" => Rule::Native,
        "pfile" => Rule::Pfile,
        _ => return None,
    })
}

/// A package by the name that the interface gives it.
pub(super) fn package(name: &str) -> Option<PackageId> {
    Some(match name.trim().to_ascii_lowercase().as_str() {
        "aes256-gcm4k" => PackageId::Aes256Gcm4k,
        "aes256-cbc4k" => PackageId::Aes256Cbc4k,
        "aes128-cbc4k" => PackageId::Aes128Cbc4k,
        "aes128-ecb" => PackageId::Aes128Ecb,
        _ => return None,
    })
}

impl Said {
    /// Adds what is said of an extension; `None` when no file has such a one, so that nobody knows which is meant.
    fn put(&mut self, extension: &str, rule: Option<Rule>) -> Option<()> {
        let is_whole = matches!(extension, "." | "*");
        if !is_whole && (extension.is_empty() || extension.contains(['.', '*', '/', '\\', '"', '\''])) {
            return None;
        }
        self.by_extension
            .entry(extension.to_lowercase())
            .and_modify(|said| *said = said.filter(|said| rule == Some(*said)))
            .or_insert(rule);
        Some(())
    }

    /// Takes a value of the table of all rules; `None` when it means nothing there.
    fn put_general(&mut self, name: &str, value: Option<&str>) -> Option<()> {
        if name.eq_ignore_ascii_case(PACKAGE) {
            self.package = value.and_then(package).or(self.package);
        } else if !name.eq_ignore_ascii_case(OF_ANOTHER_CLIENT) {
            return None;
        }
        Some(())
    }
}

fn fault_at(text: &str, at: usize) -> Fault {
    Fault(text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1)
}

/// True for a name that can only be meant for the table of all rules.
fn names_table(name: &str) -> bool {
    name.to_ascii_lowercase().contains(&TABLE.to_ascii_lowercase())
}

fn said_in_toml(text: &str, root: &DeTable<'_>) -> Result<Said> {
    let mut said = Said::default();
    for (key, value) in root {
        let fault = || fault_at(text, key.span().start);
        let name = key.get_ref();
        match value.get_ref() {
            DeValue::Table(table) if name.eq_ignore_ascii_case(TABLE) => read_table(text, table, &mut said)?,
            value if names_table(name) || is_rule(name, value) => return Err(fault()),
            _ => {}
        }
    }
    Ok(said)
}

fn read_table(text: &str, table: &DeTable<'_>, said: &mut Said) -> Result<()> {
    for (key, value) in table {
        let fault = |at: &toml::Spanned<_>| fault_at(text, at.span().start);
        let DeValue::Table(of_type) = value.get_ref() else {
            said.put_general(key.get_ref(), value.get_ref().as_str()).ok_or_else(|| fault(key))?;
            continue;
        };
        for (name, value) in of_type {
            if name.get_ref().eq_ignore_ascii_case(ENCRYPTION) {
                let rule = value.get_ref().as_str().and_then(rule);
                said.put(key.get_ref(), rule).ok_or_else(|| fault(name))?;
            } else if is_rule(name.get_ref(), value.get_ref()) {
                return Err(fault(name));
            }
        }
    }
    Ok(())
}

/// True when a value is a rule, or holds one: of what, nobody knows where this is asked.
fn is_rule(name: &str, value: &DeValue<'_>) -> bool {
    name.eq_ignore_ascii_case(ENCRYPTION)
        || match value {
            DeValue::Table(table) => table.iter().any(|(name, value)| is_rule(name.get_ref(), value.get_ref())),
            DeValue::Array(array) => array.iter().any(|value| is_rule("", value.get_ref())),
            _ => false,
        }
}

/// Reads the form of registry exports, whose names and values need not be quoted here, and whose sections may be named as
/// in TOML.
fn read_export(text: &str) -> Result<Said> {
    let mut said = Said::default();
    let mut section = None;
    let mut is_continued = false;
    for (index, line) in text.lines().enumerate() {
        let fault = Fault(index + 1);
        if line.contains(|c: char| c.is_control() && c != '\t') {
            return Err(fault);
        }
        let line = line.trim();
        if is_continued {
            is_continued = line.ends_with('\\');
        } else if is_empty(line) || (section.is_none() && is_title(line)) {
            // Nothing is said.
        } else if line.starts_with('[') {
            section = Some(Section::read(line).ok_or(fault)?);
        } else {
            let (name, value) = assignment(line).ok_or(fault)?;
            section.as_ref().and_then(|section| section.say(&mut said, &name, &value)).ok_or(fault)?;
            is_continued = value.starts_with("hex") && value.ends_with('\\');
        }
    }
    Ok(said)
}

fn is_title(line: &str) -> bool {
    line == "REGEDIT4" || line == "Windows Registry Editor Version 5.00"
}

/// True when nothing stands there but perhaps a comment.
fn is_empty(text: &str) -> bool {
    let text = text.trim();
    text.is_empty() || text.starts_with(['#', ';'])
}

/// Name and value of a line; `None` when it is none that has both.
fn assignment(line: &str) -> Option<(String, String)> {
    let (name, value) = match quoted(line) {
        Some((name, rest)) => (name, rest.trim_start().strip_prefix('=')?),
        None => line.split_once('=').and_then(|(name, value)| Some((bare(name)?, value)))?,
    };
    let value = value.trim();
    let value = match quoted(value) {
        Some((value, rest)) => Some(value).filter(|_| is_empty(rest))?,
        None => bare(value.split(['#', ';']).next().unwrap_or_default())?,
    };
    (!name.is_empty()).then_some((name, value))
}

/// A text without quotes; `None` when it begins something that is more than one in TOML, or a quoted one that does not end.
fn bare(text: &str) -> Option<String> {
    (!text.contains(['"', '\'', '[', '{'])).then(|| text.trim().to_owned())
}

/// The quoted text that `text` begins with, and what follows it. `None` for everything else, and for escapes that exports
/// do not have.
fn quoted(text: &str) -> Option<(String, &str)> {
    let quote = text.chars().next().filter(|first| matches!(first, '"' | '\''))?;
    let mut inside = String::new();
    let mut rest = text[1..].chars();
    loop {
        match rest.next()? {
            end if end == quote => return Some((inside, rest.as_str())),
            '\\' if quote == '"' => inside.push(rest.next().filter(|next| matches!(next, '\\' | '"'))?),
            other => inside.push(other),
        }
    }
}

/// What a section of an export is about.
#[derive(Debug, PartialEq, Eq)]
enum Section {
    /// All files.
    General,
    /// Files with an extension.
    Type(String),
    /// Something else.
    Other,
}

impl Section {
    /// Reads the line that begins a section; `None` when it is none, or cannot be told from one about files.
    fn read(line: &str) -> Option<Self> {
        let (path, rest) = line.strip_prefix('[')?.split_once(']')?;
        if !is_empty(rest) || path.contains('[') {
            return None;
        }
        let is_path = path.contains('\\');
        let parts: Vec<&str> = match is_path {
            true => below_hive(path.split('\\').map(str::trim).collect()),
            false => path.splitn(2, '.').map(str::trim).collect(),
        };
        match parts[..] {
            [table] if table.eq_ignore_ascii_case(TABLE) => Some(Self::General),
            [table, extension] if table.eq_ignore_ascii_case(TABLE) => match quoted(extension).filter(|_| !is_path) {
                Some((extension, rest)) => rest.is_empty().then_some(Self::Type(extension)),
                None => Some(Self::Type(extension.to_owned())),
            },
            _ if names_table(path) => None,
            _ => Some(Self::Other),
        }
    }

    /// Takes a value of the section; `None` when it is a rule of nobody knows what, or means nothing here.
    fn say(&self, said: &mut Said, name: &str, value: &str) -> Option<()> {
        match self {
            Self::General if name == "@" => Some(()),
            Self::General => said.put_general(name, Some(value)),
            Self::Type(extension) if name.eq_ignore_ascii_case(ENCRYPTION) => said.put(extension, rule(value)),
            Self::Type(_) | Self::Other => {
                let last = name.rsplit(['.', '\\']).next().unwrap_or_default().trim();
                (!last.eq_ignore_ascii_case(ENCRYPTION)).then_some(())
            }
        }
    }
}

/// What follows the keys under which a registry has the table; all of the path when it does not begin with them.
fn below_hive(parts: Vec<&str>) -> Vec<&str> {
    const HIVES: [&str; 4] = ["HKEY_LOCAL_MACHINE", "HKLM", "HKEY_CURRENT_USER", "HKCU"];
    let is_same = |one: &&str, other: &&str| one.eq_ignore_ascii_case(other);
    let mut keys = parts.clone();
    if keys.get(2).is_some_and(|key| key.eq_ignore_ascii_case(VIEW)) {
        keys.remove(2);
    }
    match &keys[..] {
        [hive, one, two, three, below @ ..]
            if HIVES.iter().any(|known| is_same(known, hive))
                && KEYS.iter().zip([one, two, three]).all(|(key, found)| is_same(key, found)) =>
        {
            below.to_vec()
        }
        _ => parts,
    }
}

#[cfg(test)]
#[path = "rules_text_tests.rs"]
mod tests;
