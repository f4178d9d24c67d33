//! What each refusal and fault becomes (`crm-apis.md` §3, §7): tables over the wire.

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

use crate::support::{Way, adapter, cx, settings};

/// Gives everything the same reply, logins only if told to.
#[derive(Clone)]
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

impl Refusing {
    /// The failure of a lookup.
    async fn lookup(&self, way: Way) -> AdapterError {
        let (_upstream, adapter) = self.start(way);
        adapter.lookup(&cx(), &query(MIA_NUMBER)).await.unwrap_err()
    }

    /// The failure of a workflow.
    async fn write(&self, way: Way) -> AdapterError {
        let (_upstream, adapter) = self.start(way);
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

    /// What `whocalls check` prints.
    async fn probe(&self, way: Way) -> AdapterError {
        let (_upstream, adapter) = self.start(way);
        adapter.probe(&cx()).await.unwrap_err()
    }

    fn start(&self, way: Way) -> (Upstream, Arc<dyn CrmAdapter>) {
        let upstream = Upstream::start(Arc::new(self.clone()));
        let adapter = adapter(settings(&upstream.url(), way));
        (upstream, adapter)
    }
}

/// Nothing that was asked for or that SuiteCRM's texts quote is in the failure.
fn assert_quotes_nothing(error: &AdapterError, row: &str) {
    for personal in ["791234567", "hunter2"] {
        assert!(!format!("{error:?}").contains(personal), "{row}");
    }
}

/// Meets the reply with a lookup, a probe and a workflow: what it is to a read, to a write, and the
/// sentence.
async fn assert_row(way: Way, reply: Response, cells: [&'static str; 7], row: &str) {
    let [r1, r2, r3, w1, w2, w3, sentence] = cells;
    let (of_read, of_write) = ([r1, r2, r3], [w1, w2, w3]);
    let status = reply.status;
    let refusing = Refusing {
        reply,
        refuses_logins: false,
    };
    let lookup = refusing.lookup(way).await;
    assert_failure(&lookup, of_read, sentence, row);
    let write = refusing.write(way).await;
    assert_failed_write(&write, of_write, sentence, row);
    for error in [&lookup, &write] {
        assert_eq!(error.status, Some(status), "{row}");
    }
    let probe = refusing.probe(way).await;
    assert_failure(&probe, of_read, sentence, row);
    for error in [lookup, write, probe] {
        assert_quotes_nothing(&error, row);
    }
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

/// `v4_1`: the numbers of `crm-apis.md` §3.2 and others of SuiteCRM, and bodies and statuses that
/// are neither an answer nor a fault.
const V4_1: &str = r#"
status | body                                                | of a read         | retried | breaker | of a write        | retried | breaker | sentence
-------+-----------------------------------------------------+-------------------+---------+---------+-------------------+---------+---------+---------
200    | fault 10                                            | unauthenticated   | no      | no      | unauthenticated   | no      | no      | username and password
200    | fault 11                                            | unauthenticated   | no      | no      | unauthenticated   | no      | no      | ends every session
200    | fault 12                                            | unauthenticated   | no      | no      | unauthenticated   | no      | no      | with a browser
200    | fault 20                                            | not_found         | no      | no      | not_found         | no      | no      | shorten the setting modules
200    | fault 40                                            | permission_denied | no      | no      | permission_denied | no      | no      | extend the user's role
200    | fault 60                                            | unavailable       | yes     | yes     | unavailable       | yes     | yes     | let fewer programs log in
200    | fault 1000                                          | invalid_request   | no      | no      | invalid_request   | no      | no      | check that api_path ends with service/v4_1/rest.php
200    | fault 1001                                          | invalid_request   | no      | no      | invalid_request   | no      | no      | check that api_path ends with service/v4_1/rest.php
200    | fault 1008                                          | unauthenticated   | no      | no      | unauthenticated   | no      | no      | set a new one in SuiteCRM and in the settings
200    | fault 1009                                          | unauthenticated   | no      | no      | unauthenticated   | no      | no      | an administrator has to set a new password
200    | fault 1012                                          | unauthenticated   | no      | no      | unauthenticated   | no      | no      | plain_password = true
200    | fault -1                                            | protocol          | no      | yes     | outcome_unknown   | no      | yes     | undefined error
200    | fault 13                                            | protocol          | no      | yes     | outcome_unknown   | no      | yes     | fault 13; look into its suitecrm.log
200    | fault 90                                            | protocol          | no      | yes     | outcome_unknown   | no      | yes     | fault 90; look into its suitecrm.log
200    | fault 4711                                          | protocol          | no      | yes     | outcome_unknown   | no      | yes     | fault 4711; look into its suitecrm.log
200    | null                                                | protocol          | no      | yes     | outcome_unknown   | no      | yes     | answered nothing
200    | -                                                   | protocol          | no      | yes     | outcome_unknown   | no      | yes     | ends too early
200    | <br /><b>Warning</b>: in <b>/var/www</b>{"id":"1"}  | protocol          | no      | yes     | outcome_unknown   | no      | yes     | no proxy or PHP warning
200    | <!doctype html>                                     | protocol          | no      | yes     | outcome_unknown   | no      | yes     | a web page answered
200    | []                                                  | protocol          | no      | yes     | outcome_unknown   | no      | yes     | another shape
200    | {"number":0,"name":"x","description":"x"}           | protocol          | no      | yes     | outcome_unknown   | no      | yes     | another shape
401    | -                                                   | unauthenticated   | no      | no      | unauthenticated   | no      | no      | rejected the credentials
403    | -                                                   | permission_denied | no      | no      | permission_denied | no      | no      | lack a permission
404    | <html>                                              | not_found         | no      | no      | not_found         | no      | no      | check base_url and api_path
429    | -                                                   | rate_limited      | yes     | no      | rate_limited      | yes     | no      | more often than it allows
500    | -                                                   | unavailable       | yes     | yes     | outcome_unknown   | no      | yes     | suitecrm.log
500    | Database failure. Please refer to suitecrm.log.     | unavailable       | yes     | yes     | outcome_unknown   | no      | yes     | suitecrm.log
502    | <html>                                              | unavailable       | yes     | yes     | outcome_unknown   | no      | yes     | a failure of its own
503    | -                                                   | unavailable       | yes     | yes     | unavailable       | yes     | yes     | says that it is unavailable
504    | -                                                   | unavailable       | yes     | yes     | outcome_unknown   | no      | yes     | a failure of its own"#;

#[tokio::test]
async fn every_failure_of_v4_1_has_its_kind_and_its_sentence() {
    for [status, body, cells @ ..] in rows::<9>(V4_1) {
        let row = format!("{status} {body}");
        let replies = match body.strip_prefix("fault ") {
            // A number comes as such or as a text.
            Some(number) => vec![
                fault(&json!(number.parse::<i64>().unwrap())),
                fault(&json!(number)),
            ],
            None => vec![plain(status.parse().unwrap(), body)],
        };
        for reply in replies {
            assert_row(Way::Session, reply, cells, &row).await;
        }
    }
}

/// A refused login means the same as a refused call, and creates nothing.
#[tokio::test]
async fn every_failure_of_a_login_to_v4_1_is_that_of_a_read() {
    for [status, body, kind, retried, counted, .., sentence] in rows::<9>(V4_1) {
        let reply = match body.strip_prefix("fault ") {
            Some(number) => fault(&json!(number.parse::<i64>().unwrap())),
            None => plain(status.parse().unwrap(), body),
        };
        let refusing = Refusing {
            reply,
            refuses_logins: true,
        };
        let row = format!("{status} {body}");
        for error in [
            refusing.probe(Way::Session).await,
            refusing.write(Way::Session).await,
        ] {
            assert_failure(&error, [kind, retried, counted], sentence, &row);
            assert_eq!(error.operation, Operation::Authenticate, "{row}");
        }
    }
}

/// V8: a 400 with the text of `detail` (`crm-apis.md` §3.1, §7), other statuses with their body.
const V8: &str = r#"
status | detail or body                                                        | of a read         | retried | breaker | of a write        | retried | breaker | sentence
-------+-----------------------------------------------------------------------+-------------------+---------+---------+-------------------+---------+---------+---------
400    | [SuiteCRM] [AccessDeniedException]                                    | permission_denied | no      | no      | permission_denied | no      | no      | extend the user's role
400    | Filter operator like is invalid                                       | protocol          | no      | yes     | protocol          | no      | yes     | update SuiteCRM
400    | Filter operator xyz is invalid                                        | invalid_request   | no      | no      | invalid_request   | no      | no      | rejected the request as invalid
400    | Filter field nosuch in Contact module is not found                    | invalid_request   | no      | no      | invalid_request   | no      | no      | a phone field is missing
400    | The following field in Contact module is not found: nosuch            | invalid_request   | no      | no      | invalid_request   | no      | no      | check that the module has its stock fields
400    | Property lead_id in Call module is invalid                            | invalid_request   | no      | no      | invalid_request   | no      | no      | a field of calls or cases
400    | Module with name Leads is not found                                   | not_found         | no      | no      | not_found         | no      | no      | shorten the setting modules
400    | Module Leads does not exist                                           | not_found         | no      | no      | not_found         | no      | no      | shorten the setting modules
400    | Contacts module with id 1 is not found                                | not_found         | no      | no      | not_found         | no      | no      | it may be deleted
400    | something about +41791234567                                          | invalid_request   | no      | no      | invalid_request   | no      | no      | rejected the request as invalid
401    | {"error":"access_denied","hint":"Access token could not be verified"} | unauthenticated   | no      | no      | unauthenticated   | no      | no      | CGIPassAuth
401    | -                                                                     | unauthenticated   | no      | no      | unauthenticated   | no      | no      | CGIPassAuth
403    | -                                                                     | permission_denied | no      | no      | permission_denied | no      | no      | lack a permission
404    | <html>                                                                | not_found         | no      | no      | not_found         | no      | no      | check base_url and api_path
405    | <html>                                                                | not_found         | no      | no      | not_found         | no      | no      | check base_url and api_path
429    | -                                                                     | rate_limited      | yes     | no      | rate_limited      | yes     | no      | more often than it allows
500    | <br />Notice                                                          | unavailable       | yes     | yes     | outcome_unknown   | no      | yes     | suitecrm.log
502    | <html>                                                                | unavailable       | yes     | yes     | outcome_unknown   | no      | yes     | a failure of its own
503    | -                                                                     | unavailable       | yes     | yes     | unavailable       | yes     | yes     | says that it is unavailable
504    | -                                                                     | unavailable       | yes     | yes     | outcome_unknown   | no      | yes     | a failure of its own
200    | <!doctype html>                                                       | protocol          | no      | yes     | outcome_unknown   | no      | yes     | a web page answered
200    | -                                                                     | protocol          | no      | yes     | outcome_unknown   | no      | yes     | ends too early
200    | {}                                                                    | protocol          | no      | yes     | outcome_unknown   | no      | yes     | another shape"#;

#[tokio::test]
async fn every_failure_of_v8_has_its_kind_and_its_sentence() {
    for [status, body, cells @ ..] in rows::<9>(V8) {
        let replies = if status == "400" {
            let error = json!({ "status": 400, "title": null, "detail": body });
            // SuiteCRM sends an object, JSON:API asks for a list.
            [error.clone(), json!([error])]
                .map(|errors| Response::json(400, &json!({ "errors": errors })))
                .to_vec()
        } else {
            vec![plain(status.parse().unwrap(), body)]
        };
        for reply in replies {
            assert_row(Way::Client, reply, cells, &format!("{status} {body}")).await;
        }
    }
}

/// V8: refused token requests; nothing was created then, whatever it was for.
const TOKENS: &str = "\
status | label                  | text                                              | kind              | retried | breaker | sentence
-------+------------------------+---------------------------------------------------+-------------------+---------+---------+---------
400    | invalid_grant          | -                                                 | unauthenticated   | no      | no      | check the settings username and password
400    | unauthorized_client    | -                                                 | unauthenticated   | no      | no      | the client's grant type
400    | unsupported_grant_type | -                                                 | unauthenticated   | no      | no      | the client's grant type
401    | invalid_client         | Client authentication failed                      | unauthenticated   | no      | no      | check client_id and client_secret
401    | invalid_credentials    | -                                                 | unauthenticated   | no      | no      | check the settings username and password
403    | -                      | -                                                 | permission_denied | no      | no      | lack a permission
404    | -                      | -                                                 | not_found         | no      | no      | check base_url and api_path
429    | -                      | -                                                 | rate_limited      | yes     | no      | more often than it allows
500    | unknown_error          | The password is invalid: hunter2                  | unauthenticated   | no      | no      | check the settings username and password
500    | unknown_error          | No user found with this username: hunter2         | unauthenticated   | no      | no      | check the settings username and password
500    | unknown_error          | No user found                                     | unauthenticated   | no      | no      | assign one
500    | unknown_error          | OAuth2Clients module with id hunter2 is not found | unauthenticated   | no      | no      | check client_id and client_secret
500    | unknown_error          | Key path is not readable                          | unavailable       | yes     | yes     | mode 600
500    | -                      | -                                                 | unavailable       | yes     | yes     | suitecrm.log
503    | -                      | -                                                 | unavailable       | yes     | yes     | says that it is unavailable";

#[tokio::test]
async fn every_refused_token_request_says_what_to_change_and_quotes_nothing() {
    for [status, label, text, kind, retried, counted, sentence] in rows(TOKENS) {
        let status = status.parse().unwrap();
        for key in ["message", "error_description"] {
            let reply = if label.is_empty() {
                Response::status(status)
            } else {
                Response::json(status, &json!({ "error": label, key: text }))
            };
            let refusing = Refusing {
                reply,
                refuses_logins: true,
            };
            let row = format!("{status} {label} {text}");
            for error in [
                refusing.lookup(Way::User).await,
                refusing.probe(Way::User).await,
                refusing.write(Way::User).await,
            ] {
                assert_failure(&error, [kind, retried, counted], sentence, &row);
                assert_eq!(error.status, Some(status), "{row}");
                assert_quotes_nothing(&error, &row);
                assert_eq!(error.operation, Operation::Authenticate, "{row}");
            }
        }
    }
}
