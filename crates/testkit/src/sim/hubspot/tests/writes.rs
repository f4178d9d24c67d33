//! What is written can be read at once, and found once the index has caught up.

use super::*;

const CALLS: &str = "/crm/objects/2026-09/calls";
const KEY: &str = "whocalls_id";

fn call(properties: &Value) -> Value {
    let mut properties = properties.clone();
    properties["hs_timestamp"] = json!("2026-11-22T08:30:00.000Z");
    json!({ "properties": properties, "associations": [] })
}

fn patch(id: &str, properties: &Value) -> Request {
    let body = json!({ "properties": properties }).to_string();
    request("PATCH", &format!("{CALLS}/{id}"), "application/json", body)
}

fn calls_with(crm: &HubSpot, word: &str) -> Vec<String> {
    let search = json!({ "filterGroups": [filter("hs_call_body", "CONTAINS_TOKEN", word)] });
    let response = crm.respond(&post(&format!("{CALLS}/search"), &search));
    assert_eq!(response.status, 200);
    let results = body(&response)["results"].as_array().unwrap().clone();
    let id = |hit: &Value| hit["id"].as_str().unwrap().to_owned();
    results.iter().map(id).collect()
}

#[test]
fn the_index_lags_behind_what_is_written() {
    let crm = crm().with_search_lag();
    let body_of = |text: &str| json!({ "hs_call_body": text });
    crm.respond(&post(CALLS, &call(&body_of("Notes.<br><br>Ref. wc0199"))));
    let status = |target: &str| crm.respond(&get(target)).status;
    assert_eq!(status(&format!("{CALLS}/88001")), 200, "read at once");
    assert!(calls_with(&crm, "wc0199").is_empty());
    crm.catch_up();
    assert_eq!(calls_with(&crm, "WC0199"), ["88001"]);
    assert!(calls_with(&crm, "wc01").is_empty(), "whole words only");
    crm.respond(&patch("88001", &body_of("Ref. wc0200")));
    crm.delete("calls", "88001");
    assert_eq!(calls_with(&crm, "wc0199"), ["88001"], "not noticed yet");
    crm.catch_up();
    assert!(calls_with(&crm, "wc0200").is_empty());
    assert_eq!(status(&format!("{CALLS}/88001")), 404);
    assert_eq!(crm.created().len(), 1);
}

#[test]
fn without_a_lag_what_is_written_is_found_at_once() {
    let crm = crm();
    crm.respond(&post(CALLS, &call(&json!({ "hs_call_body": "Ref. wc1" }))));
    assert_eq!(calls_with(&crm, "wc1"), ["88001"]);
}

#[test]
fn an_update_is_as_strict_as_a_create_and_changes_one_object() {
    let crm = crm();
    crm.respond(&post(CALLS, &call(&json!({ "hs_call_status": "RINGING" }))));
    let cases = [
        ("88001", json!({ "hs_call_status": "COMPLETED" }), 200),
        ("88001", json!({ "hs_call_status": "DONE" }), 400),
        ("88001", json!({ "nosuch": "x" }), 400),
        ("88001", json!({ "hs_timestamp": "" }), 400),
        ("88001", json!({}), 400),
        ("88002", json!({ "hs_call_status": "COMPLETED" }), 404),
    ];
    for (id, properties, status) in cases {
        let response = crm.respond(&patch(id, &properties));
        assert_eq!(response.status, status, "{id} {properties}");
    }
    let [made] = &crm.created()[..] else {
        panic!("one object")
    };
    assert_eq!(made.properties["hs_call_status"], "COMPLETED");
    let read = body(&crm.respond(&get(&format!("{CALLS}/88001?properties=hs_call_status"))));
    assert_eq!(read["properties"]["hs_call_status"], "COMPLETED");
    assert!(read["updatedAt"].as_str() > read["createdAt"].as_str());
}

#[test]
fn a_unique_property_names_one_object() {
    let crm = crm().with_unique_property("calls", KEY);
    let first = post(CALLS, &call(&json!({ KEY: "key-1" })));
    assert_eq!(crm.respond(&first).status, 201);
    assert_eq!(crm.respond(&first).status, 400, "the text is taken");
    let second = post(CALLS, &call(&json!({ KEY: "key-2" })));
    assert_eq!(crm.respond(&second).status, 201);
    assert_eq!(
        crm.respond(&patch("88002", &json!({ KEY: "key-1" })))
            .status,
        400
    );
    assert_eq!(
        crm.respond(&patch("88002", &json!({ KEY: "key-2" })))
            .status,
        200
    );
    let by = |key: &str, property: &str| {
        let target = format!("{CALLS}/{key}?idProperty={property}");
        let response = crm.respond(&get(&target));
        (response.status, body(&response)["id"].clone())
    };
    assert_eq!(by("key-2", KEY), (200, json!("88002")));
    assert_eq!(by("key-3", KEY), (404, Value::Null));
    assert_eq!(by("x", "hs_call_title"), (400, Value::Null));
}

#[test]
fn a_property_tells_whether_its_values_are_unique() {
    let crm = crm()
        .with_unique_property("calls", KEY)
        .with_property("tickets", KEY);
    let property = |path: &str| {
        let response = crm.respond(&get(&format!("{path}/{KEY}")));
        (response.status, body(&response)["hasUniqueValue"].clone())
    };
    let dated = "/crm/properties/2026-09";
    assert_eq!(property(&format!("{dated}/calls")), (200, json!(true)));
    assert_eq!(property("/crm/v3/properties/tickets"), (200, json!(false)));
    assert_eq!(property(&format!("{dated}/contacts")).0, 404);
}

#[test]
fn a_new_contact_is_found_by_its_number_and_has_an_address_of_its_own() {
    let crm = crm();
    let contact = |email: &str| {
        let properties = json!({ "lastname": "New", "phone": "+41443332211", "email": email });
        post(
            "/crm/objects/2026-09/contacts",
            &json!({ "properties": properties, "associations": [] }),
        )
    };
    assert_eq!(crm.respond(&contact("new@example.ch")).status, 201);
    let refusal = crm.respond(&contact("NEW@example.ch"));
    assert_eq!(refusal.status, 409);
    let message = &body(&refusal)["message"];
    assert_eq!(message, "Contact already exists. Existing ID: 88001");
    let number = filter("hs_searchable_calculated_phone_number", "EQ", "443332211");
    assert_eq!(found(&crm, &json!({ "filterGroups": [number] })), ["88001"]);
    let twice = contact(&messy_contacts(0)[0].email);
    assert_eq!(crm.respond(&twice).status, 409, "a seeded one has it");
}
