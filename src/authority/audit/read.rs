//! Reading the usage log: is it whole, and what does it say.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Take};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::line::{self, LogEntry};
use super::{BEGINS, CURRENT, LOCK, LogFile, Mark, UsageLog, header, hex, unhex};
use crate::base::guid::Guid;
use crate::base::os::private;
use crate::base::time::Timestamp;
use crate::crypto::digest::{HashAlgorithm, constant_time_eq};
use crate::crypto::rsa::{RsaPrivateKey, RsaPublicKey};
use crate::error::{Error, ErrorKind, Result};

/// Longest line that is read, in bytes. Lines that are written stay far below.
const LINE_MAX: u64 = 1 << 20;

/// Where a log stood at a moment, signed by the authority.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// The authority.
    pub authority: Guid,
    /// Where the log stood.
    pub mark: Mark,
    /// When this was written down.
    pub made: Timestamp,
    /// RSA PKCS#1 v1.5 with SHA-256 over the text before it.
    pub signature: Vec<u8>,
}

const CHECKPOINT_TITLE: &str = "msipc usage log checkpoint 1";

impl Checkpoint {
    /// A signed checkpoint.
    ///
    /// # Errors
    /// When signing fails.
    pub fn sign(authority: Guid, mark: Mark, made: Timestamp, key: &RsaPrivateKey) -> Result<Self> {
        let signature = key.sign_sha256(signed_text(authority, &mark, made).as_bytes())?;
        Ok(Self { authority, mark, made, signature })
    }

    /// Checks that an authority signed it.
    ///
    /// # Errors
    /// [`ErrorKind::BadSignature`].
    pub fn check(&self, authority: Guid, key: &RsaPublicKey) -> Result<()> {
        if self.authority != authority {
            return Err(Error::with(ErrorKind::BadSignature, "the checkpoint is of another authority"));
        }
        let text = signed_text(self.authority, &self.mark, self.made);
        key.verify(HashAlgorithm::Sha256, text.as_bytes(), &self.signature)
    }

    /// The text to keep elsewhere.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}{}\n", signed_text(self.authority, &self.mark, self.made), STANDARD.encode(&self.signature))
    }

    /// Reads the text.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`].
    pub fn parse(text: &str) -> Result<Self> {
        let parsed = || {
            let mut lines = text.lines();
            if lines.next()? != CHECKPOINT_TITLE {
                return None;
            }
            let authority = Guid::parse(lines.next()?)?;
            let mark = parse_mark(lines.next()?)?;
            let made = Timestamp::parse(lines.next()?)?;
            let signature = STANDARD.decode(lines.next()?).ok()?;
            lines.next().is_none().then_some(Self { authority, mark, made, signature })
        };
        parsed().ok_or_else(|| Error::malformed("checkpoint", "not the form of a checkpoint"))
    }
}

fn signed_text(authority: Guid, mark: &Mark, made: Timestamp) -> String {
    format!("{CHECKPOINT_TITLE}\n{authority}\n{} {}\n{}\n", mark.count, hex(&mark.head), made.text())
}

fn parse_mark(text: &str) -> Option<Mark> {
    let (count, head) = text.split_once(' ')?;
    Some(Mark { count: count.parse().ok()?, head: unhex(head)? })
}

/// The mark that the last line of a header names.
pub(super) fn header_mark(line: &str) -> Option<Mark> {
    parse_mark(line.strip_prefix(BEGINS)?)
}

/// The mark behind a line.
pub(super) fn line_mark(line: &str) -> Option<Mark> {
    let (_, head) = line.rsplit_once('\t')?;
    Some(Mark { count: line.split('\t').nth(2)?.parse().ok()?, head: unhex(head)? })
}

/// The first thing that is wrong with a log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogProblem {
    /// Number of the line, or of the one that should stand there.
    pub row: u64,
    /// What was found.
    pub what: String,
}

/// What the check of a log found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogReport {
    /// Lines that are good, from the first.
    pub lines: u64,
    /// Checkpoints that agree.
    pub checkpoints: u64,
    /// What is wrong, or nothing.
    pub problem: Option<LogProblem>,
}

/// Which lines are asked for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LogFilter {
    /// Of this content.
    pub content_id: Option<String>,
    /// Of content that this account protected, by its addresses.
    pub issuers: Option<Vec<String>>,
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
    /// At most so many, the newest.
    pub most: usize,
}

impl LogFilter {
    /// Looks at the fields that it names alone: of a long log, few lines are read as a whole.
    fn takes(&self, text: &str) -> bool {
        use crate::policy::revocation::same_content;
        use crate::policy::user::same_address;
        let field = |number| line::field(text, number).unwrap_or_default();
        let in_time = |holds: &dyn Fn(Timestamp) -> bool| line::time(text).is_some_and(holds);
        self.content_id.as_ref().is_none_or(|id| same_content(id, &field(line::CONTENT_ID)))
            && self.issuers.as_ref().is_none_or(|own| {
                let issuer = field(line::ISSUER);
                own.iter().any(|address| same_address(address, &issuer))
            })
            && self.from.is_none_or(|from| in_time(&|time| time >= from))
            && self.until.is_none_or(|until| in_time(&|time| time < until))
    }
}

