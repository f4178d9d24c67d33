//! Reads by id, account info, properties and owners (`crm-apis.md` §1.2, §1.4, §1.7).

use std::collections::HashSet;

use serde_json::{Value, json};

use super::{
    HubSpot, objects::render, reply, requested_properties, route::ObjectKind, search::read_json,
    with,
};
use crate::upstream::{Request, Response};

const MAX_INPUTS: usize = 100;
const MAX_OWNERS: u32 = 500;

/// Batch read: 200, or 207 when some of the objects do not exist.
pub(super) fn batch(
    crm: &HubSpot,
    kind: ObjectKind,
    request: &Request,
) -> Result<Response, Response> {
    let body = read_json(request)?;
    let inputs = body.get("inputs").and_then(Value::as_array);
    let inputs = inputs.ok_or_else(|| reply::invalid("inputs are missing"))?;
    if inputs.len() > MAX_INPUTS {
        return Err(reply::invalid("at most 100 inputs"));
    }
    let id = |input| Value::as_str(Value::get(input, "id")?);
    let ids: Option<Vec<&str>> = inputs.iter().map(id).collect();
    let ids = ids.ok_or_else(|| reply::invalid("an input without id"))?;
    let requested = requested_properties(&body);
    let (found, missing): (Vec<&str>, Vec<&str>) = ids
        .into_iter()
        .partition(|id| crm.objects.get(kind, id).is_some());
    let results: Vec<Value> = found
        .iter()
        .filter_map(|id| crm.objects.get(kind, id))
        .map(|object| {
            let url = crm.page(kind, &object.id);
            render(&crm.schema, kind, object, requested.as_ref(), url)
        })
        .collect();
    let page = json!({
        "status": "COMPLETE",
        "results": results,
        "startedAt": "2026-11-22T08:30:00.000Z",
        "completedAt": "2026-11-22T08:30:00.010Z",
    });
    if missing.is_empty() {
        return Ok(Response::json(200, &page));
    }
    let errors = json!([{
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": "Could not get some objects, they may be deleted or not exist",
        "context": { "ids": missing },
    }]);
    let page = with(page, "numErrors", json!(1));
    Ok(Response::json(207, &with(page, "errors", errors)))
}

/// One object, by id or by the unique property `idProperty`.
pub(super) fn object(
    crm: &HubSpot,
    kind: ObjectKind,
    id: &str,
    request: &Request,
) -> Result<Response, Response> {
    let written = crm.written();
    let found = match request.query_value("idProperty") {
        Some(name) if !crm.schema.is_unique(kind, &name) => {
            return Err(reply::invalid(
                "idProperty is no property with unique values",
            ));
        }
        Some(name) => written.owner_of(kind, &name, id),
        None => written.get(kind, id).or_else(|| crm.objects.get(kind, id)),
    };
    let object = found.ok_or_else(reply::not_found)?;
    let requested = request.query_value("properties");
    let requested: Option<HashSet<String>> =
        requested.map(|names| names.split(',').map(str::to_owned).collect());
    let url = crm.page(kind, &object.id);
    let object = render(&crm.schema, kind, object, requested.as_ref(), url);
    Ok(Response::json(200, &object))
}

/// What kind of property it is.
pub(super) fn property(crm: &HubSpot, kind: ObjectKind, name: &str) -> Result<Response, Response> {
    if !crm.schema.defines(kind, name) {
        return Err(reply::not_found());
    }
    let property = json!({
        "name": name,
        "label": name,
        "type": "string",
        "fieldType": "text",
        "hasUniqueValue": crm.schema.is_unique(kind, name),
    });
    Ok(Response::json(200, &property))
}

pub(super) fn account() -> Response {
    Response::json(
        200,
        &json!({
            "portalId": HubSpot::PORTAL_ID,
            "accountType": "STANDARD",
            "timeZone": "Europe/Zurich",
            "companyCurrency": "CHF",
            "additionalCurrencies": [],
            "utcOffset": "+01:00",
            "utcOffsetMilliseconds": 3_600_000,
            "uiDomain": HubSpot::UI_DOMAIN,
            "dataHostingLocation": "eu1",
        }),
    )
}

pub(super) fn owners(request: &Request) -> Result<Response, Response> {
    let limit = request.query_value("limit").map(|limit| limit.parse());
    if limit.is_some_and(|limit| limit.map_or(true, |limit: u32| limit > MAX_OWNERS)) {
        return Err(reply::invalid("limit must be at most 500"));
    }
    let wanted = request.query_value("email");
    let is_owner = wanted.is_none_or(|email| email.eq_ignore_ascii_case(HubSpot::OWNER_EMAIL));
    let anna = json!({
        "id": HubSpot::OWNER_ID,
        "email": HubSpot::OWNER_EMAIL,
        "type": "PERSON",
        "firstName": "Anna",
        "lastName": "Roth",
        "userId": 99,
        "archived": false,
    });
    let results = if is_owner { vec![anna] } else { Vec::new() };
    Ok(Response::json(200, &json!({ "results": results })))
}
