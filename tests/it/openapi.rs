//! The description of the HTTP interface, compared with what the gateway says.

use serde_json::{Value, json};
use whocalls::openapi;
use whocalls_testkit::{
    contacts::{MIA_NUMBER, UNKNOWN},
    upstream::Fault,
};

use crate::harness::{Reply, ask, world};

/// Whether the description has this reply to this request.
fn assert_described(reply: &Reply, method: &str, path: &str) {
    let document = openapi::document();
    let response = &document["paths"][path][method]["responses"][reply.status.to_string()];
    let response = match response["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => response,
    };
    assert!(response.is_object(), "{method} {path}: {reply:?}");
    let media = reply.header("content-type");
    let schema = &response["content"][media]["schema"];
    assert!(schema.is_object(), "{method} {path}: {media}");
    let mut root = schema.clone();
    root["components"] = document["components"].clone();
    let schema = jsonschema::validator_for(&root).unwrap();
    let errors: Vec<String> = schema
        .iter_errors(&reply.body)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{method} {path}: {errors:?} {reply:?}");
    for name in response["headers"].as_object().into_iter().flatten() {
        assert!(!reply.header(name.0).is_empty(), "{}: {reply:?}", name.0);
    }
}

#[tokio::test]
async fn replies_are_as_described() {
    let (world, gateway) = world("").await;
    let wrong = |inputs: Value| json!({ "inputs": inputs });
    for (path, request) in [
        (
            "/Lookup",
            gateway.get(&format!("/Lookup?PhoneNumber={MIA_NUMBER}")),
        ),
        (
            "/Lookup",
            gateway.get(&format!("/Lookup?PhoneNumber={UNKNOWN}")),
        ),
        ("/Lookup", gateway.get("/Lookup")),
        ("/health/live", gateway.get("/health/live")),
        ("/health/ready", gateway.get("/health/ready")),
    ] {
        assert_described(&ask(request).await, "get", path);
    }
    let found = gateway.lookup(MIA_NUMBER).await;
    let id = &found.contacts()[0]["id"];
    for (path, request) in [
        (
            "/Lookup",
            gateway
                .post("/Lookup")
                .json(&wrong(json!({ "phoneNumber": MIA_NUMBER }))),
        ),
        ("/Lookup", gateway.post("/Lookup").body("text")),
        ("/Lookup", gateway.post("/Lookup").json(&json!([]))),
        (
            "/{workflow}",
            gateway.post("/CallFlow").json(&wrong(
                json!({ "contactCrmId": id, "direction": "incoming" }),
            )),
        ),
        (
            "/{workflow}",
            gateway
                .post("/Nothing")
                .json(&wrong(json!({ "contactCrmId": id }))),
        ),
        (
            "/notifications/{adapter}",
            gateway.post("/notifications/nobody").json(&json!([])),
        ),
    ] {
        assert_described(&ask(request).await, "post", path);
    }
    for upstream in &world.upstreams {
        upstream.control().set_fault(Fault::Refused);
    }
    let reply = gateway.lookup("41999999999").await;
    assert_described(&reply, "get", "/Lookup");
}
