//! The one error type: a kind for the program, a chain of context for the reader.
//!
//! Messages are lower case without a full stop; they say what was being done and what was found, and never hold key
//! bytes or plaintext. The mapping to `HRESULT` lives in the C layer.

use std::fmt;

/// Result of the core.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The condition, in the words of the domain.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An argument is missing, out of range or not what its type demands.
    InvalidArgument {
        /// The argument or property, as its caller knows it.
        what: &'static str,
    },
    /// A handle is null, closed, foreign or of another type.
    InvalidHandle,
    /// The output buffer cannot hold the result.
    BufferTooSmall {
        /// Bytes that would be enough.
        needed: u64,
    },
    /// The length is no multiple of the unit of the cipher.
    NotBlockAligned {
        /// The unit in bytes.
        unit: u32,
    },
    /// Protected content does not decrypt: wrong padding, wrong tag, wrong length.
    CorruptContent,
    /// The input is not what its format says.
    Malformed {
        /// The element or field that is wrong.
        what: &'static str,
    },
    /// A license does not bear a valid signature.
    BadSignature,
    /// The issuer of a license is not certified by the authority it names.
    BadChain,
    /// The license belongs to an authority that is not this one.
    UnknownAuthority,
    /// A use license belongs to another account's key.
    WrongUserKey,
    /// The sealed content key does not open or is not the one that was sealed.
    BadEnablingBits,
    /// The encrypted rights data does not decrypt to a rights document.
    BadRightsData,
    /// The account lacks a right.
    RightNotGranted {
        /// The right that was needed, or empty when none at all was granted.
        right: String,
    },
    /// The content expired.
    Expired,
    /// The validity of the content begins later.
    NotYetValid,
    /// The content was revoked.
    Revoked,
    /// The operation needs the licensing authority and the caller asked for offline.
    NeedsOnline,
    /// The operation needs a window and the caller asked for silence.
    NeedsUi,
    /// The property can be read only with a key.
    NeedsKey,
    /// Something named does not exist.
    NotFound {
        /// What was looked for.
        what: &'static str,
    },
    /// There is no text in the language asked for.
    LocaleNotFound,
    /// The license holds no user rights list.
    UserRightsNotSet,
    /// The license holds no interval time.
    IntervalTimeNotSet,
    /// The license holds no content key.
    ContentKeyNotSet,
    /// The property can be set once and is set.
    PropertyAlreadySet,
    /// A license would be longer than readers accept.
    LicenseTooLong,
    /// The system clock was set back.
    ClockRollback,
    /// The account may not publish with this template.
    TemplateNotEnabledForUser,
    /// The caller cancelled.
    Cancelled,
    /// The platform or the configuration cannot do this.
    NotSupported,
    /// The cipher or its mode is not supported.
    UnsupportedCrypto,
    /// A credential was refused.
    NotAuthenticated,
    /// The account is not allowed to do this.
    AccessDenied,
    /// The store of the authority cannot be used: missing key, wrong owner or mode, damaged.
    StoreUnusable,
    /// A protected file is damaged.
    FileCorrupt {
        /// The part that is wrong.
        what: &'static str,
    },
    /// The file is not protected.
    FileNotEncrypted,
    /// The administrator's rules forbid protecting files of this type.
    FileEncryptBlocked,
    /// The file is protected already and the caller forbade another policy.
    FileUpdateLicenseBlocked,
    /// A PDF that cannot be protected: signed, linearized, encrypted otherwise.
    FilePdfFormat,
    /// The file belongs to the operating system.
    FileSystemFile,
    /// The file is marked read-only.
    FileReadOnly,
    /// The operating system refused an operation on a file.
    Io(std::io::ErrorKind),
    /// The operating system refused an operation on a file, for a reason that [`std::io::ErrorKind`] has no name for.
    System(Refusal),
    /// Memory ran out.
    OutOfMemory,
    /// A defect of this library.
    Internal,
}

/// Why the operating system refused something, where Rust has no name for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Symbolic links lead round in a circle, or through too many.
    FilesystemLoop,
    /// The medium, or the way to it, failed.
    DeviceFault,
    /// The process or the system has as many files open as it may.
    TooManyOpenFiles,
}

