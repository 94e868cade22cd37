//! What the operating system knows: the account that runs the process, its folders, files that are private to it.
//!
//! Everything offered here is safe; the few calls into the system library that Rust's own does not cover stay in the
//! file of the platform.

pub mod fault;
pub mod files;
pub mod inherit;
pub mod new_file;
#[cfg(unix)]
#[path = "unix.rs"]
mod platform;
#[cfg(windows)]
#[path = "windows.rs"]
mod platform;
pub mod private;
#[cfg(windows)]
pub mod registry;

use std::ffi::OsString;
use std::path::PathBuf;

use crate::error::{Error, ErrorKind, Result};

/// The account of the operating system that runs the process.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OsAccount {
    /// What identifies the account for good: `uid:1000`, or a SID (`S-1-5-21-…`) on Windows.
    pub id: String,
    /// Name for login. It may change, and may be anything the system allows.
    pub login: String,
}

/// What tells a file from every other that is there at the same time: the number of its volume, and its own on that.
pub type FileId = (u64, u128);

/// What the system knows a file by.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
struct Identity {
    id: FileId,
    /// When it was changed last, by whatever means: also set by writes, and not for programs to set.
    changed: (i64, i64),
    /// How many names it has.
    links: u64,
}

/// What an open file may be used for.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
struct Uses {
    /// What it holds may be changed.
    writes: bool,
    /// Whatever is written goes to its end.
    appends: bool,
}

/// Where this library keeps its files, before any store name is added.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Folders {
    /// Databases.
    pub data: PathBuf,
    /// Keys and settings, apart from the databases so that a copy of one does not hold the other.
    pub config: PathBuf,
}

/// The account whose rights this thread has now: the effective user of the process, or on Windows whom the thread
/// impersonates.
///
/// # Errors
/// [`ErrorKind::StoreUnusable`] when the system does not tell (Windows only).
pub fn current_account() -> Result<OsAccount> {
    platform::current_account()
}

/// The [`OsAccount::id`] of the current account, for much less than the whole of it.
///
/// # Errors
/// As [`current_account`].
pub fn current_account_id() -> Result<String> {
    platform::current_account_id()
}

/// True when this thread acts for another account than that of the process (Windows only).
#[must_use]
pub fn acts_for_another() -> bool {
    platform::acts_for_another()
}

/// True when the process has rights that its caller lacks (set-user-id, set-group-id, file capabilities). The
/// environment then comes from somebody with less power and is not believed.
#[must_use]
pub fn is_privileged() -> bool {
    platform::is_privileged()
}

/// A variable of the environment; `None` when it is unset, empty, or not to be believed ([`is_privileged`]).
#[must_use]
pub fn variable(name: &str) -> Option<OsString> {
    if is_privileged() { None } else { std::env::var_os(name).filter(|value| !value.is_empty()) }
}

/// The home folder of the account, from `HOME` or else from the system's list of accounts.
#[must_use]
pub fn home_folder() -> Option<PathBuf> {
    platform::home_folder(&variable)
}

/// The folders of this library for the current account.
///
/// `MSIPC_HOME` moves both (`$MSIPC_HOME/data`, `$MSIPC_HOME/config`). Otherwise they lie where the platform keeps such
/// files: `XDG_DATA_HOME` and `XDG_CONFIG_HOME`, `Library` on macOS, `LOCALAPPDATA` and `APPDATA` on Windows. Nothing is
/// created.
///
/// # Errors
/// [`ErrorKind::StoreUnusable`] when there is neither `MSIPC_HOME` nor a home folder.
pub fn folders() -> Result<Folders> {
    folders_from(&variable)
}

type Lookup<'a> = &'a dyn Fn(&str) -> Option<OsString>;

fn folders_from(lookup: Lookup<'_>) -> Result<Folders> {
    if let Some(home) = lookup("MSIPC_HOME") {
        let home = std::path::absolute(&home)
            .map_err(|error| Error::with(ErrorKind::StoreUnusable, format!("MSIPC_HOME cannot be used: {error}")))?;
        return Ok(Folders { data: home.join("data"), config: home.join("config") });
    }
    platform::folders(lookup).ok_or_else(|| {
        Error::with(
            ErrorKind::StoreUnusable,
            "the account has no home folder to keep the store in; set MSIPC_HOME to a folder of its own",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn msipc_home_moves_both_folders_and_becomes_absolute() {
        let lookup = |name: &str| (name == "MSIPC_HOME").then(|| OsString::from("some/where"));
        let folders = folders_from(&lookup).unwrap();
        assert!(folders.data.is_absolute());
        assert!(folders.data.ends_with("some/where/data"));
        assert!(folders.config.ends_with("some/where/config"));
    }

    #[cfg(all(unix, not(target_os = "macos")))]
    #[test]
    fn xdg_folders_are_honored_when_absolute() {
        let lookup = |name: &str| match name {
            "HOME" => Some(OsString::from("/home/kim")),
            "XDG_DATA_HOME" => Some(OsString::from("/data")),
            "XDG_CONFIG_HOME" => Some(OsString::from("relative")),
            _ => None,
        };
        let folders = folders_from(&lookup).unwrap();
        assert_eq!(folders.data, PathBuf::from("/data/msipc"));
        assert_eq!(folders.config, PathBuf::from("/home/kim/.config/msipc"), "relative values are ignored");
    }

    #[test]
    fn the_account_has_an_identity() {
        let account = current_account().unwrap();
        assert!(!account.login.is_empty());
        assert_eq!(current_account().unwrap().id, account.id);
        #[cfg(unix)]
        assert!(account.id.strip_prefix("uid:").unwrap().parse::<u32>().is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn without_home_the_list_of_accounts_tells() {
        let nothing = |_: &str| None;
        let relative = |name: &str| (name == "HOME").then(|| OsString::from("not/absolute"));
        let listed = platform::home_folder(&nothing);
        assert_eq!(platform::home_folder(&relative), listed);
        // Accounts of some containers are not listed; then there is no home, and the error says what helps.
        match listed {
            Some(home) => assert!(folders_from(&nothing).unwrap().data.starts_with(home)),
            None => assert!(folders_from(&nothing).unwrap_err().to_string().contains("MSIPC_HOME")),
        }
    }

    /// Not a test by itself: what the next one runs with the rights of another group.
    #[test]
    fn privileged_child() {
        if std::env::args().any(|argument| argument == "--nocapture") {
            println!("privileged {} believed {}", is_privileged(), variable("MSIPC_HOME").is_some());
            println!("{}", std::fs::read_to_string("/proc/self/status").unwrap_or_default());
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_privileged_process_does_not_believe_its_environment() {
        use std::os::unix::fs::{PermissionsExt, chown};
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("program");
        std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
        let run = || {
            let output = std::process::Command::new(&program)
                .args(["base::os::tests::privileged_child", "--exact", "--nocapture"])
                .env("MSIPC_HOME", "/somewhere")
                .output()
                .unwrap();
            String::from_utf8_lossy(&output.stdout).into_owned()
        };
        assert!(run().contains("privileged false believed true"));
        // Giving a program another group takes root, and a file system that allows it.
        if chown(&program, None, Some(54321)).is_err() {
            return;
        }
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o2755)).unwrap();
        let text = run();
        // A file system mounted without such programs leaves the group as it was.
        let group_taken = text.lines().any(|line| line.starts_with("Gid:") && line.contains("54321"));
        assert!(!group_taken || text.contains("privileged true believed false"), "{text}");
    }
}
