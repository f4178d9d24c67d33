//! What the adapter makes of replies that no conformance case has: a filter that is ignored,
//! missing lists, missing ids, redirects, and what a probe says about them.

mod support;

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use support::adapter_at;
use whocalls_core::{CallContext, CrmAdapter, ErrorKind, RecordKind, RequestId};
use whocalls_testkit::{
    contacts::{MIA_NUMBER, SPELLED, UNKNOWN, messy_contacts},
    query,
    sim::rest::{API_KEY, RestCrm},
    upstream::{Request, Response, SimulatedCrm, Upstream},
};

const ERP: &str = include_str!("../examples/erp.toml");

/// Answers everything with the same reply.
struct Canned(Response);

impl SimulatedCrm for Canned {
    fn respond(&self, _: &Request) -> Response {
        self.0.clone()
    }
}

fn cx() -> CallContext {
    CallContext::within(Duration::from_secs(20), RequestId::new("test"))
}

fn start(crm: impl SimulatedCrm, document: &str) -> (Upstream, Arc<dyn CrmAdapter>) {
    let upstream = Upstream::start(Arc::new(crm));
    let adapter = adapter_at(document, &upstream.url(), API_KEY);
    (upstream, adapter)
}

/// The reply of a lookup whose request is answered like this.
async fn look_up(status: u16, body: &Value, document: &str) -> Result<usize, ErrorKind> {
    let (_upstream, adapter) = start(Canned(Response::json(status, body)), document);
    let answer = adapter.lookup(&cx(), &query(MIA_NUMBER)).await;
    answer
        .map(|answer| answer.matches().len())
        .map_err(|error| error.kind)
}

fn mia() -> Value {
    json!({ "id": 13, "person": { "name": "Mia Keller" }, "phones": { "work": "079 123 45 67" } })
}

#[tokio::test]
async fn an_ignored_filter_yields_no_false_match() {
    let crm = RestCrm::new(&messy_contacts(200)).ignoring_filters();
    let (_upstream, adapter) = start(crm, ERP);
    let answer = adapter
        .lookup(&cx(), &query(UNKNOWN))
        .await
        .expect("an answer");
    assert!(answer.is_empty(), "{answer:?}");
    assert_eq!(answer.rejected(), 50, "a page full of strangers");
    let answer = adapter
        .lookup(&cx(), &query(SPELLED))
        .await
        .expect("an answer");
    assert_eq!(
        answer.matches().len(),
        12,
        "those on the page who own the number"
    );
}

#[tokio::test]
async fn a_probe_notices_an_ignored_filter() {
    let contacts = messy_contacts(200);
    let (_upstream, adapter) = start(RestCrm::new(&contacts), ERP);
    let report = adapter.probe(&cx()).await.expect("the CRM is well");
    assert_eq!(report.warnings, Vec::<String>::new());

    let (_upstream, adapter) = start(RestCrm::new(&contacts).ignoring_filters(), ERP);
    let report = adapter.probe(&cx()).await.expect("the CRM answers");
    let [warning] = report.warnings.as_slice() else {
        panic!("one warning: {report:?}");
    };
    assert!(warning.contains("ignore the filter"), "{warning}");
}

#[tokio::test]
async fn a_probe_notices_wrong_paths_in_the_hits_of_an_ignored_filter() {
    let crm = RestCrm::new(&messy_contacts(0)).ignoring_filters();
    let document = ERP
        .replace("$.phones.mobile", "$.mobile")
        .replace("$.phones.work", "$.work");
    let (_upstream, adapter) = start(crm, &document);
    let report = adapter.probe(&cx()).await.expect("the CRM answers");
    assert!(
        report
            .warnings
            .iter()
            .any(|warning| warning.contains("lookup.fields.phones")),
        "{report:?}"
    );
}

#[tokio::test]
async fn a_probe_tells_when_nobody_may_be_a_wrong_path() {
    let document = ERP.replace("hits =", "empty_statuses = [404]\nhits =");
    let (_upstream, adapter) = start(Canned(Response::status(404)), &document);
    let report = adapter.probe(&cx()).await.expect("404 is nobody");
    assert!(report.warnings[0].contains("wrong path"), "{report:?}");
}

