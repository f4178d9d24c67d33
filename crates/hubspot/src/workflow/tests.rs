//! The fields of calls and tickets.

use serde_json::{Value, json};
use whocalls_testkit::table::rows;

use super::*;

/// Stands in for a time that was not sent.
const NOW: &str = "2025-11-22T08:46:40Z";

fn at(text: &str) -> Option<Timestamp> {
    (!text.is_empty()).then(|| text.parse().unwrap())
}

fn request(call: CallDetails) -> WorkflowRequest {
    WorkflowRequest {
        call,
        subject: "Incoming call from Mia Keller".to_owned(),
        text: "Answered.\nTalked for 3 min & 4 s.".to_owned(),
        idempotency_key: "0199c0f0".to_owned(),
        ..WorkflowRequest::default()
    }
}

fn incoming() -> CallDetails {
    CallDetails {
        direction: Some(Direction::Incoming),
        originator_number: Some("41791234567".into()),
        destination_number: Some("0445550100".into()),
        started_at: at("2025-11-22T08:30:00Z"),
        ..CallDetails::default()
    }
}

fn call_of(details: CallDetails) -> Draft {
    let plan = whocalls_testkit::number_plan();
    let nobody = Related::default();
    call(
        &request(details),
        true,
        None,
        &nobody,
        &plan,
        at(NOW).unwrap(),
    )
}

/// What a new object gets.
fn created(draft: &Draft) -> Properties<'static> {
    let mut properties = draft.initial.clone();
    properties.extend(draft.current.clone());
    properties
}

fn associations(draft: &Draft) -> Vec<(&str, u16)> {
    let associations = draft.associations.iter();
    associations
        .map(|to| (to.to.id.as_str(), to.types[0].association_type_id))
        .collect()
}

#[test]
fn an_answered_call_has_all_fields() {
    let details = CallDetails {
        answered_at: at("2025-11-22T08:30:10Z"),
        ended_at: at("2025-11-22T08:33:14Z"),
        ..incoming()
    };
    let related = Related {
        contact: Some("51".into()),
        company: Some("9001".into()),
    };
    let (plan, owner) = (whocalls_testkit::number_plan(), Some("4711".to_owned()));
    let draft = call(
        &request(details),
        true,
        owner,
        &related,
        &plan,
        at(NOW).unwrap(),
    );
    assert_eq!(
        json!(created(&draft)),
        json!({
            "hs_timestamp": "2025-11-22T08:30:00.000Z",
            "hs_call_title": "Incoming call from Mia Keller",
            "hs_call_body": "Answered.<br>Talked for 3 min &amp; 4 s.<br><br>Ref. wc0199c0f0",
            "hs_call_direction": "INBOUND",
            "hs_call_status": "COMPLETED",
            "hs_call_duration": "184000",
            "hs_call_from_number": "+41791234567",
            "hs_call_to_number": "+41445550100",
            "hubspot_owner_id": "4711",
        })
    );
    assert_eq!(associations(&draft), [("51", 194), ("9001", 182)]);
}

