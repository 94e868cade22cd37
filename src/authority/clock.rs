//! The clock of the authority: accepting a moment after the clock had been wrong.

use super::LicensingAuthority;
use crate::error::{Error, ErrorKind, Result};
use crate::policy::Identity;

impl LicensingAuthority {
    /// Takes the present moment as the latest that was seen, so that use licenses at hand serve again although an
    /// earlier moment comes after a later one (decision 29).
    ///
    /// # Errors
    /// [`ErrorKind::AccessDenied`] for accounts that do not administer the authority.
    pub fn reset_clock_mark(&self, identity: &Identity) -> Result<()> {
        if !identity.administrator {
            return Err(Error::with(ErrorKind::AccessDenied, "only administrators reset the clock mark"));
        }
        self.store.reset_clock_mark(self.now(), &*self.random)
    }
}
