#![allow(clippy::cast_possible_truncation, reason = "patterns take the low bits, and sizes are small")]

use super::layout::{Layout, RANGE_LOCK};
use super::*;
use crate::error::{ErrorKind, Result};
use crate::file::{MemoryStorage, Storage};

fn written(nodes: Vec<Node<'_>>) -> Vec<u8> {
    let mut storage = MemoryStorage::default();
    Plan::new(Attributes::default(), nodes).unwrap().write(&mut storage).unwrap();
    storage.into_bytes()
}

fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|index| (index * 7 + index / 251) as u8).collect()
}

/// A tree with streams of every size class and nested storages.
fn tree() -> Vec<Node<'static>> {
    let mut nodes: Vec<Node<'_>> = [0, 1, 63, 64, 65, 511, 512, 513, 4095, 4096, 4097, 100_000]
        .iter()
        .map(|len| Node::bytes(&format!("stream {len}"), pattern(*len)))
        .collect();
    let within = (0..40).map(|index| Node::bytes(&format!("entry {index}"), pattern(index * 300))).collect();
    nodes.push(Node::storage("Outer", vec![Node::storage("Inner", within), Node::storage("Empty", Vec::new())]));
    nodes
}

fn is_corrupt<T>(result: Result<T>) -> bool {
    matches!(result.err().map(|error| error.kind().clone()), Some(ErrorKind::FileCorrupt { .. }))
}

/// Reads all that a file holds.
fn exhaust(bytes: &[u8]) -> Result<u64> {
    let source = bytes;
    let file = CompoundFile::open(&source)?;
    let mut waiting = vec![file.root()];
    let mut total = 0;
    while let Some(id) = waiting.pop() {
        total += file.stream(id)?.read_all(usize::MAX)?.len() as u64;
        waiting.extend(file.children(id));
    }
    Ok(total)
}

#[test]
fn what_is_written_is_read() {
    let bytes = written(tree());
    let source = bytes.as_slice();
    let file = CompoundFile::open(&source).unwrap();
    for len in [0, 1, 63, 64, 65, 511, 512, 513, 4095, 4096, 4097, 100_000] {
        let stream = file.find_stream(&[&format!("STREAM {len}")]).unwrap().unwrap();
        assert!(stream.read_all(100_000).unwrap() == pattern(len), "{len}");
        if len > 70 {
            let mut part = [0; 7];
            stream.read_exact_at(61, &mut part).unwrap();
            assert_eq!(part, pattern(len)[61..68]);
            assert!(is_corrupt(stream.read_exact_at(len as u64 - 3, &mut part)));
            assert!(is_corrupt(stream.read_all(len - 1)));
        }
    }
    for index in 0..40 {
        let stream = file.find_stream(&["Outer", "Inner", &format!("entry {index}")]).unwrap().unwrap();
        assert_eq!(stream.read_all(100_000).unwrap(), pattern(index * 300));
    }
    assert!(file.children(file.find(&["outer", "empty"]).unwrap()).is_empty());
    assert!(file.find(&["Outer", "Missing"]).is_none());
    assert!(file.find_stream(&["Outer"]).unwrap().is_none(), "a storage is no stream");
}

#[test]
fn copying_gives_the_same_bytes() {
    let bytes = written(tree());
    let source = bytes.as_slice();
    let file = CompoundFile::open(&source).unwrap();
    let mut nodes: Vec<Node<'_>> = file.children(file.root()).iter().map(|id| file.node(*id).unwrap()).collect();
    nodes.reverse();
    assert!(written(nodes) == bytes, "the order in which entries are given does not matter");
}