impl UsageLog {
    /// Checks every line of every file, and the checkpoints against them.
    ///
    /// # Errors
    /// When a file cannot be read. What is wrong with the log is no error here but part of the report.
    pub fn verify(&self, checkpoints: &[Checkpoint], key: &RsaPublicKey) -> Result<LogReport> {
        let mut expected: Vec<&Checkpoint> = checkpoints.iter().collect();
        expected.sort_by_key(|one| one.mark.count);
        let mut report = LogReport { lines: 0, checkpoints: 0, problem: None };
        let mut at = self.origin();
        let mut open = expected.into_iter().peekable();
        let mut meet = |at: &Mark, report: &mut LogReport| {
            while let Some(one) = open.next_if(|one| one.mark.count <= at.count) {
                let good = one.check(self.authority, key).is_ok();
                if !good || !constant_time_eq(&one.mark.head, &at.head) {
                    return Some(if good {
                        "a checkpoint does not agree with this line"
                    } else {
                        "a checkpoint is not signed by the authority"
                    });
                }
                report.checkpoints += 1;
            }
            None
        };
        let problem = |row: u64, what: &str| Some(LogProblem { row, what: what.to_owned() });
        report.problem = meet(&at, &mut report).and_then(|what| problem(0, what));
        for file in self.files()? {
            let is_current = file.is_current;
            let mut lines = Lines::of(file);
            let expected_header = header(self.authority, &at);
            if report.problem.is_none() && !lines.skip(&expected_header)? {
                report.problem = problem(at.count + 1, "a file does not begin where the one before ends");
            }
            while report.problem.is_none() {
                let (text, whole) = match lines.next()? {
                    Next::End => break,
                    Next::Damaged => {
                        report.problem = problem(at.count + 1, "not a line of text");
                        break;
                    }
                    Next::Line { text, whole } => (text, whole),
                };
                if !whole && is_current {
                    // What a killed writer leaves; the next one cuts it.
                    break;
                }
                let next = self.follows(&at, text);
                match next {
                    Ok(mark) => at = mark,
                    Err(what) => report.problem = problem(at.count + 1, what),
                }
                if report.problem.is_none() {
                    report.lines = at.count;
                    report.problem = meet(&at, &mut report).and_then(|what| problem(at.count, what));
                }
            }
        }
        if report.problem.is_none()
            && let Some(missing) = open.next()
        {
            let text = format!("the log ends here, and a checkpoint knows of {} lines", missing.mark.count);
            report.problem = problem(at.count + 1, &text);
        }
        Ok(report)
    }

    fn follows(&self, before: &Mark, text: &str) -> Result<Mark, &'static str> {
        let mark = line_mark(text).ok_or("not the form of a line")?;
        if mark.count != before.count + 1 {
            return Err("the number of the line does not follow");
        }
        let signed = text.get(..text.len().saturating_sub(64)).unwrap_or_default();
        if !constant_time_eq(&self.chain(&before.head, signed), &mark.head) {
            return Err("the line was changed, or the one before was");
        }
        Ok(mark)
    }

    /// Where the log stands.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn mark(&self) -> Result<Mark> {
        let _lock = private::Lock::acquire(&self.folder.join(LOCK))?;
        let mut file = private::open_private_file(&self.folder.join(CURRENT))?;
        Ok(self.stand(&mut file)?.0)
    }

    /// The newest lines that a filter takes, oldest first. Lines that cannot be read are left out; `verify` tells of
    /// them.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn query(&self, filter: &LogFilter) -> Result<Vec<LogEntry>> {
        let mut found: VecDeque<LogEntry> = VecDeque::new();
        // The newest file first: often it has all that is asked for.
        for file in self.files()?.into_iter().rev() {
            let room = filter.most.max(1) - found.len();
            let mut here: VecDeque<LogEntry> = VecDeque::new();
            let mut lines = Lines::of(file);
            loop {
                let text = match lines.next()? {
                    Next::End => break,
                    Next::Line { text, whole: true } if !text.starts_with('#') => text,
                    _ => continue,
                };
                let Some(entry) = Some(text).filter(|text| filter.takes(text)).and_then(line::read) else { continue };
                if here.len() >= room {
                    here.pop_front();
                }
                here.push_back(entry);
            }
            here.into_iter().rev().for_each(|entry| found.push_front(entry));
            if found.len() >= filter.most.max(1) {
                break;
            }
        }
        Ok(found.into())
    }
}

/// The lines of one file, within bounds.
struct Lines {
    from: BufReader<Take<File>>,
    line: Vec<u8>,
}

enum Next<'a> {
    End,
    Damaged,
    Line { text: &'a str, whole: bool },
}

impl Lines {
    fn of(file: LogFile) -> Self {
        Self { from: BufReader::with_capacity(1 << 18, file.file.take(file.len)), line: Vec::new() }
    }

    /// Passes over a text; false when another one stands there.
    fn skip(&mut self, text: &str) -> Result<bool> {
        let mut found = Vec::new();
        (&mut self.from).take(text.len() as u64).read_to_end(&mut found)?;
        Ok(found == text.as_bytes())
    }

    fn next(&mut self) -> Result<Next<'_>> {
        self.line.clear();
        (&mut self.from).take(LINE_MAX).read_until(b'\n', &mut self.line)?;
        if self.line.is_empty() {
            return Ok(Next::End);
        }
        let whole = self.line.pop_if(|last| *last == b'\n').is_some();
        Ok(match std::str::from_utf8(&self.line) {
            Ok(text) => Next::Line { text, whole },
            Err(_) => Next::Damaged,
        })
    }
}
