//! Creating and changing calls, tickets and contacts (`crm-apis.md` §1.5, §1.6, §1.8).

use serde_json::{Map, Value, json};

use super::{
    HubSpot,
    objects::Object,
    reply,
    route::ObjectKind,
    schema,
    search::read_json,
    with,
    written::{Written, render_all},
};
use crate::upstream::{Request, Response};

pub(super) fn create(
    crm: &HubSpot,
    kind: ObjectKind,
    request: &Request,
) -> Result<Response, Response> {
    let required = schema::required(kind).ok_or_else(reply::not_found)?;
    let body = read_json(request)?;
    let properties = properties(&body).ok_or_else(|| reply::missing_properties(required))?;
    crm.schema.check(kind, properties)?;
    let is_unset = |name: &&&str| {
        let text = properties.get(**name).and_then(Value::as_str);
        text.unwrap_or_default().is_empty()
    };
    let missing: Vec<&str> = required.iter().filter(is_unset).copied().collect();
    if !missing.is_empty() {
        return Err(reply::missing_properties(&missing));
    }
    let associations = body.get("associations").and_then(Value::as_array);
    let associations =
        associations.ok_or_else(|| reply::invalid("required key missing: associations"))?;
    let associations = associations
        .iter()
        .map(|association| read_association(crm, kind, association))
        .collect::<Result<Vec<_>, _>>()?;
    let mut written = crm.written();
    check_email(crm, &written, kind, properties)?;
    check_unique(crm, &written, kind, properties, None)?;
    let object = written.create(kind, properties, associations);
    Ok(answer(crm, 201, kind, &object))
}

/// Changes an object that was written; seeded ones are left as they are.
pub(super) fn update(
    crm: &HubSpot,
    kind: ObjectKind,
    id: &str,
    request: &Request,
) -> Result<Response, Response> {
    let body = read_json(request)?;
    let properties = properties(&body).filter(|properties| !properties.is_empty());
    let properties = properties.ok_or_else(|| reply::invalid("No properties found to update"))?;
    let mut written = crm.written();
    if written.get(kind, id).is_none() {
        return Err(reply::not_found());
    }
    crm.schema.check(kind, properties)?;
    for name in schema::required(kind).unwrap_or_default() {
        if properties.get(*name) == Some(&json!("")) {
            return Err(reply::missing_properties(&[name]));
        }
    }
    check_unique(crm, &written, kind, properties, Some(id))?;
    let changed = written.update(kind, id, properties);
    let object = changed.ok_or_else(reply::not_found)?;
    Ok(answer(crm, 200, kind, &object))
}

fn answer(crm: &HubSpot, status: u16, kind: ObjectKind, object: &Object) -> Response {
    let mut reply = render_all(&crm.schema, kind, object);
    if let Some(url) = crm.page(kind, &object.id) {
        reply = with(reply, "url", json!(url));
    }
    Response::json(status, &reply)
}

fn properties(body: &Value) -> Option<&Map<String, Value>> {
    body.get("properties")?.as_object()
}

/// Refuses a contact with the address of another one.
fn check_email(
    crm: &HubSpot,
    written: &Written,
    kind: ObjectKind,
    properties: &Map<String, Value>,
) -> Result<(), Response> {
    let email = properties.get("email").and_then(Value::as_str);
    let (ObjectKind::Contacts, Some(email)) = (kind, email) else {
        return Ok(());
    };
    let is_owner = |object: &&Object| {
        let own = object.properties.get("email");
        own.is_some_and(|own| own.eq_ignore_ascii_case(email))
    };
    let seeded = || crm.objects.all(kind).find(is_owner);
    match written.owner_of(kind, "email", email).or_else(seeded) {
        Some(owner) => Err(reply::contact_exists(&owner.id)),
        None => Ok(()),
    }
}

/// Refuses a text of a unique property that another object than `own` has.
fn check_unique(
    crm: &HubSpot,
    written: &Written,
    kind: ObjectKind,
    properties: &Map<String, Value>,
    own: Option<&str>,
) -> Result<(), Response> {
    let unique = properties
        .iter()
        .filter(|(name, _)| crm.schema.is_unique(kind, name));
    for (name, value) in unique {
        let owner = written.owner_of(kind, name, value.as_str().unwrap_or_default());
        if let Some(owner) = owner.filter(|owner| Some(owner.id.as_str()) != own) {
            return Err(reply::conflicting_value(name, &owner.id));
        }
    }
    Ok(())
}

/// Reads one association, whose type must fit the kinds at both ends.
fn read_association(
    crm: &HubSpot,
    from: ObjectKind,
    association: &Value,
) -> Result<(String, u64), Response> {
    let id = association.pointer("/to/id").and_then(Value::as_str);
    let kind = association
        .pointer("/types/0/associationTypeId")
        .and_then(Value::as_u64);
    let category = association.pointer("/types/0/associationCategory");
    let (Some(id), Some(kind)) = (id, kind) else {
        return Err(reply::invalid("an association needs to.id and types"));
    };
    let to = match (from, kind) {
        (ObjectKind::Calls, 194) | (ObjectKind::Tickets, 16) => ObjectKind::Contacts,
        (ObjectKind::Calls, 182) | (ObjectKind::Tickets, 26) => ObjectKind::Companies,
        (ObjectKind::Calls, 220) => ObjectKind::Tickets,
        _ => return Err(reply::invalid("an association type between other kinds")),
    };
    if category != Some(&json!("HUBSPOT_DEFINED")) || !crm.has(to, id) {
        return Err(reply::invalid("One or more associations are not valid"));
    }
    Ok((id.to_owned(), kind))
}
