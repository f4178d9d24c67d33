//! What can go wrong beside the failures that every HTTP adapter shares.

use whocalls_core::{AdapterError, AdapterId, ErrorKind, Operation};
use whocalls_http::Reply;

use crate::{hits::NoList, template::NoText};

/// The request cannot be put together: a template that worked for the samples that the
/// configuration was checked with does not work now.
pub(crate) fn not_rendered(
    adapter: &AdapterId,
    operation: Operation,
    reason: NoText,
) -> AdapterError {
    let (kind, reason) = match reason {
        NoText::Absent => (
            ErrorKind::InvalidRequest,
            "its path, or a text in a query language, needs a value that is absent, such as the \
             contact"
                .to_owned(),
        ),
        NoText::Broken(reason) => (
            ErrorKind::Internal,
            format!("{reason}; correct the description"),
        ),
    };
    let message = format!("the request cannot be put together: {reason}");
    AdapterError::new(kind, adapter, operation, message)
}

/// The reply to the search at `at` has status 404. Some CRMs say so when nothing matches, which looks
/// like a wrong path.
pub(crate) fn not_there(reply: &Reply, at: &str) -> AdapterError {
    reply.error(
        ErrorKind::NotFound,
        format!(
            "the CRM says that there is nothing at this path; if it says so whenever nobody \
             matches, add 404 to {at}.empty_statuses, else correct base_url or {at}.path"
        ),
    )
}

/// The reply to the search at `at` is JSON, but not the one that was described.
pub(crate) fn no_list(reply: &Reply, at: &str, NoList(path): &NoList) -> AdapterError {
    reply.error(
        ErrorKind::Protocol,
        format!(
            "the reply has no list at {path}; if the CRM leaves out empty lists, set \
             {at}.missing_hits = \"nobody\", else correct {at}.hits"
        ),
    )
}

/// The replies to the step at `at` have hits, and none of them an id.
pub(crate) fn no_ids(
    adapter: &AdapterId,
    operation: Operation,
    hits: usize,
    at: &str,
) -> AdapterError {
    AdapterError::new(
        ErrorKind::Protocol,
        adapter,
        operation,
        format!("none of the {hits} hits of {at} has an id; correct the field `id`"),
    )
}

/// The reply to a request that created or found an object has no id where the setting `at` says.
pub(crate) fn no_object_id(reply: &Reply, at: &str) -> AdapterError {
    let message = format!("the reply has no id of the object; correct {at}");
    reply.error(ErrorKind::OutcomeUnknown, message)
}

/// None of the objects found is that of the request, so whether it exists is still open. `Conflict`,
/// as it is this delivery that is stuck, and not the CRM.
pub(crate) fn strangers(reply: &Reply, count: usize, at: &str) -> AdapterError {
    reply.error(
        ErrorKind::Conflict,
        format!(
            "none of the {count} objects that the CRM found has the key in it: it ignores the \
             filter, or does not return the field with the key; correct {at}"
        ),
    )
}

/// The object may exist, and the description does not say how to find out. The missing setting is
/// `find`. `Conflict`, as it is this delivery that is stuck, and not the CRM.
pub(crate) fn unresolved(adapter: &AdapterId, find: &str) -> AdapterError {
    AdapterError::new(
        ErrorKind::Conflict,
        adapter,
        Operation::Workflow,
        format!(
            "an earlier request was not confirmed, and it is not sent again because that could \
             create a second object; look in the CRM, and drop the delivery if the object is there; \
             with {find} the gateway looks by itself"
        ),
    )
}
