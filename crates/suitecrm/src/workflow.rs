//! A call, a case or a person as SuiteCRM wants it (`crm-apis.md` §3.1, §3.2).

use std::time::Duration;

use jiff::Timestamp;
use whocalls_core::{CallDetails, Direction, NewPerson, WorkflowRequest};

use crate::{
    module::{Module, RecordRef},
    object::{CallFields, CaseFields, Linked, PersonFields},
};

/// The name of a call holds this many characters (vardefs of the module Calls, SuiteCRM 7).
const MAX_SUBJECT_CHARS: usize = 50;

/// SuiteCRM's stock value.
const NEW_CASE_PRIORITY: &str = "P2";

/// The call of a request, logged for `contact`. `now` stands in for a start that is not known,
/// because SuiteCRM requires one of a new call; without it, the start stays as it is.
pub(crate) fn call(
    request: &WorkflowRequest,
    contact: Option<RecordRef<'_>>,
    now: Option<Timestamp>,
) -> CallFields {
    let call = &request.call;
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
        date_start: start(call).or(now).map(date_time),
        duration_hours: minutes / 60,
        duration_minutes: minutes % 60,
        description: request.text.clone(),
        assigned_user_id: assignee(request),
        parent_type: contact.map(|contact| contact.module.name()),
        parent_id: contact.map(|contact| contact.id.to_owned()),
        linked: linked(contact),
    }
}

/// The case of a request, opened for `contact` of the account `account_id`.
pub(crate) fn case(
    request: &WorkflowRequest,
    contact: Option<RecordRef<'_>>,
    account_id: Option<String>,
    status: &str,
) -> CaseFields {
    // Cases have no link to leads.
    let contact = contact.filter(|contact| contact.module == Module::Contacts);
    CaseFields {
        name: request.subject_within(MAX_SUBJECT_CHARS),
        status: status.to_owned(),
        priority: NEW_CASE_PRIORITY,
        description: request.text.clone(),
        assigned_user_id: assignee(request),
        account_id,
        linked: linked(contact),
    }
}

/// The contact or lead that a request enters.
pub(crate) fn person(request: &WorkflowRequest, person: NewPerson) -> PersonFields {
    PersonFields {
        first_name: person.first_name,
        last_name: person.last_name,
        phone_mobile: person.phone,
        description: request.text.clone(),
        assigned_user_id: assignee(request),
    }
}

/// The id of the user whom the object belongs to. A text with `@` or a blank in it is an address
/// or a name, which is what a portal calls a user who has no entry in `[users]`: SuiteCRM would
/// store it as the id of nobody, so it is left out.
fn assignee(request: &WorkflowRequest) -> Option<String> {
    let user = request.user.as_deref()?.trim();
    let is_no_id = |c: char| c == '@' || c.is_whitespace();
    (!user.is_empty() && !user.contains(is_no_id)).then(|| user.to_owned())
}

/// A person is linked as an invitee too, so that the call shows on the person's page.
fn linked(contact: Option<RecordRef<'_>>) -> Linked {
    let mut linked = Linked::default();
    if let Some(contact) = contact {
        let id = Some(contact.id.to_owned());
        match contact.module {
            Module::Contacts => linked.contact_id = id,
            Module::Leads => linked.lead_id = id,
            Module::Accounts => {}
        }
    }
    linked
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
