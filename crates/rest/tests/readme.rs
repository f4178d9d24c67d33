//! The descriptions in the README and in the chapter "Connect your CRM" work, and send what they say.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a broken test set-up has to fail the test"
)]

mod support;

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use support::{adapter_at, context, resolve};
use whocalls_core::{CallContext, CallDetails, RequestId, WorkflowRequest};
use whocalls_testkit::{
    sim::rest::{API_KEY, RestCrm},
    upstream::Upstream,
};

const README: &str = include_str!("../README.md");
const POCKETBASE: &str = include_str!("../examples/pocketbase.toml");
const CHAPTER: &str = include_str!("../../../docs/connect-your-crm.md");
const ERP: &str = include_str!("../examples/erp.toml");

/// The blocks of a document in this language.
fn blocks<'a>(document: &'a str, language: &str) -> impl Iterator<Item = &'a str> + use<'a> {
    let start = format!("```{language}\n");
    let blocks: Vec<_> = document.split(start.as_str()).skip(1).collect();
    let blocks = blocks.into_iter();
    blocks.filter_map(|rest| rest.split("```").next())
}

#[test]
fn every_description_in_the_readme_works() {
    let (whole, parts): (Vec<_>, Vec<_>) =
        blocks(README, "toml").partition(|document| document.contains("kind = \"rest\""));
    assert_eq!(whole.len(), 3);
    for document in whole {
        adapter_at(document, "https://erp.example.com", "key");
    }
    assert!(parts.iter().any(|part| ERP.contains(part)), "the example");
    for part in parts.iter().filter(|part| !ERP.contains(**part)) {
        the_part_works(part);
    }
}

/// The whole ones are tried out with a real PocketBase.
#[test]
fn every_part_of_a_description_in_the_chapter_works() {
    let parts = blocks(CHAPTER, "toml").filter(|part| !part.contains("kind = \"rest\""));
    let parts: Vec<_> = parts.collect();
    assert!(parts.len() > 3);
    parts.into_iter().for_each(the_part_works);
}

fn the_part_works(part: &str) {
    let mut settings = with_part(toml::from_str(part).unwrap());
    resolve(&mut settings, "a-long-secret");
    let built = (whocalls_rest::factory().build)(context(), settings);
    assert_eq!(built.err().unwrap_or_default(), [], "{part}");
}

/// A small description with a part of the README laid over it.
fn with_part(part: Value) -> Value {
    let adapters = part.get("adapters").and_then(Value::as_object);
    let settings = adapters.and_then(|adapters| adapters.values().next()?.get("settings").cloned());
    let part = settings.unwrap_or(part);
    let mut settings = json!({
        "base_url": "https://erp.example.com",
        "lookup": {
            "path": "/contacts",
            "hits": "$[*]",
            "fields": { "id": "$.id", "name": "$.name", "phones": "$.phone" },
        },
        "workflows": { "CallFlow": { "create": { "path": "/events" }, "id": "$.id" } },
    });
    if part.get("account").is_none() {
        let account = json!({ "user": "cti", "access_key": { "value": "key" } });
        lay_over(&mut settings, json!({ "account": account }));
    }
    if part.pointer("/lookup/body").is_none() {
        let query = json!({ "phone": "{{ number.e164 }}" });
        lay_over(&mut settings, json!({ "lookup": { "query": query } }));
    }
    lay_over(&mut settings, part);
    let lookup = settings["lookup"].as_object_mut().unwrap();
    if lookup.contains_key("steps") {
        lookup.retain(|key, _| !["path", "query", "hits"].contains(&key.as_str()));
    }
    settings
}

fn lay_over(below: &mut Value, above: Value) {
    match (below, above) {
        (Value::Object(below), Value::Object(above)) => {
            for (key, value) in above {
                lay_over(below.entry(key).or_insert(Value::Null), value);
            }
        }
        (below, above) => *below = above,
    }
}

#[test]
fn the_worked_example_is_the_one_tested_with_a_real_server() {
    let (lookup, _workflow) = POCKETBASE.split_once("\n# Calls are").unwrap();
    assert!(README.contains(lookup));
}

#[tokio::test]
async fn the_logged_call_is_the_one_in_the_readme() {
    let upstream = Upstream::start(Arc::new(RestCrm::new(&[])));
    let adapter = adapter_at(ERP, &upstream.url(), API_KEY);
    let request = WorkflowRequest {
        name: "CallFlow".to_owned(),
        contact: Some("13".to_owned()),
        user: Some("42".to_owned()),
        call: CallDetails {
            started_at: "2026-11-22T09:00:00Z".parse().ok(),
            answered_at: "2026-11-22T09:00:10Z".parse().ok(),
            ended_at: "2026-11-22T09:01:10Z".parse().ok(),
            ..CallDetails::default()
        },
        idempotency_key: "0199c0f0e1b2".to_owned(),
        subject: "Incoming call from +41 79 123 45 67".to_owned(),
        text: "Answered after 10 s, talked for 1 min 0 s.".to_owned(),
        ..WorkflowRequest::default()
    };
    let cx = CallContext::within(Duration::from_secs(20), RequestId::new("test"));
    let receipt = adapter.run_workflow(&cx, &request).await.unwrap();
    assert_eq!(receipt.id.as_deref(), Some("501"));
    let told: Value = blocks(README, "json")
        .filter_map(|block| serde_json::from_str(block).ok())
        .find(|block: &Value| block.get("external_key").is_some())
        .expect("the README shows the note");
    let sent = upstream.control().requests().remove(0);
    assert_eq!(
        (sent.method.as_str(), sent.path.as_str()),
        ("POST", "/api/notes")
    );
    assert_eq!(sent.json(), Some(told));
}
