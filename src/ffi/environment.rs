//! Start, end and settings of the process; handles and memory that the other functions gave out.

use super::args;
use super::base::*;
use super::boundary::{entry, entry_void};
use super::constants::*;
use super::handles;
use super::memory::{self, Block};
use super::out::Out;
use super::state::{self, Settings};
use super::types::*;
use super::wide;
use super::write;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::base::trace::{self, Level};
use crate::error::{Error, ErrorKind, Result};

/// Makes the library ready. Nothing depends on it; call it as the documentation says, once or any number of times.
///
/// # Returns
/// - `S_OK`, each time.
///
/// # Threads
/// Any thread.
///
/// # Source
/// MSIPC reference, *IpcInitialize*. Later calls succeed because programs call it again; the page is silent.
#[unsafe(no_mangle)]
pub extern "system" fn IpcInitialize() -> HRESULT {
    static TOLD: AtomicBool = AtomicBool::new(false);
    entry("IpcInitialize", || {
        // Programs call this before everything; once is news.
        let heard = !trace::is_undecided() && trace::is_on(Level::Info);
        let level = if heard && !TOLD.swap(true, Ordering::Relaxed) { Level::Info } else { Level::Debug };
        trace::tell(level, "library.initialized", || {
            vec![
                trace::text("version", env!("CARGO_PKG_VERSION")),
                trace::number("wide_bytes", size_of::<WCHAR>() as u64),
            ]
        });
        Ok(())
    })
}

/// Makes the environment of the process ready. Nothing depends on it; call it never, once or any number of times.
///
/// # Returns
/// - `S_OK`, each time.
///
/// # Threads
/// Any thread.
///
/// # Source
/// MSIPC reference, *IpcInitializeEnvironment*. That it may be left out follows programs older than the function.
#[unsafe(no_mangle)]
pub extern "system" fn IpcInitializeEnvironment() -> HRESULT {
    entry("IpcInitializeEnvironment", || Ok(()))
}

/// Ends the use of the environment. Handles and memory stay valid and every function stays usable.
///
/// # Returns
/// - `S_OK`, each time.
///
/// # Threads
/// Any thread.
///
/// # Source
/// MSIPC reference, *IpcUninitializeEnvironment*. Handles stay valid because programs close them from finalizers later.
#[unsafe(no_mangle)]
pub extern "system" fn IpcUninitializeEnvironment() -> HRESULT {
    entry("IpcUninitializeEnvironment", || {
        state::close();
        Ok(())
    })
}

/// Most characters of the name of a store.
const STORE_NAME_MAX: usize = 8;

/// A setting as a block.
fn global_property(property: DWORD) -> Result<Block> {
    let not_set = |what: &'static str| Error::with(ErrorKind::NotFound { what }, "it was not set");
    match property {
        IPC_EI_API_MODE => {
            memory::scalar(state::with_settings(|settings| settings.api_mode).unwrap_or(IPC_API_MODE_CLIENT))
        }
        IPC_EI_APPLICATION_ID => {
            let id = state::with_settings(|settings| settings.application_id.clone());
            write::application_id(&id.ok_or_else(|| not_set("application id"))?)
        }
        IPC_EI_DATA_COLLECTION_ENABLED => {
            memory::scalar(state::with_settings(|settings| settings.data_collection).unwrap_or_default())
        }
        IPC_EI_STORE_NAME => {
            memory::text(&state::with_settings(|settings| settings.store_name.clone()).unwrap_or_default())
        }
        other => Err(unknown_setting(other)),
    }
}

fn unknown_setting(property: DWORD) -> Error {
    if property == IPC_EI_RESERVED {
        return Error::argument("dwPropID", "reserved");
    }
    let what = ErrorKind::NotFound { what: "environment property" };
    Error::with(what, format!("{property} is no environment property"))
}

/// Sets a setting, once.
///
/// # Safety
/// `value` is null or what the property asks for.
unsafe fn set_global_property(property: DWORD, value: LPCVOID) -> Result<()> {
    const VALUE: &str = "pvProperty";
    match property {
        IPC_EI_API_MODE => {
            // SAFETY: by this function's contract.
            let mode: DWORD = unsafe { args::structure(value.cast(), VALUE)? };
            match mode {
                IPC_API_MODE_CLIENT | IPC_API_MODE_SERVER => once(|settings| &mut settings.api_mode, mode),
                IPC_API_MODE_CLIENT_IMPERSONATION => {
                    Err(Error::with(ErrorKind::NotSupported, "the impersonation mode is documented as not supported"))
                }
                other => Err(args::unknown(other, VALUE)),
            }
        }
        IPC_EI_APPLICATION_ID => {
            // SAFETY: by this function's contract.
            let id = unsafe { args::sized(value.cast(), size_of::<IPC_AAD_APPLICATION_ID>(), VALUE)? };
            let id: IPC_AAD_APPLICATION_ID = id;
            let id = state::ApplicationId {
                // SAFETY: by this function's contract.
                client_id: unsafe { wide::read(id.wszClientId, "wszClientId")? },
                // SAFETY: by this function's contract.
                redirect_uri: unsafe { wide::read(id.wszRedirectUri, "wszRedirectUri")? },
            };
            once(|settings| &mut settings.application_id, id)
        }
        IPC_EI_DATA_COLLECTION_ENABLED => {
            // SAFETY: by this function's contract.
            let enabled: DWORD = unsafe { args::structure(value.cast(), VALUE)? };
            once(|settings| &mut settings.data_collection, enabled)
        }
        IPC_EI_STORE_NAME => {
            // SAFETY: by this function's contract.
            let name = unsafe { wide::read(value.cast(), VALUE)? };
            let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
            if name.is_empty() || name.len() > STORE_NAME_MAX || !name.chars().all(safe) {
                let rule = format!("a store name has 1 to {STORE_NAME_MAX} letters, digits, '-' or '_'");
                return Err(Error::argument(VALUE, rule));
            }
            state::set_before_opening(|| once(|settings| &mut settings.store_name, name))
        }
        other => Err(unknown_setting(other)),
    }
}

