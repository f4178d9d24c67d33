//! The request body: `{"inputs": {…}}`.

use actix_web::{
    HttpRequest,
    http::header,
    web::{BytesMut, Payload},
};
use futures::StreamExt;
use serde_json::{Map, Value};
use tokio::time::{Instant, timeout_at};

use crate::problem::{Code, Problem};

/// Larger bodies are refused.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// The `inputs` of a request's body; empty when there is no body. Keys are compared without regard
/// to case by those who read them.
///
/// # Errors
/// 400, 408, 413 or 415.
pub async fn read_inputs(
    request: &HttpRequest,
    payload: Payload,
    deadline: Instant,
) -> Result<Map<String, Value>, Problem> {
    let body = read_body(payload, MAX_BODY_BYTES, deadline).await?;
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    if !is_json(request) {
        let detail = "Send the body as application/json.";
        return Err(Problem::new(Code::UnsupportedMediaType, detail));
    }
    let body: Value = serde_json::from_slice(&body).map_err(|error| {
        let place = format!("line {} column {}", error.line(), error.column());
        Problem::new(
            Code::MalformedBody,
            format!("The body is not JSON: {place}."),
        )
    })?;
    inputs_of(body)
}

/// The `inputs` of a body; empty when there are none.
///
/// # Errors
/// 400.
pub fn inputs_of(body: Value) -> Result<Map<String, Value>, Problem> {
    let malformed = |detail| Problem::new(Code::MalformedBody, detail);
    let Value::Object(fields) = body else {
        return Err(malformed(
            "The body has to be an object with the key \"inputs\".",
        ));
    };
    let inputs = fields
        .into_iter()
        .find(|(key, _)| key.eq_ignore_ascii_case("inputs"));
    match inputs {
        Some((_, Value::Object(inputs))) => Ok(inputs),
        None | Some((_, Value::Null)) => Ok(Map::new()),
        Some(_) => Err(malformed("The key \"inputs\" has to be an object.")),
    }
}

/// The body, up to `max_bytes`.
///
/// # Errors
/// 400 when it ends early, 408 when it is not there by the deadline, 413.
pub async fn read_body(
    payload: Payload,
    max_bytes: usize,
    deadline: Instant,
) -> Result<BytesMut, Problem> {
    timeout_at(deadline, read(payload, max_bytes))
        .await
        .unwrap_or_else(|_| Err(Problem::new(Code::RequestTimeout, "")))
}

async fn read(mut payload: Payload, max_bytes: usize) -> Result<BytesMut, Problem> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk =
            chunk.map_err(|_| Problem::new(Code::MalformedBody, "The body ended early."))?;
        if body.len() + chunk.len() > max_bytes {
            let detail = format!("At most {max_bytes} bytes are read.");
            return Err(Problem::new(Code::BodyTooLarge, detail));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Whether the body claims to be JSON; a missing content type is taken for it.
fn is_json(request: &HttpRequest) -> bool {
    let Some(value) = request.headers().get(header::CONTENT_TYPE) else {
        return true;
    };
    let Ok(text) = value.to_str() else {
        return false;
    };
    let essence = text
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}
