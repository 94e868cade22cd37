//! RSA as licenses use it: PKCS#1 v1.5 signatures, OAEP with SHA-1 for sealed keys, PKCS#1 v1.5 decryption for the
//! deprecated form. Integers are big endian here; the little-endian order of some license fields is undone by their
//! reader. The public exponent is always 65537.

use std::fmt;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{
    KeyPair, KeySize, OAEP_SHA1_MGF1SHA1, OaepPrivateDecryptingKey, OaepPublicEncryptingKey, Pkcs1PrivateDecryptingKey,
    PrivateDecryptingKey, PublicEncryptingKey,
};
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
    RSA_PKCS1_SHA256, RsaPublicKeyComponents,
};
use zeroize::Zeroizing;

use super::digest::{Digest, HashAlgorithm};
use crate::error::{Error, ErrorKind, Result};

/// 65537, most significant byte first.
const EXPONENT: [u8; 3] = [1, 0, 1];

/// An RSA public key with the exponent 65537.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RsaPublicKey {
    modulus: Vec<u8>,
}

impl RsaPublicKey {
    /// A key from its modulus, most significant byte first: 1024, 2048, 3072 or 4096 bits.
    ///
    /// # Errors
    /// `Malformed`: another size, leading zeros, or an even number.
    pub fn from_modulus_be(modulus: &[u8]) -> Result<Self> {
        let refused = |why: &str| Err(Error::malformed("RSA modulus", why));
        if !matches!(modulus.len(), 128 | 256 | 384 | 512) {
            return refused("not of 1024, 2048, 3072 or 4096 bits");
        }
        if modulus.first().is_none_or(|byte| byte & 0x80 == 0) {
            return refused("the highest bit is not set");
        }
        if modulus.last().is_none_or(|byte| byte & 1 == 0) {
            return refused("an even number");
        }
        Ok(Self { modulus: modulus.to_vec() })
    }

    /// The modulus, most significant byte first, without leading zeros.
    #[must_use]
    pub fn modulus_be(&self) -> &[u8] {
        &self.modulus
    }

    /// Bits of the modulus.
    #[must_use]
    pub fn bits(&self) -> usize {
        self.modulus.len() * 8
    }

    /// Verifies a PKCS#1 v1.5 signature over `message`. Which hash and key size is good enough is the caller's choice.
    ///
    /// # Errors
    /// `BadSignature`.
    pub fn verify(&self, hash: HashAlgorithm, message: &[u8], signature_be: &[u8]) -> Result<()> {
        self.verify_digest(&Digest::of_pieces(hash, |out| out(message)), signature_be)
    }

    /// As [`Self::verify`], over the message of a digest.
    ///
    /// # Errors
    /// `BadSignature`.
    pub fn verify_digest(&self, digest: &Digest, signature_be: &[u8]) -> Result<()> {
        let parameters = match digest.hash() {
            HashAlgorithm::Sha1 => &RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
            HashAlgorithm::Sha256 => &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        };
        let bad = || Error::new(ErrorKind::BadSignature);
        let key = self.components().to_parsed_public_key(parameters).map_err(|_| bad())?;
        key.verify_digest_sig(digest.made(), signature_be).map_err(|_| bad())
    }

    /// Encrypts with OAEP (SHA-1, MGF1 with SHA-1, no label). The result is as long as the modulus.
    ///
    /// # Errors
    /// `UnsupportedCrypto` for a key below 2048 bits, `InvalidArgument` for a message longer than OAEP takes.
    pub fn encrypt_oaep(&self, message: &[u8]) -> Result<Vec<u8>> {
        let weak =
            || Error::with(ErrorKind::UnsupportedCrypto, format!("sealing to an RSA key of {} bits", self.bits()));
        if self.bits() < 2048 {
            return Err(weak());
        }
        let key: PublicEncryptingKey = self.components().try_into().map_err(|_| weak())?;
        let key = OaepPublicEncryptingKey::new(key).map_err(|_| weak())?;
        let mut sealed = vec![0; key.ciphertext_size()];
        if message.len() > key.max_plaintext_size(&OAEP_SHA1_MGF1SHA1) {
            return Err(Error::argument("message", "longer than the RSA key can seal"));
        }
        let length = key
            .encrypt(&OAEP_SHA1_MGF1SHA1, message, &mut sealed, None)
            .map_err(|_| Error::internal("RSA encryption failed"))?
            .len();
        sealed.truncate(length);
        Ok(sealed)
    }

    fn components(&self) -> RsaPublicKeyComponents<&[u8]> {
        RsaPublicKeyComponents { n: &self.modulus, e: &EXPONENT }
    }
}

impl fmt::Debug for RsaPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RsaPublicKey({} bits, ", self.bits())?;
        self.modulus.iter().take(8).try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str("..)")
    }
}

