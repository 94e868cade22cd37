//! Identifiers of licenses, templates and authorities.

use std::fmt;

/// A GUID. Written `{8-4-4-4-12}` in lower case; read in any of the usual forms and any letter case.
#[derive(Copy, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Guid([u8; 16]);

impl Guid {
    /// A version 4 GUID of sixteen random bytes.
    #[must_use]
    pub fn from_random(mut bytes: [u8; 16]) -> Self {
        bytes[6] = bytes[6] & 0x0F | 0x40;
        bytes[8] = bytes[8] & 0x3F | 0x80;
        Self(bytes)
    }

    /// Reads a GUID, or `None` when the text is not one. Braces, parentheses and nothing may stand around it; inside,
    /// there are hyphens at the usual four places or none at all.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bare = match text.as_bytes() {
            [b'{', inner @ .., b'}'] | [b'(', inner @ .., b')'] => inner,
            inner => inner,
        };
        if !matches!(bare.len(), 32 | 36) {
            return None;
        }
        let mut out = [0u8; 16];
        let mut digits = 0;
        for (at, byte) in bare.iter().enumerate() {
            if *byte == b'-' && bare.len() == 36 && matches!(at, 8 | 13 | 18 | 23) {
                continue;
            }
            let digit = u8::try_from(char::from(*byte).to_digit(16)?).ok()?;
            let half = out.get_mut(digits / 2)?;
            *half = *half << 4 | digit;
            digits += 1;
        }
        (digits == 32).then_some(Self(out))
    }

    /// The text without braces, in lower case.
    #[must_use]
    pub fn bare(&self) -> String {
        let b = &self.0;
        let hex = |range: std::ops::Range<usize>| b[range].iter().map(|v| format!("{v:02x}")).collect::<String>();
        format!("{}-{}-{}-{}-{}", hex(0..4), hex(4..6), hex(6..8), hex(8..10), hex(10..16))
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}}}", self.bare())
    }
}

impl fmt::Debug for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_forms_and_any_case() {
        let guid = Guid::parse("{5A6E0000-1234-4abc-8DEF-00112233445f}").unwrap();
        assert_eq!(guid.to_string(), "{5a6e0000-1234-4abc-8def-00112233445f}");
        for text in [
            "5a6e0000-1234-4abc-8def-00112233445F",
            "(5a6e0000-1234-4abc-8def-00112233445f)",
            "5a6e000012344abc8def00112233445f",
            "{5a6e000012344abc8def00112233445f}",
        ] {
            assert_eq!(Guid::parse(text), Some(guid), "{text}");
        }
    }

    #[test]
    fn refuses_everything_else() {
        for text in [
            "",
            "{}",
            "{5a6e0000-1234-4abc-8def-00112233445f",
            "5a6e0000-1234-4abc-8def-00112233445f}",
            "5a6e00001234-4abc-8def-00112233445f0",
            "5a6e0000-1234-4abc-8def-00112233445g",
            "5a6e0000-1234-4abc-8def-0011223344é",
        ] {
            assert_eq!(Guid::parse(text), None, "{text}");
        }
    }

    #[test]
    fn random_ones_are_version_4() {
        let text = Guid::from_random([0xFF; 16]).bare();
        assert_eq!(&text[14..15], "4");
        assert_eq!(&text[19..20], "b");
    }
}