impl ErrorKind {
    /// The condition in one word, for programs and logs. Words are never changed.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::InvalidArgument { .. } => "invalid-argument",
            Self::InvalidHandle => "invalid-handle",
            Self::BufferTooSmall { .. } => "buffer-too-small",
            Self::NotBlockAligned { .. } => "not-block-aligned",
            Self::CorruptContent => "corrupt-content",
            Self::Malformed { .. } => "malformed",
            Self::BadSignature => "bad-signature",
            Self::BadChain => "bad-chain",
            Self::UnknownAuthority => "unknown-authority",
            Self::WrongUserKey => "wrong-user-key",
            Self::BadEnablingBits => "bad-enabling-bits",
            Self::BadRightsData => "bad-rights-data",
            Self::RightNotGranted { .. } => "right-not-granted",
            Self::Expired => "expired",
            Self::NotYetValid => "not-yet-valid",
            Self::Revoked => "revoked",
            Self::NeedsOnline => "needs-online",
            Self::NeedsUi => "needs-ui",
            Self::NeedsKey => "needs-key",
            Self::NotFound { .. } => "not-found",
            Self::LocaleNotFound => "locale-not-found",
            Self::UserRightsNotSet => "user-rights-not-set",
            Self::IntervalTimeNotSet => "interval-time-not-set",
            Self::ContentKeyNotSet => "content-key-not-set",
            Self::PropertyAlreadySet => "property-already-set",
            Self::LicenseTooLong => "license-too-long",
            Self::ClockRollback => "clock-rollback",
            Self::TemplateNotEnabledForUser => "template-not-enabled-for-user",
            Self::Cancelled => "cancelled",
            Self::NotSupported => "not-supported",
            Self::UnsupportedCrypto => "unsupported-crypto",
            Self::NotAuthenticated => "not-authenticated",
            Self::AccessDenied => "access-denied",
            Self::StoreUnusable => "store-unusable",
            Self::FileCorrupt { .. } => "file-corrupt",
            Self::FileNotEncrypted => "file-not-encrypted",
            Self::FileEncryptBlocked => "file-encrypt-blocked",
            Self::FileUpdateLicenseBlocked => "file-update-license-blocked",
            Self::FilePdfFormat => "file-pdf-format",
            Self::FileSystemFile => "file-system-file",
            Self::FileReadOnly => "file-read-only",
            Self::Io(_) | Self::System(_) => "io",
            Self::OutOfMemory => "out-of-memory",
            Self::Internal => "internal",
        }
    }

    /// What the condition is about: an argument, an element, a right.
    #[must_use]
    pub fn subject(&self) -> Option<(&'static str, Fact)> {
        let text = |name, text: &str| Some((name, Fact::Text(text.to_owned())));
        match self {
            Self::InvalidArgument { what } => text("argument", what),
            Self::Malformed { what } | Self::FileCorrupt { what } => text("element", what),
            Self::NotFound { what } => text("missing", what),
            Self::RightNotGranted { right } if !right.is_empty() => text("right", right),
            Self::BufferTooSmall { needed } => Some(("needed", Fact::Number(*needed))),
            Self::NotBlockAligned { unit } => Some(("unit", Fact::Number(u64::from(*unit)))),
            Self::Io(kind) => text("io", &format!("{kind:?}")),
            Self::System(refusal) => text("io", &format!("{refusal:?}")),
            _ => None,
        }
    }
}

/// A value that a program can read: of a failure or of an event. Whoever writes it down masks what names people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// Words of this library, identifiers, names of rights. Never a secret, never content.
    Text(String),
    /// A count, bytes unless its name says otherwise.
    Number(u64),
    /// The address of an account or group.
    Account(String),
    /// The name of a file, with or without its folder.
    File(String),
}

/// What went wrong, and where.
///
/// The root kind decides what a program sees; context only explains.
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    inner: Box<Inner>,
}

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    kind: ErrorKind,
    /// Innermost first.
    notes: Vec<String>,
    /// What decided, for programs.
    facts: Vec<(&'static str, Fact)>,
}

impl Error {
    /// An error of a kind, without detail.
    #[must_use]
    pub fn new(kind: ErrorKind) -> Self {
        Self { inner: Box::new(Inner { kind, notes: Vec::new(), facts: Vec::new() }) }
    }

    /// An error of a kind with the detail that the kind alone does not tell.
    #[must_use]
    pub fn with(kind: ErrorKind, detail: impl Into<String>) -> Self {
        Self { inner: Box::new(Inner { kind, notes: vec![detail.into()], facts: Vec::new() }) }
    }

