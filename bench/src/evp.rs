//! OpenSSL's libcrypto as applications call it: EVP, found at run time, so that nothing needs its headers.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::{null, null_mut};

type Context = *mut c_void;
type Type = *const c_void;
type Init = unsafe extern "C" fn(Context, Type, *const c_void, *const u8, *const u8) -> c_int;
type Update = unsafe extern "C" fn(Context, *mut u8, *mut c_int, *const u8, c_int) -> c_int;
type Final = unsafe extern "C" fn(Context, *mut u8, *mut c_int) -> c_int;

const SET_TAG: c_int = 0x11;
const GET_TAG: c_int = 0x10;

/// The functions of the library that are used.
pub struct Evp {
    new: unsafe extern "C" fn() -> Context,
    free: unsafe extern "C" fn(Context),
    cbc: unsafe extern "C" fn() -> Type,
    gcm: unsafe extern "C" fn() -> Type,
    padding: unsafe extern "C" fn(Context, c_int) -> c_int,
    control: unsafe extern "C" fn(Context, c_int, c_int, *mut c_void) -> c_int,
    encrypt: (Init, Update, Final),
    decrypt: (Init, Update, Final),
    version: String,
}

impl Evp {
    /// The library, or nothing where the machine has none.
    pub fn load() -> Option<Self> {
        let library = [c"libcrypto.so.3", c"libcrypto.so.1.1", c"libcrypto.so"].into_iter().find_map(|name| {
            // SAFETY: a terminated name; the library stays loaded.
            let library = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_NOW) };
            (!library.is_null()).then_some(library)
        })?;
        // SAFETY: each name has had the type that it gets here since version 1.1.
        unsafe {
            let version: unsafe extern "C" fn(c_int) -> *const c_char = symbol(library, c"OpenSSL_version")?;
            Some(Self {
                new: symbol(library, c"EVP_CIPHER_CTX_new")?,
                free: symbol(library, c"EVP_CIPHER_CTX_free")?,
                cbc: symbol(library, c"EVP_aes_256_cbc")?,
                gcm: symbol(library, c"EVP_aes_256_gcm")?,
                padding: symbol(library, c"EVP_CIPHER_CTX_set_padding")?,
                control: symbol(library, c"EVP_CIPHER_CTX_ctrl")?,
                encrypt: (
                    symbol(library, c"EVP_EncryptInit_ex")?,
                    symbol(library, c"EVP_EncryptUpdate")?,
                    symbol(library, c"EVP_EncryptFinal_ex")?,
                ),
                decrypt: (
                    symbol(library, c"EVP_DecryptInit_ex")?,
                    symbol(library, c"EVP_DecryptUpdate")?,
                    symbol(library, c"EVP_DecryptFinal_ex")?,
                ),
                version: CStr::from_ptr(version(0)).to_string_lossy().into_owned(),
            })
        }
    }

    pub fn version(&self) -> &str {
        &self.version
    }

    /// AES-256-CBC without padding.
    pub fn cbc(&self, encrypt: bool, key: &[u8; 32]) -> Cipher<'_> {
        // SAFETY: takes nothing.
        let kind = unsafe { (self.cbc)() };
        Cipher::new(self, encrypt, kind, key, true)
    }

    /// AES-256-GCM.
    pub fn gcm(&self, encrypt: bool, key: &[u8; 32]) -> Cipher<'_> {
        // SAFETY: takes nothing.
        let kind = unsafe { (self.gcm)() };
        Cipher::new(self, encrypt, kind, key, false)
    }
}

unsafe fn symbol<T: Copy>(library: *mut c_void, name: &CStr) -> Option<T> {
    // SAFETY: an open library and a terminated name.
    let address = unsafe { libc::dlsym(library, name.as_ptr()) };
    // SAFETY: by this function's contract the address is that of a function of type T.
    (!address.is_null()).then(|| unsafe { std::mem::transmute_copy(&address) })
}

/// A context with its key.
pub struct Cipher<'a> {
    evp: &'a Evp,
    context: Context,
    calls: (Init, Update, Final),
    encrypt: bool,
}

impl<'a> Cipher<'a> {
    fn new(evp: &'a Evp, encrypt: bool, kind: Type, key: &[u8; 32], block: bool) -> Self {
        let calls = if encrypt { evp.encrypt } else { evp.decrypt };
        // SAFETY: takes nothing.
        let context = unsafe { (evp.new)() };
        // SAFETY: key and vector are as long as the cipher needs.
        let done = unsafe { (calls.0)(context, kind, null(), key.as_ptr(), [0; 16].as_ptr()) };
        assert_eq!(done, 1);
        if block {
            // SAFETY: a context.
            unsafe { (evp.padding)(context, 0) };
        }
        Self { evp, context, calls, encrypt }
    }

    fn start(&mut self, vector: &[u8; 16]) {
        // SAFETY: a context with cipher and key; the vector is long enough for either cipher.
        unsafe { (self.calls.0)(self.context, null(), null(), null(), vector.as_ptr()) };
    }

    fn update(&mut self, input: &[u8], output: *mut u8) {
        let mut length = 0;
        let count = c_int::try_from(input.len()).expect("small");
        // SAFETY: the callers give room for as many bytes, or no output for associated data.
        unsafe { (self.calls.1)(self.context, output, &raw mut length, input.as_ptr(), count) };
    }

    /// A message of whole blocks under a vector.
    pub fn message(&mut self, vector: &[u8; 16], input: &[u8], output: &mut [u8]) {
        assert!(output.len() >= input.len());
        self.start(vector);
        self.update(input, output.as_mut_ptr());
    }

    /// A message of the authenticated mode, with its tag made or checked.
    pub fn authenticated(&mut self, nonce: &[u8; 16], input: &[u8], output: &mut [u8], tag: &mut [u8; 16]) -> bool {
        assert!(output.len() >= input.len());
        self.start(nonce);
        self.update(&[7; 9], null_mut());
        self.update(input, output.as_mut_ptr());
        if !self.encrypt {
            // SAFETY: 16 bytes are read.
            unsafe { (self.evp.control)(self.context, SET_TAG, 16, tag.as_mut_ptr().cast()) };
        }
        let mut length = 0;
        let mut none = [0; 16];
        // SAFETY: nothing is written in this mode.
        let done = unsafe { (self.calls.2)(self.context, none.as_mut_ptr(), &raw mut length) };
        if self.encrypt {
            // SAFETY: 16 bytes are written.
            unsafe { (self.evp.control)(self.context, GET_TAG, 16, tag.as_mut_ptr().cast()) };
        }
        done == 1
    }
}

impl Drop for Cipher<'_> {
    fn drop(&mut self) {
        // SAFETY: made by `new` and not freed before.
        unsafe { (self.evp.free)(self.context) };
    }
}