/// Times as they were sent, with the offset of the telephone system; what HubSpot gets of them.
/// Summer time in Zurich ends on 2026-10-25 at 03:00, and began on 2026-03-29 at 02:00.
const CALLS: &str = r"
what                      | direction | started                   | answered                  | declined             | ended                     | time                     | status      | duration
--------------------------+-----------+---------------------------+---------------------------+----------------------+---------------------------+--------------------------+-------------+---------
answered                  | in        | 2025-11-22T08:30:00Z      | 2025-11-22T08:30:05Z      | -                    | 2025-11-22T08:31:05Z      | 2025-11-22T08:30:00.000Z | COMPLETED   | 60000
with fractions            | in        | 2025-11-22T08:30:00.25Z   | 2025-11-22T08:30:01.5Z    | -                    | 2025-11-22T08:30:03.75Z   | 2025-11-22T08:30:00.250Z | COMPLETED   | 2250
zero length               | in        | 2025-11-22T08:30:00Z      | 2025-11-22T08:30:05Z      | -                    | 2025-11-22T08:30:05Z      | 2025-11-22T08:30:00.000Z | COMPLETED   | 0
clocks disagree           | in        | 2025-11-22T08:30:00Z      | 2025-11-22T08:30:05Z      | -                    | 2025-11-22T08:30:04Z      | 2025-11-22T08:30:00.000Z | COMPLETED   | 0
still talking             | in        | 2025-11-22T08:30:00Z      | 2025-11-22T08:30:05Z      | -                    | -                         | 2025-11-22T08:30:00.000Z | IN_PROGRESS | -
still ringing             | in        | 2025-11-22T08:30:00Z      | -                         | -                    | -                         | 2025-11-22T08:30:00.000Z | RINGING     | -
no answer                 | in        | 2025-11-22T08:30:00Z      | -                         | -                    | 2025-11-22T08:30:20Z      | 2025-11-22T08:30:00.000Z | NO_ANSWER   | 0
no answer                 | out       | 2025-11-22T08:30:00Z      | -                         | -                    | 2025-11-22T08:30:20Z      | 2025-11-22T08:30:00.000Z | NO_ANSWER   | 0
declined and ended        | in        | 2025-11-22T08:30:00Z      | -                         | 2025-11-22T08:30:08Z | 2025-11-22T08:30:08Z      | 2025-11-22T08:30:00.000Z | BUSY        | 0
declined                  | in        | 2025-11-22T08:30:00Z      | -                         | 2025-11-22T08:30:08Z | -                         | 2025-11-22T08:30:00.000Z | BUSY        | -
given up by the caller    | out       | 2025-11-22T08:30:00Z      | -                         | 2025-11-22T08:30:08Z | 2025-11-22T08:30:08Z      | 2025-11-22T08:30:00.000Z | CANCELED    | 0
answered, direction open  | -         | 2025-11-22T08:30:00Z      | 2025-11-22T08:30:05Z      | -                    | 2025-11-22T08:30:06Z      | 2025-11-22T08:30:00.000Z | COMPLETED   | 1000
no start                  | in        | -                         | 2025-11-22T08:30:05Z      | -                    | 2025-11-22T08:31:05Z      | 2025-11-22T08:30:05.000Z | COMPLETED   | 60000
no start, declined        | in        | -                         | -                         | 2025-11-22T08:30:08Z | 2025-11-22T08:30:09Z      | 2025-11-22T08:30:08.000Z | BUSY        | 0
only the end              | in        | -                         | -                         | -                    | 2025-11-22T08:31:05Z      | 2025-11-22T08:31:05.000Z | NO_ANSWER   | 0
nothing                   | in        | -                         | -                         | -                    | -                         | 2025-11-22T08:46:40.000Z | -           | -
over midnight             | in        | 2025-11-22T23:59:50+01:00 | 2025-11-22T23:59:58+01:00 | -                    | 2025-11-23T00:10:58+01:00 | 2025-11-22T22:59:50.000Z | COMPLETED   | 660000
over the end of the year  | out       | 2025-12-31T23:59:50+01:00 | 2026-01-01T00:00:10+01:00 | -                    | 2026-01-01T00:01:10+01:00 | 2025-12-31T22:59:50.000Z | COMPLETED   | 60000
summer time begins        | in        | 2026-03-29T01:59:30+01:00 | 2026-03-29T01:59:40+01:00 | -                    | 2026-03-29T03:00:40+02:00 | 2026-03-29T00:59:30.000Z | COMPLETED   | 60000
summer time ends          | in        | 2026-10-25T02:59:30+02:00 | 2026-10-25T02:59:40+02:00 | -                    | 2026-10-25T02:00:40+01:00 | 2026-10-25T00:59:30.000Z | COMPLETED   | 60000
the hour that comes again | in        | 2026-10-25T02:30:00+02:00 | 2026-10-25T02:30:00+02:00 | -                    | 2026-10-25T02:30:00+01:00 | 2026-10-25T00:30:00.000Z | COMPLETED   | 3600000
from far away             | in        | 2026-07-01T00:15:00+13:45 | 2026-07-01T00:15:10+13:45 | -                    | 2026-06-30T10:30:20Z      | 2026-06-30T10:30:00.000Z | COMPLETED   | 10000";

