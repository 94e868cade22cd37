//! The properties of licenses between C types and the core: one arm for each in every table, so that the compiler lists
//! the places when one is added.

use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};

use super::args;
use super::base::*;
use super::handles::{self, Handled, Kind};
use super::memory::{self, Block};
use super::{read, state, wide, write};
use crate::base::locale::Lcid;
use crate::cipher::PackageId;
use crate::client::serialized::default_referral;
use crate::client::{Draft, Key, SerializedLicense};
use crate::error::{Error, ErrorKind, Result};
use crate::license::property::LicenseProperty as P;
use crate::license::{AppDatum, DraftTerm, Term};
use crate::policy::{Descriptor, User, UserRightsList};

/// What an `IPC_LICENSE_HANDLE` stands for. Calls on one take turns; none holds the lock while it works.
pub(super) struct License(Mutex<Draft>);

impl License {
    pub(super) fn new(draft: Draft) -> Self {
        Self(Mutex::new(draft))
    }

    /// The draft, for as long as it takes to copy or change it.
    pub(super) fn draft(&self) -> MutexGuard<'_, Draft> {
        self.0.lock()
    }
}

impl Handled for License {
    const KIND: Kind = Kind::License;
}

impl Handled for Key {
    const KIND: Kind = Kind::Key;
}

/// A property's value on its way out: a block, or for one property a handle.
pub(super) enum Answer {
    /// Freed with `IpcFreeMemory`.
    Block(Block),
    /// Closed with `IpcCloseHandle`.
    Handle(HANDLE),
}

impl Answer {
    pub(super) fn hand_out(self) -> LPVOID {
        match self {
            Self::Block(block) => block.hand_out(),
            Self::Handle(handle) => handle,
        }
    }
}

impl From<Block> for Answer {
    fn from(block: Block) -> Self {
        Self::Block(block)
    }
}

/// A new value of a property, read from the caller before the license is locked.
pub(super) enum Change {
    Validity(Term),
    Interval(u32),
    Owner(User),
    UserRights(UserRightsList),
    AppData(Vec<AppDatum>),
    AppDataClear(Vec<AppDatum>),
    Deprecated(bool),
    Descriptor(Descriptor),
    Referral(String),
    ContentKey(Arc<Key>),
    ContentId(String),
    AutoGrantOwner(bool),
    Package(PackageId),
}

impl Change {
    /// Reads the value of a property.
    ///
    /// # Errors
    /// `InvalidArgument` for a property that cannot be set and for a value that it does not take; `InvalidHandle`.
    ///
    /// # Safety
    /// `value` is not null and what the property asks for, with everything it points to.
    pub(super) unsafe fn read(property: P, value: LPCVOID) -> Result<Self> {
        Ok(match property {
            // SAFETY: by this function's contract.
            P::ValidityTime => Self::Validity(unsafe { read::term(value.cast())? }),
            // SAFETY: by this function's contract.
            P::IntervalTime => Self::Interval(unsafe { args::structure(value.cast(), "pvProperty")? }),
            P::Owner => {
                // SAFETY: by this function's contract.
                let owner = unsafe { args::structure(value.cast(), "pvProperty")? };
                // SAFETY: by this function's contract.
                Self::Owner(unsafe { read::user(owner)? })
            }
            // SAFETY: by this function's contract.
            P::UserRightsList => Self::UserRights(unsafe { read::user_rights(value.cast())? }),
            // SAFETY: by this function's contract.
            P::AppSpecificData => Self::AppData(unsafe { read::name_values(value.cast(), "pvProperty")? }),
            P::AppSpecificDataNoEncryption => {
                // SAFETY: by this function's contract.
                Self::AppDataClear(unsafe { read::name_values(value.cast(), "pvProperty")? })
            }
            // SAFETY: by this function's contract.
            P::DeprecatedEncryptionAlgorithms => Self::Deprecated(unsafe { read::truth(value.cast(), "pvProperty")? }),
            // SAFETY: by this function's contract.
            P::Descriptor => Self::Descriptor(unsafe { read::descriptor(value.cast())? }),
            // SAFETY: by this function's contract.
            P::ReferralInfoUrl => Self::Referral(unsafe { wide::read(value.cast(), "pvProperty")? }),
            P::ContentKey => Self::ContentKey(handles::get::<Key>(value.cast_mut())?),
            // SAFETY: by this function's contract.
            P::ContentId => Self::ContentId(unsafe { wide::read(value.cast(), "pvProperty")? }),
            // SAFETY: by this function's contract.
            P::AutoGrantOwnerFullAccess => Self::AutoGrantOwner(unsafe { read::truth(value.cast(), "pvProperty")? }),
            P::PreferredEncryptionPackage => {
                // SAFETY: by this function's contract.
                let number: DWORD = unsafe { args::structure(value.cast(), "pvProperty")? };
                let package = PackageId::try_from(number);
                Self::Package(package.map_err(|_| {
                    Error::argument("IPC_LI_PREFERRED_ENCRYPTION_PACKAGE", format!("{number} is no encryption package"))
                })?)
            }
            P::ConnectionInfo | P::IssuedTime => {
                return Err(Error::argument("dwPropID", format!("the property {property:?} cannot be set")));
            }
        })
    }

