//! An unsigned license that can still be edited: what a license handle holds.

use super::policy_view::is_reserved;
use super::publishing::AppDatum;
use crate::base::guid::Guid;
use crate::base::limits::{APPLICATION_DATA_MAX, DESCRIPTORS_MAX, NAME_VALUES_MAX, RIGHTS_PER_USER_MAX, USERS_MAX};
use crate::base::time::{Timestamp, Validity};
use crate::cipher::PackageId;
use crate::error::{Error, ErrorKind, Result};
use crate::policy::template::ContentExpiry;
use crate::policy::user::check_address;
use crate::policy::{Descriptor, RightsPolicyTemplate, User, UserRightsList};

/// Most days an interval can have.
pub const INTERVAL_DAYS_MAX: u32 = 65_535;

/// Addresses of a licensing authority.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ConnectionInfo {
    /// From outside the organization.
    pub extranet_url: Option<String>,
    /// From inside the organization.
    pub intranet_url: Option<String>,
}

/// A term as the application set it: a start and a length in 100 ns steps.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct Term {
    /// The start.
    pub start: Timestamp,
    /// The length.
    pub duration: u64,
}

impl Term {
    /// The term in whole minutes, as a license writes it. A term that ends after what a license can name has no end.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] when nothing is left of it.
    pub fn validity(self) -> Result<Validity> {
        let from = self.start.minute();
        if from > Timestamp::LAST {
            return Err(Error::argument("IPC_LI_VALIDITY_TIME", "the term begins after the year 9999"));
        }
        let until = self.start.checked_add(self.duration).filter(|end| *end <= Timestamp::LAST).map(Timestamp::minute);
        if until.is_some_and(|until| until <= from) {
            return Err(Error::argument(
                "IPC_LI_VALIDITY_TIME",
                "the term is shorter than the minute in which it begins",
            ));
        }
        Ok(Validity { from: Some(from), until })
    }

    /// The term of a validity, for showing it. An open start is 1601, an open end the last moment of a license.
    #[must_use]
    pub fn of(validity: Validity) -> Self {
        if validity.is_always() {
            return Self::default();
        }
        let start = validity.from.unwrap_or_default();
        let end = validity.until.unwrap_or(Timestamp::LAST);
        Self { start, duration: end.filetime().saturating_sub(start.filetime()) }
    }
}

/// When content protected with a draft may be opened.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub enum DraftTerm {
    /// Always.
    #[default]
    Open,
    /// In a term that the application set.
    Set(Term),
    /// Until what the template says.
    FromTemplate(ContentExpiry),
}

/// A license in the making.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LicenseDraft {
    /// The authority that is to sign.
    pub connection: ConnectionInfo,
    /// The template, as long as the policy is still the template's.
    pub template: Option<Guid>,
    /// Name and description per language.
    pub descriptors: Vec<Descriptor>,
    /// The owner; the account that publishes when not set.
    pub owner: Option<User>,
    /// Users and rights.
    pub user_rights: Option<UserRightsList>,
    /// When the content may be opened.
    pub term: DraftTerm,
    /// Days a use license serves offline.
    pub interval_days: Option<u32>,
    /// Encrypted application data.
    pub app_data: Vec<AppDatum>,
    /// Application data in the clear.
    pub app_data_clear: Vec<AppDatum>,
    /// The deprecated algorithms were asked for.
    pub deprecated: bool,
    /// URL or address of whom to ask for rights.
    pub referral: Option<String>,
    /// Content id as the application wrote it.
    pub content_id: String,
    /// Whether the owner has full control in any case; the default when not set.
    pub auto_grant_owner: Option<bool>,
    /// The cipher package that was asked for.
    pub package: Option<PackageId>,
    /// CBC4K content is written as in documents of Office, whose last block is filled up instead of padded.
    pub unpadded: bool,
}

impl LicenseDraft {
    /// An empty license of an authority.
    #[must_use]
    pub fn from_scratch(connection: ConnectionInfo, content_id: Guid) -> Self {
        Self {
            connection,
            template: None,
            descriptors: Vec::new(),
            owner: None,
            user_rights: None,
            term: DraftTerm::Open,
            interval_days: None,
            app_data: Vec::new(),
            app_data_clear: Vec::new(),
            deprecated: false,
            referral: None,
            content_id: content_id.to_string(),
            auto_grant_owner: None,
            package: None,
            unpadded: false,
        }
    }

    /// A license with the policy of a template.
    #[must_use]
    pub fn from_template(connection: ConnectionInfo, template: &RightsPolicyTemplate, content_id: Guid) -> Self {
        Self {
            template: Some(template.id),
            descriptors: template.descriptors.clone(),
            user_rights: Some(UserRightsList::from_grants(&template.grants)),
            term: match template.expiry {
                ContentExpiry::Never => DraftTerm::Open,
                expiry => DraftTerm::FromTemplate(expiry),
            },
            interval_days: template.offline_days,
            ..Self::from_scratch(connection, content_id)
        }
    }

