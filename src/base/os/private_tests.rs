#![allow(clippy::unwrap_used, reason = "a test that unwraps fails with the place and the error")]
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use super::*;

fn private_temp() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
    folder
}

fn refusal(result: Result<impl Sized>) -> String {
    let error = result.err().expect("refused");
    assert_eq!(error.kind(), &ErrorKind::StoreUnusable);
    error.to_string()
}

#[test]
fn folders_are_made_private_with_their_parents() {
    let top = private_temp();
    let folder = top.path().join("a/b/c");
    create_private_folder(&folder).unwrap();
    create_private_folder(&folder).unwrap();
    for made in ["a", "a/b", "a/b/c"] {
        assert_eq!(fs::metadata(top.path().join(made)).unwrap().mode() & 0o777, 0o700, "{made}");
    }
}

#[test]
fn a_folder_open_to_others_is_refused_with_the_remedy() {
    let top = private_temp();
    for mode in [0o755, 0o770, 0o701, 0o704] {
        fs::set_permissions(top.path(), fs::Permissions::from_mode(mode)).unwrap();
        let text = refusal(create_private_folder(top.path()));
        assert!(text.contains("chmod 700") && text.contains(&format!("{mode:o}")), "{text}");
        assert!(text.contains(top.path().to_str().unwrap()), "{text}");
    }
}

#[test]
fn a_folder_that_others_may_replace_is_refused() {
    let top = private_temp();
    let folder = top.path().join("data");
    create_private_folder(&folder).unwrap();
    for (mode, accepted) in [(0o777, false), (0o702, false), (0o1777, true), (0o755, true)] {
        fs::set_permissions(top.path(), fs::Permissions::from_mode(mode)).unwrap();
        let checked = create_private_folder(&folder);
        assert_eq!(checked.is_ok(), accepted, "{mode:o}");
        if !accepted {
            assert!(refusal(checked).contains("chmod o-w"), "{mode:o}");
        }
    }
    // Giving folders away takes root.
    if std::os::unix::fs::chown(top.path(), Some(12345), None).is_ok() {
        assert!(refusal(check_private_folder(&folder)).contains("12345"));
    }
}

#[test]
fn links_are_refused() {
    let top = private_temp();
    let folder = top.path().join("real");
    create_private_folder(&folder).unwrap();
    let link = top.path().join("link");
    symlink(&folder, &link).unwrap();
    assert!(refusal(create_private_folder(&link)).contains("symbolic link"));
    let file = top.path().join("file");
    drop(create_private_file(&file).unwrap());
    let link = top.path().join("file-link");
    symlink(&file, &link).unwrap();
    assert!(refusal(check_private_file(&link)).contains("symbolic link"));
    assert!(refusal(read_private_file(&link, 10)).contains("symbolic link"));
    assert!(refusal(Lock::acquire(&link)).contains("symbolic link"));
    let dangling = top.path().join("dangling");
    symlink(top.path().join("nowhere"), &dangling).unwrap();
    assert!(refusal(check_private_file(&dangling)).contains("symbolic link"));
    assert!(refusal(create_private_folder(&dangling)).contains("symbolic link"));
}

#[test]
fn a_file_in_the_place_of_a_folder_is_refused() {
    let top = private_temp();
    let file = top.path().join("file");
    drop(create_private_file(&file).unwrap());
    assert!(refusal(create_private_folder(&file)).contains("not a folder"));
    assert!(refusal(check_private_file(top.path())).contains("not a regular file"));
}

#[test]
fn files_of_another_user_are_refused() {
    let top = private_temp();
    let file = top.path().join("file");
    write_private_file(&file, b"x").unwrap();
    // Giving files away takes root.
    if std::os::unix::fs::chown(&file, Some(12345), None).is_err() {
        return;
    }
    let text = refusal(check_private_file(&file));
    assert!(text.contains("12345"), "{text}");
    std::os::unix::fs::chown(top.path(), Some(12345), None).unwrap();
    assert!(refusal(create_private_folder(top.path())).contains("12345"));
}

#[test]
fn files_are_written_whole_and_private() {
    let top = private_temp();
    let file = top.path().join("file");
    assert!(read_private_file(&file, 10).unwrap().is_none());
    fs::write(unfinished(&file), b"left over from a crash").unwrap();
    write_private_file(&file, b"first").unwrap();
    write_private_file(&file, b"second").unwrap();
    assert_eq!(read_private_file(&file, 6).unwrap().unwrap().as_slice(), b"second");
    assert!(refusal(read_private_file(&file, 5)).contains("longer than 5"));
    assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(top.path()).unwrap().count(), 1, "nothing is left beside");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(refusal(read_private_file(&file, 10)).contains("chmod 600"));
}

#[test]
fn the_lock_excludes_another_holder() {
    let top = private_temp();
    let path = top.path().join("lock");
    let first = Lock::acquire(&path).unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    let waiter = {
        let path = path.clone();
        std::thread::spawn(move || {
            let lock = Lock::acquire(&path).unwrap();
            sender.send(()).unwrap();
            drop(lock);
        })
    };
    assert!(receiver.recv_timeout(std::time::Duration::from_millis(100)).is_err(), "still held");
    drop(first);
    receiver.recv_timeout(std::time::Duration::from_secs(10)).unwrap();
    waiter.join().unwrap();
}
