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
        user: Some("seed_anna_id".to_owned()),
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
        started_at: at("2026-11-22T09:30:00+01:00"),
        ..CallDetails::default()
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

fn logged(call: CallDetails, contact: Option<RecordRef<'_>>) -> Value {
    let now = "2026-11-30T00:00:00Z".parse().unwrap();
    let object = super::call(&request(call), contact, &number_plan(), now);
    assert_eq!(object.module, CALLS);
    serde_json::to_value(object.fields).unwrap()
}

/// Checks the fields named and leaves the others aside.
fn assert_fields(object: &Value, expected: &Value, case: &str) {
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&object[name], value, "{case}: {name}");
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
        ..answered()
    };
    let start_unknown = CallDetails {
        started_at: None,
        ..missed()
    };
    let cases = [
        (answered(), "Inbound", "Held", "22 08:30:00", (0, 4)),
        (missed(), "Inbound", "Not Held", "22 08:30:00", (0, 0)),
        (declined(), "Inbound", "Not Held", "22 08:30:00", (0, 0)),
        (
            outgoing(answered()),
            "Outbound",
            "Held",
            "22 08:30:00",
            (0, 4),
        ),
        (
            outgoing(missed()),
            "Outbound",
            "Not Held",
            "22 08:30:00",
            (0, 0),
        ),
        (over_midnight(), "Inbound", "Held", "22 23:59:30", (1, 2)),
        (still_going_on, "Inbound", "Held", "22 08:30:00", (0, 0)),
        (clocks_disagree, "Inbound", "Held", "22 08:30:00", (0, 0)),
        (start_unknown, "Inbound", "Not Held", "22 08:30:25", (0, 0)),
        (
            CallDetails::default(),
            "Inbound",
            "Not Held",
            "30 00:00:00",
            (0, 0),
        ),
    ];
    for (call, direction, status, start, (hours, minutes)) in cases {
        let case = format!("{call:?}");
        let expected = json!({
            "direction": direction,
            "status": status,
            "date_start": format!("2026-11-{start}"),
            "duration_hours": hours,
            "duration_minutes": minutes,
            "assigned_user_id": "seed_anna_id",
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
    for (contact, parent_type, contact_id, lead_id) in [
        (Some("Contacts/1"), Some("Contacts"), Some("1"), None),
        (Some("Leads/1"), Some("Leads"), None, Some("1")),
        (Some("Accounts/1"), Some("Accounts"), None, None),
        (None, None, None, None),
    ] {
        let call = logged(incoming(), contact.and_then(RecordRef::parse));
        let text = |name: &str| call.get(name).map(|value| value.as_str().unwrap());
        assert_eq!(text("parent_type"), parent_type);
        assert_eq!(text("parent_id"), contact.map(|_| "1"));
        assert_eq!(text("contact_id"), contact_id);
        assert_eq!(text("lead_id"), lead_id);
    }
}

#[test]
fn a_case_belongs_to_account_and_contact() {
    let opened = |contact, account: Option<&str>| {
        let account = account.map(str::to_owned);
        let request = request(incoming());
        let object = case(&request, contact, account, "Open_New", &number_plan());
        assert_eq!(object.module, CASES);
        serde_json::to_value(object.fields).unwrap()
    };
    let mia = RecordRef::parse("Contacts/c1");
    let expected = json!({
        "name": "Missed call from +41 79 123 45 67", "status": "Open_New", "priority": "P2",
        "account_id": "a1", "contact_id": "c1", "assigned_user_id": "seed_anna_id",
    });
    assert_fields(&opened(mia, Some("a1")), &expected, "contact");
    let of_lead = opened(RecordRef::parse("Leads/l1"), None);
    for absent in ["account_id", "contact_id", "lead_id"] {
        assert_eq!(of_lead.get(absent), None, "{absent}");
    }
}

#[test]
fn the_id_is_that_of_the_request_whatever_is_known_of_the_call() {
    let id = |call| super::call(&request(call), None, &number_plan(), Timestamp::UNIX_EPOCH).id;
    assert_eq!(id(incoming()), id(answered()));
    let case = case(&request(incoming()), None, None, "New", &number_plan());
    assert_ne!(id(incoming()), case.id);
}
