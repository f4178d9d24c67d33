//! Creating calls, cases and people, changing and linking them (`crm-apis.md` §2.6, §2.7).
//!
//! Ids of our own, and what is said to a second creation under one, are those of Sugar's module
//! interface as it is known; no vendor page describes them.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    failure::Failure,
    store::{Fields, Store, change_time, fields_of, record_id, text},
};

/// Numbers in ids of created objects, apart from those of seeded ones.
const FIRST_CREATED: usize = 100_000;
/// The links from an activity or case to people, with the module that each leads to.
const LINKS: [(&str, &str); 3] = [
    ("contacts", "Contacts"),
    ("leads", "Leads"),
    ("accounts", "Accounts"),
];

/// Answers `POST /<module>` with the whole new object. An id that it carries is kept; there is no
/// second object under it, nor one under the id of a deleted object, whose row is still there.
pub(super) fn create(store: &mut Store, module: &str, body: &Value) -> Result<Value, Failure> {
    let module = writable(module)?;
    let mut object = fields_of_body(module, body)?;
    let number = store.created().count() + 1;
    let given = object
        .remove("id")
        .filter(|_| !store.ignores_ids)
        .map(|id| own_id(&id))
        .transpose()?;
    let id = given.unwrap_or_else(|| record_id(module, FIRST_CREATED + number));
    if store.find(module, &id).is_some() {
        let text = format!("Record already exists: {id} in module: {module}");
        return Err(Failure::invalid_parameter(text));
    }
    if store.has_row(module, &id) {
        return Err(Failure::fatal_error());
    }
    if module == "Cases" {
        object.insert("case_number".to_owned(), json!(number));
    }
    check_parent(store, &object)?;
    save(store, module, &id, object, body)
}

/// Answers `PUT /<module>/<id>` with the whole changed object.
pub(super) fn update(
    store: &mut Store,
    module: &str,
    id: &str,
    body: &Value,
) -> Result<Value, Failure> {
    let module = writable(module)?;
    let changes = fields_of_body(module, body)?;
    if changes.contains_key("id") {
        return Err(Failure::invalid_parameter("an id is not changed"));
    }
    let known = store.find(module, id).ok_or_else(Failure::not_found)?;
    let mut object = known.clone();
    object.extend(changes);
    save(store, module, id, object, body)
}

/// Checks the object, links it as the body says, and keeps it: in place of the one that is there,
/// or as a new one.
fn save(
    store: &mut Store,
    module: &'static str,
    id: &str,
    mut object: Fields,
    body: &Value,
) -> Result<Value, Failure> {
    match module {
        "Calls" => check_call(&object)?,
        "Cases" => check_case(store, &object)?,
        _ => name_person(&mut object)?,
    }
    for (link, other) in inline_links(store, body)? {
        store.link(format!("{module}/{id}/{link}/{other}"));
    }
    object.insert("id".to_owned(), json!(id));
    object.insert("date_modified".to_owned(), json!(change_time(1000)));
    let shown = super::listing::render(module, &object, None);
    match store.find_mut(module, id) {
        Some(known) => *known = object,
        None => store.add(module, object),
    }
    Ok(shown)
}

fn writable(module: &str) -> Result<&'static str, Failure> {
    let modules = ["Calls", "Cases", "Contacts", "Leads"];
    let known = modules.into_iter().find(|known| *known == module);
    known.ok_or_else(Failure::no_method)
}

/// The fields of a body without its links. Sugar ignores fields that it does not know; here they
/// are refused, as they are mistakes.
fn fields_of_body(module: &str, body: &Value) -> Result<Fields, Failure> {
    let given = body.as_object();
    let mut fields = given
        .cloned()
        .ok_or_else(|| Failure::missing_parameter("name"))?;
    for (link, _) in LINKS {
        fields.remove(link);
    }
    let known = fields_of(module)?;
    match fields.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(Failure::invalid_parameter(format!("Unknown field {name}"))),
        None => Ok(fields),
    }
}

/// Ids are texts of at most 36 characters.
fn own_id(id: &Value) -> Result<String, Failure> {
    let id = id
        .as_str()
        .filter(|id| (1..=36).contains(&id.chars().count()));
    let id = id.ok_or_else(|| Failure::invalid_parameter("Invalid id"))?;
    Ok(id.to_owned())
}

/// A person's full name is made of its parts.
fn name_person(person: &mut Fields) -> Result<(), Failure> {
    require(person, &["last_name"])?;
    let name = format!(
        "{} {}",
        text(person, "first_name"),
        text(person, "last_name")
    );
    person.insert("name".to_owned(), json!(name.trim()));
    Ok(())
}

