//! Files of any content: an error or right content, never a panic, never much work.

use super::*;

/// A file with a few bytes changed, mostly in the header, and perhaps cut or extended.
fn mutated(dice: &mut Dice, file: &[u8], header: u64) -> Vec<u8> {
    let mut file = file.to_vec();
    for _ in 0..=dice.below(4) {
        let range = if dice.below(4) > 0 { header } else { file.len() as u64 };
        let at = usize::try_from(dice.below(range)).unwrap().min(file.len() - 1);
        let value = [0, 1, 2, 0x7f, 0x80, 0xfe, 0xff][usize::try_from(dice.below(7)).unwrap()];
        let count = [1, 1, 4, 8][usize::try_from(dice.below(4)).unwrap()];
        let end = (at + count).min(file.len());
        file[at..end].fill(value);
        if dice.below(4) == 0 {
            file[at] = dice.next().to_le_bytes()[0];
        }
    }
    match dice.below(6) {
        0 => file.truncate(usize::try_from(dice.below(file.len() as u64)).unwrap()),
        1 => file.extend(vec![0; usize::try_from(dice.below(5000)).unwrap()]),
        _ => {}
    }
    file
}

#[test]
fn mutated_files_are_refused_or_read_and_never_more() {
    let mut dice = Dice(40);
    for (mode, signed) in KINDS {
        let good = protected(mode, signed, &dice.bytes(9000));
        let header = Header::read(&MemoryStorage::new(good.clone())).unwrap().content_offset();
        for round in 0..1500 {
            let mut file = mutated(&mut dice, &good, header);
            if round % 3 == 0 && file.len() > 6 {
                file[6] = 2;
            }
            if let Ok(plain) = unprotected(mode, signed, &file) {
                assert!(plain.len() <= file.len(), "{mode:?} {signed} {round}");
            }
            let len = file.len();
            let Ok(mut open) = open(mode, signed, file) else { continue };
            let _ = content(&mut open);
            let _ = open.write_at(dice.below(12_000), b"some bytes");
            let _ = open.set_len(dice.below(12_000));
            assert!(open.len() <= 20_000.max(len as u64));
        }
    }
}

#[test]
fn the_smallest_files_are_refused() {
    for file in [
        &b""[..],
        b".pfil",
        b".pfile",
        &[b".pfile".as_slice(), &[0; 12]].concat(),
        &[b".pfile".as_slice(), &[0xff; 94]].concat(),
    ] {
        assert!(unprotected(CipherMode::Cbc4k, false, file).is_err());
    }
}

#[test]
fn a_body_of_any_length_is_refused_or_read() {
    for (mode, signed) in KINDS {
        let content = Dice(41).bytes(9000);
        let good = protected(mode, signed, &content);
        let start = usize::try_from(Header::read(&MemoryStorage::new(good.clone())).unwrap().content_offset()).unwrap();
        for len in (start..good.len()).filter(|len| len % 7 == 0 || len % 16 < 2 || (len - start) % 4124 < 30) {
            match unprotected(mode, signed, &good[..len]) {
                // Without padding, only the fill was cut.
                Ok(plain) => assert!(mode == CipherMode::Cbc4kNoPad && plain == content, "{mode:?} {signed} {len}"),
                outcome => assert!(is_corrupt(outcome), "{mode:?} {signed} {len}"),
            }
        }
    }
}
