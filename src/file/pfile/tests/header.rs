//! Headers of every version, and headers that lie.

use super::*;

/// A name and what is done to a right header.
type Lie = (&'static str, Box<dyn Fn(&mut Raw)>);

/// The fields of a header, to be changed one by one.
#[derive(Clone)]
struct Raw {
    major: u32,
    minor: u32,
    notice_len: u32,
    block_len: u32,
    extension: (u32, u32),
    license: (u32, u32),
    content: u32,
    size: u64,
    metadata: (u32, u32),
    tail: Vec<u8>,
}

const NOTICE_LEN: u32 = 100;

impl Raw {
    /// A right one with a block of `block_len` bytes.
    fn new(major: u32, minor: u32, block_len: u32) -> Self {
        let extension = 18 + NOTICE_LEN + block_len;
        Self {
            major,
            minor,
            notice_len: NOTICE_LEN,
            block_len,
            extension: (extension, 4),
            license: (extension + 4, 20),
            content: extension + 4 + 20 + 8,
            size: u64::MAX,
            metadata: (extension + 24, 8),
            tail: [&b".txt"[..], &[b'L'; 20], &[b'M'; 8], &[0; 32]].concat(),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut out = b".pfile".to_vec();
        for value in [self.major, self.minor, self.notice_len] {
            out.extend(value.to_le_bytes());
        }
        out.extend([b'n'; NOTICE_LEN as usize]);
        let mut block = Vec::new();
        for value in [self.block_len, self.extension.0, self.extension.1, self.license.0, self.license.1, self.content]
        {
            block.extend(value.to_le_bytes());
        }
        block.extend(self.size.to_le_bytes());
        for value in [self.metadata.0, self.metadata.1] {
            block.extend(value.to_le_bytes());
        }
        block.resize(self.block_len.clamp(4, 1000) as usize, 0);
        out.extend(block);
        out.extend(&self.tail);
        out
    }

    fn read(&self) -> Result<Header> {
        Header::read(&MemoryStorage::new(self.bytes()))
    }
}

#[test]
fn every_version_is_read() {
    for (major, minor, block_len) in [(2, 0, 24), (2, 1, 40), (2, 1, 48), (3, 0, 40), (3, 7, 64), (2, 255, 40)] {
        let raw = Raw::new(major, minor, block_len);
        let storage = MemoryStorage::new(raw.bytes());
        let header = Header::read(&storage).unwrap();
        assert_eq!(header.version(), (major, minor));
        assert_eq!(header.stored_extension(), Some(&b".txt"[..]));
        assert_eq!(header.license(&storage).unwrap(), [b'L'; 20]);
        assert_eq!(header.content_offset(), u64::from(raw.content));
        let short = (major, minor) == (2, 0);
        assert_eq!(header.original_size, (!short).then_some(u64::MAX));
        assert_eq!(header.original_size(), None);
        let metadata = header.metadata(&storage).unwrap();
        assert_eq!(metadata, if short { &[][..] } else { &[b'M'; 8][..] });
    }
}

#[test]
fn a_header_that_lies_is_damage() {
    let good = Raw::new(3, 0, 40);
    let end = u32::try_from(good.bytes().len()).unwrap();
    let changes: Vec<Lie> = vec![
        ("major 0", Box::new(|raw| raw.major = 0)),
        ("major 1", Box::new(|raw| raw.major = 1)),
        ("major 256", Box::new(|raw| raw.major = 256)),
        ("major 2^24", Box::new(|raw| raw.major = 1 << 24)),
        ("minor 256", Box::new(|raw| raw.minor = 256)),
        ("an unfinished write", Box::new(|raw| raw.major = 0x103)),
        ("notice past the end", Box::new(move |raw| raw.notice_len = end)),
        ("notice of 4 GiB", Box::new(|raw| raw.notice_len = u32::MAX)),
        ("block of 0", Box::new(|raw| raw.block_len = 0)),
        ("block of 24", Box::new(|raw| raw.block_len = 24)),
        ("block of 39", Box::new(|raw| raw.block_len = 39)),
        ("block past the license", Box::new(|raw| raw.block_len = 60)),
        ("block of 4 GiB", Box::new(|raw| raw.block_len = u32::MAX)),
        ("extension in the block", Box::new(|raw| raw.extension.0 -= 1)),
        ("extension at 0", Box::new(|raw| raw.extension.0 = 0)),
        ("extension into the content", Box::new(|raw| raw.extension.1 = 33)),
        ("extension of 4 GiB", Box::new(|raw| raw.extension.1 = u32::MAX)),
        ("license of 0", Box::new(|raw| raw.license.1 = 0)),
        ("license into the content", Box::new(|raw| raw.license.1 = 29)),
        ("license of 4 GiB", Box::new(|raw| raw.license.1 = u32::MAX)),
        ("license in the notice", Box::new(|raw| raw.license.0 = 30)),
        ("license far away", Box::new(|raw| raw.license.0 = u32::MAX)),
        ("metadata into the content", Box::new(|raw| raw.metadata.1 = 9)),
        ("metadata in the magic", Box::new(|raw| raw.metadata.0 = 0)),
        ("metadata over the edge", Box::new(|raw| raw.metadata = (u32::MAX, 2))),
        ("content past the end", Box::new(move |raw| raw.content = end + 1)),
        ("content before the license", Box::new(|raw| raw.content = 0)),
    ];
    for (what, change) in changes {
        let mut raw = good.clone();
        change(&mut raw);
        assert!(is_corrupt(raw.read()), "{what}");
    }
    for version in [4, 200, 255] {
        let raw = Raw { major: version, ..good.clone() };
        assert_eq!(raw.read().unwrap_err().kind(), &ErrorKind::NotSupported);
    }
    let bytes = good.bytes();
    for len in 6..usize::try_from(good.content).unwrap() {
        assert!(is_corrupt(Header::read(&MemoryStorage::new(bytes[..len].to_vec()))), "{len} bytes");
    }
    for len in 0..6 {
        let error = Header::read(&MemoryStorage::new(bytes[..len].to_vec())).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::FileNotEncrypted);
    }
    // A part of length 0 may lie anywhere, and the order is free.
    let mut raw = good.clone();
    (raw.extension, raw.metadata) = ((u32::MAX, 0), (0, 0));
    assert!(raw.read().is_ok());
    let mut raw = good;
    (raw.extension.0, raw.license.0) = (raw.license.0 + 24 - 4, raw.extension.0);
    assert!(raw.read().is_ok());
}

#[test]
fn a_license_above_the_limit_is_refused_before_it_is_read() {
    let mut raw = Raw::new(3, 0, 40);
    let more = u32::try_from(LICENSE_MAX).unwrap();
    raw.license.1 = more + 1;
    raw.content = raw.license.0 + raw.license.1;
    raw.metadata = (0, 0);
    raw.tail.resize(more as usize + 100, 0);
    assert!(is_corrupt(raw.read()));
}

#[test]
fn a_stored_extension_serves_only_when_it_is_one() {
    let long = format!(".{}", "x".repeat(64));
    for (stored, usable) in [
        (".txt", true),
        (".pfile", true),
        (".t\u{e4}xt", true),
        ("", false),
        ("txt", false),
        (".", true),
        ("..", false),
        (".txt.", false),
        (".txt ", false),
        (".a/b", false),
        ("./../../etc/passwd", false),
        (".a\\b", false),
        (".a:stream", false),
        (".a\0b", false),
        (".a\nb", false),
        (".\u{202e}txt", false),
        (&long, false),
        (&long[..64], true),
    ] {
        let what = NewFile { license: LICENSE, extension: stored, metadata: b"", manifest: None };
        let mut output = MemoryStorage::default();
        protect(&MemoryStorage::default(), &what, &*coder(CipherMode::Cbc4k), &mut output, &mut ignore).unwrap();
        let header = Header::read(&output).unwrap();
        assert_eq!(header.extension(), usable.then_some(stored), "{stored:?}");
        assert_eq!(header.stored_extension(), Some(stored.as_bytes()));
    }
    let mut raw = Raw::new(3, 0, 40);
    raw.tail[1] = 0xff;
    assert_eq!(raw.read().unwrap().extension(), None);
}

#[test]
fn a_license_is_stored_with_its_mark_and_without_zeros() {
    let utf16: Vec<u8> = "<X/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (given, stored) in
        [(&b"<X/>"[..], &b"\xef\xbb\xbf<X/>"[..]), (b"\xef\xbb\xbf<X/>\0\0", b"\xef\xbb\xbf<X/>"), (&utf16, &utf16)]
    {
        let what = NewFile { license: given, extension: "", metadata: b"", manifest: None };
        let mut output = MemoryStorage::default();
        protect(&MemoryStorage::default(), &what, &*coder(CipherMode::Cbc4k), &mut output, &mut ignore).unwrap();
        assert_eq!(Header::read(&output).unwrap().license(&output).unwrap(), stored);
    }
    let what = NewFile { license: b"", extension: "", metadata: b"", manifest: None };
    let refused = protect(
        &MemoryStorage::default(),
        &what,
        &*coder(CipherMode::Cbc4k),
        &mut MemoryStorage::default(),
        &mut ignore,
    );
    assert!(refused.is_err());
}
