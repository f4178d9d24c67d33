//! What becomes of workflows that no conformance case has: what is sent, what an uncertain delivery
//! does, and what a half answer means.

mod support;

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use support::adapter_at;
use whocalls_core::{
    AdapterError, CallContext, CallDetails, CrmAdapter, Direction, ErrorKind, Progress, RequestId,
    WorkflowReceipt, WorkflowRequest,
};
use whocalls_testkit::{
    sim::rest::{API_KEY, RestCrm},
    upstream::{Fault, Request, Response, SimulatedCrm, Upstream},
};

const ERP: &str = include_str!("../examples/erp.toml");

/// Answers everything with the same reply.
struct Canned(Response);

impl SimulatedCrm for Canned {
    fn respond(&self, _: &Request) -> Response {
        self.0.clone()
    }
}

fn start(crm: Arc<dyn SimulatedCrm>, document: &str) -> (Upstream, Arc<dyn CrmAdapter>) {
    let upstream = Upstream::start(crm);
    let adapter = adapter_at(document, &upstream.url(), API_KEY);
    (upstream, adapter)
}

/// The example without these tables of its workflow.
fn without(tables: &[&str]) -> String {
    let mut parts = ERP.split_inclusive('\n').peekable();
    let mut document = String::new();
    let mut is_kept = true;
    for line in &mut parts {
        if line.starts_with('[') {
            is_kept = !tables
                .iter()
                .any(|table| line.contains(&format!(".CallFlow.{table}]")));
        }
        if is_kept {
            document.push_str(line);
        }
    }
    document
}

fn request(progress: Progress) -> WorkflowRequest {
    let text = |text: &str| Some(text.to_owned());
    WorkflowRequest {
        name: "CallFlow".to_owned(),
        contact: text("13"),
        user: text("42"),
        call: CallDetails {
            direction: Some(Direction::Incoming),
            originator_number: text("41791234567"),
            started_at: "2026-11-22T10:00:00+01:00".parse().ok(),
            answered_at: "2026-11-22T10:00:10+01:00".parse().ok(),
            ended_at: "2026-11-22T10:01:10+01:00".parse().ok(),
            ..CallDetails::default()
        },
        idempotency_key: "0199c0f0e1b2".to_owned(),
        progress,
        subject: "Incoming call \"Mia\"".to_owned(),
        text: "Answered.\nTalked for 1 min.".to_owned(),
        ..WorkflowRequest::default()
    }
}

async fn run(
    adapter: &dyn CrmAdapter,
    request: &WorkflowRequest,
) -> Result<WorkflowReceipt, AdapterError> {
    let cx = CallContext::within(Duration::from_secs(20), RequestId::new("test"));
    adapter.run_workflow(&cx, request).await
}

fn sent(upstream: &Upstream) -> Vec<(String, Value)> {
    let requests = upstream.control().requests().into_iter();
    requests
        .map(|request| {
            let body = request.json().unwrap_or_default();
            (format!("{} {}", request.method, request.path), body)
        })
        .collect()
}

#[tokio::test]
async fn a_call_is_created_as_described_and_brought_up_to_date() {
    let (upstream, adapter) = start(Arc::new(RestCrm::new(&[])), ERP);
    let receipt = run(&*adapter, &request(Progress::New)).await.unwrap();
    assert_eq!(receipt.id.as_deref(), Some("501"));
    let url = format!("{}/notes/501", upstream.url());
    assert_eq!(receipt.url, Some(url));

    let mut later = request(Progress::Exists("501".to_owned()));
    later.subject = "Later".to_owned();
    let updated = run(&*adapter, &later).await.unwrap();
    assert_eq!(updated, receipt);
    let text = "Answered.\nTalked for 1 min.";
    let created = json!({
        "external_key": "0199c0f0e1b2",
        "contact_id": "13",
        "user_id": "42",
        "subject": "Incoming call \"Mia\"",
        "text": text,
        "started_at": "2026-11-22T09:00:00Z",
        "seconds": "60",
    });
    let changed = json!({ "subject": "Later", "text": text, "seconds": "60" });
    let expected = [
        ("POST /api/notes".to_owned(), created),
        ("PATCH /api/notes/501".to_owned(), changed),
    ];
    assert_eq!(sent(&upstream), expected);
}

