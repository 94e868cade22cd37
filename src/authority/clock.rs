//! The clock of the authority: accepting a moment after the clock had been wrong.

use super::LicensingAuthority;
use super::audit::{Event, Operation, Outcome};
use crate::error::Result;
use crate::policy::Identity;

impl LicensingAuthority {
    /// Takes the present moment as the latest that was seen, so that use licenses at hand serve again although an
    /// earlier moment comes after a later one (decision 29).
    ///
    /// # Errors
    /// [`crate::ErrorKind::AccessDenied`] for accounts that do not administer the authority; when the usage log cannot be
    /// written.
    pub fn reset_clock_mark(&self, identity: &Identity) -> Result<()> {
        let event = Event::new(Operation::ResetClock, Outcome::Success, &identity.email);
        self.recorded(event, self.demand_administrator(identity))?;
        self.store.reset_clock_mark(self.now(), &*self.random)
    }
}
