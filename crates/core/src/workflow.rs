//! A business workflow: what the telephone system sends when a call is to be logged or a ticket
//! opened, and what the CRM made of it (`connector-api.md` §2).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The workflow that the CONNECTOR may start by itself at the end of a call.
pub const CALL_FLOW: &str = "CallFlow";
/// The workflow that opens a ticket.
pub const CREATE_TICKET: &str = "CreateTicket";
/// The workflow that opens a case.
pub const CREATE_CASE: &str = "CreateCase";
/// The workflow that enters an unknown caller as a contact. The receipt's id is the adapter's own
/// record id ([`ContactRecord::id`](crate::ContactRecord::id)), so that a call can be logged for
/// it. No contact offers it: it is for those who have none.
pub const CREATE_CONTACT: &str = "CreateContact";

/// Before the digits of a [marker](WorkflowRequest::marker).
const MARKER_PREFIX: &str = "wc";
/// Letters and digits of the idempotency key in a marker: 80 bits of a hexadecimal key.
const MARKER_KEY_CHARS: usize = 20;

/// One workflow for one adapter.
#[derive(Clone, Default, PartialEq)]
pub struct WorkflowRequest {
    /// The name from `crmActions`.
    pub name: String,
    /// The adapter's own record id of the contact ([`ContactRecord::id`](crate::ContactRecord::id)),
    /// when the call belongs to a known contact.
    pub contact: Option<String>,
    /// The user in this CRM, already mapped from the portal's `userCrmId`.
    pub user: Option<String>,
    /// The call.
    pub call: CallDetails,
    /// Names this very request, so that a CRM that can recognise a repetition does. Stable across
    /// retries; at most 64 ASCII letters, digits and `-`.
    pub idempotency_key: String,
    /// How far earlier deliveries of this very request came.
    pub progress: Progress,
    /// The title of the object in the CRM, one line; adapters shorten it to what the CRM holds.
    pub subject: String,
    /// The body of the object in the CRM, in lines.
    pub text: String,
    /// Inputs that this version does not know, as sent.
    pub extra: Map<String, Value>,
}

/// How far earlier deliveries of a workflow came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Progress {
    /// Nothing was sent yet, or the CRM refused it: there is no object.
    #[default]
    New,
    /// It was sent and the answer lost: the object may exist. An adapter looks for it by
    /// [key](WorkflowRequest::idempotency_key) or [marker](WorkflowRequest::marker) before it
    /// creates another one.
    Uncertain,
    /// The object with this id ([`WorkflowReceipt::id`]) exists and is to be brought up to date.
    /// When it is gone, somebody deleted it: it is not created again.
    Exists(String),
}

impl WorkflowRequest {
    /// A word that names this request inside the text of an object, for CRMs that take no id of
    /// ours: letters and digits only, so that full-text searches see one word.
    pub fn marker(&self) -> String {
        let key = self.idempotency_key.chars();
        let key = key.filter(char::is_ascii_alphanumeric);
        MARKER_PREFIX
            .chars()
            .chain(key.take(MARKER_KEY_CHARS))
            .collect()
    }

    /// The subject in at most `max_chars` characters; the workflow's name where there is none, as
    /// CRMs require a title.
    pub fn subject_within(&self, max_chars: usize) -> String {
        let subject = self.subject.trim();
        if subject.is_empty() {
            return self.name.chars().take(max_chars).collect();
        }
        if subject.chars().count() <= max_chars {
            return subject.to_owned();
        }
        let kept: String = subject.chars().take(max_chars.saturating_sub(1)).collect();
        format!("{}…", kept.trim_end())
    }

    /// The text with the [marker](Self::marker) in a last line of its own.
    pub fn marked_text(&self) -> String {
        let text = self.text.trim_end();
        let gap = if text.is_empty() { "" } else { "\n\n" };
        format!("{text}{gap}Ref. {}", self.marker())
    }
}

/// Names and numbers are personal data: only their presence is shown.
impl std::fmt::Debug for WorkflowRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WorkflowRequest")
            .field("name", &self.name)
            .field("idempotency_key", &self.idempotency_key)
            .field("progress", &self.progress)
            .field("has_contact", &self.contact.is_some())
            .field("call", &self.call)
            .finish_non_exhaustive()
    }
}

/// What is known of a call. Every part may be missing.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallDetails {
    /// From the telephone system's point of view.
    pub direction: Option<Direction>,
    /// The number that started the call, as sent.
    pub originator_number: Option<String>,
    /// Its owner's name.
    pub originator_name: Option<String>,
    /// The number that was dialled, as sent.
    pub destination_number: Option<String>,
    /// The answering party's name.
    pub destination_name: Option<String>,
    /// When it began to ring.
    pub started_at: Option<Timestamp>,
    /// When it was answered; absent when it was not.
    pub answered_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// When it was aborted; absent when it was answered.
    pub declined_at: Option<Timestamp>,
}

impl CallDetails {
    /// The number of the party outside the company: the originator of an incoming call, the
    /// destination of an outgoing one.
    pub fn remote_number(&self) -> Option<&str> {
        match self.direction {
            Some(Direction::Outgoing) => self.destination_number.as_deref(),
            _ => self.originator_number.as_deref(),
        }
    }

