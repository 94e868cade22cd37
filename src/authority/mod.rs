//! The licensing authority: its keys for now; issuing and granting follow.

pub mod keys;
