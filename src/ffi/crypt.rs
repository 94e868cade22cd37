//! Content, encrypted and decrypted block by block.

use super::args::{self, Content};
use super::base::*;
use super::boundary::entry;
use super::handles;
use super::out::Out;
use super::types::*;
use crate::cipher::Buffers;
use crate::client::Key;
use crate::error::{Error, ErrorKind, Result};

/// Writes the size of the result, or the size that would have been enough.
fn finish(result: Out<DWORD>, outcome: Result<u64>) -> Result<()> {
    match outcome {
        Ok(size) => {
            let too_large = |_| Error::argument("cbInput", "the result would be longer than a DWORD can tell");
            result.set(DWORD::try_from(size).map_err(too_large)?);
            Ok(())
        }
        Err(error) => {
            if let ErrorKind::BufferTooSmall { needed } = error.kind() {
                result.set(DWORD::try_from(*needed).unwrap_or(DWORD::MAX));
            }
            Err(error)
        }
    }
}

/// The content of one call, and where its size goes.
struct Given {
    input: (PBYTE, DWORD),
    output: (PBYTE, DWORD),
    result: *mut DWORD,
}

impl Given {
    /// Tells the size of the result, or turns the input into the output.
    ///
    /// # Safety
    /// The buffers are null or as long as their counts say; the result is null or writable.
    unsafe fn turn(
        self,
        key: IPC_KEY_HANDLE,
        size: impl FnOnce(&Key, u64) -> Result<u64>,
        work: impl FnOnce(&Key, Buffers<'_>) -> Result<usize>,
    ) -> Result<()> {
        let constant = |(start, count): (PBYTE, DWORD)| (start.cast_const(), count);
        args::apart_from_content(self.result, [self.input, self.output].map(constant))?;
        // SAFETY: null or writable, by this function's contract.
        let result = unsafe { Out::cleared(self.result, "pcbResult")? };
        let key = handles::get::<Key>(key)?;
        // SAFETY: null or as long as their counts say, by this function's contract.
        let content = unsafe { args::content(self.input.0, self.input.1, self.output.0, self.output.1)? };

        let buffers = match content {
            Content::Size { input } => return finish(result, size(&key, input as u64)),
            Content::Apart { input, output } => Buffers::Separate { input, output },
            Content::InPlace { buffer, input, output } => {
                Buffers::InPlace { buffer, input_len: input, capacity: output }
            }
        };
        finish(result, work(&key, buffers).map(|written| written as u64))
    }
}

/// Encrypts a piece of the content. Pieces may come in any order.
///
/// `hKey` is borrowed. `dwBlockNumber` is the number of the first block of the piece, in blocks of `IPC_KI_BLOCK_SIZE`
/// bytes from the start of the content. `fFinal` not `FALSE` says that the piece is the last one, which may be padded.
/// `pbInput` holds `cbInput` bytes. `pbOutput` holds room for `cbOutput` bytes; it may be `pbInput`, but must not overlap it
/// otherwise. `pbOutput` null asks for the size. `*pcbResult` is the number of bytes written or needed.
///
/// # Returns
/// - `S_OK`: encrypted, or the size told.
/// - `E_INVALIDARG`: a null pointer, buffers that overlap, `pcbResult` inside one of them, padding that needs a block number
///   past 32 bits.
/// - `E_HANDLE`: `hKey` is closed or is not a key.
/// - `IPCERROR_NOT_BLOCK_ALIGNED`: `cbInput` is no multiple of the block size and the piece is not the last one.
/// - `HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER)`: `cbOutput` is too small; `*pcbResult` tells what is needed and nothing
///   was written.
/// - `IPCERROR_RIGHT_NOT_GRANTED`: the key grants none of EDIT, DOCEDIT, EXPORT and OWNER.
///
/// # Threads
/// Any thread, also on one key at once.
///
/// # Safety
/// The buffers are null or as long as their counts say; `pcbResult` is null or writable.
///
/// # Source
/// MSIPC reference, *IpcEncrypt*. The page asks for whole blocks unless `fFinal` is `FALSE`; unless it is `TRUE` is meant,
/// as *IpcDecrypt* says.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcEncrypt(
    hKey: IPC_KEY_HANDLE,
    dwBlockNumber: DWORD,
    fFinal: BOOL,
    pbInput: PBYTE,
    cbInput: DWORD,
    pbOutput: PBYTE,
    cbOutput: DWORD,
    pcbResult: *mut DWORD,
) -> HRESULT {
    entry("IpcEncrypt", || {
        let content = Given { input: (pbInput, cbInput), output: (pbOutput, cbOutput), result: pcbResult };
        let (block, last) = (dwBlockNumber, fFinal != FALSE);
        let size = |key: &Key, input| key.encrypted_len(block, last, input);
        // SAFETY: null or as long as the counts say, by this function's contract.
        unsafe { content.turn(hKey, size, |key, buffers| key.encrypt(block, last, buffers)) }
    })
}

/// Decrypts a piece of the content. Pieces may come in any order.
///
/// `hKey` is borrowed. `dwBlockNumber` is the number of the first block of the piece, in blocks of `IPC_KI_BLOCK_SIZE`
/// bytes from the start of the content. `fFinal` not `FALSE` says that the piece is the last one, whose padding is removed.
/// `pbInput` holds `cbInput` bytes. `pbOutput` holds room for `cbOutput` bytes; it may be `pbInput`, but must not overlap it
/// otherwise. `pbOutput` null asks for the size, which may then be an upper bound. `*pcbResult` is the number of bytes
/// written or needed.
///
/// # Returns
/// - `S_OK`: decrypted, or the size told.
/// - `E_INVALIDARG`: a null pointer, buffers that overlap, `pcbResult` inside one of them.
/// - `E_HANDLE`: `hKey` is closed or is not a key.
/// - `IPCERROR_NOT_BLOCK_ALIGNED`: `cbInput` is no multiple of the unit of the cipher.
/// - `HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER)`: `cbOutput` is too small; `*pcbResult` tells what is needed and nothing
///   was written.
/// - `HRESULT_FROM_WIN32(ERROR_INVALID_DATA)`: padding or tag is wrong; nothing was written.
/// - `IPCERROR_RIGHT_NOT_GRANTED`: the key grants neither VIEW nor OWNER.
///
/// # Threads
/// Any thread, also on one key at once.
///
/// # Safety
/// The buffers are null or as long as their counts say; `pcbResult` is null or writable.
///
/// # Source
/// MSIPC reference, *IpcDecrypt*.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcDecrypt(
    hKey: IPC_KEY_HANDLE,
    dwBlockNumber: DWORD,
    fFinal: BOOL,
    pbInput: PBYTE,
    cbInput: DWORD,
    pbOutput: PBYTE,
    cbOutput: DWORD,
    pcbResult: *mut DWORD,
) -> HRESULT {
    entry("IpcDecrypt", || {
        let content = Given { input: (pbInput, cbInput), output: (pbOutput, cbOutput), result: pcbResult };
        let (block, last) = (dwBlockNumber, fFinal != FALSE);
        let size = |key: &Key, input| key.decrypted_len_bound(block, last, input);
        // SAFETY: null or as long as the counts say, by this function's contract.
        unsafe { content.turn(hKey, size, |key, buffers| key.decrypt(block, last, buffers)) }
    })
}
