//! Every row of `crm-apis.md` §1.8, met by a lookup, a workflow and a probe.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use whocalls_core::{AdapterError, CallDetails, ErrorKind, WorkflowRequest};
use whocalls_testkit::{
    contacts::MIA_NUMBER,
    table::{assert_failed_write, assert_failure, rows},
    upstream::{Request, Response, SimulatedCrm, Upstream},
};

use crate::{
    lookup, patient,
    support::{adapter, with_token},
};

/// Answers everything alike: with a status, a body and, unless empty, the header `Retry-After`.
struct Always(u16, Value, &'static str);

impl SimulatedCrm for Always {
    fn respond(&self, _: &Request) -> Response {
        let response = Response::json(self.0, &self.1);
        match self.2 {
            "" => response,
            seconds => response.with_header("retry-after", seconds),
        }
    }
}

async fn read(crm: Always) -> AdapterError {
    let upstream = Upstream::start(Arc::new(crm));
    let adapter = adapter(&upstream, with_token());
    lookup(&*adapter, MIA_NUMBER).await.expect_err("a refusal")
}

/// What `whocalls check` tells.
async fn probe(crm: Always) -> AdapterError {
    let upstream = Upstream::start(Arc::new(crm));
    let adapter = adapter(&upstream, with_token());
    adapter.probe(&patient()).await.expect_err("a refusal")
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
        ..WorkflowRequest::default()
    };
    let result = adapter.run_workflow(&patient(), &request).await;
    assert_eq!(upstream.control().request_count(), 1, "never sent twice");
    result.expect_err("a refusal")
}

fn body(category: &str, message: &str) -> Value {
    json!({ "status": "error", "message": message, "category": category, "correlationId": "c" })
}

