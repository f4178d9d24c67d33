//! However often a call or ticket is delivered, HubSpot has it once, and up to date.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use whocalls_core::{CallContext, ErrorKind, Progress, RequestId, WorkflowRequest};
use whocalls_testkit::{
    contacts::MIA_NUMBER,
    query,
    sim::hubspot::{Created, HubSpot},
    upstream::{Fault, Request, Response, SimulatedCrm, Upstream},
};

use crate::{
    contact, count, patient,
    support::{Started, adapter, start, with_oauth, with_token},
    workflow::{request, run},
};

const PROPERTY: &str = "whocalls_id";
/// The workflow, its kind of object, and the property with its text.
const KINDS: [(&str, &str, &str); 2] = [
    ("CallFlow", "calls", "hs_call_body"),
    ("CreateTicket", "tickets", "content"),
];

/// Both ways in which an object is recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Marker,
    UniqueProperty,
}

use Way::{Marker, UniqueProperty};

fn account() -> HubSpot {
    HubSpot::new(&[contact(1, "079 123 45 67", 2)]).with_search_lag()
}

fn with_unique(mut settings: Value) -> Value {
    settings["unique_property"] = json!({ "calls": PROPERTY, "tickets": PROPERTY });
    settings
}

fn started(way: Way) -> Started {
    match way {
        Marker => start(account(), with_token()),
        UniqueProperty => {
            let crm = account().with_unique_property("calls", PROPERTY);
            let crm = crm.with_unique_property("tickets", PROPERTY);
            start(crm, with_unique(with_token()))
        }
    }
}

fn after(progress: Progress, request: &WorkflowRequest) -> WorkflowRequest {
    WorkflowRequest {
        progress,
        text: "What is known now.".to_owned(),
        ..request.clone()
    }
}

fn exists(id: &str) -> Progress {
    Progress::Exists(id.to_owned())
}

/// The only object.
fn only(crm: &HubSpot) -> Created {
    match &crm.created()[..] {
        [made] => made.clone(),
        other => panic!("one object is expected: {other:?}"),
    }
}

#[tokio::test]
async fn a_lost_answer_makes_no_second_object() {
    for way in [Marker, UniqueProperty] {
        for (name, kind, text) in KINDS {
            let hubspot = started(way);
            let request = request(name, Some("1"), None);
            hubspot.upstream.control().set_fault(Fault::LostAnswer);
            let lost = run(&*hubspot.adapter, &request).await.unwrap_err();
            assert_eq!(lost.kind, ErrorKind::OutcomeUnknown, "{way:?} {name}");
            hubspot.upstream.control().set_fault(Fault::None);
            if way == Marker {
                hubspot.crm.catch_up();
            }
            let again = after(Progress::Uncertain, &request);
            let receipt = run(&*hubspot.adapter, &again).await.unwrap();
            let made = only(&hubspot.crm);
            assert_eq!((made.kind.as_str(), receipt.id), (kind, Some(made.id)));
            let now = made.properties[text].as_str().unwrap();
            assert!(now.starts_with("What is known now."), "{way:?}: {now}");
        }
    }
}

#[tokio::test]
async fn what_never_arrived_is_created() {
    for way in [Marker, UniqueProperty] {
        for (name, kind, _) in KINDS {
            let hubspot = started(way);
            let others = request(name, None, None);
            let others = WorkflowRequest {
                idempotency_key: "another".to_owned(),
                ..others
            };
            run(&*hubspot.adapter, &others).await.unwrap();
            hubspot.crm.catch_up();
            let uncertain = after(Progress::Uncertain, &request(name, None, None));
            let receipt = run(&*hubspot.adapter, &uncertain).await.unwrap();
            assert_eq!(receipt.id.as_deref(), Some("88002"), "{way:?} {kind}");
            assert_eq!(hubspot.crm.created().len(), 2);
        }
    }
}

