//! Answers of a store that hold until it changes, so that asking the same again costs next to nothing.

use std::collections::HashMap;
use std::hash::Hash;

use parking_lot::Mutex;

use super::{Store, StoreVersion};
use crate::error::Result;

/// Answers by question, all from one version of the store.
#[derive(Debug)]
pub struct Remembered<K, V> {
    answers: Mutex<(Option<StoreVersion>, HashMap<K, V>)>,
    most: usize,
}

impl<K: Eq + Hash, V: Clone> Remembered<K, V> {
    /// Remembers so many answers at most.
    #[must_use]
    pub fn at_most(most: usize) -> Self {
        Self { answers: Mutex::default(), most }
    }

    /// The answer to a question, asked now unless the store is the same as when it was asked before.
    ///
    /// # Errors
    /// What asking ends with; that is not remembered.
    pub fn get(&self, store: &dyn Store, question: K, ask: impl FnOnce(&K) -> Result<V>) -> Result<V> {
        // Looked at before asking: an answer may be newer than its version, which is then only asked once more.
        let Some(version) = store.version()? else { return ask(&question) };
        {
            let answers = self.answers.lock();
            if answers.0 == Some(version)
                && let Some(known) = answers.1.get(&question)
            {
                return Ok(known.clone());
            }
        }
        let answer = ask(&question)?;
        let mut answers = self.answers.lock();
        if answers.0 != Some(version) || answers.1.len() >= self.most {
            *answers = (Some(version), HashMap::new());
        }
        answers.1.insert(question, answer.clone());
        Ok(answer)
    }
}
