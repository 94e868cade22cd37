//! The blocks behind `IpcFreeMemory`: one allocation for everything that one call hands out.
//!
//! A registry knows every block, so freeing null, a foreign pointer or a block for the second time does nothing. A freed
//! block is emptied and its address kept back until 4,096 later frees or 1 MiB of them, so that a second free soon after
//! cannot hit a block that belongs to somebody else by then. The newest freed block is always kept back, whatever its size.

use super::wide;
use crate::error::{Error, ErrorKind, Result};
use parking_lot::Mutex;
use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::collections::{HashMap, VecDeque};
use std::ffi::c_void;
use std::ptr::NonNull;
use zeroize::Zeroize;

/// Later frees after which the address of a freed block may be used again.
const KEPT_BACK: usize = 4_096;
/// Bytes of later frees after which the address of a freed block may be used again.
const KEPT_BACK_BYTES: usize = 1 << 20;
/// Alignment of every block, enough for every structure of the interface.
const ALIGN: usize = 8;

/// A structure with everything it points to, put together before it becomes a block.
///
/// Places are byte offsets from the start. Fields are put with `offset_of!`, texts and arrays go behind them, and a
/// pointer field is bound to the place that it points to. Whatever is not put is zero.
#[derive(Debug)]
pub(crate) struct OutBlock {
    content: Vec<u8>,
    /// Where a pointer lies, and what it points to.
    pointers: Vec<(usize, usize)>,
}

/// A number as it lies in memory.
pub(crate) trait Scalar: Copy {
    /// The bytes in the order of memory.
    fn bytes(self) -> impl AsRef<[u8]>;
}

impl Scalar for u32 {
    fn bytes(self) -> impl AsRef<[u8]> {
        self.to_ne_bytes()
    }
}

impl Scalar for i32 {
    fn bytes(self) -> impl AsRef<[u8]> {
        self.to_ne_bytes()
    }
}

impl Scalar for u64 {
    fn bytes(self) -> impl AsRef<[u8]> {
        self.to_ne_bytes()
    }
}

impl Scalar for super::base::FILETIME {
    fn bytes(self) -> impl AsRef<[u8]> {
        let [a, b, c, d] = self.dwLowDateTime.to_ne_bytes();
        let [e, f, g, h] = self.dwHighDateTime.to_ne_bytes();
        [a, b, c, d, e, f, g, h]
    }
}

fn no_memory() -> Error {
    Error::new(ErrorKind::OutOfMemory)
}

impl OutBlock {
    /// A block that begins with a structure of so many bytes, all zero; use `size_of`, or for a structure that ends in an
    /// array the offset of the array plus its elements.
    ///
    /// # Errors
    /// `OutOfMemory`.
    pub(crate) fn new(bytes: usize) -> Result<Self> {
        let mut block = Self { content: Vec::new(), pointers: Vec::new() };
        block.room(bytes)?;
        Ok(block)
    }

    /// Adds so many zero bytes, aligned for every structure, and tells their place.
    ///
    /// # Errors
    /// `OutOfMemory`.
    pub(crate) fn room(&mut self, bytes: usize) -> Result<usize> {
        let place = self.content.len().next_multiple_of(ALIGN);
        let end = place.checked_add(bytes).ok_or_else(no_memory)?;
        self.content.try_reserve(end - self.content.len()).map_err(|_| no_memory())?;
        self.content.resize(end, 0);
        Ok(place)
    }

    /// Puts a number at a place.
    ///
    /// # Errors
    /// `Internal` when the place lies outside: a defect of the caller.
    pub(crate) fn put(&mut self, place: usize, value: impl Scalar) -> Result<()> {
        let bytes = value.bytes();
        let bytes = bytes.as_ref();
        self.slice(place, bytes.len())?.copy_from_slice(bytes);
        Ok(())
    }

