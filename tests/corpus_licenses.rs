//! Published licenses of other writers, read and verified as far as that goes without their keys.
//!
//! They are never part of this repository. `MSIPC_SHARED` names the folder that holds `vectors/xrml/real`; without it
//! the test does nothing, unless `MSIPC_CORPUS_REQUIRED` says that it must.

mod xrml_facts;

use std::path::PathBuf;

use msipc::crypto::digest::sha256;
use msipc::xrml::publishing;
use serde_json::Value;
use xrml_facts::{Vector, clear_facts, differences, vectors};

#[test]
fn every_published_license_agrees() {
    let Some(shared) = std::env::var_os("MSIPC_SHARED") else {
        assert!(std::env::var_os("MSIPC_CORPUS_REQUIRED").is_none(), "MSIPC_SHARED is not set");
        return;
    };
    let paths = vectors(&PathBuf::from(shared).join("vectors/xrml/real"));
    assert!(!paths.is_empty(), "no published license found");
    let mut disagreements = Vec::new();
    for path in &paths {
        let vector = Vector::read(path);
        let bytes = vector.file("file").expect("a license");
        let hash: String = sha256(&bytes).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(Some(hash.as_str()), vector.text("file_sha256"), "{}: another file", vector.name);
        match publishing::read(&bytes) {
            Ok(signed) => {
                let found = Value::Object(clear_facts(&signed));
                let lines = differences(&vector.json["facts"], &found);
                disagreements.extend(lines.into_iter().map(|line| format!("{}: {line}", vector.name)));
                // A license is trusted only by the server it was made for, and by that one if the chain holds.
                let server = &signed.license().server;
                let key = msipc::crypto::rsa::RsaPublicKey::from_modulus_be(&server.modulus).expect("a key");
                if let Err(e) = signed.check_server(server.id.as_deref().unwrap_or(""), &key) {
                    disagreements.push(format!("{}: {e}", vector.name));
                }
            }
            Err(e) => disagreements.push(format!("{}: {e}", vector.name)),
        }
    }
    println!("{} published licenses read, {} facts disagree", paths.len(), disagreements.len());
    assert!(disagreements.is_empty(), "\n{}", disagreements.join("\n"));
}