#[tokio::test]
async fn a_probe_says_whose_account_it_is() {
    let probe = r#"
[adapters.erp.settings.probe]
method = "POST"
path = "/rpc"
body.json = { method = "whoami", at = { "$json" = "now" } }
account = ["$.result.company", { header = "X-Account" }]
[adapters.erp.settings.credential]"#;
    let document = ERP.replacen("[adapters.erp.settings.credential]", probe, 1);
    let named = Response::json(200, &json!({ "result": { "company": "Keller AG" } }));
    for (reply, summary, warnings) in [
        (named, "answers the probe for Keller AG", 0),
        (
            Response::status(204).with_header("X-Account", "4711"),
            "answers the probe for 4711",
            0,
        ),
        (Response::json(200, &json!({})), "answers the probe", 1),
    ] {
        let (upstream, adapter) = start(Canned(reply), &document);
        let report = adapter.probe(&cx()).await.expect("the CRM is well");
        assert!(report.summary.ends_with(summary), "{report:?}");
        assert_eq!(report.warnings.len(), warnings, "{report:?}");
        let sent = upstream.control().requests().remove(0);
        let body = sent.json().expect("a JSON body");
        assert_eq!(
            (sent.path.as_str(), &body["method"]),
            ("/rpc", &json!("whoami"))
        );
        let now = std::time::SystemTime::UNIX_EPOCH
            .elapsed()
            .expect("after 1970");
        let sent_at = body["at"].as_u64().expect("a number");
        assert!(now.as_secs().abs_diff(sent_at) < 600, "{sent_at}");
    }
}

#[tokio::test]
async fn a_probe_warns_when_notifications_are_believed_whoever_sends_them() {
    let notifications = "notifications.proof.kind = \"none\"\nbase_url";
    let document = ERP.replacen("base_url", notifications, 1);
    let (_upstream, adapter) = start(RestCrm::new(&[]), &document);
    let report = adapter.probe(&cx()).await.expect("the CRM is well");
    let [warning] = report.warnings.as_slice() else {
        panic!("one warning: {report:?}");
    };
    assert!(warning.contains("notifications.proof"), "{warning}");
}

#[tokio::test]
async fn a_wrong_key_fails_the_probe() {
    let upstream = Upstream::start(Arc::new(RestCrm::new(&[])));
    let adapter = adapter_at(ERP, &upstream.url(), "another key");
    let error = adapter.probe(&cx()).await.expect_err("the key is wrong");
    assert_eq!(error.kind, ErrorKind::Unauthenticated);
}

#[tokio::test]
async fn only_the_described_reply_means_nobody() {
    for (status, body, expected) in [
        (200, json!({"items": [mia()]}), Ok(1)),
        (200, json!({"items": []}), Ok(0)),
        (200, json!({"items": null}), Ok(0)),
        (204, json!(null), Ok(0)),
        (200, json!({}), Err(ErrorKind::Protocol)),
        (
            200,
            json!({"error": "token expired"}),
            Err(ErrorKind::Protocol),
        ),
        (
            200,
            json!({"items": [{"person": {"name": "Mia"}}]}),
            Err(ErrorKind::Protocol),
        ),
        (404, json!({}), Err(ErrorKind::NotFound)),
        (302, json!({"items": []}), Err(ErrorKind::Protocol)),
    ] {
        assert_eq!(
            look_up(status, &body, ERP).await,
            expected,
            "{status} {body}"
        );
    }
}

#[tokio::test]
async fn missing_lists_and_other_statuses_mean_nobody_if_described_so() {
    let document = ERP.replace(
        "hits =",
        "missing_hits = \"nobody\"\nempty_statuses = [204, 404]\nhits =",
    );
    assert_eq!(look_up(200, &json!({}), &document).await, Ok(0));
    assert_eq!(
        look_up(404, &json!({"error": "none"}), &document).await,
        Ok(0)
    );
}

#[tokio::test]
async fn a_hit_without_id_is_left_out_and_the_others_are_kept() {
    let mut nameless = mia();
    nameless["id"] = json!(null);
    let body = json!({"items": [nameless, mia()]});
    assert_eq!(look_up(200, &body, ERP).await, Ok(1));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Upstream::start(Arc::new(Canned(Response::json(200, &json!({"items": []})))));
    let redirect = Response::status(302).with_header("location", &elsewhere.url());
    let (_upstream, adapter) = start(Canned(redirect), ERP);
    let error = adapter
        .lookup(&cx(), &query(UNKNOWN))
        .await
        .expect_err("it is no answer");
    assert_eq!(error.kind, ErrorKind::Protocol);
    assert_eq!(elsewhere.control().request_count(), 0);
}

