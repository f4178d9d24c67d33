//! What transport failures and statuses mean.

use std::{error::Error, io, iter};

use reqwest::StatusCode;
use whocalls_core::{AdapterError, AdapterId, ErrorKind, Operation};

/// The kind and sentence of a status that is no success.
///
/// A write that got no clear answer may have happened: its outcome is unknown. A 503 and a 429
/// mean that the server refused to work on it.
pub(crate) fn of_status(status: StatusCode, is_write: bool) -> (ErrorKind, &'static str) {
    match status.as_u16() {
        400 | 422 => (
            ErrorKind::InvalidRequest,
            "the CRM rejected the request as invalid",
        ),
        401 => (
            ErrorKind::Unauthenticated,
            "the CRM rejected the credentials; check them in the adapter's settings",
        ),
        403 => (
            ErrorKind::PermissionDenied,
            "the credentials lack a permission for this request; extend the rights of the API user",
        ),
        404 | 410 => (
            ErrorKind::NotFound,
            "the CRM does not know this path or record; check base_url",
        ),
        409 => (ErrorKind::Conflict, "the CRM reports a concurrent change"),
        429 => (
            ErrorKind::RateLimited,
            "the CRM is asked more often than it allows",
        ),
        503 => (
            ErrorKind::Unavailable,
            "the CRM says that it is unavailable",
        ),
        408 | 500..=599 if is_write => (
            ErrorKind::OutcomeUnknown,
            "the CRM failed while it worked on the request; it may have been carried out",
        ),
        408 | 500..=599 => (
            ErrorKind::Unavailable,
            "the CRM reports a failure of its own",
        ),
        300..=399 => (
            ErrorKind::Protocol,
            "the CRM redirects to another address; set base_url to the final address",
        ),
        _ => (
            ErrorKind::Protocol,
            "the CRM answered with an unexpected status",
        ),
    }
}

/// A request that got no complete reply.
pub(crate) fn of_transport(
    adapter: &AdapterId,
    operation: Operation,
    error: reqwest::Error,
    is_write: bool,
) -> AdapterError {
    let error = error.without_url();
    let cause = root_cause(&error);
    let (kind, message) = if error.is_connect() {
        (
            ErrorKind::Unavailable,
            format!("cannot connect to the CRM ({cause}); check base_url and that it is running"),
        )
    } else if error.is_builder() {
        (
            ErrorKind::Internal,
            format!("the request could not be built ({cause})"),
        )
    } else if is_write {
        (
            ErrorKind::OutcomeUnknown,
            format!(
                "the connection broke before the answer ({cause}); the request may have been carried out"
            ),
        )
    } else if error.is_timeout() {
        (ErrorKind::Timeout, "no answer in time".to_owned())
    } else if error.is_decode() && !ends_early(&error) {
        (
            ErrorKind::Protocol,
            format!("the reply cannot be decoded ({cause})"),
        )
    } else {
        (
            ErrorKind::Unavailable,
            format!("the connection broke before the answer ({cause})"),
        )
    };
    AdapterError::new(kind, adapter, operation, message).with_source(error)
}

/// Whether the reply stopped before its end. The HTTP client calls that undecodable, too.
fn ends_early(error: &reqwest::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    let is_end = |cause: &(dyn Error + 'static)| {
        let kind = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        matches!(
            kind,
            Some(BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof)
        )
    };
    iter::successors(error.source(), |cause| (*cause).source()).any(is_end)
}

/// The innermost cause, which names the reason ("connection refused") rather than the layer.
fn root_cause(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_its_kind() {
        use ErrorKind::{
            Conflict, InvalidRequest, NotFound, OutcomeUnknown, PermissionDenied, Protocol,
            RateLimited, Unauthenticated, Unavailable,
        };
        let cases = [
            (301, Protocol, Protocol),
            (400, InvalidRequest, InvalidRequest),
            (401, Unauthenticated, Unauthenticated),
            (403, PermissionDenied, PermissionDenied),
            (404, NotFound, NotFound),
            (408, Unavailable, OutcomeUnknown),
            (409, Conflict, Conflict),
            (418, Protocol, Protocol),
            (422, InvalidRequest, InvalidRequest),
            (429, RateLimited, RateLimited),
            (500, Unavailable, OutcomeUnknown),
            (502, Unavailable, OutcomeUnknown),
            (503, Unavailable, Unavailable),
            (504, Unavailable, OutcomeUnknown),
        ];
        for (status, read, write) in cases {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(of_status(status, false).0, read, "{status} read");
            assert_eq!(of_status(status, true).0, write, "{status} write");
        }
    }
}
