//! Handles: numbers that look like pointers and are never followed.
//!
//! A handle is made of a generation, a slot and a kind. A closed handle carries an old generation, a foreign one a slot
//! or a kind that does not exist; all of them are errors, never crashes. Looking up hands out an `Arc`, so an object
//! outlives its handle while a call uses it. Slots are spread over shards, each with its own lock.

use crate::base::striped::{Apart, STRIPES, Striped, stripe};
use crate::error::{Error, ErrorKind, Result};
use parking_lot::RwLock;
use std::any::Any;
use std::collections::VecDeque;
use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What stands behind a handle. The number is part of the handle and never 0, so no handle is null.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
#[repr(usize)]
pub(crate) enum Kind {
    /// `IPC_LICENSE_HANDLE`.
    License = 1,
    /// `IPC_LICENSE_METADATA_HANDLE`.
    LicenseMetadata = 2,
    /// `IPC_KEY_HANDLE`.
    Key = 3,
    /// `IPC_AUTH_TOKEN_HANDLE`.
    AuthToken = 4,
    /// `IPCF_FILE_HANDLE`.
    File = 5,
}

/// An object that applications know by handle. Implement it for exactly one type per kind.
pub(crate) trait Handled: Any + Send + Sync {
    /// The kind of its handles.
    const KIND: Kind;
}

const KIND_BITS: u32 = 3;
const SLOT_BITS: u32 = if usize::BITS >= 64 { 28 } else { 16 };
const GENERATION_BITS: u32 = if usize::BITS >= 64 { 32 } else { usize::BITS - KIND_BITS - SLOT_BITS };
/// The generation that no handle reaches: a slot that would need it is retired.
const GENERATIONS_END: u64 = 1 << GENERATION_BITS;
const SHARD_BITS: u32 = 6;
const SHARDS: usize = 1 << SHARD_BITS;
/// Shards in which the threads of a stripe open handles, as long as there is room.
const SHARDS_PER_STRIPE: usize = SHARDS / STRIPES;
const SLOTS_PER_SHARD: usize = 1 << (SLOT_BITS - SHARD_BITS);

/// The parts of a handle.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
struct Parts {
    generation: u64,
    shard: usize,
    index: usize,
    kind: usize,
}

impl Parts {
    fn of(handle: *mut c_void) -> Self {
        let number = handle.addr();
        let slot = number >> KIND_BITS & ((1 << SLOT_BITS) - 1);
        Self {
            generation: (number >> (KIND_BITS + SLOT_BITS)) as u64,
            shard: slot & (SHARDS - 1),
            index: slot >> SHARD_BITS,
            kind: number & ((1 << KIND_BITS) - 1),
        }
    }

    fn handle(self) -> *mut c_void {
        let slot = self.index << SHARD_BITS | self.shard;
        // The generation is below GENERATIONS_END and so fits above the slot.
        let generation = usize::try_from(self.generation).unwrap_or_default();
        std::ptr::without_provenance_mut(generation << (KIND_BITS + SLOT_BITS) | slot << KIND_BITS | self.kind)
    }
}

struct Slot {
    generation: u64,
    object: Option<(Kind, Arc<dyn Any + Send + Sync>)>,
}

/// One lock and the slots behind it.
type Shard = Apart<RwLock<Slots>>;

struct Slots {
    all: Vec<Slot>,
    /// Slots whose object was closed, the one closed longest ago first.
    free: VecDeque<usize>,
}

/// A set of handles. The process has one; tests make their own.
struct Registry {
    shards: [Shard; SHARDS],
    /// Handles opened so far.
    opened: Striped<AtomicUsize>,
    generations_end: u64,
}

impl Registry {
    const fn new(generations_end: u64) -> Self {
        Self {
            shards: [const { Apart(RwLock::new(Slots { all: Vec::new(), free: VecDeque::new() })) }; SHARDS],
            opened: Striped([const { Apart(AtomicUsize::new(0)) }; STRIPES]),
            generations_end,
        }
    }

