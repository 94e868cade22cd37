//! The thing behind a key handle: a content key together with what it may be used for.
//!
//! The key bytes never leave this type but through the cipher; every use asks for the right that
//! the rights page names for it (`rights.md`, *Rules the client library applies to a key handle*).

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::read_license::ReadLicense;
use super::use_license::UseLicense;
use crate::authority::write_verifier;
use crate::base::guid::Guid;
use crate::base::time::{Clock, Timestamp};
use crate::cipher::{Buffers, CipherMode, ContentCipher, ContentKey, PackageId};
use crate::crypto::ed25519::{SigningKey, VerifyingKey};
use crate::crypto::random::Random;
use crate::error::{Error, ErrorKind, Result};
use crate::license::{RightsData, RightsDataKind};
use crate::policy::GrantedRights;
use crate::policy::right::{DOCEDIT, EDIT, EDITRIGHTSDATA, EXPORT, EXTRACT, OWNER, VIEW, VIEWRIGHTSDATA};
use crate::xrml::publishing::SignedPublishingLicense;

/// Most segments that one key handle seals with GCM4K: random nonces of 96 bits stay unique with overwhelming
/// probability up to here (NIST SP 800-38D, 8.3).
const SEALED_SEGMENTS_MAX: u64 = 1 << 32;

/// An open content key. Immutable but for a counter; any number of threads may use it at once. Keys of one license share
/// all that is large: its text, what was read from it, the rights document and the key schedule (decision 35).
pub struct Key {
    read: Arc<ReadLicense>,
    use_license: Arc<UseLicense>,
    /// In the place of the one that the license names.
    other_cipher: Option<Box<ContentCipher>>,
    sealed_segments: AtomicU64,
    opened: Timestamp,
    means: Arc<Means>,
}

/// What keys and their environment take from outside. In one place, because threads that open keys at once meet at what
/// all keys share.
#[derive(Debug)]
pub(super) struct Means {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
}

impl Key {
    pub(super) fn new(read: Arc<ReadLicense>, use_license: Arc<UseLicense>, means: Arc<Means>) -> Self {
        let (opened, sealed_segments) = (means.clock.now(), AtomicU64::new(0));
        Self { read, use_license, other_cipher: None, sealed_segments, opened, means }
    }

    fn cipher(&self) -> &ContentCipher {
        self.other_cipher.as_deref().unwrap_or(&self.use_license.unlocked.cipher)
    }

    /// True when the right, in any letter case, is granted as of now. OWNER grants every name. Allocates nothing.
    #[must_use]
    pub fn grants(&self, right: &str) -> bool {
        // Most rights have no end; asking for the time takes a third of the answer.
        let granted = &self.use_license.granted;
        granted.always_grants(right) || granted.grants(right, self.means.clock.now())
    }

    /// What was granted.
    #[must_use]
    pub fn granted(&self) -> &GrantedRights {
        &self.use_license.granted
    }

    /// The license that the key belongs to, as it was given or made.
    #[must_use]
    pub fn serialized(&self) -> &Arc<[u8]> {
        &self.read.serialized
    }

    pub(super) fn license(&self) -> &SignedPublishingLicense {
        &self.read.license
    }

    /// Name of the content in its license; never interpreted, compared as text.
    #[must_use]
    pub fn content_id(&self) -> &str {
        &self.license().license().content_id
    }

    /// Signs changed content. `None` without a right to write that serves this key, and where the license has no write
    /// key.
    #[must_use]
    pub fn write_key(&self) -> Option<&SigningKey> {
        self.use_license.write_key.as_ref().filter(|_| self.demand_writing().is_ok())
    }

    /// Tells whether content was signed by somebody who may write. `None` where the license has no write key.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] when the license holds something else in its place.
    pub fn write_verifier(&self) -> Result<Option<VerifyingKey>> {
        write_verifier(self.license())
    }

    pub(super) fn rights_data(&self) -> &RightsData {
        &self.use_license.unlocked.rights_data
    }

    pub(super) fn content_key(&self) -> &ContentKey {
        &self.use_license.unlocked.content_key
    }

    /// Name of the account, for people; never empty.
    #[must_use]
    pub fn display_name(&self) -> &str {
        &self.use_license.display_name
    }

    /// Bytes of plaintext in one block.
    #[must_use]
    pub fn block_size(&self) -> u32 {
        self.cipher().block_size()
    }

    /// Bytes that one full block takes when encrypted.
    #[must_use]
    pub fn encrypted_block_size(&self) -> u32 {
        self.cipher().encrypted_block_size()
    }

    /// True when a change of the content is noticed on decryption.
    #[must_use]
    pub fn is_authenticated(&self) -> bool {
        self.cipher().is_authenticated()
    }

    /// The package that the content is encrypted with, where it is one that an application can ask for.
    #[must_use]
    pub fn package(&self) -> Option<PackageId> {
        self.content_key().package()
    }

    /// How the content is encrypted.
    #[must_use]
    pub fn mode(&self) -> CipherMode {
        self.cipher().mode()
    }

