//! Makes the headers and the version constants, in the build folder; nothing is written into the source tree.
//!
//! cbindgen turns `src/ffi` into C. What it cannot say is put right afterwards, each time at a place that must exist, so
//! that a surprise stops the build: calling convention, tags, packing, the union without name, wide literals, and codes
//! in hexadecimal. `make headers` copies the result to `include/`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Structures that are packed, and to how many bytes.
const PACKED: [(&str, u32); 3] =
    [("IPC_LICENSE_METADATA", 4), ("IPCF_FILE_BASIC_INFORMATION", 4), ("IPCF_PROTECTED_FILE_HEADER", 1)];
/// Sources of `msipc_ext.h` begin so; every other file of the folder belongs to `msipc.h`.
const EXTENSION: &str = "ext";
/// What only C can say: a file descriptor where a handle of Windows is expected.
const CANCEL: &str = "
#if !defined(_WIN32)
/* The value of IPC_PROMPT_CTX::hCancelEvent for a file descriptor: the call is cancelled when it becomes readable, or when
 * the other end of a pipe is closed. The descriptor stays the caller's, is not read, and is open until the call returns. */
#define IPCX_CANCEL_FD(fd) IPCX_HANDLE_OF_FD_(fd)
/* A file descriptor where a handle of a file is asked for: IpcfOpenFileOnHandle, IpcxCreateStreamOnFile. */
#define IPCX_FILE_FD(fd) IPCX_HANDLE_OF_FD_(fd)
#ifdef __cplusplus
#define IPCX_HANDLE_OF_FD_(fd) reinterpret_cast<HANDLE>(static_cast<size_t>((fd) + 1))
#else
#define IPCX_HANDLE_OF_FD_(fd) ((HANDLE)(size_t)((fd) + 1))
#endif
#endif";
/// Sources with nothing for a header: the words of Windows, what is not C, and what only tests have.
const NOT_FOR_HEADERS: [&str; 5] = ["base.rs", "mod.rs", "test_clock.rs", "version.rs", "wide.rs"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=cbindgen.toml");
    println!("cargo::rerun-if-changed=src/ffi");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    refuse_nonsense();
    let version = out.join("version.rs");
    fs::write(&version, version_constants()).expect("OUT_DIR is writable");
    if env::var_os("CARGO_FEATURE_FFI").is_some() {
        headers(&out, &version);
    }
}

/// Combinations that would build something nobody can use.
fn refuse_nonsense() {
    let ffi = env::var_os("CARGO_FEATURE_FFI").is_some();
    assert!(
        ffi || env::var_os("CARGO_FEATURE_UTF16").is_none(),
        "feature `utf16` sets the width of text in the C interface and needs feature `ffi`"
    );
    assert!(
        env::var("CARGO_CFG_PANIC").as_deref() != Ok("abort") || !ffi,
        "the C interface catches panics; they must unwind"
    );
}

/// The version of the package as constants of the C layer.
fn version_constants() -> String {
    let part = |name: &str| -> u32 { env::var(name).expect("cargo sets it").parse().expect("a number") };
    let (major, minor, patch) =
        (part("CARGO_PKG_VERSION_MAJOR"), part("CARGO_PKG_VERSION_MINOR"), part("CARGO_PKG_VERSION_PATCH"));
    assert!(major < 256 && minor < 256 && patch < 65_536, "the version does not fit its constant");
    format!(
        "/// Major version of the header.\npub const IPCX_VERSION_MAJOR: DWORD = {major};\n\
         /// Minor version of the header.\npub const IPCX_VERSION_MINOR: DWORD = {minor};\n\
         /// Patch version of the header.\npub const IPCX_VERSION_PATCH: DWORD = {patch};\n\
         /// Version of the header: major in bits 24 to 31, minor in bits 16 to 23, patch below.\n\
         pub const IPCX_VERSION: DWORD = {};\n",
        major << 24 | minor << 16 | patch
    )
}

