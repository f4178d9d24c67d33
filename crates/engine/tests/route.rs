//! Where a workflow goes.
#![expect(
    clippy::unwrap_used,
    reason = "a broken test set-up has to fail the test"
)]

use std::sync::Arc;

use whocalls_core::AdapterId;
use whocalls_engine::{Engine, EngineSettings, RouteError, RouteRequest, SendTo, Source};
use whocalls_testkit::fake::FakeAdapter;

fn engine() -> Engine {
    let source = |id: &str| Source {
        adapter: Arc::new(FakeAdapter::new(id, Vec::new())),
        priority: 10,
        actions: vec![FakeAdapter::WORKFLOW.to_owned()],
    };
    let sources = vec![source("sugar"), source("hubspot")];
    Engine::new(sources, EngineSettings::default())
}

/// Where it goes, as `adapter/record`.
fn route_to(
    send_to: SendTo,
    workflow: &str,
    contact: Option<&str>,
    fallback: &[&str],
) -> Result<Vec<String>, RouteError> {
    let contact = contact.map(|id| id.parse().unwrap());
    let fallback: Vec<AdapterId> = fallback
        .iter()
        .map(|id| AdapterId::new(id).unwrap())
        .collect();
    let request = RouteRequest {
        workflow,
        contact: contact.as_ref(),
        fallback: &fallback,
        send_to,
        allowed: None,
    };
    let routes = engine().route(&request)?;
    Ok(routes
        .iter()
        .map(|route| {
            format!(
                "{}/{}",
                route.adapter,
                route.record.as_deref().unwrap_or("-")
            )
        })
        .collect())
}

#[test]
fn a_workflow_goes_to_the_crms_of_its_contact() {
    let cases: &[(SendTo, &str, &[&str])] = &[
        (SendTo::First, "hubspot:51", &["hubspot/51"]),
        (SendTo::First, "sugar:1,hubspot:51", &["sugar/1"]),
        (
            SendTo::All,
            "sugar:1,hubspot:51",
            &["sugar/1", "hubspot/51"],
        ),
        (
            SendTo::All,
            "sugar:1,sugar:2,hubspot:51",
            &["sugar/1", "hubspot/51"],
        ),
        // An adapter that was removed is passed over.
        (SendTo::First, "gone:1,hubspot:51", &["hubspot/51"]),
    ];
    for (send_to, contact, expected) in cases {
        let routes = route_to(*send_to, "CallFlow", Some(contact), &["sugar"]);
        assert_eq!(routes.unwrap(), *expected, "{contact}");
    }
}

#[test]
fn without_a_contact_the_configuration_decides() {
    let route = |send_to, fallback| route_to(send_to, "CallFlow", None, fallback);
    assert_eq!(
        route(SendTo::First, &["hubspot", "sugar"]).unwrap(),
        ["hubspot/-"]
    );
    let both = route(SendTo::All, &["hubspot", "gone", "sugar"]).unwrap();
    assert_eq!(both, ["hubspot/-", "sugar/-"]);
    let error = route(SendTo::First, &[]).unwrap_err();
    assert!(matches!(&error, RouteError::NoTarget { capable } if capable == &["sugar", "hubspot"]));
}

#[test]
fn unknown_names_are_answered_with_those_that_exist() {
    let error = route_to(SendTo::First, "BakeBread", Some("sugar:1"), &[]).unwrap_err();
    assert!(matches!(&error, RouteError::UnknownWorkflow { known } if known == &["CallFlow"]));
    let error = route_to(SendTo::First, "CallFlow", Some("nobody:1"), &[]).unwrap_err();
    assert!(
        matches!(&error, RouteError::UnknownAdapter { known } if known == &["sugar", "hubspot"])
    );
}

#[test]
fn a_token_reaches_only_the_adapters_that_it_may_ask() {
    let engine = engine();
    let allowed = [AdapterId::new("hubspot").unwrap()];
    let contact = "sugar:1,hubspot:51".parse().unwrap();
    let request = RouteRequest {
        workflow: "CallFlow",
        contact: Some(&contact),
        fallback: &[],
        send_to: SendTo::All,
        allowed: Some(&allowed),
    };
    let routes = engine.route(&request).unwrap();
    assert_eq!(routes.len(), 1);
    assert_eq!(routes[0].adapter, allowed[0]);
}
