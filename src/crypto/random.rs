//! Randomness as a parameter, so that tests and vectors can fix it.

use std::fmt::Debug;

use rand::TryRng;
use rand::rngs::SysRng;

use crate::error::{Error, Result};

/// A source of unpredictable bytes.
pub trait Random: Send + Sync + Debug {
    /// Fills `out` completely.
    ///
    /// # Errors
    /// The source failed; `out` must then not be used.
    fn fill(&self, out: &mut [u8]) -> Result<()>;
}

/// The operating system's generator. It holds no state in this process, so a fork cannot repeat its output.
#[derive(Copy, Clone, Debug, Default)]
pub struct OsRandom;

impl Random for OsRandom {
    fn fill(&self, out: &mut [u8]) -> Result<()> {
        SysRng
            .try_fill_bytes(out)
            .map_err(|error| Error::internal(format!("the system's random number generator failed: {error}")))
    }
}

/// `N` random bytes.
///
/// # Errors
/// The source failed.
pub fn array<const N: usize>(random: &dyn Random) -> Result<[u8; N]> {
    let mut bytes = [0; N];
    random.fill(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn system_bytes_differ_between_calls() {
        let first: [u8; 32] = array(&OsRandom).expect("random");
        let second: [u8; 32] = array(&OsRandom).expect("random");
        assert_ne!(first, second);
    }

    #[test]
    fn nothing_asked_is_nothing_filled() {
        OsRandom.fill(&mut []).expect("random");
    }
}
