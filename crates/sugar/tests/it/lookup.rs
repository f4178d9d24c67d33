//! Which requests a lookup costs, and what missing rights and a missing search engine change.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::time::Instant;
use whocalls_core::{AdapterError, CallContext, ErrorKind, LookupAnswer, RecordKind, RequestId};
use whocalls_testkit::{
    contacts::{MIA, MIA_NUMBER, SPELLED, UNKNOWN},
    query, query_at_most,
    sim::sugar::Sugar,
    upstream::{Control, Fault, Request, Response, SimulatedCrm, Upstream},
};

use crate::support::{Bench, adapter, cx, settings, simulated};

#[tokio::test]
async fn a_lookup_costs_one_request_in_either_way() {
    for (sugar, strategy, path) in [
        (simulated(), "search", "globalsearch"),
        (simulated(), "auto", "globalsearch"),
        (simulated(), "filter", "bulk"),
    ] {
        let bench = Bench::new(sugar, strategy);
        for number in [MIA_NUMBER, SPELLED, UNKNOWN] {
            bench.lookup(number).await.unwrap();
        }
        assert_eq!(
            bench.paths(),
            ["oauth2/token", path, path, path],
            "{strategy}"
        );
    }
}

#[tokio::test]
async fn a_search_that_is_unavailable_is_tried_once_and_then_left_alone_for_a_while() {
    let bench = Bench::new(simulated().without_search(), "auto");
    for _ in 0..3 {
        assert_eq!(bench.count(SPELLED).await, 12);
    }
    assert_eq!(
        bench.paths(),
        ["oauth2/token", "globalsearch", "bulk", "bulk", "bulk"]
    );
}

#[tokio::test]
async fn with_search_alone_an_unavailable_search_is_a_failure() {
    let bench = Bench::new(simulated().without_search(), "search");
    let error = bench.lookup(MIA_NUMBER).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unavailable);
    assert!(error.message.contains("set strategy to auto"), "{error}");
}

#[tokio::test]
async fn a_number_too_long_for_the_search_index_is_looked_up_by_filter() {
    let bench = Bench::new(simulated(), "search");
    assert_eq!(bench.count("9991234567890123").await, 0);
    assert_eq!(bench.paths(), ["oauth2/token", "bulk"]);
}

#[tokio::test]
async fn a_company_that_the_index_leaves_out_is_fetched_for_owners_only() {
    let bench = Bench::new(simulated().with_sparse_search(), "auto");
    let answer = bench.lookup(MIA_NUMBER).await.unwrap();
    let record = &answer.matches()[0].record;
    assert_eq!(record.company.as_deref(), Some("Keller AG"));
    assert_eq!(bench.count(UNKNOWN).await, 0);
    assert_eq!(
        bench.paths(),
        ["oauth2/token", "globalsearch", "bulk", "globalsearch"]
    );
}

/// By them, the gateway recognises a person whom other CRMs have, too.
#[tokio::test]
async fn addresses_come_along_in_either_way() {
    for strategy in ["search", "filter"] {
        let bench = Bench::new(simulated(), strategy);
        let answer = bench.lookup(MIA_NUMBER).await.unwrap();
        assert_eq!(
            answer.matches()[0].record.emails,
            ["contact13@example.ch"],
            "{strategy}"
        );
    }
}

#[tokio::test]
async fn people_leads_and_companies_are_told_apart() {
    let bench = Bench::new(simulated(), "auto");
    let kinds = |answer: &LookupAnswer, kind| {
        let records = answer.matches().iter().map(|found| &found.record);
        records.filter(|record| record.kind == kind).count()
    };
    let answer = bench.lookup(SPELLED).await.unwrap();
    assert_eq!(kinds(&answer, RecordKind::Contact), 10);
    assert_eq!(kinds(&answer, RecordKind::Lead), 2);
    let switchboard = bench.lookup("41447000200").await.unwrap();
    let [company] = switchboard.matches() else {
        panic!("{switchboard:?}");
    };
    assert_eq!(company.record.kind, RecordKind::Company);
    assert_eq!(company.record.name, "Keller AG");
    let link = company.record.contact_uri.as_deref().unwrap();
    assert!(link.starts_with(&format!("{}/#Accounts/", bench.upstream.url())));
}

#[tokio::test]
async fn custom_fields_are_shown_where_the_record_has_them() {
    for strategy in ["search", "filter"] {
        let bench = Bench::new(simulated(), strategy);
        let answer = bench.lookup(SPELLED).await.unwrap();
        let titled = answer.matches().iter().filter(|found| {
            let custom = &found.record.custom;
            custom.iter().any(|field| field.title == "Job title")
        });
        assert_eq!(titled.count(), 4, "every third person has a title");
    }
}

#[tokio::test]
async fn a_forbidden_module_does_not_hide_the_others() {
    for strategy in ["search", "filter"] {
        let sugar = simulated().without_access_to("Leads");
        let bench = Bench::new(sugar, strategy);
        assert_eq!(bench.count(SPELLED).await, 10, "{strategy}");
        assert_eq!(bench.count(UNKNOWN).await, 0, "{strategy}");
    }
}

