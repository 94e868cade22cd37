//! Inputs under honest and dishonest use.

use super::*;
use std::ptr;

fn prompt_of(size: usize, flags: DWORD) -> IPC_PROMPT_CTX {
    IPC_PROMPT_CTX {
        cbSize: u32::try_from(size).unwrap(),
        hwndParent: ptr::null_mut(),
        dwFlags: flags,
        hCancelEvent: ptr::null_mut(),
        pcCredential: ptr::null(),
        // Not to be followed when cbSize does not cover it.
        wszApplicationScenarioId: ptr::without_provenance(4),
    }
}

#[test]
fn no_bytes_need_no_pointer() {
    // SAFETY: a count of zero.
    assert_eq!(unsafe { bytes(ptr::null(), 0, "pb") }.unwrap(), b"");
    // SAFETY: a count of zero.
    assert_eq!(unsafe { bytes(ptr::without_provenance(1), 0, "pb") }.unwrap(), b"");
    // SAFETY: null is allowed.
    assert!(unsafe { bytes(ptr::null(), 1, "pb") }.is_err());
    // SAFETY: one byte of a literal.
    assert_eq!(unsafe { bytes(b"x".as_ptr(), 1, "pb") }.unwrap(), b"x");
}

#[test]
fn a_prompt_context_of_either_size_is_read() {
    let old = prompt_of(PROMPT_CTX_LEAST, 3);
    // SAFETY: valid, and the last member is not covered.
    let read = unsafe { prompt(&raw const old) }.unwrap();
    assert!(read.silent && read.offline && !read.consent);
    let mut new = prompt_of(size_of::<IPC_PROMPT_CTX>(), 4);
    new.wszApplicationScenarioId = ptr::without_provenance(1);
    // SAFETY: valid; the last member, which programs leave as it was, is not followed.
    let read = unsafe { prompt(&raw const new) }.unwrap();
    assert!(read.consent && !read.silent);
    // SAFETY: null is allowed.
    assert!(!unsafe { prompt(ptr::null()) }.unwrap().offline);
}

#[test]
fn wrong_sizes_and_flags_are_refused() {
    for (size, flags) in [(0, 0), (PROMPT_CTX_LEAST - 1, 0), (PROMPT_CTX_LEAST, 8), (PROMPT_CTX_LEAST, 1 << 31)] {
        let context = prompt_of(size, flags);
        // SAFETY: readable.
        assert!(unsafe { prompt(&raw const context) }.is_err(), "{size} {flags}");
    }
}

#[test]
fn credentials_are_read_by_type() {
    let (key, app, tenant) = (wide::terminated("a2V5"), wide::terminated("app"), wide::terminated("org"));
    let symmetric = IPC_CREDENTIAL_SYMMETRIC_KEY {
        wszBase64Key: key.as_ptr(),
        wszAppPrincipalId: app.as_ptr(),
        wszBposTenantId: tenant.as_ptr(),
    };
    let mut given = IPC_CREDENTIAL { dwType: 2, u: IPC_CREDENTIAL_UNION { pcSymmetricKey: &raw const symmetric } };
    // SAFETY: valid.
    let read = unsafe { credential(&raw const given) }.unwrap();
    assert_eq!(format!("{read:?}"), "SymmetricKey", "no secret is printed");
    assert!(matches!(&read, Credential::SymmetricKey { key, principal, tenant }
        if key.as_str() == "a2V5" && principal == "app" && tenant == "org"));
    for bad in [0, 4, u32::MAX] {
        given.dwType = bad;
        // SAFETY: readable; no member is followed for an unknown type.
        assert!(unsafe { credential(&raw const given) }.is_err());
    }
    for kind in 1..=3 {
        let empty = IPC_CREDENTIAL { dwType: kind, u: IPC_CREDENTIAL_UNION { pcCertContext: ptr::null() } };
        // SAFETY: readable, members null.
        assert!(unsafe { credential(&raw const empty) }.is_err());
    }
    let mut callback = IPC_OAUTH2_CALLBACK_INFO { cbSize: 24, pfnCallback: None, pvContext: ptr::null_mut() };
    let oauth = IPC_CREDENTIAL { dwType: 3, u: IPC_CREDENTIAL_UNION { pcOAuth2: &raw mut callback } };
    // SAFETY: readable, callback missing.
    assert!(unsafe { credential(&raw const oauth) }.is_err());
}

