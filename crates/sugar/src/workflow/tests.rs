//! The fields of calls, cases and people, for each way in which a call can go.

use serde_json::{Value, json};
use whocalls_testkit::{number_plan, table::rows};

use super::*;

const ASSIGNEE: &str = "seed_anna_id";
/// Stands in for a start that is not known.
const NOW: &str = "2026-11-30T00:00:00Z";

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn given(contact: Option<RecordRef<'_>>) -> Given<'_> {
    Given {
        contact,
        assignee: Some(ASSIGNEE.to_owned()),
        description: "Answered.\nTalked for 3 min.".to_owned(),
    }
}

fn request(call: CallDetails) -> WorkflowRequest {
    WorkflowRequest {
        name: "CallFlow".to_owned(),
        call,
        subject: "Incoming call from Mia Keller".to_owned(),
        ..WorkflowRequest::default()
    }
}

fn json_of(fields: impl serde::Serialize) -> Value {
    serde_json::to_value(fields).unwrap()
}

fn new_call(call: CallDetails, contact: Option<RecordRef<'_>>) -> Value {
    json_of(super::call(&request(call), given(contact), Some(time(NOW))))
}

/// Checks the fields named and leaves the others aside.
fn assert_fields(object: &Value, expected: &Value, case: &str) {
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&object[name], value, "{case}: {name}");
    }
}

