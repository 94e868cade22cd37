//! The environment of the process: its settings, who asks, and the authority, which is opened when it is first needed.

use std::cell::RefCell;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use parking_lot::Mutex;
use zeroize::Zeroizing;

use crate::authority::audit::UsageLog;
use crate::authority::{AuthorityKeys, LicensingAuthority};
use crate::base::locale::LocaleOrder;
use crate::base::os;
use crate::base::striped::Shared;
use crate::client::embedded::EmbeddedLicensor;
use crate::client::{Account, Environment};
use crate::crypto::random::{OsRandom, Random};
use crate::error::{Error, ErrorKind, Result};
use crate::policy::user::check_address;
use crate::store::{EmbeddedStore, Store, StoreLocation, Unlock};

/// Names the account that asks, where the application does not.
const IDENTITY_VARIABLE: &str = "MSIPC_IDENTITY";
/// Names a file that holds the passphrase of the store, where the application does not give it.
const PASSPHRASE_FILE_VARIABLE: &str = "MSIPC_PASSPHRASE_FILE";
/// `1`: every line of the usage log is on the medium before the answer leaves, which takes milliseconds each time.
const LOG_SYNC_VARIABLE: &str = "MSIPC_LOG_SYNC";
/// Longest passphrase file that is read.
const PASSPHRASE_MAX: usize = 4096;

/// What applications set once per process.
#[derive(Default)]
pub(super) struct Settings {
    pub(super) api_mode: Option<u32>,
    pub(super) store_name: Option<String>,
    pub(super) data_collection: Option<u32>,
    pub(super) application_id: Option<ApplicationId>,
}

/// `IPC_AAD_APPLICATION_ID`: how the application is registered with an identity provider.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct ApplicationId {
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
}

/// The environment as the threads of a stripe hold it: they count with those alone.
pub(super) struct Held(Arc<Environment>);

impl Deref for Held {
    type Target = Environment;

    fn deref(&self) -> &Environment {
        &self.0
    }
}

static SETTINGS: Mutex<Option<Settings>> = Mutex::new(None);
static PASSPHRASE: Mutex<Option<Zeroizing<String>>> = Mutex::new(None);
static IDENTITY: Shared<String> = Shared::none();
static ENVIRONMENT: Shared<Arc<Held>> = Shared::none();
/// The process that opened the environment: a child made by `fork` must leave its store alone.
static OPENED_BY: AtomicU32 = AtomicU32::new(0);
/// Held while the environment is opened, which may take long; readers of an open one never wait for it.
static OPENING: Mutex<()> = Mutex::new(());

thread_local! {
    static THREAD_IDENTITY: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Reads or changes the settings.
pub(super) fn with_settings<T>(body: impl FnOnce(&mut Settings) -> T) -> T {
    body(SETTINGS.lock().get_or_insert_default())
}

/// Sets what the opening of the authority depends on, unless that is done; waits while it is being done.
///
/// # Errors
/// [`ErrorKind::PropertyAlreadySet`] when the store is open, and those of `set`.
pub(super) fn set_before_opening(set: impl FnOnce() -> Result<()>) -> Result<()> {
    let _opening = OPENING.lock();
    if ENVIRONMENT.get().is_some() {
        return Err(Error::with(ErrorKind::PropertyAlreadySet, "the store is already open"));
    }
    set()
}

/// The environment, opened now unless it is open.
///
/// # Errors
/// When the store of the embedded authority cannot be opened or made.
pub(super) fn environment() -> Result<Arc<Held>> {
    let at_hand = || if is_inherited() { None } else { ENVIRONMENT.get() };
    if let Some(open) = at_hand() {
        return Ok(open);
    }
    let _opening = OPENING.lock();
    if let Some(open) = at_hand() {
        return Ok(open);
    }
    let_go();
    let opened = Arc::new(open()?);
    OPENED_BY.store(std::process::id(), Ordering::Relaxed);
    let held = || Arc::new(Held(Arc::clone(&opened)));
    let _none = ENVIRONMENT.replace(|| Some(held()));
    Ok(held())
}

/// Lets the environment go. Calls under way finish with it; the next call opens it anew.
pub(super) fn close() {
    let _opening = OPENING.lock();
    let_go();
}

/// True in a child made by `fork` after the parent opened the environment.
fn is_inherited() -> bool {
    let opener = OPENED_BY.load(Ordering::Relaxed);
    opener != 0 && opener != std::process::id()
}

/// Drops the environment, or leaves that of the parent as it is: a database must not even be closed after a fork.
fn let_go() {
    let open = ENVIRONMENT.replace(|| None);
    if is_inherited() {
        let _left = std::mem::ManuallyDrop::new(open);
    } else {
        drop(open);
    }
}

/// Lets the environment go at the end of the process, unless somebody is just opening it.
#[cfg(target_os = "linux")]
pub(super) fn end() {
    if OPENED_BY.load(Ordering::Relaxed) != std::process::id() {
        return;
    }
    let opening = OPENING.try_lock();
    let open = opening.is_some().then(|| ENVIRONMENT.take_unused());
    drop(open);
}

fn open() -> Result<Environment> {
    let folders = os::folders()?;
    let name = with_settings(|settings| settings.store_name.clone());
    let location = StoreLocation { data_dir: folders.data, config_dir: folders.config, name };
    let clock = super::ext_clock::clock();
    let random: Arc<dyn Random> = Arc::new(OsRandom);
    let opening = format!("opening the store in {}", location.data_dir.display());
    let opened = EmbeddedStore::open(&location, &unlock()?, &*random, &*clock).map_err(|e| e.context(&*opening))?;
    let keys = AuthorityKeys::load(&opened, opened.sealing_key()).map_err(|e| e.context(&*opening))?;
    let log = UsageLog::new(location.data_folder(), keys.id, opened.sealing_key())?;
    let log = if os::variable(LOG_SYNC_VARIABLE).is_some_and(|value| value == "1") { log.synced() } else { log };
    super::log::show_personal_data(opened.settings()?.log_personal_data);
    let store: Arc<dyn Store> = Arc::new(opened);
    let authority =
        LicensingAuthority::new(Arc::clone(&store), keys, Arc::clone(&clock), Arc::clone(&random)).with_log(log);
    let licensor = Arc::new(EmbeddedLicensor::new(authority, Arc::clone(&store)));
    Ok(Environment::new(vec![licensor], locales(), clock, random).keeping_in(store))
}

/// The languages of the user.
pub(super) fn locales() -> LocaleOrder {
    let names: Vec<String> =
        ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(|name| std::env::var(name).ok()).collect();
    LocaleOrder::from_posix(names.iter().map(String::as_str))
}

fn unlock() -> Result<Unlock> {
    if let Some(passphrase) = &*PASSPHRASE.lock() {
        return Ok(Unlock::Passphrase(passphrase.clone()));
    }
    let Some(path) = os::variable(PASSPHRASE_FILE_VARIABLE) else { return Ok(Unlock::KeyFile) };
    let bytes = os::private::read_private_file(path.as_ref(), PASSPHRASE_MAX)?.ok_or_else(|| {
        Error::with(ErrorKind::StoreUnusable, format!("the file that {PASSPHRASE_FILE_VARIABLE} names does not exist"))
    })?;
    let text = std::str::from_utf8(&bytes).map_err(|_| {
        Error::with(
            ErrorKind::StoreUnusable,
            format!("the file that {PASSPHRASE_FILE_VARIABLE} names is not UTF-8 text"),
        )
    })?;
    Ok(Unlock::Passphrase(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned())))
}

