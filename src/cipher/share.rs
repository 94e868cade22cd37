//! Long calls on several threads, where the application allows it.
//!
//! A call is cut into pieces of whole blocks, which do not depend on each other. Threads live as long as the call. What
//! may fail is done before the first byte is written, so results and errors are those of one thread.

use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;

use super::geometry::{Extent, NONCE};
use super::{Buffers, ContentCipher};
use crate::crypto::Random;
use crate::error::{Error, ErrorKind, Result};

/// Bytes of input from which on a call is cut: starting a thread takes as long as encrypting some hundred kilobytes.
pub const SHARED_FROM: usize = 8 << 20;

/// Most threads that can be allowed.
pub const THREADS_MAX: u32 = 64;

static ALLOWED: AtomicUsize = AtomicUsize::new(1);

/// Allows calls of [`SHARED_FROM`] bytes and more so many threads, the caller's own counted; 1 unless set. Holds for the
/// whole process.
///
/// # Errors
/// [`ErrorKind::InvalidArgument`] for 0 and for more than [`THREADS_MAX`].
pub fn allow_threads(count: u32) -> Result<()> {
    if !(1..=THREADS_MAX).contains(&count) {
        return Err(Error::argument("cThreads", format!("{count} threads; 1 to {THREADS_MAX} can be allowed")));
    }
    ALLOWED.store(count as usize, Ordering::Relaxed);
    Ok(())
}

/// Threads that a call with so much input may use.
pub(super) fn threads_for(input: usize) -> usize {
    if input < SHARED_FROM { 1 } else { ALLOWED.load(Ordering::Relaxed) }
}

/// Some blocks of a call.
pub(super) struct Piece<T> {
    /// Number of the first one.
    pub(super) block: u32,
    /// The end of the content is among them.
    pub(super) last: bool,
    /// What belongs to them.
    pub(super) of: T,
}

/// Something that can be cut behind so many bytes of input and of output.
pub(super) trait Cut: Sized {
    fn cut(self, input: usize, output: usize) -> (Self, Self);
}

impl Cut for &[u8] {
    fn cut(self, input: usize, _output: usize) -> (Self, Self) {
        self.split_at(input)
    }
}

impl Cut for Buffers<'_> {
    fn cut(self, input: usize, output: usize) -> (Self, Self) {
        match self {
            Self::Separate { input: from, output: to } => {
                let ((from, more_from), (to, more_to)) = (from.split_at(input), to.split_at_mut(output));
                (Self::separate(from, to), Self::separate(more_from, more_to))
            }
            // Both are the same here: where the result is longer or shorter, pieces would lie in each other's way.
            Self::InPlace { buffer, input_len, capacity } => {
                let (head, tail) = buffer.split_at_mut(input);
                let (input_len, capacity) = (input_len - input, capacity - input);
                (Self::in_place(head, input), Self::InPlace { buffer: tail, input_len, capacity })
            }
        }
    }
}

impl<T: Cut> Piece<T> {
    /// Cuts behind so many blocks of `sizes` bytes of input and output.
    pub(super) fn cut(self, blocks: usize, sizes: (usize, usize)) -> (Self, Self) {
        let (head, tail) = self.of.cut(blocks * sizes.0, blocks * sizes.1);
        // The numbers of all blocks of a call fit into 32 bits, which was checked.
        let next = self.block.saturating_add(u32::try_from(blocks).unwrap_or(u32::MAX));
        (Self { block: self.block, last: false, of: head }, Self { block: next, last: self.last, of: tail })
    }

    /// Cuts into `count` pieces of about the same size; `blocks` is the number of whole ones.
    pub(super) fn into_shares(self, count: usize, blocks: usize, sizes: (usize, usize)) -> Vec<Self> {
        let each = blocks / count;
        let mut shares = Vec::with_capacity(count);
        let mut rest = self;
        for _ in 1..count {
            let (share, more) = rest.cut(each, sizes);
            shares.push(share);
            rest = more;
        }
        shares.push(rest);
        shares
    }
}

impl ContentCipher {
    /// Whether pieces of a call can be written while others are read: not in place with a result of another length.
    pub(super) fn can_be_cut(&self, buffers: &Buffers<'_>) -> bool {
        matches!(buffers, Buffers::Separate { .. }) || self.block_size() == self.encrypted_block_size()
    }

