//! Creating calls and cases, and linking them (`crm-apis.md` §2.6, §2.7).

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    failure::Failure,
    store::{Store, change_time, record_id},
};

/// The links from an activity or case to people, with the module that each leads to.
const LINKS: [(&str, &str); 3] = [
    ("contacts", "Contacts"),
    ("leads", "Leads"),
    ("accounts", "Accounts"),
];

/// Answers `POST /<module>` with the whole new object.
pub(super) fn create(store: &mut Store, module: &str, body: &Value) -> Result<Value, Failure> {
    let Some(given) = body.as_object() else {
        return Err(Failure::missing_parameter("name"));
    };
    match module {
        "Calls" => check_call(store, given)?,
        "Cases" => check_case(store, given)?,
        _ => return Err(Failure::no_method()),
    }
    let invited = inline_links(store, given)?;
    let number = store.created().len() + 1;
    let id = record_id(module, number);
    let mut object = given.clone();
    for (link, _) in LINKS {
        object.remove(link);
    }
    object.insert("id".to_owned(), json!(id));
    object.insert("date_modified".to_owned(), json!(change_time(1000)));
    object.insert("_acl".to_owned(), json!({ "fields": {} }));
    object.insert("_module".to_owned(), json!(module));
    if module == "Cases" {
        object.insert("case_number".to_owned(), json!(number));
    }
    for (link, other) in invited {
        store.link(format!("{module}/{id}/{link}/{other}"));
    }
    let object = Value::Object(object);
    store.add(object.clone());
    Ok(object)
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
    let record = created(store, module, id)?;
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
    let record = created(store, module, id)?;
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

/// The object that was created under this id.
fn created(store: &Store, module: &str, id: &str) -> Result<Value, Failure> {
    let has = |object: &Value, name: &str, text: &str| {
        object.get(name).and_then(Value::as_str) == Some(text)
    };
    let mut objects = store.created().iter();
    objects
        .find(|object| has(object, "id", id) && has(object, "_module", module))
        .cloned()
        .ok_or_else(Failure::not_found)
}

fn check_call(store: &Store, call: &Map<String, Value>) -> Result<(), Failure> {
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
    match (text(call, "parent_type"), text(call, "parent_id")) {
        ("", "") => Ok(()),
        (module, id) => store
            .find(module, id)
            .map(|_| ())
            .ok_or_else(Failure::not_found),
    }
}

fn check_case(store: &Store, case: &Map<String, Value>) -> Result<(), Failure> {
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
fn inline_links(
    store: &Store,
    given: &Map<String, Value>,
) -> Result<Vec<(&'static str, String)>, Failure> {
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

fn require(given: &Map<String, Value>, names: &[&str]) -> Result<(), Failure> {
    match names.iter().find(|name| text(given, name).is_empty()) {
        Some(missing) => Err(Failure::missing_parameter(missing)),
        None => Ok(()),
    }
}

fn one_of(given: &Map<String, Value>, name: &str, allowed: &[&str]) -> Result<(), Failure> {
    if allowed.contains(&text(given, name)) {
        Ok(())
    } else {
        Err(Failure::invalid_parameter(format!("Invalid {name}")))
    }
}

fn text<'a>(given: &'a Map<String, Value>, name: &str) -> &'a str {
    given.get(name).and_then(Value::as_str).unwrap_or_default()
}
