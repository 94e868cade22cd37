//! Rights policy templates: which an account may publish with, and their signed form.

use std::collections::HashMap;

use parking_lot::Mutex;

use super::LicensingAuthority;
use crate::base::guid::Guid;
use crate::error::{Error, ErrorKind, Result};
use crate::policy::{Identity, RightsPolicyTemplate};
use crate::xrml;

/// Most signed templates kept; a template that is not there is signed again.
const KEPT: usize = 256;

/// The signed texts of templates, so that publishing does not sign the same policy each time.
#[derive(Debug, Default)]
pub(super) struct SignedTemplates(Mutex<HashMap<Guid, (RightsPolicyTemplate, String)>>);

impl LicensingAuthority {
    /// The enabled templates.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn templates(&self, _identity: &Identity) -> Result<Vec<RightsPolicyTemplate>> {
        Ok(self.store.templates()?.into_iter().filter(|template| template.enabled).collect())
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
}