fn headers(out: &Path, version: &Path) {
    let mut main = Vec::new();
    let mut extension = vec![version.to_path_buf()];
    // Constants and types first, then functions by file name, so that the order does not depend on the file system.
    let mut files = BTreeMap::new();
    for entry in fs::read_dir("src/ffi").expect("the C layer is there") {
        let path = entry.expect("the C layer is readable").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if name.ends_with(".rs") && !name.ends_with("_tests.rs") && !NOT_FOR_HEADERS.contains(&name.as_str()) {
            files.insert((!matches!(name.as_str(), "constants.rs" | "types.rs" | "ext_types.rs"), name), path);
        }
    }
    for ((_, name), path) in files {
        if name.starts_with(EXTENSION) { extension.push(path) } else { main.push(path) }
    }

    let config = cbindgen::Config::from_file("cbindgen.toml").expect("cbindgen.toml is valid");
    let mut config_main = config.clone();
    let texts = wide_constants(&fs::read_to_string("src/ffi/constants.rs").expect("constants.rs is there"));
    config_main.trailer = Some(texts + &config_main.trailer.unwrap_or_default());
    config_main.export.include = declared_types(&fs::read_to_string("src/ffi/types.rs").expect("types.rs is there"));
    fs::write(out.join("msipc.h"), finish(&generate(config_main, &main), true)).expect("OUT_DIR is writable");

    let mut config_ext = config;
    let declared = declared_types(&fs::read_to_string("src/ffi/ext_types.rs").expect("ext_types.rs is there"));
    config_ext.export.include = declared;
    config_ext.header = Some(
        "/*\n * Rights management: what this library has beside the interface of the RMS SDK 2.1.\n *\n \
         * Generated from src/ffi; change it there and run `make headers`. The contract of msipc.h holds here too.\n */"
            .into(),
    );
    config_ext.include_guard = Some("MSIPC_EXT_H".into());
    config_ext.includes = vec!["msipc.h".into()];
    config_ext.after_includes = Some(CANCEL.into());
    config_ext.trailer = None;
    fs::write(out.join("msipc_ext.h"), finish(&generate(config_ext, &extension), false)).expect("OUT_DIR is writable");
    println!("cargo::rustc-env=MSIPC_HEADERS={}", out.display());
}

/// Functions are called by the convention of the system: stdcall on 32-bit Windows, what C uses elsewhere. cbindgen knows
/// only the latter by name, and leaves the others out, so it reads copies; `prototypes` writes the convention.
fn generate(config: cbindgen::Config, sources: &[PathBuf]) -> String {
    let copies = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("ffi");
    fs::create_dir_all(&copies).expect("OUT_DIR is writable");
    let mut builder = cbindgen::Builder::new().with_config(config);
    for source in sources {
        let text = fs::read_to_string(source).expect("the C layer is readable");
        let copy = copies.join(source.file_name().expect("a source has a name"));
        fs::write(&copy, text.replace("extern \"system\" fn", "extern \"C\" fn")).expect("OUT_DIR is writable");
        builder = builder.with_src(copy);
    }
    let mut text = Vec::new();
    builder.generate().expect("src/ffi can be read by cbindgen").write(&mut text);
    String::from_utf8(text).expect("cbindgen writes UTF-8")
}

/// The names of all types that the file declares: they belong into the header even before a function uses them.
fn declared_types(source: &str) -> Vec<String> {
    let name = |line: &str| {
        let rest = ["pub struct ", "pub type "].iter().find_map(|word| line.strip_prefix(word))?;
        rest.split([' ', '=', '{']).next().map(str::to_owned)
    };
    source.lines().filter_map(name).collect()
}

/// The wide constants, which cbindgen leaves out: `pub const NAME: &str = "text";` with its comment.
fn wide_constants(source: &str) -> String {
    let mut text = String::new();
    let mut comment = "";
    for line in source.lines() {
        let constant = line.strip_prefix("pub const ").and_then(|rest| rest.strip_suffix(';'));
        if let Some((name, value)) = constant.and_then(|rest| rest.split_once(": &str = ")) {
            text += &format!("/**{comment} */\n#define {name} IPC_TEXT({value})\n");
        }
        comment = line.strip_prefix("///").unwrap_or_default();
    }
    text
}