/// Times as the telephone system sends them, with any offset; times as Sugar gets them. Clocks in
/// Zurich go back an hour on 25 October 2026, and on by one on 29 March.
const CALLS_IN_TIME: &str = "
call                          | started                   | answered                  | ended                     | declined             | status   | date_start           | date_end             | h | min
------------------------------+---------------------------+---------------------------+---------------------------+----------------------+----------+----------------------+----------------------+---+----
answered                      | 2026-11-22T08:30:00Z      | 2026-11-22T08:30:10Z      | 2026-11-22T08:33:14Z      | -                    | Held     | 2026-11-22T08:30:00  | 2026-11-22T08:33:14  | 0 | 4
answered, winter time         | 2026-11-22T09:30:00+01:00 | 2026-11-22T09:30:10+01:00 | 2026-11-22T09:31:10+01:00 | -                    | Held     | 2026-11-22T08:30:00  | 2026-11-22T08:31:10  | 0 | 1
answered, summer time         | 2026-07-01T09:30:00+02:00 | 2026-07-01T09:30:10+02:00 | 2026-07-01T09:31:11+02:00 | -                    | Held     | 2026-07-01T07:30:00  | 2026-07-01T07:31:11  | 0 | 2
while clocks go back          | 2026-10-25T02:55:00+02:00 | 2026-10-25T02:55:00+02:00 | 2026-10-25T02:05:00+01:00 | -                    | Held     | 2026-10-25T00:55:00  | 2026-10-25T01:05:00  | 0 | 10
while clocks go on            | 2026-03-29T01:55:00+01:00 | 2026-03-29T01:55:00+01:00 | 2026-03-29T03:05:00+02:00 | -                    | Held     | 2026-03-29T00:55:00  | 2026-03-29T01:05:00  | 0 | 10
over midnight                 | 2026-11-22T23:59:30Z      | 2026-11-22T23:59:50Z      | 2026-11-23T01:01:50Z      | -                    | Held     | 2026-11-22T23:59:30  | 2026-11-23T01:01:50  | 1 | 2
over midnight of Zurich alone | 2026-11-22T23:59:30+01:00 | 2026-11-22T23:59:50+01:00 | 2026-11-23T00:00:50+01:00 | -                    | Held     | 2026-11-22T22:59:30  | 2026-11-22T23:00:50  | 0 | 1
over new year                 | 2026-12-31T23:59:00Z      | 2026-12-31T23:59:00Z      | 2027-01-01T00:00:00Z      | -                    | Held     | 2026-12-31T23:59:00  | 2027-01-01T00:00:00  | 0 | 1
of exactly an hour            | 2026-11-22T08:00:00Z      | 2026-11-22T08:00:00Z      | 2026-11-22T09:00:00Z      | -                    | Held     | 2026-11-22T08:00:00  | 2026-11-22T09:00:00  | 1 | 0
ended as it was answered      | 2026-11-22T08:30:00Z      | 2026-11-22T08:30:10Z      | 2026-11-22T08:30:10Z      | -                    | Held     | 2026-11-22T08:30:00  | 2026-11-22T08:30:10  | 0 | 0
of a moment                   | 2026-11-22T08:30:00Z      | -                         | 2026-11-22T08:30:00Z      | -                    | Not Held | 2026-11-22T08:30:00  | 2026-11-22T08:30:00  | 0 | 0
missed                        | 2026-11-22T08:30:00Z      | -                         | 2026-11-22T08:30:25Z      | -                    | Not Held | 2026-11-22T08:30:00  | 2026-11-22T08:30:25  | 0 | 0
declined                      | 2026-11-22T08:30:00Z      | -                         | -                         | 2026-11-22T08:30:05Z | Not Held | 2026-11-22T08:30:00  | 2026-11-22T08:30:05  | 0 | 0
declined, then ended          | 2026-11-22T08:30:00Z      | -                         | 2026-11-22T08:30:06Z      | 2026-11-22T08:30:05Z | Not Held | 2026-11-22T08:30:00  | 2026-11-22T08:30:06  | 0 | 0
still ringing                 | 2026-11-22T08:30:00Z      | -                         | -                         | -                    | Not Held | 2026-11-22T08:30:00  | 2026-11-22T08:30:00  | 0 | 0
still going on                | 2026-11-22T08:30:00Z      | 2026-11-22T08:30:10Z      | -                         | -                    | Held     | 2026-11-22T08:30:00  | 2026-11-22T08:30:00  | 0 | 0
without a start               | -                         | 2026-11-22T08:30:10Z      | 2026-11-22T08:33:14Z      | -                    | Held     | 2026-11-22T08:30:10  | 2026-11-22T08:33:14  | 0 | 4
with an end alone             | -                         | -                         | 2026-11-22T08:30:25Z      | -                    | Not Held | 2026-11-22T08:30:25  | 2026-11-22T08:30:25  | 0 | 0
with a refusal alone          | -                         | -                         | -                         | 2026-11-22T08:30:05Z | Not Held | 2026-11-22T08:30:05  | 2026-11-22T08:30:05  | 0 | 0
without any time              | -                         | -                         | -                         | -                    | Not Held | 2026-11-30T00:00:00  | 2026-11-30T00:00:00  | 0 | 0
clocks disagree               | 2026-11-22T08:30:00Z      | 2026-11-22T08:30:10Z      | 2026-11-22T08:29:00Z      | -                    | Held     | 2026-11-22T08:30:00  | 2026-11-22T08:30:00  | 0 | 0
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
            end,
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
            "date_start": format!("{start}+00:00"),
            "date_end": format!("{end}+00:00"),
            "duration_hours": hours.parse::<u64>().unwrap(),
            "duration_minutes": minutes.parse::<u64>().unwrap(),
            "assigned_user_id": ASSIGNEE,
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

/// A change that does not know the start leaves Sugar's times alone, whatever stood in for them.
#[test]
fn a_change_says_nothing_about_unknown_times_and_links() {
    let mia = RecordRef::parse("Contacts/c1");
    let change = |call| json_of(super::call(&request(call), given(mia), None));
    let unknown = change(CallDetails::default());
    for absent in ["date_start", "date_end", "contacts", "leads"] {
        assert_eq!(unknown.get(absent), None);
    }
    assert_eq!(unknown["parent_id"], "c1");
    let known = change(CallDetails {
        started_at: Some(time(NOW)),
        ..CallDetails::default()
    });
    assert_eq!(known["date_start"], "2026-11-30T00:00:00+00:00");
}

