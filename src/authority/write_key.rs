//! The write key of a license: whoever may only read content cannot make changed content look like the author's.
//!
//! A license for authenticated content carries a public key, `IPCX.WriteKey`, in the clear and signed, and beside it the
//! secret half sealed to the authority, apart from the content key that every reader has. The authority lets the secret go
//! with a decision that grants writing, and for no other. Containers sign what they hold with it
//! (`docs/authenticated-pfile.md`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::LicensingAuthority;
use crate::crypto::ed25519::{KEY_LEN, SigningKey, VerifyingKey};
use crate::error::{Error, ErrorKind, Result};
use crate::license::AppDatum;
use crate::policy::GrantedRights;
use crate::policy::right::{DOCEDIT, EDIT, EXPORT};
use crate::xrml::publishing::SignedPublishingLicense;

/// Name of the datum that holds the public key, in base64.
pub const WRITE_KEY_DATUM: &str = "IPCX.WriteKey";
/// Name of the datum that holds the sealed secret, in base64.
const SEALED_DATUM: &str = "IPCX.WriteKeySealed";
/// What a sealed value is, so that none of another kind opens as one.
const PURPOSE: &[u8] = b"msipc write key v1";

/// The public write key of a license; `None` where its content is not authenticated by one. A license that an account
/// signed by itself may name any key, so it has none that could be believed.
///
/// # Errors
/// [`ErrorKind::Malformed`] when the license holds something else in its place.
pub fn write_verifier(license: &SignedPublishingLicense) -> Result<Option<VerifyingKey>> {
    if !license.is_online() {
        return Ok(None);
    }
    let malformed = || Error::malformed(WRITE_KEY_DATUM, "not one Ed25519 public key in base64");
    let mut values = values(license, WRITE_KEY_DATUM);
    let Some(text) = values.next() else { return Ok(None) };
    let bytes = STANDARD.decode(text).map_err(|_| malformed())?;
    match (<[u8; KEY_LEN]>::try_from(bytes), values.next()) {
        (Ok(bytes), None) => Ok(Some(VerifyingKey::new(bytes))),
        _ => Err(malformed()),
    }
}

/// True for those who may change content.
fn may_write(granted: &GrantedRights) -> bool {
    [EDIT, DOCEDIT, EXPORT].iter().any(|right| granted.ever_granted(right))
}

fn values<'a>(license: &'a SignedPublishingLicense, name: &'a str) -> impl Iterator<Item = &'a str> {
    license.license().app_data.iter().filter(move |datum| datum.name == name).map(|datum| datum.value.as_str())
}

fn datum(name: &str, value: &[u8]) -> AppDatum {
    AppDatum { name: name.to_owned(), value: STANDARD.encode(value) }
}

impl LicensingAuthority {
    /// A new write key and what a license holds of it.
    ///
    /// # Errors
    /// The random source failed.
    pub(super) fn new_write_key(&self) -> Result<(SigningKey, Vec<AppDatum>)> {
        let key = SigningKey::generate(&*self.random)?;
        let public = key.public()?;
        let binding = [PURPOSE, public.as_bytes()].concat();
        let sealed = self.keys.write_seal.seal(&*self.random, &binding, key.expose_seed())?;
        let data = vec![datum(WRITE_KEY_DATUM, public.as_bytes()), datum(SEALED_DATUM, &sealed)];
        Ok((key, data))
    }

    /// The write key of a license whose content key is used again, and what the new license holds of it. `None` when
    /// it has none, and for those who may not write under the old license: with its key they could sign changed content
    /// there.
    ///
    /// # Errors
    /// As [`LicensingAuthority::write_key_for`].
    pub(super) fn same_write_key(
        &self,
        granted: &GrantedRights,
        license: &SignedPublishingLicense,
    ) -> Result<Option<(SigningKey, Vec<AppDatum>)>> {
        let Some(key) = self.write_key_for(granted, license)? else { return Ok(None) };
        let is_part = |datum: &&AppDatum| datum.name == WRITE_KEY_DATUM || datum.name == SEALED_DATUM;
        Ok(Some((key, license.license().app_data.iter().filter(is_part).cloned().collect())))
    }

    /// The write key for whoever was granted these rights to a license. `None` without a right to write, and where the
    /// license has none.
    ///
    /// # Errors
    /// As [`write_verifier`]; [`ErrorKind::BadEnablingBits`] when the sealed secret does not open.
    pub(super) fn write_key_for(
        &self,
        granted: &GrantedRights,
        license: &SignedPublishingLicense,
    ) -> Result<Option<SigningKey>> {
        if may_write(granted) { self.open_write_key(license) } else { Ok(None) }
    }

    fn open_write_key(&self, license: &SignedPublishingLicense) -> Result<Option<SigningKey>> {
        let Some(public) = write_verifier(license)? else { return Ok(None) };
        let refused = || Error::with(ErrorKind::BadEnablingBits, "the sealed write key does not open");
        let sealed = values(license, SEALED_DATUM).next().ok_or_else(refused)?;
        let sealed = STANDARD.decode(sealed).map_err(|_| refused())?;
        let binding = [PURPOSE, public.as_bytes()].concat();
        let seed = self.keys.write_seal.open(&binding, &sealed).map_err(|_| refused())?;
        let seed = Zeroizing::new(<[u8; KEY_LEN]>::try_from(&seed[..]).map_err(|_| refused())?);
        let key = SigningKey::from_seed(seed)?;
        if key.public()? == public { Ok(Some(key)) } else { Err(refused()) }
    }
}
