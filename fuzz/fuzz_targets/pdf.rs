//! A file that claims to be a PDF: is it protected, which license, could it be protected.
#![no_main]

use libfuzzer_sys::fuzz_target;
use msipc::file::{MemoryStorage, pdf};

fuzz_target!(|bytes: &[u8]| {
    let file = MemoryStorage::new(bytes.to_vec());
    let is_protected = pdf::is_protected(&file);
    if pdf::license(&file).is_ok() {
        assert!(is_protected.expect("a license was found"), "a file with a license is protected");
    }
    let _protectable = pdf::check_protectable(&file);
});
