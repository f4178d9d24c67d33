//! What both interfaces have in common when they fail: statuses, and bodies that are no answer.
//!
//! Texts of SuiteCRM stay out of errors: they quote what was asked, and in the case of a wrong
//! password even the password (class `UserRepository`, SuiteCRM 7).

use serde::de::DeserializeOwned;
use whocalls_core::{AdapterError, ErrorKind};
use whocalls_http::{Reply, StatusCode};

/// The API user lacks a right.
pub(crate) const NO_RIGHT: &str = "the API user lacks a right in SuiteCRM; extend the user's role \
     (list, view, edit, and export in older releases), or shorten the setting modules";
/// A record is not there.
pub(crate) const NO_RECORD: &str =
    "SuiteCRM does not have the record; it may be deleted, or hidden from the API user";
/// Whatever is at the address, it is no interface of SuiteCRM.
pub(crate) const NO_INTERFACE: &str = "SuiteCRM has no interface at this address; check base_url and api_path \
     (in SuiteCRM 8 the path begins with /legacy)";
const A_PAGE: &str = "a web page answered instead of SuiteCRM's interface; check base_url and \
     api_path (in SuiteCRM 8 the path begins with /legacy), and that no proxy or PHP warning comes \
     in between";
const BROKEN: &str = "SuiteCRM failed inside; look into its suitecrm.log and into PHP's error log";

/// The failure that a status alone stands for.
pub(crate) fn from_status(reply: &Reply) -> AdapterError {
    let failure = reply.failure();
    match reply.status {
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => {
            reply.error(ErrorKind::NotFound, NO_INTERFACE)
        }
        StatusCode::INTERNAL_SERVER_ERROR => reply.error(failure.kind, BROKEN),
        _ => failure,
    }
}

/// The body of a reply as JSON.
///
/// # Errors
/// `Protocol`, or `OutcomeUnknown` after a write.
pub(crate) fn json<T: DeserializeOwned>(reply: &Reply) -> Result<T, AdapterError> {
    reply.json().map_err(|error| unreadable(reply, error))
}

/// The same for a reply that may be long.
///
/// # Errors
/// As [`json`].
pub(crate) async fn json_apart<T>(reply: &Reply) -> Result<T, AdapterError>
where
    T: DeserializeOwned + Send + 'static,
{
    let read = reply.json_apart().await;
    read.map_err(|error| unreadable(reply, error))
}

fn unreadable(reply: &Reply, error: AdapterError) -> AdapterError {
    if reply.body.trim_ascii_start().starts_with(b"<") {
        reply.error(error.kind, A_PAGE)
    } else {
        error
    }
}
