//! What each refusal and fault becomes (`crm-apis.md` §3, §7): tables over the wire.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use whocalls_core::{AdapterError, CallDetails, ErrorKind, WorkflowRequest, workflow::CALL_FLOW};
use whocalls_testkit::{
    contacts::MIA_NUMBER,
    query,
    upstream::{Request, Response, SimulatedCrm, Upstream},
};

use crate::support::{Way, adapter, cx, settings};

use ErrorKind::{
    InvalidRequest, NotFound, OutcomeUnknown, PermissionDenied, Protocol, RateLimited,
    Unauthenticated, Unavailable,
};

/// Gives everything the same reply, logins only if told to.
struct Refusing {
    reply: Response,
    refuses_logins: bool,
}

impl SimulatedCrm for Refusing {
    fn respond(&self, request: &Request) -> Response {
        let is_token = request.path.ends_with("/access_token");
        let is_login = request.form_value("method").as_deref() == Some("login");
        match (is_token, is_login) {
            (true, _) if !self.refuses_logins => Response::json(200, &json!({"access_token": "a"})),
            (_, true) if !self.refuses_logins => Response::json(200, &json!({"id": "session"})),
            _ => self.reply.clone(),
        }
    }
}

async fn lookup_at(way: Way, reply: Response, refuses_logins: bool) -> AdapterError {
    let upstream = Upstream::start(Arc::new(Refusing {
        reply,
        refuses_logins,
    }));
    let adapter = adapter(settings(&upstream.url(), way));
    adapter.lookup(&cx(), &query(MIA_NUMBER)).await.unwrap_err()
}

async fn write_at(way: Way, reply: Response) -> AdapterError {
    let upstream = Upstream::start(Arc::new(Refusing {
        reply,
        refuses_logins: false,
    }));
    let adapter = adapter(settings(&upstream.url(), way));
    let request = WorkflowRequest {
        name: CALL_FLOW.to_owned(),
        contact: None,
        user: None,
        call: CallDetails::default(),
        idempotency_key: "key".to_owned(),
        extra: Map::new(),
    };
    adapter.run_workflow(&cx(), &request).await.unwrap_err()
}

fn plain(status: u16, body: &'static str) -> Response {
    Response {
        body: body.as_bytes().into(),
        ..Response::status(status)
    }
}

fn fault(number: &Value) -> Response {
    let fault = json!({
        "name": "quotes +41791234567", "number": number, "description": "quotes +41791234567",
    });
    Response::json(200, &fault)
}

