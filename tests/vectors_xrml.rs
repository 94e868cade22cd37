//! Every license vector, read as an authority reads it: decode, verify, check the server, unseal, decrypt, compare.
//!
//! The vectors are those of `tests/vectors`, or of the folder that `MSIPC_VECTORS` names.

mod xrml_facts;

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use msipc::base::time::Timestamp;
use msipc::cipher::{CipherMode, ContentKey};
use msipc::crypto::digest::sha256;
use msipc::crypto::random::OsRandom;
use msipc::crypto::rsa::RsaPrivateKey;
use msipc::error::{Error, ErrorKind};
use msipc::license::{RightsData, RightsDataKind};
use msipc::xrml::{publishing, text, use_license};
use serde_json::{Map, Value, json};
use xrml_facts::{Vector, clear_facts, differences, times, vectors};

#[test]
fn every_license_vector_agrees() {
    let root = std::env::var_os("MSIPC_VECTORS")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors"), PathBuf::from);
    let paths = vectors(&root.join("xrml"));
    let mut disagreements = Vec::new();
    let mut disagreeing = 0;
    for path in &paths {
        let vector = Vector::read(path);
        let found = check(&vector);
        disagreeing += usize::from(!found.is_empty());
        disagreements.extend(found.into_iter().map(|line| format!("{}: {line}", vector.name)));
    }
    println!("{} vectors read, {disagreeing} disagree", paths.len());
    assert!(!paths.is_empty(), "no vector in {}", root.display());
    assert!(disagreements.is_empty(), "\n{}", disagreements.join("\n"));
}

/// What disagrees with the vector.
fn check(vector: &Vector) -> Vec<String> {
    let outcome = match vector.text("kind") {
        Some("publishing-licence") => publishing_license(vector),
        Some("use-licence") => read_use_license(vector),
        other => return vec![format!("unknown kind {other:?}")],
    };
    match (vector.text("expect"), outcome) {
        (Some("accept"), Ok(found)) => {
            let mut lines = differences(&vector.json["facts"], &Value::Object(found));
            if vector.json["facts"].as_object().is_none_or(Map::is_empty) {
                lines.push("no fact is stated".to_owned());
            }
            lines
        }
        (Some("accept"), Err(e)) => vec![format!("refused: {e}")],
        (Some("refuse"), Ok(_)) => vec!["accepted".to_owned()],
        (Some("refuse"), Err(e)) => {
            let stated = vector.text("refuse_reason").unwrap_or("none");
            if stated == reason(&e) { Vec::new() } else { vec![format!("stated {stated}, found {}: {e}", reason(&e))] }
        }
        (other, _) => vec![format!("unknown expectation {other:?}")],
    }
}

/// The word of the vectors for a refusal.
fn reason(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::Malformed { .. } => "malformed",
        ErrorKind::BadSignature => "bad-signature",
        ErrorKind::BadChain => "bad-chain",
        ErrorKind::BadEnablingBits => "bad-enabling-bits",
        ErrorKind::BadRightsData => "bad-erd",
        ErrorKind::UnknownAuthority => "wrong-server-key",
        ErrorKind::WrongUserKey => "wrong-user-key",
        ErrorKind::Expired | ErrorKind::NotYetValid => "expired",
        _ => "another reason",
    }
}

fn private_key(vector: &Vector, field: &str) -> RsaPrivateKey {
    let pem = String::from_utf8(vector.file(field).expect("a key file")).expect("a key in PEM");
    let base64: String = pem.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
    RsaPrivateKey::from_pkcs8_der(&STANDARD.decode(base64).expect("base64")).expect("a private key")
}

fn now(vector: &Vector) -> Option<Timestamp> {
    vector.text("now").map(|text| Timestamp::parse(text).expect("a time"))
}

fn publishing_license(vector: &Vector) -> Result<Map<String, Value>, Error> {
    let key = private_key(vector, "key_file");
    let signed = publishing::read(&vector.file("file").expect("a license"))?;
    let license = signed.license();
    // Refused vectors state no server; then only the key tells whose license it is.
    let own_id = license.server.id.clone().unwrap_or_default();
    let server_id = vector.json["facts"]["server"]["guid"].as_str().unwrap_or(&own_id);
    signed.check_server(server_id, key.public())?;
    if let Some(now) = now(vector) {
        if license.validity.begins_after(now) {
            return Err(ErrorKind::NotYetValid.into());
        }
        if license.validity.ended_at(now) {
            return Err(ErrorKind::Expired.into());
        }
    }
    let content_key = signed.unseal(&key, &OsRandom)?;
    let rights_text = signed.rights_text(&content_key)?;
    let rights = signed.rights_data(&content_key)?;

    let mut found = clear_facts(&signed);
    found.extend(key_facts(&content_key, vector));
    found.extend(rights_facts(&rights));
    found.insert("erd_sha256_utf16le".to_owned(), json!(hex(&sha256(&text::utf16le(&rights_text)))));
    if let Some(expected) = vector.file("erd_file") {
        assert_eq!(rights_text, String::from_utf8(expected).expect("text"), "{}", vector.name);
    }
    Ok(found)
}