    /// Makes the change, or none of it.
    ///
    /// # Errors
    /// `InvalidArgument` for a value that the license does not take; `LicenseTooLong`.
    pub(super) fn apply(self, draft: &mut Draft) -> Result<()> {
        let license = &mut draft.license;
        match self {
            Self::Validity(term) => license.set_term(term),
            Self::Interval(days) => license.set_interval_days(days)?,
            Self::Owner(owner) => license.set_owner(owner)?,
            Self::UserRights(list) => license.set_user_rights(list)?,
            Self::AppData(data) => license.set_app_data(data)?,
            Self::AppDataClear(data) => license.set_app_data_clear(data)?,
            Self::Deprecated(deprecated) => draft.set_deprecated(deprecated)?,
            Self::Descriptor(descriptor) => license.set_descriptor(descriptor)?,
            Self::Referral(url) => license.set_referral(&url)?,
            Self::ContentKey(key) => draft.set_content_key(key)?,
            Self::ContentId(id) => license.set_content_id(&id)?,
            Self::AutoGrantOwner(grant) => {
                license.detach_from_template();
                license.auto_grant_owner = Some(grant);
            }
            Self::Package(package) => draft.set_package(Some(package))?,
        }
        Ok(())
    }
}

/// Returns a property to the state in which it was not set.
///
/// # Errors
/// `InvalidArgument` for a property that cannot be deleted.
pub(super) fn delete_property(draft: &mut Draft, property: P) -> Result<()> {
    if !property.is_deletable() {
        return Err(Error::argument("dwPropID", format!("the property {property:?} cannot be deleted")));
    }
    if property.is_policy() {
        draft.license.detach_from_template();
    }
    let license = &mut draft.license;
    match property {
        P::ValidityTime => license.term = DraftTerm::Open,
        P::IntervalTime => license.interval_days = None,
        P::AppSpecificData => license.app_data.clear(),
        P::AppSpecificDataNoEncryption => license.app_data_clear.clear(),
        P::Descriptor => license.descriptors.clear(),
        P::ReferralInfoUrl => license.referral = None,
        P::ContentId => license.content_id = state::environment()?.new_guid()?.to_string(),
        P::AutoGrantOwnerFullAccess => license.auto_grant_owner = None,
        P::PreferredEncryptionPackage => draft.set_package(None)?,
        P::Owner
        | P::UserRightsList
        | P::DeprecatedEncryptionAlgorithms
        | P::ConnectionInfo
        | P::ContentKey
        | P::IssuedTime => {}
    }
    Ok(())
}

