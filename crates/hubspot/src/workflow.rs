//! Calls and tickets made of a workflow (`crm-apis.md` §1.5, §1.6). Pure.

use std::collections::BTreeMap;

use jiff::Timestamp;
use whocalls_core::{CallDetails, Caller, Direction, NumberPlan};

use crate::{
    api::ObjectType,
    config::TicketSettings,
    record::COMPANY_PREFIX,
    wire::{Association, AssociationTarget, AssociationType, NewObject},
};

/// Association types, from -> to (`crm-apis.md` §1.5).
const CALL_TO_CONTACT: u16 = 194;
const CALL_TO_COMPANY: u16 = 182;
const TICKET_TO_CONTACT: u16 = 16;
const TICKET_TO_PRIMARY_COMPANY: u16 = 26;

/// Whom a call or ticket is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Related {
    pub(crate) contact: Option<String>,
    pub(crate) company: Option<String>,
}

impl Related {
    /// Reads a record id of this adapter: `51` or `companies/9001`. `None` for anything else.
    pub(crate) fn of_record(id: &str) -> Option<Self> {
        let is_id = |id: &str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit());
        match id.strip_prefix(COMPANY_PREFIX) {
            Some(company) if is_id(company) => Some(Self {
                contact: None,
                company: Some(company.to_owned()),
            }),
            None if is_id(id) => Some(Self {
                contact: Some(id.to_owned()),
                company: None,
            }),
            _ => None,
        }
    }

    /// The object on whose page the new one shows: the contact, else the company.
    pub(crate) fn shown(&self) -> Option<(ObjectType, &str)> {
        let contact = self.contact.as_deref().map(|id| (ObjectType::Contacts, id));
        let company = self.company.as_deref();
        contact.or(company.map(|id| (ObjectType::Companies, id)))
    }

    fn associations(&self, to_contact: u16, to_company: u16) -> Vec<Association> {
        [(&self.contact, to_contact), (&self.company, to_company)]
            .into_iter()
            .filter_map(|(id, association_type_id)| {
                Some(Association {
                    to: AssociationTarget { id: id.clone()? },
                    types: [AssociationType {
                        association_category: "HUBSPOT_DEFINED",
                        association_type_id,
                    }],
                })
            })
            .collect()
    }
}

/// A call as HubSpot logs it. `now` stands in for a start that was not sent: the time is required.
pub(crate) fn call(
    details: &CallDetails,
    owner: Option<String>,
    related: &Related,
    plan: &NumberPlan,
    now: Timestamp,
) -> NewObject {
    let began = details.started_at.or(details.answered_at);
    let began = began.or(details.declined_at).or(details.ended_at);
    let direction = details.direction.map(|direction| match direction {
        Direction::Incoming => "INBOUND",
        Direction::Outgoing => "OUTBOUND",
    });
    let duration = details.talk_time().map(|talk| talk.as_millis().to_string());
    let number = |text: &Option<String>| machine_number(text.as_deref()?, plan);
    let properties = [
        ("hs_timestamp", Some(milliseconds(began.unwrap_or(now)))),
        ("hs_call_title", Some(title(details, plan))),
        ("hs_call_direction", direction.map(str::to_owned)),
        ("hs_call_status", status(details).map(str::to_owned)),
        ("hs_call_duration", duration),
        ("hs_call_from_number", number(&details.originator_number)),
        ("hs_call_to_number", number(&details.destination_number)),
        ("hubspot_owner_id", owner),
    ];
    NewObject {
        properties: set(properties),
        associations: related.associations(CALL_TO_CONTACT, CALL_TO_COMPANY),
    }
}

