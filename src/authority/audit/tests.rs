use std::fs;

use super::*;
use crate::base::guid::Guid;
use crate::crypto::rsa::RsaPrivateKey;
use crate::error::ErrorKind;

struct Place {
    folder: tempfile::TempDir,
    sealing: [u8; 32],
    key: RsaPrivateKey,
}

const AUTHORITY: [u8; 16] = [7; 16];

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), sealing: [3; 32], key: RsaPrivateKey::generate().unwrap() }
    }

    fn log(&self) -> UsageLog {
        let authority = Guid::from_random(AUTHORITY);
        UsageLog::new(self.folder.path().to_owned(), authority, &SealingKey::new(self.sealing)).unwrap()
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join(CURRENT)
    }

    fn text(&self) -> String {
        fs::read_to_string(self.path()).unwrap()
    }

    fn checkpoint(&self, mark: Mark) -> Checkpoint {
        Checkpoint::sign(Guid::from_random(AUTHORITY), mark, now(), &self.key).unwrap()
    }

    fn verify(&self, checkpoints: &[Checkpoint]) -> LogReport {
        self.log().verify(checkpoints, self.key.public()).unwrap()
    }
}

fn now() -> Timestamp {
    Timestamp::parse("2024-03-05T09:30").unwrap()
}

fn opened_by(user: &str) -> Event {
    let mut event = Event::new(Operation::AcquireLicense, Outcome::Success, user);
    event.content_id = "{5a6e0000-1234-4abc-8def-00112233445f}".into();
    event.issuer = "kim@x.example".into();
    event
}

fn append(log: &UsageLog, user: &str) -> Appended {
    log.append(&opened_by(user), Guid::from_random([1; 16]), now()).unwrap()
}

#[test]
fn lines_follow_one_another_through_files() {
    let place = Place::new();
    let log = place.log().rotating_at(2000);
    let appended: Vec<Appended> = (0..20).map(|n| append(&log, &format!("user{n}@x.example"))).collect();
    let rotations: Vec<Mark> = appended.iter().filter_map(|one| one.rotated).collect();
    assert!(rotations.len() >= 2, "{rotations:?}");
    assert!(place.folder.path().join("usage-000000000001.log").exists());

    let checkpoints: Vec<Checkpoint> = rotations.iter().map(|mark| place.checkpoint(*mark)).collect();
    let report = place.verify(&checkpoints);
    assert_eq!(report, LogReport { lines: 20, checkpoints: checkpoints.len() as u64, problem: None });
    let all = log.query(&LogFilter { most: 100, ..LogFilter::default() }).unwrap();
    assert_eq!(all.len(), 20);
    assert!(all.iter().zip(1..).all(|(entry, row)| entry.row == row && entry.time == now()));
    assert_eq!(all[7].user, "user7@x.example");
}

#[test]
fn any_change_of_a_line_is_noticed() {
    let place = Place::new();
    let log = place.log();
    for n in 0..5 {
        append(&log, &format!("user{n}@x.example"));
    }
    let good = place.text();
    let lines: Vec<&str> = good.split_inclusive('\n').collect();
    let first = lines.iter().position(|line| !line.starts_with('#')).unwrap();
    assert_eq!(place.verify(&[]).problem, None);

    let without_third = [&lines[..first + 2], &lines[first + 3..]].concat().concat();
    let mut moved = lines.clone();
    moved.swap(first + 1, first + 2);
    let doubled = [&lines[..=first], &lines[first..]].concat().concat();
    for (case, text, row) in [
        ("another user", good.replace("user2@", "user9@"), 3),
        ("a line removed", without_third, 3),
        ("lines swapped", moved.concat(), 2),
        ("a line repeated", doubled, 2),
        (
            "the authority exchanged",
            good.replacen(&Guid::from_random(AUTHORITY).bare(), &Guid::from_random([8; 16]).bare(), 1),
            1,
        ),
        ("a field name", good.replacen("user-id", "user_id", 1), 1),
    ] {
        assert_ne!(text, good, "{case}");
        fs::write(place.path(), &text).unwrap();
        let report = place.verify(&[]);
        assert_eq!(report.problem.expect(case).row, row, "{case}");
    }
    // Every single byte of the last line counts.
    let begin = good.len() - lines[lines.len() - 1].len();
    for at in begin..good.len() {
        let mut bytes = good.clone().into_bytes();
        bytes[at] ^= 1;
        fs::write(place.path(), &bytes).unwrap();
        let report = place.verify(&[place.checkpoint(append_mark(&good))]);
        assert!(report.problem.is_some(), "byte {at}");
    }
}

