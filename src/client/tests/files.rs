//! Protected files under licenses of the authority: what writers and readers can do with them.

use super::*;
use crate::cipher::PackageId;
use crate::file::pfile::{Access, Header, NewFile, ProtectedFile, Signer, protect};
use crate::file::{KeyCoder, MemoryStorage, Storage};

/// A file that Dana protected for Lee, who may edit, and Omar, who may view.
fn protected(world: &World, package: PackageId) -> MemoryStorage {
    let mut draft = world.scratch(&[(LEE, &["VIEW", "EDIT"]), (OMAR, &["VIEW"])]);
    draft.set_package(Some(package)).unwrap();
    let key = Arc::new(world.application.publish(&draft, &prompt(DANA)).unwrap());
    let what = NewFile { license: key.serialized(), extension: ".txt", metadata: b"", manifest: Signer::of(&key) };
    let input = MemoryStorage::new(b"minutes of the board".to_vec());
    let mut output = MemoryStorage::default();
    protect(&input, &what, &KeyCoder(Arc::clone(&key)), &mut output, &mut |_, _| Ok(())).unwrap();
    output
}

/// Opens a file as an application does: the license in it gives the key.
fn open(world: &World, file: MemoryStorage, who: &str) -> ProtectedFile {
    let license = Header::read(&file).unwrap().license(&file).unwrap();
    let key = Arc::new(world.open(&license, who).unwrap());
    ProtectedFile::open(Box::new(file), Access::of(key, None).unwrap()).unwrap()
}

#[test]
fn writers_write_and_readers_read_what_they_signed() {
    for package in [PackageId::Aes256Gcm4k, PackageId::Aes256Cbc4k, PackageId::Aes128Ecb] {
        let world = World::new();
        let file = protected(&world, package);
        let mut writer = open(&world, file, LEE);
        assert_eq!(writer.is_authenticated(), package == PackageId::Aes256Gcm4k);
        writer.write_at(11, b"the court").unwrap();
        let storage = writer.into_storage();
        let mut bytes = vec![0; usize::try_from(storage.len().unwrap()).unwrap()];
        storage.read_exact_at(0, &mut bytes).unwrap();

        let mut reader = open(&world, MemoryStorage::new(bytes.clone()), OMAR);
        let mut out = [0; 40];
        let found = reader.read_at(0, &mut out).unwrap();
        assert_eq!(&out[..found], b"minutes of the court");
        for refused in [reader.write_at(0, b"M"), reader.set_len(3), reader.set_len(300)] {
            assert!(matches!(refused.unwrap_err().kind(), ErrorKind::RightNotGranted { .. }));
        }
        let mut kept = vec![0; bytes.len()];
        reader.into_storage().read_exact_at(0, &mut kept).unwrap();
        assert_eq!(kept, bytes);
    }
}

#[test]
fn a_file_under_a_license_with_a_write_key_needs_its_manifest() {
    let world = World::new();
    let mut draft = world.scratch(&[(OMAR, &["VIEW"])]);
    draft.set_package(Some(PackageId::Aes256Gcm4k)).unwrap();
    let key = Arc::new(world.application.publish(&draft, &prompt(DANA)).unwrap());
    let what = NewFile { license: key.serialized(), extension: ".txt", metadata: b"", manifest: None };
    let mut file = MemoryStorage::default();
    let input = MemoryStorage::new(b"forged".to_vec());
    protect(&input, &what, &KeyCoder(Arc::clone(&key)), &mut file, &mut |_, _| Ok(())).unwrap();
    let license = Header::read(&file).unwrap().license(&file).unwrap();
    let reader = Arc::new(world.open(&license, OMAR).unwrap());
    let refused = ProtectedFile::open(Box::new(file), Access::of(reader, None).unwrap());
    assert!(matches!(refused.unwrap_err().kind(), ErrorKind::FileCorrupt { .. }));
}

#[test]
fn files_of_an_older_version_are_cbc4k_under_every_license() {
    for package in [PackageId::Aes256Cbc4k, PackageId::Aes128Ecb] {
        let world = World::new();
        let mut draft = world.scratch(&[(OMAR, &["VIEW"])]);
        draft.set_package(Some(package)).unwrap();
        let key = Arc::new(world.application.publish(&draft, &prompt(DANA)).unwrap());
        let what = NewFile { license: key.serialized(), extension: ".txt", metadata: b"", manifest: None };
        let input = MemoryStorage::new(b"minutes of the board".to_vec());
        let mut file = MemoryStorage::default();
        let older = KeyCoder(Arc::new(key.as_cbc4k().unwrap()));
        protect(&input, &what, &older, &mut file, &mut |_, _| Ok(())).unwrap();
        file.write_at(6, &[2, 0, 0, 0, 1]).unwrap();
        let mut reader = open(&world, file, OMAR);
        assert_eq!(reader.header().version(), (2, 1));
        let mut out = [0; 40];
        let found = reader.read_at(0, &mut out).unwrap();
        assert_eq!(&out[..found], b"minutes of the board");
        assert!(matches!(reader.write_at(0, b"M").unwrap_err().kind(), ErrorKind::RightNotGranted { .. }));
    }
}
