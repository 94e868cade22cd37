//! Names of protected files, and which container a file is put into.
//!
//! Only the last extension of a name counts, and its letter case does not; the rest of the name stays as it is. A name is
//! always one component of a path: nothing here, and nothing that a container stores, leads into another folder.

use super::rules::{Rule, place};
use crate::error::{Error, ErrorKind, Result};

/// Extension of protected files of any kind.
const PFILE: &str = "pfile";
/// Stored for a name that ends in a dot.
const DOT: &str = ".";
/// Longest stored extension that is believed, with its dot.
const STORED_MAX: usize = 64;
/// Characters that turn the direction of the text around them, so that a name shows another extension than it has.
const DIRECTION_MARKS: [char; 12] = [
    '\u{61c}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}', '\u{2066}',
    '\u{2067}', '\u{2068}', '\u{2069}',
];

/// Types whose own container holds the license; the pfile container takes them only when asked explicitly.
const OFFICE: &[&str] = &[
    "doc", "dot", "xla", "xls", "xlt", "pps", "ppt", "docm", "docx", "dotm", "dotx", "xlam", "xlsb", "xlsm", "xlsx",
    "xltm", "xltx", "xps", "potm", "potx", "ppsx", "ppsm", "pptm", "pptx", "thmx",
];

/// Types that are protected under a native name when no rule says otherwise.
const NATIVE: &[&str] =
    &["txt", "xml", "jpg", "jpeg", "pdf", "png", "tiff", "bmp", "gif", "giff", "jpe", "jfif", "jif"];

/// The container that a file is to be put into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// A pfile that any application may open a decrypted copy of: `a.txt.pfile`.
    Pfile,
    /// A pfile for applications that honor rights: `a.ptxt`.
    Native,
    /// The container of Office documents, under the same name.
    Office,
}

/// Splits a name into what stands before the last dot and the extension in lower case, which is empty when there is
/// none. A dot at the beginning hides a file and begins no extension.
fn split(name: &str) -> (&str, String) {
    match name.rfind('.') {
        Some(dot) if dot > 0 => (&name[..dot], name[dot + 1..].to_lowercase()),
        _ => (name, String::new()),
    }
}

/// The extension of a name in lower case without its dot; empty when there is none.
#[must_use]
pub fn extension(name: &str) -> String {
    split(name).1
}

/// The extension as containers store it: in lower case with its dot, or empty. A dot at the end of a name, which begins
/// no extension, is stored alone.
#[must_use]
pub fn stored_extension(name: &str) -> String {
    match extension(name) {
        extension if !extension.is_empty() => format!(".{extension}"),
        _ if name.ends_with('.') => DOT.to_owned(),
        none => none,
    }
}

/// True for the types that have a container of their own.
#[must_use]
pub fn is_office(extension: &str) -> bool {
    OFFICE.contains(&extension)
}

/// What happens to files of a type that no rule names.
#[must_use]
pub fn default_rule(extension: &str) -> Rule {
    if is_office(extension) || NATIVE.contains(&extension) { Rule::Native } else { Rule::Pfile }
}

/// A stored extension, with its dot, if it can be part of a file name: one component of at most 64 bytes without control
/// characters, and none that turns the direction of the text around it. A dot alone stands for a name that ended in one.
#[must_use]
pub fn believed(stored: &str) -> Option<&str> {
    let bare = stored.strip_prefix('.')?;
    let forbidden = |c: char| c.is_control() || "/\\:".contains(c) || DIRECTION_MARKS.contains(&c);
    // Windows drops dots and spaces at the end of a name, which would make it another file's.
    let is_lasting = !bare.ends_with(['.', ' ']);
    (is_lasting && stored.len() <= STORED_MAX && !bare.contains(forbidden)).then_some(stored)
}

/// A stored extension that belongs behind a name: not the dot alone, and not `.pfile`, which stands for none.
fn usable(stored: &str) -> Option<&str> {
    believed(stored).filter(|stored| *stored != DOT && !stored[1..].eq_ignore_ascii_case(PFILE))
}

/// The name of a file after protection, given its name without protection.
///
/// # Errors
/// [`ErrorKind::InvalidArgument`] for a name that cannot be a file's.
pub fn protected_name(plain: &str, container: Container) -> Result<String> {
    check(plain)?;
    let (stem, extension) = split(plain);
    Ok(match container {
        Container::Office => plain.to_owned(),
        _ if extension.is_empty() => format!("{}.{PFILE}", plain.strip_suffix(DOT).unwrap_or(plain)),
        Container::Pfile => format!("{plain}.{PFILE}"),
        Container::Native => {
            // The rest of the name keeps its case, so does the extension behind its new first letter.
            format!("{stem}.p{}", &plain[stem.len() + 1..])
        }
    })
}

