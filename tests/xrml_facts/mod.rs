//! What the vectors state about a license, compared with what the library reads. Shared by the vector and corpus tests.

use std::path::{Path, PathBuf};

use msipc::base::time::{Timestamp, Validity};
use msipc::crypto::digest::HashAlgorithm;
use msipc::license::{PublishingLicense, SealedKeyKind};
use msipc::xrml::{SignedPublishingLicense, TextEncoding};
use serde_json::{Map, Value, json};

/// The vectors of a folder, in order of their names.
pub(crate) fn vectors(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).map(|entries| entries.filter_map(|entry| Some(entry.ok()?.path())));
    let mut found: Vec<_> =
        entries.into_iter().flatten().filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
    found.sort();
    found
}

/// A vector and the folder of the files that it names.
pub(crate) struct Vector {
    pub(crate) name: String,
    pub(crate) json: Value,
    folder: PathBuf,
}

impl Vector {
    pub(crate) fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).expect("a readable vector");
        Self {
            name: path.file_stem().expect("a name").to_string_lossy().into_owned(),
            json: serde_json::from_str(&text).expect("a vector in JSON"),
            folder: path.parent().expect("a folder").to_owned(),
        }
    }

    /// The bytes of the file that a field names, or `None` where the field is missing or null.
    pub(crate) fn file(&self, field: &str) -> Option<Vec<u8>> {
        let name = self.json[field].as_str()?;
        Some(std::fs::read(self.folder.join(name)).unwrap_or_else(|e| panic!("{name}: {e}")))
    }

    pub(crate) fn text(&self, field: &str) -> Option<&str> {
        self.json[field].as_str()
    }
}

/// Compares every stated fact; one line per difference. Facts that this reader has no word for are differences in our own
/// vectors; in a folder of other people they are printed and left uncompared.
pub(crate) fn differences(stated: &Value, found: &Value) -> Vec<String> {
    let foreign = std::env::var_os("MSIPC_VECTORS").is_some();
    let empty = Map::new();
    let stated = stated.as_object().unwrap_or(&empty);
    stated
        .iter()
        .filter_map(|(name, value)| match found.get(name) {
            Some(other) if other == value || same_revocation(name, value, other) => None,
            Some(other) => Some(format!("{name}: stated {}, found {}", short(value), short(other))),
            None if foreign => {
                println!("note: the fact {name} is not compared");
                None
            }
            None => Some(format!("{name}: stated {value}, nothing is compared with it")),
        })
        .collect()
}

/// The vectors do not settle the fields of this fact, so those that both sides have decide.
fn same_revocation(name: &str, stated: &Value, found: &Value) -> bool {
    let (Some(stated), Some(found)) = (stated.as_object(), found.as_object()) else { return false };
    let mut common = stated.iter().filter_map(|(field, value)| Some((value, found.get(field)?))).peekable();
    name == "revocation" && common.peek().is_some() && common.all(|(a, b)| a == b)
}

fn short(value: &Value) -> String {
    value.to_string().chars().take(400).collect()
}

pub(crate) fn times(range: Validity) -> (Value, Value) {
    let text = |end: Option<Timestamp>| end.map_or(Value::Null, |end| json!(end.text()));
    (text(range.from), text(range.until))
}

fn validity(range: Validity) -> Value {
    let (from, until) = times(range);
    if range.is_always() { Value::Null } else { json!({"from": from, "until": until}) }
}

/// The facts that need no key.
pub(crate) fn clear_facts(signed: &SignedPublishingLicense) -> Map<String, Value> {
    let license: &PublishingLicense = signed.license();
    let descriptor = license.descriptor.as_ref().map(|policy| {
        let names: Vec<_> = policy
            .texts
            .iter()
            .map(|one| json!({"lcid": one.lcid.0, "name": one.name, "description": one.description}))
            .collect();
        json!({"guid": policy.id, "names": names})
    });
    let kind = match license.sealed_key.kind {
        SealedKeyKind::V1 => "sealed-key",
        SealedKeyKind::V2 => "sealed-key-v2",
    };
    let clear: Map<_, _> = license.app_data.iter().map(|one| (one.name.clone(), json!(one.value))).collect();
    let metadata: Map<_, _> = license.metadata.iter().map(|one| (one.name.clone(), json!(one.value))).collect();
    let (hash, mode) = match signed.hash() {
        HashAlgorithm::Sha1 => ("SHA1", 1),
        HashAlgorithm::Sha256 => ("SHA256", 2),
    };
    let encoding = match signed.encoding() {
        TextEncoding::Utf8Bom => "utf-8-bom",
        TextEncoding::Utf8 => "utf-8",
        TextEncoding::Utf16LeBom => "utf-16le-bom",
        TextEncoding::Utf16Le => "utf-16le",
    };
    let (issuer, server) = (&license.issuer, &license.server);
    let facts = json!({
        "issued_time": license.issued.text(),
        "validity": validity(license.validity),
        "descriptor": descriptor,
        "issuer": {
            "type": issuer.kind, "id": issuer.id, "name": issuer.name, "modulus_bits": issuer.modulus.len() * 8,
        },
        "server": {
            "guid": server.id, "name": server.name, "url": server.url(), "modulus_bits": server.modulus.len() * 8,
        },
        "urls": {"intranet": license.intranet_url, "extranet": license.extranet_url},
        "referral": license.referral.as_ref().map(|one| json!({"name": one.name, "url": one.url})),
        "owner": license.owner.as_ref().map(|one| json!({"id_type": one.id_type, "name": one.name})),
        "content_id": license.content_id,
        "revocation": license.revocation.as_ref().map(|one| json!({
            "id": one.id, "url": one.url, "max_age_seconds": one.max_age_seconds,
        })),
        "enabling_bits": {"type": kind, "bits": license.sealed_key.bytes.len() * 8},
        "app_data_clear": clear,
        "metadata": metadata,
        "signature_hash": hash,
        "encoding": encoding,
        "mode": mode,
        "documents": signed.documents(),
    });
    facts.as_object().cloned().unwrap_or_default()
}
