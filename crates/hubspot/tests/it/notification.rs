//! Change notifications: who is believed, and what is forgotten.

use std::sync::{Arc, mpsc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};
use ring::hmac;
use serde_json::{Value, json};
use whocalls_core::{AdapterError, Changes, CrmAdapter, ErrorKind, Notification};
use whocalls_testkit::{contacts::MIA_NUMBER, sim::hubspot::HubSpot, upstream::Upstream};

use crate::{
    Stuck, contact, count, find, patient,
    support::{adapter, start, with_token},
};

const URL: &str = "https://whocalls.example.com/notifications/hubspot";
const PATH: &str = "/gateway/notifications/hubspot";
const SECRET: &str = "5ec2e700-of-the-app";

fn account() -> HubSpot {
    HubSpot::new(&[contact(1, "079 123 45 67", 2)])
}

fn listening() -> Value {
    let mut settings = with_token();
    let secret = json!({ "value": SECRET });
    settings["notifications"] = json!({ "url": URL, "client_secret": secret });
    settings
}

fn received_at() -> Timestamp {
    "2026-11-22T08:30:00Z".parse().unwrap()
}

/// A notification and how HubSpot signs it.
struct Sent {
    method: &'static str,
    signed_url: String,
    query: &'static str,
    body: String,
    secret: &'static str,
    age: SignedDuration,
}

impl Sent {
    fn new(events: &Value) -> Self {
        Self {
            method: "POST",
            signed_url: URL.to_owned(),
            query: "",
            body: events.to_string(),
            secret: SECRET,
            age: SignedDuration::ZERO,
        }
    }

    fn arrive(&self) -> Notification {
        let sent_at = (received_at() - self.age).as_millisecond().to_string();
        let text = [self.method, &self.signed_url, &self.body, &sent_at].concat();
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.secret.as_bytes());
        let signature = STANDARD.encode(hmac::sign(&key, text.as_bytes()));
        let header = |name: &str, value: String| (name.to_owned(), value.into_bytes());
        Notification {
            method: "POST".to_owned(),
            path_and_query: format!("{PATH}{}", self.query),
            tail: String::new(),
            headers: vec![
                header("content-type", "application/json".to_owned()),
                header("x-hubspot-signature-v3", signature),
                header("x-hubspot-request-timestamp", sent_at),
            ],
            body: self.body.clone().into_bytes(),
            received_at: received_at(),
        }
    }
}

async fn read(
    adapter: &dyn CrmAdapter,
    notification: &Notification,
) -> Result<Changes, AdapterError> {
    adapter.read_notification(&patient(), notification).await
}

fn one_event() -> Value {
    json!([{ "subscriptionType": "contact.creation", "objectId": 51 }])
}

#[tokio::test]
async fn what_hubspot_signed_lately_is_believed() {
    let minutes = SignedDuration::from_mins;
    let sent = || Sent::new(&one_event());
    let cases = [
        ("as it is", sent()),
        (
            "with a query",
            Sent {
                signed_url: format!("{URL}?a=b%20c&d"),
                query: "?a=b%20c&d",
                ..sent()
            },
        ),
        (
            "with escapes that HubSpot decodes",
            Sent {
                signed_url: format!("{URL}?to=a@b:c/%20*,(x)"),
                query: "?to=a%40b%3Ac%2f%20%2A%2C%28x%29",
                ..sent()
            },
        ),
        (
            "five minutes old",
            Sent {
                age: minutes(5),
                ..sent()
            },
        ),
        (
            "a minute ahead",
            Sent {
                age: minutes(-1),
                ..sent()
            },
        ),
    ];
    let hubspot = start(account(), listening());
    for (name, sent) in cases {
        let changes = read(&*hubspot.adapter, &sent.arrive()).await.expect(name);
        assert_eq!(changes.records, ["51"], "{name}");
    }
    assert_eq!(hubspot.upstream.control().request_count(), 0);
}

#[tokio::test]
async fn nobody_else_is_believed() {
    let millis = SignedDuration::from_millis;
    let sent = || Sent::new(&one_event());
    let wrong = [
        Sent {
            method: "PUT",
            ..sent()
        },
        Sent {
            secret: "another",
            ..sent()
        },
        Sent {
            query: "?more=1",
            ..sent()
        },
        Sent {
            signed_url: format!("http://127.0.0.1:8080{PATH}"),
            ..sent()
        },
        Sent {
            age: millis(5 * 60_000 + 1),
            ..sent()
        },
        Sent {
            age: millis(-60_001),
            ..sent()
        },
    ];
    let mut notifications: Vec<_> = wrong.iter().map(Sent::arrive).collect();
    let good = sent().arrive();
    let mut altered = good.clone();
    altered.body = json!([{ "subscriptionType": "contact.creation", "objectId": 52 }])
        .to_string()
        .into_bytes();
    notifications.push(altered);
    for header in 1..=2 {
        let mut missing = good.clone();
        missing.headers.remove(header);
        notifications.push(missing);
        let mut odd = good.clone();
        odd.headers[header].1 = b"\xff99999999999999999999".to_vec();
        notifications.push(odd);
    }
    let hubspot = start(account(), listening());
    for notification in notifications {
        let error = read(&*hubspot.adapter, &notification).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unauthenticated, "{notification:?}");
        assert!(!format!("{error:?} {:?}", hubspot.adapter).contains(SECRET));
    }
    read(&*hubspot.adapter, &good)
        .await
        .expect("the good one is good");
}

