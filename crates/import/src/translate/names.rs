//! What names of templates stand for in the places of a description.

use std::collections::HashMap;

use super::account::Account;
use crate::expression::{Condition, Kind, Names, Operator, Resolved, Term, millis, quoted};

/// Where an expression stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// The requests that log in, and credentials.
    Login,
    /// The requests of a lookup.
    Lookup,
    /// The fields of a record, or what is read from the reply to a workflow's request.
    Reply,
    /// The requests of a workflow.
    Workflow,
}

/// The names in one place.
pub(super) struct Scope<'s> {
    pub(super) place: Use,
    pub(super) account: &'s Account<'s>,
    /// The number that is asked for, as a Jinja expression.
    pub(super) number: &'s str,
    /// Values of replies.
    pub(super) known: HashMap<String, Term>,
}

impl Names for Scope<'_> {
    fn resolve(&self, name: &str) -> Resolved {
        if let Some(term) = self.known.get(name) {
            return Resolved::Term(term.clone());
        }
        if let Some(resolved) = self.account.resolve(name) {
            return resolved;
        }
        let term = match (name, self.place) {
            ("LineBreak", _) => Some(Term::Constant("\n".to_owned())),
            (_, Use::Lookup) => lookup(name, self.number),
            (_, Use::Workflow) => workflow(name, self.number),
            (_, Use::Login | Use::Reply) => None,
        };
        term.map_or_else(|| unknown(name), Resolved::Term)
    }
}

fn unknown(name: &str) -> Resolved {
    let why = match name {
        "RecordingUrl" | "RecordPath" => "whocalls knows of no recordings",
        "Transcription" | "Summary" | "Sentiment" => "whocalls knows of no transcripts",
        "QueueExtension" | "QueueName" => "whocalls knows of no queues",
        "Number" | "CallerNumber" => "the number that is asked for is not known here",
        "AgentEmail" => {
            "the user's e-mail address is not known; `user` is the user's id in the CRM"
        }
        _ => "nothing of this name is known here",
    };
    Resolved::Unknown(format!("`{name}`: {why}"))
}

fn lookup(name: &str, number: &str) -> Option<Term> {
    Some(match name {
        "Number" | "CallerNumber" => Term::text(number),
        "FoundRecordCount" => Term::Code("found".to_owned(), Kind::Number),
        _ => return None,
    })
}

fn is(value: &str, text: &str) -> Condition {
    Condition::Compare(value.to_owned(), Operator::Equal, quoted(text))
}

fn workflow(name: &str, number: &str) -> Option<Term> {
    let text = |code: &str| Some(Term::text(code));
    if let Some(time) = time(name) {
        return Some(time);
    }
    match name {
        "Number" if number.contains('(') => text(&format!("({number} if number.nsn else none)")),
        "Number" | "BusinessNumber" | "MobileNumber" => text(number),
        "CallerNumber" | "Call_From" => text("call.originator_number"),
        "CalleeNumber" | "Call_To" => text("call.destination_number"),
        "CallType" => Some(by_course(["Outbound", "Notanswered", "Inbound", "Missed"])),
        "CallDirection" | "Communication_Type" => {
            Some(by_course(["Outbound", "Outbound", "Inbound", "Inbound"]))
        }
        "Call_Status" => Some(by_course([
            "ANSWERED",
            "NO ANSWER",
            "ANSWERED",
            "NO ANSWER",
        ])),
        "EntityId" | "ContactId" | "ContactsId" => text("contact.id"),
        "Agent" | "UserUniqueId" => text("user"),
        "AgentFirstName" => Some(agent_name()),
        // The telephone system sends whole names.
        "AgentLastName" | "FirstName" => Some(Term::empty()),
        "Name" | "LastName" | "DisplayName" | "CallerDisplayName" => text("call.remote_name"),
        "Duration" | "Talk_Duration" => text(r#"call.duration_seconds | duration("hh:mm:ss")"#),
        "DurationTimespan" => Some(Term::Code("call.duration_seconds".to_owned(), Kind::Span)),
        "Talk_Duration_Sec" => Some(Term::Code("call.duration_seconds".to_owned(), Kind::Number)),
        "Subject" => text("subject"),
        "Description" => text("text"),
        _ => None,
    }
}

/// One of four texts: an outgoing call that was answered or not, an incoming one that was or not.
fn by_course(texts: [&str; 4]) -> Term {
    let [out_answered, out_open, in_answered, in_open] =
        texts.map(|text| Term::Constant(text.to_owned()));
    let by_end = |answered, open| Term::choice(is("call.outcome", "answered"), answered, open);
    let outgoing = by_end(out_answered, out_open);
    let incoming = by_end(in_answered, in_open);
    Term::choice(is("call.direction", "outgoing"), outgoing, incoming)
}

fn agent_name() -> Term {
    let (originator, destination) = ("call.originator_name", "call.destination_name");
    let is_outgoing = is("call.direction", "outgoing");
    Term::choice(is_outgoing, Term::text(originator), Term::text(destination))
}

/// `CallStartTimeLocal`, `CallEndTimeUTCMillis`, …
fn time(name: &str) -> Option<Term> {
    let (code, rest) = [
        ("CallStartTime", "call.started_at"),
        ("CallEstablishedTime", "call.answered_at"),
        ("CallEndTime", "call.ended_at"),
        ("StartTime", "call.started_at"),
        ("AnswerTime", "call.answered_at"),
        ("EndTime", "call.ended_at"),
    ]
    .into_iter()
    .find_map(|(start, code)| Some((code, name.strip_prefix(start)?)))
    .or((name == "DateTime" || name == "Time").then_some(("call.started_at", "Text")))?;
    Some(match rest {
        "Local" | "" => Term::Code(code.to_owned(), Kind::Time { is_local: true }),
        "UTC" | "Unix" => Term::Code(code.to_owned(), Kind::Time { is_local: false }),
        "LocalMillis" | "UTCMillis" => millis(code),
        "Text" => Term::text(format!(
            r#"{code} | date("%Y-%m-%d %H:%M:%S", account.time_zone)"#
        )),
        _ => return None,
    })
}
