//! Whole files: protected, opened, protected anew; on paths and on streams.
//!
//! Arguments, the file and its rules are looked at before a license is made, and nothing on the disk changes before the
//! last step. A result is written beside its place and appears there only when it is complete; what was there before goes
//! only then.

use std::cell::RefCell;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::coder::{Coder, KeyCoder};
use super::detect::{Protected, detect, license};
use super::naming::{self, Container};
use super::open::{UndoBeside, take_back};
use super::rules::Rules;
use super::storage::Storage;
use super::{office, pdf, pfile};
use crate::base::guid::Guid;
use crate::base::os::files::{self, NewFile, Stamp};
use crate::cipher::PackageId;
use crate::client::{Draft, Environment, FileContainer, Key, Prompt};
use crate::error::{Error, ErrorKind, Result};
use crate::license::MetadataProperty;

/// Told how much of the work is done, in bytes of content: done and in all. An error ends the work with that error.
pub type Progress<'a> = dyn FnMut(u64, u64) -> Result<()> + 'a;

/// Longest name of a file that is asked for, in bytes. The systems allow 255, of which a longer ending needs some.
const NAME_MAX: usize = 255;

/// What a license is to say.
#[derive(Debug, Clone)]
pub enum Policy {
    /// What the template with this id says, and nothing else.
    Template(String),
    /// What a draft says, which may be more than the template that it was made from.
    Draft(Box<Draft>),
}

impl Policy {
    /// The draft, and the template where the policy is exactly that.
    fn draft(&self, environment: &Environment) -> Result<(Draft, Option<Guid>)> {
        match self {
            Self::Template(id) => {
                let draft = environment.draft_from_template(id)?;
                let template = draft.license.template;
                Ok((draft, template))
            }
            Self::Draft(draft) => Ok((Draft::clone(draft), None)),
        }
    }
}

/// How a file is to be protected.
#[derive(Debug)]
pub struct Protection<'a> {
    /// Who signs and opens.
    pub environment: &'a Environment,
    /// On whose behalf, and what the application allows.
    pub prompt: &'a Prompt,
    /// What the license is to say.
    pub policy: Policy,
    /// What is registered about the document, beside the hash of its path.
    pub metadata: Option<Vec<MetadataProperty>>,
    /// The container, whatever the rules say.
    pub force: Option<Container>,
    /// A protected file keeps its policy.
    pub keep_policy: bool,
}

/// How protection is to be taken off.
#[derive(Debug)]
pub struct Opening<'a> {
    /// Who opens.
    pub environment: &'a Environment,
    /// On whose behalf, and what the application allows.
    pub prompt: &'a Prompt,
    /// The application honors rights itself.
    pub aware: bool,
}

/// What a file holds now.
enum Now {
    Plain,
    Protected(Protected, Vec<u8>),
}

/// What is to become of a file.
struct Plan {
    container: Container,
    /// The name after it.
    name: String,
    /// The extension that a pfile stores.
    stored: String,
    /// The package of pfiles whose license asks for none.
    package: PackageId,
    now: Now,
}

fn look_at(input: &dyn Storage, name: &str) -> Result<Now> {
    Ok(match detect(input, Some(name))? {
        Some(found) => Now::Protected(found, license(input)?),
        None => Now::Plain,
    })
}

/// The name that the content had without protection.
fn plain_name(input: &dyn Storage, now: &Now, name: &str) -> Result<String> {
    match now {
        Now::Protected(Protected::Pfile { .. }, _) => {
            naming::plain_name(name, pfile::Header::read(input)?.extension().unwrap_or_default())
        }
        _ => Ok(name.to_owned()),
    }
}

fn plan(input: &dyn Storage, name: &str, force: Option<Container>, keep_policy: bool) -> Result<Plan> {
    let now = look_at(input, name)?;
    if keep_policy && now.is_protected() {
        return Err(Error::new(ErrorKind::FileUpdateLicenseBlocked));
    }
    let plain = plain_name(input, &now, name)?;
    let extension = naming::extension(&plain);
    let rules = Rules::load();
    let container = naming::container(&extension, rules.of(&extension), force)?;
    match (&now, container) {
        (Now::Protected(Protected::Pdf, _), _) => {
            return Err(Error::with(
                ErrorKind::NotSupported,
                "PDF files that hold their license are not protected anew",
            ));
        }
        (Now::Plain, _) => check_content(input, container, &extension)?,
        // Content that is encrypted still is looked at when there is a key.
        _ => {}
    }
    let name = if now.is_in(container) { name.to_owned() } else { naming::protected_name(&plain, container)? };
    if name.len() > NAME_MAX {
        return Err(Error::with(
            ErrorKind::Io(std::io::ErrorKind::InvalidFilename),
            "the name of the protected file would be too long",
        ));
    }
    Ok(Plan { container, name, stored: naming::stored_extension(&plain), package: rules.package(), now })
}

