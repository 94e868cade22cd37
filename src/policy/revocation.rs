//! Revocations: which licenses they name, and who said so.
//!
//! Whether a revoked license is refused is decided in [`super::evaluate()`]; here stands only what a revocation is about.

use super::evaluate::Revoked;
use super::user::same_address;
use crate::base::guid::Guid;
use crate::base::time::{Timestamp, Validity};

/// What is revoked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RevocationTarget {
    /// The content with an id. Callers choose content ids, so it counts for one issuer alone (decision 13).
    Content(String),
    /// One license, by [`RevocationSubject::license`].
    License([u8; 32]),
    /// Every license.
    All,
}

/// A revocation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Revocation {
    /// What is revoked.
    pub target: RevocationTarget,
    /// Licenses of this issuer, by the address that the license records; `None` is every issuer.
    pub issuer: Option<String>,
    /// Licenses that were issued in this time.
    pub issued: Validity,
    /// Who revoked: the issuer, who remains able to open, or an administrator.
    pub by: Revoked,
    /// The account that revoked.
    pub revoked_by: String,
    /// When.
    pub made: Timestamp,
}

/// What a revocation is compared with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RevocationSubject {
    /// Content id as the license writes it.
    pub content_id: String,
    /// SHA-256 of the sealed content key, which is the same in every form of one license.
    pub license: [u8; 32],
    /// The RM issuer, as the license records it.
    pub issuer: Option<String>,
    /// Time of issue.
    pub issued: Timestamp,
}

impl Revocation {
    /// True when both are about the same licenses, by the same kind of person.
    #[must_use]
    pub fn same_aim(&self, other: &Self) -> bool {
        let issuers = match (&self.issuer, &other.issuer) {
            (Some(a), Some(b)) => same_address(a, b),
            (None, None) => true,
            _ => false,
        };
        let targets = match (&self.target, &other.target) {
            (RevocationTarget::Content(a), RevocationTarget::Content(b)) => same_content(a, b),
            (a, b) => a == b,
        };
        issuers && targets && self.issued == other.issued && self.by == other.by
    }

    /// True when the revocation names the license.
    #[must_use]
    pub fn names(&self, subject: &RevocationSubject) -> bool {
        let issuer = match (&self.issuer, &subject.issuer) {
            (None, _) => true,
            (Some(revoked), Some(issuer)) => same_address(revoked, issuer),
            (Some(_), None) => false,
        };
        let target = match &self.target {
            RevocationTarget::Content(id) => same_content(id, &subject.content_id),
            RevocationTarget::License(license) => *license == subject.license,
            RevocationTarget::All => true,
        };
        issuer && target && self.issued.contains(subject.issued)
    }
}

/// Who revoked a license; an administrator's word stands above the issuer's, who then is refused too.
#[must_use]
pub fn revoked<'a>(
    revocations: impl IntoIterator<Item = &'a Revocation>,
    subject: &RevocationSubject,
) -> Option<Revoked> {
    let mut found = None;
    for revocation in revocations.into_iter().filter(|revocation| revocation.names(subject)) {
        match revocation.by {
            Revoked::ByAdministrator => return Some(Revoked::ByAdministrator),
            Revoked::ByIssuer => found = Some(Revoked::ByIssuer),
        }
    }
    found
}

/// Compares two content ids: as GUIDs where they are, without letter case otherwise.
#[must_use]
pub fn same_content(a: &str, b: &str) -> bool {
    // As the keys compare, without making them: a long usage log is searched with this.
    match (Guid::parse(a), Guid::parse(b)) {
        (Some(a), Some(b)) => a == b,
        (None, None) => a.eq_ignore_ascii_case(b),
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// The content id in the form in which equal ones are the same text.
#[must_use]
pub fn content_key(id: &str) -> String {
    Guid::parse(id).map_or_else(|| id.to_ascii_lowercase(), |guid| guid.bare())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn subject() -> RevocationSubject {
        RevocationSubject {
            content_id: "{5A6E0000-1234-4abc-8def-00112233445f}".into(),
            license: [1; 32],
            issuer: Some("Kim@x.example".into()),
            issued: at("2024-03-05T09:30"),
        }
    }

    fn revocation(target: RevocationTarget, issuer: Option<&str>, by: Revoked) -> Revocation {
        Revocation {
            target,
            issuer: issuer.map(str::to_owned),
            issued: Validity::ALWAYS,
            by,
            revoked_by: "kim@x.example".into(),
            made: at("2024-04-01T00:00"),
        }
    }

    #[test]
    fn content_is_revoked_for_its_issuer_alone() {
        let content = || RevocationTarget::Content("5a6e0000-1234-4ABC-8def-00112233445f".into());
        let of = |issuer| revocation(content(), issuer, Revoked::ByIssuer);
        assert!(of(Some("kim@X.example")).names(&subject()), "spelling of address and id does not matter");
        assert!(!of(Some("lee@x.example")).names(&subject()), "an id that another issuer chose");
        assert!(of(None).names(&subject()));
        let nameless = RevocationSubject { issuer: None, ..subject() };
        assert!(!of(Some("kim@x.example")).names(&nameless));
    }

    #[test]
    fn dates_are_those_of_issue() {
        let mut all = revocation(RevocationTarget::All, Some("kim@x.example"), Revoked::ByIssuer);
        all.issued = Validity { from: Some(at("2024-03-05T09:30")), until: Some(at("2024-03-06T00:00")) };
        assert!(all.names(&subject()));
        all.issued.until = Some(at("2024-03-05T09:30"));
        assert!(!all.names(&subject()), "the end is excluded");
    }

    #[test]
    fn the_word_of_an_administrator_stands_above_the_issuers() {
        let own = revocation(RevocationTarget::License([1; 32]), Some("kim@x.example"), Revoked::ByIssuer);
        let office = revocation(RevocationTarget::License([1; 32]), None, Revoked::ByAdministrator);
        let other = revocation(RevocationTarget::License([2; 32]), None, Revoked::ByAdministrator);
        assert_eq!(revoked([&own, &other], &subject()), Some(Revoked::ByIssuer));
        assert_eq!(revoked([&own, &office], &subject()), Some(Revoked::ByAdministrator));
        assert_eq!(revoked([&other], &subject()), None);
    }
}