/// The kinds for a lookup and for a write, and a part of the sentence.
type Expected = (ErrorKind, ErrorKind, &'static str);

async fn assert_meaning(way: Way, reply: Response, expected: Expected, case: &str) {
    let (lookup_kind, write_kind, advice) = expected;
    let status = reply.status;
    for (error, kind) in [
        (lookup_at(way, reply.clone(), false).await, lookup_kind),
        (write_at(way, reply.clone()).await, write_kind),
    ] {
        assert_eq!(error.kind, kind, "{case}: {error}");
        assert_eq!(error.status, Some(status), "{case}: {error}");
        assert!(error.message.contains(advice), "{case}: {error}");
        assert!(!error.to_string().contains("791234567"), "{case}: {error}");
    }
}

/// Every fault of the table, as numbers and as texts.
const FAULTS: [(i64, Expected); 15] = [
    (
        10,
        (Unauthenticated, Unauthenticated, "username and password"),
    ),
    (11, (Unauthenticated, Unauthenticated, "ends every session")),
    (12, (Unauthenticated, Unauthenticated, "with a browser")),
    (20, (NotFound, NotFound, "does not have the module")),
    (40, (PermissionDenied, PermissionDenied, "lacks a right")),
    (60, (Unavailable, Unavailable, "too many sessions")),
    (1000, (InvalidRequest, InvalidRequest, "api_path")),
    (1001, (InvalidRequest, InvalidRequest, "api_path")),
    (1008, (Unauthenticated, Unauthenticated, "has expired")),
    (1009, (Unauthenticated, Unauthenticated, "locked")),
    (
        1012,
        (Unauthenticated, Unauthenticated, "plain_password = true"),
    ),
    (-1, (Protocol, OutcomeUnknown, "undefined error")),
    (13, (Protocol, OutcomeUnknown, "fault 13")),
    (90, (Protocol, OutcomeUnknown, "fault 90")),
    (4711, (Protocol, OutcomeUnknown, "fault 4711")),
];

#[tokio::test]
async fn every_fault_has_its_kind_and_its_sentence() {
    for (number, expected) in FAULTS {
        for value in [json!(number), json!(number.to_string())] {
            let case = format!("fault {value}");
            assert_meaning(Way::Session, fault(&value), expected, &case).await;
        }
    }
}

/// Bodies of `v4_1` that are neither an answer nor a fault.
#[tokio::test]
async fn a_body_that_is_no_answer_has_its_kind_and_its_sentence() {
    let warning = "<br />\n<b>Warning</b>: something in <b>/var/www</b>{\"id\":\"1\"}";
    for (reply, expected) in [
        (
            plain(200, "null"),
            (Protocol, OutcomeUnknown, "answered nothing"),
        ),
        (plain(200, ""), (Protocol, OutcomeUnknown, "ends too early")),
        (
            plain(200, warning),
            (Protocol, OutcomeUnknown, "PHP warning"),
        ),
        (
            plain(200, "<!doctype html>"),
            (Protocol, OutcomeUnknown, "a web page"),
        ),
        (
            plain(200, "[]"),
            (Protocol, OutcomeUnknown, "another shape"),
        ),
        (
            plain(200, r#"{"number":0,"name":"x","description":"x"}"#),
            (Protocol, OutcomeUnknown, "another shape"),
        ),
        (
            plain(500, ""),
            (Unavailable, OutcomeUnknown, "suitecrm.log"),
        ),
        (
            plain(500, "Database failure. Please refer to suitecrm.log."),
            (Unavailable, OutcomeUnknown, "suitecrm.log"),
        ),
        (plain(404, "<html>"), (NotFound, NotFound, "api_path")),
        (plain(429, ""), (RateLimited, RateLimited, "more often")),
        (plain(503, ""), (Unavailable, Unavailable, "unavailable")),
    ] {
        let case = format!("{} {:?}", reply.status, reply.body);
        assert_meaning(Way::Session, reply, expected, &case).await;
    }
}

/// Details of V8's refusals, all with 400.
const DETAILS: [(&str, Expected); 8] = [
    (
        "[SuiteCRM] [AccessDeniedException] ",
        (PermissionDenied, PermissionDenied, "lacks a right"),
    ),
    (
        "Filter operator like is invalid",
        (Protocol, Protocol, "update SuiteCRM"),
    ),
    (
        "Filter field phone_other in Contact module is not found",
        (InvalidRequest, InvalidRequest, "stock fields"),
    ),
    (
        "Property lead_id in Call module is invalid",
        (InvalidRequest, InvalidRequest, "stock fields"),
    ),
    (
        "The following field in Contact module is not found: nothing_of_ours",
        (InvalidRequest, InvalidRequest, "stock fields"),
    ),
    (
        "Module with name Leads is not found",
        (NotFound, NotFound, "shorten the setting modules"),
    ),
    (
        "Contacts module with id 1 is not found",
        (NotFound, NotFound, "deleted"),
    ),
    (
        "something about +41791234567",
        (InvalidRequest, InvalidRequest, "rejected the request"),
    ),
];

#[tokio::test]
async fn every_refusal_of_v8_has_its_kind_and_its_sentence() {
    for (detail, expected) in DETAILS {
        let error = json!({ "status": 400, "title": null, "detail": detail });
        for errors in [error.clone(), json!([error])] {
            let reply = Response::json(400, &json!({ "errors": errors }));
            assert_meaning(Way::Client, reply, expected, detail).await;
        }
    }
    for (reply, expected) in [
        (
            plain(401, r#"{"error":"access_denied"}"#),
            (Unauthenticated, Unauthenticated, "CGIPassAuth"),
        ),
        (plain(403, ""), (PermissionDenied, PermissionDenied, "")),
        (plain(404, "<html>"), (NotFound, NotFound, "api_path")),
        (plain(405, "<html>"), (NotFound, NotFound, "api_path")),
        (
            plain(500, "<br />Notice"),
            (Unavailable, OutcomeUnknown, "suitecrm.log"),
        ),
        (
            plain(200, "<!doctype html>"),
            (Protocol, OutcomeUnknown, "a web page"),
        ),
        (
            plain(200, "{}"),
            (Protocol, OutcomeUnknown, "another shape"),
        ),
    ] {
        let case = format!("{} {:?}", reply.status, reply.body);
        assert_meaning(Way::Client, reply, expected, &case).await;
    }
}

/// Refused token requests: the status, the label, the text, the kind, the advice.
const TOKENS: [(u16, &str, &str, ErrorKind, &str); 10] = [
    (401, "invalid_client", "", Unauthenticated, "client_secret"),
    (
        400,
        "unauthorized_client",
        "",
        Unauthenticated,
        "grant type",
    ),
    (
        400,
        "unsupported_grant_type",
        "",
        Unauthenticated,
        "grant type",
    ),
    (
        400,
        "invalid_grant",
        "",
        Unauthenticated,
        "username and password",
    ),
    (
        401,
        "invalid_credentials",
        "",
        Unauthenticated,
        "username and password",
    ),
    (
        500,
        "unknown_error",
        "The password is invalid: hunter2",
        Unauthenticated,
        "username and password",
    ),
    (
        500,
        "unknown_error",
        "No user found with this username: hunter2",
        Unauthenticated,
        "username and password",
    ),
    (
        500,
        "unknown_error",
        "No user found",
        Unauthenticated,
        "assign one",
    ),
    (
        500,
        "unknown_error",
        "OAuth2Clients module with id hunter2 is not found",
        Unauthenticated,
        "client_id",
    ),
    (500, "unknown_error", "Key path", Unavailable, "mode 600"),
];

#[tokio::test]
async fn every_refused_token_request_says_what_to_change_and_quotes_nothing() {
    for (status, label, text, kind, advice) in TOKENS {
        for key in ["message", "error_description"] {
            let body = json!({ "error": label, key: text });
            let error = lookup_at(Way::User, Response::json(status, &body), true).await;
            assert_eq!(
                (error.kind, error.status),
                (kind, Some(status)),
                "{label} {text}"
            );
            assert!(error.message.contains(advice), "{label} {text}: {error}");
            assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        }
    }
}
