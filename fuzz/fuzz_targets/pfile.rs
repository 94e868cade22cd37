//! A file that claims to be a pfile: asked what it is, and opened under keys that the attacker knows.
#![no_main]

use libfuzzer_sys::fuzz_target;
use msipc::file::{MemoryStorage, detect, naming, pfile};
use msipc_fuzz::{Bounded, KINDS, coder, ignore, pattern, trust};

fuzz_target!(|bytes: &[u8]| {
    let file = MemoryStorage::new(bytes.to_vec());
    let _status = detect::detect(&file, Some("plan.ptxt"));
    let _authenticated = detect::is_authenticated(&file);
    let Ok(header) = pfile::Header::read(&file) else {
        assert!(!bytes.starts_with(b".pfile") || detect::detect(&file, None).is_err(), "damaged is not plain");
        return;
    };
    assert!(header.content_offset() <= bytes.len() as u64);
    let _license = header.license(&file);
    let _metadata = header.metadata(&file);
    let name = naming::plain_name("plan.pfile", header.extension().unwrap_or_default()).expect("a name has a name");
    assert!(!name.contains(['/', '\0']) && name != ".." && name != ".", "{name:?} leads elsewhere");
    for (mode, key_len, is_signed) in KINDS {
        let mut output = Bounded::default();
        let trust = is_signed.then(trust);
        if pfile::unprotect(&file, &coder(mode, key_len), trust.as_ref(), &mut output, &mut ignore).is_ok() {
            let plain = output.0.bytes();
            assert!(plain.len() <= bytes.len(), "content grows");
            assert!(!is_signed || plain == pattern(plain.len()), "an alteration of a signed file is accepted");
        }
    }
});
