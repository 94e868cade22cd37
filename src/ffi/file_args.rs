//! What the calls on whole files share, by path and as streams: paths and names, flags, what a file is to say.

use std::path::PathBuf;

use super::args;
use super::ask;
use super::base::*;
use super::boundary::Fault;
use super::constants::*;
use super::license::Source;
use super::memory;
use super::out::Out;
use super::types::*;
use super::wide;
use super::write;
use crate::base::os::files;
use crate::base::time::Timestamp;
use crate::client::{Environment, Keep, Prompt};
use crate::error::{Error, ErrorKind, Result};
use crate::file::Storage;
use crate::file::detect::{self, Protected};
use crate::file::naming::Container;
use crate::file::whole::{Policy, Protection};
use crate::license::{MetadataProperty, NotificationType};

/// A path of the application.
///
/// # Safety
/// `path` is null or ends in NUL.
pub(super) unsafe fn path(path: LPCWSTR, what: &'static str) -> Result<PathBuf> {
    // SAFETY: by this function's contract.
    let text = unsafe { wide::read(path, what)? };
    if text.is_empty() {
        return Err(Error::argument(what, "empty"));
    }
    Ok(PathBuf::from(text))
}

/// The name that a hint at a stream's path ends in. The path need not exist, and may be that of another system.
///
/// # Safety
/// `path` is null or ends in NUL.
pub(super) unsafe fn hint(path: LPCWSTR) -> Result<String> {
    const WHAT: &str = "wszInputFilePath";
    // SAFETY: by this function's contract.
    let text = unsafe { wide::read(path, WHAT)? };
    let name = text.rsplit(['/', '\\']).next().unwrap_or_default();
    if name.is_empty() { Err(Error::argument(WHAT, "names no file")) } else { Ok(name.to_owned()) }
}

/// Hands out a path, or leaves null where nothing changed. The output may be null.
pub(super) fn tell(out: Option<Out<LPCWSTR>>, path: Option<&str>) -> Result<()> {
    if let (Some(out), Some(path)) = (out, path) {
        out.set(memory::text(path)?.hand_out());
    }
    Ok(())
}

pub(super) fn text_of(path: Option<PathBuf>) -> Result<Option<String>> {
    let Some(path) = path else { return Ok(None) };
    let text = files::shown(path).into_os_string().into_string();
    text.map(Some).map_err(|_| Error::argument("wszInputFilePath", "the new path is not valid Unicode"))
}

const FORCE: DWORD = IPCF_EF_FLAG_FORCE_PFILE | IPCF_EF_FLAG_FORCE_NATIVE;

/// The container that the flags ask for.
pub(super) fn forced(flags: DWORD) -> Result<Option<Container>> {
    match flags & FORCE {
        0 => Ok(None),
        IPCF_EF_FLAG_FORCE_PFILE => Ok(Some(Container::Pfile)),
        IPCF_EF_FLAG_FORCE_NATIVE => Ok(Some(Container::Native)),
        _ => Err(Error::argument("dwFlags", "a file is forced into a pfile or into its own format, not both")),
    }
}

/// Where the publisher's use license may be kept; the strictest flag wins.
fn kept(flags: DWORD) -> Keep {
    if flags & (IPCF_EF_FLAG_KEY_NO_PERSIST | IPCF_EF_FLAG_KEY_NO_PERSIST_LICENSE) != 0 {
        Keep::Nowhere
    } else if flags & IPCF_EF_FLAG_KEY_NO_PERSIST_DISK != 0 {
        Keep::Memory
    } else {
        Keep::Disk
    }
}

/// What the arguments of a call say about protecting a file.
pub(super) struct Asked {
    policy: Policy,
    flags: DWORD,
    force: Option<Container>,
    metadata: Option<Vec<MetadataProperty>>,
}

impl Asked {
    /// Reads the arguments that all calls which protect have, and who asks.
    ///
    /// # Safety
    /// As the interface describes them.
    pub(super) unsafe fn read(
        info: LPCVOID,
        kind: DWORD,
        flags: DWORD,
        metadata: PCIPC_LICENSE_METADATA,
        context: PCIPC_PROMPT_CTX,
    ) -> Result<(Self, Prompt), Fault> {
        let flags = protecting_flags(flags)?;
        let force = forced(flags)?;
        let is_template = match kind {
            IPCF_EF_TEMPLATE_ID => true,
            IPCF_EF_LICENSE_HANDLE => false,
            other => return Err(args::unknown(other, "dwType").into()),
        };
        // SAFETY: by this function's contract.
        let source = unsafe { Source::read(info, is_template)? };
        // SAFETY: by this function's contract.
        let metadata = unsafe { read_metadata(metadata)? };
        let policy = match source {
            Source::Template(id) => Policy::Template(id),
            Source::License(license) => Policy::Draft(Box::new(license.draft().clone())),
        };
        // SAFETY: null or valid, by this function's contract.
        let mut prompt = ask::prompt(unsafe { args::prompt(context)? })?;
        prompt.keep = kept(flags);
        Ok((Self { policy, flags, force, metadata }, prompt))
    }

