//! What each of Sugar's refusals becomes (`crm-apis.md` §2.1, §2.2): tables over the wire.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use whocalls_core::{
    AdapterError, CallDetails, CrmAdapter, Operation, WorkflowRequest, workflow::CALL_FLOW,
};
use whocalls_testkit::{
    contacts::MIA_NUMBER,
    query,
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
        };
        adapter.run_workflow(&cx(), &request).await.unwrap_err()
    }

    fn start(&self) -> (Upstream, Arc<dyn CrmAdapter>) {
        let upstream = Upstream::start(Arc::new(*self));
        let adapter = adapter(settings(&upstream.url(), "search"));
        (upstream, adapter)
    }
}

/// The cells of a table: a line a row, `|` between cells, `-` for an empty one.
fn rows<const N: usize>(table: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    table.lines().skip(2).map(|line| {
        let cells = line.split('|').map(str::trim);
        let cells: Vec<&str> = cells
            .map(|cell| if cell == "-" { "" } else { cell })
            .collect();
        cells.try_into().unwrap()
    })
}

/// Kind, whether it passes by itself, and a part of the sentence.
fn assert_is(error: &AdapterError, kind: &str, lasts: &str, sentence: &str, row: &str) {
    assert_eq!(error.kind.as_str(), kind, "{row}: {error}");
    assert_eq!(error.kind.is_transient(), lasts == "passes", "{row}");
    assert!(error.message.contains(sentence), "{row}: {error}");
    let quoted = "41791234567";
    assert!(!format!("{error:?}").contains(quoted), "{row}: {error:?}");
}

const CALLS: &str = "\
status | label                 | of a read         | of a write        | read   | sentence
-------+-----------------------+-------------------+-------------------+--------+----
301    | incorrect_version     | protocol          | protocol          | lasts  | does not serve the API version in base_url
401    | need_login            | unauthenticated   | unauthenticated   | lasts  | give each a platform of its own
401    | invalid_grant         | unauthenticated   | unauthenticated   | lasts  | give each a platform of its own
403    | not_authorized        | permission_denied | permission_denied | lasts  | extend the user's role
403    | inactive_portal_user  | permission_denied | permission_denied | lasts  | set username to a regular Sugar user
403    | portal_not_configured | permission_denied | permission_denied | lasts  | set username to a regular Sugar user
403    | a_label_of_next_year  | permission_denied | permission_denied | lasts  | extend the rights of the API user
404    | no_method             | not_found         | not_found         | lasts  | check base_url and that the module exists
404    | not_found             | not_found         | not_found         | lasts  | hidden from the API user
404    | -                     | not_found         | not_found         | lasts  | check base_url
409    | edit_conflict         | conflict          | conflict          | lasts  | changed the record in Sugar at the same time
412    | metadata_out_of_date  | protocol          | protocol          | lasts  | newer metadata
413    | request_too_large     | invalid_request   | invalid_request   | lasts  | shorten custom_fields
422    | missing_parameter     | invalid_request   | invalid_request   | lasts  | a field that it requires
422    | invalid_parameter     | invalid_request   | invalid_request   | lasts  | does not accept a field or its value
422    | request_failure       | invalid_request   | invalid_request   | lasts  | could not carry the request out
422    | -                     | invalid_request   | invalid_request   | lasts  | rejected the request as invalid
424    | request_failure       | invalid_request   | invalid_request   | lasts  | could not carry the request out
429    | -                     | rate_limited      | rate_limited      | passes | more often than it allows
500    | fatal_error           | unavailable       | outcome_unknown   | passes | a failure of its own
500    | search_runtime        | unavailable       | unavailable       | passes | check its Elasticsearch
502    | -                     | unavailable       | outcome_unknown   | passes | a failure of its own
503    | maintenance           | unavailable       | unavailable       | passes | maintenance mode
503    | search_unavailable    | unavailable       | unavailable       | passes | start its Elasticsearch
503    | -                     | unavailable       | unavailable       | passes | says that it is unavailable";

#[tokio::test]
async fn every_refusal_has_its_kind_and_sentence() {
    for [status, label, read_kind, write_kind, lasts, sentence] in rows(CALLS) {
        let refusing = Refusing {
            status: status.parse().unwrap(),
            label,
            message: "quotes +41791234567",
            refuses_logins: false,
        };
        let row = format!("{status} {label}");
        let (lookup, probe) = (refusing.lookup().await, refusing.probe().await);
        assert_is(&lookup, read_kind, lasts, sentence, &row);
        assert_is(&probe, read_kind, lasts, sentence, &row);
        let write = refusing.write().await;
        assert_eq!(write.kind.as_str(), write_kind, "{row}: {write}");
        assert!(!format!("{write:?}").contains("791234567"), "{write:?}");
        for error in [lookup, probe, write] {
            assert_eq!(error.status, Some(refusing.status), "{row}");
        }
    }
}

const LOGINS: &str = "\
status | label               | text                                            | kind              | lasts  | sentence
-------+---------------------+-------------------------------------------------+-------------------+--------+----
401    | need_login          | You must specify a valid username and password. | unauthenticated   | lasts  | check the settings username and password
400    | invalid_grant       | -                                               | unauthenticated   | lasts  | a user who signs in through single sign-on needs a local password
401    | invalid_grant       | The access token provided is invalid.           | unauthenticated   | lasts  | check the settings username and password
400    | invalid_grant       | The refresh token is invalid.                   | unauthenticated   | lasts  | check the settings username and password
400    | invalid_client      | -                                               | unauthenticated   | lasts  | check client_id and client_secret
401    | invalid_client      | -                                               | unauthenticated   | lasts  | check client_id and client_secret
401    | unauthorized_client | -                                               | unauthenticated   | lasts  | check client_id and client_secret
422    | invalid_parameter   | EXCEPTION_INVALID_PLATFORM                      | unauthenticated   | lasts  | Admin > Configure API Platforms
422    | invalid_parameter   | -                                               | unauthenticated   | lasts  | Admin > Configure API Platforms
400    | invalid_parameter   | -                                               | unauthenticated   | lasts  | Admin > Configure API Platforms
401    | need_login          | The platform is unknown.                        | unauthenticated   | lasts  | Admin > Configure API Platforms
301    | incorrect_version   | -                                               | protocol          | lasts  | the API version in base_url
403    | not_authorized      | -                                               | permission_denied | lasts  | extend the user's role
404    | no_method           | -                                               | not_found         | lasts  | check base_url
429    | -                   | -                                               | rate_limited      | passes | more often than it allows
500    | fatal_error         | -                                               | unavailable       | passes | a failure of its own
503    | maintenance         | -                                               | unavailable       | passes | maintenance mode";

#[tokio::test]
async fn every_refused_login_says_what_to_change() {
    for [status, label, message, kind, lasts, sentence] in rows(LOGINS) {
        let refusing = Refusing {
            status: status.parse().unwrap(),
            label,
            message,
            refuses_logins: true,
        };
        let row = format!("{status} {label} {message}");
        for error in [refusing.probe().await, refusing.write().await] {
            assert_is(&error, kind, lasts, sentence, &row);
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
