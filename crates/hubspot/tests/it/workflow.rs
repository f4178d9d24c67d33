//! Calls and tickets as HubSpot gets them.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::json;
use whocalls_core::{
    AdapterError, CallDetails, CrmAdapter, Direction, ErrorKind, WorkflowReceipt, WorkflowRequest,
};
use whocalls_testkit::{contacts::MIA_NUMBER, sim::hubspot::HubSpot, upstream::Upstream};

use crate::{
    Failing, contact, count, find, patient,
    support::{adapter, start, with_oauth, with_token},
};

/// Mia with company 2.
fn account() -> HubSpot {
    HubSpot::new(&[contact(1, "079 123 45 67", 2)])
}

pub(crate) fn request(name: &str, contact: Option<&str>, user: Option<&str>) -> WorkflowRequest {
    let at = |second: i64| Timestamp::from_second(1_763_800_200 + second).ok();
    WorkflowRequest {
        name: name.to_owned(),
        contact: contact.map(str::to_owned),
        user: user.map(str::to_owned),
        call: CallDetails {
            direction: Some(Direction::Incoming),
            originator_number: Some(MIA_NUMBER.to_owned()),
            destination_number: Some("41445550100".to_owned()),
            started_at: at(0),
            answered_at: at(10),
            ended_at: at(70),
            ..CallDetails::default()
        },
        idempotency_key: "key".to_owned(),
        subject: "Incoming call from Mia".to_owned(),
        text: "Answered, talked for 1 min.".to_owned(),
        ..WorkflowRequest::default()
    }
}

pub(crate) async fn run(
    adapter: &dyn CrmAdapter,
    request: &WorkflowRequest,
) -> Result<WorkflowReceipt, AdapterError> {
    adapter.run_workflow(&patient(), request).await
}

#[tokio::test]
async fn a_call_is_logged_for_the_contact_and_its_company() {
    let hubspot = start(account(), with_token());
    let mia = find(&*hubspot.adapter, MIA_NUMBER).await;
    let request = request("CallFlow", Some(&mia.id), Some(HubSpot::OWNER_ID));
    let receipt = run(&*hubspot.adapter, &request).await.unwrap();
    assert_eq!(receipt.id.as_deref(), Some("88001"));
    let page = "https://app-eu1.hubspot.com/contacts/7001234/record/0-1/1/view/1?engagement=88001";
    assert_eq!(receipt.url.as_deref(), Some(page));
    let [made] = &hubspot.crm.created()[..] else {
        panic!("one object")
    };
    assert_eq!(made.kind, "calls");
    assert_eq!(made.properties["hs_call_title"], "Incoming call from Mia");
    let text = "Answered, talked for 1 min.<br><br>Ref. wckey";
    assert_eq!(made.properties["hs_call_body"], text);
    assert_eq!(made.properties["hs_call_status"], "COMPLETED");
    assert_eq!(made.properties["hs_call_duration"], "60000");
    assert_eq!(made.properties["hs_call_from_number"], "+41791234567");
    assert_eq!(made.properties["hubspot_owner_id"], HubSpot::OWNER_ID);
    let expected = [("1".to_owned(), 194), ("9002".to_owned(), 182)];
    assert_eq!(made.associations, expected);
}

#[tokio::test]
async fn calls_without_a_contact_or_for_a_company_are_logged_too() {
    let hubspot = start(account(), with_token());
    let nobody = request("CallFlow", None, None);
    run(&*hubspot.adapter, &nobody).await.unwrap();
    let company = request("CallFlow", Some("companies/9002"), None);
    let receipt = run(&*hubspot.adapter, &company).await.unwrap();
    let url = receipt.url.unwrap();
    assert!(url.contains("/record/0-2/9002/view/1?engagement="), "{url}");
    let made = hubspot.crm.created();
    assert!(made[0].associations.is_empty());
    assert_eq!(made[1].associations, [("9002".to_owned(), 182)]);
}

