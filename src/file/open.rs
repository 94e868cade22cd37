//! Open protected files, read and written in place.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::detect::{self, Form};
use super::input::Input;
use super::pfile::reading::{PAUSES, pause};
use super::pfile::{Access, ProtectedFile, UndoPlace, recover};
use super::storage::{Storage, read_only};
use crate::base::os::files::{self, Stamp};
use crate::base::trace::{self, Level};
use crate::client::{Environment, Key, Prompt};
use crate::error::{Error, ErrorKind, Result};

/// An open protected file with its key.
#[derive(Debug)]
pub struct OpenFile {
    key: Arc<Key>,
    file: ProtectedFile,
    is_writable: bool,
}

impl OpenFile {
    /// Opens a pfile in a storage. Without a path there is no place for undo records: when the process is killed during a
    /// write, the file may have to be reported as damaged.
    ///
    /// # Errors
    /// [`ErrorKind::FileNotEncrypted`]; [`ErrorKind::NotSupported`] for Office documents and PDF;
    /// [`ErrorKind::RightNotGranted`] without VIEW; [`ErrorKind::FileCorrupt`]; what [`Environment::open_key`] reports.
    pub fn open(storage: Box<dyn Storage>, environment: &Environment, prompt: &Prompt) -> Result<Self> {
        Self::with_undo(storage, None, environment, prompt)
    }

    /// Opens a pfile by path. What a killed process left unfinished is taken back first.
    ///
    /// # Errors
    /// As [`OpenFile::open`], and what the system reports.
    pub fn open_path(path: &Path, write: bool, environment: &Environment, prompt: &Prompt) -> Result<Self> {
        if !write {
            return Self::open_settled(path, environment, prompt);
        }
        let input = Input::open(path, false)?;
        let undo = UndoBeside::of(&input.path);
        let file = OpenOptions::new().read(true).write(true).open(&input.path)?;
        files::lock(&file)?;
        if !files::is_still_at(&file, &input.path) {
            return Err(replaced_meanwhile());
        }
        Self::with_undo(Box::new(file), Some(Box::new(undo)), environment, prompt)
    }

    /// Opens a pfile to be read. Where somebody else writes it at the same moment, the end of that write is waited for.
    fn open_settled(path: &Path, environment: &Environment, prompt: &Prompt) -> Result<Self> {
        let mut pauses = PAUSES.into_iter();
        loop {
            let input = Input::open(path, false)?;
            let file = input.file.try_clone()?;
            let outcome = take_back(&input.path, &mut UndoBeside::of(&input.path))
                .and_then(|()| Self::open(Box::new(input.file), environment, prompt));
            let error = match outcome {
                Ok(opened) => return Ok(opened),
                Err(error) => error,
            };
            let is_written = match error.kind() {
                ErrorKind::Io(std::io::ErrorKind::ResourceBusy) => true,
                // What is half written looks damaged.
                ErrorKind::FileCorrupt { .. } => Stamp::of(&file)? != input.state || files::is_locked(&input.path),
                // And its undo record is not for everybody to take back.
                ErrorKind::Io(std::io::ErrorKind::PermissionDenied) => files::is_locked(&input.path),
                _ => false,
            };
            if !is_written {
                return Err(error);
            }
            if !pause(&mut pauses) {
                return Err(files::locked_by_others());
            }
        }
    }

    fn with_undo(
        mut storage: Box<dyn Storage>,
        mut undo: Option<Box<dyn UndoPlace>>,
        environment: &Environment,
        prompt: &Prompt,
    ) -> Result<Self> {
        // A file in the middle of a write cannot be looked at before the write was taken back.
        if let Some(undo) = &mut undo {
            recover(&mut *storage, &mut **undo)?;
        }
        let license = match detect::form(&*storage)? {
            Some(Form::Pfile(header)) => header.license(&*storage)?,
            Some(Form::Office | Form::Pdf) => {
                let text = "only pfiles are read and written in place; this file has a format of its own";
                return Err(Error::with(ErrorKind::NotSupported, text));
            }
            None => return Err(Error::new(ErrorKind::FileNotEncrypted)),
        };
        let key = Arc::new(environment.open_key(&license, prompt)?);
        key.demand_reading()?;
        let is_writable = storage.is_writable();
        let file = ProtectedFile::open(storage, Access::of(Arc::clone(&key), undo)?)?;
        trace::tell(Level::Debug, "file.opened", || {
            let access = if is_writable { "write" } else { "read" };
            vec![trace::text("content_id", key.content_id()), trace::text("access", access)]
        });
        Ok(Self { key, file, is_writable })
    }

    /// The file, to be read.
    #[must_use]
    pub fn file(&mut self) -> &mut ProtectedFile {
        &mut self.file
    }

    /// The file, to be written.
    ///
    /// # Errors
    /// [`ErrorKind::RightNotGranted`] without EDIT, DOCEDIT, EXPORT or OWNER; [`ErrorKind::Io`] with `PermissionDenied`
    /// for a file that was opened to be read. Nothing is begun then that would have to be taken back.
    pub fn for_writing(&mut self) -> Result<&mut ProtectedFile> {
        self.key.demand_writing()?;
        if !self.is_writable {
            return Err(read_only());
        }
        Ok(&mut self.file)
    }
}

fn replaced_meanwhile() -> Error {
    Error::with(ErrorKind::Io(std::io::ErrorKind::ResourceBusy), "the file was replaced while it was opened")
}

/// Takes back what a killed process left unfinished in a file, where there is something.
///
/// # Errors
/// What the system reports; [`ErrorKind::Io`] with `ResourceBusy` while somebody else writes the file.
pub(super) fn take_back(path: &Path, undo: &mut UndoBeside) -> Result<()> {
    if undo.existing()?.is_none() {
        return Ok(());
    }
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    files::lock(&file)?;
    if !files::is_still_at(&file, path) {
        return Err(replaced_meanwhile());
    }
    recover(&mut file, undo).map(|_| ())
}

/// An undo record beside its file: a hidden one, which holds encrypted blocks only.
#[derive(Debug)]
pub(super) struct UndoBeside(PathBuf);

impl UndoBeside {
    /// True when a regular file has the name, not something else that is none of ours.
    fn is_file(&self) -> Result<bool> {
        match std::fs::symlink_metadata(&self.0) {
            Ok(found) => Ok(found.is_file()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The place for a file.
    pub(super) fn of(path: &Path) -> Self {
        Self(files::hidden_beside(path, ".msipc-undo-"))
    }
}

impl UndoPlace for UndoBeside {
    fn existing(&mut self) -> Result<Option<Box<dyn Storage>>> {
        match files::open_private(&self.0, false) {
            // A record that somebody else planted would be written over blocks of the file, so it is none.
            Ok(file) => Ok(if files::is_own(&file)? { Some(Box::new(file)) } else { None }),
            // A writer may make one in the next moment, but there was none.
            Err(error) if error.kind() != std::io::ErrorKind::NotFound && self.is_file()? => Err(error.into()),
            Err(_) => Ok(None),
        }
    }

    fn create(&mut self) -> Result<Box<dyn Storage>> {
        let file = files::open_private(&self.0, true)?;
        files::sync_parent(&self.0)?;
        Ok(Box::new(file))
    }

    fn remove(&mut self) -> Result<()> {
        match files::remove(&self.0) {
            Err(error) if *error.kind() == ErrorKind::Io(std::io::ErrorKind::NotFound) => Ok(()),
            result => result,
        }
    }
}
