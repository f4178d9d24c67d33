//! Creating calls and tickets (`crm-apis.md` §1.5, §1.6).

use serde_json::{Map, Value, json};

use super::{HubSpot, reply, route::ObjectKind, search::read_json, with};
use crate::upstream::{Request, Response};

/// The number of the first object created.
const FIRST_ID: usize = 88_001;
const CREATED_AT: &str = "2026-11-22T08:30:00.000Z";

const CALL_PROPERTIES: [&str; 9] = [
    "hs_timestamp",
    "hs_call_title",
    "hs_call_body",
    "hs_call_direction",
    "hs_call_status",
    "hs_call_duration",
    "hs_call_from_number",
    "hs_call_to_number",
    "hubspot_owner_id",
];
const TICKET_PROPERTIES: [&str; 6] = [
    "subject",
    "content",
    "hs_pipeline",
    "hs_pipeline_stage",
    "hs_ticket_priority",
    "hubspot_owner_id",
];
/// Property and the only texts that it takes.
const CHOICES: [(&str, &[&str]); 5] = [
    ("hs_call_direction", &["INBOUND", "OUTBOUND"]),
    (
        "hs_call_status",
        &[
            "BUSY",
            "CALLING_CRM_USER",
            "CANCELED",
            "COMPLETED",
            "CONNECTING",
            "FAILED",
            "IN_PROGRESS",
            "MISSED",
            "NO_ANSWER",
            "QUEUED",
            "RINGING",
        ],
    ),
    ("hubspot_owner_id", &[HubSpot::OWNER_ID]),
    ("hs_pipeline", &["0"]),
    ("hs_pipeline_stage", &["1", "2", "3", "4"]),
];

/// An object that was created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// `calls` or `tickets`.
    pub kind: String,
    /// The id it got.
    pub id: String,
    /// Its properties as sent.
    pub properties: Map<String, Value>,
    /// The id of each associated object and the number of the association type.
    pub associations: Vec<(String, u64)>,
}

pub(super) fn answer(
    crm: &HubSpot,
    kind: ObjectKind,
    request: &Request,
) -> Result<Response, Response> {
    let (known, required): (&[&str], &[&str]) = match kind {
        ObjectKind::Calls => (&CALL_PROPERTIES, &["hs_timestamp"]),
        ObjectKind::Tickets => (&TICKET_PROPERTIES, &["subject", "hs_pipeline_stage"]),
        ObjectKind::Contacts | ObjectKind::Companies => return Err(reply::not_found()),
    };
    let body = read_json(request)?;
    let properties = body.get("properties").and_then(Value::as_object);
    let properties = properties.ok_or_else(|| reply::missing_properties(required))?;
    check_properties(properties, known, required)?;
    let associations = body.get("associations").and_then(Value::as_array);
    let associations =
        associations.ok_or_else(|| reply::invalid("required key missing: associations"))?;
    let associations = associations
        .iter()
        .map(|association| read_association(crm, kind, association))
        .collect::<Result<Vec<_>, _>>()?;
    let id = {
        let mut created = crm.lock_created();
        let id = (FIRST_ID + created.len()).to_string();
        created.push(Created {
            kind: kind.name().to_owned(),
            id: id.clone(),
            properties: properties.clone(),
            associations,
        });
        id
    };
    let mut stored = properties.clone();
    stored.insert("hs_object_id".to_owned(), json!(id));
    let mut reply = json!({
        "id": id,
        "properties": stored,
        "createdAt": CREATED_AT,
        "updatedAt": CREATED_AT,
        "archived": false,
    });
    if let Some(url) = crm.page(kind, &id) {
        reply = with(reply, "url", json!(url));
    }
    Ok(Response::json(201, &reply))
}

fn check_properties(
    properties: &Map<String, Value>,
    known: &[&str],
    required: &[&str],
) -> Result<(), Response> {
    if let Some(name) = properties
        .keys()
        .find(|name| !known.contains(&name.as_str()))
    {
        return Err(reply::unknown_property(name));
    }
    let is_unset = |name: &&&str| {
        let text = properties.get(**name).and_then(Value::as_str);
        text.unwrap_or_default().is_empty()
    };
    let missing: Vec<&str> = required.iter().filter(is_unset).copied().collect();
    if !missing.is_empty() {
        return Err(reply::missing_properties(&missing));
    }
    for (name, value) in properties {
        let Some(text) = value.as_str() else {
            return Err(reply::invalid("property values are texts"));
        };
        let choices = CHOICES.iter().find(|(property, _)| property == name);
        let is_allowed = match name.as_str() {
            "hs_call_duration" => text.parse::<u64>().is_ok(),
            "hs_timestamp" => {
                text.parse::<jiff::Timestamp>().is_ok() || text.parse::<i64>().is_ok()
            }
            _ => choices.is_none_or(|(_, allowed)| allowed.contains(&text)),
        };
        if !is_allowed {
            return Err(reply::invalid(&format!(
                "Property values were not valid: [{{\"isValid\":false,\"name\":\"{name}\"}}]"
            )));
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