impl Now {
    fn is_protected(&self) -> bool {
        matches!(self, Self::Protected(..))
    }

    /// True when the file is in this container already.
    fn is_in(&self, container: Container) -> bool {
        match self {
            Self::Protected(Protected::Pfile { native }, _) => match container {
                Container::Native => *native,
                Container::Pfile => !*native,
                Container::Office => false,
            },
            Self::Protected(Protected::Office, _) => container == Container::Office,
            Self::Protected(Protected::Pdf, _) | Self::Plain => false,
        }
    }
}

impl Plan {
    /// True when the file is protected in this way already.
    fn is_done(&self, template: Option<Guid>, key: &Key) -> bool {
        self.now.is_in(self.container) && template.is_some() && template == key.template_id()
    }
}

/// Asks whether content in the clear is what its container takes.
fn check_content(plain: &dyn Storage, container: Container, extension: &str) -> Result<()> {
    match container {
        Container::Office if office::plain_kind(plain)?.is_none() => Err(Error::with(
            ErrorKind::NotSupported,
            "the content is no document that its type promises; as a pfile it can be protected",
        )),
        Container::Native if extension == "pdf" => pdf::check_protectable(plain),
        _ => Ok(()),
    }
}

/// Opens the key of a protected file and asks whether its content may be protected under another policy.
fn old_key(protection: &Protection<'_>, draft: &Draft, license: &[u8]) -> Result<Arc<Key>> {
    let key = Arc::new(protection.environment.open_key(license, protection.prompt)?);
    match draft.content_key() {
        Some(reused) if reused.has_content_key_of(&key) => key.demand_key_reuse()?,
        _ => key.demand_unprotecting(false)?,
    }
    Ok(key)
}

/// Has the license signed; the path goes into the metadata as a hash.
fn publish(protection: &Protection<'_>, mut draft: Draft, plan: &Plan, path: &str) -> Result<(Arc<Key>, Arc<[u8]>)> {
    let container = match plan.container {
        Container::Pfile => FileContainer::Pfile,
        Container::Native => FileContainer::NativePfile,
        Container::Office => FileContainer::Office,
    };
    draft.for_file(container, plan.package)?;
    let environment = protection.environment;
    let key = Arc::new(environment.publish(&draft, protection.prompt)?);
    let license = match &protection.metadata {
        None => Arc::clone(key.serialized()),
        Some(properties) => {
            let mut metadata = environment.edit_metadata(key.serialized(), &key)?;
            for property in properties {
                metadata.metadata.set(property.clone())?;
            }
            let hash = crate::client::tracking::path_hash(path);
            metadata.metadata.set(MetadataProperty::PathHash(Some(hash)))?;
            environment.serialize_with_metadata(&metadata, protection.prompt)?.into()
        }
    };
    Ok((key, license))
}

/// Signs a new file; a license with a write key is for signed files alone.
fn signer(key: &Key) -> Result<Option<pfile::Signer<'_>>> {
    match (key.write_verifier()?, pfile::Signer::of(key)) {
        (None, _) => Ok(None),
        (Some(_), Some(signer)) => Ok(Some(signer)),
        (Some(_), None) => Err(Error::with(
            ErrorKind::RightNotGranted { right: "EDIT".to_owned() },
            "the license does not give its write key to this account",
        )),
    }
}

/// The content of a protected file as a file in the clear, of which nothing is ever stored in the clear.
#[derive(Debug)]
struct PlainView(RefCell<pfile::ProtectedFile>);

