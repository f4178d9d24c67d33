//! What each of Sugar's refusals becomes (`crm-apis.md` §2.1, §2.2): tables over the wire.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use whocalls_core::{
    AdapterError, CallDetails, CrmAdapter, Operation, WorkflowRequest, workflow::CALL_FLOW,
};
use whocalls_testkit::{
    contacts::MIA_NUMBER,
    query,
    table::{assert_failed_write, assert_failure, rows},
    upstream::{Request, Response, SimulatedCrm, Upstream},
};

use crate::support::{adapter, cx, settings};

/// Refuses everything alike, logins only if told to.
#[derive(Clone, Copy)]
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

impl Refusing {
    /// The failure of a lookup at this Sugar.
    async fn lookup(&self) -> AdapterError {
        let (_upstream, adapter) = self.start();
        adapter.lookup(&cx(), &query(MIA_NUMBER)).await.unwrap_err()
    }

    /// The failure of a probe; `whocalls check` prints its message.
    async fn probe(&self) -> AdapterError {
        let (_upstream, adapter) = self.start();
        adapter.probe(&cx()).await.unwrap_err()
    }

    /// The failure of a write.
    async fn write(&self) -> AdapterError {
        let (_upstream, adapter) = self.start();
        let request = WorkflowRequest {
            name: CALL_FLOW.to_owned(),
            contact: None,
            user: None,
            call: CallDetails::default(),
            idempotency_key: "key".to_owned(),
            extra: Map::new(),
            ..WorkflowRequest::default()
        };
        adapter.run_workflow(&cx(), &request).await.unwrap_err()
    }

    fn start(&self) -> (Upstream, Arc<dyn CrmAdapter>) {
        let upstream = Upstream::start(Arc::new(*self));
        let adapter = adapter(settings(&upstream.url(), "search"));
        (upstream, adapter)
    }
}

/// What was asked for and stands in Sugar's text stays out of the failure.
fn assert_quotes_nothing(error: &AdapterError, row: &str) {
    assert!(!format!("{error:?}").contains("791234567"), "{row}");
}

/// What a lookup, `whocalls check` and a workflow meet, the workflow in the columns of a write. The
/// sentence is that of `check`.
const CALLS: &str = "\
status | label                 | of a read         | retried | breaker | of a write        | retried | breaker | sentence
-------+-----------------------+-------------------+---------+---------+-------------------+---------+---------+---------
301    | incorrect_version     | protocol          | no      | yes     | protocol          | no      | yes     | does not serve the API version in base_url
302    | -                     | protocol          | no      | yes     | protocol          | no      | yes     | set base_url to the final address
400    | -                     | invalid_request   | no      | no      | invalid_request   | no      | no      | rejected the request as invalid
401    | need_login            | unauthenticated   | no      | no      | unauthenticated   | no      | no      | give each a platform of its own
401    | invalid_grant         | unauthenticated   | no      | no      | unauthenticated   | no      | no      | give each a platform of its own
401    | -                     | unauthenticated   | no      | no      | unauthenticated   | no      | no      | rejected the credentials
403    | not_authorized        | permission_denied | no      | no      | permission_denied | no      | no      | extend the user's role
403    | inactive_portal_user  | permission_denied | no      | no      | permission_denied | no      | no      | set username to a regular Sugar user
403    | portal_not_configured | permission_denied | no      | no      | permission_denied | no      | no      | set username to a regular Sugar user
403    | a_label_of_next_year  | permission_denied | no      | no      | permission_denied | no      | no      | extend the rights of the API user
404    | no_method             | not_found         | no      | no      | not_found         | no      | no      | check base_url and that the module exists
404    | not_found             | not_found         | no      | no      | not_found         | no      | no      | hidden from the API user
404    | -                     | not_found         | no      | no      | not_found         | no      | no      | check base_url
409    | edit_conflict         | conflict          | no      | no      | conflict          | no      | no      | changed the record in Sugar at the same time
412    | metadata_out_of_date  | protocol          | no      | yes     | protocol          | no      | yes     | newer metadata
413    | request_too_large     | invalid_request   | no      | no      | invalid_request   | no      | no      | shorten custom_fields
422    | missing_parameter     | invalid_request   | no      | no      | invalid_request   | no      | no      | a field that it requires
422    | invalid_parameter     | invalid_request   | no      | no      | invalid_request   | no      | no      | does not accept a field or its value
422    | request_failure       | invalid_request   | no      | no      | invalid_request   | no      | no      | could not carry the request out
422    | -                     | invalid_request   | no      | no      | invalid_request   | no      | no      | rejected the request as invalid
424    | request_failure       | invalid_request   | no      | no      | invalid_request   | no      | no      | could not carry the request out
429    | -                     | rate_limited      | yes     | no      | rate_limited      | yes     | no      | more often than it allows
500    | fatal_error           | unavailable       | yes     | yes     | outcome_unknown   | no      | yes     | a failure of its own
500    | search_runtime        | unavailable       | yes     | yes     | unavailable       | yes     | yes     | check its Elasticsearch
500    | -                     | unavailable       | yes     | yes     | outcome_unknown   | no      | yes     | a failure of its own
502    | -                     | unavailable       | yes     | yes     | outcome_unknown   | no      | yes     | a failure of its own
503    | maintenance           | unavailable       | yes     | yes     | unavailable       | yes     | yes     | maintenance mode
503    | search_unavailable    | unavailable       | yes     | yes     | unavailable       | yes     | yes     | start its Elasticsearch
503    | -                     | unavailable       | yes     | yes     | unavailable       | yes     | yes     | says that it is unavailable
504    | -                     | unavailable       | yes     | yes     | outcome_unknown   | no      | yes     | a failure of its own";