/// The rows of `crm-apis.md` §1.8, bodies of limits and waits included.
///
/// `after` is the header `Retry-After`, `wait` what the error carries, both in seconds. `retried`
/// is whether the gateway tries again by itself, `breaker` whether the circuit breaker counts the
/// failure, each for a lookup and for a workflow. The sentence is that of `whocalls check`.
const ROWS: &str = r#"
status | body                                                                                       | after | of a read         | retried | breaker | of a write        | retried | breaker | wait | sentence
-------+--------------------------------------------------------------------------------------------+-------+-------------------+---------+---------+-------------------+---------+---------+------+---------------------------------------------------------------------
400    | {"category":"VALIDATION_ERROR","message":"Property values were not valid: [{}]"}           | -     | invalid_request   | no      | no      | invalid_request   | no      | no      | -    | a validation rule of the account may be the reason
400    | {"category":"VALIDATION_ERROR","message":"Invalid input JSON on line 1, column 1"}         | -     | invalid_request   | no      | no      | invalid_request   | no      | no      | -    | HubSpot rejected the request as invalid
400    | {"category":"VALIDATION_ERROR","errors":[{"context":{"propertyName":["phone"]}}]}          | -     | invalid_request   | no      | no      | invalid_request   | no      | no      | -    | rejected the request because of these properties: phone
400    | {"errors":[{"code":"PROPERTY_DOESNT_EXIST","context":{"propertyName":["phone"]}}]}         | -     | invalid_request   | no      | no      | invalid_request   | no      | no      | -    | rejected the request because of these properties: phone
401    | {"category":"INVALID_AUTHENTICATION","message":"Authentication credentials not found."}    | -     | unauthenticated   | no      | no      | unauthenticated   | no      | no      | -    | revoked, rotated or mistyped: set a valid service key
401    | {"category":"EXPIRED_AUTHENTICATION","message":"expired 7 minute(s) ago."}                 | -     | unauthenticated   | no      | no      | unauthenticated   | no      | no      | -    | revoked, rotated or mistyped: set a valid service key
403    | {"category":"MISSING_SCOPES","errors":[{"context":{"requiredGranularScopes":["a.read"]}}]} | -     | permission_denied | no      | no      | permission_denied | no      | no      | -    | the token lacks a scope (a.read); grant it to the service key or app
403    | {"category":"BANNED"}                                                                      | -     | permission_denied | no      | no      | permission_denied | no      | no      | -    | denies this account the request for another reason than a scope
403    | -                                                                                          | -     | permission_denied | no      | no      | permission_denied | no      | no      | -    | denies this account the request for another reason than a scope
404    | {"category":"OBJECT_NOT_FOUND","message":"resource not found"}                             | -     | not_found         | no      | no      | not_found         | no      | no      | -    | does not know this path or record; check base_url
409    | {"category":"CONFLICT","message":"Contact already exists. Existing ID: 51"}                | -     | conflict          | no      | no      | conflict          | no      | no      | -    | the CRM reports a concurrent change
414    | -                                                                                          | -     | invalid_request   | no      | no      | invalid_request   | no      | no      | -    | cannot read the form of the request; check api_version
415    | -                                                                                          | -     | invalid_request   | no      | no      | invalid_request   | no      | no      | -    | cannot read the form of the request; check api_version
423    | {"category":"LOCKED"}                                                                      | -     | unavailable       | yes     | yes     | unavailable       | yes     | yes     | 2    | HubSpot has locked the object for a moment
429    | {"category":"RATE_LIMITS","message":"You have reached your secondly limit."}               | -     | rate_limited      | yes     | no      | rate_limited      | yes     | no      | 1    | allows the account in a second are used up
429    | {"errorType":"RATE_LIMIT","policyName":"SECONDLY"}                                         | -     | rate_limited      | yes     | no      | rate_limited      | yes     | no      | 1    | allows the account in a second are used up
429    | {"errorType":"RATE_LIMIT","policyName":"SECONDLY"}                                         | 7     | rate_limited      | yes     | no      | rate_limited      | yes     | no      | 7    | allows the account in a second are used up
429    | {"message":"You have reached your ten_secondly_rolling limit."}                            | -     | rate_limited      | yes     | no      | rate_limited      | yes     | no      | 10   | allows the account in ten seconds are used up
429    | {"errorType":"RATE_LIMIT","policyName":"TEN_SECONDLY_ROLLING"}                             | -     | rate_limited      | yes     | no      | rate_limited      | yes     | no      | 10   | allows the account in ten seconds are used up
429    | {"errorType":"RATE_LIMIT","policyName":"DAILY"}                                            | -     | rate_limited      | yes     | no      | rate_limited      | yes     | no      | 3600 | allows the account in a day are used up, until midnight
429    | {"errorType":"RATE_LIMIT","policyName":"DAILY"}                                            | 60    | rate_limited      | yes     | no      | rate_limited      | yes     | no      | 60   | allows the account in a day are used up, until midnight
429    | {"policyName":"EVERY_FULL_MOON"}                                                           | -     | rate_limited      | yes     | no      | rate_limited      | yes     | no      | 1    | asked more often than the account allows
429    | -                                                                                          | -     | rate_limited      | yes     | no      | rate_limited      | yes     | no      | 1    | asked more often than the account allows
477    | -                                                                                          | -     | unavailable       | yes     | yes     | unavailable       | yes     | yes     | 300  | moving the account to another data centre
477    | -                                                                                          | 3600  | unavailable       | yes     | yes     | unavailable       | yes     | yes     | 3600 | moving the account to another data centre
500    | -                                                                                          | -     | unavailable       | yes     | yes     | outcome_unknown   | no      | yes     | -    | the CRM reports a failure of its own
502    | -                                                                                          | -     | unavailable       | yes     | yes     | outcome_unknown   | no      | yes     | -    | the CRM reports a failure of its own
503    | -                                                                                          | -     | unavailable       | yes     | yes     | unavailable       | yes     | yes     | -    | the CRM says that it is unavailable
503    | -                                                                                          | 5     | unavailable       | yes     | yes     | unavailable       | yes     | yes     | 5    | the CRM says that it is unavailable
504    | -                                                                                          | -     | unavailable       | yes     | yes     | outcome_unknown   | no      | yes     | -    | the CRM reports a failure of its own
521    | -                                                                                          | -     | unavailable       | yes     | yes     | outcome_unknown   | no      | yes     | -    | the CRM reports a failure of its own
523    | -                                                                                          | -     | unavailable       | yes     | yes     | outcome_unknown   | no      | yes     | -    | the CRM reports a failure of its own
524    | -                                                                                          | -     | unavailable       | yes     | yes     | outcome_unknown   | no      | yes     | -    | the CRM reports a failure of its own
418    | -                                                                                          | -     | protocol          | no      | yes     | protocol          | no      | yes     | -    | the CRM answered with an unexpected status
200    | 7                                                                                          | -     | protocol          | no      | yes     | outcome_unknown   | no      | yes     | -    | the CRM's reply is not the JSON that its interface promises"#;

