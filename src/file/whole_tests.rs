//! Work on whole files that fails at every step which changes a disk: the old file or the complete new one is there.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::*;
use crate::authority::{AuthorityKeys, LicensingAuthority};
use crate::base::locale::LocaleOrder;
use crate::base::os::{OsAccount, fault};
use crate::base::time::{Clock, Timestamp};
use crate::client::Account;
use crate::client::embedded::EmbeddedLicensor;
use crate::crypto::random::OsRandom;
use crate::crypto::seal::SealingKey;
use crate::file::MemoryStorage;
use crate::file::detect;
use crate::license::ConnectionInfo;
use crate::policy::{Right, User, UserRights, UserRightsList};
use crate::store::{Founding, MemoryStore, Store};

const DANA: &str = "dana@contoso.example";
const LEE: &str = "lee@contoso.example";
const DOCUMENT: &[u8] = include_bytes!("../../c-examples/data/tidal-report.docx");

#[derive(Debug)]
struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        Timestamp::parse("2024-03-01T12:00").unwrap()
    }
}

fn application() -> &'static Environment {
    static APPLICATION: OnceLock<Environment> = OnceLock::new();
    APPLICATION.get_or_init(|| {
        let sealing = SealingKey::generate(&OsRandom).unwrap();
        let founder = OsAccount { id: "uid:1".into(), login: "kim".into() };
        let founding = Founding::new("Contoso", &founder, &sealing, &OsRandom, Noon.now()).unwrap();
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new(founding));
        let keys = AuthorityKeys::load(&*store, &sealing).unwrap();
        let authority = LicensingAuthority::new(Arc::clone(&store), keys, Arc::new(Noon), Arc::new(OsRandom));
        let licensor = Arc::new(EmbeddedLicensor::new(authority, store));
        Environment::new(vec![licensor], LocaleOrder::default(), Arc::new(Noon), Arc::new(OsRandom))
    })
}

fn prompt() -> Prompt {
    Prompt::of(Account::Named(DANA.to_owned()))
}

/// Dana protects for Lee, who may read it.
fn protection(prompt: &Prompt) -> Protection<'_> {
    let mut draft = application().draft_from_scratch(&ConnectionInfo::default()).unwrap();
    let rights = vec![Right::read("VIEW")];
    draft
        .license
        .set_user_rights(UserRightsList(vec![UserRights { user: User::Email(LEE.to_owned()), rights }]))
        .unwrap();
    draft.license.auto_grant_owner = Some(true);
    let (policy, metadata, force, keep_policy) = (Policy::Draft(Box::new(draft)), None, None, false);
    Protection { environment: application(), prompt, policy, metadata, force, keep_policy }
}

fn encrypt_reporting(path: &Path, folder: Option<&Path>, progress: &mut Progress<'_>) -> Result<Option<PathBuf>> {
    encrypt_file(path, folder, protection(&prompt()), progress)
}

fn encrypt(path: &Path, folder: Option<&Path>) -> Result<Option<PathBuf>> {
    encrypt_reporting(path, folder, &mut |_, _| Ok(()))
}

fn decrypt(path: &Path, folder: Option<&Path>) -> Result<Option<PathBuf>> {
    let prompt = prompt();
    let opening = Opening { environment: application(), prompt: &prompt, aware: false };
    decrypt_file(path, folder, &opening, &mut |_, _| Ok(()))
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = entries.collect();
    names.sort();
    names
}

/// What a protected file holds, or the bytes themselves of one that is not protected.
fn content(path: &Path) -> Vec<u8> {
    let input = MemoryStorage::new(fs::read(path).unwrap());
    let name = path.file_name().unwrap().to_str().unwrap();
    if detect::detect(&input, Some(name)).unwrap().is_none() {
        return input.into_bytes();
    }
    let prompt = prompt();
    let opening = Opening { environment: application(), prompt: &prompt, aware: false };
    let mut output = MemoryStorage::default();
    decrypt_stream(&input, name, &mut output, &opening, &mut |_, _| Ok(())).unwrap();
    output.into_bytes()
}

type Work = fn(&Path, Option<&Path>) -> Result<Option<PathBuf>>;

