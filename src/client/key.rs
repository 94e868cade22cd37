//! The thing behind a key handle: a content key together with what it may be used for.
//!
//! The key bytes never leave this type but through the cipher; every use asks for the right that
//! the rights page names for it (`rights.md`, *Rules the client library applies to a key handle*).

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::use_license::UseLicense;
use crate::authority::write_verifier;
use crate::base::time::Clock;
use crate::cipher::{Buffers, CipherMode, ContentCipher, ContentKey, PackageId};
use crate::crypto::ed25519::{SigningKey, VerifyingKey};
use crate::crypto::random::Random;
use crate::error::{Error, ErrorKind, Result};
use crate::license::RightsData;
use crate::policy::GrantedRights;
use crate::policy::right::{DOCEDIT, EDIT, EDITRIGHTSDATA, EXPORT, VIEW, VIEWRIGHTSDATA};
use crate::xrml::publishing::SignedPublishingLicense;

/// Most segments that one key handle seals with GCM4K: random nonces of 96 bits stay unique with overwhelming
/// probability up to here (NIST SP 800-38D, 8.3).
const SEALED_SEGMENTS_MAX: u64 = 1 << 32;

/// An open content key. Immutable but for a counter; any number of threads may use it at once.
pub struct Key {
    license: Arc<SignedPublishingLicense>,
    serialized: Arc<[u8]>,
    use_license: Arc<UseLicense>,
    cipher: ContentCipher,
    sealed_segments: AtomicU64,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

/// What a key is made of.
pub(super) struct Parts {
    pub(super) license: Arc<SignedPublishingLicense>,
    pub(super) serialized: Arc<[u8]>,
    pub(super) use_license: Arc<UseLicense>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
}

impl Key {
    pub(super) fn new(parts: Parts) -> Result<Self> {
        let cipher = ContentCipher::new(&parts.use_license.content_key)?;
        let Parts { license, serialized, use_license, clock, random } = parts;
        Ok(Self { license, serialized, use_license, cipher, sealed_segments: AtomicU64::new(0), clock, random })
    }

    /// True when the right, in any letter case, is granted as of now. OWNER grants every name. Allocates nothing.
    #[must_use]
    pub fn grants(&self, right: &str) -> bool {
        self.use_license.granted.grants(right, self.clock.now())
    }

    /// What was granted.
    #[must_use]
    pub fn granted(&self) -> &GrantedRights {
        &self.use_license.granted
    }

    /// The license that the key belongs to, as it was given or made.
    #[must_use]
    pub fn serialized(&self) -> &Arc<[u8]> {
        &self.serialized
    }

    pub(super) fn license(&self) -> &SignedPublishingLicense {
        &self.license
    }

    /// Name of the content in its license; never interpreted, compared as text.
    #[must_use]
    pub fn content_id(&self) -> &str {
        &self.license.license().content_id
    }

    /// Signs changed content. `None` without a right to write, and where the license has no write key.
    #[must_use]
    pub fn write_key(&self) -> Option<&SigningKey> {
        self.use_license.write_key.as_ref()
    }

    /// Tells whether content was signed by somebody who may write. `None` where the license has no write key.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] when the license holds something else in its place.
    pub fn write_verifier(&self) -> Result<Option<VerifyingKey>> {
        write_verifier(&self.license)
    }

    pub(super) fn rights_data(&self) -> &RightsData {
        &self.use_license.rights_data
    }

    pub(super) fn content_key(&self) -> &ContentKey {
        &self.use_license.content_key
    }

    /// Name of the account, for people; never empty.
    #[must_use]
    pub fn display_name(&self) -> &str {
        &self.use_license.display_name
    }

    /// Bytes of plaintext in one block.
    #[must_use]
    pub fn block_size(&self) -> u32 {
        self.cipher.block_size()
    }

    /// Bytes that one full block takes when encrypted.
    #[must_use]
    pub fn encrypted_block_size(&self) -> u32 {
        self.cipher.encrypted_block_size()
    }