fn read_use_license(vector: &Vector) -> Result<Map<String, Value>, Error> {
    let key = private_key(vector, "rac_key_file");
    let signed = use_license::read(&vector.file("file").expect("a license"))?;
    let license = signed.license();
    signed.check_chain()?;
    signed.check_user(key.public())?;
    let content_key = signed.unseal(&key, &OsRandom)?;
    let rights_now = match now(vector) {
        Some(now) => license.rights_at(now),
        None => license.rights.iter().map(|one| msipc::policy::Right::read(&one.right)).collect(),
    };
    if rights_now.is_empty() {
        return Err(ErrorKind::Expired.into());
    }
    let rights: Vec<_> = license
        .rights
        .iter()
        .map(|one| {
            let (from, until) = times(one.range);
            json!({"right": one.right, "from": from, "until": until, "interval_days": one.interval_days})
        })
        .collect();
    let mut found = key_facts(&content_key, vector);
    let facts = json!({
        "issued_time": license.issued.text(),
        "user": license.user.name,
        "user_id": license.user.id,
        "content_id": license.content_id,
        "mode": if signed.hash() == msipc::crypto::digest::HashAlgorithm::Sha256 { 2 } else { 1 },
        "owner": license.owner.as_ref().map(|one| &one.name),
        "rights": rights,
        "rights_now": rights_now.iter().map(|right| right.name()).collect::<Vec<_>>(),
        "documents": signed.documents(),
    });
    found.extend(facts.as_object().cloned().unwrap_or_default());
    Ok(found)
}

fn key_facts(key: &ContentKey, vector: &Vector) -> Map<String, Value> {
    let stated = vector.json["facts"]["content_cipher"].as_str().unwrap_or("");
    // Several words stand for one mode.
    let words: &[&str] = match key.mode() {
        CipherMode::Ecb => &["ecb"],
        CipherMode::Cbc4k => &["cbc4k-pad", "cbc4k-padding"],
        CipherMode::Cbc4kNoPad => &["cbc4k", "cbc4k-nopad", "cbc4k-no-pad"],
        CipherMode::Cbc512 => &["cbc512", "cbc512-nopad"],
        CipherMode::Gcm4k => &["gcm4k"],
    };
    let word = words.iter().find(|word| **word == stated).unwrap_or(&words[0]);
    Map::from_iter([
        ("content_key_hex".to_owned(), json!(hex(key.expose_bytes()))),
        ("content_cipher".to_owned(), json!(word)),
    ])
}

fn rights_facts(data: &RightsData) -> Map<String, Value> {
    let kind = match data.kind {
        RightsDataKind::AdHoc => "Microsoft Rights Template",
        RightsDataKind::OfficialTemplate => "Microsoft Official Rights Template",
    };
    let mut by_user: Map<String, Value> = Map::new();
    let mut rights = Vec::new();
    for entry in &data.rights {
        let (from, until) = times(entry.range);
        rights.push(json!({
            "right": entry.right, "id_type": entry.id_type, "id_value": entry.id_value, "user": entry.name,
            "from": from, "until": until, "interval_days": entry.interval_days,
        }));
        let user = entry.name.clone().or_else(|| entry.id_value.clone()).unwrap_or_default();
        let list = by_user.entry(user).or_insert_with(|| json!([]));
        list.as_array_mut().expect("a list").push(json!(entry.right));
    }
    let (from, until) = times(data.validity);
    let precondition = (!data.validity.is_always() || data.expiry_days.is_some())
        .then(|| json!({"from": from, "until": until, "interval_days": data.expiry_days}));
    let app_data: Map<_, _> = data.app_data.iter().map(|one| (one.name.clone(), json!(one.value))).collect();
    Map::from_iter([
        ("erd_type".to_owned(), json!(kind)),
        ("rights".to_owned(), json!(rights)),
        ("user_rights".to_owned(), json!(by_user)),
        ("precondition".to_owned(), json!(precondition)),
        ("app_data_encrypted".to_owned(), json!(app_data)),
    ])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