#[tokio::test]
async fn a_body_that_is_not_the_documented_array_is_an_invalid_request() {
    let hubspot = start(account(), listening());
    for body in ["", "{}", "null", "[1]", r#"[{"objectId":51}]"#, "[{]"] {
        let sent = Sent {
            body: body.to_owned(),
            ..Sent::new(&Value::Null)
        };
        let error = read(&*hubspot.adapter, &sent.arrive()).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidRequest, "{body}");
    }
}

#[tokio::test]
async fn without_settings_no_notification_is_expected() {
    let hubspot = start(account(), with_token());
    let notification = Sent::new(&one_event()).arrive();
    let error = read(&*hubspot.adapter, &notification).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unsupported);
}

#[tokio::test]
async fn events_become_records_and_numbers() {
    let number = |kind: &str, name: &str, value: Value| {
        json!([{ "subscriptionType": format!("{kind}.propertyChange"), "objectId": 51,
                 "propertyName": name, "propertyValue": value }])
    };
    let about = |kind: &str| json!([{ "subscriptionType": kind, "objectId": 51 }]);
    let cases: [(Value, &[&str], &[&str]); 14] = [
        (json!([]), &[], &[]),
        (about("contact.deletion"), &["51"], &[]),
        (about("contact.privacyDeletion"), &["51"], &[]),
        (about("contact.restore"), &["51"], &[]),
        (
            number("contact", "phone", json!("+41791234567")),
            &["51"],
            &["+41791234567"],
        ),
        (
            number("contact", "mobilephone", json!("079 1")),
            &["51"],
            &["079 1"],
        ),
        (number("contact", "phone", json!("")), &["51"], &[]),
        (number("contact", "phone", Value::Null), &["51"], &[]),
        (
            number("contact", "email", json!("a@example.ch")),
            &["51"],
            &[],
        ),
        (
            json!([{ "subscriptionType": "contact.merge", "primaryObjectId": 51,
                     "mergedObjectIds": [52, "53"], "newObjectId": 54 }]),
            &["51", "52", "53", "54"],
            &[],
        ),
        (
            json!([{ "subscriptionType": "contact.associationChange",
                     "fromObjectId": 51, "toObjectId": 9002 }]),
            &["51"],
            &[],
        ),
        (about("company.creation"), &["companies/51"], &[]),
        (
            json!([{ "subscriptionType": "ticket.creation", "objectId": 7 },
                   { "subscriptionType": "conversation.newMessage" },
                   { "subscriptionType": "unheard-of", "objectId": {} }]),
            &[],
            &[],
        ),
        (
            json!([{ "subscriptionType": "contact.propertyChange", "objectId": 51 },
                   { "subscriptionType": "contact.propertyChange", "objectId": 51 },
                   { "subscriptionType": "company.propertyChange", "objectId": 51 }]),
            &["51", "companies/51"],
            &[],
        ),
    ];
    let hubspot = start(account(), listening());
    for (events, records, numbers) in cases {
        let changes = read(&*hubspot.adapter, &Sent::new(&events).arrive())
            .await
            .unwrap();
        assert_eq!(changes.records, records, "{events}");
        assert_eq!(changes.numbers, numbers, "{events}");
        assert!(!changes.everything, "{events}");
    }
    let nameless = json!([{ "subscriptionType": "contact.propertyChange" }]);
    let changes = read(&*hubspot.adapter, &Sent::new(&nameless).arrive())
        .await
        .unwrap();
    assert!(changes.everything, "a contact changed, but which?");
}

fn renamed() -> Sent {
    let event = json!({ "subscriptionType": "company.propertyChange", "objectId": 9002,
                        "propertyName": "name", "propertyValue": "Other AG" });
    Sent::new(&json!([event]))
}

#[tokio::test]
async fn a_company_that_changed_is_read_again_and_its_people_are_forgotten() {
    let hubspot = start(account(), listening());
    for _ in 0..2 {
        find(&*hubspot.adapter, MIA_NUMBER).await;
    }
    assert_eq!(count(&hubspot.upstream, "/batch/read"), 1, "remembered");
    let changes = read(&*hubspot.adapter, &renamed().arrive()).await.unwrap();
    assert_eq!(changes.records, ["1", "companies/9002"]);
    find(&*hubspot.adapter, MIA_NUMBER).await;
    assert_eq!(count(&hubspot.upstream, "/batch/read"), 2, "read again");
}

#[tokio::test]
async fn a_name_that_was_on_its_way_when_it_changed_is_not_remembered() {
    let (release, released) = mpsc::channel();
    let upstream = Upstream::start(Arc::new(Stuck::at("/batch/read", account(), released)));
    let adapter = adapter(&upstream, listening());
    let change = async {
        // The search, and the read that is stuck.
        upstream.control().arrived(2).await;
        let changes = read(&*adapter, &renamed().arrive()).await;
        drop(release);
        changes.expect("a good notification")
    };
    tokio::join!(find(&*adapter, MIA_NUMBER), change);
    find(&*adapter, MIA_NUMBER).await;
    assert_eq!(count(&upstream, "/batch/read"), 2, "read again");
}