    /// Makes the policy the license's own: called before a part of it changes.
    pub fn detach_from_template(&mut self) {
        if self.template.take().is_some() && self.auto_grant_owner.is_none() {
            // Templates always give the owner full control; what is made from one keeps doing so.
            self.auto_grant_owner = Some(true);
        }
    }

    /// Whether the owner has full control in any case (decision 6).
    #[must_use]
    pub fn grants_owner_full_access(&self) -> bool {
        self.template.is_some() || self.auto_grant_owner.unwrap_or(false)
    }

    /// The package that content will be encrypted with.
    #[must_use]
    pub fn package(&self) -> PackageId {
        if self.deprecated { PackageId::Aes128Ecb } else { self.package.unwrap_or(PackageId::Aes256Cbc4k) }
    }

    /// The term of content that is protected at a moment.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] when the term is empty.
    pub fn validity(&self, issued: Timestamp) -> Result<Validity> {
        match self.term {
            DraftTerm::Open => Ok(Validity::ALWAYS),
            DraftTerm::Set(term) => term.validity(),
            DraftTerm::FromTemplate(expiry) => Ok(expiry.validity(issued.minute())),
        }
    }

    /// Sets the owner.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] unless it is an account by mail address.
    pub fn set_owner(&mut self, owner: User) -> Result<()> {
        let User::Email(address) = &owner else {
            return Err(Error::argument("IPC_LI_OWNER", "the owner must be an account by mail address"));
        };
        check_address(address)?;
        self.owner = Some(owner);
        Ok(())
    }

    /// Sets the users and their rights.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] when a user has more rights than a license takes,
    /// [`ErrorKind::LicenseTooLong`] when there are too many users.
    pub fn set_user_rights(&mut self, list: UserRightsList) -> Result<()> {
        if list.0.len() > USERS_MAX {
            return Err(Error::with(
                ErrorKind::LicenseTooLong,
                format!("{} users in the list, at most {USERS_MAX} are accepted", list.0.len()),
            ));
        }
        if let Some(entry) = list.0.iter().find(|entry| entry.rights.len() > RIGHTS_PER_USER_MAX) {
            return Err(Error::argument(
                "IPC_LI_USER_RIGHTS_LIST",
                format!("a user has {} rights, at most {RIGHTS_PER_USER_MAX} are accepted", entry.rights.len()),
            ));
        }
        self.detach_from_template();
        self.user_rights = Some(list);
        Ok(())
    }

    /// Sets the days a use license serves offline.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] above 65535.
    pub fn set_interval_days(&mut self, days: u32) -> Result<()> {
        if days > INTERVAL_DAYS_MAX {
            return Err(Error::argument(
                "IPC_LI_INTERVAL_TIME",
                format!("{days} days, at most {INTERVAL_DAYS_MAX} are accepted"),
            ));
        }
        self.detach_from_template();
        self.interval_days = Some(days);
        Ok(())
    }

    /// Sets the term. The zero term stands for none.
    pub fn set_term(&mut self, term: Term) {
        self.detach_from_template();
        self.term = if term == Term::default() { DraftTerm::Open } else { DraftTerm::Set(term) };
    }

    /// Sets the text of one language.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] without a name, with text that the form of licenses cannot hold, or when there are
    /// too many languages.
    pub fn set_descriptor(&mut self, descriptor: Descriptor) -> Result<()> {
        if descriptor.name.is_empty() {
            return Err(Error::argument("IPC_LI_DESCRIPTOR", "the name is empty"));
        }
        if descriptor.name.contains(":DESCRIPTION ") {
            return Err(Error::argument(
                "IPC_LI_DESCRIPTOR",
                "the name holds the text ':DESCRIPTION ', which licenses use as a separator",
            ));
        }
        for text in [&descriptor.name, &descriptor.description] {
            check_xml_text("IPC_LI_DESCRIPTOR", text)?;
        }
        if descriptor_would_split(&descriptor.description) || descriptor_would_split(&descriptor.name) {
            return Err(Error::argument(
                "IPC_LI_DESCRIPTOR",
                "the text reads as the start of a further descriptor record",
            ));
        }
        let at = self.descriptors.iter().position(|known| known.lcid == descriptor.lcid);
        if at.is_none() && self.descriptors.len() >= DESCRIPTORS_MAX {
            return Err(Error::argument(
                "IPC_LI_DESCRIPTOR",
                format!("at most {DESCRIPTORS_MAX} languages are accepted"),
            ));
        }
        self.detach_from_template();
        match at {
            Some(at) => self.descriptors[at] = descriptor,
            None => self.descriptors.push(descriptor),
        }
        Ok(())
    }

