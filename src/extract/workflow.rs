//! The inputs of a workflow (`connector-api.md` §2).

use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use whocalls_core::{CallDetails, Direction};

use super::times;

/// What the telephone system sends with a workflow.
#[derive(Debug, Default)]
pub struct WorkflowInputs {
    /// The contact, as named in a lookup reply.
    pub contact: Option<String>,
    /// The user, as named in the portal.
    pub user: Option<String>,
    /// The call.
    pub call: CallDetails,
    /// Inputs that this version does not know, and dates that could not be read, as sent.
    pub extra: Map<String, Value>,
    /// The names of those dates.
    pub unreadable: Vec<String>,
}

/// Sorts the inputs of a workflow. Never fails: a call is worth logging even when one of its
/// dates cannot be read.
pub fn workflow_inputs(inputs: Map<String, Value>, zone: &TimeZone) -> WorkflowInputs {
    let mut sorted = WorkflowInputs::default();
    for (key, value) in inputs {
        let call = &mut sorted.call;
        let date = match key.to_ascii_lowercase().as_str() {
            "contactcrmid" => {
                sorted.contact = text(&value);
                continue;
            }
            "usercrmid" => {
                sorted.user = text(&value);
                continue;
            }
            "originatornumber" => {
                call.originator_number = text(&value);
                continue;
            }
            "originatorname" => {
                call.originator_name = text(&value);
                continue;
            }
            "destinationnumber" => {
                call.destination_number = text(&value);
                continue;
            }
            "destinationname" => {
                call.destination_name = text(&value);
                continue;
            }
            "direction" => {
                call.direction = direction(&value);
                continue;
            }
            "startedtime" => &mut call.started_at,
            "answeredtime" => &mut call.answered_at,
            "endedtime" => &mut call.ended_at,
            "declinedtime" => &mut call.declined_at,
            _ => {
                sorted.extra.insert(key, value);
                continue;
            }
        };
        if let Ok(time) = times::read(&value, zone) {
            *date = time;
        } else {
            sorted.unreadable.push(key.clone());
            sorted.extra.insert(key, value);
        }
    }
    sorted
}

/// A text or number; empty counts as absent.
fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

fn direction(value: &Value) -> Option<Direction> {
    match text(value)?.to_ascii_lowercase().as_str() {
        "incoming" | "inbound" | "in" => Some(Direction::Incoming),
        "outgoing" | "outbound" | "out" => Some(Direction::Outgoing),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn inputs(value: Value) -> WorkflowInputs {
        let Value::Object(inputs) = value else {
            panic!("an object")
        };
        workflow_inputs(inputs, &TimeZone::UTC)
    }

    #[test]
    fn known_inputs_are_sorted_and_unknown_ones_kept() {
        let sorted = inputs(json!({
            "contactCrmId": "hubspot:51", "userCrmId": "anna@example.ch",
            "originatorNumber": "41791234567", "originatorName": "Mia Keller",
            "destinationNumber": 41_445_550_100_i64, "destinationName": "",
            "direction": "incoming", "startedTime": "2026-01-15 09:30:00",
            "answeredTime": "", "endedTime": null, "declinedTime": 1_768_465_800,
            "queueName": "Sales",
        }));
        assert_eq!(sorted.contact.as_deref(), Some("hubspot:51"));
        assert_eq!(sorted.user.as_deref(), Some("anna@example.ch"));
        assert_eq!(
            sorted.call.destination_number.as_deref(),
            Some("41445550100")
        );
        assert_eq!(sorted.call.destination_name, None);
        assert_eq!(sorted.call.direction, Some(Direction::Incoming));
        assert!(sorted.call.started_at.is_some() && sorted.call.declined_at.is_some());
        assert!(sorted.call.answered_at.is_none() && sorted.call.ended_at.is_none());
        assert_eq!(
            sorted.extra,
            *json!({"queueName": "Sales"}).as_object().unwrap()
        );
    }

    #[test]
    fn a_date_that_cannot_be_read_is_kept_as_sent() {
        let sorted = inputs(json!({"startedTime": "yesterday"}));
        assert_eq!(sorted.call.started_at, None);
        assert_eq!(sorted.extra.get("startedTime"), Some(&json!("yesterday")));
        assert_eq!(sorted.unreadable, ["startedTime"]);
    }
}
