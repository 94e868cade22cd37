//! One line of the usage log: fields in a fixed order between tabs, escaped so that no text can end a field or a line.
//!
//! Names of fields are those of the published Azure RMS usage log where it has one (`rights.md`, rule 8).

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::base::time::Timestamp;

/// The fields in order. The last one authenticates the others and everything before them.
pub(super) const FIELDS: [&str; 19] = [
    "date",
    "time",
    "row-id",
    "request-id",
    "request-type",
    "user-id",
    "result",
    "correlation-id",
    "content-id",
    "owner-email",
    "issuer",
    "template-id",
    "file-name",
    "date-published",
    "c-info",
    "c-ip",
    "rights",
    "admin-action",
    "chain",
];
/// Number of the field with the content.
pub(super) const CONTENT_ID: usize = 8;
/// Number of the field with the issuer.
pub(super) const ISSUER: usize = 10;
/// Longest field, in characters before escaping. Longer text is cut, since whoever opens a document chooses none of it.
const FIELD_MAX: usize = 1024;

/// What was asked of the authority.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Operation {
    /// A use license was asked for.
    AcquireLicense,
    /// A publishing license was asked for.
    CreatePublishingLicense,
    /// Metadata of a publishing license were to be changed.
    UpdateLicenseMetadata,
    /// A document was to be registered for tracking.
    RegisterLicense,
    /// Access was to be revoked.
    RevokeAccess,
    /// A revocation was to be lifted.
    RestoreAccess,
    /// A revocation list was asked for.
    ExportRevocationList,
    /// A template was to be added.
    AddTemplate,
    /// A template was to be changed.
    UpdateTemplate,
    /// A template was to be deleted.
    DeleteTemplate,
    /// Accounts or groups were to be changed.
    ChangeDirectory,
    /// Settings of the organization were to be changed.
    ChangeSettings,
    /// Whom to believe about accounts was to be changed: token issuers, applications.
    ChangeTrust,
    /// The high-water mark of the clock was to be reset.
    ResetClock,
    /// The usage log was read.
    ReadUsageLog,
}

impl Operation {
    /// The value of `request-type`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AcquireLicense => "AcquireLicense",
            Self::CreatePublishingLicense => "CreatePublishingLicense",
            Self::UpdateLicenseMetadata => "UpdateLicenseMetadata",
            Self::RegisterLicense => "RegisterLicense",
            Self::RevokeAccess => "RevokeAccess",
            Self::RestoreAccess => "RestoreAccess",
            Self::ExportRevocationList => "ExportRevocationList",
            Self::AddTemplate => "AddTemplate",
            Self::UpdateTemplate => "UpdateTemplate",
            Self::DeleteTemplate => "DeleteTemplateById",
            Self::ChangeDirectory => "ChangeDirectory",
            Self::ChangeSettings => "ChangeSettings",
            Self::ChangeTrust => "ChangeTrust",
            Self::ResetClock => "ResetClock",
            Self::ReadUsageLog => "ReadUsageLog",
        }
    }
}

/// How it ended.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// As asked.
    Success,
    /// The account may not.
    AccessDenied,
    /// The content was revoked.
    Revoked,
    /// The content expired.
    Expired,
    /// The term of the content begins later.
    NotYetValid,
    /// The license is damaged, or not from this authority.
    InvalidLicense,
    /// Something else was wrong with the request.
    Failed,
}

impl Outcome {
    /// The value of `result`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Success => "Success",
            Self::AccessDenied => "AccessDenied",
            Self::Revoked => "Revoked",
            Self::Expired => "Expired",
            Self::NotYetValid => "NotYetValid",
            Self::InvalidLicense => "InvalidLicense",
            Self::Failed => "Failed",
        }
    }
}

