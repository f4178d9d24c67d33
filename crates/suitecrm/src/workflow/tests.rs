//! The fields of calls, cases and people, for each way in which a call can go.

use serde_json::{Value, json};
use whocalls_testkit::{number_plan, table::rows};

use super::*;

/// Stands in for a start that is not known.
const NOW: &str = "2026-11-30T00:00:00Z";

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn request(call: CallDetails) -> WorkflowRequest {
    WorkflowRequest {
        name: "CallFlow".to_owned(),
        user: Some("seed_anna_id".to_owned()),
        call,
        idempotency_key: "key".to_owned(),
        subject: "Incoming call from Mia Keller".to_owned(),
        text: "Answered.\nTalked for 3 min.".to_owned(),
        ..WorkflowRequest::default()
    }
}

fn json_of(fields: impl serde::Serialize) -> Value {
    serde_json::to_value(fields).unwrap()
}

fn new_call(call: CallDetails, contact: Option<RecordRef<'_>>) -> Value {
    json_of(super::call(&request(call), contact, Some(time(NOW))))
}

/// Checks the fields named and leaves the others aside.
fn assert_fields(object: &Value, expected: &Value, case: &str) {
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&object[name], value, "{case}: {name}");
    }
}

/// Times as the telephone system sends them, with any offset; times as SuiteCRM gets them. Clocks
/// in Zurich go back an hour on 25 October 2026, and on by one on 29 March.
const CALLS_IN_TIME: &str = "
call                          | started                   | answered                  | ended                     | declined             | status   | date_start          | h | min
------------------------------+---------------------------+---------------------------+---------------------------+----------------------+----------+---------------------+---+----
answered                      | 2026-11-22T08:30:00Z      | 2026-11-22T08:30:10Z      | 2026-11-22T08:33:14Z      | -                    | Held     | 2026-11-22 08:30:00 | 0 | 4
answered, winter time         | 2026-11-22T09:30:00+01:00 | 2026-11-22T09:30:10+01:00 | 2026-11-22T09:31:10+01:00 | -                    | Held     | 2026-11-22 08:30:00 | 0 | 1
answered, summer time         | 2026-07-01T09:30:00+02:00 | 2026-07-01T09:30:10+02:00 | 2026-07-01T09:31:11+02:00 | -                    | Held     | 2026-07-01 07:30:00 | 0 | 2
while clocks go back          | 2026-10-25T02:55:00+02:00 | 2026-10-25T02:55:00+02:00 | 2026-10-25T02:05:00+01:00 | -                    | Held     | 2026-10-25 00:55:00 | 0 | 10
while clocks go on            | 2026-03-29T01:55:00+01:00 | 2026-03-29T01:55:00+01:00 | 2026-03-29T03:05:00+02:00 | -                    | Held     | 2026-03-29 00:55:00 | 0 | 10
over midnight                 | 2026-11-22T23:59:30Z      | 2026-11-22T23:59:50Z      | 2026-11-23T01:01:50Z      | -                    | Held     | 2026-11-22 23:59:30 | 1 | 2
over midnight of Zurich alone | 2026-11-22T23:59:30+01:00 | 2026-11-22T23:59:50+01:00 | 2026-11-23T00:00:50+01:00 | -                    | Held     | 2026-11-22 22:59:30 | 0 | 1
over new year                 | 2026-12-31T23:59:00Z      | 2026-12-31T23:59:00Z      | 2027-01-01T00:00:00Z      | -                    | Held     | 2026-12-31 23:59:00 | 0 | 1
of exactly an hour            | 2026-11-22T08:00:00Z      | 2026-11-22T08:00:00Z      | 2026-11-22T09:00:00Z      | -                    | Held     | 2026-11-22 08:00:00 | 1 | 0
ended as it was answered      | 2026-11-22T08:30:00Z      | 2026-11-22T08:30:10Z      | 2026-11-22T08:30:10Z      | -                    | Held     | 2026-11-22 08:30:00 | 0 | 0
of a moment                   | 2026-11-22T08:30:00Z      | -                         | 2026-11-22T08:30:00Z      | -                    | Not Held | 2026-11-22 08:30:00 | 0 | 0
missed                        | 2026-11-22T08:30:00Z      | -                         | 2026-11-22T08:30:25Z      | -                    | Not Held | 2026-11-22 08:30:00 | 0 | 0
declined                      | 2026-11-22T08:30:00Z      | -                         | -                         | 2026-11-22T08:30:05Z | Not Held | 2026-11-22 08:30:00 | 0 | 0
still ringing                 | 2026-11-22T08:30:00Z      | -                         | -                         | -                    | Not Held | 2026-11-22 08:30:00 | 0 | 0
still going on                | 2026-11-22T08:30:00Z      | 2026-11-22T08:30:10Z      | -                         | -                    | Held     | 2026-11-22 08:30:00 | 0 | 0
without a start               | -                         | 2026-11-22T08:30:10Z      | 2026-11-22T08:33:14Z      | -                    | Held     | 2026-11-22 08:30:10 | 0 | 4
with an end alone             | -                         | -                         | 2026-11-22T08:30:25Z      | -                    | Not Held | 2026-11-22 08:30:25 | 0 | 0
with a refusal alone          | -                         | -                         | -                         | 2026-11-22T08:30:05Z | Not Held | 2026-11-22 08:30:05 | 0 | 0
without any time              | -                         | -                         | -                         | -                    | Not Held | 2026-11-30 00:00:00 | 0 | 0
clocks disagree               | 2026-11-22T08:30:00Z      | 2026-11-22T08:30:10Z      | 2026-11-22T08:29:00Z      | -                    | Held     | 2026-11-22 08:30:00 | 0 | 0
";

