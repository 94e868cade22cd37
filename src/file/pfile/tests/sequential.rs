//! Whole files there and back.

use super::*;
use crate::file::pfile::body::CHUNK;
use crate::file::pfile::sequential::THREADED_PIECE;

#[test]
fn every_kind_gives_back_every_length() {
    let chunk = usize::try_from(CHUNK).unwrap();
    let mut dice = Dice(1);
    for (mode, signed) in KINDS {
        let near = |len: usize| [len - 1, len, len + 1];
        let lengths = [0, 1, 15, 16, 17, 4095, 4096, 4097, 8192, 10_000].into_iter();
        for len in lengths.chain(near(chunk)).chain(near(2 * chunk)).chain([3 * chunk + 12_345]) {
            let content = dice.bytes(len);
            let file = protected(mode, signed, &content);
            assert!(unprotected(mode, signed, &file).unwrap() == content, "{mode:?} {signed} {len}");
            let header = Header::read(&MemoryStorage::new(file.clone())).unwrap();
            assert_eq!(header.version(), (3, 0));
            assert_eq!(header.original_size, Some(len as u64));
            assert_eq!(header.extension(), Some(".txt"));
            let storage = MemoryStorage::new(file);
            assert_eq!(header.license(&storage).unwrap(), LICENSE);
            assert_eq!(header.metadata(&storage).unwrap(), b"<label/>");
        }
    }
}

/// Long files are hashed on two threads.
#[test]
fn long_files_come_back_and_nothing_altered_comes_out() {
    let piece = usize::try_from(THREADED_PIECE).unwrap();
    let mut dice = Dice(9);
    for len in [2 * piece + 1, 3 * piece, 3 * piece + 4096, 4 * piece + 17] {
        let content = dice.bytes(len);
        let file = protected(CipherMode::Gcm4k, true, &content);
        assert!(unprotected(CipherMode::Gcm4k, true, &file).unwrap() == content, "{len}");
        let mut at_once = open(CipherMode::Gcm4k, true, file.clone()).unwrap();
        assert!(super::content(&mut at_once).unwrap() == content, "{len}");

        let body = usize::try_from(at_once.header().content_offset()).unwrap();
        for altered in [0, piece - 1, piece, 2 * piece + 5, len - 1] {
            let mut file = file.clone();
            file[body + altered / 4096 * 4124 + 12 + altered % 4096] ^= 1;
            let mut output = MemoryStorage::default();
            let input = MemoryStorage::new(file);
            let answer = unprotect(&input, &coder(CipherMode::Gcm4k), Some(&trust()), &mut output, &mut ignore);
            assert!(is_corrupt(answer), "{len} {altered}");
            let out = output.into_bytes();
            assert!(out.len() <= altered / piece * piece && content.starts_with(&out), "{len} {altered}");
        }
    }
}

/// An object of the application, which only the calling thread may use.
#[derive(Debug)]
struct Foreign {
    storage: MemoryStorage,
    thread: std::thread::ThreadId,
}

impl Foreign {
    fn new(bytes: Vec<u8>) -> Self {
        Self { storage: MemoryStorage::new(bytes), thread: std::thread::current().id() }
    }

    fn check(&self) {
        assert_eq!(std::thread::current().id(), self.thread);
    }
}

