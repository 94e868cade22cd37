//! What becomes of result and input at the end of the work on a whole file.

use std::fs;

use super::*;
use crate::base::os::fault;

struct Scene {
    _folder: tempfile::TempDir,
    input: Input,
    result: PathBuf,
}

/// A file whose result is in place already.
fn scene() -> Scene {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan");
    fs::write(&path, "old").unwrap();
    let input = Input::open(&path, true).unwrap();
    let result = input.path.with_file_name("plan.pfile");
    fs::write(&result, "new").unwrap();
    Scene { _folder: folder, input, result }
}

#[test]
fn the_input_goes_when_its_result_is_there() {
    let Scene { _folder, input, result } = scene();
    let path = input.path.clone();
    input.removed_for(&result).unwrap();
    // Some systems keep the name until the last handle is closed.
    drop(input);
    assert!(!path.exists() && fs::read(&result).unwrap() == b"new");
}

#[test]
fn a_result_goes_again_when_its_input_stays() {
    let Scene { _folder, input, result } = scene();
    let fault = fault::failing_once_at(0);
    let error = input.removed_for(&result).unwrap_err();
    drop(fault);
    assert_eq!(*error.kind(), ErrorKind::Io(std::io::ErrorKind::StorageFull));
    assert!(!result.exists() && fs::read(&input.path).unwrap() == b"old");
}

#[test]
#[cfg_attr(windows, ignore = "nobody may write the file meanwhile there")]
fn what_is_written_to_the_input_at_the_last_moment_stays() {
    let Scene { _folder, input, result } = scene();
    fs::write(&input.path, "older and newer").unwrap();
    let error = input.removed_for(&result).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Io(std::io::ErrorKind::ResourceBusy));
    assert!(!result.exists() && fs::read(&input.path).unwrap() == b"older and newer");
}

#[test]
fn a_result_whose_input_somebody_took_away_is_the_only_one_left() {
    let Scene { _folder, input, result } = scene();
    fs::remove_file(&input.path).unwrap();
    input.removed_for(&result).unwrap();
    assert_eq!(fs::read(&result).unwrap(), b"new");
}

#[test]
#[cfg_attr(windows, ignore = "wine does not replace a file that is open")]
fn another_file_that_took_the_name_of_the_input_is_not_removed() {
    let Scene { _folder, input, result } = scene();
    let other = input.path.with_file_name("other");
    fs::write(&other, "somebody else's").unwrap();
    fs::rename(&other, &input.path).unwrap();
    input.removed_for(&result).unwrap();
    assert_eq!(fs::read(&input.path).unwrap(), b"somebody else's");
    assert_eq!(fs::read(&result).unwrap(), b"new");
}
