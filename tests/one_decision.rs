//! Reads the sources and checks that a content key is reached through the decision alone: a sealed key is opened in one
//! place, let go in two, and only the known functions and types hand one on. A new way to a key fails here first.
//! Code under `#[cfg(test)]` may do anything.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// A statement about the sources: where a text may stand, with how often, and why that is no way around the decision.
struct Place {
    file: &'static str,
    times: usize,
}

const fn at(file: &'static str, times: usize) -> Place {
    Place { file, times }
}

/// Text and the only places for it, outside `src/cipher`, which has no idea of licenses. Blanks do not count.
const ONLY: &[(&str, &[Place])] = &[
    // A sealed key is opened by the authority, in `open`, which keeps it inside `Opened`. `enabling` is the sealing
    // itself, which the two kinds of license call.
    (".unseal(", &[at("authority/grant.rs", 1)]),
    ("enabling::unseal(", &[at("xrml/publishing.rs", 1), at("xrml/use_license.rs", 1)]),
    ("fn unseal(", &[at("xrml/enabling.rs", 1), at("xrml/publishing.rs", 1), at("xrml/use_license.rs", 1)]),
    // The way from `Opened` to the key: `decide` asks `evaluate` and makes `Decided`, which is let go by `acquire`, and by
    // `publish` where a key is used again, after EDITRIGHTSDATA.
    ("Opened{", &[at("authority/grant.rs", 4)]),  // type, two impls, `open`
    ("Decided{", &[at("authority/grant.rs", 4)]), // type, two impls, `decide`
    (".decide(", &[at("authority/grant.rs", 1), at("authority/issue.rs", 1)]),
    ("decided.release()", &[at("authority/grant.rs", 1), at("authority/issue.rs", 1)]),
    ("fn release(self)", &[at("authority/grant.rs", 1)]),
    // A decision is made by the function that decides, and that function is asked by `decide` alone.
    ("Decision{", &[at("policy/evaluate.rs", 5)]), // type, impl, three outcomes
    ("evaluate(&", &[at("authority/grant.rs", 1)]),
    // Rights outside a decision: the publisher's own, who made the key, and a use license that was kept.
    ("GrantedRights{", &[at("client/use_license.rs", 1), at("policy/evaluate.rs", 4)]),
    ("full_control(", &[at("authority/issue.rs", 1), at("policy/evaluate.rs", 3)]),
    // Keys from nothing: publishing makes a new one. Keys from bytes: unsealing, and a use license that was kept.
    ("ContentKey::generate(", &[at("authority/issue.rs", 1)]),
    ("ContentKey::new(", &[at("client/use_license.rs", 1), at("xrml/enabling.rs", 1)]),
    // The write key of a license: opened for a decision that grants writing, and where the content key is used again.
    (".open_write_key(", &[at("authority/write_key.rs", 1)]),
    ("fn open_write_key(", &[at("authority/write_key.rs", 1)]),
    (".write_key_for(", &[at("authority/grant.rs", 1), at("authority/write_key.rs", 1)]),
    (".same_write_key(", &[at("authority/issue.rs", 1)]),
    // Bytes of a key: sealed into a license, into the keys derived for rights and data, and into the kept use license.
    // (The log derives its key from the store's sealing key, which has the same method, and a new passphrase wraps it.)
    (
        "expose_bytes()",
        &[
            at("authority/audit.rs", 1),
            at("client/use_license.rs", 1),
            at("store/sqlite/lock.rs", 1),
            at("xrml/app_data.rs", 1),
            at("xrml/enabling.rs", 1),
            at("xrml/rights_data.rs", 2),
        ],
    ),
];

/// Every function that hands out a content key or a write key, outside `src/cipher`.
const HAND_OUT: &[(&str, &str)] = &[
    ("authority/grant.rs", "acquire"),           // after the decision and its log line
    ("authority/grant.rs", "release"),           // of `Decided`
    ("authority/issue.rs", "publish"),           // the publisher's own
    ("authority/issue.rs", "sign"),              // private; behind `publish`
    ("authority/write_key.rs", "new_write_key"), // pub(super), as the next two
    ("authority/write_key.rs", "open_write_key"),
    ("authority/write_key.rs", "same_write_key"),
    ("authority/write_key.rs", "write_key_for"), // for a decision that grants writing
    ("authority/issue.rs", "reused_key"),        // private; after the decision, with EDITRIGHTSDATA
    ("client/key.rs", "content_key"),            // pub(super): for the application data of a serialized license
    ("client/key.rs", "write_key"),              // by reference, of an open key that has it
    ("xrml/enabling.rs", "unseal"),              // pub(crate); needs the authority's private key
    ("xrml/publishing.rs", "unseal"),            // the same
    ("xrml/use_license.rs", "unseal"),           // needs the user's private key; the authority decided before it sealed
];

