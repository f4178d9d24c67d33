//! Lookups that are asked again: their replies are kept ready, and must not outlive the answers
//! that they were made of.

use std::fs;

use serde_json::Value;
use whocalls_testkit::contacts::MIA_NUMBER;

use crate::harness::{PATIENT, Running, world};

/// The reply as it is sent, with what became of each adapter.
async fn look_up(gateway: &Running) -> (String, String) {
    let request = gateway.get("/Lookup").query(&[("PhoneNumber", MIA_NUMBER)]);
    let reply = request.send().await.unwrap();
    assert_eq!(reply.status(), 200);
    assert_eq!(reply.headers()["content-type"], "application/json");
    assert_eq!(reply.headers()["x-lookup-complete"], "true");
    let timing = reply.headers()["server-timing"]
        .to_str()
        .unwrap()
        .to_owned();
    (reply.text().await.unwrap(), timing)
}

fn names(body: &str) -> Vec<String> {
    let contacts: Vec<Value> = serde_json::from_str(body).unwrap();
    let each = contacts.iter().map(|contact| contact["name"].as_str());
    each.map(|name| name.unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_repeated_lookup_gets_the_same_bytes() {
    let (world, gateway) = world("").await;
    let (asked, _) = look_up(&gateway).await;
    assert_eq!(names(&asked), ["Mia Keller"]);
    let before = world.request_counts();
    // The first of these is put together from the cached answers, the others are that reply.
    for turn in 1..=3 {
        let (body, timing) = look_up(&gateway).await;
        assert_eq!(body, asked, "turn {turn}");
        assert_eq!(
            timing.matches("desc=\"cached\";age=").count(),
            3,
            "{timing}"
        );
    }
    assert_eq!(world.request_counts(), before);
}

#[tokio::test]
async fn a_kept_reply_is_not_given_once_an_adapter_answers_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("contacts.csv");
    let write =
        |name: &str| fs::write(&file, format!("Name,Phone\n{name},{MIA_NUMBER}\n")).unwrap();
    write("Urs Frei");
    let (world, gateway) = world(&format!(
        "[adapters.book]\nkind = \"phonebook\"\nsettings = {{ file = {file:?}, check_interval_ms = 0 }}"
    ))
    .await;
    let (first, _) = look_up(&gateway).await;
    let (kept, timing) = look_up(&gateway).await;
    assert_eq!((names(&kept).len(), &kept), (2, &first));
    assert!(names(&kept).contains(&"Urs Frei".to_owned()), "{kept}");
    assert_eq!(timing.matches("desc=\"cached\"").count(), 3, "{timing}");
    let before = world.request_counts();
    write("Vera Frei");
    // The lookup that notices the change may still be answered from the old contents.
    let changed = async {
        loop {
            let (body, _) = look_up(&gateway).await;
            if body != kept {
                return body;
            }
        }
    };
    let changed = tokio::time::timeout(PATIENT, changed).await.unwrap();
    let renamed = names(&kept)
        .iter()
        .map(|name| name.replace("Urs", "Vera"))
        .collect::<Vec<_>>();
    assert_eq!(names(&changed), renamed);
    assert_eq!(look_up(&gateway).await.0, changed);
    assert_eq!(
        world.request_counts(),
        before,
        "the CRMs' answers are cached"
    );
}
