//! What V8's refusals mean: status and body in, [`AdapterError`] out.
//!
//! V8 answers nearly every mistake with 400 and a sentence, so parts of sentences decide
//! (`crm-apis.md` §3.1, and the classes behind `Api/V8` of SuiteCRM 7.14).

use whocalls_core::{AdapterError, ErrorKind};
use whocalls_http::{Reply, StatusCode};

use super::wire::{ErrorBody, Errors, TokenError};
use crate::error::{NO_RECORD, NO_RIGHT, from_status};

/// A part of SuiteCRM's text, or an OAuth 2 label; the kind that it stands for; what to tell the
/// operator.
type Row = (&'static str, ErrorKind, &'static str);

/// The first row whose text occurs decides.
const DETAILS: [Row; 8] = [
    ("AccessDenied", ErrorKind::PermissionDenied, NO_RIGHT),
    (
        "operator like is invalid",
        ErrorKind::Protocol,
        "this release of SuiteCRM cannot search for parts of texts through V8; update SuiteCRM, or \
         set api to v4_1",
    ),
    (
        "Filter field",
        ErrorKind::InvalidRequest,
        "a phone field is missing in SuiteCRM; check that the module has its stock fields",
    ),
    ("module with id", ErrorKind::NotFound, NO_RECORD),
    ("Module with name", ErrorKind::NotFound, NO_MODULE),
    ("does not exist", ErrorKind::NotFound, NO_MODULE),
    (
        "following field",
        ErrorKind::InvalidRequest,
        "a field is missing in SuiteCRM; check that the module has its stock fields",
    ),
    (
        "Property",
        ErrorKind::InvalidRequest,
        "SuiteCRM does not know a field of calls or cases; check that the module has its stock \
         fields",
    ),
];

/// Labels of a refused token request (RFC 6749 §5.2, and those of league/oauth2-server).
const LABELS: [Row; 5] = [
    ("invalid_client", ErrorKind::Unauthenticated, WRONG_CLIENT),
    (
        "unauthorized_client",
        ErrorKind::Unauthenticated,
        WRONG_CLIENT,
    ),
    (
        "unsupported_grant_type",
        ErrorKind::Unauthenticated,
        WRONG_CLIENT,
    ),
    ("invalid_grant", ErrorKind::Unauthenticated, WRONG_PASSWORD),
    (
        "invalid_credentials",
        ErrorKind::Unauthenticated,
        WRONG_PASSWORD,
    ),
];

/// The label of failures inside the token endpoint, status 500.
const UNKNOWN_ERROR: &str = "unknown_error";
/// Texts under that label: releases throw where they should refuse
/// (classes `UserRepository`, `ClientRepository`, `AccessTokenRepository`).
const UNKNOWN_ERRORS: [Row; 4] = [
    (
        "password is invalid",
        ErrorKind::Unauthenticated,
        WRONG_PASSWORD,
    ),
    (
        "No user found with",
        ErrorKind::Unauthenticated,
        WRONG_PASSWORD,
    ),
    (
        "No user found",
        ErrorKind::Unauthenticated,
        "the OAuth2 client has no user; assign one under Admin > OAuth2 Clients and Tokens",
    ),
    ("OAuth2Clients", ErrorKind::Unauthenticated, WRONG_CLIENT),
];

const NO_MODULE: &str = "SuiteCRM does not have the module; shorten the setting modules";
const WRONG_CLIENT: &str = "SuiteCRM rejected the OAuth2 client; check client_id and client_secret \
     against Admin > OAuth2 Clients and Tokens, and that the client's grant type there is client \
     credentials, or password when username and password are set";
const WRONG_PASSWORD: &str = "SuiteCRM rejected the user's name or password; check the settings \
     username and password";
const NO_TOKENS: &str = "SuiteCRM failed to make a token; check that its OAuth2 keys (Api/V8/OAuth2) \
     belong to the web server's user with mode 600, and look into its suitecrm.log";
const NO_HEADER: &str = "SuiteCRM rejects even new tokens; the web server may drop the header \
     Authorization (Apache: CGIPassAuth On), or SuiteCRM's OAuth2 keys were changed";

/// The failure that a reply without success stands for.
pub(super) fn from_reply(reply: &Reply) -> AdapterError {
    if reply.status == StatusCode::UNAUTHORIZED {
        return reply.error(ErrorKind::Unauthenticated, NO_HEADER);
    }
    let detail = detail_of(reply).unwrap_or_default();
    match row(&DETAILS, |text| detail.contains(text)) {
        Some((kind, message)) => reply.error(kind, message),
        None => from_status(reply),
    }
}

/// The failure that a refused token request stands for.
pub(super) fn from_token_reply(reply: &Reply) -> AdapterError {
    let body: TokenError = reply.json().unwrap_or_default();
    let label = body.label.unwrap_or_default();
    let text = body.message.or(body.error_description).unwrap_or_default();
    let meaning = if label == UNKNOWN_ERROR {
        let kind = reply.failure().kind;
        row(&UNKNOWN_ERRORS, |part| text.contains(part)).or(Some((kind, NO_TOKENS)))
    } else {
        row(&LABELS, |known| label == known)
    };
    match meaning {
        Some((kind, message)) => reply.error(kind, message),
        None => from_status(reply),
    }
}

/// Whether SuiteCRM refuses a refresh token, as opposed to being unwell or too busy to say.
pub(super) fn is_refresh_refused(reply: &Reply) -> bool {
    let is_busy = matches!(
        reply.status,
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS
    );
    let label = || reply.json::<TokenError>().ok()?.label;
    (reply.status.is_client_error() && !is_busy) || label().as_deref() == Some(UNKNOWN_ERROR)
}

/// Whether the object of a creation is there already, under the id that was sent.
pub(super) fn says_that_it_exists(reply: &Reply) -> bool {
    reply.status == StatusCode::BAD_REQUEST
        && detail_of(reply).is_some_and(|detail| detail.contains("already exist"))
}

/// Whether the object to be changed is not there, or no longer: "Calls module with id … is not
/// found". A record that it is linked with may be missing too, under another id.
pub(super) fn says_that_it_is_gone(reply: &Reply, id: &str) -> bool {
    reply.status == StatusCode::BAD_REQUEST
        && detail_of(reply)
            .is_some_and(|detail| detail.contains(&format!("module with id {id} is not found")))
}

/// Those of the fields asked for that the module does not have: "The following fields in Lead
/// module are not found: department, birthdate".
pub(super) fn unknown_fields(reply: &Reply, asked: &[String]) -> Vec<String> {
    if reply.status != StatusCode::BAD_REQUEST {
        return Vec::new();
    }
    let detail = detail_of(reply).unwrap_or_default();
    let names = match detail.split_once("not found:") {
        Some((before, names)) if before.contains("following field") => names,
        _ => "",
    };
    let names: Vec<&str> = names.split(',').map(str::trim).collect();
    let unknown = asked.iter().filter(|field| names.contains(&field.as_str()));
    unknown.cloned().collect()
}

fn row(rows: &[Row], is_meant: impl Fn(&str) -> bool) -> Option<(ErrorKind, &'static str)> {
    let row = rows.iter().find(|(text, ..)| is_meant(text));
    row.map(|(_, kind, message)| (*kind, *message))
}

fn detail_of(reply: &Reply) -> Option<String> {
    let body: ErrorBody = reply.json().ok()?;
    match body.errors {
        Errors::One(error) => error.detail,
        Errors::Several(errors) => errors.into_iter().find_map(|error| error.detail),
    }
}
