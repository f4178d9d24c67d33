//! A call, a case or a person as Sugar wants it (`crm-apis.md` §2.7).

use std::time::Duration;

use jiff::Timestamp;
use whocalls_core::{CallDetails, Direction, NewPerson, WorkflowRequest};

use crate::{
    module::{Module, RecordRef},
    wire::{CallFields, CaseFields, Link, Parent, People, PersonFields},
};

/// Sugar's names of calls and cases hold at least this many characters.
const MAX_SUBJECT_CHARS: usize = 50;

/// The module of logged calls.
pub(crate) const CALLS: &str = "Calls";
/// The module of cases.
pub(crate) const CASES: &str = "Cases";
/// Sugar's stock values for a new case.
const NEW_CASE_STATUS: &str = "New";
const NEW_CASE_PRIORITY: &str = "P2";

/// What an object is given besides what the request says.
pub(crate) struct Given<'a> {
    /// The record that it is about.
    pub(crate) contact: Option<RecordRef<'a>>,
    /// The id of the user whom it is assigned to.
    pub(crate) assignee: Option<String>,
    /// Its text.
    pub(crate) description: String,
}

/// The call of a request. `now` stands in for a start that is not known, because Sugar requires
/// one of a new call.
///
/// Without it, the call is one that is there: times that are not known stay as they are, and links
/// are left alone, as Sugar answers 404 for a person who was deleted or merged meanwhile.
pub(crate) fn call(
    request: &WorkflowRequest,
    given: Given<'_>,
    now: Option<Timestamp>,
) -> CallFields {
    let call = &request.call;
    let span = span(call, now);
    let minutes = started_minutes(call.talk_time().unwrap_or_default());
    CallFields {
        name: request.subject_within(MAX_SUBJECT_CHARS),
        direction: match call.direction {
            Some(Direction::Outgoing) => "Outbound",
            Some(Direction::Incoming) | None => "Inbound",
        },
        status: if call.was_answered() {
            "Held"
        } else {
            "Not Held"
        },
        date_start: span.map(|(start, _)| date_time(start)),
        date_end: span.map(|(_, end)| date_time(end)),
        duration_hours: minutes / 60,
        duration_minutes: minutes % 60,
        description: given.description,
        assigned_user_id: given.assignee,
        parent: given.contact.map(|contact| Parent {
            parent_type: contact.module.name(),
            parent_id: contact.id.to_owned(),
        }),
        people: people(given.contact.filter(|_| now.is_some())),
    }
}

/// The case of a request, opened for a contact of the account `account_id`.
pub(crate) fn case(
    request: &WorkflowRequest,
    given: Given<'_>,
    account_id: Option<String>,
) -> CaseFields {
    let person = given.contact;
    let person = person.filter(|contact| contact.module == Module::Contacts);
    CaseFields {
        name: request.subject_within(MAX_SUBJECT_CHARS),
        status: NEW_CASE_STATUS,
        priority: NEW_CASE_PRIORITY,
        description: given.description,
        assigned_user_id: given.assignee,
        account_id,
        primary_contact_id: person.map(|person| person.id.to_owned()),
        // Cases have no link to leads in a stock instance.
        people: people(person),
    }
}

/// A contact or lead.
pub(crate) fn person(person: NewPerson, given: Given<'_>) -> PersonFields {
    PersonFields {
        first_name: person.first_name,
        last_name: person.last_name,
        phone_mobile: person.phone,
        description: given.description,
        assigned_user_id: given.assignee,
    }
}

/// A person is linked as an invitee too, so that the call shows on the person's page.
fn people(contact: Option<RecordRef<'_>>) -> People {
    let mut people = People::default();
    if let Some(contact) = contact {
        let link = Link {
            add: [contact.id.to_owned()],
        };
        match contact.module {
            Module::Contacts => people.contacts = Some(link),
            Module::Leads => people.leads = Some(link),
            Module::Accounts => {}
        }
    }
    people
}

/// From ringing to the end, as far as known; the end is not before the start.
fn span(call: &CallDetails, now: Option<Timestamp>) -> Option<(Timestamp, Timestamp)> {
    let end = call.ended_at.or(call.declined_at);
    let start = call.started_at.or(call.answered_at).or(end).or(now)?;
    Some((start, end.unwrap_or(start).max(start)))
}

/// Whole minutes, the last one counted when it has begun: Sugar knows no seconds.
fn started_minutes(time: Duration) -> u64 {
    time.as_secs().div_ceil(60)
}

/// Sugar's form of a time: ISO 8601 with an offset.
fn date_time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

#[cfg(test)]
mod tests;
