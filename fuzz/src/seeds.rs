//! Writes small files of every kind as seeds: `seeds FOLDER [FOLDER_OF_FILES...]`, one folder for each target.
//!
//! Our own files come first; those of the further folders are added to the targets that they concern.

use std::fs;
use std::path::{Path, PathBuf};

use msipc::cipher::CipherMode;
use msipc::file::MemoryStorage;
use msipc::file::office::cfb::{Node, Plan};
use msipc::file::office::message::{BodyFormat, Message};
use msipc::file::office::{self, rpmsg};
use msipc_fuzz::{KINDS, coder, ignore, pattern, protected};

/// Largest file that serves as a seed: fuzzing goes through small ones faster.
const SEED_MAX: u64 = 300_000;

struct Corpus(PathBuf);

impl Corpus {
    fn put(&self, target: &str, name: &str, bytes: &[u8]) {
        let folder = self.0.join(target);
        fs::create_dir_all(&folder).expect("a folder for seeds");
        fs::write(folder.join(name), bytes).expect("a seed");
    }

    /// The targets that a file concerns, by its content.
    fn sort(&self, path: &Path, bytes: &[u8]) {
        let name: String = path.to_string_lossy().replace(['/', '\\'], "_");
        let start = |magic: &[u8]| bytes.starts_with(magic);
        let target = match () {
            () if start(b".pfile") => "pfile",
            () if start(b"\xD0\xCF\x11\xE0") || start(b"PK\x03\x04") => "office",
            () if start(b"\x76\xE8\x04\x60") => "rpmsg",
            () if start(b"%PDF") => "pdf",
            () if bytes.windows(5).any(|text| text == b"<XrML") || start(b"\xFF\xFE<\0") => "license",
            () => return,
        };
        self.put(target, &name, bytes);
        if let Ok(license) = msipc::file::detect::license(&MemoryStorage::new(bytes.to_vec())) {
            self.put("license", &format!("{name}.license"), &license);
        }
    }

    fn add_folder(&self, folder: &Path) {
        let Ok(entries) = fs::read_dir(folder) else { return };
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                self.add_folder(&path);
            } else if path.metadata().is_ok_and(|found| found.len() <= SEED_MAX) {
                self.sort(&path, &fs::read(&path).unwrap_or_default());
            }
        }
    }
}

/// A compound file with one stream, which names the application.
fn binary_document(stream: &str) -> Vec<u8> {
    let nodes = vec![Node::bytes(stream, pattern(9000)), Node::bytes("\u{1}CompObj", pattern(100))];
    let mut output = MemoryStorage::default();
    Plan::new(Default::default(), nodes).expect("a plan").write(&mut output).expect("memory");
    output.into_bytes()
}

/// Own seeds. `license` is a real one, signed by a key that nobody trusts.
fn own(corpus: &Corpus, license: &[u8]) {
    for (index, kind) in KINDS.into_iter().enumerate() {
        for len in [0, 1, 4096, 9000] {
            corpus.put("pfile", &format!("own-{index}-{len}"), &protected(kind, license, len));
        }
        let first = u8::try_from(index).expect("few kinds");
        let steps = [1, 0, 0x10, 0, 0x20, 3, 2, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40, 1, 0, 0, 2, 9, 0, 3, 1, 0, 0, 8, 8];
        for base in [first, first + 7 * 20] {
            corpus.put("ranges", &format!("own-{base}"), &[&[base], &steps[..]].concat());
        }
    }
    let mut package = pattern(5000);
    package[..4].copy_from_slice(b"PK\x03\x04");
    corpus.put("office", "own-plain.docx", &package);
    let mut documents = vec![("package", package)];
    for (name, stream) in [("word", "WordDocument"), ("excel", "Workbook"), ("powerpoint", "PowerPoint Document")] {
        let document = binary_document(stream);
        corpus.put("office", &format!("own-plain-{name}"), &document);
        documents.push((name, document));
    }
    for (mode, key_len) in [(CipherMode::Cbc4k, 32), (CipherMode::Ecb, 16)] {
        let coder = coder(mode, key_len);
        for (name, document) in &documents {
            let mut output = MemoryStorage::default();
            let plain = MemoryStorage::new(document.clone());
            office::protect(&plain, license, &*coder, &mut output, &mut ignore).expect("protecting works");
            corpus.put("office", &format!("own-{name}-{key_len}"), output.bytes());
        }
        let message = Message {
            format: BodyFormat::Html,
            code_page: 65001,
            body: b"<p>the minutes</p>".to_vec(),
            rtf: None,
            text_as_html: None,
        };
        let (mut plain, mut mail) = (MemoryStorage::default(), MemoryStorage::default());
        message.write(&mut plain).expect("memory");
        rpmsg::protect(&plain, license, &*coder, &mut mail, &mut ignore).expect("protecting works");
        corpus.put("rpmsg", &format!("own-{key_len}"), mail.bytes());
        corpus.put("rpmsg", "own-message", plain.bytes());
    }
    corpus.put("license", "own", license);
    for (name, extra) in [("plain", ""), ("protected", "/Encrypt 4 0 R"), ("linearized", "/Linearized 1")] {
        corpus.put("pdf", &format!("own-{name}"), &small_pdf(extra));
    }
}

/// A PDF of a page without content.
fn small_pdf(trailer: &str) -> Vec<u8> {
    let objects = [
        "1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n",
        "2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n",
        "3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>\nendobj\n",
        "4 0 obj\n<< /Filter /MicrosoftIRMServices /V 4 /MicrosoftIRMVersion 2 /PublishingLicense (<XrML/>) >>\nendobj\n",
    ];
    let (mut text, mut places) = (String::from("%PDF-1.7\n"), Vec::new());
    for object in objects {
        places.push(text.len());
        text.push_str(object);
    }
    let table = text.len();
    text.push_str("xref\n0 5\n0000000000 65535 f \n");
    for place in places {
        text.push_str(&format!("{place:010} 00000 n \n"));
    }
    text.push_str(&format!("trailer\n<< /Size 5 /Root 1 0 R {trailer} >>\nstartxref\n{table}\n%%EOF\n"));
    text.into_bytes()
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let corpus = Corpus(arguments.next().expect("seeds FOLDER [FOLDER_OF_FILES...]").into());
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/xrml");
    let license = fs::read(vectors.join("01-basic.xml")).expect("the vectors of licenses");
    own(&corpus, &license);
    corpus.add_folder(&vectors);
    for folder in arguments {
        corpus.add_folder(Path::new(&folder));
    }
}
