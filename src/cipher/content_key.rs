//! The key that content is encrypted under, and the names of what may be done with it: the mode that a license names,
//! and the package that a caller asks for.

use std::fmt;

use zeroize::Zeroizing;

use crate::crypto::{Random, constant_time_eq, hkdf_sha256};
use crate::error::{Error, ErrorKind, Result};

/// How content is encrypted, as the header of the sealed content key names it.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub enum CipherMode {
    /// AES-ECB on units of 16 bytes, no padding.
    Ecb,
    /// AES-CBC restarted every 4096 bytes; the final call pads.
    Cbc4k,
    /// As [`Self::Cbc4k`], but no call pads or strips.
    Cbc4kNoPad,
    /// AES-CBC restarted every 512 bytes, no padding.
    Cbc512,
    /// AES-256-GCM on segments of 4096 bytes, authenticated.
    Gcm4k,
}

impl CipherMode {
    /// The number in the header of a sealed content key.
    #[must_use]
    pub fn header_code(self) -> u16 {
        match self {
            Self::Ecb => 0xffff,
            Self::Cbc4kNoPad => 0xfffe,
            Self::Cbc4k => 0xfffd,
            Self::Cbc512 => 0xfffc,
            Self::Gcm4k => 0xfe01,
        }
    }

    /// The mode that a header names; `None` for a number this product does not know.
    #[must_use]
    pub fn from_header_code(code: u16) -> Option<Self> {
        [Self::Ecb, Self::Cbc4kNoPad, Self::Cbc4k, Self::Cbc512, Self::Gcm4k]
            .into_iter()
            .find(|mode| mode.header_code() == code)
    }

    /// Whether a key of `length` bytes serves this mode: 16, 24 or 32, and only 32 for GCM.
    #[must_use]
    pub fn allows_key_len(self, length: usize) -> bool {
        match self {
            Self::Gcm4k => length == 32,
            Self::Ecb | Self::Cbc4k | Self::Cbc4kNoPad | Self::Cbc512 => matches!(length, 16 | 24 | 32),
        }
    }
}

/// An encryption package, as `IPC_LI_PREFERRED_ENCRYPTION_PACKAGE` numbers it.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
#[repr(u32)]
pub enum PackageId {
    /// AES-256 in [`CipherMode::Cbc4k`]; the default.
    Aes256Cbc4k = 1,
    /// AES-128 in [`CipherMode::Cbc4k`].
    Aes128Cbc4k = 2,
    /// AES-128 in [`CipherMode::Ecb`]; deprecated.
    Aes128Ecb = 3,
    /// AES-256 in [`CipherMode::Gcm4k`]; this product's own.
    Aes256Gcm4k = 0x1001,
}

impl PackageId {
    const ALL: [Self; 4] = [Self::Aes256Cbc4k, Self::Aes128Cbc4k, Self::Aes128Ecb, Self::Aes256Gcm4k];

    /// The number of the package.
    #[must_use]
    pub fn number(self) -> u32 {
        self as u32
    }

    /// How content is encrypted.
    #[must_use]
    pub fn mode(self) -> CipherMode {
        match self {
            Self::Aes256Cbc4k | Self::Aes128Cbc4k => CipherMode::Cbc4k,
            Self::Aes128Ecb => CipherMode::Ecb,
            Self::Aes256Gcm4k => CipherMode::Gcm4k,
        }
    }

    /// Bytes of the key.
    #[must_use]
    pub fn key_len(self) -> usize {
        match self {
            Self::Aes256Cbc4k | Self::Aes256Gcm4k => 32,
            Self::Aes128Cbc4k | Self::Aes128Ecb => 16,
        }
    }
}

impl TryFrom<u32> for PackageId {
    type Error = Error;

    fn try_from(number: u32) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|package| package.number() == number)
            .ok_or_else(|| Error::argument("encryption package", format!("{number} is not a package")))
    }
}

/// The symmetric key that content is encrypted under, and how. Zeroized on drop; never printed.
#[derive(Clone)]
pub struct ContentKey {
    mode: CipherMode,
    bytes: Zeroizing<Vec<u8>>,
}

impl ContentKey {
    /// A key from a license.
    ///
    /// # Errors
    /// `UnsupportedCrypto`: the mode does not take a key of this length.
    pub fn new(mode: CipherMode, bytes: &[u8]) -> Result<Self> {
        if !mode.allows_key_len(bytes.len()) {
            return Err(Error::with(ErrorKind::UnsupportedCrypto, format!("a {mode:?} key of {} bytes", bytes.len())));
        }
        Ok(Self { mode, bytes: Zeroizing::new(bytes.to_vec()) })
    }

    /// A new key for a package.
    ///
    /// # Errors
    /// The random source failed.
    pub fn generate(package: PackageId, random: &dyn Random) -> Result<Self> {
        let mut bytes = Zeroizing::new(vec![0; package.key_len()]);
        random.fill(&mut bytes)?;
        Ok(Self { mode: package.mode(), bytes })
    }

