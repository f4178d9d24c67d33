//! Token endpoints and CRMs that refuse, hang or are none.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use whocalls_core::{CallContext, ErrorKind, RequestId};
use whocalls_testkit::{
    contacts::MIA_NUMBER,
    query,
    upstream::{Fault, Upstream},
};

use crate::{
    crm::{LoginCrm, Manners},
    scene::{Scene, ask, oauth, refusal},
};

#[tokio::test]
async fn a_refused_login_says_what_to_correct() {
    let wrong = json!({ "refresh_token": { "value": "wrong" } });
    for (refusal_as, kind, part) in [
        (
            (400, "invalid_grant"),
            ErrorKind::Unauthenticated,
            "credential.refresh_token",
        ),
        (
            (200, "invalid_code"),
            ErrorKind::Unauthenticated,
            "credential.refresh_token",
        ),
        (
            (401, "invalid_client"),
            ErrorKind::Unauthenticated,
            "client_secret",
        ),
        (
            (400, "invalid_scope"),
            ErrorKind::Unauthenticated,
            "credential.scope",
        ),
        ((403, "of their own"), ErrorKind::Unauthenticated, "--trace"),
        ((400, ""), ErrorKind::InvalidRequest, "--trace"),
        ((404, ""), ErrorKind::Protocol, "credential.token_url"),
        ((429, "slow down"), ErrorKind::RateLimited, "more often"),
        ((503, ""), ErrorKind::Unavailable, "unavailable"),
    ] {
        let scene = Scene::new(Manners {
            refusal: refusal_as,
            ..Manners::default()
        });
        let adapter = scene.adapter(oauth("refresh_token", &wrong));
        let error = refusal(&adapter).await;
        assert_eq!(error.kind, kind, "{refusal_as:?}: {error}");
        assert!(error.message.contains(part), "{refusal_as:?}: {error}");
    }
}

#[tokio::test]
async fn what_is_no_token_endpoint_is_told_by_its_setting() {
    for path in ["/nothing/here", "/api/contacts"] {
        let scene = Scene::new(Manners::default());
        let url = format!("{}{path}", scene.upstream.url());
        scene.upstream.control().set_fault(Fault::Status(404));
        let adapter = scene.adapter(oauth("refresh_token", &json!({ "token_url": url })));
        let error = refusal(&adapter).await;
        assert_eq!(error.kind, ErrorKind::Protocol);
        assert!(error.message.contains("credential.token_url"), "{error}");
    }
    let scene = Scene::new(Manners::default());
    scene.upstream.control().set_fault(Fault::Html);
    let adapter = scene.adapter(oauth("refresh_token", &json!({})));
    assert_eq!(refusal(&adapter).await.kind, ErrorKind::Protocol);
}

#[tokio::test]
async fn a_rule_says_what_a_refusal_means() {
    let scene = Scene::new(Manners {
        refusal: (400, "Access Denied"),
        ..Manners::default()
    });
    let more = json!({
        "refresh_token": { "value": "wrong" },
        "outcomes": [{ "path": "$.error", "equals": "Access Denied", "means": "rate_limited" }],
    });
    let adapter = scene.adapter(oauth("refresh_token", &more));
    assert_eq!(refusal(&adapter).await.kind, ErrorKind::RateLimited);
}

#[tokio::test]
async fn a_token_endpoint_that_hangs_holds_up_nobody_beyond_the_deadline() {
    let scene = Scene::new(Manners::default());
    let endpoint = Upstream::start(Arc::new(LoginCrm::new(Manners::default())));
    let url = format!("{}/oauth/token", endpoint.url());
    let more = json!({ "token_url": url, "prefix": "Bearer " });
    let adapter = scene.adapter(oauth("refresh_token", &more));
    endpoint.control().set_fault(Fault::Hang);
    // One after the other, ten would take twice as long as a busy machine may.
    let budget = Duration::from_secs(1);
    let started = std::time::Instant::now();
    let short = || async {
        let cx = CallContext::within(budget, RequestId::new("test"));
        adapter.lookup(&cx, &query(MIA_NUMBER)).await
    };
    for answer in futures::future::join_all((0..10).map(|_| short())).await {
        assert_eq!(answer.expect_err("no token").kind, ErrorKind::Timeout);
    }
    assert!(started.elapsed() < budget * 5, "{:?}", started.elapsed());
    assert_eq!(
        scene.upstream.control().request_count(),
        0,
        "nothing without a token"
    );

    // The next call is none the worse for it. The CRM accepts what its own endpoint gives.
    endpoint.control().set_fault(Fault::None);
    let other = scene.adapter(oauth("refresh_token", &json!({})));
    assert_eq!(ask(&other).await.ok(), Some(1));
    assert_eq!(ask(&adapter).await.ok(), Some(1));
}

#[tokio::test]
async fn requests_with_a_good_token_do_not_notice_that_the_token_endpoint_hangs() {
    let scene = Scene::new(Manners::default());
    let endpoint = Upstream::start(Arc::clone(&scene.crm) as _);
    let url = format!("{}/oauth/token", endpoint.url());
    let adapter = scene.adapter(oauth("refresh_token", &json!({ "token_url": url })));
    assert_eq!(ask(&adapter).await.ok(), Some(1));
    endpoint.control().set_fault(Fault::Hang);
    assert_eq!(ask(&adapter).await.ok(), Some(1));
}

#[tokio::test]
async fn a_crm_that_accepts_no_token_is_not_asked_for_one_with_every_lookup() {
    let scene = Scene::new(Manners {
        accepts_nothing: true,
        ..Manners::default()
    });
    let adapter = scene.adapter(oauth("refresh_token", &json!({})));
    for _ in 0..5 {
        assert_eq!(refusal(&adapter).await.kind, ErrorKind::Unauthenticated);
    }
    assert_eq!(scene.crm.issued(), 2, "the first one, and one more try");
}
