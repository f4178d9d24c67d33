//! Calls and cases as they arrive in SuiteCRM, once.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use whocalls_core::{
    CallContext, CallDetails, Direction, ErrorKind, RequestId, WorkflowRequest,
    workflow::{CALL_FLOW, CREATE_CASE},
};
use whocalls_testkit::{
    contacts::{MIA_NUMBER, SPELLED},
    upstream::{Fault, Request, Response, SimulatedCrm, Upstream},
};

use crate::support::{Bench, Way, adapter, cx, owner, settings, simulated};

const SWITCHBOARD: &str = "41447000200";

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
        idempotency_key: "0199-key".to_owned(),
        subject: "Incoming call".to_owned(),
        extra: Map::new(),
        ..WorkflowRequest::default()
    }
}

fn count(bench: &Bench, what: &str) -> usize {
    let asked = bench.asked();
    asked.iter().filter(|asked| asked.as_str() == what).count()
}

/// The request that creates a call.
fn creation(way: Way) -> &'static str {
    match way {
        Way::Client | Way::User => "module",
        Way::Session => "set_entry Calls",
    }
}

#[tokio::test]
async fn a_call_is_logged_under_its_contact_with_a_link_to_its_page() {
    for way in Way::ALL {
        let bench = Bench::new(simulated(), way);
        let mia = owner(&bench, MIA_NUMBER, "Contacts").await;
        let request = request(CALL_FLOW, Some(&mia));
        let receipt = bench.adapter.run_workflow(&cx(), &request).await.unwrap();

        let created = bench.suite.created_objects();
        let [call] = created.as_slice() else {
            panic!("{way:?}: {created:?}");
        };
        let id = call["id"].as_str().unwrap();
        assert_eq!(receipt.id.unwrap(), format!("Calls/{id}"));
        let address = bench.upstream.url();
        let page = format!("{address}/index.php?module=Calls&action=DetailView&record={id}");
        assert_eq!(receipt.url.unwrap(), page);
        assert_eq!(call["assigned_user_id"], "seed_anna_id");
        assert_eq!(call["date_start"], "2026-11-22 08:30:00");
        assert_eq!(call["duration_minutes"], 1);
        let parent = call["parent_id"].as_str().unwrap();
        assert_eq!(format!("Contacts/{parent}"), mia);
        let link = format!("Calls/{id}/contacts/{parent}");
        assert_eq!(bench.suite.links(), [link], "{way:?}");
    }
}

#[tokio::test]
async fn a_call_is_logged_for_leads_companies_and_strangers_too() {
    for way in Way::ALL {
        let bench = Bench::new(simulated(), way);
        let lead = owner(&bench, SPELLED, "Leads").await;
        let company = owner(&bench, SWITCHBOARD, "Accounts").await;
        for (contact, parent_type) in [
            (Some(lead.as_str()), Some("Leads")),
            (Some(company.as_str()), Some("Accounts")),
            (None, None),
        ] {
            let mut request = request(CALL_FLOW, contact);
            request.idempotency_key = format!("0199-{parent_type:?}");
            bench.adapter.run_workflow(&cx(), &request).await.unwrap();
            let call = bench.suite.created_objects().pop().unwrap();
            let parent = call.get("parent_type").and_then(Value::as_str);
            assert_eq!(parent, parent_type, "{way:?}");
        }
        let links = bench.suite.links();
        assert_eq!(links.len(), 1, "the lead: {links:?}");
        assert!(links[0].contains("/leads/"));
    }
}

#[tokio::test]
async fn a_case_belongs_to_the_account_of_its_contact() {
    for way in Way::ALL {
        let bench = Bench::with(simulated(), way, |settings| {
            settings["case_status"] = json!("New");
        });
        let mia = owner(&bench, MIA_NUMBER, "Contacts").await;
        let company = owner(&bench, SWITCHBOARD, "Accounts").await;
        let lead = owner(&bench, SPELLED, "Leads").await;
        for (contact, account) in [
            (Some(&mia), Some(&company)),
            (Some(&company), Some(&company)),
            (Some(&lead), None),
            (None, None),
        ] {
            let mut request = request(CREATE_CASE, contact.map(String::as_str));
            request.idempotency_key = format!("0199-{contact:?}");
            let receipt = bench.adapter.run_workflow(&cx(), &request).await.unwrap();
            assert!(receipt.id.unwrap().starts_with("Cases/"));
            let case = bench.suite.created_objects().pop().unwrap();
            let of_case = case.get("account_id").and_then(Value::as_str);
            let of_case = of_case.map(|id| format!("Accounts/{id}"));
            assert_eq!(of_case.as_ref(), account, "{way:?}");
            assert_eq!(case["status"], "New");
        }
        let links = bench.suite.links();
        let people = links.iter().filter(|link| link.contains("/contacts/"));
        assert_eq!(people.count(), 1, "Mia: {links:?}");
    }
}

/// The session ends between reading the contact's account and creating the case.
#[tokio::test]
async fn a_session_that_ends_within_a_workflow_does_not_fail_it() {
    for way in Way::ALL {
        for requests in 0..2 {
            let bench = Bench::new(simulated(), way);
            let mia = owner(&bench, MIA_NUMBER, "Contacts").await;
            bench.suite.expire_tokens_after(requests);
            let request = request(CREATE_CASE, Some(&mia));
            bench.adapter.run_workflow(&cx(), &request).await.unwrap();
            assert_eq!(bench.suite.created(), 1, "{way:?} after {requests}");
        }
    }
}