/// Sets the passphrase of the store.
///
/// # Errors
/// [`ErrorKind::PropertyAlreadySet`] when the store is open; [`ErrorKind::InvalidArgument`] for an empty one.
pub(super) fn set_passphrase(passphrase: Zeroizing<String>) -> Result<()> {
    set_before_opening(|| {
        if passphrase.is_empty() {
            return Err(Error::argument("wszPassphrase", "empty"));
        }
        *PASSPHRASE.lock() = Some(passphrase);
        Ok(())
    })
}

/// Opens the store with a new passphrase from now on, where a passphrase was given to this process.
pub(super) fn passphrase_changed(new: Zeroizing<String>) {
    if let Some(known) = PASSPHRASE.lock().as_mut() {
        *known = new;
    }
}

/// Names the account on whose behalf the process calls, or forgets it.
///
/// # Errors
/// [`ErrorKind::InvalidArgument`] when the text is no address.
pub(super) fn set_identity(address: Option<String>) -> Result<()> {
    address.as_deref().map_or(Ok(()), check_address)?;
    let _before = IDENTITY.replace(|| address.clone());
    Ok(())
}

/// Names the account on whose behalf this thread calls, before that of the process; or forgets it.
///
/// # Errors
/// [`ErrorKind::InvalidArgument`] when the text is no address.
pub(super) fn set_thread_identity(address: Option<String>) -> Result<()> {
    address.as_deref().map_or(Ok(()), check_address)?;
    THREAD_IDENTITY
        .try_with(|identity| identity.replace(address))
        .map(drop)
        .map_err(|_| Error::internal("the thread is ending"))
}

/// Who asks: the thread's account, the process's, that of the environment variable, that of the operating system.
///
/// # Errors
/// [`ErrorKind::InvalidArgument`] when the environment variable holds no address; [`ErrorKind::Internal`] in a thread
/// that has ended so far that its own account is gone: that of the process must not take its place.
pub(super) fn account() -> Result<Account> {
    let of_thread = THREAD_IDENTITY.try_with(|identity| identity.borrow().clone());
    let of_thread = of_thread.map_err(|_| Error::internal("the thread is ending"))?;
    if let Some(address) = of_thread.or_else(|| IDENTITY.get()) {
        return Ok(Account::Named(address));
    }
    let Some(value) = os::variable(IDENTITY_VARIABLE) else { return Ok(Account::OperatingSystem) };
    let address = value.into_string().map_err(|_| Error::argument(IDENTITY_VARIABLE, "not valid Unicode"))?;
    check_address(&address).map_err(|error| error.context(format!("reading {IDENTITY_VARIABLE}")))?;
    Ok(Account::Named(address))
}