/// Makes every step of some work fail in turn. `once`: the steps after it succeed again, and then nothing may have
/// changed; else the disk is gone, and at least one complete file is still there.
fn fails_at_every_step(from: &str, bytes: &[u8], expected: &[u8], to: &str, work: Work, once: bool, elsewhere: bool) {
    for step in 0.. {
        let folder = tempfile::tempdir().unwrap();
        let target = tempfile::tempdir().unwrap();
        let output = elsewhere.then(|| target.path());
        let place = output.unwrap_or(folder.path()).join(to);
        let path = folder.path().join(from);
        fs::write(&path, bytes).unwrap();
        let before = fs::metadata(&path).unwrap().modified().unwrap();
        let fault = if once { fault::failing_once_at(step) } else { fault::failing_at(step) };
        let result = work(&path, output);
        let happened = fault.happened();
        drop(fault);
        if !happened {
            result.unwrap();
            assert_eq!(content(&place), expected);
            assert_eq!(names(place.parent().unwrap()), [to]);
            assert!(step >= 4, "{step} steps failed");
            return;
        }
        // The work may be complete in spite of the fault, where what failed was only tidying up.
        let Err(error) = result else {
            assert_eq!(content(&place), expected, "step {step}");
            continue;
        };
        assert_eq!(*error.kind(), ErrorKind::Io(std::io::ErrorKind::StorageFull), "step {step}: {error}");
        if once || place == path {
            assert_eq!(fs::read(&path).unwrap(), bytes, "step {step}");
            assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), before, "step {step}");
            assert_eq!(names(folder.path()), [from], "step {step}");
            assert!(names(target.path()).is_empty(), "step {step}");
        } else {
            // Where even the new file could not be taken away again, it is complete.
            assert_eq!(fs::read(&path).unwrap(), bytes, "step {step}");
            if place.exists() {
                assert_eq!(content(&place), expected, "step {step}");
            }
            let is_other = |name: &String| name != from && name != to && !name.starts_with(".msipc-made-");
            assert_eq!(names(folder.path()).into_iter().filter(is_other).count(), 0, "step {step}");
        }
        // The next attempt succeeds, also where both are there.
        work(&path, output).unwrap();
        assert_eq!(content(&place), expected, "after step {step}");
        assert_eq!(names(place.parent().unwrap()), [to], "after step {step}");
        assert!(output.is_none() || names(folder.path()).is_empty(), "after step {step}");
    }
}

fn some_content() -> Vec<u8> {
    (0..600_000_u32).map(|i| (i % 251) as u8).collect()
}

/// The protected form of a file.
fn protected(name: &str, bytes: &[u8]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    let new = encrypt(&path, None).unwrap().unwrap_or(path);
    fs::read(new).unwrap()
}

#[test]
fn protecting_fails_at_every_step() {
    let bytes = some_content();
    for (once, elsewhere) in [(true, false), (false, false), (true, true), (false, true)] {
        fails_at_every_step("a.txt", &bytes, &bytes, "a.ptxt", encrypt, once, elsewhere);
        fails_at_every_step("a.docx", DOCUMENT, DOCUMENT, "a.docx", encrypt, once, elsewhere);
    }
}

/// Beyond what one thread works through.
#[test]
fn long_files_fail_at_every_step() {
    let bytes = some_content().repeat(15);
    let sealed = protected("a.bin", &bytes);
    for once in [true, false] {
        fails_at_every_step("a.bin", &bytes, &bytes, "a.bin.pfile", encrypt, once, false);
        fails_at_every_step("a.bin.pfile", &sealed, &bytes, "a.bin", decrypt, once, false);
    }
}

#[test]
fn opening_fails_at_every_step() {
    let bytes = some_content();
    let (sealed, document) = (protected("a.txt", &bytes), protected("a.docx", DOCUMENT));
    for (once, elsewhere) in [(true, false), (false, false), (true, true), (false, true)] {
        fails_at_every_step("a.ptxt", &sealed, &bytes, "a.txt", decrypt, once, elsewhere);
        fails_at_every_step("a.docx", &document, DOCUMENT, "a.docx", decrypt, once, elsewhere);
    }
}

#[test]
fn protecting_anew_fails_at_every_step() {
    let bytes = some_content();
    let (sealed, document) = (protected("a.txt", &bytes), protected("a.docx", DOCUMENT));
    for once in [true, false] {
        fails_at_every_step("a.ptxt", &sealed, &bytes, "a.ptxt", encrypt, once, false);
        fails_at_every_step("a.docx", &document, DOCUMENT, "a.docx", encrypt, once, false);
        // Under the name of a pfile for any application it becomes one for those that honor rights.
        fails_at_every_step("a.txt.pfile", &sealed, &bytes, "a.ptxt", encrypt, once, false);
    }
}

/// Only what the same work left of the same file is replaced.
#[test]
fn a_file_that_somebody_made_beside_the_input_is_never_replaced() {
    for change in 0..4 {
        let folder = tempfile::tempdir().unwrap();
        let (path, result) = (folder.path().join("a.txt"), folder.path().join("a.ptxt"));
        fs::write(&path, some_content()).unwrap();
        // The disk goes away when the result is in place.
        for step in 0.. {
            let fault = fault::failing_at(step);
            let outcome = encrypt(&path, None);
            drop(fault);
            assert!(outcome.is_err(), "no step leaves both");
            if result.exists() {
                break;
            }
        }
        assert!(path.exists());
        match change {
            0 => {}
            1 => fs::write(&result, "somebody else's").unwrap(),
            2 => {
                fs::write(&path, "another").unwrap();
            }
            _ => {
                fs::copy(&result, folder.path().join("copy")).unwrap();
                fs::rename(folder.path().join("copy"), &result).unwrap();
            }
        }
        let before = fs::read(&result).unwrap();
        let outcome = encrypt(&path, None);
        if change == 0 {
            outcome.unwrap();
            assert_ne!(fs::read(&result).unwrap(), before);
            assert_eq!(content(&result), some_content());
            assert_eq!(names(folder.path()), ["a.ptxt"]);
        } else {
            assert_eq!(*outcome.unwrap_err().kind(), ErrorKind::Io(std::io::ErrorKind::AlreadyExists), "{change}");
            assert_eq!(fs::read(&result).unwrap(), before);
            assert!(path.exists());
        }
    }
}

