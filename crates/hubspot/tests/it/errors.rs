//! Every row of `crm-apis.md` §1.8, met by a lookup and by a workflow.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use whocalls_core::{
    AdapterError, CallDetails,
    ErrorKind::{
        self, Conflict, InvalidRequest, NotFound, OutcomeUnknown, PermissionDenied, Protocol,
        RateLimited, Unauthenticated, Unavailable,
    },
    WorkflowRequest,
};
use whocalls_testkit::{
    contacts::MIA_NUMBER,
    upstream::{Request, Response, SimulatedCrm, Upstream},
};

use crate::{
    lookup, patient,
    support::{adapter, with_token},
};

/// Answers everything alike.
struct Always(u16, Value, Option<&'static str>);

impl SimulatedCrm for Always {
    fn respond(&self, _: &Request) -> Response {
        let response = Response::json(self.0, &self.1);
        match self.2 {
            Some(seconds) => response.with_header("retry-after", seconds),
            None => response,
        }
    }
}

async fn read(crm: Always) -> AdapterError {
    let upstream = Upstream::start(Arc::new(crm));
    let adapter = adapter(&upstream, with_token());
    lookup(&*adapter, MIA_NUMBER).await.expect_err("a refusal")
}

async fn write(crm: Always) -> AdapterError {
    let upstream = Upstream::start(Arc::new(crm));
    let adapter = adapter(&upstream, with_token());
    let request = WorkflowRequest {
        name: "CallFlow".to_owned(),
        contact: None,
        user: None,
        call: CallDetails::default(),
        idempotency_key: "key".to_owned(),
        extra: serde_json::Map::new(),
    };
    let result = adapter.run_workflow(&patient(), &request).await;
    assert_eq!(upstream.control().request_count(), 1, "never sent twice");
    result.expect_err("a refusal")
}

fn body(category: &str, message: &str) -> Value {
    json!({ "status": "error", "message": message, "category": category, "correlationId": "c" })
}

#[tokio::test]
async fn each_refusal_has_its_kind_for_reads_and_writes() {
    let invalid = body("VALIDATION_ERROR", "Property values were not valid: [{}]");
    let cases: [(u16, Value, ErrorKind, ErrorKind); 21] = [
        (400, invalid, InvalidRequest, InvalidRequest),
        (
            401,
            body("INVALID_AUTHENTICATION", "not found"),
            Unauthenticated,
            Unauthenticated,
        ),
        (
            401,
            body("EXPIRED_AUTHENTICATION", "expired"),
            Unauthenticated,
            Unauthenticated,
        ),
        (
            403,
            body("MISSING_SCOPES", "not granted"),
            PermissionDenied,
            PermissionDenied,
        ),
        (
            403,
            body("BANNED", "banned"),
            PermissionDenied,
            PermissionDenied,
        ),
        (403, Value::Null, PermissionDenied, PermissionDenied),
        (
            404,
            body("OBJECT_NOT_FOUND", "resource not found"),
            NotFound,
            NotFound,
        ),
        (
            409,
            body("CONFLICT", "Contact already exists. Existing ID: 51"),
            Conflict,
            Conflict,
        ),
        (414, Value::Null, InvalidRequest, InvalidRequest),
        (415, Value::Null, InvalidRequest, InvalidRequest),
        (423, body("LOCKED", "locked"), Unavailable, Unavailable),
        (429, body("RATE_LIMITS", "limit"), RateLimited, RateLimited),
        (477, Value::Null, Unavailable, Unavailable),
        (500, Value::Null, Unavailable, OutcomeUnknown),
        (502, Value::Null, Unavailable, OutcomeUnknown),
        (503, Value::Null, Unavailable, Unavailable),
        (504, Value::Null, Unavailable, OutcomeUnknown),
        (521, Value::Null, Unavailable, OutcomeUnknown),
        (523, Value::Null, Unavailable, OutcomeUnknown),
        (524, Value::Null, Unavailable, OutcomeUnknown),
        (200, json!("not an object"), Protocol, OutcomeUnknown),
    ];
    for (status, body, reading, writing) in cases {
        let error = read(Always(status, body.clone(), None)).await;
        assert_eq!(error.kind, reading, "{status} {body}");
        assert_eq!(error.status, Some(status));
        assert!(!error.message.contains("51"), "no message is passed on");
        let error = write(Always(status, body.clone(), None)).await;
        assert_eq!(error.kind, writing, "{status} {body}");
    }
}

#[tokio::test]
async fn the_wait_is_the_one_asked_for_or_follows_from_the_limit() {
    let policy = |name: &str| json!({ "message": "limit", "policyName": name });
    let message = |text: &str| json!({ "message": text, "category": "RATE_LIMITS" });
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    let cases = [
        (429, policy("SECONDLY"), None, seconds(1)),
        (429, policy("TEN_SECONDLY_ROLLING"), None, seconds(10)),
        (429, policy("DAILY"), None, seconds(3600)),
        (429, policy("SECONDLY"), Some("7"), seconds(7)),
        (
            429,
            message("You have reached your secondly limit."),
            None,
            seconds(1),
        ),
        (
            429,
            message("You have reached your ten_secondly_rolling limit."),
            None,
            seconds(10),
        ),
        (429, Value::Null, None, None),
        (423, Value::Null, None, seconds(2)),
        (477, Value::Null, Some("3600"), seconds(3600)),
        (477, Value::Null, None, seconds(300)),
    ];
    for (status, body, header, wait) in cases {
        let error = read(Always(status, body.clone(), header)).await;
        assert_eq!(error.retry_after, wait, "{status} {body} {header:?}");
    }
}

#[tokio::test]
async fn scopes_and_properties_are_named_and_nothing_else_is() {
    let scopes = json!({ "category": "MISSING_SCOPES", "errors": [{ "context": {
        "requiredGranularScopes": ["crm.objects.contacts.read", "call +41 79 123 45 67"],
    } }] });
    let error = read(Always(403, scopes, None)).await;
    assert!(
        error.message.contains("(crm.objects.contacts.read)"),
        "{error}"
    );

    let property = json!({ "category": "VALIDATION_ERROR", "message": "Mia Keller",
        "errors": [{ "code": "INVALID", "context": { "propertyName": ["hs_pipeline_stage"] } }] });
    let error = write(Always(400, property, None)).await;
    assert!(error.message.contains("hs_pipeline_stage"), "{error}");
    assert!(!error.message.contains("Mia"), "{error}");
}

#[tokio::test]
async fn bodies_of_any_shape_are_survived() {
    for odd in [
        json!([]),
        json!(7),
        json!({ "errors": {}, "context": [], "category": 1, "message": null }),
        json!({ "errors": [null, 1, { "context": null }], "context": { "propertyName": 1 } }),
    ] {
        for status in [400, 401, 403, 429] {
            let error = read(Always(status, odd.clone(), None)).await;
            assert_eq!(error.status, Some(status), "{odd}");
        }
    }
}

/// An account that calls every property unknown ends in a search for words, and then in an error.
#[tokio::test]
async fn properties_that_stay_unknown_end_the_fallback() {
    for message in ["PROPERTY_DOESNT_EXIST phone", "PROPERTY_DOESNT_EXIST"] {
        let error = read(Always(400, body("VALIDATION_ERROR", message), None)).await;
        assert_eq!(error.kind, InvalidRequest, "{message}");
    }
}
