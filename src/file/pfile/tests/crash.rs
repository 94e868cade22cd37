//! Programs that die in the middle of a write, and systems that refuse one.

use std::fmt;
use std::sync::{Mutex, MutexGuard};

use super::*;
use crate::error::Error;

/// A file and its undo record, and how many changes are still carried out.
#[derive(Default, Clone)]
struct World {
    main: Vec<u8>,
    record: Vec<u8>,
    /// Whether the record has its name; without one, only whoever has it open still reads it.
    named: bool,
    /// As they were when they were last synced.
    synced_main: Vec<u8>,
    synced_record: Option<Vec<u8>>,
    left: u64,
    /// Whether nothing works any more after the first refusal.
    dies: bool,
    dead: bool,
}

#[derive(Clone)]
struct Shared(Arc<Mutex<World>>);

impl Shared {
    fn new(main: Vec<u8>, left: u64, dies: bool) -> Self {
        let synced_main = main.clone();
        Self(Arc::new(Mutex::new(World { main, synced_main, left, dies, ..World::default() })))
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }

    /// One change; the last one before the end is carried out by half.
    fn change(&self, whole: impl FnOnce(&mut World), half: impl FnOnce(&mut World)) -> Result<()> {
        let mut world = self.world();
        if world.dead {
            return Err(Error::new(ErrorKind::Io(std::io::ErrorKind::Other)));
        }
        if world.left == 0 {
            half(&mut world);
            world.dead = world.dies;
            world.left = u64::MAX;
            return Err(Error::new(ErrorKind::Io(std::io::ErrorKind::StorageFull)));
        }
        world.left -= 1;
        whole(&mut world);
        Ok(())
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shared")
    }
}

fn write(to: &mut Vec<u8>, offset: u64, bytes: &[u8]) {
    let start = usize::try_from(offset).unwrap();
    if to.len() < start + bytes.len() {
        to.resize(start + bytes.len(), 0);
    }
    to[start..start + bytes.len()].copy_from_slice(bytes);
}

/// The file.
#[derive(Debug)]
struct Main(Shared);

/// The undo record.
#[derive(Debug)]
struct Kept(Shared);