#[test]
fn status_and_times_follow_the_call() {
    for cells in rows(CALLS_IN_TIME) {
        let [
            case,
            started,
            answered,
            ended,
            declined,
            status,
            start,
            hours,
            minutes,
        ] = cells;
        let at = |cell: &str| (!cell.is_empty()).then(|| time(cell));
        let call = CallDetails {
            started_at: at(started),
            answered_at: at(answered),
            ended_at: at(ended),
            declined_at: at(declined),
            ..CallDetails::default()
        };
        let expected = json!({
            "status": status,
            "date_start": start,
            "duration_hours": hours.parse::<u64>().unwrap(),
            "duration_minutes": minutes.parse::<u64>().unwrap(),
        });
        assert_fields(&new_call(call, None), &expected, case);
    }
}

#[test]
fn the_direction_is_seen_from_the_company() {
    for (direction, shown) in [
        (Some(Direction::Incoming), "Inbound"),
        (Some(Direction::Outgoing), "Outbound"),
        (None, "Inbound"),
    ] {
        let call = CallDetails {
            direction,
            ..CallDetails::default()
        };
        assert_eq!(new_call(call, None)["direction"], shown);
    }
}

/// A change that does not know the start leaves SuiteCRM's alone, whatever stood in for it.
#[test]
fn a_change_without_a_start_says_nothing_about_it() {
    let change = |call| json_of(super::call(&request(call), None, None));
    assert_eq!(change(CallDetails::default()).get("date_start"), None);
    let known = change(CallDetails {
        started_at: Some(time(NOW)),
        ..CallDetails::default()
    });
    assert_eq!(known["date_start"], "2026-11-30 00:00:00");
}

#[test]
fn an_object_is_told_in_the_words_of_the_request() {
    let mut request = request(CallDetails::default());
    request.subject = "x".repeat(60);
    let short = format!("{}…", "x".repeat(49));
    let expected = json!({ "name": short, "description": "Answered.\nTalked for 3 min." });
    let logged = call(&request, None, Some(time(NOW)));
    assert_fields(&json_of(logged), &expected, "call");
    let opened = case(&request, None, None, "Open_New");
    assert_fields(&json_of(opened), &expected, "case");
}

#[test]
fn an_object_is_assigned_to_an_id_and_to_nothing_else() {
    for (user, assigned) in [
        (Some("1"), Some("1")),
        (Some("seed_anna_id"), Some("seed_anna_id")),
        (
            Some(" e0623cdb-ac4b-e7ff-f681-5242e9116892 "),
            Some("e0623cdb-ac4b-e7ff-f681-5242e9116892"),
        ),
        (Some("anna@example.ch"), None),
        (Some("Anna Example"), None),
        (Some(" "), None),
        (Some(""), None),
        (None, None),
    ] {
        let mut request = request(CallDetails::default());
        request.user = user.map(str::to_owned);
        let nobody = NewPerson {
            first_name: None,
            last_name: "Keller".to_owned(),
            phone: "+41791234567".to_owned(),
        };
        for object in [
            json_of(call(&request, None, None)),
            json_of(case(&request, None, None, "New")),
            json_of(person(&request, nobody)),
        ] {
            let found = object.get("assigned_user_id").and_then(Value::as_str);
            assert_eq!(found, assigned, "{user:?}");
        }
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
        let call = new_call(CallDetails::default(), contact.and_then(RecordRef::parse));
        let text = |name: &str| call.get(name).map(|value| value.as_str().unwrap());
        assert_eq!(text("parent_type"), parent_type);
        assert_eq!(text("parent_id"), contact.map(|_| "1"));
        assert_eq!(text("contact_id"), contact_id);
        assert_eq!(text("lead_id"), lead_id);
    }
}

#[test]
fn a_case_belongs_to_account_and_contact() {
    for (contact, account, contact_id) in [
        ("Contacts/c1", Some("a1"), Some("c1")),
        ("Contacts/c1", None, Some("c1")),
        ("Leads/l1", None, None),
        ("Accounts/a1", Some("a1"), None),
        ("", None, None),
    ] {
        let request = request(CallDetails::default());
        let account_id = account.map(str::to_owned);
        let opened = case(&request, RecordRef::parse(contact), account_id, "Open_New");
        let opened = json_of(opened);
        let expected = json!({ "status": "Open_New", "priority": "P2" });
        assert_fields(&opened, &expected, contact);
        let text = |field: &str| opened.get(field).map(|value| value.as_str().unwrap());
        assert_eq!(text("account_id"), account, "{contact}");
        assert_eq!(text("contact_id"), contact_id, "{contact}");
        assert_eq!(text("lead_id"), None, "{contact}");
    }
}

#[test]
fn a_person_has_a_name_a_number_and_an_owner() {
    let request = |name: &str| {
        request(CallDetails {
            originator_number: Some("41791234567".to_owned()),
            originator_name: Some(name.to_owned()),
            ..CallDetails::default()
        })
    };
    let entered = |name| {
        let request = request(name);
        let person = NewPerson::of(&request.call, &number_plan()).unwrap();
        json_of(super::person(&request, person))
    };
    let expected = json!({
        "first_name": "Mia", "last_name": "Keller", "phone_mobile": "+41791234567",
        "description": "Answered.\nTalked for 3 min.", "assigned_user_id": "seed_anna_id",
    });
    assert_eq!(entered("Mia Keller"), expected);
    let nameless = entered("");
    assert_eq!(nameless["last_name"], "+41 79 123 45 67");
    assert_eq!(nameless.get("first_name"), None);
}
