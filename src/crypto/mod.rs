//! Cryptographic primitives, each wrapped once: randomness, digests, RSA, Ed25519, AES on whole buffers, sealing at rest.
//!
//! Nothing is chosen here: which hash, key size or mode applies is decided where a format is read or written. Secrets
//! are zeroized when dropped, are not printable, and never enter an error.

pub mod aes;
pub mod certificate;
pub mod digest;
pub mod ed25519;
pub mod random;
pub mod rsa;
pub mod seal;
pub mod token_key;

pub use certificate::Certificate;
pub use digest::{HashAlgorithm, Sha256, constant_time_eq, hkdf_sha256, sha1, sha256};
pub use random::{OsRandom, Random};
pub use rsa::{RsaPrivateKey, RsaPublicKey};
pub use seal::SealingKey;
pub use token_key::TokenKey;
