//! The end of the process, or of the library in it: the store is closed and the registry of blocks let go.
//!
//! Both live as long as the process, so nothing is lost without this; but a store that was closed needs no recovery, and
//! memory checkers find nothing of ours. Everything stays usable afterwards, because finalizers of the application may
//! still call (compatibility, rule 7). Windows ends the other threads first, wherever they are, so nothing is done there.

#[cfg(target_os = "linux")]
mod on_linux {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    extern "C" fn unload() {
        // There is nobody left to tell.
        let _ended = catch_unwind(AssertUnwindSafe(|| {
            crate::ffi::state::end();
            crate::ffi::memory::end();
        }));
    }

    /// Run by the dynamic linker after the handlers and destructors of the program.
    // SAFETY: the section holds pointers to functions without parameters, and this is one.
    #[used]
    #[unsafe(link_section = ".fini_array")]
    static UNLOAD: extern "C" fn() = unload;
}
