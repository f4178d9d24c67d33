//! A call or a case as SuiteCRM wants it (`crm-apis.md` §3.1, §3.2).

use std::time::Duration;

use jiff::Timestamp;
use whocalls_core::{CallDetails, Direction, NumberPlan, WorkflowRequest, wording};

use crate::{
    module::{Module, RecordRef},
    object::{CALLS, CASES, CallFields, CaseFields, Fields, NewObject, Person, id_of},
};

/// The name of a call holds this many characters (vardefs of the module Calls, SuiteCRM 7).
const MAX_SUBJECT_CHARS: usize = 50;

/// SuiteCRM's stock value.
const NEW_CASE_PRIORITY: &str = "P2";

/// The call of a request, logged for `contact`. `now` stands in for a start that is not known,
/// because SuiteCRM requires one.
pub(crate) fn call(
    request: &WorkflowRequest,
    contact: Option<RecordRef<'_>>,
    plan: &NumberPlan,
    now: Timestamp,
) -> NewObject {
    let call = &request.call;
    let minutes = started_minutes(call.talk_time().unwrap_or_default());
    let fields = CallFields {
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
        date_start: date_time(start(call).unwrap_or(now)),
        duration_hours: minutes / 60,
        duration_minutes: minutes % 60,
        description: wording::description(call, plan),
        assigned_user_id: request.user.clone(),
        parent_type: contact.map(|contact| contact.module.name()),
        parent_id: contact.map(|contact| contact.id.to_owned()),
        person: person(contact),
    };
    object(CALLS, request, Fields::Call(fields))
}

/// The case of a request, opened for `contact` of the account `account_id`.
pub(crate) fn case(
    request: &WorkflowRequest,
    contact: Option<RecordRef<'_>>,
    account_id: Option<String>,
    status: &str,
    plan: &NumberPlan,
) -> NewObject {
    // Cases have no link to leads.
    let contact = contact.filter(|contact| contact.module == Module::Contacts);
    let fields = CaseFields {
        name: wording::subject(&request.call, plan, MAX_SUBJECT_CHARS),
        status: status.to_owned(),
        priority: NEW_CASE_PRIORITY,
        description: wording::description(&request.call, plan),
        assigned_user_id: request.user.clone(),
        account_id,
        person: person(contact),
    };
    object(CASES, request, Fields::Case(fields))
}

fn object(module: &'static str, request: &WorkflowRequest, fields: Fields) -> NewObject {
    NewObject {
        module,
        id: id_of(module, &request.idempotency_key),
        fields,
    }
}

/// A person is linked as an invitee too, so that the call shows on the person's page.
fn person(contact: Option<RecordRef<'_>>) -> Person {
    let mut person = Person::default();
    if let Some(contact) = contact {
        let id = Some(contact.id.to_owned());
        match contact.module {
            Module::Contacts => person.contact_id = id,
            Module::Leads => person.lead_id = id,
            Module::Accounts => {}
        }
    }
    person
}

/// When it began to ring, or the next best moment that is known.
fn start(call: &CallDetails) -> Option<Timestamp> {
    call.started_at
        .or(call.answered_at)
        .or(call.ended_at)
        .or(call.declined_at)
}

/// Whole minutes, the last one counted when it has begun: SuiteCRM knows no seconds.
fn started_minutes(time: Duration) -> u64 {
    time.as_secs().div_ceil(60)
}

/// SuiteCRM's form of a time: UTC, without saying so.
fn date_time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests;