#[tokio::test]
async fn when_all_modules_are_forbidden_a_lookup_by_filter_fails() {
    let sugar = simulated()
        .without_access_to("Contacts")
        .without_access_to("Leads")
        .without_access_to("Accounts");
    let bench = Bench::new(sugar, "filter");
    let error = bench.lookup(MIA_NUMBER).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::PermissionDenied);
    assert!(error.message.contains("extend the user's role"), "{error}");
    assert!(bench.adapter.probe(&cx()).await.is_err());
}

#[tokio::test]
async fn only_the_modules_of_the_settings_are_searched() {
    for strategy in ["search", "filter"] {
        let only_leads = |settings: &mut Value| settings["modules"] = json!(["Leads"]);
        let bench = Bench::with(simulated(), strategy, only_leads);
        assert_eq!(bench.count(SPELLED).await, 2, "{strategy}");
    }
}

#[tokio::test]
async fn a_modest_number_of_candidates_is_asked_for() {
    for (records, candidates) in [(1, 20), (10, 40), (50, 100)] {
        let bench = Bench::new(simulated(), "search");
        let query = query_at_most(SPELLED, records);
        bench.adapter.lookup(&cx(), &query).await.unwrap();
        let request = bench.upstream.control().requests().pop().unwrap();
        let body = request.json().unwrap();
        assert_eq!(body["max_num"], candidates);
        assert!(request.query.is_empty(), "no number in the address");
    }
}

#[tokio::test]
async fn every_request_carries_the_token_in_sugars_header() {
    let bench = Bench::new(simulated(), "filter");
    bench.lookup(MIA_NUMBER).await.unwrap();
    let requests = bench.upstream.control().requests();
    assert_eq!(requests[0].header("oauth-token"), None, "the login");
    assert!(requests[1].header("oauth-token").is_some());
}

#[tokio::test]
async fn a_probe_tells_what_is_searched_and_how() {
    for (sugar, strategy, summary, warnings) in [
        (
            simulated(),
            "auto",
            "reads Contacts, Leads, Accounts; global search works",
            vec![],
        ),
        (
            simulated(),
            "filter",
            "reads Contacts, Leads, Accounts; lookups by filter",
            vec![],
        ),
        (
            simulated().without_access_to("Leads").without_search(),
            "auto",
            "reads Contacts, Accounts; lookups by filter",
            vec!["Leads is not searched", "global search is unavailable"],
        ),
    ] {
        let bench = Bench::new(sugar, strategy);
        let report = bench.adapter.probe(&cx()).await.unwrap();
        let account = format!(
            "{}/rest/v11 as cti on platform whocalls",
            bench.upstream.url()
        );
        assert_eq!(report.summary, format!("{account}: {summary}"));
        assert_eq!(report.warnings.len(), warnings.len(), "{report:?}");
        for (told, expected) in report.warnings.iter().zip(warnings) {
            assert!(told.contains(expected), "{told}");
        }
    }
    let bench = Bench::new(simulated().without_search(), "search");
    let error = bench.adapter.probe(&cx()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unavailable, "no lookup would work");
}

#[tokio::test]
async fn a_probe_with_a_wrong_password_says_so() {
    let wrong = |settings: &mut Value| settings["password"] = json!({"value": "x"});
    let bench = Bench::with(Sugar::new(&[]), "auto", wrong);
    let error = bench.adapter.probe(&cx()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unauthenticated);
}

/// Sugar, except that every bulk request is answered with this.
struct WithBulk {
    sugar: Sugar,
    reply: Response,
}

impl SimulatedCrm for WithBulk {
    fn respond(&self, request: &Request) -> Response {
        if request.path.ends_with("/bulk") {
            return self.reply.clone();
        }
        self.sugar.respond(request)
    }
}

async fn lookup_with_bulk(
    sugar: Sugar,
    strategy: &str,
    reply: Response,
) -> Result<LookupAnswer, AdapterError> {
    let upstream = Upstream::start(Arc::new(WithBulk { sugar, reply }));
    let adapter = adapter(settings(&upstream.url(), strategy));
    adapter.lookup(&cx(), &query(MIA_NUMBER)).await
}

