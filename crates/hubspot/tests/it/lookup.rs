//! What a lookup asks HubSpot for, and what it makes of the answers.

use std::{
    sync::{Arc, mpsc},
    time::Duration,
};

use futures::future::join_all;
use serde_json::{Value, json};
use whocalls_core::{CallContext, ErrorKind, MatchClass, RecordKind, RequestId};
use whocalls_testkit::{
    contacts::{MIA_NUMBER, UNKNOWN},
    query, query_at_most,
    sim::hubspot::HubSpot,
    upstream::{Request, Response, SimulatedCrm, Upstream},
};

use crate::{
    Failing, Stuck, contact, count, find, lookup, paths, patient,
    support::{adapter, start, with_token},
};

const LONELY: &str = "41791110000";
const SEARCH: &str = "/crm/objects/2026-09/contacts/search";
const COMPANIES: &str = "/crm/objects/2026-09/companies/batch/read";

/// Mia with company 2, one more contact of it, and one without a company.
fn account() -> HubSpot {
    HubSpot::new(&[
        contact(1, "079 123 45 67", 2),
        contact(2, "079 222 00 00", 2),
        contact(3, "079 111 00 00", 0),
    ])
}

fn set(key: &str, value: Value) -> Value {
    let mut settings = with_token();
    settings[key] = value;
    settings
}

#[tokio::test]
async fn one_request_without_a_company_two_with_a_cold_one_and_one_with_a_warm_one() {
    let hubspot = start(account(), with_token());
    assert_eq!(find(&*hubspot.adapter, LONELY).await.company, None);
    assert_eq!(
        paths(&hubspot.upstream),
        [SEARCH],
        "no company, nothing to read"
    );

    let cold = find(&*hubspot.adapter, MIA_NUMBER).await;
    assert_eq!(cold.company.as_deref(), Some("Company 2 AG"));
    let company_page = "https://app-eu1.hubspot.com/contacts/7001234/record/0-2/9002";
    assert_eq!(cold.company_uri.as_deref(), Some(company_page));
    assert_eq!(paths(&hubspot.upstream), [SEARCH, SEARCH, COMPANIES]);

    let warm = find(&*hubspot.adapter, "41792220000").await;
    assert_eq!(warm.company_uri, cold.company_uri);
    assert_eq!(
        paths(&hubspot.upstream),
        [SEARCH, SEARCH, COMPANIES, SEARCH]
    );

    assert!(lookup(&*hubspot.adapter, UNKNOWN).await.unwrap().is_empty());
    assert_eq!(hubspot.upstream.control().request_count(), 5);
}

#[tokio::test]
async fn a_number_typed_with_its_country_code_but_without_plus_is_found() {
    let crm = HubSpot::new(&[contact(1, "41791234567", 0)]);
    let hubspot = start(crm, with_token());
    let answer = lookup(&*hubspot.adapter, MIA_NUMBER).await.unwrap();
    assert_eq!(answer.matches()[0].class, MatchClass::Exact);
}

#[tokio::test]
async fn the_same_national_number_of_another_country_is_no_match() {
    let crm = HubSpot::new(&[
        contact(1, "+49 791234567", 0),
        contact(2, "+423 791 23 45", 0),
    ]);
    let hubspot = start(crm, with_token());
    let answer = lookup(&*hubspot.adapter, MIA_NUMBER).await.unwrap();
    assert!(answer.is_empty());
    assert_eq!(answer.rejected(), 1, "HubSpot's hit was checked");
}

#[tokio::test]
async fn custom_fields_keep_title_and_order() {
    let fields = json!({ "City": "city", "Mail": "email", "Job": "jobtitle" });
    let hubspot = start(account(), set("custom_fields", fields));
    let found = find(&*hubspot.adapter, MIA_NUMBER).await;
    let custom: Vec<_> = found
        .custom
        .iter()
        .map(|field| (field.title.as_str(), field.text.as_str()))
        .collect();
    let expected = [("Mail", "contact1@example.ch"), ("Job", "Head of Sales")];
    assert_eq!(custom, expected);
}