/// Walks the search tree as Windows does, and checks order, balance and colors.
#[test]
fn directories_are_red_black_trees() {
    for count in (0..70).chain([255, 256, 1000]) {
        let nodes = (0..count).map(|index| Node::bytes(&format!("{}", index * 37 % 1009), Vec::new())).collect();
        let bytes = written(nodes);
        let at = |offset: usize| u32::from_le_bytes(bytes[offset..offset + 4].try_into().unwrap());
        let directory = (at(48) as usize + 1) * 512;
        let entry = |id: u32| directory + id as usize * 128;
        let name = |id: u32| {
            let units = bytes[entry(id) + 64] as usize / 2 - 1;
            (units, bytes[entry(id)..entry(id) + units * 2].to_vec())
        };
        // Returns the number of black entries on every way down.
        fn walk(
            id: u32,
            red_above: bool,
            seen: &mut Vec<(usize, Vec<u8>)>,
            at: &dyn Fn(u32, usize) -> u32,
            name: &dyn Fn(u32) -> (usize, Vec<u8>),
        ) -> usize {
            if id == NO_ENTRY {
                return 0;
            }
            let is_black = at(id, 67) & 0xFF == 1;
            assert!(is_black || !red_above, "two reds in a row");
            let left = walk(at(id, 68), !is_black, seen, at, name);
            seen.push(name(id));
            let right = walk(at(id, 72), !is_black, seen, at, name);
            assert_eq!(left, right, "black entries on the ways below {id}");
            left + usize::from(is_black)
        }
        let mut seen = Vec::new();
        let top = at(entry(0) + 76);
        walk(top, true, &mut seen, &|id, offset| at(entry(id) + offset), &name);
        assert_eq!(seen.len(), count);
        assert!(seen.windows(2).all(|pair| pair[0] < pair[1]), "{count}: names rise");
    }
}

#[test]
fn names_compare_as_directories_do() {
    let name = |text: &str| Name::from(text);
    assert!(name("b") < name("aa"), "shorter names come first");
    assert!(name("A") == name("a") && name("É") == name("é"));
    assert!(name("_") > name("Z") && name("_") > name("z"), "letters are compared in upper case");
    assert!(name("ß") != name("SS"), "one unit stays one");
    let twice = vec![Node::bytes("Plan", Vec::new()), Node::bytes("PLAN", Vec::new())];
    assert!(is_corrupt(Plan::new(Attributes::default(), twice)));
    assert!(is_corrupt(Plan::new(Attributes::default(), vec![Node::bytes(&"n".repeat(32), Vec::new())])));
    assert!(Plan::new(Attributes::default(), vec![Node::bytes(&"n".repeat(31), Vec::new())]).is_ok());
}

#[test]
fn contents_must_be_as_long_as_was_said() {
    for (said, sent) in [(10, 9), (10, 11), (5000, 4999), (5000, 5001), (0, 1)] {
        let content = Content::produced(said, move |sink| sink(&vec![1; sent]));
        let plan = Plan::new(Attributes::default(), vec![Node::stream("a", content)]).unwrap();
        let error = plan.write(&mut MemoryStorage::default()).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Internal, "{said} {sent}");
    }
}

/// Layouts at the sizes where tables get a sector more: what is counted must fit what is needed.
#[test]
fn tables_have_room_for_themselves() {
    let around = |sectors: u64| (sectors - 3..sectors + 4).map(|sectors| sectors * 512);
    let sizes = [128, 109 * 128, 109 * 129, (109 + 127) * 128, (109 + 2 * 127) * 128, 1 << 20];
    for len in sizes.into_iter().flat_map(around) {
        let layout = Layout::new(2, &[len]).unwrap();
        let sectors = layout.file_len() / 512 - 1;
        assert!(layout.fat.count * 128 >= sectors && (layout.fat.count - 1) * 128 < sectors, "{len}");
        let listed = 109 + layout.difat.count * 127;
        assert!(layout.fat.count <= listed, "{len}");
        assert_eq!(layout.streams[0].first + layout.streams[0].count, sectors, "the stream is the last");
    }
}

/// Keeps the beginning of what is written, and what lies around the range lock sector.
#[derive(Debug)]
struct Sparse {
    head: Vec<u8>,
    around: Vec<u8>,
    len: u64,
}

const LOCK_OFFSET: u64 = (RANGE_LOCK + 1) << 12;

