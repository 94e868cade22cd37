//! Licenses that are wrong in one way, each refused for that reason.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{documents, resigned, sign_again, vector, vector_key};
use crate::base::limits::LICENSE_READ_MAX;
use crate::crypto::random::OsRandom;
use crate::error::ErrorKind;
use crate::xrml::text::{self, TextEncoding};
use crate::xrml::{enabling, publishing, rights_data, use_license};

const BASIC: &[u8] = vector!("01-basic.xml");
const OFFLINE: &[u8] = vector!("06-offline-clc.xml");

fn is_malformed(bytes: &[u8]) -> bool {
    matches!(publishing::read(bytes), Err(e) if matches!(e.kind(), ErrorKind::Malformed { .. }))
}

fn kind_of(bytes: &[u8]) -> ErrorKind {
    publishing::read(bytes).unwrap_err().kind().clone()
}

#[test]
fn signing_anew_without_a_change_is_accepted() {
    let key = vector_key!("01-basic.key.pem");
    let signed = publishing::read(&resigned(BASIC, &key, str::to_owned)).unwrap();
    assert!(signed.unseal(&key, &OsRandom).is_ok());
}

#[test]
fn encodings_and_tails_do_not_change_the_license() {
    let original = publishing::read(BASIC).unwrap();
    let content = text::decode(BASIC).unwrap().0;
    for encoding in [TextEncoding::Utf8, TextEncoding::Utf16Le, TextEncoding::Utf16LeBom] {
        let mut bytes = text::encode(&content, encoding);
        bytes.extend_from_slice(b"\0\0\0");
        let read = publishing::read(&bytes).unwrap();
        assert_eq!(read.license(), original.license());
        assert_eq!(read.identity(), original.identity());
        assert_eq!(read.encoding(), encoding);
    }
}

#[test]
fn a_changed_byte_anywhere_in_the_signature_shows() {
    let content = text::decode(BASIC).unwrap().0;
    let start = content.find("<SIGNATURE>").unwrap();
    let end = content.find("</SIGNATURE>").unwrap() + "</SIGNATURE>".len();
    for at in start..end {
        let mut changed = content.clone().into_bytes();
        changed[at] ^= 0x04;
        assert!(publishing::read(&changed).is_err(), "byte {} of {}", at - start, end - start);
    }
}

#[test]
fn missing_and_doubled_elements() {
    let key = vector_key!("01-basic.key.pem");
    for name in ["ISSUEDTIME", "ISSUER", "ISSUEDPRINCIPALS", "WORK", "ENABLINGBITS", "PUBLICKEY", "ID"] {
        let cut = |body: &str, twice: bool| {
            let start = body.find(&format!("<{name}")).unwrap();
            let close = format!("</{name}>");
            let end = start + body[start..].find(&close).unwrap() + close.len();
            let kept = if twice { [&body[start..end], &body[start..end]].concat() } else { String::new() };
            [&body[..start], &kept, &body[end..]].concat()
        };
        let removed = resigned(BASIC, &key, |body| cut(body, false));
        let doubled = resigned(BASIC, &key, |body| cut(body, true));
        if name != "ID" {
            assert!(is_malformed(&removed), "without {name}");
        }
        assert!(is_malformed(&doubled), "{name} twice");
    }
    let rights = |body: &str| body.replace("Encrypted-Rights-Data", "Other");
    assert!(is_malformed(&resigned(BASIC, &key, rights)));
}

#[test]
fn another_body_beside_the_signed_one() {
    let document = &documents(BASIC)[0];
    let body_end = document.find("<SIGNATURE>").unwrap();
    let body = &document[document.find("<BODY").unwrap()..body_end];
    let evil = body.replace("dana@", "evil@");
    for text in [
        document.replace(body, &format!("{evil}{body}")),
        document.replace(body, &format!("{body}{evil}")),
        document.replace("</SIGNATURE>", &format!("</SIGNATURE>{evil}")),
        document.replace(body, &format!("<X>{evil}</X>{body}")),
        document.replace(body, &format!("text{body}")),
    ] {
        assert!(is_malformed(text.as_bytes()));
    }
}

