//! What Sugar's refusals mean: status and body in, [`AdapterError`] out.
//!
//! The label in the body decides; the status decides where there is no label or an unknown one.
//! The text in the body stays out of errors: it may quote what was asked.

use whocalls_core::{AdapterError, ErrorKind};
use whocalls_http::{Reply, StatusCode};

use crate::wire::ErrorBody;

/// What was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// A login.
    Login,
    /// Anything else.
    Call,
}

/// A label, the kind of failure that it stands for, and what to tell the operator.
type Row = (&'static str, ErrorKind, &'static str);

/// Labels of all requests (`crm-apis.md` §2.2).
const LABELS: [Row; 17] = [
    (
        "incorrect_version",
        ErrorKind::Protocol,
        "this Sugar does not serve the API version in base_url; try an older one, such as /rest/v11",
    ),
    ("need_login", ErrorKind::Unauthenticated, SESSIONS_END),
    ("invalid_grant", ErrorKind::Unauthenticated, SESSIONS_END),
    (
        "not_authorized",
        ErrorKind::PermissionDenied,
        "the API user lacks a right in Sugar; extend the user's role, or shorten the setting modules",
    ),
    (
        "inactive_portal_user",
        ErrorKind::PermissionDenied,
        "the user is an inactive portal user; set username to a regular Sugar user",
    ),
    (
        "portal_not_configured",
        ErrorKind::PermissionDenied,
        "Sugar took the user for a portal user; set username to a regular Sugar user",
    ),
    (
        "no_method",
        ErrorKind::NotFound,
        "this Sugar does not know the path; check base_url and that the module exists",
    ),
    (
        "not_found",
        ErrorKind::NotFound,
        "Sugar does not have the record; it may be deleted, or hidden from the API user",
    ),
    (
        "edit_conflict",
        ErrorKind::Conflict,
        "somebody else changed the record in Sugar at the same time",
    ),
    (
        "metadata_out_of_date",
        ErrorKind::Protocol,
        "Sugar asks for newer metadata, though none were sent; look into Sugar's log",
    ),
    (
        "request_too_large",
        ErrorKind::InvalidRequest,
        "the request is too large for Sugar; shorten custom_fields",
    ),
    (
        "missing_parameter",
        ErrorKind::InvalidRequest,
        "Sugar misses a field that it requires; make it optional in Sugar, or fill it by default",
    ),
    (
        "invalid_parameter",
        ErrorKind::InvalidRequest,
        "Sugar does not accept a field or its value; check that the instance has its stock fields",
    ),
    (
        "request_failure",
        ErrorKind::InvalidRequest,
        "Sugar could not carry the request out with these values; look into Sugar's log",
    ),
    (
        "search_unavailable",
        ErrorKind::Unavailable,
        "Sugar's global search is unavailable; start its Elasticsearch, or set strategy to auto",
    ),
    (
        "search_runtime",
        ErrorKind::Unavailable,
        "Sugar's global search failed; check its Elasticsearch, or set strategy to auto",
    ),
    (
        "maintenance",
        ErrorKind::Unavailable,
        "Sugar is in maintenance mode",
    ),
];

/// Labels that mean something else in a login (`crm-apis.md` §2.1).
const LOGIN_LABELS: [Row; 5] = [
    ("need_login", ErrorKind::Unauthenticated, WRONG_PASSWORD),
    ("invalid_grant", ErrorKind::Unauthenticated, WRONG_PASSWORD),
    ("invalid_client", ErrorKind::Unauthenticated, WRONG_CLIENT),
    (
        "unauthorized_client",
        ErrorKind::Unauthenticated,
        WRONG_CLIENT,
    ),
    // The platform is the only parameter of a login whose value can be wrong in itself.
    ("invalid_parameter", ErrorKind::Unauthenticated, NO_PLATFORM),
];

const SESSIONS_END: &str = "Sugar ends every session as soon as it is opened; another program may \
     log in as the same user on the same platform: give each a platform of its own";
const WRONG_PASSWORD: &str = "Sugar rejected the user's name or password; check the settings \
     username and password (a user who signs in through single sign-on needs a local password)";
const WRONG_CLIENT: &str = "Sugar rejected the OAuth key; check client_id and client_secret against \
     Admin > OAuth Keys (the key sugar has no secret)";
const NO_PLATFORM: &str = "Sugar does not know the platform in the setting platform; an \
     administrator registers it under Admin > Configure API Platforms";

/// The failure that a reply without success stands for.
pub(crate) fn from_reply(reply: &Reply, stage: Stage) -> AdapterError {
    match meaning(&body_of(reply), stage) {
        Some((kind, message)) => reply.error(kind, message),
        None => reply.failure(),
    }
}

/// Whether the reply says that global search cannot be used: the search engine is unreachable, or
/// the release is too old to have the path.
pub(crate) fn is_without_search(reply: &Reply) -> bool {
    let label = body_of(reply).label;
    let label = label.as_deref().unwrap_or_default();
    matches!(label, "search_unavailable" | "search_runtime" | "no_method")
}

/// Whether the object of a creation is there already, under the id that was sent.
pub(crate) fn says_that_it_exists(reply: &Reply) -> bool {
    let body = body_of(reply);
    let message = body.message.as_deref().unwrap_or_default();
    body.label.as_deref() == Some("invalid_parameter") && message.contains("already exists")
}

/// Whether the object of a request is not there. A 404 of anybody else has no such label.
pub(crate) fn says_that_it_is_gone(reply: &Reply) -> bool {
    reply.status == StatusCode::NOT_FOUND && body_of(reply).label.as_deref() == Some("not_found")
}

fn meaning(body: &ErrorBody, stage: Stage) -> Option<(ErrorKind, &'static str)> {
    let label = body.label.as_deref()?;
    let row = |rows: &[Row]| {
        let row = rows.iter().find(|(known, ..)| *known == label);
        row.map(|(_, kind, message)| (*kind, *message))
    };
    match stage {
        Stage::Call => row(&LABELS),
        // Releases differ in the label, but not in naming the platform.
        Stage::Login if mentions_platform(body) => Some((ErrorKind::Unauthenticated, NO_PLATFORM)),
        Stage::Login => row(&LOGIN_LABELS).or_else(|| row(&LABELS)),
    }
}

fn mentions_platform(body: &ErrorBody) -> bool {
    let message = body.message.as_deref().unwrap_or_default();
    message.to_ascii_lowercase().contains("platform")
}

/// The body of a refusal; empty when it is something else, such as a proxy's page.
fn body_of(reply: &Reply) -> ErrorBody {
    reply.json().unwrap_or_default()
}