#[tokio::test]
async fn what_is_not_known_is_left_out() {
    let (upstream, adapter) = start(Arc::new(RestCrm::new(&[])), ERP);
    let bare = WorkflowRequest {
        contact: None,
        user: Some(" ".to_owned()),
        call: CallDetails::default(),
        ..request(Progress::New)
    };
    run(&*adapter, &bare).await.unwrap();
    let (_, body) = sent(&upstream).remove(0);
    let keys: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["external_key", "subject", "text"]);
}

#[tokio::test]
async fn a_path_that_needs_what_is_not_known_is_not_asked() {
    let document = ERP.replace(
        "path = \"/api/notes\"\n\n",
        "path = \"/api/{{ contact.id }}\"\n\n",
    );
    let (upstream, adapter) = start(Arc::new(RestCrm::new(&[])), &document);
    let bare = WorkflowRequest {
        contact: None,
        ..request(Progress::New)
    };
    let error = run(&*adapter, &bare).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::InvalidRequest, "{error}");
    assert_eq!(upstream.control().request_count(), 0);
}

#[tokio::test]
async fn what_somebody_deleted_stays_deleted() {
    let crm = Arc::new(RestCrm::new(&[]));
    let (_upstream, adapter) = start(Arc::clone(&crm) as _, ERP);
    let receipt = run(&*adapter, &request(Progress::New)).await.unwrap();
    crm.delete_notes();
    let again = request(Progress::Exists("501".to_owned()));
    assert_eq!(run(&*adapter, &again).await.unwrap(), receipt);
    assert_eq!((crm.notes_created(), crm.notes().len()), (1, 0));
}

#[tokio::test]
async fn without_an_update_the_object_stays_as_it_is() {
    let crm = Arc::new(RestCrm::new(&[]));
    let (upstream, adapter) = start(Arc::clone(&crm) as _, &without(&["update"]));
    let again = request(Progress::Exists("501".to_owned()));
    let receipt = run(&*adapter, &again).await.unwrap();
    assert_eq!(receipt.id.as_deref(), Some("501"));
    assert!(receipt.url.unwrap().ends_with("/notes/501"));
    assert_eq!(upstream.control().request_count(), 0);
}

#[tokio::test]
async fn a_found_object_gets_what_became_known_since() {
    let crm = Arc::new(RestCrm::new(&[]));
    let (upstream, adapter) = start(Arc::clone(&crm) as _, ERP);
    upstream.control().set_fault(Fault::LostAnswer);
    let error = run(&*adapter, &request(Progress::New)).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::OutcomeUnknown, "{error}");
    upstream.control().set_fault(Fault::None);
    let mut later = request(Progress::Uncertain);
    later.subject = "Later".to_owned();
    let receipt = run(&*adapter, &later).await.unwrap();
    assert_eq!(receipt.id.as_deref(), Some("501"));
    assert_eq!(crm.notes_created(), 1);
    assert_eq!(crm.notes()[0]["subject"], "Later");
}

#[tokio::test]
async fn an_uncertain_delivery_without_a_way_to_find_out_waits_for_the_operator() {
    let crm = Arc::new(RestCrm::new(&[]));
    let (upstream, adapter) = start(Arc::clone(&crm) as _, &without(&["find"]));
    let error = run(&*adapter, &request(Progress::Uncertain))
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Conflict);
    for part in ["look in the CRM", "workflows.CallFlow.find"] {
        assert!(error.message.contains(part), "{error}");
    }
    assert_eq!(upstream.control().request_count(), 0, "nothing was sent");
    run(&*adapter, &request(Progress::New)).await.unwrap();
    assert_eq!(crm.notes_created(), 1);
}

