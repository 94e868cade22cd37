//! The file that an operation on whole files begins with, and the place that its result goes to.
//!
//! What takes the place of a file is written beside that place and appears there only when it is complete; the file that
//! was there before goes only then.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::note::Note;
use super::open::{UndoBeside, take_back};
use super::storage::{Passing, Storage};
use crate::base::os::files::{self, Stamp};
use crate::base::os::inherit::inherit;
use crate::base::os::new_file::{self, NewFile};
use crate::error::{Error, ErrorKind, Result};

/// A file whose content is to be replaced.
#[derive(Debug)]
pub struct Input {
    /// The open file, locked against others of this library.
    pub file: File,
    /// Where it lies, symbolic links resolved: the file is replaced, not the link to it.
    pub path: PathBuf,
    /// Its state when it was opened.
    pub(super) state: Stamp,
}

/// Where a result goes.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) path: PathBuf,
    /// It is the place of the input itself.
    pub(super) is_same: bool,
    /// A result of the same work lies there, of a process that was killed before it removed the input.
    is_left: bool,
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
        new_file::clear_left(&path);
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

    /// Where a result with this name goes: into a folder, or beside the file.
    ///
    /// # Errors
    /// [`ErrorKind::FileSystemFile`] for a folder of the system; [`ErrorKind::Io`] with `AlreadyExists` when another file
    /// has the name; what the system reports.
    pub(super) fn place(&self, folder: Option<&Path>, name: &str) -> Result<Place> {
        let folder = match folder {
            Some(folder) => folder
                .canonicalize()
                .map_err(Error::from)
                .map_err(|error| error.context(format!("looking for the folder {}", folder.display())))?,
            None => self.path.parent().unwrap_or(Path::new("/")).to_owned(),
        };
        if files::is_in_system_folder(&folder) {
            return Err(Error::with(ErrorKind::FileSystemFile, format!("{} belongs to the system", folder.display())));
        }
        let path = folder.join(name);
        let is_same = path == self.path;
        if !is_same && path.to_str().is_none() {
            // Nobody could be told where the file went.
            return Err(Error::argument("wszInputFilePath", "the new path is not valid Unicode"));
        }
        let is_taken = !is_same && path.symlink_metadata().is_ok();
        let is_left = is_taken && Note::of(&path).tells(&self.state, &path);
        if is_taken && !is_left {
            let text = format!("{} exists already", path.display());
            return Err(Error::with(ErrorKind::Io(std::io::ErrorKind::AlreadyExists), text));
        }
        Ok(Place { path, is_same, is_left })
    }

    /// Writes what takes the place of the file, and removes the file when that has another name. Returns the new path, or
    /// `None` when that is the same.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] with `ResourceBusy` when the file was changed meanwhile; what `write` and the system report.
    pub(super) fn replaced(
        self,
        place: Place,
        write: impl FnOnce(Box<dyn Storage>, &mut dyn Storage) -> Result<()>,
    ) -> Result<Option<PathBuf>> {
        let mut new = NewFile::create(&place.path)?;
        if let Err(error) = write(Box::new(Passing(self.file.try_clone()?)), new.file()) {
            // Half of one state and half of another look damaged.
            let is_damage = matches!(error.kind(), ErrorKind::FileCorrupt { .. });
            return Err(if is_damage { self.check_unchanged().err().unwrap_or(error) } else { error });
        }
        inherit(&self.file, new.file())?;
        new.file().sync()?;
        self.check_unchanged()?;
        let own_note = Note::of(&self.path);
        if place.is_same {
            new.replace(self.file)?;
            own_note.remove();
            return Ok(None);
        }
        let note = Note::of(&place.path);
        if place.is_left && note.tells(&self.state, &place.path) {
            files::remove(&place.path)?;
        }
        note.write(&self.state, &Stamp::of(new.file())?);
        let placed = new.put_new().and_then(|()| self.removed_for(&place.path));
        // Where both stay, the note lets the next attempt come to its end.
        if placed.is_ok() || !note.tells(&self.state, &place.path) {
            note.remove();
        }
        placed?;
        own_note.remove();
        Ok(Some(place.path))
    }

    /// Asks whether the file is as it was when it was opened.
    fn check_unchanged(&self) -> Result<()> {
        if Stamp::of(&self.file)? == self.state && files::is_still_at(&self.file, &self.path) {
            return Ok(());
        }
        let text = "the file was changed while it was read";
        Err(Error::with(ErrorKind::Io(std::io::ErrorKind::ResourceBusy), text))
    }

    /// Removes the file after its result was put in place. When that fails, or when the file was changed meanwhile, the
    /// result goes again, so that nobody has the content twice without knowing; but only while the file is there, for else
    /// the result is all that is left of it.
    fn removed_for(&self, result: &Path) -> Result<()> {
        if files::is_gone_from(&self.file, &self.path) {
            return Ok(());
        }
        match self.check_unchanged().and_then(|()| files::remove(&self.path)) {
            Err(error) if !files::is_gone_from(&self.file, &self.path) => {
                let _removed = files::remove(result);
                Err(error.context("removing the file that was replaced"))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
#[path = "input_tests.rs"]
mod tests;