#[test]
fn time_status_and_duration_follow_from_how_the_call_went() {
    for cells in rows(CALLS) {
        let [
            what,
            direction,
            started,
            answered,
            declined,
            ended,
            time,
            status,
            duration,
        ] = cells;
        let draft = call_of(CallDetails {
            direction: match direction {
                "in" => Some(Direction::Incoming),
                "out" => Some(Direction::Outgoing),
                _ => None,
            },
            started_at: at(started),
            answered_at: at(answered),
            declined_at: at(declined),
            ended_at: at(ended),
            ..incoming()
        });
        let properties = created(&draft);
        let text = |name: &str| properties.get(name).map_or("", String::as_str);
        assert_eq!(text("hs_timestamp"), time, "{what} {direction}");
        assert_eq!(text("hs_call_status"), status, "{what} {direction}");
        assert_eq!(text("hs_call_duration"), duration, "{what} {direction}");
        let expected = match direction {
            "in" => "INBOUND",
            "out" => "OUTBOUND",
            _ => "",
        };
        assert_eq!(text("hs_call_direction"), expected, "{what}");
    }
}

#[test]
fn of_an_unknown_call_nothing_is_invented() {
    let draft = call_of(CallDetails::default());
    let names: Vec<_> = draft.current.keys().copied().collect();
    assert_eq!(names, ["hs_call_body", "hs_call_title"]);
    let now = Some("2025-11-22T08:46:40.000Z");
    assert_eq!(draft.initial.get("hs_timestamp").map(String::as_str), now);
    assert!(draft.associations.is_empty());
}

/// A later report must not move a call to the time of the report.
#[test]
fn an_update_sets_what_is_known_and_no_stand_in() {
    let draft = call_of(incoming());
    let began = Some("2025-11-22T08:30:00.000Z");
    assert_eq!(draft.current.get("hs_timestamp").map(String::as_str), began);
    assert_eq!(
        call_of(CallDetails::default()).current.get("hs_timestamp"),
        None
    );
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
        let draft = call_of(CallDetails {
            originator_number: Some(sent.into()),
            ..incoming()
        });
        let from = draft.current.get("hs_call_from_number");
        assert_eq!(json!(from), expected, "{sent}");
    }
}

fn ticket_of(is_marked: bool, related: &Related) -> Draft {
    let settings = TicketSettings::default();
    let owner = Some("4711".to_owned());
    ticket(&request(incoming()), is_marked, owner, related, &settings)
}

#[test]
fn a_ticket_is_opened_with_the_words_of_the_request() {
    let draft = ticket_of(true, &Related::of_record("companies/9001").unwrap());
    assert_eq!(
        json!(created(&draft)),
        json!({
            "subject": "Incoming call from Mia Keller",
            "content": "Answered.\nTalked for 3 min & 4 s.\n\nRef. wc0199c0f0",
            "hs_pipeline": "0",
            "hs_pipeline_stage": "1",
            "hubspot_owner_id": "4711",
        })
    );
    assert_eq!(associations(&draft), [("9001", 26)]);
    let of_contact = ticket_of(true, &Related::of_record("51").unwrap());
    assert_eq!(associations(&of_contact), [("51", 16)]);
}

#[test]
fn an_update_of_a_ticket_leaves_alone_what_people_change() {
    let draft = ticket_of(true, &Related::default());
    assert_eq!(
        draft.current.keys().copied().collect::<Vec<_>>(),
        ["content"]
    );
}

#[test]
fn without_need_there_is_no_marker() {
    let draft = ticket_of(false, &Related::default());
    assert_eq!(
        draft.current["content"],
        "Answered.\nTalked for 3 min & 4 s."
    );
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
