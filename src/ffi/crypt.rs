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
pub unsafe extern "C" fn IpcEncrypt(
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
        args::apart_from_content(pcbResult, [(pbInput, cbInput), (pbOutput, cbOutput)])?;
        // SAFETY: null or writable, by this function's contract.
        let result = unsafe { Out::cleared(pcbResult, "pcbResult")? };
        let key = handles::get::<Key>(hKey)?;
        // SAFETY: null or as long as their counts say, by this function's contract.
        let content = unsafe { args::content(pbInput, cbInput, pbOutput, cbOutput)? };

        let (block, last) = (dwBlockNumber, fFinal != FALSE);
        let written = match content {
            Content::Size { input } => key.encrypted_len(block, last, input as u64),
            Content::Apart { input, output } => {
                key.encrypt(block, last, Buffers::Separate { input, output }).map(|n| n as u64)
            }
            Content::InPlace { buffer, input, output } => key
                .encrypt(block, last, Buffers::InPlace { buffer, input_len: input, capacity: output })
                .map(|n| n as u64),
        };

        finish(result, written)
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
pub unsafe extern "C" fn IpcDecrypt(
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
        args::apart_from_content(pcbResult, [(pbInput, cbInput), (pbOutput, cbOutput)])?;
        // SAFETY: null or writable, by this function's contract.
        let result = unsafe { Out::cleared(pcbResult, "pcbResult")? };
        let key = handles::get::<Key>(hKey)?;
        // SAFETY: null or as long as their counts say, by this function's contract.
        let content = unsafe { args::content(pbInput, cbInput, pbOutput, cbOutput)? };

        let (block, last) = (dwBlockNumber, fFinal != FALSE);
        let written = match content {
            Content::Size { input } => key.decrypted_len_bound(block, last, input as u64),
            Content::Apart { input, output } => {
                key.decrypt(block, last, Buffers::Separate { input, output }).map(|n| n as u64)
            }
            Content::InPlace { buffer, input, output } => key
                .decrypt(block, last, Buffers::InPlace { buffer, input_len: input, capacity: output })
                .map(|n| n as u64),
        };

        finish(result, written)
    })
}
