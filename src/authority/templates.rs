//! Rights policy templates: which an account may publish with, and their signed form.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::LicensingAuthority;
use crate::base::guid::Guid;
use crate::error::{Error, ErrorKind, Result};
use crate::license::PublishingLicense;
use crate::policy::evaluate::Revoked;
use crate::policy::template::Retirement;
use crate::policy::{Identity, RightsPolicyTemplate};
use crate::store::Remembered;
use crate::xrml;
use crate::xrml::publishing::SignedPublishingLicense;

/// Most signed templates kept; a template that is not there is signed again.
const KEPT: usize = 256;

/// The signed texts of templates, so that publishing does not sign the same policy each time.
#[derive(Debug, Default)]
pub(super) struct SignedTemplates(Mutex<HashMap<Guid, (RightsPolicyTemplate, String)>>);

/// Most accounts whose offer is remembered.
const OFFERS_KEPT: usize = 256;

/// Templates that are read only.
type Shared = Arc<[Arc<RightsPolicyTemplate>]>;

/// The templates in use and what of them is offered to whom, until the store changes: an organization has many more than it
/// offers to one account.
#[derive(Debug)]
pub(super) struct Offers {
    in_use: Remembered<(), Shared>,
    offered: Remembered<Identity, Shared>,
}

impl Default for Offers {
    fn default() -> Self {
        Self { in_use: Remembered::at_most(1), offered: Remembered::at_most(OFFERS_KEPT) }
    }
}

impl LicensingAuthority {
    /// The enabled templates that are offered to the account.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn templates(&self, identity: &Identity) -> Result<Vec<Arc<RightsPolicyTemplate>>> {
        let Offers { in_use, offered } = &self.offers;
        let offered = offered.get(&*self.store, identity.clone(), |identity| {
            let all = in_use.get(&*self.store, (), |()| {
                Ok(self.store.templates()?.into_iter().map(Arc::new).collect::<Shared>())
            })?;
            Ok(all.iter().filter(|template| template.is_offered_to(identity)).map(Arc::clone).collect::<Shared>())
        })?;
        Ok(offered.to_vec())
    }

    /// An enabled template.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`].
    pub fn template(&self, id: Guid) -> Result<RightsPolicyTemplate> {
        let known = self.store.template(id)?.filter(|template| template.enabled);
        known.ok_or_else(|| {
            Error::with(ErrorKind::NotFound { what: "template" }, format!("there is no enabled template {id}"))
        })
    }

    /// The signed official template, as it is embedded in licenses.
    ///
    /// # Errors
    /// When signing fails.
    pub fn signed_template(&self, template: &RightsPolicyTemplate) -> Result<String> {
        if let Some((signed, text)) = self.signed_templates.0.lock().get(&template.id)
            && signed == template
        {
            return Ok(text.clone());
        }
        let url = self.keys.licensing_url();
        let text = xrml::template::write(
            template,
            &self.keys.server_principal(),
            &url,
            &self.keys.signing,
            template.modified,
        )?;
        let mut kept = self.signed_templates.0.lock();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(template.id, (template.clone(), text.clone()));
        Ok(text)
    }

    /// The template that decides about what was made from it, and what became of it if it was deleted (decision 12). None
    /// where the authority never knew the template.
    pub(super) fn known_template(&self, id: Guid) -> Result<(Option<RightsPolicyTemplate>, Option<Retirement>)> {
        if let Some(template) = self.store.template(id)? {
            return Ok((Some(template), None));
        }
        Ok(self.store.retired_template(id)?.map_or((None, None), |(template, how)| (Some(template), Some(how))))
    }

    /// Tells whether the template of a license was deleted so as to revoke what it protected. Needs no key: the policy of
    /// a license without template has a random id, which names none.
    pub(super) fn template_revocation(&self, license: &SignedPublishingLicense) -> Result<Option<Revoked>> {
        let Some(id) = template_id(license.license()) else { return Ok(None) };
        let retired = self.store.retired_template(id)?;
        Ok(retired.filter(|(_, how)| *how == Retirement::Revoked).map(|_| Revoked::ByAdministrator))
    }
}

fn template_id(facts: &PublishingLicense) -> Option<Guid> {
    facts.descriptor.as_ref().and_then(|descriptor| Guid::parse(descriptor.id.trim()))
}