#[tokio::test]
async fn a_repeated_delivery_makes_no_second_record() {
    for way in Way::ALL {
        let bench = Bench::new(simulated(), way);
        let mia = owner(&bench, MIA_NUMBER, "Contacts").await;
        for name in [CALL_FLOW, CREATE_CASE] {
            let request = request(name, Some(&mia));
            let first = bench.adapter.run_workflow(&cx(), &request).await.unwrap();
            let links = bench.suite.links();
            let again = bench.adapter.run_workflow(&cx(), &request).await.unwrap();
            assert_eq!(first, again, "{way:?} {name}");
            assert_eq!(bench.suite.links(), links, "{way:?} {name}");
        }
        assert_eq!(bench.suite.created(), 2, "{way:?}: a call and a case");
    }
}

/// A gateway that was restarted, or another interface of the same instance, sends it once more.
#[tokio::test]
async fn a_repeated_delivery_is_recognised_by_another_adapter() {
    let bench = Bench::new(simulated(), Way::Client);
    let request = request(CALL_FLOW, None);
    let first = bench.adapter.run_workflow(&cx(), &request).await.unwrap();
    for way in Way::ALL {
        let other = adapter(settings(&bench.upstream.url(), way));
        let again = other.run_workflow(&cx(), &request).await.unwrap();
        assert_eq!(first, again, "{way:?}");
    }
    assert_eq!(bench.suite.created(), 1);
}

/// The answer to the first delivery is lost, after the record was created.
#[tokio::test]
async fn a_delivery_whose_answer_was_lost_can_be_repeated() {
    for way in Way::ALL {
        let bench = Bench::new(simulated(), way);
        bench.count(MIA_NUMBER).await;
        let control = Arc::clone(bench.upstream.control());
        control.set_fault(Fault::Truncated);
        let request = request(CALL_FLOW, None);
        let error = bench
            .adapter
            .run_workflow(&cx(), &request)
            .await
            .unwrap_err();
        assert_eq!(error.kind, ErrorKind::OutcomeUnknown, "{way:?}: {error}");
        assert_eq!(bench.suite.created(), 1, "{way:?}");
        control.set_fault(Fault::None);
        bench.adapter.run_workflow(&cx(), &request).await.unwrap();
        assert_eq!(bench.suite.created(), 1, "{way:?}");
    }
}

#[tokio::test]
async fn a_write_whose_answer_is_broken_is_not_repeated() {
    for way in Way::ALL {
        for fault in [
            Fault::Status(500),
            Fault::Status(502),
            Fault::Garbage,
            Fault::Html,
            Fault::Oversized,
        ] {
            let bench = Bench::new(simulated(), way);
            bench.count(MIA_NUMBER).await;
            bench.upstream.control().set_fault(fault);
            let request = request(CALL_FLOW, None);
            let error = bench
                .adapter
                .run_workflow(&cx(), &request)
                .await
                .unwrap_err();
            assert_eq!(error.kind, ErrorKind::OutcomeUnknown, "{fault:?}: {error}");
            assert_eq!(count(&bench, creation(way)), 1, "{way:?} {fault:?}");
        }
    }
}

/// There is no time left to look for the record.
#[tokio::test]
async fn a_write_without_an_answer_is_not_followed_by_anything() {
    for way in Way::ALL {
        let bench = Bench::new(simulated(), way);
        bench.count(MIA_NUMBER).await;
        let before = bench.upstream.control().request_count();
        bench.upstream.control().set_fault(Fault::Hang);
        let short = CallContext::within(Duration::from_secs(1), RequestId::new("short"));
        let request = request(CALL_FLOW, None);
        let error = bench
            .adapter
            .run_workflow(&short, &request)
            .await
            .unwrap_err();
        assert_eq!(error.kind, ErrorKind::OutcomeUnknown, "{way:?}");
        assert_eq!(bench.upstream.control().request_count(), before + 1);
    }
}

#[tokio::test]
async fn missing_rights_and_records_are_told_and_nothing_is_created() {
    for way in Way::ALL {
        let bench = Bench::new(simulated().without_access_to("Calls"), way);
        let request_call = request(CALL_FLOW, None);
        let error = bench
            .adapter
            .run_workflow(&cx(), &request_call)
            .await
            .unwrap_err();
        assert_eq!(error.kind, ErrorKind::PermissionDenied, "{way:?}: {error}");

        let gone = request(
            CREATE_CASE,
            Some("Contacts/00000000-0000-4000-8000-000000000000"),
        );
        let error = bench.adapter.run_workflow(&cx(), &gone).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::NotFound, "{way:?}: {error}");
        assert_eq!(bench.suite.created(), 0, "{way:?}");
    }
}

#[tokio::test]
async fn a_foreign_contact_is_refused_before_anything_is_sent() {
    let bench = Bench::new(simulated(), Way::Client);
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

/// Creates nothing without saying so: the reply lacks the id.
struct WithoutId;

impl SimulatedCrm for WithoutId {
    fn respond(&self, request: &Request) -> Response {
        let body = if request.path.ends_with("/access_token") {
            json!({ "access_token": "a" })
        } else if request.form_value("method").as_deref() == Some("login") {
            json!({ "id": "s" })
        } else {
            json!({ "data": {} })
        };
        Response::json(200, &body)
    }
}

#[tokio::test]
async fn a_success_without_an_id_is_an_unknown_outcome() {
    for way in Way::ALL {
        let upstream = Upstream::start(Arc::new(WithoutId));
        let adapter = adapter(settings(&upstream.url(), way));
        let request = request(CALL_FLOW, None);
        let error = adapter.run_workflow(&cx(), &request).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::OutcomeUnknown, "{way:?}");
    }
}
