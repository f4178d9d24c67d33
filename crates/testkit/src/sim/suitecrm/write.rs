//! Creating calls and cases, the same for both interfaces (classes Call and aCase of SuiteCRM).
//!
//! Values are checked more strictly than SuiteCRM does, which stores what it is given.

use jiff::civil::DateTime;
use serde_json::{Map, Value};

use super::store::{Store, new_object};

const CALL_FIELDS: &[&str] = &[
    "name",
    "direction",
    "status",
    "date_start",
    "date_end",
    "duration_hours",
    "duration_minutes",
    "description",
    "assigned_user_id",
    "parent_type",
    "parent_id",
    "contact_id",
    "lead_id",
];
const CASE_FIELDS: &[&str] = &[
    "name",
    "status",
    "priority",
    "description",
    "assigned_user_id",
    "account_id",
    "contact_id",
];
/// Fields that link the object with a record as it is saved: the field, the link, the module.
const LINKS: [(&str, &str, &str); 3] = [
    ("contact_id", "contacts", "Contacts"),
    ("lead_id", "leads", "Leads"),
    ("account_id", "accounts", "Accounts"),
];

/// The name of the class behind a module that objects can be created in.
pub(super) fn bean_of(module: &str) -> Option<&'static str> {
    match module {
        "Calls" => Some("Call"),
        "Cases" => Some("Case"),
        _ => None,
    }
}

/// The first field that the module does not have.
pub(super) fn unknown_field<'a>(module: &str, fields: &'a Map<String, Value>) -> Option<&'a str> {
    let known = if module == "Calls" {
        CALL_FIELDS
    } else {
        CASE_FIELDS
    };
    let mut names = fields.keys().map(String::as_str);
    names.find(|name| !known.contains(name))
}

/// Stores the object and links it.
///
/// # Errors
/// A sentence about the first wrong value; nothing is stored then.
pub(super) fn create(
    store: &mut Store,
    module: &str,
    id: &str,
    fields: &Map<String, Value>,
) -> Result<(), String> {
    check(module, fields)?;
    let linked = LINKS
        .iter()
        .filter(|(field, ..)| !text(fields, field).is_empty());
    let mut links = Vec::new();
    for (field, link, linked_module) in linked {
        let other = text(fields, field);
        check_record(store, linked_module, other)?;
        links.push(format!("{module}/{id}/{link}/{other}"));
    }
    let parent = text(fields, "parent_id");
    if !parent.is_empty() {
        check_record(store, text(fields, "parent_type"), parent)?;
    }
    for link in links {
        store.link(link);
    }
    store.add(new_object(module, id, fields));
    Ok(())
}

fn check(module: &str, fields: &Map<String, Value>) -> Result<(), String> {
    let name = text(fields, "name");
    if name.is_empty() || name.chars().count() > 50 {
        return Err("name".to_owned());
    }
    if module == "Cases" {
        return Ok(());
    }
    let is_known = |name: &str, allowed: &[&str]| allowed.contains(&text(fields, name));
    let is_count = |name: &str, limit: u64| {
        let value = fields.get(name).and_then(Value::as_u64);
        value.is_some_and(|value| value < limit)
    };
    let date_start = text(fields, "date_start");
    let checks = [
        ("direction", is_known("direction", &["Inbound", "Outbound"])),
        (
            "status",
            is_known("status", &["Planned", "Held", "Not Held"]),
        ),
        ("duration_hours", is_count("duration_hours", u64::MAX)),
        ("duration_minutes", is_count("duration_minutes", 60)),
        (
            "date_start",
            DateTime::strptime("%Y-%m-%d %H:%M:%S", date_start).is_ok(),
        ),
    ];
    match checks.iter().find(|(_, is_right)| !is_right) {
        Some((name, _)) => Err((*name).to_owned()),
        None => Ok(()),
    }
}

fn check_record(store: &Store, module: &str, id: &str) -> Result<(), String> {
    match store.find(module, id) {
        Some(_) => Ok(()),
        None => Err(format!("{module} module with id {id} is not found")),
    }
}

fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> &'a str {
    fields.get(name).and_then(Value::as_str).unwrap_or_default()
}
