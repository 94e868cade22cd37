//! The note beside a result that says of what it was made, until the original is gone.
//!
//! A result gets its name before the original loses its own, so a process that is killed in between leaves both. Whoever
//! repeats the work finds the note and may put a new result in the place of the old one. It is believed from the account
//! itself only, and only as long as neither file has changed; it holds sizes, times and numbers, and no content.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::storage::Storage;
use crate::base::os::fault;
use crate::base::os::files::{self, Stamp};
use crate::error::Result;

/// Most bytes of a note.
const NOTE_MAX: u64 = 1024;

/// The place of a note.
#[derive(Debug)]
pub(super) struct Note(PathBuf);

impl Note {
    /// The note of a result.
    pub(super) fn of(result: &Path) -> Self {
        Self(files::hidden_beside(result, ".msipc-made-"))
    }

    /// Notes of which state of the original the result is made. Where that cannot be done, only repeating is not possible.
    pub(super) fn write(&self, original: &Stamp, result: &Stamp) {
        let _noted = fault::step().map_err(Into::into).and_then(|()| -> Result<()> {
            files::open_private(&self.0, true)?.write_at(0, text(original, result).as_bytes())
        });
    }

    /// Whether the file that has the name of the result now was made of exactly this original.
    pub(super) fn tells(&self, original: &Stamp, result: &Path) -> bool {
        let read = || -> Result<bool> {
            let file = files::open_private(&self.0, false)?;
            let mut noted = String::new();
            let is_own = files::is_own(&file)?;
            file.take(NOTE_MAX).read_to_string(&mut noted)?;
            Ok(is_own && noted == text(original, &Stamp::at(result)?))
        };
        read().unwrap_or(false)
    }

    /// Removes the note, if there is one.
    pub(super) fn remove(&self) {
        let _removed = fault::step().and_then(|()| std::fs::remove_file(&self.0));
    }
}

fn text(original: &Stamp, result: &Stamp) -> String {
    // Getting its name counts as a change of the result.
    format!("{original}\n{}\n", result.without_change())
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};

    use super::*;

    #[test]
    fn a_note_is_believed_while_nothing_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("plan"), "old").unwrap();
        fs::write(path("unnamed"), "new").unwrap();
        let stamp = |name: &str| Stamp::of(&File::open(path(name)).unwrap()).unwrap();
        let note = Note::of(&path("plan.pfile"));
        assert!(!note.tells(&stamp("plan"), &path("unnamed")), "there is none");
        note.write(&stamp("plan"), &stamp("unnamed"));
        fs::rename(path("unnamed"), path("plan.pfile")).unwrap();
        assert!(note.tells(&stamp("plan"), &path("plan.pfile")));

        let before = stamp("plan");
        fs::write(path("plan"), "another").unwrap();
        assert!(!note.tells(&stamp("plan"), &path("plan.pfile")), "another original");
        assert!(note.tells(&before, &path("plan.pfile")));
        fs::copy(path("plan.pfile"), path("copy")).unwrap();
        assert!(!note.tells(&before, &path("copy")), "another result");
        fs::write(path("plan.pfile"), "longer").unwrap();
        assert!(!note.tells(&before, &path("plan.pfile")), "a result that was changed");
        note.remove();
        assert!(!path(".msipc-made-plan.pfile").exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_note_that_others_may_write_is_not_believed() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan");
        fs::write(&path, "new").unwrap();
        let stamp = Stamp::at(&path).unwrap();
        let note = Note::of(&path);
        note.write(&stamp, &stamp);
        assert!(note.tells(&stamp, &path));
        fs::set_permissions(&note.0, fs::Permissions::from_mode(0o622)).unwrap();
        assert!(!note.tells(&stamp, &path));
    }
}