#[tokio::test]
async fn a_ticket_is_opened_in_the_configured_stage() {
    let mut settings = with_token();
    settings["ticket"] = json!({ "stage": "3" });
    let hubspot = start(account(), settings);
    let request = request("CreateTicket", Some("1"), None);
    let receipt = run(&*hubspot.adapter, &request).await.unwrap();
    let page = "https://app-eu1.hubspot.com/contacts/7001234/record/0-5/88001";
    assert_eq!(receipt.url.as_deref(), Some(page));
    let [made] = &hubspot.crm.created()[..] else {
        panic!("one object")
    };
    assert_eq!(made.kind, "tickets");
    assert_eq!(made.properties["hs_pipeline"], "0");
    assert_eq!(made.properties["hs_pipeline_stage"], "3");
    assert_eq!(made.properties["subject"], "Incoming call from Mia");
    assert_eq!(made.associations, [("1".to_owned(), 16)]);
}

#[tokio::test]
async fn the_ticket_page_is_built_when_hubspot_sends_none() {
    let hubspot = start(account().without_urls(), with_token());
    let request = request("CreateTicket", None, None);
    let receipt = run(&*hubspot.adapter, &request).await.unwrap();
    assert!(receipt.url.unwrap().ends_with("/record/0-5/88001"));
}

#[tokio::test]
async fn an_address_is_resolved_to_its_owner_once() {
    let hubspot = start(account(), with_token());
    for _ in 0..2 {
        let request = request("CallFlow", None, Some(HubSpot::OWNER_EMAIL));
        run(&*hubspot.adapter, &request).await.unwrap();
    }
    for made in hubspot.crm.created() {
        assert_eq!(made.properties["hubspot_owner_id"], HubSpot::OWNER_ID);
    }
    assert_eq!(count(&hubspot.upstream, "/owners/2026-09"), 1);
}

#[tokio::test]
async fn an_unknown_user_costs_the_owner_not_the_call() {
    let no_scope = || account().without_scope("crm.objects.owners.read");
    let cases = [
        (account(), "nobody@example.ch"),
        (account(), "Anna"),
        (no_scope(), HubSpot::OWNER_EMAIL),
    ];
    for (crm, user) in cases {
        let hubspot = start(crm, with_token());
        let request = request("CallFlow", None, Some(user));
        run(&*hubspot.adapter, &request).await.unwrap();
        let made = hubspot.crm.created();
        assert_eq!(made[0].properties.get("hubspot_owner_id"), None, "{user}");
    }
}

#[tokio::test]
async fn a_foreign_contact_id_is_refused_before_anything_is_sent() {
    let hubspot = start(account(), with_token());
    for id in ["Leads/7d1c", "companies/", ""] {
        let request = request("CallFlow", Some(id), None);
        let error = run(&*hubspot.adapter, &request).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidRequest, "{id}");
    }
    assert_eq!(hubspot.upstream.control().request_count(), 0);
}

#[tokio::test]
async fn what_hubspot_rejects_is_an_invalid_request() {
    let hubspot = start(account(), with_token());
    for (contact, user) in [(Some("99999"), None), (None, Some("1"))] {
        let request = request("CallFlow", contact, user);
        let error = run(&*hubspot.adapter, &request).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidRequest);
    }
    assert!(hubspot.crm.created().is_empty());
}

#[tokio::test]
async fn an_expired_token_does_not_log_a_call_twice() {
    let hubspot = start(account(), with_oauth());
    find(&*hubspot.adapter, MIA_NUMBER).await;
    hubspot.crm.expire_tokens();
    run(&*hubspot.adapter, &request("CallFlow", None, None))
        .await
        .unwrap();
    assert_eq!(hubspot.crm.created().len(), 1);
    assert_eq!(hubspot.crm.tokens_issued(), 2);
}

#[tokio::test]
async fn a_page_that_cannot_be_built_does_not_fail_the_workflow() {
    let crm = account().without_urls();
    let (end, status) = ("/details", 500);
    let upstream = Upstream::start(Arc::new(Failing { crm, end, status }));
    let adapter = adapter(&upstream, with_token());
    let receipt = run(&*adapter, &request("CallFlow", Some("1"), None)).await;
    let expected = WorkflowReceipt {
        id: Some("88001".to_owned()),
        url: None,
    };
    assert_eq!(receipt.unwrap(), expected);
}
