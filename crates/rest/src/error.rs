//! What can go wrong beside the failures that every HTTP adapter shares.

use whocalls_core::{AdapterError, AdapterId, ErrorKind, Operation};
use whocalls_http::Reply;

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
