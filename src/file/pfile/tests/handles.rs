//! Two handles on one file, as two processes have them.

use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;

use super::*;

/// Where the mark of an unfinished write lies.
const MARK: u64 = 7;

fn opened((mode, signed): (CipherMode, bool), path: &Path) -> ProtectedFile {
    let file = OpenOptions::new().read(true).write(true).open(path).unwrap();
    ProtectedFile::open(Box::new(file), access(mode, signed)).unwrap()
}

fn reader((mode, signed): (CipherMode, bool), path: &Path) -> ProtectedFile {
    ProtectedFile::open(Box::new(File::open(path).unwrap()), access(mode, signed)).unwrap()
}

/// A container with this content in a folder.
fn scene((mode, signed): (CipherMode, bool), content: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.pfile");
    fs::write(&path, protected(mode, signed, content)).unwrap();
    (folder, path)
}

/// Longer than the times of older systems are coarse.
fn moment() {
    std::thread::sleep(Duration::from_millis(20));
}

fn mark(path: &Path, mark: [u8; 3]) {
    let mut file = OpenOptions::new().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start(MARK)).unwrap();
    file.write_all(&mark).unwrap();
}

fn is_busy<T: std::fmt::Debug>(result: Result<T>) -> bool {
    *result.unwrap_err().kind() == ErrorKind::Io(std::io::ErrorKind::ResourceBusy)
}

/// What a handle reads when it asks for more than there is.
fn all_content(file: &mut ProtectedFile) -> Result<Vec<u8>> {
    let mut bytes = vec![0; 100_000];
    let found = file.read_at(0, &mut bytes)?;
    bytes.truncate(found);
    Ok(bytes)
}

#[test]
fn a_reader_finds_what_another_handle_wrote() {
    for kind in KINDS {
        let (_folder, path) = scene(kind, &[1; 20]);
        let (mut reader, mut writer) = (reader(kind, &path), opened(kind, &path));
        assert_eq!(all_content(&mut reader).unwrap(), [1; 20]);
        let mut expected = vec![1; 20];
        // Within the last block, into others, and back; the file keeps its length in the first steps.
        for len in [25_usize, 31, 20, 5000, 70_000, 4096, 3, 0, 17] {
            moment();
            writer.set_len(len as u64).unwrap();
            if len > 2 {
                writer.write_at(1, b"w").unwrap();
            }
            expected.resize(len, 0);
            if len > 2 {
                expected[1] = b'w';
            }
            assert!(all_content(&mut reader).unwrap() == expected, "{kind:?} {len}");
        }
    }
}

#[test]
fn a_writer_with_an_old_view_is_refused() {
    for kind in KINDS {
        let (_folder, path) = scene(kind, &[1; 20]);
        let (mut one, mut other) = (opened(kind, &path), opened(kind, &path));
        one.set_len(25).unwrap();
        assert!(is_busy(other.write_at(0, b"x")), "{kind:?}");
        assert_eq!(all_content(&mut one).unwrap().len(), 25, "{kind:?}");
    }
}

/// Nothing in the file but its last block tells the new length.
#[test]
fn a_length_that_no_header_tells_is_not_lost() {
    let kind = (CipherMode::Cbc4k, false);
    let (_folder, path) = scene(kind, &[1; 20]);
    let at = reader(kind, &path).header().original_size_at().unwrap();
    let mut file = OpenOptions::new().write(true).open(&path).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(&[0xff; 8]).unwrap();
    let len = fs::metadata(&path).unwrap().len();
    let (mut one, mut other) = (opened(kind, &path), opened(kind, &path));
    let mut reader = reader(kind, &path);
    moment();
    one.set_len(25).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().len(), len);
    assert!(is_busy(other.write_at(0, b"x")));
    assert_eq!(all_content(&mut reader).unwrap(), [&[1; 20][..], &[0; 5]].concat());
    // Reading gives the handle a new view, with which it may write.
    assert_eq!(all_content(&mut other).unwrap().len(), 25);
    other.write_at(0, b"x").unwrap();
    assert_eq!(all_content(&mut reader).unwrap().len(), 25);
}

#[test]
fn a_reader_waits_for_the_end_of_a_write() {
    for kind in KINDS {
        let (_folder, path) = scene(kind, b"the plan");
        let mut reader = reader(kind, &path);
        mark(&path, [1, 2, 3]);
        let end = std::thread::spawn({
            let path = path.clone();
            move || {
                std::thread::sleep(Duration::from_millis(5));
                mark(&path, [0; 3]);
            }
        });
        assert_eq!(all_content(&mut reader).unwrap(), b"the plan", "{kind:?}");
        end.join().unwrap();
        // One that does not end is told as what it is.
        mark(&path, [1, 2, 3]);
        assert!(is_busy(all_content(&mut reader)), "{kind:?}");
        mark(&path, [0; 3]);
        assert_eq!(all_content(&mut reader).unwrap(), b"the plan", "{kind:?}");
    }
}

#[test]
fn another_file_in_the_same_place_is_not_read_under_the_old_key() {
    for kind in KINDS {
        let (_folder, path) = scene(kind, b"the plan");
        let (mut reader, mut writer) = (reader(kind, &path), opened(kind, &path));
        let mut other = fs::read(&path).unwrap();
        let header = Header::read(&MemoryStorage::new(other.clone())).unwrap();
        let within = usize::try_from(header.license.start).unwrap() + 10;
        other[within] ^= 1;
        moment();
        fs::write(&path, other).unwrap();
        assert!(is_busy(all_content(&mut reader)), "{kind:?}");
        if kind.0 != CipherMode::Gcm4k {
            assert!(is_busy(writer.write_at(0, b"x")), "{kind:?}");
        }
    }
}

#[test]
fn an_older_version_does_not_come_back_under_an_open_handle() {
    let kind = (CipherMode::Gcm4k, true);
    let (_folder, path) = scene(kind, b"the plan");
    let before = fs::read(&path).unwrap();
    opened(kind, &path).write_at(0, b"a new").unwrap();
    let mut reader = reader(kind, &path);
    assert_eq!(all_content(&mut reader).unwrap(), b"a newlan");
    moment();
    fs::write(&path, before).unwrap();
    assert!(is_corrupt(all_content(&mut reader)));
}
