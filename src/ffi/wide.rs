//! Wide text, both ways: the one module that knows how wide a `WCHAR` is.
//!
//! Text becomes UTF-8 at the door. Nothing is replaced silently: an unpaired surrogate, a value that is no character
//! and a missing terminator are errors. On Windows and with the feature `utf16` a unit has 16 bits, else 32.

use crate::base::limits::{RIGHT_NAME_MAX, TEXT_MAX};
use crate::error::{Error, ErrorKind, Result};
use zeroize::Zeroizing;

#[cfg(any(windows, feature = "utf16"))]
mod width {
    /// A unit of wide text.
    pub type WCHAR = u16;

    pub(super) fn decode(units: impl Iterator<Item = WCHAR>) -> impl Iterator<Item = Option<char>> {
        widestring::decode_utf16(units).map(std::result::Result::ok)
    }

    pub(super) fn encode(text: &str) -> impl Iterator<Item = WCHAR> + '_ {
        widestring::encode_utf16(text.chars())
    }
}

#[cfg(not(any(windows, feature = "utf16")))]
mod width {
    /// A unit of wide text.
    pub type WCHAR = u32;

    pub(super) fn decode(units: impl Iterator<Item = WCHAR>) -> impl Iterator<Item = Option<char>> {
        widestring::decode_utf32(units).map(std::result::Result::ok)
    }

    pub(super) fn encode(text: &str) -> impl Iterator<Item = WCHAR> + '_ {
        widestring::encode_utf32(text.chars())
    }
}

pub use width::WCHAR;

/// `IpcInitialize` by the name that compiled programs use (`IPC_OF_WIDTH` in `ipcbase.h`): it tells the width of text, so
/// that a program for one width does not link with the library of the other.
///
/// # Returns
/// - `S_OK`, each time.
///
/// # Threads
/// Any thread.
#[cfg(not(windows))]
#[cfg_attr(feature = "utf16", unsafe(export_name = "IpcxInitialize16"))]
#[cfg_attr(not(feature = "utf16"), unsafe(export_name = "IpcxInitialize32"))]
pub extern "system" fn initialize_for_width() -> super::base::HRESULT {
    super::environment::IpcInitialize()
}

/// `IpcFreeMemory` by the name that compiled programs use, as [`initialize_for_width`]: who leaves out `IpcInitialize` is
/// told, too.
///
/// # Threads
/// Any thread.
#[cfg(not(windows))]
#[cfg_attr(feature = "utf16", unsafe(export_name = "IpcxFreeMemory16"))]
#[cfg_attr(not(feature = "utf16"), unsafe(export_name = "IpcxFreeMemory32"))]
pub extern "system" fn free_memory_for_width(pb: super::base::LPVOID) {
    super::environment::IpcFreeMemory(pb);
}

/// Units of the text, without its terminator. An error when there is no terminator within `limit` units.
///
/// # Safety
/// `text` is readable up to and with its terminator, or for `limit + 1` units.
unsafe fn length(text: *const WCHAR, limit: usize, what: &'static str) -> Result<usize> {
    for at in 0..=limit {
        // SAFETY: within what the caller vouches for; every unit before this one was not the terminator.
        let here = unsafe { text.add(at) };
        // SAFETY: as above; text of C may lie at an odd address.
        if unsafe { here.read_unaligned() } == 0 {
            return Ok(at);
        }
    }
    Err(Error::argument(what, format!("longer than {limit} units, or without terminator")))
}

/// The units of a text whose length is known.
///
/// # Safety
/// `count` units are readable at `text` while the iterator is used.
unsafe fn units(text: *const WCHAR, count: usize) -> impl Iterator<Item = WCHAR> {
    (0..count).map(move |at| {
        // SAFETY: `at` is less than the count that the caller vouches for.
        let here = unsafe { text.add(at) };
        // SAFETY: as above.
        unsafe { here.read_unaligned() }
    })
}

fn not_unicode(what: &'static str, position: usize) -> Error {
    Error::argument(what, format!("not valid Unicode at character {position}"))
}

/// Reads a text.
///
/// # Errors
/// `InvalidArgument` when it is null, longer than `TEXT_MAX` units or not valid Unicode.
///
/// # Safety
/// `text` is null, or readable up to and with its terminator.
pub(crate) unsafe fn read(text: *const WCHAR, what: &'static str) -> Result<String> {
    if text.is_null() {
        return Err(Error::argument(what, "null"));
    }
    // SAFETY: by this function's contract.
    let count = unsafe { length(text, TEXT_MAX, what)? };
    let mut out = String::new();
    // SAFETY: `length` found that many units before the terminator.
    unsafe { append_units(text, count, count, &mut out, what)? };
    Ok(out)
}

