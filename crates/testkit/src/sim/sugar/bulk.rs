//! Several requests in one round trip, carried out in order (`crm-apis.md` §2.5).

use bytes::Bytes;
use serde_json::{Value, json};

use super::{Sugar, check_version, failure::Failure};
use crate::upstream::Request;

/// Answers `POST /bulk`. A request without `url` fails the whole before anything is done;
/// every other failure stays inside.
pub(super) fn run(sugar: &Sugar, body: &Value) -> Result<Value, Failure> {
    let requests = body.get("requests").and_then(Value::as_array);
    let requests = requests.ok_or_else(|| Failure::missing_parameter("requests"))?;
    let read: Option<Vec<Request>> = requests.iter().map(inner_request).collect();
    let read = read.ok_or_else(|| Failure::missing_parameter("url"))?;
    let replies = read.iter().map(|request| {
        let (status, contents) = match run_one(sugar, request) {
            Ok(contents) => (200, contents),
            Err(failure) => (failure.status, failure.body()),
        };
        json!({ "contents": contents, "headers": [], "status": status })
    });
    Ok(replies.collect())
}

fn run_one(sugar: &Sugar, request: &Request) -> Result<Value, Failure> {
    let segments = request.segments();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let [version, path @ ..] = segments.as_slice() else {
        return Err(Failure::no_method());
    };
    check_version(version)?;
    sugar.call(request, path)
}

/// `data` is a JSON text in older descriptions and an object in newer ones.
fn inner_request(value: &Value) -> Option<Request> {
    let url = value.get("url").and_then(Value::as_str)?;
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let method = value.get("method").and_then(Value::as_str).unwrap_or("GET");
    let body = match value.get("data") {
        None => Bytes::new(),
        Some(Value::String(text)) => text.clone().into(),
        Some(data) => data.to_string().into(),
    };
    Some(Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: Vec::new(),
        body,
    })
}
