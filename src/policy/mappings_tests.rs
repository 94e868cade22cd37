//! The tables against the facts, and the functions over them.

use super::*;
use crate::policy::levels::{
    CLASSIC_LEVELS, DEFAULT_RIGHTS_BEFORE_2017, DEFAULT_TEMPLATES, DefaultForm, Generation, LEVELS, default_rights,
    levels,
};
use serde_json::Value;

fn facts() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/rights.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn names(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

#[test]
fn levels_are_those_of_both_generations() {
    for (table, key) in [(&LEVELS, "permission_levels"), (&CLASSIC_LEVELS, "azure_rms_permission_sets")] {
        let facts = facts();
        let known = facts[key].as_object().unwrap();
        assert_eq!(known.len(), table.len());
        for level in table {
            assert_eq!(names(&known[level.name]), level.rights, "{key}: {}", level.name);
        }
    }
    assert_eq!(levels(Generation::Current)[3].name, "Co-Owner");
    assert_eq!(levels(Generation::Classic)[3].rights, ["OWNER"]);
}

#[test]
fn default_templates_are_those_of_both_forms() {
    let facts = facts();
    let known = facts["default_templates"].as_array().unwrap();
    assert_eq!(known.len(), DEFAULT_TEMPLATES.len());
    for (number, fact) in known.iter().enumerate() {
        let name = format!("{{organization}} - {}", DEFAULT_TEMPLATES[number].0);
        assert_eq!(fact["name"].as_str().unwrap(), name);
        assert_eq!(names(&fact["rights"]), default_rights(DefaultForm::Current, number));
        assert_eq!(names(&fact["rights_before_2017_10_06"]), default_rights(DefaultForm::Before2017, number));
    }
    assert_eq!(DEFAULT_RIGHTS_BEFORE_2017.len(), DEFAULT_TEMPLATES.len());
    assert!(default_rights(DefaultForm::Before2017, 2).is_empty());
}

#[test]
fn every_right_of_the_tables_is_a_right() {
    let known: Vec<String> =
        facts()["rights"].as_array().unwrap().iter().map(|right| right["value"].as_str().unwrap().into()).collect();
    let tables = LEVELS.iter().chain(&CLASSIC_LEVELS).flat_map(|level| level.rights.iter());
    for name in tables.chain(DO_NOT_FORWARD).chain(OFFICE.iter().map(|(name, _)| name)) {
        assert!(known.iter().any(|right| right == name), "{name}");
    }
}

#[test]
fn do_not_forward_is_what_the_facts_say() {
    let facts = facts();
    let known = &facts["do_not_forward"];
    assert_eq!(names(&known["granted"]), DO_NOT_FORWARD);
    assert_eq!(names(&known["never_granted"]), DO_NOT_FORWARD_NEVER);

    let list = do_not_forward(["b@x.example", "c@x.example", "B@X.example"]).unwrap();
    assert_eq!(list.0.len(), 2, "one entry for a recipient, however often it is named");
    for entry in &list.0 {
        assert_eq!(entry.rights.iter().map(Right::name).collect::<Vec<_>>(), DO_NOT_FORWARD);
    }
    assert!(do_not_forward([]).is_err());
    assert!(do_not_forward(["b@x.example", ""]).is_err());
}

#[test]
fn a_user_with_two_levels_has_the_rights_of_both() {
    let user = User::Email("b@x.example".into());
    let list = by_levels(&[(user.clone(), &LEVELS[0]), (User::Anyone, &LEVELS[0]), (user, &LEVELS[1])]);
    assert_eq!(list.0.len(), 2);
    let rights: Vec<&str> = list.0[0].rights.iter().map(Right::name).collect();
    assert_eq!(rights, ["VIEW", "REPLY", "REPLYALL", "OBJMODEL", "EDIT", "DOCEDIT", "FORWARD"]);
    assert_eq!(list.0[1].rights.iter().map(Right::name).collect::<Vec<_>>(), LEVELS[0].rights);
}

#[test]
fn office_names_are_those_of_the_facts() {
    let facts = facts();
    let known = facts["office_mapping"].as_object().unwrap();
    assert_eq!(known.len(), OFFICE.len());
    for (right, name) in known {
        assert_eq!(name.as_str(), office_name(right), "{right}");
    }
    assert_eq!(office_name("owner"), Some("Full Control"));
    assert_eq!(office_name("ACME.STAMP"), None);
}

#[test]
fn sharepoint_rights_are_those_of_the_facts() {
    let facts = facts();
    let rows = facts["sharepoint_mapping"].as_array().unwrap();
    let row = |key: &str, text: &str| {
        let found = rows.iter().find(|row| row[key].to_string().contains(text));
        names(&found.unwrap_or_else(|| panic!("no row for {text}"))["grants"])
    };
    assert_eq!(row("permissions", "Manage Permissions"), SHAREPOINT_MANAGE);
    assert_eq!(row("permissions", "Manage Web Site"), SHAREPOINT_MANAGE);
    for permission in ["Edit Items", "Manage Lists", "Add and Customize Pages"] {
        assert_eq!(row("permissions", permission), SHAREPOINT_EDIT);
    }
    assert_eq!(row("permissions", "View Items"), SHAREPOINT_VIEW);
    assert_eq!(row("library_setting", "print"), SHAREPOINT_PRINTING);
    assert_eq!(row("library_setting", "programmatically"), SHAREPOINT_PROGRAMS);
    assert_eq!(row("always_with_any_right", "true"), SHAREPOINT_ALWAYS);

    let granted = |access: SharePointAccess| {
        sharepoint_rights(access).iter().map(|right| right.name().to_owned()).collect::<Vec<_>>()
    };
    let all = SharePointAccess {
        manage: true,
        edit: true,
        view: true,
        library_allows_printing: true,
        library_allows_programs: true,
    };
    assert_eq!(granted(all), ["OWNER", "DOCEDIT", "EXTRACT", "EDIT", "VIEW", "PRINT", "OBJMODEL", "VIEWRIGHTSDATA"]);
    let nothing =
        SharePointAccess { library_allows_printing: true, library_allows_programs: true, ..Default::default() };
    assert!(granted(nothing).is_empty(), "a setting of the library grants nothing to those without access");
    let edit = SharePointAccess { edit: true, library_allows_printing: true, ..Default::default() };
    assert!(!granted(edit).contains(&"PRINT".to_owned()), "printing needs View Items");
    for never in names(&facts["sharepoint_not_mapped"]) {
        assert!(!granted(all).contains(&never), "{never}");
    }
}