impl Storage for PlainView {
    fn len(&self) -> Result<u64> {
        Ok(self.0.borrow().len())
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> Result<usize> {
        self.0.borrow_mut().read_at(offset, out)
    }

    fn write_at(&mut self, _offset: u64, _bytes: &[u8]) -> Result<()> {
        Err(Error::internal("a view of content is read only"))
    }

    fn set_len(&mut self, _len: u64) -> Result<()> {
        Err(Error::internal("a view of content is read only"))
    }

    fn sync(&mut self) -> Result<()> {
        Ok(())
    }
}

/// Writes the protected form of `input` to `output`.
fn write(
    plan: &Plan,
    input: Box<dyn Storage>,
    old: Option<&Arc<Key>>,
    (key, license): (&Arc<Key>, &[u8]),
    output: &mut dyn Storage,
    progress: &mut Progress<'_>,
) -> Result<()> {
    let coder = KeyCoder(Arc::clone(key));
    let metadata = match &plan.now {
        Now::Protected(Protected::Pfile { .. }, _) => pfile::Header::read(&*input)?.metadata(&*input)?,
        _ => Vec::new(),
    };
    let plain: Box<dyn Storage> = match (&plan.now, old) {
        (Now::Plain, _) => input,
        (Now::Protected(Protected::Pfile { .. }, _), Some(old)) => Box::new(PlainView(RefCell::new(
            pfile::ProtectedFile::open(input, pfile::Access::of(Arc::clone(old), None)?)?,
        ))),
        (Now::Protected(Protected::Office, _), Some(old)) => {
            let old = KeyCoder(Arc::clone(old));
            if plan.container == Container::Office {
                return office::reprotect(&*input, &old, license, &coder, output, progress);
            }
            let mut content = files::unnamed()?;
            office::unprotect(&*input, &old, &mut content, progress)?;
            Box::new(content)
        }
        (Now::Protected(..), _) => return Err(Error::internal("a protected file without its key")),
    };
    if plan.now.is_protected() && !plan.now.is_in(plan.container) {
        check_content(&*plain, plan.container, plan.stored.trim_start_matches('.'))?;
    }
    match plan.container {
        Container::Office => office::protect(&*plain, license, &coder, output, progress),
        Container::Pfile | Container::Native => {
            let manifest = signer(key)?;
            let new = pfile::NewFile { license, extension: &plan.stored, metadata: &metadata, manifest };
            pfile::protect(&*plain, &new, &coder, output, progress)
        }
    }
}

/// Ends long work when the application asked for it.
fn watched<'a>(prompt: &'a Prompt, progress: &'a mut Progress<'_>) -> impl FnMut(u64, u64) -> Result<()> + 'a {
    move |done, total| {
        prompt.check_cancelled()?;
        progress(done, total)
    }
}

/// Protects a file. Returns its new path, or `None` when that is the same.
///
/// # Errors
/// [`ErrorKind::FileSystemFile`], [`ErrorKind::FileReadOnly`], [`ErrorKind::FileUpdateLicenseBlocked`],
/// [`ErrorKind::FileEncryptBlocked`], [`ErrorKind::FilePdfFormat`], [`ErrorKind::FileCorrupt`],
/// [`ErrorKind::NotSupported`]; [`ErrorKind::Io`] as the system reports, with `AlreadyExists` when another file has the
/// new name; what [`Environment::publish`] and, for a protected file, [`Environment::open_key`] report. Nothing on the disk
/// has changed then.
pub fn encrypt_file(
    path: &Path,
    folder: Option<&Path>,
    protection: Protection<'_>,
    progress: &mut Progress<'_>,
) -> Result<Option<PathBuf>> {
    let input = Input::open(path, true)?;
    let plan = plan(&input.file, input.name()?, protection.force, protection.keep_policy)?;
    let place = input.place(folder, &plan.name)?;
    let (draft, template) = protection.policy.draft(protection.environment)?;
    let old = match &plan.now {
        Now::Plain => None,
        Now::Protected(_, license) => Some(old_key(&protection, &draft, license)?),
    };
    if old.as_ref().is_some_and(|old| plan.is_done(template, old)) && place.is_same {
        return Ok(None);
    }
    let (key, license) = publish(&protection, draft, &plan, &place.path.to_string_lossy())?;
    let mut watched = watched(protection.prompt, progress);
    input.replaced(place, |input, output| {
        write(&plan, Box::new(input), old.as_ref(), (&key, &license), output, &mut watched)
    })
}

/// Takes the protection off a file. Returns its new path, or `None` when that is the same.
///
/// # Errors
/// [`ErrorKind::FileNotEncrypted`], [`ErrorKind::FileSystemFile`], [`ErrorKind::FileReadOnly`],
/// [`ErrorKind::FileCorrupt`], [`ErrorKind::NotSupported`]; [`ErrorKind::RightNotGranted`] without EXTRACT (VIEW for
/// applications that honor rights); [`ErrorKind::Io`] as the system reports, with `AlreadyExists` when another file has
/// the new name; what [`Environment::open_key`] reports. Nothing on the disk has changed then.
pub fn decrypt_file(
    path: &Path,
    folder: Option<&Path>,
    opening: &Opening<'_>,
    progress: &mut Progress<'_>,
) -> Result<Option<PathBuf>> {
    let input = Input::open(path, true)?;
    let now = look_at(&input.file, input.name()?)?;
    let place = input.place(folder, &plain_name(&input.file, &now, input.name()?)?)?;
    let key = opened(&now, opening)?;
    let mut watched = watched(opening.prompt, progress);
    input.replaced(place, |input, output| unprotect(&now, &input, &key, output, &mut watched))
}

