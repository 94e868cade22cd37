//! Sealed keys and encrypted rights that are damaged one way at a time.

use super::{vector, vector_key};
use crate::cipher::{CipherMode, ContentKey, PackageId};
use crate::crypto::aes;
use crate::crypto::random::OsRandom;
use crate::error::ErrorKind;
use crate::license::{SealedKey, SealedKeyKind};
use crate::xrml::text::utf16le;
use crate::xrml::{enabling, publishing, rights_data};

#[test]
fn every_key_and_mode_is_sealed_and_opened() {
    let key = vector_key!("01-basic.key.pem");
    for (mode, length) in [
        (CipherMode::Ecb, 16),
        (CipherMode::Ecb, 32),
        (CipherMode::Cbc4k, 16),
        (CipherMode::Cbc4k, 32),
        (CipherMode::Cbc4kNoPad, 32),
        (CipherMode::Cbc512, 16),
        (CipherMode::Gcm4k, 32),
    ] {
        let content_key = ContentKey::new(mode, &vec![0x5A; length]).unwrap();
        let sealed = enabling::seal(&content_key, "<A/>", key.public(), &OsRandom).unwrap();
        assert_eq!(sealed.bytes.len(), 256 + if length == 16 { 80 } else { 96 });
        assert!(enabling::unseal(&sealed, "<A/>", &key, &OsRandom).unwrap() == content_key);
        let error = enabling::unseal(&sealed, "<A />", &key, &OsRandom).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::BadEnablingBits);
    }
}

#[test]
fn a_flipped_bit_anywhere_in_a_sealed_key_is_noticed_or_spoils_the_key() {
    let key = vector_key!("01-basic.key.pem");
    let content_key = ContentKey::generate(PackageId::Aes256Cbc4k, &OsRandom).unwrap();
    let sealed = enabling::seal(&content_key, "<A/>", key.public(), &OsRandom).unwrap();
    for at in (0..sealed.bytes.len()).step_by(7) {
        let mut changed = sealed.clone();
        changed.bytes[at] ^= 0x10;
        match enabling::unseal(&changed, "<A/>", &key, &OsRandom) {
            Err(error) => assert_eq!(error.kind(), &ErrorKind::BadEnablingBits, "byte {at}"),
            // The form protects the key by the signature of the license alone; here there is none.
            Ok(opened) => assert!((288..304).contains(&at) && opened != content_key, "byte {at}"),
        }
    }
    for length in [0, 1, 255, 256, 272, 280, 336] {
        let changed = SealedKey { kind: SealedKeyKind::V2, bytes: sealed.bytes[..length].to_vec() };
        let error = enabling::unseal(&changed, "<A/>", &key, &OsRandom).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::BadEnablingBits, "{length} bytes");
    }
}

#[test]
fn the_deprecated_form_fails_alike_for_bad_padding_and_bad_content() {
    let key = vector_key!("05-deprecated-utf16.key.pem");
    let signed = publishing::read(vector!("05-deprecated-utf16.xml")).unwrap();
    let sealed = &signed.license().sealed_key;
    assert_eq!(sealed.kind, SealedKeyKind::V1);
    assert!(signed.unseal(&key, &OsRandom).is_ok());
    for at in [0, 100, 255, 256, 300] {
        let mut changed = sealed.clone();
        changed.bytes[at] ^= 1;
        let error = enabling::unseal(&changed, "text", &key, &OsRandom).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::BadEnablingBits, "byte {at}");
    }
    let as_v2 = SealedKey { kind: SealedKeyKind::V2, bytes: sealed.bytes.clone() };
    assert_eq!(enabling::unseal(&as_v2, "text", &key, &OsRandom).unwrap_err().kind(), &ErrorKind::BadEnablingBits);
}

#[test]
fn rights_may_be_filled_in_the_known_ways_only() {
    let key = ContentKey::new(CipherMode::Ecb, &[7; 16]).unwrap();
    // 28 code units less one: six bytes are missing to a block.
    let document = "<XrML>abcdefghijkl</XrML>";
    let plain = utf16le(document);
    let missing = plain.len().next_multiple_of(16) - plain.len();
    assert_eq!(missing, 14);
    let decrypt = |fill: &[u8]| {
        let mut bytes = [&plain[..], fill].concat();
        aes::ecb_encrypt(&[7; 16], &mut bytes).unwrap();
        rights_data::decrypt(&bytes, &key)
    };
    for good in [vec![0; 14], vec![14; 14], utf16le(" \r\n\t   ")] {
        assert_eq!(decrypt(&good).unwrap(), document);
    }
    for bad in [vec![1; 14], [vec![0; 13], vec![1]].concat(), vec![0; 30], utf16le("abcdefg")] {
        assert_eq!(decrypt(&bad).unwrap_err().kind(), &ErrorKind::BadRightsData, "{bad:?}");
    }
    for bytes in [&[][..], &[1; 15], &[1; 16], &[1; 4096]] {
        assert_eq!(rights_data::decrypt(bytes, &key).unwrap_err().kind(), &ErrorKind::BadRightsData);
    }
    assert_eq!(rights_data::decrypt(&rights_data::encrypt(document, &key).unwrap(), &key).unwrap(), document);
}