    /// Makes the pointer at a place point to another place of the block.
    ///
    /// # Errors
    /// `Internal` when a place lies outside; `OutOfMemory`.
    pub(crate) fn point(&mut self, pointer: usize, target: usize) -> Result<()> {
        self.slice(pointer, size_of::<*const c_void>())?;
        self.slice(target, 0)?;
        self.pointers.try_reserve(1).map_err(|_| no_memory())?;
        self.pointers.push((pointer, target));
        Ok(())
    }

    /// Adds a wide text and makes the pointer at a place point to it.
    ///
    /// # Errors
    /// `Malformed` when the text holds a NUL; `Internal` when the place lies outside; `OutOfMemory`.
    pub(crate) fn text(&mut self, pointer: usize, text: &str) -> Result<()> {
        let target = self.room(0)?;
        // A failure leaves a hole at the end at most.
        wide::append(text, &mut self.content)?;
        self.point(pointer, target)
    }

    /// Adds a wide text when there is one; else the pointer stays null.
    ///
    /// # Errors
    /// As [`OutBlock::text`].
    pub(crate) fn text_optional(&mut self, pointer: usize, text: Option<&str>) -> Result<()> {
        text.map_or(Ok(()), |text| self.text(pointer, text))
    }

    /// Adds bytes and makes the pointer at a place point to them; without bytes the pointer stays null.
    ///
    /// # Errors
    /// `Internal` when the place lies outside; `OutOfMemory`.
    pub(crate) fn bytes(&mut self, pointer: usize, bytes: &[u8]) -> Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        let target = self.room(bytes.len())?;
        self.slice(target, bytes.len())?.copy_from_slice(bytes);
        self.point(pointer, target)
    }

    /// Makes the block, which `IpcFreeMemory` knows from now on.
    ///
    /// # Errors
    /// `OutOfMemory`.
    pub(crate) fn finish(self) -> Result<Block> {
        BLOCKS.publish(&self.content, &self.pointers)
    }

    fn slice(&mut self, place: usize, bytes: usize) -> Result<&mut [u8]> {
        let end = place.checked_add(bytes);
        end.and_then(|end| self.content.get_mut(place..end))
            .ok_or_else(|| Error::internal("a field lies outside its block"))
    }
}

/// A wide text as a block of its own.
///
/// # Errors
/// `Malformed` when the text holds a NUL; `OutOfMemory`.
pub(crate) fn text(text: &str) -> Result<Block> {
    let mut block = OutBlock::new(0)?;
    wide::append(text, &mut block.content)?;
    block.finish()
}

/// A number as a block of its own.
///
/// # Errors
/// `OutOfMemory`.
pub(crate) fn scalar(value: impl Scalar) -> Result<Block> {
    let mut block = OutBlock::new(value.bytes().as_ref().len())?;
    block.put(0, value)?;
    block.finish()
}

/// A block that no application holds yet. It is freed with this value unless [`Block::hand_out`] gives it away, so a
/// call that fails late leaks nothing.
#[derive(Debug)]
pub(crate) struct Block {
    start: NonNull<u8>,
    owner: &'static Blocks,
}

impl Block {
    /// The start of the block, for lending it to the application during a call.
    pub(crate) fn as_ptr<T>(&self) -> *mut T {
        self.start.as_ptr().cast()
    }

    /// Gives the block to the application, which frees it with `IpcFreeMemory`.
    pub(crate) fn hand_out<T>(self) -> *mut T {
        let start = self.start.as_ptr().cast();
        let _given = std::mem::ManuallyDrop::new(self);
        start
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        self.owner.free(self.start.as_ptr().cast());
    }
}

/// Frees a block. Null, foreign pointers and blocks freed before are left alone.
pub(crate) fn free(block: *mut c_void) {
    BLOCKS.free(block);
}

/// Lets go of the registry at the end of the process. Blocks that the application still holds stay as they are; freeing
/// one of them later does nothing.
#[cfg(target_os = "linux")]
pub(crate) fn end() {
    let Some(state) = BLOCKS.0.try_lock().and_then(|mut state| state.take()) else { return };
    for (start, size) in state.kept_back {
        release(start, size);
    }
}

