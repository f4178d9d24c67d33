//! Logins, renewals and rivals.

use std::sync::Arc;

use serde_json::{Value, json};
use whocalls_core::ErrorKind;
use whocalls_testkit::{
    contacts::MIA_NUMBER,
    query,
    sim::sugar::Sugar,
    upstream::{Request, Response, SimulatedCrm, Upstream},
};

use crate::support::{Bench, adapter, cx, settings, simulated};

/// The grant types of the token requests, in order.
fn grants(bench: &Bench) -> Vec<String> {
    let requests = bench.upstream.control().requests();
    let bodies = requests.iter().filter_map(Request::json);
    let grants = bodies.filter_map(|body| body.get("grant_type").cloned());
    grants
        .map(|grant| grant.as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn an_expired_token_is_refreshed_without_a_login() {
    let bench = Bench::new(simulated(), "auto");
    for _ in 0..3 {
        assert_eq!(bench.count(MIA_NUMBER).await, 1);
        bench.sugar.expire_tokens();
    }
    assert_eq!(
        grants(&bench),
        ["password", "refresh_token", "refresh_token"]
    );
}

#[tokio::test]
async fn a_token_whose_time_is_up_is_renewed_before_it_is_used() {
    let bench = Bench::new(simulated().with_token_lifetime(0), "auto");
    bench.count(MIA_NUMBER).await;
    bench.count(MIA_NUMBER).await;
    assert_eq!(grants(&bench), ["password", "refresh_token"]);
    let no_request_was_rejected = ["oauth2/token", "globalsearch"].repeat(2);
    assert_eq!(bench.paths(), no_request_was_rejected);
}

/// Another program logs in as the same user on the same platform: both tokens are void, so the
/// refresh is refused and one login follows.
#[tokio::test]
async fn a_session_that_another_login_ended_is_opened_again_by_one_login() {
    let bench = Bench::new(simulated(), "auto");
    bench.count(MIA_NUMBER).await;
    bench.sugar.log_in_elsewhere();
    let before = bench.sugar.tokens_issued();
    let lookups = (0..20).map(|_| bench.count(MIA_NUMBER));
    let found = futures::future::join_all(lookups).await;
    assert!(found.iter().all(|count| *count == 1));
    assert_eq!(grants(&bench), ["password", "refresh_token", "password"]);
    assert_eq!(bench.sugar.tokens_issued() - before, 1);
}

#[tokio::test]
async fn a_wrong_setting_is_named_and_tried_once() {
    let cases: [(&str, Value, &str); 4] = [
        (
            "password",
            json!({"value": "wrong"}),
            "username and password",
        ),
        ("username", json!("nobody"), "username and password"),
        ("client_id", json!("own-key"), "client_id and client_secret"),
        ("platform", json!("pbx"), "Admin > Configure API Platforms"),
    ];
    for (key, value, advice) in cases {
        let bench = Bench::with(simulated(), "auto", |settings| settings[key] = value);
        let error = bench.lookup(MIA_NUMBER).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unauthenticated, "{key}");
        assert!(error.message.contains(advice), "{key}: {error}");
        assert_eq!(bench.paths(), ["oauth2/token"], "{key}");
    }
}

#[tokio::test]
async fn a_version_that_sugar_does_not_serve_is_named() {
    let bench = Bench::with(simulated(), "auto", |settings| {
        let url = settings["base_url"].as_str().unwrap().replace("v11", "v12");
        settings["base_url"] = json!(url);
    });
    let error = bench.lookup(MIA_NUMBER).await.unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::Protocol, Some(301)));
    assert!(error.message.contains("base_url"), "{error}");
}

/// A Sugar whose tokens expire as soon as it has answered a search.
struct ExpiresAfterSearch(Sugar);

impl SimulatedCrm for ExpiresAfterSearch {
    fn respond(&self, request: &Request) -> Response {
        let response = self.0.respond(request);
        if response.status == 200 && request.path.ends_with("/globalsearch") {
            self.0.expire_tokens();
        }
        response
    }
}

#[tokio::test]
async fn a_token_that_expires_between_two_requests_of_a_lookup_does_not_fail_it() {
    let sugar = ExpiresAfterSearch(simulated().with_sparse_search());
    let upstream = Upstream::start(Arc::new(sugar));
    let adapter = adapter(settings(&upstream.url(), "auto"));
    let answer = adapter.lookup(&cx(), &query(MIA_NUMBER)).await.unwrap();
    let company = answer.matches()[0].record.company.as_deref();
    assert_eq!(
        company,
        Some("Keller AG"),
        "the second request was repeated"
    );
    let requests = upstream.control().requests();
    let names = requests.iter().map(|request| {
        let (_, name) = request.path.rsplit_once('/').unwrap();
        name
    });
    let expected = ["token", "globalsearch", "bulk", "token", "bulk"];
    assert!(names.eq(expected), "{requests:?}");
}

#[tokio::test]
async fn a_session_shows_neither_password_nor_tokens() {
    let bench = Bench::new(simulated(), "auto");
    bench.count(MIA_NUMBER).await;
    let shown = format!("{:?} {:#?}", bench.adapter, bench.adapter);
    for secret in [Sugar::PASSWORD, "sim-access", "sim-refresh"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(shown.contains("***"), "the tokens are there: {shown}");
}
