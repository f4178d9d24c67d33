//! What requests and replies are made of (`connector-api.md` §1 and §2, `product.md` §3).

use serde_json::{Value, json};

/// The headers of replies.
pub(super) fn headers() -> Value {
    json!({
        "X-Request-Id": header("Names the request in the log.", &json!({ "type": "string" })),
        "X-Lookup-Complete": header(
            "Whether every CRM answered.",
            &json!({ "enum": ["true", "false"] }),
        ),
        "Server-Timing": header(
            "One entry for each adapter: `sugar;dur=43.1;desc=\"ok\"`. `desc` is one of `ok`, \
             `empty`, `cached`, `stale`, `timeout`, `error` and `skipped`; `dur` in milliseconds.",
            &json!({ "type": "string" }),
        ),
        "X-Workflow-Status": header(
            "`repeated`: the same request was sent before, and this is its reply.",
            &json!({ "enum": ["done", "queued", "repeated"] }),
        ),
        "X-Workflow-Id": header("The id in the outbox.", &json!({ "type": "string" })),
    })
}

/// The bodies of requests and replies.
pub(super) fn schemas() -> Value {
    json!({
        "LookupRequest": request(&json!({
            "phoneNumber": text_or_number("The number; wins over the query."),
        })),
        "Contacts": {
            "type": "array",
            "items": { "$ref": "#/components/schemas/Contact" },
            "description": "At most `gateway.max_results`.",
        },
        "Contact": contact(),
        "WorkflowRequest": request(&workflow_inputs()),
        "Receipt": {
            "type": "object",
            "properties": {
                "id": described("The object's id in the CRM."),
                "url": described("The CRM's page of the object."),
            },
            "additionalProperties": false,
        },
        "Problem": problem(),
        "Health": {
            "type": "object",
            "properties": {
                "status": { "enum": ["live", "ready", "not ready"] },
                "reasons": { "type": "array", "items": { "type": "string" } },
            },
            "required": ["status"],
            "additionalProperties": false,
        },
    })
}

fn contact() -> Value {
    json!({
        "type": "object",
        "properties": {
            "name": described("The contact's full name."),
            "company": described("The contact's company; may be empty."),
            "contactUri": described("The CRM's page of the contact."),
            "companyUri": described("The CRM's page of the company."),
            "id": described("Opaque; comes back as `contactCrmId`."),
            "crmName": described("The name of the CRM."),
            "crmLogo": described("Address of the CRM's logo."),
            "crmActions": {
                "type": "array",
                "items": { "type": "string" },
                "description": "The workflows that apply to this contact.",
            },
            "customData": {
                "type": "object",
                "additionalProperties": { "type": "string" },
                "description": "Title and text of what else the card shows, links to further \
                    records of the person among it.",
            },
        },
        "required": ["name", "company", "id", "crmActions"],
        "additionalProperties": false,
    })
}

fn workflow_inputs() -> Value {
    let date = |meaning: &str| {
        text_or_number(&format!(
            "{meaning} RFC 3339, with or without offset, `YYYY-MM-DD HH:MM:SS`, or seconds or \
             milliseconds since 1970; empty: unknown."
        ))
    };
    json!({
        "contactCrmId": optional("The `id` of a lookup's contact. Absent: nobody was found."),
        "userCrmId": optional("The user, as typed into the portal."),
        "originatorNumber": text_or_number("The number that started the call."),
        "originatorName": optional("The name of that party."),
        "destinationNumber": text_or_number("The number that was dialled."),
        "destinationName": optional("The name of the party that answered."),
        "direction": optional("`incoming` or `outgoing`."),
        "startedTime": date("When the call began to ring."),
        "answeredTime": date("When it was answered."),
        "endedTime": date("When it ended."),
        "declinedTime": date("When it was aborted."),
    })
}

/// Inputs that nobody knows yet are kept, and reach the templates.
fn request(inputs: &Value) -> Value {
    json!({
        "type": "object",
        "properties": { "inputs": { "type": "object", "properties": inputs } },
        "required": ["inputs"],
    })
}

fn problem() -> Value {
    json!({
        "type": "object",
        "description": "RFC 9457. Carries nothing of what a CRM said, and no personal data.",
        "properties": {
            "type": { "type": "string", "pattern": "^urn:whocalls:problem:" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "code": described("Stable; clients may rely on it."),
            "detail": described("One sentence on this very case."),
        },
        "required": ["type", "title", "status", "code"],
    })
}

fn header(description: &str, schema: &Value) -> Value {
    json!({ "description": description, "schema": schema })
}

fn described(description: &str) -> Value {
    json!({ "type": "string", "description": description })
}

fn optional(description: &str) -> Value {
    json!({ "type": ["string", "null"], "description": description })
}

fn text_or_number(description: &str) -> Value {
    json!({ "type": ["string", "integer", "null"], "description": description })
}