    fn open<T: Handled>(&self, object: Arc<T>) -> Result<*mut c_void> {
        let opened = self.opened.own().fetch_add(1, Ordering::Relaxed);
        let first = stripe() * SHARDS_PER_STRIPE + opened % SHARDS_PER_STRIPE;
        for step in 0..SHARDS {
            let shard = (first + step) % SHARDS;
            let mut slots = self.shards[shard].0.write();
            let Some(index) = slots.take()? else { continue };
            let Some(slot) = slots.all.get_mut(index) else { continue };
            slot.object = Some((T::KIND, object));
            return Ok(Parts { generation: slot.generation, shard, index, kind: T::KIND as usize }.handle());
        }
        Err(Error::with(ErrorKind::OutOfMemory, "every handle is in use"))
    }

    fn get<T: Handled>(&self, handle: *mut c_void) -> Result<Arc<T>> {
        let parts = Parts::of(handle);
        if parts.kind != T::KIND as usize {
            return Err(Error::new(ErrorKind::InvalidHandle));
        }
        let found = {
            let slots = self.shards[parts.shard].0.read();
            match slots.all.get(parts.index) {
                Some(Slot { generation, object: Some((kind, object)) })
                    if *generation == parts.generation && *kind == T::KIND =>
                {
                    Some(Arc::clone(object))
                }
                _ => None,
            }
        };
        found.and_then(|object| object.downcast().ok()).ok_or_else(|| Error::new(ErrorKind::InvalidHandle))
    }

    fn close(&self, handle: *mut c_void) -> Result<()> {
        let parts = Parts::of(handle);
        let closed = {
            let mut slots = self.shards[parts.shard].0.write();
            slots.release(parts, self.generations_end)
        };
        // The object may end here, which may take time or come back to us: no lock is held.
        closed.map(drop).ok_or_else(|| Error::new(ErrorKind::InvalidHandle))
    }
}

impl Slots {
    /// A slot without object, or `None` when this shard has no more.
    fn take(&mut self) -> Result<Option<usize>> {
        if let Some(index) = self.free.pop_front() {
            return Ok(Some(index));
        }
        let index = self.all.len();
        if index >= SLOTS_PER_SHARD {
            return Ok(None);
        }
        let no_memory = |_| Error::new(ErrorKind::OutOfMemory);
        self.all.try_reserve(1).map_err(no_memory)?;
        // Room for every slot now, so that closing never allocates.
        self.free.try_reserve(index + 1).map_err(no_memory)?;
        self.all.push(Slot { generation: 1, object: None });
        Ok(Some(index))
    }

    fn release(&mut self, parts: Parts, generations_end: u64) -> Option<Arc<dyn Any + Send + Sync>> {
        let slot = self.all.get_mut(parts.index)?;
        if slot.generation != parts.generation {
            return None;
        }
        slot.object.as_ref().filter(|(kind, _)| *kind as usize == parts.kind)?;
        let (_, object) = slot.object.take()?;
        slot.generation += 1;
        if slot.generation < generations_end {
            self.free.push_back(parts.index);
        }
        Some(object)
    }
}

static HANDLES: Registry = Registry::new(GENERATIONS_END);

/// Makes a handle for an object. The handle keeps the object until [`close`].
///
/// # Errors
/// `OutOfMemory` when memory or handles ran out.
pub(crate) fn open<T: Handled>(object: Arc<T>) -> Result<*mut c_void> {
    HANDLES.open(object)
}

/// The object behind a handle. It stays usable while the `Arc` lives, even if the handle is closed meanwhile.
///
/// # Errors
/// `InvalidHandle` when the handle is null, closed, foreign or of another kind.
pub(crate) fn get<T: Handled>(handle: *mut c_void) -> Result<Arc<T>> {
    HANDLES.get(handle)
}

/// The object behind a handle that may be null.
///
/// # Errors
/// `InvalidHandle` when the handle is not null and closed, foreign or of another kind.
pub(crate) fn get_optional<T: Handled>(handle: *mut c_void) -> Result<Option<Arc<T>>> {
    if handle.is_null() { Ok(None) } else { get(handle).map(Some) }
}

/// Closes a handle of any kind.
///
/// # Errors
/// `InvalidHandle` when the handle is null, closed before or foreign.
pub(crate) fn close(handle: *mut c_void) -> Result<()> {
    HANDLES.close(handle)
}

#[cfg(test)]
#[path = "handles_tests.rs"]
mod tests;