    /// An argument that cannot be accepted, and why.
    #[must_use]
    pub fn argument(what: &'static str, why: impl Into<String>) -> Self {
        Self::with(ErrorKind::InvalidArgument { what }, why)
    }

    /// Input that is not what its format says, and why.
    #[must_use]
    pub fn malformed(what: &'static str, why: impl Into<String>) -> Self {
        Self::with(ErrorKind::Malformed { what }, why)
    }

    /// A defect of this library.
    #[must_use]
    pub fn internal(why: impl Into<String>) -> Self {
        Self::with(ErrorKind::Internal, why)
    }

    /// The condition.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.inner.kind
    }

    /// Adds what was being done, outermost last.
    #[must_use]
    pub fn context(mut self, doing: impl Into<String>) -> Self {
        self.inner.notes.push(doing.into());
        self
    }

    /// Adds something that decided, under a name that programs know: `rule`, `account`, `content_id`. What the kind says
    /// itself ([`ErrorKind::subject`]) is not repeated.
    #[must_use]
    pub fn fact(mut self, name: &'static str, fact: Fact) -> Self {
        self.inner.facts.push((name, fact));
        self
    }

    /// Adds the rule that decided, by the name that it has in `docs/diagnostics.md`.
    #[must_use]
    pub fn rule(self, name: &'static str) -> Self {
        self.fact("rule", Fact::Text(name.to_owned()))
    }

    /// What decided, for programs.
    #[must_use]
    pub fn facts(&self) -> &[(&'static str, Fact)] {
        &self.inner.facts
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self::new(kind)
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::with(system_kind(&error), error.to_string())
    }
}

/// The kind of a refusal of the system, also where Rust has none for a code that callers tell from others.
#[cfg(unix)]
fn system_kind(error: &std::io::Error) -> ErrorKind {
    match error.raw_os_error() {
        Some(libc::ELOOP) => ErrorKind::System(Refusal::FilesystemLoop),
        Some(libc::EIO) => ErrorKind::System(Refusal::DeviceFault),
        Some(libc::EMFILE | libc::ENFILE) => ErrorKind::System(Refusal::TooManyOpenFiles),
        // Open, because it was looked at before, but not for this.
        Some(libc::EBADF) => ErrorKind::Io(std::io::ErrorKind::PermissionDenied),
        // A pipe, a socket, a device without its hardware: nothing that is read at an offset.
        Some(libc::ESPIPE | libc::ENXIO) => ErrorKind::Io(std::io::ErrorKind::Unsupported),
        _ => ErrorKind::Io(error.kind()),
    }
}

