//! Protected files: containers that hold a publishing license beside content under its key.
//!
//! A container is read from and written to a [`Storage`], which may be a file, memory or an object of the application,
//! and its content passes through a [`Coder`], which is an open key or, in tests, a content key alone. The formats stand
//! beside each other: [`pfile`] for any content, [`office`] for Office documents and protected mail.

mod coder;
pub mod office;
pub mod pfile;
mod storage;

pub use coder::{Coder, KeyCoder, RawCoder};
pub use storage::{MemoryStorage, Storage};