    /// Encrypts on several threads. The caller has made sure that the call can be cut and the result fits.
    pub(super) fn encrypt_shared(
        &self,
        threads: usize,
        random: &dyn Random,
        call: Piece<Buffers<'_>>,
    ) -> Result<usize> {
        let sizes = (self.block_size() as usize, self.encrypted_block_size() as usize);
        let blocks = call.of.input().len() / sizes.0;
        let shares = call.into_shares(threads, blocks, sizes);
        // All nonces before the first byte is written, so that a failing generator leaves the output alone.
        let needed = shares.iter().map(|share| self.nonce_bytes(share));
        let needed = needed.collect::<Result<Vec<usize>>>()?;
        let mut nonces = room(needed.iter().sum())?;
        random.fill(&mut nonces)?;
        let mut left = &nonces[..];
        let shares = shares.into_iter().zip(needed).map(|(share, needed)| {
            let (own, more) = left.split_at(needed);
            left = more;
            (share, Drawn::new(own))
        });
        side_by_side(shares.collect(), |(share, nonces)| {
            self.cipher.encrypt(&nonces, share.block, share.last, share.of)
        })
    }

    fn nonce_bytes(&self, share: &Piece<Buffers<'_>>) -> Result<usize> {
        let segments = self.segments(share.block, share.last, share.of.input().len() as u64)?;
        usize::try_from(segments * u64::from(NONCE)).map_err(|_| Error::new(ErrorKind::OutOfMemory))
    }

    /// Decrypts on several threads what fits the capacity, if `extent` is exact.
    pub(super) fn decrypt_shared(&self, threads: usize, extent: Extent, call: Piece<Buffers<'_>>) -> Result<usize> {
        let sizes = (self.encrypted_block_size() as usize, self.block_size() as usize);
        let input = Piece { block: call.block, last: call.last, of: call.of.input() };
        let blocks = input.of.len() / sizes.0;
        side_by_side(input.into_shares(threads, blocks, sizes), |share| {
            self.cipher.verify(share.block, share.last, share.of).map(|()| 0)
        })?;
        // Where the result fits only if padding comes off, the end must say first how long it is.
        if !self.can_be_cut(&call.of) || call.of.require(extent.output).is_err() {
            return self.cipher.decrypt(call.block, call.last, call.of);
        }
        // The end by itself before the first byte is written elsewhere: its padding decides whether anything is.
        let before = call.of.input().len().saturating_sub(1) / sizes.0;
        let (head, end) = call.cut(before, sizes);
        let end = self.cipher.decrypt(end.block, end.last, end.of)?;
        let shares = head.into_shares(threads, before, sizes);
        Ok(end + side_by_side(shares, |share| self.cipher.decrypt(share.block, share.last, share.of))?)
    }
}

/// Does the work on all shares side by side, the last one on this thread. The first error in the order of shares counts.
pub(super) fn side_by_side<T: Send>(shares: Vec<T>, work: impl Fn(T) -> Result<usize> + Sync) -> Result<usize> {
    // In slots, so that a share whose thread does not start is still here.
    let slots: Vec<_> = shares.into_iter().map(|share| Mutex::new(Some(share))).collect();
    let run = |slot: &Mutex<Option<T>>| {
        let share = slot.lock().take();
        share.map(&work)
    };
    let Some((own, others)) = slots.split_last() else { return Ok(0) };
    std::thread::scope(|scope| {
        let started: Vec<_> = others
            .iter()
            .map(|slot| (slot, std::thread::Builder::new().spawn_scoped(scope, || run(slot)).ok()))
            .collect();
        let own = run(own);
        let mut sum = 0;
        for (slot, thread) in started {
            let done = match thread {
                Some(thread) => thread.join().map_err(|_| Error::internal("a thread of a call ended in a panic"))?,
                None => run(slot),
            };
            sum += done.unwrap_or(Ok(0))?;
        }
        Ok(sum + own.unwrap_or(Ok(0))?)
    })
}

/// Random bytes that were drawn before, to be given out once and in order.
#[derive(Debug)]
pub(super) struct Drawn<'a>(Mutex<&'a [u8]>);

impl<'a> Drawn<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(Mutex::new(bytes))
    }
}

impl Random for Drawn<'_> {
    fn fill(&self, out: &mut [u8]) -> Result<()> {
        let mut left = self.0.lock();
        let (now, rest) =
            left.split_at_checked(out.len()).ok_or_else(|| Error::internal("too few bytes were drawn"))?;
        out.copy_from_slice(now);
        *left = rest;
        Ok(())
    }
}

/// `length` zero bytes, or an error when memory is short: the length comes from the caller.
pub(super) fn room(length: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(length).map_err(|_| Error::new(ErrorKind::OutOfMemory))?;
    bytes.resize(length, 0);
    Ok(bytes)
}

#[cfg(test)]
#[path = "share_tests.rs"]
mod tests;
