//! Protected mail: packed blocks, the compound file in them, and the message in that.
#![no_main]

use libfuzzer_sys::fuzz_target;
use msipc::cipher::CipherMode;
use msipc::file::MemoryStorage;
use msipc::file::office::message::Message;
use msipc::file::office::rpmsg;
use msipc_fuzz::{Bounded, coder, ignore};

/// What mail may unpack to here, in bytes.
const UNPACKED_MAX: u64 = 8 << 20;

fuzz_target!(|bytes: &[u8]| {
    let file = MemoryStorage::new(bytes.to_vec());
    let mut unpacked = Bounded::default();
    if rpmsg::unpack(&file, &mut unpacked, UNPACKED_MAX).is_err() {
        // What comes out of a packer in the clear is worth reading even so.
        let _message = Message::read(&file);
        return;
    }
    let unpacked = unpacked.0;
    assert!(unpacked.bytes().len() as u64 <= UNPACKED_MAX + 512);
    let _license = rpmsg::license(&unpacked);
    for coder in [coder(CipherMode::Cbc4k, 32), coder(CipherMode::Ecb, 16)] {
        let mut message = Bounded::default();
        if rpmsg::unprotect(&unpacked, &*coder, &mut message, &mut ignore).is_ok()
            && let Ok(message) = Message::read(&message.0)
        {
            let _written = message.write(&mut Bounded::default());
        }
    }
});