/// Every field that holds one, outside `src/cipher`, as it is declared.
const FIELDS: &[(&str, &str)] = &[
    ("authority/grant.rs", "content_key: ContentKey"), // `Opened` and `Decided`: private
    ("authority/grant.rs", "pub content_key: ContentKey"), // `Acquisition`: what the authority hands out
    ("authority/grant.rs", "pub write_key: Option<SigningKey>"),
    ("authority/issue.rs", "pub content_key: ContentKey"), // `Signed`: the publisher's own
    ("authority/issue.rs", "pub write_key: Option<SigningKey>"),
    ("client/licensor.rs", "pub content_key: ContentKey"), // `Acquired` and `Published`: the same for the client
    ("client/licensor.rs", "pub write_key: Option<SigningKey>"),
    ("client/read_license.rs", "pub(super) content_key: ContentKey"), // `Unlocked`: what keys of one license share
    ("client/read_license.rs", "content_key: ContentKey"),            // on its way into it
    ("client/use_license.rs", "pub(super) write_key: Option<SigningKey>"),
    ("file/coder.rs", "key: ContentKey"), // of tests and recovery tools, which have the key from elsewhere
    ("file/pfile/access.rs", "pub write_key: Option<SigningKey>"), // of an open key that has it
];

#[test]
fn each_step_to_a_key_stands_where_it_is_known() {
    let sources = sources();
    let problems: Vec<String> = ONLY.iter().flat_map(|(text, places)| misplaced(&sources, text, places)).collect();
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn only_the_known_functions_hand_out_a_key() {
    let found: BTreeSet<(String, String)> = sources()
        .iter()
        .flat_map(|(file, code)| functions_returning_keys(code).into_iter().map(|name| (file.clone(), name)))
        .collect();
    let known: BTreeSet<_> = HAND_OUT.iter().map(|(file, name)| ((*file).to_owned(), (*name).to_owned())).collect();
    assert_eq!(found, known);
}

#[test]
fn only_the_known_types_hold_a_key() {
    let found: BTreeSet<(String, String)> = sources()
        .iter()
        .flat_map(|(file, code)| fields_holding_keys(code).into_iter().map(|field| (file.clone(), field)))
        .collect();
    let known: BTreeSet<_> = FIELDS.iter().map(|(file, field)| ((*file).to_owned(), (*field).to_owned())).collect();
    assert_eq!(found, known);
}

#[test]
fn the_c_layer_never_names_a_key() {
    for (file, code) in sources().iter().filter(|(file, _)| file.starts_with("ffi/")) {
        assert!(!code.contains("cipher::ContentKey") && !code.contains("expose_bytes"), "{file}");
    }
}

// ------------------------------------------------------------------ the rules

fn misplaced(sources: &[(String, String)], text: &str, places: &[Place]) -> Vec<String> {
    let squeezed = |code: &str| code.split_whitespace().collect::<Vec<_>>().join(" ").replace(" {", "{");
    let mut problems = Vec::new();
    for (file, code) in sources {
        let code = squeezed(code);
        let starts_word = text.starts_with(char::is_alphabetic);
        // Not a longer word, and not the result of a function whose body begins there.
        let counts = |before: &str| {
            let is_longer = starts_word && before.ends_with(is_word);
            !is_longer && !before.trim_end_matches('&').ends_with("-> ")
        };
        let hits = code.match_indices(text).filter(|(at, _)| counts(&code[..*at])).count();
        let may = places.iter().find(|place| place.file == file).map_or(0, |place| place.times);
        if hits != may {
            problems.push(format!("{file}: `{text}` {hits} times, known are {may}"));
        }
    }
    let missing = places.iter().filter(|place| !sources.iter().any(|(file, _)| file == place.file));
    problems.extend(missing.map(|place| format!("{}: there is no such file", place.file)));
    problems
}

/// Names of the functions whose result names the key, itself or within something, by value or by reference.
fn functions_returning_keys(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (start, _) in code.match_indices("fn ").filter(|(start, _)| !code[..*start].ends_with(is_word)) {
        let rest = &code[start + 3..];
        let head = &rest[..rest.find(['{', ';']).unwrap_or(rest.len())];
        let returns_key = head.rsplit_once("->").is_some_and(|(_, result)| names_key(result));
        if returns_key {
            found.push(head.split(|c| !is_word(c)).next().unwrap_or_default().to_owned());
        }
    }
    found
}

/// Declarations of fields, which stand on a line of their own and end in a comma.
fn fields_holding_keys(code: &str) -> Vec<String> {
    let declares = |line: &&str| {
        line.split_once(": ").is_some_and(|(name, kind)| {
            let by_value = kind.ends_with(',') && names_key(kind) && !kind.starts_with('&') && !kind.contains('(');
            by_value && !name.trim_start_matches("pub(super)").trim_start_matches("pub(crate)").contains('(')
        })
    };
    let lines = code.lines().map(str::trim).filter(declares);
    lines.map(|line| line.trim_end_matches(',').to_owned()).collect()
}

/// Types that are a key or hold one in the open, beside those that the client is handed.
const KEYS: &[&str] = &["ContentKey", "SigningKey", "Acquisition", "Signed"];

fn names_key(text: &str) -> bool {
    text.split(|c| !is_word(c)).any(|word| KEYS.contains(&word))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

// ------------------------------------------------------------------ reading the sources

/// Files below `src` by name, without comments and tests, and without `src/cipher`.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&root, &root, &mut files);
    assert!(files.len() > 50, "no sources found in {}", root.display());
    files
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("src is readable") {
        let path = entry.expect("src is readable").path();
        let name = path.strip_prefix(root).expect("below src").to_string_lossy().replace('\\', "/");
        let is_test = name.ends_with("tests.rs") || name.ends_with("_properties.rs") || name.ends_with("/tests");
        if is_test || name == "cipher" {
            continue;
        }
        if path.is_dir() {
            walk(root, &path, files);
        } else if name.ends_with(".rs") {
            files.push((name, code_of(&fs::read_to_string(&path).expect("a source file is readable UTF-8"))));
        }
    }
}

/// Drops comments to the end of the line, and test modules, which stand last in a file here.
fn code_of(text: &str) -> String {
    let mut code = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let is_test = line == "#[cfg(test)]" || line.starts_with("#[cfg(all(test");
        if is_test && lines.peek().is_some_and(|next| next.starts_with("mod ") && next.ends_with('{')) {
            // The body ends at the first brace in the first column.
            lines.find(|line| *line == "}");
            continue;
        }
        code.push_str(line.split("//").next().unwrap_or_default());
        code.push('\n');
    }
    code
}

