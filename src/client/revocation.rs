//! Revocation lists that a client carries for where it cannot ask the authority (decisions 10 and 14).
//!
//! A list counts while its next update is not due. It comes into the store only after its signature was checked, and
//! never in the place of a newer one; it is checked again when it is used, because the store is only a file.

use std::sync::Arc;

use crate::authority::revocation_subject;
use crate::authority::revoke::stands_against;
use crate::base::time::Timestamp;
use crate::error::{Error, ErrorKind, Result};
use crate::policy::Identity;
use crate::policy::revocation::revoked;
use crate::store::{CarriedList, Store};
use crate::xrml::publishing::SignedPublishingLicense;
use crate::xrml::revocation_list::{self, RevocationList};

/// Takes a list of the authority with a modulus into the store, and tells its number.
///
/// # Errors
/// What is wrong with the list; [`ErrorKind::UnknownAuthority`] for the list of another authority;
/// [`ErrorKind::InvalidArgument`] for a list that is overdue or older than one that was seen.
pub(super) fn import(store: &dyn Store, modulus: &[u8], bytes: &[u8], now: Timestamp) -> Result<u64> {
    let list = revocation_list::read(bytes)?;
    if list.issuer.modulus != modulus {
        return Err(Error::with(ErrorKind::UnknownAuthority, "another authority signed the revocation list"));
    }
    if !list.is_current(now) {
        let text = format!("its next update was due at {} UTC", list.next_update.text());
        return Err(Error::argument("revocation list", text));
    }
    let carried = CarriedList { signer: list.signer(), number: list.number, bytes: bytes.to_vec() };
    if !store.put_revocation_list(&carried)? {
        return Err(Error::argument("revocation list", format!("a newer one than number {} was seen", list.number)));
    }
    Ok(list.number)
}

/// The list of a signer that the store holds, if it is still what the signer signed.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn at_hand(store: &dyn Store, signer: &[u8; 32]) -> Result<Option<Arc<RevocationList>>> {
    let carried = store.revocation_list(signer)?;
    let list = carried.and_then(|carried| revocation_list::read(&carried.bytes).ok());
    Ok(list.filter(|list| list.signer() == *signer).map(Arc::new))
}

/// Asks the list at hand of the authority that a license names, without that authority, whether an account may still use
/// the license.
///
/// # Errors
/// [`ErrorKind::Revoked`]; [`ErrorKind::NeedsOnline`] when the license demands a list and there is none that is young
/// enough.
pub(super) fn check(
    list: Option<&RevocationList>,
    license: &SignedPublishingLicense,
    identity: impl FnOnce() -> Result<Identity>,
    now: Timestamp,
) -> Result<()> {
    let facts = license.license();
    let list = list.filter(|list| list.is_current(now));
    if let Some(demand) = &facts.revocation {
        let young = list.map(|list| list.issued.filetime().saturating_add(ticks(demand.max_age_seconds)));
        if young.is_none_or(|until| now.filetime() > until) {
            let why = "the license demands a revocation list, and there is none at hand that is young enough";
            return Err(Error::with(ErrorKind::NeedsOnline, why).rule("revocation-list-missing"));
        }
    }
    match list.and_then(|list| revoked(&list.revocations, &revocation_subject(license))) {
        Some(revoked) if stands_against(revoked, license, &identity()?) => {
            Err(Error::with(ErrorKind::Revoked, "a revocation list names it").rule("revocation-list"))
        }
        _ => Ok(()),
    }
}

fn ticks(seconds: u64) -> u64 {
    seconds.saturating_mul(10_000_000)
}

#[cfg(test)]
#[path = "revocation_tests.rs"]
mod tests;
