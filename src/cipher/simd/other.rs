//! Processors without kernels of their own: nothing here can be made, so nothing is ever called.

use std::convert::Infallible;

use zeroize::Zeroizing;

use super::{Chains, Path};

pub(super) fn sha256_pair(_: [&[u8]; 2], _: [&[u8]; 2]) -> Option<[[u8; 32]; 2]> {
    None
}

pub(super) fn supported() -> Path {
    Path::Portable
}

pub(super) struct Units(Infallible);

impl Units {
    pub(super) fn new(_: Path, _: &[u8]) -> Option<Self> {
        None
    }

    pub(super) unsafe fn encrypt_chains(&self, _: Chains, _: u32, _: usize, _: *const u8, _: *mut u8) {
        match self.0 {}
    }

    pub(super) unsafe fn decrypt_chains(&self, _: Chains, _: u32, _: usize, _: *const u8, _: *mut u8) {
        match self.0 {}
    }

    pub(super) unsafe fn encrypt_units(&self, _: usize, _: *const u8, _: *mut u8) {
        match self.0 {}
    }

    pub(super) unsafe fn decrypt_units(&self, _: usize, _: *const u8, _: *mut u8) {
        match self.0 {}
    }
}

pub(super) struct Gcm(Infallible);

impl Gcm {
    pub(super) fn new(_: Path, _: &[u8]) -> Option<Self> {
        None
    }

    pub(super) unsafe fn seal(&self, _: [u8; 12], _: &[u8], _: *const u8, _: *mut u8, _: usize) -> [u8; 16] {
        match self.0 {}
    }

    pub(super) unsafe fn tag(&self, _: [u8; 12], _: &[u8], _: *const u8, _: usize) -> Zeroizing<[u8; 16]> {
        match self.0 {}
    }

    pub(super) unsafe fn decipher(&self, _: [u8; 12], _: *const u8, _: *mut u8, _: usize) {
        match self.0 {}
    }
}
