//! Whole files: protected, opened, protected anew; on paths and on streams.
//!
//! Arguments, the file and its rules are looked at before a license is made, and nothing on the disk changes before the
//! last step. A result is written beside its place and appears there only when it is complete; what was there before goes
//! only then.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::coder::{Coder, KeyCoder};
use super::detect::{self, Form, Found, Protected};
use super::input::Input;
use super::naming::{self, Container};
use super::rules::Rules;
use super::storage::Storage;
use super::{Progress, office, pdf, pfile};
use crate::base::guid::Guid;
use crate::base::os::new_file;
use crate::base::trace::{self, Level};
use crate::cipher::PackageId;
use crate::client::{Draft, Environment, FileContainer, Key, Prompt};
use crate::error::{Error, ErrorKind, Fact, Result};
use crate::license::MetadataProperty;

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

/// What is to become of a file.
struct Plan {
    container: Container,
    /// The name after it.
    name: String,
    /// The extension that a pfile stores.
    stored: String,
    /// The package of pfiles whose license asks for none.
    package: PackageId,
    /// What the file is now, where it is protected.
    now: Option<Found>,
    /// It is in this container already.
    is_in_place: bool,
}

/// The name that the content of a protected file had without protection.
fn plain_name(found: &Found, name: &str) -> Result<String> {
    match &found.form {
        Form::Pfile(header) => naming::plain_name(name, header.extension().unwrap_or_default()),
        Form::Office | Form::Pdf => Ok(name.to_owned()),
    }
}

fn plan(input: &dyn Storage, name: &str, force: Option<Container>, keep_policy: bool) -> Result<Plan> {
    let now = detect::read(input)?;
    if keep_policy && now.is_some() {
        return Err(Error::new(ErrorKind::FileUpdateLicenseBlocked));
    }
    let plain = now.as_ref().map_or_else(|| Ok(name.to_owned()), |found| plain_name(found, name))?;
    let extension = naming::extension(&plain);
    let rules = Rules::load();
    let container = naming::container(&extension, rules.of(&extension), force)?;
    match now.as_ref().map(|found| &found.form) {
        Some(Form::Pdf) => {
            return Err(Error::with(
                ErrorKind::NotSupported,
                "PDF files that hold their license are not protected anew",
            ));
        }
        None => check_content(input, container, &extension)?,
        // Content that is encrypted still is looked at when there is a key.
        Some(Form::Pfile(_) | Form::Office) => {}
    }
    let is_in_place = now.as_ref().is_some_and(|found| match found.kind(name) {
        Protected::Pfile { native } => container == if native { Container::Native } else { Container::Pfile },
        Protected::Office => container == Container::Office,
        Protected::Pdf => false,
    });
    let name = if is_in_place { name.to_owned() } else { naming::protected_name(&plain, container)? };
    if name.len() > NAME_MAX {
        return Err(Error::with(
            ErrorKind::Io(std::io::ErrorKind::InvalidFilename),
            "the name of the protected file would be too long",
        ));
    }
    let stored = naming::stored_extension(&plain);
    Ok(Plan { container, name, stored, package: rules.package(), now, is_in_place })
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

/// What is to be written over what a file is now.
struct Change {
    draft: Draft,
    /// The open key of a file that is protected.
    old: Option<Arc<Key>>,
    /// The file is protected in this way already.
    is_done: bool,
}

impl Change {
    /// The draft of the policy, and for a protected file its key, which must allow that its content is protected under
    /// another policy.
    fn of(plan: &Plan, protection: &Protection<'_>) -> Result<Self> {
        let (draft, template) = protection.policy.draft(protection.environment)?;
        let Some(found) = &plan.now else { return Ok(Self { draft, old: None, is_done: false }) };
        let old = Arc::new(protection.environment.open_key(&found.license, protection.prompt)?);
        match draft.content_key() {
            Some(reused) if reused.has_content_key_of(&old) => old.demand_key_reuse()?,
            _ => old.demand_unprotecting(false)?,
        }
        let is_done = plan.is_in_place && template.is_some() && template == old.template_id();
        Ok(Self { draft, old: Some(old), is_done })
    }
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
        Some(Found { form: Form::Pfile(header), .. }) => header.metadata(&*input)?,
        _ => Vec::new(),
    };
    let form = plan.now.as_ref().map(|found| &found.form);
    let plain: Box<dyn Storage> = match (form, old) {
        (None, _) => input,
        (Some(Form::Pfile(_)), Some(old)) => Box::new(PlainView(RefCell::new(pfile::ProtectedFile::open(
            input,
            pfile::Access::of(Arc::clone(old), None)?,
        )?))),
        (Some(Form::Office), Some(old)) => {
            let old = KeyCoder(Arc::clone(old));
            if plan.container == Container::Office {
                return office::reprotect(&*input, &old, license, &coder, output, progress);
            }
            let mut content = new_file::unnamed()?;
            office::unprotect(&*input, &old, &mut content, progress)?;
            Box::new(content)
        }
        (Some(_), _) => return Err(Error::internal("a protected file without its key")),
    };
    let len = plain.len()?;
    if plan.now.is_some() && !plan.is_in_place {
        check_content(&*plain, plan.container, plan.stored.trim_start_matches('.'))?;
    }
    match plan.container {
        Container::Office => office::protect(&*plain, license, &coder, output, progress)?,
        Container::Pfile | Container::Native => {
            let manifest = signer(key)?;
            let new = pfile::NewFile { license, extension: &plan.stored, metadata: &metadata, manifest };
            pfile::protect(&*plain, &new, &coder, output, progress)?;
        }
    }
    if plain.len()? == len {
        return Ok(());
    }
    let text = "the content became longer while it was read";
    Err(Error::with(ErrorKind::Io(std::io::ErrorKind::ResourceBusy), text))
}

