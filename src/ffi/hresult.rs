//! From the conditions of the core to the codes of the interface: one table, and no arm for "everything else".

use super::base::*;
use super::constants::*;
use crate::error::{ErrorKind, Refusal};
use std::io;

/// The code of a condition. Codes that the page of one function demands are chosen by that function.
pub(crate) fn code(kind: &ErrorKind) -> HRESULT {
    match kind {
        ErrorKind::InvalidArgument { .. } => E_INVALIDARG,
        ErrorKind::InvalidHandle => E_HANDLE,
        ErrorKind::BufferTooSmall { .. } => hresult_from_win32(ERROR_INSUFFICIENT_BUFFER),
        ErrorKind::NotBlockAligned { .. } => IPCERROR_NOT_BLOCK_ALIGNED,
        ErrorKind::CorruptContent
        | ErrorKind::Malformed { .. }
        | ErrorKind::BadEnablingBits
        | ErrorKind::BadRightsData => hresult_from_win32(ERROR_INVALID_DATA),
        ErrorKind::BadSignature | ErrorKind::BadChain | ErrorKind::UnknownAuthority | ErrorKind::WrongUserKey => {
            IPCERROR_BROKEN_CERT_CHAIN
        }
        ErrorKind::RightNotGranted { .. } | ErrorKind::Expired | ErrorKind::NotYetValid | ErrorKind::Revoked => {
            IPCERROR_RIGHT_NOT_GRANTED
        }
        ErrorKind::NeedsOnline => IPCERROR_NEEDS_ONLINE,
        ErrorKind::NeedsUi => IPCERROR_NEEDS_UI,
        ErrorKind::NeedsKey => IPCERROR_NEEDS_KEY_PARAMETER,
        ErrorKind::NotFound { .. } => hresult_from_win32(ERROR_NOT_FOUND),
        ErrorKind::LocaleNotFound => IPCERROR_LOCALE_NOT_FOUND,
        ErrorKind::UserRightsNotSet => IPCERROR_USER_RIGHTS_NOT_SET,
        ErrorKind::IntervalTimeNotSet => IPCERROR_LICENSE_INTERVAL_TIME_NOT_SET,
        ErrorKind::ContentKeyNotSet => IPCERROR_CONTENT_KEY_NOT_SET,
        ErrorKind::PropertyAlreadySet => IPCERROR_PROPERTY_ALREADY_SET,
        ErrorKind::LicenseTooLong => IPCERROR_ISSUANCELICENSE_LENGTH_LIMIT_EXCEEDED,
        ErrorKind::ClockRollback => IPCERROR_CLOCK_ROLL_BACK_DETECTED,
        ErrorKind::TemplateNotEnabledForUser => IPCERROR_TEMPLATE_NOT_ENABLED_FOR_USER,
        ErrorKind::Cancelled => hresult_from_win32(ERROR_CANCELLED),
        ErrorKind::NotSupported => hresult_from_win32(ERROR_NOT_SUPPORTED),
        ErrorKind::UnsupportedCrypto => IPCERROR_CRYPTO_OPERATION_UNSUPPORTED,
        ErrorKind::NotAuthenticated => hresult_from_win32(ERROR_NOT_AUTHENTICATED),
        ErrorKind::AccessDenied => E_ACCESSDENIED,
        // Not "access denied": another account would not help, somebody has to repair the store.
        ErrorKind::StoreUnusable => hresult_from_win32(ERROR_NOT_READY),
        ErrorKind::FileCorrupt { .. } => hresult_from_win32(ERROR_FILE_CORRUPT),
        ErrorKind::FileNotEncrypted => IPCERROR_FILE_IS_NOT_ENCRYPTED,
        ErrorKind::FileEncryptBlocked => IPCERROR_FILE_ENCRYPT_BLOCKED,
        ErrorKind::FileUpdateLicenseBlocked => IPCERROR_FILE_UPDATELICENSE_BLOCKED,
        ErrorKind::FilePdfFormat => IPCERROR_FILE_PDFPROTECTOR_FORMAT_NOT_SUPPORTED,
        ErrorKind::FileSystemFile => IPCERROR_FILE_SYSTEM_FILE,
        ErrorKind::FileReadOnly => hresult_from_win32(ERROR_FILE_READ_ONLY),
        ErrorKind::Io(kind) => hresult_from_win32(io_code(*kind)),
        ErrorKind::System(Refusal::FilesystemLoop) => hresult_from_win32(ERROR_CANT_RESOLVE_FILENAME),
        ErrorKind::System(Refusal::DeviceFault) => hresult_from_win32(ERROR_IO_DEVICE),
        ErrorKind::System(Refusal::TooManyOpenFiles) => hresult_from_win32(ERROR_TOO_MANY_OPEN_FILES),
        ErrorKind::OutOfMemory => E_OUTOFMEMORY,
        ErrorKind::Internal => E_UNEXPECTED,
    }
}

