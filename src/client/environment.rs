//! The settings of one process and the licensors it knows; the operations of the API, without C.

use std::sync::Arc;

use super::cache::{Cache, is_behind};
use super::identity::Credential;
use super::key::{Key, Means};
use super::licensor::{Licensor, PublishRequest};
use super::prompt::{Account, Prompt};
use super::read_license::{ReadLicense, ReadLicenses};
use super::use_license::UseLicense;
use crate::authority::Administration;
use crate::base::guid::Guid;
use crate::base::locale::{Lcid, LocaleOrder};
use crate::base::striped::Striped;
use crate::base::time::{Clock, Timestamp};
use crate::base::trace::{self, Level};
use crate::cipher::PackageId;
use crate::crypto::random::{Random, array};
use crate::error::{Error, ErrorKind, Fact, Result};
use crate::license::{AppDatum, ConnectionInfo, LicenseDraft};
use crate::policy::user::same_address;
use crate::policy::{Descriptor, Identity, RightsPolicyTemplate, User};
use crate::store::{AsOf, Store};
use crate::xrml::publishing::SignedPublishingLicense;
use crate::xrml::unsigned;

/// A template as a list shows it, in one language.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TemplateInfo {
    /// Identity.
    pub id: String,
    /// Name and description.
    pub text: Descriptor,
    /// Name of the organization that issued it.
    pub issuer: String,
}

/// An authority as a list shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TemplateIssuer {
    /// Where it is.
    pub connection: ConnectionInfo,
    /// Name of the organization.
    pub display_name: String,
    /// Licenses may be made without a template.
    pub allows_from_scratch: bool,
}

/// What a license handle holds: a draft, and the key whose content key it is to use again.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The license in the making.
    pub license: LicenseDraft,
    content_key: Option<Arc<Key>>,
}

impl Draft {
    /// The key that is used again, if one was set.
    #[must_use]
    pub fn content_key(&self) -> Option<&Arc<Key>> {
        self.content_key.as_ref()
    }

    /// Sets the key to use again.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] together with the deprecated algorithms.
    pub fn set_content_key(&mut self, key: Arc<Key>) -> Result<()> {
        if self.license.deprecated {
            return Err(Error::argument(
                "IPC_LI_CONTENT_KEY",
                "a content key is not used again with the deprecated algorithms",
            ));
        }
        self.content_key = Some(key);
        Ok(())
    }

    /// Chooses or drops the deprecated algorithms (decision 22).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] together with another package or a content key.
    pub fn set_deprecated(&mut self, deprecated: bool) -> Result<()> {
        if deprecated {
            if self.content_key.is_some() {
                return Err(Error::argument(
                    "IPC_LI_DEPRECATED_ENCRYPTION_ALGORITHMS",
                    "the license uses a content key again, which fixes its algorithms",
                ));
            }
            if self.license.package.is_some_and(|package| package != PackageId::Aes128Ecb) {
                return Err(Error::argument(
                    "IPC_LI_DEPRECATED_ENCRYPTION_ALGORITHMS",
                    "the license has another preferred encryption package",
                ));
            }
        }
        self.license.deprecated = deprecated;
        Ok(())
    }

    /// Makes the draft one for a whole file: with a package that its container holds, `usual` for pfiles unless the
    /// license asks for another, and with the mark of files that only applications which honor rights are meant to open.
    /// The deprecated algorithms are not asked for there.
    ///
    /// # Errors
    /// None of its own: what was set before fits.
    pub fn for_file(&mut self, container: FileContainer, usual: PackageId) -> Result<()> {
        self.set_deprecated(false)?;
        if self.content_key.is_none() {
            let chosen = self.license.package;
            self.license.package = Some(match container {
                FileContainer::Office => match chosen {
                    Some(package) if package != PackageId::Aes256Gcm4k => package,
                    _ => PackageId::Aes256Cbc4k,
                },
                FileContainer::Pfile | FileContainer::NativePfile => chosen.unwrap_or(usual),
            });
        }
        self.license.unpadded = container == FileContainer::Office;
        let data = &mut self.license.app_data_clear;
        data.retain(|datum| !datum.name.eq_ignore_ascii_case(RMS_AWARE_DATUM));
        if container != FileContainer::Pfile {
            data.push(AppDatum { name: RMS_AWARE_DATUM.to_owned(), value: "true".to_owned() });
        }
        Ok(())
    }

