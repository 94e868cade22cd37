//! Reads the sources and checks who uses whom: a module uses only what stands above it, `unsafe` stays in its three
//! rooms, and the C layer cannot panic by choice. Code under `#[cfg(test)]` may use anything.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What each module may use beside `error` and itself. `ffi` may use everything, and nothing may use `ffi`.
const LAYERS: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("base", &[]),
    ("crypto", &["base"]),
    ("cipher", &["base", "crypto"]),
    ("policy", &["base"]),
    ("license", &["base", "cipher", "policy"]),
    ("xrml", &["base", "crypto", "cipher", "policy", "license"]),
    ("store", &["base", "crypto", "policy", "license"]), // secrets at rest are sealed where they are stored
    ("authority", &["base", "crypto", "cipher", "policy", "license", "xrml", "store"]),
    ("wire", &["base", "policy", "license"]),
    ("client", &["base", "crypto", "cipher", "policy", "license", "xrml", "store", "authority", "wire"]),
    ("file", &["base", "crypto", "cipher", "license", "xrml", "client"]), // licenses are stored as text, with a mark
    ("ffi", &["base", "crypto", "cipher", "policy", "license", "xrml", "store", "authority", "wire", "client", "file"]),
];

/// Paths that a module must not name although it may use the module: the authority knows stores as a trait only.
const NAMES_KEPT_OUT: &[(&str, &str)] = &[("authority", "store::sqlite"), ("client", "store::sqlite::schema")];

/// Where `unsafe` may stand.
const UNSAFE_ROOMS: &[&str] = &["ffi", "cipher::simd", "base::os"];

/// Words that panic by choice.
const PANICS: &[&str] = &[".unwrap()", ".expect(", ".unwrap_err()", ".expect_err(", "todo!", "unimplemented!"];

/// One source file with comments, literals and test code blanked out; line numbers are those of the file.
struct Source {
    module: String,
    path: PathBuf,
    code: String,
}