/// The Win32 code of a refusal of the operating system. The list of such refusals is open, so this one has a last arm.
fn io_code(kind: io::ErrorKind) -> u32 {
    match kind {
        io::ErrorKind::NotFound => ERROR_FILE_NOT_FOUND,
        io::ErrorKind::NotADirectory => ERROR_PATH_NOT_FOUND,
        io::ErrorKind::PermissionDenied | io::ErrorKind::IsADirectory => ERROR_ACCESS_DENIED,
        io::ErrorKind::AlreadyExists => ERROR_FILE_EXISTS,
        io::ErrorKind::ReadOnlyFilesystem => ERROR_WRITE_PROTECT,
        io::ErrorKind::ResourceBusy | io::ErrorKind::ExecutableFileBusy | io::ErrorKind::WouldBlock => {
            ERROR_SHARING_VIOLATION
        }
        io::ErrorKind::Deadlock => ERROR_LOCK_VIOLATION,
        io::ErrorKind::UnexpectedEof => ERROR_HANDLE_EOF,
        io::ErrorKind::Unsupported => ERROR_NOT_SUPPORTED,
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => ERROR_DISK_FULL,
        io::ErrorKind::InvalidFilename => ERROR_INVALID_NAME,
        io::ErrorKind::InvalidInput => ERROR_INVALID_PARAMETER,
        io::ErrorKind::InvalidData => ERROR_INVALID_DATA,
        io::ErrorKind::Interrupted => ERROR_OPERATION_ABORTED,
        io::ErrorKind::ConnectionRefused => ERROR_CONNECTION_REFUSED,
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable => ERROR_NETWORK_UNREACHABLE,
        io::ErrorKind::NetworkDown => ERROR_NO_NETWORK,
        io::ErrorKind::TimedOut => ERROR_TIMEOUT,
        io::ErrorKind::OutOfMemory => ERROR_OUTOFMEMORY,
        _ => E_FAIL.cast_unsigned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bits(kind: ErrorKind) -> u32 {
        code(&kind).cast_unsigned()
    }

    #[cfg(unix)]
    #[test]
    fn refusals_of_the_system_that_rust_does_not_name() {
        let of = |raw| bits(crate::error::Error::from(io::Error::from_raw_os_error(raw)).kind().clone());
        assert_eq!(of(libc::ELOOP), 0x8007_0781);
        assert_eq!(of(libc::EIO), 0x8007_045D);
        assert_eq!((of(libc::EMFILE), of(libc::ENFILE)), (0x8007_0004, 0x8007_0004));
        assert_eq!(of(libc::EBADF), 0x8007_0005);
        assert_eq!((of(libc::ESPIPE), of(libc::ENXIO)), (0x8007_0032, 0x8007_0032));
        assert_eq!((of(libc::ENOENT), of(libc::EISDIR)), (0x8007_0002, 0x8007_0005));
    }

    #[test]
    fn codes_that_programs_test_for() {
        assert_eq!(bits(ErrorKind::NeedsOnline), 0x8004_020D);
        assert_eq!(bits(ErrorKind::Io(io::ErrorKind::NotFound)), 0x8007_0002);
        assert_eq!(bits(ErrorKind::Io(io::ErrorKind::PermissionDenied)), 0x8007_0005);
        assert_eq!(bits(ErrorKind::AccessDenied), 0x8007_0005);
        assert_eq!(bits(ErrorKind::InvalidHandle), 0x8007_0006);
        assert_eq!(bits(ErrorKind::InvalidArgument { what: "x" }), 0x8007_0057);
        assert_eq!(bits(ErrorKind::BufferTooSmall { needed: 1 }), 0x8007_007A);
        assert_eq!(bits(ErrorKind::CorruptContent), 0x8007_000D);
        assert_eq!(bits(ErrorKind::NotFound { what: "template" }), 0x8007_0490);
        assert_eq!(bits(ErrorKind::Cancelled), 0x8007_04C7);
        assert_eq!(bits(ErrorKind::NotAuthenticated), 0x8007_04DC);
        assert_eq!(bits(ErrorKind::UnknownAuthority), 0x8004_0204);
        assert_eq!(bits(ErrorKind::Expired), 0x8004_0211);
        assert_eq!(bits(ErrorKind::NotSupported), 0x8007_0032);
        assert_eq!(bits(ErrorKind::Internal), 0x8000_FFFF);
        assert_eq!(bits(ErrorKind::Io(io::ErrorKind::Other)), 0x8000_4005);
        assert_eq!(bits(ErrorKind::Io(io::ErrorKind::OutOfMemory)), 0x8007_000E);
    }
}