#[test]
fn signatures_that_do_not_fit() {
    let document = documents(BASIC)[0].clone();
    let signature = document.find("<SIGNATURE>").unwrap();
    let (head, tail) = document.split_at(signature);
    let other = documents(vector!("02-users-times.xml"))[0].clone();
    let other_signature = &other[other.find("<SIGNATURE>").unwrap()..];
    for text in [
        format!("{head}</XrML>"),
        format!("{head}{other_signature}"),
        format!("{head}{}{tail}", tail.replace("</XrML>", "")),
        document.replace("SHA256", "MD5"),
        document.replace("RSA PKCS#1-V1.5", "RSA"),
        document.replace("surface-coding", "other-coding"),
        document.replace("Microsoft Rights Label\" version", "Microsoft Rights Label\"  version"),
        document.replace("<DIGEST>", "<DIGEST><!---->").replace("<!---->", "<X></X><ALGORITHM>SHA256</ALGORITHM>"),
    ] {
        assert_ne!(text, document);
        assert_eq!(kind_of(text.as_bytes()), ErrorKind::BadSignature);
    }
    let key = vector_key!("02-users-times.key.pem");
    assert_eq!(kind_of(&resigned(BASIC, &key, str::to_owned)), ErrorKind::BadSignature);
}

#[test]
fn one_changed_byte_is_never_accepted() {
    let original = publishing::read(BASIC).unwrap();
    let text = text::decode(BASIC).unwrap().0;
    for at in (0..text.len()).step_by(61) {
        let mut bytes = text.clone().into_bytes();
        bytes[at] ^= 1;
        if let Ok(read) = publishing::read(&bytes) {
            // Only what no signature covers may change: the declaration, the root, and unread parts of SIGNATURE.
            assert_eq!(read.license(), original.license(), "byte {at}");
            let body = text.find("<BODY").unwrap()..text.find("<SIGNATURE").unwrap();
            assert!(!body.contains(&at), "byte {at}");
        }
    }
}

#[test]
fn hostile_xml() {
    let document = documents(BASIC)[0].clone();
    let bomb = "<!DOCTYPE a [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>";
    let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    for text in [
        format!("{bomb}{document}"),
        format!("<?xml version=\"1.0\"?>{bomb}{document}"),
        document.replace("<ISSUEDTIME>", "<ISSUEDTIME>&a;"),
        document.replace("<ISSUEDTIME>", "<ISSUEDTIME>&#0;"),
        document.replace("<ISSUEDTIME>", "<ISSUEDTIME>\0"),
        document.replace("<BODY", "<!-- <BODY></BODY> --><BODY"),
        document.replace("</BODY>", "<![CDATA[</BODY>]]></BODY>"),
        document.replace("<BODY", "<?pi?><BODY"),
        document.replace("<BODY", "<BODY xmlns=\"urn:x\""),
        document.replace("<BODY", &format!("{deep}<BODY")),
        document
            .replace("<BODY ", &format!("<BODY {} ", (0..100_000).map(|n| format!("a{n}='' ")).collect::<String>())),
        document.replace("<BODY", "<body"),
        document.replace("version=\"1.2\"", "version=\"1.3\""),
        document.replace("<XrML ", "<XML ").replace("</XrML>", "</XML>"),
        document.replace("</BODY>", "</BODY"),
        "<a>".repeat(1 << 20),
        "<a/>".repeat(1 << 20),
        "<".repeat(1 << 20),
        format!("<XrML version=\"1.2\"><BODY>{}</BODY></XrML>", "<a/>".repeat(1_100_000)),
        String::new(),
    ] {
        assert_ne!(text, document);
        assert!(is_malformed(text.as_bytes()), "{}", text.chars().take(120).collect::<String>());
    }
    assert!(is_malformed(&vec![b'<'; LICENSE_READ_MAX + 1]));
    let mut lone = text::encode(&document, TextEncoding::Utf16LeBom);
    lone.splice(200..202, [0x00, 0xDC]);
    assert!(is_malformed(&lone));
}