/// The name of a pfile's content without protection.
///
/// # Errors
/// [`ErrorKind::InvalidArgument`] for a name that cannot be a file's.
pub fn plain_name(protected: &str, stored: &str) -> Result<String> {
    check(protected)?;
    let plain = plain_name_unchecked(protected, stored);
    // `..pfile` must not become a folder.
    Ok(if plain.chars().all(|c| c == '.') { protected.to_owned() } else { plain })
}

fn plain_name_unchecked(protected: &str, stored: &str) -> String {
    let ended_in_dot = stored == DOT;
    let (stem, extension) = split(protected);
    let stored = usable(stored);
    let ends_in = |name: &str, end: &str| name.to_lowercase().ends_with(&end.to_lowercase());
    match stored {
        Some(stored) if extension == PFILE => {
            if ends_in(stem, stored) {
                stem.to_owned()
            } else {
                format!("{stem}{stored}")
            }
        }
        None if extension == PFILE && ended_in_dot => format!("{stem}."),
        None if extension == PFILE => stem.to_owned(),
        // The extension itself, in the case that the name has it.
        Some(stored) if extension == format!("p{}", stored[1..].to_lowercase()) => {
            format!("{stem}.{}", &protected[stem.len() + 2..])
        }
        // A protected file under another name, which may be the one that the content had.
        Some(stored) if ends_in(protected, stored) => protected.to_owned(),
        Some(stored) if extension.starts_with('p') => format!("{stem}{stored}"),
        Some(stored) => format!("{protected}{stored}"),
        None if extension.len() > 1 && extension.starts_with('p') => {
            format!("{stem}.{}", &protected[stem.len() + 2..])
        }
        None => protected.to_owned(),
    }
}

/// True when a name with this extension, in lower case, is that of a pfile for applications that honor rights: the stored
/// extension behind a `p`.
#[must_use]
pub fn is_native_extension(extension: &str, stored: Option<&str>) -> bool {
    let stored = stored.and_then(usable).map(|stored| stored[1..].to_lowercase());
    extension != PFILE && stored.is_some_and(|stored| extension.strip_prefix('p') == Some(stored.as_str()))
}

/// The container for a file.
///
/// # Errors
/// [`ErrorKind::FileEncryptBlocked`] when the rules forbid it.
pub fn container(extension: &str, rule: Rule, force: Option<Container>) -> Result<Container> {
    let own = if is_office(extension) { Container::Office } else { Container::Native };
    match (force, rule) {
        (Some(Container::Pfile), _) => Ok(Container::Pfile),
        (Some(_), _) if extension.is_empty() => Ok(Container::Pfile),
        (Some(_), _) => Ok(own),
        (None, Rule::Off) => Err(Error::with(
            ErrorKind::FileEncryptBlocked,
            match extension {
                "" => "the rules forbid protecting files without extension".to_owned(),
                _ => format!("the rules forbid protecting .{extension} files"),
            },
        )),
        (None, Rule::Unreadable(whose)) => Err(Error::with(
            ErrorKind::FileEncryptBlocked,
            format!("what the rules in {} say about such files cannot be read", place(whose).display()),
        )),
        (None, Rule::Native) if extension.is_empty() => Ok(Container::Pfile),
        (None, Rule::Native) => Ok(own),
        (None, Rule::Pfile) if own == Container::Office => Ok(Container::Office),
        (None, Rule::Pfile) => Ok(Container::Pfile),
    }
}