/// A ticket about a call.
pub(crate) fn ticket(
    details: &CallDetails,
    owner: Option<String>,
    related: &Related,
    plan: &NumberPlan,
    settings: &TicketSettings,
) -> NewObject {
    let name = match details.direction {
        Some(Direction::Outgoing) => &details.destination_name,
        _ => &details.originator_name,
    };
    let number = shown_number(details, plan);
    let who = name.clone().filter(|name| !name.trim().is_empty());
    let subject = match (details.direction, who.or(number)) {
        (_, None) => "Call".to_owned(),
        (Some(Direction::Outgoing), Some(who)) => format!("Call to {who}"),
        (_, Some(who)) => format!("Call from {who}"),
    };
    let properties = [
        ("subject", Some(subject)),
        ("content", content(details, plan)),
        ("hs_pipeline", Some(settings.pipeline.clone())),
        ("hs_pipeline_stage", Some(settings.stage.clone())),
        ("hubspot_owner_id", owner),
    ];
    NewObject {
        properties: set(properties),
        associations: related.associations(TICKET_TO_CONTACT, TICKET_TO_PRIMARY_COMPANY),
    }
}

fn set<const N: usize>(
    properties: [(&'static str, Option<String>); N],
) -> BTreeMap<&'static str, String> {
    properties
        .into_iter()
        .filter_map(|(name, text)| Some((name, text?)))
        .collect()
}

/// How the call went, as far as it is known. Declined is busy for the caller of an incoming call;
/// the user who aborts an outgoing one cancels it.
fn status(details: &CallDetails) -> Option<&'static str> {
    let is_outgoing = details.direction == Some(Direction::Outgoing);
    if details.was_answered() {
        let has_ended = details.ended_at.is_some();
        return Some(if has_ended {
            "COMPLETED"
        } else {
            "IN_PROGRESS"
        });
    }
    match (details.declined_at, details.ended_at, details.started_at) {
        (Some(_), ..) if is_outgoing => Some("CANCELED"),
        (Some(_), ..) => Some("BUSY"),
        (None, Some(_), _) => Some("NO_ANSWER"),
        (None, None, Some(_)) => Some("RINGING"),
        (None, None, None) => None,
    }
}

fn title(details: &CallDetails, plan: &NumberPlan) -> String {
    let is_over = details.ended_at.is_some() || details.declined_at.is_some();
    let what = match details.direction {
        Some(Direction::Outgoing) => "Outbound call",
        Some(Direction::Incoming) if is_over && !details.was_answered() => "Missed call",
        Some(Direction::Incoming) => "Inbound call",
        None => "Call",
    };
    match shown_number(details, plan) {
        Some(number) => format!("{what} {number}"),
        None => what.to_owned(),
    }
}

/// What is known of the call, one fact a line.
fn content(details: &CallDetails, plan: &NumberPlan) -> Option<String> {
    let party = |name: &Option<String>, number: &Option<String>| {
        let number = number.as_deref();
        let number = number.and_then(|number| machine_number(number, plan));
        let parts: Vec<String> = name.iter().cloned().chain(number).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    };
    let time = |at: Option<Timestamp>| at.map(|at| at.strftime("%F %T UTC").to_string());
    let facts = [
        (
            "From",
            party(&details.originator_name, &details.originator_number),
        ),
        (
            "To",
            party(&details.destination_name, &details.destination_number),
        ),
        ("Started", time(details.started_at)),
        ("Answered", time(details.answered_at)),
        ("Declined", time(details.declined_at)),
        ("Ended", time(details.ended_at)),
    ];
    let lines: Vec<String> = facts
        .into_iter()
        .filter_map(|(what, fact)| Some(format!("{what}: {}", fact?)))
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// The other party's number as people read it.
fn shown_number(details: &CallDetails, plan: &NumberPlan) -> Option<String> {
    let sent = details.remote_number()?;
    match plan.classify(sent) {
        Caller::Number(number) => Some(number.international()),
        Caller::Withheld => None,
        _ => Some(sent.trim().to_owned()),
    }
}

/// A number in E.164 form; as sent where it has none, such as an internal one.
fn machine_number(sent: &str, plan: &NumberPlan) -> Option<String> {
    match plan.classify(sent) {
        Caller::Number(number) => Some(number.e164().unwrap_or_else(|| number.digits().to_owned())),
        Caller::Withheld => None,
        _ => Some(sent.trim().to_owned()),
    }
}

/// RFC 3339 in UTC with milliseconds, as HubSpot writes it.
fn milliseconds(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

#[cfg(test)]
mod tests;