/// Misspelled, the filter is ignored, and the CRM returns notes of other calls.
#[tokio::test]
async fn an_object_without_the_key_is_not_taken_for_the_one_that_is_looked_for() {
    let crm = Arc::new(RestCrm::new(&[]).ignoring_filters());
    let (_upstream, adapter) = start(Arc::clone(&crm) as _, ERP);
    let mut other = request(Progress::New);
    other.idempotency_key = "another-key".to_owned();
    run(&*adapter, &other).await.unwrap();
    let error = run(&*adapter, &request(Progress::Uncertain))
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Conflict);
    assert!(error.message.contains("ignores the filter"), "{error}");
    assert_eq!(crm.notes_created(), 1);

    // Among all notes, its own is found.
    run(&*adapter, &request(Progress::New)).await.unwrap();
    let receipt = run(&*adapter, &request(Progress::Uncertain)).await.unwrap();
    assert_eq!(receipt.id.as_deref(), Some("502"));
}

#[tokio::test]
async fn an_own_id_that_is_taken_was_taken_by_the_first_delivery() {
    let workflow = r#"
[adapters.erp.settings.workflows.CallFlow]
own_id = "{{ workflow.uuid }}"
repeat_safe = true
create.path = "/api/notes"
create.body.json = { id = "{{ object.id }}", subject = "{{ subject }}" }
"#;
    let (lookup, _) = ERP.split_once("# Every call").unwrap();
    let crm = Arc::new(RestCrm::new(&[]));
    let (_upstream, adapter) = start(Arc::clone(&crm) as _, &format!("{lookup}{workflow}"));
    let first = run(&*adapter, &request(Progress::New)).await.unwrap();
    let again = run(&*adapter, &request(Progress::Uncertain)).await.unwrap();
    assert_eq!(first, again);
    assert_eq!(crm.notes()[0]["id"], json!(first.id.unwrap()));
    assert_eq!(crm.notes_created(), 1);
    let error = run(&*adapter, &request(Progress::New)).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Conflict, "there should be none");
}

#[tokio::test]
async fn every_answer_has_its_meaning() {
    use ErrorKind::{
        InvalidRequest, NotFound, OutcomeUnknown, PermissionDenied, Protocol, RateLimited,
        Unauthenticated, Unavailable,
    };
    let id = json!({ "id": 7 });
    // Status and body, and the kinds of a creation, a search and an update that get them.
    for (status, body, create, find, update) in [
        (200, id.clone(), None, Some(Protocol), None),
        (201, json!({}), Some(OutcomeUnknown), Some(Protocol), None),
        (
            204,
            Value::Null,
            Some(OutcomeUnknown),
            Some(OutcomeUnknown),
            None,
        ),
        (
            302,
            id.clone(),
            Some(Protocol),
            Some(Protocol),
            Some(Protocol),
        ),
        (
            400,
            id.clone(),
            Some(InvalidRequest),
            Some(InvalidRequest),
            Some(InvalidRequest),
        ),
        (
            401,
            id.clone(),
            Some(Unauthenticated),
            Some(Unauthenticated),
            Some(Unauthenticated),
        ),
        (
            403,
            id.clone(),
            Some(PermissionDenied),
            Some(PermissionDenied),
            Some(PermissionDenied),
        ),
        (404, id.clone(), Some(NotFound), Some(NotFound), None),
        (410, id.clone(), Some(NotFound), Some(NotFound), None),
        (
            429,
            id.clone(),
            Some(RateLimited),
            Some(RateLimited),
            Some(RateLimited),
        ),
        (
            500,
            id.clone(),
            Some(OutcomeUnknown),
            Some(Unavailable),
            Some(Unavailable),
        ),
        (
            503,
            id,
            Some(Unavailable),
            Some(Unavailable),
            Some(Unavailable),
        ),
    ] {
        let response = match &body {
            Value::Null => Response::status(status),
            body => Response::json(status, body),
        };
        let (_upstream, adapter) = start(Arc::new(Canned(response)), ERP);
        let kind = |result: Result<_, AdapterError>| result.err().map(|error| error.kind);
        let created = kind(run(&*adapter, &request(Progress::New)).await);
        assert_eq!(created, create, "{status} {body} to a creation");
        let exists = Progress::Exists("7".to_owned());
        let updated = kind(run(&*adapter, &request(exists)).await);
        assert_eq!(updated, update, "{status} {body} to an update");
        // Where nothing is found, it is the answer to the creation that follows.
        let found = kind(run(&*adapter, &request(Progress::Uncertain)).await);
        assert_eq!(found, find, "{status} {body} to a search");
    }
}

