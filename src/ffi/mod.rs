//! The C layer: it translates between C and the core, and decides nothing.
//!
//! Every exported function has three parts: check and convert the arguments, call one function of the core, write the
//! outputs. The frame around them is `boundary`; what goes in passes `args` and `wide`, what goes out `out` and
//! `memory`, and objects are reached through `handles`. The headers are generated from this folder by `build.rs`.
#![allow(non_snake_case, non_camel_case_types, reason = "the names are those of the interface")]

pub mod base;
pub mod constants;
pub mod types;
pub mod wide;

// Until every function has its body, parts of these wait for their first use.
#[allow(dead_code, reason = "credentials are read in full before an authority exists that can check them")]
pub(crate) mod args;
pub(crate) mod boundary;
#[allow(dead_code, reason = "the kinds of every handle of the interface are numbered from the beginning")]
pub(crate) mod handles;
pub(crate) mod hresult;
pub(crate) mod memory;
pub(crate) mod out;

mod ask;
mod cancel;
mod duplicate;
mod ext_values;
mod lock_bytes;
pub(crate) mod log;
pub(crate) mod log_line;
mod properties;
mod read;
mod state;
mod unload;
mod write;

pub mod auth;
pub mod crypt;
pub mod environment;
pub mod ext;
pub mod ext_build;
pub mod ext_clock;
pub mod ext_directory;
pub mod ext_file;
pub mod ext_log;
pub mod ext_templates;
mod ext_times;
pub mod ext_tracking;
pub mod ext_trust;
pub mod ext_types;
pub mod file;
pub mod file_access;
mod file_args;
pub mod file_stream;
pub mod key;
pub mod license;
pub mod message;
mod message_text;
pub mod metadata;
pub mod template;
#[cfg(feature = "test-clock")]
pub mod test_clock;
pub mod version;
pub mod window;
