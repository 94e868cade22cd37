//! The values that a PDF is made of (ISO 32000 7.3).

/// A value; numbers with a fraction and `null` are kept as nothing, for nothing here asks for them.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Object {
    Null,
    Boolean(bool),
    Integer(i64),
    Name(Vec<u8>),
    String(Vec<u8>),
    Array(Vec<Object>),
    Dictionary(Dictionary),
    /// The number of another object. Generations matter only to those who edit.
    Reference(u32),
}

/// Values by name, in the order of the file.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Dictionary(pub(super) Vec<(Vec<u8>, Object)>);

impl Dictionary {
    pub(super) fn get(&self, name: &[u8]) -> Option<&Object> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// A number that stands here itself and is not negative.
    pub(super) fn number(&self, name: &[u8]) -> Option<u64> {
        match self.get(name) {
            Some(Object::Integer(value)) => u64::try_from(*value).ok(),
            _ => None,
        }
    }
}
