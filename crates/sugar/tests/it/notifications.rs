//! Web logic hooks: who is believed, and what each says.

use jiff::Timestamp;
use serde_json::{Value, json};
use whocalls_core::{AdapterError, Changes, ErrorKind, Notification};
use whocalls_testkit::contacts::MIA_NUMBER;

use crate::support::{Bench, cx, simulated};

const SECRET: &str = "sim-hook-secret-0123";

fn bench() -> Bench {
    let secret = json!({ "secret": { "value": SECRET } });
    Bench::with(simulated(), "auto", |settings| {
        settings["notifications"] = secret;
    })
}

/// A hook about a contact.
fn hook() -> Value {
    json!({
        "isUpdate": true, "dataChanges": [], "bean": "Contact", "event": "after_save",
        "data": { "id": "c-1", "name": "Mia Keller", "phone_mobile": "079 123 45 67" },
    })
}

async fn notify(bench: &Bench, tail: &str, body: &[u8]) -> Result<Changes, AdapterError> {
    let notification = Notification {
        method: "POST".to_owned(),
        path_and_query: format!("/whocalls/notifications/sugar/{tail}"),
        tail: tail.to_owned(),
        headers: Vec::new(),
        body: body.to_vec(),
        received_at: Timestamp::UNIX_EPOCH,
    };
    bench.adapter.read_notification(&cx(), &notification).await
}

#[tokio::test]
async fn a_hook_with_the_secret_names_its_record_and_numbers() {
    let bench = bench();
    let body = hook().to_string();
    let changes = notify(&bench, SECRET, body.as_bytes()).await.unwrap();
    let expected = Changes {
        records: vec!["Contacts/c-1".to_owned()],
        numbers: vec!["079 123 45 67".to_owned()],
        everything: false,
    };
    assert_eq!(changes, expected);
    assert_eq!(bench.upstream.control().request_count(), 0, "nothing asked");
}

/// The id in a hook is the one that a cached answer has.
#[tokio::test]
async fn a_record_in_a_hook_is_called_as_in_a_lookup() {
    let bench = bench();
    let answer = bench.lookup(MIA_NUMBER).await.unwrap();
    let id = answer.matches()[0].record.id.clone();
    let mut body = hook();
    body["data"]["id"] = json!(id.strip_prefix("Contacts/").unwrap());
    let changes = notify(&bench, SECRET, body.to_string().as_bytes()).await;
    assert_eq!(changes.unwrap().records, [id]);
}

#[tokio::test]
async fn a_wrong_secret_is_refused_whatever_the_body() {
    let bench = bench();
    let body = hook().to_string();
    let longer = format!("{SECRET}0");
    let shorter = SECRET.trim_end_matches('3');
    let upper = SECRET.to_uppercase();
    for tail in ["", "/", shorter, &longer, &upper] {
        for body in [body.as_bytes(), b"no JSON"] {
            let error = notify(&bench, tail, body).await.unwrap_err();
            assert_eq!(error.kind, ErrorKind::Unauthenticated, "{tail}");
            assert!(!format!("{error:?}").contains(SECRET), "{error:?}");
        }
    }
}

#[tokio::test]
async fn a_body_that_is_no_hook_is_refused_without_quoting_it() {
    let bench = bench();
    for body in ["", "079 123 45 67", "[]", r#"{"bean":"Contact"}"#] {
        let result = notify(&bench, SECRET, body.as_bytes()).await;
        let error = result.unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidRequest, "{body}");
        assert!(!error.to_string().contains("123"), "{error}");
    }
}

#[tokio::test]
async fn without_a_secret_no_notifications_are_expected() {
    let bench = Bench::new(simulated(), "auto");
    for tail in ["", SECRET] {
        let error = notify(&bench, tail, hook().to_string().as_bytes()).await;
        assert_eq!(error.unwrap_err().kind, ErrorKind::Unsupported);
    }
}
