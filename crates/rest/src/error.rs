//! What can go wrong beside the failures that every HTTP adapter shares.

use whocalls_core::{AdapterError, AdapterId, ErrorKind, Operation};
use whocalls_http::{Reply, StatusCode};

use crate::{hits::NoList, template::NoText};

/// A template of the request does not work for this number, though it did for the samples that
/// the configuration was checked with.
pub(crate) fn not_rendered(
    adapter: &AdapterId,
    operation: Operation,
    reason: NoText,
) -> AdapterError {
    let reason = match reason {
        NoText::Absent => "a value of the request is absent".to_owned(),
        NoText::Broken(reason) => reason,
    };
    AdapterError::new(
        ErrorKind::Internal,
        adapter,
        operation,
        format!("the request cannot be put together: {reason}; correct the description"),
    )
}

/// The status of a reply is no success. Some CRMs say 404 when nobody matches, which looks like a
/// wrong path.
pub(crate) fn no_success(reply: &Reply) -> AdapterError {
    if reply.status == StatusCode::NOT_FOUND {
        return reply.error(
            ErrorKind::NotFound,
            "the CRM says that there is nothing at this path; if it says so whenever nobody \
             matches, add 404 to lookup.empty_statuses, else correct base_url or lookup.path",
        );
    }
    reply.failure()
}

/// The reply is JSON, but not the one that was described.
pub(crate) fn no_list(reply: &Reply, NoList(path): &NoList) -> AdapterError {
    reply.error(
        ErrorKind::Protocol,
        format!(
            "the reply has no list at {path}; if the CRM leaves out empty lists, set \
             lookup.missing_hits = \"nobody\", else correct lookup.hits"
        ),
    )
}

/// The reply has hits, and none of them an id.
pub(crate) fn no_ids(reply: &Reply, hits: usize) -> AdapterError {
    reply.error(
        ErrorKind::Protocol,
        format!("none of the {hits} hits has an id; correct lookup.fields.id"),
    )
}
