//! The content ciphers against vectors made with an independent implementation. Runs on `tests/vectors`, or on the
//! folder that `MSIPC_VECTORS` names.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Mutex;

use msipc::Error;
use msipc::cipher::{Buffers, CipherMode, ContentCipher, ContentKey, Path};
use msipc::crypto::{OsRandom, Random, sha256};
use serde::Deserialize;

#[derive(Deserialize)]
struct File {
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    cipher: String,
    key: String,
    block: u32,
    #[serde(rename = "final")]
    last: bool,
    #[serde(default)]
    nonces: Vec<String>,
    plaintext: Pattern,
    ciphertext: Expected,
}

#[derive(Deserialize)]
struct Pattern {
    pattern_seed: usize,
    length: usize,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Expected {
    Long { sha256: String, length: usize },
    Short { hex: String },
}

/// Gives out the nonces of a vector, in order, and nothing else.
#[derive(Debug)]
struct Fixed(Mutex<VecDeque<u8>>);

impl Random for Fixed {
    fn fill(&self, out: &mut [u8]) -> Result<(), Error> {
        let mut left = self.0.lock().map_err(|_| Error::internal("poisoned"))?;
        for byte in out {
            *byte = left.pop_front().ok_or_else(|| Error::internal("more nonces were drawn than the vector has"))?;
        }
        Ok(())
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    assert!(hex.len().is_multiple_of(2), "odd number of hex digits");
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex digits")).collect()
}

fn pattern(plaintext: &Pattern) -> Vec<u8> {
    (0..plaintext.length)
        .map(|i| u8::try_from(((i * 31 + plaintext.pattern_seed) ^ (i >> 8)) & 0xff).expect("a byte"))
        .collect()
}

/// Everything that is wrong with one vector on any path that this processor has.
fn disagreement(vector: &Vector) -> Result<(), String> {
    for path in Path::ALL.into_iter().filter(|path| path.is_supported()) {
        disagreement_on(path, vector).map_err(|why| format!("{path:?}: {why}"))?;
    }
    Ok(())
}

/// Everything that is wrong with one vector: encryption, decryption, in place and not, and the size queries.
fn disagreement_on(path: Path, vector: &Vector) -> Result<(), String> {
    let mode = match vector.cipher.as_str() {
        "AES_CBC4K" => CipherMode::Cbc4k,
        "AES_CBC4K_NOPADDING" => CipherMode::Cbc4kNoPad,
        "AES_CBC512_NOPADDING" => CipherMode::Cbc512,
        "AES_ECB" => CipherMode::Ecb,
        "AES256_GCM4K" => CipherMode::Gcm4k,
        other => return Err(format!("unknown cipher {other}")),
    };
    let (block, last) = (vector.block, vector.last);
    let say = |error: Error| error.to_string();
    let nonces: VecDeque<u8> = vector.nonces.iter().flat_map(|nonce| bytes(nonce)).collect();
    let cipher =
        ContentCipher::on_path(path, &ContentKey::new(mode, &bytes(&vector.key)).map_err(say)?).map_err(say)?;
    let plain = pattern(&vector.plaintext);
    let size = cipher.encrypted_len(block, last, plain.len() as u64).map_err(say)?;
    let size = usize::try_from(size).map_err(|error| error.to_string())?;

    let random = Fixed(Mutex::new(nonces.clone()));
    let mut encrypted = vec![0; size];
    let written = cipher.encrypt(&random, block, last, Buffers::separate(&plain, &mut encrypted)).map_err(say)?;
    if written != size {
        return Err(format!("{written} bytes written, {size} announced"));
    }
    if random.0.lock().is_ok_and(|left| !left.is_empty()) {
        return Err("fewer nonces were drawn than the vector has".into());
    }
    let agrees = match &vector.ciphertext {
        Expected::Short { hex } => encrypted == bytes(hex),
        Expected::Long { sha256: digest, length } => {
            encrypted.len() == *length && sha256(&encrypted)[..] == bytes(digest)
        }
    };
    if !agrees {
        return Err("the ciphertext differs".into());
    }

    let mut buffer = plain.clone();
    buffer.resize(size.max(plain.len()), 0);
    let random = Fixed(Mutex::new(nonces));
    cipher.encrypt(&random, block, last, Buffers::in_place(&mut buffer, plain.len())).map_err(say)?;
    if buffer != encrypted {
        return Err("the ciphertext made in place differs".into());
    }

    let bound = cipher.decrypted_len_bound(block, last, size as u64).map_err(say)?;
    if bound < plain.len() as u64 {
        return Err(format!("a bound of {bound} bytes for {} bytes", plain.len()));
    }
    let mut decrypted = vec![0; plain.len()];
    let length = cipher.decrypt(block, last, Buffers::separate(&encrypted, &mut decrypted)).map_err(say)?;
    if length != plain.len() || decrypted != plain {
        return Err("the decrypted plaintext differs".into());
    }
    let length = cipher.decrypt(block, last, Buffers::in_place(&mut buffer, size)).map_err(say)?;
    if buffer[..length] != plain {
        return Err("the plaintext decrypted in place differs".into());
    }
    Ok(())
}

#[test]
fn content_ciphers_agree_with_every_vector() {
    let folder = std::env::var_os("MSIPC_VECTORS")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors"), PathBuf::from)
        .join("cipher");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("a folder entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    paths.sort();

    let (mut read, mut disagree) = (0, 0);
    for path in &paths {
        let text = std::fs::read_to_string(path).expect("a readable file");
        let file: File = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for (index, vector) in file.vectors.iter().enumerate() {
            read += 1;
            if let Err(why) = disagreement(vector) {
                disagree += 1;
                println!("{}, vector {index} ({}): {why}", path.display(), vector.cipher);
            }
        }
    }
    println!("cipher vectors: {read} read, {disagree} disagree");
    assert!(read > 0, "no vectors in {}", folder.display());
    assert_eq!(disagree, 0);
}

#[test]
fn a_vector_with_a_wrong_byte_disagrees() {
    let text = r#"{"cipher":"AES_CBC4K","key":"f0862c4759ca9b15561201f52e295c59","block":1,"final":true,
        "plaintext":{"pattern_seed":84,"length":0},"ciphertext":{"hex":"1e37918e12de34eb40f6ed383a0779aa"}}"#;
    let mut vector: Vector = serde_json::from_str(text).expect("a vector");
    assert_eq!(disagreement(&vector), Ok(()));
    vector.block = 2;
    assert!(disagreement(&vector).is_err());
    let key = ContentKey::generate(msipc::cipher::PackageId::Aes256Gcm4k, &OsRandom).expect("a key");
    assert!(ContentCipher::new(&key).expect("a cipher").is_authenticated());
}
