//! The reply of a token endpoint (RFC 6749 §5).

use serde::Deserialize;
use serde_json::Value;
use whocalls_core::{AdapterError, ErrorKind, Secret};
use whocalls_http::Reply;

use crate::{
    outcome::{Outcome, Outcomes},
    select::is_absent,
};

/// An access token and what belongs to it.
#[derive(Debug)]
pub(super) struct Token {
    pub(super) access: Secret,
    pub(super) refresh: Option<Secret>,
    /// How long it is valid, in seconds.
    pub(super) expires_in: Option<u64>,
}

/// What a reply says.
pub(super) enum Answer {
    /// There is a token.
    Token(Token),
    /// There is none, for this reason: a code of RFC 6749 §5.2 or of the CRM's own; empty if it
    /// gives none.
    Refusal(String),
}

/// The reply as sent. Not printable.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Wire {
    access_token: Option<String>,
    refresh_token: Option<String>,
    expires_in: Value,
    error: Value,
}

/// Reads a reply. Where a rule of the description fits, it decides.
///
/// # Errors
/// A failure that is no refusal: the endpoint is unwell, or it is no token endpoint.
pub(super) fn read(reply: &Reply, outcomes: &Outcomes) -> Result<Answer, AdapterError> {
    match outcomes.by_rule(reply) {
        Some(Outcome::Failure(error)) if error.kind == ErrorKind::Unauthenticated => {
            return Ok(Answer::Refusal(String::new()));
        }
        Some(Outcome::Failure(error)) => return Err(error),
        Some(Outcome::Success | Outcome::Nobody) | None => {}
    }
    let status = reply.status.as_u16();
    if matches!(status, 408 | 429 | 500..=599) {
        return Err(reply.failure());
    }
    let wire: Option<Wire> = serde_json::from_slice(&reply.body).ok();
    let is_json = wire.is_some();
    let wire = wire.unwrap_or_default();
    let code = wire.error.as_str().unwrap_or_default();
    let token = wire.access_token.filter(|token| !token.trim().is_empty());
    match token {
        Some(access) if reply.status.is_success() => Ok(Answer::Token(Token {
            access: Secret::new(access),
            refresh: wire
                .refresh_token
                .filter(|token| !token.trim().is_empty())
                .map(Secret::new),
            expires_in: seconds(&wire.expires_in),
        })),
        _ if matches!(code, "temporarily_unavailable" | "server_error") => {
            let message = "the token endpoint says that it is unavailable";
            Err(reply.error(ErrorKind::Unavailable, message))
        }
        _ if !is_absent(&wire.error) || matches!(status, 400 | 401 | 403) => {
            Ok(Answer::Refusal(code.to_owned()))
        }
        // What is no JSON is read once more for the words about it.
        _ if reply.status.is_success() && !is_json => Err(reply
            .json::<Wire>()
            .err()
            .unwrap_or_else(|| no_token(reply))),
        _ => Err(no_token(reply)),
    }
}

fn no_token(reply: &Reply) -> AdapterError {
    let message = "the reply is not that of a token endpoint; correct credential.token_url";
    reply.error(ErrorKind::Protocol, message)
}

/// A number of seconds; some CRMs write it as text.
fn seconds(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_numbers_or_texts() {
        for (value, seconds_in_it) in [
            (Value::from(3600), Some(3600)),
            (Value::from("3600"), Some(3600)),
            (Value::from(-1), None),
            (Value::from("soon"), None),
            (Value::Null, None),
        ] {
            assert_eq!(seconds(&value), seconds_in_it, "{value}");
        }
    }
}
