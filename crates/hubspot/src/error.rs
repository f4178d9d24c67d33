//! What a refusal of HubSpot means: one function from status and body to an error
//! (`crm-apis.md` §1.1, §1.8).

use std::time::Duration;

use serde_json::Value;
use whocalls_core::{AdapterError, ErrorKind};
use whocalls_http::Reply;

use crate::api::Endpoint;

/// Reasons for which the token endpoint refuses for good (`crm-apis.md` §1.1).
const TERMINAL: [&str; 6] = [
    "BAD_REFRESH_TOKEN",
    "invalid_grant",
    "invalid_client",
    "unauthorized_client",
    "BAD_CLIENT_ID",
    "BAD_HUB",
];
/// What the body of a 400 says when a property is unknown.
const UNKNOWN_PROPERTY: &str = "PROPERTY_DOESNT_EXIST";

/// Before the id in the message of a 409.
const EXISTING_ID: &str = "Existing ID: ";

/// The status of an account that is being moved to another data centre.
pub(crate) const MIGRATION: u16 = 477;

/// Waits by limit, for replies without `Retry-After`. The daily limit ends at midnight of the
/// account; while its time zone is not known, an hour asks seldom enough.
const AFTER_SECONDLY: Duration = Duration::from_secs(1);
const AFTER_TEN_SECONDLY: Duration = Duration::from_secs(10);
const AFTER_DAILY: Duration = Duration::from_hours(1);
/// A locked object: wait at least two seconds.
const AFTER_LOCKED: Duration = Duration::from_secs(2);
/// An account that moves to another data centre; it can take a day.
const AFTER_MIGRATION: Duration = Duration::from_mins(5);

/// The names of properties or scopes that a message quotes at most.
const MAX_NAMES: usize = 8;

/// The failure that a reply without success stands for.
///
/// Bodies are quoted by nothing but their codes and the names of properties and scopes: their
/// messages may hold personal data. `until_midnight` is how long the account's day lasts yet.
pub(crate) fn of_reply(
    reply: &Reply,
    endpoint: Endpoint<'_>,
    until_midnight: Option<Duration>,
) -> AdapterError {
    let body = serde_json::from_slice(&reply.body).unwrap_or(Value::Null);
    let meaning = match reply.status.as_u16() {
        429 => Some(used_up(&body, until_midnight)),
        403 => Some(denied(&body, endpoint)),
        status => meaning(status, &body),
    };
    let Some(meaning) = meaning else {
        return reply.failure();
    };
    let error = reply.error(meaning.kind, meaning.message);
    let wait = error.retry_after.or(meaning.wait);
    error.with_retry_after(wait)
}

/// Which of `filtered` an unsuccessful search names as unknown; all of them when it names none.
/// Empty when the reply is about something else.
pub(crate) fn unknown_properties(reply: &Reply, filtered: &[&'static str]) -> Vec<&'static str> {
    if reply.status.as_u16() != 400 {
        return Vec::new();
    }
    let text = String::from_utf8_lossy(&reply.body);
    if !text.contains(UNKNOWN_PROPERTY) {
        return Vec::new();
    }
    // The name stands in `context.propertyName`, in a message or in JSON inside of a message.
    let is_part_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words: Vec<&str> = text.split(|c| !is_part_of_name(c)).collect();
    let named: Vec<_> = filtered
        .iter()
        .filter(|name| words.contains(name))
        .copied()
        .collect();
    if named.is_empty() {
        filtered.to_vec()
    } else {
        named
    }
}

/// The contact that HubSpot names when it refuses to create it once more (`crm-apis.md` §1.8).
pub(crate) fn existing_contact(reply: &Reply) -> Option<String> {
    if reply.status.as_u16() != 409 {
        return None;
    }
    let body: Value = serde_json::from_slice(&reply.body).ok()?;
    let (_, id) = text(&body, "message").split_once(EXISTING_ID)?;
    let id: String = id.chars().take_while(char::is_ascii_digit).collect();
    (!id.is_empty()).then_some(id)
}

/// Kind, sentence and wait.
struct Meaning {
    kind: ErrorKind,
    message: String,
    wait: Option<Duration>,
}

impl Meaning {
    fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            wait: None,
        }
    }

    fn after(self, wait: Option<Duration>) -> Self {
        Self { wait, ..self }
    }
}