#[test]
fn servers_and_issuers() {
    let key = vector_key!("06-offline-clc.key.pem");
    let stranger = vector_key!("01-basic.key.pem");
    let signed = publishing::read(OFFLINE).unwrap();
    let id = signed.license().server.id.clone().unwrap();
    assert!(!signed.is_online());
    signed.check_server(&id.to_uppercase(), key.public()).unwrap();
    let refused = |id: &str, key| signed.check_server(id, key).unwrap_err().kind().clone();
    assert_eq!(refused(&id, stranger.public()), ErrorKind::UnknownAuthority);
    assert_eq!(refused("{11111111-2222-4333-8444-555555555555}", key.public()), ErrorKind::UnknownAuthority);
    assert_eq!(refused("", key.public()), ErrorKind::UnknownAuthority);

    let all = documents(OFFLINE);
    let chain_of = |parts: &[&str]| {
        let signed = publishing::read(parts.concat().as_bytes()).unwrap();
        signed.check_server(&id, key.public()).map_err(|e| e.kind().clone())
    };
    assert_eq!(chain_of(&[&all[0], &all[1]]), Ok(()));
    assert_eq!(chain_of(&[&all[0]]), Err(ErrorKind::BadChain), "no certificate");
    assert_eq!(chain_of(&[&all[0], &all[2]]), Err(ErrorKind::BadChain), "only that of the server");
    // The certificate of the client ends before the license was issued, or begins after it.
    for (from, to) in [("2025-03-01T00:00", "2024-03-05T09:30"), ("2024-02-29T00:00", "2024-03-05T09:31")] {
        let clc = sign_again(&all[1], &key, |body| body.replace(from, to));
        assert_eq!(chain_of(&[&all[0], &clc]), Err(ErrorKind::BadChain), "{to}");
    }
    let kind = sign_again(&all[1], &key, |body| body.replace("Client-Licensor", "Server-Licensor"));
    assert_eq!(chain_of(&[&all[0], &kind]), Err(ErrorKind::BadChain), "a certificate of another kind");
    let account = sign_again(&all[1], &key, |body| body.replace("S-1-5-21-1-2-3-1104", "S-1-5-21-1-2-3-1105"));
    assert_eq!(chain_of(&[&all[0], &account]), Err(ErrorKind::BadChain), "for another account");
    let right = sign_again(&all[1], &key, |body| body.replace("\"ISSUE\"", "\"VIEW\""));
    assert_eq!(chain_of(&[&all[0], &right]), Err(ErrorKind::BadChain), "without the right to issue");
    let changed = all[1].replace("2025-03-01T00:00", "2035-03-01T00:00");
    assert_eq!(kind_of([all[0].as_str(), &changed].concat().as_bytes()), ErrorKind::BadSignature);
}

#[test]
fn sealed_keys_of_another_license_or_server() {
    let key = vector_key!("01-basic.key.pem");
    let signed = publishing::read(BASIC).unwrap();
    let element = enabling::write(&signed.license().sealed_key);
    let unseal = |edit: &dyn Fn(&str) -> String| {
        let read = publishing::read(&resigned(BASIC, &key, edit)).unwrap();
        read.unseal(&key, &OsRandom).unwrap_err().kind().clone()
    };
    let other = publishing::read(vector!("02-users-times.xml")).unwrap();
    let foreign = enabling::write(&other.license().sealed_key);
    for edit in [
        &(|body: &str| body.replace(&element, &foreign)) as &dyn Fn(&str) -> String,
        &|body| body.replace("Server-SKU", "Server-Sku"),
        &|body| body.replace("type=\"sealed-key-v2\"", "type=\"sealed-key\""),
        &|body| body.replace("type=\"sealed-key-v2\"", "type=\"sealed-key-v3\""),
        &|body| {
            body.replace(
                "<ENABLINGBITS type=\"sealed-key-v2\"><VALUE encoding=\"base64\" size=\"2",
                "<ENABLINGBITS type=\"sealed-key-v2\"><VALUE encoding=\"base64\" size=\"1",
            )
        },
    ] {
        assert_eq!(unseal(edit), ErrorKind::BadEnablingBits);
    }
    let stranger = vector_key!("02-users-times.key.pem");
    assert_eq!(signed.unseal(&stranger, &OsRandom).unwrap_err().kind(), &ErrorKind::BadEnablingBits);
}

