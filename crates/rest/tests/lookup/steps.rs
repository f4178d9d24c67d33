//! Steps: what they capture, join, repeat and leave out.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use whocalls_core::RecordKind;
use whocalls_testkit::{
    contacts::{MIA_NUMBER, UNKNOWN},
    query,
    upstream::Response,
};

use super::{Crm, cx, mia, ok, stranger};

/// People, and the organisations that they belong to (Zendesk).
const ZENDESK: &str = r#"
[lookup]
steps = [
  { name = "people", path = "/api/v2/search.json",
    query = { query = "role:end-user phone:*{{ number.nsn }}" },
    hits = "$.results[*]", capture = { companies = "$.results[*].organization_id" } },
  { name = "companies", path = "/api/v2/organizations/show_many.json",
    for_each = "captured.companies", batch = 100, query = { ids = "{{ items | join(',') }}" },
    hits = "$.organizations[*]", index_by = "$.id" },
]
[lookup.fields]
id = "$.id"
name = "$.name"
phones = "$.phone"
company = { step = "companies", key = "$.organization_id", path = "$.name" }
company_uri = { template = "{{ base_url }}/agent/organizations/{{ hit.organization_id }}" }
"#;

#[tokio::test]
async fn a_second_step_brings_the_company() {
    let crm = Crm::start(ZENDESK, |request| match request.path.as_str() {
        "/api/v2/search.json" => ok(&json!({"results": [
            {"id": 35436, "name": "Mia Keller", "phone": "+41 79 123 45 67",
             "organization_id": 57542},
            {"id": 35437, "name": "Luca Rossi", "phone": "+41 44 555 01 00",
             "organization_id": 57543},
            {"id": 35438, "name": "Zoé Favre", "phone": "+41 44 555 01 01",
             "organization_id": 57542},
        ]})),
        _ => ok(&json!({"organizations": [
            {"id": 57543, "name": "Rossi SA"}, {"id": 57542, "name": "Keller AG"}]})),
    });
    let record = crm.only_record().await;
    assert_eq!(record.company.as_deref(), Some("Keller AG"));
    let uri = record.company_uri.expect("a link");
    assert!(uri.ends_with("/agent/organizations/57542"), "{uri}");
    assert_eq!(
        crm.asked(),
        [
            "/api/v2/search.json?query=role:end-user phone:*791234567",
            "/api/v2/organizations/show_many.json?ids=57542,57543",
        ]
    );
}

#[tokio::test]
async fn a_step_that_has_nothing_to_ask_is_left_out() {
    let crm = Crm::start(ZENDESK, |_| ok(&json!({"results": []})));
    assert!(crm.look_up().await.expect("an answer").is_empty());
    assert_eq!(crm.asked().len(), 1);
}

/// A person knows its company through a relation (bexio).
const BEXIO: &str = r#"
[lookup]
steps = [
  { name = "contacts", method = "POST", path = "/2.0/contact/search",
    body = { json = [{ field = "phone_mobile", value = "{{ number.nsn }}", criteria = "like" }] },
    hits = "$[*]", capture = { people = "$[?@.contact_type_id == 2].id" } },
  { name = "relations", method = "POST", path = "/2.0/contact_relation/search",
    for_each = "captured.people",
    body = { json = [{ field = "contact_sub_id", value = "{{ item }}", criteria = "=" }] },
    hits = "$[*]", index_by = "$.contact_sub_id", capture = { companies = "$[*].contact_id" } },
  { name = "companies", path = "/2.0/contact/{{ item }}", for_each = "captured.companies",
    hits = "$", index_by = "$.id" },
]
[lookup.record_kind]
path = "$.contact_type_id"
map = { 1 = "company", 2 = "contact" }
[lookup.fields]
id = "$.id"
name = { template = "{{ hit.name_2 }} {{ hit.name_1 }}" }
phones = ["$.phone_mobile", "$.phone_fixed"]
company = { step = "companies", key = { step = "relations", key = "$.id", path = "$.contact_id" }, path = "$.name_1" }
updated_at = "$.updated_at"
"#;