/// What HubSpot's own statuses and bodies say beyond the status; `None` for the rest.
fn meaning(status: u16, body: &Value) -> Option<Meaning> {
    if let (400 | 401, Some(code)) = (status, terminal_code(body)) {
        let message = format!(
            "HubSpot refuses to renew the access token ({code}): the connection needs \
             re-authorisation; check client_id and client_secret, or install the app again and \
             set its new refresh_token"
        );
        return Some(Meaning::new(ErrorKind::Unauthenticated, message));
    }
    Some(match status {
        400 => Meaning::new(ErrorKind::InvalidRequest, invalid_request(body)),
        401 => Meaning::new(
            ErrorKind::Unauthenticated,
            "HubSpot rejected the token; it was revoked, rotated or mistyped: set a valid service \
             key, or install the OAuth app again",
        ),
        414 | 415 => Meaning::new(
            ErrorKind::InvalidRequest,
            "HubSpot cannot read the form of the request; check api_version",
        ),
        423 => Meaning::new(
            ErrorKind::Unavailable,
            "HubSpot has locked the object for a moment",
        )
        .after(Some(AFTER_LOCKED)),
        MIGRATION => Meaning::new(
            ErrorKind::Unavailable,
            "HubSpot is moving the account to another data centre",
        )
        .after(Some(AFTER_MIGRATION)),
        _ => return None,
    })
}

fn invalid_request(body: &Value) -> String {
    let properties = names(body, "propertyName");
    if properties.is_empty() {
        "HubSpot rejected the request as invalid; a validation rule of the account may be the \
         reason"
            .to_owned()
    } else {
        format!("HubSpot rejected the request because of these properties: {properties}")
    }
}

/// A refusal of a right. A scope that HubSpot does not name is the one that the endpoint needs.
fn denied(body: &Value, endpoint: Endpoint<'_>) -> Meaning {
    let message = if text(body, "category") == "MISSING_SCOPES" {
        let named = names(body, "requiredGranularScopes");
        let scopes = match endpoint.scope() {
            Some(scope) if named.is_empty() => scope,
            None if named.is_empty() => "HubSpot does not say which",
            _ => &named,
        };
        format!("the token lacks a scope ({scopes}); grant it to the service key or app in HubSpot")
    } else {
        "HubSpot denies this account the request for another reason than a scope: it may be \
         suspended or its plan too small; look at the account in HubSpot"
            .to_owned()
    };
    Meaning::new(ErrorKind::PermissionDenied, message)
}

/// The code with which the token endpoint refuses for good.
fn terminal_code(body: &Value) -> Option<&'static str> {
    let codes = [text(body, "status"), text(body, "error")];
    TERMINAL.into_iter().find(|code| codes.contains(code))
}

/// A limit that was reached, by its name; older bodies have it in the message only. One without
/// name counts as the shortest.
fn used_up(body: &Value, until_midnight: Option<Duration>) -> Meaning {
    let policy = match text(body, "policyName") {
        "" => text(body, "message"),
        policy => policy,
    };
    let policy = policy.to_ascii_lowercase();
    let (message, wait) = if policy.contains("ten_secondly") {
        (
            "the requests that HubSpot allows the account in ten seconds are used up; other apps \
             of the account count too",
            AFTER_TEN_SECONDLY,
        )
    } else if policy.contains("daily") {
        (
            "the requests that HubSpot allows the account in a day are used up, until midnight in \
             the account's time zone; see in HubSpot which app uses them, or raise the limit there",
            until_midnight.unwrap_or(AFTER_DAILY),
        )
    } else if policy.contains("secondly") {
        (
            "the searches that HubSpot allows the account in a second are used up; other apps of \
             the account count too: lower searches_per_second if it happens often",
            AFTER_SECONDLY,
        )
    } else {
        (
            "HubSpot is asked more often than the account allows",
            AFTER_SECONDLY,
        )
    };
    Meaning::new(ErrorKind::RateLimited, message).after(Some(wait))
}

fn text<'a>(body: &'a Value, key: &str) -> &'a str {
    body.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The names that `key` lists in the context of the reply or of its single errors, joined by
/// commas. What does not look like a name is left out.
fn names(body: &Value, key: &str) -> String {
    let is_name = |name: &&str| {
        let is_part = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'.' | b'-');
        !name.is_empty() && name.len() <= 100 && name.bytes().all(is_part)
    };
    let errors = body.get("errors").and_then(Value::as_array);
    let holders = errors.into_iter().flatten().chain([body]);
    let mut names: Vec<&str> = holders
        .filter_map(|holder| holder.get("context")?.get(key)?.as_array())
        .flatten()
        .filter_map(Value::as_str)
        .filter(is_name)
        .collect();
    names.dedup();
    names.truncate(MAX_NAMES);
    names.join(", ")
}