    /// Sets the content id, which keeps its spelling.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] unless it is a GUID in one of the usual forms.
    pub fn set_content_id(&mut self, text: &str) -> Result<()> {
        if Guid::parse(text).is_none() {
            return Err(Error::argument("IPC_LI_CONTENT_ID", "the content id is not a GUID"));
        }
        text.clone_into(&mut self.content_id);
        Ok(())
    }

    /// The content id as a license writes it: as the application wrote it where that is a form that licenses know.
    #[must_use]
    pub fn written_content_id(&self) -> String {
        match Guid::parse(&self.content_id) {
            Some(id) if !self.content_id.contains('-') || self.content_id.starts_with('(') => id.to_string(),
            _ => self.content_id.clone(),
        }
    }

    /// Sets the referral.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] when it is empty or holds characters that a license cannot.
    pub fn set_referral(&mut self, url: &str) -> Result<()> {
        if url.trim().is_empty() {
            return Err(Error::argument("IPC_LI_REFERRAL_INFO_URL", "the referral is empty"));
        }
        check_xml_text("IPC_LI_REFERRAL_INFO_URL", url)?;
        self.referral = Some(url.to_owned());
        Ok(())
    }

    /// Sets the encrypted application data.
    ///
    /// # Errors
    /// As [`LicenseDraft::set_app_data_clear`].
    pub fn set_app_data(&mut self, data: Vec<AppDatum>) -> Result<()> {
        check_app_data("IPC_LI_APP_SPECIFIC_DATA", &data)?;
        self.app_data = data;
        Ok(())
    }

    /// Sets the application data in the clear.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for an empty, repeated or reserved name, for characters that a license cannot hold
    /// and for too much data.
    pub fn set_app_data_clear(&mut self, data: Vec<AppDatum>) -> Result<()> {
        check_app_data("IPC_LI_APP_SPECIFIC_DATA_NO_ENCRYPTION", &data)?;
        self.app_data_clear = data;
        Ok(())
    }
}

fn check_app_data(what: &'static str, data: &[AppDatum]) -> Result<()> {
    if data.len() > NAME_VALUES_MAX {
        return Err(Error::argument(what, format!("{} pairs, at most {NAME_VALUES_MAX} are accepted", data.len())));
    }
    if data.iter().map(|datum| datum.name.len() + datum.value.len()).sum::<usize>() > APPLICATION_DATA_MAX {
        return Err(Error::argument(what, format!("names and values exceed {APPLICATION_DATA_MAX} bytes")));
    }
    let mut names = std::collections::HashSet::new();
    for datum in data {
        if datum.name.is_empty() {
            return Err(Error::argument(what, "a name is empty"));
        }
        if is_reserved(&datum.name) {
            return Err(Error::argument(what, format!("the name {} is reserved", datum.name)));
        }
        if !names.insert(datum.name.as_str()) {
            return Err(Error::argument(what, format!("the name {} occurs twice", datum.name)));
        }
        check_xml_text(what, &datum.name)?;
        check_xml_text(what, &datum.value)?;
    }
    Ok(())
}

/// Refuses characters that XML 1.0 cannot carry.
///
/// # Errors
/// [`ErrorKind::InvalidArgument`].
pub fn check_xml_text(what: &'static str, text: &str) -> Result<()> {
    match text
        .chars()
        .find(|c| !matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..))
    {
        Some(c) => Err(Error::argument(
            what,
            format!("the text holds the character U+{:04X}, which a license cannot carry", u32::from(c)),
        )),
        None => Ok(()),
    }
}

