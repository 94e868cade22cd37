//! Content, encrypted and decrypted block by block.

use super::base::*;
use super::boundary::entry;
use super::types::*;
use crate::error::{Error, ErrorKind};

/// Encrypts a piece of the content. Pieces may come in any order.
///
/// `hKey` is borrowed. `dwBlockNumber` is the number of the first block of the piece, in blocks of `IPC_KI_BLOCK_SIZE`
/// bytes from the start of the content. `fFinal` not `FALSE` says that the piece is the last one, which may be padded.
/// `pbInput` holds `cbInput` bytes. `pbOutput` holds room for `cbOutput` bytes; it may be `pbInput`, but must not overlap it
/// otherwise. `pbOutput` null asks for the size. `*pcbResult` is the number of bytes written or needed.
///
/// # Returns
/// - `S_OK`: encrypted, or the size told.
/// - `E_INVALIDARG`: a null pointer, buffers that overlap, padding that needs a block number past 32 bits.
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
    let _unused = (hKey, dwBlockNumber, fFinal, pbInput, cbInput, pbOutput, cbOutput, pcbResult);
    entry("IpcEncrypt", || Err(Error::new(ErrorKind::NotSupported)))
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
/// - `E_INVALIDARG`: a null pointer, buffers that overlap.
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
    let _unused = (hKey, dwBlockNumber, fFinal, pbInput, cbInput, pbOutput, cbOutput, pcbResult);
    entry("IpcDecrypt", || Err(Error::new(ErrorKind::NotSupported)))
}
