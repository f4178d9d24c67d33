//! Leads: found through their contacts, at nobody's expense.

use std::{
    sync::{Arc, mpsc},
    time::Duration,
};

use serde_json::{Value, json};
use whocalls_core::{
    CallContext, CallDetails, ErrorKind, LookupAnswer, RecordKind, RequestId, WorkflowRequest,
};
use whocalls_testkit::{
    contacts::{MIA_NUMBER, UNKNOWN},
    query, query_at_most,
    sim::hubspot::HubSpot,
    upstream::Upstream,
};

use crate::{
    Failing, Stuck, contact, count, lookup, paths, patient,
    support::{Started, adapter, start, with_token},
};

const CONTACTS: &str = "/crm/objects/2026-09/contacts/search";
const LEADS: &str = "/crm/objects/2026-09/leads/search";
const SHARED: &str = "41792220000";

/// Mia, two contacts who share a number, and leads of all three.
fn account() -> HubSpot {
    HubSpot::new(&[
        contact(1, "079 123 45 67", 0),
        contact(2, "079 222 00 00", 0),
        contact(3, "+41 79 222 00 00", 0),
    ])
    .with_lead(701, "Mia, new business", &[1])
    .with_lead(702, "Second, upselling", &[3, 2])
}

fn with_leads() -> Value {
    let mut settings = with_token();
    settings["leads"] = json!(true);
    settings
}

fn ids(answer: &LookupAnswer) -> Vec<&str> {
    let matches = answer.matches().iter();
    matches.map(|found| found.record.id.as_str()).collect()
}

/// Logs a call for a record. Returns what it was associated with.
async fn call_for(hubspot: &Started, record: &str) -> Vec<(String, u64)> {
    let request = WorkflowRequest {
        name: "CallFlow".to_owned(),
        contact: Some(record.to_owned()),
        call: CallDetails::default(),
        idempotency_key: "key".to_owned(),
        ..WorkflowRequest::default()
    };
    let result = hubspot.adapter.run_workflow(&patient(), &request).await;
    result.expect("the call is logged");
    hubspot.crm.created().pop().unwrap().associations
}

#[tokio::test]
async fn a_lead_has_the_number_of_its_contact_and_a_page_of_its_own() {
    for crm in [account(), account().without_urls()] {
        let hubspot = start(crm, with_leads());
        let answer = lookup(&*hubspot.adapter, MIA_NUMBER).await.unwrap();
        assert_eq!(ids(&answer), ["1", "leads/701"]);
        assert!(!answer.is_partial());
        let lead = &answer.matches()[1].record;
        assert_eq!(lead.kind, RecordKind::Lead);
        assert_eq!(lead.name, "Mia, new business");
        assert_eq!(lead.phones, ["079 123 45 67"]);
        let page = "https://app-eu1.hubspot.com/contacts/7001234/record/0-136/701";
        assert_eq!(lead.contact_uri.as_deref(), Some(page));
    }
}

#[tokio::test]
async fn leads_are_searched_once_where_it_is_wanted_and_somebody_was_found() {
    let off = start(account(), with_token());
    lookup(&*off.adapter, MIA_NUMBER).await.unwrap();
    assert_eq!(paths(&off.upstream), [CONTACTS]);

    let on = start(account(), with_leads());
    assert!(lookup(&*on.adapter, UNKNOWN).await.unwrap().is_empty());
    assert_eq!(paths(&on.upstream), [CONTACTS], "nobody to search for");
    lookup(&*on.adapter, SHARED).await.unwrap();
    assert_eq!(paths(&on.upstream), [CONTACTS, CONTACTS, LEADS]);
    let requests = on.upstream.control().requests();
    let body = requests.last().unwrap().json().unwrap();
    let mut asked = body["filterGroups"][0]["filters"][0]["values"].clone();
    asked.as_array_mut().unwrap().sort_by_key(Value::to_string);
    assert_eq!(asked, json!(["2", "3"]));
}

#[tokio::test]
async fn the_other_name_of_the_object_leads_to_the_same() {
    let mut settings = with_leads();
    settings["leads_object"] = json!("0-136");
    let hubspot = start(account(), settings);
    let answer = lookup(&*hubspot.adapter, MIA_NUMBER).await.unwrap();
    assert_eq!(ids(&answer), ["1", "leads/701"]);
    assert_eq!(count(&hubspot.upstream, "/0-136/search"), 1);
}

#[tokio::test]
async fn of_several_contacts_the_primary_one_lends_its_number() {
    let hubspot = start(account(), with_leads());
    let answer = lookup(&*hubspot.adapter, SHARED).await.unwrap();
    let lead = answer.matches().iter().find(|m| m.record.id == "leads/702");
    let phones = &lead.expect("a lead").record.phones;
    assert_eq!(phones, &["+41 79 222 00 00"]);
    let expected = [("3".to_owned(), 194)];
    assert_eq!(call_for(&hubspot, "leads/702").await, expected);
}

#[tokio::test]
async fn a_lead_of_an_unknown_one_of_them_is_shown_and_its_call_logged_for_nobody() {
    let crm = account().without_property("leads", "hs_primary_contact_id");
    let hubspot = start(crm, with_leads());
    let answer = lookup(&*hubspot.adapter, SHARED).await.unwrap();
    assert!(ids(&answer).contains(&"leads/702"), "{answer:?}");
    assert!(call_for(&hubspot, "leads/702").await.is_empty());
    // The only contact that was found needs no property.
    lookup(&*hubspot.adapter, MIA_NUMBER).await.unwrap();
    let expected = [("1".to_owned(), 194)];
    assert_eq!(call_for(&hubspot, "leads/701").await, expected);
    assert!(
        call_for(&hubspot, "leads/799").await.is_empty(),
        "never met"
    );
}

