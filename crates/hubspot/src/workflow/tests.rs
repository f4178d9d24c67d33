//! The fields of calls and tickets.

use serde_json::{Value, json};

use super::*;

const START: i64 = 1_763_800_200;

fn at(second: i64) -> Option<Timestamp> {
    Timestamp::from_second(START + second).ok()
}

fn now() -> Timestamp {
    Timestamp::from_second(START + 1_000).unwrap()
}

fn incoming() -> CallDetails {
    CallDetails {
        direction: Some(Direction::Incoming),
        originator_number: Some("41791234567".into()),
        destination_number: Some("0445550100".into()),
        started_at: at(0),
        ..CallDetails::default()
    }
}

fn outgoing() -> CallDetails {
    CallDetails {
        direction: Some(Direction::Outgoing),
        originator_number: Some("12".into()),
        destination_number: Some("41791234567".into()),
        started_at: at(0),
        ..CallDetails::default()
    }
}

fn call_of(details: &CallDetails, owner: Option<&str>, related: &Related) -> Value {
    let plan = whocalls_testkit::number_plan();
    let object = call(details, owner.map(str::to_owned), related, &plan, now());
    serde_json::to_value(object).unwrap()
}

fn ticket_of(details: &CallDetails, related: &Related) -> Value {
    let plan = whocalls_testkit::number_plan();
    let settings = TicketSettings::default();
    serde_json::to_value(ticket(details, None, related, &plan, &settings)).unwrap()
}

