//! The version of the library, from `Cargo.toml` by way of the build script.

use super::base::DWORD;

include!(concat!(env!("OUT_DIR"), "/version.rs"));