    /// The name of that party.
    pub fn remote_name(&self) -> Option<&str> {
        match self.direction {
            Some(Direction::Outgoing) => self.destination_name.as_deref(),
            _ => self.originator_name.as_deref(),
        }
    }

    /// How long the parties talked: from answer to end, zero when it was not answered, `None`
    /// while it is not known.
    pub fn talk_time(&self) -> Option<std::time::Duration> {
        match (self.answered_at, self.ended_at) {
            (Some(answered), Some(ended)) => Some(
                ended
                    .duration_since(answered)
                    .try_into()
                    .unwrap_or_default(),
            ),
            (None, Some(_)) => Some(std::time::Duration::ZERO),
            (_, None) => None,
        }
    }

    /// Whether the call was answered.
    pub fn was_answered(&self) -> bool {
        self.answered_at.is_some()
    }

    /// How the call went, in a word: `answered`, `declined` (aborted before it was answered),
    /// `unanswered` (ended without either) or, while its end is not known, `unknown`.
    pub fn outcome(&self) -> &'static str {
        if self.was_answered() {
            "answered"
        } else if self.declined_at.is_some() {
            "declined"
        } else if self.ended_at.is_some() {
            "unanswered"
        } else {
            "unknown"
        }
    }
}

/// Names and numbers are personal data: only their presence is shown.
impl std::fmt::Debug for CallDetails {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallDetails")
            .field("direction", &self.direction)
            .field("started_at", &self.started_at)
            .field("answered_at", &self.answered_at)
            .field("ended_at", &self.ended_at)
            .field("declined_at", &self.declined_at)
            .finish_non_exhaustive()
    }
}

/// Which way a call went, seen from the company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Somebody called the company.
    Incoming,
    /// The company called somebody.
    Outgoing,
}

/// What the CRM made of a workflow.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct WorkflowReceipt {
    /// The id of the object that was created.
    pub id: Option<String>,
    /// The CRM's page of that object.
    pub url: Option<String>,
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(second: i64) -> Option<Timestamp> {
        Timestamp::from_second(second).ok()
    }

    #[test]
    fn a_marker_is_one_word_that_names_the_request() {
        let request = WorkflowRequest {
            idempotency_key: "0199-5f8a".to_owned() + &"c".repeat(40),
            text: "Answered.\n".to_owned(),
            ..WorkflowRequest::default()
        };
        assert_eq!(request.marker(), "wc01995f8acccccccccccc");
        assert_eq!(
            request.marked_text(),
            "Answered.\n\nRef. wc01995f8acccccccccccc"
        );
    }

    #[test]
    fn a_subject_fits_and_is_never_empty() {
        for (subject, max_chars, fitting) in [
            (" Call from Mia ", 50, "Call from Mia"),
            ("Call from Mia", 13, "Call from Mia"),
            ("Call from Mia", 11, "Call from…"),
            ("Änne rief an", 5, "Änne…"),
            (" ", 50, "CallFlow"),
            ("", 4, "Call"),
        ] {
            let request = WorkflowRequest {
                name: CALL_FLOW.to_owned(),
                subject: subject.to_owned(),
                ..WorkflowRequest::default()
            };
            assert_eq!(request.subject_within(max_chars), fitting, "{subject:?}");
        }
    }

    #[test]
    fn talk_time_counts_from_the_answer() {
        let call = |answered_at, ended_at| CallDetails {
            started_at: at(0),
            answered_at,
            ended_at,
            ..CallDetails::default()
        };
        assert_eq!(
            call(at(10), at(70)).talk_time(),
            Some(Duration::from_mins(1))
        );
        assert_eq!(call(None, at(70)).talk_time(), Some(Duration::ZERO));
        assert_eq!(call(at(10), None).talk_time(), None);
        assert_eq!(
            call(at(70), at(10)).talk_time(),
            Some(Duration::ZERO),
            "clocks disagree"
        );
    }

    #[test]
    fn an_outcome_needs_an_answer_or_an_end() {
        for (answered_at, declined_at, ended_at, outcome) in [
            (at(5), None, at(9), "answered"),
            (at(5), at(9), None, "answered"),
            (None, at(5), at(5), "declined"),
            (None, None, at(9), "unanswered"),
            (None, None, None, "unknown"),
        ] {
            let call = CallDetails {
                answered_at,
                ended_at,
                declined_at,
                ..CallDetails::default()
            };
            assert_eq!(call.outcome(), outcome, "{call:?}");
        }
    }

    #[test]
    fn the_remote_party_depends_on_the_direction() {
        let call = |direction| CallDetails {
            direction,
            originator_number: Some("1".into()),
            destination_number: Some("2".into()),
            ..CallDetails::default()
        };
        assert_eq!(call(Some(Direction::Incoming)).remote_number(), Some("1"));
        assert_eq!(call(Some(Direction::Outgoing)).remote_number(), Some("2"));
        assert_eq!(call(None).remote_number(), Some("1"));
    }
}
