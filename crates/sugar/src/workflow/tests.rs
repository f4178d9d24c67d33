//! The fields of calls and cases, for each way in which a call can go.

use serde_json::{Map, Value, json};
use whocalls_testkit::number_plan;

use super::*;

fn at(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

fn request(call: CallDetails) -> WorkflowRequest {
    WorkflowRequest {
        name: "CallFlow".to_owned(),
        contact: None,
        user: Some("anna".to_owned()),
        call,
        idempotency_key: "key".to_owned(),
        extra: Map::new(),
    }
}

fn incoming() -> CallDetails {
    CallDetails {
        direction: Some(Direction::Incoming),
        originator_number: Some("41791234567".to_owned()),
        originator_name: Some("Mia Keller".to_owned()),
        destination_number: Some("41445550100".to_owned()),
        started_at: at("2026-11-22T08:30:00Z"),
        ..CallDetails::default()
    }
}

const ASSIGNEE: &str = "seed_anna_id";

fn logged(call: CallDetails, contact: Option<RecordRef<'_>>) -> Value {
    let now = "2026-11-30T00:00:00Z".parse().unwrap();
    let assignee = Some(ASSIGNEE.to_owned());
    let call = super::call(&request(call), contact, assignee, &number_plan(), now);
    serde_json::to_value(call).unwrap()
}

/// Checks the fields named and leaves the others aside.
fn assert_fields(object: &Value, expected: &Value, case: &str) {
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&object[name], value, "{case}: {name}");
    }
}

fn answered() -> CallDetails {
    CallDetails {
        answered_at: at("2026-11-22T08:30:10Z"),
        ended_at: at("2026-11-22T08:33:14Z"),
        ..incoming()
    }
}

fn missed() -> CallDetails {
    CallDetails {
        ended_at: at("2026-11-22T08:30:25Z"),
        ..incoming()
    }
}

fn declined() -> CallDetails {
    CallDetails {
        declined_at: at("2026-11-22T08:30:05Z"),
        ..incoming()
    }
}

fn over_midnight() -> CallDetails {
    CallDetails {
        started_at: at("2026-11-22T23:59:30Z"),
        answered_at: at("2026-11-22T23:59:50Z"),
        ended_at: at("2026-11-23T01:01:50Z"),
        ..incoming()
    }
}

/// The same call the other way round.
fn outgoing(call: CallDetails) -> CallDetails {
    CallDetails {
        direction: Some(Direction::Outgoing),
        originator_number: call.destination_number,
        originator_name: call.destination_name,
        destination_number: call.originator_number,
        destination_name: call.originator_name,
        ..call
    }
}

#[test]
fn direction_status_and_times_follow_the_call() {
    let still_going_on = CallDetails {
        ended_at: None,
        ..answered()
    };
    let clocks_disagree = CallDetails {
        ended_at: at("2026-11-22T08:29:00Z"),
        ..incoming()
    };
    let cases = [
        (
            answered(),
            "Inbound",
            "Held",
            "22T08:30:00",
            "22T08:33:14",
            (0, 4),
        ),
        (
            missed(),
            "Inbound",
            "Not Held",
            "22T08:30:00",
            "22T08:30:25",
            (0, 0),
        ),
        (
            declined(),
            "Inbound",
            "Not Held",
            "22T08:30:00",
            "22T08:30:05",
            (0, 0),
        ),
        (
            outgoing(answered()),
            "Outbound",
            "Held",
            "22T08:30:00",
            "22T08:33:14",
            (0, 4),
        ),
        (
            outgoing(missed()),
            "Outbound",
            "Not Held",
            "22T08:30:00",
            "22T08:30:25",
            (0, 0),
        ),
        (
            over_midnight(),
            "Inbound",
            "Held",
            "22T23:59:30",
            "23T01:01:50",
            (1, 2),
        ),
        (
            still_going_on,
            "Inbound",
            "Held",
            "22T08:30:00",
            "22T08:30:00",
            (0, 0),
        ),
        (
            clocks_disagree,
            "Inbound",
            "Not Held",
            "22T08:30:00",
            "22T08:30:00",
            (0, 0),
        ),
        (
            CallDetails::default(),
            "Inbound",
            "Not Held",
            "30T00:00:00",
            "30T00:00:00",
            (0, 0),
        ),
    ];
    for (call, direction, status, start, end, (hours, minutes)) in cases {
        let case = format!("{call:?}");
        let expected = json!({
            "direction": direction,
            "status": status,
            "date_start": format!("2026-11-{start}+00:00"),
            "date_end": format!("2026-11-{end}+00:00"),
            "duration_hours": hours,
            "duration_minutes": minutes,
            "assigned_user_id": ASSIGNEE,
        });
        assert_fields(&logged(call, None), &expected, &case);
    }
}