// ------------------------------------------------------------------ the checks can fail

#[test]
fn sample_ways_around_the_decision_are_found() {
    let sample = |text: &str| vec![("client/new.rs".to_owned(), code_of(text))];
    for text in [
        "fn f() { let key = license.unseal(&private, random)?; }",
        "fn f() { let key = opened.decide(&me, now); }",
        "fn f() -> Decision { Decision { granted } }",
        "fn f() { authority.acquire(a, b)?; ContentKey::new(mode, bytes) }",
        "fn f() { key.expose_bytes() }",
    ] {
        let sources = sample(text);
        let found = ONLY.iter().any(|(text, _)| !misplaced(&sources, text, &[]).is_empty());
        assert!(found, "{text}");
    }
    let quiet = sample("// x.unseal(y)\n#[cfg(test)]\nmod tests {\n    fn f() { x.unseal(y) }\n}\nfn g() {}\n");
    assert!(misplaced(&quiet, ".unseal(", &[]).is_empty() && quiet[0].1.contains("fn g()"));
}

#[test]
fn sample_functions_and_fields_are_found_in_every_form() {
    for text in [
        "pub fn give(&self) -> ContentKey {",
        "fn give<T>(a: &T) -> Result<(Vec<u8>, ContentKey)>\nwhere\n    T: Copy,\n{",
        "pub(crate) fn give(\n    &self,\n) -> Option<&ContentKey> {",
        "fn give(&self) -> Result<ContentKey>;",
    ] {
        assert_eq!(functions_returning_keys(text), ["give"], "{text}");
    }
    assert!(functions_returning_keys("fn take(key: &ContentKey) -> Result<()> {").is_empty());
    assert_eq!(fields_holding_keys("struct A {\n    key: Option<ContentKey>,\n}"), ["key: Option<ContentKey>"]);
    assert!(fields_holding_keys("fn f(\n    key: &ContentKey,\n)").is_empty());
}
