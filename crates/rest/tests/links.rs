//! What follows a creation: links to other records, and what becomes of the object when they fail.

mod support;

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};
use support::adapter_at;
use whocalls_core::{
    AdapterError, CallContext, CrmAdapter, ErrorKind, Progress, RequestId, WorkflowReceipt,
    WorkflowRequest,
};
use whocalls_testkit::upstream::{Request, Response, SimulatedCrm, Upstream};

/// Creates events whose ids stand in a header, and links them with two requests.
const EVENTS: &str = r#"
[adapters.crm]
kind = "rest"

[adapters.crm.settings]
base_url = "https://crm.example.com"
account = { team = "7" }
outcomes = [{ path = "$.error", means = "invalid_request" }]

[adapters.crm.settings.lookup]
path = "/contacts"
query.phone = "{{ number.e164 }}"
hits = "$[*]"
fields = { id = "$.id", name = "$.name", phones = "$.phone" }

[adapters.crm.settings.workflows.CallFlow]
id = { header = "Location", pattern = "([^/]+)$" }
url = { template = "{{ base_url }}/events/{{ object.id }}" }
create.path = "/events"
create.body.json = { subject = "{{ subject }}" }

[[adapters.crm.settings.workflows.CallFlow.then]]
when = "contact.id"
path = "/events/{{ object.id }}/links"
body.json = { to = "{{ contact.id }}", version = { "$json" = "created.version" } }
outcomes = [{ status = [409], means = "ok" }]

[[adapters.crm.settings.workflows.CallFlow.then]]
method = "PUT"
path = "/teams/{{ account.team }}/events/{{ object.id }}"
"#;

/// Keeps what it was sent; answers links with this status.
struct Events {
    link_status: AtomicU16,
    sent: Mutex<Vec<(String, Value)>>,
}

impl Events {
    fn answering_links_with(status: u16) -> Arc<Self> {
        Arc::new(Self {
            link_status: AtomicU16::new(status),
            sent: Mutex::default(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(String, Value)>> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sent(&self) -> Vec<(String, Value)> {
        std::mem::take(&mut *self.lock())
    }
}

impl SimulatedCrm for Events {
    fn respond(&self, request: &Request) -> Response {
        let body: Value = request.json().unwrap_or_default();
        let is_refused = body.get("subject") == Some(&json!("refused"));
        let line = format!("{} {}", request.method, request.path);
        self.lock().push((line, body));
        match request.path.as_str() {
            "/events" if is_refused => Response::json(200, &json!({ "error": "no" })),
            "/events" => Response::json(201, &json!({ "version": 3 }))
                .with_header("Location", "https://crm.example.com/events/e-1"),
            path if path.ends_with("/links") => {
                Response::status(self.link_status.load(Ordering::Relaxed))
            }
            _ => Response::status(204),
        }
    }
}

fn request(progress: Progress) -> WorkflowRequest {
    WorkflowRequest {
        name: "CallFlow".to_owned(),
        contact: Some("13".to_owned()),
        idempotency_key: "0199c0f0e1b2".to_owned(),
        progress,
        subject: "Incoming call".to_owned(),
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

fn start(crm: &Arc<Events>) -> (Upstream, Arc<dyn CrmAdapter>) {
    let upstream = Upstream::start(Arc::clone(crm) as _);
    let adapter = adapter_at(EVENTS, &upstream.url(), "key");
    (upstream, adapter)
}

fn lines(sent: &[(String, Value)]) -> Vec<&str> {
    sent.iter().map(|(line, _)| line.as_str()).collect()
}

#[tokio::test]
async fn an_object_is_created_and_linked() {
    let crm = Events::answering_links_with(201);
    let (upstream, adapter) = start(&crm);
    let receipt = run(&*adapter, &request(Progress::New)).await.unwrap();
    assert_eq!(receipt.id.as_deref(), Some("e-1"));
    let url = format!("{}/events/e-1", upstream.url());
    assert_eq!(receipt.url, Some(url));
    let sent = crm.sent();
    assert_eq!(
        lines(&sent),
        [
            "POST /events",
            "POST /events/e-1/links",
            "PUT /teams/7/events/e-1"
        ]
    );
    assert_eq!(sent[1].1, json!({ "to": "13", "version": 3 }));
}

#[tokio::test]
async fn a_link_to_nobody_is_left_out_and_one_that_is_there_is_no_failure() {
    let crm = Events::answering_links_with(409);
    let (_upstream, adapter) = start(&crm);
    run(&*adapter, &request(Progress::New)).await.unwrap();
    assert_eq!(crm.sent().len(), 3);
    let nobody = WorkflowRequest {
        contact: None,
        ..request(Progress::New)
    };
    run(&*adapter, &nobody).await.unwrap();
    assert_eq!(
        lines(&crm.sent()),
        ["POST /events", "PUT /teams/7/events/e-1"]
    );
}

#[tokio::test]
async fn an_object_whose_link_fails_is_kept_and_linked_by_the_next_delivery() {
    let crm = Events::answering_links_with(503);
    let (_upstream, adapter) = start(&crm);
    let error = run(&*adapter, &request(Progress::New)).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unavailable, "{error}");
    let created = error.created.expect("it was created");
    assert_eq!(created.id.as_deref(), Some("e-1"));
    assert_eq!(
        lines(&crm.sent()),
        ["POST /events", "POST /events/e-1/links"]
    );

    crm.link_status.store(201, Ordering::Relaxed);
    let exists = Progress::Exists("e-1".to_owned());
    let receipt = run(&*adapter, &request(exists)).await.unwrap();
    assert_eq!(receipt, *created);
    let sent = crm.sent();
    assert_eq!(
        lines(&sent),
        ["POST /events/e-1/links", "PUT /teams/7/events/e-1"]
    );
    assert_eq!(sent[0].1, json!({ "to": "13" }), "nothing was created now");
}

#[tokio::test]
async fn a_creation_refused_inside_of_a_success_created_nothing() {
    let crm = Events::answering_links_with(201);
    let (_upstream, adapter) = start(&crm);
    let refused = WorkflowRequest {
        subject: "refused".to_owned(),
        ..request(Progress::New)
    };
    let error = run(&*adapter, &refused).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::InvalidRequest, "{error}");
    assert_eq!(error.created, None);
    assert_eq!(lines(&crm.sent()), ["POST /events"]);
}
