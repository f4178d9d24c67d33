//! The descriptions in the README work, and send what it says.

mod support;

use std::{sync::Arc, time::Duration};

use serde_json::Value;
use support::adapter_at;
use whocalls_core::{CallContext, CallDetails, RequestId, WorkflowRequest};
use whocalls_testkit::{
    sim::rest::{API_KEY, RestCrm},
    upstream::Upstream,
};

const README: &str = include_str!("../README.md");
const POCKETBASE: &str = include_str!("../examples/pocketbase.toml");
const ERP: &str = include_str!("../examples/erp.toml");

/// The blocks of the README in this language.
fn blocks(language: &str) -> impl Iterator<Item = &str> {
    let start = format!("```{language}\n");
    let blocks: Vec<_> = README.split(start.as_str()).skip(1).collect();
    let blocks = blocks.into_iter();
    blocks.filter_map(|rest| rest.split("```").next())
}

#[test]
fn every_description_in_the_readme_works() {
    let (whole, parts): (Vec<_>, Vec<_>) =
        blocks("toml").partition(|document| document.contains("kind = \"rest\""));
    assert_eq!((whole.len(), parts.len()), (2, 1));
    for document in whole {
        adapter_at(document, "https://erp.example.com", "key");
    }
    for part in parts {
        assert!(ERP.contains(part), "a part of the example: {part}");
    }
}

#[test]
fn the_worked_example_is_the_one_tested_with_a_real_server() {
    assert!(README.contains(POCKETBASE));
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
    let told: Value = blocks("json")
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