/// The mark of the last line of a text.
fn append_mark(text: &str) -> Mark {
    read::line_mark(text.lines().last().unwrap()).unwrap()
}

#[test]
fn a_log_made_with_another_key_does_not_pass() {
    let place = Place::new();
    append(&place.log(), "kim@x.example");
    let other = Place { sealing: [4; 32], ..place };
    assert_eq!(other.verify(&[]).problem.unwrap().row, 1);
}

#[test]
fn a_lost_tail_is_noticed_back_to_the_last_checkpoint() {
    let place = Place::new();
    let log = place.log();
    let marks: Vec<Mark> = (0..10).map(|_| append(&log, "kim@x.example").mark).collect();
    let checkpoint = place.checkpoint(marks[6]);
    let keep = |lines: usize| -> String {
        let text = place.text();
        let header = text.lines().filter(|line| line.starts_with('#')).count();
        text.split_inclusive('\n').take(header + lines).collect()
    };
    let (long, short) = (keep(7), keep(6));
    fs::write(place.path(), long).unwrap();
    assert_eq!(place.verify(std::slice::from_ref(&checkpoint)).problem, None);
    fs::write(place.path(), short).unwrap();
    let problem = place.verify(std::slice::from_ref(&checkpoint)).problem.unwrap();
    assert_eq!(problem.row, 7);
    assert!(problem.what.contains("7 lines"), "{}", problem.what);
    // Written on from there, the same number of lines says something else.
    append(&log, "lee@x.example");
    assert_eq!(place.verify(&[checkpoint]).problem.unwrap().row, 7);
    fs::remove_file(place.path()).unwrap();
    assert!(place.verify(&[place.checkpoint(marks[0])]).problem.is_some());
}

#[test]
fn checkpoints_are_the_authoritys() {
    let place = Place::new();
    let mark = append(&place.log(), "kim@x.example").mark;
    let checkpoint = place.checkpoint(mark);
    assert_eq!(Checkpoint::parse(&checkpoint.text()).unwrap(), checkpoint);
    let mut forged = checkpoint.clone();
    forged.mark.count = 9;
    assert_eq!(
        forged.check(Guid::from_random(AUTHORITY), place.key.public()).unwrap_err().kind(),
        &ErrorKind::BadSignature
    );
    assert!(checkpoint.check(Guid::from_random([8; 16]), place.key.public()).is_err());
    for text in ["", "msipc", &checkpoint.text().replacen('1', "2", 1), &format!("{}x\n", checkpoint.text())] {
        assert!(Checkpoint::parse(text).is_err(), "{text}");
    }
}

#[test]
fn what_a_killed_writer_leaves_is_cut() {
    let place = Place::new();
    let log = place.log();
    append(&log, "kim@x.example");
    let good = place.text();
    let header_len = good.find("2024").unwrap();
    append(&log, "lee@x.example");
    let whole = place.text();
    for torn in (header_len..whole.len()).step_by(7).chain([0, 1, 40, header_len - 1]) {
        fs::write(place.path(), &whole[..torn]).unwrap();
        append(&log, "mia@x.example");
        let report = place.verify(&[]);
        assert_eq!(report.problem, None, "{torn}");
        let rows = log.query(&LogFilter { most: 9, ..LogFilter::default() }).unwrap();
        assert_eq!(rows.last().unwrap().user, "mia@x.example");
        assert_eq!(rows.len() as u64, report.lines);
    }
}

#[test]
fn a_file_of_something_else_is_left_alone() {
    let place = Place::new();
    for text in ["# my notes\n".repeat(90), "one line of text\n".to_owned(), "x".repeat(9000)] {
        let mut file = private::open_private_file(&place.path()).unwrap();
        file.set_len(0).unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let refused = place.log().append(&opened_by("kim@x.example"), Guid::from_random([1; 16]), now());
        assert_eq!(refused.unwrap_err().kind(), &ErrorKind::StoreUnusable);
        assert_eq!(place.text(), text);
    }
}