#[tokio::test]
async fn a_lost_answer_of_an_update_is_simply_repeated() {
    let (upstream, adapter) = start(Arc::new(RestCrm::new(&[])), ERP);
    run(&*adapter, &request(Progress::New)).await.unwrap();
    let again = request(Progress::Exists("501".to_owned()));
    upstream.control().set_fault(Fault::LostAnswer);
    let error = run(&*adapter, &again).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unavailable, "{error}");
    upstream.control().set_fault(Fault::Hang);
    let cx = CallContext::within(Duration::from_millis(200), RequestId::new("test"));
    let error = adapter.run_workflow(&cx, &again).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Timeout, "{error}");
    upstream.control().set_fault(Fault::None);
    run(&*adapter, &again).await.unwrap();
}

#[tokio::test]
async fn no_error_tells_who_called() {
    for fault in [
        Fault::LostAnswer,
        Fault::Html,
        Fault::Truncated,
        Fault::Status(422),
    ] {
        let (upstream, adapter) = start(Arc::new(RestCrm::new(&[])), ERP);
        upstream.control().set_fault(fault);
        for progress in [
            Progress::New,
            Progress::Uncertain,
            Progress::Exists("5".to_owned()),
        ] {
            if let Err(error) = run(&*adapter, &request(progress)).await {
                let told = format!("{error} {error:?}");
                for personal in ["791234567", "Mia", "0199c0f0e1b2", API_KEY] {
                    assert!(!told.contains(personal), "{fault:?}: {told}");
                }
            }
        }
    }
}

/// GraphQL reports errors with status 200: such an update did not take place.
#[tokio::test]
async fn an_update_that_graphql_refuses_is_not_delivered() {
    let document = r#"
[adapters.crm]
kind = "rest"
[adapters.crm.settings.lookup]
path = "/contacts/{{ number.nsn }}"
hits = "$[*]"
fields = { id = "$.id", name = "$.name", phones = "$.phone" }
[adapters.crm.settings.workflows.CallFlow]
id = "$.data.createNote.id"
create = { path = "/graphql", body.graphql.query = "mutation { createNote { id } }" }
[adapters.crm.settings.workflows.CallFlow.update]
method = "POST"
path = "/graphql"
body.graphql.query = "mutation($id: ID!) { updateNote(id: $id) { id } }"
body.graphql.variables = { id = "{{ object.id }}" }
"#;
    let refused = json!({"data": {"updateNote": null}, "errors": [{"message": "locked"}]});
    for (reply, kind) in [
        (refused, Some(ErrorKind::Protocol)),
        (json!({"data": {"updateNote": {"id": "7"}}}), None),
    ] {
        let crm = Arc::new(Canned(Response::json(200, &reply)));
        let (_upstream, adapter) = start(crm, document);
        let result = run(&*adapter, &request(Progress::Exists("7".to_owned()))).await;
        assert_eq!(result.err().map(|error| error.kind), kind, "{reply}");
    }
}