    /// The same key for content whose last block is filled up instead of padded (decision 21). Keys of other modes stay
    /// as they are.
    #[must_use]
    pub fn without_padding(mut self) -> Self {
        if self.mode == CipherMode::Cbc4k {
            self.mode = CipherMode::Cbc4kNoPad;
        }
        self
    }

    /// How content is encrypted.
    #[must_use]
    pub fn mode(&self) -> CipherMode {
        self.mode
    }

    /// The package of this mode and key length; `None` for what no caller can ask for, such as CBC512.
    #[must_use]
    pub fn package(&self) -> Option<PackageId> {
        PackageId::ALL.into_iter().find(|package| package.mode() == self.mode && package.key_len() == self.bytes.len())
    }

    /// The key itself: 16, 24 or 32 bytes.
    #[must_use]
    pub fn expose_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// What a commitment to a content key is derived with.
const COMMITMENT: &[u8] = b"msipc gcm4k commit v1";

impl ContentKey {
    /// A value that belongs to this key alone and tells nothing of it: HKDF-SHA-256 of the key
    /// (docs/authenticated-pfile.md).
    ///
    /// # Errors
    /// `Internal`, when the derivation fails.
    pub fn commitment(&self) -> Result<[u8; 32]> {
        let mut out = [0; 32];
        hkdf_sha256(&self.bytes, COMMITMENT, &mut out)?;
        Ok(out)
    }

    /// The same key for CBC4K, whatever the license says of its mode.
    ///
    /// # Errors
    /// None that a key of a license can meet: CBC4K takes every length.
    pub fn as_cbc4k(&self) -> Result<Self> {
        Self::new(CipherMode::Cbc4k, &self.bytes)
    }
}

impl fmt::Debug for ContentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContentKey({:?}, {} bits)", self.mode, self.bytes.len() * 8)
    }
}

impl PartialEq for ContentKey {
    fn eq(&self, other: &Self) -> bool {
        self.mode == other.mode && constant_time_eq(&self.bytes, &other.bytes)
    }
}

impl Eq for ContentKey {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::OsRandom;

    #[test]
    fn header_codes_of_the_specification() {
        for (mode, code) in [
            (CipherMode::Ecb, 0xffff),
            (CipherMode::Cbc4kNoPad, 0xfffe),
            (CipherMode::Cbc4k, 0xfffd),
            (CipherMode::Cbc512, 0xfffc),
            (CipherMode::Gcm4k, 0xfe01),
        ] {
            assert_eq!(mode.header_code(), code);
            assert_eq!(CipherMode::from_header_code(code), Some(mode));
        }
        for unknown in [0, 1, 0xfe00, 0xfe02, 0xfffb] {
            assert_eq!(CipherMode::from_header_code(unknown), None);
        }
    }

    #[test]
    fn packages_by_number() {
        for (number, mode, length) in [
            (1, CipherMode::Cbc4k, 32),
            (2, CipherMode::Cbc4k, 16),
            (3, CipherMode::Ecb, 16),
            (0x1001, CipherMode::Gcm4k, 32),
        ] {
            let package = PackageId::try_from(number).expect("known");
            assert_eq!((package.number(), package.mode(), package.key_len()), (number, mode, length));
            let key = ContentKey::generate(package, &OsRandom).expect("key");
            assert_eq!((key.mode(), key.expose_bytes().len(), key.package()), (mode, length, Some(package)));
        }
        for unknown in [0, 4, 0x1000, 0x1002, u32::MAX] {
            assert!(PackageId::try_from(unknown).is_err());
        }
    }

    #[test]
    fn key_lengths_of_the_modes() {
        for mode in [CipherMode::Ecb, CipherMode::Cbc4k, CipherMode::Cbc4kNoPad, CipherMode::Cbc512, CipherMode::Gcm4k]
        {
            for length in 0..=40 {
                let allowed = if mode == CipherMode::Gcm4k { length == 32 } else { [16, 24, 32].contains(&length) };
                match ContentKey::new(mode, &vec![1; length]) {
                    Ok(_) => assert!(allowed),
                    Err(error) => {
                        assert!(!allowed);
                        assert_eq!(error.kind(), &ErrorKind::UnsupportedCrypto);
                    }
                }
            }
        }
        assert_eq!(ContentKey::new(CipherMode::Cbc512, &[1; 16]).expect("key").package(), None);
        assert_eq!(ContentKey::new(CipherMode::Cbc4kNoPad, &[1; 32]).expect("key").package(), None);
    }

    #[test]
    fn compares_mode_and_bytes_and_hides_them() {
        let key = ContentKey::new(CipherMode::Cbc4k, &[0x41; 16]).expect("key");
        assert_eq!(key, key.clone());
        assert_ne!(key, ContentKey::new(CipherMode::Ecb, &[0x41; 16]).expect("key"));
        assert_ne!(key, ContentKey::new(CipherMode::Cbc4k, &[0x42; 16]).expect("key"));
        assert_ne!(key, ContentKey::new(CipherMode::Cbc4k, &[0x41; 32]).expect("key"));
        assert_eq!(format!("{key:?}"), "ContentKey(Cbc4k, 128 bits)");
    }
}
