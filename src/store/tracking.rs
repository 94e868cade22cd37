//! What a store keeps of published content: revocations, lists of them, registered documents, and how long the usage log
//! was; with the form that the store in memory keeps them in.

use crate::base::time::Timestamp;
use crate::policy::Revocation;
use crate::policy::revocation::same_content;
use crate::policy::user::same_address;

/// A revocation list of an authority, which was checked before it came here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CarriedList {
    /// SHA-256 of the modulus that signed it.
    pub signer: [u8; 32],
    /// Its number.
    pub number: u64,
    /// The serialized list.
    pub bytes: Vec<u8>,
}

/// A document that was registered for tracking.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TrackedDocument {
    /// Content id as the license writes it.
    pub content_id: String,
    /// The RM issuer.
    pub issuer: String,
    /// The RM owner, or empty.
    pub owner: String,
    /// Name of the document, or empty.
    pub name: String,
    /// When it was registered.
    pub registered: Timestamp,
    /// Who registered it.
    pub registered_by: String,
    /// A mail about the registration was asked for. Nothing here sends one.
    pub mail_wanted: bool,
}

/// Where the usage log stood at a moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogCheckpoint {
    /// Lines.
    pub count: u64,
    /// What authenticates the last of them and all before.
    pub head: [u8; 32],
    /// When this was written down.
    pub made: Timestamp,
    /// Signature of the authority.
    pub signature: Vec<u8>,
}

/// The store in memory.
#[derive(Clone, Debug, Default)]
pub(super) struct Tracking {
    revocations: Vec<Revocation>,
    last_number: u64,
    lists: Vec<CarriedList>,
    documents: Vec<TrackedDocument>,
    checkpoints: Vec<LogCheckpoint>,
}

impl Tracking {
    pub(super) fn put_revocations(&mut self, revocations: &[Revocation]) {
        for new in revocations {
            match self.revocations.iter_mut().find(|known| known.same_aim(new)) {
                Some(known) => *known = new.clone(),
                None => self.revocations.push(new.clone()),
            }
        }
    }

    pub(super) fn remove_revocations(&mut self, revocations: &[Revocation]) -> usize {
        let before = self.revocations.len();
        self.revocations.retain(|known| !revocations.iter().any(|gone| known.same_aim(gone)));
        before - self.revocations.len()
    }

    pub(super) fn revocations(&self) -> &[Revocation] {
        &self.revocations
    }

    pub(super) fn number_revocations(&mut self) -> (u64, Vec<Revocation>) {
        self.last_number += 1;
        (self.last_number, self.revocations.clone())
    }

    pub(super) fn put_list(&mut self, list: &CarriedList) -> bool {
        let Some(known) = self.lists.iter_mut().find(|known| known.signer == list.signer) else {
            self.lists.push(list.clone());
            return true;
        };
        let newer = list.number > known.number || known == list;
        if newer {
            *known = list.clone();
        }
        newer
    }

    pub(super) fn list(&self, signer: &[u8; 32]) -> Option<CarriedList> {
        self.lists.iter().find(|known| known.signer == *signer).cloned()
    }

    pub(super) fn put_document(&mut self, document: &TrackedDocument) {
        match self.documents.iter_mut().find(|known| is_about(known, &document.content_id, &document.issuer)) {
            Some(known) => *known = document.clone(),
            None => self.documents.push(document.clone()),
        }
    }

    pub(super) fn document(&self, content_id: &str, issuer: &str) -> Option<TrackedDocument> {
        self.documents.iter().find(|known| is_about(known, content_id, issuer)).cloned()
    }

    pub(super) fn put_checkpoint(&mut self, checkpoint: &LogCheckpoint) {
        let at = self.checkpoints.partition_point(|known| known.count < checkpoint.count);
        if self.checkpoints.get(at).is_none_or(|known| known.count != checkpoint.count) {
            self.checkpoints.insert(at, checkpoint.clone());
        }
    }

    pub(super) fn checkpoints(&self) -> Vec<LogCheckpoint> {
        self.checkpoints.clone()
    }
}

fn is_about(document: &TrackedDocument, content_id: &str, issuer: &str) -> bool {
    same_content(&document.content_id, content_id) && same_address(&document.issuer, issuer)
}