#[test]
fn rights_data_that_is_not_what_it_should_be() {
    let key = vector_key!("04-template.key.pem");
    let license: &[u8] = vector!("04-template.xml");
    let signed = publishing::read(license).unwrap();
    let content_key = signed.unseal(&key, &OsRandom).unwrap();
    let text = signed.rights_text(&content_key).unwrap();
    let old = STANDARD.encode(&signed.license().encrypted_rights);
    let with = |rights: &str| {
        let encrypted = STANDARD.encode(rights_data::encrypt(rights, &content_key).unwrap());
        let read = publishing::read(&resigned(license, &key, |body| body.replace(&old, &encrypted))).unwrap();
        read.rights_data(&content_key).map(|_| ()).map_err(|e| e.kind().clone())
    };
    assert_eq!(with(&text), Ok(()));
    assert_eq!(with(&text.replace("staff@", "stuff@")), Err(ErrorKind::BadSignature));
    let stranger = vector_key!("01-basic.key.pem");
    let old_modulus: Vec<u8> = key.public().modulus_be().iter().rev().copied().collect();
    let new_modulus: Vec<u8> = stranger.public().modulus_be().iter().rev().copied().collect();
    let document = &documents(text.as_bytes())[0];
    let foreign = sign_again(document, &stranger, |body| {
        body.replace(&STANDARD.encode(&old_modulus), &STANDARD.encode(&new_modulus))
    });
    assert_eq!(with(&foreign), Err(ErrorKind::BadChain));
    for bad in [
        "<XrML version=\"1.2\"></XrML>".to_owned(),
        text.replace("Official Rights Template", "Rights Label"),
        text.replace("<ISSUEDTIME>", "<ISSUEDTIME>x"),
        text.replace("<RIGHTSGROUP", "<OTHER").replace("</RIGHTSGROUP>", "</OTHER>"),
        text.replace("<INTERVALTIME days=\"7\" />", "<INTERVALTIME days=\"x\" />"),
        text.replace("<INTERVALTIME days=\"7\" />", "<WEEKDAY />"),
        text.replace("<ACCESS>", "<UNKNOWN /><ACCESS>"),
        format!("{document}{document}"),
    ] {
        assert_eq!(with(&bad), Err(ErrorKind::BadRightsData), "{}", bad.chars().take(80).collect::<String>());
    }
}

#[test]
fn use_licenses() {
    let bytes: &[u8] = vector!("07-use-licence.xml");
    let server = vector_key!("06-offline-clc.key.pem");
    let stranger = vector_key!("01-basic.key.pem");
    let signed = use_license::read(bytes).unwrap();
    let id = signed.license().issuer.id.clone().unwrap();
    signed.check_chain().unwrap();
    signed.check_server(&id, server.public()).unwrap();
    assert_eq!(signed.check_server(&id, stranger.public()).unwrap_err().kind(), &ErrorKind::BadChain);
    assert_eq!(signed.check_user(stranger.public()).unwrap_err().kind(), &ErrorKind::WrongUserKey);

    let all = documents(bytes);
    let early = sign_again(&all[0], &server, |body| body.replace("2024-03-06T08:00", "2023-03-06T08:00"));
    let read = use_license::read([early.as_str(), &all[1]].concat().as_bytes()).unwrap();
    assert_eq!(read.check_chain().unwrap_err().kind(), &ErrorKind::BadChain, "issued before its certificate");
    let clc = &documents(OFFLINE)[1];
    let read = use_license::read([all[0].as_str(), clc].concat().as_bytes()).unwrap();
    assert_eq!(read.check_chain().unwrap_err().kind(), &ErrorKind::BadChain, "another certificate");
    let other_id =
        sign_again(&all[0], &server, |body| body.replace("internal-id=\"1\"><ENABL", "internal-id=\"2\"><ENABL"));
    assert!(matches!(use_license::read(other_id.as_bytes()).unwrap_err().kind(), ErrorKind::Malformed { .. }));
    let changed = all[0].replace("lee@", "eve@");
    assert_eq!(use_license::read(changed.as_bytes()).unwrap_err().kind(), &ErrorKind::BadSignature);
    assert!(is_malformed(bytes), "a use license is no publishing license");
    assert!(use_license::read(BASIC).is_err(), "nor the other way round");
}