/// Reads a secret text. It is wiped when dropped, and no copy of it stays behind when the text grows or is refused.
///
/// # Errors
/// As [`read`].
///
/// # Safety
/// As [`read`].
pub(crate) unsafe fn read_secret(text: *const WCHAR, what: &'static str) -> Result<Zeroizing<String>> {
    /// Most bytes that a unit becomes.
    const LONGEST: usize = 4;
    if text.is_null() {
        return Err(Error::argument(what, "null"));
    }
    // SAFETY: by this function's contract.
    let count = unsafe { length(text, TEXT_MAX, what)? };
    let mut out = Zeroizing::new(String::new());
    // SAFETY: `length` found that many units before the terminator.
    unsafe { append_units(text, count, count * LONGEST, &mut out, what)? };
    Ok(out)
}

/// Appends `count` units to a text that has room for `room` more bytes.
///
/// # Safety
/// `count` units are readable at `text`.
unsafe fn append_units(
    text: *const WCHAR,
    count: usize,
    room: usize,
    out: &mut String,
    what: &'static str,
) -> Result<()> {
    out.try_reserve(room).map_err(|_| Error::new(ErrorKind::OutOfMemory))?;
    // SAFETY: by this function's contract.
    let found = unsafe { units(text, count) };
    for (position, character) in width::decode(found).enumerate() {
        out.push(character.ok_or_else(|| not_unicode(what, position))?);
    }
    Ok(())
}

/// Reads a text that may be missing.
///
/// # Errors
/// As [`read`], but null is no error.
///
/// # Safety
/// As [`read`].
pub(crate) unsafe fn read_optional(text: *const WCHAR, what: &'static str) -> Result<Option<String>> {
    if text.is_null() {
        return Ok(None);
    }
    // SAFETY: by this function's contract.
    unsafe { read(text, what) }.map(Some)
}

/// Hands a short text, such as the name of a right, to `use_it`: at most [`RIGHT_NAME_MAX`] units, read without allocating.
///
/// # Errors
/// `InvalidArgument` when it is null, longer than [`RIGHT_NAME_MAX`] units or not valid Unicode; those of `use_it`.
///
/// # Safety
/// As [`read`].
pub(crate) unsafe fn with_short<T>(
    text: *const WCHAR,
    what: &'static str,
    use_it: impl FnOnce(&str) -> Result<T>,
) -> Result<T> {
    /// Units of the names that programs ask for; clearing room for the longest takes a fifth of an access check.
    const USUAL: usize = 24;
    if text.is_null() {
        return Err(Error::argument(what, "null"));
    }
    // SAFETY: by this function's contract.
    let count = unsafe { length(text, RIGHT_NAME_MAX, what)? };
    // SAFETY: `length` found that many units before the terminator.
    let found = unsafe { units(text, count) };
    if count <= USUAL {
        use_it(decoded(found, &mut [0; USUAL * 4], what)?)
    } else {
        use_it(decoded(found, &mut [0; RIGHT_NAME_MAX * 4], what)?)
    }
}

/// The text of units, in `room`.
fn decoded<'a>(found: impl Iterator<Item = WCHAR>, room: &'a mut [u8], what: &'static str) -> Result<&'a str> {
    let mut used = 0;
    for (position, character) in width::decode(found).enumerate() {
        let character = character.ok_or_else(|| not_unicode(what, position))?;
        let rest = room.get_mut(used..).unwrap_or_default();
        if rest.len() < character.len_utf8() {
            return Err(Error::argument(what, "too long"));
        }
        used += character.encode_utf8(rest).len();
    }
    // Only whole characters were written, so this never falls back.
    Ok(std::str::from_utf8(&room[..used]).unwrap_or_default())
}

/// The units of a text with its terminator, in the byte order of memory.
///
/// # Errors
/// `Malformed` when the text holds a NUL, which would end it early; `OutOfMemory`.
pub(crate) fn append(text: &str, out: &mut Vec<u8>) -> Result<()> {
    if text.contains('\0') {
        return Err(Error::malformed("text", "holds a NUL, which wide text cannot"));
    }
    // Every byte of UTF-8 becomes at most one unit.
    let most = (text.len() + 1) * size_of::<WCHAR>();
    out.try_reserve(most).map_err(|_| Error::new(ErrorKind::OutOfMemory))?;
    out.extend(width::encode(text).chain([0]).flat_map(WCHAR::to_ne_bytes));
    Ok(())
}

/// The units of a text with its terminator, for a callback of the application.
///
/// # Errors
/// `OutOfMemory`.
pub(crate) fn for_callback(text: &str) -> Result<Vec<WCHAR>> {
    let mut out = Vec::new();
    out.try_reserve(text.len() + 1).map_err(|_| Error::new(ErrorKind::OutOfMemory))?;
    out.extend(width::encode(text).filter(|unit| *unit != 0).chain([0]));
    Ok(out)
}

