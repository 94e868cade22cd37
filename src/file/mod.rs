//! Protected files: containers that hold a publishing license beside content under its key.
//!
//! A container is read from and written to a [`Storage`], which may be a file, memory or an object of the application,
//! and its content passes through a [`Coder`], which is an open key or, in tests, a content key alone. The formats stand
//! beside each other: [`pfile`] for any content, [`office`] for Office documents and protected mail,
//! [`pdf`] for what is read of PDF.

mod coder;
pub mod detect;
pub mod input;
pub mod naming;
mod note;
pub mod office;
pub mod open;
pub mod pdf;
pub mod pfile;
pub mod rules;
mod rules_text;
mod storage;
pub mod whole;

pub use coder::{Coder, KeyCoder, RawCoder};
pub use storage::{MemoryStorage, Storage};

use crate::error::Result;

/// Told how much of the work is done, in bytes of content: done and in all. An error ends the work with that error.
pub type Progress<'a> = dyn FnMut(u64, u64) -> Result<()> + 'a;
