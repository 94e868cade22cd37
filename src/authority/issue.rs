//! Publishing: a draft in, a signed license out.

use super::audit::Operation;
use super::{ISSUER_DATUM, LicensingAuthority};
use crate::base::guid::Guid;
use crate::base::time::Validity;
use crate::base::trace::{self, Level};
use crate::cipher::{CipherMode, ContentKey};
use crate::crypto::ed25519::SigningKey;
use crate::crypto::random::array;
use crate::error::{Error, ErrorKind, Fact, Result};
use crate::license::{AppDatum, LicenseDraft, OwnerId, PolicyDescriptor, Referral, is_reserved};
use crate::policy::right::EDITRIGHTSDATA;
use crate::policy::user::check_address;
use crate::policy::{GrantedRights, Identity, Rule, User};
use crate::xrml::publishing::{self, NewPublishingLicense, NewRights, SignedPublishingLicense};

/// A license that the authority signed, and what its publisher gets with it.
pub struct Signed {
    /// The serialized license.
    pub license: Vec<u8>,
    /// The key that content is to be encrypted under.
    pub content_key: ContentKey,
    /// Signs the content, where it is authenticated.
    pub write_key: Option<SigningKey>,
    /// What the publisher may do.
    pub granted: GrantedRights,
}

impl std::fmt::Debug for Signed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signed").field("granted", &self.granted).finish_non_exhaustive()
    }
}

impl LicensingAuthority {
    /// Signs a license for the account that protects the content. Issuer, issue time and server are fixed here; what
    /// the client says of them does not count. With `reuse`, the content key comes from that license, which the
    /// authority opens itself; so does the write key, for those who may write under it.
    ///
    /// # Errors
    /// [`ErrorKind::UserRightsNotSet`] for a draft without users, [`ErrorKind::InvalidArgument`] for one that
    /// contradicts itself, [`ErrorKind::RightNotGranted`] when a key is used again without EDITRIGHTSDATA,
    /// [`ErrorKind::NotFound`] when its template is gone, [`ErrorKind::TemplateNotEnabledForUser`] when it is offered to
    /// others only, [`ErrorKind::LicenseTooLong`]; when the usage log cannot be written.
    pub fn publish(
        &self,
        draft: &LicenseDraft,
        reuse: Option<&SignedPublishingLicense>,
        identity: &Identity,
    ) -> Result<Signed> {
        let mut event = self.event_about_draft(Operation::CreatePublishingLicense, identity, draft);
        if let Some(license) = reuse {
            event.action = format!("with the content key of {}", license.license().content_id);
        }
        let signed = self.sign(draft, reuse, identity);
        if let Ok(signed) = &signed {
            trace::tell(Level::Info, "license.issued", || {
                vec![
                    trace::account(&identity.email),
                    trace::text("content_id", draft.content_id.clone()),
                    trace::text("template", draft.template.map_or_else(|| "none".to_owned(), |id| id.to_string())),
                    trace::text("package", format!("{:?}", signed.content_key.mode())),
                    trace::text("key", if reuse.is_some() { "reused" } else { "new" }),
                    trace::number("bytes", signed.license.len() as u64),
                ]
            });
        }
        self.recorded(event, signed)
    }

