//! Tokens: how they are got, used and renewed.

use std::{path::Path, sync::Arc};

use serde_json::{Value, json};
use whocalls_core::{ErrorKind, Trace, WorkflowRequest};
use whocalls_testkit::{
    conformance::{self, Subject},
    contacts::MIA_NUMBER,
    query,
    upstream::Upstream,
};

use crate::{
    crm::{CLIENT_SECRET, FIRST_REFRESH_TOKEN, Manners, PASSWORD, PRIVATE_KEY, USER},
    scene::{Scene, ask, build, cx, oauth, refusal, settings},
};

#[tokio::test]
async fn every_grant_brings_a_token_in_every_way_to_ask_for_it() {
    let audience = json!({ "audience": "erp" });
    let jwt = json!({
        "private_key": { "value": PRIVATE_KEY },
        "key_id": "key-1",
        "claims": { "sub": USER, "aud": "https://login.example.com" },
    });
    let password = json!({ "username": USER, "password": { "value": PASSWORD } });
    let with = |settings: &Value, more: Value| {
        let mut settings = settings.clone();
        for (key, value) in more.as_object().expect("a table") {
            settings[key] = value.clone();
        }
        settings
    };
    for (grant, more) in [
        ("client_credentials", json!({ "parameters": audience })),
        (
            "client_credentials",
            json!({ "parameters": audience, "client_auth": "basic" }),
        ),
        (
            "client_credentials",
            json!({ "parameters": audience, "client_auth": "basic", "encoding": "json" }),
        ),
        ("refresh_token", json!({})),
        (
            "refresh_token",
            json!({ "encoding": "json", "scope": "crm" }),
        ),
        ("password", password.clone()),
        (
            "password",
            with(&password, json!({ "client_auth": "basic" })),
        ),
        ("jwt_bearer", jwt.clone()),
        ("jwt_bearer", with(&jwt, json!({ "encoding": "json" }))),
    ] {
        let scene = Scene::new(Manners::default());
        let adapter = scene.adapter(oauth(grant, &more));
        let probed = adapter.probe(&cx()).await;
        assert!(probed.is_ok(), "{grant} {more}: {probed:?}");
        assert_eq!(ask(&adapter).await.ok(), Some(1), "{grant} {more}");
        assert_eq!(scene.crm.issued(), 1, "one token for all requests");
    }
}

#[tokio::test]
async fn a_token_goes_into_the_header_and_behind_the_prefix_of_the_description() {
    let manners = Manners {
        prefix: "Zoho-oauthtoken ",
        ..Manners::default()
    };
    let scene = Scene::new(manners);
    let adapter = scene.adapter(oauth(
        "refresh_token",
        &json!({ "prefix": "Zoho-oauthtoken " }),
    ));
    assert_eq!(ask(&adapter).await.ok(), Some(1));

    let scene = Scene::new(Manners::default());
    let more = json!({ "header": "X-Session", "prefix": "" });
    let adapter = scene.adapter(oauth("refresh_token", &more));
    assert_eq!(ask(&adapter).await.ok(), Some(1));
}

#[tokio::test]
async fn fifty_lookups_on_an_expired_token_share_one_login() {
    const CALLS: usize = 50;
    let scene = Scene::new(Manners::default());
    let adapter = scene.adapter(oauth("refresh_token", &json!({})));
    ask(&adapter).await.expect("an answer");
    scene.crm.expire();
    let control = Arc::clone(scene.upstream.control());
    let before = control.request_count();
    let calls: Vec<_> = (0..CALLS)
        .map(|_| {
            let adapter = Arc::clone(&adapter);
            async move { ask(&adapter).await }
        })
        .collect();
    let hold = control.hold();
    let calls = tokio::spawn(futures::future::join_all(calls));
    // All of them are under way with the old token before the first one is refused.
    control.arrived(before + CALLS).await;
    drop(hold);
    for answer in calls.await.expect("no panic") {
        assert_eq!(answer.expect("a new token is got"), 1);
    }
    assert_eq!(scene.crm.issued(), 2, "one login for all");
    assert_eq!(control.request_count() - before, 2 * CALLS + 1);
}

#[tokio::test]
async fn a_token_without_validity_is_used_until_it_is_refused_and_an_expired_one_not_at_all() {
    for (expires_in, issued) in [
        (json!(null), 1),
        (json!(3600), 1),
        (json!("3600"), 1),
        (json!(0), 3),
        (json!("0"), 3),
    ] {
        let manners = Manners {
            expires_in: expires_in.clone(),
            ..Manners::default()
        };
        let scene = Scene::new(manners);
        let adapter = scene.adapter(oauth("refresh_token", &json!({})));
        for _ in 0..3 {
            assert_eq!(ask(&adapter).await.ok(), Some(1));
        }
        assert_eq!(scene.crm.issued(), issued, "{expires_in}");
    }
}

#[tokio::test]
async fn the_newest_refresh_token_outlives_the_gateway() {
    let folder = tempfile::tempdir().expect("a folder");
    let scene = Scene::new(Manners {
        rotates: true,
        ..Manners::default()
    });
    let credential = oauth(
        "refresh_token",
        &json!({ "refresh_token_file": "token.json" }),
    );
    for round in 1..=3 {
        let adapter = scene.adapter_in(folder.path(), credential.clone());
        assert_eq!(ask(&adapter).await.expect("a token"), 1, "start {round}");
        scene.crm.expire();
        assert_eq!(ask(&adapter).await.expect("another token"), 1);
    }
    assert_eq!(scene.crm.issued(), 6);

    let forgetful = scene.adapter(oauth("refresh_token", &json!({})));
    assert_eq!(refusal(&forgetful).await.kind, ErrorKind::Unauthenticated);
}

