//! A file that claims to be an Office document, protected or not.
#![no_main]

use libfuzzer_sys::fuzz_target;
use msipc::cipher::CipherMode;
use msipc::file::{MemoryStorage, detect, office};
use msipc_fuzz::{Bounded, coder, ignore};

const LICENSE: &[u8] = b"<XrML>a license</XrML>";

fuzz_target!(|bytes: &[u8]| {
    let file = MemoryStorage::new(bytes.to_vec());
    let _status = detect::detect(&file, Some("plan.docx"));
    let _license = office::license(&file);
    let _len = office::plaintext_len(&file);
    let cbc = coder(CipherMode::Cbc4k, 32);
    for coder in [&cbc, &coder(CipherMode::Ecb, 16)] {
        let mut output = Bounded::default();
        let _opened = office::unprotect(&file, &**coder, &mut output, &mut ignore);
    }
    let _relicensed = office::relicense(&file, LICENSE, &mut Bounded::default(), &mut ignore);
    if office::plain_kind(&file).is_ok_and(|kind| kind.is_some()) {
        let mut container = Bounded::default();
        if office::protect(&file, LICENSE, &*cbc, &mut container, &mut ignore).is_ok() {
            let (container, mut again) = (container.0, Bounded::default());
            assert!(office::detect(&container).expect("what is written can be read").is_some());
            office::unprotect(&container, &*cbc, &mut again, &mut ignore).expect("what is protected can be opened");
        }
    }
});
