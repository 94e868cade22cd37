use super::*;

/// What is said of an extension; `Err` for a text that is not understood, `Ok(None)` for an extension without a rule.
fn said(text: &str, extension: &str) -> Result<Option<Option<Rule>>> {
    read(text).map(|said| said.by_extension.get(extension).copied())
}

const OFF: Result<Option<Option<Rule>>> = Ok(Some(Some(Rule::Off)));
/// A rule whose value is none.
const DOUBTFUL: Result<Option<Option<Rule>>> = Ok(Some(None));

#[test]
fn forms_that_mean_the_same() {
    for text in [
        "[FileProtection.txt]\nEncryption = \"Off\"",
        "\u{feff}[FileProtection.txt]\nEncryption = \"Off\"",
        "[FileProtection.txt]\n\"Encryption\" = \"Off\"",
        "[FileProtection.txt]\n'encryption' = 'OFF' # as it is",
        "FileProtection.txt.Encryption = \"Off\"",
        "[FileProtection]\ntxt = {Encryption=\"Off\"}",
        "[FileProtection]\ntxt.Encryption = \"Off\"",
        "FileProtection = { txt = { Encryption = 'Off' } }",
        "[FileProtection.txt]\nEncryption = \"\"\"Off\"\"\"",
        "[FileProtection.txt]\nEncryption = \"\"\"\nOff\n\"\"\"",
        "[FileProtection.\"t\\u0078t\"]\nEncryption = \"Off\"",
        "[ fileprotection . 'TXT' ] # notes\r\nEncryption = \"O\\u0066f\"\r\n",
        "[FileProtection.zip]\nEncryption = \"Native\"\n[FileProtection.txt]\nEncryption = \"Off\"",
        "[FileProtection.txt]\nEncryption=Off ; as it is",
        "[FileProtection.\"txt\"] ; notes\nEncryption=Off",
        "[FileProtection\\txt]\r\nEncryption=Off\r\n",
        "\u{feff}[FileProtection\\TXT]\n\"Encryption\"=\"Off\"",
        "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\MSIPC\\FileProtection\\txt]\n\"Encryption\"=\"Off\"\n",
        "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\WOW6432Node\\Microsoft\\MSIPC\\FileProtection\\txt]\r\n\"Encryption\"=\"Off\"\r\n\"AllowPFILEEncryption\"=dword:00000000\r\n",
        "REGEDIT4\n[HKCU\\Software\\Microsoft\\MSIPC\\FileProtection\\txt]\n@=\"\"\n\"Encryption\"=\"off\"",
    ] {
        assert_eq!(said(text, "txt"), OFF, "{text:?}");
    }
}

#[test]
fn names_of_extensions() {
    assert_eq!(said("[FileProtection.\"c#\"]\nEncryption = \"Off\"", "c#"), OFF);
    assert_eq!(said("[FileProtection\\c#]\nEncryption=Off", "c#"), OFF);
    assert_eq!(said("[FileProtection.\"a;b\"]\nEncryption = \"Off\"", "a;b"), OFF);
    assert_eq!(said("[FileProtection.\"GRÖSSE\"]\nEncryption = \"Off\"", "grösse"), OFF);
    for every in ["[FileProtection.\"*\"]\nEncryption = \"Off\"", "[FileProtection\\*]\nEncryption=Off"] {
        assert_eq!(said(every, "*"), OFF, "{every}");
    }
    for none in ["[FileProtection.\".\"]\nEncryption = \"Off\"", "[FileProtection\\.]\nEncryption=Off"] {
        assert_eq!(said(none, "."), OFF, "{none}");
    }
}

#[test]
fn other_sections_of_an_export_are_passed_over() {
    let text = "Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\MSIPC]\n\"Trace\"=dword:00000001\n\
                \"Path\"=\"C:\\\\Program Files\\\\[x] \\\"y\\\"\"\n\"Blob\"=hex(2):25,00,\\\n  53,00,\\\n  79,00\n@=\"z\"\n\n\
                [HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\MSIPC\\FileProtection]\n@=\"\"\n\"Package\"=\"aes256-cbc4k\"\n\n\
                [HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\MSIPC\\FileProtection\\txt]\n\"Encryption\"=\"Off\"\n";
    assert_eq!(said(text, "txt"), OFF);
    assert_eq!(read(text).unwrap().package, Some(PackageId::Aes256Cbc4k));
    assert_eq!(read("[Other]\nx = [1, 2]\n[[Things]]\ny = 1").unwrap(), Said::default());
}

#[test]
fn values_that_are_none_leave_the_rest() {
    for value in [
        "\"Maybe\"",
        "\"\"",
        "false",
        "0",
        "['Off']",
        "{ x = 1 }",
        "-",
        "Off on",
        "dword:00000000",
        "hex(1):4f,00,\\\n  66,00",
    ] {
        let text = format!("[FileProtection.zip]\nEncryption = \"Off\"\n[FileProtection.txt]\nEncryption = {value}\n");
        assert_eq!(said(&text, "zip"), OFF, "{text}");
        assert_eq!(said(&text, "txt"), DOUBTFUL, "{text}");
    }
}