/// The units of a text with its terminator, for tests that play the application.
#[cfg(test)]
pub(crate) fn terminated(text: &str) -> Vec<WCHAR> {
    width::encode(text).chain([0]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_units(units: &[WCHAR]) -> Result<String> {
        // SAFETY: the tests end every slice with a NUL.
        unsafe { read(units.as_ptr(), "wszTest") }
    }

    unsafe fn short(text: *const WCHAR) -> Result<String> {
        // SAFETY: by this function's contract.
        unsafe { with_short(text, "wszTest", |text| Ok(text.to_owned())) }
    }

    #[test]
    fn text_of_all_planes_survives() {
        for text in ["", "VIEW", "Größe", "строго", "機密", "🔒 locked"] {
            assert_eq!(read_units(&terminated(text)).unwrap(), text);
            // SAFETY: terminated.
            assert_eq!(unsafe { short(terminated(text).as_ptr()) }.unwrap(), text);
            // SAFETY: terminated.
            let secret = unsafe { read_secret(terminated(text).as_ptr(), "wszTest") }.unwrap();
            assert_eq!(secret.as_str(), text);
        }
    }

    #[test]
    fn null_is_refused_or_missing() {
        // SAFETY: null is allowed.
        assert!(unsafe { read(std::ptr::null(), "wszTest") }.is_err());
        // SAFETY: null is allowed.
        assert!(unsafe { short(std::ptr::null()) }.is_err());
        // SAFETY: null is allowed.
        assert_eq!(unsafe { read_optional(std::ptr::null(), "wszTest") }.unwrap(), None);
    }

    #[test]
    fn what_is_no_character_is_refused_and_located() {
        for bad in [0xD800, 0xDC00, 0xDFFF] {
            let error = read_units(&[WCHAR::from(b'a'), bad, WCHAR::from(b'b'), 0]).unwrap_err();
            assert!(error.to_string().contains("wszTest"), "{error}");
            assert!(error.to_string().ends_with("character 1"), "{error}");
        }
        assert!(read_units(&[0xDC00, 0xD800, 0]).is_err(), "a pair the wrong way round");
    }

    #[test]
    #[cfg(not(any(windows, feature = "utf16")))]
    fn wide_units_hold_characters_only() {
        assert!(read_units(&[0x11_0000, 0]).is_err());
        assert!(read_units(&[u32::MAX, 0]).is_err());
        assert!(read_units(&[0xD83D, 0xDD12, 0]).is_err(), "surrogate pairs do not belong into 32-bit units");
        assert_eq!(read_units(&[0x10_FFFF, 0]).unwrap(), "\u{10FFFF}");
    }

    #[test]
    fn length_is_bounded() {
        let long = vec![WCHAR::from(b'x'); RIGHT_NAME_MAX + 1];
        let mut ended = long.clone();
        ended[RIGHT_NAME_MAX] = 0;
        // SAFETY: readable for the limit and one more.
        assert!(unsafe { short(long.as_ptr()) }.is_err());
        // SAFETY: terminated.
        assert_eq!(unsafe { short(ended.as_ptr()) }.unwrap().len(), RIGHT_NAME_MAX);
        for length in [23, 24, 25, 100] {
            for character in ["x", "\u{10FFFF}"] {
                let text = character.repeat(length);
                // SAFETY: terminated.
                let read = unsafe { short(terminated(&text).as_ptr()) };
                assert!(read.unwrap() == text, "{length}");
            }
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "a million steps")]
    fn unterminated_text_ends_at_the_limit() {
        let long = vec![WCHAR::from(b'x'); TEXT_MAX + 1];
        assert!(read_units(&long).unwrap_err().to_string().contains("terminator"));
    }

    #[test]
    fn text_may_lie_at_an_odd_address() {
        let units = terminated("odd");
        let mut bytes = vec![0u8];
        bytes.extend(units.iter().flat_map(|unit| unit.to_ne_bytes()));
        let odd = bytes[1..].as_ptr().cast();
        // SAFETY: terminated, one byte behind the start.
        let text = unsafe { read(odd, "wszTest") };
        assert_eq!(text.unwrap(), "odd");
    }

    #[test]
    fn written_text_ends_in_nul_and_holds_none() {
        let mut out = Vec::new();
        append("é🔒", &mut out).unwrap();
        let expected: Vec<u8> = terminated("é🔒").iter().flat_map(|unit| unit.to_ne_bytes()).collect();
        assert_eq!(out, expected);
        assert!(append("a\0b", &mut out).is_err());
        assert_eq!(out, expected, "nothing is written for a refused text");
    }
}