#[tokio::test]
async fn each_refusal_has_its_kind_wait_and_sentence() {
    for cells in rows(ROWS) {
        let [status, body, after, k1, r1, b1, k2, r2, b2, wait, sentence]: [&str; 11] = cells;
        let row = format!("{status} {body} {after}");
        let crm = || {
            let body = serde_json::from_str(body).unwrap_or(Value::Null);
            Always(status.parse().unwrap(), body, after)
        };
        let (lookup, check) = (read(crm()).await, probe(crm()).await);
        let write = write(crm()).await;
        assert_failure(&lookup, [k1, r1, b1], sentence, &row);
        assert_failure(&check, [k1, r1, b1], sentence, &row);
        assert_failed_write(&write, [k2, r2, b2], sentence, &row);
        for error in [lookup, check, write] {
            let wait = wait.parse().ok().map(Duration::from_secs);
            assert_eq!(error.retry_after, wait, "{row}");
            assert_eq!(error.status, status.parse().ok(), "{row}");
            assert!(!error.message.contains("51"), "no message is passed on");
        }
    }
}

/// Which scope an endpoint needs is documented, so a reply that names none is not the last word.
#[tokio::test]
async fn a_scope_that_hubspot_does_not_name_is_named_all_the_same() {
    let unnamed = || Always(403, json!({ "category": "MISSING_SCOPES" }), "");
    let error = read(unnamed()).await;
    assert!(
        error.message.contains("(crm.objects.contacts.read)"),
        "{error}"
    );
    let error = write(unnamed()).await;
    assert!(
        error.message.contains("(crm.objects.contacts.write)"),
        "{error}"
    );
}

#[tokio::test]
async fn scopes_and_properties_are_named_and_nothing_else_is() {
    let scopes = json!({ "category": "MISSING_SCOPES", "errors": [{ "context": {
        "requiredGranularScopes": ["crm.objects.contacts.read", "call +41 79 123 45 67"],
    } }] });
    let error = read(Always(403, scopes, "")).await;
    assert!(
        error.message.contains("(crm.objects.contacts.read)"),
        "{error}"
    );

    let property = json!({ "category": "VALIDATION_ERROR", "message": "Mia Keller",
        "errors": [{ "code": "INVALID", "context": { "propertyName": ["hs_pipeline_stage"] } }] });
    let error = write(Always(400, property, "")).await;
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
            let error = read(Always(status, odd.clone(), "")).await;
            assert_eq!(error.status, Some(status), "{odd}");
        }
    }
}

/// An account that calls every property unknown ends in a search for words, and then in an error.
#[tokio::test]
async fn properties_that_stay_unknown_end_the_fallback() {
    for message in ["PROPERTY_DOESNT_EXIST phone", "PROPERTY_DOESNT_EXIST"] {
        let error = read(Always(400, body("VALIDATION_ERROR", message), "")).await;
        assert_eq!(error.kind, ErrorKind::InvalidRequest, "{message}");
    }
}