/// A property of a license that is being edited: what was set, or its default.
///
/// # Errors
/// The condition of a property that is not set and has no default.
pub(super) fn draft_property(draft: &Draft, property: P, lcid: Lcid) -> Result<Answer> {
    let license = &draft.license;
    let owner = || match &license.owner {
        Some(owner) => Ok(owner.clone()),
        None => state::environment()?.default_owner(draft, &state::account()?),
    };
    let block = match property {
        P::ValidityTime => write::term(match license.term {
            DraftTerm::Open => Term::default(),
            DraftTerm::Set(term) => term,
            DraftTerm::FromTemplate(expiry) => {
                let now = state::environment()?.now();
                Term::of(crate::base::time::Validity { from: Some(now), ..expiry.validity(now) })
            }
        })?,
        P::IntervalTime => {
            memory::scalar(license.interval_days.ok_or_else(|| Error::new(ErrorKind::IntervalTimeNotSet))?)?
        }
        P::Owner => write::user(&owner()?)?,
        P::UserRightsList => {
            let list = license.user_rights.as_ref();
            write::user_rights(list.ok_or_else(|| Error::new(ErrorKind::UserRightsNotSet))?)?
        }
        P::AppSpecificData => write::name_values(&license.app_data)?,
        P::AppSpecificDataNoEncryption => write::name_values(&license.app_data_clear)?,
        P::DeprecatedEncryptionAlgorithms => write::truth(license.deprecated)?,
        P::ConnectionInfo => write::connection(&license.connection)?,
        P::Descriptor => {
            let id = license.template.map(|id| id.to_string());
            let issuer = state::environment()?.issuer_name(draft)?;
            write::descriptor(id.as_deref(), chosen(&license.descriptors, lcid)?, &issuer)?
        }
        P::ReferralInfoUrl => match &license.referral {
            Some(url) => memory::text(url)?,
            None => memory::text(&default_referral(Some(&owner()?)))?,
        },
        P::ContentKey => {
            let key = draft.content_key().ok_or_else(|| Error::new(ErrorKind::ContentKeyNotSet))?;
            return Ok(Answer::Handle(handles::open(Arc::clone(key))?));
        }
        P::ContentId => memory::text(&license.content_id)?,
        P::IssuedTime => {
            let what = ErrorKind::NotFound { what: "issued time" };
            return Err(Error::with(what, "the license is not issued yet"));
        }
        P::AutoGrantOwnerFullAccess => write::truth(license.grants_owner_full_access())?,
        P::PreferredEncryptionPackage => memory::scalar(license.package().number())?,
    };
    Ok(block.into())
}

/// A property of a signed license.
///
/// # Errors
/// `NeedsKey` and `RightNotGranted` as the property demands; the condition of a property that is not set.
pub(super) fn serialized_property(license: &SerializedLicense<'_>, property: P, lcid: Lcid) -> Result<Block> {
    match property {
        P::ValidityTime => write::term(Term::of(license.validity()?)),
        P::IntervalTime => memory::scalar(license.interval_days()?),
        P::Owner => write::user(&license.owner()?),
        P::UserRightsList => write::user_rights(&license.user_rights()?),
        P::AppSpecificData => write::name_values(&license.app_data()?),
        P::AppSpecificDataNoEncryption => write::name_values(&license.app_data_clear()),
        P::DeprecatedEncryptionAlgorithms => write::truth(license.is_deprecated()?),
        P::ConnectionInfo => write::connection(&license.connection()),
        P::Descriptor => {
            let (template, texts) = license.descriptors()?;
            write::descriptor(template, chosen(texts, lcid)?, license.issuer_name())
        }
        P::ReferralInfoUrl => memory::text(&license.referral()),
        P::ContentKey => {
            Err(Error::argument("dwPropID", "the content key is not read from a license, IpcGetKey opens it"))
        }
        P::ContentId => memory::text(license.content_id()),
        P::IssuedTime => memory::scalar(FILETIME::from_ticks(license.issued().filetime())),
        P::AutoGrantOwnerFullAccess => write::truth(license.auto_grant_owner()?),
        P::PreferredEncryptionPackage => memory::scalar(license.package()?.number()),
    }
}

/// The text for a language (decision 17).
fn chosen(texts: &[Descriptor], lcid: Lcid) -> Result<&Descriptor> {
    let at = state::locales().choose(lcid, &Descriptor::languages(texts));
    at.and_then(|at| texts.get(at))
        .ok_or_else(|| Error::with(ErrorKind::LocaleNotFound, "the license has no descriptor"))
}