/// An RSA private key of 2048 bits or more. Its numbers are wiped when the last copy is dropped; none is printed.
pub struct RsaPrivateKey {
    signing: KeyPair,
    oaep: OaepPrivateDecryptingKey,
    pkcs1: Pkcs1PrivateDecryptingKey,
    decrypting: PrivateDecryptingKey,
    public: RsaPublicKey,
}

impl RsaPrivateKey {
    /// A new key of 2048 bits, from the generator of the cryptographic library.
    ///
    /// # Errors
    /// Key generation failed.
    pub fn generate() -> Result<Self> {
        let failed = || Error::internal("RSA key generation failed");
        let key = PrivateDecryptingKey::generate(KeySize::Rsa2048).map_err(|_| failed())?;
        Self::assemble(key).ok_or_else(failed)
    }

    /// Reads an unencrypted PKCS#8 key: 2048 to 4096 bits, exponent 65537, parts that agree with each other.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self> {
        PrivateDecryptingKey::from_pkcs8(der)
            .ok()
            .and_then(Self::assemble)
            .ok_or_else(|| Error::malformed("RSA private key", "not a PKCS#8 key of 2048 bits or more"))
    }

    fn assemble(decrypting: PrivateDecryptingKey) -> Option<Self> {
        let der = Zeroizing::new(AsDer::<Pkcs8V1Der<'_>>::as_der(&decrypting).ok()?.as_ref().to_vec());
        let signing = KeyPair::from_pkcs8(&der).ok()?;
        if signing.public_key().exponent().big_endian_without_leading_zero() != EXPONENT {
            return None;
        }
        let public =
            RsaPublicKey::from_modulus_be(signing.public_key().modulus().big_endian_without_leading_zero()).ok()?;
        Some(Self {
            signing,
            oaep: OaepPrivateDecryptingKey::new(decrypting.clone()).ok()?,
            pkcs1: Pkcs1PrivateDecryptingKey::new(decrypting.clone()).ok()?,
            decrypting,
            public,
        })
    }

    /// The key as unencrypted PKCS#8, to be sealed before it is stored.
    ///
    /// # Errors
    /// The encoder failed.
    pub fn to_pkcs8_der(&self) -> Result<Zeroizing<Vec<u8>>> {
        // The library wipes its own copy when it is dropped.
        AsDer::<Pkcs8V1Der<'_>>::as_der(&self.decrypting)
            .map(|der| Zeroizing::new(der.as_ref().to_vec()))
            .map_err(|_| Error::internal("writing an RSA key failed"))
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> &RsaPublicKey {
        &self.public
    }

    /// Signs `message` with PKCS#1 v1.5 and SHA-256; big endian, as long as the modulus.
    ///
    /// # Errors
    /// Signing failed.
    pub fn sign_sha256(&self, message: &[u8]) -> Result<Vec<u8>> {
        self.sign_digest(&Digest::of_pieces(HashAlgorithm::Sha256, |out| out(message)))
    }

    /// As [`Self::sign_sha256`], over the message of a digest.
    ///
    /// # Errors
    /// Signing failed, or the digest is of another hash.
    pub fn sign_digest(&self, digest: &Digest) -> Result<Vec<u8>> {
        let mut signature = vec![0; self.signing.public_modulus_len()];
        self.signing
            .sign_digest(&RSA_PKCS1_SHA256, digest.made(), &mut signature)
            .map_err(|_| Error::internal("RSA signing failed"))?;
        Ok(signature)
    }

    /// Opens what [`RsaPublicKey::encrypt_oaep`] sealed.
    ///
    /// # Errors
    /// `BadEnablingBits`, without saying why.
    pub fn decrypt_oaep(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let mut plain = Zeroizing::new(vec![0; self.oaep.min_output_size()]);
        let length = self
            .oaep
            .decrypt(&OAEP_SHA1_MGF1SHA1, sealed, &mut plain, None)
            .map_err(|_| Error::new(ErrorKind::BadEnablingBits))?
            .len();
        plain.truncate(length);
        Ok(plain)
    }

    /// Opens a PKCS#1 v1.5 ciphertext; `None` when the padding is wrong. The caller must go on with a random key then,
    /// so that no answer tells a wrong padding from a wrong key.
    #[must_use]
    pub fn decrypt_pkcs1(&self, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let mut plain = Zeroizing::new(vec![0; self.pkcs1.min_output_size()]);
        let length = self.pkcs1.decrypt(sealed, &mut plain).ok()?.len();
        plain.truncate(length);
        Some(plain)
    }
}

impl fmt::Debug for RsaPrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RsaPrivateKey({} bits)", self.public.bits())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::rsa::Pkcs1PublicEncryptingKey;

    #[test]
    fn signs_and_verifies_and_notices_every_change() {
        let key = RsaPrivateKey::generate().expect("key");
        assert_eq!(key.public().bits(), 2048);
        let signature = key.sign_sha256(b"license body").expect("sign");
        assert_eq!(signature.len(), 256);
        let public = key.public();
        public.verify(HashAlgorithm::Sha256, b"license body", &signature).expect("valid");

        let refused = |hash, message: &[u8], signature: &[u8]| {
            assert_eq!(public.verify(hash, message, signature).expect_err("refused").kind(), &ErrorKind::BadSignature);
        };
        refused(HashAlgorithm::Sha1, b"license body", &signature);
        refused(HashAlgorithm::Sha256, b"license bodz", &signature);
        refused(HashAlgorithm::Sha256, b"license body", &signature[1..]);
        refused(HashAlgorithm::Sha256, b"license body", &[]);
        let mut changed = signature.clone();
        changed[255] ^= 1;
        refused(HashAlgorithm::Sha256, b"license body", &changed);
        let other = RsaPrivateKey::generate().expect("key").sign_sha256(b"license body").expect("sign");
        refused(HashAlgorithm::Sha256, b"license body", &other);
    }

    #[test]
    fn seals_and_opens_and_survives_storage() {
        let key = RsaPrivateKey::generate().expect("key");
        let again = RsaPrivateKey::from_pkcs8_der(&key.to_pkcs8_der().expect("write")).expect("read");
        assert_eq!(again.public(), key.public());

        let mut sealed = key.public().encrypt_oaep(b"session key").expect("seal");
        assert_eq!(sealed.len(), 256);
        assert_eq!(again.decrypt_oaep(&sealed).expect("open").as_slice(), b"session key");
        sealed[100] ^= 1;
        for wrong in [&sealed[..], &sealed[1..], &[]] {
            assert_eq!(again.decrypt_oaep(wrong).expect_err("refused").kind(), &ErrorKind::BadEnablingBits);
        }
        assert!(key.public().encrypt_oaep(&[0; 214]).is_ok());
        assert!(matches!(
            key.public().encrypt_oaep(&[0; 215]).expect_err("refused").kind(),
            ErrorKind::InvalidArgument { .. }
        ));
    }

    #[test]
    fn opens_the_deprecated_padding_and_gives_nothing_for_a_wrong_one() {
        let key = RsaPrivateKey::generate().expect("key");
        let public: PublicEncryptingKey = key.public().components().try_into().expect("public");
        let sealer = Pkcs1PublicEncryptingKey::new(public).expect("public");
        let mut sealed = vec![0; sealer.ciphertext_size()];
        sealer.encrypt(b"session key", &mut sealed).expect("seal");
        assert_eq!(key.decrypt_pkcs1(&sealed).expect("open").as_slice(), b"session key");
        assert!(key.decrypt_pkcs1(&sealed[1..]).is_none());
        sealed[128] ^= 1;
        assert!(key.decrypt_pkcs1(&sealed).is_none());
        assert!(key.decrypt_pkcs1(&[]).is_none());
    }

    #[test]
    fn modulus_must_have_its_full_size_and_be_odd() {
        let malformed = |modulus: &[u8]| {
            let error = RsaPublicKey::from_modulus_be(modulus).expect_err("refused");
            assert_eq!(error.kind(), &ErrorKind::Malformed { what: "RSA modulus" });
        };
        for length in [128, 256, 384, 512] {
            let key = RsaPublicKey::from_modulus_be(&vec![0xff; length]).expect("accepted");
            assert_eq!((key.bits(), key.modulus_be().len()), (length * 8, length));
            malformed(&[vec![0x7f], vec![0xff; length - 1]].concat());
            malformed(&[vec![0], vec![0xff; length]].concat());
            malformed(&[vec![0xff; length - 1], vec![0xfe]].concat());
            malformed(&vec![0xff; length - 1]);
        }
        malformed(&[]);
        malformed(&[0xff; 64]);
    }

    #[test]
    fn small_keys_verify_but_do_not_seal() {
        let small = RsaPublicKey::from_modulus_be(&[0xff; 128]).expect("accepted");
        assert_eq!(small.encrypt_oaep(b"x").expect_err("refused").kind(), &ErrorKind::UnsupportedCrypto);
        assert_eq!(
            small.verify(HashAlgorithm::Sha1, b"x", &[1; 128]).expect_err("refused").kind(),
            &ErrorKind::BadSignature
        );
    }

    #[test]
    fn damaged_private_keys_are_refused() {
        let key = RsaPrivateKey::generate().expect("key");
        let der = key.to_pkcs8_der().expect("write");
        assert!(RsaPrivateKey::from_pkcs8_der(&der[..der.len() - 1]).is_err());
        assert!(RsaPrivateKey::from_pkcs8_der(&[]).is_err());
        let mut changed = der.to_vec();
        changed[200] ^= 1;
        assert!(RsaPrivateKey::from_pkcs8_der(&changed).is_err());
        assert_eq!(format!("{key:?}"), "RsaPrivateKey(2048 bits)");
    }
}
