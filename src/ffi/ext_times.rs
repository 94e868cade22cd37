//! The times of single rights in `IPCX_TEMPLATE`: beside the list of users and rights, which has no place for them.

use std::collections::{HashMap, HashSet};
use std::mem::offset_of;

use super::args;
use super::base::*;
use super::ext_types::*;
use super::memory::OutBlock;
use super::{read, wide, write};
use crate::base::time::{Timestamp, Validity};
use crate::error::{Error, Result};
use crate::policy::{Grant, Right, User};

/// Most times of one template.
const TIMES_MAX: usize = 1_000_000;
const WHAT: &str = "pTemplate->rgRightTimes";

/// What finds a user's right again, whatever its letter case.
type Place = (User, String);

fn place(user: &User, right: &Right) -> Place {
    (user.clone(), right.name().to_ascii_uppercase())
}

/// Gives rights the times that a template tells for them.
///
/// # Errors
/// `InvalidArgument` for a right that the list does not grant, and for a time that is over before it begins.
///
/// # Safety
/// The times of the template are null or as many as counted, with everything they point to.
pub(super) unsafe fn read_times(template: &IPCX_TEMPLATE, grants: Vec<Grant>) -> Result<Vec<Grant>> {
    // SAFETY: by this function's contract.
    let times = unsafe { args::elements(template.rgRightTimes, template.cRightTimes, TIMES_MAX, WHAT)? };
    let mut known: HashMap<Place, Vec<Grant>> = HashMap::new();
    for one in times {
        // SAFETY: by this function's contract.
        let user = unsafe { read::user(one.User)? };
        // SAFETY: by this function's contract.
        let right = Right::parse(&unsafe { wide::read(one.wszRight, "wszRight")? })?;
        let moment =
            |time: FILETIME| Some(Timestamp::from_filetime(time.ticks()).minute()).filter(|_| time.ticks() != 0);
        let range = Validity { from: moment(one.ftFrom), until: moment(one.ftUntil) };
        if range.from.zip(range.until).is_some_and(|(from, until)| until <= from) {
            return Err(Error::argument(WHAT, "a time that is over before it begins"));
        }
        let days = Some(one.dwIntervalDays).filter(|days| *days != IPCX_OFFLINE_DAYS_DEFAULT);
        let grant = Grant { user, right, range, interval_days: days };
        known.entry(place(&grant.user, &grant.right)).or_default().push(grant);
    }
    let mut timed = Vec::new();
    for grant in grants {
        match known.remove(&place(&grant.user, &grant.right)) {
            Some(several) => timed.extend(several),
            None => timed.push(grant),
        }
    }
    match known.into_keys().next() {
        Some((_, right)) => Err(Error::argument(WHAT, format!("the list does not grant {right} to this user"))),
        None => Ok(timed),
    }
}

/// Puts the times of rights into a block of a template.
pub(super) fn put_times(block: &mut OutBlock, grants: &[Grant]) -> Result<()> {
    let has_time = |grant: &Grant| !grant.range.is_always() || grant.interval_days.is_some();
    let named: HashSet<Place> =
        grants.iter().filter(|grant| has_time(grant)).map(|grant| place(&grant.user, &grant.right)).collect();
    // A right that is given with times and without has both entries, so that none is lost.
    let timed: Vec<&Grant> = grants.iter().filter(|grant| named.contains(&place(&grant.user, &grant.right))).collect();
    block.put(offset_of!(IPCX_TEMPLATE, cRightTimes), write::count(timed.len())?)?;
    if timed.is_empty() {
        return Ok(());
    }
    let array = block.room(timed.len() * size_of::<IPCX_RIGHT_TIMES>())?;
    block.point(offset_of!(IPCX_TEMPLATE, rgRightTimes), array)?;
    for (index, grant) in timed.into_iter().enumerate() {
        let at = array + index * size_of::<IPCX_RIGHT_TIMES>();
        write::put_user(block, at + offset_of!(IPCX_RIGHT_TIMES, User), &grant.user)?;
        block.text(at + offset_of!(IPCX_RIGHT_TIMES, wszRight), grant.right.name())?;
        for (member, end) in [
            (offset_of!(IPCX_RIGHT_TIMES, ftFrom), grant.range.from),
            (offset_of!(IPCX_RIGHT_TIMES, ftUntil), grant.range.until),
        ] {
            block.put(at + member, FILETIME::from_ticks(end.map_or(0, Timestamp::filetime)))?;
        }
        let days = grant.interval_days.unwrap_or(IPCX_OFFLINE_DAYS_DEFAULT);
        block.put(at + offset_of!(IPCX_RIGHT_TIMES, dwIntervalDays), days)?;
    }
    Ok(())
}