/// Answers `POST /<module>/<id>/link` with `link_name` and `ids`.
pub(super) fn link_many(
    store: &mut Store,
    module: &str,
    id: &str,
    body: &Value,
) -> Result<Value, Failure> {
    let link_name = body.get("link_name").and_then(Value::as_str);
    let link_name = link_name.ok_or_else(|| Failure::missing_parameter("link_name"))?;
    let ids = body.get("ids").and_then(Value::as_array);
    let ids = ids.ok_or_else(|| Failure::missing_parameter("ids"))?;
    let record = linkable(store, module, id)?;
    let mut related = Vec::new();
    for other in ids.iter().filter_map(Value::as_str) {
        related.push(link(store, module, id, link_name, other)?);
    }
    Ok(json!({ "record": record, "related_records": related }))
}

/// Answers `POST /<module>/<id>/link/<link>/<other>`.
pub(super) fn link_one(
    store: &mut Store,
    module: &str,
    id: &str,
    link_name: &str,
    other: &str,
) -> Result<Value, Failure> {
    let record = linkable(store, module, id)?;
    let related = link(store, module, id, link_name, other)?;
    Ok(json!({ "record": record, "related_record": related }))
}

fn link(
    store: &mut Store,
    module: &str,
    id: &str,
    link_name: &str,
    other: &str,
) -> Result<Value, Failure> {
    let related = linked_record(store, link_name, other)?;
    store.link(format!("{module}/{id}/{link_name}/{other}"));
    Ok(related)
}

/// The call or case under this id.
fn linkable(store: &Store, module: &str, id: &str) -> Result<Value, Failure> {
    let found = store.find(module, id).ok_or_else(Failure::not_found)?;
    Ok(super::listing::render(module, found, None))
}

fn check_call(call: &Fields) -> Result<(), Failure> {
    require(call, &["name", "date_start", "status", "direction"])?;
    one_of(call, "status", &["Planned", "Held", "Not Held"])?;
    one_of(call, "direction", &["Inbound", "Outbound"])?;
    for field in ["date_start", "date_end"] {
        if let Some(value) = call.get(field) {
            let time = value
                .as_str()
                .and_then(|text| text.parse::<Timestamp>().ok());
            time.ok_or_else(|| Failure::invalid_parameter(format!("Invalid {field}")))?;
        }
    }
    for (field, limit) in [("duration_hours", u64::MAX), ("duration_minutes", 60)] {
        let value = call.get(field).map(Value::as_u64);
        if value.is_some_and(|value| value.is_none_or(|value| value >= limit)) {
            return Err(Failure::invalid_parameter(format!("Invalid {field}")));
        }
    }
    Ok(())
}

/// Stricter than Sugar, which takes any parent.
fn check_parent(store: &Store, object: &Fields) -> Result<(), Failure> {
    match (text(object, "parent_type"), text(object, "parent_id")) {
        ("", "") => Ok(()),
        (module, id) => store
            .find(module, id)
            .map(|_| ())
            .ok_or_else(Failure::not_found),
    }
}

fn check_case(store: &Store, case: &Fields) -> Result<(), Failure> {
    require(case, &["name", "account_id"])?;
    let exists = |module: &str, field: &str| {
        let id = text(case, field);
        id.is_empty() || store.find(module, id).is_some()
    };
    if exists("Accounts", "account_id") && exists("Contacts", "primary_contact_id") {
        Ok(())
    } else {
        Err(Failure::not_found())
    }
}

/// The links that the body asks for as `"contacts": {"add": ["<id>"]}`.
fn inline_links(store: &Store, given: &Value) -> Result<Vec<(&'static str, String)>, Failure> {
    let mut links = Vec::new();
    for (link, _) in LINKS {
        let ids = given.get(link).and_then(|links| links.get("add"));
        for id in ids.and_then(Value::as_array).into_iter().flatten() {
            let id = id.as_str().unwrap_or_default();
            linked_record(store, link, id)?;
            links.push((link, id.to_owned()));
        }
    }
    Ok(links)
}

fn linked_record(store: &Store, link: &str, id: &str) -> Result<Value, Failure> {
    let module = LINKS.iter().find(|(name, _)| *name == link);
    let (_, module) = module.ok_or_else(|| Failure::invalid_parameter("Unknown link"))?;
    let fields = store.find(module, id).ok_or_else(Failure::not_found)?;
    Ok(super::listing::render(module, fields, None))
}

fn require(given: &Fields, names: &[&str]) -> Result<(), Failure> {
    match names.iter().find(|name| text(given, name).is_empty()) {
        Some(missing) => Err(Failure::missing_parameter(missing)),
        None => Ok(()),
    }
}

fn one_of(given: &Fields, name: &str, allowed: &[&str]) -> Result<(), Failure> {
    if allowed.contains(&text(given, name)) {
        Ok(())
    } else {
        Err(Failure::invalid_parameter(format!("Invalid {name}")))
    }
}
