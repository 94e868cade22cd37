//! The texts for codes: what a code means in a sentence, and what to do in another.
//!
//! `E_ACCESSDENIED`, `E_HANDLE`, `E_OUTOFMEMORY` and `E_INVALIDARG` are at the same time the codes of their Win32
//! namesakes.

use super::base::*;
use super::constants::*;

/// The text for a code, if it is known.
pub(crate) fn find(code: HRESULT) -> Option<&'static str> {
    let with_code = |(known, text): &(HRESULT, &'static str)| (*known == code).then_some(*text);
    let with_win32 = |(known, text): &(u32, &'static str)| (hresult_from_win32(*known) == code).then_some(*text);
    OURS.iter().chain(COMMON).find_map(with_code).or_else(|| WIN32.iter().find_map(with_win32))
}

/// The codes of the interface.
const OURS: &[(HRESULT, &str)] = &[
    (
        IPCERROR_USER_RIGHTS_NOT_SET,
        "The license holds no user rights list. Set IPC_LI_USER_RIGHTS_LIST, an empty list if nobody but the owner shall have rights, before it is read or signed.",
    ),
    (
        IPCERROR_AD_ENTRY_NOT_FOUND,
        "The directory knows no mail address for this account. Ask the administrator to add one.",
    ),
    (
        IPCERROR_APPLICATION_AUTH_ERROR_AUTHENTICODE,
        "The code signature of the application is not valid. Install the application again from a source you \
         trust.",
    ),
    (
        IPCERROR_BROKEN_CERT_CHAIN,
        "A license is not signed by an authority that is trusted here, or it was changed after it was signed. \
         Get the document again; if it comes from another organization, its authority has to be trusted \
         first.",
    ),
    (IPCERROR_CLOCK_ROLL_BACK_DETECTED, "The clock of this computer was set back. Set it right and try again."),
    (
        IPCERROR_CRYPTO_OPERATION_UNSUPPORTED,
        "The encryption algorithm is not supported. Choose another encryption package, or use a newer version \
         of the library.",
    ),
    (IPCERROR_DEBUGGER_DETECTED, "A debugger is attached. Detach it and try again."),
    (IPCERROR_LOCALE_NOT_FOUND, "There is no text in the language asked for. Ask with language 0 to get any."),
    (
        IPCERROR_ILS_ERROR,
        "The sign-in service for personal accounts cannot be reached. Check the network and try again.",
    ),
    (
        IPCERROR_SERVER_RESPONSE_NOT_VALID,
        "The answer of the licensing authority is not understood. Check the address and that the authority \
         speaks the same version.",
    ),
    (
        IPCERROR_OS_VERSION_NOT_TRUSTED,
        "This version of the operating system is not trusted for the operation. Update it.",
    ),
    (
        IPCERROR_ISSUANCELICENSE_LENGTH_LIMIT_EXCEEDED,
        "The license would be too long. Grant rights to groups instead of many single users, or store less \
         application data.",
    ),
    (
        IPCERROR_NEEDS_ONLINE,
        "The licensing authority has to be asked, but the call was made with IPC_PROMPT_FLAG_OFFLINE. Call \
         again without it.",
    ),
    (
        IPCERROR_NEEDS_UI,
        "A window has to be shown, but the call was made with IPC_PROMPT_FLAG_SILENT. Call again without it, \
         or give a credential.",
    ),
    (
        IPCERROR_NOT_BLOCK_ALIGNED,
        "The length is no multiple of the block size. Read IPC_KI_BLOCK_SIZE and pass whole blocks; only the \
         last piece, passed with fFinal, may be shorter.",
    ),
    (
        IPCERROR_PROPERTY_ALREADY_SET,
        "The property can be set once, and it is set or in use. Set it at the start of the program.",
    ),
    (
        IPCERROR_RIGHT_NOT_GRANTED,
        "This account does not have the right that is needed, or the content has expired, is not valid yet or \
         was revoked. Ask the owner of the document.",
    ),
    (IPCERROR_SAFEMODE_OS_DETECTED, "The computer runs in safe mode. Start it normally and try again."),
    (
        IPCERROR_SERVER_ERROR,
        "The licensing authority cannot be reached or failed. Check the network and its address, and try \
         again later.",
    ),
    (IPCERROR_MACHINE_NOT_TRUSTED, "This computer is not trusted for the operation. Ask the administrator."),
    (IPCERROR_NEEDS_KEY_PARAMETER, "The property is encrypted. Get the key with IpcGetKey and pass it."),
    (
        IPCERROR_LICENSE_INTERVAL_TIME_NOT_SET,
        "The license holds no interval time. Use licenses last as long as the authority allows.",
    ),
    (
        IPCERROR_CONTENT_KEY_NOT_SET,
        "The license holds no content key of another license. One is made when the license is serialized.",
    ),
    (IPCERROR_SIA_NOT_INSTALLED, "The sign-in assistant is missing. Install it and try again."),
    (
        IPCERROR_TEMPLATE_NOT_ENABLED_FOR_USER,
        "This account may not publish with the template. Choose another template or ask the administrator.",
    ),
    (
        IPCERROR_FILE_SYSTEM_FILE,
        "The file belongs to the operating system, or is no regular file, and cannot be protected. Choose another file.",
    ),
    (IPCERROR_FILE_IS_NOT_ENCRYPTED, "The file is not protected. Open it directly."),
    (
        IPCERROR_FILE_ENCRYPT_BLOCKED,
        "The administrator blocks protection of files of this format. Ask the administrator.",
    ),
    (
        IPCERROR_FILE_UPDATELICENSE_BLOCKED,
        "The policy of a file that is protected already may not be changed this way. Remove the protection \
         first, or ask the administrator.",
    ),
    (
        IPCERROR_FILE_PDFPROTECTOR_FORMAT_NOT_SUPPORTED,
        "This PDF file cannot be protected in its own format, perhaps because it is signed or encrypted. \
         Protect it as a pfile.",
    ),
    (
        IPCERROR_FILE_PROTECTOR_BAD_INSTALL,
        "The protector for files of this format is not installed correctly. Install it again.",
    ),
];

/// The codes of COM and its streams.
const COMMON: &[(HRESULT, &str)] = &[
    (S_OK, "The operation succeeded."),
    (S_FALSE, "The operation succeeded; there was nothing to do."),
    (E_NOTIMPL, "The operation is not available. Look for another way in the documentation."),
    (
        E_NOINTERFACE,
        "The object does not have the interface asked for. Pass an object of the kind the documentation \
         names.",
    ),
    (E_POINTER, "A pointer is not valid. Check the arguments of the call."),
    (E_ABORT, "The operation was stopped. Try again if that was not intended."),
    (E_FAIL, "The operation failed for a reason that has no code of its own. The detail of the failure tells more."),
    (E_PENDING, "The result is not there yet. Try again in a moment."),
    (E_UNEXPECTED, "A defect of the library was caught. Report it with the detail of the failure."),
    (
        E_ACCESSDENIED,
        "This account is not allowed to do this. Use another account, check the permissions of the file, or \
         ask the administrator.",
    ),
    (
        E_HANDLE,
        "The handle is null, closed, or of another kind than the function takes. Check where it came from and \
         that it is closed only once.",
    ),
    (E_OUTOFMEMORY, "There is not enough memory. Close other programs or pass smaller pieces."),
    (
        E_INVALIDARG,
        "An argument is not valid: null, out of range, an unknown flag, a wrong cbSize or text that is not \
         Unicode. The detail of the failure names it.",
    ),
    (
        STG_E_INVALIDFUNCTION,
        "The stream cannot do what was asked of it. Pass a stream that supports reading, writing and setting \
         its size.",
    ),
    (STG_E_FILENOTFOUND, "The stream was not found. Check its name."),
    (
        STG_E_ACCESSDENIED,
        "The stream may not be used this way. Open it for reading, and for writing where it is changed.",
    ),
    (STG_E_INSUFFICIENTMEMORY, "There is not enough memory for the stream. Close other programs."),
    (STG_E_INVALIDPOINTER, "A pointer given to the stream is not valid. Check the arguments of the call."),
    (STG_E_SEEKERROR, "The position lies outside the stream. Check that the stream is complete."),
    (STG_E_WRITEFAULT, "The stream could not be written. Check the disk and try again."),
    (STG_E_READFAULT, "The stream could not be read. Check the disk and try again."),
    (STG_E_LOCKVIOLATION, "Another program has locked the stream. Close it there and try again."),
    (STG_E_INVALIDPARAMETER, "An argument given to the stream is not valid. Check the arguments of the call."),
    (STG_E_MEDIUMFULL, "The disk is full. Make room and try again."),
    (STG_E_UNIMPLEMENTEDFUNCTION, "The stream does not offer the function. Pass another kind of stream."),
    (STG_E_INVALIDFLAG, "A flag given to the stream is not valid. Check the arguments of the call."),
    (RPC_E_CHANGED_MODE, "The thread was set up for another kind of COM. Call from a thread with the right mode."),
    (RPC_E_WRONG_THREAD, "The object belongs to another thread. Call from the thread that made it."),
    (CERT_E_EXPIRED, "A certificate has expired. Renew it, or check the clock of this computer."),
    (CRYPT_E_NOT_FOUND, "A certificate or key was not found. Install it or give another credential."),
    (NTE_BAD_DATA, "Encrypted data is damaged or belongs to another key. Get the document again."),
];

/// The codes of the system, which arrive as `HRESULT_FROM_WIN32`.
const WIN32: &[(u32, &str)] = &[
    (ERROR_FILE_NOT_FOUND, "The file was not found. Check its name."),
    (ERROR_PATH_NOT_FOUND, "The folder was not found. Check the path."),
    (ERROR_TOO_MANY_OPEN_FILES, "Too many files are open. Close some, or raise the limit of the system."),
    (ERROR_NOT_ENOUGH_MEMORY, "There is not enough memory. Close other programs or pass smaller pieces."),
    (ERROR_BAD_FORMAT, "The file has another format than expected. Check that it is the right file."),
    (
        ERROR_INVALID_DATA,
        "The license or the content is damaged: it does not have its format or does not decrypt. Get the \
         document again.",
    ),
    (ERROR_WRITE_PROTECT, "The disk or folder is read-only. Choose another place."),
    (
        ERROR_NOT_READY,
        "The store of the licensing authority cannot be used: its key is missing, it is damaged, or it \
         belongs to or can be read by somebody else. The detail of the failure names the file; repair it and \
         try again.",
    ),
    (ERROR_SHARING_VIOLATION, "Another program uses the file. Close it there and try again."),
    (ERROR_LOCK_VIOLATION, "Another program has locked a part of the file. Close it there and try again."),
    (ERROR_HANDLE_EOF, "The file ends before what was to be read. Check that it is complete."),
    (
        ERROR_NOT_SUPPORTED,
        "This is not possible on this system or with this configuration. The detail of the failure tells why.",
    ),
    (ERROR_FILE_EXISTS, "A file of that name exists. Move it away or choose another folder."),
    (ERROR_DISK_FULL, "The disk is full. Make room and try again."),
    (
        ERROR_CALL_NOT_IMPLEMENTED,
        "The function is not available on this system. Look for another way in the documentation.",
    ),
    (
        ERROR_INSUFFICIENT_BUFFER,
        "The output buffer is too small and was not written. Call again with a buffer of the size that was \
         returned.",
    ),
    (ERROR_INVALID_NAME, "The name of the file is not valid. Choose another name."),
    (ERROR_MOD_NOT_FOUND, "A library that is needed was not found. Install the program again."),
    (ERROR_PROC_NOT_FOUND, "A library that was found lacks a function. Install matching versions."),
    (ERROR_ALREADY_EXISTS, "It exists already. Choose another name or use the one that exists."),
    (ERROR_FILENAME_EXCED_RANGE, "The name of the file is too long. Choose a shorter one."),
    (ERROR_MORE_DATA, "There is more data than the buffer holds. Call again with a larger buffer."),
    (ERROR_NO_MORE_ITEMS, "There are no more items. Stop asking."),
    (ERROR_OPERATION_ABORTED, "The operation was interrupted. Try again."),
    (ERROR_NO_UNICODE_TRANSLATION, "A text holds something that is no character. Pass valid Unicode."),
    (ERROR_IO_DEVICE, "The disk or its connection failed. Check it, and try again."),
    (
        ERROR_NOT_FOUND,
        "What was asked for does not exist: a template, account, property or other item, or a property that was \
         never set. Check its name or number, and that the account may use it.",
    ),
    (ERROR_NO_NETWORK, "There is no network. Connect and try again, or work with what was opened before."),
    (ERROR_CANCELLED, "The operation was cancelled. Try again if that was not intended."),
    (ERROR_CONNECTION_REFUSED, "The licensing authority refused the connection. Check its address and that it runs."),
    (ERROR_NETWORK_UNREACHABLE, "The licensing authority cannot be reached. Check the network."),
    (
        ERROR_NOT_AUTHENTICATED,
        "The credential was refused. Check the key, certificate or token, and that it has not expired.",
    ),
    (ERROR_NOT_LOGGED_ON, "Nobody is signed in. Sign in, or give a credential."),
    (ERROR_ALREADY_INITIALIZED, "The library was initialized before. Go on."),
    (ERROR_LOGON_FAILURE, "The account or its password is wrong. Check both."),
    (ERROR_INTERNAL_ERROR, "A defect of the library was found. Report it with the detail of the failure."),
    (ERROR_FILE_CORRUPT, "The protected file is damaged. Get it again."),
    (ERROR_TIMEOUT, "There was no answer in time. Check the network and try again."),
    (ERROR_UNSUPPORTED_TYPE, "Data of this type is not supported. Check the property and its value."),
    (ERROR_CANT_RESOLVE_FILENAME, "Symbolic links lead round in a circle. Give the path of the file itself."),
    (ERROR_INVALID_STATE, "This is not possible at this moment. Check the order of the calls."),
    (ERROR_ENCRYPTION_FAILED, "The file could not be protected. The detail of the failure tells why."),
    (ERROR_DECRYPTION_FAILED, "The file could not be decrypted. It may be damaged, or belong to another key."),
    (ERROR_FILE_READ_ONLY, "The file is read-only. Make it writable or choose another folder for the result."),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_code_of_the_reference_has_a_text_and_advice() {
        let reference = include_str!("../../tests/abi/msipc.json");
        let reference: serde_json::Value = serde_json::from_str(reference).unwrap();
        let mut asked = 0;
        let mut ask = |name: &str, bits: u32| {
            asked += 1;
            let text = find(bits.cast_signed()).unwrap_or_else(|| panic!("{name} has no text"));
            let sentences = text.matches(['.', ';']).count();
            assert!(sentences >= 2 || bits == 0, "{name} says no more than what happened: {text}");
        };
        let hex = |item: &serde_json::Value| {
            u32::from_str_radix(item["value"].as_str().unwrap().trim_start_matches("0x"), 16).unwrap()
        };
        for item in reference["errors"]["items"].as_array().unwrap() {
            ask(item["name"].as_str().unwrap(), hex(item));
        }
        for group in reference["windows_constants"].as_array().unwrap() {
            for item in group["items"].as_array().unwrap() {
                let name = item["name"].as_str().unwrap();
                if group["type"] == "HRESULT" {
                    ask(name, hex(item));
                } else if name.starts_with("ERROR_") {
                    let error = u32::try_from(item["value"].as_u64().unwrap()).unwrap();
                    ask(name, hresult_from_win32(error).cast_unsigned());
                }
            }
        }
        assert!(asked > 100, "{asked}");
    }

    #[test]
    fn no_code_has_two_texts() {
        let mut seen = HashSet::new();
        let win32 = WIN32.iter().map(|(error, _)| hresult_from_win32(*error));
        for code in OURS.iter().chain(COMMON).map(|(code, _)| *code).chain(win32) {
            assert!(seen.insert(code), "0x{code:08X}");
        }
    }
}