#[test]
fn an_answered_call_has_all_fields() {
    let details = CallDetails {
        answered_at: at(10),
        ended_at: at(194),
        ..incoming()
    };
    let related = Related {
        contact: Some("51".into()),
        company: Some("9001".into()),
    };
    assert_eq!(
        call_of(&details, Some("4711"), &related),
        json!({
            "properties": {
                "hs_timestamp": "2025-11-22T08:30:00.000Z",
                "hs_call_title": "Inbound call +41 79 123 45 67",
                "hs_call_direction": "INBOUND",
                "hs_call_status": "COMPLETED",
                "hs_call_duration": "184000",
                "hs_call_from_number": "+41791234567",
                "hs_call_to_number": "+41445550100",
                "hubspot_owner_id": "4711",
            },
            "associations": [
                { "to": { "id": "51" }, "types": [{ "associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 194 }] },
                { "to": { "id": "9001" }, "types": [{ "associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 182 }] },
            ],
        })
    );
}

#[test]
fn status_title_and_duration_follow_from_how_the_call_went() {
    /// Seconds of answer, refusal and end.
    type Times = (Option<i64>, Option<i64>, Option<i64>);
    type Expected = (&'static str, &'static str, Option<&'static str>);
    let cases: [(CallDetails, Times, Expected); 9] = [
        (
            incoming(),
            (Some(5), None, Some(65)),
            ("COMPLETED", "Inbound call", Some("60000")),
        ),
        (
            incoming(),
            (Some(5), None, None),
            ("IN_PROGRESS", "Inbound call", None),
        ),
        (
            incoming(),
            (None, None, Some(20)),
            ("NO_ANSWER", "Missed call", Some("0")),
        ),
        (
            incoming(),
            (None, Some(8), Some(8)),
            ("BUSY", "Missed call", Some("0")),
        ),
        (
            incoming(),
            (None, Some(8), None),
            ("BUSY", "Missed call", None),
        ),
        (
            incoming(),
            (None, None, None),
            ("RINGING", "Inbound call", None),
        ),
        (
            outgoing(),
            (Some(5), None, Some(6)),
            ("COMPLETED", "Outbound call", Some("1000")),
        ),
        (
            outgoing(),
            (None, Some(8), Some(8)),
            ("CANCELED", "Outbound call", Some("0")),
        ),
        (
            outgoing(),
            (None, None, Some(30)),
            ("NO_ANSWER", "Outbound call", Some("0")),
        ),
    ];
    for (details, (answered, declined, ended), (status, title, duration)) in cases {
        let details = CallDetails {
            answered_at: answered.and_then(at),
            declined_at: declined.and_then(at),
            ended_at: ended.and_then(at),
            ..details
        };
        let properties = &call_of(&details, None, &Related::default())["properties"];
        assert_eq!(properties["hs_call_status"], status, "{details:?}");
        let title = format!("{title} +41 79 123 45 67");
        assert_eq!(properties["hs_call_title"], title, "{details:?}");
        let millis = properties.get("hs_call_duration").and_then(Value::as_str);
        assert_eq!(millis, duration, "{details:?}");
    }
}

#[test]
fn of_an_unknown_call_nothing_is_invented() {
    let object = call_of(&CallDetails::default(), None, &Related::default());
    let time = "2025-11-22T08:46:40.000Z";
    let properties = json!({ "hs_timestamp": time, "hs_call_title": "Call" });
    assert_eq!(object["properties"], properties);
}

#[test]
fn the_required_time_is_the_earliest_one_known() {
    let cases = [
        (incoming(), "2025-11-22T08:30:00.000Z"),
        (
            CallDetails {
                started_at: None,
                ended_at: at(60),
                ..incoming()
            },
            "2025-11-22T08:31:00.000Z",
        ),
        (CallDetails::default(), "2025-11-22T08:46:40.000Z"),
    ];
    for (details, time) in cases {
        let object = call_of(&details, None, &Related::default());
        assert_eq!(object["properties"]["hs_timestamp"], time);
    }
}

#[test]
fn numbers_are_e164_where_they_can_be_and_hidden_ones_are_left_out() {
    let cases = [
        ("0791234567", json!("+41791234567")),
        ("99912345678901234567", json!("99912345678901234567")),
        (" 12 ", json!("12")),
        ("anonymous", Value::Null),
    ];
    for (sent, expected) in cases {
        let details = CallDetails {
            originator_number: Some(sent.into()),
            ..incoming()
        };
        let properties = call_of(&details, None, &Related::default())["properties"].clone();
        let from = properties.get("hs_call_from_number").cloned();
        assert_eq!(from.unwrap_or_default(), expected, "{sent}");
    }
}

#[test]
fn associations_are_sent_even_when_there_are_none() {
    let object = call_of(&incoming(), None, &Related::default());
    assert_eq!(object["associations"], json!([]));
}

#[test]
fn a_ticket_says_who_called_and_when() {
    let details = CallDetails {
        originator_name: Some("Mia Keller".into()),
        ended_at: at(20),
        ..incoming()
    };
    let related = Related::of_record("companies/9001").unwrap();
    assert_eq!(
        ticket_of(&details, &related),
        json!({
            "properties": {
                "subject": "Call from Mia Keller",
                "content": "From: Mia Keller, +41791234567\nTo: +41445550100\n\
                            Started: 2025-11-22 08:30:00 UTC\nEnded: 2025-11-22 08:30:20 UTC",
                "hs_pipeline": "0",
                "hs_pipeline_stage": "1",
            },
            "associations": [
                { "to": { "id": "9001" }, "types": [{ "associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 26 }] },
            ],
        })
    );
}

#[test]
fn a_ticket_always_has_a_subject() {
    let cases = [
        (incoming(), "Call from +41 79 123 45 67"),
        (outgoing(), "Call to +41 79 123 45 67"),
        (
            CallDetails {
                originator_number: Some("anonymous".into()),
                ..incoming()
            },
            "Call",
        ),
        (CallDetails::default(), "Call"),
    ];
    for (details, subject) in cases {
        let object = ticket_of(&details, &Related::default());
        assert_eq!(object["properties"]["subject"], subject);
    }
}

#[test]
fn only_ids_of_this_adapter_are_records() {
    let contact = Related::of_record("51").unwrap();
    assert_eq!(contact.shown(), Some((ObjectType::Contacts, "51")));
    let company = Related::of_record("companies/9001").unwrap();
    assert_eq!(company.shown(), Some((ObjectType::Companies, "9001")));
    assert_eq!(Related::default().shown(), None);
    for id in [
        "",
        "x",
        "companies/",
        "companies/x",
        "tickets/1",
        "5 1",
        "../1",
    ] {
        assert_eq!(Related::of_record(id), None, "{id}");
    }
}