#[test]
#[cfg_attr(windows, ignore = "nobody may write the file meanwhile there")]
fn a_file_that_changes_while_it_is_read_is_left_alone() {
    for change in 0..3 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        fs::write(&path, some_content()).unwrap();
        let mut changed = false;
        let result = encrypt_reporting(&path, None, &mut |_, _| {
            if !std::mem::replace(&mut changed, true) {
                match change {
                    0 => fs::write(&path, "newer").unwrap(),
                    1 => {
                        fs::write(folder.path().join("other"), "newer").unwrap();
                        fs::rename(folder.path().join("other"), &path).unwrap();
                    }
                    _ => fs::remove_file(&path).unwrap(),
                }
            }
            Ok(())
        });
        assert_eq!(*result.unwrap_err().kind(), ErrorKind::Io(std::io::ErrorKind::ResourceBusy), "{change}");
        match change {
            2 => assert!(names(folder.path()).is_empty()),
            _ => {
                assert_eq!(fs::read(&path).unwrap(), b"newer");
                assert_eq!(names(folder.path()), ["a.txt"]);
            }
        }
    }
}

/// A stream to which somebody adds while it is read.
#[derive(Debug)]
struct Growing(MemoryStorage, std::cell::Cell<u64>);

impl Storage for Growing {
    fn len(&self) -> Result<u64> {
        Ok(self.0.len()? + self.1.get())
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> Result<usize> {
        let count = self.0.read_at(offset, out)?;
        if offset + count as u64 == self.0.len()? {
            self.1.set(100);
        }
        Ok(count)
    }

    fn write_at(&mut self, _offset: u64, _bytes: &[u8]) -> Result<()> {
        Err(Error::internal("it is only read"))
    }

    fn set_len(&mut self, _len: u64) -> Result<()> {
        Err(Error::internal("it is only read"))
    }

    fn sync(&mut self) -> Result<()> {
        Ok(())
    }
}

#[test]
fn a_stream_that_grows_while_it_is_read_is_not_cut() {
    for (name, bytes) in [("a.txt", &some_content()[..]), ("a.docx", DOCUMENT)] {
        let prompt = prompt();
        let protect = |grows: bool, output: &mut MemoryStorage| {
            let input: Box<dyn Storage> = match grows {
                true => Box::new(Growing(MemoryStorage::new(bytes.to_vec()), std::cell::Cell::new(0))),
                false => Box::new(MemoryStorage::new(bytes.to_vec())),
            };
            encrypt_stream(input, name, output, protection(&prompt), &mut |_, _| Ok(()))
        };
        let mut output = MemoryStorage::default();
        protect(false, &mut output).unwrap();
        assert!(output.bytes().len() > bytes.len());
        let error = protect(true, &mut output).unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::Io(std::io::ErrorKind::ResourceBusy), "{name}");
        assert!(output.bytes().is_empty());
    }
}

#[test]
fn a_panic_of_the_application_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.docx");
    fs::write(&path, DOCUMENT).unwrap();
    let outcome = std::panic::catch_unwind(|| encrypt_reporting(&path, None, &mut |_, _| panic!("the callback")));
    assert!(outcome.is_err());
    assert_eq!(fs::read(&path).unwrap(), DOCUMENT);
    assert_eq!(names(folder.path()), ["a.docx"]);
}

#[test]
fn metadata_of_applications_stays_with_a_pfile() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.txt.pfile");
    let (license, mut sealed) = (protected("a.txt", b"tides"), MemoryStorage::default());
    let license = detect::license(&MemoryStorage::new(license)).unwrap();
    let key = Arc::new(application().open_key(&license, &prompt()).unwrap());
    let manifest = signer(&key).unwrap();
    let new = pfile::NewFile { license: &license, extension: ".txt", metadata: b"<label/>", manifest };
    pfile::protect(
        &MemoryStorage::new(b"tides".to_vec()),
        &new,
        &KeyCoder(Arc::clone(&key)),
        &mut sealed,
        &mut |_, _| Ok(()),
    )
    .unwrap();
    fs::write(&path, sealed.bytes()).unwrap();
    let new = encrypt(&path, None).unwrap().unwrap();
    let file = File::open(&new).unwrap();
    assert_eq!(pfile::Header::read(&file).unwrap().metadata(&file).unwrap(), b"<label/>");
    assert_eq!(content(&new), b"tides");
    let plain = decrypt(&new, None).unwrap().unwrap();
    assert_eq!(fs::read(plain).unwrap(), b"tides");
}
