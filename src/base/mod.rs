//! Times, identifiers, languages, limits and events: plain values that every other module may use.

#[forbid(unsafe_code)]
pub mod beside;
#[forbid(unsafe_code)]
pub mod guid;
#[forbid(unsafe_code)]
pub mod limits;
#[forbid(unsafe_code)]
pub mod locale;
#[allow(unsafe_code)]
pub mod os;
#[forbid(unsafe_code)]
pub mod striped;
#[forbid(unsafe_code)]
pub mod time;
#[forbid(unsafe_code)]
pub mod trace;