impl Storage for Foreign {
    fn len(&self) -> Result<u64> {
        self.check();
        self.storage.len()
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> Result<usize> {
        self.check();
        self.storage.read_at(offset, out)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<()> {
        self.check();
        self.storage.write_at(offset, bytes)
    }

    fn set_len(&mut self, len: u64) -> Result<()> {
        self.check();
        self.storage.set_len(len)
    }

    fn sync(&mut self) -> Result<()> {
        self.check();
        Ok(())
    }
}

#[test]
fn streams_of_the_application_are_used_on_the_calling_thread_alone() {
    let content = Dice(11).bytes(5 * usize::try_from(THREADED_PIECE).unwrap() + 4097);
    let (key, coder) = (write_key(), coder(CipherMode::Gcm4k));
    let signer = Some(Signer { key: &key, content_id: CONTENT_ID });
    let new = NewFile { license: LICENSE, extension: ".txt", metadata: b"", manifest: signer };
    let (input, mut output) = (Foreign::new(content.clone()), Foreign::new(Vec::new()));
    protect(&input, &new, &*coder, &mut output, &mut ignore).unwrap();
    let mut opened = Foreign::new(Vec::new());
    unprotect(&output, &coder, Some(&trust()), &mut opened, &mut ignore).unwrap();
    assert!(opened.storage.into_bytes() == content);
}

/// A file of which some bytes cannot be read.
#[derive(Debug)]
struct Torn {
    storage: MemoryStorage,
    gone: std::ops::Range<usize>,
    is_shared: bool,
}

impl Storage for Torn {
    fn len(&self) -> Result<u64> {
        self.storage.len()
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> Result<usize> {
        let at = usize::try_from(offset).unwrap();
        let meets = at < self.gone.end && at + out.len() > self.gone.start;
        let count = if meets { self.gone.start.saturating_sub(at) } else { out.len() };
        self.storage.read_at(offset, &mut out[..count])
    }

    fn write_at(&mut self, _offset: u64, _bytes: &[u8]) -> Result<()> {
        unreachable!("it is only read")
    }

    fn set_len(&mut self, _len: u64) -> Result<()> {
        unreachable!("it is only read")
    }

    fn sync(&mut self) -> Result<()> {
        Ok(())
    }

    fn shared(&self) -> Option<&(dyn Storage + Sync)> {
        self.is_shared.then_some(self)
    }
}

/// Whichever thread reads ahead, and wherever it fails.
#[test]
fn what_cannot_be_read_is_an_error_and_nothing_unverified_comes_out() {
    let piece = usize::try_from(THREADED_PIECE).unwrap();
    let content = Dice(12).bytes(5 * piece + 100);
    let (key, coder) = (write_key(), coder(CipherMode::Gcm4k));
    let signer = Some(Signer { key: &key, content_id: CONTENT_ID });
    let new = NewFile { license: LICENSE, extension: ".txt", metadata: b"", manifest: signer };
    let file = protected(CipherMode::Gcm4k, true, &content);
    let body = usize::try_from(Header::read(&MemoryStorage::new(file.clone())).unwrap().content_offset()).unwrap();
    for is_shared in [true, false] {
        for end in [0, 1, piece - 1, piece, 2 * piece, 3 * piece + 7, 4 * piece, 5 * piece + 99] {
            let torn = |bytes: &[u8], gone| Torn { storage: MemoryStorage::new(bytes.to_vec()), gone, is_shared };
            let mut output = MemoryStorage::default();
            let answer = protect(&torn(&content, end..content.len()), &new, &*coder, &mut output, &mut ignore);
            assert!(is_corrupt(answer), "{is_shared} {end}");
            // The tree behind the body can be read.
            let segments = body + end / 4096 * 4124..body + content.len() + 28 * content.len().div_ceil(4096);
            let mut opened = MemoryStorage::default();
            let answer = unprotect(&torn(&file, segments), &coder, Some(&trust()), &mut opened, &mut ignore);
            assert!(is_corrupt(answer), "{is_shared} {end}");
            let out = opened.into_bytes();
            assert!(out.len() <= end / piece * piece && content.starts_with(&out), "{is_shared} {end}");
        }
    }
}

#[test]
fn long_work_ends_when_it_is_told_to() {
    let content = Dice(10).bytes(4 * usize::try_from(THREADED_PIECE).unwrap());
    let file = MemoryStorage::new(protected(CipherMode::Gcm4k, true, &content));
    let mut told = Vec::new();
    let mut stop = |done: u64, all: u64| {
        told.push((done, all));
        if told.len() == 2 { Err(ErrorKind::Cancelled.into()) } else { Ok(()) }
    };
    let answer = unprotect(&file, &coder(CipherMode::Gcm4k), Some(&trust()), &mut MemoryStorage::default(), &mut stop);
    assert_eq!(*answer.unwrap_err().kind(), ErrorKind::Cancelled);
    assert_eq!(told, [(THREADED_PIECE, 4 * THREADED_PIECE), (2 * THREADED_PIECE, 4 * THREADED_PIECE)]);
}

#[test]
fn lengths_of_the_body_are_those_of_the_format() {
    for (mode, len, body) in [
        (CipherMode::Cbc4k, 0, 16),
        (CipherMode::Cbc4k, 16, 32),
        (CipherMode::Cbc4k, 4096, 4112),
        (CipherMode::Cbc4kNoPad, 0, 0),
        (CipherMode::Cbc4kNoPad, 1, 4096),
        (CipherMode::Cbc512, 5, 16),
        (CipherMode::Ecb, 4096, 4096),
        (CipherMode::Ecb, 17, 32),
        (CipherMode::Gcm4k, 0, 28),
        (CipherMode::Gcm4k, 4096, 4124),
        (CipherMode::Gcm4k, 4097, 4153),
    ] {
        let file = MemoryStorage::new(protected(mode, false, &vec![1; len]));
        let header = Header::read(&file).unwrap();
        assert_eq!(file.len().unwrap() - header.content_offset(), body, "{mode:?} {len}");
    }
}

#[test]
fn an_older_version_is_cbc4k_whatever_the_key_says() {
    let content = Dice(2).bytes(9000);
    let mut file = protected(CipherMode::Cbc4k, false, &content);
    file[6] = 2;
    file[10] = 1;
    for mode in [CipherMode::Cbc4k, CipherMode::Ecb, CipherMode::Cbc512, CipherMode::Cbc4kNoPad] {
        assert!(unprotected(mode, false, &file).unwrap() == content, "{mode:?}");
    }
    assert!(is_corrupt(unprotected(CipherMode::Gcm4k, false, &file)));
    assert!(is_corrupt(unprotected(CipherMode::Cbc4k, true, &file)));
}

#[test]
fn a_length_that_the_header_contradicts_is_damage() {
    for (mode, signed) in KINDS {
        // The last block is nearly full, so that no cut falls into its fill.
        let good = protected(mode, signed, &Dice(3).bytes(12_280));
        let header = Header::read(&MemoryStorage::new(good.clone())).unwrap();
        let body = usize::try_from(header.content_offset()).unwrap();
        for cut in [1, 16, 28, 4096, 4124, good.len() - body] {
            let mut file = good.clone();
            file.truncate(good.len() - cut);
            assert!(is_corrupt(unprotected(mode, signed, &file)), "{mode:?} {signed} cut by {cut}");
        }
        let mut longer = good.clone();
        longer.extend([0; 16 * 600]);
        assert!(is_corrupt(unprotected(mode, signed, &longer)), "{mode:?} {signed} appended");
        let mut other = good.clone();
        let at = usize::try_from(header.original_size_at().unwrap()).unwrap();
        other[at + 2] ^= 1;
        assert!(is_corrupt(unprotected(mode, signed, &other)), "{mode:?} {signed} size");
    }
}

#[test]
fn an_unknown_size_is_found_where_the_content_tells_it() {
    let content = Dice(4).bytes(5000);
    for (mode, found) in [(CipherMode::Cbc4k, 5000), (CipherMode::Gcm4k, 5000), (CipherMode::Ecb, 5008)] {
        for unknown in [0, u64::MAX] {
            let mut file = protected(mode, false, &content);
            let header = Header::read(&MemoryStorage::new(file.clone())).unwrap();
            let at = usize::try_from(header.original_size_at().unwrap()).unwrap();
            file[at..at + 8].copy_from_slice(&unknown.to_le_bytes());
            let plain = unprotected(mode, false, &file).unwrap();
            assert_eq!((plain.len(), &plain[..5000]), (found, &content[..]), "{mode:?}");
        }
    }
}

#[test]
fn progress_counts_up_and_can_stop_the_work() {
    let content = vec![5; 3 << 20];
    let what = NewFile { license: LICENSE, extension: "", metadata: b"", manifest: None };
    let mut seen = Vec::new();
    let mut output = MemoryStorage::default();
    let mut note = |done, all| {
        seen.push((done, all));
        if seen.len() == 3 { Err(ErrorKind::Cancelled.into()) } else { Ok(()) }
    };
    let input = MemoryStorage::new(content);
    let error = protect(&input, &what, &*coder(CipherMode::Cbc4k), &mut output, &mut note).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Cancelled);
    assert_eq!(seen, [(CHUNK, 3 << 20), (2 * CHUNK, 3 << 20), (3 * CHUNK, 3 << 20)]);
}

#[test]
fn the_manifest_belongs_to_authenticated_content() {
    let key = write_key();
    let manifest = Some(Signer { key: &key, content_id: CONTENT_ID });
    let what = NewFile { license: LICENSE, extension: "", metadata: b"", manifest };
    let error = protect(
        &MemoryStorage::default(),
        &what,
        &*coder(CipherMode::Cbc4k),
        &mut MemoryStorage::default(),
        &mut ignore,
    );
    assert!(matches!(error.unwrap_err().kind(), ErrorKind::InvalidArgument { .. }));
    // Demanded and missing, present and not to be verified.
    assert!(is_corrupt(unprotected(CipherMode::Gcm4k, true, &protected(CipherMode::Gcm4k, false, b"plan"))));
    assert!(is_corrupt(unprotected(CipherMode::Gcm4k, false, &protected(CipherMode::Gcm4k, true, b"plan"))));
}

#[test]
fn a_license_is_replaced_without_touching_the_content() {
    let content = Dice(5).bytes(1_000_000);
    let other_key = SigningKey::from_seed(Zeroizing::new([8; 32])).unwrap();
    let license = b"<XrML>another license of more bytes than the first one has</XrML>\0";
    for (mode, signed) in KINDS {
        let file = MemoryStorage::new(protected(mode, signed, &content));
        let old = signed.then(trust);
        let signer = signed.then_some(Signer { key: &other_key, content_id: "{other}" });
        let mut output = MemoryStorage::default();
        replace_license(&file, (&coder(mode), old.as_ref()), (license, signer), &mut output, &mut ignore).unwrap();
        let header = Header::read(&output).unwrap();
        assert_eq!(header.license(&output).unwrap(), [b"\xef\xbb\xbf", &license[..license.len() - 1]].concat());
        assert_eq!(header.metadata(&output).unwrap(), b"<label/>");
        let new = signed.then(|| Trust { key: other_key.public().unwrap(), content_id: "{other}".into() });
        let mut plain = MemoryStorage::default();
        unprotect(&output, &coder(mode), new.as_ref(), &mut plain, &mut ignore).unwrap();
        assert!(plain.bytes() == content);
        if signed {
            assert!(is_corrupt(unprotect(&output, &coder(mode), old.as_ref(), &mut plain, &mut ignore)));
            let unsigned =
                replace_license(&file, (&coder(mode), old.as_ref()), (license, None), &mut output, &mut ignore);
            assert!(matches!(unsigned.unwrap_err().kind(), ErrorKind::RightNotGranted { .. }));
        }
    }
}