#[tokio::test]
async fn contacts_keep_their_places() {
    let hubspot = start(account(), with_leads());
    for (places, records, searches) in [(1, 1, 0), (2, 2, 0), (3, 3, 1)] {
        let question = query_at_most(SHARED, places);
        let answer = hubspot.adapter.lookup(&patient(), &question).await;
        let answer = answer.unwrap();
        assert_eq!(answer.matches().len(), records);
        assert_eq!(answer.is_truncated(), places == 1);
        assert_eq!(count(&hubspot.upstream, LEADS), searches, "{places}");
    }
}

#[tokio::test]
async fn a_refusal_costs_the_leads_only_and_is_not_asked_for_again() {
    let cases = [
        account().without_scope("crm.objects.leads.read"),
        account().without_property("leads", "associations.contact"),
    ];
    for crm in cases {
        let hubspot = start(crm, with_leads());
        for _ in 0..2 {
            let answer = lookup(&*hubspot.adapter, MIA_NUMBER).await.unwrap();
            assert_eq!(ids(&answer), ["1"]);
            assert!(answer.is_partial());
        }
        assert_eq!(count(&hubspot.upstream, LEADS), 1);
    }
}

#[tokio::test]
async fn failures_cost_the_leads_only() {
    for (status, searches) in [(400, 1), (403, 1), (404, 1), (429, 1), (500, 2), (503, 2)] {
        let (crm, end) = (account(), "leads/search");
        let upstream = Upstream::start(Arc::new(Failing { crm, end, status }));
        let adapter = adapter(&upstream, with_leads());
        for _ in 0..2 {
            // A 429 holds all searches back, also the next one of contacts, for a second.
            let answer = lookup(&*adapter, MIA_NUMBER).await.unwrap();
            assert_eq!(ids(&answer), ["1"], "{status}");
            assert!(answer.is_partial(), "{status}");
            if status == 429 {
                break;
            }
        }
        assert_eq!(count(&upstream, end), searches, "{status}");
    }
}

#[tokio::test]
async fn leads_that_hang_do_not_keep_the_contact_back() {
    let (release, released) = mpsc::channel();
    let stuck = Stuck::at("leads/search", account(), released);
    let upstream = Upstream::start(Arc::new(stuck));
    let mut settings = with_leads();
    settings["details_timeout_ms"] = json!(50);
    let adapter = adapter(&upstream, settings);
    let answer = lookup(&*adapter, MIA_NUMBER).await;
    drop(release);
    let answer = answer.unwrap();
    assert_eq!(ids(&answer), ["1"]);
    assert!(answer.is_partial());
}

#[tokio::test]
async fn without_a_place_in_the_budget_leads_are_left_out() {
    let mut settings = with_leads();
    settings["searches_per_second"] = json!(1);
    let hubspot = start(account(), settings);
    let cx = CallContext::within(Duration::from_millis(900), RequestId::new("one"));
    let answer = hubspot.adapter.lookup(&cx, &query(MIA_NUMBER)).await;
    let answer = answer.unwrap();
    assert_eq!(ids(&answer), ["1"]);
    assert!(answer.is_partial());
    assert_eq!(paths(&hubspot.upstream), [CONTACTS]);
}

#[tokio::test]
async fn a_probe_warns_of_leads_that_cannot_be_searched() {
    let well = start(account(), with_leads());
    let report = well.adapter.probe(&patient()).await.unwrap();
    assert!(report.warnings.is_empty(), "{report:?}");
    assert_eq!(count(&well.upstream, LEADS), 1);

    let terse = |crm, status| Failing {
        crm,
        end: "leads/search",
        status,
    };
    let cases = [
        (
            terse(account().without_scope("crm.objects.leads.read"), 0),
            "(crm.objects.leads.read)",
        ),
        (
            terse(
                account().without_property("leads", "associations.contact"),
                0,
            ),
            "set leads = false",
        ),
        (terse(account(), 404), "set leads_object"),
    ];
    for (crm, hint) in cases {
        let upstream = match crm.status {
            0 => Upstream::start(Arc::new(crm.crm)),
            _ => Upstream::start(Arc::new(crm)),
        };
        let adapter = adapter(&upstream, with_leads());
        let warnings = adapter.probe(&patient()).await.unwrap().warnings;
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(warnings[0].contains(hint), "{warnings:?}");
    }
}

#[tokio::test]
async fn a_record_that_looks_like_a_lead_is_not_one() {
    let hubspot = start(account(), with_leads());
    for id in ["leads/", "leads/x", "leads/1/2", "Leads/1"] {
        let request = WorkflowRequest {
            name: "CallFlow".to_owned(),
            contact: Some(id.to_owned()),
            idempotency_key: "key".to_owned(),
            ..WorkflowRequest::default()
        };
        let result = hubspot.adapter.run_workflow(&patient(), &request).await;
        assert_eq!(result.unwrap_err().kind, ErrorKind::InvalidRequest, "{id}");
    }
}
