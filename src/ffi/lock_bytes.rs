//! `ILockBytes` in both directions: objects of the application as storages, and ready-made objects for applications.

use std::fmt;
use std::ops::Range;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};

use parking_lot::Mutex;

use super::base::*;
use super::boundary::Fault;
use super::hresult;
use crate::base::os::files;
use crate::error::{Error, ErrorKind, Result};
use crate::file::Storage;

/// `STATFLAG_NONAME`: the name is not wanted.
const STATFLAG_NONAME: DWORD = 1;
/// `STGTY_LOCKBYTES`.
const STGTY_LOCKBYTES: DWORD = 3;
/// Most bytes of one `ReadAt` or `WriteAt`.
const PIECE: usize = 1 << 30;

/// An object of the application. It is held by one reference and called on the threads of the application's own calls.
pub(super) struct LockBytes {
    object: NonNull<ILockBytes>,
    failure: Failure,
}

/// What an object of the application last failed with; 0 when it did not.
#[derive(Clone, Debug, Default)]
pub(super) struct Failure(Arc<AtomicI32>);

impl Failure {
    /// A new call begins: what an earlier one failed with is no reason any more.
    pub(super) fn forget(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// True when the object failed.
    pub(super) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed) != 0
    }

    /// The code of the object in the place of ours, when the object is why a call failed.
    pub(super) fn of(&self, error: Error) -> Fault {
        match self.0.load(Ordering::Relaxed) {
            0 => error.into(),
            code => Fault::with_code(code, error),
        }
    }
}

// SAFETY: an application that hands out an object, or opens a file on it and uses the file on several threads, vouches for
// the object; calls on one file take turns.
unsafe impl Send for LockBytes {}

impl fmt::Debug for LockBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LockBytes")
    }
}

impl LockBytes {
    /// Takes a reference to an object.
    ///
    /// # Errors
    /// `InvalidArgument` when it is null.
    ///
    /// # Safety
    /// `object` is null, or an `ILockBytes` that lives until its last reference is released.
    pub(super) unsafe fn of(object: *mut ILockBytes, what: &'static str) -> Result<Self> {
        let object = NonNull::new(object).ok_or_else(|| Error::argument(what, "null"))?;
        let bytes = Self { object, failure: Failure::default() };
        // SAFETY: the object lives by this function's contract.
        unsafe { (bytes.table().AddRef)(object.as_ptr()) };
        Ok(bytes)
    }

    /// Where the failures of the object are told.
    pub(super) fn failure(&self) -> Failure {
        self.failure.clone()
    }

    fn table(&self) -> &ILockBytesVtbl {
        // SAFETY: the object lives as long as this reference to it.
        let table = unsafe { self.object.as_ref() }.lpVtbl;
        // SAFETY: an object points to the functions of its class, which outlive it.
        unsafe { &*table }
    }

    /// Carries `len` bytes from or to the object at `offset`, as many at a time as one call tells, until it carries no
    /// more. `carry` gets the place in the object, the part of the buffer and room for how much was carried.
    fn in_pieces(
        &self,
        doing: &'static str,
        offset: u64,
        len: usize,
        mut carry: impl FnMut(u64, Range<usize>, *mut DWORD) -> HRESULT,
    ) -> Result<usize> {
        let mut done = 0;
        while done < len {
            let piece = done..len.min(done.saturating_add(PIECE));
            let (most, mut count) = (piece.len(), 0);
            let code = carry(offset.saturating_add(done as u64), piece, &raw mut count);
            self.done(doing, code)?;
            if count == 0 {
                break;
            }
            // More than was told would be a lie of the object.
            done += usize::try_from(count).unwrap_or(usize::MAX).min(most);
        }
        Ok(done)
    }

    fn done(&self, doing: &'static str, code: HRESULT) -> Result<()> {
        if code >= 0 {
            return Ok(());
        }
        self.failure.0.store(code, Ordering::Relaxed);
        let text = format!("the stream of the application failed: {doing} returned 0x{code:08X}");
        Err(Error::with(ErrorKind::Io(std::io::ErrorKind::Other), text))
    }
}

impl Drop for LockBytes {
    fn drop(&mut self) {
        // SAFETY: releases the reference that `of` took.
        unsafe { (self.table().Release)(self.object.as_ptr()) };
    }
}

