//! What each of Sugar's refusals becomes (`crm-apis.md` §2.1, §2.2): a table over the wire.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use whocalls_core::{AdapterError, CallDetails, ErrorKind, WorkflowRequest, workflow::CALL_FLOW};
use whocalls_testkit::{
    contacts::MIA_NUMBER,
    query,
    upstream::{Request, Response, SimulatedCrm, Upstream},
};

use crate::support::{adapter, cx, settings};

use ErrorKind::{
    Conflict, InvalidRequest, NotFound, OutcomeUnknown, PermissionDenied, Protocol, RateLimited,
    Unauthenticated, Unavailable,
};

/// Refuses everything alike, logins only if told to.
struct Refusing {
    status: u16,
    label: &'static str,
    message: &'static str,
    refuses_logins: bool,
}

impl SimulatedCrm for Refusing {
    fn respond(&self, request: &Request) -> Response {
        if request.path.ends_with("/oauth2/token") && !self.refuses_logins {
            return Response::json(
                200,
                &json!({ "access_token": "a", "refresh_token": "r", "expires_in": 3600 }),
            );
        }
        if self.label.is_empty() {
            return Response::status(self.status);
        }
        let body = json!({ "error": self.label, "error_message": self.message });
        Response::json(self.status, &body)
    }
}

async fn lookup_at(refusing: Refusing) -> AdapterError {
    let upstream = Upstream::start(Arc::new(refusing));
    let adapter = adapter(settings(&upstream.url(), "search"));
    adapter.lookup(&cx(), &query(MIA_NUMBER)).await.unwrap_err()
}

async fn write_at(refusing: Refusing) -> AdapterError {
    let upstream = Upstream::start(Arc::new(refusing));
    let adapter = adapter(settings(&upstream.url(), "search"));
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

/// Status and label, the kind for a lookup, the kind for a write.
const CALLS: [(u16, &str, ErrorKind, ErrorKind); 24] = [
    (301, "incorrect_version", Protocol, Protocol),
    (401, "need_login", Unauthenticated, Unauthenticated),
    (401, "invalid_grant", Unauthenticated, Unauthenticated),
    (403, "not_authorized", PermissionDenied, PermissionDenied),
    (
        403,
        "inactive_portal_user",
        PermissionDenied,
        PermissionDenied,
    ),
    (
        403,
        "portal_not_configured",
        PermissionDenied,
        PermissionDenied,
    ),
    (404, "no_method", NotFound, NotFound),
    (404, "not_found", NotFound, NotFound),
    (409, "edit_conflict", Conflict, Conflict),
    (412, "metadata_out_of_date", Protocol, Protocol),
    (413, "request_too_large", InvalidRequest, InvalidRequest),
    (422, "missing_parameter", InvalidRequest, InvalidRequest),
    (422, "invalid_parameter", InvalidRequest, InvalidRequest),
    (422, "request_failure", InvalidRequest, InvalidRequest),
    (424, "request_failure", InvalidRequest, InvalidRequest),
    (429, "", RateLimited, RateLimited),
    (500, "fatal_error", Unavailable, OutcomeUnknown),
    (500, "search_runtime", Unavailable, Unavailable),
    (502, "", Unavailable, OutcomeUnknown),
    (503, "maintenance", Unavailable, Unavailable),
    (503, "search_unavailable", Unavailable, Unavailable),
    (503, "", Unavailable, Unavailable),
    (
        403,
        "a_label_of_next_year",
        PermissionDenied,
        PermissionDenied,
    ),
    (422, "", InvalidRequest, InvalidRequest),
];

#[tokio::test]
async fn every_refusal_has_its_kind() {
    for (status, label, lookup_kind, write_kind) in CALLS {
        let refusing = || Refusing {
            status,
            label,
            message: "quotes +41791234567",
            refuses_logins: false,
        };
        for (error, kind) in [
            (lookup_at(refusing()).await, lookup_kind),
            (write_at(refusing()).await, write_kind),
        ] {
            assert_eq!(error.kind, kind, "{status} {label}: {error}");
            assert_eq!(error.status, Some(status), "{status} {label}");
            assert!(!error.message.is_empty());
            assert!(!error.to_string().contains("791234567"), "{error}");
        }
    }
}

/// Status, label and text of a refused login, its kind, and what the message advises.
const LOGINS: [(u16, &str, &str, ErrorKind, &str); 11] = [
    (
        401,
        "need_login",
        "You must specify a valid username and password.",
        Unauthenticated,
        "username and password",
    ),
    (
        400,
        "invalid_grant",
        "",
        Unauthenticated,
        "username and password",
    ),
    (
        400,
        "invalid_client",
        "",
        Unauthenticated,
        "client_id and client_secret",
    ),
    (
        401,
        "invalid_client",
        "",
        Unauthenticated,
        "client_id and client_secret",
    ),
    (
        422,
        "invalid_parameter",
        "EXCEPTION_INVALID_PLATFORM",
        Unauthenticated,
        "Configure API Platforms",
    ),
    (
        422,
        "invalid_parameter",
        "",
        Unauthenticated,
        "Configure API Platforms",
    ),
    (
        401,
        "need_login",
        "The platform is unknown.",
        Unauthenticated,
        "Configure API Platforms",
    ),
    (301, "incorrect_version", "", Protocol, "base_url"),
    (403, "not_authorized", "", PermissionDenied, "role"),
    (404, "no_method", "", NotFound, "base_url"),
    (503, "maintenance", "", Unavailable, "maintenance"),
];

#[tokio::test]
async fn every_refused_login_says_what_to_change() {
    for (status, label, message, kind, advice) in LOGINS {
        let error = lookup_at(Refusing {
            status,
            label,
            message,
            refuses_logins: true,
        })
        .await;
        assert_eq!((error.kind, error.status), (kind, Some(status)), "{label}");
        assert!(error.message.contains(advice), "{label}: {error}");
    }
}

/// Every token is rejected: one refresh, one login, then the failure.
#[tokio::test]
async fn a_session_that_ends_at_once_each_time_hints_at_a_rival() {
    let upstream = Upstream::start(Arc::new(Refusing {
        status: 401,
        label: "invalid_grant",
        message: "The access token provided is invalid.",
        refuses_logins: false,
    }));
    let adapter = adapter(settings(&upstream.url(), "search"));
    let result = adapter.lookup(&cx(), &query(MIA_NUMBER)).await;
    let error = result.unwrap_err();
    assert!(error.message.contains("another program"), "{error}");
    let bodies = upstream
        .control()
        .requests()
        .into_iter()
        .filter_map(|request| request.json());
    let grants: Vec<Value> = bodies.map(|mut body| body["grant_type"].take()).collect();
    let expected = json!(["password", null, "refresh_token", null, "password", null]);
    assert_eq!(Value::from(grants), expected);
}
