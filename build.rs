//! Version constants for the C layer.

use std::path::PathBuf;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    fs::write(out.join("version.rs"), version()).expect("OUT_DIR is writable");
}

/// The version of the package as constants of the C layer.
fn version() -> String {
    let part = |name: &str| -> u32 { env::var(name).expect("cargo sets it").parse().expect("a number") };
    let (major, minor, patch) =
        (part("CARGO_PKG_VERSION_MAJOR"), part("CARGO_PKG_VERSION_MINOR"), part("CARGO_PKG_VERSION_PATCH"));
    assert!(major < 256 && minor < 256 && patch < 65_536, "the version does not fit its constant");
    format!(
        "/// Major version of the header.\npub const IPCX_VERSION_MAJOR: DWORD = {major};\n\
         /// Minor version of the header.\npub const IPCX_VERSION_MINOR: DWORD = {minor};\n\
         /// Patch version of the header.\npub const IPCX_VERSION_PATCH: DWORD = {patch};\n\
         /// Version of the header: major in bits 24 to 31, minor in bits 16 to 23, patch below.\n\
         pub const IPCX_VERSION: DWORD = {};\n",
        major << 24 | minor << 16 | patch
    )
}