impl Storage for LockBytes {
    fn len(&self) -> Result<u64> {
        let mut told = told(0, 0);
        // SAFETY: the object lives; the structure is writable.
        let code = unsafe { (self.table().Stat)(self.object.as_ptr(), &raw mut told, STATFLAG_NONAME) };
        self.done("Stat", code)?;
        Ok(told.cbSize)
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> Result<usize> {
        self.in_pieces("ReadAt", offset, out.len(), |at, piece, count| {
            let rest = out.get_mut(piece).unwrap_or_default();
            let room = DWORD::try_from(rest.len()).unwrap_or(DWORD::MAX);
            // SAFETY: the object lives; as many bytes as told are writable.
            unsafe { (self.table().ReadAt)(self.object.as_ptr(), at, rest.as_mut_ptr().cast(), room, count) }
        })
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<()> {
        let done = self.in_pieces("WriteAt", offset, bytes.len(), |at, piece, count| {
            let rest = bytes.get(piece).unwrap_or_default();
            let given = DWORD::try_from(rest.len()).unwrap_or(DWORD::MAX);
            // SAFETY: the object lives; as many bytes as told are readable.
            unsafe { (self.table().WriteAt)(self.object.as_ptr(), at, rest.as_ptr().cast(), given, count) }
        })?;
        if done == bytes.len() { Ok(()) } else { Err(Error::new(ErrorKind::Io(std::io::ErrorKind::WriteZero))) }
    }

    fn set_len(&mut self, len: u64) -> Result<()> {
        // SAFETY: the object lives.
        let code = unsafe { (self.table().SetSize)(self.object.as_ptr(), len) };
        self.done("SetSize", code)
    }

    fn sync(&mut self) -> Result<()> {
        // SAFETY: the object lives.
        let code = unsafe { (self.table().Flush)(self.object.as_ptr()) };
        self.done("Flush", code)
    }
}

/// What is told of an object, which has no name, no times and no locks.
fn told(kind: DWORD, size: u64) -> STATSTG {
    let zero = FILETIME::from_ticks(0);
    STATSTG {
        pwcsName: std::ptr::null_mut(),
        r#type: kind,
        cbSize: size,
        mtime: zero,
        ctime: zero,
        atime: zero,
        grfMode: 0,
        grfLocksSupported: 0,
        clsid: IID { Data1: 0, Data2: 0, Data3: 0, Data4: [0; 8] },
        grfStateBits: 0,
        reserved: 0,
    }
}

/// An object of this library. The first member is what applications see.
#[repr(C)]
struct Own {
    face: ILockBytes,
    references: AtomicU32,
    storage: Mutex<Box<dyn Storage>>,
}

static TABLE: ILockBytesVtbl = ILockBytesVtbl {
    QueryInterface: query_interface,
    AddRef: add_ref,
    Release: release,
    ReadAt: read_at,
    WriteAt: write_at,
    Flush: flush,
    SetSize: set_size,
    LockRegion: lock_region,
    UnlockRegion: lock_region,
    Stat: stat,
};

/// An `ILockBytes` over a storage, with one reference, which the caller releases.
pub(super) fn object(storage: Box<dyn Storage>) -> *mut ILockBytes {
    let own = Own {
        face: ILockBytes { lpVtbl: &raw const TABLE },
        references: AtomicU32::new(1),
        storage: Mutex::new(storage),
    };
    Box::into_raw(Box::new(own)).cast()
}

/// True when both are objects of this library over the same file, or one object.
///
/// # Safety
/// Both are `ILockBytes` whose last reference was not released.
pub(super) unsafe fn is_same_file(one: *mut ILockBytes, other: *mut ILockBytes) -> Result<bool> {
    let is_own = |object: *mut ILockBytes| {
        // SAFETY: by this function's contract.
        let table = unsafe { &*object }.lpVtbl;
        std::ptr::eq(table, &raw const TABLE)
    };
    if !is_own(one) || !is_own(other) || std::ptr::eq(one, other) {
        return Ok(std::ptr::eq(one, other));
    }
    // SAFETY: made by `object`, and by this function's contract.
    let one = unsafe { own(one) };
    // SAFETY: the same.
    let other = unsafe { own(other) };
    // One after the other: another thread may ask about the same two the other way round.
    let id = |own: &Own| own.storage.lock().file().map(files::id).transpose();
    let one = id(one)?;
    Ok(one.is_some() && one == id(other)?)
}

/// The object behind its face.
///
/// # Safety
/// `this` is an object of [`object`] whose last reference was not released.
unsafe fn own<'a>(this: *mut ILockBytes) -> &'a Own {
    // SAFETY: by this function's contract; the face is the first member.
    unsafe { &*this.cast::<Own>() }
}

/// The code of an outcome. No panic leaves, as everywhere at the boundary.
fn outcome(body: impl FnOnce() -> Result<()>) -> HRESULT {
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(body)) {
        Ok(Ok(())) => S_OK,
        Ok(Err(error)) => hresult::code(error.kind()),
        Err(_) => E_UNEXPECTED,
    }
}

const IID_UNKNOWN: IID = IID { Data1: 0, Data2: 0, Data3: 0, Data4: [0xC0, 0, 0, 0, 0, 0, 0, 0x46] };
const IID_LOCK_BYTES: IID = IID { Data1: 0xA, ..IID_UNKNOWN };
const STG_E_INVALIDFUNCTION: HRESULT = 0x8003_0001_u32.cast_signed();

unsafe extern "system" fn query_interface(this: *mut ILockBytes, interface: *const IID, out: *mut LPVOID) -> HRESULT {
    if out.is_null() {
        return E_POINTER;
    }
    // SAFETY: null or readable, as COM demands.
    let wanted = unsafe { interface.as_ref() };
    let known = wanted.is_some_and(|wanted| *wanted == IID_UNKNOWN || *wanted == IID_LOCK_BYTES);
    let answer = if known { this.cast() } else { std::ptr::null_mut() };
    // SAFETY: not null and writable, as COM demands.
    unsafe { out.write(answer) };
    if !known {
        return E_NOINTERFACE;
    }
    // SAFETY: whoever calls holds a reference.
    unsafe { add_ref(this) };
    S_OK
}

unsafe extern "system" fn add_ref(this: *mut ILockBytes) -> DWORD {
    // SAFETY: whoever calls holds a reference.
    unsafe { own(this) }.references.fetch_add(1, Ordering::Relaxed) + 1
}

unsafe extern "system" fn release(this: *mut ILockBytes) -> DWORD {
    // SAFETY: whoever calls holds a reference.
    let left = unsafe { own(this) }.references.fetch_sub(1, Ordering::AcqRel) - 1;
    if left == 0 {
        // SAFETY: made by `object`, and this was the last reference.
        let own = unsafe { Box::from_raw(this.cast::<Own>()) };
        let _code = outcome(move || {
            drop(own);
            Ok(())
        });
    }
    left
}

unsafe extern "system" fn read_at(
    this: *mut ILockBytes,
    at: u64,
    out: LPVOID,
    count: DWORD,
    read: *mut DWORD,
) -> HRESULT {
    outcome(|| {
        let length = usize::try_from(count).map_err(|_| ErrorKind::OutOfMemory)?;
        if out.is_null() && length > 0 {
            return Err(Error::argument("pv", "null"));
        }
        // SAFETY: whoever calls holds a reference.
        let own = unsafe { own(this) };
        let done = if length == 0 {
            0
        } else {
            // SAFETY: not null; as many bytes as counted are writable, as COM demands.
            let out = unsafe { std::slice::from_raw_parts_mut(out.cast::<u8>(), length) };
            own.storage.lock().read_at(at, out)?
        };
        if !read.is_null() {
            // SAFETY: writable, as COM demands.
            unsafe { read.write(DWORD::try_from(done).unwrap_or(count)) };
        }
        Ok(())
    })
}

unsafe extern "system" fn write_at(
    this: *mut ILockBytes,
    at: u64,
    from: LPCVOID,
    count: DWORD,
    written: *mut DWORD,
) -> HRESULT {
    outcome(|| {
        let length = usize::try_from(count).map_err(|_| ErrorKind::OutOfMemory)?;
        if from.is_null() && length > 0 {
            return Err(Error::argument("pv", "null"));
        }
        // SAFETY: whoever calls holds a reference.
        let own = unsafe { own(this) };
        if length > 0 {
            // SAFETY: not null; as many bytes as counted are readable, as COM demands.
            let from = unsafe { std::slice::from_raw_parts(from.cast::<u8>(), length) };
            own.storage.lock().write_at(at, from)?;
        }
        if !written.is_null() {
            // SAFETY: writable, as COM demands.
            unsafe { written.write(count) };
        }
        Ok(())
    })
}

unsafe extern "system" fn flush(this: *mut ILockBytes) -> HRESULT {
    // SAFETY: whoever calls holds a reference.
    outcome(|| unsafe { own(this) }.storage.lock().sync())
}

unsafe extern "system" fn set_size(this: *mut ILockBytes, size: u64) -> HRESULT {
    // SAFETY: whoever calls holds a reference.
    outcome(|| unsafe { own(this) }.storage.lock().set_len(size))
}

/// Locks are not supported, as many such objects do not.
unsafe extern "system" fn lock_region(_this: *mut ILockBytes, _at: u64, _count: u64, _kind: DWORD) -> HRESULT {
    STG_E_INVALIDFUNCTION
}

unsafe extern "system" fn stat(this: *mut ILockBytes, out: *mut STATSTG, _flags: DWORD) -> HRESULT {
    outcome(|| {
        if out.is_null() {
            return Err(Error::argument("pstatstg", "null"));
        }
        // SAFETY: whoever calls holds a reference.
        let size = unsafe { own(this) }.storage.lock().len()?;
        let told = told(STGTY_LOCKBYTES, size);
        // SAFETY: not null and writable, as COM demands.
        unsafe { out.write(told) };
        Ok(())
    })
}