/// What remains: the marker is of no use while the index does not know it. The outbox waits before
/// it tries again, and the unique property needs no index.
#[tokio::test]
async fn an_index_that_lags_for_longer_costs_a_second_object_without_a_unique_property() {
    for (way, objects) in [(Marker, 2), (UniqueProperty, 1)] {
        let hubspot = started(way);
        let request = request("CallFlow", None, None);
        run(&*hubspot.adapter, &request).await.unwrap();
        let uncertain = after(Progress::Uncertain, &request);
        run(&*hubspot.adapter, &uncertain).await.unwrap();
        assert_eq!(hubspot.crm.created().len(), objects, "{way:?}");
    }
}

/// The first create was still on its way when the second was sent.
#[tokio::test]
async fn a_unique_value_that_is_taken_names_the_object() {
    for (name, ..) in KINDS {
        let hubspot = started(UniqueProperty);
        let request = request(name, None, None);
        let first = run(&*hubspot.adapter, &request).await.unwrap();
        let second = run(&*hubspot.adapter, &after(Progress::New, &request)).await;
        assert_eq!(second.unwrap().id, first.id, "{name}");
        let made = only(&hubspot.crm);
        assert_eq!(made.properties[PROPERTY], "key");
        let texts = ["hs_call_body", "content"].map(|text| made.properties.get(text).cloned());
        assert!(
            texts.contains(&Some(json!("What is known now."))),
            "no marker: {texts:?}"
        );
    }
}

#[tokio::test]
async fn a_refusal_for_another_reason_stays_a_refusal() {
    let hubspot = started(UniqueProperty);
    let unknown_contact = request("CallFlow", Some("99999"), None);
    let error = run(&*hubspot.adapter, &unknown_contact).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::InvalidRequest, "{error}");
    assert!(hubspot.crm.created().is_empty());
}

#[tokio::test]
async fn a_later_report_updates_the_call() {
    for way in [Marker, UniqueProperty] {
        let hubspot = started(way);
        let mut ringing = request("CallFlow", Some("1"), None);
        ringing.call.answered_at = None;
        ringing.call.ended_at = None;
        let first = run(&*hubspot.adapter, &ringing).await.unwrap();
        assert_eq!(only(&hubspot.crm).properties["hs_call_status"], "RINGING");
        let id = first.id.clone().unwrap();
        let ended = request("CallFlow", Some("1"), Some(HubSpot::OWNER_ID));
        let ended = after(exists(&id), &ended);
        let second = run(&*hubspot.adapter, &ended).await.unwrap();
        assert_eq!(second, first, "{way:?}: the same object, the same page");
        let made = only(&hubspot.crm);
        assert_eq!(made.properties["hs_call_status"], "COMPLETED");
        assert_eq!(made.properties["hs_call_duration"], "60000");
        assert_eq!(made.properties["hubspot_owner_id"], HubSpot::OWNER_ID);
        assert_eq!(made.associations, [("1".to_owned(), 194)]);
    }
}

#[tokio::test]
async fn a_later_report_changes_nothing_of_a_ticket_but_its_text() {
    let hubspot = started(Marker);
    let opened = request("CreateTicket", Some("1"), Some(HubSpot::OWNER_ID));
    let receipt = run(&*hubspot.adapter, &opened).await.unwrap();
    let before = only(&hubspot.crm);
    let more = WorkflowRequest {
        subject: "Another subject".to_owned(),
        user: None,
        ..after(exists(receipt.id.as_deref().unwrap()), &opened)
    };
    run(&*hubspot.adapter, &more).await.unwrap();
    let mut expected = before.properties.clone();
    expected["content"] = json!("What is known now.\n\nRef. wckey");
    assert_eq!(only(&hubspot.crm).properties, expected);
    let requests = hubspot.upstream.control().requests();
    let update = requests.iter().find(|sent| sent.method == "PATCH").unwrap();
    let sent = update.json().unwrap();
    assert_eq!(sent["properties"].as_object().unwrap().len(), 1, "{sent}");
}

#[tokio::test]
async fn what_somebody_deleted_stays_deleted() {
    for (name, kind, _) in KINDS {
        let hubspot = started(Marker);
        let request = request(name, None, None);
        let first = run(&*hubspot.adapter, &request).await.unwrap();
        let id = first.id.unwrap();
        hubspot.crm.delete(kind, &id);
        let later = run(&*hubspot.adapter, &after(exists(&id), &request)).await;
        assert_eq!(later.unwrap().id, Some(id), "{name}");
        only(&hubspot.crm);
    }
}