#[test]
fn reserved_and_flags() {
    assert!(reserved(ptr::null(), "pvReserved").is_ok());
    assert!(reserved(ptr::without_provenance(1), "pvReserved").is_err());
    assert_eq!(flags(5, 7, "dwFlags").unwrap(), 5);
    assert!(flags(9, 7, "dwFlags").unwrap_err().to_string().contains("0x00000008"));
}

#[test]
fn elements_are_counted_before_they_are_read() {
    let numbers = [1u32, 2, 3];
    // SAFETY: three are readable.
    assert_eq!(unsafe { elements(numbers.as_ptr(), 3, 3, "a") }.unwrap(), numbers);
    // SAFETY: refused before reading.
    assert!(unsafe { elements(numbers.as_ptr(), 4, 3, "a") }.is_err());
    // SAFETY: null is allowed.
    assert!(unsafe { elements(ptr::null::<u32>(), 1, 3, "a") }.is_err());
    // SAFETY: null is allowed.
    assert!(unsafe { elements(ptr::null::<u32>(), 0, 3, "a") }.unwrap().is_empty());
}

#[test]
fn content_in_place_apart_and_overlapping() {
    let mut memory = [0u8; 64];
    let start = memory.as_mut_ptr();
    // SAFETY: every range used below lies inside the array.
    let at = |offset: usize| unsafe { start.add(offset) };
    // SAFETY: inside the array, used alone.
    let same = unsafe { content(at(0), 16, at(0), 32) }.unwrap();
    assert!(matches!(&same, Content::InPlace { buffer, input: 16, output: 32 } if buffer.len() == 32));
    // SAFETY: as above.
    let apart = unsafe { content(at(0), 16, at(16), 16) }.unwrap();
    assert!(matches!(&apart, Content::Apart { input, output } if input.len() == 16 && output.len() == 16));
    for (from, to) in [(0, 1), (1, 0), (0, 15), (15, 0)] {
        // SAFETY: as above.
        assert!(unsafe { content(at(from), 16, at(to), 16) }.is_err(), "{from} {to}");
    }
    // SAFETY: no output.
    let size = unsafe { content(ptr::null_mut(), 100, ptr::null_mut(), 7) }.unwrap();
    assert!(matches!(size, Content::Size { input: 100 }));
    // SAFETY: no input.
    let empty = unsafe { content(ptr::null_mut(), 0, at(0), 16) }.unwrap();
    assert!(matches!(&empty, Content::Apart { input: [], output } if output.len() == 16));
    // SAFETY: null with a length is refused.
    assert!(unsafe { content(ptr::null_mut(), 1, at(0), 16) }.is_err());
}

#[test]
fn the_count_of_the_result_must_not_lie_in_the_content() {
    let place = std::ptr::without_provenance::<u8>;
    let check = |at: usize, input: (usize, DWORD), output: (usize, DWORD)| {
        let buffers = [(place(input.0), input.1), (place(output.0), output.1)];
        apart_from_content(place(at).cast(), buffers).is_ok()
    };
    let (input, output) = ((1000, 100), (2000, 100));
    for at in [0, 900, 996, 1100, 1996, 2100] {
        assert!(check(at, input, output), "{at}");
    }
    for at in [997, 1000, 1050, 1099, 1997, 2000, 2099] {
        assert!(!check(at, input, output), "{at}");
    }
    assert!(check(1000, (1000, 0), (0, 100)), "an empty buffer and a size query");
    assert!(!check(usize::MAX - 2, (usize::MAX - 3, 100), output), "at the end of memory");
}