/// The kind of a refusal of the system, also where Rust has none for a code that callers tell from others.
#[cfg(windows)]
fn system_kind(error: &std::io::Error) -> ErrorKind {
    const ERROR_PATH_NOT_FOUND: i32 = 3;
    const ERROR_TOO_MANY_OPEN_FILES: i32 = 4;
    const ERROR_CRC: i32 = 23;
    const ERROR_READ_FAULT: i32 = 30;
    const ERROR_SHARING_VIOLATION: i32 = 32;
    const ERROR_LOCK_VIOLATION: i32 = 33;
    const ERROR_IO_DEVICE: i32 = 1117;
    const ERROR_CANT_RESOLVE_FILENAME: i32 = 1921;
    match error.raw_os_error() {
        Some(ERROR_PATH_NOT_FOUND) => ErrorKind::Io(std::io::ErrorKind::NotADirectory),
        Some(ERROR_SHARING_VIOLATION | ERROR_LOCK_VIOLATION) => ErrorKind::Io(std::io::ErrorKind::ResourceBusy),
        Some(ERROR_TOO_MANY_OPEN_FILES) => ErrorKind::System(Refusal::TooManyOpenFiles),
        Some(ERROR_CRC | ERROR_READ_FAULT | ERROR_IO_DEVICE) => ErrorKind::System(Refusal::DeviceFault),
        Some(ERROR_CANT_RESOLVE_FILENAME) => ErrorKind::System(Refusal::FilesystemLoop),
        _ => ErrorKind::Io(error.kind()),
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidArgument { what } => write!(f, "invalid argument {what}"),
            Self::InvalidHandle => f.write_str("the handle is null, closed or of another type"),
            Self::BufferTooSmall { needed } => write!(f, "the output buffer is too small, {needed} bytes are needed"),
            Self::NotBlockAligned { unit } => {
                write!(f, "the length is no multiple of {unit} bytes")
            }
            Self::CorruptContent => f.write_str("the content does not decrypt"),
            Self::Malformed { what } => write!(f, "malformed {what}"),
            Self::BadSignature => f.write_str("the signature is not valid"),
            Self::BadChain => f.write_str("the issuer is not certified by the authority named in the license"),
            Self::UnknownAuthority => f.write_str("the license belongs to another licensing authority"),
            Self::WrongUserKey => f.write_str("the use license belongs to another account"),
            Self::BadEnablingBits => f.write_str("the sealed content key does not open"),
            Self::BadRightsData => f.write_str("the encrypted rights data is damaged"),
            Self::RightNotGranted { right } if right.is_empty() => f.write_str("no right is granted"),
            Self::RightNotGranted { right } => write!(f, "the right {right} is not granted"),
            Self::Expired => f.write_str("the content has expired"),
            Self::NotYetValid => f.write_str("the content is not valid yet"),
            Self::Revoked => f.write_str("the content was revoked"),
            Self::NeedsOnline => f.write_str("the licensing authority is needed"),
            Self::NeedsUi => f.write_str("a window is needed"),
            Self::NeedsKey => f.write_str("the property can be read only with the key of the license"),
            Self::NotFound { what } => write!(f, "{what} not found"),
            Self::LocaleNotFound => f.write_str("there is no text in this language"),
            Self::UserRightsNotSet => f.write_str("the license holds no user rights list"),
            Self::IntervalTimeNotSet => f.write_str("the license holds no interval time"),
            Self::ContentKeyNotSet => f.write_str("the license holds no content key"),
            Self::PropertyAlreadySet => f.write_str("the property is already set"),
            Self::LicenseTooLong => f.write_str("the license would be too long"),
            Self::ClockRollback => f.write_str("the system clock was set back"),
            Self::TemplateNotEnabledForUser => f.write_str("the template is not enabled for this account"),
            Self::Cancelled => f.write_str("cancelled"),
            Self::NotSupported => f.write_str("not supported here"),
            Self::UnsupportedCrypto => f.write_str("the algorithm is not supported"),
            Self::NotAuthenticated => f.write_str("the credential was refused"),
            Self::AccessDenied => f.write_str("the account is not allowed to do this"),
            Self::StoreUnusable => f.write_str("the store of the licensing authority cannot be used"),
            Self::FileCorrupt { what } => write!(f, "the protected file is damaged ({what})"),
            Self::FileNotEncrypted => f.write_str("the file is not protected"),
            Self::FileEncryptBlocked => f.write_str("files of this type must not be protected"),
            Self::FileUpdateLicenseBlocked => f.write_str("the file is protected and must keep its policy"),
            Self::FilePdfFormat => f.write_str("this PDF cannot be protected"),
            Self::FileSystemFile => f.write_str("the file belongs to the operating system, or is no regular file"),
            Self::FileReadOnly => f.write_str("the file is read-only"),
            Self::Io(kind) => write!(f, "{kind}"),
            Self::System(Refusal::FilesystemLoop) => f.write_str("symbolic links lead round in a circle"),
            Self::System(Refusal::DeviceFault) => f.write_str("the medium or its connection failed"),
            Self::System(Refusal::TooManyOpenFiles) => f.write_str("too many files are open"),
            Self::OutOfMemory => f.write_str("out of memory"),
            Self::Internal => f.write_str("internal error"),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for note in self.inner.notes.iter().skip(1).rev() {
            write!(f, "{note}: ")?;
        }
        match (&self.inner.kind, self.inner.notes.first()) {
            // The detail is what the system said, or says the same in more words.
            (ErrorKind::Io(_) | ErrorKind::System(_), Some(detail)) => f.write_str(detail),
            (kind, Some(detail)) => write!(f, "{kind}: {detail}"),
            (kind, None) => write!(f, "{kind}"),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({self})")
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_kind_decides_and_context_reads_outermost_first() {
        let error = Error::malformed("ISSUEDTIME", "not a time").context("reading the license").context("opening plan");
        assert_eq!(error.kind(), &ErrorKind::Malformed { what: "ISSUEDTIME" });
        assert_eq!(error.to_string(), "opening plan: reading the license: malformed ISSUEDTIME: not a time");
    }
}