/// True when a text holds what the record form of descriptors takes as the beginning of the next record.
fn descriptor_would_split(text: &str) -> bool {
    text.match_indices(';').any(|(at, _)| {
        let rest = text[at + 1..].trim_start();
        // Digit by digit, not up to the next colon, which may be far and is looked for at each semicolon.
        rest.strip_prefix("LCID ").is_some_and(|rest| {
            let after = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            after.len() < rest.len() && after.starts_with(":NAME ")
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::locale::Lcid;

    fn draft() -> LicenseDraft {
        LicenseDraft::from_scratch(ConnectionInfo::default(), Guid::from_random([7; 16]))
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn terms_lose_their_seconds_and_must_not_become_empty() {
        let start = Timestamp::from_filetime(at("2024-01-01T10:00").filetime() + 30 * 10_000_000);
        let term = Term { start, duration: 90 * 10_000_000 };
        assert_eq!(
            term.validity().unwrap(),
            Validity { from: Some(at("2024-01-01T10:00")), until: Some(at("2024-01-01T10:02")) }
        );
        assert!(Term { start, duration: 20 * 10_000_000 }.validity().is_err());
        assert!(Term { start, duration: 0 }.validity().is_err());
        assert_eq!(Term { start, duration: u64::MAX }.validity().unwrap().until, None);
    }

    #[test]
    fn the_zero_term_is_none() {
        let mut draft = draft();
        draft.set_term(Term { start: at("2024-01-01T10:00"), duration: Timestamp::DAY });
        draft.set_term(Term::default());
        assert_eq!(draft.term, DraftTerm::Open);
        assert_eq!(Term::of(Validity::ALWAYS), Term::default());
    }

    #[test]
    fn content_ids_keep_their_spelling() {
        let mut draft = draft();
        draft.set_content_id("5A6E0000-1234-4abc-8DEF-00112233445f").unwrap();
        assert_eq!(draft.content_id, "5A6E0000-1234-4abc-8DEF-00112233445f");
        assert!(draft.set_content_id("plan-7").is_err());
        assert_eq!(draft.content_id, "5A6E0000-1234-4abc-8DEF-00112233445f");
        assert_eq!(draft.written_content_id(), draft.content_id);
        draft.set_content_id("5a6e000012344abc8def00112233445f").unwrap();
        assert_eq!(draft.content_id, "5a6e000012344abc8def00112233445f");
        assert_eq!(draft.written_content_id(), "{5a6e0000-1234-4abc-8def-00112233445f}");
    }

    #[test]
    fn application_data_is_checked() {
        let datum = |name: &str, value: &str| AppDatum { name: name.into(), value: value.into() };
        let mut draft = draft();
        for bad in [
            vec![datum("", "x")],
            vec![datum("NOLICCACHE", "1")],
            vec![datum("ipcx.issuer", "x")],
            vec![datum("a", "1"), datum("a", "2")],
            vec![datum("a", "\u{1}")],
            vec![datum("a", &"x".repeat(APPLICATION_DATA_MAX))],
        ] {
            assert!(draft.set_app_data(bad.clone()).is_err());
            assert!(draft.set_app_data_clear(bad).is_err());
        }
        draft.set_app_data(vec![datum("a", ""), datum("A", "2")]).unwrap();
    }

    #[test]
    fn descriptors_that_would_read_differently_are_refused() {
        let mut draft = draft();
        let text = |name: &str, description: &str| Descriptor {
            lcid: Lcid(1033),
            name: name.into(),
            description: description.into(),
        };
        for bad in [text("", "x"), text("a:DESCRIPTION b", "x"), text("a", "b; LCID 1031:NAME c"), text("a", "\0")] {
            assert!(draft.set_descriptor(bad).is_err());
        }
        draft.set_descriptor(text("R&D: a; b", "c: d; LCID x:NAME")).unwrap();
        draft.set_descriptor(text("second", "")).unwrap();
        assert_eq!(draft.descriptors.len(), 1);
    }

    #[test]
    fn changing_the_policy_leaves_the_template() {
        let template = RightsPolicyTemplate {
            id: Guid::from_random([1; 16]),
            descriptors: Vec::new(),
            grants: Vec::new(),
            expiry: ContentExpiry::Days(3),
            offline_days: Some(5),
            enabled: true,
            scope: Vec::new(),
            modified: at("2024-01-01T00:00"),
        };
        let mut draft = LicenseDraft::from_template(ConnectionInfo::default(), &template, Guid::from_random([2; 16]));
        assert!(draft.grants_owner_full_access());
        draft.set_owner(User::Email("a@x.example".into())).unwrap();
        assert_eq!(draft.template, Some(template.id));
        draft.set_interval_days(2).unwrap();
        assert_eq!(draft.template, None);
        assert!(draft.grants_owner_full_access());
        assert_eq!(draft.validity(at("2024-05-01T10:30")).unwrap().until, Some(at("2024-05-04T10:30")));
        assert!(draft.set_interval_days(65_536).is_err());
    }

    #[test]
    fn descriptors_that_would_read_as_two_records_are_refused_in_linear_time() {
        let describe = |description: String| {
            draft().set_descriptor(Descriptor { lcid: Lcid(1033), name: "Plan".into(), description })
        };
        assert!(describe("a; LCID 1031:NAME b".into()).is_err());
        assert!(describe("a; LCID :NAME b; LCID 1031 :NAME c;LCID x".into()).is_ok());
        let began = std::time::Instant::now();
        assert!(describe(";LCID ".repeat(1 << 18)).is_ok());
        assert!(began.elapsed().as_secs() < 8, "each semicolon reads the whole text");
    }
}
