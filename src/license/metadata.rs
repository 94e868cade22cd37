//! Metadata of a license: what is registered about a document for tracking (`IPC_MD_*`).
//!
//! They stand in the license in the clear, as pairs whose names sharing applications use; pairs that are not understood
//! are kept. A path is never written, only its hash.

use super::draft::check_xml_text;
use super::publishing::AppDatum;
use crate::base::time::Timestamp;
use crate::error::{Error, ErrorKind, Result};

/// Name of the document.
pub const CONTENT_NAME: &str = "MS.Content.Name";
/// Base 64 of the SHA-256 of the path, in lower case and UTF-16LE.
pub const PATH_HASH: &str = "MS.ContentPath.Hash";
/// When the document was made.
pub const DATE_CREATED: &str = "MS.Content.DateCreated";
/// When the document was changed.
pub const DATE_MODIFIED: &str = "MS.Content.DateModified";
/// `true` or `false`: mails about each opening.
pub const NOTIFY_ENABLED: &str = "MS.Notify.Enabled";
/// `true`: mails about refusals alone. Our name; the published licenses have none.
const NOTIFY_DENIED: &str = "MS.Notify.DenyOnly";
/// `true`: one mail for many openings. Our name.
const NOTIFY_DIGEST: &str = "MS.Notify.Digest";

/// Longest name or path, in bytes.
const TEXT_MAX: usize = 32 << 10;

/// When mails are wanted (`IPCD_CT_NOTIFICATION_TYPE_*`).
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum NotificationType {
    /// Never.
    Disabled,
    /// At each opening.
    Enabled,
    /// At each refusal.
    DenyOnly,
}

/// A property of metadata with its value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum MetadataProperty {
    /// Path of the document, hashed by the caller: base 64 of a SHA-256.
    PathHash(Option<String>),
    /// Name of the document.
    ContentName(Option<String>),
    /// When mails are wanted.
    Notification(Option<NotificationType>),
    /// One mail for many openings instead of one for each.
    Digest(Option<bool>),
    /// When the document was changed.
    Modified(Option<Timestamp>),
    /// When the document was made.
    Created(Option<Timestamp>),
}

/// The metadata of one license, while they are edited.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LicenseMetadata(Vec<AppDatum>);

impl LicenseMetadata {
    /// The metadata of a license as it has them.
    #[must_use]
    pub fn of(entries: &[AppDatum]) -> Self {
        Self(entries.to_vec())
    }

    /// The pairs to write.
    #[must_use]
    pub fn entries(&self) -> &[AppDatum] {
        &self.0
    }

    /// Sets a property, or deletes it where it has no value. Times lose their seconds, as in licenses everywhere.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for text or a time that a license cannot hold.
    pub fn set(&mut self, property: MetadataProperty) -> Result<()> {
        let truth = |value: bool| Some(value.to_string());
        match property {
            MetadataProperty::PathHash(hash) => self.put(PATH_HASH, hash),
            MetadataProperty::ContentName(name) => {
                name.as_deref().map_or(Ok(()), |name| check_text("IPC_MD_CONTENT_NAME", name))?;
                self.put(CONTENT_NAME, name);
            }
            MetadataProperty::Notification(kind) => {
                self.put(NOTIFY_ENABLED, kind.and_then(|kind| truth(kind == NotificationType::Enabled)));
                self.put(
                    NOTIFY_DENIED,
                    kind.filter(|kind| *kind == NotificationType::DenyOnly).and_then(|_| truth(true)),
                );
            }
            MetadataProperty::Digest(digest) => {
                self.put(NOTIFY_DIGEST, digest.filter(|digest| *digest).and_then(truth))
            }
            MetadataProperty::Modified(at) => self.put(DATE_MODIFIED, time("IPC_MD_DATE_MODIFIED", at)?),
            MetadataProperty::Created(at) => self.put(DATE_CREATED, time("IPC_MD_DATE_CREATED", at)?),
        }
        Ok(())
    }

    fn put(&mut self, name: &str, value: Option<String>) {
        match (self.0.iter_mut().find(|entry| entry.name == name), value) {
            (Some(entry), Some(value)) => entry.value = value,
            (Some(_), None) => self.0.retain(|entry| entry.name != name),
            (None, Some(value)) => self.0.push(AppDatum { name: name.to_owned(), value }),
            (None, None) => {}
        }
    }
}

/// Refuses a name that a license cannot hold.
///
/// # Errors
/// [`ErrorKind::InvalidArgument`].
pub fn check_text(what: &'static str, text: &str) -> Result<()> {
    if text.len() > TEXT_MAX {
        return Err(Error::with(ErrorKind::InvalidArgument { what }, format!("longer than {TEXT_MAX} bytes")));
    }
    check_xml_text(what, text)
}

fn time(what: &'static str, at: Option<Timestamp>) -> Result<Option<String>> {
    match at {
        Some(at) if at > Timestamp::LAST => Err(Error::argument(what, "after the year 9999")),
        at => Ok(at.map(Timestamp::text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn datum(name: &str, value: &str) -> AppDatum {
        AppDatum { name: name.into(), value: value.into() }
    }

    #[test]
    fn properties_replace_their_pairs_and_leave_the_others() {
        let mut metadata = LicenseMetadata::of(&[datum("MS.Notify.Culture", "en-US"), datum(CONTENT_NAME, "old.txt")]);
        metadata.set(MetadataProperty::ContentName(Some("new.txt".into()))).unwrap();
        metadata.set(MetadataProperty::Created(Timestamp::parse("2024-03-05T09:30"))).unwrap();
        metadata.set(MetadataProperty::Notification(Some(NotificationType::DenyOnly))).unwrap();
        metadata.set(MetadataProperty::Digest(Some(true))).unwrap();
        let expected = [
            datum("MS.Notify.Culture", "en-US"),
            datum(CONTENT_NAME, "new.txt"),
            datum(DATE_CREATED, "2024-03-05T09:30"),
            datum(NOTIFY_ENABLED, "false"),
            datum("MS.Notify.DenyOnly", "true"),
            datum("MS.Notify.Digest", "true"),
        ];
        assert_eq!(metadata.entries(), expected);
        metadata.set(MetadataProperty::Notification(Some(NotificationType::Enabled))).unwrap();
        assert!(metadata.entries().contains(&datum(NOTIFY_ENABLED, "true")));
        assert_eq!(metadata.entries().len(), 5, "refusals alone are not wanted any more");
        for gone in [
            MetadataProperty::ContentName(None),
            MetadataProperty::Created(None),
            MetadataProperty::Notification(None),
            MetadataProperty::Digest(Some(false)),
            MetadataProperty::PathHash(None),
            MetadataProperty::Modified(None),
        ] {
            metadata.set(gone).unwrap();
        }
        assert_eq!(metadata.entries(), [datum("MS.Notify.Culture", "en-US")]);
    }

    #[test]
    fn what_a_license_cannot_hold_is_refused() {
        let mut metadata = LicenseMetadata::default();
        for wrong in [
            MetadataProperty::ContentName(Some("a\u{1}".into())),
            MetadataProperty::ContentName(Some("x".repeat(TEXT_MAX + 1))),
            MetadataProperty::Created(Some(Timestamp::from_filetime(u64::MAX))),
        ] {
            assert!(matches!(metadata.set(wrong).unwrap_err().kind(), ErrorKind::InvalidArgument { .. }));
        }
        assert!(metadata.entries().is_empty());
    }
}