/// Tells what is about to be done with a file.
fn told(step: &'static str, name: &str, now: Option<&Found>, result: &str) {
    trace::tell(Level::Debug, step, || {
        let is = match now.map(|found| &found.form) {
            None => "plain",
            Some(Form::Pfile(_)) => "pfile",
            Some(Form::Office) => "office",
            Some(Form::Pdf) => "pdf",
        };
        let file = |name: &str| Fact::File(name.to_owned());
        vec![("file", file(name)), trace::text("is", is), ("becomes", file(result))]
    });
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
    told("file.protect", input.name()?, plan.now.as_ref(), &plan.name);
    let place = input.place(folder, &plan.name)?;
    let Change { draft, old, is_done } = Change::of(&plan, &protection)?;
    if is_done && place.is_same {
        return Ok(None);
    }
    let (key, license) = publish(&protection, draft, &plan, &place.path.to_string_lossy())?;
    let mut watched = watched(protection.prompt, progress);
    input.replaced(place, |input, output| write(&plan, input, old.as_ref(), (&key, &license), output, &mut watched))
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
    let found = protected(&input.file)?;
    let plain = plain_name(&found, input.name()?)?;
    told("file.unprotect", input.name()?, Some(&found), &plain);
    let place = input.place(folder, &plain)?;
    let key = opened(&found, opening)?;
    let mut watched = watched(opening.prompt, progress);
    input.replaced(place, |input, output| unprotect(&found.form, &*input, &key, output, &mut watched))
}

/// What a file is that must be protected.
fn protected(input: &dyn Storage) -> Result<Found> {
    detect::read(input)?.ok_or_else(|| Error::new(ErrorKind::FileNotEncrypted))
}

/// Opens the key of a protected file for taking the protection off.
fn opened(found: &Found, opening: &Opening<'_>) -> Result<Arc<Key>> {
    let key = Arc::new(opening.environment.open_key(&found.license, opening.prompt)?);
    key.demand_unprotecting(opening.aware)?;
    Ok(key)
}

fn unprotect(
    form: &Form,
    input: &dyn Storage,
    key: &Arc<Key>,
    output: &mut dyn Storage,
    progress: &mut Progress<'_>,
) -> Result<()> {
    let coder: Arc<dyn Coder> = Arc::new(KeyCoder(Arc::clone(key)));
    match form {
        Form::Pfile(_) => pfile::unprotect(input, &coder, pfile::Trust::of(key)?.as_ref(), output, progress),
        Form::Office => office::unprotect(input, &*coder, output, progress),
        Form::Pdf => {
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
    told("file.protect", name, plan.now.as_ref(), &plan.name);
    let Change { draft, old, is_done } = Change::of(&plan, &protection)?;
    let mut watched = watched(protection.prompt, progress);
    if is_done {
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
    let found = protected(input)?;
    let plain = plain_name(&found, name)?;
    told("file.unprotect", name, Some(&found), &plain);
    let key = opened(&found, opening)?;
    let mut watched = watched(opening.prompt, progress);
    emptied(output, |output| unprotect(&found.form, input, &key, output, &mut watched))?;
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
    let plain = plain_name(&protected(input)?, name)?;
    Ok((plain != name).then_some(plain))
}

#[cfg(test)]
#[cfg(feature = "embedded")]
#[path = "whole_tests.rs"]
mod tests;