#[test]
fn a_file_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    append(&place.log(), "kim@x.example");
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o644)).unwrap();
    let refused = place.log().append(&opened_by("kim@x.example"), Guid::from_random([1; 16]), now());
    assert_eq!(refused.unwrap_err().kind(), &ErrorKind::StoreUnusable);
}

#[test]
fn writers_take_turns() {
    let place = Place::new();
    let log = place.log().rotating_at(8000);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let log = &log;
            scope.spawn(move || {
                for n in 0..50 {
                    append(log, &format!("{thread}-{n}@x.example"));
                }
            });
        }
    });
    assert_eq!(place.verify(&[]), LogReport { lines: 200, checkpoints: 0, problem: None });
}

#[test]
fn filters_choose_lines() {
    let place = Place::new();
    let log = place.log();
    append(&log, "kim@x.example");
    let mut other = opened_by("lee@x.example");
    other.issuer = "lee@x.example".into();
    other.content_id = "{00000000-1234-4abc-8def-00112233445f}".into();
    let later = now().plus_days(1);
    log.append(&other, Guid::from_random([1; 16]), later).unwrap();
    let users = |filter: LogFilter| -> Vec<String> {
        log.query(&LogFilter { most: 9, ..filter }).unwrap().into_iter().map(|entry| entry.user).collect()
    };
    let any = LogFilter::default;
    assert_eq!(users(any()), ["kim@x.example", "lee@x.example"]);
    assert_eq!(
        users(LogFilter { content_id: Some("5A6E0000-1234-4ABC-8DEF-00112233445F".into()), ..any() }),
        ["kim@x.example"]
    );
    assert_eq!(users(LogFilter { issuers: Some(vec!["LEE@x.example".into()]), ..any() }), ["lee@x.example"]);
    assert_eq!(users(LogFilter { from: Some(later), ..any() }), ["lee@x.example"]);
    assert_eq!(users(LogFilter { until: Some(later), ..any() }), ["kim@x.example"]);
    assert_eq!(log.query(&LogFilter { most: 1, ..any() }).unwrap()[0].user, "lee@x.example", "the newest");
}

/// Not a test by itself: a process that the next one starts and kills. It prints the number of each line that it wrote.
#[test]
fn appending_child() {
    let Some(folder) = std::env::var_os("MSIPC_TEST_LOG_FOLDER") else { return };
    let authority = Guid::from_random(AUTHORITY);
    let log = UsageLog::new(folder.into(), authority, &SealingKey::new([3; 32])).unwrap().rotating_at(20_000);
    for _ in 0..2000 {
        let row = append(&log, "kim@x.example").mark.count;
        std::io::stdout().write_all(format!("row {row}\n").as_bytes()).unwrap();
    }
}

/// With files that are set aside every few lines; that the authority's answers are in the log is the matter of
/// `ffi-tests/test_soak.c`.
#[test]
fn killed_processes_lose_no_line_that_was_acknowledged() {
    use std::process::{Command, Stdio};
    let place = Place::new();
    let mut acknowledged = 0;
    for round in 0..12u64 {
        let mut children: Vec<_> = (0..3)
            .map(|_| {
                Command::new(std::env::current_exe().unwrap())
                    .args(["authority::audit::tests::appending_child", "--exact", "--nocapture"])
                    .env("MSIPC_TEST_LOG_FOLDER", place.folder.path())
                    .stdout(Stdio::piped())
                    .spawn()
                    .unwrap()
            })
            .collect();
        std::thread::sleep(std::time::Duration::from_millis(40 + 7 * round));
        children.iter_mut().for_each(|child| child.kill().unwrap());
        for child in children {
            let output = child.wait_with_output().unwrap();
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            // Half a number may stand at the end of what a killed process printed.
            let whole = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
            let rows = whole.filter_map(|line| line.trim_end().strip_prefix("row ")?.parse::<u64>().ok());
            acknowledged = rows.fold(acknowledged, u64::max);
        }
        let report = place.verify(&[]);
        assert_eq!(report.problem, None, "round {round}");
        assert!(report.lines >= acknowledged, "round {round}: {} of {acknowledged} lines", report.lines);
    }
    assert!(acknowledged > 100, "only {acknowledged} lines were written: this showed nothing");
}
