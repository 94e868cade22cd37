//! The C layer: it translates between C and the core, and decides nothing.
//!
//! Every exported function has three parts: check and convert the arguments, call one function of the core, write the
//! outputs. The frame around them is [`boundary`]; what goes in passes [`args`] and [`wide`], what goes out [`out`] and
//! [`memory`], and objects are reached through [`handles`]. The headers are generated from this folder by `build.rs`.
#![allow(non_snake_case, non_camel_case_types, reason = "the names are those of the interface")]

pub mod base;
pub mod constants;
pub mod types;
#[allow(dead_code)]
pub mod wide;

// Until every function has its body, parts of these wait for their first use.
#[allow(dead_code)]
pub(crate) mod args;
#[allow(dead_code)]
pub(crate) mod boundary;
#[allow(dead_code)]
pub(crate) mod handles;
pub(crate) mod hresult;
#[allow(dead_code)]
pub(crate) mod memory;
#[allow(dead_code)]
pub(crate) mod out;

mod ask;
mod properties;
mod read;
mod state;
mod write;

pub mod auth;
pub mod clock;
pub mod crypt;
pub mod environment;
pub mod ext;
pub mod key;
pub mod license;
pub mod message;
pub mod template;
pub mod version;
pub mod window;
