//! Events as lines of text: `key=value` or JSON, one line for each, with masks over what names people.
//!
//! Whoever wrote what a value quotes can neither end a line nor turn its direction round.

use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::base::time::Timestamp;
use crate::base::trace::Level;
use crate::crypto::digest::sha256;
use crate::error::Fact;

/// How values that name people are written.
#[derive(Debug)]
pub(crate) enum Masks {
    /// As they are.
    None,
    /// The first letter and a hash under a salt; without a salt the first letter alone.
    Salted(Option<[u8; 32]>),
}

impl Masks {
    /// A value as it is to be written.
    pub(crate) fn over(&self, fact: &Fact) -> Written {
        let (text, mask): (_, fn(&str) -> String) = match fact {
            Fact::Number(number) => return Written::Number(*number),
            Fact::Text(text) => return Written::Text(text.clone()),
            Fact::Account(address) => (address, |address| address.chars().take(1).chain("***".chars()).collect()),
            Fact::File(path) => (path, |path| format!("***{}", ending(path))),
        };
        Written::Text(match self {
            Self::None => text.clone(),
            Self::Salted(None) => mask(text),
            Self::Salted(Some(salt)) => format!("{}#{}", mask(text), tag(salt, text)),
        })
    }
}

/// Eight digits that are the same for the same value, in any case of letters.
fn tag(salt: &[u8; 32], text: &str) -> String {
    let digest = sha256(&[salt.as_slice(), text.to_lowercase().as_bytes()].concat());
    digest.iter().take(4).fold(String::new(), |mut digits, byte| {
        let _infallible = write!(digits, "{byte:02x}");
        digits
    })
}

/// The extension of a file, where it is short enough to say nothing else.
fn ending(path: &str) -> &str {
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let at = name.rfind('.').filter(|at| *at > 0 && name.len() - at <= 8);
    at.and_then(|at| name.get(at..))
        .filter(|ending| ending.chars().skip(1).all(|c| c.is_ascii_alphanumeric()))
        .unwrap_or("")
}

/// A value behind its mask.
pub(crate) enum Written {
    /// Digits.
    Number(u64),
    /// Words.
    Text(String),
}

/// One event.
#[derive(Debug)]
pub(crate) struct Line {
    text: String,
    json: String,
}

impl Line {
    /// A line, in both forms.
    pub(crate) fn new(at: SystemTime, level: Level, name: &str, facts: &[(&'static str, Fact)], masks: &Masks) -> Self {
        let micros = at.duration_since(UNIX_EPOCH).map_or(0, |since| since.subsec_micros());
        let (year, month, day, hour, minute, second) = Timestamp::from(at).civil();
        let time = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z");
        let mut text = format!("time={time} level={} event={name}", level.name());
        let mut json = Object::default();
        json.text("time", &time);
        json.text("level", level.name());
        json.text("event", name);
        for (key, fact) in facts {
            let written = masks.over(fact);
            let _infallible = match &written {
                Written::Number(number) => write!(text, " {key}={number}"),
                Written::Text(value) if is_plain(value) => write!(text, " {key}={value}"),
                Written::Text(value) => write!(text, " {key}={}", quoted(value)),
            };
            json.put(key, &written);
        }
        Self { text, json: json.end() }
    }

    /// The line, without its end.
    pub(crate) fn written(&self, json: bool) -> &str {
        if json { &self.json } else { &self.text }
    }
}

/// True for a value that needs no quotation marks.
fn is_plain(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'\\' | b'='))
}

/// A JSON string.
fn quoted(value: &str) -> String {
    let mut out = String::from("\"");
    for c in value.chars() {
        let _infallible = match c {
            '"' | '\\' => write!(out, "\\{c}"),
            // Also what breaks lines or turns the direction of text round.
            c if c.is_control() || matches!(c, '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}') => {
                write!(out, "\\u{:04x}", u32::from(c))
            }
            c => write!(out, "{c}"),
        };
    }
    out.push('"');
    out
}

/// A JSON object in the making. A name that was used is not used again.
#[derive(Default)]
pub(crate) struct Object {
    members: String,
    names: Vec<&'static str>,
}

