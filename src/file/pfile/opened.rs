//! A file whose header, size and manifest were checked: what reading at one place and reading as a whole begin with.

use std::ops::Range;
use std::sync::Arc;

use super::body::Body;
use super::corrupt;
use super::header::Header;
use super::manifest::{Manifest, Trust};
use super::tree::Tree;
use crate::cipher::CipherMode;
use crate::error::Result;
use crate::file::{Coder, Storage};

/// A checked file.
#[derive(Debug, Clone)]
pub(super) struct OpenedFile {
    pub(super) header: Header,
    pub(super) coder: Arc<dyn Coder>,
    pub(super) body: Body,
    pub(super) signed: Option<SignedBody>,
}

/// What an authenticated file has beside.
#[derive(Debug, Clone)]
pub(super) struct SignedBody {
    pub(super) manifest: Manifest,
    pub(super) tree: Tree,
}

impl OpenedFile {
    /// Checks header, size and, when the license has a write key, the manifest. Without one there must be none: a
    /// manifest that nothing vouches for is refused rather than ignored.
    ///
    /// # Errors
    /// `FileCorrupt` and what [`Header::read`] answers; a right is missing; what the system reports.
    pub(super) fn open(storage: &dyn Storage, coder: &Arc<dyn Coder>, trust: Option<&Trust>) -> Result<Self> {
        let header = Header::read(storage)?;
        let coder = match (header.major, coder.mode()) {
            (3, _) => Arc::clone(coder),
            // There never was a writer of such a file, and one key should not serve two ciphers.
            (_, CipherMode::Gcm4k) => return Err(corrupt("version", "authenticated content needs version 3")),
            _ => coder.as_cbc4k()?,
        };
        if let Some(trust) = trust {
            if coder.mode() != CipherMode::Gcm4k {
                return Err(corrupt("manifest", "the license demands authenticated content"));
            }
            let (manifest, body, tree) = Manifest::verify(storage, &header, &*coder, trust)?;
            return Ok(Self { header, coder, body, signed: Some(SignedBody { manifest, tree }) });
        }
        if coder.mode() == CipherMode::Gcm4k && header.begins_with_record(storage)? {
            return Err(corrupt("manifest", "the license has no key to verify it with"));
        }
        let content = (header.content, storage.len()?.saturating_sub(header.content));
        let body = Body::examine(storage, &*coder, content, header.original_size)?;
        Ok(Self { header, coder, body, signed: None })
    }

    /// Decrypts blocks, see [`Body::read`].
    ///
    /// # Errors
    /// As [`Body::read`].
    pub(super) fn read(
        &mut self,
        storage: &dyn Storage,
        blocks: Range<u64>,
        plain: &mut [u8],
        sealed: &mut Vec<u8>,
    ) -> Result<usize> {
        let tree = self.signed.as_mut().map(|signed| &mut signed.tree);
        self.body.read(storage, &*self.coder, blocks, plain, sealed, tree)
    }
}