impl Storage for Sparse {
    fn len(&self) -> Result<u64> {
        Ok(self.len)
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> Result<usize> {
        let (part, begin) =
            if offset < LOCK_OFFSET - 8192 { (&self.head, 0) } else { (&self.around, LOCK_OFFSET - 8192) };
        let at = usize::try_from(offset - begin).unwrap();
        out.copy_from_slice(&part[at..at + out.len()]);
        Ok(out.len())
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<()> {
        for (part, begin) in [(&mut self.head, 0), (&mut self.around, LOCK_OFFSET - 8192)] {
            let (from, to) = (offset.max(begin), (offset + bytes.len() as u64).min(begin + part.len() as u64));
            if from < to {
                let source = &bytes[(from - offset) as usize..(to - offset) as usize];
                part[(from - begin) as usize..(to - begin) as usize].copy_from_slice(source);
            }
        }
        self.len = self.len.max(offset + bytes.len() as u64);
        Ok(())
    }

    fn set_len(&mut self, len: u64) -> Result<()> {
        assert_eq!(len, self.len);
        Ok(())
    }

    fn sync(&mut self) -> Result<()> {
        Ok(())
    }
}

#[test]
fn files_beyond_two_gibibytes_leave_out_the_range_lock_sector() {
    let len = (1u64 << 31) + 12_345;
    let content = Content::produced(len, move |sink| {
        let chunk: Vec<u8> = vec![0xAB; 1 << 20];
        let mut rest = len;
        while rest > 0 {
            let count = rest.min(chunk.len() as u64);
            sink(&chunk[..count as usize])?;
            rest -= count;
        }
        Ok(())
    });
    let plan = Plan::new(Attributes::default(), vec![Node::stream("large", content)]).unwrap();
    assert!(plan.file_len() > len);
    let mut storage = Sparse { head: vec![0; 4 << 20], around: vec![0; 16_384], len: 0 };
    plan.write(&mut storage).unwrap();
    assert!(storage.around[..8192].iter().all(|byte| *byte == 0xAB));
    assert!(storage.around[8192..12_288].iter().all(|byte| *byte == 0), "the range lock sector is empty");
    assert!(storage.around[12_288..].iter().all(|byte| *byte == 0xAB));

    let whole = Whole::new(&storage).unwrap();
    let file = CompoundFile::open(&whole).unwrap();
    let stream = file.find_stream(&["large"]).unwrap().unwrap();
    assert_eq!(stream.len(), len);
    let (place, there) = stream.place(0).unwrap();
    assert_eq!(place + there, LOCK_OFFSET, "the first run ends before the sector");
    assert_eq!(stream.place(there).unwrap().0, LOCK_OFFSET + 4096, "the next one begins behind it");
}

fn put(bytes: &mut [u8], at: usize, value: u32) {
    bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
}

fn get(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

/// Offsets of the parts of a small file.
struct Places {
    fat: usize,
    directory: usize,
    mini_fat: usize,
}

fn places(bytes: &[u8]) -> Places {
    let sector = |number: u32| (number as usize + 1) * 512;
    Places { fat: sector(get(bytes, 76)), directory: sector(get(bytes, 48)), mini_fat: sector(get(bytes, 60)) }
}

#[test]
fn chains_in_circles_are_refused() {
    let good = written(vec![Node::bytes("long", pattern(9000)), Node::bytes("short", pattern(1500))]);
    let Places { fat, directory, mini_fat } = places(&good);
    exhaust(&good).unwrap();
    // Entries: the root, then both in the order of their names.
    let long = directory + 128;
    let mini = get(&good, directory + 116);
    let start = get(&good, long + 116);
    let cases: [(&str, usize, u32); 9] = [
        ("a stream into itself", fat + 4 * start as usize, start),
        ("a stream back to its start", fat + 4 * (start as usize + 5), start),
        ("a stream out of the file", fat + 4 * start as usize, 0x00FF_FFFF),
        ("a stream that ends early", fat + 4 * start as usize, END_OF_CHAIN),
        ("the directory into itself", fat + 4 * get(&good, 48) as usize, get(&good, 48)),
        ("the mini stream that ends early", fat + 4 * mini as usize, END_OF_CHAIN),
        ("a mini chain into itself", mini_fat, 0),
        ("a mini chain out of the mini stream", mini_fat, 5000),
        ("an entry that is its own neighbour", directory + 128 + 68, 1),
    ];
    for (what, at, value) in cases {
        let mut bad = good.clone();
        put(&mut bad, at, value);
        assert!(is_corrupt(exhaust(&bad)), "{what}");
    }
}

#[test]
fn lying_headers_and_lengths_are_refused() {
    let good = written(vec![Node::bytes("long", pattern(9000)), Node::bytes("short", pattern(500))]);
    let Places { directory, .. } = places(&good);
    let cases: [(&str, usize, u32); 10] = [
        ("magic number", 0, 0),
        ("version", 24, 0x0005_003E),
        ("sector size", 30, 0x0006_001F),
        ("cutoff", 56, 1 << 20),
        ("sectors of the table", 44, u32::MAX),
        ("sectors of the mini table", 64, u32::MAX),
        ("first sector of the table", 76, 0x00FF_FFFF),
        ("directory", 48, 0x00FF_FFFF),
        ("length of a stream", directory + 128 + 120, u32::MAX),
        ("length of a short stream", directory + 256 + 120, 4095),
    ];
    for (what, at, value) in cases {
        let mut bad = good.clone();
        put(&mut bad, at, value);
        assert!(is_corrupt(exhaust(&bad)), "{what}");
    }
    // Claims of gigabytes in a hundred bytes, and in one header alone.
    for len in [8, 100, 511, 512, 1024] {
        let mut bad = good[..len].to_vec();
        bad.resize(len, 0xFF);
        assert!(is_corrupt(exhaust(&bad)), "{len} bytes");
    }
    // Only what fills the last sector behind the end of its stream may be missing.
    let filling = 512 - 9000 % 512;
    for len in (0..good.len() - filling).step_by(97).chain([good.len() - filling - 1]) {
        assert!(exhaust(&good[..len]).is_err(), "cut to {len} bytes");
    }
    exhaust(&good[..good.len() - filling]).unwrap();
}

#[test]
fn storages_nested_without_end_are_refused() {
    let mut node = Node::storage("in", Vec::new());
    for _ in 0..DEPTH_MAX + 5 {
        node = Node::storage("in", vec![node]);
    }
    let bytes = written(vec![node]);
    assert!(is_corrupt(exhaust(&bytes)));
}

/// Streams that share their sectors would cost their copier more than the file is long.
#[test]
fn streams_longer_together_than_the_file_are_refused() {
    let good = written((0..20).map(|index| Node::bytes(&format!("{index:02}"), pattern(5000))).collect());
    let Places { directory, .. } = places(&good);
    let mut bad = good.clone();
    let len = good.len() as u32 - 10_000;
    for index in 1..=20 {
        put(&mut bad, directory + index * 128 + 120, len);
    }
    let source = bad.as_slice();
    assert!(is_corrupt(CompoundFile::open(&source)));
}

#[test]
fn sectors_of_4096_bytes_are_read() {
    // As other programs write them: version 4 for small files too.
    let content = pattern(10_000);
    let mut bytes = vec![0u8; 4096];
    bytes[..8].copy_from_slice(&MAGIC);
    for (at, value) in [(24, 0x003Eu16), (26, 4), (28, 0xFFFE), (30, 12), (32, 6)] {
        bytes[at..at + 2].copy_from_slice(&value.to_le_bytes());
    }
    for (at, value) in [(40, 1), (44, 1), (48, 1), (56, 4096), (60, END_OF_CHAIN), (68, END_OF_CHAIN), (76, 0)] {
        put(&mut bytes, at, value);
    }
    for index in 1..109 {
        put(&mut bytes, 76 + index * 4, FREE_SECTOR);
    }
    let table = [FAT_SECTOR, END_OF_CHAIN, 3, 4, END_OF_CHAIN];
    let mut fat: Vec<u8> = table.into_iter().flat_map(u32::to_le_bytes).collect();
    fat.resize(4096, 0xFF);
    bytes.extend(fat);
    let mut directory = vec![0u8; 4096];
    for (index, name, kind, child, start, len) in
        [(0, "Root Entry", 5, 1, END_OF_CHAIN, 0), (1, "Content", 2, NO_ENTRY, 2, content.len() as u64)]
    {
        let entry = &mut directory[index * 128..][..128];
        for (at, unit) in name.encode_utf16().enumerate() {
            entry[at * 2..at * 2 + 2].copy_from_slice(&unit.to_le_bytes());
        }
        entry[64] = name.len() as u8 * 2 + 2;
        entry[66] = kind;
        put(entry, 68, NO_ENTRY);
        put(entry, 72, NO_ENTRY);
        put(entry, 76, child);
        put(entry, 116, start);
        entry[120..128].copy_from_slice(&len.to_le_bytes());
    }
    bytes.extend(directory);
    bytes.extend(&content);
    // The last sector may be cut where the stream ends.
    let source = bytes.as_slice();
    let file = CompoundFile::open(&source).unwrap();
    assert!(file.find_stream(&["content"]).unwrap().unwrap().read_all(1 << 20).unwrap() == content);
    let cut = &bytes[..bytes.len() - 1];
    assert!(is_corrupt(exhaust(cut)));
}