#[test]
fn two_rules_for_one_extension_are_none_unless_they_agree() {
    for (second, expected) in [("Native", DOUBTFUL), ("off", OFF), ("Maybe", DOUBTFUL)] {
        for header in ["[FileProtection.txt]", "[FileProtection.TXT]", "[FileProtection\\txt]"] {
            let text = format!("[FileProtection.txt]\nEncryption = \"Off\"\n{header}\nEncryption = \"{second}\"\n");
            assert_eq!(said(&text, "txt"), expected, "{text}");
            let turned = format!("[FileProtection.txt]\nEncryption = \"{second}\"\n{header}\nEncryption = \"Off\"\n");
            assert_eq!(said(&turned, "txt"), expected, "{turned}");
        }
    }
    assert_eq!(said("[FileProtection.txt]\nEncryption = \"Off\"\nencryption = \"Native\"", "txt"), DOUBTFUL);
}

#[test]
fn what_is_in_neither_form_is_not_understood() {
    for (text, line) in [
        ("[FileProtection.txt]\rEncryption = \"Off\"\r", 1),
        ("# notes\r[FileProtection.txt]\rEncryption = \"Off\"\r", 1),
        ("\n[FileProtection.txt]\nEncryption = \"Off\"\r", 3),
        ("[FileProtection.txt] Encryption = \"Off\"", 1),
        ("[FileProtection.zip\nEncryption = \"Off\"", 1),
        ("[FileProtection.gif]\nnonsense\nEncryption = \"Off\"", 2),
        ("[FileProtection.gif]\nEncryption = \"Off\"\n=\n", 3),
        ("[FileProtection.gif]\nEncryption = \"Off", 2),
        ("[FileProtection.gif]\nEncryption = \"Off\" \"Native\"", 2),
        ("[FileProtection.gif]\nEncryption = O\"ff", 2),
        ("[FileProtection\\gif]\n\"Encr\\u0079ption\"=\"Off\"", 2),
        ("[FileProtection\\gif]\nx = [\n\"Off\"]", 2),
        ("[FileProtection\\gif]\nEncryption=Off\u{b}", 2),
        ("[FileProtection\\gif\\sub]\nEncryption=Off", 1),
        ("[FileProtection\\'gif']\nEncryption=Off", 2),
        ("[FileProtection.gif.sub]\nEncryption=Off", 2),
        ("[-HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\MSIPC\\FileProtection\\txt]", 1),
        ("[HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\MSIPC\\FileProtection\\txt]\nEncryption=Off", 1),
        ("[Other]\n[Other\\txt]\nEncryption=Off", 3),
        ("[Other]\nFileProtection\\txt\\Encryption=Off", 2),
        ("Encryption=Off\n[FileProtection\\txt]", 1),
        ("[FileProtection\\txt]\nWindows Registry Editor Version 5.00", 2),
        ("<html>", 1),
        ("Off", 1),
    ] {
        assert_eq!(read(text), Err(Fault(line)), "{text:?}");
    }
}

#[test]
fn rules_of_nobody_knows_what_are_not_understood() {
    for (text, line) in [
        ("Encryption = \"Off\"", 1),
        ("[Other.txt]\nEncryption = \"Off\"", 1),
        ("[[Other]]\ntxt = { Encryption = \"Off\" }", 1),
        ("[txt]\n\n[FileProtection]\nEncryption = \"Off\"", 4),
        ("[FileProtection]\ntxt = \"Off\"", 2),
        ("[FileProtection]\ntxt = [{ Encryption = \"Off\" }]", 2),
        ("[[FileProtection]]\ntxt = { Encryption = \"Off\" }", 1),
        ("FileProtection = \"Off\"", 1),
        ("[\"HKLM\\\\FileProtection\\\\txt\"]\nEncryption = \"Off\"", 1),
        ("[FileProtections]\n", 1),
        ("[FileProtection.tar.gz]\nEncryption = \"Off\"", 1),
        ("[FileProtection.\"tar.gz\"]\nEncryption = \"Off\"", 2),
        ("[FileProtection.\".txt\"]\nEncryption = \"Off\"", 2),
        ("[FileProtection.\"*.txt\"]\nEncryption = \"Off\"", 2),
        ("[FileProtection.\"t*\"]\nEncryption = \"Off\"", 2),
        ("[FileProtection.\"\"]\nEncryption = \"Off\"", 2),
    ] {
        assert_eq!(read(text), Err(Fault(line)), "{text:?}");
    }
}

#[test]
fn packages() {
    for text in [
        "[FileProtection]\nPackage = \"AES256-CBC4K\"",
        "[FileProtection]\npackage=aes256-cbc4k",
        "[FileProtection]\nPackage='aes256-cbc4k'",
    ] {
        assert_eq!(read(text).unwrap().package, Some(PackageId::Aes256Cbc4k), "{text}");
    }
    for text in [
        "[FileProtection]\nPackage = \"rot13\"",
        "[FileProtection]\nPackage = 3",
        "[FileProtection.txt]\nPackage = \"aes128-ecb\"",
    ] {
        assert_eq!(read(text).unwrap().package, None, "{text}");
    }
}

#[test]
fn any_text_is_read_without_a_panic() {
    let words = [
        "[FileProtection",
        ".txt",
        "\\",
        "]",
        "\"",
        "'",
        "=",
        "Encryption",
        "Off",
        "\n",
        "\r",
        "#",
        "{",
        "[",
        "\u{feff}",
        "é",
        "hex:",
        " ",
    ];
    let mut state = 7_usize;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..12 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push_str(words[(state >> 33) % words.len()]);
        }
        let _said = read(&text);
    }
}