    /// Chooses the package.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for another one than AES-128 ECB together with the deprecated algorithms.
    pub fn set_package(&mut self, package: Option<PackageId>) -> Result<()> {
        if self.license.deprecated && package.is_some_and(|package| package != PackageId::Aes128Ecb) {
            return Err(Error::argument(
                "IPC_LI_PREFERRED_ENCRYPTION_PACKAGE",
                "the license has the deprecated algorithms, which are AES-128 ECB",
            ));
        }
        self.license.package = package;
        Ok(())
    }
}

/// Marks licenses of files that only applications which honor rights are meant to open.
pub(super) const RMS_AWARE_DATUM: &str = "Microsoft.MSIPC.RequireRmsAwareApplication";

/// What a license for a whole file is stored in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileContainer {
    /// A pfile whose content any application may open a decrypted copy of.
    Pfile,
    /// A pfile for applications that honor rights.
    NativePfile,
    /// An Office document.
    Office,
}

/// One process's view. Share it by reference; every method may be called from any thread.
#[derive(Debug)]
pub struct Environment {
    licensors: Vec<Arc<dyn Licensor>>,
    locales: LocaleOrder,
    /// Every key holds one; the keys of a stripe are counted apart from the others.
    means: Striped<Arc<Means>>,
    read: ReadLicenses,
    cache: Cache,
}

impl Environment {
    /// An environment that knows some licensors, the default one first. Use licenses are kept in memory only.
    #[must_use]
    pub fn new(
        licensors: Vec<Arc<dyn Licensor>>,
        locales: LocaleOrder,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        let cache = Cache::new(None, Arc::clone(&random));
        let means = Striped::new(|| Arc::new(Means { clock: Arc::clone(&clock), random: Arc::clone(&random) }));
        Self { licensors, locales, means, read: ReadLicenses::default(), cache }
    }

    /// The same environment, which keeps use licenses in a store too and notices by it when the clock was set back.
    #[must_use]
    pub fn keeping_in(self, store: Arc<dyn Store>) -> Self {
        let cache = Cache::new(Some(store), Arc::clone(&self.means.own().random));
        Self { cache, ..self }
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.means.own().clock.now()
    }

    /// Name of the organization whose authority is to sign a draft.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when the authority is not known any more.
    pub fn issuer_name(&self, draft: &Draft) -> Result<String> {
        Ok(self.licensor(&draft.license.connection)?.display_name().to_owned())
    }

    /// The licensor at an address; the default one when the address is empty.
    fn licensor(&self, connection: &ConnectionInfo) -> Result<&Arc<dyn Licensor>> {
        let asked: Vec<&str> = [&connection.intranet_url, &connection.extranet_url]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .filter(|url| !url.is_empty())
            .collect();
        let found = match asked.is_empty() {
            true => self.licensors.first(),
            false => self.licensors.iter().find(|licensor| {
                let own = licensor.connection();
                [&own.intranet_url, &own.extranet_url]
                    .into_iter()
                    .flatten()
                    .any(|own| asked.iter().all(|url| same_url(url, own)))
            }),
        };
        found.ok_or_else(|| {
            Error::with(
                ErrorKind::NotFound { what: "licensing authority" },
                format!("no licensing authority is known at {}", asked.first().unwrap_or(&"")),
            )
        })
    }

    /// The authority that a connection without addresses leads to.
    pub(super) fn default_licensor(&self) -> Result<&Arc<dyn Licensor>> {
        self.licensor(&ConnectionInfo::default())
    }

    /// The authority that a license names.
    pub(super) fn licensor_named_by(&self, license: &SignedPublishingLicense) -> Result<&Arc<dyn Licensor>> {
        self.licensors.iter().find(|licensor| licensor.is_named_by(license)).ok_or_else(|| {
            let server = &license.license().server;
            let named = server.url().or(server.name.as_deref()).unwrap_or("without a name");
            Error::with(
                ErrorKind::UnknownAuthority,
                format!("the license was issued for the authority {named}, which is not known here"),
            )
        })
    }