    fn sign(
        &self,
        draft: &LicenseDraft,
        reuse: Option<&SignedPublishingLicense>,
        identity: &Identity,
    ) -> Result<Signed> {
        let issued = self.now().minute();
        let (content_key, kept_key, kept_data) = match reuse {
            Some(license) => self.reused_key(draft, license, identity)?,
            None => {
                let key = ContentKey::generate(draft.package(), &*self.random)?;
                (if draft.unpadded { key.without_padding() } else { key }, None, Vec::new())
            }
        };
        // Only authenticated content has something to sign; who may write the same content goes on with the same pair.
        let (write_key, write_key_data) = match (content_key.mode(), kept_key) {
            (CipherMode::Gcm4k, Some(key)) => (Some(key), kept_data),
            (CipherMode::Gcm4k, None) => {
                let (key, data) = self.new_write_key()?;
                (Some(key), data)
            }
            _ => (None, Vec::new()),
        };
        let owner = match &draft.owner {
            Some(User::Email(address)) => {
                check_address(address)?;
                address.clone()
            }
            Some(_) => return Err(Error::argument("IPC_LI_OWNER", "the owner must be an account by mail address")),
            None => identity.email.clone(),
        };
        let (rights, offline_days) = match draft.template {
            Some(id) => {
                let template = self.template(id)?;
                if !template.is_offered_to(identity) {
                    let why = format!("the template {id} is not offered to {}", identity.email);
                    return Err(Error::with(ErrorKind::TemplateNotEnabledForUser, why)
                        .rule("template-scope")
                        .fact("account", Fact::Account(identity.email.clone()))
                        .fact("template", Fact::Text(id.to_string())));
                }
                let text = self.signed_template(&template)?;
                (NewRights::Template { text, app_data: draft.app_data.clone() }, template.offline_days)
            }
            None => (
                NewRights::AdHoc {
                    descriptor: self.ad_hoc_descriptor(draft)?,
                    users: draft.user_rights.clone().ok_or_else(|| Error::new(ErrorKind::UserRightsNotSet))?,
                    auto_grant: draft.grants_owner_full_access(),
                    interval_days: draft.interval_days,
                    app_data: draft.app_data.clone(),
                },
                draft.interval_days,
            ),
        };
        let offline_days_max = self.store.settings()?.offline_days_max;
        // The authority's own facts stand among application data; whatever made the draft must not forge them.
        if let Some(datum) = draft.app_data.iter().chain(&draft.app_data_clear).find(|datum| is_reserved(&datum.name)) {
            return Err(Error::argument("application data", format!("the name {} is reserved", datum.name)));
        }
        let mut app_data = draft.app_data_clear.clone();
        app_data.push(AppDatum { name: ISSUER_DATUM.to_owned(), value: identity.email.clone() });
        app_data.extend(write_key_data);

        let url = self.keys.licensing_url();
        let new = NewPublishingLicense {
            issued,
            // A template decides about the term itself, with what it says at the time of use.
            validity: if draft.template.is_some() { Validity::ALWAYS } else { draft.validity(issued)? },
            server: self.keys.server_principal(),
            intranet_url: url.clone(),
            extranet_url: url,
            referral: draft.referral.clone().map(|url| Referral { name: None, url }),
            content_id: draft.written_content_id(),
            owner: OwnerId { id_type: "Unspecified".to_owned(), id: None, name: Some(owner) },
            app_data,
            metadata: Vec::new(),
            revocation: None,
            rights,
            utf16: draft.deprecated,
        };
        let license = publishing::write(&new, &content_key, &self.keys.signing, &*self.random)?;
        let granted = GrantedRights::full_control(Rule::Issuer, self.now());
        let granted = granted.fresh_for(offline_days.unwrap_or(offline_days_max).min(offline_days_max));
        Ok(Signed { license, content_key, write_key, granted })
    }

    fn ad_hoc_descriptor(&self, draft: &LicenseDraft) -> Result<Option<PolicyDescriptor>> {
        if draft.descriptors.is_empty() {
            return Ok(None);
        }
        let id = Guid::from_random(array(&*self.random)?).to_string();
        Ok(Some(PolicyDescriptor { id, version: None, texts: draft.descriptors.clone() }))
    }

    /// The content key of another license, and its write key with its data for those who may write under it.
    fn reused_key(
        &self,
        draft: &LicenseDraft,
        license: &SignedPublishingLicense,
        identity: &Identity,
    ) -> Result<(ContentKey, Option<SigningKey>, Vec<AppDatum>)> {
        if draft.deprecated {
            return Err(Error::argument(
                "IPC_LI_CONTENT_KEY",
                "a content key is not used again with the deprecated algorithms",
            ));
        }
        let decided = self.open(license)?.decide(identity, self.now())?;
        if !decided.granted().ever_granted(EDITRIGHTSDATA) {
            return Err(Error::with(
                ErrorKind::RightNotGranted { right: EDITRIGHTSDATA.to_owned() },
                "the content key of a license is used again only by those who may change its rights",
            )
            .rule("key-reuse")
            .fact("account", Fact::Account(identity.email.clone())));
        }
        let write_key = self.same_write_key(decided.granted(), license)?;
        let (write_key, data) = write_key.map_or((None, Vec::new()), |(key, data)| (Some(key), data));
        Ok((decided.release().0, write_key, data))
    }
}