#[tokio::test]
async fn a_module_that_fails_for_the_moment_makes_an_empty_answer_a_failure() {
    let part = |status: u16, contents: Value| json!({"status": status, "contents": contents});
    let nobody = || part(200, json!({"next_offset": -1, "records": []}));
    let mia = || {
        let record = json!({"id": "m", "name": "Mia", "phone_mobile": "079 123 45 67"});
        part(200, json!({"next_offset": -1, "records": [record]}))
    };
    let broken = || part(500, json!({"error": "fatal_error", "error_message": ""}));
    let forbidden = || part(403, json!({"error": "not_authorized", "error_message": ""}));
    let cases = [
        ([nobody(), broken(), nobody()], Err(ErrorKind::Unavailable)),
        (
            [forbidden(), broken(), nobody()],
            Err(ErrorKind::Unavailable),
        ),
        (
            [forbidden(), broken(), forbidden()],
            Err(ErrorKind::Unavailable),
        ),
        (
            [forbidden(), forbidden(), forbidden()],
            Err(ErrorKind::PermissionDenied),
        ),
        ([mia(), broken(), nobody()], Ok(1)),
        ([forbidden(), nobody(), nobody()], Ok(0)),
    ];
    for (parts, expected) in cases {
        let statuses = parts.each_ref().map(|part| part["status"].clone());
        let reply = Response::json(200, &parts);
        let found = lookup_with_bulk(simulated(), "filter", reply).await;
        let found = found
            .map(|answer| answer.matches().len())
            .map_err(|error| error.kind);
        assert_eq!(found, expected, "{statuses:?}");
    }
}

#[tokio::test]
async fn a_bulk_reply_of_another_length_is_no_answer() {
    let one = json!([{"status": 200, "contents": {"records": []}}]);
    for reply in [one, json!([]), json!({}), json!([{}, {}, {}])] {
        let reply = Response::json(200, &reply);
        let error = lookup_with_bulk(simulated(), "filter", reply).await;
        assert_eq!(error.unwrap_err().kind, ErrorKind::Protocol);
    }
}

#[tokio::test]
async fn a_company_that_cannot_be_fetched_does_not_cost_the_name() {
    let sugar = simulated().with_sparse_search();
    let answer = lookup_with_bulk(sugar, "auto", Response::status(500)).await;
    let answer = answer.unwrap();
    let record = &answer.matches()[0].record;
    assert_eq!((record.name.as_str(), &record.company), (MIA, &None));
    assert!(
        answer.is_partial(),
        "the company is worth asking for again soon"
    );
}

/// Sugar, except that it answers nothing after a search.
struct HangsAfterSearch {
    sugar: Sugar,
    control: OnceLock<Arc<Control>>,
}

impl SimulatedCrm for HangsAfterSearch {
    fn respond(&self, request: &Request) -> Response {
        if request.path.ends_with("/globalsearch")
            && let Some(control) = self.control.get()
        {
            control.set_fault(Fault::Hang);
        }
        self.sugar.respond(request)
    }
}

/// A lookup may go on in the background for longer than its caller waits. What is only nice to
/// have was given a part of the longer time, so the caller lost the name for want of the company.
#[tokio::test]
async fn a_company_that_takes_too_long_does_not_cost_the_name() {
    let crm = Arc::new(HangsAfterSearch {
        sugar: simulated().with_sparse_search(),
        control: OnceLock::new(),
    });
    let upstream = Upstream::start(Arc::clone(&crm) as Arc<dyn SimulatedCrm>);
    assert!(crm.control.set(Arc::clone(upstream.control())).is_ok());
    let adapter = adapter(settings(&upstream.url(), "auto"));
    let cx = CallContext::within(Duration::from_secs(4), RequestId::new("test"));
    let cx = cx.with_late_deadline(Instant::now() + Duration::from_mins(1));
    let answer = adapter.lookup(&cx, &query(MIA_NUMBER)).await.unwrap();
    assert!(Instant::now() < cx.wanted_by, "somebody is still waiting");
    let record = &answer.matches()[0].record;
    assert_eq!((record.name.as_str(), &record.company), (MIA, &None));
    assert!(answer.is_partial());
}

/// Sugar, except that it lists thousands of contacts, whatever is asked for.
struct Chatty(Sugar);

impl SimulatedCrm for Chatty {
    fn respond(&self, request: &Request) -> Response {
        let record = |id: u32| {
            let number = if id == 0 {
                "079 123 45 67"
            } else {
                "079 999 99 99"
            };
            json!({
                "id": id.to_string(), "_module": "Contacts", "name": "Mia Keller",
                "phone_mobile": number, "account_name": "", "account_id": "",
            })
        };
        let records: Vec<Value> = (0..5_000).map(record).collect();
        let list = json!({ "next_offset": -1, "records": records });
        let nobody = json!({ "next_offset": -1, "records": [] });
        let part = |contents: &Value| json!({ "status": 200, "contents": contents });
        match request.path.rsplit('/').next() {
            Some("globalsearch") => Response::json(200, &list),
            Some("bulk") => {
                let parts = [part(&list), part(&nobody), part(&nobody)];
                Response::json(200, &parts)
            }
            _ => self.0.respond(request),
        }
    }
}

#[tokio::test]
async fn no_more_records_are_looked_at_than_a_request_asks_for() {
    for strategy in ["search", "filter"] {
        let upstream = Upstream::start(Arc::new(Chatty(simulated())));
        let adapter = adapter(settings(&upstream.url(), strategy));
        let answer = adapter.lookup(&cx(), &query(MIA_NUMBER)).await.unwrap();
        let found = (answer.matches().len(), answer.rejected());
        assert_eq!(found, (1, 99), "{strategy}");
    }
}
