//! Calls and tickets made of a workflow (`crm-apis.md` §1.5, §1.6). Pure.

mod body;
mod person;

use jiff::Timestamp;
use whocalls_core::{CallDetails, Caller, Direction, NumberPlan, WorkflowRequest};

use self::body::{Markup, body};
pub(crate) use self::person::contact;
use crate::{
    api::ObjectType,
    config::TicketSettings,
    record::COMPANY_PREFIX,
    wire::{Association, AssociationTarget, AssociationType, Properties},
};

/// The properties that hold the text of an object.
pub(crate) const CALL_BODY: &str = "hs_call_body";
pub(crate) const TICKET_CONTENT: &str = "content";
/// The time of a call, which HubSpot requires.
const CALL_TIME: &str = "hs_timestamp";

/// Association types, from -> to (`crm-apis.md` §1.5).
const CALL_TO_CONTACT: u16 = 194;
const CALL_TO_COMPANY: u16 = 182;
const TICKET_TO_CONTACT: u16 = 16;
const TICKET_TO_PRIMARY_COMPANY: u16 = 26;

/// A call or ticket as it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Draft {
    pub(crate) kind: ObjectType,
    /// What is set once and belongs to people afterwards, or stands in for what is not known.
    pub(crate) initial: Properties<'static>,
    /// What every report of the workflow sets.
    pub(crate) current: Properties<'static>,
    pub(crate) associations: Vec<Association>,
}

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

/// A call as HubSpot logs it, with the marker in its text if it `is_marked`. `now` stands in for a
/// time that was not sent.
pub(crate) fn call(
    request: &WorkflowRequest,
    is_marked: bool,
    owner: Option<String>,
    related: &Related,
    plan: &NumberPlan,
    now: Timestamp,
) -> Draft {
    let details = &request.call;
    let began = details.started_at.or(details.answered_at);
    let began = began.or(details.declined_at).or(details.ended_at);
    let direction = details.direction.map(|direction| match direction {
        Direction::Incoming => "INBOUND",
        Direction::Outgoing => "OUTBOUND",
    });
    let duration = details.talk_time().map(|talk| talk.as_millis().to_string());
    let number = |text: &Option<String>| machine_number(text.as_deref()?, plan);
    Draft {
        kind: ObjectType::Calls,
        initial: set([(CALL_TIME, Some(milliseconds(now)))]),
        current: set([
            (CALL_TIME, began.map(milliseconds)),
            ("hs_call_title", Some(request.subject.clone())),
            (CALL_BODY, body(request, is_marked, Markup::Html)),
            ("hs_call_direction", direction.map(str::to_owned)),
            ("hs_call_status", status(details).map(str::to_owned)),
            ("hs_call_duration", duration),
            ("hs_call_from_number", number(&details.originator_number)),
            ("hs_call_to_number", number(&details.destination_number)),
            ("hubspot_owner_id", owner),
        ]),
        associations: related.associations(CALL_TO_CONTACT, CALL_TO_COMPANY),
    }
}

/// A ticket about a call. Later reports change only its text: people rename it, move it on and
/// hand it over.
pub(crate) fn ticket(
    request: &WorkflowRequest,
    is_marked: bool,
    owner: Option<String>,
    related: &Related,
    settings: &TicketSettings,
) -> Draft {
    Draft {
        kind: ObjectType::Tickets,
        initial: set([
            ("subject", Some(request.subject.clone())),
            ("hs_pipeline", Some(settings.pipeline.clone())),
            ("hs_pipeline_stage", Some(settings.stage.clone())),
            ("hubspot_owner_id", owner),
        ]),
        current: set([(TICKET_CONTENT, body(request, is_marked, Markup::Plain))]),
        associations: related.associations(TICKET_TO_CONTACT, TICKET_TO_PRIMARY_COMPANY),
    }
}

/// The properties that have a text.
fn set<const N: usize>(properties: [(&'static str, Option<String>); N]) -> Properties<'static> {
    properties
        .into_iter()
        .filter_map(|(name, text)| Some((name, text.filter(|text| !text.is_empty())?)))
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