impl Storage for Main {
    fn len(&self) -> Result<u64> {
        Ok(self.0.world().main.len() as u64)
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> Result<usize> {
        MemoryStorage::new(self.0.world().main.clone()).read_at(offset, out)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<()> {
        self.0.change(
            |world| write(&mut world.main, offset, bytes),
            // The mark lies within one sector, which is written or not.
            |world| write(&mut world.main, offset, &bytes[..if bytes.len() <= 3 { 0 } else { bytes.len() / 2 }]),
        )
    }

    fn set_len(&mut self, len: u64) -> Result<()> {
        self.0.change(|world| world.main.resize(usize::try_from(len).unwrap(), 0), |_| ())
    }

    fn sync(&mut self) -> Result<()> {
        self.0.change(|world| world.synced_main = world.main.clone(), |_| ())
    }
}

impl Storage for Kept {
    fn len(&self) -> Result<u64> {
        Ok(self.0.world().record.len() as u64)
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> Result<usize> {
        MemoryStorage::new(self.0.world().record.clone()).read_at(offset, out)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<()> {
        let put = |world: &mut World, bytes: &[u8]| write(&mut world.record, offset, bytes);
        self.0.change(|world| put(world, bytes), |world| put(world, &bytes[..bytes.len() / 2]))
    }

    fn set_len(&mut self, len: u64) -> Result<()> {
        self.0.change(|world| world.record.resize(usize::try_from(len).unwrap(), 0), |_| ())
    }

    fn sync(&mut self) -> Result<()> {
        self.0.change(|world| world.synced_record = Some(world.record.clone()), |_| ())
    }
}

impl UndoPlace for Shared {
    fn existing(&mut self) -> Result<Option<Box<dyn Storage>>> {
        let named = self.world().named;
        Ok(named.then(|| Box::new(Kept(self.clone())) as Box<dyn Storage>))
    }

    fn create(&mut self) -> Result<Box<dyn Storage>> {
        self.change(|world| (world.record, world.named) = (Vec::new(), true), |_| ())?;
        Ok(Box::new(Kept(self.clone())))
    }

    /// A power cut may bring the record back.
    fn remove(&mut self) -> Result<()> {
        self.change(|world| world.named = false, |world| world.named = false)
    }
}

/// Where the mark of an unfinished write lies.
const MARK: std::ops::Range<usize> = 7..10;

/// What is done to the content.
type Change = fn(&mut ProtectedFile) -> Result<()>;

/// Content to begin with, and changes that each touch other parts of the file.
fn cases() -> Vec<(usize, Change)> {
    vec![
        (10_000, |file| file.write_at(3, b"begin")),
        (10_000, |file| file.write_at(4090, &[0x22; 5000])),
        (10_000, |file| file.write_at(9_999, b"end")),
        (10_000, |file| file.write_at(12_000, b"behind a gap")),
        (8_192, |file| file.write_at(8_192, b"next block")),
        (0, |file| file.write_at(0, b"first")),
        (10_000, |file| file.set_len(100_000)),
        (10_000, |file| file.set_len(9_000)),
        (10_000, |file| file.set_len(4_096)),
        (10_000, |file| file.set_len(0)),
        (600_000, |file| file.set_len(5)),
        (600_000, |file| file.write_at(520_000, &[0x33; 10_000])),
        (520_000, |file| file.write_at(520_000, &[0x44; 30_000])),
    ]
}

fn file(kind: (CipherMode, bool), shared: &Shared, undo: bool) -> Result<ProtectedFile> {
    let mut access = access(kind.0, kind.1);
    if undo {
        access.undo = Some(Box::new(shared.clone()));
    }
    ProtectedFile::open(Box::new(Main(shared.clone())), access)
}

/// Content before and after, and the container before.
fn both(kind: (CipherMode, bool), len: usize, change: Change) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let old = Dice(len as u64).bytes(len);
    let bytes = protected(kind.0, kind.1, &old);
    let mut file = open(kind.0, kind.1, bytes.clone()).unwrap();
    change(&mut file).unwrap();
    (old, content(&mut file).unwrap(), bytes)
}

/// Dies after every number of changes, and calls `look` with each world that may be found then.
fn dies_everywhere(kind: (CipherMode, bool), undo: bool, look: impl Fn(&Shared, &[u8], &[u8], &str)) {
    for (number, (len, change)) in cases().into_iter().enumerate() {
        let (old, new, bytes) = both(kind, len, change);
        for left in 0.. {
            let shared = Shared::new(bytes.clone(), u64::MAX, true);
            let mut open = file(kind, &shared, undo).unwrap();
            shared.world().left = left;
            let outcome = change(&mut open);
            drop(open);
            let died = shared.world().dead;
            // Only what is found at the next open anyway, a record that is not needed any more, may stay behind quietly.
            assert!(outcome.is_ok() || died, "{kind:?} case {number} after {left}");
            // A killed program leaves what it wrote; a power cut may leave only what was synced, of either file.
            for lost in 0..if undo { 8 } else { 1 } {
                let mut world = shared.world().clone();
                let mark = [world.main[MARK].to_vec(), world.synced_main[MARK].to_vec()];
                if lost & 1 > 0 {
                    world.main = world.synced_main.clone();
                }
                // The sector of the mark may be on the medium without the others, and they without it.
                if lost & 4 > 0 {
                    world.main[MARK].copy_from_slice(&mark[1 - lost % 2]);
                }
                if lost & 2 > 0 {
                    world.named = world.synced_record.is_some();
                    world.record = world.synced_record.clone().unwrap_or_default();
                }
                (world.left, world.dead) = (u64::MAX, false);
                let found = Shared(Arc::new(Mutex::new(world)));
                look(&found, &old, &new, &format!("{kind:?} case {number} after {left} lost {lost}"));
            }
            if !died {
                break;
            }
        }
    }
}

#[test]
fn with_an_undo_place_the_next_open_finds_the_old_content_or_the_new() {
    for kind in KINDS {
        dies_everywhere(kind, true, |found, old, new, place| {
            let mut open = file(kind, found, true).unwrap_or_else(|error| panic!("{place}: {error}"));
            let content = content(&mut open).unwrap_or_else(|error| panic!("{place}: {error}"));
            assert!(content == old || content == new, "{place}: {} bytes", content.len());
            assert!(!found.world().named, "{place}: the record is still there");
            assert_eq!(found.world().main[MARK], [0; 3], "{place}: the mark is still there");
            // And it can be written again.
            open.write_at(0, b"again").unwrap();
        });
    }
}

#[test]
fn without_an_undo_place_the_next_open_never_finds_wrong_bytes() {
    for kind in KINDS {
        dies_everywhere(kind, false, |found, old, new, place| {
            match file(kind, found, false).and_then(|mut open| content(&mut open)) {
                Ok(content) => assert!(content == old || content == new, "{place}: {} bytes", content.len()),
                Err(error) => assert!(matches!(error.kind(), ErrorKind::FileCorrupt { .. }), "{place}: {error}"),
            }
        });
    }
}

#[test]
fn a_refused_change_is_taken_back_at_once() {
    for kind in KINDS {
        for undo in [true, false] {
            for (number, (len, change)) in cases().into_iter().enumerate() {
                let (old, new, bytes) = both(kind, len, change);
                for left in 0.. {
                    let shared = Shared::new(bytes.clone(), u64::MAX, false);
                    let mut open = file(kind, &shared, undo).unwrap();
                    shared.world().left = left;
                    let refused = change(&mut open).is_err();
                    // Until the refusal came, `left` was small.
                    let hit = shared.world().left > u64::MAX / 2;
                    shared.world().left = u64::MAX;
                    let place = format!("{kind:?} {undo} case {number} after {left}");
                    let now = content(&mut open).unwrap_or_else(|error| panic!("{place}: {error}"));
                    assert!(now == if refused { &old[..] } else { &new[..] }, "{place}");
                    change(&mut open).unwrap_or_else(|error| panic!("{place}: {error}"));
                    drop(open);
                    let mut again = file(kind, &shared, undo).unwrap_or_else(|error| panic!("{place}: {error}"));
                    assert!(content(&mut again).unwrap() == new, "{place}");
                    if !hit {
                        break;
                    }
                }
            }
        }
    }
}

#[test]
fn without_the_place_an_unfinished_file_is_refused_and_never_read_as_wrong_bytes() {
    for kind in KINDS {
        dies_everywhere(kind, true, |found, old, new, place| {
            // The handle of another program, or the file under another name.
            match file(kind, found, false).and_then(|mut open| content(&mut open)) {
                Ok(content) => assert!(content == old || content == new, "{place}: {} bytes", content.len()),
                Err(error) => assert!(matches!(error.kind(), ErrorKind::FileCorrupt { .. }), "{place}: {error}"),
            }
        });
    }
}

/// A file in the middle of a write of `bytes`, and its record.
fn torn(kind: (CipherMode, bool), bytes: &[u8]) -> Shared {
    let shared = Shared::new(protected(kind.0, kind.1, &[1; 10_000]), u64::MAX, true);
    let mut open = file(kind, &shared, true).unwrap();
    let whole = shared.world().main.clone();
    // The record is complete and the mark set when the file but for the mark is another for the first time.
    for left in 5.. {
        shared.world().left = left;
        open.write_at(0, bytes).unwrap_err();
        let mut world = shared.world();
        let changed = world.main[MARK.end..] != whole[MARK.end..];
        (world.dead, world.left) = (false, u64::MAX);
        if changed {
            assert!(world.named && world.main[MARK] != [0; 3]);
            drop(world);
            return shared;
        }
        world.main.clone_from(&whole);
        drop(world);
        open = file(kind, &shared, true).unwrap();
    }
    unreachable!()
}

/// What recovery makes of a file that took the place of the torn one. The record is gone in any case.
fn recovered(torn: &Shared, main: Vec<u8>) -> (bool, Vec<u8>) {
    let found = Shared(Arc::new(Mutex::new(World { main, ..torn.world().clone() })));
    let changed = recover(&mut Main(found.clone()), &mut found.clone()).unwrap();
    assert!(!found.world().named);
    let main = found.world().main.clone();
    (changed, main)
}

#[test]
fn a_record_serves_the_write_that_the_file_is_marked_with_and_no_other() {
    for kind in KINDS {
        let shared = torn(kind, b"another");
        let main = shared.world().main.clone();
        let (changed, whole) = recovered(&shared, main.clone());
        assert!(changed, "{kind:?}");
        assert!(unprotected(kind.0, kind.1, &whole).unwrap() == [1; 10_000], "{kind:?}");

        // A backup of the same file that was copied back, under the same license.
        let backup = protected(kind.0, kind.1, &[7; 9_000]);
        assert!(recovered(&shared, backup.clone()) == (false, backup.clone()), "{kind:?}");
        // The same in the middle of another write.
        let mut other = main.clone();
        other[MARK.start] ^= 0x40;
        assert!(recovered(&shared, other.clone()) == (false, other), "{kind:?}");
        // The same without a mark, as some tool may have patched it.
        let mut unmarked = main.clone();
        unmarked[MARK].fill(0);
        assert!(recovered(&shared, unmarked.clone()) == (false, unmarked), "{kind:?}");
        // Another license behind the same mark.
        let mut relicensed = main.clone();
        let header = Header::read(&MemoryStorage::new(backup)).unwrap();
        relicensed[usize::try_from(header.license.end - 1).unwrap()] ^= 1;
        assert!(recovered(&shared, relicensed.clone()) == (false, relicensed), "{kind:?}");
        // No pfile at all.
        for text in [&b"some text"[..], b"", &[0; 20_000]] {
            assert!(recovered(&shared, text.to_vec()) == (false, text.to_vec()), "{kind:?}");
        }
    }
}

#[test]
fn a_record_that_was_made_up_changes_nothing_in_front_of_the_content_but_the_size() {
    let shared = torn((CipherMode::Cbc4k, false), &[2; 9000]);
    let World { main, record, .. } = shared.world().clone();
    let header = Header::read_marked(&MemoryStorage::new(main.clone())).unwrap().0;
    let size = usize::try_from(header.original_size_at().unwrap()).unwrap();
    let end = usize::try_from(header.license.end).unwrap();
    let mut dice = Dice(31);
    let mut replayed = 0;
    for _ in 0..3000 {
        let mut record = record.clone();
        let extent = 64 + 16 * usize::try_from(dice.below(2)).unwrap();
        let start = u64::from_le_bytes(record[extent..extent + 8].try_into().unwrap());
        let to = [dice.below(end as u64 + 20), start, 0, 7, size as u64 - 1, size as u64 + 1, end as u64 - 1];
        let to = to[usize::try_from(dice.below(7)).unwrap()];
        record[extent..extent + 8].copy_from_slice(&to.to_le_bytes());
        let digest_at = record.len() - 32;
        let digest = crate::crypto::sha256(&record[..digest_at]);
        record[digest_at..].copy_from_slice(&digest);
        shared.world().record = record;
        let (changed, found) = recovered(&shared, main.clone());
        assert!(found[..6] == main[..6] && found[10..size] == main[10..size]);
        assert!(found[size + 8..end] == main[size + 8..end]);
        replayed += u32::from(changed);
    }
    assert!((100..2000).contains(&replayed), "{replayed}");
}

#[test]
fn a_record_of_another_file_is_dropped() {
    let shared = Shared::new(protected(CipherMode::Cbc4k, false, b"the plan"), u64::MAX, true);
    let mut open = file(KINDS[0], &shared, true).unwrap();
    shared.world().left = 9;
    open.write_at(0, b"another").unwrap_err();
    drop(open);
    assert!(shared.world().named);
    let key = coder(CipherMode::Cbc4k);
    let what = NewFile { license: b"<XrML>of another file</XrML>", extension: "", metadata: b"", manifest: None };
    let mut other = MemoryStorage::default();
    protect(&MemoryStorage::new(b"other".to_vec()), &what, &*key, &mut other, &mut ignore).unwrap();
    {
        let mut world = shared.world();
        (world.main, world.dead, world.left) = (other.bytes().to_vec(), false, u64::MAX);
    }
    assert!(!recover(&mut Main(shared.clone()), &mut shared.clone()).unwrap());
    assert_eq!(shared.world().main, other.bytes());
    assert!(!shared.world().named);
}

#[test]
fn a_record_of_any_content_does_no_more_than_it_says() {
    let shared = torn(KINDS[0], &[2; 9000]);
    let World { main, record, .. } = shared.world().clone();
    let bytes = recover_with(main.clone(), record.clone());
    assert!(unprotected(CipherMode::Cbc4k, false, &bytes).unwrap() == [1; 10_000]);
    let mut dice = Dice(30);
    for _ in 0..3000 {
        let mut record = record.clone();
        for _ in 0..=dice.below(3) {
            let end = if dice.below(2) == 0 { 120 } else { record.len() };
            let at = usize::try_from(dice.below(end as u64)).unwrap();
            record[at] = [0, 1, 0x7f, 0x80, 0xff][usize::try_from(dice.below(5)).unwrap()];
        }
        if dice.below(3) == 0 {
            record.truncate(usize::try_from(dice.below(record.len() as u64)).unwrap());
        }
        let whole = recover_with(main.clone(), record);
        assert!(whole == main || whole == bytes);
    }
}

#[test]
fn a_storage_that_cannot_be_written_stays_readable() {
    /// A medium whose write protection shows only when it is written.
    #[derive(Debug)]
    struct Protected(MemoryStorage);

    impl Storage for Protected {
        fn len(&self) -> Result<u64> {
            self.0.len()
        }

        fn read_at(&self, offset: u64, out: &mut [u8]) -> Result<usize> {
            self.0.read_at(offset, out)
        }

        fn write_at(&mut self, _: u64, _: &[u8]) -> Result<()> {
            Err(Error::new(ErrorKind::Io(std::io::ErrorKind::ReadOnlyFilesystem)))
        }

        fn set_len(&mut self, _: u64) -> Result<()> {
            self.write_at(0, &[])
        }

        fn sync(&mut self) -> Result<()> {
            self.write_at(0, &[])
        }
    }

    for (mode, signed) in KINDS {
        let storage = Protected(MemoryStorage::new(protected(mode, signed, b"the plan")));
        let mut file = ProtectedFile::open(Box::new(storage), access(mode, signed)).unwrap();
        for refused in [file.write_at(0, b"a"), file.set_len(3)] {
            let expected = ErrorKind::Io(std::io::ErrorKind::ReadOnlyFilesystem);
            assert_eq!(refused.unwrap_err().kind(), &expected, "{mode:?}");
        }
        assert_eq!(content(&mut file).unwrap(), b"the plan", "{mode:?}");
    }
}

#[test]
fn a_handle_beside_a_writer_reads_what_was_written_and_does_not_write_over_it() {
    for kind in KINDS {
        let shared = Shared::new(protected(kind.0, kind.1, &[1; 10_000]), u64::MAX, false);
        let mut reader = file(kind, &shared, false).unwrap();
        let mut writer = file(kind, &shared, false).unwrap();
        assert_eq!(content(&mut reader).unwrap(), [1; 10_000]);
        writer.write_at(0, &[2; 30_000]).unwrap();
        let error = reader.write_at(5, b"stale").unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Io(std::io::ErrorKind::ResourceBusy), "{kind:?}");
        assert_eq!(content(&mut writer).unwrap(), [2; 30_000], "{kind:?}");
        if kind.1 {
            let mut out = [0; 20_000];
            assert_eq!(reader.read_at(0, &mut out).unwrap(), 20_000);
            assert_eq!((out, reader.generation()), ([2; 20_000], Some(2)));
            // The length stays, only the generation tells.
            writer.write_at(0, b"x").unwrap();
            let error = reader.set_len(7).unwrap_err();
            assert_eq!(error.kind(), &ErrorKind::Io(std::io::ErrorKind::ResourceBusy));
            reader.read_at(0, &mut out).unwrap();
            reader.write_at(1, b"y").unwrap();
            assert_eq!(writer.read_at(0, &mut out[..3]).unwrap(), 3);
            assert_eq!(out[..3], *b"xy\x02");
        }
    }
}

/// The file after recovery, successful or not.
fn recover_with(main: Vec<u8>, record: Vec<u8>) -> Vec<u8> {
    let world = World { main, record, named: true, left: u64::MAX, ..World::default() };
    let shared = Shared(Arc::new(Mutex::new(world)));
    let _ = recover(&mut Main(shared.clone()), &mut shared.clone());
    shared.world().main.clone()
}
