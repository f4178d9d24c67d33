//! Bodies, with the quirks of each interface (`crm-apis.md` §3, §7).

use bytes::Bytes;
use serde_json::{Value, json};

use crate::upstream::Response;

/// A reply of V8.
pub(super) fn json_api(status: u16, body: &Value) -> Response {
    Response {
        headers: vec![(
            "content-type".to_owned(),
            "application/vnd.api+json".to_owned(),
        )],
        ..Response::json(status, body)
    }
}

/// A refusal of V8: always 400, with an object where the standard has a list.
pub(super) fn refusal(detail: &str) -> Response {
    let errors = json!({ "errors": { "status": 400, "title": null, "detail": detail } });
    json_api(400, &errors)
}

/// A fault of `v4_1`: with status 200, and an undefined one with its number as a text.
pub(super) fn fault(number: i64) -> Response {
    let (name, description) = match number {
        10 => (
            "Invalid Login",
            "Login attempt failed please check the username and password",
        ),
        11 => ("Invalid Session ID", "The session ID is invalid"),
        20 => (
            "Module Does Not Exist",
            "This module is not available on this server",
        ),
        40 => ("Access Denied", "You do not have access"),
        _ => ("An Undefined Error", "An undefined error was encountered"),
    };
    let number = if number == -1 {
        json!("-1")
    } else {
        json!(number)
    };
    let fault = json!({ "name": name, "number": number, "description": description });
    Response::json(200, &fault)
}

/// A failure inside, with a text or nothing as its body.
pub(super) fn broken(text: &'static str) -> Response {
    Response {
        headers: vec![("content-type".to_owned(), "text/html".to_owned())],
        body: Bytes::from_static(text.as_bytes()),
        ..Response::status(500)
    }
}

/// What the web server says where SuiteCRM has nothing.
pub(super) fn page_not_found() -> Response {
    Response {
        headers: vec![("content-type".to_owned(), "text/html".to_owned())],
        body: Bytes::from_static(b"<!doctype html><title>404 Not Found</title>"),
        ..Response::status(404)
    }
}

/// A text as both interfaces return it: as it would stand in a page.
pub(super) fn encoded(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('\'', "&#039;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
