//! The policy of a draft as a document of its own, without content, key and signature.
//!
//! Programs of the older client (MSDRM) begin their licenses with such a document: it says who may do what and for how
//! long, and whoever protects content with it adds content, owner and key.

use super::draft::{DraftTerm, LicenseDraft};
use super::publishing::{PolicyDescriptor, Referral, RightEntry, RightsData, RightsDataKind};
use crate::base::guid::Guid;
use crate::base::time::{Timestamp, Validity};
use crate::error::{Error, ErrorKind, Result};
use crate::policy::right::OWNER;
use crate::policy::{Grant, Right, User};

impl LicenseDraft {
    /// The policy as a document, with the licensing URL of the authority. `template` holds what the template of the draft
    /// grants, whose rights may have times that a draft does not show. `fresh` names a policy that is not that of a
    /// template. Owner and content id are left to whoever protects content with it.
    ///
    /// # Errors
    /// [`ErrorKind::UserRightsNotSet`]; [`ErrorKind::InvalidArgument`] for an empty term, and for application data that is
    /// to be encrypted: nothing of the document is.
    pub fn unsigned_template(
        &self,
        issued: Timestamp,
        url: &str,
        template: Option<&[Grant]>,
        fresh: Guid,
    ) -> Result<RightsData> {
        if !self.app_data.is_empty() {
            return Err(Error::argument("IPC_LI_APP_SPECIFIC_DATA", "an unsigned template encrypts nothing"));
        }
        let users = self.user_rights.as_ref().ok_or_else(|| Error::new(ErrorKind::UserRightsNotSet))?;
        let texts = self.descriptors.clone();
        // A term that was set stands on each right, as in licenses; an expiry is a condition of the whole document.
        let (of_rights, (validity, expiry_days)) = match self.term {
            DraftTerm::Open => (Validity::ALWAYS, (Validity::ALWAYS, None)),
            DraftTerm::Set(term) => (term.validity()?, (Validity::ALWAYS, None)),
            DraftTerm::FromTemplate(expiry) => (Validity::ALWAYS, expiry.parts(issued.minute())),
        };
        let mut data = RightsData {
            kind: RightsDataKind::AdHoc,
            issued: issued.minute(),
            descriptor: (!texts.is_empty()).then(|| PolicyDescriptor {
                id: self.template.unwrap_or(fresh).to_string(),
                version: None,
                texts,
            }),
            issuer: None,
            publishing_url: Some(url.to_owned()),
            referral: self.referral.clone().map(|url| Referral { name: None, url }),
            content_id: None,
            owner: None,
            validity,
            expiry_days,
            rights: Vec::new(),
            app_data: self.app_data_clear.clone(),
            revocation: None,
        };
        match template {
            Some(grants) => data.rights.extend(
                grants.iter().map(|grant| RightEntry::new(&grant.user, &grant.right, grant.range, grant.interval_days)),
            ),
            None => data.set_user_rights(users, of_rights),
        }
        if self.grants_owner_full_access() && !data.grants_owner_full_control() {
            data.rights.push(RightEntry::new(&User::Owner, &Right::read(OWNER), of_rights, None));
        }
        data.set_interval_days(self.interval_days, |_| false);
        Ok(data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::locale::Lcid;
    use crate::license::{AppDatum, ConnectionInfo, Term};
    use crate::policy::template::ContentExpiry;
    use crate::policy::{Descriptor, UserRights, UserRightsList};

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn draft() -> LicenseDraft {
        let mut draft = LicenseDraft::from_scratch(ConnectionInfo::default(), Guid::from_random([1; 16]));
        let user = User::Email("lee@x.example".into());
        draft.set_user_rights(UserRightsList(vec![UserRights { user, rights: vec![Right::read("VIEW")] }])).unwrap();
        draft
    }

    fn document(draft: &LicenseDraft) -> Result<RightsData> {
        draft.unsigned_template(at("2024-03-01T09:00"), "https://x.example/", None, Guid::from_random([2; 16]))
    }

    #[test]
    fn states_the_policy_and_nothing_of_the_content() {
        let mut draft = draft();
        draft.set_owner(User::Email("omar@x.example".into())).unwrap();
        draft.set_interval_days(7).unwrap();
        draft.set_term(Term { start: at("2024-03-01T09:00"), duration: Timestamp::DAY });
        let text = Descriptor { lcid: Lcid(1033), name: "Plans".into(), description: String::new() };
        draft.set_descriptor(text).unwrap();
        let data = document(&draft).unwrap();
        assert_eq!((data.content_id, data.owner, data.issuer), (None, None, None));
        assert_eq!(data.rights.len(), 1);
        assert_eq!(data.rights[0].interval_days, Some(7));
        assert_eq!(data.rights[0].range.until, Some(at("2024-03-02T09:00")));
        assert_eq!(data.descriptor.unwrap().id, Guid::from_random([2; 16]).to_string());
        draft.auto_grant_owner = Some(true);
        assert!(document(&draft).unwrap().grants_owner_full_control());
    }

    #[test]
    fn an_expiry_in_days_stays_one() {
        let mut draft = draft();
        draft.term = DraftTerm::FromTemplate(ContentExpiry::Days(30));
        assert_eq!(document(&draft).unwrap().expiry_days, Some(30));
    }

    #[test]
    fn rights_of_a_template_keep_their_times() {
        let mut draft = draft();
        draft.interval_days = Some(7);
        let view = Grant::new(User::Anyone, Right::read("VIEW"));
        let grants = [Grant { interval_days: Some(2), ..view.clone() }, Grant { interval_days: Some(9), ..view }];
        let data = draft.unsigned_template(at("2024-03-01T09:00"), "", Some(&grants), Guid::from_random([2; 16]));
        let days: Vec<_> = data.unwrap().rights.iter().map(|entry| entry.interval_days).collect();
        assert_eq!(days, [Some(2), Some(7)]);
    }

    #[test]
    fn refuses_what_it_could_not_hold() {
        let mut secret = draft();
        secret.set_app_data(vec![AppDatum { name: "a".into(), value: "b".into() }]).unwrap();
        assert!(matches!(document(&secret).unwrap_err().kind(), ErrorKind::InvalidArgument { .. }));
        let mut empty = draft();
        empty.user_rights = None;
        assert!(matches!(document(&empty).unwrap_err().kind(), ErrorKind::UserRightsNotSet));
    }
}