#[tokio::test]
async fn a_chain_of_joins_leads_to_the_company() {
    let crm = Crm::start(BEXIO, |request| match request.path.as_str() {
        "/2.0/contact/search" => ok(&json!([
            {"id": 4, "contact_type_id": 2, "name_1": "Keller", "name_2": "Mia",
             "phone_mobile": "+41 79 123 45 67", "updated_at": "2026-11-22 08:30:00"},
            {"id": 9, "contact_type_id": 1, "name_1": "Kiosk", "phone_fixed": "0791234567"},
        ])),
        "/2.0/contact_relation/search" => ok(&json!([{"contact_id": 1, "contact_sub_id": 4}])),
        "/2.0/contact/1" => ok(&json!({"id": 1, "name_1": "Keller AG"})),
        _ => Response::status(500),
    });
    let answer = crm.look_up().await.expect("an answer");
    assert!(!answer.is_partial());
    let matches = answer.into_matches();
    let [person, company] = matches.as_slice() else {
        panic!("two records own the number: {matches:?}");
    };
    assert_eq!(person.record.name, "Mia Keller");
    assert_eq!(person.record.kind, RecordKind::Contact);
    assert_eq!(person.record.company.as_deref(), Some("Keller AG"));
    let updated = person.record.modified_at.expect("a moment");
    assert_eq!(updated.to_string(), "2026-11-22T08:30:00Z");
    assert_eq!(company.record.name, "Kiosk");
    assert_eq!(company.record.kind, RecordKind::Company);
    assert_eq!(company.record.company, None);
    assert_eq!(crm.asked().len(), 3, "only people have relations");
}

/// One request for each spelling, until one finds somebody (Freshdesk).
const SPELLINGS: &str = r#"
[lookup]
steps = [
  { name = "mobile", path = "/api/v2/contacts", query = { mobile = "{{ item }}" }, hits = "$[*]",
    for_each = "number.spellings", until_found = true, max_requests = 5 },
]
fields = { id = "$.id", name = "$.name", phones = "$.phone" }
"#;

#[tokio::test]
async fn spellings_are_asked_for_until_one_finds_an_owner() {
    let crm = Crm::start(SPELLINGS, |request| {
        match request.query_value("mobile").as_deref() {
            // A hit that does not own the number does not end the search.
            Some("+41791234567") => ok(&json!([stranger(1)])),
            Some("079 123 45 67") => ok(&json!([mia(2)])),
            _ => ok(&json!([])),
        }
    });
    assert_eq!(crm.only_record().await.id, "2");
    let asked = crm.asked();
    assert_eq!(
        asked.first().unwrap(),
        "/api/v2/contacts?mobile=+41791234567"
    );
    assert_eq!(
        asked.last().unwrap(),
        "/api/v2/contacts?mobile=079 123 45 67"
    );
    assert!(asked.len() < 5, "{asked:?}");
}

#[tokio::test]
async fn no_more_requests_are_sent_than_allowed() {
    let crm = Crm::start(SPELLINGS, |_| ok(&json!([])));
    let answer = crm.look_up().await.expect("an answer");
    assert!(answer.is_empty());
    assert_eq!(crm.asked().len(), 5);
}

#[tokio::test]
async fn requests_of_a_list_are_sent_four_at_a_time() {
    let all_at_once = SPELLINGS.replace("until_found = true, max_requests = 5", "max_requests = 7");
    let crm = Crm::start(&all_at_once, |_| ok(&json!([])));
    let control = crm.upstream.control();
    let hold = control.hold();
    let lookup = async { crm.look_up().await };
    let release = async {
        control.arrived(4).await;
        let under_way = control.request_count();
        drop(hold);
        under_way
    };
    let (answer, under_way) = tokio::join!(lookup, release);
    assert!(answer.expect("an answer").is_empty());
    assert_eq!((under_way, crm.asked().len()), (4, 7));
}

/// All spellings in one request, which yields ids; the contacts of those (Bitrix24).
const BITRIX24: &str = r#"
[lookup]
steps = [
  { name = "ids", method = "POST", path = "/rest/1/crm.duplicate.findbycomm",
    body = { json = { type = "PHONE", entity_type = "CONTACT", values = { "$json" = "number.spellings" } } },
    capture = { ids = "$.result.CONTACT[*]" } },
  { name = "contacts", method = "POST", path = "/rest/1/crm.contact.list",
    for_each = "captured.ids", batch = 2,
    body = { json = { filter = { ID = { "$json" = "items" } } } }, hits = "$.result[*]" },
]
fields = { id = "$.id", name = "$.name", phones = "$.phone" }
"#;

