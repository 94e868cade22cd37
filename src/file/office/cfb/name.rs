//! Names of entries: up to 31 units of UTF-16, compared without case, shorter ones first ([MS-CFB] 2.6.4).

use std::cmp::Ordering;
use std::fmt;

/// The name of an entry. Equality and order are those of the directory: case does not matter.
#[derive(Clone)]
pub struct Name {
    units: Vec<u16>,
    upper: Vec<u16>,
}

impl Name {
    /// The name with these units, which may hold anything but a terminator.
    #[must_use]
    pub fn from_units(units: &[u16]) -> Self {
        Self { units: units.to_vec(), upper: units.iter().map(|unit| upper_case(*unit)).collect() }
    }

    /// The units as they are stored.
    #[must_use]
    pub fn units(&self) -> &[u16] {
        &self.units
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Self::from_units(&text.encode_utf16().collect::<Vec<_>>())
    }
}

/// One unit in upper case by the simple mapping, which keeps one unit one unit.
fn upper_case(unit: u16) -> u16 {
    let Some(character) = char::from_u32(u32::from(unit)) else { return unit };
    let mut mapped = character.to_uppercase();
    match (mapped.next(), mapped.next()) {
        (Some(upper), None) => u16::try_from(u32::from(upper)).unwrap_or(unit),
        _ => unit,
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        self.units.len().cmp(&other.units.len()).then_with(|| self.upper.cmp(&other.upper))
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.upper == other.upper
    }
}

impl Eq for Name {}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.upper.iter().copied().eq(other.encode_utf16().map(upper_case))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", String::from_utf16_lossy(&self.units).escape_debug())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({self})")
    }
}