impl Object {
    /// Adds words.
    pub(crate) fn text(&mut self, name: &'static str, value: &str) {
        self.member(name, &quoted(value));
    }

    /// Adds a value.
    pub(crate) fn put(&mut self, name: &'static str, value: &Written) {
        match value {
            Written::Number(number) => self.member(name, &number.to_string()),
            Written::Text(value) => self.text(name, value),
        }
    }

    fn member(&mut self, name: &'static str, value: &str) {
        if self.names.contains(&name) {
            return;
        }
        self.names.push(name);
        let comma = if self.members.is_empty() { "" } else { "," };
        let _infallible = write!(self.members, "{comma}\"{name}\":{value}");
    }

    /// The object.
    pub(crate) fn end(self) -> String {
        format!("{{{}}}", self.members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn line(fact: Fact, masks: &Masks) -> Line {
        let at = UNIX_EPOCH + Duration::from_micros(1_700_000_000_000_042);
        Line::new(at, Level::Info, "test.event", &[("what", fact)], masks)
    }

    #[test]
    fn a_line_has_two_forms() {
        let line = line(Fact::Number(7), &Masks::None);
        assert_eq!(line.written(false), "time=2023-11-14T22:13:20.000042Z level=info event=test.event what=7");
        assert_eq!(
            line.written(true),
            r#"{"time":"2023-11-14T22:13:20.000042Z","level":"info","event":"test.event","what":7}"#
        );
    }

    #[test]
    fn nothing_that_is_quoted_ends_a_line_or_a_value() {
        for (value, written) in [
            ("plain", "plain"),
            ("", "\"\""),
            ("two words", "\"two words\""),
            ("a=b", "\"a=b\""),
            ("a\"b\\", "\"a\\\"b\\\\\""),
            ("a\nlevel=error", "\"a\\u000alevel=error\""),
            ("\u{202E}x\u{85}\u{2028}", "\"\\u202ex\\u0085\\u2028\""),
            ("Größe", "\"Größe\""),
        ] {
            let line = line(Fact::Text(value.into()), &Masks::None);
            assert!(line.written(false).ends_with(&format!(" what={written}")), "{}", line.written(false));
            assert_eq!(line.written(false).lines().count(), 1);
            assert!(line.written(true).ends_with(&format!(",\"what\":{}}}", quoted(value))), "{}", line.written(true));
        }
    }

    #[test]
    fn people_are_masked_alike_wherever_they_appear_and_nowhere_named() {
        let masks = Masks::Salted(Some([7; 32]));
        let bob = line(Fact::Account("bob@contoso.example".into()), &masks);
        assert!(bob.written(false).contains(" what=b***#"), "{}", bob.written(false));
        assert!(!bob.written(true).contains("contoso"));
        let again = line(Fact::Account("BOB@contoso.example".into()), &Masks::Salted(Some([7; 32])));
        let hash = |line: &Line| line.written(false).split('#').nth(1).map(str::to_owned);
        assert_eq!(hash(&bob), hash(&again));
        let other = line(Fact::Account("bob@contoso.example".into()), &Masks::Salted(Some([8; 32])));
        assert_ne!(hash(&bob), hash(&other));
        let file = line(Fact::File("/home/bob/plan of Bob.docx".into()), &masks);
        assert!(file.written(false).contains(" what=***.docx#"), "{}", file.written(false));
        let open = line(Fact::Account("bob@contoso.example".into()), &Masks::None);
        assert!(open.written(false).ends_with(" what=bob@contoso.example"));
        assert!(line(Fact::Account("bob".into()), &Masks::Salted(None)).written(false).ends_with(" what=b***"));
        for (path, shown) in
            [("a/.bashrc", "***"), ("a.b/c", "***"), ("c.name of bob", "***"), ("c.x\\d.TXT", "***.TXT")]
        {
            assert!(
                line(Fact::File(path.into()), &Masks::Salted(None)).written(false).ends_with(&format!("what={shown}"))
            );
        }
    }
}