#[tokio::test]
async fn a_lost_answer_of_an_update_is_no_unknown_outcome() {
    let hubspot = started(Marker);
    let request = request("CallFlow", None, None);
    let id = run(&*hubspot.adapter, &request).await.unwrap().id.unwrap();
    let update = after(exists(&id), &request);
    hubspot.upstream.control().set_fault(Fault::LostAnswer);
    let lost = run(&*hubspot.adapter, &update).await.unwrap_err();
    assert_eq!(lost.kind, ErrorKind::Unavailable, "{lost}");
    hubspot.upstream.control().set_fault(Fault::None);
    run(&*hubspot.adapter, &update).await.unwrap();
    only(&hubspot.crm);
}

#[tokio::test]
async fn an_expired_token_does_not_stop_an_update() {
    let hubspot = start(account(), with_oauth());
    let request = request("CallFlow", None, None);
    let id = run(&*hubspot.adapter, &request).await.unwrap().id.unwrap();
    hubspot.crm.expire_tokens();
    let update = after(exists(&id), &request);
    run(&*hubspot.adapter, &update).await.unwrap();
    let text = &only(&hubspot.crm).properties["hs_call_body"];
    assert_eq!(text, "What is known now.<br><br>Ref. wckey");
}

/// While it is not known whether the object exists, none is created.
#[tokio::test]
async fn a_search_that_fails_creates_nothing() {
    let cases = [
        (account().with_search_limit(0), ErrorKind::RateLimited),
        (
            account().without_property("calls", "hs_call_body"),
            ErrorKind::InvalidRequest,
        ),
    ];
    for (crm, kind) in cases {
        let hubspot = start(crm, with_token());
        let uncertain = after(Progress::Uncertain, &request("CallFlow", None, None));
        let error = run(&*hubspot.adapter, &uncertain).await.unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
        assert!(hubspot.crm.created().is_empty());
    }
}

/// Finds everything, whatever is searched for.
struct Generous(HubSpot);

impl SimulatedCrm for Generous {
    fn respond(&self, request: &Request) -> Response {
        if request.path.ends_with("/search") {
            let hit = json!({ "id": "7", "properties": { "hs_call_body": "Ref. wcother" } });
            return Response::json(200, &json!({ "total": 1, "results": [hit] }));
        }
        self.0.respond(request)
    }
}

#[tokio::test]
async fn a_hit_without_the_marker_is_another_call() {
    let crm = Arc::new(Generous(account()));
    let upstream = Upstream::start(Arc::clone(&crm) as Arc<dyn SimulatedCrm>);
    let adapter = adapter(&upstream, with_token());
    let uncertain = after(Progress::Uncertain, &request("CallFlow", None, None));
    let receipt = run(&*adapter, &uncertain).await.unwrap();
    assert_eq!(receipt.id.as_deref(), Some("88001"));
}

/// Of two searches, a delivery takes one; the next delivery waits in vain, the lookup does not.
#[tokio::test]
async fn a_search_of_a_delivery_leaves_a_place_for_a_lookup() {
    let mut settings = with_token();
    settings["searches_per_second"] = json!(2);
    let hubspot = start(account(), settings);
    let within = |ms| CallContext::within(Duration::from_millis(ms), RequestId::new("soon"));
    let uncertain = after(Progress::Uncertain, &request("CallFlow", None, None));
    let deliver = |cx: CallContext| {
        let (adapter, request) = (&hubspot.adapter, &uncertain);
        async move { adapter.run_workflow(&cx.in_background(), request).await }
    };
    deliver(patient()).await.unwrap();
    let refused = deliver(within(300)).await.unwrap_err();
    let refusal = (refused.kind, refused.status);
    assert_eq!(refusal, (ErrorKind::RateLimited, None));
    let (cx, question) = (within(1_000), query(MIA_NUMBER));
    let answer = hubspot.adapter.lookup(&cx, &question).await.unwrap();
    assert_eq!(answer.matches().len(), 1);
    assert_eq!(count(&hubspot.upstream, "/search"), 2);
}
