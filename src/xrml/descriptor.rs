//! `DESCRIPTOR`: names and descriptions per language in one string.
//!
//! The string is a record `LCID 1033:NAME name:DESCRIPTION text;` and a line feed per language. Colons and semicolons
//! may stand inside the texts, so records are told apart by what follows a semicolon.

use roxmltree::Node;

use super::tree;
use crate::base::limits::DESCRIPTORS_MAX;
use crate::base::locale::Lcid;
use crate::error::{Error, Result};
use crate::license::PolicyDescriptor;
use crate::policy::Descriptor;

const NAME: &str = ":NAME ";
const DESCRIPTION: &str = ":DESCRIPTION ";

/// Reads `DESCRIPTOR` of a policy.
///
/// # Errors
/// [`crate::ErrorKind::Malformed`] when elements are missing or there are more than [`DESCRIPTORS_MAX`] records.
pub(crate) fn read(element: Node<'_, '_>) -> Result<PolicyDescriptor> {
    let object = tree::required(element, "OBJECT")?;
    let id = tree::required(object, "ID")?;
    let texts = match tree::child(object, "NAME")? {
        Some(name) => parse(tree::text(name)?)?,
        None => Vec::new(),
    };
    Ok(PolicyDescriptor { id: tree::text(id)?.to_owned(), version: id.attribute("version").map(str::to_owned), texts })
}

/// The records of a descriptor string, in their order; a language may occur twice. White space around texts is dropped.
///
/// # Errors
/// [`crate::ErrorKind::Malformed`] when there are more than [`DESCRIPTORS_MAX`] records.
pub(crate) fn parse(string: &str) -> Result<Vec<Descriptor>> {
    let mut rest = string.trim_start();
    let mut found = Vec::new();
    while let Some((lcid, after)) = record_head(rest) {
        if found.len() == DESCRIPTORS_MAX {
            return Err(Error::malformed("DESCRIPTOR", format!("more than {DESCRIPTORS_MAX} languages")));
        }
        let (record, next) = record_end(after);
        let (name, description) = record.split_once(DESCRIPTION).unwrap_or((record, ""));
        found.push(Descriptor { lcid, name: name.trim().to_owned(), description: description.trim().to_owned() });
        rest = next;
    }
    Ok(found)
}

/// The descriptor string of some texts.
///
/// # Errors
/// [`crate::ErrorKind::InvalidArgument`] when a text holds what separates records, so that it would be read
/// differently.
pub(crate) fn format(texts: &[Descriptor]) -> Result<String> {
    let string = texts.iter().fold(String::new(), |string, one| {
        string + &format!("LCID {}{NAME}{}{DESCRIPTION}{};\n", one.lcid.0, one.name.trim(), one.description.trim())
    });
    let same = |(a, b): (&Descriptor, &Descriptor)| {
        a.lcid == b.lcid && a.name == b.name.trim() && a.description == b.description.trim()
    };
    if parse(&string).is_ok_and(|read| read.len() == texts.len() && read.iter().zip(texts).all(same)) {
        Ok(string)
    } else {
        Err(Error::argument("descriptor", "a name or description holds the separators of the descriptor format"))
    }
}

/// `LCID digits:NAME ` at the beginning of the text.
fn record_head(text: &str) -> Option<(Lcid, &str)> {
    let rest = text.strip_prefix("LCID ")?;
    let (digits, after) = rest.split_at(rest.bytes().take_while(u8::is_ascii_digit).count());
    Some((Lcid(digits.parse().ok()?), after.strip_prefix(NAME)?))
}

/// Splits at the semicolon that ends a record: the one before white space and another record, or the last of all.
fn record_end(text: &str) -> (&str, &str) {
    for (at, _) in text.match_indices(";") {
        let next = text[at + 1..].trim_start();
        if record_head(next).is_some() {
            return (&text[..at], next);
        }
    }
    let last = text.trim_end();
    (last.strip_suffix(';').unwrap_or(last), "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(lcid: u32, name: &str, description: &str) -> Descriptor {
        Descriptor { lcid: Lcid(lcid), name: name.into(), description: description.into() }
    }

    #[test]
    fn records_of_all_known_writers_are_read() {
        let expected = [one(1033, "Plan", "Staff only"), one(1031, "Plan", "Nur intern")];
        for text in [
            "LCID 1033:NAME Plan:DESCRIPTION Staff only;\nLCID 1031:NAME Plan:DESCRIPTION Nur intern;\n",
            " LCID 1033:NAME Plan:DESCRIPTION Staff only; LCID 1031:NAME Plan:DESCRIPTION Nur intern;",
            "LCID 1033:NAME Plan:DESCRIPTION Staff only;LCID 1031:NAME Plan:DESCRIPTION Nur intern",
        ] {
            assert_eq!(parse(text).unwrap(), expected, "{text}");
        }
        assert_eq!(parse("LCID 1033:NAME Plan;").unwrap(), [one(1033, "Plan", "")]);
        assert_eq!(parse("some name").unwrap(), []);
        assert_eq!(parse("").unwrap(), []);
    }

    #[test]
    fn separators_inside_texts_survive() {
        let texts = [
            one(1033, "a;b:c", "x; LCID 5 is; :NAME y;;"),
            one(1033, "", ""),
            one(9, "again", "line\n;"),
            one(1041, "機密", "社外秘 𝄞"),
        ];
        assert_eq!(parse(&format(&texts).unwrap()).unwrap(), texts);
    }

    #[test]
    fn ambiguous_texts_are_refused() {
        for text in [one(1, "a:DESCRIPTION b", "c"), one(1, "a", "b;LCID 2:NAME c")] {
            assert!(format(&[text]).is_err());
        }
    }

    #[test]
    fn many_records_stay_linear_and_bounded() {
        assert!(parse(&"LCID 1:NAME a:DESCRIPTION b;".repeat(DESCRIPTORS_MAX)).is_ok());
        assert!(parse(&"LCID 1:NAME a:DESCRIPTION b;".repeat(DESCRIPTORS_MAX + 1)).is_err());
        let hostile = format!("LCID 1:NAME {}", ";LCID ".repeat(1 << 20));
        assert_eq!(parse(&hostile).unwrap().len(), 1);
        let blanks = format!("LCID 1:NAME {}", "; ".repeat(1 << 20));
        assert_eq!(parse(&blanks).unwrap().len(), 1);
    }
}