fn check(name: &str) -> Result<()> {
    let is_component = !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\0']);
    if is_component { Ok(()) } else { Err(Error::argument("wszInputFilePath", "names no file")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::os::files::Owner;

    fn named(plain: &str, rule: Rule, force: Option<Container>) -> Result<String> {
        let chosen = container(&extension(plain), rule, force)?;
        protected_name(plain, chosen)
    }

    #[test]
    fn names_after_protection() {
        for (plain, native, pfile) in [
            ("a.docx", "a.docx", "a.docx"),
            ("A.DOC", "A.DOC", "A.DOC"),
            ("a.pdf", "a.ppdf", "a.pdf.pfile"),
            ("a.txt", "a.ptxt", "a.txt.pfile"),
            ("Plan.Q3.TXT", "Plan.Q3.pTXT", "Plan.Q3.TXT.pfile"),
            ("a.zzz", "a.pzzz", "a.zzz.pfile"),
            ("a", "a.pfile", "a.pfile"),
            ("a.", "a.pfile", "a.pfile"),
            ("a..", "a..pfile", "a..pfile"),
            (".profile", ".profile.pfile", ".profile.pfile"),
            ("a.pfile", "a.ppfile", "a.pfile.pfile"),
            ("Bericht März.txt", "Bericht März.ptxt", "Bericht März.txt.pfile"),
        ] {
            assert_eq!(named(plain, Rule::Native, None).unwrap(), native);
            assert_eq!(named(plain, Rule::Pfile, None).unwrap(), pfile);
            let refused = named(plain, Rule::Off, None).unwrap_err();
            assert_eq!(*refused.kind(), ErrorKind::FileEncryptBlocked, "{plain}");
        }
    }

    #[test]
    fn rules_that_cannot_be_read_are_named() {
        let refused = named("a.txt", Rule::Unreadable(Owner::Machine), None).unwrap_err();
        assert_eq!(*refused.kind(), ErrorKind::FileEncryptBlocked);
        #[cfg(unix)]
        assert!(refused.to_string().contains("fileprotection.toml"), "{refused}");
        assert_eq!(named("a.txt", Rule::Unreadable(Owner::Machine), Some(Container::Pfile)).unwrap(), "a.txt.pfile");
    }

    #[test]
    fn force_ignores_the_rules() {
        assert_eq!(named("a.docx", Rule::Off, Some(Container::Pfile)).unwrap(), "a.docx.pfile");
        assert_eq!(named("a.txt", Rule::Off, Some(Container::Pfile)).unwrap(), "a.txt.pfile");
        assert_eq!(named("a.zzz", Rule::Off, Some(Container::Native)).unwrap(), "a.pzzz");
        assert_eq!(named("a.docx", Rule::Pfile, Some(Container::Native)).unwrap(), "a.docx");
        assert_eq!(named("a", Rule::Off, Some(Container::Native)).unwrap(), "a.pfile");
    }

    #[test]
    fn names_after_protection_is_removed() {
        for (protected, stored, plain) in [
            ("a.zzz.pfile", ".zzz", "a.zzz"),
            ("A.TXT.PFILE", ".txt", "A.TXT"),
            ("b.pfile", ".txt", "b.txt"),
            ("b.pfile", "", "b"),
            ("b.pfile", ".pfile", "b"),
            ("b.pfile", ".", "b."),
            ("renamed.dat", ".", "renamed.dat"),
            ("a.ptxt", ".txt", "a.txt"),
            ("a.pTXT", ".txt", "a.TXT"),
            ("a.ptxt", "", "a.txt"),
            ("a.pjpg", ".jpeg", "a.jpeg"),
            ("renamed.txt", ".txt", "renamed.txt"),
            ("renamed.dat", ".txt", "renamed.dat.txt"),
            ("renamed", ".txt", "renamed.txt"),
        ] {
            assert_eq!(plain_name(protected, stored).unwrap(), plain, "{protected} {stored}");
        }
    }

    #[test]
    fn what_goes_in_comes_out() {
        for plain in [
            "a.txt",
            "a",
            "x.y.z",
            "März.ZIP",
            ".profile",
            "a.pfile",
            "p.p",
            "a b.jpeg",
            "a.",
            "a..",
            ".a.",
            "a.txt.",
            "A b.",
        ] {
            for chosen in [Container::Pfile, Container::Native] {
                let protected = protected_name(plain, chosen).unwrap();
                assert_eq!(plain_name(&protected, &stored_extension(plain)).unwrap(), plain, "{protected}");
            }
        }
    }

    #[test]
    fn stored_extensions_lead_nowhere() {
        let long = format!(".{}", "x".repeat(64));
        for stored in [
            "./../x",
            ".\\x",
            "..",
            ". .",
            ".a\0b",
            ".a:b",
            "txt",
            ".a\nb",
            ".txt ",
            ".txt.",
            ".\u{202e}txt",
            long.as_str(),
        ] {
            assert_eq!(plain_name("b.pfile", stored).unwrap(), "b", "{stored:?}");
        }
        for name in ["..pfile", "...pfile", "....pfile", "...", "....", "..ppfile"] {
            for stored in ["", ".", "..", ".pfile"] {
                let plain = plain_name(name, stored).unwrap();
                assert!(plain == name || !plain.trim_matches('.').is_empty(), "{name} {stored}: {plain}");
            }
        }
        assert_eq!(protected_name("...", Container::Pfile).unwrap(), "...pfile");
        for name in ["", ".", "..", "a/b", "a\0"] {
            assert!(plain_name(name, ".txt").is_err() && protected_name(name, Container::Pfile).is_err());
        }
    }
}
