use super::*;

const SAMPLE: &str = r#"
# rules of the records office
[FileProtection."*"]
Encryption = "Pfile"

[fileprotection.TXT]   # notes stay readable
encryption = "OFF"

[FileProtection.docx]
Encryption = "Off"

[FileProtection."."]
Encryption = 'Off'
"#;

fn read(text: &str) -> Rules {
    Rules::read(text, Owner::Account)
}

const UNREADABLE: Rule = Rule::Unreadable(Owner::Account);

#[test]
fn rules_by_extension() {
    let rules = read(SAMPLE);
    assert_eq!(rules.of("txt"), Rule::Off);
    assert_eq!(rules.of("docx"), Rule::Off);
    assert_eq!(rules.of(""), Rule::Off);
    assert_eq!(rules.of("jpg"), Rule::Pfile, "the rule for every extension");
    assert_eq!(rules.of("xlsx"), Rule::Native, "which does not reach Office documents");
    assert_eq!(read("[FileProtection.\"*\"]\nEncryption=Off").of(""), Rule::Pfile, "nor names without one");
}

#[test]
fn without_rules_the_type_decides() {
    let rules = Rules::default();
    for native in ["txt", "jpg", "pdf", "docx", "xls", "thmx"] {
        assert_eq!(rules.of(native), Rule::Native, "{native}");
    }
    for pfile in ["zip", "vsdx", "", "tif"] {
        assert_eq!(rules.of(pfile), Rule::Pfile, "{pfile}");
    }
    assert_eq!(read(""), rules);
}

#[test]
fn a_text_that_is_not_understood_forbids_everything() {
    let rules =
        read("[FileProtection.txt]\nEncryption = \"Off\"\n[FileProtection.jpg]\nEncryption = \"Pfile\"\nnonsense");
    for extension in ["txt", "jpg", "zip", "docx", ""] {
        assert_eq!(rules.of(extension), UNREADABLE, "{extension}");
    }
}

#[test]
fn a_value_that_is_none_forbids_what_it_is_about() {
    let rules = read("[FileProtection.png]\nEncryption = \"Maybe\"\n[FileProtection.gif]\nEncryption = \"Pfile\"");
    assert_eq!((rules.of("png"), rules.of("gif"), rules.of("jpg")), (UNREADABLE, Rule::Pfile, Rule::Native));
    let rules = read("[FileProtection.\"*\"]\nEncryption = false\n[FileProtection.gif]\nEncryption = \"Pfile\"");
    assert_eq!((rules.of("png"), rules.of("gif")), (UNREADABLE, Rule::Pfile));
    assert_eq!(
        (rules.of("docx"), rules.of("")),
        (Rule::Native, Rule::Pfile),
        "no rule for every extension reaches them"
    );
}

#[test]
fn the_package_of_all_files() {
    assert_eq!(Rules::default().package(), PackageId::Aes256Gcm4k);
    let chosen = read("[FileProtection]\nPackage = \"AES256-CBC4K\"\n[FileProtection.txt]\nPackage = \"aes128-ecb\"");
    assert_eq!(chosen.package(), PackageId::Aes256Cbc4k);
    assert_eq!(read("[FileProtection]\nPackage = \"rot13\"").package(), PackageId::Aes256Gcm4k);
    let mut rules = read("[FileProtection]\nPackage = aes128-cbc4k");
    rules.add(chosen);
    assert_eq!(rules.package(), PackageId::Aes128Cbc4k, "the machine's");
}

#[test]
fn rules_of_the_machine_that_cannot_be_read_forbid_everything() {
    let mut rules = Rules::unreadable(Owner::Machine, "encoding", None);
    rules.add(read("[FileProtection.txt]\nEncryption=Native"));
    for extension in ["txt", "zip", "docx", ""] {
        assert_eq!(rules.of(extension), Rule::Unreadable(Owner::Machine), "{extension}");
    }
}

#[test]
fn rules_of_the_account_that_cannot_be_read_forbid_what_the_machine_does_not_name() {
    let mut rules = Rules::read(
        "[FileProtection.txt]\nEncryption=Native\n[FileProtection.png]\nEncryption=Off\n[FileProtection.\"*\"]\nEncryption=Pfile",
        Owner::Machine,
    );
    rules.add(read("["));
    assert_eq!((rules.of("txt"), rules.of("png")), (Rule::Native, Rule::Off));
    assert_eq!((rules.of("zip"), rules.of("docx"), rules.of("")), (UNREADABLE, UNREADABLE, UNREADABLE));
}

#[test]
fn the_machine_counts_before_the_account() {
    let mut rules = Rules::read("[FileProtection.txt]\nEncryption=Off", Owner::Machine);
    rules.add(read("[FileProtection.txt]\nEncryption=Native\n[FileProtection.png]\nEncryption=Off"));
    assert_eq!((rules.of("txt"), rules.of("png")), (Rule::Off, Rule::Off));
}

#[test]
fn files_of_rules() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE_NAME);
    let of = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        of_file(&path, Owner::Account)
    };
    assert_eq!(of_file(&path, Owner::Account), Rules::default());
    let export = "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_CURRENT_USER\\Software\\Microsoft\\MSIPC\\FileProtection\\txt]\r\n\"Encryption\"=\"Off\"\r\n\r\n";
    let wide: Vec<u8> = std::iter::once(0xFEFF).chain(export.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    assert_eq!((of(&wide).of("txt"), of(export.as_bytes()).of("txt")), (Rule::Off, Rule::Off));
    for wrong in [&wide[..wide.len() - 1], &wide[2..], &[0xFF, 0xFE, 0x00, 0xD8], b"# \xFF", b"\0"] {
        assert_eq!(of(wrong).of("txt"), UNREADABLE, "{wrong:?}");
    }
    let long = vec![b'\n'; usize::try_from(FILE_MAX).unwrap() + 1];
    assert_eq!((of(&long[1..]).of("txt"), of(&long).of("txt")), (Rule::Native, UNREADABLE));
    #[cfg(unix)]
    {
        assert_eq!(of(export.as_bytes()).of("txt"), Rule::Off);
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o620)).unwrap();
        assert_eq!(of_file(&path, Owner::Account), Rules::default());
    }
}