/// What a line is about. Empty text is written as `-`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Event {
    /// What was asked.
    pub operation: Operation,
    /// How it ended.
    pub outcome: Outcome,
    /// Who asked.
    pub user: String,
    /// The content.
    pub content_id: String,
    /// The RM owner.
    pub owner: String,
    /// The RM issuer.
    pub issuer: String,
    /// The template, where the policy is one's.
    pub template_id: String,
    /// Name of the document, where its license tells one.
    pub content_name: String,
    /// When the content was protected.
    pub published: Option<Timestamp>,
    /// The rights that were granted, in order.
    pub rights: Vec<String>,
    /// What an administrator or a super user did, or what a change was about.
    pub action: String,
    /// Address of the client; empty for a program on this machine.
    pub client_address: String,
}

impl Event {
    /// An event of which only operation, outcome and account are known.
    #[must_use]
    pub fn new(operation: Operation, outcome: Outcome, user: &str) -> Self {
        Self {
            operation,
            outcome,
            user: user.to_owned(),
            content_id: String::new(),
            owner: String::new(),
            issuer: String::new(),
            template_id: String::new(),
            content_name: String::new(),
            published: None,
            rights: Vec::new(),
            action: String::new(),
            client_address: String::new(),
        }
    }
}

/// A line that was read back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogEntry {
    /// When, UTC, to the second.
    pub time: Timestamp,
    /// Number of the line, counted from 1 through all files of the log.
    pub row: u64,
    /// Identity of the request.
    pub request_id: String,
    /// `request-type`, see [`Operation::name`].
    pub operation: String,
    /// Who asked.
    pub user: String,
    /// `result`, see [`Outcome::name`].
    pub outcome: String,
    /// The content, or empty.
    pub content_id: String,
    /// The RM owner, or empty.
    pub owner: String,
    /// The RM issuer, or empty.
    pub issuer: String,
    /// The template, or empty.
    pub template_id: String,
    /// Name of the document, or empty.
    pub content_name: String,
    /// When the content was protected, as the line has it, or empty.
    pub published: String,
    /// The program.
    pub application: String,
    /// Address of the client, or empty.
    pub client_address: String,
    /// The rights that were granted, separated by commas.
    pub rights: String,
    /// What an administrator or a super user did.
    pub action: String,
}

fn date_and_time(at: Timestamp) -> (String, String) {
    let (year, month, day, hour, minute, second) = at.civil();
    (format!("{year:04}-{month:02}-{day:02}"), format!("{hour:02}:{minute:02}:{second:02}"))
}

/// The fields of an event with a tab behind each, without the last field.
pub(super) fn write(event: &Event, row: u64, at: Timestamp, request: &str, application: &str) -> String {
    let (date, time) = date_and_time(at);
    let published = event.published.map(|at| at.text()).unwrap_or_default();
    let row = row.to_string();
    let rights = event.rights.join(",");
    let fields: [&str; FIELDS.len() - 1] = [
        &date,
        &time,
        &row,
        request,
        event.operation.name(),
        &event.user,
        event.outcome.name(),
        "",
        &event.content_id,
        &event.owner,
        &event.issuer,
        &event.template_id,
        &event.content_name,
        &published,
        application,
        &event.client_address,
        &rights,
        &event.action,
    ];
    let mut out = String::with_capacity(512);
    for field in fields {
        escape(&mut out, field);
        out.push('\t');
    }
    out
}

/// One field of a line.
pub(super) fn field(line: &str, number: usize) -> Option<Cow<'_, str>> {
    unescape(line.split('\t').nth(number)?)
}

/// The moment of a line.
pub(super) fn time(line: &str) -> Option<Timestamp> {
    let mut fields = line.split('\t');
    let (date, time) = (fields.next()?, fields.next()?);
    let seconds: u64 = time.get(6..)?.parse().ok()?;
    Timestamp::parse(&format!("{date}T{}", time.get(..5)?))?.checked_add(seconds.checked_mul(10_000_000)?)
}

