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
            |world| write(&mut world.main, offset, &bytes[..bytes.len() / 2]),
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
            for lost in 0..if undo { 4 } else { 1 } {
                let mut world = shared.world().clone();
                if lost & 1 > 0 {
                    world.main = world.synced_main.clone();
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
fn a_record_of_another_file_is_dropped() {
    let shared = Shared::new(protected(CipherMode::Cbc4k, false, b"the plan"), u64::MAX, true);
    let mut open = file(KINDS[0], &shared, true).unwrap();
    shared.world().left = 5;
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
    let bytes = protected(CipherMode::Cbc4k, false, &[1; 10_000]);
    let shared = Shared::new(bytes.clone(), u64::MAX, true);
    let mut open = file(KINDS[0], &shared, true).unwrap();
    shared.world().left = 6;
    open.write_at(0, &[2; 9000]).unwrap_err();
    let record = shared.world().record.clone();
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
        let world = World { main: bytes.clone(), record, named: true, left: u64::MAX, ..World::default() };
        let shared = Shared(Arc::new(Mutex::new(world)));
        let _ = recover(&mut Main(shared.clone()), &mut shared.clone());
        assert_eq!(shared.world().main, bytes);
    }
}