#[test]
fn a_call_is_told_in_plain_words() {
    let still_going_on = CallDetails {
        ended_at: None,
        ..answered()
    };
    let cases = [
        (
            answered(),
            "Incoming call from",
            "Answered after 10 s, talked for 3 min 4 s.",
        ),
        (still_going_on, "Incoming call from", "Answered after 10 s."),
        (missed(), "Missed call from", "Not answered, rang for 25 s."),
        (declined(), "Missed call from", "Declined, rang for 5 s."),
        (incoming(), "Missed call from", "Not answered."),
        (
            outgoing(answered()),
            "Outgoing call to",
            "Answered after 10 s, talked for 3 min 4 s.",
        ),
        (
            outgoing(missed()),
            "Unanswered call to",
            "Not answered, rang for 25 s.",
        ),
    ];
    for (call, event, course) in cases {
        let (mia, office) = ("+41 79 123 45 67 (Mia Keller)", "+41 44 555 01 00");
        let (from, to) = match call.direction {
            Some(Direction::Outgoing) => (office, mia),
            _ => (mia, office),
        };
        let expected = json!({
            "name": format!("{event} +41 79 123 45 67"),
            "description": format!("From: {from}\nTo: {to}\n{course}"),
        });
        assert_fields(&logged(call, None), &expected, event);
    }
}

#[test]
fn a_begun_minute_counts() {
    for (seconds, minutes) in [(0, 0), (1, 1), (60, 1), (61, 2), (3600, 60)] {
        assert_eq!(started_minutes(Duration::from_secs(seconds)), minutes);
    }
}

#[test]
fn a_call_belongs_to_its_contact_and_people_are_invited() {
    let parent = |module, id| logged(incoming(), Some(RecordRef { module, id }));
    let call = parent(Module::Contacts, "c1");
    let expected = json!({
        "parent_type": "Contacts", "parent_id": "c1", "contacts": {"add": ["c1"]},
    });
    assert_fields(&call, &expected, "contact");
    assert_eq!(call.get("leads"), None);
    let expected = json!({"parent_type": "Leads", "parent_id": "l1", "leads": {"add": ["l1"]}});
    assert_fields(&parent(Module::Leads, "l1"), &expected, "lead");
    let call = parent(Module::Accounts, "a1");
    assert_eq!(call["parent_type"], "Accounts");
    let call = logged(incoming(), None);
    for absent in ["parent_type", "parent_id", "contacts", "leads"] {
        assert_eq!(call.get(absent), None, "{absent}");
    }
}

#[test]
fn a_case_belongs_to_account_and_contact() {
    let opened = |contact, account: Option<&str>| {
        let account = account.map(str::to_owned);
        let request = request(incoming());
        let assignee = Some(ASSIGNEE.to_owned());
        let case = case(&request, contact, assignee, account, &number_plan());
        serde_json::to_value(case).unwrap()
    };
    let mia = RecordRef::parse("Contacts/c1");
    let expected = json!({
        "name": "Missed call from +41 79 123 45 67", "status": "New", "priority": "P2",
        "account_id": "a1", "primary_contact_id": "c1", "contacts": {"add": ["c1"]},
        "assigned_user_id": ASSIGNEE,
    });
    assert_fields(&opened(mia, Some("a1")), &expected, "contact");
    let of_lead = opened(RecordRef::parse("Leads/l1"), None);
    for absent in ["account_id", "primary_contact_id", "contacts", "leads"] {
        assert_eq!(of_lead.get(absent), None, "{absent}");
    }
}
