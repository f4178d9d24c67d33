//! What bad input gets: a status, a stable code, and nothing that should stay inside.

use serde_json::json;
use whocalls_testkit::contacts::MIA_NUMBER;

use crate::harness::{ask, world};

/// The sample token of the vendor's manual, with its umlaut.
const TOKEN: &str = "jlvlkdshvövdjhwgjwogjhwg";

fn with_tokens() -> String {
    format!(
        r#"
[[gateway.tokens]]
name = "connector"
value = {{ value = "{TOKEN}" }}
[[gateway.tokens]]
name = "wallboard"
header = "X-Api-Key"
value = {{ value = "wallboard-token" }}
adapters = ["erp"]
"#
    )
}

#[tokio::test]
async fn a_missing_or_wrong_token_is_401_and_no_crm_is_asked() {
    let (world, gateway) = world(&with_tokens()).await;
    let before = world.request_counts();
    let lookup = || gateway.get(&format!("/Lookup?PhoneNumber={MIA_NUMBER}"));
    for request in [
        lookup(),
        lookup().header("X-Execution-Token", "wrong"),
        lookup().header("X-Execution-Token", ""),
        lookup().header("X-Api-Key", TOKEN.as_bytes()),
        gateway.post("/CallFlow").json(&json!({})),
    ] {
        let reply = ask(request).await;
        assert_eq!((reply.status, reply.code()), (401, "unauthorized"));
        assert!(!reply.header("www-authenticate").is_empty());
    }
    assert_eq!(world.request_counts(), before);
}

#[tokio::test]
async fn a_token_with_an_umlaut_arrives_in_either_encoding() {
    let (_world, gateway) = world(&with_tokens()).await;
    let latin1: &[u8] = b"jlvlkdshv\xf6vdjhwgjwogjhwg";
    for value in [TOKEN.as_bytes(), latin1] {
        let request = gateway.get(&format!("/Lookup?PhoneNumber={MIA_NUMBER}"));
        let reply = ask(request.header("X-Execution-Token", value)).await;
        assert_eq!((reply.status, reply.contacts().len()), (200, 1));
    }
}

#[tokio::test]
async fn a_token_asks_only_its_adapters() {
    let (_world, gateway) = world(&with_tokens()).await;
    let ask_with = async |number: &str| {
        let request = gateway.get(&format!("/Lookup?PhoneNumber={number}"));
        ask(request.header("X-Api-Key", "wallboard-token")).await
    };
    let reply = ask_with(MIA_NUMBER).await;
    assert_eq!(reply.timing(), [("erp".to_owned(), "ok".to_owned())]);
    assert_eq!(reply.contacts()[0]["id"], "erp:13");
    assert_eq!(
        ask_with("4711").await.timing(),
        [("erp".to_owned(), "skipped".to_owned())]
    );
}

#[tokio::test]
async fn every_kind_of_bad_request_has_its_status_and_code() {
    let (_world, gateway) = world("").await;
    let json = |body: &str| {
        gateway
            .post("/Lookup")
            .header("content-type", "application/json")
            .body(body.to_owned())
    };
    let large = format!(
        "{{\"inputs\":{{\"phoneNumber\":\"{}\"}}}}",
        "1".repeat(70_000)
    );
    let cases = [
        (json("{"), 400, "malformed_body"),
        (json("[1]"), 400, "malformed_body"),
        (json("{\"inputs\":7}"), 400, "malformed_body"),
        (json("{\"inputs\":{}}"), 400, "missing_number"),
        (json("\u{feff}{}"), 400, "malformed_body"),
        (gateway.get("/Lookup"), 400, "missing_number"),
        (json(&large), 413, "body_too_large"),
        (
            gateway
                .post("/Lookup")
                .header("content-type", "text/xml")
                .body("<x/>"),
            415,
            "unsupported_media_type",
        ),
        (
            gateway.request("DELETE", "/Lookup"),
            405,
            "method_not_allowed",
        ),
        (gateway.get("/CallFlow"), 405, "method_not_allowed"),
        (gateway.get("/a/b"), 404, "not_found"),
        (
            gateway.post("/BakeBread").json(&json!({})),
            422,
            "unknown_workflow",
        ),
        (
            gateway
                .post("/CallFlow")
                .json(&json!({"inputs": {"contactCrmId": "nobody:1"}})),
            422,
            "unknown_adapter",
        ),
        (
            gateway
                .post("/CallFlow")
                .json(&json!({"inputs": {"contactCrmId": "x"}})),
            422,
            "unknown_adapter",
        ),
    ];
    for (request, status, code) in cases {
        let described = format!("{request:?}");
        let reply = ask(request).await;
        assert_eq!((reply.status, reply.code()), (status, code), "{described}");
    }
    let reply = ask(gateway.request("PUT", "/Lookup")).await;
    assert_eq!(reply.header("allow"), "GET, POST");
}