/// Sets what was not set.
fn once<T>(setting: impl FnOnce(&mut Settings) -> &mut Option<T>, value: T) -> Result<()> {
    state::with_settings(|settings| match setting(settings) {
        Some(_) => Err(Error::with(ErrorKind::PropertyAlreadySet, "it is set once in a process")),
        unset => {
            *unset = Some(value);
            Ok(())
        }
    })
}

/// Reads a setting of the process.
///
/// `dwPropID` is one of the `IPC_EI_` constants. `*ppvProperty` points to a value of the type that the constant names;
/// the caller frees it with `IpcFreeMemory`. It is `NULL` until the answer is known.
///
/// # Returns
/// - `S_OK`: reading a setting does not fix it.
/// - `E_INVALIDARG`: a null pointer, or a setting that cannot be read.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: an unknown setting, or an application id that was not set.
///
/// # Threads
/// Any thread.
///
/// # Safety
/// `ppvProperty` is null or writable.
///
/// # Source
/// MSIPC reference, *IpcGetGlobalProperty*, *Environment properties*.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcGetGlobalProperty(dwPropID: DWORD, ppvProperty: *mut LPVOID) -> HRESULT {
    entry("IpcGetGlobalProperty", || {
        // SAFETY: null or writable, by this function's contract.
        let value = unsafe { Out::cleared(ppvProperty, "ppvProperty")? };

        let answer = global_property(dwPropID)?;

        value.set(answer.hand_out());
        Ok(())
    })
}

/// Changes a setting of the process, before the first call that depends on it.
///
/// `dwPropID` is one of the `IPC_EI_` constants. `pvProperty` points to a value of the type that the constant names (for
/// text it is the text itself); it is read during the call only.
///
/// # Returns
/// - `S_OK`: the setting holds for all threads from now on.
/// - `E_INVALIDARG`: a null pointer, the reserved setting, or a value that the setting does not take.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_FOUND)`: an unknown setting.
/// - `HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED)`: the impersonation mode.
/// - `IPCERROR_PROPERTY_ALREADY_SET`: it was set before; the name of the store also once the store is open.
///
/// # Threads
/// Any thread; meant for the start of the program.
///
/// # Safety
/// `pvProperty` is null or points to what `dwPropID` asks for.
///
/// # Source
/// MSIPC reference, *IpcSetGlobalProperty*, *Environment properties*.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn IpcSetGlobalProperty(dwPropID: DWORD, pvProperty: LPCVOID) -> HRESULT {
    entry("IpcSetGlobalProperty", || {
        // SAFETY: null or what the property asks for, by this function's contract.
        unsafe { set_global_property(dwPropID, pvProperty) }
    })
}

/// Closes a handle of any kind.
///
/// The object ends when the last call that uses it has returned. A closed handle is an error to every function.
///
/// # Returns
/// - `S_OK`: closed.
/// - `E_HANDLE`: null, closed before, or not a handle of this library.
///
/// # Threads
/// Any thread, also while other threads use the handle, and while the process ends.
///
/// # Source
/// MSIPC reference, *IpcCloseHandle*. `E_HANDLE` is our choice: the page names no code.
#[unsafe(no_mangle)]
pub extern "system" fn IpcCloseHandle(handle: IPC_HANDLE) -> HRESULT {
    entry("IpcCloseHandle", || handles::close(handle))
}

/// Frees what another function gave out: one call for one pointer, with everything inside it.
///
/// `NULL`, a pointer that is not from this library, and a pointer freed before are left alone. The content is erased.
///
/// # Threads
/// Any thread.
///
/// # Source
/// MSIPC reference, *IpcFreeMemory*. A second free is harmless until 4,096 later frees or 1 MiB of them; this is ours.
#[unsafe(no_mangle)]
pub extern "system" fn IpcFreeMemory(pb: LPVOID) {
    entry_void("IpcFreeMemory", || memory::free(pb));
}