#[tokio::test]
async fn only_shown_records_cost_a_company() {
    let crm = HubSpot::new(&[
        contact(1, "079 123 45 67", 1),
        contact(2, "079 123 45 67", 2),
        contact(3, "+49 791234567", 3),
    ]);
    let hubspot = start(crm, with_token());
    let one = query_at_most(MIA_NUMBER, 1);
    let answer = hubspot.adapter.lookup(&patient(), &one).await.unwrap();
    assert!(answer.is_truncated());
    let requests = hubspot.upstream.control().requests();
    let batch = requests.last().unwrap().json().unwrap();
    assert_eq!(batch["inputs"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_deleted_company_leaves_the_contacts_own_text_and_is_asked_for_once() {
    struct Orphans(HubSpot);
    impl SimulatedCrm for Orphans {
        fn respond(&self, request: &Request) -> Response {
            let mut response = self.0.respond(request);
            // The associated company is one that does not exist.
            let text = String::from_utf8_lossy(&response.body).replace("\"9002\"", "\"9999\"");
            response.body = text.into_bytes().into();
            response
        }
    }
    let upstream = Upstream::start(Arc::new(Orphans(account())));
    let adapter = adapter(&upstream, with_token());
    for _ in 0..2 {
        let found = find(&*adapter, MIA_NUMBER).await;
        assert_eq!(found.company.as_deref(), Some("Company 2 AG"));
        assert_eq!(found.company_uri, None);
    }
    assert_eq!(count(&upstream, "/batch/read"), 1);
}

#[tokio::test]
async fn without_the_scope_for_companies_contacts_come_without_them() {
    let crm = account()
        .without_urls()
        .without_scope("crm.objects.companies.read");
    let hubspot = start(crm, with_token());
    for _ in 0..2 {
        let found = find(&*hubspot.adapter, MIA_NUMBER).await;
        assert_eq!(found.company.as_deref(), Some("Company 2 AG"), "own text");
        assert!(found.company_uri.is_some(), "the id is known");
    }
    assert_eq!(
        count(&hubspot.upstream, "/batch/read"),
        1,
        "refusals are remembered"
    );
}

#[tokio::test]
async fn details_that_fail_do_not_fail_the_lookup() {
    for (end, status) in [
        ("/batch/read", 500),
        ("/batch/read", 429),
        ("/details", 500),
        ("/details", 403),
    ] {
        let crm = account().without_urls();
        let upstream = Upstream::start(Arc::new(Failing { crm, end, status }));
        let adapter = adapter(&upstream, with_token());
        let found = find(&*adapter, MIA_NUMBER).await;
        assert_eq!(found.company.as_deref(), Some("Company 2 AG"), "{end}");
        let has_account = end != "/details";
        assert_eq!(found.contact_uri.is_some(), has_account, "{end} {status}");
        assert_eq!(found.company_uri.is_some(), has_account, "{end} {status}");
    }
}

#[tokio::test]
async fn details_that_hang_do_not_keep_the_contact_back() {
    let hour = Duration::from_hours(1);
    let cases = [
        // The details' own limit, and half of a deadline that is near.
        (500, hour),
        (5_000, Duration::from_secs(3)),
    ];
    for (details_timeout_ms, budget) in cases {
        let (release, released) = mpsc::channel();
        let upstream = Upstream::start(Arc::new(Stuck::at("/batch/read", account(), released)));
        let adapter = adapter(
            &upstream,
            set("details_timeout_ms", json!(details_timeout_ms)),
        );
        let cx = CallContext::within(budget, RequestId::new("stuck"));
        let question = query(MIA_NUMBER);
        let lookup = adapter.lookup(&cx, &question);
        let answer = tokio::time::timeout(Duration::from_secs(20), lookup).await;
        drop(release);
        let answer = answer.expect("it ends by itself");
        let answer = answer.expect("a contact without its company is an answer");
        assert!(!cx.remaining().is_zero(), "there is time to pass it on");
        let company = answer.matches()[0].record.company.as_deref();
        assert_eq!(company, Some("Company 2 AG"), "the contact's own text");
        assert_eq!(count(&upstream, "/batch/read"), 1);
    }
}

#[tokio::test]
async fn concurrent_lookups_share_one_read_of_the_account() {
    const LOOKUPS: usize = 20;
    let hubspot = start(account().without_urls(), with_token());
    let control = Arc::clone(hubspot.upstream.control());
    let hold = control.hold();
    let lookups = join_all((0..LOOKUPS).map(|_| find(&*hubspot.adapter, LONELY)));
    let release = async {
        control.arrived(LOOKUPS).await;
        drop(hold);
    };
    let (found, ()) = tokio::join!(lookups, release);
    let page = "https://app-eu1.hubspot.com/contacts/7001234/record/0-1/3";
    for record in found {
        assert_eq!(record.contact_uri.as_deref(), Some(page));
    }
    assert_eq!(count(&hubspot.upstream, "/account-info/2026-09/details"), 1);
    find(&*hubspot.adapter, LONELY).await;
    assert_eq!(count(&hubspot.upstream, "/details"), 1, "it is remembered");
}

#[tokio::test]
async fn a_missing_property_is_left_out_and_remembered() {
    let crm = account().without_property("contacts", "hs_searchable_calculated_phone_number");
    let hubspot = start(crm, with_token());
    find(&*hubspot.adapter, LONELY).await;
    assert_eq!(
        hubspot.upstream.control().request_count(),
        2,
        "refused, then without"
    );
    find(&*hubspot.adapter, LONELY).await;
    assert_eq!(hubspot.upstream.control().request_count(), 3, "remembered");
}

#[tokio::test]
async fn a_contact_named_like_an_error_is_a_contact() {
    let mut odd = contact(3, "079 111 00 00", 0);
    odd.last_name = "PROPERTY_DOESNT_EXIST".to_owned();
    let hubspot = start(HubSpot::new(&[odd]), with_token());
    assert_eq!(find(&*hubspot.adapter, LONELY).await.id, "3");
}

#[tokio::test]
async fn without_calculated_properties_the_words_are_searched() {
    let crm = HubSpot::new(&[contact(3, "+41791110000", 0)])
        .without_property("contacts", "hs_searchable_calculated_phone_number")
        .without_property("contacts", "hs_searchable_calculated_mobile_number");
    let hubspot = start(crm, with_token());
    assert_eq!(find(&*hubspot.adapter, LONELY).await.id, "3");
    let requests = hubspot.upstream.control().requests();
    let last = requests.last().unwrap().json().unwrap();
    assert_eq!(last["query"], "791110000");
}

#[tokio::test]
async fn a_switchboard_is_found_only_where_companies_are_searched() {
    let number = HubSpot::company_number(2);
    let off = start(account(), with_token());
    assert!(lookup(&*off.adapter, &number).await.unwrap().is_empty());
    assert_eq!(paths(&off.upstream), [SEARCH]);

    let on = start(account(), set("companies", json!(true)));
    let found = find(&*on.adapter, &number).await;
    assert_eq!(found.id, "companies/9002");
    assert_eq!(found.kind, RecordKind::Company);
    assert_eq!(found.name, "Company 2 AG");
    assert!(found.contact_uri.unwrap().ends_with("/record/0-2/9002"));
    assert_eq!(on.upstream.control().request_count(), 2);
}

#[tokio::test]
async fn companies_that_cannot_be_searched_fail_a_lookup_only_when_nobody_is_found() {
    let crm = account().without_scope("crm.objects.companies.read");
    let hubspot = start(crm, set("companies", json!(true)));
    assert_eq!(find(&*hubspot.adapter, LONELY).await.id, "3");
    let error = lookup(&*hubspot.adapter, UNKNOWN).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::PermissionDenied);
}

/// Answers searches with thousands of contacts, whatever is asked for.
struct Chatty;

impl SimulatedCrm for Chatty {
    fn respond(&self, _request: &Request) -> Response {
        let hit = |id: u32| {
            let number = if id == 0 {
                "079 123 45 67"
            } else {
                "079 999 99 99"
            };
            let properties = json!({ "lastname": "Keller", "mobilephone": number });
            let url = "https://app.hubspot.com/";
            json!({ "id": id.to_string(), "properties": properties, "url": url })
        };
        let results: Vec<Value> = (0..5_000).map(hit).collect();
        Response::json(200, &json!({ "total": 5_000, "results": results }))
    }
}

#[tokio::test]
async fn no_more_hits_are_looked_at_than_a_search_asks_for() {
    let upstream = Upstream::start(Arc::new(Chatty));
    let adapter = adapter(&upstream, with_token());
    let answer = lookup(&*adapter, MIA_NUMBER).await.unwrap();
    assert_eq!((answer.matches().len(), answer.rejected()), (1, 99));
}