#[tokio::test]
async fn every_refusal_has_its_kind_and_sentence() {
    for [status, label, r1, r2, r3, w1, w2, w3, sentence] in rows(CALLS) {
        let (of_read, of_write) = ([r1, r2, r3], [w1, w2, w3]);
        let refusing = Refusing {
            status: status.parse().unwrap(),
            label,
            message: "quotes +41791234567",
            refuses_logins: false,
        };
        let row = format!("{status} {label}");
        let (lookup, probe) = (refusing.lookup().await, refusing.probe().await);
        let write = refusing.write().await;
        for error in [&lookup, &probe] {
            assert_failure(error, of_read, sentence, &row);
        }
        assert_failed_write(&write, of_write, sentence, &row);
        for error in [lookup, probe, write] {
            assert_quotes_nothing(&error, &row);
            assert_eq!(error.status, Some(refusing.status), "{row}");
        }
    }
}

/// What a refused login becomes, whatever it was for.
const LOGINS: &str = "\
status | label               | text                                            | kind              | retried | breaker | sentence
-------+---------------------+-------------------------------------------------+-------------------+---------+---------+---------
401    | need_login          | You must specify a valid username and password. | unauthenticated   | no      | no      | check the settings username and password
400    | invalid_grant       | -                                               | unauthenticated   | no      | no      | a user who signs in through single sign-on needs a local password
401    | invalid_grant       | The access token provided is invalid.           | unauthenticated   | no      | no      | check the settings username and password
400    | invalid_grant       | The refresh token is invalid.                   | unauthenticated   | no      | no      | check the settings username and password
400    | invalid_client      | -                                               | unauthenticated   | no      | no      | check client_id and client_secret
401    | invalid_client      | -                                               | unauthenticated   | no      | no      | check client_id and client_secret
401    | unauthorized_client | -                                               | unauthenticated   | no      | no      | check client_id and client_secret
422    | invalid_parameter   | EXCEPTION_INVALID_PLATFORM                      | unauthenticated   | no      | no      | Admin > Configure API Platforms
422    | invalid_parameter   | -                                               | unauthenticated   | no      | no      | Admin > Configure API Platforms
400    | invalid_parameter   | -                                               | unauthenticated   | no      | no      | Admin > Configure API Platforms
401    | need_login          | The platform is unknown.                        | unauthenticated   | no      | no      | Admin > Configure API Platforms
301    | incorrect_version   | -                                               | protocol          | no      | yes     | the API version in base_url
403    | not_authorized      | -                                               | permission_denied | no      | no      | extend the user's role
404    | no_method           | -                                               | not_found         | no      | no      | check base_url
429    | -                   | -                                               | rate_limited      | yes     | no      | more often than it allows
500    | fatal_error         | -                                               | unavailable       | yes     | yes     | a failure of its own
503    | maintenance         | -                                               | unavailable       | yes     | yes     | maintenance mode";

#[tokio::test]
async fn every_refused_login_says_what_to_change() {
    for cells in rows(LOGINS) {
        let [status, label, message, kind, retried, counted, sentence] = cells;
        let refusing = Refusing {
            status: status.parse().unwrap(),
            label,
            message,
            refuses_logins: true,
        };
        let row = format!("{status} {label} {message}");
        for error in [refusing.probe().await, refusing.write().await] {
            assert_failure(&error, [kind, retried, counted], sentence, &row);
            assert_eq!(error.status, Some(refusing.status), "{row}");
            assert_eq!(error.operation, Operation::Authenticate, "{row}");
        }
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
