//! The order of contacts. Pure and total.

use std::cmp::Reverse;

use crate::Contact;

/// Sorts contacts: better match first, then person before prospect before company, then the
/// adapter's priority, then the more recently changed; names and ids decide what is left, so that
/// the same contacts always come in the same order.
pub fn rank(contacts: &mut [Contact]) {
    contacts.sort_by(|a, b| key(a).cmp(&key(b)));
}

fn key(contact: &Contact) -> impl Ord + '_ {
    let first = contact.members.first();
    (
        contact.class,
        contact.kind,
        first.map(|member| member.priority),
        Reverse(contact.modified_at),
        contact.name.as_str(),
        first.map(|member| (member.source.as_str(), member.record_id.as_str())),
    )
}