    /// The protection, which borrows who signs and for whom.
    pub(super) fn protection<'a>(self, environment: &'a Environment, prompt: &'a Prompt) -> Protection<'a> {
        let Self { policy, flags, force, metadata } = self;
        let keep_policy = flags & IPCF_EF_FLAG_UPDATELICENSE_BLOCKED != 0;
        Protection { environment, prompt, policy, metadata, force, keep_policy }
    }
}

/// What is to be registered about a document.
///
/// # Safety
/// `metadata` is null or valid with its text.
unsafe fn read_metadata(metadata: PCIPC_LICENSE_METADATA) -> Result<Option<Vec<MetadataProperty>>> {
    const WHAT: &str = "pLicenseMetadata";
    if metadata.is_null() {
        return Ok(None);
    }
    // SAFETY: by this function's contract.
    let given = unsafe { args::sized::<IPC_LICENSE_METADATA>(metadata, size_of::<IPC_LICENSE_METADATA>(), WHAT)? };
    let (kind, preference, name) = (given.dwNotificationType, given.dwNotificationPreference, given.wszContentName);
    let (modified, created) = (given.ftDateModified, given.ftDateCreated);
    let mut properties = vec![
        MetadataProperty::Notification(Some(match kind {
            IPCD_CT_NOTIFICATION_TYPE_DISABLED => NotificationType::Disabled,
            IPCD_CT_NOTIFICATION_TYPE_ENABLED => NotificationType::Enabled,
            IPCD_CT_NOTIFICATION_TYPE_DENY_ONLY => NotificationType::DenyOnly,
            other => return Err(args::unknown(other, "pLicenseMetadata->dwNotificationType")),
        })),
        MetadataProperty::Digest(Some(match preference {
            IPCD_CT_NOTIFICATION_PREF_DEFAULT => false,
            IPCD_CT_NOTIFICATION_PREF_DIGEST => true,
            other => return Err(args::unknown(other, "pLicenseMetadata->dwNotificationPreference")),
        })),
    ];
    // A time of zero is one that was not filled in.
    let time = |time: FILETIME| (time.ticks() != 0).then(|| Timestamp::from_filetime(time.ticks()));
    properties.extend(time(modified).map(|at| MetadataProperty::Modified(Some(at))));
    properties.extend(time(created).map(|at| MetadataProperty::Created(Some(at))));
    if !name.is_null() {
        // SAFETY: terminated, by this function's contract.
        let name = unsafe { wide::read(name, "pLicenseMetadata->wszContentName")? };
        properties.push(MetadataProperty::ContentName(Some(name)));
    }
    Ok(Some(properties))
}

/// The flags of protecting, which a question for a name has too, although few of them matter there.
pub(super) fn protecting_flags(flags: DWORD) -> Result<DWORD> {
    const KNOWN: DWORD = IPCF_EF_FLAG_UPDATELICENSE_BLOCKED
        | IPCF_EF_FLAG_KEY_NO_PERSIST
        | IPCF_EF_FLAG_KEY_NO_PERSIST_DISK
        | IPCF_EF_FLAG_KEY_NO_PERSIST_LICENSE
        | FORCE;
    args::flags(flags, KNOWN, "dwFlags")
}

/// The constant for what was found.
pub(super) fn status(found: Option<Protected>) -> DWORD {
    match found {
        None => IPCF_FILE_STATUS_DECRYPTED,
        Some(Protected::Pfile { native: false }) => IPCF_FILE_STATUS_ENCRYPTED,
        Some(Protected::Pfile { native: true } | Protected::Office | Protected::Pdf) => {
            IPCF_FILE_STATUS_ENCRYPTED_CUSTOM
        }
    }
}

/// The license of a file for the caller. Mails are no format of the File API, although they hold a license.
pub(super) fn license(storage: &dyn Storage, name: &str) -> Result<memory::Block> {
    let is_mail = [".msg", ".rpmsg"].iter().any(|end| name.to_ascii_lowercase().ends_with(end));
    if is_mail {
        return Err(Error::new(ErrorKind::FileNotEncrypted));
    }
    write::buffer(&detect::license(storage)?)
}