#[tokio::test]
async fn unknown_names_are_answered_with_those_that_exist() {
    let (_world, gateway) = world("").await;
    let reply = ask(gateway.post("/BakeBread").json(&json!({}))).await;
    let detail = reply.body["detail"].as_str().unwrap();
    assert!(detail.contains("CallFlow"), "{detail}");
    let inputs = json!({"inputs": {"contactCrmId": "nobody:1"}});
    let reply = ask(gateway.post("/CallFlow").json(&inputs)).await;
    let detail = reply.body["detail"].as_str().unwrap();
    assert!(
        detail.contains("sugar") && detail.contains("hubspot"),
        "{detail}"
    );
}

#[tokio::test]
async fn a_sensible_request_id_is_kept_and_others_are_replaced() {
    let (_world, gateway) = world("").await;
    let lookup = |id: &str| {
        gateway
            .get("/Lookup?PhoneNumber=4711")
            .header("X-Request-Id", id)
    };
    assert_eq!(ask(lookup("pbx-42")).await.header("x-request-id"), "pbx-42");
    let long = "x".repeat(200);
    for id in ["", "two words", &long] {
        let given = ask(lookup(id)).await.header("x-request-id").to_owned();
        assert!(given != id && !given.is_empty(), "{id:?}");
    }
}

#[tokio::test]
async fn browsers_of_configured_origins_may_ask() {
    let (_world, gateway) = world("[gateway]\ncors_origins = [\"https://pbx.example.ch\"]").await;
    let preflight = |origin: &str| {
        let request = gateway
            .request("OPTIONS", "/Lookup")
            .header("Origin", origin);
        request
            .header("Access-Control-Request-Method", "POST")
            .header("Access-Control-Request-Headers", "x-execution-token")
    };
    let good = preflight("https://pbx.example.ch").send().await.unwrap();
    assert_eq!(good.status(), 200);
    assert_eq!(
        good.headers()["access-control-allow-origin"],
        "https://pbx.example.ch"
    );
    let bad = preflight("https://evil.example").send().await.unwrap();
    assert!(!bad.headers().contains_key("access-control-allow-origin"));
    let lookup = gateway
        .get("/Lookup?PhoneNumber=4711")
        .header("Origin", "https://pbx.example.ch");
    assert_eq!(
        ask(lookup).await.header("access-control-allow-origin"),
        "https://pbx.example.ch"
    );
}

#[tokio::test]
async fn health_needs_no_token_and_metrics_are_only_for_operators() {
    let (_world, gateway) = world(&format!(
        "{}\n[gateway]\nadmin_token = {{ value = \"operator\" }}",
        ""
    ))
    .await;
    for path in ["/health/live", "/health/ready"] {
        assert_eq!(ask(gateway.get(path)).await.status, 200);
    }
    assert_eq!(
        ask(gateway.get("/metrics")).await.status,
        405,
        "not on the listener for clients"
    );
    gateway.lookup(MIA_NUMBER).await;
    let metrics = crate::harness::client().get(format!("{}/metrics", gateway.admin_url));
    let refused = metrics.try_clone().unwrap().send().await.unwrap();
    assert_eq!(refused.status(), 401);
    let text = metrics
        .bearer_auth("operator")
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    for line in [
        "whocalls_requests_total{route=\"lookup\",status=\"200\",token=\"anonymous\"} 1",
        "whocalls_adapter_calls_total{adapter=\"erp\",operation=\"lookup\",outcome=\"ok\"} 1",
    ] {
        assert!(text.contains(line), "{line} in\n{text}");
    }
    assert!(!text.contains("791234567"), "no number in metrics");
}
