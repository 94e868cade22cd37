//! Start, end and settings of the process; handles and memory that the other functions gave out.

use super::base::*;
use super::boundary::{entry, entry_void};
use super::types::*;
use super::{handles, memory};
use crate::error::{Error, ErrorKind};

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
pub extern "C" fn IpcInitialize() -> HRESULT {
    entry("IpcInitialize", || Ok(()))
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
pub extern "C" fn IpcInitializeEnvironment() -> HRESULT {
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
pub extern "C" fn IpcUninitializeEnvironment() -> HRESULT {
    entry("IpcUninitializeEnvironment", || Ok(()))
}

/// Reads a setting of the process.
///
/// `dwPropID` is one of the `IPC_EI_` constants. `*ppvProperty` points to a value of the type that the constant names;
/// the caller frees it with `IpcFreeMemory`. It is `NULL` until the answer is known.
///
/// # Returns
/// - `S_OK`: reading a setting does not fix it.
/// - `E_INVALIDARG`: a null pointer, an unknown setting, or one that cannot be read.
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
pub unsafe extern "C" fn IpcGetGlobalProperty(dwPropID: DWORD, ppvProperty: *mut LPVOID) -> HRESULT {
    let _unused = (dwPropID, ppvProperty);
    entry("IpcGetGlobalProperty", || Err(Error::new(ErrorKind::NotSupported)))
}

/// Changes a setting of the process, before the first call that depends on it.
///
/// `dwPropID` is one of the `IPC_EI_` constants. `pvProperty` points to a value of the type that the constant names (for
/// text it is the text itself); it is read during the call only.
///
/// # Returns
/// - `S_OK`: the setting holds for all threads from now on.
/// - `E_INVALIDARG`: a null pointer, an unknown setting or a value that it does not take.
/// - `IPCERROR_PROPERTY_ALREADY_SET`: it was set before, or a call that depends on it was made.
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
pub unsafe extern "C" fn IpcSetGlobalProperty(dwPropID: DWORD, pvProperty: LPCVOID) -> HRESULT {
    let _unused = (dwPropID, pvProperty);
    entry("IpcSetGlobalProperty", || Err(Error::new(ErrorKind::NotSupported)))
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
pub extern "C" fn IpcCloseHandle(handle: IPC_HANDLE) -> HRESULT {
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
pub extern "C" fn IpcFreeMemory(pb: LPVOID) {
    entry_void("IpcFreeMemory", || memory::free(pb));
}