#[tokio::test]
async fn ids_are_asked_for_in_batches() {
    let crm = Crm::start(BITRIX24, |request| {
        let body = request.json().expect("JSON");
        if request.path.ends_with("findbycomm") {
            assert!(body["values"].as_array().expect("a list").len() > 5);
            return ok(&json!({"result": {"CONTACT": [275, 2297, 2298, 275, 2299, 2300]}}));
        }
        let ids = body["filter"]["ID"].as_array().expect("a list");
        let ids = ids
            .iter()
            .map(|id| id.as_str().expect("a text").parse().expect("a number"));
        let contacts = ids.map(|id: u32| if id == 2299 { mia(id) } else { stranger(id) });
        ok(&json!({"result": contacts.collect::<Vec<_>>()}))
    });
    assert_eq!(crm.only_record().await.id, "2299");
    let requests = crm.upstream.control().requests();
    let mut batches: Vec<_> = requests
        .iter()
        .skip(1)
        .map(|request| request.json().expect("JSON")["filter"]["ID"].to_string())
        .collect();
    batches.sort();
    assert_eq!(
        batches,
        [r#"["2298","2299"]"#, r#"["2300"]"#, r#"["275","2297"]"#]
    );
}

/// `result` is an empty list where nobody was found, and an object elsewhere.
#[tokio::test]
async fn nothing_captured_is_nobody() {
    let crm = Crm::start(BITRIX24, |_| ok(&json!({"result": []})));
    assert!(crm.look_up().await.expect("an answer").is_empty());
    assert_eq!(crm.asked().len(), 1);
}

/// A second search that the first may make superfluous.
const FALLBACK: &str = r#"
[lookup]
steps = [
  { name = "exact", path = "/exact/{{ number.nsn }}", hits = "$[*]" },
  { name = "wide", path = "/wide/{{ number.last(7) }}", hits = "$[*]", when = "found == 0" },
]
fields = { id = "$.id", name = "$.name", phones = "$.phone" }
"#;

#[tokio::test]
async fn a_step_is_left_out_when_it_is_not_needed() {
    let crm = Crm::start(FALLBACK, |request| {
        let is_exact = request.path.starts_with("/exact");
        ok(&json!([if is_exact { mia(1) } else { mia(2) }]))
    });
    assert_eq!(crm.only_record().await.id, "1");
    assert_eq!(crm.asked(), ["/exact/791234567"]);
}

#[tokio::test]
async fn a_step_is_carried_out_when_those_before_found_no_owner() {
    let crm = Crm::start(FALLBACK, |request| {
        let is_exact = request.path.starts_with("/exact");
        ok(&json!([if is_exact { stranger(1) } else { mia(2) }]))
    });
    assert_eq!(crm.only_record().await.id, "2");
    assert_eq!(crm.asked(), ["/exact/791234567", "/wide/1234567"]);
}

/// Two tables that do not depend on each other.
const TWO_TABLES: &str = r#"
[lookup]
steps = [
  { name = "contacts", path = "/contacts", query = { phone = "{{ number.e164 }}" }, hits = "$[*]" },
  { name = "leads", path = "/leads", query = { phone = "{{ number.e164 }}" }, hits = "$[*]",
    record_kind = "lead",
    fields = { id = { template = "Leads/{{ hit.id }}" }, name = "$.name", phones = "$.phone" } },
]
fields = { id = { template = "Contacts/{{ hit.id }}" }, name = "$.name", phones = "$.phone" }
"#;

#[tokio::test]
async fn steps_that_do_not_wait_for_each_other_are_carried_out_at_once() {
    let crm = Crm::start(TWO_TABLES, |_| ok(&json!([mia(1)])));
    let control = crm.upstream.control();
    let hold = control.hold();
    let release = async {
        // Neither is answered before both have arrived.
        control.arrived(2).await;
        drop(hold);
    };
    let (answer, ()) = tokio::join!(crm.look_up(), release);
    let matches = answer.expect("an answer").into_matches();
    let records = matches
        .iter()
        .map(|found| (found.record.id.as_str(), found.record.kind));
    assert_eq!(
        records.collect::<Vec<_>>(),
        [
            ("Contacts/1", RecordKind::Contact),
            ("Leads/1", RecordKind::Lead)
        ]
    );
}

/// A step that only tells where to go on, in a header.
const FROM_HEADER: &str = r#"
[lookup]
html_entities = true
steps = [
  { name = "search", method = "POST", path = "/searches", body = { json = { phone = "{{ number.e164 }}" } },
    capture = { search = { header = "Location", pattern = "/searches/([^/]+)$" } } },
  { name = "result", path = "/searches/{{ captured.search }}/result", hits = "$.hits[*]" },
]
fields = { id = "$.id", name = "$.name", phones = "$.phone" }
"#;

#[tokio::test]
async fn what_a_header_says_is_used_by_the_next_step() {
    let crm = Crm::start(FROM_HEADER, |request| match request.path.as_str() {
        "/searches" => Response::json(201, &json!({"state": "done"}))
            .with_header("location", "https://crm.example/searches/a%20b"),
        "/searches/a%2520b/result" => ok(&json!({"hits": [
            {"id": 1, "name": "Mia O&#039;Neill &amp; Co", "phone": "079 123 45 67"}]})),
        _ => Response::status(404),
    });
    assert_eq!(crm.only_record().await.name, "Mia O'Neill & Co");
}

#[tokio::test]
async fn an_ignored_filter_yields_no_false_match_in_any_step() {
    let crm = Crm::start(ZENDESK, |request| {
        if request.path.ends_with("search.json") {
            let all = (1..=50).map(|id| {
                let mut contact = if id == 7 { mia(id) } else { stranger(id) };
                contact["organization_id"] = json!(id + 1000);
                contact
            });
            return ok(&json!({"results": all.collect::<Vec<_>>()}));
        }
        ok(&json!({"organizations": [{"id": 1007, "name": "Keller AG"}]}))
    });
    let record = crm.only_record().await;
    assert_eq!(
        (record.id.as_str(), record.company.as_deref()),
        ("7", Some("Keller AG"))
    );
    assert_eq!(crm.asked().len(), 2);
    let answer = crm
        .adapter
        .lookup(&cx(), &query(UNKNOWN))
        .await
        .expect("an answer");
    assert!(answer.is_empty());
    assert_eq!(answer.rejected(), 50);
}

#[tokio::test]
async fn a_record_that_two_steps_find_is_one() {
    let both = TWO_TABLES.replace("Leads/", "Contacts/");
    let crm = Crm::start(&both, |_| ok(&json!([mia(1)])));
    assert_eq!(crm.only_record().await.id, "Contacts/1");
}

#[tokio::test]
async fn a_lookup_keeps_nothing_from_the_one_before() {
    let count = AtomicUsize::new(0);
    let crm = Crm::start(ZENDESK, move |request| {
        if request.path.ends_with("search.json") {
            let is_first = count.fetch_add(1, Ordering::SeqCst) == 0;
            let results = if is_first {
                let mut contact = mia(1);
                contact["organization_id"] = json!(1);
                vec![contact]
            } else {
                vec![mia(1)]
            };
            return ok(&json!({"results": results}));
        }
        ok(&json!({"organizations": [{"id": 1, "name": "Keller AG"}]}))
    });
    let company = |answer: whocalls_core::LookupAnswer| {
        answer
            .matches()
            .first()
            .and_then(|found| found.record.company.clone())
    };
    let query = query(MIA_NUMBER);
    let first = crm.adapter.lookup(&cx(), &query).await.expect("an answer");
    let second = crm.adapter.lookup(&cx(), &query).await.expect("an answer");
    assert_eq!(company(first).as_deref(), Some("Keller AG"));
    assert_eq!(company(second), None);
}

#[tokio::test]
async fn a_step_can_depend_on_what_was_not_captured() {
    let settings = r#"
[lookup]
steps = [
  { name = "line", path = "/lines/{{ number.nsn }}", capture = { owner = "$.owner" } },
  { name = "people", path = "/people/{{ number.nsn }}", when = "not captured.owner", hits = "$[*]" },
]
[lookup.fields]
id = "$.id"
name = "$.name"
phones = "$.phone"
"#;
    for (owner, requests) in [(json!(null), 2), (json!("7"), 1)] {
        let crm = Crm::start(settings, move |request| match request.path.as_str() {
            "/lines/791234567" => ok(&json!({"owner": owner})),
            _ => ok(&json!([])),
        });
        assert!(crm.look_up().await.expect("an answer").is_empty());
        assert_eq!(crm.asked().len(), requests);
    }
}
