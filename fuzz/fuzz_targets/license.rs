//! Licenses of all kinds, as files hold them and as applications hand them in.
#![no_main]

use libfuzzer_sys::fuzz_target;
use msipc::client::SerializedLicense;
use msipc::xrml::{publishing, revocation_list, template, text, use_license};

fuzz_target!(|bytes: &[u8]| {
    if let Ok((decoded, encoding)) = text::decode(bytes) {
        let again = text::encode(&decoded, encoding);
        assert_eq!(text::decode(&again).expect("what is encoded can be decoded"), (decoded, encoding));
    }
    if let Ok(license) = publishing::read(bytes) {
        let _facts = (license.identity(), license.fingerprint(), license.documents(), license.certified_issuer());
    }
    if let Ok(license) = SerializedLicense::read(bytes, None) {
        let _facts = (license.owner(), license.connection(), license.referral(), license.has_write_key());
        let _data = (license.app_data_clear(), license.issuer_name(), license.content_id(), license.issued());
    }
    if let Ok(read) = template::read(bytes) {
        let _policy = template::policy(read.data());
    }
    if let Ok(read) = use_license::read(bytes) {
        let _chain = read.check_chain();
    }
    let _list = revocation_list::read(bytes);
});