#[tokio::test]
async fn a_record_has_all_that_was_described() {
    let (_upstream, adapter) = start(RestCrm::new(&messy_contacts(0)), ERP);
    let answer = adapter
        .lookup(&cx(), &query(SPELLED))
        .await
        .expect("an answer");
    let url = "https://erp.example.com";
    let matches = answer.into_matches();
    let third = matches
        .iter()
        .find(|found| found.record.id == "3")
        .expect("the third contact");
    let record = &third.record;
    assert_eq!(record.kind, RecordKind::Contact);
    assert_eq!(record.emails, ["contact3@example.ch"]);
    assert_eq!(record.phones, ["0041215522000"]);
    assert_eq!(record.custom.len(), 1);
    assert_eq!(record.custom[0].title, "Job title");
    assert_eq!(record.custom[0].text, "Head of Sales");
    let uri = record.contact_uri.as_deref().expect("a link");
    assert!(
        uri.ends_with("/contacts/3") && !uri.starts_with(url),
        "base_url is the test's: {uri}"
    );
}

#[tokio::test]
async fn a_nameless_hit_is_named_by_what_else_is_known() {
    for (hit, name) in [
        (
            json!({"id": 1, "company": {"name": "Keller AG"}, "email": "a@example.ch"}),
            "Keller AG",
        ),
        (json!({"id": 1, "email": "a@example.ch"}), "a@example.ch"),
        (json!({"id": 1, "person": {"name": ""}}), "079 123 45 67"),
    ] {
        let mut hit = hit;
        hit["phones"] = json!({"mobile": "079 123 45 67"});
        let body = json!({"items": [hit]});
        let (_upstream, adapter) = start(Canned(Response::json(200, &body)), ERP);
        let answer = adapter
            .lookup(&cx(), &query(MIA_NUMBER))
            .await
            .expect("an answer");
        assert_eq!(answer.matches()[0].record.name, name);
    }
}

#[tokio::test]
async fn each_kind_of_credential_goes_where_it_belongs() {
    let bearer =
        "kind = \"bearer\"                       # none | header | query | basic | bearer\ntoken =";
    assert!(ERP.contains(bearer), "the example has changed");
    let header = |request: &Request, name: &str| request.header(name).map(str::to_owned);
    for (settings, name, expected) in [
        (
            "kind = \"header\"\nname = \"X-Key\"\nvalue =",
            "x-key",
            "k3y",
        ),
        (
            "kind = \"header\"\nname = \"Authorization\"\nprefix = \"Token \"\nvalue =",
            "authorization",
            "Token k3y",
        ),
        (
            "kind = \"basic\"\nusername = \"cti\"\npassword =",
            "authorization",
            "Basic Y3RpOmszeQ==",
        ),
        (
            "kind = \"basic\"\nusername =",
            "authorization",
            "Basic azN5Og==",
        ),
        ("kind = \"bearer\"\ntoken =", "authorization", "Bearer k3y"),
    ] {
        let upstream =
            Upstream::start(Arc::new(Canned(Response::json(200, &json!({"items": []})))));
        let adapter = adapter_at(&ERP.replace(bearer, settings), &upstream.url(), "k3y");
        adapter
            .lookup(&cx(), &query(UNKNOWN))
            .await
            .expect("an answer");
        let requests = upstream.control().requests();
        assert_eq!(
            header(&requests[0], name).as_deref(),
            Some(expected),
            "{settings}"
        );
    }
    let upstream = Upstream::start(Arc::new(Canned(Response::json(200, &json!({"items": []})))));
    let document = ERP.replace(bearer, "kind = \"query\"\nname = \"api_key\"\nvalue =");
    let adapter = adapter_at(&document, &upstream.url(), "k&y=");
    adapter
        .lookup(&cx(), &query(UNKNOWN))
        .await
        .expect("an answer");
    let request = &upstream.control().requests()[0];
    assert_eq!(request.query_value("api_key").as_deref(), Some("k&y="));
    assert_eq!(request.query_value("perPage").as_deref(), Some("50"));
    assert_eq!(request.header("authorization"), None);
}