#[test]
fn an_object_is_told_in_the_words_of_the_request() {
    let mut request = request(CallDetails::default());
    request.subject = "x".repeat(60);
    let short = format!("{}…", "x".repeat(49));
    let expected = json!({
        "name": short, "description": "Answered.\nTalked for 3 min.", "assigned_user_id": ASSIGNEE,
    });
    let logged = call(&request, given(None), Some(time(NOW)));
    assert_fields(&json_of(logged), &expected, "call");
    let opened = case(&request, given(None), None);
    assert_fields(&json_of(opened), &expected, "case");
}

#[test]
fn a_begun_minute_counts() {
    for (seconds, minutes) in [(0, 0), (1, 1), (60, 1), (61, 2), (3600, 60)] {
        assert_eq!(started_minutes(Duration::from_secs(seconds)), minutes);
    }
}

#[test]
fn a_call_belongs_to_its_contact_and_people_are_invited() {
    let of = |contact| new_call(CallDetails::default(), RecordRef::parse(contact));
    let call = of("Contacts/c1");
    let expected = json!({
        "parent_type": "Contacts", "parent_id": "c1", "contacts": {"add": ["c1"]},
    });
    assert_fields(&call, &expected, "contact");
    assert_eq!(call.get("leads"), None);
    let expected = json!({"parent_type": "Leads", "parent_id": "l1", "leads": {"add": ["l1"]}});
    assert_fields(&of("Leads/l1"), &expected, "lead");
    assert_eq!(of("Accounts/a1")["parent_type"], "Accounts");
    let call = of("");
    for absent in ["parent_type", "parent_id", "contacts", "leads"] {
        assert_eq!(call.get(absent), None, "{absent}");
    }
}

#[test]
fn a_case_belongs_to_account_and_contact() {
    let opened = |contact, account: Option<&str>| {
        let given = given(RecordRef::parse(contact));
        let account = account.map(str::to_owned);
        json_of(case(&request(CallDetails::default()), given, account))
    };
    for (contact, account, primary) in [
        ("Contacts/c1", Some("a1"), Some("c1")),
        ("Contacts/c1", None, Some("c1")),
        ("Leads/l1", None, None),
        ("Accounts/a1", Some("a1"), None),
        ("", None, None),
    ] {
        let case = opened(contact, account);
        let expected = json!({
            "name": "Incoming call from Mia Keller", "status": "New", "priority": "P2",
            "assigned_user_id": ASSIGNEE,
        });
        assert_fields(&case, &expected, contact);
        let text = |field: &str| case.get(field).map(|value| value.as_str().unwrap());
        assert_eq!(text("account_id"), account, "{contact}");
        assert_eq!(text("primary_contact_id"), primary, "{contact}");
        let linked = primary.map(|id| json!({"add": [id]}));
        assert_eq!(case.get("contacts"), linked.as_ref(), "{contact}");
        assert_eq!(case.get("leads"), None, "{contact}");
    }
}

#[test]
fn a_person_has_a_name_a_number_and_an_owner() {
    let call = |name: &str| CallDetails {
        originator_number: Some("41791234567".to_owned()),
        originator_name: Some(name.to_owned()),
        ..CallDetails::default()
    };
    let entered = |name| {
        let person = NewPerson::of(&call(name), &number_plan()).unwrap();
        json_of(super::person(person, given(None)))
    };
    let expected = json!({
        "first_name": "Mia", "last_name": "Keller", "phone_mobile": "+41791234567",
        "description": "Answered.\nTalked for 3 min.", "assigned_user_id": ASSIGNEE,
    });
    assert_eq!(entered("Mia Keller"), expected);
    let nameless = entered("");
    assert_eq!(nameless["last_name"], "+41 79 123 45 67");
    assert_eq!(nameless.get("first_name"), None);
}