    /// A value that binds a file to this content key and tells nothing of it (docs/authenticated-pfile.md).
    ///
    /// # Errors
    /// `Internal`, when the derivation fails.
    pub fn commitment(&self) -> Result<[u8; 32]> {
        self.content_key().commitment()
    }

    /// The same key, rights and license for content in CBC4K, which pfiles of major version 2 always hold.
    ///
    /// # Errors
    /// `Internal`, when the key schedule cannot be made.
    pub fn as_cbc4k(&self) -> Result<Self> {
        let cipher = ContentCipher::new(&self.content_key().as_cbc4k()?)?;
        Ok(Self {
            read: Arc::clone(&self.read),
            use_license: Arc::clone(&self.use_license),
            other_cipher: Some(Box::new(cipher)),
            sealed_segments: AtomicU64::new(0),
            opened: self.opened,
            means: Arc::clone(&self.means),
        })
    }

    /// Work on an open document goes on when a right ends (decision 15), so every right counts that was not over when
    /// this key was opened. One that begins later counts from then on.
    fn demand(&self, any_of: &[&str]) -> Result<()> {
        let granted = &self.use_license.granted;
        if any_of.iter().any(|right| granted.grants_since(right, self.opened, || self.means.clock.now())) {
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

    /// Asks whether content may leave its protection: for applications that honor rights themselves, reading is enough.
    ///
    /// # Errors
    /// [`ErrorKind::RightNotGranted`] without EXTRACT or OWNER; with `aware`, without VIEW or OWNER.
    pub fn demand_unprotecting(&self, aware: bool) -> Result<()> {
        self.demand(&[if aware { VIEW } else { EXTRACT }])
    }

    /// Asks whether content may be read.
    ///
    /// # Errors
    /// [`ErrorKind::RightNotGranted`] without VIEW or OWNER.
    pub fn demand_reading(&self) -> Result<()> {
        self.demand(&[VIEW])
    }

    /// Asks whether content may be changed.
    ///
    /// # Errors
    /// [`ErrorKind::RightNotGranted`] without EDIT, DOCEDIT, EXPORT or OWNER.
    pub fn demand_writing(&self) -> Result<()> {
        self.demand(&[EDIT, DOCEDIT, EXPORT])
    }

    /// Asks whether the metadata of the license may be changed.
    ///
    /// # Errors
    /// [`ErrorKind::RightNotGranted`] without OWNER.
    pub fn demand_owning(&self) -> Result<()> {
        self.demand(&[OWNER])
    }

    /// True when both keys are for the same content key.
    #[must_use]
    pub fn has_content_key_of(&self, other: &Self) -> bool {
        self.content_key() == other.content_key()
    }

    /// The template that the policy is, as its license tells; `None` for other policies.
    #[must_use]
    pub fn template_id(&self) -> Option<Guid> {
        let rights = self.rights_data();
        let descriptor = rights.descriptor.as_ref().filter(|_| rights.kind == RightsDataKind::OfficialTemplate)?;
        Guid::parse(descriptor.id.trim())
    }

    /// Length of the result of an encryption.
    ///
    /// # Errors
    /// [`ErrorKind::RightNotGranted`], or what is wrong with the length.
    pub fn encrypted_len(&self, block: u32, last: bool, input_len: u64) -> Result<u64> {
        self.demand(&[EDIT, DOCEDIT, EXPORT])?;
        self.cipher().encrypted_len(block, last, input_len)
    }

    /// Upper bound of the length of the result of a decryption.
    ///
    /// # Errors
    /// [`ErrorKind::RightNotGranted`], or what is wrong with the length.
    pub fn decrypted_len_bound(&self, block: u32, last: bool, input_len: u64) -> Result<u64> {
        self.demand(&[VIEW])?;
        self.cipher().decrypted_len_bound(block, last, input_len)
    }

    /// Encrypts one or more blocks, beginning with number `block`; `last` tells that the content ends here.
    ///
    /// # Errors
    /// [`ErrorKind::RightNotGranted`] without EDIT, DOCEDIT, EXPORT or OWNER, and what the cipher refuses. Nothing is
    /// written then.
    pub fn encrypt(&self, block: u32, last: bool, buffers: Buffers<'_>) -> Result<usize> {
        self.demand(&[EDIT, DOCEDIT, EXPORT])?;
        if self.is_authenticated() {
            self.count_segments(self.cipher().segments(block, last, buffers.input().len() as u64)?)?;
        }
        self.cipher().encrypt(&*self.means.random, block, last, buffers)
    }

    /// Decrypts one or more blocks, beginning with number `block`; `last` tells that the content ends here.
    ///
    /// # Errors
    /// [`ErrorKind::RightNotGranted`] without VIEW or OWNER, and what the cipher refuses. Nothing is written then.
    pub fn decrypt(&self, block: u32, last: bool, buffers: Buffers<'_>) -> Result<usize> {
        self.demand(&[VIEW])?;
        self.cipher().decrypt(block, last, buffers)
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