/// Opens the key of a protected file for taking the protection off.
fn opened(now: &Now, opening: &Opening<'_>) -> Result<Arc<Key>> {
    let Now::Protected(_, license) = now else { return Err(Error::new(ErrorKind::FileNotEncrypted)) };
    let key = Arc::new(opening.environment.open_key(license, opening.prompt)?);
    key.demand_unprotecting(opening.aware)?;
    Ok(key)
}

fn unprotect(
    now: &Now,
    input: &dyn Storage,
    key: &Arc<Key>,
    output: &mut dyn Storage,
    progress: &mut Progress<'_>,
) -> Result<()> {
    let coder: Arc<dyn Coder> = Arc::new(KeyCoder(Arc::clone(key)));
    match now {
        Now::Plain => Err(Error::new(ErrorKind::FileNotEncrypted)),
        Now::Protected(Protected::Pfile { .. }, _) => {
            pfile::unprotect(input, &coder, pfile::Trust::of(key)?.as_ref(), output, progress)
        }
        Now::Protected(Protected::Office, _) => office::unprotect(input, &*coder, output, progress),
        Now::Protected(Protected::Pdf, _) => {
            Err(Error::with(ErrorKind::NotSupported, "the content of PDF files that hold their license is not read"))
        }
    }
}

/// Protects a stream; the name is a hint at its type. Returns the name that the result should have, or `None` when that
/// is the same. `output` is emptied first, and again when the work fails.
///
/// # Errors
/// As [`encrypt_file`], without what concerns the disk.
pub fn encrypt_stream(
    input: Box<dyn Storage>,
    name: &str,
    output: &mut dyn Storage,
    protection: Protection<'_>,
    progress: &mut Progress<'_>,
) -> Result<Option<String>> {
    let plan = plan(&*input, name, protection.force, protection.keep_policy)?;
    let (draft, template) = protection.policy.draft(protection.environment)?;
    let old = match &plan.now {
        Now::Plain => None,
        Now::Protected(_, license) => Some(old_key(&protection, &draft, license)?),
    };
    let mut watched = watched(protection.prompt, progress);
    if old.as_ref().is_some_and(|old| plan.is_done(template, old)) {
        return emptied(output, |output| copy(&*input, output, &mut watched)).map(|()| None);
    }
    let (key, license) = publish(&protection, draft, &plan, name)?;
    emptied(output, |output| write(&plan, input, old.as_ref(), (&key, &license), output, &mut watched))?;
    Ok((plan.name != name).then_some(plan.name))
}

/// Takes the protection off a stream. Returns the name that the result should have, or `None` when that is the same.
/// `output` is emptied first, and again when the work fails.
///
/// # Errors
/// As [`decrypt_file`], without what concerns the disk.
pub fn decrypt_stream(
    input: &dyn Storage,
    name: &str,
    output: &mut dyn Storage,
    opening: &Opening<'_>,
    progress: &mut Progress<'_>,
) -> Result<Option<String>> {
    let now = look_at(input, name)?;
    let plain = plain_name(input, &now, name)?;
    let key = opened(&now, opening)?;
    let mut watched = watched(opening.prompt, progress);
    emptied(output, |output| unprotect(&now, input, &key, output, &mut watched))?;
    Ok((plain != name).then_some(plain))
}

/// Writes to an output that holds the result or, when that fails, nothing.
fn emptied(output: &mut dyn Storage, write: impl FnOnce(&mut dyn Storage) -> Result<()>) -> Result<()> {
    output.set_len(0)?;
    let written = write(output).and_then(|()| output.sync());
    if written.is_err() {
        let _emptied = output.set_len(0);
    }
    written
}

fn copy(input: &dyn Storage, output: &mut dyn Storage, progress: &mut Progress<'_>) -> Result<()> {
    const CHUNK: usize = 256 << 10;
    let (len, mut buffer, mut done) = (input.len()?, vec![0; CHUNK], 0);
    while done < len {
        let count = input.read_at(done, &mut buffer)?;
        if count == 0 {
            break;
        }
        output.write_at(done, &buffer[..count])?;
        done += count as u64;
        progress(done, len)?;
    }
    Ok(())
}

/// The name that a file would have after protection, or `None` when that is the same.
///
/// # Errors
/// As [`encrypt_file`] as far as the file itself is concerned.
pub fn encrypted_name(input: &dyn Storage, name: &str, force: Option<Container>) -> Result<Option<String>> {
    let plan = plan(input, name, force, false)?;
    Ok((plan.name != name).then_some(plan.name))
}

