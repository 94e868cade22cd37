//! Who asks, and what the application allows while it waits.

use std::fmt;
use std::sync::Arc;

use super::cache::Keep;
use crate::error::{Error, ErrorKind, Result};

/// The account on whose behalf a call is made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Account {
    /// The account of the operating system that runs the process.
    OperatingSystem,
    /// An account that the application names. The embedded authority believes it: whoever can read the store can act
    /// as anyone in it.
    Named(String),
}

/// What the application allows during one call.
#[derive(Clone)]
pub struct Prompt {
    /// On whose behalf.
    pub account: Account,
    /// Show no window.
    pub silent: bool,
    /// Do not contact the authority.
    pub offline: bool,
    /// Tells whether the application wants the call to end.
    pub cancelled: Option<Arc<dyn Fn() -> bool + Send + Sync>>,
    /// Where the use license of the call may be kept.
    pub keep: Keep,
}

impl Prompt {
    /// A call on behalf of an account, without conditions.
    #[must_use]
    pub fn of(account: Account) -> Self {
        Self { account, silent: false, offline: false, cancelled: None, keep: Keep::Disk }
    }

    /// Ends the call when the application asked for it.
    ///
    /// # Errors
    /// [`ErrorKind::Cancelled`].
    pub fn check_cancelled(&self) -> Result<()> {
        match &self.cancelled {
            Some(cancelled) if cancelled() => Err(Error::new(ErrorKind::Cancelled)),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Prompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prompt")
            .field("account", &self.account)
            .field("silent", &self.silent)
            .field("offline", &self.offline)
            .field("keep", &self.keep)
            .field("cancellable", &self.cancelled.is_some())
            .finish()
    }
}
