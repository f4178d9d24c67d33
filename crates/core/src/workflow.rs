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

/// One workflow for one adapter.
#[derive(Debug, Clone, PartialEq)]
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
    /// Inputs that this version does not know, as sent.
    pub extra: Map<String, Value>,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