/// The name that a protected file would have without protection, or `None` when that is the same.
///
/// # Errors
/// [`ErrorKind::FileNotEncrypted`], [`ErrorKind::FileCorrupt`].
pub fn decrypted_name(input: &dyn Storage, name: &str) -> Result<Option<String>> {
    let now = look_at(input, name)?;
    if matches!(now, Now::Plain) {
        return Err(Error::new(ErrorKind::FileNotEncrypted));
    }
    let plain = plain_name(input, &now, name)?;
    Ok((plain != name).then_some(plain))
}

/// A file whose content is to be replaced.
#[derive(Debug)]
pub struct Input {
    /// The open file, locked against others of this library.
    pub file: File,
    /// Where it lies, symbolic links resolved: the file is replaced, not the link to it.
    pub path: PathBuf,
    state: Stamp,
}

/// Where a result goes.
struct Place {
    folder: PathBuf,
    path: PathBuf,
    /// It is the place of the input itself.
    is_same: bool,
}

impl Input {
    /// Opens a file. `change` for one that is to be replaced.
    ///
    /// # Errors
    /// [`ErrorKind::FileSystemFile`] and [`ErrorKind::FileReadOnly`] for one that is to be replaced; what the system
    /// reports.
    pub fn open(path: &Path, change: bool) -> Result<Self> {
        let about = |error: Error| error.context(format!("opening {}", path.display()));
        let path = path.canonicalize().map_err(|error| about(error.into()))?;
        if change {
            // Looked at before it is opened, because opening a device or a pipe may already do something.
            let found = std::fs::metadata(&path)?;
            if files::is_system(&path, &found) {
                return Err(Error::new(ErrorKind::FileSystemFile));
            }
            if found.permissions().readonly() {
                return Err(Error::new(ErrorKind::FileReadOnly));
            }
            take_back(&path, &mut UndoBeside::of(&path))?;
        }
        let file = if change { files::open_for_replacing(&path) } else { files::open_for_reading(&path) };
        let file = file.map_err(about)?;
        let state = Stamp::of(&file)?;
        Ok(Self { file, path, state })
    }

    /// The name of the file.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for a name that is not valid Unicode.
    pub fn name(&self) -> Result<&str> {
        let name = self.path.file_name().and_then(|name| name.to_str());
        name.ok_or_else(|| Error::argument("wszInputFilePath", "the name is not valid Unicode"))
    }

    fn place(&self, folder: Option<&Path>, name: &str) -> Result<Place> {
        let folder = match folder {
            Some(folder) => folder
                .canonicalize()
                .map_err(Error::from)
                .map_err(|error| error.context(format!("looking for the folder {}", folder.display())))?,
            None => self.path.parent().unwrap_or(Path::new("/")).to_owned(),
        };
        let path = folder.join(name);
        let is_same = path == self.path;
        if !is_same && path.to_str().is_none() {
            // Nobody could be told where the file went.
            return Err(Error::argument("wszInputFilePath", "the new path is not valid Unicode"));
        }
        if !is_same && path.symlink_metadata().is_ok() {
            let text = format!("{} exists already", path.display());
            return Err(Error::with(ErrorKind::Io(std::io::ErrorKind::AlreadyExists), text));
        }
        Ok(Place { folder, path, is_same })
    }

    /// Writes what takes the place of the file, and removes the file when that has another name.
    fn replaced(
        self,
        place: Place,
        write: impl FnOnce(File, &mut dyn Storage) -> Result<()>,
    ) -> Result<Option<PathBuf>> {
        let mut new = NewFile::create(&place.folder)?;
        write(self.file.try_clone()?, new.file())?;
        files::inherit(&self.file, new.file())?;
        new.file().sync()?;
        if Stamp::of(&self.file)? != self.state || !files::is_still_at(&self.file, &self.path) {
            let text = "the file was changed while it was read";
            return Err(Error::with(ErrorKind::Io(std::io::ErrorKind::ResourceBusy), text));
        }
        if place.is_same {
            new.replace(&place.path, self.file)?;
            return Ok(None);
        }
        new.put_new(&place.path)?;
        if let Err(error) = files::remove(&self.path) {
            // One of both is taken away again, so that nobody has the content twice without knowing.
            let _removed = files::remove(&place.path);
            return Err(error.context("removing the file that was replaced"));
        }
        Ok(Some(place.path))
    }
}

#[cfg(test)]
#[cfg(feature = "embedded")]
#[path = "whole_tests.rs"]
mod tests;
