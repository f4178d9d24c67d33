//! What can be asked for at which path.

use serde_json::{Map, Value, json};

use super::component;

/// The problems of every route that asks for a token and reads a body.
const COMMON: [u16; 8] = [400, 401, 405, 408, 413, 415, 429, 500];

/// The paths below the root, and those of the health checks.
pub(super) fn paths() -> Value {
    json!({
        "/Lookup": { "get": lookup("lookupByQuery", false), "post": lookup("lookup", true) },
        "/{workflow}": { "post": workflow() },
        "/notifications/{adapter}": { "post": notification() },
        "/health/live": { "get": health("live", "The process runs.", false) },
        "/health/ready": { "get": health("ready", "The gateway takes requests.", true) },
    })
}

fn lookup(id: &str, has_body: bool) -> Value {
    let mut operation = json!({
        "operationId": id,
        "summary": "Who is calling?",
        "description": "Asks every CRM at once and answers within `gateway.request_timeout_ms` with \
            what they gave. A number in the body wins over one in the query. Withheld and internal \
            numbers: an empty array, and no CRM is asked.",
        "parameters": [{
            "name": "PhoneNumber",
            "in": "query",
            "description": "The number, as international digits or as people write it.",
            "schema": { "type": "string" },
            "example": "41215522000",
        }],
        "responses": replies(
            "200",
            json!({
                "description": "The contacts, best first; empty when nobody matches.",
                "headers": headers(&["X-Lookup-Complete", "Server-Timing", "X-Request-Id"]),
                "content": { "application/json": { "schema": {
                    "$ref": "#/components/schemas/Contacts",
                }}},
            }),
            &[502, 503, 504],
        ),
    });
    if has_body {
        put(&mut operation, "requestBody", body("LookupRequest", false));
    }
    operation
}

fn workflow() -> Value {
    json!({
        "operationId": "runWorkflow",
        "summary": "Log this call, open a ticket.",
        "description": "Stored on disk before the reply, and delivered to the CRM that the contact \
            came from, now or when it is back. The same call sent twice creates one object.",
        "parameters": [path_parameter(
            "workflow",
            "One of the contact's `crmActions`; `CallFlow` logs a call.",
            "CallFlow",
        )],
        "requestBody": body("WorkflowRequest", true),
        "responses": replies(
            "200",
            json!({
                "description": "The object in the CRM, or an empty object while the work is still \
                    under way.",
                "headers": headers(&["X-Workflow-Status", "X-Workflow-Id", "X-Request-Id"]),
                "content": { "application/json": { "schema": {
                    "$ref": "#/components/schemas/Receipt",
                }}},
            }),
            &[422, 503],
        ),
    })
}

fn notification() -> Value {
    json!({
        "operationId": "notify",
        "summary": "A CRM says that its records changed.",
        "description": "The body and the signature are those of the CRM. Answers that this may \
            concern are asked for anew.",
        "security": [{}],
        "parameters": [path_parameter("adapter", "The id of the adapter.", "hubspot")],
        "requestBody": { "content": { "application/json": {} } },
        "responses": replies("204", json!({ "description": "Understood." }), &[404]),
    })
}

fn health(id: &str, well: &str, may_fail: bool) -> Value {
    let reply = |description: &str| {
        json!({
            "description": description,
            "content": { "application/json": { "schema": {
                "$ref": "#/components/schemas/Health",
            }}},
        })
    };
    let mut responses = Map::new();
    responses.insert("200".to_owned(), reply(well));
    if may_fail {
        responses.insert(
            "503".to_owned(),
            reply("It does not; the reasons are in the body."),
        );
    }
    json!({
        "operationId": id,
        "summary": well,
        "description": "Not below `root_path`.",
        "servers": [{ "url": "http://127.0.0.1:8080" }],
        "security": [{}],
        "responses": responses,
    })
}

fn body(schema: &str, is_required: bool) -> Value {
    json!({
        "required": is_required,
        "content": { "application/json": { "schema": {
            "$ref": format!("#/components/schemas/{schema}"),
        }}},
    })
}

fn path_parameter(name: &str, description: &str, example: &str) -> Value {
    json!({
        "name": name,
        "in": "path",
        "required": true,
        "description": description,
        "schema": { "type": "string" },
        "example": example,
    })
}

fn headers(names: &[&str]) -> Value {
    let headers = names.iter().map(|name| {
        let reference = json!({ "$ref": format!("#/components/headers/{name}") });
        ((*name).to_owned(), reference)
    });
    headers.collect::<Map<_, _>>().into()
}

/// The reply of success, the common problems and these others.
fn replies(status: &str, reply: Value, others: &[u16]) -> Value {
    let mut replies = Map::new();
    replies.insert(status.to_owned(), reply);
    for problem in COMMON.iter().chain(others) {
        let reference = format!("#/components/responses/{}", component(*problem));
        replies.insert(problem.to_string(), json!({ "$ref": reference }));
    }
    replies.into()
}

fn put(operation: &mut Value, key: &str, value: Value) {
    if let Some(members) = operation.as_object_mut() {
        members.insert(key.to_owned(), value);
    }
}
