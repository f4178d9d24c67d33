//! Calls and cases as they arrive in Sugar.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use serde_json::Map;
use whocalls_core::{
    CallDetails, Direction, ErrorKind, WorkflowRequest,
    workflow::{CALL_FLOW, CREATE_CASE},
};
use whocalls_testkit::{
    contacts::{MIA_NUMBER, SPELLED},
    upstream::{Fault, Request, Response, SimulatedCrm, Upstream},
};

use crate::support::{Bench, adapter, cx, owner, settings, simulated};

fn request(name: &str, contact: Option<&str>) -> WorkflowRequest {
    let at = |second: i64| Timestamp::from_second(1_795_336_200 + second).ok();
    WorkflowRequest {
        name: name.to_owned(),
        contact: contact.map(str::to_owned),
        user: Some("seed_anna_id".to_owned()),
        call: CallDetails {
            direction: Some(Direction::Incoming),
            originator_number: Some(MIA_NUMBER.to_owned()),
            started_at: at(0),
            answered_at: at(10),
            ended_at: at(70),
            ..CallDetails::default()
        },
        idempotency_key: "key".to_owned(),
        subject: "Incoming call".to_owned(),
        extra: Map::new(),
        ..WorkflowRequest::default()
    }
}

#[tokio::test]
async fn a_call_is_logged_under_its_contact_with_a_link_to_its_page() {
    let bench = Bench::new(simulated(), "auto");
    let mia = owner(&bench, MIA_NUMBER, "Contacts").await;
    let request = request(CALL_FLOW, Some(&mia));
    let receipt = bench.adapter.run_workflow(&cx(), &request).await.unwrap();

    let created = bench.sugar.created_objects();
    let [call] = created.as_slice() else {
        panic!("{created:?}");
    };
    let id = receipt.id.unwrap();
    assert_eq!(id, format!("Calls/{}", call["id"].as_str().unwrap()));
    let page = format!("{}/#{id}", bench.upstream.url());
    assert_eq!(receipt.url.unwrap(), page);
    assert_eq!(call["assigned_user_id"], "seed_anna_id");
    assert_eq!(
        format!("Contacts/{}", call["parent_id"].as_str().unwrap()),
        mia
    );
    let invited = mia.replace("Contacts/", "/contacts/");
    assert_eq!(bench.sugar.links(), [format!("{id}{invited}")]);
}

#[tokio::test]
async fn a_call_is_logged_for_leads_companies_and_strangers_too() {
    let bench = Bench::new(simulated(), "auto");
    let lead = owner(&bench, SPELLED, "Leads").await;
    let company = owner(&bench, "41447000200", "Accounts").await;
    for (contact, parent_type) in [
        (Some(lead.as_str()), Some("Leads")),
        (Some(company.as_str()), Some("Accounts")),
        (None, None),
    ] {
        let mut request = request(CALL_FLOW, contact);
        request.idempotency_key = format!("key-{parent_type:?}");
        bench.adapter.run_workflow(&cx(), &request).await.unwrap();
        let call = bench.sugar.created_objects().pop().unwrap();
        let parent = call.get("parent_type").and_then(|parent| parent.as_str());
        assert_eq!(parent, parent_type);
    }
    let links = bench.sugar.links();
    assert_eq!(links.len(), 1, "the lead: {links:?}");
    assert!(links[0].contains("/leads/"));
}

#[tokio::test]
async fn a_case_belongs_to_the_account_of_its_contact() {
    let bench = Bench::new(simulated(), "auto");
    let mia = owner(&bench, MIA_NUMBER, "Contacts").await;
    let company = owner(&bench, "41447000200", "Accounts").await;
    for contact in [&mia, &company] {
        let mut request = request(CREATE_CASE, Some(contact));
        request.idempotency_key.clone_from(contact);
        let receipt = bench.adapter.run_workflow(&cx(), &request).await.unwrap();
        assert!(receipt.id.unwrap().starts_with("Cases/"));
        let case = bench.sugar.created_objects().pop().unwrap();
        let account = format!("Accounts/{}", case["account_id"].as_str().unwrap());
        assert_eq!(account, company, "Mia works there");
        assert_eq!(case["status"], "New");
    }
    assert_eq!(bench.sugar.links().len(), 1, "Mia is linked");
}

#[tokio::test]
async fn a_case_without_the_account_that_sugar_requires_is_refused_in_words() {
    let bench = Bench::new(simulated(), "auto");
    let lead = owner(&bench, SPELLED, "Leads").await;
    for contact in [None, Some(lead.as_str())] {
        let request = request(CREATE_CASE, contact);
        let error = bench
            .adapter
            .run_workflow(&cx(), &request)
            .await
            .unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidRequest);
        assert!(
            error.message.contains("a field that it requires"),
            "{error}"
        );
    }
    assert_eq!(bench.sugar.created(), 0);
}

#[tokio::test]
async fn a_foreign_contact_is_refused_before_anything_is_sent() {
    let bench = Bench::new(simulated(), "auto");
    for (name, contact) in [(CALL_FLOW, "51"), (CREATE_CASE, "Bugs/1")] {
        let request = request(name, Some(contact));
        let error = bench
            .adapter
            .run_workflow(&cx(), &request)
            .await
            .unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidRequest);
    }
    assert_eq!(bench.upstream.control().request_count(), 0);
}

#[tokio::test]
async fn a_write_with_an_expired_token_creates_one_object() {
    let bench = Bench::new(simulated(), "auto");
    bench.count(MIA_NUMBER).await;
    bench.sugar.expire_tokens();
    let request = request(CALL_FLOW, None);
    bench.adapter.run_workflow(&cx(), &request).await.unwrap();
    assert_eq!(bench.sugar.created(), 1);
}

#[tokio::test]
async fn a_write_whose_answer_is_broken_is_not_repeated() {
    for fault in [
        Fault::Status(500),
        Fault::Garbage,
        Fault::Html,
        Fault::Oversized,
    ] {
        let bench = Bench::new(simulated(), "auto");
        bench.count(MIA_NUMBER).await;
        let before = bench.upstream.control().request_count();
        bench.upstream.control().set_fault(fault);
        let request = request(CALL_FLOW, None);
        let error = bench
            .adapter
            .run_workflow(&cx(), &request)
            .await
            .unwrap_err();
        assert_eq!(error.kind, ErrorKind::OutcomeUnknown, "{fault:?}: {error}");
        assert_eq!(
            bench.upstream.control().request_count(),
            before + 1,
            "{fault:?}"
        );
    }
}

/// Creates nothing without saying so: the reply lacks the id.
struct WithoutId;

impl SimulatedCrm for WithoutId {
    fn respond(&self, request: &Request) -> Response {
        let body = if request.path.ends_with("/oauth2/token") {
            serde_json::json!({ "access_token": "a" })
        } else {
            serde_json::json!({ "name": "Call" })
        };
        Response::json(200, &body)
    }
}

#[tokio::test]
async fn a_success_without_an_id_is_an_unknown_outcome() {
    let upstream = Upstream::start(Arc::new(WithoutId));
    let adapter = adapter(settings(&upstream.url(), "auto"));
    let cx = cx().with_deadline(tokio::time::Instant::now() + Duration::from_secs(10));
    let error = adapter
        .run_workflow(&cx, &request(CALL_FLOW, None))
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::OutcomeUnknown);
}