    /// The authorities that templates come from.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when a connection is given that leads to none.
    pub fn template_issuers(
        &self,
        connection: &ConnectionInfo,
        default_only: bool,
        prompt: &Prompt,
    ) -> Result<Vec<TemplateIssuer>> {
        prompt.check_cancelled()?;
        let first = self.licensor(connection)?;
        let others = self.licensors.iter().filter(|other| !default_only && !Arc::ptr_eq(other, first));
        Ok(std::iter::once(first)
            .chain(others)
            .map(|licensor| TemplateIssuer {
                connection: licensor.connection().clone(),
                display_name: licensor.display_name().to_owned(),
                allows_from_scratch: true,
            })
            .collect())
    }

    /// The templates that the account may publish with, sorted by issuer and name.
    ///
    /// A language other than the neutral ones leaves out templates without a text for it.
    ///
    /// # Errors
    /// [`ErrorKind::LocaleNotFound`] when no template has a text in the language asked for, [`ErrorKind::NotFound`]
    /// when a connection is given that leads to no authority.
    pub fn templates(&self, connection: &ConnectionInfo, lcid: Lcid, prompt: &Prompt) -> Result<Vec<TemplateInfo>> {
        prompt.check_cancelled()?;
        let licensor = self.licensor(connection)?;
        let templates = licensor.templates(&prompt.account)?;
        let mut infos: Vec<TemplateInfo> = templates
            .iter()
            .filter_map(|template| {
                let text = self.text_of(template, lcid)?;
                Some(TemplateInfo {
                    id: template.id.to_string(),
                    text: text.clone(),
                    issuer: licensor.display_name().to_owned(),
                })
            })
            .collect();
        if infos.is_empty() && !templates.is_empty() {
            return Err(Error::with(
                ErrorKind::LocaleNotFound,
                format!("no template has a text for the locale {}", lcid.0),
            ));
        }
        infos.sort_by(|a, b| (&a.issuer, &a.text.name, &a.id).cmp(&(&b.issuer, &b.text.name, &b.id)));
        Ok(infos)
    }

