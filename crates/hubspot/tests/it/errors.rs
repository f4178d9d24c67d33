//! Every row of `crm-apis.md` §1.8, met by a lookup, a workflow and a probe.

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

/// One refusal and what becomes of it.
#[derive(Clone, Copy)]
struct Row {
    status: u16,
    /// JSON; empty for no body.
    body: &'static str,
    /// The header `Retry-After`.
    header: Option<&'static str>,
    /// The kinds for a lookup and for a workflow.
    kinds: (ErrorKind, ErrorKind),
    /// Whether a lookup may try again by itself.
    is_transient: bool,
    /// The wait in seconds.
    wait: Option<u64>,
    /// How the sentence of `whocalls check` begins.
    sentence: &'static str,
}

const fn row(
    (status, body): (u16, &'static str),
    kinds: (ErrorKind, ErrorKind),
    is_transient: bool,
    wait: Option<u64>,
    sentence: &'static str,
) -> Row {
    Row {
        status,
        body,
        header: None,
        kinds,
        is_transient,
        wait,
        sentence,
    }
}

const fn with_header(row: Row, seconds: &'static str) -> Row {
    Row {
        header: Some(seconds),
        ..row
    }
}

const REJECTED: &str = "HubSpot rejected the token; it was revoked, rotated or mistyped: set a \
    valid service key, or install the OAuth app again";
const DENIED: &str = "HubSpot denies this account the request for another reason than a scope: it \
    may be suspended or its plan too small; look at the account in HubSpot";
const FORM: &str = "HubSpot cannot read the form of the request; check api_version";
const FAILED: &str = "the CRM reports a failure of its own";
const SECONDLY: &str = "the searches that HubSpot allows the account in a second are used up; \
    other apps of the account count too: lower searches_per_second if it happens often";
const TEN_SECONDLY: &str = "the requests that HubSpot allows the account in ten seconds are used \
    up; other apps of the account count too";
const DAILY: &str = "the requests that HubSpot allows the account in a day are used up, until \
    midnight in the account's time zone; see in HubSpot which app uses them, or raise the limit \
    there";
const UNNAMED: &str = "HubSpot is asked more often than the account allows";
const MOVING: &str = "HubSpot is moving the account to another data centre";

const INVALID: (ErrorKind, ErrorKind) = (InvalidRequest, InvalidRequest);
const UNKNOWN_CALLER: (ErrorKind, ErrorKind) = (Unauthenticated, Unauthenticated);
const NO_RIGHT: (ErrorKind, ErrorKind) = (PermissionDenied, PermissionDenied);
const LIMITED: (ErrorKind, ErrorKind) = (RateLimited, RateLimited);
const DOWN: (ErrorKind, ErrorKind) = (Unavailable, Unavailable);
const BROKEN: (ErrorKind, ErrorKind) = (Unavailable, OutcomeUnknown);

/// The rows of `crm-apis.md` §1.8, bodies of limits and waits included.
#[rustfmt::skip]
const ROWS: [Row; 33] = [
    row((400, r#"{"category":"VALIDATION_ERROR","message":"Property values were not valid: [{}]"}"#), INVALID, false, None,
        "HubSpot rejected the request as invalid; a validation rule of the account may be the reason"),
    row((400, r#"{"category":"VALIDATION_ERROR","errors":[{"context":{"propertyName":["phone"]}}]}"#), INVALID, false, None,
        "HubSpot rejected the request because of these properties: phone"),
    row((401, r#"{"category":"INVALID_AUTHENTICATION","message":"Authentication credentials not found."}"#), UNKNOWN_CALLER, false, None, REJECTED),
    row((401, r#"{"category":"EXPIRED_AUTHENTICATION","message":"expired 7 minute(s) ago."}"#), UNKNOWN_CALLER, false, None, REJECTED),
    row((403, r#"{"category":"MISSING_SCOPES","errors":[{"context":{"requiredGranularScopes":["crm.objects.contacts.read"]}}]}"#), NO_RIGHT, false, None,
        "the token lacks a scope (crm.objects.contacts.read); grant it to the service key or app in HubSpot"),
    row((403, r#"{"category":"BANNED"}"#), NO_RIGHT, false, None, DENIED),
    row((403, ""), NO_RIGHT, false, None, DENIED),
    row((404, r#"{"category":"OBJECT_NOT_FOUND","message":"resource not found"}"#), (NotFound, NotFound), false, None,
        "the CRM does not know this path or record; check base_url"),
    row((409, r#"{"category":"CONFLICT","message":"Contact already exists. Existing ID: 51"}"#), (Conflict, Conflict), false, None,
        "the CRM reports a concurrent change"),
    row((414, ""), INVALID, false, None, FORM),
    row((415, ""), INVALID, false, None, FORM),
    row((423, r#"{"category":"LOCKED"}"#), DOWN, true, Some(2), "HubSpot has locked the object for a moment"),
    row((429, r#"{"category":"RATE_LIMITS","message":"You have reached your secondly limit."}"#), LIMITED, true, Some(1), SECONDLY),
    row((429, r#"{"errorType":"RATE_LIMIT","policyName":"SECONDLY"}"#), LIMITED, true, Some(1), SECONDLY),
    row((429, r#"{"message":"You have reached your ten_secondly_rolling limit."}"#), LIMITED, true, Some(10), TEN_SECONDLY),
    row((429, r#"{"errorType":"RATE_LIMIT","policyName":"TEN_SECONDLY_ROLLING"}"#), LIMITED, true, Some(10), TEN_SECONDLY),
    row((429, r#"{"errorType":"RATE_LIMIT","policyName":"DAILY"}"#), LIMITED, true, Some(3600), DAILY),
    row((429, r#"{"policyName":"EVERY_FULL_MOON"}"#), LIMITED, true, Some(1), UNNAMED),
    row((429, ""), LIMITED, true, Some(1), UNNAMED),
    with_header(row((429, r#"{"policyName":"SECONDLY"}"#), LIMITED, true, Some(7), SECONDLY), "7"),
    with_header(row((429, r#"{"policyName":"DAILY"}"#), LIMITED, true, Some(60), DAILY), "60"),
    row((477, ""), DOWN, true, Some(300), MOVING),
    with_header(row((477, ""), DOWN, true, Some(3600), MOVING), "3600"),
    row((500, ""), BROKEN, true, None, FAILED),
    row((502, ""), BROKEN, true, None, FAILED),
    row((503, ""), DOWN, true, None, "the CRM says that it is unavailable"),
    with_header(row((503, ""), DOWN, true, Some(5), "the CRM says that it is unavailable"), "5"),
    row((504, ""), BROKEN, true, None, FAILED),
    row((521, ""), BROKEN, true, None, FAILED),
    row((523, ""), BROKEN, true, None, FAILED),
    row((524, ""), BROKEN, true, None, FAILED),
    row((418, ""), (Protocol, Protocol), false, None, "the CRM answered with an unexpected status"),
    row((200, "7"), (Protocol, OutcomeUnknown), false, None,
        "the CRM's reply is not the JSON that its interface promises"),
];

impl Row {
    fn crm(&self) -> Always {
        let body = serde_json::from_str(self.body).unwrap_or(Value::Null);
        Always(self.status, body, self.header)
    }
}

#[tokio::test]
async fn each_refusal_has_its_kind_and_wait_for_lookups_and_workflows() {
    for row in ROWS {
        let told = format!("{} {} {:?}", row.status, row.body, row.header);
        let error = read(row.crm()).await;
        assert_eq!(error.kind, row.kinds.0, "{told}");
        assert_eq!(error.kind.is_transient(), row.is_transient, "{told}");
        assert_eq!(error.status, Some(row.status));
        assert_eq!(
            error.retry_after,
            row.wait.map(Duration::from_secs),
            "{told}"
        );
        assert!(!error.message.contains("51"), "no message is passed on");
        let error = write(row.crm()).await;
        assert_eq!(error.kind, row.kinds.1, "{told}");
        assert_eq!(
            error.retry_after,
            row.wait.map(Duration::from_secs),
            "{told}"
        );
    }
}

/// `whocalls check` prints kind and message of the error.
#[tokio::test]
async fn each_refusal_has_its_sentence_in_a_check() {
    for row in ROWS {
        let upstream = Upstream::start(Arc::new(row.crm()));
        let adapter = adapter(&upstream, with_token());
        let error = adapter.probe(&patient()).await.expect_err("a refusal");
        let told = format!("{} {}", row.status, row.body);
        assert!(error.message.starts_with(row.sentence), "{told}: {error}");
        assert_eq!((error.kind, error.status), (row.kinds.0, Some(row.status)));
    }
}

/// Which scope an endpoint needs is documented, so a reply that names none is not the last word.
#[tokio::test]
async fn a_scope_that_hubspot_does_not_name_is_named_all_the_same() {
    let unnamed = || Always(403, json!({ "category": "MISSING_SCOPES" }), None);
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