#[test]
fn modules_use_only_what_stands_above_them() {
    let mut problems = Vec::new();
    for source in sources() {
        problems.extend(layer_problems(&source));
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

/// On 32-bit Windows the convention of C is another than the one that programs call the interface by.
#[test]
fn the_interface_is_called_by_the_convention_of_the_system() {
    // What the dynamic linker of Linux calls is no part of the interface.
    let interface = |source: &&Source| source.module.starts_with("ffi") && source.module != "ffi::unload";
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut functions = 0;
    for source in sources().iter().filter(interface) {
        // Literals are blanked out in `code`, so the words are looked for in the file.
        let text = fs::read_to_string(root.join(&source.path)).unwrap();
        functions += text.matches("extern \"system\" fn Ipc").count();
        assert!(!text.contains("extern \"C\""), "{}: use extern \"system\"", source.path.display());
    }
    assert!(functions > 100, "{functions} functions");
}

#[test]
fn every_module_has_a_row() {
    let known: BTreeSet<&str> = LAYERS.iter().map(|(module, _)| *module).collect();
    let unknown: BTreeSet<String> = sources()
        .iter()
        .map(|source| top(&source.module).to_owned())
        .filter(|module| !module.is_empty() && !known.contains(module.as_str()))
        .collect();
    assert!(unknown.is_empty(), "modules without a row in LAYERS: {unknown:?}");
}

#[test]
fn unsafe_stays_in_its_rooms() {
    let mut problems = Vec::new();
    for source in sources().iter().filter(|source| !in_unsafe_room(&source.module)) {
        for line in lines_with_word(&source.code, "unsafe") {
            problems.push(format!("{}:{line}: unsafe outside {UNSAFE_ROOMS:?}", source.path.display()));
        }
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn every_other_module_forbids_unsafe() {
    let sources = sources();
    let forbidden: BTreeSet<String> = sources.iter().flat_map(forbidden_modules).collect();
    let problems: Vec<String> = sources
        .iter()
        .map(|source| source.module.as_str())
        .filter(|module| !in_unsafe_room(module) && !holds_unsafe_room(module))
        .filter(|module| !forbidden.iter().any(|parent| is_within(module, parent)))
        .map(|module| format!("{module}: no #[forbid(unsafe_code)] on it or above it"))
        .collect();
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn the_c_layer_does_not_panic_by_choice() {
    let mut problems = Vec::new();
    for source in sources().iter().filter(|source| is_within(&source.module, "ffi")) {
        for (number, line) in source.code.lines().enumerate() {
            for word in PANICS.iter().filter(|word| line.contains(*word)) {
                problems.push(format!("{}:{}: {word}", source.path.display(), number + 1));
            }
        }
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

// ------------------------------------------------------------------ the rules

fn layer_problems(source: &Source) -> Vec<String> {
    let own = top(&source.module);
    let Some((_, allowed)) = LAYERS.iter().find(|(module, _)| *module == own) else {
        return Vec::new(); // lib.rs; an unknown module has its own test
    };
    let mut problems = Vec::new();
    for (line, path) in used_paths(&source.module, &source.code) {
        let used = top(&path);
        // Names that lib.rs exports again begin with a capital letter and come from `error`.
        let is_module = used.chars().next().is_some_and(char::is_lowercase);
        if is_module && used != own && used != "error" && !allowed.contains(&used) {
            problems.push(format!("{}:{line}: {own} may not use {used}", source.path.display()));
        }
        for (_, kept_out) in NAMES_KEPT_OUT.iter().filter(|(module, name)| *module == own && is_within(&path, name)) {
            problems.push(format!("{}:{line}: {own} may not name {kept_out}", source.path.display()));
        }
    }
    problems
}

fn in_unsafe_room(module: &str) -> bool {
    UNSAFE_ROOMS.iter().any(|room| is_within(module, room))
}

/// Whether the module is a parent of a room, and so cannot forbid what its child allows.
fn holds_unsafe_room(module: &str) -> bool {
    module.is_empty() || UNSAFE_ROOMS.iter().any(|room| is_within(room, module))
}

fn is_within(module: &str, parent: &str) -> bool {
    module == parent || module.strip_prefix(parent).is_some_and(|rest| rest.starts_with("::"))
}

fn top(path: &str) -> &str {
    path.split("::").next().unwrap_or_default()
}

/// Modules that this source forbids unsafe code in: itself by an inner attribute, children by an outer one.
fn forbidden_modules(source: &Source) -> Vec<String> {
    let squeezed: String = source.code.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut found = Vec::new();
    if squeezed.contains("#![forbid(unsafe_code)]") {
        found.push(source.module.clone());
    }
    for after in squeezed.split("#[forbid(unsafe_code)]").skip(1) {
        let item = after.split([';', '{']).next().unwrap_or_default();
        if let Some(name) = item.split_whitespace().skip_while(|word| *word != "mod").nth(1) {
            found.push(join(&source.module, name));
        }
    }
    found
}

/// Every path that begins with `crate::`, or climbs by `super::` to the crate's root, with the line it stands in.
/// Groups are followed: `use crate::{base::time, error::Result}` gives two.
fn used_paths(module: &str, code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        if !code[..at].ends_with(is_word) {
            expand(code, at + "crate::".len(), String::new(), &mut found);
        }
    }
    for (at, _) in code.match_indices("super::") {
        if code[..at].ends_with(is_word) || code[..at].ends_with("super::") {
            continue;
        }
        let climbs = code[at..].split("super::").take_while(|part| part.is_empty()).count();
        let parts: Vec<&str> = module.split("::").collect();
        if climbs >= parts.len() {
            expand(code, at + climbs * "super::".len(), String::new(), &mut found);
        }
    }
    found.into_iter().map(|(at, path)| (1 + code[..at].matches('\n').count(), path)).collect()
}

/// Follows one use tree from `at`, adds its leaves, and returns where it ends.
fn expand(code: &str, at: usize, prefix: String, found: &mut Vec<(usize, String)>) -> usize {
    let start = at + code[at..].len() - code[at..].trim_start().len();
    if code[start..].starts_with('{') {
        let mut here = start + 1;
        loop {
            here += code[here..].len() - code[here..].trim_start_matches([' ', '\n', '\t', ',']).len();
            if here >= code.len() || code[here..].starts_with('}') {
                return here + 1;
            }
            let before = here;
            here = expand(code, here, prefix.clone(), found);
            // `a as b` and `*` end a leaf; go on behind the next separator.
            here += code[here..].find([',', '}', '{']).unwrap_or(code.len() - here);
            if here == before {
                return here;
            }
        }
    }
    let length = code[start..].find(|c| !is_word(c)).unwrap_or(code.len() - start);
    let path = join(&prefix, &code[start..start + length]);
    let end = start + length;
    if length > 0 && code[end..].starts_with("::") {
        return expand(code, end + 2, path, found);
    }
    found.push((start, path));
    end
}

fn join(parent: &str, name: &str) -> String {
    if parent.is_empty() { name.to_owned() } else { format!("{parent}::{name}") }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn lines_with_word(code: &str, word: &str) -> Vec<usize> {
    code.lines()
        .enumerate()
        .filter(|(_, line)| line.split(|c| !is_word(c)).any(|found| found == word))
        .map(|(number, _)| number + 1)
        .collect()
}

// ------------------------------------------------------------------ reading the sources

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = BTreeMap::new();
    walk(&root, &root, &mut files);
    assert!(files.len() > 10, "no sources found in {}", root.display());
    let mut test_modules = BTreeSet::new();
    let mut sources = Vec::new();
    for (module, path) in files {
        let text = fs::read_to_string(&path).expect("a source file is readable UTF-8");
        let (code, tests) = without_tests(&without_comments_and_literals(&text));
        test_modules.extend(tests.iter().map(|name| join(&module, name)));
        sources.push(Source { module, path: path.strip_prefix(&root).expect("below src").to_owned(), code });
    }
    sources.retain(|source| !source.module.ends_with("_tests")); // named by #[path] under #[cfg(test)]
    sources.retain(|source| !test_modules.iter().any(|tests| is_within(&source.module, tests)));
    sources
}

fn walk(root: &Path, folder: &Path, files: &mut BTreeMap<String, PathBuf>) {
    for entry in fs::read_dir(folder).expect("src is readable") {
        let path = entry.expect("src is readable").path();
        if path.is_dir() {
            walk(root, &path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let relative = path.strip_prefix(root).expect("below src").with_extension("");
            let mut parts: Vec<&str> = relative.iter().map(|part| part.to_str().expect("an ASCII file name")).collect();
            if matches!(parts.last(), Some(&"mod" | &"lib")) {
                parts.pop();
            }
            files.insert(parts.join("::"), path);
        }
    }
}

/// Blanks comments, string and character literals, and keeps line breaks.
fn without_comments_and_literals(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut i = 0;
    while i < chars.len() {
        let end = skipped_until(&chars, i);
        if end > i {
            out.extend(chars[i..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
            i = end;
        } else {
            out.push(chars[i]);
            i += 1;
        }
    }
    out
}

/// Where the comment or literal that begins at `i` ends; `i` if none begins there.
fn skipped_until(chars: &[char], i: usize) -> usize {
    let at = |k: usize| chars.get(k).copied().unwrap_or('\0');
    let after_word = i > 0 && is_word(chars[i - 1]);
    match at(i) {
        '/' if at(i + 1) == '/' => (i..chars.len()).find(|k| chars[*k] == '\n').unwrap_or(chars.len()),
        '/' if at(i + 1) == '*' => {
            let (mut depth, mut k) = (0_usize, i);
            while k < chars.len() {
                if at(k) == '/' && at(k + 1) == '*' {
                    (depth, k) = (depth + 1, k + 2);
                } else if at(k) == '*' && at(k + 1) == '/' {
                    (depth, k) = (depth - 1, k + 2);
                    if depth == 0 {
                        return k;
                    }
                } else {
                    k += 1;
                }
            }
            chars.len()
        }
        '"' => quoted(chars, i + 1, '"'),
        'r' | 'b' | 'c' if !after_word => {
            let mut k = i;
            while matches!(at(k), 'r' | 'b' | 'c') && k < i + 2 {
                k += 1;
            }
            let raw = chars[i..k].contains(&'r');
            let hashes = (k..chars.len()).take_while(|k| raw && chars[*k] == '#').count();
            match at(k + hashes) {
                '"' if raw => raw_quoted(chars, k + hashes + 1, hashes),
                '"' => quoted(chars, k + 1, '"'),
                '\'' if !raw && k == i + 1 && at(i) == 'b' => quoted(chars, k + 1, '\''),
                _ => i,
            }
        }
        // A lifetime has no closing quote behind its first letter.
        '\'' if at(i + 1) == '\\' || at(i + 2) == '\'' => quoted(chars, i + 1, '\''),
        _ => i,
    }
}

fn quoted(chars: &[char], from: usize, quote: char) -> usize {
    let mut k = from;
    while k < chars.len() {
        match chars[k] {
            '\\' => k += 2,
            c if c == quote => return k + 1,
            _ => k += 1,
        }
    }
    chars.len()
}

fn raw_quoted(chars: &[char], from: usize, hashes: usize) -> usize {
    (from..chars.len())
        .find(|k| chars[*k] == '"' && chars[k + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes)
        .map_or(chars.len(), |k| k + 1 + hashes)
}

/// Blanks items under `#[cfg(test)]` or `#[cfg(all(test, ...))]`, and names the modules among them that have a file.
fn without_tests(code: &str) -> (String, Vec<String>) {
    let mut out = code.to_owned();
    let mut modules = Vec::new();
    for marker in ["#[cfg(test)]", "#[cfg(all(test"] {
        while let Some(start) = out.find(marker) {
            let end = item_end(&out, start + marker.len());
            let item = &out[start..end];
            if item.ends_with(';') {
                let words: Vec<&str> = item.trim_end_matches(';').split_whitespace().collect();
                if let [.., "mod", name] = words.as_slice() {
                    modules.push((*name).to_owned());
                }
            }
            let blank: String = item.chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect();
            out.replace_range(start..end, &blank);
        }
    }
    (out, modules)
}

/// The end of an item: its semicolon, or the brace that closes its body.
fn item_end(code: &str, from: usize) -> usize {
    let mut depth = 0_usize;
    for (offset, c) in code[from..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth <= 1 => return from + offset + 1,
            '}' => depth -= 1,
            ';' if depth == 0 => return from + offset + 1,
            _ => {}
        }
    }
    code.len()
}

// ------------------------------------------------------------------ the checks can fail

fn sample(module: &str, text: &str) -> Source {
    let (code, _) = without_tests(&without_comments_and_literals(text));
    Source { module: module.to_owned(), path: PathBuf::from("sample.rs"), code }
}

#[test]
fn sample_upward_use_is_found_in_every_spelling() {
    for text in [
        "use crate::client::Key;",
        "use crate::{base::time::Timestamp, client};",
        "use crate::{\n    base::{guid::Guid, time::*},\n    error::Result as R,\n    client::{Key as K, Environment},\n};",
        "fn f() { let _ = crate::client::Key::new(); }",
        "use super::client::Key;",
    ] {
        let problems = layer_problems(&sample("policy", text));
        assert!(
            !problems.is_empty() && problems.iter().all(|p| p.contains("policy may not use client")),
            "{text}: {problems:?}"
        );
    }
    let nested = layer_problems(&sample("policy::right", "use super::super::xrml::reader;"));
    assert_eq!(nested, ["sample.rs:1: policy may not use xrml"]);
}

#[test]
fn sample_allowed_use_is_quiet() {
    let text = "use crate::{Error, base::{self, time}, error::Result};\nuse super::right::Right; // crate::client::Key\n\
                const A: &str = \"crate::client\"; const B: char = '\"'; const C: &str = r#\"crate::ffi\"\"#;\n\
                fn f<'a>(x: &'a str) {}\n#[cfg(test)]\nmod tests { use crate::client::Key; fn g() { if true {} } }\n";
    assert_eq!(layer_problems(&sample("policy::user", text)), Vec::<String>::new());
}

#[test]
fn sample_kept_out_name_is_found() {
    let problems = layer_problems(&sample("authority::issue", "use crate::store::{Store, sqlite::SqliteStore};"));
    assert_eq!(problems, ["sample.rs:1: authority may not name store::sqlite"]);
}

#[test]
fn sample_test_modules_and_attributes_are_read() {
    let (code, modules) = without_tests("mod a;\n#[cfg(test)]\nmod tests;\nfn f() { x.unwrap() }");
    assert_eq!(modules, ["tests"]);
    assert!(code.contains(".unwrap()"));
    assert_eq!(lines_with_word("a\nunsafe { b }\nunsafe_code", "unsafe"), [2]);
    let parent = sample("base", "#[forbid(unsafe_code)]\npub mod guid;\n#[allow(unsafe_code)]\npub mod os;");
    assert_eq!(forbidden_modules(&parent), ["base::guid"]);
}
