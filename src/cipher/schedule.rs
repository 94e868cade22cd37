//! The AES key schedule of a content key, chosen by the length of the key.

use ::aes::cipher::KeyInit;
use ::aes::{Aes128, Aes192, Aes256};

use crate::error::{Error, Result};

/// A key schedule. The cipher wipes it on drop.
pub(super) enum Schedule {
    Aes128(Aes128),
    Aes192(Aes192),
    Aes256(Aes256),
}

impl Schedule {
    /// The schedule of a key of 16, 24 or 32 bytes.
    pub(super) fn new(key: &[u8]) -> Result<Self> {
        let failed = |_| Error::internal("a content key of a length that AES does not take");
        Ok(match key.len() {
            16 => Self::Aes128(Aes128::new_from_slice(key).map_err(failed)?),
            24 => Self::Aes192(Aes192::new_from_slice(key).map_err(failed)?),
            _ => Self::Aes256(Aes256::new_from_slice(key).map_err(failed)?),
        })
    }
}

/// Runs an expression with the cipher of a [`Schedule`], compiled once for each key length.
macro_rules! with_aes {
    ($schedule:expr, $aes:ident => $body:expr) => {
        match $schedule {
            $crate::cipher::schedule::Schedule::Aes128($aes) => $body,
            $crate::cipher::schedule::Schedule::Aes192($aes) => $body,
            $crate::cipher::schedule::Schedule::Aes256($aes) => $body,
        }
    };
}

pub(super) use with_aes;
