//! Error bodies (`crm-apis.md` §1.8).

use serde_json::{Value, json};

use super::with;
use crate::upstream::Response;

const CORRELATION_ID: &str = "aeb5f871-0000-4000-8000-000000000001";

fn error(status: u16, category: &str, message: &str) -> Response {
    Response::json(status, &envelope(category, message))
}

fn envelope(category: &str, message: &str) -> Value {
    json!({
        "status": "error",
        "message": message,
        "correlationId": CORRELATION_ID,
        "category": category,
    })
}

/// 400: the request breaks a rule.
pub(super) fn invalid(message: &str) -> Response {
    error(400, "VALIDATION_ERROR", message)
}

/// 400: a property that the account does not have.
pub(super) fn unknown_property(name: &str) -> Response {
    let body = envelope("VALIDATION_ERROR", "There was a problem with the request.");
    let errors = json!([{
        "message": format!("Property '{name}' does not exist"),
        "code": "PROPERTY_DOESNT_EXIST",
        "context": { "propertyName": [name] },
    }]);
    Response::json(400, &with(body, "errors", errors))
}

/// 400: required properties are missing.
pub(super) fn missing_properties(names: &[&str]) -> Response {
    let body = envelope("VALIDATION_ERROR", "Some required properties were not set.");
    let context = json!({ "properties": names });
    Response::json(400, &with(body, "context", context))
}

/// 400: the text of a unique property that another object has. Its form is not documented.
pub(super) fn conflicting_value(name: &str, owner: &str) -> Response {
    let body = envelope("VALIDATION_ERROR", "There was a problem with the request.");
    let errors = json!([{
        "message": format!("{owner} already has that value."),
        "code": "CONFLICTING_UNIQUE_VALUE",
        "context": { "propertyName": [name] },
    }]);
    Response::json(400, &with(body, "errors", errors))
}

/// 409: a contact with this address exists.
pub(super) fn contact_exists(id: &str) -> Response {
    let message = format!("Contact already exists. Existing ID: {id}");
    error(409, "CONFLICT", &message)
}

/// 401: no token, or one that was never good.
pub(super) fn unauthenticated() -> Response {
    error(
        401,
        "INVALID_AUTHENTICATION",
        "Authentication credentials not found. This API supports OAuth 2.0 authentication.",
    )
}

/// 401: a token that was good once.
pub(super) fn expired() -> Response {
    error(
        401,
        "EXPIRED_AUTHENTICATION",
        "The OAuth token used to make this call expired 7 minute(s) ago.",
    )
}

/// 403: the token lacks a scope.
pub(super) fn missing_scope(scope: &str) -> Response {
    let body = envelope(
        "MISSING_SCOPES",
        "This app hasn't been granted all required scopes to make this call.",
    );
    let errors = json!([{
        "message": "One or more of the following scopes are required.",
        "context": { "requiredGranularScopes": [scope] },
    }]);
    Response::json(403, &with(body, "errors", errors))
}

/// 404: no such endpoint or object.
pub(super) fn not_found() -> Response {
    error(404, "OBJECT_NOT_FOUND", "resource not found")
}

/// 415: another content type than the endpoint reads.
pub(super) fn unsupported_media_type() -> Response {
    error(415, "VALIDATION_ERROR", "Unsupported media type")
}

/// 429 of the search endpoint: without any header on limits.
pub(super) fn secondly_limit() -> Response {
    let body = envelope("RATE_LIMITS", "You have reached your secondly limit.");
    let body = with(body, "errorType", json!("RATE_LIMIT"));
    Response::json(429, &with(body, "policyName", json!("SECONDLY")))
}
