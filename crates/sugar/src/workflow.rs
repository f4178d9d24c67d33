//! A call or a case as Sugar wants it (`crm-apis.md` §2.7).

use std::time::Duration;

use jiff::Timestamp;
use whocalls_core::{CallDetails, Direction, NumberPlan, WorkflowRequest, wording};

use crate::{
    module::{Module, RecordRef},
    wire::{Link, NewCall, NewCase, Parent, People},
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

/// The call of a request, logged for `contact` and assigned to the user with the id `assignee`.
/// `now` stands in for a start that is not known, because Sugar requires one.
pub(crate) fn call(
    request: &WorkflowRequest,
    contact: Option<RecordRef<'_>>,
    assignee: Option<String>,
    plan: &NumberPlan,
    now: Timestamp,
) -> NewCall {
    let call = &request.call;
    let (start, end) = span(call, now);
    let minutes = started_minutes(call.talk_time().unwrap_or_default());
    NewCall {
        name: wording::subject(call, plan, MAX_SUBJECT_CHARS),
        direction: match call.direction {
            Some(Direction::Outgoing) => "Outbound",
            Some(Direction::Incoming) | None => "Inbound",
        },
        status: if call.was_answered() {
            "Held"
        } else {
            "Not Held"
        },
        date_start: date_time(start),
        date_end: date_time(end),
        duration_hours: minutes / 60,
        duration_minutes: minutes % 60,
        description: wording::description(call, plan),
        assigned_user_id: assignee,
        parent: contact.map(|contact| Parent {
            parent_type: contact.module.name(),
            parent_id: contact.id.to_owned(),
        }),
        people: people(contact),
    }
}

/// The case of a request, opened for `contact` of the account `account_id` and assigned to the user
/// with the id `assignee`.
pub(crate) fn case(
    request: &WorkflowRequest,
    contact: Option<RecordRef<'_>>,
    assignee: Option<String>,
    account_id: Option<String>,
    plan: &NumberPlan,
) -> NewCase {
    let person = contact.filter(|contact| contact.module == Module::Contacts);
    NewCase {
        name: wording::subject(&request.call, plan, MAX_SUBJECT_CHARS),
        status: NEW_CASE_STATUS,
        priority: NEW_CASE_PRIORITY,
        description: wording::description(&request.call, plan),
        assigned_user_id: assignee,
        account_id,
        primary_contact_id: person.map(|person| person.id.to_owned()),
        // Cases have no link to leads in a stock instance.
        people: people(person),
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
fn span(call: &CallDetails, now: Timestamp) -> (Timestamp, Timestamp) {
    let end = call.ended_at.or(call.declined_at);
    let start = call.started_at.or(call.answered_at).or(end).unwrap_or(now);
    (start, end.unwrap_or(start).max(start))
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
