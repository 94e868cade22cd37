//! Answers of a store that hold until it changes, so that asking the same again costs next to nothing.

use parking_lot::Mutex;
use std::cell::Cell;
use std::collections::HashMap;
use std::hash::Hash;

use super::{Store, StoreVersion};
use crate::base::striped::Striped;
use crate::error::Result;

/// When one call looked at stores: each store is asked for its version once, when that is first needed.
#[derive(Debug, Default)]
pub struct AsOf(Cell<Option<(usize, Option<StoreVersion>)>>);

impl AsOf {
    fn version(&self, store: &dyn Store) -> Result<Option<StoreVersion>> {
        // The address tells stores apart; nothing is read through it.
        let place = std::ptr::from_ref(store).addr();
        if let Some((known, version)) = self.0.get()
            && known == place
        {
            return Ok(version);
        }
        let version = store.version()?;
        self.0.set(Some((place, version)));
        Ok(version)
    }
}

/// Answers by question, all from one version of the store.
#[derive(Debug)]
pub struct Remembered<K, V> {
    near: Striped<Answers<K, V>>,
    all: Answers<K, V>,
}

#[derive(Debug)]
struct Answers<K, V> {
    known: Mutex<(Option<StoreVersion>, HashMap<K, V>)>,
    most: usize,
}

impl<K: Eq + Hash + Clone, V: Clone> Remembered<K, V> {
    /// Remembers so many answers at most.
    #[must_use]
    pub fn at_most(most: usize) -> Self {
        Self { near: Striped::new(|| Answers::at_most(most)), all: Answers::at_most(most) }
    }

    /// The answer to a question, asked now unless the store is the same as when it was asked before.
    ///
    /// # Errors
    /// What asking ends with; that is not remembered.
    pub fn get(&self, store: &dyn Store, question: K, ask: impl FnOnce(&K) -> Result<V>) -> Result<V> {
        self.get_as_of(&AsOf::default(), store, question, ask)
    }

    /// As [`Remembered::get`], for several questions of one call.
    ///
    /// # Errors
    /// What asking ends with; that is not remembered.
    pub fn get_as_of(
        &self,
        as_of: &AsOf,
        store: &dyn Store,
        question: K,
        ask: impl FnOnce(&K) -> Result<V>,
    ) -> Result<V> {
        // Looked at before asking: an answer may be newer than its version, which is then only asked once more.
        let Some(version) = as_of.version(store)? else { return ask(&question) };
        let near = self.near.own();
        if let Some(known) = near.find(version, &question) {
            return Ok(known);
        }
        let answer = match self.all.find(version, &question) {
            Some(known) => known,
            None => {
                let answer = ask(&question)?;
                self.all.add(version, question.clone(), answer.clone());
                answer
            }
        };
        near.add(version, question, answer.clone());
        Ok(answer)
    }
}

impl<K: Eq + Hash, V: Clone> Answers<K, V> {
    fn at_most(most: usize) -> Self {
        Self { known: Mutex::new((None, HashMap::new())), most }
    }

    fn find(&self, version: StoreVersion, question: &K) -> Option<V> {
        let known = self.known.lock();
        known.1.get(question).filter(|_| known.0 == Some(version)).cloned()
    }

    fn add(&self, version: StoreVersion, question: K, answer: V) {
        let mut known = self.known.lock();
        if known.0 != Some(version) || known.1.len() >= self.most {
            *known = (Some(version), HashMap::new());
        }
        known.1.insert(question, answer);
    }
}
