//! What a probe tells an administrator.

use std::sync::Arc;

use serde_json::json;
use whocalls_core::ErrorKind;
use whocalls_testkit::{
    contacts::messy_contacts,
    sim::hubspot::HubSpot,
    upstream::{Request, Response, SimulatedCrm, Upstream},
};

use crate::{
    paths, patient,
    support::{adapter, start, with_token},
};

fn account() -> HubSpot {
    HubSpot::new(&messy_contacts(0))
}

#[tokio::test]
async fn the_account_and_the_version_are_named() {
    let hubspot = start(account(), with_token());
    let report = hubspot.adapter.probe(&patient()).await.unwrap();
    assert_eq!(
        report.summary,
        "HubSpot account 7001234 (STANDARD), interface 2026-09"
    );
    assert!(report.warnings.is_empty());
    assert_eq!(
        paths(&hubspot.upstream),
        [
            "/account-info/2026-09/details",
            "/crm/objects/2026-09/contacts/search",
            "/crm/objects/2026-09/companies/search",
        ]
    );
}

#[tokio::test]
async fn a_revoked_token_and_a_missing_scope_are_told_apart() {
    let hubspot = start(account(), with_token());
    hubspot.crm.revoke();
    let error = hubspot.adapter.probe(&patient()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unauthenticated);
    assert!(!error.message.contains("scope"), "{error}");

    let crm = account().without_scope("crm.objects.contacts.read");
    let hubspot = start(crm, with_token());
    let error = hubspot.adapter.probe(&patient()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::PermissionDenied);
    assert!(
        error.message.contains("crm.objects.contacts.read"),
        "{error}"
    );
}

#[tokio::test]
async fn a_missing_scope_for_companies_is_a_warning_unless_they_are_searched() {
    for searched in [false, true] {
        let crm = account().without_scope("crm.objects.companies.read");
        let mut settings = with_token();
        settings["companies"] = json!(searched);
        let hubspot = start(crm, settings);
        let result = hubspot.adapter.probe(&patient()).await;
        if searched {
            assert_eq!(result.unwrap_err().kind, ErrorKind::PermissionDenied);
        } else {
            let warnings = result.unwrap().warnings;
            assert!(warnings[0].contains("crm.objects.companies.read"));
        }
    }
}

/// Refuses searches of one type without naming the scope.
struct Terse(HubSpot, &'static str);

impl SimulatedCrm for Terse {
    fn respond(&self, request: &Request) -> Response {
        if request.path.ends_with(self.1) {
            return Response::json(403, &json!({ "category": "MISSING_SCOPES" }));
        }
        self.0.respond(request)
    }
}

#[tokio::test]
async fn a_missing_scope_is_named_even_when_hubspot_does_not() {
    let cases = [
        ("contacts/search", "crm.objects.contacts.read"),
        ("companies/search", "crm.objects.companies.read"),
    ];
    for (end, scope) in cases {
        let upstream = Upstream::start(Arc::new(Terse(account(), end)));
        let mut settings = with_token();
        settings["companies"] = json!(true);
        let adapter = adapter(&upstream, settings);
        let error = adapter.probe(&patient()).await.unwrap_err();
        let sentence = format!(
            "the token lacks a scope ({scope}); grant it to the service key or app in HubSpot"
        );
        assert_eq!(error.message, sentence);
    }
}

#[tokio::test]
async fn the_version_that_ends_is_warned_of() {
    let mut settings = with_token();
    settings["api_version"] = json!("v3");
    let hubspot = start(account(), settings);
    let report = hubspot.adapter.probe(&patient()).await.unwrap();
    assert!(report.warnings[0].contains("2026-09"), "{report:?}");
}

#[tokio::test]
async fn a_unique_property_that_is_not_there_or_not_unique_is_warned_of() {
    let mut settings = with_token();
    settings["unique_property"] = json!({ "calls": "whocalls_id", "tickets": "call_id" });
    let warnings = async |crm: HubSpot| {
        let hubspot = start(crm, settings.clone());
        hubspot.adapter.probe(&patient()).await.unwrap().warnings
    };
    let [calls, tickets] = &warnings(account()).await[..] else {
        panic!("two warnings are expected")
    };
    assert!(
        calls.contains("whocalls_id of calls does not exist"),
        "{calls}"
    );
    assert!(
        tickets.contains("call_id of tickets does not exist"),
        "{tickets}"
    );

    let crm = || account().with_unique_property("calls", "whocalls_id");
    let [tickets] = &warnings(crm().with_property("tickets", "call_id")).await[..] else {
        panic!("one warning is expected")
    };
    assert!(
        tickets.contains("does not require unique values"),
        "{tickets}"
    );

    let crm = crm().with_unique_property("tickets", "call_id");
    assert_eq!(warnings(crm).await, [""; 0]);
}

#[tokio::test]
async fn a_property_that_cannot_be_read_is_warned_of() {
    let mut settings = with_token();
    settings["unique_property"] = json!({ "calls": "whocalls_id" });
    let upstream = Upstream::start(Arc::new(Terse(
        account(),
        "properties/2026-09/calls/whocalls_id",
    )));
    let adapter = adapter(&upstream, settings);
    let report = adapter.probe(&patient()).await.unwrap();
    assert!(
        report.warnings[0].contains("cannot be checked"),
        "{report:?}"
    );
}