static BLOCKS: Blocks = Blocks(Mutex::new(None));

/// A registry of blocks. The process has one; tests make their own.
#[derive(Debug)]
struct Blocks(Mutex<Option<State>>);

#[derive(Debug, Default)]
struct State {
    /// Size by start.
    live: HashMap<Start, usize>,
    /// Freed and emptied blocks, the oldest first.
    kept_back: VecDeque<(Start, usize)>,
    kept_back_bytes: usize,
}

/// The start of a block. Compared, and followed only by the registry that allocated it.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
struct Start(NonNull<u8>);

// SAFETY: a start is a number until the registry, which owns the allocation, takes it out under its lock.
unsafe impl Send for Start {}

/// The layout of a block. Sizes come from blocks that exist, so they fit.
fn layout(bytes: usize) -> Result<Layout> {
    Layout::from_size_align(bytes.max(1), ALIGN).map_err(|_| no_memory())
}

impl Blocks {
    fn publish(&'static self, content: &[u8], pointers: &[(usize, usize)]) -> Result<Block> {
        let layout = layout(content.len())?;
        {
            let mut state = self.0.lock();
            state.get_or_insert_default().live.try_reserve(1).map_err(|_| no_memory())?;
        }
        // SAFETY: the layout is not empty.
        let start = NonNull::new(unsafe { alloc_zeroed(layout) }).ok_or_else(no_memory)?;
        // SAFETY: both ranges hold that many bytes, and the new one is nobody else's.
        unsafe { start.as_ptr().copy_from_nonoverlapping(content.as_ptr(), content.len()) };
        for &(pointer, target) in pointers {
            // SAFETY: `OutBlock::point` found the target inside the content.
            let target = unsafe { start.as_ptr().add(target) };
            // SAFETY: `OutBlock::point` found room for a pointer there.
            let field = unsafe { start.as_ptr().add(pointer) };
            // SAFETY: as above; structures packed to 4 hold pointers at odd multiples of 4.
            unsafe { field.cast::<*mut u8>().write_unaligned(target) };
        }
        self.0.lock().get_or_insert_default().live.insert(Start(start), layout.size());
        Ok(Block { start, owner: self })
    }

    fn free(&self, block: *mut c_void) {
        let Some(start) = NonNull::new(block.cast::<u8>()).map(Start) else { return };
        // From here on a second free of the same address finds nothing.
        let Some((start, size)) = self.0.lock().as_mut().and_then(|state| state.live.remove_entry(&start)) else {
            return;
        };
        // SAFETY: the registry allocated so many bytes there and handed them to nobody else; it has just let go of them.
        unsafe { std::slice::from_raw_parts_mut(start.0.as_ptr(), size) }.zeroize();
        self.keep_back(start, size);
    }

    /// Keeps the address of a freed block from being used again for a while, and lets older ones go.
    fn keep_back(&self, start: Start, size: usize) {
        let mut guard = self.0.lock();
        let state = guard.get_or_insert_default();
        if state.kept_back.try_reserve(1).is_err() {
            drop(guard);
            release(start, size);
            return;
        }
        state.kept_back.push_back((start, size));
        state.kept_back_bytes = state.kept_back_bytes.saturating_add(size);
        while let Some(&(start, size)) = state.kept_back.front() {
            // What was freed after the oldest decides.
            let later = state.kept_back_bytes - size;
            if state.kept_back.len() <= KEPT_BACK && later <= KEPT_BACK_BYTES {
                break;
            }
            state.kept_back.pop_front();
            state.kept_back_bytes = later;
            release(start, size);
        }
    }
}

fn release(start: Start, size: usize) {
    let Ok(layout) = layout(size) else { return };
    // SAFETY: allocated with this layout, and taken out of both lists of the registry.
    unsafe { dealloc(start.0.as_ptr(), layout) };
}

#[cfg(test)]
#[path = "memory_tests.rs"]
mod tests;