/// Puts right what cbindgen cannot say.
fn finish(text: &str, main: bool) -> String {
    // Tags begin with an underscore, as in the SDK.
    let text = text.replace("struct IPC", "struct _IPC").replace("MSIPC_API\n", "MSIPC_API ");
    // C89 has no comments of this kind.
    let text = text.replace("#endif // __cplusplus", "#endif").replace("#endif  // __cplusplus", "#endif");
    let text = once(&text, "}  // extern \"C\"", "}");
    let mut text = prototypes(&comments(&text.lines().map(constant).collect::<String>()));
    if main {
        // cbindgen puts the trailer behind the include guard.
        text = once(&text, "#endif  /* MSIPC_H */\n", "") + "\n#endif  /* MSIPC_H */\n";
        text = once(&text, "HRESULT (*IPC_OAUTH2_CALLBACK)", "HRESULT(CALLBACK *IPC_OAUTH2_CALLBACK)");
        text = once(&text, "IpcInitialize(void);", "IpcInitialize(void) IPC_OF_WIDTH(\"Initialize\");");
        text = once(&text, "IpcFreeMemory(LPVOID pb);", "IpcFreeMemory(LPVOID pb) IPC_OF_WIDTH(\"FreeMemory\");");
        text = nameless_union(&text);
        for (name, bytes) in PACKED {
            let (begin, end) = (format!("typedef struct _{name} {{\n"), format!("}} {name};\n"));
            text = once(&text, &begin, &format!("#pragma pack(push, {bytes})\n{begin}"));
            text = once(&text, &end, &format!("{end}#pragma pack(pop)\n"));
        }
    } else {
        text = once(&text, "HRESULT (*IPCX_PROGRESS_CALLBACK)", "HRESULT(CALLBACK *IPCX_PROGRESS_CALLBACK)");
        text = once(&text, "void (*IPCX_LOG_CALLBACK)", "void(CALLBACK *IPCX_LOG_CALLBACK)");
        text = once(&text, "HRESULT (*IPCX_SIGN_CALLBACK)", "HRESULT(CALLBACK *IPCX_SIGN_CALLBACK)");
    }
    text
}

/// One line; codes and large numbers are written in hexadecimal.
fn constant(line: &str) -> String {
    let constant = line.strip_prefix("#define ").and_then(|rest| rest.split_once(' '));
    let Some((name, value)) = constant else { return format!("{line}\n") };
    if let Some(code) = value.strip_prefix("(HRESULT)") {
        let number = code.trim_end_matches(char::is_alphabetic);
        let code: u32 = number.parse().unwrap_or_else(|_| panic!("{name}: {code} is no number"));
        return format!("#define {name} IPC_RESULT_(0x{code:08X})\n");
    }
    match value.parse::<u32>() {
        Ok(number) if number >= 0x1000 => format!("#define {name} 0x{number:08X}\n"),
        _ => format!("{line}\n"),
    }
}

/// Comments of one line on one line, and no empty line between two constants of a group.
fn comments(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut out = String::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let inner = lines.get(at + 1).and_then(|inner| inner.trim_start().strip_prefix("* "));
        let ends = lines.get(at + 2).is_some_and(|end| end.trim() == "*/");
        match inner.filter(|_| line.trim() == "/**" && ends) {
            Some(inner) => {
                let indent = &line[..line.len() - line.trim_start().len()];
                out += &format!("{indent}/** {inner} */\n");
                at += 3;
            }
            None => {
                out += line;
                out += "\n";
                at += 1;
            }
        }
        let define = |line: Option<&&str>| line.is_some_and(|line| line.starts_with("#define IPC"));
        if define(lines.get(at.wrapping_sub(1))) && lines.get(at) == Some(&"") && lines.get(at + 1) == Some(&"/**") {
            at += 1;
        }
    }
    out
}

/// The calling convention, and one parameter to a line.
fn prototypes(text: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for line in text.lines() {
        let convention = line.strip_prefix("MSIPC_API ").and_then(|rest| rest.split_once(" Ipc"));
        let line = match convention {
            Some((result, rest)) => format!("MSIPC_API {result} WINAPI Ipc{rest}"),
            None if inside => format!("    {}", line.trim_start()),
            None => line.to_owned(),
        };
        let begins =
            convention.is_some() || line.starts_with("typedef HRESULT (*") || line.starts_with("typedef void (*");
        match line.rsplit_once('(').filter(|_| begins && line.ends_with(',')) {
            Some((head, first)) => out += &format!("{head}(\n    {first}\n"),
            None => out += &format!("{line}\n"),
        }
        inside = (inside || begins) && line.ends_with(',');
    }
    out
}

/// The union of credentials, which in C is part of the structure.
fn nameless_union(text: &str) -> String {
    let begin = "typedef union IPC_CREDENTIAL_UNION {\n";
    let end = "} IPC_CREDENTIAL_UNION;\n\n";
    let (before, rest) = text.split_once(begin).expect("the union of credentials is generated");
    let (members, after) = rest.split_once(end).expect("the union of credentials ends");
    let comment = before.rfind("/**").expect("the union of credentials has a comment");
    let members: String = members.lines().map(|line| format!("    {line}\n")).collect();
    let text = format!("{}{after}", &before[..comment]);
    once(
        &text,
        "    union IPC_CREDENTIAL_UNION u;\n",
        &format!("    IPC_NAMELESS union {{\n{members}    }} IPC_UNION_NAME;\n"),
    )
}

/// Replaces what must be there exactly once.
fn once(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "the generated header no longer has {from:?} once; see build.rs");
    text.replacen(from, to, 1)
}