/// Reads a line with its last field.
pub(super) fn read(line: &str) -> Option<LogEntry> {
    let time = time(line)?;
    let fields: Vec<String> =
        line.split('\t').map(|field| unescape(field).map(Cow::into_owned)).collect::<Option<_>>()?;
    let mut fields: [String; FIELDS.len()] = fields.try_into().ok()?;
    let row = fields[2].parse().ok()?;
    let mut take = |at: usize| std::mem::take(&mut fields[at]);
    Some(LogEntry {
        time,
        row,
        request_id: take(3),
        operation: take(4),
        user: take(5),
        outcome: take(6),
        content_id: take(CONTENT_ID),
        owner: take(9),
        issuer: take(ISSUER),
        template_id: take(11),
        content_name: take(12),
        published: take(13),
        application: take(14),
        client_address: take(15),
        rights: take(16),
        action: take(17),
    })
}

/// True for characters that some reader of text takes as the end of a line, or that steer a terminal.
fn must_be_escaped(c: char) -> bool {
    c.is_control() || matches!(c, '\\' | '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

fn escape(out: &mut String, text: &str) {
    match text {
        "" => return out.push('-'),
        "-" => return out.push_str("\\-"),
        _ => {}
    }
    for c in text.chars().take(FIELD_MAX) {
        if must_be_escaped(c) {
            // Writing to a String does not fail.
            let _written = write!(out, "\\u{{{:x}}}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    if text.chars().nth(FIELD_MAX).is_some() {
        out.push('…');
    }
}

fn unescape(field: &str) -> Option<Cow<'_, str>> {
    match field {
        "-" => return Some(Cow::Borrowed("")),
        "\\-" => return Some(Cow::Borrowed("-")),
        _ if !field.contains('\\') => return Some(Cow::Borrowed(field)),
        _ => {}
    }
    let mut parts = field.split('\\');
    let mut out = parts.next()?.to_owned();
    for part in parts {
        let (code, rest) = part.strip_prefix("u{")?.split_once('}')?;
        out.push(char::from_u32(u32::from_str_radix(code, 16).ok()?)?);
        out.push_str(rest);
    }
    Some(Cow::Owned(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_a_field_or_a_line() {
        let nasty = "a\tb\nc\rd\\e\u{85}\u{2028}\u{202E}f\u{0}-";
        let mut event = Event::new(Operation::AcquireLicense, Outcome::Success, nasty);
        event.content_name = "-".to_owned();
        event.rights = vec!["VIEW".to_owned(), "PRINT".to_owned()];
        let at = Timestamp::from_unix_seconds(1_700_000_007);
        let line = write(&event, 7, at, "r", "app");
        assert_eq!(line.matches('\t').count(), FIELDS.len() - 1);
        assert!(line.chars().all(|c| c == '\t' || !must_be_escaped(c) || c == '\\'));

        let read = read(&format!("{line}00")).unwrap();
        assert_eq!((read.user.as_str(), read.content_name.as_str(), read.row), (nasty, "-", 7));
        assert_eq!((read.time, read.rights.as_str(), read.owner.as_str()), (at, "VIEW,PRINT", ""));
    }

    #[test]
    fn long_fields_are_cut() {
        let event = Event::new(Operation::AcquireLicense, Outcome::Success, &"x".repeat(5000));
        let line = write(&event, 1, Timestamp::default(), "r", "app");
        assert!(line.len() < 1500 && line.contains("x…\t"));
    }

    #[test]
    fn damaged_lines_are_not_read() {
        let event = Event::new(Operation::AcquireLicense, Outcome::Success, "kim");
        let line = write(&event, 1, Timestamp::default(), "r", "app");
        assert!(read(&line).is_some());
        for wrong in ["", "a", &line.replacen('\t', " ", 1), &line.replace("kim", "k\\im"), &format!("{line}\t")] {
            assert!(read(wrong).is_none(), "{wrong}");
        }
    }
}
