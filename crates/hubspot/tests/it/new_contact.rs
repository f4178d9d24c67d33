//! An unknown caller becomes a contact.

use std::sync::Arc;

use serde_json::json;
use whocalls_core::{Direction, ErrorKind, Progress, WorkflowRequest};
use whocalls_testkit::{
    sim::hubspot::HubSpot,
    upstream::{Fault, Request, Response, SimulatedCrm, Upstream},
};

use crate::{
    contact, find,
    support::{adapter, start, with_token},
    workflow::{request, run},
};

const NUMBER: &str = "41443332211";

fn account() -> HubSpot {
    HubSpot::new(&[contact(1, "079 123 45 67", 2)]).with_search_lag()
}

fn caller(name: Option<&str>) -> WorkflowRequest {
    let mut request = request("CreateContact", None, None);
    request.call.originator_number = Some(NUMBER.to_owned());
    request.call.originator_name = name.map(str::to_owned);
    request
}

#[tokio::test]
async fn a_caller_is_entered_and_found_by_the_next_lookup() {
    let hubspot = start(account(), with_token());
    let receipt = run(&*hubspot.adapter, &caller(Some("Luca Rossi")))
        .await
        .unwrap();
    let page = "https://app-eu1.hubspot.com/contacts/7001234/record/0-1/88001";
    assert_eq!(receipt.id.as_deref(), Some("88001"));
    assert_eq!(receipt.url.as_deref(), Some(page));
    let made = &hubspot.crm.created()[0];
    assert_eq!(
        json!(made.properties),
        json!({ "firstname": "Luca", "lastname": "Rossi", "phone": "+41443332211" })
    );
    hubspot.crm.catch_up();
    let found = find(&*hubspot.adapter, NUMBER).await;
    assert_eq!(Some(&found.id), receipt.id.as_ref());
    let call = request("CallFlow", Some(&found.id), None);
    run(&*hubspot.adapter, &call).await.unwrap();
    assert_eq!(hubspot.crm.created()[1].associations, [(found.id, 194)]);
}

#[tokio::test]
async fn a_caller_without_name_is_called_by_the_number() {
    let hubspot = start(account(), with_token());
    run(&*hubspot.adapter, &caller(None)).await.unwrap();
    let made = &hubspot.crm.created()[0];
    assert_eq!(
        json!(made.properties),
        json!({ "lastname": "+41 44 333 22 11", "phone": "+41443332211" })
    );
}

#[tokio::test]
async fn a_lost_answer_makes_no_second_contact() {
    let hubspot = start(account(), with_token());
    hubspot.upstream.control().set_fault(Fault::LostAnswer);
    let lost = run(&*hubspot.adapter, &caller(None)).await.unwrap_err();
    assert_eq!(lost.kind, ErrorKind::OutcomeUnknown);
    hubspot.upstream.control().set_fault(Fault::None);
    hubspot.crm.catch_up();
    let uncertain = WorkflowRequest {
        progress: Progress::Uncertain,
        ..caller(None)
    };
    let receipt = run(&*hubspot.adapter, &uncertain).await.unwrap();
    assert_eq!(receipt.id.as_deref(), Some("88001"));
    assert!(receipt.url.is_some_and(|url| url.ends_with("/0-1/88001")));
    assert_eq!(hubspot.crm.created().len(), 1);
}

#[tokio::test]
async fn an_existing_contact_stays_as_people_made_it() {
    let hubspot = start(account(), with_token());
    let entered = WorkflowRequest {
        progress: Progress::Exists("1".to_owned()),
        ..caller(Some("Luca Rossi"))
    };
    let receipt = run(&*hubspot.adapter, &entered).await.unwrap();
    assert_eq!(receipt.id.as_deref(), Some("1"));
    assert!(hubspot.crm.created().is_empty());
    let requests = hubspot.upstream.control().requests();
    assert!(requests.iter().all(|sent| sent.method == "GET"));
}

/// Has every contact already.
struct Full(HubSpot, &'static str);

impl SimulatedCrm for Full {
    fn respond(&self, request: &Request) -> Response {
        if request.method == "POST" && request.path.ends_with("/contacts") {
            let body = json!({ "status": "error", "category": "CONFLICT", "message": self.1 });
            return Response::json(409, &body);
        }
        self.0.respond(request)
    }
}

#[tokio::test]
async fn the_contact_that_hubspot_names_counts() {
    let cases = [
        ("Contact already exists. Existing ID: 51", Ok("51")),
        (
            "Contact already exists. Existing ID: ",
            Err(ErrorKind::Conflict),
        ),
        ("Contact already exists.", Err(ErrorKind::Conflict)),
    ];
    for (message, expected) in cases {
        let upstream = Upstream::start(Arc::new(Full(account(), message)));
        let adapter = adapter(&upstream, with_token());
        let result = run(&*adapter, &caller(None)).await;
        let id = result.map(|receipt| receipt.id.unwrap());
        assert_eq!(id.map_err(|error| error.kind), expected.map(str::to_owned));
    }
}

#[tokio::test]
async fn nobody_is_entered_without_a_number() {
    let hubspot = start(account(), with_token());
    let mut hidden = caller(Some("Luca Rossi"));
    hidden.call.originator_number = Some("anonymous".to_owned());
    let mut colleague = caller(Some("Anna"));
    colleague.call.direction = Some(Direction::Outgoing);
    colleague.call.destination_number = Some("12".to_owned());
    for request in [hidden, colleague] {
        let error = run(&*hubspot.adapter, &request).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidRequest);
    }
    assert_eq!(hubspot.upstream.control().request_count(), 0);
}

#[tokio::test]
async fn the_scope_for_writing_contacts_is_named() {
    let crm = account().without_scope("crm.objects.contacts.write");
    let hubspot = start(crm, with_token());
    let error = run(&*hubspot.adapter, &caller(None)).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::PermissionDenied);
    assert!(
        error.message.contains("crm.objects.contacts.write"),
        "{error}"
    );
}