    fn text_of<'a>(&self, template: &'a RightsPolicyTemplate, lcid: Lcid) -> Option<&'a Descriptor> {
        let languages = Descriptor::languages(&template.descriptors);
        let speaks = lcid.is_neutral() || languages.iter().any(|known| known.primary() == lcid.primary());
        let at = speaks.then(|| self.locales.choose(lcid, &languages)).flatten()?;
        template.descriptors.get(at)
    }

    /// The account that a credential proves to the default authority.
    ///
    /// # Errors
    /// [`ErrorKind::NotAuthenticated`] when the credential is refused.
    pub fn authenticate(&self, credential: &Credential) -> Result<Account> {
        self.licensor(&ConnectionInfo::default())?.authenticate(credential)
    }

    /// The administration of the default authority.
    ///
    /// # Errors
    /// [`ErrorKind::AccessDenied`] when the account is no administrator, [`ErrorKind::Cancelled`].
    pub fn administration(&self, prompt: &Prompt) -> Result<Administration<'_>> {
        prompt.check_cancelled()?;
        self.licensor(&ConnectionInfo::default())?.administration(&prompt.account)
    }

    /// What the directory of the default authority knows of the asking account.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn identity(&self, prompt: &Prompt) -> Result<Identity> {
        prompt.check_cancelled()?;
        self.licensor(&ConnectionInfo::default())?.identity(&prompt.account)
    }

    /// The text of a template to show in a language, whatever languages it has.
    #[must_use]
    pub fn shown_text<'a>(&self, template: &'a RightsPolicyTemplate, lcid: Lcid) -> Option<&'a Descriptor> {
        let languages = Descriptor::languages(&template.descriptors);
        self.locales.choose(lcid, &languages).and_then(|at| template.descriptors.get(at))
    }

    /// An empty license of an authority.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when the connection leads to no authority.
    pub fn draft_from_scratch(&self, connection: &ConnectionInfo) -> Result<Draft> {
        let connection = self.licensor(connection)?.connection().clone();
        Ok(Draft { license: LicenseDraft::from_scratch(connection, self.new_guid()?), content_key: None })
    }

    /// A license with the policy of a template.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when no authority has an enabled template of that id.
    pub fn draft_from_template(&self, id: &str) -> Result<Draft> {
        let unknown =
            || Error::with(ErrorKind::NotFound { what: "template" }, format!("there is no enabled template {id}"));
        let guid = Guid::parse(id).ok_or_else(unknown)?;
        for licensor in &self.licensors {
            match licensor.template(guid) {
                Ok(template) => {
                    let connection = licensor.connection().clone();
                    let license = LicenseDraft::from_template(connection, &template, self.new_guid()?);
                    return Ok(Draft { license, content_key: None });
                }
                Err(error) if matches!(error.kind(), ErrorKind::NotFound { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Err(unknown())
    }

    /// A fresh content id, for a draft whose own was deleted.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn new_guid(&self) -> Result<Guid> {
        Ok(Guid::from_random(array(&*self.means.own().random)?))
    }

    /// The account that will own a draft without an owner.
    ///
    /// # Errors
    /// When the authority cannot tell.
    pub fn default_owner(&self, draft: &Draft, account: &Account) -> Result<User> {
        Ok(User::Email(self.licensor(&draft.license.connection)?.address_of(account)?))
    }

    /// Signs a draft. Returns the key that content is encrypted under; it holds the serialized license. The publisher's
    /// use license is kept as the prompt allows.
    ///
    /// # Errors
    /// See [`Licensor::publish`]; [`ErrorKind::InvalidArgument`] when a content key is used again and another package
    /// was asked for; [`ErrorKind::NeedsOnline`] when the application asked for offline and the authority would have to
    /// decide about a content key.
    pub fn publish(&self, draft: &Draft, prompt: &Prompt) -> Result<Key> {
        prompt.check_cancelled()?;
        let licensor = self.licensor(&draft.license.connection)?;
        if let Some(key) = &draft.content_key {
            key.demand_key_reuse()?;
            if prompt.offline {
                let why = "the authority decides anew about a content key that is used again";
                return Err(Error::with(ErrorKind::NeedsOnline, why).rule("key-reuse"));
            }
            if draft.license.package.is_some_and(|package| Some(package) != key.package()) {
                return Err(Error::argument(
                    "IPC_LI_PREFERRED_ENCRYPTION_PACKAGE",
                    "the content key that is used again belongs to another package",
                ));
            }
        }
        let request =
            PublishRequest { draft: &draft.license, reuse: draft.content_key.as_ref().map(|key| key.license()) };
        let mut published = licensor.publish(&request, &prompt.account)?;
        let serialized = std::mem::take(&mut published.license);
        let read = self.read.read_new(serialized)?;
        let use_license = Arc::new(UseLicense::published(published, &read)?);
        self.keep(&**licensor, &read, &use_license, prompt);
        Ok(self.key(read, use_license))
    }

    /// The policy of a draft as an unsigned document for programs of the older client, which sign it themselves. No
    /// content is protected, so there is no key, and the authority is told nothing.
    ///
    /// # Errors
    /// [`ErrorKind::UserRightsNotSet`]; [`ErrorKind::InvalidArgument`] for a draft with a content key or encrypted
    /// application data; [`ErrorKind::TemplateNotEnabledForUser`]; [`ErrorKind::LicenseTooLong`].
    pub fn unsigned_template(&self, draft: &Draft, prompt: &Prompt) -> Result<Vec<u8>> {
        prompt.check_cancelled()?;
        if draft.content_key.is_some() {
            return Err(Error::argument("IPC_LI_CONTENT_KEY", "an unsigned template holds no key"));
        }
        let licensor = self.licensor(&draft.license.connection)?;
        let template = match draft.license.template {
            Some(id) => {
                let offered = licensor.templates(&prompt.account)?.into_iter().find(|offered| offered.id == id);
                let why = || format!("the template {id} is not offered to this account");
                Some(offered.ok_or_else(|| Error::with(ErrorKind::TemplateNotEnabledForUser, why()))?)
            }
            None => None,
        };
        let grants = template.as_ref().map(|template| template.grants.as_slice());
        let url = licensor.connection().extranet_url.clone().unwrap_or_default();
        let data = draft.license.unsigned_template(self.now(), &url, grants, self.new_guid()?)?;
        unsigned::write(&data, draft.license.deprecated)
    }

    /// Opens the key of a license for the account: with the use license that was kept, for as long as it serves, else
    /// with one that the authority issues now and that is kept as the prompt allows.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`], [`ErrorKind::BadSignature`], [`ErrorKind::BadChain`] or
    /// [`ErrorKind::UnknownAuthority`] when the license is not good, [`ErrorKind::NeedsOnline`] when the application
    /// asked for offline and no use license serves, [`ErrorKind::ClockRollback`] when one would but the clock was set
    /// back, and the refusals of the authority.
    pub fn open_key(&self, serialized: &[u8], prompt: &Prompt) -> Result<Key> {
        prompt.check_cancelled()?;
        let read = self.read.read(serialized)?;
        let licensor = self.licensor_named_by(&read.license)?;
        let content_id = || trace::text("content_id", read.license.license().content_id.clone());
        let opened = |from: &'static str| {
            trace::tell(Level::Debug, "key.opened", || vec![content_id(), trace::text("from", from)]);
        };
        if let Some(kept) = self.kept(&**licensor, &read, prompt)? {
            opened("cache");
            return Ok(self.key(read, kept));
        }
        trace::tell(Level::Debug, "cache.missed", || vec![content_id()]);
        let acquired = licensor.acquire(&read.license, &prompt.account)?;
        let use_license = Arc::new(UseLicense::acquired(acquired, &read)?);
        self.keep(&**licensor, &read, &use_license, prompt);
        opened("authority");
        Ok(self.key(read, use_license))
    }

    /// The use license that answers in the authority's place, if there is one.
    ///
    /// # Errors
    /// When the application asked for offline and there is none.
    fn kept(&self, licensor: &dyn Licensor, read: &ReadLicense, prompt: &Prompt) -> Result<Option<Arc<UseLicense>>> {
        let now = self.now();
        let online = !prompt.offline;
        let as_of = AsOf::default();
        let clock_is_behind = self.cache.is_clock_behind(now, &as_of)?;
        let account = licensor.subject(&prompt.account, &as_of)?;
        let serves = |kept: &Arc<UseLicense>| kept.serves(now, online);
        let found = match self.cache.find(&account, read)?.filter(serves) {
            Some(found) => Some(found),
            None => self.cache.find_again(&account, read)?.filter(serves),
        };
        let Some(found) = found else {
            return match online {
                true => Ok(None),
                false => Err(Error::with(
                    ErrorKind::NeedsOnline,
                    "there is no use license for this account and content at hand that still serves",
                )
                .rule("no-use-license")
                .fact("account", Fact::Account(account))),
            };
        };
        if clock_is_behind || is_behind(now, found.granted.decided) {
            return match online {
                true => Ok(None),
                false => Err(Error::with(
                    ErrorKind::ClockRollback,
                    "use licenses at hand do not serve until the clock is right again; the authority may be asked",
                )
                .rule("clock")),
            };
        }
        if licensor.is_revoked(&read.license, &prompt.account, prompt.offline, &as_of)? {
            // Asked online, the authority says who is exempt.
            return if online { Ok(None) } else { Err(Error::new(ErrorKind::Revoked).rule("revocation-list")) };
        }
        Ok(Some(found))
    }

    /// Keeps a use license as the application allows.
    fn keep(&self, licensor: &dyn Licensor, read: &ReadLicense, use_license: &Arc<UseLicense>, prompt: &Prompt) {
        let account = licensor.subject(&prompt.account, &AsOf::default());
        // What the authority granted is granted, even if it cannot be kept; the next use asks again.
        let _kept = account.and_then(|account| self.cache.keep(&account, read, use_license, prompt.keep));
    }

    /// Names of licenses known, and licenses held without a key.
    #[cfg(test)]
    #[cfg(feature = "embedded")]
    pub(super) fn licenses_known(&self) -> (usize, usize) {
        self.read.counts()
    }

    fn key(&self, read: Arc<ReadLicense>, use_license: Arc<UseLicense>) -> Key {
        Key::new(read, use_license, Arc::clone(self.means.own()))
    }

    /// Accepts the present moment as right, after the clock had been wrong.
    ///
    /// # Errors
    /// [`ErrorKind::AccessDenied`] for accounts that do not administer the authority; [`ErrorKind::NotFound`] without
    /// an authority.
    pub fn reset_clock_mark(&self, account: &Account) -> Result<()> {
        self.licensor(&ConnectionInfo::default())?.reset_clock_mark(account)
    }
}

/// Compares two addresses of an authority: without letter case and without a slash at the end.
fn same_url(a: &str, b: &str) -> bool {
    same_address(a.trim_end_matches('/'), b.trim_end_matches('/'))
}