#[tokio::test]
async fn a_gateway_goes_on_with_the_refresh_token_that_a_check_beside_it_got() {
    let folder = tempfile::tempdir().expect("a folder");
    let scene = Scene::new(Manners {
        rotates: true,
        ..Manners::default()
    });
    let credential = oauth(
        "refresh_token",
        &json!({ "refresh_token_file": "token.json" }),
    );
    let gateway = scene.adapter_in(folder.path(), credential.clone());
    ask(&gateway).await.expect("a token");
    let check = scene.adapter_in(folder.path(), credential);
    ask(&check).await.expect("a token of its own");
    scene.crm.expire();
    assert_eq!(ask(&gateway).await.expect("the file has the newest"), 1);
}

#[tokio::test]
async fn a_creation_on_an_expired_token_happens_once() {
    let scene = Scene::new(Manners::default());
    let adapter = scene.adapter(oauth("refresh_token", &json!({})));
    ask(&adapter).await.expect("an answer");
    scene.crm.expire();
    let request = WorkflowRequest {
        name: "CallFlow".to_owned(),
        idempotency_key: "0199c0f0e1b2".to_owned(),
        subject: "Incoming call".to_owned(),
        ..WorkflowRequest::default()
    };
    let receipt = adapter.run_workflow(&cx(), &request).await;
    assert!(receipt.expect("it is created").id.is_some());
    assert_eq!((scene.crm.notes_created(), scene.crm.issued()), (1, 2));
}

#[tokio::test]
async fn the_address_of_the_crm_comes_with_the_token_from_an_allowed_host() {
    let scene = Scene::new(Manners::default());
    let endpoint = Upstream::start(Arc::clone(&scene.crm) as _);
    let host = |url: &str| url.replace("http://", "");
    let instance = scene.upstream.url();
    let adapter = |allowed: Value| {
        let credential = oauth(
            "refresh_token",
            &json!({
                "token_url": format!("{}/oauth/token", endpoint.url()),
                "capture": { "instance_url": "$.instance_url" },
            }),
        );
        let mut settings = settings("{{ auth.instance_url }}", &credential);
        settings["allowed_hosts"] = allowed;
        build(Path::new(""), settings)
    };
    scene
        .crm
        .change(|manners| manners.instance_url = Some(instance.clone()));
    let allowed = adapter(json!([host(&instance)]));
    let answer = allowed.lookup(&cx(), &query(MIA_NUMBER)).await;
    let answer = answer.expect("an answer");
    let link = answer.matches()[0].record.contact_uri.clone();
    assert!(link.expect("a link").starts_with(&instance));
    let report = allowed.probe(&cx()).await.expect("the CRM is well");
    assert!(format!("{report:?}").contains(&instance), "{report:?}");

    let before = scene.upstream.control().request_count();
    let strict = adapter(json!(["*.my.example.com"]));
    assert!(refusal(&strict).await.message.contains("allowed_hosts"));
    for (url, part) in [
        (Some("http://crm.my.example.com"), "https://"),
        (Some("https://evil.example.com"), "allowed_hosts"),
        (Some("file:///etc/passwd"), "no address"),
        (None, "instance_url"),
    ] {
        scene
            .crm
            .change(|manners| manners.instance_url = url.map(str::to_owned));
        let error = refusal(&strict).await;
        assert!(error.message.contains(part), "{url:?}: {error}");
        assert!(!error.message.contains("example.com"), "{error}");
    }
    assert_eq!(
        scene.upstream.control().request_count(),
        before,
        "nobody was asked"
    );
}

#[tokio::test]
async fn an_adapter_that_logs_in_keeps_the_contract() {
    conformance::check(|| {
        let scene = Scene::new(Manners::default());
        let adapter = scene.adapter(oauth("refresh_token", &json!({})));
        let crm = || Arc::clone(&scene.crm);
        let (expire, issued, created) = (crm(), crm(), crm());
        Subject {
            expire_tokens: Some(Box::new(move || expire.expire())),
            tokens_issued: Some(Box::new(move || issued.issued())),
            objects_created: Some(Box::new(move || created.notes_created())),
            ..Subject::with_upstream(adapter, scene.upstream)
        }
        .with_secret(CLIENT_SECRET)
        .with_secret(FIRST_REFRESH_TOKEN)
        .with_secret("t0ken-1")
    })
    .await;
}

#[tokio::test]
async fn a_trace_shows_the_login_without_its_secrets() {
    let scene = Scene::new(Manners {
        rotates: true,
        ..Manners::default()
    });
    let adapter = scene.adapter(oauth("refresh_token", &json!({ "client_auth": "basic" })));
    let trace = Trace::default();
    for _ in 0..2 {
        let cx = cx().traced(trace.clone());
        let answer = adapter.lookup(&cx, &query(MIA_NUMBER)).await;
        assert_eq!(answer.expect("an answer").matches().len(), 1);
        scene.crm.expire();
    }
    let shown = serde_json::to_string(&trace.events()).expect("JSON");
    assert!(shown.contains("grant_type=refresh_token"), "{shown}");
    // The first refresh token and the client's secret are configured, so the gateway hides them.
    for hidden in ["t0ken-1", "t0ken-2", "r3fresh-1", "r3fresh-2", "Basic Y2"] {
        assert!(!shown.contains(hidden), "{hidden}: {shown}");
    }
}