    /// True when a change of the content is noticed on decryption.
    #[must_use]
    pub fn is_authenticated(&self) -> bool {
        self.cipher.is_authenticated()
    }

    /// The package that the content is encrypted with, where it is one that an application can ask for.
    #[must_use]
    pub fn package(&self) -> Option<PackageId> {
        self.use_license.content_key.package()
    }

    /// How the content is encrypted.
    #[must_use]
    pub fn mode(&self) -> CipherMode {
        self.use_license.content_key.mode()
    }

    /// Work on an open document goes on when its use license ends (decision 15), so the rights that were granted
    /// count, not those of this moment.
    fn demand(&self, any_of: &[&str]) -> Result<()> {
        if any_of.iter().any(|right| self.use_license.granted.ever_granted(right)) {
            return Ok(());
        }
        Err(Error::new(ErrorKind::RightNotGranted { right: any_of.join(" or ") }))
    }

    /// Asks whether the user rights list may be read.
    ///
    /// # Errors
    /// [`ErrorKind::RightNotGranted`] without VIEWRIGHTSDATA or OWNER.
    pub fn demand_rights_reading(&self) -> Result<()> {
        self.demand(&[VIEWRIGHTSDATA])
    }

    /// Asks whether the content key may be used for a new license.
    ///
    /// # Errors
    /// [`ErrorKind::RightNotGranted`] without EDITRIGHTSDATA or OWNER.
    pub fn demand_key_reuse(&self) -> Result<()> {
        self.demand(&[EDITRIGHTSDATA])
    }

    /// Length of the result of an encryption.
    ///
    /// # Errors
    /// [`ErrorKind::RightNotGranted`], or what is wrong with the length.
    pub fn encrypted_len(&self, block: u32, last: bool, input_len: u64) -> Result<u64> {
        self.demand(&[EDIT, DOCEDIT, EXPORT])?;
        self.cipher.encrypted_len(block, last, input_len)
    }

    /// Upper bound of the length of the result of a decryption.
    ///
    /// # Errors
    /// [`ErrorKind::RightNotGranted`], or what is wrong with the length.
    pub fn decrypted_len_bound(&self, block: u32, last: bool, input_len: u64) -> Result<u64> {
        self.demand(&[VIEW])?;
        self.cipher.decrypted_len_bound(block, last, input_len)
    }

    /// Encrypts one or more blocks, beginning with number `block`; `last` tells that the content ends here.
    ///
    /// # Errors
    /// [`ErrorKind::RightNotGranted`] without EDIT, DOCEDIT, EXPORT or OWNER, and what the cipher refuses. Nothing is
    /// written then.
    pub fn encrypt(&self, block: u32, last: bool, buffers: Buffers<'_>) -> Result<usize> {
        self.demand(&[EDIT, DOCEDIT, EXPORT])?;
        if self.is_authenticated() {
            self.count_segments(self.cipher.segments(block, last, buffers.input().len() as u64)?)?;
        }
        self.cipher.encrypt(&*self.random, block, last, buffers)
    }

    /// Decrypts one or more blocks, beginning with number `block`; `last` tells that the content ends here.
    ///
    /// # Errors
    /// [`ErrorKind::RightNotGranted`] without VIEW or OWNER, and what the cipher refuses. Nothing is written then.
    pub fn decrypt(&self, block: u32, last: bool, buffers: Buffers<'_>) -> Result<usize> {
        self.demand(&[VIEW])?;
        self.cipher.decrypt(block, last, buffers)
    }

    fn count_segments(&self, more: u64) -> Result<()> {
        let counted = self.sealed_segments.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |sealed| {
            sealed.checked_add(more).filter(|sum| *sum <= SEALED_SEGMENTS_MAX)
        });
        match counted {
            Ok(_) => Ok(()),
            Err(_) => Err(Error::with(
                ErrorKind::UnsupportedCrypto,
                "this key handle has sealed 2^32 segments, more would endanger the authentication; publish a new license",
            )),
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("granted", &self.use_license.granted.names())
            .field("mode", &self.mode())
            .finish_non_exhaustive()
    }
}
